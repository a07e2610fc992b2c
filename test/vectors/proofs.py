"""Statements, commitments and proofs (docs/format.md section 10), and wrong ones."""

import itertools

from pyverify import group as gr, statement as st
from pyverify.codec import u32
from pyverify.maker import pseudo
from pyverify.proof import Proof
from pyverify.prover import Prover, commit
from pyverify.suite import GM, STD
from pyverify.vec import group

BIG = 1 << 126

# text of statements, in order of what they show
STATEMENTS = (
    # spelling
    "a=b", "A  <\tB", " a<=b AND c<>d\r\n", "numeric ( 18 , 2 ) :a>=0", "sum ( a .. d )=E", "-a in[-5,5]",
    "- ( a - b ) * 2 in [ - 5 , 007 ]", "a in 8", "a in 64 and b in 9 given c in 32,d in[0,10]",
    "dx = 1", "aa = z", "a/b=c rem d", "(a+b)/c=d rem e", "((((a))))=0",
    # forms and products
    "a = 5", "a + 5 = b - 7", "a + a = 2 * b - a", "a + b - b = c", "sum(a..dx) = 0", "sum(c..c) = a",
    "a * b = c", "c = a * b", "a * b = c * d", "a * b + 0 = c", "-a * b = c", "a * b * c = d", "(a * b) * (c * d) = e",
    "a * b * (c * d * e) = f", "a * 2 * b = c", "(a - a) * b = c", "a * (b - b + 3) = c", "2 * 3 * a = b",
    "a * b = c and a * c = d and b * b = e and a * a = f", "a * b = c and (0 + a) * b = d", "(a + 1) * b = c and a * b = d",
    "a <> b", "a <> 0", "a * b <> c", "a <> b and a <> c",
    "85070591730234615865843651857942052863 = a",
    # scales
    "numeric(18,2): a + b = c", "numeric(18,2): a = 1.5", "numeric(18,2): a in [-0.5, 10.25]", "numeric(18,2): a * b = c * 1.00",
    "numeric(18,2): a * 1.50 = b * 1.00", "numeric(37,30): a < 0.000000000000000000000000000001",
    "numeric(5,1): a * (1 + 0.25) = b * 0.01 + c * 1.00", "a = 1.0", "numeric(6,3): a / 3 = b rem c",
    "numeric(6,3): a * 1.000 / b = c rem d * 1.000", "numeric(6,2): a / 1.5 = 2 rem b", "10 / a = b rem 1",
    # comparisons and bounds
    "a < b", "a > b", "a <= b", "a >= b", "a >= 0", "a <= 5", "a > -1 and a < 256", "a >= -100000000000000000000",
    "a <= 100000000000000000000", "a >= 0 and a <= 18446744073709551615", "5 - a >= 0", "a + 5 in [0, 10]", "5 - a in [0, 10]",
    "a in [0, 255]", "a in [0, 256]", "a in [7, 7]", "a in [-1, 18446744073709551614]",
    "2 * a in 8", "a + b in 16", "a + b >= c given a in 8, b in 8, c in 8", "a < b given a in 64, b in 64",
    "a < b and b < c", "a < b and a < b", "a < b and a in 64", "a in 8 and a in 16 and a >= -3",
    "a >= 0 given a in [0, 100]", "a >= 5 given a in [0, 100]", "a >= -5 given a in [0, 100]", "a <= 7 given a in [0, 100]",
    "a in [3, 300] given a in [0, 100], a in [-7, 90]", "a in 8 given b in 8", "a < b given a in 8", "a = b given a in 8",
    "a * b < c", "a * b * c >= 0", "a * b <= c given a in 32, b in 32, c in 64", "a * (b - c) >= 0 given a in [-3, 9], b in 8, c in [-1, 0]",
    "1000000000000000000000000000000 * a - b >= 0", "sum(a..d) <= e given a in 32, b in 32, c in 32, d in 32, e in 40",
    "a * 80000000000000000000000000000000000000 + b * 80000000000000000000000000000000000000 >= 0",
    "a - 80000000000000000000000000000000000000 * b >= -80000000000000000000000000000000000000 given a in [0, 1], b in [0, 2]",
    # divisions
    "a / b = c rem d given a in 32, b in 16", "a / (b + c) = d rem e", "a / 3 = b rem c", "a / b = 0 rem c", "a / b = c rem 0",
    "(-7) / a = b rem c", "(a * b) / c = d rem e", "a / b = c rem d and b / a = c rem d given a in 8, b in 8",
    "a * b / (c * d) = (e * f) rem (g * h) given a in 8, b in 8, c in 8, d in 8, e in 8, f in 8, g in 8, h in 8",
    "a * b / (c * d) = e rem f given a in 8, c in 9", "(a + 5) / (7 - b) = c rem d", "a / b = 2 * c rem d + e", "(-a) / (-b) = -c rem -d given a in [-9, 9], b in [1, 100]",
    # several
    "a >= 0 and a <= b and a + c = d", "numeric(18,2): sum(a..c) = d and d <= e given a in 48, b in 48, c in 48, e in 48",
    "a in 8 and b in 16 and c in 32 and a * b <> c and a / b = d rem e",
)


