/*
 * chain/restore.c
 *		What a dump cannot bring back.
 *
 * Hashes contain no OID, transaction id or tuple address, so a dump brings every
 * leaf back. The relations of the tables and the places of the entries are found
 * again here. Transaction ids in ledger.entry belong to the old system; the
 * sealer notices that by itself (chain/seal_scan.c).
 */
#include "chain/restore.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "chain/catalogue.h"
#include "chain/log_read.h"
#include "chain/verify.h"
#include "commands/defrem.h"
#include "executor/spi.h"
#include "ledger.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/uuid.h"

/* findings that are shown when a restored chain does not verify */
#define MAX_SHOWN 10

#define HISTORY_SUFFIX "versions"

static void
catalogue_write(const char *sql, int nargs, Oid *types, Datum *values)
{
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (ledger_catalogue_execute(sql, nargs, types, values, NULL) < 0)
		elog(ERROR, "could not execute \"%s\"", sql);
	SPI_finish();
	CommandCounterIncrement();
}

bool
ledger_is_loading(void)
{
	const LedgerChain *chain;

	if (!ledger_restore)
		return false;
	chain = ledger_chain();
	return chain == NULL || ledger_restore_is_pending(chain);
}

bool
ledger_restore_is_pending(const LedgerChain *chain)
{
	return chain->system_identifier == 0;
}

/* ---- tables ---------------------------------------------------------------- */

/* The relation of one row of ledger.ledger_table; a problem is added to the list. */
static LedgerRestored *
find_relation(const char *schema, const char *name, LedgerTableKind kind, StringInfo problems)
{
	LedgerRestored *found = palloc0(sizeof(LedgerRestored));
	Oid			namespace = get_namespace_oid(schema, true);
	const char *wanted = kind == LEDGER_VERSIONED ? "ledger_versioned" : "ledger";
	LedgerTableKind actual;

	if (OidIsValid(namespace))
		found->relid = get_relname_relid(name, namespace);
	if (!OidIsValid(found->relid))
	{
		appendStringInfo(problems, "Table %s was not restored.\n", quote_qualified_identifier(schema, name));
		return NULL;
	}
	if (!ledger_relid_kind(found->relid, &actual) || actual != kind)
	{
		appendStringInfo(problems, "Table %s was not restored with access method %s.\n",
						 quote_qualified_identifier(schema, name), wanted);
		return NULL;
	}
	if (get_attnum(found->relid, "ledger_tx") == InvalidAttrNumber ||
		get_attnum(found->relid, "ledger_seq") == InvalidAttrNumber)
	{
		appendStringInfo(problems, "Table %s was restored without its ledger columns.\n",
						 quote_qualified_identifier(schema, name));
		return NULL;
	}
	if (kind == LEDGER_VERSIONED)
	{
		char	   *history = makeObjectName(name, NULL, HISTORY_SUFFIX);

		found->history_relid = get_relname_relid(history, namespace);
		if (!OidIsValid(found->history_relid))
		{
			appendStringInfo(problems, "Table %s, which keeps old versions, was not restored.\n",
							 quote_qualified_identifier(schema, history));
			return NULL;
		}
	}
	return found;
}

static void
set_relation(const LedgerChain *chain, Datum table_id, const LedgerRestored *found)
{
	Oid			types[] = {UUIDOID, UUIDOID, OIDOID, OIDOID, INT2OID, INT2OID};
	Datum		values[] = {
		ledger_uuid_datum(chain->chain_id),
		table_id,
		ObjectIdGetDatum(found->relid),
		ObjectIdGetDatum(found->history_relid),
		Int16GetDatum(get_attnum(found->relid, "ledger_tx")),
		Int16GetDatum(get_attnum(found->relid, "ledger_seq"))
	};

	catalogue_write("UPDATE ledger.ledger_table SET relid = $3, history_relid = $4,"
					" tx_attnum = $5, seq_attnum = $6"
					" WHERE chain_id = $1 AND table_id = $2",
					lengthof(types), types, values);
	CacheInvalidateRelcacheByRelid(found->relid);
}

