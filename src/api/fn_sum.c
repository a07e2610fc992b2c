/*
 * api/fn_sum.c
 *		Arithmetic of commitments, and of openings: operators and aggregates.
 *
 * The sum of commitments is the commitment to the sum of the values, opened by the
 * sum of the blindings modulo the order of the curve.
 */
#include "compat.h"

#include "access/htup_details.h"
#include "api/proof_args.h"
#include "chain/catalogue.h"
#include "crypto/key.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(ledger_commitment_add);
PG_FUNCTION_INFO_V1(ledger_commitment_sub);
PG_FUNCTION_INFO_V1(ledger_commitment_neg);
PG_FUNCTION_INFO_V1(ledger_commitment_mul);
PG_FUNCTION_INFO_V1(ledger_sum_add);
PG_FUNCTION_INFO_V1(ledger_sum_combine);
PG_FUNCTION_INFO_V1(ledger_sum_serialize);
PG_FUNCTION_INFO_V1(ledger_sum_deserialize);
PG_FUNCTION_INFO_V1(ledger_sum_result);
PG_FUNCTION_INFO_V1(ledger_sum_openings_add);
PG_FUNCTION_INFO_V1(ledger_sum_openings_result);

/* ---- operators ------------------------------------------------------------------------ */

static void
need_same_kind(ledger_suite suite, unsigned scale, ledger_suite other_suite, unsigned other_scale)
{
	if (suite != other_suite)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("cannot add commitments of suites %s and %s", ledger_suite_name(suite),
						ledger_suite_name(other_suite)),
				 errhint("Commit to the values again, all with one suite.")));
	if (scale != other_scale)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("cannot add commitments of scales %u and %u", scale, other_scale),
				 errhint("Commit to values cast to one type, for example numeric(18,%u).",
						 Max(scale, other_scale))));
}

/* a + b, or a - b */
static Datum
combine(Datum x, Datum y, bool minus)
{
	const ledger_curve *curve;
	ledger_commitment a;
	ledger_commitment b;
	ledger_point sum;

	ledger_commitment_arg(x, &a);
	ledger_commitment_arg(y, &b);
	need_same_kind(a.suite, a.scale, b.suite, b.scale);
	curve = ledger_curve_of(a.suite);
	if (minus)
		ledger_affine_neg(curve, &b.point, &b.point);
	ledger_point_from_affine(curve, &a.point, &sum);
	ledger_point_add_affine(curve, &sum, &b.point, &sum);
	ledger_points_to_affine(curve, 1, &sum, &a.point);
	return ledger_commitment_datum(&a);
}

Datum
ledger_commitment_add(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(combine(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), false));
}

Datum
ledger_commitment_sub(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(combine(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), true));
}

Datum
ledger_commitment_neg(PG_FUNCTION_ARGS)
{
	ledger_commitment a;

	ledger_commitment_arg(PG_GETARG_DATUM(0), &a);
	ledger_affine_neg(ledger_curve_of(a.suite), &a.point, &a.point);
	PG_RETURN_DATUM(ledger_commitment_datum(&a));
}

/* commitment * bigint */
Datum
ledger_commitment_mul(PG_FUNCTION_ARGS)
{
	ledger_commitment a;
	ledger_scalar k;
	ledger_point product;

	ledger_commitment_arg(PG_GETARG_DATUM(0), &a);
	ledger_scalar_int(ledger_curve_of(a.suite), PG_GETARG_INT64(1), &k);
	if (ledger_affine_is_identity(&a.point) || ledger_scalar_is_zero(&k))
		ledger_point_identity(&product);
	else
		ledger_mul_ct(ledger_curve_of(a.suite), &k, &a.point, &product);
	ledger_points_to_affine(ledger_curve_of(a.suite), 1, &product, &a.point);
	PG_RETURN_DATUM(ledger_commitment_datum(&a));
}

/* ---- sum of commitments ---------------------------------------------------------------- */

/* Points wait until there are so many: decoding is what costs, and many are decoded faster. */
#define SUM_BATCH 256

typedef struct
{
	ledger_suite suite;
	unsigned	scale;
	int			nwaiting;
	uint8		waiting[SUM_BATCH][LEDGER_POINT_LEN];
	ledger_point sum;
} SumState;

static SumState *
sum_new(MemoryContext context, ledger_suite suite, unsigned scale)
{
	SumState   *state = MemoryContextAlloc(context, sizeof(SumState));

	state->suite = suite;
	state->scale = scale;
	state->nwaiting = 0;
	ledger_point_identity(&state->sum);
	return state;
}

