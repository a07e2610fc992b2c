/*
 * crypto/suite.h
 *		The two suites of docs/format.md. A chain has one, chosen when it is founded.
 */
#ifndef LEDGER_CRYPTO_SUITE_H
#define LEDGER_CRYPTO_SUITE_H

#include <stdbool.h>

typedef enum
{
	LEDGER_SUITE_STD = 1,		/* SHA-256, ECDSA P-256 */
	LEDGER_SUITE_GM = 2			/* SM3, SM2 */
} ledger_suite;

/* Bytes of every digest, in both suites. */
#define LEDGER_HASH_LEN 32

/* "std" or "gm"; NULL for any other number. */
extern const char *ledger_suite_name(ledger_suite suite);

/* False, and *suite untouched, when the name is neither "std" nor "gm". */
extern bool ledger_suite_from_name(const char *name, ledger_suite *suite);

#endif							/* LEDGER_CRYPTO_SUITE_H */
