/*
 * crypto/sm2_sign.c
 *		Signing with SM2, in constant time.
 *
 * One number k that an observer can guess, or that serves twice, gives the key
 * away. So it is a hash of the secret, of what is signed and of fresh random bytes:
 * a generator that repeats itself does not repeat k for another message, and one
 * whose bytes are known does not reveal it.
 */
#include <string.h>

#include "crypto/key.h"
#include "crypto/sm2_internal.h"

#define RANDOM_LEN 32

bool
ledger_sm2_sign_with(const ledger_sm2_secret *secret, const ledger_scalar *e, const ledger_scalar *k,
					 ledger_scalar *r, ledger_scalar *s)
{
	const ledger_curve *c = ledger_curve_of(LEDGER_SUITE_GM);
	ledger_point product;
	ledger_affine a;
	ledger_scalar sum;
	uint8_t		xy[64];
	bool		ok = !ledger_scalar_is_zero(k);

	/* no branch: what is refused is seen by the caller, and thrown away */
	ledger_mul_generator_ct(c, k, &product);
	ledger_points_to_affine(c, 1, &product, &a);
	ledger_affine_to_xy(c, &a, xy);
	ledger_sm2_reduce(xy, r);
	ledger_scalar_add(c, e, r, r);

	/* s = (k - r d) / (1 + d) = (k + r) / (1 + d) - r */
	ledger_scalar_add(c, k, r, &sum);
	ok &= !ledger_scalar_is_zero(r);
	ok &= !ledger_scalar_is_zero(&sum);
	ledger_scalar_mul(c, &secret->inverse, &sum, s);
	ledger_scalar_sub(c, s, r, s);
	ok &= !ledger_scalar_is_zero(s);
	ledger_wipe(&product, sizeof(product));
	ledger_wipe(&sum, sizeof(sum));
	return ok;
}

/* What a random number is made of. */
typedef struct
{
	uint8_t		half;			/* 1 or 2: two digests are one number */
	uint8_t		random[RANDOM_LEN];
	uint8_t		d[LEDGER_SCALAR_LEN];
	uint8_t		e[LEDGER_SCALAR_LEN];
} nonce_input;

/* Twice as many bits as n has: reduced modulo n they are as good as uniform. */
static bool
make_nonce(nonce_input *input, ledger_scalar *k)
{
	uint8_t		wide[2 * LEDGER_HASH_LEN];
	int			i;

	if (!ledger_random(input->random, sizeof(input->random)))
		return false;
	for (i = 0; i < 2; i++)
	{
		input->half = (uint8_t) (i + 1);
		ledger_sm2_hash(input, sizeof(*input), NULL, 0, wide + i * LEDGER_HASH_LEN);
	}
	ledger_scalar_reduce(ledger_curve_of(LEDGER_SUITE_GM), wide, k);
	ledger_wipe(wide, sizeof(wide));
	return true;
}

bool
ledger_sm2_sign(const ledger_sm2_secret *secret, const void *message, size_t len, uint8_t *sig,
				size_t *siglen)
{
	const ledger_curve *c = ledger_curve_of(LEDGER_SUITE_GM);
	nonce_input input;
	ledger_scalar e;
	ledger_scalar k;
	ledger_scalar r;
	ledger_scalar s;
	bool		ok;

	ledger_sm2_digest(secret->public_key.za, message, len, &e);
	ledger_scalar_encode(c, &secret->d, input.d);
	ledger_scalar_encode(c, &e, input.e);
	do
		ok = make_nonce(&input, &k);
	while (ok && !ledger_sm2_sign_with(secret, &e, &k, &r, &s));
	*siglen = ok ? ledger_sm2_encode(&r, &s, sig) : 0;
	ledger_wipe(&input, sizeof(input));
	ledger_wipe(&k, sizeof(k));
	return ok;
}
