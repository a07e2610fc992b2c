/*
 * test/unit/test_receipt.c
 *		Receipts made for a small log, and every way to spoil one.
 *
 * The log has some entries; one of them holds a private and a shared group, each
 * a tree of rows.
 */
#include "core/canon.h"
#include "core/receipt.h"

#include "harness.h"

#define NROWS 11
#define NENTRIES 7
#define OUR_ENTRY 4

typedef struct sample
{
	ledger_suite suite;
	ledger_hasher *h;
	ledger_key *key;
	ledger_vkey vkey;
	uint8_t		rows[2][NROWS][128];
	size_t		row_len[2][NROWS];
	ledger_digest row_leaf[2][NROWS];
	uint8_t		salt[32];
	uint8_t		entry[NENTRIES][1024];
	size_t		entry_len[NENTRIES];
	ledger_digest log_leaf[NENTRIES];
	char		note[1024];
	size_t		note_len;
	ledger_tree_head head;
} sample;

typedef struct leaves
{
	ledger_hasher *h;
	const ledger_digest *leaf;
} leaves;

static bool
leaf_source(void *arg, unsigned level, uint64_t index, uint8_t *out)
{
	leaves	   *l = (leaves *) arg;
	ledger_range r;
	uint64_t	i;

	ledger_range_init(&r, 0);
	for (i = index << level; i < (index + 1) << level; i++)
		ledger_range_append(&r, l->h, l->leaf[i]);
	return ledger_range_root(&r, l->h, out);
}

static void
make_rows(sample *s, int t)
{
	int			i;

	for (i = 0; i < NROWS; i++)
	{
		ledger_row_header h;
		ledger_row_writer rw;
		ledger_writer w;

		memset(&h, 0, sizeof(h));
		h.table_id[0] = (uint8_t) (t + 1);
		h.schema_version = 3;
		h.ledger_tx = ledger_tx_make(0, 1, 50);
		h.ledger_seq = (uint32_t) i;
		ledger_writer_init(&w, s->rows[t][i], sizeof(s->rows[t][i]));
		ledger_row_begin(&rw, &w, &h);
		ledger_row_column(&rw, 1);
		ledger_cell_u32(&w, LEDGER_TAG_INT4, (uint32_t) (100 * t + i));
		if (ledger_row_finish(&rw) != LEDGER_OK)
			abort();
		s->row_len[t][i] = w.len;
		ledger_row_leaf(s->h, s->rows[t][i], w.len, s->row_leaf[t][i]);
	}
}

static ledger_group
group_of(sample *s, int t)
{
	leaves		l = {s->h, (const ledger_digest *) s->row_leaf[t]};
	ledger_group g;

	memset(&g, 0, sizeof(g));
	g.table_id[0] = (uint8_t) (t + 1);
	g.schema_version = 3;
	g.nrows = NROWS;
	ledger_tree_root(s->h, NROWS, leaf_source, &l, g.root);
	return g;
}

static void
make_entries(sample *s)
{
	int			i;

	for (i = 0; i < NENTRIES; i++)
	{
		ledger_entry_header h;
		ledger_entry_writer ew;
		ledger_writer w;

		memset(&h, 0, sizeof(h));
		h.type = LEDGER_ENTRY_TX;
		memset(h.chain_id, 0x77, sizeof(h.chain_id));
		h.ledger_tx = ledger_tx_make(0, 1, (uint64_t) (46 + i));
		ledger_writer_init(&w, s->entry[i], sizeof(s->entry[i]));
		ledger_entry_begin(&ew, &w, &h);
		if (i == OUR_ENTRY)
		{
			ledger_group g = group_of(s, 0);
			uint8_t		hash[32];

			ledger_private_group_hash(s->h, s->salt, &g, hash);
			ledger_entry_add_private(&ew, &g, hash);
			g = group_of(s, 1);
			ledger_entry_add_shared(&ew, &g);
		}
		if (ledger_entry_finish(&ew, "", 0) != LEDGER_OK)
			abort();
		s->entry_len[i] = w.len;
		ledger_log_leaf(s->h, s->entry[i], w.len, s->log_leaf[i]);
	}
}

static void
make_note(sample *s)
{
	ledger_writer w;

	ledger_writer_init(&w, s->note, sizeof(s->note));
	if (ledger_note_write(&w, &s->head, s->key, "origin", 6) != LEDGER_OK)
		abort();
	s->note_len = w.len;
}

