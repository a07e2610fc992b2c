# make bench: measures, prints and keeps the figures; BENCH=tables selects a group.

. test/run/lib.sh

if [ -z "${COPY:-}" ]; then
	need_packages $BUILD_PACKAGES
	status=0
	in_a_copy bench "$0" || status=$?
	mkdir -p docs/bench
	cp "$COPY"/docs/bench/* docs/bench/
	perl test/run/bench_readme.pl README.md docs/bench/*.tsv
	remove_copy "$COPY"
	exit $status
fi

build_and_install
use_build "$PWD"
bash test/bench/run.sh
