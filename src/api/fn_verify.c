/*
 * api/fn_verify.c
 *		ledger.verify() and its progress.
 */
#include "compat.h"

#include "chain/registry.h"
#include "chain/verify.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "pgstat.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(ledger_verify_sql);
PG_FUNCTION_INFO_V1(ledger_verify_progress_sql);

#define MAX_WORKERS 64

static void
put_finding(void *arg, const LedgerFinding *finding)
{
	ReturnSetInfo *result = arg;
	Datum		values[6];
	bool		nulls[6] = {0};
	ItemPointerData tid = finding->tid;

	values[0] = CStringGetTextDatum(ledger_severity_name(finding->severity));
	nulls[1] = finding->relation == NULL;
	if (!nulls[1])
		values[1] = CStringGetTextDatum(finding->relation);
	nulls[2] = !finding->has_tx;
	values[2] = Int64GetDatum((int64) finding->ledger_tx);
	nulls[3] = finding->ledger_seq < 0;
	values[3] = Int32GetDatum((int32) finding->ledger_seq);
	nulls[4] = !ItemPointerIsValid(&tid);
	values[4] = PointerGetDatum(&tid);
	values[5] = CStringGetTextDatum(finding->problem);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

Datum
ledger_verify_sql(PG_FUNCTION_ARGS)
{
	LedgerVerifyOptions options = {0};

	if (!PG_ARGISNULL(0))
		options.relid = PG_GETARG_OID(0);
	options.from_tx = PG_ARGISNULL(1) ? 0 : (uint64) Max(PG_GETARG_INT64(1), 0);
	options.to_tx = PG_ARGISNULL(2) ? PG_UINT64_MAX : (uint64) Max(PG_GETARG_INT64(2), 0);
	if (!PG_ARGISNULL(3))
		options.since = text_to_cstring(PG_GETARG_TEXT_PP(3));
	options.workers = PG_ARGISNULL(4) ? max_parallel_maintenance_workers : PG_GETARG_INT32(4);
	if (options.workers < 0 || options.workers > MAX_WORKERS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("workers must be between 0 and %d", MAX_WORKERS)));

	InitMaterializedSRF(fcinfo, 0);
	ledger_verify(&options, put_finding, fcinfo->resultinfo);
	PG_RETURN_NULL();
}

Datum
ledger_verify_progress_sql(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	int			n = ledger_verify_progress_slots();

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 1; i <= n; i++)
	{
		LedgerVerifyProgress progress;
		Datum		values[9];
		bool		nulls[9] = {0};
		const char *phase;

		if (!ledger_verify_progress(i, &progress))
			continue;
		values[0] = Int32GetDatum(progress.pid);
		values[1] = ObjectIdGetDatum(progress.dboid);
		phase = ledger_verify_phase_name(progress.phase);
		nulls[2] = phase == NULL;
		values[2] = phase == NULL ? (Datum) 0 : CStringGetTextDatum(phase);
		values[3] = Int64GetDatum((int64) progress.chunks_total);
		values[4] = Int64GetDatum((int64) progress.chunks_done);
		values[5] = Int64GetDatum((int64) progress.rows);
		values[6] = Int64GetDatum((int64) progress.entries);
		values[7] = Int64GetDatum((int64) progress.findings);
		values[8] = Int32GetDatum(progress.workers);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	PG_RETURN_NULL();
}
