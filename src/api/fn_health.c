/*
 * api/fn_health.c
 *		SQL functions: how the chain of this database is doing.
 */
#include "compat.h"

#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "chain/registry.h"
#include "chain/seal.h"
#include "chain/shmem.h"
#include "commands/dbcommands.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "ledger.h"
#include "miscadmin.h"
#include "network/keyfile.h"
#include "network/workers.h"
#include "storage/bufpage.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(ledger_sql_health_check);
PG_FUNCTION_INFO_V1(ledger_sql_stat_process);

#define OK "ok"
#define WARN "warning"
#define BAD "error"

/* A prepared transaction this old is forgotten, most likely. */
#define PREPARED_OLD "interval '1 hour'"

typedef struct Report
{
	Tuplestorestate *store;
	TupleDesc	desc;
} Report;

static void
say(Report *report, const char *item, const char *status, const char *detail, const char *hint)
{
	Datum		values[4];
	bool		nulls[4] = {false};

	values[0] = CStringGetTextDatum(item);
	values[1] = CStringGetTextDatum(status);
	values[2] = detail != NULL ? CStringGetTextDatum(detail) : (Datum) 0;
	values[3] = hint != NULL ? CStringGetTextDatum(hint) : (Datum) 0;
	nulls[2] = detail == NULL;
	nulls[3] = hint == NULL;
	tuplestore_putvalues(report->store, report->desc, values, nulls);
}

/* The number that a query gives, 0 for NULL; SPI is connected. */
static int64
number(const char *sql)
{
	bool		isnull;
	Datum		datum;

	if (SPI_execute(sql, true, 1) != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "could not query the catalogue of ledger");
	datum = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	return isnull ? 0 : DatumGetInt64(datum);
}

/* ---- one topic each --------------------------------------------------------- */

static void
check_server(Report *report)
{
	if (!ledger_is_preloaded())
		say(report, "library", BAD, "the server was started without the ledger library",
			"Add ledger to shared_preload_libraries and restart; until then ledger tables can only be read.");
	else
		say(report, "library", OK, "loaded at server start", NULL);

	if (!DataChecksumsEnabled())
		say(report, "checksums", WARN,
			"data checksums are off, so damage by the storage is told only by ledger.verify()",
			"Stop the server and run pg_checksums --enable.");
	else
		say(report, "checksums", OK, "data checksums are on", NULL);

	if (!enableFsync)
		say(report, "durability", BAD, "fsync is off: after a power failure signed blocks may be gone",
			"Set fsync = on.");
	else if (!fullPageWrites)
		say(report, "durability", WARN, "full_page_writes is off", "Set full_page_writes = on.");
	else
		say(report, "durability", OK, "fsync and full_page_writes are on", NULL);
}

static void
check_sealer(Report *report, const LedgerChain *chain, LedgerDbSlot *slot)
{
	char	   *why;
	LedgerIdentity identity = ledger_chain_identity(chain, &why);
	const char *remedy = ledger_chain_identity_remedy(chain);

	if (identity == LEDGER_IDENTITY_COPY)
		say(report, "identity", BAD, psprintf("nothing is sealed or signed: %s", why), remedy);
	else if (identity == LEDGER_IDENTITY_TIMELINE)
		say(report, "identity", BAD, psprintf("blocks are not signed: %s", why), remedy);
	else
		say(report, "identity", OK, psprintf("%s, suite %s", chain->origin, ledger_suite_name(chain->suite)),
			NULL);

	if (!ledger_database_is_listed(get_database_name(MyDatabaseId)))
		say(report, "sealer", WARN, "this database is not in ledger.databases: nothing is sealed", NULL);
	else if (slot == NULL)
		say(report, "sealer", OK, "not running; nothing was written since the server started", NULL);
	else if (slot->sealer_failures > 0)
		say(report, "sealer", BAD,
			psprintf("it failed %u times in a row, at last with: %s", slot->sealer_failures,
					 slot->last_error),
			"The server log has the details. Nothing is lost: sealing goes on where it stopped.");
	else if (slot->sealer_pid != 0)
		say(report, "sealer", OK, psprintf("running, process %d", (int) slot->sealer_pid), NULL);
	else if (ledger_shared->launcher_pid == 0)
		say(report, "sealer", BAD, "neither the launcher nor a sealer is running", "See the server log.");
	else
		say(report, "sealer", OK, "not running; it comes back with the next write", NULL);
}

