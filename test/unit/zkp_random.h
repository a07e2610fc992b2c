/*
 * test/unit/zkp_random.h
 *		Random statements about four values, and whether they are true.
 *
 * The truth is found from the tree that the text was printed from, with integers,
 * and knows nothing of the parser. Two limits are kept: the values are within 64
 * bits, and the sides of a comparison less than 2^64 apart; beyond that not all
 * that is true can be proven.
 */
#ifndef LEDGER_TEST_ZKP_RANDOM_H
#define LEDGER_TEST_ZKP_RANDOM_H

#include "harness.h"
#include "zkp/statement.h"

#define RANDOM_VARS 4
#define RANDOM_TERMS 3

typedef struct
{
	char		text[1024];
	ledger_int	value[RANDOM_VARS];
	bool		truth;
	bool		divided_by_zero;
} random_statement;

/* +- coef * product of variables; no variable is a constant. 'sum' is sum(first..last). */
typedef struct
{
	bool		minus, sum;
	int64_t		coef;
	unsigned	nvars, var[3];
} random_term;

typedef struct
{
	unsigned	n;
	random_term term[RANDOM_TERMS];
} random_sum;

typedef struct
{
	enum
	{
		COMPARES,
		LIES_IN,
		DIVIDES
	} kind;
	int			op;
	random_sum	side[4];
	int64_t		lo;
	uint64_t	span;
	unsigned	width;			/* or 0 */
} random_relation;

/* ---- drawing ---------------------------------------------------------------------------- */

static inline int64_t
random_value(uint64_t *draw, unsigned class)
{
	static const int64_t edge[] = {INT64_MIN, INT64_MIN + 1,	INT64_MAX,			 INT64_MAX - 1, 0, 1,
								   -1,		  INT64_C(1) << 62, -(INT64_C(1) << 62), UINT32_MAX};

	if (class == 0)
		return (int64_t) (next_random(draw) % 7) - 3;
	if (class == 1)
		return (int64_t) (next_random(draw) % (1 << 21)) - (1 << 20);
	return edge[next_random(draw) % (sizeof(edge) / sizeof(edge[0]))];
}

static inline void
random_term_draw(uint64_t *draw, unsigned class, random_term *t)
{
	memset(t, 0, sizeof(*t));
	t->coef = 1;
	switch (next_random(draw) % 8)
	{
		case 0:
			t->coef = random_value(draw, class);
			return;
		case 1:
			t->sum = true;
			t->var[0] = (unsigned) (next_random(draw) % RANDOM_VARS);
			t->var[1] = t->var[0] + (unsigned) (next_random(draw) % (RANDOM_VARS - t->var[0]));
			return;
		case 2:
			t->nvars = 2 + (unsigned) (next_random(draw) % 2);
			break;
		case 3:
			t->coef = random_value(draw, 0);
			t->nvars = 1;
			break;
		default:
			t->nvars = 1;
	}
	for (unsigned i = 0; i < t->nvars; i++)
		t->var[i] = (unsigned) (next_random(draw) % RANDOM_VARS);
}

static inline void
random_sum_draw(uint64_t *draw, unsigned class, unsigned most, random_sum *s)
{
	s->n = 1 + (unsigned) (next_random(draw) % most);
	for (unsigned i = 0; i < s->n; i++)
	{
		random_term_draw(draw, class, &s->term[i]);
		s->term[i].minus = most > 1 && next_random(draw) % 3 == 0;
	}
}

/* ---- evaluating --------------------------------------------------------------------------- */

static inline bool
random_sum_value(const random_statement *r, const random_sum *s, ledger_int *v)
{
	*v = 0;
	for (unsigned i = 0; i < s->n; i++)
	{
		const random_term *t = &s->term[i];
		ledger_int	x = t->coef;

		if (t->sum)
		{
			x = 0;
			for (unsigned var = t->var[0]; var <= t->var[1]; var++)
				x += r->value[var];
		}
		for (unsigned j = 0; j < t->nvars; j++)
			if (__builtin_mul_overflow(x, r->value[t->var[j]], &x))
				return false;
		if (__builtin_mul_overflow(x, (ledger_int) (t->minus ? -1 : 1), &x) ||
			__builtin_add_overflow(*v, x, v))
			return false;
	}
	/* far from the end, so that differences are numbers too */
	return *v < LEDGER_INT_LIMIT / 2 && *v > -LEDGER_INT_LIMIT / 2;
}

