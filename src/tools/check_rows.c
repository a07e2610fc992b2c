/*
 * tools/check_rows.c
 *		The rows of one table of an export.
 *
 * Every row belongs to the group of its transaction, table and schema version
 * or, where there is none, to a BASELINE of its table. Both are sorted alike, so
 * that the groups are walked beside the rows; but a row is first looked for, so
 * that one with a changed ledger_tx is one finding and does not carry the walk
 * away.
 */
#include "tools/check_tables.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/canon.h"
#include "core/row.h"
#include "core/schema.h"

/* A group of the transaction whose rows are being read. */
typedef struct wanted
{
	const uint8_t *record;		/* of t->groups */
	uint32_t	version;
	uint64_t	leaf;
	uint32_t	first_seq;
	ledger_frontier tree;
} wanted;

typedef struct table_rows
{
	ledger_tables *t;
	ledger_check *c;
	const uint8_t *table;

	uint64_t	next_group;		/* the first group not yet opened */
	uint64_t	end_group;
	wanted	   *wanted;			/* of the current transaction */
	size_t		nwanted;
	size_t		wanted_capacity;
	bool		started;		/* there is a current transaction */
	uint64_t	tx;
	uint32_t	seq;			/* of the last row in it */

	bool		have_loose;		/* the last row that stands in no group */
	uint64_t	loose_tx;
	uint32_t	loose_seq;
	bool		have_unknown;
	uint64_t	unknown_tx;		/* the last row that nothing covers */
	uint32_t	unknown_version;

	ledger_known_baseline **baselines;	/* of this table */
	size_t		nbaselines;
	uint64_t	first_reference;
	uint64_t	end_reference;
	bool	   *met;			/* which references found their row */

	uint32_t   *lost;			/* versions without a SCHEMA entry that were reported */
	size_t		nlost;
	size_t		lost_capacity;
	ledger_versions *versions;	/* NULL unless the table is versioned */
	uint64_t	nrows;
} table_rows;

static const uint8_t *
group_at(table_rows *r, uint64_t i)
{
	return ledger_sort_at(r->t->groups, i);
}

static uint64_t
group_tx(const uint8_t *record)
{
	return ledger_get_u64(record + LEDGER_ID_LEN);
}

static uint32_t
group_version(const uint8_t *record)
{
	return ledger_get_u32(record + LEDGER_ID_LEN + 8);
}

/* ---- groups ------------------------------------------------------------------------- */

/* A group has had all its rows. tree is NULL when it had none. */
static void
close_group(table_rows *r, const uint8_t *record, const ledger_frontier *tree, uint32_t first_seq)
{
	ledger_known_schema *schema = ledger_tables_find_schema(r->t, r->table, group_version(record));
	uint64_t	tx = group_tx(record);
	uint64_t	nrows = ledger_get_u64(record + 36);
	uint64_t	met = tree == NULL ? 0 : tree->count;
	uint8_t		root[LEDGER_HASH_LEN];

	if (schema != NULL && schema->leaf >= ledger_get_u64(record + 28))
		ledger_finding("schema-late", ledger_at_tx(r->table, tx), NULL);
	if (met < nrows)
		ledger_finding("rows-missing", ledger_at_tx(r->table, tx),
					   "%" PRIu64 " of %" PRIu64 " rows are missing", nrows - met, nrows);
	else if (met > nrows)
		ledger_finding("rows-extra", ledger_at_tx(r->table, tx), "%" PRIu64 " rows too many", met - nrows);
	else
	{
		ledger_must(ledger_frontier_root(tree, r->c->h, root));
		if (memcmp(root, record + 44, sizeof(root)) != 0)
			ledger_finding("row-changed",
						   met == 1 ? ledger_at_row(r->table, tx, first_seq) : ledger_at_tx(r->table, tx),
						   NULL);
	}
}

/* Whether a group repeats the one before it, which was reported. */
static bool
is_repeated(table_rows *r, uint64_t i)
{
	return i > 0 && memcmp(group_at(r, i), group_at(r, i - 1), LEDGER_GROUP_KEY) == 0;
}

static void
close_transaction(table_rows *r)
{
	size_t		i;

	for (i = 0; i < r->nwanted; i++)
		close_group(r, r->wanted[i].record, &r->wanted[i].tree, r->wanted[i].first_seq);
	r->nwanted = 0;
}

/* Close every group before number end; they had no rows. */
static void
skip_groups(table_rows *r, uint64_t end)
{
	for (; r->next_group < end; r->next_group++)
		if (!is_repeated(r, r->next_group))
			close_group(r, group_at(r, r->next_group), NULL, 0);
}

