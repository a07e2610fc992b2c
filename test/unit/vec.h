/*
 * test/unit/vec.h
 *		Reads the .vec files of test/vectors; test/vectors/README.md has their format.
 */
#ifndef LEDGER_TEST_VEC_H
#define LEDGER_TEST_VEC_H

#include "harness.h"

#define VEC_MAX_FIELDS 64

typedef struct vec_group
{
	const char *kind;
	int			nfields;
	const char *key[VEC_MAX_FIELDS];
	const char *value[VEC_MAX_FIELDS];
} vec_group;

/* Octets on the heap, exactly len of them. */
typedef struct octets
{
	uint8_t	   *data;
	size_t		len;
} octets;

static inline void
vec_die(const char *what, const char *which)
{
	printf("Bail out! %s: %s\n", what, which);
	exit(2);
}

/* The whole file with its zero byte; groups point into it. */
static inline char *
vec_load(const char *directory, const char *name)
{
	char		path[512];
	FILE	   *f;
	char	   *text;
	long		size = 0;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	f = fopen(path, "rb");
	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0 || fseek(f, 0, SEEK_SET) != 0)
		vec_die("cannot read", path);
	text = (char *) malloc((size_t) size + 1);
	if (text == NULL || fread(text, 1, (size_t) size, f) != (size_t) size)
		vec_die("cannot read", path);
	text[size] = '\0';
	fclose(f);
	return text;
}

/* The next group; false at the end. The text is cut up in place. */
static inline bool
vec_next(char **at, vec_group *g)
{
	memset(g, 0, sizeof(*g));
	while (**at != '\0')
	{
		char	   *line = *at;
		char	   *end = strchr(line, '\n');
		char	   *equals;

		if (end == NULL)
			vec_die("line without newline", line);
		*end = '\0';
		*at = end + 1;
		if (line[0] == '#')
			continue;
		if (line[0] == '\0')
		{
			if (g->kind != NULL)
				return true;
			continue;
		}
		equals = strstr(line, " =");
		if (equals == NULL)
			vec_die("malformed line", line);
		*equals = '\0';
		equals += equals[2] == ' ' ? 3 : 2;
		if (g->kind == NULL)
		{
			if (strcmp(line, "kind") != 0)
				vec_die("group without kind", line);
			g->kind = equals;
			continue;
		}
		if (g->nfields == VEC_MAX_FIELDS)
			vec_die("too many fields", g->kind);
		g->key[g->nfields] = line;
		g->value[g->nfields++] = equals;
	}
	return g->kind != NULL;
}

static inline const char *
vec_find(const vec_group *g, const char *key)
{
	int			i;

	for (i = 0; i < g->nfields; i++)
		if (strcmp(g->key[i], key) == 0)
			return g->value[i];
	return NULL;
}

static inline const char *
vec_text(const vec_group *g, const char *key)
{
	const char *value = vec_find(g, key);

	if (value == NULL)
		vec_die("missing key", key);
	return value;
}

/* "name0", "name1" ... */
static inline const char *
vec_numbered(const vec_group *g, const char *name, unsigned n)
{
	char		key[64];

	snprintf(key, sizeof(key), "%s%u", name, n);
	return vec_text(g, key);
}

static inline uint64_t
vec_u64(const vec_group *g, const char *key)
{
	return strtoull(vec_text(g, key), NULL, 10);
}

static inline int64_t
vec_i64(const vec_group *g, const char *key)
{
	return strtoll(vec_text(g, key), NULL, 10);
}

static inline octets
octets_of(const char *hex)
{
	octets		o;

	o.len = strlen(hex) / 2;
	o.data = (uint8_t *) malloc(o.len > 0 ? o.len : 1);
	if (o.data == NULL || strlen(hex) % 2 != 0 || unhex(hex, o.data) != o.len)
		vec_die("not hex", hex);
	return o;
}

static inline octets
vec_octets(const vec_group *g, const char *key)
{
	return octets_of(vec_text(g, key));
}

/* The next word of a numbered field, cut off at the space; "-" is an empty string. */
static inline char *
vec_word(char **at)
{
	char	   *word = *at;
	char	   *space = strchr(word, ' ');

	if (space != NULL)
	{
		*space = '\0';
		*at = space + 1;
	}
	else
		*at = word + strlen(word);
	return strcmp(word, "-") == 0 ? word + 1 : word;
}

#endif							/* LEDGER_TEST_VEC_H */
