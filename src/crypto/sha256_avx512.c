/*
 * crypto/sha256_avx512.c
 *		SHA-256 of sixteen messages side by side.
 */
#if defined(__x86_64__)

#include "crypto/lanes_avx512.h"
#include "crypto/sha256_lanes.h"
#include "crypto/lanes_digest.h"

const ledger_hash_kernel ledger_sha256_avx512 = {
	.width = LANES,
	.least = 9,
	.iv = IV,
	.blocks = blocks,
	.nodes = nodes
};

#endif
