/*
 * zkp/joint.c
 *		Rounds, and how shares become one proof.
 */
#include "zkp/joint.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/key.h"
#include "zkp/proof_internal.h"

#define HEAD_LEN 4
#define KNOWN_LEN (LEDGER_STATEMENT_MAX_VARS / 8)
#define FIRST_LEN (HEAD_LEN + LEDGER_HASH_LEN + KNOWN_LEN + LEDGER_HASH_LEN)

/* What one party needs to know for some helpers, groups and ranges that hang together. */
#define MAX_PARTS (LEDGER_STATEMENT_MAX_HELPERS + 2 * LEDGER_STATEMENT_MAX_CLAIMS)

struct ledger_joint
{
	ledger_prover p;
	unsigned	me, parties;
	unsigned	round;			/* whose message is in out */
	bool		dead;
	ledger_commitment *commitments;
	uint8_t	   *context;
	size_t		contextlen;
	uint8_t	   *proof;
	uint8_t	   *out;
	size_t		outlen;
	uint8_t		subject[LEDGER_HASH_LEN];	/* what is proven */
	uint8_t		share[LEDGER_POINT_LEN];	/* our R */
	uint8_t		promise[LEDGER_JOINT_MAX_PARTIES][LEDGER_HASH_LEN];
	bool		known[LEDGER_JOINT_MAX_PARTIES][LEDGER_STATEMENT_MAX_VARS];
	uint8_t		helper_of[LEDGER_STATEMENT_MAX_HELPERS];	/* the party that has it */
	uint8_t		group_of[LEDGER_STATEMENT_MAX_CLAIMS];
	uint8_t		range_of[LEDGER_STATEMENT_MAX_CLAIMS];
};

/* ---- messages -------------------------------------------------------------------------------- */

static void
message_begin(ledger_joint *j, unsigned round)
{
	j->round = round;
	j->out[0] = 'J';
	j->out[1] = 1;
	j->out[2] = (uint8_t) round;
	j->out[3] = (uint8_t) j->me;
	j->outlen = HEAD_LEN;
}

static void
message_add(ledger_joint *j, const void *data, size_t len)
{
	memcpy(j->out + j->outlen, data, len);
	j->outlen += len;
}

static void
message_scalar(ledger_joint *j, const ledger_scalar *k)
{
	uint8_t		bytes[LEDGER_SCALAR_LEN];

	ledger_scalar_encode(j->p.curve, k, bytes);
	message_add(j, bytes, sizeof(bytes));
}

/* Points of all parties added up, or scalars; *ok false where one is none. */
static void
sum_points(ledger_joint *j, ledger_reader *in, size_t offset)
{
	const ledger_curve *c = j->p.curve;
	ledger_point sum;
	ledger_affine a;

	ledger_point_identity(&sum);
	for (unsigned i = 0; i < j->parties; i++)
	{
		const uint8_t *p = ledger_read_fixed(&in[i], LEDGER_POINT_LEN);

		if (p == NULL || !ledger_affine_decode(c, p, &a))
			ledger_read_fail(&in[i], LEDGER_BAD_VALUE);
		else
			ledger_point_add_affine(c, &sum, &a, &sum);
	}
	ledger_points_to_affine(c, 1, &sum, &a);
	ledger_affine_encode(c, &a, j->proof + offset);
}

static void
read_scalar(ledger_joint *j, ledger_reader *in, ledger_scalar *k)
{
	const uint8_t *p = ledger_read_fixed(in, LEDGER_SCALAR_LEN);

	ledger_scalar_zero(k);
	if (p == NULL || !ledger_scalar_decode(j->p.curve, p, k))
		ledger_read_fail(in, LEDGER_BAD_VALUE);
}

static void
sum_scalars(ledger_joint *j, ledger_reader *in, size_t offset)
{
	ledger_scalar sum, k;

	ledger_scalar_zero(&sum);
	for (unsigned i = 0; i < j->parties; i++)
	{
		read_scalar(j, &in[i], &k);
		ledger_scalar_add(j->p.curve, &sum, &k, &sum);
	}
	ledger_scalar_encode(j->p.curve, &sum, j->proof + offset);
}

/* n bytes of the party that has this part. */
static void
take(ledger_joint *j, ledger_reader *in, size_t offset, size_t n)
{
	ledger_read_copy(in, j->proof + offset, n);
}

