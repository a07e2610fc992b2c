/*
 * core/canon.c
 *		Canonical values: encoding of scalars, and the check of a whole cell.
 *
 * The check is exact: every sequence of bytes that it lets through is the
 * encoding of exactly one value, as far as the bytes alone can tell (whether a
 * jsonb text is PostgreSQL's own spelling is not theirs to tell).
 */
#include "core/canon.h"

#include "crypto/hash.h"

static const struct
{
	uint8_t		tag;
	const char *name;
}			tag_names[] = {
	{LEDGER_TAG_NULL, "NULL"},
	{LEDGER_TAG_ERASED, "erased"},
	{LEDGER_TAG_BOOL, "bool"},
	{LEDGER_TAG_INT2, "int2"},
	{LEDGER_TAG_INT4, "int4"},
	{LEDGER_TAG_INT8, "int8"},
	{LEDGER_TAG_FLOAT4, "float4"},
	{LEDGER_TAG_FLOAT8, "float8"},
	{LEDGER_TAG_NUMERIC, "numeric"},
	{LEDGER_TAG_TEXT, "text"},
	{LEDGER_TAG_VARCHAR, "varchar"},
	{LEDGER_TAG_BPCHAR, "bpchar"},
	{LEDGER_TAG_NAME, "name"},
	{LEDGER_TAG_CITEXT, "citext"},
	{LEDGER_TAG_BYTEA, "bytea"},
	{LEDGER_TAG_BIT, "bit"},
	{LEDGER_TAG_VARBIT, "varbit"},
	{LEDGER_TAG_UUID, "uuid"},
	{LEDGER_TAG_MONEY, "money"},
	{LEDGER_TAG_MACADDR, "macaddr"},
	{LEDGER_TAG_MACADDR8, "macaddr8"},
	{LEDGER_TAG_PG_LSN, "pg_lsn"},
	{LEDGER_TAG_DATE, "date"},
	{LEDGER_TAG_TIME, "time"},
	{LEDGER_TAG_TIMETZ, "timetz"},
	{LEDGER_TAG_TIMESTAMP, "timestamp"},
	{LEDGER_TAG_TIMESTAMPTZ, "timestamptz"},
	{LEDGER_TAG_INTERVAL, "interval"},
	{LEDGER_TAG_INET, "inet"},
	{LEDGER_TAG_CIDR, "cidr"},
	{LEDGER_TAG_JSON, "json"},
	{LEDGER_TAG_JSONB, "jsonb"},
	{LEDGER_TAG_XML, "xml"},
	{LEDGER_TAG_ENUM, "enum"},
	{LEDGER_TAG_ARRAY, "array"},
	{LEDGER_TAG_RANGE, "range"},
	{LEDGER_TAG_MULTIRANGE, "multirange"},
	{LEDGER_TAG_COMPOSITE, "composite"},
	{LEDGER_TAG_SEALED, "ledger.sealed"},
	{LEDGER_TAG_COMMITMENT, "ledger.commitment"},
	{LEDGER_TAG_PROOF, "ledger.proof"},
	{LEDGER_TAG_REGISTERED, "registered type"}
};

const char *
ledger_tag_name(uint8_t tag)
{
	size_t		i;

	for (i = 0; i < sizeof(tag_names) / sizeof(tag_names[0]); i++)
		if (tag_names[i].tag == tag)
			return tag_names[i].name;
	return NULL;
}

bool
ledger_tag_known(uint8_t tag)
{
	return tag <= LEDGER_TAG_PROOF || tag == LEDGER_TAG_REGISTERED;
}

/* ---- encoding ------------------------------------------------------------- */

void
ledger_cell_float4(ledger_writer *w, float v)
{
	uint32_t	bits;

	memcpy(&bits, &v, sizeof(bits));
	ledger_cell_u32(w, LEDGER_TAG_FLOAT4, v != v ? 0x7fc00000u : bits);
}

void
ledger_cell_float8(ledger_writer *w, double v)
{
	uint64_t	bits;

	memcpy(&bits, &v, sizeof(bits));
	ledger_cell_u64(w, LEDGER_TAG_FLOAT8, v != v ? 0x7ff8000000000000u : bits);
}

