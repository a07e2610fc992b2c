/*
 * crypto/sha256_ni.c
 *		SHA-256 of two messages side by side with the SHA instructions of x86.
 *
 * SHA256RNDS2 makes two rounds and its result is the operand of the next one:
 * one message leaves the unit idle half of the time. Two messages that take
 * turns fill it.
 *
 * The instructions want the state as the words A B E F and C D G H, the highest
 * word first, and four words of the schedule in a register, the lowest first.
 */
#if defined(__x86_64__)

#include "crypto/hash_kernel.h"

#include <immintrin.h>

#define TARGET __attribute__((target("sha,sse4.1")))

typedef struct
{
	__m128i		abef;
	__m128i		cdgh;
	__m128i		w[4];			/* ring: words 4q to 4q + 3 are w[q % 4] */
} stream;

TARGET static inline __m128i
load(const void *p)
{
	return _mm_loadu_si128((const __m128i *) p);
}

TARGET static inline void
store(void *p, __m128i v)
{
	_mm_storeu_si128((__m128i *) p, v);
}

TARGET static inline __m128i
load_four(const uint8_t *p)
{
	const __m128i swap = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);

	return _mm_shuffle_epi8(load(p), swap);
}

/* Rounds 4q to 4q + 3 */
#define ROUNDS(s, q) \
	do { \
		__m128i		wk_ = _mm_add_epi32((s).w[(q) & 3], load(ledger_sha256_k + 4 * (q))); \
\
		(s).cdgh = _mm_sha256rnds2_epu32((s).cdgh, (s).abef, wk_); \
		(s).abef = _mm_sha256rnds2_epu32((s).abef, (s).cdgh, _mm_shuffle_epi32(wk_, 0x0e)); \
	} while (0)

/* Words 4q to 4q + 3 of the schedule, q >= 4, in the place of those of q - 4 */
#define EXPAND(s, q) \
	do { \
		__m128i		sum_ = _mm_sha256msg1_epu32((s).w[(q) & 3], (s).w[((q) + 1) & 3]); \
\
		sum_ = _mm_add_epi32(sum_, _mm_alignr_epi8((s).w[((q) + 3) & 3], (s).w[((q) + 2) & 3], 4)); \
		(s).w[(q) & 3] = _mm_sha256msg2_epu32(sum_, (s).w[((q) + 3) & 3]); \
	} while (0)

#define FIRST_ONE(q) ROUNDS(x, q)
#define NEXT_ONE(q) \
	do { \
		EXPAND(x, q); \
		ROUNDS(x, q); \
	} while (0)
#define FIRST_TWO(q) \
	do { \
		ROUNDS(x, q); \
		ROUNDS(y, q); \
	} while (0)
#define NEXT_TWO(q) \
	do { \
		EXPAND(x, q); \
		EXPAND(y, q); \
		ROUNDS(x, q); \
		ROUNDS(y, q); \
	} while (0)

#define ALL_ROUNDS(first, next) \
	do { \
		first(0); \
		first(1); \
		first(2); \
		first(3); \
		next(4); \
		next(5); \
		next(6); \
		next(7); \
		next(8); \
		next(9); \
		next(10); \
		next(11); \
		next(12); \
		next(13); \
		next(14); \
		next(15); \
	} while (0)

/* Adds the block in w to the state of one message, or of two. */
TARGET static void
compress_one(stream *message)
{
	stream		x = *message;

	ALL_ROUNDS(FIRST_ONE, NEXT_ONE);
	message->abef = _mm_add_epi32(message->abef, x.abef);
	message->cdgh = _mm_add_epi32(message->cdgh, x.cdgh);
}

TARGET static void
compress_two(stream messages[2])
{
	stream		x = messages[0];
	stream		y = messages[1];

	ALL_ROUNDS(FIRST_TWO, NEXT_TWO);
	messages[0].abef = _mm_add_epi32(messages[0].abef, x.abef);
	messages[0].cdgh = _mm_add_epi32(messages[0].cdgh, x.cdgh);
	messages[1].abef = _mm_add_epi32(messages[1].abef, y.abef);
	messages[1].cdgh = _mm_add_epi32(messages[1].cdgh, y.cdgh);
}

TARGET static void
get_one(stream *s, const uint32_t *state)
{
	__m128i		dcba = _mm_shuffle_epi32(load(state), 0x1b);
	__m128i		hgfe = _mm_shuffle_epi32(load(state + 4), 0x1b);

	s->abef = _mm_unpackhi_epi64(hgfe, dcba);
	s->cdgh = _mm_unpacklo_epi64(hgfe, dcba);
}

TARGET static void
put_one(uint32_t *state, const stream *s)
{
	store(state, _mm_shuffle_epi32(_mm_unpackhi_epi64(s->cdgh, s->abef), 0x1b));
	store(state + 4, _mm_shuffle_epi32(_mm_unpacklo_epi64(s->cdgh, s->abef), 0x1b));
}

