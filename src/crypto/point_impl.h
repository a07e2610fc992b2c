/*
 * crypto/point_impl.h
 *		Points of y^2 = x^3 - 3x + b over the field of field_impl.h: a template.
 *
 * Formulas: Jacobian coordinates (x/z^2, y/z^3), as in the Explicit-Formulas
 * Database, "jacobian-3": dbl-2001-b, madd-2007-bl and add-2007-bl, rearranged.
 * None of them is right for all operands; each function here is.
 *
 * The functions that end in _ct add without a branch. Addition and doubling
 * differ only in the slope of the line: with both points over one z it is R / (z H),
 *
 *		R = S2 - S1, H = U2 - U1				for different points
 *		R = 3 (U1 - z^2)(U1 + z^2), H = 2 S1	for equal ones (a = -3)
 *
 * so R and H are chosen by a mask, and the rest is the same. Opposite points give
 * H = 0 and with it z = 0. What is left is the identity as an operand: masks again.
 */
#ifndef LEDGER_CRYPTO_POINT_IMPL_H
#define LEDGER_CRYPTO_POINT_IMPL_H

#include <string.h>

#include "crypto/field_impl.h"

static inline uint64_t
affine_identity_mask(const ledger_affine *a)
{
	return fe_zero_mask(&a->x) & fe_zero_mask(&a->y);
}

static inline void
affine_cmov(uint64_t mask, const ledger_affine *a, ledger_affine *r)
{
	fe_cmov(mask, &a->x, &r->x);
	fe_cmov(mask, &a->y, &r->y);
}

static inline void
point_cmov(uint64_t mask, const ledger_point *a, ledger_point *r)
{
	fe_cmov(mask, &a->x, &r->x);
	fe_cmov(mask, &a->y, &r->y);
	fe_cmov(mask, &a->z, &r->z);
}

static void
point_from_affine(const ledger_affine *a, ledger_point *r)
{
	uint64_t	identity = affine_identity_mask(a);
	ledger_fe	zero = {{0}};

	r->x = a->x;
	r->y = a->y;
	r->z = fe_one;
	fe_cmov(identity, &zero, &r->z);
}

/* Right for every point, z = 0 included, as no point of odd order has y = 0. */
static void
point_double(const ledger_point *a, ledger_point *r)
{
	ledger_fe	s;
	ledger_fe	m;
	ledger_fe	t;
	ledger_fe	u;

	fe_sqr(&a->z, &t);
	fe_sub(&a->x, &t, &m);
	fe_add(&a->x, &t, &t);
	fe_mul(&m, &t, &m);
	fe_add(&m, &m, &t);
	fe_add(&m, &t, &m);			/* 3 (x - z^2)(x + z^2) */
	fe_add(&a->y, &a->y, &s);
	fe_mul(&s, &a->z, &r->z);
	fe_sqr(&s, &s);				/* 4 y^2 */
	fe_sqr(&s, &u);
	fe_half(&u, &u);			/* 8 y^4 */
	fe_mul(&s, &a->x, &s);		/* 4 x y^2 */
	fe_sqr(&m, &t);
	fe_sub(&t, &s, &t);
	fe_sub(&t, &s, &r->x);
	fe_sub(&s, &r->x, &s);
	fe_mul(&m, &s, &m);
	fe_sub(&m, &u, &r->y);
}

/*
 * The rest of an addition of two points over one z, which r->z already is: from
 * U1, S1, R and H; h3 is what U1 + U2 is more than 2 U1, times H^2.
 */
static inline void
point_finish(const ledger_fe *u1, const ledger_fe *s1, const ledger_fe *rr, const ledger_fe *h,
			 bool equal_known, uint64_t equal, ledger_point *r)
{
	static const ledger_fe zero = {{0}};
	ledger_fe	h2;
	ledger_fe	h3;
	ledger_fe	v;
	ledger_fe	t;
	ledger_fe	s;

	fe_mul(&r->z, h, &r->z);
	fe_sqr(h, &h2);
	fe_mul(h, &h2, &h3);
	fe_mul(u1, &h2, &v);
	fe_mul(s1, &h3, &s);
	if (equal_known)
		fe_cmov(equal, &zero, &h3);
	fe_sqr(rr, &t);
	fe_sub(&t, &h3, &t);
	fe_sub(&t, &v, &t);
	fe_sub(&t, &v, &r->x);
	fe_sub(&v, &r->x, &v);
	fe_mul(rr, &v, &t);
	fe_sub(&t, &s, &r->y);
}

