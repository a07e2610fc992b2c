/*
 * core/receipt.h
 *		Receipts and consistency files, docs/format.md section 7.
 *
 * A receipt shows to somebody without a server that one row stands in the log
 * of a signed checkpoint. Everything happens in memory.
 */
#ifndef LEDGER_CORE_RECEIPT_H
#define LEDGER_CORE_RECEIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/checkpoint.h"
#include "core/entry.h"
#include "core/merkle.h"
#include "core/row.h"
#include "crypto/hash.h"

/* ---- receipts ---------------------------------------------------------------- */

typedef struct ledger_receipt_file
{
	ledger_suite suite;
	ledger_slice row;
	uint64_t	row_index;		/* in the tree of its group */
	uint64_t	nrows;
	const ledger_digest *row_path;
	size_t		row_npath;
	ledger_slice entry;
	uint16_t	group;			/* its number in the entry */
	bool		shared;
	uint8_t		salt[LEDGER_SALT_LEN];	/* of a private group */
	uint64_t	log_index;
	uint64_t	tree_size;
	const ledger_digest *log_path;
	size_t		log_npath;
	ledger_slice note;
} ledger_receipt_file;

extern ledger_status ledger_receipt_write(ledger_writer *w, const ledger_receipt_file *receipt);

/*
 * Take a receipt apart. Decoded bytes go to scratch, of which len bytes are
 * always enough; the slices of *receipt go there and into text. The row, entry
 * and note are not looked into yet.
 */
extern ledger_status ledger_receipt_parse(const char *text, size_t len, uint8_t *scratch, size_t cap,
										  ledger_receipt_file *receipt);

/* Which part of a receipt did not hold. */
typedef enum ledger_receipt_part
{
	LEDGER_RECEIPT_ALL = 0,		/* nothing is wrong */
	LEDGER_RECEIPT_SUITE,		/* the hasher is of the other suite */
	LEDGER_RECEIPT_ROW,			/* not a row */
	LEDGER_RECEIPT_ENTRY,		/* not an entry */
	LEDGER_RECEIPT_TX,			/* row and entry are of different transactions */
	LEDGER_RECEIPT_ROW_PATH,	/* the path does not fit index and number of rows */
	LEDGER_RECEIPT_GROUP,		/* the row is not in that group of the entry */
	LEDGER_RECEIPT_LOG_PATH,	/* the path does not fit index and size, or leads to another root */
	LEDGER_RECEIPT_NOTE,		/* not a checkpoint */
	LEDGER_RECEIPT_SIZE,		/* the checkpoint is of another size */
	LEDGER_RECEIPT_CHAIN,		/* the checkpoint is of another chain */
	LEDGER_RECEIPT_SIGNATURE	/* no valid signature of a trusted key */
} ledger_receipt_part;

/* A sentence part, such as "the row is not in that group of the entry". Never NULL. */
extern const char *ledger_receipt_part_text(ledger_receipt_part part);

/* What a receipt shows once it is checked. */
typedef struct ledger_receipt_facts
{
	ledger_receipt_part failed;
	ledger_row	row;
	ledger_entry entry;
	ledger_note note;
	uint8_t		leaf[LEDGER_HASH_LEN];	/* of the row */
} ledger_receipt_facts;

/*
 * Every step of section 7. Keys of the other suite are not counted as known. On
 * error facts->failed names the part and the status says what is wrong with it.
 */
extern ledger_status ledger_receipt_check(ledger_hasher *h, const ledger_receipt_file *receipt,
										  const ledger_vkey *keys, size_t nkeys, ledger_receipt_facts *facts);

/* ---- consistency files --------------------------------------------------------- */

typedef struct ledger_consistency_file
{
	ledger_suite suite;
	uint64_t	from;
	uint8_t		from_root[LEDGER_HASH_LEN];
	uint64_t	to;
	uint8_t		to_root[LEDGER_HASH_LEN];
	size_t		npath;
	ledger_digest path[LEDGER_PROOF_MAX];
} ledger_consistency_file;

extern ledger_status ledger_consistency_file_write(ledger_writer *w, const ledger_consistency_file *file);
extern ledger_status ledger_consistency_file_parse(const char *text, size_t len,
												   ledger_consistency_file *file);

/*
 * LEDGER_OK when the two roots are shown to be of one log. The caller compares
 * both sizes and roots with checkpoints that it trusts: a path alone does not fix
 * the sizes. LEDGER_BAD_LINK for a hasher of the other suite.
 */
extern ledger_status ledger_consistency_file_check(ledger_hasher *h, const ledger_consistency_file *file);

#endif							/* LEDGER_CORE_RECEIPT_H */
