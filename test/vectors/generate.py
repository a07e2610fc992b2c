#!/usr/bin/python3
"""Writes every golden vector file; the kinds and keys are described in README.md.

Usage: generate.py [DIRECTORY], by default the directory of this script.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), HERE]

import cells
import proofs
import published
from pyverify import block, canon, entry as en, local, merkle
from pyverify.codec import lp, u16, u32
from pyverify.maker import private_key, pseudo
from pyverify.note import Checkpoint, VerifierKey, sign_note
from pyverify.sample import Sample, int8, text
from pyverify.suite import GM, STD
from pyverify.vec import document, group

SUITES = (STD, GM)
TABLE = pseudo("table", 16)
SALT = pseudo("salt", 32)
DIGESTS = [pseudo(f"digest {i}") for i in range(8)]


def canonical():
    yield from (group("prelude", sql=sql) for sql in cells.PRELUDE)
    for name, sql, value in cells.CASES:
        fields = {"sql": sql} if sql else {}
        yield group("cell", name=name, tag=f"{value[0]:02x}", cell=canon.encode(value), **fields)
    yield from (group("cell-bad", name=name, cell=raw) for name, raw in cells.BAD)


def _rows():
    tx = en.ledger_tx(0, 1, 77)
    yield "insert", en.Row(TABLE, 1, tx, 0, 0, 0, 0, ((1, int8(1)), (2, text("a")), (4, (canon.NULL, None))))
    yield "no_columns", en.Row(TABLE, 1, tx, 1, 0, 0, 0, ())
    yield "all_null", en.Row(TABLE, 2, tx, 2, 0, 0, 0, ((1, (canon.NULL, None)), (2, (canon.NULL, None))))
    yield "update", en.Row(TABLE, 2, tx + 1, 0, 1, tx, 0, ((1, int8(1)), (2, text("b"))))
    yield "delete", en.Row(TABLE, 3, tx + 2, en.MAX_SEQ, 2, tx + 1, 5, ())
    yield "limits", en.Row(b"\xff" * 16, (1 << 32) - 1, (1 << 63) - 1, en.MAX_SEQ, 1, (1 << 63) - 1, en.MAX_SEQ,
                           ((65535, int8(-1)),))
    yield "every_type", en.Row(TABLE, 9, tx, 3, 0, 0, 0,
                               tuple(enumerate((value for _, _, value in cells.CASES), 1)))


def _bad_rows(good):
    def put(offset, octets):
        return good[:offset] + octets + good[offset + len(octets):]
    yield "letter", put(0, b"E")
    yield "version", put(1, b"\2")
    yield "tx_sign_bit", put(22, b"\x80")
    yield "tx_counter_zero", put(25, bytes(5))
    yield "seq_sign_bit", put(30, b"\x80")
    yield "op", put(34, b"\3")
    yield "insert_with_prev_tx", put(35, bytes(7) + b"\1")
    yield "insert_with_prev_seq", put(43, bytes(3) + b"\1")
    yield "update_without_prev", put(34, b"\1")
    yield "update_with_prev_counter_zero", put(34, b"\1\0\0\0\x10\0\0\0\0")
    yield "delete_with_columns", put(34, b"\2" + bytes(7) + b"\1")
    yield "column_zero", put(49, b"\0\0")
    yield "column_twice", good[:47] + u16(2) + (u16(1) + b"\0") * 2
    yield "column_order", good[:47] + u16(2) + u16(2) + b"\0" + u16(1) + b"\0"
    yield "column_missing", good[:47] + u16(2) + u16(1) + b"\0"
    yield "trailing", good + b"\0"
    yield "cut", good[:-1]


def rows():
    for s in SUITES:
        for name, row in _rows():
            raw = row.encode()
            yield group("row", suite=s.name, name=name, table_id=row.table_id, schema_version=row.schema_version,
                        ledger_tx=row.ledger_tx, ledger_seq=row.ledger_seq, op=row.op, prev_tx=row.prev_tx,
                        prev_seq=row.prev_seq, ncols=len(row.columns),
                        columns=[u16(c) + canon.encode(v) for c, v in row.columns],
                        row=raw, leaf=en.leaf_hash(s.hash, raw))
        for name, value in (("null", (canon.NULL, None)), ("text", text("Ann Example")), ("int8", int8(5))):
            raw = canon.encode(value)
            commitment = canon.commitment(s.hash, TABLE, 3, SALT[:16], raw)
            yield group("commitment", suite=s.name, name=name, table_id=TABLE, col_id=3, salt=SALT[:16], cell=raw,
                        commitment=commitment, shown=canon.encode((canon.ERASED, commitment)))
    good = next(_rows())[1].encode()
    yield from (group("row-bad", name=name, row=raw) for name, raw in _bad_rows(good))


def _bodies(s):
    spki, key = s.spki(private_key(s, "vector")), private_key(s, "vector")
    chain = pseudo("chain", 16)
    tx = en.ledger_tx(0, 1, 77)
    new = s.spki(private_key(s, "vector 2"))
    replaced = en.Key(2, 1, new)
    sig = en.Signature(tx, TABLE, 4, DIGESTS[0], spki, b"")
    yield "schema", en.SCHEMA, en.Schema(TABLE, 3, DIGESTS[1])
    yield "member_add", en.MEMBER, en.Member(1, 2, s.number, 5, DIGESTS[2], "Bank-2.example_org")
    yield "member_change", en.MEMBER, en.Member(2, 4095, s.number, 0, DIGESTS[2], "a")
    yield "member_remove_with_state", en.MEMBER, en.Member(3, 2, s.number, 5, DIGESTS[2], "b" * 64,
                                                           (chain, 123456, DIGESTS[3]))
    yield "key_first", en.KEY, en.Key(0, 1, spki)
    yield "key_tls", en.KEY, en.Key(0, 3, spki)
    yield "key_replacing", en.KEY, replaced._replace(approval=s.sign(key, replaced.approved(chain)))
    yield "grant", en.GRANT, en.Grant(b"record of a later format")
    yield "grant_empty", en.GRANT, en.Grant(b"")
    yield "signature", en.SIGNATURE, sig._replace(signature=s.sign(key, sig.signed(chain)))
    yield "erase", en.ERASE, en.Erase(TABLE, tx, 4, (2, 7), "Art. 17")
    yield "purge", en.PURGE, en.Purge(TABLE, 1 << 40, (1 << 63) - 1, "")
    yield "incarnation_start", en.INCARNATION, en.Incarnation(0, 1, f"ledger/{chain.hex()}", 0, s.hash(b""))
    yield "incarnation_fork", en.INCARNATION, en.Incarnation(32767, 6, f"ledger/{chain.hex()}/inc/2", 99, DIGESTS[4])
    for reason, name in enumerate(("converted", "joined", "shared", "restored"), 1):
        yield (f"baseline_{name}", en.BASELINE,
               en.Baseline(TABLE, 1, 1000, DIGESTS[5], chain if reason == 2 else bytes(16), reason))
    yield "close", en.CLOSE, en.Close(chain, 7, DIGESTS[6])
    yield "cross_reserve", en.CROSS, en.Cross(1, chain, tx, -1)
    yield "cross_cancel", en.CROSS, en.Cross(3, chain, tx, (1 << 63) - 1)


BAD_BODIES = (
    ("member_action", en.MEMBER, "04"), ("member_number", en.MEMBER, "01 1000 01 00000001" + "00" * 32),
    ("member_suite", en.MEMBER, "01 0000 03 00000001" + "00" * 32 + "00000001 61 00000000"),
    ("member_name_empty", en.MEMBER, "01 0000 01 00000001" + "00" * 32 + "00000000 00000000"),
    ("member_name_plus", en.MEMBER, "01 0000 01 00000001" + "00" * 32 + "00000001 2b 00000000"),
    ("member_name_long", en.MEMBER, "01 0000 01 00000001" + "00" * 32 + "00000041" + "61" * 65 + "00000000"),
    ("member_state", en.MEMBER, "01 0000 01 00000001" + "00" * 32 + "00000001 61 00000001 00"),
    ("key_usage", en.KEY, "0000 04 00000000 00000000"), ("grant_trailing", en.GRANT, "00000000 00"),
    ("erase_columns_order", en.ERASE, "00" * 23 + "01" + "00" * 4 + "0002 0007 0002 00000000"),
    ("erase_column_zero", en.ERASE, "00" * 23 + "01" + "00" * 4 + "0001 0000 00000000"),
    ("erase_counter_zero", en.ERASE, "00" * 28 + "0000 00000000"),
    ("erase_seq", en.ERASE, "00" * 23 + "01" + "80000000" + "0000 00000000"),
    ("signature_counter_zero", en.SIGNATURE, "00" * 60 + "00000000 00000000"),
    ("cross_counter_zero", en.CROSS, "01" + "00" * 32), ("schema_short", en.SCHEMA, "00" * 51), ("erase_short", en.ERASE, "00" * 28 + "0002 0001 00000000"),
    ("incarnation_number", en.INCARNATION, "8000 01 00000000" + "00" * 40),
    ("incarnation_reason", en.INCARNATION, "0001 07 00000000" + "00" * 40),
    ("baseline_reason", en.BASELINE, "00" * 76 + "05"), ("cross_action", en.CROSS, "00" + "00" * 32),
    ("purge_reason_not_utf8", en.PURGE, "00" * 32 + "00000001 ff"), ("close_long", en.CLOSE, "00" * 57),
)


def _groups():
    return [en.Group(TABLE, 1, 3, DIGESTS[0]), en.Group(TABLE, 2, 1, DIGESTS[1]),
            en.Group(b"\xff" * 16, 1, (1 << 64) - 1, DIGESTS[2])]


def _entries(s):
    chain, tx = pseudo("chain", 16), en.ledger_tx(0, 1, 77)
    role = en.role_hash(s.hash, SALT, "alice")
    base = en.Entry(en.TX, chain, tx, 0, 700000000000000, role, (), b"")
    shared = _groups()
    private = [en.private_hash(s.hash, en.derive_salt(s.hash, SALT[:16], i), g) for i, g in enumerate(shared)]
    yield "no_groups", base
    yield "shared", base._replace(groups=tuple(shared))
    yield "private", base._replace(groups=tuple(private))
    yield "mixed", base._replace(groups=(shared[0], private[1], shared[2]), part=65535, stamped_at=-1)
    yield "network", base._replace(groups=tuple(private), extra=DIGESTS[3] + bytes(7) + b"\x09" + b"\xff" * 8)
    if s is STD:
        yield "thousand_groups", base._replace(groups=(private[0],) * en.MAX_GROUPS)
    for name, type_, body in _bodies(s):
        yield f"open_{name}", base._replace(type=type_, extra=en.make_extra(s.hash, type_, body.encode()))
    name, type_, body = next(_bodies(s))
    yield f"closed_{name}", base._replace(type=type_, extra=en.make_extra(s.hash, type_, body.encode(), SALT))


def _bad_entries(s):
    all_ = dict(_entries(s))
    good = all_["shared"].encode()

    def put(offset, octets, raw=good):
        return raw[:offset] + octets + raw[offset + len(octets):]
    yield "letter", put(0, b"R")
    yield "version", put(1, b"\2")
    yield "type_zero", put(2, b"\0")
    yield "type_13", put(2, b"\x0d")
    yield "tx_sign_bit", put(19, b"\x80")
    yield "tx_counter_zero", put(22, bytes(5))
    yield "group_kind", put(71, b"\3")
    yield "group_without_rows", put(71 + 21, bytes(8))
    yield "groups_order", put(71 + 17, u32(2))
    yield "groups_twice", put(71 + 61, good[71:71 + 61])
    yield "tx_extra", all_["no_groups"].encode()[:-4] + lp(b"\1")
    yield "too_many_groups", all_["no_groups"].encode()[:69] + u16(1001) + b"\2" * 33 * 1001 + u32(0)
    yield "too_long", all_["open_grant"].encode()[:71] + lp(b"\1" + lp(bytes(65470)))
    yield "extra_empty", all_["open_grant"].encode()[:71] + lp(b"")
    yield "extra_form", all_["open_grant"].encode()[:71] + lp(b"\4" + bytes(32))
    yield "closed_short", all_["open_grant"].encode()[:71] + lp(b"\2" + bytes(31))
    yield "open_body_too_long", all_["open_grant"].encode()[:71] + lp(b"\1" + lp(bytes(59997)))
    yield "trailing", good + b"\0"
    yield "cut", good[:-1]


def entries():
    for s in SUITES:
        seed = SALT[:16]
        for i in (0, 1, 999, en.SALT_EXTRA, en.SALT_ROLE):
            yield group("salt", suite=s.name, seed=seed, position=i, salt=en.derive_salt(s.hash, seed, i))
        for g in _groups():
            yield group("private-group", suite=s.name, salt=SALT, table_id=g.table_id,
                        schema_version=g.schema_version, nrows=g.nrows, root=g.root,
                        hash=en.private_hash(s.hash, SALT, g))
        for role in ("alice", "", "Ünïcode role"):
            yield group("role", suite=s.name, salt=SALT, role=role.encode(), hash=en.role_hash(s.hash, SALT, role))
        for name, type_, body in _bodies(s):
            raw = body.encode()
            yield group("body", suite=s.name, name=name, type=type_, body=raw,
                        open=en.make_extra(s.hash, type_, raw), salt=SALT,
                        closed=en.make_extra(s.hash, type_, raw, SALT))
        for n in (en.MAX_BODY - 4, en.MAX_BODY - 3):        # 60,000 and 60,001 bytes with the length
            body = en.Grant(b"\xa5" * n).encode()
            yield group("long-body", suite=s.name, type=en.GRANT, record_byte="a5", record_length=n, salt=SALT,
                        closed=en.make_extra(s.hash, en.GRANT, body, SALT))
        for name, e in _entries(s):
            raw = e.encode()
            yield group("entry", suite=s.name, name=name, type=e.type, chain_id=e.chain_id, ledger_tx=e.ledger_tx,
                        part=e.part, stamped_at=e.stamped_at, role_hash=e.role_hash, ngroups=len(e.groups),
                        extra=e.extra, entry=raw, leaf=en.leaf_hash(s.hash, raw))
        genesis = Sample(s).chain.entries[0].entry
        yield group("genesis", suite=s.name, entry=genesis.encode(),
                    zero_id_entry=genesis._replace(chain_id=en.ZERO_ID).encode(),
                    chain_id=en.chain_id_of(s.hash, genesis), leaf=en.leaf_hash(s.hash, genesis.encode()))
    for name, type_, raw in BAD_BODIES:
        yield group("body-bad", name=name, type=type_, body=bytes.fromhex(raw))
    yield from (group("entry-bad", name=name, entry=raw) for name, raw in _bad_entries(STD))


def _schemas():
    column = en.Column(1, "id", canon.TAG["int8"], "pg_catalog.int8", flags=en.NOT_NULL | en.IDENTITY)
    yield "plain", en.SchemaBody(TABLE, 1, 0, "public", "plain", 0, (column,))
    yield "no_columns", en.SchemaBody(TABLE, 1, 0, "public", "empty", 0, ())
    yield "everything", en.SchemaBody(
        TABLE, 7, 1, "Schéma", "odd \"name\"\n", 3,
        (column, en.Column(2, "mood", canon.TAG["enum"], "public.mood", detail="sad\nok\nhappy"),
         en.Column(3, "name", canon.TAG["text"], "pg_catalog.text", 'pg_catalog."C"', en.REDACTABLE),
         en.Column(5, "sum", canon.TAG["numeric"], "pg_catalog.numeric(12,2)", flags=en.GENERATED | en.HIDDEN),
         en.Column(9, "pair", canon.TAG["composite"], "public.pair", detail="a pg_catalog.int4\nb pg_catalog.text"),
         en.Column(1600, "other", canon.REGISTERED, "postgis.geometry", flags=en.PROTECTED)),
        tuple(en.Object(k, n, f"definition of {k} {n}") for k in "cdiprt" for n in ("A", "a", "é")))


def _bad_schemas():
    good = dict(_schemas())
    plain, full = good["plain"], good["everything"]
    column, = plain.columns
    yield "letter", b"T" + plain.encode()[1:]
    yield "kind", plain._replace(kind=2).encode()
    yield "flags", plain._replace(flags=4).encode()
    yield "column_flags", plain._replace(columns=(column._replace(flags=64),)).encode()
    yield "column_tag_null", plain._replace(columns=(column._replace(tag=0),)).encode()
    yield "column_tag_erased", plain._replace(columns=(column._replace(tag=1),)).encode()
    yield "column_tag_unknown", plain._replace(columns=(column._replace(tag=0x29),)).encode()
    yield "column_zero", plain._replace(columns=(column._replace(col_id=0),)).encode()
    yield "columns_order", full._replace(columns=full.columns[::-1]).encode()
    yield "object_kind", plain._replace(objects=(en.Object("x", "a", ""),)).encode()
    yield "objects_order", full._replace(objects=full.objects[::-1]).encode()
    yield "objects_twice", plain._replace(objects=(en.Object("c", "a", "1"), en.Object("c", "a", "2"))).encode()
    yield "trailing", plain.encode() + b"\0"
    yield "cut", plain.encode()[:-1]


def schemas():
    for s in SUITES:
        for name, body in _schemas():
            raw = body.encode()
            yield group("schema", suite=s.name, name=name, table_id=body.table_id, schema_version=body.schema_version,
                        ncols=len(body.columns), nobjects=len(body.objects), schema=raw,
                        hash=en.schema_hash(s.hash, raw))
    yield from (group("schema-bad", name=name, schema=raw) for name, raw in _bad_schemas())


def trees():
    for s in SUITES:
        leaves = [en.leaf_hash(s.hash, u32(i)) for i in range(600)]
        log = merkle.Frontier(s.hash)
        for size in range(71):
            yield group("tree", suite=s.name, size=size, root=log.root(), frontier=log.hashes)
            log.append(leaves[size])
        for size, indexes in ((1, (0,)), (2, (0, 1)), (3, range(3)), (7, range(7)), (8, (0, 7)), (33, (0, 31, 32)),
                              (64, (0, 63)), (70, (0, 1, 63, 64, 67, 68, 69))):
            for index in indexes:
                yield group("inclusion", suite=s.name, size=size, index=index, leaf=leaves[index],
                            path=merkle.inclusion_path(s.hash, leaves[:size], index),
                            root=merkle.root(s.hash, leaves[:size]))
        for old, new in ((0, 0), (0, 5), (1, 1), (1, 2), (1, 8), (2, 3), (3, 7), (4, 7), (6, 8), (7, 8), (8, 8), (8, 9),
                         (31, 33), (32, 64), (33, 70), (63, 64), (64, 65), (65, 70), (69, 70)):
            yield group("consistency", suite=s.name, old_size=old, new_size=new,
                        old_root=merkle.root(s.hash, leaves[:old]), new_root=merkle.root(s.hash, leaves[:new]),
                        path=merkle.consistency_path(s.hash, leaves[:new], old))
        full = merkle.root(s.hash, leaves[:256]), merkle.root(s.hash, leaves[256:512])
        for level, index, width in merkle.tiles(600):
            tile = b"".join((full if level else leaves)[index * 256:index * 256 + width])
            yield group("tile", suite=s.name, size=600, path="tile/" + merkle.tile_path(level, index, width),
                        hash=s.hash(tile))
        yield group("big-tree", suite=s.name, size=600, root=merkle.root(s.hash, leaves))
    for level, index, width in ((0, 0, 256), (0, 999, 1), (0, 1000, 256), (1, 999999, 255), (2, 1234067, 256),
                                (6, 1000000000, 7)):
        yield group("tile-path", level=level, index=index, width=width, path=merkle.tile_path(level, index, width))


def _members(s):
    full = block.ListedMember(0, "origin", 1, *(s.spki(private_key(s, f"member {i}")) for i in range(3)))
    second = block.ListedMember(7, "bank-2", 4000000000, s.spki(private_key(s, "member 3")))
    return ("none", ()), ("one", (full,)), ("keyless", (block.ListedMember(3, "new", 1),)), ("two", (full, second))


def block_files():
    for s in SUITES:
        for name, members in _members(s):
            h = block.members_hash(s.hash, members)
            fields = {}
            for i, m in enumerate(members):
                fields.update({f"member{i}": f"{m.index} {m.name} {m.weight}", f"keys{i}":
                               " ".join(k.hex() or "-" for k in m[3:])})
            yield group("members", suite=s.name, name=name, n=len(members), **fields, hash=h)
        for verdict, reason in ((0, b""), (0xABCD, b"too late")):
            yield group("verdict", suite=s.name, log_leaf=DIGESTS[0], verdict=verdict, reason=reason,
                        leaf=block.verdict_leaf(s.hash, DIGESTS[0], verdict, reason))
        batch = block.Batch(1, 2, DIGESTS[1], b"signature")
        yield group("block-body", suite=s.name, name="empty", batches=0, evidence=0, rejected=0,
                    hash=block.body_hash(s.hash))
        yield group("block-body", suite=s.name, name="full", batches=2, batch0=f"1 2 {DIGESTS[1].hex()} {b'signature'.hex()}",
                    batch1=f"4095 {2**64 - 1} {DIGESTS[2].hex()} -", evidence=1, evidence0=b"proof of a fault",
                    rejected=2, rejected0=b"first", rejected1=b"",
                    hash=block.body_hash(s.hash, (batch, block.Batch(4095, 2**64 - 1, DIGESTS[2], b"")),
                                         (b"proof of a fault",), (b"first", b"")))
        for raw in Sample(s).chain.blocks + [block.Block(pseudo("chain", 16), 1, 2, DIGESTS[0], 3, 2**32 - 1,
                                                         *DIGESTS[1:6], -4, 65535).encode()]:
            b = block.decode_block(raw)
            yield group("block", suite=s.name, chain_id=b.chain_id, epoch=b.epoch, height=b.height,
                        prev_hash=b.prev_hash, first_leaf=b.first_leaf, n=b.n, log_root=b.log_root,
                        results_root=b.results_root, body_hash=b.body_hash, members_hash=b.members_hash,
                        next_members_hash=b.next_members_hash, sealed_at=b.sealed_at, proposer=b.proposer,
                        block=raw, hash=block.block_hash(s.hash, raw))
    good = Sample(STD).chain.blocks[0]
    for name, raw in (("letter", b"C" + good[1:]), ("version", good[:1] + b"\2" + good[2:]),
                      ("no_leaves", good[:74] + bytes(4) + good[78:]),
                      ("leaves_wrap", good[:66] + b"\xff" * 8 + good[74:]),
                      ("first_with_prev", good[:34] + b"\1" + good[35:]), ("cut", good[:-1]), ("trailing", good + b"\0")):
        yield group("block-bad", name=name, block=raw)


def _bad_notes(text_):
    lines = text_.split("\n")
    yield "no_signature", "\n".join(lines[:8]) + "\n"
    yield "no_final_newline", text_[:-1]
    yield "size_leading_zero", text_.replace(f"\n{lines[1]}\n", f"\n0{lines[1]}\n", 1)
    yield "size_plus", text_.replace(f"\n{lines[1]}\n", f"\n+{lines[1]}\n", 1)
    yield "size_too_big", text_.replace(f"\n{lines[1]}\n", f"\n{2**64}\n", 1)
    yield "root_short", text_.replace(lines[2], lines[2][:40] + "AA==", 1)
    yield "origin_upper_case", text_.replace(lines[0], lines[0].upper(), 1)
    yield "origin_inc_zero", text_.replace(lines[0], lines[0] + "/inc/0", 1)
    yield "origin_inc_too_large", text_.replace("/inc/12\n", "/inc/32768\n", 1)
    yield "term_missing", text_.replace(f"{lines[5]}\n", "", 1)
    yield "extra_line", text_.replace(f"{lines[5]}\n", f"{lines[5]}\nmore 1\n", 1)
    yield "signature_changed", text_[:-4] + ("A" if text_[-4] != "A" else "B") + text_[-3:]
    yield "text_changed", text_.replace("term 7", "term 8", 1)
    yield "carriage_return", text_.replace("\n", "\r\n", 1)
    yield "base64_unused_bits", _unused_bits(text_, lines[2])


def _unused_bits(whole, b64):
    """The same bytes in a second spelling: 32 bytes leave two unused bits in the last character."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return whole.replace(b64, b64[:-2] + alphabet[alphabet.index(b64[-2]) + 1] + "=", 1)


