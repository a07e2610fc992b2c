/*
 * chain/verify_catalog.c
 *		The live catalogue of each ledger table: is it still what the chain says, and
 *		does its name still lead to it?
 */
#include "chain/verify_internal.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_type.h"
#include "chain/verify_later.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

typedef struct Work
{
	VerifyHistory *history;
	int			table;
	bool		gone;			/* the relation does not exist */
} Work;

/* ---- the table itself ---------------------------------------------------- */

static void
report(VerifyRun *run, const VerifyTable *table, LedgerSeverity severity, const char *problem)
{
	ledger_verify_report(run, severity, table->relid, false, 0, -1, NULL, "%s", problem);
}

static void
check_relation(VerifyRun *run, void *arg)
{
	Work	   *w = arg;
	VerifyTable *table = &verify_tables(run->shared)[w->table];
	const LedgerTable *registered;
	LedgerTableKind kind;
	Relation	rel;
	ListCell   *lc;

	rel = try_relation_open(table->relid, AccessShareLock);
	w->gone = rel == NULL;
	if (rel == NULL)
		return;
	if (rel->rd_rel->relkind != RELKIND_RELATION)
		report(run, table, LEDGER_ERROR, "relation is not a table any more");
	if (rel->rd_rel->relpersistence != RELPERSISTENCE_PERMANENT)
		report(run, table, LEDGER_ERROR, "table is not permanent any more");
	if (ledger_rel_kind(rel, &kind) && table->kind != kind)
		report(run, table, LEDGER_ERROR,
			   "ledger.ledger_table says another kind of table than its access method");

	/* The columns that rows written in the first version do not have. */
	registered = ledger_table_lookup(table->relid);
	if (registered != NULL && registered->schema_version > 1)
	{
		const char *problem;
		LedgerSchema *first = ledger_schema_load(table->table_id, 1, &problem);
		VerifyLater *later =
			first == NULL ? NULL : ledger_verify_later_columns(table->relid, table->table_id, first);

		if (later != NULL)
		{
			foreach(lc, ledger_verify_later_missing(later, RelationGetDescr(rel)))
				report(run, table, LEDGER_ERROR, lfirst(lc));
		}
	}
	relation_close(rel, AccessShareLock);
}

static void
check_definition(VerifyRun *run, void *arg)
{
	Work	   *w = arg;
	VerifyTable *table = &verify_tables(run->shared)[w->table];
	ListCell   *lc;

	foreach(lc, ledger_schema_compare(table->relid))
		report(run, table, LEDGER_ERROR, lfirst(lc));
}

/* ---- names --------------------------------------------------------------- */

/* Position of a schema in a search_path setting, -1 when it is not in it. */
static int
place_in_path(const char *path, const char *schema)
{
	char	   *copy = pstrdup(path);
	List	   *names;
	ListCell   *lc;
	int			place = 0;

	if (!SplitIdentifierString(copy, ',', &names))
		return -1;
	foreach(lc, names)
	{
		const char *name = lfirst(lc);

		if (strcmp(name, schema) == 0 ||
			(strcmp(name, "$user") == 0 && OidIsValid(get_role_oid(schema, true))))
			return place;
		place++;
	}
	return -1;
}

