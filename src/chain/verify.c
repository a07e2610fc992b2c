/*
 * chain/verify.c
 *		The leader of a verification: rounds, findings, summary.
 *
 * What is verified is fixed at the start: the newest block, the tables and their
 * files. A table whose file changes meanwhile (VACUUM FULL, CLUSTER, SET
 * TABLESPACE) is done again in another round, and what was found in it before is
 * dropped. Findings therefore wait for the end of their round.
 */
#include "chain/verify_leader.h"

#include "chain/shmem.h"
#include "chain/xact_state.h"
#include "common/base64.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/latch.h"
#include "utils/backend_progress.h"
#include "utils/backend_status.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/wait_event.h"

#define MAX_ROUNDS 5

/* A command number that PostgreSQL does not use, in its own progress counters. */
#define PROGRESS_LEDGER_VERIFY ((ProgressCommandType) 0x6c65)

enum
{
	PROGRESS_PHASE,
	PROGRESS_TOTAL,
	PROGRESS_DONE,
	PROGRESS_ROWS,
	PROGRESS_ENTRIES,
	PROGRESS_FINDINGS,
	PROGRESS_WORKERS
};

typedef enum Phase
{
	PHASE_PLAN,
	PHASE_SCAN,
	PHASE_JOIN,
	PHASE_CATALOG,
	PHASES
} Phase;

static const char *const phase_names[PHASES] = {
	"planning", "reading the chain and the tables", "joining row trees", "comparing the catalogue"
};

const char *
ledger_severity_name(LedgerSeverity severity)
{
	static const char *const names[] = {"info", "warning", "error"};

	return names[severity];
}

/* ---- progress ------------------------------------------------------------ */

const char *
ledger_verify_phase_name(int phase)
{
	return phase >= 0 && phase < PHASES ? phase_names[phase] : NULL;
}

int
ledger_verify_progress_slots(void)
{
	return pgstat_fetch_stat_numbackends();
}

bool
ledger_verify_progress(int index, LedgerVerifyProgress *progress)
{
	LocalPgBackendStatus *local = pgstat_fetch_stat_local_beentry(index);
	PgBackendStatus *status;

	if (local == NULL)
		return false;
	status = &local->backendStatus;
	if (status->st_progress_command != PROGRESS_LEDGER_VERIFY)
		return false;
	progress->pid = status->st_procpid;
	progress->dboid = status->st_databaseid;
	progress->phase = (int) status->st_progress_param[PROGRESS_PHASE];
	progress->chunks_total = status->st_progress_param[PROGRESS_TOTAL];
	progress->chunks_done = status->st_progress_param[PROGRESS_DONE];
	progress->rows = status->st_progress_param[PROGRESS_ROWS];
	progress->entries = status->st_progress_param[PROGRESS_ENTRIES];
	progress->findings = status->st_progress_param[PROGRESS_FINDINGS];
	progress->workers = (int) status->st_progress_param[PROGRESS_WORKERS];
	return true;
}

static uint64
rows_done(VerifyShared *shared)
{
	uint64		rows = 0;

	for (int i = 0; i < shared->ntables; i++)
		rows += pg_atomic_read_u64(&verify_tables(shared)[i].rows);
	return rows;
}

/* Wait until the work done since the last time is no more than what the rate allows. */
static void
pace(VerifyLeader *leader)
{
	uint64		done = pg_atomic_read_u64(&leader->run->shared->tickets_done);
	TimestampTz now;
	int64		left;

	for (;;)
	{
		/* Every chunk counts as one of pages: those of the log are about as much work. */
		int64		due = (int64) ((done - leader->paced_done) * leader->run->shared->chunk_pages * 1000 /
							 Max(leader->options->pages_per_second, 1));

		now = GetCurrentTimestamp();
		left = due - TimestampDifferenceMilliseconds(leader->paced_at, now);
		if (left <= 0)
			break;
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, Min(left, 1000),
						 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		if (leader->options->pause != NULL)
			leader->options->pause(leader->options->pause_arg);
	}
	leader->paced_done = done;
	leader->paced_at = now;
}

