# make check: every suite in test/run/suites, in the order of their numbers.
#
# A suite is a script that prints what its test runner prints and exits 0, or 77 when the tree has no
# tests for it. A failing suite does not stop the others. SUITE="lint tap" runs only those.

. test/run/lib.sh

SUITE_LIMIT=${SUITE_LIMIT:-1200}	# seconds after which a suite counts as hung

# The same seeds each time: what fails here was broken by a change. make soak draws new ones.
export LEDGER_SEED=${LEDGER_SEED:-1}

if [ -z "${COPY:-}" ]; then
	need_packages $BUILD_PACKAGES $TEST_PACKAGES
	status=0
	in_a_copy check "$0" "$@" || status=$?
	# in_a_copy ran in this shell, so COPY is known here
	if [ $status -eq 0 ]; then
		remove_copy "$COPY"
	else
		echo "kept for a look: $COPY" >&2
	fi
	exit $status
fi

# chosen NAME: whether SUITE asks for it; build comes with everything that needs it.
chosen()
{
	[ -z "${SUITE:-}" ] || [ "$1" = build ] || [[ " $SUITE " == *" $1 "* ]]
}

mkdir -p build/log
use_build "$PWD"
table=() passed=0 failed=0 began=$SECONDS

for script in test/run/suites/*.sh; do
	name=$(basename "$script" .sh)
	name=${name#*_}
	chosen "$name" || continue
	say "$name"
	start=$SECONDS
	set +e
	timeout -k 10 $SUITE_LIMIT bash "$script" 2>&1 | tee "build/log/$name.log"
	status=${PIPESTATUS[0]}
	set -e
	[ $status -ne 124 ] || echo "$name: stopped after $SUITE_LIMIT seconds"
	read -r p f <<<"$(perl test/run/tally.pl $status <"build/log/$name.log")"
	passed=$((passed + p))
	failed=$((failed + f))
	[ $status -ne 77 ] || p='no tests' f=''
	table+=("$(printf '%-14s %8s %8s %6d s' "$name" "$p" "$f" $((SECONDS - start)))")
done

say "suites"
printf '%-14s %8s %8s %8s\n' suite passed failed time
printf '%s\n' "${table[@]}"
printf '%-14s %8s %8s %6d s\n\n' all $passed $failed $((SECONDS - began))
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
