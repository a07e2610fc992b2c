"""Rows, groups, entries, their bodies and schema bodies: docs/format.md sections 3 and 4."""

import re
from typing import Any, NamedTuple

from . import canon
from .codec import FormatError, Reader, fixed, i64, lp, text, u8, u16, u32, u64

(TX, SCHEMA, MEMBER, KEY, GRANT, SIGNATURE, ERASE, PURGE, INCARNATION, BASELINE, CLOSE, CROSS) = range(1, 13)
TYPE_NAMES = ("TX", "SCHEMA", "MEMBER", "KEY", "GRANT", "SIGNATURE", "ERASE", "PURGE", "INCARNATION",
              "BASELINE", "CLOSE", "CROSS")

OPEN, CLOSED, REPLACED = 1, 2, 3                # first byte of extra
SALT_EXTRA, SALT_ROLE = 65534, 65535            # positions of the derived salts, numbers of the openings
MAX_ENTRY, MAX_GROUPS, MAX_BODY = 65535, 1000, 60000
MAX_SEQ = (1 << 31) - 1
ZERO_ID = bytes(16)
MEMBER_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


def _seq(r):
    v = r.u32()
    if v > MAX_SEQ:
        raise FormatError("ledger_seq is out of range")
    return v


def _tx(r):
    v = r.u64()
    if v >> 63 or not v & (1 << 36) - 1:
        raise FormatError("ledger_tx is out of range")
    return v


def ledger_tx(member, incarnation, counter):
    assert member < 1 << 12 and incarnation < 1 << 15 and counter < 1 << 36
    return member << 51 | incarnation << 36 | counter


def _one_of(v, low, high, what):
    if not low <= v <= high:
        raise FormatError(f"{what} is out of range")
    return v


# Section 3: row

class Row(NamedTuple):
    table_id: bytes
    schema_version: int
    ledger_tx: int
    ledger_seq: int
    op: int                 # 0 insert, 1 update, 2 delete
    prev_tx: int
    prev_seq: int
    columns: tuple          # of (col_id, cell as canon decodes it)

    def encode(self):
        return (b"R\x01" + fixed(self.table_id, 16) + u32(self.schema_version) + u64(self.ledger_tx)
                + u32(self.ledger_seq) + u8(self.op) + u64(self.prev_tx) + u32(self.prev_seq)
                + u16(len(self.columns)) + b"".join(u16(c) + canon.encode(cell) for c, cell in self.columns))


def decode_row(raw):
    r = Reader(raw)
    if r.take(2) != b"R\x01":
        raise FormatError("not a row of version 1")
    head = (r.take(16), r.u32(), _tx(r), _seq(r), _one_of(r.u8(), 0, 2, "op"))
    op = head[4]
    if op:
        head += (_tx(r), _seq(r))
    elif r.take(12) == bytes(12):
        head += (0, 0)
    else:
        raise FormatError("an insert supersedes nothing")
    columns, last = [], 0
    for _ in range(r.u16()):
        col_id = r.u16()
        if col_id <= last:
            raise FormatError("columns are not in order")
        columns.append((col_id, canon.read_cell(r)))
        last = col_id
    r.end()
    if op == 2 and columns:
        raise FormatError("a delete has columns")
    return Row(*head, tuple(columns))


def leaf_hash(h, raw):
    """Row leaf and log leaf alike."""
    return h(b"\x00" + raw)


# Section 4: groups and salts

class Group(NamedTuple):
    """What a group says once it is known: in the entry if shared, in the opening if private."""
    table_id: bytes
    schema_version: int
    nrows: int
    root: bytes

    def encode(self):
        return fixed(self.table_id, 16) + u32(self.schema_version) + u64(self.nrows) + fixed(self.root, 32)


def _read_group(r):
    g = Group(r.take(16), r.u32(), r.u64(), r.take(32))
    if not g.nrows:
        raise FormatError("a group without rows")
    return g


def private_hash(h, salt, group):
    return h(b"\x03P\x01" + fixed(salt, 32) + group.encode())


def role_hash(h, salt, role):
    return h(b"\x03N\x01" + fixed(salt, 32) + role.encode("utf-8"))


