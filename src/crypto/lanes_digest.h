/*
 * crypto/lanes_digest.h
 *		What the digests have in common once the lanes and the rounds are known.
 *
 * Included last by a file that has included crypto/lanes_*.h and defined
 *
 *		static void compress(vec state[8], vec w[16])
 *
 * which adds one block of every lane to the state and may spoil w, and IV, the
 * state of an empty message.
 */
#ifndef LEDGER_CRYPTO_LANES_DIGEST_H
#define LEDGER_CRYPTO_LANES_DIGEST_H

#include "crypto/hash_kernel.h"

LANES_TARGET static void
blocks(uint32_t *state, const uint8_t *const *block, size_t n)
{
	const uint8_t *at[LANES];
	vec			s[LEDGER_STATE_WORDS];
	vec			w[16];
	int			i;

	for (i = 0; i < LANES; i++)
		at[i] = block[i];
	for (i = 0; i < LEDGER_STATE_WORDS; i++)
		s[i] = LOAD(state + i * LANES);
	while (n-- > 0)
	{
		load_words(w, at);
		compress(s, w);
		for (i = 0; i < LANES; i++)
			at[i] += LEDGER_BLOCK_LEN;
	}
	for (i = 0; i < LEDGER_STATE_WORDS; i++)
		STORE(state + i * LANES, s[i]);
}

/*
 * The prefix moves the pair by one byte, so each word takes its first byte from
 * the word before. The last byte of the pair is alone in the second block, with
 * the padding of a message of 65 bytes.
 */
LANES_TARGET static void
nodes(uint32_t *state, const uint8_t *const *pair)
{
	vec			s[LEDGER_STATE_WORDS];
	vec			w[16];
	vec			last;
	int			i;

	for (i = 0; i < LEDGER_STATE_WORDS; i++)
		s[i] = SPLAT(IV[i]);
	load_words(w, pair);
	last = SHL(w[15], 24);
	for (i = 15; i > 0; i--)
		w[i] = OR(SHL(w[i - 1], 24), SHR(w[i], 8));
	w[0] = OR(SPLAT(0x01000000), SHR(w[0], 8));
	compress(s, w);

	w[0] = OR(last, SPLAT(0x00800000));
	for (i = 1; i < 15; i++)
		w[i] = SPLAT(0);
	w[15] = SPLAT(8 * 65);
	compress(s, w);
	for (i = 0; i < LEDGER_STATE_WORDS; i++)
		STORE(state + i * LANES, s[i]);
}

#endif							/* LEDGER_CRYPTO_LANES_DIGEST_H */
