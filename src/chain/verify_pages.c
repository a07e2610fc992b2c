/*
 * chain/verify_pages.c
 *		Chunks of pages of the catalogue's own tables: entries and checkpoints; and
 *		the tiles above the lowest level.
 *
 * verify_log.c goes from the log to its entries. This goes the other way, for
 * what is there and should not be.
 */
#include "chain/verify_internal.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/xlog.h"
#include "chain/tuple_check.h"
#include "core/checkpoint.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* ---- pages of a plain table ------------------------------------------------ */

typedef struct Chunk Chunk;
typedef void (*TupleWork)(Chunk *c, HeapTuple tuple);

struct Chunk
{
	VerifyRun  *run;
	BlockNumber next;
	BlockNumber end;
	OffsetNumber done;			/* of page `next`: told already */
	TupleWork	work;

	/* the attempt under way */
	Relation	rel;
	LedgerLog  *log;
	HeapTupleData tuples[MaxHeapTuplesPerPage];
	MemoryContext tuple;		/* reset with each tuple */

	/* entries */
	bool		have_newest;
	LedgerBlockRow newest;

	/* checkpoints */
	ledger_vkey *keys;
	int			nkeys;
};

static void
do_pages(VerifyRun *run, void *arg)
{
	Chunk	   *c = arg;
	BufferAccessStrategy strategy;
	BlockNumber end;

	c->rel = relation_open(run->part->relid, AccessShareLock);
	c->log = ledger_log_open(run->chain, run->snapshot);
	c->have_newest = ledger_log_newest_block(c->log, &c->newest) &&
		(uint64) c->newest.system_identifier == GetSystemIdentifier();
	strategy = GetAccessStrategy(BAS_BULKREAD);
	end = Min(c->end, RelationGetNumberOfBlocks(c->rel));
	while (c->next < end)
	{
		Buffer		buffer;
		int			n = ledger_page_tuples(c->rel, c->next, strategy, run->snapshot, &buffer, c->tuples);

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < n; i++)
		{
			OffsetNumber offset = ItemPointerGetOffsetNumber(&c->tuples[i].t_self);
			MemoryContext old;

			if (offset <= c->done)
				continue;
			old = MemoryContextSwitchTo(c->tuple);
			c->done = offset;
			c->work(c, &c->tuples[i]);
			MemoryContextSwitchTo(old);
			MemoryContextReset(c->tuple);
		}
		ReleaseBuffer(buffer);
		c->next++;
		c->done = 0;
	}
	FreeAccessStrategy(strategy);
	ledger_log_close(c->log);
	relation_close(c->rel, AccessShareLock);
}

static void
scan_pages(Chunk *c, uint64 start, uint64 end)
{
	VerifyRun  *run = c->run;
	char	   *message;

	c->next = (BlockNumber) start;
	c->end = (BlockNumber) end;
	c->tuple = AllocSetContextCreate(run->chunk, "ledger verify tuple", ALLOCSET_DEFAULT_SIZES);
	while (!ledger_verify_attempt(run, do_pages, c, &message))
	{
		ItemPointerData tid;

		if (c->done == 0)
		{
			ledger_verify_report(run, LEDGER_ERROR, run->part->relid, false, 0, -1, NULL,
								 "page %u cannot be read: %s", c->next, message);
			c->next++;
			continue;
		}
		/* The next attempt goes on behind the row that failed. */
		ItemPointerSet(&tid, c->next, c->done);
		ledger_verify_report(run, LEDGER_ERROR, run->part->relid, false, 0, -1, &tid,
							 "row cannot be read: %s", message);
	}
}

/* ---- entries ------------------------------------------------------------- */

static void
look_at_entry(Chunk *c, HeapTuple tuple)
{
	VerifyRun  *run = c->run;
	LedgerEntryRow row;
	const LedgerLeaf *leaves;
	const char *problem;
	int			n;

	problem = ledger_entry_row_read(c->rel, tuple, &row);
	if (problem != NULL)
	{
		ledger_verify_report(run, LEDGER_ERROR, run->part->relid, false, 0, -1, &tuple->t_self,
							 "row is damaged: %s", problem);
		return;
	}
	if (row.chain_no != run->chain->chain_no)
		return;

	n = ledger_log_find(c->log, row.ledger_tx, &leaves);
	for (int i = 0; i < n; i++)
	{
		if (ItemPointerEquals(&tuple->t_self, (ItemPointer) &leaves[i].tid))
			return;
	}
	if (row.part < n)
	{
		LedgerLeaf	leaf = leaves[row.part];
		uint16		part = row.part;
		uint64		ledger_tx = row.ledger_tx;

		/* Not where ledger.leaf says: it was moved, or is a second one. */
		if (ledger_log_entry(c->log, &leaf, &row, &problem) == LEDGER_ENTRY_THERE && row.part == part)
			ledger_verify_report(run, LEDGER_ERROR, run->part->relid, true, ledger_tx, -1, &tuple->t_self,
								 "entry of the transaction stands twice, also at (%u,%u)",
								 ItemPointerGetBlockNumber(&leaf.tid), ItemPointerGetOffsetNumber(&leaf.tid));
	}
	else if (c->have_newest &&
			 DatumGetBool(
				 DirectFunctionCall2(pg_visible_in_snapshot, UInt64GetDatum(row.xid), c->newest.snapshot)))
		ledger_verify_report(run, LEDGER_ERROR, run->part->relid, true, row.ledger_tx, -1, &tuple->t_self,
							 "entry is not in the log, though block " UINT64_FORMAT
							 " was made after its commit",
							 c->newest.block.height);
}

