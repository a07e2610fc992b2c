/*
 * test/unit/test_curve.c
 *		Scalars, points and multiples of points on both curves.
 *
 * libcrypto's BIGNUM and EC_GROUP are the reference. Every kernel that this CPU
 * can run is put through the same cases. Points of the tests are multiples of G
 * whose factor is known, so that any sum of multiples is checked by one number.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/curve_internal.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "harness.h"

#define POOL 40
#define MAX_TERMS 700
#define EDGES 24

static uint64_t seed = 20120321;
static const ledger_curve *curve;
static char name[64];

static BN_CTX *ctx;
static EC_GROUP *group;
static EC_POINT *scratch;
static BIGNUM *order;
static BIGNUM *prime;

/* pool[i] is factor[i] G */
static BIGNUM *factor[POOL];
static ledger_affine pool[POOL];
static ledger_scalar edge[EDGES];

/* ---- conversions ----------------------------------------------------------------- */

static BIGNUM *
new_bn(void)
{
	BIGNUM	   *bn = BN_new();

	if (bn == NULL)
		abort();
	return bn;
}

static void
bn_of(const ledger_scalar *a, BIGNUM *bn)
{
	uint8_t		bytes[32];

	ledger_scalar_encode(curve, a, bytes);
	BN_bin2bn(bytes, 32, bn);
}

static void
scalar_of(const BIGNUM *bn, ledger_scalar *a)
{
	uint8_t		bytes[32];

	if (BN_bn2binpad(bn, bytes, 32) != 32 || !ledger_scalar_decode(curve, bytes, a))
		abort();
}

static void
random_scalar(ledger_scalar *a)
{
	uint8_t		bytes[64];

	/* one in eight is an edge, or short */
	if (next_random(&seed) % 16 == 0)
		*a = edge[next_random(&seed) % EDGES];
	else if (next_random(&seed) % 15 == 0)
		ledger_scalar_u64(curve, next_random(&seed), a);
	else
	{
		random_bytes(&seed, bytes, sizeof(bytes));
		ledger_scalar_reduce(curve, bytes, a);
	}
}

/* Whether a point is bn G; the identity is 0 G. */
static bool
is_multiple(const ledger_affine *a, const BIGNUM *bn)
{
	uint8_t		want[65];
	uint8_t		got[64];

	if (EC_POINT_mul(group, scratch, bn, NULL, NULL, ctx) != 1)
		abort();
	if (EC_POINT_is_at_infinity(group, scratch))
		return ledger_affine_is_identity(a);
	if (ledger_affine_is_identity(a) ||
		EC_POINT_point2oct(group, scratch, POINT_CONVERSION_UNCOMPRESSED, want, 65, ctx) != 65)
		return false;
	ledger_affine_to_xy(curve, a, got);
	return memcmp(got, want + 1, 64) == 0;
}

static bool
point_is_multiple(const ledger_point *a, const BIGNUM *bn)
{
	ledger_affine affine;

	ledger_points_to_affine(curve, 1, a, &affine);
	return ledger_point_is_identity(a) == ledger_affine_is_identity(&affine) && is_multiple(&affine, bn);
}

/* a with a z that is not 1: 2G + a - 2G */
static void
blind(const ledger_affine *a, ledger_point *r)
{
	ledger_point two;
	ledger_affine minus;

	ledger_point_from_affine(curve, ledger_curve_generator(curve), &two);
	ledger_point_double(curve, &two, &two);
	ledger_points_to_affine(curve, 1, &two, &minus);
	ledger_affine_neg(curve, &minus, &minus);
	ledger_point_add_affine(curve, &two, a, r);
	ledger_point_add_affine(curve, r, &minus, r);
}

/* ---- the fixture ------------------------------------------------------------------- */

