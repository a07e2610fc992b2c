/*
 * zkp/range_prove.c
 *		The prover of all ranges of a statement: aggregated Bulletproofs.
 *
 * Bünz, Bootle, Boneh, Poelstra, Wuille, Maxwell: "Bulletproofs: Short Proofs for
 * Confidential Transactions and More" (IEEE S&P 2018), section 4.2, with three
 * changes. The ranges have widths of their own: bit t of range j has weight
 * z^(1+j) 2^t, j from 1, places that no range uses have weight 0. The inner
 * product (section 3) stops at 2 or 3 places, which are sent as they are, so that
 * 3 * 2^k places are possible too. Its base U is multiplied by a challenge drawn
 * after t, taux and mu.
 *
 *		l(X) = aL - z + sL X		r(X) = y^i (aR + z + sR X) + zeta_i
 *		t(X) = <l(X), r(X)> = t0 + t1 X + t2 X^2
 *
 * Bits and openings are secret: A and S are made in constant time. The vectors of
 * the inner product are blinded by sL and sR and may show. Where several prove
 * together each has the places of its own ranges, and all of this adds up.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/key.h"
#include "zkp/proof_internal.h"

static bool
allocate(ledger_range_secrets *q, size_t n)
{
	size_t		generators = LEDGER_GEN_VECTOR(n);
	ledger_scalar *next;

	q->n = (unsigned) n;
	q->size = (7 * n + generators) * sizeof(ledger_scalar) + n * sizeof(uint32_t) + n;
	q->block = calloc(1, q->size);
	if (q->block == NULL)
		return false;
	next = (ledger_scalar *) q->block;
	q->sl = next;
	q->sr = next + n;
	q->l = next + 2 * n;
	q->r = next + 3 * n;
	q->zeta = next + 4 * n;
	q->g = next + 5 * n;
	q->h = next + 6 * n;
	q->k = next + 7 * n;
	q->place = (uint32_t *) (q->k + generators);
	q->bit = (uint8_t *) (q->place + n);
	return true;
}

static void
put_point(ledger_prover *p, const ledger_point *point, size_t offset)
{
	ledger_affine a;

	ledger_points_to_affine(p->curve, 1, point, &a);
	ledger_affine_encode(p->curve, &a, p->proof + offset);
}

/* Our places and their bits; false when a value is outside of its range. */
static bool
decompose(ledger_prover *p)
{
	const ledger_statement *s = p->s;
	ledger_range_secrets *q = &p->range;
	unsigned	place = 0;
	uint8_t		outside = 0;

	for (unsigned j = 0; j < s->nranges; place += s->ranges[j++].bits)
	{
		uint8_t		bytes[LEDGER_SCALAR_LEN];
		ledger_scalar v;

		if (!p->my_range[j])
			continue;
		ledger_linear_value(s, p->curve, &s->ranges[j].of, p->value, true, &v);
		ledger_scalar_encode(p->curve, &v, bytes);
		for (unsigned t = 0; t < 8 * LEDGER_SCALAR_LEN; t++)
		{
			uint8_t		b = (bytes[LEDGER_SCALAR_LEN - 1 - t / 8] >> (t % 8)) & 1;

			if (t >= s->ranges[j].bits)
			{
				outside |= b;
				continue;
			}
			q->bit[place + t] = b;
			q->place[q->nplaces++] = place + t;
		}
		ledger_wipe(bytes, sizeof(bytes));
		ledger_wipe(&v, sizeof(v));
	}
	for (; place < q->n; place++)
		if (p->my_padding)
			q->place[q->nplaces++] = place;
	return outside == 0;
}