/* ---- who does what --------------------------------------------------------------------------- */

typedef struct
{
	const ledger_statement *s;
	uint16_t	part[MAX_PARTS];	/* a part that hangs together with this one; itself at the root */
	bool		needs[MAX_PARTS][LEDGER_STATEMENT_MAX_VARS];
} partition;

static unsigned
root(partition *q, unsigned i)
{
	while (q->part[i] != i)
		i = q->part[i];
	return i;
}

static void
hang(partition *q, unsigned i, const ledger_linear *x)
{
	for (uint32_t t = 0; t < x->nterms; t++)
	{
		unsigned	var = q->s->terms[x->first + t].var;
		unsigned	r = root(q, i);

		if (var < q->s->nvars)
			q->needs[r][var] = true;
		else
		{
			unsigned	other = root(q, var - q->s->nvars);

			q->part[other] = (uint16_t) r;
			for (unsigned v = 0; v < q->s->nvars && other != r; v++)
				q->needs[r][v] |= q->needs[other][v];
		}
	}
}

/* The first party that knows all that part i needs; parties where there is none. */
static unsigned
party_for(const ledger_joint *j, partition *q, unsigned i)
{
	const bool *needs = q->needs[root(q, i)];
	unsigned	party;

	for (party = 0; party < j->parties; party++)
	{
		unsigned	v = 0;

		while (v < q->s->nvars && (!needs[v] || j->known[party][v]))
			v++;
		if (v == q->s->nvars)
			break;
	}
	return party;
}

/* Give out helpers, groups and ranges (numbered in this order), and the values of zeros. */
static bool
assign(ledger_joint *j, unsigned *which)
{
	const ledger_statement *s = j->p.s;
	const unsigned ngroups = s->nhelpers, nranges = ngroups + s->ngroups, n = nranges + s->nranges;
	partition  *q = (partition *) calloc(1, sizeof(*q));
	bool		ok = q != NULL;

	*which = 0;
	if (!ok)
		return false;
	q->s = s;
	for (unsigned i = 0; i < n; i++)
		q->part[i] = (uint16_t) i;
	for (unsigned i = 0; i < s->nhelpers; i++)
	{
		hang(q, i, &s->helpers[i].x);
		hang(q, i, &s->helpers[i].y);
	}
	for (unsigned i = 0; i < s->nproducts; i++)
	{
		hang(q, ngroups + s->products[i].group, &s->products[i].x);
		hang(q, ngroups + s->products[i].group, &s->products[i].y);
		hang(q, ngroups + s->products[i].group, &s->products[i].p);
	}
	for (unsigned i = 0; i < s->nranges; i++)
		hang(q, nranges + i, &s->ranges[i].of);
	for (unsigned i = 0; i < n; i++)
	{
		unsigned	party = party_for(j, q, i);

		ok = ok && party < j->parties;
		*(i < ngroups ? &j->helper_of[i] : i < nranges ? &j->group_of[i - ngroups] : &j->range_of[i - nranges]) =
			(uint8_t) party;
	}
	free(q);
	for (unsigned v = 0; ok && v < s->nvars; v++)
	{
		unsigned	party = 0;

		while (party < j->parties && !j->known[party][v])
			party++;
		ok = party < j->parties;
		*which = v;
		j->p.my_value[v] = party == j->me;
	}
	for (unsigned i = 0; i < s->nhelpers; i++)
		j->p.my_value[s->nvars + i] = j->helper_of[i] == j->me;
	for (unsigned i = 0; i < s->ngroups; i++)
		j->p.my_group[i] = j->group_of[i] == j->me;
	for (unsigned i = 0; i < s->nranges; i++)
		j->p.my_range[i] = j->range_of[i] == j->me;
	j->p.my_padding = j->me == 0;
	return ok;
}

/* ---- the rounds -------------------------------------------------------------------------------- */

static void
promise_of(ledger_joint *j, unsigned party, const uint8_t share[LEDGER_POINT_LEN],
		   uint8_t out[LEDGER_HASH_LEN])
{
	uint8_t		in[3 + LEDGER_HASH_LEN + 1 + LEDGER_POINT_LEN] = {0x20, 'J', 1};

	memcpy(in + 3, j->subject, LEDGER_HASH_LEN);
	in[3 + LEDGER_HASH_LEN] = (uint8_t) party;
	memcpy(in + 3 + LEDGER_HASH_LEN + 1, share, LEDGER_POINT_LEN);
	if (!ledger_hash(j->p.hasher, in, sizeof(in), out))
		j->p.failed = true;
}

