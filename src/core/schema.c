/*
 * core/schema.c
 *		Schema bodies.
 *
 * Bytes (docs/format.md section 4):
 *
 *		'S' 01  table_id[16]  schema_version u32  kind u8
 *		schema name text  table name text  flags u8
 *		ncols u16     ncols x (col_id u16, name text, tag u8, type text,
 *							   collation text, flags u8, detail text)
 *		nobjects u16  nobjects x (kind u8, name text, definition text)
 */
#include "core/schema.h"

#include "core/canon.h"

#define TABLE_FLAGS 0x03
#define COLUMN_FLAGS 0x3f

static bool
slice_is_text(ledger_slice s)
{
	return s.len == 0 || ledger_utf8_valid(s.data, s.len);
}

static bool
object_kind_known(uint8_t kind)
{
	return kind == 'c' || kind == 'd' || kind == 'i' || kind == 'p' || kind == 'r' || kind == 't';
}

static ledger_status
check_header(const ledger_schema_header *s)
{
	if (s->kind > LEDGER_SCHEMA_KIND_VERSIONED || s->flags > TABLE_FLAGS)
		return LEDGER_BAD_VALUE;
	return LEDGER_OK;
}

static ledger_status
check_column(const ledger_schema_column *c, uint16_t last_col)
{
	if (c->col_id <= last_col)
		return LEDGER_BAD_ORDER;
	if (!ledger_tag_known(c->tag) || c->tag == LEDGER_TAG_NULL || c->tag == LEDGER_TAG_ERASED)
		return LEDGER_BAD_TAG;
	return c->flags > COLUMN_FLAGS ? LEDGER_BAD_VALUE : LEDGER_OK;
}

/* Bytewise, a prefix before the longer one. */
static bool
object_precedes(const ledger_schema_object *a, const ledger_schema_object *b)
{
	size_t		n = a->name.len < b->name.len ? a->name.len : b->name.len;
	int			order;

	if (a->kind != b->kind)
		return a->kind < b->kind;
	order = n == 0 ? 0 : memcmp(a->name.data, b->name.data, n);
	return order < 0 || (order == 0 && a->name.len < b->name.len);
}

static void
read_column(ledger_reader *r, ledger_schema_column *c)
{
	c->col_id = ledger_read_u16(r);
	c->name = ledger_read_text_slice(r);
	c->tag = ledger_read_u8(r);
	c->type = ledger_read_text_slice(r);
	c->collation = ledger_read_text_slice(r);
	c->flags = ledger_read_u8(r);
	c->detail = ledger_read_text_slice(r);
}

static void
read_object(ledger_reader *r, ledger_schema_object *o)
{
	o->kind = ledger_read_u8(r);
	o->name = ledger_read_text_slice(r);
	o->definition = ledger_read_text_slice(r);
}

/* ---- writing ---------------------------------------------------------------- */

static void
fail(ledger_schema_writer *sw, ledger_status error)
{
	if (sw->error == LEDGER_OK)
		sw->error = error;
}

void
ledger_schema_begin(ledger_schema_writer *sw, ledger_writer *w, const ledger_schema_header *header)
{
	memset(sw, 0, sizeof(*sw));
	sw->w = w;
	sw->error = check_header(header);
	if (!slice_is_text(header->schema_name) || !slice_is_text(header->table_name))
		fail(sw, LEDGER_BAD_UTF8);
	ledger_write_u8(w, 'S');
	ledger_write_u8(w, 1);
	ledger_write_fixed(w, header->table_id, LEDGER_ID_LEN);
	ledger_write_u32(w, header->schema_version);
	ledger_write_u8(w, header->kind);
	ledger_write_slice(w, header->schema_name);
	ledger_write_slice(w, header->table_name);
	ledger_write_u8(w, header->flags);
	sw->ncols_at = w->len;
	ledger_write_u16(w, 0);
}

void
ledger_schema_add_column(ledger_schema_writer *sw, const ledger_schema_column *column)
{
	ledger_status status = check_column(column, sw->last_col);

	if (sw->nobjects_at != 0)
		fail(sw, LEDGER_BAD_ORDER);
	if (status != LEDGER_OK)
		fail(sw, status);
	if (!slice_is_text(column->name) || !slice_is_text(column->type) || !slice_is_text(column->collation) ||
		!slice_is_text(column->detail))
		fail(sw, LEDGER_BAD_UTF8);
	sw->last_col = column->col_id;
	sw->ncols++;
	ledger_write_u16(sw->w, column->col_id);
	ledger_write_slice(sw->w, column->name);
	ledger_write_u8(sw->w, column->tag);
	ledger_write_slice(sw->w, column->type);
	ledger_write_slice(sw->w, column->collation);
	ledger_write_u8(sw->w, column->flags);
	ledger_write_slice(sw->w, column->detail);
}

static void
end_columns(ledger_schema_writer *sw)
{
	if (sw->nobjects_at == 0)
	{
		sw->nobjects_at = sw->w->len;
		ledger_write_u16(sw->w, 0);
	}
}

