/*
 * test/unit/test_row.c
 *		Rows: written and read back, refused in every spoiled form, and their hashes.
 */
#include "core/merkle.h"
#include "core/row.h"

#include "harness.h"
#include "mutate.h"
#include "random_cell.h"

static uint8_t written[1 << 16];

static bool
reread(const uint8_t *data, size_t len)
{
	ledger_row	row;
	ledger_row_iter it;
	ledger_row_writer rw;
	ledger_writer w;
	uint16_t	col_id;
	const uint8_t *cell;
	size_t		n;

	if (ledger_row_parse(data, len, &row) != LEDGER_OK)
		return false;
	ledger_writer_init(&w, written, sizeof(written));
	ledger_row_begin(&rw, &w, &row.header);
	ledger_row_iter_init(&it, &row);
	while (ledger_row_next(&it, &col_id, &cell, &n))
		ledger_row_cell(&rw, col_id, cell, n);
	expect(ledger_row_finish(&rw) == LEDGER_OK && w.len == len && memcmp(written, data, len) == 0,
		   "a row that is accepted in another encoding");
	return true;
}

static ledger_row_header
some_header(uint64_t *state, uint8_t op)
{
	ledger_row_header h;

	memset(&h, 0, sizeof(h));
	random_bytes(state, h.table_id, sizeof(h.table_id));
	h.schema_version = (uint32_t) next_random(state);
	h.ledger_tx = ledger_tx_make(5, 7, 1 + next_random(state) % LEDGER_TX_COUNTER_MAX);
	h.ledger_seq = (uint32_t) next_random(state) & LEDGER_SEQ_MAX;
	h.op = op;
	if (op != LEDGER_OP_INSERT)
	{
		h.prev_tx = ledger_tx_make(1, 2, 3);
		h.prev_seq = 4;
	}
	return h;
}

static size_t
make_row(uint64_t *state, uint8_t op, unsigned ncols, uint8_t *out, size_t cap)
{
	ledger_row_header h = some_header(state, op);
	ledger_row_writer rw;
	ledger_writer w;
	unsigned	i;

	ledger_writer_init(&w, out, cap);
	ledger_row_begin(&rw, &w, &h);
	for (i = 0; i < ncols; i++)
	{
		ledger_row_column(&rw, (uint16_t) (3 * i + 1));
		random_cell(state, &w, 2, true);
	}
	if (!expect(ledger_row_finish(&rw) == LEDGER_OK, "finish"))
		return 0;
	return w.len;
}

static void
test_round_trip(void)
{
	static uint8_t row[1 << 16];
	uint64_t	state = 9;
	int			i;

	for (i = 0; i < 600; i++)
	{
		uint8_t		op = (uint8_t) (i % 3);
		size_t		len = make_row(&state, op, op == LEDGER_OP_DELETE ? 0 : (unsigned) (i % 7), row, sizeof(row));

		if (len < 200)
			mutate_all("row", row, len, reread);
		else
		{
			uint8_t	   *exact = exact_copy(row, len);

			expect(reread(exact, len), "row");
			free(exact);
		}
	}
	done("random rows are read back, cut, lengthened and changed");
}

static ledger_status
parse_with(const ledger_row_header *h, uint16_t ncols, const void *columns, size_t len)
{
	uint8_t		bytes[256];
	ledger_row	row;

	ledger_row_put_header(bytes, h, ncols);
	memcpy(bytes + LEDGER_ROW_HEADER_LEN, columns, len);
	return ledger_row_parse(bytes, LEDGER_ROW_HEADER_LEN + len, &row);
}

static void
test_ranges(void)
{
	uint64_t	state = 4;
	ledger_row_header good = some_header(&state, LEDGER_OP_INSERT);
	ledger_row_header updated = some_header(&state, LEDGER_OP_UPDATE);
	ledger_row_header h;

	check(parse_with(&good, 0, "", 0) == LEDGER_OK && parse_with(&updated, 0, "", 0) == LEDGER_OK,
		  "an insert and an update without columns");
	h = updated;
	h.ledger_tx = h.prev_tx = INT64_MAX;
	h.ledger_seq = h.prev_seq = LEDGER_SEQ_MAX;
	check(parse_with(&h, 0, "", 0) == LEDGER_OK, "the largest numbers are accepted");
#define REFUSED(from, field, value, what) \
	(h = (from), h.field = (value), check(parse_with(&h, 0, "", 0) == LEDGER_BAD_VALUE, "refused: %s", what))
	REFUSED(good, op, 3, "op 3");
	REFUSED(good, ledger_seq, LEDGER_SEQ_MAX + 1, "a sequence number above 2^31 - 1");
	REFUSED(good, ledger_tx, (uint64_t) 1 << 63, "a ledger_tx with its top bit set");
	REFUSED(good, ledger_tx, ledger_tx_make(1, 1, 0), "a ledger_tx with counter 0");
	REFUSED(good, prev_tx, 1, "an insert that supersedes");
	REFUSED(good, prev_seq, 1, "an insert that supersedes a sequence number");
	REFUSED(updated, prev_tx, 0, "an update that supersedes nothing");
	REFUSED(updated, prev_tx, UINT64_MAX, "an update of a ledger_tx with its top bit set");
	REFUSED(updated, prev_seq, LEDGER_SEQ_MAX + 1, "an update of a sequence number above 2^31 - 1");
#undef REFUSED
	h = updated;
	h.op = LEDGER_OP_DELETE;
	check(parse_with(&h, 0, "", 0) == LEDGER_OK && parse_with(&h, 1, "\0\x01\0", 3) == LEDGER_BAD_VALUE,
		  "a delete has no columns");
	check(parse_with(&good, 2, "\0\x01\0\0\x02\0", 6) == LEDGER_OK &&
		  parse_with(&good, 2, "\0\x02\0\0\x01\0", 6) == LEDGER_BAD_ORDER &&
		  parse_with(&good, 2, "\0\x02\0\0\x02\0", 6) == LEDGER_BAD_ORDER &&
		  parse_with(&good, 1, "\0\0\0", 3) == LEDGER_BAD_ORDER, "columns ascend from 1");
	check(parse_with(&good, 2, "\0\x01\0", 3) == LEDGER_TRUNCATED &&
		  parse_with(&good, 0, "\0\x01\0", 3) == LEDGER_TRAILING, "as many columns as are announced");
}

