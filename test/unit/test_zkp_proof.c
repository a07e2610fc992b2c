/*
 * test/unit/test_zkp_proof.c
 *		Proofs as they are made and checked: complete, alone and in batches, random, and good for
 *		nothing but what they were made for.
 */
#include "crypto/curve_internal.h"
#include "zkp_kinds.h"

/* ---- batches --------------------------------------------------------------------------------- */

/* Each single verdict is the same as in the batch. */
static void
expect_same_verdicts(const char *what, size_t n, ledger_proof_check *check)
{
	ledger_proof_status *status = (ledger_proof_status *) malloc((n + 1) * sizeof(*status));

	expect(ledger_proof_verify_batch(n, check), "%s: batch", what);
	for (size_t i = 0; i < n; i++)
		status[i] = check[i].status;
	for (size_t i = 0; i < n; i++)
		expect(ledger_proof_verify(&check[i]) == status[i], "%s: number %zu is %d alone, %d in the batch",
			   what, i, check[i].status, status[i]);
	free(status);
}

static ledger_proof_check
spoilt(const sample *p, uint8_t *copy)
{
	ledger_proof_check check = check_of(p);

	memcpy(copy, p->proof, p->len);
	/* the last scalar, which only the equations can find wrong */
	copy[p->len - 1] ^= 1;
	check.proof = copy;
	return check;
}

static void
batches(void)
{
	enum
	{
		N = 2 * KINDS * 2
	};
	static uint8_t bad[N][MAX_PROOF];
	ledger_proof_check all[N], check[N];

	for (unsigned i = 0; i < N; i++)
		all[i] = check_of(proven[i % 2][i / 2 % KINDS][i / 2 / KINDS]);
	expect(ledger_proof_verify_batch(0, NULL), "nothing at all");
	memcpy(check, all, sizeof(all));
	expect_same_verdicts("all good", N, check);
	for (unsigned i = 0; i < N; i++)
		expect(check[i].status == LEDGER_PROOF_OK, "number %u of a good batch", i);
	for (unsigned which = 0; which < N; which += 3)
	{
		memcpy(check, all, sizeof(all));
		check[which] = spoilt(proven[which % 2][which / 2 % KINDS][which / 2 / KINDS], bad[which]);
		expect(ledger_proof_verify_batch(N, check), "batch");
		for (unsigned i = 0; i < N; i++)
			expect(check[i].status == (i == which ? LEDGER_PROOF_FALSE : LEDGER_PROOF_OK),
				   "%u is bad, and %u is %d", which, i, check[i].status);
	}
	for (unsigned i = 0; i < N; i++)
		check[i] = spoilt(proven[i % 2][i / 2 % KINDS][i / 2 / KINDS], bad[i]);
	expect_same_verdicts("all bad", N, check);
	for (unsigned i = 0; i < N; i++)
		expect(check[i].status == LEDGER_PROOF_FALSE, "number %u of a bad batch", i);
	/* the same proof again and again, and one that is refused before any equation */
	for (unsigned i = 0; i < N; i++)
		check[i] = i % 5 == 4 ? spoilt(proven[0][6][0], bad[i]) : check_of(proven[0][6][0]);
	check[7].prooflen--;
	check[8].n = 0;
	check[9].n--;
	expect_same_verdicts("duplicates", N, check);
	for (unsigned i = 0; i < N; i++)
		expect(check[i].status ==
				   (i == 8 || i == 9		   ? LEDGER_PROOF_COUNT
						: i % 5 == 4 || i == 7 ? LEDGER_PROOF_FALSE
											   : LEDGER_PROOF_OK),
			   "number %u of the duplicates is %d", i, check[i].status);
	done("a batch says of each proof what is said of it alone, and names its culprits");
}

static void
large_batch(void)
{
	enum
	{
		N = 300
	};
	static ledger_proof_check check[N];
	uint8_t		bad[MAX_PROOF];

	for (unsigned i = 0; i < N; i++)
		check[i] = i == 127 || i == 128 || i == 299 ? spoilt(proven[i % 2][0][0], bad)
													: check_of(proven[i % 2][0][i / 2 % 2]);
	/* both suites share the buffer of the bad ones: the last that was copied counts */
	memcpy(bad, proven[1][0][0]->proof, proven[1][0][0]->len);
	bad[proven[1][0][0]->len - 1] ^= 1;
	expect(ledger_proof_verify_batch(N, check), "batch");
	for (unsigned i = 0; i < N; i++)
		expect(check[i].status == (i == 127 || i == 128 || i == 299 ? LEDGER_PROOF_FALSE : LEDGER_PROOF_OK),
			   "number %u is %d", i, check[i].status);
	done("culprits at the ends of the parts that a large batch is cut into");
}

