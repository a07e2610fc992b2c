/*
 * core/block.c
 *		Blocks.
 *
 * Bytes of a block (docs/format.md section 5):
 *
 *		  0	'B' 01
 *		  2	chain_id			16
 *		 18	epoch				u64
 *		 26	height				u64
 *		 34	prev_hash			32
 *		 66	first_leaf			u64
 *		 74	n					u32
 *		 78	log_root			32
 *		110	results_root		32
 *		142	body_hash			32
 *		174	members_hash		32
 *		206	next_members_hash	32
 *		238	sealed_at			i64
 *		246	proposer			u16
 */
#include "core/block.h"

void
ledger_block_put(uint8_t out[LEDGER_BLOCK_LEN], const ledger_block *b)
{
	out[0] = 'B';
	out[1] = 1;
	memcpy(out + 2, b->chain_id, LEDGER_ID_LEN);
	ledger_put_u64(out + 18, b->epoch);
	ledger_put_u64(out + 26, b->height);
	memcpy(out + 34, b->prev_hash, LEDGER_HASH_LEN);
	ledger_put_u64(out + 66, b->first_leaf);
	ledger_put_u32(out + 74, b->n);
	memcpy(out + 78, b->log_root, LEDGER_HASH_LEN);
	memcpy(out + 110, b->results_root, LEDGER_HASH_LEN);
	memcpy(out + 142, b->body_hash, LEDGER_HASH_LEN);
	memcpy(out + 174, b->members_hash, LEDGER_HASH_LEN);
	memcpy(out + 206, b->next_members_hash, LEDGER_HASH_LEN);
	ledger_put_u64(out + 238, (uint64_t) b->sealed_at);
	ledger_put_u16(out + 246, b->proposer);
}

ledger_status
ledger_block_parse(const void *data, size_t len, ledger_block *b)
{
	static const uint8_t zeros[LEDGER_HASH_LEN];
	const uint8_t *p = (const uint8_t *) data;

	if (len != LEDGER_BLOCK_LEN)
		return len < LEDGER_BLOCK_LEN ? LEDGER_TRUNCATED : LEDGER_TRAILING;
	if (p[0] != 'B' || p[1] != 1)
		return LEDGER_BAD_MAGIC;
	memcpy(b->chain_id, p + 2, LEDGER_ID_LEN);
	b->epoch = ledger_get_u64(p + 18);
	b->height = ledger_get_u64(p + 26);
	memcpy(b->prev_hash, p + 34, LEDGER_HASH_LEN);
	b->first_leaf = ledger_get_u64(p + 66);
	b->n = ledger_get_u32(p + 74);
	memcpy(b->log_root, p + 78, LEDGER_HASH_LEN);
	memcpy(b->results_root, p + 110, LEDGER_HASH_LEN);
	memcpy(b->body_hash, p + 142, LEDGER_HASH_LEN);
	memcpy(b->members_hash, p + 174, LEDGER_HASH_LEN);
	memcpy(b->next_members_hash, p + 206, LEDGER_HASH_LEN);
	b->sealed_at = (int64_t) ledger_get_u64(p + 238);
	b->proposer = ledger_get_u16(p + 246);
	if (b->n == 0 || b->first_leaf > UINT64_MAX - b->n ||
		(b->height == 0 && memcmp(b->prev_hash, zeros, sizeof(zeros)) != 0))
		return LEDGER_BAD_VALUE;
	return LEDGER_OK;
}

bool
ledger_block_hash(ledger_hasher *h, const uint8_t *block, uint8_t *hash)
{
	return ledger_hash_prefixed(h, 0x02, block, LEDGER_BLOCK_LEN, hash);
}

ledger_status
ledger_block_follows(const ledger_block *prev, const uint8_t *prev_hash, const ledger_block *next)
{
	if (memcmp(prev->chain_id, next->chain_id, LEDGER_ID_LEN) != 0 || prev->height == UINT64_MAX ||
		next->height != prev->height + 1 || memcmp(next->prev_hash, prev_hash, LEDGER_HASH_LEN) != 0 ||
		next->first_leaf != prev->first_leaf + prev->n ||
		memcmp(prev->next_members_hash, next->members_hash, LEDGER_HASH_LEN) != 0)
		return LEDGER_BAD_LINK;
	return LEDGER_OK;
}

/* ---- results ---------------------------------------------------------------- */

#define VERDICT_HEAD (2 + LEDGER_HASH_LEN + 2 + 4)

static void
put_verdict(uint8_t *out, const uint8_t *log_leaf, uint16_t verdict, size_t len)
{
	out[0] = 'V';
	out[1] = 1;
	memcpy(out + 2, log_leaf, LEDGER_HASH_LEN);
	ledger_put_u16(out + 2 + LEDGER_HASH_LEN, verdict);
	ledger_put_u32(out + 4 + LEDGER_HASH_LEN, (uint32_t) len);
}

