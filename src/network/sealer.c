/*
 * network/sealer.c
 *		The process that seals the chain of one database.
 *
 * It looks, seals what is committed, looks again until nothing is left, signs
 * the newest block, and sleeps until a commit wakes it or a second has passed
 * (COMMIT PREPARED runs no callback). With nothing to do for a minute it goes;
 * the next write calls it back. It also goes when it is asked to, so that DROP
 * DATABASE and the like are not held up.
 *
 * All that it knows is in the tables. After an ERROR it ends, the launcher starts
 * another one after a while, and that goes on from the newest block.
 */
#include "network/workers.h"

#include "access/xact.h"
#include "chain/checkpoint.h"
#include "chain/seal.h"
#include "commands/dbcommands.h"
#include "executor/spi.h"
#include "ledger.h"
#include "miscadmin.h"
#include "network/signer.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "replication/syncrep.h"
#include "storage/ipc.h"
#include "storage/proc.h"
#include "storage/proclist.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#define LOOK_MS 1000
#define IDLE_EXIT_MS 60000
#define BACKOFF_MIN_MS 1000
#define BACKOFF_MAX_MS 30000

/* Checkpoints are signed at most this often, and one for each minute is kept. */
#define SIGN_MS 100
#define KEEP_CHECKPOINT_US USECS_PER_MINUTE

/*
 * Under load a block for each few entries would write more about blocks than
 * about entries. When the last block had several entries and nobody waits for
 * the next one, it is begun this long after the last.
 */
#define PACE_MS 20
#define PACE_MIN_ENTRIES 4

typedef struct SealerProcess
{
	LedgerDbSlot *slot;
	char		database[NAMEDATALEN];
	char	   *settings;		/* those of the database when this process started */
	TimestampTz settings_checked_at;
	MemoryContext context;
	MemoryContext loop_context; /* of one round; a commit leaves TopMemoryContext as the current one */

	LedgerSealer *sealer;		/* NULL where there is nothing to seal */
	LedgerIdentity identity;
	LedgerSigner *signer;

	TimestampTz identity_checked_at;
	bool		busy;			/* the last round had something to do, or left something */
	TimestampTz busy_at;
	TimestampTz block_at;
	uint64		block_entries;
	TimestampTz signed_at;
	TimestampTz kept_at;		/* when the newest checkpoint that is kept was signed */
	uint64		signed_size;
	uint64		anchored_size;
	TimestampTz scrub_at;		/* the scrub worker was last started */
	uint64		posted_size;	/* given to the anchor worker */
	TimestampTz posted_at;
	char		note[LEDGER_NOTE_MAX];	/* the newest, empty if it is not known */
} SealerProcess;

/* Was it told to end? That is no failure. */
static volatile sig_atomic_t told_to_end = false;

/* ---- beginning and end ------------------------------------------------------ */

static void
handle_sigterm(SIGNAL_ARGS)
{
	told_to_end = true;
	die(postgres_signal_arg);
}

static void
sealer_exit(int code, Datum arg)
{
	LedgerDbSlot *slot = (LedgerDbSlot *) DatumGetPointer(arg);

	if (slot->sealer_pid != MyProcPid)
		return;
	if (told_to_end)
		slot->sealer_wanted = true; /* unless the server is going down, it is still needed */
	else if (code != 0)
	{
		long		backoff = BACKOFF_MIN_MS << Min(slot->sealer_failures, 5);

		slot->sealer_failures++;
		slot->sealer_not_before =
			TimestampTzPlusMilliseconds(GetCurrentTimestamp(), Min(backoff, BACKOFF_MAX_MS));
		slot->sealer_wanted = true;
	}
	slot->pending = 0;
	slot->sealer_latch = NULL;
	slot->sealer_pid = 0;
	pg_memory_barrier();

	/* a commit that still saw this process counts on being looked at */
	if (pg_atomic_read_u32(&slot->work) != 0)
		slot->sealer_wanted = true;
	if (slot->sealer_wanted && ledger_shared->launcher_latch != NULL)
		SetLatch(ledger_shared->launcher_latch);
}