/* A = alpha H + sum of G_i or -H_i, over our places */
static bool
commit_bits(ledger_prover *p)
{
	const ledger_comb *h = p->g->h;
	ledger_range_secrets *q = &p->range;
	const unsigned n = q->nplaces;
	const size_t size = 2 * n * sizeof(ledger_affine) + n;
	ledger_affine *one = (ledger_affine *) malloc(size + 1), *zero;
	uint8_t	   *bit;
	ledger_point a, blind;

	if (one == NULL)
		return false;
	zero = one + n;
	bit = (uint8_t *) (zero + n);
	for (unsigned i = 0; i < n; i++)
	{
		const ledger_affine *g = &p->g->point[LEDGER_GEN_VECTOR(q->place[i])];

		one[i] = g[0];
		ledger_affine_neg(p->curve, &g[1], &zero[i]);
		bit[i] = q->bit[q->place[i]];
	}
	ledger_select_sum_ct(p->curve, n, bit, one, zero, &a);
	ledger_combs_mul_ct(p->curve, 1, &h, &q->alpha, &blind);
	ledger_point_add(p->curve, &a, &blind, &a);
	put_point(p, &a, p->shape.range);
	ledger_wipe(&a, sizeof(a));
	ledger_wipe(&blind, sizeof(blind));
	ledger_wipe(one, size);
	free(one);
	return true;
}

/* S = rho H + sum of sL_i G_i + sR_i H_i, over our places */
static bool
commit_blinds(ledger_prover *p)
{
	ledger_range_secrets *q = &p->range;
	const unsigned n = q->nplaces;
	uint32_t   *which = (uint32_t *) malloc((2 * (size_t) n + 1) * sizeof(uint32_t));
	ledger_point s;

	if (which == NULL)
		return false;
	q->k[0] = q->rho;
	which[0] = LEDGER_GEN_H;
	for (unsigned i = 0; i < n; i++)
	{
		const uint32_t at = q->place[i];

		ledger_nonce(p, &q->sl[at]);
		ledger_nonce(p, &q->sr[at]);
		q->k[1 + 2 * i] = q->sl[at];
		q->k[2 + 2 * i] = q->sr[at];
		which[1 + 2 * i] = LEDGER_GEN_VECTOR(at);
		which[2 + 2 * i] = LEDGER_GEN_VECTOR(at) + 1;
	}
	ledger_fixed_mul_ct(p->g->table, 2 * n + 1, which, q->k, &s);
	put_point(p, &s, p->shape.range + LEDGER_POINT_LEN);
	ledger_wipe(&s, sizeof(s));
	free(which);
	return true;
}

ledger_proof_status
ledger_range_bits(ledger_prover *p)
{
	ledger_range_secrets *q = &p->range;

	if (!allocate(q, p->shape.bits))
		return LEDGER_PROOF_MEMORY;
	if (!decompose(p))
		return LEDGER_PROOF_FALSE;
	ledger_nonce(p, &q->alpha);
	ledger_nonce(p, &q->rho);
	ledger_nonce(p, &q->tau1);
	ledger_nonce(p, &q->tau2);
	return commit_bits(p) && commit_blinds(p) ? LEDGER_PROOF_OK : LEDGER_PROOF_MEMORY;
}

/* zeta_i = z^(1+j) 2^t where place i is bit t of range j */
static void
range_weights(ledger_prover *p)
{
	const ledger_statement *s = p->s;
	ledger_scalar zj = p->ch.z, v;
	unsigned	place = 0;

	for (unsigned j = 0; j < s->nranges; j++)
	{
		ledger_scalar_mul(p->curve, &zj, &p->ch.z, &zj);
		v = zj;
		for (unsigned t = 0; t < s->ranges[j].bits; t++)
		{
			p->range.zeta[place++] = v;
			ledger_scalar_add(p->curve, &v, &v, &v);
		}
	}
}

