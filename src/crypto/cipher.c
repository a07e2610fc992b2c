/*
 * crypto/cipher.c
 *		Counter mode around the kernels.
 */
#include "crypto/cipher.h"

#include <string.h>

#include "crypto/key.h"
#include "crypto/sm4_kernel.h"

const ledger_sm4_kernel *
ledger_sm4_kernel_for(ledger_cpu cpu)
{
#if defined(__x86_64__)
	if (cpu.avx512 && cpu.gfni)
		return &ledger_sm4_avx512_gfni;
	if (cpu.avx2 && cpu.gfni)
		return &ledger_sm4_avx2_gfni;
#else
	(void) cpu;
#endif
	return &ledger_sm4_portable;
}

/*
 * Asking the CPU takes longer than a short message, more so in a virtual machine,
 * and the answer stays. Threads that come first together find the same one.
 */
static const ledger_sm4_kernel *
best_kernel(void)
{
	static const ledger_sm4_kernel *best;
	const ledger_sm4_kernel *kernel = __atomic_load_n(&best, __ATOMIC_RELAXED);

	if (kernel == NULL)
	{
		kernel = ledger_sm4_kernel_for(ledger_cpu_features());
		__atomic_store_n(&best, kernel, __ATOMIC_RELAXED);
	}
	return kernel;
}

/* ---- one key ----------------------------------------------------------------- */

void
ledger_sm4_init_by(const ledger_sm4_kernel *kernel, ledger_sm4 *sm4, const uint8_t *key)
{
	sm4->kernel = kernel;
	kernel->expand(key, sm4->round_key);
}

void
ledger_sm4_init(ledger_sm4 *sm4, const uint8_t key[LEDGER_SM4_KEY_LEN])
{
	ledger_sm4_init_by(best_kernel(), sm4, key);
}

void
ledger_sm4_wipe(ledger_sm4 *sm4)
{
	ledger_wipe(sm4, sizeof(*sm4));
}

static uint32_t
get_be32(const uint8_t *p)
{
	return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 | (uint32_t) p[2] << 8 | p[3];
}

void
ledger_sm4_ctr(const ledger_sm4 *sm4, const uint8_t counter[LEDGER_SM4_BLOCK_LEN], const void *in, size_t len,
			   void *out)
{
	const uint8_t *from = (const uint8_t *) in;
	uint8_t	   *to = (uint8_t *) out;
	uint32_t	word[4];
	int			i;

	for (i = 0; i < 4; i++)
		word[i] = get_be32(counter + 4 * i);
	while (len > 0)
	{
		/* the kernels do not carry: cut where the last word comes to its end */
		uint64_t	until = ((UINT64_C(1) << 32) - word[3]) * LEDGER_SM4_BLOCK_LEN;
		size_t		part = len < until ? len : (size_t) until;

		sm4->kernel->ctr(sm4->round_key, word, from, part, to);
		from += part;
		to += part;
		len -= part;
		word[3] = 0;
		for (i = 2; i >= 0 && ++word[i] == 0; i--)
			;
	}
}

/* ---- many keys --------------------------------------------------------------- */

/* What a group of messages needs: the key streams of all lanes, and their round keys. */
typedef struct
{
	uint32_t	round_keys[LEDGER_SM4_MAX_LANES * LEDGER_SM4_ROUNDS];
	uint8_t		blocks[LEDGER_SM4_MANY_BLOCKS * LEDGER_SM4_MAX_LANES * LEDGER_SM4_BLOCK_LEN];
	uint64_t	counter[LEDGER_SM4_MAX_LANES][2];	/* high, low */
} group_state;

static uint64_t
get_be64(const uint8_t *p)
{
	return (uint64_t) get_be32(p) << 32 | get_be32(p + 4);
}

/* One store: gcc 12 makes eight of the usual shifts. */
static void
put_be64(uint8_t *p, uint64_t v)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	memcpy(p, &v, sizeof(v));
}

