/*
 * crypto/curve_sm2_ifma.c
 *		The SM2 curve with MULX, ADCX and ADOX, and with AVX-512 IFMA for many points.
 */
#if defined(__x86_64__)

#define FIELD_SM2
#define FIELD_ADX
#define CURVE_IFMA
#define CURVE_KERNEL ledger_sm2_ifma
#define CURVE_NAME "ifma"
#define CURVE_MONTGOMERY ledger_montgomery_adx

#include "crypto/curve_impl.h"

#endif
