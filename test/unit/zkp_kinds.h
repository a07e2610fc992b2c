/*
 * test/unit/zkp_kinds.h
 *		Statements of every kind, and two proofs of each under both suites.
 */
#ifndef LEDGER_TEST_ZKP_KINDS_H
#define LEDGER_TEST_ZKP_KINDS_H

#include "zkp_sample.h"

static const struct
{
	const char *text;
	ledger_int	value[4];
}			kinds[] = {
	{"a = b", {7, 7}},
	{"a + b = c and a - b = d", {5, 3, 8, 2}},
	{"a * b = c", {3, -4, -12}},
	{"a <> b", {3, 4}},
	{"a in 8", {-5}},
	{"a in [0, 1000]", {1000}},
	{"a < b given a in 8, b in 8", {-1, 1}},
	{"a <= b and b <= c given a in 8, b in 8, c in 8", {-1, 1, 1}},
	{"a / b = c rem d given a in 8, b in 8", {-7, 2, -3, -1}},
	{"numeric(9,2): a * b = c * 1.00 and c in [0, 2.55] and a <> 0", {150, 100, 150}},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* Two proofs of each kind and suite, for whoever needs one. */
static sample *proven[2][KINDS][2];

static inline void
prove_kinds(void)
{
	for (unsigned i = 0; i < 2; i++)
		for (unsigned k = 0; k < KINDS; k++)
			for (unsigned j = 0; j < 2; j++)
			{
				sample	   *p = sample_proven(suites[i], kinds[k].text, kinds[k].value);

				proven[i][k][j] = p;
				expect(verify(p) == LEDGER_PROOF_OK, "%s is verified", kinds[k].text);
			}
	done("every kind of statement is proven and verified");
}

static inline void
free_kinds(void)
{
	for (unsigned i = 0; i < 2; i++)
		for (unsigned k = 0; k < KINDS; k++)
			for (unsigned j = 0; j < 2; j++)
				sample_free(proven[i][k][j]);
}

#endif							/* LEDGER_TEST_ZKP_KINDS_H */
