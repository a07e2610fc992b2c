/*
 * crypto/sm4_portable.c
 *		SM4 of sixteen blocks in words of C, without tables: bit by bit.
 *
 * A word of sixteen blocks is eight slices. Slice b holds bit b of every byte:
 * that of byte j (0 is the least significant) of block i in bit 16 j + i. A
 * rotation by eight bits is then one of every slice by sixteen, and one by two
 * bits moves the slices.
 *
 * The S-box is S(x) = A (A x + c)^-1 + c (crypto/sm4_affine.h). The inversion is
 * done in the tower of fields
 *
 *		GF(4) = GF(2)[w] / (w^2 + w + 1)
 *		GF(16) = GF(4)[z] / (z^2 + z + w)
 *		GF(256) = GF(16)[y] / (y^2 + y + wz + 1),
 *
 * an element written a1 w + a0 and so on, its bits in this order with the
 * constant one last. Of the eight isomorphisms that of root 131 needs the fewest
 * sums; the matrices A before and behind are merged with it.
 */
#include <string.h>

#include "crypto/key.h"
#include "crypto/sm4_kernel.h"

/* gcc 12 puts slices together in vectors, one by one, and takes them out again for the next rotation. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-tree-vectorize")
#endif

#define LANES 16
#define BITS 8

typedef uint64_t slice;
typedef slice sliced[BITS];		/* a word of every block */

#define ROTL(x, n) ((x) << (n) | (x) >> (64 - (n)))

/* One bit for each byte of a block */
#define BYTES UINT64_C(0x0001000100010001)

/* GB/T 32907-2016 7.3 */
const uint32_t ledger_sm4_fk[4] = {
	0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc
};

/* byte j of word i is 7 (4 i + j) modulo 256 */
const uint32_t ledger_sm4_ck[LEDGER_SM4_ROUNDS] = {
	0x00070e15, 0x1c232a31, 0x383f464d, 0x545b6269, 0x70777e85, 0x8c939aa1, 0xa8afb6bd, 0xc4cbd2d9,
	0xe0e7eef5, 0xfc030a11, 0x181f262d, 0x343b4249, 0x50575e65, 0x6c737a81, 0x888f969d, 0xa4abb2b9,
	0xc0c7ced5, 0xdce3eaf1, 0xf8ff060d, 0x141b2229, 0x30373e45, 0x4c535a61, 0x686f767d, 0x848b9299,
	0xa0a7aeb5, 0xbcc3cad1, 0xd8dfe6ed, 0xf4fb0209, 0x10171e25, 0x2c333a41, 0x484f565d, 0x646b7279
};

/* ---- the S-box --------------------------------------------------------------- */

/* r = a b in GF(4) */
static inline void
mul4(const slice a[2], const slice b[2], slice r[2])
{
	const slice low = a[0] & b[0];
	const slice both = (a[0] ^ a[1]) & (b[0] ^ b[1]);
	const slice high = a[1] & b[1];

	r[0] = low ^ high;
	r[1] = low ^ both;
}

/* r = a b in GF(16) */
static inline void
mul16(const slice a[4], const slice b[4], slice r[4])
{
	const slice a_sum[2] = {a[0] ^ a[2], a[1] ^ a[3]};
	const slice b_sum[2] = {b[0] ^ b[2], b[1] ^ b[3]};
	slice		low[2];
	slice		both[2];
	slice		high[2];

	mul4(a, b, low);
	mul4(a_sum, b_sum, both);
	mul4(a + 2, b + 2, high);
	r[2] = low[0] ^ both[0];
	r[3] = low[1] ^ both[1];
	/* w (high1 w + high0) = (high1 + high0) w + high1 */
	r[0] = low[0] ^ high[1];
	r[1] = low[1] ^ high[0] ^ high[1];
}

/* r = 1/a in GF(16), 0 for 0: (a1 z + (a0 + a1)) / (w a1^2 + a1 a0 + a0^2), and 1/d = d^2 in GF(4) */
static inline void
invert16(const slice a[4], slice r[4])
{
	const slice sum[2] = {a[0] ^ a[2], a[1] ^ a[3]};
	slice		d[2];
	slice		inverse[2];

	mul4(a, sum, d);
	/* w a1^2, where (p w + q)^2 = p w + (p + q), is q w + p */
	d[0] ^= a[3];
	d[1] ^= a[2];
	inverse[0] = d[0] ^ d[1];
	inverse[1] = d[1];
	mul4(a + 2, inverse, r + 2);
	mul4(sum, inverse, r);
}