static void
check_backlog(Report *report, LedgerDbSlot *slot)
{
	int64		unsealed = number("SELECT unsealed FROM ledger.stat");
	int64		prepared = number("SELECT count(*) FROM pg_catalog.pg_prepared_xacts"
							" WHERE database = pg_catalog.current_database()"
							" AND prepared < pg_catalog.now() - " PREPARED_OLD);
	int64		incidents = number("SELECT count(*) FROM ledger.incident");

	if (unsealed > 0 && (slot == NULL || slot->sealer_pid == 0))
		say(report, "backlog", WARN,
			psprintf(INT64_FORMAT " entries are not sealed, and no sealer is running", unsealed), NULL);
	else
		say(report, "backlog", OK, psprintf(INT64_FORMAT " entries are not sealed yet", unsealed), NULL);
	if (prepared > 0)
		say(report, "prepared transactions", WARN,
			psprintf(
				INT64_FORMAT
				" prepared transactions are older than an hour; what they wrote to ledger tables is not sealed",
				prepared),
			"See pg_prepared_xacts. Finish them with COMMIT PREPARED or ROLLBACK PREPARED.");
	else
		say(report, "prepared transactions", OK, "none is old", NULL);
	if (incidents > 0)
		say(report, "incidents", BAD, psprintf(INT64_FORMAT " incidents are recorded", incidents),
			"See ledger.incident, and run ledger.verify().");
	else
		say(report, "incidents", OK, "none is recorded", NULL);
}

static void
check_signing(Report *report, const LedgerChain *chain, LedgerDbSlot *slot)
{
	bool		development;
	char	   *path = ledger_keyfile_path(chain, &development);
	int64		sealed = number("SELECT sealed_size FROM ledger.stat");
	int64		signed_size = number("SELECT signed_size FROM ledger.stat");
	char		problem[sizeof(slot->sign_problem)] = "";
	char	   *hint;

	if (slot != NULL)
	{
		LWLockAcquire(&slot->lock, LW_SHARED);
		strlcpy(problem, slot->sign_problem, sizeof(problem));
		LWLockRelease(&slot->lock);
	}
	hint = strchr(problem, '\n');
	if (hint != NULL)
		*hint++ = '\0';
	if (problem[0] != '\0')
		say(report, "signing", BAD, psprintf("checkpoints are not signed: %s", problem), hint);
	else
		say(report, "signing", OK,
			psprintf(INT64_FORMAT " of " INT64_FORMAT " sealed entries are covered by a signed checkpoint",
					 signed_size, sealed),
			NULL);

	/* the file is named to those who may see the setting */
	if (development)
		say(report, "key", WARN, "the signing key is a development key, made beside the data directory",
			"Whoever can read that directory can sign. Make a key elsewhere with ledger.init_key(path),"
			" enter it with ledger.rotate_key(path), and set ledger.key_file.");
	else
		say(report, "key", OK,
			superuser() ? psprintf("ledger.key_file is \"%s\"", path) : "ledger.key_file is set", NULL);
}

static void
check_anchor(Report *report, LedgerDbSlot *slot)
{
	int64		published = number("SELECT count(*) FROM ledger.checkpoint WHERE published_at IS NOT NULL");
	char		failure[sizeof(slot->anchor.last_failure)] = "";
	bool		behind = false;

	if (ledger_anchor_command == NULL || ledger_anchor_command[0] == '\0')
	{
		say(report, "anchor", WARN,
			"ledger.anchor_command is not set: no checkpoint is held outside of this server",
			"Whoever has this server and its key could write another history. Publish checkpoints where that one cannot reach.");
		return;
	}
	if (slot != NULL)
	{
		LWLockAcquire(&slot->lock, LW_SHARED);
		strlcpy(failure, slot->anchor.last_failure, sizeof(failure));
		behind = slot->anchor.size > pg_atomic_read_u64(&slot->anchored_size);
		LWLockRelease(&slot->lock);
	}
	if (behind && failure[0] != '\0')
		say(report, "anchor", BAD, psprintf("ledger.anchor_command fails: %s", failure),
			"The server log has the details.");
	else
		say(report, "anchor", OK, psprintf(INT64_FORMAT " checkpoints were published", published), NULL);
}

