/*
 * chain/incarnation.h
 *		A chain that goes on in a new place or on a new timeline, by an operator's word.
 *
 * Nothing in a database tells whether another copy of it has signed more. The
 * last checkpoint that was published tells: a log that contains it goes on under
 * its origin, any other under a new one.
 */
#ifndef LEDGER_INCARNATION_H
#define LEDGER_INCARNATION_H

#include "compat.h"

#include "chain/registry.h"

/*
 * One at a time, until the end of the transaction; the sealer stands back from
 * its own INCARNATION entry meanwhile, and nobody founds a chain. What the
 * registry knows of the chain is read anew. Ereports 55000 where nothing can be
 * entered into a chain: not preloaded, ledger.restore on, a transaction that has
 * entries already.
 */
extern void ledger_incarnation_lock(void);

/* Say in the chain's row that it is signed in this database, under this origin. */
extern void ledger_chain_settle(const LedgerChain *chain, const char *origin);

/*
 * Begin a new incarnation of the chain in this database: its INCARNATION entry,
 * which names the log that it continues, and the chain's row. checkpoint, a
 * signed note, keeps the origin; NULL begins a new one. reason is one of
 * LEDGER_INCARNATION_* (core/body.h). Gives the origin. Ereports 22023 when the
 * log does not continue the checkpoint.
 */
extern char *ledger_incarnation_begin(const LedgerChain *chain, const text *checkpoint, uint32 reason);

#endif							/* LEDGER_INCARNATION_H */
