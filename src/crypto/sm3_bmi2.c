/*
 * crypto/sm3_bmi2.c
 *		SM3 of one message at a time, with rotations that leave their operand alone.
 *
 * The code is that of crypto/sm3_scalar.c; a fifth of its instructions were copies
 * made before a rotation.
 */
#if defined(__x86_64__)

#define LANES_TARGET __attribute__((target("bmi,bmi2")))

#include "crypto/lanes_scalar.h"
#include "crypto/sm3_lanes.h"
#include "crypto/lanes_digest.h"

const ledger_hash_kernel ledger_sm3_bmi2 = {
	.width = LANES,
	.least = 1,
	.iv = IV,
	.blocks = blocks,
	.nodes = nodes
};

#endif
