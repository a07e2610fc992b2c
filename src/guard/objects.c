/*
 * guard/objects.c
 *		object_access_hook: drops and definitions, whichever statement causes them.
 *
 * A cascade, DROP OWNED, DROP EXTENSION and a DROP inside a function all pass
 * here object by object, so this is where a drop is refused. A definition that
 * changes is only noted; guard/dirty.c writes it down when the statement ends.
 */
#include "guard/guard.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/catalog.h"
#include "catalog/dependency.h"
#include "catalog/index.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_am.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_ts_config.h"
#include "catalog/pg_type.h"
#include "chain/catalogue.h"
#include "chain/restore.h"
#include "chain/schema_version.h"
#include "commands/extension.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/* ---- which relation an object belongs to ----------------------------------- */

Oid
ledger_relation_of(Oid classid, Oid objid)
{
	static const struct
	{
		Oid			classid;
		Oid			index;
		AttrNumber	relid;
	}			owners[] = {
		{AttrDefaultRelationId, AttrDefaultOidIndexId, Anum_pg_attrdef_adrelid},
		{ConstraintRelationId, ConstraintOidIndexId, Anum_pg_constraint_conrelid},
		{TriggerRelationId, TriggerOidIndexId, Anum_pg_trigger_tgrelid},
		{RewriteRelationId, RewriteOidIndexId, Anum_pg_rewrite_ev_class},
		{PolicyRelationId, PolicyOidIndexId, Anum_pg_policy_polrelid},
	};

	for (int i = 0; i < (int) lengthof(owners); i++)
	{
		Relation	rel;
		ScanKeyData key;
		SysScanDesc scan;
		HeapTuple	tuple;
		Oid			result = InvalidOid;
		bool		isnull;

		if (owners[i].classid != classid)
			continue;

		/* All five catalogs begin with oid. The row may be newer than the last command. */
		rel = table_open(classid, AccessShareLock);
		ScanKeyInit(&key, 1, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(objid));
		scan = systable_beginscan(rel, owners[i].index, true, SnapshotSelf, 1, &key);
		tuple = systable_getnext(scan);
		if (HeapTupleIsValid(tuple))
			result = DatumGetObjectId(heap_getattr(tuple, owners[i].relid, RelationGetDescr(rel), &isnull));
		systable_endscan(scan);
		table_close(rel, AccessShareLock);
		return result;
	}
	return InvalidOid;
}

/* ---- the catalogue of the extension ----------------------------------------- */

/* Our own code and pg_restore may change it; for our scripts the hooks stand aside. */
static bool
catalogue_is_open(void)
{
	return ledger_is_loading() || ledger_catalogue_is_ours();
}

bool
ledger_relid_is_catalogue(Oid relid)
{
	Oid			namespace = ledger_namespace();

	return OidIsValid(namespace) && get_rel_namespace(relid) == namespace;
}

void
ledger_refuse_catalogue(Oid relid)
{
	if (!ledger_relid_is_catalogue(relid) || catalogue_is_open())
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied for relation \"ledger.%s\"", get_rel_name(relid)),
			 errdetail("Only the extension itself writes or changes its catalogue."),
			 errhint("Use the functions of schema ledger.")));
}

void
ledger_refuse_schema(const char *schema)
{
	if (schema == NULL || strcmp(schema, "ledger") != 0 || catalogue_is_open())
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied for schema ledger"),
			 errdetail("It holds the catalogue of the extension, which nobody else writes."),
			 errhint("Use another schema.")));
}

static void
refuse_catalogue_function(Oid procid)
{
	Oid			namespace = get_namespace_oid("ledger", true);
	Oid			extension;

	if (!OidIsValid(namespace) || get_func_namespace(procid) != namespace || catalogue_is_open())
		return;
	extension = getExtensionOfObject(ProcedureRelationId, procid);
	if (!OidIsValid(extension) || extension != get_extension_oid("ledger", true))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied for function \"ledger.%s\"", get_func_name(procid)),
			 errdetail("Only the extension itself writes or changes its catalogue.")));
}

