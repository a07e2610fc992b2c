/*
 * storage/am.h
 *		The table access methods `ledger` and `ledger_versioned`.
 *
 * Each is heap's routine with a few callbacks replaced: the tuple format, the
 * WAL, vacuum and visibility are PostgreSQL's own.
 */
#ifndef LEDGER_AM_H
#define LEDGER_AM_H

#include "compat.h"

#include "access/tableam.h"
#include "chain/registry.h"

/* Filled at the first call; live as long as the server. */
extern const TableAmRoutine *ledger_am_routine(void);
extern const TableAmRoutine *ledger_versioned_am_routine(void);

/* True for a relation opened under one of the two. Cheaper than ledger_rel_is_ledger(). */
extern bool ledger_am_is_ledger(Relation rel);
extern bool ledger_am_is_versioned(Relation rel);

/* heap's own routine, for the callbacks that wrap it */
extern const TableAmRoutine *ledger_heap;

/* am_write.c */
extern void ledger_am_tuple_insert(Relation rel, TupleTableSlot *slot, CommandId cid, int options,
								   struct BulkInsertStateData *bistate);
extern void ledger_am_tuple_insert_speculative(Relation rel, TupleTableSlot *slot, CommandId cid, int options,
											   struct BulkInsertStateData *bistate, uint32 specToken);
extern void ledger_am_tuple_complete_speculative(Relation rel, TupleTableSlot *slot, uint32 specToken,
												 bool succeeded);
extern void ledger_am_multi_insert(Relation rel, TupleTableSlot **slots, int nslots, CommandId cid,
								   int options, struct BulkInsertStateData *bistate);


/*
 * Fill the ledger columns of a slot, so that heap, indexes, RETURNING and AFTER
 * triggers all see them. Ereports 428C9 when the user supplied a value.
 */
extern void ledger_am_stamp(const LedgerTable *table, Relation rel, TupleTableSlot *slot, uint64 tx,
							uint32 seq);

/* am_versioned.c; the layout of a history relation is at its head */
#define LEDGER_HISTORY_COLUMNS 3
extern Oid	ledger_history_target;	/* the history relation being written, else 0 */
extern TM_Result ledger_versioned_tuple_update(Relation rel, ItemPointer otid, TupleTableSlot *slot,
											   CommandId cid, Snapshot snapshot, Snapshot crosscheck,
											   bool wait, TM_FailureData *tmfd, LockTupleMode *lockmode,
											   ledger_update_indexes *update_indexes);
extern TM_Result ledger_versioned_tuple_delete(Relation rel, ItemPointer tid, CommandId cid,
											   Snapshot snapshot, Snapshot crosscheck, bool wait,
											   TM_FailureData *tmfd, bool changingPart);

/* am_build.c */
extern double ledger_am_index_build_range_scan(Relation rel, Relation index, struct IndexInfo *info,
											   bool allow_sync, bool anyvisible, bool progress,
											   BlockNumber start_blockno, BlockNumber numblocks,
											   IndexBuildCallback callback, void *callback_state,
											   TableScanDesc scan);
extern void ledger_am_index_validate_scan(Relation rel, Relation index, struct IndexInfo *info,
										  Snapshot snapshot, struct ValidateIndexState *state);

#endif							/* LEDGER_AM_H */
