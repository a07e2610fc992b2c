/*
 * core/canon_print.c
 *		Cells as a person reads them: what nests, and the quoting it needs.
 *
 * Arrays quote with a backslash, ranges and composites by doubling, as
 * PostgreSQL's output functions do; quotes may nest. Whether an element needs
 * quotes is known before it is printed, from the kinds of characters that its
 * text will have: text is looked through once for each level that it stands in,
 * never copied.
 */
#include "core/canon.h"
#include "core/printer.h"

#define STYLE_BACKSLASH 0
#define STYLE_DOUBLE 1

#define ARRAY_SPECIAL (PRINTED_QUOTE | PRINTED_COMMA | PRINTED_BRACE | PRINTED_SPACE)
#define BOUND_SPECIAL (PRINTED_QUOTE | PRINTED_COMMA | PRINTED_PAREN | PRINTED_BRACKET | PRINTED_SPACE)
#define FIELD_SPECIAL (PRINTED_QUOTE | PRINTED_COMMA | PRINTED_PAREN | PRINTED_SPACE)

static void print_cell(ledger_printer *p, ledger_reader *r);

/* ---- the sink ------------------------------------------------------------------ */

static unsigned
kind_of(char c)
{
	switch (c)
	{
		case '"':
		case '\\':
			return PRINTED_QUOTE;
		case ',':
			return PRINTED_COMMA;
		case '(':
		case ')':
			return PRINTED_PAREN;
		case '[':
		case ']':
			return PRINTED_BRACKET;
		case '{':
		case '}':
			return PRINTED_BRACE;
		case ' ':
		case '\t':
		case '\n':
		case '\v':
		case '\f':
		case '\r':
			return PRINTED_SPACE;
	}
	return 0;
}

static void
print_through(ledger_printer *p, char c, unsigned quotes)
{
	bool		special = c == '"' || c == '\\';

	if (p->len + 1 >= p->cap)
	{
		size_t		more = special ? (size_t) 1 << quotes : 1;

		p->len = more > SIZE_MAX - p->len ? SIZE_MAX : p->len + more;
	}
	else if (quotes == 0 || !special)
		p->out[p->len++] = c;
	else
	{
		print_through(p, p->style[quotes - 1] == STYLE_BACKSLASH ? '\\' : c, quotes - 1);
		print_through(p, c, quotes - 1);
	}
}

void
ledger_print_char(ledger_printer *p, char c)
{
	if (p->out != NULL)
	{
		print_through(p, c, p->nquotes);
		return;
	}
	if (p->nquotes == 0)
		p->kinds |= kind_of(c);
	if (p->len < sizeof(p->head))
		p->head[p->len] = c;
	p->len++;
}

void
ledger_print_chars(ledger_printer *p, const void *text, size_t len)
{
	const char *c = (const char *) text;

	while (len-- > 0)
		ledger_print_char(p, *c++);
}

void
ledger_print_string(ledger_printer *p, const char *text)
{
	while (*text != '\0')
		ledger_print_char(p, *text++);
}

void
ledger_print_number(ledger_printer *p, uint64_t v, unsigned digits)
{
	char		text[20];
	unsigned	n = 0;

	do
	{
		text[n++] = (char) ('0' + v % 10);
		v /= 10;
	} while (v > 0);
	for (; digits > n; digits--)
		ledger_print_char(p, '0');
	while (n > 0)
		ledger_print_char(p, text[--n]);
}

static void
open_quote(ledger_printer *p, uint8_t style)
{
	ledger_print_char(p, '"');
	p->style[p->nquotes++] = style;
}

static void
close_quote(ledger_printer *p)
{
	p->nquotes--;
	ledger_print_char(p, '"');
}

/* ---- what an element's text will have -------------------------------------------- */

static bool
nests(uint8_t tag)
{
	return tag == LEDGER_TAG_ARRAY || tag == LEDGER_TAG_RANGE || tag == LEDGER_TAG_MULTIRANGE ||
		tag == LEDGER_TAG_COMPOSITE;
}

typedef struct outlook
{
	unsigned	kinds;
	bool		empty;
	bool		null_word;		/* reads NULL, in any case of letters */
} outlook;

static outlook look_at(ledger_reader *r);

/* Kinds of an element as it stands inside of its container. */
static unsigned
kinds_within(ledger_reader *r, unsigned special, bool in_array)
{
	outlook		o = look_at(r);

	if (o.empty || (o.kinds & special) != 0 || (in_array && o.null_word))
		return o.kinds | PRINTED_QUOTE;
	return o.kinds;
}

