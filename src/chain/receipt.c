/*
 * chain/receipt.c
 *		Receipts, consistency proofs and tiles, made from the tables.
 *
 * A receipt costs reading the rows of one transaction, which its entry says where
 * to find, the entries at the right edge of the log, and a few tiles. It is
 * checked as its reader will check it before it is handed out.
 */
#include "chain/receipt.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "chain/log_read.h"
#include "chain/row_read.h"
#include "core/receipt.h"
#include "core/row.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* ---- rows of a group ----------------------------------------------------- */

/* The leaves of a group's tree, as far as their rows were found. */
typedef struct Group
{
	const LedgerTable *table;
	const LedgerRowGroup *group;
	uint32		wanted_seq;
	ledger_hasher *hasher;
	ledger_digest *leaves;
	bool	   *found;
	uint64		nfound;
	StringInfoData row;			/* of wanted_seq */
	StringInfoData scratch;
	MemoryContext context;		/* reset with each page */
} Group;

static void
take(Group *g, LedgerRowReader *reader, uint64 ledger_tx, uint32 seq, bool deletion)
{
	uint64		index = seq - g->group->first_seq;
	const char *problem = NULL;

	if (ledger_tx != g->group->ledger_tx || seq < g->group->first_seq || index >= g->group->nrows ||
		g->found[index])
		return;
	resetStringInfo(&g->scratch);
	if (deletion)
		ledger_row_append_deletion(reader, g->group->schema_version, &g->scratch);
	else
		problem = ledger_row_append(reader, g->group->schema_version, &g->scratch);
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("row %u of transaction " UINT64_FORMAT " is damaged: %s", seq, ledger_tx, problem),
				 errhint("Run ledger.verify() on the table.")));
	if (!ledger_row_leaf(g->hasher, g->scratch.data, g->scratch.len, g->leaves[index]))
		elog(ERROR, "a row could not be hashed");
	g->found[index] = true;
	g->nfound++;
	if (seq == g->wanted_seq)
		appendBinaryStringInfo(&g->row, g->scratch.data, g->scratch.len);
}

static void
read_pages(Group *g, Oid relid, bool of_history, BlockNumber first, BlockNumber last)
{
	LedgerRowSource source = {
		.relid = g->table->relid,
		.tx_attnum = g->table->tx_attnum,
		.seq_attnum = g->table->seq_attnum,
		.history_relid = g->table->history_relid
	};
	Relation	rel = table_open(relid, AccessShareLock);
	BlockNumber nblocks = RelationGetNumberOfBlocks(rel);
	BufferAccessStrategy strategy = last - first > 16 ? GetAccessStrategy(BAS_BULKREAD) : NULL;
	LedgerRowReader *reader;

	memcpy(source.table_id, g->table->table_id, 16);
	reader = ledger_row_reader_new(&source, of_history);
	ledger_row_reader_attach(reader, rel, GetActiveSnapshot());
	for (BlockNumber block = first; block < nblocks && block <= last && g->nfound < g->group->nrows; block++)
	{
		HeapTupleData tuples[MaxHeapTuplesPerPage];
		Buffer		buffer;
		int			n = ledger_page_tuples(rel, block, strategy, GetActiveSnapshot(), &buffer, tuples);
		MemoryContext old = MemoryContextSwitchTo(g->context);

		for (int i = 0; i < n; i++)
		{
			LedgerStoredRow row;

			/* A damaged row may be the one; then it will be missed. */
			if (ledger_row_look(reader, &tuples[i], &row) != NULL)
				continue;
			take(g, reader, row.ledger_tx, row.ledger_seq, false);
			if (row.ended_op == LEDGER_OP_DELETE)
				take(g, reader, row.ended_tx, row.ended_seq, true);
		}
		MemoryContextSwitchTo(old);
		MemoryContextReset(g->context);
		ReleaseBuffer(buffer);
		CHECK_FOR_INTERRUPTS();
	}
	ledger_row_reader_detach(reader);
	table_close(rel, AccessShareLock);
}

/*
 * All rows of the group: where its entry says that they were written, else
 * anywhere. A restored table has nearly the same pages, so it is looked around
 * that place first.
 */
