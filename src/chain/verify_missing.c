/*
 * chain/verify_missing.c
 *		Transactions whose rows are not there, or there twice; and what is left of
 *		rows that somebody took away.
 *
 * Runs only for a table whose sums differ, and only over the slots that do. The
 * entries say which groups belong there; one more pass over the table crosses
 * off those that are.
 */
#include "chain/verify_internal.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "chain/row_read.h"
#include "core/packed.h"
#include "core/row.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* Groups looked for in one pass: some 100 MB. */
#define MAX_WANTED 1000000

/* Pages searched for remains of one row. */
#define MAX_REMAINS_PAGES 256

/* ---- remains ------------------------------------------------------------- */

typedef struct Remains
{
	VerifyTable *table;
	uint64		ledger_tx;
	uint64		seq_from;
	uint64		seq_to;
	BlockNumber first;
	BlockNumber last;
	bool		found;
	ItemPointerData tid;
} Remains;

static bool
is_wanted(const Remains *r, TupleDesc desc, HeapTupleHeader header, uint32 len, Oid toastrelid)
{
	HeapTupleData tuple = {0};
	bool		isnull;
	uint64		ledger_tx;
	uint64		seq;

	if (HeapTupleHeaderGetNatts(header) < Max(r->table->tx_attnum, r->table->seq_attnum) ||
		ledger_check_tuple(header, len, desc, toastrelid) != NULL)
		return false;
	tuple.t_len = len;
	tuple.t_data = header;
	ledger_tx = (uint64) DatumGetInt64(heap_getattr(&tuple, r->table->tx_attnum, desc, &isnull));
	if (isnull || ledger_tx != r->ledger_tx)
		return false;
	seq = (uint32) DatumGetInt32(heap_getattr(&tuple, r->table->seq_attnum, desc, &isnull));
	return !isnull && seq >= r->seq_from && seq <= r->seq_to;
}

/*
 * Look for the bytes of a row on a page, whether or not a line pointer leads
 * there. A row that was never updated carries its own address in t_ctid.
 */
static void
search_page(Remains *r, Page page, BlockNumber block, TupleDesc desc, Oid toastrelid)
{
	int			upper = ((PageHeader) page)->pd_upper;

	if (PageIsNew(page) || upper < (int) SizeOfPageHeaderData || upper > BLCKSZ)
		return;
	for (int off = MAXALIGN(upper); off + (int) SizeofHeapTupleHeader < BLCKSZ; off += MAXIMUM_ALIGNOF)
	{
		HeapTupleHeader header = (HeapTupleHeader) ((char *) page + off);

		if (header->t_hoff > BLCKSZ - off || !is_wanted(r, desc, header, BLCKSZ - off, toastrelid))
			continue;
		r->found = true;
		r->tid = header->t_ctid;
		if (ItemPointerGetBlockNumberNoCheck(&r->tid) != block)
			ItemPointerSet(&r->tid, block, FirstOffsetNumber);
		return;
	}
}

static void
search(VerifyRun *run, void *arg)
{
	Remains	   *r = arg;
	Relation	rel = try_relation_open(r->table->relid, AccessShareLock);
	BlockNumber end;
	PGAlignedBlock copy;

	if (rel == NULL)
		return;
	end = Min((uint64) r->last + 1, RelationGetNumberOfBlocks(rel));
	for (BlockNumber block = r->first; block < end && !r->found; block++)
	{
		Buffer		buffer = ReadBuffer(rel, block);

		LockBuffer(buffer, BUFFER_LOCK_SHARE);
		memcpy(copy.data, BufferGetPage(buffer), BLCKSZ);
		UnlockReleaseBuffer(buffer);
		search_page(r, copy.data, block, RelationGetDescr(rel), rel->rd_rel->reltoastrelid);
		CHECK_FOR_INTERRUPTS();
	}
	relation_close(rel, AccessShareLock);
}

bool
ledger_verify_find_remains(VerifyRun *run, int table, uint64 ledger_tx, uint64 seq_from, uint64 seq_to,
						   BlockNumber first, BlockNumber last, ItemPointerData *tid)
{
	Remains		r = {0};
	char	   *message;

	r.table = &verify_tables(run->shared)[table];
	r.ledger_tx = ledger_tx;
	r.seq_from = seq_from;
	r.seq_to = seq_to;
	r.first = first;
	r.last = last - first >= MAX_REMAINS_PAGES ? first + MAX_REMAINS_PAGES - 1 : last;
	if (!ledger_verify_attempt(run, search, &r, &message) || !r.found)
		return false;
	*tid = r.tid;
	return true;
}

/* ---- groups that are looked for ------------------------------------------ */

typedef struct Wanted
{
	uint64		ledger_tx;		/* hash key */
	uint64		first_seq;
	uint64		nrows;
	uint64		rows;			/* seen */
	BlockNumber block_lo;
	BlockNumber block_hi;
	ItemPointerData tid;		/* of the last row seen */
	struct Wanted *next;		/* of the same transaction, another schema version */
} Wanted;

