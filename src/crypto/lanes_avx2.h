/*
 * crypto/lanes_avx2.h
 *		Eight lanes in the 256-bit registers of AVX2.
 *
 * Included by the one file of each digest that is compiled for this width, not
 * by anybody else: crypto/lanes_avx512.h defines the same names.
 */
#ifndef LEDGER_CRYPTO_LANES_AVX2_H
#define LEDGER_CRYPTO_LANES_AVX2_H

#include <immintrin.h>
#include <stdint.h>

#define LANES 8
#define LANES_TARGET __attribute__((target("avx2")))

typedef __m256i vec;

#define SPLAT(word) _mm256_set1_epi32((int) (word))
#define LOAD(p) _mm256_loadu_si256((const vec *) (const void *) (p))
#define STORE(p, v) _mm256_storeu_si256((vec *) (void *) (p), v)
#define ADD(x, y) _mm256_add_epi32(x, y)
#define XOR(x, y) _mm256_xor_si256(x, y)
#define AND(x, y) _mm256_and_si256(x, y)
#define OR(x, y) _mm256_or_si256(x, y)
#define SHL(x, n) _mm256_slli_epi32(x, n)
#define SHR(x, n) _mm256_srli_epi32(x, n)
#define ROTL(x, n) OR(SHL(x, n), SHR(x, 32 - (n)))

#define XOR3(x, y, z) XOR(XOR(x, y), z)
#define CHOOSE(x, y, z) XOR(z, AND(x, XOR(y, z)))
#define MAJORITY(x, y, z) OR(AND(x, y), AND(z, OR(x, y)))

/*
 * w[i] = big-endian word i of the block of every lane: two 8 x 8 transpositions,
 * within the 128-bit halves first, then of the halves.
 */
LANES_TARGET static inline void
load_words(vec w[16], const uint8_t *const block[LANES])
{
	const vec	swap = _mm256_set_epi8(28, 29, 30, 31, 24, 25, 26, 27, 20, 21, 22, 23, 16, 17, 18, 19, 12, 13,
									 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
	int			half;
	int			i;

	for (half = 0; half < 2; half++)
	{
		vec			row[8];
		vec			four[8];	/* four[i + j]: in half h, word 4h + j of lanes i to i + 3 */

#pragma GCC unroll 16
		for (i = 0; i < 8; i++)
			row[i] = _mm256_shuffle_epi8(LOAD(block[i] + 32 * half), swap);
#pragma GCC unroll 16
		for (i = 0; i < 8; i += 4)
		{
			vec			lo01 = _mm256_unpacklo_epi32(row[i], row[i + 1]);
			vec			hi01 = _mm256_unpackhi_epi32(row[i], row[i + 1]);
			vec			lo23 = _mm256_unpacklo_epi32(row[i + 2], row[i + 3]);
			vec			hi23 = _mm256_unpackhi_epi32(row[i + 2], row[i + 3]);

			four[i] = _mm256_unpacklo_epi64(lo01, lo23);
			four[i + 1] = _mm256_unpackhi_epi64(lo01, lo23);
			four[i + 2] = _mm256_unpacklo_epi64(hi01, hi23);
			four[i + 3] = _mm256_unpackhi_epi64(hi01, hi23);
		}
#pragma GCC unroll 16
		for (i = 0; i < 4; i++)
		{
			w[8 * half + i] = _mm256_permute2x128_si256(four[i], four[4 + i], 0x20);
			w[8 * half + 4 + i] = _mm256_permute2x128_si256(four[i], four[4 + i], 0x31);
		}
	}
}

#endif							/* LEDGER_CRYPTO_LANES_AVX2_H */
