/*
 * test/unit/mutate.h
 *		Spoils an encoding in every small way and asks a reader about each.
 */
#ifndef LEDGER_TEST_MUTATE_H
#define LEDGER_TEST_MUTATE_H

#include "harness.h"

/*
 * Reads len bytes; true when they are accepted. A reader that accepts must also
 * have written them anew and expect()ed the same bytes.
 */
typedef bool (*reread_fn)(const uint8_t *data, size_t len);

/* Every shorter input and a longer one are refused; a changed bit is refused or read as what it then is. */
static inline void
mutate_all(const char *what, const uint8_t *data, size_t len, reread_fn reread)
{
	uint8_t	   *copy = exact_copy(data, len);
	size_t		i;

	expect(reread(copy, len), "%s as it is", what);
	free(copy);
	for (i = 0; i < len; i++)
	{
		copy = exact_copy(data, i);
		expect(!reread(copy, i), "%s cut to %zu of %zu bytes", what, i, len);
		free(copy);
	}
	copy = (uint8_t *) malloc(len + 1);
	memcpy(copy, data, len);
	copy[len] = 0;
	expect(!reread(copy, len + 1), "%s with a byte more", what);
	for (i = 0; i < len * 8; i++)
	{
		copy[i / 8] ^= (uint8_t) (1 << i % 8);
		/* exactly len bytes, so that reading on is seen */
		{
			uint8_t	   *exact = exact_copy(copy, len);

			reread(exact, len);
			free(exact);
		}
		copy[i / 8] ^= (uint8_t) (1 << i % 8);
	}
	free(copy);
}

#endif							/* LEDGER_TEST_MUTATE_H */
