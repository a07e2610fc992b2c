# links between the documents lead to files
for page in README.md docs/*.md docs/*/*.md; do
	[ -e "$page" ] || continue
	grep -oE '\]\([^)#]+' "$page" | cut -c3- | grep -vE '^(https?|mailto):' |
		while read -r target; do
			[ -e "$(dirname "$page")/$target" ] || echo "$page: $target does not exist"
		done
done
