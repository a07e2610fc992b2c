/*
 * crypto/point_ifma.h
 *		Eight points side by side with AVX-512 IFMA: Jacobian sums, and decoding.
 *
 * The identity is not told by its coordinates but by a mask of lanes. Coordinates
 * are kept below 4p; the comments give each number's bound in p, see field_ifma.h.
 * Public points only: lanes that need it cause branches.
 */
#ifndef LEDGER_CRYPTO_POINT_IFMA_H
#define LEDGER_CRYPTO_POINT_IFMA_H

#include "crypto/pair_ifma.h"

typedef struct
{
	wide_fe		x, y, z;
	__mmask8	identity;
} wide_point;

typedef struct
{
	wide_fe		x,				/* below 16p */
		y;
	__mmask8	identity;
} wide_affine;

/* Below 2p, carried, for a number below 16p that need not be carried. */
WIDE_INLINE wide_fe
wide_weak(wide_fe a)
{
	vec			k;

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
	return wide_carry(a);
}

/* Words of 2^256 a as the limbs of 2^260 a: shifted by four bits. */
WIDE_INLINE wide_fe
wide_unpack_16(const vec w[4])
{
	wide_fe		r;

	r.l[0] = AND(SHL(w[0], 4), LIMB_MASK);
	r.l[1] = AND(_mm512_shrdi_epi64(w[0], w[1], 48), LIMB_MASK);
	r.l[2] = AND(_mm512_shrdi_epi64(w[1], w[2], 36), LIMB_MASK);
	r.l[3] = AND(_mm512_shrdi_epi64(w[2], w[3], 24), LIMB_MASK);
	r.l[4] = SHR(w[3], 12);
	return r;
}

/* Eight points, or their opposites where the mask says so. */
WIDE static inline wide_affine
wide_read(const ledger_affine *const a[8], __mmask8 negative)
{
	wide_words	words;
	wide_affine r;
	static const uint64_t zero[5] = {0};
	int			i;

	for (i = 0; i < 8; i++)
		words.w[i] = _mm512_loadu_si512(a[i]);
	words = wide_transpose(words);
	r.identity = words_zero(words.w) & words_zero(words.w + 4);
	r.x = wide_unpack_16(words.w);
	r.y = wide_unpack_16(words.w + 4);

	/* 16p - y, as the words are those of a number below p */
	r.y = wide_carry(wide_blend(negative, r.y, wide_sub_p(wide_splat(zero), r.y, 16)));
	return r;
}

WIDE static void
wide_double(wide_point *a)
{
	wide_fe		zz = wide_sqr(a->z);	/* 2 */
	wide_fe		yy = wide_sqr(a->y);	/* 2 */
	wide_fe		yy4 = wide_carry(wide_add(wide_add(yy, yy), wide_add(yy, yy))); /* 8 */
	wide_fe		yz = wide_mul(a->y, a->z);	/* 2 */
	wide_fe		m = wide_mul(wide_carry(wide_sub_p(a->x, zz, 2)), wide_carry(wide_add(a->x, zz)));	/* 4 */
	wide_fe		s = wide_mul(a->x, yy4);	/* 3 */
	wide_fe		y4 = wide_mul(yy, yy4); /* 2: 4 y^4 */

	m = wide_carry(wide_add(wide_add(m, m), m));	/* 12 */
	a->x = wide_weak(wide_sub_p(wide_sub(wide_sqr(m), s), s, 6));	/* 10 + 6, then 2 */
	a->y = wide_mul(m, wide_carry(wide_sub_p(s, a->x, 2))); /* 12 * 5 / 16 + 1 */
	a->y = wide_weak(wide_sub_p(wide_sub(a->y, y4), y4, 4));	/* 5 + 4, then 2 */
	a->z = wide_carry(wide_add(yz, yz));	/* 4 */
}

