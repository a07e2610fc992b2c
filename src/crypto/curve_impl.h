/*
 * crypto/curve_impl.h
 *		An instance of the curve templates: a kernel named CURVE_KERNEL.
 */
#if defined(CURVE_IFMA)
#define ADD_PAIRS add_pairs_wide
#else
#define ADD_PAIRS add_pairs
#endif

#include "crypto/field_impl.h"
#if defined(CURVE_IFMA)
#include "crypto/pair_ifma.h"
#endif
#include "crypto/msm_impl.h"
#include "crypto/mul_ct_impl.h"
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
	.mul_generator_ct = mul_generator_ct,
	.mul_ct = mul_ct,
	.fixed_new = fixed_new,
	.fixed_mul_ct = fixed_mul_ct,
	.select_sum_ct = select_sum_ct,
	.decode_many = affines_decode,
	.has_x = point_has_x,
	.sum_terms = sum_terms,
	.mul_pairs = mul_pairs,
	.msm = msm
};
