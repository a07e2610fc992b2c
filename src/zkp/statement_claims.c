/*
 * zkp/statement_claims.c
 *		From relations to claims: zeros, products and ranges.
 *
 * A comparison is to hold over the integers, while commitments only know
 * integers modulo the group order. So each variable of a comparison gets a range
 * of its own, unless `given` says that it was proven elsewhere; the bounds that
 * follow for the difference of the two sides tell how wide its own range has to
 * be, and that nothing can wrap. Equalities and products stand modulo the order.
 *
 * Division a / b = q rem r of signed numbers: with signs s of a and t of s b, the
 * helpers R = s r, B = t s b and Q = t q satisfy a = b q + r, 0 <= R < B, 0 <= Q
 * exactly where |r| < |b|, b is not 0 and r is 0 or has the sign of a: then
 * a = s (B Q + R). So all four are small integers. Where one of them is not a
 * commitment but a form of several, or a multiple, that says nothing of its parts,
 * as 100 a is 7 for some a modulo the order; so these get ranges as in a comparison.
 */
#include <stdlib.h>
#include <string.h>

#include "zkp/statement_build.h"

/* Bits below which a sum of values cannot reach half of either group order. */
#define SAFE_BITS 250

#define INT64_LO (-((ledger_int) 1 << 63))
#define INT64_HI (((ledger_int) 1 << 63) - 1)

static const char *const never = "no value satisfies this";

/* What is known of a value: lo and hi, cut off at the limit, and |value| < 2^bits. */
typedef struct
{
	ledger_int	lo, hi;
	unsigned	bits;
} extent;

static unsigned
bit_length(ledger_int x)
{
	unsigned	n = 0;

	for (; x > 0; x >>= 1)
		n++;
	return n;
}

static ledger_int
cut(ledger_int x)
{
	return x >= LEDGER_INT_LIMIT ? LEDGER_INT_LIMIT : x <= -LEDGER_INT_LIMIT ? -LEDGER_INT_LIMIT : x;
}

/* x + k of cut off values, whose sum may be one too many for the type */
static ledger_int
cut_add(ledger_int x, ledger_int k)
{
	ledger_int	r;

	if (__builtin_add_overflow(x, k, &r))
		return x < 0 ? -LEDGER_INT_LIMIT : LEDGER_INT_LIMIT;
	return cut(r);
}

/* x * k where both may be cut off values */
static ledger_int
cut_mul(ledger_int x, ledger_int k)
{
	ledger_int	r;

	if (__builtin_mul_overflow(x, k, &r))
		return (x < 0) == (k < 0) ? LEDGER_INT_LIMIT : -LEDGER_INT_LIMIT;
	return cut(r);
}

/* ---- collecting ----------------------------------------------------------------------- */

static bool
too_many(ledger_builder *b, size_t position)
{
	return ledger_build_fail(b, LEDGER_STATEMENT_LIMIT, position, "statement has too many parts",
							 "Prove its relations in several statements.");
}

bool
ledger_build_helper(ledger_builder *b, ledger_helper_kind kind, const ledger_linear *x,
					const ledger_linear *y, size_t position, ledger_linear *r)
{
	ledger_helper *h;

	if (b->s.nhelpers == LEDGER_STATEMENT_MAX_HELPERS)
		return too_many(b, position);
	h = &b->helpers[b->s.nhelpers];
	h->kind = kind;
	h->x = *x;
	h->y = y != NULL ? *y : ledger_linear_constant(0);
	return ledger_linear_var(b, LEDGER_STATEMENT_MAX_VARS + b->s.nhelpers++, position, r);
}

bool
ledger_build_zero(ledger_builder *b, const ledger_linear *x, size_t position)
{
	if (x->nterms == 0)
		return ledger_build_fail(b, LEDGER_STATEMENT_SYNTAX, position,
								 "relation says nothing of a commitment", NULL);
	if (b->s.nzeros == LEDGER_STATEMENT_MAX_CLAIMS)
		return too_many(b, position);
	b->zeros[b->s.nzeros++] = *x;
	return true;
}

