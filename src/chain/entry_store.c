/*
 * chain/entry_store.c
 *		Rows of ledger.entry.
 *
 * The row is the entry without its constants: the chain's id, the hash of the
 * role and the groups' commitments are rebuilt from it. It has no index, so that
 * a commit pays for one heap tuple and nothing else.
 */
#include "chain/entry_store.h"

#include "access/heapam.h"
#include "access/heaptoast.h"
#include "access/hio.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "chain/catalogue.h"
#include "chain/shmem.h"
#include "chain/tuple_check.h"
#include "core/merkle.h"
#include "core/packed.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

/* attribute numbers of ledger.entry, as the install script orders them */
enum
{
	Anum_entry_xid = 1,
	Anum_entry_ord,
	Anum_entry_ledger_tx,
	Anum_entry_stamped_at,
	Anum_entry_chain_no,
	Anum_entry_type,
	Anum_entry_part,
	Anum_entry_role,
	Anum_entry_seed,
	Anum_entry_groups,
	Anum_entry_extra,
	Natts_entry = Anum_entry_extra
};

/* Bytes of the columns before the first one of variable length, and how many of those follow. */
#define FIXED_LEN LEDGER_ENTRY_FIXED_LEN
#define NVARLENA 4

static HeapTuple
form_tuple(TupleDesc desc, const LedgerEntryRow *row)
{
	Datum		values[Natts_entry];
	bool		nulls[Natts_entry] = {false};

	values[Anum_entry_xid - 1] = UInt64GetDatum(row->xid);
	values[Anum_entry_ord - 1] = Int64GetDatum((int64) row->ord);
	values[Anum_entry_ledger_tx - 1] = Int64GetDatum((int64) row->ledger_tx);
	values[Anum_entry_stamped_at - 1] = TimestampTzGetDatum(row->stamped_at);
	values[Anum_entry_chain_no - 1] = Int16GetDatum(row->chain_no);
	values[Anum_entry_type - 1] = Int16GetDatum(row->type);
	values[Anum_entry_part - 1] = Int16GetDatum((int16) row->part);
	values[Anum_entry_role - 1] = ledger_bytes_datum(row->role, row->role_len);
	values[Anum_entry_seed - 1] = ledger_bytes_datum(row->seed, LEDGER_SEED_LEN);
	values[Anum_entry_groups - 1] = ledger_bytes_datum(row->groups, row->groups_len);
	values[Anum_entry_extra - 1] = ledger_bytes_datum(row->extra, row->extra_len);
	return heap_form_tuple(desc, values, nulls);
}

/* Room for a row all of whose values are short. */
typedef union ShortTuple
{
	HeapTupleData tuple;
	char		bytes[HEAPTUPLESIZE + MAXALIGN(SizeofHeapTupleHeader) + FIXED_LEN + NVARLENA * VARATT_SHORT_MAX];
} ShortTuple;

/*
 * The same where every value is short, which is nearly always: what
 * heap_form_tuple() would make, without its detours. NULL otherwise.
 */
