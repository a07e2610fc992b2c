# What the scripts behind the make goals share. Sourced, never run.

set -euo pipefail

PG_MAJOR=15
PG_BINDIR=/usr/lib/postgresql/$PG_MAJOR/bin
PG_PGXS=/usr/lib/postgresql/$PG_MAJOR/lib/pgxs
BUILD_PACKAGES="postgresql-15 postgresql-server-dev-15 libssl-dev gcc libc6-dev make perl"
TEST_PACKAGES="clang-14 clang-format-14 libclang-rt-14-dev binutils valgrind python3 libipc-run-perl
	postgresql-15-pgaudit libpostgresql-jdbc-java openjdk-17-jdk-headless
	odbc-postgresql unixodbc-dev python3-psycopg python3-psycopg2"

export LC_ALL=C.UTF-8
unset PGHOST PGPORT PGUSER PGDATABASE PGPASSWORD PGSERVICE PGOPTIONS PGDATA

say()
{
	printf '\n== %s\n' "$*"
}

die()
{
	echo "$*" >&2
	exit 1
}

# need_packages PACKAGE...: installs what is missing when root may, else says how.
need_packages()
{
	local package missing=()

	for package; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] ||
			missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ "$(id -u)" -ne 0 ]; then
		echo "Packages are missing. Install them and run the command again:" >&2
		die "sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}"
	fi
	say "installing ${missing[*]}"
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq &&
		apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null </dev/null ||
		die "apt-get could not install ${missing[*]}"
}

# in_a_copy NAME SCRIPT ARG...: copies the tree, without what a build left in it, to a new folder
# and runs SCRIPT there, as user postgres when we are root, because a server refuses to run as
# root. COPY is the folder in that run; LEDGER_TREE the tree it came from. The caller decides what
# becomes of the folder: its path is left in COPY here too.
in_a_copy()
{
	local name=$1 as_postgres=()

	shift
	COPY=$(mktemp -d "${TMPDIR:-/var/tmp}/ledger-$name.XXXXXX")
	chmod 755 "$COPY"
	tar -cf - --exclude=./.git --exclude=./build --exclude='*.[oda]' --exclude='*.so' \
		--exclude=./src/tools/ledger_verify --exclude=__pycache__ . |
		tar -xf - -C "$COPY" --no-same-owner
	if [ "$(id -u)" -eq 0 ]; then
		chown -R postgres: "$COPY"
		as_postgres=(runuser -u postgres --)
	fi
	(
		export COPY LEDGER_TREE=$PWD HOME=$COPY TMPDIR=/tmp
		cd "$COPY"
		exec "${as_postgres[@]}" bash "$@" </dev/null
	)
}

# remove_copy DIR: stops the servers that still run in it, then deletes it.
remove_copy()
{
	local pidfile as_postgres=()

	[ "$(id -u)" -ne 0 ] || as_postgres=(runuser -u postgres --)
	find "$1" -name postmaster.pid -print0 2>/dev/null |
		while IFS= read -r -d '' pidfile; do
			"${as_postgres[@]}" "$PG_BINDIR/pg_ctl" stop -s -m immediate \
				-D "$(dirname "$pidfile")" || true
		done
	rm -rf "$1"
}

# build_and_install: ledger.so and the programs, into build/inst of the current folder.
build_and_install()
{
	rm -rf build/inst
	make -s -j2 COPT=-Werror PG_CONFIG="$PG_BINDIR/pg_config"
	make -s install PG_CONFIG="$PG_BINDIR/pg_config" DESTDIR="$PWD/build/inst" >/dev/null
}

need_build()
{
	[ -d build/inst ] || die "nothing was installed, see suite build"
}

# use_build DIR: environment of a build made by build_and_install in DIR.
use_build()
{
	export LEDGER_DESTDIR=$1/build/inst
	export PATH=$LEDGER_DESTDIR$PG_BINDIR:$PG_BINDIR:$PATH
}

# destdir_conf: the lines of postgresql.conf that let the server find that build.
destdir_conf()
{
	echo "extension_destdir = '$LEDGER_DESTDIR'"
	echo "dynamic_library_path = '$LEDGER_DESTDIR/usr/lib/postgresql/$PG_MAJOR/lib:\$libdir'"
}

# new_server DIR [line of postgresql.conf...]: a server in DIR/data that listens in DIR only.
new_server()
{
	local dir=$1

	shift
	mkdir -p "$dir"
	initdb -D "$dir/data" -A trust -U postgres -E UTF8 --no-sync >/dev/null
	{
		destdir_conf
		echo "shared_preload_libraries = 'ledger'"
		echo "unix_socket_directories = '$dir'"
		echo "listen_addresses = ''"
		printf '%s\n' "$@"
	} >>"$dir/data/postgresql.conf"
	export PGHOST=$dir PGUSER=postgres PGDATABASE=postgres
	start_server "$dir"
}

start_server()
{
	pg_ctl start -s -w -D "$1/data" -l "$1/server.log" ||
		{ cat "$1/server.log" >&2; return 1; }
}

stop_server()
{
	pg_ctl stop -s -w -m "${2:-fast}" -D "$1/data"
}
