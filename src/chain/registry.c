/*
 * chain/registry.c
 *		Caches of ledger.chain and ledger.ledger_table.
 *
 * A table's entry lives in a memory context of its own. Invalidation unlinks
 * the entry at once, but frees it only at the end of the transaction, because
 * the write states of chain/xact_state.c point to it.
 */
#include "chain/registry.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "chain/catalogue.h"
#include "chain/row_encode.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#define SCHEMA_NAME "ledger"

/* attribute numbers of ledger.chain, as the install script orders them */
enum
{
	Anum_chain_id = 1,
	Anum_chain_no,
	Anum_chain_suite,
	Anum_chain_origin,
	Anum_chain_active,
	Anum_chain_sysid,
	Anum_chain_database,
	Natts_chain = 8
};

typedef struct CatalogOid
{
	char		name[NAMEDATALEN];
	Oid			oid;
} CatalogOid;

typedef struct TableEntry
{
	Oid			relid;			/* hash key */
	LedgerTable *table;			/* NULL: known not to be a ledger table */
	MemoryContext context;
} TableEntry;

static CatalogOid catalog_oids[32];
static int	ncatalog_oids = 0;

/* Those that every commit asks for, found without comparing names; 0 where not known. */
static Oid	ledger_table_oid = InvalidOid;
static Oid	entry_oid = InvalidOid;
static Oid	incarnation_no_oid = InvalidOid;

/* Of ledger.chain and ledger.ledger_table, as what is cached below was read from them. */
static Oid	chain_from = InvalidOid;
static Oid	tables_from = InvalidOid;

static Oid	namespace_oid = InvalidOid;
static bool namespace_known = false;

static HTAB *tables = NULL;
static LedgerTable *last_table = NULL;	/* the one looked up last, also in tables */
static List *garbage = NIL;		/* memory contexts to delete at the end of the transaction */

static HTAB *table_ids = NULL;	/* LedgerTableId by number */
static const LedgerTableId *last_table_id = NULL;

static bool chain_known = false;
static bool chain_exists = false;
static LedgerChain chain_cache;
static bool dirty = false;		/* this transaction changed the catalogue */

static ledger_hasher *hashers[LEDGER_SUITE_GM + 1];

/* ---- catalogue objects --------------------------------------------------- */

/* Asked for each statement that writes, to any table; so it is not looked up each time. */
Oid
ledger_namespace(void)
{
	if (!namespace_known)
	{
		namespace_oid = get_namespace_oid(SCHEMA_NAME, true);
		namespace_known = true;
	}
	return namespace_oid;
}

Oid
ledger_catalog_oid(const char *name, bool missing_ok)
{
	Oid			namespace;
	Oid			oid = InvalidOid;

	for (int i = 0; i < ncatalog_oids; i++)
	{
		if (strcmp(catalog_oids[i].name, name) == 0)
			return catalog_oids[i].oid;
	}

	namespace = ledger_namespace();
	if (OidIsValid(namespace))
		oid = get_relname_relid(name, namespace);
	if (!OidIsValid(oid))
	{
		if (missing_ok)
			return InvalidOid;
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation \"%s.%s\" does not exist", SCHEMA_NAME, name),
				 errhint("Run CREATE EXTENSION ledger in this database.")));
	}

	if (ncatalog_oids < (int) lengthof(catalog_oids))
	{
		strlcpy(catalog_oids[ncatalog_oids].name, name, NAMEDATALEN);
		catalog_oids[ncatalog_oids].oid = oid;
		ncatalog_oids++;
	}
	return oid;
}

bool
ledger_extension_exists(void)
{
	if (!OidIsValid(ledger_table_oid))
		ledger_table_oid = ledger_catalog_oid("ledger_table", true);
	return OidIsValid(ledger_table_oid);
}

Oid
ledger_entry_oid(void)
{
	if (!OidIsValid(entry_oid))
		entry_oid = ledger_catalog_oid("entry", false);
	return entry_oid;
}

