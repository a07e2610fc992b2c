"""Exports that somebody tampered with, and what a verifier has to say of each.

Two kinds: an export changed after it was written, and a chain written wrongly by someone who holds the key, so
that every signature is good. Each attack is (name, files, findings), the findings as their part before the
colon, in any order.
"""

from . import block as blocks
from . import canon
from . import entry as en
from .codec import Reader, lp, u16
from .maker import Chain, Table, private_key, pseudo
from .note import VerifierKey, sign_note
from .sample import ID, NOTE, NULL, Sample, int8, text

FILLERS = 300               # enough for a full tile and one above it


def records(raw):
    r = Reader(raw)
    out = []
    while r.left():
        out.append(r.bytes())
    return out


def flipped(raw, at, bit=1):
    out = bytearray(raw)
    out[at] ^= bit
    return bytes(out)


class Copy(dict):
    """The files of an export, to be changed."""

    def records(self, name, change):
        items = records(self[name])
        self[name] = b"".join(map(lp, change(items) or items))
        return self

    def put(self, name, content):
        self[name] = content
        return self

    def without(self, name):
        del self[name]
        return self


def _at(table=None, **where):
    words = ([f"table={table.id.hex()}"] if table else []) + [f"{k}={v}" for k, v in where.items()]
    return " ".join(words)


def _replace(i, new):
    def change(items):
        items[i] = new(items[i]) if callable(new) else new
    return change


def _swap(i, j):
    def change(items):
        items[i], items[j] = items[j], items[i]
    return change


def _drop(i):
    return lambda items: items[:i] + items[i + 1:]


