/*
 * core/printer.h
 *		The sink of ledger_canon_print(), for core/ alone.
 */
#ifndef LEDGER_CORE_PRINTER_H
#define LEDGER_CORE_PRINTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/canon.h"

/* Kinds of characters that make an element need quotes. */
#define PRINTED_QUOTE	0x01	/* " or \ */
#define PRINTED_COMMA	0x02
#define PRINTED_PAREN	0x04
#define PRINTED_BRACKET 0x08
#define PRINTED_BRACE	0x10
#define PRINTED_SPACE	0x20

/*
 * Characters go through the quotes that are open, outermost first in style[],
 * into out. A quote inside of k quotes becomes 2^k characters, so once out is
 * full they are counted, not made. With out NULL only kinds and the first
 * characters are collected.
 */
typedef struct ledger_printer
{
	char	   *out;
	size_t		cap;
	size_t		len;
	unsigned	nquotes;
	uint8_t		style[LEDGER_CELL_DEPTH];
	unsigned	kinds;			/* of what was printed outside of any quote */
	char		head[4];
} ledger_printer;

extern void ledger_print_char(ledger_printer *p, char c);
extern void ledger_print_chars(ledger_printer *p, const void *text, size_t len);
extern void ledger_print_string(ledger_printer *p, const char *text);

/* A number with at least this many digits. */
extern void ledger_print_number(ledger_printer *p, uint64_t v, unsigned digits);

/* The text of a cell that does not nest, its content checked before. */
extern void ledger_print_scalar(ledger_printer *p, uint8_t tag, const uint8_t *content, size_t len);

#endif							/* LEDGER_CORE_PRINTER_H */
