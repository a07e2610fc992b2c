/*
 * crypto/sha256_lanes.h
 *		The compression function of SHA-256 (FIPS 180-4 6.2.2) in every lane.
 *
 * Included after crypto/lanes_*.h, which says how wide it becomes. The message
 * schedule is a ring of sixteen words, and the words of the state are not moved;
 * each round names them anew instead, and after eight rounds the names are back.
 */
#ifndef LEDGER_CRYPTO_SHA256_LANES_H
#define LEDGER_CRYPTO_SHA256_LANES_H

#include "crypto/hash_kernel.h"

#define IV ledger_sha256_iv

#define ROTR(x, n) ROTL(x, 32 - (n))

/* FIPS 180-4 4.1.2 */
#define UPPER_SIGMA0(x) XOR3(ROTR(x, 2), ROTR(x, 13), ROTR(x, 22))
#define UPPER_SIGMA1(x) XOR3(ROTR(x, 6), ROTR(x, 11), ROTR(x, 25))
#define LOWER_SIGMA0(x) XOR3(ROTR(x, 7), ROTR(x, 18), SHR(x, 3))
#define LOWER_SIGMA1(x) XOR3(ROTR(x, 17), ROTR(x, 19), SHR(x, 10))

#define W(j) w[(j) & 15]

/* W(j), j >= 16 */
#define EXPAND(j) \
	(W(j) = ADD(ADD(W(j), LOWER_SIGMA0(W((j) + 1))), ADD(W((j) + 9), LOWER_SIGMA1(W((j) + 14)))))

#define LOADED(j) ((void) 0)

#define ROUND(j, a, b, c, d, e, f, g, h) \
	do { \
		vec			t1_ = ADD(ADD(h, ADD(W(j), SPLAT(k[j]))), \
							  ADD(CHOOSE(e, f, g), UPPER_SIGMA1(e))); \
\
		d = ADD(d, t1_); \
		h = ADD(t1_, ADD(MAJORITY(a, b, c), UPPER_SIGMA0(a))); \
	} while (0)

#define EIGHT_ROUNDS(j, prepare) \
	do { \
		prepare((j)); \
		ROUND((j), a, b, c, d, e, f, g, h); \
		prepare((j) + 1); \
		ROUND((j) + 1, h, a, b, c, d, e, f, g); \
		prepare((j) + 2); \
		ROUND((j) + 2, g, h, a, b, c, d, e, f); \
		prepare((j) + 3); \
		ROUND((j) + 3, f, g, h, a, b, c, d, e); \
		prepare((j) + 4); \
		ROUND((j) + 4, e, f, g, h, a, b, c, d); \
		prepare((j) + 5); \
		ROUND((j) + 5, d, e, f, g, h, a, b, c); \
		prepare((j) + 6); \
		ROUND((j) + 6, c, d, e, f, g, h, a, b); \
		prepare((j) + 7); \
		ROUND((j) + 7, b, c, d, e, f, g, h, a); \
	} while (0)

LANES_TARGET static void
compress(vec state[LEDGER_STATE_WORDS], vec w[16])
{
	vec			a = state[0];
	vec			b = state[1];
	vec			c = state[2];
	vec			d = state[3];
	vec			e = state[4];
	vec			f = state[5];
	vec			g = state[6];
	vec			h = state[7];
	const uint32_t *k = ledger_sha256_k;

	EIGHT_ROUNDS(0, LOADED);
	EIGHT_ROUNDS(8, LOADED);
	for (k += 16; k < ledger_sha256_k + 64; k += 16)
	{
		EIGHT_ROUNDS(0, EXPAND);
		EIGHT_ROUNDS(8, EXPAND);
	}
	state[0] = ADD(state[0], a);
	state[1] = ADD(state[1], b);
	state[2] = ADD(state[2], c);
	state[3] = ADD(state[3], d);
	state[4] = ADD(state[4], e);
	state[5] = ADD(state[5], f);
	state[6] = ADD(state[6], g);
	state[7] = ADD(state[7], h);
}

#endif							/* LEDGER_CRYPTO_SHA256_LANES_H */
