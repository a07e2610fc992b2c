/*
 * crypto/lanes_avx512.h
 *		Sixteen lanes in the 512-bit registers of AVX-512 (F and BW).
 *
 * Included by the one file of each digest that is compiled for this width, not
 * by anybody else: crypto/lanes_avx2.h defines the same names.
 */
#ifndef LEDGER_CRYPTO_LANES_AVX512_H
#define LEDGER_CRYPTO_LANES_AVX512_H

#include <immintrin.h>
#include <stdint.h>

#define LANES 16
#define LANES_TARGET __attribute__((target("avx512f,avx512bw")))

typedef __m512i vec;

#define SPLAT(word) _mm512_set1_epi32((int) (word))
#define LOAD(p) _mm512_loadu_si512(p)
#define STORE(p, v) _mm512_storeu_si512(p, v)
#define ADD(x, y) _mm512_add_epi32(x, y)
#define XOR(x, y) _mm512_xor_si512(x, y)
#define OR(x, y) _mm512_or_si512(x, y)
#define SHL(x, n) _mm512_slli_epi32(x, n)
#define SHR(x, n) _mm512_srli_epi32(x, n)
#define ROTL(x, n) _mm512_rol_epi32(x, n)

/* the immediate is the truth table of the function */
#define XOR3(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0x96)
#define CHOOSE(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0xca)
#define MAJORITY(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0xe8)

/*
 * w[i] = big-endian word i of the block of every lane: a 16 x 16 transposition,
 * within the 128-bit quarters first, then of the quarters.
 */
LANES_TARGET static inline void
load_words(vec w[16], const uint8_t *const block[LANES])
{
	const vec	swap =
		_mm512_set_epi8(60, 61, 62, 63, 56, 57, 58, 59, 52, 53, 54, 55, 48, 49, 50, 51, 44, 45, 46, 47, 40,
						41, 42, 43, 36, 37, 38, 39, 32, 33, 34, 35, 28, 29, 30, 31, 24, 25, 26, 27, 20, 21,
						22, 23, 16, 17, 18, 19, 12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
	vec			row[16];
	vec			four[16];		/* four[i + j]: in quarter q, word 4q + j of lanes i to i + 3 */
	int			i;

#pragma GCC unroll 16
	for (i = 0; i < 16; i++)
		row[i] = _mm512_shuffle_epi8(LOAD(block[i]), swap);
#pragma GCC unroll 16
	for (i = 0; i < 16; i += 4)
	{
		vec			lo01 = _mm512_unpacklo_epi32(row[i], row[i + 1]);
		vec			hi01 = _mm512_unpackhi_epi32(row[i], row[i + 1]);
		vec			lo23 = _mm512_unpacklo_epi32(row[i + 2], row[i + 3]);
		vec			hi23 = _mm512_unpackhi_epi32(row[i + 2], row[i + 3]);

		four[i] = _mm512_unpacklo_epi64(lo01, lo23);
		four[i + 1] = _mm512_unpackhi_epi64(lo01, lo23);
		four[i + 2] = _mm512_unpacklo_epi64(hi01, hi23);
		four[i + 3] = _mm512_unpackhi_epi64(hi01, hi23);
	}
#pragma GCC unroll 16
	for (i = 0; i < 4; i++)
	{
		vec			low_a = _mm512_shuffle_i32x4(four[i], four[4 + i], 0x44);
		vec			low_b = _mm512_shuffle_i32x4(four[8 + i], four[12 + i], 0x44);
		vec			high_a = _mm512_shuffle_i32x4(four[i], four[4 + i], 0xee);
		vec			high_b = _mm512_shuffle_i32x4(four[8 + i], four[12 + i], 0xee);

		w[i] = _mm512_shuffle_i32x4(low_a, low_b, 0x88);
		w[4 + i] = _mm512_shuffle_i32x4(low_a, low_b, 0xdd);
		w[8 + i] = _mm512_shuffle_i32x4(high_a, high_b, 0x88);
		w[12 + i] = _mm512_shuffle_i32x4(high_a, high_b, 0xdd);
	}
}

#endif							/* LEDGER_CRYPTO_LANES_AVX512_H */
