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
 * the inner product are blinded by sL and sR and may show.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/key.h"
#include "zkp/proof_internal.h"

typedef struct
{
	ledger_prover *p;
	unsigned	n;
	uint8_t	   *bit;			/* aL; aR is aL - 1 */
	ledger_scalar *sl, *sr, *l, /* first l0, then l(x), then folded */
		*r, *zeta, *ypow, *g,	/* what each G_i, H_i was multiplied with by now */
		*h, *k;					/* multiples of all generators */
	ledger_affine *one,			/* what a bit adds to A: G_i or -H_i */
		*zero;
	size_t		size;			/* of the block behind these arrays */
} range_prover;

static bool
allocate(range_prover *q, ledger_prover *p)
{
	size_t		n = p->shape.bits, generators = LEDGER_GEN_VECTOR(n);
	char	   *block;

	memset(q, 0, sizeof(*q));
	q->p = p;
	q->n = (unsigned) n;
	q->size = (8 * n + generators) * sizeof(ledger_scalar) + 2 * n * sizeof(ledger_affine) + n;
	block = (char *) calloc(1, q->size);
	if (block == NULL)
		return false;
	q->sl = (ledger_scalar *) block;
	q->sr = q->sl + n;
	q->l = q->sr + n;
	q->r = q->l + n;
	q->zeta = q->r + n;
	q->ypow = q->zeta + n;
	q->g = q->ypow + n;
	q->h = q->g + n;
	q->k = q->h + n;
	q->one = (ledger_affine *) (q->k + generators);
	q->zero = q->one + n;
	q->bit = (uint8_t *) (q->zero + n);
	return true;
}

static void
put_point(ledger_prover *p, const ledger_point *point, size_t offset)
{
	ledger_affine a;

	ledger_points_to_affine(p->curve, 1, point, &a);
	ledger_affine_encode(p->curve, &a, p->proof + offset);
}

/* The bits of every range; false when a value is outside of its own. */
static bool
decompose(range_prover *q)
{
	const ledger_statement *s = q->p->s;
	unsigned	place = 0;
	uint8_t		outside = 0;

	for (unsigned j = 0; j < s->nranges; j++)
	{
		uint8_t		bytes[LEDGER_SCALAR_LEN];
		ledger_scalar v;

		ledger_linear_value(s, q->p->curve, &s->ranges[j].of, q->p->value, true, &v);
		ledger_scalar_encode(q->p->curve, &v, bytes);
		for (unsigned t = 0; t < 8 * LEDGER_SCALAR_LEN; t++)
		{
			uint8_t		b = (bytes[LEDGER_SCALAR_LEN - 1 - t / 8] >> (t % 8)) & 1;

			if (t < s->ranges[j].bits)
				q->bit[place++] = b;
			else
				outside |= b;
		}
		ledger_wipe(bytes, sizeof(bytes));
		ledger_wipe(&v, sizeof(v));
	}
	return outside == 0;
}

/* A = alpha H + sum of G_i or -H_i */
static void
commit_bits(range_prover *q, const ledger_scalar *alpha)
{
	static const uint32_t h = LEDGER_GEN_H;
	const ledger_generators *g = q->p->g;
	ledger_point a, blind;

	for (unsigned i = 0; i < q->n; i++)
	{
		q->one[i] = g->point[LEDGER_GEN_VECTOR(i)];
		ledger_affine_neg(g->curve, &g->point[LEDGER_GEN_VECTOR(i) + 1], &q->zero[i]);
	}
	ledger_select_sum_ct(g->curve, q->n, q->bit, q->one, q->zero, &a);
	ledger_fixed_mul_ct(g->table, 1, &h, alpha, &blind);
	ledger_point_add(g->curve, &a, &blind, &a);
	put_point(q->p, &a, q->p->shape.range);
	ledger_wipe(&a, sizeof(a));
	ledger_wipe(&blind, sizeof(blind));
}

/* S = rho H + sum of sL_i G_i + sR_i H_i */
static bool
commit_blinds(range_prover *q, const ledger_scalar *rho)
{
	uint32_t   *which = (uint32_t *) malloc((2 * q->n + 1) * sizeof(uint32_t));
	ledger_point s;

	if (which == NULL)
		return false;
	q->k[0] = *rho;
	which[0] = LEDGER_GEN_H;
	for (unsigned i = 0; i < q->n; i++)
	{
		ledger_nonce(q->p, &q->sl[i]);
		ledger_nonce(q->p, &q->sr[i]);
		q->k[1 + 2 * i] = q->sl[i];
		q->k[2 + 2 * i] = q->sr[i];
		which[1 + 2 * i] = LEDGER_GEN_VECTOR(i);
		which[2 + 2 * i] = LEDGER_GEN_VECTOR(i) + 1;
	}
	ledger_fixed_mul_ct(q->p->g->table, 2 * q->n + 1, which, q->k, &s);
	put_point(q->p, &s, q->p->shape.range + LEDGER_POINT_LEN);
	ledger_wipe(&s, sizeof(s));
	free(which);
	return true;
}

