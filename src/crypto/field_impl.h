/*
 * crypto/field_impl.h
 *		Arithmetic modulo the prime of P-256 or of the SM2 curve: a template.
 *
 * The including file defines FIELD_P256 or FIELD_SM2. An element a is kept as
 * a 2^256 mod p (Montgomery), always below p, so equal elements are equal words.
 *
 *		P-256	p = 2^256 - 2^224 + 2^192 + 2^96 - 1		(FIPS 186-4 D.1.2.3)
 *		SM2		p = 2^256 - 2^224 - 2^96 + 2^64 - 1			(GM/T 0003.5)
 *
 * Everything here is constant time.
 */
#ifndef LEDGER_CRYPTO_FIELD_IMPL_H
#define LEDGER_CRYPTO_FIELD_IMPL_H

#include "crypto/curve_internal.h"

#if defined(FIELD_P256)
#define P0 0xffffffffffffffffu
#define P1 0x00000000ffffffffu
#define P2 0x0000000000000000u
#define P3 0xffffffff00000001u
static const ledger_fe fe_one = {
	{0x0000000000000001, 0xffffffff00000000, 0xffffffffffffffff, 0x00000000fffffffe}};
static const ledger_fe fe_r2 = {
	{0x0000000000000003, 0xfffffffbffffffff, 0xfffffffffffffffe, 0x00000004fffffffd}};
#elif defined(FIELD_SM2)
#define P0 0xffffffffffffffffu
#define P1 0xffffffff00000000u
#define P2 0xffffffffffffffffu
#define P3 0xfffffffeffffffffu
static const ledger_fe fe_one = {
	{0x0000000000000001, 0x00000000ffffffff, 0x0000000000000000, 0x0000000100000000}};
static const ledger_fe fe_r2 = {
	{0x0000000200000003, 0x00000002ffffffff, 0x0000000100000001, 0x0000000400000002}};
#else
#error "no field chosen"
#endif

#if defined(FIELD_ADX)
#include "crypto/field_adx.h"
#else
#include "crypto/field_portable.h"
#endif

static inline uint64_t
fe_zero_mask(const ledger_fe *a)
{
	return ledger_mask_zero(a->v[0] | a->v[1] | a->v[2] | a->v[3]);
}

static inline uint64_t
fe_equal_mask(const ledger_fe *a, const ledger_fe *b)
{
	return ledger_mask_zero((a->v[0] ^ b->v[0]) | (a->v[1] ^ b->v[1]) | (a->v[2] ^ b->v[2]) |
							(a->v[3] ^ b->v[3]));
}

static inline bool
fe_is_zero(const ledger_fe *a)
{
	return (a->v[0] | a->v[1] | a->v[2] | a->v[3]) == 0;
}

/* r = mask ? a : r */
static inline void
fe_cmov(uint64_t mask, const ledger_fe *a, ledger_fe *r)
{
	int			i;

#pragma GCC unroll 4
	for (i = 0; i < 4; i++)
		r->v[i] ^= mask & (r->v[i] ^ a->v[i]);
}

/* r = mask ? -a : a */
static inline void
fe_cneg(uint64_t mask, const ledger_fe *a, ledger_fe *r)
{
	static const ledger_fe zero = {{0}};
	ledger_fe	negative;

	fe_sub(&zero, a, &negative);
	*r = *a;
	fe_cmov(mask, &negative, r);
}

/* r = a / 2 */
static inline void
fe_half(const ledger_fe *a, ledger_fe *r)
{
	uint64_t	mask = ledger_mask_bit(a->v[0] & 1);
	uint64_t	carry = 0;
	uint64_t	t0 = ledger_addc(a->v[0], mask & P0, &carry);
	uint64_t	t1 = ledger_addc(a->v[1], mask & P1, &carry);
	uint64_t	t2 = ledger_addc(a->v[2], mask & P2, &carry);
	uint64_t	t3 = ledger_addc(a->v[3], mask & P3, &carry);

	r->v[0] = t0 >> 1 | t1 << 63;
	r->v[1] = t1 >> 1 | t2 << 63;
	r->v[2] = t2 >> 1 | t3 << 63;
	r->v[3] = t3 >> 1 | carry << 63;
}

