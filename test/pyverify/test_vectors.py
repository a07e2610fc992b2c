"""The committed vectors are what generate.py writes, and the verifier reads each of them back."""

import hashlib
import os
import sys
import unittest

from . import block, canon, curves, entry as en, group as gr, local, merkle, note, proof, prover, receipt, vec
from . import statement as st
from .codec import FormatError
from .suite import SUITES

HERE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "vectors")
sys.path.insert(0, HERE)

import generate  # noqa: E402  (lives beside the vectors)
import proofs  # noqa: E402


def load(name):
    """Each group with its hex values turned to bytes by the caller through x()."""
    return vec.load(os.path.join(HERE, name + ".vec"))


def of(groups, kind):
    found = [g for g in groups if g["kind"] == kind]
    assert found, f"no vectors of kind {kind}"
    return found


def x(g, key):
    return bytes.fromhex(g[key])


def n(g, key):
    return int(g[key])


def h(g):
    return SUITES[g["suite"]].hash


def path(g, key="path"):
    raw = x(g, key)
    return [raw[i:i + 32] for i in range(0, len(raw), 32)]


class Committed(unittest.TestCase):
    def test_generator_writes_the_committed_files(self):
        made = generate.contents()
        self.assertEqual(sorted(made), sorted(f for f in os.listdir(HERE) if f.endswith(".vec")))
        for name, text in made.items():
            with open(os.path.join(HERE, name), encoding="utf-8") as f:
                self.assertTrue(f.read() == text, f"{name} differs; run test/vectors/generate.py and look")

    def test_lines_keep_the_promised_length(self):
        for name in generate.FILES:
            with open(os.path.join(HERE, name), "rb") as f:
                self.assertLessEqual(max(map(len, f)), 131200, name)


class Published(unittest.TestCase):
    groups = load("published")

    def test_hashes(self):
        for g in of(self.groups, "hash"):
            self.assertEqual(h(g)(x(g, "message")), x(g, "digest"), g["source"])

    def test_sm3_against_openssl(self):
        if "sm3" not in hashlib.algorithms_available:
            self.skipTest("OpenSSL here has no SM3")
        for size in (*range(130), 1000):
            data = bytes(i * 7 & 255 for i in range(size))
            self.assertEqual(SUITES["gm"].hash(data), hashlib.new("sm3", data).digest())

    def test_signatures(self):
        for g in of(self.groups, "published-signature"):
            suite, d = SUITES[g["suite"]], int(g["private"], 16)
            point = int(g["point"][:64], 16), int(g["point"][64:], 16)
            self.assertEqual(curves.public_point(suite.curve, d), point)
            sig = curves.der_encode(int(g["r"], 16), int(g["s"], 16))
            self.assertTrue(suite.check(point, x(g, "message"), sig))
            self.assertFalse(suite.check(point, x(g, "message") + b"!", sig))
            if suite.name == "std":
                self.assertEqual(suite.sign(d, x(g, "message")), sig)
            else:
                self.assertEqual(curves.sm2_za(point, x(g, "id")), x(g, "za"))
                self.assertEqual(curves.sm2_sign(d, x(g, "message"), [int(g["k"], 16)]), sig)

    def test_trees(self):
        for g in of(self.groups, "published-tree"):
            leaves = [en.leaf_hash(h(g), x(g, f"input{i}")) for i in range(n(g, "size"))]
            self.assertEqual(merkle.root(h(g), leaves), x(g, "root"))
        for g in of(self.groups, "published-inclusion"):
            self.assertEqual(merkle.inclusion_root(h(g), en.leaf_hash(h(g), x(g, "input")), n(g, "index"),
                                                   n(g, "size"), path(g)), x(g, "root"))
        for g in of(self.groups, "published-consistency"):
            self.assertTrue(merkle.consistent(h(g), n(g, "old_size"), x(g, "old_root"), n(g, "new_size"),
                                              x(g, "new_root"), path(g)))


