/*
 * api/fn_context.c
 *		ledger.proof_context(): what ties a proof to one row of one table of one ledger.
 *
 *		20 'X' 01 || chain_id[16] || table_id[16] || kind u8 || bytes(row key)
 *
 * kind is 1 for bytea, 2 for text (the key is its UTF-8), 3 for uuid (16 bytes), 4
 * for bigint (8 bytes, two's complement). docs/format.md section 10 has the same.
 */
#include "compat.h"

#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

PG_FUNCTION_INFO_V1(ledger_proof_context_bytea);
PG_FUNCTION_INFO_V1(ledger_proof_context_text);
PG_FUNCTION_INFO_V1(ledger_proof_context_uuid);
PG_FUNCTION_INFO_V1(ledger_proof_context_bigint);

typedef enum
{
	KEY_BYTEA = 1,
	KEY_TEXT,
	KEY_UUID,
	KEY_BIGINT
} KeyKind;

static void
begin_context(StringInfo out, FunctionCallInfo fcinfo, KeyKind kind, int len)
{
	pq_begintypsend(out);
	pq_sendbyte(out, 0x20);
	pq_sendbyte(out, 'X');
	pq_sendbyte(out, 1);
	pq_sendbytes(out, (const char *) PG_GETARG_UUID_P(0)->data, UUID_LEN);
	pq_sendbytes(out, (const char *) PG_GETARG_UUID_P(1)->data, UUID_LEN);
	pq_sendbyte(out, kind);
	pq_sendint32(out, len);
}

Datum
ledger_proof_context_bytea(PG_FUNCTION_ARGS)
{
	bytea	   *key = PG_GETARG_BYTEA_PP(2);
	StringInfoData out;

	begin_context(&out, fcinfo, KEY_BYTEA, VARSIZE_ANY_EXHDR(key));
	pq_sendbytes(&out, VARDATA_ANY(key), VARSIZE_ANY_EXHDR(key));
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

Datum
ledger_proof_context_text(PG_FUNCTION_ARGS)
{
	char	   *key = text_to_cstring(PG_GETARG_TEXT_PP(2));
	char	   *utf8 = pg_server_to_any(key, (int) strlen(key), PG_UTF8);
	StringInfoData out;

	begin_context(&out, fcinfo, KEY_TEXT, (int) strlen(utf8));
	pq_sendbytes(&out, utf8, (int) strlen(utf8));
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

Datum
ledger_proof_context_uuid(PG_FUNCTION_ARGS)
{
	StringInfoData out;

	begin_context(&out, fcinfo, KEY_UUID, UUID_LEN);
	pq_sendbytes(&out, (const char *) PG_GETARG_UUID_P(2)->data, UUID_LEN);
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

Datum
ledger_proof_context_bigint(PG_FUNCTION_ARGS)
{
	StringInfoData out;

	begin_context(&out, fcinfo, KEY_BIGINT, 8);
	pq_sendint64(&out, PG_GETARG_INT64(2));
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}
