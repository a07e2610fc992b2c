/*
 * chain/seal_scan.c
 *		Which entries are not sealed yet.
 *
 * The rule.  A block stores the snapshot it was made under. Its entries are
 * those visible in that snapshot and not visible in the snapshot of the block
 * before. Every committed transaction becomes visible between exactly two
 * snapshots, so no entry is left out and none is sealed twice, however long a
 * transaction ran, and whatever crashed. Both sides of the rule are about the
 * transaction: of the tuple's xmin for the one (the commit log knows), of the
 * xid8 in the row for the other, since frozen tuples and old epochs lose xmin.
 *
 * Where a row's xid8 is not its xmin, the row came in by a restore (or, for a
 * genesis entry, from a subtransaction). Then, and when there is no earlier
 * snapshot of this system at all, ledger.leaf is asked instead.
 *
 * xmax is not looked at: nobody may delete an entry, and one that was deleted
 * behind the extension's back before it was sealed is sealed all the same.
 *
 * Where to look.  Entries go into pages near the end of the table only (docs/adr/
 * 0002). A backend announces its floor before it chooses the page. Here the line
 * is drawn and the floors are read first, which gives a block below which no new
 * entry can appear, and only then is the snapshot taken. A floor that was cleared
 * before it was read belongs to a transaction that had ended, and the snapshot
 * shows what it did; or that was prepared, and then its entry is in the table
 * already and is remembered as pending. So the next look starts at that block,
 * plus the pending entries. Of the pages from there on, those are passed over
 * that have not changed (their LSN tells) since all their entries were settled.
 *
 * After a crash the table may be shorter than it was, by pages that were added
 * and never written. A starting point that is stored must not lie beyond what
 * recovery brings back, so it is no higher than the last page on which a tuple
 * was seen: that tuple's WAL is flushed by the commit of the block.
 */
#include "chain/seal_internal.h"

#include "access/htup_details.h"
#include "access/relscan.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "access/xact.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/snapmgr.h"

/* attribute numbers of ledger.entry that are needed before a row is decoded */
#define Anum_entry_xid 1
#define Anum_entry_ord 2
#define Anum_entry_ledger_tx 3
#define Anum_entry_part 7

typedef enum EntryState
{
	ENTRY_GONE,					/* aborted */
	ENTRY_PENDING,				/* may still commit, or did after the snapshot */
	ENTRY_COMMITTED
} EntryState;

typedef struct EntryScan
{
	LedgerSealer *sealer;
	bool		unsettled;		/* the current page has an entry that may change its state */
	Relation	entry;
	Snapshot	snapshot;
	LedgerLog  *log;			/* opened when ledger.leaf must be asked */
} EntryScan;

/* What ledger.leaf must be asked about, after the page's lock is released. */
typedef struct Unsure
{
	uint64		ledger_tx;
	LedgerSealKey key;
} Unsure;

static EntryState
entry_state(HeapTupleHeader header, Snapshot snapshot)
{
	TransactionId xmin;

	if (HeapTupleHeaderXminFrozen(header))
		return ENTRY_COMMITTED;
	if (HeapTupleHeaderXminInvalid(header))
		return ENTRY_GONE;
	xmin = HeapTupleHeaderGetRawXmin(header);
	if (XidInMVCCSnapshot(xmin, snapshot))
		return ENTRY_PENDING;
	if (HeapTupleHeaderXminCommitted(header) || TransactionIdDidCommit(xmin))
		return ENTRY_COMMITTED;
	return ENTRY_GONE;
}

