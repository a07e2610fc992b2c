/*
 * crypto/field_portable.h
 *		The four operations that everything in field_impl.h is made of, in plain C.
 *
 * Both primes are -1 modulo 2^64. So the multiple of p that clears the lowest word
 * m of a number t is m p itself, and (t + m p) / 2^64 = t / 2^64 + m (p + 1) / 2^64,
 * where the division of t drops its lowest word. (p + 1) / 2^64 is short:
 *
 *		P-256	2^192 - 2^160 + 2^128 + 2^32
 *		SM2		2^192 - 2^160 - 2^32 + 1
 */
#ifndef LEDGER_CRYPTO_FIELD_PORTABLE_H
#define LEDGER_CRYPTO_FIELD_PORTABLE_H

#include "crypto/curve_internal.h"

/* Less p, unless that is negative; t has 257 bits and is below 2p. */
static inline void
fe_reduce_once(uint64_t t0, uint64_t t1, uint64_t t2, uint64_t t3, uint64_t t4, ledger_fe *r)
{
	uint64_t	borrow = 0;
	uint64_t	s0 = ledger_subb(t0, P0, &borrow);
	uint64_t	s1 = ledger_subb(t1, P1, &borrow);
	uint64_t	s2 = ledger_subb(t2, P2, &borrow);
	uint64_t	s3 = ledger_subb(t3, P3, &borrow);
	uint64_t	keep;

	(void) ledger_subb(t4, 0, &borrow);
	keep = ledger_mask_bit(borrow);
	r->v[0] = s0 ^ (keep & (s0 ^ t0));
	r->v[1] = s1 ^ (keep & (s1 ^ t1));
	r->v[2] = s2 ^ (keep & (s2 ^ t2));
	r->v[3] = s3 ^ (keep & (s3 ^ t3));
}

static inline void
fe_add(const ledger_fe *a, const ledger_fe *b, ledger_fe *r)
{
	uint64_t	carry = 0;
	uint64_t	t0 = ledger_addc(a->v[0], b->v[0], &carry);
	uint64_t	t1 = ledger_addc(a->v[1], b->v[1], &carry);
	uint64_t	t2 = ledger_addc(a->v[2], b->v[2], &carry);
	uint64_t	t3 = ledger_addc(a->v[3], b->v[3], &carry);

	fe_reduce_once(t0, t1, t2, t3, carry, r);
}

static inline void
fe_sub(const ledger_fe *a, const ledger_fe *b, ledger_fe *r)
{
	uint64_t	borrow = 0;
	uint64_t	carry = 0;
	uint64_t	t0 = ledger_subb(a->v[0], b->v[0], &borrow);
	uint64_t	t1 = ledger_subb(a->v[1], b->v[1], &borrow);
	uint64_t	t2 = ledger_subb(a->v[2], b->v[2], &borrow);
	uint64_t	t3 = ledger_subb(a->v[3], b->v[3], &borrow);
	uint64_t	mask = ledger_mask_bit(borrow);

	r->v[0] = ledger_addc(t0, mask & P0, &carry);
	r->v[1] = ledger_addc(t1, mask & P1, &carry);
	r->v[2] = ledger_addc(t2, mask & P2, &carry);
	r->v[3] = ledger_addc(t3, mask & P3, &carry);
}

/* m (p + 1) / 2^64 + t, in place; returns what is carried out of four words */
static inline uint64_t
fe_fold(uint64_t m, uint64_t t[4])
{
	uint64_t	carry = 0;

#if defined(FIELD_P256)
	t[0] = ledger_addc(t[0], m << 32, &carry);
	t[1] = ledger_addc(t[1], m >> 32, &carry);
	t[2] = ledger_muladd(m, 0xffffffff00000001, t[2], carry, &carry);
#else
	t[0] = ledger_muladd(m, 0xffffffff00000001, t[0], 0, &carry);
	t[1] = ledger_muladd(m, 0xffffffffffffffff, t[1], carry, &carry);
	t[2] = ledger_muladd(m, 0xfffffffeffffffff, t[2], carry, &carry);
#endif
	t[3] += carry;
	return t[3] < carry;
}

