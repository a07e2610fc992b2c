/*
 * tools/check_tiles.c
 *		The tiles of an export against its log.
 *
 * Level 0 is read beside the entries by check_log.c, which decides what to make
 * of a difference. Above it, a hash is right if the log gives it, either by the
 * entries or by the level 0 tiles: the difference has been reported already.
 */
#include "tools/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A 64-bit size has tiles in this many levels. */
#define LEVELS 8

/* The leaf tiles that are kept: the current one, and the next for looking ahead. */
#define KEPT 2

typedef struct tile
{
	bool		loaded;
	uint64_t	index;
	unsigned	width;			/* hashes present, 0 for a tile that is missing or damaged */
	uint8_t		hashes[LEDGER_TILE_WIDTH * LEDGER_HASH_LEN];
} tile;

/* The tile of one level that is being filled. */
typedef struct level
{
	uint64_t	index;
	unsigned	width;
	ledger_digest mine[LEDGER_TILE_WIDTH];
	ledger_digest theirs[LEDGER_TILE_WIDTH];
} level;

struct ledger_tiles
{
	ledger_check *c;
	tile		kept[KEPT];		/* of level 0, tile N in kept[N % KEPT] */
	tile		other;			/* of any level */
	level	   *levels[LEVELS];
};

ledger_tiles *
ledger_tiles_new(ledger_check *c)
{
	ledger_tiles *tiles = ledger_alloc(sizeof(*tiles));

	memset(tiles, 0, sizeof(*tiles));
	tiles->c = c;
	return tiles;
}

void
ledger_tiles_free(ledger_tiles *tiles)
{
	int			i;

	if (tiles == NULL)
		return;
	for (i = 0; i < LEVELS; i++)
		free(tiles->levels[i]);
	free(tiles);
}

/* Hashes that tile (level, index) has in a log of size leaves, 0 for none. */
static unsigned
tile_width(uint64_t size, unsigned tile_level, uint64_t index)
{
	uint64_t	full = ledger_tile_count(size, tile_level);

	if (index < full)
		return LEDGER_TILE_WIDTH;
	return index == full ? ledger_tile_partial(size, tile_level) : 0;
}

static void
tile_name(char *out, size_t cap, unsigned tile_level, uint64_t index, unsigned width)
{
	ledger_writer w;

	ledger_writer_init(&w, out, cap - 1);
	ledger_tile_path(&w, tile_level, index, width);
	if (!ledger_writer_ok(&w))
		ledger_die("tile path does not fit its buffer");
	out[w.len] = '\0';
}

bool
ledger_tiles_expected(const ledger_check *c, const char *path)
{
	const char *p = path;
	unsigned	tile_level;
	uint64_t	index = 0;
	unsigned	digits = 0;
	unsigned	width;
	char		name[128];

	if (strncmp(p, "tile/", 5) != 0 || p[5] < '0' || p[5] > '7' || p[6] != '/')
		return false;
	tile_level = (unsigned) (p[5] - '0');
	for (p += 7; *p != '\0' && *p != '.'; p++)
	{
		if (*p >= '0' && *p <= '9')
		{
			if (++digits > 18)
				return false;
			index = index * 10 + (unsigned) (*p - '0');
		}
		else if (*p != 'x' && *p != '/')
			return false;
	}
	width = tile_width(c->size, tile_level, index);
	if (width == 0)
		return false;
	tile_name(name, sizeof(name), tile_level, index, width);
	return strcmp(name, path) == 0;
}

/* Read a tile; false, and a finding, when it is missing or has another size. */
static bool
load(ledger_tiles *tiles, tile *t, unsigned tile_level, uint64_t index)
{
	unsigned	width = tile_width(tiles->c->size, tile_level, index);
	char		name[128];
	char	   *path;
	ledger_file file;
	bool		found;

	t->loaded = true;
	t->index = index;
	t->width = 0;
	if (width == 0)
		return false;
	tile_name(name, sizeof(name), tile_level, index, width);
	path = ledger_path(tiles->c->directory, name);
	found = ledger_file_read(path, &file);
	if (!found)
		ledger_finding("tile-missing", ledger_at_file(name), NULL);
	else if (file.len != (size_t) width * LEDGER_HASH_LEN)
		ledger_finding("tile-wrong", ledger_at_file(name), "a tile of %u hashes has %zu bytes", width,
					   file.len);
	else
	{
		memcpy(t->hashes, file.data, file.len);
		t->width = width;
	}
	free(file.data);
	free(path);
	return t->width > 0;
}

