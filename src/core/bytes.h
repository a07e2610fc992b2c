/*
 * core/bytes.h
 *		Bounded reading and writing of the integers and strings of docs/format.md.
 *
 * Both remember the first thing that went wrong, so a caller may do a whole
 * sequence of calls and look once. Neither allocates. Integers are big-endian.
 */
#ifndef LEDGER_CORE_BYTES_H
#define LEDGER_CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/status.h"

/* ---- single integers at an address --------------------------------------- */

static inline void
ledger_put_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t) (v >> 8);
	p[1] = (uint8_t) v;
}

static inline void
ledger_put_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t) (v >> 24);
	p[1] = (uint8_t) (v >> 16);
	p[2] = (uint8_t) (v >> 8);
	p[3] = (uint8_t) v;
}

static inline void
ledger_put_u64(uint8_t *p, uint64_t v)
{
	ledger_put_u32(p, (uint32_t) (v >> 32));
	ledger_put_u32(p + 4, (uint32_t) v);
}

static inline uint16_t
ledger_get_u16(const uint8_t *p)
{
	return (uint16_t) ((p[0] << 8) | p[1]);
}

static inline uint32_t
ledger_get_u32(const uint8_t *p)
{
	return ((uint32_t) p[0] << 24) | ((uint32_t) p[1] << 16) | ((uint32_t) p[2] << 8) | p[3];
}

static inline uint64_t
ledger_get_u64(const uint8_t *p)
{
	return ((uint64_t) ledger_get_u32(p) << 32) | ledger_get_u32(p + 4);
}

/* A `bytes` or `text` that lies in somebody else's buffer. */
typedef struct ledger_slice
{
	const uint8_t *data;
	size_t		len;
} ledger_slice;

static inline ledger_slice
ledger_slice_make(const void *data, size_t len)
{
	ledger_slice s;

	s.data = (const uint8_t *) data;
	s.len = len;
	return s;
}

/* ---- reader --------------------------------------------------------------- */

/*
 * p and left are the unread input, owned by the caller. After an error nothing
 * is left, integers read as 0 and pointers as NULL.
 */
typedef struct ledger_reader
{
	const uint8_t *p;
	size_t		left;
	ledger_status error;		/* the first error, LEDGER_OK if none */
} ledger_reader;

static inline void
ledger_reader_init(ledger_reader *r, const void *data, size_t len)
{
	r->p = (const uint8_t *) data;
	r->left = len;
	r->error = LEDGER_OK;
}

/* Record an error found by the caller. The first one stays. */
static inline void
ledger_read_fail(ledger_reader *r, ledger_status error)
{
	if (r->error == LEDGER_OK)
		r->error = error;
	r->left = 0;
}

/* Exactly n bytes, inside the input; NULL on error. With n = 0 not NULL unless there is an error. */
static inline const uint8_t *
ledger_read_fixed(ledger_reader *r, size_t n)
{
	static const uint8_t nothing = 0;
	const uint8_t *p = r->p;

	if (r->error != LEDGER_OK || n > r->left)
	{
		ledger_read_fail(r, LEDGER_TRUNCATED);
		return NULL;
	}
	if (n == 0)
		return p == NULL ? &nothing : p;
	r->p += n;
	r->left -= n;
	return p;
}

/* Exactly n bytes copied to out, zeros on error. */
static inline void
ledger_read_copy(ledger_reader *r, void *out, size_t n)
{
	const uint8_t *p = ledger_read_fixed(r, n);

	if (p != NULL)
		memcpy(out, p, n);
	else
		memset(out, 0, n);
}

static inline uint8_t
ledger_read_u8(ledger_reader *r)
{
	const uint8_t *p = ledger_read_fixed(r, 1);

	return p == NULL ? 0 : p[0];
}

static inline uint16_t
ledger_read_u16(ledger_reader *r)
{
	const uint8_t *p = ledger_read_fixed(r, 2);

	return p == NULL ? 0 : ledger_get_u16(p);
}

