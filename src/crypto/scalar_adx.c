/*
 * crypto/scalar_adx.c
 *		The product of crypto/scalar.c with MULX, ADCX and ADOX of x86-64.
 */
#if defined(__x86_64__)

#include "crypto/curve_internal.h"

/* t0 to t5 += u v, with u in rdx; t0 to t4 is what t was, t5 what is carried */
#define ROW(v, t0, t1, t2, t3, t4, t5) \
	"xor %k[x], %k[x]\n\t" \
	"mulx (%[" v "]), %[x], %[z]\n\t" \
	"adcx %[x], %[" t0 "]\n\t" \
	"adox %[z], %[" t1 "]\n\t" \
	"mulx 8(%[" v "]), %[x], %[z]\n\t" \
	"adcx %[x], %[" t1 "]\n\t" \
	"adox %[z], %[" t2 "]\n\t" \
	"mulx 16(%[" v "]), %[x], %[z]\n\t" \
	"adcx %[x], %[" t2 "]\n\t" \
	"adox %[z], %[" t3 "]\n\t" \
	"mulx 24(%[" v "]), %[x], %[z]\n\t" \
	"adcx %[x], %[" t3 "]\n\t" \
	"adox %[z], %[" t4 "]\n\t" \
	"mov $0, %k[x]\n\t" \
	"adcx %[x], %[" t4 "]\n\t" \
	"adox %[x], %[" t5 "]\n\t" \
	"adcx %[x], %[" t5 "]\n\t"

/* t = (t + a b + m n) / 2^64 for one word of a; t0 is 0 after it and the next t5 */
#define STEP(a, t0, t1, t2, t3, t4, t5) \
	"mov " a "(%[a]), %%rdx\n\t" \
	ROW("b", t0, t1, t2, t3, t4, t5) \
	"mov %[" t0 "], %%rdx\n\t" \
	"imul %[n_inv], %%rdx\n\t" \
	ROW("n", t0, t1, t2, t3, t4, t5)

void
ledger_montgomery_adx(const uint64_t n[4], uint64_t n_inv, const uint64_t a[4], const uint64_t b[4],
							   uint64_t r[4])
{
	uint64_t	t0 = 0;
	uint64_t	t1 = 0;
	uint64_t	t2 = 0;
	uint64_t	t3 = 0;
	uint64_t	t4 = 0;
	uint64_t	t5 = 0;
	uint64_t	x;
	uint64_t	z;

	/* at the end t is t4, t5, t0, t1 and t2: less n, unless that is negative */
	__asm__(STEP("", "t0", "t1", "t2", "t3", "t4", "t5") STEP("8", "t1", "t2", "t3", "t4", "t5", "t0")
				STEP("16", "t2", "t3", "t4", "t5", "t0", "t1")
					STEP("24", "t3", "t4", "t5", "t0", "t1", "t2") "mov %[t4], %[x]\n\t"
																   "mov %[t5], %[z]\n\t"
																   "mov %[t0], %[t3]\n\t"
																   "mov %[t1], %%rdx\n\t"
																   "sub (%[n]), %[x]\n\t"
																   "sbb 8(%[n]), %[z]\n\t"
																   "sbb 16(%[n]), %[t3]\n\t"
																   "sbb 24(%[n]), %%rdx\n\t"
																   "sbb $0, %[t2]\n\t"
																   "cmovnc %[x], %[t4]\n\t"
																   "cmovnc %[z], %[t5]\n\t"
																   "cmovnc %[t3], %[t0]\n\t"
																   "cmovnc %%rdx, %[t1]\n\t"
			: [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [t4] "+&r"(t4), [t5] "+&r"(t5),
			  [x] "=&r"(x), [z] "=&r"(z)
			: [a] "r"(a), [b] "r"(b), [n] "r"(n), [n_inv] "m"(n_inv)
			: "rdx", "cc", "memory");
	r[0] = t4;
	r[1] = t5;
	r[2] = t0;
	r[3] = t1;
}

#endif
