"""What an export check reports: a code, where, and a sentence.

    <code> [table=<32 hex>] [schema=<n>] [ledger_tx=<n>] [ledger_seq=<n>] [leaf=<n>] [height=<n>] [file=<path>]: <sentence>

The part before the colon is the same in every verifier; codes are listed in FINDINGS. Bytes of a file name
that are not printable ASCII are shown as question marks.
"""

import os

from typing import NamedTuple

FINDINGS = {
    "format": "the file `format` is malformed or disagrees with the checkpoint or the directory",
    "file-missing": "a file that the export must have is missing",
    "file-unexpected": "a file that no export has",
    "stream-cut": "a record is longer than the rest of its file; what follows was not read",
    "checkpoint": "the checkpoint is malformed",
    "checkpoint-untrusted": "no trusted key signed the checkpoint, or a trusted key's signature fails",
    "checkpoint-stranger": "no member of the chain signed the checkpoint",
    "checkpoint-root": "the log does not have the root that was signed",
    "checkpoint-block": "the last block is not the one that was signed",
    "keys": "a line of `keys` is malformed, not a member's key, or a member's key is missing",
    "old-checkpoint": "the older checkpoint is malformed, of another chain or not signed by a trusted key",
    "old-checkpoint-newer": "the log is shorter than the older checkpoint: its tail is gone",
    "old-checkpoint-root": "the log does not continue the one of the older checkpoint",
    "old-checkpoint-block": "the block of the older checkpoint is not in the chain",
    "genesis": "the first entry does not found this chain",
    "entry-malformed": "an entry or its openings cannot be decoded",
    "entry-missing": "an entry of the log is missing",
    "entry-extra": "an entry that is not in the log",
    "entry-changed": "an entry differs from the leaf that was sealed",
    "entry-chain": "an entry of another chain",
    "entry-part": "the parts of a transaction do not follow one another",
    "entry-twice": "a transaction stands in the log twice",
    "entry-groups": "the groups of an entry are out of order or double",
    "opening-wrong": "an opening does not give the hash in the entry",
    "opening-missing": "a private group, closed extra or role is not opened",
    "tile-missing": "a tile is missing",
    "tile-wrong": "a tile does not hold the hashes of the log",
    "block-malformed": "a block cannot be decoded",
    "block-missing": "the log has leaves that no block covers",
    "block-extra": "blocks after the end of the log",
    "block-chain": "a block does not continue the one before it",
    "block-root": "a block's log root is not that of the log",
    "block-results": "a block's results, body, epoch or proposer are not those of a chain of one",
    "block-members": "a block's member list is not the one that the entries make",
    "member": "a MEMBER entry does not fit the member list",
    "key": "a KEY entry without a member, of another curve, or not approved by the key it replaces",
    "log-state": "an entry names a size and root that this log did not have",
    "schema-malformed": "a schema body cannot be decoded",
    "schema-unknown": "a schema body that no SCHEMA entry names",
    "schema-wrong": "a schema body differs from its SCHEMA entry",
    "schema-missing": "the body of a SCHEMA entry is missing",
    "schema-twice": "a schema version stands twice",
    "schema-late": "rows stand before the schema they are written in",
    "row-malformed": "a row cannot be decoded",
    "row-order": "a row out of order, double, or of another table",
    "row-schema": "a row does not fit its schema version",
    "row-unknown": "rows that no transaction of the log has",
    "rows-missing": "rows of a transaction are missing",
    "rows-extra": "a transaction has more rows than it wrote",
    "row-changed": "the rows of a transaction are not those that were written",
    "baseline": "the rows under a BASELINE are not those that it names",
    "version": "a row supersedes one that is missing, deleted, later or already superseded",
    "erase": "an ERASE entry names a row or column that is not redactable",
    "signature": "a user's signature fails or its row is another",
}

KEYS = ("table", "schema", "ledger_tx", "ledger_seq", "leaf", "height", "file")


class Finding(NamedTuple):
    code: str
    where: tuple
    text: str

    def __str__(self):
        return f"{self.head()}: {self.text}"

    def head(self):
        return " ".join((self.code, *(f"{k}={v}" for k, v in self.where)))


class Findings(list):
    def add(self, code, text="", **where):
        if isinstance(where.get("table"), bytes):
            where["table"] = where["table"].hex()
        if "file" in where:
            where["file"] = "".join(chr(b) if 32 < b < 127 else "?" for b in os.fsencode(where["file"]))
        self.append(Finding(code, tuple((k, where.pop(k)) for k in KEYS if k in where),
                            text or FINDINGS[code]))
        assert code in FINDINGS and not where