static void
read_group(Group *g)
{
	BlockNumber lo = g->group->block_lo;
	BlockNumber hi = g->group->block_hi;

	read_pages(g, g->table->relid, false, lo, hi);
	for (BlockNumber reach = 16; g->nfound < g->group->nrows && reach <= 4096; reach *= 16)
		read_pages(g, g->table->relid, false, lo - Min(lo, reach), hi + Min(MaxBlockNumber - hi, reach));
	if (g->nfound < g->group->nrows)
		read_pages(g, g->table->relid, false, 0, MaxBlockNumber);
	if (g->nfound < g->group->nrows && OidIsValid(g->table->history_relid))
		read_pages(g, g->table->history_relid, true, 0, MaxBlockNumber);
	if (g->nfound < g->group->nrows)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("only " UINT64_FORMAT " of the " UINT64_FORMAT " rows that transaction " UINT64_FORMAT " wrote to table \"%s\" are there",
						g->nfound, g->group->nrows, g->group->ledger_tx, get_rel_name(g->table->relid)),
				 errhint("Run ledger.verify() on the table.")));
}

/* Perfect subtrees over the leaves, for ledger_inclusion_prove(). */
static bool
group_node(void *arg, unsigned level, uint64_t index, uint8_t *out)
{
	Group	   *g = arg;
	ledger_range range;
	uint64		n = UINT64CONST(1) << level;
	ledger_digest *copy;
	bool		ok;

	if (level == 0)
	{
		memcpy(out, g->leaves[index], 32);
		return true;
	}
	copy = MemoryContextAllocHuge(CurrentMemoryContext, n * sizeof(ledger_digest));
	memcpy(copy, g->leaves[index << level], n * sizeof(ledger_digest));
	ledger_range_init(&range, 0);
	ok = ledger_range_append_many(&range, g->hasher, copy, n) && ledger_range_root(&range, g->hasher, out);
	pfree(copy);
	return ok;
}

/* ---- keys ---------------------------------------------------------------- */

ledger_vkey *
ledger_known_keys(int *n)
{
	const LedgerChain *chain = ledger_chain();
	Relation	rel = table_open(ledger_catalog_oid("member", false), AccessShareLock);
	TupleDesc	desc = RelationGetDescr(rel);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	ledger_vkey *keys = palloc(sizeof(ledger_vkey));

	*n = 0;
	ScanKeyInit(&key, 1, BTEqualStrategyNumber, F_UUID_EQ, UUIDPGetDatum((pg_uuid_t *) chain->chain_id));
	scan =
		systable_beginscan(rel, ledger_catalog_oid("member_pkey", false), true, GetActiveSnapshot(), 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		bool		isnull[2];
		text	   *name;
		bytea	   *spki;

		if (ledger_check_tuple(tuple->t_data, tuple->t_len, desc, rel->rd_rel->reltoastrelid) != NULL)
			continue;
		name = DatumGetTextPP(heap_getattr(tuple, 3, desc, &isnull[0]));
		spki = DatumGetByteaPP(heap_getattr(tuple, 5, desc, &isnull[1]));
		keys = repalloc(keys, (*n + 1) * sizeof(ledger_vkey));
		if (!isnull[0] && !isnull[1] &&
			ledger_vkey_make(&keys[*n], chain->suite, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name),
							 (uint8 *) VARDATA_ANY(spki), VARSIZE_ANY_EXHDR(spki)) == LEDGER_KEY_OK)
			(*n)++;
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return keys;
}

/* ---- receipts ------------------------------------------------------------ */

static void
find_group(LedgerLog *log, const LedgerTable *table, uint64 ledger_tx, uint32 ledger_seq,
		   LedgerRowGroup *group)
{
	const char *problem;

	switch (ledger_log_group(log, table->table_no, ledger_tx, ledger_seq, group, &problem))
	{
		case LEDGER_GROUP_THERE:
			return;

		case LEDGER_GROUP_UNKNOWN_TX:
			if (ledger_log_unsealed(log, ledger_tx))
				ereport(ERROR,
						(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						 errmsg("transaction " UINT64_FORMAT " is not sealed yet", ledger_tx),
						 errhint("Call ledger.wait_sealed() first.")));
								  /* FALLTHROUGH */
		case LEDGER_GROUP_NOT_THERE:
			ereport(ERROR,
					(errcode(ERRCODE_NO_DATA_FOUND),
					 errmsg("transaction " UINT64_FORMAT " wrote no row %u to table \"%s\"", ledger_tx, ledger_seq,
							get_rel_name(table->relid))));
			break;

		case LEDGER_GROUP_NO_ENTRY:
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("the entry of transaction " UINT64_FORMAT " cannot be read: %s", ledger_tx, problem),
					 errhint("Run ledger.verify().")));
	}
}

