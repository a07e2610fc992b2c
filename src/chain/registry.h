/*
 * chain/registry.h
 *		This backend's view of ledger.chain and ledger.ledger_table.
 *
 * Cached, invalidated by relcache callbacks. All pointers live in a cache
 * context and stay valid until the end of the transaction, also across
 * invalidation (a stale entry is freed at the next lookup that finds none in use).
 */
#ifndef LEDGER_REGISTRY_H
#define LEDGER_REGISTRY_H

#include "compat.h"

#include "core/canon.h"
#include "crypto/hash.h"
#include "utils/rel.h"
#include "utils/snapshot.h"
#include "utils/uuid.h"

typedef struct LedgerChain
{
	uint8		chain_id[16];
	int16		chain_no;
	ledger_suite suite;
	char		origin[128];
	int64		system_identifier;
	Oid			database_oid;
} LedgerChain;

typedef struct LedgerColumn
{
	AttrNumber	attnum;			/* = col_id */
	uint8		tag;			/* canonical tag, core/canon.h */
	struct LedgerType *type;	/* how to encode, chain/row_encode.h */
} LedgerColumn;

typedef enum LedgerTableKind
{
	LEDGER_APPEND_ONLY = 0,
	LEDGER_VERSIONED = 1
} LedgerTableKind;

typedef struct LedgerTable
{
	Oid			relid;
	uint8		table_id[16];
	int32		table_no;
	LedgerTableKind kind;
	bool		shared;
	AttrNumber	tx_attnum;
	AttrNumber	seq_attnum;
	Oid			history_relid;
	uint32		schema_version;
	bool		retired;
	int			ncolumns;		/* live columns of the newest schema version, by col_id */
	LedgerColumn *columns;
} LedgerTable;

/* Oid of a table, index or sequence of schema ledger, by name; 0 with missing_ok. Cached. */
extern Oid ledger_catalog_oid(const char *name, bool missing_ok);

/* Those of ledger.entry and of the sequence of incarnations, for each commit. */
extern Oid ledger_entry_oid(void);
extern Oid ledger_incarnation_no_oid(void);

/* Oid of schema ledger; 0 when it does not exist. Cached. */
extern Oid ledger_namespace(void);

/* True when the extension exists in this database. Cached, cheap. */
extern bool ledger_extension_exists(void);

/* The active chain; NULL when there is none. */
extern const LedgerChain *ledger_chain(void);

/*
 * The active chain as the snapshot shows it, not cached; false when there is none.
 * What a transaction did to it is visible before others hear that their caches are
 * old, and much before, where it waits for its block.
 */
extern bool ledger_chain_in(Snapshot snapshot, LedgerChain *chain);

/* The active chain, or ereports 55000 when there is none. */
extern const LedgerChain *ledger_need_chain(void);

/* The active chain; founds a chain of one with the suite of ledger.suite when there is none (chain/found.c). */
extern const LedgerChain *ledger_chain_or_found(void);

/* The hasher of the active chain's suite, one for each backend and suite. */
extern ledger_hasher *ledger_chain_hasher(void);
extern ledger_hasher *ledger_suite_hasher(ledger_suite suite);

/* The ledger table with this Oid; NULL when it is not in ledger.ledger_table. */
extern const LedgerTable *ledger_table_lookup(Oid relid);

/* Table number to identity, dropped tables included; NULL when unknown. Valid until the end of the transaction. */
typedef struct LedgerTableId
{
	int32		table_no;
	uint8		table_id[16];
	bool		shared;
} LedgerTableId;

extern const LedgerTableId *ledger_table_by_no(int32 table_no);

/* True for a relation whose access method is one of ours. Works without preload. */
extern bool ledger_rel_is_ledger(Relation rel);

/* The kind of table that its access method makes; false when that is not one of ours. */
extern bool ledger_rel_kind(Relation rel, LedgerTableKind *kind);

extern bool ledger_relid_is_ledger(Oid relid);

/* The same, with which of the two. */
extern bool ledger_relid_kind(Oid relid, LedgerTableKind *kind);

/* Forget everything cached of ledger.chain / one table (Oid 0: all tables). */
extern void ledger_registry_reset(Oid relid);

/* hex of 16 bytes as uuid text, in a static or palloc'd buffer */
extern char *ledger_uuid_text(const uint8 id[16]);

/* The relcache callback. Called once from _PG_init. */
extern void ledger_registry_init(void);

#endif							/* LEDGER_REGISTRY_H */
