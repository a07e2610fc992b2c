/*
 * chain/seal_block.c
 *		Blocks from the entries that were found, and all that goes with them.
 *
 * Everything is written with heap inserts, without SQL: this is the path that
 * has to keep up with every writer of the database.
 *
 * A row of ledger.entry that cannot be rebuilt has no leaf. It must not stop the
 * sealing of others, and must not be passed over in silence: an incident is
 * recorded, health_check() and verify() show it, and as long as it has no leaf
 * each start of the sealer tries it again (chain/seal.c).
 */
#include "chain/seal_internal.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/indexing.h"
#include "catalog/pg_type.h"
#include "chain/catalogue.h"
#include "core/block.h"
#include "core/packed.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

/* The items of one row of ledger.leaf. */
typedef struct Bucket
{
	uint64		bucket;
	int			n;
	int			room;
	bytea	   *items;
} Bucket;

typedef struct Table
{
	Relation	rel;
	CatalogIndexState indexes;
} Table;

typedef struct BlockWriter
{
	LedgerSealer *sealer;
	Relation	entry;
	const LedgerPgSnapshot *now;
	Datum		chain_id;
	Table		block;
	Table		leaf;
	Table		tile;
	MemoryContext context;		/* of one block */
	MemoryContext row_context;	/* of one row */
	char	   *tuple;			/* copy of a tuple, one page */
	LedgerEntryBatch *batch;	/* entries whose leaves are still to come */

	/* the block being made */
	uint32		n;
	ledger_digest *leaves;
	uint32		leaves_room;
	Bucket	   *buckets;
	int			nbuckets;
	int			buckets_room;
	bool		members_changed;
} BlockWriter;

/* ---- small things ---------------------------------------------------------- */

static void
hash_failed(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INTERNAL_ERROR),
			 errmsg("could not compute a hash of the ledger")));
}

static Table
open_table(const char *name)
{
	Table		table;

	table.rel = table_open(ledger_catalog_oid(name, false), RowExclusiveLock);
	table.indexes = CatalogOpenIndexes(table.rel);
	return table;
}

static void
close_table(Table *table)
{
	CatalogCloseIndexes(table->indexes);
	table_close(table->rel, NoLock);
}

static void
insert_row(Table *table, Datum *values, int natts)
{
	bool		nulls[32] = {false};
	HeapTuple	tuple;

	Assert(natts == RelationGetDescr(table->rel)->natts);
	tuple = heap_form_tuple(RelationGetDescr(table->rel), values, nulls);
	CatalogTupleInsertWithInfo(table->rel, tuple, table->indexes);
	heap_freetuple(tuple);
}

/* ---- tiles ------------------------------------------------------------------ */

/* The tile of a level is full: store it, and hand its root to the level above. */
static void
finish_tile(BlockWriter *w, int level, uint64 tile_no, const ledger_digest root)
{
	LedgerTileEdge *edge = &w->sealer->edge[level];
	LedgerTileEdge *above = &w->sealer->edge[level + 1];

	if (!edge->broken)
	{
		Datum		values[] = {
			w->chain_id,
			Int16GetDatum((int16) level),
			Int64GetDatum((int64) tile_no),
			ledger_bytes_datum(edge->hash, sizeof(edge->hash))
		};

		insert_row(&w->tile, values, lengthof(values));
	}
	if (level + 1 < LEDGER_TILE_LEVELS)
	{
		if (edge->broken)
			above->broken = true;
		memcpy(above->hash[above->n], root, sizeof(ledger_digest));
		above->n++;
		if (above->n == LEDGER_TILE_WIDTH)
		{
			ledger_digest above_root;

			if (!ledger_tile_root(w->sealer->hasher, above->hash[0], above_root))
				hash_failed();
			finish_tile(w, level + 1, tile_no / LEDGER_TILE_WIDTH, above_root);
		}
	}
	edge->n = 0;
	edge->broken = false;
}

