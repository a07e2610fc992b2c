/*
 * test/unit/test_zkp_statement.c
 *		Statements: the grammar, its errors and limits, and the claims that follow from a text.
 *
 * The claims are also compared with an evaluation that knows nothing of them, for
 * random statements and values: they hold exactly where the relations are true of
 * the integers.
 */
#include "zkp_random.h"
#include "zkp_sample.h"

/* ---- the one spelling ------------------------------------------------------------------- */

static void
spellings(void)
{
	static const char *const text[][2] = {
		{"a=b", "a = b"},
		{"A<=B", "a <= b"},
		{" a\n<>\tb\r", "a <> b"},
		{"a>=0 AND a<=b", "a >= 0 and a <= b"},
		{"-a< -1", "-a < -1"},
		{"- a - b < - 1", "-a - b < -1"},
		{"(-a)=b", "(-a) = b"},
		{"( ( a+b ) )*2=c", "((a + b)) * 2 = c"},
		{"numeric( 18 , 2 ) : a < 10.50", "numeric(18, 2): a < 10.50"},
		{"a/b=c rem d", "a / b = c rem d"},
		{"a in[0,10]", "a in [0, 10]"},
		{"a In [ -5 , 10 ]", "a in [-5, 10]"},
		{"a in 8 given b in 16,c in [ 0,9 ]", "a in 8 given b in 16, c in [0, 9]"},
		{"sum ( a .. c )=d", "sum(a..c) = d"},
		{"SUM(A..DX) = 7", "sum(a..dx) = 7"},
		{"a = 007", "a = 007"},
		{"a*b*c=d", "a * b * c = d"},
	};

	for (unsigned i = 0; i < sizeof(text) / sizeof(text[0]); i++)
	{
		ledger_statement *s = parsed(text[i][0]), *again;

		expect(strcmp(s->text, text[i][1]) == 0, "%s is spelt %s", text[i][0], s->text);
		expect(s->textlen == strlen(s->text), "%s: length of the text", text[i][0]);
		again = parsed(s->text);
		expect(strcmp(again->text, s->text) == 0, "%s is spelt anew as %s", s->text, again->text);
		ledger_statement_free(again);
		ledger_statement_free(s);
	}
	done("every way to write a statement has one spelling, which keeps its own");
}

static void
names(void)
{
	char		name[3], text[16];

	for (unsigned i = 0; i < LEDGER_STATEMENT_MAX_VARS; i++)
	{
		ledger_statement *s;

		ledger_statement_name(i, name);
		snprintf(text, sizeof(text), "%s = 1", name);
		s = parsed(text);
		expect(s->nvars == i + 1 && s->nzeros == 1 && s->zeros[0].nterms == 1 &&
				   s->terms[s->zeros[0].first].var == i,
			   "%s is commitment %u", name, i);
		ledger_statement_free(s);
	}
	done("each of 128 commitments is spoken of by its name");
}

/* ---- errors --------------------------------------------------------------------------------- */

typedef struct
{
	const char *text;
	ledger_statement_kind kind;
	size_t		position;
	const char *message;
} refusal;

#define SYNTAX LEDGER_STATEMENT_SYNTAX
#define SCALE LEDGER_STATEMENT_SCALE
#define RANGE LEDGER_STATEMENT_RANGE
#define LIMIT LEDGER_STATEMENT_LIMIT

static const char *const relation_expected = "a relation is expected here: < <= = <> >= > / or \"in\"";
static const char *const atom_expected = "a commitment, a number, \"sum\" or \"(\" is expected here";
static const char *const nothing = "relation says nothing of a commitment";
static const char *const never = "no value satisfies this";
static const char *const end_expected = "\"and\", \"given\" or the end is expected here";
static const char *const number_large = "number is too large";
static const char *const far = "bounds are 2^64 or more apart";
static const char *const scales = "values of different scales are compared or added";
static const char *const decimals = "number has more decimals than the values beside it";

static void
refuse(const refusal *r, size_t len)
{
	ledger_statement_error error;
	char	   *copy = (char *) exact_copy(r->text, len);
	ledger_statement *s = ledger_statement_parse(copy, len, &error);

	expect(s == NULL, "\"%.60s\" is no statement", r->text);
	expect(error.kind == r->kind, "\"%.60s\": kind %d, not %d", r->text, error.kind, r->kind);
	expect(error.position == r->position, "\"%.60s\": position %zu, not %zu", r->text, error.position,
		   r->position);
	expect(error.message != NULL && strcmp(error.message, r->message) == 0, "\"%.60s\": %s, not %s", r->text,
		   error.message, r->message);
	ledger_statement_free(s);
	free(copy);
}

