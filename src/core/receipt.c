/*
 * core/receipt.c
 *		Receipts and consistency files.
 *
 *		ledger-receipt/1				ledger-consistency/1
 *		suite <s>						suite <s>
 *		row <base64>					from <size> <base64 root>
 *		row-index <i> <n>				to <size> <base64 root>
 *		row-path <base64 hashes | ->	path <base64 hashes | ->
 *		entry <base64>
 *		group <i> <shared - | private base64>
 *		log-index <i> <n>
 *		log-path <base64 hashes | ->
 *
 *		<signed note>
 */
#include "core/receipt.h"

#include "core/lines.h"

/* ---- shared by both files ------------------------------------------------------ */

static void
write_base64_field(ledger_writer *w, const char *word, const void *data, size_t len)
{
	ledger_write_string(w, word);
	ledger_write_u8(w, ' ');
	ledger_write_base64(w, data, len);
	ledger_write_u8(w, '\n');
}

static void
write_path_field(ledger_writer *w, const char *word, const ledger_digest *path, size_t n)
{
	if (n > 0)
		write_base64_field(w, word, path, n * sizeof(ledger_digest));
	else
	{
		ledger_write_string(w, word);
		ledger_write_string(w, " -\n");
	}
}

static void
write_index_field(ledger_writer *w, const char *word, uint64_t index, uint64_t size)
{
	ledger_write_string(w, word);
	ledger_write_u8(w, ' ');
	ledger_write_decimal(w, index);
	ledger_write_u8(w, ' ');
	ledger_write_decimal(w, size);
	ledger_write_u8(w, '\n');
}

static bool
read_suite(ledger_text *t, ledger_suite *suite)
{
	ledger_text line;
	char		name[4] = {0};

	if (!ledger_text_field(t, "suite", &line) || line.left >= sizeof(name) ||
		memchr(line.p, '\0', line.left) != NULL)
		return false;
	memcpy(name, line.p, line.left);
	return ledger_suite_from_name(name, suite);
}

/* A list of hashes into out, which has room for LEDGER_PROOF_MAX of them. */
static bool
read_path(ledger_text line, ledger_digest *out, size_t *n)
{
	size_t		len;

	*n = 0;
	if (line.left == 1 && line.p[0] == '-')
		return true;
	if (ledger_base64_decode(line.p, line.left, (uint8_t *) out, LEDGER_PROOF_MAX * sizeof(ledger_digest),
							 &len) != LEDGER_OK ||
		len == 0 || len % sizeof(ledger_digest) != 0)
		return false;
	*n = len / sizeof(ledger_digest);
	return true;
}

/* ---- receipts ------------------------------------------------------------------ */

ledger_status
ledger_receipt_write(ledger_writer *w, const ledger_receipt_file *receipt)
{
	ledger_write_string(w, "ledger-receipt/1\nsuite ");
	ledger_write_string(w, ledger_suite_name(receipt->suite));
	ledger_write_u8(w, '\n');
	write_base64_field(w, "row", receipt->row.data, receipt->row.len);
	write_index_field(w, "row-index", receipt->row_index, receipt->nrows);
	write_path_field(w, "row-path", receipt->row_path, receipt->row_npath);
	write_base64_field(w, "entry", receipt->entry.data, receipt->entry.len);
	ledger_write_string(w, "group ");
	ledger_write_decimal(w, receipt->group);
	if (receipt->shared)
		ledger_write_string(w, " shared -\n");
	else
		write_base64_field(w, " private", receipt->salt, sizeof(receipt->salt));
	write_index_field(w, "log-index", receipt->log_index, receipt->tree_size);
	write_path_field(w, "log-path", receipt->log_path, receipt->log_npath);
	ledger_write_u8(w, '\n');
	ledger_write_fixed(w, receipt->note.data, receipt->note.len);
	return ledger_writer_finish(w);
}

/* Where the next decoded bytes go. */
typedef struct scratch_area
{
	uint8_t	   *p;
	size_t		left;
} scratch_area;

