/*
 * test/unit/test_vec_proofs.c
 *		Golden vectors of statements, commitments and proofs.
 *
 * The seeded prover makes the bytes of the vectors; what others prove is accepted
 * and what is wrong is refused, alone and beside a good proof.
 */
#include "zkp/proof.h"
#include "zkp/transcript.h"

#include "vec_run.h"

/* ---- statement.vec ---------------------------------------------------------------- */

static void
put_int(ledger_writer *w, ledger_int v)
{
	char		digits[48];
	size_t		n = sizeof(digits);
	unsigned __int128 m = v < 0 ? -(unsigned __int128) v : (unsigned __int128) v;

	do
	{
		digits[--n] = (char) ('0' + (int) (m % 10));
		m /= 10;
	} while (m > 0);
	if (v < 0)
		digits[--n] = '-';
	ledger_write_fixed(w, digits + n, sizeof(digits) - n);
}

static void
put_text(ledger_writer *w, const char *text)
{
	ledger_write_fixed(w, text, strlen(text));
}

static void
put_form(ledger_writer *w, const ledger_statement *s, const char *before, const ledger_linear *x)
{
	put_text(w, before);
	put_int(w, x->constant);
	for (uint32_t i = 0; i < x->nterms; i++)
	{
		put_text(w, " ");
		put_int(w, s->terms[x->first + i].coef);
		put_text(w, "*");
		put_int(w, s->terms[x->first + i].var);
	}
}

/* The claims as the vectors write them. */
static void
put_claims(ledger_writer *w, const ledger_statement *s)
{
	static const char *const kinds[] = {"product", "inverse", "sign"};

	for (unsigned i = 0; i < s->nhelpers; i++)
	{
		put_text(w, " | h ");
		put_text(w, kinds[s->helpers[i].kind]);
		put_form(w, s, " ", &s->helpers[i].x);
		if (s->helpers[i].kind == LEDGER_HELPER_PRODUCT)
			put_form(w, s, " ; ", &s->helpers[i].y);
	}
	for (unsigned i = 0; i < s->nzeros; i++)
		put_form(w, s, " | z ", &s->zeros[i]);
	for (unsigned i = 0; i < s->nproducts; i++)
	{
		put_text(w, " | p ");
		put_int(w, s->products[i].group);
		put_form(w, s, " ", &s->products[i].x);
		put_form(w, s, " ; ", &s->products[i].y);
		put_form(w, s, " ; ", &s->products[i].p);
	}
	for (unsigned i = 0; i < s->nranges; i++)
	{
		put_text(w, " | r ");
		put_int(w, s->ranges[i].bits);
		put_form(w, s, " ", &s->ranges[i].of);
	}
	for (unsigned i = 0; i < s->ndivisors; i++)
		put_form(w, s, " | d ", &s->divisors[i]);
}

static void
check_statement(const vec_group *g, const ledger_statement *s)
{
	const char *claims = vec_text(g, "claims");
	ledger_writer w;

	expect(strcmp(s->text, vec_text(g, "spelling")) == 0 && s->textlen == strlen(s->text), "spelling of %s",
		   s->text);
	expect(s->precision == vec_u64(g, "precision") && s->scale == vec_u64(g, "scale") &&
			   s->nvars == vec_u64(g, "nvars"),
		   "head of %s", s->text);
	ledger_writer_init(&w, buffer, sizeof(buffer));
	put_claims(&w, s);
	expect(w.len == (*claims == '\0' ? 0 : strlen(claims) + 3) &&
			   (w.len == 0 || memcmp(buffer + 3, claims, w.len - 3) == 0),
		   "claims of %s: %.*s", s->text, (int) w.len, (const char *) buffer);
}

static void
do_statement(const vec_group *g)
{
	octets		text = vec_octets(g, "text");
	ledger_statement_error error;
	ledger_statement *s = ledger_statement_parse((const char *) text.data, text.len, &error);

	if (expect(s != NULL, "%.*s: %s", (int) text.len, (const char *) text.data, error.message))
	{
		ledger_statement *again = ledger_statement_parse(s->text, s->textlen, &error);

		check_statement(g, s);
		if (expect(again != NULL, "the one spelling of %s", s->text))
			check_statement(g, again);
		ledger_statement_free(again);
	}
	ledger_statement_free(s);
	free(text.data);
}

static void
do_statement_bad(const vec_group *g)
{
	static const char *const kinds[] = {"", "syntax", "scale", "range", "limit", "memory"};
	octets		text = vec_octets(g, "text");
	ledger_statement_error error;
	ledger_statement *s = ledger_statement_parse((const char *) text.data, text.len, &error);

	if (expect(s == NULL, "%.*s is a statement", (int) text.len, (const char *) text.data))
		expect(strcmp(kinds[error.kind], vec_text(g, "error")) == 0 && error.message != NULL &&
				   error.position <= text.len,
			   "%.*s: %s at %zu", (int) text.len, (const char *) text.data, error.message, error.position);
	ledger_statement_free(s);
	free(text.data);
}

