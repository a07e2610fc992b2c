/*
 * core/row.c
 *		Rows and their leaves.
 *
 * Bytes of a row (docs/format.md section 3):
 *
 *		 0	'R' 01
 *		 2	table_id		16
 *		18	schema_version	u32
 *		22	ledger_tx		u64
 *		30	ledger_seq		u32
 *		34	op				u8
 *		35	prev_tx			u64
 *		43	prev_seq		u32
 *		47	ncols			u16
 *		49	ncols x (col_id u16, cell)
 */
#include "core/row.h"

#include "core/canon.h"

#define NCOLS_AT 47

void
ledger_row_put_header(uint8_t out[LEDGER_ROW_HEADER_LEN], const ledger_row_header *header, uint16_t ncols)
{
	out[0] = 'R';
	out[1] = 1;
	memcpy(out + 2, header->table_id, LEDGER_ID_LEN);
	ledger_put_u32(out + 18, header->schema_version);
	ledger_put_u64(out + 22, header->ledger_tx);
	ledger_put_u32(out + 30, header->ledger_seq);
	out[34] = header->op;
	ledger_put_u64(out + 35, header->prev_tx);
	ledger_put_u32(out + 43, header->prev_seq);
	ledger_put_u16(out + NCOLS_AT, ncols);
}

void
ledger_row_begin(ledger_row_writer *rw, ledger_writer *w, const ledger_row_header *header)
{
	uint8_t		bytes[LEDGER_ROW_HEADER_LEN];

	rw->w = w;
	rw->start = w->len;
	rw->ncols = 0;
	rw->last_col = 0;
	rw->disorder = false;
	ledger_row_put_header(bytes, header, 0);
	ledger_write_fixed(w, bytes, sizeof(bytes));
}

void
ledger_row_column(ledger_row_writer *rw, uint16_t col_id)
{
	if (col_id <= rw->last_col)
		rw->disorder = true;
	rw->last_col = col_id;
	rw->ncols++;
	ledger_write_u16(rw->w, col_id);
}

void
ledger_row_cell(ledger_row_writer *rw, uint16_t col_id, const void *cell, size_t len)
{
	ledger_row_column(rw, col_id);
	ledger_write_fixed(rw->w, cell, len);
}

ledger_status
ledger_row_finish(ledger_row_writer *rw)
{
	if (rw->disorder)
		return LEDGER_BAD_ORDER;
	if (!ledger_writer_ok(rw->w))
		return LEDGER_NO_SPACE;
	ledger_put_u16(rw->w->buf + rw->start + NCOLS_AT, rw->ncols);
	return LEDGER_OK;
}

static ledger_status
check_header(const ledger_row_header *header, uint16_t ncols)
{
	bool		supersedes = header->op == LEDGER_OP_UPDATE || header->op == LEDGER_OP_DELETE;

	if (!ledger_tx_valid(header->ledger_tx) || header->ledger_seq > LEDGER_SEQ_MAX ||
		header->op > LEDGER_OP_DELETE)
		return LEDGER_BAD_VALUE;
	if (supersedes)
	{
		if (!ledger_tx_valid(header->prev_tx) || header->prev_seq > LEDGER_SEQ_MAX)
			return LEDGER_BAD_VALUE;
	}
	else if (header->prev_tx != 0 || header->prev_seq != 0)
		return LEDGER_BAD_VALUE;
	if (header->op == LEDGER_OP_DELETE && ncols != 0)
		return LEDGER_BAD_VALUE;
	return LEDGER_OK;
}

ledger_status
ledger_row_parse(const void *data, size_t len, ledger_row *row)
{
	ledger_row	p;
	ledger_reader r;
	ledger_status status;
	uint16_t	last = 0;
	unsigned	i;

	memset(&p, 0, sizeof(p));
	ledger_reader_init(&r, data, len);
	if (ledger_read_u8(&r) != 'R' || ledger_read_u8(&r) != 1)
		return r.error != LEDGER_OK ? r.error : LEDGER_BAD_MAGIC;
	ledger_read_copy(&r, p.header.table_id, LEDGER_ID_LEN);
	p.header.schema_version = ledger_read_u32(&r);
	p.header.ledger_tx = ledger_read_u64(&r);
	p.header.ledger_seq = ledger_read_u32(&r);
	p.header.op = ledger_read_u8(&r);
	p.header.prev_tx = ledger_read_u64(&r);
	p.header.prev_seq = ledger_read_u32(&r);
	p.ncols = ledger_read_u16(&r);
	if (r.error != LEDGER_OK)
		return r.error;
	status = check_header(&p.header, p.ncols);
	if (status != LEDGER_OK)
		return status;
	p.columns = r.p;
	p.columns_len = r.left;
	for (i = 0; i < p.ncols; i++)
	{
		uint16_t	col_id = ledger_read_u16(&r);

		if (r.error == LEDGER_OK && col_id <= last)
			return LEDGER_BAD_ORDER;
		last = col_id;
		status = ledger_cell_check(&r, true);
		if (status != LEDGER_OK)
			return status;
	}
	status = ledger_reader_finish(&r);
	if (status == LEDGER_OK)
		*row = p;
	return status;
}

void
ledger_row_iter_init(ledger_row_iter *it, const ledger_row *row)
{
	ledger_reader_init(&it->r, row->columns, row->columns_len);
	it->left = row->ncols;
}

bool
ledger_row_next(ledger_row_iter *it, uint16_t *col_id, const uint8_t **cell, size_t *len)
{
	const uint8_t *start;
	const uint8_t *content;
	size_t		content_len;
	uint8_t		tag;

	if (it->left == 0)
		return false;
	*col_id = ledger_read_u16(&it->r);
	start = it->r.p;
	if (ledger_cell_read(&it->r, &tag, &content, &content_len) != LEDGER_OK)
		return false;
	it->left--;
	*cell = start;
	*len = (size_t) (it->r.p - start);
	return true;
}

bool
ledger_row_leaf(ledger_hasher *h, const void *row, size_t len, uint8_t *leaf)
{
	return ledger_hash_prefixed(h, 0x00, row, len, leaf);
}

bool
ledger_column_commitment(ledger_hasher *h, const uint8_t *table_id, uint16_t col_id, const uint8_t *salt,
						 const void *cell, size_t len, uint8_t *commitment)
{
	uint8_t		head[3 + LEDGER_ID_LEN + 2 + LEDGER_COLUMN_SALT_LEN] = {0x10, 'C', 1};

	memcpy(head + 3, table_id, LEDGER_ID_LEN);
	ledger_put_u16(head + 3 + LEDGER_ID_LEN, col_id);
	memcpy(head + 3 + LEDGER_ID_LEN + 2, salt, LEDGER_COLUMN_SALT_LEN);
	return ledger_hash_begin(h) && ledger_hash_update(h, head, sizeof(head)) &&
		ledger_hash_update(h, cell, len) && ledger_hash_final(h, commitment);
}
