/*
 * crypto/mul_ct_impl.h
 *		Multiples of points by secret scalars: a template over point_impl.h.
 *
 * Scalars are cut into odd digits (ledger_recode_odd), so every window adds an
 * odd multiple, none is skipped. A table is read from end to end to take one of
 * its points, the others being masked out. Digits and the points they chose are
 * wiped from the stack in the end.
 */
#ifndef LEDGER_CRYPTO_MUL_CT_IMPL_H
#define LEDGER_CRYPTO_MUL_CT_IMPL_H

#include "crypto/point_impl.h"

/* Vectors of the width that every x86-64 has; other compilers' targets emulate them. */
typedef uint64_t pair __attribute__((vector_size(16), aligned(8), may_alias));

/* Bits of a digit: by mul_ct and by fixed_mul_ct, and the digits' total rounded up to whole windows. */
#define MUL_BITS 5
#define MUL_LEN 260
#define FIXED_BITS 6
#define FIXED_LEN 258

/* w bits of a recoded scalar from bit i, as the place in a table of odd multiples and the mask of its sign */
static inline uint64_t
odd_digit(const uint64_t u[LEDGER_RECODED_WORDS], unsigned i, unsigned w, uint64_t *negative)
{
	uint64_t	d = u[i / 64] >> i % 64;

	if (i % 64 + w > 64)
		d |= u[i / 64 + 1] << (64 - i % 64);
	d &= ((uint64_t) 1 << w) - 1;
	*negative = ledger_mask_bit(d >> (w - 1) ^ 1);
	return (d ^ *negative) & (((uint64_t) 1 << (w - 1)) - 1);
}

/* r = entry number "index" of n entries of "size" words each */
static inline void
lookup(const uint64_t *table, size_t n, size_t size, uint64_t index, uint64_t *r)
{
	pair		sum[6] = {{0}};
	size_t		i;
	size_t		j;

	for (i = 0; i < n; i++)
	{
		uint64_t	mask = ledger_mask_zero(i ^ index);
		pair		m = {mask, mask};

		for (j = 0; j < size / 2; j++)
			sum[j] |= m & ((const pair *) (table + i * size))[j];
	}
	memcpy(r, sum, size * sizeof(uint64_t));
}

static inline void
lookup_affine(const ledger_affine *table, size_t n, uint64_t index, uint64_t negative, ledger_affine *r)
{
	lookup(table[0].x.v, n, sizeof(*table) / 8, index, r->x.v);
	fe_cneg(negative, &r->y, &r->y);
}

static void
combs_mul_ct(const ledger_curve *c, size_t n, const ledger_comb *const comb[], const ledger_scalar *k,
			 ledger_point *r)
{
	uint64_t	u[LEDGER_RECODED_WORDS];
	ledger_affine a;
	size_t		i;
	unsigned	j;

	memset(r, 0, sizeof(*r));
	for (i = 0; i < n; i++)
	{
		uint64_t	negative = ledger_recode_odd(c, &k[i], LEDGER_COMB_BITS * LEDGER_COMB_WINDOWS, u);

		for (j = 0; j < LEDGER_COMB_WINDOWS; j++)
		{
			uint64_t	sign;
			uint64_t	index = odd_digit(u, j * LEDGER_COMB_BITS, LEDGER_COMB_BITS, &sign);

			lookup_affine(comb[i]->table[j], LEDGER_COMB_SIZE, index, sign ^ negative, &a);
			if (i + j == 0)
				point_from_affine(&a, r);
			else
				point_add_affine_ct(r, &a, r);
		}
	}
	ledger_forget(u, sizeof(u));
	ledger_forget(&a, sizeof(a));
}

static void
mul_ct(const ledger_curve *c, const ledger_scalar *k, const ledger_affine *a, ledger_point *r)
{
	uint64_t	u[LEDGER_RECODED_WORDS];
	uint64_t	negative = ledger_recode_odd(c, k, MUL_LEN, u);
	ledger_point table[1 << (MUL_BITS - 1)];
	ledger_point two;
	ledger_point t;
	size_t		n = sizeof(table) / sizeof(table[0]);
	size_t		i;
	unsigned	j;

	/* a is public */
	point_from_affine(a, &table[0]);
	point_double(&table[0], &two);
	for (i = 1; i < n; i++)
		point_add(&table[i - 1], &two, &table[i]);

	for (i = MUL_LEN / MUL_BITS; i-- > 0;)
	{
		uint64_t	sign;
		uint64_t	index = odd_digit(u, (unsigned) i * MUL_BITS, MUL_BITS, &sign);

		lookup(table[0].x.v, n, sizeof(table[0]) / 8, index, t.x.v);
		fe_cneg(sign ^ negative, &t.y, &t.y);
		if (i == MUL_LEN / MUL_BITS - 1)
		{
			*r = t;
			continue;
		}
		for (j = 0; j < MUL_BITS; j++)
			point_double(r, r);
		point_add_ct(r, &t, r);
	}
	ledger_forget(u, sizeof(u));
	ledger_forget(&t, sizeof(t));
}

/* The sum of each window over all points first, then one series of doublings for all windows. */
static void
fixed_mul_ct(const ledger_fixed *f, size_t n, const uint32_t *which, const ledger_scalar *k, ledger_point *r)
{
	size_t		entries = (size_t) 1 << (f->width - 2);
	size_t		i;
	size_t		j;
	ledger_point part[FIXED_LEN / FIXED_BITS];
	ledger_affine a;
	uint64_t	u[LEDGER_RECODED_WORDS];

	memset(&a, 0, sizeof(a));
	memset(u, 0, sizeof(u));
	memset(part, 0, sizeof(part));
	for (i = 0; i < n; i++)
	{
		uint64_t	negative = ledger_recode_odd(f->curve, &k[i], FIXED_LEN, u);

		for (j = 0; j < FIXED_LEN / FIXED_BITS; j++)
		{
			uint64_t	sign;
			uint64_t	index = odd_digit(u, (unsigned) j * FIXED_BITS, FIXED_BITS, &sign);

			lookup_affine(f->table + which[i] * entries, (size_t) 1 << (FIXED_BITS - 1), index,
						  sign ^ negative, &a);
			point_add_affine_ct(&part[j], &a, &part[j]);
		}
	}
	memset(r, 0, sizeof(*r));
	for (j = FIXED_LEN / FIXED_BITS; j-- > 0;)
	{
		for (i = 0; i < FIXED_BITS; i++)
			point_double(r, r);
		point_add_ct(r, &part[j], r);
	}
	ledger_forget(u, sizeof(u));
	ledger_forget(&a, sizeof(a));
	ledger_forget(part, sizeof(part));
}

static void
select_sum_ct(size_t n, const uint8_t *bit, const ledger_affine *one, const ledger_affine *zero,
			  ledger_point *r)
{
	ledger_affine a = {{{0}}, {{0}}};
	size_t		i;

	memset(r, 0, sizeof(*r));
	for (i = 0; i < n; i++)
	{
		a = zero[i];
		affine_cmov(ledger_mask_bit(bit[i]), &one[i], &a);
		point_add_affine_ct(r, &a, r);
	}
	ledger_forget(&a, sizeof(a));
}

#endif							/* LEDGER_CRYPTO_MUL_CT_IMPL_H */