static uint64_t
read_dimensions(ledger_reader *r, unsigned *ndim, uint32_t length[6], int32_t lower[6], bool *shifted)
{
	uint64_t	count = 1;
	unsigned	i;

	*ndim = ledger_read_u8(r);
	*shifted = false;
	for (i = 0; i < *ndim; i++)
	{
		length[i] = ledger_read_u32(r);
		lower[i] = ledger_read_i32(r);
		count *= length[i];
		if (lower[i] != 1)
			*shifted = true;
	}
	return *ndim == 0 ? 0 : count;
}

static unsigned
look_at_array(ledger_reader *r)
{
	uint32_t	length[6];
	int32_t		lower[6];
	unsigned	ndim;
	bool		shifted;
	uint64_t	count = read_dimensions(r, &ndim, length, lower, &shifted);
	unsigned	kinds = PRINTED_BRACE;

	if (shifted)
		kinds |= PRINTED_BRACKET;
	if (count > 1)
		kinds |= PRINTED_COMMA;
	for (; count > 0; count--)
	{
		if (r->left > 0 && r->p[0] == LEDGER_TAG_NULL)
			ledger_read_u8(r);
		else
			kinds |= kinds_within(r, ARRAY_SPECIAL, true);
	}
	return kinds;
}

static unsigned
look_at_range(ledger_reader *r)
{
	uint8_t		flags = ledger_read_u8(r);
	unsigned	kinds = PRINTED_COMMA;

	if (flags & LEDGER_RANGE_EMPTY)
		return 0;
	kinds |= flags & LEDGER_RANGE_LOWER_INC ? PRINTED_BRACKET : PRINTED_PAREN;
	kinds |= flags & LEDGER_RANGE_UPPER_INC ? PRINTED_BRACKET : PRINTED_PAREN;
	if (!(flags & LEDGER_RANGE_LOWER_INF))
		kinds |= kinds_within(r, BOUND_SPECIAL, false);
	if (!(flags & LEDGER_RANGE_UPPER_INF))
		kinds |= kinds_within(r, BOUND_SPECIAL, false);
	return kinds;
}

static unsigned
look_at_multirange(ledger_reader *r)
{
	uint32_t	count = ledger_read_u32(r);
	unsigned	kinds = PRINTED_BRACE;

	for (; count > 0; count--)
	{
		ledger_reader one;
		size_t		len;
		const uint8_t *content = ledger_read_bytes(r, &len);

		ledger_reader_init(&one, content, len);
		kinds |= look_at_range(&one);
	}
	return kinds;
}

static unsigned
look_at_composite(ledger_reader *r)
{
	uint16_t	count = ledger_read_u16(r);
	unsigned	kinds = PRINTED_PAREN;

	if (count > 1)
		kinds |= PRINTED_COMMA;
	for (; count > 0; count--)
	{
		if (r->left > 0 && r->p[0] == LEDGER_TAG_NULL)
			ledger_read_u8(r);
		else
			kinds |= kinds_within(r, FIELD_SPECIAL, false);
	}
	return kinds;
}

static outlook
look_at(ledger_reader *r)
{
	outlook		o = {0, false, false};
	ledger_reader inner;
	const uint8_t *content;
	uint8_t		tag;
	size_t		len;

	ledger_cell_read(r, &tag, &content, &len);
	ledger_reader_init(&inner, content, len);
	if (tag == LEDGER_TAG_ARRAY)
		o.kinds = look_at_array(&inner);
	else if (tag == LEDGER_TAG_RANGE)
		o.kinds = look_at_range(&inner);
	else if (tag == LEDGER_TAG_MULTIRANGE)
		o.kinds = look_at_multirange(&inner);
	else if (tag == LEDGER_TAG_COMPOSITE)
		o.kinds = look_at_composite(&inner);
	else
	{
		ledger_printer probe;

		memset(&probe, 0, sizeof(probe));
		ledger_print_scalar(&probe, tag, content, len);
		o.kinds = probe.kinds;
		o.empty = probe.len == 0;
		o.null_word = probe.len == 4 && (probe.head[0] | 0x20) == 'n' && (probe.head[1] | 0x20) == 'u' &&
			(probe.head[2] | 0x20) == 'l' && (probe.head[3] | 0x20) == 'l';
	}
	return o;
}

/* ---- printing --------------------------------------------------------------------- */

/* One element that is not NULL, in quotes where its container needs them. */
static void
print_element(ledger_printer *p, ledger_reader *r, unsigned special, uint8_t style)
{
	ledger_reader ahead = *r;
	bool		quotes = (kinds_within(&ahead, special, style == STYLE_BACKSLASH) & PRINTED_QUOTE) != 0;

	if (quotes)
		open_quote(p, style);
	print_cell(p, r);
	if (quotes)
		close_quote(p);
}

static void
print_integer(ledger_printer *p, int64_t v)
{
	if (v < 0)
		ledger_print_char(p, '-');
	ledger_print_number(p, v < 0 ? 0 - (uint64_t) v : (uint64_t) v, 1);
}