/* ---- ledger tables ------------------------------------------------------------ */

/* Nothing more can be looked up once the catalogue is being dropped. */
static bool extension_goes = false;

bool
ledger_is_guarded(Oid relid)
{
	return OidIsValid(relid) &&
		(ledger_relid_is_ledger(relid) || (!extension_goes && ledger_table_lookup(relid) != NULL));
}

/* ---- drops ------------------------------------------------------------------ */

bool
ledger_relation_has_rows(Oid relid)
{
	Relation	rel = table_open(relid, AccessShareLock);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TableScanDesc scan = table_beginscan(rel, snapshot, 0, NULL);
	bool		result = table_scan_getnextslot(scan, ForwardScanDirection, slot);

	table_endscan(scan);
	UnregisterSnapshot(snapshot);
	ExecDropSingleTupleTableSlot(slot);
	table_close(rel, NoLock);
	return result;
}

static bool
has_rows_if_exists(Oid relid)
{
	return OidIsValid(relid) && SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relid)) &&
		ledger_relation_has_rows(relid);
}

/* The history, a dependent object, is dropped before its table. */
static bool
may_drop(const LedgerTable *table)
{
	return table->retired || (!has_rows_if_exists(table->relid) && !has_rows_if_exists(table->history_relid));
}

char *
ledger_qualified_name(Oid relid)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid));
}

static void
refuse_drop(Oid relid)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("cannot drop ledger table \"%s\"", get_rel_name(relid)),
			 errdetail("It has rows that are in the chain of this database."),
			 errhint("SELECT ledger.retire(%s) first; it obeys the retention of the table.",
					 quote_literal_cstr(ledger_qualified_name(relid)))));
}

/*
 * The extension goes, and with it the chain that proves the rows of every
 * table. That is checked at the first of its objects that is dropped, while the
 * catalogue is still whole, and then holds for the rest of the statement.
 */
void
ledger_guard_statement_begins(void)
{
	extension_goes = false;
}

static void
refuse_drop_of_all(void)
{
	ListCell   *lc;

	if (extension_goes)
		return;
	foreach(lc, ledger_registered_tables())
	{
		const LedgerTable *table = ledger_table_lookup(lfirst_oid(lc));

		if (table != NULL && !may_drop(table))
			refuse_drop(table->relid);
	}
	extension_goes = true;
}

static bool
is_handler(Oid procid)
{
	char	   *name = get_func_name(procid);

	return name != NULL && get_func_namespace(procid) == get_namespace_oid("ledger", true) &&
		(strcmp(name, "ledger_handler") == 0 || strcmp(name, "ledger_versioned_handler") == 0);
}

static bool
is_our_access_method(Oid amoid)
{
	HeapTuple	tuple = SearchSysCache1(AMOID, ObjectIdGetDatum(amoid));
	bool		result = false;

	if (HeapTupleIsValid(tuple))
	{
		result = is_handler(((Form_pg_am) GETSTRUCT(tuple))->amhandler);
		ReleaseSysCache(tuple);
	}
	return result;
}

static void
refuse_drop_of_column(Oid relid, int column)
{
	char	   *name = get_attname(relid, column, false);

	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot drop column \"%s\" of ledger table \"%s\"", name, get_rel_name(relid)),
			 errdetail("Its values are part of the hashes of rows that are in the chain."),
			 errhint("SELECT ledger.hide_column(%s, %s) renames it out of the way.",
					 quote_literal_cstr(ledger_qualified_name(relid)), quote_literal_cstr(name))));
}

static void
drop_relation(Oid relid, int column)
{
	const LedgerTable *table;

	if (column > 0)
		ledger_refuse_composite_change(relid);
	if (get_rel_relkind(relid) == RELKIND_INDEX)
		ledger_dirty_mark(IndexGetRelation(relid, true));
	if (extension_goes || !ledger_is_guarded(relid))
		return;
	table = ledger_table_lookup(relid);
	if (table == NULL)
		table = ledger_table_of_history(relid);
	if (table == NULL)
		return;

	if (column > 0)
	{
		if (!may_drop(table))
			refuse_drop_of_column(relid, column);
		ledger_dirty_mark(relid);
		return;
	}
	if (!may_drop(table))
		refuse_drop(table->relid);
	if (table->relid == relid)
		ledger_schema_unregister(relid);
}

