/*
 * core/schema.h
 *		Schema bodies, docs/format.md section 4: what a table was in one version.
 */
#ifndef LEDGER_CORE_SCHEMA_H
#define LEDGER_CORE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/identity.h"
#include "crypto/hash.h"

#define LEDGER_SCHEMA_KIND_LEDGER 0
#define LEDGER_SCHEMA_KIND_VERSIONED 1

#define LEDGER_TABLE_ROW_SECURITY 0x01
#define LEDGER_TABLE_ROW_SECURITY_FORCED 0x02

#define LEDGER_COLUMN_NOT_NULL 0x01
#define LEDGER_COLUMN_GENERATED 0x02
#define LEDGER_COLUMN_IDENTITY 0x04
#define LEDGER_COLUMN_HIDDEN 0x08
#define LEDGER_COLUMN_REDACTABLE 0x10
#define LEDGER_COLUMN_PROTECTED 0x20

typedef struct ledger_schema_header
{
	uint8_t		table_id[LEDGER_ID_LEN];
	uint32_t	schema_version;
	uint8_t		kind;
	ledger_slice schema_name;
	ledger_slice table_name;
	uint8_t		flags;
} ledger_schema_header;

typedef struct ledger_schema_column
{
	uint16_t	col_id;
	ledger_slice name;
	uint8_t		tag;
	ledger_slice type;
	ledger_slice collation;
	uint8_t		flags;
	ledger_slice detail;
} ledger_schema_column;

typedef struct ledger_schema_object
{
	uint8_t		kind;			/* 'c' 'd' 'i' 'p' 'r' 't' */
	ledger_slice name;
	ledger_slice definition;
} ledger_schema_object;

/* ---- writing ---------------------------------------------------------------- */

/* Columns by col_id, then objects by (kind, name) as bytes. Slices live until the next call only. */
typedef struct ledger_schema_writer
{
	ledger_writer *w;
	size_t		ncols_at;
	size_t		nobjects_at;	/* 0 while columns are being written */
	uint16_t	ncols;
	uint16_t	nobjects;
	uint16_t	last_col;
	size_t		last_object_at; /* where the last object stands in w */
	ledger_status error;
} ledger_schema_writer;

extern void ledger_schema_begin(ledger_schema_writer *sw, ledger_writer *w,
								const ledger_schema_header *header);
extern void ledger_schema_add_column(ledger_schema_writer *sw, const ledger_schema_column *column);
extern void ledger_schema_add_object(ledger_schema_writer *sw, const ledger_schema_object *object);

/* LEDGER_OK, LEDGER_NO_SPACE, or what was wrong with a column or an object. */
extern ledger_status ledger_schema_finish(ledger_schema_writer *sw);

/* ---- reading ---------------------------------------------------------------- */

typedef struct ledger_schema
{
	ledger_schema_header header;
	uint16_t	ncols;
	uint16_t	nobjects;
	ledger_slice columns;		/* encoded, into the input */
	ledger_slice objects;
} ledger_schema;

/* Check every byte. *schema is filled when LEDGER_OK. */
extern ledger_status ledger_schema_parse(const void *data, size_t len, ledger_schema *schema);

/* Walk a parsed schema: give the iterator of its columns or of its objects. */
typedef struct ledger_schema_iter
{
	ledger_reader r;
	uint16_t	left;
} ledger_schema_iter;

extern void ledger_schema_columns(ledger_schema_iter *it, const ledger_schema *schema);
extern bool ledger_schema_next_column(ledger_schema_iter *it, ledger_schema_column *column);
extern void ledger_schema_objects(ledger_schema_iter *it, const ledger_schema *schema);
extern bool ledger_schema_next_object(ledger_schema_iter *it, ledger_schema_object *object);

/* H(06 || schema), what a SCHEMA entry names. */
extern bool ledger_schema_hash(ledger_hasher *h, const void *schema, size_t len, uint8_t *hash);

#endif							/* LEDGER_CORE_SCHEMA_H */
