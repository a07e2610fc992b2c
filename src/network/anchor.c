/*
 * network/anchor.c
 *		Publishes checkpoints with ledger.anchor_command.
 *
 * A process of its own, so that a slow or hanging command never holds up sealing,
 * and without a database, so that it is not in the way of DROP DATABASE. The
 * sealer leaves the newest checkpoint in shared memory; whether a checkpoint was
 * published is noted by the sealer too. Only the newest is of interest: it
 * vouches for all before it. A command that fails is run again, with pauses that
 * grow, until it succeeds or a newer checkpoint takes its place.
 */
#include "network/workers.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/stringinfo.h"
#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/fd.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#define RETRY_MIN_MS 1000
#define RETRY_MAX_MS 60000
#define LINGER_MS 10000			/* after success: the next checkpoint may be near */
#define CHILD_LOOK_MS 20
#define CHILD_END_MS 2000

/* A failure that is none. */
static char replaced[] = "";

static LedgerDbSlot *anchor_slot;
static pid_t child = 0;

/* ---- posting ---------------------------------------------------------------- */

bool
ledger_anchor_post(LedgerDbSlot *slot, uint64 size, const char *note, const char *origin,
				   const char *database, const char *command)
{
	LedgerAnchorState *anchor = &slot->anchor;
	BackgroundWorker worker = {0};
	Latch	   *latch = NULL;
	bool		running;

	LWLockAcquire(&slot->lock, LW_EXCLUSIVE);
	if (strlen(command) >= sizeof(anchor->command))
	{
		snprintf(anchor->last_failure, sizeof(anchor->last_failure),
				 "ledger.anchor_command is longer than %zu bytes", sizeof(anchor->command) - 1);
		anchor->last_failure_at = GetCurrentTimestamp();
		LWLockRelease(&slot->lock);
		return false;
	}
	anchor->size = size;
	strlcpy(anchor->note, note, sizeof(anchor->note));
	strlcpy(anchor->origin, origin, sizeof(anchor->origin));
	strlcpy(anchor->database, database, sizeof(anchor->database));
	strlcpy(anchor->command, command, sizeof(anchor->command));
	running = anchor->pid != 0;
	latch = anchor->latch;
	LWLockRelease(&slot->lock);

	if (running)
	{
		if (latch != NULL)
			SetLatch(latch);
		return true;
	}
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	snprintf(worker.bgw_name, BGW_MAXLEN, "ledger anchor for database %u", slot->dboid);
	snprintf(worker.bgw_type, BGW_MAXLEN, "ledger anchor");
	snprintf(worker.bgw_library_name, BGW_MAXLEN, "ledger");
	snprintf(worker.bgw_function_name, BGW_MAXLEN, "ledger_anchor_main");
	worker.bgw_main_arg = Int32GetDatum((int32) (slot - ledger_shared->slots));
	return RegisterDynamicBackgroundWorker(&worker, NULL);
}

/* ---- the command ------------------------------------------------------------ */

/*
 * A name that somebody without other rights may have chosen, for the shell and as
 * part of a path: letters, digits, - and _ as they are, dots but the first, and
 * every other byte as % and two hexadecimal digits.
 */
static void
append_name(StringInfo line, const char *name)
{
	for (const char *p = name; *p != '\0'; p++)
	{
		unsigned char c = (unsigned char) *p;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
			c == '_' || (c == '.' && p != name))
			appendStringInfoChar(line, *p);
		else
			appendStringInfo(line, "%%%02x", c);
	}
}

static char *
expand(const LedgerAnchorState *anchor, const char *path)
{
	StringInfoData line;

	initStringInfo(&line);
	for (const char *p = anchor->command; *p != '\0'; p++)
	{
		if (p[0] != '%')
		{
			appendStringInfoChar(&line, *p);
			continue;
		}
		p++;
		switch (*p)
		{
			case 'p':
				appendStringInfoString(&line, path);
				break;
			case 's':
				appendStringInfo(&line, UINT64_FORMAT, anchor->size);
				break;
			case 'o':
				appendStringInfoString(&line, anchor->origin);
				break;
			case 'd':
				append_name(&line, anchor->database);
				break;
			case '%':
				appendStringInfoChar(&line, '%');
				break;
			default:
				appendStringInfoChar(&line, '%');
				p--;
				break;
		}
	}
	return line.data;
}

