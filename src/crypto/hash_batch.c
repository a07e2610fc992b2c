/*
 * crypto/hash_batch.c
 *		Many short messages through the lanes of the kernels.
 *
 * A message is seen as a string of whole blocks: the prefix, the data, 80, zeros
 * and the length in bits. A lane reads it through a window of a few blocks, into
 * which the string is laid piece by piece; blocks that are data alone are read
 * where they are once enough of them follow each other. Short messages fit into
 * the window, and all lanes then run without a stop.
 *
 * Lanes end at different times. A lane that has ended takes the next message;
 * the longest are begun first, so that the last ones end close together. When
 * too few lanes are left to be worth a wide kernel, each is ended alone.
 */
#include "crypto/hash_batch.h"

#include <string.h>

/* Blocks in a window */
#define WINDOW 8

/* Messages that are put into order together */
#define BATCH 64

/* Lengths of the order: messages of this many blocks or more are all alike */
#define LENGTHS 32

typedef struct
{
	const uint8_t *data;		/* bytes that were not yet laid into the window */
	size_t		left;
	uint64_t	bits;			/* of the whole message */
	size_t		blocks;			/* not yet compressed, of the whole message */
	const uint8_t *next;		/* blocks that are ready for compression */
	size_t		ready;
	bool		ended;			/* 80 has been laid */
	uint8_t	   *out;			/* of the digest; NULL when the lane has no message */
	uint8_t		window[WINDOW * LEDGER_BLOCK_LEN];
} lane;

/* What a lane without a message reads. */
static const uint8_t nothing[WINDOW * LEDGER_BLOCK_LEN];

ledger_hash_kernels
ledger_hash_kernels_for(ledger_suite suite, ledger_cpu cpu)
{
	ledger_hash_kernels k = {0};

#if defined(__x86_64__)
	if (suite == LEDGER_SUITE_GM)
	{
		if (cpu.avx512)
			k.kernel[k.n++] = &ledger_sm3_avx512;
		else if (cpu.avx2)
			k.kernel[k.n++] = &ledger_sm3_avx2;
		if (cpu.bmi2)
		{
			k.kernel[k.n++] = &ledger_sm3_bmi2;
			return k;
		}
	}
	else
	{
		if (cpu.avx512)
			k.kernel[k.n++] = &ledger_sha256_avx512;
		else if (cpu.avx2 && !cpu.sha)
			k.kernel[k.n++] = &ledger_sha256_avx2;
		if (cpu.sha)
		{
			k.kernel[k.n++] = &ledger_sha256_ni2;
			k.kernel[k.n++] = &ledger_sha256_ni;
			return k;
		}
	}
#else
	(void) cpu;
#endif
	k.kernel[k.n++] = suite == LEDGER_SUITE_GM ? &ledger_sm3_scalar : &ledger_sha256_libcrypto;
	return k;
}

/* One store: gcc 12 makes four of the usual shifts, for every word of every digest. */
static void
put_be32(uint8_t *p, uint32_t v)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	v = __builtin_bswap32(v);
#endif
	memcpy(p, &v, sizeof(v));
}

/* Blocks of a message of so many bytes with its padding. */
static size_t
blocks_of(size_t len)
{
	return (len + 8) / LEDGER_BLOCK_LEN + 1;
}

/* Makes the next blocks of a message ready. */
static void
lay(lane *l, const uint8_t *head, size_t nhead)
{
	uint8_t	   *to = l->window;
	uint8_t	   *end;
	size_t		take;

	if (nhead == 0 && l->left >= sizeof(l->window))
	{
		l->next = l->data;
		l->ready = l->left / LEDGER_BLOCK_LEN;
		l->data += l->ready * LEDGER_BLOCK_LEN;
		l->left %= LEDGER_BLOCK_LEN;
		return;
	}
	l->next = to;
	l->ready = l->blocks < WINDOW ? l->blocks : WINDOW;
	end = to + l->ready * LEDGER_BLOCK_LEN;
	if (nhead > 0)
		*to++ = *head;
	take = (size_t) (end - to);
	if (take > l->left)
		take = l->left;
	if (take > 0)
	{
		memcpy(to, l->data, take);
		l->data += take;
		l->left -= take;
		to += take;
	}
	if (to == end)
		return;
	memset(to, 0, (size_t) (end - to));
	if (!l->ended)
		*to = 0x80;
	l->ended = true;
	if (l->ready == l->blocks)
	{
		put_be32(end - 8, (uint32_t) (l->bits >> 32));
		put_be32(end - 4, (uint32_t) l->bits);
	}
}

