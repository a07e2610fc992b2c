/*
 * chain/verify_index.h
 *		Does an index say exactly what its table says?
 */
#ifndef LEDGER_VERIFY_INDEX_H
#define LEDGER_VERIFY_INDEX_H

#include "chain/verify_internal.h"

#include "access/itup.h"

typedef struct VerifyIndex VerifyIndex;

/* A table row that an index tuple points to, with the hash of the tuple's columns. */
typedef void (*VerifyIndexEntry)(VerifyIndex *v, const ItemPointerData *tid, uint64 hash);

/* Hash of an index tuple's columns under the run's key, whatever form they are stored in. */
extern uint64 ledger_verify_hash_index_tuple(VerifyIndex *v, IndexTuple tuple);

/* What is wrong with the index; tid is of a row of the table, NULL for none. */
extern void ledger_verify_index_problem(VerifyIndex *v, const ItemPointerData *tid, const char *problem, ...)
	pg_attribute_printf(3, 4);

/*
 * verify_btree.c. Pages: every page is safe to read; false when one is not, which
 * is told. Walk: call entry for each live leaf tuple, in order; checks the order
 * and that a search finds the tuples.
 */
extern bool ledger_verify_btree_pages(VerifyIndex *v, Relation index);
extern void ledger_verify_btree_walk(VerifyIndex *v, Relation index, bool structure, VerifyIndexEntry entry);

#endif							/* LEDGER_VERIFY_INDEX_H */
