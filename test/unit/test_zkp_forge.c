/*
 * test/unit/test_zkp_forge.c
 *		Provers that cheat: no false statement is accepted from any of them.
 *
 * Each forgery would succeed against a verifier that leaves out one input of its
 * transcript or one term of its equations. test/mutants makes such verifiers and
 * expects that a test here fails.
 */
#include "zkp_forge.h"

static ledger_suite suite;

static bool
accepted(const forger *f)
{
	return verify(f->p) == LEDGER_PROOF_OK;
}

/* ---- without a lie ------------------------------------------------------------------------- */

typedef struct
{
	const char *text;
	ledger_int	value[5];
} instance;

static void
honest(void)
{
	static const instance list[] = {
		{"a in 8", {-128}},
		{"a in [0, 1023]", {1023}},
		{"a in 64", {-1}},
		{"a = b", {7, 7}},
		{"a * b = c", {3, -4, -12}},
		{"a <> b", {3, -4}},
		{"a = b and a * b = c and c in 8 and d <> 0", {5, 5, 25, 1}},
		{"a / b = c rem d given a in 8, b in 8", {-7, 2, -3, -1}},
	};

	for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++)
	{
		forger	   *f = forger_new(suite, list[i].text, list[i].value);

		forge(f);
		expect(accepted(f), "%s is proven", list[i].text);
		if (f->p->s->nranges > 0)
			expect(ranges_hold(f), "%s: the equations of the ranges", list[i].text);
		/* every form of the head that is not written by the honest prover */
		for (unsigned byte = 0; byte < LEDGER_PROOF_HEAD_LEN && f->shape.bits <= 8; byte++)
		{
			f->p->proof[byte] ^= 3;
			forge(f);
			expect(!accepted(f), "%s: another byte %u of the head", list[i].text, byte);
			f->p->proof[byte] ^= 3;
		}
		forger_free(f);
	}
	done("a free prover that tells the truth is believed, but with no other head");
}

/* ---- what an honest prover checks ------------------------------------------------------------ */

static void
unchecked(void)
{
	static const instance list[] = {
		{"a in 8", {128}},
		{"a in 8", {-129}},
		{"a in [0, 255]", {256}},
		{"a in [0, 255]", {-1}},
		{"a in [0, 1023]", {1024}},
		{"a in [3, 9]", {2}},
		{"a in [3, 9]", {10}},
		{"a in 64", {(ledger_int) 1 << 63}},
		{"a < b given a in 8, b in 8", {1, 1}},
		{"a + b <= c given a in 64, b in 64, c in 64", {INT64_MAX, INT64_MAX, INT64_MAX}},
		{"a + b <= c given a in 64, b in 64, c in 64", {INT64_MAX, 2, INT64_MIN}},
		{"a < b and a in 8 and b in 8", {-200, -100}},
		{"a < b and a in 8 and b in 8", {1000, 1001}},
		{"a = b", {1, 2}},
		{"a = b and c = d", {1, 2, 4, 3}},
		{"a * b = c", {2, 3, 7}},
		{"a * b = c", {0, 0, 1}},
		{"a * b = c and a * d = e", {2, 3, 7, 4, 7}},
		{"a * b = c and b * d = e", {2, 3, 7, 4, 11}},
		{"a <> b", {5, 5}},
		{"a <> 0", {0}},
		{"a * b * c = d", {2, 3, 4, 25}},
		{"a / b = c rem d given a in 8, b in 8", {7, 2, 2, 1}},
		{"a / b = c rem d given a in 8, b in 8", {7, 2, 2, 3}},
		{"a / b = c rem d given a in 8, b in 8", {7, 2, 4, -1}},
		{"a / b = c rem d given a in 8, b in 8", {-7, 2, -4, 1}},
		{"a / b = c rem d given a in 8, b in 8", {-7, 2, 3, -1}},
		{"a / b = c rem d given a in 8, b in 8", {7, 0, 0, 7}},
		{"a / b = c rem d given a in 8, b in 8", {7, 0, 5, 7}},
		{"a / b = c rem d given a in 8, b in 8", {7, 7, 0, 7}},
		{"a / b = c rem d given a in 8, b in 8", {0, 5, -1, 5}},
	};

	for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++)
	{
		forger	   *f = forger_new(suite, list[i].text, list[i].value);

		forge(f);
		expect(!accepted(f), "%s, which is false", list[i].text);
		forger_free(f);
	}
	done("nobody is believed who follows the protocol with values that do not satisfy the statement");
}

