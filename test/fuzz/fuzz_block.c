/* A block is written anew as it was read. */
#include "core/block.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ledger_block b;
	uint8_t		bytes[LEDGER_BLOCK_LEN];

	if (ledger_block_parse(data, size, &b) != LEDGER_OK)
		return 0;
	must(size == LEDGER_BLOCK_LEN && b.n > 0);
	ledger_block_put(bytes, &b);
	must(memcmp(bytes, data, size) == 0);
	return 0;
}
