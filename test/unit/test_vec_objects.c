/*
 * test/unit/test_vec_objects.c
 *		Golden vectors of cells, rows, entries and schema bodies.
 */
#include "core/body.h"
#include "core/canon.h"
#include "core/entry.h"
#include "core/row.h"
#include "core/schema.h"

#include "vec_run.h"

/* ---- canon.vec, row.vec, schema.vec -------------------------------------------- */

static void
do_cell(const vec_group *g)
{
	octets		cell = vec_octets(g, "cell");
	char		text[256];
	size_t		len;

	expect(ledger_canon_check(cell.data, cell.len, true) == LEDGER_OK, "cell %s", vec_text(g, "name"));
	expect(cell.data[0] == strtoul(vec_text(g, "tag"), NULL, 16), "tag of %s", vec_text(g, "name"));
	expect(ledger_canon_print(cell.data, cell.len, text, sizeof(text), &len) == LEDGER_OK, "print %s",
		   vec_text(g, "name"));
	free(cell.data);
}

static void
do_cell_bad(const vec_group *g)
{
	octets		cell = vec_octets(g, "cell");

	expect(ledger_canon_check(cell.data, cell.len, true) != LEDGER_OK, "cell-bad %s", vec_text(g, "name"));
	free(cell.data);
}

static void
do_row(const vec_group *g)
{
	octets		raw = vec_octets(g, "row");
	octets		columns = vec_octets(g, "columns");
	ledger_row_header header;
	ledger_row_writer rw;
	ledger_row_iter it;
	ledger_row	row;
	ledger_writer w;
	ledger_digest leaf;
	ledger_status status;
	uint16_t	col_id;
	const uint8_t *cell;
	size_t		len;

	take(g, "table_id", header.table_id, 16);
	header.schema_version = (uint32_t) vec_u64(g, "schema_version");
	header.ledger_tx = vec_u64(g, "ledger_tx");
	header.ledger_seq = (uint32_t) vec_u64(g, "ledger_seq");
	header.op = (uint8_t) vec_u64(g, "op");
	header.prev_tx = vec_u64(g, "prev_tx");
	header.prev_seq = (uint32_t) vec_u64(g, "prev_seq");
	status = ledger_row_parse(raw.data, raw.len, &row);
	if (!expect(status == LEDGER_OK, "row %s: %s", vec_text(g, "name"), ledger_status_text(status)))
		return;
	expect(row.ncols == vec_u64(g, "ncols"), "columns of %s", vec_text(g, "name"));
	want(g, "columns", row.columns, row.columns_len);
	/* written anew from its fields and cells */
	ledger_writer_init(&w, buffer, sizeof(buffer));
	ledger_row_begin(&rw, &w, &header);
	ledger_row_iter_init(&it, &row);
	while (ledger_row_next(&it, &col_id, &cell, &len))
		ledger_row_cell(&rw, col_id, cell, len);
	expect(ledger_row_finish(&rw) == LEDGER_OK, "write");
	want(g, "row", buffer, w.len);
	ledger_row_leaf(hasher_of(g), raw.data, raw.len, leaf);
	want(g, "leaf", leaf, sizeof(leaf));
	free(raw.data);
	free(columns.data);
}

static void
do_row_bad(const vec_group *g)
{
	octets		raw = vec_octets(g, "row");
	ledger_row	row;

	expect(ledger_row_parse(raw.data, raw.len, &row) != LEDGER_OK, "row-bad %s", vec_text(g, "name"));
	free(raw.data);
}

static void
do_commitment(const vec_group *g)
{
	octets		cell = vec_octets(g, "cell");
	uint8_t		table_id[16];
	uint8_t		salt[16];
	ledger_digest commitment;
	ledger_writer w;

	take(g, "table_id", table_id, 16);
	take(g, "salt", salt, 16);
	ledger_column_commitment(hasher_of(g), table_id, (uint16_t) vec_u64(g, "col_id"), salt, cell.data,
							 cell.len, commitment);
	want(g, "commitment", commitment, sizeof(commitment));
	ledger_writer_init(&w, buffer, sizeof(buffer));
	ledger_cell_bytes(&w, LEDGER_TAG_ERASED, commitment, sizeof(commitment));
	want(g, "shown", buffer, w.len);
	free(cell.data);
}

static void
do_schema(const vec_group *g)
{
	octets		raw = vec_octets(g, "schema");
	ledger_schema schema;
	ledger_schema_iter it;
	ledger_schema_column column;
	ledger_schema_object object;
	ledger_schema_writer sw;
	ledger_writer w;
	ledger_digest hash;

	if (!expect(ledger_schema_parse(raw.data, raw.len, &schema) == LEDGER_OK, "schema %s",
				vec_text(g, "name")))
		return;
	want(g, "table_id", schema.header.table_id, 16);
	expect(schema.header.schema_version == vec_u64(g, "schema_version") &&
			   schema.ncols == vec_u64(g, "ncols") && schema.nobjects == vec_u64(g, "nobjects"),
		   "fields of %s", vec_text(g, "name"));
	ledger_writer_init(&w, buffer, sizeof(buffer));
	ledger_schema_begin(&sw, &w, &schema.header);
	ledger_schema_columns(&it, &schema);
	while (ledger_schema_next_column(&it, &column))
		ledger_schema_add_column(&sw, &column);
	ledger_schema_objects(&it, &schema);
	while (ledger_schema_next_object(&it, &object))
		ledger_schema_add_object(&sw, &object);
	expect(ledger_schema_finish(&sw) == LEDGER_OK, "write");
	want(g, "schema", buffer, w.len);
	ledger_schema_hash(hasher_of(g), raw.data, raw.len, hash);
	want(g, "hash", hash, sizeof(hash));
	free(raw.data);
}

