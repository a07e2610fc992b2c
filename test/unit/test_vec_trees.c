/*
 * test/unit/test_vec_trees.c
 *		Published and golden vectors of digests, signatures, trees, blocks and local bytes.
 */
#include "core/block.h"
#include "core/merkle.h"
#include "core/packed.h"
#include "crypto/sign.h"

#include "vec_run.h"

/* ---- published.vec ------------------------------------------------------------ */

static void
do_hash(const vec_group *g)
{
	octets		message = vec_octets(g, "message");
	ledger_digest digest;

	expect(ledger_hash(hasher_of(g), message.data, message.len, digest), "hash");
	want(g, "digest", digest, sizeof(digest));
	free(message.data);
}

static size_t
der_integer(const uint8_t *v, uint8_t *out)
{
	size_t		n = 32;
	size_t		pad;

	while (n > 1 && v[0] == 0)
	{
		v++;
		n--;
	}
	pad = v[0] >> 7;
	out[0] = 0x02;
	out[1] = (uint8_t) (n + pad);
	out[2] = 0;
	memcpy(out + 2 + pad, v, n);
	return 2 + pad + n;
}

static void
do_published_signature(const vec_group *g)
{
	static const char *const heads[3] = {
		NULL,
		"3059301306072a8648ce3d020106082a8648ce3d03010703420004",
		"3059301306072a8648ce3d020106082a811ccf5501822d03420004"
	};
	ledger_suite suite = suite_of(g);
	octets		message = vec_octets(g, "message");
	uint8_t		spki[LEDGER_SPKI_LEN];
	uint8_t		r[32];
	uint8_t		s[32];
	uint8_t		sig[LEDGER_SIGNATURE_MAX];
	size_t		n = 2;

	unhex(heads[suite], spki);
	take(g, "point", spki + 27, 64);
	take(g, "r", r, 32);
	take(g, "s", s, 32);
	n += der_integer(r, sig + n);
	n += der_integer(s, sig + n);
	sig[0] = 0x30;
	sig[1] = (uint8_t) (n - 2);
	expect(ledger_signature_verify(suite, spki, sizeof(spki), message.data, message.len, sig, n) ==
			   LEDGER_KEY_OK,
		   "%s", vec_text(g, "source"));
	free(message.data);
}

static void
do_published_tree(const vec_group *g)
{
	ledger_hasher *h = hasher_of(g);
	unsigned	n = (unsigned) vec_u64(g, "size");
	ledger_frontier f;
	ledger_digest digest;
	unsigned	i;

	ledger_frontier_init(&f);
	for (i = 0; i < n; i++)
	{
		octets		input = octets_of(vec_numbered(g, "input", i));

		ledger_hash_prefixed(h, 0, input.data, input.len, digest);
		ledger_frontier_append(&f, h, digest);
		free(input.data);
	}
	ledger_frontier_root(&f, h, digest);
	want(g, "root", digest, sizeof(digest));
}

static void
check_inclusion(const vec_group *g, const uint8_t *leaf)
{
	octets		path = vec_octets(g, "path");
	ledger_digest root;

	take(g, "root", root, sizeof(root));
	expect(ledger_inclusion_verify(hasher_of(g), leaf, vec_u64(g, "index"), vec_u64(g, "size"),
								   (const ledger_digest *) path.data, path.len / 32, root) == LEDGER_OK,
		   "%s", g->kind);
	free(path.data);
}

static void
do_published_inclusion(const vec_group *g)
{
	octets		input = vec_octets(g, "input");
	ledger_digest leaf;

	ledger_hash_prefixed(hasher_of(g), 0, input.data, input.len, leaf);
	check_inclusion(g, leaf);
	free(input.data);
}

static void
do_consistency(const vec_group *g)
{
	octets		path = vec_octets(g, "path");
	ledger_digest old_root;
	ledger_digest new_root;

	take(g, "old_root", old_root, 32);
	take(g, "new_root", new_root, 32);
	expect(ledger_consistency_verify(hasher_of(g), vec_u64(g, "old_size"), vec_u64(g, "new_size"), old_root,
									 new_root, (const ledger_digest *) path.data, path.len / 32) == LEDGER_OK,
		   "%s from %s to %s", g->kind, vec_text(g, "old_size"), vec_text(g, "new_size"));
	free(path.data);
}

