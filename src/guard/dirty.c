/*
 * guard/dirty.c
 *		Which ledger tables a statement has redefined.
 *
 * object_access_hook reports them one by one, in the middle of the change; the
 * new schema version is written once, when the statement is complete. What a
 * rolled back subtransaction reported is forgotten with it.
 */
#include "guard/guard.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "chain/catalogue.h"
#include "chain/restore.h"
#include "chain/schema_version.h"
#include "storage/versioned.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

typedef struct Dirty
{
	Oid			relid;
	int			level;			/* nesting level of the transaction that reported it */
} Dirty;

static Dirty *dirty = NULL;
static int	ndirty = 0;
static int	room = 0;
static bool following = false;

static bool
is_dirty(Oid relid)
{
	for (int i = 0; i < ndirty; i++)
	{
		if (dirty[i].relid == relid)
			return true;
	}
	return false;
}

void
ledger_dirty_mark(Oid relid)
{
	if (!ledger_is_guarded(relid))
		return;
	if (is_dirty(relid))
		return;
	if (ndirty == room)
	{
		int			more = room ? 2 * room : 16;

		dirty = dirty ? repalloc(dirty, sizeof(Dirty) * more)
					  : MemoryContextAlloc(TopMemoryContext, sizeof(Dirty) * more);
		room = more;
	}
	dirty[ndirty].relid = relid;
	dirty[ndirty].level = GetCurrentTransactionNestLevel();
	ndirty++;
}

void
ledger_audit_tree(LedgerUtility *call, Oid relid)
{
	ListCell   *lc;

	/* In the middle of a larger change the catalogue is ahead of the history. */
	if (call->context == PROCESS_UTILITY_SUBCOMMAND || ledger_is_loading())
		return;
	if (get_rel_relkind(relid) != RELKIND_PARTITIONED_TABLE)
	{
		if (!is_dirty(relid))
			ledger_schema_audit(relid);
		return;
	}
	if (!ledger_tree_has_ledger(relid))
		return;
	foreach(lc, find_all_inheritors(relid, NoLock, NULL))
	{
		if (!is_dirty(lfirst_oid(lc)))
			ledger_schema_audit(lfirst_oid(lc));
	}
}

void
ledger_dirty_mark_tree(Oid relid)
{
	ListCell   *lc;

	if (get_rel_relkind(relid) != RELKIND_PARTITIONED_TABLE)
	{
		ledger_dirty_mark(relid);
		return;
	}
	foreach(lc, find_all_inheritors(relid, NoLock, NULL))
		ledger_dirty_mark(lfirst_oid(lc));
}

List *
ledger_registered_tables(void)
{
	Relation	rel = table_open(ledger_catalog_oid("ledger_table", false), AccessShareLock);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	HeapTuple	tuple;
	List	   *tables = NIL;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		bool		isnull;
		Oid			relid = DatumGetObjectId(heap_getattr(tuple, Anum_lt_relid, RelationGetDescr(rel), &isnull));

		if (OidIsValid(relid))
			tables = lappend_oid(tables, relid);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return tables;
}

void
ledger_dirty_mark_all(void)
{
	ListCell   *lc;

	foreach(lc, ledger_registered_tables())
		ledger_dirty_mark(lfirst_oid(lc));
}

void
ledger_dirty_mark_users(Oid classid, Oid objid)
{
	ListCell   *lc;

	foreach(lc, ledger_tables_using(classid, objid))
		ledger_dirty_mark(lfirst_oid(lc));
}

/* ---- writing ---------------------------------------------------------------- */

bool
ledger_guard_is_following(void)
{
	return following;
}

/* The history relation changes with its table, and only so. */
static void
follow(const LedgerTable *table)
{
	Oid			relid = table->relid;
	Oid			history = table->history_relid;

	PG_TRY();
	{
		following = true;
		ledger_versioned_follow(relid, history);
	}
	PG_FINALLY();
	{
		following = false;
	}
	PG_END_TRY();
}

void
ledger_dirty_flush(void)
{
	bool		needs_snapshot;

	if (ndirty == 0 || !IsTransactionState())
		return;
	if (ledger_is_loading())
	{
		ndirty = 0;
		return;
	}

	/* long definitions are read and stored out of line; CREATE INDEX CONCURRENTLY leaves no snapshot */
	needs_snapshot = !ActiveSnapshotSet();
	if (needs_snapshot)
		PushActiveSnapshot(GetTransactionSnapshot());
	CommandCounterIncrement();
	while (ndirty > 0)
	{
		Oid			relid = dirty[--ndirty].relid;
		Relation	rel = try_table_open(relid, AccessShareLock);
		const LedgerTable *table;

		if (rel == NULL)
			continue;			/* dropped meanwhile */
		table = ledger_table_lookup(relid);
		if (table != NULL)
			ledger_check_columns_unread(rel);
		table_close(rel, NoLock);
		if (table == NULL)
			continue;
		if (OidIsValid(table->history_relid))
			follow(table);
		ledger_schema_refresh(relid);
	}
	if (needs_snapshot)
		PopActiveSnapshot();
}

/* ---- transactions ----------------------------------------------------------- */

static void
xact_event(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
			/* reported outside of a utility statement */
			ledger_dirty_flush();
			break;
		case XACT_EVENT_ABORT:
			ndirty = 0;
			break;
		default:
			break;
	}
}

static void
subxact_event(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	int			level = GetCurrentTransactionNestLevel();
	int			kept = 0;

	if (ndirty == 0 || (event != SUBXACT_EVENT_ABORT_SUB && event != SUBXACT_EVENT_COMMIT_SUB))
		return;
	for (int i = 0; i < ndirty; i++)
	{
		Dirty		item = dirty[i];

		if (item.level >= level)
		{
			if (event == SUBXACT_EVENT_ABORT_SUB)
				continue;
			item.level = level - 1;
		}
		dirty[kept++] = item;
	}
	ndirty = kept;
}

/* After ledger_xact_init(): callbacks run last to first, and a flush adds entries. */
void
ledger_dirty_init(void)
{
	RegisterXactCallback(xact_event, NULL);
	RegisterSubXactCallback(subxact_event, NULL);
}
