/*
 * api/fn_proof.c
 *		The type ledger.proof, and proving and verifying one statement.
 *
 * How a statement is asked is an error where it cannot be right: no statement,
 * another number of commitments, another scale, two suites. Whatever a proof or a
 * commitment holds is an answer: true or false, and false for NULL, so that a
 * CHECK constraint accepts nothing that is not proven.
 */
#include "compat.h"

#include "api/proof_args.h"
#include "chain/catalogue.h"
#include "common/hashfn.h"
#include "crypto/key.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(ledger_proof_in);
PG_FUNCTION_INFO_V1(ledger_proof_out);
PG_FUNCTION_INFO_V1(ledger_proof_recv);
PG_FUNCTION_INFO_V1(ledger_proof_send);
PG_FUNCTION_INFO_V1(ledger_proof_from_bytea);
PG_FUNCTION_INFO_V1(ledger_sql_prove);
PG_FUNCTION_INFO_V1(ledger_sql_verify_proof);

/* ---- the type ------------------------------------------------------------------------- */

const char *
ledger_proof_problem(const uint8 *bytes, size_t len)
{
	if (len <= LEDGER_PROOF_HEAD_LEN)
		return psprintf("Its length of %zu is too short for any proof.", len);
	if (len > LEDGER_PROOF_BYTES_MAX)
		return psprintf("Its length of %zu is too long for any proof.", len);
	if (bytes[0] != 'P' || bytes[1] != 1)
		return "It does not begin with the mark of a proof.";
	if (ledger_suite_name((ledger_suite) bytes[2]) == NULL)
		return psprintf("Suite %d is not known.", bytes[2]);
	return NULL;
}

static Datum
checked(const uint8 *bytes, size_t len, int sqlstate)
{
	const char *problem = ledger_proof_problem(bytes, len);

	if (problem != NULL)
		ereport(ERROR,
				(errcode(sqlstate),
				 errmsg("not a proof"),
				 errdetail_internal("%s", problem),
				 errhint("Proofs are made by ledger.prove().")));
	return ledger_bytes_datum(bytes, len);
}

Datum
ledger_proof_in(PG_FUNCTION_ARGS)
{
	size_t		len;
	uint8	   *bytes = ledger_hex_arg(PG_GETARG_CSTRING(0), "ledger.proof", &len);

	PG_RETURN_DATUM(checked(bytes, len, ERRCODE_INVALID_TEXT_REPRESENTATION));
}

Datum
ledger_proof_out(PG_FUNCTION_ARGS)
{
	bytea	   *proof = PG_GETARG_BYTEA_PP(0);

	PG_RETURN_CSTRING(ledger_hex_result(VARDATA_ANY(proof), VARSIZE_ANY_EXHDR(proof)));
}

Datum
ledger_proof_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			len = buf->len - buf->cursor;

	PG_RETURN_DATUM(
		checked((const uint8 *) pq_getmsgbytes(buf, len), len, ERRCODE_INVALID_BINARY_REPRESENTATION));
}

Datum
ledger_proof_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(PG_GETARG_BYTEA_P_COPY(0));
}

Datum
ledger_proof_from_bytea(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);

	PG_RETURN_DATUM(checked((const uint8 *) VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes),
							ERRCODE_INVALID_BINARY_REPRESENTATION));
}

/* ---- errors --------------------------------------------------------------------------- */

