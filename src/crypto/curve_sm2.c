/*
 * crypto/curve_sm2.c
 *		The SM2 curve in plain C.
 */
#define FIELD_SM2
#define CURVE_KERNEL ledger_sm2_portable
#define CURVE_NAME "portable"
#define CURVE_MONTGOMERY ledger_montgomery_portable

#include "crypto/curve_impl.h"
