# core, crypto, zkp, consensus and tools know nothing of the backend, and the first four do no I/O
shopt -s nullglob
pure=(src/{core,crypto,zkp,consensus}/*.[ch])
grep -nE '^#include "(postgres|postgres_fe|c|fmgr|compat|ledger)\.h"|\b(palloc|ereport|elog)[0-9a-z]* *\(' \
	"${pure[@]}" src/tools/*.[ch]
grep -nE '\b(fopen|fread|fwrite|open|read|write|socket|time|gettimeofday|clock_gettime|getenv|f?printf) *\(' \
	"${pure[@]}" | grep -vE '^[^:]*:[0-9]+:[[:space:]]*(/?\*)'
exit 0
