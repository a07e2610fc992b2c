/*
 * chain/verify_worker.c
 *		Who does the chunks of a verification, and what happens when one fails.
 *
 * Workers are background processes of their own and not parallel workers of the
 * query: those share one snapshot for the whole run and cannot recover from an
 * error, while here each chunk takes a new snapshot and a damaged page must not
 * end anything. They join the leader's lock group, so that a leader that has
 * locked a table and waits for them is not a deadlock.
 */
#include "chain/verify_internal.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "storage/dsm.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "storage/shm_toc.h"
#include "tcop/pquery.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/wait_event.h"

#define TOC_MAGIC 0x6c656467
#define TOC_SHARED 0
#define TOC_QUEUE 1				/* and on, one for each worker */
#define QUEUE_SIZE ((Size) 65536)

/* ---- attempts ------------------------------------------------------------ */

/* Errors that say nothing about the data. */
static bool
is_ours(int sqlerrcode)
{
	switch (sqlerrcode)
	{
		case ERRCODE_QUERY_CANCELED:
		case ERRCODE_LOCK_NOT_AVAILABLE:
		case ERRCODE_DATABASE_DROPPED:
			return true;
		case ERRCODE_OUT_OF_MEMORY:
			/* a damaged length asks for more than there is */
			return false;
		default:
			return ERRCODE_TO_CATEGORY(sqlerrcode) == ERRCODE_INSUFFICIENT_RESOURCES ||
				ERRCODE_TO_CATEGORY(sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION;
	}
}

/* Worth another try with a new snapshot: recovery conflict, deadlock. */
static bool
is_passing(int sqlerrcode)
{
	return ERRCODE_TO_CATEGORY(sqlerrcode) == ERRCODE_TO_CATEGORY(ERRCODE_T_R_SERIALIZATION_FAILURE);
}

/* Does the chunk under way read a versioned table? */
static bool
wants_fixed_snapshot(const VerifyRun *run)
{
	return run->part != NULL && run->part->table >= 0 &&
		verify_tables(run->shared)[run->part->table].kind == LEDGER_VERSIONED;
}

static void
begin_attempt(VerifyRun *run)
{
	if (run->own_transactions)
	{
		StartTransactionCommand();
		if (wants_fixed_snapshot(run))
		{
			Snapshot	fixed = RestoreSnapshot((char *) run->shared + run->shared->fixed_at);

			RestoreTransactionSnapshot(fixed, run->shared->leader);
			PushActiveSnapshot(fixed);
		}
		else
			PushActiveSnapshot(GetTransactionSnapshot());
	}
	else
	{
		BeginInternalSubTransaction(NULL);
		PushActiveSnapshot(wants_fixed_snapshot(run) ? run->fixed : GetLatestSnapshot());
	}
	run->snapshot = GetActiveSnapshot();
}

static void
end_attempt(VerifyRun *run)
{
	PopActiveSnapshot();
	if (run->own_transactions)
		CommitTransactionCommand();
	else
		ReleaseCurrentSubTransaction();
}

static void
undo_attempt(VerifyRun *run)
{
	if (run->own_transactions)
		AbortCurrentTransaction();
	else
		RollbackAndReleaseCurrentSubTransaction();
}

bool
ledger_verify_attempt(VerifyRun *run, VerifyWork work, void *arg, char **message)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	Snapshot	outer = run->snapshot;	/* an attempt may be part of another one */
	volatile bool ok = false;
	volatile bool again;

	do
	{
		again = false;
		begin_attempt(run);
		PG_TRY();
		{
			work(run, arg);
			end_attempt(run);
			ok = true;
		}
		PG_CATCH();
		{
			ErrorData  *error;

			MemoryContextSwitchTo(run->chunk);
			error = CopyErrorData();
			if (is_ours(error->sqlerrcode))
				PG_RE_THROW();
			FlushErrorState();
			undo_attempt(run);
			again = is_passing(error->sqlerrcode);
			*message = error->message;
		}
		PG_END_TRY();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		run->snapshot = outer;
		CHECK_FOR_INTERRUPTS();
	} while (again);
	return ok;
}

