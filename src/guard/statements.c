/*
 * guard/statements.c
 *		The remaining statements that touch ledger tables or the catalogue.
 */
#include "guard/guard.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "chain/restore.h"
#include "chain/shmem.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/parse_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

static Oid
find_relation(RangeVar *relation)
{
	return relation ? RangeVarGetRelid(relation, NoLock, true) : InvalidOid;
}

/* ---- before a definition changes ---------------------------------------------- */

static void
audit_relation(LedgerUtility *call, RangeVar *relation)
{
	Oid			relid = find_relation(relation);

	if (OidIsValid(relid) && get_rel_relkind(relid) == RELKIND_INDEX)
		relid = IndexGetRelation(relid, true);
	if (OidIsValid(relid))
		ledger_audit_tree(call, relid);
}

/* Tables whose definition mentions an object that is about to be renamed. */
static void
audit_users(LedgerUtility *call, ObjectType type, Node *object)
{
	ObjectAddress address;
	Relation	rel = NULL;
	ListCell   *lc;

	if (object == NULL)
		return;
	if ((type == OBJECT_TYPE || type == OBJECT_DOMAIN) && IsA(object, List))
		object = (Node *) makeTypeNameFromNameList((List *) object);
	address = get_object_address(type, object, &rel, AccessShareLock, true);
	if (rel != NULL)
		relation_close(rel, AccessShareLock);
	if (!OidIsValid(address.objectId))
		return;
	foreach(lc, ledger_tables_using(address.classId, address.objectId))
		ledger_audit_tree(call, lfirst_oid(lc));
}

/* ---- TRUNCATE ------------------------------------------------------------------ */

void
ledger_refuse_truncate(Oid relid)
{
	ledger_refuse_catalogue(relid);
	if (ledger_tree_has_ledger(relid) && !ledger_is_loading())
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot truncate ledger table \"%s\"", get_rel_name(relid)),
				 errdetail("Rows of a ledger table are never changed or removed."),
				 errhint("Retire the table with ledger.retire() and drop it.")));
}

static void
truncate_tables(TruncateStmt *stmt)
{
	ListCell   *lc;

	foreach(lc, stmt->relations)
	{
		Oid			relid = find_relation(lfirst_node(RangeVar, lc));

		if (OidIsValid(relid))
			ledger_refuse_truncate(relid);
	}
}

/* ---- rules, enums ------------------------------------------------------------------ */

static void
rule(LedgerUtility *call, RuleStmt *stmt)
{
	Oid			relid = find_relation(stmt->relation);

	if (!OidIsValid(relid))
		return;
	ledger_refuse_catalogue(relid);
	if (stmt->instead && ledger_tree_has_ledger(relid))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot create an INSTEAD rule on ledger table \"%s\"", get_rel_name(relid)),
				 errdetail("It would silently replace what a program writes."),
				 errhint("Put the rule on a view over the table.")));
	ledger_audit_tree(call, relid);
}

static void
alter_enum(LedgerUtility *call, AlterEnumStmt *stmt)
{
	Oid			typid;
	List	   *tables;

	if (stmt->oldVal == NULL)
	{
		/* ADD VALUE is recorded */
		audit_users(call, OBJECT_TYPE, (Node *) makeTypeNameFromNameList(stmt->typeName));
		return;
	}
	typid = LookupTypeNameOid(NULL, makeTypeNameFromNameList(stmt->typeName), true);
	tables = OidIsValid(typid) ? ledger_tables_storing(typid) : NIL;
	if (tables == NIL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot rename value \"%s\" of type %s", stmt->oldVal, format_type_be(typid)),
			 errdetail("Ledger table \"%s\" stores values of it, whose hashes cover the label.",
					   get_rel_name(linitial_oid(tables))),
			 errhint("Add a value with the new label.")));
}

/* ---- renames -------------------------------------------------------------------------- */

static void
audit_all(LedgerUtility *call)
{
	ListCell   *lc;

	foreach(lc, ledger_registered_tables())
		ledger_audit_tree(call, lfirst_oid(lc));
}

static void
audit_rename(LedgerUtility *call, RenameStmt *stmt, Oid relid)
{
	ListCell   *lc;

	switch (stmt->renameType)
	{
		case OBJECT_SCHEMA:
		case OBJECT_ROLE:
			audit_all(call);
			break;
		case OBJECT_TYPE:
		case OBJECT_DOMAIN:
		case OBJECT_FUNCTION:
		case OBJECT_PROCEDURE:
		case OBJECT_ROUTINE:
		case OBJECT_COLLATION:
			audit_users(call, stmt->renameType, stmt->object);
			break;
		default:
			audit_relation(call, stmt->relation);
			if (!OidIsValid(relid) || ledger_is_guarded(relid))
				break;
			foreach(lc, ledger_tables_using(RelationRelationId, relid))
				ledger_audit_tree(call, lfirst_oid(lc));
			break;
	}
}

