/*
 * core/checkpoint.c
 *		Checkpoints and the keys that sign them.
 *
 *		ledger/<chain id>
 *		<size>
 *		<base64 of log root>
 *		height <n>
 *		epoch <n>
 *		term <n>
 *		block <base64 of block hash>
 *
 *		- <key name> <base64 of key id and signature>		(an em dash in place of -)
 */
#include "core/checkpoint.h"

#include "core/lines.h"

#define DASH "\xe2\x80\x94 "
#define INCARNATION_MAX ((1u << LEDGER_TX_INCARNATION_BITS) - 1)

#define VKEY_STD "\x02"
#define VKEY_STD_LEN 1
#define VKEY_GM "\xff" LEDGER_GM_NOTE_TYPE	/* its zero byte included */
#define VKEY_GM_LEN sizeof(VKEY_GM)

/* ---- verifier keys ----------------------------------------------------------- */

ledger_key_error
ledger_vkey_make(ledger_vkey *vkey, ledger_suite suite, const char *name, size_t namelen, const uint8_t *spki,
				 size_t spkilen)
{
	ledger_key_error error;

	if (namelen > 0 && !ledger_member_name_valid(name, namelen))
		return LEDGER_KEY_BAD_NAME;
	error = ledger_spki_check(suite, spki, spkilen);
	if (error != LEDGER_KEY_OK)
		return error;
	memset(vkey, 0, sizeof(*vkey));
	vkey->suite = suite;
	vkey->namelen = namelen;
	if (namelen > 0)
		memcpy(vkey->name, name, namelen);
	memcpy(vkey->spki, spki, LEDGER_SPKI_LEN);
	if (!ledger_note_key_id(suite, vkey->name, namelen, spki, spkilen, vkey->id))
		return LEDGER_KEY_FAILED;
	return LEDGER_KEY_OK;
}

ledger_status
ledger_vkey_write(ledger_writer *w, const ledger_vkey *vkey)
{
	uint8_t		raw[VKEY_GM_LEN + LEDGER_SPKI_LEN];
	size_t		head = vkey->suite == LEDGER_SUITE_GM ? VKEY_GM_LEN : VKEY_STD_LEN;
	char		id[2 * LEDGER_KEY_ID_LEN + 1];

	if (vkey->namelen == 0)
		return LEDGER_BAD_SYNTAX;
	memcpy(raw, vkey->suite == LEDGER_SUITE_GM ? VKEY_GM : VKEY_STD, head);
	memcpy(raw + head, vkey->spki, LEDGER_SPKI_LEN);
	ledger_hex_encode(vkey->id, sizeof(vkey->id), id);
	ledger_write_fixed(w, vkey->name, vkey->namelen);
	ledger_write_u8(w, '+');
	ledger_write_string(w, id);
	ledger_write_u8(w, '+');
	ledger_write_base64(w, raw, head + LEDGER_SPKI_LEN);
	return ledger_writer_finish(w);
}

ledger_key_error
ledger_vkey_parse(const char *text, size_t len, ledger_vkey *vkey)
{
	uint8_t		raw[VKEY_GM_LEN + LEDGER_SPKI_LEN];
	uint8_t		id[LEDGER_KEY_ID_LEN];
	const char *plus = len == 0 ? NULL : (const char *) memchr(text, '+', len);
	ledger_suite suite;
	ledger_key_error error;
	size_t		namelen;
	size_t		rawlen;
	size_t		head;

	if (plus == NULL)
		return LEDGER_KEY_BAD_NAME;
	namelen = (size_t) (plus - text);
	/* the name, then +, 8 digits, + */
	if (!ledger_member_name_valid(text, namelen) || len < namelen + 10 || text[namelen + 9] != '+' ||
		!ledger_hex_decode(plus + 1, 8, id, sizeof(id)) ||
		ledger_base64_decode(plus + 10, len - namelen - 10, raw, sizeof(raw), &rawlen) != LEDGER_OK)
		return LEDGER_KEY_BAD_NAME;
	if (rawlen >= VKEY_STD_LEN && memcmp(raw, VKEY_STD, VKEY_STD_LEN) == 0)
	{
		suite = LEDGER_SUITE_STD;
		head = VKEY_STD_LEN;
	}
	else if (rawlen >= VKEY_GM_LEN && memcmp(raw, VKEY_GM, VKEY_GM_LEN) == 0)
	{
		suite = LEDGER_SUITE_GM;
		head = VKEY_GM_LEN;
	}
	else
		return LEDGER_KEY_BAD_NAME;
	error = ledger_vkey_make(vkey, suite, text, namelen, raw + head, rawlen - head);
	if (error != LEDGER_KEY_OK)
		return error;
	return memcmp(vkey->id, id, sizeof(id)) == 0 ? LEDGER_KEY_OK : LEDGER_KEY_BAD_NAME;
}

