# code that depends on the server's version is in src/compat.h
grep -nE 'PG_VERSION_NUM|PG_MAJORVERSION' src/*.[ch] src/*/*.[ch] | grep -v '^src/compat\.h:'
# and everything that runs in the server goes through it, for the export marks of 15
grep -lE '^#include "postgres\.h"' src/*.[ch] src/*/*.[ch] | grep -v '^src/compat\.h$' |
	sed 's/$/: include "compat.h" instead of "postgres.h"/'
exit 0