/* Signs that are none, or the wrong ones, for every false quotient and remainder near by. */
static void
helpers_of_choice(void)
{
	static const int sign[][2] = {{1, -1}, {-1, 1}, {-1, -1}, {0, 0}, {2, 1}, {1, 2}};

	for (unsigned i = 0; i < sizeof(sign) / sizeof(sign[0]); i++)
		for (int r = -1; r <= 3; r += 2)
		{
			ledger_int	v[4] = {7, 2, (7 - r) / 2, r};
			forger	   *f = forger_new(suite, "a / b = c rem d given a in 8, b in 8", v);
			ledger_scalar *helper = f->value + 4;

			/* s, s r, s b, t, t s b, t q */
			helper[0] = num(sign[i][0]);
			helper[1] = num(sign[i][0] * v[3]);
			helper[2] = num(sign[i][0] * v[1]);
			helper[3] = num(sign[i][1]);
			helper[4] = mul(helper[3], helper[2]);
			helper[5] = num(sign[i][1] * v[2]);
			forge(f);
			expect(!accepted(f), "7 / 2 = %d rem %d with signs %d and %d", (int) v[2], r, sign[i][0],
				   sign[i][1]);
			/* the magnitudes that the ranges want, whatever they come from */
			helper[1] = num(1);
			helper[4] = num(2);
			helper[5] = num(3);
			forge(f);
			expect(!accepted(f), "7 / 2 = %d rem %d with magnitudes of choice", (int) v[2], r);
			forger_free(f);
		}
	done("signs and magnitudes of the prover's choice do not bend a division");
}