/* 1 known, 0 unknown, -1 when the id cannot be computed. */
static int
vkey_knows(const ledger_vkey *vkey, const ledger_note_line *line)
{
	uint8_t		id[LEDGER_KEY_ID_LEN];

	if (vkey->namelen > 0)
		return vkey->namelen == line->name.len && memcmp(vkey->name, line->name.data, vkey->namelen) == 0 &&
			memcmp(vkey->id, line->id, sizeof(line->id)) == 0;
	if (!ledger_note_key_id(vkey->suite, (const char *) line->name.data, line->name.len, vkey->spki,
							LEDGER_SPKI_LEN, id))
		return -1;
	return memcmp(id, line->id, sizeof(id)) == 0;
}

/* ---- origin ------------------------------------------------------------------ */

void
ledger_origin_write(ledger_writer *w, const uint8_t *chain_id, unsigned incarnation)
{
	char		hex[2 * LEDGER_ID_LEN + 1];

	ledger_hex_encode(chain_id, LEDGER_ID_LEN, hex);
	ledger_write_string(w, "ledger/");
	ledger_write_string(w, hex);
	if (incarnation != 0)
	{
		ledger_write_string(w, "/inc/");
		ledger_write_decimal(w, incarnation);
	}
}

bool
ledger_origin_parse(const char *text, size_t len, uint8_t *chain_id, unsigned *incarnation)
{
	ledger_text t = {text, len};
	uint64_t	n = 0;

	if (!ledger_text_skip(&t, "ledger/") || t.left < 2 * LEDGER_ID_LEN ||
		!ledger_hex_decode(t.p, 2 * LEDGER_ID_LEN, chain_id, LEDGER_ID_LEN))
		return false;
	t.p += 2 * LEDGER_ID_LEN;
	t.left -= 2 * LEDGER_ID_LEN;
	if (t.left > 0 &&
		(!ledger_text_skip(&t, "/inc/") || !ledger_text_decimal(t, &n) || n == 0 || n > INCARNATION_MAX))
		return false;
	*incarnation = (unsigned) n;
	return true;
}

/* ---- checkpoints ------------------------------------------------------------- */

static void
write_number(ledger_writer *w, const char *word, uint64_t v)
{
	ledger_write_string(w, word);
	ledger_write_decimal(w, v);
	ledger_write_u8(w, '\n');
}

ledger_status
ledger_note_text_write(ledger_writer *w, const ledger_tree_head *head)
{
	ledger_origin_write(w, head->chain_id, head->incarnation);
	write_number(w, "\n", head->size);
	ledger_write_base64(w, head->root, LEDGER_HASH_LEN);
	write_number(w, "\nheight ", head->height);
	write_number(w, "epoch ", head->epoch);
	write_number(w, "term ", head->term);
	ledger_write_string(w, "block ");
	ledger_write_base64(w, head->block_hash, LEDGER_HASH_LEN);
	ledger_write_u8(w, '\n');
	return ledger_writer_finish(w);
}