static inline bool
random_compare(int op, ledger_int l, ledger_int r)
{
	switch (op)
	{
		case 0:
			return l < r;
		case 1:
			return l <= r;
		case 2:
			return l > r;
		case 3:
			return l >= r;
		case 4:
			return l != r;
		default:
			return l == r;
	}
}

/* False where the evaluation leaves the numbers of C, or what is true may not be provable. */
static inline bool
random_relation_value(random_statement *r, const random_relation *x, bool *truth)
{
	ledger_int	v[4] = {0};

	for (unsigned i = 0; i < (x->kind == DIVIDES ? 4 : x->kind == COMPARES ? 2 : 1); i++)
		if (!random_sum_value(r, &x->side[i], &v[i]))
			return false;
	if (x->kind == COMPARES)
	{
		*truth = random_compare(x->op, v[0], v[1]);
		if (x->op < 4 && (v[0] - v[1] >= (ledger_int) 1 << 64 || v[1] - v[0] >= (ledger_int) 1 << 64))
			return false;
	}
	else if (x->kind == DIVIDES)
	{
		r->divided_by_zero |= v[1] == 0;
		*truth = v[1] != 0 && v[0] / v[1] == v[2] && v[0] % v[1] == v[3];
	}
	else if (x->width > 0)
		*truth = v[0] >= -((ledger_int) 1 << (x->width - 1)) && v[0] < (ledger_int) 1 << (x->width - 1);
	else
		*truth = v[0] >= x->lo && v[0] <= (ledger_int) x->lo + x->span;
	return true;
}

/* ---- printing ----------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static inline void
random_print(random_statement *r, const char *format, ...)
{
	size_t		len = strlen(r->text);
	va_list		args;

	va_start(args, format);
	vsnprintf(r->text + len, sizeof(r->text) - len, format, args);
	va_end(args);
}

static inline void
random_print_int(random_statement *r, ledger_int v)
{
	random_print(r, "%s%llu", v < 0 ? "-" : "", (unsigned long long) (v < 0 ? -v : v));
}

static inline void
random_print_sum(random_statement *r, const random_sum *s)
{
	for (unsigned i = 0; i < s->n; i++)
	{
		const random_term *t = &s->term[i];
		bool		factors = t->nvars > 0 || t->sum;

		if (i > 0 || t->minus)
			random_print(r, i == 0 ? "-" : t->minus ? " - " : " + ");
		/* a minus of its own can only stand behind a parenthesis */
		if (!factors || t->coef != 1)
		{
			random_print(r, t->coef < 0 ? "(" : "");
			random_print_int(r, t->coef);
			random_print(r, "%s%s", t->coef < 0 ? ")" : "", factors ? " * " : "");
		}
		if (t->sum)
			random_print(r, "sum(%c..%c)", 'a' + t->var[0], 'a' + t->var[1]);
		for (unsigned j = 0; j < t->nvars; j++)
			random_print(r, "%s%c", j > 0 ? " * " : "", 'a' + t->var[j]);
	}
}

static inline void
random_print_relation(random_statement *r, const random_relation *x)
{
	static const char *const ops[] = {"<", "<=", ">", ">=", "<>", "="};

	random_print_sum(r, &x->side[0]);
	if (x->kind == COMPARES)
	{
		random_print(r, " %s ", ops[x->op]);
		random_print_sum(r, &x->side[1]);
	}
	else if (x->kind == DIVIDES)
	{
		random_print(r, " / ");
		random_print_sum(r, &x->side[1]);
		random_print(r, " = ");
		random_print_sum(r, &x->side[2]);
		random_print(r, " rem ");
		random_print_sum(r, &x->side[3]);
	}
	else if (x->width > 0)
		random_print(r, " in %u", x->width);
	else
	{
		random_print(r, " in [");
		random_print_int(r, x->lo);
		random_print(r, ", ");
		random_print_int(r, (ledger_int) x->lo + x->span);
		random_print(r, "]");
	}
}

