/*
 * core/merkle.h
 *		Merkle trees of RFC 6962 section 2.1: frontiers, ranges, proofs, tiles.
 *
 * node = H(01 || left || right); a leaf's hash is given by the caller; the root
 * of an empty tree is H(""). Subtree (level, index) is the perfect subtree over
 * the 2^level leaves from index * 2^level on. Nothing here allocates.
 */
#ifndef LEDGER_CORE_MERKLE_H
#define LEDGER_CORE_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/status.h"
#include "crypto/hash.h"

/* Sizes are below 2^63, so a proof has at most this many hashes. */
#define LEDGER_MERKLE_MAX_LEVEL 63
#define LEDGER_PROOF_MAX 64

typedef uint8_t ledger_digest[LEDGER_HASH_LEN];

/* ---- frontier ------------------------------------------------------------- */

/*
 * A tree that grows: the hashes of its maximal perfect subtrees, largest first,
 * as many as count has bits set. No pointers; may be copied with memcpy, and the
 * first ledger_frontier_size() bytes are enough.
 */
typedef struct ledger_frontier
{
	uint64_t	count;			/* leaves */
	ledger_digest node[LEDGER_MERKLE_MAX_LEVEL];
} ledger_frontier;

extern void ledger_frontier_init(ledger_frontier *f);

/* Number of hashes in use, and bytes of the struct that hold them. */
extern unsigned ledger_frontier_nodes(const ledger_frontier *f);
extern size_t ledger_frontier_size(const ledger_frontier *f);

/* False when the hash failed or the tree is full; f is then as before. */
extern bool ledger_frontier_append(ledger_frontier *f, ledger_hasher *h, const uint8_t *leaf);

/*
 * Append n leaves at once, with the multi-buffer hash. The array is used as
 * scratch. False as above, but f is then not to be used.
 */
extern bool ledger_frontier_append_many(ledger_frontier *f, ledger_hasher *h, ledger_digest *leaves,
										size_t n);

/*
 * The same with as many leaves as complete the perfect subtree of 2^level leaves
 * at the right edge, not more; gives its root too, which the frontier may not keep.
 */
extern bool ledger_frontier_complete(ledger_frontier *f, ledger_hasher *h, unsigned level,
									 ledger_digest *leaves, size_t n, uint8_t *root);

/* Append a perfect subtree of 2^level leaves; count must be a multiple of 2^level, else false. */
extern bool ledger_frontier_append_subtree(ledger_frontier *f, ledger_hasher *h, unsigned level,
										   const uint8_t *root);

extern bool ledger_frontier_root(const ledger_frontier *f, ledger_hasher *h, uint8_t *root);

/* From count and its concatenated hashes, largest subtree first (format.md, ledger.block.frontier). */
extern ledger_status ledger_frontier_load(ledger_frontier *f, uint64_t count, const uint8_t *hashes,
										  size_t len);

/* ---- compact range -------------------------------------------------------- */

/*
 * The leaves [begin, end) of a tree as the hashes of their maximal aligned
 * perfect subtrees, from left to right. Adjacent ranges merge into the range
 * that a single pass would have built, so a tree may be hashed in pieces. No
 * pointers; the first ledger_range_size() bytes are enough.
 */
typedef struct ledger_range
{
	uint64_t	begin;
	uint64_t	end;
	ledger_digest node[2 * LEDGER_MERKLE_MAX_LEVEL];
} ledger_range;

/* The empty range that starts at leaf begin. */
extern void ledger_range_init(ledger_range *r, uint64_t begin);

extern unsigned ledger_range_nodes(const ledger_range *r);
extern size_t ledger_range_size(const ledger_range *r);

/* False when the hash failed or the range is full; r is then as before. */
extern bool ledger_range_append(ledger_range *r, ledger_hasher *h, const uint8_t *leaf);

/* The same for n leaves at once; the array is used as scratch. After false r is not to be used. */
extern bool ledger_range_append_many(ledger_range *r, ledger_hasher *h, ledger_digest *leaves, size_t n);

/* end must be a multiple of 2^level, else false. */
extern bool ledger_range_append_subtree(ledger_range *r, ledger_hasher *h, unsigned level,
										const uint8_t *root);

/* Append right, which must begin where left ends, else false. After false left is not to be used. */
extern bool ledger_range_merge(ledger_range *left, ledger_hasher *h, const ledger_range *right);

