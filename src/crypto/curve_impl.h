/*
 * crypto/curve_impl.h
 *		An instance of the curve templates: a kernel named CURVE_KERNEL.
 */
#if defined(CURVE_IFMA)
#define ADD_PAIRS add_pairs_wide
#define WEIGH weigh_wide
#define DECODE_MANY affines_decode_wide
#define MUL_PAIRS mul_pairs_wide
#else
#define ADD_PAIRS add_pairs
#define WEIGH weigh
#define DECODE_MANY affines_decode
#define MUL_PAIRS mul_pairs
#endif

#include "crypto/field_impl.h"
#if defined(CURVE_IFMA)
#include "crypto/point_ifma.h"
#endif
#include "crypto/msm_impl.h"
#include "crypto/mul_ct_impl.h"
#if defined(CURVE_IFMA)
#include "crypto/mul_ifma.h"
#endif
#include "crypto/point_impl.h"

const ledger_curve_kernel CURVE_KERNEL = {
	.name = CURVE_NAME,
	.montgomery = CURVE_MONTGOMERY,
	.fe_decode = fe_decode,
	.decode = affine_decode,
	.encode = affine_encode,
	.from_xy = affine_from_xy,
	.to_xy = affine_to_xy,
	.neg = affine_neg,
	.from_affine = point_from_affine,
	.dbl = point_double,
	.add = point_add,
	.add_affine = point_add_affine,
	.to_affine = points_to_affine,
	.combs_mul_ct = combs_mul_ct,
	.mul_ct = mul_ct,
	.fixed_new = fixed_new,
	.fixed_mul_ct = fixed_mul_ct,
	.select_sum_ct = select_sum_ct,
	.has_x = point_has_x,
	.sum_terms = sum_terms,
	.decode_many = DECODE_MANY,
	.mul_pairs = MUL_PAIRS,
	.msm = msm
};
