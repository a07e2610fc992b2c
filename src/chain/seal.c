/*
 * chain/seal.c
 *		The state of the sealer, and one look at what there is to seal.
 *
 * A restart costs little: the newest block carries the frontier and the place to
 * go on from; the hashes of the tiles at the right edge are read from the tiles
 * below them, or recomputed from at most 255 entries.
 */
#include "chain/seal_internal.h"

#include "access/table.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "chain/catalogue.h"
#include "chain/found.h"
#include "chain/restore.h"
#include "core/block.h"
#include "core/body.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/uuid.h"

/* Run a query with the chain as $1 and up to two numbers; SPI is connected. True when there is a row. */
static bool
query(const LedgerChain *chain, const char *sql, int nargs, int64 a, int64 b)
{
	Oid			types[] = {UUIDOID, INT8OID, INT8OID};
	Datum		values[] = {ledger_uuid_datum(chain->chain_id), Int64GetDatum(a), Int64GetDatum(b)};

	if (SPI_execute_with_args(sql, 1 + nargs, types, values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not query the catalogue of ledger");
	return SPI_processed > 0;
}

static Datum
column(int i)
{
	bool		isnull;
	Datum		datum = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i, &isnull);

	return isnull ? (Datum) 0 : datum;
}

/* ---- identity --------------------------------------------------------------- */

LedgerIdentity
ledger_chain_identity(const LedgerChain *chain, char **why)
{
	char	   *dummy;
	TimeLineID	timeline = GetWALInsertionTimeLine();
	bool		known;

	if (why == NULL)
		why = &dummy;
	*why = NULL;
	if (ledger_restore_is_pending(chain))
	{
		*why =
			pstrdup("the chain was loaded from a dump, and SELECT ledger.restore_finish() has not been run");
		return LEDGER_IDENTITY_COPY;
	}
	if (chain->system_identifier != (int64) GetSystemIdentifier())
	{
		*why = psprintf("the chain belongs to the server with system identifier %llu, this one has %llu",
						(unsigned long long) chain->system_identifier,
						(unsigned long long) GetSystemIdentifier());
		return LEDGER_IDENTITY_COPY;
	}
	if (chain->database_oid != MyDatabaseId)
	{
		*why = psprintf("the chain belongs to the database with OID %u, this one has %u", chain->database_oid,
						MyDatabaseId);
		return LEDGER_IDENTITY_COPY;
	}

	/*
	 * On another timeline than before, what was signed on the old one may be
	 * missing here. Only somebody who knows what was published can tell, and
	 * has told by ledger.new_incarnation().
	 */
	SPI_connect();
	known = query(chain,
				  "SELECT FROM ledger.incarnation i WHERE i.chain_id OPERATOR(pg_catalog.=) $1"
				  " AND i.timeline OPERATOR(pg_catalog.=) $2::int4"
				  " AND i.system_identifier OPERATOR(pg_catalog.=) $3"
				  " AND (i.reason NOT IN ('start', 'exhaustion') OR NOT EXISTS"
				  " (SELECT FROM ledger.incarnation j WHERE j.chain_id OPERATOR(pg_catalog.=) $1"
				  "  AND j.incarnation OPERATOR(pg_catalog.<) i.incarnation))",
				  2, (int64) timeline, (int64) GetSystemIdentifier());
	SPI_finish();
	if (known)
		return LEDGER_IDENTITY_OURS;
	*why = psprintf(
		"the server was promoted, or restored to a point in time: it is on timeline %u, which the chain does not know",
		timeline);
	return LEDGER_IDENTITY_TIMELINE;
}

const char *
ledger_chain_identity_remedy(const LedgerChain *chain)
{
	return ledger_restore_is_pending(chain)
		? "Run SELECT ledger.restore_finish() with the newest checkpoint that was published,"
		  " or without one to go on under a new origin."
		: "Run SELECT ledger.new_incarnation() with the newest checkpoint that was published,"
		  " or without one to go on under a new origin.";
}

/* ---- opening ---------------------------------------------------------------- */

/* Are these the hashes below the frontier's subtrees of this level? */
static bool
edge_fits(const LedgerSealer *sealer, int level, const LedgerTileEdge *edge)
{
	unsigned	shift = level * LEDGER_TILE_HEIGHT;
	unsigned	before = 0;
	ledger_frontier below;

	if (shift + LEDGER_TILE_HEIGHT < 64)
		before = pg_popcount64(sealer->log.count >> (shift + LEDGER_TILE_HEIGHT));
	ledger_frontier_init(&below);
	for (int i = 0; i < edge->n; i++)
	{
		if (!ledger_frontier_append(&below, sealer->hasher, edge->hash[i]))
			return false;
	}
	return memcmp(below.node, sealer->log.node[before], ledger_frontier_nodes(&below) * LEDGER_HASH_LEN) == 0;
}

static void
load_edges(LedgerSealer *sealer, LedgerLog *log)
{
	for (int level = 0; level < LEDGER_TILE_LEVELS; level++)
	{
		LedgerTileEdge *edge = &sealer->edge[level];
		uint64		count = sealer->log.count >> (level * LEDGER_TILE_HEIGHT);
		const char *problem = "its hashes do not give the frontier";

		edge->n = (int) (count % LEDGER_TILE_WIDTH);
		edge->broken = false;
		if (edge->n == 0)
			continue;
		if (ledger_log_tile_hashes(log, level, count / LEDGER_TILE_WIDTH, edge->n, edge->hash, &problem) &&
			edge_fits(sealer, level, edge))
			continue;

		/*
		 * An entry or a tile was altered after it was sealed. The log itself
		 * goes on from the frontier; this one tile cannot be written.
		 */
		edge->broken = true;
		ereport(LOG,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("tile %d/%llu of the log cannot be rebuilt: %s",
						level, (unsigned long long) (count / LEDGER_TILE_WIDTH), problem),
				 errhint("Run ledger.verify() to see which entry or tile is damaged.")));
	}
}

