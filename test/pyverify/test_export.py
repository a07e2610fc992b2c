"""Tampered exports: what is found is what was done, and nothing is found in untouched ones."""

import os
import random
import re
import tempfile
import unittest

from . import attacks, export, maker, note
from .findings import FINDINGS
from .sample import Sample
from .suite import GM, STD


def check(files, keys, old=None):
    with tempfile.TemporaryDirectory() as directory:
        maker.write_files(files, directory)
        return sorted(f.head() for f in export.Export(directory, keys, old).check())


def chain_keys(suite, sample=None):
    """The key that signs: of the sample, which changed its key, or of a short chain."""
    return [(sample.chain if sample else maker.Chain(suite)).vkey()]


class Untouched(unittest.TestCase):
    def test_no_finding(self):
        for suite in (STD, GM):
            for fillers in (0, 7, attacks.FILLERS if suite is STD else 20):
                s = Sample(suite, fillers)
                self.assertEqual(check(s.chain.export_files(), chain_keys(suite, s)), [])

    def test_a_checkpoint_of_every_block_is_accepted(self):
        c = maker.Chain(STD)
        t = maker.Table("t")
        c.define(t, [])
        notes = []
        for _ in range(6):
            c.write((t, [[]]))
            c.seal()
            notes.append(c.note())
        for old in notes:
            self.assertEqual(check(c.export_files(), [c.vkey()], old), [])


class Tampered(unittest.TestCase):
    def expect(self, name, found, expected):
        if expected is None:
            self.assertTrue(found, name)
        else:
            self.assertEqual(found, sorted(expected), name)

    def test_changed_after_it_was_written(self):
        for suite, fillers in ((STD, attacks.FILLERS), (GM, attacks.FILLERS)):
            s = Sample(suite, fillers)
            seen = set()
            for name, files, expected in attacks.changed(s):
                if suite is GM and len(seen) > 12:
                    break               # SM3 in Python is slow; the std run has them all
                seen.add(name)
                with self.subTest(suite=suite.name, attack=name):
                    self.expect(name, check(files, chain_keys(suite, s)), expected)

    def test_written_wrongly_by_the_key_holder(self):
        for suite in (STD, GM):
            for name, files, expected in attacks.signed(suite):
                with self.subTest(suite=suite.name, attack=name):
                    keys = chain_keys(suite)
                    if name == "key without approval":
                        keys = [maker.VerifierKey(suite, "origin", suite.spki(maker.private_key(suite, "origin 1")))]
                    self.expect(name, check(files, keys), expected)

    def test_second_history(self):
        for suite in (STD, GM):
            for name, kept, files, expected in attacks.rewritten(suite):
                with self.subTest(suite=suite.name, attack=name):
                    self.expect(name, check(files, chain_keys(suite), kept), expected)
                    self.expect(name, check(files, chain_keys(suite)), [])


class Flipped(unittest.TestCase):
    def test_a_changed_byte_anywhere_is_found(self):
        """LEDGER_SEED and LEDGER_FLIPS choose other bytes and more of them."""
        seed = int(os.environ.get("LEDGER_SEED", "1"))
        flips = int(os.environ.get("LEDGER_FLIPS", "300"))
        rng = random.Random(seed)
        for suite, share in ((STD, 1), (GM, 10)):
            s = Sample(suite)
            files = s.chain.export_files()
            names = sorted(n for n in files if files[n])
            with tempfile.TemporaryDirectory() as directory:
                maker.write_files(files, directory)
                for _ in range(flips // share):
                    name = rng.choice(names)
                    at, bit = rng.randrange(len(files[name])), 1 << rng.randrange(8)
                    maker.write_files({name: attacks.flipped(files[name], at, bit)}, directory)
                    self.assertTrue(export.Export(directory, chain_keys(suite, s)).check(),
                                    f"seed {seed}: {name} byte {at} bit {bit}")
                    maker.write_files({name: files[name]}, directory)
                self.assertEqual(export.Export(directory, chain_keys(suite, s)).check(), [])


class Codes(unittest.TestCase):
    def test_the_page_and_the_program_list_the_same_findings(self):
        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        for name, pattern in (("docs/ledger_verify.md", r"^\| `([a-z-]+)` \| (.*) \|$"),
                              ("src/tools/finding.c", r'^\t\{"([a-z-]+)", "(.*)", 0\},$')):
            with open(os.path.join(root, *name.split("/")), encoding="utf-8") as f:
                found = dict(re.findall(pattern, f.read().partition("## Findings")[2 if name.endswith(".md") else 0],
                                        re.MULTILINE))
            self.assertEqual(found, FINDINGS, name)


class Keys(unittest.TestCase):
    def test_a_key_that_is_not_ours_trusts_nothing(self):
        s = Sample(STD)
        other = note.VerifierKey(STD, "origin", STD.spki(maker.private_key(STD, "stranger")))
        self.assertEqual(check(s.chain.export_files(), [other]), ["checkpoint-untrusted"])
        self.assertEqual(check(s.chain.export_files(), [note.spki_key(s.chain.spki())]), [])


if __name__ == "__main__":
    unittest.main()