/* The root of the tree of end leaves; false unless begin is 0. */
extern bool ledger_range_root(const ledger_range *r, ledger_hasher *h, uint8_t *root);

/* ---- proofs --------------------------------------------------------------- */

/*
 * Gives the hash of subtree (level, index), which lies within the tree. False
 * makes the caller's function return LEDGER_NO_HASH.
 */
typedef bool (*ledger_node_source)(void *arg, unsigned level, uint64_t index, uint8_t *out);

/* The root of the tree of the first size leaves, from its perfect subtrees. */
extern ledger_status ledger_tree_root(ledger_hasher *h, uint64_t size, ledger_node_source source, void *arg,
									  uint8_t *root);

/*
 * RFC 9162 section 2.1.3.1: the path of leaf index in the tree of size leaves,
 * from the leaf up. path has room for LEDGER_PROOF_MAX hashes. LEDGER_BAD_VALUE
 * unless index < size.
 */
extern ledger_status ledger_inclusion_prove(ledger_hasher *h, uint64_t index, uint64_t size,
											ledger_node_source source, void *arg, ledger_digest *path,
											size_t *npath);

/* RFC 9162 section 2.1.3.2: the root that the path leads to. LEDGER_BAD_VALUE, or LEDGER_BAD_ROOT for a path of wrong length. */
extern ledger_status ledger_inclusion_root(ledger_hasher *h, const uint8_t *leaf, uint64_t index,
										   uint64_t size, const ledger_digest *path, size_t npath,
										   uint8_t *root);

/* The same compared with a root: LEDGER_OK or LEDGER_BAD_ROOT, LEDGER_BAD_VALUE. */
extern ledger_status ledger_inclusion_verify(ledger_hasher *h, const uint8_t *leaf, uint64_t index,
											 uint64_t size, const ledger_digest *path, size_t npath,
											 const uint8_t *root);

/*
 * RFC 9162 section 2.1.4.1. Empty when from is 0 or from = to. LEDGER_BAD_VALUE
 * unless from <= to.
 */
extern ledger_status ledger_consistency_prove(ledger_hasher *h, uint64_t from, uint64_t to,
											  ledger_node_source source, void *arg, ledger_digest *path,
											  size_t *npath);

/*
 * RFC 9162 section 2.1.4.2. Between equal sizes the roots must be equal and the
 * path empty; from 0 the path must be empty and from_root H("").
 */
extern ledger_status ledger_consistency_verify(ledger_hasher *h, uint64_t from, uint64_t to,
											   const uint8_t *from_root, const uint8_t *to_root,
											   const ledger_digest *path, size_t npath);

/* ---- tiles ---------------------------------------------------------------- */

#define LEDGER_TILE_HEIGHT 8
#define LEDGER_TILE_WIDTH 256

/*
 * Where the subtree (level, index) is found: it is the root over width hashes
 * from offset on in tile (tile_level, tile_index).
 */
typedef struct ledger_tile_place
{
	unsigned	tile_level;
	uint64_t	tile_index;
	unsigned	offset;			/* in hashes */
	unsigned	width;			/* 1, 2, 4 .. 128 */
} ledger_tile_place;

extern void ledger_tile_find(unsigned level, uint64_t index, ledger_tile_place *place);

/* The subtree's hash from the tile's hashes, of which have are present. False when they do not reach. */
extern bool ledger_tile_node(ledger_hasher *h, const ledger_tile_place *place, const uint8_t *tile,
							 size_t have, uint8_t *out);

/* The root over a full tile. False when a hash fails. */
extern bool ledger_tile_root(ledger_hasher *h, const uint8_t *tile, uint8_t *root);

/* Full tiles of a level in a tree of size leaves, and hashes in the partial tile after them (0: there is none). */
extern uint64_t ledger_tile_count(uint64_t size, unsigned tile_level);
extern unsigned ledger_tile_partial(uint64_t size, unsigned tile_level);

/*
 * Append the C2SP path "tile/<L>/<N>" or "tile/<L>/<N>.p/<W>" for 1 <= width <=
 * 255; width 0 or 256 means the full tile.
 */
extern void ledger_tile_path(ledger_writer *w, unsigned tile_level, uint64_t tile_index, unsigned width);

#endif							/* LEDGER_CORE_MERKLE_H */
