/*
 * crypto/scalar.c
 *		Numbers modulo the order of a curve.
 *
 * A scalar a is kept as a 2^256 mod n (Montgomery). The order is a variable, so
 * one function serves both curves and those of the tests; unlike the primes of
 * the fields the orders have no form that would help.
 */
#include "crypto/curve_internal.h"

#include <string.h>

static const uint64_t one[4] = {1, 0, 0, 0};

/* r = a mod n where a < 2n, the word "high" being its fifth */
static void
reduce_once(const uint64_t n[4], const uint64_t a[4], uint64_t high, uint64_t r[4])
{
	uint64_t	s[4];
	uint64_t	borrow = 0;
	uint64_t	keep;
	int			i;

	for (i = 0; i < 4; i++)
		s[i] = ledger_subb(a[i], n[i], &borrow);
	(void) ledger_subb(high, 0, &borrow);
	keep = ledger_mask_bit(borrow);
	for (i = 0; i < 4; i++)
		r[i] = s[i] ^ (keep & (s[i] ^ a[i]));
}

/* Row by row; after each row and its reduction t is below 2n. */
void
ledger_montgomery_portable(const uint64_t n[4], uint64_t n_inv, const uint64_t a[4], const uint64_t b[4],
						   uint64_t r[4])
{
	uint64_t	t[6] = {0};
	int			i;
	int			j;

	for (i = 0; i < 4; i++)
	{
		ledger_u128 s = 0;
		uint64_t	m;

		for (j = 0; j < 4; j++)
		{
			s = (ledger_u128) a[i] * b[j] + t[j] + (uint64_t) (s >> 64);
			t[j] = (uint64_t) s;
		}
		s = (ledger_u128) t[4] + (uint64_t) (s >> 64);
		t[4] = (uint64_t) s;
		t[5] = (uint64_t) (s >> 64);

		m = t[0] * n_inv;
		s = (ledger_u128) m * n[0] + t[0];
		for (j = 1; j < 4; j++)
		{
			s = (ledger_u128) m * n[j] + t[j] + (uint64_t) (s >> 64);
			t[j - 1] = (uint64_t) s;
		}
		s = (ledger_u128) t[4] + (uint64_t) (s >> 64);
		t[3] = (uint64_t) s;
		t[4] = t[5] + (uint64_t) (s >> 64);
	}
	reduce_once(n, t, t[4], r);
}

static void
add(const uint64_t n[4], const uint64_t a[4], const uint64_t b[4], uint64_t r[4])
{
	uint64_t	t[4];
	uint64_t	carry = 0;
	int			i;

	for (i = 0; i < 4; i++)
		t[i] = ledger_addc(a[i], b[i], &carry);
	reduce_once(n, t, carry, r);
}

static void
sub(const uint64_t n[4], const uint64_t a[4], const uint64_t b[4], uint64_t r[4])
{
	uint64_t	t[4];
	uint64_t	borrow = 0;
	uint64_t	carry = 0;
	uint64_t	mask;
	int			i;

	for (i = 0; i < 4; i++)
		t[i] = ledger_subb(a[i], b[i], &borrow);
	mask = ledger_mask_bit(borrow);
	for (i = 0; i < 4; i++)
		r[i] = ledger_addc(t[i], mask & n[i], &carry);
}

/* Sets all of c that depends on the order alone. */
void
ledger_scalar_setup(ledger_curve *c, const uint8_t n[32])
{
	uint64_t	borrow = 0;
	uint64_t	inv = 1;
	uint64_t	power[4] = {1, 0, 0, 0};
	int			i;

	ledger_words_from_be(n, c->n);

	/* Newton: each step doubles the number of right bits, and the lowest is right */
	for (i = 0; i < 6; i++)
		inv *= 2 - c->n[0] * inv;
	c->n_inv = 0 - inv;

	c->n_less_2[0] = ledger_subb(c->n[0], 2, &borrow);
	for (i = 1; i < 4; i++)
		c->n_less_2[i] = ledger_subb(c->n[i], 0, &borrow);

	for (i = 0; i < 3 * 256; i++)
	{
		add(c->n, power, power, power);
		if (i == 255)
			memcpy(c->r1, power, sizeof(power));
		if (i == 511)
			memcpy(c->r2, power, sizeof(power));
	}
	memcpy(c->r3, power, sizeof(power));
}

void
ledger_scalar_zero(ledger_scalar *r)
{
	memset(r, 0, sizeof(*r));
}

void
ledger_scalar_u64(const ledger_curve *c, uint64_t a, ledger_scalar *r)
{
	uint64_t	w[4] = {a, 0, 0, 0};

	c->kernel->montgomery(c->n, c->n_inv, w, c->r2, r->v);
}

bool
ledger_scalar_decode(const ledger_curve *c, const uint8_t in[LEDGER_SCALAR_LEN], ledger_scalar *r)
{
	uint64_t	w[4];
	uint64_t	borrow = 0;
	uint64_t	below;
	int			i;

	ledger_words_from_be(in, w);
	for (i = 0; i < 4; i++)
		(void) ledger_subb(w[i], c->n[i], &borrow);
	below = ledger_mask_bit(borrow);
	c->kernel->montgomery(c->n, c->n_inv, w, c->r2, r->v);
	for (i = 0; i < 4; i++)
		r->v[i] &= below;
	return below != 0;
}

void
ledger_scalar_words(const ledger_curve *c, const ledger_scalar *a, uint64_t w[4])
{
	uint64_t	t[4];

	/* the number 1 is not below n only if n is 1 */
	c->kernel->montgomery(c->n, c->n_inv, a->v, one, t);
	memcpy(w, t, sizeof(t));
}

