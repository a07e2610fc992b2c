/*
 * chain/log_entry.c
 *		Entries of the log, and what they say about the rows of a table.
 *
 * ledger.leaf tells where an entry stands. That is a hint: VACUUM FULL of
 * ledger.entry moves every one of them. The first hint that turns out wrong
 * makes this backend read the whole table once and keep a map.
 */
#include "chain/log_internal.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/tableam.h"
#include "core/packed.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

/* ---- one entry ----------------------------------------------------------- */

/*
 * The visible tuple at tid, into log->entry_tuple, with its page pinned until
 * the next call. False when there is none.
 */
static bool
fetch(LedgerLog *log, const ItemPointerData *tid)
{
	BlockNumber block = ItemPointerGetBlockNumberNoCheck(tid);
	OffsetNumber offset = ItemPointerGetOffsetNumberNoCheck(tid);
	HeapTuple	tuple = &log->entry_tuple;
	Page		page;
	ItemId		item;
	bool		visible = false;

	if (!BufferIsValid(log->entry_buffer) || BufferGetBlockNumber(log->entry_buffer) != block)
	{
		if (BufferIsValid(log->entry_buffer))
		{
			ReleaseBuffer(log->entry_buffer);
			log->entry_buffer = InvalidBuffer;
		}
		if (block >= log->entry_nblocks)
		{
			log->entry_nblocks = RelationGetNumberOfBlocks(log->entry);
			if (block >= log->entry_nblocks)
				return false;
		}
		log->entry_buffer = ReadBuffer(log->entry, block);
	}

	LockBuffer(log->entry_buffer, BUFFER_LOCK_SHARE);
	page = BufferGetPage(log->entry_buffer);
	if (!PageIsNew(page) && offset >= FirstOffsetNumber && offset <= PageGetMaxOffsetNumber(page))
	{
		item = PageGetItemId(page, offset);
		if (ItemIdIsNormal(item) && ItemIdGetOffset(item) + ItemIdGetLength(item) <= BLCKSZ &&
			ItemIdGetLength(item) >= SizeofHeapTupleHeader)
		{
			tuple->t_data = (HeapTupleHeader) PageGetItem(page, item);
			tuple->t_len = ItemIdGetLength(item);
			tuple->t_self = *tid;
			tuple->t_tableOid = RelationGetRelid(log->entry);
			visible = HeapTupleSatisfiesVisibility(tuple, log->snapshot, log->entry_buffer);
		}
	}
	LockBuffer(log->entry_buffer, BUFFER_LOCK_UNLOCK);
	return visible;
}

/* ---- the map of moved entries -------------------------------------------- */

typedef struct MapKey
{
	uint64		ledger_tx;
	uint16		part;
	int16		chain_no;
} MapKey;

typedef struct MapEntry
{
	MapKey		key;
	ItemPointerData tid;
} MapEntry;

static HTAB *map = NULL;
static Oid	map_file;			/* relfilenode that was read */

