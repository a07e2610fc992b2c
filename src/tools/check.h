/*
 * tools/check.h
 *		The check of a whole export, shared by the check_*.c files.
 *
 * check_export.c reads the small files and calls the rest in this order:
 * check_log.c walks entries, tiles and blocks once; check_entry.c looks at each
 * entry and feeds check_members.c and, through sorted files, check_rows.c,
 * which in the end goes through the rows table by table.
 *
 * Memory does not grow with the number of rows or transactions: what the log
 * says of them is sorted outside of memory (tools/extsort.h). It grows with the
 * number of tables, schema versions and members.
 */
#ifndef LEDGER_TOOLS_CHECK_H
#define LEDGER_TOOLS_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/block.h"
#include "core/body.h"
#include "core/checkpoint.h"
#include "core/entry.h"
#include "core/merkle.h"
#include "core/opening.h"
#include "crypto/hash.h"
#include "tools/extsort.h"
#include "tools/finding.h"
#include "tools/io.h"
#include "tools/keyring.h"

typedef struct ledger_members ledger_members;
typedef struct ledger_tiles ledger_tiles;
typedef struct ledger_tables ledger_tables;

/* A root that an entry names for an earlier size of this log. */
typedef struct ledger_named_state
{
	uint64_t	leaf;
	uint64_t	ledger_tx;
	uint64_t	size;
	uint8_t		root[LEDGER_HASH_LEN];
} ledger_named_state;

typedef struct ledger_check
{
	const char *directory;
	const ledger_keyring *keys;
	ledger_suite suite;
	ledger_hasher *h;
	uint8_t		chain_id[LEDGER_ID_LEN];
	uint64_t	size;			/* leaves that the log should have */

	bool		have_checkpoint;	/* one that could be read */
	ledger_note note;			/* into checkpoint_file */
	ledger_file checkpoint_file;
	bool		have_old;		/* one that is trusted */
	ledger_tree_head old;

	ledger_members *members;
	ledger_tiles *tiles;
	ledger_tables *tables;
	ledger_named_state *states;
	size_t		nstates;
	size_t		states_capacity;
} ledger_check;

/* Check a directory; findings are printed. old_path is NULL or the file of an older checkpoint. */
extern void ledger_check_export(const char *directory, const ledger_keyring *keys, const char *old_path);

/* ---- check_log.c --------------------------------------------------------------- */

extern void ledger_check_log(ledger_check *c);

/* ---- check_tiles.c ------------------------------------------------------------- */

extern ledger_tiles *ledger_tiles_new(ledger_check *c);
extern void ledger_tiles_free(ledger_tiles *tiles);

/* Whether a path below the export is that of a tile of this log. */
extern bool ledger_tiles_expected(const ledger_check *c, const char *path);

/* The hash that the tiles have for a leaf, or NULL. Valid until another one is asked for. */
extern const uint8_t *ledger_tiles_leaf(ledger_tiles *tiles, uint64_t number);

/*
 * Compare the tiles above level 0 with the log: the hash of each next leaf by
 * the entries and by the tiles, then the end.
 */
extern void ledger_tiles_append(ledger_tiles *tiles, const uint8_t *mine, const uint8_t *theirs);
extern void ledger_tiles_finish(ledger_tiles *tiles);

/* Whether the log had this root when it had size leaves; for sound tiles. */
extern bool ledger_tiles_had_root(ledger_tiles *tiles, uint64_t size, const uint8_t *root);

/* ---- check_members.c ------------------------------------------------------------ */

extern ledger_members *ledger_members_new(ledger_check *c);
extern void ledger_members_free(ledger_members *members);
extern bool ledger_members_solo(const ledger_members *members);
extern void ledger_members_hash_now(ledger_members *members, uint8_t *hash);
extern void ledger_members_apply_member(ledger_members *members, const ledger_member_body *body,
										uint64_t ledger_tx, uint64_t leaf);
extern void ledger_members_apply_key(ledger_members *members, const ledger_key_body *body, uint64_t ledger_tx,
									 uint64_t leaf);

/* The file `keys`, and whether a member signed the checkpoint. */
extern void ledger_members_check_keys(ledger_members *members);

/* ---- check_entry.c --------------------------------------------------------------- */

/* One record of entries.bin. */
typedef struct ledger_item
{
	bool		present;		/* there is such a record */
	bool		decoded;		/* entry and hash are set */
	ledger_status status;		/* what is wrong with the entry or its openings */
	ledger_entry entry;
	uint8_t		hash[LEDGER_HASH_LEN];
	const uint8_t *openings;	/* what follows the entry; NULL where it is damaged */
	size_t		openings_len;
	uint8_t	   *data;			/* the record */
	size_t		capacity;
} ledger_item;

extern void ledger_item_decode(ledger_check *c, ledger_item *item, size_t len);

/* The entry before the one that is looked at. */
typedef struct ledger_entry_before
{
	bool		known;			/* false at the start and after a gap */
	uint64_t	ledger_tx;
	uint16_t	part;
} ledger_entry_before;

extern void ledger_check_entry(ledger_check *c, const ledger_item *item, uint64_t leaf,
							   ledger_entry_before *before);

/* ---- check_tables.c: what the log says of tables ---------------------------------- */

extern ledger_tables *ledger_tables_new(ledger_check *c);
extern void ledger_tables_free(ledger_tables *tables);
extern void ledger_tables_file(ledger_tables *tables, const uint8_t *table);	/* a file in rows/ */
extern size_t ledger_tables_files(const ledger_tables *tables);
extern void ledger_tables_transaction(ledger_tables *tables, uint64_t ledger_tx, uint64_t leaf);
extern void ledger_tables_group(ledger_tables *tables, const ledger_group *group, uint64_t ledger_tx,
								uint64_t leaf);
extern void ledger_tables_schema(ledger_tables *tables, const ledger_schema_body *body, uint64_t leaf);
extern void ledger_tables_purge(ledger_tables *tables, const uint8_t *table, uint64_t leaf);
extern void ledger_tables_baseline(ledger_tables *tables, const ledger_baseline_body *body,
								   uint64_t ledger_tx, uint64_t leaf);
extern void ledger_tables_signature(ledger_tables *tables, const ledger_signature_body *body, uint64_t leaf);
extern void ledger_tables_erase(ledger_tables *tables, const ledger_erase_body *body, uint64_t leaf);

/* After the log: schemas.bin and every file in rows/. */
extern void ledger_tables_check(ledger_tables *tables);

#endif							/* LEDGER_TOOLS_CHECK_H */
