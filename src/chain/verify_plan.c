/*
 * chain/verify_plan.c
 *		What a verification reads: the newest block, the tables, their files, and the
 *		chunks that these make.
 */
#include "chain/verify_leader.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_class.h"
#include "chain/catalogue.h"
#include "chain/tuple_check.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#define ROW_CHUNK_PAGES 512
#define PACED_CHUNK_PAGES 16
#define LOG_CHUNK_LEAVES 8192
#define TILE_CHUNK 16

/* 64-bit sums of all tables together: at most 16 MB, at most this many for one. */
#define MAX_SUMS (UINT64CONST(1) << 20)
#define MAX_SLOTS 4096

void
ledger_verify_remember_name(VerifyLeader *leader, Oid relid, const char *name)
{
	RelationName *entry;

	if (!OidIsValid(relid) || name == NULL)
		return;
	entry = hash_search(leader->names, &relid, HASH_ENTER, NULL);
	entry->name = MemoryContextStrdup(leader->context, name);
}

char *
ledger_verify_relation_name(Oid relid)
{
	char	   *name = get_rel_name(relid);
	char	   *schema = name == NULL ? NULL : get_namespace_name(get_rel_namespace(relid));

	if (schema == NULL)
		return NULL;
	return quote_qualified_identifier(schema, name);
}

static void
add_part(VerifyLeader *leader, VerifyPartKind kind, Oid relid, int table, uint64 start, uint64 end,
		 uint32 chunk)
{
	VerifyPart *part;

	if (start >= end)
		return;
	part = palloc0(sizeof(VerifyPart));
	part->kind = kind;
	part->relid = relid;
	part->table = table;
	part->start = start;
	part->end = end;
	part->chunk = chunk;
	leader->parts = lappend(leader->parts, part);
}

/* The pages of a relation, and its indexes. */
static void
add_relation(VerifyLeader *leader, VerifyPartKind kind, Oid relid, int table, uint32 chunk)
{
	Relation	rel = try_relation_open(relid, AccessShareLock);
	ListCell   *lc;

	if (rel == NULL)
		return;
	ledger_verify_remember_name(leader, relid, ledger_verify_relation_name(relid));
	if (RELKIND_HAS_STORAGE(rel->rd_rel->relkind) && rel->rd_rel->relkind != RELKIND_INDEX)
	{
		foreach(lc, leader->options->pages_per_second > 0 ? NIL : RelationGetIndexList(rel))
		{
			ledger_verify_remember_name(leader, lfirst_oid(lc), ledger_verify_relation_name(lfirst_oid(lc)));
			add_part(leader, VERIFY_INDEX, lfirst_oid(lc), table, 0, 1, 1);
		}
		if (kind != VERIFY_INDEX)
		{
			add_part(leader, kind, relid, table, 0, RelationGetNumberOfBlocks(rel), chunk);
			if (leader->parts != NIL)
			{
				VerifyPart *part = llast(leader->parts);

				if (part->relid == relid)
					part->file = rel->rd_node.relNode;
			}
		}
	}
	/* Long values are reached through the index of their TOAST table. */
	if (OidIsValid(rel->rd_rel->reltoastrelid))
		add_relation(leader, VERIFY_INDEX, rel->rd_rel->reltoastrelid, table, 1);
	relation_close(rel, AccessShareLock);
}

/* A paced run takes small steps. */
static uint32
chunk_pages(VerifyLeader *leader)
{
	return leader->options->pages_per_second > 0 ? PACED_CHUNK_PAGES : ROW_CHUNK_PAGES;
}

static void
add_table(VerifyLeader *leader, const VerifyTable *table, int number)
{
	add_relation(leader, VERIFY_ROWS, table->relid, number, chunk_pages(leader));
	if (OidIsValid(table->history_relid))
		add_relation(leader, VERIFY_ROWS, table->history_relid, number, chunk_pages(leader));
}

static int
compare_tables(const ListCell *a, const ListCell *b)
{
	int32		x = ((VerifyTable *) lfirst(a))->table_no;
	int32		y = ((VerifyTable *) lfirst(b))->table_no;

	return x < y ? -1 : x > y;
}

