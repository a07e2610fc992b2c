/* A row that is parsed is written anew from its parts. */
#include "core/canon.h"
#include "core/row.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ledger_row	row;
	ledger_row_iter it;
	ledger_row_writer rw;
	ledger_writer w;
	uint16_t	col_id;
	const uint8_t *cell;
	size_t		len;
	unsigned	n = 0;

	if (size > FUZZ_ROOM || ledger_row_parse(data, size, &row) != LEDGER_OK)
		return 0;
	ledger_writer_init(&w, fuzz_room, sizeof(fuzz_room));
	ledger_row_begin(&rw, &w, &row.header);
	ledger_row_iter_init(&it, &row);
	while (ledger_row_next(&it, &col_id, &cell, &len))
	{
		must(ledger_canon_check(cell, len, true) == LEDGER_OK);
		ledger_row_cell(&rw, col_id, cell, len);
		n++;
	}
	must(n == row.ncols);
	must(ledger_row_finish(&rw) == LEDGER_OK);
	must_equal_input(w);
	return 0;
}
