/*
 * ledger.c
 *		Entry point of the library: settings, then the parts in order.
 *
 * Loaded by shared_preload_libraries it can write, seal and guard. Loaded on
 * demand, in a server that was started without it, it must still let tables be
 * read, vacuumed and frozen: nothing here may fail then, and the write callbacks
 * say what is missing.
 */
#include "ledger.h"

#include <limits.h>

#include "chain/registry.h"
#include "chain/shmem.h"
#include "chain/xact_state.h"
#include "crypto/suite.h"
#include "fmgr.h"
#include "guard/guard.h"
#include "miscadmin.h"
#include "network/workers.h"
#include "utils/guc.h"

PG_MODULE_MAGIC;

char	   *ledger_databases;
int			ledger_suite_setting = LEDGER_SUITE_STD;
int			ledger_commit_wait = LEDGER_WAIT_LOCAL;
int			ledger_commit_timeout = 10000;
char	   *ledger_key_file;
char	   *ledger_key_passphrase_command;
char	   *ledger_anchor_command;
int			ledger_scrub_rate = 0;
bool		ledger_restore = false;
int			ledger_max_retention_days = 16;

static const struct config_enum_entry suite_options[] = {
	{"std", LEDGER_SUITE_STD, false},
	{"gm", LEDGER_SUITE_GM, false},
	{NULL, 0, false}
};

static const struct config_enum_entry commit_wait_options[] = {
	{"local", LEDGER_WAIT_LOCAL, false},
	{"sealed", LEDGER_WAIT_SEALED, false},
	{NULL, 0, false}
};

static void
define_settings(void)
{
	DefineCustomStringVariable("ledger.databases", "Databases whose chains are sealed.",
							   "Comma separated names; empty means every database that has ledger tables.",
							   &ledger_databases, "", PGC_SIGHUP, 0, NULL, NULL, NULL);
	DefineCustomEnumVariable("ledger.suite",
							 "Cryptographic suite of a chain that is founded without ledger.init().",
							 "std: SHA-256 and ECDSA P-256. gm: SM3 and SM2.", &ledger_suite_setting,
							 LEDGER_SUITE_STD, suite_options, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomEnumVariable("ledger.commit_wait", "What COMMIT waits for after the local commit.",
							 "local: nothing more. sealed: until the transaction is in a durable block.",
							 &ledger_commit_wait, LEDGER_WAIT_LOCAL, commit_wait_options, PGC_USERSET, 0,
							 NULL, NULL, NULL);
	DefineCustomIntVariable("ledger.commit_timeout", "Longest wait of ledger.commit_wait.",
							"COMMIT returns with a warning after this time; 0 waits without bound.",
							&ledger_commit_timeout, 10000, 0, INT_MAX, PGC_USERSET, GUC_UNIT_MS, NULL, NULL,
							NULL);
	DefineCustomStringVariable(
		"ledger.key_file", "PEM file with the private key that signs checkpoints.",
		"Mode 0600, outside of the data directory. Set per database with ALTER DATABASE.", &ledger_key_file,
		"", PGC_SUSET, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
	DefineCustomStringVariable("ledger.key_passphrase_command",
							   "Shell command that prints the passphrase of ledger.key_file.", NULL,
							   &ledger_key_passphrase_command, "", PGC_SUSET, GUC_SUPERUSER_ONLY, NULL, NULL,
							   NULL);
	DefineCustomStringVariable(
		"ledger.anchor_command", "Shell command that publishes a checkpoint outside of this server.",
		"%p is a file with the signed note, %s its tree size, %o its origin, %d the database, %% a percent sign. "
		"Retried until it returns 0.",
		&ledger_anchor_command, "", PGC_SUSET, GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
	DefineCustomIntVariable("ledger.scrub_rate", "Heap pages a second that the scrub worker re-verifies.",
							"0 switches it off.", &ledger_scrub_rate, 0, 0, INT_MAX, PGC_SUSET, 0, NULL, NULL,
							NULL);
	DefineCustomBoolVariable("ledger.restore", "Accepts rows with their ledger columns, for pg_restore.",
							 "Nothing is hashed and nothing is sealed; finish with ledger.restore_finish().",
							 &ledger_restore, false, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("ledger.max_retention_days", "Longest retention that a table may be given.",
							"Low at first, so that a test cannot lock a database for years.",
							&ledger_max_retention_days, 16, 0, 36525, PGC_SUSET, 0, NULL, NULL, NULL);
	MarkGUCPrefixReserved("ledger");
}

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	define_settings();
	ledger_shmem_init();
	ledger_registry_init();
	ledger_xact_init();
	ledger_guard_init();
	ledger_launcher_register();
}
