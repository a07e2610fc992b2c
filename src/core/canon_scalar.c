/*
 * core/canon_scalar.c
 *		Cells as a person reads them: the types that do not nest.
 *
 * The forms are those of PostgreSQL's output functions under DateStyle ISO,
 * IntervalStyle postgres, TimeZone UTC and bytea_output hex.
 */
#include "core/printer.h"

#include <stdio.h>
#include <stdlib.h>

#define USECS_PER_SEC INT64_C(1000000)
#define USECS_PER_DAY INT64_C(86400000000)

static uint64_t
magnitude(int64_t v)
{
	return v < 0 ? 0 - (uint64_t) v : (uint64_t) v;
}

static void
print_signed(ledger_printer *p, int64_t v)
{
	if (v < 0)
		ledger_print_char(p, '-');
	ledger_print_number(p, magnitude(v), 1);
}

static void
print_hex(ledger_printer *p, const uint8_t *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (; len > 0; len--, data++)
	{
		ledger_print_char(p, digits[*data >> 4]);
		ledger_print_char(p, digits[*data & 15]);
	}
}

/* len bytes in hex with a separator after each group. */
static void
print_hex_groups(ledger_printer *p, const uint8_t *data, size_t len, char separator)
{
	size_t		i;

	for (i = 0; i < len; i++)
	{
		if (i > 0)
			ledger_print_char(p, separator);
		print_hex(p, data + i, 1);
	}
}

static void
print_uuid(ledger_printer *p, const uint8_t *data)
{
	static const uint8_t groups[] = {4, 2, 2, 2, 6};
	size_t		i;

	for (i = 0; i < sizeof(groups); i++)
	{
		if (i > 0)
			ledger_print_char(p, '-');
		print_hex(p, data, groups[i]);
		data += groups[i];
	}
}

static void
print_bits(ledger_printer *p, const uint8_t *data)
{
	uint32_t	n = ledger_get_u32(data);
	uint32_t	i;

	for (i = 0; i < n; i++)
		ledger_print_char(p, data[4 + i / 8] & (0x80 >> i % 8) ? '1' : '0');
}

static void
print_lsn(ledger_printer *p, uint64_t v)
{
	char		text[24];

	snprintf(text, sizeof(text), "%X/%X", (unsigned) (v >> 32), (unsigned) v);
	ledger_print_string(p, text);
}

/* ---- numbers ------------------------------------------------------------------- */

static void
print_numeric(ledger_printer *p, const uint8_t *data)
{
	uint8_t		sign = data[0];
	int			weight = (int16_t) ledger_get_u16(data + 1);
	unsigned	dscale = ledger_get_u16(data + 3);
	int			ndigits = ledger_get_u16(data + 5);
	unsigned	shown = 0;
	int			i;

	switch (sign)
	{
		case LEDGER_NUMERIC_NAN:
			ledger_print_string(p, "NaN");
			return;
		case LEDGER_NUMERIC_PINF:
			ledger_print_string(p, "Infinity");
			return;
		case LEDGER_NUMERIC_NINF:
			ledger_print_string(p, "-Infinity");
			return;
		case LEDGER_NUMERIC_NEG:
			ledger_print_char(p, '-');
			break;
	}
	if (weight < 0)
		ledger_print_char(p, '0');
	for (i = 0; i <= weight; i++)
		ledger_print_number(p, i < ndigits ? ledger_get_u16(data + 7 + 2 * i) : 0, i == 0 ? 1 : 4);
	if (dscale == 0)
		return;
	ledger_print_char(p, '.');
	for (i = weight + 1; shown < dscale; i++)
	{
		unsigned	digit = i >= 0 && i < ndigits ? ledger_get_u16(data + 7 + 2 * i) : 0;
		unsigned	scale;

		for (scale = 1000; scale > 0 && shown < dscale; scale /= 10, shown++)
			ledger_print_char(p, (char) ('0' + digit / scale % 10));
	}
}