static void
begin(const ledger_curve_kernel *kernel, ledger_suite suite)
{
	static ledger_curve made;
	BIGNUM	   *bn = new_bn();
	int			i;

	ledger_curve_make(kernel, suite,
					  suite == LEDGER_SUITE_GM ? &ledger_curve_params_sm2 : &ledger_curve_params_p256, &made);
	curve = &made;
	snprintf(name, sizeof(name), "%s %s", suite == LEDGER_SUITE_GM ? "SM2" : "P-256", kernel->name);
	group = EC_GROUP_new_by_curve_name(suite == LEDGER_SUITE_GM ? NID_sm2 : NID_X9_62_prime256v1);
	if (group == NULL)
		abort();
	scratch = EC_POINT_new(group);
	order = BN_dup(EC_GROUP_get0_order(group));
	prime = BN_dup(EC_GROUP_get0_field(group));

	/* 0, 1, 2, 3, n-1, n-2, n-3, half of n, and powers of two and their neighbours */
	for (i = 0; i < EDGES; i++)
	{
		if (i < 4)
			BN_set_word(bn, (BN_ULONG) i);
		else if (i < 7)
		{
			BN_copy(bn, order);
			BN_sub_word(bn, (BN_ULONG) (i - 3));
		}
		else if (i < 9)
		{
			BN_rshift1(bn, order);
			BN_add_word(bn, (BN_ULONG) (i - 7));
		}
		else
		{
			static const int bits[] = {6, 32, 64, 128, 255};

			BN_set_word(bn, 1);
			BN_lshift(bn, bn, bits[(i - 9) % 5]);
			if (i % 3 == 1)
				BN_sub_word(bn, 1);
			if (i % 3 == 2)
				BN_add_word(bn, 1);
		}
		scalar_of(bn, &edge[i]);
	}

	/* the identity, some neighbours, and then points and their opposites */
	for (i = 0; i < POOL; i++)
	{
		uint8_t		bytes[65];

		factor[i] = new_bn();
		if (i < 4)
			BN_set_word(factor[i], (BN_ULONG) i);
		else if (i % 4 == 3)
			BN_mod_sub(factor[i], order, factor[i - 1], order, ctx);
		else
		{
			random_bytes(&seed, bytes, 32);
			BN_bin2bn(bytes, 32, factor[i]);
			BN_mod(factor[i], factor[i], order, ctx);
		}
		if (EC_POINT_mul(group, scratch, factor[i], NULL, NULL, ctx) != 1)
			abort();
		memset(&pool[i], 0, sizeof(pool[i]));
		if (!EC_POINT_is_at_infinity(group, scratch))
		{
			EC_POINT_point2oct(group, scratch, POINT_CONVERSION_UNCOMPRESSED, bytes, 65, ctx);
			expect(ledger_affine_from_xy(curve, bytes + 1, &pool[i]), "a point of the pool");
		}
	}
	BN_free(bn);
}

static void
end(void)
{
	int			i;

	for (i = 0; i < POOL; i++)
		BN_free(factor[i]);
	BN_free(order);
	BN_free(prime);
	EC_POINT_free(scratch);
	EC_GROUP_free(group);
}

static void
done_here(const char *what)
{
	char		line[160];

	snprintf(line, sizeof(line), "%s: %s", name, what);
	done(line);
}

/* ---- scalars ----------------------------------------------------------------------- */

static void
expect_scalar(const ledger_scalar *got, const BIGNUM *want, const char *what)
{
	BIGNUM	   *bn = new_bn();
	ledger_scalar again;

	bn_of(got, bn);
	scalar_of(want, &again);
	expect(BN_cmp(bn, want) == 0 && ledger_scalar_equal(got, &again), "%s", what);
	BN_free(bn);
}

static void
test_scalar_pair(const ledger_scalar *a, const ledger_scalar *b)
{
	BIGNUM	   *x = new_bn();
	BIGNUM	   *y = new_bn();
	BIGNUM	   *want = new_bn();
	ledger_scalar r;

	bn_of(a, x);
	bn_of(b, y);
	BN_mod_add(want, x, y, order, ctx);
	ledger_scalar_add(curve, a, b, &r);
	expect_scalar(&r, want, "a + b");
	r = *a;
	ledger_scalar_add(curve, &r, b, &r);
	expect_scalar(&r, want, "a + b in the place of a");
	BN_mod_sub(want, x, y, order, ctx);
	ledger_scalar_sub(curve, a, b, &r);
	expect_scalar(&r, want, "a - b");
	r = *b;
	ledger_scalar_sub(curve, a, &r, &r);
	expect_scalar(&r, want, "a - b in the place of b");
	BN_mod_mul(want, x, y, order, ctx);
	ledger_scalar_mul(curve, a, b, &r);
	expect_scalar(&r, want, "a b");
	r = *b;
	ledger_scalar_mul(curve, a, &r, &r);
	expect_scalar(&r, want, "a b in the place of b");
	expect(ledger_scalar_equal(a, b) == (BN_cmp(x, y) == 0), "a = b");
	BN_free(x);
	BN_free(y);
	BN_free(want);
}

