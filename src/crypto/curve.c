/*
 * crypto/curve.c
 *		The two curves, and the choice of the kernel that computes on them.
 */
#include "crypto/curve_internal.h"

#include <stdlib.h>
#include <string.h>

/* FIPS 186-4 D.1.2.3 */
const ledger_curve_params ledger_curve_params_p256 = {
	.b = {0x5a, 0xc6, 0x35, 0xd8, 0xaa, 0x3a, 0x93, 0xe7, 0xb3, 0xeb, 0xbd, 0x55, 0x76, 0x98, 0x86, 0xbc,
		0x65, 0x1d, 0x06, 0xb0, 0xcc, 0x53, 0xb0, 0xf6, 0x3b, 0xce, 0x3c, 0x3e, 0x27, 0xd2, 0x60, 0x4b},
	.n = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51},
	.g = {0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
		0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
		0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16,
		0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5}
};

/* GM/T 0003.5-2012 */
const ledger_curve_params ledger_curve_params_sm2 = {
	.b = {0x28, 0xe9, 0xfa, 0x9e, 0x9d, 0x9f, 0x5e, 0x34, 0x4d, 0x5a, 0x9e, 0x4b, 0xcf, 0x65, 0x09, 0xa7,
		0xf3, 0x97, 0x89, 0xf5, 0x15, 0xab, 0x8f, 0x92, 0xdd, 0xbc, 0xbd, 0x41, 0x4d, 0x94, 0x0e, 0x93},
	.n = {0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0x72, 0x03, 0xdf, 0x6b, 0x21, 0xc6, 0x05, 0x2b, 0x53, 0xbb, 0xf4, 0x09, 0x39, 0xd5, 0x41, 0x23},
	.g = {0x32, 0xc4, 0xae, 0x2c, 0x1f, 0x19, 0x81, 0x19, 0x5f, 0x99, 0x04, 0x46, 0x6a, 0x39, 0xc9, 0x94,
		0x8f, 0xe3, 0x0b, 0xbf, 0xf2, 0x66, 0x0b, 0xe1, 0x71, 0x5a, 0x45, 0x89, 0x33, 0x4c, 0x74, 0xc7,
		0xbc, 0x37, 0x36, 0xa2, 0xf4, 0xf6, 0x77, 0x9c, 0x59, 0xbd, 0xce, 0xe3, 0x6b, 0x69, 0x21, 0x53,
		0xd0, 0xa9, 0x87, 0x7c, 0xc6, 0x2a, 0x47, 0x40, 0x02, 0xdf, 0x32, 0xe5, 0x21, 0x39, 0xf0, 0xa0}
};

unsigned
ledger_curve_kernels_for(ledger_suite suite, ledger_cpu cpu,
						 const ledger_curve_kernel *kernels[LEDGER_CURVE_KERNELS])
{
	unsigned	n = 0;

#if defined(__x86_64__)
	if (cpu.ifma)
		kernels[n++] = suite == LEDGER_SUITE_GM ? &ledger_sm2_ifma : &ledger_p256_ifma;
	if (cpu.adx)
		kernels[n++] = suite == LEDGER_SUITE_GM ? &ledger_sm2_adx : &ledger_p256_adx;
#else
	(void) cpu;
#endif
	kernels[n++] = suite == LEDGER_SUITE_GM ? &ledger_sm2_portable : &ledger_p256_portable;
	return n;
}

static void
make_comb(const ledger_curve_kernel *kernel, const ledger_affine *a, ledger_comb *comb)
{
	ledger_point base;
	unsigned	i;
	unsigned	j;

	kernel->from_affine(a, &base);
	for (i = 0; i < LEDGER_COMB_WINDOWS; i++)
	{
		ledger_point multiple[LEDGER_COMB_SIZE];
		ledger_point two;

		kernel->dbl(&base, &two);
		multiple[0] = base;
		for (j = 1; j < LEDGER_COMB_SIZE; j++)
			kernel->add(&multiple[j - 1], &two, &multiple[j]);
		kernel->to_affine(LEDGER_COMB_SIZE, multiple, comb->table[i]);
		base = two;
		for (j = 1; j < LEDGER_COMB_BITS; j++)
			kernel->dbl(&base, &base);
	}
}

