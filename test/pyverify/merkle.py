"""Merkle trees of RFC 6962 section 2.1, proofs of RFC 9162 section 2.1, C2SP tiles."""

from .codec import FormatError


def node(h, left, right):
    return h(b"\x01" + left + right)


class Frontier:
    """The maximal perfect subtrees of a growing tree, largest first: O(log n) memory."""

    def __init__(self, h):
        self.h = h
        self.size = 0
        self.hashes = []

    def append(self, leaf):
        size = self.size
        while size & 1:
            leaf = node(self.h, self.hashes.pop(), leaf)
            size >>= 1
        self.hashes.append(leaf)
        self.size += 1

    def root(self):
        if not self.hashes:
            return self.h(b"")
        acc = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            acc = node(self.h, left, acc)
        return acc

    def copy(self):
        other = Frontier(self.h)
        other.size, other.hashes = self.size, list(self.hashes)
        return other


def subtrees_root(h, pieces):
    """The root over perfect subtrees (height, hash) from left to right, each starting at a multiple of its size."""
    stack = []
    for height, x in pieces:
        while stack and stack[-1][0] == height:
            x = node(h, stack.pop()[1], x)
            height += 1
        stack.append((height, x))
    if not stack:
        return h(b"")
    acc = stack.pop()[1]
    while stack:
        acc = node(h, stack.pop()[1], acc)
    return acc


def root(h, leaves):
    f = Frontier(h)
    for leaf in leaves:
        f.append(leaf)
    return f.root()


def _split(n):
    """The largest power of two below n."""
    return 1 << ((n - 1).bit_length() - 1)


def inclusion_path(h, leaves, index):
    """PATH(index, leaves) of RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if index < k:
        return inclusion_path(h, leaves[:k], index) + [root(h, leaves[k:])]
    return inclusion_path(h, leaves[k:], index - k) + [root(h, leaves[:k])]


def inclusion_root(h, leaf, index, size, path):
    """The root that the path leads to, RFC 9162 section 2.1.3.2; raises on a path of the wrong length."""
    if index >= size:
        raise FormatError("leaf index is not below the tree size")
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            raise FormatError("inclusion path is too long")
        if fn & 1 or fn == sn:
            r = node(h, p, r)
            while fn and not fn & 1:
                fn >>= 1
                sn >>= 1
        else:
            r = node(h, r, p)
        fn >>= 1
        sn >>= 1
    if sn:
        raise FormatError("inclusion path is too short")
    return r


def consistency_path(h, leaves, old):
    """PROOF(old, leaves) of RFC 6962 section 2.1.2; empty for old 0 and old = size."""
    def sub(m, part, whole):
        if m == len(part):
            return [] if whole else [root(h, part)]
        k = _split(len(part))
        if m <= k:
            return sub(m, part[:k], whole) + [root(h, part[k:])]
        return sub(m - k, part[k:], False) + [root(h, part[:k])]
    return sub(old, leaves, True) if old else []


def consistent(h, old_size, old_root, new_size, new_root, path):
    """RFC 9162 section 2.1.4.2, and the two trivial cases of docs/format.md section 7."""
    if old_size > new_size:
        return False
    if old_size == 0:
        return not path and old_root == h(b"") and (new_size > 0 or new_root == old_root)
    if old_size == new_size:
        return not path and old_root == new_root
    path = list(path)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(h, c, fr), node(h, c, sr)
            while fn and not fn & 1:
                fn >>= 1
                sn >>= 1
        else:
            sr = node(h, sr, c)
        fn >>= 1
        sn >>= 1
    return sn == 0 and fr == old_root and sr == new_root


# Tiles (C2SP tlog-tiles, hash tiles only)

TILE = 256


def tile_path(level, index, width=TILE):
    """The path of a tile below `tile/`: groups of three digits, all but the last marked by x."""
    groups = []
    rest = index
    while True:
        rest, low = divmod(rest, 1000)
        groups.append(f"{low:03d}")
        if not rest:
            break
    groups = ["x" + g for g in groups[:0:-1]] + [groups[0]]
    return f"{level}/" + "/".join(groups) + ("" if width == TILE else f".p/{width}")


def tiles(size):
    """(level, index, width) of every tile of a tree of that size."""
    level = 0
    while size:
        for i in range(size // TILE):
            yield level, i, TILE
        if size % TILE:
            yield level, size // TILE, size % TILE
        size //= TILE
        level += 1
