/*
 * chain/log_read.h
 *		Reading the log: blocks, leaves, entries, tiles, checkpoints.
 *
 * Used by verify, receipt and export. Everything is read under one explicit
 * snapshot through the indexes of schema ledger, without SPI. What is read is
 * not trusted: a damaged row gives a problem, not a crash. The functions ereport
 * only where the server itself does (a page that cannot be read, out of memory).
 */
#ifndef LEDGER_LOG_READ_H
#define LEDGER_LOG_READ_H

#include "compat.h"

#include "chain/entry_store.h"
#include "chain/registry.h"
#include "core/block.h"
#include "core/merkle.h"
#include "storage/itemptr.h"
#include "utils/snapshot.h"

typedef struct LedgerLog LedgerLog;

/*
 * Opens the tables of the log with AccessShareLock, in CurrentMemoryContext.
 * The snapshot must stay registered until ledger_log_close(), which releases
 * the locks. After an error there is nothing to close.
 */
extern LedgerLog *ledger_log_open(const LedgerChain *chain, Snapshot snapshot);
extern void ledger_log_close(LedgerLog *log);

/* ---- blocks --------------------------------------------------------------- */

typedef struct LedgerBlockRow
{
	ledger_block block;
	/* local columns; palloc'd in CurrentMemoryContext */
	uint8	   *frontier;
	uint32		frontier_len;
	Datum		snapshot;		/* pg_snapshot */
	int64		system_identifier;	/* of the server whose transaction ids these are */
	int64		scan_from;
} LedgerBlockRow;

/* False when there is none; a damaged row ereports ERRCODE_DATA_CORRUPTED. */
extern bool ledger_log_newest_block(LedgerLog *log, LedgerBlockRow *row);
extern bool ledger_log_block(LedgerLog *log, uint64 height, LedgerBlockRow *row);

/*
 * The newest block whose row is whole in itself: its height leads to it and its
 * frontier to its root. *nbad newer ones are not. False when there is none.
 */
extern bool ledger_log_newest_sound_block(LedgerLog *log, LedgerBlockRow *row, uint64 *nbad);

/* The block whose leaves hold this one. */
extern bool ledger_log_block_of_leaf(LedgerLog *log, uint64 leaf, LedgerBlockRow *row);

/* The frontier that the block row carries, checked against its log_root. */
extern bool ledger_log_frontier(LedgerLog *log, const LedgerBlockRow *row, ledger_frontier *frontier);

/* ---- leaves --------------------------------------------------------------- */

/* One item of ledger.leaf. */
typedef struct LedgerLeaf
{
	uint64		ledger_tx;
	uint64		height;
	uint32		offset;			/* leaf number less the block's first_leaf */
	ItemPointerData tid;		/* of the entry: a hint */
} LedgerLeaf;

/*
 * The leaves of one block in the order of their offsets. Valid until the next
 * call; *n is their number, which a damaged index makes differ from block.n.
 * *problem is set when a row of ledger.leaf cannot be read.
 */
extern const LedgerLeaf *ledger_log_block_leaves(LedgerLog *log, uint64 height, int *n, const char **problem);

/*
 * The leaves of a transaction: its parts in log order. 0 when it is not in the
 * log. *leaves is valid until the next call.
 */
extern int ledger_log_find(LedgerLog *log, uint64 ledger_tx, const LedgerLeaf **leaves);

/* ---- entries -------------------------------------------------------------- */

typedef enum LedgerEntryFound
{
	LEDGER_ENTRY_THERE,
	LEDGER_ENTRY_MOVED,			/* found, but not where ledger.leaf says */
	LEDGER_ENTRY_MISSING,
	LEDGER_ENTRY_DAMAGED		/* *problem says how */
} LedgerEntryFound;

/*
 * The row of ledger.entry that this leaf stands for, looked for at its tid
 * first. row's pointers are valid until the next call; what is detoasted is
 * palloc'd in CurrentMemoryContext.
 */
extern LedgerEntryFound ledger_log_entry(LedgerLog *log, const LedgerLeaf *leaf, LedgerEntryRow *row,
										 const char **problem);

/*
 * A backend that met a stale hint keeps a map of all entries; this frees it.
 */
extern void ledger_log_forget(void);

/*
 * True when a transaction that is not in the log has an entry that waits to be
 * sealed, as far as the snapshot shows.
 */
extern bool ledger_log_unsealed(LedgerLog *log, uint64 ledger_tx);

/* ---- rows of a transaction ------------------------------------------------ */

/* What the entries of a transaction say about one table's rows. */
typedef struct LedgerRowGroup
{
	uint64		ledger_tx;
	uint64		height;			/* of the entry's block */
	uint32		leaf_offset;
	uint16		part;
	uint16		position;		/* of the group in its entry */
	int32		table_no;
	uint32		schema_version;
	uint64		nrows;
	uint64		first_seq;
	BlockNumber block_lo;
	BlockNumber block_hi;
	uint8		root[32];
} LedgerRowGroup;

typedef enum LedgerGroupFound
{
	LEDGER_GROUP_THERE,
	LEDGER_GROUP_UNKNOWN_TX,	/* the transaction is not in the log */
	LEDGER_GROUP_NOT_THERE,		/* it is, and wrote no such row to this table */
	LEDGER_GROUP_NO_ENTRY		/* its entry is missing or damaged; *problem says which */
} LedgerGroupFound;

/* The group that holds row ledger_seq of the transaction in the table. */
extern LedgerGroupFound ledger_log_group(LedgerLog *log, int32 table_no, uint64 ledger_tx, uint32 ledger_seq,
										 LedgerRowGroup *group, const char **problem);

/* ---- hashes --------------------------------------------------------------- */

/* The hash of a leaf, recomputed from its entry. */
extern bool ledger_log_leaf_hash(LedgerLog *log, uint64 leaf, uint8 hash[32], const char **problem);

/*
 * The stored full tile, 256 hashes; NULL when it does not exist. Valid until the
 * next call. A damaged row ereports ERRCODE_DATA_CORRUPTED.
 */
extern const uint8 *ledger_log_tile(LedgerLog *log, int level, uint64 tile_no);

/*
 * The hashes of a tile of a log of size leaves, as many as width, written to
 * hashes: stored where the tile is full, else recomputed. False with *problem.
 */
extern bool ledger_log_tile_hashes(LedgerLog *log, int level, uint64 tile_no, int width, uint8 (*hashes)[32],
								   const char **problem);

/* A ledger_node_source (core/merkle.h); arg is the LedgerLog. */
extern bool ledger_log_node(void *arg, unsigned level, uint64 index, uint8 *out);

/* ---- checkpoints ---------------------------------------------------------- */

/* palloc'd note; NULL when there is none. The newest one is that of the largest size. */
extern char *ledger_log_newest_checkpoint(LedgerLog *log, uint64 *size);
extern char *ledger_log_checkpoint(LedgerLog *log, uint64 size);

#endif							/* LEDGER_LOG_READ_H */
