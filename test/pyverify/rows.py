"""Checks the rows and schema bodies of an export against what its log says of them.

Every row belongs to the group of its transaction, table and schema version, or, where there is none, to a
BASELINE of its table. Groups are looked up, not merged, so that one row with a changed ledger_tx is one
finding.
"""

from typing import NamedTuple

from . import canon
from . import entry as en
from . import merkle
from .codec import FormatError


class Wanted:
    """A group of the log and the rows that were met for it."""

    def __init__(self, h, group, leaf):
        self.group, self.leaf = group, leaf
        self.tree = merkle.Frontier(h)
        self.seq = None             # of the first row


class Known(NamedTuple):
    """A SCHEMA entry and, once read, its body."""
    hash: bytes
    leaf: int


class RowCheck:
    def __init__(self, export):
        self.export, self.add, self.h = export, export.add, export.h
        self.seen = set()           # ledger_tx
        self.groups = {}            # table -> {(ledger_tx, schema_version): Wanted}
        self.schemas = {}           # (table, schema_version) -> Known
        self.bodies = {}            # the same -> SchemaBody
        self.purged = {}            # table -> leaf number of the PURGE
        self.baselines = {}         # table -> [(body, ledger_tx, leaf, Frontier)]
        self.wanted = {}            # table -> {(ledger_tx, ledger_seq): [SIGNATURE or ERASE body]}

    # what the log says

    def transaction(self, tx, leaf):
        if tx in self.seen:
            self.add("entry-twice", ledger_tx=tx, leaf=leaf)
        self.seen.add(tx)

    def group(self, group, tx, leaf):
        of_table = self.groups.setdefault(group.table_id, {})
        if (tx, group.schema_version) in of_table:
            self.add("entry-groups", ledger_tx=tx, leaf=leaf)
        else:
            of_table[tx, group.schema_version] = Wanted(self.h, group, leaf)

    def schema(self, body, leaf):
        if body[:2] in self.schemas:
            self.add("schema-twice", table=body.table_id, schema=body.schema_version)
        else:
            self.schemas[body[:2]] = Known(body.hash, leaf)

    def purge(self, table, leaf):
        self.purged[table] = leaf

    def baseline(self, body, tx, leaf):
        self.baselines.setdefault(body.table_id, []).append((body, tx, leaf, merkle.Frontier(self.h)))

    def refer(self, table, tx, seq, body):
        self.wanted.setdefault(table, {}).setdefault((tx, seq), []).append(body)

    # the files

    def check(self):
        self._schema_bodies()
        files = {bytes.fromhex(name) for name in self.export.row_files}
        for table in sorted(files | set(self.groups) | set(self.baselines)):
            if table in files:
                if table not in self.groups and not any(t == table for t, _ in self.schemas):
                    self.add("file-unexpected", file=f"rows/{table.hex()}.bin")
                TableRows(self, table).check()
            elif not self._gone(table):
                self.add("file-missing", table=table, file=f"rows/{table.hex()}.bin")

    def _gone(self, table):
        """Whether a PURGE stands after everything that was written to the table."""
        written = [w.leaf for w in self.groups.get(table, {}).values()]
        written += [leaf for _, _, leaf, _ in self.baselines.get(table, [])]
        return table in self.purged and self.purged[table] > max(written, default=-1)

    def _schema_bodies(self):
        from .export import stream
        for n, raw in enumerate(stream(self.export.path("schemas.bin"), self.export.findings, file="schemas.bin")):
            try:
                body = en.decode_schema(raw)
            except FormatError as e:
                self.add("schema-malformed", f"record {n}: {e}")
                continue
            key = body[:2]
            where = dict(table=body.table_id, schema=body.schema_version)
            if key not in self.schemas:
                self.add("schema-unknown", **where)
            elif en.schema_hash(self.h, raw) != self.schemas[key].hash:
                self.add("schema-wrong", **where)
            elif key in self.bodies:
                self.add("schema-twice", **where)
            else:
                self.bodies[key] = body
        for table, version in self.schemas:
            if (table, version) not in self.bodies:
                self.add("schema-missing", table=table, schema=version)


