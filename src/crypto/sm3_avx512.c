/*
 * crypto/sm3_avx512.c
 *		SM3 of sixteen messages side by side.
 */
#if defined(__x86_64__)

#include "crypto/lanes_avx512.h"
#include "crypto/sm3_lanes.h"
#include "crypto/lanes_digest.h"

const ledger_hash_kernel ledger_sm3_avx512 = {
	.width = LANES,
	.least = 2,
	.iv = IV,
	.blocks = blocks,
	.nodes = nodes
};

#endif