void
ledger_verify_leader_pause(VerifyLeader *leader)
{
	VerifyShared *shared = leader->run->shared;
	TimestampTz now = GetCurrentTimestamp();

	pgstat_progress_update_param(PROGRESS_DONE, pg_atomic_read_u64(&shared->tickets_done));
	pgstat_progress_update_param(PROGRESS_ROWS, rows_done(shared));
	pgstat_progress_update_param(PROGRESS_ENTRIES, pg_atomic_read_u64(&shared->entries));
	pgstat_progress_update_param(PROGRESS_FINDINGS, leader->findings);
	if (now - leader->refreshed > USECS_PER_SEC)
	{
		ledger_verify_refresh_snapshot(&leader->arrays);
		leader->refreshed = now;
	}
	InvalidateCatalogSnapshotConditionally();
	if (leader->options->pages_per_second > 0)
		pace(leader);
	if (leader->options->pause != NULL)
		leader->options->pause(leader->options->pause_arg);
}

void
ledger_verify_leader_workers(VerifyLeader *leader, int n)
{
	pgstat_progress_update_param(PROGRESS_WORKERS, n);
}

/* ---- findings ------------------------------------------------------------ */

static void
tell(VerifyLeader *leader, const VerifyFindingMessage *head, const char *problem)
{
	LedgerFinding finding = {0};
	RelationName *name =
		OidIsValid(head->relid) ? hash_search(leader->names, &head->relid, HASH_FIND, NULL) : NULL;
	char		unnamed[32];

	finding.severity = head->severity;
	if (name != NULL)
		finding.relation = name->name;
	else if (OidIsValid(head->relid))
	{
		snprintf(unnamed, sizeof(unnamed), "%u", head->relid);
		finding.relation = unnamed;
	}
	finding.has_tx = head->has_tx;
	finding.ledger_tx = head->ledger_tx;
	finding.ledger_seq = head->ledger_seq;
	finding.tid = head->tid;
	finding.problem = problem;
	leader->sink(leader->arg, &finding);
}

/* Tell what is left of the round: findings in tables that are done again are dropped. */
static void
end_round(VerifyLeader *leader)
{
	VerifyTable *tables = verify_tables(leader->run->shared);
	ListCell   *lc;

	foreach(lc, leader->waiting)
	{
		Waiting	   *w = lfirst(lc);

		if (w->head.table < 0 || !tables[w->head.table].changed)
			tell(leader, &w->head, w->problem);
		pfree(w->problem);
		pfree(w);
	}
	list_free(leader->waiting);
	leader->waiting = NIL;
}

void
ledger_verify_receive(VerifyLeader *leader, const char *message, Size len)
{
	MemoryContext old = MemoryContextSwitchTo(leader->context);

	switch (message[0])
	{
		case VERIFY_MSG_FINDING:
		{
			Waiting	   *w = palloc(sizeof(Waiting));

			memcpy(&w->head, message, sizeof(w->head));
			w->problem = pstrdup(message + sizeof(w->head));
			leader->waiting = lappend(leader->waiting, w);
			leader->findings += w->head.severity != LEDGER_INFO;
			if (w->head.table >= 0 && w->head.severity == LEDGER_ERROR)
				verify_tables(leader->run->shared)[w->head.table].errors++;
			break;
		}
		case VERIFY_MSG_PIECE:
			ledger_verify_pieces_add(leader->pieces, message + 1, len - 1);
			break;

		case VERIFY_MSG_EVENT:
			ledger_verify_history_add(leader->history, message + 1, len - 1);
			break;

		case VERIFY_MSG_CHANGED:
		{
			int			table;

			memcpy(&table, message + 1, sizeof(table));
			if (table >= 0)
				verify_tables(leader->run->shared)[table].changed = true;
			break;
		}
		case VERIFY_MSG_FAILURE:
		{
			int			sqlerrcode;

			memcpy(&sqlerrcode, message + 1, sizeof(sqlerrcode));
				ereport(ERROR,
						(errcode(sqlerrcode),
						 errmsg("%s", message + 1 + sizeof(sqlerrcode)),
						 errcontext("verification worker")));
		}
	}
	MemoryContextSwitchTo(old);
}

/* ---- rounds -------------------------------------------------------------- */

