/*
 * guard/guard.h
 *		What SQL may do to a ledger table, decided before PostgreSQL does it.
 *
 * The access method refuses what reaches its callbacks, hooks or not. The guard
 * catches the rest: definitions, drops, catalogue changes, statements that match
 * no row. It stops mistakes and honest administrators; whoever can load C code
 * or edit files is found by ledger.verify(), not stopped here.
 *
 * SQLSTATEs, one for each class of refusal:
 *		0A000 feature_not_supported				an append-only table does not do this
 *		55000 object_not_in_prerequisite_state	allowed after ledger.retire() or retention
 *		42501 insufficient_privilege			the catalogue of ledger or of PostgreSQL
 *		42939 reserved_name						ledger_tx, ledger_seq, ledger_salt as user columns
 *		42P16 invalid_table_definition			a definition that reads the ledger columns too early
 *		428C9 generated_always					a value supplied for a ledger column
 *		53400 configuration_limit_exceeded		ledger.max_retention_days
 */
#ifndef LEDGER_GUARD_H
#define LEDGER_GUARD_H

#include "compat.h"

#include "catalog/objectaccess.h"
#include "catalog/pg_attribute.h"
#include "chain/registry.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"
#include "tcop/utility.h"

#define LEDGER_TX_NAME "ledger_tx"
#define LEDGER_SEQ_NAME "ledger_seq"
#define LEDGER_SALT_NAME "ledger_salt"

/* Install all hooks. Called once, from _PG_init. */
extern void ledger_guard_init(void);

/* ---- hooks.c -------------------------------------------------------------- */

/* The arguments of one ProcessUtility call, handed from step to step. */
typedef struct LedgerUtility
{
	PlannedStmt *pstmt;
	const char *query;
	bool		readonly;		/* the tree belongs to a cache: copy before changing */
	ProcessUtilityContext context;
	ParamListInfo params;
	QueryEnvironment *env;
	DestReceiver *dest;
	QueryCompletion *qc;
} LedgerUtility;

/* Run the statement: the next hook, or PostgreSQL. */
extern void ledger_utility_next(LedgerUtility *call);

/* A private copy of the statement, now the one that ledger_utility_next() runs. */
extern Node *ledger_utility_own(LedgerUtility *call);

/* Run another statement on behalf of this one, through all hooks. */
extern void ledger_utility_sub(LedgerUtility *call, Node *stmt);

/* ---- one statement each: create_table.c, create_as.c, copy.c, alter_table.c -------- */

extern void ledger_guard_create_table(LedgerUtility *call);
extern void ledger_guard_create_as(LedgerUtility *call);
extern void ledger_guard_explain(LedgerUtility *call);
extern void ledger_guard_copy(LedgerUtility *call);
extern void ledger_guard_alter_table(LedgerUtility *call);
extern void ledger_refuse_history(Oid relid);

/* The versioned table whose old versions a relation keeps; NULL for others. */
extern const LedgerTable *ledger_table_of_history(Oid relid);

/* The kind of table an access method makes; false when it is not one of ours. NULL: the default. */
extern bool ledger_am_kind(const char *amname, LedgerTableKind *kind);

/*
 * Why the default access method is not used for such a relation; NULL when it
 * is. And the notice that says so.
 */
extern const char *ledger_why_heap(char persistence);
extern void ledger_notice_heap(const RangeVar *relation, const char *reason);
extern void ledger_refuse_inherit(const char *name);

/* Give an empty partitioned table, and those above and below it, the ledger columns. */
extern void ledger_prepare_parent(LedgerUtility *call, Oid parent);

/* ---- statements.c: all others ---------------------------------------------- */

extern void ledger_guard_statement(LedgerUtility *call);
extern void ledger_refuse_truncate(Oid relid);

/* ---- database.c ------------------------------------------------------------ */

/* Both run the statement and give true when it is one of theirs. */
extern bool ledger_guard_database(LedgerUtility *call);
extern bool ledger_guard_transaction(LedgerUtility *call);

/* ---- data_view.c ------------------------------------------------------------ */

/* Make or extend <table>_data; follow a renamed column; follow the table's name and schema. */
extern void ledger_data_view_refresh(Oid relid);
extern void ledger_data_view_follow(Oid relid);

