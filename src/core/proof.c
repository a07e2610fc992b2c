/*
 * core/proof.c
 *		Inclusion and consistency proofs, RFC 9162 sections 2.1.3 and 2.1.4.
 *
 * Proofs are made from the root down, each step splitting the range at the
 * largest power of two below its length, and reversed at the end. Only the right
 * edge of a tree has subtrees that are not perfect; those are folded from
 * perfect ones.
 */
#include "core/merkle.h"

#include <string.h>

#define MAX_SIZE ((uint64_t) 1 << LEDGER_MERKLE_MAX_LEVEL)

/* The largest power of two below n, n > 1. */
static uint64_t
split(uint64_t n)
{
	return (uint64_t) 1 << (63 - __builtin_clzll(n - 1));
}

/* Root of the leaves [begin, end), not empty, begin aligned to the power of two at or above its length. */
static bool
range_root(ledger_hasher *h, uint64_t begin, uint64_t end, ledger_node_source source, void *arg,
		   uint8_t *root)
{
	uint64_t	at = end;
	bool		have = false;

	/* from the smallest subtree, at the right, to the largest */
	while (at > begin)
	{
		unsigned	level = (unsigned) __builtin_ctzll(at - begin);
		ledger_digest node;

		at -= (uint64_t) 1 << level;
		if (!source(arg, level, at >> level, node))
			return false;
		if (!have)
			memcpy(root, node, sizeof(node));
		else if (!ledger_hash_node(h, node, root, root))
			return false;
		have = true;
	}
	return true;
}

static void
reverse(ledger_digest *path, size_t n)
{
	size_t		i;

	for (i = 0; i < n / 2; i++)
	{
		ledger_digest t;

		memcpy(t, path[i], sizeof(t));
		memcpy(path[i], path[n - 1 - i], sizeof(t));
		memcpy(path[n - 1 - i], t, sizeof(t));
	}
}

ledger_status
ledger_tree_root(ledger_hasher *h, uint64_t size, ledger_node_source source, void *arg, uint8_t *root)
{
	if (size >= MAX_SIZE)
		return LEDGER_TOO_LARGE;
	if (size == 0)
		return ledger_hash(h, "", 0, root) ? LEDGER_OK : LEDGER_NO_HASH;
	return range_root(h, 0, size, source, arg, root) ? LEDGER_OK : LEDGER_NO_HASH;
}

ledger_status
ledger_inclusion_prove(ledger_hasher *h, uint64_t index, uint64_t size, ledger_node_source source, void *arg,
					   ledger_digest *path, size_t *npath)
{
	uint64_t	begin = 0;
	uint64_t	end = size;
	size_t		n = 0;

	*npath = 0;
	if (size >= MAX_SIZE)
		return LEDGER_TOO_LARGE;
	if (index >= size)
		return LEDGER_BAD_VALUE;
	while (end - begin > 1)
	{
		uint64_t	middle = begin + split(end - begin);
		bool		right = index >= middle;

		if (!range_root(h, right ? begin : middle, right ? middle : end, source, arg, path[n++]))
			return LEDGER_NO_HASH;
		if (right)
			begin = middle;
		else
			end = middle;
	}
	reverse(path, n);
	*npath = n;
	return LEDGER_OK;
}

ledger_status
ledger_inclusion_root(ledger_hasher *h, const uint8_t *leaf, uint64_t index, uint64_t size,
					  const ledger_digest *path, size_t npath, uint8_t *root)
{
	uint64_t	fn = index;
	uint64_t	sn;
	ledger_digest sum;
	size_t		i;

	if (size >= MAX_SIZE)
		return LEDGER_TOO_LARGE;
	if (index >= size)
		return LEDGER_BAD_VALUE;
	sn = size - 1;
	memcpy(sum, leaf, sizeof(sum));
	for (i = 0; i < npath; i++)
	{
		if (sn == 0)
			return LEDGER_BAD_ROOT;
		if ((fn & 1) != 0 || fn == sn)
		{
			if (!ledger_hash_node(h, path[i], sum, sum))
				return LEDGER_NO_HASH;
			while ((fn & 1) == 0 && fn != 0)
			{
				fn >>= 1;
				sn >>= 1;
			}
		}
		else if (!ledger_hash_node(h, sum, path[i], sum))
			return LEDGER_NO_HASH;
		fn >>= 1;
		sn >>= 1;
	}
	if (sn != 0)
		return LEDGER_BAD_ROOT;
	memcpy(root, sum, sizeof(sum));
	return LEDGER_OK;
}

