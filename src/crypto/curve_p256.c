/*
 * crypto/curve_p256.c
 *		P-256 in plain C.
 */
#define FIELD_P256
#define CURVE_KERNEL ledger_p256_portable
#define CURVE_NAME "portable"
#define CURVE_MONTGOMERY ledger_montgomery_portable

#include "crypto/curve_impl.h"
