/*
 * crypto/sm4_kernel.h
 *		The ways of computing SM4: what crypto/cipher.c asks of one.
 *
 * Each comes from a file sm4_*.c and needs what its name says of the CPU. None
 * has tables that are read at secret places.
 */
#ifndef LEDGER_CRYPTO_SM4_KERNEL_H
#define LEDGER_CRYPTO_SM4_KERNEL_H

#include "crypto/cipher.h"
#include "crypto/cpu.h"

#define LEDGER_SM4_MAX_LANES 16

/* Blocks of each lane that one call of blocks_many takes at most */
#define LEDGER_SM4_MANY_BLOCKS 4

typedef struct ledger_sm4_kernel
{
	const char *name;
	unsigned	width;			/* lanes of expand_many and blocks_many */

	/* Messages that are at least so long do not gain from blocks_many. */
	size_t		long_message;

	void (*expand)(const uint8_t *key, uint32_t *round_key);

	/*
	 * Counter mode under one key. The counter is four words, the first the most
	 * significant; the last does not wrap within the message. len > 0.
	 */
	void (*ctr)(const uint32_t *round_key, const uint32_t counter[4], const uint8_t *in, size_t len,
				uint8_t *out);

	/* Round keys of "width" keys that lie one after the other: width * LEDGER_SM4_ROUNDS words. */
	void (*expand_many)(const uint8_t *keys, uint32_t *round_keys);

	/* Encrypts n blocks for each lane: in and out are n times width blocks. */
	void (*blocks_many)(const uint32_t *round_keys, const uint8_t *in, unsigned n, uint8_t *out);
} ledger_sm4_kernel;

extern const ledger_sm4_kernel ledger_sm4_portable;
#if defined(__x86_64__)
extern const ledger_sm4_kernel ledger_sm4_avx2_gfni;
extern const ledger_sm4_kernel ledger_sm4_avx512_gfni;
#endif

/* The fastest that such a CPU has. */
extern const ledger_sm4_kernel *ledger_sm4_kernel_for(ledger_cpu cpu);

/* What crypto/cipher.h says, by a given kernel. */
extern void ledger_sm4_init_by(const ledger_sm4_kernel *kernel, ledger_sm4 *sm4, const uint8_t *key);
extern void ledger_sm4_ctr_many_by(const ledger_sm4_kernel *kernel, size_t n,
								   const ledger_sm4_message *message);

/* GB/T 32907-2016 7.3 */
extern const uint32_t ledger_sm4_fk[4];
extern const uint32_t ledger_sm4_ck[LEDGER_SM4_ROUNDS];

#endif							/* LEDGER_CRYPTO_SM4_KERNEL_H */
