/*
 * chain/schema_build.c
 *		The schema body of a table, from the live catalogue.
 *
 * Every member must get the same bytes from the same definition, so nothing
 * here may depend on Oids, on settings or on search_path: names are qualified
 * and expressions are deparsed under pinned settings.
 */
#include "chain/schema_version.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "core/schema.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/acl.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/ruleutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

/* ---- pinned settings ------------------------------------------------------ */

/* What output functions and ruleutils look at. */
static int
pin_settings(void)
{
	static const char *const pinned[][2] = {
		{"search_path", "pg_catalog, pg_temp"},
		{"quote_all_identifiers", "off"},
		{"DateStyle", "ISO, YMD"},
		{"IntervalStyle", "postgres"},
		{"TimeZone", "UTC"},
		{"extra_float_digits", "1"},
		{"bytea_output", "hex"},
		{"lc_monetary", "C"},
		{"xmlbinary", "base64"},
	};
	int			level = NewGUCNestLevel();

	for (int i = 0; i < (int) lengthof(pinned); i++)
		(void) set_config_option(pinned[i][0], pinned[i][1], PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
								 true, 0, false);
	return level;
}

/* ---- texts ---------------------------------------------------------------- */

/* The server's text as UTF-8 in the body. */
static ledger_slice
utf8_text(const char *s)
{
	ledger_slice text;

	if (GetDatabaseEncoding() != PG_UTF8)
		s = pg_server_to_any(s, strlen(s), PG_UTF8);
	text.data = (const uint8_t *) s;
	text.len = strlen(s);
	return text;
}

static char *
enum_labels(Oid typid)
{
	Relation	rel = table_open(EnumRelationId, AccessShareLock);
	Relation	index = index_open(EnumTypIdSortOrderIndexId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	StringInfoData text;

	initStringInfo(&text);
	ScanKeyInit(&key, Anum_pg_enum_enumtypid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(typid));
	scan = systable_beginscan_ordered(rel, index, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext_ordered(scan, ForwardScanDirection)))
		appendStringInfo(&text, "%s%s", text.len > 0 ? "\n" : "",
						 NameStr(((Form_pg_enum) GETSTRUCT(tuple))->enumlabel));
	systable_endscan_ordered(scan);
	index_close(index, AccessShareLock);
	table_close(rel, AccessShareLock);
	return text.data;
}

static char *
composite_fields(Oid typid)
{
	TupleDesc	desc = lookup_rowtype_tupdesc_copy(typid, -1);
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped)
			continue;
		appendStringInfo(&text, "%s%s %s", text.len > 0 ? "\n" : "", quote_identifier(NameStr(att->attname)),
						 format_type_extended(att->atttypid, att->atttypmod,
											  FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
	}
	return text.data;
}

static char *
type_detail(Oid typid)
{
	Oid			base = getBaseType(typid);
	Oid			element = get_element_type(base);
	char		typtype;

	if (OidIsValid(element))
		base = getBaseType(element);
	typtype = get_typtype(base);
	if (typtype == TYPTYPE_ENUM)
		return enum_labels(base);
	if (typtype == TYPTYPE_COMPOSITE)
		return composite_fields(base);
	return "";
}

static char *
collation_name(Oid collation)
{
	HeapTuple	tuple;
	Form_pg_collation form;
	char	   *result;

	if (!OidIsValid(collation))
		return "";
	tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(collation));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for collation %u", collation);
	form = (Form_pg_collation) GETSTRUCT(tuple);
	result = quote_qualified_identifier(get_namespace_name(form->collnamespace), NameStr(form->collname));
	ReleaseSysCache(tuple);
	return result;
}

void
ledger_refuse_type(const char *column, const char *table, const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("column \"%s\" of ledger table \"%s\" has a type without canonical encoding",
					column, table),
			 errdetail_internal("%s", problem),
			 errhint("Store the value as text, or in an ordinary table.")));
}

/* ---- columns -------------------------------------------------------------- */

