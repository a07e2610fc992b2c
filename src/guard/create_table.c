/*
 * guard/create_table.c
 *		CREATE TABLE … USING ledger: adds the ledger columns, refuses what such a
 *		table cannot be, registers the result.
 *
 * Where ledger is only the default access method, relations that cannot be
 * ledger tables quietly become heap: a session that sets the default must still
 * be able to make a temporary table. An explicit USING is refused.
 */
#include "guard/guard.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/toast_compression.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/dependency.h"
#include "catalog/partition.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "chain/restore.h"
#include "chain/retention.h"
#include "chain/schema_version.h"
#include "commands/comment.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "commands/sequence.h"
#include "nodes/makefuncs.h"
#include "parser/parse_utilcmd.h"
#include "storage/am.h"
#include "storage/versioned.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

bool
ledger_am_kind(const char *amname, LedgerTableKind *kind)
{
	Oid			amoid = get_table_am_oid(amname ? amname : default_table_access_method, true);
	HeapTuple	tuple;
	const TableAmRoutine *routine;

	if (!OidIsValid(amoid) || amoid == HEAP_TABLE_AM_OID)
		return false;
	tuple = SearchSysCache1(AMOID, ObjectIdGetDatum(amoid));
	if (!HeapTupleIsValid(tuple))
		return false;
	routine = GetTableAmRoutine(((Form_pg_am) GETSTRUCT(tuple))->amhandler);
	ReleaseSysCache(tuple);

	if (routine == ledger_am_routine())
		*kind = LEDGER_APPEND_ONLY;
	else if (routine == ledger_versioned_am_routine())
		*kind = LEDGER_VERSIONED;
	else
		return false;
	return true;
}

/* ---- what cannot be a ledger table ---------------------------------------- */

static void
refuse(CreateStmt *stmt, const char *what, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("ledger table \"%s\" cannot be %s", stmt->relation->relname, what),
			 errdetail_internal("%s", detail),
			 errhint("Create it USING heap.")));
}

static void
refuse_unsupported(CreateStmt *stmt)
{
	static const char *const durable =
	"Its rows must survive a crash and reach every copy of the database.";

	if (stmt->relation->relpersistence == RELPERSISTENCE_TEMP)
		refuse(stmt, "temporary", durable);
	if (stmt->relation->relpersistence == RELPERSISTENCE_UNLOGGED)
		refuse(stmt, "unlogged", durable);
	if (stmt->inhRelations != NIL && stmt->partbound == NULL)
		refuse(stmt, "an inheritance child",
			   "A query on the parent would mix rows of the chain with others.");
	if (stmt->ofTypename != NULL)
		refuse(stmt, "a typed table", "The access method adds two columns that the type does not have.");
	if (stmt->oncommit != ONCOMMIT_NOOP)
		refuse(stmt, "emptied on commit", "Rows of a ledger table are never changed or removed.");
}

const char *
ledger_why_heap(char persistence)
{
	if (persistence == RELPERSISTENCE_TEMP)
		return "a temporary table";
	if (persistence == RELPERSISTENCE_UNLOGGED)
		return "an unlogged table";
	if (creating_extension)
		return "a table of an extension";
	return NULL;
}

void
ledger_notice_heap(const RangeVar *relation, const char *reason)
{
	ereport(NOTICE,
			(errmsg("\"%s\" is created with access method heap", relation->relname),
			 errdetail("The default access method \"%s\" cannot be used for %s.",
					   default_table_access_method, reason)));
}

void
ledger_refuse_inherit(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("table \"%s\" cannot inherit from a ledger table", name),
			 errdetail("A query on the parent would mix rows of the chain with others."),
			 errhint("Use partitions, or a view over both tables.")));
}

static bool
parent_is_ledger(List *parents)
{
	ListCell   *lc;

	foreach(lc, parents)
	{
		Oid			relid = RangeVarGetRelid(lfirst_node(RangeVar, lc), NoLock, true);

		if (OidIsValid(relid) && ledger_is_guarded(relid))
			return true;
	}
	return false;
}

/* ---- LIKE ----------------------------------------------------------------- */

