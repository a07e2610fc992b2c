/*
 * core/merkle.c
 *		Trees that grow: the frontier and the compact range.
 *
 * Both keep the maximal perfect subtrees from left to right. A new subtree at
 * position p of level l joins its left neighbour exactly when p is odd and the
 * neighbour lies within the range; the neighbour is then the last hash kept,
 * because no larger subtree can end there.
 */
#include "core/merkle.h"

#include <string.h>

#define MAX_COUNT ((uint64_t) 1 << LEDGER_MERKLE_MAX_LEVEL)

static unsigned
bits_set(uint64_t v)
{
	return (unsigned) __builtin_popcountll(v);
}

/* ---- frontier ------------------------------------------------------------- */

void
ledger_frontier_init(ledger_frontier *f)
{
	f->count = 0;
}

unsigned
ledger_frontier_nodes(const ledger_frontier *f)
{
	return bits_set(f->count);
}

size_t
ledger_frontier_size(const ledger_frontier *f)
{
	return offsetof(ledger_frontier, node) + bits_set(f->count) * sizeof(ledger_digest);
}

bool
ledger_frontier_append_subtree(ledger_frontier *f, ledger_hasher *h, unsigned level, const uint8_t *root)
{
	unsigned	n = bits_set(f->count);
	uint64_t	leaves;
	uint64_t	position;
	ledger_digest sum;

	if (level >= LEDGER_MERKLE_MAX_LEVEL)
		return false;
	leaves = (uint64_t) 1 << level;
	if ((f->count & (leaves - 1)) != 0 || leaves > MAX_COUNT - 1 - f->count)
		return false;
	memcpy(sum, root, sizeof(sum));
	for (position = f->count >> level; position & 1; position >>= 1)
		if (!ledger_hash_node(h, f->node[--n], sum, sum))
			return false;
	memcpy(f->node[n], sum, sizeof(sum));
	f->count += leaves;
	return true;
}

bool
ledger_frontier_append(ledger_frontier *f, ledger_hasher *h, const uint8_t *leaf)
{
	return ledger_frontier_append_subtree(f, h, 0, leaf);
}

/*
 * Level by level: the first hash joins the last subtree kept if it is its right
 * sibling, the others join in pairs, and one that is left over is put aside. What
 * was put aside is the new right edge, its largest subtree last.
 */
bool
ledger_frontier_append_many(ledger_frontier *f, ledger_hasher *h, ledger_digest *leaves, size_t n)
{
	ledger_digest aside[LEDGER_MERKLE_MAX_LEVEL];
	unsigned	naside = 0;
	unsigned	kept = bits_set(f->count);
	uint64_t	position = f->count;
	size_t		m = n;

	if (n > MAX_COUNT - 1 - f->count)
		return false;
	while (m > 0)
	{
		size_t		first = position & 1;
		size_t		pairs = (m - first) / 2;

		if ((m - first) % 2 == 1)
			memcpy(aside[naside++], leaves[m - 1], sizeof(ledger_digest));
		if (first == 1 && !ledger_hash_node(h, f->node[--kept], leaves[0], leaves[0]))
			return false;
		if (pairs > 0 &&
			!ledger_hash_nodes_many(h, pairs, (const ledger_digest *) leaves + first, leaves + first))
			return false;
		m = first + pairs;
		position >>= 1;
	}
	while (naside > 0)
		memcpy(f->node[kept++], aside[--naside], sizeof(ledger_digest));
	f->count += n;
	return true;
}

/* What lies within the subtree is a frontier of its own, and its last hashes in f. */
bool
ledger_frontier_complete(ledger_frontier *f, ledger_hasher *h, unsigned level, ledger_digest *leaves,
						 size_t n, uint8_t *root)
{
	ledger_frontier part;

	if (level >= LEDGER_MERKLE_MAX_LEVEL)
		return false;
	part.count = f->count & (((uint64_t) 1 << level) - 1);
	if (n == 0 || n != ((uint64_t) 1 << level) - part.count)
		return false;
	memcpy(part.node, f->node[bits_set(f->count >> level)], bits_set(part.count) * sizeof(ledger_digest));
	if (!ledger_frontier_append_many(&part, h, leaves, n))
		return false;
	memcpy(root, part.node[0], sizeof(ledger_digest));
	f->count -= f->count & (((uint64_t) 1 << level) - 1);
	return ledger_frontier_append_subtree(f, h, level, root);
}

bool
ledger_frontier_root(const ledger_frontier *f, ledger_hasher *h, uint8_t *root)
{
	unsigned	n = bits_set(f->count);
	ledger_digest sum;

	if (n == 0)
		return ledger_hash(h, "", 0, root);
	memcpy(sum, f->node[--n], sizeof(sum));
	while (n > 0)
		if (!ledger_hash_node(h, f->node[--n], sum, sum))
			return false;
	memcpy(root, sum, sizeof(sum));
	return true;
}

ledger_status
ledger_frontier_load(ledger_frontier *f, uint64_t count, const uint8_t *hashes, size_t len)
{
	size_t		need = bits_set(count) * sizeof(ledger_digest);

	if (count >= MAX_COUNT)
		return LEDGER_TOO_LARGE;
	if (len != need)
		return len < need ? LEDGER_TRUNCATED : LEDGER_TRAILING;
	f->count = count;
	if (need > 0)
		memcpy(f->node, hashes, need);
	return LEDGER_OK;
}

