/*
 * chain/xact_state.c
 *		What this transaction has written to ledger tables, and its entry.
 *
 * A write state belongs to one (table, schema version). It keeps a Merkle
 * frontier, not the leaves. Before a subtransaction first appends to it, the
 * state is copied; the copy comes back when the subtransaction aborts and is
 * dropped, or handed to the parent, when it commits. Frontiers have at most one
 * hash for each bit of the row count, so a copy is small.
 *
 * Rows wait encoded in one buffer and are hashed together, because hashing
 * several messages side by side is much faster with SM3. The buffer holds rows
 * of one write state and one subtransaction only.
 *
 * At PRE_COMMIT and PRE_PREPARE the entry rows are inserted: after deferred
 * triggers, before the commit record. Nothing shared is locked.
 */
#include "chain/xact_state.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "chain/entry_store.h"
#include "chain/row_encode.h"
#include "chain/shmem.h"
#include "core/merkle.h"
#include "core/packed.h"
#include "ledger.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#define MAX_GROUPS 1000
#define MAX_ROWS ((uint64) INT32_MAX + 1)

/* rows and bytes that wait for hashing */
#define BATCH_ROWS 128
#define BATCH_BYTES (64 * 1024)

typedef struct SavedWrite
{
	struct SavedWrite *next;
	int			level;			/* the nesting level whose state this is */
	uint64		nrows;
	BlockNumber block_lo;
	BlockNumber block_hi;
	ledger_frontier frontier;	/* allocated only as far as it is used */
} SavedWrite;

struct LedgerWrite
{
	struct LedgerWrite *next;
	Oid			relid;
	const LedgerTable *table;
	uint32		first_seq;		/* of this group: earlier versions of the table come before */
	int			level;			/* nesting level of the newest change */
	uint64		nrows;			/* including those that wait */
	BlockNumber block_lo;
	BlockNumber block_hi;
	SavedWrite *saved;			/* innermost first */
	ledger_frontier frontier;
};

typedef struct ExtraEntry
{
	struct ExtraEntry *next;
	int			level;
	uint8		type;
	bool		closed;
	size_t		len;
	uint8		body[FLEXIBLE_ARRAY_MEMBER];
} ExtraEntry;

static uint64 current_tx = 0;
static bool entered = false;	/* the entry is written, too late for more rows */
static int	parts_taken = 0;
static int	parts_level = 0;
static LedgerWrite *writes = NULL;	/* newest first */
static int	nwrites = 0;
static ExtraEntry *extras = NULL;	/* in order */
static FullTransactionId entered_xid;
static bool wait_for_block = false;

/* the batch */
static LedgerWrite *batch_owner = NULL;
static StringInfoData batch;
static int	batch_rows = 0;
static uint32 batch_offset[BATCH_ROWS + 1];

/* ---- batch --------------------------------------------------------------- */

static void
hash_failed(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INTERNAL_ERROR),
			 errmsg("could not compute a hash of the ledger")));
}

static void
flush_batch(void)
{
	const uint8 *data[BATCH_ROWS];
	size_t		len[BATCH_ROWS];
	uint8		leaves[BATCH_ROWS][LEDGER_HASH_LEN];
	ledger_hasher *hasher;
	LedgerWrite *write = batch_owner;

	if (batch_rows == 0)
		return;
	hasher = ledger_chain_hasher();
	for (int i = 0; i < batch_rows; i++)
	{
		data[i] = (const uint8 *) batch.data + batch_offset[i];
		len[i] = batch_offset[i + 1] - batch_offset[i];
	}
	if (!ledger_hash_prefixed_many(hasher, 0x00, batch_rows, data, len, leaves))
		hash_failed();
	if (!ledger_frontier_append_many(&write->frontier, hasher, leaves, batch_rows))
		hash_failed();
	batch_rows = 0;
	batch_owner = NULL;
	batch.len = 0;
}

static void
discard_batch(void)
{
	batch_rows = 0;
	batch_owner = NULL;
	if (batch.data != NULL)
		batch.len = 0;
}

