/*
 * storage/am_write.c
 *		Inserting: stamp the row, hand it to the chain, let heap store it.
 *
 * The row is encoded and hashed before heap stores it. Should storing fail, the
 * (sub)transaction aborts and the write state goes back with it.
 */
#include "storage/am.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "chain/registry.h"
#include "chain/restore.h"
#include "chain/xact_state.h"
#include "executor/tuptable.h"
#include "storage/bufmgr.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

static void
refuse_supplied(Relation rel, AttrNumber attnum)
{
	ereport(ERROR,
			(errcode(ERRCODE_GENERATED_ALWAYS),
			 errmsg("cannot insert a value into column \"%s\" of ledger table \"%s\"",
					NameStr(TupleDescAttr(RelationGetDescr(rel), attnum - 1)->attname),
					RelationGetRelationName(rel)),
			 errdetail("The access method numbers the rows of each transaction."),
			 errhint("Leave the column out, or list the columns of the INSERT or COPY.")));
}

/* Rows of a table rewrite must not be chained a second time. */
static void
refuse_rewrite(Relation rel)
{
	if (OidIsValid(rel->rd_rel->relrewrite))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot rewrite ledger table \"%s\"", get_rel_name(rel->rd_rel->relrewrite)),
				 errdetail("Rewriting would replace every row that is already in the chain."),
				 errhint("Add a nullable column or one with a constant default.")));
}

/*
 * The ledger columns come with their default 0, which no transaction has as its
 * number; NULL counts as not supplied either.
 */
static inline bool
is_supplied(TupleTableSlot *slot, int i)
{
	return !slot->tts_isnull[i] && slot->tts_values[i] != (Datum) 0;
}

/*
 * Write the two values into a tuple that has room for them: they are its last
 * attributes, neither is null, and so they are its last 12 bytes.
 */
static bool
stamp_in_place(const LedgerTable *table, TupleTableSlot *slot, HeapTuple tuple, uint64 tx, uint32 seq)
{
	int			natts = slot->tts_tupleDescriptor->natts;
	int64		tx_value = (int64) tx;
	int32		seq_value = (int32) seq;
	char	   *end = (char *) tuple->t_data + tuple->t_len;

	if (table->tx_attnum != natts - 1 || table->seq_attnum != natts ||
		HeapTupleHeaderGetNatts(tuple->t_data) != natts || slot->tts_isnull[natts - 2] ||
		slot->tts_isnull[natts - 1])
		return false;
	memcpy(end - sizeof(int32) - sizeof(int64), &tx_value, sizeof(int64));
	memcpy(end - sizeof(int32), &seq_value, sizeof(int32));
	return true;
}

/*
 * Put ledger_tx and ledger_seq into the slot.
 *
 * A slot without a tuple takes the two values as they are. One that holds a
 * tuple of its own gets them in place, else a new tuple.
 */
void
ledger_am_stamp(const LedgerTable *table, Relation rel, TupleTableSlot *slot, uint64 tx, uint32 seq)
{
	int			txi = table->tx_attnum - 1;
	int			seqi = table->seq_attnum - 1;
	BufferHeapTupleTableSlot *bslot = NULL;
	bool		in_place = false;

	slot_getallattrs(slot);
	if (is_supplied(slot, txi))
		refuse_supplied(rel, table->tx_attnum);
	if (is_supplied(slot, seqi))
		refuse_supplied(rel, table->seq_attnum);

	if (TTS_IS_BUFFERTUPLE(slot))
	{
		bslot = (BufferHeapTupleTableSlot *) slot;
		if (bslot->base.tuple != NULL && TTS_SHOULDFREE(slot) && !BufferIsValid(bslot->buffer))
			in_place = stamp_in_place(table, slot, bslot->base.tuple, tx, seq);
	}

	slot->tts_values[txi] = Int64GetDatum((int64) tx);
	slot->tts_isnull[txi] = false;
	slot->tts_values[seqi] = Int32GetDatum((int32) seq);
	slot->tts_isnull[seqi] = false;

	if (!in_place && !TTS_IS_VIRTUAL(slot) && !(bslot != NULL && bslot->base.tuple == NULL))
	{
		Oid			tableoid = slot->tts_tableOid;
		HeapTuple	tuple = heap_form_tuple(slot->tts_tupleDescriptor, slot->tts_values, slot->tts_isnull);

		ExecForceStoreHeapTuple(tuple, slot, true);
		slot->tts_tableOid = tableoid;
		slot_getallattrs(slot);
	}
}

