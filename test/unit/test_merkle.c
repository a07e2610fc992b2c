/*
 * test/unit/test_merkle.c
 *		Frontiers, ranges and proofs against the recursive definitions of RFC 6962.
 *
 * All trees of up to 70 leaves are gone through; the reference is written from
 * the recursive text and shares nothing with core/.
 */
#include "core/merkle.h"

#include "harness.h"

#define MAX_LEAVES 70

static ledger_hasher *hasher;
static ledger_digest leaves[MAX_LEAVES];

/* MTH(D[begin:end]) of RFC 6962 section 2.1, over leaf hashes. */
static void
reference_root(unsigned begin, unsigned end, uint8_t *out)
{
	ledger_digest left;
	ledger_digest right;
	unsigned	k = 1;

	if (begin == end)
	{
		ledger_hash(hasher, "", 0, out);
		return;
	}
	if (end - begin == 1)
	{
		memcpy(out, leaves[begin], sizeof(ledger_digest));
		return;
	}
	while (2 * k < end - begin)
		k *= 2;
	reference_root(begin, begin + k, left);
	reference_root(begin + k, end, right);
	{
		uint8_t		node[65];

		node[0] = 1;
		memcpy(node + 1, left, 32);
		memcpy(node + 33, right, 32);
		ledger_hash(hasher, node, sizeof(node), out);
	}
}

/* PATH(m, D[begin:end]), RFC 6962 section 2.1.1. */
static size_t
reference_path(unsigned m, unsigned begin, unsigned end, ledger_digest *path)
{
	unsigned	k = 1;
	size_t		n;

	if (end - begin == 1)
		return 0;
	while (2 * k < end - begin)
		k *= 2;
	if (m < begin + k)
	{
		n = reference_path(m, begin, begin + k, path);
		reference_root(begin + k, end, path[n]);
	}
	else
	{
		n = reference_path(m, begin + k, end, path);
		reference_root(begin, begin + k, path[n]);
	}
	return n + 1;
}

/* SUBPROOF(m, D[begin:end], b), RFC 6962 section 2.1.2. */
static size_t
reference_subproof(unsigned m, unsigned begin, unsigned end, bool b, ledger_digest *path)
{
	unsigned	k = 1;
	size_t		n;

	if (m == end - begin)
	{
		if (b)
			return 0;
		reference_root(begin, end, path[0]);
		return 1;
	}
	while (2 * k < end - begin)
		k *= 2;
	if (m <= k)
	{
		n = reference_subproof(m, begin, begin + k, b, path);
		reference_root(begin + k, end, path[n]);
	}
	else
	{
		n = reference_subproof(m - k, begin + k, end, false, path);
		reference_root(begin, begin + k, path[n]);
	}
	return n + 1;
}

/* The source refuses what is not wholly inside the tree of *arg leaves. */
static bool
node_source(void *arg, unsigned level, uint64_t index, uint8_t *out)
{
	uint64_t	end = (index + 1) << level;

	if (end > *(unsigned *) arg)
	{
		expect(false, "asked for subtree (%u, %u) of %u leaves", level, (unsigned) index, *(unsigned *) arg);
		return false;
	}
	reference_root((unsigned) (end - ((uint64_t) 1 << level)), (unsigned) end, out);
	return true;
}

static bool
failing_source(void *arg, unsigned level, uint64_t index, uint8_t *out)
{
	(void) level;
	(void) index;
	memset(out, 0, LEDGER_HASH_LEN);
	return (*(int *) arg)-- > 0;
}

