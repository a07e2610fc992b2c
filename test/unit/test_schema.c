/*
 * test/unit/test_schema.c
 *		Schema bodies: written and read back, refused in every spoiled form.
 */
#include "core/canon.h"
#include "core/schema.h"

#include "harness.h"
#include "mutate.h"

static uint8_t written[1 << 16];

static ledger_slice
text(const char *s)
{
	return ledger_slice_make(s, strlen(s));
}

static bool
reread(const uint8_t *data, size_t len)
{
	ledger_schema s;
	ledger_schema_iter it;
	ledger_schema_column column;
	ledger_schema_object object;
	ledger_schema_writer sw;
	ledger_writer w;
	unsigned	n = 0;

	if (ledger_schema_parse(data, len, &s) != LEDGER_OK)
		return false;
	ledger_writer_init(&w, written, sizeof(written));
	ledger_schema_begin(&sw, &w, &s.header);
	ledger_schema_columns(&it, &s);
	for (; ledger_schema_next_column(&it, &column); n++)
		ledger_schema_add_column(&sw, &column);
	expect(n == s.ncols, "columns");
	ledger_schema_objects(&it, &s);
	for (n = 0; ledger_schema_next_object(&it, &object); n++)
		ledger_schema_add_object(&sw, &object);
	expect(n == s.nobjects, "objects");
	expect(ledger_schema_finish(&sw) == LEDGER_OK && w.len == len && memcmp(written, data, len) == 0,
		   "a schema body that is accepted in another encoding");
	return true;
}

static ledger_schema_header
some_header(void)
{
	ledger_schema_header h;

	memset(&h, 0, sizeof(h));
	h.table_id[0] = 1;
	h.schema_version = 2;
	h.kind = LEDGER_SCHEMA_KIND_VERSIONED;
	h.schema_name = text("public");
	h.table_name = text("t\xc3\xa4");
	h.flags = LEDGER_TABLE_ROW_SECURITY | LEDGER_TABLE_ROW_SECURITY_FORCED;
	return h;
}

static ledger_schema_column
some_column(uint16_t col_id)
{
	ledger_schema_column c;

	memset(&c, 0, sizeof(c));
	c.col_id = col_id;
	c.name = text("id");
	c.tag = LEDGER_TAG_INT8;
	c.type = text("pg_catalog.int8");
	c.flags = LEDGER_COLUMN_NOT_NULL;
	c.detail = text("a\nb");
	return c;
}

static ledger_schema_object
some_object(uint8_t kind, const char *name)
{
	ledger_schema_object o;

	o.kind = kind;
	o.name = text(name);
	o.definition = text("CHECK (true)");
	return o;
}

static void
test_round_trip(void)
{
	static const char kinds[] = "cdiprt";
	static uint8_t body[2048];
	ledger_schema_header h = some_header();
	ledger_schema_writer sw;
	ledger_writer w;
	size_t		full;
	size_t		cap;
	unsigned	ncols;
	unsigned	i;

	for (ncols = 0; ncols < 3; ncols++)
	{
		ledger_writer_init(&w, body, sizeof(body));
		ledger_schema_begin(&sw, &w, &h);
		for (i = 0; i < ncols; i++)
		{
			ledger_schema_column c = some_column((uint16_t) (5 * i + 1));

			ledger_schema_add_column(&sw, &c);
		}
		for (i = 0; kinds[i] != '\0' && ncols > 0; i++)
		{
			ledger_schema_object o = some_object((uint8_t) kinds[i], "a");

			ledger_schema_add_object(&sw, &o);
			o = some_object((uint8_t) kinds[i], "ab");
			ledger_schema_add_object(&sw, &o);
		}
		expect(ledger_schema_finish(&sw) == LEDGER_OK, "finish");
		mutate_all("schema body", body, w.len, reread);
	}
	done("schema bodies are read back, cut, lengthened and changed");

	full = w.len;
	for (cap = 0; cap < full; cap += 7)
	{
		uint8_t	   *small = (uint8_t *) malloc(cap + 1);

		ledger_writer_init(&w, small, cap);
		ledger_schema_begin(&sw, &w, &h);
		for (i = 0; i < 2; i++)
		{
			ledger_schema_column c = some_column((uint16_t) (5 * i + 1));

			ledger_schema_add_column(&sw, &c);
		}
		for (i = 0; kinds[i] != '\0'; i++)
		{
			ledger_schema_object o = some_object((uint8_t) kinds[i], "a");

			ledger_schema_add_object(&sw, &o);
			o = some_object((uint8_t) kinds[i], "ab");
			ledger_schema_add_object(&sw, &o);
		}
		expect(ledger_schema_finish(&sw) == LEDGER_NO_SPACE && w.len == full, "room for %zu of %zu", cap,
			   full);
		free(small);
	}
	done("a schema body that does not fit is told, with the room needed");
}

