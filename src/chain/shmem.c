/*
 * chain/shmem.c
 *		The shared memory of ledger: slots, counters, floors, waking.
 *
 * Incarnations.  Counters live here only, so a number must never be given out
 * twice although a crash forgets them.  Each server start (life of this shared
 * memory) that writes takes the next value of ledger.incarnation_no first and
 * flushes that WAL record, so that every number of an earlier life is smaller.
 * A sequence is not undone by ROLLBACK, which is just what is needed: the
 * transaction that happens to be first may well abort.
 *
 * Waking.  A commit must wake a sleeping sealer without a lock, and cost
 * nothing while the sealer is busy.  Waker: make the commit visible; set work;
 * then look whether the sealer sleeps or is missing.  Sealer: say asleep (or
 * missing); then look at work again.  With a full barrier between the two steps
 * on both sides, at least one of them sees the other.
 */
#include "chain/shmem.h"

#include <signal.h>

#include "access/relation.h"
#include "access/twophase.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_database.h"
#include "chain/registry.h"
#include "core/body.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/ipc.h"
#include "storage/lmgr.h"
#include "utils/fmgrprotos.h"
#include "utils/syscache.h"

#define LEDGER_LEAVE_TIMEOUT_MS 5000
#define LEDGER_STAY_AWAY_MS 2000

LedgerShared *ledger_shared;

static LedgerPadded64 *floors;	/* database << 32 | heap block; 0 when nothing is being inserted */
static LedgerDbSlot *my_slot;
static bool preloaded;

static shmem_request_hook_type previous_request_hook;
static shmem_startup_hook_type previous_startup_hook;

/* ---- setting up ----------------------------------------------------------- */

static uint32
max_running_xids(void)
{
	return MaxBackends + max_prepared_xacts;
}

static Size
floors_offset(void)
{
	return CACHELINEALIGN(sizeof(LedgerShared));
}

static Size
snapshots_offset(void)
{
	return add_size(floors_offset(), mul_size(sizeof(LedgerPadded64), MaxBackends));
}

static Size
shared_size(void)
{
	return add_size(snapshots_offset(),
					mul_size(LEDGER_MAX_DATABASES, mul_size(sizeof(uint64), max_running_xids())));
}

static void
request_shmem(void)
{
	if (previous_request_hook)
		previous_request_hook();
	RequestAddinShmemSpace(add_size(shared_size(), PG_CACHE_LINE_SIZE));
}

static void
reset_slot(LedgerDbSlot *slot)
{
	slot->dboid = InvalidOid;
	slot->incarnation_seq = InvalidOid;
	slot->incarnation_reason = 0;
	pg_atomic_write_u32(&slot->entry_line, 0);
	pg_atomic_write_u32(&slot->incarnation, 0);
	pg_atomic_write_u64(&slot->tx_counter.value, 1);
	pg_atomic_write_u64(&slot->ord_counter.value, 1);
	slot->sealer_pid = 0;
	slot->sealer_latch = NULL;
	pg_atomic_write_u32(&slot->work, 0);
	pg_atomic_write_u32(&slot->sealer_asleep, 0);
	slot->sealer_wanted = false;
	slot->sealer_leave = false;
	slot->sealer_not_before = 0;
	slot->takeovers = 0;
	slot->sealer_failures = 0;
	slot->sealing_off = false;
	slot->sealed.xmin = 0;
	slot->sealed.xmax = 0;
	slot->sealed.nxip = 0;
	pg_atomic_write_u64(&slot->sealed_size, 0);
	pg_atomic_write_u64(&slot->sealed_height, 0);
	pg_atomic_write_u64(&slot->signed_size, 0);
	pg_atomic_write_u64(&slot->anchored_size, 0);
	pg_atomic_write_u64(&slot->entries_sealed, 0);
	pg_atomic_write_u64(&slot->blocks_sealed, 0);
	pg_atomic_write_u64(&slot->seal_errors, 0);
	pg_atomic_write_u64(&slot->anchor_failures, 0);
	slot->last_sealed_at = 0;
	slot->last_error_at = 0;
	slot->last_error[0] = '\0';
	slot->pending = 0;
	slot->sign_problem[0] = '\0';
	memset(&slot->anchor, 0, sizeof(slot->anchor));
	pg_atomic_write_u64(&slot->oldest_unverified, 0);
	slot->scrub_pid = 0;
	pg_atomic_write_u64(&slot->scrub_passes, 0);
}

