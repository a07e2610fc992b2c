/*
 * core/entry.c
 *		Entries of the log.
 *
 * Bytes of an entry (docs/format.md section 4):
 *
 *		 0	'E' 01
 *		 2	type			u8
 *		 3	chain_id		16
 *		19	ledger_tx		u64
 *		27	part			u16
 *		29	stamped_at		i64
 *		37	role_hash		32
 *		69	ngroups			u16
 *		71	ngroups x (01, table_id, schema_version u32, nrows u64, root | 02, hash)
 *			extra			bytes
 */
#include "core/entry.h"

#include "core/body.h"

#define NGROUPS_AT 69

const char *
ledger_entry_type_name(unsigned type)
{
	static const char *const names[] = {
		NULL, "TX", "SCHEMA", "MEMBER", "KEY", "GRANT", "SIGNATURE", "ERASE",
		"PURGE", "INCARNATION", "BASELINE", "CLOSE", "CROSS"
	};

	return type <= LEDGER_ENTRY_TYPE_LAST ? names[type] : NULL;
}

/* ---- salts and hidden parts ------------------------------------------------ */

bool
ledger_entry_salt(ledger_hasher *h, const uint8_t *seed, uint16_t position, uint8_t *salt)
{
	uint8_t		in[3 + LEDGER_ENTRY_SEED_LEN + 2] = {0x03, 'K', 1};

	memcpy(in + 3, seed, LEDGER_ENTRY_SEED_LEN);
	ledger_put_u16(in + 3 + LEDGER_ENTRY_SEED_LEN, position);
	return ledger_hash(h, in, sizeof(in), salt);
}

bool
ledger_role_hash(ledger_hasher *h, const uint8_t *salt, const char *role, size_t len, uint8_t *hash)
{
	uint8_t		in[3 + LEDGER_SALT_LEN] = {0x03, 'N', 1};

	memcpy(in + 3, salt, LEDGER_SALT_LEN);
	return ledger_hash_begin(h) && ledger_hash_update(h, in, sizeof(in)) &&
		ledger_hash_update(h, role, len) && ledger_hash_final(h, hash);
}

bool
ledger_extra_hash(ledger_hasher *h, uint8_t type, const uint8_t *salt, const void *body, size_t len,
				  uint8_t *hash)
{
	uint8_t		in[4 + LEDGER_SALT_LEN] = {0x03, 'X', 1, type};

	memcpy(in + 4, salt, LEDGER_SALT_LEN);
	return ledger_hash_begin(h) && ledger_hash_update(h, in, sizeof(in)) &&
		ledger_hash_update(h, body, len) && ledger_hash_final(h, hash);
}

static void
put_group(uint8_t *out, const ledger_group *group)
{
	memcpy(out, group->table_id, LEDGER_ID_LEN);
	ledger_put_u32(out + 16, group->schema_version);
	ledger_put_u64(out + 20, group->nrows);
	memcpy(out + 28, group->root, LEDGER_HASH_LEN);
}

bool
ledger_private_group_hash(ledger_hasher *h, const uint8_t *salt, const ledger_group *group, uint8_t *hash)
{
	uint8_t		in[3 + LEDGER_SALT_LEN + LEDGER_SHARED_GROUP_LEN - 1] = {0x03, 'P', 1};

	memcpy(in + 3, salt, LEDGER_SALT_LEN);
	put_group(in + 3 + LEDGER_SALT_LEN, group);
	return ledger_hash(h, in, sizeof(in), hash);
}

/* ---- hidden parts of many entries ------------------------------------------ */

void
ledger_hidden_init(ledger_hidden_batch *b, ledger_hasher *h)
{
	b->h = h;
	b->n = 0;
}

