/*
 * crypto/curve_internal.h
 *		What the parts of the curve arithmetic know of each other.
 *
 * A kernel is the arithmetic over one of the two primes for one kind of CPU: an
 * instance of the templates field_impl.h, point_impl.h and msm_impl.h. It does
 * not know the b of the curve nor its order; those are in ledger_curve, so that
 * the tests can run the very same code in a group of a dozen points.
 */
#ifndef LEDGER_CRYPTO_CURVE_INTERNAL_H
#define LEDGER_CRYPTO_CURVE_INTERNAL_H

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "crypto/cpu.h"
#include "crypto/curve.h"

__extension__ typedef unsigned __int128 ledger_u128;

/* Windows of a comb: 6 bits each, 258 of them, and 32 odd multiples in each. */
#define LEDGER_COMB_BITS 6
#define LEDGER_COMB_WINDOWS 43
#define LEDGER_COMB_SIZE (1 << (LEDGER_COMB_BITS - 1))

/* table[i][j] is (2j+1) 2^(6i) times the point */
struct ledger_comb
{
	ledger_affine table[LEDGER_COMB_WINDOWS][LEDGER_COMB_SIZE];
};

typedef struct
{
	const char *name;

	/* numbers modulo any odd n: r = a b / 2^256, a < 2^256, b < n; n_inv is -1/n mod 2^64 */
	void (*montgomery)(const uint64_t n[4], uint64_t n_inv, const uint64_t a[4], const uint64_t b[4],
					   uint64_t r[4]);

	/* coordinates; false, and r undefined, unless the big-endian number is below p */
	bool (*fe_decode)(const uint8_t in[32], ledger_fe *r);

	/* the functions of curve.h, without checks that are the same for all kernels */
	bool (*decode)(const ledger_curve *c, const uint8_t in[LEDGER_POINT_LEN], ledger_affine *r);
	void (*encode)(const ledger_affine *a, uint8_t out[LEDGER_POINT_LEN]);
	bool (*from_xy)(const ledger_curve *c, const uint8_t in[64], ledger_affine *r);
	void (*to_xy)(const ledger_affine *a, uint8_t out[64]);
	void (*neg)(const ledger_affine *a, ledger_affine *r);
	void (*from_affine)(const ledger_affine *a, ledger_point *r);
	void (*dbl)(const ledger_point *a, ledger_point *r);
	void (*add)(const ledger_point *a, const ledger_point *b, ledger_point *r);
	void (*add_affine)(const ledger_point *a, const ledger_affine *b, ledger_point *r);
	void (*to_affine)(size_t n, const ledger_point *a, ledger_affine *r);
	void (*combs_mul_ct)(const ledger_curve *c, size_t n, const ledger_comb *const comb[],
						 const ledger_scalar *k, ledger_point *r);
	void (*mul_ct)(const ledger_curve *c, const ledger_scalar *k, const ledger_affine *a, ledger_point *r);
	ledger_fixed *(*fixed_new)(const ledger_curve *c, size_t n, const ledger_affine *points);
	void (*fixed_mul_ct)(const ledger_fixed *f, size_t n, const uint32_t *which, const ledger_scalar *k,
						 ledger_point *r);
	void (*select_sum_ct)(size_t n, const uint8_t *bit, const ledger_affine *one, const ledger_affine *zero,
						  ledger_point *r);
	void (*decode_many)(const ledger_curve *c, size_t n, const uint8_t *const in[], ledger_affine *r);
	bool (*has_x)(const ledger_point *a, const uint8_t x[32]);
	bool (*sum_terms)(size_t buckets, size_t n, const ledger_sum_term *term, ledger_affine *r);
	void (*mul_pairs)(const ledger_curve *c, size_t n, const ledger_scalar *g, const ledger_scalar *k,
					  const ledger_affine *a, ledger_point *r);
	bool (*msm)(const ledger_curve *c, size_t n, const ledger_scalar *k, const ledger_affine *a,
				const ledger_fixed *f, size_t nf, const ledger_scalar *fk, ledger_point *r);
} ledger_curve_kernel;

/* A curve as its standard prints it: big-endian numbers. */
typedef struct
{
	uint8_t		b[32];
	uint8_t		n[32];
	uint8_t		g[64];
} ledger_curve_params;

struct ledger_curve
{
	const ledger_curve_kernel *kernel;
	ledger_suite suite;
	ledger_fe	b;
	ledger_affine g;

	/* modulo the order: R is 2^256 */
	uint64_t	n[4];
	uint64_t	n_inv;			/* -1/n mod 2^64 */
	uint64_t	n_less_2[4];
	uint64_t	r1[4];			/* R, R^2 and R^3 mod n */
	uint64_t	r2[4];
	uint64_t	r3[4];

	ledger_comb comb;			/* of G */
};

/* Points that are used again: of each the odd multiples up to 2^(width-1) - 1. */
struct ledger_fixed
{
	const ledger_curve *curve;
	size_t		n;
	unsigned	width;
	__attribute__((aligned(64))) ledger_affine table[]; /* a point is a line of the cache */
};

extern const ledger_curve_kernel ledger_p256_portable;
extern const ledger_curve_kernel ledger_sm2_portable;

/* These need the CPU to have what their names say; crypto/cpu.h knows. */
#if defined(__x86_64__)
extern const ledger_curve_kernel ledger_p256_adx;
extern const ledger_curve_kernel ledger_sm2_adx;
extern const ledger_curve_kernel ledger_p256_ifma;
extern const ledger_curve_kernel ledger_sm2_ifma;
#endif

