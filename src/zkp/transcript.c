/*
 * zkp/transcript.c
 *		Items in, challenges out.
 */
#include "zkp/transcript.h"

#include <string.h>

#include "core/bytes.h"
#include "crypto/key.h"

void
ledger_transcript_init(ledger_transcript *t, const ledger_curve *curve, ledger_hasher *hasher)
{
	memset(t, 0, sizeof(*t));
	t->curve = curve;
	t->hasher = hasher;
}

static void
update(ledger_transcript *t, const void *data, size_t len)
{
	if (!t->failed && !ledger_hash_update(t->hasher, data, len))
		t->failed = true;
}

static void
begin(ledger_transcript *t)
{
	static const uint8_t domain[3] = {0x20, 'T', 1};

	if (t->open)
		return;
	t->open = true;
	if (!t->failed && !ledger_hash_begin(t->hasher))
		t->failed = true;
	update(t, domain, sizeof(domain));
	update(t, t->state, sizeof(t->state));
}

void
ledger_transcript_bytes(ledger_transcript *t, const char *label, const void *data, size_t len)
{
	uint8_t		head[1 + 255 + 4];
	size_t		n = strlen(label);

	if (n > 255 || len > UINT32_MAX)
	{
		t->failed = true;
		return;
	}
	begin(t);
	head[0] = (uint8_t) n;
	memcpy(head + 1, label, n);
	ledger_put_u32(head + 1 + n, (uint32_t) len);
	update(t, head, 1 + n + 4);
	if (len > 0)
		update(t, data, len);
}

void
ledger_transcript_u32(ledger_transcript *t, const char *label, uint32_t value)
{
	uint8_t		data[4];

	ledger_put_u32(data, value);
	ledger_transcript_bytes(t, label, data, sizeof(data));
}

bool
ledger_wide_scalar(const ledger_curve *curve, ledger_hasher *hasher, uint8_t letter,
				   const uint8_t key[LEDGER_HASH_LEN], uint32_t i, ledger_scalar *e)
{
	uint8_t		in[3 + LEDGER_HASH_LEN + 1 + 4] = {0x20, letter, 1};
	uint8_t		wide[2 * LEDGER_HASH_LEN];
	bool		ok;

	memcpy(in + 3, key, LEDGER_HASH_LEN);
	ledger_put_u32(in + 3 + LEDGER_HASH_LEN + 1, i);
	ok = ledger_hash(hasher, in, sizeof(in), wide);
	in[3 + LEDGER_HASH_LEN] = 1;
	ok = ok && ledger_hash(hasher, in, sizeof(in), wide + LEDGER_HASH_LEN);
	if (ok)
		ledger_scalar_reduce(curve, wide, e);
	else
		ledger_scalar_zero(e);
	ledger_wipe(in, sizeof(in));
	ledger_wipe(wide, sizeof(wide));
	return ok;
}

void
ledger_transcript_challenge(ledger_transcript *t, const char *label, ledger_scalar *e)
{
	ledger_transcript_bytes(t, label, NULL, 0);
	if (!t->failed && !ledger_hash_final(t->hasher, t->state))
		t->failed = true;
	t->open = false;
	if (t->failed || !ledger_wide_scalar(t->curve, t->hasher, 'C', t->state, 0, e) ||
		ledger_scalar_is_zero(e))
	{
		t->failed = true;
		ledger_scalar_u64(t->curve, 1, e);
	}
}
