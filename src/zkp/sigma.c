/*
 * zkp/sigma.c
 *		Zeros and products: generalised Schnorr proofs with one challenge for all.
 *
 * Zeros. Forms D_1 ... D_m that commit to 0 are multiples of H. With rho drawn
 * after the commitments, D = sum rho^i D_i = d H is proven by R = k H,
 * s = k + e d, checked as s H = R + e D.
 *
 * Products with one left factor x, x y_i = p_i. With Y = sum rho^i Y_i and
 * P = sum rho^i P_i: P - x Y is a multiple of H. T1 = alpha G + beta H and
 * T2 = alpha Y + gamma H, then
 *		z1 G + z2 H = T1 + e X		z1 Y + z3 H = T2 + e P
 * shows an opening of X whose value also takes Y to P (Camenisch and Stadler,
 * CRYPTO '97, for proofs about representations).
 *
 * rho^i counts i from 1 through the zeros, and anew through the products.
 */
#include "crypto/key.h"
#include "zkp/proof_internal.h"

void
ledger_sigma_replay(ledger_transcript *t, const ledger_statement *s, const ledger_proof_shape *shape,
					const uint8_t *proof, ledger_sigma_challenges *c)
{
	unsigned	zeros = s->nzeros > 0;

	ledger_transcript_challenge(t, "rho", &c->rho);
	ledger_absorb_points(t, "first", proof + shape->first, zeros + 2 * s->ngroups);
	ledger_transcript_challenge(t, "e", &c->e);
	ledger_absorb_scalars(t, "answer", proof + shape->answers, zeros + 3 * s->ngroups);
}

/* ---- prover ------------------------------------------------------------------------------ */

typedef struct
{
	ledger_scalar x,			/* the left factor, opened */
		rx, y,					/* the combined right factor */
		ry, p, rp, alpha, beta, gamma;
} group_secrets;

static void
put_scalar(ledger_prover *p, const ledger_scalar *k, size_t offset)
{
	ledger_scalar_encode(p->curve, k, p->proof + offset);
}

/* r = k + e d */
static void
answer(ledger_prover *p, const ledger_scalar *k, const ledger_scalar *e, const ledger_scalar *d,
	   size_t offset)
{
	ledger_scalar r = *k;

	ledger_scalar_addmul(p->curve, &r, e, d);
	put_scalar(p, &r, offset);
	ledger_wipe(&r, sizeof(r));
}

/* sum += power times the form's value; and for its blinding */
static void
accumulate(ledger_prover *p, const ledger_linear *x, const ledger_scalar *power, ledger_scalar *value,
		   ledger_scalar *blinding)
{
	ledger_scalar v;

	ledger_linear_value(p->s, p->curve, x, p->value, true, &v);
	ledger_scalar_addmul(p->curve, value, power, &v);
	ledger_linear_value(p->s, p->curve, x, p->blinding, false, &v);
	ledger_scalar_addmul(p->curve, blinding, power, &v);
	ledger_wipe(&v, sizeof(v));
}

/* The first messages of the zeros; k and d are the nonce and the secret. */
static size_t
first_zeros(ledger_prover *p, const ledger_scalar *rho, size_t offset, ledger_scalar *k, ledger_scalar *d)
{
	ledger_scalar power = *rho, zero, value;

	ledger_scalar_zero(&zero);
	value = *d = *k = zero;
	if (p->s->nzeros == 0)
		return offset;
	for (unsigned i = 0; i < p->s->nzeros; i++)
	{
		accumulate(p, &p->s->zeros[i], &power, &value, d);
		ledger_scalar_mul(p->curve, &power, rho, &power);
	}
	ledger_nonce(p, k);
	ledger_put_commitment(p, &zero, k, offset);
	ledger_wipe(&value, sizeof(value));
	return offset + LEDGER_POINT_LEN;
}

static void
combine_products(ledger_prover *p, const ledger_scalar *rho, group_secrets *secrets)
{
	const ledger_statement *s = p->s;
	ledger_scalar power = *rho;

	for (unsigned i = 0; i < s->nproducts; i++)
	{
		const ledger_product_claim *claim = &s->products[i];
		group_secrets *g = &secrets[claim->group];

		if (i == 0 || claim->group != s->products[i - 1].group)
		{
			ledger_scalar_zero(&g->y);
			g->ry = g->p = g->rp = g->y;
			ledger_linear_value(s, p->curve, &claim->x, p->value, true, &g->x);
			ledger_linear_value(s, p->curve, &claim->x, p->blinding, false, &g->rx);
		}
		accumulate(p, &claim->y, &power, &g->y, &g->ry);
		accumulate(p, &claim->p, &power, &g->p, &g->rp);
		ledger_scalar_mul(p->curve, &power, rho, &power);
	}
}

static void
first_product(ledger_prover *p, group_secrets *g, size_t offset)
{
	ledger_scalar v, r;

	ledger_nonce(p, &g->alpha);
	ledger_nonce(p, &g->beta);
	ledger_nonce(p, &g->gamma);
	ledger_put_commitment(p, &g->alpha, &g->beta, offset);
	/* alpha Y + gamma H, by the opening of Y */
	ledger_scalar_mul(p->curve, &g->alpha, &g->y, &v);
	r = g->gamma;
	ledger_scalar_addmul(p->curve, &r, &g->alpha, &g->ry);
	ledger_put_commitment(p, &v, &r, offset + LEDGER_POINT_LEN);
	ledger_wipe(&v, sizeof(v));
	ledger_wipe(&r, sizeof(r));
}

