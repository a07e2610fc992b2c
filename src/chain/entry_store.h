/*
 * chain/entry_store.h
 *		Rows of ledger.entry: written at PRE_COMMIT, read by sealer, verify and receipt.
 */
#ifndef LEDGER_ENTRY_STORE_H
#define LEDGER_ENTRY_STORE_H

#include "compat.h"

#include "access/htup.h"
#include "chain/registry.h"
#include "core/entry.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#define LEDGER_SEED_LEN LEDGER_ENTRY_SEED_LEN

/* Bytes of the columns of a row before the first one of variable length. */
#define LEDGER_ENTRY_FIXED_LEN 38

/* Local bytes of `extra`: the wrapper byte 01 (open) or 02 (closed), then the body; empty for TX of a chain of one. */

typedef struct LedgerEntryRow
{
	uint64		xid;			/* full transaction id */
	uint64		ord;
	uint64		ledger_tx;
	TimestampTz stamped_at;
	int16		chain_no;
	uint8		type;
	uint16		part;
	const char *role;			/* not terminated */
	uint32		role_len;
	const uint8 *seed;
	const uint8 *groups;		/* packed groups */
	uint32		groups_len;
	const uint8 *extra;
	uint32		extra_len;
} LedgerEntryRow;

/*
 * Insert one row near the end of the table, where the sealer looks for new ones
 * (docs/adr/0002). Sets the floor.
 */
extern void ledger_entry_insert(const LedgerEntryRow *row);

/* Read a tuple of ledger.entry, however damaged: NULL or what is wrong. Pointers go into the tuple. */
extern const char *ledger_entry_row_read(Relation entry, HeapTuple tuple, LedgerEntryRow *row);

/*
 * Rebuild the hashed entry (format.md section 4) into buf and give its length,
 * 0 when it cannot be rebuilt (damaged row; *problem then says why).
 * buf has room for LEDGER_ENTRY_MAX bytes.
 */
extern size_t ledger_entry_encode(const LedgerChain *chain, const LedgerEntryRow *row, uint8 *buf,
								  const char **problem);

/*
 * Rows rebuilt and hashed to their log leaves, many together, which is much faster
 * than one after the other. A batch lives in the memory context it was made in and
 * keeps nothing of a row. Each leaf is written at the latest by finish. add gives
 * false when the row cannot be rebuilt. After an ERROR of add, the entries added
 * before are still there.
 */
typedef struct LedgerEntryBatch LedgerEntryBatch;
extern LedgerEntryBatch *ledger_entry_batch_new(const LedgerChain *chain);
extern bool ledger_entry_batch_add(LedgerEntryBatch *batch, const LedgerEntryRow *row, uint8 *leaf,
								   const char **problem);
extern void ledger_entry_batch_finish(LedgerEntryBatch *batch);
extern void ledger_entry_batch_reset(LedgerEntryBatch *batch);
extern void ledger_entry_batch_free(LedgerEntryBatch *batch);

#endif							/* LEDGER_ENTRY_STORE_H */