/* ---- chance ------------------------------------------------------------------------------------- */

static void
randomness(void)
{
	enum
	{
		N = 64
	};
	static uint8_t proof[N][512];
	ledger_int	value = 5;
	sample	   *p = sample_new(LEDGER_SUITE_STD, "a in 8", &value);

	for (unsigned i = 0; i < N; i++)
	{
		expect(prove(p) == LEDGER_PROOF_OK, "proof");
		memcpy(proof[i], p->proof, p->len);
	}
	for (size_t at = LEDGER_PROOF_HEAD_LEN; at < p->len; at++)
	{
		bool		seen[256] = {false};
		unsigned	different = 0;

		for (unsigned i = 0; i < N; i++)
		{
			different += !seen[proof[i][at]];
			seen[proof[i][at]] = true;
		}
		/* of 64 random bytes 56 are different on average; 02 or 03 begins a point */
		expect(different > 36 || (different == 2 && seen[2] && seen[3]), "byte %zu takes %u values", at,
			   different);
	}
	sample_free(p);
	done("proofs of one statement have nothing in common");
}

/* Whether two proofs of one length share a point or a scalar in any places. */
static bool
have_in_common(const sample *p, const uint8_t *a, const uint8_t *b)
{
	for (size_t i = LEDGER_PROOF_HEAD_LEN; i + 16 <= p->len; i++)
		for (size_t j = LEDGER_PROOF_HEAD_LEN; j + 16 <= p->len; j++)
			if (memcmp(a + i, b + j, 16) == 0)
				return true;
	return false;
}

static void
repeated_seeds(void)
{
	static const char *const same_shape[] = {"a * b = c and a <> b", "a * b = c and b <> a"};
	static const uint8_t seed[LEDGER_SEED_LEN] = {1, 2, 3};
	ledger_int	value[3] = {3, 4, 12};

	for (int change = 0; change < 6; change++)
	{
		sample	   *p = sample_new(LEDGER_SUITE_GM, same_shape[0], value);
		ledger_statement *other = parsed(same_shape[1]), *own = p->s;
		uint8_t		first[MAX_PROOF], zero[LEDGER_SEED_LEN] = {0};
		unsigned	which;

		expect(ledger_prove(p->s, p->n, p->c, p->open, p->context, p->contextlen, seed, first, &which) ==
				   LEDGER_PROOF_OK,
			   "proof");
		if (change == 1)
			p->context = "contex!";
		if (change == 2)
			p->contextlen--;
		if (change == 3)
			commit(p, 1, 4);	/* another blinding */
		if (change == 4)
		{
			commit(p, 1, 5);
			commit(p, 2, 15);
		}
		if (change == 5)
			p->s = other;
		expect(ledger_prove(p->s, p->n, p->c, p->open, p->context, p->contextlen, seed, p->proof, &which) ==
				   LEDGER_PROOF_OK,
			   "proof");
		if (change == 0)
			expect(memcmp(first, p->proof, p->len) == 0, "the same again");
		else
			expect(!have_in_common(p, first, p->proof), "change %d", change);
		expect(ledger_prove(p->s, p->n, p->c, p->open, p->context, p->contextlen, zero, first, &which) ==
				   LEDGER_PROOF_OK,
			   "proof");
		expect(!have_in_common(p, first, p->proof), "another seed, change %d", change);
		p->s = own;
		ledger_statement_free(other);
		sample_free(p);
	}
	done("a seed that comes again gives no nonce again, unless everything is the same");
}

/* ---- what a proof is not good for -------------------------------------------------------------------- */