/* l0, r0 and r1 of our places; T1 and T2 of our part of t1 and t2 */
void
ledger_range_polynomial(ledger_prover *p)
{
	const ledger_curve *c = p->curve;
	ledger_range_secrets *q = &p->range;
	ledger_scalar y, one, v, t1, t2, r1;
	unsigned	at = 0;

	range_weights(p);
	ledger_scalar_u64(c, 1, &one);
	ledger_scalar_zero(&t1);
	ledger_scalar_zero(&t2);
	y = one;
	for (unsigned i = 0; i < q->nplaces; i++, at++)
	{
		ledger_scalar *l, *r;

		for (; at < q->place[i]; at++)
			ledger_scalar_mul(c, &y, &p->ch.y, &y);
		l = &q->l[at];
		r = &q->r[at];
		/* l0 = aL - z, r0 = y^i (aR + z) + zeta, r1 = y^i sR */
		ledger_scalar_u64(c, q->bit[at], &v);
		ledger_scalar_sub(c, &v, &p->ch.z, l);
		ledger_scalar_sub(c, &v, &one, &v);
		ledger_scalar_add(c, &v, &p->ch.z, &v);
		*r = q->zeta[at];
		ledger_scalar_addmul(c, r, &y, &v);
		ledger_scalar_mul(c, &y, &q->sr[at], &r1);
		ledger_scalar_addmul(c, &t1, l, &r1);
		ledger_scalar_addmul(c, &t1, &q->sl[at], r);
		ledger_scalar_addmul(c, &t2, &q->sl[at], &r1);
		q->sr[at] = r1;
		ledger_scalar_mul(c, &y, &p->ch.y, &y);
	}
	ledger_put_commitment(p, &t1, &q->tau1, p->shape.range + 2 * LEDGER_POINT_LEN);
	ledger_put_commitment(p, &t2, &q->tau2, p->shape.range + 3 * LEDGER_POINT_LEN);
	ledger_wipe(&v, sizeof(v));
	ledger_wipe(&r1, sizeof(r1));
	ledger_wipe(&t1, sizeof(t1));
	ledger_wipe(&t2, sizeof(t2));
}

/* l(x) and r(x) of our places; our part of t, taux and mu */
void
ledger_range_values(ledger_prover *p)
{
	const ledger_curve *c = p->curve;
	ledger_range_secrets *q = &p->range;
	ledger_scalar t, v, zj = p->ch.z;
	size_t		offset = p->shape.folded;

	ledger_scalar_zero(&t);
	for (unsigned i = 0; i < q->nplaces; i++)
	{
		const uint32_t at = q->place[i];

		ledger_scalar_addmul(c, &q->l[at], &p->ch.x, &q->sl[at]);
		ledger_scalar_addmul(c, &q->r[at], &p->ch.x, &q->sr[at]);
		ledger_scalar_addmul(c, &t, &q->l[at], &q->r[at]);
	}
	ledger_scalar_encode(c, &t, p->proof + offset);

	/* taux = tau1 x + tau2 x^2 + sum of z^(1+j) gamma_j */
	ledger_scalar_mul(c, &q->tau2, &p->ch.x, &t);
	ledger_scalar_add(c, &t, &q->tau1, &t);
	ledger_scalar_mul(c, &t, &p->ch.x, &t);
	for (unsigned j = 0; j < p->s->nranges; j++)
	{
		ledger_scalar_mul(c, &zj, &p->ch.z, &zj);
		if (!p->my_range[j])
			continue;
		ledger_linear_value(p->s, c, &p->s->ranges[j].of, p->blinding, false, &v);
		ledger_scalar_addmul(c, &t, &zj, &v);
	}
	ledger_scalar_encode(c, &t, p->proof + offset + LEDGER_SCALAR_LEN);

	t = q->alpha;
	ledger_scalar_addmul(c, &t, &q->rho, &p->ch.x);
	ledger_scalar_encode(c, &t, p->proof + offset + 2 * LEDGER_SCALAR_LEN);
	ledger_wipe(&t, sizeof(t));
	ledger_wipe(&v, sizeof(v));
}

/* ---- inner product ------------------------------------------------------------------------- */

/*
 * One half of a round, over the first generators: place i of the original
 * vectors belongs to place i mod len of the folded ones. left: L = <l_lo, G_hi> +
 * <r_hi, H_lo> + w <l_lo, r_hi> U, else R with lo and hi exchanged.
 */
