/*
 * chain/restore.h
 *		What a dump cannot bring back: the steps of ledger.restore_finish().
 *
 * A chain that a dump has loaded is nowhere signed: its row in ledger.chain has
 * system identifier 0 (see ledger_sql_chain_loaded() in api/fn_restore.c).
 */
#ifndef LEDGER_RESTORE_H
#define LEDGER_RESTORE_H

#include "compat.h"

#include "chain/registry.h"
#include "nodes/pg_list.h"

/*
 * True while a dump is being loaded: ledger.restore is on, and the database has no
 * chain at home. Rows then come with their ledger columns and enter no chain.
 * Where a chain is at work the setting changes nothing.
 */
extern bool ledger_is_loading(void);

/* True for a chain that a dump has loaded, and nobody has finished. */
extern bool ledger_restore_is_pending(const LedgerChain *chain);

/* A table whose row in ledger.ledger_table names its relation again. */
typedef struct LedgerRestored
{
	Oid			relid;
	Oid			history_relid;	/* 0 unless versioned */
} LedgerRestored;

/*
 * Find the relation of each table by its name. Gives a list of LedgerRestored.
 * Ereports 55000 with all those that are missing or were restored as something
 * else.
 */
extern List *ledger_restore_map_tables(const LedgerChain *chain);

/* Let ledger.leaf name the places that the entries have now. */
extern void ledger_restore_leaf_index(const LedgerChain *chain);

/* Set the sequences above every number that was loaded. */
extern void ledger_restore_sequences(const LedgerChain *chain);

/* Hash everything again. Ereports 55000 with the first findings when there is an error. */
extern void ledger_restore_verify(const LedgerChain *chain);

#endif							/* LEDGER_RESTORE_H */