def _bad_statements():
    yield from (("syntax", t) for t in (
        "", " ", "a", "a = ", "= a", "a b", "a == b", "a = b and", "a = b or c = d", "abc = a", "a = b given", "a = b given a",
        "a = b given a < 5", "a = b given 2 in 8", "a in", "a in 7", "a in 65", "a in 8.0", "a in [1 2]", "a in [1, 2", "a in [b, 2]",
        "a in [1 + 1, 2]", "a < b < c", "a + b / c = d rem e", "-a / b = c rem d", "a / b = c", "a / b", "a * -b = c", "a - -b = c",
        "(a = b)", "(a", "a)", "a = 1.", "a = .5", "a = 1e5", "a = 5a", "a = 1x0", "a = 1.5.5", "a = $1", "a = b;", "a = \x00",
        "a = b\x00", "é = a", "a \x0b= b", "sum(a) = b", "sum(b..a) = c", "sum(a,b) = c", "sum a..b = c", "rem = a", "numeric = a",
        "numeric(0,0): a = b", "numeric(38,0): a = b", "numeric(3,4): a = b", "numeric(31,31): a = b", "numeric(18): a = b",
        "numeric(18,2) a = b", "numeric(1.0,0): a = b", "numeric(18,2): ", "a = a", "1 = 1", "1 < 2", "1 in 8", "a - a >= 0",
        "a <> a", "1 <> 2", "(a - a) * b = 0", "1 / 2 = 3 rem 4", "a / 3 = 2 rem a", "a / b = 0 rem a", "a ! b", "a <= <= b", "a .. b"))
    yield from (("scale", t) for t in (
        "a = 0.5", "numeric(18,2): a = 0.125", "numeric(18,2): a * b = c", "numeric(18,2): a < b * 1.0", "numeric(18,2): a + a * b = c",
        "a in [0, 0.5]", "numeric(18,2): a / b = c rem d", "numeric(6,2): a * 1.00 / b = c rem d", "a / 0.5 = b rem c",
        "a / b = 0.5 rem c"))
    yield from (("range", t) for t in (
        f"a = {BIG}", f"a + {BIG - 1} = b - 1", f"a * {BIG - 1} * 2 = b", f"a * {10**37} = 1 and a * {10**37} * 10 = b",
        "numeric(37,30): a = 1000000000.0", "a in [5, 4]", "a in [0, 18446744073709551616]", "a >= 9223372036854775808",
        "a < -9223372036854775808", "a > 5 and a < 6", "a in 8 and a >= 128", "a < b given a in [5, 4]", "a = b given a in [5, 4]",
        "a < b given a in [0, 5], a in [6, 9], b in 8", "a >= 101 given a in [0, 100]", "a >= 5 given a in [0, 18446744073709551621]",
        "a < b given a in [9, 10], b in [0, 8]", "a * b * c * d >= 0", "a / 0 = b rem c", "a / (2 - 2) = b rem c",
        "a * b in [5, 4]", "a + b in [0, 18446744073709551616]", "(a * b * c * d) / e = f rem g"))
    yield from (("limit", t) for t in (
        "dy = 0", "zz = 0", "sum(a..dy) = 0", "a = 0.0000000000000000000000000000001", "(" * 33 + "a" + ")" * 33 + " = 0",
        "numeric(37,30): a * b * 1.0 = c", "a * b / (c * d) = (e * f) rem (g * h)", "a < b and c < d and e < f", "a = b" + " " * 3996,
        "+".join(["a"] * 1334) + "=b", " and ".join(["a = b"] * 129), " and ".join(["a <> b"] * 65),
        " and ".join(["a + b in 8"] * 129), " and ".join(["a * b = c"] * 129)))
    # an equation of two products that finds no helper left is no claim about something else
    yield "limit", " and ".join(["a <> b"] * 64 + ["a * b = c * d"])


