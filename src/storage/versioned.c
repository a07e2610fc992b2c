/*
 * storage/versioned.c
 *		The history relation and view of a `ledger_versioned` table.
 *
 * <table>_versions has the access method `ledger`, so that nothing but
 * am_versioned.c writes to it, but it is not a ledger table of its own: its rows
 * are already in the chain as rows of the table.
 *
 * The index on (ledger_tx, ledger_seq) keeps the table free of HOT chains, which
 * storage/am_build.c relies on; the one on (ended_tx, ended_seq) finds the version
 * that a row superseded.
 */
#include "storage/versioned.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "catalog/toasting.h"
#include "commands/defrem.h"
#include "commands/tablecmds.h"
#include "executor/spi.h"
#include "nodes/makefuncs.h"
#include "storage/am.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#define VERSIONS_SUFFIX "versions"
#define HISTORY_SUFFIX "history"

static const char *const ended_names[LEDGER_HISTORY_COLUMNS] = {"ended_tx", "ended_seq", "ended_op"};
static const Oid ended_types[LEDGER_HISTORY_COLUMNS] = {INT8OID, INT4OID, INT2OID};

static void
run(const char *sql)
{
	if (SPI_execute(sql, false, 0) < 0)
		elog(ERROR, "could not execute \"%s\"", sql);
}

static char *
qualified(Oid relid)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid));
}

static void
refuse_reserved(Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);

	for (int i = 0; i < desc->natts; i++)
	{
		for (int k = 0; k < LEDGER_HISTORY_COLUMNS; k++)
		{
			if (strcmp(NameStr(TupleDescAttr(desc, i)->attname), ended_names[k]) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_RESERVED_NAME),
						 errmsg("column name \"%s\" is reserved in versioned ledger tables",
								ended_names[k]),
						 errhint("Choose another name.")));
		}
	}
}

/* Depends on the table, cannot be dropped without it. */
static void
bind_to_table(Oid object, Oid relid)
{
	ObjectAddress dependent;
	ObjectAddress table;

	ObjectAddressSet(dependent, RelationRelationId, object);
	ObjectAddressSet(table, RelationRelationId, relid);
	recordDependencyOn(&dependent, &table, DEPENDENCY_INTERNAL);
}

static Oid
make_versions(Relation rel)
{
	CreateStmt *stmt = makeNode(CreateStmt);
	TupleDesc	desc = RelationGetDescr(rel);
	ObjectAddress address;

	stmt->relation = makeRangeVar(get_namespace_name(RelationGetNamespace(rel)),
								  makeObjectName(RelationGetRelationName(rel), NULL, VERSIONS_SUFFIX), -1);
	stmt->accessMethod = pstrdup("ledger");
	stmt->oncommit = ONCOMMIT_NOOP;
	for (int k = 0; k < LEDGER_HISTORY_COLUMNS; k++)
	{
		ColumnDef  *column = makeColumnDef(ended_names[k], ended_types[k], -1, InvalidOid);

		column->is_not_null = true;
		stmt->tableElts = lappend(stmt->tableElts, column);
	}
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped)
			elog(ERROR, "new table \"%s\" has a dropped column", RelationGetRelationName(rel));
		stmt->tableElts =
			lappend(stmt->tableElts,
					makeColumnDef(NameStr(att->attname), att->atttypid, att->atttypmod, att->attcollation));
	}

	/* Not through ProcessUtility: this is no ledger table that the guard should register. */
	address = DefineRelation(stmt, RELKIND_RELATION, rel->rd_rel->relowner, NULL, NULL);
	CommandCounterIncrement();
	NewRelationCreateToastTable(address.objectId, (Datum) 0);
	CommandCounterIncrement();
	return address.objectId;
}

/* The columns of the view in its order: those it has, then new ones of the table. */
static List *
view_columns(Relation rel, Oid view)
{
	TupleDesc	desc = RelationGetDescr(rel);
	List	   *names = NIL;

	if (OidIsValid(view))
	{
		Relation	viewrel = table_open(view, AccessShareLock);
		TupleDesc	viewdesc = RelationGetDescr(viewrel);

		for (int i = 0; i < viewdesc->natts; i++)
			names = lappend(names, makeString(pstrdup(NameStr(TupleDescAttr(viewdesc, i)->attname))));
		table_close(viewrel, AccessShareLock);
	}
	for (int i = 0; i < desc->natts; i++)
	{
		if (!TupleDescAttr(desc, i)->attisdropped)
			names = list_append_unique(names, makeString(pstrdup(NameStr(TupleDescAttr(desc, i)->attname))));
	}
	if (!OidIsValid(view))
	{
		for (int k = 0; k < LEDGER_HISTORY_COLUMNS; k++)
			names = lappend(names, makeString(pstrdup(ended_names[k])));
	}
	return names;
}

