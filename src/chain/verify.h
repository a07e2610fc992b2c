/*
 * chain/verify.h
 *		Re-hash everything from storage and say what does not fit.
 *
 * The sealed size is fixed when verification starts; what is newer is told, not
 * checked. Locks and snapshots are taken for one chunk at a time. Works on a
 * hot standby: nothing is written.
 */
#ifndef LEDGER_VERIFY_H
#define LEDGER_VERIFY_H

#include "compat.h"

#include "storage/itemptr.h"

typedef enum LedgerSeverity
{
	LEDGER_INFO,
	LEDGER_WARNING,
	LEDGER_ERROR
} LedgerSeverity;

extern const char *ledger_severity_name(LedgerSeverity severity);

typedef struct LedgerFinding
{
	LedgerSeverity severity;
	const char *relation;		/* qualified name, NULL when it concerns none */
	bool		has_tx;
	uint64		ledger_tx;
	int64		ledger_seq;		/* -1 when not known */
	ItemPointerData tid;		/* invalid when not known */
	const char *problem;
} LedgerFinding;

/* Called in the order in which things are found; the summary comes last. */
typedef void (*LedgerFindingSink)(void *arg, const LedgerFinding *finding);

typedef struct LedgerVerifyOptions
{
	Oid			relid;			/* InvalidOid: every table */
	uint64		from_tx;
	uint64		to_tx;			/* inclusive; PG_UINT64_MAX: no end */
	const char *since;			/* a signed note: only what came after it; NULL: from the start */
	int			workers;		/* background processes; 0: this one */
	int			pages_per_second;	/* 0: as fast as it goes; else without indexes and with workers = 0 */
	void (*pause)(void *arg);	/* between chunks, NULL for nothing; may end the process */
	void	   *pause_arg;
} LedgerVerifyOptions;

/*
 * Ereports only when verification cannot be done at all (no chain, a note that
 * cannot be read, cancelled); whatever is wrong with the data goes to the sink.
 * Needs a transaction, and works in subtransactions of it.
 */
extern void ledger_verify(const LedgerVerifyOptions *options, LedgerFindingSink sink, void *arg);

/* What a running verification has done, for ledger.stat_progress_verify. */
typedef struct LedgerVerifyProgress
{
	int			pid;
	Oid			dboid;
	int			phase;			/* see ledger_verify_phase_name() */
	uint64		chunks_total;
	uint64		chunks_done;
	uint64		rows;
	uint64		entries;
	uint64		findings;
	int			workers;
} LedgerVerifyProgress;

extern const char *ledger_verify_phase_name(int phase);

/* The verification of the index'th backend entry; false when that one runs none. */
extern int ledger_verify_progress_slots(void);
extern bool ledger_verify_progress(int index, LedgerVerifyProgress *progress);

#endif							/* LEDGER_VERIFY_H */
