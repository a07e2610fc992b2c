/*
 * crypto/key.c
 *		Keys through libcrypto's EVP interface.
 *
 * A SubjectPublicKeyInfo is compared with the one form that format.md allows
 * before libcrypto sees it: its own decoder also takes compressed and hybrid
 * points and explicit parameters, and one key in two spellings would have two
 * key ids.
 */
#include "crypto/key.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/key_internal.h"

#define POINT_AT (LEDGER_SPKI_XY - 1)	/* 04 || x || y */
#define POINT_LEN 65

/* SEQUENCE { SEQUENCE { id-ecPublicKey, curve }, BIT STRING } up to the point */
static const uint8_t spki_head_std[POINT_AT] = {
	0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
	0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00
};
static const uint8_t spki_head_gm[POINT_AT] = {
	0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
	0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d, 0x03, 0x42, 0x00
};

static const uint8_t *
spki_head(ledger_suite suite)
{
	return suite == LEDGER_SUITE_GM ? spki_head_gm : spki_head_std;
}

static const char *
key_type(ledger_suite suite)
{
	return suite == LEDGER_SUITE_GM ? "SM2" : "EC";
}

static const char *
group_name(ledger_suite suite)
{
	return suite == LEDGER_SUITE_GM ? "SM2" : "prime256v1";
}

const char *
ledger_key_error_text(ledger_key_error error)
{
	switch (error)
	{
		case LEDGER_KEY_OK:
			return "correct";
		case LEDGER_KEY_BAD_PEM:
			return "no private key in PEM format";
		case LEDGER_KEY_BAD_PASSPHRASE:
			return "the key is encrypted and the passphrase is missing or wrong";
		case LEDGER_KEY_BAD_CURVE:
			return "not a key of the suite's curve";
		case LEDGER_KEY_BAD_ENCODING:
			return "the public key is not in uncompressed DER form with a named curve";
		case LEDGER_KEY_BAD_POINT:
			return "the public key is not valid";
		case LEDGER_KEY_BAD_SIGNATURE:
			return "the signature does not hold";
		case LEDGER_KEY_BAD_NAME:
			return "the key name or verifier key is malformed";
		case LEDGER_KEY_NO_SPACE:
			return "buffer too small";
		case LEDGER_KEY_FAILED:
			return "libcrypto failed";
	}
	return "unknown key error";
}

void
ledger_wipe(void *data, size_t len)
{
	OPENSSL_cleanse(data, len);
}

bool
ledger_secret_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

bool
ledger_random(void *out, size_t len)
{
	bool		ok;

	ERR_set_mark();
	ok = RAND_bytes_ex(NULL, (unsigned char *) out, len, 0) == 1;
	ERR_pop_to_mark();
	return ok;
}

/* ---- public keys ------------------------------------------------------------ */

static ledger_key_error
open_point(ledger_suite suite, const uint8_t *point, EVP_PKEY **pkey)
{
	ledger_key_error error = LEDGER_KEY_FAILED;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, key_type(suite), NULL);
	OSSL_PARAM	params[3];

	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *) group_name(suite), 0);
	params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *) point, POINT_LEN);
	params[2] = OSSL_PARAM_construct_end();
	if (ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1)
		error = EVP_PKEY_fromdata(ctx, pkey, EVP_PKEY_PUBLIC_KEY, params) == 1 ? LEDGER_KEY_OK
																			   : LEDGER_KEY_BAD_POINT;
	EVP_PKEY_CTX_free(ctx);
	return error;
}

ledger_key_error
ledger_spki_form(ledger_suite suite, const uint8_t *spki, size_t len)
{
	ledger_suite other = suite == LEDGER_SUITE_GM ? LEDGER_SUITE_STD : LEDGER_SUITE_GM;

	if (len != LEDGER_SPKI_LEN || spki[POINT_AT] != 0x04)
		return LEDGER_KEY_BAD_ENCODING;
	if (memcmp(spki, spki_head(other), POINT_AT) == 0)
		return LEDGER_KEY_BAD_CURVE;
	if (memcmp(spki, spki_head(suite), POINT_AT) != 0)
		return LEDGER_KEY_BAD_ENCODING;
	return LEDGER_KEY_OK;
}

