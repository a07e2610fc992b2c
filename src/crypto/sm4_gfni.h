/*
 * crypto/sm4_gfni.h
 *		The kernel of SM4 for CPUs with the Galois field instructions.
 *
 * Included after crypto/lanes_*.h by a file that also defines SM4_TARGET,
 * SM4_GROUPS and the operations named below. How the rounds come to be three
 * matrices is told in crypto/sm4_affine.h.
 *
 *		AFFINE(x, m, c)		m x + c in every byte
 *		INVERT(x, m, c)		m x^-1 + c
 *		SHUFFLE(x, y)		bytes of x, within every 128 bits, where y says
 *		UNPACK_*			interleave words within every 128 bits
 *		xor_part(x, in, len, out)		the first bytes of a vector
 *
 * A vector holds the same word of LANES blocks in the order of memory: the
 * standard reads words big-endian, so what it rotates to the left by bytes is
 * rotated to the right here, and nothing has to be swapped but the counter.
 *
 * Lane 4i + j belongs to block LANES / 4 * j + i, so that the words of a block are
 * together again when 4 x 4 words are transposed within every 128 bits.
 */
#ifndef LEDGER_CRYPTO_SM4_GFNI_H
#define LEDGER_CRYPTO_SM4_GFNI_H

#include "crypto/sm4_affine.h"
#include "crypto/sm4_kernel.h"

#define INLINE static inline __attribute__((always_inline))

/* Bytes of a vector, and of the blocks whose words one group of four vectors holds */
#define VEC_LEN (4 * LANES)
#define GROUP_LEN (16 * LANES)

/* Where SHUFFLE finds the bytes of words that are rotated */
#define TURN_1 SHUFFLER(0x00030201, 0x04070605, 0x080b0a09, 0x0c0f0e0d)
#define TURN_2 SHUFFLER(0x01000302, 0x05040706, 0x09080b0a, 0x0d0c0f0e)
#define TURN_3 SHUFFLER(0x02010003, 0x06050407, 0x0a09080b, 0x0e0d0c0f)
#define TURN_AROUND SHUFFLER(0x00010203, 0x04050607, 0x08090a0b, 0x0c0d0e0f)

/* x[0..4) becomes its transpose, 4 x 4 words in every 128 bits. */
SM4_TARGET INLINE void
transpose(vec x[4])
{
	vec			low01 = UNPACK_LOW_32(x[0], x[1]);
	vec			high01 = UNPACK_HIGH_32(x[0], x[1]);
	vec			low23 = UNPACK_LOW_32(x[2], x[3]);
	vec			high23 = UNPACK_HIGH_32(x[2], x[3]);

	x[0] = UNPACK_LOW_64(low01, low23);
	x[1] = UNPACK_HIGH_64(low01, low23);
	x[2] = UNPACK_LOW_64(high01, high23);
	x[3] = UNPACK_HIGH_64(high01, high23);
}

/*
 * The rounds of a few groups of blocks, from words T x + t to blocks. The round
 * keys are those of one key, or, with "own", of every lane. What is newest in the
 * state enters last: the time of a few blocks is that of the longest chain.
 */
