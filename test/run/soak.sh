# make soak: make check with many more seeds, new ones each time, all mutants, a longer COPY and longer
# fuzzing, and nothing else.

. test/run/lib.sh

export LEDGER_SEED=${LEDGER_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
export LEDGER_SEEDS=${LEDGER_SEEDS:-10000} LEDGER_COPY_ROWS=${LEDGER_COPY_ROWS:-10000000}
export FUZZ_SECONDS=${FUZZ_SECONDS:-600} TAP=${TAP:-$(grep -l "LEDGER_SEEDS\|LEDGER_COPY_ROWS" test/t/*.pl | xargs)}
SUITE='unit mutants fuzz tap' SUITE_LIMIT=86400 exec bash test/run/check.sh
