/*
 * core/status.h
 *		What a function of core/ says about its input.
 */
#ifndef LEDGER_CORE_STATUS_H
#define LEDGER_CORE_STATUS_H

typedef enum ledger_status
{
	LEDGER_OK = 0,
	LEDGER_TRUNCATED,			/* the input ends too early */
	LEDGER_TRAILING,			/* bytes stand after the end */
	LEDGER_BAD_MAGIC,			/* wrong letter, version or first line */
	LEDGER_BAD_TAG,				/* a tag or kind that is not in format.md, or not here */
	LEDGER_BAD_VALUE,			/* a field outside of its range */
	LEDGER_BAD_UTF8,			/* text that is not UTF-8 or holds a zero byte */
	LEDGER_BAD_ORDER,			/* items out of order, or one of them twice */
	LEDGER_TOO_DEEP,			/* cells nested too deep */
	LEDGER_TOO_LARGE,			/* more bytes or items than the format allows */
	LEDGER_BAD_SYNTAX,			/* a text file that is not spelled as format.md says */
	LEDGER_NO_SPACE,			/* the caller's buffer is too small */
	LEDGER_BAD_ROOT,			/* hashes do not give the root that they should */
	LEDGER_BAD_LINK,			/* two parts that should agree on a field do not */
	LEDGER_BAD_SIGNATURE,		/* a signature of a known key does not hold */
	LEDGER_NO_SIGNATURE,		/* no line was signed by a known key */
	LEDGER_NO_HASH				/* libcrypto or the caller's node source refused */
} ledger_status;

/* A sentence part in lower case without full stop, such as "input ends too early". Never NULL. */
extern const char *ledger_status_text(ledger_status status);

#endif							/* LEDGER_CORE_STATUS_H */
