/*
 * crypto/suite.c
 *		Names of the suites.
 */
#include "crypto/suite.h"

#include <stddef.h>
#include <string.h>

const char *
ledger_suite_name(ledger_suite suite)
{
	switch (suite)
	{
		case LEDGER_SUITE_STD:
			return "std";
		case LEDGER_SUITE_GM:
			return "gm";
	}
	return NULL;
}

bool
ledger_suite_from_name(const char *name, ledger_suite *suite)
{
	if (strcmp(name, "std") == 0)
		*suite = LEDGER_SUITE_STD;
	else if (strcmp(name, "gm") == 0)
		*suite = LEDGER_SUITE_GM;
	else
		return false;
	return true;
}
