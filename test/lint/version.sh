# one version everywhere, and the changelog knows it
version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" ledger.control)
[ -e "sql/ledger--$version.sql" ] || echo "sql/ledger--$version.sql is missing"
[ "$(grep -c "\"version\": \"$version\"" META.json)" -eq 2 ] || echo "META.json is not about $version"
grep -qE '^## \[?Unreleased' docs/CHANGELOG.md || echo "docs/CHANGELOG.md has no Unreleased section"
exit 0