static bool
is_ended(const char *name)
{
	for (int k = 0; k < LEDGER_HISTORY_COLUMNS; k++)
	{
		if (strcmp(name, ended_names[k]) == 0)
			return true;
	}
	return false;
}

static void
define_view(Relation rel, Oid versions, Oid view, const char *viewname)
{
	StringInfoData current;
	StringInfoData ended;
	StringInfoData sql;
	ListCell   *lc;

	initStringInfo(&current);
	initStringInfo(&ended);
	foreach(lc, view_columns(rel, view))
	{
		const char *name = strVal(lfirst(lc));
		const char *comma = foreach_current_index(lc) > 0 ? ", " : "";

		if (strcmp(name, "ended_op") == 0)
		{
			appendStringInfo(&current, "%sNULL::pg_catalog.text AS ended_op", comma);
			appendStringInfo(&ended, "%sCASE ended_op WHEN 1 THEN 'UPDATE' ELSE 'DELETE' END", comma);
			continue;
		}
		if (is_ended(name))
			appendStringInfo(&current, "%sNULL::pg_catalog.%s AS %s", comma,
							 strcmp(name, "ended_tx") == 0 ? "int8" : "int4", name);
		else
			appendStringInfo(&current, "%s%s", comma, quote_identifier(name));
		appendStringInfo(&ended, "%s%s", comma, quote_identifier(name));
	}

	initStringInfo(&sql);
	appendStringInfo(&sql,
					 "CREATE OR REPLACE VIEW %s WITH (security_invoker = true) AS "
					 "SELECT %s FROM ONLY %s UNION ALL SELECT %s FROM ONLY %s",
					 quote_qualified_identifier(get_namespace_name(RelationGetNamespace(rel)), viewname),
					 current.data, qualified(RelationGetRelid(rel)), ended.data, qualified(versions));
	run(sql.data);
}

static char *
history_view_name(const char *table)
{
	return makeObjectName(table, NULL, HISTORY_SUFFIX);
}

Oid
ledger_versioned_create(Oid relid)
{
	Relation	rel = table_open(relid, AccessExclusiveLock);
	Oid			versions;
	Oid			index;
	char	   *name = pstrdup(RelationGetRelationName(rel));
	char	   *schema = get_namespace_name(RelationGetNamespace(rel));
	char	   *index_name = makeObjectName(name, "ledger", "idx");
	char	   *ended_name = makeObjectName(name, "ended", "idx");

	refuse_reserved(rel);
	versions = make_versions(rel);
	table_close(rel, NoLock);	/* DDL on a relation that we hold open is refused */

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	run(psprintf("CREATE UNIQUE INDEX %s ON ONLY %s (ledger_tx, ledger_seq)", quote_identifier(index_name),
				 qualified(relid)));
	run(psprintf("CREATE UNIQUE INDEX %s ON ONLY %s (ended_tx, ended_seq)", quote_identifier(ended_name),
				 qualified(versions)));
	rel = table_open(relid, NoLock);
	define_view(rel, versions, InvalidOid, history_view_name(name));
	table_close(rel, NoLock);
	SPI_finish();

	index = get_relname_relid(index_name, get_namespace_oid(schema, false));
	bind_to_table(index, relid);
	index = get_relname_relid(ended_name, get_namespace_oid(schema, false));
	bind_to_table(index, versions);
	bind_to_table(versions, relid);
	bind_to_table(get_relname_relid(history_view_name(name), get_namespace_oid(schema, false)), relid);
	CommandCounterIncrement();
	return versions;
}

/* The unique index on exactly these two columns; 0 when there is none. */
static Oid
find_index(Oid relid, const char *first, const char *second)
{
	Relation	rel = table_open(relid, AccessShareLock);
	Oid			found = InvalidOid;
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(rel))
	{
		Relation	index = index_open(lfirst_oid(lc), AccessShareLock);
		Form_pg_index form = index->rd_index;

		if (form->indisunique && form->indnkeyatts == 2 && form->indnatts == 2 &&
			form->indkey.values[0] == get_attnum(relid, first) &&
			form->indkey.values[1] == get_attnum(relid, second))
			found = RelationGetRelid(index);
		index_close(index, NoLock);
	}
	table_close(rel, NoLock);
	return found;
}

void
ledger_versioned_bind(Oid relid, Oid history_relid)
{
	Oid			current = find_index(relid, "ledger_tx", "ledger_seq");
	Oid			ended = find_index(history_relid, "ended_tx", "ended_seq");
	Oid			view = get_relname_relid(history_view_name(get_rel_name(relid)), get_rel_namespace(relid));

	if (!OidIsValid(current) || !OidIsValid(ended) || !OidIsValid(view))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the history of table \"%s\" was not restored completely", get_rel_name(relid)),
				 errdetail("It has two unique indexes and a view, and one of them is missing."),
				 errhint("Restore a dump of the whole database.")));
	bind_to_table(current, relid);
	bind_to_table(ended, history_relid);
	bind_to_table(history_relid, relid);
	bind_to_table(view, relid);
	CommandCounterIncrement();
}

