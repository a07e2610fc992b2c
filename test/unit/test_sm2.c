/*
 * test/unit/test_sm2.c
 *		SM2 signatures: the standard's example, libcrypto both ways, keys, many at a time.
 */
#include "sm2_pair.h"

#define EXCHANGED 1000

/* ---- the standard ------------------------------------------------------------ */

static void
test_example(void)
{
	static const char example_k[] = "59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21";
	static const char example_e[] = "f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640";
	static const char example_za[] = "b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3";
	ledger_scalar d = scalar_of(example_d);
	ledger_scalar k = scalar_of(example_k);
	uint8_t		want[64];
	uint8_t		xy[64];
	ledger_scalar e;
	ledger_scalar r;
	ledger_scalar s;
	uint8_t		sig[LEDGER_SM2_SIGNATURE_MAX];
	uint8_t		number[2][32];
	size_t		siglen;
	pair		one;

	multiple_of_g(&d, xy);
	unhex(example_xy, want);
	check(memcmp(xy, want, 64) == 0, "GB/T 32918.5 annex A: the public key");
	make_pair(&d, &one);
	unhex(example_za, want);
	check(memcmp(one.secret.public_key.za, want, 32) == 0, "GB/T 32918.5 annex A: ZA");
	ledger_sm2_digest(one.secret.public_key.za, "message digest", 14, &e);
	ledger_scalar_encode(curve, &e, number[0]);
	unhex(example_e, want);
	check(memcmp(number[0], want, 32) == 0, "GB/T 32918.5 annex A: e");
	check(ledger_sm2_sign_with(&one.secret, &e, &k, &r, &s), "GB/T 32918.5 annex A: a signature");
	ledger_scalar_encode(curve, &r, number[0]);
	ledger_scalar_encode(curve, &s, number[1]);
	unhex(example_r, want);
	unhex(example_s, want + 32);
	check(memcmp(number, want, 64) == 0, "GB/T 32918.5 annex A: r and s");
	siglen = ledger_sm2_encode(&r, &s, sig);
	check(verify(&one, "message digest", 14, sig, siglen), "GB/T 32918.5 annex A: it holds");
	check(!verify(&one, "message digesu", 14, sig, siglen), "and not for another message");
	free_pair(&one);
}

static void
test_hash(void)
{
	uint8_t		text[300];
	size_t		alen;
	size_t		blen;

	random_bytes(&seed, text, sizeof(text));
	for (alen = 0; alen <= 150; alen++)
		for (blen = 0; blen <= 150; blen += alen % 32 == 0 ? 1 : 7)
		{
			uint8_t	   *a = exact_copy(text, alen);
			uint8_t	   *b = exact_copy(text + alen, blen);
			uint8_t		want[LEDGER_HASH_LEN];
			uint8_t		got[LEDGER_HASH_LEN];

			if (EVP_Digest(text, alen + blen, want, NULL, EVP_sm3(), NULL) != 1)
				abort();
			ledger_sm2_hash(a, alen, b, blen, got);
			expect(memcmp(want, got, sizeof(got)) == 0, "%zu and %zu bytes", alen, blen);
			free(a);
			free(b);
		}
	done("SM3 of two pieces");
}

/* ---- with libcrypto ---------------------------------------------------------- */

