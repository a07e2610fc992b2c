/*
 * crypto/lanes_scalar.h
 *		One lane, in words of C: the names of the other crypto/lanes_*.h for every CPU.
 */
#ifndef LEDGER_CRYPTO_LANES_SCALAR_H
#define LEDGER_CRYPTO_LANES_SCALAR_H

#include <stdint.h>

#define LANES 1
#ifndef LANES_TARGET
#define LANES_TARGET
#endif

typedef uint32_t vec;

#define SPLAT(word) ((vec) (word))
#define LOAD(p) (*(p))
#define STORE(p, v) (*(p) = (v))
#define ADD(x, y) ((x) + (y))
#define XOR(x, y) ((x) ^ (y))
#define AND(x, y) ((x) & (y))
#define OR(x, y) ((x) | (y))
#define SHL(x, n) ((x) << (n))
#define SHR(x, n) ((x) >> (n))
#define ROTL(x, n) OR(SHL(x, n), SHR(x, 32 - (n)))

#define XOR3(x, y, z) XOR(XOR(x, y), z)
#define CHOOSE(x, y, z) XOR(z, AND(x, XOR(y, z)))
#define MAJORITY(x, y, z) OR(AND(x, y), AND(z, OR(x, y)))

/* w[i] = big-endian word i of the block */
LANES_TARGET static inline void
load_words(vec w[16], const uint8_t *const block[LANES])
{
	const uint8_t *p = block[0];
	int			i;

	for (i = 0; i < 16; i++, p += 4)
		w[i] = (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 | (uint32_t) p[2] << 8 | p[3];
}

#endif							/* LEDGER_CRYPTO_LANES_SCALAR_H */