static void
do_schema_bad(const vec_group *g)
{
	octets		raw = vec_octets(g, "schema");
	ledger_schema schema;

	expect(ledger_schema_parse(raw.data, raw.len, &schema) != LEDGER_OK, "schema-bad %s",
		   vec_text(g, "name"));
	free(raw.data);
}

/* ---- entry.vec ------------------------------------------------------------------ */

static void
do_salt(const vec_group *g)
{
	uint8_t		seed[16];
	ledger_digest salt;

	take(g, "seed", seed, 16);
	ledger_entry_salt(hasher_of(g), seed, (uint16_t) vec_u64(g, "position"), salt);
	want(g, "salt", salt, sizeof(salt));
}

static void
do_private_group(const vec_group *g)
{
	ledger_group group;
	uint8_t		salt[32];
	ledger_digest hash;

	take(g, "salt", salt, 32);
	take(g, "table_id", group.table_id, 16);
	group.schema_version = (uint32_t) vec_u64(g, "schema_version");
	group.nrows = vec_u64(g, "nrows");
	take(g, "root", group.root, 32);
	ledger_private_group_hash(hasher_of(g), salt, &group, hash);
	want(g, "hash", hash, sizeof(hash));
}

static void
do_role(const vec_group *g)
{
	octets		role = vec_octets(g, "role");
	uint8_t		salt[32];
	ledger_digest hash;

	take(g, "salt", salt, 32);
	ledger_role_hash(hasher_of(g), salt, (const char *) role.data, role.len, hash);
	want(g, "hash", hash, sizeof(hash));
	free(role.data);
}

/* Parse a body and write it anew. */
static ledger_status
rewrite_body(unsigned type, octets raw, ledger_writer *w)
{
	ledger_status status = LEDGER_BAD_TAG;

#define CASE(NAME, what) \
	case LEDGER_ENTRY_##NAME: \
		{ \
			ledger_##what b; \
			status = ledger_##what##_parse(raw.data, raw.len, &b); \
			return status == LEDGER_OK ? ledger_##what##_write(w, &b) : status; \
		}

	switch (type)
	{
			CASE(TX, tx_extra)
			CASE(SCHEMA, schema_body)
			CASE(MEMBER, member_body)
			CASE(KEY, key_body)
			CASE(GRANT, grant_body)
			CASE(SIGNATURE, signature_body)
			CASE(ERASE, erase_body)
			CASE(PURGE, purge_body)
			CASE(INCARNATION, incarnation_body)
			CASE(BASELINE, baseline_body)
			CASE(CLOSE, close_body)
			CASE(CROSS, cross_body)
	}
#undef CASE
	return status;
}

static void
check_extra(const vec_group *g, const char *key, bool closed, octets body)
{
	uint8_t		salt[32];
	ledger_writer w;

	take(g, "salt", salt, 32);
	ledger_writer_init(&w, buffer, sizeof(buffer));
	expect(ledger_extra_write(&w, hasher_of(g), (uint8_t) vec_u64(g, "type"), closed, salt,
							  body.data, body.len) == LEDGER_OK, "extra");
	want(g, key, buffer, w.len);
}

static void
do_body(const vec_group *g)
{
	octets		raw = vec_octets(g, "body");
	ledger_writer w;

	ledger_writer_init(&w, buffer, sizeof(buffer));
	expect(rewrite_body((unsigned) vec_u64(g, "type"), raw, &w) == LEDGER_OK, "body %s", vec_text(g, "name"));
	want(g, "body", buffer, w.len);
	if (vec_find(g, "open") != NULL)
		check_extra(g, "open", false, raw);
	if (vec_find(g, "closed") != NULL)
		check_extra(g, "closed", true, raw);
	free(raw.data);
}

static void
do_body_bad(const vec_group *g)
{
	octets		raw = vec_octets(g, "body");

	expect(ledger_body_check((unsigned) vec_u64(g, "type"), raw.data, raw.len) != LEDGER_OK,
		   "body-bad %s", vec_text(g, "name"));
	free(raw.data);
}

