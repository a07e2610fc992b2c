/*
 * test/unit/test_key.c
 *		Keys, signatures and key ids of both suites.
 */
#include "crypto/key.h"
#include "crypto/sign.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "crypto/hash.h"
#include "harness.h"

static const ledger_suite suites[2] = {LEDGER_SUITE_STD, LEDGER_SUITE_GM};

/*
 * GM/T 0003.5 annex A (also draft-shen-sm2-ecdsa): the recommended curve, signer
 * id 1234567812345678, message "message digest".
 */
static const char sm2_x[] = "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020";
static const char sm2_y[] = "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
static const char sm2_r[] = "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3";
static const char sm2_s[] = "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";

/* RFC 6979 appendix A.2.5: P-256, SHA-256, message "sample". */
static const char p256_x[] = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
static const char p256_y[] = "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
static const char p256_r[] = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
static const char p256_s[] = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";

static const char head_std[] = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";
static const char head_gm[] = "3059301306072a8648ce3d020106082a811ccf5501822d03420004";

static void
spki_of(const char *head, const char *x, const char *y, uint8_t *spki)
{
	unhex(head, spki);
	unhex(x, spki + 27);
	unhex(y, spki + 59);
}

static size_t
der_integer(const uint8_t *value, uint8_t *out)
{
	size_t		pad = value[0] >> 7;

	out[0] = 0x02;
	out[1] = (uint8_t) (32 + pad);
	out[2] = 0;
	memcpy(out + 2 + pad, value, 32);
	return 34 + pad;
}

/* r and s have their first byte set in every case used here. */
static size_t
der_signature(const char *r, const char *s, uint8_t *out)
{
	uint8_t		value[32];
	size_t		n = 2;

	unhex(r, value);
	n += der_integer(value, out + n);
	unhex(s, value);
	n += der_integer(value, out + n);
	out[0] = 0x30;
	out[1] = (uint8_t) (n - 2);
	return n;
}

static void
test_published(void)
{
	uint8_t		spki[LEDGER_SPKI_LEN];
	uint8_t		sig[LEDGER_SIGNATURE_MAX];
	size_t		n;

	spki_of(head_std, p256_x, p256_y, spki);
	n = der_signature(p256_r, p256_s, sig);
	check(ledger_signature_verify(LEDGER_SUITE_STD, spki, sizeof(spki), "sample", 6, sig, n) == LEDGER_KEY_OK,
		  "std: the signature of RFC 6979 A.2.5 holds");
	check(ledger_signature_verify(LEDGER_SUITE_STD, spki, sizeof(spki), "samplf", 6, sig, n) ==
			  LEDGER_KEY_BAD_SIGNATURE,
		  "std: and not over another message");

	spki_of(head_gm, sm2_x, sm2_y, spki);
	n = der_signature(sm2_r, sm2_s, sig);
	check(ledger_signature_verify(LEDGER_SUITE_GM, spki, sizeof(spki), "message digest", 14, sig, n) ==
			  LEDGER_KEY_OK,
		  "gm: the signature of GM/T 0003.5 annex A holds");
	check(ledger_signature_verify(LEDGER_SUITE_GM, spki, sizeof(spki), "message digesu", 14, sig, n) ==
			  LEDGER_KEY_BAD_SIGNATURE,
		  "gm: and not over another message");
}