/* zeta, powers of y, l0 and r0; t1 and t2 */
static void
polynomials(range_prover *q, const ledger_range_challenges *ch, ledger_scalar *t1, ledger_scalar *t2)
{
	const ledger_curve *c = q->p->curve;
	const ledger_statement *s = q->p->s;
	ledger_scalar y, zj = ch->z, one, v;
	unsigned	place = 0;

	ledger_scalar_u64(c, 1, &one);
	for (unsigned j = 0; j < s->nranges; j++)
	{
		ledger_scalar_mul(c, &zj, &ch->z, &zj);
		v = zj;
		for (unsigned t = 0; t < s->ranges[j].bits; t++)
		{
			q->zeta[place++] = v;
			ledger_scalar_add(c, &v, &v, &v);
		}
	}
	y = one;
	ledger_scalar_zero(t1);
	ledger_scalar_zero(t2);
	for (unsigned i = 0; i < q->n; i++)
	{
		ledger_scalar r1;

		q->ypow[i] = y;
		/* l0 = aL - z, r0 = y^i (aR + z) + zeta, r1 = y^i sR */
		ledger_scalar_u64(c, q->bit[i], &v);
		ledger_scalar_sub(c, &v, &ch->z, &q->l[i]);
		ledger_scalar_sub(c, &v, &one, &v);
		ledger_scalar_add(c, &v, &ch->z, &v);
		q->r[i] = q->zeta[i];
		ledger_scalar_addmul(c, &q->r[i], &y, &v);
		ledger_scalar_mul(c, &y, &q->sr[i], &r1);
		ledger_scalar_addmul(c, t1, &q->l[i], &r1);
		ledger_scalar_addmul(c, t1, &q->sl[i], &q->r[i]);
		ledger_scalar_addmul(c, t2, &q->sl[i], &r1);
		q->sr[i] = r1;
		ledger_scalar_mul(c, &y, &ch->y, &y);
	}
	ledger_wipe(&v, sizeof(v));
}

/* l = l(x), r = r(x); t, taux and mu into the proof */
static void
evaluate(range_prover *q, const ledger_range_challenges *ch, const ledger_scalar *tau1,
		 const ledger_scalar *tau2, const ledger_scalar *alpha, const ledger_scalar *rho)
{
	ledger_prover *p = q->p;
	const ledger_curve *c = p->curve;
	ledger_scalar t, v, zj = ch->z;
	size_t		offset = p->shape.folded;

	ledger_scalar_zero(&t);
	for (unsigned i = 0; i < q->n; i++)
	{
		ledger_scalar_addmul(c, &q->l[i], &ch->x, &q->sl[i]);
		ledger_scalar_addmul(c, &q->r[i], &ch->x, &q->sr[i]);
		ledger_scalar_addmul(c, &t, &q->l[i], &q->r[i]);
	}
	ledger_scalar_encode(c, &t, p->proof + offset);

	/* taux = tau1 x + tau2 x^2 + sum of z^(1+j) gamma_j */
	ledger_scalar_mul(c, tau2, &ch->x, &t);
	ledger_scalar_add(c, &t, tau1, &t);
	ledger_scalar_mul(c, &t, &ch->x, &t);
	for (unsigned j = 0; j < p->s->nranges; j++)
	{
		ledger_scalar_mul(c, &zj, &ch->z, &zj);
		ledger_linear_value(p->s, c, &p->s->ranges[j].of, p->blinding, false, &v);
		ledger_scalar_addmul(c, &t, &zj, &v);
	}
	ledger_scalar_encode(c, &t, p->proof + offset + LEDGER_SCALAR_LEN);

	t = *alpha;
	ledger_scalar_addmul(c, &t, rho, &ch->x);
	ledger_scalar_encode(c, &t, p->proof + offset + 2 * LEDGER_SCALAR_LEN);
	ledger_wipe(&t, sizeof(t));
	ledger_wipe(&v, sizeof(v));
}

/*
 * One half of a round, over the first generators: place i of the original
 * vectors belongs to place i mod len of the folded ones. left: L = <l_lo, G_hi> +
 * <r_hi, H_lo> + w <l_lo, r_hi> U, else R with lo and hi exchanged.
 */
static bool
cross(range_prover *q, unsigned len, bool left, const ledger_scalar *w, size_t offset)
{
	const ledger_curve *c = q->p->curve;
	const unsigned half = len / 2;
	ledger_scalar t;
	ledger_point point;

	ledger_scalar_zero(&q->k[LEDGER_GEN_G]);
	ledger_scalar_zero(&q->k[LEDGER_GEN_H]);
	ledger_scalar_zero(&t);
	for (unsigned i = 0; i < half; i++)
		ledger_scalar_addmul(c, &t, &q->l[left ? i : i + half], &q->r[left ? i + half : i]);
	ledger_scalar_mul(c, &t, w, &q->k[LEDGER_GEN_U]);
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
	if (!ledger_msm(c, 0, NULL, NULL, q->p->g->table, LEDGER_GEN_VECTOR(q->n), q->k, &point))
		return false;
	put_point(q->p, &point, offset);
	return true;
}

