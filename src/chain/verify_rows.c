/*
 * chain/verify_rows.c
 *		The rows of some pages of a ledger table, hashed and compared.
 *
 * Each page is read once, under a share lock as short as that of a sequential
 * scan. Its rows are hashed together, because one hash at a time cannot keep the
 * processor busy. A row's transaction leads through ledger.leaf to its entry,
 * and that names the schema version, the position and the root.
 *
 * A page is done in two steps. Looking at it may fail, on damage of any kind;
 * what was found so far on that page is then forgotten and the page done again,
 * row by row. Taking the results into the chunk cannot fail.
 */
#include "chain/verify_internal.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "chain/row_read.h"
#include "core/row.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* Trees that a chunk builds at the same time; more sessions than that seldom write together. */
#define MAX_RUNS 16

/* A row of a history stands for a version and for the deletion that ended it. */
#define MAX_ROWS (2 * MaxHeapTuplesPerPage)

typedef struct Row
{
	int			group;			/* of the page's groups */
	uint64		index;			/* of the leaf in its tree */
	uint32		seq;
	ItemPointerData tid;
	int			start;			/* of its encoding in the buffer */
} Row;

/* Something wrong with one row of the page under way. */
typedef struct Note
{
	ItemPointerData tid;
	bool		has_tx;
	uint64		ledger_tx;
	int64		ledger_seq;
	char	   *problem;
} Note;

typedef struct Run
{
	bool		used;
	uint64		age;
	LedgerRowGroup group;
	ItemPointerData first_tid;
	ItemPointerData last_tid;
	ledger_range range;
} Run;

typedef struct Chunk
{
	VerifyRun  *run;
	VerifyTable *table;
	int			table_no;		/* in the plan */
	BlockNumber next;
	BlockNumber end;
	OffsetNumber only;			/* a single row of page `next`, 0 for all */
	OffsetNumber nlines;		/* of page `next`, once it was read */
	bool		changed;
	bool		of_history;		/* pages of the history of a versioned table */

	/* the attempt under way */
	Relation	rel;
	LedgerLog  *log;
	BufferAccessStrategy strategy;

	/* the chunk; lives in run->chunk */
	LedgerRowReader *reader;
	StringInfoData bytes;
	Run			runs[MAX_RUNS];
	uint64		clock;

	/* the page under way */
	MemoryContext page;
	bool		row_known;		/* the row that is looked at, for when that fails */
	uint64		row_tx;
	uint32		row_seq;
	HeapTupleData tuples[MaxHeapTuplesPerPage];
	int			ntuples;
	LedgerRowGroup groups[MAX_ROWS];
	int			ngroups;
	Row			rows[MAX_ROWS];
	int			nrows;
	Note		notes[2 * MAX_ROWS];
	int			nnotes;
	int			newer;
	int			unsealed;
	const uint8_t *data[MAX_ROWS];
	size_t		len[MAX_ROWS];
	ledger_digest leaves[MAX_ROWS];
} Chunk;

/* ---- looking at a page --------------------------------------------------- */

static void note(Chunk *c, const ItemPointerData *tid, bool has_tx, uint64 ledger_tx, int64 ledger_seq,
				 const char *problem, ...) pg_attribute_printf(6, 7);

static void
note(Chunk *c, const ItemPointerData *tid, bool has_tx, uint64 ledger_tx, int64 ledger_seq,
	 const char *problem, ...)
{
	Note	   *n;
	va_list		args;

	if (c->nnotes >= (int) lengthof(c->notes))
		return;					/* two for each row is what a page can have */
	n = &c->notes[c->nnotes++];
	n->tid = *tid;
	n->has_tx = has_tx;
	n->ledger_tx = ledger_tx;
	n->ledger_seq = ledger_seq;
	va_start(args, problem);
	n->problem = ledger_verify_text(problem, args);
	va_end(args);
}

/*
 * A tuple that the snapshot does not show. An insertion that was rolled back or
 * is not finished is no concern; a row that was there and is not any more is.
 */
