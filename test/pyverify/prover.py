"""Makes proofs, for vectors and cross-checks. Not for secrets: nothing here runs in constant time.

Given a seed, Prover draws its nonces as the extension does (test/vectors/README.md), so that both make the same
bytes. Given draw, any source of numbers will do.
"""

from . import group as gr, statement as st
from .codec import u32
from .proof import Commitment, absorb, begin, check_commitments, shape, weights

SEED_LEN = 32


class Unprovable(Exception):
    pass


def commit(suite, scale, value, blinding):
    return Commitment(suite, scale, gr.pedersen(suite, value, blinding))


def seeded(suite, s, commitments, openings, context, seed):
    """Nonces that depend on a seed and on everything that is proven."""
    h, n = suite.hash, suite.curve.n
    data = b"\x20K\1" + seed + len(s.text).to_bytes(8, "big") + len(context).to_bytes(8, "big")
    data += s.text.encode() + context
    for c, (value, blinding) in zip(commitments, openings):
        data += c.encode() + value.to_bytes(16, "big", signed=True) + gr.scalar_encode(blinding)
    key, number = h(data), 0
    while True:
        yield int.from_bytes(b"".join(h(b"\x20N\1" + key + half + u32(number)) for half in (b"\0", b"\1")), "big") % n
        number += 1


