/*
 * api/fn_chain.c
 *		SQL functions: found a chain, make and change its key, wait for blocks, go on
 *		after a copy.
 */
#include "compat.h"

#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "chain/catalogue.h"
#include "chain/checkpoint.h"
#include "chain/found.h"
#include "chain/incarnation.h"
#include "chain/log_read.h"
#include "chain/member_list.h"
#include "chain/restore.h"
#include "chain/seal.h"
#include "chain/shmem.h"
#include "chain/xact_state.h"
#include "core/body.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "ledger.h"
#include "miscadmin.h"
#include "network/keyfile.h"
#include "pgstat.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

PG_FUNCTION_INFO_V1(ledger_sql_init);
PG_FUNCTION_INFO_V1(ledger_sql_init_key);
PG_FUNCTION_INFO_V1(ledger_sql_rotate_key);
PG_FUNCTION_INFO_V1(ledger_sql_verifier_key);
PG_FUNCTION_INFO_V1(ledger_sql_wait_sealed);
PG_FUNCTION_INFO_V1(ledger_sql_new_incarnation);

/* longest nap of ledger.wait_sealed() between two looks */
#define WAIT_LOOK_MS 1000

/* ledger.init(text) returns uuid */
Datum
ledger_sql_init(PG_FUNCTION_ARGS)
{
	char	   *name = PG_ARGISNULL(0) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(0));
	ledger_suite suite = (ledger_suite) ledger_suite_setting;
	const LedgerChain *chain;
	bool		founded;

	if (name != NULL && !ledger_suite_from_name(name, &suite))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cryptographic suite \"%s\" does not exist", name),
				 errhint("The suites are \"std\" and \"gm\".")));
	chain = ledger_found_chain(suite, &founded);
	if (!founded)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("this database has a chain already"),
				 errdetail("It is %s, of suite %s.", chain->origin, ledger_suite_name(chain->suite))));
	return ledger_uuid_datum(chain->chain_id);
}

/* ---- keys ------------------------------------------------------------------- */

static void
key_problem(const LedgerKeyProblem *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_CONFIG_FILE_ERROR),
			 errmsg("%s", problem->message),
			 problem->hint != NULL ? errhint("%s", problem->hint) : 0));
}

static void
need_superuser(const char *what)
{
	if (!superuser())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be superuser to %s", what),
				 errdetail("Key files are read and written with the rights of the server.")));
}

static text *
vkey_text(const ledger_vkey *vkey)
{
	char		buf[LEDGER_VKEY_TEXT_MAX];
	ledger_writer w;

	ledger_writer_init(&w, buf, sizeof(buf));
	if (ledger_vkey_write(&w, vkey) != LEDGER_OK)
		elog(ERROR, "could not write a verifier key");
	return cstring_to_text_with_len(buf, (int) w.len);
}

/* ledger.init_key(text, text) returns text: makes a key file, gives its verifier key */
Datum
ledger_sql_init_key(PG_FUNCTION_ARGS)
{
	const LedgerChain *chain;
	const ledger_member *member = NULL;
	ledger_suite suite = (ledger_suite) ledger_suite_setting;
	LedgerKeyProblem problem = {0};
	char		name[LEDGER_MEMBER_NAME_MAX + 1];
	ledger_key *key;
	ledger_vkey vkey;
	uint8		spki[LEDGER_SPKI_LEN];
	ledger_key_error error;
	char	   *path;

	need_superuser("make a key file");
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("path must not be null")));
	path = text_to_cstring(PG_GETARG_TEXT_PP(0));
	ledger_founder_name(name);
	chain = ledger_chain();
	if (chain != NULL)
	{
		suite = chain->suite;
		member = ledger_members_find(ledger_members_load(chain, CurrentMemoryContext), LEDGER_SOLO_MEMBER);
	}
	key = ledger_keyfile_create(path, suite, PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1)),
								false, &problem);
	if (key == NULL)
		key_problem(&problem);
	error = ledger_key_spki(key, spki);
	ledger_key_free(key);
	if (error == LEDGER_KEY_OK && member != NULL)
		error = ledger_vkey_make(&vkey, suite, (const char *) member->name.data, member->name.len, spki,
								 sizeof(spki));
	else if (error == LEDGER_KEY_OK)
		error = ledger_vkey_make(&vkey, suite, name, strlen(name), spki, sizeof(spki));
	if (error != LEDGER_KEY_OK)
		elog(ERROR, "%s", ledger_key_error_text(error));
	ereport(NOTICE,
			(errmsg("made key file \"%s\"", path),
			 errhint("Set ledger.key_file to it, for this database with ALTER DATABASE ... SET, and keep a copy in a safe place.")));
	PG_RETURN_TEXT_P(vkey_text(&vkey));
}

