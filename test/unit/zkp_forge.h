/*
 * test/unit/zkp_forge.h
 *		A prover that does as it likes.
 *
 * It follows the protocols of sigma.c and range_prove.c, but checks nothing, and
 * chooses what the test tells it to choose only after the challenges that should
 * depend on it are known: then it solves the equations for that. Challenges are
 * those of the verifier's own transcript over the proof as it is so far, so a
 * verifier that leaves something out of its transcript is fooled.
 *
 * Points are kept as multiples of the generators, which makes every equation one
 * of scalars.
 */
#ifndef LEDGER_TEST_ZKP_FORGE_H
#define LEDGER_TEST_ZKP_FORGE_H

#include "zkp_sample.h"

#define FORGE_BITS 64
#define FORGE_DIM LEDGER_GEN_VECTOR(FORGE_BITS)

/* What is chosen late. */
enum
{
	LATE_R = 1,
	LATE_T1 = 2,				/* of products */
	LATE_T2 = 4,
	LATE_A = 8,
	LATE_S = 16,
	LATE_POLY1 = 32,			/* T1 and T2 of ranges */
	LATE_POLY2 = 64,
	LATE_L = 128,
	LATE_RIGHT = 256,			/* the R of a round */
	LATE_VALUE = 512,			/* the commitment of the first range */
	LATE_BITS = 1024,			/* A and S after the challenge x */
	GUESS_X = 4096,				/* T1 is right for the x that there was before it */
	WRONG_T = 2048				/* t is what the first equation wants, and nothing mends the second */
};

typedef ledger_scalar forge_vector[FORGE_DIM];

typedef struct
{
	sample	   *p;
	const ledger_generators *g;
	ledger_proof_shape shape;
	unsigned	late, round;
	ledger_scalar value[LEDGER_MAX_VALUES], blinding[LEDGER_MAX_VALUES];

	/* challenges, and what the weights come from */
	ledger_sigma_challenges sigma;
	ledger_range_challenges ch;
	ledger_scalar step;
	uint8_t		state[LEDGER_HASH_LEN];

	/* the range proof */
	bool		own_bits;		/* al and ar are the test's */
	ledger_scalar a_u, s_u;		/* what A and S have of U */
	ledger_scalar al[FORGE_BITS], ar[FORGE_BITS], l[FORGE_BITS], r[FORGE_BITS], zeta[FORGE_BITS];
	ledger_scalar t, taux, mu, end[2 * LEDGER_MAX_LAST];
	forge_vector a, s, t1, t2, left[LEDGER_MAX_ROUNDS], right[LEDGER_MAX_ROUNDS];
} forger;

static const ledger_curve *forge_curve;

/* ---- scalars ------------------------------------------------------------------------------ */

static inline ledger_scalar
add(ledger_scalar a, ledger_scalar b)
{
	ledger_scalar_add(forge_curve, &a, &b, &a);
	return a;
}

static inline ledger_scalar
sub(ledger_scalar a, ledger_scalar b)
{
	ledger_scalar_sub(forge_curve, &a, &b, &a);
	return a;
}

static inline ledger_scalar
mul(ledger_scalar a, ledger_scalar b)
{
	ledger_scalar_mul(forge_curve, &a, &b, &a);
	return a;
}

static inline ledger_scalar
over(ledger_scalar a, ledger_scalar b)
{
	ledger_scalar_invert(forge_curve, &b, &b);
	return mul(a, b);
}

static inline ledger_scalar
num(ledger_int v)
{
	ledger_scalar r;

	ledger_scalar_int(forge_curve, v, &r);
	return r;
}

static inline ledger_scalar
any(void)
{
	ledger_scalar r;

	random_scalar(forge_curve, &r);
	return r;
}

static inline void
addmul(ledger_scalar *r, ledger_scalar a, ledger_scalar b)
{
	*r = add(*r, mul(a, b));
}

/* ---- the proof as it is so far ---------------------------------------------------------------- */

static inline void
put_scalar(forger *f, const ledger_scalar *k, size_t offset)
{
	ledger_scalar_encode(forge_curve, k, f->p->proof + offset);
}

