/*
 * tools/keyring.h
 *		The keys that the person who runs the program trusts.
 */
#ifndef LEDGER_TOOLS_KEYRING_H
#define LEDGER_TOOLS_KEYRING_H

#include "core/checkpoint.h"

typedef struct ledger_keyring
{
	ledger_vkey *keys;			/* from malloc */
	size_t		n;
	size_t		capacity;
} ledger_keyring;

/*
 * From the value of --key: a verifier key, or a file with a public key in PEM or
 * with one verifier key per line. Ends the program when there is none.
 */
extern void ledger_keyring_load(ledger_keyring *ring, const char *value);

/*
 * Whether a note is signed as docs/format.md section 6 asks, by keys of one
 * suite, or of any where suite is 0: LEDGER_OK, or the status of
 * ledger_note_verify().
 */
extern ledger_status ledger_keyring_verify(const ledger_keyring *ring, ledger_suite suite,
										   const ledger_note *note);

#endif							/* LEDGER_TOOLS_KEYRING_H */
