/*
 * tools/check_export.c
 *		The check of a whole export: its small files, then the rest in turn.
 */
#include "tools/check.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- the file `format` -------------------------------------------------------------- */

#define FORMAT_LINES 5

typedef struct format_file
{
	uint64_t	size;
	uint64_t	tables;
	unsigned	incarnation;
} format_file;

/* The value of a line "<word> <value>"; false when it is another line. */
static bool
line_value(ledger_slice line, const char *word, ledger_slice *value)
{
	size_t		len = strlen(word);

	if (line.len <= len || memcmp(line.data, word, len) != 0 || line.data[len] != ' ')
		return false;
	*value = ledger_slice_make(line.data + len + 1, line.len - len - 1);
	return true;
}

static bool
is_text(ledger_slice s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.data, text, s.len) == 0;
}

/* What is wrong with it, or NULL. */
static const char *
parse_format(ledger_check *c, const ledger_file *file, format_file *format)
{
	ledger_slice lines[FORMAT_LINES];
	ledger_slice value;
	const uint8_t *p = file->data;
	const uint8_t *end = file->data + file->len;
	int			i;

	for (i = 0; i < FORMAT_LINES; i++)
	{
		const uint8_t *newline = memchr(p, '\n', (size_t) (end - p));

		if (newline == NULL)
			return "five lines are expected";
		lines[i] = ledger_slice_make(p, (size_t) (newline - p));
		p = newline + 1;
	}
	if (p != end)
		return "five lines are expected";
	if (!is_text(lines[0], "ledger-export/1"))
		return "not an export of version 1";
	if (!line_value(lines[1], "suite", &value))
		return "a line \"suite\" is expected";
	if (is_text(value, "std"))
		c->suite = LEDGER_SUITE_STD;
	else if (is_text(value, "gm"))
		c->suite = LEDGER_SUITE_GM;
	else
		return "unknown suite";
	if (!line_value(lines[2], "origin", &value) ||
		!ledger_origin_parse((const char *) value.data, value.len, c->chain_id, &format->incarnation))
		return "a line \"origin\" is expected";
	if (!line_value(lines[3], "size", &value) ||
		!ledger_decimal_parse((const char *) value.data, value.len, &format->size))
		return "a line \"size\" is expected";
	if (!line_value(lines[4], "tables", &value) ||
		!ledger_decimal_parse((const char *) value.data, value.len, &format->tables))
		return "a line \"tables\" is expected";
	return NULL;
}

/*
 * Whether the genesis entry names another suite. It is asked before all else:
 * with the wrong one every hash would differ.
 */
static bool
other_suite(ledger_check *c)
{
	char	   *path = ledger_path(c->directory, "entries.bin");
	ledger_stream stream;
	ledger_entry entry;
	ledger_member_body body;
	size_t		used;
	bool		other = false;

	if (ledger_stream_open(&stream, path) && ledger_stream_next(&stream) == LEDGER_STREAM_RECORD &&
		ledger_entry_read(stream.data, stream.len, &entry, &used) == LEDGER_OK &&
		entry.header.type == LEDGER_ENTRY_MEMBER && entry.wrapper == LEDGER_EXTRA_OPEN)
		other = ledger_member_body_parse(entry.body, entry.body_len, &body) == LEDGER_OK &&
			body.suite != (uint8_t) c->suite;
	ledger_stream_close(&stream);
	free(path);
	return other;
}

static bool
read_format(ledger_check *c, format_file *format)
{
	char	   *path = ledger_path(c->directory, "format");
	ledger_file file;
	const char *problem;

	if (!ledger_file_read(path, &file))
		ledger_die("\"%s\" is no ledger export: could not read its file \"format\": %s", c->directory,
				   strerror(errno));
	problem = parse_format(c, &file, format);
	if (problem == NULL && other_suite(c))
		problem = "the genesis entry names another suite";
	if (problem != NULL)
		ledger_finding("format", ledger_nowhere(), "%s", problem);
	free(file.data);
	free(path);
	return problem == NULL;
}

/* ---- checkpoints --------------------------------------------------------------------- */

static void
read_checkpoint(ledger_check *c, const format_file *format)
{
	char	   *path = ledger_path(c->directory, "checkpoint");
	const ledger_tree_head *head = &c->note.head;
	ledger_status status;
	bool		same_origin;

	if (!ledger_file_read(path, &c->checkpoint_file))
	{
		ledger_finding("file-missing", ledger_at_file("checkpoint"), NULL);
		free(path);
		return;
	}
	free(path);
	status = ledger_note_parse((const char *) c->checkpoint_file.data, c->checkpoint_file.len, &c->note);
	if (status != LEDGER_OK)
	{
		ledger_finding("checkpoint", ledger_nowhere(), "%s", ledger_status_text(status));
		return;
	}
	c->have_checkpoint = true;
	c->size = head->size;
	same_origin =
		memcmp(head->chain_id, c->chain_id, LEDGER_ID_LEN) == 0 && head->incarnation == format->incarnation;
	status = ledger_keyring_verify(c->keys, c->suite, &c->note);
	if (status == LEDGER_OK)
		memcpy(c->chain_id, head->chain_id, LEDGER_ID_LEN);
	else
		ledger_finding("checkpoint-untrusted", ledger_nowhere(), "%s", ledger_status_text(status));
	if (!same_origin)
		ledger_finding("format", ledger_nowhere(), "another origin than in the checkpoint");
	if (head->size != format->size)
		ledger_finding("format", ledger_nowhere(), "another size than in the checkpoint");
}