static ledger_status
take_base64(ledger_text line, scratch_area *scratch, ledger_slice *out)
{
	size_t		len;
	ledger_status status = ledger_base64_decode(line.p, line.left, scratch->p, scratch->left, &len);

	if (status != LEDGER_OK)
		return status;
	*out = ledger_slice_make(scratch->p, len);
	scratch->p += len;
	scratch->left -= len;
	return LEDGER_OK;
}

static ledger_status
take_path(ledger_text line, scratch_area *scratch, const ledger_digest **path, size_t *n)
{
	ledger_slice bytes;
	ledger_status status;

	*path = NULL;
	*n = 0;
	if (line.left == 1 && line.p[0] == '-')
		return LEDGER_OK;
	status = take_base64(line, scratch, &bytes);
	if (status != LEDGER_OK)
		return status;
	if (bytes.len == 0 || bytes.len % sizeof(ledger_digest) != 0 ||
		bytes.len > LEDGER_PROOF_MAX * sizeof(ledger_digest))
		return LEDGER_BAD_SYNTAX;
	*path = (const ledger_digest *) bytes.data;
	*n = bytes.len / sizeof(ledger_digest);
	return LEDGER_OK;
}

static bool
read_group(ledger_text line, ledger_receipt_file *receipt)
{
	ledger_text number = ledger_text_word(&line);
	ledger_text kind = ledger_text_word(&line);
	uint64_t	v;

	if (!ledger_text_decimal(number, &v) || v > UINT16_MAX)
		return false;
	receipt->group = (uint16_t) v;
	if (kind.left == 6 && memcmp(kind.p, "shared", 6) == 0)
	{
		receipt->shared = true;
		return line.left == 1 && line.p[0] == '-';
	}
	receipt->shared = false;
	return kind.left == 7 && memcmp(kind.p, "private", 7) == 0 &&
		ledger_text_base64(line, receipt->salt, sizeof(receipt->salt));
}

ledger_status
ledger_receipt_parse(const char *text, size_t len, uint8_t *scratch, size_t cap, ledger_receipt_file *receipt)
{
	ledger_text t = {text, len};
	scratch_area area = {scratch, cap};
	ledger_text line;
	ledger_status status;

	memset(receipt, 0, sizeof(*receipt));
	if (!ledger_text_skip(&t, "ledger-receipt/1\n"))
		return LEDGER_BAD_MAGIC;
	if (!read_suite(&t, &receipt->suite) || !ledger_text_field(&t, "row", &line))
		return LEDGER_BAD_SYNTAX;
	if ((status = take_base64(line, &area, &receipt->row)) != LEDGER_OK)
		return status;
	if (!ledger_text_field(&t, "row-index", &line) ||
		!ledger_text_two_decimals(line, &receipt->row_index, &receipt->nrows) ||
		!ledger_text_field(&t, "row-path", &line))
		return LEDGER_BAD_SYNTAX;
	if ((status = take_path(line, &area, &receipt->row_path, &receipt->row_npath)) != LEDGER_OK)
		return status;
	if (!ledger_text_field(&t, "entry", &line))
		return LEDGER_BAD_SYNTAX;
	if ((status = take_base64(line, &area, &receipt->entry)) != LEDGER_OK)
		return status;
	if (!ledger_text_field(&t, "group", &line) || !read_group(line, receipt) ||
		!ledger_text_field(&t, "log-index", &line) ||
		!ledger_text_two_decimals(line, &receipt->log_index, &receipt->tree_size) ||
		!ledger_text_field(&t, "log-path", &line))
		return LEDGER_BAD_SYNTAX;
	if ((status = take_path(line, &area, &receipt->log_path, &receipt->log_npath)) != LEDGER_OK)
		return status;
	if (!ledger_text_skip(&t, "\n"))
		return LEDGER_BAD_SYNTAX;
	receipt->note = ledger_slice_make(t.p, t.left);
	return LEDGER_OK;
}