bool
ledger_build_product(ledger_builder *b, const ledger_linear *x, const ledger_linear *y,
					 const ledger_linear *p, size_t position)
{
	ledger_product_claim *c;

	/* a factor that is a constant leaves a linear form */
	if (x->nterms == 0 || y->nterms == 0)
	{
		ledger_linear zero;

		return ledger_linear_scale(b, x->nterms == 0 ? x->constant : y->constant, x->nterms == 0 ? y : x,
								   position, &zero) &&
			ledger_linear_combine(b, &zero, -1, p, position, &zero) && ledger_build_zero(b, &zero, position);
	}
	if (b->s.nproducts == LEDGER_STATEMENT_MAX_CLAIMS)
		return too_many(b, position);
	c = &b->products[b->s.nproducts++];
	c->x = *x;
	c->y = *y;
	c->p = *p;
	return true;
}

/* The commitment that x is, but for sign and constant; -1 when it is none. */
static int
single(const ledger_builder *b, const ledger_linear *x, int *sign)
{
	const ledger_term *t = &b->terms[x->first];

	if (x->nterms != 1 || t->var >= LEDGER_STATEMENT_MAX_VARS || (t->coef != 1 && t->coef != -1))
		return -1;
	*sign = (int) t->coef;
	return t->var;
}

static bool
put_off(ledger_builder *b, const ledger_linear *x, size_t position, ledger_pending **p)
{
	if (x->nterms == 0)
		return ledger_build_fail(b, LEDGER_STATEMENT_SYNTAX, position,
								 "relation says nothing of a commitment", NULL);
	if (b->npending == LEDGER_STATEMENT_MAX_CLAIMS)
		return too_many(b, position);
	*p = &b->pending[b->npending++];
	(*p)->of = *x;
	(*p)->interval = false;
	(*p)->position = position;
	return true;
}

static void
at_least(ledger_bound *c, ledger_int lo)
{
	if (!c->has_lo || c->lo < lo)
		c->lo = lo;
	c->has_lo = true;
}

static void
at_most(ledger_bound *c, ledger_int hi)
{
	if (!c->has_hi || c->hi > hi)
		c->hi = hi;
	c->has_hi = true;
}

bool
ledger_build_nonnegative(ledger_builder *b, const ledger_linear *x, size_t position)
{
	ledger_pending *p;
	int			sign, var = single(b, x, &sign);

	if (var < 0)
		return put_off(b, x, position, &p);
	if (sign > 0)
		at_least(&b->claimed[var], -x->constant);
	else
		at_most(&b->claimed[var], x->constant);
	b->said_at[var] = position;
	return true;
}

bool
ledger_build_interval(ledger_builder *b, const ledger_linear *x, ledger_int lo, ledger_int hi, bool given,
					  size_t position)
{
	ledger_pending *p;
	int			sign, var = single(b, x, &sign);

	if (var < 0)
	{
		if (!put_off(b, x, position, &p))
			return false;
		p->interval = true;
		p->lo = lo;
		p->hi = hi;
		return true;
	}
	/* x = sign * var + constant */
	at_least(given ? &b->given[var] : &b->claimed[var], sign > 0 ? lo - x->constant : x->constant - hi);
	at_most(given ? &b->given[var] : &b->claimed[var], sign > 0 ? hi - x->constant : x->constant - lo);
	b->said_at[var] = position;
	return true;
}

/* helper = x * y as a claim too, and the helper as a form */
static bool
product_helper(ledger_builder *b, const ledger_linear *x, const ledger_linear *y, size_t position,
			   ledger_linear *r)
{
	return ledger_build_helper(b, LEDGER_HELPER_PRODUCT, x, y, position, r) &&
		ledger_build_product(b, x, y, r, position);
}

/* helper = sign of x, and that its square is 1 */
static bool
sign_helper(ledger_builder *b, const ledger_linear *x, size_t position, ledger_linear *r)
{
	ledger_linear one = ledger_linear_constant(1);

	return ledger_build_helper(b, LEDGER_HELPER_SIGN, x, NULL, position, r) &&
		ledger_build_product(b, r, r, &one, position);
}