static bool
has_reserved_columns(Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped && ledger_column_is_reserved(NameStr(att->attname)))
			return true;
	}
	return false;
}

/* The column as LIKE would copy it; its default, if any, comes afterwards. */
static ColumnDef *
copied_column(Relation source, Form_pg_attribute att, bits32 options)
{
	ColumnDef  *def = makeColumnDef(NameStr(att->attname), att->atttypid, att->atttypmod, att->attcollation);

	def->is_not_null = att->attnotnull;
	if (att->attgenerated && (options & CREATE_TABLE_LIKE_GENERATED))
		def->generated = att->attgenerated;
	if (att->attidentity && (options & CREATE_TABLE_LIKE_IDENTITY))
	{
		Constraint *identity = makeNode(Constraint);
		Oid			sequence = getIdentitySequence(RelationGetRelid(source), att->attnum, false);

		identity->contype = CONSTR_IDENTITY;
		identity->generated_when = att->attidentity;
		identity->options = sequence_options(sequence);
		identity->location = -1;
		def->constraints = list_make1(identity);
	}
	if (options & CREATE_TABLE_LIKE_STORAGE)
		def->storage = att->attstorage;
	if ((options & CREATE_TABLE_LIKE_COMPRESSION) && CompressionMethodIsValid(att->attcompression))
		def->compression = pstrdup(GetCompressionMethodName(att->attcompression));
	return def;
}

static List *
add_comment(List *later, RangeVar *relation, Relation source, Form_pg_attribute att)
{
	char	   *text = GetComment(RelationGetRelid(source), RelationRelationId, att->attnum);
	CommentStmt *comment;

	if (text == NULL)
		return later;
	comment = makeNode(CommentStmt);
	comment->objtype = OBJECT_COLUMN;
	comment->object =
		(Node *) list_make2(makeString(relation->relname), makeString(pstrdup(NameStr(att->attname))));
	if (relation->schemaname)
		comment->object = (Node *) lcons(makeString(relation->schemaname), (List *) comment->object);
	comment->comment = text;
	return lappend(later, comment);
}

/*
 * LIKE a ledger table would copy its ledger columns. Such clauses become plain
 * columns here; *later gets what must wait until the table exists (defaults,
 * constraints, indexes, statistics), which PostgreSQL itself expands.
 */
static List *
expand_like(RangeVar *relation, List *elements, List **later)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, elements)
	{
		TableLikeClause *like;
		Relation	source;
		TupleDesc	desc;

		if (!IsA(lfirst(lc), TableLikeClause))
		{
			result = lappend(result, lfirst(lc));
			continue;
		}
		like = lfirst_node(TableLikeClause, lc);
		source = relation_openrv_extended(like->relation, AccessShareLock, true);
		if (source == NULL || !has_reserved_columns(source))
		{
			if (source)
				relation_close(source, NoLock);
			result = lappend(result, like);
			continue;
		}
		if (pg_class_aclcheck(RelationGetRelid(source), GetUserId(), ACL_SELECT) != ACLCHECK_OK)
			aclcheck_error(ACLCHECK_NO_PRIV, get_relkind_objtype(source->rd_rel->relkind),
						   RelationGetRelationName(source));

		desc = RelationGetDescr(source);
		for (int i = 0; i < desc->natts; i++)
		{
			Form_pg_attribute att = TupleDescAttr(desc, i);

			if (!att->attisdropped && !ledger_column_is_reserved(NameStr(att->attname)))
			{
				result = lappend(result, copied_column(source, att, like->options));
				if (like->options & CREATE_TABLE_LIKE_COMMENTS)
					*later = add_comment(*later, relation, source, att);
			}
		}
		like->relationOid = RelationGetRelid(source);
		*later = lappend(*later, like);
		relation_close(source, NoLock); /* kept until the end of the transaction */
	}
	return result;
}

/* ---- partitions ----------------------------------------------------------- */

static bool
may_have_rows(Oid relid)
{
	switch (get_rel_relkind(relid))
	{
		case RELKIND_PARTITIONED_TABLE:
			return false;
		case RELKIND_RELATION:
			return ledger_relation_has_rows(relid);
		default:
			return true;		/* foreign: nobody here knows */
	}
}