/* A scalar of the group as the value of the only commitment, and its lowest bits. */
static void
wrapped_values(void)
{
	static const char *const text[] = {"a in [0, 255]", "a in 8", "a in 64"};
	const ledger_int zero = 0;

	for (unsigned i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		for (int k = 0; k < 6; k += i < 2 ? 1 : 5)
		{
			forger	   *f = forger_new(suite, text[i], &zero);
			ledger_scalar half = over(num(1), num(2)), big = num((ledger_int) 1 << 125);
			ledger_scalar list[6];

			list[0] = num(-((ledger_int) 1 << 125));	/* n - 2^125 */
			list[1] = half;		/* (n + 1) / 2 */
			list[2] = sub(half, num(1));
			list[3] = mul(big, big);
			list[4] = over(num(1), num(3));
			list[5] = any();
			f->value[0] = list[k];
			forge(f);
			expect(!accepted(f), "%s with scalar %d", text[i], k);
			forger_free(f);
		}
	done("values that are large or negative only modulo the group order are in no range");
}

/* ---- bits that are none -------------------------------------------------------------------------- */

static forger *
range_forger(const char *text, ledger_int a, ledger_int b)
{
	ledger_int	v[2] = {a, b};
	forger	   *f = forger_new(suite, text, v);

	forge_bits(f);
	f->own_bits = true;
	return f;
}

static void
finish_forgery(forger *f, const char *what)
{
	forge(f);
	expect(!accepted(f), "%s", what);
	forger_free(f);
}

static void
bits_of_choice(void)
{
	forger	   *f;
	const ledger_int m = 300;

	f = range_forger("a in [0, 255]", m, 0);
	for (unsigned i = 0; i < 8; i++)
	{
		f->al[i] = num(i == 0 ? m : 0);
		f->ar[i] = sub(f->al[i], num(1));
	}
	finish_forgery(f, "a bit of 300");

	f = range_forger("a in [0, 255]", m, 0);
	for (unsigned i = 0; i < 8; i++)
	{
		f->al[i] = num(i == 0 ? m : 0);
		f->ar[i] = num(-1);
	}
	finish_forgery(f, "a bit of 300 whose product with its complement is 0 where z is 1");

	f = range_forger("a in [0, 255]", m, 0);
	for (unsigned i = 0; i < 8; i++)
	{
		f->al[i] = num(i == 0 ? m : 0);
		f->ar[i] = num(0);
	}
	finish_forgery(f, "complements that are all 0");

	f = range_forger("a in [0, 255]", -1, 0);
	for (unsigned i = 0; i < 8; i++)
	{
		f->al[i] = num(i == 0 ? -1 : 0);
		f->ar[i] = sub(f->al[i], num(1));
	}
	finish_forgery(f, "a bit of -1");

	/* sum of aL aR and of aL - aR - 1 are 0, as if y were 1 */
	f = range_forger("a in [0, 255]", m + 2, 0);
	for (unsigned i = 0; i < 8; i++)
	{
		f->al[i] = num(i == 0 ? m : i == 1 ? 1 : 0);
		f->ar[i] = sub(f->al[i], num(1));
	}
	f->ar[1] = num(-m * (m - 1));
	f->ar[2] = num(m * (m - 1) - 1);
	finish_forgery(f, "bits that are bits only in their sum");

	/* U in A or in S makes up for one product that is not 0, as if w were 1 or x */
	for (int k = 0; k < 2; k++)
	{
		f = range_forger("a in [0, 255]", m, 0);
		for (unsigned i = 0; i < 8; i++)
		{
			f->al[i] = num(i == 0 ? m : 0);
			f->ar[i] = sub(f->al[i], num(1));
		}
		*(k == 0 ? &f->a_u : &f->s_u) = num(m * (m - 1));
		finish_forgery(f, k == 0 ? "U in A" : "U in S");
	}
	done("digits that are no bits, and points with a part that they should not have");
}

static void
swapped_ranges(void)
{
	forger	   *f = range_forger("a in [0, 255] and b in [0, 255]", 256, -1);

	for (unsigned i = 0; i < 16; i++)
	{
		f->al[i] = num(i < 8);
		f->ar[i] = sub(f->al[i], num(1));
	}
	finish_forgery(f, "256 and -1 for 255 and 0, of one sum");

	f = range_forger("a in [0, 255] and b in [0, 4095]", 300, 5);
	for (unsigned i = 0; i < 20; i++)
	{
		unsigned	t = i < 8 ? i : i - 8, v = i < 8 ? 5 : 300;

		f->al[i] = num((v >> t) & 1);
		f->ar[i] = sub(f->al[i], num(1));
	}
	finish_forgery(f, "two ranges with each other's values");

	/* bits beyond the ranges are no part of any value */
	f = range_forger("a in [0, 1023]", 1024, 0);
	f->al[10] = num(1);
	f->ar[10] = num(0);
	finish_forgery(f, "a bit in a place that no range uses");
	done("no range takes another's bits, nor places that belong to none");
}

/* ---- solving for what should have come before the challenge ----------------------------------------- */

static void
late_points(void)
{
	static const char *const text[] = {"a in [0, 255]", "a in [0, 4095]"};
	static const unsigned late[] = {LATE_A, LATE_S, LATE_POLY1, LATE_POLY2, LATE_VALUE, LATE_BITS, GUESS_X};

	for (unsigned i = 0; i < 2; i++)
	{
		for (unsigned k = 0; k < sizeof(late) / sizeof(late[0]); k++)
		{
			forger	   *f = range_forger(text[i], 5000, 0);

			f->late = late[k];
			forge(f);
			expect(f->late == LATE_BITS || f->late == GUESS_X || ranges_hold(f), "%s: solved for %u", text[i],
				   late[k]);
			expect(!accepted(f), "%s with %u chosen late", text[i], late[k]);
			forger_free(f);
		}
		for (unsigned k = 0; k < 4; k++)
		{
			forger	   *f = range_forger(text[i], 5000, 0);

			f->late = k % 2 == 0 ? LATE_L : LATE_RIGHT;
			f->round = k / 2 * (f->shape.rounds - 1);
			forge(f);
			expect(ranges_hold(f), "%s: solved for round %u", text[i], f->round);
			expect(!accepted(f), "%s with round %u chosen late", text[i], f->round);
			forger_free(f);
		}
	}
	done("a range proof whose points are chosen after their challenges");
}

static void
late_first_messages(void)
{
	static const struct
	{
		instance	of;
		unsigned	late;
	}			list[] = {
		{{"a = b", {1, 2}}, LATE_R},
		{{"a = b and c = d", {1, 2, 3, 5}}, LATE_R},
		{{"a * b = c", {2, 3, 7}}, LATE_T1},
		{{"a * b = c", {2, 3, 7}}, LATE_T2},
		{{"a <> b", {5, 5}}, LATE_T2},
		{{"a * b = c and c * d = e", {2, 3, 7, 1, 8}}, LATE_T1},
		{{"a / b = c rem d given a in 8, b in 8", {7, 2, 2, 1}}, LATE_T1},
		{{"a / b = c rem d given a in 8, b in 8", {7, 2, 2, 1}}, LATE_T2},
		{{"a / 2 = b rem c given a in 8", {7, 2, 1}}, LATE_R},
	};

	for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++)
	{
		forger	   *f = forger_new(suite, list[i].of.text, list[i].of.value);

		f->late = list[i].late;
		forge(f);
		expect(!accepted(f), "%s with %u chosen late", list[i].of.text, list[i].late);
		forger_free(f);
	}
	done("a proof of zeros and products whose first messages are chosen after the challenge");
}

