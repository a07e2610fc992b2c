/*
 * chain/checkpoint.c
 *		Signed notes of the log's state.
 *
 * A checkpoint is signed only after its block is durable, so nothing that was
 * signed is ever lost in a crash. Each is a full statement by itself: an older
 * one that was never published may go when a newer one is there, and one for
 * each minute stays.
 */
#include "chain/checkpoint.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "chain/catalogue.h"
#include "chain/log_read.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/uuid.h"

/* A statement and its plan, which is kept: the sealer signs ten times a second. */
typedef struct Change
{
	const char *sql;
	SPIPlanPtr	plan;
} Change;

static Change insert_note = {"INSERT INTO ledger.checkpoint (chain_id, size, note) VALUES ($1, $2, $3)"};
static Change delete_note = {"DELETE FROM ledger.checkpoint WHERE chain_id OPERATOR(pg_catalog.=) $1"
							 " AND size OPERATOR(pg_catalog.=) $2 AND published_at IS NULL"};
static Change set_published = {
	"UPDATE ledger.checkpoint SET published_at = pg_catalog.now()"
	" WHERE chain_id OPERATOR(pg_catalog.=) $1 AND size OPERATOR(pg_catalog.=) $2"};

static void
make_change(Change *change, const LedgerChain *chain, uint64 size, const char *note)
{
	Oid			types[] = {UUIDOID, INT8OID, TEXTOID};
	Datum		values[3];

	values[0] = ledger_uuid_datum(chain->chain_id);
	values[1] = Int64GetDatum((int64) size);
	values[2] = note != NULL ? CStringGetTextDatum(note) : (Datum) 0;
	SPI_connect();
	if (change->plan == NULL)
	{
		SPIPlanPtr	plan = SPI_prepare(change->sql, note != NULL ? 3 : 2, types);

		if (plan == NULL || SPI_keepplan(plan) != 0)
			elog(ERROR, "could not prepare a change of ledger.checkpoint");
		change->plan = plan;
	}
	if (SPI_execute_plan(change->plan, values, NULL, false, 0) < 0)
		elog(ERROR, "could not write to ledger.checkpoint");
	SPI_finish();
}

void
ledger_checkpoint_sign(const LedgerSealer *sealer, const ledger_key *key, uint64 replaces, bool thin,
					   char note[LEDGER_NOTE_MAX])
{
	const LedgerChain *chain = ledger_sealer_chain(sealer);
	const ledger_member *member = ledger_members_find(ledger_sealer_members(sealer), LEDGER_SOLO_MEMBER);
	ledger_tree_head head = {0};
	ledger_writer w;

	Assert(member != NULL);
	if (!ledger_origin_parse(chain->origin, strlen(chain->origin), head.chain_id, &head.incarnation))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the origin of the chain is not valid: \"%s\"", chain->origin)));
	head.size = ledger_sealer_size(sealer);
	head.height = ledger_sealer_height(sealer);
	ledger_sealer_root(sealer, head.root, head.block_hash);

	ledger_writer_init(&w, note, LEDGER_NOTE_MAX - 1);
	if (ledger_note_write(&w, &head, key, (const char *) member->name.data, member->name.len) != LEDGER_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not sign a checkpoint")));
	note[w.len] = '\0';

	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	make_change(&insert_note, chain, head.size, note);
	if (thin)
		make_change(&delete_note, chain, replaces, NULL);
	PopActiveSnapshot();
	CommitTransactionCommand();
}

void
ledger_checkpoint_load(const LedgerSealer *sealer, uint64 size, char note[LEDGER_NOTE_MAX])
{
	Oid			types[] = {UUIDOID, INT8OID};
	Datum		values[2];

	note[0] = '\0';
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	values[0] = ledger_uuid_datum(ledger_sealer_chain(sealer)->chain_id);
	values[1] = Int64GetDatum((int64) size);
	SPI_connect();
	if (SPI_execute_with_args("SELECT note FROM ledger.checkpoint WHERE chain_id OPERATOR(pg_catalog.=) $1"
							  " AND size OPERATOR(pg_catalog.=) $2",
							  2, types, values, NULL, true, 1) == SPI_OK_SELECT &&
		SPI_processed == 1)
		strlcpy(note, SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1), LEDGER_NOTE_MAX);
	SPI_finish();
	PopActiveSnapshot();
	CommitTransactionCommand();
}

