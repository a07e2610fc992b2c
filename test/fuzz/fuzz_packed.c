/* Packed groups and salt pieces are written anew as they were read. */
#include "core/packed.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ledger_packed_iter it;
	ledger_packed_group g;
	ledger_reader r;
	ledger_writer w;
	const uint8_t *piece;
	uint16_t	n;
	size_t		len;

	if (size > FUZZ_ROOM)
		return 0;
	if (ledger_packed_check(data, size, &n) == LEDGER_OK)
	{
		ledger_writer_init(&w, fuzz_room, sizeof(fuzz_room));
		ledger_packed_begin(&w, n);
		must(ledger_packed_iter_init(&it, data, size) == LEDGER_OK);
		while (ledger_packed_next(&it, &g))
			must(ledger_packed_group_write(&w, &g) == LEDGER_OK);
		must_equal_input(w);
	}
	ledger_reader_init(&r, data, size);
	ledger_writer_init(&w, fuzz_room, sizeof(fuzz_room));
	while (ledger_salt_piece_read(&r, &piece, &len))
		must(ledger_salt_piece_write(&w, piece, len) == LEDGER_OK);
	if (ledger_reader_finish(&r) == LEDGER_OK && size > 0)
		must_equal_input(w);
	return 0;
}
