# JDBC, psqlODBC and psycopg as Debian ships them.
. test/run/lib.sh
need_build
[ -e test/drivers/run.sh ] || exit 77
bash test/drivers/run.sh