/* Room for one more row of this write state. */
static StringInfo
batch_begin(LedgerWrite *write)
{
	if (batch.data == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);

		initStringInfo(&batch);
		MemoryContextSwitchTo(old);
	}
	if (batch_owner != write || batch_rows == BATCH_ROWS || batch.len >= BATCH_BYTES)
	{
		flush_batch();

		/* one very wide row must not stay allocated for the session */
		if (batch.maxlen > 16 * BATCH_BYTES)
		{
			pfree(batch.data);
			batch.data = NULL;
			return batch_begin(write);
		}
		batch_owner = write;
	}
	batch_offset[batch_rows] = batch.len;
	return &batch;
}

static void
batch_end(void)
{
	batch_rows++;
	batch_offset[batch_rows] = batch.len;
}

/* ---- write states -------------------------------------------------------- */

uint64
ledger_current_tx(void)
{
	if (current_tx == 0)
		current_tx = ledger_next_tx();
	return current_tx;
}

bool
ledger_xact_touched(void)
{
	return current_tx != 0 || extras != NULL;
}

uint16
ledger_xact_take_part(void)
{
	parts_level = GetCurrentTransactionNestLevel();
	return parts_taken++;
}

static void
check_writable(Relation rel)
{
	if (!ledger_is_preloaded())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot write to ledger table \"%s\"", RelationGetRelationName(rel)),
				 errdetail("This server was started without the ledger library."),
				 errhint("Add ledger to shared_preload_libraries and restart the server.")));
	if (IsParallelWorker() || IsInParallelMode())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_STATE),
				 errmsg("cannot write to ledger table \"%s\" during a parallel operation",
						RelationGetRelationName(rel))));
	if (entered)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_STATE),
				 errmsg("cannot write to ledger table \"%s\" after the transaction's entry was made",
						RelationGetRelationName(rel)),
				 errdetail("Another extension writes while the transaction commits.")));
}

static LedgerWrite *
new_write(Relation rel, const LedgerTable *table, const LedgerWrite *older)
{
	LedgerWrite *write;

	if (nwrites >= MAX_GROUPS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("transaction writes to more than %d ledger tables", MAX_GROUPS),
				 errhint("Split the transaction.")));

	/* not zeroed: the frontier is 2 kB, of which a few rows use little */
	write = MemoryContextAlloc(TopTransactionContext, sizeof(LedgerWrite));
	write->relid = RelationGetRelid(rel);
	write->table = table;
	write->first_seq = older ? older->first_seq + older->nrows : 0;
	write->level = GetCurrentTransactionNestLevel();
	write->nrows = 0;
	write->block_lo = InvalidBlockNumber;
	write->block_hi = InvalidBlockNumber;
	write->saved = NULL;
	ledger_frontier_init(&write->frontier);
	write->next = writes;
	writes = write;
	nwrites++;
	return write;
}

LedgerWrite *
ledger_write_begin(Relation rel)
{
	const LedgerTable *table;
	LedgerWrite *write;

	check_writable(rel);
	table = ledger_table_lookup(RelationGetRelid(rel));
	if (table == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("\"%s\" is not registered as a ledger table", RelationGetRelationName(rel)),
				 errdetail("It has the access method of a ledger table but no row in ledger.ledger_table."),
				 errhint("Create it with CREATE TABLE ... USING ledger. After a restore run ledger.restore_finish().")));
	if (table->retired)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("ledger table \"%s\" is retired", RelationGetRelationName(rel)),
				 errhint("It can only be read, verified and dropped.")));

	/* newest first: the first of this relation is its newest version */
	for (write = writes; write != NULL; write = write->next)
	{
		if (write->relid == table->relid)
			break;
	}
	if (write != NULL && write->table->schema_version == table->schema_version)
		return write;
	return new_write(rel, table, write);
}

const LedgerTable *
ledger_write_table(const LedgerWrite *write)
{
	return write->table;
}

uint32
ledger_write_next_seq(const LedgerWrite *write)
{
	uint64		seq = write->first_seq + write->nrows;

	if (seq >= MAX_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("transaction writes more than %lld rows to one ledger table",
						(long long) MAX_ROWS),
				 errhint("Split the transaction.")));
	return (uint32) seq;
}

