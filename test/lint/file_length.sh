# no file of code is longer than 900 lines
find src test -name '*.[ch]' -o -name '*.sh' -o -name '*.p[lmy]' -o -name '*.mk' | xargs wc -l |
	awk '$2 != "total" && $1 > 900 {print $2 ": " $1 " lines"}'