static const ledger_member *
solo_member(const LedgerChain *chain)
{
	const ledger_member *member =
		ledger_members_find(ledger_members_load(chain, CurrentMemoryContext), LEDGER_SOLO_MEMBER);

	if (member == NULL || member->sign_key.len == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the chain has no signing key yet"),
				 errhint("The sealer enters it with the first checkpoint; ledger.health_check() says what is missing.")));
	return member;
}

/* ledger.verifier_key() returns text */
Datum
ledger_sql_verifier_key(PG_FUNCTION_ARGS)
{
	const LedgerChain *chain = ledger_need_chain();
	const ledger_member *member = solo_member(chain);
	ledger_vkey vkey;
	ledger_key_error error = ledger_vkey_make(&vkey, chain->suite, (const char *) member->name.data,
											  member->name.len, member->sign_key.data, member->sign_key.len);

	if (error != LEDGER_KEY_OK)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the chain's signing key cannot be used: %s", ledger_key_error_text(error))));
	PG_RETURN_TEXT_P(vkey_text(&vkey));
}

/* ledger.rotate_key(text, text) returns void: enters the key of a file, approved by the present one */
Datum
ledger_sql_rotate_key(PG_FUNCTION_ARGS)
{
	const LedgerChain *chain;
	const ledger_member *member;
	LedgerKeyProblem problem = {0};
	ledger_key *old_key;
	ledger_key *new_key;
	uint8		spki[LEDGER_SPKI_LEN];
	uint8		old_spki[LEDGER_SPKI_LEN];
	uint8		approval[LEDGER_SIGNATURE_MAX];
	uint8		buf[512];
	ledger_writer w;
	ledger_key_body body = {.member = LEDGER_SOLO_MEMBER, .usage = LEDGER_KEY_SIGN};
	size_t		len = 0;
	bool		development;
	bool		ok;
	char	   *path;
	char	   *old_path;

	need_superuser("change the signing key");
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("path must not be null")));
	chain = ledger_need_chain();
	member = solo_member(chain);
	path = text_to_cstring(PG_GETARG_TEXT_PP(0));
	old_path = ledger_keyfile_path(chain, &development);

	old_key = ledger_keyfile_read(old_path, chain->suite, ledger_key_passphrase_command, &problem);
	if (old_key == NULL)
		key_problem(&problem);
	new_key = ledger_keyfile_read(path, chain->suite,
								  PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1)), &problem);
	if (new_key == NULL)
	{
		ledger_key_free(old_key);
		key_problem(&problem);
	}

	/* nothing here may ereport until the keys are freed */
	ok = ledger_key_spki(old_key, old_spki) == LEDGER_KEY_OK &&
		ledger_key_spki(new_key, spki) == LEDGER_KEY_OK;
	body.spki.data = spki;
	body.spki.len = sizeof(spki);
	ledger_writer_init(&w, buf, sizeof(buf));
	ok = ok && ledger_key_approval_message(&w, chain->chain_id, &body) == LEDGER_OK &&
		ledger_sign(old_key, buf, w.len, approval, &len) == LEDGER_KEY_OK;
	ledger_key_free(old_key);
	ledger_key_free(new_key);
	if (!ok)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("the present key could not approve the new one")));
	if (member->sign_key.len != sizeof(old_spki) ||
		memcmp(member->sign_key.data, old_spki, sizeof(old_spki)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the key in \"%s\" is not the signing key of this chain", old_path),
				 errdetail("A new key must be approved by the present one."),
				 errhint("Set ledger.key_file to the present key first.")));
	if (memcmp(spki, old_spki, sizeof(spki)) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the key in \"%s\" is the signing key already", path)));

	body.approval.data = approval;
	body.approval.len = len;
	ledger_writer_init(&w, buf, sizeof(buf));
	if (ledger_key_body_write(&w, &body) != LEDGER_OK)
		elog(ERROR, "could not write a KEY entry");
	ledger_xact_add_entry(LEDGER_ENTRY_KEY, buf, w.len, false);
	ereport(NOTICE,
			(errmsg("the new key counts from this transaction on"),
			 errhint("Set ledger.key_file to \"%s\" now; until then checkpoints are not signed.", path)));
	PG_RETURN_VOID();
}

