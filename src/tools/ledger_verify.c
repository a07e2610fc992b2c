/*
 * tools/ledger_verify.c
 *		Checks receipts, checkpoints, consistency proofs and exports of a ledger.
 *
 * A client program without a server: it needs the file, the key that its user
 * trusts, and nothing else.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/receipt.h"
#include "tools/check.h"
#include "tools/finding.h"
#include "tools/io.h"
#include "tools/keyring.h"

static const char usage_text[] =
"ledger_verify checks a ledger's receipts, checkpoints and exports without a server.\n"
"\n"
"Usage:\n"
"  ledger_verify receipt FILE --key KEY\n"
"  ledger_verify checkpoint FILE --key KEY\n"
"  ledger_verify consistency FILE [--old NOTE] [--new NOTE] [--key KEY]\n"
"  ledger_verify export DIRECTORY --key KEY [--checkpoint NOTE]\n"
"\n"
"KEY is a verifier key, a file with one verifier key per line, or a file with a\n"
"public key in PEM. NOTE is a checkpoint; that of \"export\" is an older one, which\n"
"the exported log must continue.\n"
"\n"
"Options:\n"
"  --help       show this help, then exit\n"
"  --version    show the version, then exit\n"
"\n"
"Exit status: 0 where all is well, 1 where something is wrong, 2 where the input\n"
"cannot be used. Each finding of \"export\" is a line of its own.\n";

typedef struct arguments
{
	const char *path;			/* what is checked */
	const char *key;
	const char *old_note;
	const char *new_note;
	const char *checkpoint;
	ledger_keyring keys;
} arguments;

/* Say why something does not hold. */
static int
not_valid(const char *format, const char *detail)
{
	fputs("not valid: ", stdout);
	printf(format, detail);
	putchar('\n');
	return LEDGER_EXIT_FINDINGS;
}

/* A text; one empty line at its end is left out, because psql adds it to what it prints. */
static ledger_file
read_input(const char *path)
{
	ledger_file file;

	if (!ledger_file_read(path, &file))
		ledger_die("could not read file \"%s\": %s", path, strerror(errno));
	if (file.len >= 2 && memcmp(file.data + file.len - 2, "\n\n", 2) == 0)
		file.data[--file.len] = '\0';
	return file;
}

static ledger_hasher *
new_hasher(ledger_suite suite)
{
	ledger_hasher *h = ledger_hasher_new(suite);

	if (h == NULL)
		ledger_die("libcrypto has no hash for suite \"%s\"", ledger_suite_name(suite));
	return h;
}

static int
check_receipt(arguments *args)
{
	ledger_file file = read_input(args->path);
	uint8_t	   *scratch = ledger_alloc(file.len);
	ledger_receipt_file receipt;
	ledger_receipt_facts facts;
	ledger_hasher *h;
	ledger_status status;
	int			result;

	status = ledger_receipt_parse((const char *) file.data, file.len, scratch, file.len, &receipt);
	if (status != LEDGER_OK)
		result = not_valid("not a receipt: %s", ledger_status_text(status));
	else
	{
		h = new_hasher(receipt.suite);
		status = ledger_receipt_check(h, &receipt, args->keys.keys, args->keys.n, &facts);
		if (status != LEDGER_OK)
		{
			printf("not valid: %s: %s\n", ledger_receipt_part_text(facts.failed), ledger_status_text(status));
			result = LEDGER_EXIT_FINDINGS;
		}
		else
		{
			char		table[2 * LEDGER_ID_LEN + 1];

			ledger_hex_encode(facts.row.header.table_id, LEDGER_ID_LEN, table);
			printf("receipt is valid: table %s ledger_tx %" PRIu64 " ledger_seq %" PRIu32 ", log of %" PRIu64
				   " entries\n",
				   table, facts.row.header.ledger_tx, facts.row.header.ledger_seq, facts.note.head.size);
			result = LEDGER_EXIT_VALID;
		}
		ledger_hasher_free(h);
	}
	free(scratch);
	free(file.data);
	return result;
}

/* The head of a checkpoint that a trusted key signed; what is wrong otherwise. */
static ledger_status
read_checkpoint(const arguments *args, ledger_suite suite, const char *path, ledger_tree_head *head)
{
	ledger_file file = read_input(path);
	ledger_note note;
	ledger_status status = ledger_note_parse((const char *) file.data, file.len, &note);

	if (status == LEDGER_OK)
		status = ledger_keyring_verify(&args->keys, suite, &note);
	*head = note.head;
	free(file.data);
	return status;
}

static int
check_checkpoint(arguments *args)
{
	ledger_tree_head head;
	ledger_status status = read_checkpoint(args, 0, args->path, &head);
	char		origin[LEDGER_ORIGIN_MAX + 1];
	ledger_writer w;

	if (status != LEDGER_OK)
		return not_valid("%s", ledger_status_text(status));
	ledger_writer_init(&w, origin, LEDGER_ORIGIN_MAX);
	ledger_origin_write(&w, head.chain_id, head.incarnation);
	origin[w.len] = '\0';
	printf("checkpoint is valid: %s size %" PRIu64 "\n", origin, head.size);
	return LEDGER_EXIT_VALID;
}