/* y = A x + c in the tower */
static inline void
enter_tower(const slice x[BITS], slice y[BITS])
{
	const slice t0 = x[0] ^ x[6];
	const slice t1 = x[1] ^ t0;
	const slice t2 = x[2] ^ t1;
	const slice t3 = x[4] ^ x[5];

	y[0] = t0 ^ t3;
	y[1] = x[1] ^ t3;
	y[2] = ~x[5];
	y[3] = x[5] ^ t2;
	y[4] = x[4] ^ t2;
	y[5] = ~x[6];
	y[6] = ~(x[2] ^ x[7]);
	y[7] = ~(t3 ^ x[3] ^ t2);
}

/* x = A y + c out of the tower */
static inline void
leave_tower(const slice y[BITS], slice x[BITS])
{
	const slice t0 = y[0] ^ y[6];
	const slice t1 = y[1] ^ y[4];
	const slice t2 = y[7] ^ t0;
	const slice t3 = y[2] ^ t1;
	const slice t4 = y[1] ^ y[3];

	x[0] = ~(y[0] ^ y[2]);
	x[1] = ~(y[4] ^ t0);
	x[2] = t3;
	x[3] = t2;
	x[4] = ~(y[5] ^ t4);
	x[5] = y[7] ^ t4;
	x[6] = ~(t1 ^ y[0] ^ y[5]);
	x[7] = ~(y[3] ^ t2 ^ t3);
}

static inline void
substitute(sliced x)
{
	slice		a[BITS];
	slice		sum[4];
	slice		d[4];
	slice		inverse[4];
	const slice *a1 = a + 4;
	slice		t;
	int			i;

	enter_tower(x, a);
#pragma GCC unroll 8
	for (i = 0; i < 4; i++)
		sum[i] = a[i] ^ a1[i];
	mul16(a, sum, d);
	/* (wz + 1) a1^2, a linear map */
	t = a1[1] ^ a1[3];
	d[0] ^= a1[0] ^ a1[2] ^ t;
	d[1] ^= t;
	d[2] ^= a1[1];
	d[3] ^= a1[0];
	invert16(d, inverse);
	mul16(a1, inverse, a + 4);
	mul16(sum, inverse, a);
	leave_tower(a, x);
}

/* ---- slices ------------------------------------------------------------------ */

/* Byte j of a word in bits 16 j to 16 j + 7. */
static inline uint64_t
spread(uint32_t word)
{
	uint64_t	x = word;

	x = (x | x << 16) & UINT64_C(0x0000ffff0000ffff);
	return (x | x << 8) & UINT64_C(0x00ff00ff00ff00ff);
}

static inline uint32_t
gather(uint64_t x)
{
	x &= UINT64_C(0x00ff00ff00ff00ff);
	x = (x | x >> 8) & UINT64_C(0x0000ffff0000ffff);
	return (uint32_t) (x | x >> 16);
}

/* Exchanges the bits of mask in a with those "shift" higher in b. */
static inline void
exchange(slice *b, slice *a, unsigned shift, slice mask)
{
	slice		t = ((*a >> shift) ^ *b) & mask;

	*b ^= t;
	*a ^= t << shift;
}

/* Eight times eight bits, in every byte of the slices: row i becomes column i. */
static inline void
flip(sliced x)
{
	int			i;

#pragma GCC unroll 8
	for (i = 0; i < BITS; i += 2)
		exchange(&x[i + 1], &x[i], 1, UINT64_C(0x5555555555555555));
#pragma GCC unroll 8
	for (i = 0; i < BITS; i += i & 1 ? 3 : 1)
		exchange(&x[i + 2], &x[i], 2, UINT64_C(0x3333333333333333));
#pragma GCC unroll 8
	for (i = 0; i < BITS / 2; i++)
		exchange(&x[i + 4], &x[i], 4, UINT64_C(0x0f0f0f0f0f0f0f0f));
}