/* True when the relation has both ledger columns, with their types. */
static bool
has_ledger_columns(Oid relid)
{
	AttrNumber	tx = get_attnum(relid, LEDGER_TX_NAME);
	AttrNumber	seq = get_attnum(relid, LEDGER_SEQ_NAME);

	return tx != InvalidAttrNumber && get_atttype(relid, tx) == INT8OID && seq != InvalidAttrNumber &&
		get_atttype(relid, seq) == INT4OID;
}

/*
 * A partition has exactly the columns of its parent, so the first ledger
 * partition gives the whole tree the ledger columns. That is only done while
 * the tree is empty: rows that are in no chain must not get columns that say so.
 */
void
ledger_prepare_parent(LedgerUtility *call, Oid parent)
{
	Oid			top = parent;
	List	   *ancestors;
	ListCell   *lc;
	AlterTableStmt *alter;

	if (get_rel_relkind(top) != RELKIND_PARTITIONED_TABLE || has_ledger_columns(top))
		return;
	ancestors = get_rel_relispartition(top) ? get_partition_ancestors(top) : NIL;
	if (ancestors != NIL)
		top = llast_oid(ancestors);

	foreach(lc, find_all_inheritors(top, AccessExclusiveLock, NULL))
	{
		if (may_have_rows(lfirst_oid(lc)))
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("partitioned table \"%s\" has rows and no ledger columns",
							get_rel_name(top)),
					 errdetail("Partition \"%s\" is not empty.", get_rel_name(lfirst_oid(lc))),
					 errhint("Make a new partitioned table with ledger partitions and copy the rows.")));
	}

	alter = makeNode(AlterTableStmt);
	alter->relation = makeRangeVar(get_namespace_name(get_rel_namespace(top)), get_rel_name(top), -1);
	alter->relation->inh = true;
	alter->objtype = OBJECT_TABLE;
	for (int i = 0; i < 2; i++)
	{
		AlterTableCmd *cmd = makeNode(AlterTableCmd);

		cmd->subtype = AT_AddColumn;
		cmd->def = list_nth(ledger_columns(), i);
		alter->cmds = lappend(alter->cmds, cmd);
	}
	ledger_utility_sub(call, (Node *) alter);
	CommandCounterIncrement();
}

/* ---- the statement --------------------------------------------------------- */

static void
refuse_reserved_elements(List *elements)
{
	ListCell   *lc;

	foreach(lc, elements)
	{
		if (IsA(lfirst(lc), ColumnDef))
			ledger_refuse_reserved(lfirst_node(ColumnDef, lc)->colname);
	}
}

/* Take ledger.retention out of WITH (...): heap would not know it. */
static char *
take_retention(CreateStmt *stmt)
{
	char	   *retention = NULL;
	List	   *rest = NIL;
	ListCell   *lc;

	foreach(lc, stmt->options)
	{
		DefElem	   *option = lfirst_node(DefElem, lc);

		if (option->defnamespace == NULL || strcmp(option->defnamespace, "ledger") != 0)
			rest = lappend(rest, option);
		else if (strcmp(option->defname, "retention") == 0)
			retention = defGetString(option);
		else
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unrecognized parameter \"ledger.%s\"", option->defname),
					 errhint("The only one is ledger.retention, an interval.")));
	}
	stmt->options = rest;
	return retention;
}