Oid
ledger_incarnation_no_oid(void)
{
	if (!OidIsValid(incarnation_no_oid))
		incarnation_no_oid = ledger_catalog_oid("incarnation_no", false);
	return incarnation_no_oid;
}

/* ---- hashers ------------------------------------------------------------- */

ledger_hasher *
ledger_suite_hasher(ledger_suite suite)
{
	if (hashers[suite] == NULL)
	{
		hashers[suite] = ledger_hasher_new(suite);
		if (hashers[suite] == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INTERNAL_ERROR),
					 errmsg("hash function of suite %s is not available", ledger_suite_name(suite)),
					 errhint("Check the OpenSSL configuration of this server.")));
	}
	return hashers[suite];
}

ledger_hasher *
ledger_chain_hasher(void)
{
	const LedgerChain *chain = ledger_chain();

	if (chain == NULL)
		elog(ERROR, "no chain in this database");
	return ledger_suite_hasher(chain->suite);
}

/* ---- chain --------------------------------------------------------------- */

static void
read_chain(HeapTuple tuple, TupleDesc desc, LedgerChain *chain)
{
	Datum		values[Natts_chain];
	bool		nulls[Natts_chain];
	char	   *suite;

	ledger_catalogue_deform(tuple, desc, Natts_chain, values, nulls);
	memcpy(chain->chain_id, DatumGetUUIDP(values[Anum_chain_id - 1])->data, 16);
	chain->chain_no = DatumGetInt16(values[Anum_chain_no - 1]);
	suite = TextDatumGetCString(values[Anum_chain_suite - 1]);
	if (!ledger_suite_from_name(suite, &chain->suite))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("suite \"%s\" of the chain is unknown", suite)));
	pfree(suite);
	strlcpy(chain->origin, TextDatumGetCString(values[Anum_chain_origin - 1]), sizeof(chain->origin));
	chain->system_identifier = DatumGetInt64(values[Anum_chain_sysid - 1]);
	chain->database_oid = DatumGetObjectId(values[Anum_chain_database - 1]);
}

bool
ledger_chain_in(Snapshot snapshot, LedgerChain *chain)
{
	Relation	rel = table_open(ledger_catalog_oid("chain", false), AccessShareLock);
	SysScanDesc scan;
	HeapTuple	tuple;
	ScanKeyData key;
	bool		exists;

	ScanKeyInit(&key, Anum_chain_active, BTEqualStrategyNumber, F_BOOLEQ, BoolGetDatum(true));
	scan = systable_beginscan(rel, InvalidOid, false, snapshot, 1, &key);
	tuple = systable_getnext(scan);
	exists = HeapTupleIsValid(tuple);
	if (exists)
		read_chain(tuple, RelationGetDescr(rel), chain);
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return exists;
}

const LedgerChain *
ledger_chain(void)
{
	if (!chain_known)
	{
		if (!ledger_extension_exists())
			return NULL;
		chain_from = ledger_catalog_oid("chain", false);
		chain_exists = ledger_chain_in(NULL, &chain_cache);
		chain_known = true;
	}
	return chain_exists ? &chain_cache : NULL;
}

const LedgerChain *
ledger_need_chain(void)
{
	const LedgerChain *chain = ledger_chain();

	if (chain == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("this database has no chain"),
				 errhint("A chain begins with the first ledger table, or with SELECT ledger.init().")));
	return chain;
}

/* ---- tables -------------------------------------------------------------- */

