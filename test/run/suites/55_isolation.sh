# test/specs against expected/, in a server of its own.
. test/run/lib.sh
need_build
specs=$(basename -a -s .spec test/specs/*.spec)
[ "$specs" != '*' ] || exit 77
out=build/isolation
mkdir -p $out
ln -sfn "$PWD/expected" $out/expected	# looked for beside the output
{ cat test/conf/regress.conf; destdir_conf; } >$out/server.conf
# it looks for isolationtester beside itself
"$PG_PGXS/src/test/isolation/pg_isolation_regress" --bindir="$PG_BINDIR" --inputdir=test \
	--outputdir=$out --temp-instance=$out/server --temp-config=$out/server.conf --encoding=UTF8 \
	--dbname=isolation_ledger $specs || {
	cat $out/regression.diffs 2>/dev/null || cat $out/log/postmaster.log
	exit 1
}
