/*
 * test/unit/ctime_gm.c
 *		No branch and no address of SM4, SM3 and SM2 depends on a key.
 *
 * The method is that of test/unit/ctime_curve.c. valgrind does not know AVX-512 and
 * GFNI, and the kernels that need them have no tables to look into: what is run here
 * is the code for every CPU.
 */
#include <valgrind/memcheck.h>

#include "crypto/sm2_internal.h"
#include "crypto/sm4_kernel.h"
#include "harness.h"

#define N 20

static uint64_t seed = 20120321;
static unsigned long before;

static void
secret(void *p, size_t len)
{
	VALGRIND_MAKE_MEM_UNDEFINED(p, len);
}

static void
declassify(void *p, size_t len)
{
	VALGRIND_MAKE_MEM_DEFINED(p, len);
}

static void
quiet(const char *what)
{
	unsigned long now = VALGRIND_COUNT_ERRORS;

	check(now == before, "%s", what);
	before = now;
}

static void
test_sm4(void)
{
	static uint8_t key[N][LEDGER_SM4_KEY_LEN];
	static uint8_t counter[N][LEDGER_SM4_BLOCK_LEN];
	static uint8_t text[N][1100];
	ledger_sm4_message message[N];
	ledger_sm4	sm4;
	size_t		i;

	random_bytes(&seed, key, sizeof(key));
	random_bytes(&seed, counter, sizeof(counter));
	random_bytes(&seed, text, sizeof(text));
	secret(key, sizeof(key));
	secret(text, sizeof(text));
	ledger_sm4_init_by(&ledger_sm4_portable, &sm4, key[0]);
	quiet("SM4: a key is made ready");
	ledger_sm4_ctr(&sm4, counter[0], text[0], 1001, text[0]);
	quiet("SM4: a message");
	for (i = 0; i < N; i++)
		message[i] = (ledger_sm4_message){key[i], counter[i], text[i], text[i], i * i * 3};
	ledger_sm4_ctr_many_by(&ledger_sm4_portable, N, message);
	quiet("SM4: many messages");
	ledger_sm4_wipe(&sm4);
}

static void
test_sm2(void)
{
	const ledger_curve *c = ledger_curve_of(LEDGER_SUITE_GM);
	uint8_t		number[64];
	uint8_t		xy[64];
	uint8_t		digest[LEDGER_HASH_LEN];
	ledger_sm2_secret key;
	ledger_point point;
	ledger_affine affine;
	ledger_scalar e;
	ledger_scalar k;
	ledger_scalar r;
	ledger_scalar s;
	bool		ok;

	random_bytes(&seed, number, sizeof(number));
	number[0] &= 0x7f;
	ledger_sm2_reduce(number, &k);
	ledger_mul_generator_ct(c, &k, &point);
	ledger_points_to_affine(c, 1, &point, &affine);
	ledger_affine_to_xy(c, &affine, xy);
	if (!ledger_sm2_secret_init(number, xy, &key))
		abort();
	ledger_sm2_digest(key.public_key.za, "text", 4, &e);

	secret(&key, sizeof(key));
	secret(number, sizeof(number));
	ledger_sm2_hash(number, 33, number + 33, 31, digest);
	quiet("SM3: a secret");
	ledger_scalar_reduce(c, number, &k);
	ok = ledger_sm2_sign_with(&key, &e, &k, &r, &s);
	quiet("SM2: a signature");
	declassify(&ok, sizeof(ok));
	check(ok, "SM2: and it was made");

	/* what is allowed to leak does */
	declassify(&key.public_key, sizeof(key.public_key));
	{
		const ledger_sm2_equation q = {&key.public_key.point, NULL, e, r, s};

		if (!ledger_sm2_solve(1, &q, &ok))
			abort();
	}
	check(VALGRIND_COUNT_ERRORS > before, "a function of variable time is found");
	declassify(&ok, sizeof(ok));
	check(ok, "SM2: the signature holds");
	before = VALGRIND_COUNT_ERRORS;
}

int
main(void)
{
	if (!check(RUNNING_ON_VALGRIND != 0, "this runs under valgrind"))
		return finish();
	test_sm4();
	test_sm2();
	return finish();
}