class Encodings(unittest.TestCase):
    def refused(self, groups, kind, key, decode):
        for g in of(groups, kind):
            with self.assertRaises(FormatError, msg=f"{kind} {g['name']}"):
                decode(x(g, key))

    def test_cells(self):
        groups = load("canon")
        for g in of(groups, "cell"):
            value = canon.decode(x(g, "cell"))
            self.assertEqual(canon.encode(value), x(g, "cell"), g["name"])
            self.assertEqual(value[0], int(g["tag"], 16))
        self.assertEqual({int(g["tag"], 16) for g in of(groups, "cell")}, {0, *canon.NAME}, "a tag has no vector")
        self.refused(groups, "cell-bad", "cell", canon.decode)

    def test_cut_cells_are_refused(self):
        for g in of(load("canon"), "cell"):
            raw = x(g, "cell")
            for size in range(len(raw)):
                with self.assertRaises(FormatError, msg=g["name"]):
                    canon.decode(raw[:size])

    def test_rows(self):
        groups = load("row")
        for g in of(groups, "row"):
            row = en.decode_row(x(g, "row"))
            self.assertEqual(row.encode(), x(g, "row"))
            self.assertEqual(en.leaf_hash(h(g), x(g, "row")), x(g, "leaf"))
            self.assertEqual((row.table_id.hex(), *map(str, row[1:7]), str(len(row.columns))),
                             tuple(g[k] for k in ("table_id", "schema_version", "ledger_tx", "ledger_seq", "op",
                                                  "prev_tx", "prev_seq", "ncols")))
        for g in of(groups, "commitment"):
            made = canon.commitment(h(g), x(g, "table_id"), n(g, "col_id"), x(g, "salt"), x(g, "cell"))
            self.assertEqual(made, x(g, "commitment"))
            self.assertEqual(canon.decode(x(g, "shown")), (canon.ERASED, made))
        self.refused(groups, "row-bad", "row", en.decode_row)

    def test_entries(self):
        groups = load("entry")
        for g in of(groups, "entry"):
            e = en.decode_entry(x(g, "entry"))
            self.assertEqual(e.encode(), x(g, "entry"))
            self.assertEqual(en.leaf_hash(h(g), x(g, "entry")), x(g, "leaf"))
            self.assertEqual((str(e.type), e.chain_id.hex(), str(e.ledger_tx), str(e.part), str(e.stamped_at),
                              e.role_hash.hex(), str(len(e.groups)), e.extra.hex()),
                             tuple(g[k] for k in ("type", "chain_id", "ledger_tx", "part", "stamped_at", "role_hash",
                                                  "ngroups", "extra")))
        for g in of(groups, "salt"):
            self.assertEqual(en.derive_salt(h(g), x(g, "seed"), n(g, "position")), x(g, "salt"))
        for g in of(groups, "private-group"):
            made = en.Group(x(g, "table_id"), n(g, "schema_version"), n(g, "nrows"), x(g, "root"))
            self.assertEqual(en.private_hash(h(g), x(g, "salt"), made), x(g, "hash"))
        for g in of(groups, "role"):
            self.assertEqual(en.role_hash(h(g), x(g, "salt"), x(g, "role").decode()), x(g, "hash"))
        for g in of(groups, "body"):
            body = en.decode_body(n(g, "type"), x(g, "body"))
            self.assertEqual(body.encode(), x(g, "body"), g["name"])
            self.assertEqual(en.make_extra(h(g), n(g, "type"), body.encode()), x(g, "open"))
            self.assertEqual(en.make_extra(h(g), n(g, "type"), body.encode(), x(g, "salt")), x(g, "closed"))
        self.assertEqual({n(g, "type") for g in of(groups, "body")}, set(range(2, 13)), "a type has no vector")
        for g in of(groups, "genesis"):
            e = en.decode_entry(x(g, "entry"))
            self.assertEqual(en.chain_id_of(h(g), e), x(g, "chain_id"))
            self.assertEqual(e.chain_id, x(g, "chain_id"))
            self.assertEqual(h(g)(b"\0" + x(g, "zero_id_entry"))[:16], x(g, "chain_id"))
        self.refused(groups, "entry-bad", "entry", en.decode_entry)
        for g in of(groups, "body-bad"):
            with self.assertRaises(FormatError, msg=g["name"]):
                en.decode_body(n(g, "type"), x(g, "body"))

    def test_approvals_and_user_signatures(self):
        groups = of(load("entry"), "body")
        chain = generate.pseudo("chain", 16)
        for g in groups:
            body, suite = en.decode_body(n(g, "type"), x(g, "body")), SUITES[g["suite"]]
            if g["name"] == "key_replacing":
                old = suite.spki(generate.private_key(suite, "vector"))
                self.assertTrue(suite.verify(old, body.approved(chain), body.approval))
            elif g["name"] == "signature":
                self.assertTrue(suite.verify(body.spki, body.signed(chain), body.signature))

    def test_schemas(self):
        groups = load("schema")
        for g in of(groups, "schema"):
            self.assertEqual(en.decode_schema(x(g, "schema")).encode(), x(g, "schema"))
            self.assertEqual(en.schema_hash(h(g), x(g, "schema")), x(g, "hash"))
        self.refused(groups, "schema-bad", "schema", en.decode_schema)

    def test_blocks(self):
        groups = load("block")
        for g in of(groups, "block"):
            b = block.decode_block(x(g, "block"))
            self.assertEqual(b.encode(), x(g, "block"))
            self.assertEqual(block.block_hash(h(g), x(g, "block")), x(g, "hash"))
            for field, value in b._asdict().items():
                self.assertEqual(g[field], vec.show(value))
        for g in of(groups, "members"):
            members = []
            for i in range(n(g, "n")):
                index, name, weight = g[f"member{i}"].split(" ")
                keys = [bytes.fromhex(k) if k != "-" else b"" for k in g[f"keys{i}"].split(" ")]
                members.append(block.ListedMember(int(index), name, int(weight), *keys))
            self.assertEqual(block.members_hash(h(g), members), x(g, "hash"))
        for g in of(groups, "verdict"):
            self.assertEqual(block.verdict_leaf(h(g), x(g, "log_leaf"), n(g, "verdict"), x(g, "reason")), x(g, "leaf"))
        for g in of(groups, "block-body"):
            batches = [b.split(" ") for b in (g[f"batch{i}"] for i in range(n(g, "batches")))]
            made = block.body_hash(
                h(g), [block.Batch(int(o), int(lane), bytes.fromhex(d), bytes.fromhex(s) if s != "-" else b"")
                       for o, lane, d, s in batches],
                [x(g, f"evidence{i}") for i in range(n(g, "evidence"))],
                [x(g, f"rejected{i}") for i in range(n(g, "rejected"))])
            self.assertEqual(made, x(g, "hash"))
        self.refused(groups, "block-bad", "block", block.decode_block)

    def test_local_bytes(self):
        groups = load("local")
        for g in of(groups, "packed-groups"):
            parts = local.unpack_groups(x(g, "packed"))
            self.assertEqual([" ".join(map(str, p[:6])) + " " + p.root.hex() for p in parts],
                             [g[f"group{i}"] for i in range(n(g, "n"))])
        for g in of(groups, "leaf-items"):
            self.assertEqual([" ".join(map(str, i)) for i in local.unpack_items(x(g, "items"))],
                             [g[f"item{i}"] for i in range(n(g, "n"))])
        self.refused(groups, "packed-groups-bad", "packed", local.unpack_groups)
        self.refused(groups, "leaf-items-bad", "items", local.unpack_items)
        for g in of(groups, "ledger-salt"):
            self.assertEqual(local.unpack_salts(x(g, "salts")), [x(g, f"piece{i}") for i in range(n(g, "n"))])


