/*
 * api/fn_statement.c
 *		Statements: parsed once and kept, errors with their place, and what one comes to.
 *
 * A CHECK constraint has a new call site for every statement that is executed, so
 * what was parsed is kept for the backend, not for the call site.
 */
#include "compat.h"

#include "access/htup_details.h"
#include "api/proof_args.h"
#include "common/hashfn.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(ledger_describe_statement);

/* ---- the cache ------------------------------------------------------------------------ */

#define CACHE_SIZE 32

typedef struct CacheEntry
{
	ledger_statement *statement;	/* NULL: free */
	char	   *text;			/* as it was given */
	size_t		len;
	uint32		hash;
	uint64		used;			/* when; the least goes first */
} CacheEntry;

static CacheEntry cache[CACHE_SIZE];
static uint64 cache_clock;

static void
statement_error(const char *text, size_t len, const ledger_statement_error *error)
{
	int			character = pg_mbstrlen_with_len(text, (int) Min(error->position, len)) + 1;
	int			sqlstate = ERRCODE_SYNTAX_ERROR;

	switch (error->kind)
	{
		case LEDGER_STATEMENT_OK:
		case LEDGER_STATEMENT_SYNTAX:
			break;
		case LEDGER_STATEMENT_SCALE:
			sqlstate = ERRCODE_DATATYPE_MISMATCH;
			break;
		case LEDGER_STATEMENT_RANGE:
			sqlstate = ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE;
			break;
		case LEDGER_STATEMENT_LIMIT:
			sqlstate = ERRCODE_PROGRAM_LIMIT_EXCEEDED;
			break;
		case LEDGER_STATEMENT_MEMORY:
			ledger_out_of_memory();
	}
	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg("invalid statement: %s", error->message),
			 errdetail("At character %d of the statement.", character),
			 error->hint != NULL ? errhint("%s", error->hint) : 0,
			 internalerrquery(pnstrdup(text, len)), internalerrposition(character)));
}

ledger_statement *
ledger_statement_own(const char *text, size_t len)
{
	ledger_statement_error error;
	ledger_statement *statement = ledger_statement_parse(text, len, &error);

	if (statement == NULL)
		statement_error(text, len, &error);
	return statement;
}

const ledger_statement *
ledger_statement_arg(const char *text, size_t len)
{
	uint32		hash = hash_bytes((const unsigned char *) text, (int) len);
	CacheEntry *oldest = &cache[0];
	ledger_statement *statement;
	char	   *copy;

	for (int i = 0; i < CACHE_SIZE; i++)
	{
		CacheEntry *e = &cache[i];

		if (e->statement != NULL && e->hash == hash && e->len == len && memcmp(e->text, text, len) == 0)
		{
			e->used = ++cache_clock;
			return e->statement;
		}
		if (e->used < oldest->used)
			oldest = e;
	}

	statement = ledger_statement_own(text, len);
	copy = MemoryContextAllocExtended(TopMemoryContext, Max(len, 1), MCXT_ALLOC_NO_OOM);
	if (copy == NULL)
	{
		ledger_statement_free(statement);
		ledger_out_of_memory();
	}
	memcpy(copy, text, len);
	if (oldest->text != NULL)
		pfree(oldest->text);
	ledger_statement_free(oldest->statement);
	oldest->statement = statement;
	oldest->text = copy;
	oldest->len = len;
	oldest->hash = hash;
	oldest->used = ++cache_clock;
	return statement;
}

/* ---- what a statement comes to ---------------------------------------------------------- */

/* ledger.describe_statement(text) returns record */
Datum
ledger_describe_statement(PG_FUNCTION_ARGS)
{
	text	   *given = PG_GETARG_TEXT_PP(0);
	const ledger_statement *s = ledger_statement_arg(VARDATA_ANY(given), VARSIZE_ANY_EXHDR(given));
	TupleDesc	desc;
	Datum		values[5];
	bool		nulls[5] = {0};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = PointerGetDatum(cstring_to_text_with_len(s->text, (int) s->textlen));
	values[1] = Int32GetDatum((int32) s->scale);
	values[2] = Int32GetDatum((int32) s->nvars);
	values[3] = Int32GetDatum((int32) s->bits);
	values[4] = Int32GetDatum((int32) ledger_proof_len(s));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}