void
ledger_cell_numeric(ledger_writer *w, uint8_t sign, int weight, unsigned dscale, const int16_t *digits,
					size_t ndigits)
{
	uint8_t	   *p;
	size_t		i;

	if (sign > LEDGER_NUMERIC_NEG)
	{
		weight = 0;
		dscale = 0;
		ndigits = 0;
	}
	while (ndigits > 0 && digits[0] == 0)
	{
		digits++;
		ndigits--;
		weight--;
	}
	while (ndigits > 0 && digits[ndigits - 1] == 0)
		ndigits--;
	if (ndigits == 0)
	{
		weight = 0;
		if (sign == LEDGER_NUMERIC_NEG)
			sign = LEDGER_NUMERIC_POS;
	}
	p = ledger_write_room(w, 5 + 7 + 2 * ndigits);
	if (p == NULL)
		return;
	p[0] = LEDGER_TAG_NUMERIC;
	ledger_put_u32(p + 1, (uint32_t) (7 + 2 * ndigits));
	p[5] = sign;
	ledger_put_u16(p + 6, (uint16_t) weight);
	ledger_put_u16(p + 8, (uint16_t) dscale);
	ledger_put_u16(p + 10, (uint16_t) ndigits);
	for (i = 0; i < ndigits; i++)
		ledger_put_u16(p + 12 + 2 * i, (uint16_t) digits[i]);
}

void
ledger_cell_bits(ledger_writer *w, uint8_t tag, uint32_t nbits, const uint8_t *bits)
{
	size_t		n = nbits / 8;

	ledger_write_u8(w, tag);
	ledger_write_u32(w, (uint32_t) (4 + n + (nbits % 8 != 0)));
	ledger_write_u32(w, nbits);
	ledger_write_fixed(w, bits, n);
	if (nbits % 8 != 0)
		ledger_write_u8(w, (uint8_t) (bits[n] & (0xff00 >> (nbits % 8))));
}

void
ledger_cell_timetz(ledger_writer *w, int64_t time, int32_t zone)
{
	ledger_write_u8(w, LEDGER_TAG_TIMETZ);
	ledger_write_u32(w, 12);
	ledger_write_i64(w, time);
	ledger_write_i32(w, zone);
}

void
ledger_cell_interval(ledger_writer *w, int64_t time, int32_t days, int32_t months)
{
	ledger_write_u8(w, LEDGER_TAG_INTERVAL);
	ledger_write_u32(w, 16);
	ledger_write_i64(w, time);
	ledger_write_i32(w, days);
	ledger_write_i32(w, months);
}

void
ledger_cell_inet(ledger_writer *w, uint8_t tag, uint8_t family, uint8_t prefix, const uint8_t *address)
{
	size_t		n = family == 4 ? 4 : 16;

	ledger_write_u8(w, tag);
	ledger_write_u32(w, (uint32_t) (2 + n));
	ledger_write_u8(w, family);
	ledger_write_u8(w, prefix);
	ledger_write_fixed(w, address, n);
}

/* ---- decoding ------------------------------------------------------------- */

static void check_cell(ledger_reader *r, bool in_row, unsigned depth);

ledger_status
ledger_cell_read(ledger_reader *r, uint8_t *tag, const uint8_t **content, size_t *len)
{
	*content = NULL;
	*len = 0;
	*tag = ledger_read_u8(r);
	if (r->error == LEDGER_OK && *tag != LEDGER_TAG_NULL)
		*content = ledger_read_bytes(r, len);
	return r->error;
}

static void
check_numeric(ledger_reader *r)
{
	uint8_t		sign = ledger_read_u8(r);
	int16_t		weight = ledger_read_i16(r);
	uint16_t	dscale = ledger_read_u16(r);
	uint16_t	ndigits = ledger_read_u16(r);
	unsigned	i;

	if (r->error != LEDGER_OK)
		return;
	if (sign > LEDGER_NUMERIC_NINF || dscale > LEDGER_NUMERIC_MAX_DSCALE ||
		(sign > LEDGER_NUMERIC_NEG && (weight != 0 || dscale != 0 || ndigits != 0)) ||
		(ndigits == 0 && (weight != 0 || sign == LEDGER_NUMERIC_NEG)))
	{
		ledger_read_fail(r, LEDGER_BAD_VALUE);
		return;
	}
	for (i = 0; i < ndigits; i++)
	{
		uint16_t	digit = ledger_read_u16(r);

		if (r->error != LEDGER_OK)
			return;
		if (digit > 9999 || (digit == 0 && (i == 0 || i == ndigits - 1u)))
			ledger_read_fail(r, LEDGER_BAD_VALUE);
	}
}