static void
test_frontier(void)
{
	ledger_frontier f;
	ledger_digest root;
	ledger_digest want;
	unsigned	n;

	ledger_frontier_init(&f);
	for (n = 0; n <= MAX_LEAVES; n++)
	{
		ledger_frontier copy;

		reference_root(0, n, want);
		expect(ledger_frontier_root(&f, hasher, root) && memcmp(root, want, 32) == 0, "root of %u leaves", n);
		/* the part that must be copied is enough, and the loader takes it */
		memset(&copy, 0x5a, sizeof(copy));
		memcpy(&copy, &f, ledger_frontier_size(&f));
		expect(ledger_frontier_root(&copy, hasher, root) && memcmp(root, want, 32) == 0, "copy of %u leaves",
			   n);
		expect(ledger_frontier_load(&copy, n, (uint8_t *) f.node, 32 * ledger_frontier_nodes(&f)) ==
					   LEDGER_OK &&
				   ledger_frontier_root(&copy, hasher, root) && memcmp(root, want, 32) == 0,
			   "load of %u leaves", n);
		expect(ledger_frontier_load(&copy, n, (uint8_t *) f.node, 32 * ledger_frontier_nodes(&f) + 1) ==
				   LEDGER_TRAILING,
			   "load of %u leaves with a byte more", n);
		if (n > 0)
			expect(ledger_frontier_load(&copy, n, (uint8_t *) f.node, 32 * ledger_frontier_nodes(&f) - 1) ==
					   LEDGER_TRUNCATED,
				   "load of %u leaves with a byte less", n);
		if (n < MAX_LEAVES)
			ledger_frontier_append(&f, hasher, leaves[n]);
	}
	expect(ledger_frontier_load(&f, (uint64_t) 1 << 63, leaves[0], 32) == LEDGER_TOO_LARGE,
		   "a count of 2^63");
	done("frontier: every size appended one by one, copied and loaded");
}

static void
test_frontier_many(void)
{
	unsigned	a;
	unsigned	b;

	for (a = 0; a <= MAX_LEAVES; a++)
		for (b = 0; a + b <= MAX_LEAVES; b++)
		{
			ledger_frontier f;
			ledger_frontier one;
			ledger_digest scratch[MAX_LEAVES];
			unsigned	i;

			ledger_frontier_init(&f);
			ledger_frontier_init(&one);
			memcpy(scratch, leaves, sizeof(scratch));
			expect(ledger_frontier_append_many(&f, hasher, scratch, a), "first %u", a);
			memcpy(scratch, leaves + a, b * sizeof(ledger_digest));
			expect(ledger_frontier_append_many(&f, hasher, scratch, b), "then %u", b);
			for (i = 0; i < a + b; i++)
				ledger_frontier_append(&one, hasher, leaves[i]);
			expect(f.count == one.count && memcmp(f.node, one.node, 32 * ledger_frontier_nodes(&one)) == 0,
				   "%u and %u leaves at once", a, b);
		}
	done("frontier: leaves in batches give what single leaves give");
}

static void
test_frontier_complete(void)
{
	unsigned	a;
	unsigned	level;

	for (a = 0; a < MAX_LEAVES; a++)
		for (level = 0; level < 7; level++)
		{
			ledger_frontier f;
			ledger_frontier one;
			ledger_digest scratch[MAX_LEAVES];
			ledger_digest root;
			ledger_digest want;
			unsigned	width = 1u << level;
			unsigned	n = width - a % width;
			unsigned	i;

			if (a + n > MAX_LEAVES)
				continue;
			ledger_frontier_init(&f);
			ledger_frontier_init(&one);
			for (i = 0; i < a; i++)
				ledger_frontier_append(&f, hasher, leaves[i]);
			for (i = 0; i < a + n; i++)
				ledger_frontier_append(&one, hasher, leaves[i]);
			memcpy(scratch, leaves, sizeof(scratch));
			expect(!ledger_frontier_complete(&f, hasher, level, scratch, n + 1, root) && f.count == a,
				   "%u leaves and a leaf too much at level %u", a, level);
			expect(!ledger_frontier_complete(&f, hasher, level, scratch, n - 1, root) && f.count == a,
				   "%u leaves and a leaf too few at level %u", a, level);
			memcpy(scratch, leaves + a, n * sizeof(ledger_digest));
			reference_root(a + n - width, a + n, want);
			expect(ledger_frontier_complete(&f, hasher, level, scratch, n, root) &&
					   memcmp(root, want, 32) == 0,
				   "root of level %u after %u leaves", level, a);
			expect(f.count == one.count && memcmp(f.node, one.node, 32 * ledger_frontier_nodes(&one)) == 0,
				   "%u leaves and %u that complete level %u", a, n, level);
		}
	done("frontier: the leaves that complete a subtree give its root");
}

