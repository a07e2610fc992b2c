/*
 * zkp/generators.c
 *		Hashing to the curve, once for a process.
 *
 * The digest over all of them is a constant of the program: a test derives it
 * anew. Otherwise each process would have to make a thousand points before its
 * first proof.
 */
#include "zkp/generators.h"

#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"

/* std, gm */
static const uint8_t digests[2][LEDGER_HASH_LEN] = {
	{0x16, 0x81, 0x57, 0x1a, 0xfe, 0xcc, 0x10, 0x32, 0x37, 0xdd, 0x8b, 0xfb,
	 0x9d, 0x5e, 0xa5, 0x71, 0xc5, 0xdb, 0xd9, 0x30, 0x81, 0x38, 0x7d, 0x4d,
	 0x14, 0xc7, 0x0a, 0xf8, 0x42, 0x5f, 0x4e, 0x1c},
	{0xc8, 0x5d, 0xc9, 0x17, 0x73, 0x49, 0x4a, 0x4d, 0x33, 0x09, 0xf4, 0x40,
	 0xa7, 0x19, 0xda, 0x34, 0xe7, 0xe4, 0xad, 0x53, 0x2a, 0x71, 0xc7, 0x3e,
	 0x01, 0x64, 0x21, 0x44, 0x0c, 0xe1, 0x5b, 0xf2}};

static bool
hash_to_point(const ledger_curve *curve, ledger_hasher *hasher, uint32_t k, ledger_affine *r)
{
	uint8_t		in[11] = {0x20, 'G', 1}, point[LEDGER_POINT_LEN];

	ledger_put_u32(in + 3, k);
	point[0] = 0x02;
	/* each try succeeds with probability one half */
	for (uint32_t ctr = 0; ctr < 256; ctr++)
	{
		ledger_put_u32(in + 7, ctr);
		if (!ledger_hash(hasher, in, sizeof(in), point + 1))
			return false;
		if (ledger_affine_decode(curve, point, r))
			return true;
	}
	return false;
}

static void
generators_free(ledger_generators *g)
{
	if (g == NULL)
		return;
	ledger_fixed_free(g->table);
	ledger_comb_free(g->h);
	free(g->point);
	free(g);
}

static ledger_generators *
generators_new(ledger_suite suite, unsigned bits)
{
	ledger_generators *g = (ledger_generators *) calloc(1, sizeof(*g));
	ledger_hasher *hasher = ledger_hasher_new(suite);
	bool		ok = g != NULL && hasher != NULL;

	if (ok)
	{
		g->curve = ledger_curve_of(suite);
		g->bits = bits;
		g->npoints = LEDGER_GEN_VECTOR(bits);
		g->point = (ledger_affine *) malloc(g->npoints * sizeof(ledger_affine));
		ok = g->point != NULL;
	}
	for (size_t i = 0; ok && i < g->npoints; i++)
		if (i == LEDGER_GEN_G)
			g->point[i] = *ledger_curve_generator(g->curve);
		else
			ok = hash_to_point(g->curve, hasher, (uint32_t) (i - 1), &g->point[i]);
	if (ok)
	{
		g->table = ledger_fixed_new(g->curve, g->npoints, g->point);
		g->h = ledger_comb_new(g->curve, &g->point[LEDGER_GEN_H]);
	}
	ledger_hasher_free(hasher);
	if (ok && g->table != NULL && g->h != NULL)
		return g;
	generators_free(g);
	return NULL;
}

const ledger_generators *
ledger_generators_of(ledger_suite suite, unsigned bits)
{
	static const unsigned rooms[3] = {64, 192, LEDGER_STATEMENT_MAX_BITS};
	static ledger_generators *kept[2][3];
	ledger_generators **g = kept[suite == LEDGER_SUITE_GM];

	/* none is ever freed for a larger one: a prover in the middle of its rounds still has it */
	for (unsigned i = 0; i < 3; i++)
		if (rooms[i] >= bits && g[i] != NULL)
			return g[i];
	for (unsigned i = 0; i < 3; i++)
		if (rooms[i] >= bits)
			return g[i] = generators_new(suite, rooms[i]);
	return NULL;
}

const uint8_t *
ledger_generators_digest(ledger_suite suite)
{
	return digests[suite == LEDGER_SUITE_GM];
}
