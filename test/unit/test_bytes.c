/*
 * test/unit/test_bytes.c
 *		Readers and writers never pass a bound, and each value has one spelling.
 */
#include "core/bytes.h"

#include "harness.h"

static void
test_integers(void)
{
	uint8_t		buf[64];
	ledger_writer w;
	ledger_reader r;
	size_t		cap;

	ledger_writer_init(&w, buf, sizeof(buf));
	ledger_write_u8(&w, 0xfe);
	ledger_write_u16(&w, 0x0102);
	ledger_write_u32(&w, 0x03040506);
	ledger_write_u64(&w, UINT64_C(0x0708090a0b0c0d0e));
	ledger_write_i16(&w, -2);
	ledger_write_i32(&w, -3);
	ledger_write_i64(&w, INT64_MIN);
	check(ledger_writer_finish(&w) == LEDGER_OK && w.len == 29 &&
			  memcmp(buf,
					 "\xfe\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\xff\xfe\xff\xff\xff\xfd"
					 "\x80\0\0\0\0\0\0\0",
					 29) == 0,
		  "integers are written big-endian");
	ledger_reader_init(&r, buf, w.len);
	check(ledger_read_u8(&r) == 0xfe && ledger_read_u16(&r) == 0x0102 && ledger_read_u32(&r) == 0x03040506 &&
			  ledger_read_u64(&r) == UINT64_C(0x0708090a0b0c0d0e) && ledger_read_i16(&r) == -2 &&
			  ledger_read_i32(&r) == -3 && ledger_read_i64(&r) == INT64_MIN &&
			  ledger_reader_finish(&r) == LEDGER_OK,
		  "and read back");

	for (cap = 0; cap < 29; cap++)
	{
		uint8_t	   *small = exact_copy(buf, cap);
		ledger_writer s;

		ledger_writer_init(&s, small, cap);
		ledger_write_u8(&s, 0xfe);
		ledger_write_u16(&s, 0x0102);
		ledger_write_u32(&s, 0x03040506);
		ledger_write_u64(&s, UINT64_C(0x0708090a0b0c0d0e));
		ledger_write_i16(&s, -2);
		ledger_write_i32(&s, -3);
		ledger_write_i64(&s, INT64_MIN);
		expect(ledger_writer_finish(&s) == LEDGER_NO_SPACE && s.len == 29, "room for %zu of 29", cap);
		/* and a reader of the same length fails, once and for all */
		ledger_reader_init(&r, small, cap);
		ledger_read_fixed(&r, 29);
		expect(r.error == LEDGER_TRUNCATED && r.left == 0 && ledger_read_u8(&r) == 0 &&
				   ledger_reader_finish(&r) == LEDGER_TRUNCATED,
			   "29 of %zu bytes", cap);
		free(small);
	}
	done("a buffer that is too small is never passed, and tells the room needed");

	ledger_reader_init(&r, buf, 3);
	ledger_read_u16(&r);
	check(ledger_reader_finish(&r) == LEDGER_TRAILING, "unread bytes are seen");
	ledger_read_fail(&r, LEDGER_BAD_VALUE);
	ledger_read_fail(&r, LEDGER_BAD_TAG);
	check(r.error == LEDGER_BAD_VALUE && ledger_read_fixed(&r, 0) == NULL, "the first error stays");
	ledger_writer_init(&w, NULL, 0);
	ledger_write_bytes(&w, "abc", 3);
	check(w.len == 7 && !ledger_writer_ok(&w), "a writer without a buffer measures");
	ledger_reader_init(&r, NULL, 0);
	check(ledger_read_fixed(&r, 0) != NULL && ledger_reader_finish(&r) == LEDGER_OK,
		  "nothing read from nothing");
	ledger_writer_init(&w, buf, 8);
	w.len = SIZE_MAX - 2;
	ledger_write_u64(&w, 1);
	check(w.len == SIZE_MAX, "the length needed does not wrap");
}

static void
test_strings(void)
{
	uint8_t		buf[64];
	ledger_writer w;
	ledger_reader r;
	size_t		outer;
	size_t		inner;
	size_t		len;

	ledger_writer_init(&w, buf, sizeof(buf));
	outer = ledger_write_bytes_begin(&w);
	ledger_write_u8(&w, 1);
	inner = ledger_write_bytes_begin(&w);
	ledger_write_fixed(&w, "xyz", 3);
	ledger_write_bytes_end(&w, inner);
	ledger_write_bytes_end(&w, outer);
	check(w.len == 12 && memcmp(buf, "\0\0\0\x08\x01\0\0\0\x03xyz", 12) == 0,
		  "nested bytes get their lengths");
	ledger_writer_init(&w, buf, 6);
	outer = ledger_write_bytes_begin(&w);
	ledger_write_fixed(&w, "xyz", 3);
	ledger_write_bytes_end(&w, outer);
	check(w.len == 7 && !ledger_writer_ok(&w), "also where they do not fit");

	ledger_reader_init(&r,
					   "\0\0\0\x03"
					   "abc",
					   7);
	check(memcmp(ledger_read_text(&r, &len), "abc", 3) == 0 && len == 3, "a text");
	ledger_reader_init(&r,
					   "\0\0\0\x03"
					   "a\0c",
					   7);
	check(ledger_read_text(&r, &len) == NULL && len == 0 && r.error == LEDGER_BAD_UTF8,
		  "a text with a zero byte");
	ledger_reader_init(&r,
					   "\xff\xff\xff\xff"
					   "abc",
					   7);
	check(ledger_read_bytes(&r, &len) == NULL && len == 0 && r.error == LEDGER_TRUNCATED,
		  "a length past the end");
}