static void
read_old_checkpoint(ledger_check *c, const char *path)
{
	ledger_file file;
	ledger_note note;
	ledger_status status;

	if (!ledger_file_read(path, &file))
		ledger_die("could not read file \"%s\": %s", path, strerror(errno));
	status = ledger_note_parse((const char *) file.data, file.len, &note);
	if (status == LEDGER_OK)
		status = ledger_keyring_verify(c->keys, c->suite, &note);
	if (status != LEDGER_OK)
		ledger_finding("old-checkpoint", ledger_nowhere(), "%s", ledger_status_text(status));
	else if (memcmp(note.head.chain_id, c->chain_id, LEDGER_ID_LEN) != 0)
		ledger_finding("old-checkpoint", ledger_nowhere(), "the older checkpoint is of another chain");
	else
	{
		c->have_old = true;
		c->old = note.head;
	}
	free(file.data);
}

/* ---- file names ------------------------------------------------------------------------ */

/* "rows/<table_id>.bin" */
static bool
is_row_file(const char *path, uint8_t *table)
{
	return strlen(path) == 5 + 2 * LEDGER_ID_LEN + 4 && strncmp(path, "rows/", 5) == 0 &&
		ledger_hex_decode(path + 5, 2 * LEDGER_ID_LEN, table, LEDGER_ID_LEN) &&
		strcmp(path + 5 + 2 * LEDGER_ID_LEN, ".bin") == 0;
}

static void
take_file(ledger_check *c, const char *path)
{
	static const char *const others[] = {
		"format", "checkpoint", "keys", "blocks.bin", "entries.bin", "schemas.bin"
	};
	uint8_t		table[LEDGER_ID_LEN];
	size_t		i;

	if (is_row_file(path, table))
	{
		ledger_tables_file(c->tables, table);
		return;
	}
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(path, others[i]) == 0)
			return;
	if (!ledger_tiles_expected(c, path))
		ledger_finding("file-unexpected", ledger_at_file(path), NULL);
}

/* Every file below the export. prefix is the path so far, empty or ending in a slash. */
static void
list_files(ledger_check *c, const char *prefix)
{
	char	   *directory = ledger_path(c->directory, prefix);
	DIR		   *dir = opendir(directory);
	struct dirent *entry;

	if (dir == NULL)
		ledger_die("could not open directory \"%s\": %s", directory, strerror(errno));
	while ((entry = readdir(dir)) != NULL)
	{
		size_t		plen = strlen(prefix);
		size_t		nlen = strlen(entry->d_name);
		char	   *path;
		char	   *full;
		struct stat st;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		path = ledger_alloc(plen + nlen + 2);
		memcpy(path, prefix, plen);
		memcpy(path + plen, entry->d_name, nlen + 1);
		full = ledger_path(c->directory, path);
		if (lstat(full, &st) != 0)
			ledger_die("could not stat file \"%s\": %s", full, strerror(errno));
		if (S_ISDIR(st.st_mode))
		{
			memcpy(path + plen + nlen, "/", 2);
			list_files(c, path);
		}
		else
			take_file(c, path);
		free(full);
		free(path);
	}
	closedir(dir);
	free(directory);
}

/* ---- everything ---------------------------------------------------------------------------- */

/*
 * Roots that entries name, from the tiles, as they may lie anywhere before the
 * entry. Damaged tiles have been reported and say nothing.
 */
static void
check_states(ledger_check *c)
{
	size_t		i;

	if (ledger_findings_of("tile-wrong") + ledger_findings_of("tile-missing") +
			ledger_findings_of("block-root") + ledger_findings_of("checkpoint-root") >
		0)
		return;
	for (i = 0; i < c->nstates; i++)
	{
		const ledger_named_state *s = &c->states[i];

		if (!ledger_tiles_had_root(c->tiles, s->size, s->root))
			ledger_finding("log-state", ledger_at_entry(s->ledger_tx, s->leaf), NULL);
	}
}

void
ledger_check_export(const char *directory, const ledger_keyring *keys, const char *old_path)
{
	ledger_check *c = ledger_alloc(sizeof(*c));
	format_file format = {0};

	memset(c, 0, sizeof(*c));
	c->directory = directory;
	c->keys = keys;
	if (!read_format(c, &format))
	{
		free(c);
		return;
	}
	c->size = format.size;
	c->h = ledger_hasher_new(c->suite);
	if (c->h == NULL)
		ledger_die("libcrypto has no hash for suite \"%s\"", ledger_suite_name(c->suite));
	read_checkpoint(c, &format);
	if (old_path != NULL)
		read_old_checkpoint(c, old_path);

	c->members = ledger_members_new(c);
	c->tiles = ledger_tiles_new(c);
	c->tables = ledger_tables_new(c);
	list_files(c, "");
	if (ledger_tables_files(c->tables) != format.tables)
		ledger_finding("format", ledger_nowhere(), "another number of tables than row files");
	ledger_check_log(c);
	check_states(c);
	ledger_members_check_keys(c->members);
	ledger_tables_check(c->tables);

	if (ledger_findings() == 0)
	{
		char		origin[LEDGER_ORIGIN_MAX + 1];
		ledger_writer w;

		ledger_writer_init(&w, origin, LEDGER_ORIGIN_MAX);
		ledger_origin_write(&w, c->chain_id, format.incarnation);
		origin[w.len] = '\0';
		printf("export is valid: %s size %" PRIu64 "\n", origin, c->size);
	}
	ledger_tables_free(c->tables);
	ledger_tiles_free(c->tiles);
	ledger_members_free(c->members);
	ledger_hasher_free(c->h);
	free(c->checkpoint_file.data);
	free(c->states);
	free(c);
}
