/*
 * test/unit/vec_run.h
 *		Runs the C code over vector files, each kind by a function of its own.
 *
 * The vectors come from another reading of docs/format.md, in another language.
 * A kind or a file that no program knows is a failure, so that nothing new can go
 * unread.
 */
#ifndef LEDGER_TEST_VEC_RUN_H
#define LEDGER_TEST_VEC_RUN_H

#include <dirent.h>

#include "core/bytes.h"
#include "core/merkle.h"
#include "vec.h"

/* Every file of test/vectors and the program that reads it. */
static const struct
{
	const char *file;
	const char *program;
}			vec_files[] = {
	{"published.vec", "trees"},
	{"merkle.vec", "trees"},
	{"block.vec", "trees"},
	{"local.vec", "trees"},
	{"canon.vec", "objects"},
	{"row.vec", "objects"},
	{"entry.vec", "objects"},
	{"schema.vec", "objects"},
	{"note.vec", "files"},
	{"receipt.vec", "files"},
	{"export.vec", "files"},
	{"statement.vec", "proofs"},
	{"proof.vec", "proofs"}
};

#define VEC_NFILES (sizeof(vec_files) / sizeof(vec_files[0]))

typedef struct vec_kind
{
	const char *kind;
	void (*run)(const vec_group *g);
	int			seen;
} vec_kind;

static ledger_hasher *hashers[3];	/* by suite */

/* Room for everything that is encoded anew. */
static uint8_t buffer[1 << 20] __attribute__((unused));

static ledger_suite
suite_of(const vec_group *g)
{
	ledger_suite suite = LEDGER_SUITE_STD;

	if (!ledger_suite_from_name(vec_text(g, "suite"), &suite))
		vec_die("unknown suite", vec_text(g, "suite"));
	return suite;
}

static inline ledger_hasher *
hasher_of(const vec_group *g)
{
	return hashers[suite_of(g)];
}

static inline bool
same(octets o, const void *data, size_t len)
{
	return o.len == len && memcmp(o.data, data, len) == 0;
}

/* The value under key equals these bytes. */
static inline void
want(const vec_group *g, const char *key, const void *data, size_t len)
{
	octets		o = vec_octets(g, key);
	const char *name = vec_find(g, "name");

	expect(same(o, data, len), "%s %s: %s", g->kind, name == NULL ? "" : name, key);
	free(o.data);
}

static inline void
take(const vec_group *g, const char *key, void *out, size_t len)
{
	octets		o = vec_octets(g, key);

	if (o.len != len)
		vec_die("wrong length", key);
	memcpy(out, o.data, len);
	free(o.data);
}

static inline ledger_slice
slice_of(octets o)
{
	return ledger_slice_make(o.data, o.len);
}

static inline void
vec_run_file(const char *directory, const char *name, vec_kind *kinds, size_t nkinds)
{
	char	   *text = vec_load(directory, name);
	char	   *at = text;
	vec_group	g;
	long		n = 0;

	while (vec_next(&at, &g))
	{
		size_t		k;

		for (k = 0; k < nkinds; k++)
			if (strcmp(kinds[k].kind, g.kind) == 0)
				break;
		if (!expect(k < nkinds, "unknown kind %s", g.kind))
			continue;
		kinds[k].seen++;
		n++;
		kinds[k].run(&g);
	}
	expect(n > 0, "no vector in %s", name);
	free(text);
	done(name);
}

/* No .vec file of the directory is missing from the list above. */
static inline void
vec_check_directory(const char *directory)
{
	DIR		   *d = opendir(directory);
	struct dirent *e;

	if (d == NULL)
		vec_die("cannot read", directory);
	while ((e = readdir(d)) != NULL)
	{
		size_t		len = strlen(e->d_name);
		size_t		i;

		if (len < 4 || strcmp(e->d_name + len - 4, ".vec") != 0)
			continue;
		for (i = 0; i < VEC_NFILES; i++)
			if (strcmp(vec_files[i].file, e->d_name) == 0)
				break;
		expect(i < VEC_NFILES, "nothing reads %s", e->d_name);
	}
	closedir(d);
	done("every file of vectors is read");
}

/* Usage of each program: test_vec_... [directory]. */
static inline int
vec_main(int argc, char **argv, const char *program, vec_kind *kinds, size_t nkinds)
{
	const char *directory = argc > 1 ? argv[1] : "test/vectors";
	size_t		i;

	for (i = LEDGER_SUITE_STD; i <= LEDGER_SUITE_GM; i++)
		hashers[i] = ledger_hasher_new((ledger_suite) i);
	for (i = 0; i < VEC_NFILES; i++)
		if (strcmp(vec_files[i].program, program) == 0)
			vec_run_file(directory, vec_files[i].file, kinds, nkinds);
	for (i = 0; i < nkinds; i++)
		expect(kinds[i].seen > 0, "no vector of kind %s", kinds[i].kind);
	done("every kind of vector was met");
	vec_check_directory(directory);
	for (i = LEDGER_SUITE_STD; i <= LEDGER_SUITE_GM; i++)
		ledger_hasher_free(hashers[i]);
	return finish();
}

#endif							/* LEDGER_TEST_VEC_RUN_H */