/* The seven lines off the front of t. */
static bool
read_text(ledger_text *t, ledger_tree_head *head)
{
	ledger_text line;

	return ledger_text_line(t, &line) &&
		ledger_origin_parse(line.p, line.left, head->chain_id, &head->incarnation) &&
		ledger_text_line(t, &line) && ledger_text_decimal(line, &head->size) && ledger_text_line(t, &line) &&
		ledger_text_base64(line, head->root, LEDGER_HASH_LEN) && ledger_text_field(t, "height", &line) &&
		ledger_text_decimal(line, &head->height) && ledger_text_field(t, "epoch", &line) &&
		ledger_text_decimal(line, &head->epoch) && ledger_text_field(t, "term", &line) &&
		ledger_text_decimal(line, &head->term) && ledger_text_field(t, "block", &line) &&
		ledger_text_base64(line, head->block_hash, LEDGER_HASH_LEN);
}

ledger_status
ledger_note_text_parse(const char *text, size_t len, ledger_tree_head *head)
{
	ledger_text t = {text, len};

	if (!read_text(&t, head))
		return LEDGER_BAD_SYNTAX;
	return t.left == 0 ? LEDGER_OK : LEDGER_TRAILING;
}

ledger_status
ledger_note_line_write(ledger_writer *w, const char *text, size_t len, const ledger_key *key,
					   const char *name, size_t namelen)
{
	uint8_t		raw[LEDGER_KEY_ID_LEN + LEDGER_SIGNATURE_MAX];
	uint8_t		spki[LEDGER_SPKI_LEN];
	size_t		siglen;

	if (!ledger_member_name_valid(name, namelen))
		return LEDGER_BAD_SYNTAX;
	if (ledger_key_spki(key, spki) != LEDGER_KEY_OK ||
		!ledger_note_key_id(ledger_key_suite(key), name, namelen, spki, sizeof(spki), raw) ||
		ledger_sign(key, text, len, raw + LEDGER_KEY_ID_LEN, &siglen) != LEDGER_KEY_OK)
		return LEDGER_NO_HASH;
	ledger_write_string(w, DASH);
	ledger_write_fixed(w, name, namelen);
	ledger_write_u8(w, ' ');
	ledger_write_base64(w, raw, LEDGER_KEY_ID_LEN + siglen);
	ledger_write_u8(w, '\n');
	return ledger_writer_finish(w);
}

ledger_status
ledger_note_write(ledger_writer *w, const ledger_tree_head *head, const ledger_key *key, const char *name,
				  size_t namelen)
{
	size_t		start = w->len;
	size_t		end;

	if (ledger_note_text_write(w, head) != LEDGER_OK)
		return LEDGER_NO_SPACE;
	end = w->len;
	ledger_write_u8(w, '\n');
	return ledger_note_line_write(w, (const char *) w->buf + start, end - start, key, name, namelen);
}

/* ---- reading notes ----------------------------------------------------------- */

/* Unicode's White_Space above ASCII, by their UTF-8 bytes. */
static bool
is_wide_space(const uint8_t *p, size_t left)
{
	if (left >= 2 && p[0] == 0xc2)
		return p[1] == 0x85 || p[1] == 0xa0;
	if (left < 3)
		return false;
	if (p[0] == 0xe1)
		return p[1] == 0x9a && p[2] == 0x80;
	if (p[0] == 0xe2)
		return (p[1] == 0x80 && (p[2] <= 0x8a || p[2] == 0xa8 || p[2] == 0xa9 || p[2] == 0xaf)) ||
			(p[1] == 0x81 && p[2] == 0x9f);
	return p[0] == 0xe3 && p[1] == 0x80 && p[2] == 0x80;
}

/* C2SP signed-note: not empty, valid UTF-8, neither white space nor plus nor control characters. */
static bool
key_name_valid(ledger_text name)
{
	const uint8_t *p = (const uint8_t *) name.p;
	size_t		i;

	if (name.left == 0 || !ledger_utf8_valid(name.p, name.left))
		return false;
	for (i = 0; i < name.left; i++)
		if (p[i] <= ' ' || p[i] == '+' || is_wide_space(p + i, name.left - i))
			return false;
	return true;
}