/* Append the leaves of a block to the log: frontier and tiles. */
static void
append_leaves(BlockWriter *w)
{
	LedgerSealer *sealer = w->sealer;
	LedgerTileEdge *edge = &sealer->edge[0];
	uint32		done = 0;

	while (done < w->n)
	{
		uint32		n = Min(w->n - done, (uint32) (LEDGER_TILE_WIDTH - edge->n));
		ledger_digest scratch[LEDGER_TILE_WIDTH];

		memcpy(edge->hash[edge->n], w->leaves[done], n * sizeof(ledger_digest));
		memcpy(scratch, w->leaves[done], n * sizeof(ledger_digest));
		edge->n += n;
		done += n;
		if (edge->n == LEDGER_TILE_WIDTH)
		{
			ledger_digest root;

			if (!ledger_frontier_complete(&sealer->log, sealer->hasher, LEDGER_TILE_HEIGHT, scratch, n, root))
				hash_failed();
			finish_tile(w, 0, sealer->log.count / LEDGER_TILE_WIDTH - 1, root);
		}
		else if (!ledger_frontier_append_many(&sealer->log, sealer->hasher, scratch, n))
			hash_failed();
	}
}

/* ---- entries ---------------------------------------------------------------- */

static void
record_incident(BlockWriter *w, uint64 ledger_tx, const ItemPointerData *tid, const char *problem)
{
	ereport(LOG,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("entry of transaction %llu at (%u,%u) of ledger.entry: %s",
					(unsigned long long) ledger_tx, ItemPointerGetBlockNumber(tid),
					ItemPointerGetOffsetNumber(tid), problem)));
	(void) ledger_incident_add(w->sealer->chain.chain_id, "error", "ledger.entry", &ledger_tx, -1, problem);
}

/* The tuple as it was copied when it was found. */
static void
use_copy(BlockWriter *w, const LedgerSealKey *key, HeapTuple tuple)
{
	char	   *copy = w->sealer->copies + key->copy;

	memcpy(&tuple->t_len, copy, sizeof(uint32));
	tuple->t_data = (HeapTupleHeader) (copy + MAXALIGN(sizeof(uint32)));
	tuple->t_self = key->tid;
}

/* Copy the tuple out of its page; false when it is gone. *buffer stays pinned for the next one. */
static bool
fetch(BlockWriter *w, const LedgerSealKey *key, Buffer *buffer, HeapTuple tuple)
{
	BlockNumber block = ItemPointerGetBlockNumber(&key->tid);
	bool		there;

	*buffer = ReleaseAndReadBuffer(*buffer, w->entry, block);
	LockBuffer(*buffer, BUFFER_LOCK_SHARE);
	there = ledger_seal_tuple(BufferGetPage(*buffer), block, ItemPointerGetOffsetNumber(&key->tid), tuple);
	if (there)
	{
		memcpy(w->tuple, tuple->t_data, tuple->t_len);
		tuple->t_data = (HeapTupleHeader) w->tuple;
	}
	LockBuffer(*buffer, BUFFER_LOCK_UNLOCK);
	return there;
}

static void
add_item(BlockWriter *w, uint64 ledger_tx, const ItemPointerData *tid)
{
	uint64		bucket = ledger_tx >> 8;
	Bucket	   *b = NULL;
	ledger_leaf_item item = {
		.tx_low = (uint8) ledger_tx,
		.leaf_offset = w->n,
		.heap_block = ItemPointerGetBlockNumber(tid),
		.line_pointer = ItemPointerGetOffsetNumber(tid)
	};

	/* order follows the numbers closely, so the bucket is one of the newest */
	for (int i = w->nbuckets - 1; i >= 0 && b == NULL; i--)
	{
		if (w->buckets[i].bucket == bucket)
			b = &w->buckets[i];
	}
	if (b == NULL)
	{
		if (w->nbuckets == w->buckets_room)
		{
			w->buckets_room = Max(w->buckets_room * 2, 16);
			w->buckets = w->buckets == NULL ? palloc(w->buckets_room * sizeof(Bucket))
											: repalloc(w->buckets, w->buckets_room * sizeof(Bucket));
		}
		b = &w->buckets[w->nbuckets++];
		b->bucket = bucket;
		b->n = 0;
		b->room = 32;
		b->items = palloc(VARHDRSZ + b->room * LEDGER_LEAF_ITEM_LEN);
	}
	if (b->n == b->room)
	{
		b->room *= 2;
		b->items = repalloc_huge(b->items, VARHDRSZ + (Size) b->room * LEDGER_LEAF_ITEM_LEN);
	}
	ledger_leaf_item_put((uint8 *) VARDATA(b->items) + (Size) b->n * LEDGER_LEAF_ITEM_LEN, &item);
	b->n++;
}

