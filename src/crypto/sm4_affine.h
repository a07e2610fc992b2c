/*
 * crypto/sm4_affine.h
 *		SM4 as inversions in the field of AES and matrices over GF(2).
 *
 * The S-box is S(x) = A (A x + c)^-1 + c in the field GF(2)[x] / (x^8 + x^7 +
 * x^6 + x^5 + x^4 + x^2 + 1), with A the circulant matrix whose first row is a7 and
 * c = d3: its algebraic form is well known and agrees with the table of the
 * standard. Through one of the eight isomorphisms phi to the field of AES, whose
 * inversion the GFNI instructions have,
 *
 *		S(x) = U (T x + t)^-1 + c,		T = phi A, t = phi c, U = A phi^-1.
 *
 * All words are kept as T x + t. The linear maps L and L' of the rounds and of the
 * key schedule rotate words by bits; seen byte by byte they are sums of matrices
 * of the bytes at the four distances, L(s) = sum of N(d) s rotated left by d
 * bytes. U before and T behind them are merged into them, so that for a word v of
 * inverses
 *
 *		T L(U v + c) = sum over d of P(d) v rotated left by d bytes, plus e
 *
 * with P(d) = T N(d) U. Each is one instruction, a matrix and an inversion at once;
 * P(1) and P(2) are equal. Round keys are kept as T k, without t: three words of the
 * state add up to one t.
 *
 * test/unit/test_cipher.c proves all of it anew from the standard's table.
 * A matrix is written as GF2P8AFFINEQB wants it, row i in byte 7 - i.
 */
#ifndef LEDGER_CRYPTO_SM4_AFFINE_H
#define LEDGER_CRYPTO_SM4_AFFINE_H

#define LEDGER_SM4_T 0x4c287db91a22505d
#define LEDGER_SM4_T_ADD 0x3e	/* t */
#define LEDGER_SM4_U 0xf3ab34a974a6b589
#define LEDGER_SM4_U_ADD 0xd3	/* c */

/* T^-1, and T^-1 t: from T x + t back to x */
#define LEDGER_SM4_BACK 0xb3a4f5863284728b
#define LEDGER_SM4_BACK_ADD 0x75

/* P(0), P(1) = P(2), P(3) and e, for L */
#define LEDGER_SM4_P0 0x040db891e9a481b7
#define LEDGER_SM4_P1 0x2c020425162040ad
#define LEDGER_SM4_P3 0x280fbcb4ff84c11a
#define LEDGER_SM4_P_ADD 0x63

/* the same for L' */
#define LEDGER_SM4_Q0 0x280f0901760dc1af
#define LEDGER_SM4_Q1 0xabf358c700f3abab
#define LEDGER_SM4_Q2 0x13b5336648748933
#define LEDGER_SM4_Q3 0x54c1eccce6812f59
#define LEDGER_SM4_Q_ADD 0xc5

#endif							/* LEDGER_CRYPTO_SM4_AFFINE_H */
