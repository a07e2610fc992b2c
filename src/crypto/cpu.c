/*
 * crypto/cpu.c
 *		What the CPU under this process can do.
 */
#include "crypto/cpu.h"

#if defined(__x86_64__)

#include <cpuid.h>

/* CPUID leaf 7, EBX; compilers before gcc 11 have no name for it */
#define LEAF7_EBX_BMI2 (1u << 8)
#define LEAF7_EBX_ADX (1u << 19)
#define LEAF7_EBX_IFMA (1u << 21)
#define LEAF7_EBX_SHA (1u << 29)

/*
 * VBMI2 is not used, but asked for: cores with AVX-512 that lack it lower the
 * clock of everything else that runs after 512-bit instructions, and AVX2 serves
 * them better.
 */
static ledger_cpu
ask(void)
{
	ledger_cpu	cpu = {0};
	unsigned	eax;
	unsigned	ebx;
	unsigned	ecx;
	unsigned	edx;

	__builtin_cpu_init();
	if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0)
		ebx = 0;
	cpu.avx2 = __builtin_cpu_supports("avx2");
	cpu.avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
		__builtin_cpu_supports("avx512vbmi2");
	cpu.sha = __builtin_cpu_supports("sse4.1") && (ebx & LEAF7_EBX_SHA) != 0;
	cpu.bmi2 = __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
	cpu.adx = (ebx & LEAF7_EBX_BMI2) != 0 && (ebx & LEAF7_EBX_ADX) != 0;
	cpu.ifma = cpu.avx512 && cpu.adx && (ebx & LEAF7_EBX_IFMA) != 0;
	cpu.gfni = cpu.avx2 && __builtin_cpu_supports("gfni");
	return cpu;
}

/* CPUID leaves a virtual machine for its host each time, which costs as much as many hashes. */
ledger_cpu
ledger_cpu_features(void)
{
	static ledger_cpu cpu;
	static bool asked;

	if (!asked)
	{
		cpu = ask();
		asked = true;
	}
	return cpu;
}

#else

ledger_cpu
ledger_cpu_features(void)
{
	return (ledger_cpu){0};
}

#endif