static bool
am_is_ledger(Oid amoid, bool *versioned)
{
	HeapTuple	tuple;
	bool		found = false;

	/* By handler, never by name: the access method may be renamed. */
	tuple = SearchSysCache1(AMOID, ObjectIdGetDatum(amoid));
	if (HeapTupleIsValid(tuple))
	{
		Oid			handler = ((Form_pg_am) GETSTRUCT(tuple))->amhandler;
		Oid			namespace = ledger_namespace();

		ReleaseSysCache(tuple);
		if (OidIsValid(namespace) && get_func_namespace(handler) == namespace)
		{
			char	   *name = get_func_name(handler);

			if (name != NULL)
			{
				found = strcmp(name, "ledger_handler") == 0 || strcmp(name, "ledger_versioned_handler") == 0;
				if (versioned)
					*versioned = strcmp(name, "ledger_versioned_handler") == 0;
				pfree(name);
			}
		}
	}
	return found;
}

bool
ledger_rel_kind(Relation rel, LedgerTableKind *kind)
{
	bool		versioned;

	if (!am_is_ledger(rel->rd_rel->relam, &versioned))
		return false;
	*kind = versioned ? LEDGER_VERSIONED : LEDGER_APPEND_ONLY;
	return true;
}

bool
ledger_rel_is_ledger(Relation rel)
{
	return (rel->rd_rel->relkind == RELKIND_RELATION || rel->rd_rel->relkind == RELKIND_MATVIEW) &&
		rel->rd_rel->relam != HEAP_TABLE_AM_OID && am_is_ledger(rel->rd_rel->relam, NULL);
}

bool
ledger_relid_kind(Oid relid, LedgerTableKind *kind)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Form_pg_class form;
	bool		versioned = false;
	bool		result;

	if (!HeapTupleIsValid(tuple))
		return false;
	form = (Form_pg_class) GETSTRUCT(tuple);
	result = form->relkind == RELKIND_RELATION && form->relam != HEAP_TABLE_AM_OID &&
		am_is_ledger(form->relam, &versioned);
	ReleaseSysCache(tuple);
	*kind = versioned ? LEDGER_VERSIONED : LEDGER_APPEND_ONLY;
	return result;
}

bool
ledger_relid_is_ledger(Oid relid)
{
	LedgerTableKind kind;

	return ledger_relid_kind(relid, &kind);
}

/* Columns of the live table; they are those of its newest schema version. */
static void
load_columns(LedgerTable *table)
{
	Relation	rel = RelationIdGetRelation(table->relid);
	TupleDesc	desc;

	if (!RelationIsValid(rel))
		elog(ERROR, "relation %u does not exist", table->relid);
	desc = RelationGetDescr(rel);
	table->columns = palloc0(sizeof(LedgerColumn) * Max(desc->natts, 1));
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		LedgerColumn *column;
		char	   *problem;

		if (att->attisdropped || att->attnum == table->tx_attnum || att->attnum == table->seq_attnum)
			continue;
		column = &table->columns[table->ncolumns++];
		column->attnum = att->attnum;
		column->type = ledger_type_lookup(att->atttypid, &problem);
		if (column->type == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("column \"%s\" of ledger table \"%s\" has no canonical encoding",
							NameStr(att->attname), RelationGetRelationName(rel)),
					 errdetail_internal("%s", problem)));
		column->tag = ledger_type_tag(column->type);
	}
	RelationClose(rel);
}

