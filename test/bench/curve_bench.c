/*
 * test/bench/curve_bench.c
 *		Microseconds of the curve arithmetic, beside what libcrypto needs.
 *
 * Built and run by hand, from the top of the tree, after make:
 *
 *		cc -O2 -Isrc -o build/curve_bench test/bench/curve_bench.c \
 *			src/crypto/{cpu,suite,scalar,curve}*.o -lcrypto
 *
 * The objects are those of the extension, so they have its flags. An argument
 * chooses lines by a part of their name. The smallest of several repetitions is
 * shown: it is the one that was disturbed least. All kernels take turns, so that
 * a slow moment of the machine does not fall on one of them alone.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/curve_internal.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REPETITIONS 15
#define SAMPLE_NS 1e6
#define MOST 2048
#define FIXED 387

static const ledger_curve *curve;
static ledger_affine points[MOST];
static ledger_scalar scalars[MOST];
static ledger_point jacobian[MOST];
static uint8_t bytes[MOST][LEDGER_POINT_LEN];
static uint32_t which[MOST];
static uint8_t bit[MOST];
static ledger_fixed *fixed;
static ledger_point sum;
static size_t nvar;
static size_t nfix;

static EC_GROUP *group;
static EC_POINT *ec_sum;
static EC_POINT *ec_points[MOST];
static BIGNUM *ec_scalars[MOST];
static BN_CTX *ctx;

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double) t.tv_sec * 1e9 + (double) t.tv_nsec;
}

/* ns of one run, at least for the time of a sample; the first one only warms the caches */
static double
sample(void (*work)(void))
{
	long		runs = 1;

	work();
	for (;;)
	{
		double		begin = now();
		double		took;
		long		i;

		for (i = 0; i < runs; i++)
			work();
		took = now() - begin;
		if (took >= SAMPLE_NS)
			return took / (double) runs;
		runs = took < SAMPLE_NS / 20 ? runs * 10 : (long) ((double) runs * 1.3 * SAMPLE_NS / took) + 1;
	}
}

/* ---- the work ------------------------------------------------------------------- */

static void
scalar_mul(void)
{
	ledger_scalar_mul(curve, &scalars[0], &scalars[1], &scalars[0]);
}

static void
scalar_invert(void)
{
	ledger_scalar_invert(curve, &scalars[0], &scalars[0]);
}

static void
decode(void)
{
	ledger_affine a;

	if (!ledger_affine_decode(curve, bytes[0], &a))
		abort();
}

static void
decode_64(void)
{
	const uint8_t *in[64];
	ledger_affine a[64];
	int			i;

	for (i = 0; i < 64; i++)
		in[i] = bytes[i];
	if (!ledger_affines_decode(curve, 64, in, a))
		abort();
}

static void
dbl(void)
{
	ledger_point_double(curve, &sum, &sum);
}

static void
add_affine(void)
{
	ledger_point_add_affine(curve, &sum, &points[3], &sum);
}

static void
to_affine_64(void)
{
	ledger_affine a[64];

	ledger_points_to_affine(curve, 64, jacobian, a);
}

static void
mul_generator(void)
{
	ledger_mul_generator_ct(curve, &scalars[5], &sum);
}

static void
mul(void)
{
	ledger_mul_ct(curve, &scalars[5], &points[5], &sum);
}

static void
fixed_mul_128(void)
{
	ledger_fixed_mul_ct(fixed, 128, which, scalars, &sum);
}

static void
fixed_mul_2(void)
{
	ledger_fixed_mul_ct(fixed, 2, which, scalars, &sum);
}

static void
select_128(void)
{
	ledger_select_sum_ct(curve, 128, bit, points, points + 128, &sum);
}

static void
fixed_new_131(void)
{
	ledger_fixed_free(ledger_fixed_new(curve, 131, points));
}

static void
mul_pairs_1(void)
{
	ledger_mul_pairs(curve, 1, scalars, scalars + 8, points, &sum);
}

static void
mul_pairs_8(void)
{
	ledger_point r[8];

	ledger_mul_pairs(curve, 8, scalars, scalars + 8, points, r);
}

static void
msm(void)
{
	if (!ledger_msm(curve, nvar, scalars, points, fixed, nfix, scalars + nvar, &sum))
		abort();
}

static void
ec_generator(void)
{
	EC_POINT_mul(group, ec_sum, ec_scalars[5], NULL, NULL, ctx);
}

static void
ec_mul(void)
{
	EC_POINT_mul(group, ec_sum, NULL, ec_points[5], ec_scalars[5], ctx);
}

static void
ec_decode(void)
{
	EC_POINT_oct2point(group, ec_sum, bytes[0], LEDGER_POINT_LEN, ctx);
}

static void
ec_dbl(void)
{
	EC_POINT_dbl(group, ec_sum, ec_sum, ctx);
}

static void
ec_add(void)
{
	EC_POINT_add(group, ec_sum, ec_sum, ec_points[3], ctx);
}

static void
ec_msm(void)
{
	EC_POINTs_mul(group, ec_sum, NULL, nvar + nfix, (const EC_POINT **) ec_points,
				  (const BIGNUM **) ec_scalars, ctx);
}

/* ---- lines ---------------------------------------------------------------------- */

typedef struct
{
	const char *name;
	void (*work)(void);
	void (*libcrypto)(void);
	size_t		nvar;
	size_t		nfix;
} line;

