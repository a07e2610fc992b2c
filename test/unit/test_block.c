/*
 * test/unit/test_block.c
 *		Blocks, what they commit to, and how one follows another.
 */
#include "core/block.h"

#include "harness.h"
#include "mutate.h"

static bool
reread(const uint8_t *data, size_t len)
{
	uint8_t		bytes[LEDGER_BLOCK_LEN];
	ledger_block b;

	if (ledger_block_parse(data, len, &b) != LEDGER_OK)
		return false;
	ledger_block_put(bytes, &b);
	expect(memcmp(bytes, data, len) == 0, "a block in another encoding");
	return true;
}

static ledger_block
some_block(uint64_t height)
{
	ledger_block b;
	uint64_t	state = 6;

	random_bytes(&state, &b, sizeof(b));
	b.height = height;
	if (height == 0)
		memset(b.prev_hash, 0, sizeof(b.prev_hash));
	b.first_leaf = 40;
	b.n = 2;
	return b;
}

static ledger_status
parse(const ledger_block *b)
{
	uint8_t		bytes[LEDGER_BLOCK_LEN];
	ledger_block again;

	ledger_block_put(bytes, b);
	return ledger_block_parse(bytes, sizeof(bytes), &again);
}

static void
test_bytes(void)
{
	uint8_t		bytes[LEDGER_BLOCK_LEN];
	ledger_block b = some_block(7);

	ledger_block_put(bytes, &b);
	mutate_all("block", bytes, sizeof(bytes), reread);
	b = some_block(0);
	ledger_block_put(bytes, &b);
	mutate_all("block 0", bytes, sizeof(bytes), reread);
	done("blocks are read back, cut, lengthened and changed");
	b = some_block(0);
	b.prev_hash[31] = 1;
	check(parse(&b) == LEDGER_BAD_VALUE, "block 0 follows nothing");
	b = some_block(1);
	b.n = 0;
	check(parse(&b) == LEDGER_BAD_VALUE, "a block without leaves is refused");
	b = some_block(1);
	b.first_leaf = UINT64_MAX - 1;
	check(parse(&b) == LEDGER_BAD_VALUE, "leaf numbers do not wrap");
	b.first_leaf--;
	check(parse(&b) == LEDGER_OK, "but may reach the last one");
}

static void
test_follows(void)
{
	ledger_block a = some_block(7);
	ledger_block b = some_block(8);
	ledger_block c;
	uint8_t		hash[32] = {5};

	b.first_leaf = a.first_leaf + a.n;
	memcpy(b.prev_hash, hash, 32);
	memcpy(b.members_hash, a.next_members_hash, 32);
	check(ledger_block_follows(&a, hash, &b) == LEDGER_OK, "a block follows the one before");
#define NOT(change) (c = b, change, expect(ledger_block_follows(&a, hash, &c) == LEDGER_BAD_LINK, #change))
	NOT(c.height++);
	NOT(c.height = 7);
	NOT(c.first_leaf++);
	NOT(c.first_leaf--);
	NOT(c.chain_id[15] ^= 1);
	NOT(c.prev_hash[0] ^= 1);
	NOT(c.members_hash[31] ^= 1);
#undef NOT
	a.height = UINT64_MAX;
	b.height = 0;
	expect(ledger_block_follows(&a, hash, &b) == LEDGER_BAD_LINK, "heights do not wrap");
	done("not with another height, leaf, chain, hash or member list");
}

static void
test_results(ledger_hasher *h)
{
	enum
	{
		N = 200
	};
	static ledger_digest leaves[N];
	ledger_frontier f;
	uint64_t	state = 2;
	unsigned	n;

	for (n = 0; n < N; n++)
		random_bytes(&state, leaves[n], 32);
	ledger_frontier_init(&f);
	for (n = 0; n <= N; n++)
	{
		ledger_digest want;
		ledger_digest got;

		ledger_frontier_root(&f, h, want);
		expect(ledger_results_root(h, (const ledger_digest *) leaves, n, got) && memcmp(got, want, 32) == 0,
			   "results of %u leaves", n);
		if (n < N)
		{
			uint8_t		in[41] = {0, 'V', 1};

			/* verdict 0, empty reason */
			memcpy(in + 3, leaves[n], 32);
			ledger_hash(h, in, sizeof(in), want);
			ledger_verdict_leaf(h, leaves[n], 0, NULL, 0, got);
			expect(memcmp(got, want, 32) == 0, "verdict");
			ledger_frontier_append(&f, h, want);
		}
	}
	done("results root of up to 200 accepted leaves");
}

static void
test_members(ledger_hasher *h)
{
	ledger_member m[2];
	ledger_digest a;
	ledger_digest b;

	memset(m, 0, sizeof(m));
	m[0].index = 3;
	m[1].index = 3;
	check(ledger_members_hash(h, m, 2, a) == LEDGER_BAD_ORDER, "a member stands once in the list");
	m[1].index = 2;
	check(ledger_members_hash(h, m, 2, a) == LEDGER_BAD_ORDER, "in order of its index");
	m[1].index = 4;
	check(ledger_members_hash(h, m, 2, a) == LEDGER_OK && ledger_members_hash(h, m, 1, b) == LEDGER_OK &&
			  memcmp(a, b, 32) != 0,
		  "and the number of members counts");
	/* a byte moved from one key to the next is another list */
	m[0].sign_key = ledger_slice_make("ab", 2);
	m[0].encrypt_key = ledger_slice_make("c", 1);
	ledger_members_hash(h, m, 1, a);
	m[0].sign_key = ledger_slice_make("a", 1);
	m[0].encrypt_key = ledger_slice_make("bc", 2);
	ledger_members_hash(h, m, 1, b);
	check(memcmp(a, b, 32) != 0, "as does where a key ends");
}

int
main(void)
{
	ledger_suite suite;

	test_bytes();
	test_follows();
	for (suite = LEDGER_SUITE_STD; suite <= LEDGER_SUITE_GM; suite++)
	{
		ledger_hasher *h = ledger_hasher_new(suite);

		test_results(h);
		test_members(h);
		ledger_hasher_free(h);
	}
	return finish();
}
