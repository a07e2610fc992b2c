# tally.pl STATUS < log
#
# Prints how many tests passed and failed according to the closing lines of the runners in a suite's
# log: pg_regress, prove, unittest, and our own "N passed, N failed". A suite that failed without
# saying which test counts one failure, and so does one that succeeded without running any.

use strict;
use warnings;

my $status = shift // die "usage: tally.pl STATUS < log\n";
my ($passed, $failed, $prove_failed) = (0, 0, 0);

while (my $line = <STDIN>)
{
	if ($line =~ /^(\d+) passed, (\d+) failed/)
	{
		$passed += $1;
		$failed += $2;
	}
	# pg_regress and pg_isolation_regress: one line for each test
	elsif ($line =~ /^(?:test| {5})\s*\S+\s+\.\.\. (ok|FAILED|failed)/)
	{
		$1 eq 'ok' ? $passed++ : $failed++;
	}
	# prove: failures stand above the total
	elsif ($line =~ /^\s*Failed (\d+)\/\d+ subtests/)
	{
		$prove_failed += $1;
	}
	elsif ($line =~ /^Files=\d+, Tests=(\d+)/)
	{
		$passed += $1 - $prove_failed;
		$failed += $prove_failed;
		$prove_failed = 0;
	}
	# python3 -m unittest
	elsif ($line =~ /^Ran (\d+) tests? in/)
	{
		$passed += $1;
	}
	elsif ($line =~ /^FAILED \((.*)\)/)
	{
		my $bad = 0;

		$bad += $_ for $1 =~ /(?:failures|errors)=(\d+)/g;
		$passed -= $bad;
		$failed += $bad;
	}
}

$failed = 1 if $failed == 0 && $status != 0 && $status != 77;
$failed = 1 if $failed == 0 && $passed <= 0 && $status == 0;
$passed = 0 if $passed < 0;
print "$passed $failed\n";
