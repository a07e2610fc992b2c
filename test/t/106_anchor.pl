# ledger.anchor_command publishes the newest checkpoint, retries, and holds up nobody.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use LedgerChain;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $node = Ledger::node('main', conf => "max_worker_processes = 16\n");
my $dir = $node->basedir . '/anchor dir';

mkdir $dir;

# A setting of the database reaches the sealer within a second or so; until then checkpoints go the old way.
sub insert_until
{
	my ($query) = @_;

	foreach (1 .. 200)
	{
		$node->safe_psql('postgres', 'INSERT INTO t VALUES (2)');
		return if $node->safe_psql('postgres', $query) eq 't';
		select undef, undef, undef, 0.2;
	}
	die "in vain: $query";
}

$node->safe_psql('postgres', 'CREATE TABLE t (a int) USING ledger');
ok(LedgerChain::wait_signed($node), 'signed');
is($node->safe_psql('postgres', q{SELECT status FROM ledger.health_check() WHERE item = 'anchor'}), 'warning', 'no anchor');

# set while everything runs; what was signed before is published too
my $good = qq{test "%%" = "%%" && mkdir -p "$dir/%o" && cp "%p" "$dir/%o/%s.tmp" && mv "$dir/%o/%s.tmp" "$dir/%o/%s" && echo %d > "$dir/database"};
(my $quoted = $good) =~ s/'/''/g;
$node->safe_psql('postgres', "ALTER DATABASE postgres SET ledger.anchor_command = '$quoted'");
$node->safe_psql('postgres', 'INSERT INTO t VALUES (1)');
ok(LedgerChain::wait_signed($node), 'signed');
ok($node->poll_query_until('postgres', 'SELECT anchored_size = signed_size FROM ledger.stat'), 'published');
my ($origin, $size) = split /\|/, $node->safe_psql('postgres', 'SELECT origin, signed_size FROM ledger.stat');
is(slurp_file("$dir/$origin/$size"), $node->safe_psql('postgres', 'SELECT ledger.checkpoint()'), 'the file is the note, %p %s %o');
is(slurp_file("$dir/database"), "postgres\n", '%d');
is($node->safe_psql('postgres', "SELECT published_at IS NOT NULL FROM ledger.checkpoint WHERE size = $size"), 't', 'published_at');
is($node->safe_psql('postgres', q{SELECT status FROM ledger.health_check() WHERE item = 'anchor'}), 'ok', 'health_check');
is_deeply([ glob $node->data_dir . '/base/pgsql_tmp/*' ], [], 'no temporary file is left');

# the name of a database is no part of the command
{
	my $name = '.."; touch x; $(id) `id` ü';
	my $escaped = '%2e.%22%3b%20touch%20x%3b%20%24%28id%29%20%60id%60%20%c3%bc';
	my $sql = sprintf q{CREATE DATABASE "%s"}, $name =~ s/"/""/gr;

	$node->safe_psql('postgres', $sql);
	my $connection = $node->connstr . q{ dbname='} . $name . q{'};
	my $psql = sub {
		IPC::Run::run([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $connection ], '<', \$_[0], '>', \my $answer) or die 'psql failed';
		return $answer;
	};
	$psql->(qq{CREATE EXTENSION ledger; ALTER DATABASE "@{[ $name =~ s/"/""/gr ]}" SET ledger.anchor_command = 'cp "%p" "$dir/%d"';
		CREATE TABLE t (a int) USING ledger});
	for (1 .. 300)
	{
		last if $psql->('SELECT anchored_size > 0 FROM ledger.stat') eq "t\n";
		$psql->('INSERT INTO t VALUES (1)');
		select undef, undef, undef, 0.2;
	}
	ok(-e "$dir/$escaped", 'the name of a database cannot leave its place in the command');
}

# failures are retried and shown
$node->safe_psql('postgres', qq{ALTER DATABASE postgres SET ledger.anchor_command = 'test -e "$dir/up" && cp "%p" "$dir/%s"'});
insert_until('SELECT anchor_failures > 0 FROM ledger.stat');
is($node->safe_psql('postgres', q{SELECT count(*) FROM ledger.health_check() WHERE item = 'anchor' AND status = 'error' AND detail ~ 'exit'}),
	'1', 'health_check shows that the command fails');
