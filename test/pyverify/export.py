"""Checks a whole export: docs/format.md section 8 against sections 1 to 6.

The log is read once, in leaf order, beside its level 0 tiles and its blocks. Two trees grow: one of the
entries, one of the tile hashes. Where they part, the next block's root says which of the two was changed, so
that one flipped byte gives one finding at its place.
"""

import os
import re
from collections import deque

from . import block as blocks
from . import entry as en
from . import merkle
from .codec import FormatError, Reader, decimal
from .findings import Findings
from .members import Members
from .note import parse_note, parse_origin, parse_vkey
from .receipt import check_note
from .rows import RowCheck
from .suite import suite_named

WINDOW = 256            # how far a missing entry is looked for


class Unusable(Exception):
    """There is no export to check."""


def stream(path, findings, **where):
    """The records of a .bin file."""
    try:
        f = open(path, "rb")
    except OSError:
        findings.add("file-missing", **where)
        return
    with f:
        size, pos = os.fstat(f.fileno()).st_size, 0
        while pos < size:
            head = f.read(4)
            n = int.from_bytes(head, "big")
            if len(head) < 4 or n > size - pos - 4:
                findings.add("stream-cut", **where)
                return
            yield f.read(n)
            pos += 4 + n


class Item:
    """One record of entries.bin. entry is None where it cannot be decoded."""

    def __init__(self, record, h):
        self.entry = self.openings = self.hash = self.error = None
        r = Reader(record)
        try:
            self.entry = en.read_entry(r)
            self.hash = en.leaf_hash(h, record[:r.pos])
        except FormatError as e:
            self.error = str(e)
            return
        try:
            self.openings = en.read_openings(r)
            r.end()
        except FormatError as e:
            self.openings, self.error = None, str(e)


