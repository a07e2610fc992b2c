/*
 * test/unit/test_curve_tiny.c
 *		Every sum and every multiple in groups of 5 and of 13 points.
 *
 * The formulas know the prime and a = -3, not b. For other b over the same two
 * primes there are curves with a point of small order; its multiples are a group
 * in which operands that are equal, opposite or the identity, once in 2^128 cases
 * on the real curves, are met all the time.
 *
 * The curves were found by counting the points of the curves b = 1, 2, 3, ...
 * until the small prime divided their number (PARI/GP 2.15, ellcard).
 */
#include "crypto/curve_internal.h"

#include "harness.h"

#define MOST 13
#define TERMS 300

typedef struct
{
	ledger_suite suite;
	unsigned	order;
	uint8_t		b;
	const char *x;
	const char *y;
} tiny;

static const tiny groups[] = {
	{LEDGER_SUITE_STD, 5, 6,
		"57e1cc930c828ca65b6d3c525ff5a86a09ccfdc22244561ae660982885feb1f7",
		"6ffb0afcdc4feb80998c70c4b5027e9bfce00119ae1437d03a68d2ae5c0d4e83"},
	{LEDGER_SUITE_GM, 5, 9,
		"32d2575c4c86646d16fbd0e77a5e00f3e48dbfbdd1c13078d6388b8d720e2893",
		"ec51cb5cae9bb899a2f262c9a64ee9c0ebf167dff58db8a8331943f91d1adc88"},
	{LEDGER_SUITE_STD, 13, 3,
		"e3cc8ac6b8cea77921069d568b5aadd8fe6dc44bc2461636a71cbc3db24a587f",
		"6b34039b8109e2df2d89df1088dca4bb7801913ade75923f7d4ed83bcc8b59ec"},
	{LEDGER_SUITE_GM, 13, 8,
		"2f6f0a0047307dd306279f50daff11e0fc5f2d4e72157c191adfc091db0b6dfe",
		"0ed0568287eeb7acde3fd9a3f2c461c78003ff37e432d69e1cf596b425963205"}
};

static uint64_t seed = 20120321;
static ledger_curve curve;
static unsigned order;
static char name[64];

/* multiple[i] is i G; point[i][] is the same with other z */
#define FORMS 3
static ledger_affine multiple[MOST];
static ledger_point point[MOST][FORMS];
static ledger_scalar scalar[MOST];

static void
done_here(const char *what)
{
	char		line[160];

	snprintf(line, sizeof(line), "%s: %s", name, what);
	done(line);
}

static bool
is(const ledger_point *a, unsigned want)
{
	ledger_affine affine;

	ledger_points_to_affine(&curve, 1, a, &affine);
	return ledger_affine_equal(&affine, &multiple[want % order]);
}

static void
begin(const ledger_curve_kernel *kernel, const tiny *t)
{
	ledger_curve_params params = {.b[31] = t->b, .n[31] = (uint8_t) t->order};
	ledger_point sum;
	unsigned	i;
	unsigned	j;

	snprintf(name, sizeof(name), "%s %s, order %u", t->suite == LEDGER_SUITE_GM ? "SM2" : "P-256",
			 kernel->name, t->order);
	order = t->order;
	if (unhex(t->x, params.g) != 32 || unhex(t->y, params.g + 32) != 32)
		abort();
	ledger_curve_make(kernel, t->suite, &params, &curve);
	ledger_point_identity(&sum);
	for (i = 0; i < order; i++)
	{
		ledger_points_to_affine(&curve, 1, &sum, &multiple[i]);
		ledger_scalar_u64(&curve, i, &scalar[i]);
		expect(ledger_affine_is_identity(&multiple[i]) == (i == 0), "%u G", i);
		for (j = 0; j < i; j++)
			expect(!ledger_affine_equal(&multiple[i], &multiple[j]), "%u G is not %u G", i, j);
		ledger_point_add_affine(&curve, &sum, ledger_curve_generator(&curve), &sum);
	}
	expect(ledger_point_is_identity(&sum), "%u G is the identity", order);

	/* i G as i G + j G - j G */
	for (i = 0; i < order; i++)
		for (j = 0; j < FORMS; j++)
		{
			ledger_point_from_affine(&curve, &multiple[i], &point[i][j]);
			ledger_point_add_affine(&curve, &point[i][j], &multiple[j], &point[i][j]);
			ledger_point_add_affine(&curve, &point[i][j], &multiple[(order - j) % order], &point[i][j]);
			expect(is(&point[i][j], i), "form %u of %u G", j, i);
		}
	done_here("the group");
}