static void
other_context(void)
{
	static const char *const other[] = {"", "contexT", "context ", "contex", "xcontext"};

	for (unsigned i = 0; i < 2; i++)
		for (unsigned k = 0; k < KINDS; k++)
		{
			sample	   *p = proven[i][k][0];
			ledger_proof_check check = check_of(p);

			for (unsigned j = 0; j < sizeof(other) / sizeof(other[0]); j++)
			{
				check.context = other[j];
				check.contextlen = strlen(other[j]);
				expect(ledger_proof_verify(&check) == LEDGER_PROOF_FALSE, "%s in context \"%s\"",
					   kinds[k].text, other[j]);
			}
			check.context = NULL;
			check.contextlen = 0;
			expect(ledger_proof_verify(&check) == LEDGER_PROOF_FALSE, "%s without context", kinds[k].text);
		}
	done("no proof is good in another context");
}

/* Bytes that go from the context to the text; the claims are the same. */
static void
text_or_context(void)
{
	ledger_int	value[2] = {5, 5};

	for (unsigned i = 0; i < 2; i++)
	{
		sample	   *p = sample_new(suites[i], "a = b", value);
		ledger_statement *longer = parsed("a = b given a in 8");
		ledger_proof_check check;

		p->context = " given a in 8";
		p->contextlen = 13;
		expect(prove(p) == LEDGER_PROOF_OK && verify(p) == LEDGER_PROOF_OK, "as it is");
		check = check_of(p);
		check.statement = longer;
		check.contextlen = 0;
		expect(ledger_proof_verify(&check) == LEDGER_PROOF_FALSE,
			   "with its context as a part of the statement");
		ledger_statement_free(longer);
		sample_free(p);
	}
	done("what is context cannot become statement");
}

static void
other_statement(void)
{
	static const struct
	{
		const char *own, *other;
		ledger_int	value[3];
	}			list[] = {
		/* the same claims, in other words */
		{"a in 8", "a in [-128, 127]", {5}},
		{"a in [0, 255]", "a in [0, 0255]", {5}},
		{"a = b", "(a) = b", {5, 5}},
		{"a = b", "a = b given a in 8", {5, 5}},
		{"a = b", "numeric(9,0): a = b", {5, 5}},
		{"numeric(9,0): a = b", "numeric(8,0): a = b", {5, 5}},
		{"a < b given a in 8, b in 8", "a < b given a in [-128, 127], b in 8", {5, 6}},
		{"a * b = c", "c = a * b", {2, 3, 6}},
		{"a * b = c", "a * b = c * 1", {2, 3, 6}},
		/* other ones, of which many are true as well */
		{"a = b", "b = a", {5, 5}},
		{"a = b", "a = b and b = a", {5, 5}},
		{"a = 5", "a = 6", {5}},
		{"a = 5", "2 * a = 10", {5}},
		{"a in 8", "a in [-127, 128]", {5}},
		{"a in 8", "a in [0, 255]", {5}},
		{"a in 8", "a in 9", {5}},
		{"a in [0, 4095]", "a in [0, 2047] ", {5}},
		{"a in 8", "a < 100", {5}},
		{"a < b given a in 8, b in 8", "a <= b given a in 8, b in 8", {5, 6}},
		{"a < b given a in 8, b in 8", "b < a given a in 8, b in 8", {5, 6}},
		{"a < b given a in 8, b in 8", "a < b given a in 8, b in 9", {5, 6}},
		{"a * b = c", "b * a = c", {2, 3, 6}},
		{"a * b = c", "a * c = b", {1, 3, 3}},
		{"a <> b", "b <> a", {2, 3}},
		{"a <> b", "a * b = c", {2, 3, 6}},
	};

	for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++)
	{
		sample	   *p = sample_proven(suites[i % 2], list[i].own, list[i].value);
		ledger_statement *other = parsed(list[i].other);
		ledger_commitment c[3];
		ledger_proof_check check = check_of(p);

		memcpy(c, p->c, sizeof(c));
		for (unsigned j = p->n; j < 3; j++)
			c[j] = c[0];
		check.statement = other;
		check.n = other->nvars;
		check.commitments = c;
		expect(ledger_proof_verify(&check) == LEDGER_PROOF_FALSE, "%s proves %s", list[i].own, list[i].other);
		ledger_statement_free(other);
		sample_free(p);
	}
	done("no proof is good for another statement, however near");
}

