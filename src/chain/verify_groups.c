/*
 * chain/verify_groups.c
 *		Trees of row groups that no single chunk has seen whole.
 *
 * A transaction's rows may lie across chunks, and after CLUSTER anywhere. Each
 * chunk sends the pieces it has; they are sorted by transaction and position,
 * outside of memory where there are many, and joined in one pass. Pieces that
 * leave a gap or lie on each other tell which rows are missing or there twice.
 */
#include "chain/verify_internal.h"

#include "access/htup_details.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplesort.h"

/* ---- counting ------------------------------------------------------------ */

/* SipHash-2-4 of three words under the run's key: Aumasson and Bernstein, 2012. */
static inline uint64
rotate(uint64 x, int n)
{
	return x << n | x >> (64 - n);
}

#define SIP_ROUND \
	do { \
		v0 += v1; v1 = rotate(v1, 13); v1 ^= v0; v0 = rotate(v0, 32); \
		v2 += v3; v3 = rotate(v3, 16); v3 ^= v2; \
		v0 += v3; v3 = rotate(v3, 21); v3 ^= v0; \
		v2 += v1; v1 = rotate(v1, 17); v1 ^= v2; v2 = rotate(v2, 32); \
	} while (0)

uint64
ledger_verify_mark(const VerifyShared *shared, uint64 ledger_tx, uint64 first_seq, uint32 schema_version)
{
	const uint64 words[4] = {ledger_tx, first_seq, schema_version, (uint64) 24 << 56};
	uint64		k0;
	uint64		k1;
	uint64		v0;
	uint64		v1;
	uint64		v2;
	uint64		v3;

	memcpy(&k0, shared->key, 8);
	memcpy(&k1, shared->key + 8, 8);
	v0 = k0 ^ UINT64CONST(0x736f6d6570736575);
	v1 = k1 ^ UINT64CONST(0x646f72616e646f6d);
	v2 = k0 ^ UINT64CONST(0x6c7967656e657261);
	v3 = k1 ^ UINT64CONST(0x7465646279746573);
	for (int i = 0; i < 4; i++)
	{
		v3 ^= words[i];
		SIP_ROUND;
		SIP_ROUND;
		v0 ^= words[i];
	}
	v2 ^= 0xff;
	SIP_ROUND;
	SIP_ROUND;
	SIP_ROUND;
	SIP_ROUND;
	return v0 ^ v1 ^ v2 ^ v3;
}

void
ledger_verify_count_group(VerifyShared *shared, int table, bool found, uint64 ledger_tx,
				   uint64 first_seq, uint32 schema_version)
{
	pg_atomic_fetch_add_u64(verify_sum(shared, table, found, verify_slot(shared, ledger_tx)),
							(int64) ledger_verify_mark(shared, ledger_tx, first_seq, schema_version));
}

/* ---- comparing ----------------------------------------------------------- */

/* Leaves from .. to of the group, told as ledger_seq. */
static void
report_missing(VerifyRun *run, const VerifyPiece *piece, uint64 from, uint64 to)
{
	VerifyTable *table = &verify_tables(run->shared)[piece->table];
	uint64		first = piece->first_seq + from;
	uint64		last = piece->first_seq + to;
	ItemPointerData tid;
	bool		remains;

	remains = ledger_verify_find_remains(run, piece->table, piece->ledger_tx, first, last,
								  ItemPointerGetBlockNumberNoCheck(&piece->first_tid),
								  ItemPointerGetBlockNumberNoCheck(&piece->last_tid), &tid);
	if (first == last)
		ledger_verify_report(run, LEDGER_ERROR, table->relid, true, piece->ledger_tx, first,
					  remains ? &tid : NULL, "row is missing%s",
					  remains ? ", its remains are still on the page" : "");
	else
		ledger_verify_report(run, LEDGER_ERROR, table->relid, true, piece->ledger_tx, -1,
					  remains ? &tid : NULL,
					  "rows " UINT64_FORMAT " to " UINT64_FORMAT " are missing%s", first, last,
					  remains ? ", remains are still on a page" : "");
}

static void
report_repeated(VerifyRun *run, const VerifyPiece *piece, uint64 from, uint64 to)
{
	VerifyTable *table = &verify_tables(run->shared)[piece->table];
	uint64		first = piece->first_seq + from;
	uint64		last = piece->first_seq + to;

	if (first == last)
		ledger_verify_report(run, LEDGER_ERROR, table->relid, true, piece->ledger_tx, first,
					  &piece->first_tid, "row is there more than once");
	else
		ledger_verify_report(run, LEDGER_ERROR, table->relid, true, piece->ledger_tx, -1,
					  &piece->first_tid,
					  "rows " UINT64_FORMAT " to " UINT64_FORMAT " are there more than once",
					  first, last);
}

