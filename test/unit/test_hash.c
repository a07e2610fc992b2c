/*
 * test/unit/test_hash.c
 *		Digests of one message, of streams and of many messages at a time.
 *
 * libcrypto's EVP is the reference. Every kernel that this CPU can run is put
 * through the same cases: beside its natural use it is made to take batches of
 * any size, so that lanes without a message are seen too.
 */
#include "crypto/hash.h"
#include "crypto/hash_batch.h"

#include <openssl/evp.h>

#include "harness.h"

#define MAX_BATCH 150
#define MAX_LEN 6000

static uint64_t seed = 20120321;
static EVP_MD *md;
static EVP_MD_CTX *ctx;

static void
use_reference(ledger_suite suite)
{
	EVP_MD_free(md);
	md = EVP_MD_fetch(NULL, suite == LEDGER_SUITE_GM ? "SM3" : "SHA2-256", NULL);
	if (md == NULL)
		abort();
}

static void
reference(const uint8_t *head, size_t nhead, const uint8_t *data, size_t len, uint8_t *out)
{
	if (EVP_DigestInit_ex2(ctx, md, NULL) != 1 || EVP_DigestUpdate(ctx, head, nhead) != 1 ||
		EVP_DigestUpdate(ctx, data, len) != 1 || EVP_DigestFinal_ex(ctx, out, NULL) != 1)
		abort();
}

/* ---- published vectors ----------------------------------------------------- */

typedef struct
{
	ledger_suite suite;
	const char *source;
	const char *message;
	unsigned	times;			/* the message is repeated */
	const char *digest;
} vector;