/* Make tx, whose groups start at number first, the current transaction. */
static void
open_transaction(table_rows *r, uint64_t tx, uint64_t first)
{
	close_transaction(r);
	skip_groups(r, first);
	for (; r->next_group < r->end_group && group_tx(group_at(r, r->next_group)) == tx; r->next_group++)
	{
		wanted	   *w;

		if (is_repeated(r, r->next_group))
			continue;
		LEDGER_GROW(r->wanted, r->nwanted, r->wanted_capacity);
		w = &r->wanted[r->nwanted++];
		w->record = group_at(r, r->next_group);
		w->version = group_version(w->record);
		w->leaf = ledger_get_u64(w->record + 28);
		w->first_seq = 0;
		ledger_frontier_init(&w->tree);
	}
	r->started = true;
	r->tx = tx;
}

/*
 * The group that a row belongs to, NULL when there is none. *in_order is false
 * for a row that should have come earlier.
 */
static wanted *
group_of_row(table_rows *r, const ledger_row_header *row, bool *in_order)
{
	uint8_t		key[LEDGER_GROUP_KEY];
	uint64_t	found;
	size_t		i;

	*in_order = true;
	if (!r->started || row->ledger_tx != r->tx)
	{
		uint64_t	first = r->next_group;

		ledger_row_key(key, r->table, row->ledger_tx, row->schema_version);
		/* the next group is nearly always the one */
		if (first < r->end_group && memcmp(group_at(r, first), key, LEDGER_GROUP_KEY) == 0)
			found = first;
		else
		{
			found = ledger_sort_find(r->t->groups, key, LEDGER_GROUP_KEY);
			if (found >= r->end_group || memcmp(group_at(r, found), key, LEDGER_GROUP_KEY) != 0)
				return NULL;
			if (r->started && row->ledger_tx < r->tx)
			{
				*in_order = false;
				return NULL;
			}
			first = ledger_sort_find(r->t->groups, key, LEDGER_ID_LEN + 8);
		}
		open_transaction(r, row->ledger_tx, first);
	}
	else if (row->ledger_seq <= r->seq)
		*in_order = false;
	for (i = 0; i < r->nwanted; i++)
		if (r->wanted[i].version == row->schema_version)
			return &r->wanted[i];
	*in_order = true;			/* nothing to be in order with */
	return NULL;
}

/* ---- one row -------------------------------------------------------------------------- */

/* Whether the columns of a row are those of its schema. */
static bool
columns_fit(const ledger_known_schema *schema, const ledger_row *row)
{
	ledger_row_iter it;
	uint16_t	col_id;
	const uint8_t *cell;
	size_t		len;
	unsigned	i = 0;

	if (row->ncols != schema->ncols)
		return false;
	ledger_row_iter_init(&it, row);
	while (ledger_row_next(&it, &col_id, &cell, &len))
	{
		const ledger_known_column *column = &schema->columns[i++];

		if (column->col_id != col_id)
			return false;
		if (column->flags & LEDGER_COLUMN_REDACTABLE)
		{
			if (cell[0] != LEDGER_TAG_ERASED)
				return false;
		}
		else if (cell[0] != LEDGER_TAG_NULL && cell[0] != column->tag)
			return false;
	}
	return true;
}

static void
check_schema(table_rows *r, const ledger_row *row, ledger_place at)
{
	uint32_t	version = row->header.schema_version;
	ledger_known_schema *schema = ledger_tables_find_schema(r->t, r->table, version);
	size_t		i;

	if (schema == NULL)
	{
		for (i = 0; i < r->nlost; i++)
			if (r->lost[i] == version)
				return;
		LEDGER_GROW(r->lost, r->nlost, r->lost_capacity);
		r->lost[r->nlost++] = version;
		ledger_finding("row-schema", ledger_at_schema(r->table, version),
					   "there is no SCHEMA entry of this version");
		return;
	}
	if (!schema->have_body)
		return;					/* its absence is a finding of its own */
	if (row->header.op != LEDGER_OP_INSERT && schema->kind != LEDGER_SCHEMA_KIND_VERSIONED)
		ledger_finding("row-schema", at, "the table is not versioned");
	if (row->header.op != LEDGER_OP_DELETE && !columns_fit(schema, row))
		ledger_finding("row-schema", at, NULL);
}

static bool
column_is_erased(const ledger_row *row, uint16_t wanted_col)
{
	ledger_row_iter it;
	uint16_t	col_id;
	const uint8_t *cell;
	size_t		len;

	ledger_row_iter_init(&it, row);
	while (ledger_row_next(&it, &col_id, &cell, &len))
		if (col_id == wanted_col)
			return cell[0] == LEDGER_TAG_ERASED;
	return false;
}