static void
look_at_hidden(Chunk *c, HeapTuple tuple)
{
	HeapTupleHeader header = tuple->t_data;
	TransactionId xmin = HeapTupleHeaderGetXmin(header);
	LedgerStoredRow row;
	bool		known;

	/* The current rows of a versioned table come and go; its sums tell. */
	if (c->table->kind == LEDGER_VERSIONED && !c->of_history)
		return;
	if (!HeapTupleHeaderXminFrozen(header))
	{
		if (HeapTupleHeaderXminInvalid(header) || XidInMVCCSnapshot(xmin, c->run->snapshot) ||
			(!HeapTupleHeaderXminCommitted(header) && !TransactionIdDidCommit(xmin)))
			return;
	}
	known = ledger_row_look(c->reader, tuple, &row) == NULL;
	if (known && (row.ledger_tx < c->run->shared->from_tx || row.ledger_tx > c->run->shared->to_tx))
		return;
	note(c, &tuple->t_self, known, known ? row.ledger_tx : 0, known ? (int64) row.ledger_seq : -1,
		 "row is hidden: its header says that transaction %u deleted it",
		 HeapTupleHeaderGetUpdateXid(header));
}

/* Collect the visible tuples of the page and note what must not be there. */
static void
collect(Chunk *c, Buffer buffer)
{
	Page		page = BufferGetPage(buffer);
	OffsetNumber last;

	if (PageIsNew(page))
		return;
	last = PageGetMaxOffsetNumber(page);
	c->nlines = last;
	if (last > MaxHeapTuplesPerPage)
	{
		ItemPointerData tid;

		ItemPointerSet(&tid, c->next, FirstOffsetNumber);
		note(c, &tid, false, 0, -1, "page has %u line pointers, more than a page can have", last);
		last = MaxHeapTuplesPerPage;
	}
	for (OffsetNumber offset = FirstOffsetNumber; offset <= last; offset++)
	{
		ItemId		item = PageGetItemId(page, offset);
		HeapTuple	tuple = &c->tuples[c->ntuples];

		if ((c->only != 0 && offset != c->only) || !ItemIdIsUsed(item) || ItemIdIsDead(item))
			continue;
		ItemPointerSet(&tuple->t_self, c->next, offset);
		if (ItemIdIsRedirected(item))
		{
			note(c, &tuple->t_self, false, 0, -1,
				 "line pointer leads to line pointer %u: a row of this table was updated",
				 ItemIdGetRedirect(item));
			continue;
		}
		if (ItemIdGetLength(item) < SizeofHeapTupleHeader ||
			ItemIdGetOffset(item) < ((PageHeader) page)->pd_upper ||
			ItemIdGetOffset(item) != MAXALIGN(ItemIdGetOffset(item)) ||
			ItemIdGetOffset(item) + ItemIdGetLength(item) > BLCKSZ)
		{
			note(c, &tuple->t_self, false, 0, -1,
				 "line pointer leads to %u bytes at %u, which cannot hold a row", ItemIdGetLength(item),
				 ItemIdGetOffset(item));
			continue;
		}
		tuple->t_data = (HeapTupleHeader) PageGetItem(page, item);
		tuple->t_len = ItemIdGetLength(item);
		tuple->t_tableOid = RelationGetRelid(c->rel);
		if (HeapTupleSatisfiesVisibility(tuple, c->run->snapshot, buffer))
			c->ntuples++;
		else
			look_at_hidden(c, tuple);
	}
}

/* ---- one row ------------------------------------------------------------- */

