/*
 * zkp/statement_parse.c
 *		The grammar of statements (docs/sql-reference.md), by recursive descent.
 *
 * Scales are checked while reading: the scale of a product is the sum of the
 * scales of its factors, the terms of a sum and the two sides of a relation have
 * the same one. A constant that stands alone takes the scale that is asked for,
 * as long as it loses no digit; as a factor it has as many as it shows, so that
 * `a * 1.00` is the explicit way to two more decimals.
 */
#include <stdlib.h>
#include <string.h>

#include "zkp/statement_build.h"

typedef enum
{
	T_END,
	T_NAME,						/* a commitment */
	T_NUMBER,
	T_AND,
	T_GIVEN,
	T_IN,
	T_NUMERIC,
	T_REM,
	T_SUM,
	T_LT,
	T_LE,
	T_EQ,
	T_NE,
	T_GE,
	T_GT,
	T_PLUS,
	T_MINUS,
	T_TIMES,
	T_DIVIDE,
	T_OPEN,
	T_CLOSE,
	T_BRACKET,
	T_UNBRACKET,
	T_COMMA,
	T_COLON,
	T_RANGE						/* .. */
} token_kind;

typedef struct
{
	token_kind	kind;
	const char *p;
	size_t		len;
} token;

typedef struct
{
	ledger_builder *b;
	const char *text;
	const char *next;
	const char *end;
	token		cur;
	token_kind	before;			/* of the token before cur */
	bool		sign;			/* the token before cur is a sign, not an operator */
	unsigned	depth;
} parser;

/* A constant, a form, or a product of two forms that nothing has used yet. */
typedef struct
{
	bool		constant;
	bool		product;		/* x * y; else x alone */
	bool		term;			/* no sum at the top */
	unsigned	scale;
	ledger_linear x, y;
} expr;

static const char *const too_long = "a statement has at most 4000 bytes";
static const char *const expected_statement =
	"See \"statements\" in the SQL reference: for example a >= 0 and a <= b.";

bool
ledger_build_fail(ledger_builder *b, ledger_statement_kind kind, size_t position, const char *message,
				  const char *hint)
{
	if (b->error.kind == LEDGER_STATEMENT_OK)
	{
		b->error.kind = kind;
		b->error.position = position;
		b->error.message = message;
		b->error.hint = hint;
	}
	return false;
}

/* ---- tokens --------------------------------------------------------------------------- */

static size_t
here(const parser *ps)
{
	return (size_t) (ps->cur.p - ps->text);
}

static bool
fail(parser *ps, const char *message)
{
	return ledger_build_fail(ps->b, LEDGER_STATEMENT_SYNTAX, here(ps), message, expected_statement);
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
}

