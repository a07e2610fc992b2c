/*
 * api/fn_restore.c
 *		SQL functions: finish the restore of a dump.
 */
#include "compat.h"

#include "access/htup_details.h"
#include "chain/incarnation.h"
#include "chain/restore.h"
#include "chain/retention.h"
#include "commands/trigger.h"
#include "core/body.h"
#include "fmgr.h"
#include "guard/guard.h"
#include "ledger.h"
#include "storage/versioned.h"
#include "utils/builtins.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(ledger_sql_restore_finish);
PG_FUNCTION_INFO_V1(ledger_sql_chain_loaded);

/* as the install script orders the columns of ledger.chain */
#define Anum_chain_system_identifier 6
#define Anum_chain_database_oid 7

/* ledger.restore_finish(text) returns text: the origin from now on */
Datum
ledger_sql_restore_finish(PG_FUNCTION_ARGS)
{
	const LedgerChain *loaded;
	LedgerChain chain;
	ListCell   *lc;

	ledger_incarnation_lock();
	loaded = ledger_chain();
	if (loaded == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("no chain was restored into this database"),
				 errdetail("The table ledger.chain is empty."),
				 errhint("Load a dump of the whole database with ledger.restore = on.")));
	if (!ledger_restore_is_pending(loaded))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("there is nothing to finish"),
				 errdetail("The chain of this database was not loaded from a dump, or that is finished."),
				 errhint("After a promotion, a recovery or a copy of the files use ledger.new_incarnation().")));
	chain = *loaded;

	/* tables are looked up only for a chain that is at home here */
	ledger_chain_settle(&chain, chain.origin);
	foreach(lc, ledger_restore_map_tables(&chain))
	{
		LedgerRestored *table = lfirst(lc);

		if (OidIsValid(table->history_relid))
			ledger_versioned_bind(table->relid, table->history_relid);
		ledger_data_view_adopt(table->relid);
	}
	ledger_restore_leaf_index(&chain);
	ledger_restore_sequences(&chain);
	ledger_retention_label();
	ledger_restore_verify(&chain);
	PG_RETURN_TEXT_P(
		cstring_to_text(ledger_incarnation_begin(&chain, PG_ARGISNULL(0) ? NULL : PG_GETARG_TEXT_PP(0),
												 LEDGER_INCARNATION_RESTORE)));
}

/*
 * BEFORE INSERT on ledger.chain: a chain that is loaded from a dump is nowhere
 * signed until restore_finish(), not even in the database that it came from.
 */
Datum
ledger_sql_chain_loaded(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	int			columns[] = {Anum_chain_system_identifier, Anum_chain_database_oid};
	Datum		values[] = {Int64GetDatum(0), ObjectIdGetDatum(InvalidOid)};
	bool		nulls[] = {false, false};

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by trigger manager", "ledger.chain_loaded")));
	if (!ledger_restore)
		return PointerGetDatum(trigger->tg_trigtuple);
	return PointerGetDatum(heap_modify_tuple_by_cols(trigger->tg_trigtuple,
													 RelationGetDescr(trigger->tg_relation),
													 lengthof(columns), columns, values, nulls));
}