static void
rename_object(LedgerUtility *call, RenameStmt *stmt)
{
	Oid			relid = find_relation(stmt->relation);
	bool		column = stmt->renameType == OBJECT_COLUMN && OidIsValid(relid) && ledger_tree_has_ledger(relid);

	if (OidIsValid(relid))
	{
		ledger_refuse_catalogue(relid);
		ledger_refuse_history(relid);
	}
	if (column)
	{
		ledger_refuse_reserved(stmt->newname);
		if (ledger_column_is_reserved(stmt->subname))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("cannot rename column \"%s\" of ledger table \"%s\"",
							stmt->subname, get_rel_name(relid)),
					 errdetail("The access method fills it.")));
	}

	audit_rename(call, stmt, relid);
	ledger_utility_next(call);

	/* Roles stand in policies, schemas in everything. */
	if (stmt->renameType == OBJECT_SCHEMA || stmt->renameType == OBJECT_ROLE)
		ledger_dirty_mark_all();
	if (column)
		ledger_data_view_rename(relid, stmt->subname, stmt->newname);
	else if (stmt->renameType == OBJECT_TABLE && OidIsValid(relid))
		ledger_data_view_follow(relid);
}

static void
set_schema(LedgerUtility *call, AlterObjectSchemaStmt *stmt)
{
	Oid			relid = find_relation(stmt->relation);

	ledger_refuse_schema(stmt->newschema);
	if (OidIsValid(relid))
		ledger_refuse_history(relid);
	if (stmt->relation)
		audit_relation(call, stmt->relation);
	else if (stmt->objectType == OBJECT_TYPE || stmt->objectType == OBJECT_DOMAIN ||
			 stmt->objectType == OBJECT_FUNCTION)
		audit_users(call, stmt->objectType, stmt->object);
	ledger_utility_next(call);
	if (OidIsValid(relid))
		ledger_data_view_follow(relid);
}

/* ---- maintenance of the catalogue -------------------------------------------------------- */

/*
 * VACUUM FULL and CLUSTER move rows, but the chain knows its entries by their
 * place in ledger.entry.
 */
static void
refuse_moving(RangeVar *relation, Oid relid)
{
	if (relation)
		relid = find_relation(relation);
	if (!OidIsValid(relid) || !ledger_relid_is_catalogue(relid))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot rewrite catalogue relation \"ledger.%s\"", get_rel_name(relid)),
			 errdetail("The index of the chain points to places in it."),
			 errhint("Plain VACUUM is enough: its rows are not updated.")));
}

static bool
is_vacuum_full(VacuumStmt *stmt)
{
	bool		full = false;
	ListCell   *lc;

	foreach(lc, stmt->options)
	{
		DefElem	   *option = lfirst_node(DefElem, lc);

		if (strcmp(option->defname, "full") == 0)
			full = defGetBoolean(option);
	}
	return full;
}

