/*
 * api/fn_commitment.c
 *		The type ledger.commitment: 35 bytes, as zkp/commitment.h lays them out.
 *
 * Whatever comes in from outside is checked to be a point once, here; the other
 * functions take a value of the type for what it says it is.
 */
#include "compat.h"

#include "api/proof_args.h"
#include "chain/catalogue.h"
#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(ledger_commitment_in);
PG_FUNCTION_INFO_V1(ledger_commitment_out);
PG_FUNCTION_INFO_V1(ledger_commitment_recv);
PG_FUNCTION_INFO_V1(ledger_commitment_send);
PG_FUNCTION_INFO_V1(ledger_commitment_from_bytea);
PG_FUNCTION_INFO_V1(ledger_commitment_to_bytea);
PG_FUNCTION_INFO_V1(ledger_commitment_lt);
PG_FUNCTION_INFO_V1(ledger_commitment_le);
PG_FUNCTION_INFO_V1(ledger_commitment_eq);
PG_FUNCTION_INFO_V1(ledger_commitment_ne);
PG_FUNCTION_INFO_V1(ledger_commitment_ge);
PG_FUNCTION_INFO_V1(ledger_commitment_gt);
PG_FUNCTION_INFO_V1(ledger_commitment_cmp);
PG_FUNCTION_INFO_V1(ledger_commitment_hash);
PG_FUNCTION_INFO_V1(ledger_commitment_hash_extended);
PG_FUNCTION_INFO_V1(ledger_commitment_suite);
PG_FUNCTION_INFO_V1(ledger_commitment_scale);

/* ---- in and out ------------------------------------------------------------------- */

/* A copy of the bytes as a value; ereports sqlstate unless they are a commitment. */
static Datum
checked(const uint8 *bytes, size_t len, int sqlstate)
{
	const char *problem = ledger_commitment_problem(bytes, len);
	uint8	   *value;

	if (problem != NULL)
		ereport(ERROR,
				(errcode(sqlstate),
				 errmsg("not a commitment"),
				 errdetail_internal("%s", problem),
				 errhint("Commitments are made by ledger.commit().")));
	value = palloc(LEDGER_COMMITMENT_LEN);
	memcpy(value, bytes, LEDGER_COMMITMENT_LEN);
	return PointerGetDatum(value);
}

Datum
ledger_commitment_in(PG_FUNCTION_ARGS)
{
	size_t		len;
	uint8	   *bytes = ledger_hex_arg(PG_GETARG_CSTRING(0), "ledger.commitment", &len);

	PG_RETURN_DATUM(checked(bytes, len, ERRCODE_INVALID_TEXT_REPRESENTATION));
}

Datum
ledger_commitment_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(ledger_hex_result(PG_GETARG_POINTER(0), LEDGER_COMMITMENT_LEN));
}

Datum
ledger_commitment_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			len = buf->len - buf->cursor;

	PG_RETURN_DATUM(
		checked((const uint8 *) pq_getmsgbytes(buf, len), len, ERRCODE_INVALID_BINARY_REPRESENTATION));
}

Datum
ledger_commitment_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbytes(&buf, PG_GETARG_POINTER(0), LEDGER_COMMITMENT_LEN);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
ledger_commitment_from_bytea(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);

	PG_RETURN_DATUM(checked((const uint8 *) VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes),
							ERRCODE_INVALID_BINARY_REPRESENTATION));
}

Datum
ledger_commitment_to_bytea(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(ledger_bytes_datum(PG_GETARG_POINTER(0), LEDGER_COMMITMENT_LEN));
}

/* ---- order by bytes, hash --------------------------------------------------------- */

static int
compare(FunctionCallInfo fcinfo)
{
	return memcmp(PG_GETARG_POINTER(0), PG_GETARG_POINTER(1), LEDGER_COMMITMENT_LEN);
}

Datum
ledger_commitment_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) < 0);
}

Datum
ledger_commitment_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) <= 0);
}

Datum
ledger_commitment_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) == 0);
}

Datum
ledger_commitment_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) != 0);
}

Datum
ledger_commitment_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) >= 0);
}

Datum
ledger_commitment_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) > 0);
}

Datum
ledger_commitment_cmp(PG_FUNCTION_ARGS)
{
	int			order = compare(fcinfo);

	PG_RETURN_INT32((order > 0) - (order < 0));
}

Datum
ledger_commitment_hash(PG_FUNCTION_ARGS)
{
	return hash_any((const unsigned char *) PG_GETARG_POINTER(0), LEDGER_COMMITMENT_LEN);
}

Datum
ledger_commitment_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_any_extended((const unsigned char *) PG_GETARG_POINTER(0), LEDGER_COMMITMENT_LEN,
							 (uint64) PG_GETARG_INT64(1));
}

/* ---- what it says of itself --------------------------------------------------------- */

Datum
ledger_commitment_suite(PG_FUNCTION_ARGS)
{
	const uint8 *bytes = (const uint8 *) PG_GETARG_POINTER(0);

	PG_RETURN_TEXT_P(cstring_to_text(ledger_suite_name((ledger_suite) bytes[0])));
}

Datum
ledger_commitment_scale(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(((const uint8 *) PG_GETARG_POINTER(0))[1]);
}
