"""The group of a suite: points as affine pairs, None for the identity (docs/format.md section 10).

Written to be read, not to be fast or safe: secrets show in the time it takes.
"""

from functools import cache

from .codec import FormatError, u32
from .curves import _add, _double

IDENTITY = (1, 1, 0)
POINT_LEN, SCALAR_LEN = 33, 32
MAX_BITS = 512


def generator(c):
    return c.gx, c.gy


def _affine(c, pt):
    x, y, z = pt
    if not z:
        return None
    zi = pow(z, -1, c.p)
    zz = zi * zi % c.p
    return x * zz % c.p, y * zz * zi % c.p


def _jacobian(p):
    return IDENTITY if p is None else (*p, 1)


def negative(c, p):
    return p and (p[0], c.p - p[1])


def add(c, *points):
    acc = IDENTITY
    for p in points:
        acc = _add(c, acc, _jacobian(p))
    return _affine(c, acc)


def total(c, terms):
    """Σ k·P over pairs (k, P): windows of 6 bits, one bucket for each digit."""
    terms = [(k % c.n, (*p, 1)) for k, p in terms if k % c.n and p is not None]
    width = 6 if len(terms) > 60 else 4 if len(terms) > 8 else 2
    acc = IDENTITY
    for low in range((256 + width - 1) // width * width - width, -1, -width):
        for _ in range(width):
            acc = _double(c, acc)
        buckets = [IDENTITY] * (1 << width)
        for k, p in terms:
            digit = k >> low & ((1 << width) - 1)
            if digit:
                buckets[digit] = _add(c, buckets[digit], p)
        run = IDENTITY
        for b in reversed(buckets[1:]):
            run = _add(c, run, b)
            acc = _add(c, acc, run)
    return _affine(c, acc)


def encode(p):
    return bytes(POINT_LEN) if p is None else bytes([2 + (p[1] & 1)]) + p[0].to_bytes(32, "big")


def decode(c, raw):
    """A point that is not the identity."""
    if len(raw) != POINT_LEN or raw[0] not in (2, 3):
        raise FormatError("not a compressed point")
    x = int.from_bytes(raw[1:], "big")
    if x >= c.p:
        raise FormatError("x is not below p")
    y = pow((x * x * x - 3 * x + c.b) % c.p, (c.p + 1) // 4, c.p)      # both primes are 3 mod 4
    if not c.on_curve(x, y):
        raise FormatError("no point has this x")
    return x, y if y & 1 == raw[0] & 1 else c.p - y


def scalar_encode(k):
    return k.to_bytes(SCALAR_LEN, "big")


def scalar_decode(c, raw):
    k = int.from_bytes(raw, "big")
    if len(raw) != SCALAR_LEN or k >= c.n:
        raise FormatError("not a scalar below n")
    return k


@cache
def hashed_point(suite, k):
    """P(k)"""
    ctr = 0
    while True:
        try:
            return decode(suite.curve, b"\2" + suite.hash(b"\x20G\1" + u32(k) + u32(ctr)))
        except FormatError:
            ctr += 1


def base_b(suite):
    return hashed_point(suite, 0)


def base_u(suite):
    return hashed_point(suite, 1)


def vector_g(suite, i):
    return hashed_point(suite, 2 + 2 * i)


def vector_h(suite, i):
    return hashed_point(suite, 3 + 2 * i)


@cache
def generators_digest(suite):
    points = [generator(suite.curve)] + [hashed_point(suite, k) for k in range(2 + 2 * MAX_BITS)]
    return suite.hash(b"\x20D\1" + b"".join(map(encode, points)))


def pedersen(suite, v, r):
    return total(suite.curve, [(v, generator(suite.curve)), (r, base_b(suite))])


class Transcript:
    def __init__(self, suite):
        self.suite = suite
        self.state = bytes(32)
        self.items = b""

    def item(self, label, data=b""):
        self.items += bytes([len(label)]) + label.encode() + u32(len(data)) + data

    def challenge(self, label):
        self.item(label)
        h = self.suite.hash
        self.state = h(b"\x20T\1" + self.state + self.items)
        self.items = b""
        e = int.from_bytes(b"".join(h(b"\x20C\1" + self.state + half + bytes(4)) for half in (b"\0", b"\1")), "big")
        if not e % self.suite.curve.n:
            raise FormatError("a challenge is 0")
        return e % self.suite.curve.n
