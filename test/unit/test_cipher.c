/*
 * test/unit/test_cipher.c
 *		SM4 in counter mode, by every kernel that this CPU can run.
 *
 * Two references: libcrypto's EVP, and SM4 written down from the standard with its
 * table, which shows where a kernel goes wrong.
 */
#include "crypto/cipher.h"

#include <openssl/evp.h>

#include "crypto/sm4_affine.h"
#include "crypto/sm4_kernel.h"
#include "harness.h"

#define MAX_LEN 2048
#define MAX_MESSAGES 40

static uint64_t seed = 32907;
static EVP_CIPHER *evp;
static EVP_CIPHER_CTX *ctx;

/* ---- the standard ------------------------------------------------------------ */

/* GB/T 32907-2016 6.2.1, table 1 */
static const char sbox_hex[] = "d690e9fecce13db716b614c228fb2c052b679a762abe04c3aa44132649860699"
							   "9c4250f491ef987a33540b43edcfac62e4b31ca9c908e89580df94fa758f3fa6"
							   "4707a7fcf37317ba83593c19e6854fa8686b81b27164da8bf8eb0f4b70569d35"
							   "1e240e5e6358d1a225227c3b01217887d40046579fd327524c3602e7a0c4c89e"
							   "eabf8ad240c738b5a3f7f2cef96115a1e0ae5da49b341a55ad933230f58cb1e3"
							   "1df6e22e8266ca60c02923ab0d534e6fd5db3745defd8e2f03ff6a726d6c5b51"
							   "8d1baf92bbddbc7f11d95c411f105ad80ac13188a5cd7bbd2d74d012b8e5b4b0"
							   "8969974a0c96777e65b9f109c56ec68418f07dec3adc4d2079ee5f3ed7cb3948";
static uint8_t sbox[256];