/* Round 1 out: what we prove, what we know, and a promise of R. */
static void
say_known(ledger_joint *j)
{
	ledger_scalar zero, unused;
	uint8_t		bits[KNOWN_LEN] = {0};
	ledger_transcript t = j->p.transcript;

	ledger_proof_begin(&t, j->p.s, j->commitments, j->context, j->contextlen, &j->p.shape, j->proof);
	ledger_transcript_u32(&t, "parties", j->parties);
	ledger_transcript_challenge(&t, "subject", &unused);
	memcpy(j->subject, t.state, LEDGER_HASH_LEN);
	j->p.failed |= t.failed;
	ledger_scalar_zero(&zero);
	ledger_nonce(&j->p, &j->p.zero_nonce);
	/* where R will stand is free until then, or there are no zeros and this is overwritten */
	ledger_put_commitment(&j->p, &zero, &j->p.zero_nonce, j->p.shape.first);
	memcpy(j->share, j->proof + j->p.shape.first, LEDGER_POINT_LEN);
	promise_of(j, j->me, j->share, j->promise[j->me]);
	for (unsigned v = 0; v < j->p.s->nvars; v++)
		bits[v / 8] |= (uint8_t) (j->known[j->me][v] << (v % 8));
	message_begin(j, 1);
	message_add(j, j->subject, sizeof(j->subject));
	message_add(j, bits, sizeof(bits));
	message_add(j, j->promise[j->me], LEDGER_HASH_LEN);
}

static ledger_joint_status
hear_known(ledger_joint *j, ledger_reader *in, ledger_proof_status *proof, unsigned *which)
{
	const ledger_statement *s = j->p.s;
	bool		have[LEDGER_MAX_VALUES];

	for (unsigned i = 0; i < j->parties; i++)
	{
		const uint8_t *subject = ledger_read_fixed(&in[i], LEDGER_HASH_LEN);
		const uint8_t *bits = ledger_read_fixed(&in[i], KNOWN_LEN);

		ledger_read_copy(&in[i], j->promise[i], LEDGER_HASH_LEN);
		*which = i;
		if (bits == NULL)
			continue;
		if (memcmp(subject, j->subject, LEDGER_HASH_LEN) != 0)
			return LEDGER_JOINT_OTHER;
		for (unsigned v = 0; v < LEDGER_STATEMENT_MAX_VARS; v++)
		{
			j->known[i][v] = (bits[v / 8] >> (v % 8)) & 1;
			if (v >= s->nvars && j->known[i][v])
				return LEDGER_JOINT_MESSAGE;
		}
	}
	if (!assign(j, which))
		return LEDGER_JOINT_NOBODY;
	memcpy(have, j->known[j->me], s->nvars * sizeof(bool));
	message_begin(j, 2);
	*proof = LEDGER_PROOF_OK;
	for (unsigned i = 0; i < s->nhelpers; i++)
	{
		have[s->nvars + i] = j->helper_of[i] == j->me;
		if (!have[s->nvars + i] || *proof != LEDGER_PROOF_OK)
			continue;
		*proof = ledger_prove_helper(&j->p, i);
		message_add(j, j->proof + j->p.shape.helpers + (size_t) i * LEDGER_POINT_LEN, LEDGER_POINT_LEN);
	}
	if (*proof == LEDGER_PROOF_OK)
		*proof = ledger_prover_check(&j->p, have);
	return *proof == LEDGER_PROOF_OK ? LEDGER_JOINT_OK : LEDGER_JOINT_PROOF;
}

