/*
 * tools/finding.c
 *		What the check of an export reports.
 */
#include "tools/finding.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "tools/io.h"

static struct
{
	const char *code;
	const char *sentence;
	uint64_t	count;
}			kinds[] = {
	{"format", "the file `format` is malformed or disagrees with the checkpoint or the directory", 0},
	{"file-missing", "a file that the export must have is missing", 0},
	{"file-unexpected", "a file that no export has", 0},
	{"stream-cut", "a record is longer than the rest of its file; what follows was not read", 0},
	{"checkpoint", "the checkpoint is malformed", 0},
	{"checkpoint-untrusted", "no trusted key signed the checkpoint, or a trusted key's signature fails", 0},
	{"checkpoint-stranger", "no member of the chain signed the checkpoint", 0},
	{"checkpoint-root", "the log does not have the root that was signed", 0},
	{"checkpoint-block", "the last block is not the one that was signed", 0},
	{"keys", "a line of `keys` is malformed, not a member's key, or a member's key is missing", 0},
	{"old-checkpoint", "the older checkpoint is malformed, of another chain or not signed by a trusted key", 0},
	{"old-checkpoint-newer", "the log is shorter than the older checkpoint: its tail is gone", 0},
	{"old-checkpoint-root", "the log does not continue the one of the older checkpoint", 0},
	{"old-checkpoint-block", "the block of the older checkpoint is not in the chain", 0},
	{"genesis", "the first entry does not found this chain", 0},
	{"entry-malformed", "an entry or its openings cannot be decoded", 0},
	{"entry-missing", "an entry of the log is missing", 0},
	{"entry-extra", "an entry that is not in the log", 0},
	{"entry-changed", "an entry differs from the leaf that was sealed", 0},
	{"entry-chain", "an entry of another chain", 0},
	{"entry-part", "the parts of a transaction do not follow one another", 0},
	{"entry-twice", "a transaction stands in the log twice", 0},
	{"entry-groups", "the groups of an entry are out of order or double", 0},
	{"opening-wrong", "an opening does not give the hash in the entry", 0},
	{"opening-missing", "a private group, closed extra or role is not opened", 0},
	{"tile-missing", "a tile is missing", 0},
	{"tile-wrong", "a tile does not hold the hashes of the log", 0},
	{"block-malformed", "a block cannot be decoded", 0},
	{"block-missing", "the log has leaves that no block covers", 0},
	{"block-extra", "blocks after the end of the log", 0},
	{"block-chain", "a block does not continue the one before it", 0},
	{"block-root", "a block's log root is not that of the log", 0},
	{"block-results", "a block's results, body, epoch or proposer are not those of a chain of one", 0},
	{"block-members", "a block's member list is not the one that the entries make", 0},
	{"member", "a MEMBER entry does not fit the member list", 0},
	{"key", "a KEY entry without a member, of another curve, or not approved by the key it replaces", 0},
	{"log-state", "an entry names a size and root that this log did not have", 0},
	{"schema-malformed", "a schema body cannot be decoded", 0},
	{"schema-unknown", "a schema body that no SCHEMA entry names", 0},
	{"schema-wrong", "a schema body differs from its SCHEMA entry", 0},
	{"schema-missing", "the body of a SCHEMA entry is missing", 0},
	{"schema-twice", "a schema version stands twice", 0},
	{"schema-late", "rows stand before the schema they are written in", 0},
	{"row-malformed", "a row cannot be decoded", 0},
	{"row-order", "a row out of order, double, or of another table", 0},
	{"row-schema", "a row does not fit its schema version", 0},
	{"row-unknown", "rows that no transaction of the log has", 0},
	{"rows-missing", "rows of a transaction are missing", 0},
	{"rows-extra", "a transaction has more rows than it wrote", 0},
	{"row-changed", "the rows of a transaction are not those that were written", 0},
	{"baseline", "the rows under a BASELINE are not those that it names", 0},
	{"version", "a row supersedes one that is missing, deleted, later or already superseded", 0},
	{"erase", "an ERASE entry names a row or column that is not redactable", 0},
	{"signature", "a user's signature fails or its row is another", 0},
};

static uint64_t total;

void
ledger_finding(const char *code, ledger_place at, const char *detail, ...)
{
	size_t		i = 0;

	while (strcmp(kinds[i].code, code) != 0)
		i++;
	kinds[i].count++;
	total++;

	fputs(code, stdout);
	if (at.has & LEDGER_AT_TABLE)
	{
		int			b;

		fputs(" table=", stdout);
		for (b = 0; b < 16; b++)
			printf("%02x", at.table[b]);
	}
	if (at.has & LEDGER_AT_SCHEMA)
		printf(" schema=%" PRIu32, at.schema);
	if (at.has & LEDGER_AT_TX)
		printf(" ledger_tx=%" PRIu64, at.ledger_tx);
	if (at.has & LEDGER_AT_SEQ)
		printf(" ledger_seq=%" PRIu32, at.ledger_seq);
	if (at.has & LEDGER_AT_LEAF)
		printf(" leaf=%" PRIu64, at.leaf);
	if (at.has & LEDGER_AT_HEIGHT)
		printf(" height=%" PRIu64, at.height);
	if (at.has & LEDGER_AT_FILE)
	{
		const char *p;

		/* names come from others: none may look like a line of ours */
		fputs(" file=", stdout);
		for (p = at.file; *p != '\0'; p++)
			putchar(*p > 32 && *p < 127 ? *p : '?');
	}
	fputs(": ", stdout);
	if (detail == NULL)
		fputs(kinds[i].sentence, stdout);
	else
	{
		va_list		args;

		va_start(args, detail);
		vprintf(detail, args);
		va_end(args);
	}
	putchar('\n');
	if (ferror(stdout))
		ledger_die("could not write to stdout");
}

uint64_t
ledger_findings(void)
{
	return total;
}

uint64_t
ledger_findings_of(const char *code)
{
	size_t		i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].code, code) == 0)
			return kinds[i].count;
	return 0;
}
