/*
 * test/bench/cipher_bench.c
 *		SM4 in counter mode beside libcrypto's, by every kernel this CPU has.
 *
 * Built and run by hand, from the top of the tree:
 *
 *		cc -O2 -Isrc -o build/cipher_bench test/bench/cipher_bench.c \
 *			src/crypto/{cipher,cpu,key,sm4_*}.c -lcrypto
 *
 * A line is a kernel and a length: nanoseconds for a message, and in brackets how
 * many times faster that is than libcrypto. "ctr" has its key made ready before, as
 * libcrypto has that is given another counter only; "new key" begins with a key, on
 * both sides; "many" is ledger_sm4_ctr_many() over 64 messages with a key each,
 * beside libcrypto with a new key. The smallest of several repetitions is shown, and
 * libcrypto is measured anew beside each.
 */
#define _POSIX_C_SOURCE 200809L

#include "crypto/sm4_kernel.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MESSAGES 64
#define MAX_LEN 16384
#define REPETITIONS 15
#define BYTES_A_REPETITION (1 << 20)

static EVP_CIPHER *evp;
static EVP_CIPHER_CTX *ctx;
static const ledger_sm4_kernel *kernel;
static ledger_sm4 ready;
static size_t len;
static uint8_t key[MESSAGES][LEDGER_SM4_KEY_LEN];
static uint8_t counter[MESSAGES][LEDGER_SM4_BLOCK_LEN];
static uint8_t text[MESSAGES][MAX_LEN];
static ledger_sm4_message message[MESSAGES];

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double) t.tv_sec * 1e9 + (double) t.tv_nsec;
}

static void
libcrypto(const uint8_t *with_key, int i)
{
	int			n;

	if (EVP_EncryptInit_ex2(ctx, with_key == NULL ? NULL : evp, with_key, counter[i], NULL) != 1 ||
		EVP_EncryptUpdate(ctx, text[i], &n, text[i], (int) len) != 1)
		abort();
}

static void
libcrypto_ctr(void)
{
	int			i;

	for (i = 0; i < MESSAGES; i++)
		libcrypto(NULL, i);
}

static void
libcrypto_new_key(void)
{
	int			i;

	for (i = 0; i < MESSAGES; i++)
		libcrypto(key[i], i);
}

static void
own_ctr(void)
{
	int			i;

	for (i = 0; i < MESSAGES; i++)
		ledger_sm4_ctr(&ready, counter[i], text[i], len, text[i]);
}

static void
own_new_key(void)
{
	int			i;

	for (i = 0; i < MESSAGES; i++)
	{
		ledger_sm4	sm4;

		ledger_sm4_init_by(kernel, &sm4, key[i]);
		ledger_sm4_ctr(&sm4, counter[i], text[i], len, text[i]);
		ledger_sm4_wipe(&sm4);
	}
}

static void
own_many(void)
{
	ledger_sm4_ctr_many_by(kernel, MESSAGES, message);
}

/* ns of a message, by turns */
static void
measure(const char *what, void (*own)(void), void (*other)(void))
{
	double		best[2] = {1e18, 1e18};
	int			rounds = (int) (BYTES_A_REPETITION / (MESSAGES * (len + 64))) + 1;
	int			i;
	int			j;

	for (i = 0; i < 2 * REPETITIONS; i++)
	{
		double		begin = now();

		for (j = 0; j < rounds; j++)
			(i % 2 == 0 ? own : other)();
		begin = (now() - begin) / (rounds * MESSAGES);
		if (begin < best[i % 2])
			best[i % 2] = begin;
	}
	printf("  %s %.1f / %.1f (%.1f)", what, best[0], best[1], best[1] / best[0]);
	if (own == own_ctr)
		printf(" %.3f GB/s", (double) len / best[0]);
}

int
main(void)
{
	static const size_t lengths[] = {16, 64, 200, 1024, 16384};
	const ledger_cpu cpu = ledger_cpu_features();
	const ledger_sm4_kernel *kernels[3] = {&ledger_sm4_portable};
	unsigned	n = 1;
	unsigned	i;
	unsigned	j;
	uint8_t		seed = 1;

#if defined(__x86_64__)
	if (cpu.avx2 && cpu.gfni)
		kernels[n++] = &ledger_sm4_avx2_gfni;
	if (cpu.avx512 && cpu.gfni)
		kernels[n++] = &ledger_sm4_avx512_gfni;
#endif
	evp = EVP_CIPHER_fetch(NULL, "SM4-CTR", NULL);
	ctx = EVP_CIPHER_CTX_new();
	if (evp == NULL || ctx == NULL)
		abort();
	for (i = 0; i < MESSAGES; i++)
		for (j = 0; j < 16; j++)
		{
			key[i][j] = seed = (uint8_t) (seed * 5 + 3);
			counter[i][j] = seed ^ 0x5a;
		}
	for (i = 0; i < n; i++)
	{
		kernel = kernels[i];
		ledger_sm4_init_by(kernel, &ready, key[0]);
		for (j = 0; j < sizeof(lengths) / sizeof(lengths[0]); j++)
		{
			unsigned	m;

			len = lengths[j];
			for (m = 0; m < MESSAGES; m++)
				message[m] = (ledger_sm4_message){key[m], counter[m], text[m], text[m], len};
			libcrypto(key[0], 0);
			printf("%-16s %5zu", kernel->name, len);
			measure("ctr", own_ctr, libcrypto_ctr);
			measure("new key", own_new_key, libcrypto_new_key);
			measure("many", own_many, libcrypto_new_key);
			printf("\n");
		}
	}
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(evp);
	return 0;
}
