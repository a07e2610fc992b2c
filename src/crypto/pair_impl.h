/*
 * crypto/pair_impl.h
 *		Sums of pairs of public points in affine coordinates: a template over point_impl.h.
 *
 * Adding two points in affine coordinates takes one inversion and three more
 * products, and the inversions of many independent additions are one inversion
 * and three products each (Montgomery's trick): six products instead of the eleven
 * of a Jacobian addition.
 *
 * Operands may be equal, opposite or the identity: such a pair has a denominator
 * of its own or takes part with 1, so nobody's choice of points makes it slow.
 */
#ifndef LEDGER_CRYPTO_PAIR_IMPL_H
#define LEDGER_CRYPTO_PAIR_IMPL_H

#include <stdlib.h>

#include "crypto/point_impl.h"

/* A point somewhere, or its opposite when the lowest bit is set. */
typedef uintptr_t point_ref;

typedef struct
{
	point_ref	a;
	point_ref	b;
} point_pair;

static inline point_ref
ref_of(const ledger_affine *a, bool negative)
{
	return (uintptr_t) a | (uintptr_t) negative;
}

static inline const ledger_affine *
ref_point(point_ref r)
{
	return (const ledger_affine *) (r & ~(uintptr_t) 1);
}

static inline void
ref_y(point_ref r, ledger_fe *y)
{
	if (r & 1)
		fe_cneg(~(uint64_t) 0, &ref_point(r)->y, y);
	else
		*y = ref_point(r)->y;
}

/* A point is a line of the cache. */
static inline ledger_affine *
points_alloc(size_t n)
{
	return (ledger_affine *) aligned_alloc(64, (n > 0 ? n : 1) * sizeof(ledger_affine));
}

/*
 * The denominator of the slope of a + b; not 0. When there is no slope because the
 * sum is the identity, a or b, it is 1 and the answer false.
 */
static inline bool
pair_denominator(const point_pair *p, ledger_fe *d)
{
	const ledger_affine *a = ref_point(p->a);
	const ledger_affine *b = ref_point(p->b);
	ledger_fe	ya;
	ledger_fe	yb;

	/* x = 0 may be a point's; then it goes the long way, no more */
	fe_sub(&b->x, &a->x, d);
	if (!fe_is_zero(d) && !fe_is_zero(&a->x) && !fe_is_zero(&b->x))
		return true;
	if (affine_identity_mask(a) == 0 && affine_identity_mask(b) == 0)
	{
		if (!fe_is_zero(d))
			return true;
		ref_y(p->a, &ya);
		ref_y(p->b, &yb);
		if (fe_equal_mask(&ya, &yb) != 0)
		{
			fe_add(&ya, &ya, d);
			return true;
		}
	}
	*d = fe_one;
	return false;
}

/* r = a + b, where there is no slope */
static void
pair_without_slope(const point_pair *p, ledger_affine *r)
{
	const ledger_affine *a = ref_point(p->a);
	const ledger_affine *b = ref_point(p->b);
	ledger_affine sum = {{{0}}, {{0}}};

	if (affine_identity_mask(b) != 0)
	{
		sum.x = a->x;
		ref_y(p->a, &sum.y);
	}
	else if (affine_identity_mask(a) != 0)
	{
		sum.x = b->x;
		ref_y(p->b, &sum.y);
	}
	*r = sum;
}

/* r = a + b, inverse being that of the denominator */
static inline void
pair_finish(const point_pair *p, const ledger_fe *inverse, ledger_affine *r)
{
	const ledger_affine *a = ref_point(p->a);
	const ledger_affine *b = ref_point(p->b);
	ledger_fe	ya;
	ledger_fe	slope;
	ledger_fe	x;
	ledger_fe	t;

	ref_y(p->a, &ya);
	if (fe_equal_mask(&a->x, &b->x) != 0)
	{
		/* 3x^2 - 3 */
		fe_sqr(&a->x, &t);
		fe_sub(&t, &fe_one, &t);
		fe_add(&t, &t, &slope);
		fe_add(&slope, &t, &slope);
	}
	else
	{
		ref_y(p->b, &slope);
		fe_sub(&slope, &ya, &slope);
	}
	fe_mul(&slope, inverse, &slope);
	fe_sqr(&slope, &x);
	fe_sub(&x, &a->x, &x);
	fe_sub(&x, &b->x, &x);
	fe_sub(&a->x, &x, &t);
	fe_mul(&slope, &t, &t);
	fe_sub(&t, &ya, &r->y);
	r->x = x;
}

/* Room that n pairs need beside themselves, aligned to 64 bytes; pair_ifma.h needs the most. */
static inline ledger_fe *
pair_scratch(size_t n)
{
	return (ledger_fe *) aligned_alloc(64, (n / 8 + 1) * 640);
}

/* r[i] = a + b of pair i. No r[i] is a point of a pair. */
static void
add_pairs(size_t n, const point_pair *pair, ledger_fe *scratch, ledger_affine *r)
{
	ledger_fe	product = fe_one;
	ledger_fe	inverse;
	ledger_fe	mine;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		/* where there is no slope, that is marked by the zero product */
		if (pair_denominator(&pair[i], &scratch[2 * i]))
		{
			scratch[2 * i + 1] = product;
			fe_mul(&product, &scratch[2 * i], &product);
		}
		else
			memset(&scratch[2 * i + 1], 0, sizeof(ledger_fe));
	}
	fe_invert(&product, &inverse);
	while (n-- > 0)
	{
		if (fe_is_zero(&scratch[2 * n + 1]))
		{
			pair_without_slope(&pair[n], &r[n]);
			continue;
		}
		fe_mul(&inverse, &scratch[2 * n + 1], &mine);
		fe_mul(&inverse, &scratch[2 * n], &inverse);
		pair_finish(&pair[n], &mine, &r[n]);
	}
}

#endif							/* LEDGER_CRYPTO_PAIR_IMPL_H */