static inline void
put_vector(forger *f, const ledger_scalar *v, size_t offset)
{
	ledger_point point;
	ledger_affine a;

	if (!ledger_msm(forge_curve, 0, NULL, NULL, f->g->table, LEDGER_GEN_VECTOR(f->shape.bits), v, &point))
		abort();
	ledger_points_to_affine(forge_curve, 1, &point, &a);
	ledger_affine_encode(forge_curve, &a, f->p->proof + offset);
}

/* g G + h H */
static inline void
put_pair(forger *f, ledger_scalar g, ledger_scalar h, size_t offset)
{
	ledger_affine a;

	pedersen(f->p->suite, &g, &h, &a);
	ledger_affine_encode(forge_curve, &a, f->p->proof + offset);
}

static inline void
put_commitment(forger *f, unsigned var)
{
	const ledger_statement *s = f->p->s;

	if (var < s->nvars)
		pedersen(f->p->suite, &f->value[var], &f->blinding[var], &f->p->c[var].point);
	else
		put_pair(f, f->value[var], f->blinding[var],
				 f->shape.helpers + (size_t) (var - s->nvars) * LEDGER_POINT_LEN);
}

/* Every challenge; those of parts that are not written yet mean nothing. */
static inline void
replay(forger *f)
{
	ledger_hasher *hasher = ledger_hasher_new(f->p->suite);
	const ledger_statement *s = f->p->s;
	ledger_transcript t;

	ledger_transcript_init(&t, forge_curve, hasher);
	ledger_proof_begin(&t, s, f->p->c, f->p->context, f->p->contextlen, &f->shape, f->p->proof);
	if (s->nzeros + s->nproducts > 0)
	{
		ledger_draw_rho(&t, &f->sigma);
		ledger_hear_first(&t, &f->shape, f->p->proof, &f->sigma);
		ledger_hear_answers(&t, &f->shape, f->p->proof);
	}
	if (s->nranges > 0)
	{
		ledger_hear_bits(&t, &f->shape, f->p->proof, &f->ch);
		ledger_hear_polynomial(&t, &f->shape, f->p->proof, &f->ch);
		ledger_hear_values(&t, &f->shape, f->p->proof, &f->ch);
		for (unsigned i = 0; i < f->shape.rounds; i++)
			ledger_hear_half(&t, &f->shape, f->p->proof, i, &f->ch);
		ledger_hear_ends(&t, &f->shape, f->p->proof);
	}
	ledger_transcript_challenge(&t, "weight", &f->step);
	memcpy(f->state, t.state, sizeof(f->state));
	ledger_hasher_free(hasher);
}

static inline ledger_scalar
form_of(const forger *f, const ledger_linear *x, const ledger_scalar *of, bool with_constant)
{
	ledger_linear form = *x;
	ledger_scalar r;

	if (!with_constant)
		form.constant = 0;
	form_value(f->p->s, forge_curve, &form, of, &r);
	return r;
}

/* A statement and its values; helpers are those of an honest prover until the test sets others. */
static inline forger *
forger_new(ledger_suite suite, const char *text, const ledger_int *values)
{
	forger	   *f = (forger *) calloc(1, sizeof(*f));

	if (f == NULL)
		abort();
	f->p = sample_new(suite, text, values);
	forge_curve = f->p->curve;
	ledger_proof_shape_of(f->p->s, &f->shape);
	if (f->shape.bits > FORGE_BITS)
		abort();
	f->g = ledger_generators_of(suite, FORGE_BITS);
	all_values(f->p->s, forge_curve, values, f->value);
	for (unsigned i = 0; i < f->p->s->nvars + f->p->s->nhelpers; i++)
		f->blinding[i] = i < f->p->s->nvars ? f->p->open[i].blinding : any();
	f->p->proof[0] = 'P';
	f->p->proof[1] = 1;
	f->p->proof[2] = (uint8_t) suite;
	return f;
}

static inline void
forger_free(forger *f)
{
	sample_free(f->p);
	free(f);
}

/* ---- zeros and products ------------------------------------------------------------------------ */

typedef struct
{
	ledger_scalar v, r;			/* v G + r H */
} pair;

