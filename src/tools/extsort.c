/*
 * tools/extsort.c
 *		Sort more fixed-size records than fit in memory.
 *
 * Full buffers are sorted and written one after the other to a file; in the end
 * these runs are merged into a second file, which is mapped. The mapping is page
 * cache that the kernel may drop, so the memory of a check does not grow with the
 * ledger.
 */
#include "tools/extsort.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tools/io.h"

struct ledger_sort
{
	size_t		record_size;
	size_t		room;			/* records in the buffer */
	uint8_t	   *buffer;
	size_t		used;			/* records in the buffer now */
	uint64_t	count;
	FILE	   *runs;			/* sorted runs of room records each, the last may be shorter */
	const uint8_t *sorted;		/* the buffer, or the mapping */
	size_t		mapped;			/* bytes of the mapping, 0 without one */
};

/* One run while it is merged. */
typedef struct run
{
	uint64_t	next;			/* record number in the file of runs */
	uint64_t	end;
	uint8_t	   *data;			/* a piece of it */
	size_t		have;
	size_t		at;
} run;

#define MERGE_PIECE ((size_t) 64 * 1024)

ledger_sort *
ledger_sort_new(size_t record_size, size_t memory)
{
	ledger_sort *sort = ledger_alloc(sizeof(*sort));

	memset(sort, 0, sizeof(*sort));
	sort->record_size = record_size;
	sort->room = memory / record_size;
	if (sort->room == 0)
		sort->room = 1;
	return sort;
}

void
ledger_sort_free(ledger_sort *sort)
{
	if (sort == NULL)
		return;
	if (sort->runs != NULL)
		fclose(sort->runs);
	if (sort->mapped > 0)
		munmap((void *) sort->sorted, sort->mapped);
	free(sort->buffer);
	free(sort);
}

/* An unnamed file that goes away with the program. */
static FILE *
temporary_file(void)
{
	const char *directory = getenv("TMPDIR");
	char	   *path =
		ledger_path(directory != NULL && directory[0] != '\0' ? directory : "/tmp", "ledger_verify.XXXXXX");
	int			fd = mkstemp(path);
	FILE	   *file;

	if (fd < 0)
		ledger_die("could not create temporary file \"%s\": %s", path, strerror(errno));
	unlink(path);
	file = fdopen(fd, "w+b");
	if (file == NULL)
		ledger_die("could not open temporary file \"%s\": %s", path, strerror(errno));
	free(path);
	return file;
}

static void
must_write(FILE *file, const void *data, size_t len)
{
	if (fwrite(data, 1, len, file) != len)
		ledger_die("could not write temporary file: %s", strerror(errno));
}

static size_t compare_size;		/* qsort has no argument for it */

static int
compare_records(const void *a, const void *b)
{
	return memcmp(a, b, compare_size);
}

static void
sort_buffer(ledger_sort *sort)
{
	compare_size = sort->record_size;
	if (sort->used > 1)
		qsort(sort->buffer, sort->used, sort->record_size, compare_records);
}

static void
write_run(ledger_sort *sort)
{
	if (sort->runs == NULL)
		sort->runs = temporary_file();
	sort_buffer(sort);
	must_write(sort->runs, sort->buffer, sort->used * sort->record_size);
	sort->used = 0;
}

void
ledger_sort_add(ledger_sort *sort, const void *record)
{
	if (sort->buffer == NULL)
		sort->buffer = ledger_alloc(sort->room * sort->record_size);
	if (sort->used == sort->room)
		write_run(sort);
	memcpy(sort->buffer + sort->used * sort->record_size, record, sort->record_size);
	sort->used++;
	sort->count++;
}

/* The next record of a run, or NULL. */
static const uint8_t *
run_peek(ledger_sort *sort, run *r)
{
	size_t		size = sort->record_size;

	if (r->at == r->have)
	{
		size_t		want = MERGE_PIECE / size + 1;

		if (r->next == r->end)
			return NULL;
		if (want > r->end - r->next)
			want = (size_t) (r->end - r->next);
		if (r->data == NULL)
			r->data = ledger_alloc(want * size);
		if (fseeko(sort->runs, (off_t) (r->next * size), SEEK_SET) != 0 ||
			fread(r->data, size, want, sort->runs) != want)
			ledger_die("could not read temporary file: %s", strerror(errno));
		r->next += want;
		r->have = want;
		r->at = 0;
	}
	return r->data + r->at * size;
}

/* Put the run at position i of a heap, whose smallest record is at 0, where it belongs. */
static void
sift(ledger_sort *sort, run **heap, size_t n, size_t i)
{
	for (;;)
	{
		size_t		least = i;
		size_t		child;
		run		   *swap;

		for (child = 2 * i + 1; child <= 2 * i + 2 && child < n; child++)
			if (memcmp(run_peek(sort, heap[child]), run_peek(sort, heap[least]), sort->record_size) < 0)
				least = child;
		if (least == i)
			return;
		swap = heap[i];
		heap[i] = heap[least];
		heap[least] = swap;
		i = least;
	}
}

static void
merge_runs(ledger_sort *sort)
{
	size_t		n = (size_t) ((sort->count + sort->room - 1) / sort->room);
	run		   *all = ledger_alloc(n * sizeof(run));
	run		  **heap = ledger_alloc(n * sizeof(run *));
	FILE	   *out = temporary_file();
	size_t		i;

	memset(all, 0, n * sizeof(run));
	for (i = 0; i < n; i++)
	{
		all[i].next = (uint64_t) i * sort->room;
		all[i].end = i + 1 == n ? sort->count : all[i].next + sort->room;
		heap[i] = &all[i];
	}
	for (i = n / 2 + 1; i-- > 0;)
		sift(sort, heap, n, i);
	for (i = n; i > 0;)
	{
		const uint8_t *record = run_peek(sort, heap[0]);

		if (record == NULL)
			heap[0] = heap[--i];
		else
		{
			must_write(out, record, sort->record_size);
			heap[0]->at++;
			if (run_peek(sort, heap[0]) == NULL)
				heap[0] = heap[--i];
		}
		if (i > 0)
			sift(sort, heap, i, 0);
	}
	if (fflush(out) != 0)
		ledger_die("could not write temporary file: %s", strerror(errno));
	for (i = 0; i < n; i++)
		free(all[i].data);
	free(all);
	free(heap);

	sort->mapped = (size_t) sort->count * sort->record_size;
	sort->sorted = mmap(NULL, sort->mapped, PROT_READ, MAP_PRIVATE, fileno(out), 0);
	if (sort->sorted == MAP_FAILED)
		ledger_die("could not map temporary file: %s", strerror(errno));
	fclose(out);
}

void
ledger_sort_finish(ledger_sort *sort)
{
	if (sort->runs == NULL)
	{
		sort_buffer(sort);
		sort->sorted = sort->buffer;
		return;
	}
	write_run(sort);
	free(sort->buffer);
	sort->buffer = NULL;
	merge_runs(sort);
	fclose(sort->runs);
	sort->runs = NULL;
}

uint64_t
ledger_sort_count(const ledger_sort *sort)
{
	return sort->count;
}

const uint8_t *
ledger_sort_at(const ledger_sort *sort, uint64_t i)
{
	return sort->sorted + (size_t) i * sort->record_size;
}

uint64_t
ledger_sort_find(const ledger_sort *sort, const void *key, size_t len)
{
	uint64_t	low = 0;
	uint64_t	high = sort->count;

	while (low < high)
	{
		uint64_t	middle = low + (high - low) / 2;

		if (memcmp(ledger_sort_at(sort, middle), key, len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