static void
test_sign(ledger_suite suite)
{
	const char *name = ledger_suite_name(suite);
	ledger_key *key;
	uint8_t		spki[LEDGER_SPKI_LEN];
	uint8_t		message[300];
	uint64_t	state = suite;
	size_t		len;

	if (!check(ledger_key_generate(suite, &key) == LEDGER_KEY_OK && ledger_key_suite(key) == suite,
			   "%s: a key is made", name))
		return;
	ledger_key_spki(key, spki);
	check(ledger_spki_check(suite, spki, sizeof(spki)) == LEDGER_KEY_OK, "%s: its public key passes", name);
	random_bytes(&state, message, sizeof(message));
	for (len = 0; len <= sizeof(message); len += 37)
	{
		uint8_t		sig[LEDGER_SIGNATURE_MAX];
		size_t		siglen;
		size_t		bit;

		expect(ledger_sign(key, message, len, sig, &siglen) == LEDGER_KEY_OK && siglen >= 8 &&
				   siglen <= LEDGER_SIGNATURE_MAX,
			   "sign %zu bytes", len);
		expect(ledger_signature_verify(suite, spki, sizeof(spki), message, len, sig, siglen) == LEDGER_KEY_OK,
			   "verify %zu bytes", len);
		for (bit = 0; bit < siglen * 8; bit += len == 0 ? 1 : 29)
		{
			sig[bit / 8] ^= (uint8_t) (1 << bit % 8);
			expect(ledger_signature_verify(suite, spki, sizeof(spki), message, len, sig, siglen) ==
					   LEDGER_KEY_BAD_SIGNATURE,
				   "bit %zu of the signature", bit);
			sig[bit / 8] ^= (uint8_t) (1 << bit % 8);
		}
		if (len > 0)
		{
			message[len / 2] ^= 1;
			expect(ledger_signature_verify(suite, spki, sizeof(spki), message, len, sig, siglen) ==
					   LEDGER_KEY_BAD_SIGNATURE,
				   "another message");
			message[len / 2] ^= 1;
		}
		/* bytes after the DER, and a BER length in long form */
		{
			uint8_t		longer[LEDGER_SIGNATURE_MAX + 2];

			memcpy(longer, sig, siglen);
			longer[siglen] = 0;
			expect(ledger_signature_verify(suite, spki, sizeof(spki), message, len, longer, siglen + 1) ==
					   LEDGER_KEY_BAD_SIGNATURE,
				   "a byte after the signature");
			longer[0] = 0x30;
			longer[1] = 0x81;
			memcpy(longer + 2, sig + 1, siglen - 1);
			expect(ledger_signature_verify(suite, spki, sizeof(spki), message, len, longer, siglen + 1) ==
					   LEDGER_KEY_BAD_SIGNATURE,
				   "a length that is not DER");
		}
		expect(ledger_signature_verify(suite, spki, sizeof(spki), message, len, sig, 0) ==
				   LEDGER_KEY_BAD_SIGNATURE,
			   "an empty signature");
	}
	done("signatures hold, and not with any bit, message or encoding changed");
	expect(ledger_signature_verify(suites[suite == LEDGER_SUITE_STD], spki, sizeof(spki), message, 1,
								   (const uint8_t *) "", 0) == LEDGER_KEY_BAD_CURVE,
		   "under the other suite");
	done("a key of one suite is refused by the other");
	ledger_key_free(key);
}

static void
test_spki(ledger_suite suite)
{
	ledger_key *key;
	uint8_t		spki[LEDGER_SPKI_LEN + 1];
	size_t		bit;
	size_t		off_curve = 0;

	if (ledger_key_generate(suite, &key) != LEDGER_KEY_OK)
		abort();
	ledger_key_spki(key, spki);
	spki[LEDGER_SPKI_LEN] = 0;
	for (bit = 0; bit < LEDGER_SPKI_LEN * 8; bit++)
	{
		ledger_key_error error;

		spki[bit / 8] ^= (uint8_t) (1 << bit % 8);
		error = ledger_spki_check(suite, spki, LEDGER_SPKI_LEN);
		if (bit < 27 * 8)
			expect(error == LEDGER_KEY_BAD_ENCODING, "bit %zu of the head", bit);
		else
			expect(error == LEDGER_KEY_BAD_POINT, "bit %zu of the point", bit);
		off_curve += error == LEDGER_KEY_BAD_POINT;
		spki[bit / 8] ^= (uint8_t) (1 << bit % 8);
	}
	expect(off_curve == 512, "%zu points", off_curve);
	expect(ledger_spki_check(suite, spki, LEDGER_SPKI_LEN + 1) == LEDGER_KEY_BAD_ENCODING, "a byte more");
	expect(ledger_spki_check(suite, spki, LEDGER_SPKI_LEN - 1) == LEDGER_KEY_BAD_ENCODING, "a byte less");
	expect(ledger_spki_check(suite, spki, 0) == LEDGER_KEY_BAD_ENCODING, "nothing");
	/* hybrid point: 06 or 07 with both coordinates */
	spki[26] = (uint8_t) (6 | (spki[90] & 1));
	expect(ledger_spki_check(suite, spki, LEDGER_SPKI_LEN) == LEDGER_KEY_BAD_ENCODING, "a hybrid point");
	spki[26] = 4;
	/* compressed point, as libcrypto itself writes and reads it */
	{
		uint8_t		compressed[LEDGER_SPKI_LEN];

		memcpy(compressed, spki, 59);
		compressed[1] = 0x39;
		compressed[24] = 0x22;
		compressed[26] = (uint8_t) (2 | (spki[90] & 1));
		expect(ledger_spki_check(suite, compressed, 59) == LEDGER_KEY_BAD_ENCODING, "a compressed point");
	}
	/* x = p (as 0) is not reduced silently */
	memset(spki + 27, 0xff, 64);
	expect(ledger_spki_check(suite, spki, LEDGER_SPKI_LEN) == LEDGER_KEY_BAD_POINT, "coordinates above p");
	memset(spki + 27, 0, 64);
	expect(ledger_spki_check(suite, spki, LEDGER_SPKI_LEN) == LEDGER_KEY_BAD_POINT, "the point (0, 0)");
	done("a public key has one encoding, and every other is refused");
	ledger_key_free(key);
}

