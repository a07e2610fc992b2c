/*
 * guard/hide.c
 *		ledger.hide_column(): what DROP COLUMN would be if stored rows could change.
 *
 * The column keeps its attribute number and its values, which the leaves cover.
 * It gets a name that nobody uses, is NULL from now on, and is left out of COPY
 * and of the hints.
 */
#include "guard/guard.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_attribute.h"
#include "chain/schema_version.h"
#include "commands/tablecmds.h"
#include "mb/pg_wchar.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

static char *
hidden_name(AttrNumber attnum, const char *name)
{
	char	   *result = psprintf("%s%d_%s", LEDGER_HIDDEN_PREFIX, attnum, name);

	result[pg_mbcliplen(result, strlen(result), NAMEDATALEN - 1)] = '\0';
	return result;
}

static void
alter_column(Oid relid, AlterTableType subtype, const char *name)
{
	AlterTableCmd *cmd = makeNode(AlterTableCmd);

	cmd->subtype = subtype;
	cmd->name = pstrdup(name);
	AlterTableInternal(relid, list_make1(cmd), true);
	CommandCounterIncrement();
}

void
ledger_hide_column(Oid relid, const char *name)
{
	HeapTuple	tuple = SearchSysCacheAttName(relid, name);
	Form_pg_attribute att;
	RenameStmt *rename = makeNode(RenameStmt);

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of relation \"%s\" does not exist", name,
						get_rel_name(relid))));
	ledger_refuse_reserved(name);
	ledger_schema_audit(relid);
	att = (Form_pg_attribute) GETSTRUCT(tuple);

	if (att->attnotnull)
		alter_column(relid, AT_DropNotNull, name);
	if (att->atthasdef && !att->attgenerated)
		alter_column(relid, AT_ColumnDefault, name);

	rename->renameType = OBJECT_COLUMN;
	rename->relationType = OBJECT_TABLE;
	rename->relation = makeRangeVar(get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid), -1);
	rename->relation->inh = true;
	rename->subname = pstrdup(name);
	rename->newname = hidden_name(att->attnum, name);
	ReleaseSysCache(tuple);
	(void) renameatt(rename);

	ledger_dirty_mark(relid);
	ledger_data_view_rename(relid, name, rename->newname);
	ledger_dirty_flush();
}