const uint8_t *
ledger_tiles_leaf(ledger_tiles *tiles, uint64_t number)
{
	uint64_t	index = number / LEDGER_TILE_WIDTH;
	tile	   *t = &tiles->kept[index % KEPT];

	if (!t->loaded || t->index != index)
		load(tiles, t, 0, index);
	if (number % LEDGER_TILE_WIDTH >= t->width)
		return NULL;
	return t->hashes + number % LEDGER_TILE_WIDTH * LEDGER_HASH_LEN;
}

static void
compare(ledger_tiles *tiles, unsigned tile_level)
{
	level	   *l = tiles->levels[tile_level];
	unsigned	i;

	if (tile_level == 0 || !load(tiles, &tiles->other, tile_level, l->index))
		return;
	for (i = 0; i < l->width && i < tiles->other.width; i++)
	{
		const uint8_t *hash = tiles->other.hashes + i * LEDGER_HASH_LEN;

		if (memcmp(hash, l->mine[i], LEDGER_HASH_LEN) != 0 &&
			memcmp(hash, l->theirs[i], LEDGER_HASH_LEN) != 0)
		{
			char		name[128];

			tile_name(name, sizeof(name), tile_level, l->index, tiles->other.width);
			ledger_finding("tile-wrong", ledger_at_file(name), NULL);
			return;
		}
	}
}

static void
append(ledger_tiles *tiles, unsigned tile_level, const uint8_t *mine, const uint8_t *theirs)
{
	level	   *l = tiles->levels[tile_level];

	if (l == NULL)
	{
		l = tiles->levels[tile_level] = ledger_alloc(sizeof(*l));
		l->index = 0;
		l->width = 0;
	}
	memcpy(l->mine[l->width], mine, LEDGER_HASH_LEN);
	memcpy(l->theirs[l->width], theirs, LEDGER_HASH_LEN);
	if (++l->width == LEDGER_TILE_WIDTH)
	{
		ledger_digest up[2];
		bool		same = memcmp(l->mine, l->theirs, sizeof(l->mine)) == 0;

		compare(tiles, tile_level);
		ledger_must(ledger_tile_root(tiles->c->h, l->mine[0], up[0]));
		if (same)
			memcpy(up[1], up[0], LEDGER_HASH_LEN);
		else
			ledger_must(ledger_tile_root(tiles->c->h, l->theirs[0], up[1]));
		l->index++;
		l->width = 0;
		append(tiles, tile_level + 1, up[0], up[1]);
	}
}

void
ledger_tiles_append(ledger_tiles *tiles, const uint8_t *mine, const uint8_t *theirs)
{
	append(tiles, 0, mine, theirs);
}

void
ledger_tiles_finish(ledger_tiles *tiles)
{
	unsigned	i;

	for (i = 0; i < LEVELS; i++)
		if (tiles->levels[i] != NULL && tiles->levels[i]->width > 0)
			compare(tiles, i);
}

/* A ledger_node_source. */
static bool
node_from_tiles(void *arg, unsigned node_level, uint64_t index, uint8_t *out)
{
	ledger_tiles *tiles = arg;
	ledger_tile_place place;

	ledger_tile_find(node_level, index, &place);
	return load(tiles, &tiles->other, place.tile_level, place.tile_index) &&
		ledger_tile_node(tiles->c->h, &place, tiles->other.hashes, tiles->other.width, out);
}

bool
ledger_tiles_had_root(ledger_tiles *tiles, uint64_t size, const uint8_t *root)
{
	uint8_t		had[LEDGER_HASH_LEN];

	ledger_must(ledger_tree_root(tiles->c->h, size, node_from_tiles, tiles, had) == LEDGER_OK);
	return memcmp(had, root, LEDGER_HASH_LEN) == 0;
}