static void
refusals(void)
{
	static const char *const prefix = "numeric(p,s) has p of 1 to 37 and s of 0 to 30, at most p";
	static const char *const width = "a width is 8 to 64 bits";
	const refusal list[] = {
		{"", SYNTAX, 0, atom_expected},
		{"   ", SYNTAX, 3, atom_expected},
		{"a", SYNTAX, 1, relation_expected},
		{"a b", SYNTAX, 2, relation_expected},
		{"a =", SYNTAX, 3, atom_expected},
		{"= a", SYNTAX, 0, atom_expected},
		{"a == b", SYNTAX, 3, atom_expected},
		{"a != b", SYNTAX, 2, "unknown symbol"},
		{"a = b c", SYNTAX, 6, end_expected},
		{"a = b;", SYNTAX, 5, "unknown symbol"},
		{"a = \"b\"", SYNTAX, 4, "unknown symbol"},
		{"a = b -- c", SYNTAX, 7, atom_expected},
		{"a = - - b", SYNTAX, 6, atom_expected},
		{"a = +b", SYNTAX, 4, atom_expected},
		{"a = 1e5", SYNTAX, 4, "number runs into a word"},
		{"a = 2b", SYNTAX, 4, "number runs into a word"},
		{"a = .5", SYNTAX, 4, "unknown symbol"},
		{"a = 5.", SYNTAX, 5, "unknown symbol"},
		{"a = 1.2.3", SYNTAX, 7, "unknown symbol"},
		{"amount = 1", SYNTAX, 0, "unknown word"},
		{"a or b", SYNTAX, 2, relation_expected},
		{"a = b or b = c", SYNTAX, 6, end_expected},
		{"a = b xor c", SYNTAX, 6, "unknown word"},
		{"a < b < c", SYNTAX, 6, end_expected},
		{"a = b and", SYNTAX, 9, atom_expected},
		{"and a = b", SYNTAX, 0, atom_expected},
		{"(a = b)", SYNTAX, 3, "\")\" is expected here"},
		{"(a + b = c", SYNTAX, 7, "\")\" is expected here"},
		{"a + b) = c", SYNTAX, 5, relation_expected},
		{"a / b = c", SYNTAX, 9, "\"rem\" and the remainder are expected here"},
		{"a / b < c", SYNTAX, 6, "\"=\" is expected here"},
		{"a + b / c = d rem e", SYNTAX, 6, "the dividend is a sum; put it in parentheses"},
		{"-a / c = d rem e", SYNTAX, 3, "the dividend is a sum; put it in parentheses"},
		{"a = b / c", SYNTAX, 6, end_expected},
		{"a = b rem c", SYNTAX, 6, end_expected},
		{"a in", SYNTAX, 4, "a width of 8 to 64 bits or \"[\" is expected here"},
		{"a in 7", SYNTAX, 5, width},
		{"a in 65", SYNTAX, 5, width},
		{"a in 8.0", SYNTAX, 5, width},
		{"a in -8", SYNTAX, 5, "a width of 8 to 64 bits or \"[\" is expected here"},
		{"a in [0 10]", SYNTAX, 8, "\",\" is expected here"},
		{"a in [0, 10", SYNTAX, 11, "\"]\" is expected here"},
		{"a in [b, 10]", SYNTAX, 6, "a number is expected here"},
		{"a in (0, 10)", SYNTAX, 5, "a width of 8 to 64 bits or \"[\" is expected here"},
		{"a = b given", SYNTAX, 11, "a commitment is expected here: a, b, c, ..."},
		{"a = b given a = 3", SYNTAX, 14, "\"in\" is expected here"},
		{"a = b given a + b in 8", SYNTAX, 14, "\"in\" is expected here"},
		{"a = b given a in 8 and b = c", SYNTAX, 19, end_expected},
		{"given a in 8", SYNTAX, 0, atom_expected},
		{"sum(a..c)", SYNTAX, 9, relation_expected},
		{"sum(c..a) = 1", SYNTAX, 0, "the sum ends before it begins"},
		{"sum(a) = 1", SYNTAX, 5, "\"..\" is expected here"},
		{"sum(a.b) = 1", SYNTAX, 5, "unknown symbol"},
		{"sum a..b = 1", SYNTAX, 4, "\"(\" is expected here"},
		{"sum(1..b) = 1", SYNTAX, 4, "a commitment is expected here: a, b, c, ..."},
		{"numeric(18,2) a = b", SYNTAX, 14, "\":\" is expected here"},
		{"numeric(18): a = b", SYNTAX, 10, "\",\" is expected here"},
		{"numeric 18: a = b", SYNTAX, 8, "\"(\" is expected here"},
		{"numeric(0,0): a = b", SYNTAX, 8, prefix},
		{"numeric(38,0): a = b", SYNTAX, 8, prefix},
		{"numeric(37,31): a = b", SYNTAX, 11, prefix},
		{"numeric(5,6): a = b", SYNTAX, 0, prefix},
		{"a = b numeric(5,2):", SYNTAX, 6, end_expected},
		{"1 = 1", SYNTAX, 2, nothing},
		{"a = a", SYNTAX, 2, nothing},
		{"a - a < 1", SYNTAX, 6, nothing},
		{"a <> a", SYNTAX, 2, nothing},
		{"0 * a >= 0", SYNTAX, 6, nothing},
		{"1 / 2 = 0 rem 1", SYNTAX, 2, nothing},
		{"1 in 8", SYNTAX, 0, nothing},
		{"a = \xc3\xa4", SYNTAX, 4, "unknown symbol"},
		{"dy = 1", LIMIT, 0, "a statement speaks of at most 128 commitments, a to z and aa to dx"},
		{"a = 1.0000000000000000000000000000001", LIMIT, 4, "a number has at most 30 decimals"},
		{"numeric(30,30): a * b * c = d", LIMIT, 22, "a product has at most 60 decimals"},
		{"a = 1.5", SCALE, 2, decimals},
		{"numeric(9,2): a = 1.005", SCALE, 16, decimals},
		{"numeric(9,2): a in [0.001, 5]", SCALE, 20, decimals},
		{"numeric(9,2): a * b = c", SCALE, 20, scales},
		{"numeric(9,2): a * b + c = 0", SCALE, 20, scales},
		{"numeric(9,2): a < b * 1.0", SCALE, 16, scales},
		{"numeric(9,2): a / b = c rem d", SCALE, 16, "scales of the division do not agree"},
		{"a in [5, 4]", RANGE, 0, never},
		{"a >= 5 and a <= 4", RANGE, 13, never},
		{"a in 8 and a >= 128", RANGE, 13, never},
		{"a >= 9223372036854775808", RANGE, 2, never},
		{"a + b < 0 given a in [0, 9], b in [0, 9]", RANGE, 6, never},
		{"a in 8 given a in [5, 4]", RANGE, 13, never},
		{"a in [0, 18446744073709551616]", RANGE, 0, far},
		{"a in [-9223372036854775809, 9223372036854775807]", RANGE, 0, far},
		{"a + b in [0, 18446744073709551616]", RANGE, 0, far},
		{"a / 0 = b rem c", RANGE, 2, "division by the constant zero"},
		{"a = 85070591730234615865843651857942052864", RANGE, 4, number_large},
		{"a = 85070591730234615865843651857942052863 + 1", RANGE, 43, number_large},
		{"a * 85070591730234615865843651857942052863 * 2 = b", RANGE, 43, number_large},
		{"numeric(30,30): a < 100000000", RANGE, 18, number_large},
		{"a * b * c * d < 1", RANGE, 14, "values of this relation are too large to compare"},
	};

	for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		refuse(&list[i], strlen(list[i].text));
	done("what is no statement is refused with its kind, its position and a message");
	refuse(&(refusal){"a = b\0", SYNTAX, 5, "unknown symbol"}, 6);
	refuse(&(refusal){"a = b and c = d", SYNTAX, 9, atom_expected}, 9);
	done("a zero byte is no end, and nothing is read beyond the length");
}

