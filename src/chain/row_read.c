/*
 * chain/row_read.c
 *		Stored rows of a ledger table as the bytes that were hashed.
 *
 * A versioned table stores neither operation nor predecessor. A version that
 * replaced another one carries the transaction and number under which its history
 * says that the other ended; a lookup there tells (see storage/am_versioned.c for
 * the layout of a history).
 */
#include "chain/row_read.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/skey.h"
#include "access/stratnum.h"
#include "access/tableam.h"
#include "chain/row_encode.h"
#include "chain/verify_later.h"
#include "core/row.h"
#include "executor/tuptable.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"

/* Columns of a history before those of the table: ended_tx, ended_seq, ended_op. */
#define HISTORY_COLUMNS 3

typedef struct Version
{
	uint32		number;
	LedgerSchema *schema;		/* NULL: cannot be used */
	const char *problem;
	VerifyLater *later;			/* columns that came after it */
} Version;

struct LedgerRowReader
{
	LedgerRowSource source;
	int			shift;			/* columns before those of the table */
	MemoryContext context;
	List	   *versions;
	int			natts;
	LedgerDatumCheck **checks;
	Datum	   *values;			/* of all columns of the relation */
	bool	   *nulls;

	/* attached */
	Relation	rel;
	TupleDesc	desc;
	Relation	history;
	Relation	ended_index;
	IndexScanDesc ended_scan;
	TupleTableSlot *ended_slot;
	MemoryContext scan_context;

	/* looked at */
	HeapTuple	tuple;
	LedgerStoredRow row;
};

/* ---- pages --------------------------------------------------------------- */

int
ledger_page_tuples(Relation rel, BlockNumber block, BufferAccessStrategy strategy, Snapshot snapshot,
				   Buffer *buffer, HeapTupleData *tuples)
{
	Page		page;
	OffsetNumber last;
	int			n = 0;

	*buffer = ReadBufferExtended(rel, MAIN_FORKNUM, block, RBM_NORMAL, strategy);
	LockBuffer(*buffer, BUFFER_LOCK_SHARE);
	page = BufferGetPage(*buffer);
	last = PageIsNew(page) ? 0 : Min(PageGetMaxOffsetNumber(page), MaxHeapTuplesPerPage);
	for (OffsetNumber offset = FirstOffsetNumber; offset <= last; offset++)
	{
		ItemId		item = PageGetItemId(page, offset);
		HeapTuple	tuple = &tuples[n];

		if (!ItemIdIsNormal(item) || ItemIdGetLength(item) < SizeofHeapTupleHeader ||
			ItemIdGetOffset(item) + ItemIdGetLength(item) > BLCKSZ)
			continue;
		tuple->t_data = (HeapTupleHeader) PageGetItem(page, item);
		tuple->t_len = ItemIdGetLength(item);
		tuple->t_tableOid = RelationGetRelid(rel);
		ItemPointerSet(&tuple->t_self, block, offset);
		if (HeapTupleSatisfiesVisibility(tuple, snapshot, *buffer))
			n++;
	}
	LockBuffer(*buffer, BUFFER_LOCK_UNLOCK);
	return n;
}

/* ---- readers ------------------------------------------------------------- */

LedgerRowReader *
ledger_row_reader_new(const LedgerRowSource *source, bool of_history)
{
	LedgerRowReader *reader = palloc0(sizeof(LedgerRowReader));

	reader->source = *source;
	reader->shift = of_history ? HISTORY_COLUMNS : 0;
	reader->context = CurrentMemoryContext;
	return reader;
}

/* The index on (ended_tx, ended_seq) of a history. */
static Relation
open_ended_index(Relation history)
{
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(history))
	{
		Relation	index = index_open(lfirst_oid(lc), AccessShareLock);

		if (index->rd_index->indisvalid && index->rd_index->indnkeyatts == 2 &&
			index->rd_index->indkey.values[0] == 1 && index->rd_index->indkey.values[1] == 2)
			return index;
		index_close(index, AccessShareLock);
	}
	return NULL;
}

