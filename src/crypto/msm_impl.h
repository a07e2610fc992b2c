/*
 * crypto/msm_impl.h
 *		Sums of many multiples of public points: a template over sum_impl.h.
 *
 * Straus: the scalars' non-adjacent forms side by side. Of every point there is a
 * table of odd multiples; a digit d at bit i puts the multiple d of its point into
 * bucket i. The buckets are summed, and one series of doublings puts the sums
 * together.
 */
#ifndef LEDGER_CRYPTO_MSM_IMPL_H
#define LEDGER_CRYPTO_MSM_IMPL_H

#include "crypto/sum_impl.h"

/* Widths of the non-adjacent forms: a table has 2^(width-2) points. */
#define FIXED_WIDTH 9
#define VARIABLE_WIDTH 5
#define VARIABLE_ENTRIES (1 << (VARIABLE_WIDTH - 2))

/* Points that are worked on at a time: their tables and terms fit into the caches. */
#define CHUNK 256

/* With fewer points than this, buckets are too empty for pairs. */
#define FEW 6

/*
 * table[i * entries + j] = (2j+1) a[i], entries being a power of two. From the
 * multiples below 2m by m of them come those below 4m: 2m + 1, 2m + 3, ... False
 * when out of memory.
 */
static bool
odd_multiples(size_t n, const ledger_affine *a, size_t entries, ledger_affine *table)
{
	size_t		most = n * (entries / 2 + 1) + 1;
	point_pair *pair = (point_pair *) malloc(most * sizeof(*pair));
	ledger_fe  *scratch = pair_scratch(most);
	ledger_affine *made = points_alloc(most);
	ledger_affine *even = points_alloc(n);
	bool		ok = pair != NULL && scratch != NULL && made != NULL && even != NULL;
	size_t		i;
	size_t		j;
	size_t		m;

	for (i = 0; ok && i < n; i++)
	{
		table[i * entries] = a[i];
		pair[i].a = pair[i].b = ref_of(&a[i], false);
	}
	if (ok && entries > 1)
		ADD_PAIRS(n, pair, scratch, even);
	for (m = 1; ok && m < entries; m *= 2)
	{
		size_t		pairs = 0;

		for (i = 0; i < n; i++)
		{
			for (j = 0; j < m; j++)
			{
				pair[pairs].a = ref_of(&even[i], false);
				pair[pairs++].b = ref_of(&table[i * entries + j], false);
			}
			if (2 * m < entries)
			{
				pair[pairs].a = ref_of(&even[i], false);
				pair[pairs++].b = ref_of(&even[i], false);
			}
		}
		ADD_PAIRS(pairs, pair, scratch, made);
		pairs = 0;
		for (i = 0; i < n; i++)
		{
			memcpy(&table[i * entries + m], &made[pairs], m * sizeof(*made));
			pairs += m;
			if (2 * m < entries)
				even[i] = made[pairs++];
		}
	}
	free(pair);
	free(scratch);
	free(made);
	free(even);
	return ok;
}

static ledger_fixed *
fixed_new(const ledger_curve *c, size_t n, const ledger_affine *points)
{
	size_t		entries = (size_t) 1 << (FIXED_WIDTH - 2);
	ledger_fixed *f = (ledger_fixed *) aligned_alloc(64, sizeof(*f) + n * entries * sizeof(ledger_affine));
	size_t		i;

	if (f == NULL)
		return NULL;
	f->curve = c;
	f->n = n;
	f->width = FIXED_WIDTH;
	for (i = 0; i < n; i += CHUNK)
		if (!odd_multiples(n - i < CHUNK ? n - i : CHUNK, points + i, entries, f->table + i * entries))
		{
			free(f);
			return NULL;
		}
	return f;
}

/* A term for each digit of n scalars, table having so many odd multiples of each point. */
static void
add_digits(const ledger_curve *c, size_t n, const ledger_scalar *k, unsigned width,
		   const ledger_affine *table, sums *s)
{
	size_t		entries = (size_t) 1 << (width - 2);
	ledger_naf_digit digit[LEDGER_NAF_MOST];
	size_t		i;

	for (i = 0; i < n; i++)
	{
		const ledger_affine *multiples = table + i * entries;
		unsigned	digits;
		unsigned	j;
		uint64_t	w[4];

		ledger_scalar_words(c, &k[i], w);
		digits = ledger_recode_naf(w, width, digit);
		for (j = 0; j < digits; j++)
		{
			int			d = digit[j].digit;

			sums_add(s, digit[j].bit, &multiples[(d < 0 ? -d : d) / 2], d < 0);
		}
	}
}

/* r = the sum of 2^i a[i] */
static inline void
weigh(size_t n, const ledger_affine *a, ledger_point *r)
{
	memset(r, 0, sizeof(*r));
	while (n-- > 0)
	{
		point_double(r, r);
		point_add_affine(r, &a[n], r);
	}
}