/* The next part but for its content; the caller knows that there is room. */
static ledger_hidden_part *
next_part(ledger_hidden_batch *b, const uint8_t *seed, uint16_t position, uint8_t kind, size_t len,
		  uint8_t *out)
{
	ledger_hidden_part *part = &b->part[b->n++];

	part->salt_input[0] = 'K';
	part->salt_input[1] = 1;
	memcpy(part->salt_input + 2, seed, LEDGER_ENTRY_SEED_LEN);
	ledger_put_u16(part->salt_input + 2 + LEDGER_ENTRY_SEED_LEN, position);
	part->input[0] = kind;
	part->input[1] = 1;
	part->len = 2 + LEDGER_SALT_LEN + len;
	part->out = out;
	return part;
}

bool
ledger_hidden_role(ledger_hidden_batch *b, const uint8_t *seed, const char *role, size_t len, uint8_t *out)
{
	ledger_hidden_part *part;
	uint8_t		salt[LEDGER_SALT_LEN];

	if (b->n == LEDGER_HIDDEN_MAX || len > LEDGER_HIDDEN_CONTENT_MAX)
		return ledger_entry_salt(b->h, seed, LEDGER_SALT_ROLE, salt) &&
			ledger_role_hash(b->h, salt, role, len, out);
	part = next_part(b, seed, LEDGER_SALT_ROLE, 'N', len, out);
	memcpy(part->input + 2 + LEDGER_SALT_LEN, role, len);
	return true;
}

bool
ledger_hidden_group(ledger_hidden_batch *b, const uint8_t *seed, uint16_t position, const ledger_group *group,
					uint8_t *out)
{
	ledger_hidden_part *part;
	uint8_t		salt[LEDGER_SALT_LEN];

	if (b->n == LEDGER_HIDDEN_MAX)
		return ledger_entry_salt(b->h, seed, position, salt) &&
			ledger_private_group_hash(b->h, salt, group, out);
	part = next_part(b, seed, position, 'P', LEDGER_SHARED_GROUP_LEN - 1, out);
	put_group(part->input + 2 + LEDGER_SALT_LEN, group);
	return true;
}

bool
ledger_hidden_finish(ledger_hidden_batch *b)
{
	const uint8_t *data[LEDGER_HIDDEN_MAX];
	size_t		len[LEDGER_HIDDEN_MAX];
	uint8_t		hash[LEDGER_HIDDEN_MAX][LEDGER_HASH_LEN];

	for (unsigned i = 0; i < b->n; i++)
	{
		data[i] = b->part[i].salt_input;
		len[i] = sizeof(b->part[i].salt_input);
	}
	if (!ledger_hash_prefixed_many(b->h, 0x03, b->n, data, len, hash))
		return false;
	for (unsigned i = 0; i < b->n; i++)
	{
		memcpy(b->part[i].input + 2, hash[i], LEDGER_SALT_LEN);
		data[i] = b->part[i].input;
		len[i] = b->part[i].len;
	}
	if (!ledger_hash_prefixed_many(b->h, 0x03, b->n, data, len, hash))
		return false;
	for (unsigned i = 0; i < b->n; i++)
		memcpy(b->part[i].out, hash[i], LEDGER_HASH_LEN);
	b->n = 0;
	return true;
}

/* ---- writing --------------------------------------------------------------- */

void
ledger_entry_begin(ledger_entry_writer *ew, ledger_writer *w, const ledger_entry_header *header)
{
	uint8_t		in[LEDGER_ENTRY_HEADER_LEN];

	ew->w = w;
	ew->start = w->len;
	ew->ngroups = 0;
	ew->error = LEDGER_OK;
	in[0] = 'E';
	in[1] = 1;
	in[2] = header->type;
	memcpy(in + 3, header->chain_id, LEDGER_ID_LEN);
	ledger_put_u64(in + 19, header->ledger_tx);
	ledger_put_u16(in + 27, header->part);
	ledger_put_u64(in + 29, (uint64_t) header->stamped_at);
	memcpy(in + LEDGER_ENTRY_ROLE_HASH_AT, header->role_hash, LEDGER_HASH_LEN);
	ledger_put_u16(in + NGROUPS_AT, 0);
	ledger_write_fixed(w, in, sizeof(in));
}

