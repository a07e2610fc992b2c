/*
 * chain/found.h
 *		Founding the chain of a database, and entries that are inserted at once.
 */
#ifndef LEDGER_FOUND_H
#define LEDGER_FOUND_H

#include "compat.h"

#include "chain/registry.h"
#include "core/body.h"
#include "crypto/suite.h"

/*
 * Found a chain of one as part of this transaction: a row in ledger.chain, the
 * genesis entry, the first row of ledger.incarnation. A second session waits
 * here for the first one's transaction and then gets that chain; *founded,
 * unless NULL, tells. Ereports 0A000 in a SQL_ASCII database, 55000 without the
 * library preloaded.
 */
extern const LedgerChain *ledger_found_chain(ledger_suite suite, bool *founded);

/*
 * The founder's name, which is also that of its key: the database's, in the
 * characters that a key name may have. Terminated.
 */
extern void ledger_founder_name(char name[LEDGER_MEMBER_NAME_MAX + 1]);

/*
 * Insert an entry of this transaction now instead of at PRE_COMMIT, open, with
 * the given order number: for the genesis entry, whose bytes give the chain its
 * id, and for INCARNATION, which goes before everything of its incarnation.
 * chain_id (out, may be NULL) is what the entry as a genesis entry would found.
 */
extern void ledger_enter_now(const LedgerChain *chain, uint8 type, const void *body, size_t len, uint64 ord,
							 uint8 chain_id[16]);

/* A row of ledger.incarnation, for this system and timeline. */
extern void ledger_incarnation_insert(const LedgerChain *chain, uint32 incarnation, uint32 reason);

/* "start" ... "fork" */
extern const char *ledger_incarnation_reason_name(uint32 reason);

#endif							/* LEDGER_FOUND_H */