static void
test_writer(void)
{
	uint64_t	state = 8;
	ledger_row_header h = some_header(&state, LEDGER_OP_INSERT);
	ledger_row_writer rw;
	ledger_writer w;
	uint8_t		row[200];
	size_t		cap;

	ledger_writer_init(&w, row, sizeof(row));
	ledger_row_begin(&rw, &w, &h);
	ledger_row_cell(&rw, 2, "\0", 1);
	ledger_row_cell(&rw, 2, "\0", 1);
	check(ledger_row_finish(&rw) == LEDGER_BAD_ORDER, "the writer refuses a column twice");
	for (cap = 0; cap < LEDGER_ROW_HEADER_LEN + 3; cap++)
	{
		uint8_t	   *small = (uint8_t *) malloc(cap + 1);

		ledger_writer_init(&w, small, cap);
		ledger_row_begin(&rw, &w, &h);
		ledger_row_cell(&rw, 2, "\0", 1);
		expect(ledger_row_finish(&rw) == LEDGER_NO_SPACE && w.len == LEDGER_ROW_HEADER_LEN + 3, "room for %zu", cap);
		free(small);
	}
	done("a row that does not fit is told");
	/* after other bytes in the same buffer */
	ledger_writer_init(&w, row, sizeof(row));
	ledger_write_fixed(&w, "before", 6);
	ledger_row_begin(&rw, &w, &h);
	ledger_row_cell(&rw, 2, "\0", 1);
	check(ledger_row_finish(&rw) == LEDGER_OK && reread(row + 6, w.len - 6), "a row may stand behind other bytes");
}

static void
test_identity(void)
{
	uint64_t	state = 3;
	int			i;

	for (i = 0; i < 1000; i++)
	{
		unsigned	member = (unsigned) next_random(&state) % 4096;
		unsigned	incarnation = (unsigned) next_random(&state) % 32768;
		uint64_t	counter = next_random(&state) & LEDGER_TX_COUNTER_MAX;
		uint64_t	tx = ledger_tx_make(member, incarnation, counter);

		expect(ledger_tx_member(tx) == member && ledger_tx_incarnation(tx) == incarnation &&
			   ledger_tx_counter(tx) == counter && ledger_tx_valid(tx) == (counter != 0), "%u %u", member, incarnation);
	}
	expect(ledger_tx_make(4095, 32767, LEDGER_TX_COUNTER_MAX) == INT64_MAX, "the largest");
	done("ledger_tx is taken apart as it was put together");
}

static void
test_hashes(void)
{
	ledger_suite suite;

	for (suite = LEDGER_SUITE_STD; suite <= LEDGER_SUITE_GM; suite++)
	{
		ledger_hasher *h = ledger_hasher_new(suite);
		uint8_t		in[128];
		ledger_digest want;
		ledger_digest got;

		ledger_row_leaf(h, "row", 3, got);
		ledger_hash(h, "\0row", 4, want);
		check(memcmp(got, want, 32) == 0, "%s: leaf = H(00 || row)", ledger_suite_name(suite));
		ledger_column_commitment(h, (const uint8_t *) "0123456789abcdef", 0x0102, (const uint8_t *) "fedcba9876543210",
								 "cell", 4, got);
		memcpy(in, "\x10" "C\x01" "0123456789abcdef\x01\x02" "fedcba9876543210cell", 41);
		ledger_hash(h, in, 41, want);
		check(memcmp(got, want, 32) == 0, "%s: commitment of a column", ledger_suite_name(suite));
		ledger_hasher_free(h);
	}
}


int
main(void)
{
	test_round_trip();
	test_ranges();
	test_writer();
	test_identity();
	test_hashes();
	return finish();
}