/* The sixteen words, from slices and into them. */
static inline void
slice_words(const uint32_t word[LANES], sliced x)
{
	int			i;

#pragma GCC unroll 8
	for (i = 0; i < BITS; i++)
		x[i] = spread(word[i]) | spread(word[i + BITS]) << 8;
	flip(x);
}

static inline void
unslice_words(sliced x, uint32_t word[LANES])
{
	int			i;

	flip(x);
#pragma GCC unroll 8
	for (i = 0; i < BITS; i++)
	{
		word[i] = gather(x[i]);
		word[i + BITS] = gather(x[i] >> 8);
	}
}

/* The same word in all lanes. */
static inline void
slice_one(uint32_t word, sliced x)
{
	uint64_t	bytes = spread(word);
	int			i;

#pragma GCC unroll 8
	for (i = 0; i < BITS; i++)
		x[i] = (bytes >> i & BYTES) * 0xffff;
}

/* ---- rounds ------------------------------------------------------------------ */

/* r += x + (x <<< 2) + (x <<< 10) + (x <<< 18) + (x <<< 24) */
static inline void
add_l(const sliced x, sliced r)
{
	sliced		z;
	int			i;

#pragma GCC unroll 8
	for (i = 0; i < BITS; i++)
		z[i] = x[i] ^ ROTL(x[i], 16) ^ ROTL(x[i], 32);
#pragma GCC unroll 8
	for (i = 0; i < BITS; i++)
		r[i] ^= x[i] ^ ROTL(x[i], 48) ^ (i >= 2 ? z[i - 2] : ROTL(z[i + 6], 16));
}

/* r += x + (x <<< 13) + (x <<< 23) */
static inline void
add_l_key(const sliced x, sliced r)
{
	int			i;

#pragma GCC unroll 8
	for (i = 0; i < BITS; i++)
		r[i] ^= x[i] ^ (i >= 5 ? ROTL(x[i - 5], 16) : ROTL(x[i + 3], 32)) ^
			(i >= 7 ? ROTL(x[i - 7], 32) : ROTL(x[i + 1], 48));
}

/* x becomes what the S-boxes make of a + b + c + d. */
static inline void
substitute_sum(const sliced a, const sliced b, const sliced c, const sliced d, sliced x)
{
	int			i;

#pragma GCC unroll 8
	for (i = 0; i < BITS; i++)
		x[i] = a[i] ^ b[i] ^ c[i] ^ d[i];
	substitute(x);
}

static inline void
encrypt(sliced x[4], const sliced round_key[LEDGER_SM4_ROUNDS])
{
	int			i;

	for (i = 0; i < LEDGER_SM4_ROUNDS; i++)
	{
		sliced		s;

		substitute_sum(x[(i + 1) & 3], x[(i + 2) & 3], x[(i + 3) & 3], round_key[i], s);
		add_l(s, x[i & 3]);
	}
}

/* k holds the four words of the keys plus FK. */
static void
expand_sliced(sliced k[4], sliced round_key[LEDGER_SM4_ROUNDS])
{
	int			i;

	for (i = 0; i < LEDGER_SM4_ROUNDS; i++)
	{
		sliced		s;

		slice_one(ledger_sm4_ck[i], s);
		substitute_sum(k[(i + 1) & 3], k[(i + 2) & 3], k[(i + 3) & 3], s, s);
		add_l_key(s, k[i & 3]);
		memcpy(round_key[i], k[i & 3], sizeof(sliced));
	}
}

/* ---- the kernel -------------------------------------------------------------- */

static inline uint32_t
get_be32(const uint8_t *p)
{
	return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 | (uint32_t) p[2] << 8 | p[3];
}

static inline void
put_be32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t) (v >> 24);
	p[1] = (uint8_t) (v >> 16);
	p[2] = (uint8_t) (v >> 8);
	p[3] = (uint8_t) v;
}

/* Sixteen blocks; x[i] becomes word i of them plus add[i]. */
static void
load_blocks(const uint8_t *in, const uint32_t add[4], sliced x[4])
{
	uint32_t	word[LANES];
	int			i;
	int			j;

#pragma GCC unroll 8
	for (i = 0; i < 4; i++)
	{
		for (j = 0; j < LANES; j++)
			word[j] = get_be32(in + j * LEDGER_SM4_BLOCK_LEN + 4 * i) ^ add[i];
		slice_words(word, x[i]);
	}
}

