/*
 * tools/check_tables.c
 *		What the log of an export says of its tables; schema bodies; which table has rows.
 */
#include "tools/check_tables.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/schema.h"

#define REFERENCE_SIGNATURE 0
#define REFERENCE_ERASE 1

ledger_tables *
ledger_tables_new(ledger_check *c)
{
	ledger_tables *t = ledger_alloc(sizeof(*t));

	memset(t, 0, sizeof(*t));
	t->c = c;
	t->transactions = ledger_sort_new(LEDGER_TRANSACTION_RECORD, LEDGER_SORT_MEMORY);
	t->groups = ledger_sort_new(LEDGER_GROUP_RECORD, LEDGER_SORT_MEMORY);
	t->references = ledger_sort_new(LEDGER_REFERENCE_RECORD, LEDGER_SORT_MEMORY);
	return t;
}

void
ledger_tables_free(ledger_tables *t)
{
	size_t		i;

	if (t == NULL)
		return;
	for (i = 0; i < t->nschemas; i++)
		free(t->schemas[i].columns);
	ledger_sort_free(t->transactions);
	ledger_sort_free(t->groups);
	ledger_sort_free(t->references);
	free(t->schemas);
	free(t->purges);
	free(t->baselines);
	free(t->files);
	free(t);
}

/* ---- what the log says -------------------------------------------------------------- */

void
ledger_tables_file(ledger_tables *t, const uint8_t *table)
{
	LEDGER_GROW(t->files, t->nfiles, t->files_capacity);
	memcpy(t->files[t->nfiles++], table, LEDGER_ID_LEN);
}

size_t
ledger_tables_files(const ledger_tables *t)
{
	return t->nfiles;
}

void
ledger_tables_transaction(ledger_tables *t, uint64_t ledger_tx, uint64_t leaf)
{
	uint8_t		record[LEDGER_TRANSACTION_RECORD];

	ledger_put_u64(record, ledger_tx);
	ledger_put_u64(record + 8, leaf);
	ledger_sort_add(t->transactions, record);
}

void
ledger_tables_group(ledger_tables *t, const ledger_group *group, uint64_t ledger_tx, uint64_t leaf)
{
	uint8_t		record[LEDGER_GROUP_RECORD];

	ledger_row_key(record, group->table_id, ledger_tx, group->schema_version);
	ledger_put_u64(record + 28, leaf);
	ledger_put_u64(record + 36, group->nrows);
	memcpy(record + 44, group->root, LEDGER_HASH_LEN);
	ledger_sort_add(t->groups, record);
}

void
ledger_tables_schema(ledger_tables *t, const ledger_schema_body *body, uint64_t leaf)
{
	ledger_known_schema *s;

	LEDGER_GROW(t->schemas, t->nschemas, t->schemas_capacity);
	s = &t->schemas[t->nschemas++];
	memset(s, 0, sizeof(*s));
	memcpy(s->table, body->table_id, LEDGER_ID_LEN);
	s->version = body->schema_version;
	s->leaf = leaf;
	memcpy(s->hash, body->schema_hash, LEDGER_HASH_LEN);
}

void
ledger_tables_purge(ledger_tables *t, const uint8_t *table, uint64_t leaf)
{
	LEDGER_GROW(t->purges, t->npurges, t->purges_capacity);
	memcpy(t->purges[t->npurges].table, table, LEDGER_ID_LEN);
	t->purges[t->npurges++].leaf = leaf;
}

void
ledger_tables_baseline(ledger_tables *t, const ledger_baseline_body *body, uint64_t ledger_tx, uint64_t leaf)
{
	ledger_known_baseline *b;

	LEDGER_GROW(t->baselines, t->nbaselines, t->baselines_capacity);
	b = &t->baselines[t->nbaselines++];
	memcpy(b->table, body->table_id, LEDGER_ID_LEN);
	b->version = body->schema_version;
	b->nrows = body->nrows;
	memcpy(b->root, body->root, LEDGER_HASH_LEN);
	b->ledger_tx = ledger_tx;
	b->leaf = leaf;
	ledger_frontier_init(&b->tree);
}

