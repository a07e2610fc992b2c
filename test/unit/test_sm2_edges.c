/*
 * test/unit/test_sm2_edges.c
 *		SM2 signatures of numbers at the edges, in wrong spellings, and with odd points.
 */
#include "sm2_pair.h"

/* ---- numbers at the edges ------------------------------------------------------ */

/* Big-endian numbers, in place; they are longer than a scalar where that is meant. */
static size_t
der_integer(const uint8_t *value, size_t len, uint8_t *out)
{
	size_t		pad;

	while (len > 1 && value[0] == 0)
		value++, len--;
	pad = value[0] >> 7;
	out[0] = 0x02;
	out[1] = (uint8_t) (pad + len);
	out[2] = 0;
	memcpy(out + 2 + pad, value, len);
	return 2 + pad + len;
}

static size_t
der_signature(const uint8_t r[32], const uint8_t s[32], uint8_t *out)
{
	size_t		len = der_integer(r, 32, out + 2);

	len += der_integer(s, 32, out + 2 + len);
	out[0] = 0x30;
	out[1] = (uint8_t) len;
	return 2 + len;
}

static void
test_ranges(void)
{
	static const char zero[] = "0000000000000000000000000000000000000000000000000000000000000000";
	static const struct
	{
		const char *base;
		int			add;
	} numbers[] = {
		{zero, 0},  {zero, 1},  {zero, 2},  {zero, 127}, {zero, 128}, {zero, 255}, {zero, 256},
		{n_hex, -2}, {n_hex, -1}, {n_hex, 0}, {n_hex, 1}, {n_hex, 2}, {p_hex, -1}, {p_hex, 0},
		{p_hex, 1},  {zero, -1}, {example_r, 0}, {example_s, 0}, {example_r, 1},
	};
	const size_t count = sizeof(numbers) / sizeof(numbers[0]);
	ledger_scalar d = scalar_of(example_d);
	uint8_t		r[32];
	uint8_t		s[32];
	uint8_t		sig[80];
	size_t		siglen;
	size_t		i;
	size_t		j;
	size_t		accepted = 0;
	pair		k;

	make_pair(&d, &k);
	for (i = 0; i < count; i++)
		for (j = 0; j < count; j++)
		{
			bool		holds;

			plus(numbers[i].base, numbers[i].add, r);
			plus(numbers[j].base, numbers[j].add, s);
			siglen = der_signature(r, s, sig);
			holds = verify(&k, "message digest", 14, sig, siglen);
			expect(holds == evp_verify(k.pkey, "message digest", 14, sig, siglen), "numbers %zu and %zu", i,
				   j);
			accepted += holds;
		}
	expect(accepted == 1, "%zu signatures hold", accepted);

	/* r + s = n */
	plus(example_r, 0, r);
	{
		ledger_scalar a = scalar_of(example_r);

		ledger_scalar_neg(curve, &a, &a);
		ledger_scalar_encode(curve, &a, s);
	}
	siglen = der_signature(r, s, sig);
	expect(!verify(&k, "message digest", 14, sig, siglen), "r + s = n");
	expect(!evp_verify(k.pkey, "message digest", 14, sig, siglen), "r + s = n in libcrypto");

	/* r + n and s + n are the same numbers modulo n; 257 bits */
	for (i = 0; i < 3; i++)
	{
		uint8_t		number[2][33] = {{0}};
		uint8_t		n[32];
		size_t		len;
		int			which;

		unhex(n_hex, n);
		for (which = 0; which < 2; which++)
		{
			unsigned	carry = 0;
			int			at;

			unhex(which == 0 ? example_r : example_s, number[which] + 1);
			for (at = 31; at >= 0 && ((int) i == which || i == 2); at--)
			{
				carry += (unsigned) number[which][at + 1] + n[at];
				number[which][at + 1] = (uint8_t) carry;
				carry >>= 8;
			}
			number[which][0] = (uint8_t) carry;
		}
		len = der_integer(number[0], 33, sig + 2);
		len += der_integer(number[1], 33, sig + 2 + len);
		sig[0] = 0x30;
		sig[1] = (uint8_t) len;
		expect(!verify(&k, "message digest", 14, sig, 2 + len), "numbers plus n, %zu", i);
	}
	done("r and s are 1 .. n-1 and their sum is not n, as libcrypto has it");
	free_pair(&k);
}

/*
 * The one right signature in other spellings: the cases of Wycheproof's
 * ecdsa_secp256r1_sha256_test.json that are about ASN.1.
 */