static LedgerTable *
load_table(Oid relid, MemoryContext context)
{
	Relation	rel;
	SysScanDesc scan;
	HeapTuple	tuple;
	ScanKeyData key;
	LedgerTable *table = NULL;
	MemoryContext old;

	tables_from = ledger_catalog_oid("ledger_table", false);
	rel = table_open(tables_from, AccessShareLock);
	ScanKeyInit(&key, Anum_lt_relid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, ledger_catalog_oid("ledger_table_relid", false), true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		TupleDesc	desc = RelationGetDescr(rel);
		bool		isnull;

		old = MemoryContextSwitchTo(context);
		table = palloc0(sizeof(LedgerTable));
		table->relid = relid;
		memcpy(table->table_id, DatumGetUUIDP(heap_getattr(tuple, Anum_lt_table_id, desc, &isnull))->data,
			   16);
		table->table_no = DatumGetInt32(heap_getattr(tuple, Anum_lt_table_no, desc, &isnull));
		table->kind = DatumGetInt16(heap_getattr(tuple, Anum_lt_kind, desc, &isnull));
		table->shared = DatumGetBool(heap_getattr(tuple, Anum_lt_shared, desc, &isnull));
		table->tx_attnum = DatumGetInt16(heap_getattr(tuple, Anum_lt_tx_attnum, desc, &isnull));
		table->seq_attnum = DatumGetInt16(heap_getattr(tuple, Anum_lt_seq_attnum, desc, &isnull));
		table->history_relid = DatumGetObjectId(heap_getattr(tuple, Anum_lt_history_relid, desc, &isnull));
		table->schema_version = DatumGetInt32(heap_getattr(tuple, Anum_lt_schema_version, desc, &isnull));
		(void) heap_getattr(tuple, Anum_lt_retired_at, desc, &isnull);
		table->retired = !isnull;
		load_columns(table);
		MemoryContextSwitchTo(old);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return table;
}

static void
discard(TableEntry *entry)
{
	if (entry->table == last_table)
		last_table = NULL;
	if (entry->context)
	{
		MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);

		garbage = lappend(garbage, entry->context);
		MemoryContextSwitchTo(old);
	}
	hash_search(tables, &entry->relid, HASH_REMOVE, NULL);
}

const LedgerTable *
ledger_table_lookup(Oid relid)
{
	TableEntry *entry;
	MemoryContext context;
	LedgerTable *table;
	bool		found;

	if (last_table != NULL && last_table->relid == relid)
		return last_table;
	entry = tables ? hash_search(tables, &relid, HASH_FIND, NULL) : NULL;
	if (entry != NULL)
	{
		if (entry->table != NULL)
			last_table = entry->table;
		return entry->table;
	}
	if (!ledger_extension_exists())
		return NULL;

	/* While a dump is being loaded the catalogue names relations of another database. */
	if (ledger_chain() == NULL || chain_cache.system_identifier == 0)
		return NULL;
	if (tables == NULL)
	{
		HASHCTL		ctl = {.keysize = sizeof(Oid), .entrysize = sizeof(TableEntry)};

		tables = hash_create("ledger tables", 64, &ctl, HASH_ELEM | HASH_BLOBS);
	}

	/*
	 * Loading may accept invalidations, so the hash entry is made last. One
	 * that arrives while loading concerns a table we hold no lock on.
	 */
	context = AllocSetContextCreate(CacheMemoryContext, "ledger table", ALLOCSET_SMALL_SIZES);
	PG_TRY();
	{
		table = load_table(relid, context);
	}
	PG_CATCH();
	{
		MemoryContextDelete(context);
		PG_RE_THROW();
	}
	PG_END_TRY();
	if (table == NULL)
	{
		MemoryContextDelete(context);
		context = NULL;
	}
	entry = hash_search(tables, &relid, HASH_ENTER, &found);
	if (found)
		discard(entry), entry = hash_search(tables, &relid, HASH_ENTER, &found);
	entry->table = table;
	entry->context = context;
	return table;
}