/* ---- limits ----------------------------------------------------------------------------------- */

static char long_text[3 * LEDGER_STATEMENT_MAX_LEN];

/* part, n times, joined by " and ", and a last part that may be "" */
static const char *
repeated(const char *part, unsigned n, const char *last)
{
	size_t		len = 0;

	for (unsigned i = 0; i < n; i++)
		len += (size_t) sprintf(long_text + len, "%s%s", i > 0 ? " and " : "", part);
	if (last[0] != '\0')
		sprintf(long_text + len, " and %s", last);
	return long_text;
}

static bool
accepts(const char *text)
{
	ledger_statement_error error;
	ledger_statement *s = ledger_statement_parse(text, strlen(text), &error);
	bool		ok = s != NULL;

	expect(ok == (error.kind == LEDGER_STATEMENT_OK), "a statement comes without error, an error without");
	ledger_statement_free(s);
	return ok;
}

static void
expect_limit(const char *text, size_t position, const char *message)
{
	refusal		r = {text, LIMIT, position, message};

	refuse(&r, strlen(text));
}

static const char *
nested(unsigned depth)
{
	size_t		len = 0;

	for (unsigned i = 0; i < depth; i++)
		long_text[len++] = '(';
	long_text[len++] = 'a';
	for (unsigned i = 0; i < depth; i++)
		long_text[len++] = ')';
	strcpy(long_text + len, " = 1");
	return long_text;
}

