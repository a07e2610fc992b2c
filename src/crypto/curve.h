/*
 * crypto/curve.h
 *		The group of the suite: P-256 (FIPS 186-4) or the SM2 curve (GM/T 0003.5).
 *
 * Both are y^2 = x^3 - 3x + b over a prime that is -1 modulo 2^64, have prime
 * order and cofactor 1, so the arithmetic is written once and every point on the
 * curve is in the group. Points are public unless said otherwise; a function that
 * takes secret scalars ends in _ct and its time and memory addresses depend on
 * sizes and public inputs only. All others are variable time.
 *
 * Nothing here keeps state but the curves themselves, which are made on first
 * use (once, before any thread or fork matters to the caller) and never freed.
 */
#ifndef LEDGER_CRYPTO_CURVE_H
#define LEDGER_CRYPTO_CURVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/suite.h"

#define LEDGER_SCALAR_LEN 32
#define LEDGER_POINT_LEN 33		/* compressed, SEC 1 section 2.3.3: 02 or 03, x */

typedef struct ledger_curve ledger_curve;

/* An element of the field of coordinates. Its form is curve's own affair. */
typedef struct
{
	uint64_t	v[4];
} ledger_fe;

/* An integer modulo the group order n, always reduced. Its form is curve's own affair. */
typedef struct
{
	uint64_t	v[4];
} ledger_scalar;

/* A point in affine coordinates; the identity is x = y = 0, which is not on either curve. */
typedef struct
{
	ledger_fe	x, y;
} ledger_affine;

/* A point in Jacobian coordinates; the identity has z = 0. */
typedef struct
{
	ledger_fe	x, y, z;
} ledger_point;

/* Never NULL for one of the two suites. */
extern const ledger_curve *ledger_curve_of(ledger_suite suite);

extern ledger_suite ledger_curve_suite(const ledger_curve *c);
extern const ledger_affine *ledger_curve_generator(const ledger_curve *c);

/* ---- scalars (all constant time, save where said) ------------------------------ */

extern void ledger_scalar_zero(ledger_scalar *r);
extern void ledger_scalar_u64(const ledger_curve *c, uint64_t a, ledger_scalar *r);

/* Big-endian. False, and *r zero, unless the number is below n; that verdict may show in the time. */
extern bool ledger_scalar_decode(const ledger_curve *c, const uint8_t in[LEDGER_SCALAR_LEN],
								 ledger_scalar *r);
extern void ledger_scalar_encode(const ledger_curve *c, const ledger_scalar *a,
								 uint8_t out[LEDGER_SCALAR_LEN]);

/* 64 bytes, big-endian, modulo n: from 64 uniform bytes, bias below 2^-250. */
extern void ledger_scalar_reduce(const ledger_curve *c, const uint8_t in[2 * LEDGER_SCALAR_LEN],
								 ledger_scalar *r);

/* r may be a or b. */
extern void ledger_scalar_add(const ledger_curve *c, const ledger_scalar *a, const ledger_scalar *b,
							  ledger_scalar *r);
extern void ledger_scalar_sub(const ledger_curve *c, const ledger_scalar *a, const ledger_scalar *b,
							  ledger_scalar *r);
extern void ledger_scalar_neg(const ledger_curve *c, const ledger_scalar *a, ledger_scalar *r);
extern void ledger_scalar_mul(const ledger_curve *c, const ledger_scalar *a, const ledger_scalar *b,
							  ledger_scalar *r);

/* r = 1/a, and 0 for 0 */
extern void ledger_scalar_invert(const ledger_curve *c, const ledger_scalar *a, ledger_scalar *r);

extern bool ledger_scalar_is_zero(const ledger_scalar *a);
extern bool ledger_scalar_equal(const ledger_scalar *a, const ledger_scalar *b);

/* ---- points ---------------------------------------------------------------------- */

/* False, and *r the identity, unless the bytes are 02 or 03 and an x < p of a point. */
extern bool ledger_affine_decode(const ledger_curve *c, const uint8_t in[LEDGER_POINT_LEN], ledger_affine *r);

/*
 * Many at a time, which is faster than one by one. False when one of them is not a
 * point; that one's r is the identity.
 */
extern bool ledger_affines_decode(const ledger_curve *c, size_t n, const uint8_t *const in[],
								  ledger_affine *r);

/* The identity is encoded as zeros, which decode refuses. */
extern void ledger_affine_encode(const ledger_curve *c, const ledger_affine *a,
								 uint8_t out[LEDGER_POINT_LEN]);