/* Round 2 in, 3 out. */
static void
hear_helpers(ledger_joint *j, ledger_reader *in)
{
	const ledger_statement *s = j->p.s;
	size_t		offset = j->p.shape.first;

	for (unsigned i = 0; i < s->nhelpers; i++)
		take(j, &in[j->helper_of[i]], j->p.shape.helpers + (size_t) i * LEDGER_POINT_LEN, LEDGER_POINT_LEN);
	ledger_proof_begin(&j->p.transcript, s, j->commitments, j->context, j->contextlen, &j->p.shape, j->proof);
	message_begin(j, 3);
	if (s->nzeros + s->nproducts == 0)
		return;
	ledger_draw_rho(&j->p.transcript, &j->p.sigma);
	ledger_sigma_first(&j->p);
	if (s->nzeros > 0)
	{
		message_add(j, j->proof + offset, LEDGER_POINT_LEN);
		offset += LEDGER_POINT_LEN;
	}
	for (unsigned i = 0; i < s->ngroups; i++, offset += 2 * LEDGER_POINT_LEN)
		if (j->p.my_group[i])
			message_add(j, j->proof + offset, 2 * LEDGER_POINT_LEN);
}

/* Round 3 in, 4 out. */
static ledger_joint_status
hear_first(ledger_joint *j, ledger_reader *in, ledger_proof_status *proof, unsigned *which)
{
	const ledger_statement *s = j->p.s;
	const ledger_proof_shape *shape = &j->p.shape;
	size_t		offset = shape->first;

	message_begin(j, 4);
	if (s->nzeros > 0)
	{
		for (unsigned i = 0; i < j->parties; i++)
		{
			ledger_reader peek = in[i];
			const uint8_t *share = ledger_read_fixed(&peek, LEDGER_POINT_LEN);
			uint8_t		promise[LEDGER_HASH_LEN];

			*which = i;
			if (share == NULL)
				return LEDGER_JOINT_MESSAGE;
			promise_of(j, i, share, promise);
			if (memcmp(promise, j->promise[i], LEDGER_HASH_LEN) != 0)
				return LEDGER_JOINT_SHARE;
		}
		sum_points(j, in, offset);
		offset += LEDGER_POINT_LEN;
	}
	for (unsigned i = 0; i < s->ngroups; i++, offset += 2 * LEDGER_POINT_LEN)
		take(j, &in[j->group_of[i]], offset, 2 * LEDGER_POINT_LEN);
	if (s->nzeros + s->nproducts > 0)
	{
		ledger_hear_first(&j->p.transcript, shape, j->proof, &j->p.sigma);
		ledger_sigma_answer(&j->p);
		offset = shape->answers;
		if (s->nzeros > 0)
		{
			message_add(j, j->proof + offset, LEDGER_SCALAR_LEN);
			offset += LEDGER_SCALAR_LEN;
		}
		for (unsigned i = 0; i < s->ngroups; i++, offset += 3 * LEDGER_SCALAR_LEN)
			if (j->p.my_group[i])
				message_add(j, j->proof + offset, 3 * LEDGER_SCALAR_LEN);
	}
	if (s->nranges == 0)
		return LEDGER_JOINT_OK;
	*proof = ledger_range_bits(&j->p);
	message_add(j, j->proof + shape->range, 2 * LEDGER_POINT_LEN);
	return *proof == LEDGER_PROOF_OK ? LEDGER_JOINT_OK : LEDGER_JOINT_PROOF;
}

/* Round 4 in, 5 out. */
static void
hear_answers(ledger_joint *j, ledger_reader *in)
{
	const ledger_statement *s = j->p.s;
	const ledger_proof_shape *shape = &j->p.shape;
	size_t		offset = shape->answers;

	if (s->nzeros > 0)
	{
		sum_scalars(j, in, offset);
		offset += LEDGER_SCALAR_LEN;
	}
	for (unsigned i = 0; i < s->ngroups; i++, offset += 3 * LEDGER_SCALAR_LEN)
		take(j, &in[j->group_of[i]], offset, 3 * LEDGER_SCALAR_LEN);
	if (s->nzeros + s->nproducts > 0)
		ledger_hear_answers(&j->p.transcript, shape, j->proof);
	if (s->nranges == 0)
		return;
	sum_points(j, in, shape->range);
	sum_points(j, in, shape->range + LEDGER_POINT_LEN);
	ledger_hear_bits(&j->p.transcript, shape, j->proof, &j->p.ch);
	ledger_range_polynomial(&j->p);
	message_begin(j, 5);
	message_add(j, j->proof + shape->range + 2 * LEDGER_POINT_LEN, 2 * LEDGER_POINT_LEN);
}

