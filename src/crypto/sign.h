/*
 * crypto/sign.h
 *		Signatures of the suite, in DER.
 *
 * std: ECDSA P-256 over SHA-256 (FIPS 186-4). gm: SM2 over SM3(ZA || message)
 * with signer id 1234567812345678 (GM/T 0003, 0009).
 *
 * ECDSA is libcrypto's, SM2 that of crypto/sm2.h.
 */
#ifndef LEDGER_CRYPTO_SIGN_H
#define LEDGER_CRYPTO_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/key.h"

/* SEQUENCE of two integers of at most 33 bytes. */
#define LEDGER_SIGNATURE_MAX 72

#define LEDGER_SM2_SIGNER_ID "1234567812345678"

/* sig has room for LEDGER_SIGNATURE_MAX bytes. */
extern ledger_key_error ledger_sign(const ledger_key *key, const void *message, size_t len, uint8_t *sig,
									size_t *siglen);

/* LEDGER_KEY_OK only when the key is in its one form, the signature is strict DER and holds. */
extern ledger_key_error ledger_signature_verify(ledger_suite suite, const uint8_t *spki, size_t spkilen,
												const void *message, size_t len, const uint8_t *sig,
												size_t siglen);

/* The key alone: its form, its curve, its point. */
extern ledger_key_error ledger_spki_check(ledger_suite suite, const uint8_t *spki, size_t len);

/*
 * A public key that signatures are seen of again and again, a member's: opened
 * once, for gm with tables of its multiples, 88 kB. The caller frees it.
 */
typedef struct ledger_known_key ledger_known_key;

extern ledger_key_error ledger_known_key_new(ledger_suite suite, const uint8_t *spki, size_t len,
											 ledger_known_key **key);
extern void ledger_known_key_free(ledger_known_key *key);

/* One of many signatures: of a known key, or of the key in spki when known is NULL. */
typedef struct ledger_signed
{
	const ledger_known_key *known;
	const uint8_t *spki;
	size_t		spkilen;
	const void *message;
	size_t		len;
	const uint8_t *sig;
	size_t		siglen;
} ledger_signed;

/*
 * verdict[i] for i < n: what ledger_signature_verify() says of each, but sooner. A
 * known key of the other suite is LEDGER_KEY_BAD_CURVE.
 */
extern void ledger_signatures_verify(ledger_suite suite, size_t n, const ledger_signed *items,
									 ledger_key_error *verdict);

/* ---- key ids of signed notes (docs/format.md section 6) ----------------------- */

#define LEDGER_KEY_ID_LEN 4
#define LEDGER_GM_NOTE_TYPE "ledger-sm2-sm3-v1"

/*
 * std: SHA-256(spki)[:4]. gm: SM3(name || 0a || ff || "ledger-sm2-sm3-v1" || 00 ||
 * spki)[:4]. spki need not be valid. False when libcrypto fails.
 */
extern bool ledger_note_key_id(ledger_suite suite, const char *name, size_t namelen, const uint8_t *spki,
							   size_t spkilen, uint8_t id[LEDGER_KEY_ID_LEN]);

#endif							/* LEDGER_CRYPTO_SIGN_H */