/*
 * Be the sealer of this database; false when there is one, or when the last one was
 * asked to leave while this process was on its way.
 */
static bool
take_over(LedgerDbSlot *slot)
{
	bool		mine;

	LWLockAcquire(&ledger_shared->lock, LW_EXCLUSIVE);
	if (GetCurrentTimestamp() < slot->sealer_not_before)
	{
		slot->takeovers++;		/* the launcher need not think that it failed */
		slot->sealer_wanted = true;
		mine = false;
	}
	else
		mine = slot->sealer_pid == 0;
	if (mine)
	{
		slot->sealer_latch = MyLatch;
		slot->sealer_leave = false;
		slot->sealer_wanted = false;
		slot->sealing_off = false;
		slot->takeovers++;
		pg_atomic_write_u32(&slot->sealer_asleep, 0);
		slot->sealer_pid = MyProcPid;
	}
	LWLockRelease(&ledger_shared->lock);
	return mine;
}

/* What users may set for their sessions must not change what this process does. */
static void
pin_settings(void)
{
	static const char *const settings[][2] = {
		{"default_transaction_isolation", "read committed"},
		{"default_transaction_read_only", "off"},
		{"default_transaction_deferrable", "off"},
		{"statement_timeout", "0"},
		{"lock_timeout", "0"},
		{"idle_in_transaction_session_timeout", "0"},
		{"search_path", "pg_catalog, pg_temp"},
		{"row_security", "off"},
		{"session_replication_role", "origin"},
		{"default_tablespace", ""},
		{"bytea_output", "hex"}
	};

	for (int i = 0; i < (int) lengthof(settings); i++)
		SetConfigOption(settings[i][0], settings[i][1], PGC_SUSET, PGC_S_OVERRIDE);

	/* a block is durable, on the synchronous standbys too, before anything is said about it */
	if (synchronous_commit < SYNCHRONOUS_COMMIT_REMOTE_FLUSH)
		SetConfigOption("synchronous_commit", "on", PGC_SUSET, PGC_S_OVERRIDE);
}

/* The settings of this database, as text; they are read at the start of a process only. */
static char *
database_settings(void)
{
	MemoryContext context = CurrentMemoryContext;
	char	   *result = NULL;

	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	SPI_connect();
	if (SPI_execute(
			"SELECT pg_catalog.array_to_string(setconfig, E'\\n') FROM pg_catalog.pg_db_role_setting s"
			" JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase"
			" WHERE d.datname = pg_catalog.current_database() AND s.setrole = 0",
			true, 1) == SPI_OK_SELECT &&
		SPI_processed == 1)
	{
		char	   *value = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);

		result = value != NULL ? MemoryContextStrdup(context, value) : NULL;
	}
	SPI_finish();
	PopActiveSnapshot();
	CommitTransactionCommand();
	MemoryContextSwitchTo(context);
	return result != NULL ? result : pstrdup("");
}

/*
 * Apply our own ones among them to this process. The text was read a moment
 * after PostgreSQL had applied what there was then: a setting made in between
 * would be taken for known and never come into force.
 */
static void
apply_settings(const char *settings)
{
	char	   *copy = pstrdup(settings);
	char	   *next;

	for (char *line = copy; line != NULL; line = next)
	{
		char	   *value;

		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		value = strchr(line, '=');
		if (value == NULL || strncmp(line, "ledger.", strlen("ledger.")) != 0)
			continue;
		*value++ = '\0';
		/* as at the start of a process, a bad value is a warning */
		(void) set_config_option(line, value, PGC_SUSET, PGC_S_DATABASE, GUC_ACTION_SET, true, WARNING,
								 false);
	}
	pfree(copy);
}