static void
test_scalars(void)
{
	BIGNUM	   *x = new_bn();
	BIGNUM	   *want = new_bn();
	uint8_t		bytes[64];
	ledger_scalar a;
	ledger_scalar b;
	ledger_scalar r;
	int			i;
	int			j;

	for (i = 0; i < EDGES; i++)
		for (j = 0; j < EDGES; j++)
			test_scalar_pair(&edge[i], &edge[j]);
	for (i = 0; i < 300; i++)
	{
		random_scalar(&a);
		random_scalar(&b);
		test_scalar_pair(&a, &b);
		if (i < EDGES)
			a = edge[i];
		bn_of(&a, x);
		BN_zero(want);
		BN_mod_sub(want, want, x, order, ctx);
		ledger_scalar_neg(curve, &a, &r);
		expect_scalar(&r, want, "-a");
		expect(ledger_scalar_is_zero(&a) == BN_is_zero(x), "a = 0");
		ledger_scalar_invert(curve, &a, &r);
		if (BN_is_zero(x))
			BN_zero(want);
		else
			BN_mod_inverse(want, x, order, ctx);
		expect_scalar(&r, want, "1/a");

		random_bytes(&seed, bytes, sizeof(bytes));
		if (i % 8 == 0)
			memset(bytes, 0xff, i % 16 == 0 ? 64 : 32);
		BN_bin2bn(bytes, 64, x);
		BN_mod(want, x, order, ctx);
		ledger_scalar_reduce(curve, bytes, &r);
		expect_scalar(&r, want, "64 bytes modulo n");
		BN_set_word(want, next_random(&seed) >> (i % 64));
		ledger_scalar_u64(curve, BN_get_word(want), &r);
		expect_scalar(&r, want, "a word");
	}
	done_here("scalars are numbers modulo n");

	for (i = -3; i < 3; i++)
	{
		BN_copy(x, order);
		if (i < 0)
			BN_sub_word(x, (BN_ULONG) -i);
		else
			BN_add_word(x, (BN_ULONG) i);
		BN_bn2binpad(x, bytes, 32);
		memset(&a, 0xff, sizeof(a));
		expect(ledger_scalar_decode(curve, bytes, &a) == (i < 0), "n%+d", i);
		expect(ledger_scalar_is_zero(&a) == (i >= 0), "n%+d leaves zero", i);
	}
	memset(bytes, 0xff, 32);
	expect(!ledger_scalar_decode(curve, bytes, &a), "2^256 - 1");
	done_here("a scalar is below n");
	BN_free(x);
	BN_free(want);
}

/* ---- encodings --------------------------------------------------------------------- */