static void
count_group(ledger_entry_writer *ew, const ledger_group *group)
{
	if (ew->ngroups > 0 && ew->error == LEDGER_OK)
	{
		int			order = memcmp(ew->last_table, group->table_id, LEDGER_ID_LEN);

		if (order > 0 || (order == 0 && ew->last_version >= group->schema_version))
			ew->error = LEDGER_BAD_ORDER;
	}
	if (group->nrows == 0 && ew->error == LEDGER_OK)
		ew->error = LEDGER_BAD_VALUE;
	if (ew->ngroups >= LEDGER_ENTRY_MAX_GROUPS)
	{
		if (ew->error == LEDGER_OK)
			ew->error = LEDGER_TOO_LARGE;
		return;
	}
	ew->ngroups++;
	memcpy(ew->last_table, group->table_id, LEDGER_ID_LEN);
	ew->last_version = group->schema_version;
}

void
ledger_entry_add_shared(ledger_entry_writer *ew, const ledger_group *group)
{
	uint8_t		in[LEDGER_SHARED_GROUP_LEN];

	count_group(ew, group);
	in[0] = LEDGER_GROUP_SHARED;
	put_group(in + 1, group);
	ledger_write_fixed(ew->w, in, sizeof(in));
}

void
ledger_entry_add_private(ledger_entry_writer *ew, const ledger_group *group, const uint8_t *hash)
{
	count_group(ew, group);
	ledger_write_u8(ew->w, LEDGER_GROUP_PRIVATE);
	ledger_write_fixed(ew->w, hash, LEDGER_HASH_LEN);
}

uint8_t *
ledger_entry_reserve_private(ledger_entry_writer *ew, const ledger_group *group)
{
	static const uint8_t later[LEDGER_HASH_LEN];

	ledger_entry_add_private(ew, group, later);
	return ledger_writer_ok(ew->w) ? ew->w->buf + ew->w->len - LEDGER_HASH_LEN : NULL;
}

ledger_status
ledger_entry_finish(ledger_entry_writer *ew, const void *extra, size_t len)
{
	ledger_write_bytes(ew->w, extra, len);
	if (ew->error != LEDGER_OK)
		return ew->error;
	if (ew->w->len - ew->start > LEDGER_ENTRY_MAX)
		return LEDGER_TOO_LARGE;
	if (!ledger_writer_ok(ew->w))
		return LEDGER_NO_SPACE;
	ledger_put_u16(ew->w->buf + ew->start + NGROUPS_AT, ew->ngroups);
	return LEDGER_OK;
}

ledger_status
ledger_extra_write(ledger_writer *out, ledger_hasher *h, uint8_t type, bool closed, const uint8_t *salt,
				   const void *body, size_t len)
{
	if (!closed && len <= LEDGER_BODY_MAX)
	{
		ledger_write_u8(out, LEDGER_EXTRA_OPEN);
		ledger_write_fixed(out, body, len);
	}
	else
	{
		uint8_t		hash[LEDGER_HASH_LEN];

		if (!ledger_extra_hash(h, type, salt, body, len, hash))
			return LEDGER_NO_HASH;
		ledger_write_u8(out, len > LEDGER_BODY_MAX ? LEDGER_EXTRA_REPLACED : LEDGER_EXTRA_CLOSED);
		ledger_write_fixed(out, hash, sizeof(hash));
	}
	return ledger_writer_finish(out);
}

/* ---- reading --------------------------------------------------------------- */

