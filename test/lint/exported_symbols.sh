# ledger.so exports nothing but ledger_*, and every C function of the install script
nm -D --defined-only ledger.so | awk '{print $3}' |
	grep -vE '^(ledger_.*|Pg_magic_func|_PG_init|pg_finfo_ledger_.*)$'
sed -nE "s/.*'MODULE_PATHNAME', *'([a-z0-9_]+)'.*/\1/p" sql/*.sql | sort -u |
	while read -r symbol; do
		nm -D --defined-only ledger.so | grep -q " pg_finfo_$symbol$" ||
			echo "$symbol: named in sql/, not in ledger.so"
	done
# the server would find this out only when it loads the library
nm -D --undefined-only ledger.so | awk '$2 ~ /^ledger_/ {print $2 ": called, but defined nowhere"}'
exit 0
