/*
 * chain/log_read.c
 *		Blocks, leaves and checkpoints of the log.
 *
 * Index scans are kept open and restarted, because verification looks up one
 * bucket of ledger.leaf for each 256 transactions and one row of ledger.block
 * for each block. Each tuple is checked before it is taken apart: these tables
 * are as exposed as the rows they vouch for.
 */
#include "chain/log_internal.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "chain/catalogue.h"
#include "chain/tuple_check.h"
#include "core/packed.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* attribute numbers, as the install script orders them */
enum
{
	Anum_block_chain_id = 1,
	Anum_block_height,
	Anum_block_epoch,
	Anum_block_prev_hash,
	Anum_block_first_leaf,
	Anum_block_n,
	Anum_block_log_root,
	Anum_block_results_root,
	Anum_block_body_hash,
	Anum_block_members_hash,
	Anum_block_next_members_hash,
	Anum_block_sealed_at,
	Anum_block_proposer,
	Anum_block_frontier,
	Anum_block_snapshot,
	Anum_block_system_identifier,
	Anum_block_timeline,
	Anum_block_scan_from,
	Anum_block_entry_file,
	Natts_block = Anum_block_entry_file
};

enum
{
	Anum_leaf_chain_id = 1,
	Anum_leaf_height,
	Anum_leaf_bucket,
	Anum_leaf_items,
	Natts_leaf = Anum_leaf_items
};

enum
{
	Anum_checkpoint_chain_id = 1,
	Anum_checkpoint_size,
	Anum_checkpoint_note,
	Anum_checkpoint_published_at,
	Natts_checkpoint = Anum_checkpoint_published_at
};

/* ---- opening ------------------------------------------------------------- */

static Relation
open_table(const char *name)
{
	return table_open(ledger_catalog_oid(name, false), AccessShareLock);
}

static void
set_index(LogIndex *index, const char *name, Relation heap, int nkeys)
{
	index->name = name;
	index->heap = heap;
	index->nkeys = nkeys;
}

LedgerLog *
ledger_log_open(const LedgerChain *chain, Snapshot snapshot)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "ledger log reader", ALLOCSET_DEFAULT_SIZES);
	LedgerLog  *log = MemoryContextAllocZero(context, sizeof(LedgerLog));

	log->chain = *chain;
	log->hasher = ledger_suite_hasher(chain->suite);
	log->snapshot = snapshot;
	log->context = context;
	log->scratch = AllocSetContextCreate(context, "ledger log scratch", ALLOCSET_DEFAULT_SIZES);
	log->entry_buffer = InvalidBuffer;

	log->block = open_table("block");
	log->leaf = open_table("leaf");
	log->entry = open_table("entry");
	log->tile = open_table("tile");
	log->checkpoint = open_table("checkpoint");

	set_index(&log->by_height, "block_pkey", log->block, 2);
	set_index(&log->newest, "block_pkey", log->block, 1);
	set_index(&log->by_first_leaf, "block_first_leaf", log->block, 2);
	set_index(&log->leaves_by_height, "leaf_pkey", log->leaf, 2);
	set_index(&log->leaves_by_bucket, "leaf_bucket", log->leaf, 2);
	set_index(&log->tiles, "tile_pkey", log->tile, 3);
	set_index(&log->checkpoints, "checkpoint_pkey", log->checkpoint, 2);
	set_index(&log->newest_checkpoint, "checkpoint_pkey", log->checkpoint, 1);
	return log;
}

static void
close_index(LogIndex *index)
{
	if (index->index == NULL)
		return;
	index_endscan(index->scan);
	ExecDropSingleTupleTableSlot(index->slot);
	index_close(index->index, AccessShareLock);
}

void
ledger_log_close(LedgerLog *log)
{
	if (BufferIsValid(log->entry_buffer))
		ReleaseBuffer(log->entry_buffer);
	close_index(&log->by_height);
	close_index(&log->newest);
	close_index(&log->by_first_leaf);
	close_index(&log->leaves_by_height);
	close_index(&log->leaves_by_bucket);
	close_index(&log->tiles);
	close_index(&log->checkpoints);
	close_index(&log->newest_checkpoint);
	table_close(log->block, AccessShareLock);
	table_close(log->leaf, AccessShareLock);
	table_close(log->entry, AccessShareLock);
	table_close(log->tile, AccessShareLock);
	table_close(log->checkpoint, AccessShareLock);
	MemoryContextDelete(log->context);
}

