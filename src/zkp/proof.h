/*
 * zkp/proof.h
 *		Making and checking the proof of a statement about commitments.
 *
 * The parts that a statement needs stand in one proof under one transcript:
 *
 *		'P' || 01 || suite u8
 *		|| helper[33], one for each helper of the statement
 *		|| zeros:    R[33]
 *		|| products: T1[33] || T2[33], for each group
 *		|| zeros:    s[32]
 *		|| products: z1[32] || z2[32] || z3[32], for each group
 *		|| ranges:   A[33] || S[33] || T1[33] || T2[33] || t[32] || taux[32] || mu[32]
 *		             || L[33] || R[33], for each round || a[32] times k || b[32] times k
 *
 * Points are compressed and not the identity, scalars big-endian and below n. A
 * part that the statement has no use for is absent, so the length follows from
 * the statement. docs/format.md section 10 has the equations, docs/proofs.md why
 * they are enough.
 */
#ifndef LEDGER_ZKP_PROOF_H
#define LEDGER_ZKP_PROOF_H

#include "zkp/commitment.h"
#include "zkp/statement.h"

#define LEDGER_PROOF_HEAD_LEN 3
#define LEDGER_SEED_LEN 32

typedef enum
{
	LEDGER_PROOF_OK = 0,
	LEDGER_PROOF_FALSE,			/* prove: the values do not satisfy the statement; verify: not proven */
	LEDGER_PROOF_COUNT,			/* not as many commitments as the statement speaks of */
	LEDGER_PROOF_SUITE,			/* commitments of both suites */
	LEDGER_PROOF_SCALE,			/* a commitment of another scale than the statement's */
	LEDGER_PROOF_IDENTITY,		/* a commitment that hides nothing */
	LEDGER_PROOF_OPENING,		/* an opening that is not the commitment's */
	LEDGER_PROOF_DIVISION,		/* a divisor is zero */
	LEDGER_PROOF_MEMORY			/* no memory, or libcrypto refused */
} ledger_proof_status;

/* The secret behind a commitment. Wiped by its owner. */
typedef struct
{
	ledger_int	value;			/* times 10^scale */
	ledger_scalar blinding;
} ledger_opening;

/* Bytes of every proof of the statement. */
extern size_t ledger_proof_len(const ledger_statement *s);

/*
 * A proof for n commitments with their openings, in constant time but for what
 * the statement and the result say. seed is fresh from a random generator; the
 * nonces depend on it and on every input, so that a repeated seed gives away
 * nothing. out has room for ledger_proof_len() and holds zeros after a failure.
 * *which is the commitment that an error speaks of.
 */
extern ledger_proof_status ledger_prove(const ledger_statement *s, unsigned n, const ledger_commitment *c,
										const ledger_opening *open, const void *context, size_t contextlen,
										const uint8_t seed[LEDGER_SEED_LEN], uint8_t *out, unsigned *which);

/* One proof to check. The caller keeps everything it points to. */
typedef struct
{
	const ledger_statement *statement;
	unsigned	n;
	const ledger_commitment *commitments;
	const void *context;
	size_t		contextlen;
	const uint8_t *proof;
	size_t		prooflen;
	ledger_proof_status status; /* the answer */
} ledger_proof_check;

/* The answer of this one, from its arguments alone. */
extern ledger_proof_status ledger_proof_verify(ledger_proof_check *check);

/*
 * The same answers for many, faster: one equation for all, taken apart only when
 * it fails. False, and no answers, when out of memory.
 */
extern bool ledger_proof_verify_batch(size_t n, ledger_proof_check *checks);

/*
 * COUNT, SUITE, SCALE or IDENTITY where no proof of the statement can be about these
 * commitments, else OK. *which is the one that an error speaks of.
 */
extern ledger_proof_status ledger_proof_check_commitments(const ledger_statement *s, unsigned n,
														  const ledger_commitment *c, unsigned *which);

/* A sentence part in lower case without full stop. Never NULL. */
extern const char *ledger_proof_status_text(ledger_proof_status status);

#endif							/* LEDGER_ZKP_PROOF_H */
