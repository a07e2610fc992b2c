# The C files that are formatted: all of ours.
find src test -name '*.[ch]' | sort
