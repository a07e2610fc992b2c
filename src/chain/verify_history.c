/*
 * chain/verify_history.c
 *		What the entries that are not TX say, compared with the tables that repeat
 *		it: ledger.member, ledger.schema_version, ledger.ledger_table.
 *
 * The chunks send these entries; here they are put in log order. There are few:
 * one for each change of a schema, a member or a key.
 */
#include "chain/verify_internal.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "chain/catalogue.h"
#include "chain/tuple_check.h"
#include "core/body.h"
#include "core/schema.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/uuid.h"

struct VerifyHistory
{
	MemoryContext context;
	VerifyEvent **events;
	int			n;
	int			room;
	bool		others_loaded;
	List	   *others;			/* VerifyEvent of entries that this run did not verify */
};

VerifyHistory *
ledger_verify_history_begin(VerifyRun *run)
{
	VerifyHistory *h = MemoryContextAllocZero(run->context, sizeof(VerifyHistory));

	h->context = AllocSetContextCreate(run->context, "ledger verify history", ALLOCSET_DEFAULT_SIZES);
	return h;
}

void
ledger_verify_history_add(VerifyHistory *h, const char *message, Size len)
{
	MemoryContext old = MemoryContextSwitchTo(h->context);
	VerifyEvent *event = palloc(sizeof(VerifyEvent));
	uint8	   *extra = palloc(len - sizeof(VerifyEvent) + 1);

	memcpy(event, message, sizeof(VerifyEvent));
	memcpy(extra, message + sizeof(VerifyEvent), len - sizeof(VerifyEvent));
	event->extra = extra;
	if (h->n == h->room)
	{
		h->room = Max(64, 2 * h->room);
		h->events = h->events == NULL ? palloc(h->room * sizeof(VerifyEvent *))
									  : repalloc(h->events, h->room * sizeof(VerifyEvent *));
	}
	h->events[h->n++] = event;
	MemoryContextSwitchTo(old);
}

/* ---- entries outside of what was verified -------------------------------- */

typedef struct Others
{
	VerifyHistory *h;
	BlockNumber next;
} Others;

static void
read_others(VerifyRun *run, void *arg)
{
	Others	   *o = arg;
	Relation	rel = relation_open(run->shared->catalog[CATALOG_ENTRY], AccessShareLock);
	BlockNumber nblocks = RelationGetNumberOfBlocks(rel);
	MemoryContext scratch =
		AllocSetContextCreate(CurrentMemoryContext, "ledger verify entries", ALLOCSET_DEFAULT_SIZES);

	while (o->next < nblocks)
	{
		HeapTupleData tuples[MaxHeapTuplesPerPage];
		Buffer		buffer;
		int			n = ledger_page_tuples(rel, o->next, NULL, run->snapshot, &buffer, tuples);
		MemoryContext old = MemoryContextSwitchTo(scratch);

		for (int i = 0; i < n; i++)
		{
			LedgerEntryRow row;
			VerifyEvent *event;
			uint8	   *extra;

			if (ledger_entry_row_read(rel, &tuples[i], &row) != NULL ||
				row.chain_no != run->chain->chain_no || row.type == LEDGER_ENTRY_TX)
				continue;
			MemoryContextSwitchTo(o->h->context);
			event = palloc0(sizeof(VerifyEvent));
			extra = palloc(row.extra_len + 1);
			memcpy(extra, row.extra, row.extra_len);
			event->ledger_tx = row.ledger_tx;
			event->type = row.type;
			event->extra = extra;
			event->extra_len = row.extra_len;
			o->h->others = lappend(o->h->others, event);
			MemoryContextSwitchTo(scratch);
		}
		MemoryContextSwitchTo(old);
		MemoryContextReset(scratch);
		ReleaseBuffer(buffer);
		o->next++;
		CHECK_FOR_INTERRUPTS();
	}
	relation_close(rel, AccessShareLock);
}

/*
 * All entries of ledger.entry that are not TX: those verified, those sealed
 * before a trusted checkpoint, and those not sealed yet. What a table repeats
 * may come from any of them.
 */
static List *
other_entries(VerifyHistory *h, VerifyRun *run)
{
	Others		o = {h, 0};
	char	   *message;

	if (!h->others_loaded)
	{
		h->others_loaded = true;
		while (!ledger_verify_attempt(run, read_others, &o, &message))
			o.next++;			/* told when the page itself was verified */
	}
	return h->others;
}

/* ---- order --------------------------------------------------------------- */

static int
compare_events(const void *a, const void *b)
{
	const VerifyEvent *x = *(VerifyEvent *const *) a;
	const VerifyEvent *y = *(VerifyEvent *const *) b;

	if (x->height != y->height)
		return x->height < y->height ? -1 : 1;
	if ((x->type == 0) != (y->type == 0))
		return x->type == 0 ? 1 : -1;
	return x->leaf < y->leaf ? -1 : x->leaf > y->leaf;
}

