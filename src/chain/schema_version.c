/*
 * chain/schema_version.c
 *		The schema history: register, refresh, load, compare.
 *
 * A version is a row of ledger.schema_version with the whole body, and a SCHEMA
 * entry of the chain with its hash. Both are written in the transaction of the
 * DDL, so they roll back with it.
 */
#include "chain/schema_version.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "chain/catalogue.h"
#include "chain/retention.h"
#include "chain/xact_state.h"
#include "commands/sequence.h"
#include "core/body.h"
#include "core/schema.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/uuid.h"

/* ---- rows of the catalogue -------------------------------------------------- */

static NameData *
as_name(const char *s)
{
	NameData   *name = palloc0(sizeof(NameData));

	namestrcpy(name, s);
	return name;
}

/* A copy of the table's row; NULL when it is not registered. */
static HeapTuple
find_table(Relation rel, Oid relid)
{
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_lt_relid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, ledger_catalog_oid("ledger_table_relid", false), true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		tuple = heap_copytuple(tuple);
	systable_endscan(scan);
	return tuple;
}

bytea *
ledger_schema_stored(const uint8 table_id[16], uint32 schema_version)
{
	const LedgerChain *chain = ledger_chain();
	Relation	rel;
	ScanKeyData key[3];
	SysScanDesc scan;
	HeapTuple	tuple;
	bytea	   *body = NULL;
	bool		isnull;

	if (chain == NULL)
		return NULL;
	rel = table_open(ledger_catalog_oid("schema_version", false), AccessShareLock);
	ScanKeyInit(&key[0], Anum_sv_chain_id, BTEqualStrategyNumber, F_UUID_EQ,
				ledger_uuid_datum(chain->chain_id));
	ScanKeyInit(&key[1], Anum_sv_table_id, BTEqualStrategyNumber, F_UUID_EQ, ledger_uuid_datum(table_id));
	ScanKeyInit(&key[2], Anum_sv_schema_version, BTEqualStrategyNumber, F_INT4EQ,
				Int32GetDatum((int32) schema_version));
	scan = systable_beginscan(rel, ledger_catalog_oid("schema_version_pkey", false), true, NULL, 3, key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		Datum		value = heap_getattr(tuple, Anum_sv_body, RelationGetDescr(rel), &isnull);

		if (!isnull)
			body = DatumGetByteaPCopy(value);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return body;
}

/* Store a body and enter its hash into the chain. */
static void
add_version(const LedgerChain *chain, const uint8 table_id[16], uint32 schema_version, bool shared,
			StringInfo body)
{
	Relation	rel = table_open(ledger_catalog_oid("schema_version", false), RowExclusiveLock);
	Datum		values[Natts_sv];
	bool		nulls[Natts_sv] = {0};
	ledger_schema_body entry;
	uint8		buffer[64];
	ledger_writer writer;

	values[Anum_sv_chain_id - 1] = ledger_uuid_datum(chain->chain_id);
	values[Anum_sv_table_id - 1] = ledger_uuid_datum(table_id);
	values[Anum_sv_schema_version - 1] = Int32GetDatum((int32) schema_version);
	values[Anum_sv_body - 1] = ledger_bytes_datum(body->data, body->len);
	CatalogTupleInsert(rel, heap_form_tuple(RelationGetDescr(rel), values, nulls));
	table_close(rel, RowExclusiveLock);

	memcpy(entry.table_id, table_id, LEDGER_ID_LEN);
	entry.schema_version = schema_version;
	ledger_writer_init(&writer, buffer, sizeof(buffer));
	if (!ledger_schema_hash(ledger_chain_hasher(), body->data, body->len, entry.schema_hash) ||
		ledger_schema_body_write(&writer, &entry) != LEDGER_OK)
		elog(ERROR, "could not write a SCHEMA entry");
	ledger_xact_add_entry(LEDGER_ENTRY_SCHEMA, buffer, writer.len, !shared);
}

/* Let this backend and all others read the table's row anew. */
static void
table_changed(Oid relid)
{
	CacheInvalidateRelcacheByRelid(relid);
	CommandCounterIncrement();
	ledger_registry_reset(relid);
}

/* ---- register ---------------------------------------------------------------- */

void
ledger_schema_register(Oid relid, LedgerTableKind kind, Oid history_relid)
{
	const LedgerChain *chain = ledger_chain_or_found();
	Relation	rel = table_open(relid, AccessShareLock);
	Relation	catalogue;
	AttrNumber	tx_attnum = get_attnum(relid, "ledger_tx");
	AttrNumber	seq_attnum = get_attnum(relid, "ledger_seq");
	uint8		table_id[16];
	StringInfoData body;
	Datum		values[Natts_lt];
	bool		nulls[Natts_lt] = {0};

	if (!pg_strong_random(table_id, sizeof(table_id)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));
	initStringInfo(&body);
	ledger_schema_build(&body, rel, table_id, 1, kind, tx_attnum, seq_attnum);

	values[Anum_lt_chain_id - 1] = ledger_uuid_datum(chain->chain_id);
	values[Anum_lt_table_id - 1] = ledger_uuid_datum(table_id);
	values[Anum_lt_table_no - 1] =
		Int32GetDatum((int32) nextval_internal(ledger_catalog_oid("table_no", false), false));
	values[Anum_lt_relid - 1] = ObjectIdGetDatum(relid);
	values[Anum_lt_schema_name - 1] =
		NameGetDatum(as_name(get_namespace_name(RelationGetNamespace(rel))));
	values[Anum_lt_table_name - 1] = NameGetDatum(as_name(RelationGetRelationName(rel)));
	values[Anum_lt_kind - 1] = Int16GetDatum(kind);
	values[Anum_lt_shared - 1] = BoolGetDatum(false);
	values[Anum_lt_tx_attnum - 1] = Int16GetDatum(tx_attnum);
	values[Anum_lt_seq_attnum - 1] = Int16GetDatum(seq_attnum);
	values[Anum_lt_history_relid - 1] = ObjectIdGetDatum(history_relid);
	values[Anum_lt_schema_version - 1] = Int32GetDatum(1);
	nulls[Anum_lt_retention - 1] = true;
	nulls[Anum_lt_retired_at - 1] = true;

	catalogue = table_open(ledger_catalog_oid("ledger_table", false), RowExclusiveLock);
	CatalogTupleInsert(catalogue, heap_form_tuple(RelationGetDescr(catalogue), values, nulls));
	table_close(catalogue, RowExclusiveLock);

	add_version(chain, table_id, 1, false, &body);
	table_close(rel, NoLock);
	table_changed(relid);
}

void
ledger_schema_unregister(Oid relid)
{
	Relation	catalogue = table_open(ledger_catalog_oid("ledger_table", false), RowExclusiveLock);
	HeapTuple	tuple = find_table(catalogue, relid);

	if (HeapTupleIsValid(tuple))
	{
		Datum		values[Natts_lt];
		bool		nulls[Natts_lt] = {0};
		bool		replace[Natts_lt] = {0};

		values[Anum_lt_relid - 1] = ObjectIdGetDatum(InvalidOid);
		replace[Anum_lt_relid - 1] = true;
		tuple = heap_modify_tuple(tuple, RelationGetDescr(catalogue), values, nulls, replace);
		CatalogTupleUpdate(catalogue, &tuple->t_self, tuple);
		ledger_retention_label();
		ledger_registry_reset(relid);
	}
	table_close(catalogue, RowExclusiveLock);
}

/* ---- refresh ------------------------------------------------------------------ */

static bool
same_body(StringInfo live, const bytea *stored)
{
	return stored != NULL && live->len == (int) VARSIZE_ANY_EXHDR(stored) &&
		memcmp(live->data, VARDATA_ANY(stored), live->len) == 0;
}

void
ledger_schema_lock(Oid relid)
{
	LockDatabaseObject(ledger_catalog_oid("ledger_table", false), relid, 0, ExclusiveLock);
	ledger_registry_reset(relid);
}

void
ledger_schema_refresh(Oid relid)
{
	Oid			catalogue_oid = ledger_catalog_oid("ledger_table", false);
	const LedgerTable *table;
	Relation	rel;
	Relation	catalogue;
	StringInfoData body;
	HeapTuple	tuple;
	Datum		values[Natts_lt];
	bool		nulls[Natts_lt] = {0};
	bool		replace[Natts_lt] = {0};

	ledger_schema_lock(relid);
	table = ledger_table_lookup(relid);
	if (table == NULL)
		return;

	rel = table_open(relid, AccessShareLock);
	initStringInfo(&body);
	ledger_schema_build(&body, rel, table->table_id, table->schema_version, table->kind, table->tx_attnum,
						table->seq_attnum);
	if (same_body(&body, ledger_schema_stored(table->table_id, table->schema_version)))
	{
		table_close(rel, NoLock);
		return;
	}
	resetStringInfo(&body);
	ledger_schema_build(&body, rel, table->table_id, table->schema_version + 1, table->kind, table->tx_attnum,
						table->seq_attnum);

	catalogue = table_open(catalogue_oid, RowExclusiveLock);
	tuple = find_table(catalogue, relid);
	values[Anum_lt_schema_name - 1] =
		NameGetDatum(as_name(get_namespace_name(RelationGetNamespace(rel))));
	values[Anum_lt_table_name - 1] = NameGetDatum(as_name(RelationGetRelationName(rel)));
	values[Anum_lt_schema_version - 1] = Int32GetDatum((int32) table->schema_version + 1);
	replace[Anum_lt_schema_name - 1] = true;
	replace[Anum_lt_table_name - 1] = true;
	replace[Anum_lt_schema_version - 1] = true;
	tuple = heap_modify_tuple(tuple, RelationGetDescr(catalogue), values, nulls, replace);
	CatalogTupleUpdate(catalogue, &tuple->t_self, tuple);
	table_close(catalogue, RowExclusiveLock);

	add_version(ledger_chain(), table->table_id, table->schema_version + 1, table->shared, &body);
	table_close(rel, NoLock);
	table_changed(relid);
}

/* ---- load ---------------------------------------------------------------------- */

/* The relation of a table that still exists; 0 when it was dropped or never existed. */
static Oid
relid_of(const uint8 table_id[16])
{
	const LedgerChain *chain = ledger_chain();
	Relation	rel;
	ScanKeyData key[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			relid = InvalidOid;
	bool		isnull;

	if (chain == NULL)
		return InvalidOid;
	rel = table_open(ledger_catalog_oid("ledger_table", false), AccessShareLock);
	ScanKeyInit(&key[0], Anum_lt_chain_id, BTEqualStrategyNumber, F_UUID_EQ,
				ledger_uuid_datum(chain->chain_id));
	ScanKeyInit(&key[1], Anum_lt_table_id, BTEqualStrategyNumber, F_UUID_EQ, ledger_uuid_datum(table_id));
	scan = systable_beginscan(rel, ledger_catalog_oid("ledger_table_pkey", false), true, NULL, 2, key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		relid = DatumGetObjectId(heap_getattr(tuple, Anum_lt_relid, RelationGetDescr(rel), &isnull));
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return relid;
}

/*
 * How the values of a stored column are encoded. Attribute numbers and types
 * never change under a table, so the live attribute tells, and must agree.
 */
static const char *
load_column(LedgerColumn *column, const ledger_schema_column *stored, TupleDesc desc)
{
	Form_pg_attribute att;
	char	   *problem = NULL;

	column->attnum = stored->col_id;
	column->tag = stored->tag;
	column->type = NULL;
	if (desc == NULL)
		return NULL;
	if (stored->col_id > desc->natts || TupleDescAttr(desc, stored->col_id - 1)->attisdropped)
		return psprintf("column %d of the schema history no longer exists", stored->col_id);
	att = TupleDescAttr(desc, stored->col_id - 1);
	column->type = ledger_type_lookup(att->atttypid, &problem);
	if (column->type == NULL || ledger_type_tag(column->type) != stored->tag)
		return psprintf("column \"%s\" no longer has the type of the schema history", NameStr(att->attname));
	return NULL;
}

LedgerSchema *
ledger_schema_load(const uint8 table_id[16], uint32 schema_version, const char **problem)
{
	LedgerSchema *result = palloc0(sizeof(LedgerSchema));
	ledger_schema parsed;
	ledger_schema_iter it;
	ledger_schema_column column;
	Relation	rel = NULL;
	Oid			relid;

	*problem = NULL;
	result->schema_version = schema_version;
	result->body = ledger_schema_stored(table_id, schema_version);
	if (result->body == NULL)
	{
		*problem = psprintf("schema version %u is not in the schema history", schema_version);
		return NULL;
	}
	if (ledger_schema_parse(VARDATA_ANY(result->body), VARSIZE_ANY_EXHDR(result->body), &parsed) !=
			LEDGER_OK ||
		memcmp(parsed.header.table_id, table_id, LEDGER_ID_LEN) != 0 ||
		parsed.header.schema_version != schema_version)
	{
		*problem = psprintf("schema version %u is damaged", schema_version);
		return NULL;
	}

	relid = relid_of(table_id);
	if (OidIsValid(relid))
		rel = try_relation_open(relid, AccessShareLock);
	result->columns = palloc0(sizeof(LedgerColumn) * Max(parsed.ncols, 1));
	ledger_schema_columns(&it, &parsed);
	while (*problem == NULL && ledger_schema_next_column(&it, &column))
		*problem =
			load_column(&result->columns[result->ncolumns++], &column, rel ? RelationGetDescr(rel) : NULL);
	if (rel)
		relation_close(rel, AccessShareLock);
	return *problem == NULL ? result : NULL;
}
