/*
 * core/entry.h
 *		Entries of the log, docs/format.md section 4: groups, salts, hidden parts.
 *
 * core/body.h has the bodies of the types, core/packed.h the local form of groups.
 */
#ifndef LEDGER_CORE_ENTRY_H
#define LEDGER_CORE_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/identity.h"
#include "crypto/hash.h"

#define LEDGER_ENTRY_MAX 65535
#define LEDGER_ENTRY_MAX_GROUPS 1000
#define LEDGER_BODY_MAX 60000	/* a longer body is replaced by its hash */

/* Bytes before the first group, ngroups included. */
#define LEDGER_ENTRY_HEADER_LEN 71
#define LEDGER_SHARED_GROUP_LEN 61
#define LEDGER_PRIVATE_GROUP_LEN 33

typedef enum ledger_entry_type
{
	LEDGER_ENTRY_TX = 1,
	LEDGER_ENTRY_SCHEMA = 2,
	LEDGER_ENTRY_MEMBER = 3,
	LEDGER_ENTRY_KEY = 4,
	LEDGER_ENTRY_GRANT = 5,
	LEDGER_ENTRY_SIGNATURE = 6,
	LEDGER_ENTRY_ERASE = 7,
	LEDGER_ENTRY_PURGE = 8,
	LEDGER_ENTRY_INCARNATION = 9,
	LEDGER_ENTRY_BASELINE = 10,
	LEDGER_ENTRY_CLOSE = 11,
	LEDGER_ENTRY_CROSS = 12
} ledger_entry_type;

#define LEDGER_ENTRY_TYPE_LAST 12

/* "TX", "SCHEMA" ...; NULL for a number that is not a type. */
extern const char *ledger_entry_type_name(unsigned type);

/* First byte of `extra` of every type but TX. */
#define LEDGER_EXTRA_OPEN 1
#define LEDGER_EXTRA_CLOSED 2
#define LEDGER_EXTRA_REPLACED 3

/* First byte of a group. */
#define LEDGER_GROUP_SHARED 1
#define LEDGER_GROUP_PRIVATE 2

/* ---- salts and hidden parts ------------------------------------------------ */

#define LEDGER_ENTRY_SEED_LEN 16
#define LEDGER_SALT_LEN LEDGER_HASH_LEN

/* Positions of salts that are not those of groups. */
#define LEDGER_SALT_EXTRA 65534
#define LEDGER_SALT_ROLE 65535

/* salt(i) = H(03 || 'K' || 01 || seed || i u16) */
extern bool ledger_entry_salt(ledger_hasher *h, const uint8_t *seed, uint16_t position, uint8_t *salt);

/* H(03 || 'N' || 01 || salt || role) */
extern bool ledger_role_hash(ledger_hasher *h, const uint8_t *salt, const char *role, size_t len,
							 uint8_t *hash);

/* H(03 || 'X' || 01 || type || salt || body), for a closed or replaced extra. */
extern bool ledger_extra_hash(ledger_hasher *h, uint8_t type, const uint8_t *salt, const void *body,
							  size_t len, uint8_t *hash);

/* What a group says: the tree over one table's rows of one schema version. */
typedef struct ledger_group
{
	uint8_t		table_id[LEDGER_ID_LEN];
	uint32_t	schema_version;
	uint64_t	nrows;
	uint8_t		root[LEDGER_HASH_LEN];
} ledger_group;

/* H(03 || 'P' || 01 || salt || table_id || schema_version || nrows || root) */
extern bool ledger_private_group_hash(ledger_hasher *h, const uint8_t *salt, const ledger_group *group,
									  uint8_t *hash);

/*
 * The same two for many entries at once. Each hidden part costs two hashes, one of them
 * over the other; the lanes of ledger_hash_prefixed_many() want to be given many of a
 * kind. Here they are collected, and written to `out` by ledger_hidden_finish() at the
 * latest. Parts that came last may be dropped by setting n back.
 */
#define LEDGER_HIDDEN_MAX 128
#define LEDGER_HIDDEN_CONTENT_MAX 64	/* a longer role is hashed at once */

typedef struct ledger_hidden_part
{
	uint8_t		salt_input[2 + LEDGER_ENTRY_SEED_LEN + 2];
	uint8_t		input[2 + LEDGER_SALT_LEN + LEDGER_HIDDEN_CONTENT_MAX];
	size_t		len;
	uint8_t	   *out;
} ledger_hidden_part;

typedef struct ledger_hidden_batch
{
	ledger_hasher *h;
	unsigned	n;
	ledger_hidden_part part[LEDGER_HIDDEN_MAX];
} ledger_hidden_batch;

extern void ledger_hidden_init(ledger_hidden_batch *b, ledger_hasher *h);
extern bool ledger_hidden_role(ledger_hidden_batch *b, const uint8_t *seed, const char *role, size_t len,
							   uint8_t *out);
extern bool ledger_hidden_group(ledger_hidden_batch *b, const uint8_t *seed, uint16_t position,
								const ledger_group *group, uint8_t *out);