/* ---- generators, commitments, transcripts ----------------------------------------- */

static void
want_point(const vec_group *g, const ledger_generators *gen, const char *key, size_t place)
{
	uint8_t		bytes[LEDGER_POINT_LEN];

	ledger_affine_encode(gen->curve, &gen->point[place], bytes);
	want(g, key, bytes, sizeof(bytes));
}

static void
do_generators(const vec_group *g)
{
	ledger_suite suite = suite_of(g);
	const ledger_generators *gen = ledger_generators_of(suite, LEDGER_STATEMENT_MAX_BITS);
	uint8_t		bytes[LEDGER_POINT_LEN], domain[3] = {0x20, 'D', 1};
	ledger_digest digest;
	bool		ok = ledger_hash_begin(hashers[suite]) && ledger_hash_update(hashers[suite], domain, 3);

	want_point(g, gen, "G", LEDGER_GEN_G);
	want_point(g, gen, "P0", LEDGER_GEN_H);
	want_point(g, gen, "P1", LEDGER_GEN_U);
	want_point(g, gen, "P2", LEDGER_GEN_VECTOR(0));
	want_point(g, gen, "P3", LEDGER_GEN_VECTOR(0) + 1);
	want_point(g, gen, "P7", LEDGER_GEN_VECTOR(2) + 1);
	want_point(g, gen, "P1024", LEDGER_GEN_VECTOR(511));
	want_point(g, gen, "P1025", LEDGER_GEN_VECTOR(511) + 1);
	expect(gen->npoints == LEDGER_GEN_MAX, "number of generators");
	for (size_t i = 0; i < gen->npoints; i++)
	{
		ledger_affine_encode(gen->curve, &gen->point[i], bytes);
		ok = ok && ledger_hash_update(hashers[suite], bytes, sizeof(bytes));
	}
	expect(ok && ledger_hash_final(hashers[suite], digest), "digest of generators");
	want(g, "digest", digest, sizeof(digest));
	want(g, "digest", ledger_generators_digest(suite), LEDGER_HASH_LEN);
}

static ledger_int
int_of(const char *decimal)
{
	unsigned __int128 v = 0;
	bool		minus = *decimal == '-';

	for (decimal += minus; *decimal != '\0'; decimal++)
		v = 10 * v + (unsigned) (*decimal - '0');
	return minus ? -(ledger_int) v : (ledger_int) v;
}

static void
take_opening(const vec_group *g, ledger_suite suite, const char *value, const char *blinding,
			 ledger_opening *open)
{
	octets		o = octets_of(blinding);

	open->value = int_of(value);
	if (o.len != LEDGER_SCALAR_LEN || !ledger_scalar_decode(ledger_curve_of(suite), o.data, &open->blinding))
		vec_die("blinding", g->kind);
	free(o.data);
}

static void
do_commitment(const vec_group *g)
{
	ledger_suite suite = suite_of(g);
	const ledger_curve *curve = ledger_curve_of(suite);
	octets		raw = vec_octets(g, "commitment");
	uint8_t		bytes[LEDGER_COMMITMENT_LEN];
	ledger_commitment c;
	ledger_opening open;
	ledger_scalar v;
	ledger_affine a;

	take_opening(g, suite, vec_text(g, "value"), vec_text(g, "blinding"), &open);
	ledger_scalar_int(curve, open.value, &v);
	ledger_pedersen(ledger_generators_of(suite, 0), &v, &open.blinding, &a);
	if (expect(ledger_commitment_decode(raw.data, raw.len, &c) == LEDGER_OK, "commitment %s",
			   vec_text(g, "name")))
	{
		expect(c.suite == suite && c.scale == vec_u64(g, "scale") && ledger_affine_equal(&a, &c.point),
			   "commitment %s", vec_text(g, "name"));
		ledger_commitment_encode(&c, bytes);
		want(g, "commitment", bytes, sizeof(bytes));
	}
	free(raw.data);
}

static void
do_commitment_bad(const vec_group *g)
{
	octets		raw = vec_octets(g, "commitment");
	ledger_commitment c;

	expect(ledger_commitment_decode(raw.data, raw.len, &c) != LEDGER_OK, "commitment-bad %s",
		   vec_text(g, "name"));
	free(raw.data);
}

static void
do_transcript(const vec_group *g)
{
	const ledger_curve *curve = ledger_curve_of(suite_of(g));
	ledger_transcript t;
	char		key[16];

	ledger_transcript_init(&t, curve, hasher_of(g));
	for (unsigned i = 0; snprintf(key, sizeof(key), "step%u", i), vec_find(g, key) != NULL; i++)
	{
		char	   *step = strdup(vec_find(g, key)), *at = step;
		bool		item = strcmp(vec_word(&at), "item") == 0;
		const char *label = vec_word(&at);
		octets		data = octets_of(vec_word(&at));

		if (item)
			ledger_transcript_bytes(&t, label, data.data, data.len);
		else
		{
			uint8_t		bytes[LEDGER_SCALAR_LEN];
			ledger_scalar e;

			ledger_transcript_challenge(&t, label, &e);
			ledger_scalar_encode(curve, &e, bytes);
			expect(same(data, bytes, sizeof(bytes)), "%s of a transcript", key);
		}
		free(data.data);
		free(step);
	}
	expect(!t.failed, "transcript");
	want(g, "state", t.state, sizeof(t.state));
}