def body_hash(h, type_, salt, body):
    return h(b"\x03X\x01" + u8(type_) + fixed(salt, 32) + body)


def derive_salt(h, seed, position):
    return h(b"\x03K\x01" + fixed(seed, 16) + u16(position))


class Entry(NamedTuple):
    type: int
    chain_id: bytes
    ledger_tx: int
    part: int
    stamped_at: int
    role_hash: bytes
    groups: tuple           # of Group (shared) or 32 bytes (private)
    extra: bytes

    def encode(self):
        raw = (b"E\x01" + u8(self.type) + fixed(self.chain_id, 16) + u64(self.ledger_tx) + u16(self.part)
               + i64(self.stamped_at) + fixed(self.role_hash, 32) + u16(len(self.groups))
               + b"".join(b"\x01" + g.encode() if isinstance(g, Group) else b"\x02" + fixed(g, 32)
                          for g in self.groups)
               + lp(self.extra))
        assert len(raw) <= MAX_ENTRY and len(self.groups) <= MAX_GROUPS
        return raw

    def body(self):
        """The open body, or None where the entry shows only a hash."""
        return self.extra[1:] if self.type != TX and self.extra[0] == OPEN else None


def read_entry(r):
    """One entry off the front of r."""
    start = r.pos
    if r.take(2) != b"E\x01":
        raise FormatError("not an entry of version 1")
    head = (_one_of(r.u8(), TX, CROSS, "entry type"), r.take(16), _tx(r), r.u16(), r.i64(), r.take(32))
    ngroups = r.u16()
    if ngroups > MAX_GROUPS:
        raise FormatError("too many groups")
    groups, last = [], None
    for _ in range(ngroups):
        if _one_of(r.u8(), 1, 2, "kind of group") == 2:
            groups.append(r.take(32))
            continue
        g = _read_group(r)
        if last is not None and g[:2] <= last:
            raise FormatError("groups are not in order")
        last = g[:2]
        groups.append(g)
    e = Entry(*head, tuple(groups), r.bytes())
    if r.pos - start > MAX_ENTRY:
        raise FormatError("the entry is too long")
    _check_extra(e)
    return e


def decode_entry(raw):
    r = Reader(raw)
    e = read_entry(r)
    r.end()
    return e


class Openings(NamedTuple):
    """What an export says beside an entry, section 8."""
    groups: dict            # position -> (salt, Group)
    body: Any               # (salt, body bytes), or None
    role: Any               # (salt, role name), or None


def read_openings(r):
    groups, body, role, last = {}, None, None, -1
    for _ in range(r.u16()):
        what = r.u16()
        if what <= last:
            raise FormatError("openings are not in order")
        last = what
        salt = r.take(32)
        if what == SALT_ROLE:
            role = (salt, r.text())
        elif what == SALT_EXTRA:
            body = (salt, r.bytes())
        else:
            groups[what] = (salt, _read_group(r))
    return Openings(groups, body, role)


def _check_extra(e):
    if e.type == TX:
        if len(e.extra) not in (0, 48):
            raise FormatError("extra of a TX has the wrong size")
        return
    form = e.extra[0] if e.extra else 0
    if form == OPEN:
        check_body_size(form, e.extra[1:])
        decode_body(e.type, e.extra[1:])
    elif form not in (CLOSED, REPLACED) or len(e.extra) != 33:
        raise FormatError("extra is malformed")


def check_body_size(form, body):
    if (len(body) > MAX_BODY) != (form == REPLACED):
        raise FormatError("size of the body does not fit the form of the extra")


def make_extra(h, type_, body, salt=None):
    """Open without a salt, else closed; replaced by its hash where it is too long for an entry."""
    if len(body) <= MAX_BODY and salt is None:
        return u8(OPEN) + body
    return u8(CLOSED if len(body) <= MAX_BODY else REPLACED) + body_hash(h, type_, salt, body)


def chain_id_of(h, genesis):
    """The chain id that a genesis entry gives, whatever id it carries itself."""
    return leaf_hash(h, genesis._replace(chain_id=ZERO_ID).encode())[:16]


# Section 4: bodies, each a tuple with an encode()

class Schema(NamedTuple):
    table_id: bytes
    schema_version: int
    hash: bytes

    def encode(self):
        return self.table_id + u32(self.schema_version) + fixed(self.hash, 32)