/* The group of a row, as a number of c->groups; -1 when the row is not to be hashed. */
static int
group_of(Chunk *c, const ItemPointerData *tid, uint64 ledger_tx, uint32 seq)
{
	VerifyShared *shared = c->run->shared;
	LedgerRowGroup *group;
	const char *problem;

	if (c->ngroups > 0)
	{
		group = &c->groups[c->ngroups - 1];
		if (group->ledger_tx == ledger_tx && seq >= group->first_seq && seq - group->first_seq < group->nrows)
			return c->ngroups - 1;
	}

	group = &c->groups[c->ngroups];
	switch (ledger_log_group(c->log, c->table->table_no, ledger_tx, seq, group, &problem))
	{
		case LEDGER_GROUP_THERE:
			if (group->height >= shared->height)
			{
				c->newer++;
				return -1;
			}
			if (group->height < shared->since_height)
				return -1;
			return c->ngroups++;

		case LEDGER_GROUP_UNKNOWN_TX:
			if (ledger_log_unsealed(c->log, ledger_tx))
				c->unsealed++;
			else
				note(c, tid, true, ledger_tx, seq, "row belongs to a transaction that is not in the chain");
			return -1;

		case LEDGER_GROUP_NOT_THERE:
			note(c, tid, true, ledger_tx, seq,
				 "row is not one of those that its transaction wrote to this table");
			return -1;

		case LEDGER_GROUP_NO_ENTRY:
			note(c, tid, true, ledger_tx, seq,
				 "row cannot be checked against the entry of its transaction: %s", problem);
			return -1;
	}
	return -1;
}

/* One leaf: a row as it was written, or the deletion that ended it. */
static void
look_at_leaf(Chunk *c, HeapTuple tuple, uint64 ledger_tx, uint32 seq, bool deletion)
{
	VerifyShared *shared = c->run->shared;
	const char *problem = NULL;
	int			start = c->bytes.len;
	int			group;
	uint32		version;
	Row		   *row;

	if (ledger_tx < shared->from_tx || ledger_tx > shared->to_tx)
		return;
	c->row_known = true;
	c->row_tx = ledger_tx;
	c->row_seq = seq;
	group = group_of(c, &tuple->t_self, ledger_tx, seq);
	if (group < 0)
		return;
	version = c->groups[group].schema_version;
	if (deletion)
		ledger_row_append_deletion(c->reader, version, &c->bytes);
	else
		problem = ledger_row_append(c->reader, version, &c->bytes);
	if (problem != NULL)
	{
		note(c, &tuple->t_self, true, ledger_tx, seq, "row is damaged: %s", problem);
		return;
	}
	if (!deletion && !c->of_history)
	{
		problem = ledger_row_later_problem(c->reader, version);
		if (problem != NULL)
			note(c, &tuple->t_self, true, ledger_tx, seq, "%s", problem);
	}

	row = &c->rows[c->nrows++];
	row->group = group;
	row->index = seq - c->groups[group].first_seq;
	row->seq = seq;
	row->tid = tuple->t_self;
	row->start = start;
}

static void
look_at_row(Chunk *c, HeapTuple tuple)
{
	LedgerStoredRow row;
	const char *problem = ledger_row_look(c->reader, tuple, &row);

	if (problem != NULL)
	{
		note(c, &tuple->t_self, false, 0, -1, "row is damaged: %s", problem);
		return;
	}
	look_at_leaf(c, tuple, row.ledger_tx, row.ledger_seq, false);
	if (row.ended_op == LEDGER_OP_DELETE)
		look_at_leaf(c, tuple, row.ended_tx, row.ended_seq, true);
}

/* First step: everything that may fail. */
static void
look_at_page(Chunk *c)
{
	MemoryContext old;
	Buffer		buffer;
	int			end;

	c->ntuples = c->ngroups = c->nrows = c->nnotes = c->newer = c->unsealed = 0;
	c->nlines = 0;
	c->row_known = false;
	MemoryContextReset(c->page);
	old = MemoryContextSwitchTo(c->page);
	resetStringInfo(&c->bytes);

	buffer = ReadBufferExtended(c->rel, MAIN_FORKNUM, c->next, RBM_NORMAL, c->strategy);
	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	collect(c, buffer);
	LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
	for (int i = 0; i < c->ntuples; i++)
	{
		c->row_known = false;
		look_at_row(c, &c->tuples[i]);
	}
	ReleaseBuffer(buffer);
	MemoryContextSwitchTo(old);

	end = c->bytes.len;
	for (int i = c->nrows - 1; i >= 0; i--)
	{
		c->data[i] = (const uint8_t *) c->bytes.data + c->rows[i].start;
		c->len[i] = end - c->rows[i].start;
		end = c->rows[i].start;
	}
	if (!ledger_hash_prefixed_many(c->run->hasher, 0, c->nrows, c->data, c->len, c->leaves))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("rows could not be hashed")));
}