static void
do_long_body(const vec_group *g)
{
	octets		record;
	octets		body;
	ledger_grant_body grant;
	ledger_writer w;

	record.len = (size_t) vec_u64(g, "record_length");
	record.data = (uint8_t *) malloc(record.len);
	if (record.data == NULL)
		abort();
	memset(record.data, (int) strtoul(vec_text(g, "record_byte"), NULL, 16), record.len);
	grant.record = slice_of(record);
	body.len = record.len + 4;
	body.data = (uint8_t *) malloc(body.len);
	ledger_writer_init(&w, body.data, body.len);
	expect(ledger_grant_body_write(&w, &grant) == LEDGER_OK && w.len == body.len, "long body");
	if (vec_find(g, "closed") != NULL)
		check_extra(g, "closed", true, body);
	if (vec_find(g, "open") != NULL)
		check_extra(g, "open", false, body);
	if (vec_find(g, "replaced") != NULL)
	{
		check_extra(g, "replaced", false, body);
		check_extra(g, "replaced", true, body);
	}
	free(record.data);
	free(body.data);
}

/* Write an entry anew, group by group, in the order it stands. */
static void
rewrite_entry(const ledger_entry *e, ledger_writer *w)
{
	ledger_writer_init(w, buffer, sizeof(buffer));
	{
		ledger_entry_writer ew;
		ledger_group_iter it;
		ledger_entry_group found;
		ledger_group place;

		memset(&place, 0, sizeof(place));
		place.nrows = 1;
		ledger_entry_begin(&ew, w, &e->header);
		ledger_group_iter_init(&it, e);
		while (ledger_group_next(&it, &found))
		{
			if (found.kind == LEDGER_GROUP_SHARED)
			{
				ledger_entry_add_shared(&ew, &found.group);
				place = found.group;
				continue;
			}
			/* its table is hidden: any place after the last group will do */
			if (ew.ngroups > 0)
				place.schema_version++;
			ledger_entry_add_private(&ew, &place, found.hash);
		}
		expect(ledger_entry_finish(&ew, e->extra, e->extra_len) == LEDGER_OK, "write entry");
	}
}

static void
do_entry(const vec_group *g)
{
	octets		raw = vec_octets(g, "entry");
	ledger_entry e;
	ledger_writer w;
	ledger_digest leaf;
	ledger_status status = ledger_entry_parse(raw.data, raw.len, &e);

	if (!expect(status == LEDGER_OK, "entry %s: %s", vec_text(g, "name"), ledger_status_text(status)))
		return;
	expect(e.header.type == vec_u64(g, "type") && e.header.ledger_tx == vec_u64(g, "ledger_tx") &&
		   e.header.part == vec_u64(g, "part") && e.header.stamped_at == vec_i64(g, "stamped_at") &&
		   e.ngroups == vec_u64(g, "ngroups"), "fields of %s", vec_text(g, "name"));
	want(g, "chain_id", e.header.chain_id, 16);
	want(g, "role_hash", e.header.role_hash, 32);
	if (vec_find(g, "extra") != NULL)
		want(g, "extra", e.extra, e.extra_len);
	rewrite_entry(&e, &w);
	want(g, "entry", buffer, w.len);
	ledger_log_leaf(hasher_of(g), raw.data, raw.len, leaf);
	want(g, "leaf", leaf, sizeof(leaf));
	free(raw.data);
}

static void
do_entry_bad(const vec_group *g)
{
	octets		raw = vec_octets(g, "entry");
	ledger_entry e;

	expect(ledger_entry_parse(raw.data, raw.len, &e) != LEDGER_OK, "entry-bad %s", vec_text(g, "name"));
	free(raw.data);
}

static void
do_genesis(const vec_group *g)
{
	octets		raw = vec_octets(g, "entry");
	octets		zero = vec_octets(g, "zero_id_entry");
	uint8_t		id[16];
	ledger_digest leaf;

	expect(ledger_genesis_chain_id(hasher_of(g), raw.data, raw.len, id), "chain id");
	want(g, "chain_id", id, 16);
	expect(ledger_genesis_chain_id(hasher_of(g), zero.data, zero.len, id), "chain id");
	want(g, "chain_id", id, 16);
	ledger_log_leaf(hasher_of(g), raw.data, raw.len, leaf);
	want(g, "leaf", leaf, sizeof(leaf));
	free(raw.data);
	free(zero.data);
}

/* Statements that canon.vec's expressions need in a server. */
static void
do_nothing(const vec_group *g)
{
	(void) g;
}

static vec_kind kinds[] = {
	{"prelude", do_nothing, 0},
	{"cell", do_cell, 0},
	{"cell-bad", do_cell_bad, 0},
	{"row", do_row, 0},
	{"row-bad", do_row_bad, 0},
	{"commitment", do_commitment, 0},
	{"schema", do_schema, 0},
	{"schema-bad", do_schema_bad, 0},
	{"salt", do_salt, 0},
	{"private-group", do_private_group, 0},
	{"role", do_role, 0},
	{"body", do_body, 0},
	{"body-bad", do_body_bad, 0},
	{"long-body", do_long_body, 0},
	{"entry", do_entry, 0},
	{"entry-bad", do_entry_bad, 0},
	{"genesis", do_genesis, 0}
};

int
main(int argc, char **argv)
{
	return vec_main(argc, argv, "objects", kinds, sizeof(kinds) / sizeof(kinds[0]));
}
