/*
 * guard/data_view.c
 *		<table>_data: the user's columns in the user's order.
 *
 * ADD COLUMN puts a column after the ledger columns, so that an INSERT without
 * a column list no longer fits. The view is made by the first ADD COLUMN, grows
 * with the next ones, takes INSERTs, and goes with its table. It runs with the
 * rights of its caller (security_invoker), so anybody may be granted it: the
 * table decides.
 */
#include "guard/guard.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_rewrite.h"
#include "chain/catalogue.h"
#include "commands/defrem.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "rewrite/rewriteSupport.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* Call for each object that depends on the relation until found; its Oid. */
static Oid
find_dependent(Oid relid, bool (*matches)(Form_pg_depend form, Oid wanted), Oid wanted)
{
	Relation	rel = table_open(DependRelationId, AccessShareLock);
	ScanKeyData key[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			found = InvalidOid;

	ScanKeyInit(&key[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(RelationRelationId));
	ScanKeyInit(&key[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, DependReferenceIndexId, true, NULL, 2, key);
	while (!OidIsValid(found) && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend form = (Form_pg_depend) GETSTRUCT(tuple);

		if (matches(form, wanted))
			found = form->objid;
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return found;
}

static bool
is_bound_view(Form_pg_depend form, Oid wanted)
{
	return form->classid == RelationRelationId && form->deptype == DEPENDENCY_AUTO &&
		get_rel_relkind(form->objid) == RELKIND_VIEW;
}

static bool
is_rule(Form_pg_depend form, Oid wanted)
{
	return form->classid == RewriteRelationId && form->objid == wanted;
}

/* The table's view, found by its automatic dependency; 0 when there is none. */
static Oid
find_view(Oid relid)
{
	return find_dependent(relid, is_bound_view, InvalidOid);
}

/* As superuser: the owner of a table need not be allowed to create in its schema. */
static void
execute(const char *command)
{
	Oid			userid;
	int			context;

	GetUserIdAndSecContext(&userid, &context);
	SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, context | SECURITY_LOCAL_USERID_CHANGE);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute(command, false, 0) < 0)
		elog(ERROR, "could not run \"%s\"", command);
	SPI_finish();
	SetUserIdAndSecContext(userid, context);
}

/* Every column of the table that the user made, in the order they were made. */
static List *
table_columns(Oid relid)
{
	Relation	rel = table_open(relid, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(rel);
	List	   *names = NIL;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped && !ledger_column_is_reserved(NameStr(att->attname)))
			names = lappend(names, pstrdup(NameStr(att->attname)));
	}
	table_close(rel, NoLock);
	return names;
}

static char *
list_text(List *names)
{
	StringInfoData text;
	ListCell   *lc;

	initStringInfo(&text);
	foreach(lc, names)
		appendStringInfo(&text, "%s%s", text.len > 0 ? ", " : "", quote_identifier(lfirst(lc)));
	return text.data;
}

/* REPLACE VIEW does not rename: columns that the view has keep the names they have there. */
static List *
view_columns(Oid view, List *columns)
{
	List	   *names = list_copy(columns);
	ListCell   *lc;

	foreach(lc, names)
	{
		char	   *name = OidIsValid(view) ? get_attname(view, foreach_current_index(lc) + 1, true) : NULL;

		if (name != NULL)
			lfirst(lc) = name;
	}
	return names;
}

static void
define_view(const char *name, Oid view, Oid relid)
{
	List	   *columns = table_columns(relid);

	execute(psprintf("CREATE OR REPLACE VIEW %s (%s) WITH (security_invoker = true) AS SELECT %s FROM %s",
					 name, list_text(view_columns(view, columns)), list_text(columns),
					 ledger_qualified_name(relid)));
}

static bool
needs_view(Oid relid)
{
	Relation	rel = table_open(relid, AccessShareLock);
	bool		result = !ledger_columns_are_last(rel);

	table_close(rel, NoLock);
	return result;
}

static void
bind_view(Oid view, Oid relid)
{
	ObjectAddress depender;
	ObjectAddress referenced;

	ObjectAddressSet(depender, RelationRelationId, view);
	ObjectAddressSet(referenced, RelationRelationId, relid);
	recordDependencyOn(&depender, &referenced, DEPENDENCY_AUTO);
	CommandCounterIncrement();
}

/*
 * A dump brings the view along, but not that it belongs to its table: take a
 * view of that name that reads the table as ours.
 */
static Oid
adopt_view(Oid relid)
{
	char	   *name = makeObjectName(get_rel_name(relid), NULL, "data");
	Oid			view = get_relname_relid(name, get_rel_namespace(relid));
	Oid			rule = OidIsValid(view) ? get_rewrite_oid(view, "_RETURN", true) : InvalidOid;

	if (!OidIsValid(rule) || !OidIsValid(find_dependent(relid, is_rule, rule)))
		return InvalidOid;
	bind_view(view, relid);
	return view;
}

void
ledger_data_view_adopt(Oid relid)
{
	if (needs_view(relid) && !OidIsValid(find_view(relid)))
		(void) adopt_view(relid);
}

void
ledger_data_view_refresh(Oid relid)
{
	Oid			view;
	char	   *name;

	CommandCounterIncrement();
	if (!needs_view(relid))
		return;
	view = find_view(relid);
	if (!OidIsValid(view))
		view = adopt_view(relid);
	if (OidIsValid(view))
		name = ledger_qualified_name(view);
	else
	{
		char	   *plain = makeObjectName(get_rel_name(relid), NULL, "data");

		if (OidIsValid(get_relname_relid(plain, get_rel_namespace(relid))))
		{
			ereport(NOTICE,
					(errmsg("view \"%s\" is not created: the name is taken", plain)));
			return;
		}
		name = quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), plain);
	}

	define_view(name, view, relid);
	if (OidIsValid(view))
		return;

	execute(psprintf("COMMENT ON VIEW %s IS 'columns of the ledger table in the order they were made'; "
					 "GRANT SELECT, INSERT ON %s TO PUBLIC",
					 name, name));
	CommandCounterIncrement();
	view = get_relname_relid(makeObjectName(get_rel_name(relid), NULL, "data"), get_rel_namespace(relid));
	bind_view(view, relid);
	execute(psprintf("ALTER VIEW %s OWNER TO %s", name,
					 quote_identifier(GetUserNameFromId(ledger_relation_owner(relid), false))));
}

