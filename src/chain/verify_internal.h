/*
 * chain/verify_internal.h
 *		What the files of verification share.
 *
 *	verify.c			rounds, what the leader makes of the results, summary
 *	verify_plan.c		what is read, in which chunks
 *	verify_worker.c		processes, queues, isolation of errors
 *	verify_log.c		checkpoints, blocks, leaves, entries, tiles
 *	verify_rows.c		rows of one chunk of a table
 *	verify_groups.c		pieces of row trees: joined, compared with the entries
 *	verify_missing.c	transactions whose rows are not there, and their remains
 *	verify_history.c	entries that are not TX, schema history
 *	verify_members.c	members and keys
 *	verify_catalog.c	the live catalogue of a table
 *	verify_index.c		indexes
 *
 * The work is cut into chunks, numbered across all parts of the plan; whoever
 * is free takes the next number. Results go to the leader as messages, also
 * when the leader does the work itself.
 */
#ifndef LEDGER_VERIFY_INTERNAL_H
#define LEDGER_VERIFY_INTERNAL_H

#include "chain/verify.h"

#include "chain/log_read.h"
#include "chain/registry.h"
#include "chain/row_read.h"
#include "chain/schema_version.h"
#include "core/checkpoint.h"
#include "lib/stringinfo.h"
#include "port/atomics.h"
#include "storage/bufmgr.h"
#include "storage/proc.h"
#include "storage/shm_mq.h"

/* ---- shared state ---------------------------------------------------------- */

typedef enum VerifyPartKind
{
	VERIFY_LOG,					/* chunks of blocks of the chain */
	VERIFY_TILES,				/* chunks of stored tiles */
	VERIFY_ENTRIES,				/* chunks of pages of ledger.entry */
	VERIFY_CHECKPOINTS,			/* chunks of pages of ledger.checkpoint */
	VERIFY_ROWS,				/* chunks of pages of a ledger table */
	VERIFY_INDEX				/* an index, one chunk */
} VerifyPartKind;

typedef struct VerifyPart
{
	VerifyPartKind kind;
	Oid			relid;			/* table or index */
	int			table;			/* number of the table in the plan, -1 for none */
	Oid			file;			/* relfilenode when planned */
	uint64		start;
	uint64		end;
	uint32		chunk;
	uint64		first_ticket;
} VerifyPart;

/* A table whose rows are verified. */
typedef struct VerifyTable
{
	Oid			relid;
	uint8		table_id[16];
	int32		table_no;
	LedgerTableKind kind;
	AttrNumber	tx_attnum;
	AttrNumber	seq_attnum;
	Oid			history_relid;
	uint32		schema_version;
	bool		retired;
	bool		selected;		/* its rows are wanted */
	bool		changed;		/* its file changed meanwhile: once more */
	uint64		errors;			/* found so far, kept by the leader */
	pg_atomic_uint64 rows;
	pg_atomic_uint64 newer_rows;	/* of transactions after the size that is verified */
	pg_atomic_uint64 unsealed_rows;
} VerifyTable;

/* Tables of the catalogue, looked up once: outside of an attempt nothing can be. */
typedef enum VerifyCatalogTable
{
	CATALOG_BLOCK,
	CATALOG_LEAF,
	CATALOG_ENTRY,
	CATALOG_TILE,
	CATALOG_CHECKPOINT,
	CATALOG_MEMBER,
	CATALOG_SCHEMA_VERSION,
	CATALOG_LEDGER_TABLE,
	CATALOG_TABLES
} VerifyCatalogTable;

typedef struct VerifyShared
{
	Oid			catalog[CATALOG_TABLES];

	/* who asks */
	Oid			dboid;
	Oid			userid;
	PGPROC	   *leader;
	int			leader_pid;

	/* what is verified */
	uint64		size;			/* leaves; those from here on are newer */
	uint64		height;			/* blocks below this height */
	uint64		since_height;	/* blocks below this one are trusted */
	uint64		from_tx;
	uint64		to_tx;
	uint8		key[16];		/* of ledger_verify_mark() */

	/* progress */
	pg_atomic_uint64 next_ticket;
	uint64		ntickets;
	pg_atomic_uint64 tickets_done;
	pg_atomic_uint64 entries;
	pg_atomic_uint64 transactions;
	pg_atomic_uint64 moved_entries;

	int			chunk_pages;
	int			nparts;
	int			ntables;
	int			nslots;			/* sums for each table */
	Size		tables_at;		/* offsets from this struct */
	Size		sums_at;
	Size		fixed_at;		/* a serialized snapshot, 0 for none; see VerifyRun.fixed */
	VerifyPart	parts[FLEXIBLE_ARRAY_MEMBER];
} VerifyShared;

