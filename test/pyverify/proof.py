"""Checks proofs of statements about commitments, equation by equation (docs/format.md section 10)."""

from dataclasses import dataclass

from . import group as gr
from .codec import FormatError, u32
from .suite import GM, STD

BY_NUMBER = {s.number: s for s in (STD, GM)}
COMMITMENT_LEN = 35


@dataclass
class Commitment:
    suite: object
    scale: int
    point: tuple        # None for the identity

    def encode(self):
        return bytes([self.suite.number, self.scale]) + gr.encode(self.point)


def decode_commitment(raw):
    if len(raw) != COMMITMENT_LEN or raw[0] not in BY_NUMBER or raw[1] > 30:
        raise FormatError("not a commitment")
    suite = BY_NUMBER[raw[0]]
    return Commitment(suite, raw[1], gr.decode(suite.curve, raw[2:]) if any(raw[2:]) else None)


def shape(s):
    """(N, rounds, k)"""
    if not s.ranges:
        return 0, 0, 0
    places = min(n for m in range(12) for n in (1 << m, 3 << m) if n >= max(8, s.bits()))
    rounds, k = 0, places
    while k > 3:
        rounds, k = rounds + 1, k // 2
    return places, rounds, k


class Proof:
    """The bytes cut up: points and scalars as bytes, in lists named as on the page."""

    def __init__(self, s, raw):
        self.raw, self.at = raw, 0
        places, rounds, k = shape(s)
        zeros = bool(s.zeros)
        self.head = self.cut(1, 3)[0]
        self.helpers = self.cut(len(s.helpers), 33)
        self.first = self.cut(zeros + 2 * s.ngroups, 33)
        self.answers = self.cut(zeros + 3 * s.ngroups, 32)
        if places:
            self.bits, self.polynomial = self.cut(2, 33), self.cut(2, 33)
            self.values = self.cut(3, 32)
            self.halves = [self.cut(2, 33) for _ in range(rounds)]
            self.a, self.b = self.cut(k, 32), self.cut(k, 32)
        if self.at != len(raw):
            raise FormatError("proof is too long")

    def cut(self, n, size):
        end = self.at + n * size
        if end > len(self.raw):
            raise FormatError("proof is cut off")
        parts = [self.raw[i:i + size] for i in range(self.at, end, size)]
        self.at = end
        return parts


def begin(s, commitments, context, head, helpers):
    suite = commitments[0].suite
    t = gr.Transcript(suite)
    t.item("proof", head)
    t.item("generators", gr.generators_digest(suite))
    t.item("statement", s.text.encode())
    t.item("context", context)
    for c in commitments:
        t.item("commitment", c.encode())
    for h in helpers:
        t.item("helper", h)
    return t


def absorb(t, label, parts):
    for p in parts:
        t.item(label, p)


def weights(s, z, n):
    """ζ of every place that a range uses."""
    return [pow(z, 1 + j, n) * (1 << bit) % n for j, r in enumerate(s.ranges, 1) for bit in range(r.bits)]


def check_commitments(s, commitments):
    if len(commitments) != s.nvars:
        raise FormatError("another number of commitments")
    for c in commitments:
        if c.suite is not commitments[0].suite:
            raise FormatError("commitments of different suites")
        if c.scale != s.scale:
            raise FormatError("commitment of another scale")
        if c.point is None:
            raise FormatError("commitment hides nothing")