static void
make_sample(sample *s, ledger_suite suite)
{
	leaves		l;
	uint8_t		spki[LEDGER_SPKI_LEN];

	memset(s, 0, sizeof(*s));
	s->suite = suite;
	s->h = ledger_hasher_new(suite);
	memset(s->salt, 0x33, sizeof(s->salt));
	if (s->h == NULL || ledger_key_generate(suite, &s->key) != LEDGER_KEY_OK)
		abort();
	ledger_key_spki(s->key, spki);
	ledger_vkey_make(&s->vkey, suite, "origin", 6, spki, sizeof(spki));
	make_rows(s, 0);
	make_rows(s, 1);
	make_entries(s);
	memset(s->head.chain_id, 0x77, sizeof(s->head.chain_id));
	s->head.size = NENTRIES;
	l.h = s->h;
	l.leaf = (const ledger_digest *) s->log_leaf;
	ledger_tree_root(s->h, NENTRIES, leaf_source, &l, s->head.root);
	make_note(s);
}

/* The receipt of row i of table t; the paths live in the given arrays. */
static ledger_receipt_file
make_receipt(sample *s, int t, int i, ledger_digest *row_path, ledger_digest *log_path)
{
	ledger_receipt_file r;
	leaves		rows = {s->h, (const ledger_digest *) s->row_leaf[t]};
	leaves		entries = {s->h, (const ledger_digest *) s->log_leaf};

	memset(&r, 0, sizeof(r));
	r.suite = s->suite;
	r.row = ledger_slice_make(s->rows[t][i], s->row_len[t][i]);
	r.row_index = (uint64_t) i;
	r.nrows = NROWS;
	r.row_path = (const ledger_digest *) row_path;
	ledger_inclusion_prove(s->h, r.row_index, NROWS, leaf_source, &rows, row_path, &r.row_npath);
	r.entry = ledger_slice_make(s->entry[OUR_ENTRY], s->entry_len[OUR_ENTRY]);
	r.group = (uint16_t) t;
	r.shared = t == 1;
	memcpy(r.salt, s->salt, sizeof(r.salt));
	r.log_index = OUR_ENTRY;
	r.tree_size = NENTRIES;
	r.log_path = (const ledger_digest *) log_path;
	ledger_inclusion_prove(s->h, OUR_ENTRY, NENTRIES, leaf_source, &entries, log_path, &r.log_npath);
	r.note = ledger_slice_make(s->note, s->note_len);
	return r;
}

static ledger_status
check_text(sample *s, const char *text, size_t len, ledger_receipt_part *part)
{
	uint8_t	   *exact = exact_copy(text, len);
	uint8_t	   *scratch = (uint8_t *) malloc(len + 1);
	ledger_receipt_file r;
	ledger_receipt_facts facts;
	ledger_status status = ledger_receipt_parse((const char *) exact, len, scratch, len, &r);

	*part = LEDGER_RECEIPT_ALL;
	if (status == LEDGER_OK)
	{
		ledger_hasher *h = ledger_hasher_new(r.suite);

		status = ledger_receipt_check(h, &r, &s->vkey, 1, &facts);
		*part = facts.failed;
		expect((status == LEDGER_OK) == (facts.failed == LEDGER_RECEIPT_ALL), "status and part agree");
		ledger_hasher_free(h);
	}
	free(scratch);
	free(exact);
	return status;
}

static void
test_good(sample *s)
{
	int			t;
	int			i;

	for (t = 0; t < 2; t++)
		for (i = 0; i < NROWS; i++)
		{
			ledger_digest row_path[LEDGER_PROOF_MAX];
			ledger_digest log_path[LEDGER_PROOF_MAX];
			ledger_receipt_file r = make_receipt(s, t, i, row_path, log_path);
			ledger_receipt_part part;
			char		text[4096];
			char		small[4096];
			ledger_writer w;
			size_t		c;

			ledger_writer_init(&w, text, sizeof(text));
			expect(ledger_receipt_write(&w, &r) == LEDGER_OK, "write");
			expect(check_text(s, text, w.len, &part) == LEDGER_OK, "row %d of table %d: %s", i, t,
				   ledger_receipt_part_text(part));
			if (i != 3)
				continue;
			/* any character changed, any cut, anything behind: no longer a receipt that holds */
			for (c = 0; c < w.len; c++)
			{
				text[c] ^= 1;
				expect(check_text(s, text, w.len, &part) != LEDGER_OK, "character %zu of table %d", c, t);
				text[c] ^= 1;
				expect(check_text(s, text, c, &part) != LEDGER_OK, "cut at %zu", c);
			}
			text[w.len] = '\n';
			expect(check_text(s, text, w.len + 1, &part) != LEDGER_OK, "a newline more");
			{
				ledger_writer v;

				ledger_writer_init(&v, small, w.len - 1);
				expect(ledger_receipt_write(&v, &r) == LEDGER_NO_SPACE && v.len == w.len, "room");
			}
		}
	done("receipts hold for each row, and not with any character changed or cut");
}

