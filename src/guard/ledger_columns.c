/*
 * guard/ledger_columns.c
 *		The two columns that the access method fills: their names are reserved,
 *		and nothing may read them before they are filled.
 *
 * CHECK constraints, NOT NULL, generated columns and partition routing are all
 * evaluated before the access method sees the row, when both are still 0.
 */
#include "guard/guard.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "access/tupdesc.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_partitioned_table.h"
#include "catalog/partition.h"
#include "chain/schema_version.h"
#include "catalog/pg_type.h"
#include "nodes/bitmapset.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "partitioning/partdefs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/partcache.h"
#include "utils/rel.h"

static ColumnDef *
ledger_column(const char *name, Oid type)
{
	ColumnDef  *column = makeColumnDef(name, type, -1, InvalidOid);
	A_Const	   *zero = makeNode(A_Const);

	zero->val.ival = *makeInteger(0);
	zero->location = -1;
	column->raw_default = (Node *) zero;
	return column;
}

List *
ledger_columns(void)
{
	return list_make2(ledger_column(LEDGER_TX_NAME, INT8OID), ledger_column(LEDGER_SEQ_NAME, INT4OID));
}

/* Whether the default of a ledger column is the one it was made with. */
static bool
has_own_default(TupleDesc desc, AttrNumber attnum)
{
	Node	   *def = NULL;

	for (int i = 0; desc->constr != NULL && i < desc->constr->num_defval; i++)
	{
		if (desc->constr->defval[i].adnum == attnum)
			def = stringToNode(desc->constr->defval[i].adbin);
	}
	if (def == NULL)
		return false;
	def = eval_const_expressions(NULL, def);
	return IsA(def, Const) && !((Const *) def)->constisnull && ((Const *) def)->constvalue == (Datum) 0;
}

bool
ledger_column_is_reserved(const char *name)
{
	return strcmp(name, LEDGER_TX_NAME) == 0 || strcmp(name, LEDGER_SEQ_NAME) == 0 ||
		strcmp(name, LEDGER_SALT_NAME) == 0;
}

void
ledger_refuse_reserved(const char *name)
{
	if (ledger_column_is_reserved(name))
		ereport(ERROR,
				(errcode(ERRCODE_RESERVED_NAME),
				 errmsg("column name \"%s\" is reserved in ledger tables", name),
				 errdetail("The access method adds \"%s\" and \"%s\" to each ledger table and fills them.",
						   LEDGER_TX_NAME, LEDGER_SEQ_NAME),
				 errhint("Leave the column out, or give it another name. To load a dump, set ledger.restore to on.")));
}

static bool
is_ledger_attribute(Relation rel, AttrNumber attnum)
{
	/* a whole-row reference reads them too */
	if (attnum == 0)
		return true;
	return attnum > 0 &&
		ledger_column_is_reserved(NameStr(TupleDescAttr(RelationGetDescr(rel), attnum - 1)->attname));
}

static bool
expression_reads(Relation rel, Node *expr)
{
	Bitmapset  *attrs = NULL;
	int			i = -1;

	pull_varattnos(expr, 1, &attrs);
	while ((i = bms_next_member(attrs, i)) >= 0)
	{
		if (is_ledger_attribute(rel, i + FirstLowInvalidHeapAttributeNumber))
			return true;
	}
	return false;
}

static void
refuse_reader(Relation rel, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TABLE_DEFINITION),
			 errmsg("%s of ledger table \"%s\" reads a ledger column", what,
					RelationGetRelationName(rel)),
			 errdetail("\"%s\" and \"%s\" are filled after it has been evaluated.",
					   LEDGER_TX_NAME, LEDGER_SEQ_NAME),
			 errhint("Name only columns that the writer of a row fills.")));
}

static void
refuse_definition(Relation rel, Form_pg_attribute att, const char *what, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TABLE_DEFINITION),
			 errmsg("column \"%s\" of ledger table \"%s\" cannot %s", NameStr(att->attname),
					RelationGetRelationName(rel), what),
			 errdetail("The access method fills it after constraints and defaults."),
			 errhint("%s", hint)));
}

/* The partition keys of the tables above a partition. */
static void
check_partition_keys(Relation rel)
{
	ListCell   *lc;

	if (!rel->rd_rel->relispartition)
		return;
	foreach(lc, get_partition_ancestors(RelationGetRelid(rel)))
	{
		Relation	parent = RelationIdGetRelation(lfirst_oid(lc));
		PartitionKey key;
		bool		reads;

		if (!RelationIsValid(parent))
			continue;
		key = RelationGetPartitionKey(parent);
		reads = expression_reads(parent, (Node *) key->partexprs);
		for (int i = 0; i < key->partnatts; i++)
			reads |= key->partattrs[i] != 0 && is_ledger_attribute(parent, key->partattrs[i]);
		RelationClose(parent);
		if (reads)
			refuse_reader(rel, "partition key");
	}
}

void
ledger_check_columns_unread(Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);
	TupleConstr *constr = desc->constr;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped || !ledger_column_is_reserved(NameStr(att->attname)))
			continue;
		if (att->attnotnull)
			refuse_definition(rel, att, "be NOT NULL or part of a primary key",
							  "Make it UNIQUE: its values are never NULL once they are stored.");
		if (att->attidentity || (att->atthasdef && !has_own_default(desc, att->attnum)))
			refuse_definition(rel, att, "have a default", "Leave it to the access method.");
	}
	for (int i = 0; constr != NULL && i < constr->num_check; i++)
	{
		if (expression_reads(rel, stringToNode(constr->check[i].ccbin)))
			refuse_reader(rel, psprintf("constraint \"%s\"", constr->check[i].ccname));
	}
	for (int i = 0; constr != NULL && i < constr->num_defval; i++)
	{
		AttrDefault *def = &constr->defval[i];

		if (TupleDescAttr(desc, def->adnum - 1)->attgenerated &&
			expression_reads(rel, stringToNode(def->adbin)))
			refuse_reader(rel,
						  psprintf("generated column \"%s\"",
								   NameStr(TupleDescAttr(desc, def->adnum - 1)->attname)));
	}
	check_partition_keys(rel);
}

bool
ledger_column_is_filled_by_user(Form_pg_attribute att)
{
	return !att->attisdropped && !att->attgenerated && !ledger_column_is_reserved(NameStr(att->attname)) &&
		strncmp(NameStr(att->attname), LEDGER_HIDDEN_PREFIX, strlen(LEDGER_HIDDEN_PREFIX)) != 0;
}

bool
ledger_columns_are_last(Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);
	bool		seen = false;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped)
			continue;
		if (ledger_column_is_reserved(NameStr(att->attname)))
			seen = true;
		else if (seen)
			return false;
	}
	return true;
}

char *
ledger_user_columns_text(Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!ledger_column_is_filled_by_user(att))
			continue;
		appendStringInfo(&text, "%s%s", text.len > 0 ? ", " : "", quote_identifier(NameStr(att->attname)));
	}
	return text.data;
}