/* ---- taking the results -------------------------------------------------- */

static void
report(Chunk *c, const ItemPointerData *tid, bool has_tx, uint64 ledger_tx, int64 seq, const char *problem)
{
	ledger_verify_report(c->run, LEDGER_ERROR, c->run->part->relid, has_tx, ledger_tx, seq, tid, "%s",
						 problem);
}

static void
end_run(Chunk *c, Run *r)
{
	VerifyPiece piece;

	r->used = false;
	piece.table = c->table_no;
	piece.ledger_tx = r->group.ledger_tx;
	piece.first_seq = r->group.first_seq;
	piece.schema_version = r->group.schema_version;
	piece.nrows = r->group.nrows;
	memcpy(piece.root, r->group.root, 32);
	piece.first_tid = r->first_tid;
	piece.last_tid = r->last_tid;
	piece.range = &r->range;
	if (r->range.begin == 0 && r->range.end == r->group.nrows)
		ledger_verify_check_group(c->run, &piece);
	else
		ledger_verify_send_piece(c->run, &piece);
}

/* The run that ends where this leaf begins, or a new one. */
static Run *
run_for(Chunk *c, const LedgerRowGroup *group, uint64 index)
{
	Run		   *oldest = &c->runs[0];

	for (int i = 0; i < MAX_RUNS; i++)
	{
		Run		   *r = &c->runs[i];

		if (r->used && r->group.ledger_tx == group->ledger_tx && r->group.first_seq == group->first_seq &&
			r->range.end == index)
			return r;
		if (oldest->used && (!r->used || r->age < oldest->age))
			oldest = r;
	}
	if (oldest->used)
		end_run(c, oldest);
	oldest->used = true;
	oldest->group = *group;
	ledger_range_init(&oldest->range, index);
	return oldest;
}

/* Second step: nothing here may fail. */
static void
take_page(Chunk *c)
{
	VerifyTable *table = c->table;
	int			i = 0;

	for (int n = 0; n < c->nnotes; n++)
	{
		Note	   *found = &c->notes[n];

		report(c, &found->tid, found->has_tx, found->ledger_tx, found->ledger_seq, found->problem);
	}
	pg_atomic_fetch_add_u64(&table->rows, c->nrows);
	if (c->newer > 0)
		pg_atomic_fetch_add_u64(&table->newer_rows, c->newer);
	if (c->unsealed > 0)
		pg_atomic_fetch_add_u64(&table->unsealed_rows, c->unsealed);

	while (i < c->nrows)
	{
		Row		   *row = &c->rows[i];
		const LedgerRowGroup *group = &c->groups[row->group];
		Run		   *r;
		int			n = 1;

		if (group->nrows == 1)
		{
			ledger_verify_count_group(c->run->shared, c->table_no, true, group->ledger_tx, group->first_seq,
									  group->schema_version);
			if (memcmp(c->leaves[i], group->root, 32) != 0)
				report(c, &row->tid, true, group->ledger_tx, row->seq,
					   "row is not what its transaction wrote: it does not hash to the root in the chain");
			i++;
			continue;
		}
		while (i + n < c->nrows && c->rows[i + n].group == row->group &&
			   c->rows[i + n].index == row->index + n)
			n++;
		r = run_for(c, group, row->index);
		if (r->range.begin == r->range.end)
			r->first_tid = row->tid;
		r->last_tid = c->rows[i + n - 1].tid;
		r->age = ++c->clock;
		if (!ledger_range_append_many(&r->range, c->run->hasher, &c->leaves[i], n))
			elog(ERROR, "rows could not be hashed");
		if (r->range.begin == 0 && r->range.end == group->nrows)
			end_run(c, r);
		i += n;
	}
}