static void
fe_sqr_times(unsigned n, const ledger_fe *a, ledger_fe *r)
{
	*r = *a;
	while (n-- > 0)
		fe_sqr(r, r);
}

/* r = a^(2^n) b */
static inline void
fe_chain(unsigned n, const ledger_fe *a, const ledger_fe *b, ledger_fe *r)
{
	ledger_fe	t;

	fe_sqr_times(n, a, &t);
	fe_mul(&t, b, r);
}

/* Powers whose exponents are 30, 31 and 32 ones in binary. */
static void
fe_ones(const ledger_fe *a, ledger_fe *x30, ledger_fe *x31, ledger_fe *x32)
{
	ledger_fe	x2;
	ledger_fe	x3;
	ledger_fe	t;

	fe_chain(1, a, a, &x2);
	fe_chain(1, &x2, a, &x3);
	fe_chain(3, &x3, &x3, &t);
	fe_chain(6, &t, &t, &t);
	fe_chain(3, &t, &x3, &t);
	fe_chain(15, &t, &t, x30);
	fe_chain(1, x30, a, x31);
	fe_chain(1, x31, a, x32);
}

/* r = 1/a = a^(p-2), and 0 for 0 */
static void
fe_invert(const ledger_fe *a, ledger_fe *r)
{
	ledger_fe	x30;
	ledger_fe	x31;
	ledger_fe	x32;
	ledger_fe	t;

	fe_ones(a, &x30, &x31, &x32);
#if defined(FIELD_P256)
	fe_chain(32, &x32, a, &t);
	fe_chain(128, &t, &x32, &t);
	fe_chain(32, &t, &x32, &t);
#else
	{
		ledger_fe	x128;

		fe_chain(32, &x32, &x32, &x128);
		fe_chain(64, &x128, &x128, &x128);
		fe_chain(129, &x31, &x128, &t);
		fe_chain(64, &t, &x32, &t);
	}
#endif
	fe_chain(30, &t, &x30, &t);
	fe_chain(2, &t, a, r);
}

/* r = a^((p+1)/4), which is a root of a if a has one */
static void
fe_sqrt_candidate(const ledger_fe *a, ledger_fe *r)
{
	ledger_fe	x30;
	ledger_fe	x31;
	ledger_fe	x32;
	ledger_fe	t;

	fe_ones(a, &x30, &x31, &x32);
#if defined(FIELD_P256)
	fe_chain(32, &x32, a, &t);
	fe_chain(96, &t, a, &t);
	fe_sqr_times(94, &t, r);
#else
	{
		ledger_fe	x128;

		fe_chain(32, &x32, &x32, &x128);
		fe_chain(64, &x128, &x128, &x128);
		fe_chain(129, &x31, &x128, &t);
		fe_chain(32, &t, a, &t);
		fe_sqr_times(62, &t, r);
	}
#endif
}

/* False, and *r undefined, unless the big-endian number is below p. */
static bool
fe_decode(const uint8_t in[32], ledger_fe *r)
{
	uint64_t	borrow = 0;
	ledger_fe	a;

	ledger_words_from_be(in, a.v);
	(void) ledger_subb(a.v[0], P0, &borrow);
	(void) ledger_subb(a.v[1], P1, &borrow);
	(void) ledger_subb(a.v[2], P2, &borrow);
	(void) ledger_subb(a.v[3], P3, &borrow);
	fe_mul(&a, &fe_r2, r);
	return borrow != 0;
}

/* The number of an element, as words. */
static inline void
fe_words(const ledger_fe *a, uint64_t w[4])
{
	static const ledger_fe plain_one = {{1}};
	ledger_fe	t;

	fe_mul(a, &plain_one, &t);
	w[0] = t.v[0];
	w[1] = t.v[1];
	w[2] = t.v[2];
	w[3] = t.v[3];
}

static void
fe_encode(const ledger_fe *a, uint8_t out[32])
{
	uint64_t	w[4];

	fe_words(a, w);
	ledger_words_to_be(w, out);
}

#endif							/* LEDGER_CRYPTO_FIELD_IMPL_H */
