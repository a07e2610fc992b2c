/*
 * chain/verify_index.c
 *		Indexes: does each say exactly what its table says?
 *
 * A sum over (row address, columns) is taken once over the table and once over
 * the index; where both agree, every visible row is in the index with its own
 * values and no index tuple leads a search to a wrong row. Where they differ, a
 * second pass names the rows. An index tuple of a row that is not visible may be
 * there or not, but not lead out of the table. How the access method arranges its
 * tuples is checked beside that; see verify_btree.c.
 */
#include "chain/verify_index.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/index.h"
#include "catalog/pg_am.h"
#include "chain/tuple_check.h"
#include "common/hashfn.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* Pages of the table whose visible rows are remembered at a time: a bitmap of 78 MB. */
#define SEGMENT_PAGES (UINT64CONST(1) << 21)
#define PAGE_BITS ((MaxHeapTuplesPerPage + 7) / 8)

/* Pages of an append-only table that are read under one snapshot. */
#define PAGES_PER_SNAPSHOT 4096

/* Sums by page number, so that the second pass has little to do. */
#define SLOTS 1024

typedef struct Exact
{
	ItemPointerData tid;		/* hash key */
	uint64		hash;
	int			seen;
} Exact;

struct VerifyIndex
{
	VerifyRun  *run;
	Oid			heap_oid;
	Oid			index_oid;
	bool		append_only;
	bool		gone;
	uint64		seed;

	BlockNumber from;			/* the segment */
	BlockNumber to;
	BlockNumber next;			/* page of the table */
	uint8	   *visible;
	uint64		table_sum[SLOTS];
	uint64		index_sum[SLOTS];
	bool		exact;			/* second pass: into rows */
	bool		structure;		/* not looked at yet */
	HTAB	   *rows;

	/* the attempt under way */
	Relation	heap;
	Relation	index;
	IndexInfo  *info;
	EState	   *estate;
	TupleTableSlot *slot;
	MemoryContext tuple;
};

/* ---- hashing ------------------------------------------------------------- */

static inline uint64
mix(uint64 hash, const void *data, size_t len)
{
	return hash_bytes_extended(data, (int) len, hash);
}

uint64
ledger_verify_hash_index_tuple(VerifyIndex *v, IndexTuple tuple)
{
	TupleDesc	desc = RelationGetDescr(v->index);
	Datum		values[INDEX_MAX_KEYS];
	bool		isnull[INDEX_MAX_KEYS];
	uint64		hash = v->seed;

	index_deform_tuple(tuple, desc, values, isnull);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (isnull[i])
			hash = mix(hash, "null", 4);
		else if (att->attbyval)
			hash = mix(hash, &values[i], sizeof(Datum));
		else if (att->attlen > 0)
			hash = mix(hash, DatumGetPointer(values[i]), att->attlen);
		else if (att->attlen == -2)
			hash = mix(hash, DatumGetPointer(values[i]), strlen(DatumGetCString(values[i])));
		else
		{
			/* The same value may be compressed on one side and not on the other. */
			struct varlena *data = PG_DETOAST_DATUM_PACKED(values[i]);

			hash = mix(hash, VARDATA_ANY(data), VARSIZE_ANY_EXHDR(data));
			if (data != (struct varlena *) DatumGetPointer(values[i]))
				pfree(data);
		}
	}
	return hash;
}

static inline uint64
mark(VerifyIndex *v, const ItemPointerData *tid, uint64 hash)
{
	return ledger_verify_mark(v->run->shared, hash, (uint64) ItemPointerGetBlockNumberNoCheck(tid),
							  ItemPointerGetOffsetNumberNoCheck(tid));
}

/* ---- telling ------------------------------------------------------------- */

void
ledger_verify_index_problem(VerifyIndex *v, const ItemPointerData *tid, const char *problem, ...)
{
	va_list		args;
	char	   *text;

	va_start(args, problem);
	text = ledger_verify_text(problem, args);
	va_end(args);
	ledger_verify_report(v->run, LEDGER_ERROR, v->index_oid, false, 0, -1, tid, "%s", text);
	pfree(text);
}

/* ---- the table ----------------------------------------------------------- */

