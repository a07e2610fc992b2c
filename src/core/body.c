/*
 * core/body.c
 *		Bodies of the entry types.
 *
 * Each body's range checks stand in one function that its writer and its parser
 * share, so that nothing can be written that is not read back.
 */
#include "core/body.h"

#include "crypto/suite.h"

#define MEMBER_MAX ((1u << LEDGER_TX_MEMBER_BITS) - 1)
#define INCARNATION_MAX ((1u << LEDGER_TX_INCARNATION_BITS) - 1)

static bool
between(unsigned v, unsigned low, unsigned high)
{
	return v >= low && v <= high;
}

bool
ledger_member_name_valid(const void *name, size_t len)
{
	const char *p = (const char *) name;
	size_t		i;

	if (len == 0 || len > LEDGER_MEMBER_NAME_MAX)
		return false;
	for (i = 0; i < len; i++)
		if (!((p[i] >= 'A' && p[i] <= 'Z') || (p[i] >= 'a' && p[i] <= 'z') || (p[i] >= '0' && p[i] <= '9') ||
			  p[i] == '.' || p[i] == '_' || p[i] == '-'))
			return false;
	return true;
}

/* ---- TX -------------------------------------------------------------------- */

ledger_status
ledger_tx_extra_write(ledger_writer *w, const ledger_tx_extra *b)
{
	if (b->present)
	{
		ledger_write_fixed(w, b->keys_hash, LEDGER_HASH_LEN);
		ledger_write_u64(w, b->base_height);
		ledger_write_u64(w, b->expiry);
	}
	return ledger_writer_finish(w);
}

ledger_status
ledger_tx_extra_parse(const void *data, size_t len, ledger_tx_extra *b)
{
	ledger_reader r;

	memset(b, 0, sizeof(*b));
	if (len == 0)
		return LEDGER_OK;
	ledger_reader_init(&r, data, len);
	b->present = true;
	ledger_read_copy(&r, b->keys_hash, LEDGER_HASH_LEN);
	b->base_height = ledger_read_u64(&r);
	b->expiry = ledger_read_u64(&r);
	return ledger_reader_finish(&r);
}

/* ---- SCHEMA ---------------------------------------------------------------- */

ledger_status
ledger_schema_body_write(ledger_writer *w, const ledger_schema_body *b)
{
	ledger_write_fixed(w, b->table_id, LEDGER_ID_LEN);
	ledger_write_u32(w, b->schema_version);
	ledger_write_fixed(w, b->schema_hash, LEDGER_HASH_LEN);
	return ledger_writer_finish(w);
}

ledger_status
ledger_schema_body_parse(const void *data, size_t len, ledger_schema_body *b)
{
	ledger_reader r;

	ledger_reader_init(&r, data, len);
	ledger_read_copy(&r, b->table_id, LEDGER_ID_LEN);
	b->schema_version = ledger_read_u32(&r);
	ledger_read_copy(&r, b->schema_hash, LEDGER_HASH_LEN);
	return ledger_reader_finish(&r);
}

/* ---- MEMBER ---------------------------------------------------------------- */

static ledger_status
check_member(const ledger_member_body *b)
{
	if (!between(b->action, LEDGER_MEMBER_ADD, LEDGER_MEMBER_REMOVE) || b->member > MEMBER_MAX ||
		ledger_suite_name((ledger_suite) b->suite) == NULL ||
		!ledger_member_name_valid(b->name.data, b->name.len) ||
		(b->last_state.len != 0 && b->last_state.len != LEDGER_LAST_STATE_LEN))
		return LEDGER_BAD_VALUE;
	return LEDGER_OK;
}

ledger_status
ledger_member_body_write(ledger_writer *w, const ledger_member_body *b)
{
	if (check_member(b) != LEDGER_OK)
		return LEDGER_BAD_VALUE;
	ledger_write_u8(w, b->action);
	ledger_write_u16(w, b->member);
	ledger_write_u8(w, b->suite);
	ledger_write_u32(w, b->weight);
	ledger_write_fixed(w, b->nonce, sizeof(b->nonce));
	ledger_write_slice(w, b->name);
	ledger_write_slice(w, b->last_state);
	return ledger_writer_finish(w);
}