/* ledger.health_check() returns setof (item, status, detail, hint) */
Datum
ledger_sql_health_check(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Report		report;
	const LedgerChain *chain = ledger_chain();
	LedgerDbSlot *slot = ledger_find_slot(MyDatabaseId);

	InitMaterializedSRF(fcinfo, 0);
	report.store = rsinfo->setResult;
	report.desc = rsinfo->setDesc;

	check_server(&report);
	if (chain == NULL)
	{
		say(&report, "identity", OK, "this database has no chain yet",
			"It begins with the first ledger table, or with SELECT ledger.init().");
		return (Datum) 0;
	}
	if (RecoveryInProgress())
	{
		say(&report, "sealer", OK, "this is a standby: blocks come from the primary", NULL);
		return (Datum) 0;
	}
	SPI_connect();
	check_sealer(&report, chain, slot);
	check_backlog(&report, slot);
	check_signing(&report, chain, slot);
	check_anchor(&report, slot);
	SPI_finish();
	return (Datum) 0;
}

/* ---- ledger.stat -------------------------------------------------------------- */

static Datum
time_or_null(TimestampTz time, bool *isnull)
{
	*isnull = time == 0;
	return TimestampTzGetDatum(time);
}

static Datum
text_or_null(const char *text, bool *isnull)
{
	*isnull = text[0] == '\0';
	return *isnull ? (Datum) 0 : CStringGetTextDatum(text);
}

/*
 * ledger.stat_process(): what shared memory knows about this database, one row;
 * all NULL when nothing was written since the server started.
 */
Datum
ledger_sql_stat_process(PG_FUNCTION_ARGS)
{
	LedgerDbSlot *slot = ledger_find_slot(MyDatabaseId);
	TupleDesc	desc;
	Datum		values[14];
	bool		nulls[14];
	int			n = 0;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	memset(nulls, slot == NULL, sizeof(nulls));
	memset(values, 0, sizeof(values));
	if (slot != NULL)
	{
		LWLockAcquire(&slot->lock, LW_SHARED);
		values[n] = Int32GetDatum((int32) slot->sealer_pid);
		nulls[n++] = slot->sealer_pid == 0;
		values[n] = Int32GetDatum((int32) pg_atomic_read_u32(&slot->incarnation));
		nulls[n++] = pg_atomic_read_u32(&slot->incarnation) == 0;
		values[n++] = Int64GetDatum((int64) pg_atomic_read_u64(&slot->entries_sealed));
		values[n++] = Int64GetDatum((int64) pg_atomic_read_u64(&slot->blocks_sealed));
		values[n++] = Int32GetDatum((int32) slot->pending);
		values[n++] = Int64GetDatum((int64) pg_atomic_read_u64(&slot->seal_errors));
		values[n] = text_or_null(slot->last_error, &nulls[n]);
		n++;
		values[n] = time_or_null(slot->last_error_at, &nulls[n]);
		n++;
		values[n] = text_or_null(slot->sign_problem, &nulls[n]);
		n++;
		values[n++] = Int64GetDatum((int64) pg_atomic_read_u64(&slot->anchor_failures));
		values[n] = text_or_null(slot->anchor.last_failure, &nulls[n]);
		n++;
		values[n] = time_or_null(slot->anchor.last_failure_at, &nulls[n]);
		n++;
		values[n] = time_or_null((TimestampTz) pg_atomic_read_u64(&slot->oldest_unverified), &nulls[n]);
		n++;
		values[n++] = Int64GetDatum((int64) pg_atomic_read_u64(&slot->scrub_passes));
		LWLockRelease(&slot->lock);
		Assert(n == lengthof(values));
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
