/*
 * crypto/cipher.h
 *		SM4 (GB/T 32907-2016) in counter mode.
 *
 * The key stream is the encryption of counter, counter + 1, ..., each a block of
 * 16 bytes read as one big-endian number modulo 2^128, as in libcrypto's SM4-CTR;
 * the last block is cut. Encrypting and decrypting are the same, and nothing is
 * authenticated: that is the caller's to do.
 *
 * Time and memory addresses depend on lengths, on the choice of the CPU and on
 * nothing else. Nothing is allocated and nothing fails.
 */
#ifndef LEDGER_CRYPTO_CIPHER_H
#define LEDGER_CRYPTO_CIPHER_H

#include <stddef.h>
#include <stdint.h>

#define LEDGER_SM4_KEY_LEN 16
#define LEDGER_SM4_BLOCK_LEN 16
#define LEDGER_SM4_ROUNDS 32

/* A key made ready. It is as secret as the key, and of use in this process only. */
typedef struct
{
	const struct ledger_sm4_kernel *kernel;
	uint32_t	round_key[LEDGER_SM4_ROUNDS];	/* in the kernel's own form */
} ledger_sm4;

extern void ledger_sm4_init(ledger_sm4 *sm4, const uint8_t key[LEDGER_SM4_KEY_LEN]);
extern void ledger_sm4_wipe(ledger_sm4 *sm4);

/* out = in xor the key stream; out is in, or does not overlap it. */
extern void ledger_sm4_ctr(const ledger_sm4 *sm4, const uint8_t counter[LEDGER_SM4_BLOCK_LEN], const void *in,
						   size_t len, void *out);

/* One of many messages; in and out are not looked at when len is 0. */
typedef struct
{
	const uint8_t *key;			/* LEDGER_SM4_KEY_LEN bytes */
	const uint8_t *counter;		/* LEDGER_SM4_BLOCK_LEN bytes */
	const void *in;
	void	   *out;			/* in, or not overlapping anything else of the messages */
	size_t		len;
} ledger_sm4_message;

/*
 * Every message under its own key, side by side where the CPU can. Made for short
 * messages of about the same length; long ones take turns.
 */
extern void ledger_sm4_ctr_many(size_t n, const ledger_sm4_message *message);

#endif							/* LEDGER_CRYPTO_CIPHER_H */