static bool
inner_product(range_prover *q, const ledger_range_challenges *ch)
{
	ledger_prover *p = q->p;
	const ledger_curve *c = p->curve;
	ledger_scalar yinv, y;
	unsigned	len = q->n;
	size_t		offset = p->shape.halvings;

	ledger_scalar_invert(c, &ch->y, &yinv);
	ledger_scalar_u64(c, 1, &y);
	for (unsigned i = 0; i < q->n; i++)
	{
		ledger_scalar_u64(c, 1, &q->g[i]);
		q->h[i] = y;
		ledger_scalar_mul(c, &y, &yinv, &y);
	}
	for (unsigned round = 0; round < p->shape.rounds; round++, offset += 2 * LEDGER_POINT_LEN)
	{
		ledger_scalar u, uinv, v;

		if (!cross(q, len, true, &ch->w, offset) || !cross(q, len, false, &ch->w, offset + LEDGER_POINT_LEN))
			return false;
		ledger_absorb_points(&p->transcript, "half", p->proof + offset, 2);
		ledger_transcript_challenge(&p->transcript, "u", &u);
		ledger_scalar_invert(c, &u, &uinv);
		for (unsigned i = 0; i < q->n; i++)
		{
			bool		high = i % len >= len / 2;

			ledger_scalar_mul(c, &q->g[i], high ? &u : &uinv, &q->g[i]);
			ledger_scalar_mul(c, &q->h[i], high ? &uinv : &u, &q->h[i]);
		}
		len /= 2;
		for (unsigned i = 0; i < len; i++)
		{
			ledger_scalar_mul(c, &q->l[i], &u, &v);
			ledger_scalar_addmul(c, &v, &q->l[i + len], &uinv);
			q->l[i] = v;
			ledger_scalar_mul(c, &q->r[i], &uinv, &v);
			ledger_scalar_addmul(c, &v, &q->r[i + len], &u);
			q->r[i] = v;
		}
	}
	for (unsigned i = 0; i < len; i++)
	{
		ledger_scalar_encode(c, &q->l[i], p->proof + p->shape.ends + i * LEDGER_SCALAR_LEN);
		ledger_scalar_encode(c, &q->r[i], p->proof + p->shape.ends + (len + i) * LEDGER_SCALAR_LEN);
	}
	ledger_absorb_scalars(&p->transcript, "end", p->proof + p->shape.ends, 2 * len);
	return true;
}

static bool
prove(range_prover *q)
{
	ledger_prover *p = q->p;
	ledger_transcript *t = &p->transcript;
	const size_t at = p->shape.range;
	ledger_range_challenges ch;
	ledger_scalar secret[4],	/* alpha, rho, tau1, tau2 */
		t1, t2;
	bool		ok;

	for (int i = 0; i < 4; i++)
		ledger_nonce(p, &secret[i]);
	commit_bits(q, &secret[0]);
	ok = commit_blinds(q, &secret[1]);
	ledger_transcript_u32(t, "places", q->n);
	ledger_absorb_points(t, "bits", p->proof + at, 2);
	ledger_transcript_challenge(t, "y", &ch.y);
	ledger_transcript_challenge(t, "z", &ch.z);
	polynomials(q, &ch, &t1, &t2);
	ledger_put_commitment(p, &t1, &secret[2], at + 2 * LEDGER_POINT_LEN);
	ledger_put_commitment(p, &t2, &secret[3], at + 3 * LEDGER_POINT_LEN);
	ledger_absorb_points(t, "polynomial", p->proof + at + 2 * LEDGER_POINT_LEN, 2);
	ledger_transcript_challenge(t, "x", &ch.x);
	evaluate(q, &ch, &secret[2], &secret[3], &secret[0], &secret[1]);
	ledger_absorb_scalars(t, "value", p->proof + p->shape.folded, 3);
	ledger_transcript_challenge(t, "w", &ch.w);
	ok = ok && inner_product(q, &ch);
	ledger_wipe(secret, sizeof(secret));
	ledger_wipe(&t1, sizeof(t1));
	ledger_wipe(&t2, sizeof(t2));
	return ok;
}

/* LEDGER_PROOF_FALSE when a value is outside of its range. */
ledger_proof_status
ledger_range_prove(ledger_prover *p)
{
	ledger_proof_status status = LEDGER_PROOF_MEMORY;
	range_prover q;

	if (!allocate(&q, p))
		return status;
	if (!decompose(&q))
		status = LEDGER_PROOF_FALSE;
	else if (prove(&q))
		status = LEDGER_PROOF_OK;
	ledger_wipe(q.sl, q.size);
	free(q.sl);
	return status;
}