/* Before the first change of this nesting level: keep what an abort must restore. */
static void
save_for_level(LedgerWrite *write)
{
	int			level = GetCurrentTransactionNestLevel();
	SavedWrite *saved;

	if (write->level >= level)
		return;

	/* the batch was hashed when the subtransaction began */
	Assert(batch_rows == 0 || batch_owner != write);
	saved = MemoryContextAlloc(TopTransactionContext,
							   offsetof(SavedWrite, frontier) + ledger_frontier_size(&write->frontier));
	saved->next = write->saved;
	saved->level = write->level;
	saved->nrows = write->nrows;
	saved->block_lo = write->block_lo;
	saved->block_hi = write->block_hi;
	memcpy(&saved->frontier, &write->frontier, ledger_frontier_size(&write->frontier));
	write->saved = saved;
	write->level = level;
}

void
ledger_write_version(LedgerWrite *write, uint8 op, uint64 prev_tx, uint32 prev_seq, const Datum *values,
					 const bool *isnull)
{
	uint32		seq = ledger_write_next_seq(write);
	StringInfo	out;

	save_for_level(write);
	out = batch_begin(write);
	ledger_encode_row(out, write->table, ledger_current_tx(), seq, op, prev_tx, prev_seq, values, isnull);
	batch_end();
	write->nrows++;
}

void
ledger_write_row(LedgerWrite *write, const Datum *values, const bool *isnull)
{
	ledger_write_version(write, 0, 0, 0, values, isnull);
}

void
ledger_write_landed(LedgerWrite *write, ItemPointer tid)
{
	BlockNumber block = ItemPointerGetBlockNumber(tid);

	if (write->block_lo == InvalidBlockNumber)
		write->block_lo = write->block_hi = block;
	else if (block < write->block_lo)
		write->block_lo = block;
	else if (block > write->block_hi)
		write->block_hi = block;
}

void
ledger_xact_add_entry(uint8 type, const void *body, size_t len, bool closed)
{
	ExtraEntry *extra;
	ExtraEntry **tail = &extras;

	if (entered)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_STATE),
				 errmsg("cannot add to the ledger after the transaction's entry was made")));
	if (len > LEDGER_BODY_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("entry of %zu bytes is too long", len)));
	extra = MemoryContextAlloc(TopTransactionContext, offsetof(ExtraEntry, body) + len);
	extra->next = NULL;
	extra->level = GetCurrentTransactionNestLevel();
	extra->type = type;
	extra->closed = closed;
	extra->len = len;
	memcpy(extra->body, body, len);
	while (*tail != NULL)
		tail = &(*tail)->next;
	*tail = extra;
}

/* ---- the entry ----------------------------------------------------------- */

static int
compare_writes(const void *a, const void *b)
{
	const LedgerWrite *wa = *(LedgerWrite *const *) a;
	const LedgerWrite *wb = *(LedgerWrite *const *) b;
	int			c = memcmp(wa->table->table_id, wb->table->table_id, 16);

	if (c != 0)
		return c;
	return wa->table->schema_version < wb->table->schema_version ? -1 : 1;
}

/* Bytes that n packed groups take at most. */
#define PACKED_MAX(n) (2 + (size_t) (n) * (LEDGER_HASH_LEN + 6 * 10))

/*
 * The groups of this transaction, packed; NULL when there are none. The result is
 * in "one" when a single group was written, as nearly always, and palloc'd else.
 */
