"""checks.py: what the Python programs of this folder print."""
import sys

failed = False


def check(what, got, expected):
    global failed
    if got == expected:
        print("ok - " + what)
        return
    failed = True
    print("not ok - " + what)
    print(f"#   got      {got!r}")
    print(f"#   expected {expected!r}")


def state(error, action, *args):
    """SQLSTATE of the error that action raises."""
    try:
        action(*args)
    except error as e:
        return getattr(e, "sqlstate", None) or e.pgcode
    return "no error"


def finish():
    sys.exit(1 if failed else 0)
