/*
 * crypto/field_ifma.h
 *		Eight elements of the field side by side, with AVX-512 IFMA.
 *
 * An element is five limbs of 52 bits, a limb of all eight in one register. The
 * product is Montgomery's with R = 2^260, the lowest limb of p being -1 as well:
 * five times m = the lowest limb, t = t / 2^52 + m (p + 1) / 2^52.
 *
 * Numbers are not kept below p. A product of numbers below u p and v p is below
 * (u v / 16 + 1) p, so with u v <= 16 it is below 2p. The operands of a product have
 * limbs below 2^52; a sum or difference has any, also negative ones, until
 * wide_carry(), and needs a multiple of p added where it may be negative.
 *
 * The words of a ledger_fe are a 2^256. Read as a 2^260 / 16 they are the element
 * a/16, so a point (x, y) in memory is (x/16, y/16) here: see pair_ifma.h.
 */
#ifndef LEDGER_CRYPTO_FIELD_IFMA_H
#define LEDGER_CRYPTO_FIELD_IFMA_H

#include <immintrin.h>

#include "crypto/field_impl.h"

#define WIDE __attribute__((target("avx512f,avx512ifma,avx512vbmi2")))

/*
 * Eight elements are too many registers to hand over in a call. What the sanitizers
 * make of that much code in one function takes gcc minutes, so they get the calls.
 */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WIDE_CALLS
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define WIDE_CALLS
#endif
#if defined(WIDE_CALLS)
#define WIDE_INLINE WIDE __attribute__((noinline, unused)) static
#else
#define WIDE_INLINE WIDE __attribute__((always_inline)) static inline
#endif

typedef __m512i vec;

typedef struct
{
	vec			l[5];
} wide_fe;

/* Eight points in memory, word by word: x is w[0] to w[3], y the others. */
typedef struct
{
	vec			w[8];
} wide_words;

#if defined(FIELD_P256)
static const uint64_t wide_p[5] = {0xfffffffffffff, 0x00fffffffffff, 0x0000000000000, 0x0001000000000,
								   0x0ffffffff0000};	/* p */
static const uint64_t wide_q[5] = {0x0000000000000, 0x0100000000000, 0x0000000000000, 0x0001000000000,
								   0x0ffffffff0000};	/* p + 1 */
static const uint64_t wide_one[5] = {0x0000000000010, 0xf000000000000, 0xfffffffffffff, 0xffeffffffffff,
									 0x00000000fffff};	/* 2^260: the number 1 */
static const uint64_t wide_c48[5] = {0x0000000000300, 0x0000000000000, 0xffffffffffffd, 0xfcfffffffffff,
									 0x0000002ffffff};	/* 48 2^260 */
static const uint64_t wide_c3[5] = {0x0000000000003, 0xfd00000000000, 0xfffffffffffff, 0xfffcfffffffff,
									0x000000002ffff};	/* 3 2^256 */
static const uint64_t wide_r256[5] = {0x0000000000001, 0xff00000000000, 0xfffffffffffff, 0xfffefffffffff,
									  0x000000000ffff}; /* 2^256 */
static const uint64_t wide_r264[5] = {0x0000000000100, 0x0000000000000, 0xfffffffffffff, 0xfefffffffffff,
									  0x0000000ffffff}; /* 2^264 */
static const uint64_t wide_r520[5] = {0x0000000000300, 0xffffffff00000, 0xffffefffffffb, 0xfdfffffffffff,
									  0x0000004ffffff}; /* 2^520 */
#define WIDE_R264 0x0000000000000100, 0xffffff0000000000, 0xffffffffffffffff, 0x000000fffffffeff
#else
static const uint64_t wide_p[5] = {0xfffffffffffff, 0xff00000000fff, 0xfffffffffffff, 0xfffffffffffff,
								   0x0fffffffeffff};	/* p */
static const uint64_t wide_q[5] = {0x0000000000000, 0xff00000001000, 0xfffffffffffff, 0xfffffffffffff,
								   0x0fffffffeffff};	/* p + 1 */
static const uint64_t wide_one[5] = {0x0000000000010, 0x0ffffffff0000, 0x0000000000000, 0x0000000000000,
									 0x0000000100000};	/* 2^260: the number 1 */
