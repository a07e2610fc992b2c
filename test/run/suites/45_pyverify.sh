# The second verifier, against the same golden vectors.
. test/run/lib.sh
[ -d test/pyverify ] || exit 77
cd test
python3 -m unittest discover -s pyverify -t .