static void
test_encodings(void)
{
	ledger_scalar d = scalar_of(example_d);
	uint8_t		r[32];
	uint8_t		s[32];
	uint8_t		good[80];
	size_t		len;
	size_t		i;
	unsigned	v;
	pair		k;

	make_pair(&d, &k);
	unhex(example_r, r);
	unhex(example_s, s);
	len = der_signature(r, s, good);
	expect(verify(&k, "message digest", 14, good, len), "the right one");

#define REFUSED(sig, siglen, ...) \
	do { \
		uint8_t    *copy_ = exact_copy(sig, siglen); \
\
		expect(!verify(&k, "message digest", 14, copy_, siglen), __VA_ARGS__); \
		expect(!evp_verify(k.pkey, "message digest", 14, copy_, siglen), "libcrypto: " __VA_ARGS__); \
		free(copy_); \
	} while (0)

	for (i = 0; i < len; i++)
		REFUSED(good, i, "cut at %zu", i);

	/* a byte more at every place, with and without the lengths put right */
	for (i = 0; i <= len; i++)
		for (v = 0; v < 4; v++)
		{
			static const uint8_t values[] = {0x00, 0x80, 0x02, 0xff};
			uint8_t		sig[80];

			memcpy(sig, good, i);
			sig[i] = values[v];
			memcpy(sig + i + 1, good + i, len - i);
			REFUSED(sig, len + 1, "byte %02x at %zu", values[v], i);
			if (i >= 2)
			{
				sig[1]++;
				REFUSED(sig, len + 1, "byte %02x at %zu within the sequence", values[v], i);
				if (i >= 4 && i <= 4 + (size_t) good[3])
				{
					/* a number that begins with a zero and a high byte is longer than 33 */
					sig[3]++;
					REFUSED(sig, len + 1, "byte %02x at %zu within r", values[v], i);
				}
			}
		}

	/* every byte of the heads takes every value */
	for (i = 0; i < 6 + (size_t) good[3]; i++)
		if (i < 5 || i >= 4 + (size_t) good[3])
			for (v = 0; v < 256; v++)
			{
				uint8_t		sig[80];

				memcpy(sig, good, len);
				sig[i] = (uint8_t) v;
				if (v != good[i])
					REFUSED(sig, len, "byte %zu is %02x", i, v);
			}

	/* a length in long form, of one and of two bytes, for each of the three */
	{
		const size_t at[3] = {1, 3, 5 + (size_t) good[3]};
		size_t		which;

		for (which = 0; which < 3; which++)
			for (v = 1; v <= 2; v++)
			{
				uint8_t		sig[80];
				size_t		a = at[which];

				memcpy(sig, good, a);
				sig[a] = (uint8_t) (0x80 + v);
				sig[a + 1] = 0;
				sig[a + v] = good[a];
				memcpy(sig + a + v + 1, good + a + 1, len - a - 1);
				if (which > 0)
					sig[1] = (uint8_t) (sig[1] + v);
				REFUSED(sig, len + v, "length %zu in %u bytes", which, v);
			}
	}

	/* the zero that keeps r positive is missing */
	{
		uint8_t		sig[80];

		memcpy(sig, good, 4);
		memcpy(sig + 4, good + 5, len - 5);
		sig[1]--;
		sig[3]--;
		REFUSED(sig, len - 1, "a negative number");
	}
	{
		static const uint8_t odd[][12] = {
			{2, 0x30, 0x00},
			{4, 0x30, 0x02, 0x02, 0x00},
			{6, 0x30, 0x04, 0x02, 0x00, 0x02, 0x00},
			{8, 0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00},
			{8, 0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0xff},
			{8, 0x30, 0x06, 0x02, 0x01, 0xff, 0x02, 0x01, 0x01},
			{2, 0x05, 0x00},
			{5, 0x30, 0x80, 0x00, 0x00, 0x00},
			{8, 0x30, 0x06, 0x0c, 0x01, 0x01, 0x0c, 0x01, 0x01},
			{8, 0x30, 0x06, 0x09, 0x01, 0x01, 0x02, 0x01, 0x01},
			{1, 0x30},
		};

		for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
			REFUSED(odd[i] + 1, odd[i][0], "odd thing %zu", i);
	}
	done("a signature has one spelling");
	free_pair(&k);
}

