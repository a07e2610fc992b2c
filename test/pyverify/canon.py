"""Canonical values, docs/format.md section 2.

A cell is decoded to a pair (tag, value), and NULL to (0, None). Values:

  bool; int for the integer, date, time and timestamp types; float (its bits survive the round trip);
  Numeric; str for texts, json, jsonb, xml, enum; bytes for bytea, uuid, macaddr, the ledger types and
  registered types; (bits, octets) for bit and varbit; (µs, zone) for timetz; (µs, days, months) for
  interval; (family, prefix, address) for inet and cidr; Array; Range; [Range] for a multirange;
  [cell] for a composite; the commitment for an erased cell.
"""

import struct
from typing import Any, NamedTuple

from .codec import FormatError, Reader, fixed, i16, i32, i64, lp, text_of, u8, u16, u32, u64

NULL, ERASED, REGISTERED = 0x00, 0x01, 0xF0

TYPES = ("erased", "bool", "int2", "int4", "int8", "float4", "float8", "numeric", "text", "varchar",
         "bpchar", "name", "citext", "bytea", "bit", "varbit", "uuid", "money", "macaddr", "macaddr8",
         "pg_lsn", "date", "time", "timetz", "timestamp", "timestamptz", "interval", "inet", "cidr",
         "json", "jsonb", "xml", "enum", "array", "range", "multirange", "composite",
         "sealed", "commitment", "proof")
TAG = {name: i for i, name in enumerate(TYPES, 1)}
TAG["registered"] = REGISTERED
NAME = {tag: name for name, tag in TAG.items()}

MAX_DEPTH = 32
NUMERIC_PLUS, NUMERIC_MINUS, NUMERIC_NAN, NUMERIC_INF, NUMERIC_NINF = range(5)
EMPTY, LOWER_INC, UPPER_INC, LOWER_INF, UPPER_INF = 1, 2, 4, 8, 16

_INTS = {"int2": 2, "int4": 4, "int8": 8, "money": 8, "date": 4, "time": 8, "timestamp": 8, "timestamptz": 8}
_TEXTS = {"text", "varchar", "bpchar", "name", "citext", "json", "jsonb", "xml", "enum"}
_OPAQUE = {"bytea", "sealed", "commitment", "proof", "registered"}
_FIXED = {"uuid": 16, "macaddr": 6, "macaddr8": 8, "erased": 32}
_FLOATS = {"float4": (">f", "7fc00000"), "float8": (">d", "7ff8000000000000")}


class Numeric(NamedTuple):
    sign: int
    weight: int = 0
    dscale: int = 0
    digits: tuple = ()


class Array(NamedTuple):
    dims: tuple            # of (length, lower bound)
    items: tuple           # of cells, row-major


class Range(NamedTuple):
    flags: int
    lower: Any = None      # a cell, or None where there is none
    upper: Any = None


def known(tag):
    return tag in NAME


# Decoding

def read_cell(r, depth=1):
    """One cell off the front of r; depth is 1 for the cell of a row."""
    if depth > MAX_DEPTH:
        raise FormatError("cells nest too deep")
    tag = r.u8()
    if tag == NULL:
        return (NULL, None)
    if tag not in NAME:
        raise FormatError(f"unknown tag {tag:02x}")
    if tag == ERASED and depth != 1:
        raise FormatError("erased cell inside a value")
    inner = Reader(r.bytes())
    value = _content(NAME[tag], inner, depth)
    inner.end()
    return (tag, value)


def decode(raw):
    r = Reader(raw)
    cell = read_cell(r)
    r.end()
    return cell


def _content(name, r, depth):
    if name in _INTS:
        return r.sint(_INTS[name])
    if name in _TEXTS:
        return text_of(r.rest())
    if name in _OPAQUE:
        return r.rest()
    if name in _FIXED:
        return r.take(_FIXED[name])
    if name in _FLOATS:
        form, nan = _FLOATS[name]
        raw = r.rest()
        if len(raw) != struct.calcsize(form):
            raise FormatError("float of the wrong size")
        v = struct.unpack(form, raw)[0]
        if v != v and raw.hex() != nan:
            raise FormatError("NaN is not canonical")
        return v
    return _READ[name](r, depth)


def _read_bool(r, depth):
    v = r.u8()
    if v > 1:
        raise FormatError("bool is not 0 or 1")
    return bool(v)


def _read_numeric(r, depth):
    v = Numeric(r.u8(), r.sint(2), r.u16(), tuple(r.u16() for _ in range(r.u16())))
    _check_numeric(v)
    return v


def _check_numeric(v):
    if v.sign > NUMERIC_NINF:
        raise FormatError("numeric sign is out of range")
    if v.sign >= NUMERIC_NAN:
        if v[1:] != (0, 0, ()):
            raise FormatError("NaN or infinity with digits")
    elif not v.digits:
        if v.sign or v.weight:
            raise FormatError("zero with a sign or weight")
    elif not v.digits[0] or not v.digits[-1] or max(v.digits) > 9999:
        raise FormatError("numeric digits are not canonical")
    if v.dscale > 16383:
        raise FormatError("numeric scale is out of range")