static void
test_encodings(void)
{
	EC_POINT   *p = EC_POINT_new(group);
	BIGNUM	   *x = new_bn();
	uint8_t		bytes[33];
	uint8_t		got[33];
	ledger_affine a;
	ledger_affine b;
	int			on_curve = 0;
	int			i;

	for (i = 1; i < POOL; i++)
	{
		uint8_t		xy[64];

		EC_POINT_mul(group, p, factor[i], NULL, NULL, ctx);
		EC_POINT_point2oct(group, p, POINT_CONVERSION_COMPRESSED, bytes, 33, ctx);
		ledger_affine_encode(curve, &pool[i], got);
		expect(memcmp(got, bytes, 33) == 0, "encode %d", i);
		expect(ledger_affine_decode(curve, bytes, &a) && ledger_affine_equal(&a, &pool[i]), "decode %d", i);
		ledger_affine_neg(curve, &a, &b);
		bytes[0] ^= 1;
		expect(ledger_affine_decode(curve, bytes, &a) && ledger_affine_equal(&a, &b), "decode -%d", i);
		expect(!ledger_affine_equal(&a, &pool[i]), "%d is not its opposite", i);
		bytes[0] = (uint8_t) next_random(&seed);
		if (bytes[0] == 2 || bytes[0] == 3)
			bytes[0] = 4;
		memset(&a, 0xff, sizeof(a));
		expect(!ledger_affine_decode(curve, bytes, &a) && ledger_affine_is_identity(&a), "prefix %d",
			   bytes[0]);

		ledger_affine_to_xy(curve, &pool[i], xy);
		xy[next_random(&seed) % 64] ^= (uint8_t) (1u << next_random(&seed) % 8);
		memset(&a, 0xff, sizeof(a));
		expect(!ledger_affine_from_xy(curve, xy, &a) && ledger_affine_is_identity(&a), "x or y changed");
	}
	done_here("points are encoded as libcrypto does");

	for (i = 0; i < 400; i++)
	{
		bool		want;

		/* small numbers, numbers just below and above p, any */
		if (i < 100)
			BN_set_word(x, (BN_ULONG) i);
		else if (i < 200)
		{
			BN_copy(x, prime);
			BN_add_word(x, 100);
			BN_sub_word(x, (BN_ULONG) (i - 99));
		}
		else
			BN_rand(x, 256, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY);
		BN_bn2binpad(x, bytes + 1, 32);
		bytes[0] = (uint8_t) (2 + next_random(&seed) % 2);
		want = EC_POINT_oct2point(group, p, bytes, 33, ctx) == 1;
		on_curve += want;
		memset(&a, 0xff, sizeof(a));
		expect(ledger_affine_decode(curve, bytes, &a) == want, "x number %d", i);
		ledger_affine_encode(curve, &a, got);
		if (want)
			expect(memcmp(got, bytes, 33) == 0, "x number %d again", i);
		else
			expect(ledger_affine_is_identity(&a), "x number %d leaves the identity", i);
	}
	done_here("x is decoded when libcrypto finds a point there");
	check(on_curve > 50 && on_curve < 350, "%s: %d of 400 x were on the curve", name, on_curve);

	/* p + x for a small x on the curve: the same x to those who reduce */
	for (i = 0; i < 50; i++)
	{
		uint8_t		xy[64];

		memset(bytes, 0, 33);
		bytes[0] = 2;
		bytes[32] = (uint8_t) i;
		if (!ledger_affine_decode(curve, bytes, &a))
			continue;
		ledger_affine_to_xy(curve, &a, xy);
		expect(ledger_affine_from_xy(curve, xy, &b) && ledger_affine_equal(&a, &b), "x and y");
		BN_copy(x, prime);
		BN_add_word(x, (BN_ULONG) i);
		BN_bn2binpad(x, bytes + 1, 32);
		expect(!ledger_affine_decode(curve, bytes, &b), "p + %d", i);
		memcpy(xy, bytes + 1, 32);
		expect(!ledger_affine_from_xy(curve, xy, &b), "p + %d, y", i);
	}
	memset(bytes, 0, sizeof(bytes));
	expect(!ledger_affine_decode(curve, bytes, &a), "zeros");
	ledger_affine_encode(curve, &pool[0], got);
	expect(memcmp(got, bytes, 33) == 0, "the identity is encoded as zeros");
	{
		static const uint8_t zeros[64];

		expect(!ledger_affine_from_xy(curve, zeros, &a), "the identity has no x and y");
	}
	done_here("coordinates are below p");
	EC_POINT_free(p);
	BN_free(x);
}

/* Many at a time: the same verdicts and points as one at a time. */
static void
test_decode_many(void)
{
	uint8_t		bytes[70][LEDGER_POINT_LEN];
	const uint8_t *in[70];
	size_t		n;
	size_t		i;

	for (n = 0; n <= 70; n++)
	{
		ledger_affine many[70];
		bool		all;
		bool		want;

		for (i = 0; i < n; i++)
		{
			ledger_affine_encode(curve, &pool[1 + next_random(&seed) % (POOL - 1)], bytes[i]);
			bytes[i][0] = (uint8_t) (2 + next_random(&seed) % 2);

			/* every second time some of them have any x, a large x or another prefix */
			if (n % 2 == 1 && next_random(&seed) % 8 == 0)
				random_bytes(&seed, bytes[i] + 1, 32);
			if (n % 2 == 1 && next_random(&seed) % 8 == 0)
				memset(bytes[i] + 1, 0xff, 8 + next_random(&seed) % 25);
			if (n % 2 == 1 && next_random(&seed) % 8 == 0)
				bytes[i][0] = (uint8_t) (next_random(&seed) % 8);
			in[i] = bytes[i];
		}
		memset(many, 0xff, sizeof(many));
		all = ledger_affines_decode(curve, n, in, many);
		want = true;
		for (i = 0; i < n; i++)
		{
			ledger_affine one;

			want = ledger_affine_decode(curve, bytes[i], &one) && want;
			expect(ledger_affine_equal(&one, &many[i]), "%zu of %zu", i, n);
		}
		expect(all == want && (all || n % 2 == 1), "all %zu", n);
	}
	done_here("many points are decoded like each of them");
}

