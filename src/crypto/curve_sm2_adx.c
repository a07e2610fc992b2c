/*
 * crypto/curve_sm2_adx.c
 *		The SM2 curve with MULX, ADCX and ADOX of x86-64.
 */
#if defined(__x86_64__)

#define FIELD_SM2
#define FIELD_ADX
#define CURVE_KERNEL ledger_sm2_adx
#define CURVE_NAME "adx"
#define CURVE_MONTGOMERY ledger_montgomery_adx

#include "crypto/curve_impl.h"

#endif