/* ---- scans --------------------------------------------------------------- */

/* Equality function for the types that the keys of these indexes have. */
static RegProcedure
comparison(Oid typid, int strategy)
{
	switch (typid)
	{
		case UUIDOID:
			return F_UUID_EQ;
		case INT2OID:
			return F_INT2EQ;
		default:
			return strategy == BTLessEqualStrategyNumber ? F_INT8LE : F_INT8EQ;
	}
}

HeapTuple
ledger_log_next(LedgerLog *log, LogIndex *index, ScanDirection direction)
{
	/* The scan remembers dead index items in memory of whoever asks for the next tuple. */
	MemoryContext old = MemoryContextSwitchTo(log->context);
	HeapTuple	tuple = NULL;
	bool		should_free;

	if (index_getnext_slot(index->scan, direction, index->slot))
		tuple = ExecFetchSlotHeapTuple(index->slot, false, &should_free);
	else
		ExecClearTuple(index->slot);	/* nothing stays pinned between two uses */
	MemoryContextSwitchTo(old);
	return tuple;
}

/* strategy is that of the last key; the others are compared for equality */
HeapTuple
ledger_log_first(LedgerLog *log, LogIndex *index, const Datum *values, int strategy, ScanDirection direction)
{
	ScanKeyData keys[3];

	if (index->index == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(log->context);

		index->index = index_open(ledger_catalog_oid(index->name, false), AccessShareLock);
		index->slot = table_slot_create(index->heap, NULL);
		index->scan = index_beginscan(index->heap, index->index, log->snapshot, index->nkeys, 0);
		MemoryContextSwitchTo(old);
	}
	for (int i = 0; i < index->nkeys; i++)
	{
		int			s = i == index->nkeys - 1 ? strategy : BTEqualStrategyNumber;
		Oid			typid = TupleDescAttr(RelationGetDescr(index->index), i)->atttypid;

		ScanKeyInit(&keys[i], i + 1, s, comparison(typid, s), values[i]);
	}
	index_rescan(index->scan, keys, index->nkeys, NULL, 0);
	return ledger_log_next(log, index, direction);
}

static inline Datum
chain_datum(LedgerLog *log)
{
	return UUIDPGetDatum((pg_uuid_t *) log->chain.chain_id);
}

/* ---- blocks -------------------------------------------------------------- */

static const char *
copy_hash(Datum datum, uint8 out[32])
{
	struct varlena *v = PG_DETOAST_DATUM_PACKED(datum);

	if (VARSIZE_ANY_EXHDR(v) != 32)
		return "a hash does not have 32 bytes";
	memcpy(out, VARDATA_ANY(v), 32);
	return NULL;
}

static const char *
read_block(LedgerLog *log, HeapTuple tuple, LedgerBlockRow *row)
{
	TupleDesc	desc = RelationGetDescr(log->block);
	ledger_block *block = &row->block;
	Datum		values[Natts_block];
	bool		nulls[Natts_block];
	const char *problem;
	struct varlena *v;

	problem = ledger_check_tuple(tuple->t_data, tuple->t_len, desc, log->block->rd_rel->reltoastrelid);
	if (problem != NULL)
		return problem;
	ledger_catalogue_deform(tuple, desc, Natts_block, values, nulls);
	for (int i = 0; i < Natts_block; i++)
	{
		if (nulls[i])
			return "a column is null";
	}

	memcpy(block->chain_id, log->chain.chain_id, 16);
	block->height = (uint64) DatumGetInt64(values[Anum_block_height - 1]);
	block->epoch = (uint64) DatumGetInt64(values[Anum_block_epoch - 1]);
	block->first_leaf = (uint64) DatumGetInt64(values[Anum_block_first_leaf - 1]);
	block->n = (uint32) DatumGetInt32(values[Anum_block_n - 1]);
	if ((problem = copy_hash(values[Anum_block_prev_hash - 1], block->prev_hash)) != NULL ||
		(problem = copy_hash(values[Anum_block_log_root - 1], block->log_root)) != NULL ||
		(problem = copy_hash(values[Anum_block_results_root - 1], block->results_root)) != NULL ||
		(problem = copy_hash(values[Anum_block_body_hash - 1], block->body_hash)) != NULL ||
		(problem = copy_hash(values[Anum_block_members_hash - 1], block->members_hash)) != NULL ||
		(problem = copy_hash(values[Anum_block_next_members_hash - 1], block->next_members_hash)) != NULL)
		return problem;
	block->sealed_at = DatumGetTimestampTz(values[Anum_block_sealed_at - 1]);
	block->proposer = (uint16) DatumGetInt16(values[Anum_block_proposer - 1]);

	v = PG_DETOAST_DATUM_PACKED(values[Anum_block_frontier - 1]);
	row->frontier_len = VARSIZE_ANY_EXHDR(v);
	row->frontier = palloc(row->frontier_len + 1);
	memcpy(row->frontier, VARDATA_ANY(v), row->frontier_len);
	row->snapshot = PointerGetDatum(PG_DETOAST_DATUM_COPY(values[Anum_block_snapshot - 1]));
	row->system_identifier = DatumGetInt64(values[Anum_block_system_identifier - 1]);
	row->scan_from = DatumGetInt64(values[Anum_block_scan_from - 1]);
	return NULL;
}