/* The entry as it was hashed, and the salt of the group if it has one. */
static void
read_entry(LedgerLog *log, const LedgerChain *chain, const LedgerTable *table, const LedgerRowGroup *group,
		   ledger_receipt_file *receipt)
{
	const LedgerLeaf *leaves;
	int			n = ledger_log_find(log, group->ledger_tx, &leaves);
	uint8	   *entry = palloc(LEDGER_ENTRY_MAX);
	LedgerEntryRow row;
	const char *problem = "it is missing";
	size_t		len = 0;

	if (group->part < n && ledger_log_entry(log, &leaves[group->part], &row, &problem) <= LEDGER_ENTRY_MOVED)
		len = ledger_entry_encode(chain, &row, entry, &problem);
	if (len == 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the entry of transaction " UINT64_FORMAT " cannot be read: %s", group->ledger_tx, problem),
				 errhint("Run ledger.verify().")));
	receipt->entry.data = entry;
	receipt->entry.len = len;
	receipt->group = group->position;
	receipt->shared = table->shared;
	if (!table->shared &&
		!ledger_entry_salt(ledger_suite_hasher(chain->suite), row.seed, group->position, receipt->salt))
		elog(ERROR, "a salt could not be computed");
}

/* The newest checkpoint, and the leaf's place in its log. */
static void
read_note(LedgerLog *log, const LedgerRowGroup *group, ledger_receipt_file *receipt)
{
	LedgerBlockRow block;
	uint64		size = 0;
	char	   *note = ledger_log_newest_checkpoint(log, &size);

	if (!ledger_log_block(log, group->height, &block))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("block " UINT64_FORMAT " is missing", group->height),
				 errhint("Run ledger.verify().")));
	receipt->log_index = block.block.first_leaf + group->leaf_offset;
	if (note == NULL || receipt->log_index >= size)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("transaction " UINT64_FORMAT " is sealed, but no checkpoint covers it yet", group->ledger_tx),
				 errhint("Try again in a moment; ledger.health_check() tells when signing does not work.")));
	receipt->tree_size = size;
	receipt->note.data = (const uint8_t *) note;
	receipt->note.len = strlen(note);
}

static char *
write_receipt(const ledger_receipt_file *receipt)
{
	ledger_writer w;
	char	   *text;
	size_t		len;

	ledger_writer_init(&w, NULL, 0);
	(void) ledger_receipt_write(&w, receipt);
	len = w.len;
	text = MemoryContextAllocHuge(CurrentMemoryContext, len + 1);
	ledger_writer_init(&w, text, len);
	if (ledger_receipt_write(&w, receipt) != LEDGER_OK)
		elog(ERROR, "a receipt could not be written");
	text[len] = '\0';
	return text;
}

/* Nobody should carry away a receipt that does not hold. */
static void
check_receipt(ledger_hasher *hasher, const ledger_receipt_file *receipt, uint64 ledger_tx)
{
	ledger_receipt_facts facts;
	int			nkeys;
	ledger_vkey *keys = ledger_known_keys(&nkeys);

	if (ledger_receipt_check(hasher, receipt, keys, nkeys, &facts) != LEDGER_OK)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("transaction " UINT64_FORMAT " cannot be given a receipt: %s", ledger_tx,
						ledger_receipt_part_text(facts.failed)),
				 errhint("Run ledger.verify().")));
}

