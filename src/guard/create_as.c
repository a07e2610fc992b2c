/*
 * guard/create_as.c
 *		CREATE TABLE AS and SELECT INTO, as CREATE TABLE and an insert of the query;
 *		materialized views, which a ledger table cannot be.
 *
 * PostgreSQL makes the table from the query's columns alone and fills it in the
 * same breath, so there would be no ledger columns.
 */
#include "guard/guard.h"

#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "commands/createas.h"
#include "commands/extension.h"
#include "commands/prepare.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "parser/parse_node.h"
#include "rewrite/rewriteHandler.h"
#include "tcop/tcopprot.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* ---- where the rows go ------------------------------------------------------ */

typedef struct TableReceiver
{
	DestReceiver pub;
	Oid			relid;
	Relation	rel;
	EState	   *estate;			/* for the index of a versioned table */
	ResultRelInfo *result;
	TupleTableSlot *slot;
	BulkInsertState bistate;
	CommandId	cid;
} TableReceiver;

static void
receiver_startup(DestReceiver *self, int operation, TupleDesc desc)
{
	TableReceiver *receiver = (TableReceiver *) self;

	receiver->rel = table_open(receiver->relid, RowExclusiveLock);
	receiver->estate = CreateExecutorState();
	receiver->result = makeNode(ResultRelInfo);
	InitResultRelInfo(receiver->result, receiver->rel, 1, NULL, 0);
	ExecOpenIndices(receiver->result, false);
	receiver->slot = table_slot_create(receiver->rel, NULL);
	receiver->bistate = GetBulkInsertState();
	receiver->cid = GetCurrentCommandId(true);
}

/* The query's columns come first in the table; the ledger columns stay NULL. */
static bool
receiver_row(TupleTableSlot *row, DestReceiver *self)
{
	TableReceiver *receiver = (TableReceiver *) self;
	TupleTableSlot *slot = receiver->slot;
	int			n = row->tts_tupleDescriptor->natts;

	slot_getallattrs(row);
	ExecClearTuple(slot);
	memset(slot->tts_isnull, true, slot->tts_tupleDescriptor->natts * sizeof(bool));
	memcpy(slot->tts_values, row->tts_values, n * sizeof(Datum));
	memcpy(slot->tts_isnull, row->tts_isnull, n * sizeof(bool));
	ExecStoreVirtualTuple(slot);
	table_tuple_insert(receiver->rel, slot, receiver->cid, 0, receiver->bistate);
	if (receiver->result->ri_NumIndices > 0)
	{
		(void) ExecInsertIndexTuples(receiver->result, slot, receiver->estate, false, false, NULL, NIL);
		ResetPerTupleExprContext(receiver->estate);
	}
	return true;
}

static void
receiver_shutdown(DestReceiver *self)
{
	TableReceiver *receiver = (TableReceiver *) self;

	FreeBulkInsertState(receiver->bistate);
	ExecCloseIndices(receiver->result);
	FreeExecutorState(receiver->estate);
	ExecDropSingleTupleTableSlot(receiver->slot);
	table_close(receiver->rel, NoLock);
}

static void
receiver_destroy(DestReceiver *self)
{
	pfree(self);
}

static DestReceiver *
make_receiver(Oid relid)
{
	TableReceiver *receiver = palloc0(sizeof(TableReceiver));

	receiver->pub.receiveSlot = receiver_row;
	receiver->pub.rStartup = receiver_startup;
	receiver->pub.rShutdown = receiver_shutdown;
	receiver->pub.rDestroy = receiver_destroy;
	receiver->pub.mydest = DestIntoRel;
	receiver->relid = relid;
	return &receiver->pub;
}

/* ---- the table --------------------------------------------------------------- */

static TupleDesc
result_desc(Query *query)
{
	if (query->commandType == CMD_UTILITY)
	{
		ExecuteStmt *execute = castNode(ExecuteStmt, query->utilityStmt);
		PreparedStatement *prepared = FetchPreparedStatement(execute->name, true);

		if (prepared->plansource->resultDesc == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_WRONG_OBJECT_TYPE),
					 errmsg("prepared statement is not a SELECT")));
		return prepared->plansource->resultDesc;
	}
	return ExecCleanTypeFromTL(query->targetList);
}

static CreateStmt *
make_create(CreateTableAsStmt *stmt, TupleDesc desc)
{
	CreateStmt *create = makeNode(CreateStmt);
	ListCell   *name = list_head(stmt->into->colNames);

	create->relation = stmt->into->rel;
	create->options = stmt->into->options;
	create->oncommit = stmt->into->onCommit;
	create->tablespacename = stmt->into->tableSpaceName;
	create->accessMethod = stmt->into->accessMethod;
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		char	   *colname = NameStr(att->attname);

		if (name != NULL)
		{
			colname = strVal(lfirst(name));
			name = lnext(stmt->into->colNames, name);
		}
		if (!OidIsValid(att->attcollation) && type_is_collatable(att->atttypid))
			ereport(ERROR,
					(errcode(ERRCODE_INDETERMINATE_COLLATION),
					 errmsg("no collation was derived for column \"%s\"", colname),
					 errhint("Use the COLLATE clause to set the collation explicitly.")));
		create->tableElts = lappend(create->tableElts,
									makeColumnDef(colname, att->atttypid, att->atttypmod, att->attcollation));
	}
	if (name != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("too many column names were specified")));
	return create;
}

