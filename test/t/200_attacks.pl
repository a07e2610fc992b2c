# Whatever is done to the files or the catalogue, ledger.verify() finds it, names it, and invents nothing.
#
# LEDGER_SEEDS attacks (200), from seed LEDGER_SEED on or from a random one; test/attack/run.py prints
# which, and with --first SEED --seeds 1 it repeats one.
use strict;
use warnings;

use Cwd qw(abs_path);
use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seeds = $ENV{LEDGER_SEEDS} // 200;
my @first = defined $ENV{LEDGER_SEED} ? ('--first', $ENV{LEDGER_SEED}) : ();
my $folder = PostgreSQL::Test::Utils::tempdir_short();
my $port = PostgreSQL::Test::Cluster::get_free_port();

open my $run, '-|', 'python3', "$FindBin::RealBin/../attack/run.py", '--seeds', $seeds, '--port', $port,
  @first, "$folder/attack"
  or die "could not run the attacks: $!";
my ($passed, $failed) = (0, 0);
while (my $line = <$run>)
{
	chomp $line;
	($passed, $failed) = ($1, $2) if $line =~ /^(\d+) passed, (\d+) failed$/;
	if ($line =~ /^(FAILED|   )|^seeds /) { diag($line) }
	else { note($line) }
}
close $run;
is($?, 0, 'the attacks ran');
is($passed + $failed, $seeds, 'all of them');
is($failed, 0, 'each was found and named, none was invented');
done_testing();