def notes():
    for s in SUITES:
        for label in ("vector", "vector 2"):
            d = private_key(s, label)
            spki = s.spki(d)
            message = b"the message\n"
            yield group("signature", suite=s.name, private=f"{d:064x}", spki=spki, message=message,
                        signature=s.sign(d, message))
            for name in ("origin", "Bank-2.example_org"):
                yield group("vkey", suite=s.name, name=name, spki=spki, key_id=s.key_id(name, spki),
                            vkey=VerifierKey(s, name, spki).line())
        cp = Checkpoint("ledger/" + pseudo("chain", 16).hex() + "/inc/12", 2**40, DIGESTS[0], 99, 3, 7, DIGESTS[1])
        signers = [(s, "one", private_key(s, "vector")), (s, "two", private_key(s, "vector 2"))]
        for n, checkpoint in ((1, Sample(s).chain.checkpoint()), (2, cp)):
            yield group("note", suite=s.name, origin=checkpoint.origin, size=checkpoint.size, root=checkpoint.root,
                        height=checkpoint.height, epoch=checkpoint.epoch, term=checkpoint.term,
                        block=checkpoint.block, text=checkpoint.text().encode(), signers=n,
                        vkey=VerifierKey(s, "one", s.spki(signers[0][2])).line(),
                        note=sign_note(checkpoint, signers[:n]))
        good = sign_note(cp, signers[:1]).decode()
        for name, text_ in _bad_notes(good):
            assert text_ != good
            yield group("note-bad", suite=s.name, name=name, vkey=VerifierKey(s, "one", s.spki(signers[0][2])).line(),
                        note=text_.encode())
        line = VerifierKey(s, "one", s.spki(signers[0][2])).line()
        head, key_id, key = line.split("+", 2)
        for name, bad in (("no_name", "+" + key_id + "+" + key), ("name", "o ne+" + key_id + "+" + key),
                          ("key_id", f"{head}+00000000+{key}"), ("key_id_upper", f"{head}+{key_id.upper()}+{key}"),
                          ("type", f"{head}+{key_id}+AQ" + key[2:]), ("cut", line[:-4])):
            assert bad != line
            yield group("vkey-bad", suite=s.name, name=name, vkey=bad)