List *
ledger_restore_map_tables(const LedgerChain *chain)
{
	MemoryContext context = CurrentMemoryContext;
	Oid			type = UUIDOID;
	Datum		value = ledger_uuid_datum(chain->chain_id);
	StringInfoData problems;
	List	   *restored = NIL;

	initStringInfo(&problems);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");

	/* relid is 0 for a table that was dropped before the dump */
	if (SPI_execute_with_args("SELECT table_id, schema_name, table_name, kind FROM ledger.ledger_table"
							  " WHERE chain_id = $1 AND relid <> 0 ORDER BY table_no",
							  1, &type, &value, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read ledger.ledger_table");
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		SPITupleTable *rows = SPI_tuptable;
		HeapTuple	tuple = rows->vals[i];
		uint64		nrows = SPI_processed;
		bool		isnull;
		Datum		table_id = SPI_getbinval(tuple, rows->tupdesc, 1, &isnull);
		char	   *schema = SPI_getvalue(tuple, rows->tupdesc, 2);
		char	   *name = SPI_getvalue(tuple, rows->tupdesc, 3);
		LedgerTableKind kind = DatumGetInt16(SPI_getbinval(tuple, rows->tupdesc, 4, &isnull));
		MemoryContext old = MemoryContextSwitchTo(context);
		LedgerRestored *found = find_relation(schema, name, kind, &problems);

		if (found != NULL)
		{
			restored = lappend(restored, found);
			set_relation(chain, table_id, found);
		}
		MemoryContextSwitchTo(old);
		SPI_tuptable = rows;
		SPI_processed = nrows;
	}
	SPI_finish();

	if (problems.len > 0)
	{
		problems.data[problems.len - 1] = '\0';
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the restored database does not have all tables of its chain"),
				 errdetail_internal("%s", problems.data),
				 errhint("Restore a dump of the whole database, made and loaded without --no-table-access-method.")));
	}
	ledger_registry_reset(InvalidOid);
	return restored;
}

/* ---- leaf index ------------------------------------------------------------ */

/*
 * The items of ledger.leaf keep their numbers and get new tuple addresses. The
 * parts of a transaction are in log order, so the n-th item of a transaction is
 * part n. An item whose entry is missing stays as it is, for verification to find.
 */
void
ledger_restore_leaf_index(const LedgerChain *chain)
{
	Oid			types[] = {UUIDOID, INT2OID};
	Datum		values[] = {ledger_uuid_datum(chain->chain_id), Int16GetDatum(chain->chain_no)};

	catalogue_write(
		"WITH item AS ("
		" SELECT l.height, l.bucket, n, substring(l.items FROM 11 * n + 1 FOR 5) AS number,"
		"  substring(l.items FROM 11 * n + 6 FOR 6) AS place,"
		"  (l.bucket << 8) + get_byte(l.items, 11 * n) AS ledger_tx,"
		"  row_number() OVER (PARTITION BY (l.bucket << 8) + get_byte(l.items, 11 * n)"
		"   ORDER BY l.height, n) - 1 AS part"
		" FROM ledger.leaf l, generate_series(0, length(l.items) / 11 - 1) n"
		" WHERE l.chain_id = $1),"
		"entry AS ("
		" SELECT ledger_tx, part, substring(int8send(((ctid::text::point)[0])::int8) FROM 5)"
		"  || int2send(((ctid::text::point)[1])::int2) AS place"
		" FROM ledger.entry WHERE chain_no = $2),"
		"rebuilt AS ("
		" SELECT height, bucket,"
		"  string_agg(number || coalesce(entry.place, item.place), ''::bytea ORDER BY n) AS items"
		" FROM item LEFT JOIN entry USING (ledger_tx, part) GROUP BY 1, 2)"
		"UPDATE ledger.leaf l SET items = r.items FROM rebuilt r"
		" WHERE l.chain_id = $1 AND l.height = r.height AND l.bucket = r.bucket AND l.items <> r.items",
		lengthof(types), types, values);
}