/* The kernels for a suite that such a CPU can run, the best first; returns their number. */
#define LEDGER_CURVE_KERNELS 3
extern unsigned ledger_curve_kernels_for(ledger_suite suite, ledger_cpu cpu,
										 const ledger_curve_kernel *kernels[LEDGER_CURVE_KERNELS]);

/* n is odd and prime; g is on the curve and of that order. */
extern void ledger_curve_make(const ledger_curve_kernel *kernel, ledger_suite suite,
							  const ledger_curve_params *params, ledger_curve *c);

/* The standard's numbers. */
extern const ledger_curve_params ledger_curve_params_p256;
extern const ledger_curve_params ledger_curve_params_sm2;

/* The number itself, below n. */
extern void ledger_scalar_words(const ledger_curve *c, const ledger_scalar *a, uint64_t w[4]);
typedef void ledger_montgomery(const uint64_t n[4], uint64_t n_inv, const uint64_t a[4], const uint64_t b[4],
							   uint64_t r[4]);
extern ledger_montgomery ledger_montgomery_portable;
#if defined(__x86_64__)
extern ledger_montgomery ledger_montgomery_adx;
#endif
extern void ledger_scalar_setup(ledger_curve *c, const uint8_t n[32]);

/*
 * An odd number that is a or -a modulo n, in a form made for windows of odd
 * digits; returns all ones when it is -a and zero otherwise. Constant time.
 *
 * A number k that is odd and below 2^256 is the sum of s(i) 2^i, i < len, with
 * s(i) = 1 or -1: s(i) = 1 where bit i of (k >> 1) + 2^(len-1) is set. So w of
 * these bits, read as the number u, are the odd digit 2u - 2^w + 1.
 */
#define LEDGER_RECODED_WORDS 5
extern uint64_t ledger_recode_odd(const ledger_curve *c, const ledger_scalar *a, unsigned len,
								  uint64_t u[LEDGER_RECODED_WORDS]);

/*
 * Non-adjacent form: the digits that are not 0, from the lowest up. They are odd
 * and below 2^(width-1) in absolute value, width being from 3 to 12. Returns their
 * number. Variable time.
 */
typedef struct
{
	int16_t		digit;
	uint16_t	bit;			/* below LEDGER_NAF_LEN */
} ledger_naf_digit;

#define LEDGER_NAF_LEN 257
#define LEDGER_NAF_TERMS(width) (256 / (width) + 1)
#define LEDGER_NAF_MOST LEDGER_NAF_TERMS(3)
extern unsigned ledger_recode_naf(const uint64_t k[4], unsigned width,
								  ledger_naf_digit digit[LEDGER_NAF_MOST]);

/* Zeros, which no compiler leaves out. */
static inline void
ledger_forget(void *p, size_t len)
{
	memset(p, 0, len);
	__asm__ volatile("" : : "r"(p) : "memory");
}

/* ---- masks: all ones or zero, in a way compilers do not turn into branches -------- */

static inline uint64_t
ledger_barrier(uint64_t a)
{
	__asm__("" : "+r"(a));
	return a;
}

static inline uint64_t
ledger_mask_zero(uint64_t a)
{
	return ledger_barrier(((a | (0 - a)) >> 63) - 1);
}

static inline uint64_t
ledger_mask_bit(uint64_t bit)
{
	return ledger_barrier(0 - bit);
}

/*
 * a + b + carry and a - b - borrow; the flags are 0 or 1. gcc 12 does not see that
 * sums of 128 bits are a chain of carries, and takes twice as long.
 */
static inline uint64_t
ledger_addc(uint64_t a, uint64_t b, uint64_t *carry)
{
#if defined(__x86_64__)
	unsigned long long r;

	*carry = _addcarry_u64((unsigned char) *carry, a, b, &r);
	return r;
#else
	ledger_u128 t = (ledger_u128) a + b + *carry;

	*carry = (uint64_t) (t >> 64);
	return (uint64_t) t;
#endif
}

static inline uint64_t
ledger_subb(uint64_t a, uint64_t b, uint64_t *borrow)
{
#if defined(__x86_64__)
	unsigned long long r;

	*borrow = _subborrow_u64((unsigned char) *borrow, a, b, &r);
	return r;
#else
	ledger_u128 t = (ledger_u128) a - b - *borrow;

	*borrow = (uint64_t) (t >> 64) & 1;
	return (uint64_t) t;
#endif
}

/* a b + c + d, which is always below 2^128; returns the lower half */
static inline uint64_t
ledger_muladd(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t *high)
{
	ledger_u128 t = (ledger_u128) a * b + c + d;

	*high = (uint64_t) (t >> 64);
	return (uint64_t) t;
}

/* Big-endian bytes, as words with the least significant first. */
static inline void
ledger_words_from_be(const uint8_t in[32], uint64_t w[4])
{
	int			i;
	int			j;

	for (i = 0; i < 4; i++)
	{
		w[3 - i] = 0;
		for (j = 0; j < 8; j++)
			w[3 - i] = w[3 - i] << 8 | in[8 * i + j];
	}
}

static inline void
ledger_words_to_be(const uint64_t w[4], uint8_t out[32])
{
	int			i;

	for (i = 0; i < 32; i++)
		out[i] = (uint8_t) (w[3 - i / 8] >> (56 - 8 * (i % 8)));
}

#endif							/* LEDGER_CRYPTO_CURVE_INTERNAL_H */