/* ALTER DATABASE ... SET reaches new processes only: make way for one. */
static void
leave_if_settings_changed(SealerProcess *p, TimestampTz now)
{
	if (!TimestampDifferenceExceeds(p->settings_checked_at, now, LOOK_MS))
		return;
	p->settings_checked_at = now;
	MemoryContextSwitchTo(p->loop_context);
	if (strcmp(database_settings(), p->settings) != 0)
	{
		p->slot->sealer_wanted = true;
		proc_exit(0);
	}
}

/* ---- the chain -------------------------------------------------------------- */

/*
 * May this chain be sealed and signed here? Runs a transaction. The answer may
 * change by an operator's word, so where it is no, it is asked for again.
 */
static void
check_identity(SealerProcess *p, TimestampTz now)
{
	const LedgerChain *chain;
	LedgerIdentity identity = LEDGER_IDENTITY_NONE;
	char	   *why = NULL;

	p->identity_checked_at = now;
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	chain = ledger_extension_exists() ? ledger_chain() : NULL;
	if (chain != NULL)
		identity = ledger_restore ? LEDGER_IDENTITY_NONE : ledger_chain_identity(chain, &why);
	if (identity == LEDGER_IDENTITY_COPY && p->identity != identity)
		ereport(LOG,
				(errmsg("nothing is sealed in database \"%s\": %s", p->database, why),
				 errhint("%s", ledger_chain_identity_remedy(chain))));
	if (why != NULL)
		ledger_signer_refuse(p->signer, why, ledger_chain_identity_remedy(chain));
	PopActiveSnapshot();
	CommitTransactionCommand();

	p->identity = identity;
	p->slot->sealing_off = identity == LEDGER_IDENTITY_COPY || (chain != NULL && ledger_restore);
	if (p->sealer != NULL && identity != LEDGER_IDENTITY_OURS && identity != LEDGER_IDENTITY_TIMELINE)
	{
		ledger_sealer_close(p->sealer);
		p->sealer = NULL;
	}
}

static void
open_chain(SealerProcess *p)
{
	p->sealer = ledger_sealer_open(p->context, p->slot->sealer_failures > 0);
	if (p->sealer == NULL)
		return;
	p->signed_size = pg_atomic_read_u64(&p->slot->signed_size);
	p->anchored_size = pg_atomic_read_u64(&p->slot->anchored_size);
	p->posted_size = p->anchored_size;
	p->note[0] = '\0';

	/* signed and not published before the last process ended */
	if (p->signed_size > p->anchored_size)
		ledger_checkpoint_load(p->sealer, p->signed_size, p->note);
}

static void
sign(SealerProcess *p, TimestampTz now)
{
	const ledger_key *key;
	bool		thin = p->signed_size > 0 && p->kept_at != 0 && now - p->kept_at < KEEP_CHECKPOINT_US;

	/* the first signature names the chain's key for good: not by settings of a moment ago */
	if (p->signed_size == 0)
		p->settings_checked_at = 0;
	leave_if_settings_changed(p, now);
	MemoryContextSwitchTo(p->loop_context);
	key = ledger_signer_key(p->signer, p->sealer);
	if (key == NULL)
		return;
	ledger_checkpoint_sign(p->sealer, key, p->signed_size, thin, p->note);
	if (!thin)
		p->kept_at = now;
	p->signed_at = now;
	p->signed_size = ledger_sealer_size(p->sealer);
	pg_atomic_write_u64(&p->slot->signed_size, p->signed_size);
}

