/* Items of the leaf index are written anew as they were read, and found where they are. */
#include "core/packed.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t		n;
	size_t		i;

	if (ledger_leaf_items_check(data, size, &n) != LEDGER_OK)
		return 0;
	must(n * LEDGER_LEAF_ITEM_LEN == size);
	for (i = 0; i < n; i++)
	{
		ledger_leaf_item item;
		uint8_t		bytes[LEDGER_LEAF_ITEM_LEN];

		ledger_leaf_item_get(data, i, &item);
		ledger_leaf_item_put(bytes, &item);
		must(memcmp(bytes, data + i * LEDGER_LEAF_ITEM_LEN, sizeof(bytes)) == 0);
		must(ledger_leaf_items_find(data, n, i, item.tx_low) == i);
	}
	return 0;
}