void
ledger_data_view_rename(Oid relid, const char *oldname, const char *newname)
{
	Oid			view;

	CommandCounterIncrement();
	view = find_view(relid);
	if (OidIsValid(view) && get_attnum(view, oldname) != InvalidAttrNumber)
		execute(psprintf("ALTER VIEW %s RENAME COLUMN %s TO %s", ledger_qualified_name(view),
						 quote_identifier(oldname), quote_identifier(newname)));
}

void
ledger_data_view_follow(Oid relid)
{
	Oid			view;
	char	   *wanted;

	if (!ledger_tree_has_ledger(relid))
		return;
	CommandCounterIncrement();
	view = find_view(relid);
	if (!OidIsValid(view))
		return;
	wanted = makeObjectName(get_rel_name(relid), NULL, "data");
	if (OidIsValid(get_relname_relid(wanted, get_rel_namespace(relid))))
		return;					/* its own, already in place, or a stranger's */
	if (get_rel_namespace(view) != get_rel_namespace(relid))
		execute(psprintf("ALTER VIEW %s SET SCHEMA %s", ledger_qualified_name(view),
						 quote_identifier(get_namespace_name(get_rel_namespace(relid)))));
	CommandCounterIncrement();
	if (strcmp(get_rel_name(view), wanted) != 0)
		execute(
			psprintf("ALTER VIEW %s RENAME TO %s", ledger_qualified_name(view), quote_identifier(wanted)));
}