/* Hand the newest checkpoint to the anchor worker, and note what it has published. True while it is at it. */
static bool
anchor(SealerProcess *p)
{
	uint64		done = pg_atomic_read_u64(&p->slot->anchored_size);
	TimestampTz now;

	if (done > p->anchored_size)
	{
		ledger_checkpoint_published(p->sealer, done);
		p->anchored_size = done;
	}
	if (ledger_anchor_command == NULL || ledger_anchor_command[0] == '\0' || p->note[0] == '\0' ||
		p->signed_size <= p->anchored_size)
		return false;
	now = GetCurrentTimestamp();
	if (p->signed_size > p->posted_size ||
		(p->slot->anchor.pid == 0 && TimestampDifferenceExceeds(p->posted_at, now, LOOK_MS)))
	{
		/* the worker may have left just when it was given something: then once more */
		p->posted_at = now;
		if (ledger_anchor_post(p->slot, p->signed_size, p->note, ledger_sealer_chain(p->sealer)->origin,
							   p->database, ledger_anchor_command))
			p->posted_size = p->signed_size;
	}
	return true;
}

/* ---- the loop --------------------------------------------------------------- */

/* How long the next block is put off, in milliseconds. */
static long
pace(const SealerProcess *p, TimestampTz now)
{
	long		since = (long) ((now - p->block_at) / 1000);

	/* the list of waiters is read without its lock: a few milliseconds are at stake */
	if (p->block_entries < PACE_MIN_ENTRIES || since < 0 || since >= PACE_MS ||
		!proclist_is_empty(&p->slot->sealed_cv.wakeup))
		return 0;
	return PACE_MS - since;
}

/* One look, and what follows from it. Gives the longest time to wait for the next, in milliseconds. */
static long
one_round(SealerProcess *p)
{
	TimestampTz now = GetCurrentTimestamp();
	uint64		sealed;
	long		wait = LOOK_MS;

	p->busy = false;

	/* work is what is committed from here on */
	pg_atomic_write_u32(&p->slot->work, 0);
	pg_memory_barrier();

	if (p->sealer == NULL ||
		(p->identity != LEDGER_IDENTITY_OURS &&
		 TimestampDifferenceExceeds(p->identity_checked_at, now, LOOK_MS)))
	{
		check_identity(p, now);
		if (p->sealer == NULL &&
			(p->identity == LEDGER_IDENTITY_OURS || p->identity == LEDGER_IDENTITY_TIMELINE))
			open_chain(p);
		if (p->sealer == NULL)
			return wait;
	}

	if (!ledger_sealer_tick(p->sealer, &sealed))
	{
		/* another chain, or another origin: from the beginning */
		ledger_sealer_close(p->sealer);
		p->sealer = NULL;
		p->busy = true;
		return 0;
	}
	if (sealed > 0)
	{
		p->block_at = now;
		p->block_entries = sealed;
		p->slot->sealer_failures = 0;
	}
	p->slot->pending = (uint32) ledger_sealer_pending(p->sealer);
	p->busy = sealed > 0 || p->slot->pending > 0;

	if (ledger_sealer_size(p->sealer) > p->signed_size && p->identity == LEDGER_IDENTITY_OURS)
	{
		now = GetCurrentTimestamp();
		if (TimestampDifferenceExceeds(p->signed_at, now, SIGN_MS))
			sign(p, now);
		else
			wait = SIGN_MS;

		/* also without a key: somebody has to notice when it is there */
		p->busy = true;
	}
	if (anchor(p))
		p->busy = true;
	if (ledger_scrub_rate > 0)
	{
		p->busy = true;
		if (p->slot->scrub_pid == 0 && TimestampDifferenceExceeds(p->scrub_at, now, LOOK_MS))
		{
			p->scrub_at = now;
			ledger_scrub_start(p->slot);
		}
	}
	return wait;
}

