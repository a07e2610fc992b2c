/*
 * test/bench/sm2_bench.c
 *		SM2 signatures a second, beside what libcrypto makes in the same moments.
 *
 * Built and run by hand, from the top of the tree, after make:
 *
 *		cc -O2 -Isrc -o build/sm2_bench test/bench/sm2_bench.c src/crypto/[a-z]*.o -lcrypto
 *
 * The objects are those of the extension, so they have its flags. All messages have
 * 200 bytes. Ours and libcrypto take turns of a millisecond, and the smallest of many
 * is shown of each: signatures a second, and how many times libcrypto's. What has to
 * be done for a key is in the figures of unknown keys on both sides, and is not in
 * those of libcrypto for known ones: there its EVP_PKEY is made before, as our table.
 */
#include "crypto/sign.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/key_internal.h"

#define N 32
#define LEN 200
#define REPETITIONS 100

static ledger_suite suite = LEDGER_SUITE_GM;
static ledger_key *key[N];
static ledger_known_key *known[N];
static EVP_PKEY *pkey[N];
static uint8_t spki[N][LEDGER_SPKI_LEN];
static uint8_t message[N][LEN];
static uint8_t sig[N][LEDGER_SIGNATURE_MAX];
static size_t siglen[N];
static ledger_signed unknown_item[N];
static ledger_signed known_item[N];

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double) t.tv_sec * 1e9 + (double) t.tv_nsec;
}

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static EVP_MD_CTX *
begin(EVP_PKEY *k, EVP_PKEY_CTX **pctx)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	*pctx = EVP_PKEY_CTX_new_from_pkey(NULL, k, NULL);
	must(EVP_PKEY_CTX_set1_id(*pctx, LEDGER_SM2_SIGNER_ID, (int) strlen(LEDGER_SM2_SIGNER_ID)) == 1);
	EVP_MD_CTX_set_pkey_ctx(ctx, *pctx);
	return ctx;
}

static void
libcrypto_sign(int i)
{
	EVP_PKEY_CTX *pctx;
	EVP_MD_CTX *ctx = begin(key[i]->pkey, &pctx);
	uint8_t		out[LEDGER_SIGNATURE_MAX];
	size_t		len = sizeof(out);

	must(EVP_DigestSignInit(ctx, NULL, EVP_sm3(), NULL, key[i]->pkey) == 1 &&
		 EVP_DigestSign(ctx, out, &len, message[i], LEN) == 1);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_CTX_free(pctx);
}

static void
libcrypto_verify_with(EVP_PKEY *k, int i)
{
	EVP_PKEY_CTX *pctx;
	EVP_MD_CTX *ctx = begin(k, &pctx);

	must(EVP_DigestVerifyInit(ctx, NULL, EVP_sm3(), NULL, k) == 1 &&
		 EVP_DigestVerify(ctx, sig[i], siglen[i], message[i], LEN) == 1);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_CTX_free(pctx);
}

static void
libcrypto_verify_known(int i)
{
	libcrypto_verify_with(pkey[i], i);
}

static void
libcrypto_verify_unknown(int i)
{
	EVP_PKEY   *k;

	must(ledger_spki_open(suite, spki[i], LEDGER_SPKI_LEN, &k) == LEDGER_KEY_OK);
	libcrypto_verify_with(k, i);
	EVP_PKEY_free(k);
}

static void
own_sign(int i)
{
	uint8_t		out[LEDGER_SIGNATURE_MAX];
	size_t		len;

	must(ledger_sign(key[i], message[i], LEN, out, &len) == LEDGER_KEY_OK);
}

static void
own_verify_unknown(int i)
{
	must(ledger_signature_verify(suite, spki[i], LEDGER_SPKI_LEN, message[i], LEN, sig[i], siglen[i]) ==
		 LEDGER_KEY_OK);
}

static void
own_verify_known(int i)
{
	ledger_key_error verdict;

	ledger_signatures_verify(suite, 1, &known_item[i], &verdict);
	must(verdict == LEDGER_KEY_OK);
}

static void
all_of(const ledger_signed *items)
{
	ledger_key_error verdict[N];
	int			i;

	ledger_signatures_verify(suite, N, items, verdict);
	for (i = 0; i < N; i++)
		must(verdict[i] == LEDGER_KEY_OK);
}

static void
own_many_unknown(int i)
{
	(void) i;
	all_of(unknown_item);
}

static void
own_many_known(int i)
{
	(void) i;
	all_of(known_item);
}

static void
own_make_known(int i)
{
	ledger_known_key *k;

	must(ledger_known_key_new(suite, spki[i], LEDGER_SPKI_LEN, &k) == LEDGER_KEY_OK);
	ledger_known_key_free(k);
}

/* ns of one signature: a sample of a millisecond or one call, each of which does so many */
static double
sample(void (*work)(int), int signatures)
{
	static int	turn;
	double		start = now();
	double		end;
	int			calls = 0;

	do
	{
		work(turn++ % N);
		calls++;
	} while ((end = now()) - start < 1e6);
	return (end - start) / (calls * signatures);
}

static void
measure(const char *what, void (*own)(int), int signatures, void (*other)(int))
{
	double		best[2] = {1e18, 1e18};
	int			i;

	for (i = 0; i < 2 * REPETITIONS; i++)
	{
		double		ns = i % 2 == 0 ? sample(own, signatures) : sample(other, 1);

		if (ns < best[i % 2])
			best[i % 2] = ns;
	}
	printf("%-28s %8.2f us %8.0f/s   libcrypto %8.2f us %6.0f/s   x %.1f\n", what, best[0] / 1e3,
		   1e9 / best[0], best[1] / 1e3, 1e9 / best[1], best[1] / best[0]);
}

int
main(void)
{
	uint8_t		seed = 1;
	int			i;
	int			j;

	for (i = 0; i < N; i++)
	{
		for (j = 0; j < LEN; j++)
			message[i][j] = seed = (uint8_t) (seed * 5 + 3);
		must(ledger_key_generate(suite, &key[i]) == LEDGER_KEY_OK &&
			 ledger_key_spki(key[i], spki[i]) == LEDGER_KEY_OK &&
			 ledger_spki_open(suite, spki[i], LEDGER_SPKI_LEN, &pkey[i]) == LEDGER_KEY_OK &&
			 ledger_known_key_new(suite, spki[i], LEDGER_SPKI_LEN, &known[i]) == LEDGER_KEY_OK &&
			 ledger_sign(key[i], message[i], LEN, sig[i], &siglen[i]) == LEDGER_KEY_OK);
		unknown_item[i] = (ledger_signed){NULL, spki[i], LEDGER_SPKI_LEN, message[i], LEN, sig[i], siglen[i]};
		known_item[i] = (ledger_signed){known[i], NULL, 0, message[i], LEN, sig[i], siglen[i]};
	}
	measure("sign", own_sign, 1, libcrypto_sign);
	measure("verify, unknown key", own_verify_unknown, 1, libcrypto_verify_unknown);
	measure("verify, unknown keys, 32", own_many_unknown, N, libcrypto_verify_unknown);
	measure("verify, known key", own_verify_known, 1, libcrypto_verify_known);
	measure("verify, known keys, 32", own_many_known, N, libcrypto_verify_known);
	measure("make a key known", own_make_known, 1, libcrypto_verify_known);
	for (i = 0; i < N; i++)
	{
		ledger_key_free(key[i]);
		ledger_known_key_free(known[i]);
		EVP_PKEY_free(pkey[i]);
	}
	return 0;
}
