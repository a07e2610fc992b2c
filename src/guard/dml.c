/*
 * guard/dml.c
 *		Statements that would change rows: refused before the first row is read.
 *
 * The access method refuses each UPDATE and DELETE of a row anyway. Refusing the
 * plan says so also when no row matches, and covers what the access method never
 * sees: rows of PostgreSQL's catalogs, through which a superuser could turn a
 * ledger table into a heap, and rows of the catalogue of ledger.
 */
#include "guard/guard.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/catalog.h"
#include "catalog/pg_class.h"
#include "catalog/pg_description.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_largeobject.h"
#include "catalog/pg_largeobject_metadata.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_seclabel.h"
#include "catalog/pg_shseclabel.h"
#include "catalog/pg_statistic.h"
#include "catalog/pg_statistic_ext_data.h"
#include "chain/catalogue.h"
#include "commands/extension.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* ---- PostgreSQL's catalogs ---------------------------------------------------- */

void
ledger_refuse_system_catalogue(Oid relid)
{
	if (!IsCatalogRelationOid(relid) || get_rel_relkind(relid) != RELKIND_RELATION)
		return;

	/* Of the shared ones only the labels of databases matter. */
	if (IsSharedRelation(relid) && relid != SharedSecLabelRelationId)
		return;
	switch (relid)
	{
			/* nothing here defines a table */
		case DescriptionRelationId:
		case LargeObjectRelationId:
		case LargeObjectMetadataRelationId:
		case SecLabelRelationId:
		case StatisticRelationId:
		case StatisticExtDataRelationId:
			return;
			/* upgrade scripts of extensions correct the rows of their functions */
		case ProcedureRelationId:
			if (creating_extension)
				return;
			break;
		default:
			break;
	}
	if (ledger_registered_tables() == NIL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied for system catalog \"%s\"", get_rel_name(relid)),
			 errdetail("It defines the ledger tables of this database."),
			 errhint("Use the SQL command that makes the change.")));
}

/* ---- ledger tables ------------------------------------------------------------- */

static bool
is_append_only(Oid relid)
{
	const LedgerTable *table;

	if (!ledger_is_guarded(relid))
		return false;
	table = ledger_table_lookup(relid);
	return table == NULL || table->kind == LEDGER_APPEND_ONLY;
}

/* The append-only table that a change of relid would reach; 0 when there is none. */
static Oid
append_only_target(Oid relid)
{
	ListCell   *lc;

	if (get_rel_relkind(relid) != RELKIND_PARTITIONED_TABLE)
		return is_append_only(relid) ? relid : InvalidOid;

	if (!ledger_tree_has_ledger(relid))
		return InvalidOid;

	/* Planned away to the parent, or routed by INSERT: any partition may be meant. */
	foreach(lc, find_all_inheritors(relid, NoLock, NULL))
	{
		if (is_append_only(lfirst_oid(lc)))
			return lfirst_oid(lc);
	}
	return InvalidOid;
}

static void
refuse_change(Oid relid, CmdType command)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot %s ledger table \"%s\"",
					command == CMD_DELETE ? "delete from" : "update", get_rel_name(relid)),
			 errdetail("Rows of a ledger table are never changed or removed."),
			 errhint("Insert a correcting row, or create the table USING ledger_versioned.")));
}

/* What a ModifyTable node does beside inserting: CMD_UPDATE, CMD_DELETE or CMD_NOTHING. */
static CmdType
change_of(ModifyTable *node)
{
	ListCell   *lc;
	ListCell   *lc2;

	switch (node->operation)
	{
		case CMD_UPDATE:
		case CMD_DELETE:
			return node->operation;
		case CMD_INSERT:
			return node->onConflictAction == ONCONFLICT_UPDATE ? CMD_UPDATE : CMD_NOTHING;
		case CMD_MERGE:
			foreach(lc, node->mergeActionLists)
			{
				foreach(lc2, (List *) lfirst(lc))
				{
					CmdType		command = lfirst_node(MergeAction, lc2)->commandType;

					if (command == CMD_UPDATE || command == CMD_DELETE)
						return command;
				}
			}
			return CMD_NOTHING;
		default:
			return CMD_NOTHING;
	}
}