static void
begin(lane *l, const uint8_t *head, size_t nhead, const uint8_t *data, size_t len, uint8_t *out)
{
	l->data = data;
	l->left = len;
	l->bits = (uint64_t) (nhead + len) * 8;
	l->blocks = blocks_of(nhead + len);
	l->ended = false;
	l->out = out;
	lay(l, head, nhead);
}

/* n of the ready blocks have been compressed. */
static void
advance(lane *l, size_t n)
{
	l->next += n * LEDGER_BLOCK_LEN;
	l->ready -= n;
	l->blocks -= n;
	if (l->ready == 0 && l->blocks > 0)
		lay(l, NULL, 0);
}

/* The first lane of a state, or with state + i lane i, becomes that of an empty message. */
static void
clear_state(const ledger_hash_kernel *kernel, uint32_t *state)
{
	unsigned	i;

#pragma GCC unroll 8
	for (i = 0; i < LEDGER_STATE_WORDS; i++)
		state[i * kernel->width] = kernel->iv[i];
}

/* The words of one lane of a state that is "width" lanes wide. */
static void
put_digest(const uint32_t *state, unsigned width, uint8_t *out)
{
	unsigned	i;

#pragma GCC unroll 8
	for (i = 0; i < LEDGER_STATE_WORDS; i++)
		put_be32(out + 4 * i, state[i * width]);
}

/* The rest of a message, in a kernel of width 1. */
static void
run_alone(const ledger_hash_kernel *one, lane *l, uint32_t state[LEDGER_STATE_WORDS])
{
	while (l->blocks > 0)
	{
		one->blocks(state, &l->next, l->ready);
		advance(l, l->ready);
	}
	put_digest(state, 1, l->out);
}

/* Place of a length in the order of lengths, the long ones first. */
static size_t
rank(size_t len)
{
	size_t		blocks = blocks_of(len);

	return LENGTHS - (blocks < LENGTHS ? blocks : LENGTHS);
}

/*
 * The indexes of n messages, the longest first. Messages that differ by a block
 * at most stay as they are: the sorting would take longer than it saves.
 */
static void
put_in_order(size_t nhead, size_t n, const size_t len[], uint8_t order[])
{
	size_t		shortest = SIZE_MAX;
	size_t		longest = 0;
	uint8_t		place[LENGTHS] = {0};
	unsigned	sum = 0;
	size_t		i;

	for (i = 0; i < n; i++)
	{
		order[i] = (uint8_t) i;
		shortest = len[i] < shortest ? len[i] : shortest;
		longest = len[i] > longest ? len[i] : longest;
	}
	if (blocks_of(nhead + longest) - blocks_of(nhead + shortest) <= 1)
		return;
	for (i = 0; i < n; i++)
		place[rank(nhead + len[i])]++;
	for (i = 0; i < LENGTHS; i++)
	{
		unsigned	here = place[i];

		place[i] = (uint8_t) sum;
		sum += here;
	}
	for (i = 0; i < n; i++)
		order[place[rank(nhead + len[i])]++] = (uint8_t) i;
}