/* ---- additions --------------------------------------------------------------------- */

static void
test_additions(void)
{
	BIGNUM	   *want = new_bn();
	ledger_point a;
	ledger_point b;
	ledger_point r;
	int			i;
	int			j;
	int			k;

	for (i = 0; i < 12; i++)
		for (j = 0; j < 12; j++)
			for (k = 0; k < 4; k++)
			{
				ledger_point_from_affine(curve, &pool[i], &a);
				ledger_point_from_affine(curve, &pool[j], &b);
				if (k & 1)
					blind(&pool[i], &a);
				if (k & 2)
					blind(&pool[j], &b);
				BN_mod_add(want, factor[i], factor[j], order, ctx);
				ledger_point_add(curve, &a, &b, &r);
				expect(point_is_multiple(&r, want), "%d + %d", i, j);
				r = a;
				ledger_point_add(curve, &r, &b, &r);
				expect(point_is_multiple(&r, want), "%d + %d in the place of the first", i, j);
				r = b;
				ledger_point_add(curve, &a, &r, &r);
				expect(point_is_multiple(&r, want), "%d + %d in the place of the second", i, j);
				ledger_point_add_affine(curve, &a, &pool[j], &r);
				expect(point_is_multiple(&r, want), "%d + affine %d", i, j);
				r = a;
				ledger_point_add_affine(curve, &r, &pool[j], &r);
				expect(point_is_multiple(&r, want), "%d + affine %d in place", i, j);
				BN_mod_add(want, factor[i], factor[i], order, ctx);
				ledger_point_double(curve, &a, &r);
				expect(point_is_multiple(&r, want), "2 * %d", i);
				ledger_point_double(curve, &a, &a);
				expect(point_is_multiple(&a, want), "2 * %d in place", i);
			}
	done_here("points are added and doubled");

	{
		ledger_point many[POOL];
		ledger_affine affine[POOL];
		size_t		n;
		size_t		m;

		for (m = 0; m < POOL; m++)
			blind(&pool[(m * 7) % POOL], &many[m]);
		for (n = 0; n <= POOL; n += 1 + n / 8)
		{
			memset(affine, 0, sizeof(affine));
			ledger_points_to_affine(curve, n, many, affine);
			for (m = 0; m < n; m++)
				expect(ledger_affine_equal(&affine[m], &pool[(m * 7) % POOL]), "point %zu of %zu", m, n);
		}
	}
	done_here("many points are made affine");
	BN_free(want);
}

/* ---- multiples --------------------------------------------------------------------- */

static void
test_multiples(void)
{
	BIGNUM	   *k = new_bn();
	BIGNUM	   *want = new_bn();
	ledger_point r;
	int			i;
	ledger_comb *comb = ledger_comb_new(curve, &pool[1]);
	const ledger_comb *both[2] = {ledger_comb_of_generator(curve), comb};

	if (comb == NULL)
		abort();
	for (i = 0; i < EDGES + 60; i++)
	{
		ledger_scalar a, two[2];
		int			j = i % POOL;

		if (i < EDGES)
			a = edge[i];
		else
			random_scalar(&a);
		bn_of(&a, k);
		ledger_mul_generator_ct(curve, &a, &r);
		expect(point_is_multiple(&r, k), "multiple %d of G", i);
		BN_mod_mul(want, k, factor[j], order, ctx);
		ledger_mul_ct(curve, &a, &pool[j], &r);
		expect(point_is_multiple(&r, want), "multiple %d of a point", i);
		ledger_mul_ct(curve, &a, &pool[0], &r);
		expect(ledger_point_is_identity(&r), "multiple %d of the identity", i);

		/* a G + b P, and where the two cancel or are equal */
		two[0] = a;
		two[1] = edge[i % EDGES];
		ledger_combs_mul_ct(curve, 2, both, two, &r);
		bn_of(&two[1], want);
		BN_mod_mul(want, want, factor[1], order, ctx);
		BN_mod_add(want, want, k, order, ctx);
		expect(point_is_multiple(&r, want), "multiples %d of two combs", i);
		both[1] = both[0];
		ledger_scalar_neg(curve, &a, &two[1]);
		ledger_combs_mul_ct(curve, 2, both, two, &r);
		expect(ledger_point_is_identity(&r), "opposite multiples %d of one comb", i);
		ledger_combs_mul_ct(curve, 2, both, (ledger_scalar[]){a, a}, &r);
		BN_mod_add(want, k, k, order, ctx);
		expect(point_is_multiple(&r, want), "equal multiples %d of one comb", i);
		both[1] = comb;
	}
	done_here("secret multiples");
	ledger_comb_free(comb);
	BN_free(k);
	BN_free(want);
}