static void
add_reference(ledger_tables *t, const uint8_t *table, uint64_t ledger_tx, uint32_t ledger_seq, uint64_t leaf,
			  uint8_t kind, uint16_t col_id, const uint8_t *row_leaf)
{
	uint8_t		record[LEDGER_REFERENCE_RECORD];

	ledger_row_key(record, table, ledger_tx, ledger_seq);
	ledger_put_u64(record + 28, leaf);
	record[36] = kind;
	ledger_put_u16(record + 37, col_id);
	memset(record + 39, 0, LEDGER_HASH_LEN);
	if (row_leaf != NULL)
		memcpy(record + 39, row_leaf, LEDGER_HASH_LEN);
	ledger_sort_add(t->references, record);
}

void
ledger_tables_signature(ledger_tables *t, const ledger_signature_body *body, uint64_t leaf)
{
	add_reference(t, body->table_id, body->ledger_tx, body->ledger_seq, leaf, REFERENCE_SIGNATURE, 0,
				  body->leaf);
}

void
ledger_tables_erase(ledger_tables *t, const ledger_erase_body *body, uint64_t leaf)
{
	unsigned	i;

	if (body->ncols == 0)
		add_reference(t, body->table_id, body->ledger_tx, body->ledger_seq, leaf, REFERENCE_ERASE, 0, NULL);
	for (i = 0; i < body->ncols; i++)
		add_reference(t, body->table_id, body->ledger_tx, body->ledger_seq, leaf, REFERENCE_ERASE,
					  ledger_get_u16(body->col_ids + 2 * i), NULL);
}

/* ---- twice ---------------------------------------------------------------------------- */

static void
report_twice(ledger_tables *t)
{
	uint64_t	i;

	for (i = 1; i < ledger_sort_count(t->transactions); i++)
	{
		const uint8_t *record = ledger_sort_at(t->transactions, i);

		if (memcmp(record, ledger_sort_at(t->transactions, i - 1), 8) == 0)
			ledger_finding("entry-twice", ledger_at_entry(ledger_get_u64(record), ledger_get_u64(record + 8)),
						   NULL);
	}
	for (i = 1; i < ledger_sort_count(t->groups); i++)
	{
		const uint8_t *record = ledger_sort_at(t->groups, i);

		if (memcmp(record, ledger_sort_at(t->groups, i - 1), LEDGER_GROUP_KEY) == 0)
			ledger_finding("entry-groups",
						   ledger_at_entry(ledger_get_u64(record + LEDGER_ID_LEN),
										   ledger_get_u64(record + 28)),
						   NULL);
	}
}

/* ---- schemas ----------------------------------------------------------------------------- */

static int
compare_schemas(const void *a, const void *b)
{
	const ledger_known_schema *x = a;
	const ledger_known_schema *y = b;
	int			order = memcmp(x->table, y->table, LEDGER_ID_LEN);

	if (order != 0)
		return order;
	if (x->version != y->version)
		return x->version < y->version ? -1 : 1;
	return x->leaf < y->leaf ? -1 : x->leaf > y->leaf;
}

/* Sort and keep the first SCHEMA entry of each version. */
static void
sort_schemas(ledger_tables *t)
{
	size_t		kept = 0;
	size_t		i;

	if (t->nschemas > 1)
		qsort(t->schemas, t->nschemas, sizeof(t->schemas[0]), compare_schemas);
	for (i = 0; i < t->nschemas; i++)
	{
		const ledger_known_schema *s = &t->schemas[i];

		if (kept > 0 && t->schemas[kept - 1].version == s->version &&
			memcmp(t->schemas[kept - 1].table, s->table, LEDGER_ID_LEN) == 0)
			ledger_finding("schema-twice", ledger_at_schema(s->table, s->version), NULL);
		else
			t->schemas[kept++] = *s;
	}
	t->nschemas = kept;
}

