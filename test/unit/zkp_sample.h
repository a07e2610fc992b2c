/*
 * test/unit/zkp_sample.h
 *		A statement, commitments that are opened, and a proof, for the tests of proofs.
 *
 * Everything is drawn from one seed, so that a failure is seen again; LEDGER_SEED
 * and LEDGER_SEEDS choose another one and how many cases are tried.
 */
#ifndef LEDGER_TEST_ZKP_SAMPLE_H
#define LEDGER_TEST_ZKP_SAMPLE_H

#include "harness.h"
#include "zkp/proof_internal.h"

#define MAX_PROOF 16384

static const ledger_suite suites[2] = {LEDGER_SUITE_STD, LEDGER_SUITE_GM};

typedef struct
{
	ledger_statement *s;
	const ledger_curve *curve;
	ledger_suite suite;
	unsigned	n;
	ledger_opening open[LEDGER_STATEMENT_MAX_VARS];
	ledger_commitment c[LEDGER_STATEMENT_MAX_VARS];
	const void *context;
	size_t		contextlen;
	size_t		len;
	uint8_t		proof[MAX_PROOF];
} sample;

static uint64_t draw = 20180518;

/* How many random cases; usual unless LEDGER_SEEDS asks for more. */
static inline long
cases(long usual)
{
	const char *seeds = getenv("LEDGER_SEEDS");
	long		n = seeds != NULL ? atol(seeds) : 0;

	return n > usual ? n : usual;
}

/* To be called first: the seed of LEDGER_SEED, which is printed where it is not the usual one. */
static inline void
begin_draw(void)
{
	const char *seed = getenv("LEDGER_SEED");

	/* so that what is printed before an abort() is seen */
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (seed != NULL && atol(seed) > 1)
	{
		draw ^= (uint64_t) atol(seed) << 32;
		printf("# LEDGER_SEED=%s\n", seed);
	}
}

static inline ledger_statement *
parsed(const char *text)
{
	ledger_statement_error error;
	ledger_statement *s = ledger_statement_parse(text, strlen(text), &error);

	if (s == NULL)
	{
		printf("# \"%s\" at %zu: %s\n", text, error.position, error.message);
		abort();
	}
	return s;
}

static inline void
random_scalar(const ledger_curve *curve, ledger_scalar *r)
{
	uint8_t		wide[64];

	random_bytes(&draw, wide, sizeof(wide));
	ledger_scalar_reduce(curve, wide, r);
}

/* v G + r H */
static inline void
pedersen(ledger_suite suite, const ledger_scalar *v, const ledger_scalar *r, ledger_affine *a)
{
	ledger_pedersen(ledger_generators_of(suite, 0), v, r, a);
}

/* Commitment number i to a value, with a new blinding. */
static inline void
commit(sample *p, unsigned i, ledger_int value)
{
	ledger_scalar v;

	p->open[i].value = value;
	random_scalar(p->curve, &p->open[i].blinding);
	ledger_scalar_int(p->curve, value, &v);
	p->c[i].suite = p->suite;
	p->c[i].scale = p->s->scale;
	pedersen(p->suite, &v, &p->open[i].blinding, &p->c[i].point);
}

/* A commitment to what is no number of SQL: any scalar. */
static inline void
commit_scalar(sample *p, unsigned i, const ledger_scalar *v)
{
	commit(p, i, 0);
	pedersen(p->suite, v, &p->open[i].blinding, &p->c[i].point);
}

/* A statement and commitments to the values, of which there are enough. No proof yet. */
static inline sample *
sample_new(ledger_suite suite, const char *text, const ledger_int *values)
{
	sample	   *p = (sample *) calloc(1, sizeof(*p));

	if (p == NULL)
		abort();
	p->s = parsed(text);
	p->suite = suite;
	p->curve = ledger_curve_of(suite);
	p->n = p->s->nvars;
	p->context = "context";
	p->contextlen = 7;
	p->len = ledger_proof_len(p->s);
	if (p->len > MAX_PROOF)
		abort();
	for (unsigned i = 0; i < p->n; i++)
		commit(p, i, values[i]);
	return p;
}

static inline void
sample_free(sample *p)
{
	ledger_statement_free(p->s);
	free(p);
}

static inline ledger_proof_status
prove(sample *p)
{
	uint8_t		seed[LEDGER_SEED_LEN];
	unsigned	which;

	random_bytes(&draw, seed, sizeof(seed));
	return ledger_prove(p->s, p->n, p->c, p->open, p->context, p->contextlen, seed, p->proof, &which);
}