static HeapTuple
form_short(TupleDesc desc, const LedgerEntryRow *row, ShortTuple *room)
{
	const struct
	{
		const void *data;
		size_t		len;
	}			var[NVARLENA] = {
		{row->role, row->role_len},
		{row->seed, LEDGER_SEED_LEN},
		{row->groups, row->groups_len},
		{row->extra, row->extra_len}
	};
	const int	hoff = MAXALIGN(SizeofHeapTupleHeader);
	const int64 fixed[] = {
		(int64) row->xid, (int64) row->ord, (int64) row->ledger_tx, row->stamped_at
	};
	const int16 small[] = {row->chain_no, row->type, (int16) row->part};
	size_t		len = hoff + FIXED_LEN;
	HeapTuple	tuple;
	HeapTupleHeader header;
	char	   *at;

	StaticAssertStmt(sizeof(fixed) + sizeof(small) == FIXED_LEN, "columns of ledger.entry");
	for (int i = 0; i < NVARLENA; i++)
	{
		if (var[i].len > VARATT_SHORT_MAX - VARHDRSZ_SHORT)
			return NULL;
		len += VARHDRSZ_SHORT + var[i].len;
	}
	tuple = &room->tuple;
	memset(tuple, 0, HEAPTUPLESIZE + hoff);
	header = (HeapTupleHeader) ((char *) tuple + HEAPTUPLESIZE);
	tuple->t_len = len;
	ItemPointerSetInvalid(&tuple->t_self);
	tuple->t_tableOid = InvalidOid;
	tuple->t_data = header;
	HeapTupleHeaderSetDatumLength(header, len);
	HeapTupleHeaderSetTypeId(header, desc->tdtypeid);
	HeapTupleHeaderSetTypMod(header, desc->tdtypmod);
	ItemPointerSetInvalid(&header->t_ctid);
	HeapTupleHeaderSetNatts(header, Natts_entry);
	header->t_hoff = hoff;
	header->t_infomask = HEAP_HASVARWIDTH;

	at = (char *) header + hoff;
	memcpy(at, fixed, sizeof(fixed));
	at += sizeof(fixed);
	memcpy(at, small, sizeof(small));
	at += sizeof(small);
	for (int i = 0; i < NVARLENA; i++)
	{
		SET_VARSIZE_SHORT(at, VARHDRSZ_SHORT + var[i].len);
		if (var[i].len > 0)
			memcpy(at + VARHDRSZ_SHORT, var[i].data, var[i].len);
		at += VARHDRSZ_SHORT + var[i].len;
	}
	return tuple;
}

void
ledger_entry_insert(const LedgerEntryRow *row)
{
	/* where the page that took the last row was, which is likely to take the next */
	static Buffer last_buffer = InvalidBuffer;

	Relation	rel = table_open(ledger_entry_oid(), RowExclusiveLock);
	ShortTuple	room;
	HeapTuple	tuple = form_short(RelationGetDescr(rel), row, &room);
	struct BulkInsertStateData state = LEDGER_BULK_INSERT_STATE;
	BlockNumber block;
	bool		needs_snapshot;

	if (tuple == NULL)
		tuple = form_tuple(RelationGetDescr(rel), row);

	/*
	 * Into the page this backend filled last, or the last one of the table;
	 * never into free space further back. The sealer finds new entries near the
	 * end; the floor, announced before the page is chosen, tells it how near.
	 */
	block = RelationGetTargetBlock(rel);
	if (block == InvalidBlockNumber || !ledger_floor_set(block))
	{
		BlockNumber nblocks = RelationGetNumberOfBlocks(rel);

		RelationSetTargetBlock(rel, InvalidBlockNumber);
		(void) ledger_floor_set(nblocks > 0 ? nblocks - 1 : 0);
	}
	else if (BufferIsValid(last_buffer) &&
			 ReadRecentBuffer(rel->rd_locator, MAIN_FORKNUM, block, last_buffer))
		state.current_buf = last_buffer;

		/*
	 * A long row may be moved out of line, which wants a snapshot, and a commit has
	 * none any more. With assertions heap_insert() wants it for every row.
	 */
#ifdef USE_ASSERT_CHECKING
	needs_snapshot = !HaveRegisteredOrActiveSnapshot();
#else
	needs_snapshot = tuple->t_len > TOAST_TUPLE_THRESHOLD && !HaveRegisteredOrActiveSnapshot();
#endif
	if (needs_snapshot)
		PushActiveSnapshot(GetTransactionSnapshot());
	heap_insert(rel, tuple, GetCurrentCommandId(true), HEAP_INSERT_SKIP_FSM, &state);
	if (needs_snapshot)
		PopActiveSnapshot();

	/* it stays pinned in the state until here */
	last_buffer = state.current_buf;
	if (BufferIsValid(last_buffer))
		ReleaseBuffer(last_buffer);
	if (tuple != &room.tuple)
		heap_freetuple(tuple);
	table_close(rel, NoLock);
}

static void
read_bytes(Datum datum, const uint8 **data, uint32 *len)
{
	struct varlena *v = PG_DETOAST_DATUM_PACKED(datum);

	*data = (const uint8 *) VARDATA_ANY(v);
	*len = VARSIZE_ANY_EXHDR(v);
}