static void
check_bits(ledger_reader *r)
{
	uint32_t	nbits = ledger_read_u32(r);
	size_t		n = (size_t) nbits / 8 + (nbits % 8 != 0);
	const uint8_t *p = ledger_read_fixed(r, n);

	if (p != NULL && nbits % 8 != 0 && (p[n - 1] & (0xff >> (nbits % 8))) != 0)
		ledger_read_fail(r, LEDGER_BAD_VALUE);
}

static void
check_inet(ledger_reader *r)
{
	uint8_t		family = ledger_read_u8(r);
	uint8_t		prefix = ledger_read_u8(r);

	if (r->error != LEDGER_OK)
		return;
	if ((family != 4 && family != 6) || prefix > (family == 4 ? 32 : 128))
		ledger_read_fail(r, LEDGER_BAD_VALUE);
	ledger_read_fixed(r, family == 4 ? 4 : 16);
}

static void
check_array(ledger_reader *r, unsigned depth)
{
	uint8_t		ndim = ledger_read_u8(r);
	uint64_t	count = ndim == 0 ? 0 : 1;
	unsigned	i;

	if (ndim > 6)
		ledger_read_fail(r, LEDGER_BAD_VALUE);
	for (i = 0; i < ndim && r->error == LEDGER_OK; i++)
	{
		uint32_t	length = ledger_read_u32(r);

		ledger_read_i32(r);
		if (r->error == LEDGER_OK && length == 0)
			ledger_read_fail(r, LEDGER_BAD_VALUE);
		/* each element takes a byte at least, so more cannot be there */
		count *= length;
		if (r->error == LEDGER_OK && count > r->left)
			ledger_read_fail(r, LEDGER_TRUNCATED);
	}
	while (count-- > 0 && r->error == LEDGER_OK)
		check_cell(r, false, depth + 1);
}

static void
check_bound(ledger_reader *r, unsigned depth)
{
	if (r->left > 0 && r->p[0] == LEDGER_TAG_NULL)
		ledger_read_fail(r, LEDGER_BAD_TAG);
	check_cell(r, false, depth + 1);
}

static void
check_range(ledger_reader *r, bool in_multirange, unsigned depth)
{
	uint8_t		flags = ledger_read_u8(r);

	if (r->error != LEDGER_OK)
		return;
	if (flags > 0x1f || ((flags & LEDGER_RANGE_EMPTY) && (flags != LEDGER_RANGE_EMPTY || in_multirange)) ||
		((flags & LEDGER_RANGE_LOWER_INF) && (flags & LEDGER_RANGE_LOWER_INC)) ||
		((flags & LEDGER_RANGE_UPPER_INF) && (flags & LEDGER_RANGE_UPPER_INC)))
	{
		ledger_read_fail(r, LEDGER_BAD_VALUE);
		return;
	}
	if (flags & LEDGER_RANGE_EMPTY)
		return;
	if (!(flags & LEDGER_RANGE_LOWER_INF))
		check_bound(r, depth);
	if (!(flags & LEDGER_RANGE_UPPER_INF))
		check_bound(r, depth);
}

static void
check_multirange(ledger_reader *r, unsigned depth)
{
	uint32_t	count = ledger_read_u32(r);

	while (count-- > 0 && r->error == LEDGER_OK)
	{
		ledger_reader inner;
		size_t		len;
		const uint8_t *p = ledger_read_bytes(r, &len);

		if (p == NULL)
			return;
		ledger_reader_init(&inner, p, len);
		check_range(&inner, true, depth);
		if (ledger_reader_finish(&inner) != LEDGER_OK)
			ledger_read_fail(r, ledger_reader_finish(&inner));
	}
}

static void
check_composite(ledger_reader *r, unsigned depth)
{
	uint16_t	count = ledger_read_u16(r);

	while (count-- > 0 && r->error == LEDGER_OK)
		check_cell(r, false, depth + 1);
}