static void
answer_product(ledger_prover *p, const group_secrets *g, const ledger_scalar *e, size_t offset)
{
	ledger_scalar t;

	/* P = x Y + t H */
	ledger_scalar_mul(p->curve, &g->x, &g->ry, &t);
	ledger_scalar_sub(p->curve, &g->rp, &t, &t);
	answer(p, &g->alpha, e, &g->x, offset);
	answer(p, &g->beta, e, &g->rx, offset + LEDGER_SCALAR_LEN);
	answer(p, &g->gamma, e, &t, offset + 2 * LEDGER_SCALAR_LEN);
	ledger_wipe(&t, sizeof(t));
}

void
ledger_sigma_prove(ledger_prover *p)
{
	const unsigned zeros = p->s->nzeros > 0, ngroups = p->s->ngroups;
	group_secrets secrets[LEDGER_STATEMENT_MAX_CLAIMS];
	ledger_sigma_challenges ch;
	ledger_scalar k, d;
	size_t		offset;

	ledger_transcript_challenge(&p->transcript, "rho", &ch.rho);
	offset = first_zeros(p, &ch.rho, p->shape.first, &k, &d);
	combine_products(p, &ch.rho, secrets);
	for (unsigned i = 0; i < ngroups; i++, offset += 2 * LEDGER_POINT_LEN)
		first_product(p, &secrets[i], offset);
	ledger_absorb_points(&p->transcript, "first", p->proof + p->shape.first, zeros + 2 * ngroups);
	ledger_transcript_challenge(&p->transcript, "e", &ch.e);
	offset = p->shape.answers;
	if (zeros > 0)
	{
		answer(p, &k, &ch.e, &d, offset);
		offset += LEDGER_SCALAR_LEN;
	}
	for (unsigned i = 0; i < ngroups; i++, offset += 3 * LEDGER_SCALAR_LEN)
		answer_product(p, &secrets[i], &ch.e, offset);
	ledger_absorb_scalars(&p->transcript, "answer", p->proof + p->shape.answers, zeros + 3 * ngroups);
	ledger_wipe(secrets, sizeof(secrets));
	ledger_wipe(&k, sizeof(k));
	ledger_wipe(&d, sizeof(d));
}

/* ---- verifier ---------------------------------------------------------------------------- */

/* One side of a product group but for Y and P: z1 G + z2 H - T1 - e X, and z3 H - T2 with weight w. */
static void
group_equations(ledger_equation *e, ledger_verifier *v, const ledger_linear *x,
				const ledger_scalar *challenge, const ledger_affine *point, const ledger_scalar *scalar,
				ledger_scalar *w)
{
	const ledger_curve *c = e->curve;
	ledger_scalar minus, k;

	ledger_next_weight(v, w);
	ledger_scalar_mul(c, w, &scalar[0], &k);
	ledger_equation_fixed(e, LEDGER_GEN_G, &k);
	ledger_scalar_mul(c, w, &scalar[1], &k);
	ledger_equation_fixed(e, LEDGER_GEN_H, &k);
	ledger_scalar_neg(c, w, &minus);
	ledger_equation_point(e, &minus, &point[0]);
	ledger_scalar_mul(c, &minus, challenge, &k);
	ledger_equation_linear(e, v, &k, x);

	ledger_next_weight(v, w);
	ledger_scalar_mul(c, w, &scalar[2], &k);
	ledger_equation_fixed(e, LEDGER_GEN_H, &k);
	ledger_scalar_neg(c, w, &minus);
	ledger_equation_point(e, &minus, &point[1]);
}

void
ledger_sigma_equations(ledger_equation *e, ledger_verifier *v, const ledger_sigma_challenges *ch,
					   const ledger_affine *point, const ledger_scalar *scalar)
{
	const ledger_statement *s = v->check->statement;
	const ledger_curve *c = e->curve;
	ledger_scalar w, k, power;

	if (s->nzeros > 0)
	{
		/* s H - R - e D */
		ledger_next_weight(v, &w);
		ledger_scalar_mul(c, &w, scalar++, &k);
		ledger_equation_fixed(e, LEDGER_GEN_H, &k);
		ledger_scalar_neg(c, &w, &k);
		ledger_equation_point(e, &k, point++);
		ledger_scalar_mul(c, &k, &ch->e, &power);
		for (unsigned i = 0; i < s->nzeros; i++)
		{
			ledger_scalar_mul(c, &power, &ch->rho, &power);
			ledger_equation_linear(e, v, &power, &s->zeros[i]);
		}
	}
	ledger_scalar_u64(c, 1, &power);
	ledger_scalar_zero(&w);
	for (unsigned i = 0; i < s->nproducts; i++)
	{
		const ledger_product_claim *claim = &s->products[i];
		const ledger_scalar *z1 = scalar + 3 * claim->group;
		ledger_scalar weighted;

		if (i == 0 || claim->group != s->products[i - 1].group)
			group_equations(e, v, &claim->x, &ch->e, point + 2 * claim->group, z1, &w);
		/* z1 rho^i Y_i - e rho^i P_i */
		ledger_scalar_mul(c, &power, &ch->rho, &power);
		ledger_scalar_mul(c, &w, &power, &weighted);
		ledger_scalar_mul(c, &weighted, z1, &k);
		ledger_equation_linear(e, v, &k, &claim->y);
		ledger_scalar_mul(c, &weighted, &ch->e, &k);
		ledger_scalar_neg(c, &k, &k);
		ledger_equation_linear(e, v, &k, &claim->p);
	}
}
