/*
 * crypto/hash_kernel.h
 *		Compression of several messages side by side, one in each lane.
 *
 * SHA-256 (FIPS 180-4) and SM3 (GM/T 0004-2012) look alike from outside: a state
 * of eight 32-bit words, blocks of 64 bytes read as big-endian words, the same
 * padding. A kernel is one way of computing one of them on one kind of CPU;
 * crypto/hash_batch.h feeds it with messages.
 *
 * The state of all lanes is an array of words, word i of lane l at
 * state[i * width + l]: a vector register holds the same word of every lane.
 */
#ifndef LEDGER_CRYPTO_HASH_KERNEL_H
#define LEDGER_CRYPTO_HASH_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#define LEDGER_BLOCK_LEN 64
#define LEDGER_STATE_WORDS 8
#define LEDGER_MAX_LANES 16

typedef struct
{
	unsigned	width;			/* lanes, at most LEDGER_MAX_LANES */
	unsigned	least;			/* fewer messages than this are faster in a narrower kernel */
	const uint32_t *iv;			/* LEDGER_STATE_WORDS words, the state of an empty message */

	/* Compresses n > 0 consecutive blocks of every lane; block[l] is the first of lane l. */
	void (*blocks)(uint32_t *state, const uint8_t *const *block, size_t n);

	/*
	 * The state after the message 01 || pair[l] and its padding, where pair[l]
	 * is 64 bytes; whatever was in state is lost.
	 */
	void (*nodes)(uint32_t *state, const uint8_t *const *pair);
} ledger_hash_kernel;

extern const ledger_hash_kernel ledger_sm3_scalar;
extern const ledger_hash_kernel ledger_sha256_libcrypto;

/* These need the CPU to have what their names say; crypto/cpu.h knows. */
#if defined(__x86_64__)
extern const ledger_hash_kernel ledger_sm3_bmi2;
extern const ledger_hash_kernel ledger_sm3_avx2;
extern const ledger_hash_kernel ledger_sm3_avx512;
extern const ledger_hash_kernel ledger_sha256_avx2;
extern const ledger_hash_kernel ledger_sha256_avx512;
extern const ledger_hash_kernel ledger_sha256_ni;
extern const ledger_hash_kernel ledger_sha256_ni2;
#endif

/* GM/T 0004-2012 4.1 and 4.2 (T(j) <<< j), FIPS 180-4 5.3.3 and 4.2.2 */
extern const uint32_t ledger_sm3_iv[LEDGER_STATE_WORDS];
extern const uint32_t ledger_sm3_k[64];
extern const uint32_t ledger_sha256_iv[LEDGER_STATE_WORDS];
extern const uint32_t ledger_sha256_k[64];

#endif							/* LEDGER_CRYPTO_HASH_KERNEL_H */
