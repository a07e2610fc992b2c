/*
 * core/status.c
 *		Sentences for status codes.
 */
#include "core/status.h"

const char *
ledger_status_text(ledger_status status)
{
	switch (status)
	{
		case LEDGER_OK:
			return "correct";
		case LEDGER_TRUNCATED:
			return "input ends too early";
		case LEDGER_TRAILING:
			return "bytes stand after the end";
		case LEDGER_BAD_MAGIC:
			return "not an object of this kind and version";
		case LEDGER_BAD_TAG:
			return "unknown or misplaced tag";
		case LEDGER_BAD_VALUE:
			return "value out of range";
		case LEDGER_BAD_UTF8:
			return "text is not valid UTF-8";
		case LEDGER_BAD_ORDER:
			return "items out of order or repeated";
		case LEDGER_TOO_DEEP:
			return "values nested too deep";
		case LEDGER_TOO_LARGE:
			return "larger than the format allows";
		case LEDGER_BAD_SYNTAX:
			return "not spelled as the format says";
		case LEDGER_NO_SPACE:
			return "buffer too small";
		case LEDGER_BAD_ROOT:
			return "hashes do not lead to the root";
		case LEDGER_BAD_LINK:
			return "parts do not belong together";
		case LEDGER_BAD_SIGNATURE:
			return "signature of a known key does not hold";
		case LEDGER_NO_SIGNATURE:
			return "no signature of a known key";
		case LEDGER_NO_HASH:
			return "hash could not be computed";
	}
	return "unknown status";
}