/* Whether a proof is about a checkpoint (path NULL: nothing is asked). */
static int
proof_is_about(arguments *args, ledger_suite suite, const char *path, uint64_t size, const uint8_t *root)
{
	ledger_tree_head head;
	ledger_status status;

	if (path == NULL)
		return LEDGER_EXIT_VALID;
	status = read_checkpoint(args, suite, path, &head);
	if (status != LEDGER_OK)
		return not_valid("%s", ledger_status_text(status));
	if (head.size != size || memcmp(head.root, root, LEDGER_HASH_LEN) != 0)
		return not_valid("the proof is not about the checkpoint \"%s\"", path);
	return LEDGER_EXIT_VALID;
}

static int
check_consistency(arguments *args)
{
	ledger_file file = read_input(args->path);
	ledger_consistency_file proof;
	ledger_status status = ledger_consistency_file_parse((const char *) file.data, file.len, &proof);
	ledger_hasher *h;
	int			result;

	free(file.data);
	if (status != LEDGER_OK)
		return not_valid("not a consistency proof: %s", ledger_status_text(status));
	h = new_hasher(proof.suite);
	status = ledger_consistency_file_check(h, &proof);
	ledger_hasher_free(h);
	if (status != LEDGER_OK)
		return not_valid("the proof does not connect the two roots: %s", ledger_status_text(status));
	result = proof_is_about(args, proof.suite, args->old_note, proof.from, proof.from_root);
	if (result == LEDGER_EXIT_VALID)
		result = proof_is_about(args, proof.suite, args->new_note, proof.to, proof.to_root);
	if (result == LEDGER_EXIT_VALID)
		printf("proof is valid: the log of %" PRIu64 " entries continues the one of %" PRIu64 "\n", proof.to,
			   proof.from);
	return result;
}

static int
check_export(arguments *args)
{
	ledger_check_export(args->path, &args->keys, args->checkpoint);
	if (ledger_findings() == 0)
		return LEDGER_EXIT_VALID;
	printf("%" PRIu64 " findings\n", ledger_findings());
	return LEDGER_EXIT_FINDINGS;
}

static const struct command
{
	const char *name;
	int (*run)(arguments *args);
	bool		needs_key;
	const char *options;		/* letters of its options */
}			commands[] = {
	{"receipt", check_receipt, true, "k"},
	{"checkpoint", check_checkpoint, true, "k"},
	{"consistency", check_consistency, false, "kon"},
	{"export", check_export, true, "kc"},
};

static const struct option long_options[] = {
	{"key", required_argument, NULL, 'k'},
	{"old", required_argument, NULL, 'o'},
	{"new", required_argument, NULL, 'n'},
	{"checkpoint", required_argument, NULL, 'c'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0}
};

static void __attribute__((noreturn)) usage_error(void)
{
	fputs("Try \"ledger_verify --help\" for more information.\n", stderr);
	exit(LEDGER_EXIT_UNUSABLE);
}

static const struct command *
find_command(const char *name)
{
	size_t		i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	fprintf(stderr, "ledger_verify: there is no command \"%s\"\n", name);
	usage_error();
}

int
main(int argc, char **argv)
{
	arguments	args = {0};
	const struct command *command = NULL;
	char		seen[8] = "";	/* letters of the options given */
	int			letter;
	int			result;

	while ((letter = getopt_long(argc, argv, "", long_options, NULL)) != -1)
	{
		switch (letter)
		{
			case 'k':
				args.key = optarg;
				break;
			case 'o':
				args.old_note = optarg;
				break;
			case 'n':
				args.new_note = optarg;
				break;
			case 'c':
				args.checkpoint = optarg;
				break;
			case 'h':
				fputs(usage_text, stdout);
				return LEDGER_EXIT_VALID;
			case 'V':
				puts("ledger_verify (ledger) " LEDGER_VERSION);
				return LEDGER_EXIT_VALID;
			default:
				usage_error();
		}
		if (strchr(seen, letter) == NULL)
			seen[strlen(seen)] = (char) letter;
	}
	if (argc - optind != 2)
	{
		fputs("ledger_verify: a command and one file are needed\n", stderr);
		usage_error();
	}
	command = find_command(argv[optind]);
	args.path = argv[optind + 1];
	if (strspn(seen, command->options) != strlen(seen))
	{
		fprintf(stderr, "ledger_verify: \"%s\" does not take all of these options\n", command->name);
		usage_error();
	}
	if (args.key == NULL && (command->needs_key || args.old_note != NULL || args.new_note != NULL))
	{
		fputs("ledger_verify: --key is needed to trust a checkpoint\n", stderr);
		usage_error();
	}
	if (args.key != NULL)
		ledger_keyring_load(&args.keys, args.key);
	result = command->run(&args);
	free(args.keys.keys);
	if (fflush(stdout) != 0)
		ledger_die("could not write to stdout: %s", strerror(errno));
	return result;
}