void
ledger_verify_entries_chunk(VerifyRun *run, uint64 start, uint64 end)
{
	Chunk	   *c = MemoryContextAllocZero(run->chunk, sizeof(Chunk));

	c->run = run;
	c->work = look_at_entry;
	scan_pages(c, start, end);
}

/* ---- checkpoints --------------------------------------------------------- */

static const char *
compare_with_block(Chunk *c, const ledger_tree_head *head)
{
	LedgerBlockRow row;
	uint8		encoded[LEDGER_BLOCK_LEN];
	uint8		hash[32];

	if (memcmp(head->chain_id, c->run->chain->chain_id, 16) != 0)
		return "it belongs to another chain";
	if (head->size == 0 || !ledger_log_block_of_leaf(c->log, head->size - 1, &row))
		return "the log is shorter";
	if (row.block.first_leaf + row.block.n != head->size)
		return "no block ends at that size";
	if (memcmp(row.block.log_root, head->root, 32) != 0)
		return "the log has another root at that size";
	ledger_block_put(encoded, &row.block);
	if (row.block.height != head->height || row.block.epoch != head->epoch ||
		!ledger_block_hash(c->run->hasher, encoded, hash) || memcmp(hash, head->block_hash, 32) != 0)
		return "the log has another block at that size";
	return NULL;
}

static void
look_at_checkpoint(Chunk *c, HeapTuple tuple)
{
	VerifyRun  *run = c->run;
	TupleDesc	desc = RelationGetDescr(c->rel);
	const char *problem;
	ledger_note note;
	bool		isnull[3];
	Datum		id;
	uint64		size;
	text	   *data;
	ledger_status status;

	problem = ledger_check_tuple(tuple->t_data, tuple->t_len, desc, c->rel->rd_rel->reltoastrelid);
	if (problem != NULL)
	{
		ledger_verify_report(run, LEDGER_ERROR, run->part->relid, false, 0, -1, &tuple->t_self,
							 "row is damaged: %s", problem);
		return;
	}
	id = heap_getattr(tuple, 1, desc, &isnull[0]);
	size = (uint64) DatumGetInt64(heap_getattr(tuple, 2, desc, &isnull[1]));
	data = DatumGetTextPP(heap_getattr(tuple, 3, desc, &isnull[2]));
	if (isnull[0] || isnull[1] || isnull[2])
	{
		ledger_verify_report(run, LEDGER_ERROR, run->part->relid, false, 0, -1, &tuple->t_self,
							 "row is damaged: a column is null");
		return;
	}
	if (memcmp(DatumGetUUIDP(id)->data, run->chain->chain_id, 16) != 0)
		return;

	status = ledger_note_parse(VARDATA_ANY(data), VARSIZE_ANY_EXHDR(data), &note);
	if (status != LEDGER_OK)
		problem = ledger_status_text(status);
	else if (note.head.size != size)
		problem = "its note names another size";
	else
	{
		problem = compare_with_block(c, &note.head);
		if (problem == NULL)
		{
			status = ledger_note_verify(&note, c->keys, c->nkeys, NULL);
			if (status != LEDGER_OK)
				problem = ledger_status_text(status);
		}
	}
	if (problem != NULL)
		ledger_verify_report(run, LEDGER_ERROR, run->part->relid, false, 0, -1, &tuple->t_self,
							 "checkpoint of size " UINT64_FORMAT " does not hold: %s", size, problem);
}

typedef struct KeysWanted
{
	MemoryContext context;
	ledger_vkey *keys;
	int			nkeys;
} KeysWanted;