/* a += b, whatever they are */
WIDE static void
wide_add_affine(wide_point *a, const wide_affine *b)
{
	wide_fe		zz = wide_sqr(a->z);	/* 2 */
	wide_fe		h = wide_sub_p(wide_mul(b->x, zz), a->x, 2);	/* 3 + 2 */
	wide_fe		zzz = wide_mul(zz, a->z);	/* 2 */
	wide_fe		r = wide_sub_p(wide_mul(b->y, zzz), a->y, 2);	/* 3 + 2 */
	__mmask8	both = (__mmask8) ~(a->identity | b->identity);
	__mmask8	same_x = wide_zero_mask(wide_canonical(h)) & both;
	wide_point	sum;
	wide_fe		hh;
	wide_fe		hhh;
	wide_fe		v;

	h = wide_carry(h);
	r = wide_carry(r);
	hh = wide_sqr(h);			/* 3 */
	hhh = wide_mul(h, hh);		/* 2 */
	v = wide_mul(a->x, hh);		/* 2 */
	sum.z = wide_mul(a->z, h);	/* 3 */
	sum.x = wide_sub(wide_sub(wide_sqr(r), hhh), v);
	sum.x = wide_weak(wide_sub_p(sum.x, v, 6)); /* 3 + 6, then 2 */
	sum.y = wide_mul(r, wide_carry(wide_sub_p(v, sum.x, 2)));	/* 5 * 4 / 16 + 1 */
	sum.y = wide_weak(wide_sub_p(sum.y, wide_mul(a->y, hhh), 2));	/* 3 + 2, then 2 */
	sum.identity = 0;
	if (same_x != 0)
	{
		__mmask8	equal = same_x & wide_zero_mask(wide_canonical(r));
		wide_point	twice = *a;

		wide_double(&twice);
		sum.x = wide_blend(equal, sum.x, twice.x);
		sum.y = wide_blend(equal, sum.y, twice.y);
		sum.z = wide_blend(equal, sum.z, twice.z);
		sum.identity = (__mmask8) (same_x & ~equal);
	}
	if (both != 0xff)
	{
		sum.x = wide_blend(a->identity, sum.x, wide_weak(b->x));
		sum.y = wide_blend(a->identity, sum.y, wide_weak(b->y));
		sum.z = wide_blend(a->identity, sum.z, wide_splat(wide_one));
		sum.x = wide_blend(b->identity, sum.x, a->x);
		sum.y = wide_blend(b->identity, sum.y, a->y);
		sum.z = wide_blend(b->identity, sum.z, a->z);
		sum.identity = (__mmask8) ((sum.identity & both) | (a->identity & b->identity));
	}
	*a = sum;
}

/* The points, as crypto/curve.h has them. */
WIDE static void
wide_write(const wide_point *a, ledger_point r[8])
{
	const wide_fe to_256 = wide_splat(wide_r256);
	wide_words	xy;
	wide_words	z;
	int			i;

	wide_pack(wide_canonical(wide_mul(a->x, to_256)), xy.w);
	wide_pack(wide_canonical(wide_mul(a->y, to_256)), xy.w + 4);
	wide_pack(wide_canonical(wide_mul(a->z, to_256)), z.w);
	for (i = 0; i < 4; i++)
		z.w[i + 4] = z.w[i];
	xy = wide_transpose(xy);
	z = wide_transpose(z);
	for (i = 0; i < 8; i++)
	{
		_mm512_storeu_si512(&r[i], xy.w[i]);
		_mm256_storeu_si256((__m256i *) &r[i].z, _mm512_castsi512_si256(z.w[i]));
		if (a->identity >> i & 1)
			memset(&r[i], 0, sizeof(r[i]));
	}
}

/* ---- weigh() of msm_impl.h ------------------------------------------------------------ */

/*
 * A lane takes an eighth of the points; what the lanes have is then put together
 * by the doublings that are left.
 */
WIDE static void
weigh_wide(size_t n, const ledger_affine *a, ledger_point *r)
{
	static const ledger_affine nothing;
	size_t		each = (n + 7) / 8;
	wide_point	sum;
	ledger_point part[8];
	size_t		i;
	size_t		j;

	sum.x = sum.y = sum.z = wide_splat(wide_one);
	sum.identity = 0xff;
	for (i = each; i-- > 0;)
	{
		const ledger_affine *point[8];
		wide_affine next;

		for (j = 0; j < 8; j++)
			point[j] = j * each + i < n ? &a[j * each + i] : &nothing;
		next = wide_read(point, 0);
		wide_double(&sum);
		wide_add_affine(&sum, &next);
	}
	wide_write(&sum, part);
	*r = part[7];
	for (j = 7; j-- > 0;)
	{
		for (i = 0; i < each; i++)
			point_double(r, r);
		point_add(r, &part[j], r);
	}
}

/* ---- decoding ------------------------------------------------------------------------ */

WIDE static void
wide_chain(unsigned n, const wide_fe *a, const wide_fe *b, wide_fe *r)
{
	wide_fe		t = *a;

	while (n-- > 0)
		t = wide_sqr(t);
	*r = wide_mul(t, *b);
}

