/*
 * zkp/prove.c
 *		From openings to a proof.
 *
 * Nonces come from a key that hashes a random seed together with the secrets and
 * everything that is proven, so neither a bad generator nor a seed used twice
 * gives two proofs the same nonce for different challenges.
 */
#include "zkp/proof.h"

#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "crypto/key.h"
#include "zkp/proof_internal.h"

void
ledger_scalar_addmul(const ledger_curve *c, ledger_scalar *r, const ledger_scalar *a, const ledger_scalar *b)
{
	ledger_scalar ab;

	ledger_scalar_mul(c, a, b, &ab);
	ledger_scalar_add(c, r, &ab, r);
	ledger_wipe(&ab, sizeof(ab));
}

void
ledger_linear_value(const ledger_statement *s, const ledger_curve *curve, const ledger_linear *x,
					const ledger_scalar *of, bool with_constant, ledger_scalar *r)
{
	ledger_scalar coef;

	ledger_scalar_zero(r);
	if (with_constant)
		ledger_scalar_int(curve, x->constant, r);
	for (uint32_t i = 0; i < x->nterms; i++)
	{
		const ledger_term *t = &s->terms[x->first + i];

		ledger_scalar_int(curve, t->coef, &coef);
		ledger_scalar_addmul(curve, r, &coef, &of[t->var]);
	}
}

void
ledger_nonce(ledger_prover *p, ledger_scalar *r)
{
	if (!ledger_wide_scalar(p->curve, p->hasher, 'N', p->nonce_key, p->nonces++, r))
		p->failed = true;
}

void
ledger_put_commitment(ledger_prover *p, const ledger_scalar *v, const ledger_scalar *r, size_t offset)
{
	ledger_affine a;

	ledger_pedersen(p->g, v, r, &a);
	ledger_affine_encode(p->curve, &a, p->proof + offset);
}

/* H(20 'K' 01 || seed || text || context || each known commitment, value and blinding), lengths included */
void
ledger_prover_seed(ledger_prover *p, const ledger_commitment *c, const bool *known,
				   const ledger_opening *open, const void *context, size_t contextlen,
				   const uint8_t seed[LEDGER_SEED_LEN])
{
	static const uint8_t domain[3] = {0x20, 'K', 1};
	uint8_t		bytes[LEDGER_COMMITMENT_LEN + 16 + LEDGER_SCALAR_LEN], len[16];
	bool		ok = ledger_hash_begin(p->hasher);

	ledger_put_u64(len, p->s->textlen);
	ledger_put_u64(len + 8, contextlen);
	ok = ok && ledger_hash_update(p->hasher, domain, sizeof(domain)) &&
		ledger_hash_update(p->hasher, seed, LEDGER_SEED_LEN) &&
		ledger_hash_update(p->hasher, len, sizeof(len)) &&
		ledger_hash_update(p->hasher, p->s->text, p->s->textlen) &&
		(contextlen == 0 || ledger_hash_update(p->hasher, context, contextlen));
	for (unsigned i = 0; ok && i < p->s->nvars; i++)
	{
		unsigned __int128 v;

		memset(bytes, 0, sizeof(bytes));
		ledger_commitment_encode(&c[i], bytes);
		if (known[i])
		{
			v = (unsigned __int128) open[i].value;
			ledger_put_u64(bytes + LEDGER_COMMITMENT_LEN, (uint64_t) (v >> 64));
			ledger_put_u64(bytes + LEDGER_COMMITMENT_LEN + 8, (uint64_t) v);
			ledger_scalar_encode(p->curve, &open[i].blinding, bytes + LEDGER_COMMITMENT_LEN + 16);
		}
		ok = ledger_hash_update(p->hasher, bytes, sizeof(bytes));
	}
	if (!ok || !ledger_hash_final(p->hasher, p->nonce_key))
		p->failed = true;
	ledger_wipe(bytes, sizeof(bytes));
}

bool
ledger_prover_open(ledger_prover *p, unsigned i, const ledger_commitment *c, const ledger_opening *open)
{
	ledger_affine a;

	if (open->value <= -LEDGER_INT_LIMIT || open->value >= LEDGER_INT_LIMIT)
		return false;
	ledger_scalar_int(p->curve, open->value, &p->value[i]);
	p->blinding[i] = open->blinding;
	ledger_pedersen(p->g, &p->value[i], &p->blinding[i], &a);
	return ledger_affine_equal(&a, &c->point);
}

/* 1, or -1 where v is n minus a small number: both orders begin with 32 one bits but one */
static void
sign_of(const ledger_curve *c, const ledger_scalar *v, ledger_scalar *r)
{
	uint8_t		bytes[LEDGER_SCALAR_LEN];

	ledger_scalar_encode(c, v, bytes);
	ledger_scalar_int(c, (ledger_int) 1 - 2 * (ledger_int) (bytes[0] >> 7), r);
	ledger_wipe(bytes, sizeof(bytes));
}