SM4_TARGET INLINE void
encrypt(vec (*x)[4], const unsigned groups, const uint32_t *round_key, const bool own)
{
	const vec	turn1 = TURN_1;
	const vec	turn2 = TURN_2;
	const vec	turn3 = TURN_3;
	const vec	p0 = MATRIX(LEDGER_SM4_P0);
	const vec	p1 = MATRIX(LEDGER_SM4_P1);
	const vec	p3 = MATRIX(LEDGER_SM4_P3);
	const unsigned step = own ? LANES : 1;
	unsigned	i;
	unsigned	j;
	unsigned	g;

	for (i = 0; i < LEDGER_SM4_ROUNDS; i += 4, round_key += 4 * step)
	{
#pragma GCC unroll 4
		for (j = 0; j < 4; j++)
		{
			const vec	k = own ? LOAD(round_key + j * step) : SPLAT(round_key[j]);

#pragma GCC unroll 4
			for (g = 0; g < groups; g++)
			{
				vec			v = XOR(XOR3(k, x[g][(j + 1) & 3], x[g][(j + 2) & 3]), x[g][(j + 3) & 3]);
				vec			b = INVERT(v, p1, 0);

				v = XOR3(x[g][j], INVERT(v, p0, LEDGER_SM4_P_ADD), SHUFFLE(INVERT(v, p3, 0), turn3));
				x[g][j] = XOR3(v, SHUFFLE(b, turn1), SHUFFLE(b, turn2));
			}
		}
	}
#pragma GCC unroll 4
	for (g = 0; g < groups; g++)
	{
		vec			y[4];

		/* the last word is the first of the block */
#pragma GCC unroll 4
		for (i = 0; i < 4; i++)
			y[i] = AFFINE(x[g][3 - i], MATRIX(LEDGER_SM4_BACK), LEDGER_SM4_BACK_ADD);
#pragma GCC unroll 4
		for (i = 0; i < 4; i++)
			x[g][i] = y[i];
		transpose(x[g]);
	}
}

/* Round keys of the key in every lane, word i of it in k[i]. */
SM4_TARGET INLINE void
expand_lanes(vec k[4], uint32_t *round_key, const bool own)
{
	const vec	turn1 = TURN_1;
	const vec	turn2 = TURN_2;
	const vec	turn3 = TURN_3;
	const vec	t = MATRIX(LEDGER_SM4_T);
	const vec	q0 = MATRIX(LEDGER_SM4_Q0);
	const vec	q1 = MATRIX(LEDGER_SM4_Q1);
	const vec	q2 = MATRIX(LEDGER_SM4_Q2);
	const vec	q3 = MATRIX(LEDGER_SM4_Q3);
	const unsigned step = own ? LANES : 1;
	unsigned	i;
	unsigned	j;

#pragma GCC unroll 4
	for (j = 0; j < 4; j++)
		k[j] = AFFINE(XOR(k[j], SPLAT(__builtin_bswap32(ledger_sm4_fk[j]))), t, 0);
	for (i = 0; i < LEDGER_SM4_ROUNDS; i += 4, round_key += 4 * step)
	{
#pragma GCC unroll 4
		for (j = 0; j < 4; j++)
		{
			vec			c = AFFINE(SPLAT(__builtin_bswap32(ledger_sm4_ck[i + j])), t, LEDGER_SM4_T_ADD);
			vec			v = XOR(XOR3(c, k[(j + 1) & 3], k[(j + 2) & 3]), k[(j + 3) & 3]);
			vec			a = XOR(k[j], INVERT(v, q0, LEDGER_SM4_Q_ADD));

			a = XOR3(a, SHUFFLE(INVERT(v, q1, 0), turn1), SHUFFLE(INVERT(v, q2, 0), turn2));
			k[j] = XOR(a, SHUFFLE(INVERT(v, q3, 0), turn3));
			if (own)
				STORE(round_key + j * step, k[j]);
			else
				round_key[j] = FIRST(k[j]);
		}
	}
}

SM4_TARGET static void
expand(const uint8_t *key, uint32_t *round_key)
{
	uint32_t	word[4];
	vec			k[4];
	int			i;

	memcpy(word, key, sizeof(word));
#pragma GCC unroll 4
	for (i = 0; i < 4; i++)
		k[i] = SPLAT(word[i]);
	expand_lanes(k, round_key, false);
}

SM4_TARGET static void
expand_many(const uint8_t *keys, uint32_t *round_keys)
{
	vec			k[4];
	int			i;

#pragma GCC unroll 4
	for (i = 0; i < 4; i++)
		k[i] = LOAD(keys + i * VEC_LEN);
	transpose(k);
	expand_lanes(k, round_keys, true);
}

/* ---- many keys --------------------------------------------------------------- */

