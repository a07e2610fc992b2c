/*
 * chain/export.h
 *		The whole ledger as files, docs/format.md section 8.
 */
#ifndef LEDGER_EXPORT_H
#define LEDGER_EXPORT_H

#include "compat.h"

/*
 * Write the log up to the newest checkpoint, and the rows that it covers, into a
 * directory of the server, which must be an absolute path and not exist yet.
 * Returns the number of rows. Ereports 55000 without a checkpoint, 42P07 when the
 * directory exists, XX001 when the chain is damaged (ledger.verify() tells how).
 */
extern uint64 ledger_export(const char *directory);

#endif							/* LEDGER_EXPORT_H */