void
ledger_proof_status_error(ledger_proof_status status, const ledger_statement *s, int n,
						  const ledger_commitment *c, unsigned which)
{
	char		name[3];

	ledger_statement_name(status == LEDGER_PROOF_COUNT ? s->nvars - 1 : which, name);
	switch (status)
	{
		case LEDGER_PROOF_OK:
			break;
		case LEDGER_PROOF_FALSE:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("statement does not hold for these values"),
					 errhint("Only what is true can be proven.")));
			break;
		case LEDGER_PROOF_COUNT:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("wrong number of commitments: %d instead of %u", n, s->nvars),
					 errdetail("\"a\" is the first of the array, and the statement goes up to \"%s\".", name)));
			break;
		case LEDGER_PROOF_SUITE:
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("commitments are of different suites"),
					 errdetail("\"a\" is of suite %s, \"%s\" of suite %s.", ledger_suite_name(c[0].suite), name,
							   ledger_suite_name(c[which].suite)),
					 errhint("Commit to the values again, all with one suite.")));
			break;
		case LEDGER_PROOF_SCALE:
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("commitment \"%s\" has scale %u, but the statement has scale %u", name,
							c[which].scale, s->scale),
					 errhint("Begin the statement with the scale of its commitments, as in \"numeric(18,%u): ...\", or commit to a value cast to numeric(18,%u).",
							 c[which].scale, s->scale)));
			break;
		case LEDGER_PROOF_IDENTITY:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("commitment \"%s\" hides nothing", name),
					 errdetail("It is the sum of commitments that cancel; its value is known to be zero.")));
			break;
		case LEDGER_PROOF_OPENING:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("opening is not that of commitment \"%s\"", name),
					 errhint("Value, blinding and suite must be those that the commitment was made of.")));
			break;
		case LEDGER_PROOF_DIVISION:
			ereport(ERROR,
					(errcode(ERRCODE_DIVISION_BY_ZERO),
					 errmsg("division by zero"),
					 errdetail("A divisor of the statement is zero.")));
			break;
		case LEDGER_PROOF_MEMORY:
			break;
	}
	ledger_out_of_memory();
}

ledger_commitment *
ledger_commitments_arg(const ledger_statement *s, int n, const Datum *values, ledger_proof_status *status,
					   unsigned *which)
{
	ledger_commitment *c;

	if (n != (int) s->nvars)
		ledger_proof_status_error(LEDGER_PROOF_COUNT, s, n, NULL, 0);
	c = palloc(n * sizeof(ledger_commitment));
	for (int i = 0; i < n; i++)
		ledger_commitment_arg(values[i], &c[i]);
	*status = ledger_proof_check_commitments(s, n, c, which);
	if (*status != LEDGER_PROOF_OK && *status != LEDGER_PROOF_IDENTITY)
		ledger_proof_status_error(*status, s, n, c, *which);
	return c;
}

/* ---- prove ------------------------------------------------------------------------------ */

static void
null_opening(unsigned which)
{
	char		name[3];

	ledger_statement_name(which, name);
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("opening of commitment \"%s\" must not be null", name)));
}

ledger_proof_status
ledger_opening_read(Datum value, Datum blinding, const ledger_commitment *c, ledger_opening *open)
{
	LedgerBlindingStatus status = ledger_blinding_read(blinding, c->suite, &open->blinding);

	if ((status != LEDGER_BLINDING_OK && status != LEDGER_BLINDING_ZERO) ||
		ledger_number_read(value, (int) c->scale, &open->value, NULL) != LEDGER_NUMBER_OK)
		return LEDGER_PROOF_OPENING;
	return LEDGER_PROOF_OK;
}

bytea *
ledger_prove_arg(const char *text, size_t len, int n, const Datum *commitments, const Datum *openings,
				 const bytea *context)
{
	const ledger_statement *s = ledger_statement_arg(text, len);
	ledger_proof_status status;
	unsigned	which;
	ledger_commitment *c = ledger_commitments_arg(s, n, commitments, &status, &which);
	Datum	   *value = palloc(n * sizeof(Datum));
	Datum	   *blinding = palloc(n * sizeof(Datum));
	ledger_opening open[LEDGER_STATEMENT_MAX_VARS]; /* palloc() does not align a ledger_int */
	size_t		prooflen = ledger_proof_len(s);
	bytea	   *proof = palloc(VARHDRSZ + prooflen);
	uint8		seed[LEDGER_SEED_LEN];

	if (status == LEDGER_PROOF_OK && !ledger_random(seed, sizeof(seed)))
		status = LEDGER_PROOF_MEMORY;
	for (int i = 0; i < n; i++)
		if (!ledger_opening_fields(openings[i], &value[i], &blinding[i]))
			null_opening(i);
	for (int i = 0; status == LEDGER_PROOF_OK && i < n; i++)
	{
		which = i;
		status = ledger_opening_read(value[i], blinding[i], &c[i], &open[i]);
	}
	if (status == LEDGER_PROOF_OK)
		status = ledger_prove(s, n, c, open, VARDATA_ANY(context), VARSIZE_ANY_EXHDR(context), seed,
							  (uint8 *) VARDATA(proof), &which);
	ledger_wipe(open, sizeof(open));
	ledger_wipe(seed, sizeof(seed));
	if (status != LEDGER_PROOF_OK)
		ledger_proof_status_error(status, s, n, c, which);
	SET_VARSIZE(proof, VARHDRSZ + prooflen);
	return proof;
}

