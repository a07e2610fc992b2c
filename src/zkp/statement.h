/*
 * zkp/statement.h
 *		What a proof says: the text, and the claims that it comes to.
 *
 * A statement is parsed once and then only read; it may be shared by threads.
 * The grammar and the rules by which claims follow from it are in docs/format.md
 * section 10; both sides of a proof derive the claims on their own, so none of
 * them travels.
 *
 * Values are integers: amounts times 10^scale. Variables are numbered, first the
 * commitments in their order, then the helpers that the prover commits to.
 */
#ifndef LEDGER_ZKP_STATEMENT_H
#define LEDGER_ZKP_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Constants, coefficients and committed values; always below 2^126 in magnitude. */
typedef __int128 ledger_int;

#define LEDGER_INT_BITS 126
#define LEDGER_INT_LIMIT ((ledger_int) 1 << LEDGER_INT_BITS)

#define LEDGER_STATEMENT_MAX_LEN 4000	/* bytes of text */
#define LEDGER_STATEMENT_MAX_VARS 128	/* commitments: a to z, aa to dx */
#define LEDGER_STATEMENT_MAX_HELPERS 64
#define LEDGER_STATEMENT_MAX_CLAIMS 128 /* of each kind */
#define LEDGER_STATEMENT_MAX_BITS 512	/* of all ranges together */
#define LEDGER_STATEMENT_MAX_DEPTH 32	/* of parentheses */
#define LEDGER_STATEMENT_MAX_SCALE 30
#define LEDGER_RANGE_MIN_BITS 8
#define LEDGER_RANGE_MAX_BITS 64

typedef struct
{
	ledger_int	coef;			/* not 0 */
	uint16_t	var;
} ledger_term;

/* constant + sum of coef times variable; terms in order of var, each var once */
typedef struct
{
	ledger_int	constant;
	uint32_t	first;			/* into the statement's terms */
	uint32_t	nterms;
} ledger_linear;

/* 0 <= of < 2^bits, over the integers */
typedef struct
{
	ledger_linear of;
	unsigned	bits;
} ledger_range_claim;

/* x * y = p modulo the group order. Claims with the same x have the same group and stand together. */
typedef struct
{
	ledger_linear x, y, p;
	unsigned	group;
} ledger_product_claim;

/* How the prover finds a helper's value; the verifier has no use for it. */
typedef enum
{
	LEDGER_HELPER_PRODUCT,		/* x * y */
	LEDGER_HELPER_INVERSE,		/* 1 / x */
	LEDGER_HELPER_SIGN			/* 1 where x >= 0, else -1 */
} ledger_helper_kind;

typedef struct
{
	ledger_linear x, y;
	ledger_helper_kind kind;
} ledger_helper;

typedef struct
{
	char	   *text;			/* the one spelling that the proof binds, and its terminator */
	size_t		textlen;
	unsigned	precision;		/* digits of numeric(p,s); 0 where the text gives none */
	unsigned	scale;			/* of every commitment */
	unsigned	nvars;			/* commitments that the statement speaks of, 1 or more */
	unsigned	nhelpers;
	unsigned	nzeros;			/* linear forms that are 0 modulo the group order */
	unsigned	nproducts;
	unsigned	ngroups;		/* different left factors among the products */
	unsigned	nranges;
	unsigned	bits;			/* of all ranges, 0 or at most LEDGER_STATEMENT_MAX_BITS */
	unsigned	ndivisors;
	const ledger_term *terms;
	const ledger_helper *helpers;
	const ledger_linear *zeros;
	const ledger_product_claim *products;
	const ledger_range_claim *ranges;
	const ledger_linear *divisors;	/* for which a zero has an error of its own */
} ledger_statement;

typedef enum
{
	LEDGER_STATEMENT_OK = 0,
	LEDGER_STATEMENT_SYNTAX,	/* not the grammar */
	LEDGER_STATEMENT_SCALE,		/* values of different scales meet */
	LEDGER_STATEMENT_RANGE,		/* a number is too large, or no value can ever satisfy a bound */
	LEDGER_STATEMENT_LIMIT,		/* more of something than the limits above */
	LEDGER_STATEMENT_MEMORY
} ledger_statement_kind;

typedef struct
{
	ledger_statement_kind kind;
	size_t		position;		/* byte of the text, from 0 */
	const char *message;		/* lower case, no full stop; static */
	const char *hint;			/* a sentence or NULL; static */
} ledger_statement_error;

/* NULL and *error filled where the text is no statement. The caller frees the result. */
extern ledger_statement *ledger_statement_parse(const char *text, size_t len, ledger_statement_error *error);
extern void ledger_statement_free(ledger_statement *s);

/* The name of commitment number i: a to z, aa, ab, ... out has room for 3. */
extern void ledger_statement_name(unsigned i, char out[3]);

#endif							/* LEDGER_ZKP_STATEMENT_H */
