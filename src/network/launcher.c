/*
 * network/launcher.c
 *		Starts the sealers.
 *
 * After a server start it looks into each database once, one after the other: a
 * crash may have left entries there that nobody sealed. Later a database calls
 * for its sealer through shared memory, at its first write and whenever it
 * writes while none is running. Sealers are not restarted by the postmaster,
 * because only the launcher knows whether one is still wanted.
 */
#include "network/workers.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "ledger.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/proc.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

#define RESTART_SECONDS 5
#define IDLE_WAIT_MS 10000
#define BUSY_WAIT_MS 500
#define RETRY_MS 5000			/* after a sealer that could not even connect */
#define FULL_MESSAGE_MS 60000

/* A sealer that was registered and has not been seen to end. */
typedef struct Started
{
	Oid			dboid;
	bool		probe;
	uint32		takeovers;		/* of the slot, before it was started */
	BackgroundWorkerHandle *handle;
} Started;

static MemoryContext launcher_context;
static List *started = NIL;		/* of Started * */
static List *to_probe = NIL;	/* Oids */
static TimestampTz full_message_at = 0;

/* ---- databases -------------------------------------------------------------- */

bool
ledger_database_is_listed(const char *name)
{
	List	   *names;
	ListCell   *cell;
	char	   *copy;
	bool		found = false;

	if (ledger_databases == NULL || ledger_databases[0] == '\0')
		return true;
	copy = pstrdup(ledger_databases);
	if (!SplitIdentifierString(copy, ',', &names))
	{
		/* better too much sealed than too little */
		ereport(LOG,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("parameter \"%s\" is not a list of names: \"%s\"", "ledger.databases", ledger_databases)));
		pfree(copy);
		return true;
	}
	foreach(cell, names)
	{
		if (strcmp(lfirst(cell), name) == 0)
			found = true;
	}
	list_free(names);
	pfree(copy);
	return found;
}

typedef struct Database
{
	Oid			oid;
	bool		listed;
	bool		probe;			/* to be looked into at start */
} Database;

/* Every database that can be connected to. */
static List *
all_databases(void)
{
	MemoryContext context = CurrentMemoryContext;
	List	   *result = NIL;
	Relation	rel;
	TableScanDesc scan;
	HeapTuple	tuple;

	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	rel = table_open(DatabaseRelationId, AccessShareLock);
	scan = table_beginscan_catalog(rel, 0, NULL);
	while ((tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		Form_pg_database form = (Form_pg_database) GETSTRUCT(tuple);
		MemoryContext old;
		Database   *database;

		if (!form->datallowconn)
			continue;
		old = MemoryContextSwitchTo(context);
		database = palloc(sizeof(Database));
		database->oid = form->oid;
		database->listed = ledger_database_is_listed(NameStr(form->datname));
		database->probe = database->listed && !form->datistemplate;
		result = lappend(result, database);
		MemoryContextSwitchTo(old);
	}
	table_endscan(scan);
	table_close(rel, AccessShareLock);
	CommitTransactionCommand();
	MemoryContextSwitchTo(context);
	return result;
}

static const Database *
find_database(List *databases, Oid oid)
{
	ListCell   *cell;

	foreach(cell, databases)
	{
		if (((Database *) lfirst(cell))->oid == oid)
			return lfirst(cell);
	}
	return NULL;
}

/* Look into every database, once more. */
static void
plan_probes(void)
{
	List	   *databases = all_databases();
	ListCell   *cell;

	list_free(to_probe);
	to_probe = NIL;
	foreach(cell, databases)
	{
		Database   *database = lfirst(cell);
		MemoryContext old;

		if (!database->probe)
			continue;
		old = MemoryContextSwitchTo(launcher_context);
		to_probe = lappend_oid(to_probe, database->oid);
		MemoryContextSwitchTo(old);
	}
}

/* ---- starting --------------------------------------------------------------- */

static bool
start_sealer(Oid dboid, bool probe)
{
	BackgroundWorker worker = {0};
	BackgroundWorkerHandle *handle;
	LedgerDbSlot *slot = ledger_find_slot(dboid);
	MemoryContext old;
	Started	   *entry;

	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	snprintf(worker.bgw_name, BGW_MAXLEN, "ledger sealer for database %u", dboid);
	snprintf(worker.bgw_type, BGW_MAXLEN, "ledger sealer");
	snprintf(worker.bgw_library_name, BGW_MAXLEN, "ledger");
	snprintf(worker.bgw_function_name, BGW_MAXLEN, "ledger_sealer_main");
	worker.bgw_main_arg = ObjectIdGetDatum(dboid);
	worker.bgw_extra[0] = probe ? LEDGER_SEALER_PROBE : '\0';
	worker.bgw_notify_pid = MyProcPid;

	old = MemoryContextSwitchTo(launcher_context);
	if (!RegisterDynamicBackgroundWorker(&worker, &handle))
	{
		TimestampTz now = GetCurrentTimestamp();

		MemoryContextSwitchTo(old);
		if (TimestampDifferenceExceeds(full_message_at, now, FULL_MESSAGE_MS))
		{
			full_message_at = now;
			ereport(LOG,
					(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
					 errmsg("no background process is free for the ledger sealer of database %u", dboid),
					 errhint("Raise max_worker_processes.")));
		}
		return false;
	}
	entry = palloc(sizeof(Started));
	entry->dboid = dboid;
	entry->probe = probe;
	entry->takeovers = slot != NULL ? slot->takeovers : 0;
	entry->handle = handle;
	started = lappend(started, entry);
	MemoryContextSwitchTo(old);
	return true;
}

static bool
is_started(Oid dboid)
{
	ListCell   *cell;

	foreach(cell, started)
	{
		if (((Started *) lfirst(cell))->dboid == dboid)
			return true;
	}
	return false;
}

/* Forget sealers that have ended. True when one is still being waited for. */
static bool
reap(void)
{
	ListCell   *cell;
	bool		probing = false;

	foreach(cell, started)
	{
		Started	   *entry = lfirst(cell);
		LedgerDbSlot *slot = ledger_find_slot(entry->dboid);
		pid_t		pid;

		if (GetBackgroundWorkerPid(entry->handle, &pid) != BGWH_STOPPED)
		{
			/* once it has its slot the next one may be probed */
			if (entry->probe && (slot == NULL || slot->sealer_pid != pid))
				probing = true;
			continue;
		}

		/* it could not even connect: do not try again and again */
		if (slot != NULL && slot->takeovers == entry->takeovers && !entry->probe)
			slot->sealer_not_before = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), RETRY_MS);
		started = foreach_delete_current(started, cell);
		pfree(entry->handle);
		pfree(entry);
	}
	return probing;
}