/* Words 2i and 2i + 1 of the state are word i of the first and of the second message. */
TARGET static void
get_two(stream s[2], const uint32_t *state)
{
	__m128		ab = _mm_castsi128_ps(load(state));
	__m128		cd = _mm_castsi128_ps(load(state + 4));
	__m128		ef = _mm_castsi128_ps(load(state + 8));
	__m128		gh = _mm_castsi128_ps(load(state + 12));

	s[0].abef = _mm_castps_si128(_mm_shuffle_ps(ef, ab, _MM_SHUFFLE(0, 2, 0, 2)));
	s[0].cdgh = _mm_castps_si128(_mm_shuffle_ps(gh, cd, _MM_SHUFFLE(0, 2, 0, 2)));
	s[1].abef = _mm_castps_si128(_mm_shuffle_ps(ef, ab, _MM_SHUFFLE(1, 3, 1, 3)));
	s[1].cdgh = _mm_castps_si128(_mm_shuffle_ps(gh, cd, _MM_SHUFFLE(1, 3, 1, 3)));
}

TARGET static void
put_two(uint32_t *state, const stream s[2])
{
	store(state, _mm_shuffle_epi32(_mm_unpackhi_epi32(s[0].abef, s[1].abef), 0x4e));
	store(state + 4, _mm_shuffle_epi32(_mm_unpackhi_epi32(s[0].cdgh, s[1].cdgh), 0x4e));
	store(state + 8, _mm_shuffle_epi32(_mm_unpacklo_epi32(s[0].abef, s[1].abef), 0x4e));
	store(state + 12, _mm_shuffle_epi32(_mm_unpacklo_epi32(s[0].cdgh, s[1].cdgh), 0x4e));
}

TARGET static void
load_block(stream *s, const uint8_t *p)
{
	s->w[0] = load_four(p);
	s->w[1] = load_four(p + 16);
	s->w[2] = load_four(p + 32);
	s->w[3] = load_four(p + 48);
}

/* The first block of a node, 01 and all of the pair but its last byte, which the second one has. */
TARGET static void
load_node(stream *s, const uint8_t *pair)
{
	const __m128i first = load_four(pair);

	s->w[0] = _mm_or_si128(_mm_srli_epi32(first, 8), _mm_slli_epi32(_mm_slli_si128(first, 4), 24));
	s->w[0] = _mm_or_si128(s->w[0], _mm_cvtsi32_si128(0x01000000));
	s->w[1] = load_four(pair + 15);
	s->w[2] = load_four(pair + 31);
	s->w[3] = load_four(pair + 47);
}

TARGET static void
load_node_end(stream *s, const uint8_t *pair)
{
	s->w[0] = _mm_cvtsi32_si128((int) ((uint32_t) pair[63] << 24 | 0x00800000));
	s->w[1] = _mm_setzero_si128();
	s->w[2] = _mm_setzero_si128();
	s->w[3] = _mm_set_epi32(8 * 65, 0, 0, 0);
}

TARGET static void
blocks_one(uint32_t *state, const uint8_t *const *block, size_t n)
{
	stream		s;
	size_t		i;

	get_one(&s, state);
	for (i = 0; i < n; i++)
	{
		load_block(&s, block[0] + i * LEDGER_BLOCK_LEN);
		compress_one(&s);
	}
	put_one(state, &s);
}

TARGET static void
nodes_one(uint32_t *state, const uint8_t *const *pair)
{
	stream		s;

	get_one(&s, ledger_sha256_iv);
	load_node(&s, pair[0]);
	compress_one(&s);
	load_node_end(&s, pair[0]);
	compress_one(&s);
	put_one(state, &s);
}

TARGET static void
blocks_two(uint32_t *state, const uint8_t *const *block, size_t n)
{
	stream		s[2];
	size_t		i;

	get_two(s, state);
	for (i = 0; i < n; i++)
	{
		load_block(&s[0], block[0] + i * LEDGER_BLOCK_LEN);
		load_block(&s[1], block[1] + i * LEDGER_BLOCK_LEN);
		compress_two(s);
	}
	put_two(state, s);
}

TARGET static void
nodes_two(uint32_t *state, const uint8_t *const *pair)
{
	stream		s[2];

	get_one(&s[0], ledger_sha256_iv);
	s[1] = s[0];
	load_node(&s[0], pair[0]);
	load_node(&s[1], pair[1]);
	compress_two(s);
	load_node_end(&s[0], pair[0]);
	load_node_end(&s[1], pair[1]);
	compress_two(s);
	put_two(state, s);
}

const ledger_hash_kernel ledger_sha256_ni = {
	.width = 1,
	.least = 1,
	.iv = ledger_sha256_iv,
	.blocks = blocks_one,
	.nodes = nodes_one
};

const ledger_hash_kernel ledger_sha256_ni2 = {
	.width = 2,
	.least = 2,
	.iv = ledger_sha256_iv,
	.blocks = blocks_two,
	.nodes = nodes_two
};

#endif
