/*
 * test/unit/test_packed.c
 *		Local bytes: packed groups, items of the leaf index, salt pieces.
 */
#include "core/entry.h"
#include "core/packed.h"

#include "harness.h"
#include "mutate.h"

static uint8_t written[1 << 17];

static bool
reread_groups(const uint8_t *data, size_t len)
{
	ledger_packed_iter it;
	ledger_packed_group g;
	ledger_writer w;
	uint16_t	n;
	unsigned	i = 0;

	if (ledger_packed_check(data, len, &n) != LEDGER_OK)
		return false;
	ledger_writer_init(&w, written, sizeof(written));
	ledger_packed_begin(&w, n);
	expect(ledger_packed_iter_init(&it, data, len) == LEDGER_OK, "init");
	for (; ledger_packed_next(&it, &g); i++)
		expect(ledger_packed_group_write(&w, &g) == LEDGER_OK && g.block_lo <= g.block_hi, "write");
	expect(i == n && w.len == len && memcmp(written, data, len) == 0, "groups in another encoding");
	return true;
}

static ledger_packed_group
some_group(uint64_t *state)
{
	ledger_packed_group g;

	g.table_no = (uint32_t) (next_random(state) >> (32 + next_random(state) % 32));
	g.schema_version = (uint32_t) (next_random(state) >> (32 + next_random(state) % 32));
	g.nrows = (next_random(state) >> next_random(state) % 64) | 1;
	g.first_seq = (uint32_t) (next_random(state) >> (32 + next_random(state) % 32));
	g.block_lo = (uint32_t) (next_random(state) >> (33 + next_random(state) % 31));
	g.block_hi = g.block_lo + (uint32_t) (next_random(state) >> (33 + next_random(state) % 31));
	random_bytes(state, g.root, sizeof(g.root));
	return g;
}

static void
test_groups(void)
{
	static uint8_t packed[LEDGER_PACKED_HEADER_LEN + 1001 * LEDGER_PACKED_GROUP_MAX];
	uint64_t	state = 1;
	ledger_packed_group g;
	ledger_writer w;
	uint16_t	n;
	unsigned	i;
	unsigned	k;

	for (i = 0; i < 60; i++)
	{
		ledger_writer_init(&w, packed, sizeof(packed));
		ledger_packed_begin(&w, (uint16_t) (i % 4));
		for (k = 0; k < i % 4; k++)
		{
			size_t		before = w.len;

			g = some_group(&state);
			ledger_packed_group_write(&w, &g);
			expect(w.len - before <= LEDGER_PACKED_GROUP_MAX, "size");
		}
		mutate_all("packed groups", packed, w.len, reread_groups);
	}
	done("packed groups are read back, cut, lengthened and changed");

	memset(&g, 0xff, sizeof(g));
	ledger_writer_init(&w, packed, sizeof(packed));
	check(ledger_packed_group_write(&w, &g) == LEDGER_OK && w.len == LEDGER_PACKED_GROUP_MAX - 4,
		  "the largest fields fit in the room announced");
	g.block_hi = g.block_lo - 1;
	check(ledger_packed_group_write(&w, &g) == LEDGER_BAD_VALUE,
		  "a last block before the first is not written");
	g = some_group(&state);
	g.nrows = 0;
	check(ledger_packed_group_write(&w, &g) == LEDGER_BAD_VALUE, "a group without rows is not written");

	ledger_writer_init(&w, packed, sizeof(packed));
	ledger_packed_begin(&w, LEDGER_ENTRY_MAX_GROUPS + 1);
	for (i = 0; i <= LEDGER_ENTRY_MAX_GROUPS; i++)
	{
		g = some_group(&state);
		ledger_packed_group_write(&w, &g);
	}
	check(ledger_packed_check(packed, w.len, &n) == LEDGER_TOO_LARGE,
		  "more groups than an entry has are refused");
	check(ledger_packed_check(packed, 0, &n) == LEDGER_TRUNCATED, "an empty string is not a list");
}

