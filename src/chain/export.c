/*
 * chain/export.c
 *		The whole ledger as files.
 *
 * Everything is read under one snapshot, up to the newest checkpoint. What a
 * reader could not do without, an entry or a block, must be whole; rows are
 * written as they are stored now, damaged or not, because finding that is the
 * reader's work. A row that belongs to no sealed transaction of its table is left
 * out only if its transaction is newer than the checkpoint.
 *
 * Rows are sorted by (ledger_tx, ledger_seq), with work_mem and then on disk.
 */
#include "chain/export.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "chain/catalogue.h"
#include "chain/log_read.h"
#include "chain/receipt.h"
#include "chain/row_read.h"
#include "chain/schema_version.h"
#include "core/body.h"
#include "core/checkpoint.h"
#include "core/opening.h"
#include "core/packed.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/tuplesort.h"

/* entry, count, then an opening for each group, the extra and the role */
#define RECORD_MAX (2 * LEDGER_ENTRY_MAX + (LEDGER_ENTRY_MAX_GROUPS + 2) * 128 + LEDGER_BODY_MAX)

typedef struct Export
{
	const char *directory;
	const LedgerChain *chain;
	Snapshot	snapshot;
	LedgerLog  *log;
	uint64		size;			/* of the checkpoint */
	MemoryContext context;		/* reset with each record */
	uint8	   *record;
	uint64		nrows;
	int			ntables;
	FILE	   *schemas;
} Export;

/* ---- files ---------------------------------------------------------------- */

static void
failed(const char *path)
{
	ereport(ERROR,
			(errcode_for_file_access(),
			 errmsg("could not write file \"%s\": %m", path)));
}

/* Open a file below the directory, making the folders on the way. */
static FILE *
create(Export *x, const char *name, char **path)
{
	FILE	   *file;

	*path = psprintf("%s/%s", x->directory, name);
	for (char *slash = *path + strlen(x->directory) + 1; (slash = strchr(slash, '/')) != NULL; slash++)
	{
		*slash = '\0';
		if (MakePGDirectory(*path) < 0 && errno != EEXIST)
			ereport(ERROR,
					(errcode_for_file_access(),
					 errmsg("could not create directory \"%s\": %m", *path)));
		*slash = '/';
	}
	file = AllocateFile(*path, PG_BINARY_W);
	if (file == NULL)
		failed(*path);
	return file;
}

static void
finish(FILE *file, const char *path)
{
	if (fflush(file) != 0 || pg_fsync(fileno(file)) != 0 || FreeFile(file) != 0)
		failed(path);
}

static void
put(FILE *file, const void *data, size_t len, const char *path)
{
	if (len > 0 && fwrite(data, 1, len, file) != len)
		failed(path);
}

/* One record of a stream: its length and its bytes. */
static void
put_record(FILE *file, const void *data, size_t len, const char *path)
{
	uint8		head[4];
	ledger_writer w;

	ledger_writer_init(&w, head, sizeof(head));
	ledger_write_u32(&w, (uint32) len);
	put(file, head, sizeof(head), path);
	put(file, data, len, path);
}

static void
put_file(Export *x, const char *name, const void *data, size_t len)
{
	char	   *path;
	FILE	   *file = create(x, name, &path);

	put(file, data, len, path);
	finish(file, path);
}

static void
damaged(uint64 leaf, const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("could not export leaf " UINT64_FORMAT " of the log", leaf),
			 errdetail("Its entry cannot be rebuilt: %s.", problem ? problem : "it is missing"),
			 errhint("Run ledger.verify().")));
}

/* ---- entries and schema bodies --------------------------------------------- */

static void
open_groups(Export *x, const LedgerEntryRow *row, ledger_writer *w, uint16 *count)
{
	ledger_hasher *hasher = ledger_suite_hasher(x->chain->suite);
	ledger_packed_iter it;
	ledger_packed_group packed;
	uint16		position = 0;

	if (row->groups_len == 0 || ledger_packed_iter_init(&it, row->groups, row->groups_len) != LEDGER_OK)
		return;
	while (ledger_packed_next(&it, &packed))
	{
		const LedgerTableId *id = ledger_table_by_no(packed.table_no);
		uint8		salt[LEDGER_SALT_LEN];
		ledger_opening opening = {.position = position++, .salt = salt};

		if (id->shared)
			continue;
		if (!ledger_entry_salt(hasher, row->seed, opening.position, salt))
			elog(ERROR, "could not compute a salt");
		memcpy(opening.group.table_id, id->table_id, LEDGER_ID_LEN);
		opening.group.schema_version = packed.schema_version;
		opening.group.nrows = packed.nrows;
		memcpy(opening.group.root, packed.root, LEDGER_HASH_LEN);
		ledger_opening_write(w, &opening);
		(*count)++;
	}
}