static void
other_scale(void)
{
	ledger_int	value[2] = {150, 150};
	sample	   *p = sample_proven(LEDGER_SUITE_STD, "numeric(9,2): a = b", value);
	ledger_statement *one = parsed("numeric(9,1): a = b");
	ledger_proof_check check = check_of(p);
	ledger_commitment c[2];
	unsigned	which;

	memcpy(c, p->c, sizeof(c));
	check.statement = one;
	expect(ledger_proof_verify(&check) == LEDGER_PROOF_SCALE, "commitments of two decimals");
	c[0].scale = 1;
	check.commitments = c;
	expect(ledger_proof_verify(&check) == LEDGER_PROOF_SCALE, "one of two");
	expect(ledger_proof_check_commitments(one, 2, c, &which) == LEDGER_PROOF_SCALE && which == 1, "which");
	c[1].scale = 1;
	expect(ledger_proof_verify(&check) == LEDGER_PROOF_FALSE, "the same points at one decimal");
	ledger_statement_free(one);
	sample_free(p);
	done("no proof is good at another scale");
}

static void
other_commitments(void)
{
	for (unsigned i = 0; i < 2; i++)
		for (unsigned k = 0; k < KINDS; k++)
		{
			sample	   *p = proven[i][k][0], *q = proven[i][k][1];
			ledger_commitment c[LEDGER_STATEMENT_MAX_VARS];
			ledger_proof_check check = check_of(p);

			check.commitments = c;
			for (unsigned j = 0; j < p->n; j++)
			{
				memcpy(c, p->c, p->n * sizeof(c[0]));
				c[j] = q->c[j];
				expect(ledger_proof_verify(&check) == LEDGER_PROOF_FALSE, "%s: %u of another proof",
					   kinds[k].text, j);
				c[j] = p->c[j];
				ledger_affine_neg(p->curve, &p->c[j].point, &c[j].point);
				expect(ledger_proof_verify(&check) == LEDGER_PROOF_FALSE, "%s: %u negative", kinds[k].text,
					   j);
				c[j].point = *ledger_curve_generator(p->curve);
				expect(ledger_proof_verify(&check) == LEDGER_PROOF_FALSE, "%s: %u as G", kinds[k].text, j);
				memset(&c[j].point, 0, sizeof(c[j].point));
				expect(ledger_proof_verify(&check) == LEDGER_PROOF_IDENTITY, "%s: %u as the identity",
					   kinds[k].text, j);
				c[j] = proven[1 - i][k][0]->c[j];
				expect(ledger_proof_verify(&check) == (p->n == 1 ? LEDGER_PROOF_FALSE : LEDGER_PROOF_SUITE),
					   "%s: %u of the other suite", kinds[k].text, j);
				c[j] = p->c[(j + 1) % p->n];
				c[(j + 1) % p->n] = p->c[j];
				expect(p->n == 1 || ledger_proof_verify(&check) == LEDGER_PROOF_FALSE, "%s: %u and the next",
					   kinds[k].text, j);
			}
			memcpy(c, p->c, p->n * sizeof(c[0]));
			check.n = p->n + 1;
			expect(ledger_proof_verify(&check) == LEDGER_PROOF_COUNT, "%s: one more", kinds[k].text);
			check.n = p->n - 1;
			expect(ledger_proof_verify(&check) == LEDGER_PROOF_COUNT, "%s: one less", kinds[k].text);
			check.n = p->n;
			check.commitments = proven[1 - i][k][0]->c;
			expect(ledger_proof_verify(&check) == LEDGER_PROOF_FALSE, "%s: all of the other suite",
				   kinds[k].text);
		}
	done("no proof is good for other commitments, another order or another suite");
}

/* A commitment that the statement skips is part of what is proven too. */
static void
skipped_commitment(void)
{
	static const char *const text[] = {"b = 3", "b in 8", "b <> 7", "b = 3 and d = 5"};
	ledger_int	value[4] = {9, 3, 9, 5};

	for (unsigned i = 0; i < 4; i++)
	{
		sample	   *p = sample_proven(suites[i % 2], text[i], value);

		expect(verify(p) == LEDGER_PROOF_OK, "%s", text[i]);
		commit(p, i < 3 ? 0 : 2, 9);
		expect(verify(p) == LEDGER_PROOF_FALSE, "%s, with another a or c", text[i]);
		sample_free(p);
	}
	done("commitments that a statement does not speak of are bound as well");
}

