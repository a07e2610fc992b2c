/*
 * guard/alter_table.c
 *		ALTER TABLE: a list of what is allowed, so that the syntax of a newer server
 *		is refused until somebody has looked at it.
 *
 * Allowed is what leaves the stored values and their meaning alone. It is
 * written to the schema history all the same.
 */
#include "guard/guard.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/heap.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "chain/catalogue.h"
#include "chain/restore.h"
#include "chain/row_encode.h"
#include "chain/schema_version.h"
#include "commands/defrem.h"
#include "optimizer/optimizer.h"
#include "parser/parse_node.h"
#include "parser/parse_type.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

bool
ledger_tree_has_ledger(Oid relid)
{
	ListCell   *lc;

	if (get_rel_relkind(relid) != RELKIND_PARTITIONED_TABLE)
		return ledger_is_guarded(relid);

	/* A partition has the columns of its parent. */
	if (get_attnum(relid, LEDGER_TX_NAME) == InvalidAttrNumber)
		return false;
	foreach(lc, find_all_inheritors(relid, NoLock, NULL))
	{
		if (ledger_is_guarded(lfirst_oid(lc)))
			return true;
	}
	return false;
}

static void
refuse(Oid relid, const char *what, const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot %s of ledger table \"%s\"", what, get_rel_name(relid)),
			 errdetail_internal("%s", detail), errhint("%s", hint)));
}

static void
check_options(Oid relid, List *options)
{
	ListCell   *lc;

	foreach(lc, options)
	{
		DefElem	   *option = lfirst_node(DefElem, lc);

		if (option->defnamespace != NULL && strcmp(option->defnamespace, "ledger") == 0)
			refuse(relid, "change options", "Retention is no storage parameter: it can only grow.",
				   psprintf("Use ledger.set_retention(%s, ...).",
							quote_literal_cstr(ledger_qualified_name(relid))));
	}
}

static bool
tree_has_rows(Oid relid)
{
	ListCell   *lc;

	if (get_rel_relkind(relid) != RELKIND_PARTITIONED_TABLE)
		return ledger_relation_has_rows(relid);
	foreach(lc, find_all_inheritors(relid, NoLock, NULL))
	{
		if (ledger_is_guarded(lfirst_oid(lc)) && ledger_relation_has_rows(lfirst_oid(lc)))
			return true;
	}
	return false;
}

/*
 * Rows that are older than a column show its first default, which no leaf
 * covers. Verification evaluates it again from the schema history, so it must
 * give the same value for ever.
 */
static void
check_default(Oid relid, ColumnDef *column, Oid typid, int32 typmod)
{
	ListCell   *lc;

	foreach(lc, column->constraints)
	{
		Constraint *constraint = lfirst_node(Constraint, lc);
		Node	   *expr;

		if (constraint->contype != CONSTR_DEFAULT)
			continue;
		expr = cookDefault(make_parsestate(NULL), copyObject(constraint->raw_expr), typid, typmod,
						   column->colname, 0);
		if (contain_mutable_functions((Node *) expression_planner((Expr *) expr)) && tree_has_rows(relid))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("default of new column \"%s\" of ledger table \"%s\" is not constant",
							column->colname, get_rel_name(relid)),
					 errdetail("It would fill rows that are already in the chain."),
					 errhint("Add the column without a default, then ALTER COLUMN ... SET DEFAULT.")));
	}
}

static void
check_new_column(Oid relid, ColumnDef *column)
{
	Oid			typid = InvalidOid;
	int32		typmod;
	char	   *problem = NULL;

	ledger_refuse_reserved(column->colname);
	if (column->typeName != NULL)
		typid = LookupTypeNameOid(NULL, column->typeName, true);	/* not found: serial, or an error */
	if (!OidIsValid(typid))
		return;
	if (ledger_type_lookup(typid, &problem) == NULL)
		ledger_refuse_type(column->colname, get_rel_name(relid), problem);
	typenameTypeIdAndMod(NULL, column->typeName, &typid, &typmod);
	check_default(relid, column, typid, typmod);
}

