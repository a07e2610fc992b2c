/*
 * chain/seal_wait.c
 *		COMMIT's wait for a block (ledger.commit_wait = sealed).
 *
 * Runs in XACT_EVENT_COMMIT: the transaction is committed and visible, its locks
 * are still held, interrupts are held off, and an ERROR would be a PANIC. So it
 * waits as synchronous replication does, with a loop of its own around the
 * latch, and whatever happens it returns.
 */
#include "chain/shmem.h"

#include "chain/registry.h"
#include "ledger.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/latch.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/timestamp.h"

static bool
relation_locked(const char *name, LOCKMODE weakest)
{
	Oid			relid = ledger_catalog_oid(name, true);
	LOCKTAG		tag;

	if (!OidIsValid(relid))
		return false;
	SET_LOCKTAG_RELATION(tag, MyDatabaseId, relid);
	for (LOCKMODE mode = weakest; mode <= AccessExclusiveLock; mode++)
	{
		if (LockHeldByMe(&tag, mode))
			return true;
	}
	return false;
}

bool
ledger_blocks_sealer(void)
{
	static const char *const read[] = {"chain", "entry", "ledger_table"};
	static const char *const written[] = {"block", "leaf", "tile", "member", "incarnation"};

	for (int i = 0; i < (int) lengthof(read); i++)
	{
		if (relation_locked(read[i], AccessExclusiveLock))
			return true;
	}
	for (int i = 0; i < (int) lengthof(written); i++)
	{
		if (relation_locked(written[i], ShareLock))
			return true;
	}
	return false;
}

static void
give_up(const char *reason)
{
	ereport(WARNING,
			(errmsg("COMMIT did not wait until the transaction was sealed: %s", reason),
			 errdetail("The transaction has committed locally and will be sealed later.")));
}

void
ledger_commit_wait_sealed(uint64 xid)
{
	LedgerDbSlot *slot;
	TimestampTz start;

	if (MyBackendType != B_BACKEND)
		return;
	slot = ledger_find_slot(MyDatabaseId);
	if (slot == NULL)
		return;

	start = GetCurrentTimestamp();
	for (bool first = true;; first = false)
	{
		long		wait = 1000;

		/* listed first, looked at second: a block in between is not missed */
		ConditionVariablePrepareToSleep(&slot->sealed_cv);
		if (first)
			ledger_hurry_sealer(slot);
		if (ledger_xid_is_sealed(slot, xid))
			break;
		if (slot->sealing_off)
		{
			give_up("the chain of this database is not being sealed");
			break;
		}
		if (slot->sealer_pid == 0 && ledger_shared->launcher_pid == 0)
		{
			give_up("no sealer is running");
			break;
		}
		if (ProcDiePending)
		{
			give_up("the session is being terminated");
			break;
		}
		if (QueryCancelPending)
		{
			QueryCancelPending = false;
			give_up("the wait was cancelled");
			break;
		}
		if (ledger_commit_timeout > 0)
		{
			long		left = ledger_commit_timeout - TimestampDifferenceMilliseconds(start, GetCurrentTimestamp());

			if (left <= 0)
			{
				give_up("ledger.commit_timeout has passed");
				break;
			}
			wait = Min(wait, left);
		}
		if (WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_POSTMASTER_DEATH, wait, PG_WAIT_EXTENSION) &
			WL_POSTMASTER_DEATH)
		{
			/* as in SyncRepWaitForLSN: the next thing that this session waits for ends it */
			ProcDiePending = true;
			break;
		}
		ResetLatch(MyLatch);
	}
	ConditionVariableCancelSleep();
}