/* Write the given columns and objects; then read them back, were they written or not. */
static ledger_status
write_schema(const ledger_schema_header *h, const ledger_schema_column *columns, unsigned ncols,
			 const ledger_schema_object *objects, unsigned nobjects)
{
	ledger_schema_writer sw;
	ledger_writer w;
	unsigned	i;

	ledger_writer_init(&w, written, sizeof(written));
	ledger_schema_begin(&sw, &w, h);
	for (i = 0; i < ncols; i++)
		ledger_schema_add_column(&sw, &columns[i]);
	for (i = 0; i < nobjects; i++)
		ledger_schema_add_object(&sw, &objects[i]);
	{
		ledger_status status = ledger_schema_finish(&sw);
		ledger_schema s;

		/* the reader must refuse what the writer would not write */
		if (status != LEDGER_OK)
		{
			ledger_put_u16(written + sw.ncols_at, sw.ncols);
			ledger_put_u16(written + sw.nobjects_at, sw.nobjects);
		}
		expect((ledger_schema_parse(written, w.len, &s) == LEDGER_OK) == (status == LEDGER_OK),
			   "writer and reader do not agree");
		return status;
	}
}

static void
test_refused(void)
{
	ledger_schema_header h = some_header();
	ledger_schema_header bad;
	ledger_schema_column c[2];
	ledger_schema_object o[2];
	unsigned	tag;

	c[0] = some_column(1);
	c[1] = some_column(2);
	o[0] = some_object('c', "a");
	o[1] = some_object('c', "b");
	expect(write_schema(&h, c, 2, o, 2) == LEDGER_OK, "as it should be");
	for (tag = 0; tag < 256; tag++)
	{
		c[0].tag = (uint8_t) tag;
		expect((write_schema(&h, c, 2, o, 2) == LEDGER_OK) == (ledger_tag_known((uint8_t) tag) && tag > 1),
			   "column of tag %02x", tag);
	}
	c[0] = some_column(0);
	expect(write_schema(&h, c, 2, o, 2) == LEDGER_BAD_ORDER, "column 0");
	c[0] = some_column(2);
	expect(write_schema(&h, c, 2, o, 2) == LEDGER_BAD_ORDER, "column 2 twice");
	c[0] = some_column(3);
	expect(write_schema(&h, c, 2, o, 2) == LEDGER_BAD_ORDER, "column 3 before 2");
	c[0] = some_column(1);
	c[0].flags = 0x40;
	expect(write_schema(&h, c, 2, o, 2) == LEDGER_BAD_VALUE, "an unknown flag of a column");
	c[0] = some_column(1);
	c[0].detail = text("\xff");
	expect(write_schema(&h, c, 2, o, 2) == LEDGER_BAD_UTF8, "a detail that is not UTF-8");
	c[0] = some_column(1);
	o[1] = some_object('c', "a");
	expect(write_schema(&h, c, 2, o, 2) == LEDGER_BAD_ORDER, "an object twice");
	o[1] = some_object('c', "");
	expect(write_schema(&h, c, 2, o, 2) == LEDGER_BAD_ORDER, "a shorter name after a longer one");
	o[1] = some_object('c', "A");
	expect(write_schema(&h, c, 2, o, 2) == LEDGER_BAD_ORDER, "names in order of their bytes");
	o[0] = some_object('d', "a");
	o[1] = some_object('c', "b");
	expect(write_schema(&h, c, 2, o, 2) == LEDGER_BAD_ORDER, "kinds out of order");
	o[0] = some_object('b', "a");
	expect(write_schema(&h, c, 2, o, 2) == LEDGER_BAD_TAG, "an unknown kind");
	o[0] = some_object('c', "a");
	o[0].definition = text("\xed\xa0\x80");
	expect(write_schema(&h, c, 2, o, 2) == LEDGER_BAD_UTF8, "a definition that is not UTF-8");
	o[0] = some_object('c', "a");
	bad = h;
	bad.kind = 2;
	expect(write_schema(&bad, c, 2, o, 2) == LEDGER_BAD_VALUE, "kind of table 2");
	bad = h;
	bad.flags = 4;
	expect(write_schema(&bad, c, 2, o, 2) == LEDGER_BAD_VALUE, "an unknown flag of the table");
	bad = h;
	bad.table_name = ledger_slice_make("a\0b", 3);
	expect(write_schema(&bad, c, 2, o, 2) == LEDGER_BAD_UTF8, "a name with a zero byte");
	done("fields outside of their range are refused by writer and reader alike");

	{
		ledger_schema_writer sw;
		ledger_writer w;

		ledger_writer_init(&w, written, sizeof(written));
		ledger_schema_begin(&sw, &w, &h);
		ledger_schema_add_object(&sw, &o[0]);
		ledger_schema_add_column(&sw, &c[0]);
		check(ledger_schema_finish(&sw) == LEDGER_BAD_ORDER, "columns stand before objects");
	}
}

int
main(void)
{
	test_round_trip();
	test_refused();
	return finish();
}