/* Trees as large as they may be: nothing is added, and nothing wraps. */
static void
test_full(void)
{
	const uint64_t most = ((uint64_t) 1 << LEDGER_MERKLE_MAX_LEVEL) - 1;
	ledger_digest scratch[2];
	ledger_frontier f;
	ledger_range r;
	unsigned	level;

	memset(&f, 0, sizeof(f));
	memset(&r, 0, sizeof(r));
	memcpy(scratch, leaves, sizeof(scratch));
	f.count = most - 1;
	expect(ledger_frontier_append(&f, hasher, leaves[0]) && f.count == most, "the last leaf");
	expect(!ledger_frontier_append(&f, hasher, leaves[0]) && f.count == most, "one more");
	f.count = most - 1;
	expect(!ledger_frontier_append_many(&f, hasher, scratch, 2), "two more at once");
	expect(ledger_frontier_append_many(&f, hasher, scratch, 1) && f.count == most, "one at once");
	f.count = 0;
	for (level = LEDGER_MERKLE_MAX_LEVEL; level < 70; level++)
		expect(!ledger_frontier_append_subtree(&f, hasher, level, leaves[0]), "a subtree of level %u", level);
	expect(ledger_frontier_append_subtree(&f, hasher, LEDGER_MERKLE_MAX_LEVEL - 1, leaves[0]),
		   "the largest subtree");

	ledger_range_init(&r, most - 1);
	expect(ledger_range_append(&r, hasher, leaves[0]) && r.end == most, "the last leaf of a range");
	expect(!ledger_range_append(&r, hasher, leaves[0]) && r.end == most, "one more");
	ledger_range_init(&r, most - 1);
	memcpy(scratch, leaves, sizeof(scratch));
	expect(!ledger_range_append_many(&r, hasher, scratch, 2), "two more at once");
	expect(ledger_range_append_many(&r, hasher, scratch, 1) && r.end == most, "one at once");
	ledger_range_init(&r, most + 1);
	expect(!ledger_range_append(&r, hasher, leaves[0]) && !ledger_range_append_many(&r, hasher, scratch, 1),
		   "a range beyond the last leaf");
	ledger_range_init(&r, 0);
	expect(!ledger_range_append_subtree(&r, hasher, LEDGER_MERKLE_MAX_LEVEL, leaves[0]),
		   "a subtree of level 63");
	expect(!ledger_range_append_subtree(&r, hasher, 64, leaves[0]), "a subtree of level 64");
	done("trees end at 2^63 - 1 leaves");
}

static void
test_frontier_subtrees(void)
{
	unsigned	n;
	unsigned	level;

	for (n = 0; n < MAX_LEAVES; n++)
		for (level = 0; level < 7; level++)
		{
			ledger_frontier f;
			ledger_digest root;
			ledger_digest want;
			unsigned	width = 1u << level;
			unsigned	i;

			if (n + width > MAX_LEAVES)
				continue;
			ledger_frontier_init(&f);
			for (i = 0; i < n; i++)
				ledger_frontier_append(&f, hasher, leaves[i]);
			reference_root(n, n + width, root);
			if (n % width != 0)
			{
				expect(!ledger_frontier_append_subtree(&f, hasher, level, root) && f.count == n,
					   "subtree of %u leaves after %u", width, n);
				continue;
			}
			expect(ledger_frontier_append_subtree(&f, hasher, level, root), "append");
			reference_root(0, n + width, want);
			expect(ledger_frontier_root(&f, hasher, root) && memcmp(root, want, 32) == 0,
				   "subtree of %u leaves after %u", width, n);
		}
	done("frontier: aligned subtrees join, others are refused");
}

static bool
range_of(ledger_range *r, unsigned begin, unsigned end)
{
	unsigned	i;

	ledger_range_init(r, begin);
	for (i = begin; i < end; i++)
		if (!ledger_range_append(r, hasher, leaves[i]))
			return false;
	return true;
}