/* ---- proofs ------------------------------------------------------------------------ */

typedef struct
{
	ledger_statement *statement;
	octets		context, commitments, proof;
	ledger_commitment commitment[LEDGER_STATEMENT_MAX_VARS];
	ledger_proof_check check;
} proof_case;

static proof_case *good[3];		/* the last one of each suite */

static proof_case *
read_case(const vec_group *g)
{
	proof_case *p = (proof_case *) calloc(1, sizeof(*p));
	const char *text = vec_text(g, "statement");
	ledger_statement_error error;
	unsigned	n;

	p->statement = ledger_statement_parse(text, strlen(text), &error);
	p->context = vec_octets(g, "context");
	p->commitments = vec_octets(g, "commitments");
	p->proof = vec_octets(g, "proof");
	if (p->statement == NULL || strcmp(p->statement->text, text) != 0)
		vec_die("no statement in its one spelling", text);
	n = (unsigned) (p->commitments.len / LEDGER_COMMITMENT_LEN);
	for (unsigned i = 0; i < n; i++)
		if (ledger_commitment_decode(p->commitments.data + (size_t) i * LEDGER_COMMITMENT_LEN,
									 LEDGER_COMMITMENT_LEN, &p->commitment[i]) != LEDGER_OK)
			vec_die("no commitment", vec_text(g, "name"));
	p->check.statement = p->statement;
	p->check.n = n;
	p->check.commitments = p->commitment;
	p->check.context = p->context.data;
	p->check.contextlen = p->context.len;
	p->check.proof = p->proof.data;
	p->check.prooflen = p->proof.len;
	return p;
}

static void
free_case(proof_case *p)
{
	if (p == NULL)
		return;
	ledger_statement_free(p->statement);
	free(p->context.data);
	free(p->commitments.data);
	free(p->proof.data);
	free(p);
}

static void
do_foreign(const vec_group *g)
{
	proof_case *p = read_case(g);

	expect(ledger_proof_verify(&p->check) == LEDGER_PROOF_OK, "%s %s: %s", g->kind, vec_text(g, "name"),
		   ledger_proof_status_text(p->check.status));
	expect(p->proof.len == ledger_proof_len(p->statement), "length of %s", vec_text(g, "name"));
	free_case(good[suite_of(g)]);
	good[suite_of(g)] = p;
}

static void
do_proof(const vec_group *g)
{
	ledger_opening open[LEDGER_STATEMENT_MAX_VARS];
	uint8_t		seed[LEDGER_SEED_LEN];
	unsigned	which;
	proof_case *p;

	do_foreign(g);
	p = good[suite_of(g)];
	take(g, "seed", seed, sizeof(seed));
	for (unsigned i = 0; i < p->check.n; i++)
		take_opening(g, suite_of(g), vec_numbered(g, "value", i), vec_numbered(g, "blinding", i), &open[i]);
	expect(ledger_prove(p->statement, p->check.n, p->commitment, open, p->context.data, p->context.len, seed,
						buffer, &which) == LEDGER_PROOF_OK,
		   "prove %s", vec_text(g, "name"));
	want(g, "proof", buffer, ledger_proof_len(p->statement));
}

static void
do_proof_bad(const vec_group *g)
{
	proof_case *p = read_case(g);
	ledger_proof_check both[2];

	expect(ledger_proof_verify(&p->check) != LEDGER_PROOF_OK, "proof-bad %s", vec_text(g, "name"));
	both[0] = p->check;
	both[1] = good[suite_of(g)]->check;
	expect(ledger_proof_verify_batch(2, both) && both[0].status == p->check.status &&
			   both[1].status == LEDGER_PROOF_OK,
		   "proof-bad %s beside a good one", vec_text(g, "name"));
	free_case(p);
}

static vec_kind kinds[] = {
	{"statement", do_statement, 0},
	{"statement-bad", do_statement_bad, 0},
	{"generators", do_generators, 0},
	{"commitment", do_commitment, 0},
	{"commitment-bad", do_commitment_bad, 0},
	{"transcript", do_transcript, 0},
	{"proof", do_proof, 0},
	{"proof-foreign", do_foreign, 0},
	{"proof-bad", do_proof_bad, 0}
};

int
main(int argc, char **argv)
{
	int			status = vec_main(argc, argv, "proofs", kinds, sizeof(kinds) / sizeof(kinds[0]));

	free_case(good[LEDGER_SUITE_STD]);
	free_case(good[LEDGER_SUITE_GM]);
	return status;
}