/* ---- the query ---------------------------------------------------------------- */

static void
run_query(LedgerUtility *call, Query *query, DestReceiver *dest)
{
	List	   *rewritten = QueryRewrite(copyObject(query));
	PlannedStmt *plan;
	QueryDesc  *desc;

	if (list_length(rewritten) != 1)
		elog(ERROR, "unexpected rewrite result for CREATE TABLE AS");

	/* Not parallel: the rows are numbered and hashed in this process. */
	plan = pg_plan_query(linitial_node(Query, rewritten), call->query, 0, call->params);
	PushCopiedSnapshot(GetActiveSnapshot());
	UpdateActiveSnapshotCommandId();
	desc = CreateQueryDesc(plan, call->query, GetActiveSnapshot(), InvalidSnapshot, dest, call->params,
						   call->env, 0);
	ExecutorStart(desc, 0);
	ExecutorRun(desc, ForwardScanDirection, 0L, true);
	if (call->qc)
		SetQueryCompletion(call->qc, CMDTAG_SELECT, desc->estate->es_processed);
	ExecutorFinish(desc);
	ExecutorEnd(desc);
	FreeQueryDesc(desc);
	PopActiveSnapshot();
}

static void
create_as(LedgerUtility *call, CreateTableAsStmt *stmt)
{
	Query	   *query = castNode(Query, stmt->query);
	Oid			namespace = RangeVarGetCreationNamespace(stmt->into->rel);
	Oid			relid;
	DestReceiver *dest;

	if (CreateTableAsRelExists(stmt))
	{
		relid = get_relname_relid(stmt->into->rel->relname, namespace);
		if (!ledger_is_guarded(relid))
			ereport(WARNING,
					(errcode(ERRCODE_DUPLICATE_TABLE),
					 errmsg("existing relation \"%s\" is not a ledger table",
							stmt->into->rel->relname)));
		return;
	}
	ledger_utility_sub(call, (Node *) make_create(stmt, result_desc(query)));
	CommandCounterIncrement();
	if (stmt->into->skipData)
		return;

	relid = get_relname_relid(stmt->into->rel->relname, namespace);
	dest = make_receiver(relid);
	if (query->commandType == CMD_UTILITY)
	{
		ParseState *pstate = make_parsestate(NULL);

		pstate->p_sourcetext = call->query;
		pstate->p_queryEnv = call->env;
		ExecuteQuery(pstate, castNode(ExecuteStmt, query->utilityStmt), stmt->into, call->params, dest,
					 call->qc);
		free_parsestate(pstate);
	}
	else
		run_query(call, query, dest);
	dest->rDestroy(dest);
}

/* ---- what becomes heap ---------------------------------------------------------- */

static const char *
why_heap(CreateTableAsStmt *stmt)
{
	if (stmt->objtype == OBJECT_MATVIEW)
		return "a materialized view";
	return ledger_why_heap(stmt->into->rel->relpersistence);
}

void
ledger_guard_create_as(LedgerUtility *call)
{
	CreateTableAsStmt *stmt = (CreateTableAsStmt *) call->pstmt->utilityStmt;
	LedgerTableKind kind;
	const char *reason;

	ledger_refuse_schema(stmt->into->rel->schemaname);
	if (!ledger_am_kind(stmt->into->accessMethod, &kind))
	{
		ledger_utility_next(call);
		return;
	}
	reason = why_heap(stmt);
	if (stmt->into->accessMethod == NULL && reason != NULL)
	{
		stmt = (CreateTableAsStmt *) ledger_utility_own(call);
		ledger_notice_heap(stmt->into->rel, reason);
		stmt->into->accessMethod = pstrdup("heap");
		ledger_utility_next(call);
	}
	else if (stmt->objtype == OBJECT_MATVIEW)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("ledger table \"%s\" cannot be a materialized view",
						stmt->into->rel->relname),
				 errdetail("REFRESH replaces every row."),
				 errhint("Create it USING heap.")));
	else
		create_as(call, copyObject(stmt));
}

void
ledger_guard_explain(LedgerUtility *call)
{
	Query	   *query = castNode(Query, ((ExplainStmt *) call->pstmt->utilityStmt)->query);
	LedgerTableKind kind;

	if (query->commandType == CMD_UTILITY && IsA(query->utilityStmt, CreateTableAsStmt))
	{
		CreateTableAsStmt *stmt = (CreateTableAsStmt *) query->utilityStmt;

		if (ledger_am_kind(stmt->into->accessMethod, &kind) &&
			(stmt->into->accessMethod != NULL || why_heap(stmt) == NULL))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("EXPLAIN of CREATE TABLE AS is not supported for ledger table \"%s\"",
							stmt->into->rel->relname),
					 errdetail("It is run as CREATE TABLE and an insert of the query."),
					 errhint("EXPLAIN the query alone.")));
	}
	ledger_utility_next(call);
}