static bool
msm_many(const ledger_curve *c, size_t n, const ledger_scalar *k, const ledger_affine *a,
		 const ledger_fixed *f, size_t nf, const ledger_scalar *fk, ledger_point *r)
{
	size_t		chunk = n < CHUNK ? n : CHUNK;
	size_t		chunk_fixed = nf < CHUNK ? nf : CHUNK;
	size_t		terms = chunk * LEDGER_NAF_TERMS(VARIABLE_WIDTH) + chunk_fixed * LEDGER_NAF_TERMS(FIXED_WIDTH);
	ledger_affine *table = points_alloc(chunk * VARIABLE_ENTRIES);
	sums		s;
	bool		ok = sums_begin(&s, LEDGER_NAF_LEN, terms) && table != NULL;

	while (ok && (n > 0 || nf > 0))
	{
		if (n > 0)
		{
			size_t		m = n < CHUNK ? n : CHUNK;

			if (!odd_multiples(m, a, VARIABLE_ENTRIES, table))
			{
				ok = false;
				break;
			}
			add_digits(c, m, k, VARIABLE_WIDTH, table, &s);
			n -= m;
			k += m;
			a += m;
		}
		if (nf > 0)
		{
			size_t		m = nf < CHUNK ? nf : CHUNK;

			/* the fixed points are worked on from the last to the first */
			nf -= m;
			add_digits(c, m, fk + nf, FIXED_WIDTH, f->table + (nf << (FIXED_WIDTH - 2)), &s);
		}
		sums_flush(&s);
	}
	if (ok)
		WEIGH(LEDGER_NAF_LEN, s.sum, r);
	sums_free(&s);
	free(table);
	return ok;
}

/* ---- few points -------------------------------------------------------------------- */

typedef struct
{
	const ledger_affine *table;
	unsigned	digits;			/* not yet used, of ... */
	ledger_naf_digit digit[LEDGER_NAF_MOST];
} multiple;

/* r = sum of multiples of at most FEW points, in Jacobian coordinates */
static void
sum_few(size_t n, multiple *m, ledger_point *r)
{
	unsigned	bit = LEDGER_NAF_LEN;
	size_t		i;

	memset(r, 0, sizeof(*r));
	while (bit-- > 0)
	{
		point_double(r, r);
		for (i = 0; i < n; i++)
		{
			const ledger_naf_digit *d;
			ledger_affine a;

			if (m[i].digits == 0 || m[i].digit[m[i].digits - 1].bit != bit)
				continue;
			d = &m[i].digit[--m[i].digits];
			a = m[i].table[(d->digit < 0 ? -d->digit : d->digit) / 2];
			if (d->digit < 0)
				affine_neg(&a, &a);
			point_add_affine(r, &a, r);
		}
	}
}

/* Tables of n points, at the price of one inversion. */
static void
tables_of_few(size_t n, const ledger_affine *a, ledger_affine *table)
{
	ledger_point work[FEW * VARIABLE_ENTRIES];
	ledger_point two;
	size_t		i;
	size_t		j;

	for (i = 0; i < n; i++)
	{
		ledger_point *w = work + i * VARIABLE_ENTRIES;

		point_from_affine(&a[i], &w[0]);
		point_double(&w[0], &two);
		for (j = 1; j < VARIABLE_ENTRIES; j++)
			point_add(&w[j - 1], &two, &w[j]);
	}
	points_to_affine(n * VARIABLE_ENTRIES, work, table);
}

static void
msm_few(const ledger_curve *c, size_t n, const ledger_scalar *k, const ledger_affine *a,
		const ledger_fixed *f, size_t nf, const ledger_scalar *fk, ledger_point *r)
{
	ledger_affine table[FEW * VARIABLE_ENTRIES];
	multiple	m[FEW];
	uint64_t	w[4];
	size_t		i;

	tables_of_few(n, a, table);
	for (i = 0; i < n + nf; i++)
	{
		ledger_scalar_words(c, i < n ? &k[i] : &fk[i - n], w);
		m[i].table = i < n ? table + i * VARIABLE_ENTRIES : f->table + ((i - n) << (FIXED_WIDTH - 2));
		m[i].digits = ledger_recode_naf(w, i < n ? VARIABLE_WIDTH : FIXED_WIDTH, m[i].digit);
	}
	sum_few(n + nf, m, r);
}

static bool
msm(const ledger_curve *c, size_t n, const ledger_scalar *k, const ledger_affine *a, const ledger_fixed *f,
	size_t nf, const ledger_scalar *fk, ledger_point *r)
{
	if (n + nf > FEW)
		return msm_many(c, n, k, a, f, nf, fk, r);
	msm_few(c, n, k, a, f, nf, fk, r);
	return true;
}

/* r[i] = g[i] G + k[i] a[i]; the table of the generator has its multiples below 64, enough for width 7 */
static void
mul_pairs(const ledger_curve *c, size_t n, const ledger_scalar *g, const ledger_scalar *k,
		  const ledger_affine *a, ledger_point *r)
{
	ledger_affine table[VARIABLE_ENTRIES];
	multiple	m[2];
	uint64_t	w[4];
	size_t		i;

	for (i = 0; i < n; i++)
	{
		tables_of_few(1, &a[i], table);
		m[0].table = c->comb.table[0];
		ledger_scalar_words(c, &g[i], w);
		m[0].digits = ledger_recode_naf(w, LEDGER_COMB_BITS + 1, m[0].digit);
		m[1].table = table;
		ledger_scalar_words(c, &k[i], w);
		m[1].digits = ledger_recode_naf(w, VARIABLE_WIDTH, m[1].digit);
		sum_few(2, m, &r[i]);
	}
}

#endif							/* LEDGER_CRYPTO_MSM_IMPL_H */
