/*
 * test/unit/test_vec_files.c
 *		Golden vectors of notes, receipts and exports.
 */
#include "core/block.h"
#include "core/body.h"
#include "core/checkpoint.h"
#include "core/entry.h"
#include "core/opening.h"
#include "core/receipt.h"
#include "core/row.h"
#include "core/schema.h"

#include "vec_run.h"

/* ---- note.vec, receipt.vec -------------------------------------------------------- */

static void
do_signature(const vec_group *g)
{
	octets		spki = vec_octets(g, "spki");
	octets		message = vec_octets(g, "message");
	octets		sig = vec_octets(g, "signature");

	expect(ledger_signature_verify(suite_of(g), spki.data, spki.len, message.data, message.len, sig.data,
								   sig.len) == LEDGER_KEY_OK,
		   "signature");
	message.data[0] ^= 1;
	expect(ledger_signature_verify(suite_of(g), spki.data, spki.len, message.data, message.len, sig.data,
								   sig.len) == LEDGER_KEY_BAD_SIGNATURE,
		   "over another message");
	free(spki.data);
	free(message.data);
	free(sig.data);
}

static void
vkey_of(const vec_group *g, ledger_vkey *vkey)
{
	const char *text = vec_text(g, "vkey");

	if (ledger_vkey_parse(text, strlen(text), vkey) != LEDGER_KEY_OK)
		vec_die("verifier key", text);
}

static void
do_vkey(const vec_group *g)
{
	const char *name = vec_text(g, "name");
	const char *text = vec_text(g, "vkey");
	octets		spki = vec_octets(g, "spki");
	ledger_vkey vkey;
	ledger_writer w;

	expect(ledger_vkey_make(&vkey, suite_of(g), name, strlen(name), spki.data, spki.len) == LEDGER_KEY_OK,
		   "make");
	want(g, "key_id", vkey.id, sizeof(vkey.id));
	ledger_writer_init(&w, buffer, sizeof(buffer));
	expect(ledger_vkey_write(&w, &vkey) == LEDGER_OK && w.len == strlen(text) &&
			   memcmp(buffer, text, w.len) == 0 && w.len <= LEDGER_VKEY_TEXT_MAX,
		   "text of %s", name);
	expect(ledger_vkey_parse(text, strlen(text), &vkey) == LEDGER_KEY_OK && vkey.suite == suite_of(g) &&
			   vkey.namelen == strlen(name) && memcmp(vkey.name, name, vkey.namelen) == 0,
		   "parse %s", text);
	want(g, "spki", vkey.spki, sizeof(vkey.spki));
	free(spki.data);
}

static void
do_vkey_bad(const vec_group *g)
{
	const char *text = vec_text(g, "vkey");
	ledger_vkey vkey;

	expect(ledger_vkey_parse(text, strlen(text), &vkey) != LEDGER_KEY_OK, "vkey-bad %s", vec_text(g, "name"));
}

static void
do_note(const vec_group *g)
{
	octets		raw = vec_octets(g, "note");
	const char *origin = vec_text(g, "origin");
	ledger_vkey vkey;
	ledger_note note;
	ledger_note_line line;
	ledger_slice rest;
	ledger_writer w;
	bool		signed_by = false;
	unsigned	signers = 0;

	vkey_of(g, &vkey);
	if (!expect(ledger_note_parse((const char *) raw.data, raw.len, &note) == LEDGER_OK, "note"))
		return;
	want(g, "text", note.text.data, note.text.len);
	want(g, "root", note.head.root, 32);
	want(g, "block", note.head.block_hash, 32);
	expect(note.head.size == vec_u64(g, "size") && note.head.height == vec_u64(g, "height") &&
			   note.head.epoch == vec_u64(g, "epoch") && note.head.term == vec_u64(g, "term"),
		   "fields");
	ledger_writer_init(&w, buffer, sizeof(buffer));
	ledger_origin_write(&w, note.head.chain_id, note.head.incarnation);
	expect(w.len == strlen(origin) && memcmp(buffer, origin, w.len) == 0, "origin %s", origin);
	ledger_writer_init(&w, buffer, sizeof(buffer));
	expect(ledger_note_text_write(&w, &note.head) == LEDGER_OK && w.len <= LEDGER_NOTE_TEXT_MAX, "text");
	want(g, "text", buffer, w.len);
	expect(ledger_note_verify(&note, &vkey, 1, &signed_by) == LEDGER_OK && signed_by, "verify");
	rest = note.lines;
	while (ledger_note_next_line(&rest, &line))
		signers++;
	expect(rest.len == 0 && signers == vec_u64(g, "signers"), "%u signers", signers);
	free(raw.data);
}