static void
limits(void)
{
	static const char *const parts = "statement has too many parts";
	static const char *const bits = "the ranges of the statement have more than 512 bits together";
	char		text[512];
	size_t		len = 0;

	memset(long_text, ' ', sizeof(long_text));
	memcpy(long_text, "a = b", 5);
	long_text[LEDGER_STATEMENT_MAX_LEN] = '\0';
	expect(accepts(long_text), "4000 bytes");
	long_text[LEDGER_STATEMENT_MAX_LEN] = ' ';
	long_text[LEDGER_STATEMENT_MAX_LEN + 1] = '\0';
	expect_limit(long_text, LEDGER_STATEMENT_MAX_LEN, "a statement has at most 4000 bytes");

	expect(accepts(nested(LEDGER_STATEMENT_MAX_DEPTH)), "32 parentheses");
	expect_limit(nested(LEDGER_STATEMENT_MAX_DEPTH + 1), LEDGER_STATEMENT_MAX_DEPTH,
				 "parentheses are nested too deep");
	expect(accepts(repeated("((a)) = 1", 40, "")), "parentheses that are closed again");

	expect(accepts(repeated("a = b", 128, "")), "128 equations");
	expect_limit(repeated("a = b", 128, "a = c"), 128 * 10 + 2, parts);
	expect(accepts(repeated("a*b=c", 128, "")), "128 products");
	expect_limit(repeated("a*b=c", 129, ""), 128 * 10 + 3, parts);
	expect(accepts(repeated("a <> b", 64, "")), "64 helpers");
	expect_limit(repeated("a <> b", 65, ""), 64 * 11 + 2, parts);
	expect(accepts(repeated("a <> b", 64, "a * b = c")), "64 helpers, and a product without one");
	expect_limit(repeated("a <> b", 64, "a * b = c * d"), 64 * 11 + 6, parts);
	done("sizes, depth, helpers and claims end where statement.h says");

	for (char name = 'a'; name <= 'h'; name++)
		len += (size_t) sprintf(text + len, "%s%c in 64", len > 0 ? " and " : "", name);
	expect(accepts(text), "512 bits");
	strcpy(text + len, " and i in 8");
	expect_limit(text, len + 5, bits);
	expect(accepts("a in [0, 255] and b in [0, 65535]"), "different widths");
	done("ranges end at 512 bits together");
}

/* ---- claims ------------------------------------------------------------------------------------- */

static char printed[4096];

static void
print(const char *format, ...)
{
	size_t		len = strlen(printed);
	va_list		args;

	va_start(args, format);
	vsnprintf(printed + len, sizeof(printed) - len, format, args);
	va_end(args);
}

static void
print_form(const ledger_statement *s, const ledger_linear *x)
{
	char		name[3];

	for (uint32_t i = 0; i < x->nterms; i++)
	{
		const ledger_term *t = &s->terms[x->first + i];

		if (t->coef != 1 && t->coef != -1)
			print("%+lld*", (long long) t->coef);
		else
			print("%s", t->coef < 0 ? "-" : "+");
		if (t->var < s->nvars)
		{
			ledger_statement_name(t->var, name);
			print("%s", name);
		}
		else
			print("%u", t->var - s->nvars);
		print("%s", t->var < s->nvars ? "" : "'");
	}
	if (x->constant != 0 || x->nterms == 0)
		print("%+lld", (long long) x->constant);
}

