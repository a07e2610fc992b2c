/*
 * chain/row_encode.h
 *		Datum to canonical bytes (docs/format.md, section 2).
 *
 * Straight from the Datum after detoasting, never through output functions that
 * depend on settings: one row gives one hash under every client_encoding,
 * DateStyle, TimeZone and locale.
 */
#ifndef LEDGER_ROW_ENCODE_H
#define LEDGER_ROW_ENCODE_H

#include "compat.h"

#include "chain/registry.h"
#include "lib/stringinfo.h"

typedef struct LedgerType LedgerType;

/*
 * How to encode a type, or NULL when it has no canonical encoding. *problem then
 * names the offending part ("type oid", "element type regclass of ...").
 * The result is allocated in CurrentMemoryContext, nested types included; the
 * registry keeps it as long as the table's entry. Enum labels are looked up anew
 * for each value.
 */
extern LedgerType *ledger_type_lookup(Oid typid, char **problem);
extern uint8 ledger_type_tag(const LedgerType *type);

/* Append one cell (tag, then bytes unless NULL). */
extern void ledger_encode_cell(StringInfo out, LedgerType *type, Datum value, bool isnull);

/*
 * Append a whole row (format.md section 3, without the 00 prefix) under the
 * table's newest schema version. values/isnull are indexed by attnum - 1.
 */
extern void ledger_encode_row(StringInfo out, const LedgerTable *table, uint64 ledger_tx, uint32 ledger_seq,
							  uint8 op, uint64 prev_tx, uint32 prev_seq, const Datum *values,
							  const bool *isnull);

/*
 * The same for any schema version: columns as that version listed them.
 * Used by verify, receipt and export.
 */
extern void ledger_encode_row_as(StringInfo out, const uint8 table_id[16], uint32 schema_version,
								 int ncolumns, const LedgerColumn *columns, uint64 ledger_tx,
								 uint32 ledger_seq, uint8 op, uint64 prev_tx, uint32 prev_seq,
								 const Datum *values, const bool *isnull);

#endif							/* LEDGER_ROW_ENCODE_H */
