/*
 * crypto/sm2.c
 *		Keys, digests and the form of signatures of SM2.
 *
 * libcrypto's digests and its ASN.1 are of no use here: with their contexts fetched,
 * made and freed they take longer than the hashing of a short message does.
 */
#include "crypto/sm2_internal.h"

#include <string.h>

#include "crypto/curve_internal.h"
#include "crypto/hash_batch.h"
#include "crypto/sign.h"

/* a = p - 3 */
static const uint8_t curve_a[32] = {
	0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc
};

/* ---- digests ----------------------------------------------------------------- */

/* What is hashed for ZA: the length of the id in bits, the id, the curve and the point. */
#define ZA_FIXED (4 * 32)
#define ZA_MAX (2 + LEDGER_SM2_ID_MAX + ZA_FIXED + 64)

/* Messages up to this length are copied behind their ZA, to be hashed side by side. */
#define SHORT_MESSAGE 480

/* Made on first use: asking the CPU takes longer than hashing. */
static const ledger_hash_kernels *
sm3_kernels(void)
{
	static ledger_hash_kernels kernels;

	if (kernels.n == 0)
		kernels = ledger_hash_kernels_for(LEDGER_SUITE_GM, ledger_cpu_features());
	return &kernels;
}

void
ledger_sm2_hash(const void *a, size_t alen, const void *b, size_t blen, uint8_t out[LEDGER_HASH_LEN])
{
	const ledger_hash_kernels *kernels = sm3_kernels();
	const ledger_hash_kernel *sm3 = kernels->kernel[kernels->n - 1];
	const uint8_t *piece[2] = {(const uint8_t *) a, (const uint8_t *) b};
	size_t		left[2] = {alen, blen};
	const uint64_t bits = ((uint64_t) alen + blen) * 8;
	uint32_t	state[LEDGER_STATE_WORDS];
	uint8_t		last[2 * LEDGER_BLOCK_LEN];
	const uint8_t *at = last;
	size_t		n = 0;			/* bytes in last, less than a block between the pieces */
	int			i;

	memcpy(state, ledger_sm3_iv, sizeof(state));
	for (i = 0; i < 2; i++)
	{
		size_t		take = LEDGER_BLOCK_LEN - n;

		if (n > 0 && left[i] >= take)
		{
			memcpy(last + n, piece[i], take);
			sm3->blocks(state, &at, 1);
			piece[i] += take;
			left[i] -= take;
			n = 0;
		}
		if (n == 0 && left[i] >= LEDGER_BLOCK_LEN)
		{
			size_t		whole = left[i] / LEDGER_BLOCK_LEN;

			sm3->blocks(state, &piece[i], whole);
			piece[i] += whole * LEDGER_BLOCK_LEN;
			left[i] %= LEDGER_BLOCK_LEN;
		}
		if (left[i] > 0)
			memcpy(last + n, piece[i], left[i]);
		n += left[i];
	}
	last[n++] = 0x80;
	left[0] = n + 8 <= LEDGER_BLOCK_LEN ? 1 : 2;
	memset(last + n, 0, left[0] * LEDGER_BLOCK_LEN - n);
	for (i = 0; i < 8; i++)
		last[left[0] * LEDGER_BLOCK_LEN - 8 + (size_t) i] = (uint8_t) (bits >> (56 - 8 * i));
	sm3->blocks(state, &at, left[0]);
	for (i = 0; i < LEDGER_HASH_LEN; i++)
		out[i] = (uint8_t) (state[i / 4] >> (24 - 8 * (i % 4)));
	ledger_wipe(last, sizeof(last));
	ledger_wipe(state, sizeof(state));
}

