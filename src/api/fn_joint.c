/*
 * api/fn_joint.c
 *		Several owners prove one statement together, each in a session of its own.
 *
 * What a party keeps from one round to the next stays in its backend and is gone
 * with it: no caller can hear a round twice, so no nonce answers two challenges.
 */
#include "compat.h"

#include "api/proof_args.h"
#include "chain/catalogue.h"
#include "crypto/key.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "zkp/joint.h"

PG_FUNCTION_INFO_V1(ledger_joint_prove);
PG_FUNCTION_INFO_V1(ledger_joint_next);
PG_FUNCTION_INFO_V1(ledger_joint_result);

#define MAX_SESSIONS 16

typedef struct Session
{
	char	   *name;			/* NULL: free */
	ledger_statement *statement;
	ledger_joint *joint;
	int			parties;
	bool		done;
} Session;

static Session sessions[MAX_SESSIONS];

static void
session_end(Session *session)
{
	ledger_joint_free(session->joint);
	ledger_statement_free(session->statement);
	if (session->name != NULL)
		pfree(session->name);
	memset(session, 0, sizeof(*session));
}

static Session *
session_find(const char *name)
{
	for (int i = 0; i < MAX_SESSIONS; i++)
		if (sessions[i].joint != NULL && strcmp(sessions[i].name, name) == 0)
			return &sessions[i];
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("no joint proof \"%s\" is under way in this session", name),
			 errhint("It begins with ledger.joint_prove() and ends with its first error, or with the connection.")));
}

/* A free place under a name; what had that name is given up, and what an error left without a beginning. */
static Session *
session_begin(const char *name)
{
	Session	   *free_one = NULL;

	for (int i = 0; i < MAX_SESSIONS; i++)
	{
		if (sessions[i].name != NULL && (sessions[i].joint == NULL || strcmp(sessions[i].name, name) == 0))
			session_end(&sessions[i]);
		if (sessions[i].name == NULL && free_one == NULL)
			free_one = &sessions[i];
	}
	if (free_one == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("%d joint proofs are under way in this session", MAX_SESSIONS),
				 errhint("Finish one with ledger.joint_result().")));
	free_one->name = MemoryContextStrdup(TopMemoryContext, name);
	return free_one;
}

/* Ends the session, and says why. */
static void
joint_error(Session *session, ledger_joint_status status, ledger_proof_status proof, unsigned which,
			const ledger_commitment *c)
{
	ledger_statement *s = session->statement;
	int			nvars = (int) s->nvars;
	char		name[3];

	ledger_statement_name(which, name);
	/* only that a statement fails has other words here, once others take part */
	if (status == LEDGER_JOINT_PROOF && (c != NULL || proof != LEDGER_PROOF_FALSE))
	{
		/* its message needs the statement for a moment more */
		session->statement = NULL;
		session_end(session);
		PG_TRY();
		{
			ledger_proof_status_error(proof, s, nvars, c, which);
		}
		PG_FINALLY();
		{
			ledger_statement_free(s);
		}
		PG_END_TRY();
	}
	session_end(session);
	switch (status)
	{
		case LEDGER_JOINT_OK:
		case LEDGER_JOINT_DONE:
			break;
		case LEDGER_JOINT_PROOF:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("statement does not hold for the values of all parties"),
					 errdetail("Or a party gave a wrong answer. Those who took part can work out by how much an equality fails, and nothing else.")));
			break;
		case LEDGER_JOINT_MESSAGE:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("message of party %u is not the one of this round", which + 1),
					 errdetail("It is damaged, of another round, another party or another proof."),
					 errhint("All messages of one round are given once, in the order of the parties; begin again.")));
			break;
		case LEDGER_JOINT_OTHER:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("party %u proves something else", which + 1),
					 errdetail("Statement, commitments, context and number of parties must be the same for all.")));
			break;
		case LEDGER_JOINT_NOBODY:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("no party knows enough to prove the statement"),
					 errdetail("A comparison, a product or a quotient needs one party that knows all of its values; each value needs a party that knows it."),
					 errhint("An owner may give its opening to one of the other parties, who can then prove that part.")));
			break;
		case LEDGER_JOINT_SHARE:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("party %u does not keep to what it promised in the first round", which + 1)));
			break;
	}
	elog(ERROR, "unexpected status of a joint proof: %d", (int) status);
}

/* Our openings; those that are NULL belong to others. */
static ledger_proof_status
read_known(const ledger_statement *s, ArrayType *array, const ledger_commitment *c, bool *known,
		   ledger_opening *open, unsigned *which)
{
	bool	   *nulls;
	int			n;
	Datum	   *openings = ledger_array_arg(array, &n, &nulls);
	ledger_proof_status status = LEDGER_PROOF_OK;

	if (n != (int) s->nvars)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%u commitments and %d openings are given", s->nvars, n),
				 errdetail("Each commitment has its place, NULL where the opening is not ours.")));
	for (int i = 0; i < n && status == LEDGER_PROOF_OK; i++)
	{
		Datum		value, blinding;

		*which = i;
		known[i] = !nulls[i] && ledger_opening_fields(openings[i], &value, &blinding);
		if (known[i])
			status = ledger_opening_read(value, blinding, &c[i], &open[i]);
	}
	return status;
}