void
ledger_curve_make(const ledger_curve_kernel *kernel, ledger_suite suite, const ledger_curve_params *params,
				  ledger_curve *c)
{
	memset(c, 0, sizeof(*c));
	c->kernel = kernel;
	c->suite = suite;
	ledger_scalar_setup(c, params->n);

	/* a curve that is not one is a mistake in the program */
	if (!kernel->fe_decode(params->b, &c->b) || !kernel->from_xy(c, params->g, &c->g))
		abort();
	make_comb(kernel, &c->g, &c->comb);
}

const ledger_curve *
ledger_curve_of(ledger_suite suite)
{
	static ledger_curve curves[2];
	ledger_curve *c = &curves[suite == LEDGER_SUITE_GM];

	if (c->kernel == NULL)
	{
		const ledger_curve_kernel *kernels[LEDGER_CURVE_KERNELS];

		ledger_curve_kernels_for(suite, ledger_cpu_features(), kernels);
		ledger_curve_make(kernels[0], suite,
						  suite == LEDGER_SUITE_GM ? &ledger_curve_params_sm2 : &ledger_curve_params_p256, c);
	}
	return c;
}

ledger_suite
ledger_curve_suite(const ledger_curve *c)
{
	return c->suite;
}

const ledger_affine *
ledger_curve_generator(const ledger_curve *c)
{
	return &c->g;
}

/* ---- points ---------------------------------------------------------------------- */

bool
ledger_affine_decode(const ledger_curve *c, const uint8_t in[LEDGER_POINT_LEN], ledger_affine *r)
{
	if (c->kernel->decode(c, in, r))
		return true;
	memset(r, 0, sizeof(*r));
	return false;
}

bool
ledger_affines_decode(const ledger_curve *c, size_t n, const uint8_t *const in[], ledger_affine *r)
{
	bool		all = true;
	size_t		i;

	c->kernel->decode_many(c, n, in, r);
	for (i = 0; i < n; i++)
		all = all && !ledger_affine_is_identity(&r[i]);
	return all;
}

void
ledger_affine_encode(const ledger_curve *c, const ledger_affine *a, uint8_t out[LEDGER_POINT_LEN])
{
	c->kernel->encode(a, out);
}

bool
ledger_affine_from_xy(const ledger_curve *c, const uint8_t in[64], ledger_affine *r)
{
	if (c->kernel->from_xy(c, in, r))
		return true;
	memset(r, 0, sizeof(*r));
	return false;
}

void
ledger_affine_to_xy(const ledger_curve *c, const ledger_affine *a, uint8_t out[64])
{
	c->kernel->to_xy(a, out);
}

bool
ledger_affine_is_identity(const ledger_affine *a)
{
	static const ledger_affine identity;

	return ledger_affine_equal(a, &identity);
}

bool
ledger_affine_equal(const ledger_affine *a, const ledger_affine *b)
{
	uint64_t	differ = 0;
	int			i;

	for (i = 0; i < 4; i++)
		differ |= (a->x.v[i] ^ b->x.v[i]) | (a->y.v[i] ^ b->y.v[i]);
	return ledger_mask_zero(differ) != 0;
}

void
ledger_affine_neg(const ledger_curve *c, const ledger_affine *a, ledger_affine *r)
{
	c->kernel->neg(a, r);
}

void
ledger_point_identity(ledger_point *r)
{
	memset(r, 0, sizeof(*r));
}

bool
ledger_point_is_identity(const ledger_point *a)
{
	return ledger_mask_zero(a->z.v[0] | a->z.v[1] | a->z.v[2] | a->z.v[3]) != 0;
}

