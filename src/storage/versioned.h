/*
 * storage/versioned.h
 *		What a `ledger_versioned` table brings along: its history.
 */
#ifndef LEDGER_VERSIONED_H
#define LEDGER_VERSIONED_H

#include "compat.h"

/*
 * Make, for a new table, the relation <table>_versions that keeps ended versions,
 * the view <table>_history over both, and two indexes. Returns the Oid of
 * <table>_versions. All depend on the table and go with it.
 */
extern Oid ledger_versioned_create(Oid relid);

/*
 * After DDL on the table: give its history the same column and relation names,
 * new columns and schema. Does nothing when they agree.
 */
extern void ledger_versioned_follow(Oid relid, Oid history_relid);

/*
 * After a restore, which brings back the relations but not how they belong
 * together: bind history, indexes and view to the table as
 * ledger_versioned_create() does. Ereports 55000 when one is missing.
 */
extern void ledger_versioned_bind(Oid relid, Oid history_relid);

#endif							/* LEDGER_VERSIONED_H */
