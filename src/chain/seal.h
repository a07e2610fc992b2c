/*
 * chain/seal.h
 *		From committed entries to blocks: gap-free and exactly once.
 *
 * Used by the one sealer process of a database. Its durable state is the newest
 * row of ledger.block; the rest is kept in a LedgerSealer and rebuilt from the
 * tables after a restart.
 */
#ifndef LEDGER_SEAL_H
#define LEDGER_SEAL_H

#include "compat.h"

#include "chain/member_list.h"
#include "chain/registry.h"

typedef struct LedgerSealer LedgerSealer;

/* Why nothing is sealed, or nothing is signed. */
typedef enum LedgerIdentity
{
	LEDGER_IDENTITY_OURS,		/* seal and sign */
	LEDGER_IDENTITY_TIMELINE,	/* promoted, or restored to a point in time, since: seal, do not sign */
	LEDGER_IDENTITY_COPY,		/* another system or database: neither */
	LEDGER_IDENTITY_NONE		/* no chain */
} LedgerIdentity;

/*
 * Is this the place where the chain may be signed? Needs a transaction. *why, if
 * wanted, is a palloc'd sentence for the log and health_check().
 */
extern LedgerIdentity ledger_chain_identity(const LedgerChain *chain, char **why);

/* What an operator does where it is not: a hint. */
extern const char *ledger_chain_identity_remedy(const LedgerChain *chain);

/*
 * The state of the active chain, in a context of its own below parent; NULL
 * without a chain. Runs a transaction. careful: after an ERROR, see
 * chain/seal_block.c. ledger_sealer_close() frees it.
 */
extern LedgerSealer *ledger_sealer_open(MemoryContext parent, bool careful);
extern void ledger_sealer_close(LedgerSealer *sealer);

/*
 * Seal everything that is committed now, in one transaction. *sealed is the
 * number of entries. False when the chain is no longer the one that was opened:
 * close and open again. After an ERROR the state is not to be used again.
 */
extern bool ledger_sealer_tick(LedgerSealer *sealer, uint64 *sealed);

/* Entries seen that are neither committed nor aborted: of prepared transactions, mostly. */
extern int ledger_sealer_pending(const LedgerSealer *sealer);

extern const LedgerChain *ledger_sealer_chain(const LedgerSealer *sealer);
extern const LedgerMembers *ledger_sealer_members(const LedgerSealer *sealer);

/* Leaves in blocks, the root over them, the newest block's height and hash. Size 0 without a block. */
extern uint64 ledger_sealer_size(const LedgerSealer *sealer);
extern uint64 ledger_sealer_height(const LedgerSealer *sealer);
extern void ledger_sealer_root(const LedgerSealer *sealer, uint8 root[32], uint8 block_hash[32]);

#endif							/* LEDGER_SEAL_H */