static void
test_scalars(void)
{
	ledger_scalar r;
	unsigned	i;
	unsigned	j;

	for (i = 0; i < order; i++)
	{
		uint8_t		bytes[64] = {0};
		uint64_t	number = next_random(&seed);

		for (j = 0; j < order; j++)
		{
			ledger_scalar_add(&curve, &scalar[i], &scalar[j], &r);
			expect(ledger_scalar_equal(&r, &scalar[(i + j) % order]), "%u + %u", i, j);
			ledger_scalar_sub(&curve, &scalar[i], &scalar[j], &r);
			expect(ledger_scalar_equal(&r, &scalar[(i + order - j) % order]), "%u - %u", i, j);
			ledger_scalar_mul(&curve, &scalar[i], &scalar[j], &r);
			expect(ledger_scalar_equal(&r, &scalar[i * j % order]), "%u * %u", i, j);
		}
		ledger_scalar_neg(&curve, &scalar[i], &r);
		expect(ledger_scalar_equal(&r, &scalar[(order - i) % order]), "-%u", i);
		ledger_scalar_invert(&curve, &scalar[i], &r);
		ledger_scalar_mul(&curve, &r, &scalar[i], &r);
		expect(ledger_scalar_equal(&r, &scalar[i > 0]), "%u/%u", i, i);
		ledger_scalar_u64(&curve, number, &r);
		expect(ledger_scalar_equal(&r, &scalar[number % order]), "a number modulo %u", order);
		bytes[63] = (uint8_t) (i + order);
		ledger_scalar_reduce(&curve, bytes, &r);
		expect(ledger_scalar_equal(&r, &scalar[i]), "%u + %u", i, order);
	}
	done_here("all pairs of scalars");
}

static void
test_pairs(void)
{
	ledger_point r;
	unsigned	i;
	unsigned	j;
	unsigned	form;

	for (i = 0; i < order; i++)
		for (j = 0; j < order; j++)
		{
			for (form = 0; form < FORMS * FORMS; form++)
			{
				const ledger_point *a = &point[i][form / FORMS];
				const ledger_point *b = &point[j][form % FORMS];

				ledger_point_add(&curve, a, b, &r);
				expect(is(&r, i + j), "%u + %u", i, j);
				ledger_point_add_affine(&curve, a, &multiple[j], &r);
				expect(is(&r, i + j), "%u + affine %u", i, j);
				ledger_point_double(&curve, a, &r);
				expect(is(&r, 2 * i), "2 * %u", i);
			}
		}
	done_here("all pairs of points");
}

static void
test_secret(void)
{
	ledger_fixed *f = ledger_fixed_new(&curve, order, multiple);
	ledger_point r;
	unsigned	i;
	unsigned	j;
	unsigned	l;

	if (f == NULL)
		abort();
	for (i = 0; i < order; i++)
	{
		ledger_mul_generator_ct(&curve, &scalar[i], &r);
		expect(is(&r, i), "%u G", i);
		for (j = 0; j < order; j++)
		{
			uint32_t	one = j;

			ledger_mul_ct(&curve, &scalar[i], &multiple[j], &r);
			expect(is(&r, i * j), "%u times %u", i, j);
			ledger_fixed_mul_ct(f, 1, &one, &scalar[i], &r);
			expect(is(&r, i * j), "%u times fixed %u", i, j);
		}
	}
	done_here("all multiples by a secret scalar");

	for (i = 0; i < order; i++)
		for (j = 0; j < order; j++)
			for (l = 0; l < order; l++)
			{
				uint32_t	which[3] = {i, j, l};
				ledger_affine one[3] = {multiple[i], multiple[j], multiple[l]};
				ledger_affine zero[3] = {multiple[l], multiple[i], multiple[j]};
				unsigned	factor[3];
				ledger_scalar k[3];
				uint8_t		bit[3];
				ledger_point chosen[8];
				ledger_affine affine[8];
				unsigned	want = 0;
				unsigned	m;

				for (m = 0; m < 3; m++)
				{
					factor[m] = (unsigned) (next_random(&seed) % order);
					k[m] = scalar[factor[m]];
					want += factor[m] * which[m];
				}
				if (order < MOST || l % 3 == 0)
				{
					ledger_fixed_mul_ct(f, 3, which, k, &r);
					expect(is(&r, want), "fixed %u, %u and %u", i, j, l);
				}
				for (m = 0; m < 8; m++)
				{
					bit[0] = m & 1;
					bit[1] = m >> 1 & 1;
					bit[2] = m >> 2;
					ledger_select_sum_ct(&curve, 3, bit, one, zero, &chosen[m]);
				}
				ledger_points_to_affine(&curve, 8, chosen, affine);
				for (m = 0; m < 8; m++)
				{
					want = (m & 1 ? i : l) + (m >> 1 & 1 ? j : i) + (m >> 2 ? l : j);
					expect(ledger_affine_equal(&affine[m], &multiple[want % order]),
						   "chosen from %u, %u and %u", i, j, l);
				}
			}
	done_here("all triples of secretly chosen points");
	ledger_fixed_free(f);
}