void
ledger_am_tuple_insert(Relation rel, TupleTableSlot *slot, CommandId cid, int options,
					   struct BulkInsertStateData *bistate)
{
	LedgerWrite *write;

	refuse_rewrite(rel);
	if (ledger_is_loading() || RelationGetRelid(rel) == ledger_history_target)
	{
		ledger_heap->tuple_insert(rel, slot, cid, options, bistate);
		return;
	}
	write = ledger_write_begin(rel);
	ledger_am_stamp(ledger_write_table(write), rel, slot, ledger_current_tx(), ledger_write_next_seq(write));
	ledger_write_row(write, slot->tts_values, slot->tts_isnull);
	ledger_heap->tuple_insert(rel, slot, cid, options, bistate);
	ledger_write_landed(write, &slot->tts_tid);
}

/*
 * ON CONFLICT: the row is stored first and counts only when no conflicting
 * index entry appeared meanwhile.
 */
void
ledger_am_tuple_insert_speculative(Relation rel, TupleTableSlot *slot, CommandId cid, int options,
								   struct BulkInsertStateData *bistate, uint32 specToken)
{
	refuse_rewrite(rel);
	if (!ledger_is_loading())
	{
		LedgerWrite *write = ledger_write_begin(rel);

		ledger_am_stamp(ledger_write_table(write), rel, slot, ledger_current_tx(),
						ledger_write_next_seq(write));
	}
	ledger_heap->tuple_insert_speculative(rel, slot, cid, options, bistate, specToken);
}

void
ledger_am_tuple_complete_speculative(Relation rel, TupleTableSlot *slot, uint32 specToken, bool succeeded)
{
	if (succeeded && !ledger_is_loading())
	{
		LedgerWrite *write = ledger_write_begin(rel);
		const LedgerTable *table = ledger_write_table(write);

		slot_getallattrs(slot);

		/* An index expression that inserts into the same table takes the number meanwhile. */
		if ((uint32) DatumGetInt32(slot->tts_values[table->seq_attnum - 1]) != ledger_write_next_seq(write))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("ledger table \"%s\" was written while one of its rows was being inserted",
							RelationGetRelationName(rel)),
					 errhint("Do not insert into the table from its own index expressions.")));
		ledger_write_row(write, slot->tts_values, slot->tts_isnull);
		ledger_write_landed(write, &slot->tts_tid);
	}
	ledger_heap->tuple_complete_speculative(rel, slot, specToken, succeeded);
}

void
ledger_am_multi_insert(Relation rel, TupleTableSlot **slots, int nslots, CommandId cid, int options,
					   struct BulkInsertStateData *bistate)
{
	LedgerWrite *write;
	const LedgerTable *table;
	uint64		tx;

	refuse_rewrite(rel);
	if (options & TABLE_INSERT_FROZEN)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("COPY FREEZE is not supported on ledger table \"%s\"",
						RelationGetRelationName(rel)),
				 errdetail("Frozen rows are visible before their transaction is in the chain."),
				 errhint("Use COPY without FREEZE.")));
	if (ledger_is_loading())
	{
		ledger_heap->multi_insert(rel, slots, nslots, cid, options, bistate);
		return;
	}

	write = ledger_write_begin(rel);
	table = ledger_write_table(write);
	tx = ledger_current_tx();
	for (int i = 0; i < nslots; i++)
	{
		ledger_am_stamp(table, rel, slots[i], tx, ledger_write_next_seq(write));
		ledger_write_row(write, slots[i]->tts_values, slots[i]->tts_isnull);
	}
	ledger_heap->multi_insert(rel, slots, nslots, cid, options, bistate);
	for (int i = 0; i < nslots; i++)
		ledger_write_landed(write, &slots[i]->tts_tid);
}
