/*
 * core/canon.h
 *		Canonical values: the cells of docs/format.md section 2.
 *
 * A cell is a tag and, unless it is NULL, a `bytes`. The encoders append one
 * whole cell. Types that nest (array, range, multirange, composite) are written
 * with ledger_cell_begin(), their content, ledger_cell_end().
 */
#ifndef LEDGER_CORE_CANON_H
#define LEDGER_CORE_CANON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/status.h"

typedef enum ledger_tag
{
	LEDGER_TAG_NULL = 0x00,
	LEDGER_TAG_ERASED = 0x01,
	LEDGER_TAG_BOOL = 0x02,
	LEDGER_TAG_INT2 = 0x03,
	LEDGER_TAG_INT4 = 0x04,
	LEDGER_TAG_INT8 = 0x05,
	LEDGER_TAG_FLOAT4 = 0x06,
	LEDGER_TAG_FLOAT8 = 0x07,
	LEDGER_TAG_NUMERIC = 0x08,
	LEDGER_TAG_TEXT = 0x09,
	LEDGER_TAG_VARCHAR = 0x0a,
	LEDGER_TAG_BPCHAR = 0x0b,
	LEDGER_TAG_NAME = 0x0c,
	LEDGER_TAG_CITEXT = 0x0d,
	LEDGER_TAG_BYTEA = 0x0e,
	LEDGER_TAG_BIT = 0x0f,
	LEDGER_TAG_VARBIT = 0x10,
	LEDGER_TAG_UUID = 0x11,
	LEDGER_TAG_MONEY = 0x12,
	LEDGER_TAG_MACADDR = 0x13,
	LEDGER_TAG_MACADDR8 = 0x14,
	LEDGER_TAG_PG_LSN = 0x15,
	LEDGER_TAG_DATE = 0x16,
	LEDGER_TAG_TIME = 0x17,
	LEDGER_TAG_TIMETZ = 0x18,
	LEDGER_TAG_TIMESTAMP = 0x19,
	LEDGER_TAG_TIMESTAMPTZ = 0x1a,
	LEDGER_TAG_INTERVAL = 0x1b,
	LEDGER_TAG_INET = 0x1c,
	LEDGER_TAG_CIDR = 0x1d,
	LEDGER_TAG_JSON = 0x1e,
	LEDGER_TAG_JSONB = 0x1f,
	LEDGER_TAG_XML = 0x20,
	LEDGER_TAG_ENUM = 0x21,
	LEDGER_TAG_ARRAY = 0x22,
	LEDGER_TAG_RANGE = 0x23,
	LEDGER_TAG_MULTIRANGE = 0x24,
	LEDGER_TAG_COMPOSITE = 0x25,
	LEDGER_TAG_SEALED = 0x26,
	LEDGER_TAG_COMMITMENT = 0x27,
	LEDGER_TAG_PROOF = 0x28,
	LEDGER_TAG_REGISTERED = 0xf0
} ledger_tag;

/* Depth of nesting that a cell may have, a row's own cell being 1. */
#define LEDGER_CELL_DEPTH 32

/* Flags of a range. */
#define LEDGER_RANGE_EMPTY 0x01
#define LEDGER_RANGE_LOWER_INC 0x02
#define LEDGER_RANGE_UPPER_INC 0x04
#define LEDGER_RANGE_LOWER_INF 0x08
#define LEDGER_RANGE_UPPER_INF 0x10

/* Sign byte of a numeric. */
#define LEDGER_NUMERIC_POS 0
#define LEDGER_NUMERIC_NEG 1
#define LEDGER_NUMERIC_NAN 2
#define LEDGER_NUMERIC_PINF 3
#define LEDGER_NUMERIC_NINF 4
#define LEDGER_NUMERIC_MAX_DSCALE 16383

/* True for every tag of the table in format.md, NULL and erased included. */
extern bool ledger_tag_known(uint8_t tag);

/* The type's name as in format.md, "erased", "NULL", or NULL for an unknown tag. */
extern const char *ledger_tag_name(uint8_t tag);

/* ---- encoding ------------------------------------------------------------- */

/* Start a cell whose content follows; give the result to ledger_cell_end(). */
static inline size_t
ledger_cell_begin(ledger_writer *w, uint8_t tag)
{
	ledger_write_u8(w, tag);
	return ledger_write_bytes_begin(w);
}

