/*
 * tools/check_log.c
 *		Walks the log of an export: entries, level 0 tiles and blocks together.
 *
 * Two trees grow, one of the entries and one of the tile hashes. Where they
 * part, the root of the next block that fits one of them says which of the two
 * was changed; the other tree then continues from the true one. So a changed
 * byte gives a finding where it is, and not one more for every block after it.
 */
#include "tools/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* How far a missing entry is looked for. Within the tiles that check_tiles.c keeps. */
#define WINDOW 256

/* A leaf for which the entry and the tile differ. */
typedef struct parting
{
	uint64_t	leaf;
	uint64_t	ledger_tx;
} parting;

typedef struct log_walk
{
	ledger_check *c;
	bool		have_records;
	ledger_stream records;
	ledger_item ahead[2];		/* this record and the next */
	int			nahead;			/* how many of them were read */
	ledger_entry_before before;

	uint64_t	pos;			/* number of the leaf that comes next */
	ledger_frontier mine;		/* by the entries */
	ledger_frontier theirs;		/* by the tiles, kept only while apart */
	bool		apart;			/* they may differ */
	uint8_t		last_mine[LEDGER_HASH_LEN]; /* the last leaf in both */
	uint8_t		last_theirs[LEDGER_HASH_LEN];
	parting	   *parted;			/* since the last block */
	size_t		nparted;
	size_t		parted_capacity;

	bool		root_lost;		/* every later root, or member list, would differ too */
	bool		members_lost;
} log_walk;

/* ---- records ahead -------------------------------------------------------------- */

static ledger_item *
peek(log_walk *w, int i)
{
	while (w->nahead <= i)
	{
		ledger_item *item = &w->ahead[w->nahead++];
		ledger_stream_state state = LEDGER_STREAM_END;

		item->present = false;
		if (w->have_records)
			state = ledger_stream_next(&w->records);
		if (state == LEDGER_STREAM_RECORD)
		{
			/* the item takes the record's buffer and leaves its own */
			uint8_t	   *data = item->data;
			size_t		capacity = item->capacity;

			item->data = w->records.data;
			item->capacity = w->records.capacity;
			w->records.data = data;
			w->records.capacity = capacity;
			ledger_item_decode(w->c, item, w->records.len);
			continue;
		}
		if (state == LEDGER_STREAM_CUT)
			ledger_finding("stream-cut", ledger_at_file("entries.bin"), NULL);
		w->have_records = false;
	}
	return &w->ahead[i];
}

/* The first record is done with. */
static void
drop(log_walk *w)
{
	ledger_item first = w->ahead[0];

	w->ahead[0] = w->ahead[1];
	w->ahead[1] = first;		/* for its buffer */
	w->ahead[1].present = false;
	w->nahead--;
}

/* ---- leaves ---------------------------------------------------------------------- */

static bool
same_hash(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, LEDGER_HASH_LEN) == 0;
}

/* Whether the tiles have this entry a little later. */
static bool
comes_later(log_walk *w, const uint8_t *hash)
{
	uint64_t	i;

	for (i = w->pos + 1; i < w->pos + WINDOW && i < w->c->size; i++)
	{
		const uint8_t *tile = ledger_tiles_leaf(w->c->tiles, i);

		if (tile != NULL && same_hash(tile, hash))
			return true;
	}
	return false;
}

static void
grow(log_walk *w, const uint8_t *mine, const uint8_t *theirs)
{
	if (!w->apart && !same_hash(mine, theirs))
	{
		memcpy(&w->theirs, &w->mine, ledger_frontier_size(&w->mine));
		w->apart = true;
	}
	memcpy(w->last_mine, mine, LEDGER_HASH_LEN);
	memcpy(w->last_theirs, theirs, LEDGER_HASH_LEN);
	ledger_tiles_append(w->c->tiles, mine, theirs);
	ledger_must(ledger_frontier_append(&w->mine, w->c->h, mine));
	if (w->apart)
		ledger_must(ledger_frontier_append(&w->theirs, w->c->h, theirs));
	w->pos++;
}

