/*
 * zkp/equation.c
 *		The sum of points that all equations come to.
 */
#include <stdlib.h>
#include <string.h>

#include "zkp/proof_internal.h"

void
ledger_next_weight(ledger_verifier *v, ledger_scalar *w)
{
	*w = v->weight;
	ledger_scalar_mul(v->transcript.curve, &v->weight, &v->step, &v->weight);
}

void
ledger_equation_fixed(ledger_equation *e, size_t place, const ledger_scalar *k)
{
	ledger_scalar_add(e->curve, &e->fixed[place], k, &e->fixed[place]);
	if (place >= e->nfixed)
		e->nfixed = place + 1;
}

void
ledger_equation_point(ledger_equation *e, const ledger_scalar *k, const ledger_affine *point)
{
	e->k[e->n] = *k;
	e->point[e->n++] = *point;
}

void
ledger_equation_linear(ledger_equation *e, ledger_verifier *v, const ledger_scalar *k, const ledger_linear *x)
{
	const ledger_statement *s = v->check->statement;
	ledger_scalar coef;

	ledger_scalar_int(e->curve, x->constant, &coef);
	ledger_scalar_mul(e->curve, k, &coef, &coef);
	ledger_equation_fixed(e, LEDGER_GEN_G, &coef);
	for (uint32_t i = 0; i < x->nterms; i++)
	{
		const ledger_term *t = &s->terms[x->first + i];

		ledger_scalar_int(e->curve, t->coef, &coef);
		ledger_scalar_addmul(e->curve, &v->commitment_k[t->var], k, &coef);
	}
}

bool
ledger_equation_reserve(ledger_equation *e, size_t n)
{
	size_t		room = e->n + n;
	void	   *grown;

	if (room <= e->room)
		return true;
	room += e->room;
	grown = realloc(e->k, room * sizeof(ledger_scalar));
	if (grown == NULL)
		return false;
	e->k = (ledger_scalar *) grown;
	grown = realloc(e->point, room * sizeof(ledger_affine));
	if (grown == NULL)
		return false;
	e->point = (ledger_affine *) grown;
	e->room = room;
	return true;
}

bool
ledger_equation_init(ledger_equation *e, ledger_suite suite, unsigned bits)
{
	memset(e, 0, sizeof(*e));
	e->curve = ledger_curve_of(suite);
	e->g = ledger_generators_of(suite, bits);
	if (e->g != NULL)
		e->fixed = (ledger_scalar *) calloc(e->g->npoints, sizeof(ledger_scalar));
	return e->fixed != NULL;
}

void
ledger_equation_free(ledger_equation *e)
{
	free(e->fixed);
	free(e->k);
	free(e->point);
}

ledger_proof_status
ledger_equation_verdict(const ledger_equation *e)
{
	ledger_point sum;

	if (!ledger_msm(e->curve, e->n, e->k, e->point, e->g->table, e->nfixed, e->fixed, &sum))
		return LEDGER_PROOF_MEMORY;
	return ledger_point_is_identity(&sum) ? LEDGER_PROOF_OK : LEDGER_PROOF_FALSE;
}