void
ledger_checkpoint_published(const LedgerSealer *sealer, uint64 size)
{
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	make_change(&set_published, ledger_sealer_chain(sealer), size, NULL);
	PopActiveSnapshot();
	CommitTransactionCommand();
}

/* Every signing key that a member of the chain has had, as verifier keys. */
static ledger_vkey *
all_keys(const LedgerChain *chain, size_t *n)
{
	Oid			types[] = {UUIDOID};
	Datum		values[] = {ledger_uuid_datum(chain->chain_id)};
	MemoryContext context = CurrentMemoryContext;
	ledger_vkey *keys;

	SPI_connect();
	if (SPI_execute_with_args("SELECT DISTINCT name, sign_key FROM ledger.member"
							  " WHERE chain_id OPERATOR(pg_catalog.=) $1"
							  " AND pg_catalog.octet_length(sign_key) OPERATOR(pg_catalog.>) 0",
							  1, types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read ledger.member");
	keys = MemoryContextAlloc(context, Max(SPI_processed, 1) * sizeof(ledger_vkey));
	*n = 0;
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool		isnull;
		struct varlena *name =
			PG_DETOAST_DATUM_PACKED(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull));
		struct varlena *spki =
			PG_DETOAST_DATUM_PACKED(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2, &isnull));

		if (ledger_vkey_make(&keys[*n], chain->suite, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name),
							 (const uint8_t *) VARDATA_ANY(spki), VARSIZE_ANY_EXHDR(spki)) == LEDGER_KEY_OK)
			(*n)++;
	}
	SPI_finish();
	return keys;
}

/* The root that our log had at this size. */
static bool
root_at(const LedgerChain *chain, uint64 size, uint64 *our_size, uint8 root[32])
{
	LedgerLog  *log = ledger_log_open(chain, GetActiveSnapshot());
	LedgerBlockRow newest;
	bool		ok = false;

	*our_size = 0;
	if (ledger_log_newest_block(log, &newest))
	{
		*our_size = newest.block.first_leaf + newest.block.n;
		ok = size <= *our_size &&
			ledger_tree_root(ledger_suite_hasher(chain->suite), size, ledger_log_node, log, root) ==
				LEDGER_OK;
	}
	ledger_log_close(log);
	return ok;
}

bool
ledger_checkpoint_is_ours(const LedgerChain *chain, const char *note, size_t len, ledger_tree_head *head,
						  char **problem)
{
	ledger_note parsed;
	ledger_status status = ledger_note_parse(note, len, &parsed);
	ledger_vkey *keys;
	size_t		nkeys;
	uint8		root[32];
	uint64		our_size;
	char		origin[LEDGER_ORIGIN_MAX + 1];
	ledger_writer w;

	if (status != LEDGER_OK)
	{
		*problem = psprintf("it is not a checkpoint: %s", ledger_status_text(status));
		return false;
	}
	*head = parsed.head;
	ledger_writer_init(&w, origin, LEDGER_ORIGIN_MAX);
	ledger_origin_write(&w, head->chain_id, head->incarnation);
	origin[w.len] = '\0';
	if (strcmp(origin, chain->origin) != 0)
	{
		*problem = psprintf("its origin is %s and that of this chain is %s", origin, chain->origin);
		return false;
	}
	keys = all_keys(chain, &nkeys);
	status = ledger_note_verify(&parsed, keys, nkeys, NULL);
	if (status != LEDGER_OK)
	{
		*problem = psprintf("its signature is not one of this chain: %s", ledger_status_text(status));
		return false;
	}
	if (!root_at(chain, head->size, &our_size, root))
	{
		*problem = psprintf("it is of size %llu and the log here has %llu entries",
							(unsigned long long) head->size, (unsigned long long) our_size);
		return false;
	}
	if (memcmp(root, head->root, sizeof(root)) != 0)
	{
		*problem = psprintf("the log here had another root at size %llu", (unsigned long long) head->size);
		return false;
	}
	return true;
}