static void
check_modify(PlannedStmt *plan, ModifyTable *node)
{
	CmdType		change = change_of(node);
	ListCell   *lc;

	foreach(lc, node->resultRelations)
	{
		Oid			relid = rt_fetch(lfirst_int(lc), plan->rtable)->relid;
		Oid			target;

		ledger_refuse_system_catalogue(relid);
		ledger_refuse_catalogue(relid);
		if (change == CMD_NOTHING)
			continue;
		target = append_only_target(relid);
		if (OidIsValid(target))
			refuse_change(target, change);
	}
}

/* ModifyTable stands on top of the plan, or of the plan of a WITH query. */
void
ledger_guard_plan(PlannedStmt *plan)
{
	ListCell   *lc;

	if (plan->resultRelations == NIL)
		return;
	if (IsA(plan->planTree, ModifyTable))
		check_modify(plan, (ModifyTable *) plan->planTree);
	foreach(lc, plan->subplans)
	{
		if (lfirst(lc) != NULL && IsA(lfirst(lc), ModifyTable))
			check_modify(plan, lfirst(lc));
	}
}

/* ---- INSERT ---------------------------------------------------------------------- */

static bool
is_default(Node *expr)
{
	return IsA(expr, SetToDefault) || (IsA(expr, Const) && ((Const *) expr)->constisnull);
}

/* True when the target entry leaves the column alone after all. */
static bool
entry_is_default(Query *query, TargetEntry *entry)
{
	Node	   *expr = strip_implicit_coercions((Node *) entry->expr);
	RangeTblEntry *rte;
	Var		   *var;
	ListCell   *lc;

	if (!IsA(expr, Var))
		return is_default(expr);

	/* several rows of VALUES: every one must */
	var = (Var *) expr;
	rte = rt_fetch(var->varno, query->rtable);
	if (rte->rtekind != RTE_VALUES)
		return false;
	foreach(lc, rte->values_lists)
	{
		if (!is_default(strip_implicit_coercions(list_nth(lfirst(lc), var->varattno - 1))))
			return false;
	}
	return true;
}

void
ledger_guard_insert(Query *query)
{
	RangeTblEntry *rte;
	AttrNumber	tx;
	AttrNumber	seq;
	ListCell   *lc;

	if (query->commandType != CMD_INSERT || query->resultRelation == 0)
		return;
	rte = rt_fetch(query->resultRelation, query->rtable);
	if (rte->relkind == RELKIND_RELATION
			? !ledger_is_guarded(rte->relid)
			: rte->relkind != RELKIND_PARTITIONED_TABLE || !OidIsValid(append_only_target(rte->relid)))
		return;
	tx = get_attnum(rte->relid, LEDGER_TX_NAME);
	seq = get_attnum(rte->relid, LEDGER_SEQ_NAME);

	foreach(lc, query->targetList)
	{
		TargetEntry *entry = lfirst_node(TargetEntry, lc);
		Relation	rel;

		if ((entry->resno != tx && entry->resno != seq) || entry_is_default(query, entry))
			continue;
		rel = table_open(rte->relid, NoLock);
		ereport(ERROR,
				(errcode(ERRCODE_GENERATED_ALWAYS),
				 errmsg("cannot insert a value into column \"%s\" of ledger table \"%s\"",
						entry->resno == tx ? LEDGER_TX_NAME : LEDGER_SEQ_NAME,
						RelationGetRelationName(rel)),
				 errdetail("The access method numbers the rows of each transaction."),
				 errhint("List the columns: INSERT INTO %s (%s) ...",
						 RelationGetRelationName(rel), ledger_user_columns_text(rel))));
	}
}