static Interval *
parse_interval(char *text)
{
	return DatumGetIntervalP(DirectFunctionCall3(interval_in, CStringGetDatum(text),
												 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

static Oid
existing_relation(RangeVar *relation, Oid *namespace)
{
	*namespace = RangeVarGetCreationNamespace(relation);
	return get_relname_relid(relation->relname, *namespace);
}

/* What LIKE adds to the finished table. */
static void
run_later(LedgerUtility *call, Node *node, Oid namespace, const char *name)
{
	RangeVar   *table = makeRangeVar(get_namespace_name(namespace), pstrdup(name), -1);
	List	   *statements;
	ListCell   *lc;

	statements = IsA(node, TableLikeClause) ? expandTableLikeClause(table, (TableLikeClause *) node)
											: list_make1(node);
	foreach(lc, statements)
	{
		ledger_utility_sub(call, lfirst(lc));
		CommandCounterIncrement();
	}
}

static void
create_ledger_table(LedgerUtility *call, CreateStmt *stmt, LedgerTableKind kind)
{
	Oid			namespace;
	Oid			relid = existing_relation(stmt->relation, &namespace);
	Relation	rel;
	List	   *later = NIL;
	ListCell   *lc;
	char	   *retention;

	if (OidIsValid(relid))
	{
		/* an error, or with IF NOT EXISTS a notice */
		ledger_utility_next(call);
		if (!ledger_is_guarded(relid))
			ereport(WARNING,
					(errcode(ERRCODE_DUPLICATE_TABLE),
					 errmsg("existing relation \"%s\" is not a ledger table",
							stmt->relation->relname)));
		return;
	}

	if (isAnyTempNamespace(namespace))
		stmt->relation->relpersistence = RELPERSISTENCE_TEMP;
	refuse_unsupported(stmt);
	retention = take_retention(stmt);
	if (!ledger_is_loading())
	{
		refuse_reserved_elements(stmt->tableElts);
		if (stmt->partbound)
			ledger_prepare_parent(call,
								  RangeVarGetRelid(linitial_node(RangeVar, stmt->inhRelations),
												   AccessExclusiveLock, false));
		else
		{
			stmt->tableElts = expand_like(stmt->relation, stmt->tableElts, &later);
			stmt->tableElts = list_concat(stmt->tableElts, ledger_columns());
		}
	}

	ledger_utility_next(call);
	CommandCounterIncrement();

	relid = get_relname_relid(stmt->relation->relname, namespace);
	foreach(lc, later)
		run_later(call, lfirst(lc), namespace, stmt->relation->relname);

	rel = table_open(relid, AccessShareLock);
	ledger_check_columns_unread(rel);
	table_close(rel, NoLock);
	if (!ledger_is_loading())
	{
		Oid			history = kind == LEDGER_VERSIONED ? ledger_versioned_create(relid) : InvalidOid;

		ledger_schema_register(relid, kind, history);
		if (retention)
			ledger_retention_set(relid, parse_interval(retention));
	}
}

/* USING is easily forgotten: rows of this partition will not be in the chain. */
static void
notice_mixed(CreateStmt *stmt)
{
	Oid			parent;

	if (stmt->partbound == NULL || stmt->partspec != NULL)
		return;
	parent = RangeVarGetRelid(linitial_node(RangeVar, stmt->inhRelations), NoLock, true);
	if (OidIsValid(parent) && ledger_tree_has_ledger(parent))
		ereport(NOTICE,
				(errmsg("partition \"%s\" is not a ledger table, as others of \"%s\" are",
						stmt->relation->relname, get_rel_name(parent)),
				 errhint("CREATE TABLE ... PARTITION OF ... USING ledger.")));
}

void
ledger_guard_create_table(LedgerUtility *call)
{
	CreateStmt *stmt = (CreateStmt *) call->pstmt->utilityStmt;
	LedgerTableKind kind;
	const char *reason;

	ledger_refuse_schema(stmt->relation->schemaname);

	/* A partitioned table has no storage and so no access method. */
	if (stmt->partspec != NULL || !ledger_am_kind(stmt->accessMethod, &kind))
	{
		if (stmt->partbound == NULL && parent_is_ledger(stmt->inhRelations))
			ledger_refuse_inherit(stmt->relation->relname);
		notice_mixed(stmt);
		ledger_utility_next(call);
		return;
	}

	stmt = (CreateStmt *) ledger_utility_own(call);
	reason = ledger_why_heap(stmt->relation->relpersistence);
	if (stmt->accessMethod == NULL && reason != NULL)
	{
		ledger_notice_heap(stmt->relation, reason);
		stmt->accessMethod = pstrdup("heap");
		ledger_utility_next(call);
		return;
	}
	create_ledger_table(call, stmt, kind);
}
