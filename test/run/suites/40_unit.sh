# The pure C parts, built by gcc and by clang under ASan and UBSan, and constant time under valgrind.
. test/run/lib.sh
[ -e test/unit/unit.mk ] || exit 77
status=0
make -s -k -j2 unit PG_CONFIG="$PG_BINDIR/pg_config" 2>&1 | tee build/unit.out || status=1
awk '/: [0-9]+ passed, [0-9]+ failed$/ {p += $(NF - 3); f += $(NF - 1)} /: failed, see / {f++}
	END {printf "%d passed, %d failed\n", p, f}' build/unit.out
exit $status