/* ---- merkle.vec --------------------------------------------------------------- */

typedef struct numbered_tree
{
	ledger_hasher *h;
} numbered_tree;

/* Leaf i is H(00 || i as u32). */
static bool
numbered_source(void *arg, unsigned level, uint64_t index, uint8_t *out)
{
	numbered_tree *t = (numbered_tree *) arg;
	ledger_frontier f;
	uint64_t	i;

	ledger_frontier_init(&f);
	for (i = index << level; i < (index + 1) << level; i++)
	{
		uint8_t		number[4];
		ledger_digest leaf;

		ledger_put_u32(number, (uint32_t) i);
		ledger_hash_prefixed(t->h, 0, number, 4, leaf);
		ledger_frontier_append(&f, t->h, leaf);
	}
	return ledger_frontier_root(&f, t->h, out);
}

static void
do_tree(const vec_group *g)
{
	numbered_tree t = {hasher_of(g)};
	uint64_t	size = vec_u64(g, "size");
	ledger_frontier f;
	ledger_digest digest;
	uint64_t	i;

	ledger_frontier_init(&f);
	for (i = 0; i < size; i++)
	{
		numbered_source(&t, 0, i, digest);
		ledger_frontier_append(&f, t.h, digest);
	}
	if (vec_find(g, "frontier") != NULL)
		want(g, "frontier", f.node, 32 * ledger_frontier_nodes(&f));
	ledger_frontier_root(&f, t.h, digest);
	want(g, "root", digest, sizeof(digest));
	expect(ledger_tree_root(t.h, size, numbered_source, &t, digest) == LEDGER_OK, "tree root");
	want(g, "root", digest, sizeof(digest));
}

static void
do_inclusion(const vec_group *g)
{
	numbered_tree t = {hasher_of(g)};
	ledger_digest leaf;
	ledger_digest path[LEDGER_PROOF_MAX];
	size_t		n;

	take(g, "leaf", leaf, sizeof(leaf));
	check_inclusion(g, leaf);
	expect(ledger_inclusion_prove(t.h, vec_u64(g, "index"), vec_u64(g, "size"), numbered_source, &t, path,
								  &n) == LEDGER_OK,
		   "prove");
	want(g, "path", path, n * 32);
}

static void
do_consistency_made(const vec_group *g)
{
	numbered_tree t = {hasher_of(g)};
	ledger_digest path[LEDGER_PROOF_MAX];
	size_t		n;

	do_consistency(g);
	expect(ledger_consistency_prove(t.h, vec_u64(g, "old_size"), vec_u64(g, "new_size"), numbered_source, &t,
									path, &n) == LEDGER_OK,
		   "prove");
	want(g, "path", path, n * 32);
}

/* Every tile of the tree is made; the one with this path must have this hash. */
static void
do_tile(const vec_group *g)
{
	numbered_tree t = {hasher_of(g)};
	uint64_t	size = vec_u64(g, "size");
	unsigned	level;
	int			found = 0;

	for (level = 0; ledger_tile_count(size, level) > 0 || ledger_tile_partial(size, level) > 0; level++)
	{
		uint64_t	full = ledger_tile_count(size, level);
		unsigned	partial = ledger_tile_partial(size, level);
		uint64_t	index;

		for (index = 0; index < full + (partial > 0); index++)
		{
			static ledger_digest tile[LEDGER_TILE_WIDTH];
			unsigned	width = index < full ? LEDGER_TILE_WIDTH : partial;
			char		path[128];
			ledger_digest digest;
			ledger_writer w;
			unsigned	i;

			ledger_writer_init(&w, path, sizeof(path) - 1);
			ledger_tile_path(&w, level, index, width);
			path[w.len] = '\0';
			if (strcmp(path, vec_text(g, "path")) != 0)
				continue;
			found++;
			for (i = 0; i < width; i++)
				numbered_source(&t, 8 * level, index * LEDGER_TILE_WIDTH + i, tile[i]);
			ledger_hash(t.h, tile, width * sizeof(ledger_digest), digest);
			want(g, "hash", digest, sizeof(digest));
		}
	}
	expect(found == 1, "tile %s is one of a tree of %s", vec_text(g, "path"), vec_text(g, "size"));
}