class Writer:
    """Statements put together by fixed bytes that look random."""

    def __init__(self, label):
        self.octets = iter(pseudo(label, 1 << 12))

    def pick(self, *choices):
        return choices[next(self.octets) % len(choices)]

    def several(self, make, between, most):
        text = make()
        for _ in range(next(self.octets) % most):
            text += self.pick(*between) + make()
        return text

    def number(self):
        return self.pick("0", "1", "2", "3", "7", "100", "255", "1.5", "0.25", "10.00", "65536", "4294967295",
                         "9223372036854775807", "1000000000000000000000")

    def factor(self, depth):
        what = next(self.octets) % 8
        if what == 0:
            return self.number()
        if what == 1:
            return f"sum({self.pick('a', 'b')}..{self.pick('b', 'c', 'd')})"
        if what == 2 and depth:
            return f"({self.sum(depth - 1)})"
        return self.pick(*"aabbccddef")

    def term(self, depth=1):
        return self.several(lambda: self.factor(depth), "*", 3)

    def sum(self, depth=1):
        return self.pick("", "", "", "-") + self.several(lambda: self.term(depth), "+-", 3)

    def range(self):
        low, high = sorted((self.number(), self.number()), key=float)
        return self.pick("8", "9", "16", "31", "32", "64", f"[-{high}, {low}]", f"[{low}, {high}]")

    def relation(self):
        what = next(self.octets) % 8
        if what == 0:
            return f"{self.term()} / {self.term()} = {self.sum(0)} rem {self.sum(0)}"
        if what < 3:
            return f"{self.sum()} in {self.range()}"
        return self.sum() + self.pick("<", "<=", "=", "<>", ">=", ">") + self.sum()

    def statement(self):
        text = self.pick("", "", "", "", "numeric(12,2): ", "numeric(6,1): ") + self.several(self.relation, [" and "], 3)
        if next(self.octets) % 4:
            text += " given " + ", ".join(f"{name} in {self.range()}" for name in "abcdef"[:1 + next(self.octets) % 6])
        return text


def _written_statements(n):
    for i in itertools.count():
        text = Writer(f"statement {i}").statement()
        try:
            yield text, st.parse(text)
            n -= 1
        except st.StatementError:
            pass
        if not n:
            return


def claims(s):
    """The claims as one text."""
    parts = [f"h {h.kind} {h.x}" + (f" ; {h.y}" if h.kind == st.PRODUCT else "") for h in s.helpers]
    parts += [f"z {x}" for x in s.zeros]
    parts += [f"p {c.group} {c.x} ; {c.y} ; {c.p}" for c in s.products]
    parts += [f"r {r.bits} {r.of}" for r in s.ranges]
    return " | ".join(parts + [f"d {x}" for x in s.divisors])


