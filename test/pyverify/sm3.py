"""SM3, GM/T 0004-2012 (GB/T 32905-2016), clause numbers from there."""

import struct

# 4.1 initial value, 4.2 constants, already rotated by the round number (clause 5.3.3)
IV = (0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600,
      0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E)
MASK = 0xFFFFFFFF


def _rotl(x, n):
    n %= 32
    return ((x << n) | (x >> (32 - n))) & MASK


T = tuple(_rotl(0x79CC4519 if j < 16 else 0x7A879D8A, j) for j in range(64))


def _compress(state, block):
    # 5.3.2 message expansion
    w = list(struct.unpack(">16I", block))
    for j in range(16, 68):
        x = w[j - 3]
        x = w[j - 16] ^ w[j - 9] ^ (((x << 15) | (x >> 17)) & MASK)
        x ^= (((x << 15) | (x >> 17)) & MASK) ^ (((x << 23) | (x >> 9)) & MASK)
        y = w[j - 13]
        w.append(x ^ (((y << 7) | (y >> 25)) & MASK) ^ w[j - 6])

    # 5.3.3 compression function
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        a12 = ((a << 12) | (a >> 20)) & MASK
        ss1 = (a12 + e + T[j]) & MASK
        ss1 = ((ss1 << 7) | (ss1 >> 25)) & MASK
        if j < 16:
            ff = a ^ b ^ c
            gg = e ^ f ^ g
        else:
            ff = (a & b) | (a & c) | (b & c)
            gg = (e & f) | (~e & MASK & g)
        tt1 = (ff + d + (ss1 ^ a12) + (w[j] ^ w[j + 4])) & MASK
        tt2 = (gg + h + ss1 + w[j]) & MASK
        d, c, b, a = c, ((b << 9) | (b >> 23)) & MASK, a, tt1
        h, g, f = g, ((f << 19) | (f >> 13)) & MASK, e
        e = tt2 ^ (((tt2 << 9) | (tt2 >> 23)) & MASK) ^ (((tt2 << 17) | (tt2 >> 15)) & MASK)
    return tuple(x ^ y for x, y in zip(state, (a, b, c, d, e, f, g, h)))


def sm3(data):
    """The 32-byte digest of data."""
    n = len(data)
    data += b"\x80" + bytes((55 - n) % 64) + struct.pack(">Q", 8 * n)   # 5.2 padding
    state = IV
    for i in range(0, len(data), 64):
        state = _compress(state, data[i:i + 64])
    return struct.pack(">8I", *state)