/* A file of the server's temporary ones: it is removed at the next start and not copied by base backups. */
static char *
write_note(const LedgerAnchorState *anchor)
{
	char	   *directory = psprintf("%s/base/%s", DataDir, PG_TEMP_FILES_DIR);
	char	   *path = psprintf("%s/%s.ledger.%u", directory, PG_TEMP_FILE_PREFIX, anchor_slot->dboid);
	FILE	   *file;
	bool		ok;

	(void) MakePGDirectory(directory);
	file = AllocateFile(path, PG_BINARY_W);
	if (file == NULL)
		return NULL;
	ok = fputs(anchor->note, file) >= 0;
	ok = FreeFile(file) == 0 && ok;
	return ok ? path : NULL;
}

/* End the command with all that it has started, by force if it does not go. */
static void
end_child(void)
{
	if (child <= 0)
		return;
	kill(child, SIGTERM);
	kill(-child, SIGTERM);
	for (int i = 0; i < CHILD_END_MS / CHILD_LOOK_MS; i++)
	{
		if (waitpid(child, NULL, WNOHANG) != 0)
		{
			child = 0;
			return;
		}
		pg_usleep(CHILD_LOOK_MS * 1000L);
	}
	kill(-child, SIGKILL);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	child = 0;
}

/* Was another command, or none, posted since? */
static bool
command_changed(const LedgerAnchorState *anchor)
{
	bool		changed;

	LWLockAcquire(&anchor_slot->lock, LW_SHARED);
	changed = strcmp(anchor_slot->anchor.command, anchor->command) != 0;
	LWLockRelease(&anchor_slot->lock);
	return changed;
}

