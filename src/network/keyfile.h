/*
 * network/keyfile.h
 *		Files with the private key that signs checkpoints.
 *
 * A key file is PKCS #8 or traditional EC PEM, owned by the user that runs the
 * server, without access for group or others, and never below the data
 * directory, which base backups copy. Nothing here ereports for what is wrong
 * with a file: problem and hint, palloc'd, say it.
 */
#ifndef LEDGER_KEYFILE_H
#define LEDGER_KEYFILE_H

#include "compat.h"

#include "chain/registry.h"
#include "crypto/key.h"

typedef struct LedgerKeyProblem
{
	bool		missing;		/* there is no such file */
	char	   *message;		/* a sentence part, lower case */
	char	   *hint;			/* sentences, or NULL */
} LedgerKeyProblem;

/*
 * Where the key of this chain is looked for: ledger.key_file, or the development
 * key beside the data directory (*development).
 */
extern char *ledger_keyfile_path(const LedgerChain *chain, bool *development);

/*
 * Read a key. passphrase_command, NULL or empty for none, is run when the file is
 * encrypted. NULL with *problem; the caller frees the key.
 */
extern ledger_key *ledger_keyfile_read(const char *path, ledger_suite suite, const char *passphrase_command,
									   LedgerKeyProblem *problem);

/*
 * Make a new key and its file, which must not exist, durably; encrypted when a
 * passphrase command is given. make_directory also makes the directory (0700).
 * NULL with *problem.
 */
extern ledger_key *ledger_keyfile_create(const char *path, ledger_suite suite, const char *passphrase_command,
										 bool make_directory, LedgerKeyProblem *problem);

#endif							/* LEDGER_KEYFILE_H */