static void
open_text(Export *x, const LedgerEntryRow *row, uint16 position, const void *data, size_t len,
		  ledger_writer *w, uint16 *count)
{
	uint8		salt[LEDGER_SALT_LEN];
	ledger_opening opening = {.position = position, .salt = salt};

	if (!ledger_entry_salt(ledger_suite_hasher(x->chain->suite), row->seed, position, salt))
		elog(ERROR, "could not compute a salt");
	opening.content.data = data;
	opening.content.len = len;
	ledger_opening_write(w, &opening);
	(*count)++;
}

/* The schema body that a SCHEMA entry is about. */
static void
export_schema(Export *x, const LedgerEntryRow *row, const char *path)
{
	ledger_schema_body body;
	LedgerSchema *schema;
	const char *problem = NULL;

	if (ledger_schema_body_parse(row->extra + 1, row->extra_len - 1, &body) != LEDGER_OK)
		return;
	schema = ledger_schema_load(body.table_id, body.schema_version, &problem);
	if (schema == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("could not export schema version %u of table %s", body.schema_version,
						ledger_uuid_text(body.table_id)),
				 errdetail_internal("%s", problem ? problem : "It does not exist."),
				 errhint("Run ledger.verify().")));
	put_record(x->schemas, VARDATA_ANY(schema->body), VARSIZE_ANY_EXHDR(schema->body), path);
}

static void
export_entry(Export *x, const LedgerLeaf *leaf, uint64 number, FILE *file, const char *path,
			 const char *schemas_path)
{
	LedgerEntryRow row;
	const char *problem = NULL;
	size_t		len;
	uint16		count = 0;
	ledger_writer w;
	LedgerEntryFound found = ledger_log_entry(x->log, leaf, &row, &problem);

	if (found != LEDGER_ENTRY_THERE && found != LEDGER_ENTRY_MOVED)
		damaged(number, problem);
	len = ledger_entry_encode(x->chain, &row, x->record, &problem);
	if (len == 0)
		damaged(number, problem);

	ledger_writer_init(&w, x->record + len, RECORD_MAX - len);
	ledger_write_u16(&w, 0);
	open_groups(x, &row, &w, &count);
	if (row.extra_len > 0 && row.extra[0] != LEDGER_EXTRA_OPEN)
		open_text(x, &row, LEDGER_SALT_EXTRA, row.extra + 1, row.extra_len - 1, &w, &count);
	open_text(x, &row, LEDGER_SALT_ROLE, row.role, row.role_len, &w, &count);
	if (ledger_writer_finish(&w) != LEDGER_OK)
		elog(ERROR, "could not write the openings of an entry");
	ledger_put_u16(x->record + len, count);
	put_record(file, x->record, len + w.len, path);

	if (row.type == LEDGER_ENTRY_SCHEMA && row.extra_len > 0)
		export_schema(x, &row, schemas_path);
}

