/*
 * core/opening.c
 *		What an export says beside an entry.
 *
 *	opening = group u16 || salt[32] || table_id[16] || schema_version u32 || nrows u64 || root[32]
 *			| fffe || salt[32] || body bytes
 *			| ffff || salt[32] || role text
 */
#include "core/opening.h"

void
ledger_opening_write(ledger_writer *w, const ledger_opening *opening)
{
	ledger_write_u16(w, opening->position);
	ledger_write_fixed(w, opening->salt, LEDGER_SALT_LEN);
	if (opening->position == LEDGER_SALT_EXTRA || opening->position == LEDGER_SALT_ROLE)
	{
		ledger_write_slice(w, opening->content);
		return;
	}
	ledger_write_fixed(w, opening->group.table_id, LEDGER_ID_LEN);
	ledger_write_u32(w, opening->group.schema_version);
	ledger_write_u64(w, opening->group.nrows);
	ledger_write_fixed(w, opening->group.root, LEDGER_HASH_LEN);
}

void
ledger_opening_iter_init(ledger_opening_iter *it, const void *data, size_t len)
{
	ledger_reader_init(&it->r, data, len);
	it->left = ledger_read_u16(&it->r);
	it->last = -1;
}

bool
ledger_opening_next(ledger_opening_iter *it, ledger_opening *opening)
{
	ledger_reader *r = &it->r;

	if (it->left == 0 || r->error != LEDGER_OK)
		return false;
	memset(opening, 0, sizeof(*opening));
	opening->position = ledger_read_u16(r);
	opening->salt = ledger_read_fixed(r, LEDGER_SALT_LEN);
	if (opening->position == LEDGER_SALT_EXTRA)
		opening->content = ledger_read_slice(r);
	else if (opening->position == LEDGER_SALT_ROLE)
		opening->content = ledger_read_text_slice(r);
	else
	{
		ledger_read_copy(r, opening->group.table_id, LEDGER_ID_LEN);
		opening->group.schema_version = ledger_read_u32(r);
		opening->group.nrows = ledger_read_u64(r);
		ledger_read_copy(r, opening->group.root, LEDGER_HASH_LEN);
		if (r->error == LEDGER_OK && opening->group.nrows == 0)
			ledger_read_fail(r, LEDGER_BAD_VALUE);
	}
	if (r->error == LEDGER_OK && opening->position <= it->last)
		ledger_read_fail(r, LEDGER_BAD_ORDER);
	it->last = opening->position;
	it->left--;
	return r->error == LEDGER_OK;
}

ledger_status
ledger_opening_finish(const ledger_opening_iter *it)
{
	if (it->r.error == LEDGER_OK && it->left > 0)
		return LEDGER_TRUNCATED;	/* the caller stopped early */
	return ledger_reader_finish(&it->r);
}
