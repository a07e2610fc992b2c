/*
 * api/fn_commit.c
 *		Making commitments, adding them, and opening them.
 */
#include "compat.h"

#include "api/proof_args.h"
#include "chain/catalogue.h"
#include "crypto/key.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(ledger_random_blinding);
PG_FUNCTION_INFO_V1(ledger_commit);

/*
 * ledger.random_blinding() returns bytea. The order of the SM2 curve is the lower
 * one of the two, so the blinding is good for both.
 */
Datum
ledger_random_blinding(PG_FUNCTION_ARGS)
{
	bytea	   *result = palloc(VARHDRSZ + LEDGER_BLINDING_LEN);
	uint8	   *bytes = (uint8 *) VARDATA(result);
	ledger_scalar r;
	bool		good;

	SET_VARSIZE(result, VARHDRSZ + LEDGER_BLINDING_LEN);
	do
	{
		if (!ledger_random(bytes, LEDGER_BLINDING_LEN))
			ereport(ERROR,
					(errcode(ERRCODE_INTERNAL_ERROR),
					 errmsg("could not generate random values")));
		good = ledger_scalar_decode(ledger_curve_of(LEDGER_SUITE_GM), bytes, &r) &&
			ledger_scalar_decode(ledger_curve_of(LEDGER_SUITE_STD), bytes, &r) && !ledger_scalar_is_zero(&r);
	} while (!good);
	ledger_wipe(&r, sizeof(r));
	PG_RETURN_BYTEA_P(result);
}

/* The commitment to v with blinding r. */
static Datum
pedersen(ledger_suite suite, unsigned scale, ledger_int v, const ledger_scalar *r)
{
	const ledger_generators *g = ledger_generators_of(suite, 0);
	ledger_commitment c = {.suite = suite, .scale = scale};
	ledger_scalar k;
	ledger_point point;

	if (g == NULL)
		return (Datum) 0;
	ledger_scalar_int(g->curve, v, &k);
	ledger_pedersen(g, &k, r, &point);
	ledger_wipe(&k, sizeof(k));
	ledger_points_to_affine(g->curve, 1, &point, &c.point);
	ledger_wipe(&point, sizeof(point));
	return ledger_commitment_datum(&c);
}

/* ledger.commit(numeric, bytea, text) returns ledger.commitment */
Datum
ledger_commit(PG_FUNCTION_ARGS)
{
	ledger_int	v = 0;
	unsigned	scale;
	ledger_scalar r;
	ledger_suite suite;
	LedgerNumberStatus number;
	LedgerBlindingStatus blinding;
	Datum		result;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	suite = ledger_suite_arg(PG_ARGISNULL(2) ? NULL : PG_GETARG_TEXT_PP(2));
	blinding = ledger_blinding_read(PG_GETARG_DATUM(1), suite, &r);
	if (blinding != LEDGER_BLINDING_OK)
	{
		ledger_wipe(&r, sizeof(r));
		ledger_blinding_error(blinding, suite);
	}
	number = ledger_number_read(PG_GETARG_DATUM(0), -1, &v, &scale);
	if (number != LEDGER_NUMBER_OK)
	{
		ledger_wipe(&r, sizeof(r));
		ledger_wipe(&v, sizeof(v));
		ledger_number_error(number);
	}
	result = pedersen(suite, scale, v, &r);
	ledger_wipe(&r, sizeof(r));
	ledger_wipe(&v, sizeof(v));
	if (result == (Datum) 0)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
	return result;
}