static void
test_range(void)
{
	unsigned	a;
	unsigned	b;
	unsigned	c;

	for (a = 0; a <= MAX_LEAVES; a++)
		for (b = a; b <= MAX_LEAVES; b++)
		{
			ledger_range whole;
			ledger_range many;
			ledger_digest scratch[MAX_LEAVES];
			unsigned	at = a;
			unsigned	i = 0;

			expect(range_of(&whole, a, b), "range [%u, %u)", a, b);
			/* each hash is that of a maximal aligned subtree */
			while (at < b)
			{
				unsigned	width = 1;
				ledger_digest want;

				while (at % (2 * width) == 0 && at + 2 * width <= b)
					width *= 2;
				reference_root(at, at + width, want);
				expect(memcmp(whole.node[i], want, 32) == 0, "hash %u of [%u, %u)", i, a, b);
				i++;
				at += width;
			}
			expect(ledger_range_nodes(&whole) == i, "hashes of [%u, %u)", a, b);
			/* in two batches, split in each third place */
			for (c = a; c <= b; c += 3)
			{
				ledger_range_init(&many, a);
				memcpy(scratch, leaves + a, (c - a) * sizeof(ledger_digest));
				expect(ledger_range_append_many(&many, hasher, scratch, c - a), "first");
				memcpy(scratch, leaves + c, (b - c) * sizeof(ledger_digest));
				expect(ledger_range_append_many(&many, hasher, scratch, b - c), "second");
				expect(many.end == b && memcmp(many.node, whole.node, 32 * i) == 0, "[%u, %u, %u) in batches",
					   a, c, b);
			}
			if (a == 0)
			{
				ledger_digest root;
				ledger_digest want;

				reference_root(0, b, want);
				expect(ledger_range_root(&whole, hasher, root) && memcmp(root, want, 32) == 0,
					   "root of [0, %u)", b);
			}
			else
			{
				ledger_digest root;

				expect(!ledger_range_root(&whole, hasher, root), "root of [%u, %u)", a, b);
			}
		}
	done("range: every range holds its maximal subtrees, also when built in batches");

	for (a = 0; a <= 40; a++)
		for (b = a; b <= 40; b++)
			for (c = b; c <= 40; c++)
			{
				ledger_range left;
				ledger_range right;
				ledger_range whole;

				range_of(&left, a, b);
				range_of(&right, b, c);
				range_of(&whole, a, c);
				expect(ledger_range_merge(&left, hasher, &right) && left.begin == a && left.end == c &&
						   memcmp(left.node, whole.node, 32 * ledger_range_nodes(&whole)) == 0,
					   "[%u, %u) and [%u, %u)", a, b, b, c);
				if (b < c)
				{
					ledger_range gap;

					range_of(&left, a, b);
					range_of(&gap, b + 1, c);
					expect(!ledger_range_merge(&left, hasher, &gap), "a gap at %u", b);
				}
			}
	done("range: adjacent ranges merge into the range of a single pass, others are refused");
}