/* Hashes messages in the order given, until too few are left for the kernel; returns their number. */
static size_t
run(const ledger_hash_kernel *kernel, const ledger_hash_kernel *one, const uint8_t *head, size_t nhead,
	size_t n, const uint8_t order[], const uint8_t *const data[], const size_t len[],
	uint8_t (*out)[LEDGER_HASH_LEN])
{
	lane		lanes[LEDGER_MAX_LANES];
	const uint8_t *block[LEDGER_MAX_LANES];
	uint32_t	state[LEDGER_STATE_WORDS * LEDGER_MAX_LANES];
	size_t		begun = 0;
	unsigned	active = 0;
	unsigned	i;
	unsigned	j;

	for (i = 0; i < kernel->width; i++)
	{
		lanes[i].out = NULL;
		block[i] = nothing;
	}
	while (active + (n - begun) >= kernel->least)
	{
		size_t		ready = WINDOW;

		for (i = 0; i < kernel->width; i++)
		{
			lane	   *l = &lanes[i];

			if (l->out == NULL && begun < n)
			{
				size_t		m = order[begun++];

				begin(l, head, nhead, data[m], len[m], out[m]);
				clear_state(kernel, state + i);
				active++;
			}
			if (l->out != NULL)
			{
				block[i] = l->next;
				if (l->ready < ready)
					ready = l->ready;
			}
		}
		if (active == 0)
			break;
		kernel->blocks(state, block, ready);
		for (i = 0; i < kernel->width; i++)
		{
			lane	   *l = &lanes[i];

			if (l->out == NULL)
				continue;
			advance(l, ready);
			if (l->blocks == 0)
			{
				put_digest(state + i, kernel->width, l->out);
				l->out = NULL;
				block[i] = nothing;
				active--;
			}
		}
	}
	for (i = 0; i < kernel->width; i++)
		if (lanes[i].out != NULL)
		{
			uint32_t	rest[LEDGER_STATE_WORDS];

			for (j = 0; j < LEDGER_STATE_WORDS; j++)
				rest[j] = state[j * kernel->width + i];
			run_alone(one, &lanes[i], rest);
		}
	return begun;
}

void
ledger_hash_batch(const ledger_hash_kernels *k, const uint8_t *head, size_t nhead, size_t n,
				  const uint8_t *const data[], const size_t len[], uint8_t (*out)[LEDGER_HASH_LEN])
{
	const ledger_hash_kernel *one = k->kernel[k->n - 1];
	uint8_t		order[BATCH];

	if (n == 1)
	{
		uint32_t	state[LEDGER_STATE_WORDS];
		lane		l;

		clear_state(one, state);
		begin(&l, head, nhead, data[0], len[0], out[0]);
		run_alone(one, &l, state);
		return;
	}
	while (n > 0)
	{
		size_t		batch = n < BATCH ? n : BATCH;
		size_t		next = 0;
		unsigned	i;

		put_in_order(nhead, batch, len, order);
		for (i = 0; i < k->n; i++)
			next += run(k->kernel[i], one, head, nhead, batch - next, order + next, data, len, out);
		data += batch;
		len += batch;
		out += batch;
		n -= batch;
	}
}

void
ledger_hash_batch_nodes(const ledger_hash_kernels *k, size_t n, const uint8_t (*pairs)[LEDGER_HASH_LEN],
						uint8_t (*out)[LEDGER_HASH_LEN])
{
	uint32_t	state[LEDGER_STATE_WORDS * LEDGER_MAX_LANES];
	const uint8_t *pair[LEDGER_MAX_LANES];
	const ledger_hash_kernel *const *kernel = k->kernel;

	while (n > 0)
	{
		unsigned	m;
		unsigned	i;

		while (n < (*kernel)->least)
			kernel++;
		m = n < (*kernel)->width ? (unsigned) n : (*kernel)->width;

		/* lanes without a pair repeat the first one */
		for (i = 0; i < (*kernel)->width; i++)
			pair[i] = pairs[i < m ? 2 * i : 0];
		(*kernel)->nodes(state, pair);

		/* out may be pairs: all that the group needs of them has been read */
		for (i = 0; i < m; i++)
			put_digest(state + i, (*kernel)->width, out[i]);
		pairs += 2 * m;
		out += m;
		n -= m;
	}
}