ledger_status
ledger_member_body_parse(const void *data, size_t len, ledger_member_body *b)
{
	ledger_reader r;
	ledger_status status;

	ledger_reader_init(&r, data, len);
	b->action = ledger_read_u8(&r);
	b->member = ledger_read_u16(&r);
	b->suite = ledger_read_u8(&r);
	b->weight = ledger_read_u32(&r);
	ledger_read_copy(&r, b->nonce, sizeof(b->nonce));
	b->name = ledger_read_text_slice(&r);
	b->last_state = ledger_read_slice(&r);
	status = ledger_reader_finish(&r);
	return status == LEDGER_OK ? check_member(b) : status;
}

/* ---- KEY ------------------------------------------------------------------- */

static ledger_status
check_key(const ledger_key_body *b)
{
	if (b->member > MEMBER_MAX || !between(b->usage, LEDGER_KEY_SIGN, LEDGER_KEY_TLS))
		return LEDGER_BAD_VALUE;
	return LEDGER_OK;
}

ledger_status
ledger_key_body_write(ledger_writer *w, const ledger_key_body *b)
{
	if (check_key(b) != LEDGER_OK)
		return LEDGER_BAD_VALUE;
	ledger_write_u16(w, b->member);
	ledger_write_u8(w, b->usage);
	ledger_write_slice(w, b->spki);
	ledger_write_slice(w, b->approval);
	return ledger_writer_finish(w);
}

ledger_status
ledger_key_body_parse(const void *data, size_t len, ledger_key_body *b)
{
	ledger_reader r;
	ledger_status status;

	ledger_reader_init(&r, data, len);
	b->member = ledger_read_u16(&r);
	b->usage = ledger_read_u8(&r);
	b->spki = ledger_read_slice(&r);
	b->approval = ledger_read_slice(&r);
	status = ledger_reader_finish(&r);
	return status == LEDGER_OK ? check_key(b) : status;
}

ledger_status
ledger_key_approval_message(ledger_writer *w, const uint8_t *chain_id, const ledger_key_body *b)
{
	ledger_write_u8(w, 'K');
	ledger_write_u8(w, 1);
	ledger_write_fixed(w, chain_id, LEDGER_ID_LEN);
	ledger_write_u16(w, b->member);
	ledger_write_u8(w, b->usage);
	ledger_write_slice(w, b->spki);
	return ledger_writer_finish(w);
}

/* ---- GRANT ----------------------------------------------------------------- */

ledger_status
ledger_grant_body_write(ledger_writer *w, const ledger_grant_body *b)
{
	ledger_write_slice(w, b->record);
	return ledger_writer_finish(w);
}

ledger_status
ledger_grant_body_parse(const void *data, size_t len, ledger_grant_body *b)
{
	ledger_reader r;

	ledger_reader_init(&r, data, len);
	b->record = ledger_read_slice(&r);
	return ledger_reader_finish(&r);
}

/* ---- SIGNATURE ------------------------------------------------------------- */

static ledger_status
check_signature(const ledger_signature_body *b)
{
	if (!ledger_tx_valid(b->ledger_tx) || b->ledger_seq > LEDGER_SEQ_MAX)
		return LEDGER_BAD_VALUE;
	return LEDGER_OK;
}

ledger_status
ledger_signature_body_write(ledger_writer *w, const ledger_signature_body *b)
{
	if (check_signature(b) != LEDGER_OK)
		return LEDGER_BAD_VALUE;
	ledger_write_u64(w, b->ledger_tx);
	ledger_write_fixed(w, b->table_id, LEDGER_ID_LEN);
	ledger_write_u32(w, b->ledger_seq);
	ledger_write_fixed(w, b->leaf, LEDGER_HASH_LEN);
	ledger_write_slice(w, b->spki);
	ledger_write_slice(w, b->signature);
	return ledger_writer_finish(w);
}

