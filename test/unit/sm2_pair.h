/*
 * test/unit/sm2_pair.h
 *		Keys of SM2, here and in libcrypto, for the tests of signatures.
 *
 * Every signature that is verified is verified both ways, of a key met for the first
 * time and of a known key.
 */
#ifndef LEDGER_TEST_SM2_PAIR_H
#define LEDGER_TEST_SM2_PAIR_H

#include "crypto/sign.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include "crypto/sm2_internal.h"
#include "harness.h"

static uint64_t seed = 32918;
static const ledger_curve *curve;
static EC_GROUP *group;
static BN_CTX *bn_ctx;

/* GB/T 32918.5-2017: p and n of the curve */
static const char p_hex[] = "fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff";
static const char n_hex[] = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";

/* GB/T 32918.5-2017 annex A: signer id 1234567812345678, message "message digest" */
static const char example_d[] = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";
static const char example_xy[] = "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
								 "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
static const char example_r[] = "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3";
static const char example_s[] = "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";

/* ---- helpers ----------------------------------------------------------------- */

static inline ledger_scalar
scalar_of(const char *hex)
{
	uint8_t		bytes[32];
	ledger_scalar r;

	if (unhex(hex, bytes) != 32 || !ledger_scalar_decode(curve, bytes, &r))
		abort();
	return r;
}

/* A random number of 1 .. n-1 with about so many bits. */
static inline ledger_scalar
random_scalar(unsigned bits)
{
	ledger_scalar r;

	do
	{
		uint8_t		bytes[32] = {0};

		random_bytes(&seed, bytes + 32 - bits / 8, bits / 8);
		ledger_sm2_reduce(bytes, &r);
	} while (ledger_scalar_is_zero(&r));
	return r;
}

/* x and y of k G, by libcrypto */
static inline void
multiple_of_g(const ledger_scalar *k, uint8_t xy[64])
{
	uint8_t		bytes[65];
	BIGNUM	   *bn;
	EC_POINT   *point = EC_POINT_new(group);

	ledger_scalar_encode(curve, k, bytes);
	bn = BN_bin2bn(bytes, 32, NULL);
	if (EC_POINT_mul(group, point, bn, NULL, NULL, bn_ctx) != 1 ||
		EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, bytes, sizeof(bytes), bn_ctx) != 65)
		abort();
	memcpy(xy, bytes + 1, 64);
	EC_POINT_free(point);
	BN_free(bn);
}

static inline EVP_PKEY *
evp_key(const uint8_t xy[64], const ledger_scalar *d)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "SM2", NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params;
	EVP_PKEY   *pkey = NULL;
	uint8_t		point[65] = {4};
	uint8_t		bytes[32];
	BIGNUM	   *secret = NULL;

	memcpy(point + 1, xy, 64);
	if (OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "SM2", 0) != 1 ||
		OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)) != 1)
		abort();
	if (d != NULL)
	{
		ledger_scalar_encode(curve, d, bytes);
		secret = BN_bin2bn(bytes, 32, NULL);
		if (OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, secret) != 1)
			abort();
	}
	params = OSSL_PARAM_BLD_to_param(build);
	if (EVP_PKEY_fromdata_init(ctx) != 1 || EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params) != 1)
		abort();
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	BN_free(secret);
	return pkey;
}

static inline EVP_MD_CTX *
evp_context(EVP_PKEY *pkey, EVP_PKEY_CTX **pctx)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	*pctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	if (EVP_PKEY_CTX_set1_id(*pctx, LEDGER_SM2_SIGNER_ID, (int) strlen(LEDGER_SM2_SIGNER_ID)) != 1)
		abort();
	EVP_MD_CTX_set_pkey_ctx(ctx, *pctx);
	return ctx;
}

static inline bool
evp_verify(EVP_PKEY *pkey, const void *message, size_t len, const uint8_t *sig, size_t siglen)
{
	EVP_PKEY_CTX *pctx;
	EVP_MD_CTX *ctx = evp_context(pkey, &pctx);
	bool		ok;

	if (EVP_DigestVerifyInit(ctx, NULL, EVP_sm3(), NULL, pkey) != 1)
		abort();
	ok = EVP_DigestVerify(ctx, sig, siglen, (const unsigned char *) message, len) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_CTX_free(pctx);
	return ok;
}

static inline size_t
evp_sign(EVP_PKEY *pkey, const void *message, size_t len, uint8_t *sig)
{
	EVP_PKEY_CTX *pctx;
	EVP_MD_CTX *ctx = evp_context(pkey, &pctx);
	size_t		siglen = LEDGER_SM2_SIGNATURE_MAX;

	if (EVP_DigestSignInit(ctx, NULL, EVP_sm3(), NULL, pkey) != 1 ||
		EVP_DigestSign(ctx, sig, &siglen, (const unsigned char *) message, len) != 1)
		abort();
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_CTX_free(pctx);
	return siglen;
}

/* A key of ours and the same in libcrypto. */
typedef struct
{
	ledger_sm2_secret secret;
	ledger_sm2_table *table;
	EVP_PKEY   *pkey;
	uint8_t		xy[64];
} pair;

static inline void
make_pair(const ledger_scalar *d, pair *k)
{
	uint8_t		bytes[32];

	multiple_of_g(d, k->xy);
	ledger_scalar_encode(curve, d, bytes);
	if (!ledger_sm2_secret_init(bytes, k->xy, &k->secret))
		abort();
	k->table = ledger_sm2_table_new(&k->secret.public_key);
	k->pkey = evp_key(k->xy, d);
}

static inline void
free_pair(pair *k)
{
	ledger_sm2_table_free(k->table);
	EVP_PKEY_free(k->pkey);
}

/* The verdict of all ways, which is one. */
static inline bool
verify(const pair *k, const void *message, size_t len, const uint8_t *sig, size_t siglen)
{
	ledger_sm2_claim claim[2] = {
		{&k->secret.public_key, NULL, message, len, sig, siglen},
		{&k->secret.public_key, k->table, message, len, sig, siglen},
	};
	bool		holds[2] = {true, true};

	if (!ledger_sm2_verify(2, claim, holds))
		abort();
	expect(holds[0] == holds[1], "a known key has its own opinion");
	return holds[0];
}

/* bytes = number + add, modulo 2^256 */
static inline void
plus(const char *hex, int add, uint8_t bytes[32])
{
	int			i;

	unhex(hex, bytes);
	for (i = 31; i >= 0; i--)
	{
		add += bytes[i];
		bytes[i] = (uint8_t) add;
		add = (add - bytes[i]) / 256;
	}
}

/* What every program begins and ends with. */
static inline void
open_curve(void)
{
	curve = ledger_curve_of(LEDGER_SUITE_GM);
	group = EC_GROUP_new_by_curve_name(NID_sm2);
	bn_ctx = BN_CTX_new();
	if (group == NULL || bn_ctx == NULL)
		abort();
}

static inline void
close_curve(void)
{
	EC_GROUP_free(group);
	BN_CTX_free(bn_ctx);
}

#endif							/* LEDGER_TEST_SM2_PAIR_H */