static const vector vectors[] = {
	{LEDGER_SUITE_GM, "GM/T 0004-2012 A.1", "abc", 1,
	"66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"},
	{LEDGER_SUITE_GM, "GM/T 0004-2012 A.2", "abcd", 16,
	"debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"},
	{LEDGER_SUITE_STD, "FIPS 180-4 example, one block", "abc", 1,
	"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{LEDGER_SUITE_STD, "FIPS 180-4 example, two blocks",
		"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	{LEDGER_SUITE_STD, "FIPS 180-4 example, a million times a", "a", 1000000,
	"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

static void
test_vectors(void)
{
	size_t		i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
	{
		const vector *v = &vectors[i];
		size_t		len = strlen(v->message);
		ledger_hasher *h = ledger_hasher_new(v->suite);
		uint8_t	   *message = (uint8_t *) malloc(len * v->times);
		uint8_t		want[LEDGER_HASH_LEN];
		uint8_t		got[LEDGER_HASH_LEN];
		unsigned	j;

		if (h == NULL || message == NULL)
			abort();
		for (j = 0; j < v->times; j++)
			memcpy(message + j * len, v->message, len);
		unhex(v->digest, want);
		check(ledger_hash(h, message, len * v->times, got) && memcmp(got, want, sizeof(got)) == 0, "%s",
			  v->source);
		free(message);
		ledger_hasher_free(h);
	}
}

/* ---- the hasher ------------------------------------------------------------ */

static void
test_hasher(ledger_suite suite)
{
	ledger_hasher *h = ledger_hasher_new(suite);
	uint8_t		text[300];
	uint8_t		want[LEDGER_HASH_LEN];
	uint8_t		got[LEDGER_HASH_LEN];
	size_t		len;

	if (h == NULL)
		abort();
	use_reference(suite);
	random_bytes(&seed, text, sizeof(text));
	for (len = 0; len <= sizeof(text); len++)
	{
		uint8_t	   *data = exact_copy(text, len);
		size_t		cut = len > 0 ? next_random(&seed) % len : 0;
		uint8_t		prefix = (uint8_t) next_random(&seed);
		bool		ok;

		/* the message in one piece lies within the stream */
		reference(NULL, 0, data, len, want);
		ok = ledger_hash_begin(h) && ledger_hash_update(h, data, cut);
		expect(ledger_hash(h, data, len, got) && memcmp(got, want, sizeof(got)) == 0,
			   "one message of %zu bytes", len);
		memset(got, 0, sizeof(got));
		expect(ok && ledger_hash_update(h, data + cut, len - cut) && ledger_hash_final(h, got) &&
				   memcmp(got, want, sizeof(got)) == 0,
			   "a stream of %zu bytes", len);

		reference(&prefix, 1, data, len, want);
		expect(ledger_hash_prefixed(h, prefix, data, len, got) && memcmp(got, want, sizeof(got)) == 0,
			   "%zu bytes after a prefix", len);
		free(data);
	}
	done(suite == LEDGER_SUITE_GM ? "SM3 by a hasher" : "SHA-256 by a hasher");

	check(!ledger_hash_final(h, got) && !ledger_hash_update(h, text, 1), "%s: no stream that was not begun",
		  ledger_suite_name(suite));

	reference((const uint8_t *) "\1", 1, text, 64, want);
	memcpy(got, text, LEDGER_HASH_LEN);
	check(ledger_hash_node(h, got, text + 32, got) && memcmp(got, want, sizeof(got)) == 0,
		  "%s: a node in the place of its left child", ledger_suite_name(suite));
	memcpy(got, text + 32, LEDGER_HASH_LEN);
	check(ledger_hash_node(h, text, got, got) && memcmp(got, want, sizeof(got)) == 0,
		  "%s: a node in the place of its right child", ledger_suite_name(suite));
	ledger_hasher_free(h);
}

/* ---- kernels --------------------------------------------------------------- */

static const uint8_t *data[MAX_BATCH];
static size_t len[MAX_BATCH];
static uint8_t out[MAX_BATCH][LEDGER_HASH_LEN];

/* Hashes data[0..n) and compares. */
static void
expect_batch(const ledger_hash_kernels *k, size_t n)
{
	uint8_t		head = (uint8_t) next_random(&seed);
	size_t		nhead = next_random(&seed) % 4 > 0;
	uint8_t		want[LEDGER_HASH_LEN];
	size_t		i;

	memset(out, 0, sizeof(out));
	ledger_hash_batch(k, &head, nhead, n, data, len, out);
	for (i = 0; i < n; i++)
	{
		reference(&head, nhead, data[i], len[i], want);
		expect(memcmp(out[i], want, sizeof(want)) == 0, "message %zu of %zu, %zu bytes and %zu before them",
			   i, n, len[i], nhead);
	}
}

static void
random_batch(const ledger_hash_kernels *k, size_t n, size_t max)
{
	uint8_t		text[MAX_LEN];
	size_t		i;

	for (i = 0; i < n; i++)
	{
		len[i] = next_random(&seed) % 30 == 0 ? 0 : next_random(&seed) % (max + 1);
		random_bytes(&seed, text, len[i]);
		data[i] = len[i] > 0 ? exact_copy(text, len[i]) : NULL;
	}
	expect_batch(k, n);
	for (i = 0; i < n; i++)
		free((void *) (uintptr_t) data[i]);
}

static void
test_batches(const ledger_hash_kernels *k)
{
	size_t		i;
	size_t		n;

	/* every length, beside shorter and longer ones */
	{
		uint8_t		text[300 + MAX_BATCH];
		size_t		length;

		random_bytes(&seed, text, sizeof(text));
		for (length = 0; length <= 300; length++)
		{
			n = 1 + next_random(&seed) % 20;
			for (i = 0; i < n; i++)
			{
				len[i] = (length + i * 13) % 301;
				data[i] = exact_copy(text + i, len[i]);
			}
			expect_batch(k, n);
			for (i = 0; i < n; i++)
				free((void *) (uintptr_t) data[i]);
		}
	}

	for (n = 1; n <= 64; n++)
	{
		random_batch(k, n, 200);
		random_batch(k, n, 600);
	}
	for (i = 0; i < 20; i++)
		random_batch(k, 1 + next_random(&seed) % MAX_BATCH, i % 2 == 0 ? 150 : MAX_LEN);

	/* one long message among short ones */
	for (n = 1; n <= 20; n++)
	{
		uint8_t		text[MAX_LEN];

		random_bytes(&seed, text, sizeof(text));
		for (i = 0; i < n; i++)
		{
			data[i] = text + i;
			len[i] = i == n / 2 ? MAX_LEN - n - next_random(&seed) % 600 : 100 + i;
		}
		expect_batch(k, n);
	}
}

static void
test_nodes(const ledger_hash_kernels *k)
{
	uint8_t		pairs[2 * 70][LEDGER_HASH_LEN];
	uint8_t		want[LEDGER_HASH_LEN];
	size_t		n;
	size_t		i;

	for (n = 0; n <= 70; n++)
	{
		uint8_t	   *mine;

		random_bytes(&seed, pairs, sizeof(pairs));
		mine = exact_copy(pairs, 2 * n * LEDGER_HASH_LEN);
		memset(out, 0, sizeof(out));
		ledger_hash_batch_nodes(k, n, (const uint8_t(*)[LEDGER_HASH_LEN]) mine, out);
		ledger_hash_batch_nodes(k, n, (const uint8_t(*)[LEDGER_HASH_LEN]) mine,
								(uint8_t(*)[LEDGER_HASH_LEN]) mine);
		for (i = 0; i < n; i++)
		{
			reference((const uint8_t *) "\1", 1, pairs[2 * i], 64, want);
			expect(memcmp(out[i], want, sizeof(want)) == 0, "node %zu of %zu", i, n);
			expect(memcmp(mine + i * LEDGER_HASH_LEN, want, sizeof(want)) == 0, "node %zu of %zu in place", i,
				   n);
		}
		free(mine);
	}
}

/* The kernel for every batch it may get, then for any. */
static void
test_kernel(const char *name, bool usable, const ledger_hash_kernel *kernel, const ledger_hash_kernel *one)
{
	ledger_hash_kernel eager = *kernel;
	ledger_hash_kernels k = {0};

	if (!usable)
	{
		printf("# this CPU has no %s\n", name);
		return;
	}
	use_reference(kernel->iv == ledger_sm3_iv ? LEDGER_SUITE_GM : LEDGER_SUITE_STD);
	k.kernel[k.n++] = kernel;
	if (kernel->width > 1)
		k.kernel[k.n++] = one;
	test_batches(&k);
	test_nodes(&k);

	eager.least = 1;
	k.kernel[0] = &eager;
	test_batches(&k);
	test_nodes(&k);
	done(name);
}

static void
test_kernels(void)
{
	test_kernel("SM3 scalar", true, &ledger_sm3_scalar, NULL);
	test_kernel("SHA-256 of libcrypto", true, &ledger_sha256_libcrypto, NULL);
#if defined(__x86_64__)
	{
		ledger_cpu	cpu = ledger_cpu_features();

		test_kernel("SM3 with BMI2", cpu.bmi2, &ledger_sm3_bmi2, NULL);
		test_kernel("SM3 with AVX2", cpu.avx2, &ledger_sm3_avx2, &ledger_sm3_scalar);
		test_kernel("SM3 with AVX-512", cpu.avx512, &ledger_sm3_avx512, &ledger_sm3_scalar);
		test_kernel("SHA-256 with AVX2", cpu.avx2, &ledger_sha256_avx2, &ledger_sha256_libcrypto);
		test_kernel("SHA-256 with AVX-512", cpu.avx512, &ledger_sha256_avx512, &ledger_sha256_libcrypto);
		test_kernel("SHA-256 with SHA", cpu.sha, &ledger_sha256_ni, NULL);
		test_kernel("SHA-256 with SHA, two at a time", cpu.sha, &ledger_sha256_ni2, &ledger_sha256_ni);
	}
#endif
}

/* ---- the choice ------------------------------------------------------------ */

static void
test_choice(void)
{
	ledger_cpu	cpu = ledger_cpu_features();
	unsigned	mask;

	for (mask = 0; mask < 32; mask++)
	{
		ledger_cpu	less = {
			.avx2 = cpu.avx2 && (mask & 1),
			.avx512 = cpu.avx512 && (mask & 2),
			.sha = cpu.sha && (mask & 4),
			.bmi2 = cpu.bmi2 && (mask & 8)
		};
		ledger_suite suite = (mask & 16) != 0 ? LEDGER_SUITE_GM : LEDGER_SUITE_STD;
		ledger_hash_kernels k = ledger_hash_kernels_for(suite, less);
		unsigned	i;

		use_reference(suite);
		expect(k.n >= 1 && k.n <= LEDGER_MAX_KERNELS && k.kernel[k.n - 1]->width == 1 &&
				   k.kernel[k.n - 1]->least == 1,
			   "the last kernel of %u is for one message", mask);
		for (i = 1; i < k.n; i++)
			expect(k.kernel[i]->width < k.kernel[i - 1]->width, "%u: the widest first", mask);
		for (i = 1; i <= 64; i++)
			random_batch(&k, i, 250);
		test_nodes(&k);
	}
	done("what is chosen for every kind of CPU that this one can play");
}

int
main(void)
{
	ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		abort();
	test_vectors();
	test_hasher(LEDGER_SUITE_STD);
	test_hasher(LEDGER_SUITE_GM);
	test_kernels();
	test_choice();
	EVP_MD_CTX_free(ctx);
	EVP_MD_free(md);
	return finish();
}
