/*
 * chain/catalogue.c
 *		SQL of the extension itself on its catalogue.
 *
 * The guard refuses every statement that writes to schema ledger. Code that uses
 * CatalogTupleInsert() does not pass there; code that finds SQL handier says
 * here that it is ours.
 */
#include "chain/catalogue.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "utils/builtins.h"
#include "utils/syscache.h"
#include "utils/uuid.h"

static int	depth = 0;

bool
ledger_catalogue_is_ours(void)
{
	return depth > 0 || (MyBgworkerEntry != NULL && strcmp(MyBgworkerEntry->bgw_library_name, "ledger") == 0);
}

int
ledger_catalogue_execute(const char *sql, int nargs, Oid *types, Datum *values, const char *nulls)
{
	int			saved = depth;
	int			result;

	PG_TRY();
	{
		depth = saved + 1;
		result = SPI_execute_with_args(sql, nargs, types, values, nulls, false, 0);
	}
	PG_FINALLY();
	{
		depth = saved;
	}
	PG_END_TRY();
	return result;
}

bool
ledger_incident_add(const uint8 chain_id[16], const char *severity, const char *relation,
					const uint64 *ledger_tx, int64 ledger_seq, const char *problem)
{
	Oid			types[] = {UUIDOID, TEXTOID, TEXTOID, INT8OID, INT4OID, TEXTOID};
	Datum		values[] = {
		ledger_uuid_datum(chain_id),
		CStringGetTextDatum(severity),
		relation != NULL ? CStringGetTextDatum(relation) : (Datum) 0,
		Int64GetDatum(ledger_tx != NULL ? (int64) *ledger_tx : 0),
		Int32GetDatum((int32) ledger_seq),
		CStringGetTextDatum(problem)
	};
	const char	nulls[] = {
		' ', ' ', relation != NULL ? ' ' : 'n', ledger_tx != NULL ? ' ' : 'n', ledger_seq >= 0 ? ' ' : 'n', ' '
	};
	bool		added;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (ledger_catalogue_execute(
			"INSERT INTO ledger.incident (chain_id, severity, relation, ledger_tx, ledger_seq, problem)"
			" SELECT $1, $2, $3, $4, $5, $6 WHERE NOT EXISTS"
			" (SELECT FROM ledger.incident i WHERE i.chain_id OPERATOR(pg_catalog.=) $1"
			"  AND i.relation IS NOT DISTINCT FROM $3 AND i.ledger_tx IS NOT DISTINCT FROM $4"
			"  AND i.ledger_seq IS NOT DISTINCT FROM $5 AND i.problem OPERATOR(pg_catalog.=) $6)",
			lengthof(types), types, values, nulls) != SPI_OK_INSERT)
		elog(ERROR, "could not record an incident");
	added = SPI_processed > 0;
	SPI_finish();
	return added;
}

void
ledger_catalogue_deform(HeapTuple tuple, TupleDesc desc, int natts, Datum *values, bool *nulls)
{
	if (desc->natts != natts)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("a table of schema ledger has %d columns instead of %d", desc->natts, natts),
				 errhint("Run ALTER EXTENSION ledger UPDATE, and restart the server where the library is newer.")));
	heap_deform_tuple(tuple, desc, values, nulls);
}

Datum
ledger_uuid_datum(const uint8 id[16])
{
	pg_uuid_t  *uuid = palloc(sizeof(pg_uuid_t));

	memcpy(uuid->data, id, UUID_LEN);
	return UUIDPGetDatum(uuid);
}

Datum
ledger_bytes_datum(const void *data, size_t len)
{
	bytea	   *b = palloc(VARHDRSZ + len);

	SET_VARSIZE(b, VARHDRSZ + len);
	if (len > 0)
		memcpy(VARDATA(b), data, len);
	return PointerGetDatum(b);
}

Oid
ledger_relation_owner(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relid);
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}