class Trees(unittest.TestCase):
    groups = load("merkle")

    def leaf(self, g, i):
        return en.leaf_hash(h(g), i.to_bytes(4, "big"))

    def test_roots_by_the_definition(self):
        """RFC 6962 section 2.1 read recursively, beside the frontier that made the vectors."""
        def mth(hash_, leaves):
            if len(leaves) < 2:
                return leaves[0] if leaves else hash_(b"")
            k = 1
            while 2 * k < len(leaves):
                k *= 2
            return merkle.node(hash_, mth(hash_, leaves[:k]), mth(hash_, leaves[k:]))
        for g in of(self.groups, "tree"):
            leaves = [self.leaf(g, i) for i in range(n(g, "size"))]
            self.assertEqual(mth(h(g), leaves), x(g, "root"))
            frontier = merkle.Frontier(h(g))
            frontier.size, frontier.hashes = n(g, "size"), path(g, "frontier")
            self.assertEqual(frontier.root(), x(g, "root"))
            self.assertEqual(len(frontier.hashes), bin(n(g, "size")).count("1"))

    def test_inclusion(self):
        for g in of(self.groups, "inclusion"):
            args = (n(g, "index"), n(g, "size"), path(g))
            self.assertEqual(x(g, "leaf"), self.leaf(g, n(g, "index")))
            self.assertEqual(merkle.inclusion_root(h(g), x(g, "leaf"), *args), x(g, "root"))
            with self.assertRaises(FormatError):
                merkle.inclusion_root(h(g), x(g, "leaf"), args[0], args[1], args[2] + [bytes(32)])
            with self.assertRaises(FormatError):
                merkle.inclusion_root(h(g), x(g, "leaf"), args[1], args[1], args[2])
            if args[2]:
                with self.assertRaises(FormatError):
                    merkle.inclusion_root(h(g), x(g, "leaf"), args[0], args[1], args[2][:-1])

    def test_consistency(self):
        for g in of(self.groups, "consistency"):
            args = (n(g, "old_size"), x(g, "old_root"), n(g, "new_size"), x(g, "new_root"), path(g))
            self.assertTrue(merkle.consistent(h(g), *args))
            self.assertFalse(merkle.consistent(h(g), *args[:4], args[4] + [bytes(32)]))
            self.assertFalse(merkle.consistent(h(g), args[0], bytes(32), *args[2:]))
            if args[0]:
                self.assertFalse(merkle.consistent(h(g), *args[:3], bytes(32), args[4]))
            if args[4]:
                self.assertFalse(merkle.consistent(h(g), *args[:4], args[4][:-1]))

    def test_tiles(self):
        for g in of(self.groups, "tile-path"):
            self.assertEqual(merkle.tile_path(n(g, "level"), n(g, "index"), n(g, "width")), g["path"])
        for s in SUITES.values():
            leaves = [en.leaf_hash(s.hash, i.to_bytes(4, "big")) for i in range(600)]
            mine = {"tile/0/000": leaves[:256], "tile/0/001": leaves[256:512], "tile/0/002.p/88": leaves[512:],
                    "tile/1/000.p/2": [merkle.root(s.hash, leaves[:256]), merkle.root(s.hash, leaves[256:512])]}
            self.assertEqual({g["path"]: g["hash"] for g in of(self.groups, "tile") if g["suite"] == s.name},
                             {p: s.hash(b"".join(t)).hex() for p, t in mine.items()})