ledger_status
ledger_inclusion_verify(ledger_hasher *h, const uint8_t *leaf, uint64_t index, uint64_t size,
						const ledger_digest *path, size_t npath, const uint8_t *root)
{
	ledger_digest computed;
	ledger_status status = ledger_inclusion_root(h, leaf, index, size, path, npath, computed);

	if (status != LEDGER_OK)
		return status;
	return memcmp(computed, root, sizeof(computed)) == 0 ? LEDGER_OK : LEDGER_BAD_ROOT;
}

ledger_status
ledger_consistency_prove(ledger_hasher *h, uint64_t from, uint64_t to, ledger_node_source source, void *arg,
						 ledger_digest *path, size_t *npath)
{
	uint64_t	begin = 0;
	uint64_t	end = to;
	size_t		n = 0;

	*npath = 0;
	if (to >= MAX_SIZE)
		return LEDGER_TOO_LARGE;
	if (from > to)
		return LEDGER_BAD_VALUE;
	if (from == 0 || from == to)
		return LEDGER_OK;
	/* SUBPROOF(from, D[to], true); begin > 0 is the case b = false */
	while (from != end)
	{
		uint64_t	middle = begin + split(end - begin);
		bool		right = from > middle;

		if (!range_root(h, right ? begin : middle, right ? middle : end, source, arg, path[n++]))
			return LEDGER_NO_HASH;
		if (right)
			begin = middle;
		else
			end = middle;
	}
	/* a reader who has the old root need not be told it */
	if (begin > 0 && !range_root(h, begin, end, source, arg, path[n++]))
		return LEDGER_NO_HASH;
	reverse(path, n);
	*npath = n;
	return LEDGER_OK;
}

ledger_status
ledger_consistency_verify(ledger_hasher *h, uint64_t from, uint64_t to, const uint8_t *from_root,
						  const uint8_t *to_root, const ledger_digest *path, size_t npath)
{
	uint64_t	fn;
	uint64_t	sn;
	ledger_digest fr;
	ledger_digest sr;
	size_t		i = 0;

	if (to >= MAX_SIZE)
		return LEDGER_TOO_LARGE;
	if (from > to)
		return LEDGER_BAD_VALUE;
	if (from == 0)
	{
		if (!ledger_hash(h, "", 0, fr))
			return LEDGER_NO_HASH;
		if (npath != 0 || memcmp(fr, from_root, sizeof(fr)) != 0)
			return LEDGER_BAD_ROOT;
		if (to == 0 && memcmp(fr, to_root, sizeof(fr)) != 0)
			return LEDGER_BAD_ROOT;
		return LEDGER_OK;
	}
	if (from == to)
		return npath == 0 && memcmp(from_root, to_root, sizeof(fr)) == 0 ? LEDGER_OK : LEDGER_BAD_ROOT;

	fn = from - 1;
	sn = to - 1;
	while (fn & 1)
	{
		fn >>= 1;
		sn >>= 1;
	}
	if (fn == 0)				/* from is a power of two: the path starts at the old root */
		memcpy(fr, from_root, sizeof(fr));
	else
	{
		if (npath == 0)
			return LEDGER_BAD_ROOT;
		memcpy(fr, path[i++], sizeof(fr));
	}
	memcpy(sr, fr, sizeof(sr));
	for (; i < npath; i++)
	{
		if (sn == 0)
			return LEDGER_BAD_ROOT;
		if ((fn & 1) != 0 || fn == sn)
		{
			if (!ledger_hash_node(h, path[i], fr, fr) || !ledger_hash_node(h, path[i], sr, sr))
				return LEDGER_NO_HASH;
			while ((fn & 1) == 0 && fn != 0)
			{
				fn >>= 1;
				sn >>= 1;
			}
		}
		else if (!ledger_hash_node(h, sr, path[i], sr))
			return LEDGER_NO_HASH;
		fn >>= 1;
		sn >>= 1;
	}
	if (sn != 0 || memcmp(fr, from_root, sizeof(fr)) != 0 || memcmp(sr, to_root, sizeof(sr)) != 0)
		return LEDGER_BAD_ROOT;
	return LEDGER_OK;
}
