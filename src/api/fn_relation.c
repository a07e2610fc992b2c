/*
 * api/fn_relation.c
 *		ledger.prove_less(), ledger.verify_less() and so on: statements that are asked
 *		for most, with the scale taken from the first commitment.
 *
 * They make and check the same proofs as ledger.prove() with the statement below,
 * where "~" stands for 1 with as many decimals as the commitments have: a product
 * has twice as many, so the other side is multiplied by that.
 */
#include "compat.h"

#include "api/proof_args.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

/* ---- from a relation to its statement --------------------------------------------------- */

static void
begin_statement(StringInfo out, Datum commitment)
{
	unsigned	scale = ((const uint8 *) DatumGetPointer(commitment))[1];

	initStringInfo(out);
	if (scale > 0)
		appendStringInfo(out, "numeric(%d,%u): ", 37, scale);
}

static void
append_relation(StringInfo out, const char *relation, Datum commitment)
{
	unsigned	scale = ((const uint8 *) DatumGetPointer(commitment))[1];

	for (const char *p = relation; *p != '\0'; p++)
	{
		if (*p != '~')
			appendStringInfoChar(out, *p);
		else if (scale == 0)
			appendStringInfoChar(out, '1');
		else
			appendStringInfo(out, "1.%0*d", (int) scale, 0);
	}
}

/* ---- n commitments, their openings or a proof, a context --------------------------------- */

static Datum
prove_relation(FunctionCallInfo fcinfo, int n, const char *relation)
{
	Datum		commitments[4];
	Datum		openings[4];
	StringInfoData text;

	for (int i = 0; i < n; i++)
	{
		commitments[i] = PG_GETARG_DATUM(i);
		openings[i] = PG_GETARG_DATUM(n + i);
	}
	begin_statement(&text, commitments[0]);
	append_relation(&text, relation, commitments[0]);
	PG_RETURN_BYTEA_P(
		ledger_prove_arg(text.data, text.len, n, commitments, openings, PG_GETARG_BYTEA_PP(2 * n)));
}

static Datum
verify_relation(FunctionCallInfo fcinfo, int n, const char *relation)
{
	Datum		commitments[4];
	StringInfoData text;

	for (int i = 0; i < n + 2; i++)
		if (PG_ARGISNULL(i))
			PG_RETURN_BOOL(false);
	for (int i = 0; i < n; i++)
		commitments[i] = PG_GETARG_DATUM(i);
	begin_statement(&text, commitments[0]);
	append_relation(&text, relation, commitments[0]);
	PG_RETURN_BOOL(ledger_verify_arg(text.data, text.len, n, commitments, PG_GETARG_BYTEA_PP(n),
									 PG_GETARG_BYTEA_PP(n + 1)));
}

#define RELATION(name, n, relation) \
PG_FUNCTION_INFO_V1(ledger_prove_##name); \
PG_FUNCTION_INFO_V1(ledger_verify_##name); \
\
Datum \
ledger_prove_##name(PG_FUNCTION_ARGS) \
{ \
	return prove_relation(fcinfo, n, relation); \
} \
\
Datum \
ledger_verify_##name(PG_FUNCTION_ARGS) \
{ \
	return verify_relation(fcinfo, n, relation); \
} \
extern int	no_such_variable

RELATION(less, 2, "a < b");
RELATION(less_equal, 2, "a <= b");
RELATION(equal, 2, "a = b");
RELATION(not_equal, 2, "a <> b");
RELATION(greater_equal, 2, "a >= b");
RELATION(greater, 2, "a > b");
RELATION(sum, 3, "a + b = c");
RELATION(difference, 3, "a - b = c");
RELATION(product, 3, "a * b = c * ~");
RELATION(quotient, 4, "a * ~ / b = c rem d * ~");

/* ---- one commitment between two numbers --------------------------------------------------- */

PG_FUNCTION_INFO_V1(ledger_prove_range);
PG_FUNCTION_INFO_V1(ledger_verify_range);

/* The one spelling of a number: 1.50 and 1.5 are the same bound. */
static char *
bound_text(Datum bound)
{
	return DatumGetCString(DirectFunctionCall1(numeric_out, DirectFunctionCall1(numeric_trim_scale, bound)));
}

/* a in [lo, hi] */
static void
range_statement(StringInfo out, Datum commitment, Datum lo, Datum hi)
{
	begin_statement(out, commitment);
	appendStringInfo(out, "a in [%s, %s]", bound_text(lo), bound_text(hi));
}

/* ledger.prove_range(commitment, lo, hi, opening, context) */
Datum
ledger_prove_range(PG_FUNCTION_ARGS)
{
	Datum		commitment = PG_GETARG_DATUM(0);
	Datum		opening = PG_GETARG_DATUM(3);
	StringInfoData text;

	range_statement(&text, commitment, PG_GETARG_DATUM(1), PG_GETARG_DATUM(2));
	PG_RETURN_BYTEA_P(
		ledger_prove_arg(text.data, text.len, 1, &commitment, &opening, PG_GETARG_BYTEA_PP(4)));
}

/* ledger.verify_range(commitment, lo, hi, proof, context) */
Datum
ledger_verify_range(PG_FUNCTION_ARGS)
{
	Datum		commitment;
	StringInfoData text;

	for (int i = 0; i < 5; i++)
		if (PG_ARGISNULL(i))
			PG_RETURN_BOOL(false);
	commitment = PG_GETARG_DATUM(0);
	range_statement(&text, commitment, PG_GETARG_DATUM(1), PG_GETARG_DATUM(2));
	PG_RETURN_BOOL(
		ledger_verify_arg(text.data, text.len, 1, &commitment, PG_GETARG_BYTEA_PP(3), PG_GETARG_BYTEA_PP(4)));
}
