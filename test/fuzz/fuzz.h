/*
 * test/fuzz/fuzz.h
 *		What the fuzz targets share.
 *
 * A target defines LLVMFuzzerTestOneInput() and calls must() for what has to
 * hold; clang's libFuzzer drives it, or replay.c with files named on the command
 * line.
 */
#ifndef LEDGER_FUZZ_H
#define LEDGER_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

/* One hasher for the life of the process, as a backend has. */
static inline ledger_hasher *
fuzz_hasher(ledger_suite suite)
{
	static ledger_hasher *hashers[3];

	if (hashers[suite] == NULL)
		hashers[suite] = ledger_hasher_new(suite);
	must(hashers[suite] != NULL);
	return hashers[suite];
}

/* Room for what is written anew. */
#define FUZZ_ROOM (1 << 20)
static uint8_t fuzz_room[FUZZ_ROOM] __attribute__((unused));

/* What was written into fuzz_room is what came in. */
#define must_equal_input(w) must((w).len == size && memcmp(fuzz_room, data, size) == 0)

#endif							/* LEDGER_FUZZ_H */
