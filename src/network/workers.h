/*
 * network/workers.h
 *		The background processes: one launcher, and for each database a sealer, while
 *		checkpoints wait to be published an anchor worker, and a scrub worker where it is
 *		wanted.
 *
 * The launcher and the anchor worker are not connected to any database, so they
 * are in nobody's way; the sealer leaves when it is asked to (chain/shmem.h).
 */
#ifndef LEDGER_WORKERS_H
#define LEDGER_WORKERS_H

#include "compat.h"

#include "chain/shmem.h"

/* _PG_init, while preloading. */
extern void ledger_launcher_register(void);

/* Is this database among ledger.databases? Every one is when that is empty. */
extern bool ledger_database_is_listed(const char *name);

/*
 * Give the newest checkpoint to the anchor worker of a database, starting one
 * when there is none. False when it could not be started; try again later.
 */
extern bool ledger_anchor_post(LedgerDbSlot *slot, uint64 size, const char *note, const char *origin,
							   const char *database, const char *command);

/* Start the scrub worker of a database; the sealer does, while ledger.scrub_rate is above 0. */
extern void ledger_scrub_start(LedgerDbSlot *slot);

/* Entry points of the processes, found by name in this library. */
extern PGDLLEXPORT void ledger_launcher_main(Datum arg);
extern PGDLLEXPORT void ledger_sealer_main(Datum arg);
extern PGDLLEXPORT void ledger_anchor_main(Datum arg);
extern PGDLLEXPORT void ledger_scrub_main(Datum arg);

/* First byte of a sealer's bgw_extra: look once, and go when nothing is to be done. */
#define LEDGER_SEALER_PROBE 'p'

#endif							/* LEDGER_WORKERS_H */