/* g G + k a for many */
static void
test_mul_pairs(void)
{
	BIGNUM	   *want = new_bn();
	BIGNUM	   *bn = new_bn();
	ledger_point r[20];
	ledger_scalar g[20];
	ledger_scalar k[20];
	ledger_affine a[20];
	size_t		which[20];
	size_t		n;
	size_t		i;

	for (n = 0; n <= 20; n++)
	{
		for (i = 0; i < n; i++)
		{
			random_scalar(&g[i]);
			random_scalar(&k[i]);
			which[i] = next_random(&seed) % (n % 2 == 0 ? 4 : POOL);
			a[i] = pool[which[i]];

			/* the sum is the identity, or G is added to G */
			if (next_random(&seed) % 8 == 0)
			{
				k[i] = edge[1];
				ledger_scalar_neg(curve, &k[i], &g[i]);
			}
		}
		ledger_mul_pairs(curve, n, g, k, a, r);
		for (i = 0; i < n; i++)
		{
			bn_of(&k[i], want);
			BN_mod_mul(want, want, factor[which[i]], order, ctx);
			bn_of(&g[i], bn);
			BN_mod_add(want, want, bn, order, ctx);
			expect(point_is_multiple(&r[i], want), "%zu of %zu", i, n);
		}
	}
	done_here("pairs of multiples");
	BN_free(want);
	BN_free(bn);
}

static ledger_scalar k[MAX_TERMS];
static ledger_affine a[MAX_TERMS];
static uint32_t which[MAX_TERMS];
static ledger_scalar fk[MAX_TERMS];

/* Random terms out of the first "points" of the pool; want += their sum */
static void
random_terms(size_t n, uint32_t points, BIGNUM *want)
{
	BIGNUM	   *bn = new_bn();
	size_t		i;

	for (i = 0; i < n; i++)
	{
		which[i] = (uint32_t) (next_random(&seed) % points);
		a[i] = pool[which[i]];
		random_scalar(&k[i]);
		if (i > 0 && next_random(&seed) % 8 == 0)
			k[i] = k[i - 1];
		bn_of(&k[i], bn);
		BN_mod_mul(bn, bn, factor[which[i]], order, ctx);
		BN_mod_add(want, want, bn, order, ctx);
	}
	BN_free(bn);
}

