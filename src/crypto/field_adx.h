/*
 * crypto/field_adx.h
 *		The four operations of field_portable.h, with MULX, ADCX and ADOX of x86-64.
 *
 * MULX leaves the flags alone, and ADCX and ADOX have a carry each: so the two
 * chains of additions that a row of products needs run side by side. Compilers
 * have no way to ask for that.
 *
 * A reduction folds the lowest of the words into the next four, see field_portable.h:
 *
 *		P-256	+ m (2^192 - 2^160 + 2^128) + m 2^32
 *		SM2		+ m (0 P3 P2 2^64-2^32+1), the words of (p + 1) / 2^64
 *
 * The blocks use few registers: they have to fit beside a frame pointer and what
 * the sanitizers want, and where nothing is optimised.
 */
#ifndef LEDGER_CRYPTO_FIELD_ADX_H
#define LEDGER_CRYPTO_FIELD_ADX_H

#include "crypto/curve_internal.h"

/* An operand: its address, and that it is read */
#define WORDS(a) [a] "r"(a), "m"(*(a))

static const uint64_t p1 = P1;
static const uint64_t p3 = P3;

/*
 * FOLD_5: w1 to w4 += w0 (p + 1) / 2^64, and w0 becomes a fifth word. FOLD_4: there
 * is no fourth word, and w0 becomes it; a number below 2^256 stays below it.
 */
#if defined(FIELD_P256)
#define FOLD(w0, w1, w2, w3) \
	"mov %[" w0 "], %%rdx\n\t" \
	"mov %[" w0 "], %[x]\n\t" \
	"shl $32, %[x]\n\t" \
	"mulx %[p3], %[z], %[" w0 "]\n\t" \
	"shr $32, %%rdx\n\t" \
	"add %[x], %[" w1 "]\n\t" \
	"adc %%rdx, %[" w2 "]\n\t" \
	"adc %[z], %[" w3 "]\n\t"
#define FOLD_5(w0, w1, w2, w3, w4) \
	FOLD(w0, w1, w2, w3) \
	"adc %[" w0 "], %[" w4 "]\n\t" \
	"mov $0, %k[" w0 "]\n\t" \
	"adc $0, %[" w0 "]\n\t"
#define FOLD_4(w0, w1, w2, w3) \
	FOLD(w0, w1, w2, w3) \
	"adc $0, %[" w0 "]\n\t"
#define P2_OPERAND "$0"
#define CONSTANTS [p1] "m"(p1), [p3] "m"(p3)
#else
static const uint64_t k0 = 0xffffffff00000001;
#define FOLD(w0, w1, w2, w3, w4) \
	"mov %[" w0 "], %%rdx\n\t" \
	"xor %k[" w0 "], %k[" w0 "]\n\t" \
	"mulx %[k0], %[x], %[z]\n\t" \
	"adcx %[x], %[" w1 "]\n\t" \
	"adox %[z], %[" w2 "]\n\t" \
	"mulx %[p2], %[x], %[z]\n\t" \
	"adcx %[x], %[" w2 "]\n\t" \
	"adox %[z], %[" w3 "]\n\t" \
	"mulx %[p3], %[x], %[z]\n\t" \
	"adcx %[x], %[" w3 "]\n\t" \
	"adox %[z], %[" w4 "]\n\t" \
	"mov $0, %k[x]\n\t" \
	"adcx %[x], %[" w4 "]\n\t"
#define FOLD_5(w0, w1, w2, w3, w4) \
	FOLD(w0, w1, w2, w3, w4) \
	"adox %[x], %[" w0 "]\n\t" \
	"adcx %[x], %[" w0 "]\n\t"
#define FOLD_4(w0, w1, w2, w3) FOLD(w0, w1, w2, w3, w0)
#define P2_OPERAND "$-1"
	static const uint64_t p2 = P2;
#define CONSTANTS [p1] "m"(p1), [p2] "m"(p2), [p3] "m"(p3), [k0] "m"(k0)
#endif

/* Less p unless that is negative; x is the fifth word. */
#define TAKE_OFF(a0, a1, a2, a3, s0, s1, s2, s3) \
	"mov %[" a0 "], %[" s0 "]\n\t" \
	"mov %[" a1 "], %[" s1 "]\n\t" \
	"mov %[" a2 "], %[" s2 "]\n\t" \
	"mov %[" a3 "], %[" s3 "]\n\t" \
	"sub $-1, %[" s0 "]\n\t" \
	"sbb %[p1], %[" s1 "]\n\t" \
	"sbb " P2_OPERAND ", %[" s2 "]\n\t" \
	"sbb %[p3], %[" s3 "]\n\t" \
	"sbb $0, %[x]\n\t" \
	"cmovnc %[" s0 "], %[" a0 "]\n\t" \
	"cmovnc %[" s1 "], %[" a1 "]\n\t" \
	"cmovnc %[" s2 "], %[" a2 "]\n\t" \
	"cmovnc %[" s3 "], %[" a3 "]\n\t"

