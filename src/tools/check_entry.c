/*
 * tools/check_entry.c
 *		Looks at one entry of an export: its place, its openings, what it does.
 */
#include "tools/check.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/sign.h"

/* An entry with its openings, while it is looked at. */
typedef struct look
{
	ledger_check *c;
	const ledger_item *item;
	uint64_t	tx;
	uint64_t	leaf;
	bool		opened;			/* there are openings to be read */
	bool		have_body;
	ledger_slice body_salt;
	ledger_slice body;
	bool		have_role;
	const uint8_t *role_salt;
	ledger_slice role;
} look;

void
ledger_item_decode(ledger_check *c, ledger_item *item, size_t len)
{
	ledger_opening_iter it;
	ledger_opening opening;
	size_t		used;

	item->present = true;
	item->openings = NULL;
	item->status = ledger_entry_read(item->data, len, &item->entry, &used);
	item->decoded = item->status == LEDGER_OK;
	if (!item->decoded)
		return;
	ledger_must(ledger_log_leaf(c->h, item->data, used, item->hash));

	ledger_opening_iter_init(&it, item->data + used, len - used);
	while (ledger_opening_next(&it, &opening))
		;
	item->status = ledger_opening_finish(&it);
	if (item->status == LEDGER_OK)
	{
		item->openings = item->data + used;
		item->openings_len = len - used;
	}
}

/* Something hidden that nobody opened: on a chain of one there is no reason for it. */
static void
unopened(look *l, const char *what)
{
	if (l->opened && ledger_members_solo(l->c->members))
		ledger_finding("opening-missing", ledger_at_entry(l->tx, l->leaf), "%s is not opened", what);
}

static void
wrong_opening(look *l, const char *detail)
{
	ledger_finding("opening-wrong", ledger_at_entry(l->tx, l->leaf), "%s", detail);
}

/* ---- groups ---------------------------------------------------------------------- */

static void
take_group(look *l, const ledger_group *group, ledger_group *last, bool *have_last)
{
	if (*have_last)
	{
		int			order = memcmp(last->table_id, group->table_id, LEDGER_ID_LEN);

		if (order > 0 || (order == 0 && last->schema_version >= group->schema_version))
			ledger_finding("entry-groups", ledger_at_entry(l->tx, l->leaf), NULL);
	}
	*last = *group;
	*have_last = true;
	ledger_tables_group(l->c->tables, group, l->tx, l->leaf);
}

/* Groups and openings in step: both are in order of their position. */
static void
check_groups(look *l)
{
	const ledger_item *item = l->item;
	ledger_group_iter groups;
	ledger_entry_group shown;
	ledger_opening_iter openings;
	ledger_opening opening;
	bool		have_opening = false;
	ledger_group last;
	bool		have_last = false;
	bool		surplus = false;
	unsigned	position;

	if (l->opened)
	{
		ledger_opening_iter_init(&openings, item->openings, item->openings_len);
		have_opening = ledger_opening_next(&openings, &opening);
	}
	ledger_group_iter_init(&groups, &item->entry);
	for (position = 0; ledger_group_next(&groups, &shown); position++)
	{
		bool		here = have_opening && opening.position == position;

		if (shown.kind == LEDGER_GROUP_SHARED)
		{
			surplus |= here;
			take_group(l, &shown.group, &last, &have_last);
		}
		else if (!here)
			unopened(l, "a private group");
		else
		{
			uint8_t		hash[LEDGER_HASH_LEN];

			ledger_must(ledger_private_group_hash(l->c->h, opening.salt, &opening.group, hash));
			if (memcmp(hash, shown.hash, sizeof(hash)) == 0)
				take_group(l, &opening.group, &last, &have_last);
			else
			{
				ledger_place at = ledger_at_entry(l->tx, l->leaf);

				at.has |= LEDGER_AT_TABLE;
				at.table = opening.group.table_id;
				ledger_finding("opening-wrong", at, NULL);
			}
		}
		if (here)
			have_opening = ledger_opening_next(&openings, &opening);
	}
	for (; have_opening; have_opening = ledger_opening_next(&openings, &opening))
	{
		if (opening.position == LEDGER_SALT_EXTRA)
		{
			l->have_body = true;
			l->body_salt = ledger_slice_make(opening.salt, LEDGER_SALT_LEN);
			l->body = opening.content;
		}
		else if (opening.position == LEDGER_SALT_ROLE)
		{
			l->have_role = true;
			l->role_salt = opening.salt;
			l->role = opening.content;
		}
		else
			surplus = true;
	}
	if (surplus)
		wrong_opening(l, "an opening of no private group");
}

