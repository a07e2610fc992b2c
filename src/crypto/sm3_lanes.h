/*
 * crypto/sm3_lanes.h
 *		The compression function of SM3 (GM/T 0004-2012 5.3) in every lane.
 *
 * Included after crypto/lanes_*.h, which says how wide it becomes.
 *
 * Message expansion and rounds go together, in a ring of sixteen words: round j
 * needs W(j) and W(j + 4), and W(j - 12) is not needed any more when W(j + 4)
 * takes its place; j is meant modulo 16 in the macros, k follows the sixteens. The words of the state are not moved; each round names them
 * anew instead, and after four rounds the names are back.
 */
#ifndef LEDGER_CRYPTO_SM3_LANES_H
#define LEDGER_CRYPTO_SM3_LANES_H

#include "crypto/hash_kernel.h"

#define IV ledger_sm3_iv

#define P0(x) XOR3(x, ROTL(x, 9), ROTL(x, 17))
#define P1(x) XOR3(x, ROTL(x, 15), ROTL(x, 23))

#define W(j) w[(j) & 15]

/* W(j), j >= 16 */
#define EXPAND(j) \
	do { \
		vec			x_ = XOR3(W(j), W((j) + 7), ROTL(W((j) + 13), 15)); \
\
		W(j) = XOR3(P1(x_), ROTL(W((j) + 3), 7), W((j) + 10)); \
	} while (0)

#define ROUND(j, ff, gg, a, b, c, d, e, f, g, h) \
	do { \
		vec			a12_ = ROTL(a, 12); \
		vec			ss1_ = ROTL(ADD(ADD(e, SPLAT(k[j])), a12_), 7); \
		vec			tt2_ = ADD(ADD(gg(e, f, g), ADD(h, W(j))), ss1_); \
\
		d = ADD(ADD(ff(a, b, c), ADD(d, XOR(W(j), W((j) + 4)))), XOR(ss1_, a12_)); \
		b = ROTL(b, 9); \
		h = P0(tt2_); \
		f = ROTL(f, 19); \
	} while (0)

#define FOUR_ROUNDS(j, prepare, ff, gg) \
	do { \
		prepare((j) + 4); \
		ROUND((j), ff, gg, a, b, c, d, e, f, g, h); \
		prepare((j) + 5); \
		ROUND((j) + 1, ff, gg, d, a, b, c, h, e, f, g); \
		prepare((j) + 6); \
		ROUND((j) + 2, ff, gg, c, d, a, b, g, h, e, f); \
		prepare((j) + 7); \
		ROUND((j) + 3, ff, gg, b, c, d, a, f, g, h, e); \
	} while (0)

#define LOADED(j) ((void) 0)

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
		const uint32_t *k = ledger_sm3_k;

		FOUR_ROUNDS(0, LOADED, XOR3, XOR3);
		FOUR_ROUNDS(4, LOADED, XOR3, XOR3);
		FOUR_ROUNDS(8, LOADED, XOR3, XOR3);
		FOUR_ROUNDS(12, EXPAND, XOR3, XOR3);
		for (k += 16; k < ledger_sm3_k + 64; k += 16)
		{
			FOUR_ROUNDS(0, EXPAND, MAJORITY, CHOOSE);
			FOUR_ROUNDS(4, EXPAND, MAJORITY, CHOOSE);
			FOUR_ROUNDS(8, EXPAND, MAJORITY, CHOOSE);
			FOUR_ROUNDS(12, EXPAND, MAJORITY, CHOOSE);
		}
		state[0] = XOR(state[0], a);
		state[1] = XOR(state[1], b);
		state[2] = XOR(state[2], c);
		state[3] = XOR(state[3], d);
		state[4] = XOR(state[4], e);
		state[5] = XOR(state[5], f);
		state[6] = XOR(state[6], g);
		state[7] = XOR(state[7], h);
	}

#endif							/* LEDGER_CRYPTO_SM3_LANES_H */