static void
test_sums(void)
{
	BIGNUM	   *want = new_bn();
	BIGNUM	   *bn = new_bn();
	ledger_point r;
	ledger_fixed *f = ledger_fixed_new(curve, POOL, pool);
	ledger_fixed *none = ledger_fixed_new(curve, 0, NULL);
	size_t		n;
	size_t		i;

	if (f == NULL || none == NULL)
		abort();
	for (n = 0; n <= MAX_TERMS; n += n < 40 ? 1 : n < 140 ? 9 : 80)
	{
		/* few different points: equal and opposite ones meet everywhere */
		BN_zero(want);
		random_terms(n, n % 3 == 0 ? 4 : n % 3 == 1 ? 8 : POOL, want);
		expect(ledger_msm(curve, n, k, a, NULL, 0, NULL, &r) && point_is_multiple(&r, want), "%zu points", n);
		if (n <= 150)
		{
			ledger_fixed_mul_ct(f, n, which, k, &r);
			expect(point_is_multiple(&r, want), "%zu fixed points, secret", n);
		}

		/* fixed points as well, as many as there are */
		for (i = 0; i < POOL && i < n; i++)
		{
			random_scalar(&fk[i]);
			bn_of(&fk[i], bn);
			BN_mod_mul(bn, bn, factor[i], order, ctx);
			BN_mod_add(want, want, bn, order, ctx);
		}
		expect(ledger_msm(curve, n, k, a, f, i, fk, &r) && point_is_multiple(&r, want),
			   "%zu points and %zu fixed ones", n, i);
		BN_zero(want);
		while (i-- > 0)
		{
			bn_of(&fk[i], bn);
			BN_mod_mul(bn, bn, factor[i], order, ctx);
			BN_mod_add(want, want, bn, order, ctx);
		}
		expect(ledger_msm(curve, 0, NULL, NULL, f, n < POOL ? n : POOL, fk, &r) &&
				   point_is_multiple(&r, want),
			   "fixed points alone");
	}
	expect(ledger_msm(curve, 0, NULL, NULL, none, 0, NULL, &r) && ledger_point_is_identity(&r), "no point");
	ledger_fixed_mul_ct(none, 0, NULL, NULL, &r);
	expect(ledger_point_is_identity(&r), "no fixed point");
	done_here("sums of multiples");

	/* the same point, the same scalar: every addition is a doubling; and sums that vanish */
	for (n = 1; n <= 300; n += 1 + n / 4)
	{
		ledger_scalar s;

		random_scalar(&s);
		bn_of(&s, want);
		BN_mod_mul(want, want, factor[5], order, ctx);
		BN_mul_word(want, n);
		BN_mod(want, want, order, ctx);
		for (i = 0; i < n; i++)
		{
			k[i] = s;
			a[i] = pool[5];
			which[i] = 5;
		}
		expect(ledger_msm(curve, n, k, a, NULL, 0, NULL, &r) && point_is_multiple(&r, want), "%zu alike", n);
		ledger_fixed_mul_ct(f, n, which, k, &r);
		expect(point_is_multiple(&r, want), "%zu alike, secret", n);
		for (i = 0; i < n; i++)
			if (i % 2 == 1)
				ledger_affine_neg(curve, &a[i], &a[i]);
		if (n % 2 == 0)
			expect(ledger_msm(curve, n, k, a, NULL, 0, NULL, &r) && ledger_point_is_identity(&r),
				   "%zu cancel", n);
		for (i = 0; i < n; i++)
			a[i] = pool[0];
		expect(ledger_msm(curve, n, k, a, NULL, 0, NULL, &r) && ledger_point_is_identity(&r),
			   "%zu times the identity", n);
	}
	done_here("sums of equal and opposite terms");
	ledger_fixed_free(f);
	ledger_fixed_free(none);
	ledger_fixed_free(NULL);
	BN_free(want);
	BN_free(bn);
}

static void
test_select(void)
{
	BIGNUM	   *want = new_bn();
	ledger_affine one[100];
	ledger_affine zero[100];
	uint8_t		bit[100];
	ledger_point r;
	size_t		n;
	size_t		i;

	for (n = 0; n <= 100; n += 1 + n / 8)
	{
		uint32_t	points = n % 2 == 0 ? 4 : POOL;

		BN_zero(want);
		for (i = 0; i < n; i++)
		{
			size_t		j = next_random(&seed) % points;
			size_t		l = next_random(&seed) % points;

			bit[i] = (uint8_t) (next_random(&seed) % 2);
			one[i] = pool[j];
			zero[i] = pool[l];
			BN_mod_add(want, want, factor[bit[i] ? j : l], order, ctx);
		}
		ledger_select_sum_ct(curve, n, bit, one, zero, &r);
		expect(point_is_multiple(&r, want), "%zu chosen", n);
	}
	done_here("sums of secretly chosen points");
	BN_free(want);
}

static void
test_curve(const ledger_curve_kernel *kernel, ledger_suite suite)
{
	begin(kernel, suite);
	check(is_multiple(ledger_curve_generator(curve), BN_value_one()), "%s: the generator", name);
	test_scalars();
	test_encodings();
	test_decode_many();
	test_additions();
	test_multiples();
	test_mul_pairs();
	test_sums();
	test_select();
	end();
}

int
main(void)
{
	static const ledger_suite suites[] = {LEDGER_SUITE_STD, LEDGER_SUITE_GM};
	int			i;

	ctx = BN_CTX_new();
	if (ctx == NULL)
		abort();
	for (i = 0; i < 2; i++)
	{
		const ledger_curve_kernel *kernels[LEDGER_CURVE_KERNELS];
		unsigned	n = ledger_curve_kernels_for(suites[i], ledger_cpu_features(), kernels);
		unsigned	j;

		check(ledger_curve_of(suites[i]) == ledger_curve_of(suites[i]) &&
				  ledger_curve_suite(ledger_curve_of(suites[i])) == suites[i],
			  "the curve of suite %s", ledger_suite_name(suites[i]));
		for (j = 0; j < n; j++)
			test_curve(kernels[j], suites[i]);
	}
	BN_CTX_free(ctx);
	return finish();
}