const char *
ledger_receipt_part_text(ledger_receipt_part part)
{
	switch (part)
	{
		case LEDGER_RECEIPT_ALL:
			return "the receipt holds";
		case LEDGER_RECEIPT_SUITE:
			return "the receipt is of another suite";
		case LEDGER_RECEIPT_ROW:
			return "the row is malformed";
		case LEDGER_RECEIPT_ENTRY:
			return "the entry is malformed";
		case LEDGER_RECEIPT_TX:
			return "row and entry are of different transactions";
		case LEDGER_RECEIPT_ROW_PATH:
			return "the row's path does not fit its tree";
		case LEDGER_RECEIPT_GROUP:
			return "the row is not in that group of the entry";
		case LEDGER_RECEIPT_LOG_PATH:
			return "the entry is not in the log of the checkpoint";
		case LEDGER_RECEIPT_NOTE:
			return "the checkpoint is malformed";
		case LEDGER_RECEIPT_SIZE:
			return "the checkpoint is of another size than the path";
		case LEDGER_RECEIPT_CHAIN:
			return "entry and checkpoint are of different chains";
		case LEDGER_RECEIPT_SIGNATURE:
			return "the checkpoint carries no valid signature of a trusted key";
	}
	return "unknown part of a receipt";
}

static ledger_status
fail(ledger_receipt_facts *facts, ledger_receipt_part part, ledger_status status)
{
	facts->failed = part;
	return status;
}

/* The row up to its group in the entry. */
static ledger_status
check_row(ledger_hasher *h, const ledger_receipt_file *receipt, ledger_receipt_facts *facts)
{
	ledger_entry_group found;
	ledger_group group;
	ledger_status status;

	if (!ledger_row_leaf(h, receipt->row.data, receipt->row.len, facts->leaf))
		return fail(facts, LEDGER_RECEIPT_ROW_PATH, LEDGER_NO_HASH);
	memcpy(group.table_id, facts->row.header.table_id, LEDGER_ID_LEN);
	group.schema_version = facts->row.header.schema_version;
	group.nrows = receipt->nrows;
	status = ledger_inclusion_root(h, facts->leaf, receipt->row_index, receipt->nrows, receipt->row_path,
								   receipt->row_npath, group.root);
	if (status != LEDGER_OK)
		return fail(facts, LEDGER_RECEIPT_ROW_PATH, status);
	if (!ledger_entry_group_at(&facts->entry, receipt->group, &found))
		return fail(facts, LEDGER_RECEIPT_GROUP, LEDGER_BAD_VALUE);
	status = ledger_entry_group_matches(h, &found, &group, receipt->shared ? NULL : receipt->salt);
	return status == LEDGER_OK ? LEDGER_OK : fail(facts, LEDGER_RECEIPT_GROUP, status);
}

/* The entry up to the root of the checkpoint. */
static ledger_status
check_log(ledger_hasher *h, const ledger_receipt_file *receipt, ledger_receipt_facts *facts)
{
	const ledger_tree_head *head = &facts->note.head;
	uint8_t		leaf[LEDGER_HASH_LEN];
	ledger_status status;

	if (receipt->tree_size != head->size)
		return fail(facts, LEDGER_RECEIPT_SIZE, LEDGER_BAD_LINK);
	if (!ledger_log_leaf(h, receipt->entry.data, receipt->entry.len, leaf))
		return fail(facts, LEDGER_RECEIPT_LOG_PATH, LEDGER_NO_HASH);
	status = ledger_inclusion_verify(h, leaf, receipt->log_index, receipt->tree_size, receipt->log_path,
									 receipt->log_npath, head->root);
	if (status != LEDGER_OK)
		return fail(facts, LEDGER_RECEIPT_LOG_PATH, status);
	if (memcmp(head->chain_id, facts->entry.header.chain_id, LEDGER_ID_LEN) != 0)
		return fail(facts, LEDGER_RECEIPT_CHAIN, LEDGER_BAD_LINK);
	return LEDGER_OK;
}

/*
 * Verify with the keys of one suite. A key of the other suite is unknown here:
 * a receipt whose hashes are of one suite is not signed by the other.
 */
static ledger_status
verify_with_suite(const ledger_note *note, ledger_suite suite, const ledger_vkey *keys, size_t nkeys)
{
	ledger_status result = LEDGER_NO_SIGNATURE;
	size_t		i;

	for (i = 0; i < nkeys; i++)
	{
		ledger_status status;

		if (keys[i].suite != suite)
			continue;
		status = ledger_note_verify(note, &keys[i], 1, NULL);
		if (status == LEDGER_OK)
			result = LEDGER_OK;
		else if (status != LEDGER_NO_SIGNATURE)
			return status;
	}
	return result;
}