static inline VerifyTable *
verify_tables(VerifyShared *shared)
{
	return (VerifyTable *) ((char *) shared + shared->tables_at);
}

/*
 * Two sums over the row groups of a table, in slots by transaction: what the
 * entries say there is, and what was found. Where they agree, each group that
 * an entry names was found exactly once. The summands are keyed with random
 * bytes, so that nobody can arrange for a deletion that cancels out.
 */
static inline pg_atomic_uint64 *
verify_sum(VerifyShared *shared, int table, bool found, uint64 slot)
{
	pg_atomic_uint64 *sums = (pg_atomic_uint64 *) ((char *) shared + shared->sums_at);

	return &sums[((Size) table * 2 + (found ? 1 : 0)) * shared->nslots + slot];
}

extern uint64 ledger_verify_mark(const VerifyShared *shared, uint64 ledger_tx, uint64 first_seq,
								 uint32 schema_version);
extern void ledger_verify_count_group(VerifyShared *shared, int table, bool found, uint64 ledger_tx,
									  uint64 first_seq, uint32 schema_version);

static inline uint64
verify_slot(const VerifyShared *shared, uint64 ledger_tx)
{
	return (ledger_tx * UINT64CONST(0x9E3779B97F4A7C15) >> 20) % shared->nslots;
}

/* ---- one process at work ---------------------------------------------------- */

struct		VerifyLeader;

typedef struct VerifyRun
{
	VerifyShared *shared;
	struct VerifyLeader *leader;	/* in the leader, else NULL */
	shm_mq_handle *queue;		/* in a worker, else NULL */
	bool		own_transactions;
	const LedgerChain *chain;	/* a copy */
	ledger_hasher *hasher;
	const VerifyPart *part;		/* of the chunk under way */
	int			part_no;
	MemoryContext context;		/* lives as long as the run */
	MemoryContext chunk;		/* reset after each chunk; survives its errors */
	StringInfoData message;
	Snapshot	snapshot;		/* of the attempt under way */

	/*
	 * In the leader: what versioned tables are read under, all of their chunks.
	 * A row may move to the history between two chunks, and must be seen once.
	 */
	Snapshot	fixed;
} VerifyRun;

/*
 * Call work(run, arg) in a transaction or subtransaction of its own with a new
 * snapshot, run->snapshot. False when it failed: *message then has the reason,
 * in run->chunk. Cancelling and shutting down are not caught.
 */
typedef void (*VerifyWork)(VerifyRun *run, void *arg);
extern bool ledger_verify_attempt(VerifyRun *run, VerifyWork work, void *arg, char **message);

extern void ledger_verify_chunk(VerifyRun *run, uint64 ticket);

extern void ledger_verify_log_chunk(VerifyRun *run, uint64 start, uint64 end);
extern void ledger_verify_tiles_chunk(VerifyRun *run, uint64 start, uint64 end);
extern void ledger_verify_entries_chunk(VerifyRun *run, uint64 start, uint64 end);
extern void ledger_verify_checkpoints_chunk(VerifyRun *run, uint64 start, uint64 end);
extern void ledger_verify_rows_chunk(VerifyRun *run, uint64 start, uint64 end);
extern void ledger_verify_index_chunk(VerifyRun *run);

/* ---- verify_pages.c ---------------------------------------------------------- */

/* Every signing key in ledger.member, palloc'd in context. */
extern int ledger_verify_load_keys(VerifyRun *run, MemoryContext context, ledger_vkey **keys);

/* How many full tiles there are from level 1 on, the unit of ledger_verify_tiles_chunk(). */
extern uint64 ledger_verify_upper_tiles(uint64 size);

/* ---- messages to the leader ------------------------------------------------- */

/* The first byte of a message. */
#define VERIFY_MSG_FINDING 'F'
#define VERIFY_MSG_PIECE 'P'
#define VERIFY_MSG_EVENT 'E'
#define VERIFY_MSG_CHANGED 'C'	/* int: number of the table */
#define VERIFY_MSG_FAILURE 'X'	/* int: SQLSTATE, then text */

/* Head of a finding; the text follows. */
typedef struct VerifyFindingMessage
{
	char		type;
	uint8		severity;
	bool		has_tx;
	int			table;
	Oid			relid;
	uint64		ledger_tx;
	int64		ledger_seq;
	ItemPointerData tid;
} VerifyFindingMessage;

/* relid 0: the finding concerns no relation. seq < 0, tid NULL: not known. */
extern void ledger_verify_report(VerifyRun *run, LedgerSeverity severity, Oid relid, bool has_tx,
								 uint64 ledger_tx, int64 ledger_seq, const ItemPointerData *tid,
								 const char *problem, ...) pg_attribute_printf(8, 9);