static inline uint8 *
visible_bits(VerifyIndex *v, BlockNumber block)
{
	return v->visible + (size_t) (block - v->from) * PAGE_BITS;
}

static void
take_row(VerifyIndex *v, const ItemPointerData *tid, uint64 hash)
{
	BlockNumber block = ItemPointerGetBlockNumber(tid);
	OffsetNumber offset = ItemPointerGetOffsetNumber(tid);

	if (v->exact)
	{
		Exact	   *row = hash_search(v->rows, tid, HASH_ENTER, NULL);

		row->hash = hash;
		row->seen = 0;
		return;
	}
	visible_bits(v, block)[(offset - 1) / 8] |= 1 << ((offset - 1) % 8);
	v->table_sum[block % SLOTS] += mark(v, tid, hash);
}

/* The index tuple that this row must have; false when a partial index leaves it out. */
static bool
hash_row(VerifyIndex *v, HeapTuple tuple, ExprState *predicate, uint64 *hash)
{
	ExprContext *econtext = GetPerTupleExprContext(v->estate);
	Datum		values[INDEX_MAX_KEYS];
	bool		isnull[INDEX_MAX_KEYS];
	IndexTuple	formed;

	ExecStoreHeapTuple(tuple, v->slot, false);
	econtext->ecxt_scantuple = v->slot;
	if (predicate != NULL && !ExecQual(predicate, econtext))
		return false;
	FormIndexDatum(v->info, v->slot, v->estate, values, isnull);
	formed = index_form_tuple(RelationGetDescr(v->index), values, isnull);
	*hash = ledger_verify_hash_index_tuple(v, formed);
	return true;
}

/* Where an index points for each tuple: a row that was updated in place keeps its first address. */
static void
find_roots(Buffer buffer, const HeapTupleData *tuples, int n, ItemPointerData *roots)
{
	OffsetNumber offsets[MaxHeapTuplesPerPage];
	bool		looked = false;

	for (int i = 0; i < n; i++)
	{
		roots[i] = tuples[i].t_self;
		if (!HeapTupleHeaderIsHeapOnly(tuples[i].t_data))
			continue;
		if (!looked)
		{
			LockBuffer(buffer, BUFFER_LOCK_SHARE);
			heap_get_root_tuples(BufferGetPage(buffer), offsets);
			LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
			looked = true;
		}
		if (offsets[ItemPointerGetOffsetNumber(&roots[i]) - 1] != InvalidOffsetNumber)
			ItemPointerSetOffsetNumber(&roots[i], offsets[ItemPointerGetOffsetNumber(&roots[i]) - 1]);
	}
}

static void
read_pages(VerifyIndex *v)
{
	BufferAccessStrategy strategy = GetAccessStrategy(BAS_BULKREAD);
	ExprState  *predicate;
	BlockNumber end = Min(v->to, RelationGetNumberOfBlocks(v->heap));
	BlockNumber stop = v->append_only ? v->next + PAGES_PER_SNAPSHOT : end;

	v->estate = CreateExecutorState();
	v->slot = MakeSingleTupleTableSlot(RelationGetDescr(v->heap), &TTSOpsHeapTuple);
	v->info = BuildIndexInfo(v->index);
	predicate = ExecPrepareQual(v->info->ii_Predicate, v->estate);
	for (; v->next < end && v->next < stop; v->next++)
	{
		HeapTupleData tuples[MaxHeapTuplesPerPage];
		uint64		hashes[MaxHeapTuplesPerPage];
		bool		wanted[MaxHeapTuplesPerPage];
		ItemPointerData roots[MaxHeapTuplesPerPage];
		Buffer		buffer;
		int			n;

		CHECK_FOR_INTERRUPTS();
		if (v->exact && v->table_sum[v->next % SLOTS] == v->index_sum[v->next % SLOTS])
			continue;
		n = ledger_page_tuples(v->heap, v->next, strategy, v->run->snapshot, &buffer, tuples);
		if (!v->append_only)
			find_roots(buffer, tuples, n, roots);
		for (int i = 0; i < n; i++)
		{
			MemoryContext old = MemoryContextSwitchTo(v->tuple);

			wanted[i] = ledger_check_tuple(tuples[i].t_data, tuples[i].t_len, RelationGetDescr(v->heap),
										   v->heap->rd_rel->reltoastrelid) == NULL &&
				hash_row(v, &tuples[i], predicate, &hashes[i]);
			MemoryContextSwitchTo(old);
			ExecClearTuple(v->slot);
			ResetPerTupleExprContext(v->estate);
			MemoryContextReset(v->tuple);
		}
		for (int i = 0; i < n; i++)
		{
			if (wanted[i])
				take_row(v, v->append_only ? &tuples[i].t_self : &roots[i], hashes[i]);
		}
		ReleaseBuffer(buffer);
	}
	if (v->next >= end)
		v->next = v->to;
	ExecDropSingleTupleTableSlot(v->slot);
	FreeExecutorState(v->estate);
	FreeAccessStrategy(strategy);
}