/* ---- chunks -------------------------------------------------------------- */

void
ledger_verify_chunk(VerifyRun *run, uint64 ticket)
{
	VerifyShared *shared = run->shared;
	const VerifyPart *part;
	uint64		start;
	uint64		end;
	int			low = 0;
	int			high = shared->nparts - 1;

	while (low < high)
	{
		int			middle = (low + high + 1) / 2;

		if (shared->parts[middle].first_ticket <= ticket)
			low = middle;
		else
			high = middle - 1;
	}
	part = &shared->parts[low];
	start = part->start + (ticket - part->first_ticket) * part->chunk;
	end = Min(start + part->chunk, part->end);

	run->part = part;
	run->part_no = low;
	switch (part->kind)
	{
		case VERIFY_LOG:
			ledger_verify_log_chunk(run, start, end);
			break;
		case VERIFY_TILES:
			ledger_verify_tiles_chunk(run, start, end);
			break;
		case VERIFY_ENTRIES:
			ledger_verify_entries_chunk(run, start, end);
			break;
		case VERIFY_CHECKPOINTS:
			ledger_verify_checkpoints_chunk(run, start, end);
			break;
		case VERIFY_ROWS:
			ledger_verify_rows_chunk(run, start, end);
			break;
		case VERIFY_INDEX:
			ledger_verify_index_chunk(run);
			break;
	}
	MemoryContextReset(run->chunk);
	pg_atomic_fetch_add_u64(&shared->tickets_done, 1);
}

static void
do_tickets(VerifyRun *run)
{
	uint64		ticket;

	while ((ticket = pg_atomic_fetch_add_u64(&run->shared->next_ticket, 1)) < run->shared->ntickets)
	{
		CHECK_FOR_INTERRUPTS();
		ledger_verify_chunk(run, ticket);
		if (run->leader != NULL)
			ledger_verify_leader_pause(run->leader);
	}
}

/* ---- messages ------------------------------------------------------------ */

static void
send_message(VerifyRun *run)
{
	if (run->leader != NULL)
		ledger_verify_receive(run->leader, run->message.data, run->message.len);
	else if (shm_mq_send(run->queue, run->message.len, run->message.data, false, true) != SHM_MQ_SUCCESS)
		proc_exit(0);			/* the leader has gone */
}

char *
ledger_verify_text(const char *problem, va_list args)
{
	StringInfoData text;

	initStringInfo(&text);
	for (;;)
	{
		va_list		again;
		int			needed;

		va_copy(again, args);
		needed = appendStringInfoVA(&text, problem, again);
		va_end(again);
		if (needed == 0)
			return text.data;
		enlargeStringInfo(&text, needed);
	}
}

void
ledger_verify_report(VerifyRun *run, LedgerSeverity severity, Oid relid, bool has_tx, uint64 ledger_tx,
					 int64 ledger_seq, const ItemPointerData *tid, const char *problem, ...)
{
	VerifyFindingMessage head;
	va_list		args;
	char	   *text;

	memset(&head, 0, sizeof(head));
	head.type = VERIFY_MSG_FINDING;
	head.severity = severity;
	head.table = run->part != NULL ? run->part->table : -1;
	head.relid = relid;
	head.has_tx = has_tx;
	head.ledger_tx = ledger_tx;
	head.ledger_seq = ledger_seq;
	ItemPointerSetInvalid(&head.tid);
	if (tid != NULL)
		head.tid = *tid;

	resetStringInfo(&run->message);
	appendBinaryStringInfo(&run->message, (char *) &head, sizeof(head));
	va_start(args, problem);
	text = ledger_verify_text(problem, args);
	va_end(args);
	appendStringInfoString(&run->message, text);
	pfree(text);
	appendStringInfoChar(&run->message, '\0');
	send_message(run);
}

