# A process killed between two steps of a commit and its sealing: the transaction is whole or not there.
#
# The steps are held open by locks, so nothing depends on timing.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use Life;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = Ledger::node('main', init => [ allows_streaming => 1 ],
	conf => "max_prepared_transactions = 10\nrestart_after_crash = off\n");
my $id = 0;

$node->safe_psql('postgres', q{
	CREATE TABLE scratch (a int);
	CREATE TABLE payment (id int PRIMARY KEY, note text) USING ledger;
	INSERT INTO payment SELECT g, 'before' FROM generate_series(1, 300) g;
});
Life::sealed($node);

sub there
{
	return $node->safe_psql('postgres', "SELECT count(*) FROM payment WHERE id = $_[0]");
}

# After a process was killed the postmaster ends (restart_after_crash = off); then the server starts again.
sub start_again
{
	my @sessions = @_;

	$_->{run}->kill_kill foreach @sessions;
	Life::start($node);
	return;
}

sub crash_by
{
	my ($victim, $pid) = @_;

	if ($victim eq 'postmaster')
	{
		$node->kill9;
	}
	else
	{
		PostgreSQL::Test::Utils::system_log('pg_ctl', 'kill', 'KILL', $pid);
	}
	return;
}

# 1. row inserted, transaction still open
foreach my $victim ('backend', 'postmaster')
{
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	my $row = 1000 + ++$id;
	my $pid;

	$session->query_safe("BEGIN; INSERT INTO payment VALUES ($row, 'open')");
	$pid = $session->query_safe('SELECT pg_backend_pid()');
	crash_by($victim, $pid);
	start_again($session);
	is(there($row), 0, "row inserted, $victim killed: the row is gone");
	Life::sound($node, "row inserted, $victim killed");
}

# 2. entry inserted, commit record not written: the NOTIFY of the transaction waits for the one of a
# session that waits for a standby which does not exist
foreach my $victim ('backend', 'postmaster')
{
	my $row = 1000 + ++$id;
	my ($holder, $session, $pid);

	$node->append_conf('postgresql.conf', "synchronous_standby_names = 'nobody'");
	$node->reload;
	$node->poll_query_until('postgres', "SELECT current_setting('synchronous_standby_names') = 'nobody'");
	$holder = $node->background_psql('postgres', on_error_stop => 0);
	$holder->query_until(qr/started/, "\\echo started\nBEGIN; INSERT INTO scratch VALUES (1); NOTIFY ledger_test; COMMIT;\n");
	$node->poll_query_until('postgres',
		"SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND backend_type = 'client backend'");

	$session = $node->background_psql('postgres', on_error_stop => 0);
	$session->query_safe('SET synchronous_commit = local');
	$pid = $session->query_safe('SELECT pg_backend_pid()');
	$session->query_safe("BEGIN; INSERT INTO payment VALUES ($row, 'entered'); NOTIFY ledger_test");
	$session->query_until(qr/committing/, "\\echo committing\nCOMMIT;\n");
	$node->poll_query_until('postgres',
		"SELECT count(*) = 1 FROM pg_locks WHERE NOT granted AND pid = $pid");
	is( $node->safe_psql('postgres', "SELECT mode FROM pg_locks WHERE granted AND pid = $pid
			AND relation = 'ledger.entry'::regclass"),
		'RowExclusiveLock', "$victim has written its entry");
	crash_by($victim, $pid);
	$node->adjust_conf('postgresql.conf', 'synchronous_standby_names', "''");
	start_again($session, $holder);
	is(there($row), 0, "entry inserted, $victim killed: the row is gone");
	Life::sound($node, "entry inserted, $victim killed");
}

# 3. the transaction is prepared: its entry is durable, it is not committed
{
	my $row = 1000 + ++$id;

	$node->safe_psql('postgres',
		"BEGIN; INSERT INTO payment VALUES ($row, 'prepared'); PREPARE TRANSACTION 'p'");
	$node->kill9;
	start_again();
	is(there($row), 0, 'prepared, postmaster killed: not visible yet');
	Life::sound($node, 'prepared, postmaster killed');
	$node->safe_psql('postgres', "COMMIT PREPARED 'p'");
	is(there($row), 1, 'prepared, postmaster killed: committed afterwards');
	Life::sound($node, 'prepared, then committed');
}

# 4. committed, the sealer stands at each of the tables that it writes
foreach my $table ('leaf', 'tile', 'block', 'checkpoint')
{
	foreach my $victim ('sealer', 'postmaster')
	{
		my $row = 1000 + ++$id;
		my $lock = Life::hold($node, $table);
		my $pid;

		# enough transactions to fill a tile
		$node->safe_psql('postgres', join(';', map { "INSERT INTO payment VALUES (${row}000 + $_, 'x')" } 1 .. 300)
			. "; INSERT INTO payment VALUES ($row, 'committed')");
		$pid = Life::waiting($node, $table);
		crash_by($victim, $pid);
		start_again($lock);
		is(there($row), 1, "sealer at ledger.$table, $victim killed: the row is there");
		Life::sound($node, "sealer at ledger.$table, $victim killed");
		ok( $node->poll_query_until('postgres', q{
				SELECT (SELECT max(size) FROM ledger.checkpoint) = (SELECT max(first_leaf + n) FROM ledger.block)}),
			"sealer at ledger.$table, $victim killed: the last block is signed");
	}
}

$node->stop;
done_testing();