static void
do_tile_path(const vec_group *g)
{
	char		path[128];
	ledger_writer w;

	ledger_writer_init(&w, path, sizeof(path) - 1);
	ledger_tile_path(&w, (unsigned) vec_u64(g, "level"), vec_u64(g, "index"), (unsigned) vec_u64(g, "width"));
	path[w.len] = '\0';
	expect(strncmp(path, "tile/", 5) == 0 && strcmp(path + 5, vec_text(g, "path")) == 0, "%s", path);
}

/* ---- block.vec ------------------------------------------------------------------ */

static void
do_members(const vec_group *g)
{
	ledger_member members[8];
	octets		keys[8][3];
	char	   *copies[8][2];
	unsigned	n = (unsigned) vec_u64(g, "n");
	ledger_digest hash;
	unsigned	i;
	unsigned	k;

	if (n > 8)
		vec_die("too many members", vec_text(g, "name"));
	for (i = 0; i < n; i++)
	{
		char	   *at = copies[i][0] = strdup(vec_numbered(g, "member", i));

		members[i].index = (uint16_t) strtoul(vec_word(&at), NULL, 10);
		members[i].name.data = (const uint8_t *) vec_word(&at);
		members[i].name.len = strlen((const char *) members[i].name.data);
		members[i].weight = (uint32_t) strtoul(vec_word(&at), NULL, 10);
		at = copies[i][1] = strdup(vec_numbered(g, "keys", i));
		for (k = 0; k < 3; k++)
			keys[i][k] = octets_of(vec_word(&at));
		members[i].sign_key = slice_of(keys[i][0]);
		members[i].encrypt_key = slice_of(keys[i][1]);
		members[i].tls_key = slice_of(keys[i][2]);
	}
	expect(ledger_members_hash(hasher_of(g), members, (uint16_t) n, hash) == LEDGER_OK, "members");
	want(g, "hash", hash, sizeof(hash));
	for (i = 0; i < n; i++)
	{
		free(copies[i][0]);
		free(copies[i][1]);
		for (k = 0; k < 3; k++)
			free(keys[i][k].data);
	}
}

static void
do_verdict(const vec_group *g)
{
	octets		reason = vec_octets(g, "reason");
	ledger_digest log_leaf;
	ledger_digest leaf;

	take(g, "log_leaf", log_leaf, 32);
	ledger_verdict_leaf(hasher_of(g), log_leaf, (uint16_t) vec_u64(g, "verdict"), reason.data, reason.len,
						leaf);
	want(g, "leaf", leaf, sizeof(leaf));
	if (vec_u64(g, "verdict") == 0 && reason.len == 0)
	{
		/* the tree of one accepted leaf is that leaf */
		expect(ledger_results_root(hasher_of(g), (const ledger_digest *) log_leaf, 1, leaf), "root");
		want(g, "leaf", leaf, sizeof(leaf));
	}
	free(reason.data);
}

static void
do_block_body(const vec_group *g)
{
	ledger_block_body body;
	ledger_batch batches[8];
	ledger_slice lists[2][8];
	octets		kept[24];
	unsigned	nkept = 0;
	ledger_digest hash;
	unsigned	i;

	body.nbatches = (uint32_t) vec_u64(g, "batches");
	body.nevidence = (uint32_t) vec_u64(g, "evidence");
	body.nrejected = (uint32_t) vec_u64(g, "rejected");
	if (body.nbatches > 8 || body.nevidence > 8 || body.nrejected > 8)
		vec_die("too many items", vec_text(g, "name"));
	for (i = 0; i < body.nbatches; i++)
	{
		char	   *copy = strdup(vec_numbered(g, "batch", i));
		char	   *at = copy;

		batches[i].origin = (uint16_t) strtoul(vec_word(&at), NULL, 10);
		batches[i].lane = strtoull(vec_word(&at), NULL, 10);
		if (unhex(vec_word(&at), batches[i].batch_hash) != 32)
			vec_die("batch hash", copy);
		kept[nkept] = octets_of(vec_word(&at));
		batches[i].signature = slice_of(kept[nkept++]);
		free(copy);
	}
	for (i = 0; i < body.nevidence; i++)
	{
		kept[nkept] = octets_of(vec_numbered(g, "evidence", i));
		lists[0][i] = slice_of(kept[nkept++]);
	}
	for (i = 0; i < body.nrejected; i++)
	{
		const char *value = vec_numbered(g, "rejected", i);

		kept[nkept] = octets_of(strcmp(value, "-") == 0 ? "" : value);
		lists[1][i] = slice_of(kept[nkept++]);
	}
	body.batches = batches;
	body.evidence = lists[0];
	body.rejected = lists[1];
	expect(ledger_body_hash(hasher_of(g), &body, hash), "body");
	want(g, "hash", hash, sizeof(hash));
	while (nkept > 0)
		free(kept[--nkept].data);
}