/* True for what only DROP EXTENSION can drop: the rest is protected as its member. */
static bool
is_of_extension(Oid classid, Oid objid)
{
	char	   *name;

	switch (classid)
	{
		case RelationRelationId:
			return ledger_relid_is_catalogue(objid);
		case ExtensionRelationId:
			name = get_extension_name(objid);
			return name != NULL && strcmp(name, "ledger") == 0;
		case AccessMethodRelationId:
			return is_our_access_method(objid);
		case ProcedureRelationId:
			return is_handler(objid);
		default:
			return ledger_relid_is_catalogue(ledger_relation_of(classid, objid));
	}
}

static void
drop_object(Oid classid, Oid objid, int subid, int flags)
{
	if ((flags & PERFORM_DELETION_INTERNAL) == 0 && is_of_extension(classid, objid))
		refuse_drop_of_all();
	else if (classid == RelationRelationId)
		drop_relation(objid, subid);
	else
		ledger_dirty_mark(ledger_relation_of(classid, objid));
}

/* ---- definitions ------------------------------------------------------------ */

static void
note_definition(bool created, Oid classid, Oid objid, int subid, bool internal)
{
	Oid			relid;

	switch (classid)
	{
		case RelationRelationId:
			if (created && subid == 0)
				return;			/* new, so nothing depends on it yet */
			if (!internal)
				ledger_refuse_catalogue(objid);
			if (created || get_rel_relkind(objid) == RELKIND_COMPOSITE_TYPE)
				ledger_refuse_composite_change(objid);
			if (get_rel_relkind(objid) == RELKIND_INDEX)
				objid = IndexGetRelation(objid, true);
			if (ledger_is_guarded(objid))
				ledger_dirty_mark(objid);
			else if (!created)
				ledger_dirty_mark_users(classid, objid);
			break;

		case AttrDefaultRelationId:
		case ConstraintRelationId:
		case TriggerRelationId:
		case RewriteRelationId:
		case PolicyRelationId:
			relid = ledger_relation_of(classid, objid);
			if (!OidIsValid(relid))
				break;
			if (!internal)
				ledger_refuse_catalogue(relid);
			ledger_dirty_mark(relid);
			break;

		case InheritsRelationId:
			ledger_dirty_mark_tree(objid);
			break;

		case ProcedureRelationId:
			refuse_catalogue_function(objid);
			if (!created)
				ledger_dirty_mark_users(classid, objid);
			break;

		case TypeRelationId:
		case CollationRelationId:
		case OperatorRelationId:
		case TSConfigRelationId:
			if (!created)
				ledger_dirty_mark_users(classid, objid);
			break;

		case NamespaceRelationId:
			if (!created && objid == get_namespace_oid("ledger", true) && !catalogue_is_open())
				ereport(ERROR,
						(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						 errmsg("permission denied for schema ledger"),
						 errdetail("Only the extension itself writes or changes its catalogue.")));
			break;

		default:
			break;
	}
}

void
ledger_guard_object(ObjectAccessType access, Oid classid, Oid objid, int subid, void *arg)
{
	switch (access)
	{
		case OAT_POST_CREATE:
			note_definition(true, classid, objid, subid, ((ObjectAccessPostCreate *) arg)->is_internal);
			break;
		case OAT_POST_ALTER:
			note_definition(false, classid, objid, subid, ((ObjectAccessPostAlter *) arg)->is_internal);
			break;
		case OAT_DROP:
			drop_object(classid, objid, subid, ((ObjectAccessDrop *) arg)->dropflags);
			break;
		case OAT_TRUNCATE:
			ledger_refuse_truncate(objid);
			break;
		default:
			break;
	}
}
