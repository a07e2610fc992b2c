/*
 * api/fn_tables.c
 *		What a DBA does with a ledger table: hide a column, keep it, give it up.
 */
#include "compat.h"

#include "catalog/pg_class.h"
#include "chain/registry.h"
#include "chain/retention.h"
#include "fmgr.h"
#include "guard/guard.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(ledger_sql_hide_column);
PG_FUNCTION_INFO_V1(ledger_sql_retire);
PG_FUNCTION_INFO_V1(ledger_sql_set_retention);

static void
check_change(const char *function, Oid relid)
{
	char	   *name = get_rel_name(relid);

	PreventCommandIfReadOnly(function);
	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	if (!pg_class_ownercheck(relid, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, get_relkind_objtype(get_rel_relkind(relid)), name);
	if (ledger_table_lookup(relid) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a ledger table", name)));
}

/* ledger.hide_column(regclass, name) */
Datum
ledger_sql_hide_column(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);

	check_change("ledger.hide_column()", relid);
	ledger_hide_column(relid, NameStr(*PG_GETARG_NAME(1)));
	PG_RETURN_VOID();
}

/* ledger.retire(regclass, text) returns the number of rows it has */
Datum
ledger_sql_retire(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);

	check_change("ledger.retire()", relid);
	PG_RETURN_INT64((int64) ledger_retire(relid, text_to_cstring(PG_GETARG_TEXT_PP(1))));
}

/* ledger.set_retention(regclass, interval) */
Datum
ledger_sql_set_retention(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);

	check_change("ledger.set_retention()", relid);
	ledger_retention_set(relid, PG_GETARG_INTERVAL_P(1));
	PG_RETURN_VOID();
}