/* ---- waiting ---------------------------------------------------------------- */

static bool
is_sealed(const LedgerChain *chain, uint64 ledger_tx)
{
	LedgerLog  *log;
	const LedgerLeaf *leaves;
	bool		sealed;

	PushActiveSnapshot(GetLatestSnapshot());
	log = ledger_log_open(chain, GetActiveSnapshot());
	sealed = ledger_log_find(log, ledger_tx, &leaves) > 0;
	ledger_log_close(log);
	PopActiveSnapshot();
	return sealed;
}

/* ledger.wait_sealed(bigint, interval) returns bool */
Datum
ledger_sql_wait_sealed(PG_FUNCTION_ARGS)
{
	uint64		ledger_tx = (uint64) PG_GETARG_INT64(0);
	TimestampTz until = DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval,
																TimestampTzGetDatum(GetCurrentTimestamp()),
																PG_GETARG_DATUM(1)));
	const LedgerChain *chain = ledger_need_chain();
	LedgerDbSlot *slot = ledger_find_slot(MyDatabaseId);
	bool		sealed;

	if (slot == NULL)
	{
		/* nobody has written since the server started, and nobody seals on a standby */
		if (!is_sealed(chain, ledger_tx) && ledger_shared != NULL && !RecoveryInProgress())
			slot = ledger_my_slot();
		else
			PG_RETURN_BOOL(is_sealed(chain, ledger_tx));
	}
	for (;;)
	{
		long		left;

		ConditionVariablePrepareToSleep(&slot->sealed_cv);
		sealed = is_sealed(chain, ledger_tx);
		left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), until);
		if (sealed || left <= 0)
			break;
		ledger_hurry_sealer(slot);
		ConditionVariableTimedSleep(&slot->sealed_cv, Min(left, WAIT_LOOK_MS), PG_WAIT_EXTENSION);
	}
	ConditionVariableCancelSleep();
	PG_RETURN_BOOL(sealed);
}

/* ---- copies, recoveries, promotions ------------------------------------------- */

/* ledger.new_incarnation(text) returns text: the origin from now on */
Datum
ledger_sql_new_incarnation(PG_FUNCTION_ARGS)
{
	LedgerChain chain;
	LedgerIdentity identity;
	bool		same_system;
	uint32		reason;
	char	   *why;

	ledger_incarnation_lock();
	chain = *ledger_need_chain();
	if (ledger_restore_is_pending(&chain))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the chain of this database was loaded from a dump"),
				 errhint("Run ledger.restore_finish().")));
	identity = ledger_chain_identity(&chain, &why);
	if (identity == LEDGER_IDENTITY_OURS)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the chain needs no new incarnation"),
				 errdetail("It was sealed and signed in this database before, without an interruption that it does not know of.")));

	same_system = chain.system_identifier == (int64) GetSystemIdentifier();
	if (identity == LEDGER_IDENTITY_COPY && same_system && !PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("a copy of a database in the same server cannot keep the origin"),
				 errdetail("The database that it was copied from goes on under it."),
				 errhint("Call ledger.new_incarnation() without a checkpoint.")));
	if (identity == LEDGER_IDENTITY_TIMELINE)
		reason = PG_ARGISNULL(0) ? LEDGER_INCARNATION_FORK : LEDGER_INCARNATION_PROMOTION;
	else
		reason = same_system ? LEDGER_INCARNATION_CLONE : LEDGER_INCARNATION_RESTORE;
	PG_RETURN_TEXT_P(cstring_to_text(
		ledger_incarnation_begin(&chain, PG_ARGISNULL(0) ? NULL : PG_GETARG_TEXT_PP(0), reason)));
}