/* New tickets for the parts of ledger_verify_plan_again(), sums of those tables started anew. */
static VerifyShared *
next_round(VerifyLeader *leader, VerifyShared *before, Size *total)
{
	VerifyShared *shared = ledger_verify_make_shared(leader, before, total);

	memcpy(shared->key, before->key, sizeof(shared->key));
	pg_atomic_write_u64(&shared->entries, pg_atomic_read_u64(&before->entries));
	pg_atomic_write_u64(&shared->transactions, pg_atomic_read_u64(&before->transactions));
	pg_atomic_write_u64(&shared->moved_entries, pg_atomic_read_u64(&before->moved_entries));
	for (int i = 0; i < shared->ntables; i++)
	{
		VerifyTable *table = &verify_tables(shared)[i];
		bool		again = verify_tables(before)[i].changed;

		if (!again)
			*table = verify_tables(before)[i];
		for (uint64 slot = 0; slot < (uint64) shared->nslots; slot++)
		{
			pg_atomic_write_u64(verify_sum(shared, i, false, slot),
								pg_atomic_read_u64(verify_sum(before, i, false, slot)));
			if (!again)
				pg_atomic_write_u64(verify_sum(shared, i, true, slot),
									pg_atomic_read_u64(verify_sum(before, i, true, slot)));
		}
	}
	return shared;
}

static bool
any_changed(VerifyShared *shared)
{
	for (int i = 0; i < shared->ntables; i++)
	{
		if (verify_tables(shared)[i].changed)
			return true;
	}
	return false;
}

static void
set_phase(VerifyLeader *leader, Phase phase)
{
	pgstat_progress_update_param(PROGRESS_PHASE, phase);
	pgstat_progress_update_param(PROGRESS_TOTAL, leader->run->shared->ntickets);
}

static void
do_rounds(VerifyLeader *leader, VerifyRun *run)
{
	Size		total;
	char	   *message;
	ListCell   *lc;

	foreach(lc, leader->tables)
	{
		VerifyTable *table = lfirst(lc);

		if (table->selected && table->kind == LEDGER_VERSIONED && run->fixed == NULL)
			run->fixed = RegisterSnapshot(GetLatestSnapshot());
	}
	run->shared = ledger_verify_make_shared(leader, run->shared, &total);
	for (int round = 1;; round++)
	{
		MemoryContext old = MemoryContextSwitchTo(leader->context);

		leader->pieces = ledger_verify_pieces_begin();
		MemoryContextSwitchTo(old);
		set_phase(leader, PHASE_SCAN);
		ledger_verify_do_chunks(leader, run, total, leader->options->workers);
		set_phase(leader, PHASE_JOIN);
		run->part = NULL;
		ledger_verify_pieces_finish(leader->pieces, run);
		leader->pieces = NULL;
		if (!any_changed(run->shared))
			break;
		if (round == MAX_ROUNDS)
		{
			for (int i = 0; i < run->shared->ntables; i++)
			{
				VerifyTable *table = &verify_tables(run->shared)[i];

				if (table->changed)
					ledger_verify_report(run, LEDGER_WARNING, table->relid, false, 0, -1, NULL,
										 "table could not be verified: it was rewritten %d times meanwhile",
										 MAX_ROUNDS);
			}
			break;
		}
		end_round(leader);
		if (!ledger_verify_attempt(run, ledger_verify_plan_again, leader, &message))
			ereport(ERROR,
					(errcode(ERRCODE_INTERNAL_ERROR),
					 errmsg("could not verify a table that was rewritten: %s", message)));
		run->shared = next_round(leader, run->shared, &total);
	}
}

/* ---- summary ------------------------------------------------------------- */

static void
tell_newer(VerifyRun *run)
{
	for (int i = 0; i < run->shared->ntables; i++)
	{
		VerifyTable *table = &verify_tables(run->shared)[i];
		uint64		newer = pg_atomic_read_u64(&table->newer_rows);
		uint64		unsealed = pg_atomic_read_u64(&table->unsealed_rows);

		if (newer > 0)
			ledger_verify_report(run, LEDGER_INFO, table->relid, false, 0, -1, NULL,
								 UINT64_FORMAT " rows are newer than the block that was verified", newer);
		if (unsealed > 0)
			ledger_verify_report(run, LEDGER_INFO, table->relid, false, 0, -1, NULL,
								 UINT64_FORMAT " rows are not sealed yet", unsealed);
	}
	if (pg_atomic_read_u64(&run->shared->moved_entries) > 0)
		ledger_verify_report(run, LEDGER_INFO, run->shared->catalog[CATALOG_LEAF], false, 0, -1, NULL,
							 UINT64_FORMAT
							 " entries are not where ledger.leaf says; they were found elsewhere",
							 pg_atomic_read_u64(&run->shared->moved_entries));
}

