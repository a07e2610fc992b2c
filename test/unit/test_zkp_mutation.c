/*
 * test/unit/test_zkp_mutation.c
 *		Proofs that were changed, in every small way and at random: none is accepted.
 *
 * LEDGER_SEEDS is the number of random mutations of each kind of proof, and a
 * large one has every bit turned.
 */
#include "crypto/curve_internal.h"
#include "zkp_kinds.h"

static bool
accepted_as(const sample *p, const uint8_t *proof, size_t len)
{
	uint8_t	   *copy = exact_copy(proof, len);
	ledger_proof_check check = check_of(p);

	check.proof = copy;
	check.prooflen = len;
	ledger_proof_verify(&check);
	free(copy);
	return check.status != LEDGER_PROOF_FALSE;
}

static void
cut_and_extended(void)
{
	for (unsigned k = 0; k < KINDS; k++)
	{
		const sample *p = proven[k % 2][k][0];
		uint8_t		longer[MAX_PROOF + 64];

		for (size_t len = 0; len < p->len; len++)
			expect(!accepted_as(p, p->proof, len), "%s cut to %zu", kinds[k].text, len);
		memset(longer, 0, sizeof(longer));
		memcpy(longer, p->proof, p->len);
		expect(!accepted_as(p, longer, p->len + 1), "%s with a byte more", kinds[k].text);
		expect(!accepted_as(p, longer, p->len + 33), "%s with a point more", kinds[k].text);
		expect(!accepted_as(p, longer, p->len + 64), "%s with two scalars more", kinds[k].text);
	}
	done("no part of a proof is one, and nothing may follow it");
}

/* One bit of every few, from a random one on; every bit when many cases are wanted. */
static void
flipped_bits(void)
{
	for (unsigned k = 0; k < KINDS; k++)
	{
		const sample *p = proven[k % 2][k][0];
		uint8_t		copy[MAX_PROOF];
		size_t		stride = cases(0) > 1000 ? 1 : p->s->bits == 0 ? 3 : p->s->bits <= 8 ? 13 : 61;

		memcpy(copy, p->proof, p->len);
		for (size_t bit = next_random(&draw) % stride; bit < 8 * p->len; bit += stride)
		{
			copy[bit / 8] ^= (uint8_t) (1 << bit % 8);
			expect(!accepted_as(p, copy, p->len), "%s with bit %zu turned", kinds[k].text, bit);
			copy[bit / 8] ^= (uint8_t) (1 << bit % 8);
		}
	}
	done("no bit of a proof can be turned");
}

/* Offsets of the points and scalars of a proof, in their order. */
static unsigned
parts(const sample *p, size_t *at, bool *is_point)
{
	ledger_proof_shape shape;
	size_t		offset = LEDGER_PROOF_HEAD_LEN;
	unsigned	n = 0;

	ledger_proof_shape_of(p->s, &shape);
	while (offset < p->len)
	{
		is_point[n] = offset < shape.answers || (offset >= shape.range && offset < shape.folded) ||
			(offset >= shape.halvings && offset < shape.ends);
		at[n] = offset;
		offset += is_point[n++] ? LEDGER_POINT_LEN : LEDGER_SCALAR_LEN;
	}
	return n;
}

static void
order_bytes(const sample *p, uint8_t out[LEDGER_SCALAR_LEN])
{
	const ledger_curve_params *params =
		p->suite == LEDGER_SUITE_GM ? &ledger_curve_params_sm2 : &ledger_curve_params_p256;

	memcpy(out, params->n, LEDGER_SCALAR_LEN);
}

static void
replaced_part(const sample *p, const sample *q, unsigned n, const size_t *at, const bool *is_point,
			  unsigned i)
{
	const size_t len = is_point[i] ? LEDGER_POINT_LEN : LEDGER_SCALAR_LEN;
	uint8_t		copy[MAX_PROOF], with[8][LEDGER_POINT_LEN] = {{0}};
	ledger_affine h = ledger_generators_of(p->suite, 0)->point[LEDGER_GEN_H];
	unsigned	nwith = 0;

	memcpy(with[nwith++], q->proof + at[i], len);
	if (is_point[i])
	{
		memcpy(with[nwith], p->proof + at[i], len);
		with[nwith++][0] ^= 1;	/* its negative */
		ledger_affine_encode(p->curve, ledger_curve_generator(p->curve), with[nwith++]);
		ledger_affine_encode(p->curve, &h, with[nwith++]);
		ledger_affine_encode(p->curve, &p->c[0].point, with[nwith++]);
		nwith++;				/* zeros, as the identity is encoded */
		with[nwith][0] = 2;
		memset(with[nwith++] + 1, 0xff, 32);	/* x beyond p */
	}
	else
	{
		order_bytes(p, with[nwith]);
		order_bytes(p, with[nwith + 1]);
		order_bytes(p, with[nwith + 2]);
		with[nwith++][31]--;	/* n - 1, n, n + 1 */
		nwith++;
		with[nwith++][31]++;
		memset(with[nwith++], 0xff, 32);
		nwith++;				/* 0 */
		with[nwith++][31] = 1;
	}
	for (unsigned j = 0; j < nwith; j++)
	{
		/* the long ones take turns */
		if (p->s->bits > 8 && (i + j) % 3 != 0)
			continue;
		memcpy(copy, p->proof, p->len);
		memcpy(copy + at[i], with[j], len);
		expect(!accepted_as(p, copy, p->len), "%s: part %u replaced by %u", p->s->text, i, j);
	}
	for (unsigned j = i + 1; j < n; j++)
	{
		/* neighbours, which L and R are; and all of the small ones */
		if (is_point[i] != is_point[j] || (j > i + (p->s->bits > 8 ? 1 : 2) && p->s->bits > 0))
			continue;
		memcpy(copy, p->proof, p->len);
		memcpy(copy + at[i], p->proof + at[j], len);
		memcpy(copy + at[j], p->proof + at[i], len);
		expect(!accepted_as(p, copy, p->len), "%s: parts %u and %u exchanged", p->s->text, i, j);
	}
}