void
ledger_verify_report_changed(VerifyRun *run)
{
	resetStringInfo(&run->message);
	appendStringInfoChar(&run->message, VERIFY_MSG_CHANGED);
	appendBinaryStringInfo(&run->message, (char *) &run->part->table, sizeof(int));
	send_message(run);
}

void
ledger_verify_send_piece(VerifyRun *run, const VerifyPiece *piece)
{
	resetStringInfo(&run->message);
	appendStringInfoChar(&run->message, VERIFY_MSG_PIECE);
	ledger_verify_pieces_encode(&run->message, piece);
	send_message(run);
}

void
ledger_verify_send_event(VerifyRun *run, const VerifyEvent *event)
{
	resetStringInfo(&run->message);
	appendStringInfoChar(&run->message, VERIFY_MSG_EVENT);
	appendBinaryStringInfo(&run->message, (const char *) event, sizeof(VerifyEvent));
	appendBinaryStringInfo(&run->message, (const char *) event->extra, event->extra_len);
	send_message(run);
}

static void
send_failure(VerifyRun *run, const ErrorData *error)
{
	resetStringInfo(&run->message);
	appendStringInfoChar(&run->message, VERIFY_MSG_FAILURE);
	appendBinaryStringInfo(&run->message, (const char *) &error->sqlerrcode, sizeof(int));
	appendStringInfoString(&run->message, error->message ? error->message : "unknown error");
	appendStringInfoChar(&run->message, '\0');
	(void) shm_mq_send(run->queue, run->message.len, run->message.data, false, true);
}

/* ---- worker process ------------------------------------------------------ */

void
ledger_verify_run_init(VerifyRun *run, VerifyShared *shared, MemoryContext parent)
{
	run->shared = shared;
	run->context = AllocSetContextCreate(parent, "ledger verify", ALLOCSET_DEFAULT_SIZES);
	run->chunk = AllocSetContextCreate(run->context, "ledger verify chunk", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(run->context);
	initStringInfo(&run->message);
}

static void
copy_chain(VerifyRun *run)
{
	const LedgerChain *chain;
	LedgerChain *copy;

	StartTransactionCommand();
	chain = ledger_chain();
	if (chain == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("this database has no chain")));
	copy = MemoryContextAlloc(run->context, sizeof(LedgerChain));
	*copy = *chain;
	run->chain = copy;
	run->hasher = ledger_suite_hasher(copy->suite);
	CommitTransactionCommand();
}

extern PGDLLEXPORT void ledger_verify_worker_main(Datum arg);

