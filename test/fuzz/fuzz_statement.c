/* A statement's one spelling is a statement too, with the same claims; the claims keep their promises. */
#include "fuzz.h"
#include "zkp/proof.h"

static void
check_form(const ledger_statement *s, const ledger_linear *x)
{
	must(x->constant < LEDGER_INT_LIMIT && x->constant > -LEDGER_INT_LIMIT);
	for (uint32_t i = 0; i < x->nterms; i++)
	{
		const ledger_term *t = &s->terms[x->first + i];

		must(t->coef != 0 && t->coef < LEDGER_INT_LIMIT && t->coef > -LEDGER_INT_LIMIT);
		must(t->var < s->nvars + s->nhelpers && (i == 0 || t[-1].var < t->var));
	}
}

static void
same_form(const ledger_statement *s, const ledger_linear *x, const ledger_statement *r,
		  const ledger_linear *y)
{
	check_form(s, x);
	must(x->constant == y->constant && x->nterms == y->nterms);
	for (uint32_t i = 0; i < x->nterms; i++)
		must(s->terms[x->first + i].var == r->terms[y->first + i].var &&
			 s->terms[x->first + i].coef == r->terms[y->first + i].coef);
}

static void
same_statement(const ledger_statement *s, const ledger_statement *r)
{
	must(s->textlen == r->textlen && strcmp(s->text, r->text) == 0);
	must(s->precision == r->precision && s->scale == r->scale && s->nvars == r->nvars);
	must(s->nhelpers == r->nhelpers && s->nzeros == r->nzeros && s->nproducts == r->nproducts);
	must(s->ngroups == r->ngroups && s->nranges == r->nranges && s->bits == r->bits);
	must(s->ndivisors == r->ndivisors);
	for (unsigned i = 0; i < s->nhelpers; i++)
	{
		must(s->helpers[i].kind == r->helpers[i].kind);
		same_form(s, &s->helpers[i].x, r, &r->helpers[i].x);
		same_form(s, &s->helpers[i].y, r, &r->helpers[i].y);
	}
	for (unsigned i = 0; i < s->nzeros; i++)
		same_form(s, &s->zeros[i], r, &r->zeros[i]);
	for (unsigned i = 0; i < s->nproducts; i++)
	{
		must(s->products[i].group == r->products[i].group);
		same_form(s, &s->products[i].x, r, &r->products[i].x);
		same_form(s, &s->products[i].y, r, &r->products[i].y);
		same_form(s, &s->products[i].p, r, &r->products[i].p);
	}
	for (unsigned i = 0; i < s->nranges; i++)
	{
		must(s->ranges[i].bits == r->ranges[i].bits);
		same_form(s, &s->ranges[i].of, r, &r->ranges[i].of);
	}
	for (unsigned i = 0; i < s->ndivisors; i++)
		same_form(s, &s->divisors[i], r, &r->divisors[i]);
}

static void
check_statement(const ledger_statement *s)
{
	unsigned	bits = 0, groups = 0;

	must(s->textlen > 0 && s->textlen <= LEDGER_STATEMENT_MAX_LEN && s->nvars > 0);
	must(s->nvars <= LEDGER_STATEMENT_MAX_VARS && s->nhelpers <= LEDGER_STATEMENT_MAX_HELPERS);
	for (unsigned i = 0; i < s->nzeros; i++)
		must(s->zeros[i].nterms > 0);
	/* groups are numbered in order and stand together */
	for (unsigned i = 0; i < s->nproducts; i++)
	{
		must(s->products[i].x.nterms > 0 && s->products[i].y.nterms > 0);
		must(s->products[i].group == groups || (i > 0 && s->products[i].group == groups - 1));
		if (s->products[i].group == groups)
			groups++;
		else
			same_form(s, &s->products[i].x, s, &s->products[i - 1].x);
	}
	must(groups == s->ngroups);
	for (unsigned i = 0; i < s->nranges; i++)
	{
		must(s->ranges[i].of.nterms > 0);
		must(s->ranges[i].bits >= LEDGER_RANGE_MIN_BITS && s->ranges[i].bits <= LEDGER_RANGE_MAX_BITS);
		bits += s->ranges[i].bits;
	}
	must(bits == s->bits && bits <= LEDGER_STATEMENT_MAX_BITS);
	must(ledger_proof_len(s) >= LEDGER_PROOF_HEAD_LEN);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ledger_statement_error error;
	ledger_statement *s = ledger_statement_parse((const char *) data, size, &error);
	ledger_statement *again;

	must((s != NULL) == (error.kind == LEDGER_STATEMENT_OK));
	if (s == NULL)
	{
		must(error.message != NULL && error.position <= size);
		return 0;
	}
	check_statement(s);
	again = ledger_statement_parse(s->text, s->textlen, &error);
	must(again != NULL);
	same_statement(s, again);
	ledger_statement_free(again);
	ledger_statement_free(s);
	return 0;
}
