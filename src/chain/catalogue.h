/*
 * chain/catalogue.h
 *		Writing the catalogue: our own SQL, and the attribute numbers of the tables
 *		that several files write, in the order of sql/ledger--0.1.0.sql.
 */
#ifndef LEDGER_CATALOGUE_H
#define LEDGER_CATALOGUE_H

#include "compat.h"

#include "access/htup.h"
#include "access/tupdesc.h"

/* SPI_execute_with_args() for a statement that writes to schema ledger; between SPI_connect and SPI_finish. */
extern int ledger_catalogue_execute(const char *sql, int nargs, Oid *types, Datum *values, const char *nulls);

/* True inside of it, and in the workers of this library. */
extern bool ledger_catalogue_is_ours(void);

/*
 * Record what a person should see in ledger.incident; in a transaction. False when
 * it is there already. relation NULL, tx NULL and seq < 0: not known.
 */
extern bool ledger_incident_add(const uint8 chain_id[16], const char *severity, const char *relation,
								const uint64 *ledger_tx, int64 ledger_seq, const char *problem);

/*
 * heap_deform_tuple() of a row of the catalogue. Ereports 55000 where its table has
 * another number of columns than this library knows.
 */
extern void ledger_catalogue_deform(HeapTuple tuple, TupleDesc desc, int natts, Datum *values, bool *nulls);

/* palloc'd values */
extern Datum ledger_uuid_datum(const uint8 id[16]);
extern Datum ledger_bytes_datum(const void *data, size_t len);

/* Ereports when there is no such relation. */
extern Oid ledger_relation_owner(Oid relid);

enum
{
	Anum_lt_chain_id = 1,
	Anum_lt_table_id,
	Anum_lt_table_no,
	Anum_lt_relid,
	Anum_lt_schema_name,
	Anum_lt_table_name,
	Anum_lt_kind,
	Anum_lt_shared,
	Anum_lt_tx_attnum,
	Anum_lt_seq_attnum,
	Anum_lt_history_relid,
	Anum_lt_schema_version,
	Anum_lt_retention,
	Anum_lt_retired_at,
	Natts_lt = Anum_lt_retired_at
};

enum
{
	Anum_sv_chain_id = 1,
	Anum_sv_table_id,
	Anum_sv_schema_version,
	Anum_sv_body,
	Natts_sv = Anum_sv_body
};

#endif							/* LEDGER_CATALOGUE_H */