/* helpers; zeros; products; ranges */
static const char *
claims(const char *text)
{
	ledger_statement *s = parsed(text);

	printed[0] = '\0';
	for (unsigned i = 0; i < s->nhelpers; i++)
	{
		print("%u'=%s(", i,
			  s->helpers[i].kind == LEDGER_HELPER_PRODUCT		? "product"
				  : s->helpers[i].kind == LEDGER_HELPER_INVERSE ? "inverse"
																: "sign");
		print_form(s, &s->helpers[i].x);
		if (s->helpers[i].kind == LEDGER_HELPER_PRODUCT)
		{
			print(", ");
			print_form(s, &s->helpers[i].y);
		}
		print(") ");
	}
	for (unsigned i = 0; i < s->nzeros; i++)
	{
		print("0=");
		print_form(s, &s->zeros[i]);
		print(" ");
	}
	for (unsigned i = 0; i < s->nproducts; i++)
	{
		print("%u:(", s->products[i].group);
		print_form(s, &s->products[i].x);
		print(")(");
		print_form(s, &s->products[i].y);
		print(")=");
		print_form(s, &s->products[i].p);
		print(" ");
	}
	for (unsigned i = 0; i < s->nranges; i++)
	{
		print("0<=");
		print_form(s, &s->ranges[i].of);
		print("<2^%u ", s->ranges[i].bits);
	}
	if (printed[0] != '\0')
		printed[strlen(printed) - 1] = '\0';
	ledger_statement_free(s);
	return printed;
}

static void
claims_of(void)
{
	static const char *const list[][2] = {
		{"a = b", "0=+a-b"},
		{"a + b = 2 * c - 3", "0=+a+b-2*c+3"},
		{"sum(a..c) = d", "0=+a+b+c-d"},
		{"a in 8", "0<=+a+128<2^8"},
		{"a in [0, 255]", "0<=+a<2^8"},
		{"a in [0, 256]", "0<=+a<2^9 0<=-a+256<2^9"},
		{"a in [7, 7]", "0<=+a-7<2^8 0<=-a+7<2^8"},
		{"a in 64", "0<=+a-9223372036854775808<2^64"},
		{"a >= 0", "0<=+a<2^63"},
		{"a > 0", "0<=+a-1<2^63 0<=-a+9223372036854775807<2^63"},
		{"a >= 0 and a <= 255", "0<=+a<2^8"},
		{"10 < a and 20 > a", "0<=+a-11<2^8 0<=-a+19<2^8"},
		{"a < b given a in 64, b in 64", "0<=-a+b-1<2^64"},
		{"a <= b given a in [0, 200], b in [0, 200]", "0<=-a+b<2^8"},
		{"a < b given a in 8", "0<=+b-9223372036854775808<2^64 0<=-a+b-1<2^64"},
		{"a < b and c > d given a in 8, b in 8, c in 8, d in 8", "0<=-a+b-1<2^8 0<=+c-d-1<2^8"},
		{"a < b and b > a given a in 8, b in 8", "0<=-a+b-1<2^8"},
		{"a <= 50 given a in [0, 100]", "0<=-a+50<2^8"},
		{"a >= 0 given a in [0, 100]", ""},
		{"a <= 500 given a in [0, 100]", ""},
		{"a + b in [0, 9] given a in 8, b in 8", "0<=+a+b<2^8 0<=-a-b+9<2^8"},
		{"a <> b", "0'=inverse(+a-b) 0:(+a-b)(+0')=+1"},
		{"a <> 7", "0'=inverse(+a-7) 0:(+a-7)(+0')=+1"},
		{"a * b = c", "0:(+a)(+b)=+c"},
		{"c = a * b", "0:(+a)(+b)=+c"},
		{"a * b = c * d", "0'=product(+c, +d) 0:(+c)(+d)=+0' 1:(+a)(+b)=+0'"},
		{"a * b = c and a * d = e", "0:(+a)(+b)=+c 0:(+a)(+d)=+e"},
		{"a * b = c and b * c = a and a * d = e", "0:(+a)(+b)=+c 0:(+a)(+d)=+e 1:(+b)(+c)=+a"},
		{"2 * a = b", "0=+2*a-b"},
		{"a * b * c = d", "0'=product(+a, +b) 0:(+a)(+b)=+0' 1:(+0')(+c)=+d"},
		{"-a * b = c", "0'=product(+a, +b) 0=-c-0' 0:(+a)(+b)=+0'"},
		{"a * b < c given a in 8, b in 8, c in 16",
		 "0'=product(+a, +b) 0:(+a)(+b)=+0' 0<=+c-0'-1<2^16"},
		{"numeric(9,2): a < 1.50", "0<=+a-9223372036854775808<2^64 0<=-a+149<2^64"},
		{"a / b = c rem d",
		 "0'=sign(+a) 1'=product(+0', +d) 2'=product(+0', +b) 3'=sign(+2') 4'=product(+3', +2') "
		 "5'=product(+3', +c) 0:(+0')(+0')=+1 0:(+0')(+d)=+1' 0:(+0')(+b)=+2' 1:(+3')(+3')=+1 "
		 "1:(+3')(+2')=+4' 1:(+3')(+c)=+5' 2:(+b)(+c)=+a-d 0<=+1'<2^64 0<=-1'+4'-1<2^64 "
		 "0<=+5'<2^64"},
		{"a / 10 = c rem d given a in [0, 200]",
		 "0'=sign(+a) 1'=product(+0', +d) 2'=product(+0', +10) 3'=sign(+2') 4'=product(+3', +2') "
		 "5'=product(+3', +c) 0=+10*0'-2' 0=-a+10*c+d 0:(+0')(+0')=+1 0:(+0')(+d)=+1' "
		 "1:(+3')(+3')=+1 1:(+3')(+2')=+4' 1:(+3')(+c)=+5' 0<=+1'<2^8 0<=-1'+4'-1<2^8 0<=+5'<2^8"},
	};

	for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++)
	{
		const char *got = claims(list[i][0]);

		expect(strcmp(got, list[i][1]) == 0, "%s: %s\n#   not %s", list[i][0], got, list[i][1]);
	}
	done("each relation comes to the claims that docs/format.md lists");
}