static inline ledger_proof_check
check_of(const sample *p)
{
	ledger_proof_check check = {p->s,		   p->n,	 p->c,	 p->context,
								p->contextlen, p->proof, p->len, LEDGER_PROOF_OK};

	return check;
}

static inline ledger_proof_status
verify(const sample *p)
{
	ledger_proof_check check = check_of(p);

	return ledger_proof_verify(&check);
}

/* sample_new with a proof, which must be possible */
static inline sample *
sample_proven(ledger_suite suite, const char *text, const ledger_int *values)
{
	sample	   *p = sample_new(suite, text, values);
	ledger_proof_status status = prove(p);

	if (status != LEDGER_PROOF_OK)
	{
		printf("# \"%s\": %s\n", text, ledger_proof_status_text(status));
		abort();
	}
	return p;
}

/* ---- what the claims come to, without a proof ----------------------------------------- */

/* A form over values, and modulo the group order. */
static inline void
form_value(const ledger_statement *s, const ledger_curve *curve, const ledger_linear *x,
		   const ledger_scalar *value, ledger_scalar *r)
{
	ledger_scalar coef;

	ledger_scalar_int(curve, x->constant, r);
	for (uint32_t i = 0; i < x->nterms; i++)
	{
		ledger_scalar_int(curve, s->terms[x->first + i].coef, &coef);
		ledger_scalar_mul(curve, &coef, &value[s->terms[x->first + i].var], &coef);
		ledger_scalar_add(curve, r, &coef, r);
	}
}

/* The helpers of values as an honest prover finds them. */
static inline void
helper_values(const ledger_statement *s, const ledger_curve *curve, ledger_scalar *value)
{
	for (unsigned i = 0; i < s->nhelpers; i++)
	{
		ledger_scalar x, y;
		uint8_t		bytes[LEDGER_SCALAR_LEN];

		form_value(s, curve, &s->helpers[i].x, value, &x);
		form_value(s, curve, &s->helpers[i].y, value, &y);
		if (s->helpers[i].kind == LEDGER_HELPER_PRODUCT)
			ledger_scalar_mul(curve, &x, &y, &value[s->nvars + i]);
		else if (s->helpers[i].kind == LEDGER_HELPER_INVERSE)
			ledger_scalar_invert(curve, &x, &value[s->nvars + i]);
		else
		{
			ledger_scalar_encode(curve, &x, bytes);
			ledger_scalar_int(curve, bytes[0] >= 0x80 ? -1 : 1, &value[s->nvars + i]);
		}
	}
}

static inline void
all_values(const ledger_statement *s, const ledger_curve *curve, const ledger_int *values,
		   ledger_scalar *value)
{
	for (unsigned i = 0; i < s->nvars; i++)
		ledger_scalar_int(curve, values[i], &value[i]);
	helper_values(s, curve, value);
}

static inline bool
in_range(const ledger_curve *curve, const ledger_scalar *v, unsigned bits)
{
	uint8_t		bytes[LEDGER_SCALAR_LEN];

	ledger_scalar_encode(curve, v, bytes);
	for (unsigned t = bits; t < 256; t++)
		if ((bytes[31 - t / 8] >> (t % 8)) & 1)
			return false;
	return true;
}

/* Whether zeros, products and ranges hold for values modulo the group order. */
static inline bool
claims_hold_modulo(const ledger_statement *s, const ledger_curve *curve, const ledger_scalar *value)
{
	ledger_scalar x, y, p;

	for (unsigned i = 0; i < s->nzeros; i++)
	{
		form_value(s, curve, &s->zeros[i], value, &x);
		if (!ledger_scalar_is_zero(&x))
			return false;
	}
	for (unsigned i = 0; i < s->nproducts; i++)
	{
		form_value(s, curve, &s->products[i].x, value, &x);
		form_value(s, curve, &s->products[i].y, value, &y);
		form_value(s, curve, &s->products[i].p, value, &p);
		ledger_scalar_mul(curve, &x, &y, &x);
		if (!ledger_scalar_equal(&x, &p))
			return false;
	}
	for (unsigned i = 0; i < s->nranges; i++)
	{
		form_value(s, curve, &s->ranges[i].of, value, &x);
		if (!in_range(curve, &x, s->ranges[i].bits))
			return false;
	}
	return true;
}

static inline bool
claims_hold(const ledger_statement *s, const ledger_curve *curve, const ledger_int *values)
{
	ledger_scalar value[LEDGER_MAX_VALUES];

	all_values(s, curve, values, value);
	return claims_hold_modulo(s, curve, value);
}

#endif							/* LEDGER_TEST_ZKP_SAMPLE_H */
