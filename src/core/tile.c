/*
 * core/tile.c
 *		Tiles of C2SP tlog-tiles: 256 hashes of one level in every eight.
 */
#include "core/merkle.h"

#include <string.h>

void
ledger_tile_find(unsigned level, uint64_t index, ledger_tile_place *place)
{
	unsigned	above = level % LEDGER_TILE_HEIGHT;
	uint64_t	first = index << above;

	place->tile_level = level / LEDGER_TILE_HEIGHT;
	place->tile_index = first / LEDGER_TILE_WIDTH;
	place->offset = (unsigned) (first % LEDGER_TILE_WIDTH);
	place->width = 1u << above;
}

bool
ledger_tile_node(ledger_hasher *h, const ledger_tile_place *place, const uint8_t *tile, size_t have,
				 uint8_t *out)
{
	ledger_digest node[LEDGER_TILE_WIDTH / 2];
	unsigned	n = place->width;

	if (n == 0 || n > LEDGER_TILE_WIDTH / 2 || (n & (n - 1)) != 0 || have > LEDGER_TILE_WIDTH ||
		place->offset > have || n > have - place->offset)
		return false;
	memcpy(node, tile + place->offset * sizeof(ledger_digest), n * sizeof(ledger_digest));
	for (; n > 1; n /= 2)
		if (!ledger_hash_nodes_many(h, n / 2, (const ledger_digest *) node, node))
			return false;
	memcpy(out, node[0], sizeof(ledger_digest));
	return true;
}

bool
ledger_tile_root(ledger_hasher *h, const uint8_t *tile, uint8_t *root)
{
	ledger_digest node[LEDGER_TILE_WIDTH];

	memcpy(node, tile, sizeof(node));
	for (size_t n = LEDGER_TILE_WIDTH / 2; n > 0; n /= 2)
		if (!ledger_hash_nodes_many(h, n, (const uint8_t(*)[LEDGER_HASH_LEN]) node, node))
			return false;
	memcpy(root, node[0], LEDGER_HASH_LEN);
	return true;
}

uint64_t
ledger_tile_count(uint64_t size, unsigned tile_level)
{
	unsigned	shift = LEDGER_TILE_HEIGHT * (tile_level + 1);

	return shift < 64 ? size >> shift : 0;
}

unsigned
ledger_tile_partial(uint64_t size, unsigned tile_level)
{
	unsigned	shift = LEDGER_TILE_HEIGHT * tile_level;

	return shift < 64 ? (unsigned) ((size >> shift) % LEDGER_TILE_WIDTH) : 0;
}

void
ledger_tile_path(ledger_writer *w, unsigned tile_level, uint64_t tile_index, unsigned width)
{
	uint64_t	scale = 1;

	ledger_write_string(w, "tile/");
	ledger_write_decimal(w, tile_level);
	ledger_write_u8(w, '/');
	while (tile_index / scale >= 1000)
		scale *= 1000;
	for (; scale > 0; scale /= 1000)
	{
		unsigned	group = (unsigned) (tile_index / scale % 1000);

		if (scale > 1)
			ledger_write_u8(w, 'x');
		ledger_write_u8(w, (uint8_t) ('0' + group / 100));
		ledger_write_u8(w, (uint8_t) ('0' + group / 10 % 10));
		ledger_write_u8(w, (uint8_t) ('0' + group % 10));
		if (scale > 1)
			ledger_write_u8(w, '/');
	}
	if (width > 0 && width < LEDGER_TILE_WIDTH)
	{
		ledger_write_string(w, ".p/");
		ledger_write_decimal(w, width);
	}
}