/* sum of rho^i times the zeros; or times y or p of the products of a group */
static inline pair
combined(const forger *f, int what, unsigned group)
{
	const ledger_statement *s = f->p->s;
	pair		sum = {num(0), num(0)};
	ledger_scalar power = num(1);

	for (unsigned i = 0; i < (what == 0 ? s->nzeros : s->nproducts); i++)
	{
		const ledger_linear *x = what == 0 ? &s->zeros[i] : what == 1 ? &s->products[i].y : &s->products[i].p;

		power = mul(power, f->sigma.rho);
		if (what > 0 && s->products[i].group != group)
			continue;
		addmul(&sum.v, power, form_of(f, x, f->value, true));
		addmul(&sum.r, power, form_of(f, x, f->blinding, false));
	}
	return sum;
}

static inline pair
left_factor(const forger *f, unsigned group)
{
	const ledger_statement *s = f->p->s;
	unsigned	i = 0;
	pair		x;

	while (s->products[i].group != group)
		i++;
	x.v = form_of(f, &s->products[i].x, f->value, true);
	x.r = form_of(f, &s->products[i].x, f->blinding, false);
	return x;
}

static inline void
forge_group(forger *f, unsigned group, const pair *nonce, size_t first, size_t answer)
{
	const ledger_scalar e = f->sigma.e;
	pair		x = left_factor(f, group), y = combined(f, 1, group), p = combined(f, 2, group), t1, t2;
	ledger_scalar z[3];

	t1 = nonce[0];
	t2.v = mul(t1.v, y.v);
	t2.r = add(nonce[1].v, mul(t1.v, y.r));
	z[0] = add(t1.v, mul(e, x.v));
	z[1] = add(t1.r, mul(e, x.r));
	z[2] = add(nonce[1].v, mul(e, sub(p.r, mul(x.v, y.r))));
	if (f->late & LATE_T2)
	{
		/* T2 = z1 Y + z3 H - e P */
		t2.v = sub(mul(z[0], y.v), mul(e, p.v));
		t2.r = sub(add(mul(z[0], y.r), z[2]), mul(e, p.r));
	}
	else if (f->late & LATE_T1)
	{
		/* z1 and z3 from T2, then T1 = z1 G + z2 H - e X */
		z[0] = over(add(t2.v, mul(e, p.v)), y.v);
		z[2] = sub(add(t2.r, mul(e, p.r)), mul(z[0], y.r));
		t1.v = sub(z[0], mul(e, x.v));
		t1.r = sub(z[1], mul(e, x.r));
	}
	put_pair(f, t1.v, t1.r, first);
	put_pair(f, t2.v, t2.r, first + LEDGER_POINT_LEN);
	for (unsigned i = 0; i < 3; i++)
		put_scalar(f, &z[i], answer + i * LEDGER_SCALAR_LEN);
}

static inline void
forge_sigma(forger *f)
{
	const ledger_statement *s = f->p->s;
	const unsigned zeros = s->nzeros > 0;
	size_t		first = f->shape.first, answer = f->shape.answers;
	pair		nonce[LEDGER_STATEMENT_MAX_CLAIMS][2], d;
	ledger_scalar k = any(), v;

	for (unsigned i = 0; i < s->ngroups; i++)
		nonce[i][0] = (pair){any(), any()}, nonce[i][1] = (pair){any(), any()};
	replay(f);
	d = combined(f, 0, 0);
	/* as if nothing came late; challenges follow; then anew */
	for (int pass = 0; pass < 2; pass++)
	{
		first = f->shape.first;
		answer = f->shape.answers;
		if (zeros > 0)
		{
			v = add(k, mul(f->sigma.e, d.r));
			put_scalar(f, &v, answer);
			put_pair(f, pass > 0 && f->late & LATE_R ? sub(num(0), mul(f->sigma.e, d.v)) : num(0), k, first);
			first += LEDGER_POINT_LEN;
			answer += LEDGER_SCALAR_LEN;
		}
		for (unsigned i = 0; i < s->ngroups; i++)
			forge_group(f, i, nonce[i], first + (size_t) i * 2 * LEDGER_POINT_LEN,
						answer + (size_t) i * 3 * LEDGER_SCALAR_LEN);
		if (pass == 0)
			replay(f);
	}
}

/* ---- ranges --------------------------------------------------------------------------------------- */