static inline void
ledger_cell_end(ledger_writer *w, size_t begin)
{
	ledger_write_bytes_end(w, begin);
}

static inline void
ledger_cell_null(ledger_writer *w)
{
	ledger_write_u8(w, LEDGER_TAG_NULL);
}

/* Any type whose content is given as it is: text, bytea, uuid, enum, registered ... */
static inline void
ledger_cell_bytes(ledger_writer *w, uint8_t tag, const void *data, size_t len)
{
	ledger_write_u8(w, tag);
	ledger_write_bytes(w, data, len);
}

static inline void
ledger_cell_u8(ledger_writer *w, uint8_t tag, uint8_t v)
{
	ledger_write_u8(w, tag);
	ledger_write_u32(w, 1);
	ledger_write_u8(w, v);
}

static inline void
ledger_cell_u16(ledger_writer *w, uint8_t tag, uint16_t v)
{
	ledger_write_u8(w, tag);
	ledger_write_u32(w, 2);
	ledger_write_u16(w, v);
}

static inline void
ledger_cell_u32(ledger_writer *w, uint8_t tag, uint32_t v)
{
	ledger_write_u8(w, tag);
	ledger_write_u32(w, 4);
	ledger_write_u32(w, v);
}

static inline void
ledger_cell_u64(ledger_writer *w, uint8_t tag, uint64_t v)
{
	ledger_write_u8(w, tag);
	ledger_write_u32(w, 8);
	ledger_write_u64(w, v);
}

static inline void
ledger_cell_bool(ledger_writer *w, bool v)
{
	ledger_cell_u8(w, LEDGER_TAG_BOOL, v ? 1 : 0);
}

/* NaN in its one form, everything else bit by bit. */
extern void ledger_cell_float4(ledger_writer *w, float v);
extern void ledger_cell_float8(ledger_writer *w, double v);

/*
 * Base 10,000 digits as PostgreSQL keeps them; leading and trailing zero digits
 * are dropped here and weight adjusted. For NaN and infinities the rest is not looked at.
 */
extern void ledger_cell_numeric(ledger_writer *w, uint8_t sign, int weight, unsigned dscale,
								const int16_t *digits, size_t ndigits);

/* bits are copied and the unused ones of the last byte cleared. */
extern void ledger_cell_bits(ledger_writer *w, uint8_t tag, uint32_t nbits, const uint8_t *bits);

extern void ledger_cell_timetz(ledger_writer *w, int64_t time, int32_t zone);
extern void ledger_cell_interval(ledger_writer *w, int64_t time, int32_t days, int32_t months);

/* family is 4 or 6; address has 4 or 16 bytes. */
extern void ledger_cell_inet(ledger_writer *w, uint8_t tag, uint8_t family, uint8_t prefix,
							 const uint8_t *address);

/* ---- decoding ------------------------------------------------------------- */

/* The first cell of a reader, not looked into: its tag and content. NULL gives content NULL, len 0. */
extern ledger_status ledger_cell_read(ledger_reader *r, uint8_t *tag, const uint8_t **content, size_t *len);

/*
 * Read one whole cell and check everything that format.md says about it. in_row
 * allows tag 01. On error the reader's sticky error is set and returned.
 */
extern ledger_status ledger_cell_check(ledger_reader *r, bool in_row);

/* The same for a cell that fills its buffer exactly. */
extern ledger_status ledger_canon_check(const void *cell, size_t len, bool in_row);

/*
 * Render a cell as a person reads it: as psql shows the type under DateStyle ISO,
 * IntervalStyle postgres, TimeZone UTC, bytea_output hex. NULL is an empty string
 * at the top; an erased cell is "(erased)". out gets at most cap - 1 bytes and a
 * zero byte (cap 0 stores nothing); *len is the full length. A cell that does not
 * pass ledger_canon_check() is not rendered: its status is returned. Money is in
 * the smallest unit of two decimals without a symbol, as the locale is not part
 * of the value.
 */
extern ledger_status ledger_canon_print(const void *cell, size_t celllen, char *out, size_t cap, size_t *len);

#endif							/* LEDGER_CORE_CANON_H */
