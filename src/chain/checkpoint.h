/*
 * chain/checkpoint.h
 *		Signing the newest block: rows of ledger.checkpoint.
 */
#ifndef LEDGER_CHECKPOINT_H
#define LEDGER_CHECKPOINT_H

#include "compat.h"

#include "chain/seal.h"
#include "core/checkpoint.h"
#include "crypto/key.h"

/* The member that a chain of one signs as. */
#define LEDGER_SOLO_MEMBER 0

/* Room for the note of a chain of one and a zero byte. */
#define LEDGER_NOTE_MAX (LEDGER_NOTE_TEXT_MAX + LEDGER_NOTE_LINE_MAX + 2)

/*
 * Sign the newest block of the sealer and store the note, in a transaction of
 * its own. The block must be durable, and key be the member's. thin removes the
 * checkpoint of size replaces if it was never published. The note, terminated,
 * is left in note.
 */
extern void ledger_checkpoint_sign(const LedgerSealer *sealer, const ledger_key *key, uint64 replaces,
								   bool thin, char note[LEDGER_NOTE_MAX]);

/* The stored note of that size, terminated; empty when there is none. In a transaction of its own. */
extern void ledger_checkpoint_load(const LedgerSealer *sealer, uint64 size, char note[LEDGER_NOTE_MAX]);

/* Note that a checkpoint was published outside. In a transaction of its own. */
extern void ledger_checkpoint_published(const LedgerSealer *sealer, uint64 size);

/*
 * Is this note a checkpoint of our log? Checks the origin, the signature by a
 * key the chain has or had, and that the log had that root at that size. Needs
 * an active snapshot. *problem is a palloc'd sentence when it is not.
 */
extern bool ledger_checkpoint_is_ours(const LedgerChain *chain, const char *note, size_t len,
									  ledger_tree_head *head, char **problem);

#endif							/* LEDGER_CHECKPOINT_H */
