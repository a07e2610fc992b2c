# make lint: one named check for each file in test/lint.
#
# A check prints what it found, one finding a line, and exits 0; no output is a pass. make lint
# builds first because some checks read ledger.so; make check runs this in a copy that is built.

. test/run/lib.sh

[ -n "${COPY:-}" ] || make -s -j2

passed=0 failed=0
for check in test/lint/*.sh; do
	name=$(basename "$check" .sh)
	if findings=$(bash "$check" 2>&1) && [ -z "$findings" ]; then
		echo "ok      $name"
		passed=$((passed + 1))
	else
		echo "FAILED  $name: $(sed -n 's/^# //p;1q' "$check")"
		printf '%s\n' "${findings:-it exits with an error}" | sed 's/^/        /'
		failed=$((failed + 1))
	fi
done

echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
