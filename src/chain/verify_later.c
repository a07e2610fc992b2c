/*
 * chain/verify_later.c
 *		What a row must show in columns that are newer than it.
 *
 * A default is evaluated again from the text in the schema history. That gives
 * the value of ADD COLUMN only where the expression is immutable; for any other
 * the best that can be said is that all rows show what pg_attribute says.
 */
#include "chain/verify_later.h"

#include "access/htup_details.h"
#include "access/tupdesc_details.h"
#include "catalog/pg_class.h"
#include "chain/catalogue.h"
#include "chain/row_encode.h"
#include "core/schema.h"
#include "executor/executor.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_node.h"
#include "parser/parser.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

typedef struct LaterColumn
{
	AttrNumber	attnum;
	LedgerType *type;
	bool		known;			/* `cell` is what ADD COLUMN gave */
	StringInfoData cell;
} LaterColumn;

struct VerifyLater
{
	int			n;
	LaterColumn *columns;
	StringInfoData scratch;
};

/* ---- evaluating a default ------------------------------------------------ */

/* The value of an immutable expression of the history, as a cell. False: not immutable. */
static bool
evaluate(const char *expression, const char *type_name, LedgerType *type, StringInfo cell)
{
	char	   *sql = psprintf("SELECT CAST((%s) AS %s)", expression, type_name);
	RawStmt	   *raw = linitial_node(RawStmt, raw_parser(sql, RAW_PARSE_DEFAULT));
	SelectStmt *select = castNode(SelectStmt, raw->stmt);
	ParseState *pstate = make_parsestate(NULL);
	EState	   *estate;
	Expr	   *expr;
	Datum		value;
	bool		isnull;

	pstate->p_sourcetext = sql;
	expr = (Expr *) transformExpr(pstate, linitial_node(ResTarget, select->targetList)->val,
								  EXPR_KIND_SELECT_TARGET);
	assign_expr_collations(pstate, (Node *) expr);
	if (contain_mutable_functions((Node *) expr) || pstate->p_hasSubLinks)
		return false;

	estate = CreateExecutorState();
	value = ExecEvalExprSwitchContext(ExecPrepareExpr(expr, estate), GetPerTupleExprContext(estate), &isnull);
	ledger_encode_cell(cell, type, value, isnull);
	FreeExecutorState(estate);
	free_parsestate(pstate);
	return true;
}

static char *
slice_text(ledger_slice slice)
{
	return pg_any_to_server(pnstrdup((const char *) slice.data, slice.len), slice.len, PG_UTF8);
}

/*
 * Evaluate as the table's owner, with nothing else allowed: the expression is
 * the owner's and this process may be a superuser's.
 */
