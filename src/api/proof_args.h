/*
 * api/proof_args.h
 *		Statements, commitments, openings and proofs between SQL and src/zkp.
 *
 * What is named ..._arg ereports, in the words of the SQL reference. A secret is
 * in no message, and every copy of one that these functions make is wiped, also
 * before they ereport.
 *
 * A ledger_int is aligned to 16 bytes, which palloc() does not promise: none stands
 * in memory from there.
 */
#ifndef LEDGER_API_PROOF_ARGS_H
#define LEDGER_API_PROOF_ARGS_H

#include "compat.h"

#include "utils/array.h"
#include "utils/lsyscache.h"
#include "zkp/proof.h"

/* The longest proof that any statement has. */
#define LEDGER_PROOF_BYTES_MAX 24576

/* Ereports 53200, for the parts that do not use palloc(). */
extern void ledger_out_of_memory(void) pg_attribute_noreturn();

/* ---- statements --------------------------------------------------------------------- */

/*
 * The parsed statement, from a cache of this backend: good until the next call.
 * Ereports what is wrong with it, with its place.
 */
extern const ledger_statement *ledger_statement_arg(const char *text, size_t len);

/* The same, the caller's own, who frees it. */
extern ledger_statement *ledger_statement_own(const char *text, size_t len);

/* ---- numbers ------------------------------------------------------------------------ */

typedef enum LedgerNumberStatus
{
	LEDGER_NUMBER_OK,
	LEDGER_NUMBER_NOT_FINITE,
	LEDGER_NUMBER_SCALE,		/* more decimals than a commitment can have */
	LEDGER_NUMBER_RANGE,		/* 2^126 or more, times 10^scale */
	LEDGER_NUMBER_INEXACT		/* digits beyond the scale asked for */
} LedgerNumberStatus;

/* *v = a numeric times 10^scale; scale < 0: times 10 to the decimals it shows. *shown may be NULL. */
extern LedgerNumberStatus ledger_number_read(Datum numeric, int scale, ledger_int *v, unsigned *shown);

/* Ereports 22003; not for OK and INEXACT. */
extern void ledger_number_error(LedgerNumberStatus status) pg_attribute_noreturn();

/* The numeric of v / 10^scale, palloc'd. */
extern Datum ledger_number_datum(ledger_int v, unsigned scale);

typedef enum LedgerBlindingStatus
{
	LEDGER_BLINDING_OK,
	LEDGER_BLINDING_LENGTH,
	LEDGER_BLINDING_ZERO,
	LEDGER_BLINDING_ORDER		/* not below the order of the curve */
} LedgerBlindingStatus;

/* ZERO has set *r too. */
extern LedgerBlindingStatus ledger_blinding_read(Datum blinding, ledger_suite suite, ledger_scalar *r);

/* Ereports 22023. */
extern void ledger_blinding_error(LedgerBlindingStatus status, ledger_suite suite) pg_attribute_noreturn();

/* ---- commitments -------------------------------------------------------------------- */

/* Of a value of type ledger.commitment. Ereports XX001 where its bytes are none. */
extern void ledger_commitment_arg(Datum value, ledger_commitment *c);
extern Datum ledger_commitment_datum(const ledger_commitment *c);

/* Why bytes are no commitment, as the detail of a message; NULL where they are one. */
extern const char *ledger_commitment_problem(const uint8 *bytes, size_t len);

/* The suite that a name stands for; NULL: that of the chain, or of the one that would be founded. */
extern ledger_suite ledger_suite_arg(const text *name);

/* The elements of an array of any dimensions; *nulls says whether one is NULL. */
extern Datum *ledger_array_arg(ArrayType *array, int *n, bool **nulls);

/* ---- bytes as text ------------------------------------------------------------------ */

/* The bytes of \x and hexadecimal digits; ereports 22P02, naming the type. */
extern uint8 *ledger_hex_arg(const char *text, const char *type, size_t *len);
extern char *ledger_hex_result(const void *bytes, size_t len);

/* ---- proofs ------------------------------------------------------------------------- */

/* Why bytes cannot be a proof of any statement; NULL where head and length are those of one. */
extern const char *ledger_proof_problem(const uint8 *bytes, size_t len);

/* ledger.prove(): openings are values of type ledger.opening. */
extern bytea *ledger_prove_arg(const char *text, size_t len, int n, const Datum *commitments,
							   const Datum *openings, const bytea *context);

/* ledger.verify_proof() */
extern bool ledger_verify_arg(const char *text, size_t len, int n, const Datum *commitments,
							  const bytea *proof, const bytea *context);

/* Count, suites and scales as errors; *which as of ledger_proof_check_commitments(). */
extern void ledger_proof_status_error(ledger_proof_status status, const ledger_statement *s, int n,
									  const ledger_commitment *c, unsigned which) pg_attribute_noreturn();

/*
 * The commitments of a statement, counted and decoded; ereports what is wrong with all but the
 * identity, which is left in *status with *which.
 */
extern ledger_commitment *ledger_commitments_arg(const ledger_statement *s, int n, const Datum *values,
												 ledger_proof_status *status, unsigned *which);

/* What opens c; OPENING where it cannot. A blinding that is none opens nothing either. */
extern ledger_proof_status ledger_opening_read(Datum value, Datum blinding, const ledger_commitment *c,
											   ledger_opening *open);

/* The elements of ledger.commitment[], none of them NULL; ereports. */
extern Datum *ledger_commitment_array_arg(ArrayType *array, int *n);

/*
 * A value that holds a secret, detoasted. Where that takes a copy, the copy is wiped
 * when the current memory context is reset, and must not be freed before.
 */
extern struct varlena *ledger_secret_detoast(Datum value);

/* Value and blinding of a composite ledger.opening, at a scale. False where one of them is NULL. */
extern bool ledger_opening_fields(Datum opening, Datum *value, Datum *blinding);

#endif							/* LEDGER_API_PROOF_ARGS_H */