/* The roots by the entries and by the tiles. */
static void
both_roots(log_walk *w, uint8_t *mine, uint8_t *theirs)
{
	ledger_must(ledger_frontier_root(&w->mine, w->c->h, mine));
	if (w->apart)
		ledger_must(ledger_frontier_root(&w->theirs, w->c->h, theirs));
	else
		memcpy(theirs, mine, LEDGER_HASH_LEN);
}

static bool
root_is(log_walk *w, const uint8_t *root)
{
	uint8_t		mine[LEDGER_HASH_LEN];
	uint8_t		theirs[LEDGER_HASH_LEN];

	both_roots(w, mine, theirs);
	return same_hash(mine, root) || same_hash(theirs, root);
}

/* An entry that stands where the tiles have none. */
static void
report_extra(log_walk *w, const ledger_item *item)
{
	if (!item->decoded)
		ledger_finding("entry-malformed", ledger_at_leaf(w->pos), "%s", ledger_status_text(item->status));
	else
		ledger_finding("entry-extra", ledger_at_entry(item->entry.header.ledger_tx, w->pos), NULL);
}

/*
 * Which record is that of leaf pos? One that the tiles do not have here may
 * have been put in (the next one fits), or the true one left out (this one
 * fits later on), or else it was changed. NULL: there is none.
 */
static ledger_item *
record_of_leaf(log_walk *w, const uint8_t *tile)
{
	for (;;)
	{
		ledger_item *item = peek(w, 0);
		ledger_item *after;

		if (!item->present)
			return NULL;
		if (tile == NULL || (item->decoded && same_hash(item->hash, tile)))
			return item;
		after = peek(w, 1);
		if (after->present && after->decoded && same_hash(after->hash, tile))
		{
			report_extra(w, item);
			drop(w);
			continue;
		}
		return item->decoded && comes_later(w, item->hash) ? NULL : item;
	}
}

/* Take one leaf; false at the end of the log. */
static bool
next_leaf(log_walk *w)
{
	ledger_check *c = w->c;
	uint64_t	leaf = w->pos;
	const uint8_t *found;
	uint8_t		tile[LEDGER_HASH_LEN];
	ledger_item *item;

	if (leaf >= c->size)
		return false;
	found = ledger_tiles_leaf(c->tiles, leaf);
	if (found != NULL)
		memcpy(tile, found, sizeof(tile));
	item = record_of_leaf(w, found == NULL ? NULL : tile);
	if (item == NULL && found == NULL)
		return false;

	if (item == NULL)
	{
		ledger_finding("entry-missing", ledger_at_leaf(leaf), NULL);
		w->before.known = false;
		grow(w, tile, tile);
	}
	else if (!item->decoded)
	{
		ledger_finding("entry-malformed", ledger_at_leaf(leaf), "%s", ledger_status_text(item->status));
		w->before.known = false;
		drop(w);
		if (found == NULL)
			return false;
		grow(w, tile, tile);
	}
	else
	{
		if (found != NULL && !same_hash(item->hash, tile))
		{
			LEDGER_GROW(w->parted, w->nparted, w->parted_capacity);
			w->parted[w->nparted].leaf = leaf;
			w->parted[w->nparted].ledger_tx = item->entry.header.ledger_tx;
			w->nparted++;
		}
		grow(w, item->hash, found == NULL ? item->hash : tile);
		ledger_check_entry(c, item, leaf, &w->before);
		drop(w);
	}
	if (c->have_old && c->old.size == w->pos && !root_is(w, c->old.root))
		ledger_finding("old-checkpoint-root", ledger_nowhere(), NULL);
	return true;
}

/*
 * With the root that a block names (NULL: there is no block), decide about the
 * leaves for which entry and tile differ. False when the root is neither's.
 */
