/* A note's text is written anew as it was read; a verifier key too. */
#include "core/checkpoint.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ledger_note note;
	ledger_note_line line;
	ledger_slice rest;
	ledger_vkey vkey;
	ledger_writer w;

	ledger_writer_init(&w, fuzz_room, sizeof(fuzz_room));
	if (ledger_vkey_parse((const char *) data, size, &vkey) == LEDGER_KEY_OK)
	{
		must(ledger_vkey_write(&w, &vkey) == LEDGER_OK);
		must_equal_input(w);
	}
	if (ledger_note_parse((const char *) data, size, &note) != LEDGER_OK)
		return 0;
	ledger_writer_init(&w, fuzz_room, sizeof(fuzz_room));
	must(ledger_note_text_write(&w, &note.head) == LEDGER_OK);
	must(w.len == note.text.len && memcmp(fuzz_room, note.text.data, w.len) == 0);
	must(note.text.len + 1 + note.lines.len == size);
	rest = note.lines;
	while (ledger_note_next_line(&rest, &line))
		must(line.siglen > 0 && line.name.len > 0);
	must(rest.len == 0);
	must(ledger_note_verify(&note, NULL, 0, NULL) == LEDGER_NO_SIGNATURE);
	return 0;
}
