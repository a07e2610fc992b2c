/*
 * chain/verify_leader.h
 *		The leader of a verification, for verify.c and verify_plan.c.
 */
#ifndef LEDGER_VERIFY_LEADER_H
#define LEDGER_VERIFY_LEADER_H

#include "chain/verify_internal.h"

#include "utils/hsearch.h"
#include "utils/timestamp.h"

typedef struct RelationName
{
	Oid			relid;
	char	   *name;
} RelationName;

typedef struct Waiting
{
	VerifyFindingMessage head;
	char	   *problem;
} Waiting;

struct VerifyLeader
{
	const LedgerVerifyOptions *options;
	LedgerFindingSink sink;
	void	   *arg;
	VerifyRun  *run;
	MemoryContext context;
	HTAB	   *names;
	List	   *waiting;		/* findings of this round */
	VerifyPieces *pieces;
	VerifyHistory *history;
	uint64		findings;
	TimestampTz started;
	TimestampTz refreshed;
	TimestampTz paced_at;
	uint64		paced_done;
	VerifySnapshotArrays arrays;
	bool		has_chain;		/* else there is nothing to verify */
	bool		has_table;		/* else the table asked for is none of ours */
	uint8		root[32];		/* of the log that is verified */
	List	   *tables;			/* of VerifyTable, while planning */
	List	   *parts;			/* of VerifyPart */
};

/* ---- verify_plan.c ------------------------------------------------------------ */

/*
 * The first attempt: what there is, and the parts of the work. Sets has_chain and
 * has_table; without them the rest is not set.
 */
extern void ledger_verify_plan(VerifyRun *run, void *leader);

/* The parts of another round: the tables that changed. */
extern void ledger_verify_plan_again(VerifyRun *run, void *leader);

/* Lay out the shared state for the parts that were planned; total is its size. */
extern VerifyShared *ledger_verify_make_shared(VerifyLeader *leader, const VerifyShared *before, Size *total);

/* What findings call a relation. */
extern void ledger_verify_remember_name(VerifyLeader *leader, Oid relid, const char *name);

#endif							/* LEDGER_VERIFY_LEADER_H */