static uint8 *
pack_groups(uint8 one[PACKED_MAX(1)], size_t *len)
{
	LedgerWrite *only = writes;
	LedgerWrite **sorted = &only;
	uint8	   *packed = one;
	size_t		room = PACKED_MAX(1);
	ledger_writer w;
	int			n = 0;

	if (nwrites > 1)
	{
		sorted = palloc(sizeof(LedgerWrite *) * nwrites);
		room = PACKED_MAX(nwrites);
		packed = palloc(room);
	}
	for (LedgerWrite *write = writes; write != NULL; write = write->next)
	{
		if (write->nrows > 0)
			sorted[n++] = write;
	}
	if (n == 0)
		return NULL;
	if (n > 1)
		qsort(sorted, n, sizeof(LedgerWrite *), compare_writes);

	ledger_writer_init(&w, packed, room);
	ledger_write_u16(&w, n);
	for (int i = 0; i < n; i++)
	{
		LedgerWrite *write = sorted[i];
		ledger_packed_group group;

		Assert(write->frontier.count == write->nrows);
		group.table_no = write->table->table_no;
		group.schema_version = write->table->schema_version;
		group.nrows = write->nrows;
		group.first_seq = write->first_seq;
		group.block_lo = write->block_lo == InvalidBlockNumber ? 0 : write->block_lo;
		group.block_hi = write->block_lo == InvalidBlockNumber ? 0 : write->block_hi;
		if (!ledger_frontier_root(&write->frontier, ledger_chain_hasher(), group.root))
			hash_failed();
		ledger_packed_group_write(&w, &group);
	}
	if (ledger_writer_finish(&w) != LEDGER_OK)
		elog(ERROR, "could not pack the groups of a ledger entry");
	*len = w.len;
	return packed;
}

/* 16 random bytes; drawn in larger pieces, because each call to the generator is dear. */
static void
random_seed(uint8 seed[LEDGER_SEED_LEN])
{
	static uint8 pool[4096];
	static int	used = sizeof(pool);

	if (used + LEDGER_SEED_LEN > (int) sizeof(pool))
	{
		if (!pg_strong_random(pool, sizeof(pool)))
			ereport(ERROR,
					(errcode(ERRCODE_INTERNAL_ERROR),
					 errmsg("could not generate random values")));
		used = 0;
	}
	memcpy(seed, pool + used, LEDGER_SEED_LEN);
	memset(pool + used, 0, LEDGER_SEED_LEN);
	used += LEDGER_SEED_LEN;
}

static Oid	my_role = InvalidOid;
static NameData my_role_name;

static void
forget_role(Datum arg, int cacheid, uint32 hashvalue)
{
	my_role = InvalidOid;
}

/* The current user's name, empty when there is no such role; looked up when either changes. */
static const char *
role_name(void)
{
	if (my_role != GetUserId())
	{
		char	   *name = GetUserNameFromId(GetUserId(), true);

		namestrcpy(&my_role_name, name == NULL ? "" : name);
		my_role = GetUserId();
	}
	return NameStr(my_role_name);
}

static void
enter(void)
{
	MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);
	LedgerEntryRow row = {0};
	uint8		seed[LEDGER_SEED_LEN];
	uint8		one_group[PACKED_MAX(1)];
	uint8	   *packed;
	size_t		packed_len = 0;

	flush_batch();
	packed = pack_groups(one_group, &packed_len);
	if (packed != NULL || extras != NULL)
	{
		const LedgerChain *chain = ledger_chain_or_found();

		entered_xid = GetTopFullTransactionId();
		row.xid = U64FromFullTransactionId(entered_xid);
		row.ledger_tx = ledger_current_tx();
		row.stamped_at = GetCurrentTimestamp();
		row.chain_no = chain->chain_no;
		row.role = role_name();
		row.role_len = strlen(row.role);
		row.seed = seed;
		row.ord = ledger_next_ord();

		for (ExtraEntry *extra = extras; extra != NULL; extra = extra->next)
		{
			uint8	   *wrapped = palloc(extra->len + 1);

			wrapped[0] = extra->closed ? LEDGER_EXTRA_CLOSED : LEDGER_EXTRA_OPEN;
			memcpy(wrapped + 1, extra->body, extra->len);
			random_seed(seed);
			row.type = extra->type;
			row.part = parts_taken++;
			row.groups = NULL;
			row.groups_len = 0;
			row.extra = wrapped;
			row.extra_len = extra->len + 1;
			ledger_entry_insert(&row);
		}
		if (packed != NULL)
		{
			random_seed(seed);
			row.type = LEDGER_ENTRY_TX;
			row.part = parts_taken++;
			row.groups = packed;
			row.groups_len = packed_len;
			row.extra = NULL;
			row.extra_len = 0;
			ledger_entry_insert(&row);
		}
	}
	else if (parts_taken > 0)
		entered_xid = GetTopFullTransactionId();	/* its only entry founded the chain */
	wait_for_block = ledger_commit_wait == LEDGER_WAIT_SEALED && FullTransactionIdIsValid(entered_xid) &&
		!ledger_blocks_sealer();
	entered = true;
	MemoryContextSwitchTo(old);
}

