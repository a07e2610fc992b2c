/*
 * tools/check_tables.h
 *		What the log of an export says of its tables, for check_rows.c.
 */
#ifndef LEDGER_TOOLS_CHECK_TABLES_H
#define LEDGER_TOOLS_CHECK_TABLES_H

#include "core/row.h"
#include "tools/check.h"

/* A SCHEMA entry and, once schemas.bin was read, what rows need of its body. */
typedef struct ledger_known_column
{
	uint16_t	col_id;
	uint8_t		tag;
	uint8_t		flags;
} ledger_known_column;

typedef struct ledger_known_schema
{
	uint8_t		table[LEDGER_ID_LEN];
	uint32_t	version;
	uint64_t	leaf;			/* of the SCHEMA entry */
	uint8_t		hash[LEDGER_HASH_LEN];
	bool		have_body;
	uint8_t		kind;
	uint16_t	ncols;
	ledger_known_column *columns;
} ledger_known_schema;

/* A BASELINE and the rows that were met for it. */
typedef struct ledger_known_baseline
{
	uint8_t		table[LEDGER_ID_LEN];
	uint32_t	version;
	uint64_t	nrows;
	uint8_t		root[LEDGER_HASH_LEN];
	uint64_t	ledger_tx;
	uint64_t	leaf;
	ledger_frontier tree;
} ledger_known_baseline;

typedef struct ledger_known_purge
{
	uint8_t		table[LEDGER_ID_LEN];
	uint64_t	leaf;
} ledger_known_purge;

/*
 * Records of the sorted files. Their order is the order of the keys, and the
 * number of the leaf last keeps what the log said first in front.
 *
 *	transaction = ledger_tx u64 | leaf u64
 *	group		= table[16] | ledger_tx u64 | schema_version u32 | leaf u64 | nrows u64 | root[32]
 *	reference	= table[16] | ledger_tx u64 | ledger_seq u32 | leaf u64 | kind u8 | col_id u16 | row leaf[32]
 *
 * A reference is what a SIGNATURE or ERASE entry says of a row; an ERASE has one
 * for each column, with col_id 0 where it names none.
 */
#define LEDGER_TRANSACTION_RECORD 16
#define LEDGER_GROUP_RECORD 76
#define LEDGER_GROUP_KEY 28
#define LEDGER_REFERENCE_RECORD 71
#define LEDGER_REFERENCE_KEY 28

struct ledger_tables
{
	ledger_check *c;
	ledger_sort *transactions;
	ledger_sort *groups;
	ledger_sort *references;
	ledger_known_schema *schemas;	/* sorted and unique once the log was read */
	size_t		nschemas;
	size_t		schemas_capacity;
	ledger_known_purge *purges;
	size_t		npurges;
	size_t		purges_capacity;
	ledger_known_baseline *baselines;
	size_t		nbaselines;
	size_t		baselines_capacity;
	uint8_t (*files)[LEDGER_ID_LEN];
	size_t		nfiles;
	size_t		files_capacity;
};

/* Key of a group or a reference. */
static inline void
ledger_row_key(uint8_t key[LEDGER_GROUP_KEY], const uint8_t *table, uint64_t ledger_tx, uint32_t last)
{
	memcpy(key, table, LEDGER_ID_LEN);
	ledger_put_u64(key + LEDGER_ID_LEN, ledger_tx);
	ledger_put_u32(key + LEDGER_ID_LEN + 8, last);
}

/* NULL when no SCHEMA entry names it. */
extern ledger_known_schema *ledger_tables_find_schema(ledger_tables *t, const uint8_t *table,
													  uint32_t version);

/* Whether a PURGE stands after everything that was written to the table. */
extern bool ledger_tables_gone(const ledger_tables *t, const uint8_t *table);

/* The file of one table; check_rows.c. */
extern void ledger_check_rows(ledger_tables *t, const uint8_t *table, const char *name);

/* ---- check_versions.c: who supersedes whom in one table ------------------------------ */

typedef struct ledger_versions ledger_versions;

extern ledger_versions *ledger_versions_new(const uint8_t *table);

/* A row that was accepted; leaf is that of its entry, or negative for a row under a BASELINE. */
extern void ledger_versions_add(ledger_versions *v, const ledger_row_header *row, int64_t leaf);

/* Report what does not fit, and free. */
extern void ledger_versions_finish(ledger_versions *v);

#endif							/* LEDGER_TOOLS_CHECK_TABLES_H */