/* The view over both relations, found through its dependency on the table. */
static Oid
find_view(Oid relid)
{
	Oid			found = InvalidOid;
	int			result;

	result = SPI_execute(psprintf("SELECT d.objid FROM pg_catalog.pg_depend d "
								  "JOIN pg_catalog.pg_class c ON c.oid = d.objid "
								  "WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass "
								  "AND d.refclassid = d.classid AND d.refobjid = %u "
								  "AND d.deptype = 'i' AND c.relkind = 'v'",
								  relid),
						 true, 1);
	if (result == SPI_OK_SELECT && SPI_processed == 1)
	{
		bool		isnull;

		found = DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	}
	return found;
}

static void
rename_column(const char *kind, Oid relid, const char *from, const char *to)
{
	run(psprintf("ALTER %s %s RENAME COLUMN %s TO %s", kind, qualified(relid), quote_identifier(from),
				 quote_identifier(to)));
}

static void
follow_name(const char *kind, Oid relid, Oid table, const char *suffix)
{
	char	   *wanted = makeObjectName(get_rel_name(table), NULL, suffix);

	if (get_rel_namespace(relid) != get_rel_namespace(table))
		run(psprintf("ALTER %s %s SET SCHEMA %s", kind, qualified(relid),
					 quote_identifier(get_namespace_name(get_rel_namespace(table)))));
	CommandCounterIncrement();
	if (strcmp(get_rel_name(relid), wanted) != 0)
		run(psprintf("ALTER %s %s RENAME TO %s", kind, qualified(relid), quote_identifier(wanted)));
	CommandCounterIncrement();
}

/* A descriptor that outlives the relation being closed: DDL on an open one is refused. */
static TupleDesc
copy_desc(Oid relid)
{
	Relation	rel = table_open(relid, AccessShareLock);
	TupleDesc	desc = CreateTupleDescCopy(RelationGetDescr(rel));

	table_close(rel, NoLock);
	return desc;
}

/* True when columns, name and schema of the history are what the table asks for. */
static bool
agrees(Oid relid, Oid history_relid, TupleDesc desc, TupleDesc vdesc)
{
	if (vdesc->natts != desc->natts + LEDGER_HISTORY_COLUMNS ||
		get_rel_namespace(history_relid) != get_rel_namespace(relid) ||
		strcmp(get_rel_name(history_relid), makeObjectName(get_rel_name(relid), NULL, VERSIONS_SUFFIX)) != 0)
		return false;
	for (int i = 0; i < desc->natts; i++)
	{
		if (strcmp(NameStr(TupleDescAttr(desc, i)->attname),
				   NameStr(TupleDescAttr(vdesc, i + LEDGER_HISTORY_COLUMNS)->attname)) != 0)
			return false;
	}
	return true;
}

void
ledger_versioned_follow(Oid relid, Oid history_relid)
{
	TupleDesc	desc = copy_desc(relid);
	TupleDesc	vdesc = copy_desc(history_relid);
	Oid			view;
	bool		grew = false;

	if (agrees(relid, history_relid, desc, vdesc))
		return;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	view = find_view(relid);

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		int			k = i + LEDGER_HISTORY_COLUMNS;

		if (k >= vdesc->natts)
		{
			run(psprintf("ALTER TABLE %s ADD COLUMN %s %s", qualified(history_relid),
						 quote_identifier(NameStr(att->attname)),
						 format_type_with_typemod(att->atttypid, att->atttypmod)));
			grew = true;
		}
		else if (strcmp(NameStr(TupleDescAttr(vdesc, k)->attname), NameStr(att->attname)) != 0)
		{
			char	   *from = pstrdup(NameStr(TupleDescAttr(vdesc, k)->attname));

			rename_column("TABLE", history_relid, from, NameStr(att->attname));
			if (OidIsValid(view) && get_attnum(view, from) != InvalidAttrNumber)
				rename_column("VIEW", view, from, NameStr(att->attname));
		}
	}
	CommandCounterIncrement();

	follow_name("TABLE", history_relid, relid, VERSIONS_SUFFIX);
	if (OidIsValid(view))
	{
		follow_name("VIEW", view, relid, HISTORY_SUFFIX);
		if (grew)
		{
			Relation	rel = table_open(relid, AccessShareLock);

			define_view(rel, history_relid, view, get_rel_name(view));
			table_close(rel, AccessShareLock);
		}
	}
	SPI_finish();
}
