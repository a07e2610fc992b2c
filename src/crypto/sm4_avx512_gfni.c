/*
 * crypto/sm4_avx512_gfni.c
 *		SM4 of sixteen blocks in four vectors, and sixty-four at once.
 */
#if defined(__x86_64__)

#include <stdbool.h>
#include <string.h>

#include "crypto/lanes_avx512.h"

#define SM4_TARGET __attribute__((target("avx512f,avx512bw,gfni")))
#define SM4_GROUPS 4

#define AFFINE(x, m, c) _mm512_gf2p8affine_epi64_epi8(x, m, c)
#define INVERT(x, m, c) _mm512_gf2p8affineinv_epi64_epi8(x, m, c)
#define MATRIX(m) _mm512_set1_epi64((long long) (m))
#define SHUFFLE(x, y) _mm512_shuffle_epi8(x, y)
#define SHUFFLER(a, b, c, d) _mm512_set4_epi32(d, c, b, a)
#define UNPACK_LOW_32(x, y) _mm512_unpacklo_epi32(x, y)
#define UNPACK_HIGH_32(x, y) _mm512_unpackhi_epi32(x, y)
#define UNPACK_LOW_64(x, y) _mm512_unpacklo_epi64(x, y)
#define UNPACK_HIGH_64(x, y) _mm512_unpackhi_epi64(x, y)
#define FIRST(x) ((uint32_t) _mm_cvtsi128_si32(_mm512_castsi512_si128(x)))
#define BLOCK_OF_LANE _mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0)

SM4_TARGET static inline void
xor_part(vec x, const uint8_t *in, size_t len, uint8_t *out)
{
	__mmask64	bytes = (UINT64_C(1) << len) - 1;

	_mm512_mask_storeu_epi8(out, bytes, XOR(x, _mm512_maskz_loadu_epi8(bytes, in)));
}

#include "crypto/sm4_gfni.h"

const ledger_sm4_kernel ledger_sm4_avx512_gfni = {
	.name = "AVX-512 and GFNI",
	.width = LANES,
	.long_message = 32 * LEDGER_SM4_BLOCK_LEN,
	.expand = expand,
	.ctr = ctr,
	.expand_many = expand_many,
	.blocks_many = blocks_many
};

#endif