static uint32_t
rotl(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static uint32_t
tau(uint32_t x)
{
	return (uint32_t) sbox[x >> 24] << 24 | (uint32_t) sbox[x >> 16 & 0xff] << 16 |
		(uint32_t) sbox[x >> 8 & 0xff] << 8 | sbox[x & 0xff];
}

static uint32_t
l(uint32_t x)
{
	return x ^ rotl(x, 2) ^ rotl(x, 10) ^ rotl(x, 18) ^ rotl(x, 24);
}

static uint32_t
l_key(uint32_t x)
{
	return x ^ rotl(x, 13) ^ rotl(x, 23);
}

static uint32_t
word_at(const uint8_t *p)
{
	return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 | (uint32_t) p[2] << 8 | p[3];
}

static void
put_word(uint8_t *p, uint32_t x)
{
	p[0] = (uint8_t) (x >> 24);
	p[1] = (uint8_t) (x >> 16);
	p[2] = (uint8_t) (x >> 8);
	p[3] = (uint8_t) x;
}

static void
standard_encrypt(const uint8_t *key, const uint8_t *in, uint8_t *out)
{
	static const uint32_t fk[4] = {0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc};
	uint32_t	k[36];
	uint32_t	x[36];
	int			i;
	int			j;

	for (i = 0; i < 4; i++)
	{
		k[i] = word_at(key + 4 * i) ^ fk[i];
		x[i] = word_at(in + 4 * i);
	}
	for (i = 0; i < 32; i++)
	{
		uint32_t	ck = 0;

		for (j = 0; j < 4; j++)
			ck = ck << 8 | (uint32_t) ((4 * i + j) * 7 % 256);
		k[i + 4] = k[i] ^ l_key(tau(k[i + 1] ^ k[i + 2] ^ k[i + 3] ^ ck));
	}
	for (i = 0; i < 32; i++)
		x[i + 4] = x[i] ^ l(tau(x[i + 1] ^ x[i + 2] ^ x[i + 3] ^ k[i + 4]));
	for (i = 0; i < 4; i++)
		put_word(out + 4 * i, x[35 - i]);
}

/* ---- matrices ---------------------------------------------------------------- */

/* m x, as GF2P8AFFINEQB does it */
static uint8_t
times(uint64_t m, uint8_t x)
{
	uint8_t		r = 0;
	int			i;

	for (i = 0; i < 8; i++)
		r |= (uint8_t) (__builtin_parity((unsigned) (m >> (8 * (7 - i)) & x)) << i);
	return r;
}

/* 1/x in the field of AES, by x^254; 0 for 0 */
static uint8_t
inverse(uint8_t x)
{
	uint8_t		r = 1;
	int			i;

	for (i = 0; i < 254; i++)
	{
		unsigned	product = 0;
		int			bit;

		for (bit = 7; bit >= 0; bit--)
			product = (product << 1 ^ (product & 0x80 ? 0x11b : 0)) ^ (x >> bit & 1 ? r : 0u);
		r = (uint8_t) product;
	}
	return r;
}

/* What the merged matrices make of a word of inverses, the byte at distance d from matrix[d]. */
static uint32_t
merged(const uint64_t matrix[4], uint8_t add, uint32_t v)
{
	uint32_t	r = add * 0x01010101u;
	unsigned	d;
	unsigned	i;

	for (d = 0; d < 4; d++)
	{
		uint32_t	y = 0;

		for (i = 0; i < 32; i += 8)
			y |= (uint32_t) times(matrix[d], (uint8_t) (v >> i)) << i;
		r ^= d == 0 ? y : rotl(y, 8 * d);
	}
	return r;
}

static uint32_t
enter(uint32_t x, uint8_t add)
{
	uint32_t	r = 0;
	unsigned	i;

	for (i = 0; i < 32; i += 8)
		r |= (uint32_t) (times(LEDGER_SM4_T, (uint8_t) (x >> i)) ^ add) << i;
	return r;
}

static void
test_matrices(void)
{
	static const uint64_t p[4] = {LEDGER_SM4_P0, LEDGER_SM4_P1, LEDGER_SM4_P1, LEDGER_SM4_P3};
	static const uint64_t q[4] = {LEDGER_SM4_Q0, LEDGER_SM4_Q1, LEDGER_SM4_Q2, LEDGER_SM4_Q3};
	unsigned	x;
	unsigned	at;

	for (x = 0; x < 256; x++)
	{
		uint8_t		in = (uint8_t) (times(LEDGER_SM4_T, (uint8_t) x) ^ LEDGER_SM4_T_ADD);

		expect((times(LEDGER_SM4_U, inverse(in)) ^ LEDGER_SM4_U_ADD) == sbox[x], "S-box of %02x", x);
		expect((times(LEDGER_SM4_BACK, in) ^ LEDGER_SM4_BACK_ADD) == x, "the way back of %02x", x);
	}
	done("the S-box is an inversion between two matrices, for every byte");

	/* linear in the inverses: all words with one byte that is not 0 are enough, and show all sums */
	for (at = 0; at < 32; at += 8)
		for (x = 0; x < 256; x++)
		{
			uint32_t	word = (uint32_t) x << at;
			uint32_t	v = enter(word, LEDGER_SM4_T_ADD);
			uint32_t	inverses = 0;
			unsigned	i;

			for (i = 0; i < 32; i += 8)
				inverses |= (uint32_t) inverse((uint8_t) (v >> i)) << i;
			expect(merged(p, LEDGER_SM4_P_ADD, inverses) == enter(l(tau(word)), 0), "L of %08x", word);
			expect(merged(q, LEDGER_SM4_Q_ADD, inverses) == enter(l_key(tau(word)), 0), "L' of %08x", word);
		}
	done("the matrices of the rounds and of the key schedule are L and L' behind the S-box");
}

/* ---- one kernel -------------------------------------------------------------- */

static void
reference(const uint8_t *key, const uint8_t *counter, const uint8_t *in, size_t len, uint8_t *out)
{
	int			n;

	if (EVP_EncryptInit_ex2(ctx, evp, key, counter, NULL) != 1 ||
		EVP_EncryptUpdate(ctx, out, &n, in, (int) len) != 1 || (size_t) n != len)
		abort();
}

/* One block: the key stream of the counter "in". */
static void
encrypt_block(const ledger_sm4 *sm4, const uint8_t *in, uint8_t *out)
{
	static const uint8_t zeros[LEDGER_SM4_BLOCK_LEN];

	ledger_sm4_ctr(sm4, in, zeros, sizeof(zeros), out);
}

static void
test_published(const ledger_sm4_kernel *kernel)
{
	uint8_t		key[16];
	uint8_t		want[16];
	uint8_t		block[16];
	ledger_sm4	sm4;
	long		i;

	unhex("0123456789abcdeffedcba9876543210", key);
	ledger_sm4_init_by(kernel, &sm4, key);
	encrypt_block(&sm4, key, block);
	unhex("681edf34d206965e86b3e94f536e4246", want);
	check(memcmp(block, want, 16) == 0, "%s: GB/T 32907-2016 example 1", kernel->name);

	memcpy(block, key, 16);
	for (i = 0; i < 1000000; i++)
		encrypt_block(&sm4, block, block);
	unhex("595298c7c6fd271f0402f804c33d3f66", want);
	check(memcmp(block, want, 16) == 0, "%s: GB/T 32907-2016 example 2, a million times", kernel->name);

	ledger_sm4_wipe(&sm4);
	for (i = 0; i < LEDGER_SM4_ROUNDS; i++)
		expect(sm4.round_key[i] == 0, "round key %ld", i);
	done("round keys are wiped");
}

/* Every byte at every place of the first round and of the first step of the key schedule. */
static void
test_sbox(const ledger_sm4_kernel *kernel)
{
	unsigned	x;
	unsigned	at;

	for (at = 0; at < 4; at++)
		for (x = 0; x < 256; x++)
		{
			uint8_t		key[16];
			uint8_t		in[16];
			uint8_t		want[16];
			uint8_t		got[16];
			ledger_sm4	sm4;

			random_bytes(&seed, key, 16);
			random_bytes(&seed, in, 16);
			key[4 + at] = (uint8_t) x;
			key[8 + at] = key[12 + at] = 0;
			in[4 + at] = (uint8_t) x;
			in[8 + at] = in[12 + at] = 0;
			standard_encrypt(key, in, want);
			ledger_sm4_init_by(kernel, &sm4, key);
			encrypt_block(&sm4, in, got);
			expect(memcmp(got, want, 16) == 0, "byte %02x at %u", x, at);
		}
	done("all bytes go through all S-boxes as the standard's table says");
}

/* Counters that wrap in each of their words somewhere within the message. */
static void
choose_counter(unsigned how, size_t len, uint8_t *counter)
{
	size_t		blocks = len / 16 + 1;

	random_bytes(&seed, counter, 16);
	if (how % 4 == 0)
		return;
	memset(counter + 16 - 4 * (how % 4), 0xff, 4 * (how % 4));
	if (how % 8 == 7)
		memset(counter, 0xff, 4);
	put_word(counter + 12, (uint32_t) (0 - next_random(&seed) % (blocks + 1)));
}

static void
test_lengths(const ledger_sm4_kernel *kernel)
{
	uint8_t		text[MAX_LEN];
	size_t		len;

	random_bytes(&seed, text, sizeof(text));
	for (len = 0; len <= MAX_LEN; len++)
	{
		unsigned	how;

		for (how = 0; how < 8; how += len < 300 ? 1 : 3)
		{
			uint8_t		key[16];
			uint8_t		counter[16];
			uint8_t	   *in = exact_copy(text, len);
			uint8_t	   *want = exact_copy(text, len);
			uint8_t	   *got = exact_copy(text, len);
			ledger_sm4	sm4;

			random_bytes(&seed, key, 16);
			choose_counter(how, len, counter);
			reference(key, counter, in, len, want);
			ledger_sm4_init_by(kernel, &sm4, key);
			ledger_sm4_ctr(&sm4, counter, in, len, got);
			expect(memcmp(want, got, len) == 0 && memcmp(in, text, len) == 0, "%zu bytes, counter %u", len,
				   how);
			ledger_sm4_ctr(&sm4, counter, got, len, got);
			expect(memcmp(in, got, len) == 0, "%zu bytes back in their place, counter %u", len, how);
			free(in);
			free(want);
			free(got);
		}
	}
	done("messages of every length are as libcrypto's, in place or not, and where the counter wraps");
}

static void
test_many(const ledger_sm4_kernel *kernel)
{
	/* lengths below these, for messages of one kind */
	static const size_t below[] = {1, 2, 17, 66, 200, 1500};
	unsigned	n;
	unsigned	kind;

	for (n = 0; n <= MAX_MESSAGES; n++)
		for (kind = 0; kind < sizeof(below) / sizeof(below[0]); kind++)
		{
			static uint8_t key[MAX_MESSAGES][16];
			static uint8_t counter[MAX_MESSAGES][16];
			ledger_sm4_message message[MAX_MESSAGES];
			uint8_t	   *want[MAX_MESSAGES];
			uint8_t	   *in[MAX_MESSAGES];
			unsigned	i;

			for (i = 0; i < n; i++)
			{
				uint8_t		text[1500];
				size_t		len = next_random(&seed) % below[kind];

				random_bytes(&seed, text, len);
				random_bytes(&seed, key[i], 16);
				choose_counter((unsigned) next_random(&seed), len, counter[i]);
				in[i] = exact_copy(text, len);
				want[i] = exact_copy(text, len);
				reference(key[i], counter[i], text, len, want[i]);
				message[i].key = key[i];
				message[i].counter = counter[i];
				message[i].in = in[i];
				message[i].out = i % 2 == 0 ? in[i] : exact_copy(text, len);
				message[i].len = len;
			}
			ledger_sm4_ctr_many_by(kernel, n, message);
			for (i = 0; i < n; i++)
			{
				expect(memcmp(message[i].out, want[i], message[i].len) == 0, "message %u of %u, %zu bytes", i,
					   n, message[i].len);
				if (message[i].out != in[i])
					free(message[i].out);
				free(in[i]);
				free(want[i]);
			}
		}
	done("many messages under many keys are as libcrypto's");
}

/* What the names in cipher.h lead to. */
static void
test_public(void)
{
	uint8_t		key[16];
	uint8_t		counter[16];
	uint8_t		in[100];
	uint8_t		want[100];
	uint8_t		got[2][100];
	ledger_sm4_message message[2] = {
		{key, counter, in, got[0], sizeof(in)},
		{key, counter, in, got[1], sizeof(in)},
	};
	ledger_sm4	sm4;

	random_bytes(&seed, key, sizeof(key));
	random_bytes(&seed, counter, sizeof(counter));
	random_bytes(&seed, in, sizeof(in));
	reference(key, counter, in, sizeof(in), want);
	ledger_sm4_init(&sm4, key);
	ledger_sm4_ctr(&sm4, counter, in, sizeof(in), got[0]);
	check(memcmp(got[0], want, sizeof(want)) == 0 &&
			  sm4.kernel == ledger_sm4_kernel_for(ledger_cpu_features()),
		  "the kernel of this CPU is chosen: %s", sm4.kernel->name);
	memset(got, 0, sizeof(got));
	ledger_sm4_ctr_many(2, message);
	check(memcmp(got[0], want, sizeof(want)) == 0 && memcmp(got[1], want, sizeof(want)) == 0,
		  "and for many messages");
	ledger_sm4_ctr_many(0, NULL);
	ledger_sm4_wipe(&sm4);
}

static void
test_kernel(const ledger_sm4_kernel *kernel)
{
	test_published(kernel);
	test_sbox(kernel);
	test_lengths(kernel);
	test_many(kernel);
}

int
main(void)
{
	ledger_cpu	cpu = ledger_cpu_features();

	evp = EVP_CIPHER_fetch(NULL, "SM4-CTR", NULL);
	ctx = EVP_CIPHER_CTX_new();
	if (evp == NULL || ctx == NULL || unhex(sbox_hex, sbox) != sizeof(sbox))
		abort();
	test_matrices();
	test_public();
	test_kernel(&ledger_sm4_portable);
#if defined(__x86_64__)
	if (cpu.avx2 && cpu.gfni)
		test_kernel(&ledger_sm4_avx2_gfni);
	if (cpu.avx512 && cpu.gfni)
		test_kernel(&ledger_sm4_avx512_gfni);
#else
	(void) cpu;
#endif
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(evp);
	return finish();
}