static const uint64_t wide_c48[5] = {0x0000000000300, 0xfffffffd00000, 0x0000000000002, 0x0000000000000,
									 0x0000003000000};	/* 48 2^260 */
static const uint64_t wide_c3[5] = {0x0000000000003, 0x02fffffffd000, 0x0000000000000, 0x0000000000000,
									0x0000000030000};	/* 3 2^256 */
static const uint64_t wide_r256[5] = {0x0000000000001, 0x00ffffffff000, 0x0000000000000, 0x0000000000000,
									  0x0000000010000}; /* 2^256 */
static const uint64_t wide_r264[5] = {0x0000000000100, 0xffffffff00000, 0x0000000000000, 0x0000000000000,
									  0x0000001000000}; /* 2^264 */
static const uint64_t wide_r520[5] = {0x0020000000300, 0xffffffff00000, 0x0000100000002, 0x0200000001000,
									  0x0000004000000}; /* 2^520 */
#define WIDE_R264 0x0000000000000100, 0x000000ffffffff00, 0x0000000000000000, 0x0000010000000000
#endif

#define LIMB_MASK _mm512_set1_epi64(0xfffffffffffff)
#define SPLAT(a) _mm512_set1_epi64((long long) (a))
#define ADD(a, b) _mm512_add_epi64(a, b)
#define SUB(a, b) _mm512_sub_epi64(a, b)
#define AND(a, b) _mm512_and_si512(a, b)
#define OR(a, b) _mm512_or_si512(a, b)
#define SHL(a, n) _mm512_slli_epi64(a, n)
#define SHR(a, n) _mm512_srli_epi64(a, n)
#define SAR(a, n) _mm512_srai_epi64(a, n)

WIDE_INLINE wide_fe
wide_splat(const uint64_t a[5])
{
	wide_fe		r;
	int			i;

#pragma GCC unroll 5
	for (i = 0; i < 5; i++)
		r.l[i] = SPLAT(a[i]);
	return r;
}

/* a + b, limb by limb */
WIDE_INLINE wide_fe
wide_add(wide_fe a, wide_fe b)
{
	int			i;

#pragma GCC unroll 5
	for (i = 0; i < 5; i++)
		a.l[i] = ADD(a.l[i], b.l[i]);
	return a;
}

WIDE_INLINE wide_fe
wide_sub(wide_fe a, wide_fe b)
{
	int			i;

#pragma GCC unroll 5
	for (i = 0; i < 5; i++)
		a.l[i] = SUB(a.l[i], b.l[i]);
	return a;
}

/* a - b + k p */
WIDE_INLINE wide_fe
wide_sub_p(wide_fe a, wide_fe b, unsigned k)
{
	int			i;

#pragma GCC unroll 5
	for (i = 0; i < 5; i++)
		a.l[i] = ADD(SUB(a.l[i], b.l[i]), SPLAT(k * wide_p[i]));
	return a;
}

/* mask ? b : a */
WIDE_INLINE wide_fe
wide_blend(__mmask8 mask, wide_fe a, wide_fe b)
{
	int			i;

#pragma GCC unroll 5
	for (i = 0; i < 5; i++)
		a.l[i] = _mm512_mask_mov_epi64(a.l[i], mask, b.l[i]);
	return a;
}

/* mask ? -a : a, limb by limb */
WIDE_INLINE wide_fe
wide_negate(__mmask8 mask, wide_fe a)
{
	int			i;

#pragma GCC unroll 5
	for (i = 0; i < 5; i++)
		a.l[i] = _mm512_mask_sub_epi64(a.l[i], mask, _mm512_setzero_si512(), a.l[i]);
	return a;
}

/* All limbs but the highest below 2^52; so is that one when the number is below 2^260. */
WIDE_INLINE wide_fe
wide_carry(wide_fe a)
{
	int			i;

#pragma GCC unroll 4
	for (i = 0; i < 4; i++)
	{
		a.l[i + 1] = ADD(a.l[i + 1], SAR(a.l[i], 52));
		a.l[i] = AND(a.l[i], LIMB_MASK);
	}
	return a;
}

#define MADD_LOW(s, a, b) _mm512_madd52lo_epu64(s, a, b)
#define MADD_HIGH(s, a, b) _mm512_madd52hi_epu64(s, a, b)

