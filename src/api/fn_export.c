/*
 * api/fn_export.c
 *		ledger.export(text).
 */
#include "compat.h"

#include "catalog/pg_authid.h"
#include "chain/export.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(ledger_export_sql);

/*
 * ledger.export(directory text) returns bigint: the number of rows written. It
 * shows every row of every ledger table, so it wants both predefined roles.
 */
Datum
ledger_export_sql(PG_FUNCTION_ARGS)
{
	char	   *directory = text_to_cstring(PG_GETARG_TEXT_PP(0));

	if (!has_privs_of_role(GetUserId(), ROLE_PG_WRITE_SERVER_FILES) ||
		!has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_DATA))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("permission denied to export the ledger"),
				 errdetail("An export writes files on the server and shows the rows of all ledger tables."),
				 errhint("Grant the roles pg_write_server_files and pg_read_all_data.")));
	canonicalize_path(directory);
	PG_RETURN_INT64((int64) ledger_export(directory));
}