static void
print_array(ledger_printer *p, ledger_reader *r)
{
	uint32_t	length[6];
	uint32_t	at[6] = {0};
	int32_t		lower[6];
	unsigned	ndim;
	bool		shifted;
	uint64_t	count = read_dimensions(r, &ndim, length, lower, &shifted);
	unsigned	opened = 0;
	unsigned	i;

	if (shifted)
	{
		for (i = 0; i < ndim; i++)
		{
			ledger_print_char(p, '[');
			print_integer(p, lower[i]);
			ledger_print_char(p, ':');
			print_integer(p, (int64_t) lower[i] + length[i] - 1);
			ledger_print_char(p, ']');
		}
		ledger_print_char(p, '=');
	}
	if (count == 0)
		ledger_print_string(p, "{}");
	while (count-- > 0)
	{
		for (; opened < ndim; opened++)
			ledger_print_char(p, '{');
		if (r->left > 0 && r->p[0] == LEDGER_TAG_NULL)
		{
			ledger_read_u8(r);
			ledger_print_string(p, "NULL");
		}
		else
			print_element(p, r, ARRAY_SPECIAL, STYLE_BACKSLASH);
		/* close each dimension that is full */
		while (opened > 0 && ++at[opened - 1] == length[opened - 1])
		{
			at[--opened] = 0;
			ledger_print_char(p, '}');
		}
		if (count > 0)
			ledger_print_char(p, ',');
	}
}

static void
print_range(ledger_printer *p, ledger_reader *r)
{
	uint8_t		flags = ledger_read_u8(r);

	if (flags & LEDGER_RANGE_EMPTY)
	{
		ledger_print_string(p, "empty");
		return;
	}
	ledger_print_char(p, flags & LEDGER_RANGE_LOWER_INC ? '[' : '(');
	if (!(flags & LEDGER_RANGE_LOWER_INF))
		print_element(p, r, BOUND_SPECIAL, STYLE_DOUBLE);
	ledger_print_char(p, ',');
	if (!(flags & LEDGER_RANGE_UPPER_INF))
		print_element(p, r, BOUND_SPECIAL, STYLE_DOUBLE);
	ledger_print_char(p, flags & LEDGER_RANGE_UPPER_INC ? ']' : ')');
}

static void
print_multirange(ledger_printer *p, ledger_reader *r)
{
	uint32_t	count = ledger_read_u32(r);

	ledger_print_char(p, '{');
	for (; count > 0; count--)
	{
		ledger_reader one;
		size_t		len;
		const uint8_t *content = ledger_read_bytes(r, &len);

		ledger_reader_init(&one, content, len);
		print_range(p, &one);
		if (count > 1)
			ledger_print_char(p, ',');
	}
	ledger_print_char(p, '}');
}

static void
print_composite(ledger_printer *p, ledger_reader *r)
{
	uint16_t	count = ledger_read_u16(r);

	ledger_print_char(p, '(');
	for (; count > 0; count--)
	{
		if (r->left > 0 && r->p[0] == LEDGER_TAG_NULL)
			ledger_read_u8(r);
		else
			print_element(p, r, FIELD_SPECIAL, STYLE_DOUBLE);
		if (count > 1)
			ledger_print_char(p, ',');
	}
	ledger_print_char(p, ')');
}

static void
print_cell(ledger_printer *p, ledger_reader *r)
{
	ledger_reader inner;
	const uint8_t *content;
	uint8_t		tag;
	size_t		len;

	ledger_cell_read(r, &tag, &content, &len);
	if (tag == LEDGER_TAG_NULL)
		return;
	ledger_reader_init(&inner, content, len);
	if (!nests(tag))
		ledger_print_scalar(p, tag, content, len);
	else if (tag == LEDGER_TAG_ARRAY)
		print_array(p, &inner);
	else if (tag == LEDGER_TAG_RANGE)
		print_range(p, &inner);
	else if (tag == LEDGER_TAG_MULTIRANGE)
		print_multirange(p, &inner);
	else
		print_composite(p, &inner);
}

ledger_status
ledger_canon_print(const void *cell, size_t celllen, char *out, size_t cap, size_t *len)
{
	ledger_status status = ledger_canon_check(cell, celllen, true);
	ledger_printer p;
	ledger_reader r;
	char		none[1];

	*len = 0;
	if (status != LEDGER_OK)
		return status;
	memset(&p, 0, sizeof(p));
	p.out = cap > 0 ? out : none;
	p.cap = cap;
	ledger_reader_init(&r, cell, celllen);
	print_cell(&p, &r);
	if (cap > 0)
		out[p.len < cap ? p.len : cap - 1] = '\0';
	*len = p.len;
	return LEDGER_OK;
}
