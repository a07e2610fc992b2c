/*
 * zkp/statement_linear.c
 *		Linear forms of the statement under construction.
 *
 * Terms live in one growing array and are never changed, so a form is copied by
 * copying its three fields.
 */
#include "zkp/statement_build.h"

static const char *const too_large = "number is too large";

bool
ledger_int_mul(ledger_int x, ledger_int k, ledger_int *r)
{
	return !__builtin_mul_overflow(x, k, r) && *r<LEDGER_INT_LIMIT && * r> - LEDGER_INT_LIMIT;
}

bool
ledger_int_add(ledger_int x, ledger_int k, ledger_int *r)
{
	return !__builtin_add_overflow(x, k, r) && *r<LEDGER_INT_LIMIT && * r> - LEDGER_INT_LIMIT;
}

static bool
push(ledger_builder *b, unsigned var, ledger_int coef, size_t position)
{
	if (b->nterms == LEDGER_STATEMENT_MAX_TERMS)
		return ledger_build_fail(b, LEDGER_STATEMENT_LIMIT, position, "statement is too long", NULL);
	b->terms[b->nterms].var = (uint16_t) var;
	b->terms[b->nterms].coef = coef;
	b->nterms++;
	return true;
}

ledger_linear
ledger_linear_constant(ledger_int c)
{
	ledger_linear r = {c, 0, 0};

	return r;
}

bool
ledger_linear_sum(ledger_builder *b, unsigned first, unsigned last, size_t position, ledger_linear *r)
{
	r->constant = 0;
	r->first = b->nterms;
	r->nterms = last - first + 1;
	for (unsigned var = first; var <= last; var++)
		if (!push(b, var, 1, position))
			return false;
	return true;
}

bool
ledger_linear_var(ledger_builder *b, unsigned var, size_t position, ledger_linear *r)
{
	return ledger_linear_sum(b, var, var, position, r);
}

/* r += coef, dropped where it is 0 */
static bool
append(ledger_builder *b, ledger_linear *r, unsigned var, ledger_int coef, size_t position)
{
	if (coef == 0)
		return true;
	r->nterms++;
	return push(b, var, coef, position);
}

bool
ledger_linear_combine(ledger_builder *b, const ledger_linear *x, ledger_int k, const ledger_linear *y,
					  size_t position, ledger_linear *r)
{
	ledger_linear out = {0, b->nterms, 0};
	uint32_t	i = x->first, j = y->first;
	const uint32_t iend = i + x->nterms, jend = j + y->nterms;
	ledger_int	v;

	if (!ledger_int_mul(y->constant, k, &v) || !ledger_int_add(x->constant, v, &out.constant))
		return ledger_build_fail(b, LEDGER_STATEMENT_RANGE, position, too_large, NULL);
	while (i < iend || j < jend)
	{
		const ledger_term *s = i < iend ? &b->terms[i] : NULL;
		const ledger_term *t = j < jend ? &b->terms[j] : NULL;
		bool		from_x = s != NULL && (t == NULL || s->var <= t->var);
		bool		from_y = t != NULL && (s == NULL || t->var <= s->var);
		unsigned	var = from_x ? s->var : t->var;

		v = 0;
		if (from_y && !ledger_int_mul(t->coef, k, &v))
			return ledger_build_fail(b, LEDGER_STATEMENT_RANGE, position, too_large, NULL);
		if (from_x && !ledger_int_add(s->coef, v, &v))
			return ledger_build_fail(b, LEDGER_STATEMENT_RANGE, position, too_large, NULL);
		if (!append(b, &out, var, v, position))
			return false;
		i += from_x;
		j += from_y;
	}
	*r = out;
	return true;
}

bool
ledger_linear_scale(ledger_builder *b, ledger_int k, const ledger_linear *x, size_t position,
					ledger_linear *r)
{
	ledger_linear zero = ledger_linear_constant(0);

	return ledger_linear_combine(b, &zero, k, x, position, r);
}

bool
ledger_linear_same(const ledger_builder *b, const ledger_linear *x, const ledger_linear *y)
{
	if (x->constant != y->constant || x->nterms != y->nterms)
		return false;
	for (uint32_t i = 0; i < x->nterms; i++)
		if (b->terms[x->first + i].var != b->terms[y->first + i].var ||
			b->terms[x->first + i].coef != b->terms[y->first + i].coef)
			return false;
	return true;
}
