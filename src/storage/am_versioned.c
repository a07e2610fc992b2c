/*
 * storage/am_versioned.c
 *		UPDATE and DELETE of `ledger_versioned` tables.
 *
 * The table holds the current rows. The version that an UPDATE or DELETE ends
 * goes, with its ledger columns, into the table's history relation, together with
 * the transaction that ended it:
 *
 *		ended_tx bigint, ended_seq integer, ended_op smallint (1 update, 2 delete),
 *		then every attribute of the table, in its order
 *
 * so attribute k of the table is attribute k + 3 of its history. The chain gets
 * one leaf for the new version (op 1) or for the deletion (op 2), which names the
 * version it supersedes. Nothing else is stored for that: the leaf of a version
 * is rebuilt from the row and from the history row that it ended.
 */
#include "storage/am.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "chain/registry.h"
#include "chain/xact_state.h"
#include "executor/executor.h"
#include "ledger.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* The history relation that is being written, for am_write.c. */
Oid			ledger_history_target = InvalidOid;

/* The version at a TID, deformed. The tuple is palloc'd. */
static HeapTuple
fetch_version(Relation rel, ItemPointer tid, Datum *values, bool *isnull)
{
	HeapTupleData tuple;
	HeapTuple	copy;
	Buffer		buffer;

	tuple.t_self = *tid;
	if (!heap_fetch(rel, SnapshotAny, &tuple, &buffer, false))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("row version (%u,%u) of ledger table \"%s\" does not exist",
						ItemPointerGetBlockNumber(tid), ItemPointerGetOffsetNumber(tid),
						RelationGetRelationName(rel)),
				 errhint("Run ledger.verify() on the table.")));
	copy = heap_copytuple(&tuple);
	ReleaseBuffer(buffer);
	heap_deform_tuple(copy, RelationGetDescr(rel), values, isnull);
	return copy;
}

/* Keep the version that ended. */
static void
keep_version(const LedgerTable *table, Relation rel, const Datum *values, const bool *isnull, uint64 ended_tx,
			 uint32 ended_seq, uint8 op)
{
	Relation	history = table_open(table->history_relid, RowExclusiveLock);
	int			natts = RelationGetDescr(rel)->natts;
	EState	   *estate;
	ResultRelInfo *result;
	TupleTableSlot *slot;

	if (RelationGetDescr(history)->natts != natts + LEDGER_HISTORY_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("history of ledger table \"%s\" does not have its columns",
						RelationGetRelationName(rel))));

	estate = CreateExecutorState();
	result = makeNode(ResultRelInfo);
	InitResultRelInfo(result, history, 1, NULL, 0);
	ExecOpenIndices(result, false);
	slot = table_slot_create(history, &estate->es_tupleTable);

	ExecClearTuple(slot);
	slot->tts_values[0] = Int64GetDatum((int64) ended_tx);
	slot->tts_values[1] = Int32GetDatum((int32) ended_seq);
	slot->tts_values[2] = Int16GetDatum(op);
	memset(slot->tts_isnull, 0, LEDGER_HISTORY_COLUMNS);
	memcpy(slot->tts_values + LEDGER_HISTORY_COLUMNS, values, natts * sizeof(Datum));
	memcpy(slot->tts_isnull + LEDGER_HISTORY_COLUMNS, isnull, natts * sizeof(bool));
	ExecStoreVirtualTuple(slot);

	PG_TRY();
	{
		ledger_history_target = table->history_relid;
		ExecSimpleRelationInsert(result, estate, slot);
	}
	PG_FINALLY();
	{
		ledger_history_target = InvalidOid;
	}
	PG_END_TRY();

	ExecCloseIndices(result);
	ExecResetTupleTable(estate->es_tupleTable, false);
	FreeExecutorState(estate);
	table_close(history, NoLock);
}

/* The ledger columns come with the old row; only a change to them is the user's. */
static void
refuse_assigned(Relation rel, const LedgerTable *table, TupleTableSlot *slot, uint64 old_tx, uint32 old_seq)
{
	int			txi = table->tx_attnum - 1;
	int			seqi = table->seq_attnum - 1;

	if (slot->tts_isnull[txi] || slot->tts_isnull[seqi] ||
		(uint64) DatumGetInt64(slot->tts_values[txi]) != old_tx ||
		(uint32) DatumGetInt32(slot->tts_values[seqi]) != old_seq)
		ereport(ERROR,
				(errcode(ERRCODE_GENERATED_ALWAYS),
				 errmsg("cannot update the ledger columns of table \"%s\"",
						RelationGetRelationName(rel)),
				 errdetail("The access method numbers the versions of each transaction."),
				 errhint("Leave ledger_tx and ledger_seq out of SET.")));
}