static void
test_exchange(void)
{
	uint8_t		text[600];
	pair		k;
	int			i;

	for (i = 0; i < EXCHANGED; i++)
	{
		uint8_t		sig[LEDGER_SM2_SIGNATURE_MAX];
		size_t		len = next_random(&seed) % sizeof(text);
		size_t		siglen;
		unsigned	bit;

		if (i % 50 == 0)
		{
			ledger_scalar d = random_scalar(i % 100 == 0 ? 256 : 64);

			if (i > 0)
				free_pair(&k);
			make_pair(&d, &k);
		}
		random_bytes(&seed, text, len);
		expect(ledger_sm2_sign(&k.secret, text, len, sig, &siglen) &&
				   evp_verify(k.pkey, text, len, sig, siglen) && verify(&k, text, len, sig, siglen),
			   "libcrypto takes signature %d of ours", i);
		siglen = evp_sign(k.pkey, text, len, sig);
		expect(verify(&k, text, len, sig, siglen), "we take signature %d of libcrypto", i);

		bit = (unsigned) (next_random(&seed) % (siglen * 8));
		sig[bit / 8] ^= (uint8_t) (1 << bit % 8);
		expect(!verify(&k, text, len, sig, siglen), "bit %u of signature %d changed", bit, i);
		sig[bit / 8] ^= (uint8_t) (1 << bit % 8);
		if (len > 0)
		{
			text[next_random(&seed) % len] ^= 1;
			expect(!verify(&k, text, len, sig, siglen), "signature %d of another message", i);
		}
	}
	done("signatures of ours hold in libcrypto, libcrypto's hold here, and no changed one does");
	free_pair(&k);
}

/* ---- keys -------------------------------------------------------------------- */

static void
test_keys(void)
{
	static const uint8_t zeros[64];
	const ledger_scalar one = scalar_of("0000000000000000000000000000000000000000000000000000000000000001");
	ledger_sm2_public key;
	ledger_sm2_secret secret;
	uint8_t		xy[64];
	uint8_t		d[32];
	uint8_t		sig[LEDGER_SM2_SIGNATURE_MAX];
	size_t		siglen;
	size_t		bit;
	pair		k;
	ledger_scalar last;

	expect(!ledger_sm2_public_init(zeros, &key), "the identity");
	multiple_of_g(&one, xy);
	for (bit = 0; bit < 512; bit++)
	{
		xy[bit / 8] ^= (uint8_t) (1 << bit % 8);
		expect(!ledger_sm2_public_init(xy, &key), "bit %zu of a point", bit);
		xy[bit / 8] ^= (uint8_t) (1 << bit % 8);
	}
	/* x + p where it fits: p itself for 0, and all ones */
	unhex(p_hex, xy);
	expect(!ledger_sm2_public_init(xy, &key), "x is p");
	memset(xy, 0xff, 32);
	expect(!ledger_sm2_public_init(xy, &key), "x is 2^256 - 1");
	done("a public key is a point of the curve");

	multiple_of_g(&one, xy);
	expect(!ledger_sm2_secret_init(zeros, xy, &secret), "0");
	plus(n_hex, -1, d);
	expect(!ledger_sm2_secret_init(d, xy, &secret), "n - 1");
	plus(n_hex, 0, d);
	expect(!ledger_sm2_secret_init(d, xy, &secret), "n");
	memset(d, 0xff, 32);
	expect(!ledger_sm2_secret_init(d, xy, &secret), "2^256 - 1");
	memset(xy, 0, 32);
	d[0] = 0;
	expect(!ledger_sm2_secret_init(d, xy, &secret), "a public part off the curve");
	done("a secret is 1 .. n-2");

	ledger_scalar_add(curve, &one, &one, &last);
	ledger_scalar_neg(curve, &last, &last);
	make_pair(&last, &k);
	expect(ledger_sm2_sign(&k.secret, "a", 1, sig, &siglen) && verify(&k, "a", 1, sig, siglen) &&
			   evp_verify(k.pkey, "a", 1, sig, siglen),
		   "n - 2");
	free_pair(&k);
	make_pair(&one, &k);
	expect(ledger_sm2_sign(&k.secret, "a", 1, sig, &siglen) && verify(&k, "a", 1, sig, siglen) &&
			   evp_verify(k.pkey, "a", 1, sig, siglen),
		   "1");
	done("the smallest and the largest secret sign");

	{
		ledger_scalar zero;
		ledger_scalar e = random_scalar(256);
		ledger_scalar nonce = random_scalar(256);
		ledger_scalar r;
		ledger_scalar s;
		ledger_scalar x;

		ledger_scalar_zero(&zero);
		expect(!ledger_sm2_sign_with(&k.secret, &e, &zero, &r, &s), "k = 0");
		multiple_of_g(&nonce, xy);
		ledger_sm2_reduce(xy, &x);
		ledger_scalar_neg(curve, &x, &e);
		expect(!ledger_sm2_sign_with(&k.secret, &e, &nonce, &r, &s), "r = 0");
		ledger_scalar_sub(curve, &e, &nonce, &e);
		expect(!ledger_sm2_sign_with(&k.secret, &e, &nonce, &r, &s), "r + k = n");
		/* s = 0 when k = r d, which is r for this key: e = k - x */
		ledger_scalar_sub(curve, &nonce, &x, &e);
		expect(!ledger_sm2_sign_with(&k.secret, &e, &nonce, &r, &s), "s = 0");
		ledger_scalar_add(curve, &e, &one, &e);
		expect(ledger_sm2_sign_with(&k.secret, &e, &nonce, &r, &s), "and one further");
	}
	done("numbers that the standard does not sign with are not used");
	free_pair(&k);
}

