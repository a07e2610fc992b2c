/*
 * test/unit/test_zkp_joint.c
 *		Several owners prove one statement together.
 */
#include "crypto/key.h"
#include "harness.h"
#include "zkp/joint.h"

#define MAX_LEN 4096

typedef struct
{
	ledger_suite suite;
	ledger_statement *s;
	unsigned	n, parties;
	ledger_commitment c[8];
	ledger_opening open[8];
	bool		known[LEDGER_JOINT_MAX_PARTIES][8];
	ledger_joint *joint[LEDGER_JOINT_MAX_PARTIES];
	uint8_t		message[LEDGER_JOINT_MAX_PARTIES][MAX_LEN * 8];
	ledger_slice slice[LEDGER_JOINT_MAX_PARTIES];
	unsigned	rounds;
	unsigned	stopped;		/* the party that met the first error */
	bool		damaged;
	uint8_t		proof[MAX_LEN];
	ledger_proof_status status; /* of that one */
	unsigned	which;
} table;

static table t;

/* who is a string like "0,1,01": which parties know each value. */
static void
sit_down(ledger_suite suite, const char *text, unsigned parties, const char *who, const int64_t *values)
{
	ledger_statement_error error;
	const ledger_generators *g;

	memset(&t, 0, sizeof(t));
	t.suite = suite;
	t.parties = parties;
	t.s = ledger_statement_parse(text, strlen(text), &error);
	if (t.s == NULL)
		abort();
	t.n = t.s->nvars;
	g = ledger_generators_of(suite, t.s->bits);
	for (unsigned i = 0; i < t.n; i++)
	{
		uint8_t		r[2 * LEDGER_SCALAR_LEN];
		ledger_scalar v;

		ledger_random(r, sizeof(r));
		t.open[i].value = values[i];
		ledger_scalar_reduce(g->curve, r, &t.open[i].blinding);
		ledger_scalar_int(g->curve, values[i], &v);
		ledger_pedersen(g, &v, &t.open[i].blinding, &t.c[i].point);
		t.c[i].suite = suite;
		t.c[i].scale = t.s->scale;
		for (; *who != ',' && *who != '\0'; who++)
			t.known[*who - '0'][i] = true;
		who += *who == ',';
	}
}

static ledger_joint_status
start_one(unsigned i, const char *context)
{
	uint8_t		seed[LEDGER_SEED_LEN];

	ledger_random(seed, sizeof(seed));
	return ledger_joint_start(t.s, t.n, t.c, t.known[i], t.open, context, strlen(context), i, t.parties, seed,
							  &t.joint[i], &t.status, &t.which);
}

static void
pass_messages(void)
{
	for (unsigned i = 0; i < t.parties; i++)
	{
		ledger_slice m = ledger_joint_message(t.joint[i]);

		if (m.len > sizeof(t.message[i]))
			abort();
		if (m.len > 0)
			memcpy(t.message[i], m.data, m.len);
		t.slice[i] = ledger_slice_make(t.message[i], m.len);
	}
}

/* The first answer that is not OK. In that round the others see another byte of that party's message. */
static ledger_joint_status
talk(unsigned round, unsigned party, size_t byte)
{
	ledger_joint_status status = LEDGER_JOINT_OK, first = LEDGER_JOINT_OK;
	ledger_proof_status proof;

	while (first == LEDGER_JOINT_OK)
	{
		t.rounds++;
		pass_messages();
		for (unsigned i = 0; i < t.parties; i++)
		{
			ledger_slice heard[LEDGER_JOINT_MAX_PARTIES];
			uint8_t		damaged[sizeof(t.message[0])];

			memcpy(heard, t.slice, sizeof(heard));
			if (t.rounds == round && i != party && byte < heard[party].len)
			{
				memcpy(damaged, heard[party].data, heard[party].len);
				damaged[byte] ^= 1;
				t.damaged = true;
				heard[party].data = damaged;
			}
			status = ledger_joint_hear(t.joint[i], heard, &proof, &t.which);
			if (status == LEDGER_JOINT_DONE && i > 0 &&
				memcmp(t.proof, ledger_joint_proof(t.joint[i]), ledger_proof_len(t.s)) != 0)
				abort();
			if (status == LEDGER_JOINT_DONE)
				memcpy(t.proof, ledger_joint_proof(t.joint[i]), ledger_proof_len(t.s));
			if (status != LEDGER_JOINT_OK && (first == LEDGER_JOINT_OK || first == LEDGER_JOINT_DONE))
			{
				first = status;
				t.status = proof;
				t.stopped = i;
			}
		}
	}
	return first;
}