/* Decode the row and add it to the leaves of the block; false with *problem when that fails. */
static bool
rebuild(BlockWriter *w, HeapTuple tuple, LedgerEntryRow *row, const char **problem)
{
	const char *damage = ledger_entry_row_read(w->entry, tuple, row);

	if (damage != NULL)
		*problem = psprintf("the row is damaged: %s", damage);
	return damage == NULL && ledger_entry_batch_add(w->batch, row, w->leaves[w->n], problem);
}

/*
 * The same where an ERROR counts as damage too: a compressed or TOASTed value
 * that cannot be read, for one. It costs a subtransaction for each entry, so it
 * is done only by a sealer that was started after an ERROR.
 */
static bool
rebuild_carefully(BlockWriter *w, HeapTuple tuple, LedgerEntryRow *row, const char **problem)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile bool added = false;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		added = rebuild(w, tuple, row, problem);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		*problem = pstrdup(error->message);
		added = false;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return added;
}

/* Add an entry to the block. */
static void
add_entry(BlockWriter *w, const LedgerSealKey *key, Buffer *buffer)
{
	LedgerSealer *sealer = w->sealer;
	const ItemPointerData *tid = &key->tid;
	HeapTupleData tuple;
	LedgerEntryRow row = {0};
	MemoryContext old;
	const char *problem = "the row is gone";
	bool		there;
	bool		added = false;

	if (w->n == w->leaves_room)
	{
		ledger_entry_batch_finish(w->batch);
		w->leaves_room *= 2;
		w->leaves = repalloc_huge(w->leaves, w->leaves_room * sizeof(ledger_digest));
	}
	old = MemoryContextSwitchTo(w->row_context);
	tuple.t_tableOid = RelationGetRelid(w->entry);
	if (key->copy != LEDGER_NO_COPY)
	{
		use_copy(w, key, &tuple);
		there = true;
	}
	else
		there = fetch(w, key, buffer, &tuple);
	if (there)
		added = sealer->careful ? rebuild_carefully(w, &tuple, &row, &problem)
								: rebuild(w, &tuple, &row, &problem);
	if (!added)
		record_incident(w, row.ledger_tx, tid, psprintf("the entry cannot be sealed: %s", problem));
	else if (!ledger_members_apply(sealer->members, &sealer->chain, &row, &problem))
		record_incident(w, row.ledger_tx, tid, problem);
	else if (row.type == LEDGER_ENTRY_MEMBER || row.type == LEDGER_ENTRY_KEY)
		w->members_changed = true;
	MemoryContextSwitchTo(old);
	if (added)
	{
		add_item(w, row.ledger_tx, tid);
		w->n++;
	}
	MemoryContextReset(w->row_context);
}

/* ---- blocks ----------------------------------------------------------------- */

static void
write_leaf_rows(BlockWriter *w, uint64 height)
{
	for (int i = 0; i < w->nbuckets; i++)
	{
		Bucket	   *b = &w->buckets[i];
		Datum		values[] = {
			w->chain_id,
			Int64GetDatum((int64) height),
			Int64GetDatum((int64) b->bucket),
			PointerGetDatum(b->items)
		};

		SET_VARSIZE(b->items, VARHDRSZ + b->n * LEDGER_LEAF_ITEM_LEN);
		insert_row(&w->leaf, values, lengthof(values));
	}
}