static void
do_note_bad(const vec_group *g)
{
	octets		raw = vec_octets(g, "note");
	ledger_vkey vkey;
	ledger_note note;

	vkey_of(g, &vkey);
	expect(ledger_note_parse((const char *) raw.data, raw.len, &note) != LEDGER_OK ||
			   ledger_note_verify(&note, &vkey, 1, NULL) != LEDGER_OK,
		   "note-bad %s", vec_text(g, "name"));
	free(raw.data);
}

static ledger_status
check_receipt(const vec_group *g, octets raw, ledger_receipt_facts *facts, size_t *rewritten)
{
	ledger_receipt_file receipt;
	uint8_t	   *scratch = (uint8_t *) malloc(raw.len > 0 ? raw.len : 1);
	ledger_vkey vkey;
	ledger_writer w;
	ledger_status status;

	vkey_of(g, &vkey);
	status = ledger_receipt_parse((const char *) raw.data, raw.len, scratch, raw.len, &receipt);
	if (status == LEDGER_OK)
	{
		status = ledger_receipt_check(hashers[receipt.suite], &receipt, &vkey, 1, facts);
		expect((status == LEDGER_OK) == (facts->failed == LEDGER_RECEIPT_ALL),
			   "the part that failed is named");
		ledger_writer_init(&w, buffer, sizeof(buffer));
		ledger_receipt_write(&w, &receipt);
		*rewritten = w.len;
	}
	free(scratch);
	return status;
}

static void
do_receipt(const vec_group *g)
{
	octets		raw = vec_octets(g, "file");
	ledger_receipt_facts facts;
	size_t		len = 0;
	ledger_status status = check_receipt(g, raw, &facts, &len);

	expect(status == LEDGER_OK, "receipt %s: %s", vec_text(g, "name"), ledger_status_text(status));
	want(g, "file", buffer, len);
	if (status == LEDGER_OK)
	{
		want(g, "table_id", facts.row.header.table_id, 16);
		expect(facts.row.header.ledger_tx == vec_u64(g, "ledger_tx") &&
				   facts.row.header.ledger_seq == vec_u64(g, "ledger_seq"),
			   "row");
	}
	free(raw.data);
}

static void
do_receipt_bad(const vec_group *g)
{
	octets		raw = vec_octets(g, "file");
	ledger_receipt_facts facts;
	size_t		len;

	expect(check_receipt(g, raw, &facts, &len) != LEDGER_OK, "receipt-bad %s", vec_text(g, "name"));
	free(raw.data);
}

static void
do_consistency_file(const vec_group *g)
{
	octets		raw = vec_octets(g, "file");
	ledger_consistency_file file;
	ledger_writer w;

	if (!expect(ledger_consistency_file_parse((const char *) raw.data, raw.len, &file) == LEDGER_OK, "parse"))
		return;
	expect(ledger_consistency_file_check(hasher_of(g), &file) == LEDGER_OK, "check");
	ledger_writer_init(&w, buffer, sizeof(buffer));
	expect(ledger_consistency_file_write(&w, &file) == LEDGER_OK, "write");
	want(g, "file", buffer, w.len);
	free(raw.data);
}

static void
do_consistency_bad(const vec_group *g)
{
	octets		raw = vec_octets(g, "file");
	ledger_consistency_file file;

	expect(ledger_consistency_file_parse((const char *) raw.data, raw.len, &file) != LEDGER_OK ||
			   ledger_consistency_file_check(hashers[file.suite], &file) != LEDGER_OK,
		   "consistency-bad %s", vec_text(g, "name"));
	free(raw.data);
}

/* ---- export.vec ------------------------------------------------------------------- */

/*
 * A whole export is checked by ledger_verify; here every record of its streams
 * must be what core/ reads, and its checkpoint must be signed.
 */
static ledger_vkey export_vkey;
static ledger_hasher *export_hasher;

static void
do_export(const vec_group *g)
{
	vkey_of(g, &export_vkey);
	export_hasher = hasher_of(g);
}