static bool
read_group(ledger_reader *r, ledger_entry_group *g)
{
	memset(g, 0, sizeof(*g));
	g->kind = ledger_read_u8(r);
	if (g->kind == LEDGER_GROUP_SHARED)
	{
		ledger_read_copy(r, g->group.table_id, LEDGER_ID_LEN);
		g->group.schema_version = ledger_read_u32(r);
		g->group.nrows = ledger_read_u64(r);
		ledger_read_copy(r, g->group.root, LEDGER_HASH_LEN);
		if (r->error == LEDGER_OK && g->group.nrows == 0)
			ledger_read_fail(r, LEDGER_BAD_VALUE);
	}
	else if (g->kind == LEDGER_GROUP_PRIVATE)
		g->hash = ledger_read_fixed(r, LEDGER_HASH_LEN);
	else
		ledger_read_fail(r, LEDGER_BAD_TAG);
	return r->error == LEDGER_OK;
}

/* Only shared groups show their place in the order. */
static ledger_status
check_groups(ledger_reader *r, unsigned n)
{
	ledger_entry_group g;
	ledger_group last;
	bool		have_last = false;
	unsigned	i;

	for (i = 0; i < n; i++)
	{
		if (!read_group(r, &g))
			return r->error;
		if (g.kind != LEDGER_GROUP_SHARED)
			continue;
		if (have_last)
		{
			int			order = memcmp(last.table_id, g.group.table_id, LEDGER_ID_LEN);

			if (order > 0 || (order == 0 && last.schema_version >= g.group.schema_version))
				return LEDGER_BAD_ORDER;
		}
		last = g.group;
		have_last = true;
	}
	return LEDGER_OK;
}

static ledger_status
check_extra(ledger_entry *e)
{
	if (e->header.type == LEDGER_ENTRY_TX)
	{
		e->body = e->extra;
		e->body_len = e->extra_len;
		return ledger_body_check(LEDGER_ENTRY_TX, e->extra, e->extra_len);
	}
	if (e->extra_len == 0)
		return LEDGER_TRUNCATED;
	e->wrapper = e->extra[0];
	e->body = e->extra + 1;
	e->body_len = e->extra_len - 1;
	switch (e->wrapper)
	{
		case LEDGER_EXTRA_OPEN:
			if (e->body_len > LEDGER_BODY_MAX)
				return LEDGER_TOO_LARGE;
			return ledger_body_check(e->header.type, e->body, e->body_len);
		case LEDGER_EXTRA_CLOSED:
		case LEDGER_EXTRA_REPLACED:
			if (e->body_len != LEDGER_HASH_LEN)
				return e->body_len < LEDGER_HASH_LEN ? LEDGER_TRUNCATED : LEDGER_TRAILING;
			return LEDGER_OK;
	}
	return LEDGER_BAD_TAG;
}

ledger_status
ledger_entry_parse(const void *data, size_t len, ledger_entry *entry)
{
	size_t		used;
	ledger_status status;

	if (len > LEDGER_ENTRY_MAX)
		return LEDGER_TOO_LARGE;
	status = ledger_entry_read(data, len, entry, &used);
	if (status != LEDGER_OK)
		return status;
	return used == len ? LEDGER_OK : LEDGER_TRAILING;
}

ledger_status
ledger_entry_read(const void *data, size_t len, ledger_entry *entry, size_t *used)
{
	ledger_entry e;
	ledger_reader r;
	ledger_status status;

	memset(&e, 0, sizeof(e));
	ledger_reader_init(&r, data, len);
	if (ledger_read_u8(&r) != 'E' || ledger_read_u8(&r) != 1)
		return r.error != LEDGER_OK ? r.error : LEDGER_BAD_MAGIC;
	e.header.type = ledger_read_u8(&r);
	ledger_read_copy(&r, e.header.chain_id, LEDGER_ID_LEN);
	e.header.ledger_tx = ledger_read_u64(&r);
	e.header.part = ledger_read_u16(&r);
	e.header.stamped_at = ledger_read_i64(&r);
	ledger_read_copy(&r, e.header.role_hash, LEDGER_HASH_LEN);
	e.ngroups = ledger_read_u16(&r);
	if (r.error != LEDGER_OK)
		return r.error;
	if (ledger_entry_type_name(e.header.type) == NULL)
		return LEDGER_BAD_TAG;
	if (!ledger_tx_valid(e.header.ledger_tx))
		return LEDGER_BAD_VALUE;
	if (e.ngroups > LEDGER_ENTRY_MAX_GROUPS)
		return LEDGER_TOO_LARGE;
	e.groups = r.p;
	status = check_groups(&r, e.ngroups);
	if (status != LEDGER_OK)
		return status;
	e.groups_len = (size_t) (r.p - e.groups);
	e.extra = ledger_read_bytes(&r, &e.extra_len);
	if (r.error != LEDGER_OK)
		return r.error;
	*used = len - r.left;
	if (*used > LEDGER_ENTRY_MAX)
		return LEDGER_TOO_LARGE;
	status = check_extra(&e);
	if (status == LEDGER_OK)
		*entry = e;
	return status;
}

