/*
 * tools/check_members.c
 *		The member list as the MEMBER and KEY entries of an export make it.
 */
#include "tools/check.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/sign.h"

#define NKEYS 3					/* sign, encrypt, TLS */

/* A member with memory of its own. keys[0] is the sign key. */
typedef struct listed
{
	uint16_t	index;
	uint32_t	weight;
	char	   *name;
	uint8_t	   *keys[NKEYS];
	size_t		keylen[NKEYS];
} listed;

/* A name and sign key that a member has had. */
typedef struct had_key
{
	char	   *name;
	uint8_t	   *spki;
	size_t		len;
	bool		in_file;		/* stands in the file `keys` */
} had_key;

struct ledger_members
{
	ledger_check *c;
	listed	   *list;			/* by index */
	size_t		n;
	size_t		capacity;
	had_key	   *had;
	size_t		nhad;
	size_t		had_capacity;
	bool		changed;		/* since hash was computed */
	uint8_t		hash[LEDGER_HASH_LEN];
};

ledger_members *
ledger_members_new(ledger_check *c)
{
	ledger_members *m = ledger_alloc(sizeof(*m));

	memset(m, 0, sizeof(*m));
	m->c = c;
	m->changed = true;
	return m;
}

static void
clear_member(listed *one)
{
	int			i;

	free(one->name);
	for (i = 0; i < NKEYS; i++)
		free(one->keys[i]);
}

void
ledger_members_free(ledger_members *m)
{
	size_t		i;

	if (m == NULL)
		return;
	for (i = 0; i < m->n; i++)
		clear_member(&m->list[i]);
	for (i = 0; i < m->nhad; i++)
	{
		free(m->had[i].name);
		free(m->had[i].spki);
	}
	free(m->list);
	free(m->had);
	free(m);
}

bool
ledger_members_solo(const ledger_members *m)
{
	return m->n <= 1;
}

void
ledger_members_hash_now(ledger_members *m, uint8_t *hash)
{
	if (m->changed)
	{
		ledger_member *list = ledger_alloc(m->n * sizeof(*list));
		size_t		i;

		for (i = 0; i < m->n; i++)
		{
			const listed *one = &m->list[i];

			list[i].index = one->index;
			list[i].name = ledger_slice_make(one->name, strlen(one->name));
			list[i].weight = one->weight;
			list[i].sign_key = ledger_slice_make(one->keys[0], one->keylen[0]);
			list[i].encrypt_key = ledger_slice_make(one->keys[1], one->keylen[1]);
			list[i].tls_key = ledger_slice_make(one->keys[2], one->keylen[2]);
		}
		ledger_must(ledger_members_hash(m->c->h, list, (uint16_t) m->n, m->hash) == LEDGER_OK);
		free(list);
		m->changed = false;
	}
	memcpy(hash, m->hash, LEDGER_HASH_LEN);
}

/* Where a member stands, or should stand. */
static size_t
position_of(const ledger_members *m, uint16_t index, bool *found)
{
	size_t		i = 0;

	while (i < m->n && m->list[i].index < index)
		i++;
	*found = i < m->n && m->list[i].index == index;
	return i;
}

/* Remember the sign key that a member has now under its name. */
static void
remember(ledger_members *m, const listed *one)
{
	size_t		i;

	m->changed = true;
	if (one->keylen[0] == 0)
		return;
	for (i = 0; i < m->nhad; i++)
		if (strcmp(m->had[i].name, one->name) == 0 && m->had[i].len == one->keylen[0] &&
			memcmp(m->had[i].spki, one->keys[0], one->keylen[0]) == 0)
			return;
	LEDGER_GROW(m->had, m->nhad, m->had_capacity);
	m->had[i].name = ledger_strdup(one->name);
	m->had[i].spki = memcpy(ledger_alloc(one->keylen[0]), one->keys[0], one->keylen[0]);
	m->had[i].len = one->keylen[0];
	m->had[i].in_file = false;
	m->nhad++;
}

void
ledger_members_apply_member(ledger_members *m, const ledger_member_body *body, uint64_t ledger_tx,
							uint64_t leaf)
{
	bool		found;
	size_t		i = position_of(m, body->member, &found);
	char	   *name;

	if (found == (body->action == LEDGER_MEMBER_ADD) || body->suite != (uint8_t) m->c->suite)
		ledger_finding("member", ledger_at_entry(ledger_tx, leaf), NULL);

	m->changed = true;
	if (found && body->action != LEDGER_MEMBER_CHANGE)
	{
		clear_member(&m->list[i]);
		memmove(&m->list[i], &m->list[i + 1], (--m->n - i) * sizeof(m->list[0]));
		found = false;
	}
	if (body->action == LEDGER_MEMBER_REMOVE)
		return;
	if (!found)
	{
		LEDGER_GROW(m->list, m->n, m->capacity);
		memmove(&m->list[i + 1], &m->list[i], (m->n++ - i) * sizeof(m->list[0]));
		memset(&m->list[i], 0, sizeof(m->list[0]));
		m->list[i].index = body->member;
	}
	name = ledger_alloc(body->name.len + 1);
	memcpy(name, body->name.data, body->name.len);
	name[body->name.len] = '\0';
	free(m->list[i].name);
	m->list[i].name = name;
	m->list[i].weight = body->weight;
	remember(m, &m->list[i]);
}

