# run.sh: JDBC, psqlODBC, psycopg 3 and 2, and psql, as Debian ships them, against one server.
#
# Each program prints "ok - ..." or "not ok - ..." for each property and writes a row of every type
# that must equal the one that psql wrote. At the end the chain must verify.

. test/run/lib.sh

src=$PWD/test/drivers
out=$PWD/build/drivers
jar=/usr/share/java/postgresql.jar
passed=0 failed=0

# report NAME COMMAND...: runs a program and counts what it prints.
report()
{
	local name=$1 log=$out/$1.log status=0 ok bad

	shift
	"$@" >"$log" 2>&1 || status=$?
	ok=$(grep -c '^ok - ' "$log" || true)
	bad=$(grep -c '^not ok - ' "$log" || true)
	if [ "$bad" -eq 0 ] && { [ $status -ne 0 ] || [ "$ok" -eq 0 ]; }; then
		bad=1
		cat "$log"
	else
		sed -n '/^not ok/,/^ok/{/^ok/!p}' "$log"
	fi
	echo "$name: $ok passed, $bad failed"
	passed=$((passed + ok))
	failed=$((failed + bad))
}

# same NAME: the newest row of every_type equals the one that psql wrote.
same()
{
	local differs

	differs=$(psql -XqAt -f "$src/same_row.sql")
	if [ -z "$differs" ]; then
		echo "ok - the row that $1 wrote is the row that psql wrote"
	else
		echo "not ok - the row that $1 wrote differs: $differs"
	fi
}

free_port()
{
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

rm -rf "$out"
mkdir -p "$out"
sockets=$(mktemp -d "${TMPDIR:-/tmp}/ledger-drivers.XXXXXX")	# a short path, as sockets need
trap 'stop_server "$out" immediate 2>/dev/null || true; rm -rf "$sockets"' EXIT
port=${DRIVERS_PORT:-$(free_port)}
PGPORT=$port new_server "$out" "port = $port" "listen_addresses = '127.0.0.1'" \
	"unix_socket_directories = '$sockets'" "fsync = off"
export PGHOST=$sockets PGPORT=$port
psql -Xq -f "$src/tables.sql"

report psql bash "$src/psql.sh" "$out"
javac -d "$out" -cp $jar "$src/Jdbc.java"
report jdbc java -cp "$out:$jar" Jdbc \
	"jdbc:postgresql://127.0.0.1:$port/postgres?user=postgres&options=-c%20TimeZone=UTC"
report jdbc-row same JDBC
gcc -std=c11 -Wall -Wextra -Werror -o "$out/odbc" "$src/odbc.c" -lodbc
report odbc "$out/odbc" "Driver=PostgreSQL Unicode;Servername=127.0.0.1;Port=$port;Database=postgres;\
Uid=postgres;BoolsAsChar=0;ByteaAsLongVarBinary=1;ConnSettings=SET TimeZone='UTC'"
report odbc-row same psqlODBC
report psycopg3 python3 "$src/psycopg3.py" "host=127.0.0.1 port=$port user=postgres dbname=postgres"
report psycopg3-row same "psycopg 3"
report psycopg2 python3 "$src/psycopg2_classic.py" "host=127.0.0.1 port=$port user=postgres dbname=postgres"
report verify psql -XqAt -f "$src/verify.sql"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