class TableRows:
    """The rows file of one table."""

    def __init__(self, check, table):
        self.c, self.table, self.h = check, table, check.h
        self.groups = check.groups.get(table, {})
        self.baselines = check.baselines.get(table, [])
        self.wanted = dict(check.wanted.get(table, {}))
        self.bodies = {v: b for (t, v), b in check.bodies.items() if t == table}
        self.versioned = any(b.kind == 1 for b in self.bodies.values())
        self.versions = {}          # (ledger_tx, ledger_seq) -> (op, leaf number), of a versioned table
        self.supersedes = []        # rows that name an older version
        self.last = self.last_loose = (-1, -1)
        self.unknown = None         # transaction and version of the last row that nothing covers
        self.lost = set()           # versions without a SCHEMA entry
        self.nrows = 0

    def add(self, code, text="", **where):
        self.c.add(code, text, table=self.table, **where)

    def check(self):
        from .export import stream
        name = f"rows/{self.table.hex()}.bin"
        for n, raw in enumerate(stream(self.c.export.path(name), self.c.export.findings, table=self.table, file=name)):
            try:
                row = en.decode_row(raw)
            except FormatError as e:
                self.add("row-malformed", f"record {n}: {e}")
                continue
            self._row(row, raw)
        if not self.nrows and self.c._gone(self.table):
            return
        self._groups()
        self._baselines()
        self._versions()
        for (tx, seq), bodies in self.wanted.items():
            for body in bodies:
                self.add(_kind(body), "there is no such row", ledger_tx=tx, ledger_seq=seq)

    def _row(self, row, raw):
        at = (row.ledger_tx, row.ledger_seq)
        where = dict(ledger_tx=at[0], ledger_seq=at[1])
        self.nrows += 1
        if row.table_id != self.table:
            self.add("row-order", "a row of another table", **where)
            return
        want = self.groups.get((row.ledger_tx, row.schema_version))
        baselines = [b for b in self.baselines if b[0].schema_version == row.schema_version]
        leaf = en.leaf_hash(self.h, raw)
        if want:
            if at <= self.last:
                self.add("row-order", **where)
                return
            self.last = at
            want.tree.append(leaf)
            want.seq = row.ledger_seq if want.seq is None else want.seq
        elif baselines:
            if at <= self.last_loose:
                self.add("row-order", **where)
                return
            self.last_loose = at
        else:
            if (row.ledger_tx, row.schema_version) != self.unknown:
                self.unknown = (row.ledger_tx, row.schema_version)
                self.add("row-unknown", **where)
            self.wanted.pop(at, None)
            return
        for _, _, number, tree in baselines:
            if not want or want.leaf < number:
                tree.append(leaf)

        self._fits_schema(row, where)
        for body in self.wanted.pop(at, []):
            cells = dict(row.columns)
            if isinstance(body, en.Signature):
                if body.leaf != leaf:
                    self.add("signature", "the row is another than the one that was signed", **where)
            elif any(cells.get(col, (canon.NULL,))[0] != canon.ERASED for col in body.columns):
                self.add("erase", "the column is not redactable", **where)
        if self.versioned:
            self.versions[at] = (row.op, want.leaf if want else -1)
            if row.op:
                self.supersedes.append(row)

    def _fits_schema(self, row, where):
        if (self.table, row.schema_version) not in self.c.schemas:
            if row.schema_version not in self.lost:
                self.lost.add(row.schema_version)
                self.add("row-schema", "there is no SCHEMA entry of this version", schema=row.schema_version)
            return
        body = self.bodies.get(row.schema_version)
        if body is None:
            return                  # its absence is a finding of its own
        if row.op and not body.kind:
            self.add("row-schema", "the table is not versioned", **where)
        if row.op == 2:
            return
        good = [c.col_id for c in body.columns] == [c for c, _ in row.columns]
        for column, (_, (tag, _)) in zip(body.columns, row.columns):
            if column.flags & en.REDACTABLE:
                good = good and tag == canon.ERASED
            else:
                good = good and tag in (canon.NULL, column.tag)
        if not good:
            self.add("row-schema", **where)

    def _groups(self):
        for (tx, version), want in sorted(self.groups.items()):
            known = self.c.schemas.get((self.table, version))
            if known and known.leaf >= want.leaf:
                self.add("schema-late", ledger_tx=tx)
            met = want.tree.size
            if met < want.group.nrows:
                self.add("rows-missing", f"{want.group.nrows - met} of {want.group.nrows} rows are missing",
                         ledger_tx=tx)
            elif met > want.group.nrows:
                self.add("rows-extra", f"{met - want.group.nrows} rows too many", ledger_tx=tx)
            elif want.tree.root() != want.group.root:
                seq = {"ledger_seq": want.seq} if met == 1 else {}
                self.add("row-changed", ledger_tx=tx, **seq)

    def _baselines(self):
        for body, tx, _, tree in self.baselines:
            if (tree.size, tree.root()) != (body.nrows, body.root):
                self.add("baseline", ledger_tx=tx)

    def _versions(self):
        taken = set()
        for row in self.supersedes:
            own, old = (row.ledger_tx, row.ledger_seq), (row.prev_tx, row.prev_seq)
            op, leaf = self.versions.get(old, (2, 0))
            mine = self.versions[own][1]
            later = old >= own if old[0] == own[0] else leaf >= mine >= 0
            if op == 2 or later or old in taken:
                self.add("version", ledger_tx=own[0], ledger_seq=own[1])
            taken.add(old)


def _kind(body):
    return "signature" if isinstance(body, en.Signature) else "erase"