static void
test_inclusion(void)
{
	unsigned	n;
	unsigned	m;

	for (n = 1; n <= MAX_LEAVES; n++)
		for (m = 0; m < n; m++)
		{
			ledger_digest path[LEDGER_PROOF_MAX];
			ledger_digest want[LEDGER_PROOF_MAX];
			ledger_digest root;
			size_t		npath;
			size_t		nwant = reference_path(m, 0, n, want);
			size_t		i;
			unsigned	bit;

			reference_root(0, n, root);
			expect(ledger_inclusion_prove(hasher, m, n, node_source, &n, path, &npath) == LEDGER_OK &&
					   npath == nwant && memcmp(path, want, 32 * nwant) == 0,
				   "path of %u in %u", m, n);
			expect(ledger_inclusion_verify(hasher, leaves[m], m, n, path, npath, root) == LEDGER_OK,
				   "check of %u in %u", m, n);
			/* each bit of path, leaf and root counts */
			for (i = 0; i < npath; i++)
				for (bit = 0; bit < 256; bit++)
				{
					path[i][bit / 8] ^= (uint8_t) (1 << bit % 8);
					expect(ledger_inclusion_verify(hasher, leaves[m], m, n, path, npath, root) ==
							   LEDGER_BAD_ROOT,
						   "bit %u of hash %zu, %u in %u", bit, i, m, n);
					path[i][bit / 8] ^= (uint8_t) (1 << bit % 8);
				}
			for (bit = 0; bit < 256; bit++)
			{
				leaves[m][bit / 8] ^= (uint8_t) (1 << bit % 8);
				expect(ledger_inclusion_verify(hasher, leaves[m], m, n, path, npath, root) == LEDGER_BAD_ROOT,
					   "bit %u of the leaf", bit);
				leaves[m][bit / 8] ^= (uint8_t) (1 << bit % 8);
				root[bit / 8] ^= (uint8_t) (1 << bit % 8);
				expect(ledger_inclusion_verify(hasher, leaves[m], m, n, path, npath, root) == LEDGER_BAD_ROOT,
					   "bit %u of the root", bit);
				root[bit / 8] ^= (uint8_t) (1 << bit % 8);
			}
			/* nor does it hold with a hash more or less, or for another leaf */
			memset(path[npath], 0, 32);
			expect(ledger_inclusion_verify(hasher, leaves[m], m, n, path, npath + 1, root) == LEDGER_BAD_ROOT,
				   "one more hash");
			if (npath > 0)
				expect(ledger_inclusion_verify(hasher, leaves[m], m, n, path, npath - 1, root) ==
						   LEDGER_BAD_ROOT,
					   "one hash less");
			for (i = 0; i < n; i++)
				if (i != m)
					expect(ledger_inclusion_verify(hasher, leaves[m], i, n, path, npath, root) ==
							   LEDGER_BAD_ROOT,
						   "leaf %u shown at %zu in %u", m, i, n);
		}
	done("inclusion: every proof of every size holds, and no single bit of it may change");

	{
		ledger_digest path[LEDGER_PROOF_MAX];
		ledger_digest root;
		size_t		npath;
		int			answers;

		n = 5;
		expect(ledger_inclusion_prove(hasher, 5, 5, node_source, &n, path, &npath) == LEDGER_BAD_VALUE,
			   "leaf 5 of 5");
		expect(ledger_inclusion_prove(hasher, 0, 0, node_source, &n, path, &npath) == LEDGER_BAD_VALUE,
			   "a leaf of an empty tree");
		expect(ledger_inclusion_prove(hasher, 0, (uint64_t) 1 << 63, node_source, &n, path, &npath) ==
				   LEDGER_TOO_LARGE,
			   "2^63 leaves");
		expect(ledger_inclusion_root(hasher, leaves[0], 5, 5, path, 0, root) == LEDGER_BAD_VALUE,
			   "check of leaf 5 of 5");
		expect(ledger_inclusion_root(hasher, leaves[0], 0, (uint64_t) 1 << 63, path, 0, root) ==
				   LEDGER_TOO_LARGE,
			   "check in 2^63 leaves");
		/* a path that is too long or too short says so itself, whatever it leads to */
		for (n = 1; n <= 9; n++)
		{
			expect(ledger_inclusion_prove(hasher, n - 1, n, node_source, &n, path, &npath) == LEDGER_OK,
				   "prove");
			memset(path[npath], 0, sizeof(path[npath]));
			expect(ledger_inclusion_root(hasher, leaves[n - 1], n - 1, n, (const ledger_digest *) path,
										 npath + 1, root) == LEDGER_BAD_ROOT,
				   "a hash more in %u", n);
			if (npath > 0)
				expect(ledger_inclusion_root(hasher, leaves[n - 1], n - 1, n, (const ledger_digest *) path,
											 npath - 1, root) == LEDGER_BAD_ROOT,
					   "a hash less in %u", n);
		}
		for (answers = 0; answers < 3; answers++)
		{
			int			left = answers;

			expect(ledger_inclusion_prove(hasher, 0, 8, failing_source, &left, path, &npath) ==
					   LEDGER_NO_HASH,
				   "source fails after %d", answers);
		}
	}
	done("inclusion: positions outside of the tree and failing sources are refused");
}

