/* The record of an entry in an export: the entry off the front, then its openings, and nothing after them. */
#include "core/entry.h"
#include "core/opening.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ledger_entry e;
	ledger_opening_iter it;
	ledger_opening opening;
	ledger_writer w;
	size_t		used;
	uint16_t	n;

	if (size > FUZZ_ROOM || ledger_entry_read(data, size, &e, &used) != LEDGER_OK)
		return 0;
	must(used <= size && ledger_entry_parse(data, used, &e) == LEDGER_OK);
	ledger_opening_iter_init(&it, data + used, size - used);
	n = it.left;
	ledger_writer_init(&w, fuzz_room, sizeof(fuzz_room));
	ledger_write_fixed(&w, data, used);
	ledger_write_u16(&w, n);
	while (ledger_opening_next(&it, &opening))
		ledger_opening_write(&w, &opening);
	if (ledger_opening_finish(&it) == LEDGER_OK)
		must_equal_input(w);
	return 0;
}
