/*
 * guard/database.c
 *		Statements on whole databases, usually given in another one, and COMMIT
 *		PREPARED, which runs no callback in any backend.
 *
 * DROP, RENAME, SET TABLESPACE and TEMPLATE need a database that nobody is
 * connected to. The sealer would come back with the next write, so it is asked
 * just before.
 */
#include "guard/guard.h"

#include "access/xact.h"
#include "catalog/pg_database.h"
#include "chain/retention.h"
#include "chain/shmem.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "utils/acl.h"

static void
vacate(const char *name)
{
	Oid			dboid = name ? get_database_oid(name, true) : InvalidOid;

	/*
	 * Only for somebody who may do what was asked: others must not keep the sealer
	 * away. PostgreSQL itself says who is still connected.
	 */
	if (OidIsValid(dboid) && ledger_is_preloaded() && pg_database_ownercheck(dboid, GetUserId()))
		(void) ledger_sealer_ask_to_leave(dboid);
}

static void
refuse_drop(const char *name)
{
	Oid			dboid = get_database_oid(name, true);

	if (OidIsValid(dboid) && ledger_retention_of_database(dboid))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot drop database \"%s\"", name),
				 errdetail("It has ledger tables under retention."),
				 errhint("Retire or drop those tables in that database first.")));
}

static char *
option_value(List *options, const char *name)
{
	ListCell   *lc;

	foreach(lc, options)
	{
		DefElem	   *option = lfirst_node(DefElem, lc);

		if (strcmp(option->defname, name) == 0 && option->arg != NULL)
			return defGetString(option);
	}
	return NULL;
}

bool
ledger_guard_database(LedgerUtility *call)
{
	Node	   *stmt = call->pstmt->utilityStmt;

	switch (nodeTag(stmt))
	{
		case T_DropdbStmt:
			refuse_drop(((DropdbStmt *) stmt)->dbname);
			vacate(((DropdbStmt *) stmt)->dbname);
			break;
		case T_CreatedbStmt:
			vacate(option_value(((CreatedbStmt *) stmt)->options, "template"));
			break;
		case T_AlterDatabaseStmt:
			if (option_value(((AlterDatabaseStmt *) stmt)->options, "tablespace") == NULL)
				return false;
			vacate(((AlterDatabaseStmt *) stmt)->dbname);
			break;
		case T_RenameStmt:
			if (((RenameStmt *) stmt)->renameType != OBJECT_DATABASE)
				return false;
			vacate(((RenameStmt *) stmt)->subname);
			break;
		default:
			return false;
	}
	ledger_utility_next(call);
	return true;
}

bool
ledger_guard_transaction(LedgerUtility *call)
{
	TransactionStmt *stmt = (TransactionStmt *) call->pstmt->utilityStmt;

	if (stmt->kind != TRANS_STMT_COMMIT_PREPARED)
		return false;
	ledger_utility_next(call);
	if (ledger_is_preloaded() && IsTransactionState() && ledger_extension_exists())
		ledger_wake_sealer(ledger_my_slot());
	return true;
}