/* Blocks of the last state: its last word is the first of the block. */
static void
store_blocks(sliced x[4], uint8_t *out)
{
	uint32_t	word[LANES];
	int			i;
	int			j;

#pragma GCC unroll 8
	for (i = 0; i < 4; i++)
	{
		unslice_words(x[3 - i], word);
		for (j = 0; j < LANES; j++)
			put_be32(out + j * LEDGER_SM4_BLOCK_LEN + 4 * i, word[j]);
	}
}

static void
expand_many(const uint8_t *keys, uint32_t *round_keys)
{
	sliced		key[LEDGER_SM4_ROUNDS];
	sliced		k[4];

	load_blocks(keys, ledger_sm4_fk, k);
	expand_sliced(k, key);
	memcpy(round_keys, key, sizeof(key));
	ledger_wipe(key, sizeof(key));
	ledger_wipe(k, sizeof(k));
}

/* One lane is used of sixteen. */
static void
expand(const uint8_t *key, uint32_t *round_key)
{
	sliced		sliced_key[LEDGER_SM4_ROUNDS];
	sliced		k[4];
	int			i;
	int			j;

#pragma GCC unroll 8
	for (i = 0; i < 4; i++)
		slice_one(get_be32(key + 4 * i) ^ ledger_sm4_fk[i], k[i]);
	expand_sliced(k, sliced_key);
	for (i = 0; i < LEDGER_SM4_ROUNDS; i++)
	{
		uint64_t	bytes = 0;

		for (j = 0; j < BITS; j++)
			bytes |= (sliced_key[i][j] & BYTES) << j;
		round_key[i] = gather(bytes);
	}
	ledger_wipe(sliced_key, sizeof(sliced_key));
	ledger_wipe(k, sizeof(k));
}

static void
blocks_many(const uint32_t *round_keys, const uint8_t *in, unsigned n, uint8_t *out)
{
	static const uint32_t nothing[4];
	sliced		key[LEDGER_SM4_ROUNDS];
	sliced		x[4];

	memcpy(key, round_keys, sizeof(key));
	for (; n > 0; n--)
	{
		load_blocks(in, nothing, x);
		encrypt(x, (const sliced *) key);
		store_blocks(x, out);
		in += LANES * LEDGER_SM4_BLOCK_LEN;
		out += LANES * LEDGER_SM4_BLOCK_LEN;
	}
	ledger_wipe(key, sizeof(key));
	ledger_wipe(x, sizeof(x));
}

static void
ctr(const uint32_t *round_key, const uint32_t counter[4], const uint8_t *in, size_t len, uint8_t *out)
{
	sliced		key[LEDGER_SM4_ROUNDS];
	sliced		x[4];
	uint8_t		stream[LANES * LEDGER_SM4_BLOCK_LEN];
	uint32_t	number = counter[3];
	size_t		i;

	for (i = 0; i < LEDGER_SM4_ROUNDS; i++)
		slice_one(round_key[i], key[i]);
	while (len > 0)
	{
		size_t		part = len < sizeof(stream) ? len : sizeof(stream);
		uint32_t	word[LANES];

		for (i = 0; i < 3; i++)
			slice_one(counter[i], x[i]);
		for (i = 0; i < LANES; i++)
			word[i] = number++;
		slice_words(word, x[3]);
		encrypt(x, (const sliced *) key);
		store_blocks(x, stream);
		for (i = 0; i < part; i++)
			out[i] = in[i] ^ stream[i];
		in += part;
		out += part;
		len -= part;
	}
	ledger_wipe(key, sizeof(key));
	ledger_wipe(x, sizeof(x));
	ledger_wipe(stream, sizeof(stream));
}

const ledger_sm4_kernel ledger_sm4_portable = {
	.name = "portable",
	.width = LANES,
	.long_message = 64 * LEDGER_SM4_BLOCK_LEN,
	.expand = expand,
	.ctr = ctr,
	.expand_many = expand_many,
	.blocks_many = blocks_many
};
