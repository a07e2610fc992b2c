/*
 * test/unit/test_canon.c
 *		A cell has one encoding, is checked exactly, and prints as PostgreSQL prints it.
 *
 * printed.txt beside this file holds cells with the text that a PostgreSQL 15
 * server gave for them. Usage: test_canon [printed.txt].
 */
#include "core/canon.h"

#include "harness.h"
#include "mutate.h"
#include "random_cell.h"
#include "reencode.h"

/* Accepted cells are encoded anew, and printed into buffers of several sizes. */
static bool
reread_as(const uint8_t *data, size_t len, bool in_row)
{
	static char text[1 << 16];
	char		part[7];
	ledger_reader r;
	ledger_writer w;
	size_t		full;
	size_t		again;
	uint8_t	   *written;

	if (ledger_canon_check(data, len, in_row) != LEDGER_OK)
		return false;
	ledger_reader_init(&r, data, len);
	/* into exactly the room that it needs */
	written = (uint8_t *) malloc(len);
	ledger_writer_init(&w, written, len);
	reencode_cell(&r, &w);
	expect(w.len == len && memcmp(written, data, len) == 0, "a cell that is accepted in another encoding");
	free(written);
	expect(ledger_canon_print(data, len, text, sizeof(text), &full) == LEDGER_OK &&
			   ledger_canon_print(data, len, part, sizeof(part), &again) == LEDGER_OK && full == again &&
			   strncmp(text, part, sizeof(part) - 1) == 0 && strlen(part) == (full < 6 ? full : 6),
		   "a text that depends on the buffer");
	return true;
}

static bool
reread(const uint8_t *data, size_t len)
{
	return reread_as(data, len, true);
}

static void
test_random(void)
{
	uint64_t	state = 42;
	unsigned	tags[256] = {0};
	int			i;

	for (i = 0; i < 6000; i++)
	{
		static uint8_t cell[1 << 16];
		ledger_writer w;
		uint8_t	   *exact;

		ledger_writer_init(&w, cell, sizeof(cell));
		random_cell(&state, &w, (unsigned) (i % 5), true);
		exact = exact_copy(cell, w.len);
		expect(reread(exact, w.len), "random cell %d", i);
		expect(reread_as(exact, w.len, false) == (cell[0] != LEDGER_TAG_ERASED), "random cell %d elsewhere",
			   i);
		tags[cell[0]]++;
		free(exact);
		if (w.len < 120 && i % 10 == 0)
			mutate_all("random cell", cell, w.len, reread);
	}
	for (i = 0; i < 256; i++)
		expect(!ledger_tag_known((uint8_t) i) || tags[i] > 0, "no random cell of tag %02x", i);
	done("random cells of every type are read back, cut, lengthened and changed");
}

static void
test_tags(void)
{
	int			tag;

	for (tag = 0; tag < 256; tag++)
	{
		static const uint8_t zeros[40];
		uint8_t		cell[45] = {(uint8_t) tag};
		size_t		len;
		unsigned	accepted = 0;

		expect(ledger_tag_known((uint8_t) tag) == (ledger_tag_name((uint8_t) tag) != NULL), "name of %02x",
			   tag);
		/* no unknown tag is accepted with any length of content */
		for (len = 0; len <= sizeof(zeros); len++)
		{
			cell[4] = (uint8_t) len;
			accepted += ledger_canon_check(cell, 5 + len, true) == LEDGER_OK;
		}
		if (!ledger_tag_known((uint8_t) tag))
			expect(accepted == 0, "unknown tag %02x", tag);
	}
	done("unknown tags are refused");
}

/* depth cells inside of each other, the innermost an int2. */
static size_t
nest(uint8_t *out, uint8_t tag, unsigned depth)
{
	ledger_writer w;
	size_t		begins[64];
	unsigned	i;

	ledger_writer_init(&w, out, 4096);
	for (i = 0; i + 1 < depth; i++)
	{
		begins[i] = ledger_cell_begin(&w, tag);
		switch (tag)
		{
			case LEDGER_TAG_ARRAY:
				ledger_write_u8(&w, 1);
				ledger_write_u32(&w, 1);
				ledger_write_i32(&w, 1);
				break;
			case LEDGER_TAG_RANGE:
				ledger_write_u8(&w, LEDGER_RANGE_UPPER_INF);
				break;
			case LEDGER_TAG_MULTIRANGE:
				ledger_write_u32(&w, 1);
				begins[32 + i % 32] = ledger_write_bytes_begin(&w);
				ledger_write_u8(&w, LEDGER_RANGE_UPPER_INF);
				break;
			default:
				ledger_write_u16(&w, 1);
				break;
		}
	}
	ledger_cell_u16(&w, LEDGER_TAG_INT2, 7);
	while (i-- > 0)
	{
		if (tag == LEDGER_TAG_MULTIRANGE)
			ledger_write_bytes_end(&w, begins[32 + i % 32]);
		ledger_cell_end(&w, begins[i]);
	}
	return w.len;
}