/* Run the command and wait for it; NULL, or the failure in words. It ends with the server. */
static char *
run_command(const LedgerAnchorState *anchor, const char *command)
{
	int			status;
	pid_t		pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return psprintf("could not start a process: %m");
	if (pid == 0)
	{
		/* a group of its own, so that all of it can be ended */
		setpgid(0, 0);
		pqsignal(SIGTERM, SIG_DFL);
		pqsignal(SIGHUP, SIG_DFL);
		pqsignal(SIGUSR1, SIG_DFL);
		pqsignal(SIGPIPE, SIG_DFL);
		pqsignal(SIGINT, SIG_DFL);
		pqsignal(SIGQUIT, SIG_DFL);
		PG_SETMASK(&UnBlockSig);
		execl("/bin/sh", "sh", "-c", command, (char *) NULL);
		_exit(127);
	}
	child = pid;
	for (;;)
	{
		pid_t		ended = waitpid(child, &status, WNOHANG);

		if (ended == child)
			break;
		if (ended < 0 && errno != EINTR)
		{
			child = 0;
			return psprintf("could not wait for the process: %m");
		}
		if (ShutdownRequestPending)
		{
			end_child();
			proc_exit(0);
		}
		if (command_changed(anchor))
		{
			/* most likely because this one hangs; the new one is run at once */
			end_child();
			return replaced;
		}
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, CHILD_LOOK_MS,
						 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
	child = 0;
	return status == 0 ? NULL : wait_result_to_str(status);
}

/* Publish one checkpoint; false when that failed and is to be tried again after a pause. */
static bool
publish(const LedgerAnchorState *anchor)
{
	char	   *path = write_note(anchor);
	char	   *failure;

	if (path == NULL)
		failure = psprintf("could not write a temporary file: %m");
	else
	{
		failure = run_command(anchor, expand(anchor, path));
		unlink(path);
	}
	if (failure == NULL)
	{
		Latch	   *latch = anchor_slot->sealer_latch;

		pg_atomic_write_u64(&anchor_slot->anchored_size, anchor->size);
		if (latch != NULL)
			SetLatch(latch);
		return true;
	}
	if (failure == replaced)
		return true;
	ereport(LOG,
			(errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
			 errmsg("ledger.anchor_command failed for the checkpoint of size %llu: %s",
					(unsigned long long) anchor->size, failure),
			 errdetail("The failed command was: %s", anchor->command)));
	pg_atomic_fetch_add_u64(&anchor_slot->anchor_failures, 1);
	LWLockAcquire(&anchor_slot->lock, LW_EXCLUSIVE);
	strlcpy(anchor_slot->anchor.last_failure, failure, sizeof(anchor_slot->anchor.last_failure));
	anchor_slot->anchor.last_failure_at = GetCurrentTimestamp();
	LWLockRelease(&anchor_slot->lock);
	return false;
}

/* ---- the process ------------------------------------------------------------ */

static void
anchor_exit(int code, Datum arg)
{
	end_child();
	LWLockAcquire(&anchor_slot->lock, LW_EXCLUSIVE);
	if (anchor_slot->anchor.pid == MyProcPid)
	{
		anchor_slot->anchor.pid = 0;
		anchor_slot->anchor.latch = NULL;
	}
	LWLockRelease(&anchor_slot->lock);
}

static bool
take_over(void)
{
	bool		mine;

	LWLockAcquire(&anchor_slot->lock, LW_EXCLUSIVE);
	mine = anchor_slot->anchor.pid == 0;
	if (mine)
	{
		anchor_slot->anchor.pid = MyProcPid;
		anchor_slot->anchor.latch = MyLatch;
	}
	LWLockRelease(&anchor_slot->lock);
	return mine;
}

/* What is to be published now; size 0 when nothing is. */
static void
read_posted(LedgerAnchorState *anchor)
{
	LWLockAcquire(&anchor_slot->lock, LW_SHARED);
	*anchor = anchor_slot->anchor;
	LWLockRelease(&anchor_slot->lock);
	if (anchor->size <= pg_atomic_read_u64(&anchor_slot->anchored_size))
		anchor->size = 0;
}

void
ledger_anchor_main(Datum arg)
{
	MemoryContext context;
	LedgerAnchorState *anchor;
	long		retry = RETRY_MIN_MS;
	TimestampTz idle_since = GetCurrentTimestamp();

	pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
	pqsignal(SIGHUP, SIG_IGN);
	BackgroundWorkerUnblockSignals();
	anchor_slot = &ledger_shared->slots[DatumGetInt32(arg)];
	if (!take_over())
		proc_exit(0);
	before_shmem_exit(anchor_exit, (Datum) 0);
	anchor = MemoryContextAllocZero(TopMemoryContext, sizeof(LedgerAnchorState));
	context = AllocSetContextCreate(TopMemoryContext, "ledger anchor", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);

	for (;;)
	{
		long		wait = LINGER_MS;

		MemoryContextReset(context);
		if (ShutdownRequestPending)
			proc_exit(0);
		read_posted(anchor);
		if (anchor->size > 0)
		{
			if (publish(anchor))
			{
				retry = RETRY_MIN_MS;
				idle_since = GetCurrentTimestamp();
				continue;
			}
			wait = retry;
			retry = Min(retry * 2, RETRY_MAX_MS);
			idle_since = GetCurrentTimestamp();
		}
		else if (TimestampDifferenceExceeds(idle_since, GetCurrentTimestamp(), LINGER_MS))
			proc_exit(0);

		/* nobody would note that it was published; a sealer that comes back posts it again */
		if (anchor_slot->sealer_pid == 0)
			proc_exit(0);
		if (anchor->size > 0)
		{
			/* a newer checkpoint does not shorten the pause after a failure */
			TimestampTz until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), wait);

			while (!ShutdownRequestPending && anchor_slot->sealer_pid != 0 &&
				   (wait = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), until)) > 0)
			{
				(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, wait,
								 PG_WAIT_EXTENSION);
				ResetLatch(MyLatch);
			}
			continue;
		}
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, wait, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
}