static void
do_block(const vec_group *g)
{
	octets		raw = vec_octets(g, "block");
	uint8_t		bytes[LEDGER_BLOCK_LEN];
	ledger_block b;
	ledger_digest hash;

	if (!expect(ledger_block_parse(raw.data, raw.len, &b) == LEDGER_OK, "block"))
		return;
	want(g, "chain_id", b.chain_id, 16);
	want(g, "prev_hash", b.prev_hash, 32);
	want(g, "log_root", b.log_root, 32);
	want(g, "results_root", b.results_root, 32);
	want(g, "body_hash", b.body_hash, 32);
	want(g, "members_hash", b.members_hash, 32);
	want(g, "next_members_hash", b.next_members_hash, 32);
	expect(b.epoch == vec_u64(g, "epoch") && b.height == vec_u64(g, "height") &&
			   b.first_leaf == vec_u64(g, "first_leaf") && b.n == vec_u64(g, "n") &&
			   b.sealed_at == vec_i64(g, "sealed_at") && b.proposer == vec_u64(g, "proposer"),
		   "fields");
	ledger_block_put(bytes, &b);
	want(g, "block", bytes, sizeof(bytes));
	ledger_block_hash(hasher_of(g), bytes, hash);
	want(g, "hash", hash, sizeof(hash));
	free(raw.data);
}

static void
do_block_bad(const vec_group *g)
{
	octets		raw = vec_octets(g, "block");
	ledger_block b;

	expect(ledger_block_parse(raw.data, raw.len, &b) != LEDGER_OK, "block-bad %s", vec_text(g, "name"));
	free(raw.data);
}

/* ---- local.vec -------------------------------------------------------------------- */

static void
do_packed_groups(const vec_group *g)
{
	octets		raw = vec_octets(g, "packed");
	ledger_packed_iter it;
	ledger_packed_group group;
	uint16_t	n = 0;
	unsigned	i = 0;
	ledger_writer w;

	expect(ledger_packed_check(raw.data, raw.len, &n) == LEDGER_OK && n == vec_u64(g, "n"), "check");
	ledger_writer_init(&w, buffer, sizeof(buffer));
	ledger_packed_begin(&w, n);
	ledger_packed_iter_init(&it, raw.data, raw.len);
	while (ledger_packed_next(&it, &group))
	{
		char	   *copy = strdup(vec_numbered(g, "group", i++));
		char	   *at = copy;
		uint8_t		root[32];

		expect(group.table_no == strtoull(vec_word(&at), NULL, 10) &&
				   group.schema_version == strtoull(vec_word(&at), NULL, 10) &&
				   group.nrows == strtoull(vec_word(&at), NULL, 10) &&
				   group.first_seq == strtoull(vec_word(&at), NULL, 10) &&
				   group.block_lo == strtoull(vec_word(&at), NULL, 10) &&
				   group.block_hi == strtoull(vec_word(&at), NULL, 10) && unhex(vec_word(&at), root) == 32 &&
				   memcmp(root, group.root, 32) == 0,
			   "group %u of %u", i, n);
		expect(ledger_packed_group_write(&w, &group) == LEDGER_OK, "write");
		free(copy);
	}
	expect(i == n, "%u of %u groups", i, n);
	want(g, "packed", buffer, w.len);
	free(raw.data);
}