class Member(NamedTuple):
    action: int             # 1 found or add, 2 change, 3 remove
    member: int
    suite: int
    weight: int
    nonce: bytes
    name: str
    last_state: Any = None  # (chain_id, size, root) of the former chain

    def encode(self):
        state = b""
        if self.last_state:
            chain_id, size, root = self.last_state
            state = fixed(chain_id, 16) + u64(size) + fixed(root, 32)
        return (u8(self.action) + u16(self.member) + u8(self.suite) + u32(self.weight)
                + fixed(self.nonce, 32) + text(self.name) + lp(state))


class Key(NamedTuple):
    member: int
    usage: int              # 1 sign, 2 encrypt, 3 TLS
    spki: bytes
    approval: bytes = b""

    def encode(self):
        return u16(self.member) + u8(self.usage) + lp(self.spki) + lp(self.approval)

    def approved(self, chain_id):
        """What the key that is replaced signs."""
        return b"K\x01" + chain_id + u16(self.member) + u8(self.usage) + lp(self.spki)


class Grant(NamedTuple):
    record: bytes

    def encode(self):
        return lp(self.record)


class Signature(NamedTuple):
    ledger_tx: int
    table_id: bytes
    ledger_seq: int
    leaf: bytes
    spki: bytes
    signature: bytes

    def encode(self):
        return (u64(self.ledger_tx) + self.table_id + u32(self.ledger_seq) + fixed(self.leaf, 32)
                + lp(self.spki) + lp(self.signature))

    def signed(self, chain_id):
        return b"G\x01" + chain_id + self.leaf


class Erase(NamedTuple):
    table_id: bytes
    ledger_tx: int
    ledger_seq: int
    columns: tuple
    basis: str

    def encode(self):
        return (self.table_id + u64(self.ledger_tx) + u32(self.ledger_seq) + u16(len(self.columns))
                + b"".join(map(u16, self.columns)) + text(self.basis))


class Purge(NamedTuple):
    table_id: bytes
    nrows: int
    retain_until: int
    reason: str

    def encode(self):
        return self.table_id + u64(self.nrows) + i64(self.retain_until) + text(self.reason)


class Incarnation(NamedTuple):
    incarnation: int
    reason: int             # 1 start, 2 exhaustion, 3 restore, 4 promotion, 5 clone, 6 fork
    origin: str
    size: int
    root: bytes

    def encode(self):
        return u16(self.incarnation) + u8(self.reason) + text(self.origin) + u64(self.size) + fixed(self.root, 32)


class Baseline(NamedTuple):
    table_id: bytes
    schema_version: int
    nrows: int
    root: bytes
    old_chain: bytes
    reason: int             # 1 converted, 2 joined, 3 shared, 4 restored

    def encode(self):
        return (self.table_id + u32(self.schema_version) + u64(self.nrows) + fixed(self.root, 32)
                + fixed(self.old_chain, 16) + u8(self.reason))


class Close(NamedTuple):
    new_chain: bytes
    size: int
    root: bytes

    def encode(self):
        return fixed(self.new_chain, 16) + u64(self.size) + fixed(self.root, 32)


class Cross(NamedTuple):
    action: int             # 1 reserve, 2 confirm, 3 cancel
    other_chain: bytes
    other_tx: int
    expiry: int

    def encode(self):
        return u8(self.action) + fixed(self.other_chain, 16) + u64(self.other_tx) + i64(self.expiry)


def _read_member(r):
    m = Member(_one_of(r.u8(), 1, 3, "member action"), _one_of(r.u16(), 0, 4095, "member"),
               _one_of(r.u8(), 1, 2, "suite"), r.u32(), r.take(32), r.text())
    if not MEMBER_NAME.fullmatch(m.name):
        raise FormatError("member name is out of range")
    state = r.bytes()
    if state:
        s = Reader(state)
        m = m._replace(last_state=(s.take(16), s.u64(), s.take(32)))
        s.end()
    return m


def _ascending(r):
    columns = tuple(r.u16() for _ in range(r.u16()))
    if any(a >= b for a, b in zip((0, *columns), columns)):
        raise FormatError("columns are not in order")
    return columns


