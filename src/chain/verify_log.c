/*
 * chain/verify_log.c
 *		Some blocks of the chain: replay their entries and compare every hash.
 *
 * A chunk starts from the frontier that the block before it carries; the chunk
 * that ends there checks that frontier, so together they are one replay. Each
 * entry is encoded again from its row. A stored tile gives a second opinion: when
 * the block's root follows from the tile's hash of an entry and not from the
 * entry itself, it is the entry that was changed, and the other way round.
 *
 * The log's frontier is kept in two parts, above and below the height of a tile,
 * so that the root of each tile that fills up is at hand for the level above.
 */
#include "chain/verify_internal.h"

#include "core/body.h"
#include "core/packed.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* Something that could not be read and is left out when the block is tried again. */
typedef struct Unreadable
{
	int			tile_level;		/* -1: the entry of a leaf */
	uint64		number;			/* tile, or leaf */
	char	   *problem;
} Unreadable;

typedef struct Chunk
{
	VerifyRun  *run;
	uint64		next;			/* height */
	uint64		end;
	LedgerLog  *log;			/* of the attempt */
	bool		prepared;

	bool		have_prev;
	ledger_block prev;
	uint8		prev_hash[32];
	bool		have_frontier;	/* below are those of the log before block `next` */
	ledger_frontier tiles;		/* leaves up to the last full tile */
	ledger_frontier edge;		/* leaves after it */

	/* what is being read: blamed when the attempt fails */
	bool		reading;
	Unreadable	suspect;
	List	   *unreadable;

	LedgerEntryBatch *batch;	/* entries of the block whose leaves are still to come */
	MemoryContext block;		/* reset with each block */
	List	   *notes;			/* of the block under way */
} Chunk;

typedef struct Note
{
	LedgerSeverity severity;
	bool		has_tx;
	uint64		ledger_tx;
	char	   *problem;
} Note;

typedef struct Leaf
{
	const LedgerLeaf *leaf;		/* NULL: not listed */
	bool		hashed;			/* its hash is that of the entry */
	bool		have_tile;
	uint8		tile[32];
	const char *problem;		/* why it is not hashed */
} Leaf;

/* ---- frontiers ----------------------------------------------------------- */

/* Split a frontier at the height of a tile. */
static void
split_frontier(Chunk *c, const ledger_frontier *f)
{
	int			above = 0;

	c->tiles.count = f->count & ~(uint64) (LEDGER_TILE_WIDTH - 1);
	c->edge.count = f->count & (LEDGER_TILE_WIDTH - 1);
	above = ledger_frontier_nodes(&c->tiles);
	memcpy(c->tiles.node, f->node, above * sizeof(ledger_digest));
	memcpy(c->edge.node, f->node + above, ledger_frontier_nodes(&c->edge) * sizeof(ledger_digest));
	c->have_frontier = true;
}

static void
join_frontier(const ledger_frontier *tiles, const ledger_frontier *edge, ledger_frontier *f)
{
	int			above = ledger_frontier_nodes(tiles);

	f->count = tiles->count + edge->count;
	memcpy(f->node, tiles->node, above * sizeof(ledger_digest));
	memcpy(f->node + above, edge->node, ledger_frontier_nodes(edge) * sizeof(ledger_digest));
}

/* ---- what cannot be read --------------------------------------------------- */

/*
 * Why this was found unreadable before, else NULL; the caller then reads it, and
 * sets c->reading to false afterwards.
 */
static const char *
known_unreadable(Chunk *c, int tile_level, uint64 number)
{
	ListCell   *lc;

	foreach(lc, c->unreadable)
	{
		Unreadable *u = lfirst(lc);

		if (u->tile_level == tile_level && u->number == number)
			return u->problem;
	}
	c->reading = true;
	c->suspect.tile_level = tile_level;
	c->suspect.number = number;
	return NULL;
}

/* A full tile of the verified log; NULL when it is missing or cannot be read. */
static const uint8 *
read_tile(Chunk *c, int level, uint64 tile_no)
{
	const uint8 *tile;

	if (tile_no >= ledger_tile_count(c->run->shared->size, level) ||
		known_unreadable(c, level, tile_no) != NULL)
		return NULL;
	tile = ledger_log_tile(c->log, level, tile_no);
	c->reading = false;
	return tile;
}