ledger_status
ledger_signature_body_parse(const void *data, size_t len, ledger_signature_body *b)
{
	ledger_reader r;
	ledger_status status;

	ledger_reader_init(&r, data, len);
	b->ledger_tx = ledger_read_u64(&r);
	ledger_read_copy(&r, b->table_id, LEDGER_ID_LEN);
	b->ledger_seq = ledger_read_u32(&r);
	ledger_read_copy(&r, b->leaf, LEDGER_HASH_LEN);
	b->spki = ledger_read_slice(&r);
	b->signature = ledger_read_slice(&r);
	status = ledger_reader_finish(&r);
	return status == LEDGER_OK ? check_signature(b) : status;
}

void
ledger_row_signature_message(uint8_t out[LEDGER_ROW_SIGNATURE_MESSAGE_LEN], const uint8_t *chain_id,
							 const uint8_t *leaf)
{
	out[0] = 'G';
	out[1] = 1;
	memcpy(out + 2, chain_id, LEDGER_ID_LEN);
	memcpy(out + 2 + LEDGER_ID_LEN, leaf, LEDGER_HASH_LEN);
}

/* ---- ERASE ----------------------------------------------------------------- */

static ledger_status
check_erase(const ledger_erase_body *b)
{
	uint16_t	last = 0;
	unsigned	i;

	if (!ledger_tx_valid(b->ledger_tx) || b->ledger_seq > LEDGER_SEQ_MAX)
		return LEDGER_BAD_VALUE;
	for (i = 0; i < b->ncols; i++)
	{
		uint16_t	col_id = ledger_get_u16(b->col_ids + 2 * i);

		if (col_id <= last)
			return LEDGER_BAD_ORDER;
		last = col_id;
	}
	return LEDGER_OK;
}

ledger_status
ledger_erase_body_write(ledger_writer *w, const ledger_erase_body *b)
{
	ledger_status status = check_erase(b);

	if (status != LEDGER_OK)
		return status;
	if (!ledger_utf8_valid(b->basis.data, b->basis.len))
		return LEDGER_BAD_UTF8;
	ledger_write_fixed(w, b->table_id, LEDGER_ID_LEN);
	ledger_write_u64(w, b->ledger_tx);
	ledger_write_u32(w, b->ledger_seq);
	ledger_write_u16(w, b->ncols);
	ledger_write_fixed(w, b->col_ids, 2 * (size_t) b->ncols);
	ledger_write_slice(w, b->basis);
	return ledger_writer_finish(w);
}

ledger_status
ledger_erase_body_parse(const void *data, size_t len, ledger_erase_body *b)
{
	ledger_reader r;
	ledger_status status;

	ledger_reader_init(&r, data, len);
	ledger_read_copy(&r, b->table_id, LEDGER_ID_LEN);
	b->ledger_tx = ledger_read_u64(&r);
	b->ledger_seq = ledger_read_u32(&r);
	b->ncols = ledger_read_u16(&r);
	b->col_ids = ledger_read_fixed(&r, 2 * (size_t) b->ncols);
	b->basis = ledger_read_text_slice(&r);
	status = ledger_reader_finish(&r);
	return status == LEDGER_OK ? check_erase(b) : status;
}

/* ---- PURGE ----------------------------------------------------------------- */

ledger_status
ledger_purge_body_write(ledger_writer *w, const ledger_purge_body *b)
{
	if (!ledger_utf8_valid(b->reason.data, b->reason.len))
		return LEDGER_BAD_UTF8;
	ledger_write_fixed(w, b->table_id, LEDGER_ID_LEN);
	ledger_write_u64(w, b->nrows);
	ledger_write_i64(w, b->retain_until);
	ledger_write_slice(w, b->reason);
	return ledger_writer_finish(w);
}

