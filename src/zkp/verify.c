/*
 * zkp/verify.c
 *		From proofs to one sum of points.
 *
 * All equations of all proofs are multiplied by weights that come from a hash of
 * everything they say, and added; the sum is the identity where all of them hold,
 * and otherwise with probability 2^-250. The weights are no random numbers, so
 * verification is a function of its arguments alone.
 */
#include <stdlib.h>
#include <string.h>

#include "zkp/proof_internal.h"

/* Proofs that are brought into one equation; more of them gain little. */
#define BATCH 128

/* Points that one proof can add: of its own, commitments and helpers included. */
#define MAX_POINTS                                                                                           \
	(LEDGER_MAX_VALUES + 1 + 2 * LEDGER_STATEMENT_MAX_CLAIMS + 4 + 2 * LEDGER_MAX_ROUNDS)

/* Of the proof itself, decoded in its order but for the helpers, which come first here too. */
typedef struct
{
	ledger_verifier v;
	ledger_sigma_challenges sigma;
	ledger_range_challenges range;
	unsigned	npoints,
				nscalars;
	ledger_affine point[MAX_POINTS];
	ledger_scalar scalar[1 + 3 * LEDGER_STATEMENT_MAX_CLAIMS + 3 + 2 * LEDGER_MAX_LAST];
} proof_reader;

/* ---- one proof ----------------------------------------------------------------------------- */

/* The points of a part join those that are decoded together. */
static void
find_points(proof_reader *r, const uint8_t **in, const uint8_t *proof, size_t from, size_t to)
{
	for (; from < to; from += LEDGER_POINT_LEN)
		in[r->npoints++] = proof + from;
}

static bool
decode_scalars(proof_reader *r, const ledger_curve *c, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!ledger_scalar_decode(c, p + i * LEDGER_SCALAR_LEN, &r->scalar[r->nscalars++]))
			return false;
	return true;
}

/* Head, length, points and scalars. */
static ledger_proof_status
decode(proof_reader *r, const ledger_proof_check *check)
{
	const ledger_statement *s = check->statement;
	const ledger_proof_shape *shape = &r->v.shape;
	const uint8_t *p = check->proof;
	const uint8_t *in[MAX_POINTS];
	const ledger_curve *c;
	unsigned	which;
	ledger_proof_status status = ledger_proof_check_commitments(s, check->n, check->commitments, &which);

	if (status != LEDGER_PROOF_OK)
		return status;
	c = ledger_curve_of(check->commitments[0].suite);
	if (check->prooflen != shape->len || p[0] != 'P' || p[1] != 1 || p[2] != check->commitments[0].suite)
		return LEDGER_PROOF_FALSE;
	find_points(r, in, p, shape->helpers, shape->first);
	find_points(r, in, p, shape->first, shape->answers);
	find_points(r, in, p, shape->range, shape->folded);
	find_points(r, in, p, shape->halvings, shape->ends);
	if (!ledger_affines_decode(c, r->npoints, in, r->point) ||
		!decode_scalars(r, c, p + shape->answers, (shape->range - shape->answers) / LEDGER_SCALAR_LEN) ||
		!decode_scalars(r, c, p + shape->folded, (shape->halvings - shape->folded) / LEDGER_SCALAR_LEN) ||
		!decode_scalars(r, c, p + shape->ends, (shape->len - shape->ends) / LEDGER_SCALAR_LEN))
		return LEDGER_PROOF_FALSE;
	return LEDGER_PROOF_OK;
}

/* Decode, and draw every challenge. */
static ledger_proof_status
read_proof(proof_reader *r, ledger_proof_check *check, ledger_hasher *hasher)
{
	const ledger_statement *s = check->statement;
	ledger_transcript *t = &r->v.transcript;
	ledger_proof_status status;

	r->v.check = check;
	r->npoints = r->nscalars = 0;
	ledger_proof_shape_of(s, &r->v.shape);
	status = decode(r, check);
	if (status != LEDGER_PROOF_OK)
		return status;
	ledger_transcript_init(t, ledger_curve_of(check->commitments[0].suite), hasher);
	ledger_proof_begin(t, s, check->commitments, check->context, check->contextlen, &r->v.shape,
					   check->proof);
	if (s->nzeros + s->nproducts > 0)
	{
		ledger_draw_rho(t, &r->sigma);
		ledger_hear_first(t, &r->v.shape, check->proof, &r->sigma);
		ledger_hear_answers(t, &r->v.shape, check->proof);
	}
	if (s->nranges > 0)
	{
		ledger_hear_bits(t, &r->v.shape, check->proof, &r->range);
		ledger_hear_polynomial(t, &r->v.shape, check->proof, &r->range);
		ledger_hear_values(t, &r->v.shape, check->proof, &r->range);
		for (unsigned i = 0; i < r->v.shape.rounds; i++)
			ledger_hear_half(t, &r->v.shape, check->proof, i, &r->range);
		ledger_hear_ends(t, &r->v.shape, check->proof);
	}
	ledger_transcript_challenge(t, "weight", &r->v.step);
	return t->failed ? LEDGER_PROOF_FALSE : LEDGER_PROOF_OK;
}