/* ---- truth ------------------------------------------------------------------------------------------ */

typedef struct
{
	const char *text;
	ledger_int	value[4];
	ledger_proof_status status;
} instance;

#define TRUE_ LEDGER_PROOF_OK
#define FALSE_ LEDGER_PROOF_FALSE
#define ZERO_ LEDGER_PROOF_DIVISION
#define MIN64 (-((ledger_int) 1 << 63))
#define MAX64 (((ledger_int) 1 << 63) - 1)
#define TWO64 ((ledger_int) 1 << 64)

/* The whole way, under one suite. */
static void
settle_instance(const instance *t, ledger_suite suite)
{
	sample	   *p = sample_new(suite, t->text, t->value);
	ledger_proof_status status = prove(p);

	expect(status == t->status, "%s: %s", t->text, ledger_proof_status_text(status));
	if (status == LEDGER_PROOF_OK)
		expect(verify(p) == LEDGER_PROOF_OK, "%s is not verified", t->text);
	else
		expect(verify(p) == LEDGER_PROOF_FALSE, "%s: what was left is a proof", t->text);
	sample_free(p);
}

static void
instances(void)
{
	static const instance list[] = {
		{"a in 8", {127}, TRUE_},
		{"a in 8", {-128}, TRUE_},
		{"a in 8", {128}, FALSE_},
		{"a in 8", {-129}, FALSE_},
		{"a in [0, 255]", {-1}, FALSE_},
		{"a in [0, 255]", {256}, FALSE_},
		{"a in 64", {MIN64}, TRUE_},
		{"a in 64", {MAX64}, TRUE_},
		{"a in 64", {MAX64 + 1}, FALSE_},
		{"a in 64", {MIN64 - 1}, FALSE_},
		{"a in [0, 18446744073709551615]", {TWO64 - 1}, TRUE_},
		{"a in [0, 18446744073709551615]", {TWO64}, FALSE_},
		{"a in [0, 18446744073709551615]", {-1}, FALSE_},
		{"a in [-7, -3]", {-3}, TRUE_},
		{"a in [-7, -3]", {-2}, FALSE_},
		{"a in [-7, -3]", {-8}, FALSE_},
		{"a < b", {MIN64, MAX64}, TRUE_},
		{"a < b", {MAX64, MIN64}, FALSE_},
		{"a < b", {MIN64, MIN64}, FALSE_},
		{"a <= b", {MAX64, MAX64}, TRUE_},
		{"a < b", {MIN64 - 1, 0}, FALSE_},
		{"a < b", {0, MAX64 + 1}, FALSE_},
		{"a > b given a in 64, b in 64", {-1, -2}, TRUE_},
		{"a > b given a in 64, b in 64", {-2, -1}, FALSE_},
		{"a >= 0", {-1}, FALSE_},
		{"a >= 0", {0}, TRUE_},
		{"a = 0", {0}, TRUE_},
		{"a = -1", {-1}, TRUE_},
		{"a = b", {LEDGER_INT_LIMIT - 1, LEDGER_INT_LIMIT - 1}, TRUE_},
		{"a = b", {LEDGER_INT_LIMIT - 1, 1 - LEDGER_INT_LIMIT}, FALSE_},
		{"a + b = c", {MAX64, MAX64, TWO64 - 2}, TRUE_},
		{"a + b = c", {MAX64, MAX64, -2}, FALSE_},
		{"a + b <= c given a in 64, b in 64, c in 64", {MAX64, MAX64, MAX64}, FALSE_},
		{"a + b <= c given a in 64, b in 64, c in 64", {MAX64, 1, 0}, FALSE_},
		{"a + b < c given a in 64, b in 64, c in 64", {MIN64, MIN64 / 2, MAX64 / 8}, TRUE_},
		{"a + b <= c given a in 64, b in 64, c in 64", {MIN64, MIN64, MAX64}, FALSE_},	/* too far apart */
		{"a / b = c rem d and a <> a * 1 + b", {5, 0, 0, 5}, ZERO_},
		{"a <> b", {5, 5}, FALSE_},
		{"a <> b", {5, -5}, TRUE_},
		{"a <> 0", {0}, FALSE_},
		{"a * b = c", {MIN64, MIN64, MIN64 * MIN64 - 1}, FALSE_},
		{"a * b = c", {MIN64, MAX64, MIN64 * MAX64}, TRUE_},
		{"a * b = c", {-3, 5, -15}, TRUE_},
		{"a * b = c", {-3, 5, 15}, FALSE_},
		{"a * a = b", {-9, 81}, TRUE_},
		{"a / b = c rem d", {MIN64, -1, -MIN64, 0}, TRUE_},
		{"a / b = c rem d", {MIN64, 1, MIN64, 0}, TRUE_},
		{"a / b = c rem d", {MIN64, MAX64, -1, -1}, TRUE_},
		{"a / b = c rem d", {MAX64, MIN64, 0, MAX64}, TRUE_},
		{"a / b = c rem d", {7, 0, 0, 7}, ZERO_},
		{"a / b = c rem d", {0, 0, 0, 0}, ZERO_},
		{"a / b = c rem d", {0, 5, 0, 0}, TRUE_},
		{"(a - a * 2) / 3 = b rem c", {7, -2, -1}, TRUE_},
		{"numeric(9,2): a * 1.00 / b = c rem d * 1.00", {1000, 300, 333, 1}, TRUE_},
		{"numeric(9,2): a * b = c * 1.00", {250, 400, 1000}, TRUE_},
		{"numeric(9,2): a * b = c * 1.00", {250, 400, 1001}, FALSE_},
		{"numeric(9,2): a in [0.05, 1]", {100}, TRUE_},
		{"numeric(9,2): a in [0.05, 1]", {4}, FALSE_},
		{"numeric(9,2): a in [0.05, 1]", {101}, FALSE_},
	};

	for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		settle_instance(&list[i], suites[i % 2]);
	done("the least and largest values, sums beyond 2^64, signs and scales");
}

