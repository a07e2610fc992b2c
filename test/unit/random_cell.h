/*
 * test/unit/random_cell.h
 *		Writes a random cell of any type, with the encoders.
 */
#ifndef LEDGER_TEST_RANDOM_CELL_H
#define LEDGER_TEST_RANDOM_CELL_H

#include "core/canon.h"
#include "harness.h"

static inline size_t
random_text(uint64_t *state, char *out)
{
	static const char *const pieces[] = {
		"a", "Z", "0", " ", ",", "\"", "\\", "{", ")", "[", "null", "\n", "\xc3\xa4", "\xe4\xbd\xa0", "\xf0\x9d\x84\x9e"
	};
	size_t		n = 0;
	unsigned	count = (unsigned) (next_random(state) % 6);

	while (count-- > 0)
	{
		const char *piece = pieces[next_random(state) % (sizeof(pieces) / sizeof(pieces[0]))];

		memcpy(out + n, piece, strlen(piece));
		n += strlen(piece);
	}
	return n;
}

static void random_cell(uint64_t *state, ledger_writer *w, unsigned depth, bool in_row);

static inline void
random_numeric(uint64_t *state, ledger_writer *w)
{
	int16_t		digits[12];
	size_t		n = next_random(state) % 12;
	size_t		i;

	for (i = 0; i < n; i++)
		digits[i] = (int16_t) (next_random(state) % 3 == 0 ? 0 : next_random(state) % 10000);
	ledger_cell_numeric(w, (uint8_t) (next_random(state) % 5), (int) (next_random(state) % 20) - 10,
						(unsigned) (next_random(state) % 40), digits, n);
}

static inline void
random_range(uint64_t *state, ledger_writer *w, unsigned depth, bool may_be_empty)
{
	uint8_t		flags = 0;

	if (may_be_empty && next_random(state) % 5 == 0)
	{
		ledger_write_u8(w, LEDGER_RANGE_EMPTY);
		return;
	}
	switch (next_random(state) % 3)
	{
		case 0:
			flags |= LEDGER_RANGE_LOWER_INF;
			break;
		case 1:
			flags |= LEDGER_RANGE_LOWER_INC;
			break;
	}
	switch (next_random(state) % 3)
	{
		case 0:
			flags |= LEDGER_RANGE_UPPER_INF;
			break;
		case 1:
			flags |= LEDGER_RANGE_UPPER_INC;
			break;
	}
	ledger_write_u8(w, flags);
	/* a bound is not NULL */
	if (!(flags & LEDGER_RANGE_LOWER_INF))
		ledger_cell_u32(w, LEDGER_TAG_INT4, (uint32_t) next_random(state));
	if (!(flags & LEDGER_RANGE_UPPER_INF))
	{
		if (depth > 1)
		{
			size_t		begin = ledger_cell_begin(w, LEDGER_TAG_COMPOSITE);

			ledger_write_u16(w, 1);
			random_cell(state, w, depth - 2, false);
			ledger_cell_end(w, begin);
		}
		else
			ledger_cell_u32(w, LEDGER_TAG_INT4, (uint32_t) next_random(state));
	}
}

static inline void
random_nested(uint64_t *state, ledger_writer *w, unsigned depth)
{
	unsigned	n = (unsigned) (next_random(state) % 4);
	size_t		begin;

	switch (next_random(state) % 4)
	{
		case 0:
			begin = ledger_cell_begin(w, LEDGER_TAG_ARRAY);
			ledger_write_u8(w, n == 0 ? 0 : 2);
			if (n > 0)
			{
				ledger_write_u32(w, 2);
				ledger_write_i32(w, (int32_t) (next_random(state) % 3) - 1);
				ledger_write_u32(w, n);
				ledger_write_i32(w, 1);
			}
			for (n *= 2; n > 0; n--)
				random_cell(state, w, depth - 1, false);
			ledger_cell_end(w, begin);
			break;
		case 1:
			begin = ledger_cell_begin(w, LEDGER_TAG_RANGE);
			random_range(state, w, depth - 1, true);
			ledger_cell_end(w, begin);
			break;
		case 2:
			begin = ledger_cell_begin(w, LEDGER_TAG_MULTIRANGE);
			ledger_write_u32(w, n);
			for (; n > 0; n--)
			{
				size_t		one = ledger_write_bytes_begin(w);

				random_range(state, w, depth - 1, false);
				ledger_write_bytes_end(w, one);
			}
			ledger_cell_end(w, begin);
			break;
		default:
			begin = ledger_cell_begin(w, LEDGER_TAG_COMPOSITE);
			ledger_write_u16(w, (uint16_t) n);
			for (; n > 0; n--)
				random_cell(state, w, depth - 1, false);
			ledger_cell_end(w, begin);
			break;
	}
}

