/*
 * test/fuzz/proof_statements.h
 *		The statements whose proofs fuzz_proof.c checks; seeds.c gives it the golden ones of them.
 */
#ifndef LEDGER_FUZZ_PROOF_STATEMENTS_H
#define LEDGER_FUZZ_PROOF_STATEMENTS_H

static const char *const proof_statements[] = {"a = b",
											   "a * b = c",
											   "a <> b",
											   "a in 8",
											   "a in 8 and b in 9",
											   "a / b = c rem d given a in 8, b in 8",
											   "a >= 0 given a in [0, 100]"};

#define N_PROOF_STATEMENTS (sizeof(proof_statements) / sizeof(proof_statements[0]))

#endif							/* LEDGER_FUZZ_PROOF_STATEMENTS_H */
