/*
 * crypto/pair_ifma.h
 *		The pairs of pair_impl.h, eight at a time with AVX-512 IFMA.
 *
 * The products that Montgomery's trick needs run down each lane, and the eight of
 * the end are inverted together.
 *
 * A point (x, y) of memory is read as (X, Y) = (x/16, y/16), see field_ifma.h. The
 * slope is the same; X3 = slope^2 / 16 - X1 - X2 and Y3 = slope (X1 - X3) - Y1. For
 * equal points the slope is N / 2Y with N = (3x^2 - 3) / 16 = 48 X^2 - 3/16.
 *
 * A vector in which some pair has equal or opposite points or the identity takes a
 * branch of its own and two products more: a quarter of its time.
 */
#ifndef LEDGER_CRYPTO_PAIR_IFMA_H
#define LEDGER_CRYPTO_PAIR_IFMA_H

#include "crypto/field_ifma.h"
#include "crypto/pair_impl.h"

/* Fewer pairs than this are not worth eight lanes. */
#define WIDE_LEAST 6

typedef struct
{
	wide_words	a;
	wide_words	b;
	__mmask8	a_negative;
	__mmask8	b_negative;

	/* lanes of which the other masks may be set: not every vector has any */
	__mmask8	special;
	__mmask8	equal;			/* the sum is 2a */
	__mmask8	only_a;			/* the sum is a, b being the identity */
	__mmask8	only_b;
	__mmask8	nothing;		/* the sum is the identity */
} wide_pair;

WIDE static inline __mmask8
words_equal(const vec a[4], const vec b[4])
{
	__mmask8	equal = _mm512_cmpeq_epi64_mask(a[0], b[0]);

	equal = _mm512_mask_cmpeq_epi64_mask(equal, a[1], b[1]);
	equal = _mm512_mask_cmpeq_epi64_mask(equal, a[2], b[2]);
	return _mm512_mask_cmpeq_epi64_mask(equal, a[3], b[3]);
}

WIDE static inline __mmask8
words_zero(const vec a[4])
{
	vec			any = OR(OR(a[0], a[1]), OR(a[2], a[3]));

	return _mm512_testn_epi64_mask(any, any);
}

/* Reads n pairs, at most eight; the last one is repeated in the lanes that are left. */
WIDE_INLINE void
read_pairs(size_t n, const point_pair *pair, wide_pair *r)
{
	__mmask8	x_equal;
	int			i;

	r->a_negative = 0;
	r->b_negative = 0;
	for (i = 0; i < 8; i++)
	{
		const point_pair *p = &pair[i < (int) n ? i : (int) n - 1];

		r->a.w[i] = _mm512_loadu_si512(ref_point(p->a));
		r->b.w[i] = _mm512_loadu_si512(ref_point(p->b));
		r->a_negative |= (__mmask8) ((p->a & 1) << i);
		r->b_negative |= (__mmask8) ((p->b & 1) << i);
	}
	r->a = wide_transpose(r->a);
	r->b = wide_transpose(r->b);
	x_equal = words_equal(r->a.w, r->b.w);
	r->special = x_equal | words_zero(r->a.w) | words_zero(r->b.w);
	r->equal = r->only_a = r->only_b = r->nothing = 0;
	if (r->special != 0)
	{
		__mmask8	a_identity = words_zero(r->a.w) & words_zero(r->a.w + 4);
		__mmask8	b_identity = words_zero(r->b.w) & words_zero(r->b.w + 4);
		__mmask8	both = (__mmask8) ~(a_identity | b_identity);

		/* with the same x, the words of y are equal or those of opposite points */
		__mmask8	same = words_equal(r->a.w + 4, r->b.w + 4) ^ r->a_negative ^ r->b_negative;

		r->only_a = (__mmask8) (b_identity & ~a_identity);
		r->only_b = (__mmask8) (a_identity & ~b_identity);
		r->equal = both & x_equal & same;
		r->nothing = (__mmask8) ((a_identity & b_identity) | (both & x_equal & ~same));
	}
}

