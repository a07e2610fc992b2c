/*
 * api/fn_commit.c
 *		Making commitments, and opening them.
 */
#include "compat.h"

#include "api/proof_args.h"
#include "chain/catalogue.h"
#include "crypto/key.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(ledger_random_blinding);
PG_FUNCTION_INFO_V1(ledger_commit);
PG_FUNCTION_INFO_V1(ledger_verify_opening);

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

/* The point of v and r; false when out of memory. */
static bool
pedersen(ledger_suite suite, ledger_int v, const ledger_scalar *r, ledger_affine *a)
{
	const ledger_generators *g = ledger_generators_of(suite, 0);
	ledger_scalar k;

	if (g == NULL)
		return false;
	ledger_scalar_int(g->curve, v, &k);
	ledger_pedersen(g, &k, r, a);
	ledger_wipe(&k, sizeof(k));
	return true;
}

/* ledger.commit(numeric, bytea, text) returns ledger.commitment */
Datum
ledger_commit(PG_FUNCTION_ARGS)
{
	ledger_int	v = 0;
	ledger_scalar r;
	ledger_commitment c;
	LedgerNumberStatus number;
	LedgerBlindingStatus blinding;
	bool		made;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	c.suite = ledger_suite_arg(PG_ARGISNULL(2) ? NULL : PG_GETARG_TEXT_PP(2));
	blinding = ledger_blinding_read(PG_GETARG_DATUM(1), c.suite, &r);
	if (blinding != LEDGER_BLINDING_OK)
	{
		ledger_wipe(&r, sizeof(r));
		ledger_blinding_error(blinding, c.suite);
	}
	number = ledger_number_read(PG_GETARG_DATUM(0), -1, &v, &c.scale);
	if (number != LEDGER_NUMBER_OK)
	{
		ledger_wipe(&r, sizeof(r));
		ledger_wipe(&v, sizeof(v));
		ledger_number_error(number);
	}
	made = pedersen(c.suite, v, &r, &c.point);
	ledger_wipe(&r, sizeof(r));
	ledger_wipe(&v, sizeof(v));
	if (!made)
		ledger_out_of_memory();
	PG_RETURN_DATUM(ledger_commitment_datum(&c));
}

/* ledger.verify_opening(ledger.commitment, ledger.opening) returns boolean */
Datum
ledger_verify_opening(PG_FUNCTION_ARGS)
{
	ledger_int	v = 0;
	ledger_scalar r;
	ledger_commitment c;
	ledger_affine point;
	LedgerBlindingStatus blinding;
	Datum		value_datum;
	Datum		blinding_datum;
	bool		read;
	bool		made = true;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_BOOL(false);
	ledger_commitment_arg(PG_GETARG_DATUM(0), &c);
	if (!ledger_opening_fields(PG_GETARG_DATUM(1), &value_datum, &blinding_datum))
		PG_RETURN_BOOL(false);
	blinding = ledger_blinding_read(blinding_datum, c.suite, &r);
	read = (blinding == LEDGER_BLINDING_OK || blinding == LEDGER_BLINDING_ZERO) &&
		ledger_number_read(value_datum, (int) c.scale, &v, NULL) == LEDGER_NUMBER_OK;
	if (read)
		made = pedersen(c.suite, v, &r, &point);
	ledger_wipe(&r, sizeof(r));
	ledger_wipe(&v, sizeof(v));
	if (!made)
		ledger_out_of_memory();
	PG_RETURN_BOOL(read && ledger_affine_equal(&point, &c.point));
}
