/*
 * crypto/curve_p256_adx.c
 *		P-256 with MULX, ADCX and ADOX of x86-64.
 */
#if defined(__x86_64__)

#define FIELD_P256
#define FIELD_ADX
#define CURVE_KERNEL ledger_p256_adx
#define CURVE_NAME "adx"
#define CURVE_MONTGOMERY ledger_montgomery_adx

#include "crypto/curve_impl.h"

#endif
