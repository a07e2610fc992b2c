/*
 * tools/finding.h
 *		What the check of an export reports: a line for each finding.
 *
 *	<code> [table=..] [schema=..] [ledger_tx=..] [ledger_seq=..] [leaf=..] [height=..] [file=..]: <sentence>
 *
 * The part before the colon is for programs and the same in every verifier.
 */
#ifndef LEDGER_TOOLS_FINDING_H
#define LEDGER_TOOLS_FINDING_H

#include <stdint.h>

#define LEDGER_AT_TABLE 0x01
#define LEDGER_AT_SCHEMA 0x02
#define LEDGER_AT_TX 0x04
#define LEDGER_AT_SEQ 0x08
#define LEDGER_AT_LEAF 0x10
#define LEDGER_AT_HEIGHT 0x20
#define LEDGER_AT_FILE 0x40

/* Where something was found; has tells which fields are set. */
typedef struct ledger_place
{
	unsigned	has;
	const uint8_t *table;		/* 16 bytes */
	uint32_t	schema;
	uint64_t	ledger_tx;
	uint32_t	ledger_seq;
	uint64_t	leaf;
	uint64_t	height;
	const char *file;
} ledger_place;

static inline ledger_place
ledger_nowhere(void)
{
	ledger_place at = {0};

	return at;
}

static inline ledger_place
ledger_at_file(const char *file)
{
	ledger_place at = {0};

	at.has = LEDGER_AT_FILE;
	at.file = file;
	return at;
}

static inline ledger_place
ledger_at_leaf(uint64_t leaf)
{
	ledger_place at = {0};

	at.has = LEDGER_AT_LEAF;
	at.leaf = leaf;
	return at;
}

static inline ledger_place
ledger_at_height(uint64_t height)
{
	ledger_place at = {0};

	at.has = LEDGER_AT_HEIGHT;
	at.height = height;
	return at;
}

static inline ledger_place
ledger_at_entry(uint64_t ledger_tx, uint64_t leaf)
{
	ledger_place at = {0};

	at.has = LEDGER_AT_TX | LEDGER_AT_LEAF;
	at.ledger_tx = ledger_tx;
	at.leaf = leaf;
	return at;
}

static inline ledger_place
ledger_at_table(const uint8_t *table)
{
	ledger_place at = {0};

	at.has = LEDGER_AT_TABLE;
	at.table = table;
	return at;
}

static inline ledger_place
ledger_at_schema(const uint8_t *table, uint32_t version)
{
	ledger_place at = {0};

	at.has = LEDGER_AT_TABLE | LEDGER_AT_SCHEMA;
	at.table = table;
	at.schema = version;
	return at;
}

static inline ledger_place
ledger_at_tx(const uint8_t *table, uint64_t ledger_tx)
{
	ledger_place at = {0};

	at.has = LEDGER_AT_TABLE | LEDGER_AT_TX;
	at.table = table;
	at.ledger_tx = ledger_tx;
	return at;
}

static inline ledger_place
ledger_at_row(const uint8_t *table, uint64_t ledger_tx, uint32_t ledger_seq)
{
	ledger_place at = ledger_at_tx(table, ledger_tx);

	at.has |= LEDGER_AT_SEQ;
	at.ledger_seq = ledger_seq;
	return at;
}

/* Print a finding and count it. detail may be NULL: the sentence of the code is printed then. */
extern void ledger_finding(const char *code, ledger_place at, const char *detail, ...)
	__attribute__((format(printf, 3, 4)));

extern uint64_t ledger_findings(void);

/* How many findings had this code. */
extern uint64_t ledger_findings_of(const char *code);

#endif							/* LEDGER_TOOLS_FINDING_H */
