/*
 * zkp/proof_internal.h
 *		What the parts of a proof share and nobody else sees.
 */
#ifndef LEDGER_ZKP_PROOF_INTERNAL_H
#define LEDGER_ZKP_PROOF_INTERNAL_H

#include "zkp/proof.h"
#include "zkp/transcript.h"

#define LEDGER_MAX_ROUNDS 8		/* 512 bits to 2 */
#define LEDGER_MAX_LAST 3
#define LEDGER_MAX_VALUES (LEDGER_STATEMENT_MAX_VARS + LEDGER_STATEMENT_MAX_HELPERS)

/* Where the parts of a proof of one statement begin. */
typedef struct
{
	unsigned	bits;			/* places of the range vectors: the ranges, padded to 2^k or 3 * 2^k */
	unsigned	rounds;			/* halvings of the inner product */
	unsigned	last;			/* 2 or 3 places that are left then */
	size_t		helpers;
	size_t		first;			/* R and each T1, T2 */
	size_t		answers;		/* s and each z1, z2, z3 */
	size_t		range;			/* A, S, T1, T2 */
	size_t		folded;			/* t, taux, mu */
	size_t		halvings;		/* each L, R */
	size_t		ends;			/* a, b */
	size_t		len;
} ledger_proof_shape;

extern void ledger_proof_shape_of(const ledger_statement *s, ledger_proof_shape *shape);

/* The transcript up to and with the helper commitments. */
extern void ledger_proof_begin(ledger_transcript *t, const ledger_statement *s,
							   const ledger_commitment *commitments, const void *context, size_t contextlen,
							   const ledger_proof_shape *shape, const uint8_t *proof);

/* Items of equal label that stand one after the other in the proof. */
extern void ledger_absorb_points(ledger_transcript *t, const char *label, const uint8_t *p, unsigned n);
extern void ledger_absorb_scalars(ledger_transcript *t, const char *label, const uint8_t *p, unsigned n);

/* ---- the prover's side ---------------------------------------------------------------- */

typedef struct
{
	const ledger_statement *s;
	const ledger_generators *g;
	const ledger_curve *curve;
	ledger_proof_shape shape;
	ledger_transcript transcript;
	ledger_hasher *hasher;		/* for nonces; the transcript has one of its own */
	uint8_t		nonce_key[LEDGER_HASH_LEN];
	uint32_t	nonces;			/* drawn so far */
	ledger_scalar value[LEDGER_MAX_VALUES]; /* of commitments, then of helpers */
	ledger_scalar blinding[LEDGER_MAX_VALUES];
	uint8_t	   *proof;
	bool		failed;
} ledger_prover;

extern void ledger_nonce(ledger_prover *p, ledger_scalar *r);

/* v G + r H into 33 bytes of the proof */
extern void ledger_put_commitment(ledger_prover *p, const ledger_scalar *v, const ledger_scalar *r,
								  size_t offset);

/* The value of a form from those of its variables; for blindings the constant is left out. */
extern void ledger_linear_value(const ledger_statement *s, const ledger_curve *curve, const ledger_linear *x,
								const ledger_scalar *of, bool with_constant, ledger_scalar *r);

extern void ledger_sigma_prove(ledger_prover *p);
extern ledger_proof_status ledger_range_prove(ledger_prover *p);

/* ---- the verifier's side -------------------------------------------------------------- */

/*
 * A sum of multiples of points that is the identity where all proofs hold:
 * multiples of the generators, and of points that only one proof has.
 */
typedef struct
{
	const ledger_generators *g;
	const ledger_curve *curve;
	size_t		nfixed;			/* places of fixed that are used */
	ledger_scalar *fixed;
	size_t		n, room;
	ledger_scalar *k;
	ledger_affine *point;
} ledger_equation;

/* One proof, decoded. */
typedef struct
{
	ledger_proof_check *check;
	ledger_proof_shape shape;
	ledger_transcript transcript;
	ledger_scalar weight;		/* of the next equation */
	ledger_scalar step;			/* from one to the next */
	ledger_scalar commitment_k[LEDGER_MAX_VALUES];	/* multiples of commitments and helpers */
} ledger_verifier;

/* The weight of the equation that begins now, another one each time. */
extern void ledger_next_weight(ledger_verifier *v, ledger_scalar *w);

/* An empty sum over generators for so many places; false when out of memory. Freed in both cases. */
extern bool ledger_equation_init(ledger_equation *e, ledger_suite suite, unsigned bits);
extern void ledger_equation_free(ledger_equation *e);

/* Room for n more points. */
extern bool ledger_equation_reserve(ledger_equation *e, size_t n);

/* OK where the sum is the identity, else FALSE; MEMORY. */
extern ledger_proof_status ledger_equation_verdict(const ledger_equation *e);

extern void ledger_equation_fixed(ledger_equation *e, size_t place, const ledger_scalar *k);
extern void ledger_equation_point(ledger_equation *e, const ledger_scalar *k, const ledger_affine *point);

/* k times the commitment that a form stands for */
extern void ledger_equation_linear(ledger_equation *e, ledger_verifier *v, const ledger_scalar *k,
								   const ledger_linear *x);

/* r += a b */
extern void ledger_scalar_addmul(const ledger_curve *c, ledger_scalar *r, const ledger_scalar *a,
								 const ledger_scalar *b);

/* The challenges of each part; then, with the weights known, what it adds to the equation. */
typedef struct
{
	ledger_scalar rho, e;
} ledger_sigma_challenges;

typedef struct
{
	ledger_scalar y, z, x, w;
	ledger_scalar u[LEDGER_MAX_ROUNDS];
} ledger_range_challenges;

extern void ledger_sigma_replay(ledger_transcript *t, const ledger_statement *s,
								const ledger_proof_shape *shape, const uint8_t *proof,
								ledger_sigma_challenges *c);
extern void ledger_range_replay(ledger_transcript *t, const ledger_proof_shape *shape, const uint8_t *proof,
								ledger_range_challenges *c);

/* point and scalar are the decoded ones of that part, in the order of the proof. */
extern void ledger_sigma_equations(ledger_equation *e, ledger_verifier *v, const ledger_sigma_challenges *c,
								   const ledger_affine *point, const ledger_scalar *scalar);
extern bool ledger_range_equations(ledger_equation *e, ledger_verifier *v, const ledger_range_challenges *c,
								   const ledger_affine *point, const ledger_scalar *scalar);

#endif							/* LEDGER_ZKP_PROOF_INTERNAL_H */
