"""Integers, lengths and text of docs/format.md, "Conventions"."""

import base64
import binascii
import re


class FormatError(ValueError):
    """The bytes are not an encoding that docs/format.md allows."""


class Reader:
    """Takes values off the front of a byte string and refuses to run past its end."""

    def __init__(self, data):
        self.data = data
        self.pos = 0

    def take(self, n):
        if n > len(self.data) - self.pos:
            raise FormatError("length past the end")
        piece = self.data[self.pos:self.pos + n]
        self.pos += n
        return piece

    def uint(self, n):
        return int.from_bytes(self.take(n), "big")

    def sint(self, n):
        return int.from_bytes(self.take(n), "big", signed=True)

    def u8(self):
        return self.uint(1)

    def u16(self):
        return self.uint(2)

    def u32(self):
        return self.uint(4)

    def u64(self):
        return self.uint(8)

    def i64(self):
        return self.sint(8)

    def bytes(self):
        return self.take(self.u32())

    def text(self):
        return text_of(self.bytes())

    def left(self):
        return len(self.data) - self.pos

    def rest(self):
        return self.take(self.left())

    def end(self):
        if self.left():
            raise FormatError("trailing bytes")


def text_of(raw):
    """UTF-8 without a zero byte."""
    try:
        s = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise FormatError("text is not UTF-8") from None
    if "\0" in s:
        raise FormatError("text has a zero byte")
    return s


def u8(v):
    return v.to_bytes(1, "big")


def u16(v):
    return v.to_bytes(2, "big")


def u32(v):
    return v.to_bytes(4, "big")


def u64(v):
    return v.to_bytes(8, "big")


def i16(v):
    return v.to_bytes(2, "big", signed=True)


def i32(v):
    return v.to_bytes(4, "big", signed=True)


def i64(v):
    return v.to_bytes(8, "big", signed=True)


def lp(raw):
    """`bytes`: a u32 length and the bytes."""
    return u32(len(raw)) + raw


def text(s):
    raw = s.encode("utf-8")
    text_of(raw)
    return lp(raw)


def fixed(raw, n):
    if len(raw) != n:
        raise FormatError(f"not {n} bytes")
    return raw


def b64(raw):
    return base64.b64encode(raw).decode("ascii")


def unb64(s):
    """Canonical base64: one spelling for each byte string."""
    try:
        raw = base64.b64decode(s.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise FormatError("not base64") from None
    if b64(raw) != s:
        raise FormatError("base64 is not canonical")
    return raw


def decimal(s, limit=1 << 64):
    if not re.fullmatch(r"0|[1-9][0-9]{0,19}", s, re.ASCII) or int(s) >= limit:
        raise FormatError(f"not a decimal number: {s!r}")
    return int(s)


def varint(v):
    """Unsigned LEB128."""
    out = bytearray()
    while True:
        v, low = v >> 7, v & 0x7F
        out.append(low | (0x80 if v else 0))
        if not v:
            return bytes(out)


def read_varint(r, bits=64):
    v = shift = 0
    while True:
        b = r.u8()
        v |= (b & 0x7F) << shift
        shift += 7
        if not b & 0x80:
            break
        if shift >= bits + 6:
            raise FormatError("varint is too long")
    if v >> bits:
        raise FormatError("varint is out of range")
    if shift > 7 and not b:
        raise FormatError("varint is not the shortest")
    return v