typedef struct Search
{
	int			table;
	VerifyTable *t;
	uint64		npasses;
	uint64		pass;
	bool		counting;
	uint64		n;
	HTAB	   *wanted;
	Oid			relid;
	LedgerRowReader *reader;
	BlockNumber next;			/* page of ledger.entry, then of the table */
	MemoryContext page;
} Search;

static bool
slot_differs(VerifyShared *shared, int table, uint64 slot)
{
	return pg_atomic_read_u64(verify_sum(shared, table, false, slot)) !=
		pg_atomic_read_u64(verify_sum(shared, table, true, slot));
}

static void
want(Search *s, uint64 ledger_tx, const ledger_packed_group *group)
{
	bool		found;
	Wanted	   *w;

	if (s->counting)
	{
		s->n++;
		return;
	}
	w = hash_search(s->wanted, &ledger_tx, HASH_ENTER, &found);
	if (found)
	{
		Wanted	   *other = MemoryContextAllocZero(s->page, sizeof(Wanted));

		other->next = w->next;
		w->next = other;
		w = other;
	}
	else
		w->next = NULL;
	w->ledger_tx = ledger_tx;
	w->first_seq = group->first_seq;
	w->nrows = group->nrows;
	w->rows = 0;
	w->block_lo = group->block_lo;
	w->block_hi = group->block_hi;
	ItemPointerSetInvalid(&w->tid);
}

static void
look_at_entry(VerifyRun *run, Search *s, LedgerLog *log, Relation entry, HeapTuple tuple)
{
	VerifyShared *shared = run->shared;
	LedgerEntryRow row;
	const LedgerLeaf *leaves;
	ledger_packed_iter it;
	ledger_packed_group group;

	if (ledger_entry_row_read(entry, tuple, &row) != NULL || row.chain_no != run->chain->chain_no ||
		row.type != LEDGER_ENTRY_TX || row.groups_len == 0 || row.ledger_tx < shared->from_tx ||
		row.ledger_tx > shared->to_tx || row.ledger_tx % s->npasses != s->pass ||
		!slot_differs(shared, s->table, verify_slot(shared, row.ledger_tx)))
		return;
	if (ledger_log_find(log, row.ledger_tx, &leaves) == 0 || leaves[0].height >= shared->height ||
		leaves[0].height < shared->since_height)
		return;
	if (ledger_packed_iter_init(&it, row.groups, row.groups_len) != LEDGER_OK)
		return;
	while (ledger_packed_next(&it, &group))
	{
		if (group.table_no == (uint32) s->t->table_no)
			want(s, row.ledger_tx, &group);
	}
}

static void
read_entries(VerifyRun *run, void *arg)
{
	Search	   *s = arg;
	Relation	rel = relation_open(run->shared->catalog[CATALOG_ENTRY], AccessShareLock);
	LedgerLog  *log = ledger_log_open(run->chain, run->snapshot);
	BufferAccessStrategy strategy = GetAccessStrategy(BAS_BULKREAD);
	BlockNumber nblocks = RelationGetNumberOfBlocks(rel);
	MemoryContext scratch =
		AllocSetContextCreate(CurrentMemoryContext, "ledger verify entries", ALLOCSET_DEFAULT_SIZES);

	while (s->next < nblocks)
	{
		HeapTupleData tuples[MaxHeapTuplesPerPage];
		Buffer		buffer;
		int			n = ledger_page_tuples(rel, s->next, strategy, run->snapshot, &buffer, tuples);
		MemoryContext old = MemoryContextSwitchTo(scratch);

		for (int i = 0; i < n; i++)
			look_at_entry(run, s, log, rel, &tuples[i]);
		MemoryContextSwitchTo(old);
		MemoryContextReset(scratch);
		ReleaseBuffer(buffer);
		s->next++;
		CHECK_FOR_INTERRUPTS();
	}
	FreeAccessStrategy(strategy);
	ledger_log_close(log);
	relation_close(rel, AccessShareLock);
}

static void
cross_off(Search *s, const ItemPointerData *tid, uint64 ledger_tx, uint64 seq)
{
	for (Wanted *w = hash_search(s->wanted, &ledger_tx, HASH_FIND, NULL); w != NULL; w = w->next)
	{
		if (seq >= w->first_seq && seq - w->first_seq < w->nrows)
		{
			w->rows++;
			w->tid = *tid;
		}
	}
}

