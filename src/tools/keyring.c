/*
 * tools/keyring.c
 *		The keys that the person who runs the program trusts.
 */
#include "tools/keyring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/io.h"

#define PEM_BEGIN "-----BEGIN PUBLIC KEY-----"
#define PEM_END "-----END PUBLIC KEY-----"

static void
add(ledger_keyring *ring, const ledger_vkey *key)
{
	LEDGER_GROW(ring->keys, ring->n, ring->capacity);
	ring->keys[ring->n++] = *key;
}

/* The SubjectPublicKeyInfo of a PEM text, for whichever suite it is. It has no name. */
static void
load_pem(ledger_keyring *ring, const char *path, const char *begin, const char *end)
{
	char	   *text = ledger_alloc((size_t) (end - begin));
	size_t		textlen = 0;
	uint8_t		spki[LEDGER_SPKI_LEN];
	size_t		len;
	const char *p;
	ledger_suite suite;

	for (p = begin; p < end; p++)
		if (strchr(" \t\r\n", *p) == NULL)
			text[textlen++] = *p;
	if (ledger_base64_decode(text, textlen, spki, sizeof(spki), &len) != LEDGER_OK)
		ledger_die("--key: file \"%s\" holds no P-256 or SM2 public key", path);
	free(text);
	for (suite = LEDGER_SUITE_STD; suite <= LEDGER_SUITE_GM; suite++)
	{
		ledger_vkey key;

		if (ledger_vkey_make(&key, suite, NULL, 0, spki, len) == LEDGER_KEY_OK)
		{
			add(ring, &key);
			return;
		}
	}
	ledger_die("--key: file \"%s\" holds no P-256 or SM2 public key", path);
}

static void
load_file(ledger_keyring *ring, const char *path)
{
	ledger_file file;
	const char *text;
	const char *begin;
	const char *line;

	if (!ledger_file_read(path, &file))
		ledger_die("--key: could not read file \"%s\": %s", path, strerror(errno));
	text = (const char *) file.data;
	begin = strstr(text, PEM_BEGIN);
	if (begin != NULL)
	{
		const char *end = strstr(begin, PEM_END);

		if (end == NULL)
			ledger_die("--key: file \"%s\" holds half a public key", path);
		load_pem(ring, path, begin + strlen(PEM_BEGIN), end);
	}
	else
		for (line = text; *line != '\0'; line += strspn(line, "\r\n"))
		{
			size_t		len = strcspn(line, "\r\n");
			ledger_vkey key;

			if (len == 0)
				continue;
			if (ledger_vkey_parse(line, len, &key) != LEDGER_KEY_OK)
				ledger_die("--key: \"%.*s\" in file \"%s\" is not a verifier key", (int) len, line, path);
			add(ring, &key);
			line += len;
		}
	free(file.data);
	if (ring->n == 0)
		ledger_die("--key: file \"%s\" holds no keys", path);
}

/* Whether it looks like <name>+<8 hex digits>+..., which no sane file name does. */
static bool
is_verifier_key(const char *value)
{
	size_t		name = strcspn(value, "+/");

	return name > 0 && value[name] == '+' && strspn(value + name + 1, "0123456789abcdef") == 8 &&
		value[name + 9] == '+';
}

void
ledger_keyring_load(ledger_keyring *ring, const char *value)
{
	ledger_vkey key;

	memset(ring, 0, sizeof(*ring));
	if (!is_verifier_key(value))
		load_file(ring, value);
	else
	{
		ledger_key_error error = ledger_vkey_parse(value, strlen(value), &key);

		if (error != LEDGER_KEY_OK)
			ledger_die("--key: \"%s\" is not a verifier key: %s", value, ledger_key_error_text(error));
		add(ring, &key);
	}
}

ledger_status
ledger_keyring_verify(const ledger_keyring *ring, ledger_suite suite, const ledger_note *note)
{
	ledger_vkey *known = ledger_alloc(ring->n * sizeof(*known));
	size_t		n = 0;
	size_t		i;
	ledger_status status;

	for (i = 0; i < ring->n; i++)
		if (suite == 0 || ring->keys[i].suite == suite)
			known[n++] = ring->keys[i];
	status = ledger_note_verify(note, known, n, NULL);
	free(known);
	if (status == LEDGER_NO_HASH)
		ledger_die("libcrypto failed");
	return status;
}