void
ledger_schema_add_object(ledger_schema_writer *sw, const ledger_schema_object *object)
{
	end_columns(sw);
	if (!object_kind_known(object->kind))
		fail(sw, LEDGER_BAD_TAG);
	if (!slice_is_text(object->name) || !slice_is_text(object->definition))
		fail(sw, LEDGER_BAD_UTF8);
	if (sw->nobjects == UINT16_MAX)
		fail(sw, LEDGER_TOO_LARGE);
	/* the last object is read back from the buffer, so no slice need outlive its call */
	if (sw->nobjects > 0 && ledger_writer_ok(sw->w))
	{
		ledger_schema_object last;
		ledger_reader r;

		ledger_reader_init(&r, sw->w->buf + sw->last_object_at, sw->w->len - sw->last_object_at);
		read_object(&r, &last);
		if (r.error == LEDGER_OK && !object_precedes(&last, object))
			fail(sw, LEDGER_BAD_ORDER);
	}
	sw->last_object_at = sw->w->len;
	sw->nobjects++;
	ledger_write_u8(sw->w, object->kind);
	ledger_write_slice(sw->w, object->name);
	ledger_write_slice(sw->w, object->definition);
}

ledger_status
ledger_schema_finish(ledger_schema_writer *sw)
{
	end_columns(sw);
	if (sw->error != LEDGER_OK)
		return sw->error;
	if (!ledger_writer_ok(sw->w))
		return LEDGER_NO_SPACE;
	ledger_put_u16(sw->w->buf + sw->ncols_at, sw->ncols);
	ledger_put_u16(sw->w->buf + sw->nobjects_at, sw->nobjects);
	return LEDGER_OK;
}

/* ---- reading ---------------------------------------------------------------- */

static ledger_status
check_columns(ledger_reader *r, unsigned n)
{
	uint16_t	last = 0;

	while (n-- > 0)
	{
		ledger_schema_column c;
		ledger_status status;

		read_column(r, &c);
		if (r->error != LEDGER_OK)
			return r->error;
		status = check_column(&c, last);
		if (status != LEDGER_OK)
			return status;
		last = c.col_id;
	}
	return LEDGER_OK;
}

static ledger_status
check_objects(ledger_reader *r, unsigned n)
{
	ledger_schema_object last;
	unsigned	i;

	for (i = 0; i < n; i++)
	{
		ledger_schema_object o;

		read_object(r, &o);
		if (r->error != LEDGER_OK)
			return r->error;
		if (!object_kind_known(o.kind))
			return LEDGER_BAD_TAG;
		if (i > 0 && !object_precedes(&last, &o))
			return LEDGER_BAD_ORDER;
		last = o;
	}
	return LEDGER_OK;
}

ledger_status
ledger_schema_parse(const void *data, size_t len, ledger_schema *schema)
{
	ledger_schema s;
	ledger_reader r;
	ledger_status status;

	memset(&s, 0, sizeof(s));
	ledger_reader_init(&r, data, len);
	if (ledger_read_u8(&r) != 'S' || ledger_read_u8(&r) != 1)
		return r.error != LEDGER_OK ? r.error : LEDGER_BAD_MAGIC;
	ledger_read_copy(&r, s.header.table_id, LEDGER_ID_LEN);
	s.header.schema_version = ledger_read_u32(&r);
	s.header.kind = ledger_read_u8(&r);
	s.header.schema_name = ledger_read_text_slice(&r);
	s.header.table_name = ledger_read_text_slice(&r);
	s.header.flags = ledger_read_u8(&r);
	s.ncols = ledger_read_u16(&r);
	if (r.error != LEDGER_OK)
		return r.error;
	status = check_header(&s.header);
	if (status != LEDGER_OK)
		return status;
	s.columns.data = r.p;
	status = check_columns(&r, s.ncols);
	if (status != LEDGER_OK)
		return status;
	s.columns.len = (size_t) (r.p - s.columns.data);
	s.nobjects = ledger_read_u16(&r);
	s.objects.data = r.p;
	status = check_objects(&r, s.nobjects);
	if (status != LEDGER_OK)
		return status;
	s.objects.len = (size_t) (r.p - s.objects.data);
	status = ledger_reader_finish(&r);
	if (status == LEDGER_OK)
		*schema = s;
	return status;
}

void
ledger_schema_columns(ledger_schema_iter *it, const ledger_schema *schema)
{
	ledger_reader_init(&it->r, schema->columns.data, schema->columns.len);
	it->left = schema->ncols;
}

bool
ledger_schema_next_column(ledger_schema_iter *it, ledger_schema_column *column)
{
	if (it->left == 0)
		return false;
	it->left--;
	read_column(&it->r, column);
	return it->r.error == LEDGER_OK;
}

void
ledger_schema_objects(ledger_schema_iter *it, const ledger_schema *schema)
{
	ledger_reader_init(&it->r, schema->objects.data, schema->objects.len);
	it->left = schema->nobjects;
}

bool
ledger_schema_next_object(ledger_schema_iter *it, ledger_schema_object *object)
{
	if (it->left == 0)
		return false;
	it->left--;
	read_object(&it->r, object);
	return it->r.error == LEDGER_OK;
}

bool
ledger_schema_hash(ledger_hasher *h, const void *schema, size_t len, uint8_t *hash)
{
	return ledger_hash_prefixed(h, 0x06, schema, len, hash);
}
