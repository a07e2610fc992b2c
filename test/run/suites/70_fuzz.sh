# A short run of every fuzzer; make soak goes on for longer.
. test/run/lib.sh
[ -e test/fuzz/fuzz.mk ] || exit 77
status=0
make -s -k -j2 fuzz FUZZ_SECONDS="${FUZZ_SECONDS:-5}" PG_CONFIG="$PG_BINDIR/pg_config" 2>&1 | tee build/fuzz.out || status=1
awk '/^fuzz .*: [0-9]+ inputs, 0 failed$/ {p++} /^fuzz .*: failed, see / {f++}
	END {printf "%d passed, %d failed\n", p, f}' build/fuzz.out
exit $status
