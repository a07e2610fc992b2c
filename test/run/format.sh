# make format: rewrites the C files in place.
. test/run/lib.sh
need_packages clang-format-14
perl test/run/format.pl $(bash test/run/c_files.sh)
