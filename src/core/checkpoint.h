/*
 * core/checkpoint.h
 *		Checkpoints as C2SP signed notes, and verifier keys: docs/format.md section 6.
 */
#ifndef LEDGER_CORE_CHECKPOINT_H
#define LEDGER_CORE_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/body.h"
#include "core/bytes.h"
#include "core/identity.h"
#include "crypto/key.h"
#include "crypto/sign.h"

/* ---- verifier keys ----------------------------------------------------------- */

/*
 * A public key that the reader trusts. Without a name (namelen 0) it answers to
 * every name, as a bare SubjectPublicKeyInfo does.
 */
typedef struct ledger_vkey
{
	ledger_suite suite;
	size_t		namelen;
	char		name[LEDGER_MEMBER_NAME_MAX];	/* not terminated */
	uint8_t		spki[LEDGER_SPKI_LEN];
	uint8_t		id[LEDGER_KEY_ID_LEN];	/* for this name */
} ledger_vkey;

/* Longest text of a verifier key. */
#define LEDGER_VKEY_TEXT_MAX (LEDGER_MEMBER_NAME_MAX + 1 + 8 + 1 + LEDGER_BASE64_LEN(19 + LEDGER_SPKI_LEN))

/*
 * From a name (namelen 0: none) and a public key, which is checked. LEDGER_KEY_OK, LEDGER_KEY_BAD_NAME, or
 * what is wrong with the key.
 */
extern ledger_key_error ledger_vkey_make(ledger_vkey *vkey, ledger_suite suite, const char *name,
										 size_t namelen, const uint8_t *spki, size_t spkilen);

/* "<name>+<id>+<base64>" without a newline; the name is not empty. */
extern ledger_status ledger_vkey_write(ledger_writer *w, const ledger_vkey *vkey);

/* The exact text, no newline. Id and public key are checked. */
extern ledger_key_error ledger_vkey_parse(const char *text, size_t len, ledger_vkey *vkey);

/* ---- origin ------------------------------------------------------------------ */

#define LEDGER_ORIGIN_MAX (7 + 2 * LEDGER_ID_LEN + 5 + 5)

/* "ledger/<hex>", with "/inc/<n>" when incarnation is not 0. */
extern void ledger_origin_write(ledger_writer *w, const uint8_t *chain_id, unsigned incarnation);
extern bool ledger_origin_parse(const char *text, size_t len, uint8_t *chain_id, unsigned *incarnation);

/* ---- checkpoints ------------------------------------------------------------- */

typedef struct ledger_tree_head
{
	uint8_t		chain_id[LEDGER_ID_LEN];
	unsigned	incarnation;	/* of the origin, 0 before any fork */
	uint64_t	size;
	uint8_t		root[LEDGER_HASH_LEN];
	uint64_t	height;
	uint64_t	epoch;
	uint64_t	term;
	uint8_t		block_hash[LEDGER_HASH_LEN];
} ledger_tree_head;

/* Room that the text of a checkpoint, and one signature line, take at most. */
#define LEDGER_NOTE_TEXT_MAX 320
#define LEDGER_NOTE_LINE_MAX (4 + LEDGER_MEMBER_NAME_MAX + 1 + LEDGER_BASE64_LEN(LEDGER_KEY_ID_LEN + LEDGER_SIGNATURE_MAX) + 1)

/* The text that is signed, final newline included. */
extern ledger_status ledger_note_text_write(ledger_writer *w, const ledger_tree_head *head);

/* Exactly such a text. */
extern ledger_status ledger_note_text_parse(const char *text, size_t len, ledger_tree_head *head);

/*
 * A signature line over text, newline included. LEDGER_BAD_SYNTAX for a bad
 * name, LEDGER_NO_HASH when signing fails, LEDGER_NO_SPACE.
 */
extern ledger_status ledger_note_line_write(ledger_writer *w, const char *text, size_t len,
											const ledger_key *key, const char *name, size_t namelen);

/* A whole note with one signature: text, empty line, signature line. */
extern ledger_status ledger_note_write(ledger_writer *w, const ledger_tree_head *head, const ledger_key *key,
									   const char *name, size_t namelen);

/* A note taken apart; slices go into the input. */
typedef struct ledger_note
{
	ledger_tree_head head;
	ledger_slice text;			/* what is signed */
	ledger_slice lines;			/* the signature lines, at least one */
} ledger_note;

/* Every line is checked for its form, also those of unknown keys. No signature is verified. */
extern ledger_status ledger_note_parse(const char *data, size_t len, ledger_note *note);

/* A signature line; slices go into the note, sig is decoded into the caller's struct. */
typedef struct ledger_note_line
{
	ledger_slice name;
	uint8_t		id[LEDGER_KEY_ID_LEN];
	uint8_t		sig[LEDGER_SIGNATURE_MAX];
	size_t		siglen;			/* above LEDGER_SIGNATURE_MAX: too long to be kept, and to be ours */
} ledger_note_line;

/* Walk the lines: start with *rest = note.lines. False at the end. */
extern bool ledger_note_next_line(ledger_slice *rest, ledger_note_line *line);

/*
 * Verify the lines of known keys. LEDGER_OK when there is at least one and all
 * hold, LEDGER_NO_SIGNATURE, LEDGER_BAD_SIGNATURE, LEDGER_NO_HASH. signed_by,
 * unless NULL, gets true for each key that signed.
 */
extern ledger_status ledger_note_verify(const ledger_note *note, const ledger_vkey *keys, size_t nkeys,
										bool *signed_by);

#endif							/* LEDGER_CORE_CHECKPOINT_H */