_BODIES = {
    SCHEMA: lambda r: Schema(r.take(16), r.u32(), r.take(32)),
    MEMBER: _read_member,
    KEY: lambda r: Key(_one_of(r.u16(), 0, 4095, "member"), _one_of(r.u8(), 1, 3, "usage"), r.bytes(), r.bytes()),
    GRANT: lambda r: Grant(r.bytes()),
    SIGNATURE: lambda r: Signature(_tx(r), r.take(16), _seq(r), r.take(32), r.bytes(), r.bytes()),
    ERASE: lambda r: Erase(r.take(16), _tx(r), _seq(r), _ascending(r), r.text()),
    PURGE: lambda r: Purge(r.take(16), r.u64(), r.i64(), r.text()),
    INCARNATION: lambda r: Incarnation(_one_of(r.u16(), 0, 32767, "incarnation"), _one_of(r.u8(), 1, 6, "reason"),
                                       r.text(), r.u64(), r.take(32)),
    BASELINE: lambda r: Baseline(r.take(16), r.u32(), r.u64(), r.take(32), r.take(16),
                                 _one_of(r.u8(), 1, 4, "reason")),
    CLOSE: lambda r: Close(r.take(16), r.u64(), r.take(32)),
    CROSS: lambda r: Cross(_one_of(r.u8(), 1, 3, "action"), r.take(16), _tx(r), r.i64()),
}


def decode_body(type_, raw):
    r = Reader(raw)
    body = _BODIES[type_](r)
    r.end()
    return body


# Section 4: schema body

NOT_NULL, GENERATED, IDENTITY, HIDDEN, REDACTABLE, PROTECTED = 1, 2, 4, 8, 16, 32


class Column(NamedTuple):
    col_id: int
    name: str
    tag: int
    type: str
    collation: str = ""
    flags: int = 0
    detail: str = ""


class Object(NamedTuple):
    kind: str               # one of c d i p r t
    name: str
    definition: str


class SchemaBody(NamedTuple):
    table_id: bytes
    schema_version: int
    kind: int               # 0 ledger, 1 versioned
    schema_name: str
    table_name: str
    flags: int
    columns: tuple
    objects: tuple = ()

    def encode(self):
        out = (b"S\x01" + fixed(self.table_id, 16) + u32(self.schema_version) + u8(self.kind)
               + text(self.schema_name) + text(self.table_name) + u8(self.flags) + u16(len(self.columns)))
        for c in self.columns:
            out += (u16(c.col_id) + text(c.name) + u8(c.tag) + text(c.type) + text(c.collation)
                    + u8(c.flags) + text(c.detail))
        out += u16(len(self.objects))
        for o in self.objects:
            out += o.kind.encode() + text(o.name) + text(o.definition)
        return out

    def hash(self, h):
        return schema_hash(h, self.encode())


def schema_hash(h, raw):
    return h(b"\x06" + raw)


def decode_schema(raw):
    r = Reader(raw)
    if r.take(2) != b"S\x01":
        raise FormatError("not a schema body of version 1")
    head = (r.take(16), r.u32(), _one_of(r.u8(), 0, 1, "kind of table"), r.text(), r.text(),
            _one_of(r.u8(), 0, 3, "table flags"))
    columns, last = [], 0
    for _ in range(r.u16()):
        c = Column(r.u16(), r.text(), r.u8(), r.text(), r.text(), _one_of(r.u8(), 0, 63, "column flags"), r.text())
        if c.col_id <= last:
            raise FormatError("columns are not in order")
        if c.tag == canon.ERASED or not canon.known(c.tag):
            raise FormatError("column tag is out of range")
        last = c.col_id
        columns.append(c)
    objects, last = [], None
    for _ in range(r.u16()):
        kind = r.take(1)
        if kind not in (b"c", b"d", b"i", b"p", b"r", b"t"):
            raise FormatError("unknown kind of object")
        o = Object(kind.decode(), r.text(), r.text())
        key = (kind, o.name.encode())
        if last is not None and key <= last:
            raise FormatError("objects are not in order")
        last = key
        objects.append(o)
    r.end()
    return SchemaBody(*head, tuple(columns), tuple(objects))
