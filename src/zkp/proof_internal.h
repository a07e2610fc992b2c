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

/* ---- the transcript, step by step, the same for both sides ---------------------------- */

typedef struct
{
	ledger_scalar rho, e;
} ledger_sigma_challenges;

typedef struct
{
	ledger_scalar y, z, x, w;
	ledger_scalar u[LEDGER_MAX_ROUNDS];
} ledger_range_challenges;

/* Each hears the part of the proof that its name says, then draws what follows from it. */
extern void ledger_draw_rho(ledger_transcript *t, ledger_sigma_challenges *c);
extern void ledger_hear_first(ledger_transcript *t, const ledger_proof_shape *shape, const uint8_t *proof,
							  ledger_sigma_challenges *c);
extern void ledger_hear_answers(ledger_transcript *t, const ledger_proof_shape *shape, const uint8_t *proof);
extern void ledger_hear_bits(ledger_transcript *t, const ledger_proof_shape *shape, const uint8_t *proof,
							 ledger_range_challenges *c);
extern void ledger_hear_polynomial(ledger_transcript *t, const ledger_proof_shape *shape,
								   const uint8_t *proof, ledger_range_challenges *c);
extern void ledger_hear_values(ledger_transcript *t, const ledger_proof_shape *shape, const uint8_t *proof,
							   ledger_range_challenges *c);
extern void ledger_hear_half(ledger_transcript *t, const ledger_proof_shape *shape, const uint8_t *proof,
							 unsigned round, ledger_range_challenges *c);
extern void ledger_hear_ends(ledger_transcript *t, const ledger_proof_shape *shape, const uint8_t *proof);

/* ---- the prover's side ---------------------------------------------------------------- */

/* The secrets of a product group, its products combined by rho. */
typedef struct
{
	ledger_scalar x,			/* the left factor, opened */
		rx, y,					/* the combined right factor */
		ry, p, rp, alpha, beta, gamma;
} ledger_group_secrets;

/*
 * The vectors of the ranges, one block of memory behind them. Only our own places
 * are filled until ledger_range_fold().
 */
typedef struct
{
	void	   *block;
	size_t		size;
	unsigned	n;
	unsigned	nplaces;		/* that are ours */
	uint32_t   *place;			/* the list of them */
	uint8_t	   *bit;			/* aL; aR is aL - 1 */
	ledger_scalar *sl, *sr, *l, /* first l0, then l(x), then folded */
		*r, *zeta, *g,			/* what each G_i, H_i was multiplied with by now */
		*h, *k;					/* multiples of generators */
	ledger_scalar alpha, rho, tau1, tau2;
} ledger_range_secrets;

/*
 * A prover makes its share of each part in turn and writes it where the part
 * stands in the proof. One who knows all openings has the whole proof then;
 * several add their shares up before the next step (joint.c).
 */
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
	bool		my_value[LEDGER_MAX_VALUES];	/* whose blindings are ours to answer for in zeros */
	bool		my_group[LEDGER_STATEMENT_MAX_CLAIMS];
	bool		my_range[LEDGER_STATEMENT_MAX_CLAIMS];
	bool		my_padding;
	ledger_sigma_challenges sigma;
	ledger_range_challenges ch;
	ledger_scalar zero_nonce, zero_secret;
	ledger_group_secrets group[LEDGER_STATEMENT_MAX_CLAIMS];
	ledger_range_secrets range;
	uint8_t	   *proof;
	bool		failed;
} ledger_prover;

/* Everything but the secrets, all parts being the prover's own. False when out of memory. */
extern bool ledger_prover_init(ledger_prover *p, const ledger_statement *s, ledger_suite suite,
							   uint8_t *proof);
extern void ledger_prover_free(ledger_prover *p);

/* Takes over opening i after looking whether it is that of c[i]. */
extern bool ledger_prover_open(ledger_prover *p, unsigned i, const ledger_commitment *c,
							   const ledger_opening *open);

/* The key of all nonces, from everything that is known; open[i] is looked at where known[i]. */
extern void ledger_prover_seed(ledger_prover *p, const ledger_commitment *c, const bool *known,
							   const ledger_opening *open, const void *context, size_t contextlen,
							   const uint8_t seed[LEDGER_SEED_LEN]);

/*
 * FALSE or DIVISION where a zero, product or divisor whose variables are all known, helpers
 * included, is not as the statement says. Ranges say so themselves.
 */
extern ledger_proof_status ledger_prover_check(const ledger_prover *p, const bool *known);

/* Helper i: value, blinding, commitment. FALSE where it has no value. */
extern ledger_proof_status ledger_prove_helper(ledger_prover *p, unsigned i);

extern void ledger_nonce(ledger_prover *p, ledger_scalar *r);

/* v G + r H into 33 bytes of the proof */
extern void ledger_put_commitment(ledger_prover *p, const ledger_scalar *v, const ledger_scalar *r,
								  size_t offset);

/* The value of a form from those of its variables; for blindings the constant is left out. */
extern void ledger_linear_value(const ledger_statement *s, const ledger_curve *curve, const ledger_linear *x,
								const ledger_scalar *of, bool with_constant, ledger_scalar *r);

/* The shares of R, T1 and T2; of the answers. */
extern void ledger_sigma_first(ledger_prover *p);
extern void ledger_sigma_answer(ledger_prover *p);

/* Of A and S: FALSE where a value is outside of its range. Of T1, T2. Of t, taux, mu, l and r. */
extern ledger_proof_status ledger_range_bits(ledger_prover *p);
extern void ledger_range_polynomial(ledger_prover *p);
extern void ledger_range_values(ledger_prover *p);

/* All halvings and the ends, with l and r complete; needs no secret. False when out of memory. */
extern bool ledger_range_fold(ledger_prover *p);

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

/* point and scalar are the decoded ones of that part, in the order of the proof. */
extern void ledger_sigma_equations(ledger_equation *e, ledger_verifier *v, const ledger_sigma_challenges *c,
								   const ledger_affine *point, const ledger_scalar *scalar);
extern bool ledger_range_equations(ledger_equation *e, ledger_verifier *v, const ledger_range_challenges *c,
								   const ledger_affine *point, const ledger_scalar *scalar);

#endif							/* LEDGER_ZKP_PROOF_INTERNAL_H */