static bool
snapshot_sees(const LedgerPgSnapshot *snapshot, uint64 xid)
{
	uint32		lo = 0;
	uint32		hi = snapshot->nxip;

	if (xid < snapshot->xmin)
		return true;
	if (xid >= snapshot->xmax)
		return false;
	while (lo < hi)
	{
		uint32		mid = lo + (hi - lo) / 2;

		if (snapshot->xip[mid] < xid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo == snapshot->nxip || snapshot->xip[lo] != xid;
}

static void
add_key(LedgerSealer *sealer, const LedgerSealKey *key)
{
	if (sealer->nkeys == sealer->keys_room)
	{
		uint64		room = Max(sealer->keys_room * 2, 1024);

		if (sealer->keys == NULL)
			sealer->keys = MemoryContextAlloc(sealer->context, room * sizeof(LedgerSealKey));
		else
			sealer->keys = repalloc_huge(sealer->keys, room * sizeof(LedgerSealKey));
		sealer->keys_room = room;
	}
	sealer->keys[sealer->nkeys++] = *key;
}

bool
ledger_seal_tuple(Page page, BlockNumber block, OffsetNumber offset, HeapTuple tuple)
{
	ItemId		item;

	if (PageIsNew(page) || offset < FirstOffsetNumber || offset > PageGetMaxOffsetNumber(page))
		return false;
	item = PageGetItemId(page, offset);
	if (!ItemIdIsNormal(item) || ItemIdGetOffset(item) + ItemIdGetLength(item) > BLCKSZ ||
		ItemIdGetLength(item) < MAXALIGN(SizeofHeapTupleHeader) + LEDGER_ENTRY_FIXED_LEN)
		return false;
	tuple->t_data = (HeapTupleHeader) PageGetItem(page, item);
	tuple->t_len = ItemIdGetLength(item);
	ItemPointerSet(&tuple->t_self, block, offset);
	return true;
}

/* The place of a copy of the tuple; LEDGER_NO_COPY when the room is used up. */
static uint32
copy_tuple(LedgerSealer *sealer, HeapTuple tuple)
{
	uint32		at = sealer->copies_used;
	Size		len = MAXALIGN(sizeof(uint32)) + MAXALIGN(tuple->t_len);

	if (len > LEDGER_COPIES_ROOM - at)
		return LEDGER_NO_COPY;
	memcpy(sealer->copies + at, &tuple->t_len, sizeof(uint32));
	memcpy(sealer->copies + at + MAXALIGN(sizeof(uint32)), tuple->t_data, tuple->t_len);
	sealer->copies_used += len;
	return at;
}

static void
add_pending(LedgerSealer *sealer, const ItemPointerData *tid)
{
	if (sealer->npending == sealer->pending_room)
	{
		int			room = Max(sealer->pending_room * 2, 64);

		if (sealer->pending == NULL)
			sealer->pending = MemoryContextAlloc(sealer->context, room * sizeof(ItemPointerData));
		else
			sealer->pending = repalloc_huge(sealer->pending, room * sizeof(ItemPointerData));
		sealer->pending_room = room;
	}
	sealer->pending[sealer->npending++] = *tid;
}

/* Look at one tuple under its page's lock. True when ledger.leaf has to be asked about *unsure. */
static bool
look_at(EntryScan *scan, HeapTuple tuple, BlockNumber floor, Unsure *unsure)
{
	LedgerSealer *sealer = scan->sealer;
	TupleDesc	desc = RelationGetDescr(scan->entry);
	bool		isnull;
	uint64		xid;
	bool		by_snapshot;
	LedgerSealKey key;

	/* these stand first in the row and are never null, so they have fixed places */
	xid = DatumGetUInt64(fastgetattr(tuple, Anum_entry_xid, desc, &isnull));

	/* ended before the snapshot of the block before: it was sealed then, or aborted */
	by_snapshot = sealer->prev != NULL && (TransactionId) xid == HeapTupleHeaderGetRawXmin(tuple->t_data);
	if (by_snapshot && snapshot_sees(sealer->prev, xid))
		return false;

	switch (entry_state(tuple->t_data, scan->snapshot))
	{
		case ENTRY_GONE:
			return false;
		case ENTRY_PENDING:
			/* from the floor on everything is looked at again anyway */
			scan->unsettled = true;
			sealer->undecided++;
			if (ItemPointerGetBlockNumber(&tuple->t_self) < floor)
				add_pending(sealer, &tuple->t_self);
			return false;
		case ENTRY_COMMITTED:
			break;
	}

	key.ord = (uint64) DatumGetInt64(fastgetattr(tuple, Anum_entry_ord, desc, &isnull));
	key.part = (uint16) DatumGetInt16(fastgetattr(tuple, Anum_entry_part, desc, &isnull));
	key.tid = tuple->t_self;
	if (by_snapshot)
	{
		key.copy = copy_tuple(sealer, tuple);
		add_key(sealer, &key);
		return false;
	}
	key.copy = LEDGER_NO_COPY;
	scan->unsettled = true;
	unsure->ledger_tx = (uint64) DatumGetInt64(fastgetattr(tuple, Anum_entry_ledger_tx, desc, &isnull));
	unsure->key = key;
	return true;
}

static void
ask_leaf_index(EntryScan *scan, const Unsure *unsure, int n)
{
	for (int i = 0; i < n; i++)
	{
		const LedgerLeaf *leaves;

		if (scan->log == NULL)
			scan->log = ledger_log_open(&scan->sealer->chain, scan->snapshot);
		if (ledger_log_find(scan->log, unsure[i].ledger_tx, &leaves) == 0)
			add_key(scan->sealer, &unsure[i].key);
	}
}

/* Look at all tuples of a page; true if there is any, dead ones included. */
static bool
look_at_page(EntryScan *scan, BlockNumber block, BlockNumber floor, BufferAccessStrategy strategy)
{
	Unsure		unsure[MaxHeapTuplesPerPage];
	int			nunsure = 0;
	LedgerSeenPage *seen = &scan->sealer->seen[block % LEDGER_SEEN_PAGES];
	Buffer		buffer;
	Page		page;
	XLogRecPtr	lsn;
	OffsetNumber last;

	CHECK_FOR_INTERRUPTS();
	buffer = ReadBufferExtended(scan->entry, MAIN_FORKNUM, block, RBM_NORMAL, strategy);
	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	page = BufferGetPage(buffer);
	lsn = PageGetLSN(page);
	if (seen->block == block && seen->lsn == lsn && lsn != InvalidXLogRecPtr)
	{
		UnlockReleaseBuffer(buffer);
		return true;
	}
	scan->unsettled = false;
	last = PageIsNew(page) ? 0 : PageGetMaxOffsetNumber(page);
	for (OffsetNumber offset = FirstOffsetNumber; offset <= last; offset++)
	{
		HeapTupleData tuple;

		if (ledger_seal_tuple(page, block, offset, &tuple) && look_at(scan, &tuple, floor, &unsure[nunsure]))
			nunsure++;
	}
	UnlockReleaseBuffer(buffer);
	ask_leaf_index(scan, unsure, nunsure);
	seen->block = block;
	seen->lsn = scan->unsettled ? InvalidXLogRecPtr : lsn;
	return last > 0;
}

/* Look again at the entries that were pending; those that still are stay. */
static void
look_at_pending(EntryScan *scan)
{
	LedgerSealer *sealer = scan->sealer;
	int			n = sealer->npending;
	ItemPointerData *old;

	if (n == 0)
		return;
	old = palloc(n * sizeof(ItemPointerData));
	memcpy(old, sealer->pending, n * sizeof(ItemPointerData));
	sealer->npending = 0;
	for (int i = 0; i < n; i++)
	{
		BlockNumber block = ItemPointerGetBlockNumber(&old[i]);
		OffsetNumber offset = ItemPointerGetOffsetNumber(&old[i]);
		Buffer		buffer = ReadBuffer(scan->entry, block);
		HeapTupleData tuple;
		Unsure		unsure;
		int			nunsure = 0;

		LockBuffer(buffer, BUFFER_LOCK_SHARE);
		if (ledger_seal_tuple(BufferGetPage(buffer), block, offset, &tuple) &&
			look_at(scan, &tuple, InvalidBlockNumber, &unsure))
			nunsure = 1;
		UnlockReleaseBuffer(buffer);
		ask_leaf_index(scan, &unsure, nunsure);
	}
	pfree(old);
}

static inline int
compare_keys(const LedgerSealKey *a, const LedgerSealKey *b)
{
	if (a->ord != b->ord)
		return a->ord < b->ord ? -1 : 1;
	return (int) a->part - (int) b->part;
}

#define ST_SORT sort_keys
#define ST_ELEMENT_TYPE LedgerSealKey
#define ST_COMPARE(a, b) compare_keys(a, b)
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

void
ledger_seal_scan(LedgerSealer *sealer, Relation entry, BlockNumber floor, Snapshot snapshot)
{
	EntryScan	scan = {.sealer = sealer, .entry = entry, .snapshot = snapshot};
	BlockNumber nblocks;
	BlockNumber last_used = sealer->scan_from;
	int			kept = 0;
	BufferAccessStrategy strategy = NULL;

	sealer->nkeys = 0;
	sealer->copies_used = 0;
	sealer->undecided = 0;
	look_at_pending(&scan);

	/* read after the snapshot was taken: all that is visible in it is below */
	nblocks = RelationGetNumberOfBlocks(entry);
	if (sealer->scan_from < nblocks && nblocks - sealer->scan_from > (BlockNumber) NBuffers / 4)
		strategy = GetAccessStrategy(BAS_BULKREAD);
	for (BlockNumber block = sealer->scan_from; block < nblocks; block++)
	{
		if (look_at_page(&scan, block, floor, strategy))
			last_used = block;
	}
	if (strategy != NULL)
		FreeAccessStrategy(strategy);
	if (scan.log != NULL)
		ledger_log_close(scan.log);

	/* what is looked at again anyway need not be remembered, and must not be found twice */
	sealer->scan_from = Min(floor, last_used);
	sealer->next_scan_from = sealer->scan_from;
	for (int i = 0; i < sealer->npending; i++)
	{
		BlockNumber block = ItemPointerGetBlockNumber(&sealer->pending[i]);

		if (block >= sealer->scan_from)
			continue;
		sealer->next_scan_from = Min(sealer->next_scan_from, block);
		sealer->pending[kept++] = sealer->pending[i];
	}
	sealer->npending = kept;
	if (sealer->nkeys > 1)
		sort_keys(sealer->keys, sealer->nkeys);
}
