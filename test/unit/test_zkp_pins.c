/*
 * test/unit/test_zkp_pins.c
 *		Proofs are the same bytes as before, for fixed blindings and a fixed seed.
 *
 * What a transcript takes in is partly redundant, so that only the bytes show when
 * some of it is lost. A change here is a change of the format.
 */
#include "zkp_sample.h"

static const struct
{
	const char *text;
	ledger_int	value[4];
	const char *digest[2];		/* SHA-256 or SM3 of the proof, by its suite */
}			pins[] = {
	{"a = b", {7, 7}, {"7dec23a9476f5b4fee24aa6cf2f0a6c41db69ee80505009f7c43b0c212ea546b",
	  "b818f6b5b046af0c8ecb74b6aaf737363eee2c955e2fddaa745d0148671687a7"}},
	{"a * b = c and a <> 0", {3, -4, -12}, {"ea18b6a8779dfe7997e2c3e9f66b2dbdd1594ab3aeffd607f197b983304ba96b",
	  "d6e1b0bc26042e22de62d2cc719c0c65c4e17609de9784b02115bc03f24e15bf"}},
	{"a in [0, 1000]", {1000}, {"d7a24757dc96c6e24257ff21a466ed62ed826871ce23e703b84f0f7a64f64580",
	  "0aa7dea745c1ae979908c03687e82dd0c0efed74859c0301f9c2105b7bf7a10b"}},
	{"a / b = c rem d given a in 8, b in 8", {7, 2, 3, 1}, {"ea3573004be4945213525f68ab6284ae5b94493cdf76444518b053c4ddf8be2b",
	  "f55ceffae6bc25522a04b03b80fc3319d5b28bddc589083ce3f169ef0781c3e5"}},
};

int
main(void)
{
	for (unsigned k = 0; k < sizeof(pins) / sizeof(pins[0]); k++)
		for (unsigned i = 0; i < 2; i++)
		{
			sample	   *p;
			ledger_hasher *hasher = ledger_hasher_new(suites[i]);
			uint8_t		digest[LEDGER_HASH_LEN], want[LEDGER_HASH_LEN] = {0};

			draw = 1;
			p = sample_proven(suites[i], pins[k].text, pins[k].value);
			if (!ledger_hash(hasher, p->proof, p->len, digest))
				abort();
			unhex(pins[k].digest[i], want);
			if (!expect(memcmp(digest, want, sizeof(digest)) == 0, "%s", pins[k].text))
			{
				printf("# ");
				for (unsigned j = 0; j < sizeof(digest); j++)
					printf("%02x", digest[j]);
				printf("\n");
			}
			ledger_hasher_free(hasher);
			sample_free(p);
		}
	done("proofs are the bytes that they were");
	return finish();
}