static void
init_slot(LedgerDbSlot *slot, int tranche, uint64 *xip)
{
	memset(slot, 0, sizeof(*slot));
	LWLockInitialize(&slot->lock, tranche);
	pg_atomic_init_u32(&slot->entry_line, 0);
	pg_atomic_init_u32(&slot->incarnation, 0);
	pg_atomic_init_u64(&slot->tx_counter.value, 1);
	pg_atomic_init_u64(&slot->ord_counter.value, 1);
	pg_atomic_init_u32(&slot->work, 0);
	pg_atomic_init_u32(&slot->sealer_asleep, 0);
	slot->sealed.xip = xip;
	ConditionVariableInit(&slot->sealed_cv);
	pg_atomic_init_u64(&slot->sealed_size, 0);
	pg_atomic_init_u64(&slot->sealed_height, 0);
	pg_atomic_init_u64(&slot->signed_size, 0);
	pg_atomic_init_u64(&slot->anchored_size, 0);
	pg_atomic_init_u64(&slot->entries_sealed, 0);
	pg_atomic_init_u64(&slot->blocks_sealed, 0);
	pg_atomic_init_u64(&slot->seal_errors, 0);
	pg_atomic_init_u64(&slot->anchor_failures, 0);
	pg_atomic_init_u64(&slot->oldest_unverified, 0);
	pg_atomic_init_u64(&slot->scrub_passes, 0);
}

static void
startup_shmem(void)
{
	bool		found;
	char	   *base;

	if (previous_startup_hook)
		previous_startup_hook();

	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	base = (char *) CACHELINEALIGN(
		ShmemInitStruct("ledger", add_size(shared_size(), PG_CACHE_LINE_SIZE), &found));
	ledger_shared = (LedgerShared *) base;
	floors = (LedgerPadded64 *) (base + floors_offset());
	if (!found)
	{
		uint64	   *xip = (uint64 *) (base + snapshots_offset());

		memset(base, 0, floors_offset());
		ledger_shared->nbackends = MaxBackends;
		ledger_shared->tranche = LWLockNewTrancheId();
		LWLockInitialize(&ledger_shared->lock, ledger_shared->tranche);
		for (int i = 0; i < MaxBackends; i++)
			pg_atomic_init_u64(&floors[i].value, 0);
		for (int i = 0; i < LEDGER_MAX_DATABASES; i++)
			init_slot(&ledger_shared->slots[i], ledger_shared->tranche, xip + (Size) i * max_running_xids());
	}
	LWLockRelease(AddinShmemInitLock);
	LWLockRegisterTranche(ledger_shared->tranche, "ledger");
}

void
ledger_shmem_init(void)
{
	if (!process_shared_preload_libraries_in_progress)
		return;
	preloaded = true;
	previous_request_hook = shmem_request_hook;
	shmem_request_hook = request_shmem;
	previous_startup_hook = shmem_startup_hook;
	shmem_startup_hook = startup_shmem;
}

bool
ledger_is_preloaded(void)
{
	return preloaded;
}

/* ---- slots ---------------------------------------------------------------- */

LedgerDbSlot *
ledger_find_slot(Oid dboid)
{
	LedgerDbSlot *found = NULL;

	if (ledger_shared == NULL || !OidIsValid(dboid))
		return NULL;
	LWLockAcquire(&ledger_shared->lock, LW_SHARED);
	for (int i = 0; i < LEDGER_MAX_DATABASES && found == NULL; i++)
	{
		if (ledger_shared->slots[i].dboid == dboid)
			found = &ledger_shared->slots[i];
	}
	LWLockRelease(&ledger_shared->lock);
	return found;
}

