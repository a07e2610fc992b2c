/*
 * storage/am_build.c
 *		Scans that build and validate indexes.
 *
 * heap's own loops end in heap_getnext(), which accepts only relations whose
 * routine is heap's pointer. These use heap_getnextslot(). They are shorter than
 * heap's because a ledger table has no HOT chains: rows of `ledger` are never
 * updated, and `ledger_versioned` keeps an index on (ledger_tx, ledger_seq),
 * which every update changes. A heap-only tuple is therefore an error.
 */
#include "storage/am.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "catalog/index.h"
#include "commands/progress.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "pgstat.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "storage/procarray.h"
#include "utils/backend_progress.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/tuplesort.h"

static void
refuse_heap_only(Relation rel, HeapTuple tuple)
{
	if (HeapTupleIsHeapOnly(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("unexpected heap-only tuple at (%u,%u) in ledger table \"%s\"",
						ItemPointerGetBlockNumber(&tuple->t_self),
						ItemPointerGetOffsetNumber(&tuple->t_self),
						RelationGetRelationName(rel)),
				 errhint("Run ledger.verify() on the table.")));
}

/*
 * Whether a tuple found under SnapshotAny goes into the index, and whether it
 * counts for uniqueness. Waits for foreign writers where uniqueness depends on
 * their outcome, as heap does.
 */
static bool
tuple_belongs(Relation rel, HeapTuple tuple, Buffer buffer, TransactionId oldest, bool checking_uniqueness,
			  bool anyvisible, bool *alive, double *reltuples)
{
	for (;;)
	{
		HTSV_Result state;
		TransactionId xwait = InvalidTransactionId;

		LockBuffer(buffer, BUFFER_LOCK_SHARE);
		state = HeapTupleSatisfiesVacuum(tuple, oldest, buffer);
		if (state == HEAPTUPLE_INSERT_IN_PROGRESS)
			xwait = HeapTupleHeaderGetXmin(tuple->t_data);
		else if (state == HEAPTUPLE_DELETE_IN_PROGRESS)
			xwait = HeapTupleHeaderGetUpdateXid(tuple->t_data);
		LockBuffer(buffer, BUFFER_LOCK_UNLOCK);

		switch (state)
		{
			case HEAPTUPLE_DEAD:
				return false;

			case HEAPTUPLE_LIVE:
				*alive = true;
				*reltuples += 1;
				return true;

			case HEAPTUPLE_RECENTLY_DEAD:
				*alive = false;
				return true;

			case HEAPTUPLE_INSERT_IN_PROGRESS:
				*alive = true;
				if (anyvisible || TransactionIdIsCurrentTransactionId(xwait))
				{
					*reltuples += 1;
					return true;
				}
				if (!checking_uniqueness)
					return true;
				break;

			case HEAPTUPLE_DELETE_IN_PROGRESS:
				*alive = false;
				if (TransactionIdIsCurrentTransactionId(xwait))
					return true;
				if (anyvisible || !checking_uniqueness)
				{
					*reltuples += 1;
					return true;
				}
				break;

			default:
				elog(ERROR, "unexpected HeapTupleSatisfiesVacuum result");
		}

		XactLockTableWait(xwait, rel, &tuple->t_self, XLTW_InsertIndexUnique);
		CHECK_FOR_INTERRUPTS();
	}
}

