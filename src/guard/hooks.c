/*
 * guard/hooks.c
 *		Every hook of the server that the guard uses, saved and chained here.
 *
 * The previous hook is always called, so that the order of
 * shared_preload_libraries does not matter to pg_stat_statements or pgaudit.
 */
#include "guard/guard.h"

#include "access/xact.h"
#include "chain/restore.h"
#include "chain/retention.h"
#include "commands/extension.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/analyze.h"
#include "tcop/utility.h"

static ProcessUtility_hook_type previous_utility = NULL;
static ExecutorStart_hook_type previous_start = NULL;
static post_parse_analyze_hook_type previous_analyze = NULL;
static object_access_hook_type previous_object = NULL;

void
ledger_utility_next(LedgerUtility *call)
{
	ProcessUtility_hook_type next = previous_utility ? previous_utility : standard_ProcessUtility;

	next(call->pstmt, call->query, call->readonly, call->context, call->params, call->env, call->dest,
		 call->qc);
}

Node *
ledger_utility_own(LedgerUtility *call)
{
	if (call->readonly)
	{
		call->pstmt = copyObject(call->pstmt);
		call->readonly = false;
	}
	return call->pstmt->utilityStmt;
}

void
ledger_utility_sub(LedgerUtility *call, Node *stmt)
{
	PlannedStmt *wrapper = makeNode(PlannedStmt);

	wrapper->commandType = CMD_UTILITY;
	wrapper->canSetTag = false;
	wrapper->utilityStmt = stmt;
	wrapper->stmt_location = call->pstmt->stmt_location;
	wrapper->stmt_len = call->pstmt->stmt_len;
	ProcessUtility(wrapper, call->query, false, PROCESS_UTILITY_SUBCOMMAND, call->params, call->env,
				   None_Receiver, NULL);
}

static void
dispatch(LedgerUtility *call)
{
	switch (nodeTag(call->pstmt->utilityStmt))
	{
		case T_CreateStmt:
			ledger_guard_create_table(call);
			break;
		case T_CreateTableAsStmt:
			ledger_guard_create_as(call);
			break;
		case T_ExplainStmt:
			ledger_guard_explain(call);
			break;
		case T_CopyStmt:
			ledger_guard_copy(call);
			break;
		case T_AlterTableStmt:
			ledger_guard_alter_table(call);
			break;
		default:
			ledger_guard_statement(call);
			break;
	}
}

/*
 * pg_upgrade recreates what exists, and our own scripts make the catalogue that
 * everything here looks at.
 */
static bool
stands_aside(void)
{
	return IsBinaryUpgrade ||
		(creating_extension && CurrentExtensionObject == get_extension_oid("ledger", true));
}

static void
utility_hook(PlannedStmt *pstmt, const char *query, bool readonly, ProcessUtilityContext context,
			 ParamListInfo params, QueryEnvironment *env, DestReceiver *dest, QueryCompletion *qc)
{
	LedgerUtility call = {pstmt, query, readonly, context, params, env, dest, qc};

	if (stands_aside())
	{
		ledger_utility_next(&call);
		return;
	}

	/* An aborted transaction has no catalogue to look at, and only ends. */
	if (IsA(pstmt->utilityStmt, TransactionStmt) || !IsTransactionState())
	{
		if (!ledger_guard_transaction(&call))
			ledger_utility_next(&call);
		return;
	}
	if (ledger_guard_database(&call))
		return;
	if (!ledger_extension_exists())
	{
		ledger_utility_next(&call);
		return;
	}

	if (context != PROCESS_UTILITY_SUBCOMMAND)
		ledger_guard_statement_begins();
	dispatch(&call);

	/* Part of a larger statement: its end is soon enough. */
	if (context != PROCESS_UTILITY_SUBCOMMAND)
		ledger_dirty_flush();
}

static void
executor_start_hook(QueryDesc *desc, int eflags)
{
	if (!stands_aside() && desc->plannedstmt->resultRelations != NIL && ledger_extension_exists())
		ledger_guard_plan(desc->plannedstmt);
	if (previous_start)
		previous_start(desc, eflags);
	else
		standard_ExecutorStart(desc, eflags);
}

static void
analyze_hook(ParseState *pstate, Query *query, JumbleState *jumble)
{
	if (query->commandType == CMD_INSERT && !ledger_is_loading() && ledger_extension_exists())
		ledger_guard_insert(query);
	if (previous_analyze)
		previous_analyze(pstate, query, jumble);
}

static void
object_hook(ObjectAccessType access, Oid classid, Oid objid, int subid, void *arg)
{
	/* looked up and called all the time: nothing to guard there */
	if (access != OAT_NAMESPACE_SEARCH && access != OAT_FUNCTION_EXECUTE && !stands_aside() &&
		IsTransactionState() && ledger_extension_exists())
		ledger_guard_object(access, classid, objid, subid, arg);
	if (previous_object)
		previous_object(access, classid, objid, subid, arg);
}

void
ledger_guard_init(void)
{
	previous_utility = ProcessUtility_hook;
	ProcessUtility_hook = utility_hook;
	previous_start = ExecutorStart_hook;
	ExecutorStart_hook = executor_start_hook;
	previous_analyze = post_parse_analyze_hook;
	post_parse_analyze_hook = analyze_hook;
	previous_object = object_access_hook;
	object_access_hook = object_hook;
	ledger_dirty_init();
	ledger_retention_init();
}