bool
ledger_verdict_leaf(ledger_hasher *h, const uint8_t *log_leaf, uint16_t verdict, const void *reason,
					size_t len, uint8_t *leaf)
{
	uint8_t		head[1 + VERDICT_HEAD] = {0x00};

	if (len > UINT32_MAX)
		return false;
	put_verdict(head + 1, log_leaf, verdict, len);
	return ledger_hash_begin(h) && ledger_hash_update(h, head, sizeof(head)) &&
		ledger_hash_update(h, reason, len) && ledger_hash_final(h, leaf);
}

/* Batches keep the multi-buffer hash busy with a small stack. */
#define BATCH 64

bool
ledger_results_root(ledger_hasher *h, const ledger_digest *log_leaves, size_t n, uint8_t *root)
{
	uint8_t		bytes[BATCH][VERDICT_HEAD];
	const uint8_t *data[BATCH];
	size_t		len[BATCH];
	ledger_digest leaves[BATCH];
	ledger_frontier f;
	size_t		i;

	ledger_frontier_init(&f);
	while (n > 0)
	{
		size_t		m = n < BATCH ? n : BATCH;

		for (i = 0; i < m; i++)
		{
			put_verdict(bytes[i], log_leaves[i], 0, 0);
			data[i] = bytes[i];
			len[i] = VERDICT_HEAD;
		}
		if (!ledger_hash_prefixed_many(h, 0x00, m, data, len, leaves) ||
			!ledger_frontier_append_many(&f, h, leaves, m))
			return false;
		log_leaves += m;
		n -= m;
	}
	return ledger_frontier_root(&f, h, root);
}

/* ---- body and members ------------------------------------------------------- */

static bool
hash_u16(ledger_hasher *h, uint16_t v)
{
	uint8_t		b[2];

	ledger_put_u16(b, v);
	return ledger_hash_update(h, b, sizeof(b));
}

static bool
hash_u32(ledger_hasher *h, uint32_t v)
{
	uint8_t		b[4];

	ledger_put_u32(b, v);
	return ledger_hash_update(h, b, sizeof(b));
}

static bool
hash_slice(ledger_hasher *h, ledger_slice s)
{
	return s.len <= UINT32_MAX && hash_u32(h, (uint32_t) s.len) &&
		(s.len == 0 || ledger_hash_update(h, s.data, s.len));
}

static bool
hash_slices(ledger_hasher *h, const ledger_slice *slices, uint32_t n)
{
	uint32_t	i;

	if (!hash_u32(h, n))
		return false;
	for (i = 0; i < n; i++)
		if (!hash_slice(h, slices[i]))
			return false;
	return true;
}

static bool
hash_batch(ledger_hasher *h, const ledger_batch *b)
{
	uint8_t		head[2 + 8 + LEDGER_HASH_LEN];

	ledger_put_u16(head, b->origin);
	ledger_put_u64(head + 2, b->lane);
	memcpy(head + 10, b->batch_hash, LEDGER_HASH_LEN);
	return ledger_hash_update(h, head, sizeof(head)) && hash_slice(h, b->signature);
}

bool
ledger_body_hash(ledger_hasher *h, const ledger_block_body *body, uint8_t *hash)
{
	static const uint8_t head[3] = {0x04, 'Y', 1};
	uint32_t	i;

	if (!ledger_hash_begin(h) || !ledger_hash_update(h, head, sizeof(head)) || !hash_u32(h, body->nbatches))
		return false;
	for (i = 0; i < body->nbatches; i++)
		if (!hash_batch(h, &body->batches[i]))
			return false;
	return hash_slices(h, body->evidence, body->nevidence) &&
		hash_slices(h, body->rejected, body->nrejected) && ledger_hash_final(h, hash);
}

ledger_status
ledger_members_hash(ledger_hasher *h, const ledger_member *members, uint16_t n, uint8_t *hash)
{
	static const uint8_t head[3] = {0x05, 'M', 1};
	unsigned	i;

	for (i = 1; i < n; i++)
		if (members[i].index <= members[i - 1].index)
			return LEDGER_BAD_ORDER;
	if (!ledger_hash_begin(h) || !ledger_hash_update(h, head, sizeof(head)) || !hash_u16(h, n))
		return LEDGER_NO_HASH;
	for (i = 0; i < n; i++)
		if (!hash_u16(h, members[i].index) || !hash_slice(h, members[i].name) ||
			!hash_u32(h, members[i].weight) || !hash_slice(h, members[i].sign_key) ||
			!hash_slice(h, members[i].encrypt_key) || !hash_slice(h, members[i].tls_key))
			return LEDGER_NO_HASH;
	return ledger_hash_final(h, hash) ? LEDGER_OK : LEDGER_NO_HASH;
}