static Datum
message_datum(const ledger_joint *joint)
{
	ledger_slice m = ledger_joint_message(joint);

	return ledger_bytes_datum(m.data, m.len);
}

/* ledger.joint_prove(text, text, ledger.commitment[], ledger.opening[], integer, integer, bytea) returns bytea */
Datum
ledger_joint_prove(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	text	   *text_arg = PG_GETARG_TEXT_PP(1);
	ArrayType  *openings = (ArrayType *) ledger_secret_detoast(PG_GETARG_DATUM(3));
	int			party = PG_GETARG_INT32(4);
	int			parties = PG_GETARG_INT32(5);
	bytea	   *context = PG_GETARG_BYTEA_PP(6);
	const char *statement = VARDATA_ANY(text_arg);
	size_t		len = VARSIZE_ANY_EXHDR(text_arg);
	const ledger_statement *s = ledger_statement_arg(statement, len);
	bool		known[LEDGER_STATEMENT_MAX_VARS];
	ledger_opening open[LEDGER_STATEMENT_MAX_VARS];
	uint8		seed[LEDGER_SEED_LEN];
	ledger_proof_status proof;
	ledger_joint_status status = LEDGER_JOINT_PROOF;
	ledger_commitment *c;
	Datum	   *values;
	unsigned	which = 0;
	Session	   *session;
	int			n;

	if (parties < 2 || parties > LEDGER_JOINT_MAX_PARTIES || party < 1 || party > parties)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("party %d of %d cannot be", party, parties),
				 errdetail("There are 2 to %d parties, counted from 1.", LEDGER_JOINT_MAX_PARTIES)));
	values = ledger_commitment_array_arg(PG_GETARG_ARRAYTYPE_P(2), &n);
	c = ledger_commitments_arg(s, n, values, &proof, &which);
	session = session_begin(name);
	session->statement = ledger_statement_own(statement, len);
	session->parties = parties;
	if (proof == LEDGER_PROOF_OK)
		proof = read_known(session->statement, openings, c, known, open, &which);
	if (proof == LEDGER_PROOF_OK && !ledger_random(seed, sizeof(seed)))
		proof = LEDGER_PROOF_MEMORY;
	if (proof == LEDGER_PROOF_OK)
		status = ledger_joint_start(session->statement, n, c, known, open, VARDATA_ANY(context),
									VARSIZE_ANY_EXHDR(context), party - 1, parties, seed, &session->joint,
									&proof, &which);
	ledger_wipe(open, sizeof(open));
	ledger_wipe(seed, sizeof(seed));
	if (status != LEDGER_JOINT_OK)
		joint_error(session, status, proof, which, c);
	PG_RETURN_DATUM(message_datum(session->joint));
}

/* ledger.joint_next(text, bytea[]) returns bytea */
Datum
ledger_joint_next(PG_FUNCTION_ARGS)
{
	Session	   *session = session_find(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	ledger_slice slice[LEDGER_JOINT_MAX_PARTIES];
	ledger_joint_status status;
	ledger_proof_status proof;
	unsigned	which;
	bool	   *nulls;
	int			n;
	Datum	   *messages = ledger_array_arg(PG_GETARG_ARRAYTYPE_P(1), &n, &nulls);

	if (session->done)
		PG_RETURN_NULL();
	if (n != session->parties)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%d messages are given, but there are %d parties", n, session->parties),
				 errhint("Give the messages of all parties in their order, your own included.")));
	for (int i = 0; i < n; i++)
	{
		bytea	   *message;

		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("message of party %d must not be null", i + 1)));
		message = DatumGetByteaPP(messages[i]);
		slice[i] = ledger_slice_make(VARDATA_ANY(message), VARSIZE_ANY_EXHDR(message));
	}
	status = ledger_joint_hear(session->joint, slice, &proof, &which);
	if (status != LEDGER_JOINT_OK && status != LEDGER_JOINT_DONE)
		joint_error(session, status, proof, which, NULL);
	session->done = status == LEDGER_JOINT_DONE;
	if (session->done)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(message_datum(session->joint));
}

/* ledger.joint_result(text) returns ledger.proof */
Datum
ledger_joint_result(PG_FUNCTION_ARGS)
{
	Session	   *session = session_find(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	Datum		proof;

	if (!session->done)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("joint proof \"%s\" is not finished", session->name),
				 errhint("Exchange messages with ledger.joint_next() until it returns NULL.")));
	proof = ledger_bytes_datum(ledger_joint_proof(session->joint), ledger_proof_len(session->statement));
	session_end(session);
	PG_RETURN_DATUM(proof);
}
