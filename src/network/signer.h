/*
 * network/signer.h
 *		The sealer's private key: where it comes from, and whether it may be used.
 */
#ifndef LEDGER_SIGNER_H
#define LEDGER_SIGNER_H

#include "compat.h"

#include "chain/seal.h"
#include "chain/shmem.h"
#include "crypto/key.h"

typedef struct LedgerSigner LedgerSigner;

/* Lives in context; the key is read when it is first needed. */
extern LedgerSigner *ledger_signer_new(MemoryContext context, LedgerDbSlot *slot);

/*
 * The key to sign the chain's next checkpoint with; NULL while there is none, and
 * the reason is in the slot's sign_problem and, once, in the log. Enters the
 * chain's first key by a KEY entry, in a transaction of its own; the key can be
 * used when that is sealed.
 */
extern const ledger_key *ledger_signer_key(LedgerSigner *signer, LedgerSealer *sealer);

/* Nothing is signed, for another reason. */
extern void ledger_signer_refuse(LedgerSigner *signer, const char *message, const char *hint);

#endif							/* LEDGER_SIGNER_H */