static bool
settle(log_walk *w, const uint8_t *root)
{
	uint8_t		mine[LEDGER_HASH_LEN];
	uint8_t		theirs[LEDGER_HASH_LEN];
	bool		by_entries;
	bool		by_tiles;
	size_t		i;

	both_roots(w, mine, theirs);
	by_entries = root != NULL && same_hash(root, mine);
	by_tiles = root != NULL && same_hash(root, theirs);
	for (i = 0; i < w->nparted; i++)
	{
		ledger_place at = ledger_at_entry(w->parted[i].ledger_tx, w->parted[i].leaf);

		if (by_entries && !by_tiles)
			ledger_finding("tile-wrong", at, "a tile does not hold the hash of this entry");
		else
			ledger_finding("entry-changed", at, NULL);
	}
	if (by_tiles && !by_entries)
		memcpy(&w->mine, &w->theirs, ledger_frontier_size(&w->theirs));
	if (by_tiles || by_entries)
		w->apart = false;
	w->nparted = 0;
	return root == NULL || by_entries || by_tiles;
}

/* ---- blocks ---------------------------------------------------------------------- */

/* What a chain of one puts into every block besides its leaves. */
static bool
solo_body(ledger_check *c, const ledger_block *b)
{
	ledger_block_body empty = {0};
	uint8_t		hash[LEDGER_HASH_LEN];

	ledger_must(ledger_body_hash(c->h, &empty, hash));
	return b->epoch == 0 && b->proposer == 0 && same_hash(hash, b->body_hash);
}

static void
check_block(log_walk *w, const ledger_block *b)
{
	ledger_check *c = w->c;
	uint8_t		before[LEDGER_HASH_LEN];
	uint8_t		after[LEDGER_HASH_LEN];
	uint8_t		leaf[LEDGER_HASH_LEN];
	uint8_t		root[2][LEDGER_HASH_LEN];
	ledger_frontier results[2];
	bool		solo = ledger_members_solo(c->members);
	uint32_t	i;

	ledger_members_hash_now(c->members, before);
	ledger_frontier_init(&results[0]);
	ledger_frontier_init(&results[1]);
	for (i = 0; i < b->n && next_leaf(w); i++)
	{
		ledger_must(ledger_verdict_leaf(c->h, w->last_mine, 0, NULL, 0, leaf));
		ledger_must(ledger_frontier_append(&results[0], c->h, leaf));
		if (!same_hash(w->last_mine, w->last_theirs))
			ledger_must(ledger_verdict_leaf(c->h, w->last_theirs, 0, NULL, 0, leaf));
		ledger_must(ledger_frontier_append(&results[1], c->h, leaf));
		solo = solo && ledger_members_solo(c->members);
	}
	if (!settle(w, b->log_root) && !w->root_lost)
	{
		w->root_lost = true;
		ledger_finding("block-root", ledger_at_height(b->height), NULL);
	}
	ledger_must(ledger_frontier_root(&results[0], c->h, root[0]));
	ledger_must(ledger_frontier_root(&results[1], c->h, root[1]));
	if (solo &&
		((!same_hash(root[0], b->results_root) && !same_hash(root[1], b->results_root)) || !solo_body(c, b)))
		ledger_finding("block-results", ledger_at_height(b->height), NULL);
	ledger_members_hash_now(c->members, after);
	if ((!same_hash(before, b->members_hash) || !same_hash(after, b->next_members_hash)) && !w->members_lost)
	{
		w->members_lost = true;
		ledger_finding("block-members", ledger_at_height(b->height), NULL);
	}
}