class Notes(unittest.TestCase):
    groups = load("note")

    def test_signatures(self):
        for g in of(self.groups, "signature"):
            suite = SUITES[g["suite"]]
            self.assertEqual(suite.spki(int(g["private"], 16)), x(g, "spki"))
            self.assertTrue(suite.verify(x(g, "spki"), x(g, "message"), x(g, "signature")))
            for i in range(len(x(g, "signature"))):
                sig = bytearray(x(g, "signature"))
                sig[i] ^= 1
                self.assertFalse(suite.verify(x(g, "spki"), x(g, "message"), bytes(sig)))

    def test_verifier_keys(self):
        for g in of(self.groups, "vkey"):
            key = note.parse_vkey(g["vkey"])
            self.assertEqual((key.name, key.spki, key.suite.name), (g["name"], x(g, "spki"), g["suite"]))
            self.assertEqual(key.suite.key_id(key.name, key.spki), x(g, "key_id"))
        for g in of(self.groups, "vkey-bad"):
            with self.assertRaises(FormatError, msg=g["name"]):
                note.parse_vkey(g["vkey"])

    def test_notes(self):
        for g in of(self.groups, "note"):
            parsed = note.parse_note(x(g, "note"))
            self.assertEqual(parsed.text, x(g, "text"))
            self.assertEqual(parsed.checkpoint.text().encode(), parsed.text)
            for field, value in parsed.checkpoint._asdict().items():
                self.assertEqual(g[field], vec.show(value))
            self.assertEqual(len(parsed.signatures), n(g, "signers"))
            if n(g, "signers") == 2:
                self.assertEqual(note.verified_by(parsed, [note.parse_vkey(g["vkey"])]), ["one"])
        for g in of(self.groups, "note-bad"):
            with self.assertRaises(FormatError, msg=g["name"]):
                receipt.check_note(note.parse_note(x(g, "note")), [note.parse_vkey(g["vkey"])])

    def test_a_bare_key_answers_to_any_name(self):
        g = of(self.groups, "note")[1]
        self.assertEqual(note.verified_by(note.parse_note(x(g, "note")),
                                          [note.spki_key(note.parse_vkey(g["vkey"]).spki)]), ["one"])