/* Frozen Heart: the commitment is chosen when everything else is known. */
static void
late_commitments(void)
{
	ledger_int	same[2] = {5, 5};
	pair		t1, t2;
	ledger_scalar z1, z2, z3;
	forger	   *f;

	for (unsigned i = 0; i < 2; i++)
	{
		ledger_scalar alpha = any(), k = any(), s, change;

		f = forger_new(suite, "a = b", same);
		put_pair(f, alpha, k, f->shape.first);
		replay(f);
		s = add(k, mul(f->sigma.e, combined(f, 0, 0).r));
		put_scalar(f, &s, f->shape.answers);
		change = over(alpha, mul(f->sigma.e, f->sigma.rho));
		f->value[i] = i == 0 ? sub(f->value[i], change) : add(f->value[i], change);
		put_commitment(f, i);
		expect(!accepted(f), "a = b with number %u chosen last", i);
		forger_free(f);
	}

	/* T1 and T2 first, then the inverse of 0 */
	f = forger_new(suite, "a <> b", same);
	t1 = (pair){any(), any()};
	t2 = (pair){any(), any()};
	put_commitment(f, 2);
	put_pair(f, t1.v, t1.r, f->shape.first);
	put_pair(f, t2.v, t2.r, f->shape.first + LEDGER_POINT_LEN);
	replay(f);
	z1 = t1.v;
	z2 = add(t1.r, mul(f->sigma.e, left_factor(f, 0).r));
	z3 = any();
	put_scalar(f, &z1, f->shape.answers);
	put_scalar(f, &z2, f->shape.answers + LEDGER_SCALAR_LEN);
	put_scalar(f, &z3, f->shape.answers + 2 * LEDGER_SCALAR_LEN);
	f->value[2] = over(add(t2.v, mul(f->sigma.e, f->sigma.rho)), mul(z1, f->sigma.rho));
	f->blinding[2] = over(sub(t2.r, z3), mul(z1, f->sigma.rho));
	put_commitment(f, 2);
	expect(!accepted(f), "a <> a with its helper chosen last");
	forger_free(f);
	done("a commitment that is chosen after the challenges");
}

