/*
 * chain/shmem.h
 *		Shared memory: a cache that is rebuilt from the tables, never a truth.
 *
 * One slot for each database that has written a ledger table since the server
 * started.  It hands out transaction numbers and the order counter, tells the
 * sealer where entries may still appear, and lets sessions wait for sealing.
 * Nothing here is locked on the commit path: counters are atomic, and a
 * backend writes only its own floor.
 */
#ifndef LEDGER_SHMEM_H
#define LEDGER_SHMEM_H

#include "compat.h"

#include <signal.h>

#include "port/atomics.h"
#include "storage/block.h"
#include "storage/condition_variable.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "utils/snapshot.h"
#include "utils/timestamp.h"

#define LEDGER_MAX_DATABASES 64
#define LEDGER_SHARED_NOTE_MAX 1024
#define LEDGER_ANCHOR_COMMAND_MAX 1024

/* bits of ledger_tx and ord: 0 | member 12 | incarnation 15 | counter 36 */
#define LEDGER_COUNTER_BITS 36
#define LEDGER_COUNTER_MAX ((UINT64CONST(1) << LEDGER_COUNTER_BITS) - 1)
#define LEDGER_INCARNATION_MAX 32767

/* Alone on its cache line: all backends write to these all the time. */
typedef union LedgerPadded64
{
	pg_atomic_uint64 value;
	char		pad[PG_CACHE_LINE_SIZE];
} LedgerPadded64;

typedef struct LedgerSealedSnapshot
{
	uint64		xmin;			/* full transaction ids */
	uint64		xmax;
	uint32		nxip;
	uint64	   *xip;			/* in shared memory, room for every backend and prepared xact */
} LedgerSealedSnapshot;

/* The checkpoint that ledger.anchor_command is to publish, and how that goes. Under the slot's lock. */
typedef struct LedgerAnchorState
{
	pid_t		pid;			/* worker that runs the command, 0 when none */
	Latch	   *latch;
	uint64		size;			/* of the checkpoint below, 0: nothing to publish */
	char		note[LEDGER_SHARED_NOTE_MAX];
	char		origin[128];
	char		database[NAMEDATALEN];
	char		command[LEDGER_ANCHOR_COMMAND_MAX];
	TimestampTz last_failure_at;
	char		last_failure[256];
} LedgerAnchorState;

typedef struct LedgerDbSlot
{
	Oid			dboid;			/* 0 when free; set under LedgerShared->lock */
	LWLock		lock;			/* incarnation switch; sealed snapshot */

	pg_atomic_uint32 entry_line;	/* no backend begins an entry below this block of ledger.entry */

	/*
	 * Allocation.  A backend reads the incarnation, advances a counter and reads
	 * the incarnation again: a switch sets it to 0, resets the counters, then
	 * publishes the new one.
	 */
	Oid			incarnation_seq;	/* the sequence it came from: DROP and CREATE EXTENSION make another */
	uint32		incarnation_reason; /* LEDGER_INCARNATION_* of core/body.h, for the INCARNATION entry */
	pg_atomic_uint32 incarnation;	/* 0 until the first write of this start */
	LedgerPadded64 tx_counter;	/* next ledger_tx counter, from 1 */
	LedgerPadded64 ord_counter; /* next ord counter, from 1; 0 is the INCARNATION entry's */

	/* sealer process */
	pid_t		sealer_pid;		/* 0 when none */
	Latch	   *sealer_latch;	/* valid while sealer_pid is set */
	pg_atomic_uint32 work;		/* set by a commit, cleared by the sealer before it looks */
	pg_atomic_uint32 sealer_asleep; /* set before it waits: a commit then sets the latch */
	bool		sealer_wanted;	/* launcher starts one */
	bool		sealer_leave;	/* DROP or ALTER DATABASE asks it to go */
	TimestampTz sealer_not_before;	/* after it was asked to go, none is started before this time */
	uint32		takeovers;		/* by sealers, since the server started */
	uint32		sealer_failures;	/* in a row */
	bool		sealing_off;	/* not in ledger.databases, or a copy of another chain: nobody waits for a block */

	/* progress, for waiters and ledger.stat */
	LedgerSealedSnapshot sealed;	/* the newest block's snapshot, under lock */
	ConditionVariable sealed_cv;
	pg_atomic_uint64 sealed_size;	/* leaves in durable blocks */
	pg_atomic_uint64 sealed_height; /* height + 1, 0 when there is none */
	pg_atomic_uint64 signed_size;
	pg_atomic_uint64 anchored_size;
	pg_atomic_uint64 entries_sealed;	/* since start */
	pg_atomic_uint64 blocks_sealed;
	pg_atomic_uint64 seal_errors;
	pg_atomic_uint64 anchor_failures;
	TimestampTz last_sealed_at;
	TimestampTz last_error_at;
	char		last_error[256];
	uint32		pending;		/* entries of transactions that are prepared or about to end */
	char		sign_problem[512];	/* why checkpoints are not signed, empty when they are; under lock */
	LedgerAnchorState anchor;
	pid_t		scrub_pid;		/* 0 when none */
	pg_atomic_uint64 oldest_unverified; /* TimestampTz, kept by the scrub worker */
	pg_atomic_uint64 scrub_passes;
} LedgerDbSlot;