/* The content of one cell, which r holds exactly. */
static void
check_content(ledger_reader *r, uint8_t tag, unsigned depth)
{
	switch (tag)
	{
		case LEDGER_TAG_ERASED:
			ledger_read_fixed(r, LEDGER_HASH_LEN);
			break;
		case LEDGER_TAG_BOOL:
			if (ledger_read_u8(r) > 1)
				ledger_read_fail(r, LEDGER_BAD_VALUE);
			break;
		case LEDGER_TAG_INT2:
			ledger_read_fixed(r, 2);
			break;
		case LEDGER_TAG_INT4:
		case LEDGER_TAG_DATE:
			ledger_read_fixed(r, 4);
			break;
		case LEDGER_TAG_FLOAT4:
		{
			uint32_t	v = ledger_read_u32(r);

			if ((v & 0x7fffffffu) > 0x7f800000u && v != 0x7fc00000u)
				ledger_read_fail(r, LEDGER_BAD_VALUE);
			break;
		}
		case LEDGER_TAG_FLOAT8:
		{
			uint64_t	v = ledger_read_u64(r);

			if ((v & 0x7fffffffffffffffu) > 0x7ff0000000000000u && v != 0x7ff8000000000000u)
				ledger_read_fail(r, LEDGER_BAD_VALUE);
			break;
		}
		case LEDGER_TAG_INT8:
		case LEDGER_TAG_MONEY:
		case LEDGER_TAG_PG_LSN:
		case LEDGER_TAG_TIME:
		case LEDGER_TAG_TIMESTAMP:
		case LEDGER_TAG_TIMESTAMPTZ:
		case LEDGER_TAG_MACADDR8:
			ledger_read_fixed(r, 8);
			break;
		case LEDGER_TAG_MACADDR:
			ledger_read_fixed(r, 6);
			break;
		case LEDGER_TAG_TIMETZ:
			ledger_read_fixed(r, 12);
			break;
		case LEDGER_TAG_INTERVAL:
		case LEDGER_TAG_UUID:
			ledger_read_fixed(r, 16);
			break;
		case LEDGER_TAG_NUMERIC:
			check_numeric(r);
			break;
		case LEDGER_TAG_TEXT:
		case LEDGER_TAG_VARCHAR:
		case LEDGER_TAG_BPCHAR:
		case LEDGER_TAG_NAME:
		case LEDGER_TAG_CITEXT:
		case LEDGER_TAG_JSON:
		case LEDGER_TAG_JSONB:
		case LEDGER_TAG_XML:
		case LEDGER_TAG_ENUM:
			if (!ledger_utf8_valid(r->p, r->left))
				ledger_read_fail(r, LEDGER_BAD_UTF8);
			ledger_read_fixed(r, r->left);
			break;
		case LEDGER_TAG_BIT:
		case LEDGER_TAG_VARBIT:
			check_bits(r);
			break;
		case LEDGER_TAG_INET:
		case LEDGER_TAG_CIDR:
			check_inet(r);
			break;
		case LEDGER_TAG_ARRAY:
			check_array(r, depth);
			break;
		case LEDGER_TAG_RANGE:
			check_range(r, false, depth);
			break;
		case LEDGER_TAG_MULTIRANGE:
			check_multirange(r, depth);
			break;
		case LEDGER_TAG_COMPOSITE:
			check_composite(r, depth);
			break;
		default:				/* bytea, the extension's own types, registered types */
			ledger_read_fixed(r, r->left);
			break;
	}
}

static void
check_cell(ledger_reader *r, bool in_row, unsigned depth)
{
	ledger_reader content;
	const uint8_t *p;
	uint8_t		tag;
	size_t		len;

	if (depth > LEDGER_CELL_DEPTH)
		ledger_read_fail(r, LEDGER_TOO_DEEP);
	if (ledger_cell_read(r, &tag, &p, &len) != LEDGER_OK)
		return;
	if (!ledger_tag_known(tag) || (tag == LEDGER_TAG_ERASED && !in_row))
	{
		ledger_read_fail(r, LEDGER_BAD_TAG);
		return;
	}
	if (tag == LEDGER_TAG_NULL)
		return;
	ledger_reader_init(&content, p, len);
	check_content(&content, tag, depth);
	if (ledger_reader_finish(&content) != LEDGER_OK)
		ledger_read_fail(r, ledger_reader_finish(&content));
}

ledger_status
ledger_cell_check(ledger_reader *r, bool in_row)
{
	check_cell(r, in_row, 1);
	return r->error;
}

ledger_status
ledger_canon_check(const void *cell, size_t len, bool in_row)
{
	ledger_reader r;

	ledger_reader_init(&r, cell, len);
	ledger_cell_check(&r, in_row);
	return ledger_reader_finish(&r);
}
