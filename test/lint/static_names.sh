# functions that are not static start with ledger_ (the pure folders are linked into programs too)
shopt -s nullglob
for object in src/*.o src/*/*.o; do
	nm --defined-only "$object" | awk '$2 ~ /[TDBRC]/ {print $3}' |
		grep -vE '^(ledger_|pg_finfo_ledger_|Pg_magic_func$|_PG_init$|main$)' | sed "s,^,$object: ,"
done
exit 0