/* ---- the index ----------------------------------------------------------- */

static void
take_entry(VerifyIndex *v, const ItemPointerData *tid, uint64 hash)
{
	BlockNumber block = ItemPointerGetBlockNumberNoCheck(tid);
	OffsetNumber offset = ItemPointerGetOffsetNumberNoCheck(tid);

	if (block < v->from || block >= v->to || offset == 0 || offset > MaxHeapTuplesPerPage)
	{
		/* To a later segment, or to a row that came since, whose page is there before the index tuple is. */
		if (v->structure &&
			(block >= RelationGetNumberOfBlocks(v->heap) || offset == 0 || offset > MaxHeapTuplesPerPage))
			ledger_verify_index_problem(v, NULL, "index leads to (%u,%u), where the table can have no row",
										block, offset);
		return;
	}
	if (v->exact)
	{
		Exact	   *row = hash_search(v->rows, tid, HASH_FIND, NULL);

		if (row == NULL)
			return;
		row->seen++;
		if (row->hash != hash)
			ledger_verify_index_problem(v, tid, "index leads to the row by values that it does not have");
		return;
	}
	/* A row that was not visible may be here or not. */
	if (visible_bits(v, block)[(offset - 1) / 8] & (1 << ((offset - 1) % 8)))
		v->index_sum[block % SLOTS] += mark(v, tid, hash);
}

/* ---- attempts ------------------------------------------------------------ */

static bool
open_both(VerifyIndex *v)
{
	v->heap_oid = IndexGetRelation(v->index_oid, true);
	v->heap = OidIsValid(v->heap_oid) ? try_relation_open(v->heap_oid, AccessShareLock) : NULL;
	v->index = v->heap == NULL ? NULL : try_relation_open(v->index_oid, AccessShareLock);
	v->gone = v->index == NULL || !v->index->rd_index->indisvalid || !v->index->rd_index->indisready;
	if (!v->gone)
		return true;
	if (v->index != NULL)
		relation_close(v->index, AccessShareLock);
	if (v->heap != NULL)
		relation_close(v->heap, AccessShareLock);
	return false;
}

/*
 * Expressions of an index belong to the table's owner. They are evaluated as
 * that role, as CREATE INDEX did, and with nothing else allowed.
 */
static void
as_owner(VerifyIndex *v, void (*work)(VerifyIndex *v))
{
	Oid			user;
	int			context;
	int			level = NewGUCNestLevel();

	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(v->heap->rd_rel->relowner, context | SECURITY_RESTRICTED_OPERATION);
	work(v);
	AtEOXact_GUC(false, level);
	SetUserIdAndSecContext(user, context);
}

static void
do_table(VerifyRun *run, void *arg)
{
	VerifyIndex *v = arg;

	if (!open_both(v))
		return;
	as_owner(v, read_pages);
	relation_close(v->index, AccessShareLock);
	relation_close(v->heap, AccessShareLock);
}

static void
walk(VerifyIndex *v)
{
	if (v->structure && !ledger_verify_btree_pages(v, v->index))
	{
		v->gone = true;			/* not safe to follow any further */
		return;
	}
	ledger_verify_btree_walk(v, v->index, v->structure, take_entry);
	v->structure = false;
}