/* ---- replay ---------------------------------------------------------------- */

/*
 * Append the block's leaves and compare with its root. level1 is compared with
 * the root of each tile that fills up, unless it is NULL.
 */
static bool
replay(Chunk *c, const ledger_block *block, const ledger_digest *leaves, ledger_frontier *tiles,
	   ledger_frontier *edge, List **bad_tiles)
{
	ledger_digest scratch[LEDGER_TILE_WIDTH];
	ledger_frontier whole;
	uint8		root[32];
	uint32		done = 0;

	*tiles = c->tiles;
	*edge = c->edge;
	while (done < block->n)
	{
		uint32		n = Min(block->n - done, LEDGER_TILE_WIDTH - edge->count);

		memcpy(scratch, leaves + done, n * sizeof(ledger_digest));
		if (!ledger_frontier_append_many(edge, c->run->hasher, scratch, n))
			elog(ERROR, "the log could not be hashed");
		done += n;
		if (edge->count == LEDGER_TILE_WIDTH)
		{
			uint64		tile_no = tiles->count / LEDGER_TILE_WIDTH;
			const uint8 *above = read_tile(c, 1, tile_no / LEDGER_TILE_WIDTH);

			if (above != NULL && memcmp(above + tile_no % LEDGER_TILE_WIDTH * 32, edge->node[0], 32) != 0)
				*bad_tiles = lappend(*bad_tiles, psprintf(UINT64_FORMAT, tile_no));
			if (!ledger_frontier_append_subtree(tiles, c->run->hasher, LEDGER_TILE_HEIGHT, edge->node[0]))
				elog(ERROR, "the log could not be hashed");
			ledger_frontier_init(edge);
		}
	}
	join_frontier(tiles, edge, &whole);
	return ledger_frontier_root(&whole, c->run->hasher, root) && memcmp(root, block->log_root, 32) == 0;
}

/* ---- entries ------------------------------------------------------------- */