class Verifier:
    def __init__(self, s, commitments, context, raw):
        check_commitments(s, commitments)
        self.s, self.suite = s, commitments[0].suite
        self.curve = c = self.suite.curve
        self.g, self.b, self.u = gr.generator(c), gr.base_b(self.suite), gr.base_u(self.suite)
        self.proof = p = Proof(s, raw)
        if p.head != b"P\1" + bytes([self.suite.number]):
            raise FormatError("not a proof of this suite")
        self.t = begin(s, commitments, context, p.head, p.helpers)
        self.variables = [c.point for c in commitments] + self.points(p.helpers)

    def points(self, parts):
        return [gr.decode(self.curve, x) for x in parts]

    def scalars(self, parts):
        return [gr.scalar_decode(self.curve, x) for x in parts]

    def terms(self, k, form):
        """k times the commitment of a form, as terms of a sum."""
        return [(k * form.constant, self.g)] + [(k * coef, self.variables[v]) for v, coef in form.terms.items()]

    def zero(self, terms, what):
        if gr.total(self.curve, terms) is not None:
            raise FormatError(f"{what} does not hold")

    def check(self):
        if self.s.zeros or self.s.products:
            self.check_sigma()
        if self.s.ranges:
            self.check_ranges()

    def check_sigma(self):
        s, t, p, n = self.s, self.t, self.proof, self.curve.n
        rho = t.challenge("rho")
        absorb(t, "first", p.first)
        e = t.challenge("e")
        absorb(t, "answer", p.answers)
        first, answers = self.points(p.first), self.scalars(p.answers)
        if s.zeros:
            left = [(answers.pop(0), self.b), (-1, first.pop(0))]
            for i, x in enumerate(s.zeros, 1):
                left += self.terms(-e * pow(rho, i, n), x)
            self.zero(left, "zeros")
        for group in range(s.ngroups):
            t1, t2 = first[2 * group:2 * group + 2]
            z1, z2, z3 = answers[3 * group:3 * group + 3]
            numbered = [(i, c) for i, c in enumerate(s.products, 1) if c.group == group]
            self.zero([(z1, self.g), (z2, self.b), (-1, t1)] + self.terms(-e, numbered[0][1].x), "left factor")
            right = [(z3, self.b), (-1, t2)]
            for i, c in numbered:
                right += self.terms(z1 * pow(rho, i, n), c.y) + self.terms(-e * pow(rho, i, n), c.p)
            self.zero(right, "product")

    def check_ranges(self):
        s, tr, p, n = self.s, self.t, self.proof, self.curve.n
        places, rounds, k = shape(s)
        tr.item("places", u32(places))
        absorb(tr, "bits", p.bits)
        y, z = tr.challenge("y"), tr.challenge("z")
        absorb(tr, "polynomial", p.polynomial)
        x = tr.challenge("x")
        absorb(tr, "value", p.values)
        w = tr.challenge("w")
        us = []
        for half in p.halves:
            absorb(tr, "half", half)
            us.append(tr.challenge("u"))
        (big_a, big_s), (t1, t2) = self.points(p.bits), self.points(p.polynomial)
        t, taux, mu = self.scalars(p.values)
        halves = [self.points(h) for h in p.halves]
        a, b = self.scalars(p.a), self.scalars(p.b)

        zeta = weights(s, z, n)
        zeta += [0] * (places - len(zeta))
        delta = (z - z * z) * sum(pow(y, i, n) for i in range(places)) - z * sum(zeta)
        left = [(t - delta, self.g), (taux, self.b), (-x, t1), (-x * x, t2)]
        for j, r in enumerate(s.ranges, 1):
            left += self.terms(-pow(z, 1 + j, n), r.of)
        self.zero(left, "value of the polynomial")

        left = [(1, big_a), (x, big_s), (-mu, self.b), (w * (t - sum(i * j for i, j in zip(a, b))), self.u)]
        for (low, high), u in zip(halves, us):
            left += [(u * u, low), (pow(u, -2, n), high)]
        for i in range(places):
            factor, m = 1, places
            for u in us:
                factor = factor * (u if i % m >= m // 2 else pow(u, -1, n)) % n
                m //= 2
            y_inverse = pow(y, -i, n)
            left.append((-z - a[i % k] * factor, gr.vector_g(self.suite, i)))
            left.append((z + zeta[i] * y_inverse - b[i % k] * pow(factor, -1, n) * y_inverse,
                         gr.vector_h(self.suite, i)))
        self.zero(left, "inner product")


def verify(s, commitments, context, raw):
    """Raises FormatError unless the proof holds."""
    Verifier(s, commitments, context, raw).check()


def holds(s, commitments, context, raw):
    try:
        verify(s, commitments, context, raw)
        return True
    except FormatError:
        return False