def statements():
    for text, s in itertools.chain(((text, st.parse(text)) for text in STATEMENTS), _written_statements(150)):
        yield group("statement", text=text.encode(), spelling=s.text, precision=s.precision, scale=s.scale, nvars=s.nvars,
                    claims=claims(s))
    for kind, text in _bad_statements():
        try:
            st.parse(text.encode())
            raise AssertionError(f"{text!r} is a statement")
        except st.StatementError as e:
            assert e.kind == kind, (text, e)
        yield group("statement-bad", error=kind, text=text.encode())


# Generators, commitments, transcripts

def _blinding(suite, label):
    return int.from_bytes(pseudo(f"blinding {label}", 64), "big") % suite.curve.n


def _commitments(suite):
    n = suite.curve.n
    for name, scale, value, blinding in (
            ("zero", 0, 0, 1), ("one", 0, 1, 0), ("blinded", 0, 1, _blinding(suite, 0)), ("minus_one", 2, -1, _blinding(suite, 1)),
            ("int64_least", 2, -1 << 63, _blinding(suite, 2)), ("int64_most", 30, (1 << 63) - 1, _blinding(suite, 3)),
            ("least", 0, 1 - BIG, n - 1), ("most", 0, BIG - 1, n - 2), ("identity", 7, 0, 0)):
        yield name, value, blinding, commit(suite, scale, value, blinding)


def _bad_commitments(suite):
    c = suite.curve
    good = commit(suite, 2, 5, 6).encode()
    beyond = next(x for x in itertools.count(c.p) if _is_x(suite, x - c.p))
    off = next(x for x in itertools.count(1) if not _is_x(suite, x))
    yield "suite_zero", b"\0" + good[1:]
    yield "suite_three", b"\3" + good[1:]
    yield "scale", good[:1] + b"\x1f" + good[2:]
    yield "letter_zero", good[:2] + b"\0" + good[3:]
    yield "letter_one", good[:2] + b"\1" + good[3:]
    yield "letter_uncompressed", good[:2] + b"\4" + good[3:]
    yield "x_beyond_p", good[:2] + b"\2" + beyond.to_bytes(32, "big")
    yield "x_off_curve", good[:2] + b"\2" + off.to_bytes(32, "big")
    yield "zero_x", good[:2] + b"\5" + bytes(32)
    yield "cut", good[:-1]
    yield "trailing", good + b"\0"
    yield "empty", b""