typedef struct LedgerShared
{
	LWLock		lock;			/* slot assignment */
	pid_t		launcher_pid;
	Latch	   *launcher_latch;
	uint32		nbackends;
	int			tranche;		/* of the locks here */
	LedgerDbSlot slots[LEDGER_MAX_DATABASES];
	/* then: one floor for each backend, on its own cache line */
} LedgerShared;

extern LedgerShared *ledger_shared; /* NULL when not preloaded */

/* _PG_init: request space, install the startup hook. Only while preloading. */
extern void ledger_shmem_init(void);

/* True when the library was loaded by shared_preload_libraries of this server. */
extern bool ledger_is_preloaded(void);

/* The slot of this database, made when needed. Ereports 53400 when all are taken. */
extern LedgerDbSlot *ledger_my_slot(void);

/* The slot of a database, or NULL. */
extern LedgerDbSlot *ledger_find_slot(Oid dboid);

/*
 * A new transaction number and a new order number. The first call after a
 * server start takes the next incarnation: the sequence ledger.incarnation_no
 * is set and its WAL flushed before any number is given out.
 */
extern uint64 ledger_next_tx(void);
extern uint64 ledger_next_ord(void);

/* Take the next incarnation now, for the reason given (core/body.h). Needs a transaction; survives its abort. */
extern uint32 ledger_take_incarnation(uint32 reason);

/*
 * Where entries may appear (docs/adr/0002). Before it inserts an entry, a backend
 * announces the lowest heap block that it may choose, its floor; false says that
 * this block lies behind the sealer's line and another has to be chosen. It is
 * cleared when the transaction has committed, aborted or been prepared.
 */
extern bool ledger_floor_set(BlockNumber block);
extern void ledger_floor_clear(void);

/*
 * The sealer's side: draw the line LEDGER_OPEN_PAGES before the end of
 * ledger.entry, which has nblocks now, and give the block below which no new entry
 * can appear any more: the lower of the line and of all floors.
 */
#define LEDGER_OPEN_PAGES 64
extern BlockNumber ledger_floor_advance(BlockNumber nblocks);

/*
 * Wake the sealer of a database after a commit; asks the launcher for one when
 * there is none. Never ereports. NULL does nothing.
 */
extern void ledger_wake_sealer(LedgerDbSlot *slot);

/*
 * The same, for somebody who is listed on sealed_cv and waits for the next
 * block: the sealer then does not put it off to collect more entries.
 */
extern void ledger_hurry_sealer(LedgerDbSlot *slot);

/*
 * For commands that cannot run while somebody is connected to a database (DROP
 * DATABASE, ALTER DATABASE ... RENAME or SET TABLESPACE, CREATE DATABASE ...
 * TEMPLATE): ask the sealer of that database to go and wait, five seconds at
 * most, until it has. True when none is left. It comes back with the next write.
 */
extern bool ledger_sealer_ask_to_leave(Oid dboid);

/* Publish a block (sealer) and ask whether a transaction id is in a sealed block. */
extern void ledger_publish_sealed(LedgerDbSlot *slot, uint64 xmin, uint64 xmax, const uint64 *xip,
								  uint32 nxip, uint64 height, uint64 size, uint32 n);
extern bool ledger_xid_is_sealed(LedgerDbSlot *slot, uint64 xid);

/*
 * ledger.commit_wait = sealed: wait, after the local commit, until the
 * transaction is in a durable block. Never ereports an error: on cancel,
 * termination or ledger.commit_timeout, or where nobody seals, it warns and
 * returns. A background process does not wait. (chain/seal_wait.c)
 */
extern void ledger_commit_wait_sealed(uint64 xid);

/*
 * True when this transaction holds a lock that the sealer needs, so that waiting
 * for it would be waiting for oneself. Asked before the commit, at PRE_COMMIT.
 */
extern bool ledger_blocks_sealer(void);

#endif							/* LEDGER_SHMEM_H */
