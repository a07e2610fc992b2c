/*
 * zkp/commitment.h
 *		Pedersen commitments: C = v G + r H (Pedersen, CRYPTO '91).
 *
 * v is an amount times 10^scale, of either sign; r is a secret scalar. Whoever
 * does not know r learns nothing of v; nobody can open C to two values without
 * finding a relation between G and H. The bytes, 35 of them:
 *
 *		suite u8 || scale u8 || point[33], compressed; 33 zeros for the identity
 *
 * The identity is the sum of commitments that cancel; it hides nothing, so no
 * proof about it is made or accepted.
 */
#ifndef LEDGER_ZKP_COMMITMENT_H
#define LEDGER_ZKP_COMMITMENT_H

#include "core/status.h"
#include "zkp/generators.h"

#define LEDGER_COMMITMENT_LEN (2 + LEDGER_POINT_LEN)
#define LEDGER_BLINDING_LEN LEDGER_SCALAR_LEN

typedef struct
{
	ledger_suite suite;
	unsigned	scale;
	ledger_affine point;
} ledger_commitment;

/* LEDGER_OK, or BAD_VALUE for an unknown suite, a scale above LEDGER_STATEMENT_MAX_SCALE or no point. */
extern ledger_status ledger_commitment_decode(const uint8_t *in, size_t len, ledger_commitment *c);
extern void ledger_commitment_encode(const ledger_commitment *c, uint8_t out[LEDGER_COMMITMENT_LEN]);

/* v modulo the group order, in constant time. |v| < LEDGER_INT_LIMIT. */
extern void ledger_scalar_int(const ledger_curve *curve, ledger_int v, ledger_scalar *r);

/* The point of v and r, in constant time. */
extern void ledger_pedersen(const ledger_generators *g, const ledger_scalar *v, const ledger_scalar *r,
							ledger_affine *c);

#endif							/* LEDGER_ZKP_COMMITMENT_H */