static void
test_consistency(void)
{
	unsigned	m;
	unsigned	n;

	for (n = 0; n <= MAX_LEAVES; n++)
		for (m = 0; m <= n; m++)
		{
			ledger_digest path[LEDGER_PROOF_MAX];
			ledger_digest want[LEDGER_PROOF_MAX];
			ledger_digest old_root;
			ledger_digest new_root;
			size_t		npath;
			size_t		nwant = m == 0 ? 0 : reference_subproof(m, 0, n, true, want);
			size_t		i;
			unsigned	bit;

			reference_root(0, m, old_root);
			reference_root(0, n, new_root);
			expect(ledger_consistency_prove(hasher, m, n, node_source, &n, path, &npath) == LEDGER_OK &&
					   npath == nwant && memcmp(path, want, 32 * nwant) == 0,
				   "proof from %u to %u", m, n);
			expect(ledger_consistency_verify(hasher, m, n, old_root, new_root, path, npath) == LEDGER_OK,
				   "check from %u to %u", m, n);
			for (i = 0; i < npath; i++)
				for (bit = 0; bit < 256; bit++)
				{
					path[i][bit / 8] ^= (uint8_t) (1 << bit % 8);
					expect(ledger_consistency_verify(hasher, m, n, old_root, new_root, path, npath) ==
							   LEDGER_BAD_ROOT,
						   "bit %u of hash %zu from %u to %u", bit, i, m, n);
					path[i][bit / 8] ^= (uint8_t) (1 << bit % 8);
				}
			for (bit = 0; bit < 256; bit++)
			{
				old_root[bit / 8] ^= (uint8_t) (1 << bit % 8);
				expect(ledger_consistency_verify(hasher, m, n, old_root, new_root, path, npath) ==
						   LEDGER_BAD_ROOT,
					   "bit %u of the old root from %u to %u", bit, m, n);
				old_root[bit / 8] ^= (uint8_t) (1 << bit % 8);
				/* every tree contains the empty one, so that new root says nothing */
				if (m == 0 && n > 0)
					continue;
				new_root[bit / 8] ^= (uint8_t) (1 << bit % 8);
				expect(ledger_consistency_verify(hasher, m, n, old_root, new_root, path, npath) ==
						   LEDGER_BAD_ROOT,
					   "bit %u of the new root from %u to %u", bit, m, n);
				new_root[bit / 8] ^= (uint8_t) (1 << bit % 8);
			}
			memset(path[npath], 0, 32);
			expect(ledger_consistency_verify(hasher, m, n, old_root, new_root, path, npath + 1) ==
					   LEDGER_BAD_ROOT,
				   "one more hash from %u to %u", m, n);
			if (npath > 0)
				expect(ledger_consistency_verify(hasher, m, n, old_root, new_root, path, npath - 1) ==
						   LEDGER_BAD_ROOT,
					   "one hash less from %u to %u", m, n);
		}
	done("consistency: every proof between all sizes holds, and no single bit of it may change");

	{
		ledger_digest path[LEDGER_PROOF_MAX];
		size_t		npath;

		n = 5;
		expect(ledger_consistency_prove(hasher, 6, 5, node_source, &n, path, &npath) == LEDGER_BAD_VALUE,
			   "from 6 to 5");
		expect(ledger_consistency_verify(hasher, 6, 5, leaves[0], leaves[0], path, 0) == LEDGER_BAD_VALUE,
			   "check from 6 to 5");
		expect(ledger_consistency_prove(hasher, 6, (uint64_t) 1 << 63, node_source, &n, path, &npath) ==
				   LEDGER_TOO_LARGE,
			   "to 2^63");
		expect(ledger_consistency_verify(hasher, 6, (uint64_t) 1 << 63, leaves[0], leaves[0], path, 0) ==
				   LEDGER_TOO_LARGE,
			   "check to 2^63");
	}
	{
		ledger_digest path[LEDGER_PROOF_MAX];
		ledger_digest root;
		size_t		npath;
		int			answers;

		/* from 3 to 7: [2,3), [3,4), [0,2), [4,7), the last of two subtrees */
		for (answers = 0; answers < 5; answers++)
		{
			int			left = answers;

			expect(ledger_consistency_prove(hasher, 3, 7, failing_source, &left, path, &npath) ==
					   LEDGER_NO_HASH,
				   "source fails after %d", answers);
		}
		answers = 5;
		expect(ledger_consistency_prove(hasher, 3, 7, failing_source, &answers, path, &npath) == LEDGER_OK &&
				   npath == 4,
			   "source that answers five times");
		answers = 2;
		expect(ledger_tree_root(hasher, 7, failing_source, &answers, root) == LEDGER_NO_HASH, "root of 7");
		expect(ledger_tree_root(hasher, (uint64_t) 1 << 63, failing_source, &answers, root) ==
				   LEDGER_TOO_LARGE,
			   "root of 2^63");
	}
	done("consistency: impossible sizes and failing sources are refused");
}