static void
test_depth(void)
{
	static const uint8_t tags[] = {LEDGER_TAG_ARRAY, LEDGER_TAG_RANGE, LEDGER_TAG_MULTIRANGE,
								   LEDGER_TAG_COMPOSITE};
	size_t		i;
	unsigned	depth;

	for (i = 0; i < sizeof(tags); i++)
		for (depth = 1; depth <= 33; depth++)
		{
			uint8_t		cell[4096];
			size_t		len = nest(cell, tags[i], depth);
			ledger_status status = ledger_canon_check(cell, len, true);

			expect(status == (depth <= LEDGER_CELL_DEPTH ? LEDGER_OK : LEDGER_TOO_DEEP), "%s of depth %u: %s",
				   ledger_tag_name(tags[i]), depth, ledger_status_text(status));
		}
	done("cells nest 32 deep, and no deeper");
	{
		/* a quote inside of n quotes is 2^n characters: they are counted, not made */
		ledger_writer w;
		static uint8_t cell[4096];
		size_t		begins[32];
		char		text[64];
		size_t		len;
		unsigned	d;

		ledger_writer_init(&w, cell, sizeof(cell));
		for (d = 0; d < 31; d++)
		{
			begins[d] = ledger_cell_begin(&w, LEDGER_TAG_COMPOSITE);
			ledger_write_u16(&w, 1);
		}
		ledger_cell_bytes(&w, LEDGER_TAG_TEXT, "\"", 1);
		while (d-- > 0)
			ledger_cell_end(&w, begins[d]);
		check(ledger_canon_print(cell, w.len, text, sizeof(text), &len) == LEDGER_OK &&
				  len > (size_t) 1 << 31 && strlen(text) == sizeof(text) - 1,
			  "quotes in 31 composites are counted without being made");
	}
}

static void
test_numeric(void)
{
	static const int16_t digits[] = {0, 0, 12, 0, 3400, 0};
	uint8_t		buf[64];
	ledger_writer w;

	ledger_writer_init(&w, buf, sizeof(buf));
	ledger_cell_numeric(&w, LEDGER_NUMERIC_NEG, 4, 2, digits, 6);
	check(w.len == 18 && memcmp(buf, "\x08\0\0\0\x0d\x01\0\x02\0\x02\0\x03\0\x0c\0\0\x0d\x48", 18) == 0,
		  "numeric: zero digits around the others fall away");
	ledger_writer_init(&w, buf, sizeof(buf));
	ledger_cell_numeric(&w, LEDGER_NUMERIC_NEG, 7, 3, digits, 2);
	check(w.len == 12 && memcmp(buf, "\x08\0\0\0\x07\0\0\0\0\x03\0\0", 12) == 0,
		  "numeric: minus zero is zero");
	ledger_writer_init(&w, buf, sizeof(buf));
	ledger_cell_numeric(&w, LEDGER_NUMERIC_NAN, 7, 3, digits, 6);
	check(w.len == 12 && memcmp(buf, "\x08\0\0\0\x07\x02\0\0\0\0\0\0", 12) == 0,
		  "numeric: NaN has nothing else");
	ledger_writer_init(&w, buf, 11);
	ledger_cell_numeric(&w, LEDGER_NUMERIC_NAN, 0, 0, NULL, 0);
	check(w.len == 12 && !ledger_writer_ok(&w), "numeric: too small a buffer");
}

static void
test_floats(void)
{
	static const uint32_t nan4[] = {0x7f800001, 0x7fc00000, 0x7fffffff, 0xff800001, 0xffc00000, 0xffffffff};
	size_t		i;

	for (i = 0; i < sizeof(nan4) / sizeof(nan4[0]); i++)
	{
		uint8_t		buf[16];
		ledger_writer w;
		float		f;
		uint64_t	wide = (uint64_t) nan4[i] << 32 | 1;
		double		d;

		memcpy(&f, &nan4[i], sizeof(f));
		ledger_writer_init(&w, buf, sizeof(buf));
		ledger_cell_float4(&w, f);
		expect(w.len == 9 && memcmp(buf, "\x06\0\0\0\x04\x7f\xc0\0\0", 9) == 0, "float4 %08x",
			   (unsigned) nan4[i]);
		memcpy(&d, &wide, sizeof(d));
		if (d == d)
			continue;
		ledger_writer_init(&w, buf, sizeof(buf));
		ledger_cell_float8(&w, d);
		expect(w.len == 13 && memcmp(buf, "\x07\0\0\0\x08\x7f\xf8\0\0\0\0\0\0", 13) == 0, "float8 %08x",
			   (unsigned) nan4[i]);
	}
	done("floats: every NaN is written as the one NaN");
}

