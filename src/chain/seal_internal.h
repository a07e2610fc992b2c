/*
 * chain/seal_internal.h
 *		What the files of the sealing part share: seal.c, seal_scan.c, seal_block.c.
 */
#ifndef LEDGER_SEAL_INTERNAL_H
#define LEDGER_SEAL_INTERNAL_H

#include "chain/seal.h"

#include "access/xlogdefs.h"
#include "chain/entry_store.h"
#include "chain/log_read.h"
#include "chain/member_list.h"
#include "chain/shmem.h"
#include "storage/bufpage.h"
#include "storage/itemptr.h"
#include "utils/snapshot.h"

/*
 * A block has at most this many entries, unless one transaction has more. It
 * bounds the memory of making a block (some 75 bytes an entry) and of whoever
 * checks one; more entries in one look give several blocks in one transaction.
 */
#define LEDGER_BLOCK_MAX_ENTRIES 16384

/* Levels of tiles that a log below 2^63 can have. */
#define LEDGER_TILE_LEVELS 8

/* pg_snapshot as it is stored (utils/adt/xid8funcs.c), with full transaction ids; xip ascending. */
typedef struct LedgerPgSnapshot
{
	int32		vl_len_;
	uint32		nxip;
	uint64		xmin;
	uint64		xmax;
	uint64		xip[FLEXIBLE_ARRAY_MEMBER];
} LedgerPgSnapshot;

/* The tile at the right edge of a level, as far as it goes. */
typedef struct LedgerTileEdge
{
	int			n;
	bool		broken;			/* its hashes could not be rebuilt: this one tile is not stored */
	ledger_digest hash[LEDGER_TILE_WIDTH];
} LedgerTileEdge;

/* Where an unsealed entry is, and its place in the order. */
typedef struct LedgerSealKey
{
	uint64		ord;
	uint16		part;
	ItemPointerData tid;
	uint32		copy;			/* its tuple in the copies, LEDGER_NO_COPY where there is none */
} LedgerSealKey;

/*
 * The tuples found by a look are copied, so that their pages need not be read
 * again, as far as this room goes. Each begins with its length, at a MAXALIGNed
 * place, and the tuple follows at the next one.
 */
#define LEDGER_COPIES_ROOM (256 * 1024)
#define LEDGER_NO_COPY PG_UINT32_MAX

/* A page all of whose entries are settled, as long as it has this LSN. */
typedef struct LedgerSeenPage
{
	BlockNumber block;
	XLogRecPtr	lsn;			/* 0: none */
} LedgerSeenPage;

#define LEDGER_SEEN_PAGES (4 * LEDGER_OPEN_PAGES)

struct LedgerSealer
{
	MemoryContext context;
	LedgerDbSlot *slot;
	LedgerChain chain;
	ledger_hasher *hasher;

	/* the newest block */
	uint64		next_height;
	uint8		prev_hash[32];
	ledger_frontier log;
	LedgerTileEdge *edge;		/* LEDGER_TILE_LEVELS of them */
	LedgerMembers *members;
	LedgerPgSnapshot *prev;		/* NULL: ask ledger.leaf what is sealed */

	/* where to look, see seal_scan.c */
	Oid			entry_oid;
	Oid			entry_file;		/* relfilenode that the block numbers below belong to */
	BlockNumber scan_from;
	ItemPointerData *pending;
	int			npending;		/* those before scan_from */
	int			pending_room;
	LedgerSeenPage seen[LEDGER_SEEN_PAGES]; /* by block number modulo the size */

	/* entries of this tick */
	int			undecided;		/* seen, and neither committed nor aborted */
	LedgerSealKey *keys;
	uint64		nkeys;
	uint64		keys_room;
	char	   *copies;			/* LEDGER_COPIES_ROOM bytes */
	uint32		copies_used;
	BlockNumber next_scan_from; /* for the block row */
	uint64		sealed_now;
	bool		careful;		/* after an ERROR: one bad row must not end the sealer again */

	uint32		last_incarnation;	/* whose INCARNATION entry is known to exist */
};

/*
 * seal_scan.c: a tuple of ledger.entry on a locked page, its t_tableOid apart. False
 * when there is none, or none that lies within the page and has the fixed columns.
 */
extern bool ledger_seal_tuple(Page page, BlockNumber block, OffsetNumber offset, HeapTuple tuple);

/*
 * seal_scan.c: fill keys, in order, with the entries that are visible in the
 * snapshot and not sealed. Sets pending, scan_from and next_scan_from. floor was
 * given by ledger_floor_advance() before the snapshot was taken.
 */
extern void ledger_seal_scan(LedgerSealer *sealer, Relation entry, BlockNumber floor, Snapshot snapshot);

/* seal_block.c: the blocks of keys[0 .. nkeys) and everything that goes with them. */
extern void ledger_seal_write(LedgerSealer *sealer, Relation entry, const LedgerPgSnapshot *now);

#endif							/* LEDGER_SEAL_INTERNAL_H */