/* ---- the chunk ----------------------------------------------------------- */

/* The work of an attempt: from page `next` on, or only one row of it. */
static void
do_pages(VerifyRun *run, void *arg)
{
	Chunk	   *c = arg;

	c->rel = try_relation_open(run->part->relid, AccessShareLock);
	if (c->rel == NULL || c->rel->rd_node.relNode != run->part->file)
	{
		c->changed = true;
		if (c->rel != NULL)
			relation_close(c->rel, AccessShareLock);
		return;
	}
	ledger_row_reader_attach(c->reader, c->rel, run->snapshot);
	/* VACUUM may have cut off empty pages at the end; it cannot while we hold the lock. */
	c->end = Min(c->end, RelationGetNumberOfBlocks(c->rel));
	c->log = ledger_log_open(run->chain, run->snapshot);
	c->strategy = GetAccessStrategy(BAS_BULKREAD);
	while (c->next < c->end)
	{
		CHECK_FOR_INTERRUPTS();
		look_at_page(c);
		take_page(c);
		if (c->only != 0)
			break;
		c->next++;
	}
	FreeAccessStrategy(c->strategy);
	ledger_log_close(c->log);
	ledger_row_reader_detach(c->reader);
	relation_close(c->rel, AccessShareLock);
}

/* Page `next` made an attempt fail: row by row, to tell which and to do the others. */
static void
do_rows(Chunk *c, char *message)
{
	OffsetNumber nlines = c->nlines;
	ItemPointerData tid;

	if (nlines == 0)
	{
		ItemPointerSet(&tid, c->next, FirstOffsetNumber);
		ledger_verify_report(c->run, LEDGER_ERROR, c->run->part->relid, false, 0, -1, NULL,
							 "page %u cannot be read: %s", c->next, message);
		return;
	}
	nlines = Min(nlines, MaxHeapTuplesPerPage);
	for (OffsetNumber offset = FirstOffsetNumber; offset <= nlines && !c->changed; offset++)
	{
		c->only = offset;
		if (ledger_verify_attempt(c->run, do_pages, c, &message))
			continue;
		ItemPointerSet(&tid, c->next, offset);
		ledger_verify_report(c->run, LEDGER_ERROR, c->run->part->relid, c->row_known,
							 c->row_known ? c->row_tx : 0, c->row_known ? (int64) c->row_seq : -1, &tid,
							 "row cannot be read: %s", message);
	}
	c->only = 0;
}

void
ledger_verify_rows_chunk(VerifyRun *run, uint64 start, uint64 end)
{
	Chunk	   *c = MemoryContextAllocZero(run->chunk, sizeof(Chunk));
	char	   *message;
	LedgerRowSource source;
	MemoryContext old = MemoryContextSwitchTo(run->chunk);

	c->run = run;
	c->table_no = run->part->table;
	c->table = &verify_tables(run->shared)[c->table_no];
	c->next = (BlockNumber) start;
	c->end = (BlockNumber) end;
	c->of_history = run->part->relid == c->table->history_relid;
	source.relid = c->table->relid;
	memcpy(source.table_id, c->table->table_id, 16);
	source.tx_attnum = c->table->tx_attnum;
	source.seq_attnum = c->table->seq_attnum;
	source.history_relid = c->table->history_relid;
	c->reader = ledger_row_reader_new(&source, c->of_history);
	initStringInfo(&c->bytes);
	c->page = AllocSetContextCreate(run->chunk, "ledger verify page", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(old);

	while (c->next < c->end && !c->changed)
	{
		if (ledger_verify_attempt(run, do_pages, c, &message))
			break;
		do_rows(c, message);
		c->next++;
	}
	if (c->changed)
	{
		ledger_verify_report_changed(run);
		return;
	}
	for (int i = 0; i < MAX_RUNS; i++)
	{
		if (c->runs[i].used)
			end_run(c, &c->runs[i]);
	}
}
