"""Makes small chains, receipts and exports for vectors and tests; deterministic, keys and salts included.

This is the writing side of the format. It keeps everything in memory and is not part of the verifier.
"""

import hashlib
import os
from typing import NamedTuple

from . import block as blocks
from . import entry as en
from . import merkle
from .codec import lp, text, u16
from .note import Checkpoint, VerifierKey, sign_note
from .receipt import Consistency, Receipt

ALICE = "alice"


def pseudo(label, n=32):
    """Fixed bytes that look random."""
    out, i = b"", 0
    while len(out) < n:
        out += hashlib.sha256(f"{label}#{i}".encode()).digest()
        i += 1
    return out[:n]


def private_key(suite, label):
    return int.from_bytes(pseudo(f"key {suite.name} {label}"), "big") % (suite.curve.n - 2) + 1


class Made(NamedTuple):
    """An entry of the chain with what stays in the local row."""
    entry: en.Entry
    raw: bytes
    seed: bytes
    plain: tuple            # of (private?, Group)
    body: bytes             # of a closed or replaced extra, else None
    role: str


class Table:
    def __init__(self, name, private=True, kind=0):
        self.name, self.private, self.kind = name, private, kind
        self.id = pseudo("table " + name, 16)
        self.schemas = []
        self.rows = {}      # (ledger_tx, ledger_seq) -> raw row
        self.dropped = False

    def row(self, tx, seq, cells, op=0, prev=(0, 0)):
        schema = self.schemas[-1]
        columns = () if op == 2 else tuple(zip((c.col_id for c in schema.columns), cells))
        return en.Row(self.id, schema.schema_version, tx, seq, op, *prev, columns)


