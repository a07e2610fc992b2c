"""The C program and this verifier say the same of everything: of good files, of tampered ones, of random damage.

The program is src/tools/ledger_verify, or what LEDGER_VERIFY names. LEDGER_SEED and LEDGER_FLIPS choose the
random damage and how much of it.
"""

import os
import random
import subprocess
import tempfile
import unittest

from . import attacks, export, maker, note, receipt, test_cli
from .codec import FormatError
from .sample import Sample
from .suite import GM, STD
from .test_vectors import load, of, x

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.environ.get("LEDGER_VERIFY", os.path.join(ROOT, "src", "tools", "ledger_verify"))
SEED = int(os.environ.get("LEDGER_SEED", "1"))
FLIPS = int(os.environ.get("LEDGER_FLIPS", "300"))


def run(*args):
    """(exit status, lines) of the C program."""
    done = subprocess.run([PROGRAM, *args], capture_output=True, text=True)
    return done.returncode, done.stdout.split("\n")[:-1]


class Agree(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not os.access(PROGRAM, os.X_OK):
            raise AssertionError(f"{PROGRAM} is missing: \"make tools\" builds it")

    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.dir = self.temporary.name

    def write(self, name, content):
        maker.write_files({name: content}, self.dir)
        return os.path.join(self.dir, name)


class Exports(Agree):
    def both(self, directory, key, old=None):
        """Findings of both, after a look at whether they are the same."""
        mine = sorted(f.head() for f in export.Export(directory, [key], old).check())
        args = ["export", directory, "--key", key.line()]
        if old is not None:
            args += ["--checkpoint", self.write("old", old)]
        status, lines = run(*args)
        self.assertEqual(status, 1 if mine else 0, lines)
        theirs = sorted(line.partition(": ")[0] for line in lines[:-1])
        self.assertEqual(theirs, mine)
        self.assertEqual(lines[-1], f"{len(mine)} findings" if mine else lines[-1])
        return mine

    def fresh(self, files):
        directory = tempfile.mkdtemp(dir=self.dir)
        maker.write_files(files, directory)
        return directory

    def test_untouched(self):
        for suite in (STD, GM):
            for fillers in (0, 7, attacks.FILLERS if suite is STD else 20):
                c = Sample(suite, fillers).chain
                self.assertEqual(self.both(self.fresh(c.export_files()), c.vkey()), [])

    def test_changed_after_it_was_written(self):
        s = Sample(STD, attacks.FILLERS)
        for name, files, _ in attacks.changed(s):
            with self.subTest(attack=name):
                self.assertTrue(self.both(self.fresh(files), s.chain.vkey()))

    def test_written_wrongly_by_the_key_holder(self):
        for suite in (STD, GM):
            keys = [note.VerifierKey(suite, "origin", suite.spki(maker.private_key(suite, f"origin {i}")))
                    for i in range(2)]
            for name, files, _ in attacks.signed(suite):
                with self.subTest(suite=suite.name, attack=name):
                    self.both(self.fresh(files), keys[name == "key without approval"])

    def test_second_history(self):
        for suite in (STD, GM):
            key = note.VerifierKey(suite, "origin", suite.spki(maker.private_key(suite, "origin 0")))
            for name, kept, files, _ in attacks.rewritten(suite):
                with self.subTest(suite=suite.name, attack=name):
                    self.both(self.fresh(files), key, kept)

    def test_random_damage(self):
        """A changed, inserted or lost byte anywhere, or two of them."""
        rng = random.Random(SEED)
        for suite, share in ((STD, 1), (GM, 10)):
            c = Sample(suite).chain
            good = c.export_files()
            names = sorted(n for n in good if good[n])
            directory = self.fresh(good)
            for _ in range(FLIPS // share):
                damaged = {}
                for _ in range(rng.choice((1, 1, 2))):
                    name = rng.choice(names)
                    raw = damaged.get(name, good[name])
                    at = rng.randrange(len(raw)) if raw else 0
                    how = rng.randrange(6)
                    if how < 4:
                        raw = attacks.flipped(raw, at, 1 << rng.randrange(8)) if raw else raw
                    elif how == 4:
                        raw = raw[:at] + raw[at + 1:]
                    else:
                        raw = raw[:at] + bytes([rng.randrange(256)]) + raw[at:]
                    damaged[name] = raw
                maker.write_files(damaged, directory)
                with self.subTest(seed=SEED, suite=suite.name,
                                  damage={n: [i for i, (a, b) in enumerate(zip(r, good[n])) if a != b][:1]
                                          for n, r in damaged.items()}):
                    self.both(directory, c.vkey())
                maker.write_files({n: good[n] for n in damaged}, directory)
            self.assertEqual(self.both(directory, c.vkey()), [])

    def test_random_records(self):
        """Records lost, doubled, exchanged, or moved to another file."""
        rng = random.Random(SEED)
        c = Sample(STD, 20).chain
        good = c.export_files()
        names = sorted(n for n in good if n.endswith(".bin") and len(attacks.records(good[n])) > 1)
        for _ in range(FLIPS // 2):
            files = attacks.Copy(good)
            what = []
            for _ in range(rng.choice((1, 1, 2, 3))):
                name, other = rng.choice(names), rng.choice(names)
                items = attacks.records(files[name])
                if not items:
                    continue
                i, j, how = rng.randrange(len(items)), rng.randrange(len(items)), rng.randrange(4)
                what.append((name, i, j, how))
                if how == 0:
                    del items[i]
                elif how == 1:
                    items.insert(j, items[i])
                elif how == 2:
                    items[i], items[j] = items[j], items[i]
                else:
                    moved = attacks.records(files[other])
                    moved.insert(min(j, len(moved)), items[i])
                    files[other] = b"".join(map(attacks.lp, moved))
                    continue
                files[name] = b"".join(map(attacks.lp, items))
            with self.subTest(seed=SEED, what=what):
                self.both(self.fresh(files), c.vkey())


class Files(Agree):
    def both(self, command, content, key=None):
        file = self.write("file", content)
        content = content.removesuffix(b"\n") if content.endswith(b"\n\n") else content  # what psql adds
        try:
            if command == "receipt":
                receipt.check_receipt(content, [note.parse_vkey(key)])
            elif command == "checkpoint":
                receipt.check_note(note.parse_note(content), [note.parse_vkey(key)])
            elif not receipt.parse_consistency(content).holds():
                raise FormatError("")
            expected = 0
        except FormatError:
            expected = 1
        status, lines = run(command, file, *(["--key", key] if key else []))
        self.assertEqual(status, expected, lines)
        return status

    def test_vectors(self):
        for g in load("receipt"):
            command = "receipt" if g["kind"].startswith("receipt") else "consistency"
            with self.subTest(g["kind"], name=g.get("name")):
                self.assertEqual(self.both(command, x(g, "file"), g.get("vkey")), int(g["kind"].endswith("-bad")))
        for g in of(load("note"), "note") + of(load("note"), "note-bad"):
            if g.get("signers") != "1":
                with self.subTest(g["kind"], name=g.get("name")):
                    self.assertEqual(self.both("checkpoint", x(g, "note"), g["vkey"]), int(g["kind"].endswith("-bad")))

    def test_bad_keys_are_unusable(self):
        file = self.write("file", x(of(load("note"), "note")[0], "note"))
        for g in of(load("note"), "vkey-bad"):
            key = self.write("key", g["vkey"].encode() + b"\n")
            with self.subTest(name=g["name"]):
                self.assertEqual(run("checkpoint", file, "--key", key)[0], 2)

    def test_random_damage(self):
        rng = random.Random(SEED)
        good = [("receipt", x(g, "file"), g["vkey"]) for g in of(load("receipt"), "receipt")]
        good += [("consistency", x(g, "file"), None) for g in of(load("receipt"), "consistency-file")]
        good += [("checkpoint", x(g, "note"), g["vkey"]) for g in of(load("note"), "note") if g["signers"] == "2"]
        for _ in range(2 * FLIPS):
            command, raw, key = rng.choice(good)
            at, how = rng.randrange(len(raw)), rng.randrange(6)
            if how < 3:
                bad = attacks.flipped(raw, at, 1 << rng.randrange(8))
            elif how == 3:
                bad = raw[:at] + raw[at + 1:]
            elif how == 4:
                bad = raw[:at] + bytes([rng.choice(b"\n\r =+/-0A\xc3\x00")]) + raw[at:]
            else:
                lines = raw.split(b"\n")
                i = rng.randrange(len(lines))
                bad = b"\n".join(lines[:i] + rng.choice(([], [lines[i]] * 2)) + lines[i + 1:])
            with self.subTest(seed=SEED, command=command, at=at, how=how):
                self.both(command, bad, key)


class CommandLine(test_cli.CommandLine):
    """The same command line."""
    program = [PROGRAM]


if __name__ == "__main__":
    unittest.main()
