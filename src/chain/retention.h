/*
 * chain/retention.h
 *		How long a table's rows must stay, and how a table with rows is given up.
 */
#ifndef LEDGER_RETENTION_H
#define LEDGER_RETENTION_H

#include "compat.h"

#include "datatype/timestamp.h"

/*
 * Set the retention of a registered table. It can only grow. Ereports 22023 on
 * one that is shorter or not positive, 53400 above ledger.max_retention_days.
 */
extern void ledger_retention_set(Oid relid, const Interval *retention);

/*
 * Retire a table: no more rows, a PURGE entry, and DROP is allowed. Ereports
 * 55000 before the newest row is as old as the retention says. The number of
 * rows it has.
 */
extern uint64 ledger_retire(Oid relid, const char *reason);

/*
 * True when the database has ledger tables under retention. DROP DATABASE is given
 * elsewhere, so the database carries a security label that says so: one
 * that is seen from every database and goes with the transaction.
 */
extern bool ledger_retention_of_database(Oid dboid);

/* Set or remove the label; called after a table got a retention, was retired or dropped. */
extern void ledger_retention_label(void);

/* Register the provider of the label. Called once, from _PG_init. */
extern void ledger_retention_init(void);

#endif							/* LEDGER_RETENTION_H */