ledger_known_schema *
ledger_tables_find_schema(ledger_tables *t, const uint8_t *table, uint32_t version)
{
	size_t		low = 0;
	size_t		high = t->nschemas;

	while (low < high)
	{
		size_t		middle = low + (high - low) / 2;
		ledger_known_schema *s = &t->schemas[middle];
		int			order = memcmp(s->table, table, LEDGER_ID_LEN);

		if (order == 0 && s->version == version)
			return s;
		if (order < 0 || (order == 0 && s->version < version))
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void
take_schema(ledger_tables *t, const ledger_stream *record)
{
	ledger_schema schema;
	ledger_schema_iter it;
	ledger_schema_column column;
	ledger_known_schema *known;
	ledger_place at;
	uint8_t		hash[LEDGER_HASH_LEN];
	ledger_status status = ledger_schema_parse(record->data, record->len, &schema);

	if (status != LEDGER_OK)
	{
		ledger_finding("schema-malformed", ledger_nowhere(), "record %" PRIu64 ": %s", record->number - 1,
					   ledger_status_text(status));
		return;
	}
	known = ledger_tables_find_schema(t, schema.header.table_id, schema.header.schema_version);
	at = ledger_at_schema(schema.header.table_id, schema.header.schema_version);
	ledger_must(ledger_schema_hash(t->c->h, record->data, record->len, hash));
	if (known == NULL)
		ledger_finding("schema-unknown", at, NULL);
	else if (memcmp(hash, known->hash, sizeof(hash)) != 0)
		ledger_finding("schema-wrong", at, NULL);
	else if (known->have_body)
		ledger_finding("schema-twice", at, NULL);
	else
	{
		known->have_body = true;
		known->kind = schema.header.kind;
		known->columns = ledger_alloc(schema.ncols * sizeof(known->columns[0]));
		ledger_schema_columns(&it, &schema);
		while (ledger_schema_next_column(&it, &column))
		{
			known->columns[known->ncols].col_id = column.col_id;
			known->columns[known->ncols].tag = column.tag;
			known->columns[known->ncols].flags = column.flags;
			known->ncols++;
		}
	}
}

static void
read_schemas(ledger_tables *t)
{
	char	   *path = ledger_path(t->c->directory, "schemas.bin");
	ledger_stream stream;
	ledger_stream_state state;
	size_t		i;

	if (!ledger_stream_open(&stream, path))
		ledger_finding("file-missing", ledger_at_file("schemas.bin"), NULL);
	else
	{
		while ((state = ledger_stream_next(&stream)) == LEDGER_STREAM_RECORD)
			take_schema(t, &stream);
		if (state == LEDGER_STREAM_CUT)
			ledger_finding("stream-cut", ledger_at_file("schemas.bin"), NULL);
		ledger_stream_close(&stream);
	}
	for (i = 0; i < t->nschemas; i++)
		if (!t->schemas[i].have_body)
			ledger_finding("schema-missing", ledger_at_schema(t->schemas[i].table, t->schemas[i].version),
						   NULL);
	free(path);
}

/* ---- tables --------------------------------------------------------------------------------- */

bool
ledger_tables_gone(const ledger_tables *t, const uint8_t *table)
{
	bool		purged = false;
	uint64_t	purge = 0;
	uint64_t	g;
	size_t		i;

	for (i = 0; i < t->npurges; i++)
		if (memcmp(t->purges[i].table, table, LEDGER_ID_LEN) == 0)
		{
			purged = true;
			purge = t->purges[i].leaf;
		}
	if (!purged)
		return false;
	for (i = 0; i < t->nbaselines; i++)
		if (memcmp(t->baselines[i].table, table, LEDGER_ID_LEN) == 0 && t->baselines[i].leaf >= purge)
			return false;
	for (g = ledger_sort_find(t->groups, table, LEDGER_ID_LEN); g < ledger_sort_count(t->groups); g++)
	{
		const uint8_t *record = ledger_sort_at(t->groups, g);

		if (memcmp(record, table, LEDGER_ID_LEN) != 0)
			break;
		if (ledger_get_u64(record + 28) >= purge)
			return false;
	}
	return true;
}

static bool
has_groups(const ledger_tables *t, const uint8_t *table)
{
	uint64_t	i = ledger_sort_find(t->groups, table, LEDGER_ID_LEN);

	return i < ledger_sort_count(t->groups) &&
		memcmp(ledger_sort_at(t->groups, i), table, LEDGER_ID_LEN) == 0;
}

static bool
has_schema(const ledger_tables *t, const uint8_t *table)
{
	size_t		i;

	for (i = 0; i < t->nschemas; i++)
		if (memcmp(t->schemas[i].table, table, LEDGER_ID_LEN) == 0)
			return true;
	return false;
}

static int
compare_ids(const void *a, const void *b)
{
	return memcmp(a, b, LEDGER_ID_LEN);
}

static bool
has_file(const ledger_tables *t, const uint8_t *table)
{
	return t->nfiles > 0 && bsearch(table, t->files, t->nfiles, LEDGER_ID_LEN, compare_ids) != NULL;
}

static void
row_file_name(char out[64], const uint8_t *table)
{
	memcpy(out, "rows/", 5);
	ledger_hex_encode(table, LEDGER_ID_LEN, out + 5);
	memcpy(out + 5 + 2 * LEDGER_ID_LEN, ".bin", 5);
}

/* A table that was written to and has no file. */
static void
check_absent(ledger_tables *t, const uint8_t *table)
{
	char		name[64];
	ledger_place at = ledger_at_table(table);

	if (has_file(t, table) || ledger_tables_gone(t, table))
		return;
	row_file_name(name, table);
	at.has |= LEDGER_AT_FILE;
	at.file = name;
	ledger_finding("file-missing", at, NULL);
}

/* Every table that groups or baselines name, once. */
static void
check_absent_tables(ledger_tables *t)
{
	uint8_t		last[LEDGER_ID_LEN];
	uint64_t	count = ledger_sort_count(t->groups);
	uint64_t	i = 0;
	size_t		b;
	size_t		k;

	while (i < count)
	{
		unsigned	byte = LEDGER_ID_LEN;

		memcpy(last, ledger_sort_at(t->groups, i), LEDGER_ID_LEN);
		check_absent(t, last);
		/* the id after this one starts the next table */
		while (byte > 0 && ++last[byte - 1] == 0)
			byte--;
		i = byte == 0 ? count : ledger_sort_find(t->groups, last, LEDGER_ID_LEN);
	}
	for (b = 0; b < t->nbaselines; b++)
	{
		for (k = 0; k < b && memcmp(t->baselines[k].table, t->baselines[b].table, LEDGER_ID_LEN) != 0; k++)
			;
		if (k == b && !has_groups(t, t->baselines[b].table))
			check_absent(t, t->baselines[b].table);
	}
}

void
ledger_tables_check(ledger_tables *t)
{
	size_t		i;

	ledger_sort_finish(t->transactions);
	ledger_sort_finish(t->groups);
	ledger_sort_finish(t->references);
	report_twice(t);
	sort_schemas(t);
	read_schemas(t);

	if (t->nfiles > 1)
		qsort(t->files, t->nfiles, LEDGER_ID_LEN, compare_ids);
	for (i = 0; i < t->nfiles; i++)
	{
		char		name[64];

		row_file_name(name, t->files[i]);
		if (!has_groups(t, t->files[i]) && !has_schema(t, t->files[i]))
			ledger_finding("file-unexpected", ledger_at_file(name), NULL);
		ledger_check_rows(t, t->files[i], name);
	}
	check_absent_tables(t);
}