static ledger_proof_status
verify(const char *context)
{
	ledger_proof_check check = {
		t.s, t.n, t.c, context, strlen(context), t.proof, ledger_proof_len(t.s), LEDGER_PROOF_OK};

	return ledger_proof_verify(&check);
}

static void
stand_up(void)
{
	for (unsigned i = 0; i < t.parties; i++)
		ledger_joint_free(t.joint[i]);
	ledger_statement_free(t.s);
}

static ledger_joint_status
whole(ledger_suite suite, const char *text, unsigned parties, const char *who, const int64_t *values)
{
	ledger_joint_status status = LEDGER_JOINT_OK;

	sit_down(suite, text, parties, who, values);
	for (unsigned i = 0; i < parties; i++)
		if (start_one(i, "row 7") != LEDGER_JOINT_OK)
			abort();
	status = talk(0, 0, 0);
	return status;
}

static const struct
{
	const char *text;
	unsigned	parties;
	const char *who;
	int64_t		values[6];
	unsigned	rounds;
} together[] = {
	{"a = b", 2, "0,1", {5, 5}, 4},
	{"a + b - c = 0", 3, "0,1,2", {5, -7, -2}, 4},
	{"a = b and b = c and c = d", 4, "0,1,2,3", {9, 9, 9, 9}, 4},
	{"a in 16 and b in 16", 2, "0,1", {-32768, 32767}, 6},
	{"a in 8 and b in 8 and c in 8 and a + b = c", 3, "0,1,2", {100, 27, 127}, 6},
	{"a < b given a in 32, b in 32", 2, "01,1", {4, 5}, 6},
	{"a in 16 and b <= c given b in 16, c in 16", 3, "0,12,2", {1, 2, 2}, 6},
	{"a * b = c and d = c", 2, "0,0,0,1", {3, -4, -12, -12}, 4},
	{"a <> b and c = d", 2, "0,0,0,1", {3, 4, 1, 1}, 4},
	{"a / b = c rem d and e = d", 2, "0,0,0,0,1", {-17, 5, -3, -2, -2}, 6},
	{"a * b <= c given a in 8, b in 8, c in 16", 2, "1,1,1", {11, 12, 132}, 6},
};

static void
test_together(void)
{
	for (int k = 0; k < 2; k++)
	{
		ledger_suite suite = k == 0 ? LEDGER_SUITE_STD : LEDGER_SUITE_GM;

		for (size_t i = 0; i < sizeof(together) / sizeof(together[0]); i++)
		{
			ledger_joint_status status =
				whole(suite, together[i].text, together[i].parties, together[i].who, together[i].values);

			check(status == LEDGER_JOINT_DONE && t.rounds == together[i].rounds &&
					  verify("row 7") == LEDGER_PROOF_OK && verify("row 8") == LEDGER_PROOF_FALSE,
				  "%s: %u parties prove %s in %u rounds (status %d)", ledger_suite_name(suite), t.parties,
				  together[i].text, t.rounds, status);
			stand_up();
		}
	}
}