/* ---- schema versions ----------------------------------------------------- */

static bool
schema_event(const VerifyEvent *event, ledger_schema_body *body)
{
	return event->type == LEDGER_ENTRY_SCHEMA && event->extra_len > 1 &&
		ledger_schema_body_parse(event->extra + 1, event->extra_len - 1, body) == LEDGER_OK;
}

static bool
purge_event(const VerifyEvent *event, ledger_purge_body *body)
{
	return event->type == LEDGER_ENTRY_PURGE && event->extra_len > 1 &&
		ledger_purge_body_parse(event->extra + 1, event->extra_len - 1, body) == LEDGER_OK;
}

static bool
same_schema(const ledger_schema_body *body, const uint8 table_id[16], uint32 version)
{
	return body->schema_version == version && memcmp(body->table_id, table_id, 16) == 0;
}

/* The hash that an entry gives a schema version; NULL when none does. */
static const VerifyEvent *
find_schema(VerifyHistory *h, VerifyRun *run, const uint8 table_id[16], uint32 version,
			ledger_schema_body *body)
{
	ListCell   *lc;

	for (int i = 0; i < h->n; i++)
	{
		if (schema_event(h->events[i], body) && same_schema(body, table_id, version))
			return h->events[i];
	}
	foreach(lc, other_entries(h, run))
	{
		if (schema_event(lfirst(lc), body) && same_schema(body, table_id, version))
			return lfirst(lc);
	}
	return NULL;
}

static Oid
relid_of(VerifyRun *run, const uint8 table_id[16])
{
	VerifyTable *tables = verify_tables(run->shared);

	for (int i = 0; i < run->shared->ntables; i++)
	{
		if (memcmp(tables[i].table_id, table_id, 16) == 0)
			return tables[i].relid;
	}
	return InvalidOid;
}

typedef struct Seen
{
	VerifyHistory *h;
	BlockNumber next;
	OffsetNumber done;
	List	   *versions;		/* ledger_schema_body of rows that were read */
} Seen;

static void
look_at_version(VerifyRun *run, Seen *s, Relation rel, HeapTuple tuple)
{
	TupleDesc	desc = RelationGetDescr(rel);
	const char *problem;
	Datum		values[Natts_sv];
	bool		nulls[Natts_sv];
	ledger_schema_body body;
	ledger_schema_body *seen;
	bytea	   *stored;
	const uint8 *table_id;
	uint32		version;
	uint8		hash[32];
	MemoryContext old;

	problem = ledger_check_tuple(tuple->t_data, tuple->t_len, desc, rel->rd_rel->reltoastrelid);
	if (problem == NULL)
	{
		ledger_catalogue_deform(tuple, desc, Natts_sv, values, nulls);
		if (nulls[0] || nulls[1] || nulls[2] || nulls[3])
			problem = "a column is null";
	}
	if (problem != NULL)
	{
		ledger_verify_report(run, LEDGER_ERROR, RelationGetRelid(rel), false, 0, -1, &tuple->t_self,
							 "row is damaged: %s", problem);
		return;
	}
	if (memcmp(DatumGetUUIDP(values[Anum_sv_chain_id - 1])->data, run->chain->chain_id, 16) != 0)
		return;
	table_id = DatumGetUUIDP(values[Anum_sv_table_id - 1])->data;
	version = (uint32) DatumGetInt32(values[Anum_sv_schema_version - 1]);
	stored = DatumGetByteaPP(values[Anum_sv_body - 1]);
	if (find_schema(s->h, run, table_id, version, &body) == NULL)
		ledger_verify_report(run, LEDGER_ERROR, relid_of(run, table_id), false, 0, -1, NULL,
							 "schema version %u of table %s has no entry in the chain", version,
							 ledger_uuid_text(table_id));
	else if (!ledger_schema_hash(run->hasher, VARDATA_ANY(stored), VARSIZE_ANY_EXHDR(stored), hash) ||
			 memcmp(hash, body.schema_hash, 32) != 0)
		ledger_verify_report(run, LEDGER_ERROR, relid_of(run, table_id), false, 0, -1, NULL,
							 "schema version %u of table %s is not the one in the chain", version,
							 ledger_uuid_text(table_id));
	old = MemoryContextSwitchTo(s->h->context);
	seen = palloc0(sizeof(ledger_schema_body));
	memcpy(seen->table_id, table_id, 16);
	seen->schema_version = version;
	s->versions = lappend(s->versions, seen);
	MemoryContextSwitchTo(old);
}

