/*
 * core/bytes.c
 *		Variable-length integers, UTF-8, hex, base64 and decimal numbers.
 *
 * Every reader here accepts one spelling of a value only: two spellings of one
 * object would be two hashes, or two files that both seem to be the original.
 */
#include "core/bytes.h"

static const char base64_alphabet[] =
"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool
ledger_utf8_valid(const void *text, size_t len)
{
	const uint8_t *p = (const uint8_t *) text;
	size_t		i = 0;

	while (i < len)
	{
		uint8_t		c = p[i];
		uint8_t		low = 0x80;
		uint8_t		high = 0xbf;
		size_t		more;
		size_t		k;

		if (c < 0x80)
		{
			if (c == 0)
				return false;
			i++;
			continue;
		}
		if (c >= 0xc2 && c <= 0xdf)
			more = 1;
		else if (c >= 0xe0 && c <= 0xef)
		{
			more = 2;
			if (c == 0xe0)
				low = 0xa0;		/* shorter forms exist below */
			else if (c == 0xed)
				high = 0x9f;	/* surrogates above */
		}
		else if (c >= 0xf0 && c <= 0xf4)
		{
			more = 3;
			if (c == 0xf0)
				low = 0x90;
			else if (c == 0xf4)
				high = 0x8f;	/* beyond U+10FFFF */
		}
		else
			return false;
		if (len - i <= more || p[i + 1] < low || p[i + 1] > high)
			return false;
		for (k = 2; k <= more; k++)
			if (p[i + k] < 0x80 || p[i + k] > 0xbf)
				return false;
		i += more + 1;
	}
	return true;
}

const char *
ledger_read_text(ledger_reader *r, size_t *len)
{
	const uint8_t *p = ledger_read_bytes(r, len);

	if (p != NULL && !ledger_utf8_valid(p, *len))
	{
		ledger_read_fail(r, LEDGER_BAD_UTF8);
		*len = 0;
		return NULL;
	}
	return (const char *) p;
}

uint64_t
ledger_read_varint(ledger_reader *r)
{
	uint64_t	v = 0;
	unsigned	shift = 0;

	for (;;)
	{
		uint8_t		b = ledger_read_u8(r);

		if (r->error != LEDGER_OK)
			return 0;
		if (shift == 63 && b > 1)
			break;				/* more than 64 bits */
		v |= (uint64_t) (b & 0x7f) << shift;
		if ((b & 0x80) == 0)
		{
			if (b == 0 && shift > 0)
				break;			/* a longer form of the same number */
			return v;
		}
		shift += 7;
	}
	ledger_read_fail(r, LEDGER_BAD_VALUE);
	return 0;
}

void
ledger_write_varint(ledger_writer *w, uint64_t v)
{
	while (v >= 0x80)
	{
		ledger_write_u8(w, (uint8_t) (v | 0x80));
		v >>= 7;
	}
	ledger_write_u8(w, (uint8_t) v);
}

void
ledger_hex_encode(const void *data, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = (const uint8_t *) data;
	size_t		i;

	for (i = 0; i < len; i++)
	{
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 15];
	}
	*out = '\0';
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool
ledger_hex_decode(const char *text, size_t textlen, uint8_t *out, size_t len)
{
	size_t		i;

	if (textlen % 2 != 0 || textlen / 2 != len)
		return false;
	for (i = 0; i < len; i++)
	{
		int			high = hex_digit(text[2 * i]);
		int			low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t) (high << 4 | low);
	}
	return true;
}

void
ledger_write_base64(ledger_writer *w, const void *data, size_t len)
{
	const uint8_t *p = (const uint8_t *) data;

	while (len > 0)
	{
		size_t		n = len < 3 ? len : 3;
		uint32_t	v = (uint32_t) p[0] << 16;

		if (n > 1)
			v |= (uint32_t) p[1] << 8;
		if (n > 2)
			v |= p[2];
		ledger_write_u8(w, (uint8_t) base64_alphabet[v >> 18]);
		ledger_write_u8(w, (uint8_t) base64_alphabet[v >> 12 & 63]);
		ledger_write_u8(w, n > 1 ? (uint8_t) base64_alphabet[v >> 6 & 63] : '=');
		ledger_write_u8(w, n > 2 ? (uint8_t) base64_alphabet[v & 63] : '=');
		p += n;
		len -= n;
	}
}

static int
base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	if (c == '/')
		return 63;
	return -1;
}

ledger_status
ledger_base64_decode(const char *text, size_t textlen, uint8_t *out, size_t cap, size_t *len)
{
	size_t		pad = 0;
	size_t		n;
	size_t		i;

	*len = 0;
	if (textlen % 4 != 0)
		return LEDGER_BAD_SYNTAX;
	if (textlen > 0 && text[textlen - 1] == '=')
		pad = text[textlen - 2] == '=' ? 2 : 1;
	n = textlen / 4 * 3 - pad;
	*len = n;
	if (n > cap)
		return LEDGER_NO_SPACE;
	for (i = 0; i < textlen; i += 4)
	{
		size_t		skip = i + 4 == textlen ? pad : 0;
		uint32_t	v = 0;
		size_t		k;

		for (k = 0; k < 4; k++)
		{
			int			d = k < 4 - skip ? base64_digit(text[i + k]) : 0;

			if (d < 0)
				return LEDGER_BAD_SYNTAX;
			v = v << 6 | (uint32_t) d;
		}
		if ((v & ((1u << (8 * skip)) - 1)) != 0)
			return LEDGER_BAD_SYNTAX;	/* unused bits are zero */
		for (k = 0; k < 3 - skip; k++)
			*out++ = (uint8_t) (v >> (16 - 8 * k));
	}
	return LEDGER_OK;
}

void
ledger_write_decimal(ledger_writer *w, uint64_t v)
{
	char		digits[20];
	size_t		n = 0;

	do
	{
		digits[n++] = (char) ('0' + v % 10);
		v /= 10;
	} while (v > 0);
	while (n > 0)
		ledger_write_u8(w, (uint8_t) digits[--n]);
}

bool
ledger_decimal_parse(const char *text, size_t len, uint64_t *v)
{
	uint64_t	x = 0;
	size_t		i;

	if (len == 0 || (len > 1 && text[0] == '0'))
		return false;
	for (i = 0; i < len; i++)
	{
		unsigned	d;

		if (text[i] < '0' || text[i] > '9')
			return false;
		d = (unsigned) (text[i] - '0');
		if (x > (UINT64_MAX - d) / 10)
			return false;
		x = x * 10 + d;
	}
	*v = x;
	return true;
}

void
ledger_write_string(ledger_writer *w, const char *text)
{
	ledger_write_fixed(w, text, strlen(text));
}
