/*
 * core/body.h
 *		Bodies of the twelve entry types, docs/format.md section 4.
 *
 * Each struct has a writer and a parser. Writers append to w and give
 * LEDGER_NO_SPACE when it is full (w.len then tells the room needed), or
 * LEDGER_BAD_VALUE when a field is outside of its range. Parsers want the exact
 * bytes; pointers of the struct go into the input.
 */
#ifndef LEDGER_CORE_BODY_H
#define LEDGER_CORE_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/entry.h"
#include "core/identity.h"
#include "crypto/hash.h"

/* TX: the extra itself. On a chain of one it is empty and present is false. */
typedef struct ledger_tx_extra
{
	bool		present;
	uint8_t		keys_hash[LEDGER_HASH_LEN];
	uint64_t	base_height;
	uint64_t	expiry;
} ledger_tx_extra;

typedef struct ledger_schema_body
{
	uint8_t		table_id[LEDGER_ID_LEN];
	uint32_t	schema_version;
	uint8_t		schema_hash[LEDGER_HASH_LEN];	/* ledger_schema_hash() */
} ledger_schema_body;

#define LEDGER_MEMBER_ADD 1
#define LEDGER_MEMBER_CHANGE 2
#define LEDGER_MEMBER_REMOVE 3
#define LEDGER_MEMBER_NAME_MAX 64
#define LEDGER_LAST_STATE_LEN 56	/* chain_id, size, root */

typedef struct ledger_member_body
{
	uint8_t		action;
	uint16_t	member;
	uint8_t		suite;
	uint32_t	weight;
	uint8_t		nonce[32];
	ledger_slice name;
	ledger_slice last_state;	/* empty or LEDGER_LAST_STATE_LEN bytes */
} ledger_member_body;

#define LEDGER_KEY_SIGN 1
#define LEDGER_KEY_ENCRYPT 2
#define LEDGER_KEY_TLS 3

typedef struct ledger_key_body
{
	uint16_t	member;
	uint8_t		usage;
	ledger_slice spki;
	ledger_slice approval;
} ledger_key_body;

typedef struct ledger_grant_body
{
	ledger_slice record;
} ledger_grant_body;

typedef struct ledger_signature_body
{
	uint64_t	ledger_tx;
	uint8_t		table_id[LEDGER_ID_LEN];
	uint32_t	ledger_seq;
	uint8_t		leaf[LEDGER_HASH_LEN];
	ledger_slice spki;
	ledger_slice signature;
} ledger_signature_body;

typedef struct ledger_erase_body
{
	uint8_t		table_id[LEDGER_ID_LEN];
	uint64_t	ledger_tx;
	uint32_t	ledger_seq;
	uint16_t	ncols;
	const uint8_t *col_ids;		/* ncols big-endian u16, strictly ascending */
	ledger_slice basis;
} ledger_erase_body;

typedef struct ledger_purge_body
{
	uint8_t		table_id[LEDGER_ID_LEN];
	uint64_t	nrows;
	int64_t		retain_until;
	ledger_slice reason;
} ledger_purge_body;

typedef struct ledger_incarnation_body
{
	uint16_t	incarnation;
	uint8_t		reason;			/* 1 start, 2 exhaustion, 3 restore, 4 promotion, 5 clone, 6 fork */
	ledger_slice origin;
	uint64_t	size;
	uint8_t		root[LEDGER_HASH_LEN];
} ledger_incarnation_body;

#define LEDGER_INCARNATION_START 1
#define LEDGER_INCARNATION_EXHAUSTION 2
#define LEDGER_INCARNATION_RESTORE 3
#define LEDGER_INCARNATION_PROMOTION 4
#define LEDGER_INCARNATION_CLONE 5
#define LEDGER_INCARNATION_FORK 6

typedef struct ledger_baseline_body
{
	uint8_t		table_id[LEDGER_ID_LEN];
	uint32_t	schema_version;
	uint64_t	nrows;
	uint8_t		root[LEDGER_HASH_LEN];
	uint8_t		old_chain[LEDGER_ID_LEN];
	uint8_t		reason;			/* 1 converted, 2 joined, 3 shared, 4 restored */
} ledger_baseline_body;