/* Short numbers leave room for what does not belong there. */
static void
test_short_encodings(void)
{
	static const struct
	{
		bool		right;
		const char *hex;
	} cases[] = {
		{true, "3006020101020101"},
		{true, "300702020080020101"},
		{true, "300702010102020080"},
		{false, "300702020001020101"},
		{false, "300702010102020001"},
		{false, "30080203000001020101"},
		{false, "3006020180020101"},
		{false, "3006020101020180"},
		{false, "3006020100020101"},
		{false, "3006020101020100"},
		{false, "300602010102010100"},
		{false, "300702010102010100"},
		{false, "30080201010201010500"},
		{false, "3009020101020101020101"},
		{false, "3003020101"},
		{false, "300502010102"},
		{false, "30060201010202"},
		{false, "30060202010101"},
	};
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		uint8_t		bytes[32];
		size_t		len = unhex(cases[i].hex, bytes);
		uint8_t	   *copy = exact_copy(bytes, len);
		ledger_scalar r;
		ledger_scalar s;

		expect(ledger_sm2_decode(copy, len, &r, &s) == cases[i].right, "%s", cases[i].hex);
		free(copy);
	}
	done("nothing hides before, in or behind short numbers");
}

/* ---- equations at the edges ---------------------------------------------------- */

/* All ways of computing s G + t P: of an unknown key, of a known one, of many. */
static bool
solve(const ledger_affine *point, const ledger_sm2_table *table, const ledger_scalar *e,
	  const ledger_scalar *r, const ledger_scalar *s)
{
	ledger_sm2_equation q[LEDGER_SM2_BATCH];
	bool		holds[LEDGER_SM2_BATCH];
	bool		verdict = false;
	size_t		n;
	size_t		i;

	for (i = 0; i < LEDGER_SM2_BATCH; i++)
		q[i] = (ledger_sm2_equation){point, i % 4 == 0 ? NULL : table, *e, *r, *s};
	for (n = 1; n <= LEDGER_SM2_BATCH; n = n * 3 + 1)
	{
		if (!ledger_sm2_solve(n, q, holds))
			abort();
		verdict = n == 1 ? holds[0] : verdict;
		for (i = 0; i < n; i++)
			expect(holds[i] == verdict, "equation %zu of %zu", i, n);
	}
	return verdict;
}

/*
 * Keys, s and t at the edges of the windows, with the e that makes the equation true:
 * intermediate sums are equal, opposite and nothing. libcrypto knows the point.
 */
static void
test_equations(void)
{
	static const char ones_hex[] = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
	uint8_t		all_ones[32];
	ledger_scalar edge[32];
	const ledger_scalar one = scalar_of("0000000000000000000000000000000000000000000000000000000000000001");
	size_t		n = 0;
	size_t		i;
	size_t		j;
	size_t		m;

	unhex(ones_hex, all_ones);
	edge[n++] = one;
	for (i = 2; i <= 64; i *= 2)
		ledger_scalar_u64(curve, i, &edge[n++]);
	ledger_scalar_u64(curve, 3, &edge[n++]);
	ledger_scalar_u64(curve, 127, &edge[n++]);
	ledger_scalar_u64(curve, 0x8080808080808080, &edge[n++]);
	ledger_scalar_u64(curve, 0x7f7f7f7f7f7f7f7f, &edge[n++]);
	edge[n++] = scalar_of("8000000000000000000000000000000000000000000000000000000000000000");
	edge[n++] = scalar_of("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff");
	edge[n++] = scalar_of("7fffffff7fffffffffffffffffffffffb901efb590e30295a9ddfa049ceaa091");
	edge[n++] = random_scalar(256);
	for (i = n, j = 0; j < i; j += 2)
		ledger_scalar_neg(curve, &edge[j], &edge[n++]);
	for (i = 0; i < n; i++)
	{
		ledger_sm2_public key;
		ledger_sm2_table *table;
		uint8_t		xy[64];

		multiple_of_g(&edge[i], xy);
		if (!ledger_sm2_public_init(xy, &key))
			abort();
		table = ledger_sm2_table_new(&key);
		for (j = 0; j < n; j++)
			for (m = 0; m < n; m++)
			{
				ledger_scalar s = edge[j];
				ledger_scalar t = edge[m];
				ledger_scalar k;
				ledger_scalar r;
				ledger_scalar e;
				ledger_scalar x;

				ledger_scalar_sub(curve, &t, &s, &r);
				ledger_scalar_mul(curve, &t, &edge[i], &k);
				ledger_scalar_add(curve, &k, &s, &k);
				if (ledger_scalar_is_zero(&k))
				{
					ledger_scalar_zero(&e);
					expect(!solve(&key.point, table, &e, &r, &s), "nothing, %zu %zu %zu", i, j, m);
					expect(!solve(&key.point, table, &r, &r, &s), "nothing with x = 0, %zu %zu %zu", i, j, m);
					continue;
				}
				if ((i + j + m) % 7 != 0)
					continue;
				multiple_of_g(&k, xy);
				ledger_sm2_reduce(xy, &x);
				ledger_scalar_sub(curve, &r, &x, &e);
				expect(solve(&key.point, table, &e, &r, &s), "true, %zu %zu %zu", i, j, m);
				ledger_scalar_add(curve, &e, &one, &e);
				expect(!solve(&key.point, table, &e, &r, &s), "false, %zu %zu %zu", i, j, m);

				/* the number that becomes x when 2^256 is lost on the way from r - e to r - e + n */
				ledger_sm2_reduce(all_ones, &e);
				ledger_scalar_add(curve, &e, &one, &e);
				ledger_scalar_add(curve, &e, &x, &e);
				ledger_scalar_sub(curve, &r, &e, &e);
				expect(!solve(&key.point, table, &e, &r, &s), "x + 2^256, %zu %zu %zu", i, j, m);
			}

		/* r + s = n: only s G is left, which anyone can make true */
		for (j = 0; j < n; j++)
		{
			ledger_scalar r;
			ledger_scalar e;
			ledger_scalar x;

			ledger_scalar_neg(curve, &edge[j], &r);
			multiple_of_g(&edge[j], xy);
			ledger_sm2_reduce(xy, &x);
			ledger_scalar_sub(curve, &r, &x, &e);
			expect(!solve(&key.point, table, &e, &r, &edge[j]), "r + s = n, %zu %zu", i, j);
		}
		ledger_sm2_table_free(table);
	}
	done("equal, opposite and vanishing sums");
}

