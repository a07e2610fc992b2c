/*
 * network/keyfile.c
 *		Reading and making key files.
 */
#include "network/keyfile.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access/xlog.h"
#include "common/string.h"
#include "core/bytes.h"
#include "ledger.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "storage/fd.h"

#define KEY_FILE_MAX 16384
#define PASSPHRASE_MAX 1024

static void
set_problem(LedgerKeyProblem *problem, char *message, char *hint)
{
	problem->missing = false;
	problem->message = message;
	problem->hint = hint;
}

/* ---- places ----------------------------------------------------------------- */

/* The directory of a path as the file system knows it, NULL when there is none. */
static char *
real_directory(const char *path)
{
	char	   *copy = pstrdup(path);
	char	   *real;
	char	   *result = NULL;

	get_parent_directory(copy);
	real = realpath(copy[0] != '\0' ? copy : ".", NULL);
	if (real != NULL)
	{
		result = pstrdup(real);
		free(real);
	}
	pfree(copy);
	return result;
}

static bool
below_data_directory(const char *path)
{
	char	   *directory = real_directory(path);
	char	   *data = realpath(DataDir, NULL);
	bool		below = directory != NULL && data != NULL && path_is_prefix_of_path(data, directory);

	free(data);
	return below;
}

char *
ledger_keyfile_path(const LedgerChain *chain, bool *development)
{
	char		hex[2 * sizeof(chain->chain_id) + 1];
	char	   *data;
	char	   *beside;
	char	   *path;

	*development = false;
	if (ledger_key_file != NULL && ledger_key_file[0] != '\0')
		return pstrdup(ledger_key_file);

	*development = true;
	data = realpath(DataDir, NULL);
	beside = pstrdup(data != NULL ? data : DataDir);
	free(data);
	get_parent_directory(beside);
	ledger_hex_encode(chain->chain_id, sizeof(chain->chain_id), hex);
	path = psprintf("%s/ledger-%llu/%s.pem", beside, (unsigned long long) GetSystemIdentifier(), hex);
	pfree(beside);
	return path;
}

/* ---- passphrase ------------------------------------------------------------- */

/* Run the command as ssl_passphrase_command is run: %p is a prompt, the first line is the answer. */
static bool
run_passphrase_command(const char *command, const char *path, char *passphrase, LedgerKeyProblem *problem)
{
	StringInfoData line;
	FILE	   *pipe;
	int			status;

	initStringInfo(&line);
	for (const char *p = command; *p != '\0'; p++)
	{
		if (p[0] == '%' && p[1] == 'p')
		{
			appendStringInfo(&line, "Passphrase of %s:", path);
			p++;
		}
		else if (p[0] == '%' && p[1] == '%')
		{
			appendStringInfoChar(&line, '%');
			p++;
		}
		else
			appendStringInfoChar(&line, p[0]);
	}

	passphrase[0] = '\0';
	pipe = OpenPipeStream(line.data, "r");
	if (pipe == NULL)
	{
		set_problem(problem, psprintf("the passphrase command could not be run: %m"), NULL);
		return false;
	}
	if (fgets(passphrase, PASSPHRASE_MAX, pipe) == NULL)
		passphrase[0] = '\0';
	status = ClosePipeStream(pipe);
	if (status != 0)
	{
		ledger_wipe(passphrase, PASSPHRASE_MAX);
		set_problem(problem,
					status == -1 ? psprintf("the passphrase command could not be run: %m")
								 : psprintf("the passphrase command failed: %s", wait_result_to_str(status)),
					pstrdup("Check ledger.key_passphrase_command."));
		return false;
	}
	pg_strip_crlf(passphrase);
	return true;
}

/* ---- reading ---------------------------------------------------------------- */