/* what T1 and T2 are to come to: sum of z^(1+j) V_j + delta G, and for H */
static inline pair
constant_part(const forger *f)
{
	const ledger_statement *s = f->p->s;
	ledger_scalar zj = f->ch.z, y = num(1), ysum = num(0), zetasum = num(0);
	pair		sum = {num(0), num(0)};

	for (unsigned j = 0; j < s->nranges; j++)
	{
		zj = mul(zj, f->ch.z);
		addmul(&sum.v, zj, form_of(f, &s->ranges[j].of, f->value, true));
		addmul(&sum.r, zj, form_of(f, &s->ranges[j].of, f->blinding, false));
	}
	for (unsigned i = 0; i < f->shape.bits; i++)
	{
		ysum = add(ysum, y);
		zetasum = add(zetasum, f->zeta[i]);
		y = mul(y, f->ch.y);
	}
	addmul(&sum.v, sub(f->ch.z, mul(f->ch.z, f->ch.z)), ysum);
	sum.v = sub(sum.v, mul(f->ch.z, zetasum));
	return sum;
}

/* t G + taux H less what it should be */
static inline pair
first_equation(const forger *f)
{
	const ledger_scalar x = f->ch.x, xx = mul(f->ch.x, f->ch.x);
	pair		d = constant_part(f);

	d.v = sub(f->t, add(d.v, add(mul(x, f->t1[LEDGER_GEN_G]), mul(xx, f->t2[LEDGER_GEN_G]))));
	d.r = sub(f->taux, add(d.r, add(mul(x, f->t1[LEDGER_GEN_H]), mul(xx, f->t2[LEDGER_GEN_H]))));
	return d;
}

/* The product of the u of all rounds, inverted where place i is in the lower half; and its inverse. */
static inline void
place_factors(const forger *f, unsigned i, const ledger_scalar *inverse, ledger_scalar *s, ledger_scalar *t)
{
	unsigned	len = f->shape.bits;

	*s = *t = num(1);
	for (unsigned round = 0; round < f->shape.rounds; round++, len /= 2)
	{
		bool		high = i % len >= len / 2;

		*s = mul(*s, high ? f->ch.u[round] : inverse[round]);
		*t = mul(*t, high ? inverse[round] : f->ch.u[round]);
	}
}

/* The second equation's left side less its right one. */
static inline void
second_equation(const forger *f, ledger_scalar *d)
{
	const unsigned n = f->shape.bits, last = f->shape.last;
	const ledger_scalar yinverse = over(num(1), f->ch.y);
	ledger_scalar y = num(1), ab = num(0), uinverse[LEDGER_MAX_ROUNDS];

	for (unsigned round = 0; round < f->shape.rounds; round++)
		uinverse[round] = over(num(1), f->ch.u[round]);
	for (unsigned i = 0; i < LEDGER_GEN_VECTOR(n); i++)
	{
		d[i] = add(f->a[i], mul(f->ch.x, f->s[i]));
		for (unsigned round = 0; round < f->shape.rounds; round++)
		{
			addmul(&d[i], mul(f->ch.u[round], f->ch.u[round]), f->left[round][i]);
			addmul(&d[i], mul(uinverse[round], uinverse[round]), f->right[round][i]);
		}
	}
	d[LEDGER_GEN_H] = sub(d[LEDGER_GEN_H], f->mu);
	for (unsigned i = 0; i < last; i++)
		addmul(&ab, f->end[i], f->end[last + i]);
	addmul(&d[LEDGER_GEN_U], f->ch.w, sub(f->t, ab));
	for (unsigned i = 0; i < n; i++)
	{
		ledger_scalar *g = &d[LEDGER_GEN_VECTOR(i)], s, t;

		place_factors(f, i, uinverse, &s, &t);
		g[0] = sub(sub(g[0], f->ch.z), mul(f->end[i % last], s));
		g[1] = add(g[1], add(f->ch.z, mul(f->zeta[i], y)));
		g[1] = sub(g[1], mul(mul(f->end[last + i % last], t), y));
		y = mul(y, yinverse);
	}
}

static inline bool
vanishes(const ledger_scalar *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!ledger_scalar_is_zero(&v[i]))
			return false;
	return true;
}

static inline ledger_scalar
inner(const ledger_scalar *a, const ledger_scalar *b, unsigned n)
{
	ledger_scalar r = num(0);

	for (unsigned i = 0; i < n; i++)
		addmul(&r, a[i], b[i]);
	return r;
}