/* Whether C's own division says so. */
static bool
is_division(const ledger_int *v)
{
	return v[1] != 0 && v[0] / v[1] == v[2] && v[0] % v[1] == v[3];
}

static void
divisions(void)
{
	ledger_statement *s = parsed("a / b = c rem d");
	long		held = 0;

	for (ledger_int i = 0; i < 11 * 9 * 13 * 9; i++)
	{
		ledger_int	v[4] = {i % 11 - 5, i / 11 % 9 - 4, i / 99 % 13 - 6, i / 1287 - 4};
		const ledger_curve *curve = ledger_curve_of(suites[i % 2]);
		bool		is = is_division(v);

		/* that the divisor is zero is found before any claim */
		expect(claims_hold(s, curve, v) == is, "%d / %d = %d rem %d", (int) v[0], (int) v[1], (int) v[2],
			   (int) v[3]);
		held += is;
	}
	expect(held == 11 * 8, "each dividend and divisor has one quotient and remainder");
	ledger_statement_free(s);
	done("a quotient and a remainder are those of C for all signs, and no others");
}

/*
 * Residues that are no amounts: p / q for a, r for b, and c and d that make it true modulo the order
 * with that. The relations are of integers.
 */
static void
fractions(void)
{
	static const struct
	{
		const char *text;
		int			p, q, b, c, d;
	}			list[] = {
		{"a * 3 in [0, 9]", 1, 3, 0, 0, 0},
		{"3 * a < 5", 1, 3, 0, 0, 0},
		{"a * b < 5 given b in 8", 1, 2, 2, 0, 0},
		{"a * b in 8", 1, 2, 2, 0, 0},
		{"a * b * 2 > 0 given b in 8", 1, 2, 1, 0, 0},
		{"2 * a <= b", 1, 2, 1, 0, 0},
		{"sum(a..a) + a in 8", 1, 2, 0, 0, 0},
		{"100 * a / b = c rem d given b in 8", 7, 100, 2, 3, 1},
		{"b / (100 * a) = c rem d", 2, 100, 7, 3, 1},
		{"b / c = 100 * a rem d", 3, 100, 7, 2, 1},
		{"b / c = d rem 100 * a", 1, 100, 7, 2, 3},
		{"(a + a) / b = c rem d", 7, 2, 2, 3, 1},
		{"(a * c) / b = c rem d", 7, 3, 2, 3, 1},
	};

	for (unsigned i = 0; i < 2 * sizeof(list) / sizeof(list[0]); i++)
	{
		const ledger_curve *curve = ledger_curve_of(suites[i % 2]);
		ledger_statement *s = parsed(list[i / 2].text);
		ledger_scalar value[LEDGER_MAX_VALUES], q;

		ledger_scalar_int(curve, list[i / 2].p, &value[0]);
		ledger_scalar_int(curve, list[i / 2].q, &q);
		ledger_scalar_invert(curve, &q, &q);
		ledger_scalar_mul(curve, &value[0], &q, &value[0]);
		ledger_scalar_int(curve, list[i / 2].b, &value[1]);
		ledger_scalar_int(curve, list[i / 2].c, &value[2]);
		ledger_scalar_int(curve, list[i / 2].d, &value[3]);
		helper_values(s, curve, value);
		expect(!claims_hold_modulo(s, curve, value), "%s with %d / %d", list[i / 2].text, list[i / 2].p,
			   list[i / 2].q);
		ledger_statement_free(s);
	}
	done("fractions modulo the order are no integers");
}

