# The proofs with one input of the transcript or one term less: some test has to notice. make soak
# takes all of them.
. test/run/lib.sh
[ -e test/mutants/list ] || exit 77
[ -n "${LEDGER_SEEDS:-}" ] || set -- -check
LEDGER_SEEDS='' perl test/mutants/run.pl "$@"