def changed(sample):
    """Attacks on the files of an export; the sample has FILLERS."""
    c, tx = sample.chain, sample.tx
    good = c.export_files()
    new = lambda: Copy(good)
    file = lambda table: f"rows/{table.id.hex()}.bin"
    accounts, events, documents = sample.accounts, sample.events, sample.documents
    first = next(i for i, m in enumerate(c.entries) if m.entry.ledger_tx == tx["accounts"])
    lone = next(i for i, m in enumerate(c.entries) if m.entry.ledger_tx == tx["people"] and m.entry.type == en.TX)
    last = len(c.entries) - 1

    # rows
    in_accounts = _at(accounts, ledger_tx=tx["accounts"])
    one = en.decode_row(accounts.rows[tx["accounts"], 3])
    forged = one._replace(columns=((1, int8(666)),) + one.columns[1:])
    yield "row changed", new().records(file(accounts), _replace(3, forged.encode())), [f"row-changed {in_accounts}"]
    lone_row = en.decode_row(sample.people.rows[tx["people"], 0])
    yield ("lone row changed",
           new().records(file(sample.people), _replace(0, lone_row._replace(
               columns=((1, int8(666)),) + lone_row.columns[1:]).encode())),
           ["row-changed " + _at(sample.people, ledger_tx=tx["people"], ledger_seq=0)])
    yield "row dropped", new().records(file(accounts), _drop(3)), [f"rows-missing {in_accounts}"]
    yield "first row dropped", new().records(file(accounts), _drop(0)), [f"rows-missing {in_accounts}"]
    yield ("row forged into an old transaction",
           new().records(file(accounts), lambda r: r[:7] + [forged._replace(ledger_seq=7).encode()] + r[7:]),
           [f"rows-extra {in_accounts}"])
    yield ("row twice", new().records(file(accounts), lambda r: r[:4] + r[3:]),
           ["row-order " + _at(accounts, ledger_tx=tx["accounts"], ledger_seq=3)])
    yield ("row of no transaction",
           new().records(file(accounts), lambda r: r + [forged._replace(ledger_tx=(1 << 50) + 1).encode()]),
           ["row-unknown " + _at(accounts, ledger_tx=(1 << 50) + 1, ledger_seq=3)])
    yield ("rows swapped", new().records(file(accounts), _swap(3, 4)),
           ["row-order " + _at(accounts, ledger_tx=tx["accounts"], ledger_seq=3), f"rows-missing {in_accounts}"])
    yield ("row moved to another table",
           new().records(file(events), lambda r: r + [accounts.rows[tx["both"], 0]])
           .records(file(accounts), lambda r: r[:-1]),
           ["row-order " + _at(events, ledger_tx=tx["both"], ledger_seq=0),
            "rows-missing " + _at(accounts, ledger_tx=tx["both"])])
    yield ("row with a column more",
           new().records(file(accounts), _replace(3, one._replace(columns=one.columns + ((9, NULL),)).encode())),
           [f"row-changed {in_accounts}", "row-schema " + _at(accounts, ledger_tx=tx["accounts"], ledger_seq=3)])
    yield ("row malformed", new().records(file(accounts), _replace(3, lambda r: r[:-1])),
           ["row-malformed " + _at(accounts), f"rows-missing {in_accounts}"])
    yield ("rows file cut", new().put(file(sample.people), good[file(sample.people)][:-1]),
           ["stream-cut " + _at(sample.people, file=file(sample.people)),
            "rows-missing " + _at(sample.people, ledger_tx=tx["people"]),
            "erase " + _at(sample.people, ledger_tx=tx["people"], ledger_seq=0)])
    yield ("table dropped", new().without(file(documents)),
           ["format", "file-missing " + _at(documents, file=file(documents))])
    strange = Table("strange")
    yield ("table added", new().put(file(strange), lp(one._replace(table_id=strange.id).encode())),
           ["format", f"file-unexpected file={file(strange)}",
            "row-unknown " + _at(strange, ledger_tx=tx["accounts"], ledger_seq=3)])
    yield "a file more", new().put("readme", b"hello"), ["file-unexpected file=readme"]
    converted = next(t for t in c.tables if t.name == "converted")
    base = min(converted.rows)[0]
    yield ("converted row dropped", new().records(file(converted), _drop(2)),
           ["baseline " + _at(converted, ledger_tx=base)])
    d = sorted(documents.rows)
    yield ("old version dropped", new().records(file(documents), _drop(0)),
           ["rows-missing " + _at(documents, ledger_tx=d[0][0]),
            "version " + _at(documents, ledger_tx=d[2][0], ledger_seq=d[2][1]),
            "signature " + _at(documents, ledger_tx=d[0][0], ledger_seq=0)])

    # entries and tiles
    yield ("entry dropped", new().records("entries.bin", _drop(lone)),
           [f"entry-missing leaf={lone}", "row-unknown " + _at(sample.people, ledger_tx=tx["people"], ledger_seq=0)])
    yield ("entry twice", new().records("entries.bin", lambda r: r[:lone] + [r[lone]] + r[lone:]),
           [f"entry-extra ledger_tx={tx['people']} leaf={lone + 1}"])
    yield ("entries swapped", new().records("entries.bin", _swap(40, 41)),
           [f"entry-extra ledger_tx={c.entries[41].entry.ledger_tx} leaf=40", "entry-missing leaf=41",
            "row-unknown " + _at(events, ledger_tx=c.entries[41].entry.ledger_tx, ledger_seq=0)])
    yield ("last entry dropped", new().records("entries.bin", _drop(last)), [f"entry-missing leaf={last}"])
    yield ("time in an entry changed", new().records("entries.bin", _replace(lone, lambda r: flipped(r, 36))),
           [f"entry-changed ledger_tx={tx['people']} leaf={lone}"])
    yield ("entry malformed", new().records("entries.bin", _replace(lone, lambda r: flipped(r, 0))),
           [f"entry-malformed leaf={lone}",
            "row-unknown " + _at(sample.people, ledger_tx=tx["people"], ledger_seq=0)])
    yield ("leaf in a tile changed", new().put("tile/0/000", flipped(good["tile/0/000"], 32 * 50)),
           [f"tile-wrong ledger_tx={c.entries[50].entry.ledger_tx} leaf=50"])
    yield ("tile above changed", new().put("tile/1/000.p/1", flipped(good["tile/1/000.p/1"], 0)),
           ["tile-wrong file=tile/1/000.p/1"])
    yield "tile missing", new().without("tile/0/000"), ["tile-missing file=tile/0/000"]
    yield ("tile cut", new().put("tile/0/000", good["tile/0/000"][:-32]), ["tile-wrong file=tile/0/000"])
    yield ("tile of another width", new().put("tile/0/000.p/9", bytes(9 * 32)),
           ["file-unexpected file=tile/0/000.p/9"])
    yield ("entry and tile changed together",
           new().records("entries.bin", _replace(lone, lambda r: flipped(r, 36)))
           .put(f"tile/0/001.p/{last + 1 - 256}",
                _leaf_put(good[f"tile/0/001.p/{last + 1 - 256}"], lone - 256,
                          en.leaf_hash(c.h, flipped(c.entries[lone].raw, 36)))),
           [f"block-root height={_height(c, lone)}", f"block-results height={_height(c, lone)}", "checkpoint-root"])
    yield ("entries and tiles gone", new().put("entries.bin", b"").without("tile/0/000")
           .without(f"tile/0/001.p/{last + 1 - 256}"), None)

    # openings
    group_salt = len(c.entries[first].raw) + 4
    yield ("salt of a group changed", new().records("entries.bin", _replace(first, lambda r: flipped(r, group_salt))),
           ["opening-wrong " + _at(accounts, ledger_tx=tx["accounts"], leaf=first),
            "row-unknown " + _at(accounts, ledger_tx=tx["accounts"], ledger_seq=0)])
    role = lambda r: r[:-5] + b"carol"
    yield ("role renamed", new().records("entries.bin", _replace(first, role)),
           ["opening-wrong " + _at(ledger_tx=tx["accounts"], leaf=first)])
    yield ("openings left out",
           new().records("entries.bin", _replace(first, lambda r: c.entries[first].raw + u16(0))),
           ["opening-missing " + _at(ledger_tx=tx["accounts"], leaf=first)] * 2
           + ["row-unknown " + _at(accounts, ledger_tx=tx["accounts"], ledger_seq=0)])
    yield ("opening too many",
           new().records("entries.bin", _replace(first, lambda r: r[:len(c.entries[first].raw)] + u16(3)
                                                 + r[len(c.entries[first].raw) + 2:])), None)

    # blocks
    n = len(c.blocks)
    yield ("blocks swapped", new().records("blocks.bin", _swap(2, 3)),
           ["block-chain height=3", "block-chain height=2", "block-chain height=4"])
    yield "block dropped", new().records("blocks.bin", _drop(2)), ["block-chain height=3"]
    yield ("last block dropped", new().records("blocks.bin", _drop(n - 1)),
           [f"block-missing leaf={blocks.decode_block(c.blocks[-1]).first_leaf}", "checkpoint-block"])
    yield ("block twice", new().records("blocks.bin", lambda r: r + r[-1:]), [f"block-extra height={n}"])
    yield ("root in a block changed", new().records("blocks.bin", _replace(1, lambda r: flipped(r, 80))),
           ["block-root height=1", "block-chain height=2"])
    yield ("results in a block changed", new().records("blocks.bin", _replace(1, lambda r: flipped(r, 110))),
           ["block-results height=1", "block-chain height=2"])
    yield ("body of a block changed", new().records("blocks.bin", _replace(1, lambda r: flipped(r, 143))),
           ["block-results height=1", "block-chain height=2"])
    yield ("members in a block changed", new().records("blocks.bin", _replace(1, lambda r: flipped(r, 207))),
           ["block-members height=1", "block-chain height=2"])
    yield ("time of the last block changed", new().records("blocks.bin", _replace(n - 1, lambda r: flipped(r, 240))),
           ["checkpoint-block"])
    yield ("block malformed", new().records("blocks.bin", _replace(2, lambda r: flipped(r, 0))),
           ["block-malformed height=2", "block-chain height=3"])

    # schema
    body = events.schemas[0]
    renamed = body._replace(columns=(body.columns[0], body.columns[1]._replace(name="remark")))
    mine = next(i for i, r in enumerate(records(good["schemas.bin"])) if r == body.encode())
    in_events = _at(events, schema=1)
    yield ("column renamed in the schema", new().records("schemas.bin", _replace(mine, renamed.encode())),
           [f"schema-wrong {in_events}", f"schema-missing {in_events}"])
    yield ("schema dropped", new().records("schemas.bin", _drop(mine)), [f"schema-missing {in_events}"])
    yield ("schema added", new().records("schemas.bin", lambda r: r + [body._replace(schema_version=9).encode()]),
           ["schema-unknown " + _at(events, schema=9)])
    yield "schema malformed", new().records("schemas.bin", lambda r: r + [b"S"]), ["schema-malformed"]

    # signatures and the small files
    stranger = private_key(c.suite, "stranger")
    key = VerifierKey(c.suite, c.name, c.suite.spki(stranger)).line() + "\n"
    yield ("signed by a stranger", new().put("checkpoint", sign_note(c.checkpoint(), [(c.suite, c.name, stranger)])),
           ["checkpoint-untrusted", "checkpoint-stranger"])
    yield "key exchanged", new().put("keys", key.encode()), ["keys", "keys"]
    yield "key renamed", new().put("keys", good["keys"].replace(b"origin+", b"orig1n+")), None
    yield ("checkpoint of another root",
           new().put("checkpoint", sign_note(c.checkpoint()._replace(root=pseudo("x")), [(c.suite, c.name, c.key)])),
           ["checkpoint-root"])
    yield ("checkpoint of another block",
           new().put("checkpoint", sign_note(c.checkpoint()._replace(height=1), [(c.suite, c.name, c.key)])),
           ["checkpoint-block"])
    yield "checkpoint missing", new().without("checkpoint"), ["file-missing file=checkpoint"]
    yield "keys missing", new().without("keys"), ["file-missing file=keys"]
    yield ("suite exchanged", new().put("format", good["format"].replace(
        f"suite {c.suite.name}".encode(), b"suite gm" if c.suite.name == "std" else b"suite std")), None)
    yield "size changed", new().put("format", good["format"].replace(f"size {last + 1}".encode(), b"size 7")), ["format"]
    yield "format malformed", new().put("format", good["format"] + b"x"), ["format"]
    for name in ("entries.bin", "blocks.bin", "schemas.bin"):
        yield f"{name} missing", new().without(name), None