static void
export_log(Export *x)
{
	char	   *blocks_path;
	char	   *entries_path;
	char	   *schemas_path;
	FILE	   *blocks = create(x, "blocks.bin", &blocks_path);
	FILE	   *entries = create(x, "entries.bin", &entries_path);
	uint64		number = 0;

	x->schemas = create(x, "schemas.bin", &schemas_path);
	for (uint64 height = 0; number < x->size; height++)
	{
		MemoryContext old = MemoryContextSwitchTo(x->context);
		LedgerBlockRow row;
		uint8		block[LEDGER_BLOCK_LEN];
		const LedgerLeaf *leaves;
		LedgerLeaf *copy;
		int			n;
		const char *problem = NULL;

		if (!ledger_log_block(x->log, height, &row))
			damaged(number, "its block is missing");
		ledger_block_put(block, &row.block);
		put_record(blocks, block, sizeof(block), blocks_path);

		leaves = ledger_log_block_leaves(x->log, height, &n, &problem);
		if (problem != NULL || (uint32) n != row.block.n)
			damaged(number, problem ? problem : "the index of its block is damaged");
		copy = palloc(n * sizeof(LedgerLeaf));
		memcpy(copy, leaves, n * sizeof(LedgerLeaf));
		for (int i = 0; i < n; i++)
		{
			CHECK_FOR_INTERRUPTS();
			export_entry(x, &copy[i], number++, entries, entries_path, schemas_path);
		}
		MemoryContextSwitchTo(old);
		MemoryContextReset(x->context);
	}
	finish(blocks, blocks_path);
	finish(entries, entries_path);
	finish(x->schemas, schemas_path);
}

static void
export_tile(Export *x, int level, uint64 tile_no, int width)
{
	uint8(*hashes)[32] = palloc(LEDGER_TILE_WIDTH * 32);
	const char *problem = NULL;
	char		path[128];
	ledger_writer w;

	CHECK_FOR_INTERRUPTS();
	if (!ledger_log_tile_hashes(x->log, level, tile_no, width, hashes, &problem))
		damaged(tile_no * LEDGER_TILE_WIDTH, problem);
	ledger_writer_init(&w, path, sizeof(path) - 1);
	ledger_tile_path(&w, level, tile_no, width);
	if (ledger_writer_finish(&w) != LEDGER_OK)
		elog(ERROR, "path of a tile is too long");
	path[w.len] = '\0';
	put_file(x, path, hashes, width * 32);
}

static void
export_tiles(Export *x)
{
	MemoryContext old = MemoryContextSwitchTo(x->context);

	for (int level = 0; level < 8; level++)
	{
		uint64		full = ledger_tile_count(x->size, level);
		unsigned	partial = ledger_tile_partial(x->size, level);

		for (uint64 i = 0; i < full; i++)
		{
			export_tile(x, level, i, LEDGER_TILE_WIDTH);
			MemoryContextReset(x->context);
		}
		if (partial > 0)
			export_tile(x, level, full, partial);
		if (full == 0 && partial == 0)
			break;
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(x->context);
}

/* ---- rows ------------------------------------------------------------------ */

typedef struct RowSort
{
	Tuplesortstate *sort;
	TupleTableSlot *slot;
	StringInfoData bytes;
} RowSort;

static TupleDesc
sort_desc(void)
{
	TupleDesc	desc = CreateTemplateTupleDesc(3);

	TupleDescInitEntry(desc, 1, "ledger_tx", INT8OID, -1, 0);
	TupleDescInitEntry(desc, 2, "ledger_seq", INT4OID, -1, 0);
	TupleDescInitEntry(desc, 3, "row", BYTEAOID, -1, 0);
	return desc;
}

static void
sort_row(RowSort *rows, uint64 tx, uint32 seq)
{
	bytea	   *data = palloc(VARHDRSZ + rows->bytes.len);

	SET_VARSIZE(data, VARHDRSZ + rows->bytes.len);
	memcpy(VARDATA(data), rows->bytes.data, rows->bytes.len);
	ExecClearTuple(rows->slot);
	rows->slot->tts_values[0] = Int64GetDatum((int64) tx);
	rows->slot->tts_values[1] = Int32GetDatum((int32) seq);
	rows->slot->tts_values[2] = PointerGetDatum(data);
	memset(rows->slot->tts_isnull, 0, 3);
	ExecStoreVirtualTuple(rows->slot);
	tuplesort_puttupleslot(rows->sort, rows->slot);
}

/* The schema version that row (tx, seq) was written in; false when it is newer than the checkpoint. */
static bool
version_of(Export *x, int32 table_no, uint64 tx, uint32 seq, uint32 *schema_version)
{
	LedgerRowGroup group;
	const char *problem = NULL;
	LedgerBlockRow block;

	switch (ledger_log_group(x->log, table_no, tx, seq, &group, &problem))
	{
		case LEDGER_GROUP_THERE:
			break;
		case LEDGER_GROUP_UNKNOWN_TX:
			return false;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("could not export row %u of transaction " UINT64_FORMAT, seq, tx),
					 errdetail("No entry of the chain speaks of it."),
					 errhint("Run ledger.verify().")));
	}
	if (!ledger_log_block(x->log, group.height, &block) ||
		block.block.first_leaf + group.leaf_offset >= x->size)
		return false;
	*schema_version = group.schema_version;
	return true;
}

