/*
 * test/bench/hash_bench.c
 *		Nanoseconds per digest, beside what libcrypto needs for the same message.
 *
 * Built and run by hand, from the top of the tree:
 *
 *		cc -O2 -Isrc -o build/hash_bench test/bench/hash_bench.c \
 *			src/crypto/{cpu,suite,hash*,sm3_*,sha256_*}.c -lcrypto
 *
 * A line is a suite and a length; "one" is ledger_hash_prefixed(), "many"
 * ledger_hash_prefixed_many() over 64 messages whose lengths differ by up to 16
 * bytes, "node" and "nodes" are the inner nodes of a tree. The smallest of
 * several repetitions is shown: it is the one that was disturbed least.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/hash.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH 64
#define ROUNDS 200
#define REPETITIONS 9

static ledger_hasher *hasher;
static EVP_MD *md;
static EVP_MD_CTX *ctx;
static uint8_t text[BATCH][4096];
static const uint8_t *data[BATCH];
static size_t len[BATCH];
static uint8_t pairs[2 * BATCH][LEDGER_HASH_LEN];
static uint8_t out[BATCH][LEDGER_HASH_LEN];

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double) t.tv_sec * 1e9 + (double) t.tv_nsec;
}

static void
by_evp(void)
{
	int			i;

	for (i = 0; i < BATCH; i++)
		if (EVP_DigestInit_ex2(ctx, md, NULL) != 1 || EVP_DigestUpdate(ctx, data[i], len[i]) != 1 ||
			EVP_DigestFinal_ex(ctx, out[i], NULL) != 1)
			abort();
}

static void
by_sha256(void)
{
	int			i;

	for (i = 0; i < BATCH; i++)
		SHA256(data[i], len[i], out[i]);
}

static void
one(void)
{
	int			i;

	for (i = 0; i < BATCH; i++)
		if (!ledger_hash_prefixed(hasher, 0x00, data[i], len[i], out[i]))
			abort();
}

static void
many(void)
{
	if (!ledger_hash_prefixed_many(hasher, 0x00, BATCH, data, len, out))
		abort();
}

static void
node(void)
{
	int			i;

	for (i = 0; i < BATCH; i++)
		if (!ledger_hash_node(hasher, pairs[2 * i], pairs[2 * i + 1], out[i]))
			abort();
}

static void
nodes(void)
{
	if (!ledger_hash_nodes_many(hasher, BATCH, (const uint8_t(*)[LEDGER_HASH_LEN]) pairs, out))
		abort();
}

/* ns per digest of a function that makes BATCH of them */
static double
measure(void (*work)(void))
{
	double		best = 1e18;
	int			i;
	int			j;

	for (i = 0; i < REPETITIONS; i++)
	{
		double		begin = now();

		for (j = 0; j < ROUNDS; j++)
			work();
		begin = (now() - begin) / (ROUNDS * BATCH);
		if (begin < best)
			best = begin;
	}
	return best;
}

static void
show(const char *what, double ns, double evp)
{
	printf("  %s %.1f (%.2f)", what, ns, ns / evp);
}

static void
bench(ledger_suite suite)
{
	static const size_t lengths[] = {64, 65, 140, 200, 1024};
	size_t		i;
	size_t		j;

	hasher = ledger_hasher_new(suite);
	md = EVP_MD_fetch(NULL, suite == LEDGER_SUITE_GM ? "SM3" : "SHA2-256", NULL);
	ctx = EVP_MD_CTX_new();
	if (hasher == NULL || md == NULL || ctx == NULL)
		abort();
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
	{
		double		evp;

		for (j = 0; j < BATCH; j++)
		{
			data[j] = text[j];
			len[j] = lengths[i];
		}
		evp = measure(by_evp);
		printf("%s %4zu  evp %.1f", ledger_suite_name(suite), lengths[i], evp);
		if (suite == LEDGER_SUITE_STD)
			show("SHA256()", measure(by_sha256), evp);
		if (lengths[i] == 65)
		{
			show("node", measure(node), evp);
			show("nodes", measure(nodes), evp);
		}
		show("one", measure(one), evp);
		if (lengths[i] > 65)
			for (j = 0; j < BATCH; j++)
				len[j] = lengths[i] - 8 + (j * 7) % 17;
		show("many", measure(many), evp);
		printf("\n");
	}
	EVP_MD_CTX_free(ctx);
	EVP_MD_free(md);
	ledger_hasher_free(hasher);
}

int
main(void)
{
	uint8_t		seed = 1;
	size_t		i;
	size_t		j;

	for (i = 0; i < BATCH; i++)
		for (j = 0; j < sizeof(text[i]); j++)
			text[i][j] = seed = (uint8_t) (seed * 5 + 3);
	memcpy(pairs, text, sizeof(pairs));
	bench(LEDGER_SUITE_STD);
	bench(LEDGER_SUITE_GM);
	return 0;
}