ledger_proof_status
ledger_prove_helper(ledger_prover *p, unsigned i)
{
	const ledger_statement *s = p->s;
	const ledger_helper *h = &s->helpers[i];
	ledger_scalar *value = &p->value[s->nvars + i], *blinding = &p->blinding[s->nvars + i], x, y;

	ledger_linear_value(s, p->curve, &h->x, p->value, true, &x);
	switch (h->kind)
	{
		case LEDGER_HELPER_PRODUCT:
			ledger_linear_value(s, p->curve, &h->y, p->value, true, &y);
			ledger_scalar_mul(p->curve, &x, &y, value);
			ledger_wipe(&y, sizeof(y));
			break;
		case LEDGER_HELPER_INVERSE:
			if (ledger_scalar_is_zero(&x))
				return LEDGER_PROOF_FALSE;
			ledger_scalar_invert(p->curve, &x, value);
			break;
		case LEDGER_HELPER_SIGN:
			sign_of(p->curve, &x, value);
			break;
	}
	ledger_wipe(&x, sizeof(x));
	ledger_nonce(p, blinding);
	ledger_put_commitment(p, value, blinding, p->shape.helpers + (size_t) i * LEDGER_POINT_LEN);
	return LEDGER_PROOF_OK;
}

/* Are all variables of a form among the known ones? */
static bool
all_known(const ledger_statement *s, const ledger_linear *x, const bool *known)
{
	for (uint32_t i = 0; i < x->nterms; i++)
		if (!known[s->terms[x->first + i].var])
			return false;
	return true;
}

ledger_proof_status
ledger_prover_check(const ledger_prover *p, const bool *known)
{
	const ledger_statement *s = p->s;
	const ledger_curve *c = p->curve;
	ledger_scalar x, y, v;
	bool		ok = true, divided = true;

	ledger_scalar_zero(&x);
	ledger_scalar_zero(&y);
	ledger_scalar_zero(&v);
	for (unsigned i = 0; i < s->ndivisors; i++)
	{
		if (!all_known(s, &s->divisors[i], known))
			continue;
		ledger_linear_value(s, c, &s->divisors[i], p->value, true, &v);
		divided = !ledger_scalar_is_zero(&v) && divided;
	}
	for (unsigned i = 0; i < s->nzeros; i++)
	{
		if (!all_known(s, &s->zeros[i], known))
			continue;
		ledger_linear_value(s, c, &s->zeros[i], p->value, true, &v);
		ok = ledger_scalar_is_zero(&v) && ok;
	}
	for (unsigned i = 0; i < s->nproducts; i++)
	{
		const ledger_product_claim *claim = &s->products[i];

		if (!all_known(s, &claim->x, known) || !all_known(s, &claim->y, known) ||
			!all_known(s, &claim->p, known))
			continue;
		ledger_linear_value(s, c, &claim->x, p->value, true, &x);
		ledger_linear_value(s, c, &claim->y, p->value, true, &y);
		ledger_scalar_mul(c, &x, &y, &x);
		ledger_linear_value(s, c, &claim->p, p->value, true, &v);
		ok = ledger_scalar_equal(&x, &v) && ok;
	}
	ledger_wipe(&x, sizeof(x));
	ledger_wipe(&y, sizeof(y));
	ledger_wipe(&v, sizeof(v));
	if (!divided)
		return LEDGER_PROOF_DIVISION;
	return ok ? LEDGER_PROOF_OK : LEDGER_PROOF_FALSE;
}

bool
ledger_prover_init(ledger_prover *p, const ledger_statement *s, ledger_suite suite, uint8_t *proof)
{
	memset(p, 0, sizeof(*p));
	p->s = s;
	ledger_proof_shape_of(s, &p->shape);
	p->curve = ledger_curve_of(suite);
	p->g = ledger_generators_of(suite, p->shape.bits);
	p->hasher = ledger_hasher_new(suite);
	ledger_transcript_init(&p->transcript, p->curve, ledger_hasher_new(suite));
	memset(p->my_value, true, sizeof(p->my_value));
	memset(p->my_group, true, sizeof(p->my_group));
	memset(p->my_range, true, sizeof(p->my_range));
	p->my_padding = true;
	p->proof = proof;
	proof[0] = 'P';
	proof[1] = 1;
	proof[2] = (uint8_t) suite;
	return p->g != NULL && p->hasher != NULL && p->transcript.hasher != NULL;
}