static void
cannot_read(Relation rel, ItemPointer tid, const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("could not export row (%u,%u) of \"%s\"", ItemPointerGetBlockNumber(tid),
					ItemPointerGetOffsetNumber(tid), RelationGetRelationName(rel)),
			 errdetail_internal("%s", problem),
			 errhint("Run ledger.verify().")));
}

static void
sort_tuple(Export *x, LedgerRowReader *reader, Relation rel, int32 table_no, HeapTuple tuple, RowSort *rows)
{
	LedgerStoredRow stored;
	uint32		version;
	const char *problem = ledger_row_look(reader, tuple, &stored);

	if (problem != NULL)
		cannot_read(rel, &tuple->t_self, problem);
	if (version_of(x, table_no, stored.ledger_tx, stored.ledger_seq, &version))
	{
		resetStringInfo(&rows->bytes);
		problem = ledger_row_append(reader, version, &rows->bytes);
		if (problem != NULL)
			cannot_read(rel, &tuple->t_self, problem);
		sort_row(rows, stored.ledger_tx, stored.ledger_seq);
	}
	if (stored.ended_op == 2 && version_of(x, table_no, stored.ended_tx, stored.ended_seq, &version))
	{
		resetStringInfo(&rows->bytes);
		ledger_row_append_deletion(reader, version, &rows->bytes);
		sort_row(rows, stored.ended_tx, stored.ended_seq);
	}
}

static void
sort_relation(Export *x, const LedgerTable *table, bool of_history, RowSort *rows)
{
	LedgerRowSource source = {
		.relid = table->relid,
		.tx_attnum = table->tx_attnum,
		.seq_attnum = table->seq_attnum,
		.history_relid = table->history_relid
	};
	Relation	rel = table_open(of_history ? table->history_relid : table->relid, AccessShareLock);
	LedgerRowReader *reader;
	BufferAccessStrategy strategy = GetAccessStrategy(BAS_BULKREAD);
	BlockNumber nblocks = RelationGetNumberOfBlocks(rel);
	HeapTupleData *tuples = palloc(MaxHeapTuplesPerPage * sizeof(HeapTupleData));

	memcpy(source.table_id, table->table_id, sizeof(source.table_id));
	reader = ledger_row_reader_new(&source, of_history);
	ledger_row_reader_attach(reader, rel, x->snapshot);
	for (BlockNumber block = 0; block < nblocks; block++)
	{
		Buffer		buffer;
		int			n;

		CHECK_FOR_INTERRUPTS();
		n = ledger_page_tuples(rel, block, strategy, x->snapshot, &buffer, tuples);
		for (int i = 0; i < n; i++)
		{
			MemoryContext old = MemoryContextSwitchTo(x->context);

			sort_tuple(x, reader, rel, table->table_no, &tuples[i], rows);
			MemoryContextSwitchTo(old);
			MemoryContextReset(x->context);
		}
		ReleaseBuffer(buffer);
	}
	ledger_row_reader_detach(reader);
	FreeAccessStrategy(strategy);
	table_close(rel, NoLock);
}

