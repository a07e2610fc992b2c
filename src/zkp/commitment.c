/*
 * zkp/commitment.c
 *		Commitments and their bytes.
 */
#include "zkp/commitment.h"

#include <string.h>

#include "core/bytes.h"
#include "crypto/key.h"

ledger_status
ledger_commitment_decode(const uint8_t *in, size_t len, ledger_commitment *c)
{
	static const uint8_t identity[LEDGER_POINT_LEN];

	if (len != LEDGER_COMMITMENT_LEN)
		return len < LEDGER_COMMITMENT_LEN ? LEDGER_TRUNCATED : LEDGER_TRAILING;
	if ((in[0] != LEDGER_SUITE_STD && in[0] != LEDGER_SUITE_GM) || in[1] > LEDGER_STATEMENT_MAX_SCALE)
		return LEDGER_BAD_VALUE;
	c->suite = (ledger_suite) in[0];
	c->scale = in[1];
	memset(&c->point, 0, sizeof(c->point));
	if (memcmp(in + 2, identity, sizeof(identity)) == 0)
		return LEDGER_OK;
	return ledger_affine_decode(ledger_curve_of(c->suite), in + 2, &c->point) ? LEDGER_OK : LEDGER_BAD_VALUE;
}

void
ledger_commitment_encode(const ledger_commitment *c, uint8_t out[LEDGER_COMMITMENT_LEN])
{
	out[0] = (uint8_t) c->suite;
	out[1] = (uint8_t) c->scale;
	ledger_affine_encode(ledger_curve_of(c->suite), &c->point, out + 2);
}

void
ledger_scalar_int(const ledger_curve *curve, ledger_int v, ledger_scalar *r)
{
	uint8_t		bytes[LEDGER_SCALAR_LEN] = {0};
	ledger_scalar plus, minus;
	uint64_t	negative = 0 - (uint64_t) ((unsigned __int128) v >> 127);
	unsigned __int128 magnitude = (unsigned __int128) v;
	unsigned __int128 mask = ((unsigned __int128) negative << 64) | negative;

	magnitude = (magnitude ^ mask) - mask;
	ledger_put_u64(bytes + 16, (uint64_t) (magnitude >> 64));
	ledger_put_u64(bytes + 24, (uint64_t) magnitude);
	(void) ledger_scalar_decode(curve, bytes, &plus);
	ledger_scalar_neg(curve, &plus, &minus);
	for (int i = 0; i < 4; i++)
		r->v[i] = (plus.v[i] & ~negative) | (minus.v[i] & negative);
	ledger_wipe(bytes, sizeof(bytes));
	ledger_wipe(&plus, sizeof(plus));
	ledger_wipe(&minus, sizeof(minus));
}

void
ledger_pedersen(const ledger_generators *g, const ledger_scalar *v, const ledger_scalar *r, ledger_affine *c)
{
	const ledger_comb *const comb[2] = {ledger_comb_of_generator(g->curve), g->h};
	ledger_scalar k[2];
	ledger_point point;

	k[0] = *v;
	k[1] = *r;
	ledger_combs_mul_ct(g->curve, 2, comb, k, &point);
	ledger_points_to_affine(g->curve, 1, &point, c);
	/* the third coordinate knows more of v and r than the point does */
	ledger_wipe(&point, sizeof(point));
	ledger_wipe(k, sizeof(k));
}
