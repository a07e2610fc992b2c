/*
 * ledger.h
 *		Settings of the extension. docs/operations.md explains each for a DBA.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include "compat.h"

typedef enum LedgerCommitWait
{
	LEDGER_WAIT_LOCAL,			/* as PostgreSQL does */
	LEDGER_WAIT_SEALED			/* until the transaction is in a durable block */
} LedgerCommitWait;

extern char *ledger_databases;	/* comma separated, empty: every database */
extern int	ledger_suite_setting;	/* ledger_suite for a chain founded without ledger.init() */
extern int	ledger_commit_wait;
extern int	ledger_commit_timeout;	/* ms, 0: no bound */
extern char *ledger_key_file;
extern char *ledger_key_passphrase_command;
extern char *ledger_anchor_command;
extern int	ledger_scrub_rate;	/* heap pages a second, 0: off */
extern bool ledger_restore;
extern int	ledger_max_retention_days;

#endif							/* LEDGER_H */
