/*
 * zkp/joint.h
 *		Several owners prove one statement together; none shows its openings.
 *
 * Every party knows the openings of some commitments. They exchange messages in
 * rounds: each gives the message of its round to all others, and hears those of
 * all, its own included, before the next. After at most six rounds each of them
 * has the same proof, which looks like one that a single prover made.
 *
 * An equality is proven by all whose values are in it, each answering for its own
 * blinding. A range or a product needs one party that knows every value in it,
 * its difference or its factors; who that is follows from what the parties say
 * that they know (the first one that can).
 *
 * The share of R is fixed by its hash before anybody sees another one, and a
 * party answers one challenge only: after an error, or after the last round, its
 * secrets are gone. While the statement is true, what a party sends tells nothing
 * of its values. Where an equality between them fails, those who took part can
 * work out by how much: their answers come to a multiple of the difference, which
 * is small enough to be searched for.
 *
 *		message  = 'J' || 01 || round u8 || party u8 || payload
 *		round 1	   H(state after the transcript's beginning, helpers as zeros) || known[16], bit i
 *				   is byte i/8 >> i%8 || H(20 'J' 01 || that hash || party u8 || R[33])
 *		round 2	   the helpers that are ours
 *		round 3	   R[33] where there are zeros || T1 || T2 of groups that are ours
 *		round 4	   s || z1 || z2 || z3 likewise || A || S where there are ranges
 *		round 5	   T1 || T2
 *		round 6	   t || taux || mu || l[32] || r[32] of each place that is ours
 */
#ifndef LEDGER_ZKP_JOINT_H
#define LEDGER_ZKP_JOINT_H

#include "core/bytes.h"
#include "zkp/proof.h"

#define LEDGER_JOINT_MAX_PARTIES 16
#define LEDGER_JOINT_ROUNDS 6

typedef struct ledger_joint ledger_joint;

typedef enum
{
	LEDGER_JOINT_OK = 0,
	LEDGER_JOINT_DONE,			/* the proof is there */
	LEDGER_JOINT_PROOF,			/* the values or commitments: *proof says what is wrong with them */
	LEDGER_JOINT_MESSAGE,		/* message of party *which is damaged, of another round or party */
	LEDGER_JOINT_OTHER,			/* party *which speaks of another statement, context or commitments */
	LEDGER_JOINT_NOBODY,		/* nobody knows all values of some range or product, or value *which */
	LEDGER_JOINT_SHARE			/* party *which gives another R than it promised */
} ledger_joint_status;

/*
 * Begin as party me of n parties. known[i] says whether open[i] is ours. The
 * statement, and nothing else, has to outlive *joint, which the caller frees.
 */
extern ledger_joint_status ledger_joint_start(const ledger_statement *s, unsigned n,
											  const ledger_commitment *c, const bool *known,
											  const ledger_opening *open, const void *context,
											  size_t contextlen, unsigned me, unsigned parties,
											  const uint8_t seed[LEDGER_SEED_LEN], ledger_joint **joint,
											  ledger_proof_status *proof, unsigned *which);

/* What to send now; valid until the next call. */
extern ledger_slice ledger_joint_message(const ledger_joint *j);

/* All messages of this round, in the order of the parties. After anything but OK only free is left. */
extern ledger_joint_status ledger_joint_hear(ledger_joint *j, const ledger_slice *messages,
											 ledger_proof_status *proof, unsigned *which);

/* The finished proof, after DONE; ledger_proof_len() bytes. */
extern const uint8_t *ledger_joint_proof(const ledger_joint *j);

extern void ledger_joint_free(ledger_joint *j);

#endif							/* LEDGER_ZKP_JOINT_H */