/* What is wrong with a KEY entry, or NULL. */
static const char *
key_problem(ledger_members *m, const listed *one, const ledger_key_body *body)
{
	ledger_check *c = m->c;
	int			usage = body->usage - 1;
	uint8_t	   *message;
	ledger_writer w;
	bool		approved;

	if (one == NULL)
		return "a key of no member";
	if (ledger_spki_check(c->suite, body->spki.data, body->spki.len) != LEDGER_KEY_OK)
		return "not a public key of the suite's curve";
	if (one->keylen[usage] == 0)
		return body->approval.len > 0 ? "a first key with an approval" : NULL;

	message = ledger_alloc(body->spki.len + 64);
	ledger_writer_init(&w, message, body->spki.len + 64);
	if (ledger_key_approval_message(&w, c->chain_id, body) != LEDGER_OK)
		ledger_die("key approval does not fit its buffer");
	approved = ledger_signature_verify(c->suite, one->keys[usage], one->keylen[usage], message, w.len,
									   body->approval.data, body->approval.len) == LEDGER_KEY_OK;
	free(message);
	return approved ? NULL : "the key that is replaced did not approve";
}

void
ledger_members_apply_key(ledger_members *m, const ledger_key_body *body, uint64_t ledger_tx, uint64_t leaf)
{
	bool		found;
	size_t		i = position_of(m, body->member, &found);
	listed	   *one = found ? &m->list[i] : NULL;
	const char *problem = key_problem(m, one, body);
	int			usage = body->usage - 1;

	if (problem != NULL)
		ledger_finding("key", ledger_at_entry(ledger_tx, leaf), "%s", problem);
	if (one == NULL)
		return;
	free(one->keys[usage]);
	one->keys[usage] = memcpy(ledger_alloc(body->spki.len), body->spki.data, body->spki.len);
	one->keylen[usage] = body->spki.len;
	remember(m, one);
}

/* ---- the file `keys` and the signers of the checkpoint ---------------------------- */

static void
check_key_line(ledger_members *m, const char *line, size_t len)
{
	ledger_vkey key;
	ledger_key_error error = ledger_vkey_parse(line, len, &key);
	size_t		i;

	if (error != LEDGER_KEY_OK)
	{
		ledger_finding("keys", ledger_nowhere(), "%s", ledger_key_error_text(error));
		return;
	}
	for (i = 0; i < m->nhad; i++)
	{
		had_key	   *had = &m->had[i];

		if (key.suite == m->c->suite && strlen(had->name) == key.namelen &&
			memcmp(had->name, key.name, key.namelen) == 0 && had->len == LEDGER_SPKI_LEN &&
			memcmp(had->spki, key.spki, LEDGER_SPKI_LEN) == 0)
		{
			had->in_file = true;
			return;
		}
	}
	ledger_finding("keys", ledger_nowhere(), "no member has had the key of line \"%.*s\"", (int) len, line);
}

static void
check_file(ledger_members *m)
{
	char	   *path = ledger_path(m->c->directory, "keys");
	ledger_file file;
	const char *line;
	const char *end;
	size_t		i;
	size_t		k;

	if (!ledger_file_read(path, &file))
	{
		ledger_finding("file-missing", ledger_at_file("keys"), NULL);
		free(path);
		return;
	}
	line = (const char *) file.data;
	end = line + file.len;
	while (line < end)
	{
		const char *newline = memchr(line, '\n', (size_t) (end - line));

		if (newline == NULL)
		{
			ledger_finding("keys", ledger_nowhere(), "the last line does not end");
			break;
		}
		check_key_line(m, line, (size_t) (newline - line));
		line = newline + 1;
	}
	for (i = 0; i < m->n; i++)
	{
		bool		found = m->list[i].keylen[0] == 0;

		for (k = 0; k < m->nhad && !found; k++)
			found = m->had[k].in_file && strcmp(m->had[k].name, m->list[i].name) == 0 &&
				m->had[k].len == m->list[i].keylen[0] &&
				memcmp(m->had[k].spki, m->list[i].keys[0], m->had[k].len) == 0;
		if (!found)
			ledger_finding("keys", ledger_nowhere(), "the key of %s is missing", m->list[i].name);
	}
	free(file.data);
	free(path);
}

/* Whether some line of the checkpoint was signed with a key that a member has had. */
static bool
signed_by_member(ledger_members *m)
{
	ledger_check *c = m->c;
	ledger_slice rest = c->note.lines;
	ledger_note_line line;
	size_t		i;

	while (ledger_note_next_line(&rest, &line))
		for (i = 0; i < m->nhad; i++)
		{
			uint8_t		id[LEDGER_KEY_ID_LEN];

			ledger_must(ledger_note_key_id(c->suite, (const char *) line.name.data, line.name.len,
										   m->had[i].spki, m->had[i].len, id));
			if (memcmp(id, line.id, sizeof(id)) == 0 && line.siglen <= LEDGER_SIGNATURE_MAX &&
				ledger_signature_verify(c->suite, m->had[i].spki, m->had[i].len, c->note.text.data,
										c->note.text.len, line.sig, line.siglen) == LEDGER_KEY_OK)
				return true;
		}
	return false;
}

void
ledger_members_check_keys(ledger_members *m)
{
	check_file(m);
	if (m->c->have_checkpoint && !signed_by_member(m))
		ledger_finding("checkpoint-stranger", ledger_nowhere(), NULL);
}