/* Longer than a transcript can take: all challenges of the failed transcript are 1. */
static void
failed_transcript(void)
{
	static const char *const text[] = {"a = b", "a = b and a in [0, 255]"};
	ledger_int	v[2] = {300, 301};

	for (unsigned i = 0; i < 2; i++)
	{
		forger	   *f = forger_new(suite, text[i], v);

		f->p->contextlen = ((size_t) 1 << 32) + 7;
		f->late = LATE_R | LATE_A;
		forge(f);
		expect(ledger_scalar_equal(&f->step, &(ledger_scalar){{0}}) == false, "challenges are not 0");
		expect(!accepted(f), "%s", text[i]);
		forger_free(f);
	}
	done("nothing is proven by a transcript that has failed");
}

/* ---- weights ------------------------------------------------------------------------------------------ */

/* The weights that proofs with these states begin with in a batch. */
static void
first_weights(forger *const *f, unsigned n, bool states, ledger_scalar *w)
{
	static const uint8_t domain[3] = {0x20, 'B', 1};
	ledger_hasher *hasher = ledger_hasher_new(suite);
	uint8_t		key[LEDGER_HASH_LEN];

	if (!ledger_hash_begin(hasher) || !ledger_hash_update(hasher, domain, sizeof(domain)))
		abort();
	for (unsigned i = 0; states && i < n; i++)
		ledger_hash_update(hasher, f[i]->state, LEDGER_HASH_LEN);
	ledger_hash_final(hasher, key);
	for (unsigned i = 0; i < n; i++)
		ledger_wide_scalar(forge_curve, hasher, 'W', key, i, &w[i]);
	ledger_hasher_free(hasher);
}

/* Errors of two equations that cancel under weights which do not depend on the answers. */
static void
cancelling_answers(void)
{
	ledger_int	v[5] = {2, 1, 4, 0, 0};
	forger	   *f = forger_new(suite, "a = b and c * d = e", v);
	ledger_scalar error, z;
	const size_t at = f->shape.answers + LEDGER_SCALAR_LEN;

	forge(f);
	replay(f);
	/* e rho (a - b) G in the first, so much of z1 in the second; d = 0 keeps it out of the third */
	error = over(mul(f->sigma.e, combined(f, 0, 0).v), f->step);
	if (!ledger_scalar_decode(forge_curve, f->p->proof + at, &z))
		abort();
	z = add(z, error);
	put_scalar(f, &z, at);
	if (!ledger_scalar_decode(forge_curve, f->p->proof + at + 2 * LEDGER_SCALAR_LEN, &z))
		abort();
	z = sub(z, mul(error, combined(f, 1, 0).r));
	put_scalar(f, &z, at + 2 * LEDGER_SCALAR_LEN);
	expect(!accepted(f), "a = b, which is false, beside a product");
	forger_free(f);
	done("answers chosen so that the errors of two equations cancel");
}

/* The same in a true proof: a second proof that nobody made. */
static void
cancelling_blindings(void)
{
	forger	   *f = range_forger("a in [0, 255]", 77, 0);
	ledger_scalar d = any();

	forge(f);
	replay(f);
	expect(accepted(f), "as it is");
	f->taux = add(f->taux, d);
	f->mu = add(f->mu, over(d, f->step));
	put_scalar(f, &f->taux, f->shape.folded + LEDGER_SCALAR_LEN);
	put_scalar(f, &f->mu, f->shape.folded + 2 * LEDGER_SCALAR_LEN);
	expect(!accepted(f), "taux and mu changed together");
	forger_free(f);
	done("a proof cannot be turned into another one by blindings whose changes cancel");
}