/* The number that is step representable numbers farther from zero (nearer for -1), by its bits. */
static long double
neighbour(double v, bool single, int step)
{
	if (single)
	{
		float		f = (float) v;
		uint32_t	bits;

		memcpy(&bits, &f, sizeof(bits));
		bits += (uint32_t) step;
		memcpy(&f, &bits, sizeof(f));
		return f;
	}
	else
	{
		uint64_t	bits;

		memcpy(&bits, &v, sizeof(bits));
		bits += (uint64_t) step;
		memcpy(&v, &bits, sizeof(v));
		return v;
	}
}

/* True when text, with so many digits after its first, is exactly half way from v to other. */
static bool
is_middle(const char *text, int precision, double v, long double other)
{
	long double middle = v + (other - v) / 2;
	char		exact[80];
	char	   *c;
	int			more = 40;

	if (strtold(text, NULL) != middle)
		return false;
	/* equal in 64 bits; in truth only if no digit follows those of text */
	snprintf(exact, sizeof(exact), "%.*Le", precision + more, middle);
	for (c = strchr(exact, 'e') - 1; more > 0 && *c == '0'; c--)
		more--;
	return more == 0;
}

/*
 * True when text reads back as v, and not only because it lies in the middle
 * between two numbers, where readers round to even: PostgreSQL does not count on
 * that.
 */
static bool
reads_back(const char *text, int precision, double v, bool single)
{
	if (single ? strtof(text, NULL) != (float) v : strtod(text, NULL) != v)
		return false;
	return v == 0 ||
		(!is_middle(text, precision, v, neighbour(v, single, 1)) &&
		 !is_middle(text, precision, v, neighbour(v, single, -1)));
}

/* Add one to the last digit before the exponent; false when it would need a digit more. */
static bool
add_one(char *text)
{
	char	   *c;

	for (c = strchr(text, 'e') - 1; c >= text && *c != '-'; c--)
	{
		if (*c < '0' || *c > '9')
			continue;
		if (*c < '9')
		{
			(*c)++;
			return true;
		}
		*c = '0';
	}
	return false;
}

/*
 * The fewest digits that read back as the same number, then the layout of
 * PostgreSQL: plain from 1e-4 to below 10^plain_max, else with an exponent.
 */
static void
print_float(ledger_printer *p, double v, bool single)
{
	int			max_digits = single ? 9 : 17;
	int			plain_max = single ? 6 : 15;
	char		text[40];
	char		digits[20];
	int			n = 0;
	int			exponent;
	int			precision;
	const char *c;
	int			i;

	if (v != v)
	{
		ledger_print_string(p, "NaN");
		return;
	}
	if (v - v != 0)
	{
		ledger_print_string(p, v > 0 ? "Infinity" : "-Infinity");
		return;
	}
	for (precision = 0; precision < max_digits; precision++)
	{
		snprintf(text, sizeof(text), "%.*e", precision, v);
		if (reads_back(text, precision, v, single))
			break;
		/* above a power of two there is more room than below: the second nearest may do */
		if (add_one(text) && reads_back(text, precision, v, single))
			break;
	}
	/* sign, digits around whatever the locale puts between them, exponent */
	for (c = text; *c != 'e'; c++)
	{
		if (*c == '-')
			ledger_print_char(p, '-');
		else if (*c >= '0' && *c <= '9' && n < (int) sizeof(digits))
			digits[n++] = *c;
	}
	exponent = atoi(c + 1);
	while (n > 1 && digits[n - 1] == '0')
		n--;
	if (exponent < -4 || exponent >= plain_max)
	{
		ledger_print_char(p, digits[0]);
		if (n > 1)
			ledger_print_char(p, '.');
		ledger_print_chars(p, digits + 1, (size_t) n - 1);
		ledger_print_string(p, exponent < 0 ? "e-" : "e+");
		ledger_print_number(p, magnitude(exponent), 2);
		return;
	}
	if (exponent < 0)
	{
		ledger_print_string(p, "0.");
		for (i = exponent + 1; i < 0; i++)
			ledger_print_char(p, '0');
		ledger_print_chars(p, digits, (size_t) n);
		return;
	}
	for (i = 0; i < n || i <= exponent; i++)
	{
		if (i == exponent + 1)
			ledger_print_char(p, '.');
		ledger_print_char(p, i < n ? digits[i] : '0');
	}
}

