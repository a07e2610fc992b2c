/*
 * core/packed.h
 *		Local bytes: ledger.entry and ledger.leaf, docs/format.md section 9, and ledger_salt, section 3.
 *
 * Not hashed, and not to be trusted either: readers check every bound.
 */
#ifndef LEDGER_CORE_PACKED_H
#define LEDGER_CORE_PACKED_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "crypto/hash.h"

/* ---- ledger.entry.groups ---------------------------------------------------- */

typedef struct ledger_packed_group
{
	uint32_t	table_no;
	uint32_t	schema_version;
	uint64_t	nrows;			/* at least 1 */
	uint32_t	first_seq;
	uint32_t	block_lo;		/* heap blocks of the rows, a hint; lo <= hi */
	uint32_t	block_hi;
	uint8_t		root[LEDGER_HASH_LEN];
} ledger_packed_group;

/* Most bytes that one group takes, and that a list takes before its groups. */
#define LEDGER_PACKED_GROUP_MAX (5 + 5 + 10 + 5 + 5 + 5 + LEDGER_HASH_LEN)
#define LEDGER_PACKED_HEADER_LEN 2

/* Number of groups first, then exactly that many ledger_packed_group_write(). */
extern void ledger_packed_begin(ledger_writer *w, uint16_t ngroups);

/* LEDGER_OK, LEDGER_NO_SPACE, or LEDGER_BAD_VALUE for no rows or block_hi < block_lo. */
extern ledger_status ledger_packed_group_write(ledger_writer *w, const ledger_packed_group *g);

/* The next group of a reader that stands after the number of groups; false sets r->error. */
extern bool ledger_packed_group_read(ledger_reader *r, ledger_packed_group *g);

/* Check a whole list and give its number of groups. */
extern ledger_status ledger_packed_check(const void *data, size_t len, uint16_t *ngroups);

typedef struct ledger_packed_iter
{
	ledger_reader r;
	uint16_t	left;
} ledger_packed_iter;

/* Reads the number of groups. An empty input is an error. */
extern ledger_status ledger_packed_iter_init(ledger_packed_iter *it, const void *data, size_t len);

/* False at the end and on damage, which it->r.error then tells; after the last group trailing bytes are damage. */
extern bool ledger_packed_next(ledger_packed_iter *it, ledger_packed_group *g);

/* ---- ledger.leaf.items ------------------------------------------------------ */

#define LEDGER_LEAF_ITEM_LEN 11

typedef struct ledger_leaf_item
{
	uint8_t		tx_low;			/* ledger_tx & 0xff */
	uint32_t	leaf_offset;	/* from the block's first leaf */
	uint32_t	heap_block;
	uint16_t	line_pointer;	/* from 1 */
} ledger_leaf_item;

extern void ledger_leaf_item_put(uint8_t out[LEDGER_LEAF_ITEM_LEN], const ledger_leaf_item *item);

/* Item number i; the caller knows that it is there. */
extern void ledger_leaf_item_get(const uint8_t *items, size_t i, ledger_leaf_item *item);

/* Whole items, in ascending leaf order, with line pointers; gives their number. */
extern ledger_status ledger_leaf_items_check(const void *items, size_t len, size_t *nitems);

/* The first item at or after position from whose tx_low is this one; nitems when there is none. */
extern size_t ledger_leaf_items_find(const uint8_t *items, size_t nitems, size_t from, uint8_t tx_low);

/* ---- ledger_salt ------------------------------------------------------------- */

/*
 * The column of salts of a row with redactable columns: one piece for each, in
 * col_id order; 16 random bytes, or the 32-byte commitment of an erased value.
 */
#define LEDGER_SALT_PIECE_OPEN 16
#define LEDGER_SALT_PIECE_ERASED 32

/* LEDGER_OK, LEDGER_NO_SPACE, or LEDGER_BAD_VALUE for another length. */
extern ledger_status ledger_salt_piece_write(ledger_writer *w, const void *piece, size_t len);

/* The next piece of a reader over the column; false at the end and on damage, which r->error tells. */
extern bool ledger_salt_piece_read(ledger_reader *r, const uint8_t **piece, size_t *len);

#endif							/* LEDGER_CORE_PACKED_H */
