/*
 * chain/retention.c
 *		Retention of ledger tables, and their retirement.
 *
 * The age of a table is that of the newest entry that names it: rows carry no
 * time of their own. Finding it reads ledger.entry once, which only a table
 * with a retention pays, once in its life.
 */
#include "chain/retention.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_database.h"
#include "chain/catalogue.h"
#include "chain/entry_store.h"
#include "chain/registry.h"
#include "chain/xact_state.h"
#include "commands/seclabel.h"
#include "core/body.h"
#include "core/packed.h"
#include "ledger.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

/* The table's row for update; ereports when it is not a ledger table. */
static HeapTuple
open_row(Oid relid, Relation *catalogue)
{
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	*catalogue = table_open(ledger_catalog_oid("ledger_table", false), RowExclusiveLock);
	ScanKeyInit(&key, Anum_lt_relid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan =
		systable_beginscan(*catalogue, ledger_catalog_oid("ledger_table_relid", false), true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a ledger table", get_rel_name(relid))));
	tuple = heap_copytuple(tuple);
	systable_endscan(scan);
	return tuple;
}

static void
replace_field(Relation catalogue, HeapTuple tuple, AttrNumber attnum, Datum value)
{
	Datum		values[Natts_lt];
	bool		nulls[Natts_lt] = {0};
	bool		replace[Natts_lt] = {0};

	values[attnum - 1] = value;
	replace[attnum - 1] = true;
	tuple = heap_modify_tuple(tuple, RelationGetDescr(catalogue), values, nulls, replace);
	CatalogTupleUpdate(catalogue, &tuple->t_self, tuple);
}

static int
compare_intervals(const Interval *a, const Interval *b)
{
	return DatumGetInt32(DirectFunctionCall2(interval_cmp, IntervalPGetDatum(a), IntervalPGetDatum(b)));
}

static char *
interval_text(const Interval *interval)
{
	return DatumGetCString(DirectFunctionCall1(interval_out, IntervalPGetDatum(interval)));
}

/* ---- the label of the database ------------------------------------------------ */

#define LABEL "ledger tables under retention"

static bool
has_label(Oid dboid)
{
	ObjectAddress database;

	ObjectAddressSet(database, DatabaseRelationId, dboid);
	return GetSecurityLabel(&database, "ledger") != NULL;
}

bool
ledger_retention_of_database(Oid dboid)
{
	return has_label(dboid);
}

static bool
any_retention(void)
{
	Relation	rel = table_open(ledger_catalog_oid("ledger_table", false), AccessShareLock);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	HeapTuple	tuple;
	bool		found = false;

	while (!found && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Datum		values[Natts_lt];
		bool		nulls[Natts_lt];

		ledger_catalogue_deform(tuple, RelationGetDescr(rel), Natts_lt, values, nulls);
		found = OidIsValid(DatumGetObjectId(values[Anum_lt_relid - 1])) && !nulls[Anum_lt_retention - 1] &&
			nulls[Anum_lt_retired_at - 1];
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return found;
}

void
ledger_retention_label(void)
{
	ObjectAddress database;
	bool		wanted;

	CommandCounterIncrement();
	wanted = any_retention();
	if (wanted == has_label(MyDatabaseId))
		return;
	ObjectAddressSet(database, DatabaseRelationId, MyDatabaseId);
	SetSecurityLabel(&database, "ledger", wanted ? LABEL : NULL);
	CommandCounterIncrement();
}

/* SECURITY LABEL by hand: only a dump that is being restored brings the label along. */
static void
check_label(const ObjectAddress *object, const char *label)
{
	if (!ledger_restore)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to set a label of provider \"ledger\""),
				 errdetail("It says that a database has ledger tables under retention.")));
}

void
ledger_retention_init(void)
{
	register_label_provider("ledger", check_label);
}

/* ---- retention, retirement ------------------------------------------------------ */

void
ledger_retention_set(Oid relid, const Interval *retention)
{
	Relation	catalogue;
	HeapTuple	tuple = open_row(relid, &catalogue);
	Interval	zero = {0};
	Interval	limit = {.day = ledger_max_retention_days};
	bool		isnull;
	Datum		old = heap_getattr(tuple, Anum_lt_retention, RelationGetDescr(catalogue), &isnull);

	if (compare_intervals(retention, &zero) <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("retention must be positive")));
	if (!isnull && compare_intervals(retention, DatumGetIntervalP(old)) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("retention of ledger table \"%s\" cannot be shortened", get_rel_name(relid)),
				 errdetail("It is %s.", interval_text(DatumGetIntervalP(old)))));
	if (compare_intervals(retention, &limit) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("retention %s is longer than ledger.max_retention_days allows",
						interval_text(retention)),
				 errdetail("The setting is %d days.", ledger_max_retention_days),
				 errhint("A table cannot be dropped before its retention has passed; raise the setting if you mean it.")));

	replace_field(catalogue, tuple, Anum_lt_retention, IntervalPGetDatum(retention));
	table_close(catalogue, RowExclusiveLock);
	ledger_retention_label();
}