/* Round 5 in, 6 out. */
static void
hear_polynomial(ledger_joint *j, ledger_reader *in)
{
	const ledger_proof_shape *shape = &j->p.shape;
	const ledger_range_secrets *q = &j->p.range;

	sum_points(j, in, shape->range + 2 * LEDGER_POINT_LEN);
	sum_points(j, in, shape->range + 3 * LEDGER_POINT_LEN);
	ledger_hear_polynomial(&j->p.transcript, shape, j->proof, &j->p.ch);
	ledger_range_values(&j->p);
	message_begin(j, 6);
	message_add(j, j->proof + shape->folded, 3 * LEDGER_SCALAR_LEN);
	for (unsigned i = 0; i < q->nplaces; i++)
	{
		message_scalar(j, &q->l[q->place[i]]);
		message_scalar(j, &q->r[q->place[i]]);
	}
}

/* Round 6 in. */
static bool
hear_values(ledger_joint *j, ledger_reader *in)
{
	const ledger_statement *s = j->p.s;
	ledger_range_secrets *q = &j->p.range;
	unsigned	place = 0;

	for (unsigned i = 0; i < 3; i++)
		sum_scalars(j, in, j->p.shape.folded + (size_t) i * LEDGER_SCALAR_LEN);
	for (unsigned r = 0; r <= s->nranges; r++)
	{
		ledger_reader *from = &in[r < s->nranges ? j->range_of[r] : 0];
		unsigned	end = r < s->nranges ? place + s->ranges[r].bits : q->n;

		for (; place < end; place++)
		{
			read_scalar(j, from, &q->l[place]);
			read_scalar(j, from, &q->r[place]);
		}
	}
	ledger_hear_values(&j->p.transcript, &j->p.shape, j->proof, &j->p.ch);
	return ledger_range_fold(&j->p);
}

/* The proof as anybody sees it. */
static ledger_joint_status
finish(ledger_joint *j, ledger_proof_status *proof)
{
	ledger_proof_check check;

	memset(&check, 0, sizeof(check));
	check.statement = j->p.s;
	check.n = j->p.s->nvars;
	check.commitments = j->commitments;
	check.context = j->context;
	check.contextlen = j->contextlen;
	check.proof = j->proof;
	check.prooflen = j->p.shape.len;
	*proof = ledger_proof_verify(&check);
	return *proof == LEDGER_PROOF_OK ? LEDGER_JOINT_DONE : LEDGER_JOINT_PROOF;
}

static ledger_joint_status
step(ledger_joint *j, ledger_reader *in, ledger_proof_status *proof, unsigned *which)
{
	switch (j->round)
	{
		case 1:
			return hear_known(j, in, proof, which);
		case 2:
			hear_helpers(j, in);
			return LEDGER_JOINT_OK;
		case 3:
			return hear_first(j, in, proof, which);
		case 4:
			hear_answers(j, in);
			return j->p.s->nranges == 0 ? LEDGER_JOINT_DONE : LEDGER_JOINT_OK;
		case 5:
			hear_polynomial(j, in);
			return LEDGER_JOINT_OK;
		default:
			*proof = LEDGER_PROOF_MEMORY;
			return hear_values(j, in) ? LEDGER_JOINT_DONE : LEDGER_JOINT_PROOF;
	}
}

/* Open every message, take the step, and see that nothing is left over. */
static ledger_joint_status
hear(ledger_joint *j, const ledger_slice *messages, ledger_proof_status *proof, unsigned *which)
{
	ledger_reader in[LEDGER_JOINT_MAX_PARTIES];
	ledger_joint_status status;

	for (unsigned i = 0; i < j->parties; i++)
	{
		const uint8_t *head;

		*which = i;
		ledger_reader_init(&in[i], messages[i].data, messages[i].len);
		head = ledger_read_fixed(&in[i], HEAD_LEN);
		if (head == NULL || head[0] != 'J' || head[1] != 1 || head[2] != j->round || head[3] != i)
			return LEDGER_JOINT_MESSAGE;
		if (i == j->me && (messages[i].len != j->outlen || memcmp(messages[i].data, j->out, j->outlen) != 0))
			return LEDGER_JOINT_MESSAGE;
	}
	status = step(j, in, proof, which);
	if (status != LEDGER_JOINT_OK && status != LEDGER_JOINT_DONE)
		return status;
	for (unsigned i = 0; i < j->parties; i++)
	{
		*which = i;
		if (in[i].error != LEDGER_OK || in[i].left > 0)
			return LEDGER_JOINT_MESSAGE;
	}
	*proof = j->p.failed || j->p.transcript.failed ? LEDGER_PROOF_MEMORY : LEDGER_PROOF_OK;
	if (*proof != LEDGER_PROOF_OK)
		return LEDGER_JOINT_PROOF;
	return status == LEDGER_JOINT_DONE ? finish(j, proof) : LEDGER_JOINT_OK;
}

