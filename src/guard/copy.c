/*
 * guard/copy.c
 *		COPY of ledger tables.
 *
 * Files hold the user's columns: COPY TO and COPY FROM without a column list
 * leave out the two that the access method fills, so that what one writes the
 * other reads.
 */
#include "guard/guard.h"

#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "chain/restore.h"
#include "commands/defrem.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

static List *
user_columns(Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);
	List	   *names = NIL;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (ledger_column_is_filled_by_user(att))
			names = lappend(names, makeString(pstrdup(NameStr(att->attname))));
	}
	return names;
}

static bool
is_freeze(CopyStmt *stmt)
{
	ListCell   *lc;

	foreach(lc, stmt->options)
	{
		DefElem	   *option = lfirst_node(DefElem, lc);

		if (strcmp(option->defname, "freeze") == 0 && defGetBoolean(option))
			return true;
	}
	return false;
}

static void
check_copy_from(CopyStmt *stmt, Relation rel)
{
	if (is_freeze(stmt))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("COPY FREEZE is not supported on ledger table \"%s\"",
						RelationGetRelationName(rel)),
				 errdetail("Frozen rows are visible before their transaction is in the chain."),
				 errhint("Use COPY without FREEZE.")));
	if (stmt->attlist == NIL && !ledger_columns_are_last(rel))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("COPY into ledger table \"%s\" needs a column list",
						RelationGetRelationName(rel)),
				 errdetail("Columns were added after the ledger columns."),
				 errhint("COPY %s (%s) FROM ...", RelationGetRelationName(rel),
						 ledger_user_columns_text(rel))));
}

void
ledger_guard_copy(LedgerUtility *call)
{
	CopyStmt   *stmt = (CopyStmt *) call->pstmt->utilityStmt;
	Oid			relid;
	Relation	rel;

	relid = stmt->relation ? RangeVarGetRelid(stmt->relation, NoLock, true) : InvalidOid;
	if (OidIsValid(relid) && stmt->is_from)
	{
		ledger_refuse_system_catalogue(relid);
		ledger_refuse_catalogue(relid);
	}
	if (!OidIsValid(relid) || ledger_is_loading() || !ledger_tree_has_ledger(relid))
	{
		ledger_utility_next(call);
		return;
	}

	rel = table_open(relid, AccessShareLock);
	if (stmt->is_from)
		check_copy_from(stmt, rel);
	if (stmt->attlist == NIL)
	{
		stmt = (CopyStmt *) ledger_utility_own(call);
		stmt->attlist = user_columns(rel);
	}
	table_close(rel, NoLock);
	ledger_utility_next(call);
}
