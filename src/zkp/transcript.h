/*
 * zkp/transcript.h
 *		The Fiat-Shamir transcript: everything said so far, and challenges drawn from it.
 *
 * A state of 32 bytes. Items since the last challenge are hashed together:
 *
 *		item  = u8 length of label || label || u32 length of data || data
 *		d     = H(20 'T' 01 || state || items)
 *		e     = H(20 'C' 01 || d || 00 || u32 0) || H(20 'C' 01 || d || 01 || u32 0), 64 bytes, modulo n
 *		state = d
 *
 * so a challenge depends on every item and every challenge before it, and no two
 * sequences of items have one encoding. The label of a challenge is an item with
 * empty data. The first state is 32 zero bytes.
 */
#ifndef LEDGER_ZKP_TRANSCRIPT_H
#define LEDGER_ZKP_TRANSCRIPT_H

#include "crypto/curve.h"
#include "crypto/hash.h"

typedef struct
{
	const ledger_curve *curve;
	ledger_hasher *hasher;		/* busy with this transcript from its first item to the next challenge */
	uint8_t		state[LEDGER_HASH_LEN];
	bool		open;			/* items wait to be hashed */
	bool		failed;			/* libcrypto refused, or a challenge was 0; stays */
} ledger_transcript;

extern void ledger_transcript_init(ledger_transcript *t, const ledger_curve *curve, ledger_hasher *hasher);

/* label is text of at most 255 bytes; len is below 2^32. */
extern void ledger_transcript_bytes(ledger_transcript *t, const char *label, const void *data, size_t len);
extern void ledger_transcript_u32(ledger_transcript *t, const char *label, uint32_t value);

/* Never 0: that fails the transcript, and *e is then 1. */
extern void ledger_transcript_challenge(ledger_transcript *t, const char *label, ledger_scalar *e);

/* Two digests under one domain as a scalar: H(20 letter 01 || key || 00 || i) || H(... 01 || i), i as u32. */
extern bool ledger_wide_scalar(const ledger_curve *curve, ledger_hasher *hasher, uint8_t letter,
							   const uint8_t key[LEDGER_HASH_LEN], uint32_t i, ledger_scalar *e);

#endif							/* LEDGER_ZKP_TRANSCRIPT_H */