/* search_path as set for this session, this database, roles, or nobody. */
static List *
search_paths(void)
{
	List	   *paths = list_make2("\"$user\", public", pstrdup(namespace_search_path));
	Relation	rel = table_open(DbRoleSettingRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_db_role_setting form = (Form_pg_db_role_setting) GETSTRUCT(tuple);
		bool		isnull;
		Datum		config = heap_getattr(tuple, Anum_pg_db_role_setting_setconfig, RelationGetDescr(rel), &isnull);
		Datum	   *settings;
		int			n;

		if (isnull || (OidIsValid(form->setdatabase) && form->setdatabase != MyDatabaseId))
			continue;
		deconstruct_array(DatumGetArrayTypeP(config), TEXTOID, -1, false, TYPALIGN_INT, &settings, NULL, &n);
		for (int i = 0; i < n; i++)
		{
			char	   *setting = TextDatumGetCString(settings[i]);

			if (strncmp(setting, "search_path=", strlen("search_path=")) == 0)
				paths = lappend(paths, setting + strlen("search_path="));
		}
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return paths;
}

/*
 * Another relation of the same name that some search_path finds first: whoever
 * does not qualify the name reads that one.
 */
static void
check_shadows(VerifyRun *run, void *arg)
{
	Work	   *w = arg;
	VerifyTable *table = &verify_tables(run->shared)[w->table];
	char	   *name = get_rel_name(table->relid);
	char	   *schema = name == NULL ? NULL : get_namespace_name(get_rel_namespace(table->relid));
	List	   *paths;
	Relation	rel;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	if (name == NULL || schema == NULL)
		return;
	paths = search_paths();
	rel = table_open(RelationRelationId, AccessShareLock);
	ScanKeyInit(&key, Anum_pg_class_relname, BTEqualStrategyNumber, F_NAMEEQ, CStringGetDatum(name));
	scan = systable_beginscan(rel, ClassNameNspIndexId, true, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_class form = (Form_pg_class) GETSTRUCT(tuple);
		char	   *other = get_namespace_name(form->relnamespace);
		ListCell   *lc;

		if (form->oid == table->relid || other == NULL || isAnyTempNamespace(form->relnamespace) ||
			(form->relkind != RELKIND_VIEW && form->relkind != RELKIND_MATVIEW &&
			 form->relkind != RELKIND_RELATION && form->relkind != RELKIND_FOREIGN_TABLE &&
			 form->relkind != RELKIND_PARTITIONED_TABLE))
			continue;
		foreach(lc, paths)
		{
			int			mine = place_in_path(lfirst(lc), schema);
			int			theirs = place_in_path(lfirst(lc), other);

			if (mine < 0 || theirs < 0 || theirs >= mine)
				continue;
			ledger_verify_report(run, LEDGER_WARNING, table->relid, false, 0, -1, NULL,
								 "%s \"%s.%s\" has the same name and comes first in search_path %s",
								 form->relkind == RELKIND_VIEW ? "view" : "relation", other, name,
								 (char *) lfirst(lc));
			break;
		}
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
}

/* ---- all tables ---------------------------------------------------------- */

static bool
has_rows_in_chain(VerifyShared *shared, int table)
{
	for (uint64 slot = 0; slot < (uint64) shared->nslots; slot++)
	{
		if (pg_atomic_read_u64(verify_sum(shared, table, false, slot)) != 0)
			return true;
	}
	return false;
}

static void
attempt(VerifyRun *run, VerifyWork work, Work *w)
{
	char	   *message;

	if (!ledger_verify_attempt(run, work, w, &message))
		ledger_verify_report(run, LEDGER_ERROR, verify_tables(run->shared)[w->table].relid, false, 0, -1,
							 NULL, "catalogue of the table cannot be checked: %s", message);
}

void
ledger_verify_catalog(VerifyRun *run, VerifyHistory *history)
{
	VerifyTable *tables = verify_tables(run->shared);

	for (int i = 0; i < run->shared->ntables; i++)
	{
		Work		w = {history, i, false};
		const VerifyTable *table = &tables[i];
		uint32		newest;

		if (!table->selected)
			continue;
		run->part = NULL;
		w.gone = !OidIsValid(table->relid);
		if (!w.gone)
			attempt(run, check_relation, &w);
		if (w.gone)
		{
			/* An empty table may go at any time, one with rows after a PURGE. */
			if (ledger_verify_history_purged(history, run, table->table_id))
				continue;
			if (OidIsValid(table->relid) || has_rows_in_chain(run->shared, i))
				ledger_verify_report(run, LEDGER_ERROR, table->relid, false, 0, -1, NULL,
									 "table %s does not exist any more%s", ledger_uuid_text(table->table_id),
									 has_rows_in_chain(run->shared, i) ? ", its rows are in the chain" : "");
			continue;
		}
		attempt(run, check_definition, &w);
		attempt(run, check_shadows, &w);

		newest = ledger_verify_history_newest_version(history, run, table->table_id);
		if (newest != table->schema_version)
			ledger_verify_report(run, LEDGER_ERROR, table->relid, false, 0, -1, NULL,
								 "ledger.ledger_table says schema version %u, the newest in the chain is %u",
								 table->schema_version, newest);
		if (table->retired && !ledger_verify_history_purged(history, run, table->table_id))
			ledger_verify_report(run, LEDGER_ERROR, table->relid, false, 0, -1, NULL,
								 "table is marked as retired, and no entry of the chain says so");
	}
}