static void
do_index(VerifyRun *run, void *arg)
{
	VerifyIndex *v = arg;

	if (!open_both(v))
		return;
	memset(v->index_sum, 0, v->exact ? 0 : sizeof(v->index_sum));
	as_owner(v, walk);
	relation_close(v->index, AccessShareLock);
	relation_close(v->heap, AccessShareLock);
}

/*
 * Table and index in one attempt, under one snapshot: where rows can be deleted,
 * what the first pass saw could be gone from the index before the second.
 */
static void
do_both(VerifyRun *run, void *arg)
{
	VerifyIndex *v = arg;

	do_table(run, arg);
	if (!v->gone)
		do_index(run, arg);
}

/* ---- one segment --------------------------------------------------------- */

static bool
read_table(VerifyIndex *v)
{
	char	   *message;

	v->next = v->from;
	while (v->next < v->to && !v->gone)
	{
		if (ledger_verify_attempt(v->run, do_table, v, &message))
			continue;
		/* That the page cannot be read is told where its rows are verified. */
		v->next++;
	}
	return !v->gone;
}

static bool
compare(VerifyIndex *v)
{
	char	   *message;
	bool		ok;

	if (v->append_only)
	{
		if (!read_table(v))
			return false;
		ok = ledger_verify_attempt(v->run, do_index, v, &message);
	}
	else
	{
		v->next = v->from;
		ok = ledger_verify_attempt(v->run, do_both, v, &message);
	}
	if (!ok)
		ledger_verify_index_problem(v, NULL, "index cannot be read: %s", message);
	return ok && !v->gone;
}

static void
name_rows(VerifyIndex *v)
{
	HASHCTL		ctl = {.keysize = sizeof(ItemPointerData), .entrysize = sizeof(Exact), .hcxt = v->run->chunk};
	HASH_SEQ_STATUS status;
	Exact	   *row;

	v->exact = true;
	v->rows = hash_create("rows of an index", 1024, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	if (compare(v))
	{
		hash_seq_init(&status, v->rows);
		while ((row = hash_seq_search(&status)) != NULL)
		{
			if (row->seen == 0)
				ledger_verify_index_problem(v, &row->tid, "row is not in the index");
			else if (row->seen > 1)
				ledger_verify_index_problem(v, &row->tid, "row is in the index %d times", row->seen);
		}
	}
	hash_destroy(v->rows);
	v->exact = false;
}

static void
look_around(VerifyRun *run, void *arg)
{
	VerifyIndex *v = arg;

	if (!open_both(v))
		return;
	v->gone = v->index->rd_rel->relam != BTREE_AM_OID;
	v->to = RelationGetNumberOfBlocks(v->heap);
	relation_close(v->index, AccessShareLock);
	relation_close(v->heap, AccessShareLock);
}

void
ledger_verify_index_chunk(VerifyRun *run)
{
	VerifyIndex *v = MemoryContextAllocZero(run->chunk, sizeof(VerifyIndex));
	char	   *message;
	BlockNumber nblocks;

	v->run = run;
	v->index_oid = run->part->relid;
	v->append_only =
		run->part->table >= 0 && verify_tables(run->shared)[run->part->table].kind == LEDGER_APPEND_ONLY;
	v->structure = true;
	memcpy(&v->seed, run->shared->key, sizeof(v->seed));
	v->tuple = AllocSetContextCreate(run->chunk, "ledger verify index", ALLOCSET_DEFAULT_SIZES);
	if (!ledger_verify_attempt(run, look_around, v, &message))
	{
		ledger_verify_index_problem(v, NULL, "index cannot be opened: %s", message);
		return;
	}
	nblocks = v->to;
	for (v->from = 0; !v->gone && (v->from < nblocks || v->structure); v->from = v->to)
	{
		v->to = (BlockNumber) Min((uint64) nblocks, v->from + SEGMENT_PAGES);
		v->visible = MemoryContextAllocExtended(run->chunk, Max(1, (Size) (v->to - v->from) * PAGE_BITS),
												MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
		memset(v->table_sum, 0, sizeof(v->table_sum));
		if (!compare(v))
			break;
		pfree(v->visible);
		if (memcmp(v->table_sum, v->index_sum, sizeof(v->table_sum)) != 0)
			name_rows(v);
	}
}
