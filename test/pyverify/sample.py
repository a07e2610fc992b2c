"""One chain with something of everything, for vectors and tests."""

from . import canon
from . import entry as en
from .maker import Chain, Table, private_key, pseudo

INT8, TEXT, NUM, TSTZ, ARRAY = (canon.TAG[n] for n in ("int8", "text", "numeric", "timestamptz", "array"))
NULL = (canon.NULL, None)


def int8(v):
    return (INT8, v)


def text(v):
    return (TEXT, v)


ID = en.Column(1, "id", INT8, "pg_catalog.int8", flags=en.NOT_NULL)
NOTE = en.Column(2, "note", TEXT, "pg_catalog.text", '"default"')


class Sample:
    """chain, its tables by name, and some transactions by name."""

    def __init__(self, suite, fillers=0):
        self.chain = c = Chain(suite)
        self.tx = {}
        c.seal()
        self._first_tables()
        c.seal()
        for i in range(fillers):
            c.write((self.events, [[int8(1000 + i), text(f"filler {i}")]]))
            if i % 50 == 49:
                c.seal()
        c.seal()
        self._life()
        c.seal()
        c.rotate_key()
        c.seal()
        self._rare()
        c.seal()

    def _first_tables(self):
        c = self.chain
        self.accounts = Table("accounts")
        self.events = Table("events", private=False)
        self.documents = Table("documents", kind=1)
        c.define(self.accounts, [ID, NOTE, en.Column(3, "amount", NUM, "pg_catalog.numeric(12,2)"),
                                 en.Column(5, "at", TSTZ, "pg_catalog.timestamptz(3)"),
                                 en.Column(6, "tags", ARRAY, "pg_catalog.text[]", '"default"')],
                 [en.Object("c", "accounts_positive", "CHECK ((amount > 0))"),
                  en.Object("i", "accounts_pkey", "CREATE UNIQUE INDEX accounts_pkey ON accounts USING btree (id)")])
        tx = c.define(self.events, [ID, NOTE])
        c.write((self.events, [[int8(0), text("in the transaction that made the table")]]), tx=tx, part=1)
        c.define(self.documents, [ID, NOTE], flags=1)
        self.tx["accounts"] = c.write((self.accounts, [
            [int8(i), text(f"row {i}"), (NUM, canon.Numeric(0, 0, 2, (i,))), (TSTZ, 1000000 * i),
             (ARRAY, canon.Array(((2, 1),), (text("a"), NULL)))] for i in range(1, 8)]))
        self.tx["both"] = c.write((self.events, [[int8(1), NULL], [int8(2), text("ünïcödé ✓")]]),
                                  (self.accounts, [[int8(9), NULL, NULL, NULL, NULL]]), role="bob")

    def _life(self):
        c = self.chain
        d = self.documents
        one = c.write((d, [[int8(1), text("first")], [int8(2), text("second")]]))
        two = c.write((d, [(1, (one, 0), [int8(1), text("first, corrected")])]))
        c.write((d, [(2, (two, 0), []), (1, (one, 1), [int8(2), text("changed in the same go")])]))
        self.tx["documents"] = one

        # a second version of a table, written in the transaction that makes it
        tx = c.new_tx()
        c.define(self.events, [ID, NOTE, en.Column(5, "extra", INT8, "pg_catalog.int8")], tx=tx)
        self.tx["events v2"] = c.write((self.events, [[int8(3), text("wide"), int8(-1)]]), tx=tx, part=1)

        # a redactable column: the leaf shows its commitment
        self.people = t = Table("people")
        c.define(t, [ID, NOTE._replace(flags=en.REDACTABLE)])
        cell = canon.commitment(c.h, t.id, 2, pseudo("salt", 16), canon.encode(text("Ann Example")))
        self.tx["people"] = c.write((t, [[int8(1), (canon.ERASED, cell)]]))
        c.record(en.ERASE, en.Erase(t.id, self.tx["people"], 0, (2,), "asked for on paper"), closed=True)

    def _rare(self):
        c = self.chain
        old = Table("converted")
        c.define(old, [ID, NOTE])
        c.convert(old, [[int8(i), text(f"old row {i}")] for i in range(5)])
        c.write((old, [[int8(9), text("new row of a converted table")]]))

        gone = Table("gone", private=False)
        c.define(gone, [ID])
        c.write((gone, [[int8(1)], [int8(2)]]))
        c.record(en.PURGE, en.Purge(gone.id, 2, c.clock, "retention is over"))
        gone.dropped = True

        c.record(en.GRANT, en.Grant(pseudo("grant", 100)))
        leaf = en.leaf_hash(c.h, self.documents.rows[self.tx["documents"], 0])
        user = private_key(c.suite, "a user")
        sig = en.Signature(self.tx["documents"], self.documents.id, 0, leaf, c.suite.spki(user), b"")
        c.record(en.SIGNATURE, sig._replace(signature=c.suite.sign(user, sig.signed(c.chain_id))))
        size = len(c.leaves)
        c.record(en.INCARNATION, en.Incarnation(1, 1, c.origin(), size, c.log.root()))
        c.inc = 1
        c.counter = 0
        c.record(en.MEMBER, en.Member(2, 0, c.suite.number, 3, pseudo("nonce 2"), c.name))
        c.record(en.CROSS, en.Cross(1, pseudo("other", 16), en.ledger_tx(1, 0, 7), c.clock))
