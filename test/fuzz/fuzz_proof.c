/*
 * A proof other than the one that was made is never accepted, and does no harm to a good one beside it.
 *
 * The first byte chooses the statement and the suite; the second whether the rest is a proof, or changes of a good
 * one (two bytes of place and one of what is turned there), and whether it is checked alone or beside a good one.
 */
#include "core/bytes.h"
#include "fuzz.h"
#include "proof_statements.h"
#include "zkp/proof.h"

#define MAX_VALUES 4

/* What satisfies each of them. */
static const ledger_int values[N_PROOF_STATEMENTS][MAX_VALUES] = {
	{5, 5}, {-3, 4, -12}, {3, 4}, {-128}, {127, -256}, {-7, 2, -3, -1}, {50}};

typedef struct
{
	ledger_statement *statement;
	ledger_commitment commitment[MAX_VALUES];
	uint8_t	   *proof;
	size_t		len;
} good_proof;

static void
make_good(ledger_suite suite, size_t which, good_proof *p)
{
	static const uint8_t seed[LEDGER_SEED_LEN] = {1};
	const ledger_generators *g = ledger_generators_of(suite, 0);
	ledger_opening open[MAX_VALUES];
	ledger_statement_error error;
	unsigned	at;

	p->statement = ledger_statement_parse(proof_statements[which], strlen(proof_statements[which]), &error);
	must(p->statement != NULL && p->statement->nvars <= MAX_VALUES);
	for (unsigned i = 0; i < p->statement->nvars; i++)
	{
		ledger_scalar v;

		open[i].value = values[which][i];
		ledger_scalar_int(g->curve, open[i].value, &v);
		ledger_scalar_u64(g->curve, 1000 + i, &open[i].blinding);
		ledger_pedersen(g, &v, &open[i].blinding, &p->commitment[i].point);
		p->commitment[i].suite = suite;
		p->commitment[i].scale = 0;
	}
	p->len = ledger_proof_len(p->statement);
	p->proof = (uint8_t *) malloc(p->len);
	must(p->proof != NULL);
	must(ledger_prove(p->statement, p->statement->nvars, p->commitment, open, "", 0, seed, p->proof, &at) ==
		 LEDGER_PROOF_OK);
}

/* Made once for each statement and suite. */
static const good_proof *
good_of(unsigned which)
{
	static good_proof good[2 * N_PROOF_STATEMENTS];
	good_proof *p = &good[which % (2 * N_PROOF_STATEMENTS)];

	if (p->proof == NULL)
		make_good(which % 2 == 0 ? LEDGER_SUITE_STD : LEDGER_SUITE_GM, which % (2 * N_PROOF_STATEMENTS) / 2,
				  p);
	return p;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const good_proof *good;
	const uint8_t *proof;
	size_t		len;
	ledger_proof_check check[2];
	bool		equal;

	if (size < 2 || size > FUZZ_ROOM)
		return 0;
	good = good_of(data[0]);
	if (data[1] % 2 == 0)
	{
		proof = data + 2;
		len = size - 2;
	}
	else
	{
		memcpy(fuzz_room, good->proof, good->len);
		for (size_t i = 2; i + 3 <= size; i += 3)
			fuzz_room[ledger_get_u16(data + i) % good->len] ^= data[i + 2];
		proof = fuzz_room;
		len = good->len;
	}
	equal = len == good->len && memcmp(proof, good->proof, len) == 0;
	memset(check, 0, sizeof(check));
	check[0].statement = good->statement;
	check[0].n = good->statement->nvars;
	check[0].commitments = good->commitment;
	check[1] = check[0];
	check[0].proof = proof;
	check[0].prooflen = len;
	check[1].proof = good->proof;
	check[1].prooflen = good->len;
	if (data[1] / 2 % 2 == 0)
	{
		must((ledger_proof_verify(&check[0]) == LEDGER_PROOF_OK) == equal);
		return 0;
	}
	must(ledger_proof_verify_batch(2, check));
	must((check[0].status == LEDGER_PROOF_OK) == equal && check[1].status == LEDGER_PROOF_OK);
	return 0;
}