void
ledger_verify_worker_main(Datum arg)
{
	dsm_segment *segment;
	shm_toc	   *toc;
	VerifyShared *shared;
	VerifyRun	run = {0};
	shm_mq	   *mq;
	int			number;

	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();

	CurrentResourceOwner = ResourceOwnerCreate(NULL, "ledger verify");
	memcpy(&number, MyBgworkerEntry->bgw_extra, sizeof(int));
	segment = dsm_attach(DatumGetUInt32(arg));
	if (segment == NULL)
		proc_exit(0);			/* the leader has gone */
	toc = shm_toc_attach(TOC_MAGIC, dsm_segment_address(segment));
	if (toc == NULL)
		elog(ERROR, "could not attach to the shared memory of a verification");
	shared = shm_toc_lookup(toc, TOC_SHARED, false);
	mq = shm_toc_lookup(toc, TOC_QUEUE + number, false);
	shm_mq_set_sender(mq, MyProc);
	run.queue = shm_mq_attach(mq, segment, NULL);
	if (!BecomeLockGroupMember(shared->leader, shared->leader_pid))
		proc_exit(0);

	BackgroundWorkerInitializeConnectionByOid(shared->dboid, InvalidOid, 0);
	SetConfigOption("default_transaction_isolation", "read committed", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("default_transaction_deferrable", "off", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("lock_timeout", "0", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("search_path", "pg_catalog", PGC_SUSET, PGC_S_OVERRIDE);
	pgstat_report_activity(STATE_RUNNING, "ledger.verify()");

	run.own_transactions = true;
	ledger_verify_run_init(&run, shared, TopMemoryContext);
	PG_TRY();
	{
		copy_chain(&run);
		do_tickets(&run);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(run.context);
		error = CopyErrorData();
		FlushErrorState();
		AbortCurrentTransaction();
		send_failure(&run, error);
		dsm_detach(segment);
		proc_exit(1);
	}
	PG_END_TRY();
	dsm_detach(segment);
	proc_exit(0);
}

/* ---- leader -------------------------------------------------------------- */

typedef struct Workers
{
	int			n;
	BackgroundWorkerHandle **handles;
	shm_mq_handle **queues;
	bool	   *done;
} Workers;

static void
stop_workers(dsm_segment *segment, Datum arg)
{
	Workers	   *workers = (Workers *) DatumGetPointer(arg);

	for (int i = 0; i < workers->n; i++)
	{
		if (!workers->done[i])
			TerminateBackgroundWorker(workers->handles[i]);
	}
}

static bool
launch(Workers *workers, dsm_segment *segment, shm_toc *toc, int number)
{
	BackgroundWorker worker;
	BackgroundWorkerHandle *handle;
	shm_mq	   *mq;

	memset(&worker, 0, sizeof(worker));
	snprintf(worker.bgw_name, BGW_MAXLEN, "ledger verify for PID %d", MyProcPid);
	snprintf(worker.bgw_type, BGW_MAXLEN, "ledger verify");
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_ConsistentState;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	snprintf(worker.bgw_library_name, BGW_MAXLEN, "ledger");
	snprintf(worker.bgw_function_name, BGW_MAXLEN, "ledger_verify_worker_main");
	worker.bgw_main_arg = UInt32GetDatum(dsm_segment_handle(segment));
	memcpy(worker.bgw_extra, &number, sizeof(int));
	worker.bgw_notify_pid = MyProcPid;

	mq = shm_mq_create(shm_toc_allocate(toc, QUEUE_SIZE), QUEUE_SIZE);
	shm_toc_insert(toc, TOC_QUEUE + number, mq);
	shm_mq_set_receiver(mq, MyProc);
	if (!RegisterDynamicBackgroundWorker(&worker, &handle))
		return false;
	workers->handles[number] = handle;
	workers->queues[number] = shm_mq_attach(mq, segment, handle);
	workers->done[number] = false;
	workers->n++;
	return true;
}

/* True when something came. */
static bool
receive_from(VerifyLeader *leader, Workers *workers, int number)
{
	for (int i = 0; i < 256; i++)
	{
		Size		len;
		void	   *data;

		switch (shm_mq_receive(workers->queues[number], &len, &data, true))
		{
			case SHM_MQ_SUCCESS:
				ledger_verify_receive(leader, data, len);
				break;
			case SHM_MQ_WOULD_BLOCK:
				return i > 0;
			case SHM_MQ_DETACHED:
				workers->done[number] = true;
				return true;
		}
	}
	return true;
}

static void
receive_all(VerifyLeader *leader, Workers *workers)
{
	int			left;

	do
	{
		bool		came = false;

		left = 0;
		for (int i = 0; i < workers->n; i++)
		{
			if (workers->done[i])
				continue;
			came |= receive_from(leader, workers, i);
			left += !workers->done[i];
		}
		ledger_verify_leader_pause(leader);
		if (!came && left > 0)
		{
			(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, 500,
							 PG_WAIT_EXTENSION);
			ResetLatch(MyLatch);
		}
		CHECK_FOR_INTERRUPTS();
	} while (left > 0);
}

void
ledger_verify_do_chunks(VerifyLeader *leader, VerifyRun *run, Size shared_size, int nworkers)
{
	VerifyShared *local = run->shared;
	VerifyShared *shared;
	shm_toc_estimator estimate;
	dsm_segment *segment;
	shm_toc	   *toc;
	Workers	   *workers;

	if (nworkers == 0)
	{
		do_tickets(run);
		return;
	}

	shm_toc_initialize_estimator(&estimate);
	shm_toc_estimate_chunk(&estimate, shared_size);
	shm_toc_estimate_chunk(&estimate, nworkers * QUEUE_SIZE);
	shm_toc_estimate_keys(&estimate, nworkers + 1);
	segment = dsm_create(shm_toc_estimate(&estimate), 0);
	toc = shm_toc_create(TOC_MAGIC, dsm_segment_address(segment), shm_toc_estimate(&estimate));
	shared = shm_toc_allocate(toc, shared_size);
	memcpy(shared, local, shared_size);
	shared->leader = MyProc;
	shared->leader_pid = MyProcPid;
	shm_toc_insert(toc, TOC_SHARED, shared);

	BecomeLockGroupLeader();
	workers = MemoryContextAllocZero(run->context, sizeof(Workers));
	workers->handles = MemoryContextAllocZero(run->context, nworkers * sizeof(void *));
	workers->queues = MemoryContextAllocZero(run->context, nworkers * sizeof(void *));
	workers->done = MemoryContextAllocZero(run->context, nworkers * sizeof(bool));
	on_dsm_detach(segment, stop_workers, PointerGetDatum(workers));

	run->shared = shared;
	for (int i = 0; i < nworkers; i++)
	{
		if (!launch(workers, segment, toc, i))
			break;
	}
	ledger_verify_leader_workers(leader, workers->n);
	if (workers->n == 0)
		do_tickets(run);		/* every slot of max_worker_processes is taken */
	else
		receive_all(leader, workers);

	if (pg_atomic_read_u64(&shared->tickets_done) < shared->ntickets)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("a verification worker ended before its work was done"),
				 errhint("The server log may say why.")));
	memcpy(local, shared, shared_size);
	run->shared = local;
	cancel_on_dsm_detach(segment, stop_workers, PointerGetDatum(workers));
	dsm_detach(segment);
}

/* ---- the leader's snapshot ----------------------------------------------- */

/*
 * The query that called holds one snapshot for as long as it runs, and with it
 * the horizon of VACUUM. In the plain case, one SELECT sent by a client in READ
 * COMMITTED, that snapshot is the only one of this session and nothing needs it
 * to stay old: replace its contents by those of a new one. Everywhere else it
 * is left alone.
 */
static TransactionId *
copy_xids(const TransactionId *xids, uint32 n)
{
	TransactionId *copy;

	if (n == 0)
		return NULL;
	copy = MemoryContextAlloc(ActivePortal->portalContext, n * sizeof(TransactionId));
	memcpy(copy, xids, n * sizeof(TransactionId));
	return copy;
}

void
ledger_verify_refresh_snapshot(VerifySnapshotArrays *arrays)
{
	VerifySnapshotArrays before = *arrays;
	Snapshot	old;
	Snapshot	new;

	if (IsolationUsesXactSnapshot() || !ActiveSnapshotSet() || ActivePortal == NULL ||
		ActivePortal->name[0] != '\0' || ActivePortal->queryDesc == NULL)
		return;
	old = GetActiveSnapshot();
	if (ActivePortal->queryDesc->snapshot != old || old->snapshot_type != SNAPSHOT_MVCC)
		return;
	InvalidateCatalogSnapshot();
	if (!ThereAreNoPriorRegisteredSnapshots())
		return;
	new = GetLatestSnapshot();
	if (new->takenDuringRecovery != old->takenDuringRecovery)
		return;

	arrays->xip = copy_xids(new->xip, new->xcnt);
	arrays->subxip = copy_xids(new->subxip, new->subxcnt);
	old->xip = arrays->xip;
	old->subxip = arrays->subxip;
	old->xmin = new->xmin;
	old->xmax = new->xmax;
	old->xcnt = new->xcnt;
	old->subxcnt = new->subxcnt;
	old->suboverflowed = new->suboverflowed;
	old->snapXactCompletionCount = 0;
	MyProc->xmin = new->xmin;
	if (before.xip != NULL)
		pfree(before.xip);
	if (before.subxip != NULL)
		pfree(before.subxip);
}