/* ---- many -------------------------------------------------------------------- */

static void
test_many(void)
{
	enum
	{
		KEYS = 5,
		MOST = 70
	};
	pair		k[KEYS];
	static uint8_t sig[MOST][LEDGER_SM2_SIGNATURE_MAX];
	ledger_sm2_claim claim[MOST];
	bool		want[MOST];
	bool		holds[MOST];
	size_t		n;
	size_t		i;

	for (i = 0; i < KEYS; i++)
	{
		ledger_scalar d = random_scalar(256);

		make_pair(&d, &k[i]);
	}
	for (n = 0; n <= MOST; n += n < 12 ? 1 : 7)
	{
		for (i = 0; i < n; i++)
		{
			const pair *signer = &k[next_random(&seed) % KEYS];
			size_t		siglen;

			if (!ledger_sm2_sign(&signer->secret, &i, sizeof(i), sig[i], &siglen))
				abort();
			claim[i] = (ledger_sm2_claim){&signer->secret.public_key,
										  i % 3 == 0 ? signer->table : NULL,
										  &i,
										  sizeof(i),
										  sig[i],
										  siglen};
			claim[i].message = exact_copy(&i, sizeof(i));
			want[i] = true;
			switch (next_random(&seed) % 8)
			{
				case 0:
					sig[i][siglen - 1] ^= 1;
					want[i] = false;
					break;
				case 1:
					sig[i][0] ^= 1;
					want[i] = false;
					break;
				case 2:
					claim[i].len--;
					want[i] = false;
					break;
				case 3:
					claim[i].siglen = 0;
					want[i] = false;
					break;
			}
		}
		expect(ledger_sm2_verify(n, claim, holds), "%zu signatures", n);
		for (i = 0; i < n; i++)
		{
			expect(holds[i] == want[i], "signature %zu of %zu", i, n);
			free((void *) claim[i].message);
		}
	}
	done("many signatures at a time have their own verdicts");

	{
		uint8_t		two[2][LEDGER_SM2_SIGNATURE_MAX];
		size_t		len[2];

		expect(ledger_sm2_sign(&k[0].secret, "a", 1, two[0], &len[0]) &&
				   ledger_sm2_sign(&k[0].secret, "a", 1, two[1], &len[1]) &&
				   (len[0] != len[1] || memcmp(two[0], two[1], len[0]) != 0),
			   "two signatures of one message");
	}
	done("a message that is signed again has another signature");
	for (i = 0; i < KEYS; i++)
		free_pair(&k[i]);
}

