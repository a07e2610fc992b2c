"""Checkpoints as C2SP signed notes, and verifier keys: docs/format.md section 6."""

import re
from typing import NamedTuple

from .codec import FormatError, b64, decimal, fixed, unb64
from .entry import MEMBER_NAME
from .suite import SUITES
from . import curves

ORIGIN = re.compile(r"ledger/([0-9a-f]{32})(?:/inc/([1-9][0-9]{0,4}))?", re.ASCII)
MAX_INCARNATION = 32767


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes
    height: int
    epoch: int
    term: int
    block: bytes

    def text(self):
        return (f"{self.origin}\n{self.size}\n{b64(self.root)}\nheight {self.height}\nepoch {self.epoch}\n"
                f"term {self.term}\nblock {b64(self.block)}\n")

    def chain_id(self):
        return parse_origin(self.origin)


def parse_origin(text):
    """The chain id."""
    m = ORIGIN.fullmatch(text)
    if not m or int(m[2] or 0) > MAX_INCARNATION:
        raise FormatError("the origin is not that of a ledger")
    return bytes.fromhex(m[1])


class VerifierKey(NamedTuple):
    suite: object
    name: str               # empty for a key that came without one: it then answers to any name
    spki: bytes

    def line(self):
        return (f"{self.name}+{self.suite.key_id(self.name, self.spki).hex()}"
                f"+{b64(self.suite.vkey_type + self.spki)}")

    def knows(self, name, key_id):
        return self.name in ("", name) and self.suite.key_id(name, self.spki) == key_id


def parse_vkey(line):
    parts = line.split("+", 2)
    if len(parts) != 3 or not MEMBER_NAME.fullmatch(parts[0]):
        raise FormatError("not a verifier key")
    raw = unb64(parts[2])
    for suite in SUITES.values():
        if raw.startswith(suite.vkey_type):
            spki = raw[len(suite.vkey_type):]
            curves.spki_decode(suite.curve, spki)
            key = VerifierKey(suite, parts[0], spki)
            if key.line() != line:
                raise FormatError("the key id is not that of the key")
            return key
    raise FormatError("unknown type of verifier key")


def spki_key(spki):
    """A VerifierKey without a name from a bare SubjectPublicKeyInfo."""
    for suite in SUITES.values():
        if spki.startswith(suite.curve.spki_head):
            curves.spki_decode(suite.curve, spki)
            return VerifierKey(suite, "", spki)
    raise FormatError("not a P-256 or SM2 public key")


class Note(NamedTuple):
    text: bytes
    checkpoint: Checkpoint
    signatures: tuple       # of (name, key id, signature)


def parse_note(raw):
    """Split a signed note; nothing is verified yet."""
    try:
        whole = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise FormatError("the note is not UTF-8") from None
    body, gap, tail = whole.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise FormatError("the note has no signatures")
    signatures = []
    for line in tail[:-1].split("\n"):
        m = re.fullmatch(r"— ([^\s+]+) (\S+)", line)
        if not m or any(ord(c) < 32 for c in line):
            raise FormatError("malformed signature line")
        sig = unb64(m[2])
        if len(sig) < 5:
            raise FormatError("malformed signature line")
        signatures.append((m[1], sig[:4], sig[4:]))
    return Note((body + "\n").encode(), parse_checkpoint(body + "\n"), tuple(signatures))


def parse_checkpoint(text):
    lines = text.split("\n")
    if len(lines) != 8 or lines[7]:
        raise FormatError("a checkpoint has seven lines")
    parse_origin(lines[0])
    values = []
    for word, line in zip(("height", "epoch", "term", "block"), lines[3:7]):
        head, _, value = line.partition(" ")
        if head != word:
            raise FormatError(f"a checkpoint needs a line {word!r} here")
        values.append(value)
    return Checkpoint(lines[0], decimal(lines[1]), fixed(unb64(lines[2]), 32), *map(decimal, values[:3]),
                      fixed(unb64(values[3]), 32))


def verified_by(note, keys):
    """The names of the trusted keys that signed. Raises if a signature of a trusted key fails."""
    names = []
    for name, key_id, sig in note.signatures:
        for key in keys:
            if not key.knows(name, key_id):
                continue
            if not key.suite.verify(key.spki, note.text, sig):
                raise FormatError(f"signature of {name} does not verify")
            names.append(name)
    return names


def sign_note(checkpoint, signers):
    """A note signed by each (suite, name, private key)."""
    text = checkpoint.text()
    out = text + "\n"
    for suite, name, d in signers:
        sig = suite.sign(d, text.encode())
        out += f"— {name} {b64(suite.key_id(name, suite.spki(d)) + sig)}\n"
    return out.encode()
