/*
 * storage/am.c
 *		Access method handlers, and the callbacks that refuse.
 *
 * The refusals here hold whatever is loaded and whoever asks: they do not
 * depend on hooks, triggers or session_replication_role. What has no callback
 * (DROP, SET ACCESS METHOD, catalogue DML) is refused in guard/.
 */
#include "storage/am.h"

#include "access/heapam.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "chain/registry.h"
#include "chain/restore.h"
#include "chain/shmem.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/rel.h"

const TableAmRoutine *ledger_heap = NULL;

static TableAmRoutine ledger_routine;
static TableAmRoutine ledger_versioned_routine;

PG_FUNCTION_INFO_V1(ledger_handler);
PG_FUNCTION_INFO_V1(ledger_versioned_handler);

bool
ledger_am_is_ledger(Relation rel)
{
	return rel->rd_tableam != NULL &&
		(rel->rd_tableam == &ledger_routine || rel->rd_tableam == &ledger_versioned_routine);
}

bool
ledger_am_is_versioned(Relation rel)
{
	return rel->rd_tableam == &ledger_versioned_routine;
}

static void
refuse_change(Relation rel, const char *verb)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot %s ledger table \"%s\"", verb, RelationGetRelationName(rel)),
			 errdetail("Rows of a ledger table are never changed or removed."),
			 errhint("Insert a correcting row, or create the table USING ledger_versioned.")));
}

static TM_Result
tuple_delete(Relation rel, ItemPointer tid, CommandId cid, Snapshot snapshot, Snapshot crosscheck, bool wait,
			 TM_FailureData *tmfd, bool changingPart)
{
	refuse_change(rel, "delete from");
	return TM_Ok;
}

static TM_Result
tuple_update(Relation rel, ItemPointer otid, TupleTableSlot *slot, CommandId cid, Snapshot snapshot,
			 Snapshot crosscheck, bool wait, TM_FailureData *tmfd, LockTupleMode *lockmode,
			 ledger_update_indexes *update_indexes)
{
	refuse_change(rel, "update");
	return TM_Ok;
}

/* The copy that VACUUM FULL and CLUSTER fill; both must work whatever is loaded. */
static bool
is_transient(Relation rel)
{
	return strncmp(RelationGetRelationName(rel), "pg_temp_", strlen("pg_temp_")) == 0;
}

/*
 * Called for a new relation, and for one that gets new, empty storage: that is
 * TRUNCATE. VACUUM FULL and CLUSTER fill a transient relation instead.
 */
static void
set_new_filelocator(Relation rel, const RelFileLocator *newlocator, char persistence,
					TransactionId *freezeXid, MultiXactId *minmulti)
{
	if (rel->rd_rel->relkind == RELKIND_MATVIEW)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot use access method \"%s\" for materialized view \"%s\"",
						"ledger", RelationGetRelationName(rel)),
				 errdetail("REFRESH replaces every row."),
				 errhint("Use USING heap.")));
	if (!ledger_is_preloaded() && !IsBinaryUpgrade && !ledger_is_loading() && !is_transient(rel))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot create ledger table \"%s\"", RelationGetRelationName(rel)),
				 errdetail("This server was started without the ledger library."),
				 errhint("Add ledger to shared_preload_libraries and restart the server.")));
	if (persistence != RELPERSISTENCE_PERMANENT)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("ledger table \"%s\" cannot be %s", RelationGetRelationName(rel),
						persistence == RELPERSISTENCE_TEMP ? "temporary" : "unlogged"),
				 errdetail("Its rows must survive a crash and reach every copy of the database."),
				 errhint("Use USING heap.")));
	if (rel->rd_rel->relfilenode != InvalidOid && rel->rd_locator.relNode != newlocator->relNode &&
		!ledger_is_loading())
		refuse_change(rel, "truncate");

	ledger_heap->relation_set_new_filelocator(rel, newlocator, persistence, freezeXid, minmulti);
}

static void
nontransactional_truncate(Relation rel)
{
	if (!ledger_is_loading())
		refuse_change(rel, "truncate");
	ledger_heap->relation_nontransactional_truncate(rel);
}

/* TOAST tables stay heap: chunks are reached only through the row that is hashed detoasted. */
static Oid
toast_am(Relation rel)
{
	return HEAP_TABLE_AM_OID;
}

static void
fill_routine(TableAmRoutine *routine)
{
	if (ledger_heap == NULL)
		ledger_heap = GetHeapamTableAmRoutine();
	*routine = *ledger_heap;
	routine->tuple_insert = ledger_am_tuple_insert;
	routine->tuple_insert_speculative = ledger_am_tuple_insert_speculative;
	routine->tuple_complete_speculative = ledger_am_tuple_complete_speculative;
	routine->multi_insert = ledger_am_multi_insert;
	routine->tuple_delete = tuple_delete;
	routine->tuple_update = tuple_update;
	routine->relation_set_new_filelocator = set_new_filelocator;
	routine->relation_nontransactional_truncate = nontransactional_truncate;
	routine->relation_toast_am = toast_am;
	routine->index_build_range_scan = ledger_am_index_build_range_scan;
	routine->index_validate_scan = ledger_am_index_validate_scan;
}

const TableAmRoutine *
ledger_am_routine(void)
{
	if (ledger_routine.type != T_TableAmRoutine)
		fill_routine(&ledger_routine);
	return &ledger_routine;
}

const TableAmRoutine *
ledger_versioned_am_routine(void)
{
	if (ledger_versioned_routine.type != T_TableAmRoutine)
	{
		fill_routine(&ledger_versioned_routine);
		ledger_versioned_routine.tuple_update = ledger_versioned_tuple_update;
		ledger_versioned_routine.tuple_delete = ledger_versioned_tuple_delete;
	}
	return &ledger_versioned_routine;
}

Datum
ledger_handler(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(ledger_am_routine());
}

Datum
ledger_versioned_handler(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(ledger_versioned_am_routine());
}
