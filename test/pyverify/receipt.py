"""Receipts and consistency proofs: docs/format.md section 7."""

from typing import NamedTuple

from . import entry as entries
from . import merkle
from .codec import FormatError, b64, decimal, fixed, unb64
from .note import parse_note, verified_by
from .suite import suite_named


def hashes(text):
    if text == "-":
        return []
    raw = unb64(text)
    if not raw or len(raw) % 32:
        raise FormatError("not a list of hashes")
    return [raw[i:i + 32] for i in range(0, len(raw), 32)]


def hashes_text(path):
    return b64(b"".join(path)) if path else "-"


def _lines(text, words):
    """The values after each of words, one line each."""
    lines = text.split("\n")
    if len(lines) != len(words):
        raise FormatError("wrong number of lines")
    values = []
    for word, line in zip(words, lines):
        head, gap, value = line.partition(" ")
        if head != word or not gap:
            raise FormatError(f"expected a line {word!r}")
        values.append(value)
    return values


def _pair(value):
    parts = value.split(" ")
    if len(parts) != 2:
        raise FormatError("expected two values")
    return parts


class Receipt(NamedTuple):
    suite: object
    row: bytes
    row_index: int
    nrows: int
    row_path: list
    entry: bytes
    position: int
    salt: bytes             # None for a shared group
    leaf_number: int
    tree_size: int
    log_path: list
    note: bytes

    def encode(self):
        kind = "shared -" if self.salt is None else "private " + b64(self.salt)
        return (f"ledger-receipt/1\nsuite {self.suite.name}\nrow {b64(self.row)}\n"
                f"row-index {self.row_index} {self.nrows}\nrow-path {hashes_text(self.row_path)}\n"
                f"entry {b64(self.entry)}\ngroup {self.position} {kind}\n"
                f"log-index {self.leaf_number} {self.tree_size}\nlog-path {hashes_text(self.log_path)}\n"
                "\n").encode() + self.note


def parse_receipt(raw):
    head, gap, note = raw.partition(b"\n\n")
    if not gap:
        raise FormatError("the receipt has no note")
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError:
        raise FormatError("the receipt is not UTF-8") from None
    first, _, rest = text.partition("\n")
    if first != "ledger-receipt/1":
        raise FormatError("not a ledger receipt of version 1")
    v = _lines(rest, ("suite", "row", "row-index", "row-path", "entry", "group", "log-index", "log-path"))
    row_index, nrows = map(decimal, _pair(v[2]))
    leaf_number, tree_size = map(decimal, _pair(v[6]))
    group = v[5].split(" ")
    if len(group) != 3 or group[1] not in ("shared", "private") or (group[1] == "shared") != (group[2] == "-"):
        raise FormatError("malformed line 'group'")
    return Receipt(suite_named(v[0]), unb64(v[1]), row_index, nrows, hashes(v[3]), unb64(v[4]),
                   decimal(group[0], 1 << 16), None if group[2] == "-" else fixed(unb64(group[2]), 32),
                   leaf_number, tree_size, hashes(v[7]), note)


def check_receipt(raw, keys):
    """Every step of section 7; returns (row, entry, checkpoint, signers) or raises FormatError."""
    rc = parse_receipt(raw)
    h = rc.suite.hash
    row, entry = entries.decode_row(rc.row), entries.decode_entry(rc.entry)
    if row.ledger_tx != entry.ledger_tx:
        raise FormatError("row and entry are of different transactions")

    root = merkle.inclusion_root(h, entries.leaf_hash(h, rc.row), rc.row_index, rc.nrows, rc.row_path)
    if rc.position >= len(entry.groups):
        raise FormatError("the entry has no such group")
    group = entries.Group(row.table_id, row.schema_version, rc.nrows, root)
    want = group if rc.salt is None else entries.private_hash(h, rc.salt, group)
    if entry.groups[rc.position] != want:
        raise FormatError("the row is not in the group of the entry")

    note = parse_note(rc.note)
    cp = note.checkpoint
    log_root = merkle.inclusion_root(h, entries.leaf_hash(h, rc.entry), rc.leaf_number, rc.tree_size, rc.log_path)
    if rc.tree_size != cp.size or log_root != cp.root:
        raise FormatError("the entry is not in the log of the checkpoint")
    if cp.chain_id() != entry.chain_id:
        raise FormatError("entry and checkpoint are of different chains")
    return row, entry, cp, check_note(note, keys, rc.suite)


def check_note(note, keys, suite=None):
    """The names of the trusted signers, at least one; suite, where given, must be theirs."""
    names = verified_by(note, [k for k in keys if suite in (None, k.suite)])
    if not names:
        raise FormatError("no trusted key signed the checkpoint")
    return names


class Consistency(NamedTuple):
    suite: object
    old_size: int
    old_root: bytes
    new_size: int
    new_root: bytes
    path: list

    def encode(self):
        return (f"ledger-consistency/1\nsuite {self.suite.name}\nfrom {self.old_size} {b64(self.old_root)}\n"
                f"to {self.new_size} {b64(self.new_root)}\npath {hashes_text(self.path)}\n").encode()

    def holds(self):
        return merkle.consistent(self.suite.hash, self.old_size, self.old_root, self.new_size, self.new_root,
                                 self.path)


def parse_consistency(raw):
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise FormatError("the proof is not UTF-8") from None
    first, _, rest = text.partition("\n")
    if first != "ledger-consistency/1" or not rest.endswith("\n"):
        raise FormatError("not a ledger consistency proof of version 1")
    v = _lines(rest[:-1], ("suite", "from", "to", "path"))
    (old_size, old_root), (new_size, new_root) = _pair(v[1]), _pair(v[2])
    return Consistency(suite_named(v[0]), decimal(old_size), fixed(unb64(old_root), 32),
                       decimal(new_size), fixed(unb64(new_root), 32), hashes(v[3]))
