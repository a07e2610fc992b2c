/*
 * test/fuzz/seeds.c
 *		Writes the first inputs of every fuzz target from the golden vectors.
 *
 * Usage: seeds VECTORS DIRECTORY; makes DIRECTORY/<target>/<number> for valid and
 * for refused vectors alike.
 */
#include <sys/stat.h>

#include "proof_statements.h"
#include "vec.h"

/* Which value of which kind is an input of which target. */
static const struct
{
	const char *file;
	const char *kind;
	const char *key;
	const char *target;
}			sources[] = {
	{"canon.vec", "cell", "cell", "cell"},
	{"canon.vec", "cell-bad", "cell", "cell"},
	{"row.vec", "row", "row", "row"},
	{"row.vec", "row-bad", "row", "row"},
	{"entry.vec", "entry", "entry", "entry"},
	{"entry.vec", "entry-bad", "entry", "entry"},
	{"entry.vec", "genesis", "entry", "entry"},
	{"entry.vec", "entry", "entry", "opening"},
	{"schema.vec", "schema", "schema", "schema"},
	{"schema.vec", "schema-bad", "schema", "schema"},
	{"block.vec", "block", "block", "block"},
	{"block.vec", "block-bad", "block", "block"},
	{"note.vec", "note", "note", "note"},
	{"note.vec", "note-bad", "note", "note"},
	{"note.vec", "vkey", "vkey", "note"},
	{"note.vec", "vkey-bad", "vkey", "note"},
	{"receipt.vec", "receipt", "file", "receipt"},
	{"receipt.vec", "receipt-bad", "file", "receipt"},
	{"receipt.vec", "consistency-file", "file", "receipt"},
	{"receipt.vec", "consistency-bad", "file", "receipt"},
	{"local.vec", "packed-groups", "packed", "packed"},
	{"local.vec", "packed-groups-bad", "packed", "packed"},
	{"local.vec", "ledger-salt", "salts", "packed"},
	{"local.vec", "leaf-items", "items", "leaf_items"},
	{"local.vec", "leaf-items-bad", "items", "leaf_items"},
	{"statement.vec", "statement", "text", "statement"},
	{"statement.vec", "statement-bad", "text", "statement"},
	{"proof.vec", "commitment", "commitment", "commitment"},
	{"proof.vec", "commitment-bad", "commitment", "commitment"}
};

static int	written;

static void
write_seed(const char *directory, const char *target, const void *data, size_t len)
{
	char		path[512];
	FILE	   *f;

	snprintf(path, sizeof(path), "%s/%s", directory, target);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/%s/%04d", directory, target, written++);
	f = fopen(path, "wb");
	if (f == NULL || fwrite(data, 1, len, f) != len || fclose(f) != 0)
		vec_die("cannot write", path);
}

static void
write_group(const char *directory, size_t source, const vec_group *g)
{
	const char *value = vec_text(g, sources[source].key);
	octets		o;

	if (strcmp(sources[source].key, "vkey") == 0)
	{
		write_seed(directory, sources[source].target, value, strlen(value));
		return;
	}
	o = octets_of(value);
	write_seed(directory, sources[source].target, o.data, o.len);
	free(o.data);
}

/* A body goes to the entry target behind a byte that names its type. */
static void
write_body(const char *directory, const vec_group *g)
{
	octets		o = vec_octets(g, "body");
	uint8_t	   *input = (uint8_t *) malloc(o.len + 1);

	input[0] = (uint8_t) vec_u64(g, "type");
	memcpy(input + 1, o.data, o.len);
	write_seed(directory, "entry", input, o.len + 1);
	free(input);
	free(o.data);
}

/* A proof goes behind the number of its statement in the target, where that has it; every other one with company. */
static void
write_proof(const char *directory, const vec_group *g)
{
	octets		o = vec_octets(g, "proof");
	uint8_t	   *input = (uint8_t *) malloc(o.len + 2);

	for (size_t i = 0; i < N_PROOF_STATEMENTS; i++)
		if (strcmp(proof_statements[i], vec_text(g, "statement")) == 0)
		{
			input[0] = (uint8_t) (2 * i + (strcmp(vec_text(g, "suite"), "gm") == 0));
			input[1] = (uint8_t) (written % 2 * 2);
			memcpy(input + 2, o.data, o.len);
			write_seed(directory, "proof", input, o.len + 2);
		}
	free(input);
	free(o.data);
}

/* The records of an export's stream of entries. */
static void
write_records(const char *directory, const vec_group *g)
{
	octets		o = vec_octets(g, "content");
	size_t		at = 0;

	while (strcmp(vec_text(g, "path"), "entries.bin") == 0 && at + 4 <= o.len)
	{
		size_t		len = (size_t) o.data[at] << 24 | (size_t) o.data[at + 1] << 16 |
			(size_t) o.data[at + 2] << 8 | o.data[at + 3];

		write_seed(directory, "opening", o.data + at + 4, len);
		at += 4 + len;
	}
	free(o.data);
}

static void
write_file(const char *vectors, const char *directory, const char *file)
{
	char	   *text = vec_load(vectors, file);
	char	   *at = text;
	vec_group	g;
	size_t		i;

	while (vec_next(&at, &g))
	{
		for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
			if (strcmp(sources[i].file, file) == 0 && strcmp(sources[i].kind, g.kind) == 0)
				write_group(directory, i, &g);
		if (strcmp(g.kind, "body") == 0 || strcmp(g.kind, "body-bad") == 0)
			write_body(directory, &g);
		if (strncmp(g.kind, "proof", strlen("proof")) == 0)
			write_proof(directory, &g);
		if (strcmp(g.kind, "export-file") == 0)
			write_records(directory, &g);
	}
	free(text);
}

int
main(int argc, char **argv)
{
	static const char *const files[] = {
		"canon.vec", "row.vec", "entry.vec", "schema.vec", "block.vec", "note.vec", "receipt.vec",
		"local.vec", "export.vec", "statement.vec", "proof.vec"
	};
	size_t		i;

	if (argc != 3)
	{
		fprintf(stderr, "usage: seeds VECTORS DIRECTORY\n");
		return 2;
	}
	mkdir(argv[2], 0777);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		write_file(argv[1], argv[2], files[i]);
	printf("%d seeds\n", written);
	return 0;
}
