/*
 * zkp/range_verify.c
 *		The verifier of all ranges of a statement: two equations (range_prove.c has the protocol).
 *
 *		t G + taux H = sum of z^(1+j) V_j + delta G + x T1 + x^2 T2
 *		delta = (z - z^2) sum of y^i - z sum of zeta_i
 *
 *		A + x S - mu H - z sum G_i + sum (z + zeta_i y^-i) H_i + w t U
 *			+ sum of (u^2 L + u^-2 R) = sum a s_i G_i + sum b (1/s_i) y^-i H_i + w <a, b> U
 *
 * with s_i the product of the u of each round, inverted where place i is in the
 * lower half of that round; a and b stand for the ends at i mod k.
 */
#include <stdlib.h>

#include "zkp/proof_internal.h"

/* Inverses of y and of every u with one inversion; out[0] is that of y. */
static void
invert_all(const ledger_curve *c, const ledger_range_challenges *ch, unsigned rounds, ledger_scalar *out)
{
	ledger_scalar product[1 + LEDGER_MAX_ROUNDS], inverse;

	product[0] = ch->y;
	for (unsigned i = 0; i < rounds; i++)
		ledger_scalar_mul(c, &product[i], &ch->u[i], &product[i + 1]);
	ledger_scalar_invert(c, &product[rounds], &inverse);
	for (unsigned i = rounds; i > 0; i--)
	{
		ledger_scalar_mul(c, &inverse, &product[i - 1], &out[i]);
		ledger_scalar_mul(c, &inverse, &ch->u[i - 1], &inverse);
	}
	out[0] = inverse;
}

/*
 * s[b] for each of the 2^rounds blocks of k places, in order: the first u decides by the highest
 * bit of b. 1 / s[b] is s of the block with all bits of b turned.
 */
static void
block_factors(const ledger_curve *c, const ledger_range_challenges *ch, const ledger_scalar *inverse,
			  unsigned rounds, ledger_scalar *s)
{
	size_t		n = 1;

	ledger_scalar_u64(c, 1, &s[0]);
	for (unsigned i = 0; i < rounds; i++)
		ledger_scalar_mul(c, &s[0], &inverse[1 + i], &s[0]);
	/* turning a bit on multiplies by the square of its u */
	for (unsigned i = rounds; i > 0; i--)
	{
		ledger_scalar square;

		ledger_scalar_mul(c, &ch->u[i - 1], &ch->u[i - 1], &square);
		for (size_t b = 0; b < n; b++)
			ledger_scalar_mul(c, &s[b], &square, &s[n + b]);
		n *= 2;
	}
}

/* The first equation, t G + taux H - ... with weight w. */
static void
polynomial_equation(ledger_equation *e, ledger_verifier *v, const ledger_range_challenges *ch,
					const ledger_scalar *w, const ledger_scalar *ysum, const ledger_scalar *zetasum,
					const ledger_affine *point, const ledger_scalar *scalar)
{
	const ledger_statement *s = v->check->statement;
	const ledger_curve *c = e->curve;
	ledger_scalar minus, k, d, zj;

	ledger_scalar_neg(c, w, &minus);
	/* delta */
	ledger_scalar_mul(c, &ch->z, &ch->z, &d);
	ledger_scalar_sub(c, &ch->z, &d, &d);
	ledger_scalar_mul(c, &d, ysum, &d);
	ledger_scalar_mul(c, &ch->z, zetasum, &k);
	ledger_scalar_sub(c, &d, &k, &d);
	ledger_scalar_sub(c, &scalar[0], &d, &d);
	ledger_scalar_mul(c, w, &d, &k);
	ledger_equation_fixed(e, LEDGER_GEN_G, &k);
	ledger_scalar_mul(c, w, &scalar[1], &k);
	ledger_equation_fixed(e, LEDGER_GEN_H, &k);
	ledger_scalar_mul(c, &minus, &ch->x, &k);
	ledger_equation_point(e, &k, &point[2]);
	ledger_scalar_mul(c, &k, &ch->x, &k);
	ledger_equation_point(e, &k, &point[3]);
	ledger_scalar_mul(c, &minus, &ch->z, &zj);
	for (unsigned j = 0; j < s->nranges; j++)
	{
		ledger_scalar_mul(c, &zj, &ch->z, &zj);
		ledger_equation_linear(e, v, &zj, &s->ranges[j].of);
	}
}

