/*
 * api/fn_batch.c
 *		Verifying many proofs of one statement together: ledger.verify_batch() over
 *		arrays and the aggregate ledger.unproven() over rows.
 *
 * Both name what fails and go on. A row for which verify_proof() would raise an
 * error because of its commitments (another number, scale or suite) is one that
 * fails; only a text that is no statement is an error here too.
 */
#include "compat.h"

#include "api/proof_args.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(ledger_verify_batch);
PG_FUNCTION_INFO_V1(ledger_unproven_add);
PG_FUNCTION_INFO_V1(ledger_unproven_result);

/* Proofs in one equation. More of them gain little, and cannot be interrupted. */
#define BATCH 128

typedef struct
{
	bool		failed;			/* before: known to fail; after: the answer */
	int			ncommitments;
	ledger_commitment *commitments;
	const uint8 *proof;
	size_t		prooflen;
	const void *context;
	size_t		contextlen;
} BatchItem;

static void
verify_items(const char *text, size_t len, BatchItem *items, int n)
{
	const ledger_statement *s = ledger_statement_arg(text, len);
	ledger_proof_check check[BATCH];
	int			which[BATCH];
	int			nchecks = 0;

	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < n; i++)
	{
		if (items[i].failed)
			continue;
		check[nchecks] = (ledger_proof_check){.statement = s,
											  .n = items[i].ncommitments,
											  .commitments = items[i].commitments,
											  .context = items[i].context,
											  .contextlen = items[i].contextlen,
											  .proof = items[i].proof,
											  .prooflen = items[i].prooflen};
		which[nchecks++] = i;
	}
	if (!ledger_proof_verify_batch(nchecks, check))
		ledger_out_of_memory();
	for (int i = 0; i < nchecks; i++)
		items[which[i]].failed = check[i].status != LEDGER_PROOF_OK;
}

/* False where one of them is NULL. */
static bool
read_item_commitments(BatchItem *item, int n, const Datum *values, const bool *nulls)
{
	item->ncommitments = n;
	item->commitments = palloc(Max(n, 1) * sizeof(ledger_commitment));
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			return false;
		ledger_commitment_arg(values[i], &item->commitments[i]);
	}
	return true;
}

static void
read_item_bytes(BatchItem *item, const struct varlena *proof, const struct varlena *context)
{
	item->proof = (const uint8 *) VARDATA_ANY(proof);
	item->prooflen = VARSIZE_ANY_EXHDR(proof);
	item->context = context == NULL ? "" : VARDATA_ANY(context);
	item->contextlen = context == NULL ? 0 : VARSIZE_ANY_EXHDR(context);
}

/* ---- arrays --------------------------------------------------------------------------- */

static void
put_failures(ReturnSetInfo *result, const BatchItem *items, int first, int n)
{
	for (int i = 0; i < n; i++)
	{
		Datum		value = Int32GetDatum(first + i + 1);
		bool		isnull = false;

		if (items[i].failed)
			tuplestore_putvalues(result->setResult, result->setDesc, &value, &isnull);
	}
}

/* ledger.verify_batch(text, ledger.commitment[], ledger.proof[], bytea[]) returns setof integer */
Datum
ledger_verify_batch(PG_FUNCTION_ARGS)
{
	MemoryContext chunk =
		AllocSetContextCreate(CurrentMemoryContext, "proofs of a batch", ALLOCSET_DEFAULT_SIZES);
	text	   *statement;
	Datum	   *commitments;
	Datum	   *proofs;
	Datum	   *contexts = NULL;
	bool	   *commitment_nulls;
	bool	   *proof_nulls;
	bool	   *context_nulls = NULL;
	int			ncommitments;
	int			n;
	int			ncontexts = 0;
	int			each;

	for (int i = 0; i < 3; i++)
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("statement, commitments and proofs must not be null")));
	statement = PG_GETARG_TEXT_PP(0);
	commitments = ledger_array_arg(PG_GETARG_ARRAYTYPE_P(1), &ncommitments, &commitment_nulls);
	proofs = ledger_array_arg(PG_GETARG_ARRAYTYPE_P(2), &n, &proof_nulls);
	if (!PG_ARGISNULL(3))
		contexts = ledger_array_arg(PG_GETARG_ARRAYTYPE_P(3), &ncontexts, &context_nulls);
	each = (int) ledger_statement_arg(VARDATA_ANY(statement), VARSIZE_ANY_EXHDR(statement))->nvars;
	if ((int64) n * each != ncommitments)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("wrong number of commitments: %d instead of %lld", ncommitments, (long long) n * each),
				 errdetail("The statement speaks of %d commitments, and the number of proofs is %d.", each, n),
				 errhint("Give the commitments of the first proof, then those of the second, and so on, in an array of one or two dimensions.")));
	if (contexts != NULL && ncontexts != n)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("wrong number of contexts: %d instead of %d", ncontexts, n)));

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (int first = 0; first < n; first += BATCH)
	{
		BatchItem	items[BATCH] = {{0}};
		int			some = Min(n - first, BATCH);
		MemoryContext old = MemoryContextSwitchTo(chunk);

		for (int i = 0; i < some; i++)
		{
			int			at = first + i;

			if (proof_nulls[at] || (contexts != NULL && context_nulls[at]) ||
				!read_item_commitments(&items[i], each, commitments + (size_t) at * each,
									   commitment_nulls + (size_t) at * each))
				items[i].failed = true;
			else
				read_item_bytes(&items[i], PG_DETOAST_DATUM_PACKED(proofs[at]),
								contexts == NULL ? NULL : PG_DETOAST_DATUM_PACKED(contexts[at]));
		}
		verify_items(VARDATA_ANY(statement), VARSIZE_ANY_EXHDR(statement), items, some);
		MemoryContextSwitchTo(old);
		put_failures((ReturnSetInfo *) fcinfo->resultinfo, items, first, some);
		MemoryContextReset(chunk);
	}
	MemoryContextDelete(chunk);
	PG_RETURN_NULL();
}