static void
test_pem(ledger_suite suite)
{
	const char *name = ledger_suite_name(suite);
	ledger_suite other = suites[suite == LEDGER_SUITE_STD];
	ledger_key *key;
	ledger_key *again;
	char		pem[LEDGER_KEY_PEM_MAX];
	char		small[10];
	uint8_t		spki[2][LEDGER_SPKI_LEN];
	size_t		len;
	size_t		need;
	size_t		i;

	if (ledger_key_generate(suite, &key) != LEDGER_KEY_OK)
		abort();
	ledger_key_spki(key, spki[0]);
	check(ledger_key_to_pem(key, NULL, pem, sizeof(pem), &len) == LEDGER_KEY_OK &&
			  memcmp(pem, "-----BEGIN PRIVATE KEY-----\n", 28) == 0,
		  "%s: PEM is PKCS #8", name);
	check(ledger_key_to_pem(key, NULL, small, sizeof(small), &need) == LEDGER_KEY_NO_SPACE && need == len,
		  "%s: a small buffer tells the room needed", name);
	if (check(ledger_key_from_pem(suite, pem, len, NULL, &again) == LEDGER_KEY_OK, "%s: and is read again",
			  name))
	{
		ledger_key_spki(again, spki[1]);
		check(memcmp(spki[0], spki[1], LEDGER_SPKI_LEN) == 0, "%s: as the same key", name);
		ledger_key_free(again);
	}
	check(ledger_key_from_pem(other, pem, len, NULL, &again) == LEDGER_KEY_BAD_CURVE && again == NULL,
		  "%s: the other suite refuses it", name);
	for (i = 0; i < len; i += 3)
	{
		ledger_key_error error = ledger_key_from_pem(suite, pem, i, NULL, &again);

		/* the last newline may go */
		if (i + 1 < len)
			expect(error == LEDGER_KEY_BAD_PEM && again == NULL, "cut at %zu of %zu", i, len);
		else
			ledger_key_free(again);
	}
	done("a PEM that is cut anywhere is refused");
	expect(ledger_key_from_pem(suite, "", 0, NULL, &again) == LEDGER_KEY_BAD_PEM, "nothing");
	expect(ledger_key_from_pem(suite, "hello\n", 6, NULL, &again) == LEDGER_KEY_BAD_PEM, "not PEM");
	done("what is not PEM is refused");

	check(ledger_key_to_pem(key, "secret words", pem, sizeof(pem), &len) == LEDGER_KEY_OK &&
			  memcmp(pem, "-----BEGIN ENCRYPTED PRIVATE KEY-----\n", 38) == 0,
		  "%s: PEM with a passphrase", name);
	check(ledger_key_from_pem(suite, pem, len, NULL, &again) == LEDGER_KEY_BAD_PASSPHRASE && again == NULL,
		  "%s: is not opened without one", name);
	check(ledger_key_from_pem(suite, pem, len, "secret word", &again) == LEDGER_KEY_BAD_PASSPHRASE &&
			  again == NULL,
		  "%s: nor with another", name);
	{
		char		words[3000];

		memset(words, 'w', sizeof(words));
		words[sizeof(words) - 1] = '\0';
		check(ledger_key_from_pem(suite, pem, len, words, &again) == LEDGER_KEY_BAD_PASSPHRASE &&
				  again == NULL,
			  "%s: nor with one that is longer than libcrypto takes", name);
	}
	if (check(ledger_key_from_pem(suite, pem, len, "secret words", &again) == LEDGER_KEY_OK,
			  "%s: but with this one", name))
	{
		ledger_key_spki(again, spki[1]);
		check(memcmp(spki[0], spki[1], LEDGER_SPKI_LEN) == 0, "%s: as the same key", name);
		ledger_key_free(again);
	}
	ledger_key_free(key);
	ledger_key_free(NULL);
}