/* The lowest bits of every value, whatever there may be above them. */
static inline void
forge_bits(forger *f)
{
	const ledger_statement *s = f->p->s;
	unsigned	place = 0;

	for (unsigned i = 0; i < f->shape.bits; i++)
		f->al[i] = num(0);
	for (unsigned j = 0; j < s->nranges; j++)
	{
		ledger_scalar v = form_of(f, &s->ranges[j].of, f->value, true);
		uint8_t		bytes[LEDGER_SCALAR_LEN];

		ledger_scalar_encode(forge_curve, &v, bytes);
		for (unsigned t = 0; t < s->ranges[j].bits; t++)
			f->al[place++] = num((bytes[31 - t / 8] >> (t % 8)) & 1);
	}
	for (unsigned i = 0; i < f->shape.bits; i++)
		f->ar[i] = sub(f->al[i], num(1));
}

static inline void
forge_zeta(forger *f)
{
	const ledger_statement *s = f->p->s;
	ledger_scalar zj = f->ch.z;
	unsigned	place = 0;

	for (unsigned j = 0; j < s->nranges; j++)
	{
		zj = mul(zj, f->ch.z);
		for (unsigned t = 0; t < s->ranges[j].bits; t++)
			f->zeta[place++] = mul(zj, num((ledger_int) 1 << t));
	}
	while (place < f->shape.bits)
		f->zeta[place++] = num(0);
}

/* Fold l and r; L and R into the proof. */
static inline void
forge_halvings(forger *f)
{
	ledger_scalar l[FORGE_BITS], r[FORGE_BITS], g[FORGE_BITS], h[FORGE_BITS], y = num(1);
	const ledger_scalar yinverse = over(y, f->ch.y);
	unsigned	n = f->shape.bits, len = n;
	size_t		offset = f->shape.halvings;

	memcpy(l, f->l, sizeof(l));
	memcpy(r, f->r, sizeof(r));
	for (unsigned i = 0; i < n; i++)
	{
		g[i] = num(1);
		h[i] = y;
		y = mul(y, yinverse);
	}
	for (unsigned round = 0; round < f->shape.rounds; round++, offset += 2 * LEDGER_POINT_LEN)
	{
		unsigned	half = len / 2;
		ledger_scalar u, uinverse;

		memset(f->left[round], 0, sizeof(forge_vector));
		memset(f->right[round], 0, sizeof(forge_vector));
		f->left[round][LEDGER_GEN_U] = mul(f->ch.w, inner(l, r + half, half));
		f->right[round][LEDGER_GEN_U] = mul(f->ch.w, inner(l + half, r, half));
		for (unsigned i = 0; i < n; i++)
		{
			unsigned	at = i % len;
			bool		high = at >= half;
			ledger_scalar *to = high ? f->left[round] : f->right[round];

			to[LEDGER_GEN_VECTOR(i)] = mul(g[i], l[high ? at - half : at + half]);
			to = high ? f->right[round] : f->left[round];
			to[LEDGER_GEN_VECTOR(i) + 1] = mul(h[i], r[high ? at - half : at + half]);
		}
		put_vector(f, f->left[round], offset);
		put_vector(f, f->right[round], offset + LEDGER_POINT_LEN);
		replay(f);
		u = f->ch.u[round];
		uinverse = over(num(1), u);
		for (unsigned i = 0; i < n; i++)
		{
			bool		high = i % len >= half;

			g[i] = mul(g[i], high ? u : uinverse);
			h[i] = mul(h[i], high ? uinverse : u);
		}
		len = half;
		for (unsigned i = 0; i < len; i++)
		{
			l[i] = add(mul(l[i], u), mul(l[i + len], uinverse));
			r[i] = add(mul(r[i], uinverse), mul(r[i + len], u));
		}
	}
	for (unsigned i = 0; i < len; i++)
	{
		f->end[i] = l[i];
		f->end[len + i] = r[i];
		put_scalar(f, &l[i], f->shape.ends + i * LEDGER_SCALAR_LEN);
		put_scalar(f, &r[i], f->shape.ends + (len + i) * LEDGER_SCALAR_LEN);
	}
}

/*
 * A and S after x, which only a transcript without memory allows: l and r are such
 * that t(x) is right whatever y will be.
 */
