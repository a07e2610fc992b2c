/*
 * chain/catalogue.c
 *		SQL of the extension itself on its catalogue.
 *
 * The guard refuses every statement that writes to schema ledger. Code that uses
 * CatalogTupleInsert() does not pass there; code that finds SQL handier says
 * here that it is ours.
 */
#include "chain/catalogue.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"

static int	depth = 0;

bool
ledger_catalogue_is_ours(void)
{
	return depth > 0 || (MyBgworkerEntry != NULL && strcmp(MyBgworkerEntry->bgw_library_name, "ledger") == 0);
}

int
ledger_catalogue_execute(const char *sql, int nargs, Oid *types, Datum *values, const char *nulls)
{
	int			saved = depth;
	int			result;

	PG_TRY();
	{
		depth = saved + 1;
		result = SPI_execute_with_args(sql, nargs, types, values, nulls, false, 0);
	}
	PG_FINALLY();
	{
		depth = saved;
	}
	PG_END_TRY();
	return result;
}