bool
ledger_point_has_x(const ledger_curve *c, const ledger_point *a, const uint8_t x[32])
{
	return c->kernel->has_x(a, x);
}

void
ledger_point_from_affine(const ledger_curve *c, const ledger_affine *a, ledger_point *r)
{
	c->kernel->from_affine(a, r);
}

void
ledger_point_double(const ledger_curve *c, const ledger_point *a, ledger_point *r)
{
	c->kernel->dbl(a, r);
}

void
ledger_point_add(const ledger_curve *c, const ledger_point *a, const ledger_point *b, ledger_point *r)
{
	c->kernel->add(a, b, r);
}

void
ledger_point_add_affine(const ledger_curve *c, const ledger_point *a, const ledger_affine *b, ledger_point *r)
{
	c->kernel->add_affine(a, b, r);
}

void
ledger_points_to_affine(const ledger_curve *c, size_t n, const ledger_point *a, ledger_affine *r)
{
	c->kernel->to_affine(n, a, r);
}

/* ---- multiples ------------------------------------------------------------------- */

void
ledger_mul_generator_ct(const ledger_curve *c, const ledger_scalar *k, ledger_point *r)
{
	const ledger_comb *comb = &c->comb;

	c->kernel->combs_mul_ct(c, 1, &comb, k, r);
}

ledger_comb *
ledger_comb_new(const ledger_curve *c, const ledger_affine *a)
{
	ledger_comb *comb = (ledger_comb *) malloc(sizeof(*comb));

	if (comb != NULL)
		make_comb(c->kernel, a, comb);
	return comb;
}

void
ledger_comb_free(ledger_comb *comb)
{
	free(comb);
}

const ledger_comb *
ledger_comb_of_generator(const ledger_curve *c)
{
	return &c->comb;
}

void
ledger_combs_mul_ct(const ledger_curve *c, size_t n, const ledger_comb *const comb[], const ledger_scalar *k,
					ledger_point *r)
{
	c->kernel->combs_mul_ct(c, n, comb, k, r);
}

void
ledger_mul_ct(const ledger_curve *c, const ledger_scalar *k, const ledger_affine *a, ledger_point *r)
{
	c->kernel->mul_ct(c, k, a, r);
}

ledger_fixed *
ledger_fixed_new(const ledger_curve *c, size_t n, const ledger_affine *points)
{
	return c->kernel->fixed_new(c, n, points);
}

void
ledger_fixed_free(ledger_fixed *f)
{
	free(f);
}

void
ledger_fixed_mul_ct(const ledger_fixed *f, size_t n, const uint32_t *which, const ledger_scalar *k,
					ledger_point *r)
{
	f->curve->kernel->fixed_mul_ct(f, n, which, k, r);
}

void
ledger_select_sum_ct(const ledger_curve *c, size_t n, const uint8_t *bit, const ledger_affine *one,
					 const ledger_affine *zero, ledger_point *r)
{
	c->kernel->select_sum_ct(n, bit, one, zero, r);
}

void
ledger_mul_pairs(const ledger_curve *c, size_t n, const ledger_scalar *g, const ledger_scalar *k,
				 const ledger_affine *a, ledger_point *r)
{
	c->kernel->mul_pairs(c, n, g, k, a, r);
}

bool
ledger_msm(const ledger_curve *c, size_t n, const ledger_scalar *k, const ledger_affine *a,
		   const ledger_fixed *f, size_t nf, const ledger_scalar *fk, ledger_point *r)
{
	return c->kernel->msm(c, n, k, a, f, f == NULL ? 0 : nf, fk, r);
}

bool
ledger_sums(const ledger_curve *c, size_t buckets, size_t n, const ledger_sum_term *term, ledger_affine *r)
{
	return c->kernel->sum_terms(buckets, n, term, r);
}
