/*
 * chain/log_hash.c
 *		Hashes of the log's tree: stored tiles, and the right edge recomputed.
 *
 * Only full tiles are stored. A hash inside a full tile is read; one at the
 * right edge is the hash of an entry, or of the full tiles below it.
 */
#include "chain/log_internal.h"

#include "access/htup_details.h"
#include "chain/catalogue.h"
#include "chain/tuple_check.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/rel.h"

enum
{
	Anum_tile_chain_id = 1,
	Anum_tile_level,
	Anum_tile_no,
	Anum_tile_hashes,
	Natts_tile = Anum_tile_hashes
};

/* ---- leaves -------------------------------------------------------------- */

/*
 * Hash the leaves from first on that lie in the block of first, at most n, to
 * hashes; gives how many. 0 with *problem.
 */
static int
hash_block_leaves(LedgerLog *log, uint64 first, int n, uint8 (*hashes)[32], const char **problem)
{
	LedgerBlockRow row;
	const LedgerLeaf *leaves;
	LedgerLeaf	wanted[LEDGER_TILE_WIDTH];
	int			nleaves;
	uint32		offset;
	MemoryContext old;

	old = MemoryContextSwitchTo(log->scratch);
	if (!ledger_log_block_of_leaf(log, first, &row))
	{
		MemoryContextSwitchTo(old);
		*problem = "a block is missing";
		return 0;
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(log->scratch);

	offset = first - row.block.first_leaf;
	n = Min(n, (int) (row.block.n - offset));
	leaves = ledger_log_block_leaves(log, row.block.height, &nleaves, problem);
	if (*problem != NULL)
		return 0;
	if ((uint32) nleaves != row.block.n)
	{
		*problem = "ledger.leaf does not list the entries of a block";
		return 0;
	}
	for (int i = 0; i < n; i++)
	{
		const LedgerLeaf *leaf = &leaves[offset + i];

		if (leaf->offset != offset + i)
		{
			*problem = "ledger.leaf does not list the entries of a block";
			return 0;
		}
		wanted[i] = *leaf;
	}
	if (log->batch == NULL)
	{
		old = MemoryContextSwitchTo(log->context);
		log->batch = ledger_entry_batch_new(&log->chain);
		MemoryContextSwitchTo(old);
	}
	ledger_entry_batch_reset(log->batch);
	for (int i = 0; i < n; i++)
	{
		LedgerEntryRow entry;
		LedgerEntryFound found;
		bool		ok;

		old = MemoryContextSwitchTo(log->scratch);
		found = ledger_log_entry(log, &wanted[i], &entry, problem);
		if (found == LEDGER_ENTRY_MISSING)
			*problem = "an entry is missing";
		ok = found != LEDGER_ENTRY_MISSING && found != LEDGER_ENTRY_DAMAGED &&
			ledger_entry_batch_add(log->batch, &entry, hashes[i], problem);
		MemoryContextSwitchTo(old);
		if (!ok)
			return 0;
		MemoryContextReset(log->scratch);
	}
	ledger_entry_batch_finish(log->batch);
	return n;
}

bool
ledger_log_leaf_hash(LedgerLog *log, uint64 leaf, uint8 hash[32], const char **problem)
{
	uint8		one[1][32];

	if (hash_block_leaves(log, leaf, 1, one, problem) != 1)
		return false;
	memcpy(hash, one[0], 32);
	return true;
}

/* ---- tiles --------------------------------------------------------------- */

const uint8 *
ledger_log_tile(LedgerLog *log, int level, uint64 tile_no)
{
	Datum		keys[3];
	Datum		values[Natts_tile];
	bool		nulls[Natts_tile];
	LogTile	   *tile;
	HeapTuple	tuple;
	const char *problem;
	struct varlena *v;
	MemoryContext old;

	if (log->tile_cache == NULL)
		log->tile_cache = MemoryContextAllocZero(log->context, sizeof(LogTile) * LOG_TILES);
	tile = &log->tile_cache[(tile_no + level * 3) % LOG_TILES];
	if (tile->valid && tile->level == level && tile->tile_no == tile_no)
		return (const uint8 *) tile->hashes;

	keys[0] = UUIDPGetDatum((pg_uuid_t *) log->chain.chain_id);
	keys[1] = Int16GetDatum(level);
	keys[2] = Int64GetDatum((int64) tile_no);
	tuple = ledger_log_first(log, &log->tiles, keys, BTEqualStrategyNumber, ForwardScanDirection);
	if (tuple == NULL)
		return NULL;
	problem = ledger_check_tuple(tuple->t_data, tuple->t_len, RelationGetDescr(log->tile),
								 log->tile->rd_rel->reltoastrelid);
	if (problem == NULL)
	{
		ledger_catalogue_deform(tuple, RelationGetDescr(log->tile), Natts_tile, values, nulls);
		if (nulls[Anum_tile_level - 1] || nulls[Anum_tile_no - 1] || nulls[Anum_tile_hashes - 1])
			problem = "a column is null";
		else if (DatumGetInt16(values[Anum_tile_level - 1]) != level ||
				 (uint64) DatumGetInt64(values[Anum_tile_no - 1]) != tile_no)
			problem = "its index names another tile";
	}
	if (problem == NULL)
	{
		old = MemoryContextSwitchTo(log->scratch);
		v = PG_DETOAST_DATUM_PACKED(values[Anum_tile_hashes - 1]);
		if (VARSIZE_ANY_EXHDR(v) != sizeof(tile->hashes))
			problem = "it does not hold 256 hashes";
		else
			memcpy(tile->hashes, VARDATA_ANY(v), sizeof(tile->hashes));
		MemoryContextSwitchTo(old);
		MemoryContextReset(log->scratch);
	}
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("row (%u,%u) of ledger.tile is damaged: %s",
						ItemPointerGetBlockNumber(&tuple->t_self),
						ItemPointerGetOffsetNumber(&tuple->t_self), problem)));
	tile->valid = true;
	tile->level = level;
	tile->tile_no = tile_no;
	return (const uint8 *) tile->hashes;
}