WIDE_INLINE wide_fe
wide_mul(wide_fe a, wide_fe b)
{
	vec			low[10];
	vec			high[10];
	wide_fe		r;
	int			i;
	int			j;

#pragma GCC unroll 10
	for (i = 0; i < 10; i++)
		low[i] = high[i] = _mm512_setzero_si512();
#pragma GCC unroll 5
	for (i = 0; i < 5; i++)
#pragma GCC unroll 5
		for (j = 0; j < 5; j++)
		{
			low[i + j] = MADD_LOW(low[i + j], a.l[i], b.l[j]);
			high[i + j + 1] = MADD_HIGH(high[i + j + 1], a.l[i], b.l[j]);
		}
#pragma GCC unroll 10
	for (i = 1; i < 10; i++)
		low[i] = ADD(low[i], high[i]);
#pragma GCC unroll 5
	for (i = 0; i < 5; i++)
	{
		/* the instruction takes the lowest 52 bits of a factor */
		vec			m = low[i];

		low[i + 1] = ADD(low[i + 1], SHR(m, 52));
#pragma GCC unroll 4
		for (j = 1; j < 5; j++)
			if (wide_q[j] != 0)
			{
				low[i + j] = MADD_LOW(low[i + j], m, SPLAT(wide_q[j]));
				low[i + j + 1 < 10 ? i + j + 1 : 9] =
					MADD_HIGH(low[i + j + 1 < 10 ? i + j + 1 : 9], m, SPLAT(wide_q[j]));
			}
	}
#pragma GCC unroll 5
	for (i = 0; i < 5; i++)
		r.l[i] = low[i + 5];
	return wide_carry(r);
}

WIDE_INLINE wide_fe
wide_sqr(wide_fe a)
{
	return wide_mul(a, a);
}

/* a / 16, not carried, for a carried a: a + (a mod 16) p ends in four zeros */
WIDE_INLINE wide_fe
wide_div16(wide_fe a)
{
	const vec	low = SPLAT(15);
	vec			m = AND(a.l[0], low);
	int			i;

	a.l[0] = SUB(a.l[0], m);
#if defined(FIELD_P256)
	a.l[1] = ADD(a.l[1], SHL(m, 44));
	a.l[3] = ADD(a.l[3], SHL(m, 36));
#else
	a.l[1] = ADD(a.l[1], SUB(SHL(m, 12), SHL(m, 44)));
#endif
	a.l[4] = ADD(a.l[4], SUB(SHL(m, 48), SHL(m, 16)));
#pragma GCC unroll 4
	for (i = 0; i < 4; i++)
		a.l[i] = ADD(SAR(a.l[i], 4), SHL(AND(a.l[i + 1], low), 48));
	a.l[4] = SAR(a.l[4], 4);
	return a;
}

/* The number below p, for one that is not negative and below 8p and need not be carried. */
WIDE_INLINE wide_fe
wide_canonical(wide_fe a)
{
	wide_fe		less;
	vec			k;

	/* less k p, where k 2^256 is the part of the number above 256 bits */
	a = wide_carry(a);
	k = SHR(a.l[4], 48);
	a.l[0] = ADD(a.l[0], k);
#if defined(FIELD_P256)
	a.l[1] = SUB(a.l[1], SHL(k, 44));
	a.l[3] = SUB(a.l[3], SHL(k, 36));
#else
	a.l[1] = ADD(a.l[1], SUB(SHL(k, 44), SHL(k, 12)));
#endif
	a.l[4] = ADD(AND(a.l[4], SPLAT(0xffffffffffff)), SHL(k, 16));

	/* p once more, perhaps */
	less = wide_carry(wide_sub(a, wide_splat(wide_p)));
	return wide_blend(_mm512_cmplt_epi64_mask(less.l[4], _mm512_setzero_si512()), less, wide_carry(a));
}

/* ---- memory ------------------------------------------------------------------------ */

