/*
 * chain/receipt.h
 *		Receipts, consistency proofs and tiles, made from the tables.
 *
 * What they are is described in docs/format.md, sections 5 and 7; core/receipt.h
 * writes and checks the texts. Everything here needs an active snapshot and
 * ereports when it cannot be done. Results are palloc'd.
 */
#ifndef LEDGER_RECEIPT_MAKE_H
#define LEDGER_RECEIPT_MAKE_H

#include "compat.h"

#include "core/checkpoint.h"

/*
 * The receipt of one row, under the newest checkpoint. 42809 for a relation that
 * is no ledger table, P0002 for a row that is not there, 55000 while it is not
 * signed for, XX001 when the stored rows are not what was sealed. Checks no
 * privilege.
 */
extern char *ledger_receipt_make(Oid relid, uint64 ledger_tx, uint32 ledger_seq);

/* The consistency file between two sizes of the log. 22023 unless from <= to <= size. */
extern char *ledger_consistency_make(uint64 from, uint64 to);

/* The first width hashes of a tile, 32 bytes each. 22023 when the log does not reach so far. */
extern bytea *ledger_tile_make(int level, uint64 tile_no, int width);

/* The signing keys that the members of this chain have or had; *n is their number. */
extern ledger_vkey *ledger_known_keys(int *n);

#endif							/* LEDGER_RECEIPT_MAKE_H */