/* t += a b for one word a; returns a fifth word */
static inline uint64_t
fe_add_row(uint64_t a, const ledger_fe *b, uint64_t t[4])
{
	uint64_t	carry;

	t[0] = ledger_muladd(a, b->v[0], t[0], 0, &carry);
	t[1] = ledger_muladd(a, b->v[1], t[1], carry, &carry);
	t[2] = ledger_muladd(a, b->v[2], t[2], carry, &carry);
	t[3] = ledger_muladd(a, b->v[3], t[3], carry, &carry);
	return carry;
}

/* Row by row; after each row and its reduction t and its carry are below 2p. */
static inline void
fe_mul(const ledger_fe *a, const ledger_fe *b, ledger_fe *r)
{
	uint64_t	t[8] = {0};
	uint64_t	carry = 0;
	int			i;

#pragma GCC unroll 4
	for (i = 0; i < 4; i++)
	{
		/* no carry: it is at most 2^64 - 1 that the row leaves beside the one of before */
		t[i + 4] = fe_add_row(a->v[i], b, t + i) + carry;
		carry = fe_fold(t[i], t + i + 1);
	}
	fe_reduce_once(t[4], t[5], t[6], t[7], carry, r);
}

/* The square as eight words, then its lower half folded into the upper. */
static inline void
fe_sqr(const ledger_fe *a, ledger_fe *r)
{
	uint64_t	a0 = a->v[0];
	uint64_t	a1 = a->v[1];
	uint64_t	a2 = a->v[2];
	uint64_t	a3 = a->v[3];
	uint64_t	t[8];
	uint64_t	low[8];
	uint64_t	high[4];
	uint64_t	carry = 0;
	int			i;

	/* the products of different words */
	t[1] = ledger_muladd(a0, a1, 0, 0, &t[2]);
	t[2] = ledger_muladd(a0, a2, t[2], 0, &t[3]);
	t[3] = ledger_muladd(a0, a3, t[3], 0, &t[4]);
	t[3] = ledger_muladd(a1, a2, t[3], 0, &t[5]);
	t[4] = ledger_muladd(a1, a3, t[4], t[5], &t[5]);
	t[5] = ledger_muladd(a2, a3, t[5], 0, &t[6]);

	/* twice that, and the squares of the words */
	t[7] = t[6] >> 63;
#pragma GCC unroll 6
	for (i = 6; i > 1; i--)
		t[i] = t[i] << 1 | t[i - 1] >> 63;
	t[1] <<= 1;
	t[0] = ledger_muladd(a0, a0, 0, 0, &high[0]);
	low[1] = ledger_muladd(a1, a1, 0, 0, &high[1]);
	low[2] = ledger_muladd(a2, a2, 0, 0, &high[2]);
	low[3] = ledger_muladd(a3, a3, 0, 0, &high[3]);
	t[1] = ledger_addc(t[1], high[0], &carry);
	t[2] = ledger_addc(t[2], low[1], &carry);
	t[3] = ledger_addc(t[3], high[1], &carry);
	t[4] = ledger_addc(t[4], low[2], &carry);
	t[5] = ledger_addc(t[5], high[2], &carry);
	t[6] = ledger_addc(t[6], low[3], &carry);
	t[7] = ledger_addc(t[7], high[3], &carry);

	/* (low + m p) / 2^64 is below 2^256 for a low that is: nothing is carried out */
	for (i = 0; i < 4; i++)
	{
		low[i] = t[i];
		low[i + 4] = 0;
	}
#pragma GCC unroll 4
	for (i = 0; i < 4; i++)
		(void) fe_fold(low[i], low + i + 1);
	carry = 0;
	t[4] = ledger_addc(t[4], low[4], &carry);
	t[5] = ledger_addc(t[5], low[5], &carry);
	t[6] = ledger_addc(t[6], low[6], &carry);
	t[7] = ledger_addc(t[7], low[7], &carry);
	fe_reduce_once(t[4], t[5], t[6], t[7], carry, r);
}

#endif							/* LEDGER_CRYPTO_FIELD_PORTABLE_H */
