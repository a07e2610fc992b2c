/*
 * crypto/sign.c
 *		Signatures through libcrypto.
 */
#include "crypto/sign.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/key_internal.h"

/*
 * SM2 needs its signer id before the digest is started, because the id is the
 * first thing hashed; so the key's context is made by hand and handed to ctx.
 */
static EVP_PKEY_CTX *
prepare(ledger_suite suite, EVP_PKEY *pkey, EVP_MD_CTX *ctx)
{
	EVP_PKEY_CTX *pctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);

	if (pctx != NULL && suite == LEDGER_SUITE_GM &&
		EVP_PKEY_CTX_set1_id(pctx, LEDGER_SM2_SIGNER_ID, (int) strlen(LEDGER_SM2_SIGNER_ID)) != 1)
	{
		EVP_PKEY_CTX_free(pctx);
		return NULL;
	}
	if (pctx != NULL)
		EVP_MD_CTX_set_pkey_ctx(ctx, pctx);
	return pctx;
}

static const EVP_MD *
digest(ledger_suite suite)
{
	return suite == LEDGER_SUITE_GM ? EVP_sm3() : EVP_sha256();
}

ledger_key_error
ledger_sign(const ledger_key *key, const void *message, size_t len, uint8_t *sig, size_t *siglen)
{
	EVP_MD_CTX *ctx;
	EVP_PKEY_CTX *pctx = NULL;
	bool		ok = false;

	ERR_set_mark();
	ctx = EVP_MD_CTX_new();
	if (ctx != NULL)
		pctx = prepare(key->suite, key->pkey, ctx);
	*siglen = LEDGER_SIGNATURE_MAX;
	if (pctx != NULL)
		ok = EVP_DigestSignInit(ctx, NULL, digest(key->suite), NULL, key->pkey) == 1 &&
			EVP_DigestSign(ctx, sig, siglen, (const unsigned char *) message, len) == 1;
	if (!ok)
		*siglen = 0;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_CTX_free(pctx);
	ERR_pop_to_mark();
	return ok ? LEDGER_KEY_OK : LEDGER_KEY_FAILED;
}

static ledger_key_error
verify(ledger_suite suite, EVP_PKEY *pkey, const void *message, size_t len, const uint8_t *sig, size_t siglen)
{
	ledger_key_error error = LEDGER_KEY_FAILED;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx = ctx == NULL ? NULL : prepare(suite, pkey, ctx);

	if (pctx != NULL && EVP_DigestVerifyInit(ctx, NULL, digest(suite), NULL, pkey) == 1)
		error = EVP_DigestVerify(ctx, sig, siglen, (const unsigned char *) message, len) == 1
			? LEDGER_KEY_OK
			: LEDGER_KEY_BAD_SIGNATURE;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_CTX_free(pctx);
	return error;
}

ledger_key_error
ledger_signature_verify(ledger_suite suite, const uint8_t *spki, size_t spkilen, const void *message,
						size_t len, const uint8_t *sig, size_t siglen)
{
	EVP_PKEY   *pkey;
	ledger_key_error error = ledger_spki_open(suite, spki, spkilen, &pkey);

	if (error != LEDGER_KEY_OK)
		return error;
	ERR_set_mark();
	error = siglen > LEDGER_SIGNATURE_MAX ? LEDGER_KEY_BAD_SIGNATURE
										  : verify(suite, pkey, message, len, sig, siglen);
	EVP_PKEY_free(pkey);
	ERR_pop_to_mark();
	return error;
}

ledger_key_error
ledger_spki_check(ledger_suite suite, const uint8_t *spki, size_t len)
{
	EVP_PKEY   *pkey;
	ledger_key_error error = ledger_spki_open(suite, spki, len, &pkey);

	EVP_PKEY_free(pkey);
	return error;
}

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