/*
 * The common case: no nulls, everything short and in line. Sealing reads each entry
 * once and verification twice, and this is most of what that costs. False for every
 * other case, also a damaged one.
 */
static bool
read_short(HeapTuple tuple, LedgerEntryRow *row)
{
	HeapTupleHeader header = tuple->t_data;
	const uint8 *data;
	const uint8 *var[NVARLENA];
	uint32		var_len[NVARLENA];
	uint32		len;
	uint32		off = FIXED_LEN;
	int64		fixed[4];
	int16		small[3];

	if (tuple->t_len < MAXALIGN(SizeofHeapTupleHeader) + FIXED_LEN ||
		(header->t_infomask & HEAP_HASNULL) != 0 || HeapTupleHeaderGetNatts(header) != Natts_entry ||
		header->t_hoff != MAXALIGN(SizeofHeapTupleHeader))
		return false;
	data = (const uint8 *) header + header->t_hoff;
	len = tuple->t_len - header->t_hoff;
	for (int i = 0; i < NVARLENA; i++)
	{
		if (off >= len || !VARATT_IS_1B(data + off) || VARATT_IS_1B_E(data + off))
			return false;
		var[i] = data + off + VARHDRSZ_SHORT;
		var_len[i] = VARSIZE_1B(data + off) - VARHDRSZ_SHORT;
		off += VARSIZE_1B(data + off);
	}
	if (off > len || var_len[1] != LEDGER_SEED_LEN)
		return false;

	memcpy(fixed, data, sizeof(fixed));
	memcpy(small, data + sizeof(fixed), sizeof(small));
	if (small[1] < 0 || small[1] > PG_UINT8_MAX)
		return false;
	row->xid = (uint64) fixed[0];
	row->ord = (uint64) fixed[1];
	row->ledger_tx = (uint64) fixed[2];
	row->stamped_at = fixed[3];
	row->chain_no = small[0];
	row->type = (uint8) small[1];
	row->part = (uint16) small[2];
	row->role = (const char *) var[0];
	row->role_len = var_len[0];
	row->seed = var[1];
	row->groups = var[2];
	row->groups_len = var_len[2];
	row->extra = var[3];
	row->extra_len = var_len[3];
	return true;
}

const char *
ledger_entry_row_read(Relation entry, HeapTuple tuple, LedgerEntryRow *row)
{
	TupleDesc	desc = RelationGetDescr(entry);
	Datum		values[Natts_entry];
	bool		nulls[Natts_entry];
	uint32		seed_len;
	int16		type;
	const char *problem;

	if (read_short(tuple, row))
		return NULL;
	problem = ledger_check_tuple(tuple->t_data, tuple->t_len, desc, entry->rd_rel->reltoastrelid);
	if (problem != NULL)
		return problem;
	if (desc->natts != Natts_entry)
		return "it has another number of columns";
	heap_deform_tuple(tuple, desc, values, nulls);
	for (int i = 0; i < Natts_entry; i++)
	{
		if (nulls[i])
			return "a column is null";
	}
	type = DatumGetInt16(values[Anum_entry_type - 1]);
	if (type < 0 || type > PG_UINT8_MAX)
		return "its type is not a number of one byte";
	row->xid = DatumGetUInt64(values[Anum_entry_xid - 1]);
	row->ord = (uint64) DatumGetInt64(values[Anum_entry_ord - 1]);
	row->ledger_tx = (uint64) DatumGetInt64(values[Anum_entry_ledger_tx - 1]);
	row->stamped_at = DatumGetTimestampTz(values[Anum_entry_stamped_at - 1]);
	row->chain_no = DatumGetInt16(values[Anum_entry_chain_no - 1]);
	row->type = (uint8) type;
	row->part = (uint16) DatumGetInt16(values[Anum_entry_part - 1]);
	read_bytes(values[Anum_entry_role - 1], (const uint8 **) &row->role, &row->role_len);
	read_bytes(values[Anum_entry_seed - 1], &row->seed, &seed_len);
	read_bytes(values[Anum_entry_groups - 1], &row->groups, &row->groups_len);
	read_bytes(values[Anum_entry_extra - 1], &row->extra, &row->extra_len);
	return seed_len == LEDGER_SEED_LEN ? NULL : "its seed has an impossible length";
}