/* What crypto/sign.h makes of it, in both suites. */
static void
test_known(ledger_suite suite)
{
	enum
	{
		MOST = 9
	};
	ledger_suite other = suite == LEDGER_SUITE_GM ? LEDGER_SUITE_STD : LEDGER_SUITE_GM;
	ledger_key *key[2];
	ledger_known_key *known[3];
	uint8_t		spki[2][LEDGER_SPKI_LEN];
	uint8_t		bad[LEDGER_SPKI_LEN];
	uint8_t		sig[LEDGER_SIGNATURE_MAX];
	uint8_t		long_sig[LEDGER_SIGNATURE_MAX + 8] = {0};
	size_t		siglen;
	ledger_key_error verdict[MOST];
	static const ledger_key_error want[MOST] = {
		LEDGER_KEY_OK, LEDGER_KEY_OK, LEDGER_KEY_BAD_SIGNATURE, LEDGER_KEY_BAD_SIGNATURE,
		LEDGER_KEY_BAD_CURVE, LEDGER_KEY_BAD_POINT, LEDGER_KEY_BAD_ENCODING, LEDGER_KEY_BAD_SIGNATURE,
		LEDGER_KEY_BAD_SIGNATURE
	};
	size_t		i;

	for (i = 0; i < 2; i++)
		if (ledger_key_generate(i == 0 ? suite : other, &key[i]) != LEDGER_KEY_OK ||
			ledger_key_spki(key[i], spki[i]) != LEDGER_KEY_OK ||
			ledger_known_key_new(i == 0 ? suite : other, spki[i], LEDGER_SPKI_LEN, &known[i]) !=
				LEDGER_KEY_OK)
			abort();
	memcpy(bad, spki[0], sizeof(bad));
	bad[80] ^= 1;
	expect(ledger_known_key_new(suite, bad, sizeof(bad), &known[2]) == LEDGER_KEY_BAD_POINT &&
			   known[2] == NULL,
		   "a point off the curve");
	expect(ledger_known_key_new(suite, spki[1], sizeof(bad), &known[2]) == LEDGER_KEY_BAD_CURVE &&
			   known[2] == NULL,
		   "the other suite");
	expect(ledger_sign(key[0], "text", 4, sig, &siglen) == LEDGER_KEY_OK, "a signature");
	memcpy(long_sig, sig, siglen);
	{
		const ledger_signed items[MOST] = {
			{known[0], NULL, 0, "text", 4, sig, siglen},
			{NULL, spki[0], LEDGER_SPKI_LEN, "text", 4, sig, siglen},
			{known[0], NULL, 0, "texts", 5, sig, siglen},
			{NULL, spki[0], LEDGER_SPKI_LEN, "texts", 5, sig, siglen},
			{known[1], NULL, 0, "text", 4, sig, siglen},
			{NULL, bad, LEDGER_SPKI_LEN, "text", 4, sig, siglen},
			{NULL, spki[0], LEDGER_SPKI_LEN - 1, "text", 4, sig, siglen},
			{known[0], NULL, 0, "text", 4, long_sig, sizeof(long_sig)},
			{known[0], NULL, 0, "text", 4, sig, 0},
		};
		ledger_signed many[150];
		ledger_key_error verdicts[150];

		ledger_signatures_verify(suite, MOST, items, verdict);
		for (i = 0; i < MOST; i++)
			expect(verdict[i] == want[i], "item %zu: %s", i, ledger_key_error_text(verdict[i]));
		for (i = 0; i < 150; i++)
			many[i] = items[i * 7 % MOST];
		ledger_signatures_verify(suite, 150, many, verdicts);
		for (i = 0; i < 150; i++)
			expect(verdicts[i] == want[i * 7 % MOST], "item %zu of 150", i);
		ledger_signatures_verify(suite, 0, NULL, NULL);
	}
	done(suite == LEDGER_SUITE_GM ? "gm: known and unknown keys together"
								  : "std: known and unknown keys together");
	for (i = 0; i < 2; i++)
	{
		ledger_key_free(key[i]);
		ledger_known_key_free(known[i]);
	}
	ledger_known_key_free(NULL);
}

int
main(void)
{
	open_curve();
	test_example();
	test_hash();
	test_exchange();
	test_keys();
	test_many();
	test_known(LEDGER_SUITE_STD);
	test_known(LEDGER_SUITE_GM);
	close_curve();
	return finish();
}