ledger_key_error
ledger_spki_open(ledger_suite suite, const uint8_t *spki, size_t len, EVP_PKEY **pkey)
{
	ledger_key_error error = ledger_spki_form(suite, spki, len);

	*pkey = NULL;
	if (error != LEDGER_KEY_OK)
		return error;
	ERR_set_mark();
	error = open_point(suite, spki + POINT_AT, pkey);
	ERR_pop_to_mark();
	return error;
}

/* ---- private keys ----------------------------------------------------------- */

/* Named curve of the suite, and a public part that belongs to the secret. */
static ledger_key_error
check_private(ledger_suite suite, EVP_PKEY *pkey)
{
	ledger_key_error error = LEDGER_KEY_OK;
	EVP_PKEY_CTX *ctx;
	char		name[64];

	if (!EVP_PKEY_is_a(pkey, key_type(suite)) ||
		EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, name, sizeof(name), NULL) != 1 ||
		strcmp(name, group_name(suite)) != 0)
		return LEDGER_KEY_BAD_CURVE;
	if (EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_EC_ENCODING, name, sizeof(name), NULL) != 1 ||
		strcmp(name, OSSL_PKEY_EC_ENCODING_GROUP) != 0)
		return LEDGER_KEY_BAD_ENCODING;
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	if (ctx == NULL)
		return LEDGER_KEY_FAILED;
	if (EVP_PKEY_private_check(ctx) != 1 || EVP_PKEY_public_check(ctx) != 1 ||
		EVP_PKEY_pairwise_check(ctx) != 1)
		error = LEDGER_KEY_BAD_POINT;
	EVP_PKEY_CTX_free(ctx);
	return error;
}

/* The SubjectPublicKeyInfo from x and y, whichever form the key prefers for its point. */
static ledger_key_error
make_spki(ledger_suite suite, EVP_PKEY *pkey, uint8_t *spki)
{
	ledger_key_error error = LEDGER_KEY_FAILED;
	BIGNUM	   *x = NULL;
	BIGNUM	   *y = NULL;

	memcpy(spki, spki_head(suite), POINT_AT);
	spki[POINT_AT] = 0x04;
	if (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1 &&
		EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1 &&
		BN_bn2binpad(x, spki + POINT_AT + 1, 32) == 32 && BN_bn2binpad(y, spki + POINT_AT + 33, 32) == 32)
		error = LEDGER_KEY_OK;
	BN_free(x);
	BN_free(y);
	return error;
}

/* What crypto/sm2.h signs with. */
static ledger_key_error
take_secret(EVP_PKEY *pkey, const uint8_t *spki, ledger_sm2_secret *secret)
{
	ledger_key_error error = LEDGER_KEY_FAILED;
	BIGNUM	   *d = NULL;
	uint8_t		bytes[LEDGER_SCALAR_LEN];

	/* n-1 is a number that libcrypto accepts and no signature can be made with */
	if (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &d) == 1 &&
		BN_bn2binpad(d, bytes, sizeof(bytes)) == (int) sizeof(bytes))
		error = ledger_sm2_secret_init(bytes, spki + LEDGER_SPKI_XY, secret) ? LEDGER_KEY_OK
																			 : LEDGER_KEY_BAD_POINT;
	BN_clear_free(d);
	ledger_wipe(bytes, sizeof(bytes));
	return error;
}

/* Takes over pkey in every case. */
static ledger_key_error
wrap(ledger_suite suite, EVP_PKEY *pkey, ledger_key **key)
{
	ledger_key_error error = check_private(suite, pkey);
	ledger_key *k = NULL;

	if (error == LEDGER_KEY_OK)
	{
		k = (ledger_key *) calloc(1, sizeof(*k));
		error = k == NULL ? LEDGER_KEY_FAILED : make_spki(suite, pkey, k->spki);
	}
	if (error == LEDGER_KEY_OK && suite == LEDGER_SUITE_GM)
		error = take_secret(pkey, k->spki, &k->sm2);
	if (error != LEDGER_KEY_OK)
	{
		EVP_PKEY_free(pkey);
		free(k);
		return error;
	}
	k->suite = suite;
	k->pkey = pkey;
	*key = k;
	return LEDGER_KEY_OK;
}