/* Read the whole file after checking whose it is; the length, or -1. */
static int
read_file(const char *path, char *buf, LedgerKeyProblem *problem)
{
	struct stat st;
	int			fd;
	int			len = 0;
	int			n;

	/* what is checked is what is read: the open file */
	fd = OpenTransientFile(path, O_RDONLY | PG_BINARY | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
	{
		problem->missing = errno == ENOENT;
		problem->message = psprintf("key file \"%s\" could not be opened: %m", path);
		problem->hint = problem->missing
			? psprintf("Correct ledger.key_file, or make a key with SELECT ledger.init_key('%s').", path)
			: NULL;
		return -1;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		set_problem(problem, psprintf("key file \"%s\" is not a regular file", path), NULL);
	else if (st.st_uid != geteuid())
		set_problem(problem, psprintf("key file \"%s\" belongs to another user", path),
					pstrdup("It must be owned by the user that runs the server."));
	else if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		set_problem(problem, psprintf("key file \"%s\" can be accessed by its group or by others", path),
					psprintf("Run chmod 0600 %s", path));
	else if (below_data_directory(path))
		set_problem(problem, psprintf("key file \"%s\" is in the data directory", path),
					pstrdup("Base backups would copy it. Move it elsewhere and set ledger.key_file."));
	else
	{
		while (len < KEY_FILE_MAX && (n = read(fd, buf + len, KEY_FILE_MAX - len)) > 0)
			len += n;
		CloseTransientFile(fd);
		return len;
	}
	CloseTransientFile(fd);
	return -1;
}

ledger_key *
ledger_keyfile_read(const char *path, ledger_suite suite, const char *passphrase_command,
					LedgerKeyProblem *problem)
{
	char	   *pem = palloc(KEY_FILE_MAX);
	char	   *passphrase = palloc(PASSPHRASE_MAX);
	ledger_key *key = NULL;
	ledger_key_error error;
	int			len = read_file(path, pem, problem);

	if (len >= 0)
	{
		error = ledger_key_from_pem(suite, pem, len, NULL, &key);
		if (error == LEDGER_KEY_BAD_PASSPHRASE && passphrase_command != NULL && passphrase_command[0] != '\0')
		{
			if (run_passphrase_command(passphrase_command, path, passphrase, problem))
				error = ledger_key_from_pem(suite, pem, len, passphrase, &key);
			else
				error = LEDGER_KEY_OK;	/* the problem is set */
		}
		if (error != LEDGER_KEY_OK)
		{
			key = NULL;
			set_problem(
				problem, psprintf("key file \"%s\" cannot be used: %s", path, ledger_key_error_text(error)),
				error == LEDGER_KEY_BAD_PASSPHRASE
					? pstrdup("Set ledger.key_passphrase_command to a command that prints the passphrase.")
					: psprintf(
						  "A private key of suite %s in PEM is needed; SELECT ledger.init_key(path) makes one.",
						  ledger_suite_name(suite)));
		}
	}
	ledger_wipe(pem, KEY_FILE_MAX);
	ledger_wipe(passphrase, PASSPHRASE_MAX);
	pfree(pem);
	pfree(passphrase);
	return key;
}

/* ---- making ----------------------------------------------------------------- */

static bool
write_file(const char *path, const char *pem, size_t len, LedgerKeyProblem *problem)
{
	int			fd = OpenTransientFilePerm(path, O_CREAT | O_EXCL | O_WRONLY | PG_BINARY, S_IRUSR | S_IWUSR);
	char	   *directory = pstrdup(path);
	bool		ok;

	if (fd < 0)
	{
		set_problem(problem, psprintf("key file \"%s\" could not be made: %m", path), NULL);
		return false;
	}
	errno = 0;
	ok = write(fd, pem, len) == (ssize_t) len && pg_fsync(fd) == 0;
	if (!ok)
		set_problem(problem, psprintf("key file \"%s\" could not be written: %m", path), NULL);
	if (CloseTransientFile(fd) != 0 && ok)
	{
		set_problem(problem, psprintf("key file \"%s\" could not be written: %m", path), NULL);
		ok = false;
	}
	get_parent_directory(directory);
	if (ok && fsync_fname_ext(directory[0] != '\0' ? directory : ".", true, false, LOG) != 0)
	{
		set_problem(problem, psprintf("directory \"%s\" could not be flushed: %m", directory), NULL);
		ok = false;
	}
	if (!ok)
		unlink(path);
	pfree(directory);
	return ok;
}

ledger_key *
ledger_keyfile_create(const char *path, ledger_suite suite, const char *passphrase_command,
					  bool make_directory, LedgerKeyProblem *problem)
{
	char	   *passphrase = palloc0(PASSPHRASE_MAX);
	char		pem[LEDGER_KEY_PEM_MAX];
	size_t		len = 0;
	ledger_key *key = NULL;
	bool		encrypt = passphrase_command != NULL && passphrase_command[0] != '\0';
	ledger_key_error error;

	if (make_directory)
	{
		char	   *directory = pstrdup(path);

		get_parent_directory(directory);
		if (mkdir(directory, S_IRWXU) == 0)
		{
			/* the key must not be lost with its directory */
			char	   *above = pstrdup(directory);

			get_parent_directory(above);
			fsync_fname_ext(above, true, true, LOG);
			pfree(above);
		}
		else if (errno != EEXIST)
		{
			set_problem(problem, psprintf("directory \"%s\" could not be made: %m", directory), NULL);
			return NULL;
		}
		pfree(directory);
	}
	if (!is_absolute_path(path))
	{
		set_problem(problem, psprintf("path \"%s\" is not absolute", path), NULL);
		return NULL;
	}
	if (below_data_directory(path))
	{
		set_problem(problem, psprintf("\"%s\" is in the data directory", path),
					pstrdup("Base backups would copy the key. Choose a directory elsewhere."));
		return NULL;
	}
	if (encrypt && !run_passphrase_command(passphrase_command, path, passphrase, problem))
		return NULL;
	if (encrypt && passphrase[0] == '\0')
	{
		set_problem(problem, pstrdup("the passphrase command printed no passphrase"), NULL);
		return NULL;
	}

	error = ledger_key_generate(suite, &key);
	if (error == LEDGER_KEY_OK)
		error = ledger_key_to_pem(key, encrypt ? passphrase : NULL, pem, sizeof(pem), &len);
	if (error != LEDGER_KEY_OK)
		set_problem(problem, psprintf("no key could be made: %s", ledger_key_error_text(error)), NULL);
	if (error != LEDGER_KEY_OK || !write_file(path, pem, len, problem))
	{
		ledger_key_free(key);
		key = NULL;
	}
	ledger_wipe(pem, sizeof(pem));
	ledger_wipe(passphrase, PASSPHRASE_MAX);
	pfree(passphrase);
	return key;
}