extern bool ledger_hidden_finish(ledger_hidden_batch *b);

/* ---- writing --------------------------------------------------------------- */

typedef struct ledger_entry_header
{
	uint8_t		type;
	uint8_t		chain_id[LEDGER_ID_LEN];
	uint64_t	ledger_tx;
	uint16_t	part;
	int64_t		stamped_at;		/* microseconds since 2000-01-01 UTC */
	uint8_t		role_hash[LEDGER_HASH_LEN];
} ledger_entry_header;

/*
 * An entry written group by group into w. Groups are given in (table_id,
 * schema_version) order, private ones included.
 */
typedef struct ledger_entry_writer
{
	ledger_writer *w;
	size_t		start;
	uint16_t	ngroups;
	ledger_status error;
	uint8_t		last_table[LEDGER_ID_LEN];
	uint32_t	last_version;
} ledger_entry_writer;

extern void ledger_entry_begin(ledger_entry_writer *ew, ledger_writer *w, const ledger_entry_header *header);
extern void ledger_entry_add_shared(ledger_entry_writer *ew, const ledger_group *group);

/* hash is that of ledger_private_group_hash() over this group. */
extern void ledger_entry_add_private(ledger_entry_writer *ew, const ledger_group *group, const uint8_t *hash);

/* The same with the hash still to come: where it goes in the output, NULL when there is no room. */
extern uint8_t *ledger_entry_reserve_private(ledger_entry_writer *ew, const ledger_group *group);

/*
 * Write `extra`, which is that of the entry as a whole (wrapper byte included),
 * and close. LEDGER_OK, LEDGER_NO_SPACE, LEDGER_BAD_ORDER, LEDGER_BAD_VALUE (a
 * group without rows), LEDGER_TOO_LARGE.
 */
extern ledger_status ledger_entry_finish(ledger_entry_writer *ew, const void *extra, size_t len);

/*
 * The `extra` of an entry from the body of its type, appended to out: open,
 * closed, or replaced when it is longer than LEDGER_BODY_MAX. salt is needed for
 * the latter two. LEDGER_OK, LEDGER_NO_SPACE or LEDGER_NO_HASH.
 */
extern ledger_status ledger_extra_write(ledger_writer *out, ledger_hasher *h, uint8_t type, bool closed,
										const uint8_t *salt, const void *body, size_t len);

/* ---- reading --------------------------------------------------------------- */

typedef struct ledger_entry
{
	ledger_entry_header header;
	uint16_t	ngroups;
	const uint8_t *groups;		/* into the input */
	size_t		groups_len;
	const uint8_t *extra;
	size_t		extra_len;
	uint8_t		wrapper;		/* LEDGER_EXTRA_*, 0 for a TX entry */
	const uint8_t *body;		/* of an open extra, else the 32-byte hash */
	size_t		body_len;
} ledger_entry;

/*
 * Check every byte, the body of an open extra included. *entry is filled when
 * LEDGER_OK.
 */
extern ledger_status ledger_entry_parse(const void *data, size_t len, ledger_entry *entry);

/* The same for an entry that other bytes follow, as in an export: *used is its length. */
extern ledger_status ledger_entry_read(const void *data, size_t len, ledger_entry *entry, size_t *used);

typedef struct ledger_entry_group
{
	uint8_t		kind;			/* LEDGER_GROUP_* */
	ledger_group group;			/* of a shared group */
	const uint8_t *hash;		/* of a private group */
} ledger_entry_group;

/* Group number position of a parsed entry; false when there is none. Walks from the start. */
extern bool ledger_entry_group_at(const ledger_entry *entry, unsigned position, ledger_entry_group *group);

/* All groups in turn. */
typedef struct ledger_group_iter
{
	ledger_reader r;
	uint16_t	left;
} ledger_group_iter;

extern void ledger_group_iter_init(ledger_group_iter *it, const ledger_entry *entry);
extern bool ledger_group_next(ledger_group_iter *it, ledger_entry_group *group);

/*
 * True when the group with this salt (NULL for a shared one) is what stands in
 * the entry. LEDGER_OK, LEDGER_BAD_LINK, LEDGER_NO_HASH.
 */
extern ledger_status ledger_entry_group_matches(ledger_hasher *h, const ledger_entry_group *found,
												const ledger_group *group, const uint8_t *salt);

/* ---- hashes ---------------------------------------------------------------- */

/* The log leaf H(00 || entry). */
extern bool ledger_log_leaf(ledger_hasher *h, const void *entry, size_t len, uint8_t *leaf);

/*
 * The id of the chain that a genesis entry founds. entry may carry any chain id:
 * zeros are hashed in its place. False when it is shorter than its header.
 */
extern bool ledger_genesis_chain_id(ledger_hasher *h, const void *entry, size_t len, uint8_t *chain_id);

/* Where these stand in an encoded entry. */
#define LEDGER_ENTRY_CHAIN_ID_AT 3
#define LEDGER_ENTRY_ROLE_HASH_AT 37

#endif							/* LEDGER_CORE_ENTRY_H */