/* One hash of a tile that is not full: the root of the full tile below it. */
static bool
hash_of_full_tile(LedgerLog *log, int level, uint64 tile_no, uint8 hash[32], const char **problem)
{
	const uint8 *below = ledger_log_tile(log, level, tile_no);

	if (below == NULL)
	{
		*problem = psprintf("tile %d/" UINT64_FORMAT " is missing", level, tile_no);
		return false;
	}
	if (ledger_tile_root(log->hasher, below, hash))
		return true;
	*problem = "a tile cannot be hashed";
	return false;
}

bool
ledger_log_tile_hashes(LedgerLog *log, int level, uint64 tile_no, int width, uint8 (*hashes)[32],
					   const char **problem)
{
	const uint8 *full = NULL;
	const char *why = NULL;
	LogEdge	   *edge;

	if (level >= (int) lengthof(log->edges))
	{
		*problem = "a tile of an impossible level was asked for";
		return false;
	}

	/* A tile that was not full at this size may be by now. */
	full = ledger_log_tile(log, level, tile_no);
	if (full != NULL)
	{
		memcpy(hashes, full, (size_t) width * 32);
		return true;
	}

	edge = log->edges[level];
	if (edge == NULL || edge->tile_no != tile_no)
	{
		if (edge == NULL)
			edge = MemoryContextAllocZero(log->context, sizeof(LogEdge));
		edge->tile_no = tile_no;
		edge->n = 0;
		log->edges[level] = edge;
	}
	while (edge->n < width)
	{
		uint64		index = tile_no * LEDGER_TILE_WIDTH + edge->n;

		if (level == 0)
		{
			int			n = hash_block_leaves(log, index, width - edge->n, &edge->hashes[edge->n], &why);

			if (n == 0)
			{
				*problem = why;
				return false;
			}
			edge->n += n;
		}
		else
		{
			if (!hash_of_full_tile(log, level - 1, index, edge->hashes[edge->n], &why))
			{
				*problem = why;
				return false;
			}
			edge->n++;
		}
	}
	memcpy(hashes, edge->hashes, (size_t) width * 32);
	return true;
}

bool
ledger_log_node(void *arg, unsigned level, uint64 index, uint8 *out)
{
	LedgerLog  *log = arg;
	ledger_tile_place place;
	uint8		hashes[LEDGER_TILE_WIDTH][32];
	const char *problem;
	int			have;

	ledger_tile_find(level, index, &place);
	have = place.offset + place.width;
	return ledger_log_tile_hashes(log, place.tile_level, place.tile_index, have, hashes, &problem) &&
		ledger_tile_node(log->hasher, &place, &hashes[0][0], have, out);
}
