/*
 * core/block.h
 *		Blocks and what they commit to, docs/format.md section 5.
 */
#ifndef LEDGER_CORE_BLOCK_H
#define LEDGER_CORE_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/identity.h"
#include "core/merkle.h"
#include "crypto/hash.h"

#define LEDGER_BLOCK_LEN 248

typedef struct ledger_block
{
	uint8_t		chain_id[LEDGER_ID_LEN];
	uint64_t	epoch;
	uint64_t	height;
	uint8_t		prev_hash[LEDGER_HASH_LEN];
	uint64_t	first_leaf;
	uint32_t	n;				/* leaves, at least 1 */
	uint8_t		log_root[LEDGER_HASH_LEN];	/* after the block's leaves */
	uint8_t		results_root[LEDGER_HASH_LEN];
	uint8_t		body_hash[LEDGER_HASH_LEN];
	uint8_t		members_hash[LEDGER_HASH_LEN];
	uint8_t		next_members_hash[LEDGER_HASH_LEN];
	int64_t		sealed_at;		/* microseconds since 2000-01-01 UTC */
	uint16_t	proposer;
} ledger_block;

extern void ledger_block_put(uint8_t out[LEDGER_BLOCK_LEN], const ledger_block *b);

/* Checks length, n, the zeros of block 0 and that leaf numbers do not wrap. */
extern ledger_status ledger_block_parse(const void *data, size_t len, ledger_block *b);

/* H(02 || block), of the LEDGER_BLOCK_LEN encoded bytes. */
extern bool ledger_block_hash(ledger_hasher *h, const uint8_t *block, uint8_t *hash);

/*
 * Whether next follows prev: chain, height, hash, leaf numbers and member list.
 * prev_hash is the hash of prev. LEDGER_OK or LEDGER_BAD_LINK.
 */
extern ledger_status ledger_block_follows(const ledger_block *prev, const uint8_t *prev_hash,
										  const ledger_block *next);

/* ---- results ---------------------------------------------------------------- */

/* H(00 || 'V' || 01 || log leaf || verdict u16 || reason bytes) */
extern bool ledger_verdict_leaf(ledger_hasher *h, const uint8_t *log_leaf, uint16_t verdict,
								const void *reason, size_t len, uint8_t *leaf);

/* The results root of n leaves that were all accepted: verdict 0, empty reason. */
extern bool ledger_results_root(ledger_hasher *h, const ledger_digest *log_leaves, size_t n, uint8_t *root);

/* ---- body ------------------------------------------------------------------- */

typedef struct ledger_batch
{
	uint16_t	origin;
	uint64_t	lane;
	uint8_t		batch_hash[LEDGER_HASH_LEN];
	ledger_slice signature;
} ledger_batch;

/* All three lists are empty on a chain of one. */
typedef struct ledger_block_body
{
	uint32_t	nbatches;
	const ledger_batch *batches;
	uint32_t	nevidence;
	const ledger_slice *evidence;
	uint32_t	nrejected;
	const ledger_slice *rejected;
} ledger_block_body;

/* H(04 || 'Y' || 01 || body) */
extern bool ledger_body_hash(ledger_hasher *h, const ledger_block_body *body, uint8_t *hash);

/* ---- members ---------------------------------------------------------------- */

typedef struct ledger_member
{
	uint16_t	index;
	ledger_slice name;
	uint32_t	weight;
	ledger_slice sign_key;		/* SPKI, empty when missing */
	ledger_slice encrypt_key;
	ledger_slice tls_key;
} ledger_member;

/* H(05 || 'M' || 01 || n u16 || members). LEDGER_BAD_ORDER unless index ascends strictly, LEDGER_NO_HASH. */
extern ledger_status ledger_members_hash(ledger_hasher *h, const ledger_member *members, uint16_t n,
										 uint8_t *hash);

#endif							/* LEDGER_CORE_BLOCK_H */