def _is_x(suite, x):
    c = suite.curve
    return pow((x * x * x - 3 * x + c.b) % c.p, (c.p - 1) // 2, c.p) <= 1


def _transcript(suite):
    t = gr.Transcript(suite)
    steps = []
    for label, data in (("a", b""), ("", b"x"), ("point", gr.encode(gr.base_b(suite))), (None, "e"), (None, "f"),
                        ("n", u32(7)), ("l" * 255, bytes(300)), (None, "")):
        if label is None:
            steps.append(f"challenge {data or '-'} {t.challenge(data):064x}")
        else:
            t.item(label, data)
            steps.append(f"item {label or '-'} {data.hex() or '-'}")
    return {f"step{i}": step for i, step in enumerate(steps)} | {"state": t.state}


# Proofs

# name, statement, values; the seeded prover of every implementation makes these very bytes
PROOFS = (
    ("nothing", "a >= 0 given a in [0, 100]", (50,)),
    ("zero", "a = b", (-5, -5)),
    ("zeros", "a + b = c and a - 2 * b = d + 1 and sum(a..c) = e", (7, -9, -2, 24, -4)),
    ("scaled", "numeric(18,2): a * 1.50 = b * 1.00", (200, 300)),
    ("product", "a * b = c", (-3, 4, -12)),
    ("product_of_zero", "a * b = c", (0, 1 << 100, 0)),
    ("products", "a * b = c and a * c = d and b * b = e and a * b * c = f", (3, 4, 12, 36, 16, 144)),
    ("product_and_zero", "a * b = c * d and a + b = c + d", (3, 5, 5, 3)),
    ("different", "a <> b", (3, 4)),
    ("different_from_zero", "a * b <> c and a <> 0", (-3, 4, 5)),
    ("width", "a in 8", (-128,)),
    ("interval", "a in [-5, 250]", (250,)),
    ("interval_of_300", "a in [0, 299]", (299,)),
    ("two_widths", "a in 8 and b in 9", (127, -256)),
    ("less", "a < b given a in 16, b in 16", (-32768, -32767)),
    ("greater_or_equal", "a >= b given a in 8, b in 8", (5, 5)),
    ("difference_of_sums", "a + b > 3 * c - 7 given a in 8, b in 8, c in [0, 5]", (-1, -1, 1)),
    ("compared_product", "a * b <= c given a in 8, b in 8, c in 16", (-8, 7, -56)),
    ("quotient", "a / b = c rem d given a in 8, b in 8", (-7, 2, -3, -1)),
    ("quotient_by_negative", "a / b = c rem d given a in 8, b in [-50, -1]", (100, -7, -14, 2)),
    ("quotient_of_zero", "a / b = c rem d given a in 8, b in 8", (0, -128, 0, 0)),
    ("quotient_by_constant", "numeric(6,1): a / 3 = b rem c given a in 16", (-1000, -333, -1)),
    ("quotient_of_sums", "numeric(6,2): a * 1.00 / (b + c) = d rem e * 1.00 given a in 10, b in 8, c in 8, e in 8", (503, 4, -14, -5030, 0)),
    ("everything", "numeric(9,2): a in [0.00, 2.55] and a + b = c and a * b = d * 1.00 and b <> c and c / 4 = e rem f given c in 12",
     (200, 150, 350, 300, 87, 2)),
    ("comparison", "a < b", (-(1 << 63), (1 << 63) - 1)),
)
FOREIGN = ("zeros", "products", "different", "two_widths", "quotient")


def _integer(suite, value):
    """A pair stands for a fraction modulo the order."""
    return value[0] * pow(value[1], -1, suite.curve.n) % suite.curve.n if isinstance(value, tuple) else value


class Case:
    def __init__(self, suite, name, text, values):
        self.suite, self.name, self.text, self.values = suite, name, text, values
        self.s = st.parse(text)
        self.openings = [(_integer(suite, v), _blinding(suite, f"{name} {i}")) for i, v in enumerate(values)]
        self.commitments = [commit(suite, self.s.scale, v, r) for v, r in self.openings]
        self.context = b"" if name == "zero" else f"context of {name}".encode()
        self.seed = pseudo(f"seed {name}")

    def prover(self, **changed):
        arguments = dict(s=self.s, commitments=self.commitments, openings=self.openings, context=self.context, seed=self.seed)
        return Prover(**(arguments | changed))

    def prove(self, **changed):
        return self.prover(**changed).prove()

    def fields(self, proof, **changed):
        fields = dict(suite=self.suite.name, name=self.name, statement=self.s.text, context=self.context,
                      commitments=[c.encode() for c in self.commitments], proof=proof)
        return fields | changed


def _cases(suite):
    return {name: Case(suite, name, text, values) for name, text, values in PROOFS}


def _draw(suite, label):
    """Nonces of another prover's own."""
    return (_blinding(suite, f"nonce {label} {i}") for i in itertools.count()).__next__


def _parts(case, proof):
    """(name, offset, length) of every point and scalar."""
    p = Proof(case.s, proof)
    at = 3
    names = [("helper", p.helpers), ("first", p.first), ("answer", p.answers)]
    if case.s.ranges:
        names += [("bits", p.bits), ("polynomial", p.polynomial), ("value", p.values)]
        names += [(f"half{i}_", half) for i, half in enumerate(p.halves)] + [("a", p.a), ("b", p.b)]
    for name, parts in names:
        for i, part in enumerate(parts):
            yield f"{name}{i}", at, len(part)
            at += len(part)


def _mutations(case, proof):
    c = case.suite.curve

    def put(at, octets):
        return proof[:at] + octets + proof[at + len(octets):]
    yield "letter", put(0, b"Q")
    yield "version", put(1, b"\2")
    yield "other_suite", put(2, bytes([3 - case.suite.number]))
    yield "suite_zero", put(2, b"\0")
    yield "cut", proof[:-1]
    yield "trailing", proof + b"\0"
    yield "empty", b""
    if len(proof) > 3:
        yield "head_alone", proof[:3]
    parts = list(_parts(case, proof))
    for name, at, size in parts:
        if size == 33:
            yield f"{name}_negated", put(at, bytes([proof[at] ^ 1]))
            yield f"{name}_is_B", put(at, gr.encode(gr.base_b(case.suite)))
            yield f"{name}_identity", put(at, bytes(33))
        else:
            k = int.from_bytes(proof[at:at + 32], "big")
            yield f"{name}_plus_one", put(at, gr.scalar_encode((k + 1) % c.n))
            yield f"{name}_negated", put(at, gr.scalar_encode(-k % c.n))
    scalars = [(name, at) for name, at, size in parts if size == 32]
    for name, at in scalars[:1] + scalars[-1:]:
        yield f"{name}_is_n", put(at, gr.scalar_encode(c.n))
        yield f"{name}_is_largest", put(at, b"\xff" * 32)
        yield f"{name}_zero", put(at, bytes(32))
    for (name, at, size), (_, after, other) in zip(parts, parts[1:]):
        if size == other:
            yield f"{name}_exchanged_with_next", put(at, proof[after:after + size] + proof[at:at + size])


def _replays(cases, proofs):
    """A good proof for something else: (case, what is changed)."""
    def other(name, **changed):
        return name, changed
    def text(name, what):
        return other(name, statement=st.parse(what).text)
    zero, product, width, less = (cases[name] for name in ("zero", "product", "width", "less"))
    yield "other_context", other("product", context=b"context of produce")
    yield "no_context", other("width", context=b"")
    yield "some_context", other("zero", context=b"\0")
    yield "other_statement", text("product", "b * a = c")
    yield "other_spelling_of_a_number", text("interval", "a in [-5, 0250]")
    yield "other_interval", text("interval", "a in [-4, 251]")
    yield "other_width_of_given", text("less", "a < b given a in 16, b in 15")
    yield "given_left_out", text("product", "a * b = c given a in 8")
    yield "less_or_equal", text("less", "a <= b given a in 16, b in 16")
    yield "greater", text("less", "a > b given a in 16, b in 16")
    yield "equal_not_different", text("different", "a = b")
    yield "factors_exchanged", other("product", commitments=[product.commitments[i].encode() for i in (1, 0, 2)])
    yield "sides_exchanged", other("less", commitments=[c.encode() for c in reversed(less.commitments)])
    yield "commitment_of_another_row", other("width", commitments=less.commitments[0].encode())
    yield "commitment_negated", other("zero", commitments=[
        zero.commitments[0].encode()[:2] + gr.encode(gr.negative(c.suite.curve, c.point)) for c in zero.commitments])
    yield "commitment_rescaled", other("zero", commitments=[c.encode()[:1] + b"\1" + c.encode()[2:] for c in zero.commitments])
    yield "scale_of_both_changed", other("zero", statement="numeric(1, 1): a = b",
                                         commitments=[c.encode()[:1] + b"\1" + c.encode()[2:] for c in zero.commitments])
    yield "commitment_missing", other("zero", commitments=zero.commitments[0].encode())
    yield "commitment_added", other("zero", commitments=[zero.commitments[i].encode() for i in (0, 1, 1)])
    yield "commitment_identity", other("width", commitments=width.commitments[0].encode()[:2] + bytes(33))
    yield "both_identity", other("zero", commitments=(zero.commitments[0].encode()[:2] + bytes(33)) * 2)
    yield "proof_of_other_values", other("zero", proof=proofs["different"])
    foreign = commit(GM if zero.suite is STD else STD, 0, -5, 1).encode()
    yield "other_suite", other("zero", commitments=foreign * 2)
    yield "mixed_suites", other("zero", commitments=[zero.commitments[0].encode(), foreign])


# Made by a prover that knows its openings and follows every step, for values that do not satisfy the statement.
FALSE = (
    ("zero", "a = b", (5, 6)), ("sum", "a + b = c", (1, 1, 3)), ("product", "a * b = c", (3, 4, 13)),
    ("product_in_group", "a * b = c and a * b = d", (3, 4, 12, 13)),
    ("above_width", "a in 8", (128,)), ("below_width", "a in 8", (-129,)), ("wrapped", "a in 8", (256,)),
    ("above_interval", "a in [-5, 10]", (11,)), ("below_interval", "a in [-5, 10]", (-6,)),
    ("equal_is_not_less", "a < b given a in 8, b in 8", (5, 5)), ("greater_is_not_less", "a < b given a in 8, b in 8", (6, 5)),
    ("remainder_of_other_sign", "a / b = c rem d given a in 8, b in 8", (-7, 2, -4, 1)),
    ("remainder_too_large", "a / b = c rem d given a in 8, b in 8", (7, 2, 2, 3)),
    ("divisor_zero", "a / b = c rem d given a in 8, b in 8", (7, 0, 5, 7)),
    # 2 a is 7, but no integer a is
    ("half_as_dividend", "(2 * a) / b = c rem d given b in 8, d in 8", ((7, 2), 2, 3, 1)),
)


def proofs():
    for suite in (STD, GM):
        points = {f"P{k}": gr.encode(gr.hashed_point(suite, k)) for k in (*range(8), 2 * gr.MAX_BITS, 2 * gr.MAX_BITS + 1)}
        yield group("generators", suite=suite.name, G=gr.encode(gr.generator(suite.curve)), **points,
                    digest=gr.generators_digest(suite))
        for name, value, blinding, c in _commitments(suite):
            yield group("commitment", suite=suite.name, name=name, scale=c.scale, value=value,
                        blinding=gr.scalar_encode(blinding), commitment=c.encode())
        for name, raw in _bad_commitments(suite):
            yield group("commitment-bad", suite=suite.name, name=name, commitment=raw)
        yield group("transcript", suite=suite.name, **_transcript(suite))
        yield from _proofs(suite)


def _proofs(suite):
    cases = _cases(suite)
    made = {name: case.prove() for name, case in cases.items()}
    for name, case in cases.items():
        openings = {}
        for i, (value, blinding) in enumerate(case.openings):
            openings |= {f"value{i}": value, f"blinding{i}": gr.scalar_encode(blinding)}
        yield group("proof", **case.fields(made[name]), seed=case.seed, **openings)
    for name in FOREIGN:
        case = cases[name]
        yield group("proof-foreign", **case.fields(case.prove(seed=None, draw=_draw(suite, name))))
    for name in ("zero", "product", "width", "nothing"):
        for what, proof in _mutations(cases[name], made[name]):
            yield group("proof-bad", **cases[name].fields(proof, name=f"{name}_{what}"))
    for what, (name, changed) in _replays(cases, made):
        yield group("proof-bad", **(cases[name].fields(made[name], name=f"replayed_{what}") | changed))
    for what, text, values in FALSE:
        case = Case(suite, what, text, values)
        prover = case.prover(seed=None, draw=_draw(suite, what))
        yield group("proof-bad", **case.fields(prover.prove(check=False), name=f"false_{what}"))