void
ledger_verify_check_group(VerifyRun *run, const VerifyPiece *piece)
{
	VerifyTable *table = &verify_tables(run->shared)[piece->table];
	uint8		root[32];

	ledger_verify_count_group(run->shared, piece->table, true, piece->ledger_tx, piece->first_seq,
					   piece->schema_version);
	if (!ledger_range_root(piece->range, run->hasher, root))
		elog(ERROR, "rows could not be hashed");
	if (memcmp(root, piece->root, 32) != 0)
		ledger_verify_report(
			run, LEDGER_ERROR, table->relid, true, piece->ledger_tx, -1, NULL,
			"rows " UINT64_FORMAT " to " UINT64_FORMAT
			" are not what their transaction wrote: together they do not hash to the root in the chain"
			" (from ctid (%u,%u) to (%u,%u))",
			piece->first_seq, piece->first_seq + piece->nrows - 1,
			ItemPointerGetBlockNumberNoCheck(&piece->first_tid),
			ItemPointerGetOffsetNumberNoCheck(&piece->first_tid),
			ItemPointerGetBlockNumberNoCheck(&piece->last_tid),
			ItemPointerGetOffsetNumberNoCheck(&piece->last_tid));
}

/* ---- pieces -------------------------------------------------------------- */

/* Fixed part of a piece on its way; the used bytes of its range follow. */
typedef struct PieceHead
{
	int			table;
	uint32		schema_version;
	uint64		ledger_tx;
	uint64		first_seq;
	uint64		nrows;
	uint8		root[32];
	ItemPointerData first_tid;
	ItemPointerData last_tid;
} PieceHead;

struct VerifyPieces
{
	Tuplesortstate *sort;
	TupleDesc	desc;
	TupleTableSlot *slot;
	MemoryContext context;
};

void
ledger_verify_pieces_encode(StringInfo out, const VerifyPiece *piece)
{
	PieceHead	head;

	memset(&head, 0, sizeof(head));
	head.table = piece->table;
	head.schema_version = piece->schema_version;
	head.ledger_tx = piece->ledger_tx;
	head.first_seq = piece->first_seq;
	head.nrows = piece->nrows;
	memcpy(head.root, piece->root, 32);
	head.first_tid = piece->first_tid;
	head.last_tid = piece->last_tid;
	appendBinaryStringInfo(out, (char *) &head, sizeof(head));
	appendBinaryStringInfo(out, (const char *) piece->range, ledger_range_size(piece->range));
}

VerifyPieces *
ledger_verify_pieces_begin(void)
{
	VerifyPieces *pieces = palloc0(sizeof(VerifyPieces));
	AttrNumber	attnums[4] = {1, 2, 3, 4};
	Oid			operators[4] = {Int4LessOperator, Int8LessOperator, Int8LessOperator, Int8LessOperator};
	Oid			collations[4] = {InvalidOid, InvalidOid, InvalidOid, InvalidOid};
	bool		nulls_first[4] = {false, false, false, false};

	pieces->desc = CreateTemplateTupleDesc(5);
	TupleDescInitEntry(pieces->desc, 1, "table", INT4OID, -1, 0);
	TupleDescInitEntry(pieces->desc, 2, "ledger_tx", INT8OID, -1, 0);
	TupleDescInitEntry(pieces->desc, 3, "first_seq", INT8OID, -1, 0);
	TupleDescInitEntry(pieces->desc, 4, "begin", INT8OID, -1, 0);
	TupleDescInitEntry(pieces->desc, 5, "piece", BYTEAOID, -1, 0);
	pieces->slot = MakeSingleTupleTableSlot(pieces->desc, &TTSOpsMinimalTuple);
	pieces->context =
		AllocSetContextCreate(CurrentMemoryContext, "ledger verify pieces", ALLOCSET_DEFAULT_SIZES);
	pieces->sort = tuplesort_begin_heap(pieces->desc, 4, attnums, operators, collations, nulls_first,
										work_mem, NULL, TUPLESORT_NONE);
	return pieces;
}

