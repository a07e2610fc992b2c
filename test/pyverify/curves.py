"""P-256 ECDSA (FIPS 186-4 clause 6.4) and SM2 signatures (GM/T 0003.2), slow and plain.

Verification is what the verifier uses; signing exists for the test vectors, with the deterministic
nonces of RFC 6979 (for SM2 the same construction with SM3), and is not fit for secret keys: nothing
here runs in constant time.
"""

import hashlib
import hmac
from dataclasses import dataclass

from .codec import FormatError
from .sm3 import sm3


@dataclass(frozen=True)
class Curve:
    """y² = x³ − 3x + b over GF(p), base point G of prime order n, cofactor 1."""
    p: int
    b: int
    n: int
    gx: int
    gy: int
    spki_head: bytes     # the DER SubjectPublicKeyInfo before the 64 coordinate bytes

    def on_curve(self, x, y):
        return (0 <= x < self.p and 0 <= y < self.p
                and (y * y - x * x * x + 3 * x - self.b) % self.p == 0)


def _hex(s):
    return int(s.replace(" ", ""), 16)


# FIPS 186-4, D.1.2.3
P256 = Curve(
    p=_hex("ffffffff 00000001 00000000 00000000 00000000 ffffffff ffffffff ffffffff"),
    b=_hex("5ac635d8 aa3a93e7 b3ebbd55 769886bc 651d06b0 cc53b0f6 3bce3c3e 27d2604b"),
    n=_hex("ffffffff 00000000 ffffffff ffffffff bce6faad a7179e84 f3b9cac2 fc632551"),
    gx=_hex("6b17d1f2 e12c4247 f8bce6e5 63a440f2 77037d81 2deb33a0 f4a13945 d898c296"),
    gy=_hex("4fe342e2 fe1a7f9b 8ee7eb4a 7c0f9e16 2bce3357 6b315ece cbb64068 37bf51f5"),
    # SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING 04 x y }
    spki_head=bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200" "04"))

# GM/T 0003.5
SM2 = Curve(
    p=_hex("fffffffe ffffffff ffffffff ffffffff ffffffff 00000000 ffffffff ffffffff"),
    b=_hex("28e9fa9e 9d9f5e34 4d5a9e4b cf6509a7 f39789f5 15ab8f92 ddbcbd41 4d940e93"),
    n=_hex("fffffffe ffffffff ffffffff ffffffff 7203df6b 21c6052b 53bbf409 39d54123"),
    gx=_hex("32c4ae2c 1f198119 5f990446 6a39c994 8fe30bbf f2660be1 715a4589 334c74c7"),
    gy=_hex("bc3736a2 f4f6779c 59bdcee3 6b692153 d0a9877c c62a4740 02df32e5 2139f0a0"),
    # SEQUENCE { SEQUENCE { id-ecPublicKey, 1.2.156.10197.1.301 }, BIT STRING 04 x y }
    spki_head=bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200" "04"))

SM2_ID = b"1234567812345678"


def _double(c, pt):
    x, y, z = pt
    if not y or not z:
        return (1, 1, 0)
    p = c.p
    zz = z * z % p
    m = 3 * (x - zz) * (x + zz) % p          # a = -3
    yy = y * y % p
    s = 4 * x * yy % p
    x3 = (m * m - 2 * s) % p
    return (x3, (m * (s - x3) - 8 * yy * yy) % p, 2 * y * z % p)


def _add(c, pt, qt):
    x1, y1, z1 = pt
    x2, y2, z2 = qt
    if not z1:
        return qt
    if not z2:
        return pt
    p = c.p
    z1z1, z2z2 = z1 * z1 % p, z2 * z2 % p
    u1, u2 = x1 * z2z2 % p, x2 * z1z1 % p
    s1, s2 = y1 * z2 * z2z2 % p, y2 * z1 * z1z1 % p
    if u1 == u2:
        return _double(c, pt) if s1 == s2 else (1, 1, 0)
    h, r = (u2 - u1) % p, (s2 - s1) % p
    hh = h * h % p
    hhh, v = h * hh % p, u1 * hh % p
    x3 = (r * r - hhh - 2 * v) % p
    return (x3, (r * (v - x3) - s1 * hhh) % p, h * z1 * z2 % p)


def multiply2(c, k1, q, k2):
    """k1·G + k2·Q as affine (x, y), or None for the point at infinity."""
    g = (c.gx, c.gy, 1)
    q = (q[0], q[1], 1)
    both = _add(c, g, q)
    acc = (1, 1, 0)
    for i in range(max(k1.bit_length(), k2.bit_length()) - 1, -1, -1):
        acc = _double(c, acc)
        bits = (k1 >> i & 1, k2 >> i & 1)
        if bits != (0, 0):
            acc = _add(c, acc, both if bits == (1, 1) else g if bits == (1, 0) else q)
    x, y, z = acc
    if not z:
        return None
    zi = pow(z, -1, c.p)
    return (x * zi * zi % c.p, y * zi * zi * zi % c.p)


def public_point(c, d):
    return multiply2(c, d, (c.gx, c.gy), 0)


# SubjectPublicKeyInfo and ECDSA-Sig-Value / SM2Signature (GM/T 0009)

def spki_encode(c, point):
    return c.spki_head + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")


def spki_decode(c, spki):
    """The public point; refuses other curves, compressed points and points off the curve."""
    head = len(c.spki_head)
    if len(spki) != head + 64 or spki[:head] != c.spki_head:
        raise FormatError("not a public key of the suite's curve")
    x, y = int.from_bytes(spki[head:head + 32], "big"), int.from_bytes(spki[head + 32:], "big")
    if not c.on_curve(x, y):
        raise FormatError("the public key is not on the curve")
    return (x, y)


def der_encode(r, s):
    body = b""
    for v in (r, s):
        raw = v.to_bytes(v.bit_length() // 8 + 1, "big")     # a leading zero bit keeps it positive
        body += b"\x02" + bytes([len(raw)]) + raw
    return b"\x30" + bytes([len(body)]) + body


def der_decode(c, sig):
    """(r, s), both in 1 … n − 1; only the shortest DER is taken."""
    if len(sig) < 8 or sig[0] != 0x30 or sig[1] != len(sig) - 2 or sig[1] > 0x7F:
        raise FormatError("signature is not DER")
    values, pos = [], 2
    for _ in range(2):
        if pos + 2 > len(sig) or sig[pos] != 0x02:
            raise FormatError("signature is not DER")
        n = sig[pos + 1]
        raw = sig[pos + 2:pos + 2 + n]
        if not n or n > 33 or len(raw) != n or raw[0] & 0x80 or (n > 1 and not raw[0] and not raw[1] & 0x80):
            raise FormatError("signature is not DER")
        values.append(int.from_bytes(raw, "big"))
        pos += 2 + n
    if pos != len(sig):
        raise FormatError("signature is not DER")
    if not all(0 < v < c.n for v in values):
        raise FormatError("signature is out of range")
    return tuple(values)


def ecdsa_verify(point, message, sig):
    c = P256
    r, s = der_decode(c, sig)
    e = int.from_bytes(hashlib.sha256(message).digest(), "big")
    w = pow(s, -1, c.n)
    pt = multiply2(c, e * w % c.n, point, r * w % c.n)
    return pt is not None and pt[0] % c.n == r


def sm2_za(point, signer_id=SM2_ID):
    """ZA, GM/T 0003.2 clause 5.5."""
    c = SM2
    return sm3((8 * len(signer_id)).to_bytes(2, "big") + signer_id
               + b"".join(v.to_bytes(32, "big") for v in (c.p - 3, c.b, c.gx, c.gy, *point)))


def _sm2_e(point, message, signer_id=SM2_ID):
    return int.from_bytes(sm3(sm2_za(point, signer_id) + message), "big")


def sm2_verify(point, message, sig):
    c = SM2
    r, s = der_decode(c, sig)
    t = (r + s) % c.n
    if not t:
        return False
    pt = multiply2(c, s, point, t)
    return pt is not None and (_sm2_e(point, message) + pt[0]) % c.n == r


# Signing, for vectors only

def _nonces(c, d, digest, hash_name):
    """RFC 6979 clause 3.2 for a 256-bit order and a 32-byte digest."""
    if hash_name == "sha256":
        def mac(k, m):
            return hmac.new(k, m, hashlib.sha256).digest()
    else:
        def mac(k, m):
            k = k.ljust(64, b"\0")
            return sm3(bytes(b ^ 0x5C for b in k) + sm3(bytes(b ^ 0x36 for b in k) + m))
    seed = d.to_bytes(32, "big") + (int.from_bytes(digest, "big") % c.n).to_bytes(32, "big")
    k, v = bytes(32), b"\x01" * 32
    for tag in (b"\x00", b"\x01"):
        k = mac(k, v + tag + seed)
        v = mac(k, v)
    while True:
        v = mac(k, v)
        yield int.from_bytes(v, "big")
        k = mac(k, v + b"\x00")
        v = mac(k, v)


def ecdsa_sign(d, message):
    c = P256
    digest = hashlib.sha256(message).digest()
    e = int.from_bytes(digest, "big")
    for k in _nonces(c, d, digest, "sha256"):
        if not 0 < k < c.n:
            continue
        r = public_point(c, k)[0] % c.n
        s = pow(k, -1, c.n) * (e + r * d) % c.n
        if r and s:
            return der_encode(r, s)


def sm2_sign(d, message, nonces=None):
    c = SM2
    point = public_point(c, d)
    e = _sm2_e(point, message)
    for k in nonces or _nonces(c, d, e.to_bytes(32, "big"), "sm3"):
        if not 0 < k < c.n:
            continue
        r = (e + public_point(c, k)[0]) % c.n
        s = pow(1 + d, -1, c.n) * (k - r * d) % c.n
        if r and r + k != c.n and s:
            return der_encode(r, s)
