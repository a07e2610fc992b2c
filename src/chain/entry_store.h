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

/* Read a tuple of ledger.entry. Pointers go into the tuple; false when it is damaged. */
extern bool ledger_entry_row_read(TupleDesc desc, HeapTuple tuple, LedgerEntryRow *row);

/*
 * Rebuild the hashed entry (format.md section 4) into buf and give its length,
 * 0 when it cannot be rebuilt (damaged row; *problem then says why).
 * buf has room for LEDGER_ENTRY_MAX bytes.
 */
extern size_t ledger_entry_encode(const LedgerChain *chain, const LedgerEntryRow *row, uint8 *buf,
								  const char **problem);

/* The same, hashed to the log leaf; false when it cannot be rebuilt. */
extern bool ledger_entry_leaf(const LedgerChain *chain, const LedgerEntryRow *row, uint8 leaf[32],
							  const char **problem);

#endif							/* LEDGER_ENTRY_STORE_H */