/* Denominators: below 4p, and never 0 modulo p */
WIDE_INLINE wide_fe
denominators(const wide_pair *p)
{
	wide_fe		d = wide_sub_p(wide_unpack(p->b.w), wide_unpack(p->a.w), 1);

	if (p->special != 0)
	{
		static const uint64_t zero[5] = {0};
		static const uint64_t one[5] = {1};
		wide_fe		y = wide_negate(p->a_negative, wide_unpack(p->a.w + 4));

		d = wide_blend(p->equal, d, wide_sub_p(wide_add(y, y), wide_splat(zero), 2));
		d = wide_blend(p->only_a | p->only_b | p->nothing, d, wide_splat(one));
	}
	return wide_carry(d);
}

/* The sums, from the inverses of the denominators. */
WIDE_INLINE wide_words
finish_pairs(const wide_pair *p, wide_fe inverse)
{
	wide_fe		ax = wide_unpack(p->a.w);
	wide_fe		bx = wide_unpack(p->b.w);
	wide_fe		ay = wide_negate(p->a_negative, wide_unpack(p->a.w + 4));
	wide_fe		by = wide_negate(p->b_negative, wide_unpack(p->b.w + 4));
	wide_fe		slope = wide_sub_p(by, ay, 2);
	wide_fe		x;
	wide_fe		y;
	wide_words	r;

	if (p->equal != 0)
		slope = wide_blend(p->equal, slope,
						   wide_sub_p(wide_mul(wide_sqr(ax), wide_splat(wide_c48)), wide_splat(wide_c3), 1));
	slope = wide_mul(wide_carry(slope), inverse);
	x = wide_sub_p(wide_sub(wide_div16(wide_sqr(slope)), ax), bx, 2);
	x = wide_canonical(x);
	y = wide_mul(slope, wide_carry(wide_sub_p(ax, x, 1)));
	y = wide_canonical(wide_sub_p(y, ay, 1));
	if (p->special != 0)
	{
		static const uint64_t zero[5] = {0};

		x = wide_blend(p->only_a, x, ax);
		x = wide_blend(p->only_b, x, bx);
		x = wide_blend(p->nothing, x, wide_splat(zero));
		y = wide_blend(p->only_a, y, wide_canonical(wide_sub_p(ay, wide_splat(zero), 1)));
		y = wide_blend(p->only_b, y, wide_canonical(wide_sub_p(by, wide_splat(zero), 1)));
		y = wide_blend(p->nothing, y, wide_splat(zero));
	}
	wide_pack(x, r.w);
	wide_pack(y, r.w + 4);
	return wide_transpose(r);
}

/* add_pairs() of pair_impl.h */
WIDE static void
add_pairs_wide(size_t n, const point_pair *pair, ledger_fe *scratch, ledger_affine *r)
{
	/* two for each eight pairs: the product of what is before, and the denominators */
	wide_fe	   *kept = (wide_fe *) scratch;
	wide_fe		product = wide_splat(wide_one);
	wide_fe		inverse;
	wide_pair	p;
	size_t		groups = (n + 7) / 8;
	size_t		i;
	size_t		j;

	if (n < WIDE_LEAST)
	{
		add_pairs(n, pair, scratch, r);
		return;
	}
	for (i = 0; i < groups; i++)
	{
		read_pairs(n - 8 * i, pair + 8 * i, &p);
		kept[2 * i] = product;
		kept[2 * i + 1] = denominators(&p);
		product = wide_mul(product, kept[2 * i + 1]);
	}
	wide_invert(product, &inverse);
	while (groups-- > 0)
	{
		wide_words	sum;
		wide_fe		mine = wide_mul(inverse, kept[2 * groups]);

		inverse = wide_mul(inverse, kept[2 * groups + 1]);
		read_pairs(n - 8 * groups, pair + 8 * groups, &p);
		sum = finish_pairs(&p, mine);
		for (j = 0; j < 8 && 8 * groups + j < n; j++)
			_mm512_storeu_si512(&r[8 * groups + j], sum.w[j]);
	}
}

#endif							/* LEDGER_CRYPTO_PAIR_IFMA_H */
