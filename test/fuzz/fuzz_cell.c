/* A cell that passes the check has one encoding, and prints alike into every buffer. */
#include "core/canon.h"
#include "fuzz.h"
#include "reencode.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char whole[4096];
	char		part[16];
	ledger_reader r;
	ledger_writer w;
	size_t		len;
	size_t		again;

	if (size > FUZZ_ROOM / 2 || ledger_canon_check(data, size, true) != LEDGER_OK)
	{
		must(size > FUZZ_ROOM / 2 || ledger_canon_print(data, size, whole, sizeof(whole), &len) != LEDGER_OK);
		return 0;
	}
	ledger_reader_init(&r, data, size);
	ledger_writer_init(&w, fuzz_room, sizeof(fuzz_room));
	reencode_cell(&r, &w);
	must(ledger_reader_finish(&r) == LEDGER_OK);
	must_equal_input(w);
	must(ledger_canon_print(data, size, whole, sizeof(whole), &len) == LEDGER_OK);
	must(ledger_canon_print(data, size, part, sizeof(part), &again) == LEDGER_OK && again == len);
	must(memcmp(whole, part, len < sizeof(part) ? len : sizeof(part) - 1) == 0);
	must(ledger_canon_print(data, size, NULL, 0, &again) == LEDGER_OK && again == len);
	return 0;
}
