# psql.sh DIR: runs psql.sql and compares what it prints with psql.out.
src=$(dirname "$0")
psql -Xq <"$src/psql.sql" >"$1/psql.out" 2>&1
if diff "$src/psql.out" "$1/psql.out" >"$1/psql.diff"; then
	echo "ok - psql describes, copies and refuses"
else
	echo "not ok - psql describes, copies and refuses"
	sed 's/^/#   /' "$1/psql.diff"
fi