/*
 * What SIGNATURE and ERASE entries say of a row. The references of one entry
 * stand together, and give one finding. leaf is NULL for a row that is not
 * looked into.
 */
static void
check_references(table_rows *r, const ledger_row *row, const uint8_t *leaf, ledger_place at)
{
	uint8_t		key[LEDGER_REFERENCE_KEY];
	uint64_t	i;
	const uint8_t *reported = NULL;

	if (r->first_reference == r->end_reference)
		return;
	ledger_row_key(key, r->table, row->header.ledger_tx, row->header.ledger_seq);
	for (i = ledger_sort_find(r->t->references, key, sizeof(key)); i < r->end_reference; i++)
	{
		const uint8_t *record = ledger_sort_at(r->t->references, i);
		uint16_t	col_id = ledger_get_u16(record + 37);
		bool		is_erase = record[36] != 0;
		bool		good;

		if (memcmp(record, key, sizeof(key)) != 0 || r->met[i - r->first_reference])
			break;
		r->met[i - r->first_reference] = true;
		if (leaf == NULL)
			continue;
		if (is_erase)
			good = col_id == 0 || column_is_erased(row, col_id);
		else
			good = memcmp(record + 39, leaf, LEDGER_HASH_LEN) == 0;
		if (good || (reported != NULL && memcmp(reported, record + 28, 8) == 0))
			continue;
		reported = record + 28;
		ledger_finding(is_erase ? "erase" : "signature", at,
					   is_erase ? "the column is not redactable"
								: "the row is another than the one that was signed");
	}
}

/* Add the leaf to every BASELINE that covers the row; false when none of this version is there. */
static bool
add_to_baselines(table_rows *r, const ledger_row_header *row, const wanted *w, const uint8_t *leaf)
{
	bool		any = false;
	size_t		i;

	for (i = 0; i < r->nbaselines; i++)
	{
		ledger_known_baseline *b = r->baselines[i];

		if (b->version != row->schema_version)
			continue;
		any = true;
		if (leaf != NULL && (w == NULL || w->leaf < b->leaf))
			ledger_must(ledger_frontier_append(&b->tree, r->c->h, leaf));
	}
	return any;
}

static void
take_row(table_rows *r, const ledger_stream *record, const ledger_row *row)
{
	const ledger_row_header *header = &row->header;
	ledger_place at = ledger_at_row(r->table, header->ledger_tx, header->ledger_seq);
	uint8_t		leaf[LEDGER_HASH_LEN];
	bool		in_order;
	wanted	   *w;

	if (memcmp(header->table_id, r->table, LEDGER_ID_LEN) != 0)
	{
		ledger_finding("row-order", at, "a row of another table");
		return;
	}
	w = group_of_row(r, header, &in_order);
	if (w == NULL && in_order)
	{
		if (!add_to_baselines(r, header, NULL, NULL))
		{
			if (!r->have_unknown || r->unknown_tx != header->ledger_tx ||
				r->unknown_version != header->schema_version)
				ledger_finding("row-unknown", at, NULL);
			r->have_unknown = true;
			r->unknown_tx = header->ledger_tx;
			r->unknown_version = header->schema_version;
			check_references(r, row, NULL, at);
			return;
		}
		in_order = !r->have_loose || header->ledger_tx > r->loose_tx ||
			(header->ledger_tx == r->loose_tx && header->ledger_seq > r->loose_seq);
	}
	if (!in_order)
	{
		ledger_finding("row-order", at, NULL);
		return;
	}

	ledger_must(ledger_row_leaf(r->c->h, record->data, record->len, leaf));
	if (w != NULL)
	{
		if (w->tree.count == 0)
			w->first_seq = header->ledger_seq;
		ledger_must(ledger_frontier_append(&w->tree, r->c->h, leaf));
		r->seq = header->ledger_seq;
	}
	else
	{
		r->have_loose = true;
		r->loose_tx = header->ledger_tx;
		r->loose_seq = header->ledger_seq;
	}
	add_to_baselines(r, header, w, leaf);
	check_schema(r, row, at);
	check_references(r, row, leaf, at);
	if (r->versions != NULL)
		ledger_versions_add(r->versions, header, w == NULL ? -1 : (int64_t) w->leaf);
}

/* ---- the table ---------------------------------------------------------------------------- */

