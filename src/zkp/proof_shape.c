/*
 * zkp/proof_shape.c
 *		Where everything stands in a proof, and the head of its transcript.
 */
#include "zkp/proof_internal.h"

void
ledger_proof_shape_of(const ledger_statement *s, ledger_proof_shape *shape)
{
	unsigned	zeros = s->nzeros > 0;

	shape->bits = shape->rounds = shape->last = 0;
	if (s->bits > 0)
	{
		/* the smallest of 2^k and 3 * 2^k that holds them; 8 is the least there can be */
		unsigned	n = LEDGER_RANGE_MIN_BITS;

		while (n < s->bits)
			n = n % 3 == 0 ? n / 3 * 4 : n / 2 * 3;
		shape->bits = n;
		for (; n > LEDGER_MAX_LAST; n /= 2)
			shape->rounds++;
		shape->last = n;
	}
	shape->helpers = LEDGER_PROOF_HEAD_LEN;
	shape->first = shape->helpers + (size_t) s->nhelpers * LEDGER_POINT_LEN;
	shape->answers = shape->first + (size_t) (zeros + 2 * s->ngroups) * LEDGER_POINT_LEN;
	shape->range = shape->answers + (size_t) (zeros + 3 * s->ngroups) * LEDGER_SCALAR_LEN;
	shape->folded = shape->range;
	shape->halvings = shape->range;
	shape->ends = shape->range;
	shape->len = shape->range;
	if (s->bits == 0)
		return;
	shape->folded = shape->range + 4 * LEDGER_POINT_LEN;
	shape->halvings = shape->folded + 3 * LEDGER_SCALAR_LEN;
	shape->ends = shape->halvings + (size_t) shape->rounds * 2 * LEDGER_POINT_LEN;
	shape->len = shape->ends + (size_t) shape->last * 2 * LEDGER_SCALAR_LEN;
}

size_t
ledger_proof_len(const ledger_statement *s)
{
	ledger_proof_shape shape;

	ledger_proof_shape_of(s, &shape);
	return shape.len;
}

/* ---- transcript ---------------------------------------------------------------------------- */

/* Items of equal label that stand one after the other in the proof. */
static void
hear_points(ledger_transcript *t, const char *label, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ledger_transcript_bytes(t, label, p + i * LEDGER_POINT_LEN, LEDGER_POINT_LEN);
}

static void
hear_scalars(ledger_transcript *t, const char *label, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ledger_transcript_bytes(t, label, p + i * LEDGER_SCALAR_LEN, LEDGER_SCALAR_LEN);
}

void
ledger_proof_begin(ledger_transcript *t, const ledger_statement *s, const ledger_commitment *commitments,
				   const void *context, size_t contextlen, const ledger_proof_shape *shape,
				   const uint8_t *proof)
{
	ledger_transcript_bytes(t, "proof", proof, LEDGER_PROOF_HEAD_LEN);
	ledger_transcript_bytes(t, "generators", ledger_generators_digest(commitments[0].suite), LEDGER_HASH_LEN);
	ledger_transcript_bytes(t, "statement", s->text, s->textlen);
	ledger_transcript_bytes(t, "context", context, contextlen);
	for (unsigned i = 0; i < s->nvars; i++)
	{
		uint8_t		bytes[LEDGER_COMMITMENT_LEN];

		ledger_commitment_encode(&commitments[i], bytes);
		ledger_transcript_bytes(t, "commitment", bytes, sizeof(bytes));
	}
	hear_points(t, "helper", proof + shape->helpers, s->nhelpers);
}

void
ledger_draw_rho(ledger_transcript *t, ledger_sigma_challenges *c)
{
	ledger_transcript_challenge(t, "rho", &c->rho);
}

void
ledger_hear_first(ledger_transcript *t, const ledger_proof_shape *shape, const uint8_t *proof,
				  ledger_sigma_challenges *c)
{
	hear_points(t, "first", proof + shape->first, (shape->answers - shape->first) / LEDGER_POINT_LEN);
	ledger_transcript_challenge(t, "e", &c->e);
}

void
ledger_hear_answers(ledger_transcript *t, const ledger_proof_shape *shape, const uint8_t *proof)
{
	hear_scalars(t, "answer", proof + shape->answers, (shape->range - shape->answers) / LEDGER_SCALAR_LEN);
}

void
ledger_hear_bits(ledger_transcript *t, const ledger_proof_shape *shape, const uint8_t *proof,
				 ledger_range_challenges *c)
{
	ledger_transcript_u32(t, "places", shape->bits);
	hear_points(t, "bits", proof + shape->range, 2);
	ledger_transcript_challenge(t, "y", &c->y);
	ledger_transcript_challenge(t, "z", &c->z);
}

void
ledger_hear_polynomial(ledger_transcript *t, const ledger_proof_shape *shape, const uint8_t *proof,
					   ledger_range_challenges *c)
{
	hear_points(t, "polynomial", proof + shape->range + 2 * LEDGER_POINT_LEN, 2);
	ledger_transcript_challenge(t, "x", &c->x);
}

void
ledger_hear_values(ledger_transcript *t, const ledger_proof_shape *shape, const uint8_t *proof,
				   ledger_range_challenges *c)
{
	hear_scalars(t, "value", proof + shape->folded, 3);
	ledger_transcript_challenge(t, "w", &c->w);
}

void
ledger_hear_half(ledger_transcript *t, const ledger_proof_shape *shape, const uint8_t *proof, unsigned round,
				 ledger_range_challenges *c)
{
	hear_points(t, "half", proof + shape->halvings + (size_t) round * 2 * LEDGER_POINT_LEN, 2);
	ledger_transcript_challenge(t, "u", &c->u[round]);
}

void
ledger_hear_ends(ledger_transcript *t, const ledger_proof_shape *shape, const uint8_t *proof)
{
	hear_scalars(t, "end", proof + shape->ends, 2 * shape->last);
}

const char *
ledger_proof_status_text(ledger_proof_status status)
{
	switch (status)
	{
		case LEDGER_PROOF_OK:
			return "proof holds";
		case LEDGER_PROOF_FALSE:
			return "statement does not hold";
		case LEDGER_PROOF_COUNT:
			return "statement speaks of another number of commitments";
		case LEDGER_PROOF_SUITE:
			return "commitments are of different suites";
		case LEDGER_PROOF_SCALE:
			return "commitment has another scale than the statement";
		case LEDGER_PROOF_IDENTITY:
			return "commitment hides nothing";
		case LEDGER_PROOF_OPENING:
			return "opening is not that of the commitment";
		case LEDGER_PROOF_DIVISION:
			return "division by zero";
		case LEDGER_PROOF_MEMORY:
			break;
	}
	return "out of memory";
}
