/* Receipts and consistency files are written anew as they were read; checking them never trusts a field. */
#include "core/receipt.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t scratch[FUZZ_ROOM];
	ledger_receipt_file receipt;
	ledger_receipt_facts facts;
	ledger_consistency_file file;
	ledger_writer w;

	if (size > FUZZ_ROOM)
		return 0;
	ledger_writer_init(&w, fuzz_room, sizeof(fuzz_room));
	if (ledger_receipt_parse((const char *) data, size, scratch, size, &receipt) == LEDGER_OK)
	{
		must(ledger_receipt_write(&w, &receipt) == LEDGER_OK);
		must_equal_input(w);
		must(ledger_receipt_check(fuzz_hasher(receipt.suite), &receipt, NULL, 0, &facts) != LEDGER_OK);
		must(facts.failed != LEDGER_RECEIPT_ALL);
	}
	if (ledger_consistency_file_parse((const char *) data, size, &file) == LEDGER_OK)
	{
		ledger_writer_init(&w, fuzz_room, sizeof(fuzz_room));
		must(ledger_consistency_file_write(&w, &file) == LEDGER_OK);
		must_equal_input(w);
		ledger_consistency_file_check(fuzz_hasher(file.suite), &file);
	}
	return 0;
}