#define LEDGER_BASELINE_CONVERTED 1
#define LEDGER_BASELINE_JOINED 2
#define LEDGER_BASELINE_SHARED 3
#define LEDGER_BASELINE_RESTORED 4

typedef struct ledger_close_body
{
	uint8_t		new_chain[LEDGER_ID_LEN];
	uint64_t	size;
	uint8_t		root[LEDGER_HASH_LEN];
} ledger_close_body;

#define LEDGER_CROSS_RESERVE 1
#define LEDGER_CROSS_CONFIRM 2
#define LEDGER_CROSS_CANCEL 3

typedef struct ledger_cross_body
{
	uint8_t		action;
	uint8_t		other_chain[LEDGER_ID_LEN];
	uint64_t	other_tx;
	int64_t		expiry;
} ledger_cross_body;

extern ledger_status ledger_tx_extra_write(ledger_writer *w, const ledger_tx_extra *b);
extern ledger_status ledger_tx_extra_parse(const void *data, size_t len, ledger_tx_extra *b);
extern ledger_status ledger_schema_body_write(ledger_writer *w, const ledger_schema_body *b);
extern ledger_status ledger_schema_body_parse(const void *data, size_t len, ledger_schema_body *b);
extern ledger_status ledger_member_body_write(ledger_writer *w, const ledger_member_body *b);
extern ledger_status ledger_member_body_parse(const void *data, size_t len, ledger_member_body *b);
extern ledger_status ledger_key_body_write(ledger_writer *w, const ledger_key_body *b);
extern ledger_status ledger_key_body_parse(const void *data, size_t len, ledger_key_body *b);
extern ledger_status ledger_grant_body_write(ledger_writer *w, const ledger_grant_body *b);
extern ledger_status ledger_grant_body_parse(const void *data, size_t len, ledger_grant_body *b);
extern ledger_status ledger_signature_body_write(ledger_writer *w, const ledger_signature_body *b);
extern ledger_status ledger_signature_body_parse(const void *data, size_t len, ledger_signature_body *b);
extern ledger_status ledger_erase_body_write(ledger_writer *w, const ledger_erase_body *b);
extern ledger_status ledger_erase_body_parse(const void *data, size_t len, ledger_erase_body *b);
extern ledger_status ledger_purge_body_write(ledger_writer *w, const ledger_purge_body *b);
extern ledger_status ledger_purge_body_parse(const void *data, size_t len, ledger_purge_body *b);
extern ledger_status ledger_incarnation_body_write(ledger_writer *w, const ledger_incarnation_body *b);
extern ledger_status ledger_incarnation_body_parse(const void *data, size_t len, ledger_incarnation_body *b);
extern ledger_status ledger_baseline_body_write(ledger_writer *w, const ledger_baseline_body *b);
extern ledger_status ledger_baseline_body_parse(const void *data, size_t len, ledger_baseline_body *b);
extern ledger_status ledger_close_body_write(ledger_writer *w, const ledger_close_body *b);
extern ledger_status ledger_close_body_parse(const void *data, size_t len, ledger_close_body *b);
extern ledger_status ledger_cross_body_write(ledger_writer *w, const ledger_cross_body *b);
extern ledger_status ledger_cross_body_parse(const void *data, size_t len, ledger_cross_body *b);

/* Parse for its status only, whichever type it is. For TX it is the whole extra. */
extern ledger_status ledger_body_check(unsigned type, const void *data, size_t len);

/* True for a name of 1 to 64 of A-Z a-z 0-9 . _ - */
extern bool ledger_member_name_valid(const void *name, size_t len);

/* ---- messages that are signed ----------------------------------------------- */

/* 'K' || 01 || chain_id || member u16 || usage u8 || spki bytes, what `approval` signs */
extern ledger_status ledger_key_approval_message(ledger_writer *w, const uint8_t *chain_id,
												 const ledger_key_body *b);

/* 'G' || 01 || chain_id || leaf, what a SIGNATURE entry's signature signs */
#define LEDGER_ROW_SIGNATURE_MESSAGE_LEN (2 + LEDGER_ID_LEN + LEDGER_HASH_LEN)
extern void ledger_row_signature_message(uint8_t out[LEDGER_ROW_SIGNATURE_MESSAGE_LEN],
										 const uint8_t *chain_id, const uint8_t *leaf);

#endif							/* LEDGER_CORE_BODY_H */
