/*
 * core/lines.h
 *		Reading the text files of docs/format.md line by line, for core/ alone.
 */
#ifndef LEDGER_CORE_LINES_H
#define LEDGER_CORE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "core/bytes.h"
#include "core/merkle.h"

typedef struct ledger_text
{
	const char *p;
	size_t		left;
} ledger_text;

/* The next line without its newline; false when no newline is left. */
static inline bool
ledger_text_line(ledger_text *t, ledger_text *line)
{
	const char *end = t->left == 0 ? NULL : (const char *) memchr(t->p, '\n', t->left);

	if (end == NULL)
		return false;
	line->p = t->p;
	line->left = (size_t) (end - t->p);
	t->p = end + 1;
	t->left -= line->left + 1;
	return true;
}

/* Skip exactly this string. */
static inline bool
ledger_text_skip(ledger_text *t, const char *prefix)
{
	size_t		n = strlen(prefix);

	if (t->left < n || memcmp(t->p, prefix, n) != 0)
		return false;
	t->p += n;
	t->left -= n;
	return true;
}

/* The next line, which must begin with this word and a space; what follows is left in line. */
static inline bool
ledger_text_field(ledger_text *t, const char *word, ledger_text *line)
{
	return ledger_text_line(t, line) && ledger_text_skip(line, word) && ledger_text_skip(line, " ");
}

/* Up to the next space, or to the end of the line where there is none. */
static inline ledger_text
ledger_text_word(ledger_text *line)
{
	const char *end = line->left == 0 ? NULL : (const char *) memchr(line->p, ' ', line->left);
	ledger_text word = *line;

	if (end == NULL)
	{
		line->p += line->left;
		line->left = 0;
	}
	else
	{
		word.left = (size_t) (end - line->p);
		line->p = end + 1;
		line->left -= word.left + 1;
		/* a space at the end is one word more, an empty one */
	}
	return word;
}

/* The whole of t as a decimal number. */
static inline bool
ledger_text_decimal(ledger_text t, uint64_t *v)
{
	return ledger_decimal_parse(t.p, t.left, v);
}

/* Two decimal numbers with one space between them. */
static inline bool
ledger_text_two_decimals(ledger_text line, uint64_t *a, uint64_t *b)
{
	ledger_text word = ledger_text_word(&line);

	return ledger_text_decimal(word, a) && ledger_text_decimal(line, b);
}

/* The whole of t as base64 of exactly n bytes. */
static inline bool
ledger_text_base64(ledger_text t, uint8_t *out, size_t n)
{
	size_t		len;

	return ledger_base64_decode(t.p, t.left, out, n, &len) == LEDGER_OK && len == n;
}

#endif							/* LEDGER_CORE_LINES_H */