/* t0 to t4 += b times the word of a at an offset; t4 is 0 or 1 before. */
#define ROW(a, t0, t1, t2, t3, t4) \
	"mov " a "(%[a]), %%rdx\n\t" \
	"xor %k[x], %k[x]\n\t" \
	"mulx (%[b]), %[x], %[z]\n\t" \
	"adcx %[x], %[" t0 "]\n\t" \
	"adox %[z], %[" t1 "]\n\t" \
	"mulx 8(%[b]), %[x], %[z]\n\t" \
	"adcx %[x], %[" t1 "]\n\t" \
	"adox %[z], %[" t2 "]\n\t" \
	"mulx 16(%[b]), %[x], %[z]\n\t" \
	"adcx %[x], %[" t2 "]\n\t" \
	"adox %[z], %[" t3 "]\n\t" \
	"mulx 24(%[b]), %[x], %[z]\n\t" \
	"adcx %[x], %[" t3 "]\n\t" \
	"adox %[z], %[" t4 "]\n\t" \
	"mov $0, %k[x]\n\t" \
	"adcx %[x], %[" t4 "]\n\t"

static inline void
fe_mul(const ledger_fe *a, const ledger_fe *b, ledger_fe *r)
{
	uint64_t	t0;
	uint64_t	t1;
	uint64_t	t2;
	uint64_t	t3;
	uint64_t	t4;
	uint64_t	x;
	uint64_t	z;

	/* after each row and its reduction t is below 2p; in the end it is t4, t0, t1, t2 and t3 */
	__asm__("mov (%[a]), %%rdx\n\t"
			"mulx (%[b]), %[t0], %[t1]\n\t"
			"mulx 8(%[b]), %[x], %[t2]\n\t"
			"mulx 16(%[b]), %[z], %[t3]\n\t"
			"add %[x], %[t1]\n\t"
			"mulx 24(%[b]), %[x], %[t4]\n\t"
			"adc %[z], %[t2]\n\t"
			"adc %[x], %[t3]\n\t"
			"adc $0, %[t4]\n\t"
			FOLD_5("t0", "t1", "t2", "t3", "t4")
			ROW("8", "t1", "t2", "t3", "t4", "t0")
			FOLD_5("t1", "t2", "t3", "t4", "t0")
			ROW("16", "t2", "t3", "t4", "t0", "t1")
			FOLD_5("t2", "t3", "t4", "t0", "t1")
			ROW("24", "t3", "t4", "t0", "t1", "t2")
			FOLD_5("t3", "t4", "t0", "t1", "t2")
			"mov %[t3], %[x]\n\t"
			TAKE_OFF("t4", "t0", "t1", "t2", "t3", "z", "a", "b")
			: [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [x] "=&r"(x),
			  [z] "=&r"(z), [a] "+&r"(a), [b] "+&r"(b)
			: "m"(*a), "m"(*b), CONSTANTS
			: "rdx", "cc");
	r->v[0] = t4;
	r->v[1] = t0;
	r->v[2] = t1;
	r->v[3] = t2;
}

static inline void
fe_sqr(const ledger_fe *a, ledger_fe *r)
{
	uint64_t	t0;
	uint64_t	t1;
	uint64_t	t2;
	uint64_t	t3;
	uint64_t	t4;
	uint64_t	t5;
	uint64_t	t6;
	uint64_t	t7;
	uint64_t	x;
	uint64_t	z;

	/* the products of different words, twice, and the squares of the words */
	__asm__("mov (%[a]), %%rdx\n\t"
			"mulx 8(%[a]), %[t1], %[t2]\n\t"
			"mulx 16(%[a]), %[x], %[t3]\n\t"
			"mulx 24(%[a]), %[z], %[t4]\n\t"
			"mov 24(%[a]), %%rdx\n\t"
			"mulx 8(%[a]), %[t0], %[t5]\n\t"
			"mulx 16(%[a]), %[t7], %[t6]\n\t"
			"add %[x], %[t2]\n\t"
			"adc %[z], %[t3]\n\t"
			"adc %[t0], %[t4]\n\t"
			"adc %[t7], %[t5]\n\t"
			"adc $0, %[t6]\n\t"
			"mov 8(%[a]), %%rdx\n\t"
			"mulx 16(%[a]), %[x], %[z]\n\t"
			"xor %k[t7], %k[t7]\n\t"
			"add %[x], %[t3]\n\t"
			"adc %[z], %[t4]\n\t"
			"adc $0, %[t5]\n\t"
			"adc $0, %[t6]\n\t"
			"mov (%[a]), %%rdx\n\t"
			"xor %k[t0], %k[t0]\n\t"
			"mulx %%rdx, %[t0], %[z]\n\t"
			"adcx %[t1], %[t1]\n\t"
			"adox %[z], %[t1]\n\t"
			"mov 8(%[a]), %%rdx\n\t"
			"mulx %%rdx, %[x], %[z]\n\t"
			"adcx %[t2], %[t2]\n\t"
			"adox %[x], %[t2]\n\t"
			"adcx %[t3], %[t3]\n\t"
			"adox %[z], %[t3]\n\t"
			"mov 16(%[a]), %%rdx\n\t"
			"mulx %%rdx, %[x], %[z]\n\t"
			"adcx %[t4], %[t4]\n\t"
			"adox %[x], %[t4]\n\t"
			"adcx %[t5], %[t5]\n\t"
			"adox %[z], %[t5]\n\t"
			"mov 24(%[a]), %%rdx\n\t"
			"mulx %%rdx, %[x], %[z]\n\t"
			"adcx %[t6], %[t6]\n\t"
			"adox %[x], %[t6]\n\t"
			"adcx %[t7], %[t7]\n\t"
			"adox %[z], %[t7]\n\t"
			FOLD_4("t0", "t1", "t2", "t3")
			FOLD_4("t1", "t2", "t3", "t0")
			FOLD_4("t2", "t3", "t0", "t1")
			FOLD_4("t3", "t0", "t1", "t2")
			"xor %k[x], %k[x]\n\t"
			"add %[t0], %[t4]\n\t"
			"adc %[t1], %[t5]\n\t"
			"adc %[t2], %[t6]\n\t"
			"adc %[t3], %[t7]\n\t"
			"adc $0, %[x]\n\t"
			TAKE_OFF("t4", "t5", "t6", "t7", "t0", "t1", "t2", "t3")
			: [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [t5] "=&r"(t5),
			  [t6] "=&r"(t6), [t7] "=&r"(t7), [x] "=&r"(x), [z] "=&r"(z)
			: WORDS(a), CONSTANTS
			: "rdx", "cc");
	r->v[0] = t4;
	r->v[1] = t5;
	r->v[2] = t6;
	r->v[3] = t7;
}

static inline void
fe_add(const ledger_fe *a, const ledger_fe *b, ledger_fe *r)
{
	uint64_t	t0 = a->v[0];
	uint64_t	t1 = a->v[1];
	uint64_t	t2 = a->v[2];
	uint64_t	t3 = a->v[3];
	uint64_t	s0;
	uint64_t	s1;
	uint64_t	s2;
	uint64_t	s3;
	uint64_t	x = 0;

	__asm__("add (%[b]), %[t0]\n\t"
			"adc 8(%[b]), %[t1]\n\t"
			"adc 16(%[b]), %[t2]\n\t"
			"adc 24(%[b]), %[t3]\n\t"
			"adc $0, %[x]\n\t"
			TAKE_OFF("t0", "t1", "t2", "t3", "s0", "s1", "s2", "s3")
			: [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [s0] "=&r"(s0), [s1] "=&r"(s1),
			  [s2] "=&r"(s2), [s3] "=&r"(s3), [x] "+&r"(x)
			: WORDS(b), CONSTANTS
			: "cc");
	r->v[0] = t0;
	r->v[1] = t1;
	r->v[2] = t2;
	r->v[3] = t3;
}

static inline void
fe_sub(const ledger_fe *a, const ledger_fe *b, ledger_fe *r)
{
	uint64_t	t0 = a->v[0];
	uint64_t	t1 = a->v[1];
	uint64_t	t2 = a->v[2];
	uint64_t	t3 = a->v[3];
	uint64_t	m;
	uint64_t	s1 = P1;
	uint64_t	s3 = P3;

	/* m is all ones when p is to be added: P0 is that, and P2 is that or 0 */
	__asm__("sub (%[b]), %[t0]\n\t"
			"sbb 8(%[b]), %[t1]\n\t"
			"sbb 16(%[b]), %[t2]\n\t"
			"sbb 24(%[b]), %[t3]\n\t"
			"sbb %[m], %[m]\n\t"
			"and %[m], %[s1]\n\t"
			"and %[m], %[s3]\n\t"
			"add %[m], %[t0]\n\t"
			"adc %[s1], %[t1]\n\t"
#if defined(FIELD_P256)
			"adc $0, %[t2]\n\t"
#else
			"adc %[m], %[t2]\n\t"
#endif
			"adc %[s3], %[t3]\n\t"
			: [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [s1] "+&r"(s1), [s3] "+&r"(s3),
			  [m] "=&r"(m)
			: WORDS(b)
			: "cc");
	r->v[0] = t0;
	r->v[1] = t1;
	r->v[2] = t2;
	r->v[3] = t3;
}

#endif							/* LEDGER_CRYPTO_FIELD_ADX_H */
