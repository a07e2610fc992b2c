/*
 * crypto/sm2_verify.c
 *		Verifying signatures of SM2, many at a time.
 *
 * A signature (r, s) of a digest e holds when the point s G + (r + s) P has an x
 * with e + x = r modulo n. For a key P that is met for the first time this is one
 * walk down the digits of both numbers. For a known one there are tables of all the
 * multiples that a window of its digits can stand for, and of G as well: no doubling
 * is left.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/curve_internal.h"
#include "crypto/sm2_internal.h"

/* Windows of a known key (88 kB) and of G (256 kB) */
#define KEY_BITS 6
#define GENERATOR_BITS 8

/* Terms of one signature at most: the windows of both */
#define MOST_TERMS (256 / KEY_BITS + 1 + 256 / GENERATOR_BITS)

/* Signatures of known keys from which on sums with shared divisions are faster */
#define WORTH_SUMS 6

/* multiple[i * size + j - 1] = j 2^(bits i) P for 1 <= j <= size = 2^(bits - 1) */
struct ledger_sm2_table
{
	unsigned	bits;
	unsigned	windows;
	ledger_affine multiple[];
};

/* ---- tables ------------------------------------------------------------------ */

static ledger_sm2_table *
make_table(const ledger_affine *point, unsigned bits)
{
	const ledger_curve *c = ledger_curve_of(LEDGER_SUITE_GM);
	const size_t size = (size_t) 1 << (bits - 1);
	const unsigned windows = (256 + bits - 1) / bits;
	ledger_sm2_table *table =
		(ledger_sm2_table *) malloc(sizeof(*table) + windows * size * sizeof(ledger_affine));
	ledger_point *row = (ledger_point *) malloc(size * sizeof(*row));
	ledger_affine base = *point;
	unsigned	i;
	size_t		j;

	if (table == NULL || row == NULL)
	{
		free(table);
		free(row);
		return NULL;
	}
	table->bits = bits;
	table->windows = windows;
	for (i = 0; i < windows; i++)
	{
		ledger_point_from_affine(c, &base, &row[0]);
		for (j = 1; j < size; j++)
			ledger_point_add_affine(c, &row[j - 1], &base, &row[j]);
		ledger_points_to_affine(c, size, row, table->multiple + i * size);

		/* twice the last one is the first of the next window */
		ledger_point_double(c, &row[size - 1], &row[0]);
		ledger_points_to_affine(c, 1, &row[0], &base);
	}
	free(row);
	return table;
}

ledger_sm2_table *
ledger_sm2_table_new(const ledger_sm2_public *key)
{
	return make_table(&key->point, KEY_BITS);
}

void
ledger_sm2_table_free(ledger_sm2_table *table)
{
	free(table);
}

/*
 * The terms that make k times the point of the table, their bucket added. Digits are
 * -size < d <= size; for the last one not to carry, k is less than 2^255, or -k is
 * taken and its digits the other way round. Returns the number of terms.
 */
static size_t
terms_from_table(const ledger_sm2_table *table, const ledger_scalar *k, uint32_t bucket,
				 ledger_sum_term *term)
{
	const ledger_curve *c = ledger_curve_of(LEDGER_SUITE_GM);
	const unsigned bits = table->bits;
	const uint64_t size = UINT64_C(1) << (bits - 1);
	ledger_scalar opposite;
	uint64_t	w[5] = {0};
	uint64_t	carry = 0;
	bool		negative;
	size_t		n = 0;
	unsigned	i;

	ledger_scalar_words(c, k, w);
	negative = w[3] >> 63 != 0;
	if (negative)
	{
		ledger_scalar_neg(c, k, &opposite);
		ledger_scalar_words(c, &opposite, w);
	}
	for (i = 0; i < table->windows; i++)
	{
		unsigned	at = i * bits;
		uint64_t	d = w[at / 64] >> at % 64;

		if (at % 64 + bits > 64)
			d |= w[at / 64 + 1] << (64 - at % 64);
		d = (d & (2 * size - 1)) + carry;
		carry = d > size;
		if (carry)
			d = 2 * size - d;
		if (d > 0)
			term[n++] = (ledger_sum_term){.point = &table->multiple[i * size + d - 1],
										  .bucket = bucket,
										  .negative = negative != (carry != 0)};
	}
	return n;
}

/* ---- the generator ----------------------------------------------------------- */

/* Made on first use, never freed; NULL when out of memory. */
static const ledger_sm2_table *
generator_table(void)
{
	static const ledger_sm2_table *table;

	if (table == NULL)
		table = make_table(ledger_curve_generator(ledger_curve_of(LEDGER_SUITE_GM)), GENERATOR_BITS);
	return table;
}

/* ---- verification ------------------------------------------------------------ */

/* The sums of the terms of a few buckets, whose divisions would cost more than they save. */
static void
add_terms(size_t n, const ledger_sum_term *term, ledger_point *sum)
{
	const ledger_curve *c = ledger_curve_of(LEDGER_SUITE_GM);
	size_t		i;

	for (i = 0; i < n; i++)
	{
		ledger_point *r = &sum[term[i].bucket];

		if (term[i].negative)
		{
			ledger_affine minus;

			ledger_affine_neg(c, term[i].point, &minus);
			ledger_point_add_affine(c, r, &minus, r);
		}
		else
			ledger_point_add_affine(c, r, term[i].point, r);
	}
}

