/*
 * test/unit/test_extsort.c
 *		Sorting outside of memory, with so little memory that it happens.
 *
 * The sort belongs to the client programs and is included as it is, because only
 * the pure folders are in the library of these tests.
 */
#include "harness.h"

#include "tools/extsort.c"
#include "tools/io.c"

static size_t record_size;

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, record_size);
}

static void
sorts_like_qsort(uint64_t *seed, size_t size, size_t count, size_t memory, unsigned alphabet)
{
	uint8_t	   *records = (uint8_t *) malloc(size * count + 1);
	ledger_sort *sort = ledger_sort_new(size, memory);
	size_t		i;

	for (i = 0; i < size * count; i++)
		records[i] = (uint8_t) (next_random(seed) % alphabet);
	for (i = 0; i < count; i++)
		ledger_sort_add(sort, records + i * size);
	ledger_sort_finish(sort);
	record_size = size;
	qsort(records, count, size, compare);

	expect(ledger_sort_count(sort) == count, "%zu records of %zu bytes: count", count, size);
	for (i = 0; i < count; i++)
		if (!expect(memcmp(ledger_sort_at(sort, i), records + i * size, size) == 0,
					"%zu records of %zu bytes: record %zu", count, size, i))
			break;
	for (i = 0; i < count; i += 1 + count / 50)
	{
		size_t		len = 1 + (size_t) (next_random(seed) % size);
		uint64_t	found = ledger_sort_find(sort, records + i * size, len);

		expect(found <= i && memcmp(records + found * size, records + i * size, len) == 0 &&
				   (found == 0 || memcmp(records + (found - 1) * size, records + i * size, len) < 0),
			   "%zu records of %zu bytes: find %zu", count, size, i);
	}
	ledger_sort_free(sort);
	free(records);
}

int
main(void)
{
	static const size_t sizes[] = {1, 7, 42, 76};
	static const size_t counts[] = {1, 2, 99, 100, 101, 1000, 5003};
	uint64_t	seed = 1;
	size_t		i;
	size_t		j;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (j = 0; j < sizeof(counts) / sizeof(counts[0]); j++)
			sorts_like_qsort(&seed, sizes[i], counts[j], LEDGER_SORT_MEMORY, 256);
	done("records that fit are in order");
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (j = 0; j < sizeof(counts) / sizeof(counts[0]); j++)
		{
			sorts_like_qsort(&seed, sizes[i], counts[j], 100 * sizes[i], 256);
			sorts_like_qsort(&seed, sizes[i], counts[j], 100 * sizes[i], 2);
		}
	sorts_like_qsort(&seed, 16, 40000, 3000 * 16, 256);
	done("records that do not fit are in order");

	{
		ledger_sort *sort = ledger_sort_new(8, 800);

		ledger_sort_finish(sort);
		check(ledger_sort_count(sort) == 0 && ledger_sort_find(sort, "x", 1) == 0, "nothing is sorted");
		ledger_sort_free(sort);
	}
	return finish();
}
