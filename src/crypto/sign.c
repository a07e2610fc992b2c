/*
 * crypto/sign.c
 *		Signatures of both suites.
 */
#include "crypto/sign.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/key_internal.h"

struct ledger_known_key
{
	ledger_suite suite;
	EVP_PKEY   *pkey;			/* std */
	ledger_sm2_public sm2;		/* gm */
	ledger_sm2_table *table;
};

/* ---- ECDSA ------------------------------------------------------------------- */

static bool
sign_std(EVP_PKEY *pkey, const void *message, size_t len, uint8_t *sig, size_t *siglen)
{
	EVP_MD_CTX *ctx;
	bool		ok;

	ERR_set_mark();
	ctx = EVP_MD_CTX_new();
	*siglen = LEDGER_SIGNATURE_MAX;
	ok = ctx != NULL && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, pkey) == 1 &&
		EVP_DigestSign(ctx, sig, siglen, (const unsigned char *) message, len) == 1;
	if (!ok)
		*siglen = 0;
	EVP_MD_CTX_free(ctx);
	ERR_pop_to_mark();
	return ok;
}

static ledger_key_error
verify_std(EVP_PKEY *pkey, const ledger_signed *item)
{
	ledger_key_error error = LEDGER_KEY_FAILED;
	EVP_MD_CTX *ctx;

	if (item->siglen > LEDGER_SIGNATURE_MAX)
		return LEDGER_KEY_BAD_SIGNATURE;
	ERR_set_mark();
	ctx = EVP_MD_CTX_new();
	if (ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, pkey) == 1)
		error = EVP_DigestVerify(ctx, item->sig, item->siglen, (const unsigned char *) item->message,
								 item->len) == 1
			? LEDGER_KEY_OK
			: LEDGER_KEY_BAD_SIGNATURE;
	EVP_MD_CTX_free(ctx);
	ERR_pop_to_mark();
	return error;
}

static void
verify_many_std(size_t n, const ledger_signed *items, ledger_key_error *verdict)
{
	size_t		i;

	for (i = 0; i < n; i++)
	{
		EVP_PKEY   *pkey;

		if (items[i].known != NULL)
		{
			verdict[i] = items[i].known->suite != LEDGER_SUITE_STD
				? LEDGER_KEY_BAD_CURVE
				: verify_std(items[i].known->pkey, &items[i]);
			continue;
		}
		verdict[i] = ledger_spki_open(LEDGER_SUITE_STD, items[i].spki, items[i].spkilen, &pkey);
		if (verdict[i] == LEDGER_KEY_OK)
			verdict[i] = verify_std(pkey, &items[i]);
		EVP_PKEY_free(pkey);
	}
}

/* ---- SM2 --------------------------------------------------------------------- */

/* Signatures that are handed over together */
#define BATCH LEDGER_SM2_PUBLICS

static ledger_key_error
open_sm2(const uint8_t *spki, size_t len, ledger_sm2_public *key)
{
	ledger_key_error error = ledger_spki_form(LEDGER_SUITE_GM, spki, len);

	if (error == LEDGER_KEY_OK && !ledger_sm2_public_init(spki + LEDGER_SPKI_XY, key))
		error = LEDGER_KEY_BAD_POINT;
	return error;
}

/* The keys of items that are not of known ones; verdict[i] says whether there is a key. */
static void
open_keys_gm(size_t n, const ledger_signed *items, ledger_sm2_public *key, ledger_key_error *verdict)
{
	const uint8_t *xy[BATCH];
	ledger_sm2_public made[BATCH];
	bool		ok[BATCH];
	size_t		which[BATCH];
	size_t		m = 0;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		const ledger_known_key *known = items[i].known;

		if (known != NULL)
		{
			verdict[i] = known->suite == LEDGER_SUITE_GM ? LEDGER_KEY_OK : LEDGER_KEY_BAD_CURVE;
			continue;
		}
		verdict[i] = ledger_spki_form(LEDGER_SUITE_GM, items[i].spki, items[i].spkilen);
		if (verdict[i] == LEDGER_KEY_OK)
		{
			xy[m] = items[i].spki + LEDGER_SPKI_XY;
			which[m++] = i;
		}
	}
	if (m > 0)
		ledger_sm2_publics_init(m, xy, made, ok);
	for (i = 0; i < m; i++)
	{
		key[which[i]] = made[i];
		if (!ok[i])
			verdict[which[i]] = LEDGER_KEY_BAD_POINT;
	}
}