/* Returns the length. */
static size_t
za_message(const void *id, size_t idlen, const uint8_t xy[64], uint8_t out[ZA_MAX])
{
	const ledger_curve_params *params = &ledger_curve_params_sm2;
	uint8_t	   *p = out;

	*p++ = (uint8_t) (idlen * 8 >> 8);
	*p++ = (uint8_t) (idlen * 8);
	memcpy(p, id, idlen);
	p += idlen;
	memcpy(p, curve_a, 32);
	memcpy(p + 32, params->b, 32);
	memcpy(p + 64, params->g, 64);
	memcpy(p + ZA_FIXED, xy, 64);
	return 2 + idlen + ZA_FIXED + 64;
}

void
ledger_sm2_za(const void *id, size_t idlen, const uint8_t xy[64], uint8_t za[LEDGER_HASH_LEN])
{
	uint8_t		message[ZA_MAX];
	size_t		len = za_message(id, idlen, xy, message);

	ledger_sm2_hash(message, len, NULL, 0, za);
}

void
ledger_sm2_reduce(const uint8_t in[32], ledger_scalar *r)
{
	uint8_t		wide[2 * LEDGER_SCALAR_LEN] = {0};

	memcpy(wide + LEDGER_SCALAR_LEN, in, LEDGER_SCALAR_LEN);
	ledger_scalar_reduce(ledger_curve_of(LEDGER_SUITE_GM), wide, r);
}

void
ledger_sm2_digest(const uint8_t za[LEDGER_HASH_LEN], const void *message, size_t len, ledger_scalar *e)
{
	uint8_t		digest[LEDGER_HASH_LEN];

	ledger_sm2_hash(za, LEDGER_HASH_LEN, message, len, digest);
	ledger_sm2_reduce(digest, e);
}

void
ledger_sm2_digests(size_t n, const ledger_sm2_claim *const *claim, ledger_scalar *e)
{
	uint8_t		text[LEDGER_SM2_BATCH][LEDGER_HASH_LEN + SHORT_MESSAGE];
	uint8_t		digest[LEDGER_SM2_BATCH][LEDGER_HASH_LEN];
	const uint8_t *data[LEDGER_SM2_BATCH];
	size_t		len[LEDGER_SM2_BATCH];
	size_t		which[LEDGER_SM2_BATCH];
	size_t		m = 0;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		if (claim[i]->len > SHORT_MESSAGE)
		{
			ledger_sm2_digest(claim[i]->key->za, claim[i]->message, claim[i]->len, &e[i]);
			continue;
		}
		memcpy(text[m], claim[i]->key->za, LEDGER_HASH_LEN);
		if (claim[i]->len > 0)
			memcpy(text[m] + LEDGER_HASH_LEN, claim[i]->message, claim[i]->len);
		data[m] = text[m];
		len[m] = LEDGER_HASH_LEN + claim[i]->len;
		which[m++] = i;
	}
	if (m > 0)
		ledger_hash_batch(sm3_kernels(), NULL, 0, m, data, len, digest);
	for (i = 0; i < m; i++)
		ledger_sm2_reduce(digest[i], &e[which[i]]);
}

/* ---- keys -------------------------------------------------------------------- */

void
ledger_sm2_publics_init(size_t n, const uint8_t *const xy[], ledger_sm2_public *key, bool *ok)
{
	uint8_t		text[LEDGER_SM2_PUBLICS][ZA_MAX];
	uint8_t		za[LEDGER_SM2_PUBLICS][LEDGER_HASH_LEN];
	const uint8_t *data[LEDGER_SM2_PUBLICS];
	size_t		len[LEDGER_SM2_PUBLICS];
	size_t		i;

	for (i = 0; i < n; i++)
	{
		ok[i] = ledger_affine_from_xy(ledger_curve_of(LEDGER_SUITE_GM), xy[i], &key[i].point);
		len[i] = za_message(LEDGER_SM2_SIGNER_ID, strlen(LEDGER_SM2_SIGNER_ID), xy[i], text[i]);
		data[i] = text[i];
	}
	if (n > 0)
		ledger_hash_batch(sm3_kernels(), NULL, 0, n, data, len, za);
	for (i = 0; i < n; i++)
		memcpy(key[i].za, za[i], LEDGER_HASH_LEN);
}