Datum *
ledger_commitment_array_arg(ArrayType *array, int *n)
{
	bool	   *nulls;
	Datum	   *values = ledger_array_arg(array, n, &nulls);

	for (int i = 0; i < *n; i++)
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("commitment must not be null")));
	return values;
}

/* ledger.prove(text, ledger.commitment[], ledger.opening[], bytea) returns ledger.proof */
Datum
ledger_sql_prove(PG_FUNCTION_ARGS)
{
	text	   *statement = PG_GETARG_TEXT_PP(0);
	bytea	   *context = PG_GETARG_BYTEA_PP(3);
	int			ncommitments;
	int			nopenings;
	bool	   *nulls;
	Datum	   *commitments = ledger_commitment_array_arg(PG_GETARG_ARRAYTYPE_P(1), &ncommitments);
	Datum	   *openings;

	openings = ledger_array_arg((ArrayType *) ledger_secret_detoast(PG_GETARG_DATUM(2)), &nopenings, &nulls);
	if (ncommitments != nopenings)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("wrong number of openings: %d instead of %d", nopenings, ncommitments),
				 errdetail("Each commitment needs its opening, in the same order.")));
	for (int i = 0; i < nopenings; i++)
		if (nulls[i])
			null_opening(i);
	PG_RETURN_BYTEA_P(ledger_prove_arg(VARDATA_ANY(statement), VARSIZE_ANY_EXHDR(statement), ncommitments,
									   commitments, openings, context));
}

/* ---- verify ----------------------------------------------------------------------------- */

bool
ledger_verify_arg(const char *text, size_t len, int n, const Datum *commitments, const bytea *proof,
				  const bytea *context)
{
	const ledger_statement *s = ledger_statement_arg(text, len);
	ledger_proof_status status;
	unsigned	which;
	ledger_commitment *c = ledger_commitments_arg(s, n, commitments, &status, &which);
	ledger_proof_check check = {
		.statement = s,
		.n = n,
		.commitments = c,
		.context = VARDATA_ANY(context),
		.contextlen = VARSIZE_ANY_EXHDR(context),
		.proof = (const uint8 *) VARDATA_ANY(proof),
		.prooflen = VARSIZE_ANY_EXHDR(proof)
	};

	if (status == LEDGER_PROOF_OK)
		status = ledger_proof_verify(&check);
	if (status == LEDGER_PROOF_MEMORY)
		ledger_proof_status_error(status, s, n, c, 0);
	pfree(c);
	return status == LEDGER_PROOF_OK;
}

/* ledger.verify_proof(text, ledger.commitment[], ledger.proof, bytea) returns boolean */
Datum
ledger_sql_verify_proof(PG_FUNCTION_ARGS)
{
	text	   *statement;
	Datum	   *commitments;
	bool	   *nulls;
	int			n;

	for (int i = 0; i < 4; i++)
		if (PG_ARGISNULL(i))
			PG_RETURN_BOOL(false);
	statement = PG_GETARG_TEXT_PP(0);
	commitments = ledger_array_arg(PG_GETARG_ARRAYTYPE_P(1), &n, &nulls);
	for (int i = 0; i < n; i++)
		if (nulls[i])
			PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(ledger_verify_arg(VARDATA_ANY(statement), VARSIZE_ANY_EXHDR(statement), n, commitments,
									 PG_GETARG_BYTEA_PP(2), PG_GETARG_BYTEA_PP(3)));
}