void
ledger_scalar_encode(const ledger_curve *c, const ledger_scalar *a, uint8_t out[LEDGER_SCALAR_LEN])
{
	uint64_t	w[4];

	ledger_scalar_words(c, a, w);
	ledger_words_to_be(w, out);
}

/* (high 2^256 + low) 2^256 = high R^3 / R + low R^2 / R */
void
ledger_scalar_reduce(const ledger_curve *c, const uint8_t in[2 * LEDGER_SCALAR_LEN], ledger_scalar *r)
{
	uint64_t	high[4];
	uint64_t	low[4];

	ledger_words_from_be(in, high);
	ledger_words_from_be(in + LEDGER_SCALAR_LEN, low);
	c->kernel->montgomery(c->n, c->n_inv, high, c->r3, high);
	c->kernel->montgomery(c->n, c->n_inv, low, c->r2, low);
	add(c->n, high, low, r->v);
}

void
ledger_scalar_add(const ledger_curve *c, const ledger_scalar *a, const ledger_scalar *b, ledger_scalar *r)
{
	add(c->n, a->v, b->v, r->v);
}

void
ledger_scalar_sub(const ledger_curve *c, const ledger_scalar *a, const ledger_scalar *b, ledger_scalar *r)
{
	sub(c->n, a->v, b->v, r->v);
}

void
ledger_scalar_neg(const ledger_curve *c, const ledger_scalar *a, ledger_scalar *r)
{
	static const uint64_t zero[4] = {0, 0, 0, 0};

	sub(c->n, zero, a->v, r->v);
}

void
ledger_scalar_mul(const ledger_curve *c, const ledger_scalar *a, const ledger_scalar *b, ledger_scalar *r)
{
	c->kernel->montgomery(c->n, c->n_inv, a->v, b->v, r->v);
}

/* a^(n-2), four bits of the exponent at a time; the exponent is public. */
void
ledger_scalar_invert(const ledger_curve *c, const ledger_scalar *a, ledger_scalar *r)
{
	ledger_scalar power[16];
	ledger_scalar t;
	int			i;
	int			j;

	memcpy(power[0].v, c->r1, sizeof(c->r1));
	for (i = 1; i < 16; i++)
		ledger_scalar_mul(c, &power[i - 1], a, &power[i]);
	t = power[0];
	for (i = 63; i >= 0; i--)
	{
		for (j = 0; j < 4; j++)
			ledger_scalar_mul(c, &t, &t, &t);
		ledger_scalar_mul(c, &t, &power[c->n_less_2[i / 16] >> (4 * (i % 16)) & 15], &t);
	}
	*r = t;
	ledger_forget(power, sizeof(power));
	ledger_forget(&t, sizeof(t));
}

bool
ledger_scalar_is_zero(const ledger_scalar *a)
{
	return ledger_mask_zero(a->v[0] | a->v[1] | a->v[2] | a->v[3]) != 0;
}

bool
ledger_scalar_equal(const ledger_scalar *a, const ledger_scalar *b)
{
	return ledger_mask_zero((a->v[0] ^ b->v[0]) | (a->v[1] ^ b->v[1]) | (a->v[2] ^ b->v[2]) |
							(a->v[3] ^ b->v[3])) != 0;
}

/* ---- digits ---------------------------------------------------------------------- */

/* n is odd, so one of k and n - k is. */
uint64_t
ledger_recode_odd(const ledger_curve *c, const ledger_scalar *a, unsigned len,
				  uint64_t u[LEDGER_RECODED_WORDS])
{
	uint64_t	k[4];
	uint64_t	borrow = 0;
	uint64_t	even;
	int			i;

	ledger_scalar_words(c, a, k);
	even = ledger_mask_bit(~k[0] & 1);
	for (i = 0; i < 4; i++)
	{
		uint64_t	other = ledger_subb(c->n[i], k[i], &borrow);

		k[i] ^= even & (k[i] ^ other);
	}
	for (i = 0; i < 4; i++)
		u[i] = k[i] >> 1 | (i < 3 ? k[i + 1] << 63 : 0);
	u[4] = 0;
	u[(len - 1) / 64] |= (uint64_t) 1 << (len - 1) % 64;
	ledger_forget(k, sizeof(k));
	return even;
}

unsigned
ledger_recode_naf(const uint64_t k[4], unsigned width, ledger_naf_digit digit[LEDGER_NAF_MOST])
{
	uint64_t	w[6];
	uint64_t	carry = 0;
	unsigned	n = 0;
	unsigned	i = 0;

	memcpy(w, k, 32);
	w[4] = w[5] = 0;
	while (i < LEDGER_NAF_LEN)
	{
		uint64_t	here = w[i / 64] >> i % 64;
		int			d;

		if (i % 64 != 0)
			here |= w[i / 64 + 1] << (64 - i % 64);

		/* with the carry added an even number is left: no digit here, nor while its bits are the carry's */
		if ((here & 1) == carry)
		{
			uint64_t	other = here ^ (0 - carry);

			i += other == 0 ? 64 : (unsigned) __builtin_ctzll(other);
			continue;
		}
		d = (int) (here & (((uint64_t) 1 << width) - 1)) + (int) carry;
		carry = d >= 1 << (width - 1);
		d -= (int) carry << width;
		digit[n].digit = (int16_t) d;
		digit[n++].bit = (uint16_t) i;
		i += width;
	}
	return n;
}