static const line lines[] = {
	{"scalar mul", scalar_mul, NULL, 0, 0},
	{"scalar invert", scalar_invert, NULL, 0, 0},
	{"decode", decode, ec_decode, 0, 0},
	{"decode 64", decode_64, NULL, 0, 0},
	{"double", dbl, ec_dbl, 0, 0},
	{"add affine", add_affine, ec_add, 0, 0},
	{"to affine 64", to_affine_64, NULL, 0, 0},
	{"mul generator ct", mul_generator, ec_generator, 0, 0},
	{"mul ct", mul, ec_mul, 0, 0},
	{"fixed mul ct 2", fixed_mul_2, NULL, 0, 0},
	{"fixed mul ct 128", fixed_mul_128, NULL, 0, 0},
	{"select sum ct 128", select_128, NULL, 0, 0},
	{"fixed new 131", fixed_new_131, NULL, 0, 0},
	{"mul pairs 1", mul_pairs_1, NULL, 0, 0},
	{"mul pairs 8", mul_pairs_8, NULL, 0, 0},
	{"msm 131 fixed 19", msm, ec_msm, 19, 131},
	{"msm 387 fixed 25", msm, NULL, 25, 387},
	{"msm 1 fixed 1", msm, ec_msm, 1, 1},
	{"msm 20", msm, ec_msm, 20, 0},
	{"msm 150", msm, ec_msm, 150, 0},
	{"msm 131 fixed 850", msm, NULL, 850, 131},
	{"msm 512", msm, NULL, 512, 0},
	{"msm 2048", msm, NULL, 2048, 0},
};

#define LINES (sizeof(lines) / sizeof(lines[0]))

static void
fill(void)
{
	const ledger_affine *g = ledger_curve_generator(curve);
	uint64_t	state = 1;
	size_t		i;
	size_t		j;

	for (i = 0; i < MOST; i++)
	{
		uint8_t		wide[64];

		for (j = 0; j < sizeof(wide); j++)
			wide[j] = (uint8_t) ((state = state * 6364136223846793005u + 1442695040888963407u) >> 56);
		ledger_scalar_reduce(curve, wide, &scalars[i]);
		ledger_mul_generator_ct(curve, &scalars[i], &jacobian[i]);
		which[i] = (uint32_t) i % FIXED;
		bit[i] = (uint8_t) (state >> 60 & 1);
	}
	ledger_points_to_affine(curve, MOST, jacobian, points);
	ledger_point_from_affine(curve, g, &sum);
	for (i = 0; i < MOST; i++)
	{
		ledger_affine_encode(curve, &points[i], bytes[i]);
		ledger_scalar_reduce(curve, (const uint8_t *) &jacobian[i], &scalars[i]);
	}
	fixed = ledger_fixed_new(curve, FIXED, points);
	if (fixed == NULL)
		abort();
}

static void
fill_libcrypto(ledger_suite suite)
{
	size_t		i;

	ctx = BN_CTX_new();
	group = EC_GROUP_new_by_curve_name(suite == LEDGER_SUITE_GM ? NID_sm2 : NID_X9_62_prime256v1);
	ec_sum = EC_POINT_new(group);
	EC_POINT_copy(ec_sum, EC_GROUP_get0_generator(group));
	for (i = 0; i < 256; i++)
	{
		uint8_t		be[32];

		ledger_scalar_encode(curve, &scalars[i], be);
		ec_scalars[i] = BN_bin2bn(be, 32, NULL);
		ec_points[i] = EC_POINT_new(group);
		if (EC_POINT_oct2point(group, ec_points[i], bytes[i], LEDGER_POINT_LEN, ctx) != 1)
			abort();
	}
}

static void
bench(ledger_suite suite, const char *part)
{
	const ledger_curve_kernel *kernels[LEDGER_CURVE_KERNELS];
	static ledger_curve curves[LEDGER_CURVE_KERNELS];
	double		best[LINES][LEDGER_CURVE_KERNELS + 1];
	unsigned	n = ledger_curve_kernels_for(suite, ledger_cpu_features(), kernels);
	unsigned	k;
	size_t		i;
	int			r;

	for (k = 0; k < n; k++)
		ledger_curve_make(kernels[k], suite,
						  suite == LEDGER_SUITE_GM ? &ledger_curve_params_sm2 : &ledger_curve_params_p256,
						  &curves[k]);
	curve = &curves[0];
	fill();
	fill_libcrypto(suite);
	for (r = 0; r < REPETITIONS; r++)
		for (k = 0; k <= n; k++)
		{
			curve = &curves[k < n ? k : 0];
			if (k < n)
			{
				ledger_fixed_free(fixed);
				fill();
			}
			for (i = 0; i < LINES; i++)
			{
				void (*work)(void) = k < n ? lines[i].work : lines[i].libcrypto;
				double		ns;

				if (work == NULL || (part != NULL && strstr(lines[i].name, part) == NULL))
					continue;
				nvar = lines[i].nvar;
				nfix = lines[i].nfix;
				ns = sample(work);
				if (r == 0 || ns < best[i][k])
					best[i][k] = ns;
			}
		}
	printf("%-20s", ledger_suite_name(suite));
	for (k = 0; k < n; k++)
		printf("%12s", kernels[k]->name);
	printf("%12s\n", "libcrypto");
	for (i = 0; i < LINES; i++)
	{
		if (part != NULL && strstr(lines[i].name, part) == NULL)
			continue;
		printf("%-20s", lines[i].name);
		for (k = 0; k < n; k++)
			printf("%12.3f", best[i][k] / 1e3);
		if (lines[i].libcrypto != NULL)
			printf("%12.3f", best[i][n] / 1e3);
		printf("\n");
	}
	ledger_fixed_free(fixed);
}

int
main(int argc, char **argv)
{
	bench(LEDGER_SUITE_GM, argc > 1 ? argv[1] : NULL);
	bench(LEDGER_SUITE_STD, argc > 1 ? argv[1] : NULL);
	return 0;
}