void
ledger_prover_free(ledger_prover *p)
{
	ledger_hasher_free(p->hasher);
	ledger_hasher_free(p->transcript.hasher);
	if (p->range.block != NULL)
		ledger_wipe(p->range.block, p->range.size);
	free(p->range.block);
	ledger_wipe(p, sizeof(*p));
}

static void
prove_sigma(ledger_prover *p)
{
	ledger_transcript *t = &p->transcript;

	if (p->s->nzeros > 0)
		ledger_nonce(p, &p->zero_nonce);
	ledger_draw_rho(t, &p->sigma);
	ledger_sigma_first(p);
	ledger_hear_first(t, &p->shape, p->proof, &p->sigma);
	ledger_sigma_answer(p);
	ledger_hear_answers(t, &p->shape, p->proof);
}

static ledger_proof_status
prove_ranges(ledger_prover *p)
{
	ledger_transcript *t = &p->transcript;
	ledger_proof_status status = ledger_range_bits(p);

	if (status != LEDGER_PROOF_OK)
		return status;
	ledger_hear_bits(t, &p->shape, p->proof, &p->ch);
	ledger_range_polynomial(p);
	ledger_hear_polynomial(t, &p->shape, p->proof, &p->ch);
	ledger_range_values(p);
	ledger_hear_values(t, &p->shape, p->proof, &p->ch);
	return ledger_range_fold(p) ? LEDGER_PROOF_OK : LEDGER_PROOF_MEMORY;
}

static ledger_proof_status
prove(ledger_prover *p, const ledger_commitment *c, const ledger_opening *open, const void *context,
	  size_t contextlen, const uint8_t seed[LEDGER_SEED_LEN], unsigned *which)
{
	const ledger_statement *s = p->s;
	bool		known[LEDGER_MAX_VALUES];
	ledger_proof_status status;

	memset(known, false, sizeof(known));
	memset(known, true, s->nvars * sizeof(bool));
	for (unsigned i = 0; i < s->nvars; i++)
	{
		*which = i;
		if (!ledger_prover_open(p, i, &c[i], &open[i]))
			return LEDGER_PROOF_OPENING;
	}
	/* a divisor that is zero is named even where some helper has no value either */
	status = ledger_prover_check(p, known);
	ledger_prover_seed(p, c, known, open, context, contextlen, seed);
	for (unsigned i = 0; i < s->nhelpers && status == LEDGER_PROOF_OK; i++)
		status = ledger_prove_helper(p, i);
	memset(known, true, sizeof(known));
	if (status == LEDGER_PROOF_OK)
		status = ledger_prover_check(p, known);
	if (status != LEDGER_PROOF_OK)
		return status;
	ledger_proof_begin(&p->transcript, s, c, context, contextlen, &p->shape, p->proof);
	if (s->nzeros + s->nproducts > 0)
		prove_sigma(p);
	if (s->nranges > 0)
		status = prove_ranges(p);
	if (status == LEDGER_PROOF_OK && (p->failed || p->transcript.failed))
		status = LEDGER_PROOF_MEMORY;
	return status;
}

ledger_proof_status
ledger_proof_check_commitments(const ledger_statement *s, unsigned n, const ledger_commitment *c,
							   unsigned *which)
{
	*which = 0;
	if (n != s->nvars)
		return LEDGER_PROOF_COUNT;
	for (unsigned i = 0; i < n; i++)
	{
		*which = i;
		if (c[i].suite != c[0].suite)
			return LEDGER_PROOF_SUITE;
		if (c[i].scale != s->scale)
			return LEDGER_PROOF_SCALE;
		if (ledger_affine_is_identity(&c[i].point))
			return LEDGER_PROOF_IDENTITY;
	}
	return LEDGER_PROOF_OK;
}

ledger_proof_status
ledger_prove(const ledger_statement *s, unsigned n, const ledger_commitment *c, const ledger_opening *open,
			 const void *context, size_t contextlen, const uint8_t seed[LEDGER_SEED_LEN], uint8_t *out,
			 unsigned *which)
{
	ledger_proof_status status = ledger_proof_check_commitments(s, n, c, which);
	const size_t len = ledger_proof_len(s);
	ledger_prover *p = (ledger_prover *) malloc(sizeof(*p));

	memset(out, 0, len);
	if (status == LEDGER_PROOF_OK && p == NULL)
		status = LEDGER_PROOF_MEMORY;
	if (status == LEDGER_PROOF_OK)
	{
		status = ledger_prover_init(p, s, c[0].suite, out)
			? prove(p, c, open, context, contextlen, seed, which)
			: LEDGER_PROOF_MEMORY;
		ledger_prover_free(p);
	}
	free(p);
	/* half a proof, or one whose nonces could not be drawn, may say more than a whole one */
	if (status != LEDGER_PROOF_OK)
		ledger_wipe(out, len);
	return status;
}