static ledger_schema_column *
build_columns(Relation rel, AttrNumber tx_attnum, AttrNumber seq_attnum, int *ncolumns)
{
	TupleDesc	desc = RelationGetDescr(rel);
	ledger_schema_column *columns = palloc0(sizeof(ledger_schema_column) * Max(desc->natts, 1));

	*ncolumns = 0;
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		ledger_schema_column *column;
		LedgerType *type;
		char	   *problem = NULL;

		if (att->attisdropped || att->attnum == tx_attnum || att->attnum == seq_attnum)
			continue;
		type = ledger_type_lookup(att->atttypid, &problem);
		if (type == NULL)
			ledger_refuse_type(NameStr(att->attname), RelationGetRelationName(rel), problem);

		column = &columns[(*ncolumns)++];
		column->col_id = att->attnum;
		column->name = utf8_text(pstrdup(NameStr(att->attname)));
		column->tag = ledger_type_tag(type);
		column->type = utf8_text(format_type_extended(att->atttypid, att->atttypmod,
													  FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
		column->collation = utf8_text(collation_name(att->attcollation));
		column->detail = utf8_text(type_detail(att->atttypid));
		if (att->attnotnull)
			column->flags |= LEDGER_COLUMN_NOT_NULL;
		if (att->attgenerated)
			column->flags |= LEDGER_COLUMN_GENERATED;
		if (att->attidentity)
			column->flags |= LEDGER_COLUMN_IDENTITY;
		if (strncmp(NameStr(att->attname), LEDGER_HIDDEN_PREFIX, strlen(LEDGER_HIDDEN_PREFIX)) == 0)
			column->flags |= LEDGER_COLUMN_HIDDEN;
	}
	return columns;
}

/* ---- objects -------------------------------------------------------------- */

typedef struct ObjectList
{
	ledger_schema_object *items;
	int			n;
	int			room;
} ObjectList;

static void
add_object(ObjectList *list, uint8 kind, const char *name, const char *definition)
{
	ledger_schema_object *object;

	if (list->n == list->room)
	{
		list->room = list->room ? 2 * list->room : 8;
		list->items = list->items ? repalloc(list->items, sizeof(*list->items) * list->room)
								  : palloc(sizeof(*list->items) * list->room);
	}
	object = &list->items[list->n++];
	object->kind = kind;
	object->name = utf8_text(pstrdup(name));
	object->definition = utf8_text(definition);
}

static SysScanDesc
scan_by_relid(Relation catalog, Oid index, AttrNumber attnum, Oid relid)
{
	ScanKeyData key;

	ScanKeyInit(&key, attnum, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	return systable_beginscan(catalog, index, true, NULL, 1, &key);
}

static char *
call_text(PGFunction function, Oid arg)
{
	return TextDatumGetCString(DirectFunctionCall1(function, ObjectIdGetDatum(arg)));
}

/* Triggers and rules fire, or not, by this. */
static char *
with_state(char *definition, char enabled)
{
	switch (enabled)
	{
		case TRIGGER_DISABLED:
			return psprintf("%s\nDISABLED", definition);
		case TRIGGER_FIRES_ON_REPLICA:
			return psprintf("%s\nENABLED REPLICA", definition);
		case TRIGGER_FIRES_ALWAYS:
			return psprintf("%s\nENABLED ALWAYS", definition);
		default:
			return definition;
	}
}

static void
add_constraints(ObjectList *list, Oid relid)
{
	Relation	catalog = table_open(ConstraintRelationId, AccessShareLock);
	SysScanDesc scan =
		scan_by_relid(catalog, ConstraintRelidTypidNameIndexId, Anum_pg_constraint_conrelid, relid);
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_constraint form = (Form_pg_constraint) GETSTRUCT(tuple);

		/* A constraint trigger is listed as the trigger that it is. */
		if (form->contype != CONSTRAINT_TRIGGER)
			add_object(list, 'c', NameStr(form->conname), call_text(pg_get_constraintdef, form->oid));
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
}

static void
add_defaults(ObjectList *list, Relation rel, AttrNumber tx_attnum, AttrNumber seq_attnum)
{
	TupleDesc	desc = RelationGetDescr(rel);
	TupleConstr *constr = desc->constr;
	List	   *context;

	if (constr == NULL || constr->num_defval == 0)
		return;
	context = deparse_context_for(RelationGetRelationName(rel), RelationGetRelid(rel));
	for (int i = 0; i < constr->num_defval; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, constr->defval[i].adnum - 1);

		if (att->attnum == tx_attnum || att->attnum == seq_attnum)
			continue;
		add_object(list, 'd', NameStr(att->attname),
				   deparse_expression(stringToNode(constr->defval[i].adbin), context, false, false));
	}
}

/* Unique indexes that no constraint already names. */
static void
add_unique_indexes(ObjectList *list, Relation rel)
{
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(rel))
	{
		Oid			indexid = lfirst_oid(lc);
		HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(indexid));
		Form_pg_index form;

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "cache lookup failed for index %u", indexid);
		form = (Form_pg_index) GETSTRUCT(tuple);
		if (form->indisunique && form->indisvalid && !OidIsValid(get_index_constraint(indexid)))
			add_object(list, 'i', get_rel_name(indexid), call_text(pg_get_indexdef, indexid));
		ReleaseSysCache(tuple);
	}
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