static void
load_newest_block(LedgerSealer *sealer, LedgerLog *log)
{
	LedgerBlockRow row;
	uint8		bytes[LEDGER_BLOCK_LEN];
	Relation	entry;
	bool		retry;

	ledger_frontier_init(&sealer->log);
	if (!ledger_log_newest_block(log, &row))
		return;
	if (!ledger_log_frontier(log, &row, &sealer->log))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the frontier of block %llu does not give its root",
						(unsigned long long) row.block.height),
				 errhint("ledger.block was altered. Run ledger.verify().")));
	ledger_block_put(bytes, &row.block);
	if (!ledger_block_hash(sealer->hasher, bytes, sealer->prev_hash))
		elog(ERROR, "could not compute the hash of a block");
	sealer->next_height = row.block.height + 1;

	entry = table_open(sealer->entry_oid, AccessShareLock);
	sealer->entry_file = entry->rd_rel->relfilenode;
	table_close(entry, AccessShareLock);

	SPI_connect();

	/* entries that could not be sealed are tried again, with all others that have no leaf */
	retry = query(&sealer->chain,
				  "SELECT FROM ledger.incident WHERE chain_id OPERATOR(pg_catalog.=) $1"
				  " AND relation OPERATOR(pg_catalog.=) 'ledger.entry'"
				  " AND problem OPERATOR(pg_catalog.~~) 'the entry cannot be sealed%'",
				  0, 0, 0);
	if (!query(&sealer->chain,
			   "SELECT system_identifier, snapshot, scan_from, entry_file FROM ledger.block"
			   " WHERE chain_id OPERATOR(pg_catalog.=) $1 AND height OPERATOR(pg_catalog.=) $2",
			   1, (int64) row.block.height, 0))
		elog(ERROR, "the newest block is gone");
	if (!retry && DatumGetInt64(column(1)) == (int64) GetSystemIdentifier())
	{
		struct varlena *snapshot = PG_DETOAST_DATUM(column(2));

		sealer->prev = MemoryContextAlloc(sealer->context, VARSIZE(snapshot));
		memcpy(sealer->prev, snapshot, VARSIZE(snapshot));
		if (DatumGetObjectId(column(4)) == sealer->entry_file)
			sealer->scan_from = (BlockNumber) DatumGetInt64(column(3));
	}
	SPI_finish();
	load_edges(sealer, log);
}

/* What waiters and ledger.stat see, after a restart. */
static void
publish_loaded(LedgerSealer *sealer)
{
	LedgerDbSlot *slot = sealer->slot;

	if (sealer->prev != NULL)
		ledger_publish_sealed(slot, sealer->prev->xmin, sealer->prev->xmax, sealer->prev->xip,
							  sealer->prev->nxip, sealer->next_height - 1, sealer->log.count, 0);
	else
		ledger_publish_sealed(slot, 0, 0, NULL, 0, sealer->next_height - 1, sealer->log.count, 0);

	SPI_connect();
	if (query(&sealer->chain,
			  "SELECT coalesce(max(size), 0), coalesce(max(size) FILTER (WHERE published_at IS NOT NULL), 0)"
			  " FROM ledger.checkpoint WHERE chain_id OPERATOR(pg_catalog.=) $1",
			  0, 0, 0))
	{
		pg_atomic_write_u64(&slot->signed_size, DatumGetInt64(column(1)));
		pg_atomic_write_u64(&slot->anchored_size, DatumGetInt64(column(2)));
	}
	SPI_finish();
}