static void
unescape(char *text)
{
	char	   *out = text;

	for (; *text != '\0' && *text != '\n'; text++)
	{
		if (*text != '\\')
			*out++ = *text;
		else if (*++text == 'n')
			*out++ = '\n';
		else
			*out++ = *text == 't' ? '\t' : *text;
	}
	*out = '\0';
}

static void
test_printed(const char *path)
{
	static char line[8192];
	static uint8_t cell[4096];
	static char text[8192];
	FILE	   *f = fopen(path, "r");

	if (!check(f != NULL, "%s is there", path))
		return;
	while (fgets(line, sizeof(line), f) != NULL)
	{
		char	   *space = strchr(line, ' ');
		size_t		len;
		size_t		n;

		if (line[0] == '#')
			continue;
		if (!expect(space != NULL, "line without a space"))
			break;
		*space = '\0';
		n = unhex(line, cell);
		unescape(space + 1);
		expect(ledger_canon_print(cell, n, text, sizeof(text), &len) == LEDGER_OK &&
				   strcmp(text, space + 1) == 0 && len == strlen(text),
			   "%s prints as %s, not %s", line, text, space + 1);
	}
	fclose(f);
	done("cells print as PostgreSQL prints them");
}

static void
test_print_refuses(void)
{
	char		text[16] = "kept";
	size_t		len = 9;

	check(ledger_canon_print("\x02\0\0\0\x01\x02", 6, text, sizeof(text), &len) == LEDGER_BAD_VALUE &&
			  len == 0 && strcmp(text, "kept") == 0,
		  "a cell that is not valid is not printed");
	check(ledger_canon_print("\x12\0\0\0\x08\xff\xff\xff\xff\xff\xff\xff\x9c", 13, text, sizeof(text),
							 &len) == LEDGER_OK &&
			  strcmp(text, "-1.00") == 0,
		  "money is printed in hundredths");
	check(ledger_canon_print("\x16\0\0\0\x04\xff\xf4\xdb\xf9", 9, text, sizeof(text), &len) == LEDGER_OK &&
			  strcmp(text, "0001-01-01") == 0 &&
			  ledger_canon_print("\x16\0\0\0\x04\xff\xf4\xdb\xf8", 9, text, sizeof(text), &len) ==
				  LEDGER_OK &&
			  strcmp(text, "0001-12-31 BC") == 0,
		  "the first day of the first year, and the day before");
	check(ledger_canon_print("\0", 1, text, sizeof(text), &len) == LEDGER_OK && len == 0 && text[0] == '\0',
		  "NULL is printed as nothing");
	{
		/* what stands in a container by itself needs no quotes: {()} and ({NULL}) */
		static const uint8_t row_in_array[] = {0x22, 0, 0, 0,	 17, 1, 0, 0, 0, 1, 0,
											   0,	 0, 1, 0x25, 0,	 0, 0, 3, 0, 1, 0};
		static const uint8_t array_in_row[] = {0x25, 0, 0, 0, 17, 0, 1, 0x22, 0, 0, 0,
											   10,	 1, 0, 0, 0,  1, 0, 0,	  0, 1, 0};

		/* a quote in a row in an array is quoted by both */
		static const uint8_t quoted[] = {
			0x22, 0, 0, 0, 22, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0x25, 0, 0, 0, 8, 0, 1, 0x09, 0, 0, 0, 1, '"'
		};

		check(ledger_canon_print(quoted, sizeof(quoted), text, sizeof(text), &len) == LEDGER_OK &&
				  len == 14 && strcmp(text, "{\"(\\\"\\\"\\\"\\\")\"}") == 0,
			  "a quote in a row in an array: %s", text);
		check(ledger_canon_print(row_in_array, sizeof(row_in_array), text, sizeof(text), &len) == LEDGER_OK &&
				  strcmp(text, "{()}") == 0,
			  "a row of one NULL in an array");
		check(ledger_canon_print(array_in_row, sizeof(array_in_row), text, sizeof(text), &len) == LEDGER_OK &&
				  strcmp(text, "({NULL})") == 0,
			  "an array of one NULL in a row");
	}
	{
		uint8_t		erased[37] = {1, 0, 0, 0, 32};

		check(ledger_canon_print(erased, 37, text, sizeof(text), &len) == LEDGER_OK &&
				  strcmp(text, "(erased)") == 0,
			  "an erased cell is named");
	}
}

int
main(int argc, char **argv)
{
	test_tags();
	test_random();
	test_depth();
	test_numeric();
	test_floats();
	test_printed(argc > 1 ? argv[1] : "test/unit/printed.txt");
	test_print_refuses();
	return finish();
}