static void
print_float4(ledger_printer *p, uint32_t bits)
{
	float		v;

	memcpy(&v, &bits, sizeof(v));
	print_float(p, v, true);
}

static void
print_float8(ledger_printer *p, uint64_t bits)
{
	double		v;

	memcpy(&v, &bits, sizeof(v));
	print_float(p, v, false);
}

static void
print_money(ledger_printer *p, int64_t v)
{
	if (v < 0)
		ledger_print_char(p, '-');
	ledger_print_number(p, magnitude(v) / 100, 1);
	ledger_print_char(p, '.');
	ledger_print_number(p, magnitude(v) % 100, 2);
}

/* ---- dates and times -------------------------------------------------------------- */

/* Fraction of a second without trailing zeros. */
static void
print_fraction(ledger_printer *p, uint64_t usec)
{
	unsigned	digits = 6;

	if (usec == 0)
		return;
	for (; usec % 10 == 0; usec /= 10)
		digits--;
	ledger_print_char(p, '.');
	ledger_print_number(p, usec, digits);
}

static void
print_clock(ledger_printer *p, uint64_t usec)
{
	ledger_print_number(p, usec / (3600 * USECS_PER_SEC), 2);
	ledger_print_char(p, ':');
	ledger_print_number(p, usec / (60 * USECS_PER_SEC) % 60, 2);
	ledger_print_char(p, ':');
	ledger_print_number(p, usec / USECS_PER_SEC % 60, 2);
	print_fraction(p, usec % USECS_PER_SEC);
}

static void
print_time(ledger_printer *p, int64_t usec)
{
	/* PostgreSQL has none before midnight, but the format does not forbid it */
	if (usec < 0)
		ledger_print_char(p, '-');
	print_clock(p, magnitude(usec));
}

static void
print_zone(ledger_printer *p, int32_t west)
{
	uint64_t	v = magnitude(west);

	ledger_print_char(p, west > 0 ? '-' : '+');
	ledger_print_number(p, v / 3600, 2);
	if (v % 3600 == 0)
		return;
	ledger_print_char(p, ':');
	ledger_print_number(p, v / 60 % 60, 2);
	if (v % 60 == 0)
		return;
	ledger_print_char(p, ':');
	ledger_print_number(p, v % 60, 2);
}

/*
 * The date of a day counted from 2000-01-01, in the Gregorian calendar without
 * beginning. Years are counted from March, so that the leap day ends a year.
 * Returns true for a year before the first.
 */
static bool
print_day(ledger_printer *p, int64_t day)
{
	int64_t		shifted = day + 730425; /* days since 0000-03-01 */
	int64_t		era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int64_t		of_era = shifted - era * 146097;
	int64_t		year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t		of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t		month = (5 * of_year + 2) / 153;
	int64_t		mday = of_year - (153 * month + 2) / 5 + 1;
	int64_t		year = era * 400 + year_of_era + (month >= 10);

	month = month < 10 ? month + 3 : month - 9;
	ledger_print_number(p, (uint64_t) (year > 0 ? year : 1 - year), 4);
	ledger_print_char(p, '-');
	ledger_print_number(p, (uint64_t) month, 2);
	ledger_print_char(p, '-');
	ledger_print_number(p, (uint64_t) mday, 2);
	return year <= 0;
}