ledger_status
ledger_purge_body_parse(const void *data, size_t len, ledger_purge_body *b)
{
	ledger_reader r;

	ledger_reader_init(&r, data, len);
	ledger_read_copy(&r, b->table_id, LEDGER_ID_LEN);
	b->nrows = ledger_read_u64(&r);
	b->retain_until = ledger_read_i64(&r);
	b->reason = ledger_read_text_slice(&r);
	return ledger_reader_finish(&r);
}

/* ---- INCARNATION ----------------------------------------------------------- */

static ledger_status
check_incarnation(const ledger_incarnation_body *b)
{
	if (b->incarnation > INCARNATION_MAX ||
		!between(b->reason, LEDGER_INCARNATION_START, LEDGER_INCARNATION_FORK))
		return LEDGER_BAD_VALUE;
	return LEDGER_OK;
}

ledger_status
ledger_incarnation_body_write(ledger_writer *w, const ledger_incarnation_body *b)
{
	if (check_incarnation(b) != LEDGER_OK)
		return LEDGER_BAD_VALUE;
	if (!ledger_utf8_valid(b->origin.data, b->origin.len))
		return LEDGER_BAD_UTF8;
	ledger_write_u16(w, b->incarnation);
	ledger_write_u8(w, b->reason);
	ledger_write_slice(w, b->origin);
	ledger_write_u64(w, b->size);
	ledger_write_fixed(w, b->root, LEDGER_HASH_LEN);
	return ledger_writer_finish(w);
}

ledger_status
ledger_incarnation_body_parse(const void *data, size_t len, ledger_incarnation_body *b)
{
	ledger_reader r;
	ledger_status status;

	ledger_reader_init(&r, data, len);
	b->incarnation = ledger_read_u16(&r);
	b->reason = ledger_read_u8(&r);
	b->origin = ledger_read_text_slice(&r);
	b->size = ledger_read_u64(&r);
	ledger_read_copy(&r, b->root, LEDGER_HASH_LEN);
	status = ledger_reader_finish(&r);
	return status == LEDGER_OK ? check_incarnation(b) : status;
}

/* ---- BASELINE -------------------------------------------------------------- */

static ledger_status
check_baseline(const ledger_baseline_body *b)
{
	return between(b->reason, LEDGER_BASELINE_CONVERTED, LEDGER_BASELINE_RESTORED) ? LEDGER_OK
																				   : LEDGER_BAD_VALUE;
}

ledger_status
ledger_baseline_body_write(ledger_writer *w, const ledger_baseline_body *b)
{
	if (check_baseline(b) != LEDGER_OK)
		return LEDGER_BAD_VALUE;
	ledger_write_fixed(w, b->table_id, LEDGER_ID_LEN);
	ledger_write_u32(w, b->schema_version);
	ledger_write_u64(w, b->nrows);
	ledger_write_fixed(w, b->root, LEDGER_HASH_LEN);
	ledger_write_fixed(w, b->old_chain, LEDGER_ID_LEN);
	ledger_write_u8(w, b->reason);
	return ledger_writer_finish(w);
}

ledger_status
ledger_baseline_body_parse(const void *data, size_t len, ledger_baseline_body *b)
{
	ledger_reader r;
	ledger_status status;

	ledger_reader_init(&r, data, len);
	ledger_read_copy(&r, b->table_id, LEDGER_ID_LEN);
	b->schema_version = ledger_read_u32(&r);
	b->nrows = ledger_read_u64(&r);
	ledger_read_copy(&r, b->root, LEDGER_HASH_LEN);
	ledger_read_copy(&r, b->old_chain, LEDGER_ID_LEN);
	b->reason = ledger_read_u8(&r);
	status = ledger_reader_finish(&r);
	return status == LEDGER_OK ? check_baseline(b) : status;
}

/* ---- CLOSE ----------------------------------------------------------------- */

ledger_status
ledger_close_body_write(ledger_writer *w, const ledger_close_body *b)
{
	ledger_write_fixed(w, b->new_chain, LEDGER_ID_LEN);
	ledger_write_u64(w, b->size);
	ledger_write_fixed(w, b->root, LEDGER_HASH_LEN);
	return ledger_writer_finish(w);
}

