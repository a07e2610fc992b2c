/*
 * chain/tuple_check.h
 *		Bounds checks that make a stored tuple safe to deform and its values safe
 *		to encode.
 *
 * The server trusts what it once wrote and may crash on a page whose bytes
 * somebody changed. Verification must survive exactly those pages, so each
 * length and offset is compared with its container before it is followed. What
 * passes here may still hold a wrong value: that is for the hash to find.
 */
#ifndef LEDGER_TUPLE_CHECK_H
#define LEDGER_TUPLE_CHECK_H

#include "compat.h"

#include "access/htup.h"
#include "access/itup.h"
#include "access/tupdesc.h"

/*
 * NULL when heap_deform_tuple() may be called on the tuple, else a sentence part
 * (static or palloc'd). toastrelid is the TOAST table that pointers in it may
 * name, 0 for none.
 */
extern const char *ledger_check_tuple(HeapTupleHeader header, uint32 len, TupleDesc desc, Oid toastrelid);

/*
 * The same for a tuple of an index that stands in room bytes and has natts
 * columns: NULL when index_deform_tuple() may be called on it.
 */
extern const char *ledger_check_index_tuple(IndexTuple tuple, uint32 room, TupleDesc desc, int natts);

/* How to check the inside of values of a type. */
typedef struct LedgerDatumCheck LedgerDatumCheck;

/* NULL when any bytes of the right length will do. palloc'd in CurrentMemoryContext. */
extern LedgerDatumCheck *ledger_datum_check(Oid typid);

/*
 * Check a value and, when it is of variable length, detoast it: *value is then
 * what the encoder should read. Gives NULL or a sentence part as above; what
 * detoasting itself finds is an ERROR. check may be NULL.
 */
extern const char *ledger_check_datum(const LedgerDatumCheck *check, int16 typlen, Datum *value);

#endif							/* LEDGER_TUPLE_CHECK_H */
