# a folder includes only the folders that docs/architecture.md allows it
declare -A allowed=(
	[core]="core crypto"
	[crypto]="crypto"
	[zkp]="zkp crypto core"
	[consensus]="consensus core crypto"
	[chain]="chain core crypto"
	[storage]="storage chain core crypto"
	[fields]="fields core crypto chain"
	[guard]="guard storage chain core crypto"
	[network]="network consensus chain storage core crypto"
	[tools]="tools core crypto zkp consensus"
)
folders="core|crypto|zkp|consensus|chain|storage|fields|guard|network|api|tools"

for from in "${!allowed[@]}"; do
	grep -nE "^#include \"($folders)/" src/"$from"/*.[ch] 2>/dev/null |
		while IFS= read -r line; do
			path=$(sed -E 's/.*#include "([^"]+)".*/\1/' <<<"$line")
			# the server has headers in storage/ too
			[ -e "src/$path" ] || continue
			[[ " ${allowed[$from]} " == *" ${path%%/*} "* ]] || echo "$line"
		done
done
exit 0