/* ---- rows ----------------------------------------------------------------------------- */

/* Rows wait until there are so many, or the statement is another one. */
typedef struct
{
	MemoryContext context;		/* of the aggregate */
	MemoryContext chunk;		/* of the rows that wait */
	Oid			idtype;
	int16		typlen;
	bool		typbyval;
	char	   *statement;		/* of those that wait; in context */
	size_t		statementlen;
	int			nwaiting;
	BatchItem	items[BATCH];
	Datum		ids[BATCH];
	bool		idnulls[BATCH];
	ArrayBuildState *failed;
} UnprovenState;

static UnprovenState *
unproven_new(MemoryContext context, Oid idtype)
{
	UnprovenState *state = MemoryContextAllocZero(context, sizeof(UnprovenState));

	state->context = context;
	state->chunk = AllocSetContextCreate(context, "proofs that wait", ALLOCSET_DEFAULT_SIZES);
	state->idtype = idtype;
	get_typlenbyval(idtype, &state->typlen, &state->typbyval);
	state->failed = initArrayResult(idtype, context, false);
	return state;
}

static void
unproven_flush(UnprovenState *state)
{
	MemoryContext old;

	if (state->nwaiting == 0)
		return;
	old = MemoryContextSwitchTo(state->chunk);
	verify_items(state->statement, state->statementlen, state->items, state->nwaiting);
	for (int i = 0; i < state->nwaiting; i++)
		if (state->items[i].failed)
			(void) accumArrayResult(state->failed, state->ids[i], state->idnulls[i], state->idtype,
									state->context);
	MemoryContextSwitchTo(old);
	MemoryContextReset(state->chunk);
	memset(state->items, 0, sizeof(state->items));
	state->nwaiting = 0;
}

/* Rows of another statement than those that wait. */
static void
unproven_statement(UnprovenState *state, const text *statement)
{
	size_t		len = VARSIZE_ANY_EXHDR(statement);

	if (state->statement != NULL && state->statementlen == len &&
		memcmp(state->statement, VARDATA_ANY(statement), len) == 0)
		return;
	unproven_flush(state);
	if (state->statement != NULL)
		pfree(state->statement);
	state->statement = MemoryContextAlloc(state->context, Max(len, 1));
	memcpy(state->statement, VARDATA_ANY(statement), len);
	state->statementlen = len;
}

/* (internal, id anyelement, text, ledger.commitment[], ledger.proof, bytea) */
Datum
ledger_unproven_add(PG_FUNCTION_ARGS)
{
	MemoryContext context;
	MemoryContext old;
	UnprovenState *state;
	BatchItem  *item;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate function called in non-aggregate context");
	if (PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("statement must not be null")));
	state = PG_ARGISNULL(0) ? unproven_new(context, get_fn_expr_argtype(fcinfo->flinfo, 1))
							: (UnprovenState *) PG_GETARG_POINTER(0);
	unproven_statement(state, PG_GETARG_TEXT_PP(2));

	old = MemoryContextSwitchTo(state->chunk);
	item = &state->items[state->nwaiting];
	state->idnulls[state->nwaiting] = PG_ARGISNULL(1);
	if (!PG_ARGISNULL(1))
		state->ids[state->nwaiting] = datumCopy(PG_GETARG_DATUM(1), state->typbyval, state->typlen);
	state->nwaiting++;
	item->failed = PG_ARGISNULL(3) || PG_ARGISNULL(4) || PG_ARGISNULL(5);
	if (!item->failed)
	{
		Datum	   *values;
		bool	   *nulls;
		int			n;

		values = ledger_array_arg(PG_GETARG_ARRAYTYPE_P(3), &n, &nulls);
		item->failed = !read_item_commitments(item, n, values, nulls);
		read_item_bytes(item, PG_GETARG_BYTEA_P_COPY(4), PG_GETARG_BYTEA_P_COPY(5));
	}
	MemoryContextSwitchTo(old);
	if (state->nwaiting == BATCH)
		unproven_flush(state);
	PG_RETURN_POINTER(state);
}

Datum
ledger_unproven_result(PG_FUNCTION_ARGS)
{
	UnprovenState *state;

	if (!AggCheckCallContext(fcinfo, NULL))
		elog(ERROR, "aggregate function called in non-aggregate context");
	if (PG_ARGISNULL(0))
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(get_fn_expr_argtype(fcinfo->flinfo, 1)));
	state = (UnprovenState *) PG_GETARG_POINTER(0);
	unproven_flush(state);
	PG_RETURN_DATUM(makeArrayResult(state->failed, CurrentMemoryContext));
}