static void
check_opening(const ledger_opening *o, const ledger_entry *e)
{
	ledger_digest hash;

	if (o->position == LEDGER_SALT_ROLE)
		expect(ledger_role_hash(export_hasher, o->salt, (const char *) o->content.data, o->content.len,
								hash) &&
				   memcmp(hash, e->header.role_hash, 32) == 0,
			   "role");
	else if (o->position == LEDGER_SALT_EXTRA)
		expect(e->wrapper >= LEDGER_EXTRA_CLOSED &&
				   ledger_extra_hash(export_hasher, e->header.type, o->salt, o->content.data, o->content.len,
									 hash) &&
				   memcmp(hash, e->body, 32) == 0 &&
				   ledger_body_check(e->header.type, o->content.data, o->content.len) == LEDGER_OK,
			   "extra");
	else
	{
		ledger_entry_group found;

		expect(ledger_entry_group_at(e, o->position, &found) &&
				   ledger_entry_group_matches(export_hasher, &found, &o->group, o->salt) == LEDGER_OK,
			   "group %u", o->position);
	}
}

static void
check_entry_record(const uint8_t *record, size_t len)
{
	ledger_entry e;
	ledger_opening_iter it;
	ledger_opening o;
	size_t		used;

	if (!expect(ledger_entry_read(record, len, &e, &used) == LEDGER_OK, "entry"))
		return;
	ledger_opening_iter_init(&it, record + used, len - used);
	while (ledger_opening_next(&it, &o))
		check_opening(&o, &e);
	expect(ledger_opening_finish(&it) == LEDGER_OK, "openings");
}

static void
do_export_file(const vec_group *g)
{
	octets		raw = vec_octets(g, "content");
	const char *path = vec_text(g, "path");
	ledger_reader r;
	ledger_block last;
	bool		have_last = false;
	ledger_digest last_hash;

	ledger_reader_init(&r, raw.data, raw.len);
	if (strcmp(path, "checkpoint") == 0)
	{
		ledger_note note;

		expect(ledger_note_parse((const char *) raw.data, raw.len, &note) == LEDGER_OK &&
				   ledger_note_verify(&note, &export_vkey, 1, NULL) == LEDGER_OK,
			   "checkpoint");
	}
	else if (strcmp(path, "keys") == 0)
	{
		char	   *at = (char *) raw.data;
		char	   *end = at + raw.len;

		while (at < end)
		{
			char	   *newline = (char *) memchr(at, '\n', (size_t) (end - at));
			ledger_vkey vkey;

			if (!expect(newline != NULL, "keys"))
				break;
			expect(ledger_vkey_parse(at, (size_t) (newline - at), &vkey) == LEDGER_KEY_OK, "key");
			at = newline + 1;
		}
	}
	else if (strncmp(path, "tile/", 5) == 0)
		expect(raw.len > 0 && raw.len % 32 == 0 && raw.len <= LEDGER_TILE_WIDTH * 32, "%s", path);
	else if (strcmp(path, "format") != 0)
		while (r.left > 0)
		{
			size_t		len;
			const uint8_t *record = ledger_read_bytes(&r, &len);
			ledger_row	row;
			ledger_schema schema;

			if (!expect(record != NULL, "record of %s", path))
				break;
			if (strcmp(path, "blocks.bin") == 0)
			{
				ledger_block block;

				if (!expect(ledger_block_parse(record, len, &block) == LEDGER_OK, "block"))
					break;
				if (have_last)
					expect(ledger_block_follows(&last, last_hash, &block) == LEDGER_OK, "chain of blocks");
				ledger_block_hash(export_hasher, record, last_hash);
				last = block;
				have_last = true;
			}
			else if (strcmp(path, "entries.bin") == 0)
				check_entry_record(record, len);
			else if (strcmp(path, "schemas.bin") == 0)
				expect(ledger_schema_parse(record, len, &schema) == LEDGER_OK, "schema");
			else if (strncmp(path, "rows/", 5) == 0)
				expect(ledger_row_parse(record, len, &row) == LEDGER_OK, "row");
			else
				expect(false, "unknown file %s", path);
		}
	free(raw.data);
}

static vec_kind kinds[] = {
	{"signature", do_signature, 0},
	{"vkey", do_vkey, 0},
	{"vkey-bad", do_vkey_bad, 0},
	{"note", do_note, 0},
	{"note-bad", do_note_bad, 0},
	{"receipt", do_receipt, 0},
	{"receipt-bad", do_receipt_bad, 0},
	{"consistency-file", do_consistency_file, 0},
	{"consistency-bad", do_consistency_bad, 0},
	{"export", do_export, 0},
	{"export-file", do_export_file, 0}
};

int
main(int argc, char **argv)
{
	return vec_main(argc, argv, "files", kinds, sizeof(kinds) / sizeof(kinds[0]));
}