static void
export_rows(Export *x, Oid relid)
{
	const LedgerTable *table = ledger_table_lookup(relid);
	TupleDesc	desc = sort_desc();
	AttrNumber	columns[2] = {1, 2};
	Oid			operators[2] = {Int8LessOperator, Int4LessOperator};
	Oid			collations[2] = {InvalidOid, InvalidOid};
	bool		nulls_first[2] = {false, false};
	RowSort		rows;
	char		name[64];
	char	   *path;
	FILE	   *file;

	if (table == NULL)
		return;
	rows.slot = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);
	rows.sort = tuplesort_begin_heap(desc, 2, columns, operators, collations, nulls_first, work_mem, NULL,
									 TUPLESORT_NONE);
	initStringInfo(&rows.bytes);
	sort_relation(x, table, false, &rows);
	if (OidIsValid(table->history_relid))
		sort_relation(x, table, true, &rows);
	tuplesort_performsort(rows.sort);
	ExecDropSingleTupleTableSlot(rows.slot);

	strcpy(name, "rows/");
	ledger_hex_encode(table->table_id, 16, name + 5);
	strcpy(name + 5 + 32, ".bin");
	file = create(x, name, &path);
	rows.slot = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
	while (tuplesort_gettupleslot(rows.sort, true, false, rows.slot, NULL))
	{
		bool		isnull;
		struct varlena *data = PG_DETOAST_DATUM_PACKED(slot_getattr(rows.slot, 3, &isnull));

		CHECK_FOR_INTERRUPTS();
		put_record(file, VARDATA_ANY(data), VARSIZE_ANY_EXHDR(data), path);
		x->nrows++;
	}
	ExecDropSingleTupleTableSlot(rows.slot);
	tuplesort_end(rows.sort);
	finish(file, path);
	x->ntables++;
}

/* Tables of this chain that still exist. */
static List *
live_tables(Export *x)
{
	Relation	rel = table_open(ledger_catalog_oid("ledger_table", false), AccessShareLock);
	TableScanDesc scan = table_beginscan(rel, x->snapshot, 0, NULL);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	List	   *relids = NIL;

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		bool		isnull;
		Oid			relid = DatumGetObjectId(slot_getattr(slot, Anum_lt_relid, &isnull));

		if (OidIsValid(relid) && OidIsValid(get_rel_namespace(relid)))
			relids = lappend_oid(relids, relid);
	}
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	table_close(rel, AccessShareLock);
	return relids;
}

/* ---- the whole -------------------------------------------------------------- */

static void
export_keys(Export *x)
{
	int			n;
	ledger_vkey *keys = ledger_known_keys(&n);
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < n; i++)
	{
		char		line[LEDGER_VKEY_TEXT_MAX];
		ledger_writer w;

		ledger_writer_init(&w, line, sizeof(line));
		if (ledger_vkey_write(&w, &keys[i]) != LEDGER_OK)
			elog(ERROR, "could not write a verifier key");
		appendBinaryStringInfo(&text, line, w.len);
		appendStringInfoChar(&text, '\n');
	}
	put_file(x, "keys", text.data, text.len);
}

uint64
ledger_export(const char *directory)
{
	Export		x = {.directory = directory};
	char	   *note;
	char	   *format;
	ListCell   *lc;

	if (!is_absolute_path(directory))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("directory \"%s\" is not an absolute path", directory)));
	x.chain = ledger_chain();
	if (x.chain == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("this database has no chain"),
				 errhint("Create a ledger table, or call ledger.init().")));
	x.snapshot = RegisterSnapshot(GetLatestSnapshot());
	x.log = ledger_log_open(x.chain, x.snapshot);
	note = ledger_log_newest_checkpoint(x.log, &x.size);
	if (note == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("there is no signed checkpoint yet"),
				 errhint("ledger.health_check() says why.")));
	if (MakePGDirectory(directory) < 0)
	{
		if (errno == EEXIST)
			ereport(ERROR,
					(errcode(ERRCODE_DUPLICATE_FILE),
					 errmsg("directory \"%s\" exists", directory),
					 errhint("Give one that does not exist yet.")));
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not create directory \"%s\": %m", directory)));
	}
	x.context = AllocSetContextCreate(CurrentMemoryContext, "ledger export", ALLOCSET_DEFAULT_SIZES);
	x.record = palloc(RECORD_MAX);

	put_file(&x, "checkpoint", note, strlen(note));
	export_keys(&x);
	export_log(&x);
	export_tiles(&x);
	foreach(lc, live_tables(&x))
		export_rows(&x, lfirst_oid(lc));

	/* last: an export that was cut short has no format file */
	format = psprintf("ledger-export/1\nsuite %s\norigin %s\nsize " UINT64_FORMAT "\ntables %d\n",
					  ledger_suite_name(x.chain->suite), x.chain->origin, x.size, x.ntables);
	put_file(&x, "format", format, strlen(format));
	ledger_log_close(x.log);
	UnregisterSnapshot(x.snapshot);
	return x.nrows;
}
