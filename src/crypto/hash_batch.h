/*
 * crypto/hash_batch.h
 *		Many short messages through the lanes of the kernels.
 */
#ifndef LEDGER_CRYPTO_HASH_BATCH_H
#define LEDGER_CRYPTO_HASH_BATCH_H

#include <stdbool.h>

#include "crypto/cpu.h"
#include "crypto/hash_kernel.h"
#include "crypto/suite.h"

#define LEDGER_MAX_KERNELS 3

/* Kernels of one digest, the widest first, the last one of width 1. */
typedef struct
{
	unsigned	n;
	const ledger_hash_kernel *kernel[LEDGER_MAX_KERNELS];
} ledger_hash_kernels;

/* The fastest that such a CPU has. */
extern ledger_hash_kernels ledger_hash_kernels_for(ledger_suite suite, ledger_cpu cpu);

/*
 * out[i] = H(head || data[i]) for i < n. head is nhead bytes, 0 or 1. out does not
 * overlap the data; data[i] is not looked at when len[i] is 0.
 */
extern void ledger_hash_batch(const ledger_hash_kernels *k, const uint8_t *head, size_t nhead, size_t n,
							  const uint8_t *const data[], const size_t len[],
							  uint8_t (*out)[LEDGER_HASH_LEN]);

/* out[i] = H(01 || pairs[2i] || pairs[2i + 1]) for i < n; out may be pairs itself. */
extern void ledger_hash_batch_nodes(const ledger_hash_kernels *k, size_t n,
									const uint8_t (*pairs)[LEDGER_HASH_LEN], uint8_t (*out)[LEDGER_HASH_LEN]);

#endif							/* LEDGER_CRYPTO_HASH_BATCH_H */