const LedgerTableId *
ledger_table_by_no(int32 table_no)
{
	LedgerTableId *entry;
	LedgerTableId found = {.table_no = table_no};
	Relation	rel;
	SysScanDesc scan;
	HeapTuple	tuple;
	ScanKeyData key;
	bool		exists;

	if (last_table_id != NULL && last_table_id->table_no == table_no)
		return last_table_id;
	if (table_ids == NULL)
	{
		HASHCTL		ctl = {.keysize = sizeof(int32), .entrysize = sizeof(LedgerTableId)};

		table_ids = hash_create("ledger table numbers", 64, &ctl, HASH_ELEM | HASH_BLOBS);
	}
	entry = hash_search(table_ids, &table_no, HASH_FIND, NULL);
	if (entry != NULL)
		return last_table_id = entry;

	tables_from = ledger_catalog_oid("ledger_table", false);
	rel = table_open(tables_from, AccessShareLock);
	ScanKeyInit(&key, Anum_lt_table_no, BTEqualStrategyNumber, F_INT4EQ, Int32GetDatum(table_no));
	scan = systable_beginscan(rel, ledger_catalog_oid("ledger_table_no", false), true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	exists = HeapTupleIsValid(tuple);
	if (exists)
	{
		TupleDesc	desc = RelationGetDescr(rel);
		bool		isnull;

		memcpy(found.table_id, DatumGetUUIDP(heap_getattr(tuple, Anum_lt_table_id, desc, &isnull))->data, 16);
		found.shared = DatumGetBool(heap_getattr(tuple, Anum_lt_shared, desc, &isnull));
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	if (!exists)
		return NULL;
	entry = hash_search(table_ids, &table_no, HASH_ENTER, NULL);
	*entry = found;
	return entry;
}

/* ---- invalidation -------------------------------------------------------- */

static void
forget_tables(void)
{
	HASH_SEQ_STATUS status;
	TableEntry *entry;

	if (table_ids != NULL)
	{
		HTAB	   *gone = table_ids;

		table_ids = NULL;
		last_table_id = NULL;
		hash_destroy(gone);
	}
	if (tables == NULL)
		return;
	hash_seq_init(&status, tables);
	while ((entry = hash_seq_search(&status)) != NULL)
		discard(entry);
}

static void
forget(Oid relid)
{
	if (!OidIsValid(relid))
	{
		ncatalog_oids = 0;
		ledger_table_oid = entry_oid = incarnation_no_oid = InvalidOid;
		chain_known = false;
		forget_tables();
		return;
	}
	if (tables != NULL)
	{
		TableEntry *entry = hash_search(tables, &relid, HASH_FIND, NULL);

		if (entry != NULL)
			discard(entry);
	}
	/* not by name: the Oid may be forgotten already, by a message that came while the table was opened */
	if (relid == chain_from)
		chain_known = false;
	if (relid == tables_from)
		forget_tables();
	if (relid == ledger_table_oid || relid == entry_oid || relid == incarnation_no_oid)
		ledger_table_oid = entry_oid = incarnation_no_oid = InvalidOid;
	for (int i = 0; i < ncatalog_oids; i++)
	{
		if (catalog_oids[i].oid != relid)
			continue;
		catalog_oids[i] = catalog_oids[--ncatalog_oids];
		break;
	}
}

static void
namespace_callback(Datum arg, int cacheid, uint32 hashvalue)
{
	namespace_known = false;
}

static void
relcache_callback(Datum arg, Oid relid)
{
	forget(relid);
}

void
ledger_registry_reset(Oid relid)
{
	dirty = true;
	if (!OidIsValid(relid))
		chain_known = false;
	forget(relid);
}

/* A change that is rolled back may have been cached before the rollback. */
static void
end_of_xact(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_ABORT && dirty)
		forget(InvalidOid);
	if (event == XACT_EVENT_ABORT || event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE)
	{
		ListCell   *lc;

		dirty = false;
		foreach(lc, garbage)
			MemoryContextDelete(lfirst(lc));
		list_free(garbage);
		garbage = NIL;
	}
}

static void
end_of_subxact(SubXactEvent event, SubTransactionId mySubid, SubTransactionId parentSubid, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB && dirty)
		forget(InvalidOid);
}

void
ledger_registry_init(void)
{
	CacheRegisterRelcacheCallback(relcache_callback, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, namespace_callback, (Datum) 0);
	RegisterXactCallback(end_of_xact, NULL);
	RegisterSubXactCallback(end_of_subxact, NULL);
}

char *
ledger_uuid_text(const uint8 id[16])
{
	pg_uuid_t	uuid;

	memcpy(uuid.data, id, 16);
	return DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&uuid)));
}