static void
xor_bytes(const uint8_t *in, const uint8_t *stream, size_t len, uint8_t *out)
{
	size_t		i;

	if (len == LEDGER_SM4_BLOCK_LEN)
	{
		uint64_t	a[2];
		uint64_t	b[2];

		memcpy(a, in, sizeof(a));
		memcpy(b, stream, sizeof(b));
		a[0] ^= b[0];
		a[1] ^= b[1];
		memcpy(out, a, sizeof(a));
		return;
	}
	for (i = 0; i < len; i++)
		out[i] = in[i] ^ stream[i];
}

/* m > 0 messages, at most as many as the kernel has lanes; the longest has so many bytes. */
static void
run_group(const ledger_sm4_kernel *kernel, group_state *g, unsigned m,
		  const ledger_sm4_message *const *message, size_t longest)
{
	const size_t row = (size_t) kernel->width * LEDGER_SM4_BLOCK_LEN;
	size_t		at = 0;
	unsigned	lane;
	unsigned	i;

	/* lanes without a message repeat the first one */
	for (lane = 0; lane < kernel->width; lane++)
	{
		const ledger_sm4_message *source = message[lane < m ? lane : 0];

		memcpy(g->blocks + lane * LEDGER_SM4_KEY_LEN, source->key, LEDGER_SM4_KEY_LEN);
		g->counter[lane][0] = get_be64(source->counter);
		g->counter[lane][1] = get_be64(source->counter + 8);
	}
	kernel->expand_many(g->blocks, g->round_keys);
	while (at < longest)
	{
		size_t		blocks = (longest - at + LEDGER_SM4_BLOCK_LEN - 1) / LEDGER_SM4_BLOCK_LEN;
		unsigned	n = blocks < LEDGER_SM4_MANY_BLOCKS ? (unsigned) blocks : LEDGER_SM4_MANY_BLOCKS;

		for (lane = 0; lane < kernel->width; lane++)
			for (i = 0; i < n; i++)
			{
				uint8_t	   *block = g->blocks + i * row + lane * LEDGER_SM4_BLOCK_LEN;

				put_be64(block, g->counter[lane][0]);
				put_be64(block + 8, g->counter[lane][1]);
				g->counter[lane][0] += ++g->counter[lane][1] == 0;
			}
		kernel->blocks_many(g->round_keys, g->blocks, n, g->blocks);
		for (i = 0; i < n; i++, at += LEDGER_SM4_BLOCK_LEN)
			for (lane = 0; lane < m; lane++)
				if (message[lane]->len > at)
				{
					size_t		left = message[lane]->len - at;

					xor_bytes((const uint8_t *) message[lane]->in + at,
							  g->blocks + i * row + lane * LEDGER_SM4_BLOCK_LEN,
							  left < LEDGER_SM4_BLOCK_LEN ? left : LEDGER_SM4_BLOCK_LEN,
							  (uint8_t *) message[lane]->out + at);
				}
	}
}

static void
run_alone(const ledger_sm4_kernel *kernel, const ledger_sm4_message *message)
{
	ledger_sm4	sm4;

	ledger_sm4_init_by(kernel, &sm4, message->key);
	ledger_sm4_ctr(&sm4, message->counter, message->in, message->len, message->out);
	ledger_sm4_wipe(&sm4);
}

void
ledger_sm4_ctr_many_by(const ledger_sm4_kernel *kernel, size_t n, const ledger_sm4_message *message)
{
	group_state g;
	bool		used = false;
	size_t		i = 0;

	while (i < n)
	{
		const ledger_sm4_message *lane[LEDGER_SM4_MAX_LANES];
		size_t		longest = 0;
		unsigned	m = 0;

		for (; i < n && m < kernel->width; i++)
			if (message[i].len >= kernel->long_message)
				run_alone(kernel, &message[i]);
			else if (message[i].len > 0)
			{
				lane[m++] = &message[i];
				if (message[i].len > longest)
					longest = message[i].len;
			}
		if (m == 1)
			run_alone(kernel, lane[0]);
		else if (m > 1)
		{
			run_group(kernel, &g, m, lane, longest);
			used = true;
		}
	}
	if (used)
		ledger_wipe(&g, sizeof(g));
}

void
ledger_sm4_ctr_many(size_t n, const ledger_sm4_message *message)
{
	ledger_sm4_ctr_many_by(best_kernel(), n, message);
}