/* The equations of one proof, its weights beginning with first. */
static bool
add_proof(ledger_equation *e, proof_reader *r, const ledger_scalar *first)
{
	const ledger_proof_check *check = r->v.check;
	const ledger_statement *s = check->statement;
	const ledger_affine *point = r->point + s->nhelpers;
	const ledger_scalar *scalar = r->scalar;

	if (!ledger_equation_reserve(e, MAX_POINTS))
		return false;
	r->v.weight = *first;
	memset(r->v.commitment_k, 0, sizeof(r->v.commitment_k));
	if (s->nzeros + s->nproducts > 0)
	{
		unsigned	zeros = s->nzeros > 0;

		ledger_sigma_equations(e, &r->v, &r->sigma, point, scalar);
		point += zeros + 2 * s->ngroups;
		scalar += zeros + 3 * s->ngroups;
	}
	if (s->nranges > 0 && !ledger_range_equations(e, &r->v, &r->range, point, scalar))
		return false;
	for (unsigned i = 0; i < s->nvars; i++)
		ledger_equation_point(e, &r->v.commitment_k[i], &check->commitments[i].point);
	for (unsigned i = 0; i < s->nhelpers; i++)
		ledger_equation_point(e, &r->v.commitment_k[s->nvars + i], &r->point[i]);
	return true;
}

/* The verdict of n proofs that are read: one equation for all, a proof's weights times its own. */
static ledger_proof_status
verdict(proof_reader *const *r, size_t n, ledger_hasher *hasher)
{
	static const uint8_t domain[3] = {0x20, 'B', 1};
	ledger_suite suite = r[0]->v.check->commitments[0].suite;
	ledger_proof_status status = LEDGER_PROOF_MEMORY;
	uint8_t		key[LEDGER_HASH_LEN];
	unsigned	bits = 0;
	ledger_equation e;
	bool		ok;

	for (size_t i = 0; i < n; i++)
		if (r[i]->v.shape.bits > bits)
			bits = r[i]->v.shape.bits;
	ok = ledger_equation_init(&e, suite, bits) && ledger_hash_begin(hasher) &&
		ledger_hash_update(hasher, domain, sizeof(domain));
	for (size_t i = 0; ok && i < n; i++)
		ok = ledger_hash_update(hasher, r[i]->v.transcript.state, LEDGER_HASH_LEN);
	ok = ok && ledger_hash_final(hasher, key);
	for (size_t i = 0; ok && i < n; i++)
	{
		ledger_scalar first;

		ok = ledger_wide_scalar(e.curve, hasher, 'W', key, (uint32_t) i, &first) &&
			add_proof(&e, r[i], &first);
	}
	if (ok)
		status = ledger_equation_verdict(&e);
	ledger_equation_free(&e);
	return status;
}

ledger_proof_status
ledger_proof_verify(ledger_proof_check *check)
{
	ledger_proof_verify_batch(1, check);
	return check->status;
}

/* Answers for n proofs that are read; halves are tried where all together fail. */
static bool
settle(proof_reader *const *r, size_t n, ledger_hasher *hasher)
{
	ledger_proof_status status = verdict(r, n, hasher);

	if (status == LEDGER_PROOF_MEMORY)
		return false;
	if (status == LEDGER_PROOF_OK || n == 1)
	{
		for (size_t i = 0; i < n; i++)
			r[i]->v.check->status = status;
		return true;
	}
	return settle(r, n / 2, hasher) && settle(r + n / 2, n - n / 2, hasher);
}

static bool
of_suite(const ledger_proof_check *check, ledger_suite suite)
{
	return check->n > 0 && check->commitments[0].suite == suite;
}

/* At most BATCH proofs of one suite; those of the other are passed over. */
static bool
verify_some(ledger_suite suite, size_t n, ledger_proof_check *checks)
{
	ledger_hasher *hasher;
	proof_reader *reader;
	proof_reader *sound[BATCH];
	size_t		nsound = 0;
	size_t		first = 0;
	bool		ok;

	while (first < n && !of_suite(&checks[first], suite))
		first++;
	if (first == n)
		return true;
	hasher = ledger_hasher_new(suite);
	reader = (proof_reader *) malloc(n * sizeof(*reader));
	ok = hasher != NULL && reader != NULL;
	for (size_t i = first; ok && i < n; i++)
	{
		if (!of_suite(&checks[i], suite))
			continue;
		checks[i].status = read_proof(&reader[i], &checks[i], hasher);
		if (checks[i].status == LEDGER_PROOF_OK)
			sound[nsound++] = &reader[i];
		ok = checks[i].status != LEDGER_PROOF_MEMORY;
	}
	ok = ok && (nsound == 0 || settle(sound, nsound, hasher));
	ledger_hasher_free(hasher);
	free(reader);
	return ok;
}

bool
ledger_proof_verify_batch(size_t n, ledger_proof_check *checks)
{
	for (size_t i = 0; i < n; i++)
		checks[i].status = LEDGER_PROOF_COUNT;
	for (size_t i = 0; i < n; i += BATCH)
	{
		size_t		some = n - i < BATCH ? n - i : BATCH;

		if (!verify_some(LEDGER_SUITE_STD, some, checks + i) || !verify_some(LEDGER_SUITE_GM, some, checks + i))
		{
			for (size_t j = 0; j < n; j++)
				checks[j].status = LEDGER_PROOF_MEMORY;
			return false;
		}
	}
	return true;
}
