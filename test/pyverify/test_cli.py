"""The command line: what it takes as a key, and its exit status."""

import base64
import os
import subprocess
import sys
import tempfile
import unittest

from . import maker
from .sample import Sample
from .suite import GM, STD

PROGRAM = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "ledger_pyverify.py")]


def pem(spki):
    return ("-----BEGIN PUBLIC KEY-----\n" + base64.encodebytes(spki).decode() + "-----END PUBLIC KEY-----\n").encode()


class CommandLine(unittest.TestCase):
    program = PROGRAM

    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)

    def file(self, name, content):
        maker.write_files({name: content}, self.temporary.name)
        return os.path.join(self.temporary.name, name)

    def run_(self, status, *args):
        done = subprocess.run([*self.program, *args], capture_output=True, text=True)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertTrue(done.stderr if status == 2 else done.stdout)
        return done.stdout

    def test_each_command_and_kind_of_key(self):
        for suite in (STD, GM):
            s = Sample(suite)
            c = s.chain
            receipt = self.file("receipt", c.receipt(s.accounts, s.tx["accounts"], 2).encode())
            checkpoint = self.file("note", c.note())
            old = self.file("old", maker.sign_note(c.checkpoint()._replace(size=5, root=c.consistency(5).old_root),
                                                   [(suite, c.name, c.key)]))
            proof = self.file("proof", c.consistency(5).encode())
            other = self.file("other proof", c.consistency(6).encode())
            maker.write_files(c.export_files(), os.path.join(self.temporary.name, "export"))
            export = os.path.join(self.temporary.name, "export")
            stranger = suite.spki(maker.private_key(suite, "stranger"))
            for key in (c.vkey().line(), self.file("keys", (c.vkey().line() + "\n").encode()),
                        self.file("key.pem", pem(c.spki()))):
                out = self.run_(0, "receipt", receipt, "--key", key)
                self.assertIn(f"ledger_tx {s.tx['accounts']} ledger_seq 2", out)
                self.run_(0, "checkpoint", checkpoint, "--key", key)
                self.run_(0, "consistency", proof, "--old", old, "--new", checkpoint, "--key", key)
                self.run_(1, "consistency", other, "--old", old, "--key", key)
                self.run_(0, "export", export, "--key", key)
                self.run_(0, "export", export, "--key", key, "--checkpoint", checkpoint)
            self.run_(0, "consistency", proof)
            bad = self.file("bad.pem", pem(stranger))
            for command, path in (("receipt", receipt), ("checkpoint", checkpoint), ("export", export)):
                self.run_(1, command, path, "--key", bad)
                self.run_(2, command, path, "--key", "no such file")
                self.run_(2, command, path)
                self.run_(2, command, os.path.join(self.temporary.name, "nothing"), "--key", c.vkey().line())
            self.run_(1, "receipt", checkpoint, "--key", c.vkey().line())
            self.run_(1, "checkpoint", receipt, "--key", c.vkey().line())
            self.run_(1, "consistency", receipt)
            self.run_(2, "consistency", proof, "--old", old)
            self.run_(2, "receipt", receipt, "--key", self.file("broken.pem", pem(b"nothing")))
            self.run_(2, "receipt", receipt, "--key", self.file("empty", b""))
            self.run_(2, "export", export, "--key", c.vkey().line(), "--checkpoint", "no such file")

    def test_usage(self):
        self.run_(2)
        self.run_(2, "prove")
        self.run_(2, "receipt")


if __name__ == "__main__":
    unittest.main()