static void
read_versions(VerifyRun *run, void *arg)
{
	Seen	   *s = arg;
	Relation	rel = relation_open(run->shared->catalog[CATALOG_SCHEMA_VERSION], AccessShareLock);
	BlockNumber nblocks = RelationGetNumberOfBlocks(rel);

	while (s->next < nblocks)
	{
		HeapTupleData tuples[MaxHeapTuplesPerPage];
		Buffer		buffer;
		int			n = ledger_page_tuples(rel, s->next, NULL, run->snapshot, &buffer, tuples);

		for (int i = 0; i < n; i++)
		{
			OffsetNumber offset = ItemPointerGetOffsetNumber(&tuples[i].t_self);

			if (offset <= s->done)
				continue;
			s->done = offset;
			look_at_version(run, s, rel, &tuples[i]);
		}
		ReleaseBuffer(buffer);
		s->next++;
		s->done = 0;
	}
	relation_close(rel, AccessShareLock);
}

static void
check_schemas(VerifyHistory *h, VerifyRun *run)
{
	Seen		s = {.h = h};
	Oid			relid = run->shared->catalog[CATALOG_SCHEMA_VERSION];
	char	   *message;

	/* Outside of any attempt: looking at a version may need one of its own. */
	(void) other_entries(h, run);
	while (!ledger_verify_attempt(run, read_versions, &s, &message))
	{
		ItemPointerData tid;

		ItemPointerSet(&tid, s.next, Max(s.done, FirstOffsetNumber));
		ledger_verify_report(run, LEDGER_ERROR, relid, false, 0, -1, s.done == 0 ? NULL : &tid,
							 "%s cannot be read: %s", s.done == 0 ? "a page" : "row", message);
		if (s.done == 0)
			s.next++;
	}

	for (int i = 0; i < h->n; i++)
	{
		ledger_schema_body body;
		ListCell   *lc;
		bool		found = false;

		if (h->events[i]->type == LEDGER_ENTRY_SCHEMA && !schema_event(h->events[i], &body))
			ledger_verify_report(run, LEDGER_ERROR, InvalidOid, true, h->events[i]->ledger_tx, -1, NULL,
								 "SCHEMA entry at leaf " UINT64_FORMAT " has a body that cannot be read",
								 h->events[i]->leaf);
		if (!schema_event(h->events[i], &body))
			continue;
		foreach(lc, s.versions)
		{
			const ledger_schema_body *seen = lfirst(lc);

			if (same_schema(seen, body.table_id, body.schema_version))
				found = true;
		}
		if (!found)
			ledger_verify_report(run, LEDGER_ERROR, relid_of(run, body.table_id), true,
								 h->events[i]->ledger_tx, -1, NULL,
								 "schema version %u of table %s is missing from the schema history",
								 body.schema_version, ledger_uuid_text(body.table_id));
	}
}

/* ---- tables -------------------------------------------------------------- */

bool
ledger_verify_history_purged(VerifyHistory *h, VerifyRun *run, const uint8 table_id[16])
{
	ledger_purge_body body;
	ListCell   *lc;

	for (int i = 0; i < h->n; i++)
	{
		if (purge_event(h->events[i], &body) && memcmp(body.table_id, table_id, 16) == 0)
			return true;
	}
	foreach(lc, other_entries(h, run))
	{
		if (purge_event(lfirst(lc), &body) && memcmp(body.table_id, table_id, 16) == 0)
			return true;
	}
	return false;
}

uint32
ledger_verify_history_newest_version(VerifyHistory *h, VerifyRun *run, const uint8 table_id[16])
{
	ledger_schema_body body;
	uint32		newest = 0;
	ListCell   *lc;

	for (int i = 0; i < h->n; i++)
	{
		if (schema_event(h->events[i], &body) && memcmp(body.table_id, table_id, 16) == 0)
			newest = Max(newest, body.schema_version);
	}
	foreach(lc, other_entries(h, run))
	{
		if (schema_event(lfirst(lc), &body) && memcmp(body.table_id, table_id, 16) == 0)
			newest = Max(newest, body.schema_version);
	}
	return newest;
}

/* A table that the chain knows and ledger.ledger_table does not. */
static void
check_tables(VerifyHistory *h, VerifyRun *run)
{
	VerifyTable *tables = verify_tables(run->shared);

	for (int i = 0; i < h->n; i++)
	{
		ledger_schema_body body;
		bool		found = false;

		if (!schema_event(h->events[i], &body) || body.schema_version != 1)
			continue;
		for (int k = 0; k < run->shared->ntables && !found; k++)
			found = memcmp(tables[k].table_id, body.table_id, 16) == 0;
		if (!found)
			ledger_verify_report(run, LEDGER_ERROR, run->shared->catalog[CATALOG_LEDGER_TABLE], true,
								 h->events[i]->ledger_tx, -1, NULL,
								 "table %s of the chain is missing from ledger.ledger_table",
								 ledger_uuid_text(body.table_id));
	}
}

void
ledger_verify_history_finish(VerifyHistory *h, VerifyRun *run)
{
	if (h->n > 1)
		qsort(h->events, h->n, sizeof(VerifyEvent *), compare_events);
	/* The list before a trusted checkpoint is not known here; the blocks' hashes of it are linked. */
	if (run->shared->since_height == 0)
		ledger_verify_members(run, h->events, h->n);
	check_schemas(h, run);
	check_tables(h, run);
}