static inline uint32_t
ledger_read_u32(ledger_reader *r)
{
	const uint8_t *p = ledger_read_fixed(r, 4);

	return p == NULL ? 0 : ledger_get_u32(p);
}

static inline uint64_t
ledger_read_u64(ledger_reader *r)
{
	const uint8_t *p = ledger_read_fixed(r, 8);

	return p == NULL ? 0 : ledger_get_u64(p);
}

static inline int16_t
ledger_read_i16(ledger_reader *r)
{
	return (int16_t) ledger_read_u16(r);
}

static inline int32_t
ledger_read_i32(ledger_reader *r)
{
	return (int32_t) ledger_read_u32(r);
}

static inline int64_t
ledger_read_i64(ledger_reader *r)
{
	return (int64_t) ledger_read_u64(r);
}

/* A `bytes`: its length goes to *len (0 on error). */
static inline const uint8_t *
ledger_read_bytes(ledger_reader *r, size_t *len)
{
	uint32_t	n = ledger_read_u32(r);
	const uint8_t *p = ledger_read_fixed(r, n);

	*len = p == NULL ? 0 : n;
	return p;
}

/* A `text`: a `bytes` that must be UTF-8 (RFC 3629) without a zero byte. */
extern const char *ledger_read_text(ledger_reader *r, size_t *len);

/* A `bytes` and a `text` as a slice; NULL and 0 on error. */
static inline ledger_slice
ledger_read_slice(ledger_reader *r)
{
	ledger_slice s;

	s.data = ledger_read_bytes(r, &s.len);
	return s;
}

static inline ledger_slice
ledger_read_text_slice(ledger_reader *r)
{
	ledger_slice s;

	s.data = (const uint8_t *) ledger_read_text(r, &s.len);
	return s;
}

/* An unsigned LEB128 number of at most 64 bits, in its shortest form. */
extern uint64_t ledger_read_varint(ledger_reader *r);

/* The status of reading everything: the first error, or LEDGER_TRAILING when bytes are left. */
static inline ledger_status
ledger_reader_finish(const ledger_reader *r)
{
	if (r->error != LEDGER_OK)
		return r->error;
	return r->left == 0 ? LEDGER_OK : LEDGER_TRAILING;
}

/* ---- writer --------------------------------------------------------------- */

/*
 * Writes into the caller's buffer of cap bytes. len counts on past the end, so
 * that it tells the room that is needed; nothing is stored once cap is passed.
 * buf may be NULL with cap 0, to measure.
 */
typedef struct ledger_writer
{
	uint8_t	   *buf;
	size_t		cap;
	size_t		len;
} ledger_writer;

static inline void
ledger_writer_init(ledger_writer *w, void *buf, size_t cap)
{
	w->buf = (uint8_t *) buf;
	w->cap = cap;
	w->len = 0;
}

/* True as long as everything written is in the buffer. */
static inline bool
ledger_writer_ok(const ledger_writer *w)
{
	return w->len <= w->cap;
}

/* LEDGER_OK or LEDGER_NO_SPACE. */
static inline ledger_status
ledger_writer_finish(const ledger_writer *w)
{
	return ledger_writer_ok(w) ? LEDGER_OK : LEDGER_NO_SPACE;
}

/* Room for n bytes at the end, counted as written; NULL when it is not there. */
static inline uint8_t *
ledger_write_room(ledger_writer *w, size_t n)
{
	uint8_t	   *p = NULL;

	if (w->len <= w->cap && n <= w->cap - w->len)
		p = w->buf == NULL ? NULL : w->buf + w->len;
	if (n > SIZE_MAX - w->len)
		w->len = SIZE_MAX;
	else
		w->len += n;
	return p;
}

static inline void
ledger_write_fixed(ledger_writer *w, const void *data, size_t n)
{
	uint8_t	   *p = ledger_write_room(w, n);

	if (p != NULL && n > 0)
		memcpy(p, data, n);
}

