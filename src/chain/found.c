/*
 * chain/found.c
 *		The first transaction of a chain.
 *
 * The chain's id is a hash of its genesis entry, and rows written later in the
 * same transaction already need the chain. So the genesis entry is complete, and
 * inserted, at founding; only the transaction's other entries wait for
 * PRE_COMMIT. If the transaction aborts, nothing was founded.
 */
#include "chain/found.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "chain/catalogue.h"
#include "chain/entry_store.h"
#include "chain/shmem.h"
#include "chain/xact_state.h"
#include "commands/dbcommands.h"
#include "core/entry.h"
#include "core/identity.h"
#include "executor/spi.h"
#include "ledger.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/timestamp.h"

#define GENESIS_WEIGHT 1

const char *
ledger_incarnation_reason_name(uint32 reason)
{
	static const char *const names[] = {
		"unknown", "start", "exhaustion", "restore", "promotion", "clone", "fork"
	};

	return reason < lengthof(names) ? names[reason] : names[0];
}

/* Run one INSERT as the owner of the table: the caller may be any writer of a ledger table. */
static void
insert_as_owner(Relation rel, const char *sql, int nargs, Oid *types, Datum *values)
{
	Oid			save_user;
	int			save_context;

	GetUserIdAndSecContext(&save_user, &save_context);
	SetUserIdAndSecContext(rel->rd_rel->relowner,
						   save_context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (ledger_catalogue_execute(sql, nargs, types, values, NULL) != SPI_OK_INSERT)
		elog(ERROR, "could not insert into %s", RelationGetRelationName(rel));
	SPI_finish();
	SetUserIdAndSecContext(save_user, save_context);
}

void
ledger_incarnation_insert(const LedgerChain *chain, uint32 incarnation, uint32 reason)
{
	Relation	rel = table_open(ledger_catalog_oid("incarnation", false), RowExclusiveLock);
	Oid			types[] = {UUIDOID, INT4OID, TEXTOID, TIMESTAMPTZOID, INT8OID, INT4OID};
	Datum		values[] = {
		ledger_uuid_datum(chain->chain_id),
		Int32GetDatum((int32) incarnation),
		CStringGetTextDatum(ledger_incarnation_reason_name(reason)),
		TimestampTzGetDatum(GetCurrentTimestamp()),
		Int64GetDatum((int64) GetSystemIdentifier()),
		Int32GetDatum((int32) GetWALInsertionTimeLine())
	};

	insert_as_owner(rel, "INSERT INTO ledger.incarnation VALUES ($1, $2, $3, $4, $5, $6)", lengthof(types),
					types, values);
	table_close(rel, NoLock);
}

void
ledger_enter_now(const LedgerChain *chain, uint8 type, const void *body, size_t len, uint64 ord,
				 uint8 chain_id[16])
{
	LedgerEntryRow row = {0};
	uint8		seed[LEDGER_SEED_LEN];
	uint8	   *extra = palloc(len + 1);

	extra[0] = LEDGER_EXTRA_OPEN;
	memcpy(extra + 1, body, len);
	if (!pg_strong_random(seed, sizeof(seed)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));

	row.xid = U64FromFullTransactionId(GetTopFullTransactionId());
	row.ord = ord;
	row.ledger_tx = ledger_current_tx();
	row.stamped_at = GetCurrentTimestamp();
	row.chain_no = chain->chain_no;
	row.type = type;
	row.part = ledger_xact_take_part();
	row.role = GetUserNameFromId(GetUserId(), true);
	if (row.role == NULL)
		row.role = "";
	row.role_len = strlen(row.role);
	row.seed = seed;
	row.extra = extra;
	row.extra_len = len + 1;

	if (chain_id != NULL)
	{
		uint8	   *entry = palloc(LEDGER_ENTRY_MAX);
		const char *problem = "";
		size_t		entry_len = ledger_entry_encode(chain, &row, entry, &problem);

		if (entry_len == 0 ||
			!ledger_genesis_chain_id(ledger_suite_hasher(chain->suite), entry, entry_len, chain_id))
			ereport(ERROR,
					(errcode(ERRCODE_INTERNAL_ERROR),
					 errmsg("could not compute the id of the chain"),
					 errdetail_internal("%s", problem)));
		pfree(entry);
	}
	ledger_entry_insert(&row);
	pfree(extra);
}

void
ledger_founder_name(char name[LEDGER_MEMBER_NAME_MAX + 1])
{
	const char *database = get_database_name(MyDatabaseId);
	int			n = 0;

	for (const char *p = database ? database : "ledger"; *p != '\0' && n < LEDGER_MEMBER_NAME_MAX; p++)
	{
		bool		ok = (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') ||
			*p == '.' || *p == '_' || *p == '-';

		name[n++] = ok ? *p : '-';
	}
	name[n] = '\0';
}

static void
insert_genesis(LedgerChain *chain)
{
	char		name[LEDGER_MEMBER_NAME_MAX + 1];
	uint8		buf[256];
	ledger_writer w;
	ledger_member_body body = {
		.action = LEDGER_MEMBER_ADD,
		.member = 0,
		.suite = (uint8) chain->suite,
		.weight = GENESIS_WEIGHT
	};

	ledger_founder_name(name);
	body.name.data = (const uint8 *) name;
	body.name.len = strlen(name);
	if (!pg_strong_random(body.nonce, sizeof(body.nonce)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));
	ledger_writer_init(&w, buf, sizeof(buf));
	if (ledger_member_body_write(&w, &body) != LEDGER_OK)
		elog(ERROR, "could not write the genesis entry");
	ledger_enter_now(chain, LEDGER_ENTRY_MEMBER, buf, w.len, ledger_next_ord(), chain->chain_id);
}

const LedgerChain *
ledger_found_chain(ledger_suite suite, bool *founded)
{
	Relation	rel;
	LedgerChain chain = {0};
	const LedgerChain *existing;
	char		hex[33];

	if (!ledger_is_preloaded())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot found a chain because the ledger library was not loaded at server start"),
				 errhint("Add ledger to shared_preload_libraries and restart the server.")));
	if (GetDatabaseEncoding() == PG_SQL_ASCII)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("ledger tables are not supported in a database with encoding SQL_ASCII"),
				 errdetail("Text is hashed as UTF-8, and nothing says which encoding this text has."),
				 errhint("Create the database with ENCODING 'UTF8'.")));

	/* A second founder waits here; then it sees the first one's chain. */
	rel = table_open(ledger_catalog_oid("chain", false), ShareRowExclusiveLock);
	ledger_registry_reset(RelationGetRelid(rel));
	existing = ledger_chain();
	if (founded != NULL)
		*founded = existing == NULL;
	if (existing != NULL)
	{
		table_close(rel, NoLock);
		return existing;
	}

	chain.chain_no = 1;
	chain.suite = suite;
	chain.system_identifier = (int64) GetSystemIdentifier();
	chain.database_oid = MyDatabaseId;
	insert_genesis(&chain);
	ledger_hex_encode(chain.chain_id, sizeof(chain.chain_id), hex);
	snprintf(chain.origin, sizeof(chain.origin), "ledger/%s", hex);

	{
		Oid			types[] = {UUIDOID, TEXTOID, TEXTOID, INT8OID, OIDOID, TIMESTAMPTZOID};
		Datum		values[] = {
			ledger_uuid_datum(chain.chain_id),
			CStringGetTextDatum(ledger_suite_name(suite)),
			CStringGetTextDatum(chain.origin),
			Int64GetDatum(chain.system_identifier),
			ObjectIdGetDatum(chain.database_oid),
			TimestampTzGetDatum(GetCurrentTimestamp())
		};

		insert_as_owner(rel,
						"INSERT INTO ledger.chain (chain_id, chain_no, suite, origin, active,"
						" system_identifier, database_oid, created_at)"
						" VALUES ($1, 1, $2, $3, true, $4, $5, $6)",
						lengthof(types), types, values);
	}
	ledger_incarnation_insert(&chain, ledger_tx_incarnation(ledger_current_tx()), LEDGER_INCARNATION_START);

	/* other sessions have cached that there is no chain */
	CacheInvalidateRelcache(rel);
	table_close(rel, NoLock);
	CommandCounterIncrement();
	ledger_registry_reset(ledger_catalog_oid("chain", false));
	existing = ledger_chain();
	if (existing == NULL)
		elog(ERROR, "the chain just founded is not there");
	return existing;
}

const LedgerChain *
ledger_chain_or_found(void)
{
	const LedgerChain *chain = ledger_chain();

	return chain != NULL ? chain : ledger_found_chain((ledger_suite) ledger_suite_setting, NULL);
}