/* Sleep until there may be something to do, or for the time given. */
static void
wait_for_work(SealerProcess *p, long timeout)
{
	LedgerDbSlot *slot = p->slot;
	long		pause;

	/* a commit sets the latch of a sealer that says it is asleep; with no chain to seal it says nothing */
	if (p->sealer != NULL)
		pg_atomic_write_u32(&slot->sealer_asleep, 1);
	pg_memory_barrier();
	if ((pg_atomic_read_u32(&slot->work) == 0 || p->sealer == NULL) && timeout > 0)
	{
		pgstat_report_activity(STATE_IDLE, NULL);
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, timeout,
						 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
	pg_atomic_write_u32(&slot->sealer_asleep, 0);
	pg_memory_barrier();

	/* woken by the first commit of many, perhaps; somebody who waits for the block sets the latch again */
	while (pg_atomic_read_u32(&slot->work) != 0 && !ProcDiePending && !slot->sealer_leave &&
		   (pause = pace(p, GetCurrentTimestamp())) > 0)
	{
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, pause, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
}

static void
run(SealerProcess *p, bool probe)
{
	for (;;)
	{
		long		wait;
		TimestampTz now;

		MemoryContextSwitchTo(p->loop_context);
		MemoryContextReset(p->loop_context);
		if (ProcDiePending)
			proc_exit(0);
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}
		if (p->slot->sealer_leave || !ledger_database_is_listed(p->database))
		{
			/* what is not sealed yet is left to the next one */
			pg_atomic_write_u32(&p->slot->work, 1);
			proc_exit(0);
		}

		pgstat_report_activity(STATE_RUNNING, "sealing");
		wait = one_round(p);
		pgstat_report_stat(false);

		now = GetCurrentTimestamp();
		leave_if_settings_changed(p, now);
		if (p->busy)
			p->busy_at = now;
		else if ((probe || TimestampDifferenceExceeds(p->busy_at, now, IDLE_EXIT_MS)) &&
				 pg_atomic_read_u32(&p->slot->work) == 0)
			proc_exit(0);
		wait_for_work(p, wait);
	}
}

void
ledger_sealer_main(Datum arg)
{
	Oid			dboid = DatumGetObjectId(arg);
	bool		probe = MyBgworkerEntry->bgw_extra[0] == LEDGER_SEALER_PROBE;
	bool		exists;
	SealerProcess *p;
	LedgerDbSlot *slot;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, handle_sigterm);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnectionByOid(dboid, InvalidOid, 0);
	pin_settings();

	StartTransactionCommand();
	exists = ledger_extension_exists();
	p = MemoryContextAllocZero(TopMemoryContext, sizeof(SealerProcess));
	strlcpy(p->database, get_database_name(dboid), NAMEDATALEN);
	CommitTransactionCommand();
	if (!exists || !ledger_database_is_listed(p->database))
		proc_exit(0);

	slot = ledger_my_slot();
	if (!take_over(slot))
		proc_exit(0);
	before_shmem_exit(sealer_exit, PointerGetDatum(slot));

	p->slot = slot;
	p->context = AllocSetContextCreate(TopMemoryContext, "ledger sealer process", ALLOCSET_DEFAULT_SIZES);
	p->loop_context = AllocSetContextCreate(p->context, "ledger sealer loop", ALLOCSET_DEFAULT_SIZES);
	p->signer = ledger_signer_new(p->context, slot);
	p->busy_at = GetCurrentTimestamp();
	p->settings_checked_at = p->busy_at;
	MemoryContextSwitchTo(p->context);
	p->settings = database_settings();
	apply_settings(p->settings);

	PG_TRY();
	{
		run(p, probe);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		/* keep what happened for health_check(); the process ends, and the launcher starts another */
		MemoryContextSwitchTo(p->context);
		error = CopyErrorData();
		LWLockReleaseAll();
		LWLockAcquire(&slot->lock, LW_EXCLUSIVE);
		strlcpy(slot->last_error, error->message != NULL ? error->message : "", sizeof(slot->last_error));
		slot->last_error_at = GetCurrentTimestamp();
		LWLockRelease(&slot->lock);
		pg_atomic_fetch_add_u64(&slot->seal_errors, 1);
		FreeErrorData(error);
		PG_RE_THROW();
	}
	PG_END_TRY();
}