static void
close_baselines(table_rows *r)
{
	size_t		i;

	for (i = 0; i < r->nbaselines; i++)
	{
		ledger_known_baseline *b = r->baselines[i];
		uint8_t		root[LEDGER_HASH_LEN];

		ledger_must(ledger_frontier_root(&b->tree, r->c->h, root));
		if (b->tree.count != b->nrows || memcmp(root, b->root, sizeof(root)) != 0)
			ledger_finding("baseline", ledger_at_tx(r->table, b->ledger_tx), NULL);
	}
}

/* References to rows that are not there. */
static void
close_references(table_rows *r)
{
	uint64_t	i;
	const uint8_t *reported = NULL;

	for (i = r->first_reference; i < r->end_reference; i++)
	{
		const uint8_t *record = ledger_sort_at(r->t->references, i);

		if (r->met[i - r->first_reference] ||
			(reported != NULL && memcmp(reported, record, LEDGER_REFERENCE_KEY + 8) == 0))
			continue;
		reported = record;
		ledger_finding(record[36] != 0 ? "erase" : "signature",
					   ledger_at_row(r->table, ledger_get_u64(record + 16), ledger_get_u32(record + 24)),
					   "there is no such row");
	}
}

/* The first record of another table than the one at i. */
static uint64_t
end_of_table(const ledger_sort *sort, const uint8_t *table)
{
	uint8_t		after[LEDGER_ID_LEN];
	unsigned	byte = LEDGER_ID_LEN;

	memcpy(after, table, LEDGER_ID_LEN);
	while (byte > 0 && ++after[byte - 1] == 0)
		byte--;
	return byte == 0 ? ledger_sort_count(sort) : ledger_sort_find(sort, after, LEDGER_ID_LEN);
}

static bool
is_versioned(ledger_tables *t, const uint8_t *table)
{
	size_t		i;

	for (i = 0; i < t->nschemas; i++)
		if (t->schemas[i].have_body && t->schemas[i].kind == LEDGER_SCHEMA_KIND_VERSIONED &&
			memcmp(t->schemas[i].table, table, LEDGER_ID_LEN) == 0)
			return true;
	return false;
}

static void
read_rows(table_rows *r, const char *name)
{
	char	   *path = ledger_path(r->c->directory, name);
	ledger_place at = ledger_at_table(r->table);
	ledger_stream stream;
	ledger_stream_state state = LEDGER_STREAM_END;
	ledger_row	row;

	at.has |= LEDGER_AT_FILE;
	at.file = name;
	if (!ledger_stream_open(&stream, path))
		ledger_finding("file-missing", at, NULL);
	while (stream.file != NULL && (state = ledger_stream_next(&stream)) == LEDGER_STREAM_RECORD)
	{
		ledger_status status = ledger_row_parse(stream.data, stream.len, &row);

		if (status != LEDGER_OK)
		{
			ledger_finding("row-malformed", ledger_at_table(r->table), "record %" PRIu64 ": %s",
						   stream.number - 1, ledger_status_text(status));
			continue;
		}
		r->nrows++;
		take_row(r, &stream, &row);
	}
	if (state == LEDGER_STREAM_CUT)
		ledger_finding("stream-cut", at, NULL);
	ledger_stream_close(&stream);
	free(path);
}

void
ledger_check_rows(ledger_tables *t, const uint8_t *table, const char *name)
{
	table_rows	r = {0};
	size_t		i;

	r.t = t;
	r.c = t->c;
	r.table = table;
	r.next_group = ledger_sort_find(t->groups, table, LEDGER_ID_LEN);
	r.end_group = end_of_table(t->groups, table);
	r.first_reference = ledger_sort_find(t->references, table, LEDGER_ID_LEN);
	r.end_reference = end_of_table(t->references, table);
	r.met = ledger_alloc((size_t) (r.end_reference - r.first_reference));
	memset(r.met, 0, (size_t) (r.end_reference - r.first_reference));
	r.baselines = ledger_alloc(t->nbaselines * sizeof(r.baselines[0]));
	for (i = 0; i < t->nbaselines; i++)
		if (memcmp(t->baselines[i].table, table, LEDGER_ID_LEN) == 0)
			r.baselines[r.nbaselines++] = &t->baselines[i];
	if (is_versioned(t, table))
		r.versions = ledger_versions_new(table);

	read_rows(&r, name);
	if (r.nrows > 0 || !ledger_tables_gone(t, table))
	{
		close_transaction(&r);
		skip_groups(&r, r.end_group);
		close_baselines(&r);
		close_references(&r);
	}
	if (r.versions != NULL)
		ledger_versions_finish(r.versions);
	free(r.wanted);
	free(r.baselines);
	free(r.met);
	free(r.lost);
}