static void
tell_summary(VerifyLeader *leader, VerifyRun *run)
{
	char		root[64];
	int			len = pg_b64_encode((const char *) leader->root, 32, root, sizeof(root) - 1);

	root[Max(len, 0)] = '\0';
	ledger_verify_report(run, LEDGER_INFO, InvalidOid, false, 0, -1, NULL,
						 "rows " UINT64_FORMAT ", transactions " UINT64_FORMAT ", size " UINT64_FORMAT
						 ", root %s, seconds %.3f",
						 rows_done(run->shared), pg_atomic_read_u64(&run->shared->transactions),
						 run->shared->size, root,
						 (double) (GetCurrentTimestamp() - leader->started) / USECS_PER_SEC);
}

/* ---- all of it ----------------------------------------------------------- */

static void
tell_unguarded(VerifyRun *run)
{
	if (!ledger_is_preloaded())
		ledger_verify_report(
			run, LEDGER_WARNING, InvalidOid, false, 0, -1, NULL,
			"this server runs without ledger in shared_preload_libraries: nothing is guarded and nothing is sealed");
}

static void
verify_all(VerifyLeader *leader, VerifyRun *run)
{
	char	   *message;

	set_phase(leader, PHASE_PLAN);
	if (!ledger_verify_attempt(run, ledger_verify_plan, leader, &message))
	{
		tell_unguarded(run);
		ledger_verify_report(run, LEDGER_ERROR, InvalidOid, false, 0, -1, NULL,
							 "the chain cannot be read: %s", message);
		tell_summary(leader, run);
		end_round(leader);
		return;
	}
	if (!leader->has_chain)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("there is nothing to verify: this database has no chain"),
				 errhint("The first ledger table founds one, or ledger.init() does.")));
	if (!leader->has_table)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a ledger table", get_rel_name(leader->options->relid))));
	tell_unguarded(run);

	leader->history = ledger_verify_history_begin(run);
	do_rounds(leader, run);
	set_phase(leader, PHASE_CATALOG);
	for (int i = 0; i < run->shared->ntables; i++)
	{
		VerifyTable *table = &verify_tables(run->shared)[i];

		if (table->selected && OidIsValid(table->relid) && !table->changed)
			ledger_verify_missing(run, i);
	}
	if (run->fixed != NULL)
		UnregisterSnapshot(run->fixed);
	run->fixed = NULL;
	ledger_verify_history_finish(leader->history, run);
	ledger_verify_catalog(run, leader->history);
	tell_newer(run);
	tell_summary(leader, run);
	end_round(leader);
}

void
ledger_verify(const LedgerVerifyOptions *options, LedgerFindingSink sink, void *arg)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "ledger verification", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	VerifyLeader *leader = palloc0(sizeof(VerifyLeader));
	VerifyRun  *run = palloc0(sizeof(VerifyRun));
	HASHCTL		ctl = {.keysize = sizeof(Oid), .entrysize = sizeof(RelationName), .hcxt = context};
	ledger_note note;

	if (ledger_xact_touched())
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("cannot verify in a transaction that has changed ledger tables"),
				 errdetail("What it wrote gets its entry in the chain when it commits."),
				 errhint("Commit first.")));
	if (options->since != NULL)
	{
		ledger_status status = ledger_note_parse(options->since, strlen(options->since), &note);

		if (status != LEDGER_OK)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("\"since\" is not a checkpoint: %s", ledger_status_text(status)),
					 errhint("Give the whole signed note, as ledger.checkpoint() returns it.")));
	}
	leader->options = options;
	leader->sink = sink;
	leader->arg = arg;
	leader->run = run;
	leader->context = context;
	leader->started = leader->refreshed = leader->paced_at = GetCurrentTimestamp();
	leader->names = hash_create("relation names", 64, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	ledger_verify_run_init(run, palloc0(sizeof(VerifyShared)), context);
	run->leader = leader;

	pgstat_progress_start_command(PROGRESS_LEDGER_VERIFY, InvalidOid);
	PG_TRY();
	{
		verify_all(leader, run);
	}
	PG_FINALLY();
	{
		pgstat_progress_end_command();
		ledger_log_forget();
		MemoryContextSwitchTo(old);
	}
	PG_END_TRY();
	MemoryContextDelete(context);
}
