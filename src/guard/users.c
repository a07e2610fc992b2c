/*
 * guard/users.c
 *		Which ledger tables mention an object, by pg_depend: a type of a column, a
 *		function of a default or trigger, the table behind a foreign key.
 */
#include "guard/guard.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/index.h"
#include "catalog/pg_class.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_type.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* Deeper than any sane nesting of types; dependencies may be circular. */
#define MAX_DEPTH 16

static void collect(Oid classid, Oid objid, bool only_values, int depth, List **tables);

/* A dependent object: a table that counts, or one whose own users count. */
static void
visit(Form_pg_depend form, bool only_values, int depth, List **tables)
{
	Oid			relid = InvalidOid;

	if (form->classid == TypeRelationId)
	{
		collect(TypeRelationId, form->objid, only_values, depth + 1, tables);
		return;
	}
	if (form->classid == RelationRelationId)
	{
		relid = form->objid;
		switch (get_rel_relkind(relid))
		{
			case RELKIND_INDEX:
				relid = only_values ? InvalidOid : IndexGetRelation(relid, true);
				break;
			case RELKIND_COMPOSITE_TYPE:
			case RELKIND_RELATION:
			case RELKIND_PARTITIONED_TABLE:
				/* a column of it: whoever uses its row type uses the column */
				if (form->objsubid > 0)
					collect(TypeRelationId, get_rel_type_id(relid), only_values, depth + 1, tables);
				break;
			default:
				return;
		}
		if (only_values && form->objsubid == 0)
			return;
	}
	else if (!only_values)
		relid = ledger_relation_of(form->classid, form->objid);

	if (OidIsValid(relid) && ledger_is_guarded(relid))
		*tables = list_append_unique_oid(*tables, relid);
}

static void
collect(Oid classid, Oid objid, bool only_values, int depth, List **tables)
{
	Relation	rel;
	ScanKeyData key[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	if (!OidIsValid(objid) || depth > MAX_DEPTH)
		return;
	rel = table_open(DependRelationId, AccessShareLock);
	ScanKeyInit(&key[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(classid));
	ScanKeyInit(&key[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(objid));
	scan = systable_beginscan(rel, DependReferenceIndexId, true, NULL, 2, key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		visit((Form_pg_depend) GETSTRUCT(tuple), only_values, depth, tables);
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
}

List *
ledger_tables_using(Oid classid, Oid objid)
{
	List	   *tables = NIL;

	collect(classid, objid, false, 0, &tables);
	return tables;
}

List *
ledger_tables_storing(Oid typid)
{
	List	   *tables = NIL;

	collect(TypeRelationId, typid, true, 0, &tables);
	return tables;
}

void
ledger_refuse_composite_change(Oid relid)
{
	List	   *tables = ledger_tables_storing(get_rel_type_id(relid));

	if (tables == NIL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot change row type \"%s\"", get_rel_name(relid)),
			 errdetail("Ledger table \"%s\" stores values of it, whose hashes cover every field.",
					   get_rel_name(linitial_oid(tables))),
			 errhint("Create another type for new columns.")));
}