/* Free the slots of databases that were dropped. Nobody can be using those. */
static void
free_dropped_slots(void)
{
	for (int i = 0; i < LEDGER_MAX_DATABASES; i++)
	{
		LedgerDbSlot *slot = &ledger_shared->slots[i];
		Oid			dboid = slot->dboid;

		if (!OidIsValid(dboid) || SearchSysCacheExists1(DATABASEOID, ObjectIdGetDatum(dboid)))
			continue;
		LWLockAcquire(&ledger_shared->lock, LW_EXCLUSIVE);
		if (slot->dboid == dboid && slot->sealer_pid == 0 && slot->anchor.pid == 0 && slot->scrub_pid == 0)
			reset_slot(slot);
		LWLockRelease(&ledger_shared->lock);
	}
}

static LedgerDbSlot *
take_slot(void)
{
	LedgerDbSlot *slot = NULL;

	LWLockAcquire(&ledger_shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < LEDGER_MAX_DATABASES; i++)
	{
		if (ledger_shared->slots[i].dboid == MyDatabaseId)
		{
			slot = &ledger_shared->slots[i];
			break;
		}
		if (slot == NULL && !OidIsValid(ledger_shared->slots[i].dboid))
			slot = &ledger_shared->slots[i];
	}
	if (slot != NULL && slot->dboid != MyDatabaseId)
	{
		reset_slot(slot);
		slot->dboid = MyDatabaseId;
	}
	LWLockRelease(&ledger_shared->lock);
	return slot;
}

LedgerDbSlot *
ledger_my_slot(void)
{
	if (my_slot != NULL)
		return my_slot;
	if (ledger_shared == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("ledger tables cannot be written because the library was not loaded at server start"),
				 errhint("Add ledger to shared_preload_libraries and restart the server.")));
	my_slot = take_slot();
	if (my_slot == NULL)
	{
		free_dropped_slots();
		my_slot = take_slot();
	}
	if (my_slot == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("too many databases with ledger tables"),
				 errdetail("At most %d databases of one server can write ledger tables.",
						   LEDGER_MAX_DATABASES)));
	return my_slot;
}

/* ---- numbers -------------------------------------------------------------- */

/*
 * Take the next incarnation unless somebody else did since the caller saw
 * "seen". The self-exclusive lock on the sequence is released at once: others
 * must not wait for the end of this transaction.
 */
static uint32
advance_incarnation(LedgerDbSlot *slot, Oid seq, uint32 seen, uint32 reason)
{
	uint32		now;

	LockRelationOid(seq, ShareUpdateExclusiveLock);
	now = pg_atomic_read_u32(&slot->incarnation);
	if (now == seen || slot->incarnation_seq != seq)
	{
		Oid			save_user;
		int			save_context;
		Relation	rel = relation_open(seq, NoLock);
		Oid			owner = rel->rd_rel->relowner;
		int64		last;

		relation_close(rel, NoLock);

		/* the caller may be anybody who may write a ledger table */
		GetUserIdAndSecContext(&save_user, &save_context);
		SetUserIdAndSecContext(owner, save_context | SECURITY_LOCAL_USERID_CHANGE);
		{
			LOCAL_FCINFO(fcinfo, 1);

			InitFunctionCallInfoData(*fcinfo, NULL, 1, InvalidOid, NULL, NULL);
			fcinfo->args[0].value = ObjectIdGetDatum(seq);
			fcinfo->args[0].isnull = false;
			last = DatumGetInt64(pg_sequence_last_value(fcinfo));
			if (fcinfo->isnull)
				last = 0;
		}
		if (last >= LEDGER_INCARNATION_MAX)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("the incarnations of this chain are used up"),
					 errdetail("A chain has at most %d incarnations; each server start that writes takes one.",
							   LEDGER_INCARNATION_MAX)));
		DirectFunctionCall3(setval3_oid, ObjectIdGetDatum(seq), Int64GetDatum(last + 1), BoolGetDatum(true));
		SetUserIdAndSecContext(save_user, save_context);
		XLogFlush(XactLastRecEnd);

		now = (uint32) (last + 1);
		pg_atomic_write_u32(&slot->incarnation, 0);
		pg_memory_barrier();
		slot->incarnation_seq = seq;
		slot->incarnation_reason = reason;
		pg_atomic_write_u64(&slot->tx_counter.value, 1);
		pg_atomic_write_u64(&slot->ord_counter.value, 1);
		pg_memory_barrier();
		pg_atomic_write_u32(&slot->incarnation, now);
	}
	UnlockRelationOid(seq, ShareUpdateExclusiveLock);
	return now;
}