def _leaf_put(tile, i, leaf):
    return tile[:32 * i] + leaf + tile[32 * i + 32:]


def _height(chain, leaf):
    return next(b.height for b in map(blocks.decode_block, chain.blocks) if b.first_leaf <= leaf < b.first_leaf + b.n)


def signed(suite):
    """Chains that their own key holder wrote wrongly."""
    def start(kind=0, private=True):
        c = Chain(suite)
        t = Table("victim", private, kind)
        c.define(t, [ID, NOTE])
        return c, t

    def done(c):
        c.seal()
        return c.export_files()

    c, t = start()
    tx = c.write((t, [[int8(1), text("a")]]))
    yield "nothing wrong", done(c), []

    c, t = start()
    tx = c.write((t, [[int8(1), text("a")]]))
    c.write((t, [[int8(1), text("a")]]), tx=tx, part=2)
    yield ("part left out", done(c),
           [f"entry-part ledger_tx={tx} leaf=5", f"entry-groups ledger_tx={tx} leaf=5"])

    c, t = start()
    tx = c.write((t, [[int8(1), text("a")]]))
    c.write((t, [[int8(2), text("b")]]))
    u = Table("other")
    c.define(u, [ID], tx=tx)
    yield "transaction twice", done(c), [f"entry-twice ledger_tx={tx} leaf=6"]

    c, t = start()
    early = Table("early")
    early.schemas.append(en.SchemaBody(early.id, 1, 0, "public", "early", 0, (ID,)))
    tx = c.write((early, [[int8(1)]]))
    early.schemas.clear()
    c.define(early, [ID])
    yield "rows before their schema", done(c), ["schema-late " + _at(early, ledger_tx=tx)]

    c, t = start()
    tx = c.write((t, [[int8(1), int8(2)]]))
    yield "wrong type in a row", done(c), ["row-schema " + _at(t, ledger_tx=tx, ledger_seq=0)]

    c, t = start()
    old = c.write((t, [[int8(1), text("a")]]))
    tx = c.write((t, [(1, (old, 0), [int8(1), text("b")])]))
    yield "update of an append-only table", done(c), ["row-schema " + _at(t, ledger_tx=tx, ledger_seq=0)]

    def versions(*writes):
        c, t = start(kind=1)
        c.write((t, [[int8(1), text("a")]]))
        first = min(t.rows)
        for make in writes:
            tx = c.write((t, [make(first)]))
        return done(c), ["version " + _at(t, ledger_tx=tx, ledger_seq=0)]
    update = lambda first: (1, first, [int8(1), text("b")])
    yield ("superseded twice", *versions(update, update))
    yield ("deleted twice", *versions(lambda first: (2, first, []), lambda first: (2, first, [])))
    yield ("update of a deleted row", *versions(
        lambda first: (2, first, []), lambda first: (1, (first[0] + 1, 0), [int8(1), text("b")])))
    yield ("version of nothing", *versions(lambda first: (1, (first[0], 9), [int8(1), text("b")])))
    yield ("version of itself", *versions(lambda first: (1, (first[0] + 1, 0), [int8(1), text("b")])))
    c, t = start(kind=1)
    one, two = c.new_tx(), c.new_tx()
    c.write((t, [(1, (two, 0), [int8(1), text("b")])]), tx=one)
    c.write((t, [[int8(1), text("a")]]), tx=two)
    yield "version of a later row", done(c), ["version " + _at(t, ledger_tx=one, ledger_seq=0)]

    c, t = start()
    c.key_no = 1
    tx = c.record(en.KEY, en.Key(0, 1, c.spki()))
    yield "key without approval", done(c), [f"key ledger_tx={tx} leaf=4"]

    c, t = start()
    tx = c.record(en.KEY, en.Key(9, 2, c.spki()))
    c._apply = lambda made, apply=c._apply: None if made.entry.ledger_tx == tx else apply(made)
    yield "key of nobody", done(c), [f"key ledger_tx={tx} leaf=4"]

    c, t = start()
    tx = c.record(en.MEMBER, en.Member(1, 0, suite.number, 9, pseudo("n"), c.name))
    c._apply = lambda made, apply=c._apply: None if made.entry.ledger_tx == tx else apply(made)
    yield "member added twice", done(c), None

    c, t = start()
    tx = c.record(en.INCARNATION, en.Incarnation(1, 3, c.origin(), 2, pseudo("x")))
    yield "incarnation of another log", done(c), [f"log-state ledger_tx={tx} leaf=4"]

    c, t = start()
    tx = c.write((t, [[int8(1), text("a")]]))
    c.record(en.ERASE, en.Erase(t.id, tx, 0, (2,), ""), closed=True)
    yield "erased without being redactable", done(c), ["erase " + _at(t, ledger_tx=tx, ledger_seq=0)]

    for name, leaf, good in (("signature of another row", pseudo("x"), True), ("signature of nobody", None, False)):
        c, t = start(private=False)
        tx = c.write((t, [[int8(1), text("a")]]))
        user = private_key(suite, "user")
        s = en.Signature(tx, t.id, 0, leaf or en.leaf_hash(c.h, t.rows[tx, 0]), suite.spki(user), b"")
        c.record(en.SIGNATURE, s._replace(signature=suite.sign(user, s.signed(c.chain_id if good else bytes(16)))))
        yield name, done(c), ["signature " + _at(t, ledger_tx=tx, ledger_seq=0)]

    c, t = start()
    tx = c.convert(t, [[int8(i), NULL] for i in range(3)])
    t.rows[tx, 1] = t.row(tx, 1, [int8(666), NULL]).encode()
    yield "converted row changed", done(c), ["baseline " + _at(t, ledger_tx=tx)]

    c, t = start()
    c.write((t, [[int8(1), text("a")]]))
    c.record(en.PURGE, en.Purge(t.id, 1, c.clock, ""), closed=True)
    t.dropped = True
    yield "purged", done(c), []

    c, t = start()
    c.record(en.PURGE, en.Purge(t.id, 0, c.clock, ""), closed=True)
    c.write((t, [[int8(1), text("a")]]))
    t.dropped = True
    yield "written after the purge", done(c), ["file-missing " + _at(t, file=f"rows/{t.id.hex()}.bin")]

    c, t = start()
    c.entries[0] = c.entries[0]._replace(raw=c.entries[0].entry._replace(stamped_at=5).encode())
    yield "another genesis", done(c), None


