/*
 * network/signer.c
 *		The key that checkpoints are signed with.
 *
 * A chain has one signing key at a time, named by its KEY entries. Where the
 * chain has none yet, the key file's becomes it; without ledger.key_file a
 * development key is made. Where it has one, only that one is used: another is
 * never made, or taken, without a word of the chain about it.
 */
#include "network/signer.h"

#include "access/xact.h"
#include "chain/checkpoint.h"
#include "chain/xact_state.h"
#include "core/body.h"
#include "ledger.h"
#include "network/keyfile.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#define RETRY_MS 5000

struct LedgerSigner
{
	MemoryContext context;
	LedgerDbSlot *slot;
	ledger_key *key;			/* NULL until read */
	uint8		spki[LEDGER_SPKI_LEN];
	bool		entered;		/* its KEY entry is committed */
	TimestampTz tried_at;
	char		problem[512];	/* what was last said in the log */
};

LedgerSigner *
ledger_signer_new(MemoryContext context, LedgerDbSlot *slot)
{
	LedgerSigner *signer = MemoryContextAllocZero(context, sizeof(LedgerSigner));

	signer->context = context;
	signer->slot = slot;
	return signer;
}

void
ledger_signer_refuse(LedgerSigner *signer, const char *message, const char *hint)
{
	char		problem[sizeof(signer->problem)];

	if (message == NULL)
		problem[0] = '\0';
	else if (hint == NULL)
		strlcpy(problem, message, sizeof(problem));
	else
		snprintf(problem, sizeof(problem), "%s\n%s", message, hint);
	if (strcmp(problem, signer->problem) == 0)
		return;
	strlcpy(signer->problem, problem, sizeof(signer->problem));
	LWLockAcquire(&signer->slot->lock, LW_EXCLUSIVE);
	strlcpy(signer->slot->sign_problem, problem, sizeof(signer->slot->sign_problem));
	LWLockRelease(&signer->slot->lock);
	if (message != NULL)
		ereport(LOG,
				(errmsg("checkpoints are not signed: %s", message),
				 hint != NULL ? errhint("%s", hint) : 0));
}

static void
refuse(LedgerSigner *signer, const LedgerKeyProblem *problem)
{
	ledger_signer_refuse(signer, problem->message, problem->hint);
}

/* Read the key file, or make a development key where the chain has no key yet. */
static void
read_key(LedgerSigner *signer, const LedgerChain *chain, bool chain_has_key)
{
	LedgerKeyProblem problem = {0};
	bool		development;
	char	   *path = ledger_keyfile_path(chain, &development);
	ledger_key *key = ledger_keyfile_read(path, chain->suite, ledger_key_passphrase_command, &problem);

	if (key == NULL && problem.missing && development && chain_has_key)
	{
		ledger_signer_refuse(
			signer,
			psprintf("ledger.key_file is not set, and the development key \"%s\" of this chain is gone",
					 path),
			"Put that file back, or set ledger.key_file to a copy of the chain's key. No other key is made,"
			" because the chain names this one.");
		return;
	}
	if (key == NULL && problem.missing && development)
	{
		key = ledger_keyfile_create(path, chain->suite, NULL, true, &problem);
		if (key != NULL)
			ereport(LOG,
					(errmsg("made development key \"%s\"", path),
					 errhint("For production make a key with SELECT ledger.init_key(path) before the first ledger table"
							 " and set ledger.key_file.")));
		else
			problem.hint = psprintf(
				"Make a key with SELECT ledger.init_key('/path/%s.pem') in a directory that the server can write,"
				" then ALTER DATABASE ... SET ledger.key_file.",
				ledger_suite_name(chain->suite));
	}
	if (key == NULL)
	{
		refuse(signer, &problem);
		return;
	}
	if (ledger_key_spki(key, signer->spki) != LEDGER_KEY_OK)
	{
		ledger_key_free(key);
		ledger_signer_refuse(signer, psprintf("the public key of \"%s\" could not be computed", path), NULL);
		return;
	}
	signer->key = key;
}

static void
enter_key(LedgerSigner *signer)
{
	uint8		buf[512];
	ledger_writer w;
	ledger_key_body body = {
		.member = LEDGER_SOLO_MEMBER,
		.usage = LEDGER_KEY_SIGN,
		.spki = {signer->spki, sizeof(signer->spki)}
	};

	ledger_writer_init(&w, buf, sizeof(buf));
	if (ledger_key_body_write(&w, &body) != LEDGER_OK)
		elog(ERROR, "could not write a KEY entry");
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	ledger_xact_add_entry(LEDGER_ENTRY_KEY, buf, w.len, false);
	PopActiveSnapshot();
	CommitTransactionCommand();
	signer->entered = true;
}

const ledger_key *
ledger_signer_key(LedgerSigner *signer, LedgerSealer *sealer)
{
	const ledger_member *member = ledger_members_find(ledger_sealer_members(sealer), LEDGER_SOLO_MEMBER);
	TimestampTz now = GetCurrentTimestamp();

	if (member == NULL)
	{
		ledger_signer_refuse(signer, "the chain has no member to sign for", "Run ledger.verify().");
		return NULL;
	}
	if (signer->key == NULL)
	{
		if (signer->tried_at != 0 && !TimestampDifferenceExceeds(signer->tried_at, now, RETRY_MS))
			return NULL;
		signer->tried_at = now;
		read_key(signer, ledger_sealer_chain(sealer), member->sign_key.len > 0);
		if (signer->key == NULL)
			return NULL;
	}
	if (member->sign_key.len == 0)
	{
		if (!signer->entered)
			enter_key(signer);
		return NULL;
	}
	if (member->sign_key.len != sizeof(signer->spki) ||
		memcmp(member->sign_key.data, signer->spki, sizeof(signer->spki)) != 0)
	{
		bool		development;
		char	   *path = ledger_keyfile_path(ledger_sealer_chain(sealer), &development);

		ledger_signer_refuse(
			signer, psprintf("the key in \"%s\" is not the signing key of this chain", path),
			"Set ledger.key_file to the key that the chain names (see ledger.verifier_key()),"
			" or replace that one by SELECT ledger.rotate_key(path).");
		ledger_key_free(signer->key);
		signer->key = NULL;
		return NULL;
	}
	ledger_signer_refuse(signer, NULL, NULL);
	return signer->key;
}
