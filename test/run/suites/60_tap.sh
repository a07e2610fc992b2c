# test/t: whole servers, crashes, standbys, backups, attackers. TAP="file..." runs some of them.
. test/run/lib.sh
need_build
[ -n "$(compgen -G 'test/t/*.pl')" ] || exit 77
export TESTDIR=$PWD/build/tap PG_REGRESS=$PG_PGXS/src/test/regress/pg_regress
mkdir -p "$TESTDIR"
prove -j2 --timer -I "$PG_PGXS/src/test/perl" -I test/perl ${TAP:-test/t/*.pl} || {
	for log in "$TESTDIR"/tmp_check/log/regress_log_*; do
		grep -q '^not ok\|^Bail out\|^# Looks like\|died:\|^# Tests were run' "$log" || continue
		echo "--- $(basename "$log")"
		tail -n 60 "$log"
	done
	exit 1
}
