/*
 * crypto/curve_p256_ifma.c
 *		P-256 with MULX, ADCX and ADOX, and with AVX-512 IFMA for many points.
 */
#if defined(__x86_64__)

#define FIELD_P256
#define FIELD_ADX
#define CURVE_IFMA
#define CURVE_KERNEL ledger_p256_ifma
#define CURVE_NAME "ifma"
#define CURVE_MONTGOMERY ledger_montgomery_adx

#include "crypto/curve_impl.h"

#endif