static void
random_statements(void)
{
	long		n = cases(3000), truths = 0, spread = n > 3000 ? 10 : 120;

	for (long i = 0; i < n; i++)
	{
		random_statement r;
		ledger_statement_error error;
		ledger_statement *s;
		bool		truth, held;

		random_statement_draw(&draw, &r);
		s = ledger_statement_parse(r.text, strlen(r.text), &error);
		truth = r.truth;
		if (s == NULL)
		{
			/* only what is too large, and what cannot be true of the values either */
			expect(error.kind == LEDGER_STATEMENT_LIMIT || error.kind == LEDGER_STATEMENT_RANGE ||
					   strcmp(error.message, nothing) == 0,
				   "%s: %s at %zu", r.text, error.message, error.position);
			expect(strcmp(error.message, never) != 0 || !truth, "%s: has values after all", r.text);
			continue;
		}
		held = claims_hold(s, ledger_curve_of(suites[i % 2]), r.value);
		expect(held == truth, "%s is %s, its claims %s", r.text, truth ? "true" : "false",
			   held ? "hold" : "do not");
		truths += truth;
		if (i % spread == 0)
		{
			instance	t = {r.text, {0}, truth ? LEDGER_PROOF_OK : LEDGER_PROOF_FALSE};

			memcpy(t.value, r.value, sizeof(t.value));
			for (unsigned d = 0; d < s->ndivisors; d++)
				if (r.divided_by_zero)
					t.status = LEDGER_PROOF_DIVISION;
			settle_instance(&t, suites[i / spread % 2]);
		}
		ledger_statement_free(s);
	}
	expect(truths > n / 20 && truths < n * 19 / 20, "%ld of %ld are true", truths, n);
	done("a random statement's claims hold, and it is proven, exactly where it is true of the integers");
}

/* What is proven of a spelling is proven of the statement: one text, one set of claims. */
static void
random_spellings(void)
{
	for (long i = 0; i < cases(500); i++)
	{
		random_statement r;
		ledger_statement_error error;
		ledger_statement *s, *again;
		char		before[sizeof(printed)];

		random_statement_draw(&draw, &r);
		s = ledger_statement_parse(r.text, strlen(r.text), &error);
		if (s == NULL)
			continue;
		snprintf(before, sizeof(before), "%s", claims(r.text));
		again = parsed(s->text);
		expect(strcmp(s->text, again->text) == 0, "%s becomes %s", s->text, again->text);
		expect(strcmp(before, claims(s->text)) == 0, "%s: other claims than %s", r.text, s->text);
		ledger_statement_free(again);
		ledger_statement_free(s);
	}
	done("the spelling of a random statement has the claims of the statement");
}

int
main(void)
{
	begin_draw();
	spellings();
	names();
	refusals();
	limits();
	claims_of();
	divisions();
	fractions();
	instances();
	random_statements();
	random_spellings();
	return finish();
}
