/*
 * test/unit/harness.h
 *		A small harness: numbered TAP lines from plain C programs.
 *
 * check(condition, "what it shows ...") counts one condition. Inside loops use
 * expect(), which prints nothing unless it fails, and close the loop with
 * done("what all of them show"), which prints one TAP line for them all.
 * main() ends with return finish().
 */
#ifndef LEDGER_TEST_HARNESS_H
#define LEDGER_TEST_HARNESS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int	tap_number;
static int	tap_failed;
static long tap_in_group;
static long tap_group_failed;

__attribute__((format(printf, 2, 3))) static inline bool
check(bool condition, const char *format, ...)
{
	va_list		args;

	printf("%sok %d - ", condition ? "" : "not ", ++tap_number);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	if (!condition)
		tap_failed++;
	return condition;
}

__attribute__((format(printf, 4, 5))) static inline bool
expect_at(const char *file, int line, bool condition, const char *format, ...)
{
	tap_in_group++;
	if (condition)
		return true;
	if (tap_group_failed++ < 10)
	{
		va_list		args;

		printf("# %s:%d: ", file, line);
		va_start(args, format);
		vprintf(format, args);
		va_end(args);
		printf("\n");
	}
	return false;
}

#define expect(condition, ...) expect_at(__FILE__, __LINE__, (condition), __VA_ARGS__)

/*
 * One line for everything expected since the last one; a group without a single case fails. With
 * LEDGER_FAIL_FAST set nothing follows a failure: test/mutants wants to know no more.
 */
static inline void
done(const char *what)
{
	bool		ok = check(tap_group_failed == 0 && tap_in_group > 0, "%s (%ld cases, %ld failed)", what,
					tap_in_group, tap_group_failed);
	tap_in_group = 0;
	tap_group_failed = 0;
	if (!ok && getenv("LEDGER_FAIL_FAST") != NULL)
	{
		printf("1..%d\n", tap_number);
		exit(1);
	}
}

static inline int
finish(void)
{
	if (tap_in_group > 0)
		done("cases after the last group");
	printf("1..%d\n", tap_number);
	return tap_failed == 0 && tap_number > 0 ? 0 : 1;
}

/* A fixed sequence of pseudo-random numbers (splitmix64): a failure is seen again. */
static inline uint64_t
next_random(uint64_t *state)
{
	uint64_t	z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static inline void
random_bytes(uint64_t *state, void *out, size_t len)
{
	uint8_t	   *p = (uint8_t *) out;

	while (len-- > 0)
		*p++ = (uint8_t) next_random(state);
}

/* Bytes of a hex string, in a buffer of the caller; returns their number. */
static inline size_t
unhex(const char *hex, uint8_t *out)
{
	size_t		n = 0;

	for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2)
	{
		unsigned	v;

		if (sscanf(hex, "%2x", &v) != 1)
			abort();
		out[n++] = (uint8_t) v;
	}
	return n;
}

/* A copy on the heap of exactly len bytes, so that a read past the end is seen by the sanitizer. */
static inline uint8_t *
exact_copy(const void *data, size_t len)
{
	uint8_t	   *p = (uint8_t *) calloc(1, len > 0 ? len : 1);

	if (p == NULL)
		abort();
	if (len > 0)
		memcpy(p, data, len);
	return p;
}

#endif							/* LEDGER_TEST_HARNESS_H */
