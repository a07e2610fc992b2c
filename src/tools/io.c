/*
 * tools/io.c
 *		Files, memory and failure of the client programs.
 */
#include "tools/io.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/bytes.h"

/* Large enough that a read of a row file is not a system call per row. */
#define STREAM_BUFFER (256 * 1024)

void
ledger_die(const char *format, ...)
{
	va_list		args;

	fflush(stdout);
	fputs("ledger_verify: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(LEDGER_EXIT_UNUSABLE);
}

void *
ledger_alloc(size_t size)
{
	void	   *p = malloc(size == 0 ? 1 : size);

	if (p == NULL)
		ledger_die("out of memory");
	return p;
}

void *
ledger_realloc(void *p, size_t size)
{
	p = realloc(p, size == 0 ? 1 : size);
	if (p == NULL)
		ledger_die("out of memory");
	return p;
}

char *
ledger_strdup(const char *s)
{
	size_t		size = strlen(s) + 1;

	return memcpy(ledger_alloc(size), s, size);
}

char *
ledger_path(const char *directory, const char *name)
{
	size_t		dlen = strlen(directory);
	size_t		nlen = strlen(name);
	char	   *path = ledger_alloc(dlen + nlen + 2);

	memcpy(path, directory, dlen);
	path[dlen] = '/';
	memcpy(path + dlen + 1, name, nlen + 1);
	return path;
}

/* Open a regular file and tell its size. */
static FILE *
open_regular(const char *path, uint64_t *size)
{
	FILE	   *file = fopen(path, "rb");
	struct stat st;

	if (file == NULL)
		return NULL;
	if (fstat(fileno(file), &st) != 0)
	{
		fclose(file);
		return NULL;
	}
	if (!S_ISREG(st.st_mode))
	{
		fclose(file);
		errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		return NULL;
	}
	*size = (uint64_t) st.st_size;
	return file;
}

bool
ledger_file_read(const char *path, ledger_file *out)
{
	uint64_t	size;
	FILE	   *file = open_regular(path, &size);

	out->data = NULL;
	out->len = 0;
	if (file == NULL)
		return false;
	if (size >= SIZE_MAX)
		ledger_die("file \"%s\" is too large", path);
	out->data = ledger_alloc((size_t) size + 1);
	out->len = fread(out->data, 1, (size_t) size, file);
	if (ferror(file))
		ledger_die("could not read file \"%s\": %s", path, strerror(errno));
	out->data[out->len] = '\0';
	fclose(file);
	return true;
}

bool
ledger_stream_open(ledger_stream *stream, const char *path)
{
	memset(stream, 0, sizeof(*stream));
	stream->path = path;
	stream->file = open_regular(path, &stream->left);
	if (stream->file == NULL)
		return false;
	setvbuf(stream->file, NULL, _IOFBF, STREAM_BUFFER);
	return true;
}

static bool
read_exactly(ledger_stream *stream, void *out, size_t len)
{
	if (fread(out, 1, len, stream->file) == len)
	{
		stream->left -= len;
		return true;
	}
	if (ferror(stream->file))
		ledger_die("could not read file \"%s\": %s", stream->path, strerror(errno));
	return false;				/* somebody made it shorter under us */
}

ledger_stream_state
ledger_stream_next(ledger_stream *stream)
{
	uint8_t		head[4];
	uint32_t	len;

	if (stream->left == 0)
		return LEDGER_STREAM_END;
	if (stream->left < sizeof(head) || !read_exactly(stream, head, sizeof(head)))
		return LEDGER_STREAM_CUT;
	len = ledger_get_u32(head);
	if (len > stream->left)
		return LEDGER_STREAM_CUT;
	if (len >= stream->capacity)
	{
		stream->capacity = (size_t) len + len / 4 + 1024;
		stream->data = ledger_realloc(stream->data, stream->capacity);
	}
	if (!read_exactly(stream, stream->data, len))
		return LEDGER_STREAM_CUT;
	stream->len = len;
	stream->number++;
	return LEDGER_STREAM_RECORD;
}

void
ledger_stream_close(ledger_stream *stream)
{
	if (stream->file != NULL)
		fclose(stream->file);
	free(stream->data);
	memset(stream, 0, sizeof(*stream));
}