static void
print_date(ledger_printer *p, int32_t day)
{
	if (day == INT32_MAX)
		ledger_print_string(p, "infinity");
	else if (day == INT32_MIN)
		ledger_print_string(p, "-infinity");
	else if (print_day(p, day))
		ledger_print_string(p, " BC");
}

static void
print_timestamp(ledger_printer *p, int64_t usec, bool zone)
{
	int64_t		day = usec / USECS_PER_DAY;
	int64_t		rest = usec % USECS_PER_DAY;
	bool		before;

	if (usec == INT64_MAX || usec == INT64_MIN)
	{
		ledger_print_string(p, usec > 0 ? "infinity" : "-infinity");
		return;
	}
	if (rest < 0)
	{
		rest += USECS_PER_DAY;
		day--;
	}
	before = print_day(p, day);
	ledger_print_char(p, ' ');
	print_clock(p, (uint64_t) rest);
	if (zone)
		ledger_print_string(p, "+00");
	if (before)
		ledger_print_string(p, " BC");
}

/* One part of an interval; after a negative part a positive one shows its sign. */
static void
print_interval_part(ledger_printer *p, int32_t v, const char *unit, bool *any, bool *before)
{
	if (v == 0)
		return;
	if (*any)
		ledger_print_char(p, ' ');
	if (*before && v > 0)
		ledger_print_char(p, '+');
	print_signed(p, v);
	ledger_print_char(p, ' ');
	ledger_print_string(p, unit);
	if (v != 1)
		ledger_print_char(p, 's');
	*before = v < 0;
	*any = true;
}

static void
print_interval(ledger_printer *p, int64_t usec, int32_t days, int32_t months)
{
	bool		any = false;
	bool		before = false;

	print_interval_part(p, months / 12, "year", &any, &before);
	print_interval_part(p, months % 12, "mon", &any, &before);
	print_interval_part(p, days, "day", &any, &before);
	if (any && usec == 0)
		return;
	if (any)
		ledger_print_char(p, ' ');
	if (usec < 0)
		ledger_print_char(p, '-');
	else if (before)
		ledger_print_char(p, '+');
	print_clock(p, magnitude(usec));
}

/* ---- network addresses -------------------------------------------------------------- */

static void
print_ipv4(ledger_printer *p, const uint8_t *address)
{
	int			i;

	for (i = 0; i < 4; i++)
	{
		if (i > 0)
			ledger_print_char(p, '.');
		ledger_print_number(p, address[i], 1);
	}
}

/* The longest run of two or more zero words, the first of equals; length 0 when there is none. */
static void
longest_zeros(const unsigned *words, int *base, int *len)
{
	int			i;
	int			run = 0;

	*base = 0;
	*len = 0;
	for (i = 0; i < 8; i++)
	{
		run = words[i] == 0 ? run + 1 : 0;
		if (run > *len)
		{
			*len = run;
			*base = i - run + 1;
		}
	}
	if (*len < 2)
		*len = 0;
}

static void
print_ipv6(ledger_printer *p, const uint8_t *address)
{
	unsigned	words[8];
	int			base;
	int			len;
	int			i;

	for (i = 0; i < 8; i++)
		words[i] = ledger_get_u16(address + 2 * i);
	longest_zeros(words, &base, &len);
	for (i = 0; i < 8; i++)
	{
		char		text[8];

		if (i >= base && i < base + len)
		{
			if (i == base)
				ledger_print_char(p, ':');
			continue;
		}
		if (i > 0)
			ledger_print_char(p, ':');
		/* an IPv4 address in disguise */
		if (i == 6 && base == 0 &&
			(len == 6 || (len == 7 && words[7] != 1) || (len == 5 && words[5] == 0xffff)))
		{
			print_ipv4(p, address + 12);
			return;
		}
		snprintf(text, sizeof(text), "%x", words[i]);
		ledger_print_string(p, text);
	}
	if (len > 0 && base + len == 8)
		ledger_print_char(p, ':');
}

