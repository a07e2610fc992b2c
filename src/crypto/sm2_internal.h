/*
 * crypto/sm2_internal.h
 *		What the parts of SM2 share; the tests look in here too.
 */
#ifndef LEDGER_CRYPTO_SM2_INTERNAL_H
#define LEDGER_CRYPTO_SM2_INTERNAL_H

#include "crypto/sm2.h"

/* SM3 of two pieces, one after the other. Constant time but for the lengths. */
extern void ledger_sm2_hash(const void *a, size_t alen, const void *b, size_t blen,
							uint8_t out[LEDGER_HASH_LEN]);

/* 32 bytes, big-endian, modulo n. */
extern void ledger_sm2_reduce(const uint8_t in[32], ledger_scalar *r);

/* e of GB/T 32918.2 6.1, modulo n: the digest of ZA and the message. */
extern void ledger_sm2_digest(const uint8_t za[LEDGER_HASH_LEN], const void *message, size_t len,
							  ledger_scalar *e);

/* The same of n <= LEDGER_SM2_BATCH claims, many at a time; signatures are not looked at. */
#define LEDGER_SM2_BATCH 32
extern void ledger_sm2_digests(size_t n, const ledger_sm2_claim *const *claim, ledger_scalar *e);

/* ZA of a signer id of at most so many bytes */
#define LEDGER_SM2_ID_MAX 64
extern void ledger_sm2_za(const void *id, size_t idlen, const uint8_t xy[64], uint8_t za[LEDGER_HASH_LEN]);

/*
 * GB/T 32918.2 6.1, A3 to A6, with the random number given; false when the standard
 * wants another one.
 */
extern bool ledger_sm2_sign_with(const ledger_sm2_secret *secret, const ledger_scalar *e,
								 const ledger_scalar *k, ledger_scalar *r, ledger_scalar *s);

/* Returns the length, at most LEDGER_SM2_SIGNATURE_MAX. */
extern size_t ledger_sm2_encode(const ledger_scalar *r, const ledger_scalar *s, uint8_t *sig);

/* False unless it is the one encoding of two numbers of 1 .. n-1. */
extern bool ledger_sm2_decode(const uint8_t *sig, size_t len, ledger_scalar *r, ledger_scalar *s);

/* A signature taken apart. */
typedef struct
{
	const ledger_affine *point;
	const ledger_sm2_table *table;	/* of the point, or NULL */
	ledger_scalar e;
	ledger_scalar r;
	ledger_scalar s;
} ledger_sm2_equation;

/*
 * GB/T 32918.2 7.1, B5 to B7, of at most LEDGER_SM2_BATCH signatures, who share what
 * can be shared; false when out of memory.
 */
extern bool ledger_sm2_solve(size_t n, const ledger_sm2_equation *q, bool *holds);

#endif							/* LEDGER_CRYPTO_SM2_INTERNAL_H */
