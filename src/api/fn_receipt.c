/*
 * api/fn_receipt.c
 *		Receipts, consistency proofs and tiles as SQL functions.
 */
#include "compat.h"

#include "catalog/pg_class.h"
#include "chain/catalogue.h"
#include "chain/receipt.h"
#include "chain/registry.h"
#include "core/receipt.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

PG_FUNCTION_INFO_V1(ledger_receipt_sql);
PG_FUNCTION_INFO_V1(ledger_verify_receipt_sql);
PG_FUNCTION_INFO_V1(ledger_consistency_proof_sql);
PG_FUNCTION_INFO_V1(ledger_verify_consistency_sql);
PG_FUNCTION_INFO_V1(ledger_tile_data_sql);

/* ---- making -------------------------------------------------------------- */

static uint64
argument_size(FunctionCallInfo fcinfo, int n, const char *name)
{
	int64		value = PG_GETARG_INT64(n);

	if (value < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be negative", name)));
	return (uint64) value;
}

Datum
ledger_receipt_sql(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	uint64		ledger_tx = argument_size(fcinfo, 1, "ledger_tx");
	int32		ledger_seq = PG_GETARG_INT32(2);
	AclResult	allowed = pg_class_aclcheck(relid, GetUserId(), ACL_SELECT);

	if (allowed != ACLCHECK_OK)
		aclcheck_error(allowed, get_relkind_objtype(get_rel_relkind(relid)), get_rel_name(relid));

	/* Which rows a policy shows is only known by running the query. */
	if (check_enable_rls(relid, InvalidOid, true) == RLS_ENABLED)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("cannot make a receipt for a row of table \"%s\"", get_rel_name(relid)),
				 errdetail("Row security is on, and its policies apply to you."),
				 errhint("Ask a role that sees every row of the table.")));
	if (ledger_seq < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("ledger_seq must not be negative")));
	PG_RETURN_TEXT_P(cstring_to_text(ledger_receipt_make(relid, ledger_tx, (uint32) ledger_seq)));
}

Datum
ledger_consistency_proof_sql(PG_FUNCTION_ARGS)
{
	uint64		from = argument_size(fcinfo, 0, "old_size");
	uint64		to = argument_size(fcinfo, 1, "new_size");

	PG_RETURN_TEXT_P(cstring_to_text(ledger_consistency_make(from, to)));
}

Datum
ledger_tile_data_sql(PG_FUNCTION_ARGS)
{
	uint64		tile_no = argument_size(fcinfo, 1, "index");

	PG_RETURN_BYTEA_P(ledger_tile_make(PG_GETARG_INT32(0), tile_no, PG_GETARG_INT32(2)));
}

/* ---- checking ------------------------------------------------------------ */

/* Verifier keys, one to a line; NULL: those of this chain. */
static ledger_vkey *
read_keys(text *keys_text, int *n)
{
	const char *p;
	const char *end;
	ledger_vkey *keys;

	if (keys_text == NULL)
	{
		if (ledger_chain() == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("this database has no chain whose keys could be used"),
					 errhint("Give the verifier key of the chain that made the receipt.")));
		return ledger_known_keys(n);
	}

	*n = 0;
	p = VARDATA_ANY(keys_text);
	end = p + VARSIZE_ANY_EXHDR(keys_text);
	keys = palloc(sizeof(ledger_vkey));
	while (p < end)
	{
		const char *newline = memchr(p, '\n', end - p);
		const char *line_end = newline == NULL ? end : newline;

		if (line_end > p)
		{
			ledger_key_error error;

			keys = repalloc(keys, (*n + 1) * sizeof(ledger_vkey));
			error = ledger_vkey_parse(p, line_end - p, &keys[*n]);
			if (error != LEDGER_KEY_OK)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("not a verifier key: %s", ledger_key_error_text(error)),
						 errhint("Give it as ledger.verifier_key() returns it, one to a line.")));
			(*n)++;
		}
		p = line_end + 1;
	}
	return keys;
}

Datum
ledger_verify_receipt_sql(PG_FUNCTION_ARGS)
{
	text	   *receipt_text;
	ledger_vkey *keys;
	int			nkeys;
	uint8	   *scratch;
	ledger_receipt_file receipt;
	ledger_receipt_facts facts;
	ledger_status status;
	TupleDesc	desc;
	Datum		values[9];
	bool		nulls[9];

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	receipt_text = PG_GETARG_TEXT_PP(0);
	keys = read_keys(PG_ARGISNULL(1) ? NULL : PG_GETARG_TEXT_PP(1), &nkeys);
	scratch = palloc(VARSIZE_ANY_EXHDR(receipt_text) + 1);

	memset(nulls, true, sizeof(nulls));
	nulls[0] = false;
	values[0] = BoolGetDatum(false);
	status = ledger_receipt_parse(VARDATA_ANY(receipt_text), VARSIZE_ANY_EXHDR(receipt_text), scratch,
								  VARSIZE_ANY_EXHDR(receipt_text), &receipt);
	if (status != LEDGER_OK)
	{
		nulls[1] = false;
		values[1] = CStringGetTextDatum(psprintf("this is not a receipt: %s", ledger_status_text(status)));
		PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
	}

	status = ledger_receipt_check(ledger_suite_hasher(receipt.suite), &receipt, keys, nkeys, &facts);
	if (status != LEDGER_OK)
	{
		nulls[1] = false;
		values[1] = CStringGetTextDatum(
			psprintf("%s: %s", ledger_receipt_part_text(facts.failed), ledger_status_text(status)));
		PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
	}

	values[0] = BoolGetDatum(true);
	values[2] = ledger_uuid_datum(facts.entry.header.chain_id);
	values[3] = ledger_uuid_datum(facts.row.header.table_id);
	values[4] = Int64GetDatum((int64) facts.row.header.ledger_tx);
	values[5] = Int32GetDatum((int32) facts.row.header.ledger_seq);
	values[6] = TimestampTzGetDatum(facts.entry.header.stamped_at);
	values[7] = Int64GetDatum((int64) receipt.log_index);
	values[8] = Int64GetDatum((int64) receipt.tree_size);
	memset(nulls + 2, false, 7);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}

Datum
ledger_verify_consistency_sql(PG_FUNCTION_ARGS)
{
	text	   *proof = PG_GETARG_TEXT_PP(0);
	ledger_consistency_file file;

	PG_RETURN_BOOL(ledger_consistency_file_parse(VARDATA_ANY(proof), VARSIZE_ANY_EXHDR(proof), &file) ==
					   LEDGER_OK &&
				   ledger_consistency_file_check(ledger_suite_hasher(file.suite), &file) == LEDGER_OK);
}
