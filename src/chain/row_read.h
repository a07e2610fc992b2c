/*
 * chain/row_read.h
 *		Stored rows of a ledger table as the bytes that were hashed.
 *
 * Used by verify, receipt and export. A row is encoded under the schema version
 * that it was written in, whatever the table looks like now.
 */
#ifndef LEDGER_ROW_READ_H
#define LEDGER_ROW_READ_H

#include "compat.h"

#include "access/htup.h"
#include "chain/registry.h"
#include "chain/schema_version.h"
#include "chain/tuple_check.h"
#include "lib/stringinfo.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"
#include "utils/snapshot.h"

/* What of a ledger table is looked for, as ledger.ledger_table has it. */
typedef struct LedgerRowSource
{
	Oid			relid;
	uint8		table_id[16];
	AttrNumber	tx_attnum;
	AttrNumber	seq_attnum;
	Oid			history_relid;	/* of a versioned table, else 0 */
} LedgerRowSource;

/*
 * The tuples of a page of a heap that the snapshot shows, line pointers checked,
 * with the page pinned: the caller releases *buffer. tuples has room for
 * MaxHeapTuplesPerPage.
 */
extern int ledger_page_tuples(Relation rel, BlockNumber block, BufferAccessStrategy strategy,
							  Snapshot snapshot, Buffer *buffer, HeapTupleData *tuples);

typedef struct LedgerRowReader LedgerRowReader;

/*
 * A reader of the table itself, or of its history. What it learns of schema
 * versions lives in CurrentMemoryContext; what belongs to a transaction starts
 * with attach and ends with detach, or with the transaction.
 */
extern LedgerRowReader *ledger_row_reader_new(const LedgerRowSource *source, bool of_history);

/* rel is the relation that tuples come from, open while the reader is attached. */
extern void ledger_row_reader_attach(LedgerRowReader *reader, Relation rel, Snapshot snapshot);
extern void ledger_row_reader_detach(LedgerRowReader *reader);

/* Who wrote a stored row, and in a history who ended it. */
typedef struct LedgerStoredRow
{
	uint64		ledger_tx;
	uint32		ledger_seq;
	uint8		ended_op;		/* 0: not a row of a history */
	uint64		ended_tx;
	uint32		ended_seq;
} LedgerStoredRow;

/*
 * Look at a tuple; NULL, or a sentence part that says why it cannot be read. The
 * functions below are about the tuple that was looked at last.
 */
extern const char *ledger_row_look(LedgerRowReader *reader, HeapTuple tuple, LedgerStoredRow *row);

/*
 * Append the row as it was hashed when it was written. NULL or a sentence part.
 * Detoasts into CurrentMemoryContext; ereports where detoasting does.
 */
extern const char *ledger_row_append(LedgerRowReader *reader, uint32 schema_version, StringInfo out);

/* Append the deletion that ended it, for ended_op 2. */
extern void ledger_row_append_deletion(LedgerRowReader *reader, uint32 schema_version, StringInfo out);

/* What is wrong with columns that are newer than the row (chain/verify_later.h); NULL if nothing, or in a history. */
extern const char *ledger_row_later_problem(LedgerRowReader *reader, uint32 schema_version);

#endif							/* LEDGER_ROW_READ_H */
