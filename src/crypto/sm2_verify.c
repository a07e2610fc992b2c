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
 * r += k times the point of the table. The digits are -size < d <= size; for the last
 * one not to carry, k is less than 2^255, or -k is taken and its digits the other way
 * round.
 */
static void
add_from_table(const ledger_sm2_table *table, const ledger_scalar *k, ledger_point *r)
{
	const ledger_curve *c = ledger_curve_of(LEDGER_SUITE_GM);
	const unsigned bits = table->bits;
	const uint64_t size = UINT64_C(1) << (bits - 1);
	ledger_scalar opposite;
	uint64_t	w[5] = {0};
	uint64_t	carry = 0;
	bool		negative;
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
		{
			const ledger_affine *multiple = &table->multiple[i * size + d - 1];
			ledger_affine minus;

			if (negative != (carry != 0))
			{
				ledger_affine_neg(c, multiple, &minus);
				multiple = &minus;
			}
			ledger_point_add_affine(c, r, multiple, r);
		}
	}
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

static const ledger_fixed *
generator_fixed(void)
{
	static const ledger_fixed *fixed;
	const ledger_curve *c = ledger_curve_of(LEDGER_SUITE_GM);

	if (fixed == NULL)
		fixed = ledger_fixed_new(c, 1, ledger_curve_generator(c));
	return fixed;
}

/* ---- verification ------------------------------------------------------------ */

/* *point = s G + (r + s) P; false when out of memory */
static bool
combine(const ledger_sm2_equation *q, const ledger_scalar *t, ledger_point *point)
{
	const ledger_curve *c = ledger_curve_of(LEDGER_SUITE_GM);

	if (q->table != NULL)
	{
		const ledger_sm2_table *generator = generator_table();

		if (generator == NULL)
			return false;
		ledger_point_identity(point);
		add_from_table(generator, &q->s, point);
		add_from_table(q->table, t, point);
		return true;
	}
	else
	{
		const ledger_fixed *generator = generator_fixed();

		return generator != NULL && ledger_msm(c, 1, t, q->point, generator, 1, &q->s, point);
	}
}

bool
ledger_sm2_solve(size_t n, const ledger_sm2_equation *q, bool *holds)
{
	const ledger_curve *c = ledger_curve_of(LEDGER_SUITE_GM);
	ledger_point point[LEDGER_SM2_BATCH];
	ledger_affine affine[LEDGER_SM2_BATCH];
	size_t		which[LEDGER_SM2_BATCH];
	size_t		m = 0;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		ledger_scalar t;

		holds[i] = false;
		ledger_scalar_add(c, &q[i].r, &q[i].s, &t);
		if (ledger_scalar_is_zero(&t))
			continue;
		if (!combine(&q[i], &t, &point[m]))
			return false;
		if (!ledger_point_is_identity(&point[m]))
			which[m++] = i;
	}
	ledger_points_to_affine(c, m, point, affine);
	for (i = 0; i < m; i++)
	{
		uint8_t		xy[64];
		ledger_scalar x;

		/* x is below p, which is above n */
		ledger_affine_to_xy(c, &affine[i], xy);
		ledger_sm2_reduce(xy, &x);
		ledger_scalar_add(c, &q[which[i]].e, &x, &x);
		holds[which[i]] = ledger_scalar_equal(&x, &q[which[i]].r);
	}
	return true;
}

/* At most LEDGER_SM2_BATCH claims. */
static bool
verify_batch(size_t n, const ledger_sm2_claim *claim, bool *holds)
{
	ledger_sm2_equation equation[LEDGER_SM2_BATCH];
	bool		solved[LEDGER_SM2_BATCH];
	size_t		which[LEDGER_SM2_BATCH];
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
		ledger_sm2_digest(claim[i].key->za, claim[i].message, claim[i].len, &q->e);
		which[m++] = i;
	}
	if (m > 0 && !ledger_sm2_solve(m, equation, solved))
		return false;
	for (i = 0; i < m; i++)
		holds[which[i]] = solved[i];
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