ledger_status
ledger_receipt_check(ledger_hasher *h, const ledger_receipt_file *receipt, const ledger_vkey *keys,
					 size_t nkeys, ledger_receipt_facts *facts)
{
	ledger_status status;

	memset(facts, 0, sizeof(*facts));
	if (ledger_hasher_suite(h) != receipt->suite)
		return fail(facts, LEDGER_RECEIPT_SUITE, LEDGER_BAD_LINK);
	if ((status = ledger_row_parse(receipt->row.data, receipt->row.len, &facts->row)) != LEDGER_OK)
		return fail(facts, LEDGER_RECEIPT_ROW, status);
	if ((status = ledger_entry_parse(receipt->entry.data, receipt->entry.len, &facts->entry)) != LEDGER_OK)
		return fail(facts, LEDGER_RECEIPT_ENTRY, status);
	if (facts->row.header.ledger_tx != facts->entry.header.ledger_tx)
		return fail(facts, LEDGER_RECEIPT_TX, LEDGER_BAD_LINK);
	if ((status = check_row(h, receipt, facts)) != LEDGER_OK)
		return status;
	status = ledger_note_parse((const char *) receipt->note.data, receipt->note.len, &facts->note);
	if (status != LEDGER_OK)
		return fail(facts, LEDGER_RECEIPT_NOTE, status);
	if ((status = check_log(h, receipt, facts)) != LEDGER_OK)
		return status;
	status = verify_with_suite(&facts->note, receipt->suite, keys, nkeys);
	return status == LEDGER_OK ? LEDGER_OK : fail(facts, LEDGER_RECEIPT_SIGNATURE, status);
}

/* ---- consistency files ----------------------------------------------------------- */

static void
write_head_field(ledger_writer *w, const char *word, uint64_t size, const uint8_t *root)
{
	ledger_write_string(w, word);
	ledger_write_u8(w, ' ');
	ledger_write_decimal(w, size);
	write_base64_field(w, "", root, LEDGER_HASH_LEN);
}

ledger_status
ledger_consistency_file_write(ledger_writer *w, const ledger_consistency_file *file)
{
	ledger_write_string(w, "ledger-consistency/1\nsuite ");
	ledger_write_string(w, ledger_suite_name(file->suite));
	ledger_write_u8(w, '\n');
	write_head_field(w, "from", file->from, file->from_root);
	write_head_field(w, "to", file->to, file->to_root);
	write_path_field(w, "path", file->path, file->npath);
	return ledger_writer_finish(w);
}

static bool
read_head(ledger_text *t, const char *word, uint64_t *size, uint8_t *root)
{
	ledger_text line;
	ledger_text number;

	if (!ledger_text_field(t, word, &line))
		return false;
	number = ledger_text_word(&line);
	return ledger_text_decimal(number, size) && ledger_text_base64(line, root, LEDGER_HASH_LEN);
}

ledger_status
ledger_consistency_file_parse(const char *text, size_t len, ledger_consistency_file *file)
{
	ledger_text t = {text, len};
	ledger_text line;

	if (!ledger_text_skip(&t, "ledger-consistency/1\n"))
		return LEDGER_BAD_MAGIC;
	if (!read_suite(&t, &file->suite) || !read_head(&t, "from", &file->from, file->from_root) ||
		!read_head(&t, "to", &file->to, file->to_root) || !ledger_text_field(&t, "path", &line) ||
		!read_path(line, file->path, &file->npath))
		return LEDGER_BAD_SYNTAX;
	return t.left == 0 ? LEDGER_OK : LEDGER_TRAILING;
}

ledger_status
ledger_consistency_file_check(ledger_hasher *h, const ledger_consistency_file *file)
{
	if (ledger_hasher_suite(h) != file->suite)
		return LEDGER_BAD_LINK;
	return ledger_consistency_verify(h, file->from, file->to, file->from_root, file->to_root, file->path,
									 file->npath);
}