/* The text of a finding, palloc'd; args is used up. */
extern char *ledger_verify_text(const char *problem, va_list args) pg_attribute_printf(1, 0);

/* The file of the part's table is not the one that was planned. */
extern void ledger_verify_report_changed(VerifyRun *run);

/*
 * A piece of a group's tree that this chunk could not complete. The group's
 * leaves are numbered from 0; the range says which.
 */
typedef struct VerifyPiece
{
	int			table;
	uint64		ledger_tx;
	uint64		first_seq;
	uint32		schema_version;
	uint64		nrows;
	uint8		root[32];
	ItemPointerData first_tid;
	ItemPointerData last_tid;
	const ledger_range *range;
} VerifyPiece;

extern void ledger_verify_send_piece(VerifyRun *run, const VerifyPiece *piece);

/*
 * An entry that the leader looks at in log order: members, keys, schemas,
 * purges. seen is false for the closing event of a block that only tells its
 * member hashes.
 */
typedef struct VerifyEvent
{
	uint64		height;
	uint64		leaf;
	uint64		ledger_tx;
	uint8		type;			/* 0: end of the block */
	uint8		before[32];		/* members_hash of the block */
	uint8		after[32];
	const uint8 *extra;			/* as in ledger.entry */
	uint32		extra_len;
} VerifyEvent;

extern void ledger_verify_send_event(VerifyRun *run, const VerifyEvent *event);

/* ---- the leader -------------------------------------------------------------- */

typedef struct VerifyLeader VerifyLeader;

extern void ledger_verify_receive(VerifyLeader *leader, const char *message, Size len);

/* Between two chunks or messages: progress, pace, snapshot. */
extern void ledger_verify_leader_pause(VerifyLeader *leader);
extern void ledger_verify_leader_workers(VerifyLeader *leader, int n);

/*
 * verify_worker.c. Contexts of a run are made below parent. Doing all chunks, in
 * as many workers as can be had or here, leaves what they counted in run->shared.
 */
extern void ledger_verify_run_init(VerifyRun *run, VerifyShared *shared, MemoryContext parent);
extern void ledger_verify_do_chunks(VerifyLeader *leader, VerifyRun *run, Size shared_size, int workers);

/*
 * Let go of the horizon that the calling query holds, where that is possible.
 * *arrays remembers what to free the next time; it starts as zeros.
 */
typedef struct VerifySnapshotArrays
{
	TransactionId *xip;
	TransactionId *subxip;
} VerifySnapshotArrays;

extern void ledger_verify_refresh_snapshot(VerifySnapshotArrays *arrays);

/* verify_groups.c: pieces sorted and joined. */
typedef struct VerifyPieces VerifyPieces;
extern VerifyPieces *ledger_verify_pieces_begin(void);
extern void ledger_verify_pieces_add(VerifyPieces *pieces, const char *message, Size len);
extern void ledger_verify_pieces_finish(VerifyPieces *pieces, VerifyRun *run);
extern void ledger_verify_pieces_encode(StringInfo out, const VerifyPiece *piece);

/* A piece that is the whole tree: compare its root. Counts the group as found. */
extern void ledger_verify_check_group(VerifyRun *run, const VerifyPiece *piece);

/* verify_missing.c: name what the sums of a table say is missing or there twice. */
extern void ledger_verify_missing(VerifyRun *run, int table);

/* Where the bytes of one of these rows still are, on the pages from first to last; the search is bounded. */
extern bool ledger_verify_find_remains(VerifyRun *run, int table, uint64 ledger_tx, uint64 seq_from,
									   uint64 seq_to, BlockNumber first, BlockNumber last,
									   ItemPointerData *tid);

/* verify_members.c: replay the members from all events of the chain, in log order. */
extern void ledger_verify_members(VerifyRun *run, VerifyEvent **events, int n);

/* verify_history.c */
typedef struct VerifyHistory VerifyHistory;
extern VerifyHistory *ledger_verify_history_begin(VerifyRun *run);
extern void ledger_verify_history_add(VerifyHistory *history, const char *message, Size len);
extern void ledger_verify_history_finish(VerifyHistory *history, VerifyRun *run);
extern bool ledger_verify_history_purged(VerifyHistory *history, VerifyRun *run, const uint8 table_id[16]);
extern uint32 ledger_verify_history_newest_version(VerifyHistory *history, VerifyRun *run,
												   const uint8 table_id[16]);

/* verify_catalog.c */
extern void ledger_verify_catalog(VerifyRun *run, VerifyHistory *history);

/* Qualified name of a relation for people, palloc'd; NULL when it is unknown. */
extern char *ledger_verify_relation_name(Oid relid);

#endif							/* LEDGER_VERIFY_INTERNAL_H */
