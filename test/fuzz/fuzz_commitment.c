/* A commitment is written anew as it was read. */
#include "fuzz.h"
#include "zkp/commitment.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ledger_commitment c;
	uint8_t		bytes[LEDGER_COMMITMENT_LEN];

	if (ledger_commitment_decode(data, size, &c) != LEDGER_OK)
		return 0;
	must(size == sizeof(bytes));
	ledger_commitment_encode(&c, bytes);
	must(memcmp(bytes, data, size) == 0);
	return 0;
}
