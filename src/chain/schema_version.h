/*
 * chain/schema_version.h
 *		The schema history: what each version of a table looked like, as entries
 *		of the chain, so that "pending" cannot quietly become "settled".
 */
#ifndef LEDGER_SCHEMA_VERSION_H
#define LEDGER_SCHEMA_VERSION_H

#include "compat.h"

#include "chain/registry.h"
#include "chain/row_encode.h"
#include "lib/stringinfo.h"

/* A column renamed out of the way keeps its values in the leaves, but no user writes it any more. */
#define LEDGER_HIDDEN_PREFIX "ledger_hidden_"

/*
 * The schema body (format.md section 4) of a relation as the catalogue has it
 * now, for the given version number. Ereports 0A000 on a type without a
 * canonical encoding.
 */
extern void ledger_schema_build(StringInfo out, Relation rel, const uint8 table_id[16], uint32 schema_version,
								LedgerTableKind kind, AttrNumber tx_attnum, AttrNumber seq_attnum);

/* The 0A000 of ledger_schema_build(); problem is that of ledger_type_lookup(). */
extern void ledger_refuse_type(const char *column, const char *table, const char *problem);

/*
 * Register a new ledger table (called right after CREATE TABLE): row in
 * ledger.ledger_table, version 1, SCHEMA entry. Founds the chain when needed.
 */
extern void ledger_schema_register(Oid relid, LedgerTableKind kind, Oid history_relid);

/* The table is about to be dropped: its row stays, with relid 0. */
extern void ledger_schema_unregister(Oid relid);

/*
 * Two transactions may change one table at once, each under a lock that the
 * other allows (two CREATE INDEX). Versions are numbered one by one, so whoever
 * writes one takes this lock until the end of the transaction; the second waits
 * and then sees what the first has done.
 */
extern void ledger_schema_lock(Oid relid);

/*
 * Compare the live catalogue with the newest version; when it differs write the
 * next version and a SCHEMA entry. Called after each DDL that may have touched
 * the table.
 */
extern void ledger_schema_refresh(Oid relid);

/*
 * Called before DDL on the table: what somebody changed behind the history's
 * back must not enter it as part of a later, innocent statement. A difference
 * becomes a version of its own, a row of ledger.incident and a WARNING.
 */
extern void ledger_schema_audit(Oid relid);

/* The columns that a stored version lists, ready for ledger_encode_row_as(). */
typedef struct LedgerSchema
{
	uint32		schema_version;
	int			ncolumns;
	LedgerColumn *columns;
	bytea	   *body;
} LedgerSchema;

/* NULL when the version does not exist or its body is damaged (*problem says which). palloc'd in CurrentMemoryContext. */
extern LedgerSchema *ledger_schema_load(const uint8 table_id[16], uint32 schema_version,
										const char **problem);

/* The body of a version as it is stored, palloc'd; NULL when there is none. */
extern bytea *ledger_schema_stored(const uint8 table_id[16], uint32 schema_version);

/*
 * What differs between the live catalogue and the newest stored version, one
 * palloc'd sentence for each difference ("trigger x is not in the schema
 * history"); NIL when they agree. Never ereports for a difference.
 */
extern List *ledger_schema_compare(Oid relid);

#endif							/* LEDGER_SCHEMA_VERSION_H */