def _read_bits(r, depth):
    bits = r.u32()
    octets = r.take((bits + 7) // 8)
    if bits % 8 and octets[-1] & (0xFF >> bits % 8):
        raise FormatError("bits beyond the length")
    return (bits, octets)


def _read_inet(r, depth):
    family, prefix = r.u8(), r.u8()
    if family not in (4, 6) or prefix > (32 if family == 4 else 128):
        raise FormatError("inet is out of range")
    return (family, prefix, r.take(4 if family == 4 else 16))


def _read_array(r, depth):
    ndim = r.u8()
    if ndim > 6:
        raise FormatError("array has too many dimensions")
    dims = tuple((r.u32(), r.sint(4)) for _ in range(ndim))
    count = 1 if ndim else 0
    for length, _ in dims:
        count *= length
        if not length or count > r.left():      # a cell takes a byte at least
            raise FormatError("array dimensions do not fit its content")
    return Array(dims, tuple(read_cell(r, depth + 1) for _ in range(count)))


def _read_range(r, depth):
    flags = r.u8()
    if flags >= 32 or (flags & EMPTY and flags != EMPTY):
        raise FormatError("range flags are out of range")
    if flags & LOWER_INF and flags & LOWER_INC or flags & UPPER_INF and flags & UPPER_INC:
        raise FormatError("an infinite bound is inclusive")
    bounds = []
    for infinite in (LOWER_INF, UPPER_INF):
        cell = None
        if not flags & (EMPTY | infinite):
            cell = read_cell(r, depth + 1)
            if cell[0] == NULL:
                raise FormatError("a range bound is NULL")
        bounds.append(cell)
    return Range(flags, *bounds)


def _read_multirange(r, depth):
    ranges = []
    for _ in range(r.u32()):
        inner = Reader(r.bytes())
        one = _read_range(inner, depth)
        inner.end()
        if one.flags & EMPTY:
            raise FormatError("an empty range in a multirange")
        ranges.append(one)
    return ranges


def _read_composite(r, depth):
    return [read_cell(r, depth + 1) for _ in range(r.u16())]


_READ = {
    "bool": _read_bool, "numeric": _read_numeric, "bit": _read_bits, "varbit": _read_bits,
    "pg_lsn": lambda r, depth: r.u64(), "timetz": lambda r, depth: (r.i64(), r.sint(4)),
    "interval": lambda r, depth: (r.i64(), r.sint(4), r.sint(4)),
    "inet": _read_inet, "cidr": _read_inet, "array": _read_array, "range": _read_range,
    "multirange": _read_multirange, "composite": _read_composite}


# Encoding

def encode(cell):
    """The bytes of a cell; the inverse of decode()."""
    tag, value = cell
    if tag == NULL:
        return u8(NULL)
    return u8(tag) + lp(_bytes(NAME[tag], value))


def _bytes(name, v):
    if name in _INTS:
        return v.to_bytes(_INTS[name], "big", signed=True)
    if name in _TEXTS:
        return v.encode("utf-8")
    if name in _OPAQUE:
        return v
    if name in _FIXED:
        return fixed(v, _FIXED[name])
    if name in _FLOATS:
        form, nan = _FLOATS[name]
        return bytes.fromhex(nan) if v != v else struct.pack(form, v)
    if name == "bool":
        return u8(v)
    if name == "numeric":
        _check_numeric(v)
        return (u8(v.sign) + i16(v.weight) + u16(v.dscale) + u16(len(v.digits))
                + b"".join(map(u16, v.digits)))
    if name in ("bit", "varbit"):
        return u32(v[0]) + v[1]
    if name == "pg_lsn":
        return u64(v)
    if name == "timetz":
        return i64(v[0]) + i32(v[1])
    if name == "interval":
        return i64(v[0]) + i32(v[1]) + i32(v[2])
    if name in ("inet", "cidr"):
        return u8(v[0]) + u8(v[1]) + v[2]
    if name == "array":
        return (u8(len(v.dims)) + b"".join(u32(n) + i32(lo) for n, lo in v.dims)
                + b"".join(map(encode, v.items)))
    if name == "range":
        return _range_bytes(v)
    if name == "multirange":
        return u32(len(v)) + b"".join(lp(_range_bytes(one)) for one in v)
    return u16(len(v)) + b"".join(map(encode, v))       # composite


def _range_bytes(v):
    return u8(v.flags) + b"".join(encode(c) for c in (v.lower, v.upper) if c is not None)


def commitment(h, table_id, col_id, salt, cell):
    """What stands on the leaf for a redactable column, section 3; cell is the encoded cell."""
    return h(b"\x10C\x01" + fixed(table_id, 16) + u16(col_id) + fixed(salt, 16) + cell)