static bool
is_letter(char c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

static token_kind
word_kind(const char *p, size_t len)
{
	static const struct
	{
		const char *word;
		token_kind	kind;
	}			words[] = {
		{"and", T_AND}, {"given", T_GIVEN}, {"in", T_IN}, {"numeric", T_NUMERIC}, {"rem", T_REM}, {"sum", T_SUM}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
	{
		size_t		n = 0;

		while (n < len && words[i].word[n] == lower(p[n]))
			n++;
		if (n == len && words[i].word[n] == '\0')
			return words[i].kind;
	}
	return len <= 2 ? T_NAME : T_END;
}

static token_kind
symbol_kind(const char *p, size_t left, size_t *len)
{
	static const struct
	{
		char		symbol[3];
		token_kind	kind;
	} symbols[] = {{"<=", T_LE},	{"<>", T_NE},  {">=", T_GE},   {"..", T_RANGE},	 {"<", T_LT},
				   {"=", T_EQ},		{">", T_GT},   {"+", T_PLUS},  {"-", T_MINUS},	 {"*", T_TIMES},
				   {"/", T_DIVIDE}, {"(", T_OPEN}, {")", T_CLOSE}, {"[", T_BRACKET}, {"]", T_UNBRACKET},
				   {",", T_COMMA},	{":", T_COLON}};

	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++)
	{
		*len = strlen(symbols[i].symbol);
		if (*len <= left && memcmp(p, symbols[i].symbol, *len) == 0)
			return symbols[i].kind;
	}
	*len = 1;
	return T_END;
}

/* Append cur to the one spelling of the statement, which is no longer than a statement may be. */
static bool
spell(parser *ps)
{
	ledger_statement *s = &ps->b->s;
	token_kind	k = ps->cur.kind;
	bool		tight = s->textlen == 0 || ps->sign || k == T_CLOSE || k == T_UNBRACKET || k == T_COMMA ||
		k == T_COLON || k == T_RANGE || ps->before == T_OPEN || ps->before == T_BRACKET ||
		ps->before == T_RANGE || (k == T_OPEN && (ps->before == T_NUMERIC || ps->before == T_SUM));

	if (s->textlen + !tight + ps->cur.len > LEDGER_STATEMENT_MAX_LEN)
		return ledger_build_fail(ps->b, LEDGER_STATEMENT_LIMIT, here(ps), too_long, NULL);
	if (!tight)
		ps->b->text[s->textlen++] = ' ';
	for (size_t i = 0; i < ps->cur.len; i++)
		ps->b->text[s->textlen++] = lower(ps->cur.p[i]);
	return true;
}

static bool
advance(parser *ps)
{
	token	   *t = &ps->cur;

	if (t->p != NULL)
	{
		if (!spell(ps))
			return false;
		ps->before = t->kind;
		ps->sign = false;
	}
	while (ps->next < ps->end && is_space(*ps->next))
		ps->next++;
	t->p = ps->next;
	t->len = 0;
	t->kind = T_END;
	if (ps->next == ps->end)
		return true;
	if (is_letter(*t->p))
	{
		while (t->p + t->len < ps->end && is_letter(t->p[t->len]))
			t->len++;
		t->kind = word_kind(t->p, t->len);
		if (t->kind == T_END)
			return fail(ps, "unknown word");
	}
	else if (is_digit(*t->p))
	{
		while (t->p + t->len < ps->end && is_digit(t->p[t->len]))
			t->len++;
		if (ps->end - t->p - t->len >= 2 && t->p[t->len] == '.' && is_digit(t->p[t->len + 1]))
		{
			t->len++;
			while (t->p + t->len < ps->end && is_digit(t->p[t->len]))
				t->len++;
		}
		t->kind = T_NUMBER;
		/* a letter that sticks to a number is neither */
		if (t->p + t->len < ps->end && is_letter(t->p[t->len]))
			return fail(ps, "number runs into a word");
	}
	else
	{
		t->kind = symbol_kind(t->p, (size_t) (ps->end - t->p), &t->len);
		if (t->kind == T_END)
			return fail(ps, "unknown symbol");
	}
	ps->next = t->p + t->len;
	return true;
}

static bool
expect(parser *ps, token_kind kind, const char *message)
{
	return ps->cur.kind == kind ? advance(ps) : fail(ps, message);
}

/* ---- atoms ---------------------------------------------------------------------------- */

static bool
parse_name(parser *ps, unsigned *var)
{
	size_t		len = ps->cur.len;

	if (ps->cur.kind != T_NAME)
		return fail(ps, "a commitment is expected here: a, b, c, ...");
	*var = (unsigned) (lower(ps->cur.p[len - 1]) - 'a');
	if (len == 2)
		*var += 26 * (unsigned) (lower(ps->cur.p[0]) - 'a' + 1);
	if (*var >= LEDGER_STATEMENT_MAX_VARS)
		return ledger_build_fail(ps->b, LEDGER_STATEMENT_LIMIT, here(ps),
								 "a statement speaks of at most 128 commitments, a to z and aa to dx", NULL);
	if (*var >= ps->b->s.nvars)
		ps->b->s.nvars = *var + 1;
	return advance(ps);
}

/* Digits and point of cur as an integer and its decimals. */
static bool
parse_number(parser *ps, ledger_int *value, unsigned *scale)
{
	ledger_int	v = 0;
	bool		point = false;

	*scale = 0;
	if (ps->cur.kind != T_NUMBER)
		return fail(ps, "a number is expected here");
	for (size_t i = 0; i < ps->cur.len; i++)
	{
		if (ps->cur.p[i] == '.')
		{
			point = true;
			continue;
		}
		if (!ledger_int_mul(v, 10, &v) || !ledger_int_add(v, ps->cur.p[i] - '0', &v))
			return ledger_build_fail(ps->b, LEDGER_STATEMENT_RANGE, here(ps), "number is too large", NULL);
		*scale += point;
	}
	if (*scale > LEDGER_STATEMENT_MAX_SCALE)
		return ledger_build_fail(ps->b, LEDGER_STATEMENT_LIMIT, here(ps), "a number has at most 30 decimals",
								 NULL);
	*value = v;
	return advance(ps);
}

static bool
parse_small(parser *ps, unsigned lo, unsigned hi, const char *message, unsigned *value)
{
	ledger_int	v;
	unsigned	scale;
	size_t		position = here(ps);

	if (!parse_number(ps, &v, &scale))
		return false;
	if (scale != 0 || v < lo || v > hi)
		return ledger_build_fail(ps->b, LEDGER_STATEMENT_SYNTAX, position, message, NULL);
	*value = (unsigned) v;
	return true;
}

/* ---- scales ----------------------------------------------------------------------------- */

static bool
rescale(parser *ps, expr *e, unsigned scale, size_t position)
{
	for (; e->scale < scale; e->scale++)
		if (!ledger_int_mul(e->x.constant, 10, &e->x.constant))
			return ledger_build_fail(ps->b, LEDGER_STATEMENT_RANGE, position, "number is too large", NULL);
	for (; e->scale > scale; e->scale--)
	{
		if (e->x.constant % 10 != 0)
			return ledger_build_fail(ps->b, LEDGER_STATEMENT_SCALE, position,
									 "number has more decimals than the values beside it",
									 "Begin the statement with the scale of the commitments, for "
									 "example numeric(18,2):.");
		e->x.constant /= 10;
	}
	return true;
}

/* Give two expressions one scale, or say why not. */
static bool
same_scale(parser *ps, expr *l, expr *r, size_t position)
{
	if (l->scale == r->scale)
		return true;
	if (l->constant && r->constant)
		return l->scale < r->scale ? rescale(ps, l, r->scale, position) : rescale(ps, r, l->scale, position);
	if (l->constant)
		return rescale(ps, l, r->scale, position);
	if (r->constant)
		return rescale(ps, r, l->scale, position);
	return ledger_build_fail(ps->b, LEDGER_STATEMENT_SCALE, position,
							 "values of different scales are compared or added",
							 "The scale of a product is the sum of the scales of its factors; multiply the "
							 "side that has fewer decimals by 1.00 to give it two more.");
}

/* A product that is used for anything else than an equation needs a helper that holds it. */
static bool
settle(parser *ps, expr *e, size_t position)
{
	ledger_linear p;

	if (!e->product)
		return true;
	if (!ledger_build_helper(ps->b, LEDGER_HELPER_PRODUCT, &e->x, &e->y, position, &p) ||
		!ledger_build_product(ps->b, &e->x, &e->y, &p, position))
		return false;
	e->x = p;
	e->product = false;
	return true;
}

/* ---- expressions ------------------------------------------------------------------------- */

static bool parse_sum(parser *ps, expr *e);

static bool
parse_sum_of(parser *ps, expr *e)
{
	size_t		position = here(ps);
	unsigned	first, last;

	if (!advance(ps) || !expect(ps, T_OPEN, "\"(\" is expected here") || !parse_name(ps, &first) ||
		!expect(ps, T_RANGE, "\"..\" is expected here") || !parse_name(ps, &last))
		return false;
	if (last < first)
		return ledger_build_fail(ps->b, LEDGER_STATEMENT_SYNTAX, position, "the sum ends before it begins",
								 NULL);
	if (!ledger_linear_sum(ps->b, first, last, position, &e->x))
		return false;
	e->scale = ps->b->s.scale;
	return expect(ps, T_CLOSE, "\")\" is expected here");
}

static bool
parse_factor(parser *ps, expr *e)
{
	size_t		position = here(ps);
	unsigned	var;

	memset(e, 0, sizeof(*e));
	switch (ps->cur.kind)
	{
		case T_NUMBER:
			e->constant = true;
			return parse_number(ps, &e->x.constant, &e->scale);
		case T_NAME:
			e->scale = ps->b->s.scale;
			return parse_name(ps, &var) && ledger_linear_var(ps->b, var, position, &e->x);
		case T_SUM:
			return parse_sum_of(ps, e);
		case T_OPEN:
			if (++ps->depth > LEDGER_STATEMENT_MAX_DEPTH)
				return ledger_build_fail(ps->b, LEDGER_STATEMENT_LIMIT, position,
										 "parentheses are nested too deep", NULL);
			if (!advance(ps) || !parse_sum(ps, e))
				return false;
			ps->depth--;
			return expect(ps, T_CLOSE, "\")\" is expected here");
		default:
			return fail(ps, "a commitment, a number, \"sum\" or \"(\" is expected here");
	}
}

static bool
multiply(parser *ps, expr *l, expr *r, size_t position)
{
	l->scale += r->scale;
	if (l->scale > 2 * LEDGER_STATEMENT_MAX_SCALE)
		return ledger_build_fail(ps->b, LEDGER_STATEMENT_LIMIT, position, "a product has at most 60 decimals",
								 NULL);
	if (!settle(ps, l, position) || !settle(ps, r, position))
		return false;
	if (r->constant)
		return ledger_linear_scale(ps->b, r->x.constant, &l->x, position, &l->x);
	if (l->constant)
	{
		l->constant = false;
		return ledger_linear_scale(ps->b, l->x.constant, &r->x, position, &l->x);
	}
	l->y = r->x;
	l->product = true;
	return true;
}

static bool
parse_term(parser *ps, expr *e)
{
	expr		factor;

	if (!parse_factor(ps, e))
		return false;
	while (ps->cur.kind == T_TIMES)
	{
		size_t		position = here(ps);

		if (!advance(ps) || !parse_factor(ps, &factor) || !multiply(ps, e, &factor, position))
			return false;
	}
	return true;
}

static bool
parse_sum(parser *ps, expr *e)
{
	size_t		position = here(ps);
	bool		minus = ps->cur.kind == T_MINUS;
	expr		term;

	if (minus)
	{
		if (!advance(ps))
			return false;
		ps->sign = true;
	}
	if (!parse_term(ps, e))
		return false;
	e->term = !minus;
	if (minus && (!settle(ps, e, position) || !ledger_linear_scale(ps->b, -1, &e->x, position, &e->x)))
		return false;
	while (ps->cur.kind == T_PLUS || ps->cur.kind == T_MINUS)
	{
		minus = ps->cur.kind == T_MINUS;
		position = here(ps);
		if (!advance(ps) || !parse_term(ps, &term) || !same_scale(ps, e, &term, position) ||
			!settle(ps, e, position) || !settle(ps, &term, position) ||
			!ledger_linear_combine(ps->b, &e->x, minus ? -1 : 1, &term.x, position, &e->x))
			return false;
		e->constant = e->constant && term.constant;
		e->term = false;
	}
	return true;
}

/* ---- relations ----------------------------------------------------------------------------- */

static bool
equation(parser *ps, expr *l, expr *r, size_t position)
{
	ledger_linear d;

	/* x * y = p needs no helper */
	if (l->product)
		return settle(ps, r, position) && ledger_build_product(ps->b, &l->x, &l->y, &r->x, position);
	if (r->product)
		return ledger_build_product(ps->b, &r->x, &r->y, &l->x, position);
	return ledger_linear_combine(ps->b, &l->x, -1, &r->x, position, &d) &&
		ledger_build_zero(ps->b, &d, position);
}

/* The difference has an inverse: (l - r) * w = 1. */
static bool
inequation(parser *ps, const expr *l, const expr *r, size_t position)
{
	ledger_linear one = ledger_linear_constant(1), d, w;

	if (!ledger_linear_combine(ps->b, &l->x, -1, &r->x, position, &d))
		return false;
	if (d.nterms == 0)
		return ledger_build_fail(ps->b, LEDGER_STATEMENT_SYNTAX, position,
								 "relation says nothing of a commitment", NULL);
	return ledger_build_helper(ps->b, LEDGER_HELPER_INVERSE, &d, NULL, position, &w) &&
		ledger_build_product(ps->b, &d, &w, &one, position);
}

static bool
parse_comparison(parser *ps, expr *l)
{
	token_kind	op = ps->cur.kind;
	size_t		position = here(ps);
	ledger_linear one = ledger_linear_constant(1), d;
	bool		up = op == T_LT || op == T_LE;
	expr		r;

	if (!advance(ps) || !parse_sum(ps, &r) || !same_scale(ps, l, &r, position))
		return false;
	if (op == T_EQ)
		return equation(ps, l, &r, position);
	if (!settle(ps, l, position) || !settle(ps, &r, position))
		return false;
	if (op == T_NE)
		return inequation(ps, l, &r, position);
	if (!ledger_linear_combine(ps->b, up ? &r.x : &l->x, -1, up ? &l->x : &r.x, position, &d))
		return false;
	if ((op == T_LT || op == T_GT) && !ledger_linear_combine(ps->b, &d, -1, &one, position, &d))
		return false;
	return ledger_build_nonnegative(ps->b, &d, position);
}

static bool
parse_division(parser *ps, expr *a)
{
	size_t		position = here(ps);
	expr		b, q, r;
	unsigned	scale;

	if (!a->term)
		return fail(ps, "the dividend is a sum; put it in parentheses");
	if (!advance(ps) || !parse_term(ps, &b) || !expect(ps, T_EQ, "\"=\" is expected here") ||
		!parse_sum(ps, &q) || !expect(ps, T_REM, "\"rem\" and the remainder are expected here") ||
		!parse_sum(ps, &r))
		return false;
	if (!settle(ps, a, position) || !settle(ps, &b, position) || !settle(ps, &q, position) ||
		!settle(ps, &r, position))
		return false;
	/* dividend and remainder count the same units, those of divisor times quotient */
	scale = a->constant ? (r.constant ? b.scale + q.scale : r.scale) : a->scale;
	if (q.constant && scale >= b.scale && !rescale(ps, &q, scale - b.scale, position))
		return false;
	if (b.constant && scale >= q.scale && !rescale(ps, &b, scale - q.scale, position))
		return false;
	if ((a->constant && !rescale(ps, a, scale, position)) ||
		(r.constant && !rescale(ps, &r, scale, position)))
		return false;
	if (a->scale != scale || r.scale != scale || b.scale + q.scale != scale)
		return ledger_build_fail(ps->b, LEDGER_STATEMENT_SCALE, position,
								 "scales of the division do not agree",
								 "Dividend and remainder have the scale of divisor times quotient: with two "
								 "decimals a * 1.00 / b = q rem r * 1.00.");
	return ledger_build_division(ps->b, &a->x, &b.x, &q.x, &r.x, position);
}

/* A bound of an interval, brought to the scale of the value. */
static bool
parse_bound(parser *ps, unsigned scale, ledger_int *v)
{
	size_t		position = here(ps);
	bool		minus = ps->cur.kind == T_MINUS;
	expr		e;

	memset(&e, 0, sizeof(e));
	if (minus)
	{
		if (!advance(ps))
			return false;
		ps->sign = true;
	}
	if (!parse_number(ps, &e.x.constant, &e.scale) || !rescale(ps, &e, scale, position))
		return false;
	*v = minus ? -e.x.constant : e.x.constant;
	return true;
}

/* what follows `in`: a width or an interval */
static bool
parse_in(parser *ps, const expr *e, bool given, size_t position)
{
	ledger_int	lo, hi;
	unsigned	bits;

	if (!advance(ps))
		return false;
	if (ps->cur.kind == T_NUMBER)
	{
		if (!parse_small(ps, LEDGER_RANGE_MIN_BITS, LEDGER_RANGE_MAX_BITS, "a width is 8 to 64 bits", &bits))
			return false;
		lo = -((ledger_int) 1 << (bits - 1));
		hi = -lo - 1;
	}
	else if (!expect(ps, T_BRACKET, "a width of 8 to 64 bits or \"[\" is expected here") ||
			 !parse_bound(ps, e->scale, &lo) || !expect(ps, T_COMMA, "\",\" is expected here") ||
			 !parse_bound(ps, e->scale, &hi) || !expect(ps, T_UNBRACKET, "\"]\" is expected here"))
		return false;
	return ledger_build_interval(ps->b, &e->x, lo, hi, given, position);
}

static bool
parse_relation(parser *ps)
{
	size_t		position = here(ps);
	expr		l;

	if (!parse_sum(ps, &l))
		return false;
	switch (ps->cur.kind)
	{
		case T_LT:
		case T_LE:
		case T_EQ:
		case T_NE:
		case T_GE:
		case T_GT:
			return parse_comparison(ps, &l);
		case T_DIVIDE:
			return parse_division(ps, &l);
		case T_IN:
			return settle(ps, &l, position) && parse_in(ps, &l, false, position);
		default:
			return fail(ps, "a relation is expected here: < <= = <> >= > / or \"in\"");
	}
}

static bool
parse_given(parser *ps)
{
	do
	{
		size_t		position;
		unsigned	var;
		expr		e;

		memset(&e, 0, sizeof(e));
		if (!advance(ps))
			return false;
		position = here(ps);
		e.scale = ps->b->s.scale;
		if (!parse_name(ps, &var) || !ledger_linear_var(ps->b, var, position, &e.x))
			return false;
		if (ps->cur.kind != T_IN)
			return fail(ps, "\"in\" is expected here");
		if (!parse_in(ps, &e, true, position))
			return false;
	} while (ps->cur.kind == T_COMMA);
	return true;
}

static bool
parse_prefix(parser *ps)
{
	static const char *const wrong = "numeric(p,s) has p of 1 to 37 and s of 0 to 30, at most p";
	ledger_statement *s = &ps->b->s;
	size_t		position = here(ps);

	if (!advance(ps) || !expect(ps, T_OPEN, "\"(\" is expected here") ||
		!parse_small(ps, 1, 37, wrong, &s->precision) || !expect(ps, T_COMMA, "\",\" is expected here") ||
		!parse_small(ps, 0, LEDGER_STATEMENT_MAX_SCALE, wrong, &s->scale) ||
		!expect(ps, T_CLOSE, "\")\" is expected here"))
		return false;
	if (s->scale > s->precision)
		return ledger_build_fail(ps->b, LEDGER_STATEMENT_SYNTAX, position, wrong, NULL);
	return expect(ps, T_COLON, "\":\" is expected here");
}

static bool
parse_statement(parser *ps)
{
	if (!advance(ps) || (ps->cur.kind == T_NUMERIC && !parse_prefix(ps)) || !parse_relation(ps))
		return false;
	while (ps->cur.kind == T_AND)
		if (!advance(ps) || !parse_relation(ps))
			return false;
	if (ps->cur.kind == T_GIVEN && !parse_given(ps))
		return false;
	if (ps->cur.kind != T_END)
		return fail(ps, "\"and\", \"given\" or the end is expected here");
	return ledger_build_finish(ps->b);
}

/* ---- the finished statement ------------------------------------------------------------------ */

/* The next n items of a block that is laid out by its largest alignment first. */
static void *
take(char **p, const void *from, size_t n, size_t size)
{
	void	   *to = *p;

	if (n > 0)
		memcpy(to, from, n * size);
	*p += n * size;
	return to;
}

static ledger_statement *
pack(const ledger_builder *b)
{
	const ledger_statement *s = &b->s;
	ledger_statement *r;
	char	   *p;

	/* all but the text are multiples of 16 bytes long, and so is this */
	size_t		head = (sizeof(*r) + 15) / 16 * 16;

	p = (char *) malloc(head + b->nterms * sizeof(ledger_term) + s->nhelpers * sizeof(ledger_helper) +
						(s->nzeros + s->ndivisors) * sizeof(ledger_linear) +
						s->nproducts * sizeof(ledger_product_claim) +
						s->nranges * sizeof(ledger_range_claim) + s->textlen + 1);
	if (p == NULL)
		return NULL;
	r = (ledger_statement *) p;
	*r = *s;
	p += head;
	r->terms = (const ledger_term *) take(&p, b->terms, b->nterms, sizeof(ledger_term));
	r->helpers = (const ledger_helper *) take(&p, b->helpers, s->nhelpers, sizeof(ledger_helper));
	r->zeros = (const ledger_linear *) take(&p, b->zeros, s->nzeros, sizeof(ledger_linear));
	r->products =
		(const ledger_product_claim *) take(&p, b->products, s->nproducts, sizeof(ledger_product_claim));
	r->ranges = (const ledger_range_claim *) take(&p, b->ranges, s->nranges, sizeof(ledger_range_claim));
	r->divisors = (const ledger_linear *) take(&p, b->divisors, s->ndivisors, sizeof(ledger_linear));
	r->text = (char *) take(&p, b->text, s->textlen, 1);
	*p = '\0';
	return r;
}

/* Helpers were numbered from the highest commitment there can be; now they follow the last one. */
static void
renumber(ledger_builder *b)
{
	for (uint32_t i = 0; i < b->nterms; i++)
		if (b->terms[i].var >= LEDGER_STATEMENT_MAX_VARS)
			b->terms[i].var = (uint16_t) (b->terms[i].var - LEDGER_STATEMENT_MAX_VARS + b->s.nvars);
}

ledger_statement *
ledger_statement_parse(const char *text, size_t len, ledger_statement_error *error)
{
	ledger_builder *b = (ledger_builder *) calloc(1, sizeof(*b));
	ledger_statement *r = NULL;
	parser		ps;

	memset(error, 0, sizeof(*error));
	if (b == NULL)
	{
		error->kind = LEDGER_STATEMENT_MEMORY;
		error->message = "out of memory";
		return NULL;
	}
	memset(&ps, 0, sizeof(ps));
	ps.b = b;
	ps.text = ps.next = text;
	ps.end = text + len;
	if (len > LEDGER_STATEMENT_MAX_LEN)
		ledger_build_fail(b, LEDGER_STATEMENT_LIMIT, LEDGER_STATEMENT_MAX_LEN, too_long, NULL);
	else if (parse_statement(&ps) && b->error.kind == LEDGER_STATEMENT_OK)
	{
		renumber(b);
		r = pack(b);
		if (r == NULL)
			ledger_build_fail(b, LEDGER_STATEMENT_MEMORY, 0, "out of memory", NULL);
	}
	*error = b->error;
	free(b);
	return r;
}

void
ledger_statement_free(ledger_statement *s)
{
	free(s);
}

void
ledger_statement_name(unsigned i, char out[3])
{
	unsigned	n = 0;

	if (i >= 26)
		out[n++] = (char) ('a' + i / 26 - 1);
	out[n++] = (char) ('a' + i % 26);
	out[n] = '\0';
}
