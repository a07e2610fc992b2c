/*
 * core/opening.h
 *		What an export says beside an entry, docs/format.md section 8.
 *
 * A record of entries.bin is an entry, `nopen u16` and so many openings, each of
 * which shows what a hash of the entry hides: a private group, the body of a
 * closed or replaced extra, or the role.
 */
#ifndef LEDGER_CORE_OPENING_H
#define LEDGER_CORE_OPENING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/entry.h"

typedef struct ledger_opening
{
	uint16_t	position;		/* of a group, or LEDGER_SALT_EXTRA, LEDGER_SALT_ROLE */
	const uint8_t *salt;		/* LEDGER_SALT_LEN bytes */
	ledger_group group;			/* of a group */
	ledger_slice content;		/* body or role */
} ledger_opening;

/* Append one opening, after the entry and the count that the caller wrote. Positions ascend. */
extern void ledger_opening_write(ledger_writer *w, const ledger_opening *opening);

/* The openings in turn, from what stands after the entry. */
typedef struct ledger_opening_iter
{
	ledger_reader r;
	uint16_t	left;
	int32_t		last;			/* position of the one before */
} ledger_opening_iter;

extern void ledger_opening_iter_init(ledger_opening_iter *it, const void *data, size_t len);

/* False at the end and on damage; ledger_opening_finish() tells which. */
extern bool ledger_opening_next(ledger_opening_iter *it, ledger_opening *opening);
extern ledger_status ledger_opening_finish(const ledger_opening_iter *it);

#endif							/* LEDGER_CORE_OPENING_H */