ledger_joint_status
ledger_joint_hear(ledger_joint *j, const ledger_slice *messages, ledger_proof_status *proof, unsigned *which)
{
	ledger_joint_status status = LEDGER_JOINT_MESSAGE;

	*which = j->me;
	*proof = LEDGER_PROOF_OK;
	if (!j->dead)
		status = hear(j, messages, proof, which);
	/* whatever went wrong, no second answer is given with the same nonces */
	if (status != LEDGER_JOINT_OK)
	{
		j->dead = true;
		j->outlen = 0;
		ledger_prover_free(&j->p);
	}
	return status;
}

/* ---- life ------------------------------------------------------------------------------------ */

ledger_joint_status
ledger_joint_start(const ledger_statement *s, unsigned n, const ledger_commitment *c, const bool *known,
				   const ledger_opening *open, const void *context, size_t contextlen, unsigned me,
				   unsigned parties, const uint8_t seed[LEDGER_SEED_LEN], ledger_joint **joint,
				   ledger_proof_status *proof, unsigned *which)
{
	ledger_proof_shape shape;
	ledger_joint *j;

	*joint = NULL;
	*proof = ledger_proof_check_commitments(s, n, c, which);
	if (*proof != LEDGER_PROOF_OK)
		return LEDGER_JOINT_PROOF;
	if (parties < 2 || parties > LEDGER_JOINT_MAX_PARTIES || me >= parties)
		return LEDGER_JOINT_MESSAGE;
	*proof = LEDGER_PROOF_MEMORY;
	j = *joint = (ledger_joint *) calloc(1, sizeof(*j));
	if (j == NULL)
		return LEDGER_JOINT_PROOF;
	ledger_proof_shape_of(s, &shape);
	j->me = me;
	j->parties = parties;
	/* a share of R is written at its place also where the proof has none */
	j->proof = (uint8_t *) calloc(1, shape.len + LEDGER_POINT_LEN);
	j->out = (uint8_t *) malloc(FIRST_LEN + shape.len + 2 * (size_t) shape.bits * LEDGER_SCALAR_LEN);
	j->commitments = (ledger_commitment *) malloc(n * sizeof(*c));
	j->context = (uint8_t *) malloc(contextlen + 1);
	if (j->proof == NULL || j->out == NULL || j->commitments == NULL || j->context == NULL ||
		!ledger_prover_init(&j->p, s, c[0].suite, j->proof))
		return LEDGER_JOINT_PROOF;
	memcpy(j->commitments, c, n * sizeof(*c));
	if (contextlen > 0)
		memcpy(j->context, context, contextlen);
	j->contextlen = contextlen;
	for (unsigned i = 0; i < n; i++)
	{
		*which = i;
		j->known[me][i] = known[i];
		if (known[i] && !ledger_prover_open(&j->p, i, &c[i], &open[i]))
		{
			*proof = LEDGER_PROOF_OPENING;
			return LEDGER_JOINT_PROOF;
		}
	}
	ledger_prover_seed(&j->p, c, known, open, context, contextlen, seed);
	say_known(j);
	return j->p.failed ? LEDGER_JOINT_PROOF : LEDGER_JOINT_OK;
}

ledger_slice
ledger_joint_message(const ledger_joint *j)
{
	return ledger_slice_make(j->out, j->outlen);
}

const uint8_t *
ledger_joint_proof(const ledger_joint *j)
{
	return j->proof;
}

void
ledger_joint_free(ledger_joint *j)
{
	if (j == NULL)
		return;
	ledger_prover_free(&j->p);
	free(j->commitments);
	free(j->context);
	free(j->proof);
	free(j->out);
	ledger_wipe(j, sizeof(*j));
	free(j);
}