static void
refusals_to_prove(void)
{
	ledger_int	value[2] = {150, 150};
	sample	   *p = sample_new(LEDGER_SUITE_GM, "numeric(9,2): a = b", value);
	const uint8_t seed[LEDGER_SEED_LEN] = {0};
	ledger_commitment c[2];
	ledger_opening open[2];
	unsigned	which;

#define TRY(n) ledger_prove(p->s, n, c, open, NULL, 0, seed, p->proof, &which)
#define AGAIN() (memcpy(c, p->c, sizeof(c)), memcpy(open, p->open, sizeof(open)))
	AGAIN();
	expect(TRY(2) == LEDGER_PROOF_OK, "as it is");
	expect(TRY(1) == LEDGER_PROOF_COUNT && TRY(3) == LEDGER_PROOF_COUNT, "number of commitments");
	c[1].scale = 1;
	expect(TRY(2) == LEDGER_PROOF_SCALE && which == 1, "scale");
	AGAIN();
	c[1].suite = LEDGER_SUITE_STD;
	expect(TRY(2) == LEDGER_PROOF_SUITE && which == 1, "suite");
	AGAIN();
	memset(&c[1].point, 0, sizeof(c[1].point));
	expect(TRY(2) == LEDGER_PROOF_IDENTITY && which == 1, "identity");
	AGAIN();
	open[1].value++;
	expect(TRY(2) == LEDGER_PROOF_OPENING && which == 1, "value");
	AGAIN();
	open[0].blinding = open[1].blinding;
	expect(TRY(2) == LEDGER_PROOF_OPENING && which == 0, "blinding");
	AGAIN();
	open[1].value = LEDGER_INT_LIMIT;
	expect(TRY(2) == LEDGER_PROOF_OPENING && which == 1, "too large");
	AGAIN();
	open[0].value = -2 * LEDGER_INT_LIMIT;
	expect(TRY(2) == LEDGER_PROOF_OPENING && which == 0, "the least number of C");
#undef TRY
#undef AGAIN
	sample_free(p);
	done("no proof is made for commitments that are not opened, or not fit");
}

/* What is left in the buffer after a failure is nothing that an answer could be found in. */
static void
nothing_left(void)
{
	static const struct
	{
		const char *text;
		ledger_int	value[4];
		ledger_proof_status status;
	}			list[] = {
		{"a = b", {1, 2}, LEDGER_PROOF_FALSE},
		{"a <> b and a in 8", {500, 1}, LEDGER_PROOF_FALSE},
		{"a / b = c rem d", {1, 0, 0, 0}, LEDGER_PROOF_DIVISION},
	};

	for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++)
	{
		sample	   *p = sample_new(suites[i % 2], list[i].text, list[i].value);
		bool		zero = true;

		memset(p->proof, 0xaa, sizeof(p->proof));
		expect(prove(p) == list[i].status, "%s", list[i].text);
		for (size_t at = 0; at < p->len; at++)
			zero = zero && p->proof[at] == 0;
		expect(zero && p->proof[p->len] == 0xaa, "%s: zeros", list[i].text);
		sample_free(p);
	}
	done("a prover that fails leaves zeros");
}

/* ---- generators and challenges --------------------------------------------------------------------- */

static void
generators(void)
{
	for (unsigned i = 0; i < 2; i++)
	{
		const ledger_generators *g = ledger_generators_of(suites[i], LEDGER_STATEMENT_MAX_BITS);
		ledger_hasher *hasher = ledger_hasher_new(suites[i]);
		static const uint8_t domain[3] = {0x20, 'D', 1};
		uint8_t		point[LEDGER_POINT_LEN], digest[LEDGER_HASH_LEN];

		expect(g != NULL && g->npoints == LEDGER_GEN_MAX, "all generators");
		ledger_hash_begin(hasher);
		ledger_hash_update(hasher, domain, sizeof(domain));
		for (size_t j = 0; j < g->npoints; j++)
		{
			ledger_affine_encode(g->curve, &g->point[j], point);
			ledger_hash_update(hasher, point, sizeof(point));
			expect(j == 0 || point[0] == 2, "generator %zu has an even y", j);
			for (size_t m = 0; m < j; m++)
				if (memcmp(&g->point[m].x, &g->point[j].x, sizeof(g->point[m].x)) == 0)
					expect(false, "generators %zu and %zu are one", m, j);
		}
		ledger_hash_final(hasher, digest);
		expect(memcmp(digest, ledger_generators_digest(suites[i]), sizeof(digest)) == 0, "digest of suite %d",
			   (int) suites[i]);
		expect(ledger_generators_of(suites[i], LEDGER_STATEMENT_MAX_BITS + 1) == NULL,
			   "no more than there are");
		ledger_hasher_free(hasher);
	}
	done("generators are all different, and their digest is the one that transcripts say");
}

