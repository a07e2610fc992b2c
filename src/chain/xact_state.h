/*
 * chain/xact_state.h
 *		What this transaction has written to ledger tables.
 *
 * For each (table, schema version) a Merkle frontier and a row count, saved for
 * each subtransaction that touches it: O(log rows) memory. At PRE_COMMIT and
 * PRE_PREPARE one entry row for each part is inserted into ledger.entry.
 */
#ifndef LEDGER_XACT_STATE_H
#define LEDGER_XACT_STATE_H

#include "compat.h"

#include "chain/registry.h"
#include "core/entry.h"
#include "storage/itemptr.h"

typedef struct LedgerWrite LedgerWrite;

/* Register the transaction callbacks. Called once from _PG_init. */
extern void ledger_xact_init(void);

/* This transaction's ledger_tx, allocated at the first call. */
extern uint64 ledger_current_tx(void);

/* True once this transaction has something to enter into the chain. */
extern bool ledger_xact_touched(void);

/*
 * The write state of a table in this transaction, for the table's newest schema
 * version. Ereports when writing is not possible (55000: not preloaded, hot
 * standby, parallel worker, after PRE_COMMIT; 42501: retired table ...).
 */
extern LedgerWrite *ledger_write_begin(Relation rel);

/* The table, and the number the next row gets. */
extern const LedgerTable *ledger_write_table(const LedgerWrite *write);
extern uint32 ledger_write_next_seq(const LedgerWrite *write);

/* Append the next row: encodes with op 0 and hashes. */
extern void ledger_write_row(LedgerWrite *write, const Datum *values, const bool *isnull);

/* Append the next row of a versioned table. For op 2 values may be NULL. */
extern void ledger_write_version(LedgerWrite *write, uint8 op, uint64 prev_tx, uint32 prev_seq,
								 const Datum *values, const bool *isnull);

/* Tell where a row just appended landed (a hint for receipts and verify). */
extern void ledger_write_landed(LedgerWrite *write, ItemPointer tid);

/*
 * Number of the next part. The parts that PRE_COMMIT writes take theirs by
 * themselves; founding a chain inserts its genesis entry at once and takes part 0.
 */
extern uint16 ledger_xact_take_part(void);

/*
 * Add an entry of another type to this transaction: body is that of format.md
 * section 4; closed hides it. Ordered before the TX part. Undone with its
 * subtransaction.
 */
extern void ledger_xact_add_entry(uint8 type, const void *body, size_t len, bool closed);

#endif							/* LEDGER_XACT_STATE_H */
