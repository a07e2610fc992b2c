# Runs the groups of figures: test/bench/GROUP.pl, all or those that BENCH names.
#
# Environment: BENCH_SECONDS length of one run of pgbench (6), BENCH_PAIRS pairs of runs behind a
# ratio (9), BENCH_SCALE=large for the case of ten million transactions. Expects the build of
# test/run/bench.sh. Keeps docs/bench/GROUP.tsv, a line for each figure: name, value, unit, baseline,
# target; and docs/bench/GROUP.txt, everything that was printed.

. test/run/lib.sh

status=0
mkdir -p docs/bench
for group in test/bench/*.pl; do
	name=$(basename "$group" .pl)
	[ -z "${BENCH:-}" ] || [[ " $BENCH " == *" $name "* ]] || continue
	BENCH_DIR=$PWD/build/bench/$name perl -I test/bench "$group" "docs/bench/$name.tsv" |
		tee "docs/bench/$name.txt" || status=1
done
exit $status
