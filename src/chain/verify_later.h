/*
 * chain/verify_later.h
 *		Columns that were added after a row was written.
 *
 * They are not part of the row's leaf, yet a reader sees them in it: as NULL, or
 * as the default that ADD COLUMN had. The schema history says which.
 */
#ifndef LEDGER_VERIFY_LATER_H
#define LEDGER_VERIFY_LATER_H

#include "compat.h"

#include "chain/schema_version.h"
#include "chain/tuple_check.h"
#include "utils/rel.h"

typedef struct VerifyLater VerifyLater;

/*
 * The columns that the table has and this version did not; NULL when there are
 * none. palloc'd in CurrentMemoryContext.
 */
extern VerifyLater *ledger_verify_later_columns(Oid relid, const uint8 table_id[16],
												const LedgerSchema *schema);

/*
 * What is wrong with the later columns of a row of that version, NULL if
 * nothing. natts is what the stored tuple has; values and nulls are as deformed.
 * shift is the number of columns that a history has before those of the table.
 */
extern const char *ledger_verify_later_problem(VerifyLater *later, TupleDesc desc, int shift,
											   LedgerDatumCheck *const *checks, int natts, Datum *values,
											   const bool *nulls);

/* The same for pg_attribute.attmissingval, which rows without the column show. One sentence for each column. */
extern List *ledger_verify_later_missing(VerifyLater *later, TupleDesc desc);

#endif							/* LEDGER_VERIFY_LATER_H */
