/*
 * crypto/sm2.h
 *		Signatures of SM2 (GB/T 32918.2-2016, curve of GB/T 32918.5-2017) with SM3.
 *
 * The signer id is always that of crypto/sign.h, which is what callers outside of
 * this folder use. A signature is DER: SEQUENCE { INTEGER r, INTEGER s }, strictly.
 *
 * Signing takes the same time for all secrets; verifying is about public things
 * and does not.
 */
#ifndef LEDGER_CRYPTO_SM2_H
#define LEDGER_CRYPTO_SM2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/curve.h"

#define LEDGER_SM2_SIGNATURE_MAX 72

/* A public key. */
typedef struct
{
	ledger_affine point;
	uint8_t		za[LEDGER_HASH_LEN];	/* GB/T 32918.2 5.5: of the signer id, the curve and the point */
} ledger_sm2_public;

/* A private key. The caller wipes it. */
typedef struct
{
	ledger_scalar d;
	ledger_scalar inverse;		/* 1 / (1 + d) */
	ledger_sm2_public public_key;
} ledger_sm2_secret;

/* x and y; false unless they are a point of the curve. */
extern bool ledger_sm2_public_init(const uint8_t xy[64], ledger_sm2_public *key);

/* ok[i] and key[i] for i < n, at most LEDGER_SM2_PUBLICS of them; sooner than one by one. */
#define LEDGER_SM2_PUBLICS 32
extern void ledger_sm2_publics_init(size_t n, const uint8_t *const xy[], ledger_sm2_public *key, bool *ok);

/*
 * Big-endian d; false unless it is 1 .. n-2. That xy belongs to it is for the caller
 * to know.
 */
extern bool ledger_sm2_secret_init(const uint8_t d[32], const uint8_t xy[64], ledger_sm2_secret *secret);

/*
 * sig has room for LEDGER_SM2_SIGNATURE_MAX bytes. False, and nothing signed, when
 * libcrypto has no random bytes.
 */
extern bool ledger_sm2_sign(const ledger_sm2_secret *secret, const void *message, size_t len, uint8_t *sig,
							size_t *siglen);

/*
 * Multiples of a key that is seen again and again: three times faster, for 88 kB.
 * NULL when out of memory.
 */
typedef struct ledger_sm2_table ledger_sm2_table;

extern ledger_sm2_table *ledger_sm2_table_new(const ledger_sm2_public *key);
extern void ledger_sm2_table_free(ledger_sm2_table *table);

/* "key signed this message": whether it did is asked. */
typedef struct
{
	const ledger_sm2_public *key;
	const ledger_sm2_table *table;	/* of this key, or NULL */
	const void *message;
	size_t		len;
	const uint8_t *sig;
	size_t		siglen;
} ledger_sm2_claim;

/*
 * holds[i] for i < n; many claims at a time are faster than one by one. False, and
 * all of holds false, when out of memory.
 */
extern bool ledger_sm2_verify(size_t n, const ledger_sm2_claim *claim, bool *holds);

#endif							/* LEDGER_CRYPTO_SM2_H */