static void
check_blocks(log_walk *w)
{
	ledger_check *c = w->c;
	char	   *path = ledger_path(c->directory, "blocks.bin");
	ledger_stream stream;
	ledger_stream_state state = LEDGER_STREAM_END;
	uint64_t	height = 0;
	uint64_t	end = 0;
	uint8_t		prev_hash[LEDGER_HASH_LEN] = {0};
	ledger_block b;
	bool		last = false;

	if (!ledger_stream_open(&stream, path))
		ledger_finding("file-missing", ledger_at_file("blocks.bin"), NULL);
	while (stream.file != NULL && (state = ledger_stream_next(&stream)) == LEDGER_STREAM_RECORD)
	{
		uint8_t		hash[LEDGER_HASH_LEN];

		if (w->pos >= c->size)
		{
			ledger_finding("block-extra", ledger_at_height(height), NULL);
			break;
		}
		ledger_must(ledger_hash_prefixed(c->h, 0x02, stream.data, stream.len, hash));
		last = ledger_block_parse(stream.data, stream.len, &b) == LEDGER_OK;
		if (!last)
		{
			ledger_finding("block-malformed", ledger_at_height(height), NULL);
			memcpy(prev_hash, hash, sizeof(hash));
			height++;
			continue;
		}
		if (memcmp(b.chain_id, c->chain_id, LEDGER_ID_LEN) != 0 || b.height != height ||
			!same_hash(b.prev_hash, prev_hash) || b.first_leaf != end)
			ledger_finding("block-chain", ledger_at_height(b.height), NULL);
		memcpy(prev_hash, hash, sizeof(hash));
		height = b.height + 1;
		end = b.first_leaf + b.n;
		if (b.first_leaf >= w->pos) /* else its leaves were read with another block */
		{
			/* leaves of a block that is not here */
			while (end <= c->size && w->pos < b.first_leaf && next_leaf(w))
				;
			check_block(w, &b);
		}
		if (c->have_old && c->old.height == b.height &&
			(c->old.size != end || !same_hash(c->old.block_hash, hash)))
			ledger_finding("old-checkpoint-block", ledger_at_height(b.height), NULL);
	}
	if (state == LEDGER_STREAM_CUT)
		ledger_finding("stream-cut", ledger_at_file("blocks.bin"), NULL);
	ledger_stream_close(&stream);
	free(path);

	if (w->pos < c->size)
		ledger_finding("block-missing", ledger_at_leaf(w->pos), NULL);
	if (c->have_checkpoint &&
		(!last || !same_hash(c->note.head.block_hash, prev_hash) || c->note.head.height != b.height ||
		 c->note.head.epoch != b.epoch || c->note.head.size != end))
		ledger_finding("checkpoint-block", ledger_nowhere(), NULL);
}

/* ---- the whole log ----------------------------------------------------------------- */

void
ledger_check_log(ledger_check *c)
{
	char	   *path = ledger_path(c->directory, "entries.bin");
	log_walk   *w = ledger_alloc(sizeof(*w));

	memset(w, 0, sizeof(*w));
	w->c = c;
	ledger_frontier_init(&w->mine);
	w->have_records = ledger_stream_open(&w->records, path);
	if (!w->have_records)
		ledger_finding("file-missing", ledger_at_file("entries.bin"), NULL);

	check_blocks(w);
	while (next_leaf(w))
		;
	settle(w, NULL);
	if (w->pos < c->size)
		ledger_finding("entry-missing", ledger_at_leaf(w->pos), "the log ends %" PRIu64 " leaves early",
					   c->size - w->pos);
	if (peek(w, 0)->present)
		ledger_finding("entry-extra", ledger_nowhere(), "entries after the end of the log");
	ledger_tiles_finish(c->tiles);
	if (c->have_checkpoint && !root_is(w, c->note.head.root))
		ledger_finding("checkpoint-root", ledger_nowhere(), NULL);
	if (c->have_old && c->old.size > c->size)
		ledger_finding("old-checkpoint-newer", ledger_nowhere(), NULL);

	ledger_stream_close(&w->records);
	free(w->ahead[0].data);
	free(w->ahead[1].data);
	free(w->parted);
	free(w);
	free(path);
}