double
ledger_am_index_build_range_scan(Relation rel, Relation index, struct IndexInfo *info, bool allow_sync,
								 bool anyvisible, bool progress, BlockNumber start_blockno,
								 BlockNumber numblocks, IndexBuildCallback callback, void *callback_state,
								 TableScanDesc scan)
{
	bool		checking_uniqueness = info->ii_Unique || info->ii_ExclusionOps != NULL;
	Datum		values[INDEX_MAX_KEYS];
	bool		isnull[INDEX_MAX_KEYS];
	EState	   *estate = CreateExecutorState();
	ExprContext *econtext = GetPerTupleExprContext(estate);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	ExprState  *predicate;
	TransactionId oldest = InvalidTransactionId;
	Snapshot	snapshot = SnapshotAny;
	Snapshot	registered = NULL;
	HeapScanDesc hscan;
	BlockNumber reported = InvalidBlockNumber;
	double		reltuples = 0;

	econtext->ecxt_scantuple = slot;
	predicate = ExecPrepareQual(info->ii_Predicate, estate);

	/*
	 * An ordinary build must also index recently dead rows and so looks at all
	 * of them; a concurrent one indexes what its snapshot sees.
	 */
	if (!info->ii_Concurrent)
		oldest = GetOldestNonRemovableTransactionId(rel);
	if (scan == NULL)
	{
		if (info->ii_Concurrent)
			snapshot = registered = RegisterSnapshot(GetTransactionSnapshot());
		scan = table_beginscan_strat(rel, snapshot, 0, NULL, true, allow_sync);
	}
	else
		snapshot = scan->rs_snapshot;	/* one share of a parallel build */
	hscan = (HeapScanDesc) scan;

	if (progress)
	{
		BlockNumber nblocks = scan->rs_parallel != NULL
			? ((ParallelBlockTableScanDesc) scan->rs_parallel)->phs_nblocks
			: hscan->rs_nblocks;

		pgstat_progress_update_param(PROGRESS_SCAN_BLOCKS_TOTAL, nblocks);
	}
	if (!allow_sync)
		heap_setscanlimits(scan, start_blockno, numblocks);

	while (heap_getnextslot(scan, ForwardScanDirection, slot))
	{
		HeapTuple	tuple = ((BufferHeapTupleTableSlot *) slot)->base.tuple;
		bool		alive = true;

		CHECK_FOR_INTERRUPTS();
		if (progress && hscan->rs_cblock != reported)
		{
			reported = hscan->rs_cblock;
			pgstat_progress_update_param(PROGRESS_SCAN_BLOCKS_DONE,
										 (reported + hscan->rs_nblocks - hscan->rs_startblock) %
											 Max(hscan->rs_nblocks, 1));
		}
		if (snapshot == SnapshotAny)
		{
			if (!tuple_belongs(rel, tuple, hscan->rs_cbuf, oldest, checking_uniqueness, anyvisible, &alive,
							   &reltuples))
				continue;
		}
		else
			reltuples += 1;
		refuse_heap_only(rel, tuple);

		MemoryContextReset(econtext->ecxt_per_tuple_memory);
		if (predicate != NULL && !ExecQual(predicate, econtext))
			continue;
		FormIndexDatum(info, slot, estate, values, isnull);
		callback(index, &tuple->t_self, values, isnull, alive, callback_state);
	}

	if (progress)
		pgstat_progress_update_param(PROGRESS_SCAN_BLOCKS_DONE, hscan->rs_nblocks);
	table_endscan(scan);
	if (registered)
		UnregisterSnapshot(registered);
	ExecDropSingleTupleTableSlot(slot);
	FreeExecutorState(estate);
	info->ii_ExpressionsState = NIL;
	info->ii_PredicateState = NULL;
	return reltuples;
}

/* The next TID of the sorted list of what the index already holds; false at its end. */
static bool
next_indexed(Tuplesortstate *sort, ItemPointer tid)
{
	Datum		value;
	bool		isnull;

	if (!tuplesort_getdatum(sort, true, &value, &isnull, NULL))
		return false;

	itemptr_decode(tid, DatumGetInt64(value));
	return true;
}

void
ledger_am_index_validate_scan(Relation rel, Relation index, struct IndexInfo *info, Snapshot snapshot,
							  struct ValidateIndexState *state)
{
	Datum		values[INDEX_MAX_KEYS];
	bool		isnull[INDEX_MAX_KEYS];
	EState	   *estate = CreateExecutorState();
	ExprContext *econtext = GetPerTupleExprContext(estate);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	ExprState  *predicate;
	TableScanDesc scan;
	HeapScanDesc hscan;
	ItemPointerData indexed;
	bool		more;
	BlockNumber reported = InvalidBlockNumber;

	econtext->ecxt_scantuple = slot;
	predicate = ExecPrepareQual(info->ii_Predicate, estate);

	/* In physical order, to merge with the sorted TIDs: no synchronized start. */
	scan = table_beginscan_strat(rel, snapshot, 0, NULL, true, false);
	hscan = (HeapScanDesc) scan;
	pgstat_progress_update_param(PROGRESS_SCAN_BLOCKS_TOTAL, hscan->rs_nblocks);
	more = next_indexed(state->tuplesort, &indexed);

	while (heap_getnextslot(scan, ForwardScanDirection, slot))
	{
		HeapTuple	tuple = ((BufferHeapTupleTableSlot *) slot)->base.tuple;

		CHECK_FOR_INTERRUPTS();
		state->htups += 1;
		if (hscan->rs_cblock != reported)
		{
			reported = hscan->rs_cblock;
			pgstat_progress_update_param(PROGRESS_SCAN_BLOCKS_DONE, reported);
		}
		refuse_heap_only(rel, tuple);

		while (more && ItemPointerCompare(&indexed, &tuple->t_self) < 0)
			more = next_indexed(state->tuplesort, &indexed);
		if (more && ItemPointerEquals(&indexed, &tuple->t_self))
			continue;

		MemoryContextReset(econtext->ecxt_per_tuple_memory);
		if (predicate != NULL && !ExecQual(predicate, econtext))
			continue;
		FormIndexDatum(info, slot, estate, values, isnull);
		index_insert(index, values, isnull, &tuple->t_self, rel,
					 info->ii_Unique ? UNIQUE_CHECK_YES : UNIQUE_CHECK_NO, false, info);
		state->tups_inserted += 1;
	}

	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	FreeExecutorState(estate);
	info->ii_ExpressionsState = NIL;
	info->ii_PredicateState = NULL;
}