ledger_status
ledger_close_body_parse(const void *data, size_t len, ledger_close_body *b)
{
	ledger_reader r;

	ledger_reader_init(&r, data, len);
	ledger_read_copy(&r, b->new_chain, LEDGER_ID_LEN);
	b->size = ledger_read_u64(&r);
	ledger_read_copy(&r, b->root, LEDGER_HASH_LEN);
	return ledger_reader_finish(&r);
}

/* ---- CROSS ----------------------------------------------------------------- */

static ledger_status
check_cross(const ledger_cross_body *b)
{
	if (!between(b->action, LEDGER_CROSS_RESERVE, LEDGER_CROSS_CANCEL) || !ledger_tx_valid(b->other_tx))
		return LEDGER_BAD_VALUE;
	return LEDGER_OK;
}

ledger_status
ledger_cross_body_write(ledger_writer *w, const ledger_cross_body *b)
{
	if (check_cross(b) != LEDGER_OK)
		return LEDGER_BAD_VALUE;
	ledger_write_u8(w, b->action);
	ledger_write_fixed(w, b->other_chain, LEDGER_ID_LEN);
	ledger_write_u64(w, b->other_tx);
	ledger_write_i64(w, b->expiry);
	return ledger_writer_finish(w);
}

ledger_status
ledger_cross_body_parse(const void *data, size_t len, ledger_cross_body *b)
{
	ledger_reader r;
	ledger_status status;

	ledger_reader_init(&r, data, len);
	b->action = ledger_read_u8(&r);
	ledger_read_copy(&r, b->other_chain, LEDGER_ID_LEN);
	b->other_tx = ledger_read_u64(&r);
	b->expiry = ledger_read_i64(&r);
	status = ledger_reader_finish(&r);
	return status == LEDGER_OK ? check_cross(b) : status;
}

/* ---- any ------------------------------------------------------------------- */

ledger_status
ledger_body_check(unsigned type, const void *data, size_t len)
{
	union
	{
		ledger_tx_extra tx;
		ledger_schema_body schema;
		ledger_member_body member;
		ledger_key_body key;
		ledger_grant_body grant;
		ledger_signature_body signature;
		ledger_erase_body erase;
		ledger_purge_body purge;
		ledger_incarnation_body incarnation;
		ledger_baseline_body baseline;
		ledger_close_body close;
		ledger_cross_body cross;
	} b;

	switch (type)
	{
		case LEDGER_ENTRY_TX:
			return ledger_tx_extra_parse(data, len, &b.tx);
		case LEDGER_ENTRY_SCHEMA:
			return ledger_schema_body_parse(data, len, &b.schema);
		case LEDGER_ENTRY_MEMBER:
			return ledger_member_body_parse(data, len, &b.member);
		case LEDGER_ENTRY_KEY:
			return ledger_key_body_parse(data, len, &b.key);
		case LEDGER_ENTRY_GRANT:
			return ledger_grant_body_parse(data, len, &b.grant);
		case LEDGER_ENTRY_SIGNATURE:
			return ledger_signature_body_parse(data, len, &b.signature);
		case LEDGER_ENTRY_ERASE:
			return ledger_erase_body_parse(data, len, &b.erase);
		case LEDGER_ENTRY_PURGE:
			return ledger_purge_body_parse(data, len, &b.purge);
		case LEDGER_ENTRY_INCARNATION:
			return ledger_incarnation_body_parse(data, len, &b.incarnation);
		case LEDGER_ENTRY_BASELINE:
			return ledger_baseline_body_parse(data, len, &b.baseline);
		case LEDGER_ENTRY_CLOSE:
			return ledger_close_body_parse(data, len, &b.close);
		case LEDGER_ENTRY_CROSS:
			return ledger_cross_body_parse(data, len, &b.cross);
	}
	return LEDGER_BAD_TAG;
}
