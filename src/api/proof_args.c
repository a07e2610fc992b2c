/*
 * api/proof_args.c
 *		Numbers, blindings and commitments between SQL and src/zkp.
 */
#include "api/proof_args.h"

#include "access/htup_details.h"
#include "chain/registry.h"
#include "core/bytes.h"
#include "crypto/key.h"
#include "crypto/suite.h"
#include "executor/executor.h"
#include "ledger.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

void
ledger_out_of_memory(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_OUT_OF_MEMORY),
			 errmsg("out of memory")));
}

/* ---- numbers ------------------------------------------------------------------------ */

static const int pow10[5] = {1, 10, 100, 1000, 10000};

/* What numeric_send() writes: four 16-bit words, then digits of base 10,000. */
#define WIRE_HEAD_LEN 8
#define WIRE_NEG 0x4000
#define WIRE_SPECIAL_MASK 0xC000
#define WIRE_SPECIAL 0xC000

/* No number of so many groups of four digits before the point is below 2^126. */
#define MAX_WEIGHT 10

static uint16
word(const char *at)
{
	uint16		v;

	memcpy(&v, at, sizeof(v));
	return pg_ntoh16(v);
}

/* *v = *v * 10^decimals + digits; false when that is 2^126 or more */
static bool
shift_in(ledger_int *v, int decimals, int digits)
{
	return !__builtin_mul_overflow(*v, (ledger_int) pow10[decimals], v) &&
		!__builtin_add_overflow(*v, (ledger_int) digits, v) && *v < LEDGER_INT_LIMIT;
}

static LedgerNumberStatus
read_wire(const char *wire, int scale, ledger_int *v, unsigned *shown)
{
	int			ndigits = word(wire);
	int			weight = (int16) word(wire + 2);
	uint16		sign = word(wire + 4);
	int			dscale = word(wire + 6);
	bool		inexact = false;

	if ((sign & WIRE_SPECIAL_MASK) == WIRE_SPECIAL)
		return LEDGER_NUMBER_NOT_FINITE;
	if (scale < 0)
		scale = dscale;
	if (scale > LEDGER_STATEMENT_MAX_SCALE)
		return LEDGER_NUMBER_SCALE;
	if (shown != NULL)
		*shown = dscale;
	if (ndigits > 0 && weight > MAX_WEIGHT)
		return LEDGER_NUMBER_RANGE;

	*v = 0;
	for (int place = Max(weight, 0); place >= -((scale + 3) / 4); place--)
	{
		int			i = weight - place;
		int			digit = i >= 0 && i < ndigits ? word(wire + WIRE_HEAD_LEN + 2 * i) : 0;
		int			decimals = Min(4, scale + 4 * place + 4);

		if (place >= 0)
			decimals = 4;
		inexact = inexact || digit % pow10[4 - decimals] != 0;
		if (!shift_in(v, decimals, digit / pow10[4 - decimals]))
			return LEDGER_NUMBER_RANGE;
	}
	/* zeros at the end are not sent */
	inexact = inexact || ndigits - 1 - weight > (scale + 3) / 4;
	if (sign == WIRE_NEG)
		*v = -*v;
	return inexact ? LEDGER_NUMBER_INEXACT : LEDGER_NUMBER_OK;
}

LedgerNumberStatus
ledger_number_read(Datum numeric, int scale, ledger_int *v, unsigned *shown)
{
	struct varlena *given = (struct varlena *) DatumGetPointer(numeric);
	struct varlena *plain = PG_DETOAST_DATUM(numeric);
	bytea	   *wire = DatumGetByteaPP(DirectFunctionCall1(numeric_send, PointerGetDatum(plain)));
	LedgerNumberStatus status = read_wire(VARDATA_ANY(wire), scale, v, shown);

	ledger_wipe(VARDATA_ANY(wire), VARSIZE_ANY_EXHDR(wire));
	pfree(wire);
	if (plain != given)
	{
		ledger_wipe(VARDATA(plain), VARSIZE(plain) - VARHDRSZ);
		pfree(plain);
	}
	return status;
}