SM4_TARGET INLINE void
some_blocks_many(const uint32_t *round_keys, const uint8_t *in, const unsigned groups, uint8_t *out)
{
	vec			x[SM4_GROUPS][4];
	unsigned	g;
	int			i;

#pragma GCC unroll 4
	for (g = 0; g < groups; g++)
	{
#pragma GCC unroll 4
		for (i = 0; i < 4; i++)
			x[g][i] = AFFINE(LOAD(in + g * GROUP_LEN + i * VEC_LEN), MATRIX(LEDGER_SM4_T), LEDGER_SM4_T_ADD);
		transpose(x[g]);
	}
	encrypt(x, groups, round_keys, true);
#pragma GCC unroll 4
	for (g = 0; g < groups; g++)
#pragma GCC unroll 4
		for (i = 0; i < 4; i++)
			STORE(out + g * GROUP_LEN + i * VEC_LEN, x[g][i]);
}

SM4_TARGET static void
blocks_many(const uint32_t *round_keys, const uint8_t *in, unsigned n, uint8_t *out)
{
	for (; n >= SM4_GROUPS; n -= SM4_GROUPS)
	{
		some_blocks_many(round_keys, in, SM4_GROUPS, out);
		in += SM4_GROUPS * GROUP_LEN;
		out += SM4_GROUPS * GROUP_LEN;
	}
	if (n >= 2)
	{
		some_blocks_many(round_keys, in, 2, out);
		in += 2 * GROUP_LEN;
		out += 2 * GROUP_LEN;
		n -= 2;
	}
	if (n > 0)
		some_blocks_many(round_keys, in, 1, out);
}

/* ---- one key ----------------------------------------------------------------- */

/* The message, or as much of it as the groups hold. */
SM4_TARGET INLINE void
some_ctr(const uint32_t *round_key, const uint32_t counter[4], const unsigned groups, const uint8_t *in,
		 size_t len, uint8_t *out)
{
	const vec	t = MATRIX(LEDGER_SM4_T);
	vec			x[SM4_GROUPS][4];
	unsigned	g;
	int			i;

#pragma GCC unroll 4
	for (i = 0; i < 3; i++)
		x[0][i] = AFFINE(SPLAT(__builtin_bswap32(counter[i])), t, LEDGER_SM4_T_ADD);
#pragma GCC unroll 4
	for (g = 0; g < groups; g++)
	{
		vec			number = ADD(SPLAT(counter[3] + g * LANES), BLOCK_OF_LANE);

		x[g][0] = x[0][0];
		x[g][1] = x[0][1];
		x[g][2] = x[0][2];
		x[g][3] = AFFINE(SHUFFLE(number, TURN_AROUND), t, LEDGER_SM4_T_ADD);
	}
	encrypt(x, groups, round_key, false);
#pragma GCC unroll 4
	for (g = 0; g < groups; g++)
#pragma GCC unroll 4
		for (i = 0; i < 4; i++)
		{
			if (len < VEC_LEN)
			{
				if (len > 0)
					xor_part(x[g][i], in, len, out);
				return;
			}
			STORE(out, XOR(x[g][i], LOAD(in)));
			in += VEC_LEN;
			out += VEC_LEN;
			len -= VEC_LEN;
		}
}

SM4_TARGET static void
ctr(const uint32_t *round_key, const uint32_t counter[4], const uint8_t *in, size_t len, uint8_t *out)
{
	uint32_t	at[4] = {counter[0], counter[1], counter[2], counter[3]};

	while (len > 2 * GROUP_LEN)
	{
		some_ctr(round_key, at, SM4_GROUPS, in, len, out);
		if (len <= SM4_GROUPS * GROUP_LEN)
			return;
		in += SM4_GROUPS * GROUP_LEN;
		out += SM4_GROUPS * GROUP_LEN;
		len -= SM4_GROUPS * GROUP_LEN;
		at[3] += SM4_GROUPS * LANES;
	}
	if (len > GROUP_LEN)
		some_ctr(round_key, at, 2, in, len, out);
	else
		some_ctr(round_key, at, 1, in, len, out);
}

#endif							/* LEDGER_CRYPTO_SM4_GFNI_H */
