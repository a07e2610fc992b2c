/*
 * test/unit/ctime_curve.c
 *		No branch and no address depends on a secret scalar or bit.
 *
 * Runs under valgrind only. Memcheck follows, bit by bit, what was computed from
 * memory that was never written, and reports a jump or an address that comes from
 * it. Secrets are declared to be such memory, so each report is a leak (the method
 * is Langley's ctgrind). A function that leaks on purpose shows that it would be
 * found. Built with the optimisation of the extension, by both compilers.
 */
#include "crypto/curve_internal.h"

#include <valgrind/memcheck.h>

#include "harness.h"

#define N 9

static uint64_t seed = 20120321;
static ledger_curve curve;
static char name[64];
static unsigned long before;

/* All that comes from the secret. */
static void
secret(void *p, size_t len)
{
	VALGRIND_MAKE_MEM_UNDEFINED(p, len);
}

static void public(void *p, size_t len)
{
	VALGRIND_MAKE_MEM_DEFINED(p, len);
}

static void
quiet(const char *what)
{
	unsigned long now = VALGRIND_COUNT_ERRORS;

	check(now == before, "%s: %s", name, what);
	before = now;
}

static void
random_scalars(size_t n, ledger_scalar *k)
{
	uint8_t		bytes[64];

	while (n-- > 0)
	{
		random_bytes(&seed, bytes, sizeof(bytes));
		ledger_scalar_reduce(&curve, bytes, k);
		secret(k++, sizeof(*k));
	}
}

static void
test_scalars(void)
{
	uint8_t		bytes[64];
	ledger_scalar k[2];
	ledger_scalar r;
	bool		verdict;

	random_scalars(2, k);
	ledger_scalar_add(&curve, &k[0], &k[1], &r);
	ledger_scalar_sub(&curve, &k[0], &r, &r);
	ledger_scalar_neg(&curve, &r, &r);
	ledger_scalar_mul(&curve, &k[0], &r, &r);
	quiet("+, - and * of scalars");
	ledger_scalar_invert(&curve, &r, &r);
	quiet("the inverse of a scalar");
	verdict = ledger_scalar_is_zero(&r);
	public(&verdict, sizeof(verdict));
	verdict = ledger_scalar_equal(&r, &k[0]);
	public(&verdict, sizeof(verdict));
	quiet("comparisons of scalars");
	ledger_scalar_encode(&curve, &r, bytes);
	quiet("encoding a scalar");
	verdict = ledger_scalar_decode(&curve, bytes, &r);
	public(&verdict, sizeof(verdict));
	quiet("decoding a scalar");
	if (!verdict)
		abort();
	random_bytes(&seed, bytes, sizeof(bytes));
	secret(bytes, sizeof(bytes));
	ledger_scalar_reduce(&curve, bytes, &r);
	ledger_scalar_u64(&curve, r.v[0], &r);
	quiet("64 bytes and a word modulo n");
}

static void
test_points(void)
{
	ledger_affine points[2 * N];
	ledger_point sum;
	uint32_t	which[N];
	uint8_t		bit[N];
	ledger_scalar k[N];
	ledger_fixed *f;
	const ledger_comb *both[2];
	int			i;

	ledger_point_identity(&sum);
	for (i = 0; i < 2 * N; i++)
	{
		ledger_points_to_affine(&curve, 1, &sum, &points[i]);
		ledger_point_double(&curve, &sum, &sum);
		ledger_point_add_affine(&curve, &sum, ledger_curve_generator(&curve), &sum);
	}
	f = ledger_fixed_new(&curve, 2 * N, points);
	if (f == NULL)
		abort();

	for (i = 0; i < N; i++)
	{
		which[i] = (uint32_t) (i * 2);
		bit[i] = (uint8_t) (next_random(&seed) % 2);
	}
	secret(bit, sizeof(bit));
	random_scalars(N, k);
	ledger_mul_generator_ct(&curve, &k[0], &sum);
	quiet("ledger_mul_generator_ct");
	both[0] = both[1] = ledger_comb_of_generator(&curve);
	ledger_combs_mul_ct(&curve, 2, both, k, &sum);
	quiet("ledger_combs_mul_ct");
	ledger_mul_ct(&curve, &k[1], &points[3], &sum);
	quiet("ledger_mul_ct");
	ledger_fixed_mul_ct(f, N, which, k, &sum);
	quiet("ledger_fixed_mul_ct");
	ledger_select_sum_ct(&curve, N, bit, points, points + N, &sum);
	quiet("ledger_select_sum_ct");
	ledger_points_to_affine(&curve, 1, &sum, points);
	quiet("ledger_points_to_affine");

	/* what is allowed to leak does */
	random_scalars(N, k);
	if (!ledger_msm(&curve, N, k, points + N, NULL, 0, NULL, &sum))
		abort();
	check(VALGRIND_COUNT_ERRORS > before, "%s: a function of variable time is found", name);
	before = VALGRIND_COUNT_ERRORS;
	ledger_fixed_free(f);
}

int
main(void)
{
	static const ledger_suite suites[] = {LEDGER_SUITE_STD, LEDGER_SUITE_GM};
	ledger_cpu	cpu = {0};
	int			i;

	if (!check(RUNNING_ON_VALGRIND != 0, "this runs under valgrind"))
		return finish();
	for (i = 0; i < 2; i++)
	{
		const ledger_curve_kernel *kernels[LEDGER_CURVE_KERNELS];
		unsigned	n;
		unsigned	j;

		/* the instructions are translated, so this runs on any CPU; valgrind does not say that it has them */
		cpu.adx = true;
		n = ledger_curve_kernels_for(suites[i], cpu, kernels);

		for (j = 0; j < n; j++)
		{
			snprintf(name, sizeof(name), "%s %s", suites[i] == LEDGER_SUITE_GM ? "SM2" : "P-256",
					 kernels[j]->name);
			ledger_curve_make(kernels[j], suites[i],
							  suites[i] == LEDGER_SUITE_GM ? &ledger_curve_params_sm2
														   : &ledger_curve_params_p256,
							  &curve);
			test_scalars();
			test_points();
		}
	}
	return finish();
}
