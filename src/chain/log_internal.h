/*
 * chain/log_internal.h
 *		What the files of the log reader share: log_read.c, log_entry.c, log_hash.c.
 */
#ifndef LEDGER_LOG_INTERNAL_H
#define LEDGER_LOG_INTERNAL_H

#include "chain/log_read.h"

#include "access/genam.h"
#include "access/relscan.h"
#include "access/skey.h"
#include "executor/tuptable.h"
#include "storage/buf.h"
#include "utils/hsearch.h"

/* An index that is scanned again and again with as many keys each time. */
typedef struct LogIndex
{
	const char *name;
	Relation	heap;
	int			nkeys;
	Relation	index;			/* NULL until first used */
	IndexScanDesc scan;
	TupleTableSlot *slot;
} LogIndex;

/* The leaves of 256 consecutive transaction numbers. */
#define LOG_BUCKETS 32
typedef struct LogBucket
{
	bool		valid;
	uint64		bucket;
	uint32		start[257];		/* where the leaves of each low byte begin */
	int			room;
	LedgerLeaf *leaves;			/* by low byte, then log order */
} LogBucket;

#define LOG_TILES 8
typedef struct LogTile
{
	bool		valid;
	int			level;
	uint64		tile_no;
	uint8		hashes[LEDGER_TILE_WIDTH][32];
} LogTile;

/* Hashes of a tile that is not full, as far as they were needed. */
typedef struct LogEdge
{
	uint64		tile_no;
	int			n;
	uint8		hashes[LEDGER_TILE_WIDTH][32];
} LogEdge;

struct LedgerLog
{
	LedgerChain chain;
	ledger_hasher *hasher;
	Snapshot	snapshot;
	MemoryContext context;		/* of this struct */
	MemoryContext scratch;		/* reset at each use */

	Relation	block;
	Relation	leaf;
	Relation	entry;
	Relation	tile;
	Relation	checkpoint;

	LogIndex	by_height;
	LogIndex	newest;
	LogIndex	by_first_leaf;
	LogIndex	leaves_by_height;
	LogIndex	leaves_by_bucket;
	LogIndex	tiles;
	LogIndex	checkpoints;
	LogIndex	newest_checkpoint;

	LedgerLeaf *leaves;			/* of ledger_log_block_leaves() */
	int			leaves_room;
	LogBucket  *buckets;
	LogTile	   *tile_cache;
	LogEdge	   *edges[8];		/* by tile level */
	LedgerEntryBatch *batch;	/* made when needed */

	Buffer		entry_buffer;	/* pinned page of ledger.entry */
	BlockNumber entry_nblocks;
	HeapTupleData entry_tuple;
	HTAB	   *unsealed;		/* transactions of the newest entries, NULL until needed */
};

/* The next tuple of a scan that starts with these values; NULL at its end. */
extern HeapTuple ledger_log_first(LedgerLog *log, LogIndex *index, const Datum *values, int strategy,
								  ScanDirection direction);
extern HeapTuple ledger_log_next(LedgerLog *log, LogIndex *index, ScanDirection direction);

#endif							/* LEDGER_LOG_INTERNAL_H */