static inline void
ledger_write_u8(ledger_writer *w, uint8_t v)
{
	uint8_t	   *p = ledger_write_room(w, 1);

	if (p != NULL)
		*p = v;
}

static inline void
ledger_write_u16(ledger_writer *w, uint16_t v)
{
	uint8_t	   *p = ledger_write_room(w, 2);

	if (p != NULL)
		ledger_put_u16(p, v);
}

static inline void
ledger_write_u32(ledger_writer *w, uint32_t v)
{
	uint8_t	   *p = ledger_write_room(w, 4);

	if (p != NULL)
		ledger_put_u32(p, v);
}

static inline void
ledger_write_u64(ledger_writer *w, uint64_t v)
{
	uint8_t	   *p = ledger_write_room(w, 8);

	if (p != NULL)
		ledger_put_u64(p, v);
}

static inline void
ledger_write_i16(ledger_writer *w, int16_t v)
{
	ledger_write_u16(w, (uint16_t) v);
}

static inline void
ledger_write_i32(ledger_writer *w, int32_t v)
{
	ledger_write_u32(w, (uint32_t) v);
}

static inline void
ledger_write_i64(ledger_writer *w, int64_t v)
{
	ledger_write_u64(w, (uint64_t) v);
}

/* A `bytes`. A length above 2^32 - 1 counts as no space. */
static inline void
ledger_write_bytes(ledger_writer *w, const void *data, size_t n)
{
	if (n > UINT32_MAX)
	{
		w->len = SIZE_MAX;
		return;
	}
	ledger_write_u32(w, (uint32_t) n);
	ledger_write_fixed(w, data, n);
}

static inline void
ledger_write_slice(ledger_writer *w, ledger_slice s)
{
	ledger_write_bytes(w, s.data, s.len);
}

extern void ledger_write_varint(ledger_writer *w, uint64_t v);

/*
 * A `bytes` whose length is not known yet: write the content between begin and
 * end, and give end what begin returned. Pairs may nest.
 */
static inline size_t
ledger_write_bytes_begin(ledger_writer *w)
{
	ledger_write_u32(w, 0);
	return w->len;
}

static inline void
ledger_write_bytes_end(ledger_writer *w, size_t begin)
{
	if (!ledger_writer_ok(w) || w->buf == NULL)
		return;
	if (w->len - begin > UINT32_MAX)
		w->len = SIZE_MAX;
	else
		ledger_put_u32(w->buf + begin - 4, (uint32_t) (w->len - begin));
}

/* ---- text ----------------------------------------------------------------- */

/* True for UTF-8 of RFC 3629 (no surrogates, nothing overlong) without a zero byte. */
extern bool ledger_utf8_valid(const void *text, size_t len);

/* 2 * len lower-case digits and a zero byte. */
extern void ledger_hex_encode(const void *data, size_t len, char *out);

/* Exactly 2 * len lower-case hex digits; false for anything else. */
extern bool ledger_hex_decode(const char *text, size_t textlen, uint8_t *out, size_t len);

/* Characters that base64 needs for len bytes, without a zero byte. */
#define LEDGER_BASE64_LEN(len) (((len) + 2) / 3 * 4)

/* Append padded base64 of RFC 4648 section 4. */
extern void ledger_write_base64(ledger_writer *w, const void *data, size_t len);

/*
 * Decode padded base64 in its one spelling into out and give its length.
 * LEDGER_BAD_SYNTAX, or LEDGER_NO_SPACE with *len the room needed.
 */
extern ledger_status ledger_base64_decode(const char *text, size_t textlen, uint8_t *out, size_t cap,
										  size_t *len);

/* Append a decimal number without leading zero. */
extern void ledger_write_decimal(ledger_writer *w, uint64_t v);

/* A decimal number without leading zero that fits in 64 bits; false for anything else. */
extern bool ledger_decimal_parse(const char *text, size_t len, uint64_t *v);

/* Append the characters of a C string. */
extern void ledger_write_string(ledger_writer *w, const char *text);

#endif							/* LEDGER_CORE_BYTES_H */