/* x and y, 32 bytes each; false unless both are below p and on the curve. */
extern bool ledger_affine_from_xy(const ledger_curve *c, const uint8_t in[64], ledger_affine *r);
extern void ledger_affine_to_xy(const ledger_curve *c, const ledger_affine *a, uint8_t out[64]);

extern bool ledger_affine_is_identity(const ledger_affine *a);
extern bool ledger_affine_equal(const ledger_affine *a, const ledger_affine *b);
extern void ledger_affine_neg(const ledger_curve *c, const ledger_affine *a, ledger_affine *r);

/* Whether a is not the identity and its affine x is this number; nothing is divided. */
extern bool ledger_point_has_x(const ledger_curve *c, const ledger_point *a, const uint8_t x[32]);

extern void ledger_point_identity(ledger_point *r);
extern bool ledger_point_is_identity(const ledger_point *a);
extern void ledger_point_from_affine(const ledger_curve *c, const ledger_affine *a, ledger_point *r);

/* r may be a or b; equal, opposite and identity operands are handled. */
extern void ledger_point_double(const ledger_curve *c, const ledger_point *a, ledger_point *r);
extern void ledger_point_add(const ledger_curve *c, const ledger_point *a, const ledger_point *b,
							 ledger_point *r);
extern void ledger_point_add_affine(const ledger_curve *c, const ledger_point *a, const ledger_affine *b,
									ledger_point *r);

/* n points at the price of one inversion; constant time. */
extern void ledger_points_to_affine(const ledger_curve *c, size_t n, const ledger_point *a, ledger_affine *r);

/* ---- multiples of points -------------------------------------------------------- */

/* r = k G, from a table in the program; k may be secret. */
extern void ledger_mul_generator_ct(const ledger_curve *c, const ledger_scalar *k, ledger_point *r);

/* r = k a; k may be secret, a is public. */
extern void ledger_mul_ct(const ledger_curve *c, const ledger_scalar *k, const ledger_affine *a,
						  ledger_point *r);

/*
 * Multiples of points that are used again and again: 8 kB for each point, and the
 * time of about 130 additions. Freed with ledger_fixed_free; NULL is no memory.
 */
typedef struct ledger_fixed ledger_fixed;

extern ledger_fixed *ledger_fixed_new(const ledger_curve *c, size_t n, const ledger_affine *points);
extern void ledger_fixed_free(ledger_fixed *f);

/* r = sum of k[i] times point number which[i] of f, i < n; scalars may be secret, which[] is public. */
extern void ledger_fixed_mul_ct(const ledger_fixed *f, size_t n, const uint32_t *which,
								const ledger_scalar *k, ledger_point *r);

/*
 * r = sum of bit[i] ? one[i] : zero[i], bit[i] being 0 or 1 and secret; the points are public.
 */
extern void ledger_select_sum_ct(const ledger_curve *c, size_t n, const uint8_t *bit,
								 const ledger_affine *one, const ledger_affine *zero, ledger_point *r);

/*
 * r[i] = g[i] G + k[i] a[i] for i < n: what verifying n signatures takes. Variable
 * time; faster for many than one by one.
 */
extern void ledger_mul_pairs(const ledger_curve *c, size_t n, const ledger_scalar *g, const ledger_scalar *k,
							 const ledger_affine *a, ledger_point *r);

/*
 * r[i] = sum of the terms, or of their opposites, whose bucket is i < buckets. Made for
 * many terms, whose divisions are shared; they stay where they are. False when out of
 * memory.
 */
typedef struct
{
	const ledger_affine *point;
	uint32_t	bucket;
	bool		negative;
} ledger_sum_term;

extern bool ledger_sums(const ledger_curve *c, size_t buckets, size_t n, const ledger_sum_term *term,
						ledger_affine *r);

/*
 * Multi-scalar multiplication: r = sum of k[i] a[i], i < n, plus, when f is not
 * NULL, sum of fk[i] times point number i of f for i < nf (nf at most the number
 * of points of f). Variable time. Points may be equal, opposite or the identity,
 * scalars 0. False when out of memory.
 */
extern bool ledger_msm(const ledger_curve *c, size_t n, const ledger_scalar *k, const ledger_affine *a,
					   const ledger_fixed *f, size_t nf, const ledger_scalar *fk, ledger_point *r);

#endif							/* LEDGER_CRYPTO_CURVE_H */