static char *
role_list(Datum roles)
{
	Datum	   *oids;
	int			n;
	const char **names;
	StringInfoData text;

	deconstruct_array(DatumGetArrayTypeP(roles), OIDOID, sizeof(Oid), true, TYPALIGN_INT, &oids, NULL, &n);
	names = palloc(sizeof(char *) * n);
	for (int i = 0; i < n; i++)
		names[i] = DatumGetObjectId(oids[i]) == ACL_ID_PUBLIC
			? "PUBLIC"
			: quote_identifier(GetUserNameFromId(DatumGetObjectId(oids[i]), false));
	qsort(names, n, sizeof(char *), compare_names);
	initStringInfo(&text);
	for (int i = 0; i < n; i++)
		appendStringInfo(&text, "%s%s", i > 0 ? ", " : "", names[i]);
	return text.data;
}

static void
append_policy_expression(StringInfo out, const char *clause, Relation catalog, HeapTuple tuple,
						 AttrNumber attnum, List *context)
{
	bool		isnull;
	Datum		value = heap_getattr(tuple, attnum, RelationGetDescr(catalog), &isnull);

	if (!isnull)
		appendStringInfo(out, " %s (%s)", clause,
						 deparse_expression(stringToNode(TextDatumGetCString(value)), context, false, false));
}

static const char *
policy_command(char cmd)
{
	switch (cmd)
	{
		case ACL_SELECT_CHR:
			return "SELECT";
		case ACL_INSERT_CHR:
			return "INSERT";
		case ACL_UPDATE_CHR:
			return "UPDATE";
		case ACL_DELETE_CHR:
			return "DELETE";
		default:
			return "ALL";
	}
}

static void
add_policies(ObjectList *list, Relation rel)
{
	Relation	catalog = table_open(PolicyRelationId, AccessShareLock);
	SysScanDesc scan =
		scan_by_relid(catalog, PolicyPolrelidPolnameIndexId, Anum_pg_policy_polrelid, RelationGetRelid(rel));
	List	   *context = deparse_context_for(RelationGetRelationName(rel), RelationGetRelid(rel));
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_policy form = (Form_pg_policy) GETSTRUCT(tuple);
		StringInfoData text;
		bool		isnull;
		Datum		roles = heap_getattr(tuple, Anum_pg_policy_polroles, RelationGetDescr(catalog), &isnull);

		initStringInfo(&text);
		appendStringInfo(&text, "AS %s FOR %s TO %s", form->polpermissive ? "PERMISSIVE" : "RESTRICTIVE",
						 policy_command(form->polcmd), role_list(roles));
		append_policy_expression(&text, "USING", catalog, tuple, Anum_pg_policy_polqual, context);
		append_policy_expression(&text, "WITH CHECK", catalog, tuple, Anum_pg_policy_polwithcheck, context);
		add_object(list, 'p', NameStr(form->polname), text.data);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
}

static void
add_rules(ObjectList *list, Oid relid)
{
	Relation	catalog = table_open(RewriteRelationId, AccessShareLock);
	SysScanDesc scan = scan_by_relid(catalog, RewriteRelRulenameIndexId, Anum_pg_rewrite_ev_class, relid);
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_rewrite form = (Form_pg_rewrite) GETSTRUCT(tuple);

		add_object(list, 'r', NameStr(form->rulename),
				   with_state(call_text(pg_get_ruledef, form->oid), form->ev_enabled));
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
}

