# headers of this project are included with their folder: "core/merkle.h"
for header in src/*/*.h; do
	grep -nE "^#include \"$(basename "$header")\"" src/*.[ch] src/*/*.[ch]
done
grep -nE '^#include "\.\.?/' src/*.[ch] src/*/*.[ch]
exit 0
