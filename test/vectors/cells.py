"""Canonical cells with the SQL expression of PostgreSQL 15 that has each value, and bytes to refuse."""

import ipaddress
from datetime import date

from pyverify import canon
from pyverify.canon import Array, EMPTY, LOWER_INC, LOWER_INF, Numeric, Range, TAG, UPPER_INC, UPPER_INF
from pyverify.codec import lp, u8

INF8, NINF8 = (1 << 63) - 1, -(1 << 63)
INF4, NINF4 = (1 << 31) - 1, -(1 << 31)
DAY = 86400 * 10**6
NULL = (canon.NULL, None)

# what the SQL below needs
PRELUDE = (
    "CREATE TYPE vec_mood AS ENUM ('sad', 'ok', 'häppy')",
    "CREATE TYPE vec_pair AS (a int4, b text)",
    "CREATE TYPE vec_nest AS (p vec_pair, list vec_pair[], r numrange)",
    "CREATE DOMAIN vec_positive AS int4 CHECK (VALUE > 0)",
    "CREATE EXTENSION IF NOT EXISTS citext",
    "SET lc_monetary = 'C'",
)


def cell(type_, value):
    return (TAG[type_], value)


def numeric(s):
    """The canonical numeric of a decimal literal."""
    sign = int(s.startswith("-"))
    whole, _, frac = s.lstrip("-").partition(".")
    scale = len(frac)
    whole = whole.rjust(-(-len(whole) // 4) * 4, "0")
    frac = frac.ljust(-(-len(frac) // 4) * 4, "0")
    both = whole + frac
    digits = [int(both[i:i + 4]) for i in range(0, len(both), 4)]
    weight = len(whole) // 4 - 1
    while digits and not digits[0]:
        digits.pop(0)
        weight -= 1
    while digits and not digits[-1]:
        digits.pop()
    return cell("numeric", Numeric(sign, weight, scale, tuple(digits)) if digits else Numeric(0, 0, scale))


def inet(s, type_="inet"):
    i = ipaddress.ip_interface(s)
    return cell(type_, (i.version, i.network.prefixlen, i.ip.packed))


def array(element, values, lower=1):
    return cell("array", Array(((len(values), lower),), tuple(map(element, values))))


def int4(v):
    return NULL if v is None else cell("int4", v)


def text(v):
    return NULL if v is None else cell("text", v)


def days(y, m, d):
    return (date(y, m, d) - date(2000, 1, 1)).days


def _numbers():
    for type_, bits in (("int2", 15), ("int4", 31), ("int8", 63)):
        for name, v in (("zero", 0), ("minus_one", -1), ("max", (1 << bits) - 1), ("min", -(1 << bits))):
            yield f"{type_}_{name}", f"'{v}'::{type_}", cell(type_, v)
    for type_, tiny in (("float4", 1e-45), ("float8", 5e-324)):
        for name, s, v in (("zero", "0", 0.0), ("minus_zero", "-0", -0.0), ("one_and_half", "1.5", 1.5),
                           ("nan", "NaN", float("nan")), ("infinity", "Infinity", float("inf")),
                           ("minus_infinity", "-Infinity", float("-inf")), ("denormal", repr(tiny), tiny)):
            yield f"{type_}_{name}", f"'{s}'::{type_}", cell(type_, v)

    for name, s in (("zero", "0"), ("zero_scale", "0.00"), ("one", "1"), ("one_scale", "1.000"), ("minus", "-12.50"),
                    ("ten_thousand", "10000"), ("hundred_million", "100000000"), ("digit_edge", "9999.9999"),
                    ("inner_zero_digit", "100000001.00010001"), ("small", "0.0001"), ("smaller", "-0.00001"),
                    ("tiny", "0.00000000000000000001"),
                    ("long", "-123456789012345678901234567890.123456789")):
        yield f"numeric_{name}", f"'{s}'::numeric", numeric(s)
    yield "numeric_largest_weight", "'1e131071'::numeric", cell("numeric", Numeric(0, 32767, 0, (1000,)))
    yield "numeric_largest_scale", "'1e-16383'::numeric", cell("numeric", Numeric(0, -4096, 16383, (10,)))
    for sign, s in ((2, "NaN"), (3, "Infinity"), (4, "-Infinity")):
        yield f"numeric_sign_{sign}", f"'{s}'::numeric", cell("numeric", Numeric(sign))
    yield "money", "'-12.34'::money", cell("money", -1234)


def _texts():
    for type_ in ("text", "varchar", "citext"):
        yield f"{type_}_empty", f"''::{type_}", cell(type_, "")
        yield f"{type_}_unicode", f"'Grüße 你好 𝄞'::{type_}", cell(type_, "Grüße 你好 𝄞")
    yield "text_control", r"E'tab\tline\nend'", cell("text", "tab\tline\nend")
    yield "bpchar_padded", "'ab'::char(5)", cell("bpchar", "ab   ")
    yield "name", "'pg_class'::name", cell("name", "pg_class")
    yield "bytea_empty", r"'\x'::bytea", cell("bytea", b"")
    yield "bytea", r"'\x00ff10'::bytea", cell("bytea", b"\x00\xff\x10")
    yield "bit_3", "B'101'::bit(3)", cell("bit", (3, b"\xa0"))
    yield "bit_8", "B'00000001'::bit(8)", cell("bit", (8, b"\x01"))
    yield "varbit_empty", "''::varbit", cell("varbit", (0, b""))
    yield "varbit_9", "'111111111'::varbit", cell("varbit", (9, b"\xff\x80"))
    yield ("uuid", "'00112233-4455-6677-8899-aabbccddeeff'::uuid",
           cell("uuid", bytes.fromhex("00112233445566778899aabbccddeeff")))
    yield "macaddr", "'08:00:2b:01:02:03'::macaddr", cell("macaddr", bytes.fromhex("08002b010203"))
    yield ("macaddr8", "'08:00:2b:01:02:03:04:05'::macaddr8", cell("macaddr8", bytes.fromhex("08002b0102030405")))
    yield "pg_lsn_zero", "'0/0'::pg_lsn", cell("pg_lsn", 0)
    yield "pg_lsn_max", "'FFFFFFFF/FFFFFFFF'::pg_lsn", cell("pg_lsn", (1 << 64) - 1)
    yield "inet_host", "'192.168.0.1'::inet", inet("192.168.0.1")
    yield "inet_net", "'192.168.0.1/24'::inet", inet("192.168.0.1/24")
    yield "inet_v6", "'2001:db8::1'::inet", inet("2001:db8::1")
    yield "inet_v6_zero", "'::/0'::inet", inet("::/0")
    yield "cidr", "'10.0.0.0/8'::cidr", inet("10.0.0.0/8", "cidr")
    yield "cidr_v6", "'2001:db8::/32'::cidr", inet("2001:db8::/32", "cidr")
    yield "json_as_typed", """'{"b":1,  "a" : [ ], "b":2}'::json""", cell("json", '{"b":1,  "a" : [ ], "b":2}')
    yield ("jsonb_sorted", """'{"bb":1,  "a" : [1,{}], "c":null, "bb":2.50, "ü":"\\u00fc"}'::jsonb""",
           cell("jsonb", '{"a": [1, {}], "c": null, "bb": 2.50, "ü": "ü"}'))
    yield "jsonb_scalar", "'\"x\"'::jsonb", cell("jsonb", '"x"')
    yield "xml", "'<a b=\"1\">ü</a>'::xml", cell("xml", '<a b="1">ü</a>')
    yield "enum", "'häppy'::vec_mood", cell("enum", "häppy")


def _times():
    yield "date_epoch", "'2000-01-01'::date", cell("date", 0)
    yield "date_before", "'1999-12-31'::date", cell("date", -1)
    yield "date_leap", "'2024-02-29'::date", cell("date", days(2024, 2, 29))
    yield "date_infinity", "'infinity'::date", cell("date", INF4)
    yield "date_minus_infinity", "'-infinity'::date", cell("date", NINF4)
    yield "time_midnight", "'00:00'::time", cell("time", 0)
    yield "time_24", "'24:00'::time", cell("time", DAY)
    yield "time_microsecond", "'12:34:56.789012'::time", cell("time", 45296789012)
    yield "timetz_east", "'12:34:56.789012+05:30'::timetz", cell("timetz", (45296789012, -19800))
    yield "timetz_west", "'00:00-08'::timetz", cell("timetz", (0, 28800))
    for type_ in ("timestamp", "timestamptz"):
        zone = "+00" if type_ == "timestamptz" else ""
        yield f"{type_}_epoch", f"'2000-01-01 00:00:00{zone}'::{type_}", cell(type_, 0)
        yield f"{type_}_before", f"'1999-12-31 23:59:59.999999{zone}'::{type_}", cell(type_, -1)
        yield (f"{type_}_leap", f"'2024-02-29 12:00:00{zone}'::{type_}",
               cell(type_, days(2024, 2, 29) * DAY + DAY // 2))
        yield f"{type_}_infinity", f"'infinity'::{type_}", cell(type_, INF8)
        yield f"{type_}_minus_infinity", f"'-infinity'::{type_}", cell(type_, NINF8)
    yield "interval_zero", "'0'::interval", cell("interval", (0, 0, 0))
    yield ("interval_mixed", "'1 year 2 mons -3 days 04:05:06.000007'::interval",
           cell("interval", (14706000007, -3, 14)))
    yield "interval_negative", "'-1 mon -00:00:00.000001'::interval", cell("interval", (-1, 0, -1))


def _nested():
    yield "array_empty", "'{}'::int4[]", cell("array", Array((), ()))
    yield "array_nulls", "'{1,NULL,3}'::int4[]", array(int4, (1, None, 3))
    yield "array_lower_bound", "'[-2:-1]={7,8}'::int4[]", array(int4, (7, 8), -2)
    yield ("array_2d", "'[0:1][3:5]={{1,2,3},{4,5,6}}'::int4[]",
           cell("array", Array(((2, 0), (3, 3)), tuple(map(int4, range(1, 7))))))
    yield "array_text", """'{"",a,NULL}'::text[]""", array(text, ("", "a", None))
    yield "array_6d", "'{{{{{{1}}}}}}'::int4[]", cell("array", Array(((1, 1),) * 6, (int4(1),)))

    yield "range_empty", "'empty'::int4range", cell("range", Range(EMPTY))
    yield "range_int4", "'[1,10]'::int4range", cell("range", Range(LOWER_INC, int4(1), int4(11)))
    yield ("range_num_closed", "'[1.5,2.50]'::numrange",
           cell("range", Range(LOWER_INC | UPPER_INC, numeric("1.5"), numeric("2.50"))))
    yield "range_num_open", "'(1,2)'::numrange", cell("range", Range(0, numeric("1"), numeric("2")))
    yield "range_no_upper", "'[5,)'::int4range", cell("range", Range(LOWER_INC | UPPER_INF, int4(5)))
    yield ("range_no_lower", "'(,2000-01-02)'::daterange",
           cell("range", Range(LOWER_INF, None, cell("date", 1))))
    yield "range_unbounded", "'(,)'::int8range", cell("range", Range(LOWER_INF | UPPER_INF))
    yield ("range_infinite_value", "'[2000-01-01 00:00+00,infinity]'::tstzrange",
           cell("range", Range(LOWER_INC | UPPER_INC, cell("timestamptz", 0), cell("timestamptz", INF8))))
    yield "multirange_empty", "'{}'::int4multirange", cell("multirange", [])
    yield ("multirange", "'{(,1),[5,7),[9,)}'::int4multirange",
           cell("multirange", [Range(LOWER_INF, None, int4(1)), Range(LOWER_INC, int4(5), int4(7)),
                               Range(LOWER_INC | UPPER_INF, int4(9))]))

    pair = cell("composite", [int4(1), text("x")])
    holed = cell("composite", [NULL, text("")])
    yield "composite", "ROW(1, 'x')::vec_pair", pair
    yield "composite_nulls", "ROW(NULL, '')::vec_pair", holed
    yield ("composite_nested",
           "ROW(ROW(1, 'x')::vec_pair, ARRAY[ROW(NULL, '')::vec_pair, NULL], '[1,2)'::numrange)::vec_nest",
           cell("composite", [pair, cell("array", Array(((2, 1),), (holed, NULL))),
                              cell("range", Range(LOWER_INC, numeric("1"), numeric("2")))]))
    yield "array_of_composite", "ARRAY[ROW(1, 'x')::vec_pair]", cell("array", Array(((1, 1),), (pair,)))
    yield ("array_of_range", "ARRAY['empty'::int4range, '[1,2)'::int4range]",
           cell("array", Array(((2, 1),), (cell("range", Range(EMPTY)),
                                           cell("range", Range(LOWER_INC, int4(1), int4(2)))))))


def _without_sql():
    """The writer of these types comes later, or the cell stands for a hidden value."""
    yield "erased", None, cell("erased", bytes(range(32)))
    yield "sealed", None, cell("sealed", bytes(range(40)))
    yield "commitment", None, cell("commitment", bytes(range(33)))
    yield "proof", None, cell("proof", bytes(range(50)))
    yield "registered", None, cell("registered", b"opaque\x00bytes")
    yield "registered_empty", None, cell("registered", b"")
    deepest = int4(1)
    for _ in range(canon.MAX_DEPTH - 1):
        deepest = cell("composite", [deepest])
    yield "depth_32", None, deepest


CASES = (("null", "NULL::int4", NULL), ("bool_false", "false", cell("bool", False)),
         ("bool_true", "true", cell("bool", True)), ("domain", "5::vec_positive", int4(5)),
         *_numbers(), *_texts(), *_times(), *_nested(), *_without_sql())


def _bad(tag, content):
    return u8(tag) + lp(bytes.fromhex(content))


def _too_deep():
    """33 cells inside one another."""
    raw = canon.encode(int4(1))
    for _ in range(canon.MAX_DEPTH):
        raw = u8(TAG["composite"]) + lp(b"\x00\x01" + raw)
    return raw


# (name, bytes) that a decoder refuses
BAD = (
    ("empty", b""),
    ("unknown_tag", _bad(0x29, "")),
    ("tag_without_length", b"\x02"),
    ("length_past_end", bytes.fromhex("020000000201")),
    ("trailing", _bad(0x02, "01") + b"\0"),
    ("null_with_length", bytes.fromhex("0000000000")),
    ("bool_two", _bad(0x02, "02")),
    ("bool_empty", _bad(0x02, "")),
    ("int4_short", _bad(0x04, "000000")),
    ("int4_long", _bad(0x04, "0000000000")),
    ("float4_nan", _bad(0x06, "7fc00001")),
    ("float4_negative_nan", _bad(0x06, "ffc00000")),
    ("float4_as_float8", _bad(0x06, "3ff8000000000000")),
    ("float8_nan", _bad(0x07, "7ff8000000000001")),
    ("float8_signalling_nan", _bad(0x07, "7ff0000000000001")),
    ("numeric_leading_zero", _bad(0x08, "00 0001 0000 0002 0000 0001")),
    ("numeric_trailing_zero", _bad(0x08, "00 0001 0000 0002 0001 0000")),
    ("numeric_digit", _bad(0x08, "00 0000 0000 0001 2710")),
    ("numeric_minus_zero", _bad(0x08, "01 0000 0000 0000")),
    ("numeric_zero_weight", _bad(0x08, "00 0001 0000 0000")),
    ("numeric_nan_scale", _bad(0x08, "02 0000 0001 0000")),
    ("numeric_infinity_digits", _bad(0x08, "03 0000 0000 0001 0001")),
    ("numeric_sign", _bad(0x08, "05 0000 0000 0000")),
    ("numeric_scale", _bad(0x08, "00 0000 4000 0001 0001")),
    ("numeric_short", _bad(0x08, "00 0000 0000 0001")),
    ("numeric_long", _bad(0x08, "00 0000 0000 0001 0001 0001")),
    ("text_not_utf8", _bad(0x09, "c328")),
    ("text_overlong", _bad(0x09, "c0af")),
    ("text_overlong_3", _bad(0x09, "e080af")),
    ("text_surrogate", _bad(0x09, "eda080")),
    ("text_above_range", _bad(0x09, "f4908080")),
    ("text_cut", _bad(0x09, "e282")),
    ("text_zero_byte", _bad(0x09, "610062")),
    ("enum_not_utf8", _bad(0x21, "ff")),
    ("bit_padding", _bad(0x0f, "00000003 a1")),
    ("bit_short", _bad(0x0f, "00000009 ff")),
    ("bit_long", _bad(0x0f, "00000003 a000")),
    ("bit_huge", _bad(0x10, "ffffffff 00")),
    ("uuid_short", _bad(0x11, "00" * 15)),
    ("macaddr_long", _bad(0x13, "00" * 8)),
    ("timetz_short", _bad(0x18, "00" * 8)),
    ("interval_long", _bad(0x1b, "00" * 17)),
    ("inet_family", _bad(0x1c, "05 20 01020304")),
    ("inet_prefix", _bad(0x1c, "04 21 01020304")),
    ("inet_v6_prefix", _bad(0x1c, "06 81" + "00" * 16)),
    ("inet_v6_short", _bad(0x1c, "06 20 01020304")),
    ("array_7d", _bad(0x22, "07" + "0000000100000001" * 7 + "040000000400000001")),
    ("array_zero_length", _bad(0x22, "01 00000000 00000001")),
    ("array_missing", _bad(0x22, "01 00000002 00000001 00")),
    ("array_huge", _bad(0x22, "02 ffffffff 00000001 ffffffff 00000001 00")),
    ("array_product_wraps", _bad(0x22, "02 80000000 00000001 00000002 00000001 00")),
    ("array_product_wraps_64", _bad(0x22, "04" + "0001000000000001" * 4)),
    ("array_extra", _bad(0x22, "00 00")),
    ("range_flag", _bad(0x23, "20")),
    ("range_empty_flags", _bad(0x23, "03")),
    ("range_empty_infinite", _bad(0x23, "19")),
    ("range_inclusive_infinite_lower", _bad(0x23, "1a")),
    ("range_inclusive_infinite_upper", _bad(0x23, "1c")),
    ("range_null_bound", _bad(0x23, "00 00 040000000400000002")),
    ("range_missing_bound", _bad(0x23, "00 040000000400000001")),
    ("multirange_empty_range", _bad(0x24, "00000001 00000001 01")),
    ("multirange_short", _bad(0x24, "00000001")),
    ("composite_short", _bad(0x25, "0002 00")),
    ("composite_extra", _bad(0x25, "0001 00 00")),
    ("erased_short", _bad(0x01, "00" * 31)),
    ("erased_nested", _bad(0x25, "0001 01 00000020" + "00" * 32)),
    ("registered_past_end", bytes.fromhex("f000000001")),
    ("depth_33", _too_deep()),
)