/* Start what is wanted. True when something has to be looked at again soon. */
static bool
start_wanted(void)
{
	List	   *databases = NIL;
	bool		pending = false;

	for (int i = 0; i < LEDGER_MAX_DATABASES; i++)
	{
		LedgerDbSlot *slot = &ledger_shared->slots[i];
		Oid			dboid = slot->dboid;
		const Database *database;

		if (!OidIsValid(dboid) || slot->sealer_pid != 0 || is_started(dboid))
			continue;
		if (!slot->sealer_wanted && pg_atomic_read_u32(&slot->work) == 0)
			continue;
		if (slot->sealer_not_before > GetCurrentTimestamp())
		{
			pending = true;
			continue;
		}
		if (databases == NIL)
			databases = all_databases();
		database = find_database(databases, dboid);
		slot->sealer_wanted = false;
		if (database == NULL || !database->listed)
		{
			/* dropped, closed to connections, or left out by ledger.databases */
			slot->sealing_off = true;
			pg_atomic_write_u32(&slot->work, 0);
			continue;
		}
		if (!start_sealer(dboid, false))
		{
			slot->sealer_wanted = true;
			pending = true;
		}
	}
	return pending;
}

static void
launcher_exit(int code, Datum arg)
{
	ledger_shared->launcher_pid = 0;
	ledger_shared->launcher_latch = NULL;
}

void
ledger_launcher_main(Datum arg)
{
	MemoryContext loop_context;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();

	/* shared catalogues only */
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);

	launcher_context = AllocSetContextCreate(TopMemoryContext, "ledger launcher", ALLOCSET_DEFAULT_SIZES);
	loop_context = AllocSetContextCreate(TopMemoryContext, "ledger launcher loop", ALLOCSET_DEFAULT_SIZES);
	before_shmem_exit(launcher_exit, (Datum) 0);
	ledger_shared->launcher_latch = MyLatch;
	ledger_shared->launcher_pid = MyProcPid;
	pgstat_report_appname("ledger launcher");

	MemoryContextSwitchTo(loop_context);
	plan_probes();
	for (;;)
	{
		bool		pending;

		ResetLatch(MyLatch);
		if (ProcDiePending)
			proc_exit(0);
		CHECK_FOR_INTERRUPTS();
		MemoryContextSwitchTo(loop_context);
		MemoryContextReset(loop_context);
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);

			/* ledger.databases may let more in */
			for (int i = 0; i < LEDGER_MAX_DATABASES; i++)
				ledger_shared->slots[i].sealing_off = false;
			plan_probes();
		}

		pending = reap();
		if (!pending && to_probe != NIL)
		{
			Oid			dboid = linitial_oid(to_probe);

			if (is_started(dboid) || start_sealer(dboid, true))
				to_probe = list_delete_first(to_probe);
			pending = true;
		}
		pending |= start_wanted();
		pgstat_report_activity(STATE_IDLE, NULL);
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 pending ? BUSY_WAIT_MS : IDLE_WAIT_MS, PG_WAIT_EXTENSION);
	}
}

void
ledger_launcher_register(void)
{
	BackgroundWorker worker = {0};

	if (!process_shared_preload_libraries_in_progress || IsBinaryUpgrade)
		return;
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = RESTART_SECONDS;
	snprintf(worker.bgw_name, BGW_MAXLEN, "ledger launcher");
	snprintf(worker.bgw_type, BGW_MAXLEN, "ledger launcher");
	snprintf(worker.bgw_library_name, BGW_MAXLEN, "ledger");
	snprintf(worker.bgw_function_name, BGW_MAXLEN, "ledger_launcher_main");
	RegisterBackgroundWorker(&worker);
}
