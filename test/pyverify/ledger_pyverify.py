#!/usr/bin/python3
"""Checks receipts, checkpoints, consistency proofs and exports of a ledger, without a server.

    ledger_pyverify.py receipt FILE --key KEY
    ledger_pyverify.py checkpoint FILE --key KEY
    ledger_pyverify.py consistency FILE [--old NOTE --new NOTE --key KEY]
    ledger_pyverify.py export DIRECTORY --key KEY [--checkpoint OLDER_NOTE]

KEY is a verifier key, a file with one verifier key per line, or a public key in PEM. Exit status: 0 where all
is well, 1 where something is wrong (each finding on a line of its own), 2 where the input cannot be used.
"""

import argparse
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from pyverify import receipt  # noqa: E402
from pyverify.codec import FormatError, unb64  # noqa: E402
from pyverify.export import Export, Unusable  # noqa: E402
from pyverify.note import parse_note, parse_vkey, spki_key  # noqa: E402


def read(path):
    """A file; one empty line at its end is left out, because psql adds it to what it prints."""
    try:
        with open(path, "rb") as f:
            content = f.read()
        return content[:-1] if content.endswith(b"\n\n") else content
    except OSError as e:
        raise Unusable(f"could not read \"{path}\": {e.strerror}") from None


def keys_of(value):
    if re.match(r"[A-Za-z0-9._-]+\+[0-9a-f]{8}\+", value):
        return [parse_vkey(value)]
    try:
        content = read(value).decode("ascii")
    except UnicodeDecodeError:
        raise FormatError(f"\"{value}\" holds no keys") from None
    pem = re.search(r"-----BEGIN PUBLIC KEY-----(.*?)-----END PUBLIC KEY-----", content, re.DOTALL)
    if pem:
        return [spki_key(unb64("".join(pem[1].split())))]
    keys = [parse_vkey(line) for line in content.splitlines() if line]
    if not keys:
        raise FormatError(f"\"{value}\" holds no keys")
    return keys


def check_receipt(args):
    row, _, cp, names = receipt.check_receipt(read(args.path), args.key)
    print(f"receipt is valid: table {row.table_id.hex()} ledger_tx {row.ledger_tx} ledger_seq {row.ledger_seq}, "
          f"log of {cp.size} entries, signed by {', '.join(names)}")


def check_checkpoint(args):
    note = parse_note(read(args.path))
    names = receipt.check_note(note, args.key)
    print(f"checkpoint is valid: {note.checkpoint.origin} size {note.checkpoint.size}, signed by {', '.join(names)}")


def check_consistency(args):
    proof = receipt.parse_consistency(read(args.path))
    if not proof.holds():
        raise FormatError("the proof does not connect the two roots")
    for path, size, root in ((args.old, proof.old_size, proof.old_root), (args.new, proof.new_size, proof.new_root)):
        if path:
            note = parse_note(read(path))
            receipt.check_note(note, args.key, proof.suite)
            if (note.checkpoint.size, note.checkpoint.root) != (size, root):
                raise FormatError(f"the proof is not about the checkpoint \"{path}\"")
    print(f"proof is valid: the log of {proof.new_size} entries continues the one of {proof.old_size}")


def check_export(args):
    export = Export(args.path, args.key, read(args.checkpoint) if args.checkpoint else None)
    findings = export.check()
    for finding in findings:
        print(finding)
    if findings:
        print(f"{len(findings)} findings")
        return 1
    print(f"export is valid: {export.origin} size {export.size}")
    return 0


def main(argv):
    parser = argparse.ArgumentParser(usage=__doc__.partition("\n\n")[2])
    commands = parser.add_subparsers(required=True)
    for name, function in (("receipt", check_receipt), ("checkpoint", check_checkpoint),
                           ("consistency", check_consistency), ("export", check_export)):
        p = commands.add_parser(name, usage=parser.usage)
        p.set_defaults(function=function)
        p.add_argument("path")
        p.add_argument("--key", required=name != "consistency")
        if name == "consistency":
            p.add_argument("--old")
            p.add_argument("--new")
        elif name == "export":
            p.add_argument("--checkpoint")
    args = parser.parse_args(argv)
    try:
        try:
            args.key = keys_of(args.key) if args.key else []
        except FormatError as e:
            raise Unusable(f"--key: {e}") from None
        if args.function is check_consistency and (args.old or args.new) and not args.key:
            raise Unusable("--old and --new need --key")
        return args.function(args) or 0
    except Unusable as e:
        print(f"ledger_pyverify: {e}", file=sys.stderr)
        return 2
    except FormatError as e:
        print(f"not valid: {e}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