static inline void
forge_bits_after_x(forger *f, ledger_scalar *k)
{
	const ledger_scalar z = f->ch.z, x = f->ch.x;
	const unsigned n = f->shape.bits;
	ledger_scalar rest = num(0), zetasum = num(0), want;

	for (unsigned i = 0; i < n; i++)
	{
		f->l[i] = any();
		zetasum = add(zetasum, f->zeta[i]);
		if (i > 0)
			addmul(&rest, f->l[i], f->zeta[i]);
	}
	want = mul(mul(z, z), form_of(f, &f->p->s->ranges[0].of, f->value, true));
	want = sub(want, mul(z, zetasum));
	want = add(want, add(mul(x, f->t1[LEDGER_GEN_G]), mul(mul(x, x), f->t2[LEDGER_GEN_G])));
	f->l[0] = over(sub(want, rest), f->zeta[0]);
	for (unsigned i = 0; i < n; i++)
	{
		k[i] = over(sub(z, mul(z, z)), f->l[i]);
		/* A is solved for: A = mu H + sum (l + z) G + sum (k - z) H' - x S */
		f->a[LEDGER_GEN_VECTOR(i)] = sub(add(f->l[i], z), mul(x, f->s[LEDGER_GEN_VECTOR(i)]));
		f->a[LEDGER_GEN_VECTOR(i) + 1] = sub(sub(k[i], z), mul(x, f->s[LEDGER_GEN_VECTOR(i) + 1]));
	}
}