static void
do_packed_groups_bad(const vec_group *g)
{
	octets		raw = vec_octets(g, "packed");
	uint16_t	n;

	expect(ledger_packed_check(raw.data, raw.len, &n) != LEDGER_OK, "packed-groups-bad %s",
		   vec_text(g, "name"));
	free(raw.data);
}

static void
do_leaf_items(const vec_group *g)
{
	octets		raw = vec_octets(g, "items");
	size_t		n = 0;
	size_t		i;

	expect(ledger_leaf_items_check(raw.data, raw.len, &n) == LEDGER_OK && n == vec_u64(g, "n"), "check");
	for (i = 0; i < n; i++)
	{
		char	   *copy = strdup(vec_numbered(g, "item", (unsigned) i));
		char	   *at = copy;
		ledger_leaf_item item;
		uint8_t		bytes[LEDGER_LEAF_ITEM_LEN];

		ledger_leaf_item_get(raw.data, i, &item);
		expect(item.tx_low == strtoul(vec_word(&at), NULL, 10) &&
				   item.leaf_offset == strtoul(vec_word(&at), NULL, 10) &&
				   item.heap_block == strtoul(vec_word(&at), NULL, 10) &&
				   item.line_pointer == strtoul(vec_word(&at), NULL, 10),
			   "item %zu", i);
		ledger_leaf_item_put(bytes, &item);
		expect(memcmp(bytes, raw.data + i * LEDGER_LEAF_ITEM_LEN, sizeof(bytes)) == 0, "write");
		expect(ledger_leaf_items_find(raw.data, n, 0, item.tx_low) <= i &&
				   ledger_leaf_items_find(raw.data, n, i, item.tx_low) == i,
			   "find");
		free(copy);
	}
	free(raw.data);
}

static void
do_leaf_items_bad(const vec_group *g)
{
	octets		raw = vec_octets(g, "items");
	size_t		n;

	expect(ledger_leaf_items_check(raw.data, raw.len, &n) != LEDGER_OK, "leaf-items-bad %s",
		   vec_text(g, "name"));
	free(raw.data);
}

static void
do_ledger_salt(const vec_group *g)
{
	octets		raw = vec_octets(g, "salts");
	ledger_reader r;
	ledger_writer w;
	const uint8_t *piece;
	size_t		len;
	unsigned	n = 0;

	ledger_reader_init(&r, raw.data, raw.len);
	ledger_writer_init(&w, buffer, sizeof(buffer));
	while (ledger_salt_piece_read(&r, &piece, &len))
	{
		char		key[32];

		snprintf(key, sizeof(key), "piece%u", n++);
		want(g, key, piece, len);
		expect(ledger_salt_piece_write(&w, piece, len) == LEDGER_OK, "write");
	}
	expect(ledger_reader_finish(&r) == LEDGER_OK && n == vec_u64(g, "n"), "%u pieces", n);
	want(g, "salts", buffer, w.len);
	free(raw.data);
}

static vec_kind kinds[] = {
	{"hash", do_hash, 0},
	{"published-signature", do_published_signature, 0},
	{"published-tree", do_published_tree, 0},
	{"published-inclusion", do_published_inclusion, 0},
	{"published-consistency", do_consistency, 0},
	{"tree", do_tree, 0},
	{"big-tree", do_tree, 0},
	{"inclusion", do_inclusion, 0},
	{"consistency", do_consistency_made, 0},
	{"tile", do_tile, 0},
	{"tile-path", do_tile_path, 0},
	{"members", do_members, 0},
	{"verdict", do_verdict, 0},
	{"block-body", do_block_body, 0},
	{"block", do_block, 0},
	{"block-bad", do_block_bad, 0},
	{"packed-groups", do_packed_groups, 0},
	{"packed-groups-bad", do_packed_groups_bad, 0},
	{"leaf-items", do_leaf_items, 0},
	{"leaf-items-bad", do_leaf_items_bad, 0},
	{"ledger-salt", do_ledger_salt, 0}
};

int
main(int argc, char **argv)
{
	return vec_main(argc, argv, "trees", kinds, sizeof(kinds) / sizeof(kinds[0]));
}
