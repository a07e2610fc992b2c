/*
 * test/unit/reencode.h
 *		Takes a checked cell apart and writes it anew with the encoders of core/canon.h.
 *
 * A cell that passes the check has one encoding only, so the bytes must come out
 * as they went in.
 */
#ifndef LEDGER_TEST_REENCODE_H
#define LEDGER_TEST_REENCODE_H

#include <stdlib.h>
#include <string.h>

#include "core/canon.h"

static void reencode_cell(ledger_reader *r, ledger_writer *w);

static inline void
reencode_numeric(ledger_reader *r, ledger_writer *w)
{
	uint8_t		sign = ledger_read_u8(r);
	int			weight = ledger_read_i16(r);
	unsigned	dscale = ledger_read_u16(r);
	size_t		n = ledger_read_u16(r);
	int16_t	   *digits = (int16_t *) malloc((n + 3) * sizeof(int16_t));
	size_t		i;

	/* zeros around the digits, as a backend may have them, must fall away */
	memset(digits, 0, (n + 3) * sizeof(int16_t));
	for (i = 0; i < n; i++)
		digits[i + 1] = ledger_read_i16(r);
	ledger_cell_numeric(w, sign, weight + 1, dscale, digits, n + 3);
	free(digits);
}

static inline void
reencode_range(ledger_reader *r, ledger_writer *w)
{
	uint8_t		flags = ledger_read_u8(r);

	ledger_write_u8(w, flags);
	if (flags & LEDGER_RANGE_EMPTY)
		return;
	if (!(flags & LEDGER_RANGE_LOWER_INF))
		reencode_cell(r, w);
	if (!(flags & LEDGER_RANGE_UPPER_INF))
		reencode_cell(r, w);
}

static inline void
reencode_nested(ledger_reader *r, ledger_writer *w, uint8_t tag)
{
	uint64_t	count = 1;
	size_t		n;
	unsigned	i;

	switch (tag)
	{
		case LEDGER_TAG_ARRAY:
			i = ledger_read_u8(r);
			ledger_write_u8(w, (uint8_t) i);
			for (; i > 0; i--)
			{
				uint32_t	length = ledger_read_u32(r);

				count *= length;
				ledger_write_u32(w, length);
				ledger_write_i32(w, ledger_read_i32(r));
			}
			while (r->left > 0)
				reencode_cell(r, w);
			break;
		case LEDGER_TAG_RANGE:
			reencode_range(r, w);
			break;
		case LEDGER_TAG_MULTIRANGE:
			count = ledger_read_u32(r);
			ledger_write_u32(w, (uint32_t) count);
			for (; count > 0; count--)
			{
				size_t		begin = ledger_write_bytes_begin(w);
				const uint8_t *p = ledger_read_bytes(r, &n);
				ledger_reader one;

				ledger_reader_init(&one, p, n);
				reencode_range(&one, w);
				ledger_write_bytes_end(w, begin);
			}
			break;
		default:
			count = ledger_read_u16(r);
			ledger_write_u16(w, (uint16_t) count);
			for (; count > 0; count--)
				reencode_cell(r, w);
			break;
	}
}

static void
reencode_cell(ledger_reader *r, ledger_writer *w)
{
	const uint8_t *p;
	uint8_t		tag;
	size_t		len;
	ledger_reader c;

	ledger_cell_read(r, &tag, &p, &len);
	ledger_reader_init(&c, p, len);
	switch (tag)
	{
		case LEDGER_TAG_NULL:
			ledger_cell_null(w);
			break;
		case LEDGER_TAG_BOOL:
			ledger_cell_bool(w, p[0] == 1);
			break;
		case LEDGER_TAG_INT2:
			ledger_cell_u16(w, tag, ledger_read_u16(&c));
			break;
		case LEDGER_TAG_INT4:
		case LEDGER_TAG_DATE:
			ledger_cell_u32(w, tag, ledger_read_u32(&c));
			break;
		case LEDGER_TAG_INT8:
		case LEDGER_TAG_MONEY:
		case LEDGER_TAG_PG_LSN:
		case LEDGER_TAG_TIME:
		case LEDGER_TAG_TIMESTAMP:
		case LEDGER_TAG_TIMESTAMPTZ:
			ledger_cell_u64(w, tag, ledger_read_u64(&c));
			break;
		case LEDGER_TAG_FLOAT4:
		{
			uint32_t	bits = ledger_read_u32(&c);
			float		v;

			memcpy(&v, &bits, sizeof(v));
			ledger_cell_float4(w, v);
			break;
		}
		case LEDGER_TAG_FLOAT8:
		{
			uint64_t	bits = ledger_read_u64(&c);
			double		v;

			memcpy(&v, &bits, sizeof(v));
			ledger_cell_float8(w, v);
			break;
		}
		case LEDGER_TAG_NUMERIC:
			reencode_numeric(&c, w);
			break;
		case LEDGER_TAG_BIT:
		case LEDGER_TAG_VARBIT:
		{
			uint32_t	nbits = ledger_read_u32(&c);

			ledger_cell_bits(w, tag, nbits, c.p);
			break;
		}
		case LEDGER_TAG_TIMETZ:
		{
			int64_t		time = ledger_read_i64(&c);

			ledger_cell_timetz(w, time, ledger_read_i32(&c));
			break;
		}
		case LEDGER_TAG_INTERVAL:
		{
			int64_t		time = ledger_read_i64(&c);
			int32_t		days = ledger_read_i32(&c);

			ledger_cell_interval(w, time, days, ledger_read_i32(&c));
			break;
		}
		case LEDGER_TAG_INET:
		case LEDGER_TAG_CIDR:
			ledger_cell_inet(w, tag, p[0], p[1], p + 2);
			break;
		case LEDGER_TAG_ARRAY:
		case LEDGER_TAG_RANGE:
		case LEDGER_TAG_MULTIRANGE:
		case LEDGER_TAG_COMPOSITE:
		{
			size_t		begin = ledger_cell_begin(w, tag);

			reencode_nested(&c, w, tag);
			ledger_cell_end(w, begin);
			break;
		}
		default:
			ledger_cell_bytes(w, tag, p, len);
			break;
	}
}

#endif							/* LEDGER_TEST_REENCODE_H */