/* ---- body and role ---------------------------------------------------------------- */

/* The body, open or opened and as it should be; false without one. */
static bool
find_body(look *l, ledger_slice *body)
{
	const ledger_entry *e = &l->item->entry;
	uint8_t		hash[LEDGER_HASH_LEN];

	if (e->header.type == LEDGER_ENTRY_TX || e->wrapper == LEDGER_EXTRA_OPEN)
	{
		if (l->have_body)
			wrong_opening(l, "an opening of no closed extra");
		*body = ledger_slice_make(e->body, e->body_len);
		return e->header.type != LEDGER_ENTRY_TX;
	}
	if (!l->have_body)
	{
		unopened(l, "the extra");
		return false;
	}
	*body = l->body;
	ledger_must(ledger_extra_hash(l->c->h, e->header.type, l->body_salt.data, body->data, body->len, hash));
	if (memcmp(hash, e->body, sizeof(hash)) != 0)
		wrong_opening(l, "the opening of the extra gives another hash");
	else if ((body->len > LEDGER_BODY_MAX) != (e->wrapper == LEDGER_EXTRA_REPLACED))
		wrong_opening(l, "size of the body does not fit the form of the extra");
	else if (ledger_body_check(e->header.type, body->data, body->len) != LEDGER_OK)
		wrong_opening(l, "the body that was opened cannot be decoded");
	else
		return true;
	return false;
}

static void
check_role(look *l)
{
	uint8_t		hash[LEDGER_HASH_LEN];

	if (!l->have_role)
	{
		unopened(l, "the role");
		return;
	}
	ledger_must(ledger_role_hash(l->c->h, l->role_salt, (const char *) l->role.data, l->role.len, hash));
	if (memcmp(hash, l->item->entry.header.role_hash, sizeof(hash)) != 0)
		wrong_opening(l, "the opening of the role gives another hash");
}

/* ---- what an entry does ------------------------------------------------------------- */

static void
check_signature(look *l, const ledger_signature_body *body)
{
	ledger_check *c = l->c;
	uint8_t		message[LEDGER_ROW_SIGNATURE_MESSAGE_LEN];

	ledger_row_signature_message(message, c->chain_id, body->leaf);
	if (ledger_signature_verify(c->suite, body->spki.data, body->spki.len, message, sizeof(message),
								body->signature.data, body->signature.len) != LEDGER_KEY_OK)
		ledger_finding("signature", ledger_at_row(body->table_id, body->ledger_tx, body->ledger_seq),
					   "the signature fails");
	ledger_tables_signature(c->tables, body, l->leaf);
}

/* Remember a root of this log that an entry names. */
static void
name_state(look *l, uint64_t size, const uint8_t *root)
{
	ledger_check *c = l->c;
	ledger_named_state *s;

	if (size > l->leaf)
		return;					/* of another log, which this one forks from */
	LEDGER_GROW(c->states, c->nstates, c->states_capacity);
	s = &c->states[c->nstates++];
	s->leaf = l->leaf;
	s->ledger_tx = l->tx;
	s->size = size;
	memcpy(s->root, root, LEDGER_HASH_LEN);
}