bool
ledger_build_division(ledger_builder *b, const ledger_linear *a, const ledger_linear *divisor,
					  const ledger_linear *q, const ledger_linear *r, size_t position)
{
	ledger_division *d;
	ledger_linear s, t, sb, rest;

	if (a->nterms + divisor->nterms + q->nterms + r->nterms == 0)
		return ledger_build_fail(b, LEDGER_STATEMENT_SYNTAX, position,
								 "relation says nothing of a commitment", NULL);
	if (divisor->nterms == 0 && divisor->constant == 0)
		return ledger_build_fail(b, LEDGER_STATEMENT_RANGE, position, "division by the constant zero", NULL);
	if (b->ndivisions == LEDGER_STATEMENT_MAX_CLAIMS)
		return too_many(b, position);
	d = &b->divisions[b->ndivisions++];
	d->position = position;
	d->dividend = *a;
	d->divisor = *divisor;
	d->q = *q;
	d->r = *r;
	b->divisors[b->s.ndivisors++] = *divisor;
	return sign_helper(b, a, position, &s) && product_helper(b, &s, r, position, &d->remainder) &&
		product_helper(b, &s, divisor, position, &sb) && sign_helper(b, &sb, position, &t) &&
		product_helper(b, &t, &sb, position, &d->magnitude) &&
		product_helper(b, &t, q, position, &d->quotient) &&
		ledger_linear_combine(b, a, -1, r, position, &rest) &&
		ledger_build_product(b, divisor, q, &rest, position);
}

/* ---- bounds ------------------------------------------------------------------------------ */

static void extent_of(const ledger_builder *b, const ledger_bound *bound, const ledger_linear *x, extent *e);

static void
extent_of_var(const ledger_builder *b, const ledger_bound *bound, unsigned var, extent *e)
{
	extent		x, y;
	ledger_int	corner[4];

	if (var < LEDGER_STATEMENT_MAX_VARS)
	{
		bool		known = bound[var].has_lo && bound[var].has_hi;

		e->lo = known ? bound[var].lo : -LEDGER_INT_LIMIT;
		e->hi = known ? bound[var].hi : LEDGER_INT_LIMIT;
		e->bits = known ? bit_length(e->hi > -e->lo ? e->hi : -e->lo) : SAFE_BITS + 1;
		return;
	}
	/* only products are ever part of a relation */
	extent_of(b, bound, &b->helpers[var - LEDGER_STATEMENT_MAX_VARS].x, &x);
	extent_of(b, bound, &b->helpers[var - LEDGER_STATEMENT_MAX_VARS].y, &y);
	corner[0] = cut_mul(x.lo, y.lo);
	corner[1] = cut_mul(x.lo, y.hi);
	corner[2] = cut_mul(x.hi, y.lo);
	corner[3] = cut_mul(x.hi, y.hi);
	e->lo = e->hi = corner[0];
	for (int i = 1; i < 4; i++)
	{
		e->lo = corner[i] < e->lo ? corner[i] : e->lo;
		e->hi = corner[i] > e->hi ? corner[i] : e->hi;
	}
	e->bits = x.bits + y.bits;
}

static void
extent_of(const ledger_builder *b, const ledger_bound *bound, const ledger_linear *x, extent *e)
{
	e->lo = e->hi = x->constant;
	e->bits = bit_length(x->constant < 0 ? -x->constant : x->constant);
	for (uint32_t i = 0; i < x->nterms; i++)
	{
		const ledger_term *t = &b->terms[x->first + i];
		unsigned	bits;
		extent		v;

		extent_of_var(b, bound, t->var, &v);
		e->lo = cut_add(e->lo, cut_mul(t->coef > 0 ? v.lo : v.hi, t->coef));
		e->hi = cut_add(e->hi, cut_mul(t->coef > 0 ? v.hi : v.lo, t->coef));
		bits = v.bits + bit_length(t->coef > 0 ? t->coef : -t->coef);
		e->bits = 1 + (bits > e->bits ? bits : e->bits);
	}
}

/* Mark the commitments that x is made of. */
static void
mark(const ledger_builder *b, const ledger_linear *x, bool *need)
{
	for (uint32_t i = 0; i < x->nterms; i++)
	{
		unsigned	var = b->terms[x->first + i].var;

		if (var < LEDGER_STATEMENT_MAX_VARS)
			need[var] = true;
		else
		{
			mark(b, &b->helpers[var - LEDGER_STATEMENT_MAX_VARS].x, need);
			mark(b, &b->helpers[var - LEDGER_STATEMENT_MAX_VARS].y, need);
		}
	}
}