static inline void
forge_ranges(forger *f)
{
	const unsigned n = f->shape.bits;
	const size_t at = f->shape.range;
	ledger_scalar sl[FORGE_BITS], sr[FORGE_BITS], k[FORGE_BITS], y, t1 = num(0), t2 = num(0);
	pair		d;
	forge_vector e;

	if (!f->own_bits)
		forge_bits(f);
	f->a[LEDGER_GEN_H] = any();
	f->s[LEDGER_GEN_H] = any();
	f->a[LEDGER_GEN_U] = f->a_u;
	f->s[LEDGER_GEN_U] = f->s_u;
	for (unsigned i = 0; i < n; i++)
	{
		sl[i] = any();
		sr[i] = any();
		f->a[LEDGER_GEN_VECTOR(i)] = f->al[i];
		f->a[LEDGER_GEN_VECTOR(i) + 1] = f->ar[i];
		f->s[LEDGER_GEN_VECTOR(i)] = sl[i];
		f->s[LEDGER_GEN_VECTOR(i) + 1] = sr[i];
	}
	put_vector(f, f->a, at);
	put_vector(f, f->s, at + LEDGER_POINT_LEN);
	replay(f);

	forge_zeta(f);
	y = num(1);
	for (unsigned i = 0; i < n; i++)
	{
		f->l[i] = sub(f->al[i], f->ch.z);
		f->r[i] = add(mul(y, add(f->ar[i], f->ch.z)), f->zeta[i]);
		sr[i] = mul(sr[i], y);
		y = mul(y, f->ch.y);
	}
	t1 = add(inner(f->l, sr, n), inner(sl, f->r, n));
	t2 = inner(sl, sr, n);
	if (f->late & LATE_VALUE)
		t1 = any();
	if (f->late & GUESS_X)
	{
		/* x t1 is what the true t1 gives, and what the values are wrong by */
		const ledger_scalar x = f->ch.x;

		t1 = add(t1, over(sub(inner(f->l, f->r, n), constant_part(f).v), x));
	}
	f->t1[LEDGER_GEN_G] = t1;
	f->t2[LEDGER_GEN_G] = t2;
	f->t1[LEDGER_GEN_H] = any();
	f->t2[LEDGER_GEN_H] = any();
	put_vector(f, f->t1, at + 2 * LEDGER_POINT_LEN);
	put_vector(f, f->t2, at + 3 * LEDGER_POINT_LEN);
	replay(f);

	if (f->late & LATE_BITS)
	{
		forge_bits_after_x(f, k);
		put_vector(f, f->a, at);
		replay(f);
		y = num(1);
	}
	for (unsigned i = 0; i < n; i++)
	{
		if (f->late & LATE_BITS)
		{
			f->r[i] = add(mul(y, k[i]), f->zeta[i]);
			y = mul(y, f->ch.y);
			continue;
		}
		addmul(&f->l[i], f->ch.x, sl[i]);
		addmul(&f->r[i], f->ch.x, sr[i]);
	}
	d = constant_part(f);
	f->mu = add(f->a[LEDGER_GEN_H], mul(f->ch.x, f->s[LEDGER_GEN_H]));
	f->taux =
		add(d.r, add(mul(f->ch.x, f->t1[LEDGER_GEN_H]), mul(mul(f->ch.x, f->ch.x), f->t2[LEDGER_GEN_H])));
	if (f->late & (LATE_A | LATE_S | LATE_L | LATE_RIGHT | WRONG_T))
	{
		/* t is what the first equation wants; the second is left to the late point */
		f->t = num(0);
		f->t = sub(num(0), first_equation(f).v);
		if (f->late & (LATE_A | LATE_S))
		{
			for (unsigned i = 0; i < n; i++)
			{
				f->l[i] = any();
				f->r[i] = any();
			}
			f->r[0] = over(sub(f->t, inner(f->l + 1, f->r + 1, n - 1)), f->l[0]);
		}
	}
	else
		f->t = inner(f->l, f->r, n);
	if (!ledger_scalar_is_zero(&f->a_u) || !ledger_scalar_is_zero(&f->s_u))
		f->t = sub(f->t, first_equation(f).v);
	put_scalar(f, &f->t, f->shape.folded);
	put_scalar(f, &f->taux, f->shape.folded + LEDGER_SCALAR_LEN);
	put_scalar(f, &f->mu, f->shape.folded + 2 * LEDGER_SCALAR_LEN);
	replay(f);
	forge_halvings(f);
	replay(f);

	/* what comes late */
	d = first_equation(f);
	if (f->late & LATE_POLY1)
	{
		f->t1[LEDGER_GEN_G] = add(f->t1[LEDGER_GEN_G], over(d.v, f->ch.x));
		put_vector(f, f->t1, at + 2 * LEDGER_POINT_LEN);
	}
	if (f->late & LATE_POLY2)
	{
		f->t2[LEDGER_GEN_G] = add(f->t2[LEDGER_GEN_G], over(d.v, mul(f->ch.x, f->ch.x)));
		put_vector(f, f->t2, at + 3 * LEDGER_POINT_LEN);
	}
	if (f->late & LATE_VALUE)
	{
		f->value[0] = add(f->value[0], over(d.v, mul(f->ch.z, f->ch.z)));
		put_commitment(f, 0);
	}
	second_equation(f, e);
	for (unsigned i = 0; i < LEDGER_GEN_VECTOR(n); i++)
	{
		ledger_scalar u = mul(f->ch.u[f->round], f->ch.u[f->round]);

		if (f->late & LATE_A)
			f->a[i] = sub(f->a[i], e[i]);
		if (f->late & LATE_S)
			f->s[i] = sub(f->s[i], over(e[i], f->ch.x));
		if (f->late & LATE_L)
			f->left[f->round][i] = sub(f->left[f->round][i], over(e[i], u));
		if (f->late & LATE_RIGHT)
			f->right[f->round][i] = sub(f->right[f->round][i], mul(e[i], u));
	}
	put_vector(f, f->a, at);
	put_vector(f, f->s, at + LEDGER_POINT_LEN);
	put_vector(f, f->left[f->round], f->shape.halvings + (size_t) f->round * 2 * LEDGER_POINT_LEN);
	put_vector(f, f->right[f->round],
			   f->shape.halvings + (size_t) f->round * 2 * LEDGER_POINT_LEN + LEDGER_POINT_LEN);
}

/* Whether both equations of the ranges hold under the challenges that the forger had. */
static inline bool
ranges_hold(const forger *f)
{
	pair		d = first_equation(f);
	forge_vector e;

	second_equation(f, e);
	return vanishes(&d.v, 1) && vanishes(&d.r, 1) && vanishes(e, LEDGER_GEN_VECTOR(f->shape.bits));
}

/* The whole proof. */
static inline void
forge(forger *f)
{
	const ledger_statement *s = f->p->s;

	for (unsigned i = 0; i < s->nvars + s->nhelpers; i++)
		put_commitment(f, i);
	if (s->nzeros + s->nproducts > 0)
		forge_sigma(f);
	if (s->nranges > 0)
		forge_ranges(f);
}

#endif							/* LEDGER_TEST_ZKP_FORGE_H */
