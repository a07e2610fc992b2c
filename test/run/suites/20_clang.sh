# clang, without a warning, from clean sources.
. test/run/lib.sh
mkdir -p build/clang
cp -R Makefile ledger.control sql src test build/clang
cd build/clang
make -s clean PG_CONFIG="$PG_BINDIR/pg_config" >/dev/null
make -s -j2 CC=clang-14 COPT=-Werror PG_CONFIG="$PG_BINDIR/pg_config"
echo "1 passed, 0 failed"