static void
add_triggers(ObjectList *list, Oid relid)
{
	Relation	catalog = table_open(TriggerRelationId, AccessShareLock);
	SysScanDesc scan = scan_by_relid(catalog, TriggerRelidNameIndexId, Anum_pg_trigger_tgrelid, relid);
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_trigger form = (Form_pg_trigger) GETSTRUCT(tuple);

		/* The triggers of foreign keys follow from the constraint. */
		if (!form->tgisinternal)
			add_object(list, 't', NameStr(form->tgname),
					   with_state(call_text(pg_get_triggerdef, form->oid), form->tgenabled));
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
}

static int
compare_text(ledger_slice a, ledger_slice b)
{
	int			diff = memcmp(a.data, b.data, Min(a.len, b.len));

	return diff != 0 ? diff : (a.len > b.len) - (a.len < b.len);
}

static int
compare_objects(const void *a, const void *b)
{
	const ledger_schema_object *x = a;
	const ledger_schema_object *y = b;

	return x->kind != y->kind ? x->kind - y->kind : compare_text(x->name, y->name);
}

/* ---- body ----------------------------------------------------------------- */

static void
write_body(StringInfo out, const ledger_schema_header *header, const ledger_schema_column *columns,
		   int ncolumns, const ObjectList *objects)
{
	size_t		room = 2048;

	for (;;)
	{
		ledger_writer writer;
		ledger_schema_writer sw;
		ledger_status status;

		enlargeStringInfo(out, room);
		ledger_writer_init(&writer, out->data + out->len, room);
		ledger_schema_begin(&sw, &writer, header);
		for (int i = 0; i < ncolumns; i++)
			ledger_schema_add_column(&sw, &columns[i]);
		for (int i = 0; i < objects->n; i++)
			ledger_schema_add_object(&sw, &objects->items[i]);
		status = ledger_schema_finish(&sw);
		if (status == LEDGER_OK)
		{
			out->len += writer.len;
			return;
		}
		if (status != LEDGER_NO_SPACE)
			elog(ERROR, "could not write a schema body: %s", ledger_status_text(status));
		room = writer.len;
	}
}

void
ledger_schema_build(StringInfo out, Relation rel, const uint8 table_id[16], uint32 schema_version,
					LedgerTableKind kind, AttrNumber tx_attnum, AttrNumber seq_attnum)
{
	ledger_schema_header header = {0};
	ledger_schema_column *columns;
	int			ncolumns;
	ObjectList	objects = {0};
	Oid			relid = RelationGetRelid(rel);
	int			level = pin_settings();
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "ledger schema body", ALLOCSET_SMALL_SIZES);
	MemoryContext old;

	/* pg_get_ruledef() reads through the active snapshot: let it be the newest. */
	PushActiveSnapshot(GetLatestSnapshot());
	old = MemoryContextSwitchTo(context);

	memcpy(header.table_id, table_id, LEDGER_ID_LEN);
	header.schema_version = schema_version;
	header.kind = kind;
	header.schema_name = utf8_text(get_namespace_name(RelationGetNamespace(rel)));
	header.table_name = utf8_text(RelationGetRelationName(rel));
	if (rel->rd_rel->relrowsecurity)
		header.flags |= LEDGER_TABLE_ROW_SECURITY;
	if (rel->rd_rel->relforcerowsecurity)
		header.flags |= LEDGER_TABLE_ROW_SECURITY_FORCED;
	columns = build_columns(rel, tx_attnum, seq_attnum, &ncolumns);
	add_constraints(&objects, relid);
	add_defaults(&objects, rel, tx_attnum, seq_attnum);
	add_unique_indexes(&objects, rel);
	add_policies(&objects, rel);
	add_rules(&objects, relid);
	add_triggers(&objects, relid);
	if (objects.n > 0)
		qsort(objects.items, objects.n, sizeof(*objects.items), compare_objects);

	write_body(out, &header, columns, ncolumns, &objects);

	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	PopActiveSnapshot();
	AtEOXact_GUC(true, level);
}