void
ledger_number_error(LedgerNumberStatus status)
{
	if (status == LEDGER_NUMBER_NOT_FINITE)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("cannot commit to a value that is not finite")));
	if (status == LEDGER_NUMBER_SCALE)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value has too many decimals for a commitment"),
				 errdetail("The scale of a commitment is that of the value, at most %d.",
						   LEDGER_STATEMENT_MAX_SCALE),
				 errhint("Cast the value to a numeric type with fewer decimals.")));
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("value is out of range for a commitment"),
			 errdetail("Counted in units of its last decimal it must lie between -2^126 and 2^126.")));
}

Datum
ledger_number_datum(ledger_int v, unsigned scale)
{
	char		text[64];
	char	   *p = text + sizeof(text);
	unsigned __int128 rest = v < 0 ? -(unsigned __int128) v : (unsigned __int128) v;
	Datum		result;

	*--p = '\0';
	for (unsigned n = 0; rest > 0 || n <= scale; n++)
	{
		if (n == scale && scale > 0)
			*--p = '.';
		*--p = (char) ('0' + (int) (rest % 10));
		rest /= 10;
	}
	if (v < 0)
		*--p = '-';
	result =
		DirectFunctionCall3(numeric_in, CStringGetDatum(p), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	ledger_wipe(text, sizeof(text));
	return result;
}

/* ---- bytes as text ------------------------------------------------------------------ */

static int
hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0'
		: c >= 'a' && c <= 'f'	? c - 'a' + 10
		: c >= 'A' && c <= 'F'	? c - 'A' + 10
								: -1;
}

uint8 *
ledger_hex_arg(const char *text, const char *type, size_t *len)
{
	size_t		digits = strlen(text);
	uint8	   *bytes = palloc(digits / 2 + 1);
	bool		ok = digits >= 2 && digits % 2 == 0 && text[0] == '\\' && text[1] == 'x';

	*len = 0;
	for (size_t i = 2; ok && i < digits; i += 2)
	{
		int			high = hex_value(text[i]);
		int			low = hex_value(text[i + 1]);

		ok = high >= 0 && low >= 0;
		bytes[(*len)++] = (uint8) (high << 4 | low);
	}
	if (!ok)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s", type),
				 errdetail("It is written as \\x and two hexadecimal digits for each byte.")));
	return bytes;
}

char *
ledger_hex_result(const void *bytes, size_t len)
{
	char	   *text = palloc(2 + 2 * len + 1);

	text[0] = '\\';
	text[1] = 'x';
	(void) hex_encode(bytes, len, text + 2);
	text[2 + 2 * len] = '\0';
	return text;
}

/* ---- blindings ---------------------------------------------------------------------- */

LedgerBlindingStatus
ledger_blinding_read(Datum blinding, ledger_suite suite, ledger_scalar *r)
{
	struct varlena *given = (struct varlena *) DatumGetPointer(blinding);
	struct varlena *bytes = PG_DETOAST_DATUM_PACKED(blinding);
	LedgerBlindingStatus status = LEDGER_BLINDING_OK;

	if (VARSIZE_ANY_EXHDR(bytes) != LEDGER_BLINDING_LEN)
		status = LEDGER_BLINDING_LENGTH;
	else if (!ledger_scalar_decode(ledger_curve_of(suite), (const uint8 *) VARDATA_ANY(bytes), r))
		status = LEDGER_BLINDING_ORDER;
	else if (ledger_scalar_is_zero(r))
		status = LEDGER_BLINDING_ZERO;
	if (bytes != given)
	{
		ledger_wipe(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
		pfree(bytes);
	}
	return status;
}

void
ledger_blinding_error(LedgerBlindingStatus status, ledger_suite suite)
{
	const char *detail = status == LEDGER_BLINDING_LENGTH ? "It must have 32 bytes."
		: status == LEDGER_BLINDING_ZERO				  ? "It must not be zero."
		: suite == LEDGER_SUITE_GM						  ? "It must be below the order of the SM2 curve."
														  : "It must be below the order of the P-256 curve.";

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("not a blinding"),
			 errdetail_internal("%s", detail),
			 errhint("Make one with ledger.random_blinding().")));
}

