/*
 * crypto/sum_impl.h
 *		Sums of public points, each in one of many buckets: a template over point_impl.h.
 *
 * Adding two points in affine coordinates takes one inversion and three more
 * products, and the inversions of many independent additions are one inversion
 * and three products each (Montgomery's trick): six products instead of the eleven
 * of a Jacobian addition. So the points of every bucket are added in pairs, the
 * pairs of all buckets together, then the sums in pairs, and so on.
 *
 * Operands may be equal, opposite or the identity: such a pair has a denominator
 * of its own or takes part with 1, so nobody's choice of points makes it slow.
 */
#ifndef LEDGER_CRYPTO_SUM_IMPL_H
#define LEDGER_CRYPTO_SUM_IMPL_H

#include <stdlib.h>

#include "crypto/point_impl.h"

/* A point somewhere, or its opposite when the lowest bit is set. */
typedef uintptr_t point_ref;

typedef struct
{
	point_ref	a;
	point_ref	b;
} point_pair;

typedef struct
{
	uint32_t	bucket;
	point_ref	point;
} sum_term;

typedef struct
{
	size_t		buckets;
	size_t		max;			/* terms that fit */
	size_t		n;				/* terms so far */
	sum_term   *term;
	point_ref  *ref;			/* the points of all buckets, one after the other */
	uint32_t   *count;			/* of each bucket */
	point_pair *pair;
	ledger_affine *made;		/* sums of pairs */
	ledger_fe  *scratch;		/* two for each pair */
	ledger_affine *sum;			/* of each bucket, the identity until something was added */
} sums;

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

/* ---- pairs ------------------------------------------------------------------------ */

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

/* ---- buckets ---------------------------------------------------------------------- */

static void
sums_free(sums *s)
{
	free(s->term);
	free(s->ref);
	free(s->count);
	free(s->pair);
	free(s->made);
	free(s->scratch);
	free(s->sum);
}

/* Room for "max" terms at a time. False when out of memory; sums_free() in any case. */
static bool
sums_begin(sums *s, size_t buckets, size_t max)
{
	/* the sums so far are terms as well */
	max += buckets;
	s->buckets = buckets;
	s->max = max;
	s->n = 0;
	s->term = (sum_term *) malloc(max * sizeof(*s->term));
	s->ref = (point_ref *) malloc(max * sizeof(*s->ref));
	s->count = (uint32_t *) malloc((buckets + 1) * sizeof(*s->count));
	s->pair = (point_pair *) malloc(max * sizeof(*s->pair));
	s->made = (ledger_affine *) malloc(max * sizeof(*s->made));
	s->scratch = (ledger_fe *) malloc(max * sizeof(*s->scratch));
	s->sum = (ledger_affine *) calloc(buckets, sizeof(*s->sum));
	return s->term != NULL && s->ref != NULL && s->count != NULL && s->pair != NULL && s->made != NULL &&
		s->scratch != NULL && s->sum != NULL;
}

static inline void
sums_add(sums *s, size_t bucket, const ledger_affine *a, bool negative)
{
	s->term[s->n].bucket = (uint32_t) bucket;
	s->term[s->n++].point = ref_of(a, negative);
}

/* Sorts the terms by their buckets. */
static void
sums_sort(sums *s)
{
	uint32_t	at = 0;
	size_t		i;

	memset(s->count, 0, s->buckets * sizeof(*s->count));
	for (i = 0; i < s->n; i++)
		s->count[s->term[i].bucket]++;
	for (i = 0; i < s->buckets; i++)
	{
		uint32_t	here = s->count[i];

		s->count[i] = at;
		at += here;
	}
	for (i = 0; i < s->n; i++)
		s->ref[s->count[s->term[i].bucket]++] = s->term[i].point;

	/* each is now the end of its bucket */
	for (i = s->buckets; i-- > 1;)
		s->count[i] -= s->count[i - 1];
	s->n = 0;
}

/* Adds the terms to the sums. */
static void
sums_flush(sums *s)
{
	ledger_affine *made = s->made;
	const point_ref *ref;
	size_t		i;

	for (i = 0; i < s->buckets; i++)
		if (affine_identity_mask(&s->sum[i]) == 0)
			sums_add(s, i, &s->sum[i], false);
	sums_sort(s);
	for (;;)
	{
		const point_ref *from = s->ref;
		point_ref  *to = s->ref;
		size_t		pairs = 0;

		for (i = 0; i < s->buckets; i++)
		{
			uint32_t	n = s->count[i];

			for (; n > 1; n -= 2, from += 2)
			{
				point_pair *p = &s->pair[pairs];

				p->a = from[0];
				p->b = from[1];
				*to++ = ref_of(made + pairs++, false);
			}
			if (n > 0)
				*to++ = *from++;
			s->count[i] = (s->count[i] + 1) / 2;
		}
		if (pairs == 0)
			break;
		ADD_PAIRS(pairs, s->pair, s->scratch, made);
		made += pairs;
	}
	for (i = 0, ref = s->ref; i < s->buckets; i++)
		if (s->count[i] > 0)
		{
			ledger_affine a = *ref_point(*ref);

			ref_y(*ref++, &a.y);
			s->sum[i] = a;
		}
}

/* ---- sums on their own -------------------------------------------------------------- */

static bool
sum_terms(size_t buckets, size_t n, const ledger_sum_term *term, ledger_affine *r)
{
	sums		s;
	bool		ok = sums_begin(&s, buckets, n);
	size_t		i;

	if (ok)
	{
		for (i = 0; i < n; i++)
			sums_add(&s, term[i].bucket, term[i].point, term[i].negative);
		sums_flush(&s);
		memcpy(r, s.sum, buckets * sizeof(*r));
	}
	sums_free(&s);
	return ok;
}

#endif							/* LEDGER_CRYPTO_SUM_IMPL_H */