static bool
reread_items(const uint8_t *data, size_t len)
{
	size_t		n;
	size_t		i;

	if (ledger_leaf_items_check(data, len, &n) != LEDGER_OK)
		return false;
	expect(n * LEDGER_LEAF_ITEM_LEN == len, "number");
	for (i = 0; i < n; i++)
	{
		ledger_leaf_item item;
		uint8_t		bytes[LEDGER_LEAF_ITEM_LEN];

		ledger_leaf_item_get(data, i, &item);
		ledger_leaf_item_put(bytes, &item);
		expect(memcmp(bytes, data + i * LEDGER_LEAF_ITEM_LEN, sizeof(bytes)) == 0, "item");
	}
	return true;
}

static void
test_items(void)
{
	enum
	{
		N = 300
	};
	static uint8_t items[N * LEDGER_LEAF_ITEM_LEN];
	ledger_leaf_item item = {0, 0, 0xfffffffe, 0xffff};
	size_t		n;
	size_t		i;

	for (i = 0; i < N; i++)
	{
		item.tx_low = (uint8_t) (i * 7);
		item.leaf_offset = (uint32_t) (2 * i);
		ledger_leaf_item_put(items + i * LEDGER_LEAF_ITEM_LEN, &item);
	}
	expect(ledger_leaf_items_check(items, sizeof(items), &n) == LEDGER_OK && n == N, "check");
	for (i = 0; i <= sizeof(items); i++)
		expect((ledger_leaf_items_check(items, i, &n) == LEDGER_OK) == (i % LEDGER_LEAF_ITEM_LEN == 0),
			   "%zu bytes", i);
	for (i = 0; i < N; i++)
	{
		size_t		at = ledger_leaf_items_find(items, N, i, (uint8_t) (i * 7));

		expect(at == i, "item %zu", i);
		/* 256 items share the low byte with the one 256 before */
		at = ledger_leaf_items_find(items, N, i + 1, (uint8_t) (i * 7));
		expect(at == (i + 256 < N ? i + 256 : N), "the next after %zu", i);
	}
	for (i = 0; i < 4 * LEDGER_LEAF_ITEM_LEN * 8; i++)
	{
		items[i / 8] ^= (uint8_t) (1 << i % 8);
		reread_items(items, 4 * LEDGER_LEAF_ITEM_LEN);
		items[i / 8] ^= (uint8_t) (1 << i % 8);
	}
	done("items of the leaf index are found, read back and changed");
	memcpy(items + LEDGER_LEAF_ITEM_LEN + 1, items + 1, 4);
	check(ledger_leaf_items_check(items, sizeof(items), &n) == LEDGER_BAD_ORDER, "a leaf twice is refused");
	items[9] = items[10] = 0;
	check(ledger_leaf_items_check(items, LEDGER_LEAF_ITEM_LEN, &n) == LEDGER_BAD_VALUE,
		  "line pointer 0 is refused");
}

static void
test_salts(void)
{
	uint8_t		piece[33] = {1};
	uint8_t		column[128];
	ledger_writer w;
	ledger_reader r;
	const uint8_t *p;
	size_t		len;
	size_t		n;

	for (n = 0; n <= sizeof(piece); n++)
	{
		ledger_writer_init(&w, column, sizeof(column));
		expect(ledger_salt_piece_write(&w, piece, n) == (n == 16 || n == 32 ? LEDGER_OK : LEDGER_BAD_VALUE),
			   "write a piece of %zu", n);
		column[0] = (uint8_t) n;
		memcpy(column + 1, piece, n);
		ledger_reader_init(&r, column, n + 1);
		expect(ledger_salt_piece_read(&r, &p, &len) == (n == 16 || n == 32), "read a piece of %zu", n);
		ledger_reader_init(&r, column, n);
		expect(!ledger_salt_piece_read(&r, &p, &len) && (n == 0 || r.error != LEDGER_OK),
			   "a piece of %zu cut", n);
	}
	done("a piece of ledger_salt has 16 or 32 bytes");
}

int
main(void)
{
	test_groups();
	test_items();
	test_salts();
	return finish();
}
