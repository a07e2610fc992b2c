"""psycopg2_classic.py: psycopg 2 against a ledger table. Argument: connection string."""
import datetime as dt
import decimal
import io
import sys
import uuid

import psycopg2
import psycopg2.extras
from psycopg2 import errorcodes

from checks import check, finish, state


def read(cur):
    day = dt.datetime(2024, 2, 29, 23, 59, 59, 123456)
    cur.execute("SET TimeZone = 'UTC'")
    cur.execute("SELECT * FROM every_type ORDER BY id LIMIT 1")
    row = cur.fetchone()
    expected = {
        "c_bool": True, "c_int2": -32768, "c_int4": 2147483647, "c_int8": -2 ** 63,
        "c_float4": 1.5, "c_float8": -2.25e-10, "c_numeric": decimal.Decimal("12345678901234.567890"),
        "c_text": "Zürich 漢字", "c_varchar": "naïve", "c_bpchar": "ab      ", "c_name": "a_name",
        "c_citext": "MixedCase", "c_bit": "101010101", "c_varbit": "1101",
        "c_uuid": uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), "c_money": "$1,234.56",
        "c_macaddr": "08:00:2b:01:02:03", "c_macaddr8": "08:00:2b:01:02:03:04:05",
        "c_pg_lsn": "16/B374D848", "c_date": day.date(), "c_time": day.time(), "c_timestamp": day,
        "c_timestamptz": day.replace(tzinfo=dt.timezone.utc), "c_inet": "192.168.1.5/24",
        "c_cidr": "10.0.0.0/8", "c_json": {"b": 1, "a": [1, 2]}, "c_jsonb": {"a": [1, 2.5], "b": 1},
        "c_xml": '<note to="x">hi</note>', "c_enum": "settled", "c_ints": [1, None, 3],
        "c_texts": ["a,b", 'c"d', ""], "c_multirange": "{[1,2),[3.5,4]}",
        "c_composite": '(1.50,"a note")', "c_domain": 7, "c_generated": 4294967294,
    }
    for column, value in expected.items():
        check(column, row[column], value)
    check("c_bytea", bytes(row["c_bytea"]), b"\x00\xff\x10")
    check("c_range", (row["c_range"].lower, row["c_range"].upper), (1, 5))
    check("c_timetz", row["c_timetz"].utcoffset(), dt.timedelta(hours=5, minutes=30))


def main():
    conn = psycopg2.connect(sys.argv[1])
    psycopg2.extras.register_uuid()
    conn.autocommit = True
    cur = conn.cursor(cursor_factory=psycopg2.extras.RealDictCursor)
    read(cur)
    conn.autocommit = False
    plain = conn.cursor()
    plain.executemany("INSERT INTO payment (account, amount, note) VALUES (%s, %s, %s)",
                      [(21, i + 1, f"old {i}") for i in range(100)])
    keys = psycopg2.extras.execute_values(
        plain, "INSERT INTO payment (account, amount) VALUES %s RETURNING id, ledger_tx, ledger_seq",
        [(22, i + 1) for i in range(500)], fetch=True, page_size=100)
    conn.commit()
    check("execute_values returns a key for each row", len({k[0] for k in keys}), 500)
    check("both batches are one transaction, numbered in order", [k[2] for k in keys],
          list(range(100, 600)))

    plain.copy_expert("COPY payment (account, amount, note) FROM STDIN (FORMAT csv)",
                      io.StringIO("".join(f"23,{i + 1},csv {i}\n" for i in range(50))))
    plain.copy_from(io.StringIO("".join(f"24\t{i + 1}\n" for i in range(50))), "payment",
                    columns=("account", "amount"))
    conn.commit()
    plain.execute("SELECT count(*), count(DISTINCT ledger_tx) FROM payment WHERE account IN (23, 24)")
    check("copy_expert and copy_from", plain.fetchone(), (100, 1))

    for sql, expected in (("UPDATE payment SET amount = 1", errorcodes.FEATURE_NOT_SUPPORTED),
                          ("DELETE FROM payment", errorcodes.FEATURE_NOT_SUPPORTED),
                          ("TRUNCATE payment", errorcodes.FEATURE_NOT_SUPPORTED),
                          ("INSERT INTO payment (account, amount, ledger_tx) VALUES (1, 1, 1)",
                           errorcodes.GENERATED_ALWAYS)):
        check("refused: " + sql, state(psycopg2.Error, plain.execute, sql), expected)
        conn.rollback()
    finish()


main()
