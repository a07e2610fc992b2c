"""psycopg3.py: psycopg 3 against a ledger table. Argument: connection string."""
import datetime as dt
import decimal
import ipaddress
import sys
import uuid

import psycopg
from psycopg import errors
from psycopg.rows import dict_row
from psycopg.types.json import Json, Jsonb

from checks import check, finish, state

FIRST = "SELECT * FROM every_type ORDER BY id LIMIT 1"


def catalog(conn):
    rows = conn.execute("SELECT table_type FROM information_schema.tables WHERE table_name = 'payment'")
    check("information_schema lists it as a table", rows.fetchall(), [("BASE TABLE",)])
    rows = conn.execute("SELECT column_name FROM information_schema.columns"
                        " WHERE table_name = 'payment' ORDER BY ordinal_position")
    check("columns, the ledger's last", [r[0] for r in rows],
          ["id", "account", "amount", "made_at", "note", "ledger_tx", "ledger_seq"])


def read(conn, binary):
    name = "binary" if binary else "text"
    conn.execute("SET TimeZone = 'UTC'")
    row = conn.cursor(row_factory=dict_row, binary=binary).execute(FIRST).fetchone()
    day = dt.datetime(2024, 2, 29, 23, 59, 59, 123456)
    expected = {
        "c_bool": True, "c_int2": -32768, "c_int4": 2147483647, "c_int8": -2 ** 63,
        "c_float4": 1.5, "c_float8": -2.25e-10, "c_numeric": decimal.Decimal("12345678901234.567890"),
        "c_text": "Zürich 漢字", "c_varchar": "naïve", "c_bpchar": "ab      ", "c_name": "a_name",
        "c_bytea": b"\x00\xff\x10", "c_uuid": uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        "c_date": day.date(), "c_time": day.time(), "c_timestamp": day,
        "c_timetz": dt.time(12, 34, 56, 500000, dt.timezone(dt.timedelta(hours=5, minutes=30))),
        "c_timestamptz": day.replace(tzinfo=dt.timezone.utc),
        "c_inet": ipaddress.ip_interface("192.168.1.5/24"),
        "c_cidr": ipaddress.ip_network("10.0.0.0/8"),
        "c_json": {"b": 1, "a": [1, 2]}, "c_jsonb": {"a": [1, 2.5], "b": 1},
        "c_ints": [1, None, 3], "c_texts": ["a,b", 'c"d', ""], "c_domain": 7,
        "c_generated": 4294967294,
    }
    for column, value in expected.items():
        check(f"{name}: {column}", row[column], value)
    check(f"{name}: c_range", (row["c_range"].lower, row["c_range"].upper), (1, 5))
    check(f"{name}: c_multirange", len(row["c_multirange"]), 2)
    if not binary:
        for column, value in {
                "c_citext": "MixedCase", "c_bit": "101010101", "c_varbit": "1101",
                "c_money": "$1,234.56", "c_macaddr": "08:00:2b:01:02:03",
                "c_macaddr8": "08:00:2b:01:02:03:04:05", "c_pg_lsn": "16/B374D848",
                "c_interval": dt.timedelta(days=365 + 60 + 3, hours=4, minutes=5, seconds=6.5),
                "c_xml": '<note to="x">hi</note>', "c_enum": "settled",
                "c_composite": '(1.50,"a note")'}.items():
            got = row[column]
            check(f"{name}: {column}", str(got) if isinstance(value, str) else got, value)


def write(conn):
    """The same row as psql's, from Python's types where there is one."""
    day = dt.datetime(2024, 2, 29, 23, 59, 59, 123456)
    values = [
        True, -32768, 2147483647, -2 ** 63, 1.5, -2.25e-10,
        decimal.Decimal("12345678901234.567890"), "Zürich 漢字", "naïve", "ab", "a_name", "MixedCase",
        b"\x00\xff\x10", "101010101", "1101", uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        "1234.56", "08:00:2b:01:02:03", "08:00:2b:01:02:03:04:05", "16/B374D848", day.date(),
        day.time(), dt.time(12, 34, 56, 500000, dt.timezone(dt.timedelta(hours=5, minutes=30))), day,
        day.replace(tzinfo=dt.timezone.utc), "1 year 2 mons 3 days 04:05:06.5",
        ipaddress.ip_interface("192.168.1.5/24"), ipaddress.ip_network("10.0.0.0/8"),
        Json({"b": 1, "a": [1, 2]}), '{"a": [1, 2.50], "b": 1}', '<note to="x">hi</note>', "settled",
        [1, None, 3], ["a,b", 'c"d', ""], "[1,4]", "{[1,2),[3.5,4]}", '(1.50,"a note")', 7]
    marks = ", ".join(["DEFAULT"] + ["%s"] * len(values))
    cur = conn.execute(f"INSERT INTO every_type VALUES ({marks}) RETURNING id", values)
    check("a row of every type is inserted", cur.rowcount, 1)


def batches(conn):
    with conn.transaction():
        cur = conn.cursor()
        cur.executemany("INSERT INTO payment (account, amount, note) VALUES (%s, %s, %s)"
                        " RETURNING id, ledger_tx, ledger_seq",
                        [(11, i + 1, f"many {i}") for i in range(200)], returning=True)
        keys = []
        while True:
            keys.append(cur.fetchone())
            if not cur.nextset():
                break
    check("executemany returns a key for each row", len({k[0] for k in keys}), 200)
    check("executemany writes one transaction", len({k[1] for k in keys}), 1)
    check("executemany numbers from 0", [k[2] for k in keys], list(range(200)))
    with conn.pipeline(), conn.transaction():
        for i in range(50):
            conn.execute("INSERT INTO payment (account, amount) VALUES (12, %s)", (i + 1,))
    check("pipeline", conn.execute("SELECT count(*), count(DISTINCT ledger_tx) FROM payment"
                                   " WHERE account = 12").fetchone(), (50, 1))


def copy(conn):
    with conn.cursor().copy("COPY payment (account, amount, note) FROM STDIN") as stream:
        for i in range(300):
            stream.write_row((13, decimal.Decimal(i + 1), f"copied {i}"))
    with conn.cursor().copy("COPY payment (account, amount) FROM STDIN (FORMAT binary)") as stream:
        stream.set_types(["int4", "numeric"])
        for i in range(300):
            stream.write_row((14, decimal.Decimal(i + 1)))
    check("copy, text and binary", conn.execute(
        "SELECT account, count(*), max(ledger_seq) FROM payment WHERE account IN (13, 14)"
        " GROUP BY 1 ORDER BY 1").fetchall(), [(13, 300, 299), (14, 300, 299)])


def refusals(conn):
    for sql, expected in (("UPDATE payment SET amount = 1", "0A000"),
                          ("DELETE FROM payment WHERE id = 1", "0A000"),
                          ("TRUNCATE payment", "0A000"),
                          ("INSERT INTO payment (account, amount, ledger_seq) VALUES (1, 1, 1)", "428C9")):
        check("refused: " + sql, state(psycopg.Error, conn.execute, sql), expected)
    try:
        conn.execute("DELETE FROM payment")
    except errors.FeatureNotSupported as e:
        check("a refusal has message, detail and hint",
              all((e.diag.message_primary, e.diag.message_detail, e.diag.message_hint)), True)


def main():
    with psycopg.connect(sys.argv[1], autocommit=True) as conn:
        read(conn, False)
        read(conn, True)
        write(conn)
        catalog(conn)
        batches(conn)
        copy(conn)
        refusals(conn)
    finish()


main()