static void
sum_flush(SumState *state)
{
	const ledger_curve *curve = ledger_curve_of(state->suite);
	const uint8 *in[SUM_BATCH];
	ledger_affine point[SUM_BATCH];
	ledger_sum_term term[SUM_BATCH];
	ledger_affine sum;

	for (int i = 0; i < state->nwaiting; i++)
	{
		in[i] = state->waiting[i];
		term[i].point = &point[i];
		term[i].bucket = 0;
		term[i].negative = false;
	}
	if (!ledger_affines_decode(curve, state->nwaiting, in, point))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored bytes are not a commitment")));
	if (!ledger_sums(curve, 1, state->nwaiting, term, &sum))
		ledger_out_of_memory();
	ledger_point_add_affine(curve, &state->sum, &sum, &state->sum);
	state->nwaiting = 0;
}

static MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate function called in non-aggregate context");
	return context;
}

Datum
ledger_sum_add(PG_FUNCTION_ARGS)
{
	static const uint8 identity[LEDGER_POINT_LEN];
	MemoryContext context = aggregate_context(fcinfo);
	SumState   *state = PG_ARGISNULL(0) ? NULL : (SumState *) PG_GETARG_POINTER(0);
	const uint8 *bytes;

	if (PG_ARGISNULL(1))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	bytes = (const uint8 *) PG_GETARG_POINTER(1);
	if (state == NULL)
		state = sum_new(context, (ledger_suite) bytes[0], bytes[1]);
	need_same_kind(state->suite, state->scale, (ledger_suite) bytes[0], bytes[1]);
	if (memcmp(bytes + 2, identity, sizeof(identity)) != 0)
		memcpy(state->waiting[state->nwaiting++], bytes + 2, LEDGER_POINT_LEN);
	if (state->nwaiting == SUM_BATCH)
		sum_flush(state);
	PG_RETURN_POINTER(state);
}

Datum
ledger_sum_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	SumState   *state = PG_ARGISNULL(0) ? NULL : (SumState *) PG_GETARG_POINTER(0);
	SumState   *other = PG_ARGISNULL(1) ? NULL : (SumState *) PG_GETARG_POINTER(1);

	if (other != NULL)
	{
		if (state == NULL)
			state = sum_new(context, other->suite, other->scale);
		need_same_kind(state->suite, state->scale, other->suite, other->scale);
		sum_flush(other);
		ledger_point_add(ledger_curve_of(state->suite), &state->sum, &other->sum, &state->sum);
	}
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

static void
sum_commitment(SumState *state, ledger_commitment *c)
{
	sum_flush(state);
	c->suite = state->suite;
	c->scale = state->scale;
	ledger_points_to_affine(ledger_curve_of(state->suite), 1, &state->sum, &c->point);
}

/* The state of a worker is handed on as the commitment that it comes to. */
Datum
ledger_sum_serialize(PG_FUNCTION_ARGS)
{
	uint8		bytes[LEDGER_COMMITMENT_LEN];
	ledger_commitment c;

	(void) aggregate_context(fcinfo);
	sum_commitment((SumState *) PG_GETARG_POINTER(0), &c);
	ledger_commitment_encode(&c, bytes);
	PG_RETURN_DATUM(ledger_bytes_datum(bytes, sizeof(bytes)));
}

Datum
ledger_sum_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	ledger_commitment c;
	SumState   *state;

	(void) aggregate_context(fcinfo);
	if (ledger_commitment_decode((const uint8 *) VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes), &c) !=
		LEDGER_OK)
		elog(ERROR, "state of a sum is damaged");
	state = sum_new(CurrentMemoryContext, c.suite, c.scale);
	ledger_point_from_affine(ledger_curve_of(c.suite), &c.point, &state->sum);
	PG_RETURN_POINTER(state);
}

Datum
ledger_sum_result(PG_FUNCTION_ARGS)
{
	ledger_commitment c;

	(void) aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	sum_commitment((SumState *) PG_GETARG_POINTER(0), &c);
	PG_RETURN_DATUM(ledger_commitment_datum(&c));
}

/* ---- sum of openings -------------------------------------------------------------------- */