def rewritten(suite):
    """(name, note that was held outside, files, findings): the key holder makes a second history."""
    def history(last):
        c = Chain(suite)
        t = Table("victim", private=False)
        c.define(t, [ID, NOTE])
        c.seal()
        c.write((t, [[int8(1), text("paid 1000")]]))
        c.seal()
        kept = c.note()
        for what in last:
            c.write((t, [[int8(2), text(what)]]))
            c.seal()
        return c, t, kept
    honest, t, kept = history(["b", "c"])
    yield "continued", kept, honest.export_files(), []
    yield "itself", honest.note(), honest.export_files(), []

    other, t, _ = history([])
    other.entries.pop()
    other.blocks.pop()
    other.leaves.pop()
    other.log.hashes.clear()
    other.log.size = 0
    for leaf in other.leaves:
        other.log.append(leaf)
    t.rows.clear()
    other.write((t, [[int8(1), text("paid 1")]]))
    other.seal()
    yield "rewritten", kept, other.export_files(), ["old-checkpoint-root", "old-checkpoint-block height=1"]
    yield "cut", honest.note(), history([])[0].export_files(), ["old-checkpoint-newer"]
    stranger = sign_note(honest.checkpoint(), [(suite, "origin", private_key(suite, "stranger"))])
    yield "old checkpoint of a stranger", stranger, honest.export_files(), ["old-checkpoint"]