class Prover:
    def __init__(self, s, commitments, openings, context, seed=None, draw=None):
        check_commitments(s, commitments)
        self.s, self.suite, self.context, self.commitments = s, commitments[0].suite, context, commitments
        self.curve = self.suite.curve
        self.n = self.curve.n
        nonces = seeded(self.suite, s, commitments, openings, context, seed) if seed else None
        self.draw = draw or nonces.__next__
        self.b = gr.base_b(self.suite)
        self.values = [v % self.n for v, _ in openings]
        self.blindings = [r for _, r in openings]

    def value(self, x):
        return (x.constant + sum(k * self.values[v] for v, k in x.terms.items())) % self.n

    def blinding(self, x):
        return sum(k * self.blindings[v] for v, k in x.terms.items()) % self.n

    def point(self, v, r):
        return gr.encode(gr.pedersen(self.suite, v, r))

    def scalars(self, *values):
        return [gr.scalar_encode(v % self.n) for v in values]

    def helper(self, h):
        x = self.value(h.x)
        if h.kind == st.PRODUCT:
            v = x * self.value(h.y) % self.n
        elif h.kind == st.INVERSE:
            if not x:
                raise Unprovable("equal values")
            v = pow(x, -1, self.n)
        else:
            v = 1 if x < self.n // 2 else self.n - 1
        self.values.append(v)
        self.blindings.append(self.draw())
        return self.point(v, self.blindings[-1])

    def holds(self):
        s = self.s
        return (all(self.value(d) for d in s.divisors) and not any(map(self.value, s.zeros))
                and all((self.value(c.x) * self.value(c.y) - self.value(c.p)) % self.n == 0 for c in s.products)
                and all(self.value(r.of) >> r.bits == 0 for r in s.ranges))

    def prove(self, check=True):
        s = self.s
        head = b"P\1" + bytes([self.suite.number])
        helpers = [self.helper(h) for h in s.helpers]
        if check and not self.holds():
            raise Unprovable(s.text)
        self.t = begin(s, self.commitments, self.context, head, helpers)
        raw = head + b"".join(helpers)
        if s.zeros or s.products:
            raw += self.sigma()
        if s.ranges:
            raw += self.ranges()
        return raw

    def sigma(self):
        s, t, n = self.s, self.t, self.n
        rho = t.challenge("rho")
        first, groups = [], []
        if s.zeros:
            d = sum(pow(rho, i, n) * self.blinding(x) for i, x in enumerate(s.zeros, 1))
            k = self.draw()
            first.append(self.point(0, k))
        for group in range(s.ngroups):
            numbered = [(pow(rho, i, n), c) for i, c in enumerate(s.products, 1) if c.group == group]
            x, rx = self.value(numbered[0][1].x), self.blinding(numbered[0][1].x)
            y, ry = (sum(p * of(c.y) for p, c in numbered) for of in (self.value, self.blinding))
            rp = sum(p * self.blinding(c.p) for p, c in numbered)
            alpha, beta, gamma = self.draw(), self.draw(), self.draw()
            first += [self.point(alpha, beta), self.point(alpha * y, alpha * ry + gamma)]
            groups.append((alpha, x, beta, rx, gamma, rp - x * ry))
        absorb(t, "first", first)
        e = t.challenge("e")
        answers = self.scalars(k + e * d) if s.zeros else []
        for alpha, x, beta, rx, gamma, rest in groups:
            answers += self.scalars(alpha + e * x, beta + e * rx, gamma + e * rest)
        absorb(t, "answer", answers)
        return b"".join(first + answers)

    def combination(self, left, right, extra):
        """Σ left·G[i] + Σ right·H[i] + extra terms"""
        terms = [(k, gr.vector_g(self.suite, i)) for i, k in enumerate(left)]
        terms += [(k, gr.vector_h(self.suite, i)) for i, k in enumerate(right)]
        return gr.encode(gr.total(self.curve, terms + extra))

    def ranges(self):
        s, tr, n = self.s, self.t, self.n
        places, _, _ = shape(s)
        bits = [self.value(r.of) >> bit & 1 for r in s.ranges for bit in range(r.bits)]
        bits += [0] * (places - len(bits))
        alpha, rho, tau1, tau2 = (self.draw() for _ in range(4))
        blinds = [(self.draw(), self.draw()) for _ in range(places)]
        sl, sr = [l for l, _ in blinds], [r for _, r in blinds]
        first = [self.combination(bits, [b - 1 for b in bits], [(alpha, self.b)]),
                 self.combination(sl, sr, [(rho, self.b)])]
        tr.item("places", u32(places))
        absorb(tr, "bits", first)
        y, z = tr.challenge("y"), tr.challenge("z")
        zeta = weights(s, z, n)
        zeta += [0] * (places - len(zeta))
        ys = [pow(y, i, n) for i in range(places)]
        l0 = [b - z for b in bits]
        r0 = [yi * (b - 1 + z) + ze for yi, b, ze in zip(ys, bits, zeta)]
        r1 = [yi * r for yi, r in zip(ys, sr)]
        t1 = sum(a * b + c * d for a, b, c, d in zip(l0, r1, sl, r0))
        t2 = sum(a * b for a, b in zip(sl, r1))
        polynomial = [self.point(t1, tau1), self.point(t2, tau2)]
        absorb(tr, "polynomial", polynomial)
        x = tr.challenge("x")
        a = [(i + x * j) % n for i, j in zip(l0, sl)]
        b = [(i + x * j) % n for i, j in zip(r0, r1)]
        taux = tau1 * x + tau2 * x * x + sum(pow(z, 1 + j, n) * self.blinding(r.of) for j, r in enumerate(s.ranges, 1))
        values = self.scalars(sum(i * j for i, j in zip(a, b)), taux, alpha + rho * x)
        absorb(tr, "value", values)
        w = tr.challenge("w")
        return b"".join(first + polynomial + values + self.inner_product(a, b, y, w))

    def inner_product(self, a, b, y, w):
        tr, n, places = self.t, self.n, len(a)
        out = []
        scale_g = [1] * places      # what G[i] and H[i] were multiplied by so far
        scale_h = [pow(y, -i, n) for i in range(places)]
        base = gr.base_u(self.suite)
        while len(a) > 3:
            m, half = len(a), len(a) // 2

            def cross(to_high):
                """a of one half over G of the other, b of the other over H of the one."""
                left = [scale_g[i] * a[(i + half) % m] if (i % m >= half) == to_high else 0 for i in range(places)]
                right = [scale_h[i] * b[(i + half) % m] if (i % m < half) == to_high else 0 for i in range(places)]
                product = sum(a[i if to_high else i + half] * b[i + half if to_high else i] for i in range(half))
                return self.combination(left, right, [(w * product, base)])
            sent = [cross(True), cross(False)]
            absorb(tr, "half", sent)
            out += sent
            u = tr.challenge("u")
            v = pow(u, -1, n)
            for i in range(places):
                high = i % m >= half
                scale_g[i] = scale_g[i] * (u if high else v) % n
                scale_h[i] = scale_h[i] * (v if high else u) % n
            a, b = ([(a[i] * u + a[i + half] * v) % n for i in range(half)],
                    [(b[i] * v + b[i + half] * u) % n for i in range(half)])
        ends = self.scalars(*a, *b)
        absorb(tr, "end", ends)
        return out + ends


def prove(text, suite, openings, context=b"", seed=None, draw=None):
    """(statement, commitments, proof) of new commitments to openings (value, blinding)."""
    s = st.parse(text)
    commitments = [commit(suite, s.scale, v, r) for v, r in openings]
    return s, commitments, Prover(s, commitments, openings, context, seed, draw).prove()