/* After pg_restore: bind a restored view to its table again. */
extern void ledger_data_view_adopt(Oid relid);
extern void ledger_data_view_rename(Oid relid, const char *oldname, const char *newname);

/* ---- objects.c -------------------------------------------------------------- */

/* object_access_hook, called for everything but name lookups and function calls. */
extern void ledger_guard_object(ObjectAccessType access, Oid classid, Oid objid, int subid, void *arg);

/* The table that a constraint, default, trigger, rule or policy belongs to; 0 for other objects. */
extern Oid ledger_relation_of(Oid classid, Oid objid);

/*
 * A ledger table: by its access method, or because it is registered as one. The
 * second holds even if somebody has switched the access method in pg_class.
 */
extern bool ledger_is_guarded(Oid relid);

/* A ledger table, or a partitioned table with one among its partitions. */
extern bool ledger_tree_has_ledger(Oid relid);

/* A new statement of the user: what was found out for the last one no longer holds. */
extern void ledger_guard_statement_begins(void);

/* schema.name, quoted */
extern char *ledger_qualified_name(Oid relid);

/* True when a row of the relation is visible to a new snapshot. */
extern bool ledger_relation_has_rows(Oid relid);

/* Relations of schema ledger: 42501 for everybody but the extension. */
extern bool ledger_relid_is_catalogue(Oid relid);
extern void ledger_refuse_catalogue(Oid relid);

/* The same for making or moving something into the schema; NULL: another schema. */
extern void ledger_refuse_schema(const char *schema);

/* ---- dml.c ------------------------------------------------------------------- */

/* ExecutorStart: targets of UPDATE, DELETE, MERGE, ON CONFLICT, and any DML on catalogues. */
extern void ledger_guard_plan(PlannedStmt *plan);
extern void ledger_refuse_system_catalogue(Oid relid);

/* post_parse_analyze: INSERT that would put a value into a ledger column. */
extern void ledger_guard_insert(Query *query);

/* ---- users.c ----------------------------------------------------------------- */

/* Ledger tables with a definition that mentions the object; with a column that stores the type. */
extern List *ledger_tables_using(Oid classid, Oid objid);
extern List *ledger_tables_storing(Oid typid);
extern void ledger_refuse_composite_change(Oid relid);

/* ---- ledger_columns.c ----------------------------------------------------- */

extern bool ledger_column_is_reserved(const char *name);

/*
 * Definitions of the two ledger columns. Their default 0, which is no number of a
 * transaction, leaves room for the values in each tuple that the executor forms,
 * so that the access method writes them in place (storage/am_write.c).
 */
extern List *ledger_columns(void);
extern void ledger_refuse_reserved(const char *name);

/* Not dropped, generated, hidden or a ledger column. */
extern bool ledger_column_is_filled_by_user(Form_pg_attribute att);

/* Ereport 42P16 when a definition of the relation reads the ledger columns before they are filled. */
extern void ledger_check_columns_unread(Relation rel);

/* False once a column was added after the ledger columns. */
extern bool ledger_columns_are_last(Relation rel);

/* Those columns, quoted and separated by commas, for hints. */
extern char *ledger_user_columns_text(Relation rel);

/* ---- hide.c ------------------------------------------------------------------ */

/* The work of ledger.hide_column(); the caller has checked the right to do it. */
extern void ledger_hide_column(Oid relid, const char *name);

/* ---- dirty.c -------------------------------------------------------------- */

/* Remember that the schema of a ledger table may have changed. Cheap when it is not one. */
extern void ledger_dirty_mark(Oid relid);

/* The table itself and the ledger tables below it in a partition tree. */
extern void ledger_dirty_mark_tree(Oid relid);

/* The tables of ledger_tables_using(); all ledger tables. */
extern void ledger_dirty_mark_users(Oid classid, Oid objid);
extern void ledger_dirty_mark_all(void);

/* Oids of the registered tables that have not been dropped. */
extern List *ledger_registered_tables(void);

/* Before a statement changes them: ledger_schema_audit() of the table, or those below it. */
extern void ledger_audit_tree(LedgerUtility *call, Oid relid);

/* Write the new schema versions. */
extern void ledger_dirty_flush(void);

/* True while a history relation is made to follow its table. */
extern bool ledger_guard_is_following(void);
extern void ledger_dirty_init(void);

#endif							/* LEDGER_GUARD_H */