ok($node->poll_query_until('postgres', 'SELECT anchor_failures >= 2 AND last_anchor_failure IS NOT NULL AND anchored_size < signed_size FROM ledger.stat'),
	'it is tried again, and counted');
$node->safe_psql('postgres', 'INSERT INTO t VALUES (3)');
ok(LedgerChain::wait_signed($node), 'sealing and signing go on');
append_to_file("$dir/up", '');
ok($node->poll_query_until('postgres', 'SELECT anchored_size = signed_size FROM ledger.stat'), 'published when the place is back');
$size = $node->safe_psql('postgres', 'SELECT signed_size FROM ledger.stat');
ok(-f "$dir/$size", 'the newest one');
like(slurp_file($node->logfile), qr/LOG:  ledger.anchor_command failed for the checkpoint of size \d+: .*\n.*The failed command was: test -e/,
	'the log has the failure');

# a command that hangs
$node->safe_psql('postgres', qq{ALTER DATABASE postgres SET ledger.anchor_command = 'echo \$\$ > "$dir/pid"; sleep 1000'});
insert_until("SELECT (pg_stat_file('$dir/pid', true)).size > 0");
my $t0 = time;
until (-s "$dir/pid" || time - $t0 > 60) { select undef, undef, undef, 0.1; }
my $pid = 0 + slurp_file("$dir/pid");
ok(kill(0, $pid), 'a command that does not end');
$t0 = time;
$node->safe_psql('postgres', "INSERT INTO t VALUES ($_)") foreach 1 .. 20;
ok(LedgerChain::wait_signed($node), 'does not hold up sealing');
cmp_ok(time - $t0, '<', 20, 'at all');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT datname, ',') FROM pg_stat_activity WHERE backend_type = 'ledger anchor'}), '',
	'its worker is connected to no database');
$t0 = time;
$node->stop('fast');
cmp_ok(time - $t0, '<', 10, 'nor a shutdown');
select undef, undef, undef, 0.5;
ok(!kill(0, $pid), 'and the command has ended with the server');

# after a start the newest checkpoint that was not published is taken up again
$node->start;
$node->safe_psql('postgres', qq{ALTER DATABASE postgres SET ledger.anchor_command = 'cp "%p" "$dir/again-%s"'});
$node->safe_psql('postgres', 'INSERT INTO t VALUES (5)');
ok(LedgerChain::wait_signed($node), 'signed');
ok($node->poll_query_until('postgres', 'SELECT anchored_size = signed_size FROM ledger.stat'), 'published after a restart');

# checkpoints that were never published are thinned out, published ones are kept
$node->safe_psql('postgres', 'ALTER DATABASE postgres RESET ledger.anchor_command');
my $sealer = $node->safe_psql('postgres', 'SELECT sealer_pid FROM ledger.stat');
insert_until("SELECT sealer_pid <> $sealer FROM ledger.stat");
# what was under way is published and, by a round of the sealer that has ended when the next one signs, noted
$node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'ledger anchor'});
foreach my $i (1 .. 2)
{
	$node->safe_psql('postgres', "INSERT INTO t VALUES ($i)");
	LedgerChain::wait_signed($node);
}
my $published = $node->safe_psql('postgres', 'SELECT count(*) FROM ledger.checkpoint WHERE published_at IS NOT NULL');
my $kept = $node->safe_psql('postgres', 'SELECT count(*) FROM ledger.checkpoint');
foreach my $i (1 .. 30)
{
	$node->safe_psql('postgres', "INSERT INTO t VALUES ($i)");
	select undef, undef, undef, 0.08;
}
ok(LedgerChain::wait_signed($node), 'signed');
is($node->safe_psql('postgres', 'SELECT count(*) FROM ledger.checkpoint WHERE published_at IS NOT NULL'), $published, 'published checkpoints stay');
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM ledger.checkpoint'), '<', $kept + 5, 'of the others one a minute');
is(LedgerChain::problems($node, 'postgres', 't'), '', 'the log is whole');
$node->stop;
done_testing();