/* point[i] = s G + t P for the known keys among the equations, one bucket for each */
static bool
combine_known(size_t n, const ledger_sm2_equation *const *q, const ledger_scalar *t, ledger_point *point)
{
	const ledger_curve *c = ledger_curve_of(LEDGER_SUITE_GM);
	const ledger_sm2_table *generator = generator_table();
	ledger_sum_term *term;
	ledger_affine sum[LEDGER_SM2_BATCH];
	size_t		terms = 0;
	size_t		i;
	bool		ok;

	if (generator == NULL)
		return false;
	term = (ledger_sum_term *) malloc(n * MOST_TERMS * sizeof(*term));
	if (term == NULL)
		return false;
	for (i = 0; i < n; i++)
	{
		terms += terms_from_table(generator, &q[i]->s, (uint32_t) i, term + terms);
		terms += terms_from_table(q[i]->table, &t[i], (uint32_t) i, term + terms);
	}
	ok = n < WORTH_SUMS || ledger_sums(c, n, terms, term, sum);
	for (i = 0; i < n; i++)
		if (n < WORTH_SUMS)
			ledger_point_identity(&point[i]);
		else if (ok)
			ledger_point_from_affine(c, &sum[i], &point[i]);
	if (n < WORTH_SUMS)
		add_terms(terms, term, point);
	free(term);
	return ok;
}

/* x of the point is r - e modulo n, that is r - e or, rarely, r - e + n; both below p. */
static bool
agrees(const ledger_sm2_equation *q, const ledger_point *point)
{
	const ledger_curve *c = ledger_curve_of(LEDGER_SUITE_GM);
	ledger_scalar x;
	uint8_t		bytes[32];
	unsigned	carry = 0;
	int			i;

	ledger_scalar_sub(c, &q->r, &q->e, &x);
	ledger_scalar_encode(c, &x, bytes);
	if (ledger_point_has_x(c, point, bytes))
		return true;
	for (i = 31; i >= 0; i--)
	{
		carry += (unsigned) bytes[i] + ledger_curve_params_sm2.n[i];
		bytes[i] = (uint8_t) carry;
		carry >>= 8;
	}
	return carry == 0 && ledger_point_has_x(c, point, bytes);
}

bool
ledger_sm2_solve(size_t n, const ledger_sm2_equation *q, bool *holds)
{
	const ledger_curve *c = ledger_curve_of(LEDGER_SUITE_GM);

	/* known keys from the front, unknown ones from the back */
	const ledger_sm2_equation *order[LEDGER_SM2_BATCH];
	ledger_scalar s[LEDGER_SM2_BATCH];
	ledger_scalar t[LEDGER_SM2_BATCH];
	ledger_affine key[LEDGER_SM2_BATCH];
	ledger_point point[LEDGER_SM2_BATCH];
	size_t		known = 0;
	size_t		unknown = LEDGER_SM2_BATCH;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		ledger_scalar sum;
		size_t		at;

		holds[i] = false;
		ledger_scalar_add(c, &q[i].r, &q[i].s, &sum);
		if (ledger_scalar_is_zero(&sum))
			continue;
		at = q[i].table != NULL ? known++ : --unknown;
		order[at] = &q[i];
		s[at] = q[i].s;
		t[at] = sum;
		key[at] = *q[i].point;
	}
	if (known > 0 && !combine_known(known, order, t, point))
		return false;
	if (unknown < LEDGER_SM2_BATCH)
		ledger_mul_pairs(c, LEDGER_SM2_BATCH - unknown, s + unknown, t + unknown, key + unknown,
						 point + unknown);
	for (i = 0; i < LEDGER_SM2_BATCH; i++)
		if (i < known || i >= unknown)
			holds[order[i] - q] = agrees(order[i], &point[i]);
	return true;
}

/* At most LEDGER_SM2_BATCH claims. */
static bool
verify_batch(size_t n, const ledger_sm2_claim *claim, bool *holds)
{
	ledger_sm2_equation equation[LEDGER_SM2_BATCH];
	const ledger_sm2_claim *asked[LEDGER_SM2_BATCH];
	ledger_scalar e[LEDGER_SM2_BATCH];
	bool		solved[LEDGER_SM2_BATCH];
	size_t		m = 0;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		ledger_sm2_equation *q = &equation[m];

		holds[i] = false;
		if (!ledger_sm2_decode(claim[i].sig, claim[i].siglen, &q->r, &q->s))
			continue;
		q->point = &claim[i].key->point;
		q->table = claim[i].table;
		asked[m++] = &claim[i];
	}
	if (m == 0)
		return true;
	ledger_sm2_digests(m, asked, e);
	for (i = 0; i < m; i++)
		equation[i].e = e[i];
	if (!ledger_sm2_solve(m, equation, solved))
		return false;
	for (i = 0; i < m; i++)
		holds[asked[i] - claim] = solved[i];
	return true;
}

bool
ledger_sm2_verify(size_t n, const ledger_sm2_claim *claim, bool *holds)
{
	size_t		done;
	size_t		batch;

	for (done = 0; done < n; done += batch)
	{
		batch = n - done < LEDGER_SM2_BATCH ? n - done : LEDGER_SM2_BATCH;
		if (!verify_batch(batch, claim + done, holds + done))
		{
			memset(holds, 0, n * sizeof(*holds));
			return false;
		}
	}
	return true;
}