/* ---- verification ---------------------------------------------------------- */

typedef struct Findings
{
	uint64		nerrors;
	StringInfoData shown;
} Findings;

static void
note_finding(void *arg, const LedgerFinding *finding)
{
	Findings   *findings = arg;

	if (finding->severity == LEDGER_WARNING)
		ereport(WARNING,
				(errmsg_internal("%s%s%s", finding->relation ? finding->relation : "",
								 finding->relation ? ": " : "", finding->problem)));
	if (finding->severity != LEDGER_ERROR)
		return;
	if (findings->nerrors++ >= MAX_SHOWN)
		return;
	if (findings->shown.len > 0)
		appendStringInfoChar(&findings->shown, '\n');
	if (finding->relation)
		appendStringInfo(&findings->shown, "%s: ", finding->relation);
	if (finding->has_tx)
		appendStringInfo(&findings->shown, "transaction %llu: ", (unsigned long long) finding->ledger_tx);
	appendStringInfoString(&findings->shown, finding->problem);
}

/* Entries without a single block: the part of the dump that says what was sealed is missing. */
static void
refuse_without_blocks(const LedgerChain *chain)
{
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	LedgerLog  *log = ledger_log_open(chain, snapshot);
	LedgerBlockRow block;
	bool		exists = ledger_log_newest_block(log, &block);

	ledger_log_close(log);
	UnregisterSnapshot(snapshot);
	if (!exists)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the restored chain has no blocks"),
				 errdetail("Without them nothing says what was sealed, and in which order."),
				 errhint("Restore a dump of the whole database.")));
}

void
ledger_restore_verify(const LedgerChain *chain)
{
	LedgerVerifyOptions options = {.to_tx = PG_UINT64_MAX};
	Findings	findings = {0};

	refuse_without_blocks(chain);
	initStringInfo(&findings.shown);
	ledger_verify(&options, note_finding, &findings);
	if (findings.nerrors > MAX_SHOWN)
		appendStringInfo(&findings.shown, "\nand %llu more",
						 (unsigned long long) (findings.nerrors - MAX_SHOWN));
	if (findings.nerrors > 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the restored chain does not verify"),
				 errdetail_internal("%s", findings.shown.data),
				 errhint("Restore a complete, unchanged dump of the whole database.")));
}

/* ---- sequences ------------------------------------------------------------- */

/*
 * The dump has set most of them; its own number of an incident is the one that
 * is not dumped. An incarnation must be above all that an entry mentions, or
 * numbers of transactions would come back.
 */
void
ledger_restore_sequences(const LedgerChain *chain)
{
	Oid			types[] = {UUIDOID, INT2OID};
	Datum		values[] = {ledger_uuid_datum(chain->chain_id), Int16GetDatum(chain->chain_no)};

	catalogue_write(
		"SELECT setval('ledger.incarnation_no', used)"
		" FROM (SELECT greatest("
		"  (SELECT max(greatest(ord >> 36, (ledger_tx >> 36) & 32767)) FROM ledger.entry WHERE chain_no = $2),"
		"  (SELECT max(incarnation) FROM ledger.incarnation WHERE chain_id = $1)) AS used) u,"
		" ledger.incarnation_no s WHERE used > s.last_value",
		lengthof(types), types, values);
	catalogue_write(
		"SELECT setval('ledger.table_no', max(table_no)) FROM ledger.ledger_table, ledger.table_no s"
		" HAVING max(table_no) > max(s.last_value)",
		0, NULL, NULL);
	catalogue_write(
		"SELECT setval(pg_get_serial_sequence('ledger.incident', 'incident_no'), max(incident_no))"
		" FROM ledger.incident HAVING count(*) > 0",
		0, NULL, NULL);
}
