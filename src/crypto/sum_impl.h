/*
 * crypto/sum_impl.h
 *		Sums of public points, each in one of many buckets: a template over pair_impl.h.
 *
 * The points of every bucket are added in pairs, the pairs of all buckets together,
 * then the sums in pairs, and so on. ADD_PAIRS is the function for that.
 */
#ifndef LEDGER_CRYPTO_SUM_IMPL_H
#define LEDGER_CRYPTO_SUM_IMPL_H

#include "crypto/pair_impl.h"

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
	s->pair = (point_pair *) malloc((max / 2 + 1) * sizeof(*s->pair));
	s->made = points_alloc(max);
	s->scratch = pair_scratch(max / 2);
	s->sum = points_alloc(buckets);
	if (s->sum != NULL)
		memset(s->sum, 0, buckets * sizeof(*s->sum));
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