static uint64
next_number(LedgerDbSlot *slot, pg_atomic_uint64 *counter)
{
	Oid			seq = ledger_incarnation_no_oid();

	for (;;)
	{
		uint32		incarnation = pg_atomic_read_u32(&slot->incarnation);
		uint64		n;

		if (incarnation == 0 || slot->incarnation_seq != seq)
		{
			advance_incarnation(slot, seq, incarnation, LEDGER_INCARNATION_START);
			continue;
		}
		n = pg_atomic_fetch_add_u64(counter, 1);
		if (pg_atomic_read_u32(&slot->incarnation) != incarnation)
			continue;			/* switched meanwhile: n may belong to either */
		if (n > LEDGER_COUNTER_MAX)
		{
			advance_incarnation(slot, seq, incarnation, LEDGER_INCARNATION_EXHAUSTION);
			continue;
		}
		return ((uint64) incarnation << LEDGER_COUNTER_BITS) | n;
	}
}

uint64
ledger_next_tx(void)
{
	LedgerDbSlot *slot = ledger_my_slot();

	/* member 0: a chain of one */
	return next_number(slot, &slot->tx_counter.value);
}

uint64
ledger_next_ord(void)
{
	LedgerDbSlot *slot = ledger_my_slot();

	return next_number(slot, &slot->ord_counter.value);
}

uint32
ledger_take_incarnation(uint32 reason)
{
	LedgerDbSlot *slot = ledger_my_slot();

	return advance_incarnation(slot, ledger_incarnation_no_oid(), pg_atomic_read_u32(&slot->incarnation),
							   reason);
}

/* ---- floors --------------------------------------------------------------- */

/*
 * A floor and the line are written by one side and read by the other, each
 * after its own write and a full barrier: of a backend that announces a floor
 * and a sealer that draws the line above it, at least one sees the other.
 */
bool
ledger_floor_set(BlockNumber block)
{
	pg_atomic_write_u64(&floors[LEDGER_BACKEND_INDEX].value, ((uint64) MyDatabaseId << 32) | block);
	pg_memory_barrier();
	return block >= pg_atomic_read_u32(&ledger_my_slot()->entry_line);
}

void
ledger_floor_clear(void)
{
	if (floors != NULL)
		pg_atomic_write_u64(&floors[LEDGER_BACKEND_INDEX].value, 0);
}

BlockNumber
ledger_floor_advance(BlockNumber nblocks)
{
	LedgerDbSlot *slot = ledger_my_slot();
	BlockNumber lowest = nblocks > LEDGER_OPEN_PAGES ? nblocks - LEDGER_OPEN_PAGES : 0;

	pg_atomic_write_u32(&slot->entry_line, lowest);
	pg_memory_barrier();
	for (uint32 i = 0; i < ledger_shared->nbackends; i++)
	{
		uint64		value = pg_atomic_read_u64(&floors[i].value);

		if ((Oid) (value >> 32) == MyDatabaseId && (BlockNumber) value < lowest)
			lowest = (BlockNumber) value;
	}
	return lowest;
}

/* ---- the sealer ----------------------------------------------------------- */