/* Each part changed alone is found, and named. */
static void
test_parts(sample *s, sample *other)
{
	ledger_digest row_path[LEDGER_PROOF_MAX];
	ledger_digest log_path[LEDGER_PROOF_MAX];
	ledger_receipt_facts facts;
	ledger_receipt_file r;
	ledger_receipt_file good = make_receipt(s, 0, 3, row_path, log_path);
	ledger_vkey wrong = other->vkey;
	uint8_t		bytes[1024];
	int			p;

	expect(ledger_receipt_check(s->h, &good, &s->vkey, 1, &facts) == LEDGER_OK, "as it should be");
	expect(facts.row.header.ledger_seq == 3 && facts.entry.ngroups == 2 && facts.note.head.size == NENTRIES &&
			   memcmp(facts.leaf, s->row_leaf[0][3], 32) == 0,
		   "the facts are those of the row");

#define FAILS(change, want_status, want_part) \
	do { \
		r = good; \
		change; \
		expect(ledger_receipt_check(s->h, &r, &s->vkey, 1, &facts) == (want_status) && facts.failed == (want_part), \
			   "%s gives %s", #change, ledger_receipt_part_text(facts.failed)); \
	} while (0)

	FAILS(r.suite = other->suite, LEDGER_BAD_LINK, LEDGER_RECEIPT_SUITE);
	FAILS(r.row.len--, LEDGER_TRUNCATED, LEDGER_RECEIPT_ROW);
	FAILS(r.entry.len--, LEDGER_TRUNCATED, LEDGER_RECEIPT_ENTRY);
	FAILS(r.row_index = 4, LEDGER_BAD_LINK, LEDGER_RECEIPT_GROUP);
	FAILS(r.row_index = NROWS, LEDGER_BAD_VALUE, LEDGER_RECEIPT_ROW_PATH);
	FAILS(r.nrows = NROWS + 1, LEDGER_BAD_LINK, LEDGER_RECEIPT_GROUP);
	FAILS(r.nrows = 3 * NROWS, LEDGER_BAD_ROOT, LEDGER_RECEIPT_ROW_PATH);
	FAILS(r.nrows = 0, LEDGER_BAD_VALUE, LEDGER_RECEIPT_ROW_PATH);
	FAILS(r.row_npath--, LEDGER_BAD_ROOT, LEDGER_RECEIPT_ROW_PATH);
	FAILS(r.group = 1, LEDGER_BAD_LINK, LEDGER_RECEIPT_GROUP);
	FAILS(r.group = 2, LEDGER_BAD_VALUE, LEDGER_RECEIPT_GROUP);
	FAILS(r.shared = true, LEDGER_BAD_LINK, LEDGER_RECEIPT_GROUP);
	FAILS(r.salt[0] ^= 1, LEDGER_BAD_LINK, LEDGER_RECEIPT_GROUP);
	FAILS(r.log_index = 3, LEDGER_BAD_ROOT, LEDGER_RECEIPT_LOG_PATH);
	FAILS(r.log_index = NENTRIES, LEDGER_BAD_VALUE, LEDGER_RECEIPT_LOG_PATH);
	FAILS(r.log_npath--, LEDGER_BAD_ROOT, LEDGER_RECEIPT_LOG_PATH);
	FAILS(r.tree_size++, LEDGER_BAD_LINK, LEDGER_RECEIPT_SIZE);
	FAILS(r.note.len--, LEDGER_BAD_SYNTAX, LEDGER_RECEIPT_NOTE);
	FAILS(r.note.len = 0, LEDGER_BAD_SYNTAX, LEDGER_RECEIPT_NOTE);
	FAILS(r.entry = ledger_slice_make(s->entry[0], s->entry_len[0]), LEDGER_BAD_LINK, LEDGER_RECEIPT_TX);
	/* another row of the same group, and one whose value was changed */
	FAILS(r.row = ledger_slice_make(s->rows[0][4], s->row_len[0][4]), LEDGER_BAD_LINK, LEDGER_RECEIPT_GROUP);
	memcpy(bytes, s->rows[0][3], s->row_len[0][3]);
	bytes[s->row_len[0][3] - 1] ^= 1;
	FAILS(r.row.data = bytes, LEDGER_BAD_LINK, LEDGER_RECEIPT_GROUP);
	/* a hash of a path changed */
	for (p = 0; p < (int) good.row_npath; p++)
	{
		row_path[p][31] ^= 1;
		FAILS((void) 0, LEDGER_BAD_LINK, LEDGER_RECEIPT_GROUP);
		row_path[p][31] ^= 1;
	}
	for (p = 0; p < (int) good.log_npath; p++)
	{
		log_path[p][0] ^= 0x80;
		FAILS((void) 0, LEDGER_BAD_ROOT, LEDGER_RECEIPT_LOG_PATH);
		log_path[p][0] ^= 0x80;
	}
#undef FAILS

	expect(ledger_receipt_check(s->h, &good, &wrong, 1, &facts) == LEDGER_NO_SIGNATURE &&
		   facts.failed == LEDGER_RECEIPT_SIGNATURE, "no trusted key of this suite");
	expect(ledger_receipt_check(s->h, &good, NULL, 0, &facts) == LEDGER_NO_SIGNATURE &&
		   facts.failed == LEDGER_RECEIPT_SIGNATURE, "no key at all");
	for (p = LEDGER_RECEIPT_ALL; p <= LEDGER_RECEIPT_SIGNATURE; p++)
		expect(strcmp(ledger_receipt_part_text((ledger_receipt_part) p), "unknown part of a receipt") != 0, "part %d", p);
	done("each part of a receipt that is wrong is found and named");

	/* another chain's checkpoint of the same log, well signed */
	s->head.chain_id[0] ^= 1;
	make_note(s);
	good.note = ledger_slice_make(s->note, s->note_len);
	check(ledger_receipt_check(s->h, &good, &s->vkey, 1, &facts) == LEDGER_BAD_LINK &&
		  facts.failed == LEDGER_RECEIPT_CHAIN, "a checkpoint of another chain is refused");
	s->head.chain_id[0] ^= 1;
	s->head.root[5] ^= 1;
	make_note(s);
	good.note = ledger_slice_make(s->note, s->note_len);
	check(ledger_receipt_check(s->h, &good, &s->vkey, 1, &facts) == LEDGER_BAD_ROOT &&
		  facts.failed == LEDGER_RECEIPT_LOG_PATH, "a checkpoint of another root is refused");
	s->head.root[5] ^= 1;
	make_note(s);
}

static void
test_consistency_files(sample *s)
{
	leaves		l = {s->h, (const ledger_digest *) s->log_leaf};
	uint64_t	from;
	uint64_t	to;

	for (to = 0; to <= NENTRIES; to++)
		for (from = 0; from <= to; from++)
		{
			ledger_consistency_file file;
			ledger_consistency_file again;
			char		text[2048];
			ledger_writer w;
			size_t		c;

			memset(&file, 0, sizeof(file));
			file.suite = s->suite;
			file.from = from;
			file.to = to;
			ledger_tree_root(s->h, from, leaf_source, &l, file.from_root);
			ledger_tree_root(s->h, to, leaf_source, &l, file.to_root);
			ledger_consistency_prove(s->h, from, to, leaf_source, &l, file.path, &file.npath);
			ledger_writer_init(&w, text, sizeof(text));
			expect(ledger_consistency_file_write(&w, &file) == LEDGER_OK &&
				   ledger_consistency_file_parse(text, w.len, &again) == LEDGER_OK &&
				   ledger_consistency_file_check(s->h, &again) == LEDGER_OK, "from %u to %u", (unsigned) from, (unsigned) to);
			for (c = 0; c < w.len; c++)
			{
				expect(ledger_consistency_file_parse(text, c, &again) != LEDGER_OK, "cut at %zu", c);
				text[c] ^= 1;
				/*
				 * From the empty log every log follows, so its line says nothing then; and a path does not
				 * fix the size of the larger tree, which a reader takes from a checkpoint.
				 */
				if (ledger_consistency_file_parse(text, w.len, &again) == LEDGER_OK &&
					ledger_consistency_file_check(s->h, &again) == LEDGER_OK)
					expect(again.from == file.from && memcmp(again.from_root, file.from_root, 32) == 0 &&
						   (from == 0 || (again.to != file.to && memcmp(again.to_root, file.to_root, 32) == 0)),
						   "character %zu from %u to %u", c, (unsigned) from, (unsigned) to);
				text[c] ^= 1;
			}
			text[w.len] = '\n';
			expect(ledger_consistency_file_parse(text, w.len + 1, &again) == LEDGER_TRAILING, "a line more");
		}
	done("consistency files hold between all sizes, and not with any character changed or cut");
}

/* Lists of hashes in a file: their length, their number. */
static void
test_hash_lists(sample *s)
{
	ledger_digest row_path[LEDGER_PROOF_MAX];
	ledger_digest log_path[LEDGER_PROOF_MAX];
	static ledger_digest many[LEDGER_PROOF_MAX + 1];
	ledger_receipt_file r = make_receipt(s, 0, 3, row_path, log_path);
	ledger_receipt_file again;
	static char text[16384];
	static uint8_t scratch[16384];
	ledger_consistency_file file;
	ledger_writer w;
	char	   *at;

	r.row_path = (const ledger_digest *) many;
	for (r.row_npath = LEDGER_PROOF_MAX; r.row_npath <= LEDGER_PROOF_MAX + 1; r.row_npath++)
	{
		ledger_writer_init(&w, text, sizeof(text));
		ledger_receipt_write(&w, &r);
		expect(ledger_receipt_parse(text, w.len, scratch, sizeof(scratch), &again) ==
			   (r.row_npath == LEDGER_PROOF_MAX ? LEDGER_OK : LEDGER_BAD_SYNTAX), "%zu hashes", r.row_npath);
	}
	/* 30 bytes, by cutting a path short of a whole hash */
	r.row_npath = 1;
	ledger_writer_init(&w, text, sizeof(text));
	ledger_receipt_write(&w, &r);
	at = strstr(text, "row-path ") + 9;
	memmove(at + 40, at + 44, w.len - (size_t) (at + 44 - text));
	expect(ledger_receipt_parse(text, w.len - 4, scratch, sizeof(scratch), &again) == LEDGER_BAD_SYNTAX,
		   "a list of 30 bytes");
	/* none at all is "-", not nothing */
	memmove(at, at + 40, w.len - 4 - (size_t) (at + 40 - text));
	expect(ledger_receipt_parse(text, w.len - 44, scratch, sizeof(scratch), &again) == LEDGER_BAD_SYNTAX,
		   "a list of nothing");
	/* scratch that is too small is told */
	ledger_writer_init(&w, text, sizeof(text));
	ledger_receipt_write(&w, &r);
	expect(ledger_receipt_parse(text, w.len, scratch, r.row.len - 1, &again) == LEDGER_NO_SPACE, "room for the row");
	expect(ledger_receipt_parse(text, w.len, scratch, r.row.len + 32 + r.entry.len - 1, &again) == LEDGER_NO_SPACE,
		   "room for the entry");

	memset(&file, 0, sizeof(file));
	file.suite = s->suite;
	expect(ledger_consistency_file_check(s->h, &file) != LEDGER_OK, "a root of zeros");
	ledger_hash(s->h, "", 0, file.from_root);
	ledger_hash(s->h, "", 0, file.to_root);
	expect(ledger_consistency_file_check(s->h, &file) == LEDGER_OK, "two empty logs");
	file.suite = s->suite == LEDGER_SUITE_STD ? LEDGER_SUITE_GM : LEDGER_SUITE_STD;
	expect(ledger_consistency_file_check(s->h, &file) == LEDGER_BAD_LINK, "a file of the other suite");
	done("lists of hashes and suites of files");
}

int
main(void)
{
	static sample std;
	static sample gm;

	make_sample(&std, LEDGER_SUITE_STD);
	make_sample(&gm, LEDGER_SUITE_GM);
	test_good(&std);
	test_good(&gm);
	test_parts(&std, &gm);
	test_parts(&gm, &std);
	test_consistency_files(&std);
	test_consistency_files(&gm);
	test_hash_lists(&std);
	test_hash_lists(&gm);
	ledger_hasher_free(std.h);
	ledger_hasher_free(gm.h);
	ledger_key_free(std.key);
	ledger_key_free(gm.key);
	return finish();
}
