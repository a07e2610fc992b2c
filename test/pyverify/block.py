"""Blocks, verdicts, block bodies and member lists: docs/format.md section 5."""

from typing import NamedTuple

from .codec import FormatError, Reader, fixed, i64, lp, text, u16, u32, u64

ZERO_HASH = bytes(32)


class Block(NamedTuple):
    chain_id: bytes
    epoch: int
    height: int
    prev_hash: bytes
    first_leaf: int
    n: int
    log_root: bytes
    results_root: bytes
    body_hash: bytes
    members_hash: bytes
    next_members_hash: bytes
    sealed_at: int
    proposer: int

    def encode(self):
        return (b"B\x01" + fixed(self.chain_id, 16) + u64(self.epoch) + u64(self.height)
                + fixed(self.prev_hash, 32) + u64(self.first_leaf) + u32(self.n)
                + b"".join(fixed(d, 32) for d in self[6:11]) + i64(self.sealed_at) + u16(self.proposer))


def decode_block(raw):
    r = Reader(raw)
    if r.take(2) != b"B\x01":
        raise FormatError("not a block of version 1")
    b = Block(r.take(16), r.u64(), r.u64(), r.take(32), r.u64(), r.u32(),
              *(r.take(32) for _ in range(5)), r.i64(), r.u16())
    r.end()
    if not b.n or b.first_leaf + b.n >= 1 << 64:
        raise FormatError("leaf numbers are out of range")
    if not b.height and b.prev_hash != ZERO_HASH:
        raise FormatError("block 0 names a block before it")
    return b


def block_hash(h, raw):
    return h(b"\x02" + raw)


def verdict_leaf(h, log_leaf, verdict=0, reason=b""):
    return h(b"\x00V\x01" + fixed(log_leaf, 32) + u16(verdict) + lp(reason))


class Batch(NamedTuple):
    origin: int
    lane: int
    hash: bytes
    signature: bytes


def body_hash(h, batches=(), evidence=(), rejected=()):
    return h(b"\x04Y\x01" + u32(len(batches))
             + b"".join(u16(b.origin) + u64(b.lane) + fixed(b.hash, 32) + lp(b.signature) for b in batches)
             + u32(len(evidence)) + b"".join(map(lp, evidence))
             + u32(len(rejected)) + b"".join(map(lp, rejected)))


class ListedMember(NamedTuple):
    index: int
    name: str
    weight: int
    sign_key: bytes = b""
    encrypt_key: bytes = b""
    tls_key: bytes = b""


def members_hash(h, members=()):
    return h(b"\x05M\x01" + u16(len(members))
             + b"".join(u16(m.index) + text(m.name) + u32(m.weight) + lp(m.sign_key) + lp(m.encrypt_key)
                        + lp(m.tls_key) for m in sorted(members, key=lambda m: m.index)))