/* depth is how many cells may still nest inside. */
static void
random_cell(uint64_t *state, ledger_writer *w, unsigned depth, bool in_row)
{
	uint8_t		tag = (uint8_t) (next_random(state) % (LEDGER_TAG_PROOF + 2));
	uint64_t	bits = next_random(state);
	uint8_t		raw[64];
	size_t		len;
	float		f4;
	double		f8;

	random_bytes(state, raw, sizeof(raw));
	switch (tag)
	{
		case LEDGER_TAG_NULL:
			ledger_cell_null(w);
			break;
		case LEDGER_TAG_ERASED:
			if (in_row)
				ledger_cell_bytes(w, tag, raw, 32);
			else
				ledger_cell_null(w);
			break;
		case LEDGER_TAG_BOOL:
			ledger_cell_bool(w, bits & 1);
			break;
		case LEDGER_TAG_INT2:
			ledger_cell_u16(w, tag, (uint16_t) bits);
			break;
		case LEDGER_TAG_INT4:
		case LEDGER_TAG_DATE:
			ledger_cell_u32(w, tag, (uint32_t) bits);
			break;
		case LEDGER_TAG_FLOAT4:
			memcpy(&f4, &bits, sizeof(f4));
			ledger_cell_float4(w, f4);
			break;
		case LEDGER_TAG_FLOAT8:
			memcpy(&f8, &bits, sizeof(f8));
			ledger_cell_float8(w, f8);
			break;
		case LEDGER_TAG_NUMERIC:
			random_numeric(state, w);
			break;
		case LEDGER_TAG_INT8:
		case LEDGER_TAG_MONEY:
		case LEDGER_TAG_PG_LSN:
		case LEDGER_TAG_TIME:
		case LEDGER_TAG_TIMESTAMP:
		case LEDGER_TAG_TIMESTAMPTZ:
			ledger_cell_u64(w, tag, bits);
			break;
		case LEDGER_TAG_TIMETZ:
			ledger_cell_timetz(w, (int64_t) bits, (int32_t) next_random(state));
			break;
		case LEDGER_TAG_INTERVAL:
			ledger_cell_interval(w, (int64_t) bits, (int32_t) next_random(state),
								 (int32_t) next_random(state));
			break;
		case LEDGER_TAG_UUID:
			ledger_cell_bytes(w, tag, raw, 16);
			break;
		case LEDGER_TAG_MACADDR:
			ledger_cell_bytes(w, tag, raw, 6);
			break;
		case LEDGER_TAG_MACADDR8:
			ledger_cell_bytes(w, tag, raw, 8);
			break;
		case LEDGER_TAG_BIT:
		case LEDGER_TAG_VARBIT:
			ledger_cell_bits(w, tag, (uint32_t) (bits % 70), raw);
			break;
		case LEDGER_TAG_INET:
		case LEDGER_TAG_CIDR:
			if (bits & 1)
				ledger_cell_inet(w, tag, 4, (uint8_t) (next_random(state) % 33), raw);
			else
				ledger_cell_inet(w, tag, 6, (uint8_t) (next_random(state) % 129), raw);
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
			len = random_text(state, (char *) raw);
			ledger_cell_bytes(w, tag, raw, len);
			break;
		case LEDGER_TAG_ARRAY:
		case LEDGER_TAG_RANGE:
		case LEDGER_TAG_MULTIRANGE:
		case LEDGER_TAG_COMPOSITE:
			if (depth > 0)
				random_nested(state, w, depth);
			else
				ledger_cell_null(w);
			break;
		case LEDGER_TAG_PROOF + 1:
			ledger_cell_bytes(w, LEDGER_TAG_REGISTERED, raw, bits % sizeof(raw));
			break;
		default:
			ledger_cell_bytes(w, tag, raw, bits % sizeof(raw));
			break;
	}
}

#endif							/* LEDGER_TEST_RANDOM_CELL_H */
