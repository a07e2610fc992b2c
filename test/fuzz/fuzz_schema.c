/* A schema body is written anew as it was read. */
#include "core/schema.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ledger_schema s;
	ledger_schema_iter it;
	ledger_schema_column column;
	ledger_schema_object object;
	ledger_schema_writer sw;
	ledger_writer w;

	if (size > FUZZ_ROOM || ledger_schema_parse(data, size, &s) != LEDGER_OK)
		return 0;
	ledger_writer_init(&w, fuzz_room, sizeof(fuzz_room));
	ledger_schema_begin(&sw, &w, &s.header);
	ledger_schema_columns(&it, &s);
	while (ledger_schema_next_column(&it, &column))
		ledger_schema_add_column(&sw, &column);
	ledger_schema_objects(&it, &s);
	while (ledger_schema_next_object(&it, &object))
		ledger_schema_add_object(&sw, &object);
	must(ledger_schema_finish(&sw) == LEDGER_OK);
	must_equal_input(w);
	return 0;
}