/* A secret, wiped with the context that it lives in, however the query ends. */
typedef struct
{
	MemoryContextCallback wiper;
	ledger_suite suite;
	unsigned	scale;
	uint8		value[sizeof(ledger_int)];	/* times 10^scale; not aligned as a ledger_int has to be */
	ledger_scalar blinding;
} OpeningState;

static void
wipe_state(void *arg)
{
	OpeningState *state = arg;

	ledger_wipe(state->value, sizeof(state->value));
	ledger_wipe(&state->blinding, sizeof(state->blinding));
}

static OpeningState *
openings_new(FunctionCallInfo fcinfo, MemoryContext context)
{
	OpeningState *state = MemoryContextAllocZero(context, sizeof(OpeningState));

	state->suite = ledger_suite_arg(PG_NARGS() > 2 && !PG_ARGISNULL(2) ? PG_GETARG_TEXT_PP(2) : NULL);
	state->wiper.func = wipe_state;
	state->wiper.arg = state;
	MemoryContextRegisterResetCallback(context, &state->wiper);
	return state;
}

/* *sum += v, both brought to the larger scale */
static bool
add_value(ledger_int *sum, unsigned *scale, ledger_int v, unsigned vscale)
{
	bool		ok = true;

	for (; *scale < vscale; (*scale)++)
		ok = ok && !__builtin_mul_overflow(*sum, (ledger_int) 10, sum);
	for (; vscale < *scale; vscale++)
		ok = ok && !__builtin_mul_overflow(v, (ledger_int) 10, &v);
	ok = ok && !__builtin_add_overflow(*sum, v, sum) && *sum<LEDGER_INT_LIMIT && * sum> - LEDGER_INT_LIMIT;
	ledger_wipe(&v, sizeof(v));
	return ok;
}

/* What it adds is wiped before an error is raised. */
Datum
ledger_sum_openings_add(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	OpeningState *state = PG_ARGISNULL(0) ? NULL : (OpeningState *) PG_GETARG_POINTER(0);
	LedgerBlindingStatus blinding;
	LedgerNumberStatus number;
	Datum		value_datum;
	Datum		blinding_datum;
	ledger_int	sum;
	ledger_int	v = 0;
	unsigned	scale = 0;
	ledger_scalar r;

	if (PG_ARGISNULL(1))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (!ledger_opening_fields(PG_GETARG_DATUM(1), &value_datum, &blinding_datum))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("value and blinding of an opening must not be null")));
	if (state == NULL)
		state = openings_new(fcinfo, context);
	blinding = ledger_blinding_read(blinding_datum, state->suite, &r);
	number = ledger_number_read(value_datum, -1, &v, &scale);
	if (blinding == LEDGER_BLINDING_OK || blinding == LEDGER_BLINDING_ZERO)
	{
		blinding = LEDGER_BLINDING_OK;
		ledger_scalar_add(ledger_curve_of(state->suite), &state->blinding, &r, &state->blinding);
	}
	if (number == LEDGER_NUMBER_OK)
	{
		memcpy(&sum, state->value, sizeof(sum));
		if (!add_value(&sum, &state->scale, v, scale))
			number = LEDGER_NUMBER_RANGE;
		memcpy(state->value, &sum, sizeof(sum));
		ledger_wipe(&sum, sizeof(sum));
	}
	ledger_wipe(&r, sizeof(r));
	ledger_wipe(&v, sizeof(v));
	if (blinding != LEDGER_BLINDING_OK)
		ledger_blinding_error(blinding, state->suite);
	if (number != LEDGER_NUMBER_OK)
		ledger_number_error(number);
	PG_RETURN_POINTER(state);
}

Datum
ledger_sum_openings_result(PG_FUNCTION_ARGS)
{
	OpeningState *state;
	ledger_int	sum;
	bytea	   *blinding;
	TupleDesc	desc;
	Datum		values[2];
	bool		nulls[2] = {0};

	(void) aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (OpeningState *) PG_GETARG_POINTER(0);
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	blinding = palloc(VARHDRSZ + LEDGER_BLINDING_LEN);
	SET_VARSIZE(blinding, VARHDRSZ + LEDGER_BLINDING_LEN);
	ledger_scalar_encode(ledger_curve_of(state->suite), &state->blinding, (uint8 *) VARDATA(blinding));
	memcpy(&sum, state->value, sizeof(sum));
	values[0] = ledger_number_datum(sum, state->scale);
	values[1] = PointerGetDatum(blinding);
	ledger_wipe(&sum, sizeof(sum));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