void
ledger_row_reader_attach(LedgerRowReader *reader, Relation rel, Snapshot snapshot)
{
	reader->rel = rel;
	reader->desc = RelationGetDescr(rel);
	if (reader->natts != reader->desc->natts)
	{
		MemoryContext old = MemoryContextSwitchTo(reader->context);

		reader->natts = reader->desc->natts;
		reader->checks = palloc0(sizeof(LedgerDatumCheck *) * Max(reader->natts, 1));
		reader->values = palloc(sizeof(Datum) * Max(reader->natts, 1));
		reader->nulls = palloc(sizeof(bool) * Max(reader->natts, 1));
		for (int i = 0; i < reader->natts; i++)
		{
			if (!TupleDescAttr(reader->desc, i)->attisdropped)
				reader->checks[i] = ledger_datum_check(TupleDescAttr(reader->desc, i)->atttypid);
		}
		reader->versions = NIL;
		MemoryContextSwitchTo(old);
	}

	reader->scan_context = CurrentMemoryContext;
	reader->history = NULL;
	reader->ended_index = NULL;
	if (!OidIsValid(reader->source.history_relid))
		return;
	reader->history = try_relation_open(reader->source.history_relid, AccessShareLock);
	if (reader->history == NULL)
		return;
	reader->ended_index = open_ended_index(reader->history);
	if (reader->ended_index == NULL)
		return;
	reader->ended_slot = table_slot_create(reader->history, NULL);
	reader->ended_scan = index_beginscan(reader->history, reader->ended_index, snapshot, 2, 0);
}

void
ledger_row_reader_detach(LedgerRowReader *reader)
{
	if (reader->ended_index != NULL)
	{
		index_endscan(reader->ended_scan);
		ExecDropSingleTupleTableSlot(reader->ended_slot);
		index_close(reader->ended_index, AccessShareLock);
	}
	if (reader->history != NULL)
		relation_close(reader->history, AccessShareLock);
}

/* ---- looking ------------------------------------------------------------- */

const char *
ledger_row_look(LedgerRowReader *reader, HeapTuple tuple, LedgerStoredRow *row)
{
	int			tx = reader->source.tx_attnum + reader->shift - 1;
	int			seq = reader->source.seq_attnum + reader->shift - 1;
	const char *problem;

	reader->tuple = NULL;
	problem =
		ledger_check_tuple(tuple->t_data, tuple->t_len, reader->desc, reader->rel->rd_rel->reltoastrelid);
	if (problem != NULL)
		return problem;
	if (tx < reader->shift || seq < reader->shift || tx >= reader->natts || seq >= reader->natts)
		return "the table has lost its ledger columns";
	heap_deform_tuple(tuple, reader->desc, reader->values, reader->nulls);
	memset(row, 0, sizeof(LedgerStoredRow));
	if (reader->nulls[tx] || reader->nulls[seq])
		return "it does not say which transaction wrote it";
	row->ledger_tx = (uint64) DatumGetInt64(reader->values[tx]);
	row->ledger_seq = (uint32) DatumGetInt32(reader->values[seq]);
	if (reader->shift > 0)
	{
		int16		op;

		if (reader->nulls[0] || reader->nulls[1] || reader->nulls[2])
			return "it does not say which transaction ended it";
		op = DatumGetInt16(reader->values[2]);
		if (op != LEDGER_OP_UPDATE && op != LEDGER_OP_DELETE)
			return "it was ended by an unknown operation";
		row->ended_tx = (uint64) DatumGetInt64(reader->values[0]);
		row->ended_seq = (uint32) DatumGetInt32(reader->values[1]);
		row->ended_op = (uint8) op;
	}
	reader->row = *row;
	reader->tuple = tuple;
	return NULL;
}

/* ---- versions ------------------------------------------------------------ */

static Version *
version_of(LedgerRowReader *reader, uint32 number)
{
	MemoryContext old;
	ListCell   *lc;
	Version	   *v;

	foreach(lc, reader->versions)
	{
		v = lfirst(lc);
		if (v->number == number)
			return v;
	}

	old = MemoryContextSwitchTo(reader->context);
	v = palloc0(sizeof(Version));
	v->number = number;
	v->schema = ledger_schema_load(reader->source.table_id, number, &v->problem);
	for (int i = 0; v->schema != NULL && i < v->schema->ncolumns; i++)
	{
		LedgerColumn *column = &v->schema->columns[i];
		int			at = column->attnum + reader->shift - 1;
		char	   *problem;

		if (at >= reader->natts || TupleDescAttr(reader->desc, at)->attisdropped)
		{
			v->problem = psprintf("the table has no column number %d any more", column->attnum);
			v->schema = NULL;
			continue;
		}

		/* of the relation that is read: the one that ledger.ledger_table names may be gone, or another */
		column->type = ledger_type_lookup(TupleDescAttr(reader->desc, at)->atttypid, &problem);
		if (column->type == NULL || ledger_type_tag(column->type) != column->tag)
		{
			v->problem =
				psprintf("column number %d does not have the type of the schema history", column->attnum);
			v->schema = NULL;
		}
	}
	/* only the rows of the table itself are compared with these */
	if (v->schema != NULL && reader->shift == 0)
		v->later = ledger_verify_later_columns(reader->source.relid, reader->source.table_id, v->schema);
	reader->versions = lappend(reader->versions, v);
	MemoryContextSwitchTo(old);
	return v;
}