/* Subtrees of a tree far larger than memory: hash of (level, index) is a function of both. */
static bool
synthetic_node(unsigned level, uint64_t index, uint8_t *out)
{
	if (level == 0)
	{
		uint8_t		in[9] = {0};

		ledger_put_u64(in + 1, index);
		return ledger_hash(hasher, in, sizeof(in), out);
	}
	/* not a real tree below level 1: only the path's own nodes must agree */
	{
		uint8_t		in[17] = {2};

		ledger_put_u64(in + 1, level);
		ledger_put_u64(in + 9, index);
		return ledger_hash(hasher, in, sizeof(in), out);
	}
}

struct overlay
{
	uint64_t	size;
	uint64_t	index;			/* the leaf whose ancestors are computed */
};

static bool
overlay_source(void *arg, unsigned level, uint64_t index, uint8_t *out)
{
	struct overlay *o = (struct overlay *) arg;

	expect(((index + 1) << level) <= o->size, "subtree (%u, %llu) outside", level,
		   (unsigned long long) index);
	if (level == 0 || index != o->index >> level)
		return synthetic_node(level, index, out);
	{
		ledger_digest left;
		ledger_digest right;

		return overlay_source(arg, level - 1, 2 * index, left) &&
			overlay_source(arg, level - 1, 2 * index + 1, right) &&
			ledger_hash_node(hasher, left, right, out);
	}
}

static void
test_huge(void)
{
	uint64_t	state = 7;
	int			i;

	for (i = 0; i < 2000; i++)
	{
		struct overlay o;
		ledger_digest path[LEDGER_PROOF_MAX];
		ledger_digest leaf;
		ledger_digest root;
		size_t		npath;

		o.size = (next_random(&state) >> (1 + next_random(&state) % 62));
		if (o.size == 0)
			o.size = (((uint64_t) 1 << 63) - 1);
		o.index = next_random(&state) % o.size;
		synthetic_node(0, o.index, leaf);
		expect(ledger_inclusion_prove(hasher, o.index, o.size, overlay_source, &o, path, &npath) ==
					   LEDGER_OK &&
				   npath <= LEDGER_PROOF_MAX,
			   "proof");
		expect(ledger_tree_root(hasher, o.size, overlay_source, &o, root) == LEDGER_OK, "root");
		expect(ledger_inclusion_verify(hasher, leaf, o.index, o.size, path, npath, root) == LEDGER_OK,
			   "leaf %llu of %llu", (unsigned long long) o.index, (unsigned long long) o.size);
	}
	done("inclusion: trees of up to 2^63 - 1 leaves");
}

