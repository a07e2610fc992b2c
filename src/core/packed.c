/*
 * core/packed.c
 *		Local bytes of ledger.entry and ledger.leaf.
 *
 * A list of groups is `n u16`, then for each the varints table_no,
 * schema_version, nrows, first_seq, block_lo, block_hi - block_lo, and the root.
 * An item of the leaf index is
 *
 *		 0	ledger_tx & ff	u8
 *		 1	leaf offset		u32
 *		 5	heap block		u32
 *		 9	line pointer	u16
 */
#include "core/packed.h"

#include "core/entry.h"

void
ledger_packed_begin(ledger_writer *w, uint16_t ngroups)
{
	ledger_write_u16(w, ngroups);
}

ledger_status
ledger_packed_group_write(ledger_writer *w, const ledger_packed_group *g)
{
	if (g->nrows == 0 || g->block_hi < g->block_lo)
		return LEDGER_BAD_VALUE;
	ledger_write_varint(w, g->table_no);
	ledger_write_varint(w, g->schema_version);
	ledger_write_varint(w, g->nrows);
	ledger_write_varint(w, g->first_seq);
	ledger_write_varint(w, g->block_lo);
	ledger_write_varint(w, g->block_hi - g->block_lo);
	ledger_write_fixed(w, g->root, LEDGER_HASH_LEN);
	return ledger_writer_finish(w);
}

static uint32_t
read_varint32(ledger_reader *r)
{
	uint64_t	v = ledger_read_varint(r);

	if (v > UINT32_MAX)
	{
		ledger_read_fail(r, LEDGER_BAD_VALUE);
		return 0;
	}
	return (uint32_t) v;
}

bool
ledger_packed_group_read(ledger_reader *r, ledger_packed_group *g)
{
	uint32_t	span;

	g->table_no = read_varint32(r);
	g->schema_version = read_varint32(r);
	g->nrows = ledger_read_varint(r);
	g->first_seq = read_varint32(r);
	g->block_lo = read_varint32(r);
	span = read_varint32(r);
	ledger_read_copy(r, g->root, LEDGER_HASH_LEN);
	if (r->error == LEDGER_OK && (g->nrows == 0 || span > UINT32_MAX - g->block_lo))
		ledger_read_fail(r, LEDGER_BAD_VALUE);
	if (r->error != LEDGER_OK)
		return false;
	g->block_hi = g->block_lo + span;
	return true;
}

ledger_status
ledger_packed_iter_init(ledger_packed_iter *it, const void *data, size_t len)
{
	ledger_reader_init(&it->r, data, len);
	it->left = ledger_read_u16(&it->r);
	if (it->left > LEDGER_ENTRY_MAX_GROUPS)
		ledger_read_fail(&it->r, LEDGER_TOO_LARGE);
	return it->r.error;
}

bool
ledger_packed_next(ledger_packed_iter *it, ledger_packed_group *g)
{
	if (it->left == 0)
	{
		if (it->r.left > 0)
			ledger_read_fail(&it->r, LEDGER_TRAILING);
		return false;
	}
	it->left--;
	return ledger_packed_group_read(&it->r, g);
}

ledger_status
ledger_packed_check(const void *data, size_t len, uint16_t *ngroups)
{
	ledger_packed_iter it;
	ledger_packed_group g;

	ledger_packed_iter_init(&it, data, len);
	*ngroups = it.left;
	while (ledger_packed_next(&it, &g))
		continue;
	return ledger_reader_finish(&it.r);
}

/* ---- ledger.leaf.items ------------------------------------------------------ */

void
ledger_leaf_item_put(uint8_t out[LEDGER_LEAF_ITEM_LEN], const ledger_leaf_item *item)
{
	out[0] = item->tx_low;
	ledger_put_u32(out + 1, item->leaf_offset);
	ledger_put_u32(out + 5, item->heap_block);
	ledger_put_u16(out + 9, item->line_pointer);
}

void
ledger_leaf_item_get(const uint8_t *items, size_t i, ledger_leaf_item *item)
{
	const uint8_t *p = items + i * LEDGER_LEAF_ITEM_LEN;

	item->tx_low = p[0];
	item->leaf_offset = ledger_get_u32(p + 1);
	item->heap_block = ledger_get_u32(p + 5);
	item->line_pointer = ledger_get_u16(p + 9);
}

ledger_status
ledger_leaf_items_check(const void *items, size_t len, size_t *nitems)
{
	size_t		n = len / LEDGER_LEAF_ITEM_LEN;
	uint32_t	last = 0;
	size_t		i;

	*nitems = 0;
	if (len % LEDGER_LEAF_ITEM_LEN != 0)
		return LEDGER_TRUNCATED;
	for (i = 0; i < n; i++)
	{
		ledger_leaf_item item;

		ledger_leaf_item_get((const uint8_t *) items, i, &item);
		if (i > 0 && item.leaf_offset <= last)
			return LEDGER_BAD_ORDER;
		if (item.line_pointer == 0)
			return LEDGER_BAD_VALUE;
		last = item.leaf_offset;
	}
	*nitems = n;
	return LEDGER_OK;
}

size_t
ledger_leaf_items_find(const uint8_t *items, size_t nitems, size_t from, uint8_t tx_low)
{
	size_t		i;

	for (i = from; i < nitems; i++)
		if (items[i * LEDGER_LEAF_ITEM_LEN] == tx_low)
			return i;
	return nitems;
}

/* ---- ledger_salt ------------------------------------------------------------- */

ledger_status
ledger_salt_piece_write(ledger_writer *w, const void *piece, size_t len)
{
	if (len != LEDGER_SALT_PIECE_OPEN && len != LEDGER_SALT_PIECE_ERASED)
		return LEDGER_BAD_VALUE;
	ledger_write_u8(w, (uint8_t) len);
	ledger_write_fixed(w, piece, len);
	return ledger_writer_finish(w);
}

bool
ledger_salt_piece_read(ledger_reader *r, const uint8_t **piece, size_t *len)
{
	if (r->left == 0)
		return false;
	*len = ledger_read_u8(r);
	if (*len != LEDGER_SALT_PIECE_OPEN && *len != LEDGER_SALT_PIECE_ERASED)
		ledger_read_fail(r, LEDGER_BAD_VALUE);
	*piece = ledger_read_fixed(r, *len);
	return r->error == LEDGER_OK;
}