void
ledger_verify_pieces_add(VerifyPieces *pieces, const char *message, Size len)
{
	MemoryContext old = MemoryContextSwitchTo(pieces->context);
	TupleTableSlot *input = MakeSingleTupleTableSlot(pieces->desc, &TTSOpsVirtual);
	PieceHead	head;
	uint64		begin;
	bytea	   *data = palloc(VARHDRSZ + len);

	memcpy(&head, message, sizeof(head));
	memcpy(&begin, message + sizeof(head) + offsetof(ledger_range, begin), sizeof(begin));
	SET_VARSIZE(data, VARHDRSZ + len);
	memcpy(VARDATA(data), message, len);

	input->tts_values[0] = Int32GetDatum(head.table);
	input->tts_values[1] = Int64GetDatum((int64) head.ledger_tx);
	input->tts_values[2] = Int64GetDatum((int64) head.first_seq);
	input->tts_values[3] = Int64GetDatum((int64) begin);
	input->tts_values[4] = PointerGetDatum(data);
	memset(input->tts_isnull, 0, 5 * sizeof(bool));
	ExecStoreVirtualTuple(input);
	tuplesort_puttupleslot(pieces->sort, input);
	MemoryContextSwitchTo(old);
	MemoryContextReset(pieces->context);
}

/* The group that is being joined. */
typedef struct Joining
{
	bool		active;
	bool		broken;			/* a gap or an overlap: no root to compare */
	VerifyPiece piece;			/* range points to range */
	ledger_range range;
} Joining;

static void
finish_group(VerifyRun *run, Joining *j)
{
	if (!j->active)
		return;
	j->active = false;
	if (j->range.end < j->piece.nrows)
		report_missing(run, &j->piece, j->range.end, j->piece.nrows - 1);
	if (!j->broken && j->range.end == j->piece.nrows)
		ledger_verify_check_group(run, &j->piece);
	else
		ledger_verify_count_group(run->shared, j->piece.table, true, j->piece.ledger_tx, j->piece.first_seq,
								  j->piece.schema_version);
}

static void
join(VerifyRun *run, Joining *j, const PieceHead *head, const ledger_range *range)
{
	VerifyPiece repeated;

	if (!j->active || j->piece.table != head->table || j->piece.ledger_tx != head->ledger_tx ||
		j->piece.first_seq != head->first_seq)
	{
		finish_group(run, j);
		j->active = true;
		j->broken = false;
		j->piece.table = head->table;
		j->piece.ledger_tx = head->ledger_tx;
		j->piece.first_seq = head->first_seq;
		j->piece.schema_version = head->schema_version;
		j->piece.nrows = head->nrows;
		memcpy(j->piece.root, head->root, 32);
		j->piece.first_tid = head->first_tid;
		j->piece.range = &j->range;
		ledger_range_init(&j->range, 0);
	}
	j->piece.last_tid = head->last_tid;

	if (range->begin > j->range.end)
	{
		report_missing(run, &j->piece, j->range.end, range->begin - 1);
		j->broken = true;
	}
	else if (range->begin < j->range.end)
	{
		repeated = j->piece;
		repeated.first_tid = head->first_tid;
		report_repeated(run, &repeated, range->begin, Min(range->end, j->range.end) - 1);
		j->broken = true;
	}
	if (j->broken)
		j->range.end = Max(j->range.end, range->end);
	else if (!ledger_range_merge(&j->range, run->hasher, range))
		elog(ERROR, "rows could not be hashed");
}

void
ledger_verify_pieces_finish(VerifyPieces *pieces, VerifyRun *run)
{
	Joining	   *j = palloc0(sizeof(Joining));
	ledger_range *range = palloc(sizeof(ledger_range));

	tuplesort_performsort(pieces->sort);
	while (tuplesort_gettupleslot(pieces->sort, true, false, pieces->slot, NULL))
	{
		bool		isnull;
		bytea	   *data = DatumGetByteaPP(slot_getattr(pieces->slot, 5, &isnull));
		PieceHead	head;

		memcpy(&head, VARDATA_ANY(data), sizeof(head));
		memcpy(range, VARDATA_ANY(data) + sizeof(head), VARSIZE_ANY_EXHDR(data) - sizeof(head));
		if (!verify_tables(run->shared)[head.table].changed)
			join(run, j, &head, range);
		CHECK_FOR_INTERRUPTS();
	}
	finish_group(run, j);
	ExecDropSingleTupleTableSlot(pieces->slot);
	tuplesort_end(pieces->sort);
	MemoryContextDelete(pieces->context);
}