/* The operands of a division of which being small says nothing of their parts; how many there are. */
static unsigned
compound_operands(const ledger_builder *b, const ledger_division *d, const ledger_linear *out[4])
{
	const ledger_linear *const all[4] = {&d->dividend, &d->divisor, &d->q, &d->r};
	unsigned	n = 0;
	int			sign;

	for (unsigned i = 0; i < 4; i++)
		if (single(b, all[i], &sign) < 0)
			out[n++] = all[i];
	return n;
}

/* Mark what x is made of as something that needs bounds, as a relation at position does. */
static void
need_bounds(ledger_builder *b, const ledger_linear *x, size_t position, bool *need)
{
	mark(b, x, need);
	for (unsigned v = 0; v < LEDGER_STATEMENT_MAX_VARS; v++)
		if (need[v] && b->said_at[v] == 0)
			b->said_at[v] = position;
}

/* The value of x over the integers is not half the group order. */
static bool
check_size(ledger_builder *b, const ledger_linear *x, size_t position, extent *e)
{
	extent_of(b, b->claimed, x, e);
	return e->bits <= SAFE_BITS ||
		ledger_build_fail(b, LEDGER_STATEMENT_RANGE, position,
						  "values of this relation are too large to compare", NULL);
}

/* ---- ranges ------------------------------------------------------------------------------ */

static unsigned
range_bits(ledger_int hi)
{
	unsigned	bits = bit_length(hi);

	return bits < LEDGER_RANGE_MIN_BITS ? LEDGER_RANGE_MIN_BITS
		: bits > LEDGER_RANGE_MAX_BITS	? LEDGER_RANGE_MAX_BITS
										: bits;
}

/* 0 <= x + k < 2^bits */
static bool
add_range(ledger_builder *b, const ledger_linear *x, ledger_int sign, ledger_int k, unsigned bits,
		  size_t position)
{
	ledger_linear c = ledger_linear_constant(k), of;

	if (!ledger_linear_combine(b, &c, sign, x, position, &of))
		return false;
	for (unsigned i = 0; i < b->s.nranges; i++)
		if (b->ranges[i].bits == bits && ledger_linear_same(b, &b->ranges[i].of, &of))
			return true;
	if (b->s.nranges == LEDGER_STATEMENT_MAX_CLAIMS || b->s.bits + bits > LEDGER_STATEMENT_MAX_BITS)
		return ledger_build_fail(b, LEDGER_STATEMENT_LIMIT, position,
								 "the ranges of the statement have more than 512 bits together",
								 "Say with \"given\" what was proven before, or prove the relations "
								 "in several statements.");
	b->ranges[b->s.nranges].of = of;
	b->ranges[b->s.nranges++].bits = bits;
	b->s.bits += bits;
	return true;
}

/* lo <= x <= hi; a side that is known already is left out */
static bool
add_interval(ledger_builder *b, const ledger_linear *x, ledger_int lo, ledger_int hi, bool lo_known,
			 bool hi_known, size_t position)
{
	unsigned	bits;

	if (hi < lo)
		return ledger_build_fail(b, LEDGER_STATEMENT_RANGE, position, never, NULL);
	if (bit_length(hi - lo) > LEDGER_RANGE_MAX_BITS)
		return ledger_build_fail(b, LEDGER_STATEMENT_RANGE, position, "bounds are 2^64 or more apart", NULL);
	bits = range_bits(hi - lo);
	if (!lo_known && !add_range(b, x, 1, -lo, bits, position))
		return false;
	/* one range is enough where it ends at hi */
	if (!lo_known && hi - lo == ((ledger_int) 1 << bits) - 1)
		return true;
	return hi_known || add_range(b, x, -1, hi, bits, position);
}

