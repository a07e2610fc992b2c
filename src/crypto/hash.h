/*
 * crypto/hash.h
 *		Digests of the suite: SHA-256 (FIPS 180-4) or SM3 (GM/T 0004).
 *
 * A hasher owns a digest context that is used again for every message. It is
 * not shared between threads. Every function returns false only when libcrypto
 * refuses, or when a streamed message is finished that was never begun; out is
 * then not to be used.
 */
#ifndef LEDGER_CRYPTO_HASH_H
#define LEDGER_CRYPTO_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/suite.h"

typedef struct ledger_hasher ledger_hasher;

/* NULL when out of memory or when libcrypto lacks the digest. The caller frees it. */
extern ledger_hasher *ledger_hasher_new(ledger_suite suite);
extern void ledger_hasher_free(ledger_hasher *h);
extern ledger_suite ledger_hasher_suite(const ledger_hasher *h);

/* A message in pieces. begin abandons an unfinished one. */
extern bool ledger_hash_begin(ledger_hasher *h);
extern bool ledger_hash_update(ledger_hasher *h, const void *data, size_t len);
extern bool ledger_hash_final(ledger_hasher *h, uint8_t out[LEDGER_HASH_LEN]);

/* out = H(data). A message in pieces that is under way is not touched. */
extern bool ledger_hash(ledger_hasher *h, const void *data, size_t len, uint8_t out[LEDGER_HASH_LEN]);

/* out = H(prefix || data) */
extern bool ledger_hash_prefixed(ledger_hasher *h, uint8_t prefix, const void *data, size_t len,
								 uint8_t out[LEDGER_HASH_LEN]);

/* out = H(01 || left || right), the inner node of RFC 6962; out may be left or right. */
extern bool ledger_hash_node(ledger_hasher *h, const uint8_t left[LEDGER_HASH_LEN],
							 const uint8_t right[LEDGER_HASH_LEN], uint8_t out[LEDGER_HASH_LEN]);

/*
 * out[i] = H(prefix || data[i]) for i < n. Messages of unlike lengths may be
 * mixed; the fastest way this machine has is chosen at run time. out does not
 * overlap the data.
 */
extern bool ledger_hash_prefixed_many(ledger_hasher *h, uint8_t prefix, size_t n, const uint8_t *const data[],
									  const size_t len[], uint8_t (*out)[LEDGER_HASH_LEN]);

/*
 * out[i] = H(01 || pairs[2i] || pairs[2i + 1]) for i < n; pairs holds 2n
 * digests. out may be pairs itself, or not overlap it.
 */
extern bool ledger_hash_nodes_many(ledger_hasher *h, size_t n, const uint8_t (*pairs)[LEDGER_HASH_LEN],
								   uint8_t (*out)[LEDGER_HASH_LEN]);

#endif							/* LEDGER_CRYPTO_HASH_H */