/* The plan's number of a table, -1 when its rows are not verified. Tables are sorted by table_no. */
static int
table_of(VerifyShared *shared, int32 table_no)
{
	VerifyTable *tables = verify_tables(shared);
	int			low = 0;
	int			high = shared->ntables - 1;

	while (low <= high)
	{
		int			middle = (low + high) / 2;

		if (tables[middle].table_no == table_no)
			return tables[middle].selected ? middle : -1;
		if (tables[middle].table_no < table_no)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return -1;
}

/* A row group that an entry names. */
typedef struct Named
{
	int			table;
	uint32		schema_version;
	uint64		ledger_tx;
	uint64		first_seq;
} Named;

/* What a block's entries add to the run, taken only when the block is done. */
typedef struct Taken
{
	Named	   *named;
	int			nnamed;
	int			room;
	uint64		transactions;
	uint64		moved;
	TimestampTz newest_stamp;
	uint64		newest_tx;
	List	   *events;
	bool		changes_members;
} Taken;

static void
name_groups(Chunk *c, const LedgerEntryRow *row, Taken *taken)
{
	VerifyShared *shared = c->run->shared;
	ledger_packed_iter it;
	ledger_packed_group group;

	if (row->groups_len == 0 || row->ledger_tx < shared->from_tx || row->ledger_tx > shared->to_tx ||
		ledger_packed_iter_init(&it, row->groups, row->groups_len) != LEDGER_OK)
		return;
	while (ledger_packed_next(&it, &group))
	{
		int			table = table_of(shared, group.table_no);
		Named	   *named;

		if (table < 0)
			continue;
		if (taken->nnamed == taken->room)
		{
			taken->room = Max(256, 2 * taken->room);
			taken->named = taken->named == NULL
				? palloc_extended(taken->room * sizeof(Named), MCXT_ALLOC_HUGE)
				: repalloc_huge(taken->named, taken->room * sizeof(Named));
		}
		named = &taken->named[taken->nnamed++];
		named->table = table;
		named->schema_version = group.schema_version;
		named->ledger_tx = row->ledger_tx;
		named->first_seq = group.first_seq;
	}
}

static void
look_at_entry(Chunk *c, const ledger_block *block, Leaf *leaf, uint32 i, uint8 hash[32], Taken *taken)
{
	LedgerEntryRow row;
	LedgerEntryFound found;

	leaf->problem = known_unreadable(c, -1, block->first_leaf + i);
	if (leaf->problem != NULL)
		return;
	found = ledger_log_entry(c->log, leaf->leaf, &row, &leaf->problem);
	if (found == LEDGER_ENTRY_MISSING)
		leaf->problem = "it is missing from ledger.entry";
	if (found == LEDGER_ENTRY_MOVED)
		taken->moved++;
	if (leaf->problem == NULL && ledger_entry_batch_add(c->batch, &row, hash, &leaf->problem))
		leaf->hashed = true;
	c->reading = false;
	if (!leaf->hashed)
		return;

	name_groups(c, &row, taken);
	if (row.part == 0)
		taken->transactions++;
	if (row.stamped_at > taken->newest_stamp)
	{
		taken->newest_stamp = row.stamped_at;
		taken->newest_tx = row.ledger_tx;
	}
	if (row.type != LEDGER_ENTRY_TX)
	{
		VerifyEvent *event = palloc0(sizeof(VerifyEvent));
		uint8	   *extra = palloc(row.extra_len + 1);

		memcpy(extra, row.extra, row.extra_len);
		event->height = block->height;
		event->leaf = block->first_leaf + i;
		event->ledger_tx = row.ledger_tx;
		event->type = row.type;
		event->extra = extra;
		event->extra_len = row.extra_len;
		taken->events = lappend(taken->events, event);
		if (row.type == LEDGER_ENTRY_MEMBER || row.type == LEDGER_ENTRY_KEY)
			taken->changes_members = true;
	}
}

/* ---- one block ----------------------------------------------------------- */

/* What is found is told when the block is done, because it may be tried again. */
static void report(Chunk *c, LedgerSeverity severity, bool has_tx, uint64 ledger_tx, const char *problem, ...)
	pg_attribute_printf(5, 6);

static void
report(Chunk *c, LedgerSeverity severity, bool has_tx, uint64 ledger_tx, const char *problem, ...)
{
	Note	   *note = palloc(sizeof(Note));
	va_list		args;

	va_start(args, problem);
	note->problem = ledger_verify_text(problem, args);
	va_end(args);
	note->severity = severity;
	note->has_tx = has_tx;
	note->ledger_tx = ledger_tx;
	c->notes = lappend(c->notes, note);
}

static void
tell(Chunk *c)
{
	ListCell   *lc;

	foreach(lc, c->notes)
	{
		Note	   *note = lfirst(lc);

		ledger_verify_report(c->run, note->severity, InvalidOid, note->has_tx, note->ledger_tx, -1, NULL,
							 "%s", note->problem);
	}
	c->notes = NIL;
}

static void
check_links(Chunk *c, const ledger_block *b)
{
	static const uint8 zeros[32];
	uint8		no_members[32];

	if (c->have_prev)
	{
		if (memcmp(b->prev_hash, c->prev_hash, 32) != 0)
			report(c, LEDGER_ERROR, false, 0,
				   "block " UINT64_FORMAT " does not carry the hash of the block before it", b->height);
		if (b->first_leaf != c->prev.first_leaf + c->prev.n)
			report(c, LEDGER_ERROR, false, 0,
				   "block " UINT64_FORMAT " starts at leaf " UINT64_FORMAT " instead of " UINT64_FORMAT,
				   b->height, b->first_leaf, c->prev.first_leaf + c->prev.n);
		if (memcmp(b->members_hash, c->prev.next_members_hash, 32) != 0)
			report(c, LEDGER_ERROR, false, 0,
				   "block " UINT64_FORMAT " does not have the members of the block before it", b->height);
		if (b->sealed_at < c->prev.sealed_at)
			report(c, LEDGER_WARNING, false, 0,
				   "time was set back: block " UINT64_FORMAT " was sealed at %s, the block before it at %s",
				   b->height, pstrdup(timestamptz_to_str(b->sealed_at)),
				   pstrdup(timestamptz_to_str(c->prev.sealed_at)));
	}
	else if (b->height == 0)
	{
		if (memcmp(b->prev_hash, zeros, 32) != 0 || b->first_leaf != 0)
			report(c, LEDGER_ERROR, false, 0, "block 0 does not start the chain");
		if (ledger_members_hash(c->run->hasher, NULL, 0, no_members) != LEDGER_OK ||
			memcmp(b->members_hash, no_members, 32) != 0)
			report(c, LEDGER_ERROR, false, 0, "block 0 has members before it");
	}
}

static void
check_constants(Chunk *c, const ledger_block *b, const ledger_digest *leaves)
{
	ledger_block_body empty = {0};
	uint8		hash[32];

	if (b->epoch != 0 || b->proposer != 0)
		report(c, LEDGER_ERROR, false, 0,
			   "block " UINT64_FORMAT " of a chain of one has epoch " UINT64_FORMAT " and proposer %u",
			   b->height, b->epoch, b->proposer);
	if (!ledger_body_hash(c->run->hasher, &empty, hash) || memcmp(hash, b->body_hash, 32) != 0)
		report(c, LEDGER_ERROR, false, 0,
			   "block " UINT64_FORMAT " has another body than the empty one of a chain of one", b->height);
	if (leaves != NULL &&
		(!ledger_results_root(c->run->hasher, leaves, b->n, hash) || memcmp(hash, b->results_root, 32) != 0))
		report(c, LEDGER_ERROR, false, 0,
			   "results root of block " UINT64_FORMAT " does not follow from its entries", b->height);
}

/* The id of the chain is a hash of its first entry. */
static void
check_genesis(Chunk *c, const Leaf *leaf)
{
	uint8	   *entry = palloc(LEDGER_ENTRY_MAX);
	LedgerEntryRow row;
	const char *problem;
	uint8		id[16];
	size_t		len;

	if (!leaf->hashed || ledger_log_entry(c->log, leaf->leaf, &row, &problem) > LEDGER_ENTRY_MOVED)
		return;
	len = ledger_entry_encode(c->run->chain, &row, entry, &problem);
	if (row.type != LEDGER_ENTRY_MEMBER || !ledger_genesis_chain_id(c->run->hasher, entry, len, id) ||
		memcmp(id, c->run->chain->chain_id, 16) != 0)
		report(c, LEDGER_ERROR, true, row.ledger_tx,
			   "the first entry of the log is not the one that founded chain %s",
			   ledger_uuid_text(c->run->chain->chain_id));
}

/* The block's leaves by offset; reports what ledger.leaf lacks or has twice. */
static Leaf *
list_leaves(Chunk *c, const ledger_block *b)
{
	const LedgerLeaf *found;
	const char *problem;
	Leaf	   *leaves = MemoryContextAllocExtended(CurrentMemoryContext, (Size) b->n * sizeof(Leaf),
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	LedgerLeaf *copy;
	int			n;
	uint32		missing = 0;

	found = ledger_log_block_leaves(c->log, b->height, &n, &problem);
	if (problem != NULL)
		report(c, LEDGER_ERROR, false, 0, "%s", problem);
	copy = palloc_extended((Size) Max(n, 1) * sizeof(LedgerLeaf), MCXT_ALLOC_HUGE);
	memcpy(copy, found, (Size) n * sizeof(LedgerLeaf));
	for (int i = 0; i < n; i++)
	{
		if (copy[i].offset >= b->n || leaves[copy[i].offset].leaf != NULL)
			report(c, LEDGER_ERROR, true, copy[i].ledger_tx,
				   "ledger.leaf names leaf " UINT64_FORMAT " of block " UINT64_FORMAT " %s",
				   b->first_leaf + copy[i].offset, b->height,
				   copy[i].offset >= b->n ? "that the block does not have" : "twice");
		else
			leaves[copy[i].offset].leaf = &copy[i];
	}
	for (uint32 i = 0; i < b->n; i++)
	{
		if (leaves[i].leaf == NULL)
		{
			leaves[i].problem = "ledger.leaf does not name it";
			missing++;
		}
	}
	if (missing > 0)
		report(c, LEDGER_ERROR, false, 0,
			   "ledger.leaf does not name %u of the %u entries of block " UINT64_FORMAT, missing, b->n,
			   b->height);
	return leaves;
}

/* Find out where to go on when this block's leaves did not lead to its root. */
static void
resynchronize(Chunk *c, const LedgerBlockRow *row)
{
	ledger_frontier *f = palloc(sizeof(ledger_frontier));

	if (ledger_log_frontier(c->log, row, f))
		split_frontier(c, f);
	else
		c->have_frontier = false;
}

static void
check_block(Chunk *c, uint64 height)
{
	LedgerBlockRow row;
	const ledger_block *b = &row.block;
	Leaf	   *leaves;
	ledger_digest *hashes;
	ledger_digest *alternative;
	ledger_frontier *next = palloc(2 * sizeof(ledger_frontier));
	ledger_frontier *whole = palloc(sizeof(ledger_frontier));
	const ledger_digest *accepted = NULL;
	List	   *bad_tiles = NIL;
	ListCell   *lc;
	Taken		taken = {0};
	uint8		encoded[LEDGER_BLOCK_LEN];
	const uint8 *tile = NULL;
	uint64		tile_no = PG_UINT64_MAX;
	uint32		unknown = 0;
	uint32		differ = 0;

	if (!ledger_log_block(c->log, height, &row))
	{
		report(c, LEDGER_ERROR, false, 0, "block " UINT64_FORMAT " is missing", height);
		c->have_prev = c->have_frontier = false;
		return;
	}
	if (b->n == 0 || b->first_leaf > c->run->shared->size || b->n > c->run->shared->size - b->first_leaf)
	{
		report(c, LEDGER_ERROR, false, 0,
			   "block " UINT64_FORMAT " has %u leaves from " UINT64_FORMAT " on, of " UINT64_FORMAT
			   " in the log",
			   height, b->n, b->first_leaf, c->run->shared->size);
		c->have_prev = c->have_frontier = false;
		return;
	}
	leaves = list_leaves(c, b);
	hashes = MemoryContextAllocExtended(CurrentMemoryContext, (Size) b->n * 32, MCXT_ALLOC_HUGE);
	alternative = MemoryContextAllocExtended(CurrentMemoryContext, (Size) b->n * 32, MCXT_ALLOC_HUGE);
	ledger_entry_batch_reset(c->batch);
	for (uint32 i = 0; i < b->n; i++)
	{
		if (leaves[i].leaf != NULL)
			look_at_entry(c, b, &leaves[i], i, hashes[i], &taken);
	}
	ledger_entry_batch_finish(c->batch);
	for (uint32 i = 0; i < b->n; i++)
	{
		Leaf	   *leaf = &leaves[i];

		if ((b->first_leaf + i) / LEDGER_TILE_WIDTH != tile_no)
		{
			tile_no = (b->first_leaf + i) / LEDGER_TILE_WIDTH;
			tile = read_tile(c, 0, tile_no);
		}
		if (tile != NULL)
		{
			leaf->have_tile = true;
			memcpy(leaf->tile, tile + (b->first_leaf + i) % LEDGER_TILE_WIDTH * 32, 32);
		}
		if (!leaf->hashed)
		{
			unknown += !leaf->have_tile;
			memcpy(hashes[i], leaf->tile, 32);
		}
		memcpy(alternative[i], leaf->have_tile ? leaf->tile : hashes[i], 32);
		differ += leaf->hashed && leaf->have_tile && memcmp(leaf->tile, hashes[i], 32) != 0;
	}

	/* Which leaves lead to the root: those of the entries, or those of the tiles? */
	if (c->have_frontier && c->tiles.count + c->edge.count == b->first_leaf && unknown == 0)
	{
		if (replay(c, b, hashes, &next[0], &next[1], &bad_tiles))
			accepted = hashes;
		else if (differ > 0)
		{
			bad_tiles = NIL;
			if (replay(c, b, alternative, &next[0], &next[1], &bad_tiles))
				accepted = alternative;
		}
	}

	/* From here on nothing fails, so nothing is told twice. */
	check_links(c, b);
	check_constants(c, b, accepted);
	for (uint32 i = 0; i < b->n; i++)
	{
		Leaf	   *leaf = &leaves[i];
		uint64		number = b->first_leaf + i;

		if (leaf->leaf == NULL)
			continue;
		if (!leaf->hashed)
			report(c, LEDGER_ERROR, true, leaf->leaf->ledger_tx,
				   "entry at leaf " UINT64_FORMAT " cannot be checked: %s", number, leaf->problem);
		else if (accepted == alternative && memcmp(hashes[i], alternative[i], 32) != 0)
			report(c, LEDGER_ERROR, true, leaf->leaf->ledger_tx,
				   "entry at leaf " UINT64_FORMAT " is not the one that was sealed", number);
		else if (leaf->have_tile && memcmp(leaf->tile, hashes[i], 32) != 0)
			report(c, LEDGER_ERROR, true, leaf->leaf->ledger_tx,
				   "hash at leaf " UINT64_FORMAT " in tile 0/" UINT64_FORMAT " is not that of its entry",
				   number, number / LEDGER_TILE_WIDTH);
	}
	if (accepted == NULL && c->have_frontier && unknown == 0)
		report(c, LEDGER_ERROR, false, 0,
			   "log root of block " UINT64_FORMAT " does not follow from its entries%s", height,
			   b->n == 1 && leaves[0].leaf != NULL
				   ? psprintf(" (transaction " UINT64_FORMAT ")", leaves[0].leaf->ledger_tx)
				   : "");
	foreach(lc, bad_tiles)
		report(c, LEDGER_ERROR, false, 0, "a tile of level 1 does not have the root of tile 0/%s",
			   (char *) lfirst(lc));
	for (uint64 n = TYPEALIGN(LEDGER_TILE_WIDTH, b->first_leaf); n < b->first_leaf + b->n;
		 n += LEDGER_TILE_WIDTH)
	{
		/* A tile belongs to the block that has its first leaf. */
		if (n / LEDGER_TILE_WIDTH < ledger_tile_count(c->run->shared->size, 0) &&
			!leaves[n - b->first_leaf].have_tile)
		{
			const char *problem = known_unreadable(c, 0, n / LEDGER_TILE_WIDTH);

			c->reading = false;
			if (problem == NULL)
				report(c, LEDGER_ERROR, false, 0, "tile 0/" UINT64_FORMAT " is missing",
					   n / LEDGER_TILE_WIDTH);
		}
	}
	if (taken.newest_stamp > b->sealed_at)
		report(c, LEDGER_WARNING, true, taken.newest_tx,
			   "time was set back: block " UINT64_FORMAT
			   " was sealed at %s, this transaction in it was stamped at %s",
			   height, pstrdup(timestamptz_to_str(b->sealed_at)),
			   pstrdup(timestamptz_to_str(taken.newest_stamp)));
	if (height == 0 && leaves[0].leaf != NULL)
		check_genesis(c, &leaves[0]);

	if (memcmp(b->members_hash, b->next_members_hash, 32) != 0 && !taken.changes_members)
		report(c, LEDGER_ERROR, false, 0,
			   "block " UINT64_FORMAT " changes the members without an entry that says so", height);
	if (taken.changes_members)
	{
		VerifyEvent *event = palloc0(sizeof(VerifyEvent));

		event->height = height;
		event->leaf = b->first_leaf + b->n - 1;
		memcpy(event->before, b->members_hash, 32);
		memcpy(event->after, b->next_members_hash, 32);
		taken.events = lappend(taken.events, event);
	}
	foreach(lc, taken.events)
		ledger_verify_send_event(c->run, lfirst(lc));
	for (int i = 0; i < taken.nnamed; i++)
		ledger_verify_count_group(c->run->shared, taken.named[i].table, false, taken.named[i].ledger_tx,
								  taken.named[i].first_seq, taken.named[i].schema_version);
	pg_atomic_fetch_add_u64(&c->run->shared->entries, b->n);
	pg_atomic_fetch_add_u64(&c->run->shared->transactions, taken.transactions);
	if (taken.moved > 0)
		pg_atomic_fetch_add_u64(&c->run->shared->moved_entries, taken.moved);

	if (accepted != NULL)
	{
		c->tiles = next[0];
		c->edge = next[1];
		join_frontier(&next[0], &next[1], whole);
		if (row.frontier_len != ledger_frontier_nodes(whole) * sizeof(ledger_digest) ||
			memcmp(row.frontier, whole->node, row.frontier_len) != 0)
			report(c, LEDGER_ERROR, false, 0, "frontier of block " UINT64_FORMAT " is damaged", height);
	}
	else
		resynchronize(c, &row);
	ledger_block_put(encoded, b);
	if (!ledger_block_hash(c->run->hasher, encoded, c->prev_hash))
		elog(ERROR, "a block could not be hashed");
	c->prev = *b;
	c->have_prev = true;
}

/* ---- the chunk ----------------------------------------------------------- */

/* The log as it was before the first block of the chunk. */
static void
start_from_previous(Chunk *c)
{
	LedgerBlockRow row;
	ledger_frontier *f = palloc(sizeof(ledger_frontier));
	uint8		encoded[LEDGER_BLOCK_LEN];

	c->prepared = true;
	if (c->next == 0)
	{
		ledger_frontier_init(&c->tiles);
		ledger_frontier_init(&c->edge);
		c->have_frontier = true;
		return;
	}
	/* That it is missing or damaged is found by the chunk it belongs to. */
	if (!ledger_log_block(c->log, c->next - 1, &row))
		return;
	c->prev = row.block;
	c->have_prev = true;
	ledger_block_put(encoded, &row.block);
	if (!ledger_block_hash(c->run->hasher, encoded, c->prev_hash))
		elog(ERROR, "a block could not be hashed");
	if (ledger_log_frontier(c->log, &row, f))
		split_frontier(c, f);
}

static void
do_blocks(VerifyRun *run, void *arg)
{
	Chunk	   *c = arg;

	c->log = ledger_log_open(run->chain, run->snapshot);
	if (!c->prepared)
		start_from_previous(c);
	while (c->next < c->end)
	{
		MemoryContext old = MemoryContextSwitchTo(c->block);

		CHECK_FOR_INTERRUPTS();
		c->reading = false;
		c->notes = NIL;
		check_block(c, c->next);
		tell(c);
		MemoryContextSwitchTo(old);
		MemoryContextReset(c->block);
		c->next++;
	}
	ledger_log_close(c->log);
}

void
ledger_verify_log_chunk(VerifyRun *run, uint64 start, uint64 end)
{
	Chunk	   *c = MemoryContextAllocZero(run->chunk, sizeof(Chunk));
	char	   *message;
	MemoryContext old;

	c->run = run;
	c->next = start;
	c->end = end;
	c->block = AllocSetContextCreate(run->chunk, "ledger verify block", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(run->chunk);
	c->batch = ledger_entry_batch_new(run->chain);
	MemoryContextSwitchTo(old);
	while (!ledger_verify_attempt(run, do_blocks, c, &message))
	{
		old = MemoryContextSwitchTo(run->chunk);
		c->notes = NIL;
		if (c->reading)
		{
			Unreadable *u = palloc(sizeof(Unreadable));

			*u = c->suspect;
			u->problem = message;
			c->unreadable = lappend(c->unreadable, u);
			if (u->tile_level >= 0)
				report(c, LEDGER_ERROR, false, 0, "tile %d/" UINT64_FORMAT " cannot be read: %s",
					   u->tile_level, u->number, message);
		}
		else if (!c->prepared)
			c->prepared = true; /* without the block before */
		else
		{
			report(c, LEDGER_ERROR, false, 0, "block " UINT64_FORMAT " cannot be checked: %s", c->next,
				   message);
			c->have_prev = c->have_frontier = false;
			c->next++;
		}
		tell(c);
		MemoryContextSwitchTo(old);
		MemoryContextReset(c->block);
	}
}
