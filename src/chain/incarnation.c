/*
 * chain/incarnation.c
 *		A chain that goes on in a new place or on a new timeline.
 *
 * The INCARNATION entry has the order number 0 of its incarnation, so that it
 * comes before every other entry of it that is sealed with it or later.
 */
#include "chain/incarnation.h"

#include "access/table.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "chain/catalogue.h"
#include "chain/checkpoint.h"
#include "chain/found.h"
#include "chain/log_read.h"
#include "chain/shmem.h"
#include "chain/xact_state.h"
#include "core/body.h"
#include "executor/spi.h"
#include "ledger.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/uuid.h"

void
ledger_incarnation_lock(void)
{
	if (!ledger_is_preloaded())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot begin an incarnation because the ledger library was not loaded at server start"),
				 errhint("Add ledger to shared_preload_libraries and restart the server.")));
	if (ledger_restore)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot begin an incarnation while ledger.restore is on"),
				 errdetail("Nothing is sealed while it is on."),
				 errhint("Run RESET ledger.restore, and undo ALTER DATABASE or ALTER ROLE ... SET ledger.restore.")));
	if (ledger_xact_touched())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_STATE),
				 errmsg("cannot begin an incarnation in a transaction that has written to ledger tables"),
				 errhint("Use a transaction of its own.")));
	LockRelationOid(ledger_catalog_oid("incarnation", false), ShareRowExclusiveLock);
	LockRelationOid(ledger_catalog_oid("chain", false), ShareRowExclusiveLock);
	ledger_registry_reset(ledger_catalog_oid("chain", false));
}

/* Size and root of the log as it is here. */
static void
log_state(const LedgerChain *chain, uint64 *size, uint8 root[LEDGER_HASH_LEN])
{
	LedgerLog  *log = ledger_log_open(chain, GetActiveSnapshot());
	LedgerBlockRow newest;

	if (ledger_log_newest_block(log, &newest))
	{
		*size = newest.block.first_leaf + newest.block.n;
		memcpy(root, newest.block.log_root, LEDGER_HASH_LEN);
	}
	else
	{
		*size = 0;
		if (!ledger_hash(ledger_suite_hasher(chain->suite), "", 0, root))
			elog(ERROR, "could not compute a hash");
	}
	ledger_log_close(log);
}

/* Ereports unless the checkpoint is one of this log's. */
static void
continue_checkpoint(const LedgerChain *chain, const text *checkpoint, ledger_incarnation_body *body)
{
	ledger_tree_head head;
	char	   *problem;

	if (!ledger_checkpoint_is_ours(chain, VARDATA_ANY(checkpoint), VARSIZE_ANY_EXHDR(checkpoint), &head,
								   &problem))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the log here does not continue this checkpoint"),
				 errdetail_internal("%s", problem),
				 errhint("Without a checkpoint the chain goes on under a new origin.")));
	body->size = head.size;
	memcpy(body->root, head.root, LEDGER_HASH_LEN);
}

void
ledger_chain_settle(const LedgerChain *chain, const char *origin)
{
	Oid			types[] = {UUIDOID, TEXTOID, INT8OID, OIDOID};
	Datum		values[] = {
		ledger_uuid_datum(chain->chain_id),
		CStringGetTextDatum(origin),
		Int64GetDatum((int64) GetSystemIdentifier()),
		ObjectIdGetDatum(MyDatabaseId)
	};
	Relation	rel = table_open(ledger_catalog_oid("chain", false), RowExclusiveLock);
	Oid			save_user;
	int			save_context;

	GetUserIdAndSecContext(&save_user, &save_context);
	SetUserIdAndSecContext(rel->rd_rel->relowner, save_context | SECURITY_LOCAL_USERID_CHANGE);
	SPI_connect();
	if (ledger_catalogue_execute(
			"UPDATE ledger.chain SET origin = $2, system_identifier = $3, database_oid = $4"
			" WHERE chain_id OPERATOR(pg_catalog.=) $1",
			lengthof(types), types, values, NULL) != SPI_OK_UPDATE)
		elog(ERROR, "could not update ledger.chain");
	SPI_finish();
	SetUserIdAndSecContext(save_user, save_context);
	CacheInvalidateRelcache(rel);
	CommandCounterIncrement();
	ledger_registry_reset(RelationGetRelid(rel));
	table_close(rel, NoLock);
}

char *
ledger_incarnation_begin(const LedgerChain *chain, const text *checkpoint, uint32 reason)
{
	char	   *origin = palloc(LEDGER_ORIGIN_MAX + 1);
	uint32		incarnation;
	uint8		buf[256];
	ledger_writer w;
	ledger_incarnation_body body = {0};

	if (checkpoint != NULL)
		continue_checkpoint(chain, checkpoint, &body);
	else
		log_state(chain, &body.size, body.root);

	incarnation = ledger_take_incarnation(reason);
	if (checkpoint != NULL)
		strlcpy(origin, chain->origin, LEDGER_ORIGIN_MAX + 1);
	else
	{
		ledger_writer_init(&w, origin, LEDGER_ORIGIN_MAX);
		ledger_origin_write(&w, chain->chain_id, incarnation);
		origin[w.len] = '\0';
	}

	body.incarnation = (uint16) incarnation;
	body.reason = (uint8) reason;
	body.origin = ledger_slice_make(chain->origin, strlen(chain->origin));
	ledger_writer_init(&w, buf, sizeof(buf));
	if (ledger_incarnation_body_write(&w, &body) != LEDGER_OK)
		elog(ERROR, "could not write an INCARNATION entry");
	ledger_enter_now(chain, LEDGER_ENTRY_INCARNATION, buf, w.len, (uint64) incarnation << LEDGER_COUNTER_BITS,
					 NULL);
	ledger_incarnation_insert(chain, incarnation, reason);
	ledger_chain_settle(chain, origin);
	return origin;
}
