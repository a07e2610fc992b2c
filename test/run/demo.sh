# make demo: the main job in a throwaway server, with pgbench as the program that writes.

. test/run/lib.sh

if [ -z "${COPY:-}" ]; then
	need_packages $BUILD_PACKAGES
	status=0
	in_a_copy demo "$0" || status=$?
	as=''
	[ "$(id -u)" -ne 0 ] || as='runuser -u postgres -- '
	cat <<-END

	The server is stopped; everything it made is in $COPY.
	  look around:  ${as}$PG_BINDIR/pg_ctl start -w -l $COPY/demo/server.log -D $COPY/demo/data
	                ${as}psql -h $COPY/demo -U postgres demo
	                ${as}$PG_BINDIR/pg_ctl stop -D $COPY/demo/data
	  clean up:     rm -rf $COPY
	END
	exit $status
fi

trap 'stop_server "$PWD/demo" immediate 2>/dev/null || true' EXIT
step_number=0

step()
{
	step_number=$((step_number + 1))
	printf '\n%d. %s\n' $step_number "$*"
}

# run COMMAND...: shows a command, then runs it.
run()
{
	printf '   $ %s\n' "$*"
	"$@" 2>&1 | sed 's/^/   /'
}

# sql STATEMENT: shows a statement, then runs it.
sql()
{
	printf '   => %s\n' "$1"
	psql -X -q -P footer=off -d demo -c "$1" 2>&1 | sed -n '/./s/^/   /p'
}

# show STATEMENT: the same for one whose answer is a text of several lines.
show()
{
	printf '   => %s\n' "$1"
	value "$1" | sed 's/^/   | /'
}

# refused STATEMENT: the same for one that the server must not accept.
refused()
{
	! sql "$1" || die "this was accepted"
}

value()
{
	psql -X -A -t -q -v ON_ERROR_STOP=1 -d demo -c "$1"
}

say "ledger: building the extension"
build_and_install
use_build "$PWD"

say "ledger: the demonstration"
step "A server of its own starts with shared_preload_libraries = 'ledger'; nothing else is set up."
new_server "$PWD/demo"
createdb demo
sql 'CREATE EXTENSION ledger'

step "pgbench makes its tables, and its history becomes a ledger table: only USING ledger is new."
pgbench -i -s 1 -q demo >/dev/null 2>&1
value 'DROP TABLE pgbench_history'
sql 'CREATE TABLE pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22)) USING ledger'

step "pgbench runs its own TPC-B script for five seconds, four clients, and knows nothing of all this."
run pgbench -n -c 4 -T 5 demo
count=$(value 'SELECT count(*) FROM pgbench_history')
echo "   $count rows of history were written, one in each transaction."

step "History can be read and added to; changing it is refused."
refused "UPDATE pgbench_history SET delta = 0 WHERE ctid = '(0,1)'"

step "A worker has put every transaction into a block of a Merkle log and signed its root: a checkpoint."
value 'SELECT ledger.wait_sealed(max(ledger_tx)) FROM pgbench_history' >/dev/null
until [ "$(value 'SELECT signed_size = sealed_size FROM ledger.stat')" = t ]; do sleep 0.1; done
show 'SELECT ledger.checkpoint()'

step "ledger.verify() reads the rows from storage, hashes them again and compares: no finding, only a summary."
sql 'SELECT severity, problem FROM ledger.verify()'
[ "$(value "SELECT count(*) FROM ledger.verify() WHERE severity <> 'info'")" = 0 ]

step "A receipt proves one row to somebody who has no access to this server."
victim=$(value "SELECT ledger_tx, ledger_seq, ctid FROM pgbench_history ORDER BY ledger_tx OFFSET $((count / 2)) LIMIT 1")
IFS='|' read -r tx seq tid <<<"$victim"
sql "SELECT tid, bid, aid, delta, mtime, ledger_tx, ledger_seq FROM pgbench_history WHERE ledger_tx = $tx"
value "SELECT ledger.receipt('pgbench_history', $tx, $seq)" >demo/receipt
value 'SELECT ledger.verifier_key()' >demo/key
echo "   The receipt is a text of $(wc -c <demo/receipt) bytes. The reader needs it, the verifier key in a file, and one program:"
run ledger_verify receipt demo/receipt --key demo/key

step "Now somebody with root rights stops the server and flips one bit of that row's delta in the table's file."
value 'CREATE EXTENSION pageinspect'
file=$(value "SELECT current_setting('data_directory') || '/' || pg_relation_filepath('pgbench_history')")
block=${tid#(} block=${block%,*} line=${tid#*,} line=${line%)}
# delta is the fourth int4 of the row; its third byte is worth 65536
value 'CHECKPOINT'
byte=$(value "SELECT $block * 8192 + lp_off + t_hoff + 3 * 4 + 2
	FROM heap_page_items(get_raw_page('pgbench_history', $block)) WHERE lp = $line")
stop_server "$PWD/demo"
old=$(od -An -tu1 -j "$byte" -N 1 "$file")
printf "   byte %d of %s\n" "$byte" "${file#"$PWD"/}"
printf "\\x$(printf '%02x' $((old ^ 1)))" | dd of="$file" bs=1 seek="$byte" conv=notrunc status=none
start_server "$PWD/demo"

step "PostgreSQL shows the forged amount as if it had always been there."
sql "SELECT tid, bid, aid, delta, mtime, ledger_tx, ledger_seq FROM pgbench_history WHERE ledger_tx = $tx"

step "ledger.verify() names the table, the transaction and the row."
sql "SELECT severity, relation, ledger_tx, ledger_seq, ctid, problem FROM ledger.verify()"
found=$(value "SELECT count(*) FROM ledger.verify()
	WHERE severity = 'error' AND relation = 'public.pgbench_history' AND ledger_tx = $tx AND ledger_seq = $seq")
[ "$found" -ge 1 ] || die "the forged row was not found"

step "The receipt still proves what was written before."
run ledger_verify receipt demo/receipt --key demo/key
stop_server "$PWD/demo"
