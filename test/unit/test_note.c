/*
 * test/unit/test_note.c
 *		Checkpoints and verifier keys: one spelling, and signatures that hold.
 */
#include "core/checkpoint.h"

#include "harness.h"
#include "mutate.h"

static char written[1 << 16];

static ledger_tree_head
some_head(unsigned incarnation)
{
	ledger_tree_head h;
	uint64_t	state = 12 + incarnation;

	random_bytes(&state, &h, sizeof(h));
	h.incarnation = incarnation;
	h.epoch = 0;
	return h;
}

static bool
reread_text(const uint8_t *data, size_t len)
{
	ledger_tree_head h;
	ledger_writer w;

	if (ledger_note_text_parse((const char *) data, len, &h) != LEDGER_OK)
		return false;
	ledger_writer_init(&w, written, sizeof(written));
	expect(ledger_note_text_write(&w, &h) == LEDGER_OK && w.len == len && memcmp(written, data, len) == 0,
		   "a text in another spelling");
	return true;
}

static void
test_text(void)
{
	static const unsigned incarnations[] = {0, 1, 32767};
	size_t		i;

	for (i = 0; i < 3; i++)
	{
		ledger_tree_head h = some_head(incarnations[i]);
		char		text[LEDGER_NOTE_TEXT_MAX];
		ledger_writer w;

		ledger_writer_init(&w, text, sizeof(text));
		expect(ledger_note_text_write(&w, &h) == LEDGER_OK, "text");
		mutate_all("checkpoint", (const uint8_t *) text, w.len, reread_text);
	}
	done("texts of checkpoints are read back, cut, lengthened and changed");
	{
		ledger_tree_head h;
		ledger_writer w;

		memset(&h, 0xff, sizeof(h));
		h.incarnation = 32767;
		ledger_writer_init(&w, written, LEDGER_NOTE_TEXT_MAX);
		check(ledger_note_text_write(&w, &h) == LEDGER_OK, "the longest one fits in the room announced");
	}
}