/* VACUUM FULL of the whole database means every table but those of the catalogue. */
static List *
all_but_catalogue(void)
{
	Relation	rel = table_open(RelationRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	HeapTuple	tuple;
	List	   *result = NIL;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_class form = (Form_pg_class) GETSTRUCT(tuple);

		if ((form->relkind == RELKIND_RELATION || form->relkind == RELKIND_MATVIEW ||
			 form->relkind == RELKIND_PARTITIONED_TABLE) &&
			!ledger_relid_is_catalogue(form->oid))
			result = lappend(result, makeVacuumRelation(NULL, form->oid, NIL));
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return result;
}

static void
vacuum_statement(LedgerUtility *call, VacuumStmt *stmt)
{
	ListCell   *lc;

	if (is_vacuum_full(stmt))
	{
		foreach(lc, stmt->rels)
		{
			VacuumRelation *target = lfirst_node(VacuumRelation, lc);

			refuse_moving(target->relation, target->oid);
		}
		if (stmt->rels == NIL)
		{
			stmt = (VacuumStmt *) ledger_utility_own(call);
			stmt->rels = all_but_catalogue();
		}
	}
	ledger_utility_next(call);
}

/* DROP of a part of the catalogue; the extension as a whole is checked object by object. */
/* Whether the statement may take the catalogue itself, which the sealer reads all the time. */
static bool
takes_catalogue(DropStmt *stmt)
{
	ListCell   *lc;

	if (stmt->removeType != OBJECT_EXTENSION && stmt->removeType != OBJECT_SCHEMA &&
		stmt->removeType != OBJECT_ACCESS_METHOD)
		return false;
	foreach(lc, stmt->objects)
	{
		if (strncmp(strVal(lfirst(lc)), "ledger", strlen("ledger")) == 0)
			return true;
	}
	return false;
}

static void
drop(LedgerUtility *call, DropStmt *stmt)
{
	ListCell   *lc;

	/* the drop locks one relation after the other and would deadlock with it */
	if (takes_catalogue(stmt) && ledger_is_preloaded())
		(void) ledger_sealer_ask_to_leave(MyDatabaseId);

	foreach(lc, stmt->objects)
	{
		List	   *name = lfirst(lc);
		Oid			relid;

		switch (stmt->removeType)
		{
			case OBJECT_INDEX:
			case OBJECT_TABLE:
			case OBJECT_SEQUENCE:
			case OBJECT_VIEW:
				break;
			case OBJECT_POLICY:
			case OBJECT_RULE:
			case OBJECT_TRIGGER:
				name = list_truncate(list_copy(name), list_length(name) - 1);
				break;
			default:
				return;
		}
		relid = find_relation(makeRangeVarFromNameList(name));
		if (!OidIsValid(relid))
			continue;
		ledger_refuse_catalogue(relid);
		if (stmt->removeType != OBJECT_TABLE)
			audit_relation(call, makeRangeVarFromNameList(name));
	}
}

static void
extension_contents(AlterExtensionContentsStmt *stmt)
{
	if (strcmp(stmt->extname, "ledger") == 0 && !creating_extension)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to change the members of extension ledger"),
				 errdetail("Only the extension itself writes or changes its catalogue.")));
}

/* ---- indexes --------------------------------------------------------------------------------- */

static void
index_statement(LedgerUtility *call, IndexStmt *stmt)
{
	Oid			relid = find_relation(stmt->relation);
	bool		unique = stmt->unique;

	if (OidIsValid(relid))
	{
		ledger_refuse_catalogue(relid);
		if (unique && !stmt->concurrent)
			ledger_audit_tree(call, relid);
	}
	ledger_utility_next(call);

	/* CONCURRENTLY commits in between and forgets what the hook reported */
	if (OidIsValid(relid) && unique)
		ledger_dirty_mark_tree(relid);
}

void
ledger_guard_statement(LedgerUtility *call)
{
	Node	   *stmt = call->pstmt->utilityStmt;
	ListCell   *lc;

	switch (nodeTag(stmt))
	{
		case T_TruncateStmt:
			truncate_tables((TruncateStmt *) stmt);
			break;
		case T_RuleStmt:
			rule(call, (RuleStmt *) stmt);
			break;
		case T_AlterEnumStmt:
			alter_enum(call, (AlterEnumStmt *) stmt);
			break;
		case T_DropStmt:
			drop(call, (DropStmt *) stmt);
			break;
		case T_AlterExtensionContentsStmt:
			extension_contents((AlterExtensionContentsStmt *) stmt);
			break;
		case T_ClusterStmt:
			refuse_moving(((ClusterStmt *) stmt)->relation, InvalidOid);
			break;
		case T_CreateForeignTableStmt:
			foreach(lc, ((CreateForeignTableStmt *) stmt)->base.inhRelations)
			{
				Oid			parent = find_relation(lfirst_node(RangeVar, lc));

				if (OidIsValid(parent) && ledger_is_guarded(parent))
					ledger_refuse_inherit(((CreateForeignTableStmt *) stmt)->base.relation->relname);
			}
			break;
		case T_AlterObjectSchemaStmt:
			set_schema(call, (AlterObjectSchemaStmt *) stmt);
			return;
		case T_CreateTrigStmt:
			audit_relation(call, ((CreateTrigStmt *) stmt)->relation);
			break;
		case T_CreatePolicyStmt:
			audit_relation(call, ((CreatePolicyStmt *) stmt)->table);
			break;
		case T_AlterPolicyStmt:
			audit_relation(call, ((AlterPolicyStmt *) stmt)->table);
			break;
		case T_RenameStmt:
			rename_object(call, (RenameStmt *) stmt);
			return;
		case T_VacuumStmt:
			vacuum_statement(call, (VacuumStmt *) stmt);
			return;
		case T_IndexStmt:
			index_statement(call, (IndexStmt *) stmt);
			return;
		default:
			break;
	}
	ledger_utility_next(call);
}
