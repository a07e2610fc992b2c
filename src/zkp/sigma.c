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

/* ---- prover ------------------------------------------------------------------------------ */

/* r = k + e d */
static void
answer(ledger_prover *p, const ledger_scalar *k, const ledger_scalar *e, const ledger_scalar *d,
	   size_t offset)
{
	ledger_scalar r = *k;

	ledger_scalar_addmul(p->curve, &r, e, d);
	ledger_scalar_encode(p->curve, &r, p->proof + offset);
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

/* Our part of the blinding of all zeros together, and R for it. */
static void
first_zeros(ledger_prover *p)
{
	const ledger_statement *s = p->s;
	ledger_scalar blinding[LEDGER_MAX_VALUES], power = p->sigma.rho, zero, v;

	ledger_scalar_zero(&zero);
	for (unsigned i = 0; i < s->nvars + s->nhelpers; i++)
		blinding[i] = p->my_value[i] ? p->blinding[i] : zero;
	p->zero_secret = zero;
	for (unsigned i = 0; i < s->nzeros; i++)
	{
		ledger_linear_value(s, p->curve, &s->zeros[i], blinding, false, &v);
		ledger_scalar_addmul(p->curve, &p->zero_secret, &power, &v);
		ledger_scalar_mul(p->curve, &power, &p->sigma.rho, &power);
	}
	ledger_put_commitment(p, &zero, &p->zero_nonce, p->shape.first);
	ledger_wipe(blinding, sizeof(blinding));
	ledger_wipe(&v, sizeof(v));
}

static void
combine_products(ledger_prover *p)
{
	const ledger_statement *s = p->s;
	ledger_scalar power = p->sigma.rho;

	for (unsigned i = 0; i < s->nproducts; i++)
	{
		const ledger_product_claim *claim = &s->products[i];
		ledger_group_secrets *g = &p->group[claim->group];

		if (i == 0 || claim->group != s->products[i - 1].group)
		{
			ledger_scalar_zero(&g->y);
			g->ry = g->p = g->rp = g->y;
			ledger_linear_value(s, p->curve, &claim->x, p->value, true, &g->x);
			ledger_linear_value(s, p->curve, &claim->x, p->blinding, false, &g->rx);
		}
		accumulate(p, &claim->y, &power, &g->y, &g->ry);
		accumulate(p, &claim->p, &power, &g->p, &g->rp);
		ledger_scalar_mul(p->curve, &power, &p->sigma.rho, &power);
	}
}

static void
first_product(ledger_prover *p, ledger_group_secrets *g, size_t offset)
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
answer_product(ledger_prover *p, const ledger_group_secrets *g, size_t offset)
{
	ledger_scalar t;

	/* P = x Y + t H */
	ledger_scalar_mul(p->curve, &g->x, &g->ry, &t);
	ledger_scalar_sub(p->curve, &g->rp, &t, &t);
	answer(p, &g->alpha, &p->sigma.e, &g->x, offset);
	answer(p, &g->beta, &p->sigma.e, &g->rx, offset + LEDGER_SCALAR_LEN);
	answer(p, &g->gamma, &p->sigma.e, &t, offset + 2 * LEDGER_SCALAR_LEN);
	ledger_wipe(&t, sizeof(t));
}

void
ledger_sigma_first(ledger_prover *p)
{
	size_t		offset = p->shape.first;

	if (p->s->nzeros > 0)
	{
		first_zeros(p);
		offset += LEDGER_POINT_LEN;
	}
	combine_products(p);
	for (unsigned i = 0; i < p->s->ngroups; i++, offset += 2 * LEDGER_POINT_LEN)
		if (p->my_group[i])
			first_product(p, &p->group[i], offset);
}

void
ledger_sigma_answer(ledger_prover *p)
{
	size_t		offset = p->shape.answers;

	if (p->s->nzeros > 0)
	{
		answer(p, &p->zero_nonce, &p->sigma.e, &p->zero_secret, offset);
		offset += LEDGER_SCALAR_LEN;
	}
	for (unsigned i = 0; i < p->s->ngroups; i++, offset += 3 * LEDGER_SCALAR_LEN)
		if (p->my_group[i])
			answer_product(p, &p->group[i], offset);
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
