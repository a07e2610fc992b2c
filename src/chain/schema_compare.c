/*
 * chain/schema_compare.c
 *		What differs between the live catalogue and the schema history, and what to
 *		do about it before the next change.
 */
#include "chain/schema_version.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "chain/catalogue.h"
#include "core/schema.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/uuid.h"

/* ---- compare --------------------------------------------------------------------- */

static char *
slice_text(ledger_slice slice)
{
	char	   *utf8 = pnstrdup((const char *) slice.data, slice.len);

	return pg_any_to_server(utf8, slice.len, PG_UTF8);
}

static bool
same_slice(ledger_slice a, ledger_slice b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static int
order_slices(ledger_slice a, ledger_slice b)
{
	int			diff = memcmp(a.data, b.data, Min(a.len, b.len));

	return diff != 0 ? diff : (a.len > b.len) - (a.len < b.len);
}

static List *
compare_headers(List *found, const ledger_schema_header *live, const ledger_schema_header *stored)
{
	if (!same_slice(live->schema_name, stored->schema_name))
		found = lappend(found,
						psprintf("schema is \"%s\", the schema history says \"%s\"",
								 slice_text(live->schema_name), slice_text(stored->schema_name)));
	if (!same_slice(live->table_name, stored->table_name))
		found = lappend(found,
						psprintf("name is \"%s\", the schema history says \"%s\"",
								 slice_text(live->table_name), slice_text(stored->table_name)));
	if (live->kind != stored->kind)
		found = lappend(found, psprintf("access method is not that of the schema history"));
	if (live->flags != stored->flags)
		found = lappend(found,
						psprintf("row security is %s, the schema history says %s",
								 live->flags & LEDGER_TABLE_ROW_SECURITY_FORCED ? "forced"
									 : live->flags & LEDGER_TABLE_ROW_SECURITY	? "on"
																				: "off",
								 stored->flags & LEDGER_TABLE_ROW_SECURITY_FORCED ? "forced"
									 : stored->flags & LEDGER_TABLE_ROW_SECURITY  ? "on"
																				  : "off"));
	return found;
}

static const struct
{
	uint8		flag;
	const char *name;
}			column_flags[] = {
	{LEDGER_COLUMN_NOT_NULL, "NOT NULL"},
	{LEDGER_COLUMN_GENERATED, "generated"},
	{LEDGER_COLUMN_IDENTITY, "an identity column"},
	{LEDGER_COLUMN_HIDDEN, "hidden"},
	{LEDGER_COLUMN_REDACTABLE, "redactable"},
	{LEDGER_COLUMN_PROTECTED, "protected"},
};

static List *
compare_column(List *found, const ledger_schema_column *live, const ledger_schema_column *stored)
{
	char	   *name = slice_text(live->name);

	if (!same_slice(live->name, stored->name))
		found = lappend(found,
						psprintf("column %d is \"%s\", the schema history says \"%s\"", live->col_id, name,
								 slice_text(stored->name)));
	if (live->tag != stored->tag || !same_slice(live->type, stored->type))
		found = lappend(found,
						psprintf("column \"%s\" is of type %s, the schema history says %s", name,
								 slice_text(live->type), slice_text(stored->type)));
	if (!same_slice(live->collation, stored->collation))
		found = lappend(found,
						psprintf("column \"%s\" has another collation than the schema history says", name));
	for (int i = 0; i < (int) lengthof(column_flags); i++)
	{
		if ((live->flags ^ stored->flags) & column_flags[i].flag)
			found = lappend(found,
							psprintf(live->flags & column_flags[i].flag
										 ? "column \"%s\" is %s, unlike in the schema history"
										 : "column \"%s\" is no longer %s, as the schema history says",
									 name, column_flags[i].name));
	}
	if (!same_slice(live->detail, stored->detail))
		found = lappend(found,
						psprintf("type of column \"%s\" has the parts \"%s\", the schema history says \"%s\"",
								 name, slice_text(live->detail), slice_text(stored->detail)));
	return found;
}

/* Both lists are in col_id order: merge. */
static List *
compare_columns(List *found, const ledger_schema *live, const ledger_schema *stored)
{
	ledger_schema_iter a;
	ledger_schema_iter b;
	ledger_schema_column x;
	ledger_schema_column y;
	bool		more_x;
	bool		more_y;

	ledger_schema_columns(&a, live);
	ledger_schema_columns(&b, stored);
	more_x = ledger_schema_next_column(&a, &x);
	more_y = ledger_schema_next_column(&b, &y);
	while (more_x || more_y)
	{
		if (!more_y || (more_x && x.col_id < y.col_id))
		{
			found =
				lappend(found, psprintf("column \"%s\" is not in the schema history", slice_text(x.name)));
			more_x = ledger_schema_next_column(&a, &x);
		}
		else if (!more_x || x.col_id > y.col_id)
		{
			found = lappend(found,
							psprintf("column \"%s\" of the schema history is missing", slice_text(y.name)));
			more_y = ledger_schema_next_column(&b, &y);
		}
		else
		{
			found = compare_column(found, &x, &y);
			more_x = ledger_schema_next_column(&a, &x);
			more_y = ledger_schema_next_column(&b, &y);
		}
	}
	return found;
}

static const char *
object_kind(uint8 kind)
{
	switch (kind)
	{
		case 'c':
			return "constraint";
		case 'd':
			return "default of column";
		case 'i':
			return "unique index";
		case 'p':
			return "policy";
		case 'r':
			return "rule";
		case 't':
			return "trigger";
		default:
			return "object";
	}
}

static List *
compare_objects(List *found, const ledger_schema *live, const ledger_schema *stored)
{
	ledger_schema_iter a;
	ledger_schema_iter b;
	ledger_schema_object x;
	ledger_schema_object y;
	bool		more_x;
	bool		more_y;

	ledger_schema_objects(&a, live);
	ledger_schema_objects(&b, stored);
	more_x = ledger_schema_next_object(&a, &x);
	more_y = ledger_schema_next_object(&b, &y);
	while (more_x || more_y)
	{
		int			order = !more_y	   ? -1
			: !more_x		   ? 1
			: x.kind != y.kind ? x.kind - y.kind
							   : order_slices(x.name, y.name);

		if (order < 0)
			found = lappend(found,
							psprintf("%s \"%s\" is not in the schema history", object_kind(x.kind),
									 slice_text(x.name)));
		else if (order > 0)
			found = lappend(found,
							psprintf("%s \"%s\" of the schema history is missing", object_kind(y.kind),
									 slice_text(y.name)));
		else if (!same_slice(x.definition, y.definition))
			found = lappend(found,
							psprintf("%s \"%s\" is defined as \"%s\", the schema history says \"%s\"",
									 object_kind(x.kind), slice_text(x.name), slice_text(x.definition),
									 slice_text(y.definition)));
		if (order <= 0)
			more_x = ledger_schema_next_object(&a, &x);
		if (order >= 0)
			more_y = ledger_schema_next_object(&b, &y);
	}
	return found;
}

static List *
compare_once(Oid relid, const LedgerTable *table)
{
	Relation	rel;
	StringInfoData body;
	bytea	   *stored_body;
	ledger_schema live;
	ledger_schema stored;
	List	   *found = NIL;

	stored_body = ledger_schema_stored(table->table_id, table->schema_version);
	if (stored_body == NULL)
		return list_make1(psprintf("schema version %u is not in the schema history", table->schema_version));
	if (ledger_schema_parse(VARDATA_ANY(stored_body), VARSIZE_ANY_EXHDR(stored_body), &stored) != LEDGER_OK)
		return list_make1(psprintf("schema version %u is damaged", table->schema_version));

	rel = table_open(relid, AccessShareLock);
	if (!ledger_rel_is_ledger(rel))
		found = lappend(found, pstrdup("access method is not that of the schema history"));
	initStringInfo(&body);
	ledger_schema_build(&body, rel, table->table_id, table->schema_version, table->kind, table->tx_attnum,
						table->seq_attnum);
	table_close(rel, NoLock);
	if (ledger_schema_parse(body.data, body.len, &live) != LEDGER_OK)
		elog(ERROR, "could not read a schema body just written");

	found = compare_headers(found, &live.header, &stored.header);
	found = compare_columns(found, &live, &stored);
	return compare_objects(found, &live, &stored);
}

/*
 * DDL that commits while the two sides are being read makes them differ: what
 * counts is a difference under a version that is still the newest afterwards.
 */
List *
ledger_schema_compare(Oid relid)
{
	for (;;)
	{
		const LedgerTable *table = ledger_table_lookup(relid);
		uint32		version;
		List	   *found;

		CHECK_FOR_INTERRUPTS();
		if (table == NULL)
			return list_make1(pstrdup("table is not registered"));
		version = table->schema_version;
		found = compare_once(relid, table);
		if (found == NIL)
			return NIL;
		ledger_registry_reset(relid);
		table = ledger_table_lookup(relid);
		if (table != NULL && table->schema_version == version)
			return found;
	}
}

/* ---- audit --------------------------------------------------------------------------- */

void
ledger_schema_audit(Oid relid)
{
	List	   *differences;
	ListCell   *lc;
	StringInfoData text;

	if (ledger_table_lookup(relid) == NULL)
		return;
	if (ledger_schema_compare(relid) == NIL)
		return;
	ledger_schema_lock(relid);
	differences = ledger_schema_compare(relid);
	if (differences == NIL)
		return;

	initStringInfo(&text);
	foreach(lc, differences)
		appendStringInfo(&text, "%s%s", text.len > 0 ? "; " : "", (char *) lfirst(lc));
	ledger_schema_refresh(relid);
	(void) ledger_incident_add(ledger_chain()->chain_id, "error",
							   quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
														  get_rel_name(relid)),
							   NULL, -1, psprintf("changed outside of the schema history: %s", text.data));
	ereport(WARNING,
			(errcode(ERRCODE_WARNING),
			 errmsg("definition of ledger table \"%s\" was changed outside of the schema history",
					get_rel_name(relid)),
			 errdetail_internal("%s", text.data),
			 errhint("The change is recorded in ledger.incident. Run ledger.verify().")));
}