static void
test_tiles(void)
{
	uint64_t	state = 3;
	int			i;
	ledger_digest tile[LEDGER_TILE_WIDTH];
	ledger_digest got;
	ledger_digest want;
	ledger_tile_place place;
	static const struct
	{
		unsigned	level;
		uint64_t	index;
		unsigned	width;
		const char *path;
	}			paths[] = {
		{0, 0, 0, "tile/0/000"},
		{0, 0, 1, "tile/0/000.p/1"},
		{0, 999, 0, "tile/0/999"},
		{3, 1000, 256, "tile/3/x001/000"},
		{0, 1234067, 0, "tile/0/x001/x234/067"},
		{0, 1234067, 255, "tile/0/x001/x234/067.p/255"},
		{7, UINT64_C(18446744073709551615), 8, "tile/7/x018/x446/x744/x073/x709/x551/615.p/8"},
	};
	size_t		k;

	for (k = 0; k < sizeof(paths) / sizeof(paths[0]); k++)
	{
		char		buf[128];
		ledger_writer w;

		ledger_writer_init(&w, buf, sizeof(buf));
		ledger_tile_path(&w, paths[k].level, paths[k].index, paths[k].width);
		expect(w.len == strlen(paths[k].path) && memcmp(buf, paths[k].path, w.len) == 0, "%.*s, not %s",
			   (int) w.len, buf, paths[k].path);
	}
	done("tiles: C2SP paths");

	/* a tile of the leaves' level: each of its subtrees against the definition */
	for (i = 0; i < LEDGER_TILE_WIDTH; i++)
		random_bytes(&state, tile[i], 32);
	for (i = 0; i < 8; i++)
	{
		unsigned	index;

		for (index = 0; index < 256u >> i; index++)
		{
			ledger_range r;
			unsigned	l;

			ledger_tile_find((unsigned) i, index + (3u << (8 - i)), &place);
			expect(place.tile_level == 0 && place.tile_index == 3 && place.offset == index << i &&
					   place.width == 1u << i,
				   "place of (%d, %u)", i, index);
			ledger_range_init(&r, 0);
			for (l = 0; l < place.width; l++)
				ledger_range_append(&r, hasher, tile[place.offset + l]);
			ledger_range_root(&r, hasher, want);
			expect(ledger_tile_node(hasher, &place, (uint8_t *) tile, 256, got) && memcmp(got, want, 32) == 0,
				   "hash of (%d, %u)", i, index);
			expect(!ledger_tile_node(hasher, &place, (uint8_t *) tile, place.offset + place.width - 1, got),
				   "a partial tile that ends before (%d, %u)", i, index);
		}
	}
	{
		ledger_tile_place odd = {0, 0, 0, 3};
		static ledger_digest more[LEDGER_TILE_WIDTH + 1];

		expect(!ledger_tile_node(hasher, &odd, (uint8_t *) tile, 256, got),
			   "a width that is no power of two");
		odd.width = 0;
		expect(!ledger_tile_node(hasher, &odd, (uint8_t *) tile, 256, got), "no width");
		odd.width = 256;
		expect(!ledger_tile_node(hasher, &odd, (uint8_t *) tile, 256, got), "a width of a whole tile");
		odd.width = 1;
		expect(!ledger_tile_node(hasher, &odd, (uint8_t *) more, 257, got), "a tile of 257 hashes");
		odd.offset = 257;
		expect(!ledger_tile_node(hasher, &odd, (uint8_t *) tile, 256, got), "an offset past the tile");
	}
	{
		ledger_range whole;

		ledger_range_init(&whole, 0);
		for (i = 0; i < 256; i++)
			ledger_range_append(&whole, hasher, tile[i]);
		ledger_range_root(&whole, hasher, want);
		expect(ledger_tile_root(hasher, (uint8_t *) tile, got) && memcmp(got, want, 32) == 0,
			   "root of a full tile");
	}
	ledger_tile_find(17, 5, &place);
	expect(place.tile_level == 2 && place.tile_index == 0 && place.offset == 10 && place.width == 2,
		   "place of (17, 5)");
	done("tiles: the place and hash of every subtree of a tile");

	check(ledger_tile_count(0, 0) == 0 && ledger_tile_partial(0, 0) == 0 && ledger_tile_count(255, 0) == 0 &&
			  ledger_tile_partial(255, 0) == 255 && ledger_tile_count(256, 0) == 1 &&
			  ledger_tile_partial(256, 0) == 0 && ledger_tile_partial(256, 1) == 1 &&
			  ledger_tile_count(65536 * 3 + 5, 1) == 3 && ledger_tile_partial(65536 * 3 + 5, 1) == 0 &&
			  ledger_tile_partial(65536 * 3 + 5, 2) == 3 && ledger_tile_count(UINT64_MAX, 7) == 0 &&
			  ledger_tile_partial(UINT64_MAX, 7) == 255 && ledger_tile_partial(UINT64_MAX, 8) == 0,
		  "tiles: numbers of full tiles and widths of partial ones");
}

int
main(void)
{
	static const ledger_suite suites[] = {LEDGER_SUITE_STD, LEDGER_SUITE_GM};
	uint64_t	state = 1;
	size_t		i;

	for (i = 0; i < MAX_LEAVES; i++)
		random_bytes(&state, leaves[i], 32);
	for (i = 0; i < 2; i++)
	{
		hasher = ledger_hasher_new(suites[i]);
		if (!check(hasher != NULL, "suite %s", ledger_suite_name(suites[i])))
			break;
		test_frontier();
		test_frontier_many();
		test_frontier_complete();
		test_frontier_subtrees();
		test_full();
		test_range();
		/* the mutations are the same arithmetic under either hash */
		if (suites[i] == LEDGER_SUITE_STD)
		{
			test_inclusion();
			test_consistency();
			test_huge();
		}
		test_tiles();
		ledger_hasher_free(hasher);
	}
	return finish();
}