/* Every table of the chain, selected or not: entries name them all. */
static void
list_tables(VerifyLeader *leader, VerifyRun *run)
{
	Oid			relid = ledger_catalog_oid("ledger_table", false);
	Relation	rel = relation_open(relid, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(rel);
	BlockNumber nblocks = RelationGetNumberOfBlocks(rel);

	for (BlockNumber block = 0; block < nblocks; block++)
	{
		HeapTupleData tuples[MaxHeapTuplesPerPage];
		Buffer		buffer;
		int			n = ledger_page_tuples(rel, block, NULL, run->snapshot, &buffer, tuples);

		for (int i = 0; i < n; i++)
		{
			const char *problem =
				ledger_check_tuple(tuples[i].t_data, tuples[i].t_len, desc, rel->rd_rel->reltoastrelid);
			Datum		values[Natts_lt];
			bool		nulls[Natts_lt];
			int16		kind;
			VerifyTable *table;

			if (problem != NULL)
			{
				ledger_verify_report(run, LEDGER_ERROR, relid, false, 0, -1, &tuples[i].t_self,
									 "row is damaged: %s", problem);
				continue;
			}
			ledger_catalogue_deform(&tuples[i], desc, Natts_lt, values, nulls);
			if (memcmp(DatumGetUUIDP(values[Anum_lt_chain_id - 1])->data, run->chain->chain_id, 16) != 0)
				continue;
			table = palloc0(sizeof(VerifyTable));
			table->relid = DatumGetObjectId(values[Anum_lt_relid - 1]);
			memcpy(table->table_id, DatumGetUUIDP(values[Anum_lt_table_id - 1])->data, 16);
			table->table_no = DatumGetInt32(values[Anum_lt_table_no - 1]);
			kind = DatumGetInt16(values[Anum_lt_kind - 1]);
			if (kind != LEDGER_APPEND_ONLY && kind != LEDGER_VERSIONED)
				ledger_verify_report(run, LEDGER_ERROR, relid, false, 0, -1, &tuples[i].t_self,
									 "row says that the table is of the unknown kind %d", kind);
			table->kind = kind == LEDGER_VERSIONED ? LEDGER_VERSIONED : LEDGER_APPEND_ONLY;
			table->tx_attnum = DatumGetInt16(values[Anum_lt_tx_attnum - 1]);
			table->seq_attnum = DatumGetInt16(values[Anum_lt_seq_attnum - 1]);
			table->history_relid = DatumGetObjectId(values[Anum_lt_history_relid - 1]);
			table->schema_version = (uint32) DatumGetInt32(values[Anum_lt_schema_version - 1]);
			table->retired = !nulls[Anum_lt_retired_at - 1];
			table->selected = !OidIsValid(leader->options->relid) || leader->options->relid == table->relid;
			pg_atomic_init_u64(&table->rows, 0);
			pg_atomic_init_u64(&table->newer_rows, 0);
			pg_atomic_init_u64(&table->unsealed_rows, 0);
			leader->tables = lappend(leader->tables, table);
		}
		ReleaseBuffer(buffer);
	}
	relation_close(rel, AccessShareLock);
	list_sort(leader->tables, compare_tables);
}

/*
 * A trusted checkpoint: is it one of this chain, and does our log contain it?
 * Gives the height from which on to verify.
 */
static uint64
since_height(VerifyLeader *leader, VerifyRun *run, LedgerLog *log, uint64 size)
{
	const char *text = leader->options->since;
	ledger_note note;
	ledger_vkey *keys;
	int			nkeys;
	ledger_status status;
	LedgerBlockRow row;
	uint8		root[32];
	uint8		encoded[LEDGER_BLOCK_LEN];
	uint8		hash[32];
	const char *problem = NULL;

	(void) ledger_note_parse(text, strlen(text), &note);	/* was tried by ledger_verify() */
	nkeys = ledger_verify_load_keys(run, leader->context, &keys);
	status = ledger_note_verify(&note, keys, nkeys, NULL);
	if (memcmp(note.head.chain_id, run->chain->chain_id, 16) != 0)
		problem = "it is of another chain";
	else if (status != LEDGER_OK)
		problem = ledger_status_text(status);
	else if (note.head.size > size)
		problem = psprintf("the log ends at size " UINT64_FORMAT
						   ": its end was cut off, or an older state was restored",
						   size);
	else if (note.head.size == 0 || !ledger_log_block_of_leaf(log, note.head.size - 1, &row) ||
			 row.block.first_leaf + row.block.n != note.head.size)
		problem = "no block of the log ends at that size";
	else if (memcmp(row.block.log_root, note.head.root, 32) != 0 ||
			 ledger_tree_root(run->hasher, note.head.size, ledger_log_node, log, root) != LEDGER_OK ||
			 memcmp(root, note.head.root, 32) != 0)
		problem = "the log is not the one that was signed: it has another root at that size";
	else
	{
		ledger_block_put(encoded, &row.block);
		if (!ledger_block_hash(run->hasher, encoded, hash) || memcmp(hash, note.head.block_hash, 32) != 0)
			problem = "the log has another block at that size";
	}
	if (problem == NULL)
		return row.block.height + 1;
	ledger_verify_report(run, LEDGER_ERROR, InvalidOid, false, 0, -1, NULL,
						 "checkpoint of size " UINT64_FORMAT " does not hold: %s", note.head.size, problem);
	return 0;
}

void
ledger_verify_plan(VerifyRun *run, void *arg)
{
	VerifyLeader *leader = arg;
	const LedgerChain *chain = ledger_chain();
	MemoryContext old;
	LedgerLog  *log;
	LedgerBlockRow newest;
	VerifyShared *shared;
	uint64		size = 0;
	uint64		height = 0;
	uint64		since = 0;
	uint64		nbad;
	ListCell   *lc;
	Oid			catalog[CATALOG_TABLES];
	static const char *const catalog_names[CATALOG_TABLES] = {
		"block", "leaf", "entry", "tile", "checkpoint", "member", "schema_version", "ledger_table"
	};

	leader->has_chain = chain != NULL;
	if (chain == NULL)
		return;
	old = MemoryContextSwitchTo(leader->context);
	run->chain = memcpy(palloc(sizeof(LedgerChain)), chain, sizeof(LedgerChain));
	run->hasher = ledger_suite_hasher(chain->suite);
	for (int i = 0; i < CATALOG_TABLES; i++)
	{
		catalog[i] = ledger_catalog_oid(catalog_names[i], false);
		ledger_verify_remember_name(leader, catalog[i], psprintf("ledger.%s", catalog_names[i]));
	}

	memcpy(run->shared->catalog, catalog, sizeof(catalog));

	log = ledger_log_open(run->chain, run->snapshot);
	if (ledger_log_newest_sound_block(log, &newest, &nbad))
	{
		size = newest.block.first_leaf + newest.block.n;
		height = newest.block.height + 1;
		memcpy(leader->root, newest.block.log_root, 32);
	}
	else if (!ledger_hash(run->hasher, "", 0, leader->root))
		elog(ERROR, "could not hash");
	if (nbad > 0)
		ledger_verify_report(run, LEDGER_ERROR, catalog[CATALOG_BLOCK], false, 0, -1, NULL,
							 "the newest " UINT64_FORMAT
							 " blocks are damaged; the log is verified up to size " UINT64_FORMAT,
							 nbad, size);
	if (leader->options->since != NULL)
		since = since_height(leader, run, log, size);
	ledger_log_close(log);

	list_tables(leader, run);
	foreach(lc, leader->tables)
		leader->has_table |= ((VerifyTable *) lfirst(lc))->selected;
	leader->has_table |= !OidIsValid(leader->options->relid);

	/* Indexes first: one index is one chunk, and nobody should wait for the last of them. */
	if (!OidIsValid(leader->options->relid))
	{
		for (int i = 0; i < CATALOG_TABLES; i++)
			add_relation(leader, VERIFY_INDEX, catalog[i], -1, 1);
	}
	foreach(lc, leader->tables)
	{
		VerifyTable *table = lfirst(lc);

		if (table->selected && OidIsValid(table->relid))
			add_table(leader, table, foreach_current_index(lc));
	}
	add_part(leader, VERIFY_LOG, InvalidOid, -1, since, height,
			 (uint32) Max(1, size == 0 ? 1 : LOG_CHUNK_LEAVES * height / size));
	add_part(leader, VERIFY_TILES, catalog[CATALOG_TILE], -1, 0, ledger_verify_upper_tiles(size), TILE_CHUNK);
	add_relation(leader, VERIFY_ENTRIES, catalog[CATALOG_ENTRY], -1, chunk_pages(leader));
	add_relation(leader, VERIFY_CHECKPOINTS, catalog[CATALOG_CHECKPOINT], -1, 16);

	shared = run->shared;
	shared->size = size;
	shared->height = height;
	shared->since_height = since;
	MemoryContextSwitchTo(old);
}

/* Lay out the shared state for these parts and tables. */
VerifyShared *
ledger_verify_make_shared(VerifyLeader *leader, const VerifyShared *before, Size *total)
{
	int			nparts = list_length(leader->parts);
	int			ntables = list_length(leader->tables);
	VerifyShared *shared;
	uint64		ticket = 0;
	int			nslots = (int) Min(MAX_SLOTS, Max(16, MAX_SUMS / (2 * Max(ntables, 1))));
	Size		tables_at = MAXALIGN(offsetof(VerifyShared, parts) + nparts * sizeof(VerifyPart));
	Size		sums_at = MAXALIGN(tables_at + ntables * sizeof(VerifyTable));

	Size		fixed_at = MAXALIGN(sums_at + (Size) ntables * 2 * nslots * sizeof(pg_atomic_uint64));

	*total = fixed_at + (leader->run->fixed == NULL ? 0 : EstimateSnapshotSpace(leader->run->fixed));
	shared = MemoryContextAllocExtended(leader->context, *total, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	memcpy(shared->catalog, before->catalog, sizeof(shared->catalog));
	shared->dboid = MyDatabaseId;
	shared->size = before->size;
	shared->height = before->height;
	shared->since_height = before->since_height;
	shared->from_tx = leader->options->from_tx;
	shared->to_tx = leader->options->to_tx;
	if (!pg_strong_random(shared->key, sizeof(shared->key)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));
	pg_atomic_init_u64(&shared->next_ticket, 0);
	pg_atomic_init_u64(&shared->tickets_done, 0);
	pg_atomic_init_u64(&shared->entries, 0);
	pg_atomic_init_u64(&shared->transactions, 0);
	pg_atomic_init_u64(&shared->moved_entries, 0);
	shared->chunk_pages = chunk_pages(leader);
	shared->nparts = nparts;
	shared->ntables = ntables;
	shared->nslots = nslots;
	shared->tables_at = tables_at;
	shared->sums_at = sums_at;
	shared->fixed_at = fixed_at;
	if (leader->run->fixed != NULL)
		SerializeSnapshot(leader->run->fixed, (char *) shared + fixed_at);
	for (int i = 0; i < ntables; i++)
		verify_tables(shared)[i] = *(VerifyTable *) list_nth(leader->tables, i);
	for (int i = 0; i < ntables * 2 * nslots; i++)
		pg_atomic_init_u64(verify_sum(shared, 0, false, 0) + i, 0);
	for (int i = 0; i < nparts; i++)
	{
		VerifyPart *part = &shared->parts[i];

		*part = *(VerifyPart *) list_nth(leader->parts, i);
		part->first_ticket = ticket;
		ticket += (part->end - part->start + part->chunk - 1) / part->chunk;
	}
	shared->ntickets = ticket;
	return shared;
}

/* Plan once more what has changed: the pages and indexes of those tables. */
void
ledger_verify_plan_again(VerifyRun *run, void *arg)
{
	VerifyLeader *leader = arg;
	MemoryContext old = MemoryContextSwitchTo(leader->context);

	leader->parts = NIL;
	for (int i = 0; i < run->shared->ntables; i++)
	{
		VerifyTable *table = &verify_tables(run->shared)[i];

		if (table->changed)
			add_table(leader, table, i);
	}
	MemoryContextSwitchTo(old);
}