LedgerSealer *
ledger_sealer_open(MemoryContext parent, bool careful)
{
	LedgerSealer *sealer = NULL;
	const LedgerChain *chain;
	MemoryContext context;

	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	chain = ledger_chain();
	if (chain != NULL)
	{
		LedgerLog  *log;

		context = AllocSetContextCreate(parent, "ledger sealer", ALLOCSET_DEFAULT_SIZES);
		sealer = MemoryContextAllocZero(context, sizeof(LedgerSealer));
		sealer->context = context;
		sealer->careful = careful;
		sealer->slot = ledger_my_slot();
		sealer->chain = *chain;
		sealer->hasher = ledger_suite_hasher(chain->suite);
		sealer->edge = MemoryContextAllocZero(context, LEDGER_TILE_LEVELS * sizeof(LedgerTileEdge));
		sealer->copies = MemoryContextAlloc(context, LEDGER_COPIES_ROOM);
		sealer->entry_oid = ledger_entry_oid();
		sealer->members = ledger_members_load(&sealer->chain, context);

		log = ledger_log_open(&sealer->chain, GetActiveSnapshot());
		load_newest_block(sealer, log);
		ledger_log_close(log);
		publish_loaded(sealer);
	}
	PopActiveSnapshot();
	CommitTransactionCommand();
	return sealer;
}

void
ledger_sealer_close(LedgerSealer *sealer)
{
	MemoryContextDelete(sealer->context);
}

/* ---- incarnations ----------------------------------------------------------- */

static void
enter_incarnation(LedgerSealer *sealer, uint32 incarnation)
{
	uint8		buf[256];
	ledger_writer w;
	uint32		reason = sealer->slot->incarnation_reason;
	ledger_incarnation_body body = {
		.incarnation = (uint16) incarnation,

		/* the other reasons are an operator's to give */
		.reason = reason == LEDGER_INCARNATION_EXHAUSTION ? LEDGER_INCARNATION_EXHAUSTION
		: LEDGER_INCARNATION_START,
		.origin = {(const uint8_t *) sealer->chain.origin, strlen(sealer->chain.origin)},
		.size = sealer->log.count
	};

	if (!ledger_frontier_root(&sealer->log, sealer->hasher, body.root))
		elog(ERROR, "could not compute the root of the log");
	ledger_writer_init(&w, buf, sizeof(buf));
	if (ledger_incarnation_body_write(&w, &body) != LEDGER_OK)
		elog(ERROR, "could not write an INCARNATION entry");

	/* order number 0 of the incarnation: before every other entry of it */
	ledger_enter_now(&sealer->chain, LEDGER_ENTRY_INCARNATION, buf, w.len,
					 (uint64) incarnation << LEDGER_COUNTER_BITS, NULL);
	ledger_incarnation_insert(&sealer->chain, incarnation, body.reason);
}

/*
 * See to it that the current incarnation has its INCARNATION entry before any
 * other entry of it is sealed. The founding one is begun by the genesis entry,
 * others by ledger.new_incarnation(). Where that is just running, its
 * transaction is not waited for. A number that comes from the sequence of an
 * extension dropped since is none of this chain's.
 */
static void
settle_incarnation(LedgerSealer *sealer, uint32 incarnation)
{
	Oid			table;

	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	table = ledger_catalog_oid("incarnation", false);
	if (sealer->slot->incarnation_seq == ledger_incarnation_no_oid() &&
		ConditionalLockRelationOid(table, ShareRowExclusiveLock))
	{
		bool		exists;

		/* a snapshot from before the lock may be too old to see the row */
		PopActiveSnapshot();
		PushActiveSnapshot(GetTransactionSnapshot());
		SPI_connect();
		exists = query(&sealer->chain,
					   "SELECT FROM ledger.incarnation WHERE chain_id OPERATOR(pg_catalog.=) $1"
					   " AND incarnation OPERATOR(pg_catalog.=) $2::int4",
					   1, incarnation, 0);
		SPI_finish();
		if (!exists)
			enter_incarnation(sealer, incarnation);
	}
	PopActiveSnapshot();
	CommitTransactionCommand();
	sealer->last_incarnation = incarnation;
}

/* ---- one look --------------------------------------------------------------- */

static bool
same_chain(const LedgerSealer *sealer, const LedgerChain *chain)
{
	return chain != NULL && ledger_catalog_oid("entry", true) == sealer->entry_oid &&
		memcmp(chain->chain_id, sealer->chain.chain_id, sizeof(chain->chain_id)) == 0 &&
		strcmp(chain->origin, sealer->chain.origin) == 0 &&
		chain->system_identifier == sealer->chain.system_identifier &&
		chain->database_oid == sealer->chain.database_oid;
}

