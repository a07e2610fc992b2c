/*
 * crypto/sm4_avx2_gfni.c
 *		SM4 of eight blocks in four vectors, and sixteen at once.
 */
#if defined(__x86_64__)

#include <stdbool.h>
#include <string.h>

#include "crypto/key.h"
#include "crypto/lanes_avx2.h"

#define SM4_TARGET __attribute__((target("avx2,gfni")))
#define SM4_GROUPS 2

#define AFFINE(x, m, c) _mm256_gf2p8affine_epi64_epi8(x, m, c)
#define INVERT(x, m, c) _mm256_gf2p8affineinv_epi64_epi8(x, m, c)
#define MATRIX(m) _mm256_set1_epi64x((long long) (m))
#define SHUFFLE(x, y) _mm256_shuffle_epi8(x, y)
#define SHUFFLER(a, b, c, d) _mm256_set_epi32(d, c, b, a, d, c, b, a)
#define UNPACK_LOW_32(x, y) _mm256_unpacklo_epi32(x, y)
#define UNPACK_HIGH_32(x, y) _mm256_unpackhi_epi32(x, y)
#define UNPACK_LOW_64(x, y) _mm256_unpacklo_epi64(x, y)
#define UNPACK_HIGH_64(x, y) _mm256_unpackhi_epi64(x, y)
#define FIRST(x) ((uint32_t) _mm_cvtsi128_si32(_mm256_castsi256_si128(x)))
#define BLOCK_OF_LANE _mm256_set_epi32(7, 5, 3, 1, 6, 4, 2, 0)

SM4_TARGET static inline void
xor_part(vec x, const uint8_t *in, size_t len, uint8_t *out)
{
	uint8_t		stream[sizeof(vec)];
	size_t		i;

	STORE(stream, x);
	for (i = 0; i < len; i++)
		out[i] = in[i] ^ stream[i];
	ledger_wipe(stream, sizeof(stream));
}

#include "crypto/sm4_gfni.h"

const ledger_sm4_kernel ledger_sm4_avx2_gfni = {
	.name = "AVX2 and GFNI",
	.width = LANES,
	.long_message = 32 * LEDGER_SM4_BLOCK_LEN,
	.expand = expand,
	.ctr = ctr,
	.expand_many = expand_many,
	.blocks_many = blocks_many
};

#endif
