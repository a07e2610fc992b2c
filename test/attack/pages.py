"""Pages of stopped servers: where rows, TOAST chunks and index tuples stand.

Reads the on-disk layout of PostgreSQL 15 (docs, chapter "Database Physical Storage") without the
server's code. Page checksums are left to pg_checksums, see cluster.py.
"""
import struct

BLCKSZ = 8192
LP_UNUSED, LP_NORMAL, LP_REDIRECT, LP_DEAD = 0, 1, 2, 3
HEAP_XMIN_COMMITTED, HEAP_XMAX_COMMITTED = 0x0100, 0x0400
HEAP_XMAX_INVALID, HEAP_HASNULL = 0x0800, 0x0001
BTP_LEAF, BTP_ROOT, BTP_DELETED, BTP_META, BTP_HALF_DEAD = 1, 2, 4, 8, 16
ALIGN = {'c': 1, 's': 2, 'i': 4, 'd': 8}


class Page:
    """One page of a relation's file, written back by save()."""

    def __init__(self, path, block):
        self.path, self.block = path, block
        with open(path, 'rb') as f:
            f.seek(block * BLCKSZ)
            self.data = bytearray(f.read(BLCKSZ))

    def save(self):
        with open(self.path, 'r+b') as f:
            f.seek(self.block * BLCKSZ)
            f.write(self.data)

    @property
    def lower(self):
        return struct.unpack_from('<H', self.data, 12)[0]

    @property
    def upper(self):
        return struct.unpack_from('<H', self.data, 14)[0]

    @property
    def special(self):
        return struct.unpack_from('<H', self.data, 16)[0]

    def lines(self):
        return (self.lower - 24) // 4

    def line(self, number):
        """Offset, flags, length of a line pointer."""
        item = struct.unpack_from('<I', self.data, 24 + 4 * (number - 1))[0]
        return item & 0x7fff, item >> 15 & 3, item >> 17

    def set_line(self, number, offset, flags, length):
        struct.pack_into('<I', self.data, 24 + 4 * (number - 1), offset | flags << 15 | length << 17)

    def normal_lines(self):
        return [n for n in range(1, self.lines() + 1) if self.line(n)[1] == LP_NORMAL]

    def add(self, tuple_bytes):
        """Put a tuple on the page; its line number, or None without room."""
        size = -(-len(tuple_bytes) // 8) * 8
        if self.upper - self.lower < size + 4:
            return None
        number = self.lines() + 1
        at = self.upper - size
        self.data[at:at + len(tuple_bytes)] = tuple_bytes
        struct.pack_into('<H', self.data, 12, self.lower + 4)
        struct.pack_into('<H', self.data, 14, at)
        self.set_line(number, at, LP_NORMAL, len(tuple_bytes))
        return number


def pages(path):
    with open(path, 'rb') as f:
        f.seek(0, 2)
        return f.tell() // BLCKSZ


def align(offset, letter):
    size = ALIGN[letter]
    return -(-offset // size) * size


def walk(data, start, end, columns, has_null, bitmap):
    """Where the values of a tuple stand: {column: (content offset, content length, header offset)}.

    columns are (name, attlen, attalign). A value in TOAST gives its 18-byte pointer.
    """
    found, pos = {}, start
    for i, (name, attlen, attalign) in enumerate(columns):
        if has_null and not bitmap[i // 8] >> (i % 8) & 1:
            continue
        if pos >= end:
            break
        if attlen > 0:
            pos = start + align(pos - start, attalign)
            found[name] = (pos, attlen, pos)
            pos += attlen
        elif attlen == -1:
            if data[pos] == 0:
                pos = start + align(pos - start, attalign)
            first = data[pos]
            if first == 1:
                found[name] = (pos + 2, 16, pos)
                pos += 18
            elif first & 1:
                found[name] = (pos + 1, (first >> 1) - 1, pos)
                pos += first >> 1
            else:
                size = struct.unpack_from('<I', data, pos)[0] >> 2
                found[name] = (pos + 4, size - 4, pos)
                pos += size
        else:
            size = data.index(0, pos) - pos
            found[name] = (pos, size, pos)
            pos += size + 1
    return found


def heap_values(page, number, columns):
    """As walk(), for a heap tuple. A tuple may have fewer columns than the table."""
    offset, _, length = page.line(number)
    infomask2, infomask, hoff = struct.unpack_from('<HHB', page.data, offset + 18)
    natts = infomask2 & 0x07ff
    bitmap = page.data[offset + 23:offset + hoff]
    return walk(page.data, offset + hoff, offset + length, columns[:natts],
                infomask & HEAP_HASNULL, bitmap)


def set_xmax(page, number, xid):
    """Say that a committed transaction deleted the row."""
    offset = page.line(number)[0]
    infomask = struct.unpack_from('<H', page.data, offset + 20)[0]
    infomask = infomask & ~HEAP_XMAX_INVALID | HEAP_XMAX_COMMITTED
    struct.pack_into('<I', page.data, offset + 4, xid)
    struct.pack_into('<H', page.data, offset + 20, infomask)


def set_xmin(page, number, xid, hint):
    """Say that another transaction inserted the row: hint is the infomask bits that tell its end."""
    offset = page.line(number)[0]
    infomask = struct.unpack_from('<H', page.data, offset + 20)[0] & ~0x0300 | hint
    struct.pack_into('<I', page.data, offset, xid)
    struct.pack_into('<H', page.data, offset + 20, infomask)


def index_leaf_items(path):
    """(block, line) of each plain data item on the leaf pages of a btree."""
    for block in range(1, pages(path)):
        page = Page(path, block)
        if page.special != BLCKSZ - 16:
            continue
        nxt = struct.unpack_from('<I', page.data, page.special + 4)[0]
        flags = struct.unpack_from('<H', page.data, page.special + 12)[0]
        if not flags & BTP_LEAF or flags & (BTP_DELETED | BTP_META | BTP_HALF_DEAD):
            continue
        for number in range(1 if nxt == 0 else 2, page.lines() + 1):
            offset, lp, _ = page.line(number)
            if lp != LP_NORMAL or struct.unpack_from('<H', page.data, offset + 6)[0] & 0x2000:
                continue            # a posting list or a pivot
            yield page, number


def index_values(page, number, columns):
    """As walk(), for an index tuple."""
    offset = page.line(number)[0]
    info = struct.unpack_from('<H', page.data, offset + 6)[0]
    size = info & 0x1fff
    has_null = info & 0x8000
    start = offset + (16 if has_null else 8)
    return walk(page.data, start, offset + size, columns, has_null, page.data[offset + 8:offset + 16])