/* s->relid: the table, or its history. */
static void
read_rows(VerifyRun *run, void *arg)
{
	Search	   *s = arg;
	Relation	rel = try_relation_open(s->relid, AccessShareLock);
	BufferAccessStrategy strategy;
	BlockNumber nblocks;

	if (rel == NULL)
		return;
	strategy = GetAccessStrategy(BAS_BULKREAD);
	nblocks = RelationGetNumberOfBlocks(rel);
	ledger_row_reader_attach(s->reader, rel, run->snapshot);
	while (s->next < nblocks)
	{
		HeapTupleData tuples[MaxHeapTuplesPerPage];
		Buffer		buffer;
		int			n = ledger_page_tuples(rel, s->next, strategy, run->snapshot, &buffer, tuples);

		for (int i = 0; i < n; i++)
		{
			LedgerStoredRow row;

			if (ledger_row_look(s->reader, &tuples[i], &row) != NULL)
				continue;
			cross_off(s, &tuples[i].t_self, row.ledger_tx, row.ledger_seq);
			if (row.ended_op == LEDGER_OP_DELETE)
				cross_off(s, &tuples[i].t_self, row.ended_tx, row.ended_seq);
		}
		ReleaseBuffer(buffer);
		s->next++;
		CHECK_FOR_INTERRUPTS();
	}
	ledger_row_reader_detach(s->reader);
	FreeAccessStrategy(strategy);
	relation_close(rel, AccessShareLock);
}

/* Pages that cannot be read were told before; go on behind them. */
static void
read_all(VerifyRun *run, VerifyWork work, Search *s)
{
	char	   *message;

	s->next = 0;
	while (!ledger_verify_attempt(run, work, s, &message))
		s->next++;
}

static void
read_relation(VerifyRun *run, Search *s, Oid relid)
{
	VerifyTable *t = s->t;
	LedgerRowSource source = {.relid = t->relid,
							  .tx_attnum = t->tx_attnum,
							  .seq_attnum = t->seq_attnum,
							  .history_relid = t->history_relid};
	MemoryContext old = MemoryContextSwitchTo(s->page);

	memcpy(source.table_id, t->table_id, 16);
	s->relid = relid;
	s->reader = ledger_row_reader_new(&source, relid == t->history_relid);
	MemoryContextSwitchTo(old);
	read_all(run, read_rows, s);
}

/* ---- telling ------------------------------------------------------------- */

static bool
tell(VerifyRun *run, Search *s, const Wanted *w)
{
	ItemPointerData tid;
	bool		remains;

	if (w->rows == 0)
	{
		remains = ledger_verify_find_remains(run, s->table, w->ledger_tx, w->first_seq,
											 w->first_seq + w->nrows - 1, w->block_lo, w->block_hi, &tid);
		if (w->nrows == 1)
			ledger_verify_report(run, LEDGER_ERROR, s->t->relid, true, w->ledger_tx, w->first_seq,
								 remains ? &tid : NULL, "row is missing%s",
								 remains ? ", its remains are still on the page" : "");
		else
			ledger_verify_report(run, LEDGER_ERROR, s->t->relid, true, w->ledger_tx, -1,
								 remains ? &tid : NULL,
								 "none of the " UINT64_FORMAT " rows of the transaction is there%s", w->nrows,
								 remains ? ", remains are still on a page" : "");
		return true;
	}
	if (w->nrows == 1 && w->rows > 1)
	{
		ledger_verify_report(run, LEDGER_ERROR, s->t->relid, true, w->ledger_tx, w->first_seq, &w->tid,
							 "row is there " UINT64_FORMAT " times", w->rows);
		return true;
	}
	return false;
}

void
ledger_verify_missing(VerifyRun *run, int table)
{
	Search		s = {.table = table, .npasses = 1, .counting = true};
	VerifyPart	whole = {.kind = VERIFY_ROWS};
	bool		differs = false;
	bool		told = false;

	for (uint64 slot = 0; slot < (uint64) run->shared->nslots && !differs; slot++)
		differs = slot_differs(run->shared, table, slot);
	if (!differs)
		return;

	s.t = &verify_tables(run->shared)[table];
	whole.table = table;
	run->part = &whole;			/* what these attempts are about */
	read_all(run, read_entries, &s);
	s.counting = false;
	s.npasses = s.n / MAX_WANTED + 1;
	for (s.pass = 0; s.pass < s.npasses; s.pass++)
	{
		HASHCTL		ctl = {.keysize = sizeof(uint64), .entrysize = sizeof(Wanted)};
		HASH_SEQ_STATUS status;
		Wanted	   *w;

		s.page = AllocSetContextCreate(run->context, "ledger verify missing", ALLOCSET_DEFAULT_SIZES);
		ctl.hcxt = s.page;
		s.wanted = hash_create("groups looked for", 1024, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
		read_all(run, read_entries, &s);
		read_relation(run, &s, s.t->relid);
		if (OidIsValid(s.t->history_relid))
			read_relation(run, &s, s.t->history_relid);
		hash_seq_init(&status, s.wanted);
		while ((w = hash_seq_search(&status)) != NULL)
		{
			for (; w != NULL; w = w->next)
				told |= tell(run, &s, w);
		}
		MemoryContextDelete(s.page);
	}
	/* Where something else is wrong with the table, it is why the sums differ. */
	if (!told && s.t->errors == 0)
		ledger_verify_report(run, LEDGER_ERROR, s.t->relid, false, 0, -1, NULL,
							 "the rows found are not those that the entries name");
	run->part = NULL;
}