/* Rows become columns; the same function takes them back. */
WIDE_INLINE wide_words
wide_transpose(wide_words a)
{
	vec			t[8];
	vec			s[8];
	int			i;

#pragma GCC unroll 4
	for (i = 0; i < 8; i += 2)
	{
		t[i] = _mm512_unpacklo_epi64(a.w[i], a.w[i + 1]);
		t[i + 1] = _mm512_unpackhi_epi64(a.w[i], a.w[i + 1]);
	}

	/* s[4h + j]: of rows 4h to 4h + 3, the words j and j + 4 */
#pragma GCC unroll 2
	for (i = 0; i < 8; i += 4)
	{
		s[i] = _mm512_shuffle_i64x2(t[i], t[i + 2], 0x88);
		s[i + 1] = _mm512_shuffle_i64x2(t[i + 1], t[i + 3], 0x88);
		s[i + 2] = _mm512_shuffle_i64x2(t[i], t[i + 2], 0xdd);
		s[i + 3] = _mm512_shuffle_i64x2(t[i + 1], t[i + 3], 0xdd);
	}
#pragma GCC unroll 4
	for (i = 0; i < 4; i++)
	{
		a.w[i] = _mm512_shuffle_i64x2(s[i], s[i + 4], 0x88);
		a.w[i + 4] = _mm512_shuffle_i64x2(s[i], s[i + 4], 0xdd);
	}
	return a;
}

/* Four words of 64 bits as limbs. */
WIDE_INLINE wide_fe
wide_unpack(const vec w[4])
{
	wide_fe		r;

	r.l[0] = AND(w[0], LIMB_MASK);
	r.l[1] = AND(_mm512_shrdi_epi64(w[0], w[1], 52), LIMB_MASK);
	r.l[2] = AND(_mm512_shrdi_epi64(w[1], w[2], 40), LIMB_MASK);
	r.l[3] = AND(_mm512_shrdi_epi64(w[2], w[3], 28), LIMB_MASK);
	r.l[4] = SHR(w[3], 16);
	return r;
}

/* The reverse, for a number below 2^256. */
WIDE_INLINE void
wide_pack(wide_fe a, vec w[4])
{
	w[0] = OR(a.l[0], SHL(a.l[1], 52));
	w[1] = OR(SHR(a.l[1], 12), SHL(a.l[2], 40));
	w[2] = OR(SHR(a.l[2], 24), SHL(a.l[3], 28));
	w[3] = OR(SHR(a.l[3], 36), SHL(a.l[4], 16));
}

/* Lanes in which the number is 0; it is canonical. */
WIDE static inline __mmask8
wide_zero_mask(wide_fe a)
{
	vec			any = OR(OR(OR(a.l[0], a.l[1]), OR(a.l[2], a.l[3])), a.l[4]);

	return _mm512_testn_epi64_mask(any, any);
}

/* r = 1/a in each lane, below p; no lane is 0 modulo p. One inversion for all eight. */
WIDE static void
wide_invert(wide_fe a, wide_fe *r)
{
	/* fe_invert makes 2^512 / v of the number v, and the inverse of v = a 2^260 is 2^520 / v */
	static const ledger_fe r264 = {{WIDE_R264}};
	wide_words	words = {{{0}}};
	ledger_affine lane[8];
	ledger_fe	before[8];
	ledger_fe	inverse;
	int			i;

	wide_pack(wide_canonical(a), words.w);
#pragma GCC unroll 4
	for (i = 4; i < 8; i++)
		words.w[i] = words.w[0];
	words = wide_transpose(words);
	for (i = 0; i < 8; i++)
		_mm512_storeu_si512(&lane[i], words.w[i]);
	before[0] = lane[0].x;
	for (i = 1; i < 8; i++)
		fe_mul(&before[i - 1], &lane[i].x, &before[i]);
	fe_invert(&before[7], &inverse);
	fe_mul(&inverse, &r264, &inverse);
	for (i = 7; i > 0; i--)
	{
		ledger_fe	mine;

		fe_mul(&inverse, &before[i - 1], &mine);
		fe_mul(&inverse, &lane[i].x, &inverse);
		lane[i].x = mine;
	}
	lane[0].x = inverse;
	for (i = 0; i < 8; i++)
		words.w[i] = _mm512_loadu_si512(&lane[i]);
	words = wide_transpose(words);
	*r = wide_unpack(words.w);
}

#endif							/* LEDGER_CRYPTO_FIELD_IFMA_H */