def receipts():
    for s in SUITES:
        sample = Sample(s)
        c = sample.chain
        vkey = c.vkey().line()
        cases = [("private_middle", sample.accounts, sample.tx["accounts"], 3),
                 ("shared", sample.events, sample.tx["both"], 1),
                 ("private_single", sample.accounts, sample.tx["both"], 0),
                 ("redactable", sample.people, sample.tx["people"], 0),
                 ("versioned", sample.documents, sample.tx["documents"], 1)]
        for name, table, tx, seq in cases:
            yield group("receipt", suite=s.name, name=name, vkey=vkey, table_id=table.id, ledger_tx=tx,
                        ledger_seq=seq, file=c.receipt(table, tx, seq).encode())
        good = c.receipt(*cases[0][1:])
        bad = {"wrong_index": good._replace(row_index=4), "wrong_nrows": good._replace(nrows=8),
               "short_path": good._replace(row_path=good.row_path[:-1]),
               "long_path": good._replace(row_path=good.row_path + [DIGESTS[0]]),
               "wrong_salt": good._replace(salt=SALT), "wrong_position": good._replace(position=1),
               "wrong_leaf_number": good._replace(leaf_number=good.leaf_number ^ 1),
               "wrong_tree_size": good._replace(tree_size=good.tree_size - 1),
               "other_row": good._replace(row=c.receipt(sample.accounts, sample.tx["accounts"], 4).row),
               "other_entry": good._replace(entry=c.receipt(sample.accounts, sample.tx["both"], 0).entry),
               "other_suite": good._replace(suite=GM if s is STD else STD)}
        for name, receipt in bad.items():
            yield group("receipt-bad", suite=s.name, name=name, vkey=vkey, file=receipt.encode())
        yield group("receipt-bad", suite=s.name, name="other_key", file=good.encode(),
                    vkey=VerifierKey(s, c.name, s.spki(private_key(s, "stranger"))).line())
        for old, new in ((0, 5), (3, 3), (4, None), (7, None)):
            yield group("consistency-file", suite=s.name, file=c.consistency(old, new).encode())
        proof = c.consistency(7)
        for name, p in (("old_root", proof._replace(old_root=DIGESTS[0])),
                        ("new_root", proof._replace(new_root=DIGESTS[0])),
                        ("sizes", proof._replace(old_size=8)), ("backwards", proof._replace(new_size=6)),
                        ("path", proof._replace(path=proof.path[:-1])),
                        ("from_zero", proof._replace(old_size=0, old_root=DIGESTS[0], path=[]))):
            yield group("consistency-bad", suite=s.name, name=name, file=p.encode())