/* fe_sqrt_candidate() of field_impl.h, the exponents of which are explained there */
WIDE static void
wide_sqrt_candidate(const wide_fe *a, wide_fe *r)
{
	wide_fe		x3;
	wide_fe		x31;
	wide_fe		x32;
	wide_fe		t;
	unsigned	last;

	wide_chain(1, a, a, &t);
	wide_chain(1, &t, a, &x3);
	wide_chain(3, &x3, &x3, &t);
	wide_chain(6, &t, &t, &t);
	wide_chain(3, &t, &x3, &t);
	wide_chain(15, &t, &t, &t);
	wide_chain(1, &t, a, &x31);
	wide_chain(1, &x31, a, &x32);
#if defined(FIELD_P256)
	wide_chain(32, &x32, a, &t);
	wide_chain(96, &t, a, &t);
	last = 94;
#else
	wide_chain(32, &x32, &x32, &t);
	wide_chain(64, &t, &t, &t);
	wide_chain(129, &x31, &t, &t);
	wide_chain(32, &t, a, &t);
	last = 62;
#endif
	while (last-- > 0)
		t = wide_sqr(t);
	*r = t;
}

/* Eight points; a lane whose bytes are wrong gets the identity. */
WIDE static void
decode_eight(const ledger_curve *c, const uint8_t *const in[8], ledger_affine r[8])
{
	static const uint64_t zero[5] = {0};
	static const uint64_t unit[5] = {1};
	wide_words	words;
	wide_fe		x;
	wide_fe		y;
	wide_fe		right;
	wide_fe		plain;
	__mmask8	good = 0;
	__mmask8	odd = 0;
	ledger_affine row[8];
	int			i;

	for (i = 0; i < 8; i++)
	{
		memset(&row[i], 0, sizeof(row[i]));
		ledger_words_from_be(in[i] + 1, row[i].x.v);
		row[i].y = c->b;
		if (in[i][0] == 2 || in[i][0] == 3)
			good |= (__mmask8) (1u << i);
		if (in[i][0] & 1)
			odd |= (__mmask8) (1u << i);
		words.w[i] = _mm512_loadu_si512(&row[i]);
	}
	words = wide_transpose(words);
	x = wide_unpack(words.w);
	good &= _mm512_cmplt_epi64_mask(wide_carry(wide_sub(x, wide_splat(wide_p))).l[4], _mm512_setzero_si512());

	/* x^3 - 3x + b */
	x = wide_mul(x, wide_splat(wide_r520));
	right = wide_mul(wide_sqr(x), x);
	right = wide_sub_p(wide_sub(right, x), wide_add(x, x), 6);
	right = wide_weak(wide_add(right, wide_mul(wide_unpack(words.w + 4), wide_splat(wide_r264))));
	wide_sqrt_candidate(&right, &y);
	good &= wide_zero_mask(wide_canonical(wide_sub_p(wide_sqr(y), right, 2)));

	/* of y and -y, the one with the parity asked for */
	plain = wide_canonical(wide_mul(y, wide_splat(unit)));
	odd ^= _mm512_test_epi64_mask(plain.l[0], SPLAT(1));
	y = wide_blend(odd, y, wide_sub_p(wide_splat(zero), y, 2));
	x = wide_canonical(wide_mul(x, wide_splat(wide_r256)));
	y = wide_canonical(wide_mul(wide_carry(y), wide_splat(wide_r256)));
	x = wide_blend(good, wide_splat(zero), x);
	y = wide_blend(good, wide_splat(zero), y);
	wide_pack(x, words.w);
	wide_pack(y, words.w + 4);
	words = wide_transpose(words);
	for (i = 0; i < 8; i++)
		_mm512_storeu_si512(&r[i], words.w[i]);
}

static void
affines_decode_wide(const ledger_curve *c, size_t n, const uint8_t *const in[], ledger_affine *r)
{
	while (n > 2)
	{
		const uint8_t *eight[8];
		ledger_affine point[8];
		size_t		most = n < 8 ? n : 8;
		size_t		i;

		/* lanes that are left repeat the last point */
		for (i = 0; i < 8; i++)
			eight[i] = in[i < most ? i : most - 1];
		decode_eight(c, eight, point);
		memcpy(r, point, most * sizeof(*r));
		n -= most;
		in += most;
		r += most;
	}
	affines_decode(c, n, in, r);
}

#endif							/* LEDGER_CRYPTO_POINT_IFMA_H */