static void
write_block(BlockWriter *w, const uint8 members_hash[32])
{
	LedgerSealer *sealer = w->sealer;
	ledger_block_body body = {0};
	ledger_block block = {
		.epoch = 0,
		.height = sealer->next_height,
		.first_leaf = sealer->log.count,
		.n = w->n,
		.sealed_at = GetCurrentTimestamp(),
		.proposer = 0
	};
	uint8		bytes[LEDGER_BLOCK_LEN];

	memcpy(block.chain_id, sealer->chain.chain_id, LEDGER_ID_LEN);
	memcpy(block.prev_hash, sealer->prev_hash, LEDGER_HASH_LEN);
	memcpy(block.members_hash, members_hash, LEDGER_HASH_LEN);
	if (w->members_changed)
		ledger_members_digest(sealer->members, sealer->hasher, block.next_members_hash);
	else
		memcpy(block.next_members_hash, members_hash, LEDGER_HASH_LEN);

	append_leaves(w);
	if (!ledger_frontier_root(&sealer->log, sealer->hasher, block.log_root) ||
		!ledger_results_root(sealer->hasher, w->leaves, w->n, block.results_root) ||
		!ledger_body_hash(sealer->hasher, &body, block.body_hash))
		hash_failed();
	ledger_block_put(bytes, &block);
	if (!ledger_block_hash(sealer->hasher, bytes, sealer->prev_hash))
		hash_failed();

	{
		Datum		values[] = {
			w->chain_id,
			Int64GetDatum((int64) block.height),
			Int64GetDatum((int64) block.epoch),
			ledger_bytes_datum(block.prev_hash, LEDGER_HASH_LEN),
			Int64GetDatum((int64) block.first_leaf),
			Int32GetDatum((int32) block.n),
			ledger_bytes_datum(block.log_root, LEDGER_HASH_LEN),
			ledger_bytes_datum(block.results_root, LEDGER_HASH_LEN),
			ledger_bytes_datum(block.body_hash, LEDGER_HASH_LEN),
			ledger_bytes_datum(block.members_hash, LEDGER_HASH_LEN),
			ledger_bytes_datum(block.next_members_hash, LEDGER_HASH_LEN),
			TimestampTzGetDatum(block.sealed_at),
			Int16GetDatum((int16) block.proposer),
			ledger_bytes_datum(sealer->log.node, ledger_frontier_nodes(&sealer->log) * LEDGER_HASH_LEN),
			PointerGetDatum(w->now),
			Int64GetDatum((int64) GetSystemIdentifier()),
			Int32GetDatum((int32) GetWALInsertionTimeLine()),
			Int64GetDatum((int64) sealer->next_scan_from),
			ObjectIdGetDatum(sealer->entry_file)
		};

		insert_row(&w->block, values, lengthof(values));
	}
	write_leaf_rows(w, block.height);
	if (w->members_changed)
		ledger_members_store(sealer->members, &sealer->chain, block.height);
	sealer->next_height++;
}

static void
begin_block(BlockWriter *w)
{
	MemoryContextReset(w->context);
	w->n = 0;
	w->leaves_room = 256;
	w->leaves = MemoryContextAlloc(w->context, w->leaves_room * sizeof(ledger_digest));
	w->buckets = NULL;
	w->nbuckets = 0;
	w->buckets_room = 0;
	w->members_changed = false;
}

void
ledger_seal_write(LedgerSealer *sealer, Relation entry, const LedgerPgSnapshot *now)
{
	BlockWriter *w = palloc0(sizeof(BlockWriter));
	Buffer		buffer = InvalidBuffer;
	uint64		i = 0;

	w->sealer = sealer;
	w->entry = entry;
	w->now = now;
	w->chain_id = ledger_uuid_datum(sealer->chain.chain_id);
	w->block = open_table("block");
	w->leaf = open_table("leaf");
	w->tile = open_table("tile");
	w->context = AllocSetContextCreate(CurrentMemoryContext, "ledger block", ALLOCSET_DEFAULT_SIZES);
	w->row_context = AllocSetContextCreate(CurrentMemoryContext, "ledger entries", ALLOCSET_DEFAULT_SIZES);
	w->tuple = palloc(BLCKSZ);
	w->batch = ledger_entry_batch_new(&sealer->chain);

	while (i < sealer->nkeys)
	{
		uint8		members_hash[32];
		MemoryContext old;

		CHECK_FOR_INTERRUPTS();
		begin_block(w);
		old = MemoryContextSwitchTo(w->context);
		ledger_members_digest(sealer->members, sealer->hasher, members_hash);

		/* the parts of a transaction stay together: the next order number starts the next block */
		while (i < sealer->nkeys &&
			   (w->n < LEDGER_BLOCK_MAX_ENTRIES || sealer->keys[i].ord == sealer->keys[i - 1].ord))
		{
			add_entry(w, &sealer->keys[i], &buffer);
			i++;
		}
		ledger_entry_batch_finish(w->batch);
		if (w->n > 0)
			write_block(w, members_hash);
		MemoryContextSwitchTo(old);
		sealer->sealed_now += w->n;
	}
	if (BufferIsValid(buffer))
		ReleaseBuffer(buffer);
	close_table(&w->block);
	close_table(&w->leaf);
	close_table(&w->tile);
	MemoryContextDelete(w->context);
	MemoryContextDelete(w->row_context);
	ledger_entry_batch_free(w->batch);
	pfree(w->tuple);
	pfree(w);
}