def local_bytes():
    groups = [local.PackedGroup(1, 1, 1, 0, 0, 0, DIGESTS[0]),
              local.PackedGroup(127, 128, 300, 16383, 16384, 16384 + 127, DIGESTS[1]),
              local.PackedGroup(2**31 - 1, 2**32 - 1, 2**63, 2**31 - 1, 2**32 - 2, 2**32 - 2, DIGESTS[2])]
    for n in range(len(groups) + 1):
        fields = {f"group{i}": " ".join(map(str, g[:6])) + " " + g.root.hex() for i, g in enumerate(groups[:n])}
        yield group("packed-groups", n=n, **fields, packed=local.pack_groups(groups[:n]))
    items = [local.LeafItem(0x4d, 0, 0, 1), local.LeafItem(0xff, 2**32 - 1, 2**32 - 2, 291)]
    yield group("leaf-items", n=len(items), items=local.pack_items(items),
                **{f"item{i}": " ".join(map(str, item)) for i, item in enumerate(items)})
    for name, bad in (("number_twice", [items[0], items[0]]), ("line_pointer", [items[0]._replace(line_pointer=0)])):
        yield group("leaf-items-bad", name=name, items=local.pack_items(bad))
    yield group("leaf-items-bad", name="cut", items=local.pack_items(items)[:-1])
    one = local.pack_groups(groups[:1])
    for name, bad in (("no_rows", local.pack_groups([groups[0]._replace(nrows=0)])), ("cut", one[:-1]),
                      ("trailing", one + b"\0"), ("varint_not_shortest", one[:2] + b"\x81\0" + one[3:]),
                      ("varint_too_long", one[:2] + b"\xff" * 10 + b"\1" + one[3:]),
                      ("table_no", local.pack_groups([groups[0]._replace(table_no=2**32)])),
                      ("block_hi", local.pack_groups([groups[0]._replace(block_lo=2**32 - 1, block_hi=2**32)]))):
        yield group("packed-groups-bad", name=name, packed=bad)
    pieces = [SALT[:16], DIGESTS[3], SALT[16:]]
    yield group("ledger-salt", n=len(pieces), salts=local.pack_salts(pieces),
                **{f"piece{i}": piece for i, piece in enumerate(pieces)})