/* ---- all of it ------------------------------------------------------------------------------ */

static inline void
random_relation_draw(uint64_t *draw, unsigned class, random_relation *x)
{
	static const unsigned kinds[8] = {COMPARES, COMPARES, COMPARES, COMPARES,
									  COMPARES, LIES_IN,  LIES_IN,	DIVIDES};

	memset(x, 0, sizeof(*x));
	x->kind = kinds[next_random(draw) % 8];
	x->op = (int) (next_random(draw) % 6);
	for (unsigned i = 0; i < 4; i++)
	{
		random_sum_draw(draw, class, x->kind == DIVIDES ? 1 : RANDOM_TERMS, &x->side[i]);
		if (x->kind != DIVIDES)
			continue;
		/* operands of a division are single values */
		x->side[i].term[0].sum = false;
		if (x->side[i].term[0].nvars > 0)
		{
			x->side[i].term[0].nvars = 1;
			x->side[i].term[0].coef = 1;
		}
	}
	if (next_random(draw) % 2 == 0)
		x->width = 8 + (unsigned) (next_random(draw) % 57);
	x->lo = random_value(draw, class);
	x->span = class == 0 ? next_random(draw) % 6 : next_random(draw) >> (next_random(draw) % 64);
}

/* Give a variable that stands alone on one side the value that makes the relation true. */
static inline void
random_mend(random_statement *r, const random_relation *x)
{
	ledger_int	v[4];
	unsigned	last = x->kind == DIVIDES ? 4 : 2;

	if (x->kind == LIES_IN || (x->kind == COMPARES && x->op != 5))
		return;
	for (unsigned i = 0; i < last; i++)
		if (!random_sum_value(r, &x->side[i], &v[i]))
			return;
	if (x->kind == DIVIDES && v[1] != 0)
	{
		v[2] = v[0] / v[1];
		v[3] = v[0] % v[1];
	}
	for (unsigned i = x->kind == DIVIDES ? 2 : 1; i < last; i++)
	{
		ledger_int	want = x->kind == DIVIDES ? v[i] : v[0];

		if (x->side[i].n == 1 && x->side[i].term[0].nvars == 1 && x->side[i].term[0].coef == 1 &&
			!x->side[i].term[0].minus && want >= INT64_MIN && want <= INT64_MAX)
			r->value[x->side[i].term[0].var[0]] = want;
	}
}

static inline bool
random_statement_try(uint64_t *draw, random_statement *r)
{
	random_relation x[3];
	unsigned	n = 1 + (unsigned) (next_random(draw) % 4) / 2, class = (unsigned) (next_random(draw) % 3);
	bool		truth;

	memset(r, 0, sizeof(*r));
	r->truth = true;
	for (unsigned i = 0; i < RANDOM_VARS; i++)
		r->value[i] = random_value(draw, class);
	for (unsigned i = 0; i < n; i++)
	{
		random_relation_draw(draw, class, &x[i]);
		if (next_random(draw) % 3 != 0)
			random_mend(r, &x[i]);
		random_print(r, i > 0 ? " and " : "");
		random_print_relation(r, &x[i]);
	}
	for (unsigned i = 0; i < n; i++)
	{
		if (!random_relation_value(r, &x[i], &truth))
			return false;
		r->truth = r->truth && truth;
	}
	if (next_random(draw) % 4 == 0)
		random_print(r, " given a in 64, c in 64");
	return true;
}

static inline void
random_statement_draw(uint64_t *draw, random_statement *r)
{
	while (!random_statement_try(draw, r))
		;
}

#endif							/* LEDGER_TEST_ZKP_RANDOM_H */
