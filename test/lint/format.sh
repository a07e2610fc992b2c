# the C files are as "make format" leaves them
perl test/run/format.pl --check $(bash test/run/c_files.sh)
exit 0