def exports():
    for s in SUITES:
        c = Sample(s).chain
        yield group("export", suite=s.name, vkey=c.vkey().line(), size=len(c.leaves), files=len(c.export_files()))
        for path, content in sorted(c.export_files().items()):
            yield group("export-file", suite=s.name, path=path, content=content)


FILES = {
    "published.vec": ("Vectors that others published; each names its source.", published.groups),
    "canon.vec": ("Canonical values, docs/format.md section 2.", canonical),
    "row.vec": ("Rows, leaves and commitments, docs/format.md section 3.", rows),
    "entry.vec": ("Groups, salts, bodies and entries, docs/format.md section 4.", entries),
    "schema.vec": ("Schema bodies, docs/format.md section 4.", schemas),
    "merkle.vec": ("Merkle trees, proofs and tiles, docs/format.md sections 1 and 5. Leaf i is H(00 ‖ i as u32).", trees),
    "block.vec": ("Blocks, verdicts, block bodies and member lists, docs/format.md section 5.", block_files),
    "note.vec": ("Signatures, verifier keys and signed notes, docs/format.md section 6.", notes),
    "receipt.vec": ("Receipts and consistency proofs, docs/format.md section 7.", receipts),
    "export.vec": ("A whole export of each suite, docs/format.md section 8.", exports),
    "statement.vec": ("Statements and their claims, docs/format.md section 10.", proofs.statements),
    "proof.vec": ("Generators, commitments, transcripts and proofs, docs/format.md section 10.", proofs.proofs),
    "local.vec": ("Bytes that stay in the database, docs/format.md sections 3 and 9.", local_bytes),
}


def contents():
    """{file name: text}, the same on every run."""
    return {name: document(comment, make()) for name, (comment, make) in FILES.items()}


def main(directory=HERE):
    for name, text_ in contents().items():
        with open(os.path.join(directory, name), "w", encoding="utf-8") as f:
            f.write(text_)


if __name__ == "__main__":
    main(*sys.argv[1:2])