/* At most BATCH items. */
static void
verify_batch_gm(size_t n, const ledger_signed *items, ledger_key_error *verdict)
{
	ledger_sm2_public key[BATCH];
	ledger_sm2_claim claim[BATCH];
	bool		holds[BATCH];
	size_t		which[BATCH];
	size_t		m = 0;
	size_t		i;
	bool		ok;

	open_keys_gm(n, items, key, verdict);
	for (i = 0; i < n; i++)
	{
		const ledger_known_key *known = items[i].known;

		if (verdict[i] != LEDGER_KEY_OK)
			continue;
		claim[m] = (ledger_sm2_claim){.key = known != NULL ? &known->sm2 : &key[i],
									  .table = known != NULL ? known->table : NULL,
									  .message = items[i].message,
									  .len = items[i].len,
									  .sig = items[i].sig,
									  .siglen = items[i].siglen};
		which[m++] = i;
	}
	ok = m == 0 || ledger_sm2_verify(m, claim, holds);
	for (i = 0; i < m; i++)
		verdict[which[i]] = !ok ? LEDGER_KEY_FAILED : holds[i] ? LEDGER_KEY_OK : LEDGER_KEY_BAD_SIGNATURE;
}

/* ---- both -------------------------------------------------------------------- */

ledger_key_error
ledger_sign(const ledger_key *key, const void *message, size_t len, uint8_t *sig, size_t *siglen)
{
	bool		ok = key->suite == LEDGER_SUITE_GM ? ledger_sm2_sign(&key->sm2, message, len, sig, siglen)
											: sign_std(key->pkey, message, len, sig, siglen);

	return ok ? LEDGER_KEY_OK : LEDGER_KEY_FAILED;
}

void
ledger_signatures_verify(ledger_suite suite, size_t n, const ledger_signed *items, ledger_key_error *verdict)
{
	size_t		done;

	if (suite == LEDGER_SUITE_GM)
		for (done = 0; done < n; done += BATCH)
			verify_batch_gm(n - done < BATCH ? n - done : BATCH, items + done, verdict + done);
	else
		verify_many_std(n, items, verdict);
}

ledger_key_error
ledger_signature_verify(ledger_suite suite, const uint8_t *spki, size_t spkilen, const void *message,
						size_t len, const uint8_t *sig, size_t siglen)
{
	const ledger_signed item = {NULL, spki, spkilen, message, len, sig, siglen};
	ledger_key_error verdict;

	ledger_signatures_verify(suite, 1, &item, &verdict);
	return verdict;
}

ledger_key_error
ledger_spki_check(ledger_suite suite, const uint8_t *spki, size_t len)
{
	ledger_sm2_public key;
	EVP_PKEY   *pkey;
	ledger_key_error error;

	if (suite == LEDGER_SUITE_GM)
		return open_sm2(spki, len, &key);
	error = ledger_spki_open(suite, spki, len, &pkey);
	EVP_PKEY_free(pkey);
	return error;
}

ledger_key_error
ledger_known_key_new(ledger_suite suite, const uint8_t *spki, size_t len, ledger_known_key **key)
{
	ledger_known_key *k = (ledger_known_key *) calloc(1, sizeof(*k));
	ledger_key_error error = LEDGER_KEY_FAILED;

	*key = NULL;
	if (k == NULL)
		return error;
	k->suite = suite;
	if (suite == LEDGER_SUITE_GM)
	{
		error = open_sm2(spki, len, &k->sm2);
		if (error == LEDGER_KEY_OK && (k->table = ledger_sm2_table_new(&k->sm2)) == NULL)
			error = LEDGER_KEY_FAILED;
	}
	else
		error = ledger_spki_open(suite, spki, len, &k->pkey);
	if (error == LEDGER_KEY_OK)
		*key = k;
	else
		ledger_known_key_free(k);
	return error;
}

void
ledger_known_key_free(ledger_known_key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey);
	ledger_sm2_table_free(key->table);
	free(key);
}

/* ---- key ids ----------------------------------------------------------------- */

bool
ledger_note_key_id(ledger_suite suite, const char *name, size_t namelen, const uint8_t *spki, size_t spkilen,
				   uint8_t id[LEDGER_KEY_ID_LEN])
{
	static const char gm_middle[] = "\n\xff" LEDGER_GM_NOTE_TYPE;	/* its final zero byte included */
	uint8_t		hash[LEDGER_HASH_LEN];
	ledger_hasher *h = ledger_hasher_new(suite);
	bool		ok;

	ok = h != NULL && ledger_hash_begin(h);
	if (ok && suite == LEDGER_SUITE_GM)
		ok = ledger_hash_update(h, name, namelen) && ledger_hash_update(h, gm_middle, sizeof(gm_middle));
	ok = ok && ledger_hash_update(h, spki, spkilen) && ledger_hash_final(h, hash);
	if (ok)
		memcpy(id, hash, LEDGER_KEY_ID_LEN);
	ledger_hasher_free(h);
	return ok;
}