/* Every sequence of up to four bytes from the edges of UTF-8's ranges, against the definition by code points. */
static bool
utf8_by_definition(const uint8_t *p, size_t len)
{
	while (len > 0)
	{
		unsigned	c = p[0];
		unsigned	more = c < 0x80 ? 0
			: (c & 0xe0) == 0xc0 ? 1
			: (c & 0xf0) == 0xe0 ? 2
			: (c & 0xf8) == 0xf0 ? 3
								 : 9;
		static const unsigned least[] = {1, 0x80, 0x800, 0x10000};
		unsigned	i;

		if (more > 3 || len <= more)
			return false;
		c &= more == 0 ? 0x7f : 0x3f >> more;
		for (i = 1; i <= more; i++)
		{
			if ((p[i] & 0xc0) != 0x80)
				return false;
			c = c << 6 | (p[i] & 0x3f);
		}
		if (c < least[more] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
			return false;
		p += more + 1;
		len -= more + 1;
	}
	return true;
}

static void
test_utf8(void)
{
	static const uint8_t edges[] = {
		0x00, 0x01, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec,
		0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xfe, 0xff
	};
	const size_t n = sizeof(edges);
	size_t		i;
	uint32_t	c;

	for (i = 0; i < n * n * n * n; i++)
	{
		uint8_t		text[4] = {edges[i % n], edges[i / n % n], edges[i / n / n % n], edges[i / n / n / n]};
		size_t		len;

		for (len = 1; len <= 4; len++)
			expect(ledger_utf8_valid(text, len) == utf8_by_definition(text, len), "%02x %02x %02x %02x, %zu",
				   text[0], text[1], text[2], text[3], len);
	}
	for (c = 0; c <= 0x10ffff; c++)
	{
		uint8_t		text[4];
		size_t		len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

		if (len == 1)
			text[0] = (uint8_t) c;
		else
		{
			size_t		k;

			for (k = len - 1; k > 0; k--)
				text[k] = (uint8_t) (0x80 | ((c >> 6 * (len - 1 - k)) & 0x3f));
			text[0] = (uint8_t) ((0xf00 >> len) | c >> 6 * (len - 1));
		}
		expect(ledger_utf8_valid(text, len) == (c != 0 && (c < 0xd800 || c > 0xdfff)), "U+%04X",
			   (unsigned) c);
	}
	done("UTF-8: every code point, and every sequence of edge bytes");
}

static void
test_varints(void)
{
	uint64_t	state = 1;
	int			i;

	for (i = 0; i < 2000; i++)
	{
		uint64_t	v =
			i < 128 ? ((uint64_t) 1 << i / 2) - (i & 1) : next_random(&state) >> next_random(&state) % 64;
		uint8_t		buf[16];
		ledger_writer w;
		ledger_reader r;

		ledger_writer_init(&w, buf, sizeof(buf));
		ledger_write_varint(&w, v);
		ledger_reader_init(&r, buf, w.len);
		expect(ledger_read_varint(&r) == v && ledger_reader_finish(&r) == LEDGER_OK && w.len <= 10, "%llu",
			   (unsigned long long) v);
		ledger_reader_init(&r, buf, w.len - 1);
		ledger_read_varint(&r);
		expect(r.error == LEDGER_TRUNCATED, "%llu cut", (unsigned long long) v);
		/* a longer form of the same number */
		buf[w.len - 1] |= 0x80;
		buf[w.len] = 0;
		ledger_reader_init(&r, buf, w.len + 1);
		ledger_read_varint(&r);
		expect(r.error == LEDGER_BAD_VALUE, "%llu in a longer form", (unsigned long long) v);
	}
	{
		ledger_reader r;

		ledger_reader_init(&r, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10);
		expect(ledger_read_varint(&r) == UINT64_MAX && r.error == LEDGER_OK, "2^64 - 1");
		ledger_reader_init(&r, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02", 10);
		expect(ledger_read_varint(&r) == 0 && r.error == LEDGER_BAD_VALUE, "2^64");
		ledger_reader_init(&r, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 12);
		expect(ledger_read_varint(&r) == 0 && r.error == LEDGER_BAD_VALUE, "2^77");
	}
	done("varints: one form of each number of 64 bits");
}

static void
test_base64(void)
{
	/* RFC 4648 section 10 */
	static const char *const plain[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar"};
	static const char *const coded[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
	static const char *const bad[] = {
		"Z", "Zg", "Zg=", "Zg= =", "Zh==", "Zm9=", "Zm9v=", "====", "=", "Z===", "Zm9vY===", "Zm9 ", "Zm9\n",
		"Zm9-", "Zm9_", "Zg==Zg==", "Zm8=Zg==", "Z=9v", "Zm=v"
	};
	uint64_t	state = 5;
	uint8_t		raw[100];
	uint8_t		back[100];
	char		text[200];
	size_t		len;
	size_t		i;

	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
	{
		ledger_writer w;

		ledger_writer_init(&w, text, sizeof(text));
		ledger_write_base64(&w, plain[i], strlen(plain[i]));
		expect(w.len == strlen(coded[i]) && memcmp(text, coded[i], w.len) == 0 &&
				   w.len == LEDGER_BASE64_LEN(strlen(plain[i])),
			   "%s", plain[i]);
		expect(ledger_base64_decode(coded[i], strlen(coded[i]), back, sizeof(back), &len) == LEDGER_OK &&
				   len == strlen(plain[i]) && memcmp(back, plain[i], len) == 0,
			   "%s", coded[i]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect(ledger_base64_decode(bad[i], strlen(bad[i]), back, sizeof(back), &len) == LEDGER_BAD_SYNTAX,
			   "%s", bad[i]);
	for (i = 0; i <= sizeof(raw); i++)
	{
		ledger_writer w;
		uint8_t	   *exact = (uint8_t *) malloc(i + 1);
		size_t		c;

		random_bytes(&state, raw, i);
		ledger_writer_init(&w, text, sizeof(text));
		ledger_write_base64(&w, raw, i);
		expect(ledger_base64_decode(text, w.len, exact, i, &len) == LEDGER_OK && len == i &&
				   memcmp(exact, raw, i) == 0,
			   "%zu bytes", i);
		if (i > 0)
			expect(ledger_base64_decode(text, w.len, exact, i - 1, &len) == LEDGER_NO_SPACE && len == i,
				   "%zu bytes into less", i);
		/* another character anywhere gives other bytes or an error */
		for (c = 0; c < w.len; c++)
		{
			char		kept = text[c];

			text[c] = kept == 'A' ? 'B' : 'A';
			if (ledger_base64_decode(text, w.len, exact, i, &len) == LEDGER_OK)
				expect(len != i || memcmp(exact, raw, i) != 0, "character %zu of %zu bytes", c, i);
			else
				expect(true, "refused");
			text[c] = kept;
		}
		free(exact);
	}
	done("base64: RFC 4648, and one spelling of each string");
}

static void
test_numbers(void)
{
	static const uint64_t numbers[] = {0, 1, 9, 10, 99, 100, 4294967295u, UINT64_MAX - 1, UINT64_MAX};
	static const char *const bad[] = {
		"", "00", "01", "-1", "+1", " 1", "1 ", "1a", "18446744073709551616", "99999999999999999999", "0x1", "1.0"
	};
	uint8_t		raw[3];
	char		hex[7];
	size_t		i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
	{
		char		text[24];
		char		libc[24];
		uint64_t	v;
		ledger_writer w;

		ledger_writer_init(&w, text, sizeof(text));
		ledger_write_decimal(&w, numbers[i]);
		snprintf(libc, sizeof(libc), "%llu", (unsigned long long) numbers[i]);
		expect(w.len == strlen(libc) && memcmp(text, libc, w.len) == 0 &&
				   ledger_decimal_parse(text, w.len, &v) && v == numbers[i],
			   "%s", libc);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		uint64_t	v;

		expect(!ledger_decimal_parse(bad[i], strlen(bad[i]), &v), "%s", bad[i]);
	}
	done("decimal numbers");
	ledger_hex_encode("\x00\xab\xff", 3, hex);
	check(strcmp(hex, "00abff") == 0 && ledger_hex_decode("00abff", 6, raw, 3) &&
			  memcmp(raw, "\x00\xab\xff", 3) == 0 && !ledger_hex_decode("00ABff", 6, raw, 3) &&
			  !ledger_hex_decode("00abf", 5, raw, 3) && !ledger_hex_decode("00abffff", 8, raw, 3) &&
			  !ledger_hex_decode("00abfg", 6, raw, 3),
		  "hex is lower-case and of its length");
}

static void
test_status(void)
{
	int			s;

	for (s = LEDGER_OK; s <= LEDGER_NO_HASH; s++)
		expect(strcmp(ledger_status_text((ledger_status) s), "unknown status") != 0, "status %d", s);
	done("every status has a text");
}

int
main(void)
{
	test_integers();
	test_strings();
	test_utf8();
	test_varints();
	test_base64();
	test_numbers();
	test_status();
	return finish();
}