static void
reset(void)
{
	/* the memory goes with TopTransactionContext */
	current_tx = 0;
	entered = false;
	entered_xid = InvalidFullTransactionId;
	wait_for_block = false;
	parts_taken = 0;
	writes = NULL;
	nwrites = 0;
	extras = NULL;
	discard_batch();
}

/* ---- callbacks ----------------------------------------------------------- */

static void
end_of_xact(XactEvent event, void *arg)
{
	if (current_tx == 0 && extras == NULL)
		return;

	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
			enter();
			break;

		case XACT_EVENT_COMMIT:
		{
			FullTransactionId xid = entered_xid;
			bool		wait = wait_for_block;

			ledger_floor_clear();
			reset();
			if (FullTransactionIdIsValid(xid))
			{
				ledger_wake_sealer(ledger_my_slot());
				if (wait)
					ledger_commit_wait_sealed(U64FromFullTransactionId(xid));
			}
			break;
		}

		case XACT_EVENT_PREPARE:
		case XACT_EVENT_ABORT:
			if (ledger_is_preloaded())
				ledger_floor_clear();
			reset();
			break;

		default:
			break;
	}
}

static void
restore_write(LedgerWrite *write)
{
	SavedWrite *saved = write->saved;

	write->level = saved->level;
	write->nrows = saved->nrows;
	write->block_lo = saved->block_lo;
	write->block_hi = saved->block_hi;
	memcpy(&write->frontier, &saved->frontier, ledger_frontier_size(&saved->frontier));
	write->saved = saved->next;
	pfree(saved);
}

static void
abort_subxact(int level)
{
	LedgerWrite **link = &writes;
	ExtraEntry **extra = &extras;

	/* the batch began with this subtransaction, or later */
	discard_batch();

	while (*link != NULL)
	{
		LedgerWrite *write = *link;

		if (write->level < level)
			link = &write->next;
		else if (write->saved != NULL)
		{
			restore_write(write);
			link = &write->next;
		}
		else
		{
			*link = write->next;
			nwrites--;
			pfree(write);
		}
	}
	while (*extra != NULL)
	{
		ExtraEntry *gone = *extra;

		if (gone->level < level)
			extra = &gone->next;
		else
		{
			*extra = gone->next;
			pfree(gone);
		}
	}
	if (parts_level >= level)
		parts_taken = 0;
}

static void
commit_subxact(int level)
{
	for (LedgerWrite *write = writes; write != NULL; write = write->next)
	{
		if (write->level < level)
			continue;
		write->level = level - 1;
		if (write->saved != NULL && write->saved->level == level - 1)
		{
			SavedWrite *saved = write->saved;

			write->saved = saved->next;
			pfree(saved);
		}
	}
	for (ExtraEntry *extra = extras; extra != NULL; extra = extra->next)
	{
		if (extra->level >= level)
			extra->level = level - 1;
	}
	if (parts_level >= level)
		parts_level = level - 1;
}

static void
end_of_subxact(SubXactEvent event, SubTransactionId mySubid, SubTransactionId parentSubid, void *arg)
{
	if (current_tx == 0 && extras == NULL)
		return;

	switch (event)
	{
		case SUBXACT_EVENT_START_SUB:
			flush_batch();
			break;
		case SUBXACT_EVENT_ABORT_SUB:
			abort_subxact(GetCurrentTransactionNestLevel());
			break;
		case SUBXACT_EVENT_COMMIT_SUB:
			commit_subxact(GetCurrentTransactionNestLevel());
			break;
		default:
			break;
	}
}

void
ledger_xact_init(void)
{
	CacheRegisterSyscacheCallback(AUTHOID, forget_role, (Datum) 0);
	RegisterXactCallback(end_of_xact, NULL);
	RegisterSubXactCallback(end_of_subxact, NULL);
}
