"""The two suites: hash, signature, and how a signed note names a key (docs/format.md, head and section 6)."""

import hashlib
from dataclasses import dataclass
from typing import Callable

from . import curves
from .codec import FormatError
from .sm3 import sm3


def sha256(data):
    return hashlib.sha256(data).digest()


@dataclass(frozen=True)
class Suite:
    name: str
    number: int
    hash: Callable
    curve: curves.Curve
    vkey_type: bytes        # what stands before the SPKI in a verifier key
    check: Callable
    sign: Callable

    def verify(self, spki, message, sig):
        """Whether sig is a signature of spki's key over message; a malformed one is none."""
        try:
            return self.check(curves.spki_decode(self.curve, spki), message, sig)
        except FormatError:
            return False

    def key_id(self, name, spki):
        if self.number == 1:
            return sha256(spki)[:4]
        return sm3(name.encode() + b"\n" + self.vkey_type + spki)[:4]

    def spki(self, d):
        return curves.spki_encode(self.curve, curves.public_point(self.curve, d))


STD = Suite("std", 1, sha256, curves.P256, b"\x02", curves.ecdsa_verify, curves.ecdsa_sign)
GM = Suite("gm", 2, sm3, curves.SM2, b"\xffledger-sm2-sm3-v1\x00", curves.sm2_verify, curves.sm2_sign)
SUITES = {s.name: s for s in (STD, GM)}


def suite_named(name):
    try:
        return SUITES[name]
    except KeyError:
        raise FormatError(f"unknown suite {name!r}") from None