/* Every signing key that ledger.member has or had; verify_history.c compares them with the log. */
static void
load_keys(VerifyRun *run, void *arg)
{
	KeysWanted *wanted = arg;
	Relation	rel = relation_open(run->shared->catalog[CATALOG_MEMBER], AccessShareLock);
	BlockNumber nblocks = RelationGetNumberOfBlocks(rel);
	TupleDesc	desc = RelationGetDescr(rel);

	wanted->nkeys = 0;
	for (BlockNumber block = 0; block < nblocks; block++)
	{
		HeapTupleData tuples[MaxHeapTuplesPerPage];
		Buffer		buffer;
		int			n = ledger_page_tuples(rel, block, NULL, run->snapshot, &buffer, tuples);

		for (int i = 0; i < n; i++)
		{
			bool		isnull[3];
			Datum		id;
			text	   *name;
			bytea	   *spki;
			MemoryContext old;
			ledger_vkey vkey;

			if (ledger_check_tuple(tuples[i].t_data, tuples[i].t_len, desc, rel->rd_rel->reltoastrelid) !=
				NULL)
				continue;
			id = heap_getattr(&tuples[i], 1, desc, &isnull[0]);
			name = DatumGetTextPP(heap_getattr(&tuples[i], 3, desc, &isnull[1]));
			spki = DatumGetByteaPP(heap_getattr(&tuples[i], 5, desc, &isnull[2]));
			if (isnull[0] || isnull[1] || isnull[2] ||
				memcmp(DatumGetUUIDP(id)->data, run->chain->chain_id, 16) != 0 ||
				ledger_vkey_make(&vkey, run->chain->suite, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name),
								 (uint8 *) VARDATA_ANY(spki), VARSIZE_ANY_EXHDR(spki)) != LEDGER_KEY_OK)
				continue;
			old = MemoryContextSwitchTo(wanted->context);
			wanted->keys = wanted->keys == NULL
				? palloc(sizeof(ledger_vkey))
				: repalloc(wanted->keys, (wanted->nkeys + 1) * sizeof(ledger_vkey));
			wanted->keys[wanted->nkeys++] = vkey;
			MemoryContextSwitchTo(old);
		}
		ReleaseBuffer(buffer);
	}
	relation_close(rel, AccessShareLock);
}

int
ledger_verify_load_keys(VerifyRun *run, MemoryContext context, ledger_vkey **keys)
{
	KeysWanted	wanted = {.context = context};
	char	   *message;

	if (!ledger_verify_attempt(run, load_keys, &wanted, &message))
		ledger_verify_report(run, LEDGER_ERROR, run->shared->catalog[CATALOG_MEMBER], false, 0, -1, NULL,
							 "the members' keys cannot be read: %s", message);
	*keys = wanted.keys;
	return wanted.nkeys;
}

void
ledger_verify_checkpoints_chunk(VerifyRun *run, uint64 start, uint64 end)
{
	Chunk	   *c = MemoryContextAllocZero(run->chunk, sizeof(Chunk));

	c->run = run;
	c->work = look_at_checkpoint;
	c->nkeys = ledger_verify_load_keys(run, run->chunk, &c->keys);
	scan_pages(c, start, end);
}

/* ---- tiles --------------------------------------------------------------- */

/*
 * The hashes of the lowest tiles, and their roots in level 1, are compared by
 * verify_log.c. Here: every tile from level 1 on is there, and what stands above
 * level 1 follows from the level below.
 */
typedef struct Tiles
{
	uint64		next;			/* number in the sequence of all tiles, level 1 first */
	uint64		end;
} Tiles;

uint64
ledger_verify_upper_tiles(uint64 size)
{
	uint64		n = 0;

	for (unsigned level = 1; ledger_tile_count(size, level) > 0; level++)
		n += ledger_tile_count(size, level);
	return n;
}

static void
do_tiles(VerifyRun *run, void *arg)
{
	Tiles	   *t = arg;
	LedgerLog  *log = ledger_log_open(run->chain, run->snapshot);
	Oid			relid = run->shared->catalog[CATALOG_TILE];

	while (t->next < t->end)
	{
		uint64		number = t->next;
		unsigned	level = 1;
		const uint8 *found;
		uint8		tile[LEDGER_TILE_WIDTH][32];

		CHECK_FOR_INTERRUPTS();
		while (number >= ledger_tile_count(run->shared->size, level))
			number -= ledger_tile_count(run->shared->size, level++);
		found = ledger_log_tile(log, level, number);
		if (found == NULL)
			ledger_verify_report(run, LEDGER_ERROR, relid, false, 0, -1, NULL,
								 "tile %u/" UINT64_FORMAT " is missing", level, number);
		else if (level > 1)
		{
			memcpy(tile, found, sizeof(tile));
			for (int i = 0; i < LEDGER_TILE_WIDTH; i++)
			{
				const uint8 *below = ledger_log_tile(log, level - 1, number * LEDGER_TILE_WIDTH + i);
				uint8		root[32];

				if (below != NULL && ledger_tile_root(run->hasher, below, root) &&
					memcmp(root, tile[i], 32) != 0)
					ledger_verify_report(run, LEDGER_ERROR, relid, false, 0, -1, NULL,
										 "tile %u/" UINT64_FORMAT
										 " does not have the root of tile %u/" UINT64_FORMAT,
										 level, number, level - 1, number * LEDGER_TILE_WIDTH + i);
			}
		}
		t->next++;
	}
	ledger_log_close(log);
}

void
ledger_verify_tiles_chunk(VerifyRun *run, uint64 start, uint64 end)
{
	Tiles		t = {start, end};
	char	   *message;

	while (!ledger_verify_attempt(run, do_tiles, &t, &message))
	{
		ledger_verify_report(run, LEDGER_ERROR, run->part->relid, false, 0, -1, NULL,
							 "a tile cannot be read: %s", message);
		t.next++;
	}
}