static void
point_add_affine(const ledger_point *a, const ledger_affine *b, ledger_point *r)
{
	ledger_fe	u1;
	ledger_fe	s1;
	ledger_fe	h;
	ledger_fe	s;
	ledger_fe	zz;

	if (fe_is_zero(&a->z))
	{
		point_from_affine(b, r);
		return;
	}
	if (affine_identity_mask(b) != 0)
	{
		*r = *a;
		return;
	}
	u1 = a->x;
	s1 = a->y;
	fe_sqr(&a->z, &zz);
	fe_mul(&b->x, &zz, &h);
	fe_sub(&h, &u1, &h);
	fe_mul(&zz, &a->z, &s);
	fe_mul(&s, &b->y, &s);
	fe_sub(&s, &s1, &s);
	if (fe_is_zero(&h) && fe_is_zero(&s))
	{
		point_double(a, r);
		return;
	}
	r->z = a->z;
	point_finish(&u1, &s1, &s, &h, false, 0, r);
}

static void
point_add(const ledger_point *a, const ledger_point *b, ledger_point *r)
{
	ledger_fe	u1;
	ledger_fe	s1;
	ledger_fe	h;
	ledger_fe	s;
	ledger_fe	aa;
	ledger_fe	bb;

	if (fe_is_zero(&a->z))
	{
		*r = *b;
		return;
	}
	if (fe_is_zero(&b->z))
	{
		*r = *a;
		return;
	}
	fe_sqr(&a->z, &aa);
	fe_sqr(&b->z, &bb);
	fe_mul(&a->x, &bb, &u1);
	fe_mul(&b->x, &aa, &h);
	fe_sub(&h, &u1, &h);
	fe_mul(&bb, &b->z, &bb);
	fe_mul(&a->y, &bb, &s1);
	fe_mul(&aa, &a->z, &aa);
	fe_mul(&b->y, &aa, &s);
	fe_sub(&s, &s1, &s);
	if (fe_is_zero(&h) && fe_is_zero(&s))
	{
		point_double(a, r);
		return;
	}
	fe_mul(&a->z, &b->z, &r->z);
	point_finish(&u1, &s1, &s, &h, false, 0, r);
}

/* R and H as at the head of this file; returns the mask of equal points */
static inline uint64_t
slope_ct(const ledger_fe *u1, const ledger_fe *s1, const ledger_fe *zz, ledger_fe *rr, ledger_fe *h)
{
	ledger_fe	t;
	ledger_fe	m;
	uint64_t	equal = fe_zero_mask(h) & fe_zero_mask(rr);

	fe_sub(u1, zz, &m);
	fe_add(u1, zz, &t);
	fe_mul(&m, &t, &m);
	fe_add(&m, &m, &t);
	fe_add(&m, &t, &m);
	fe_cmov(equal, &m, rr);
	fe_add(s1, s1, &t);
	fe_cmov(equal, &t, h);
	return equal;
}

static void
point_add_affine_ct(const ledger_point *a, const ledger_affine *b, ledger_point *r)
{
	uint64_t	a_identity = fe_zero_mask(&a->z);
	uint64_t	b_identity = affine_identity_mask(b);
	uint64_t	equal;
	ledger_point sum;
	ledger_point only_b;
	ledger_fe	h;
	ledger_fe	s;
	ledger_fe	zz;

	fe_sqr(&a->z, &zz);
	fe_mul(&b->x, &zz, &h);
	fe_sub(&h, &a->x, &h);
	fe_mul(&zz, &a->z, &s);
	fe_mul(&s, &b->y, &s);
	fe_sub(&s, &a->y, &s);
	equal = slope_ct(&a->x, &a->y, &zz, &s, &h);
	sum.z = a->z;
	point_finish(&a->x, &a->y, &s, &h, true, equal, &sum);

	/* when both are the identity, a is as good as b */
	point_from_affine(b, &only_b);
	point_cmov(a_identity, &only_b, &sum);
	point_cmov(b_identity, a, &sum);
	*r = sum;
}

static void
point_add_ct(const ledger_point *a, const ledger_point *b, ledger_point *r)
{
	uint64_t	a_identity = fe_zero_mask(&a->z);
	uint64_t	b_identity = fe_zero_mask(&b->z);
	uint64_t	equal;
	ledger_point sum;
	ledger_fe	u1;
	ledger_fe	s1;
	ledger_fe	h;
	ledger_fe	s;
	ledger_fe	aa;
	ledger_fe	bb;
	ledger_fe	zz;

	fe_sqr(&a->z, &aa);
	fe_sqr(&b->z, &bb);
	fe_mul(&aa, &bb, &zz);
	fe_mul(&a->x, &bb, &u1);
	fe_mul(&b->x, &aa, &h);
	fe_sub(&h, &u1, &h);
	fe_mul(&bb, &b->z, &bb);
	fe_mul(&a->y, &bb, &s1);
	fe_mul(&aa, &a->z, &aa);
	fe_mul(&b->y, &aa, &s);
	fe_sub(&s, &s1, &s);
	equal = slope_ct(&u1, &s1, &zz, &s, &h);
	fe_mul(&a->z, &b->z, &sum.z);
	point_finish(&u1, &s1, &s, &h, true, equal, &sum);
	point_cmov(a_identity, b, &sum);
	point_cmov(b_identity, a, &sum);
	*r = sum;
}