static void
want_sealer(LedgerDbSlot *slot)
{
	Latch	   *latch = ledger_shared->launcher_latch;

	slot->sealer_wanted = true;
	pg_memory_barrier();
	if (latch != NULL)
		SetLatch(latch);
}

void
ledger_wake_sealer(LedgerDbSlot *slot)
{
	if (slot == NULL)
		return;
	pg_memory_barrier();
	if (pg_atomic_read_u32(&slot->work) != 0)
		return;					/* not looked yet since the last wake: this commit will be seen too */
	pg_atomic_write_u32(&slot->work, 1);
	pg_memory_barrier();
	if (slot->sealer_pid == 0)
		want_sealer(slot);
	else if (pg_atomic_read_u32(&slot->sealer_asleep) != 0)
	{
		/* the latch of a process that has just gone may wake another one: harmless */
		Latch	   *latch = slot->sealer_latch;

		if (latch != NULL)
			SetLatch(latch);
	}
}

void
ledger_hurry_sealer(LedgerDbSlot *slot)
{
	Latch	   *latch = slot->sealer_latch;

	ledger_wake_sealer(slot);
	if (latch != NULL)
		SetLatch(latch);
}

bool
ledger_sealer_ask_to_leave(Oid dboid)
{
	LedgerDbSlot *slot = ledger_find_slot(dboid);
	TimestampTz start = GetCurrentTimestamp();

	if (slot == NULL)
		return true;
	slot->sealer_not_before = TimestampTzPlusMilliseconds(start, LEDGER_STAY_AWAY_MS);
	pg_memory_barrier();
	while (slot->dboid == dboid && (slot->sealer_pid != 0 || slot->scrub_pid != 0))
	{
		Latch	   *latch = slot->sealer_latch;
		pid_t		scrub = slot->scrub_pid;

		if (TimestampDifferenceExceeds(start, GetCurrentTimestamp(), LEDGER_LEAVE_TIMEOUT_MS))
			return false;
		slot->sealer_leave = true;
		pg_memory_barrier();
		if (latch != NULL)
			SetLatch(latch);
		if (scrub != 0)
			kill(scrub, SIGTERM);
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, 10, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
	return true;
}

/* ---- progress ------------------------------------------------------------- */

void
ledger_publish_sealed(LedgerDbSlot *slot, uint64 xmin, uint64 xmax, const uint64 *xip, uint32 nxip,
					  uint64 height, uint64 size, uint32 n)
{
	LWLockAcquire(&slot->lock, LW_EXCLUSIVE);

	/*
	 * A snapshot of an earlier server start may have had more room. Then pretend
	 * that nothing from its xmin on is sealed: a waiter waits a block longer.
	 */
	if (nxip > max_running_xids())
	{
		xmax = xmin;
		nxip = 0;
	}
	slot->sealed.xmin = xmin;
	slot->sealed.xmax = xmax;
	slot->sealed.nxip = nxip;
	if (nxip > 0)
		memcpy(slot->sealed.xip, xip, nxip * sizeof(uint64));
	LWLockRelease(&slot->lock);

	pg_atomic_write_u64(&slot->sealed_size, size);
	pg_atomic_write_u64(&slot->sealed_height, height + 1);
	if (n > 0)
	{
		pg_atomic_fetch_add_u64(&slot->entries_sealed, n);
		pg_atomic_fetch_add_u64(&slot->blocks_sealed, 1);
		slot->last_sealed_at = GetCurrentTimestamp();
	}
	ConditionVariableBroadcast(&slot->sealed_cv);
}

bool
ledger_xid_is_sealed(LedgerDbSlot *slot, uint64 xid)
{
	bool		sealed;

	LWLockAcquire(&slot->lock, LW_SHARED);
	sealed = xid < slot->sealed.xmax;
	if (sealed && xid >= slot->sealed.xmin)
	{
		for (uint32 i = 0; i < slot->sealed.nxip && sealed; i++)
			sealed = slot->sealed.xip[i] != xid;
	}
	LWLockRelease(&slot->lock);
	return sealed;
}
