# the top level holds what docs/architecture.md lists and dot files
for entry in *; do
	case $entry in
		Makefile | ledger.control | README.md | LICENSE | META.json) ;;
		sql | src | expected | test | docs) ;;
		build | ledger.so | libledger.a | libledger.pc) ;;	# made by make
		*) echo "$entry" ;;
	esac
done
