/*
 * network/scrub.c
 *		The scrub worker: verifies a database over and over at a set rate.
 *
 * Damage and manipulation that nobody looks for is found late. One pass is
 * ledger_verify() of everything, slowed to ledger.scrub_rate pages a second;
 * what it finds goes to ledger.incident and to the server log. When a pass ends,
 * no row that is older than its start is unverified since then: that start is
 * shown in ledger.stat.
 *
 * The sealer of the database starts it, with the same settings, and it ends with
 * that sealer. It holds no snapshot between chunks, and no lock. Indexes are left to
 * ledger.verify(), because one cannot be read in small steps.
 */
#include "network/workers.h"

#include "access/xact.h"
#include "chain/catalogue.h"
#include "chain/registry.h"
#include "chain/verify.h"
#include "ledger.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

/* between passes, so that a small database is not read all the time */
#define REST_MS 10000

/* findings kept of one pass; a thousand tell as much as a million */
#define MAX_FINDINGS 1000

typedef struct Scrub
{
	LedgerDbSlot *slot;
	pid_t		sealer;			/* that started this process */
	LedgerVerifyOptions options;
	MemoryContext pass;
	List	   *findings;
} Scrub;

void
ledger_scrub_start(LedgerDbSlot *slot)
{
	BackgroundWorker worker = {0};

	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	snprintf(worker.bgw_name, BGW_MAXLEN, "ledger scrub for database %u", slot->dboid);
	snprintf(worker.bgw_type, BGW_MAXLEN, "ledger scrub");
	snprintf(worker.bgw_library_name, BGW_MAXLEN, "ledger");
	snprintf(worker.bgw_function_name, BGW_MAXLEN, "ledger_scrub_main");
	worker.bgw_main_arg = ObjectIdGetDatum(slot->dboid);
	(void) RegisterDynamicBackgroundWorker(&worker, NULL);
}

static void
scrub_exit(int code, Datum arg)
{
	((LedgerDbSlot *) DatumGetPointer(arg))->scrub_pid = 0;
}

static bool
take_over(LedgerDbSlot *slot)
{
	bool		mine;

	LWLockAcquire(&ledger_shared->lock, LW_EXCLUSIVE);
	mine = slot->scrub_pid == 0;
	if (mine)
		slot->scrub_pid = MyProcPid;
	LWLockRelease(&ledger_shared->lock);
	return mine;
}

static void
keep_finding(void *arg, const LedgerFinding *finding)
{
	Scrub	   *scrub = arg;
	LedgerFinding *kept;
	MemoryContext old;

	if (finding->severity == LEDGER_INFO || list_length(scrub->findings) >= MAX_FINDINGS)
		return;
	old = MemoryContextSwitchTo(scrub->pass);
	kept = palloc(sizeof(LedgerFinding));
	*kept = *finding;
	kept->relation = finding->relation ? pstrdup(finding->relation) : NULL;
	kept->problem = pstrdup(finding->problem);
	scrub->findings = lappend(scrub->findings, kept);
	MemoryContextSwitchTo(old);
}

/* One row for each problem, however often it is found. */
static void
record(const LedgerFinding *finding)
{
	if (ledger_incident_add(ledger_chain()->chain_id, ledger_severity_name(finding->severity),
							finding->relation, finding->has_tx ? &finding->ledger_tx : NULL,
							finding->has_tx ? finding->ledger_seq : -1, finding->problem))
		ereport(LOG,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("ledger scrub found: %s", finding->problem),
				 finding->relation ? errdetail("Relation %s, transaction %lld.", finding->relation,
											   (long long) finding->ledger_tx) : 0,
				 errhint("Run ledger.verify().")));
}

static void
record_findings(Scrub *scrub)
{
	ListCell   *lc;

	if (scrub->findings == NIL)
		return;
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	foreach(lc, scrub->findings)
		record(lfirst(lc));
	PopActiveSnapshot();
	CommitTransactionCommand();
}

/*
 * Between two steps of a pass, which may take days. A sealer that left, or was
 * replaced because settings changed, takes this process along.
 */
static void
look_around(void *arg)
{
	Scrub	   *scrub = arg;

	if (ProcDiePending || scrub->slot->sealer_pid != scrub->sealer)
		proc_exit(0);			/* without a word in the log */
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
	}
	if (ledger_scrub_rate == 0)
		proc_exit(0);
	scrub->options.pages_per_second = ledger_scrub_rate;
}

static void
pass(Scrub *scrub)
{
	TimestampTz start = GetCurrentTimestamp();
	bool		founded;

	scrub->findings = NIL;
	pgstat_report_activity(STATE_RUNNING, "verifying");
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	founded = ledger_chain() != NULL;
	if (founded)
		(void) ledger_verify(&scrub->options, keep_finding, scrub);
	CommitTransactionCommand();
	if (founded)
	{
		record_findings(scrub);
		pg_atomic_write_u64(&scrub->slot->oldest_unverified, (uint64) start);
		pg_atomic_fetch_add_u64(&scrub->slot->scrub_passes, 1);
	}
	MemoryContextReset(scrub->pass);
	pgstat_report_stat(true);
	pgstat_report_activity(STATE_IDLE, NULL);
}

void
ledger_scrub_main(Datum arg)
{
	Oid			dboid = DatumGetObjectId(arg);
	Scrub		scrub = {0};

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnectionByOid(dboid, InvalidOid, 0);
	SetConfigOption("search_path", "pg_catalog, pg_temp", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("row_security", "off", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("statement_timeout", "0", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("idle_in_transaction_session_timeout", "0", PGC_SUSET, PGC_S_OVERRIDE);

	scrub.slot = ledger_find_slot(dboid);
	if (scrub.slot == NULL || !take_over(scrub.slot))
		proc_exit(0);
	before_shmem_exit(scrub_exit, PointerGetDatum(scrub.slot));
	scrub.pass = AllocSetContextCreate(TopMemoryContext, "ledger scrub pass", ALLOCSET_DEFAULT_SIZES);
	scrub.sealer = scrub.slot->sealer_pid;
	scrub.options.to_tx = PG_UINT64_MAX;
	scrub.options.pause = look_around;
	scrub.options.pause_arg = &scrub;
	for (;;)
	{
		look_around(&scrub);
		pass(&scrub);
		look_around(&scrub);
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, REST_MS,
						 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
}
