/*
 * tools/check_versions.c
 *		Who supersedes whom among the rows of a versioned table.
 *
 * Rows and the claims on them are sorted together by the row that is meant, so
 * that a claim is looked at right after its row. A record is
 *
 *	ledger_tx u64 | ledger_seq u32 | 0 | ordinal u64 | op u8 | leaf + 1 u64 | zeros	for a row
 *	prev_tx u64 | prev_seq u32 | 1 | ordinal u64 | 0 | leaf + 1 u64 | ledger_tx u64 | ledger_seq u32	for a claim
 *
 * where leaf + 1 is 0 for a row that stands in no group.
 */
#include "tools/check_tables.h"

#include <stdlib.h>
#include <string.h>

#include "core/row.h"

#define RECORD 42
#define ROW_KEY 12

struct ledger_versions
{
	const uint8_t *table;
	ledger_sort *sort;
	uint64_t	ordinal;
};

ledger_versions *
ledger_versions_new(const uint8_t *table)
{
	ledger_versions *v = ledger_alloc(sizeof(*v));

	v->table = table;
	v->sort = ledger_sort_new(RECORD, LEDGER_SORT_MEMORY);
	v->ordinal = 0;
	return v;
}

void
ledger_versions_add(ledger_versions *v, const ledger_row_header *row, int64_t leaf)
{
	uint8_t		record[RECORD] = {0};

	ledger_put_u64(record, row->ledger_tx);
	ledger_put_u32(record + 8, row->ledger_seq);
	ledger_put_u64(record + 13, v->ordinal);
	record[21] = row->op;
	ledger_put_u64(record + 22, (uint64_t) (leaf + 1));
	ledger_sort_add(v->sort, record);

	if (row->op != LEDGER_OP_INSERT)
	{
		ledger_put_u64(record, row->prev_tx);
		ledger_put_u32(record + 8, row->prev_seq);
		record[12] = 1;
		record[21] = 0;
		ledger_put_u64(record + 30, row->ledger_tx);
		ledger_put_u32(record + 38, row->ledger_seq);
		ledger_sort_add(v->sort, record);
	}
	v->ordinal++;
}

/* Whether a claim may stand, on the row before it (NULL: there is none). */
static bool
claim_fits(const uint8_t *row, const uint8_t *claim)
{
	uint64_t	row_leaf;
	uint64_t	claim_leaf;

	if (row == NULL || row[21] == LEDGER_OP_DELETE)
		return false;
	if (memcmp(claim, claim + 30, 8) == 0)	/* of one transaction */
		return ledger_get_u32(claim + 8) < ledger_get_u32(claim + 38);
	row_leaf = ledger_get_u64(row + 22);
	claim_leaf = ledger_get_u64(claim + 22);
	return claim_leaf == 0 || row_leaf < claim_leaf;
}

void
ledger_versions_finish(ledger_versions *v)
{
	const uint8_t *row = NULL;
	const uint8_t *taken = NULL;
	uint64_t	i;

	ledger_sort_finish(v->sort);
	for (i = 0; i < ledger_sort_count(v->sort); i++)
	{
		const uint8_t *record = ledger_sort_at(v->sort, i);

		if (record[12] == 0)
		{
			row = record;
			continue;
		}
		if (row != NULL && memcmp(row, record, ROW_KEY) != 0)
			row = NULL;
		if (!claim_fits(row, record) || (taken != NULL && memcmp(taken, record, ROW_KEY) == 0))
			ledger_finding("version",
						   ledger_at_row(v->table, ledger_get_u64(record + 30), ledger_get_u32(record + 38)),
						   NULL);
		taken = record;
	}
	ledger_sort_free(v->sort);
	free(v);
}
