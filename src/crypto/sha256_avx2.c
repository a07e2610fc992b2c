/*
 * crypto/sha256_avx2.c
 *		SHA-256 of eight messages side by side.
 */
#if defined(__x86_64__)

#include "crypto/lanes_avx2.h"
#include "crypto/sha256_lanes.h"
#include "crypto/lanes_digest.h"

const ledger_hash_kernel ledger_sha256_avx2 = {
	.width = LANES,
	.least = 3,
	.iv = IV,
	.blocks = blocks,
	.nodes = nodes
};

#endif
