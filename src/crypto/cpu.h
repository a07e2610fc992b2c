/*
 * crypto/cpu.h
 *		What the CPU under this process can do.
 */
#ifndef LEDGER_CRYPTO_CPU_H
#define LEDGER_CRYPTO_CPU_H

#include <stdbool.h>

typedef struct
{
	bool		avx2;
	bool		avx512;			/* F, BW and VBMI2 */
	bool		sha;			/* the SHA instructions of x86 */
	bool		bmi2;			/* BMI1 and BMI2: rotations with a result of their own */
	bool		adx;			/* MULX, ADCX and ADOX */
	bool		ifma;			/* avx512 and adx, and the products of 52 bits of AVX-512 IFMA */
	bool		gfni;			/* the instructions of Galois fields, as wide as the vectors */
} ledger_cpu;

/* The features are usable: the operating system keeps their registers as well. */
extern ledger_cpu ledger_cpu_features(void);

#endif							/* LEDGER_CRYPTO_CPU_H */