/* The body was checked to be one of its type, so parsing it again does not fail. */
#define PARSE(kind, variable) \
	ledger_must(ledger_##kind##_body_parse(body.data, body.len, &(variable)) == LEDGER_OK)

static void
apply_body(look *l, ledger_slice body)
{
	ledger_check *c = l->c;
	union
	{
		ledger_schema_body schema;
		ledger_member_body member;
		ledger_key_body key;
		ledger_signature_body signature;
		ledger_erase_body erase;
		ledger_purge_body purge;
		ledger_incarnation_body incarnation;
		ledger_baseline_body baseline;
		ledger_close_body close;
	}			b;

	switch (l->item->entry.header.type)
	{
		case LEDGER_ENTRY_SCHEMA:
			PARSE(schema, b.schema);
			ledger_tables_schema(c->tables, &b.schema, l->leaf);
			break;
		case LEDGER_ENTRY_MEMBER:
			PARSE(member, b.member);
			ledger_members_apply_member(c->members, &b.member, l->tx, l->leaf);
			break;
		case LEDGER_ENTRY_KEY:
			PARSE(key, b.key);
			ledger_members_apply_key(c->members, &b.key, l->tx, l->leaf);
			break;
		case LEDGER_ENTRY_SIGNATURE:
			PARSE(signature, b.signature);
			check_signature(l, &b.signature);
			break;
		case LEDGER_ENTRY_ERASE:
			PARSE(erase, b.erase);
			ledger_tables_erase(c->tables, &b.erase, l->leaf);
			break;
		case LEDGER_ENTRY_PURGE:
			PARSE(purge, b.purge);
			ledger_tables_purge(c->tables, b.purge.table_id, l->leaf);
			break;
		case LEDGER_ENTRY_INCARNATION:
			PARSE(incarnation, b.incarnation);
			name_state(l, b.incarnation.size, b.incarnation.root);
			break;
		case LEDGER_ENTRY_BASELINE:
			PARSE(baseline, b.baseline);
			ledger_tables_baseline(c->tables, &b.baseline, l->tx, l->leaf);
			break;
		case LEDGER_ENTRY_CLOSE:
			PARSE(close, b.close);
			name_state(l, b.close.size, b.close.root);
			break;
		default:				/* GRANT and CROSS change nothing that an export shows */
			break;
	}
}

static void
check_genesis(look *l)
{
	const ledger_entry *e = &l->item->entry;
	ledger_member_body body;
	uint8_t		chain_id[LEDGER_ID_LEN];
	bool		good = e->header.type == LEDGER_ENTRY_MEMBER && e->wrapper == LEDGER_EXTRA_OPEN &&
		e->header.part == 0 &&
		ledger_member_body_parse(e->body, e->body_len, &body) == LEDGER_OK &&
		body.action == LEDGER_MEMBER_ADD && body.member == 0;

	ledger_must(ledger_genesis_chain_id(l->c->h, l->item->data,
										(size_t) (e->extra + e->extra_len - l->item->data), chain_id));
	if (!good || memcmp(chain_id, l->c->chain_id, sizeof(chain_id)) != 0)
		ledger_finding("genesis", (ledger_place) {.has = LEDGER_AT_TX, .ledger_tx = l->tx}, NULL);
}

void
ledger_check_entry(ledger_check *c, const ledger_item *item, uint64_t leaf,
				   ledger_entry_before *before)
{
	const ledger_entry_header *header = &item->entry.header;
	bool		same_tx = before->known && before->ledger_tx == header->ledger_tx;
	ledger_slice body;
	look		l = {0};

	l.c = c;
	l.item = item;
	l.tx = header->ledger_tx;
	l.leaf = leaf;
	l.opened = item->openings != NULL;

	if (leaf == 0)
		check_genesis(&l);
	if (memcmp(header->chain_id, c->chain_id, LEDGER_ID_LEN) != 0)
		ledger_finding("entry-chain", ledger_at_entry(l.tx, leaf), NULL);
	if ((before->known || leaf == 0) && header->part != (same_tx ? before->part + 1 : 0))
		ledger_finding("entry-part", ledger_at_entry(l.tx, leaf), NULL);
	if (!same_tx && (before->known || header->part == 0))
		ledger_tables_transaction(c->tables, l.tx, leaf);
	before->known = true;
	before->ledger_tx = l.tx;
	before->part = header->part;

	if (!l.opened)
		ledger_finding("entry-malformed", ledger_at_entry(l.tx, leaf), "the openings cannot be decoded");
	check_groups(&l);
	if (find_body(&l, &body))
		apply_body(&l, body);
	check_role(&l);
}
