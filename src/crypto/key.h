/*
 * crypto/key.h
 *		Private signing keys of the suite: P-256 or SM2.
 *
 * A key belongs to the caller, who frees it; its secret is wiped then. Nothing
 * is printed, no passphrase is ever asked for, and libcrypto's error queue is
 * left as it was found.
 */
#ifndef LEDGER_CRYPTO_KEY_H
#define LEDGER_CRYPTO_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/suite.h"

typedef enum ledger_key_error
{
	LEDGER_KEY_OK = 0,
	LEDGER_KEY_BAD_PEM,			/* no private key in PEM, or a damaged one */
	LEDGER_KEY_BAD_PASSPHRASE,	/* encrypted, and the passphrase is missing or wrong */
	LEDGER_KEY_BAD_CURVE,		/* not a key of the suite's curve */
	LEDGER_KEY_BAD_ENCODING,	/* SubjectPublicKeyInfo or parameters in another form */
	LEDGER_KEY_BAD_POINT,		/* not a point of the curve, or secret and public part do not match */
	LEDGER_KEY_BAD_SIGNATURE,	/* the signature does not hold, or is not DER */
	LEDGER_KEY_BAD_NAME,		/* a key name or verifier key that is not spelled right */
	LEDGER_KEY_NO_SPACE,		/* the caller's buffer is too small; *len tells the room needed */
	LEDGER_KEY_FAILED			/* libcrypto or memory failed */
} ledger_key_error;

/* A sentence part in lower case without full stop. Never NULL. */
extern const char *ledger_key_error_text(ledger_key_error error);

typedef struct ledger_key ledger_key;

extern ledger_key_error ledger_key_generate(ledger_suite suite, ledger_key **key);

/*
 * The first private key of a PEM text: PKCS #8, encrypted or not, or the
 * traditional EC form, with a named curve. passphrase may be NULL.
 */
extern ledger_key_error ledger_key_from_pem(ledger_suite suite, const char *pem, size_t len,
											const char *passphrase, ledger_key **key);

/*
 * PKCS #8 PEM, encrypted with AES-256-CBC unless passphrase is NULL. Not
 * terminated. 1,024 bytes are enough; the caller wipes them.
 */
#define LEDGER_KEY_PEM_MAX 1024
extern ledger_key_error ledger_key_to_pem(const ledger_key *key, const char *passphrase, char *out,
										  size_t cap, size_t *len);

extern ledger_suite ledger_key_suite(const ledger_key *key);

/* DER SubjectPublicKeyInfo with an uncompressed point (RFC 5480; GM/T 0015): always this long. */
#define LEDGER_SPKI_LEN 91
extern ledger_key_error ledger_key_spki(const ledger_key *key, uint8_t spki[LEDGER_SPKI_LEN]);

extern void ledger_key_free(ledger_key *key);

/* Compare secrets: time depends on len only. */
extern bool ledger_secret_equal(const void *a, const void *b, size_t len);

/* Overwrite secret memory, also where the compiler thinks that it is not read again. */
extern void ledger_wipe(void *data, size_t len);

/* Bytes from libcrypto's random generator; false when it fails. */
extern bool ledger_random(void *out, size_t len);

#endif							/* LEDGER_CRYPTO_KEY_H */