/* ---- the hashed form ------------------------------------------------------ */

static const char no_hash_text[] = "its hash could not be computed";

typedef struct NamedGroup
{
	ledger_group group;
	uint16		position;
	bool		shared;
} NamedGroup;

/* Groups of the row with the identities of their tables, in the order of the entry. */
static bool
unpack_groups(const LedgerEntryRow *row, NamedGroup **groups, uint16 *n, const char **problem)
{
	ledger_reader r;

	*n = 0;
	*groups = NULL;
	if (row->groups_len == 0)
		return true;
	ledger_reader_init(&r, row->groups, row->groups_len);
	*n = ledger_read_u16(&r);
	if (*n > LEDGER_ENTRY_MAX_GROUPS)
	{
		*problem = "it has too many groups";
		return false;
	}
	*groups = palloc(sizeof(NamedGroup) * Max(*n, 1));
	for (uint16 i = 0; i < *n; i++)
	{
		ledger_packed_group packed;
		const LedgerTableId *id;
		NamedGroup *named = *groups + i;

		if (!ledger_packed_group_read(&r, &packed))
			break;
		id = ledger_table_by_no(packed.table_no);
		if (id == NULL)
		{
			*problem = "it names a table that is not in ledger.ledger_table";
			return false;
		}
		memcpy(named->group.table_id, id->table_id, 16);
		named->group.schema_version = packed.schema_version;
		named->group.nrows = packed.nrows;
		memcpy(named->group.root, packed.root, LEDGER_HASH_LEN);
		named->position = i;
		named->shared = id->shared;
	}
	if (ledger_reader_finish(&r) != LEDGER_OK)
	{
		*problem = "its groups are damaged";
		return false;
	}
	return true;
}

/* Write the entry; its hidden hashes are there when the batch of hidden parts is finished. */
static size_t
encode(const LedgerChain *chain, const LedgerEntryRow *row, ledger_hidden_batch *hidden, uint8 *buf,
	   const char **problem)
{
	ledger_entry_header header = {0};
	ledger_entry_writer entry;
	ledger_writer w;
	NamedGroup *groups;
	uint16		ngroups;
	uint8	   *extra = NULL;
	size_t		extra_len = 0;
	ledger_status status;

	if (!unpack_groups(row, &groups, &ngroups, problem))
		return 0;

	header.type = row->type;
	memcpy(header.chain_id, chain->chain_id, 16);
	header.ledger_tx = row->ledger_tx;
	header.part = row->part;
	header.stamped_at = row->stamped_at;

	ledger_writer_init(&w, buf, LEDGER_ENTRY_MAX);
	ledger_entry_begin(&entry, &w, &header);
	if (!ledger_hidden_role(hidden, row->seed, row->role, row->role_len, buf + LEDGER_ENTRY_ROLE_HASH_AT))
		goto no_hash;
	for (uint16 i = 0; i < ngroups; i++)
	{
		if (groups[i].shared)
			ledger_entry_add_shared(&entry, &groups[i].group);
		else
		{
			uint8	   *out = ledger_entry_reserve_private(&entry, &groups[i].group);

			if (out != NULL &&
				!ledger_hidden_group(hidden, row->seed, groups[i].position, &groups[i].group, out))
				goto no_hash;
		}
	}
	if (groups)
		pfree(groups);

	if (row->extra_len > 0)
	{
		ledger_writer out;
		uint8		salt[LEDGER_SALT_LEN];

		if (row->type == LEDGER_ENTRY_TX ||
			(row->extra[0] != LEDGER_EXTRA_OPEN && row->extra[0] != LEDGER_EXTRA_CLOSED))
		{
			*problem = "its extra is damaged";
			return 0;
		}
		if (!ledger_entry_salt(hidden->h, row->seed, LEDGER_SALT_EXTRA, salt))
			goto no_hash;
		extra = palloc(row->extra_len + LEDGER_HASH_LEN);
		ledger_writer_init(&out, extra, row->extra_len + LEDGER_HASH_LEN);
		status = ledger_extra_write(&out, hidden->h, row->type, row->extra[0] == LEDGER_EXTRA_CLOSED, salt,
									row->extra + 1, row->extra_len - 1);
		if (status != LEDGER_OK)
		{
			*problem = ledger_status_text(status);
			return 0;
		}
		extra_len = out.len;
	}
	status = ledger_entry_finish(&entry, extra, extra_len);
	if (extra)
		pfree(extra);
	if (status != LEDGER_OK)
	{
		*problem = ledger_status_text(status);
		return 0;
	}
	return w.len;

no_hash:
	*problem = no_hash_text;
	return 0;
}