char *
ledger_receipt_make(Oid relid, uint64 ledger_tx, uint32 ledger_seq)
{
	const LedgerChain *chain = ledger_need_chain();
	const LedgerTable *table = ledger_table_lookup(relid);
	LedgerLog  *log;
	LedgerRowGroup group;
	Group		g = {0};
	ledger_receipt_file receipt = {0};
	ledger_digest row_path[LEDGER_PROOF_MAX];
	ledger_digest log_path[LEDGER_PROOF_MAX];
	char	   *text;

	if (table == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a ledger table", get_rel_name(relid))));
	log = ledger_log_open(chain, GetActiveSnapshot());
	find_group(log, table, ledger_tx, ledger_seq, &group);
	read_note(log, &group, &receipt);
	read_entry(log, chain, table, &group, &receipt);

	g.table = table;
	g.group = &group;
	g.wanted_seq = ledger_seq;
	g.hasher = ledger_suite_hasher(chain->suite);
	g.leaves = MemoryContextAllocHuge(CurrentMemoryContext, group.nrows * sizeof(ledger_digest));
	g.found =
		MemoryContextAllocExtended(CurrentMemoryContext, group.nrows, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	g.context = AllocSetContextCreate(CurrentMemoryContext, "ledger receipt page", ALLOCSET_DEFAULT_SIZES);
	initStringInfo(&g.row);
	initStringInfo(&g.scratch);
	read_group(&g);

	receipt.suite = chain->suite;
	receipt.row.data = (const uint8_t *) g.row.data;
	receipt.row.len = g.row.len;
	receipt.row_index = ledger_seq - group.first_seq;
	receipt.nrows = group.nrows;
	receipt.row_path = row_path;
	receipt.log_path = log_path;
	if (ledger_inclusion_prove(g.hasher, receipt.row_index, receipt.nrows, group_node, &g, row_path,
							   &receipt.row_npath) != LEDGER_OK ||
		ledger_inclusion_prove(g.hasher, receipt.log_index, receipt.tree_size, ledger_log_node, log, log_path,
							   &receipt.log_npath) != LEDGER_OK)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the log has no hash that the receipt of transaction " UINT64_FORMAT " needs", ledger_tx),
				 errhint("Run ledger.verify().")));
	check_receipt(g.hasher, &receipt, ledger_tx);
	text = write_receipt(&receipt);
	ledger_log_close(log);
	return text;
}

/* ---- consistency, tiles -------------------------------------------------- */

static uint64
log_size(LedgerLog *log)
{
	LedgerBlockRow newest;

	return ledger_log_newest_block(log, &newest) ? newest.block.first_leaf + newest.block.n : 0;
}

char *
ledger_consistency_make(uint64 from, uint64 to)
{
	const LedgerChain *chain = ledger_need_chain();
	LedgerLog  *log = ledger_log_open(chain, GetActiveSnapshot());
	ledger_hasher *hasher = ledger_suite_hasher(chain->suite);
	uint64		size = log_size(log);
	ledger_consistency_file file = {.suite = chain->suite, .from = from, .to = to};
	ledger_writer w;
	char	   *text;
	size_t		len;

	if (from > to || to > size)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("sizes " UINT64_FORMAT " and " UINT64_FORMAT " are not two sizes of the log in order", from, to),
				 errdetail("The log has size " UINT64_FORMAT ".", size)));
	if (ledger_tree_root(hasher, from, ledger_log_node, log, file.from_root) != LEDGER_OK ||
		ledger_tree_root(hasher, to, ledger_log_node, log, file.to_root) != LEDGER_OK ||
		ledger_consistency_prove(hasher, from, to, ledger_log_node, log, file.path, &file.npath) != LEDGER_OK)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the log has no hash that the proof needs"),
				 errhint("Run ledger.verify().")));
	ledger_log_close(log);

	ledger_writer_init(&w, NULL, 0);
	(void) ledger_consistency_file_write(&w, &file);
	len = w.len;
	text = palloc(len + 1);
	ledger_writer_init(&w, text, len);
	if (ledger_consistency_file_write(&w, &file) != LEDGER_OK)
		elog(ERROR, "a consistency proof could not be written");
	text[len] = '\0';
	return text;
}

bytea *
ledger_tile_make(int level, uint64 tile_no, int width)
{
	LedgerLog  *log = ledger_log_open(ledger_need_chain(), GetActiveSnapshot());
	uint64		size = log_size(log);
	uint64		full;
	bytea	   *result;
	const char *problem;

	if (level < 0 || level > 7 || width < 1 || width > LEDGER_TILE_WIDTH)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a tile has a level from 0 to 7 and a width from 1 to %d", LEDGER_TILE_WIDTH)));
	full = ledger_tile_count(size, level);
	if (tile_no > full || (tile_no == full && (unsigned) width > ledger_tile_partial(size, level)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("tile %d/" UINT64_FORMAT " of width %d is not there yet", level, tile_no, width),
				 errdetail("The log has size " UINT64_FORMAT ".", size)));
	result = palloc(VARHDRSZ + (size_t) width * 32);
	SET_VARSIZE(result, VARHDRSZ + (size_t) width * 32);
	if (!ledger_log_tile_hashes(log, level, tile_no, width, (uint8(*)[32]) VARDATA(result), &problem))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("tile %d/" UINT64_FORMAT " cannot be made: %s", level, tile_no, problem),
				 errhint("Run ledger.verify().")));
	ledger_log_close(log);
	return result;
}