static bool
found_block(LedgerLog *log, HeapTuple tuple, LedgerBlockRow *row)
{
	const char *problem;

	if (tuple == NULL)
		return false;
	problem = read_block(log, tuple, row);
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("row (%u,%u) of ledger.block is damaged: %s", ItemPointerGetBlockNumber(&tuple->t_self),
						ItemPointerGetOffsetNumber(&tuple->t_self), problem)));
	return true;
}

/*
 * Is this row one that the log can be taken to end with? Its height must lead
 * back to it and its frontier to its root.
 */
static bool
is_sound(LedgerLog *log, const LedgerBlockRow *row)
{
	Datum		keys[2] = {chain_datum(log), Int64GetDatum((int64) row->block.height)};
	ledger_frontier *frontier;

	if (row->block.height >= PG_INT64_MAX || row->block.first_leaf >= PG_INT64_MAX || row->block.n == 0 ||
		ledger_log_first(log, &log->by_height, keys, BTEqualStrategyNumber, ForwardScanDirection) == NULL)
		return false;
	frontier = palloc(sizeof(ledger_frontier));
	return ledger_log_frontier(log, row, frontier);
}

bool
ledger_log_newest_sound_block(LedgerLog *log, LedgerBlockRow *row, uint64 *nbad)
{
	Datum		key = chain_datum(log);
	HeapTuple	tuple;

	*nbad = 0;
	for (tuple = ledger_log_first(log, &log->newest, &key, BTEqualStrategyNumber, BackwardScanDirection);
		 tuple != NULL; tuple = ledger_log_next(log, &log->newest, BackwardScanDirection))
	{
		if (read_block(log, tuple, row) == NULL && is_sound(log, row))
			return true;
		(*nbad)++;
	}
	return false;
}

bool
ledger_log_newest_block(LedgerLog *log, LedgerBlockRow *row)
{
	Datum		key = chain_datum(log);

	return found_block(log,
					   ledger_log_first(log, &log->newest, &key, BTEqualStrategyNumber,
										BackwardScanDirection),
					   row);
}

bool
ledger_log_block(LedgerLog *log, uint64 height, LedgerBlockRow *row)
{
	Datum		keys[2] = {chain_datum(log), Int64GetDatum((int64) height)};

	if (!found_block(log,
					 ledger_log_first(log, &log->by_height, keys, BTEqualStrategyNumber,
									  ForwardScanDirection),
					 row))
		return false;
	if (row->block.height != height)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("index ledger.block_pkey leads from height " UINT64_FORMAT
						" to a block of height " UINT64_FORMAT, height, row->block.height)));
	return true;
}

bool
ledger_log_block_of_leaf(LedgerLog *log, uint64 leaf, LedgerBlockRow *row)
{
	Datum		keys[2] = {chain_datum(log), Int64GetDatum((int64) leaf)};

	return found_block(log,
					   ledger_log_first(log, &log->by_first_leaf, keys, BTLessEqualStrategyNumber,
										BackwardScanDirection),
					   row) &&
		leaf >= row->block.first_leaf && leaf - row->block.first_leaf < row->block.n;
}

bool
ledger_log_frontier(LedgerLog *log, const LedgerBlockRow *row, ledger_frontier *frontier)
{
	uint8		root[32];

	return ledger_frontier_load(frontier, row->block.first_leaf + row->block.n, row->frontier,
								row->frontier_len) == LEDGER_OK &&
		ledger_frontier_root(frontier, log->hasher, root) && memcmp(root, row->block.log_root, 32) == 0;
}