static ledger_key_error
generate(ledger_suite suite, ledger_key **key)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, key_type(suite), NULL);
	EVP_PKEY   *pkey = NULL;
	bool		ok;

	ok = ctx != NULL && EVP_PKEY_keygen_init(ctx) == 1 &&
		EVP_PKEY_CTX_set_group_name(ctx, group_name(suite)) == 1 && EVP_PKEY_generate(ctx, &pkey) == 1;
	EVP_PKEY_CTX_free(ctx);
	return ok ? wrap(suite, pkey, key) : LEDGER_KEY_FAILED;
}

ledger_key_error
ledger_key_generate(ledger_suite suite, ledger_key **key)
{
	ledger_key_error error;

	*key = NULL;
	ERR_set_mark();
	error = generate(suite, key);
	ERR_pop_to_mark();
	return error;
}

typedef struct passphrase_state
{
	const char *passphrase;
	bool		asked;
} passphrase_state;

/* Answers libcrypto, which would otherwise ask on the terminal. */
static int
give_passphrase(char *buf, int size, int rwflag, void *arg)
{
	passphrase_state *state = (passphrase_state *) arg;
	size_t		len;

	(void) rwflag;
	state->asked = true;
	if (state->passphrase == NULL)
		return -1;
	len = strlen(state->passphrase);
	if (len > (size_t) size)
		return -1;
	memcpy(buf, state->passphrase, len);
	return (int) len;
}

static ledger_key_error
from_pem(ledger_suite suite, const char *pem, size_t len, const char *passphrase, ledger_key **key)
{
	passphrase_state state = {passphrase, false};
	BIO		   *bio;
	EVP_PKEY   *pkey;

	if (len == 0 || len > 1024 * 1024)
		return LEDGER_KEY_BAD_PEM;
	bio = BIO_new_mem_buf(pem, (int) len);
	if (bio == NULL)
		return LEDGER_KEY_FAILED;
	pkey = PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, &state);
	BIO_free(bio);
	if (pkey == NULL)
		return state.asked ? LEDGER_KEY_BAD_PASSPHRASE : LEDGER_KEY_BAD_PEM;
	return wrap(suite, pkey, key);
}

ledger_key_error
ledger_key_from_pem(ledger_suite suite, const char *pem, size_t len, const char *passphrase, ledger_key **key)
{
	ledger_key_error error;

	*key = NULL;
	ERR_set_mark();
	error = from_pem(suite, pem, len, passphrase, key);
	ERR_pop_to_mark();
	return error;
}

static ledger_key_error
to_pem(const ledger_key *key, const char *passphrase, char *out, size_t cap, size_t *len)
{
	ledger_key_error error = LEDGER_KEY_FAILED;
	BIO		   *bio = BIO_new(BIO_s_secmem());
	char	   *data;
	long		n;

	if (bio == NULL)
		return LEDGER_KEY_FAILED;
	if (PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, passphrase == NULL ? NULL : EVP_aes_256_cbc(),
									  passphrase, passphrase == NULL ? 0 : (int) strlen(passphrase), NULL,
									  NULL) == 1 &&
		(n = BIO_get_mem_data(bio, &data)) > 0)
	{
		*len = (size_t) n;
		error = *len > cap ? LEDGER_KEY_NO_SPACE : LEDGER_KEY_OK;
		if (error == LEDGER_KEY_OK)
			memcpy(out, data, *len);
		OPENSSL_cleanse(data, (size_t) n);
	}
	BIO_free(bio);
	return error;
}

ledger_key_error
ledger_key_to_pem(const ledger_key *key, const char *passphrase, char *out, size_t cap, size_t *len)
{
	ledger_key_error error;

	*len = 0;
	ERR_set_mark();
	error = to_pem(key, passphrase, out, cap, len);
	ERR_pop_to_mark();
	return error;
}

ledger_suite
ledger_key_suite(const ledger_key *key)
{
	return key->suite;
}

ledger_key_error
ledger_key_spki(const ledger_key *key, uint8_t spki[LEDGER_SPKI_LEN])
{
	memcpy(spki, key->spki, LEDGER_SPKI_LEN);
	return LEDGER_KEY_OK;
}

void
ledger_key_free(ledger_key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey);
	ledger_wipe(key, sizeof(*key));
	free(key);
}