/* ---- commitments -------------------------------------------------------------------- */

const char *
ledger_commitment_problem(const uint8 *bytes, size_t len)
{
	ledger_commitment c;

	if (len != LEDGER_COMMITMENT_LEN)
		return psprintf("Its length is %zu bytes instead of %d.", len, LEDGER_COMMITMENT_LEN);
	if (ledger_suite_name((ledger_suite) bytes[0]) == NULL)
		return psprintf("Suite %d is not known.", bytes[0]);
	if (bytes[1] > LEDGER_STATEMENT_MAX_SCALE)
		return psprintf("Scale %d is above %d.", bytes[1], LEDGER_STATEMENT_MAX_SCALE);
	if (ledger_commitment_decode(bytes, len, &c) != LEDGER_OK)
		return psprintf("Its last %d bytes are not a point of the curve of suite %s.", LEDGER_POINT_LEN,
						ledger_suite_name((ledger_suite) bytes[0]));
	return NULL;
}

void
ledger_commitment_arg(Datum value, ledger_commitment *c)
{
	if (ledger_commitment_decode((const uint8 *) DatumGetPointer(value), LEDGER_COMMITMENT_LEN, c) !=
		LEDGER_OK)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored bytes are not a commitment")));
}

Datum
ledger_commitment_datum(const ledger_commitment *c)
{
	uint8	   *bytes = palloc(LEDGER_COMMITMENT_LEN);

	ledger_commitment_encode(c, bytes);
	return PointerGetDatum(bytes);
}

ledger_suite
ledger_suite_arg(const text *name)
{
	ledger_suite suite = (ledger_suite) ledger_suite_setting;
	const LedgerChain *chain;
	char	   *s;

	if (name == NULL)
	{
		chain = ledger_chain();
		return chain != NULL ? chain->suite : suite;
	}
	s = text_to_cstring(name);
	if (!ledger_suite_from_name(s, &suite))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cryptographic suite \"%s\" does not exist", s),
				 errhint("The suites are \"std\" and \"gm\".")));
	pfree(s);
	return suite;
}

Datum *
ledger_array_arg(ArrayType *array, int *n, bool **nulls)
{
	Datum	   *values;
	int16		typlen;
	bool		typbyval;
	char		typalign;

	get_typlenbyvalalign(ARR_ELEMTYPE(array), &typlen, &typbyval, &typalign);
	deconstruct_array(array, ARR_ELEMTYPE(array), typlen, typbyval, typalign, &values, nulls, n);
	return values;
}

/* ---- secrets ------------------------------------------------------------------------ */

typedef struct
{
	MemoryContextCallback callback;
	struct varlena *copy;
} SecretCopy;

static void
wipe_copy(void *arg)
{
	struct varlena *copy = ((SecretCopy *) arg)->copy;

	ledger_wipe(VARDATA(copy), VARSIZE(copy) - VARHDRSZ);
}

struct varlena *
ledger_secret_detoast(Datum value)
{
	struct varlena *plain = PG_DETOAST_DATUM(value);

	if ((Pointer) plain != DatumGetPointer(value))
	{
		SecretCopy *secret = palloc0(sizeof(SecretCopy));

		secret->copy = plain;
		secret->callback.func = wipe_copy;
		secret->callback.arg = secret;
		MemoryContextRegisterResetCallback(CurrentMemoryContext, &secret->callback);
	}
	return plain;
}

bool
ledger_opening_fields(Datum opening, Datum *value, Datum *blinding)
{
	HeapTupleHeader tuple = (HeapTupleHeader) ledger_secret_detoast(opening);
	bool		null_value;
	bool		null_blinding;

	*value = GetAttributeByNum(tuple, 1, &null_value);
	*blinding = GetAttributeByNum(tuple, 2, &null_blinding);
	return !null_value && !null_blinding;
}