size_t
ledger_entry_encode(const LedgerChain *chain, const LedgerEntryRow *row, uint8 *buf, const char **problem)
{
	ledger_hidden_batch hidden;
	size_t		len;

	ledger_hidden_init(&hidden, ledger_suite_hasher(chain->suite));
	len = encode(chain, row, &hidden, buf, problem);
	if (len > 0 && !ledger_hidden_finish(&hidden))
	{
		*problem = no_hash_text;
		len = 0;
	}
	return len;
}

/* ---- many at once --------------------------------------------------------- */

#define BATCH_ENTRIES 64
#define BATCH_BYTES (4 * LEDGER_ENTRY_MAX)

struct LedgerEntryBatch
{
	const LedgerChain *chain;
	ledger_hidden_batch hidden;
	unsigned	nhidden;		/* parts of entries that were added; later ones are of one that failed */
	uint8	   *buffer;
	size_t		used;
	int			n;
	const uint8 *data[BATCH_ENTRIES];
	size_t		len[BATCH_ENTRIES];
	uint8	   *leaf[BATCH_ENTRIES];
};

LedgerEntryBatch *
ledger_entry_batch_new(const LedgerChain *chain)
{
	LedgerEntryBatch *batch = palloc(sizeof(LedgerEntryBatch));

	batch->chain = chain;
	batch->buffer = palloc(BATCH_BYTES);
	ledger_hidden_init(&batch->hidden, ledger_suite_hasher(chain->suite));
	ledger_entry_batch_reset(batch);
	return batch;
}

void
ledger_entry_batch_free(LedgerEntryBatch *batch)
{
	pfree(batch->buffer);
	pfree(batch);
}

void
ledger_entry_batch_reset(LedgerEntryBatch *batch)
{
	batch->nhidden = batch->hidden.n = 0;
	batch->used = 0;
	batch->n = 0;
}

bool
ledger_entry_batch_add(LedgerEntryBatch *batch, const LedgerEntryRow *row, uint8 *leaf, const char **problem)
{
	uint8	   *at;
	size_t		len;

	if (batch->n == BATCH_ENTRIES || batch->used > BATCH_BYTES - LEDGER_ENTRY_MAX ||
		batch->nhidden > LEDGER_HIDDEN_MAX / 2)
		ledger_entry_batch_finish(batch);
	at = batch->buffer + batch->used;
	batch->hidden.n = batch->nhidden;
	len = encode(batch->chain, row, &batch->hidden, at, problem);
	if (len == 0)
		return false;
	batch->nhidden = batch->hidden.n;
	batch->data[batch->n] = at;
	batch->len[batch->n] = len;
	batch->leaf[batch->n] = leaf;
	batch->used += len;
	batch->n++;
	return true;
}

void
ledger_entry_batch_finish(LedgerEntryBatch *batch)
{
	ledger_digest leaves[BATCH_ENTRIES];

	batch->hidden.n = batch->nhidden;
	if (!ledger_hidden_finish(&batch->hidden) ||
		!ledger_hash_prefixed_many(batch->hidden.h, 0x00, batch->n, batch->data, batch->len, leaves))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute a hash of the ledger")));
	for (int i = 0; i < batch->n; i++)
		memcpy(batch->leaf[i], leaves[i], LEDGER_HASH_LEN);
	ledger_entry_batch_reset(batch);
}
