/*
 * crypto/key_internal.h
 *		What key.c and sign.c share and nobody else sees.
 */
#ifndef LEDGER_CRYPTO_KEY_INTERNAL_H
#define LEDGER_CRYPTO_KEY_INTERNAL_H

#include <openssl/evp.h>

#include "crypto/key.h"
#include "crypto/sm2.h"

struct ledger_key
{
	ledger_suite suite;
	EVP_PKEY   *pkey;
	uint8_t		spki[LEDGER_SPKI_LEN];
	ledger_sm2_secret sm2;		/* gm only */
};

/* Where x and y are in a SubjectPublicKeyInfo */
#define LEDGER_SPKI_XY 27

/* That it is spelled in its one form and names the curve of the suite; nothing about the point. */
extern ledger_key_error ledger_spki_form(ledger_suite suite, const uint8_t *spki, size_t len);

/* The public key of a SubjectPublicKeyInfo, checked byte for byte; the caller frees it. */
extern ledger_key_error ledger_spki_open(ledger_suite suite, const uint8_t *spki, size_t len,
										 EVP_PKEY **pkey);

#endif							/* LEDGER_CRYPTO_KEY_INTERNAL_H */
