/*
 * crypto/msm_impl.h
 *		Sums of many multiples of public points: a template over point_impl.h.
 *
 * Straus: the scalars' non-adjacent forms side by side, from the highest digit
 * down; one series of doublings for all points, and for each digit that is not
 * zero one addition of an odd multiple out of a table.
 */
#ifndef LEDGER_CRYPTO_MSM_IMPL_H
#define LEDGER_CRYPTO_MSM_IMPL_H

#include <stdlib.h>

#include "crypto/point_impl.h"

/* Widths of the non-adjacent forms: a table has 2^(width-2) points. */
#define FIXED_WIDTH 8
#define VARIABLE_WIDTH 5

/* table[0..entries) = a, 3a, 5a, ...; "work" has as many places */
static void
odd_multiples(const ledger_affine *a, size_t entries, ledger_point *work, ledger_affine *table)
{
	ledger_point two;
	size_t		i;

	point_from_affine(a, &work[0]);
	point_double(&work[0], &two);
	for (i = 1; i < entries; i++)
		point_add(&work[i - 1], &two, &work[i]);
	points_to_affine(entries, work, table);
}

static ledger_fixed *
fixed_new(const ledger_curve *c, size_t n, const ledger_affine *points)
{
	size_t		entries = (size_t) 1 << (FIXED_WIDTH - 2);
	ledger_point work[1 << (FIXED_WIDTH - 2)];
	ledger_fixed *f = (ledger_fixed *) malloc(sizeof(*f) + n * entries * sizeof(ledger_affine));
	size_t		i;

	if (f == NULL)
		return NULL;
	f->curve = c;
	f->n = n;
	f->width = FIXED_WIDTH;
	for (i = 0; i < n; i++)
		odd_multiples(&points[i], entries, work, f->table + i * entries);
	return f;
}

/* r += d a, where table has the odd multiples of a */
static inline void
add_digit(const ledger_affine *table, int d, ledger_point *r)
{
	ledger_affine t;

	if (d > 0)
		point_add_affine(r, &table[d / 2], r);
	else if (d < 0)
	{
		affine_neg(&table[-d / 2], &t);
		point_add_affine(r, &t, r);
	}
}

static bool
msm(const ledger_curve *c, size_t n, const ledger_scalar *k, const ledger_affine *a, const ledger_fixed *f,
	size_t nf, const ledger_scalar *fk, ledger_point *r)
{
	size_t		entries = (size_t) 1 << (VARIABLE_WIDTH - 2);
	size_t		fixed_entries = (size_t) 1 << (FIXED_WIDTH - 2);
	int16_t(*digit)[LEDGER_NAF_LEN] = malloc((n + nf + 1) * sizeof(*digit));
	ledger_affine *table = (ledger_affine *) malloc((n * entries + 1) * sizeof(*table));
	ledger_point work[1 << (VARIABLE_WIDTH - 2)];
	unsigned	len = 0;
	uint64_t	w[4];
	size_t		i;

	memset(r, 0, sizeof(*r));
	if (digit == NULL || table == NULL)
	{
		free(digit);
		free(table);
		return false;
	}
	for (i = 0; i < n + nf; i++)
	{
		unsigned	l;

		ledger_scalar_words(c, i < n ? &k[i] : &fk[i - n], w);
		l = ledger_recode_naf(w, i < n ? VARIABLE_WIDTH : FIXED_WIDTH, digit[i]);
		len = l > len ? l : len;
		if (i < n)
			odd_multiples(&a[i], entries, work, table + i * entries);
	}
	while (len-- > 0)
	{
		point_double(r, r);
		for (i = 0; i < n; i++)
			add_digit(table + i * entries, digit[i][len], r);
		for (i = 0; i < nf; i++)
			add_digit(f->table + i * fixed_entries, digit[n + i][len], r);
	}
	free(digit);
	free(table);
	return true;
}

#endif							/* LEDGER_CRYPTO_MSM_IMPL_H */