static bool
bound_variable(ledger_builder *b, unsigned var, bool need)
{
	ledger_bound c = b->claimed[var], g = b->given[var];
	bool		known = g.has_lo && g.has_hi;
	size_t		position = b->said_at[var];
	ledger_linear x;

	if (known && g.hi < g.lo)
		return ledger_build_fail(b, LEDGER_STATEMENT_RANGE, position, never, NULL);
	if (!c.has_lo && !c.has_hi && (known || !need))
	{
		b->claimed[var] = g;
		return true;
	}
	if (!known)
	{
		g.lo = INT64_LO;
		g.hi = INT64_HI;
	}
	/* where only one side is said, the other is that of `given` or of 64 bits */
	if (!c.has_lo || ((known || !c.has_hi) && c.lo < g.lo))
		c.lo = g.lo;
	if (!c.has_hi || ((known || !b->claimed[var].has_lo) && c.hi > g.hi))
		c.hi = g.hi;
	c.has_lo = c.has_hi = true;
	b->claimed[var] = c;
	return ledger_linear_var(b, var, position, &x) &&
		add_interval(b, &x, c.lo, c.hi, known && c.lo == g.lo, known && c.hi == g.hi, position);
}

static bool
finish_pending(ledger_builder *b, const ledger_pending *p)
{
	extent		e;

	if (!check_size(b, &p->of, p->position, &e))
		return false;
	if (p->interval)
		return add_interval(b, &p->of, p->lo, p->hi, false, false, p->position);
	if (e.hi < 0)
		return ledger_build_fail(b, LEDGER_STATEMENT_RANGE, p->position, never, NULL);
	return add_range(b, &p->of, 1, 0, range_bits(e.hi), p->position);
}

/* Bits of the magnitude of x where it is bounded, else 64. */
static unsigned
magnitude_bits(const ledger_builder *b, const ledger_linear *x)
{
	extent		e;

	extent_of(b, b->claimed, x, &e);
	return e.bits > SAFE_BITS ? LEDGER_RANGE_MAX_BITS : range_bits(e.hi > -e.lo ? e.hi : -e.lo);
}

static bool
finish_division(ledger_builder *b, const ledger_division *d)
{
	unsigned	bits = magnitude_bits(b, &d->divisor);
	const ledger_linear *compound[4];
	const unsigned ncompound = compound_operands(b, d, compound);
	ledger_linear gap;
	extent		e;

	for (unsigned i = 0; i < ncompound; i++)
		if (!check_size(b, compound[i], d->position, &e))
			return false;
	return ledger_linear_combine(b, &d->magnitude, -1, &d->remainder, d->position, &gap) &&
		add_range(b, &d->remainder, 1, 0, bits, d->position) &&
		add_range(b, &gap, 1, -1, bits, d->position) &&
		add_range(b, &d->quotient, 1, 0, magnitude_bits(b, &d->dividend), d->position);
}

/* Number the left factors in the order in which they first appear, and put their products together. */
static void
group_products(ledger_builder *b)
{
	ledger_product_claim sorted[LEDGER_STATEMENT_MAX_CLAIMS];
	unsigned	n = 0;

	for (unsigned i = 0; i < b->s.nproducts; i++)
	{
		unsigned	j = 0;

		while (!ledger_linear_same(b, &b->products[j].x, &b->products[i].x))
			j++;
		b->products[i].group = j == i ? b->s.ngroups++ : b->products[j].group;
	}
	for (unsigned g = 0; g < b->s.ngroups; g++)
		for (unsigned i = 0; i < b->s.nproducts; i++)
			if (b->products[i].group == g)
				sorted[n++] = b->products[i];
	memcpy(b->products, sorted, n * sizeof(sorted[0]));
}

bool
ledger_build_finish(ledger_builder *b)
{
	bool		need[LEDGER_STATEMENT_MAX_VARS] = {false};

	for (unsigned i = 0; i < b->npending; i++)
		need_bounds(b, &b->pending[i].of, b->pending[i].position, need);
	for (unsigned i = 0; i < b->ndivisions; i++)
	{
		const ledger_linear *compound[4];
		unsigned	n = compound_operands(b, &b->divisions[i], compound);

		for (unsigned j = 0; j < n; j++)
			need_bounds(b, compound[j], b->divisions[i].position, need);
	}
	for (unsigned v = 0; v < b->s.nvars; v++)
		if (!bound_variable(b, v, need[v]))
			return false;
	for (unsigned i = 0; i < b->npending; i++)
		if (!finish_pending(b, &b->pending[i]))
			return false;
	for (unsigned i = 0; i < b->ndivisions; i++)
		if (!finish_division(b, &b->divisions[i]))
			return false;
	group_products(b);
	return true;
}
