/*
 * zkp/statement_build.h
 *		What the parser of statements and the maker of claims share and nobody else sees.
 */
#ifndef LEDGER_ZKP_STATEMENT_BUILD_H
#define LEDGER_ZKP_STATEMENT_BUILD_H

#include "zkp/statement.h"

#define LEDGER_STATEMENT_MAX_TERMS 8192

typedef struct
{
	bool		has_lo, has_hi;
	ledger_int	lo, hi;
} ledger_bound;

/* A comparison or an interval over several variables, kept until all bounds are known. */
typedef struct
{
	ledger_linear of;
	bool		interval;		/* lo <= of <= hi; else 0 <= of */
	ledger_int	lo, hi;
	size_t		position;
} ledger_pending;

typedef struct
{
	ledger_linear dividend, divisor, q, r;	/* as they stand in the statement */
	ledger_linear remainder,	/* |r|, as long as the ranges hold */
		magnitude,				/* |divisor| */
		quotient;				/* |q| */
	size_t		position;
} ledger_division;

/*
 * The statement while it grows. Everything that can fail returns false and has
 * set error; the first error stays.
 */
typedef struct
{
	ledger_statement s;
	ledger_statement_error error;
	ledger_term terms[LEDGER_STATEMENT_MAX_TERMS];
	uint32_t	nterms;
	ledger_helper helpers[LEDGER_STATEMENT_MAX_HELPERS];
	ledger_linear zeros[LEDGER_STATEMENT_MAX_CLAIMS];
	ledger_product_claim products[LEDGER_STATEMENT_MAX_CLAIMS];
	ledger_range_claim ranges[LEDGER_STATEMENT_MAX_CLAIMS];
	ledger_linear divisors[LEDGER_STATEMENT_MAX_CLAIMS];
	ledger_bound claimed[LEDGER_STATEMENT_MAX_VARS];	/* what the statement itself says of a variable */
	ledger_bound given[LEDGER_STATEMENT_MAX_VARS];
	size_t		said_at[LEDGER_STATEMENT_MAX_VARS];
	ledger_pending pending[LEDGER_STATEMENT_MAX_CLAIMS];
	unsigned	npending;
	ledger_division divisions[LEDGER_STATEMENT_MAX_CLAIMS];
	unsigned	ndivisions;
	char		text[LEDGER_STATEMENT_MAX_LEN + 1];
} ledger_builder;

extern bool ledger_build_fail(ledger_builder *b, ledger_statement_kind kind, size_t position,
							  const char *message, const char *hint);

/* ---- linear forms (statement_linear.c) ------------------------------------------ */

extern ledger_linear ledger_linear_constant(ledger_int c);
extern bool ledger_linear_var(ledger_builder *b, unsigned var, size_t position, ledger_linear *r);

/* The sum of commitments number first to last. */
extern bool ledger_linear_sum(ledger_builder *b, unsigned first, unsigned last, size_t position,
							  ledger_linear *r);

/* r = x + k y */
extern bool ledger_linear_combine(ledger_builder *b, const ledger_linear *x, ledger_int k,
								  const ledger_linear *y, size_t position, ledger_linear *r);

/* r = k x */
extern bool ledger_linear_scale(ledger_builder *b, ledger_int k, const ledger_linear *x, size_t position,
								ledger_linear *r);
extern bool ledger_linear_same(const ledger_builder *b, const ledger_linear *x, const ledger_linear *y);

/* r = x * k below LEDGER_INT_LIMIT */
extern bool ledger_int_mul(ledger_int x, ledger_int k, ledger_int *r);
extern bool ledger_int_add(ledger_int x, ledger_int k, ledger_int *r);

/* ---- claims (statement_claims.c) -------------------------------------------------- */

/* A new helper variable, as a form. y may be NULL where the kind has none. */
extern bool ledger_build_helper(ledger_builder *b, ledger_helper_kind kind, const ledger_linear *x,
								const ledger_linear *y, size_t position, ledger_linear *r);
extern bool ledger_build_zero(ledger_builder *b, const ledger_linear *x, size_t position);
extern bool ledger_build_product(ledger_builder *b, const ledger_linear *x, const ledger_linear *y,
								 const ledger_linear *p, size_t position);

/* x >= 0 over the integers */
extern bool ledger_build_nonnegative(ledger_builder *b, const ledger_linear *x, size_t position);

/* lo <= x <= hi over the integers; given: known from elsewhere, x a single variable */
extern bool ledger_build_interval(ledger_builder *b, const ledger_linear *x, ledger_int lo, ledger_int hi,
								  bool given, size_t position);

/* a / b = q rem r */
extern bool ledger_build_division(ledger_builder *b, const ledger_linear *a, const ledger_linear *divisor,
								  const ledger_linear *q, const ledger_linear *r, size_t position);

/* After the last relation: ranges of everything that was put off, products grouped. */
extern bool ledger_build_finish(ledger_builder *b);

#endif							/* LEDGER_ZKP_STATEMENT_BUILD_H */