/* A PEM of another curve, or of the right one in another form, made with libcrypto alone. */
static size_t
foreign_pem(const char *curve, bool explicit_parameters, bool compressed, bool traditional, char *out,
			size_t cap)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, strcmp(curve, "SM2") == 0 ? "SM2" : "EC", NULL);
	EVP_PKEY   *pkey = NULL;
	BIO		   *bio = BIO_new(BIO_s_mem());
	char	   *data;
	size_t		n;

	if (EVP_PKEY_keygen_init(ctx) != 1 || EVP_PKEY_CTX_set_group_name(ctx, curve) != 1 ||
		(explicit_parameters && EVP_PKEY_CTX_set_ec_param_enc(ctx, 0) != 1) ||
		EVP_PKEY_generate(ctx, &pkey) != 1)
		abort();
	if (compressed && EVP_PKEY_set_utf8_string_param(pkey, "point-format", "compressed") != 1)
		abort();
	if (traditional ? PEM_write_bio_PrivateKey_traditional(bio, pkey, NULL, NULL, 0, NULL, NULL) != 1
					: PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) != 1)
		abort();
	n = (size_t) BIO_get_mem_data(bio, &data);
	if (n > cap)
		abort();
	memcpy(out, data, n);
	BIO_free(bio);
	EVP_PKEY_free(pkey);
	EVP_PKEY_CTX_free(ctx);
	return n;
}

static void
test_foreign(void)
{
	static const char *const wrong[] = {"P-384", "secp256k1", "brainpoolP256r1", "SM2"};
	char		pem[4096];
	ledger_key *key;
	size_t		i;
	size_t		n;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
	{
		n = foreign_pem(wrong[i], false, false, false, pem, sizeof(pem));
		expect(ledger_key_from_pem(LEDGER_SUITE_STD, pem, n, NULL, &key) == LEDGER_KEY_BAD_CURVE &&
				   key == NULL,
			   "std takes %s", wrong[i]);
		if (strcmp(wrong[i], "SM2") != 0)
			expect(ledger_key_from_pem(LEDGER_SUITE_GM, pem, n, NULL, &key) == LEDGER_KEY_BAD_CURVE &&
					   key == NULL,
				   "gm takes %s", wrong[i]);
	}
	done("private keys of other curves are refused");

	n = foreign_pem("P-256", true, false, false, pem, sizeof(pem));
	check(ledger_key_from_pem(LEDGER_SUITE_STD, pem, n, NULL, &key) != LEDGER_KEY_OK && key == NULL,
		  "a private key with explicit parameters is refused");

	n = foreign_pem("P-256", false, true, true, pem, sizeof(pem));
	if (check(ledger_key_from_pem(LEDGER_SUITE_STD, pem, n, NULL, &key) == LEDGER_KEY_OK,
			  "the traditional form is read, its point compressed or not"))
	{
		uint8_t		spki[LEDGER_SPKI_LEN];

		ledger_key_spki(key, spki);
		check(ledger_spki_check(LEDGER_SUITE_STD, spki, sizeof(spki)) == LEDGER_KEY_OK,
			  "and shown uncompressed");
		ledger_key_free(key);
	}
	{
		EVP_PKEY   *rsa = EVP_RSA_gen(2048);
		BIO		   *bio = BIO_new(BIO_s_mem());
		char	   *data;

		PEM_write_bio_PKCS8PrivateKey(bio, rsa, NULL, NULL, 0, NULL, NULL);
		n = (size_t) BIO_get_mem_data(bio, &data);
		check(ledger_key_from_pem(LEDGER_SUITE_STD, data, n, NULL, &key) == LEDGER_KEY_BAD_CURVE &&
				  key == NULL,
			  "an RSA key is refused");
		BIO_free(bio);
		EVP_PKEY_free(rsa);
	}
}

