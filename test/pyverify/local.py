"""Local bytes of the database, docs/format.md section 9. A verifier of exports never meets them; they are
here so that their golden vectors have a second reading."""

from typing import NamedTuple

from .codec import FormatError, Reader, fixed, read_varint, u8, u16, u32, varint


class PackedGroup(NamedTuple):
    table_no: int
    schema_version: int
    nrows: int
    first_seq: int
    block_lo: int
    block_hi: int
    root: bytes


def pack_groups(groups):
    return u16(len(groups)) + b"".join(
        b"".join(map(varint, g[:5])) + varint(g.block_hi - g.block_lo) + fixed(g.root, 32) for g in groups)


def unpack_groups(raw):
    r = Reader(raw)
    groups = []
    for _ in range(r.u16()):
        v = [read_varint(r) for _ in range(6)]
        v[5] += v[4]
        if not v[2] or max(v[0], v[1], v[3], v[5]) >= 1 << 32:
            raise FormatError("packed group is out of range")
        groups.append(PackedGroup(*v, r.take(32)))
    r.end()
    return groups


class LeafItem(NamedTuple):
    low: int                # ledger_tx & ff
    number: int             # leaf number − the block's first leaf
    heap_block: int
    line_pointer: int


def pack_items(items):
    return b"".join(u8(i.low) + u32(i.number) + u32(i.heap_block) + u16(i.line_pointer) for i in items)


def unpack_items(raw):
    if len(raw) % 11:
        raise FormatError("leaf items have 11 bytes each")
    r = Reader(raw)
    items = [LeafItem(r.u8(), r.u32(), r.u32(), r.u16()) for _ in range(len(raw) // 11)]
    if any(a.number >= b.number for a, b in zip(items, items[1:])) or not all(i.line_pointer for i in items):
        raise FormatError("leaf items are not in order")
    return items


def pack_salts(pieces):
    """`ledger_salt`: 16 random bytes for a redactable column, or the 32-byte commitment of an erased one."""
    for p in pieces:
        if len(p) not in (16, 32):
            raise FormatError("a salt piece has 16 or 32 bytes")
    return b"".join(u8(len(p)) + p for p in pieces)


def unpack_salts(raw):
    r = Reader(raw)
    pieces = []
    while r.left():
        n = r.u8()
        if n not in (16, 32):
            raise FormatError("a salt piece has 16 or 32 bytes")
        pieces.append(r.take(n))
    return pieces
