/*
 * core/row.h
 *		Rows and their leaves, docs/format.md section 3.
 */
#ifndef LEDGER_CORE_ROW_H
#define LEDGER_CORE_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/identity.h"
#include "crypto/hash.h"

#define LEDGER_OP_INSERT 0
#define LEDGER_OP_UPDATE 1
#define LEDGER_OP_DELETE 2

/* Bytes before the first column, ncols included. */
#define LEDGER_ROW_HEADER_LEN 49

typedef struct ledger_row_header
{
	uint8_t		table_id[LEDGER_ID_LEN];
	uint32_t	schema_version;
	uint64_t	ledger_tx;
	uint32_t	ledger_seq;
	uint8_t		op;
	uint64_t	prev_tx;		/* 0 unless op is update or delete */
	uint32_t	prev_seq;
} ledger_row_header;

/* ---- writing -------------------------------------------------------------- */

/* The first LEDGER_ROW_HEADER_LEN bytes of a row, for a caller that knows ncols. */
extern void ledger_row_put_header(uint8_t out[LEDGER_ROW_HEADER_LEN], const ledger_row_header *header,
								  uint16_t ncols);

/*
 * A row written column by column into w. Between ledger_row_column() and the
 * next call the caller appends exactly one cell to w.
 */
typedef struct ledger_row_writer
{
	ledger_writer *w;
	size_t		start;			/* where the row begins in w */
	uint16_t	ncols;
	uint16_t	last_col;
	bool		disorder;		/* columns did not ascend */
} ledger_row_writer;

extern void ledger_row_begin(ledger_row_writer *rw, ledger_writer *w, const ledger_row_header *header);
extern void ledger_row_column(ledger_row_writer *rw, uint16_t col_id);

/* The same with a cell that is already encoded. */
extern void ledger_row_cell(ledger_row_writer *rw, uint16_t col_id, const void *cell, size_t len);

/* LEDGER_OK, LEDGER_NO_SPACE, or LEDGER_BAD_ORDER when columns did not ascend. */
extern ledger_status ledger_row_finish(ledger_row_writer *rw);

/* ---- reading -------------------------------------------------------------- */

typedef struct ledger_row
{
	ledger_row_header header;
	uint16_t	ncols;
	const uint8_t *columns;		/* into the input */
	size_t		columns_len;
} ledger_row;

/* Check every byte of a row, cells included. *row is filled when LEDGER_OK. */
extern ledger_status ledger_row_parse(const void *data, size_t len, ledger_row *row);

/* Walk the columns of a parsed row. The cell is tag and content as encoded. */
typedef struct ledger_row_iter
{
	ledger_reader r;
	uint16_t	left;
} ledger_row_iter;

extern void ledger_row_iter_init(ledger_row_iter *it, const ledger_row *row);
extern bool ledger_row_next(ledger_row_iter *it, uint16_t *col_id, const uint8_t **cell, size_t *len);

/* ---- hashes --------------------------------------------------------------- */

/* leaf = H(00 || row) */
extern bool ledger_row_leaf(ledger_hasher *h, const void *row, size_t len, uint8_t *leaf);

/* The commitment that stands for a redactable column: H(10 || 'C' || 01 || table_id || col_id || salt || cell). */
#define LEDGER_COLUMN_SALT_LEN 16
extern bool ledger_column_commitment(ledger_hasher *h, const uint8_t *table_id, uint16_t col_id,
									 const uint8_t *salt, const void *cell, size_t len, uint8_t *commitment);

#endif							/* LEDGER_CORE_ROW_H */
