/*
 * crypto/mul_ifma.h
 *		mul_pairs() of msm_impl.h, eight at a time with AVX-512 IFMA.
 *
 * The lanes add at the same time, so the digits are the odd ones of mul_ct_impl.h,
 * one for every window, and not a non-adjacent form. The multiples of G come from
 * the table of the generator, which has a row for each window and so takes no
 * doublings.
 */
#ifndef LEDGER_CRYPTO_MUL_IFMA_H
#define LEDGER_CRYPTO_MUL_IFMA_H

#include "crypto/msm_impl.h"
#include "crypto/mul_ct_impl.h"
#include "crypto/point_ifma.h"

/* A window of the points: 4 bits, eight odd multiples of each. */
#define PAIRS_BITS 4
#define PAIRS_LEN 256
#define PAIRS_ENTRIES (1 << (PAIRS_BITS - 1))

/* The recoded scalars of eight lanes. */
typedef struct
{
	uint64_t	u[8][LEDGER_RECODED_WORDS];
	uint64_t	negative[8];
} eight_digits;

static void
recode_eight(const ledger_curve *c, const ledger_scalar *const k[8], unsigned len, eight_digits *d)
{
	int			i;

	for (i = 0; i < 8; i++)
		d->negative[i] = ledger_recode_odd(c, k[i], len, d->u[i]);
}

/* sum += the multiples that the digits of one window choose, lane i from table + i * stride */
WIDE static void
add_window(wide_point *sum, const eight_digits *d, unsigned bit, unsigned width, const ledger_affine *table,
		   size_t stride)
{
	const ledger_affine *chosen[8];
	wide_affine a;
	__mmask8	negative = 0;
	unsigned	i;

	for (i = 0; i < 8; i++)
	{
		uint64_t	sign;
		uint64_t	index = odd_digit(d->u[i], bit, width, &sign);

		chosen[i] = &table[i * stride + index];
		negative |= (__mmask8) (((sign ^ d->negative[i]) & 1) << i);
	}
	a = wide_read(chosen, negative);
	wide_add_affine(sum, &a);
}

/* r[i] = g[i] G + k[i] a[i]; false when out of memory */
WIDE static bool
mul_eight(const ledger_curve *c, const ledger_scalar *const g[8], const ledger_scalar *const k[8],
		  const ledger_affine a[8], ledger_point r[8])
{
	ledger_affine table[8 * PAIRS_ENTRIES];
	eight_digits d;
	wide_point	sum;
	unsigned	i;
	unsigned	j;

	if (!odd_multiples(8, a, PAIRS_ENTRIES, table))
		return false;
	sum.x = sum.y = sum.z = wide_splat(wide_one);
	sum.identity = 0xff;
	recode_eight(c, k, PAIRS_LEN, &d);
	for (i = PAIRS_LEN; i > 0; i -= PAIRS_BITS)
	{
		if (i < PAIRS_LEN)
			for (j = 0; j < PAIRS_BITS; j++)
				wide_double(&sum);
		add_window(&sum, &d, i - PAIRS_BITS, PAIRS_BITS, table, PAIRS_ENTRIES);
	}
	recode_eight(c, g, LEDGER_COMB_BITS * LEDGER_COMB_WINDOWS, &d);
	for (i = 0; i < LEDGER_COMB_WINDOWS; i++)
		add_window(&sum, &d, i * LEDGER_COMB_BITS, LEDGER_COMB_BITS, c->comb.table[i], 0);
	wide_write(&sum, r);
	return true;
}

static void
mul_pairs_wide(const ledger_curve *c, size_t n, const ledger_scalar *g, const ledger_scalar *k,
			   const ledger_affine *a, ledger_point *r)
{
	while (n > 1)
	{
		const ledger_scalar *eight_g[8];
		const ledger_scalar *eight_k[8];
		ledger_affine eight_a[8];
		ledger_point sum[8];
		size_t		most = n < 8 ? n : 8;
		size_t		i;

		/* lanes that are left repeat the last pair */
		for (i = 0; i < 8; i++)
		{
			size_t		j = i < most ? i : most - 1;

			eight_g[i] = &g[j];
			eight_k[i] = &k[j];
			eight_a[i] = a[j];
		}
		if (!mul_eight(c, eight_g, eight_k, eight_a, sum))
			break;
		memcpy(r, sum, most * sizeof(*r));
		n -= most;
		g += most;
		k += most;
		a += most;
		r += most;
	}
	mul_pairs(c, n, g, k, a, r);
}

#endif							/* LEDGER_CRYPTO_MUL_IFMA_H */