/* ---- leaves -------------------------------------------------------------- */

typedef struct LeafRow
{
	uint64		height;
	uint64		bucket;
	const uint8 *items;
	int			n;
} LeafRow;

static const char *
read_leaf_row(LedgerLog *log, HeapTuple tuple, LeafRow *row)
{
	TupleDesc	desc = RelationGetDescr(log->leaf);
	Datum		values[Natts_leaf];
	bool		nulls[Natts_leaf];
	const char *problem;
	struct varlena *v;

	problem = ledger_check_tuple(tuple->t_data, tuple->t_len, desc, log->leaf->rd_rel->reltoastrelid);
	if (problem != NULL)
		return problem;
	ledger_catalogue_deform(tuple, desc, Natts_leaf, values, nulls);
	if (nulls[Anum_leaf_height - 1] || nulls[Anum_leaf_bucket - 1] || nulls[Anum_leaf_items - 1])
		return "a column is null";
	v = PG_DETOAST_DATUM_PACKED(values[Anum_leaf_items - 1]);
	if (VARSIZE_ANY_EXHDR(v) % LEDGER_LEAF_ITEM_LEN != 0)
		return "its items have an impossible length";
	row->height = (uint64) DatumGetInt64(values[Anum_leaf_height - 1]);
	row->bucket = (uint64) DatumGetInt64(values[Anum_leaf_bucket - 1]);
	row->items = (const uint8 *) VARDATA_ANY(v);
	row->n = VARSIZE_ANY_EXHDR(v) / LEDGER_LEAF_ITEM_LEN;
	return NULL;
}

static inline void
read_item(const LeafRow *row, int i, LedgerLeaf *leaf)
{
	ledger_leaf_item item;

	ledger_leaf_item_get(row->items, i, &item);
	leaf->ledger_tx = row->bucket << 8 | item.tx_low;
	leaf->height = row->height;
	leaf->offset = item.leaf_offset;
	ItemPointerSet(&leaf->tid, item.heap_block, item.line_pointer);
}

static int
compare_offsets(const void *a, const void *b)
{
	uint32		x = ((const LedgerLeaf *) a)->offset;
	uint32		y = ((const LedgerLeaf *) b)->offset;

	return x < y ? -1 : x > y;
}

static LedgerLeaf *
make_room(LedgerLog *log, LedgerLeaf *leaves, int *room, int need)
{
	if (need <= *room)
		return leaves;
	*room = Max(need, Max(256, 2 * *room));
	if (leaves == NULL)
		return MemoryContextAllocHuge(log->context, (Size) *room * sizeof(LedgerLeaf));
	return repalloc_huge(leaves, (Size) *room * sizeof(LedgerLeaf));
}