class Export:
    def __init__(self, directory, keys, old_note=None):
        self.dir, self.keys, self.old_note = directory, keys, old_note
        self.findings = Findings()
        self.add = self.findings.add
        self.checkpoint = self.note = self.old = None
        self.states = []            # (leaf number, ledger_tx, size, root) that entries name

    def path(self, name):
        return os.path.join(self.dir, *name.split("/"))

    def read(self, name):
        try:
            with open(self.path(name), "rb") as f:
                return f.read()
        except OSError:
            return None

    def check(self):
        """Findings, empty where all is well. Raises Unusable where there is nothing to check."""
        if not os.path.isfile(self.path("format")):
            raise Unusable(f"{self.dir} is no ledger export: it has no file \"format\"")
        if not self._read_format():
            return self.findings
        self._read_checkpoint()
        self._read_old()
        self.size = self.checkpoint.size if self.checkpoint else self.format_size
        self.h = self.suite.hash
        self.members = Members(self.suite, self.chain_id, self.add)
        self.rows = RowCheck(self)
        self._files()
        self._log()
        self._states()
        self._keys()
        self.rows.check()
        return self.findings

    # format, checkpoint, keys, file names

    def _read_format(self):
        try:
            lines = self.read("format").decode("ascii").split("\n")
            if len(lines) != 6 or lines[0] != "ledger-export/1" or lines[5]:
                raise FormatError("five lines are expected")
            values = []
            for word, line in zip(("suite", "origin", "size", "tables"), lines[1:]):
                head, _, value = line.partition(" ")
                if head != word:
                    raise FormatError(f"a line {word!r} is expected")
                values.append(value)
            self.suite, self.origin = suite_named(values[0]), values[1]
            self.format_size, self.tables = decimal(values[2]), decimal(values[3])
            self.chain_id = parse_origin(self.origin)
        except (FormatError, UnicodeDecodeError) as e:
            self.add("format", str(e))
            return False
        # another suite would make every hash differ, so it is asked of the genesis entry before all else
        first = next(stream(self.path("entries.bin"), Findings(), file="entries.bin"), None)
        if first is not None:
            try:
                genesis = en.read_entry(Reader(first))
                body = genesis.body() if genesis.type == en.MEMBER else None
                if body is not None and en.decode_body(en.MEMBER, body).suite != self.suite.number:
                    self.add("format", "the genesis entry names another suite")
                    return False
            except FormatError:
                pass
        return True

    def _read_checkpoint(self):
        raw = self.read("checkpoint")
        if raw is None:
            self.add("file-missing", file="checkpoint")
            return
        try:
            self.note = parse_note(raw)
        except FormatError as e:
            self.add("checkpoint", str(e))
            return
        self.checkpoint = self.note.checkpoint
        try:
            check_note(self.note, self.keys, self.suite)
            self.chain_id = self.checkpoint.chain_id()
        except FormatError as e:
            self.add("checkpoint-untrusted", str(e))
        if self.checkpoint.origin != self.origin:
            self.add("format", "another origin than in the checkpoint")
        if self.checkpoint.size != self.format_size:
            self.add("format", "another size than in the checkpoint")

    def _read_old(self):
        if self.old_note is None:
            return
        try:
            note = parse_note(self.old_note)
            check_note(note, self.keys, self.suite)
            if note.checkpoint.chain_id() != self.chain_id:
                raise FormatError("the older checkpoint is of another chain")
            self.old = note.checkpoint
        except FormatError as e:
            self.add("old-checkpoint", str(e))

    def _keys(self):
        raw = self.read("keys")
        if raw is None:
            self.add("file-missing", file="keys")
        else:
            listed = set()
            lines = raw.decode("utf-8", "replace").split("\n")
            if lines.pop():
                self.add("keys", "the last line does not end")
            for line in lines:
                try:
                    key = parse_vkey(line)
                    if (key.name, key.spki) not in self.members.sign_keys or key.suite is not self.suite:
                        raise FormatError(f"no member has had the key {line}")
                    listed.add((key.name, key.spki))
                except FormatError as e:
                    self.add("keys", str(e))
            for m in self.members.list.values():
                if m.sign_key and (m.name, m.sign_key) not in listed:
                    self.add("keys", f"the key of {m.name} is missing")
        if self.note and not any(
                self.suite.key_id(name, spki) == key_id and self.suite.verify(spki, self.note.text, sig)
                for name, key_id, sig in self.note.signatures
                for spki in {spki for _, spki in self.members.sign_keys}):
            self.add("checkpoint-stranger")

    def _files(self):
        self.row_files = []
        for base, _, names in os.walk(self.dir):
            for name in names:
                path = os.path.relpath(os.path.join(base, name), self.dir).replace(os.sep, "/")
                m = re.fullmatch(r"rows/([0-9a-f]{32})\.bin", path)
                if m:
                    self.row_files.append(m[1])
                elif path not in ("format", "checkpoint", "keys", "blocks.bin", "entries.bin", "schemas.bin") \
                        and not self._is_tile(path):
                    self.add("file-unexpected", file=path)
        self.row_files.sort()
        if len(self.row_files) != self.tables:
            self.add("format", "another number of tables than row files")

    def _is_tile(self, path):
        m = re.fullmatch(r"tile/([0-7])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]*))?", path, re.ASCII)
        if not m:
            return False
        level, index, width = int(m[1]), int(m[2].replace("/", "").replace("x", "")), int(m[3] or merkle.TILE)
        hashes = self.size >> 8 * level
        return (path == "tile/" + merkle.tile_path(level, index, width)
                and width == min(merkle.TILE, hashes - index * merkle.TILE))

    # the log

    def _tile(self, level, index):
        """The hashes of a tile, or None if it is missing or has the wrong size; None past the end."""
        width = min(merkle.TILE, (self.size >> 8 * level) - index * merkle.TILE)
        if width <= 0:
            return None
        name = "tile/" + merkle.tile_path(level, index, width)
        raw = self.read(name)
        if raw is None or len(raw) != 32 * width:
            self.add("tile-missing" if raw is None else "tile-wrong", file=name)
            return None
        return [raw[i:i + 32] for i in range(0, len(raw), 32)]

    def _tile_hash(self, number):
        """The leaf hash that the tiles have, or None. Keeps this tile and the next."""
        index = number // merkle.TILE
        if index not in self.cache:
            self.cache = {i: t for i, t in self.cache.items() if i >= index - 1}
            self.cache[index] = self._tile(0, index)
        tile = self.cache[index]
        return tile[number % merkle.TILE] if tile else None

    def _log(self):
        self.cache = {}
        self.records = stream(self.path("entries.bin"), self.findings, file="entries.bin")
        self.ahead = deque()
        self.pos = 0                                # leaf number that comes next
        self.by_entries, self.by_tiles = merkle.Frontier(self.h), merkle.Frontier(self.h)
        self.upper = UpperTiles(self)
        self.parted = []                            # (leaf number, ledger_tx) since the last block
        self.root_lost = self.members_lost = False  # every later root or list would differ too
        self.prev = None                            # the entry before, None after a gap
        self.solo = True

        self._blocks()
        while self._next_leaf():
            pass
        self._settle(None)
        if self.pos < self.size:
            self.add("entry-missing", f"the log ends {self.size - self.pos} leaves early", leaf=self.pos)
        if self._peek(0):
            self.add("entry-extra", "entries after the end of the log")
        self.upper.finish()
        if self.checkpoint and self.checkpoint.root not in (self.by_entries.root(), self.by_tiles.root()):
            self.add("checkpoint-root")
        if self.old and self.old.size > self.size:
            self.add("old-checkpoint-newer")

    def _peek(self, i):
        while len(self.ahead) <= i:
            record = next(self.records, None)
            if record is None:
                return None
            self.ahead.append(Item(record, self.h))
        return self.ahead[i]

    def _next_leaf(self):
        """Take one leaf; its two hashes go to the trees. False at the end of the log."""
        if self.pos >= self.size:
            return False
        while True:
            item, tile = self._peek(0), self._tile_hash(self.pos)
            if item is None and tile is None:
                return False
            if item is None or tile is None or item.hash == tile:
                break
            after = self._peek(1)
            if after and after.hash == tile:        # this one was put in before the true one
                self._report_extra(item)
                self.ahead.popleft()
                continue
            if item.hash is not None and any(self._tile_hash(j) == item.hash for j in
                                             range(self.pos + 1, min(self.pos + WINDOW, self.size))):
                item = None                         # the true one was left out
            break

        leaf = self.pos
        if item is None:
            self.add("entry-missing", leaf=leaf)
            self.prev = None
        else:
            self.ahead.popleft()
            if item.entry is None:
                self.add("entry-malformed", item.error, leaf=leaf)
                self.prev = None
                if tile is None:
                    return False
        mine = item.hash if item and item.hash else tile
        theirs = tile or mine
        if mine != theirs:
            self.parted.append((leaf, item.entry.ledger_tx))
        self.pair = (mine, theirs)
        self.by_entries.append(mine)
        self.by_tiles.append(theirs)
        self.upper.append(mine, theirs)
        self.pos += 1
        if item and item.entry:
            self._entry(item, leaf)
        if self.old and self.old.size == self.pos \
                and self.old.root not in (self.by_entries.root(), self.by_tiles.root()):
            self.add("old-checkpoint-root")
        return True

    def _report_extra(self, item):
        if item.entry is None:
            self.add("entry-malformed", item.error, leaf=self.pos)
        else:
            self.add("entry-extra", ledger_tx=item.entry.ledger_tx, leaf=self.pos)

    def _settle(self, root):
        """Decide, with the root that a block signs for, which of two differing hashes is the true one."""
        mine, theirs = self.by_entries.root(), self.by_tiles.root()
        tiles_wrong = root == mine != theirs
        for leaf, tx in self.parted:
            if tiles_wrong:
                self.add("tile-wrong", "a tile does not hold the hash of this entry", ledger_tx=tx, leaf=leaf)
            else:
                self.add("entry-changed", ledger_tx=tx, leaf=leaf)
        self.parted = []
        if root is None or root not in (mine, theirs):
            return root is None
        if root == mine:
            self.by_tiles = self.by_entries.copy()
        else:
            self.by_entries = self.by_tiles.copy()
        return True

    # blocks

    def _blocks(self):
        height, prev_hash, end, last = 0, blocks.ZERO_HASH, 0, None
        for raw in stream(self.path("blocks.bin"), self.findings, file="blocks.bin"):
            if self.pos >= self.size:
                self.add("block-extra", height=height)
                break
            own_hash = blocks.block_hash(self.h, raw)
            try:
                last = b = blocks.decode_block(raw)
            except FormatError as e:
                self.add("block-malformed", str(e), height=height)
                prev_hash, height, last = own_hash, height + 1, None
                continue
            if (b.chain_id, b.height, b.prev_hash, b.first_leaf) != (self.chain_id, height, prev_hash, end):
                self.add("block-chain", height=b.height)
            prev_hash, height, end = own_hash, b.height + 1, b.first_leaf + b.n
            if b.first_leaf >= self.pos:            # else its leaves were read with another block
                while end <= self.size and self.pos < b.first_leaf and self._next_leaf():
                    pass                            # leaves of a block that is not here
                self._one_block(b)
            if self.old and self.old.height == b.height and (self.old.size, self.old.block) != (end, own_hash):
                self.add("old-checkpoint-block", height=b.height)
        if self.pos < self.size:
            self.add("block-missing", leaf=self.pos)
        cp = self.checkpoint
        if cp and (not last or (cp.block, cp.height, cp.epoch, cp.size)
                   != (prev_hash, last.height, last.epoch, end)):
            self.add("checkpoint-block")

    def _one_block(self, b):
        before = self.members.hash()
        self.solo = self.members.solo()
        results = merkle.Frontier(self.h), merkle.Frontier(self.h)
        for _ in range(b.n):
            if not self._next_leaf():
                break
            for tree, leaf in zip(results, self.pair):
                tree.append(blocks.verdict_leaf(self.h, leaf))
            self.solo = self.solo and self.members.solo()
        if not self._settle(b.log_root) and not self.root_lost:
            self.root_lost = True
            self.add("block-root", height=b.height)
        if self.solo and (b.results_root not in [t.root() for t in results] or b.epoch or b.proposer
                          or b.body_hash != blocks.body_hash(self.h)):
            self.add("block-results", height=b.height)
        if (b.members_hash, b.next_members_hash) != (before, self.members.hash()) and not self.members_lost:
            self.members_lost = True
            self.add("block-members", height=b.height)

    # one entry

    def _entry(self, item, leaf):
        e, tx = item.entry, item.entry.ledger_tx
        if leaf == 0:
            self._genesis(e)
        if e.chain_id != self.chain_id:
            self.add("entry-chain", ledger_tx=tx, leaf=leaf)
        if self.prev or leaf == 0:
            same = self.prev is not None and self.prev.ledger_tx == tx
            if e.part != (self.prev.part + 1 if same else 0):
                self.add("entry-part", ledger_tx=tx, leaf=leaf)
        if not (self.prev and self.prev.ledger_tx == tx) and (self.prev or not e.part):
            self.rows.transaction(tx, leaf)
        self.prev = e

        openings = item.openings
        if openings is None:
            self.add("entry-malformed", item.error, ledger_tx=tx, leaf=leaf)
        self._groups(e, openings, leaf)
        body = self._body(e, openings, leaf)
        if openings is None or openings.role is None:
            self._unopened(e, openings, leaf, "the role")
        elif en.role_hash(self.h, *openings.role) != e.role_hash:
            self.add("opening-wrong", "the opening of the role gives another hash", ledger_tx=tx, leaf=leaf)
        if body is not None:
            self._effect(e, body, leaf)

    def _genesis(self, e):
        body = en.decode_body(e.type, e.body()) if e.type == en.MEMBER and e.body() else None
        if not body or (body.action, body.member, e.part) != (1, 0, 0) \
                or en.chain_id_of(self.h, e) != self.chain_id:
            self.add("genesis", ledger_tx=e.ledger_tx)

    def _unopened(self, e, openings, leaf, what):
        if openings and self.members.solo():
            self.add("opening-missing", f"{what} is not opened", ledger_tx=e.ledger_tx, leaf=leaf)

    def _groups(self, e, openings, leaf):
        last = None
        for i, shown in enumerate(e.groups):
            if isinstance(shown, en.Group):
                g = shown
            elif not openings or i not in openings.groups:
                self._unopened(e, openings, leaf, f"group {i}")
                continue
            else:
                salt, g = openings.groups[i]
                if en.private_hash(self.h, salt, g) != shown:
                    self.add("opening-wrong", table=g.table_id, ledger_tx=e.ledger_tx, leaf=leaf)
                    continue
            if last is not None and g[:2] <= last:
                self.add("entry-groups", ledger_tx=e.ledger_tx, leaf=leaf)
            last = g[:2]
            self.rows.group(g, e.ledger_tx, leaf)
        if openings and any(i >= len(e.groups) or isinstance(e.groups[i], en.Group) for i in openings.groups):
            self.add("opening-wrong", "an opening of no private group", ledger_tx=e.ledger_tx, leaf=leaf)

    def _body(self, e, openings, leaf):
        """The decoded body, open or opened, or None."""
        raw = e.body()
        if e.type == en.TX or raw is not None:
            if openings and openings.body is not None:
                self.add("opening-wrong", "an opening of no closed extra", ledger_tx=e.ledger_tx, leaf=leaf)
        elif not openings or openings.body is None:
            self._unopened(e, openings, leaf, "the extra")
        else:
            salt, raw = openings.body
            try:
                if en.body_hash(self.h, e.type, salt, raw) != e.extra[1:]:
                    raise FormatError("the opening of the extra gives another hash")
                en.check_body_size(e.extra[0], raw)
                en.decode_body(e.type, raw)
            except FormatError as err:
                self.add("opening-wrong", str(err), ledger_tx=e.ledger_tx, leaf=leaf)
                raw = None
        return None if raw is None or e.type == en.TX else en.decode_body(e.type, raw)

    def _effect(self, e, body, leaf):
        tx = e.ledger_tx
        if e.type == en.MEMBER:
            self.members.member(body, tx, leaf)
        elif e.type == en.KEY:
            self.members.key(body, tx, leaf)
        elif e.type == en.SCHEMA:
            self.rows.schema(body, leaf)
        elif e.type == en.SIGNATURE:
            if not self.suite.verify(body.spki, body.signed(self.chain_id), body.signature):
                self.add("signature", "the signature fails", table=body.table_id, ledger_tx=body.ledger_tx,
                         ledger_seq=body.ledger_seq)
            self.rows.refer(body.table_id, body.ledger_tx, body.ledger_seq, body)
        elif e.type == en.ERASE:
            self.rows.refer(body.table_id, body.ledger_tx, body.ledger_seq, body)
        elif e.type == en.PURGE:
            self.rows.purge(body.table_id, leaf)
        elif e.type == en.BASELINE:
            self.rows.baseline(body, tx, leaf)
        elif e.type in (en.INCARNATION, en.CLOSE) and body.size <= leaf:
            self.states.append((leaf, tx, body.size, body.root))

    def _states(self):
        """Roots that entries name, from the tiles, if these are sound: they may lie anywhere before the entry."""
        if any(f.code in ("tile-wrong", "tile-missing", "block-root", "checkpoint-root") for f in self.findings):
            return
        for leaf, tx, size, root in self.states:
            if not self._had_root(size, root):
                self.add("log-state", ledger_tx=tx, leaf=leaf)

    def _had_root(self, size, root):
        pieces = []
        for level in range(7, -1, -1):
            first, count = size >> 8 * (level + 1) << 8, size >> 8 * level & 255
            tile = self._tile(level, first >> 8) if count else []
            pieces += [(8 * level, x) for x in tile[:count]]
        return merkle.subtrees_root(self.h, pieces) == root


class UpperTiles:
    """Compares the tiles above level 0, a hash being right if either tree of the log gives it."""

    def __init__(self, export):
        self.export = export
        self.levels = []        # per level: hashes by entries, hashes by tiles, tiles done

    def append(self, mine, theirs, level=0):
        if level == len(self.levels):
            self.levels.append([[], [], 0])
        slot = self.levels[level]
        slot[0].append(mine)
        slot[1].append(theirs)
        if len(slot[0]) == merkle.TILE:
            h = self.export.h
            up = merkle.root(h, slot[0])
            up = up, (up if slot[0] == slot[1] else merkle.root(h, slot[1]))
            self._compare(level)
            slot[:] = [], [], slot[2] + 1
            self.append(*up, level + 1)

    def finish(self):
        for level, slot in enumerate(self.levels):
            if slot[0]:
                self._compare(level)

    def _compare(self, level):
        mine, theirs, index = self.levels[level]
        if not level:
            return
        e = self.export
        tile = e._tile(level, index)
        if tile and any(x not in pair for x, pair in zip(tile, zip(mine, theirs))):
            e.add("tile-wrong", file="tile/" + merkle.tile_path(level, index, len(tile)))