bool
ledger_sm2_public_init(const uint8_t xy[64], ledger_sm2_public *key)
{
	bool		ok;

	ledger_sm2_publics_init(1, &xy, key, &ok);
	return ok;
}

bool
ledger_sm2_secret_init(const uint8_t d[32], const uint8_t xy[64], ledger_sm2_secret *secret)
{
	const ledger_curve *c = ledger_curve_of(LEDGER_SUITE_GM);
	ledger_scalar sum;
	bool		ok;

	ledger_scalar_u64(c, 1, &sum);
	ok = ledger_scalar_decode(c, d, &secret->d) && !ledger_scalar_is_zero(&secret->d);
	if (ok)
	{
		ledger_scalar_add(c, &sum, &secret->d, &sum);
		ok = !ledger_scalar_is_zero(&sum) && ledger_sm2_public_init(xy, &secret->public_key);
	}
	if (ok)
		ledger_scalar_invert(c, &sum, &secret->inverse);
	else
		ledger_wipe(secret, sizeof(*secret));
	ledger_wipe(&sum, sizeof(sum));
	return ok;
}

/* ---- signatures in DER --------------------------------------------------------- */

static size_t
encode_integer(const ledger_scalar *a, uint8_t *out)
{
	uint8_t		bytes[1 + LEDGER_SCALAR_LEN] = {0};
	size_t		skip = 0;

	/* one zero stays before a byte that would make the number negative */
	ledger_scalar_encode(ledger_curve_of(LEDGER_SUITE_GM), a, bytes + 1);
	while (skip < LEDGER_SCALAR_LEN && bytes[skip] == 0 && bytes[skip + 1] < 0x80)
		skip++;
	out[0] = 0x02;
	out[1] = (uint8_t) (sizeof(bytes) - skip);
	memcpy(out + 2, bytes + skip, sizeof(bytes) - skip);
	return 2 + sizeof(bytes) - skip;
}

size_t
ledger_sm2_encode(const ledger_scalar *r, const ledger_scalar *s, uint8_t *sig)
{
	size_t		len = encode_integer(r, sig + 2);

	len += encode_integer(s, sig + 2 + len);
	sig[0] = 0x30;
	sig[1] = (uint8_t) len;
	return 2 + len;
}

/* The integer at *p, which ends before end, and moves behind it. */
static bool
decode_integer(const uint8_t **p, const uint8_t *end, ledger_scalar *a)
{
	const uint8_t *at = *p;
	uint8_t		bytes[LEDGER_SCALAR_LEN] = {0};
	size_t		len;

	if (end - at < 3 || at[0] != 0x02 || at[1] == 0 || at[1] > 1 + LEDGER_SCALAR_LEN)
		return false;
	len = at[1];
	at += 2;
	if ((size_t) (end - at) < len)
		return false;
	*p = at + len;

	/* negative, or with a zero that is not needed, or too long */
	if (at[0] >= 0x80 || (len > 1 && at[0] == 0 && at[1] < 0x80))
		return false;
	if (len > LEDGER_SCALAR_LEN)
	{
		if (at[0] != 0)
			return false;
		at++;
		len--;
	}
	memcpy(bytes + LEDGER_SCALAR_LEN - len, at, len);
	return ledger_scalar_decode(ledger_curve_of(LEDGER_SUITE_GM), bytes, a) && !ledger_scalar_is_zero(a);
}

bool
ledger_sm2_decode(const uint8_t *sig, size_t len, ledger_scalar *r, ledger_scalar *s)
{
	const uint8_t *p = sig + 2;
	const uint8_t *end = sig + len;

	/* everything is shorter than 128 bytes, so a length is one byte */
	if (len < 2 || len > LEDGER_SM2_SIGNATURE_MAX || sig[0] != 0x30 || sig[1] != len - 2)
		return false;
	return decode_integer(&p, end, r) && decode_integer(&p, end, s) && p == end;
}