const LedgerLeaf *
ledger_log_block_leaves(LedgerLog *log, uint64 height, int *n, const char **problem)
{
	Datum		keys[2] = {chain_datum(log), Int64GetDatum((int64) height)};
	MemoryContext old = MemoryContextSwitchTo(log->scratch);
	HeapTuple	tuple;
	bool		sorted = true;

	*n = 0;
	*problem = NULL;
	for (tuple =
			 ledger_log_first(log, &log->leaves_by_height, keys, BTEqualStrategyNumber, ForwardScanDirection);
		 tuple != NULL;
		 tuple = ledger_log_next(log, &log->leaves_by_height, ForwardScanDirection))
	{
		LeafRow		row;
		const char *damage = read_leaf_row(log, tuple, &row);

		if (damage == NULL && row.height != height)
			damage = "its index names another height";
		if (damage != NULL)
		{
			*problem = MemoryContextStrdup(log->context,
										   psprintf("row (%u,%u) of ledger.leaf is damaged: %s",
													ItemPointerGetBlockNumber(&tuple->t_self),
													ItemPointerGetOffsetNumber(&tuple->t_self), damage));
			continue;
		}
		log->leaves = make_room(log, log->leaves, &log->leaves_room, *n + row.n);
		for (int i = 0; i < row.n; i++)
		{
			LedgerLeaf *leaf = &log->leaves[(*n)++];

			read_item(&row, i, leaf);
			if (*n > 1 && leaf->offset < leaf[-1].offset)
				sorted = false;
		}
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(log->scratch);
	if (!sorted)
		qsort(log->leaves, *n, sizeof(LedgerLeaf), compare_offsets);
	return log->leaves;
}

static int
compare_in_bucket(const void *a, const void *b)
{
	const LedgerLeaf *x = a;
	const LedgerLeaf *y = b;

	if (x->ledger_tx != y->ledger_tx)
		return x->ledger_tx < y->ledger_tx ? -1 : 1;
	if (x->height != y->height)
		return x->height < y->height ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void
load_bucket(LedgerLog *log, LogBucket *bucket, uint64 number)
{
	Datum		keys[2] = {chain_datum(log), Int64GetDatum((int64) number)};
	MemoryContext old = MemoryContextSwitchTo(log->scratch);
	HeapTuple	tuple;
	int			n = 0;
	int			low = 0;

	bucket->valid = false;
	for (tuple =
			 ledger_log_first(log, &log->leaves_by_bucket, keys, BTEqualStrategyNumber, ForwardScanDirection);
		 tuple != NULL;
		 tuple = ledger_log_next(log, &log->leaves_by_bucket, ForwardScanDirection))
	{
		LeafRow		row;

		/* A damaged row is a finding of whoever reads the block's leaves. */
		if (read_leaf_row(log, tuple, &row) != NULL || row.bucket != number)
			continue;
		bucket->leaves = make_room(log, bucket->leaves, &bucket->room, n + row.n);
		for (int i = 0; i < row.n; i++)
			read_item(&row, i, &bucket->leaves[n++]);
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(log->scratch);

	if (n > 1)
		qsort(bucket->leaves, n, sizeof(LedgerLeaf), compare_in_bucket);
	for (int i = 0; i < n; i++)
	{
		while (low <= (int) (bucket->leaves[i].ledger_tx & 0xff))
			bucket->start[low++] = i;
	}
	while (low <= 256)
		bucket->start[low++] = n;
	bucket->bucket = number;
	bucket->valid = true;
}

int
ledger_log_find(LedgerLog *log, uint64 ledger_tx, const LedgerLeaf **leaves)
{
	uint64		number = ledger_tx >> 8;
	int			low = ledger_tx & 0xff;
	LogBucket  *bucket;

	if (log->buckets == NULL)
		log->buckets = MemoryContextAllocZero(log->context, sizeof(LogBucket) * LOG_BUCKETS);
	bucket = &log->buckets[number % LOG_BUCKETS];
	if (!bucket->valid || bucket->bucket != number)
		load_bucket(log, bucket, number);
	*leaves = bucket->leaves + bucket->start[low];
	return bucket->start[low + 1] - bucket->start[low];
}

/* ---- checkpoints --------------------------------------------------------- */

static char *
read_checkpoint(LedgerLog *log, HeapTuple tuple, uint64 *size)
{
	TupleDesc	desc = RelationGetDescr(log->checkpoint);
	Datum		values[Natts_checkpoint];
	bool		nulls[Natts_checkpoint];
	const char *problem;

	if (tuple == NULL)
		return NULL;
	problem = ledger_check_tuple(tuple->t_data, tuple->t_len, desc, log->checkpoint->rd_rel->reltoastrelid);
	if (problem == NULL)
	{
		ledger_catalogue_deform(tuple, desc, Natts_checkpoint, values, nulls);
		if (nulls[Anum_checkpoint_size - 1] || nulls[Anum_checkpoint_note - 1])
			problem = "a column is null";
	}
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("row (%u,%u) of ledger.checkpoint is damaged: %s",
						ItemPointerGetBlockNumber(&tuple->t_self),
						ItemPointerGetOffsetNumber(&tuple->t_self), problem)));
	*size = (uint64) DatumGetInt64(values[Anum_checkpoint_size - 1]);
	return TextDatumGetCString(values[Anum_checkpoint_note - 1]);
}

char *
ledger_log_newest_checkpoint(LedgerLog *log, uint64 *size)
{
	Datum		key = chain_datum(log);

	return read_checkpoint(log,
						   ledger_log_first(log, &log->newest_checkpoint, &key, BTEqualStrategyNumber,
											BackwardScanDirection),
						   size);
}

char *
ledger_log_checkpoint(LedgerLog *log, uint64 size)
{
	Datum		keys[2] = {chain_datum(log), Int64GetDatum((int64) size)};

	return read_checkpoint(log,
						   ledger_log_first(log, &log->checkpoints, keys, BTEqualStrategyNumber,
											ForwardScanDirection),
						   &size);
}
