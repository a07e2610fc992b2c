"""Statements and the claims that follow from them (docs/format.md section 10, "Statement")."""

import re
from dataclasses import dataclass, field

MAX_LEN, MAX_VARS, MAX_DEPTH, MAX_HELPERS, MAX_CLAIMS, MAX_BITS = 4000, 128, 32, 64, 128, 512
MAX_SCALE, MAX_PRODUCT_SCALE = 30, 60
LIMIT = 1 << 126
NO_SIZE, MAX_SIZE = 251, 250
PRODUCT, INVERSE, SIGN = "product", "inverse", "sign"


class StatementError(Exception):
    def __init__(self, kind, message):
        super().__init__(f"{kind}: {message}")
        self.kind = kind


def name_of(i):
    return (chr(96 + i // 26) if i >= 26 else "") + chr(97 + i % 26)


# Forms

class Form:
    """constant + Σ coefficient · variable"""

    def __init__(self, constant=0, terms=()):
        self.constant = constant
        self.terms = {v: k for v, k in sorted(dict(terms).items()) if k}
        if any(abs(k) >= LIMIT for k in (constant, *self.terms.values())):
            raise StatementError("range", "number is too large")

    def plus(self, k, other):
        """self + k · other"""
        k_other = Form(k * other.constant, {v: k * c for v, c in other.terms.items()})
        terms = dict(self.terms)
        for v, c in k_other.terms.items():
            terms[v] = terms.get(v, 0) + c
        return Form(self.constant + k_other.constant, terms)

    def times(self, k):
        return Form().plus(k, self)

    def key(self):
        return self.constant, tuple(self.terms.items())

    def __str__(self):
        return " ".join([str(self.constant)] + [f"{k}*{v}" for v, k in self.terms.items()])


ONE = Form(1)


@dataclass
class Helper:
    kind: str
    x: Form
    y: Form = None


@dataclass
class Product:
    x: Form
    y: Form
    p: Form
    group: int = -1


@dataclass
class Range:
    of: Form
    bits: int


@dataclass
class Division:
    a: Form
    b: Form
    operands: tuple     # a, b, q, r
    big_r: Form         # R, Y and Z of the page
    big_y: Form
    big_z: Form


@dataclass
class Late:
    of: Form
    interval: tuple = None      # else of >= 0


@dataclass
class Statement:
    text: str = ""
    precision: int = 0
    scale: int = 0
    nvars: int = 0
    helpers: list = field(default_factory=list)
    zeros: list = field(default_factory=list)
    products: list = field(default_factory=list)
    ranges: list = field(default_factory=list)
    divisors: list = field(default_factory=list)
    ngroups: int = 0

    def bits(self):
        return sum(r.bits for r in self.ranges)


@dataclass
class Expr:
    """What an expression comes to; factors is set while it is a product that nothing has used."""
    form: Form
    scale: int
    constant: bool = False
    factors: tuple = None
    is_term: bool = True


# Tokens

TOKEN = re.compile(r"[ \t\n\r]*(?:(?P<word>[A-Za-z]+)|(?P<number>[0-9]+(?:\.[0-9]+)?(?P<glued>[A-Za-z])?)"
                   r"|(?P<symbol><=|<>|>=|\.\.|[<=>+*/()\[\],:-])|(?P<end>\Z))")
KEYWORDS = ("and", "given", "in", "numeric", "rem", "sum")


def tokens(text):
    found, at = [], 0
    while True:
        m = TOKEN.match(text, at)
        if m is None or m["glued"]:
            raise StatementError("syntax", "unknown symbol, or a number that runs into a word")
        if m["end"] is not None:
            return found
        at = m.end()
        word = m["word"] and m["word"].lower()
        if word:
            if word not in KEYWORDS and len(word) > 2:
                raise StatementError("syntax", "unknown word")
            found.append(("keyword" if word in KEYWORDS else "name", word))
        else:
            found.append(("number", m["number"]) if m["number"] else ("symbol", m["symbol"]))


def spelling(toks, signs):
    """The one spelling; signs are the places of minuses that begin a sum or a bound."""
    out = ""
    for i, (_, t) in enumerate(toks):
        before = toks[i - 1][1] if i else None
        tight = (i == 0 or t in (")", "]", ",", ":", "..") or before in ("(", "[", "..")
                 or (t == "(" and before in ("numeric", "sum")) or i - 1 in signs)
        out += t if tight else " " + t
    return out


class Parser:
    def __init__(self, text):
        if len(text) > MAX_LEN:
            raise StatementError("limit", "statement is too long")
        self.toks = tokens(text)
        self.signs = set()
        self.at = 0
        self.depth = 0
        self.s = Statement()
        self.helper_number = 0
        self.said, self.given = {}, {}
        self.late, self.divisions = [], []

    # reading

    def peek(self):
        return self.toks[self.at] if self.at < len(self.toks) else ("end", "")

    def take(self, *words):
        """The next token where it is one of these keywords or symbols, else None."""
        kind, t = self.peek()
        if kind in ("keyword", "symbol") and t in words:
            self.at += 1
            return t
        return None

    def need(self, word):
        if not self.take(word):
            raise StatementError("syntax", f"{word!r} is expected")

    def sign(self):
        if self.take("-"):
            self.signs.add(self.at - 1)
            return True
        return False

    def name(self):
        kind, t = self.peek()
        if kind != "name":
            raise StatementError("syntax", "a commitment is expected")
        self.at += 1
        i = ord(t[-1]) - 97 + (26 * (ord(t[0]) - 96) if len(t) == 2 else 0)
        if i >= MAX_VARS:
            raise StatementError("limit", "too many commitments")
        self.s.nvars = max(self.s.nvars, i + 1)
        return i

    def number(self):
        """(integer of its digits, decimals)"""
        kind, t = self.peek()
        if kind != "number":
            raise StatementError("syntax", "a number is expected")
        self.at += 1
        whole, _, decimals = t.partition(".")
        if int(whole + decimals) >= LIMIT:
            raise StatementError("range", "number is too large")
        if len(decimals) > MAX_SCALE:
            raise StatementError("limit", "too many decimals")
        return int(whole + decimals), len(decimals)

    def small(self, lo, hi):
        value, scale = self.number()
        if scale or not lo <= value <= hi:
            raise StatementError("syntax", "integer out of range")
        return value

    # collecting

    def room(self, things, most=MAX_CLAIMS):
        if len(things) >= most:
            raise StatementError("limit", "too many parts")

    def helper(self, kind, x, y=None):
        self.room(self.s.helpers, MAX_HELPERS)
        self.s.helpers.append(Helper(kind, x, y))
        return Form(0, {MAX_VARS + len(self.s.helpers) - 1: 1})     # renumbered at the end

    def zero(self, x):
        if not x.terms:
            raise StatementError("syntax", "relation says nothing of a commitment")
        self.room(self.s.zeros)
        self.s.zeros.append(x)

    def product(self, x, y, p):
        if not x.terms:
            self.zero(y.times(x.constant).plus(-1, p))
        elif not y.terms:
            self.zero(x.times(y.constant).plus(-1, p))
        else:
            self.room(self.s.products)
            self.s.products.append(Product(x, y, p))

    def product_helper(self, x, y):
        h = self.helper(PRODUCT, x, y)
        self.product(x, y, h)
        return h

    def sign_helper(self, x):
        h = self.helper(SIGN, x)
        self.product(h, h, ONE)
        return h

    def settle(self, e):
        if e.factors:
            e.form = self.product_helper(*e.factors)
            e.factors = None
        return e.form

    def single(self, x):
        """(commitment, coefficient) where the form has no other variable."""
        if len(x.terms) == 1:
            (v, k), = x.terms.items()
            if v < MAX_VARS and k in (1, -1):
                return v, k
        return None, 0

    def put_off(self, x, interval=None):
        if not x.terms:
            raise StatementError("syntax", "relation says nothing of a commitment")
        self.room(self.late)
        self.late.append(Late(x, interval))

    def bound(self, of, v, lo, hi):
        old_lo, old_hi = of.get(v, (None, None))
        of[v] = (max((b for b in (lo, old_lo) if b is not None), default=None),
                 min((b for b in (hi, old_hi) if b is not None), default=None))

    def nonnegative(self, x):
        v, k = self.single(x)
        if v is None:
            self.put_off(x)
        elif k > 0:
            self.bound(self.said, v, -x.constant, None)
        else:
            self.bound(self.said, v, None, x.constant)

    def interval(self, x, lo, hi, given):
        v, k = self.single(x)
        if v is None:
            self.put_off(x, (lo, hi))
        elif k > 0:
            self.bound(self.given if given else self.said, v, lo - x.constant, hi - x.constant)
        else:
            self.bound(self.given if given else self.said, v, x.constant - hi, x.constant - lo)

    # scales

    @staticmethod
    def rescale(e, scale):
        c = e.form.constant
        if scale < e.scale:
            unit = 10 ** (e.scale - scale)
            if c % unit:
                raise StatementError("scale", "digits would be lost")
            e.form = Form(c // unit)
        else:
            e.form = Form(c * 10 ** (scale - e.scale))
        e.scale = scale

    def same_scale(self, x, y):
        if x.scale == y.scale:
            return
        if x.constant and y.constant:
            self.rescale(*((x, y.scale) if x.scale < y.scale else (y, x.scale)))
        elif x.constant:
            self.rescale(x, y.scale)
        elif y.constant:
            self.rescale(y, x.scale)
        else:
            raise StatementError("scale", "values of different scales")

    # grammar

    def factor(self):
        kind, _ = self.peek()
        if kind == "number":
            value, scale = self.number()
            return Expr(Form(value), scale, constant=True)
        if kind == "name":
            return Expr(Form(0, {self.name(): 1}), self.s.scale)
        if self.take("sum"):
            self.need("(")
            first = self.name()
            self.need("..")
            last = self.name()
            if last < first:
                raise StatementError("syntax", "the sum ends before it begins")
            self.need(")")
            return Expr(Form(0, {v: 1 for v in range(first, last + 1)}), self.s.scale)
        if self.take("("):
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise StatementError("limit", "nested too deep")
            e = self.sum()
            self.need(")")
            self.depth -= 1
            e.is_term = True
            return e
        raise StatementError("syntax", "a factor is expected")

    def term(self):
        e = self.factor()
        while self.take("*"):
            f = self.factor()
            if e.scale + f.scale > MAX_PRODUCT_SCALE:
                raise StatementError("limit", "too many decimals of a product")
            x, y = self.settle(e), self.settle(f)
            e.scale += f.scale
            if f.constant:
                e.form = x.times(y.constant)
            elif e.constant:
                e.constant, e.form = False, y.times(x.constant)
            else:
                e.factors = (x, y)
        return e

    def sum(self):
        minus = self.sign()
        e = self.term()
        e.is_term = not minus
        if minus:
            e.form = self.settle(e).times(-1)
        while op := self.take("+", "-"):
            f = self.term()
            self.same_scale(e, f)
            x, y = self.settle(e), self.settle(f)
            e = Expr(x.plus(1 if op == "+" else -1, y), e.scale, e.constant and f.constant, is_term=False)
        return e

    def comparison(self, op, x):
        y = self.sum()
        self.same_scale(x, y)
        if op == "=":
            if x.factors:
                self.product(*x.factors, self.settle(y))
            elif y.factors:
                self.product(*y.factors, x.form)
            else:
                self.zero(x.form.plus(-1, y.form))
            return
        x, y = self.settle(x), self.settle(y)
        if op == "<>":
            d = x.plus(-1, y)
            if not d.terms:
                raise StatementError("syntax", "relation says nothing of a commitment")
            self.product(d, self.helper(INVERSE, d), ONE)
            return
        d = y.plus(-1, x) if op in ("<", "<=") else x.plus(-1, y)
        self.nonnegative(d.plus(-1, ONE) if op in ("<", ">") else d)

    def division(self, a):
        if not a.is_term:
            raise StatementError("syntax", "the dividend is a sum")
        b = self.term()
        self.need("=")
        q = self.sum()
        self.need("rem")
        r = self.sum()
        for e in (a, b, q, r):
            self.settle(e)
        scale = a.scale if not a.constant else r.scale if not r.constant else b.scale + q.scale
        if q.constant and scale >= b.scale:
            self.rescale(q, scale - b.scale)
        if b.constant and scale >= q.scale:
            self.rescale(b, scale - q.scale)
        for e in (a, r):
            if e.constant:
                self.rescale(e, scale)
        if a.scale != scale or r.scale != scale or b.scale + q.scale != scale:
            raise StatementError("scale", "scales of the division do not agree")
        a, b, q, r = (e.form for e in (a, b, q, r))
        if not (a.terms or b.terms or q.terms or r.terms):
            raise StatementError("syntax", "relation says nothing of a commitment")
        if not b.terms and not b.constant:
            raise StatementError("range", "division by the constant zero")
        self.room(self.divisions)
        s = self.sign_helper(a)
        big_r = self.product_helper(s, r)
        x = self.product_helper(s, b)
        t = self.sign_helper(x)
        big_y = self.product_helper(t, x)
        big_z = self.product_helper(t, q)
        self.product(b, q, a.plus(-1, r))
        self.divisions.append(Division(a, b, (a, b, q, r), big_r, big_y, big_z))
        self.s.divisors.append(b)

    def limit(self, scale):
        minus = self.sign()
        value, decimals = self.number()
        e = Expr(Form(value), decimals, constant=True)
        self.rescale(e, scale)
        return -e.form.constant if minus else e.form.constant

    def inside(self, x, scale, given):
        """What follows `in`."""
        if self.peek()[0] == "number":
            w = self.small(8, 64)
            lo, hi = -(1 << w - 1), (1 << w - 1) - 1
        else:
            self.need("[")
            lo = self.limit(scale)
            self.need(",")
            hi = self.limit(scale)
            self.need("]")
        self.interval(x, lo, hi, given)

    def relation(self):
        e = self.sum()
        if op := self.take("<", "<=", "=", "<>", ">=", ">"):
            self.comparison(op, e)
        elif self.take("/"):
            self.division(e)
        elif self.take("in"):
            self.inside(self.settle(e), e.scale, False)
        else:
            raise StatementError("syntax", "a relation is expected")

    def statement(self):
        s = self.s
        if self.take("numeric"):
            self.need("(")
            s.precision = self.small(1, 37)
            self.need(",")
            s.scale = self.small(0, MAX_SCALE)
            self.need(")")
            if s.scale > s.precision:
                raise StatementError("syntax", "scale exceeds precision")
            self.need(":")
        self.relation()
        while self.take("and"):
            self.relation()
        if self.take("given"):
            while True:
                v = self.name()
                self.need("in")
                self.inside(Form(0, {v: 1}), s.scale, True)
                if not self.take(","):
                    break
        if self.peek()[0] != "end":
            raise StatementError("syntax", "the end is expected")
        s.text = spelling(self.toks, self.signs)
        if len(s.text) > MAX_LEN:
            raise StatementError("limit", "statement is too long")
        self.finish()
        return s

    # bounds and ranges

    def parts(self, x):
        """The commitments in a form, directly or through helpers."""
        for v in x.terms:
            if v < MAX_VARS:
                yield v
            else:
                h = self.s.helpers[v - MAX_VARS]
                yield from self.parts(h.x)
                yield from self.parts(h.y)

    def compound(self, d):
        """The operands of a division that are no single commitment."""
        return [x for x in d.operands if self.single(x)[0] is None]

    def size(self, x):
        m = abs(x.constant).bit_length()
        for v, k in x.terms.items():
            if v >= MAX_VARS:
                h = self.s.helpers[v - MAX_VARS]
                size = self.size(h.x) + self.size(h.y)
            elif v in self.bounds:
                lo, hi = self.bounds[v]
                size = max(hi, -lo).bit_length()
            else:
                size = NO_SIZE
            m = 1 + max(m, size + abs(k).bit_length())
        return m

    def extent(self, x):
        def cut(value):
            return max(-LIMIT, min(LIMIT, value))
        lo = hi = x.constant
        for v, k in x.terms.items():
            if v >= MAX_VARS:
                h = self.s.helpers[v - MAX_VARS]
                ends = [cut(i * j) for i in self.extent(h.x) for j in self.extent(h.y)]
                ends = min(ends), max(ends)
            else:
                ends = self.bounds.get(v, (-LIMIT, LIMIT))
            ends = [cut(e * k) for e in ends]
            lo, hi = cut(lo + min(ends)), cut(hi + max(ends))
        return lo, hi

    def add_range(self, of, bits):
        s = self.s
        if any(r.bits == bits and r.of.key() == of.key() for r in s.ranges):
            return
        if len(s.ranges) >= MAX_CLAIMS or s.bits() + bits > MAX_BITS:
            raise StatementError("limit", "too many bits")
        s.ranges.append(Range(of, bits))

    def add_interval(self, x, lo, hi, lo_known=False, hi_known=False):
        if hi < lo or hi - lo >= 1 << 64:
            raise StatementError("range", "bounds never hold or are too far apart")
        bits = max(8, (hi - lo).bit_length())
        if not lo_known:
            self.add_range(Form(-lo).plus(1, x), bits)
            if hi - lo == (1 << bits) - 1:
                return
        if not hi_known:
            self.add_range(Form(hi).plus(-1, x), bits)

    def finish_commitment(self, v, late):
        lo, hi = self.said.get(v, (None, None))
        given = self.given.get(v)
        if given and given[1] < given[0]:
            raise StatementError("range", "given can never hold")
        least, most = given or (-(1 << 63), (1 << 63) - 1)
        if lo is None and hi is None:
            if given:
                self.bounds[v] = given
                return
            if not late:
                return
        alone = lo is None or hi is None
        if lo is None or ((given or alone) and lo < least):
            lo = least
        if hi is None or ((given or alone) and hi > most):
            hi = most
        self.bounds[v] = lo, hi
        self.add_interval(Form(0, {v: 1}), lo, hi, bool(given) and lo == least, bool(given) and hi == most)

    def width(self, x):
        if self.size(x) > MAX_SIZE:
            return 64
        lo, hi = self.extent(x)
        return min(64, max(8, max(hi, -lo).bit_length()))

    def finish(self):
        s = self.s
        self.bounds = {}
        late = {v for b in self.late for v in self.parts(b.of)}
        late |= {v for d in self.divisions for x in self.compound(d) for v in self.parts(x)}
        for v in range(s.nvars):
            self.finish_commitment(v, v in late)
        for b in self.late:
            if self.size(b.of) > MAX_SIZE:
                raise StatementError("range", "values are too large to compare")
            if b.interval:
                self.add_interval(b.of, *b.interval)
                continue
            hi = self.extent(b.of)[1]
            if hi < 0:
                raise StatementError("range", "no value satisfies this")
            self.add_range(b.of, min(64, max(8, hi.bit_length())))
        for d in self.divisions:
            if any(self.size(x) > MAX_SIZE for x in self.compound(d)):
                raise StatementError("range", "values are too large to divide")
            width = self.width(d.b)
            self.add_range(d.big_r, width)
            self.add_range(Form(-1).plus(1, d.big_y.plus(-1, d.big_r)), width)
            self.add_range(d.big_z, self.width(d.a))
        self.group()
        self.renumber()

    def group(self):
        first = {}
        for p in self.s.products:
            p.group = first.setdefault(p.x.key(), len(first))
        self.s.products.sort(key=lambda p: p.group)     # stable
        self.s.ngroups = len(first)

    def renumber(self):
        """Helpers follow the last commitment."""
        s = self.s

        def new(x):
            return x and Form(x.constant, {v if v < MAX_VARS else v - MAX_VARS + s.nvars: k
                                           for v, k in x.terms.items()})
        s.zeros = [new(x) for x in s.zeros]
        s.divisors = [new(x) for x in s.divisors]
        for h in s.helpers:
            h.x, h.y = new(h.x), new(h.y)
        for p in s.products:
            p.x, p.y, p.p = new(p.x), new(p.y), new(p.p)
        for r in s.ranges:
            r.of = new(r.of)


def parse(text):
    if isinstance(text, bytes):
        text = text.decode("latin-1")       # every byte a character; only ASCII is ever accepted
    return Parser(text).statement()