static void
check_command(Oid relid, AlterTableCmd *cmd)
{
	static const char *const hashed =
	"Its values are part of the hashes of rows that are in the chain.";

	switch (cmd->subtype)
	{
		case AT_AddColumn:
			check_new_column(relid, (ColumnDef *) cmd->def);
			break;

		case AT_SetRelOptions:
		case AT_ResetRelOptions:
			check_options(relid, (List *) cmd->def);
			break;

		case AT_ColumnDefault:
		case AT_CookedColumnDefault:	/* from LIKE */
		case AT_DropNotNull:
		case AT_SetNotNull:
		case AT_AddIdentity:
		case AT_SetIdentity:
		case AT_DropIdentity:
		case AT_DropExpression:
		case AT_SetStatistics:
		case AT_SetOptions:
		case AT_ResetOptions:
		case AT_SetStorage:
		case AT_SetCompression:
		case AT_AddConstraint:
		case AT_AddIndexConstraint:
		case AT_AlterConstraint:
		case AT_ValidateConstraint:
		case AT_DropConstraint:
		case AT_ChangeOwner:
		case AT_ClusterOn:
		case AT_DropCluster:
		case AT_SetLogged:
		case AT_DropOids:
		case AT_SetTableSpace:
		case AT_EnableTrig:
		case AT_EnableAlwaysTrig:
		case AT_EnableReplicaTrig:
		case AT_DisableTrig:
		case AT_EnableTrigAll:
		case AT_DisableTrigAll:
		case AT_EnableTrigUser:
		case AT_DisableTrigUser:
		case AT_EnableRule:
		case AT_EnableAlwaysRule:
		case AT_EnableReplicaRule:
		case AT_DisableRule:
		case AT_ReplicaIdentity:
		case AT_EnableRowSecurity:
		case AT_DisableRowSecurity:
		case AT_ForceRowSecurity:
		case AT_NoForceRowSecurity:
		case AT_AttachPartition:
		case AT_DetachPartition:
		case AT_DetachPartitionFinalize:
			break;

		case AT_DropColumn:
			refuse(relid, psprintf("drop column \"%s\"", cmd->name), hashed,
				   psprintf("SELECT ledger.hide_column(%s, %s) renames it out of the way.",
							quote_literal_cstr(ledger_qualified_name(relid)), quote_literal_cstr(cmd->name)));
			break;

		case AT_AlterColumnType:
			refuse(relid, psprintf("change the type of column \"%s\"", cmd->name), hashed,
				   "Add a column of the new type.");
			break;

		case AT_SetAccessMethod:
			refuse(relid, "change the access method", "Its rows would leave the chain, or enter it twice.",
				   "Create another table and copy the rows.");
			break;

		case AT_SetUnLogged:
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("ledger table \"%s\" cannot be unlogged", get_rel_name(relid)),
					 errdetail("Its rows must survive a crash and reach every copy of the database."),
					 errhint("Create another table USING heap.")));
			break;

		case AT_AddInherit:
		case AT_DropInherit:
			refuse(relid, "change the inheritance",
				   "A query on the parent would mix rows of the chain with others.",
				   "Use partitions, or a view over both tables.");
			break;

		default:
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("this form of ALTER TABLE is not supported on ledger table \"%s\"",
							get_rel_name(relid)),
					 errdetail("It is not known to leave stored rows and their meaning alone."),
					 errhint("docs/limitations.md lists what is supported.")));
			break;
	}
}

/*
 * An ordinary table must not become a ledger table, or a child of one. A
 * partitioned table may get its first ledger partition.
 */
