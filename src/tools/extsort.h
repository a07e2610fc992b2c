/*
 * tools/extsort.h
 *		Sort more fixed-size records than fit in memory.
 *
 * Records are compared as bytes, whole, so that numbers in them are big-endian
 * and a trailing ordinal keeps the order of equal keys. Up to LEDGER_SORT_MEMORY
 * bytes are kept; the rest goes to unnamed temporary files in $TMPDIR.
 */
#ifndef LEDGER_TOOLS_EXTSORT_H
#define LEDGER_TOOLS_EXTSORT_H

#include <stddef.h>
#include <stdint.h>

#define LEDGER_SORT_MEMORY ((size_t) 32 * 1024 * 1024)

typedef struct ledger_sort ledger_sort;

/* memory is LEDGER_SORT_MEMORY; tests give less. */
extern ledger_sort *ledger_sort_new(size_t record_size, size_t memory);
extern void ledger_sort_free(ledger_sort *sort);

/* Before ledger_sort_finish(). */
extern void ledger_sort_add(ledger_sort *sort, const void *record);

/* Sort. Afterwards records may be read in any order. */
extern void ledger_sort_finish(ledger_sort *sort);
extern uint64_t ledger_sort_count(const ledger_sort *sort);
extern const uint8_t *ledger_sort_at(const ledger_sort *sort, uint64_t i);

/* The first record whose first len bytes are not below key; count when there is none. */
extern uint64_t ledger_sort_find(const ledger_sort *sort, const void *key, size_t len);

#endif							/* LEDGER_TOOLS_EXTSORT_H */
