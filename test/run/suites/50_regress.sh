# test/sql against expected/, in a server of its own.
. test/run/lib.sh
need_build
tests=$(basename -a -s .sql test/sql/*.sql)
[ "$tests" != '*' ] || exit 77
out=build/regress
mkdir -p $out
ln -sfn "$PWD/expected" $out/expected	# looked for beside the output
{ cat test/conf/regress.conf; destdir_conf; } >$out/server.conf
"$PG_PGXS/src/test/regress/pg_regress" --bindir="$PG_BINDIR" --inputdir=test --outputdir=$out \
	--temp-instance=$out/server --temp-config=$out/server.conf --encoding=UTF8 \
	--dbname=regress_ledger $tests || {
	cat $out/regression.diffs 2>/dev/null || cat $out/log/postmaster.log
	exit 1
}