static void
build_map(LedgerLog *log)
{
	HASHCTL		ctl = {.keysize = sizeof(MapKey), .entrysize = sizeof(MapEntry)};
	MemoryContext old;
	TableScanDesc scan;
	HeapTuple	tuple;

	ledger_log_forget();
	ctl.hcxt = TopMemoryContext;
	map = hash_create("ledger entries", 1024, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	map_file = log->entry->rd_node.relNode;

	/* the caller may be in the scratch context, which is reset on the way */
	old = MemoryContextSwitchTo(log->context);
	scan = table_beginscan_strat(log->entry, log->snapshot, 0, NULL, true, false);
	while ((tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		LedgerEntryRow row;
		const char *problem;

		MemoryContextSwitchTo(log->scratch);
		problem = ledger_entry_row_read(log->entry, tuple, &row);
		MemoryContextSwitchTo(log->context);
		if (problem == NULL)
		{
			MapKey		key;
			MapEntry   *entry;

			memset(&key, 0, sizeof(key));
			key.ledger_tx = row.ledger_tx;
			key.part = row.part;
			key.chain_no = row.chain_no;
			entry = hash_search(map, &key, HASH_ENTER, NULL);
			entry->tid = tuple->t_self;
		}
		MemoryContextReset(log->scratch);
		CHECK_FOR_INTERRUPTS();
	}
	table_endscan(scan);
	MemoryContextSwitchTo(old);
}

void
ledger_log_forget(void)
{
	if (map != NULL)
		hash_destroy(map);
	map = NULL;
}

/* The part of its transaction that a leaf stands for: they are numbered in log order. */
static int
part_of(LedgerLog *log, const LedgerLeaf *leaf)
{
	const LedgerLeaf *leaves;
	int			n = ledger_log_find(log, leaf->ledger_tx, &leaves);

	for (int part = 0; part < n; part++)
	{
		if (leaves[part].height == leaf->height && leaves[part].offset == leaf->offset)
			return part;
	}
	return -1;
}

static bool
look_up(LedgerLog *log, uint64 ledger_tx, int part, ItemPointerData *tid)
{
	MapKey		key;
	MapEntry   *entry;

	if (part < 0)
		return false;
	/* An entry written after the map was made stands where it was put. */
	if (map == NULL || map_file != log->entry->rd_node.relNode)
		build_map(log);
	memset(&key, 0, sizeof(key));
	key.ledger_tx = ledger_tx;
	key.part = part;
	key.chain_no = log->chain.chain_no;
	entry = hash_search(map, &key, HASH_FIND, NULL);
	if (entry != NULL)
		*tid = entry->tid;
	return entry != NULL;
}

/* ---- entries ------------------------------------------------------------- */

LedgerEntryFound
ledger_log_entry(LedgerLog *log, const LedgerLeaf *leaf, LedgerEntryRow *row, const char **problem)
{
	ItemPointerData elsewhere;
	const char *damage = NULL;

	*problem = NULL;
	if (fetch(log, &leaf->tid))
	{
		damage = ledger_entry_row_read(log->entry, &log->entry_tuple, row);
		if (damage == NULL && row->ledger_tx == leaf->ledger_tx && row->chain_no == log->chain.chain_no)
			return LEDGER_ENTRY_THERE;
	}
	if (look_up(log, leaf->ledger_tx, part_of(log, leaf), &elsewhere) && fetch(log, &elsewhere) &&
		ledger_entry_row_read(log->entry, &log->entry_tuple, row) == NULL &&
		row->ledger_tx == leaf->ledger_tx && row->chain_no == log->chain.chain_no)
		return LEDGER_ENTRY_MOVED;
	*problem = damage;
	return damage == NULL ? LEDGER_ENTRY_MISSING : LEDGER_ENTRY_DAMAGED;
}

/* ---- not sealed yet ------------------------------------------------------ */

/*
 * The transactions of the entries on the pages where the next block will look.
 * Seen under the snapshot that shows the newest block, they include every one
 * that is committed and in no block.
 */
static void
load_unsealed(LedgerLog *log)
{
	HASHCTL		ctl = {.keysize = sizeof(uint64), .entrysize = sizeof(uint64)};
	MemoryContext old = MemoryContextSwitchTo(log->scratch);
	LedgerBlockRow newest;
	BlockNumber first = 0;
	BlockNumber nblocks = RelationGetNumberOfBlocks(log->entry);

	if (ledger_log_newest_block(log, &newest))
		first = (BlockNumber) newest.scan_from;
	MemoryContextSwitchTo(old);

	ctl.hcxt = log->context;
	log->unsealed = hash_create("unsealed transactions", 256, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	for (BlockNumber block = first; block < nblocks; block++)
	{
		for (OffsetNumber offset = FirstOffsetNumber; offset <= MaxHeapTuplesPerPage; offset++)
		{
			ItemPointerData tid;
			LedgerEntryRow row;

			ItemPointerSet(&tid, block, offset);
			if (!fetch(log, &tid))
				continue;
			old = MemoryContextSwitchTo(log->scratch);
			if (ledger_entry_row_read(log->entry, &log->entry_tuple, &row) == NULL &&
				row.chain_no == log->chain.chain_no)
				(void) hash_search(log->unsealed, &row.ledger_tx, HASH_ENTER, NULL);
			MemoryContextSwitchTo(old);
		}
		MemoryContextReset(log->scratch);
		CHECK_FOR_INTERRUPTS();
	}
}

bool
ledger_log_unsealed(LedgerLog *log, uint64 ledger_tx)
{
	if (log->unsealed == NULL)
		load_unsealed(log);
	return hash_search(log->unsealed, &ledger_tx, HASH_FIND, NULL) != NULL;
}

/* ---- groups -------------------------------------------------------------- */

LedgerGroupFound
ledger_log_group(LedgerLog *log, int32 table_no, uint64 ledger_tx, uint32 ledger_seq, LedgerRowGroup *group,
				 const char **problem)
{
	const LedgerLeaf *leaves;
	int			n = ledger_log_find(log, ledger_tx, &leaves);

	*problem = NULL;
	if (n == 0)
		return LEDGER_GROUP_UNKNOWN_TX;
	for (int part = 0; part < n; part++)
	{
		LedgerEntryRow row;
		ledger_packed_iter it;
		ledger_packed_group packed;
		uint16		position = 0;

		switch (ledger_log_entry(log, &leaves[part], &row, problem))
		{
			case LEDGER_ENTRY_MISSING:
				*problem = "it is missing";
				return LEDGER_GROUP_NO_ENTRY;
			case LEDGER_ENTRY_DAMAGED:
				return LEDGER_GROUP_NO_ENTRY;
			default:
				break;
		}
		if (row.type != LEDGER_ENTRY_TX || row.groups_len == 0)
			continue;
		if (ledger_packed_iter_init(&it, row.groups, row.groups_len) != LEDGER_OK)
		{
			*problem = "its list of groups is damaged";
			return LEDGER_GROUP_NO_ENTRY;
		}
		while (ledger_packed_next(&it, &packed))
		{
			if (packed.table_no == (uint32) table_no && ledger_seq >= packed.first_seq &&
				ledger_seq - packed.first_seq < packed.nrows)
			{
				group->ledger_tx = ledger_tx;
				group->height = leaves[part].height;
				group->leaf_offset = leaves[part].offset;
				group->part = part;
				group->position = position;
				group->table_no = table_no;
				group->schema_version = packed.schema_version;
				group->nrows = packed.nrows;
				group->first_seq = packed.first_seq;
				group->block_lo = packed.block_lo;
				group->block_hi = packed.block_hi;
				memcpy(group->root, packed.root, 32);
				return LEDGER_GROUP_THERE;
			}
			position++;
		}
		if (it.r.error != LEDGER_OK)
		{
			*problem = "its list of groups is damaged";
			return LEDGER_GROUP_NO_ENTRY;
		}
	}
	return LEDGER_GROUP_NOT_THERE;
}