static void
replaced_parts(void)
{
	for (unsigned k = 0; k < KINDS; k++)
	{
		const sample *p = proven[k % 2][k][0];
		size_t		at[MAX_PROOF / 32];
		bool		is_point[MAX_PROOF / 32];
		unsigned	n = parts(p, at, is_point);

		for (unsigned i = 0; i < n; i++)
			replaced_part(p, proven[k % 2][k][1], n, at, is_point, i);
	}
	done("no point or scalar of a proof can be another one");
}

/* A scalar that is below 2^256 with the order added: the proof is sound but for its spelling. */
static void
second_spelling(void)
{
	for (unsigned i = 0; i < 2; i++)
	{
		ledger_int	value[2] = {7, 7};
		sample	   *p = sample_new(suites[i], "a = b", value);
		uint8_t		n[LEDGER_SCALAR_LEN];
		ledger_scalar five, zero;
		ledger_affine r;
		unsigned	carry = 5;

		/* both the same commitment: the difference is the identity, R = 5 H and s = 5 are a proof */
		p->c[1] = p->c[0];
		ledger_scalar_u64(p->curve, 5, &five);
		ledger_scalar_zero(&zero);
		pedersen(p->suite, &zero, &five, &r);
		p->proof[0] = 'P';
		p->proof[1] = 1;
		p->proof[2] = (uint8_t) suites[i];
		ledger_affine_encode(p->curve, &r, p->proof + 3);
		ledger_scalar_encode(p->curve, &five, p->proof + 3 + LEDGER_POINT_LEN);
		expect(verify(p) == LEDGER_PROOF_OK, "5");
		order_bytes(p, n);
		for (int j = 31; j >= 0; j--)
		{
			carry += n[j];
			p->proof[3 + LEDGER_POINT_LEN + j] = (uint8_t) carry;
			carry >>= 8;
		}
		expect(verify(p) == LEDGER_PROOF_FALSE, "n + 5");
		sample_free(p);
	}
	done("a scalar has one spelling");
}

static void
mutate(const sample *p, const sample *q, uint8_t *copy)
{
	size_t		len = 1 + next_random(&draw) % 40, from = next_random(&draw) % p->len,
		   to = next_random(&draw) % p->len;

	memcpy(copy, p->proof, p->len);
	if (len > p->len - from)
		len = p->len - from;
	if (len > p->len - to)
		len = p->len - to;
	switch (next_random(&draw) % 7)
	{
		case 0:
			copy[to] = (uint8_t) next_random(&draw);
			break;
		case 1:
			for (unsigned i = 0; i < 3; i++)
				copy[next_random(&draw) % p->len] ^= (uint8_t) (1 << next_random(&draw) % 8);
			break;
		case 2:
			random_bytes(&draw, copy + to, len);
			break;
		case 3:
			memmove(copy + to, p->proof + from, len);
			break;
		case 4:
			memcpy(copy + to, q->proof + to, len);
			break;
		case 5:
			memset(copy + to, next_random(&draw) % 2 == 0 ? 0 : 0xff, len);
			break;
		default:
			/* a scalar that is one: nothing is refused before the equations */
			memset(copy + p->len - 32, 0, 32);
			random_bytes(&draw, copy + p->len - 24, 24);
	}
}

static void
random_mutations(void)
{
	for (unsigned k = 0; k < KINDS; k++)
		for (long i = 0; i < cases(proven[0][k][0]->s->bits > 8 ? 40 : 150); i++)
		{
			const sample *p = proven[i % 2][k][0];
			uint8_t		copy[MAX_PROOF];

			mutate(p, proven[i % 2][k][1], copy);
			if (memcmp(copy, p->proof, p->len) == 0)
				continue;
			expect(!accepted_as(p, copy, p->len), "%s, mutation %ld", kinds[k].text, i);
		}
	done("no random mutation of a proof is accepted");
}

int
main(void)
{
	begin_draw();
	prove_kinds();
	cut_and_extended();
	flipped_bits();
	replaced_parts();
	second_spelling();
	random_mutations();
	free_kinds();
	return finish();
}