/* Key id and signature; a longer signature than any of ours is checked for its spelling only. */
static bool
read_signature(ledger_text base64, ledger_note_line *line)
{
	uint8_t		raw[LEDGER_KEY_ID_LEN + LEDGER_SIGNATURE_MAX];
	uint8_t		rest[3 * 16];
	size_t		taken = 0;
	size_t		len = 0;

	while (taken < base64.left)
	{
		size_t		piece = base64.left - taken < 64 ? base64.left - taken : 64;
		size_t		n;
		size_t		room;

		if (ledger_base64_decode(base64.p + taken, piece, rest, sizeof(rest), &n) != LEDGER_OK)
			return false;
		taken += piece;
		/* padding ends it */
		if (n % 3 != 0 && taken < base64.left)
			return false;
		room = len < sizeof(raw) ? sizeof(raw) - len : 0;
		if (room > 0)
			memcpy(raw + len, rest, n < room ? n : room);
		len += n;
	}
	if (len <= LEDGER_KEY_ID_LEN)
		return false;
	memcpy(line->id, raw, LEDGER_KEY_ID_LEN);
	line->siglen = len - LEDGER_KEY_ID_LEN;
	if (line->siglen <= LEDGER_SIGNATURE_MAX)
		memcpy(line->sig, raw + LEDGER_KEY_ID_LEN, line->siglen);
	return true;
}

static bool
read_signature_line(ledger_text *t, ledger_note_line *line)
{
	ledger_text l;
	ledger_text name;

	if (!ledger_text_line(t, &l) || !ledger_text_skip(&l, DASH))
		return false;
	name = ledger_text_word(&l);
	if (!key_name_valid(name) || !read_signature(l, line))
		return false;
	line->name = ledger_slice_make(name.p, name.left);
	return true;
}

bool
ledger_note_next_line(ledger_slice *rest, ledger_note_line *line)
{
	ledger_text t = {(const char *) rest->data, rest->len};

	if (!read_signature_line(&t, line))
		return false;
	*rest = ledger_slice_make(t.p, t.left);
	return true;
}

ledger_status
ledger_note_parse(const char *data, size_t len, ledger_note *note)
{
	ledger_text t = {data, len};
	ledger_note_line line;

	if (!read_text(&t, &note->head))
		return LEDGER_BAD_SYNTAX;
	note->text = ledger_slice_make(data, len - t.left);
	if (!ledger_text_skip(&t, "\n") || t.left == 0)
		return LEDGER_BAD_SYNTAX;
	note->lines = ledger_slice_make(t.p, t.left);
	while (t.left > 0)
		if (!read_signature_line(&t, &line))
			return LEDGER_BAD_SYNTAX;
	return LEDGER_OK;
}

ledger_status
ledger_note_verify(const ledger_note *note, const ledger_vkey *keys, size_t nkeys, bool *signed_by)
{
	ledger_slice rest = note->lines;
	ledger_note_line line;
	bool		any = false;
	size_t		i;

	if (signed_by != NULL)
		for (i = 0; i < nkeys; i++)
			signed_by[i] = false;
	while (ledger_note_next_line(&rest, &line))
		for (i = 0; i < nkeys; i++)
		{
			int			known = vkey_knows(&keys[i], &line);
			ledger_key_error error;

			if (known == 0)
				continue;
			if (known < 0)
				return LEDGER_NO_HASH;
			error = line.siglen > LEDGER_SIGNATURE_MAX
				? LEDGER_KEY_BAD_SIGNATURE
				: ledger_signature_verify(keys[i].suite, keys[i].spki, LEDGER_SPKI_LEN, note->text.data,
										  note->text.len, line.sig, line.siglen);
			if (error != LEDGER_KEY_OK)
				return error == LEDGER_KEY_FAILED ? LEDGER_NO_HASH : LEDGER_BAD_SIGNATURE;
			if (signed_by != NULL)
				signed_by[i] = true;
			any = true;
		}
	return any ? LEDGER_OK : LEDGER_NO_SIGNATURE;
}
