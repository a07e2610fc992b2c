/*
 * zkp/generators.h
 *		The points that commitments and proofs are made of.
 *
 * G is the suite's standard generator. The others are hashed to the curve, so
 * nobody knows a relation between any of them:
 *
 *		point(k) = the first point with an even y and x = H(20 'G' 01 || u32 k || u32 ctr),
 *				   ctr = 0, 1, 2, ..., x below p and on the curve
 *
 * k = 0 is H, the base of blindings; k = 1 is U, the base of inner products;
 * k = 2 + 2i and 3 + 2i are G_i and H_i, the bases of bit i of a range.
 */
#ifndef LEDGER_ZKP_GENERATORS_H
#define LEDGER_ZKP_GENERATORS_H

#include "crypto/curve.h"
#include "crypto/hash.h"
#include "zkp/statement.h"

/* Places in ledger_generators.point, the same in the table of multiples. */
#define LEDGER_GEN_G 0
#define LEDGER_GEN_H 1
#define LEDGER_GEN_U 2
#define LEDGER_GEN_VECTOR(i) (3 + 2 * (i))	/* G_i; H_i follows */

#define LEDGER_GEN_MAX (LEDGER_GEN_VECTOR(LEDGER_STATEMENT_MAX_BITS))

typedef struct
{
	const ledger_curve *curve;
	unsigned	bits;			/* how many G_i, H_i there are */
	size_t		npoints;
	ledger_affine *point;		/* npoints of them */
	ledger_fixed *table;		/* multiples of the same */
	ledger_comb *h;				/* of H */
} ledger_generators;

/*
 * Generators for ranges of at least bits bits, at most LEDGER_STATEMENT_MAX_BITS.
 * Made on first use (some ms) and kept for the life of the process; not to be
 * called by two threads at once. NULL when out of memory.
 */
extern const ledger_generators *ledger_generators_of(ledger_suite suite, unsigned bits);

/* H(20 'D' 01 || every point from G to H_511, compressed): what a transcript says of its generators. */
extern const uint8_t *ledger_generators_digest(ledger_suite suite);

#endif							/* LEDGER_ZKP_GENERATORS_H */