static void
test_key_id(void)
{
	uint8_t		spki[LEDGER_SPKI_LEN];
	uint8_t		id[LEDGER_KEY_ID_LEN];
	uint8_t		in[256];
	uint8_t		hash[LEDGER_HASH_LEN];
	ledger_hasher *h = ledger_hasher_new(LEDGER_SUITE_GM);
	size_t		n = 0;

	spki_of(head_gm, sm2_x, sm2_y, spki);
	memcpy(in, "bank-a", 6);
	n = 6;
	in[n++] = 0x0a;
	in[n++] = 0xff;
	memcpy(in + n, "ledger-sm2-sm3-v1", 17);
	n += 17;
	in[n++] = 0;
	memcpy(in + n, spki, sizeof(spki));
	n += sizeof(spki);
	ledger_hash(h, in, n, hash);
	check(ledger_note_key_id(LEDGER_SUITE_GM, "bank-a", 6, spki, sizeof(spki), id) &&
			  memcmp(id, hash, 4) == 0,
		  "gm: key id of a signed note");
	ledger_hasher_free(h);

	h = ledger_hasher_new(LEDGER_SUITE_STD);
	spki_of(head_std, p256_x, p256_y, spki);
	ledger_hash(h, spki, sizeof(spki), hash);
	check(ledger_note_key_id(LEDGER_SUITE_STD, "bank-a", 6, spki, sizeof(spki), id) &&
			  memcmp(id, hash, 4) == 0,
		  "std: key id of a signed note");
	ledger_hasher_free(h);
}

static void
test_small(void)
{
	uint8_t		a[32] = {0};
	uint8_t		b[32] = {0};
	uint8_t		zeros[32] = {0};
	int			e;

	check(ledger_secret_equal(a, b, 32), "equal secrets");
	b[31] = 1;
	check(!ledger_secret_equal(a, b, 32) && ledger_secret_equal(a, b, 31), "unequal secrets");
	check(ledger_random(a, 32) && ledger_random(b, 32) && memcmp(a, b, 32) != 0 && memcmp(a, zeros, 32) != 0,
		  "random bytes");
	ledger_wipe(a, 32);
	check(memcmp(a, zeros, 32) == 0, "wiped bytes");
	for (e = LEDGER_KEY_OK; e <= LEDGER_KEY_FAILED; e++)
		expect(strcmp(ledger_key_error_text((ledger_key_error) e), "unknown key error") != 0, "error %d", e);
	done("every error has a text");
	{
		ledger_suite s = LEDGER_SUITE_STD;

		check(ledger_suite_from_name("gm", &s) && s == LEDGER_SUITE_GM && ledger_suite_from_name("std", &s) &&
				  s == LEDGER_SUITE_STD && !ledger_suite_from_name("GM", &s) &&
				  !ledger_suite_from_name("", &s) && s == LEDGER_SUITE_STD &&
				  ledger_suite_name((ledger_suite) 3) == NULL && ledger_suite_name((ledger_suite) 0) == NULL,
			  "names of suites");
	}
}

int
main(void)
{
	int			i;

	/* an error of somebody else that must survive */
	ERR_clear_error();
	ERR_raise(ERR_LIB_USER, 77);
	test_published();
	for (i = 0; i < 2; i++)
	{
		test_sign(suites[i]);
		test_spki(suites[i]);
		test_pem(suites[i]);
	}
	check(ERR_GET_REASON(ERR_get_error()) == 77 && ERR_get_error() == 0,
		  "libcrypto's error queue is as it was");
	test_foreign();
	test_key_id();
	test_small();
	return finish();
}