/*
 * One inversion for all: 1/z of each from the product of all (Montgomery's trick).
 * The identity takes part as if its z were 1; no branch asks which point it is.
 */
static void
points_to_affine(size_t n, const ledger_point *a, ledger_affine *r)
{
	ledger_fe	product = fe_one;
	ledger_fe	inverse;
	size_t		i;

	/* r[i].x holds the product of what is before i */
	for (i = 0; i < n; i++)
	{
		ledger_fe	z = a[i].z;

		fe_cmov(fe_zero_mask(&z), &fe_one, &z);
		r[i].x = product;
		fe_mul(&product, &z, &product);
	}
	fe_invert(&product, &inverse);
	for (i = n; i-- > 0;)
	{
		static const ledger_affine identity;
		ledger_fe	z = a[i].z;
		uint64_t	is_identity = fe_zero_mask(&z);
		ledger_fe	t;
		ledger_fe	tt;

		fe_cmov(is_identity, &fe_one, &z);
		fe_mul(&inverse, &r[i].x, &t);
		fe_mul(&inverse, &z, &inverse);
		fe_sqr(&t, &tt);
		fe_mul(&a[i].x, &tt, &r[i].x);
		fe_mul(&tt, &t, &tt);
		fe_mul(&a[i].y, &tt, &r[i].y);
		affine_cmov(is_identity, &identity, &r[i]);
	}
}

/* ---- encodings ----------------------------------------------------------------- */

/* x^3 - 3x + b */
static void
curve_right_side(const ledger_curve *c, const ledger_fe *x, ledger_fe *r)
{
	ledger_fe	t;
	ledger_fe	u;

	fe_sqr(x, &t);
	fe_mul(&t, x, &t);
	fe_add(x, x, &u);
	fe_add(&u, x, &u);
	fe_sub(&t, &u, &t);
	fe_add(&t, &c->b, r);
}

static bool
affine_decode(const ledger_curve *c, const uint8_t in[LEDGER_POINT_LEN], ledger_affine *r)
{
	ledger_fe	right;
	ledger_fe	square;
	uint64_t	w[4];

	if ((in[0] != 2 && in[0] != 3) || !fe_decode(in + 1, &r->x))
		return false;
	curve_right_side(c, &r->x, &right);
	fe_sqrt_candidate(&right, &r->y);
	fe_sqr(&r->y, &square);
	if (fe_equal_mask(&square, &right) == 0)
		return false;
	fe_words(&r->y, w);
	fe_cneg(ledger_mask_bit((w[0] ^ in[0]) & 1), &r->y, &r->y);
	return true;
}

static void
affines_decode(const ledger_curve *c, size_t n, const uint8_t *const in[], ledger_affine *r)
{
	size_t		i;

	for (i = 0; i < n; i++)
		if (!affine_decode(c, in[i], &r[i]))
			memset(&r[i], 0, sizeof(r[i]));
}

static void
affine_encode(const ledger_affine *a, uint8_t out[LEDGER_POINT_LEN])
{
	uint64_t	w[4];

	if (affine_identity_mask(a) != 0)
	{
		memset(out, 0, LEDGER_POINT_LEN);
		return;
	}
	fe_words(&a->y, w);
	out[0] = (uint8_t) (2 | (w[0] & 1));
	fe_encode(&a->x, out + 1);
}

static bool
affine_from_xy(const ledger_curve *c, const uint8_t in[64], ledger_affine *r)
{
	ledger_fe	right;
	ledger_fe	square;

	if (!fe_decode(in, &r->x) || !fe_decode(in + 32, &r->y))
		return false;
	curve_right_side(c, &r->x, &right);
	fe_sqr(&r->y, &square);
	return fe_equal_mask(&square, &right) != 0;
}

static void
affine_to_xy(const ledger_affine *a, uint8_t out[64])
{
	fe_encode(&a->x, out);
	fe_encode(&a->y, out + 32);
}

static void
affine_neg(const ledger_affine *a, ledger_affine *r)
{
	r->x = a->x;
	fe_cneg(~(uint64_t) 0, &a->y, &r->y);
}

/* x = X / Z^2 */
static bool
point_has_x(const ledger_point *a, const uint8_t x[32])
{
	ledger_fe	want;
	ledger_fe	zz;

	if (!fe_decode(x, &want) || fe_is_zero(&a->z))
		return false;
	fe_sqr(&a->z, &zz);
	fe_mul(&want, &zz, &want);
	return fe_equal_mask(&want, &a->x) != 0;
}

#endif							/* LEDGER_CRYPTO_POINT_IMPL_H */