static void
check_ordinary(LedgerUtility *call, Oid relid, AlterTableCmd *cmd)
{
	LedgerTableKind kind;
	Oid			parent;
	Oid			partition;

	if (cmd->subtype == AT_AttachPartition && !ledger_is_loading())
	{
		partition = RangeVarGetRelid(((PartitionCmd *) cmd->def)->name, NoLock, true);
		if (OidIsValid(partition) && ledger_tree_has_ledger(partition))
			ledger_prepare_parent(call, relid);
	}

	if (cmd->subtype == AT_SetAccessMethod && ledger_am_kind(cmd->name, &kind))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot turn table \"%s\" into a ledger table", get_rel_name(relid)),
				 errdetail("Its rows are in no chain."),
				 errhint("Create a ledger table and copy the rows.")));
	if (cmd->subtype == AT_AddInherit)
	{
		parent = RangeVarGetRelid((RangeVar *) cmd->def, NoLock, true);
		if (OidIsValid(parent) && ledger_is_guarded(parent))
			ledger_refuse_inherit(get_rel_name(relid));
	}
}

/* <table>_versions has the access method, but no row in the registry. */
const LedgerTable *
ledger_table_of_history(Oid relid)
{
	Relation	rel;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			owner = InvalidOid;
	bool		isnull;

	if (!ledger_relid_is_ledger(relid) || ledger_table_lookup(relid) != NULL)
		return NULL;
	rel = table_open(ledger_catalog_oid("ledger_table", false), AccessShareLock);
	ScanKeyInit(&key, Anum_lt_history_relid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, InvalidOid, false, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		owner = DatumGetObjectId(heap_getattr(tuple, Anum_lt_relid, RelationGetDescr(rel), &isnull));
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return OidIsValid(owner) ? ledger_table_lookup(owner) : NULL;
}

void
ledger_refuse_history(Oid relid)
{
	if (ledger_is_loading() || ledger_guard_is_following() || ledger_table_of_history(relid) == NULL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot change relation \"%s\"", get_rel_name(relid)),
			 errdetail("It keeps the old versions of a ledger table."),
			 errhint("Change the table: its history follows.")));
}

/* A statement that adds the column; any column if name is NULL. */
static bool
adds_column(AlterTableStmt *stmt, const char *name)
{
	ListCell   *lc;

	foreach(lc, stmt->cmds)
	{
		AlterTableCmd *cmd = lfirst_node(AlterTableCmd, lc);

		if (cmd->subtype == AT_AddColumn &&
			(name == NULL || strcmp(((ColumnDef *) cmd->def)->colname, name) == 0))
			return true;
	}
	return false;
}

/*
 * The first default of a column is what older rows show. The history would only
 * see the second.
 */
static void
check_default_alone(Oid relid, AlterTableStmt *stmt, AlterTableCmd *cmd)
{
	if (cmd->subtype == AT_ColumnDefault && adds_column(stmt, cmd->name))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot add column \"%s\" of ledger table \"%s\" and change its default at once",
						cmd->name, get_rel_name(relid)),
				 errdetail("Rows that are already in the chain show the default it is added with."),
				 errhint("Use two statements.")));
}

void
ledger_guard_alter_table(LedgerUtility *call)
{
	AlterTableStmt *stmt = (AlterTableStmt *) call->pstmt->utilityStmt;
	Oid			relid = RangeVarGetRelid(stmt->relation, NoLock, true);
	bool		is_ledger;
	ListCell   *lc;

	if (!OidIsValid(relid))
	{
		ledger_utility_next(call);
		return;
	}
	ledger_refuse_catalogue(relid);
	is_ledger = ledger_tree_has_ledger(relid);
	ledger_refuse_history(relid);
	foreach(lc, stmt->cmds)
	{
		AlterTableCmd *cmd = lfirst_node(AlterTableCmd, lc);

		if (is_ledger)
		{
			check_command(relid, cmd);
			check_default_alone(relid, stmt, cmd);
		}
		else
			check_ordinary(call, relid, cmd);
	}

	if (is_ledger)
	{
		/* row security and the like are reported by no hook */
		ledger_audit_tree(call, relid);
		ledger_dirty_mark_tree(relid);
	}
	ledger_utility_next(call);
	if (is_ledger)
	{
		ledger_dirty_mark_tree(relid);
		if (adds_column(stmt, NULL) && !ledger_is_loading() && !ledger_guard_is_following())
			ledger_data_view_refresh(relid);
	}
}