class Receipts(unittest.TestCase):
    groups = load("receipt")

    def test_receipts(self):
        for g in of(self.groups, "receipt"):
            keys = [note.parse_vkey(g["vkey"])]
            row, entry, cp, names = receipt.check_receipt(x(g, "file"), keys)
            self.assertEqual((row.table_id.hex(), row.ledger_tx, row.ledger_seq, names),
                             (g["table_id"], n(g, "ledger_tx"), n(g, "ledger_seq"), ["origin"]))
            self.assertEqual(receipt.parse_receipt(x(g, "file")).encode(), x(g, "file"))
        for g in of(self.groups, "receipt-bad"):
            with self.assertRaises(FormatError, msg=g["name"]):
                receipt.check_receipt(x(g, "file"), [note.parse_vkey(g["vkey"])])

    def test_every_changed_byte_of_a_receipt_is_refused(self):
        for g in of(self.groups, "receipt"):
            if g["name"] != "private_single":
                continue
            good, keys = x(g, "file"), [note.parse_vkey(g["vkey"])]
            for i in range(len(good)):
                for bit in (0x01, 0x20, 0x80):
                    bad = bytearray(good)
                    bad[i] ^= bit
                    with self.assertRaises(FormatError, msg=f"{g['suite']} byte {i} bit {bit}"):
                        receipt.check_receipt(bytes(bad), keys)
            for i in range(len(good)):
                with self.assertRaises(FormatError):
                    receipt.check_receipt(good[:i] + good[i + 1:], keys)
                with self.assertRaises(FormatError):
                    receipt.check_receipt(good[:i], keys)
            with self.assertRaises(FormatError):
                receipt.check_receipt(good + b"\n", keys)

    def test_consistency_files(self):
        for g in of(self.groups, "consistency-file"):
            proof = receipt.parse_consistency(x(g, "file"))
            self.assertTrue(proof.holds())
            self.assertEqual(proof.encode(), x(g, "file"))
        for g in of(self.groups, "consistency-bad"):
            self.assertFalse(receipt.parse_consistency(x(g, "file")).holds(), g["name"])


class Statements(unittest.TestCase):
    groups = load("statement")

    def test_statements(self):
        for g in of(self.groups, "statement"):
            for text in (x(g, "text"), g["spelling"]):
                s = st.parse(text)
                for key in ("precision", "scale", "nvars"):
                    self.assertEqual(getattr(s, key), n(g, key), text)
                self.assertEqual((s.text, proofs.claims(s)), (g["spelling"], g["claims"]), text)

    def test_errors(self):
        for g in of(self.groups, "statement-bad"):
            with self.assertRaises(st.StatementError, msg=x(g, "text")) as caught:
                st.parse(x(g, "text"))
            self.assertEqual(caught.exception.kind, g["error"], x(g, "text"))


class Proofs(unittest.TestCase):
    groups = load("proof")

    def test_generators(self):
        for g in of(self.groups, "generators"):
            suite = SUITES[g["suite"]]
            for key in g:
                if key.startswith("P"):
                    self.assertEqual(gr.encode(gr.hashed_point(suite, int(key[1:]))), x(g, key))
            self.assertEqual(gr.generators_digest(suite), x(g, "digest"))

    def test_commitments(self):
        for g in of(self.groups, "commitment"):
            c = proof.decode_commitment(x(g, "commitment"))
            self.assertEqual((c.suite.name, c.scale, c.encode()), (g["suite"], n(g, "scale"), x(g, "commitment")))
            self.assertEqual(gr.pedersen(c.suite, n(g, "value"), int(g["blinding"], 16)), c.point, g["name"])
        for g in of(self.groups, "commitment-bad"):
            with self.assertRaises(FormatError, msg=g["name"]):
                proof.decode_commitment(x(g, "commitment"))

    def test_transcripts(self):
        for g in of(self.groups, "transcript"):
            t = gr.Transcript(SUITES[g["suite"]])
            for i in range(len(g) - 3):
                what, label, data = (word.replace("-", "") for word in g[f"step{i}"].split(" "))
                if what == "item":
                    t.item(label, bytes.fromhex(data))
                else:
                    self.assertEqual(t.challenge(label), int(data, 16))
            self.assertEqual(t.state, x(g, "state"))

    @staticmethod
    def arguments(g):
        raw = x(g, "commitments")
        commitments = [proof.decode_commitment(raw[i:i + proof.COMMITMENT_LEN])
                       for i in range(0, len(raw), proof.COMMITMENT_LEN)]
        return st.parse(g["statement"]), commitments, x(g, "context"), x(g, "proof")

    def test_proofs(self):
        for kind, good in (("proof", True), ("proof-foreign", True), ("proof-bad", False)):
            for g in of(self.groups, kind):
                with self.subTest(kind, suite=g["suite"], name=g["name"]):
                    self.assertEqual(proof.holds(*self.arguments(g)), good)

    def test_what_does_not_hold_is_not_proven(self):
        for text, values in (("a = b", (1, 2)), ("a <> b", (2, 2)), ("a in 8", (128,)), ("a * b = c", (2, 3, 5)),
                             ("a / b = c rem d given a in 8, b in 8", (1, 0, 0, 1))):
            with self.assertRaises(prover.Unprovable, msg=text):
                prover.prove(text, SUITES["std"], [(v, 9) for v in values], seed=bytes(32))


if __name__ == "__main__":
    unittest.main()