/* True when the entry has a group of the table. */
static bool
names_table(const LedgerEntryRow *row, int32 table_no)
{
	ledger_packed_iter it;
	ledger_packed_group group;

	ledger_packed_iter_init(&it, row->groups, row->groups_len);
	while (ledger_packed_next(&it, &group))
	{
		if (group.table_no == (uint32) table_no)
			return true;
	}
	return false;
}

/* When the newest entry that names the table was stamped; DT_NOBEGIN when none does. */
static TimestampTz
newest_entry(int32 table_no)
{
	Relation	rel = table_open(ledger_entry_oid(), AccessShareLock);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TableScanDesc scan = table_beginscan(rel, snapshot, 0, NULL);
	HeapTuple	tuple;
	TimestampTz newest = DT_NOBEGIN;

	while ((tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		LedgerEntryRow row;

		CHECK_FOR_INTERRUPTS();
		if (ledger_entry_row_read(rel, tuple, &row) != NULL || row.stamped_at <= newest ||
			row.groups_len == 0)
			continue;
		if (names_table(&row, table_no))
			newest = row.stamped_at;
	}
	table_endscan(scan);
	UnregisterSnapshot(snapshot);
	table_close(rel, AccessShareLock);
	return newest;
}

static uint64
count_rows(Relation rel)
{
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TableScanDesc scan = table_beginscan(rel, snapshot, 0, NULL);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	uint64		n = 0;

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		CHECK_FOR_INTERRUPTS();
		n++;
	}
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	UnregisterSnapshot(snapshot);
	return n;
}

uint64
ledger_retire(Oid relid, const char *reason)
{
	Relation	rel = table_open(relid, ShareRowExclusiveLock); /* no writers */
	Relation	catalogue;
	HeapTuple	tuple = open_row(relid, &catalogue);
	const LedgerTable *table = ledger_table_lookup(relid);
	ledger_purge_body purge = {0};
	ledger_writer writer;
	uint8	   *body;
	char	   *utf8;
	Datum		retention;
	bool		isnull;

	if (table->retired)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("ledger table \"%s\" is already retired", RelationGetRelationName(rel))));

	retention = heap_getattr(tuple, Anum_lt_retention, RelationGetDescr(catalogue), &isnull);
	purge.nrows = count_rows(rel);
	if (OidIsValid(table->history_relid))
	{
		Relation	history = table_open(table->history_relid, ShareRowExclusiveLock);

		purge.nrows += count_rows(history);
		table_close(history, NoLock);
	}
	if (!isnull && purge.nrows > 0)
	{
		TimestampTz newest = newest_entry(table->table_no);
		TimestampTz until;

		/* rows that no committed entry names are this transaction's own */
		if (newest == DT_NOBEGIN)
			newest = GetCurrentTimestamp();
		until = DatumGetTimestampTz(
			DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(newest), retention));
		if (until > GetCurrentTimestamp())
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("ledger table \"%s\" is under retention", RelationGetRelationName(rel)),
					 errdetail("Its newest row was written at %s and is kept for %s.",
							   pstrdup(timestamptz_to_str(newest)),
							   interval_text(DatumGetIntervalP(retention))),
					 errhint("It can be retired after %s.", pstrdup(timestamptz_to_str(until)))));
		purge.retain_until = until;
	}

	memcpy(purge.table_id, table->table_id, LEDGER_ID_LEN);
	utf8 = pg_server_to_any(reason, strlen(reason), PG_UTF8);
	purge.reason.data = (const uint8 *) utf8;
	purge.reason.len = strlen(utf8);
	body = palloc(strlen(utf8) + 64);
	ledger_writer_init(&writer, body, strlen(utf8) + 64);
	if (ledger_purge_body_write(&writer, &purge) != LEDGER_OK)
		elog(ERROR, "could not write a PURGE body");
	ledger_xact_add_entry(LEDGER_ENTRY_PURGE, body, writer.len, !table->shared);

	replace_field(catalogue, tuple, Anum_lt_retired_at,
				  TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()));
	table_close(catalogue, RowExclusiveLock);
	table_close(rel, NoLock);
	CacheInvalidateRelcacheByRelid(relid);
	ledger_retention_label();
	ledger_registry_reset(relid);
	return purge.nrows;
}