/* In a group of five points one challenge of five is 0. */
static void
zero_challenges(void)
{
	static ledger_curve curve;
	const ledger_curve_kernel *kernel[LEDGER_CURVE_KERNELS];
	ledger_curve_params params = {.b[31] = 6, .n[31] = 5};
	ledger_hasher *hasher = ledger_hasher_new(LEDGER_SUITE_STD);
	unsigned	zeros = 0;

	unhex("57e1cc930c828ca65b6d3c525ff5a86a09ccfdc22244561ae660982885feb1f7", params.g);
	unhex("6ffb0afcdc4feb80998c70c4b5027e9bfce00119ae1437d03a68d2ae5c0d4e83", params.g + 32);
	ledger_curve_kernels_for(LEDGER_SUITE_STD, ledger_cpu_features(), kernel);
	ledger_curve_make(kernel[0], LEDGER_SUITE_STD, &params, &curve);
	for (uint32_t i = 0; i < 200; i++)
	{
		ledger_transcript t;
		ledger_scalar e, want;
		uint8_t		in[3 + LEDGER_HASH_LEN + 5] = {0x20, 'C', 1}, wide[2 * LEDGER_HASH_LEN];
		unsigned	rest = 0;

		ledger_transcript_init(&t, &curve, hasher);
		ledger_transcript_u32(&t, "item", i);
		ledger_transcript_challenge(&t, "e", &e);
		memcpy(in + 3, t.state, LEDGER_HASH_LEN);
		ledger_hash(hasher, in, sizeof(in), wide);
		in[3 + LEDGER_HASH_LEN] = 1;
		ledger_hash(hasher, in, sizeof(in), wide + LEDGER_HASH_LEN);
		for (unsigned j = 0; j < sizeof(wide); j++)
			rest = (rest * 256 + wide[j]) % 5;
		ledger_scalar_u64(&curve, rest == 0 ? 1 : rest, &want);
		expect(t.failed == (rest == 0) && ledger_scalar_equal(&e, &want), "challenge %u is %u", i, rest);
		zeros += rest == 0;
		/* nothing mends it */
		ledger_transcript_challenge(&t, "e", &e);
		expect(t.failed || rest != 0, "challenge after %u", i);
	}
	expect(zeros > 20 && zeros < 60, "%u of 200 are zero", zeros);
	ledger_hasher_free(hasher);
	done("a challenge of zero fails its transcript for good");
}

/* Who proves together with others has them from the first round to the last, whatever comes between. */
static void
lasting_generators(void)
{
	for (unsigned i = 0; i < 2; i++)
	{
		const ledger_generators *g = ledger_generators_of(suites[i], 8), *larger;
		ledger_affine a[2];
		ledger_scalar one;

		expect(g->bits < 100, "few of them");
		larger = ledger_generators_of(suites[i], 100);
		expect(larger != NULL && larger->bits >= 100, "more of them");
		larger = ledger_generators_of(suites[i], 300);
		expect(larger != NULL && larger->bits >= 300, "still more of them");
		ledger_scalar_u64(g->curve, 1, &one);
		ledger_pedersen(g, &one, &one, &a[0]);
		expect(ledger_affine_equal(&g->point[LEDGER_GEN_H], &larger->point[LEDGER_GEN_H]), "the same H");
		ledger_pedersen(larger, &one, &one, &a[1]);
		expect(ledger_affine_equal(&a[0], &a[1]), "the same commitment");
	}
	done("generators stay where they are when more of them are wanted");
}

int
main(void)
{
	begin_draw();
	lasting_generators();
	zero_challenges();
	prove_kinds();
	batches();
	large_batch();
	randomness();
	repeated_seeds();
	other_context();
	text_or_context();
	other_statement();
	other_scale();
	other_commitments();
	skipped_commitment();
	refusals_to_prove();
	nothing_left();
	generators();
	free_kinds();
	return finish();
}