class Chain:
    def __init__(self, suite, name="origin", started=700000000000000):
        self.suite, self.h, self.name = suite, suite.hash, name
        self.clock = started
        self.counter = 0
        self.entries, self.blocks, self.tables = [], [], []
        self.members = {}
        self.log = merkle.Frontier(self.h)
        self.leaves = []
        self.key_no = 0
        self.inc = 0
        self.fork = None
        self.chain_id = en.ZERO_ID
        self._found()

    # identity

    @property
    def key(self):
        return private_key(self.suite, f"{self.name} {self.key_no}")

    def spki(self):
        return self.suite.spki(self.key)

    def vkey(self):
        return VerifierKey(self.suite, self.name, self.spki())

    def origin(self):
        return f"ledger/{self.chain_id.hex()}" + (f"/inc/{self.fork}" if self.fork else "")

    def new_tx(self):
        self.counter += 1
        return en.ledger_tx(0, self.inc, self.counter)

    def _found(self):
        tx = self.new_tx()
        body = en.Member(1, 0, self.suite.number, 1, pseudo(f"nonce {self.suite.name}"), self.name)
        self._add(en.MEMBER, tx, 0, body=body.encode())
        self.chain_id = en.chain_id_of(self.h, self.entries[0].entry)
        made = self.entries.pop()
        self.entries.append(made._replace(entry=made.entry._replace(chain_id=self.chain_id),
                                          raw=made.entry._replace(chain_id=self.chain_id).encode()))
        self._add(en.KEY, tx, 1, body=en.Key(0, 1, self.spki()).encode())
        self._add(en.INCARNATION, tx, 2,
                  body=en.Incarnation(0, 1, self.origin(), 0, self.h(b"")).encode())

    # entries

    def _add(self, type_, tx, part, groups=(), body=None, closed=False, role=ALICE):
        """groups: (private?, Group), any order."""
        self.clock += 1000003
        seed = pseudo(f"seed {self.suite.name} {len(self.entries)}", 16)
        salt = lambda i: en.derive_salt(self.h, seed, i)
        plain = tuple(sorted(groups, key=lambda g: g[1][:2]))
        shown = tuple(en.private_hash(self.h, salt(i), g) if private else g for i, (private, g) in enumerate(plain))
        extra = b"" if type_ == en.TX else en.make_extra(
            self.h, type_, body, salt(en.SALT_EXTRA) if closed or len(body) > en.MAX_BODY else None)
        entry = en.Entry(type_, self.chain_id, tx, part, self.clock,
                         en.role_hash(self.h, salt(en.SALT_ROLE), role), shown, extra)
        hidden = body if extra and extra[0] != en.OPEN else None
        self.entries.append(Made(entry, entry.encode(), seed, plain, hidden, role))

    def record(self, type_, body, closed=False, role=ALICE, tx=None, part=0):
        """One entry without rows."""
        tx = tx or self.new_tx()
        self._add(type_, tx, part, body=body.encode(), closed=closed, role=role)
        return tx

    def define(self, table, columns, objects=(), flags=0, tx=None, part=0):
        """A SCHEMA entry: the table's first version, or its next."""
        if table not in self.tables:
            self.tables.append(table)
        body = en.SchemaBody(table.id, len(table.schemas) + 1, table.kind, "public", table.name, flags,
                             tuple(columns), tuple(objects))
        table.schemas.append(body)
        return self.record(en.SCHEMA, en.Schema(table.id, body.schema_version, body.hash(self.h)),
                           closed=table.private, tx=tx, part=part)

    def write(self, *writes, tx=None, part=0, role=ALICE):
        """A TX entry. Each write is (table, [row]), a row being a list of cells or (op, prev, cells)."""
        tx = tx or self.new_tx()
        groups = []
        for table, rows in writes:
            leaves = []
            for seq, row in enumerate(rows):
                op, prev, cells = row if isinstance(row, tuple) else (0, (0, 0), row)
                raw = table.row(tx, seq, cells, op, prev).encode()
                table.rows[tx, seq] = raw
                leaves.append(en.leaf_hash(self.h, raw))
            groups.append((table.private, en.Group(table.id, table.schemas[-1].schema_version, len(leaves),
                                                   merkle.root(self.h, leaves))))
        self._add(en.TX, tx, part, groups, role=role)
        return tx

    def rotate_key(self):
        old = self.key
        self.key_no += 1
        key = en.Key(0, 1, self.spki())
        return self.record(en.KEY, key._replace(approval=self.suite.sign(old, key.approved(self.chain_id))))

    def convert(self, table, rows):
        """Rows of a converted table and the BASELINE that covers them."""
        tx = self.new_tx()
        leaves = []
        for seq, cells in enumerate(rows):
            table.rows[tx, seq] = table.row(tx, seq, cells).encode()
            leaves.append(en.leaf_hash(self.h, table.rows[tx, seq]))
        self.record(en.BASELINE, en.Baseline(table.id, table.schemas[-1].schema_version, len(leaves),
                                             merkle.root(self.h, leaves), en.ZERO_ID, 1),
                    closed=table.private, tx=tx)
        return tx

    # blocks

    def _apply(self, made):
        e = made.entry
        body = en.decode_body(e.type, made.body or e.body()) if e.type in (en.MEMBER, en.KEY) else None
        if e.type == en.MEMBER and body.action == 3:
            del self.members[body.member]
        elif e.type == en.MEMBER:
            old = self.members.get(body.member, blocks.ListedMember(body.member, "", 0))
            self.members[body.member] = old._replace(name=body.name, weight=body.weight)
        elif e.type == en.KEY:
            field = ("sign_key", "encrypt_key", "tls_key")[body.usage - 1]
            self.members[body.member] = self.members[body.member]._replace(**{field: body.spki})

    def seal(self):
        """One block of every entry since the last; none if there is none."""
        first = len(self.leaves)
        new = self.entries[first:]
        if not new:
            return
        before = blocks.members_hash(self.h, self.members.values())
        for made in new:
            leaf = en.leaf_hash(self.h, made.raw)
            self.leaves.append(leaf)
            self.log.append(leaf)
            self._apply(made)
        self.clock += 999
        prev = blocks.block_hash(self.h, self.blocks[-1]) if self.blocks else blocks.ZERO_HASH
        b = blocks.Block(self.chain_id, 0, len(self.blocks), prev, first, len(new), self.log.root(),
                         merkle.root(self.h, [blocks.verdict_leaf(self.h, x) for x in self.leaves[first:]]),
                         blocks.body_hash(self.h), before, blocks.members_hash(self.h, self.members.values()),
                         self.clock, 0)
        self.blocks.append(b.encode())

    def checkpoint(self):
        last = blocks.decode_block(self.blocks[-1])
        return Checkpoint(self.origin(), len(self.leaves), self.log.root(), last.height, 0, 0,
                          blocks.block_hash(self.h, self.blocks[-1]))

    def note(self):
        return sign_note(self.checkpoint(), [(self.suite, self.name, self.key)])

    # what readers get

    def receipt(self, table, tx, seq):
        version = en.decode_row(table.rows[tx, seq]).schema_version
        rows = [raw for (t, _), raw in sorted(table.rows.items())
                if t == tx and en.decode_row(raw).schema_version == version]
        leaves = [en.leaf_hash(self.h, raw) for raw in rows]
        index = rows.index(table.rows[tx, seq])
        for number, made in enumerate(self.entries):
            for i, (private, g) in enumerate(made.plain):
                if made.entry.ledger_tx == tx and g[:2] == (table.id, version):
                    return Receipt(self.suite, rows[index], index, len(rows),
                                   merkle.inclusion_path(self.h, leaves, index), made.raw, i,
                                   en.derive_salt(self.h, made.seed, i) if private else None,
                                   number, len(self.leaves),
                                   merkle.inclusion_path(self.h, self.leaves, number), self.note())
        raise KeyError(tx)

    def consistency(self, old, new=None):
        new = len(self.leaves) if new is None else new
        part = self.leaves[:new]
        return Consistency(self.suite, old, merkle.root(self.h, part[:old]), new, merkle.root(self.h, part),
                           merkle.consistency_path(self.h, part, old))

    def openings(self, made):
        """The records after the entry in entries.bin."""
        out = []
        for i, (private, g) in enumerate(made.plain):
            if private:
                out.append(u16(i) + en.derive_salt(self.h, made.seed, i) + g.encode())
        if made.body is not None:
            out.append(u16(en.SALT_EXTRA) + en.derive_salt(self.h, made.seed, en.SALT_EXTRA) + lp(made.body))
        out.append(u16(en.SALT_ROLE) + en.derive_salt(self.h, made.seed, en.SALT_ROLE) + text(made.role))
        return out

    def export_files(self):
        """Every file of an export: path -> bytes."""
        sealed = self.entries[:len(self.leaves)]
        row_files = {f"rows/{t.id.hex()}.bin": b"".join(lp(t.rows[k]) for k in sorted(t.rows))
                     for t in self.tables if not t.dropped}
        files = {
            "format": (f"ledger-export/1\nsuite {self.suite.name}\norigin {self.origin()}\n"
                       f"size {len(self.leaves)}\ntables {len(row_files)}\n").encode(),
            "checkpoint": self.note(),
            "keys": (self.vkey().line() + "\n").encode(),
            "blocks.bin": b"".join(map(lp, self.blocks)),
            "entries.bin": b"".join(lp(m.raw + u16(len(o)) + b"".join(o))
                                    for m in sealed for o in [self.openings(m)]),
            "schemas.bin": b"".join(lp(s.encode()) for t in self.tables for s in t.schemas),
        }
        files.update(row_files)
        for level, hashes in enumerate(self.tile_levels()):
            for index in range(0, len(hashes), merkle.TILE):
                part = hashes[index:index + merkle.TILE]
                files["tile/" + merkle.tile_path(level, index // merkle.TILE, len(part))] = b"".join(part)
        return files

    def tile_levels(self):
        """The hashes that tiles of each level are cut from."""
        levels = [self.leaves]
        while len(levels[-1]) >= merkle.TILE:
            low = levels[-1]
            levels.append([merkle.root(self.h, low[i:i + merkle.TILE])
                           for i in range(0, len(low) // merkle.TILE * merkle.TILE, merkle.TILE)])
        return levels


def write_files(files, directory):
    for name, content in files.items():
        path = os.path.join(directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(content)