/* ---- compact range -------------------------------------------------------- */

/* Level of the first maximal subtree of [begin, end), which is not empty. */
static unsigned
first_level(uint64_t begin, uint64_t end)
{
	unsigned	level = 63 - (unsigned) __builtin_clzll(end - begin);

	if (begin != 0 && (unsigned) __builtin_ctzll(begin) < level)
		level = (unsigned) __builtin_ctzll(begin);
	return level;
}

void
ledger_range_init(ledger_range *r, uint64_t begin)
{
	r->begin = begin;
	r->end = begin;
}

unsigned
ledger_range_nodes(const ledger_range *r)
{
	uint64_t	at = r->begin;
	unsigned	n = 0;

	/* subtrees grow while the start is the narrower bound, then they are the bits of the rest */
	while (at < r->end)
	{
		unsigned	level = first_level(at, r->end);

		if (at == 0 || (unsigned) __builtin_ctzll(at) > level)
			return n + bits_set(r->end - at);
		n++;
		at += (uint64_t) 1 << level;
	}
	return n;
}

size_t
ledger_range_size(const ledger_range *r)
{
	return offsetof(ledger_range, node) + ledger_range_nodes(r) * sizeof(ledger_digest);
}

bool
ledger_range_append_subtree(ledger_range *r, ledger_hasher *h, unsigned level, const uint8_t *root)
{
	unsigned	n = ledger_range_nodes(r);
	unsigned	l = level;
	uint64_t	leaves;
	uint64_t	position;
	ledger_digest sum;

	if (level >= LEDGER_MERKLE_MAX_LEVEL)
		return false;
	leaves = (uint64_t) 1 << level;
	if ((r->end & (leaves - 1)) != 0 || r->end >= MAX_COUNT || leaves > MAX_COUNT - 1 - r->end)
		return false;
	memcpy(sum, root, sizeof(sum));
	for (position = r->end >> level; (position & 1) && ((position - 1) << l) >= r->begin; position >>= 1, l++)
		if (!ledger_hash_node(h, r->node[--n], sum, sum))
			return false;
	memcpy(r->node[n], sum, sizeof(sum));
	r->end += leaves;
	return true;
}

bool
ledger_range_append(ledger_range *r, ledger_hasher *h, const uint8_t *leaf)
{
	return ledger_range_append_subtree(r, h, 0, leaf);
}

/*
 * As for the frontier, but the first hash of a level may be a right sibling
 * whose left neighbour is outside of the range: it then stays as it is.
 */
bool
ledger_range_append_many(ledger_range *r, ledger_hasher *h, ledger_digest *leaves, size_t n)
{
	ledger_digest aside[LEDGER_MERKLE_MAX_LEVEL];
	unsigned	naside = 0;
	unsigned	kept = ledger_range_nodes(r);
	unsigned	level = 0;
	uint64_t	position = r->end;
	ledger_digest *from = leaves;
	size_t		m = n;

	if (r->end >= MAX_COUNT || n > MAX_COUNT - 1 - r->end)
		return false;
	while (m > 0)
	{
		size_t		first = 0;
		size_t		pairs;

		if (position & 1)
		{
			if (((position - 1) << level) >= r->begin)
			{
				if (!ledger_hash_node(h, r->node[--kept], from[0], from[0]))
					return false;
				first = 1;
			}
			else
			{
				memcpy(r->node[kept++], from[0], sizeof(ledger_digest));
				from++;
				m--;
				position++;
			}
		}
		pairs = (m - first) / 2;
		if ((m - first) % 2 == 1)
			memcpy(aside[naside++], from[m - 1], sizeof(ledger_digest));
		if (pairs > 0 &&
			!ledger_hash_nodes_many(h, pairs, (const ledger_digest *) from + first, from + first))
			return false;
		m = first + pairs;
		position >>= 1;
		level++;
	}
	while (naside > 0)
		memcpy(r->node[kept++], aside[--naside], sizeof(ledger_digest));
	r->end += n;
	return true;
}

bool
ledger_range_merge(ledger_range *left, ledger_hasher *h, const ledger_range *right)
{
	uint64_t	at = right->begin;
	unsigned	n = 0;

	if (left->end != right->begin || right->end >= MAX_COUNT)
		return false;
	while (at < right->end)
	{
		unsigned	level = first_level(at, right->end);

		if (!ledger_range_append_subtree(left, h, level, right->node[n++]))
			return false;
		at += (uint64_t) 1 << level;
	}
	return true;
}

bool
ledger_range_root(const ledger_range *r, ledger_hasher *h, uint8_t *root)
{
	unsigned	n = ledger_range_nodes(r);
	ledger_digest sum;

	if (r->begin != 0)
		return false;
	if (n == 0)
		return ledger_hash(h, "", 0, root);
	memcpy(sum, r->node[--n], sizeof(sum));
	while (n > 0)
		if (!ledger_hash_node(h, r->node[--n], sum, sum))
			return false;
	memcpy(root, sum, sizeof(sum));
	return true;
}