/*
 * The version that this row replaced, from the history. LEDGER_OP_INSERT when it
 * replaced none.
 */
static const char *
find_replaced(LedgerRowReader *reader, uint8 *op, uint64 *prev_tx, uint32 *prev_seq)
{
	ScanKeyData keys[2];
	TupleDesc	desc;
	HeapTuple	tuple;
	bool		should_free;
	bool		isnull[3];
	const char *problem;
	MemoryContext old;
	bool		found;

	*op = LEDGER_OP_INSERT;
	*prev_tx = 0;
	*prev_seq = 0;
	if (!OidIsValid(reader->source.history_relid))
		return NULL;
	if (reader->ended_index == NULL)
		return "the history of the table, or its index, is missing";

	ScanKeyInit(&keys[0], 1, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum((int64) reader->row.ledger_tx));
	ScanKeyInit(&keys[1], 2, BTEqualStrategyNumber, F_INT4EQ, Int32GetDatum((int32) reader->row.ledger_seq));
	/* The scan remembers dead index items in memory of whoever asks for the next tuple. */
	old = MemoryContextSwitchTo(reader->scan_context);
	index_rescan(reader->ended_scan, keys, 2, NULL, 0);
	found = index_getnext_slot(reader->ended_scan, ForwardScanDirection, reader->ended_slot);
	MemoryContextSwitchTo(old);
	if (!found)
		return NULL;

	desc = RelationGetDescr(reader->history);
	tuple = ExecFetchSlotHeapTuple(reader->ended_slot, false, &should_free);
	problem = ledger_check_tuple(tuple->t_data, tuple->t_len, desc, reader->history->rd_rel->reltoastrelid);
	if (problem != NULL)
		return psprintf("the version it replaced is damaged: %s", problem);
	*op = (uint8) DatumGetInt16(heap_getattr(tuple, 3, desc, &isnull[0]));
	*prev_tx = (uint64) DatumGetInt64(
		heap_getattr(tuple, reader->source.tx_attnum + HISTORY_COLUMNS, desc, &isnull[1]));
	*prev_seq = (uint32) DatumGetInt32(
		heap_getattr(tuple, reader->source.seq_attnum + HISTORY_COLUMNS, desc, &isnull[2]));
	ExecClearTuple(reader->ended_slot);
	if (isnull[0] || isnull[1] || isnull[2] || *op != LEDGER_OP_UPDATE)
		return "the history says that this row's number was a deletion";
	return NULL;
}

/* ---- bytes --------------------------------------------------------------- */

const char *
ledger_row_append(LedgerRowReader *reader, uint32 schema_version, StringInfo out)
{
	Version	   *v = version_of(reader, schema_version);
	const char *problem;
	uint8		op;
	uint64		prev_tx;
	uint32		prev_seq;

	if (v->schema == NULL)
		return psprintf("schema version %u cannot be used: %s", schema_version, v->problem);
	for (int i = 0; i < v->schema->ncolumns; i++)
	{
		int			at = v->schema->columns[i].attnum + reader->shift - 1;

		if (reader->nulls[at])
			continue;
		problem = ledger_check_datum(reader->checks[at], TupleDescAttr(reader->desc, at)->attlen,
									 &reader->values[at]);
		if (problem != NULL)
			return psprintf("column \"%s\": %s", NameStr(TupleDescAttr(reader->desc, at)->attname), problem);
	}
	problem = find_replaced(reader, &op, &prev_tx, &prev_seq);
	if (problem != NULL)
		return problem;
	ledger_encode_row_as(out, reader->source.table_id, schema_version, v->schema->ncolumns,
						 v->schema->columns, reader->row.ledger_tx, reader->row.ledger_seq, op, prev_tx,
						 prev_seq, reader->values + reader->shift, reader->nulls + reader->shift);
	return NULL;
}

void
ledger_row_append_deletion(LedgerRowReader *reader, uint32 schema_version, StringInfo out)
{
	ledger_encode_row_as(out, reader->source.table_id, schema_version, 0, NULL, reader->row.ended_tx,
						 reader->row.ended_seq, LEDGER_OP_DELETE, reader->row.ledger_tx,
						 reader->row.ledger_seq, NULL, NULL);
}

const char *
ledger_row_later_problem(LedgerRowReader *reader, uint32 schema_version)
{
	Version	   *v = version_of(reader, schema_version);

	if (v->later == NULL)
		return NULL;
	return ledger_verify_later_problem(v->later, reader->desc, reader->shift, reader->checks,
									   HeapTupleHeaderGetNatts(reader->tuple->t_data), reader->values,
									   reader->nulls);
}
