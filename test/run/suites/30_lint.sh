# The small checks of test/lint.
. test/run/lib.sh
bash test/run/lint.sh