static void
test_sums(void)
{
	static ledger_scalar k[TERMS];
	static ledger_affine a[TERMS];
	ledger_fixed *f = ledger_fixed_new(&curve, order, multiple);
	ledger_point r;
	unsigned	i;
	unsigned	j;
	unsigned	l;
	unsigned	n;

	if (f == NULL)
		abort();

	/* one scalar at random, the other takes every value */
	for (i = 0; i < order; i++)
		for (j = 0; j < order; j++)
			for (l = 0; l < order; l++)
			{
				unsigned	m = (unsigned) (next_random(&seed) % order);

				k[0] = scalar[l];
				k[1] = scalar[m];
				a[0] = multiple[i];
				a[1] = multiple[j];
				expect(ledger_msm(&curve, 2, k, a, NULL, 0, NULL, &r) && is(&r, l * i + m * j),
					   "%u times %u + %u times %u", l, i, m, j);
			}
	done_here("all pairs of points, multiplied");

	for (i = 0; i < order; i++)
		for (j = 0; j < order; j++)
		{
			ledger_point sums[MOST];
			ledger_scalar factor[MOST];

			for (l = 0; l < order; l++)
				factor[l] = scalar[j];
			ledger_mul_pairs(&curve, order, scalar, factor, multiple, sums);
			for (l = 0; l < order; l++)
				expect(is(&sums[l], l + j * l), "%u G + %u times %u", l, j, l);
			for (l = 0; l < order; l++)
			{
				factor[l] = scalar[i];
				a[l] = multiple[j];
			}
			ledger_mul_pairs(&curve, order, scalar, factor, a, sums);
			for (l = 0; l < order; l++)
				expect(is(&sums[l], l + i * j), "%u G + %u times %u", l, i, j);
		}
	done_here("all multiples of G and another");

	for (n = 1; n <= TERMS; n += 1 + n / 3)
		for (l = 0; l < 6; l++)
		{
			/* the points may be two alike only, or any */
			unsigned	points = l < 2 ? 2 : order;
			unsigned	nf = (unsigned) (next_random(&seed) % (order + 1));
			uint32_t	which[TERMS];
			unsigned	want = 0;

			for (i = 0; i < n; i++)
			{
				which[i] = (uint32_t) (next_random(&seed) % points);
				j = (unsigned) (next_random(&seed) % order);
				if (l % 2 == 0)
					j = 1 + j % 2;
				k[i] = scalar[j];
				a[i] = multiple[which[i]];
				want = (want + j * which[i]) % order;
			}
			expect(ledger_msm(&curve, n, k, a, NULL, 0, NULL, &r) && is(&r, want), "%u points", n);
			ledger_fixed_mul_ct(f, n < 40 ? n : 0, which, k, &r);
			expect(is(&r, n < 40 ? want : 0), "%u fixed points, secret", n);
			for (i = 0; i < nf; i++)
				want = (want + (i * 7 + n) % order * i) % order;
			{
				ledger_scalar fk[MOST];

				for (i = 0; i < nf; i++)
					fk[i] = scalar[(i * 7 + n) % order];
				expect(ledger_msm(&curve, n, k, a, f, nf, fk, &r) && is(&r, want), "%u points and %u fixed",
					   n, nf);
			}
		}
	done_here("sums of many multiples");
	ledger_fixed_free(f);
}

int
main(void)
{
	size_t		i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
	{
		const ledger_curve_kernel *kernels[LEDGER_CURVE_KERNELS];
		unsigned	n = ledger_curve_kernels_for(groups[i].suite, ledger_cpu_features(), kernels);
		unsigned	j;

		for (j = 0; j < n; j++)
		{
			begin(kernels[j], &groups[i]);
			test_scalars();
			test_pairs();
			test_secret();
			test_sums();
		}
	}
	return finish();
}