static void
refuse_without_table(Relation rel, const LedgerTable *table)
{
	if (!OidIsValid(table->history_relid))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("ledger table \"%s\" has no history relation", RelationGetRelationName(rel)),
				 errhint("After a restore run ledger.restore_finish().")));
}

TM_Result
ledger_versioned_tuple_update(Relation rel, ItemPointer otid, TupleTableSlot *slot, CommandId cid,
							  Snapshot snapshot, Snapshot crosscheck, bool wait, TM_FailureData *tmfd,
							  LockTupleMode *lockmode, ledger_update_indexes *update_indexes)
{
	LedgerWrite *write = ledger_write_begin(rel);
	const LedgerTable *table = ledger_write_table(write);
	int			natts = RelationGetDescr(rel)->natts;
	Datum	   *values = palloc(sizeof(Datum) * natts);
	bool	   *isnull = palloc(sizeof(bool) * natts);
	HeapTuple	old = fetch_version(rel, otid, values, isnull);
	uint64		old_tx = (uint64) DatumGetInt64(values[table->tx_attnum - 1]);
	uint32		old_seq = (uint32) DatumGetInt32(values[table->seq_attnum - 1]);
	uint64		tx = ledger_current_tx();
	uint32		seq = ledger_write_next_seq(write);
	TM_Result	result;

	refuse_without_table(rel, table);
	slot_getallattrs(slot);
	refuse_assigned(rel, table, slot, old_tx, old_seq);
	slot->tts_isnull[table->tx_attnum - 1] = true;
	slot->tts_isnull[table->seq_attnum - 1] = true;
	ledger_am_stamp(table, rel, slot, tx, seq);

	result = ledger_heap->tuple_update(rel, otid, slot, cid, snapshot, crosscheck, wait, tmfd, lockmode,
									   update_indexes);
	if (result == TM_Ok)
	{
		slot_getallattrs(slot);
		ledger_write_version(write, 1, old_tx, old_seq, slot->tts_values, slot->tts_isnull);
		ledger_write_landed(write, &slot->tts_tid);
		keep_version(table, rel, values, isnull, tx, seq, 1);
	}
	else
	{
		/* the executor may try again with the same slot: give it back as it came */
		slot->tts_isnull[table->tx_attnum - 1] = true;
		slot->tts_isnull[table->seq_attnum - 1] = true;
		slot->tts_values[table->tx_attnum - 1] = (Datum) 0;
		slot->tts_values[table->seq_attnum - 1] = (Datum) 0;
		ledger_am_stamp(table, rel, slot, old_tx, old_seq);
	}
	heap_freetuple(old);
	pfree(values);
	pfree(isnull);
	return result;
}

TM_Result
ledger_versioned_tuple_delete(Relation rel, ItemPointer tid, CommandId cid, Snapshot snapshot,
							  Snapshot crosscheck, bool wait, TM_FailureData *tmfd, bool changingPart)
{
	LedgerWrite *write = ledger_write_begin(rel);
	const LedgerTable *table = ledger_write_table(write);
	int			natts = RelationGetDescr(rel)->natts;
	Datum	   *values = palloc(sizeof(Datum) * natts);
	bool	   *isnull = palloc(sizeof(bool) * natts);
	HeapTuple	old = fetch_version(rel, tid, values, isnull);
	TM_Result	result;

	refuse_without_table(rel, table);
	result = ledger_heap->tuple_delete(rel, tid, cid, snapshot, crosscheck, wait, tmfd, changingPart);
	if (result == TM_Ok)
	{
		uint32		seq = ledger_write_next_seq(write);

		ledger_write_version(write, 2, (uint64) DatumGetInt64(values[table->tx_attnum - 1]),
							 (uint32) DatumGetInt32(values[table->seq_attnum - 1]), NULL, NULL);
		keep_version(table, rel, values, isnull, ledger_current_tx(), seq, 2);
	}
	heap_freetuple(old);
	pfree(values);
	pfree(isnull);
	return result;
}
