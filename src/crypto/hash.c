/*
 * crypto/hash.c
 *		Digests of messages in one piece by the kernels, of streams by libcrypto.
 *
 * The rows and nodes of a tree are two or three blocks long. Such a message is
 * over before EVP has found its way to the digest, and most of them come many
 * at a time, which libcrypto has no functions for.
 */
#include "crypto/hash.h"

#include "crypto/hash_batch.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct ledger_hasher
{
	ledger_suite suite;
	ledger_hash_kernels kernels;
	EVP_MD	   *md;
	EVP_MD_CTX *stream;
	bool		streaming;
};

ledger_hasher *
ledger_hasher_new(ledger_suite suite)
{
	ledger_hasher *h;

	if (ledger_suite_name(suite) == NULL)
		return NULL;
	h = (ledger_hasher *) calloc(1, sizeof(*h));
	if (h == NULL)
		return NULL;
	h->suite = suite;
	h->kernels = ledger_hash_kernels_for(suite, ledger_cpu_features());
	h->md = EVP_MD_fetch(NULL, suite == LEDGER_SUITE_GM ? "SM3" : "SHA2-256", NULL);
	h->stream = EVP_MD_CTX_new();
	if (h->md == NULL || h->stream == NULL || EVP_MD_get_size(h->md) != LEDGER_HASH_LEN)
	{
		ledger_hasher_free(h);
		return NULL;
	}
	return h;
}

void
ledger_hasher_free(ledger_hasher *h)
{
	if (h == NULL)
		return;
	EVP_MD_CTX_free(h->stream);
	EVP_MD_free(h->md);
	free(h);
}

ledger_suite
ledger_hasher_suite(const ledger_hasher *h)
{
	return h->suite;
}

bool
ledger_hash_begin(ledger_hasher *h)
{
	h->streaming = EVP_DigestInit_ex2(h->stream, h->md, NULL) == 1;
	return h->streaming;
}

bool
ledger_hash_update(ledger_hasher *h, const void *data, size_t len)
{
	return h->streaming && EVP_DigestUpdate(h->stream, data, len) == 1;
}

bool
ledger_hash_final(ledger_hasher *h, uint8_t out[LEDGER_HASH_LEN])
{
	if (!h->streaming)
		return false;
	h->streaming = false;
	return EVP_DigestFinal_ex(h->stream, out, NULL) == 1;
}

bool
ledger_hash(ledger_hasher *h, const void *data, size_t len, uint8_t out[LEDGER_HASH_LEN])
{
	const uint8_t *message = (const uint8_t *) data;

	ledger_hash_batch(&h->kernels, NULL, 0, 1, &message, &len, (uint8_t(*)[LEDGER_HASH_LEN]) out);
	return true;
}

bool
ledger_hash_prefixed(ledger_hasher *h, uint8_t prefix, const void *data, size_t len,
					 uint8_t out[LEDGER_HASH_LEN])
{
	const uint8_t *message = (const uint8_t *) data;

	return ledger_hash_prefixed_many(h, prefix, 1, &message, &len, (uint8_t(*)[LEDGER_HASH_LEN]) out);
}

bool
ledger_hash_node(ledger_hasher *h, const uint8_t left[LEDGER_HASH_LEN], const uint8_t right[LEDGER_HASH_LEN],
				 uint8_t out[LEDGER_HASH_LEN])
{
	uint8_t		pair[2][LEDGER_HASH_LEN];

	memcpy(pair[0], left, LEDGER_HASH_LEN);
	memcpy(pair[1], right, LEDGER_HASH_LEN);
	return ledger_hash_nodes_many(h, 1, (const uint8_t(*)[LEDGER_HASH_LEN]) pair,
								  (uint8_t(*)[LEDGER_HASH_LEN]) out);
}

bool
ledger_hash_prefixed_many(ledger_hasher *h, uint8_t prefix, size_t n, const uint8_t *const data[],
						  const size_t len[], uint8_t (*out)[LEDGER_HASH_LEN])
{
	ledger_hash_batch(&h->kernels, &prefix, 1, n, data, len, out);
	return true;
}

bool
ledger_hash_nodes_many(ledger_hasher *h, size_t n, const uint8_t (*pairs)[LEDGER_HASH_LEN],
					   uint8_t (*out)[LEDGER_HASH_LEN])
{
	ledger_hash_batch_nodes(&h->kernels, n, pairs, out);
	return true;
}