static void
test_false(void)
{
	static const struct
	{
		const char *text;
		unsigned	parties;
		const char *who;
		int64_t		values[4];
		ledger_joint_status status;
	}			cases[] = {
		{"a = b", 2, "0,1", {5, 6}, LEDGER_JOINT_PROOF},
		{"a + b = c", 3, "0,1,2", {5, 6, 12}, LEDGER_JOINT_PROOF},
		{"a in 16 and b in 16", 2, "0,1", {1, 32768}, LEDGER_JOINT_PROOF},
		{"a * b = c and d = c", 2, "0,0,0,1", {3, 4, 13, 13}, LEDGER_JOINT_PROOF},
		{"a < b", 2, "0,1", {3, 4}, LEDGER_JOINT_NOBODY},
		{"a * b = c", 2, "0,1,1", {3, 4, 12}, LEDGER_JOINT_NOBODY},
		{"a + b = c", 2, "0,1,", {3, 4, 7}, LEDGER_JOINT_NOBODY},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		ledger_joint_status status =
			whole(LEDGER_SUITE_GM, cases[i].text, cases[i].parties, cases[i].who, cases[i].values);

		check(status == cases[i].status && (status != LEDGER_JOINT_PROOF || t.status == LEDGER_PROOF_FALSE),
			  "no proof of %s for values that are not so or that nobody knows together (%d)", cases[i].text,
			  status);
		expect(ledger_joint_message(t.joint[t.stopped]).len == 0, "nothing is said after an error");
		stand_up();
	}
	done("a party that met an error is silent");
}

/* Whatever byte of whatever message is changed on its way, no proof comes out of it. */
static void
test_damage(void)
{
	static const int64_t values[4] = {3, 4, 12, 12};
	static const char *const text = "a * b = c and c = d and d in 8 and a <> b";

	for (unsigned round = 1; round <= LEDGER_JOINT_ROUNDS; round++)
		for (size_t byte = 0; byte < 400; byte += byte < 60 ? 7 : 41)
		{
			ledger_joint_status status;

			sit_down(LEDGER_SUITE_STD, text, 2, "0,0,0,1", values);
			start_one(0, "x");
			start_one(1, "x");
			status = talk(round, 0, byte);
			expect(!t.damaged || status != LEDGER_JOINT_DONE, "round %u, byte %zu: status %d", round, byte,
				   status);
			stand_up();
		}
	done("a message changed on its way gives no proof");
}

static void
test_strangers(void)
{
	static const int64_t values[2] = {7, 7};
	ledger_joint_status status;

	sit_down(LEDGER_SUITE_GM, "a = b", 2, "0,1", values);
	start_one(0, "row 1");
	start_one(1, "row 2");
	status = talk(0, 0, 0);
	check(status == LEDGER_JOINT_OTHER && t.rounds == 1, "parties notice that they prove different things");
	stand_up();

	sit_down(LEDGER_SUITE_GM, "a = b", 2, "0,1", values);
	t.open[0].value = 8;
	check(start_one(0, "row 1") == LEDGER_JOINT_PROOF && t.status == LEDGER_PROOF_OPENING,
		  "a wrong opening is noticed before anything is said");
	t.joint[1] = NULL;
	stand_up();

	sit_down(LEDGER_SUITE_GM, "a = b", 2, "0,1", values);
	start_one(0, "");
	start_one(1, "");
	pass_messages();
	check(ledger_joint_hear(t.joint[0], t.slice, &t.status, &t.which) == LEDGER_JOINT_OK &&
			  ledger_joint_hear(t.joint[0], t.slice, &t.status, &t.which) == LEDGER_JOINT_MESSAGE &&
			  ledger_joint_hear(t.joint[0], t.slice, &t.status, &t.which) == LEDGER_JOINT_MESSAGE,
		  "a round is heard once only, and then nothing more");
	stand_up();
}

/* First of all: the larger generators must not have been made before. */
static void
test_between(void)
{
	static const int64_t values[2] = {7, 9};

	sit_down(LEDGER_SUITE_GM, "a < b given a in 64, b in 64", 2, "01,1", values);
	start_one(0, "");
	start_one(1, "");
	check(ledger_generators_of(LEDGER_SUITE_GM, LEDGER_STATEMENT_MAX_BITS) != NULL &&
			  talk(0, 0, 0) == LEDGER_JOINT_DONE && verify("") == LEDGER_PROOF_OK,
		  "a proof goes on after somebody else needed more generators");
	stand_up();
}

int
main(void)
{
	test_between();
	test_together();
	test_false();
	test_damage();
	test_strangers();
	return finish();
}