static void
print_inet(ledger_printer *p, const uint8_t *data, bool always_prefix)
{
	unsigned	full = data[0] == 4 ? 32 : 128;

	if (data[0] == 4)
		print_ipv4(p, data + 2);
	else
		print_ipv6(p, data + 2);
	if (always_prefix || data[1] != full)
	{
		ledger_print_char(p, '/');
		ledger_print_number(p, data[1], 1);
	}
}

/* -------------------------------------------------------------------------------------- */

void
ledger_print_scalar(ledger_printer *p, uint8_t tag, const uint8_t *content, size_t len)
{
	switch (tag)
	{
		case LEDGER_TAG_ERASED:
			ledger_print_string(p, "(erased)");
			break;
		case LEDGER_TAG_BOOL:
			ledger_print_char(p, content[0] ? 't' : 'f');
			break;
		case LEDGER_TAG_INT2:
			print_signed(p, (int16_t) ledger_get_u16(content));
			break;
		case LEDGER_TAG_INT4:
			print_signed(p, (int32_t) ledger_get_u32(content));
			break;
		case LEDGER_TAG_INT8:
			print_signed(p, (int64_t) ledger_get_u64(content));
			break;
		case LEDGER_TAG_FLOAT4:
			print_float4(p, ledger_get_u32(content));
			break;
		case LEDGER_TAG_FLOAT8:
			print_float8(p, ledger_get_u64(content));
			break;
		case LEDGER_TAG_NUMERIC:
			print_numeric(p, content);
			break;
		case LEDGER_TAG_MONEY:
			print_money(p, (int64_t) ledger_get_u64(content));
			break;
		case LEDGER_TAG_BIT:
		case LEDGER_TAG_VARBIT:
			print_bits(p, content);
			break;
		case LEDGER_TAG_UUID:
			print_uuid(p, content);
			break;
		case LEDGER_TAG_MACADDR:
		case LEDGER_TAG_MACADDR8:
			print_hex_groups(p, content, len, ':');
			break;
		case LEDGER_TAG_PG_LSN:
			print_lsn(p, ledger_get_u64(content));
			break;
		case LEDGER_TAG_DATE:
			print_date(p, (int32_t) ledger_get_u32(content));
			break;
		case LEDGER_TAG_TIME:
			print_time(p, (int64_t) ledger_get_u64(content));
			break;
		case LEDGER_TAG_TIMETZ:
			print_time(p, (int64_t) ledger_get_u64(content));
			print_zone(p, (int32_t) ledger_get_u32(content + 8));
			break;
		case LEDGER_TAG_TIMESTAMP:
			print_timestamp(p, (int64_t) ledger_get_u64(content), false);
			break;
		case LEDGER_TAG_TIMESTAMPTZ:
			print_timestamp(p, (int64_t) ledger_get_u64(content), true);
			break;
		case LEDGER_TAG_INTERVAL:
			print_interval(p, (int64_t) ledger_get_u64(content), (int32_t) ledger_get_u32(content + 8),
						   (int32_t) ledger_get_u32(content + 12));
			break;
		case LEDGER_TAG_INET:
			print_inet(p, content, false);
			break;
		case LEDGER_TAG_CIDR:
			print_inet(p, content, true);
			break;
		case LEDGER_TAG_TEXT:
		case LEDGER_TAG_VARCHAR:
		case LEDGER_TAG_BPCHAR:
		case LEDGER_TAG_NAME:
		case LEDGER_TAG_CITEXT:
		case LEDGER_TAG_JSON:
		case LEDGER_TAG_JSONB:
		case LEDGER_TAG_XML:
		case LEDGER_TAG_ENUM:
			ledger_print_chars(p, content, len);
			break;
		default:				/* bytea, the extension's own types, registered types */
			ledger_print_string(p, "\\x");
			print_hex(p, content, len);
			break;
	}
}
