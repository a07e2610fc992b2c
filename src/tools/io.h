/*
 * tools/io.h
 *		Files, memory and failure of the client programs.
 *
 * A program that runs out of memory, cannot read what it was given, or whose
 * libcrypto refuses, says so on stderr and ends with LEDGER_EXIT_UNUSABLE: no
 * caller has anything better to do.
 */
#ifndef LEDGER_TOOLS_IO_H
#define LEDGER_TOOLS_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Exit status of ledger_verify. */
#define LEDGER_EXIT_VALID 0
#define LEDGER_EXIT_FINDINGS 1
#define LEDGER_EXIT_UNUSABLE 2

extern void ledger_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* For a hash or tree function that fails only when libcrypto does. */
static inline void
ledger_must(bool ok)
{
	if (!ok)
		ledger_die("libcrypto failed");
}

/* Memory from malloc, never NULL. */
extern void *ledger_alloc(size_t size);
extern void *ledger_realloc(void *p, size_t size);
extern char *ledger_strdup(const char *s);

/*
 * Room for one more element in an array that grows: capacity is a variable of the
 * caller that starts at 0, the array starts as NULL.
 */
#define LEDGER_GROW(array, count, capacity) \
	do { \
		if ((count) >= (capacity)) \
		{ \
			(capacity) = (capacity) == 0 ? 16 : 2 * (capacity); \
			(array) = ledger_realloc((array), (capacity) * sizeof(*(array))); \
		} \
	} while (0)

/* directory "/" name, from malloc. */
extern char *ledger_path(const char *directory, const char *name);

/* A whole file, with a zero byte after it; false, with errno set, when it cannot be read. */
typedef struct ledger_file
{
	uint8_t	   *data;			/* from malloc, freed by the caller */
	size_t		len;
} ledger_file;

extern bool ledger_file_read(const char *path, ledger_file *file);

/* ---- record streams (docs/format.md section 8): records, each `bytes` ---------- */

typedef enum ledger_stream_state
{
	LEDGER_STREAM_RECORD,
	LEDGER_STREAM_END,
	LEDGER_STREAM_CUT			/* the record is longer than the rest of the file */
} ledger_stream_state;

typedef struct ledger_stream
{
	FILE	   *file;
	uint64_t	left;			/* bytes of the file not read yet */
	uint64_t	number;			/* records read */
	uint8_t	   *data;			/* the last record, valid until the next call */
	size_t		len;
	size_t		capacity;
	const char *path;
} ledger_stream;

/* False, with errno set, when the file cannot be opened. path must outlive the stream. */
extern bool ledger_stream_open(ledger_stream *stream, const char *path);
extern ledger_stream_state ledger_stream_next(ledger_stream *stream);
extern void ledger_stream_close(ledger_stream *stream);

#endif							/* LEDGER_TOOLS_IO_H */