static bool
cross(ledger_prover *p, unsigned len, bool left, size_t offset)
{
	const ledger_curve *c = p->curve;
	ledger_range_secrets *q = &p->range;
	const unsigned half = len / 2;
	ledger_scalar t;
	ledger_point point;

	ledger_scalar_zero(&q->k[LEDGER_GEN_G]);
	ledger_scalar_zero(&q->k[LEDGER_GEN_H]);
	ledger_scalar_zero(&t);
	for (unsigned i = 0; i < half; i++)
		ledger_scalar_addmul(c, &t, &q->l[left ? i : i + half], &q->r[left ? i + half : i]);
	ledger_scalar_mul(c, &t, &p->ch.w, &q->k[LEDGER_GEN_U]);
	for (unsigned i = 0; i < q->n; i++)
	{
		unsigned	at = i % len;
		bool		high = at >= half;
		ledger_scalar *g = &q->k[LEDGER_GEN_VECTOR(i)];

		ledger_scalar_zero(&g[0]);
		ledger_scalar_zero(&g[1]);
		if (high == left)
			ledger_scalar_mul(c, &q->l[high ? at - half : at + half], &q->g[i], &g[0]);
		else
			ledger_scalar_mul(c, &q->r[high ? at - half : at + half], &q->h[i], &g[1]);
	}
	if (!ledger_msm(c, 0, NULL, NULL, p->g->table, LEDGER_GEN_VECTOR(q->n), q->k, &point))
		return false;
	put_point(p, &point, offset);
	return true;
}

/* Vectors and generators to half their length by the challenge of this round. */
static void
halve(ledger_prover *p, unsigned half, const ledger_scalar *u)
{
	const ledger_curve *c = p->curve;
	ledger_range_secrets *q = &p->range;
	ledger_scalar uinv, v;

	ledger_scalar_invert(c, u, &uinv);
	for (unsigned i = 0; i < q->n; i++)
	{
		bool		high = i % (2 * half) >= half;

		ledger_scalar_mul(c, &q->g[i], high ? u : &uinv, &q->g[i]);
		ledger_scalar_mul(c, &q->h[i], high ? &uinv : u, &q->h[i]);
	}
	for (unsigned i = 0; i < half; i++)
	{
		ledger_scalar_mul(c, &q->l[i], u, &v);
		ledger_scalar_addmul(c, &v, &q->l[i + half], &uinv);
		q->l[i] = v;
		ledger_scalar_mul(c, &q->r[i], &uinv, &v);
		ledger_scalar_addmul(c, &v, &q->r[i + half], u);
		q->r[i] = v;
	}
}

bool
ledger_range_fold(ledger_prover *p)
{
	const ledger_curve *c = p->curve;
	ledger_range_secrets *q = &p->range;
	ledger_scalar yinv, y;
	unsigned	len = q->n;

	ledger_scalar_invert(c, &p->ch.y, &yinv);
	ledger_scalar_u64(c, 1, &y);
	for (unsigned i = 0; i < q->n; i++)
	{
		ledger_scalar_u64(c, 1, &q->g[i]);
		q->h[i] = y;
		ledger_scalar_mul(c, &y, &yinv, &y);
	}
	for (unsigned round = 0; round < p->shape.rounds; round++)
	{
		size_t		offset = p->shape.halvings + (size_t) round * 2 * LEDGER_POINT_LEN;

		if (!cross(p, len, true, offset) || !cross(p, len, false, offset + LEDGER_POINT_LEN))
			return false;
		ledger_hear_half(&p->transcript, &p->shape, p->proof, round, &p->ch);
		len /= 2;
		halve(p, len, &p->ch.u[round]);
	}
	for (unsigned i = 0; i < len; i++)
	{
		ledger_scalar_encode(c, &q->l[i], p->proof + p->shape.ends + i * LEDGER_SCALAR_LEN);
		ledger_scalar_encode(c, &q->r[i], p->proof + p->shape.ends + (len + i) * LEDGER_SCALAR_LEN);
	}
	ledger_hear_ends(&p->transcript, &p->shape, p->proof);
	return true;
}