static bool
any_accepted(unsigned n, forger *const *f)
{
	ledger_proof_check check[4];
	bool		any_ok = false;

	for (unsigned i = 0; i < n; i++)
		check[i] = check_of(f[i]->p);
	if (!ledger_proof_verify_batch(n, check))
		abort();
	for (unsigned i = 0; i < n; i++)
		any_ok = any_ok || check[i].status == LEDGER_PROOF_OK;
	return any_ok;
}

/* Two proofs of one false statement that differ in their ends, which make up for each other. */
static void
cancelling_ends(void)
{
	forger	   *f[2];
	ledger_scalar w[2], c;

	f[0] = range_forger("a in [0, 255]", 300, 0);
	f[0]->late = WRONG_T;
	forge(f[0]);
	replay(f[0]);
	f[1] = range_forger("a in [0, 255]", 300, 0);
	memcpy(f[1]->p->proof, f[0]->p->proof, f[0]->p->len);
	f[1]->p->c[0] = f[0]->p->c[0];
	memcpy(f[1]->state, f[0]->state, sizeof(f[0]->state));
	first_weights(f, 2, true, w);
	c = over(sub(f[0]->t, inner(f[0]->l, f[0]->r, f[0]->shape.bits)), mul(w[0], w[1]));
	for (unsigned i = 0; i < 2; i++)
	{
		ledger_scalar to = i == 0 ? w[1] : sub(num(0), w[0]), a, b;

		a = add(f[0]->end[0], mul(to, c));
		b = add(f[0]->end[f[0]->shape.last], to);
		put_scalar(f[i], &a, f[i]->shape.ends);
		put_scalar(f[i], &b, f[i]->shape.ends + f[i]->shape.last * LEDGER_SCALAR_LEN);
	}
	expect(!any_accepted(2, f), "a range twice");
	for (unsigned i = 0; i < 2; i++)
	{
		expect(!accepted(f[i]), "by itself");
		forger_free(f[i]);
	}
	done("two false proofs of a batch whose ends make up for each other");
}

static void
cancelling_proofs(void)
{
	ledger_int	v[2] = {5, 5};

	/* weights from nothing, equal ones, opposite ones */
	for (int k = 0; k < 3; k++)
	{
		forger	   *f[2];
		ledger_scalar w[2], d = any(), s;

		for (unsigned i = 0; i < 2; i++)
		{
			f[i] = forger_new(suite, "a = b", v);
			forge(f[i]);
			replay(f[i]);
		}
		first_weights(f, 2, false, w);
		if (k > 0)
			w[0] = w[1];
		if (k > 1)
			w[1] = sub(num(0), w[1]);
		for (unsigned i = 0; i < 2; i++)
		{
			if (!ledger_scalar_decode(forge_curve, f[i]->p->proof + f[i]->shape.answers, &s))
				abort();
			s = i == 0 ? add(s, d) : sub(s, over(mul(d, w[0]), w[1]));
			put_scalar(f[i], &s, f[i]->shape.answers);
		}
		expect(!any_accepted(2, f), "weights %d", k);
		forger_free(f[0]);
		forger_free(f[1]);
	}
	done("two spoilt proofs of a batch that cancel under weights of a guess");
}

int
main(void)
{
	begin_draw();
	for (unsigned i = 0; i < 2; i++)
	{
		suite = suites[i];
		printf("# suite %d\n", (int) suite);
		honest();
		unchecked();
		helpers_of_choice();
		wrapped_values();
		bits_of_choice();
		swapped_ranges();
		late_points();
		late_first_messages();
		late_commitments();
		failed_transcript();
		cancelling_answers();
		cancelling_blindings();
		cancelling_ends();
		cancelling_proofs();
	}
	return finish();
}