void
ledger_group_iter_init(ledger_group_iter *it, const ledger_entry *entry)
{
	ledger_reader_init(&it->r, entry->groups, entry->groups_len);
	it->left = entry->ngroups;
}

bool
ledger_group_next(ledger_group_iter *it, ledger_entry_group *group)
{
	if (it->left == 0 || !read_group(&it->r, group))
		return false;
	it->left--;
	return true;
}

bool
ledger_entry_group_at(const ledger_entry *entry, unsigned position, ledger_entry_group *group)
{
	ledger_group_iter it;
	unsigned	i = 0;

	ledger_group_iter_init(&it, entry);
	while (ledger_group_next(&it, group))
		if (i++ == position)
			return true;
	return false;
}

ledger_status
ledger_entry_group_matches(ledger_hasher *h, const ledger_entry_group *found, const ledger_group *group,
						   const uint8_t *salt)
{
	uint8_t		hash[LEDGER_HASH_LEN];

	if ((found->kind == LEDGER_GROUP_PRIVATE) != (salt != NULL))
		return LEDGER_BAD_LINK;
	if (salt == NULL)
	{
		if (memcmp(found->group.table_id, group->table_id, LEDGER_ID_LEN) == 0 &&
			found->group.schema_version == group->schema_version && found->group.nrows == group->nrows &&
			memcmp(found->group.root, group->root, LEDGER_HASH_LEN) == 0)
			return LEDGER_OK;
		return LEDGER_BAD_LINK;
	}
	if (!ledger_private_group_hash(h, salt, group, hash))
		return LEDGER_NO_HASH;
	return memcmp(hash, found->hash, sizeof(hash)) == 0 ? LEDGER_OK : LEDGER_BAD_LINK;
}

/* ---- hashes ---------------------------------------------------------------- */

bool
ledger_log_leaf(ledger_hasher *h, const void *entry, size_t len, uint8_t *leaf)
{
	return ledger_hash_prefixed(h, 0x00, entry, len, leaf);
}

bool
ledger_genesis_chain_id(ledger_hasher *h, const void *entry, size_t len, uint8_t *chain_id)
{
	uint8_t		head[1 + LEDGER_ENTRY_HEADER_LEN];
	uint8_t		hash[LEDGER_HASH_LEN];

	if (len < LEDGER_ENTRY_HEADER_LEN)
		return false;
	head[0] = 0x00;
	memcpy(head + 1, entry, LEDGER_ENTRY_HEADER_LEN);
	memset(head + 1 + LEDGER_ENTRY_CHAIN_ID_AT, 0, LEDGER_ID_LEN);
	if (!ledger_hash_begin(h) || !ledger_hash_update(h, head, sizeof(head)) ||
		!ledger_hash_update(h, (const uint8_t *) entry + LEDGER_ENTRY_HEADER_LEN,
							len - LEDGER_ENTRY_HEADER_LEN) ||
		!ledger_hash_final(h, hash))
		return false;
	memcpy(chain_id, hash, LEDGER_ID_LEN);
	return true;
}