static bool
evaluate_as_owner(Oid relid, ledger_slice expression, ledger_slice type_name, LedgerType *type,
				  StringInfo cell)
{
	Oid			user;
	int			context;
	int			level = NewGUCNestLevel();
	bool		known;

	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("DateStyle", "ISO, YMD", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
							 false);
	(void) set_config_option("IntervalStyle", "postgres", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true,
							 0, false);
	(void) set_config_option("TimeZone", "UTC", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(ledger_relation_owner(relid), context | SECURITY_RESTRICTED_OPERATION);
	known = evaluate(slice_text(expression), slice_text(type_name), type, cell);
	SetUserIdAndSecContext(user, context);
	AtEOXact_GUC(false, level);
	return known;
}

/* ---- the history ---------------------------------------------------------- */

/* Find the column and its default in a body. False when the body has no such column. */
static bool
find_column(const ledger_schema *schema, uint16 col_id, ledger_schema_column *column,
			ledger_schema_object *default_of)
{
	ledger_schema_iter it;
	bool		found = false;

	ledger_schema_columns(&it, schema);
	while (!found && ledger_schema_next_column(&it, column))
		found = column->col_id == col_id;
	if (!found)
		return false;
	ledger_schema_objects(&it, schema);
	while (ledger_schema_next_object(&it, default_of))
	{
		if (default_of->kind == 'd' && default_of->name.len == column->name.len &&
			memcmp(default_of->name.data, column->name.data, column->name.len) == 0)
			return true;
	}
	default_of->kind = 0;
	return true;
}

static void
learn(LaterColumn *later, Oid relid, const uint8 table_id[16], uint32 version)
{
	initStringInfo(&later->cell);
	for (;;)
	{
		const char *problem;
		LedgerSchema *schema = ledger_schema_load(table_id, ++version, &problem);
		ledger_schema parsed;
		ledger_schema_column column;
		ledger_schema_object default_of;

		if (schema == NULL)
			return;				/* the history is damaged or lacks it: told elsewhere */
		if (ledger_schema_parse(VARDATA_ANY(schema->body), VARSIZE_ANY_EXHDR(schema->body), &parsed) !=
			LEDGER_OK)
			return;
		if (!find_column(&parsed, later->attnum, &column, &default_of))
			continue;
		if (default_of.kind == 0)
		{
			ledger_encode_cell(&later->cell, later->type, (Datum) 0, true);
			later->known = true;
		}
		else
			later->known =
				evaluate_as_owner(relid, default_of.definition, column.type, later->type, &later->cell);
		return;
	}
}

VerifyLater *
ledger_verify_later_columns(Oid relid, const uint8 table_id[16], const LedgerSchema *schema)
{
	const LedgerTable *table = ledger_table_lookup(relid);
	VerifyLater *result = palloc0(sizeof(VerifyLater));

	if (table == NULL)
		return NULL;
	result->columns = palloc0(sizeof(LaterColumn) * Max(table->ncolumns, 1));
	for (int i = 0; i < table->ncolumns; i++)
	{
		LaterColumn *later = &result->columns[result->n];
		bool		had = false;

		for (int k = 0; k < schema->ncolumns && !had; k++)
			had = schema->columns[k].attnum == table->columns[i].attnum;
		if (had)
			continue;
		later->attnum = table->columns[i].attnum;
		later->type = table->columns[i].type;
		learn(later, relid, table_id, schema->schema_version);
		result->n++;
	}
	if (result->n == 0)
		return NULL;
	initStringInfo(&result->scratch);
	return result;
}

/* ---- comparing ----------------------------------------------------------- */

static bool
same_cell(VerifyLater *later, LaterColumn *column, Datum value, bool isnull)
{
	resetStringInfo(&later->scratch);
	ledger_encode_cell(&later->scratch, column->type, value, isnull);
	return later->scratch.len == column->cell.len &&
		memcmp(later->scratch.data, column->cell.data, column->cell.len) == 0;
}

const char *
ledger_verify_later_problem(VerifyLater *later, TupleDesc desc, int shift, LedgerDatumCheck *const *checks,
							int natts, Datum *values, const bool *nulls)
{
	for (int i = 0; i < later->n; i++)
	{
		LaterColumn *column = &later->columns[i];
		int			at = column->attnum + shift - 1;
		Form_pg_attribute att;
		const char *problem;

		if (!column->known || at >= desc->natts)
			continue;
		att = TupleDescAttr(desc, at);
		/* A history adds its columns without the default; a table shows attmissingval, compared once for all. */
		if (natts <= at && (shift > 0 || att->atthasmissing))
			continue;
		if (!nulls[at])
		{
			problem = ledger_check_datum(checks[at], att->attlen, &values[at]);
			if (problem != NULL)
				return psprintf("row is damaged: column \"%s\": %s", NameStr(att->attname), problem);
		}
		if (!same_cell(later, column, values[at], nulls[at]))
			return psprintf("row shows another value in column \"%s\" than the column was added with",
							NameStr(att->attname));
	}
	return NULL;
}

List *
ledger_verify_later_missing(VerifyLater *later, TupleDesc desc)
{
	List	   *found = NIL;

	for (int i = 0; i < later->n; i++)
	{
		LaterColumn *column = &later->columns[i];
		Form_pg_attribute att = TupleDescAttr(desc, column->attnum - 1);
		AttrMissing *missing;

		if (!column->known || !att->atthasmissing || desc->constr == NULL || desc->constr->missing == NULL)
			continue;
		missing = &desc->constr->missing[column->attnum - 1];
		if (!same_cell(later, column, missing->am_value, !missing->am_present))
			found = lappend(
				found,
				psprintf("attmissingval of column \"%s\" is not the value that the column was added with",
						 NameStr(att->attname)));
	}
	return found;
}