/* A point whose x is not below n: it comes once in 2^32 times, so P is made for it. */
static void
test_large_x(void)
{
	unsigned	found = 0;
	int			add;

	for (add = 0; add < 40; add++)
	{
		uint8_t		compressed[33] = {2};
		ledger_affine point;
		ledger_affine g = *ledger_curve_generator(curve);
		ledger_scalar s = random_scalar(256);
		ledger_scalar t = random_scalar(256);
		ledger_scalar minus;
		ledger_scalar inverse;
		ledger_scalar e;
		ledger_scalar r;
		ledger_scalar x;
		ledger_point sum;
		uint8_t		xy[64];
		ledger_sm2_public key;
		ledger_sm2_table *table;

		plus(add % 2 == 0 ? n_hex : p_hex, add % 2 == 0 ? add / 2 : -add, compressed + 1);
		if (!ledger_affine_decode(curve, compressed, &point))
			continue;
		found++;

		/* P = (R - s G) / t */
		{
			ledger_scalar k[2];
			ledger_affine a[2] = {point, g};

			ledger_scalar_invert(curve, &t, &inverse);
			ledger_scalar_neg(curve, &s, &minus);
			k[0] = inverse;
			ledger_scalar_mul(curve, &minus, &inverse, &k[1]);
			if (!ledger_msm(curve, 2, k, a, NULL, 0, NULL, &sum))
				abort();
			ledger_points_to_affine(curve, 1, &sum, a);
			ledger_affine_to_xy(curve, a, xy);
		}
		if (!ledger_sm2_public_init(xy, &key))
			abort();
		table = ledger_sm2_table_new(&key);
		ledger_sm2_reduce(compressed + 1, &x);
		ledger_scalar_sub(curve, &t, &s, &r);
		ledger_scalar_sub(curve, &r, &x, &e);
		expect(solve(&key.point, table, &e, &r, &s), "x is %s + %d", add % 2 == 0 ? "n" : "p", add);
		ledger_scalar_neg(curve, &e, &e);
		expect(!solve(&key.point, table, &e, &r, &s), "x is %s + %d, another digest",
			   add % 2 == 0 ? "n" : "p", add);
		ledger_sm2_table_free(table);
	}
	expect(found >= 5, "%u points", found);
	done("an x that is not below n is reduced");
}

int
main(void)
{
	open_curve();
	test_ranges();
	test_encodings();
	test_short_encodings();
	test_equations();
	test_large_x();
	close_curve();
	return finish();
}
