/*
 * test/bench/receipt_bench.c
 *		Milliseconds that checking a receipt takes inside the process.
 *
 * Built and run by hand, from the top of the tree:
 *
 *		cc -O2 -Isrc -o build/receipt_bench test/bench/receipt_bench.c \
 *			src/core/?*.c src/crypto/?*.c -lcrypto
 *
 * The receipt is what a log of ten million one-row transactions gives: a path of
 * random hashes leads to a root that is then signed, so no log has to be built.
 * A line is a figure: name, value, unit, baseline, target, separated by tabs.
 * The value of receipt_check is the median of a thousand checks, each from the
 * text of the file on; 99 % of them are below that of receipt_check_p99.
 */
#include "core/receipt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHECKS 1000
#define TREE_SIZE 10000000
#define LEAF 7654321

static ledger_hasher *h;
static uint8_t row[256];
static uint8_t entry[1024];
static char note[LEDGER_NOTE_TEXT_MAX + 1 + LEDGER_NOTE_LINE_MAX];
static char text[8192];
static uint8_t scratch[8192];

static void
must(bool ok)
{
	if (!ok)
	{
		fputs("receipt_bench: could not make or check the receipt\n", stderr);
		exit(1);
	}
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double) t.tv_sec * 1e3 + (double) t.tv_nsec * 1e-6;
}

static size_t
make_row(const ledger_row_header *header)
{
	ledger_writer w;
	ledger_row_writer rw;

	ledger_writer_init(&w, row, sizeof(row));
	ledger_row_begin(&rw, &w, header);
	must(ledger_row_finish(&rw) == LEDGER_OK);
	return w.len;
}

/* The text of a receipt, and the key to trust. */
static size_t
make_receipt(ledger_suite suite, ledger_vkey *trusted, size_t *rowlen)
{
	ledger_receipt_file receipt = {0};
	ledger_row_header header = {.schema_version = 1};
	ledger_entry_header eheader = {.type = LEDGER_ENTRY_TX};
	ledger_entry_writer ew;
	ledger_group group = {.schema_version = 1, .nrows = 1};
	ledger_tree_head head = {.size = TREE_SIZE, .height = 1000};
	ledger_digest path[LEDGER_PROOF_MAX];
	ledger_key *key;
	ledger_writer w;
	uint8_t		spki[LEDGER_SPKI_LEN];
	uint8_t		hash[LEDGER_HASH_LEN];
	uint8_t		leaf[LEDGER_HASH_LEN];

	header.ledger_tx = eheader.ledger_tx = ledger_tx_make(0, 1, LEAF);
	*rowlen = make_row(&header);
	must(ledger_row_leaf(h, row, *rowlen, group.root));
	must(ledger_private_group_hash(h, receipt.salt, &group, hash));

	ledger_writer_init(&w, entry, sizeof(entry));
	ledger_entry_begin(&ew, &w, &eheader);
	ledger_entry_add_private(&ew, &group, hash);
	must(ledger_entry_finish(&ew, NULL, 0) == LEDGER_OK);
	receipt.entry = ledger_slice_make(entry, w.len);

	/* the path of this leaf has one length only; a wrong one is refused */
	must(ledger_log_leaf(h, entry, w.len, leaf) && ledger_random(path, sizeof(path)));
	while (ledger_inclusion_root(h, leaf, LEAF, TREE_SIZE, path, receipt.log_npath, head.root) != LEDGER_OK)
		must(++receipt.log_npath < LEDGER_PROOF_MAX);

	must(ledger_key_generate(suite, &key) == LEDGER_KEY_OK && ledger_key_spki(key, spki) == LEDGER_KEY_OK);
	must(ledger_vkey_make(trusted, suite, "member-0", 8, spki, sizeof(spki)) == LEDGER_KEY_OK);
	ledger_writer_init(&w, note, sizeof(note));
	must(ledger_note_write(&w, &head, key, "member-0", 8) == LEDGER_OK);
	ledger_key_free(key);

	receipt.suite = suite;
	receipt.row = ledger_slice_make(row, *rowlen);
	receipt.nrows = 1;
	receipt.log_index = LEAF;
	receipt.tree_size = TREE_SIZE;
	receipt.log_path = (const ledger_digest *) path;
	receipt.note = ledger_slice_make(note, w.len);
	ledger_writer_init(&w, text, sizeof(text));
	must(ledger_receipt_write(&w, &receipt) == LEDGER_OK);
	return w.len;
}

static int
compare(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return x < y ? -1 : x > y;
}

static void
bench(ledger_suite suite)
{
	const char *name = ledger_suite_name(suite);
	ledger_vkey trusted;
	ledger_receipt_file receipt;
	ledger_receipt_facts facts;
	double		ms[CHECKS];
	size_t		rowlen;
	size_t		len;
	int			i;

	h = ledger_hasher_new(suite);
	must(h != NULL);
	len = make_receipt(suite, &trusted, &rowlen);
	for (i = 0; i < CHECKS; i++)
	{
		double		begin = now();

		must(ledger_receipt_parse(text, len, scratch, sizeof(scratch), &receipt) == LEDGER_OK &&
			 ledger_receipt_check(h, &receipt, &trusted, 1, &facts) == LEDGER_OK);
		ms[i] = now() - begin;
	}
	/* a check that could not fail would be no check */
	text[len / 2] ^= 1;
	must(ledger_receipt_parse(text, len, scratch, sizeof(scratch), &receipt) != LEDGER_OK ||
		 ledger_receipt_check(h, &receipt, &trusted, 1, &facts) != LEDGER_OK);
	qsort(ms, CHECKS, sizeof(ms[0]), compare);
	printf("receipt_check_%s\t%.3f\tms\t-\t<=1\n", name, ms[CHECKS / 2]);
	printf("receipt_check_p99_%s\t%.3f\tms\t-\t-\n", name, ms[CHECKS * 99 / 100]);
	printf("receipt_size_%s\t%zu\tbytes\t-\t<=2048\n", name, len - LEDGER_BASE64_LEN(rowlen));
	ledger_hasher_free(h);
}

int
main(void)
{
	bench(LEDGER_SUITE_STD);
	bench(LEDGER_SUITE_GM);
	return 0;
}