/*
 * Is the chain another one to this snapshot? It sees an origin as soon as it sees
 * the INCARNATION entry that comes with it. Neither that entry nor anything else
 * may be sealed, and then signed, under the old origin; the cache alone may tell
 * too late.
 */
static bool
chain_changed(const LedgerSealer *sealer, Snapshot snapshot)
{
	LedgerChain chain;

	if (ledger_chain_in(snapshot, &chain) && same_chain(sealer, &chain))
		return false;
	ledger_registry_reset(InvalidOid);
	return true;
}

/* The part of a tick that runs in its transaction; the snapshot that was sealed, NULL if nothing was. */
static LedgerPgSnapshot *
seal_visible(LedgerSealer *sealer, uint32 incarnation, bool *changed, bool *again)
{
	Relation	entry = table_open(sealer->entry_oid, AccessShareLock);
	LedgerPgSnapshot *now = NULL;
	BlockNumber nblocks;
	BlockNumber floor;

	if (entry->rd_rel->relfilenode != sealer->entry_file)
	{
		/* VACUUM FULL or the like: entries are elsewhere in the file now */
		sealer->entry_file = entry->rd_rel->relfilenode;
		sealer->scan_from = 0;
		sealer->npending = 0;
		memset(sealer->seen, 0, sizeof(sealer->seen));
	}

	/* in this order: see seal_scan.c */
	nblocks = RelationGetNumberOfBlocks(entry);
	floor = ledger_floor_advance(nblocks);
	PushActiveSnapshot(GetTransactionSnapshot());

	/* a number of a newer incarnation may be visible: its INCARNATION entry goes first */
	*again = pg_atomic_read_u32(&sealer->slot->incarnation) != incarnation;
	*changed = chain_changed(sealer, GetActiveSnapshot());
	if (!*again && !*changed)
	{
		ledger_seal_scan(sealer, entry, floor, GetActiveSnapshot());
		if (sealer->nkeys > 0)
		{
			now = (LedgerPgSnapshot *) DatumGetPointer(OidFunctionCall0(F_PG_CURRENT_SNAPSHOT));
			ledger_seal_write(sealer, entry, now);
		}
	}
	PopActiveSnapshot();
	table_close(entry, NoLock);
	return now;
}

bool
ledger_sealer_tick(LedgerSealer *sealer, uint64 *sealed)
{
	bool		changed;
	bool		again;

	*sealed = 0;
	do
	{
		uint32		incarnation = pg_atomic_read_u32(&sealer->slot->incarnation);
		LedgerPgSnapshot *now;

		if (incarnation != sealer->last_incarnation && incarnation != 0)
			settle_incarnation(sealer, incarnation);

		StartTransactionCommand();
		if (!same_chain(sealer, ledger_chain()))
		{
			CommitTransactionCommand();
			return false;
		}
		sealer->sealed_now = 0;
		now = seal_visible(sealer, incarnation, &changed, &again);
		if (now != NULL)
		{
			LedgerPgSnapshot *kept = MemoryContextAlloc(sealer->context, VARSIZE(now));

			memcpy(kept, now, VARSIZE(now));
			CommitTransactionCommand();
			if (sealer->prev != NULL)
				pfree(sealer->prev);
			sealer->prev = kept;
		}
		else
			CommitTransactionCommand();
		if (changed)
			return false;

		if (sealer->sealed_now > 0)
		{
			/* durable now */
			ledger_publish_sealed(sealer->slot, sealer->prev->xmin, sealer->prev->xmax, sealer->prev->xip,
								  sealer->prev->nxip, sealer->next_height - 1, sealer->log.count,
								  (uint32) sealer->sealed_now);
			*sealed = sealer->sealed_now;
		}
	} while (again);
	return true;
}

/* ---- what others may know --------------------------------------------------- */

int
ledger_sealer_pending(const LedgerSealer *sealer)
{
	return sealer->undecided;
}

const LedgerChain *
ledger_sealer_chain(const LedgerSealer *sealer)
{
	return &sealer->chain;
}

const LedgerMembers *
ledger_sealer_members(const LedgerSealer *sealer)
{
	return sealer->members;
}

uint64
ledger_sealer_size(const LedgerSealer *sealer)
{
	return sealer->log.count;
}

uint64
ledger_sealer_height(const LedgerSealer *sealer)
{
	return sealer->next_height - 1;
}

void
ledger_sealer_root(const LedgerSealer *sealer, uint8 root[32], uint8 block_hash[32])
{
	if (!ledger_frontier_root(&sealer->log, sealer->hasher, root))
		elog(ERROR, "could not compute the root of the log");
	memcpy(block_hash, sealer->prev_hash, LEDGER_HASH_LEN);
}