static void
test_origin(void)
{
	static const char *const good[] = {
		"ledger/00112233445566778899aabbccddeeff",
		"ledger/00112233445566778899aabbccddeeff/inc/1",
		"ledger/00112233445566778899aabbccddeeff/inc/32767"
	};
	static const char *const bad[] = {
		"", "ledger/", "ledger", "Ledger/00112233445566778899aabbccddeeff",
		"ledger/00112233445566778899aabbccddeef", "ledger/00112233445566778899AABBCCDDEEFF",
		"ledger/00112233445566778899aabbccddeeff0", "ledger/00112233445566778899aabbccddeeff/",
		"ledger/00112233445566778899aabbccddeeff/inc", "ledger/00112233445566778899aabbccddeeff/inc/",
		"ledger/00112233445566778899aabbccddeeff/inc/0", "ledger/00112233445566778899aabbccddeeff/inc/01",
		"ledger/00112233445566778899aabbccddeeff/inc/32768", "ledger/00112233445566778899aabbccddeeff/inc/1 ",
		"ledger/00112233445566778899aabbccddeeff/inc/1/inc/2"
	};
	uint8_t		id[16];
	unsigned	incarnation;
	size_t		i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
	{
		ledger_writer w;

		expect(ledger_origin_parse(good[i], strlen(good[i]), id, &incarnation) && id[1] == 0x11, "%s",
			   good[i]);
		ledger_writer_init(&w, written, LEDGER_ORIGIN_MAX);
		ledger_origin_write(&w, id, incarnation);
		expect(ledger_writer_ok(&w) && w.len == strlen(good[i]) && memcmp(written, good[i], w.len) == 0, "%s",
			   good[i]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect(!ledger_origin_parse(bad[i], strlen(bad[i]), id, &incarnation), "%s", bad[i]);
	done("origins");
}

/* Replace the first occurrence of a string. */
static size_t
replace(char *text, size_t len, const char *from, const char *to)
{
	char	   *at;
	size_t		nfrom = strlen(from);
	size_t		nto = strlen(to);

	text[len] = '\0';
	at = strstr(text, from);
	if (at == NULL)
		abort();
	memmove(at + nto, at + nfrom, len - (size_t) (at - text) - nfrom + 1);
	memcpy(at, to, nto);
	return len + nto - nfrom;
}

static ledger_status
read_and_verify(const char *text, size_t len, const ledger_vkey *keys, size_t nkeys, bool *signed_by)
{
	uint8_t	   *exact = exact_copy(text, len);
	ledger_note note;
	ledger_status status = ledger_note_parse((const char *) exact, len, &note);

	if (status == LEDGER_OK)
		status = ledger_note_verify(&note, keys, nkeys, signed_by);
	free(exact);
	return status;
}

static void
test_signed(ledger_suite suite)
{
	const char *name = ledger_suite_name(suite);
	ledger_tree_head head = some_head(0);
	ledger_key *key[2];
	ledger_vkey vkey[3];
	bool		signed_by[3];
	char		note[2048];
	char		copy[4096];
	uint8_t		spki[LEDGER_SPKI_LEN];
	ledger_note parsed;
	ledger_writer w;
	size_t		one;
	size_t		len;
	size_t		i;
	size_t		refused = 0;

	for (i = 0; i < 2; i++)
	{
		ledger_key_generate(suite, &key[i]);
		ledger_key_spki(key[i], spki);
		ledger_vkey_make(&vkey[i], suite, i == 0 ? "one" : "two", 3, spki, sizeof(spki));
	}
	ledger_writer_init(&w, note, sizeof(note));
	check(ledger_note_write(&w, &head, key[0], "one", 3) == LEDGER_OK &&
			  w.len <= LEDGER_NOTE_TEXT_MAX + 1 + LEDGER_NOTE_LINE_MAX,
		  "%s: a note is signed", name);
	one = w.len;
	check(read_and_verify(note, one, vkey, 2, signed_by) == LEDGER_OK && signed_by[0] && !signed_by[1],
		  "%s: and verified by its key alone", name);
	check(read_and_verify(note, one, &vkey[1], 1, signed_by) == LEDGER_NO_SIGNATURE && !signed_by[0],
		  "%s: not by another", name);

	/* a second signature over the same text */
	ledger_note_parse(note, one, &parsed);
	check(ledger_note_line_write(&w, note, parsed.text.len, key[1], "two", 3) == LEDGER_OK &&
			  read_and_verify(note, w.len, vkey, 2, signed_by) == LEDGER_OK && signed_by[0] && signed_by[1],
		  "%s: two keys may sign", name);
	len = w.len;

	/* a changed character of the text: no note, or not signed */
	for (i = 0; i < one; i++)
	{
		ledger_status status;

		memcpy(copy, note, one);
		copy[i] ^= 1;
		status = read_and_verify(copy, one, vkey, 1, NULL);
		expect(status != LEDGER_OK, "character %zu", i);
		refused += status == LEDGER_BAD_SIGNATURE;
	}
	expect(refused > 30, "%zu refused for their signature", refused);
	done("a note with any character changed is refused");

	memcpy(copy, note, len);
	{
		/* the second signature spoiled: a reader who knows that key rejects the note, another does not */
		const char *second =
			(const char *) parsed.lines.data + (one - ((const char *) parsed.lines.data - note));
		char	   *at = copy + (second - note) + 4 + 4 + 20;

		*at = *at == 'A' ? 'B' : 'A';
		check(read_and_verify(copy, len, vkey, 2, NULL) == LEDGER_BAD_SIGNATURE,
			  "%s: a known key's failing signature spoils the note", name);
		check(read_and_verify(copy, len, vkey, 1, signed_by) == LEDGER_OK && signed_by[0],
			  "%s: an unknown key's does not", name);
	}

	/* a key without a name knows the line by its id alone */
	ledger_vkey_make(&vkey[2], suite, NULL, 0, vkey[0].spki, LEDGER_SPKI_LEN);
	check(read_and_verify(note, one, &vkey[2], 1, signed_by) == LEDGER_OK && signed_by[0],
		  "%s: a bare public key answers to every name", name);
	ledger_writer_init(&w, copy, sizeof(copy));
	check(ledger_vkey_write(&w, &vkey[2]) == LEDGER_BAD_SYNTAX, "%s: but has no text", name);

	/* the same key under another name is another key */
	ledger_vkey_make(&vkey[2], suite, "uno", 3, vkey[0].spki, LEDGER_SPKI_LEN);
	check(read_and_verify(note, one, &vkey[2], 1, NULL) == LEDGER_NO_SIGNATURE, "%s: a name counts", name);

	/* lines of somebody else's kind of key, with a longer signature, are stepped over */
	memcpy(copy, note, one);
	len = one;
	len =
		replace(copy, len, "\n\n",
				"\n\n\xe2\x80\x94 example.org/w AAAABLEsAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
				"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
	check(read_and_verify(copy, len, vkey, 1, NULL) == LEDGER_OK, "%s: lines of unknown keys are ignored",
		  name);
	check(ledger_note_write(&w, &head, key[0], "a b", 3) == LEDGER_BAD_SYNTAX, "%s: a bad name does not sign",
		  name);
	ledger_writer_init(&w, copy, parsed.text.len + 20);
	check(ledger_note_write(&w, &head, key[0], "one", 3) == LEDGER_NO_SPACE,
		  "%s: a note that does not fit is told", name);
	ledger_key_free(key[0]);
	ledger_key_free(key[1]);
}

/* Notes that are malformed, each one change away from a good one. */
static void
test_malformed(void)
{
	static const struct
	{
		const char *from;
		const char *to;
	}			cases[] = {
		{"\nheight ", "\nHeight "}, {"\nheight ", "\nheight  "}, {"\nheight ", "\n"}, {"\nepoch ", "\nepoch 0"},
		{"\nterm ", "\nterm +"}, {"\nblock ", "\nblock"}, {"\n\n", "\n"}, {"\n\n", "\n\n\n"}, {"\n\n", "\nmore\n\n"},
		{"\xe2\x80\x94 ", "- "}, {"\xe2\x80\x94 ", "\xe2\x80\x94"}, {"\xe2\x80\x94 ", "\xe2\x80\x94  "},
		{"\xe2\x80\x94 one ", "\xe2\x80\x94 o+e "}, {"\xe2\x80\x94 one ", "\xe2\x80\x94  "},
		{"\xe2\x80\x94 one ", "\xe2\x80\x94 o\xc2\xa0" "e "}, {"\xe2\x80\x94 one ", "\xe2\x80\x94 o\xe2\x80\x83" "e "},
		{"\xe2\x80\x94 one ", "\xe2\x80\x94 o\xe3\x80\x80" "e "}, {"\xe2\x80\x94 one ", "\xe2\x80\x94 o\te "},
		{"\xe2\x80\x94 one ", "\xe2\x80\x94 o\xff" "e "}, {"\xe2\x80\x94 one ", "\xe2\x80\x94 one"},
		{"\xe2\x80\x94 one ", "\xe2\x80\x94 one  "}, {"\xe2\x80\x94 one ", "\xe2\x80\x94 one AAAA\n\xe2\x80\x94 one "},
		{"\xe2\x80\x94 one ", "\xe2\x80\x94 one \n\xe2\x80\x94 one "}, {"ledger/", "ledger/ "}, {"\n", "\r\n"}
	};
	ledger_tree_head head = some_head(3);
	ledger_key *key;
	char		note[1024];
	ledger_writer w;
	ledger_note parsed;
	size_t		i;

	ledger_key_generate(LEDGER_SUITE_STD, &key);
	ledger_writer_init(&w, note, sizeof(note));
	ledger_note_write(&w, &head, key, "one", 3);
	expect(ledger_note_parse(note, w.len, &parsed) == LEDGER_OK && parsed.head.incarnation == 3,
		   "as it should be");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		char		copy[2048];
		size_t		len;

		memcpy(copy, note, w.len);
		len = replace(copy, w.len, cases[i].from, cases[i].to);
		expect(ledger_note_parse(copy, len, &parsed) == LEDGER_BAD_SYNTAX, "case %zu: %s for %s", i,
			   cases[i].to, cases[i].from);
	}
	for (i = 0; i < w.len; i++)
		expect(ledger_note_parse(note, i, &parsed) == LEDGER_BAD_SYNTAX, "cut at %zu of %zu", i, w.len);
	note[w.len] = '\n';
	expect(ledger_note_parse(note, w.len + 1, &parsed) == LEDGER_BAD_SYNTAX, "an empty line at the end");
	/* no white space of Unicode stands in a name */
	{
		static const char *const spaces[] = {
			"\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9",
			"\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"
		};
		static const char *const others[] = {"\xc2\x86", "\xc3\xa4", "\xe2\x80\x8b", "\xe2\x82\xac",
											 "\xe3\x80\x81"};
		char		copy[1200];
		char		line[64];
		size_t		len;

		for (i = 0; i < 15; i++)
		{
			memcpy(copy, note, w.len);
			snprintf(line, sizeof(line), "\xe2\x80\x94 o%se ", i < 10 ? spaces[i] : others[i - 10]);
			len = replace(copy, w.len, "\xe2\x80\x94 one ", line);
			expect(ledger_note_parse(copy, len, &parsed) == (i < 10 ? LEDGER_BAD_SYNTAX : LEDGER_OK),
				   "character %zu", i);
		}
		/* padding stands at the end of a signature only: 64 characters are decoded at a time */
		memcpy(copy, note, w.len);
		len = replace(
			copy, w.len, "\xe2\x80\x94 one ",
			"\xe2\x80\x94 two AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=AAAA\n\xe2\x80\x94 one ");
		expect(ledger_note_parse(copy, len, &parsed) == LEDGER_BAD_SYNTAX, "padding in the middle");
		memcpy(copy, note, w.len);
		len = replace(
			copy, w.len, "\xe2\x80\x94 one ",
			"\xe2\x80\x94 two AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=AAAA\n\xe2\x80\x94 one ");
		expect(ledger_note_parse(copy, len, &parsed) == LEDGER_BAD_SYNTAX, "padding after 64 characters");
		/* a key id alone is no signature */
		memcpy(copy, note, w.len);
		len = replace(copy, w.len, "\xe2\x80\x94 one ", "\xe2\x80\x94 two AAAAAA==\n\xe2\x80\x94 one ");
		expect(ledger_note_parse(copy, len, &parsed) == LEDGER_BAD_SYNTAX, "four bytes");
		memcpy(copy, note, w.len);
		len = replace(copy, w.len, "\xe2\x80\x94 one ", "\xe2\x80\x94 two AAAAAAA=\n\xe2\x80\x94 one ");
		expect(ledger_note_parse(copy, len, &parsed) == LEDGER_OK, "five bytes");
	}
	done("malformed notes are refused");
	ledger_key_free(key);
}

static bool
reread_vkey(const uint8_t *data, size_t len)
{
	ledger_vkey vkey;
	ledger_writer w;

	if (ledger_vkey_parse((const char *) data, len, &vkey) != LEDGER_KEY_OK)
		return false;
	ledger_writer_init(&w, written, sizeof(written));
	expect(ledger_vkey_write(&w, &vkey) == LEDGER_OK && w.len == len && memcmp(written, data, len) == 0,
		   "a verifier key in another spelling");
	return true;
}

static void
test_vkey(ledger_suite suite)
{
	ledger_key *key;
	ledger_vkey vkey;
	uint8_t		spki[LEDGER_SPKI_LEN];
	char		text[LEDGER_VKEY_TEXT_MAX];
	char		name[LEDGER_MEMBER_NAME_MAX + 1];
	ledger_writer w;

	memset(name, 'n', sizeof(name));
	ledger_key_generate(suite, &key);
	ledger_key_spki(key, spki);
	ledger_vkey_make(&vkey, suite, "bank-a", 6, spki, sizeof(spki));
	ledger_writer_init(&w, text, sizeof(text));
	ledger_vkey_write(&w, &vkey);
	mutate_all("verifier key", (const uint8_t *) text, w.len, reread_vkey);
	done("verifier keys are read back, cut, lengthened and changed");
	check(ledger_vkey_make(&vkey, suite, name, LEDGER_MEMBER_NAME_MAX, spki, sizeof(spki)) == LEDGER_KEY_OK,
		  "a name of 64 characters");
	ledger_writer_init(&w, text, sizeof(text));
	check(ledger_vkey_write(&w, &vkey) == LEDGER_OK, "fits in the room announced");
	check(ledger_vkey_make(&vkey, suite, name, LEDGER_MEMBER_NAME_MAX + 1, spki, sizeof(spki)) ==
			  LEDGER_KEY_BAD_NAME,
		  "one of 65 is refused");
	spki[90] ^= 1;
	check(ledger_vkey_make(&vkey, suite, "a", 1, spki, sizeof(spki)) == LEDGER_KEY_BAD_POINT,
		  "as is a point off the curve");
	ledger_key_free(key);
}

int
main(void)
{
	ledger_suite suite;

	test_text();
	test_origin();
	test_malformed();
	for (suite = LEDGER_SUITE_STD; suite <= LEDGER_SUITE_GM; suite++)
	{
		test_signed(suite);
		test_vkey(suite);
	}
	return finish();
}
