/*
 * test/unit/test_entry.c
 *		Entries, their bodies, groups and hidden parts.
 */
#include "core/body.h"
#include "core/entry.h"
#include "core/opening.h"

#include "harness.h"
#include "mutate.h"

static uint8_t written[1 << 17];
static ledger_hasher *hasher;

/* ---- bodies ----------------------------------------------------------------- */

static unsigned body_type;

/* Parse as body_type and write anew. */
static bool
reread_body(const uint8_t *data, size_t len)
{
	ledger_writer w;
	ledger_status status;

	ledger_writer_init(&w, written, sizeof(written));
	status = ledger_body_check(body_type, data, len);
	switch (body_type)
	{
#define CASE(NAME, what) \
		case LEDGER_ENTRY_##NAME: \
			{ \
				ledger_##what b; \
				expect(ledger_##what##_parse(data, len, &b) == status, "two answers about a " #what); \
				if (status != LEDGER_OK) \
					return false; \
				expect(ledger_##what##_write(&w, &b) == LEDGER_OK, "write a " #what); \
				break; \
			}
		CASE(TX, tx_extra)
		CASE(SCHEMA, schema_body)
		CASE(MEMBER, member_body)
		CASE(KEY, key_body)
		CASE(GRANT, grant_body)
		CASE(SIGNATURE, signature_body)
		CASE(ERASE, erase_body)
		CASE(PURGE, purge_body)
		CASE(INCARNATION, incarnation_body)
		CASE(BASELINE, baseline_body)
		CASE(CLOSE, close_body)
		CASE(CROSS, cross_body)
#undef CASE
	}
	expect(w.len == len && memcmp(written, data, len) == 0, "a body of type %u in another encoding", body_type);
	return true;
}

static ledger_slice
text(const char *s)
{
	return ledger_slice_make(s, strlen(s));
}

static uint8_t bodies[16][512];
static size_t body_len[16];

#define KEEP(type, call) \
	do { \
		ledger_writer w; \
		ledger_writer_init(&w, bodies[type], sizeof(bodies[type])); \
		expect((call) == LEDGER_OK, "write a body of type %u", (unsigned) (type)); \
		body_len[type] = w.len; \
	} while (0)

static const uint8_t zeros[64];

static void
make_bodies(void)
{
	ledger_tx_extra tx = {true, {1}, 2, 3};
	ledger_schema_body schema = {{1}, 2, {3}};
	ledger_member_body member = {LEDGER_MEMBER_ADD, 4095, LEDGER_SUITE_GM, 7, {9}, text("bank-a.Org_1"),
	ledger_slice_make(zeros, LEDGER_LAST_STATE_LEN)};
	ledger_key_body key = {7, LEDGER_KEY_TLS, text("spki"), text("approval")};
	ledger_grant_body grant = {text("record")};
	ledger_signature_body signature = {ledger_tx_make(0, 1, 2), {3}, 4, {5}, text("spki"), text("sig")};
	ledger_erase_body erase = {{1}, ledger_tx_make(0, 1, 2), 3, 3, (const uint8_t *) "\0\x01\0\x02\x01\0", text("b\xc3\xa4sis")};
	ledger_purge_body purge = {{1}, 5, -6, text("reason")};
	ledger_incarnation_body incarnation = {32767, LEDGER_INCARNATION_FORK, text("ledger/00"), 3, {4}};
	ledger_baseline_body baseline = {{1}, 2, 3, {4}, {5}, LEDGER_BASELINE_RESTORED};
	ledger_close_body close = {{1}, 2, {3}};
	ledger_cross_body cross = {LEDGER_CROSS_CANCEL, {1}, ledger_tx_make(0, 1, 2), INT64_MIN};

	KEEP(LEDGER_ENTRY_TX, ledger_tx_extra_write(&w, &tx));
	KEEP(LEDGER_ENTRY_SCHEMA, ledger_schema_body_write(&w, &schema));
	KEEP(LEDGER_ENTRY_MEMBER, ledger_member_body_write(&w, &member));
	KEEP(LEDGER_ENTRY_KEY, ledger_key_body_write(&w, &key));
	KEEP(LEDGER_ENTRY_GRANT, ledger_grant_body_write(&w, &grant));
	KEEP(LEDGER_ENTRY_SIGNATURE, ledger_signature_body_write(&w, &signature));
	KEEP(LEDGER_ENTRY_ERASE, ledger_erase_body_write(&w, &erase));
	KEEP(LEDGER_ENTRY_PURGE, ledger_purge_body_write(&w, &purge));
	KEEP(LEDGER_ENTRY_INCARNATION, ledger_incarnation_body_write(&w, &incarnation));
	KEEP(LEDGER_ENTRY_BASELINE, ledger_baseline_body_write(&w, &baseline));
	KEEP(LEDGER_ENTRY_CLOSE, ledger_close_body_write(&w, &close));
	KEEP(LEDGER_ENTRY_CROSS, ledger_cross_body_write(&w, &cross));
	done("a body of each type is written");
}

static void
test_bodies(void)
{
	for (body_type = LEDGER_ENTRY_TX; body_type <= LEDGER_ENTRY_TYPE_LAST; body_type++)
	{
		size_t		cap;

		expect(ledger_entry_type_name(body_type) != NULL, "name of type %u", body_type);
		if (body_type == LEDGER_ENTRY_TX)
		{
			/* empty on a chain of one: that prefix is a body too */
			expect(reread_body(zeros, 0) && !reread_body(bodies[1], 47) && reread_body(bodies[1], 48) &&
				   !reread_body(bodies[1], 49), "extra of a TX entry");
			continue;
		}
		mutate_all(ledger_entry_type_name(body_type), bodies[body_type], body_len[body_type], reread_body);
		for (cap = 0; cap < body_len[body_type]; cap++)
		{
			ledger_grant_body grant = {text("record")};
			ledger_writer w;

			if (body_type != LEDGER_ENTRY_GRANT)
				break;
			ledger_writer_init(&w, written, cap);
			expect(ledger_grant_body_write(&w, &grant) == LEDGER_NO_SPACE && w.len == body_len[body_type], "room");
		}
	}
	expect(ledger_entry_type_name(0) == NULL && ledger_entry_type_name(13) == NULL &&
		   ledger_body_check(0, zeros, 0) == LEDGER_BAD_TAG && ledger_body_check(13, zeros, 0) == LEDGER_BAD_TAG,
		   "types 0 and 13");
	done("bodies are read back, cut, lengthened and changed");
}

/* One byte (or two) of a body replaced: type, where, by what. */
static void
test_body_ranges(void)
{
	static const struct
	{
		unsigned	type;
		size_t		at;
		uint8_t		value;
		const char *what;
	}			cases[] = {
		{LEDGER_ENTRY_MEMBER, 0, 0, "member action 0"},
		{LEDGER_ENTRY_MEMBER, 0, 4, "member action 4"},
		{LEDGER_ENTRY_MEMBER, 1, 0x10, "member 4096 and more"},
		{LEDGER_ENTRY_MEMBER, 3, 0, "suite 0"},
		{LEDGER_ENTRY_MEMBER, 3, 3, "suite 3"},
		{LEDGER_ENTRY_MEMBER, 44, '/', "a name with a slash"},
		{LEDGER_ENTRY_MEMBER, 44, ' ', "a name with a space"},
		{LEDGER_ENTRY_KEY, 0, 0x10, "key of member 4096 and more"},
		{LEDGER_ENTRY_KEY, 2, 0, "key usage 0"},
		{LEDGER_ENTRY_KEY, 2, 4, "key usage 4"},
		{LEDGER_ENTRY_SIGNATURE, 0, 0x80, "signature of a ledger_tx with its top bit"},
		{LEDGER_ENTRY_SIGNATURE, 24, 0x80, "signature of a sequence number above 2^31 - 1"},
		{LEDGER_ENTRY_ERASE, 16, 0x80, "erased ledger_tx with its top bit"},
		{LEDGER_ENTRY_ERASE, 24, 0x80, "erased sequence number above 2^31 - 1"},
		{LEDGER_ENTRY_ERASE, 31, 0, "erased column 0"},
		{LEDGER_ENTRY_ERASE, 33, 1, "erased column twice"},
		{LEDGER_ENTRY_ERASE, 41, 0xff, "basis that is not UTF-8"},
		{LEDGER_ENTRY_PURGE, 36, 0xff, "reason that is not UTF-8"},
		{LEDGER_ENTRY_INCARNATION, 0, 0x80, "incarnation 32768 and more"},
		{LEDGER_ENTRY_INCARNATION, 2, 0, "incarnation reason 0"},
		{LEDGER_ENTRY_INCARNATION, 2, 7, "incarnation reason 7"},
		{LEDGER_ENTRY_BASELINE, 76, 0, "baseline reason 0"},
		{LEDGER_ENTRY_BASELINE, 76, 5, "baseline reason 5"},
		{LEDGER_ENTRY_CROSS, 0, 0, "cross action 0"},
		{LEDGER_ENTRY_CROSS, 0, 4, "cross action 4"},
		{LEDGER_ENTRY_CROSS, 17, 0x80, "cross of a ledger_tx with its top bit"},
	};
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		uint8_t		copy[512];

		memcpy(copy, bodies[cases[i].type], body_len[cases[i].type]);
		expect(copy[cases[i].at] != cases[i].value, "%s changes something", cases[i].what);
		copy[cases[i].at] = cases[i].value;
		expect(ledger_body_check(cases[i].type, copy, body_len[cases[i].type]) != LEDGER_OK, "%s",
			   cases[i].what);
	}
	done("fields of bodies outside of their range are refused");

	/* the largest values are accepted */
	{
		ledger_signature_body signature = {INT64_MAX, {3}, LEDGER_SEQ_MAX, {5}, text("spki"), text("sig")};
		ledger_erase_body erase = {{1}, INT64_MAX, LEDGER_SEQ_MAX, 1, (const uint8_t *) "\xff\xff", text("")};
		ledger_cross_body cross = {LEDGER_CROSS_RESERVE, {1}, INT64_MAX, INT64_MAX};
		ledger_writer w;

		ledger_writer_init(&w, written, sizeof(written));
		expect(ledger_signature_body_write(&w, &signature) == LEDGER_OK &&
				   ledger_body_check(LEDGER_ENTRY_SIGNATURE, written, w.len) == LEDGER_OK,
			   "signature");
		ledger_writer_init(&w, written, sizeof(written));
		expect(ledger_erase_body_write(&w, &erase) == LEDGER_OK &&
				   ledger_body_check(LEDGER_ENTRY_ERASE, written, w.len) == LEDGER_OK,
			   "erase");
		ledger_writer_init(&w, written, sizeof(written));
		expect(ledger_cross_body_write(&w, &cross) == LEDGER_OK &&
				   ledger_body_check(LEDGER_ENTRY_CROSS, written, w.len) == LEDGER_OK,
			   "cross");
	}
	done("the largest values of bodies are accepted");

	/* and the writers refuse what the parsers refuse */
	{
		ledger_writer w;
		ledger_member_body member = {LEDGER_MEMBER_ADD, 0, LEDGER_SUITE_STD, 1, {0}, text(""), {NULL, 0}};
		ledger_purge_body purge = {{0}, 0, 0, text("\xff")};
		ledger_key_body key = {0, 9, {NULL, 0}, {NULL, 0}};
		ledger_erase_body erase = {{1}, ledger_tx_make(0, 1, 2),		  3,
								   2,	(const uint8_t *) "\0\x02\0\x01", text("")};

		ledger_writer_init(&w, written, sizeof(written));
		expect(ledger_member_body_write(&w, &member) == LEDGER_BAD_VALUE, "a member without a name");
		member.name = text("a");
		member.last_state = ledger_slice_make(zeros, 55);
		expect(ledger_member_body_write(&w, &member) == LEDGER_BAD_VALUE, "a last state of 55 bytes");
		expect(ledger_purge_body_write(&w, &purge) == LEDGER_BAD_UTF8, "a reason that is not UTF-8");
		expect(ledger_key_body_write(&w, &key) == LEDGER_BAD_VALUE, "key usage 9");
		expect(ledger_erase_body_write(&w, &erase) == LEDGER_BAD_ORDER, "erased columns out of order");
		{
			ledger_incarnation_body incarnation = {32768, LEDGER_INCARNATION_START, text("o"), 0, {0}};
			ledger_baseline_body baseline = {{0}, 0, 0, {0}, {0}, 0};
			ledger_cross_body cross = {LEDGER_CROSS_RESERVE, {0}, 0, 0};
			ledger_signature_body signature =
				{ledger_tx_make(0, 1, 1), {0}, LEDGER_SEQ_MAX + 1, {0}, text(""), text("")};

			expect(ledger_incarnation_body_write(&w, &incarnation) == LEDGER_BAD_VALUE, "incarnation 32768");
			incarnation.incarnation = 1;
			incarnation.origin = text("\xff");
			expect(ledger_incarnation_body_write(&w, &incarnation) == LEDGER_BAD_UTF8,
				   "an origin that is not UTF-8");
			expect(ledger_baseline_body_write(&w, &baseline) == LEDGER_BAD_VALUE, "baseline reason 0");
			expect(ledger_cross_body_write(&w, &cross) == LEDGER_BAD_VALUE, "cross with no transaction");
			expect(ledger_signature_body_write(&w, &signature) == LEDGER_BAD_VALUE,
				   "a sequence number above the last");
		}
		expect(w.len == 0, "nothing is written");
	}
	done("writers of bodies refuse them too");

	{
		static const char name[] = "AZaz09._-";
		char		longest[65];
		int			c;

		memset(longest, 'a', sizeof(longest));
		expect(ledger_member_name_valid(name, sizeof(name) - 1) && ledger_member_name_valid(longest, 64) &&
				   !ledger_member_name_valid(longest, 65) && !ledger_member_name_valid(longest, 0),
			   "lengths");
		for (c = 0; c < 256; c++)
		{
			char		one = (char) c;
			bool		good = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
				c == '.' || c == '_' || c == '-';

			expect(ledger_member_name_valid(&one, 1) == good, "character %d", c);
		}
	}
	done("names of members");
}

/* ---- entries ---------------------------------------------------------------- */

static ledger_group
group_number(unsigned i)
{
	ledger_group g;

	memset(&g, 0, sizeof(g));
	g.table_id[0] = (uint8_t) (i / 2);
	g.schema_version = 1 + i % 2;
	g.nrows = i + 1;
	memset(g.root, (int) i, sizeof(g.root));
	return g;
}

static ledger_entry_header
some_header(uint8_t type)
{
	ledger_entry_header h;

	memset(&h, 0x11, sizeof(h));
	h.type = type;
	h.ledger_tx = ledger_tx_make(0, 1, 99);
	h.part = 3;
	h.stamped_at = -5;
	return h;
}

/* Group i of pattern is shared where its bit is set. */
static size_t
make_entry(uint8_t type, unsigned ngroups, unsigned pattern, const void *extra, size_t extra_len,
		   uint8_t *out, size_t cap)
{
	ledger_entry_header h = some_header(type);
	ledger_entry_writer ew;
	ledger_writer w;
	unsigned	i;

	ledger_writer_init(&w, out, cap);
	ledger_entry_begin(&ew, &w, &h);
	for (i = 0; i < ngroups; i++)
	{
		ledger_group g = group_number(i);
		uint8_t		hash[32];

		if (pattern >> i & 1)
			ledger_entry_add_shared(&ew, &g);
		else
		{
			ledger_private_group_hash(hasher, zeros, &g, hash);
			ledger_entry_add_private(&ew, &g, hash);
		}
	}
	expect(ledger_entry_finish(&ew, extra, extra_len) == LEDGER_OK, "finish");
	return w.len;
}

static bool
reread_entry(const uint8_t *data, size_t len)
{
	ledger_entry e;
	ledger_group_iter it;
	ledger_entry_group g;
	ledger_entry one;
	size_t		used;
	unsigned	n = 0;

	if (ledger_entry_parse(data, len, &e) != LEDGER_OK)
		return false;
	ledger_group_iter_init(&it, &e);
	while (ledger_group_next(&it, &g))
	{
		ledger_entry_group same;

		expect(ledger_entry_group_at(&e, n, &same) && same.kind == g.kind, "group %u", n);
		n++;
	}
	expect(n == e.ngroups && !ledger_entry_group_at(&e, n, &g), "groups");
	expect(LEDGER_ENTRY_HEADER_LEN + e.groups_len + 4 + e.extra_len == len, "length");
	expect(ledger_entry_read(data, len, &one, &used) == LEDGER_OK && used == len, "read");
	return true;
}

static void
test_entries(void)
{
	static uint8_t entry[1 << 17];
	uint8_t		extra[600];
	unsigned	type;
	size_t		len;

	len = make_entry(LEDGER_ENTRY_TX, 0, 0, "", 0, entry, sizeof(entry));
	mutate_all("an empty TX entry", entry, len, reread_entry);
	len = make_entry(LEDGER_ENTRY_TX, 5, 0x15, bodies[1], 48, entry, sizeof(entry));
	mutate_all("a TX entry", entry, len, reread_entry);
	for (type = 2; type <= LEDGER_ENTRY_TYPE_LAST; type++)
	{
		extra[0] = LEDGER_EXTRA_OPEN;
		memcpy(extra + 1, bodies[type], body_len[type]);
		len = make_entry((uint8_t) type, type % 3, type, extra, 1 + body_len[type], entry, sizeof(entry));
		mutate_all(ledger_entry_type_name(type), entry, len, reread_entry);
		extra[0] = LEDGER_EXTRA_CLOSED;
		len = make_entry((uint8_t) type, 0, 0, extra, 33, entry, sizeof(entry));
		mutate_all("closed", entry, len, reread_entry);
	}
	done("entries of every type are read back, cut, lengthened and changed");
}

static ledger_status
parse_extra(uint8_t type, const void *extra, size_t len)
{
	static uint8_t buf[1 << 17];
	ledger_entry e;
	size_t		n = make_entry(type, 0, 0, extra, len, buf, sizeof(buf));

	return ledger_entry_parse(buf, n, &e);
}

static void
test_extras(void)
{
	static uint8_t long_extra[65000];
	uint8_t		extra[34] = {LEDGER_EXTRA_CLOSED};
	ledger_writer w;

	check(parse_extra(LEDGER_ENTRY_SCHEMA, "", 0) == LEDGER_TRUNCATED, "a type with a body has an extra");
	check(parse_extra(LEDGER_ENTRY_SCHEMA, extra, 33) == LEDGER_OK &&
			  parse_extra(LEDGER_ENTRY_SCHEMA, extra, 32) == LEDGER_TRUNCATED &&
			  parse_extra(LEDGER_ENTRY_SCHEMA, extra, 34) == LEDGER_TRAILING,
		  "a closed extra is one hash");
	extra[0] = LEDGER_EXTRA_REPLACED;
	check(parse_extra(LEDGER_ENTRY_GRANT, extra, 33) == LEDGER_OK &&
			  parse_extra(LEDGER_ENTRY_GRANT, extra, 32) == LEDGER_TRUNCATED,
		  "so is a replaced one");
	extra[0] = 4;
	check(parse_extra(LEDGER_ENTRY_GRANT, extra, 33) == LEDGER_BAD_TAG, "there is no other kind");
	/* a GRANT of 60,000 bytes is open, one of 60,001 is not */
	long_extra[0] = LEDGER_EXTRA_OPEN;
	ledger_put_u32(long_extra + 1, LEDGER_BODY_MAX - 4);
	check(parse_extra(LEDGER_ENTRY_GRANT, long_extra, LEDGER_BODY_MAX + 1) == LEDGER_OK,
		  "a body of 60,000 bytes is open");
	ledger_put_u32(long_extra + 1, LEDGER_BODY_MAX - 3);
	check(parse_extra(LEDGER_ENTRY_GRANT, long_extra, LEDGER_BODY_MAX + 2) == LEDGER_TOO_LARGE,
		  "a longer one is not");
	ledger_writer_init(&w, written, sizeof(written));
	check(ledger_extra_write(&w, hasher, LEDGER_ENTRY_GRANT, false, zeros, long_extra, LEDGER_BODY_MAX) ==
				  LEDGER_OK &&
			  w.len == LEDGER_BODY_MAX + 1 && written[0] == LEDGER_EXTRA_OPEN,
		  "the writer opens 60,000 bytes");
	ledger_writer_init(&w, written, sizeof(written));
	check(ledger_extra_write(&w, hasher, LEDGER_ENTRY_GRANT, false, zeros, long_extra, LEDGER_BODY_MAX + 1) ==
				  LEDGER_OK &&
			  w.len == 33 && written[0] == LEDGER_EXTRA_REPLACED,
		  "and replaces one more");
	ledger_writer_init(&w, written, sizeof(written));
	check(ledger_extra_write(&w, hasher, LEDGER_ENTRY_GRANT, true, zeros, long_extra, 5) == LEDGER_OK &&
			  w.len == 33 && written[0] == LEDGER_EXTRA_CLOSED,
		  "and closes when asked");
	ledger_writer_init(&w, written, 32);
	check(ledger_extra_write(&w, hasher, LEDGER_ENTRY_GRANT, true, zeros, long_extra, 5) == LEDGER_NO_SPACE,
		  "where there is room");
}

static void
test_limits(void)
{
	static uint8_t entry[1 << 17];
	ledger_entry_header h = some_header(LEDGER_ENTRY_TX);
	ledger_entry_writer ew;
	ledger_writer w;
	ledger_entry e;
	ledger_group g;
	unsigned	i;

	ledger_writer_init(&w, entry, sizeof(entry));
	ledger_entry_begin(&ew, &w, &h);
	for (i = 0; i < 1001; i++)
	{
		g = group_number(0);
		ledger_put_u32(g.table_id, i);
		ledger_entry_add_private(&ew, &g, zeros);
	}
	check(ledger_entry_finish(&ew, "", 0) == LEDGER_TOO_LARGE, "1,001 groups are not written");
	ledger_writer_init(&w, entry, sizeof(entry));
	ledger_entry_begin(&ew, &w, &h);
	for (i = 0; i < 1000; i++)
	{
		g = group_number(0);
		ledger_put_u32(g.table_id, i);
		ledger_entry_add_private(&ew, &g, zeros);
	}
	check(ledger_entry_finish(&ew, "", 0) == LEDGER_OK && reread_entry(entry, w.len), "1,000 groups are");
	ledger_put_u16(entry + 69, 1001);
	check(ledger_entry_parse(entry, w.len, &e) == LEDGER_TOO_LARGE, "1,001 groups are not read");

	/* 61 bytes each: 1,000 shared groups and 4,460 bytes of extra are just too many */
	ledger_writer_init(&w, entry, sizeof(entry));
	ledger_entry_begin(&ew, &w, &h);
	for (i = 0; i < 1000; i++)
	{
		g = group_number(0);
		ledger_put_u32(g.table_id, i);
		ledger_entry_add_shared(&ew, &g);
	}
	check(ledger_entry_finish(&ew, entry, LEDGER_ENTRY_MAX - LEDGER_ENTRY_HEADER_LEN - 61000 - 4 + 1) ==
			  LEDGER_TOO_LARGE,
		  "an entry of 65,536 bytes is not written");
	check(ledger_entry_parse(entry, LEDGER_ENTRY_MAX + 1, &e) == LEDGER_TOO_LARGE, "nor read");
	{
		/* 98 shared groups, and a GRANT that fills what is left */
		static uint8_t extra[60001] = {LEDGER_EXTRA_OPEN};
		ledger_entry_header grant = some_header(LEDGER_ENTRY_GRANT);
		size_t		extra_len = LEDGER_ENTRY_MAX - LEDGER_ENTRY_HEADER_LEN - 98 * LEDGER_SHARED_GROUP_LEN - 4;

		ledger_put_u32(extra + 1, (uint32_t) extra_len - 5);
		ledger_writer_init(&w, entry, sizeof(entry));
		ledger_entry_begin(&ew, &w, &grant);
		for (i = 0; i < 98; i++)
		{
			g = group_number(i);
			ledger_entry_add_shared(&ew, &g);
		}
		check(ledger_entry_finish(&ew, extra, extra_len) == LEDGER_OK && w.len == LEDGER_ENTRY_MAX &&
				  reread_entry(entry, w.len),
			  "an entry of 65,535 bytes is written and read");
	}

#define ORDER(first, second, want, what) \
	do { \
		ledger_writer_init(&w, entry, sizeof(entry)); \
		ledger_entry_begin(&ew, &w, &h); \
		g = group_number(first); \
		ledger_entry_add_shared(&ew, &g); \
		g = group_number(second); \
		ledger_entry_add_shared(&ew, &g); \
		check(ledger_entry_finish(&ew, "", 0) == (want), "%s", what); \
	} while (0)
	ORDER(0, 1, LEDGER_OK, "two versions of a table in order");
	ORDER(1, 0, LEDGER_BAD_ORDER, "two versions of a table out of order");
	ORDER(3, 3, LEDGER_BAD_ORDER, "a group twice");
	ORDER(4, 2, LEDGER_BAD_ORDER, "tables out of order");
#undef ORDER
	ledger_writer_init(&w, entry, sizeof(entry));
	ledger_entry_begin(&ew, &w, &h);
	g = group_number(0);
	g.nrows = 0;
	ledger_entry_add_shared(&ew, &g);
	check(ledger_entry_finish(&ew, "", 0) == LEDGER_BAD_VALUE, "a group without rows is not written");
	ledger_writer_init(&w, entry, 100);
	ledger_entry_begin(&ew, &w, &h);
	g = group_number(0);
	ledger_entry_add_shared(&ew, &g);
	check(ledger_entry_finish(&ew, "", 0) == LEDGER_NO_SPACE && w.len == LEDGER_ENTRY_HEADER_LEN + 61 + 4,
		  "an entry that does not fit is told");
}

static void
test_order_when_read(void)
{
	static uint8_t entry[1024];
	ledger_entry e;
	size_t		len = make_entry(LEDGER_ENTRY_TX, 3, 0x5, "", 0, entry, sizeof(entry));
	uint8_t		first[LEDGER_SHARED_GROUP_LEN];
	uint8_t	   *a = entry + LEDGER_ENTRY_HEADER_LEN;
	uint8_t	   *b = a + LEDGER_SHARED_GROUP_LEN + LEDGER_PRIVATE_GROUP_LEN;

	/* two shared groups with a private one between them, exchanged */
	memcpy(first, a, sizeof(first));
	memcpy(a, b, sizeof(first));
	memcpy(b, first, sizeof(first));
	check(ledger_entry_parse(entry, len, &e) == LEDGER_BAD_ORDER, "shared groups out of order are seen past a private one");
	memcpy(a, b, sizeof(first));
	check(ledger_entry_parse(entry, len, &e) == LEDGER_BAD_ORDER, "and a group that stands twice");
	entry[LEDGER_ENTRY_HEADER_LEN] = 3;
	check(ledger_entry_parse(entry, len, &e) == LEDGER_BAD_TAG, "there is no third kind of group");
}

static void
test_matches(void)
{
	ledger_entry_group found;
	ledger_group g = group_number(4);
	ledger_group other;
	uint8_t		salt[32] = {7};
	uint8_t		wrong[32] = {8};
	uint8_t		hash[32];
	uint8_t	   *p = (uint8_t *) &other;
	size_t		i;

	memset(&found, 0, sizeof(found));
	found.kind = LEDGER_GROUP_SHARED;
	found.group = g;
	check(ledger_entry_group_matches(hasher, &found, &g, NULL) == LEDGER_OK &&
		  ledger_entry_group_matches(hasher, &found, &g, salt) == LEDGER_BAD_LINK, "a shared group is shown without a salt");
	found.kind = LEDGER_GROUP_PRIVATE;
	found.hash = hash;
	ledger_private_group_hash(hasher, salt, &g, hash);
	check(ledger_entry_group_matches(hasher, &found, &g, salt) == LEDGER_OK &&
		  ledger_entry_group_matches(hasher, &found, &g, wrong) == LEDGER_BAD_LINK &&
		  ledger_entry_group_matches(hasher, &found, &g, NULL) == LEDGER_BAD_LINK, "a private one with its salt");
	for (i = 0; i < sizeof(g.table_id); i++)
	{
		other = g;
		p[offsetof(ledger_group, table_id) + i] ^= 1;
		expect(ledger_entry_group_matches(hasher, &found, &other, salt) == LEDGER_BAD_LINK, "table");
	}
	other = g;
	other.nrows++;
	expect(ledger_entry_group_matches(hasher, &found, &other, salt) == LEDGER_BAD_LINK, "nrows");
	other = g;
	other.schema_version++;
	expect(ledger_entry_group_matches(hasher, &found, &other, salt) == LEDGER_BAD_LINK, "version");
	other = g;
	other.root[31] ^= 0x80;
	expect(ledger_entry_group_matches(hasher, &found, &other, salt) == LEDGER_BAD_LINK, "root");
	found.kind = LEDGER_GROUP_SHARED;
	expect(ledger_entry_group_matches(hasher, &found, &other, NULL) == LEDGER_BAD_LINK, "shared root");
	done("another table, version, number or root does not match");
}

/* Hidden parts collected are those hashed one by one, also of more than a batch holds. */
static void
test_hidden_batch(void)
{
	enum
	{
		PARTS = LEDGER_HIDDEN_MAX + 40
	};
	static ledger_hidden_batch batch;
	static uint8_t got[PARTS][32];
	char		role[LEDGER_HIDDEN_CONTENT_MAX + 2];
	ledger_group group = {.schema_version = 1};
	uint8_t		seed[16];
	uint8_t		salt[32];
	uint8_t		hash[32];

	memset(role, 'r', sizeof(role));
	ledger_hidden_init(&batch, hasher);
	for (int i = 0; i < PARTS; i++)
	{
		memset(seed, i, sizeof(seed));
		group.nrows = (uint64_t) i + 1;
		if (i % 3 == 0)
			expect(ledger_hidden_role(&batch, seed, role, (size_t) i % sizeof(role), got[i]), "role");
		else
			expect(ledger_hidden_group(&batch, seed, (uint16_t) i, &group, got[i]), "group");
	}
	check(batch.n == LEDGER_HIDDEN_MAX && memcmp(got[1], zeros, 32) == 0 && memcmp(got[PARTS - 1], zeros, 32) != 0,
		  "hidden parts wait as long as there is room for them");
	expect(ledger_hidden_finish(&batch) && batch.n == 0, "finish");
	for (int i = 0; i < PARTS; i++)
	{
		memset(seed, i, sizeof(seed));
		group.nrows = (uint64_t) i + 1;
		ledger_entry_salt(hasher, seed, i % 3 == 0 ? LEDGER_SALT_ROLE : (uint16_t) i, salt);
		if (i % 3 == 0)
			ledger_role_hash(hasher, salt, role, (size_t) i % sizeof(role), hash);
		else
			ledger_private_group_hash(hasher, salt, &group, hash);
		expect(memcmp(got[i], hash, 32) == 0, "hash");
	}
	done("hidden parts hashed together are those hashed one by one");

	memset(got, 0, sizeof(got));
	ledger_hidden_role(&batch, seed, role, 1, got[0]);
	ledger_hidden_role(&batch, seed, role, 1, got[1]);
	batch.n--;
	check(ledger_hidden_finish(&batch) && memcmp(got[0], zeros, 32) != 0 && memcmp(got[1], zeros, 32) == 0,
		  "a hidden part that was dropped is not written");
}

static void
test_hidden(void)
{
	uint8_t		a[32];
	uint8_t		b[32];
	uint8_t		seed[16] = {1};

	ledger_entry_salt(hasher, seed, 0, a);
	ledger_entry_salt(hasher, seed, 1, b);
	check(memcmp(a, b, 32) != 0, "groups have salts of their own");
	ledger_entry_salt(hasher, seed, LEDGER_SALT_ROLE, b);
	ledger_role_hash(hasher, a, "alice", 5, a);
	ledger_role_hash(hasher, b, "alice", 5, b);
	check(memcmp(a, b, 32) != 0, "one role under two salts is two hashes");
	ledger_extra_hash(hasher, LEDGER_ENTRY_SCHEMA, a, "body", 4, a);
	ledger_extra_hash(hasher, LEDGER_ENTRY_PURGE, a, "body", 4, b);
	check(memcmp(a, b, 32) != 0, "one body under two types is two hashes");
	{
		static uint8_t entry[1024];
		uint8_t		extra[600] = {LEDGER_EXTRA_OPEN};
		uint8_t		id[16];
		uint8_t		again[16];
		size_t		len;

		memcpy(extra + 1, bodies[LEDGER_ENTRY_MEMBER], body_len[LEDGER_ENTRY_MEMBER]);
		len = make_entry(LEDGER_ENTRY_MEMBER, 0, 0, extra, 1 + body_len[LEDGER_ENTRY_MEMBER], entry, sizeof(entry));
		ledger_genesis_chain_id(hasher, entry, len, id);
		memcpy(entry + LEDGER_ENTRY_CHAIN_ID_AT, id, 16);
		check(ledger_genesis_chain_id(hasher, entry, len, again) && memcmp(id, again, 16) == 0,
			  "a chain id does not depend on the id in the entry");
		entry[len - 1] ^= 1;
		check(ledger_genesis_chain_id(hasher, entry, len, again) && memcmp(id, again, 16) != 0,
			  "but on every other byte");
		check(!ledger_genesis_chain_id(hasher, entry, LEDGER_ENTRY_HEADER_LEN - 1, id), "a part of a header has none");
	}
	{
		uint8_t		message[LEDGER_ROW_SIGNATURE_MESSAGE_LEN];
		ledger_key_body key = {0x0102, LEDGER_KEY_ENCRYPT, text("spki"), text("approval")};
		ledger_writer w;

		ledger_row_signature_message(message, (const uint8_t *) "0123456789abcdef", zeros);
		check(memcmp(message, "G\x01" "0123456789abcdef", 18) == 0 && memcmp(message + 18, zeros, 32) == 0,
			  "what a signature of a row signs");
		ledger_writer_init(&w, written, sizeof(written));
		check(ledger_key_approval_message(&w, (const uint8_t *) "0123456789abcdef", &key) == LEDGER_OK &&
			  w.len == 29 && memcmp(written, "K\x01" "0123456789abcdef\x01\x02\x02\0\0\0\x04spki", 29) == 0,
			  "what an approval of a key signs");
	}
}

static bool
reread_record(const uint8_t *data, size_t len)
{
	ledger_entry e;
	ledger_opening_iter it;
	ledger_opening o;
	ledger_writer w;
	size_t		used;

	if (ledger_entry_read(data, len, &e, &used) != LEDGER_OK)
		return false;
	ledger_writer_init(&w, written, sizeof(written));
	ledger_write_fixed(&w, data, used);
	ledger_opening_iter_init(&it, data + used, len - used);
	ledger_write_u16(&w, it.left);
	while (ledger_opening_next(&it, &o))
		ledger_opening_write(&w, &o);
	if (ledger_opening_finish(&it) != LEDGER_OK)
		return false;
	expect(w.len == len && memcmp(written, data, len) == 0, "a record in another encoding");
	return true;
}

static void
test_openings(void)
{
	static uint8_t record[2048];
	ledger_opening o;
	ledger_writer w;
	size_t		len = make_entry(LEDGER_ENTRY_TX, 2, 0, "", 0, record, sizeof(record));

	memset(&o, 0, sizeof(o));
	o.salt = zeros;
	ledger_writer_init(&w, record, sizeof(record));
	w.len = len;
	ledger_write_u16(&w, 4);
	o.group = group_number(0);
	ledger_opening_write(&w, &o);
	o.position = 1;
	ledger_opening_write(&w, &o);
	o.position = LEDGER_SALT_EXTRA;
	o.content = text("body");
	ledger_opening_write(&w, &o);
	o.position = LEDGER_SALT_ROLE;
	o.content = text("alice");
	ledger_opening_write(&w, &o);
	mutate_all("record", record, w.len, reread_record);
	done("an entry with its openings is read back, cut, lengthened and changed");
	{
		ledger_opening_iter it;

		ledger_opening_iter_init(&it, record + len, w.len - len);
		ledger_opening_next(&it, &o);
		check(ledger_opening_finish(&it) == LEDGER_TRUNCATED, "openings that were not all read are told");
		ledger_writer_init(&w, record, sizeof(record));
		ledger_write_u16(&w, 1);
		memset(&o, 0, sizeof(o));
		o.salt = zeros;
		ledger_opening_write(&w, &o);
		ledger_opening_iter_init(&it, record, w.len);
		check(!ledger_opening_next(&it, &o) && ledger_opening_finish(&it) == LEDGER_BAD_VALUE,
			  "a group without rows is not an opening");
		ledger_writer_init(&w, record, sizeof(record));
		ledger_write_u16(&w, 2);
		memset(&o, 0, sizeof(o));
		o.salt = zeros;
		o.position = 1;
		o.group = group_number(0);
		ledger_opening_write(&w, &o);
		ledger_opening_write(&w, &o);
		ledger_opening_iter_init(&it, record, w.len);
		check(ledger_opening_next(&it, &o) && !ledger_opening_next(&it, &o) &&
			  ledger_opening_finish(&it) == LEDGER_BAD_ORDER, "an opening stands once");
	}
}

int
main(void)
{
	hasher = ledger_hasher_new(LEDGER_SUITE_STD);
	make_bodies();
	test_bodies();
	test_body_ranges();
	test_entries();
	test_extras();
	test_limits();
	test_order_when_read();
	test_matches();
	test_hidden();
	test_hidden_batch();
	test_openings();
	ledger_hasher_free(hasher);
	return finish();
}