/* What the second equation has of G_i and H_i, and the sums that delta needs. */
static bool
vector_terms(ledger_equation *e, ledger_verifier *v, const ledger_range_challenges *ch,
			 const ledger_scalar *w, const ledger_scalar *inverse, const ledger_scalar *end,
			 ledger_scalar *ysum, ledger_scalar *zetasum)
{
	const ledger_statement *s = v->check->statement;
	const ledger_curve *c = e->curve;
	const unsigned last = v->shape.last;
	const size_t nblocks = (size_t) 1 << v->shape.rounds;
	ledger_scalar *block = (ledger_scalar *) malloc(nblocks * sizeof(ledger_scalar));
	ledger_scalar wz, y, yinv,	/* w / y^i */
		zj, zeta, k, wa[LEDGER_MAX_LAST];
	unsigned	range = 0, bit = 0;

	if (block == NULL)
		return false;
	block_factors(c, ch, inverse, v->shape.rounds, block);
	ledger_scalar_mul(c, w, &ch->z, &wz);
	for (unsigned i = 0; i < last; i++)
		ledger_scalar_mul(c, w, &end[i], &wa[i]);
	ledger_scalar_u64(c, 1, &y);
	yinv = *w;
	ledger_scalar_zero(ysum);
	ledger_scalar_zero(zetasum);
	ledger_scalar_mul(c, &ch->z, &ch->z, &zj);
	zeta = zj;
	for (unsigned i = 0; i < v->shape.bits; i++)
	{
		const size_t b = i / last;

		/* G_i: -z - a s_i */
		ledger_scalar_mul(c, &wa[i % last], &block[b], &k);
		ledger_scalar_add(c, &k, &wz, &k);
		ledger_scalar_neg(c, &k, &k);
		ledger_equation_fixed(e, LEDGER_GEN_VECTOR(i), &k);
		/* H_i: z + y^-i (zeta_i - b / s_i) */
		ledger_scalar_mul(c, &end[last + i % last], &block[nblocks - 1 - b], &k);
		ledger_scalar_neg(c, &k, &k);
		if (range < s->nranges)
		{
			ledger_scalar_add(c, &k, &zeta, &k);
			ledger_scalar_add(c, zetasum, &zeta, zetasum);
			ledger_scalar_add(c, &zeta, &zeta, &zeta);
			if (++bit == s->ranges[range].bits)
			{
				bit = 0;
				range++;
				ledger_scalar_mul(c, &zj, &ch->z, &zj);
				zeta = zj;
			}
		}
		ledger_scalar_mul(c, &k, &yinv, &k);
		ledger_scalar_add(c, &k, &wz, &k);
		ledger_equation_fixed(e, LEDGER_GEN_VECTOR(i) + 1, &k);
		ledger_scalar_add(c, ysum, &y, ysum);
		ledger_scalar_mul(c, &y, &ch->y, &y);
		ledger_scalar_mul(c, &yinv, &inverse[0], &yinv);
	}
	free(block);
	return true;
}

bool
ledger_range_equations(ledger_equation *e, ledger_verifier *v, const ledger_range_challenges *ch,
					   const ledger_affine *point, const ledger_scalar *scalar)
{
	const ledger_curve *c = e->curve;
	const unsigned rounds = v->shape.rounds, last = v->shape.last;
	const ledger_scalar *end = scalar + 3;
	ledger_scalar inverse[1 + LEDGER_MAX_ROUNDS], w1, w2, k, ysum, zetasum;

	ledger_next_weight(v, &w1);
	ledger_next_weight(v, &w2);
	invert_all(c, ch, rounds, inverse);
	if (!vector_terms(e, v, ch, &w2, inverse, end, &ysum, &zetasum))
		return false;
	polynomial_equation(e, v, ch, &w1, &ysum, &zetasum, point, scalar);

	/* A + x S - mu H + w (t - <a, b>) U + sum of (u^2 L + u^-2 R) */
	ledger_equation_point(e, &w2, &point[0]);
	ledger_scalar_mul(c, &w2, &ch->x, &k);
	ledger_equation_point(e, &k, &point[1]);
	ledger_scalar_mul(c, &w2, &scalar[2], &k);
	ledger_scalar_neg(c, &k, &k);
	ledger_equation_fixed(e, LEDGER_GEN_H, &k);
	ledger_scalar_zero(&k);
	for (unsigned i = 0; i < last; i++)
		ledger_scalar_addmul(c, &k, &end[i], &end[last + i]);
	ledger_scalar_sub(c, &scalar[0], &k, &k);
	ledger_scalar_mul(c, &k, &ch->w, &k);
	ledger_scalar_mul(c, &k, &w2, &k);
	ledger_equation_fixed(e, LEDGER_GEN_U, &k);
	for (unsigned i = 0; i < rounds; i++)
	{
		ledger_scalar_mul(c, &ch->u[i], &ch->u[i], &k);
		ledger_scalar_mul(c, &k, &w2, &k);
		ledger_equation_point(e, &k, &point[4 + 2 * i]);
		ledger_scalar_mul(c, &inverse[1 + i], &inverse[1 + i], &k);
		ledger_scalar_mul(c, &k, &w2, &k);
		ledger_equation_point(e, &k, &point[5 + 2 * i]);
	}
	return true;
}
