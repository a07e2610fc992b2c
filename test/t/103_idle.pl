# A sealer with nothing to do goes after a minute and comes back; one that has to wait for a prepared
# transaction stays, and seals it within a second although COMMIT PREPARED runs no callback.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use LedgerChain;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);

my $node = Ledger::node('main', conf => "max_prepared_transactions = 10\nautovacuum = off\n");

sub seconds_until_sealed
{
	my ($dbname, $tx) = @_;
	my $start = time;

	is($node->safe_psql($dbname, "SELECT ledger.wait_sealed($tx, '20 s')"), 't', "transaction $tx of $dbname is sealed");
	return time - $start;
}

$node->safe_psql('postgres', 'CREATE DATABASE waits');
foreach my $db ('postgres', 'waits')
{
	$node->safe_psql($db, 'CREATE EXTENSION IF NOT EXISTS ledger');
	$node->safe_psql($db, 'CREATE TABLE t (a int) USING ledger; INSERT INTO t VALUES (1)');
}
$node->safe_psql('waits', q{BEGIN; INSERT INTO t VALUES (2); PREPARE TRANSACTION 'p'});
LedgerChain::wait_signed($node, $_) foreach 'postgres', 'waits';
my $idle_since = time;

# what an idle sealer costs: it writes nothing
my $lsn = $node->safe_psql('postgres', 'CHECKPOINT; SELECT pg_current_wal_insert_lsn()');
$lsn =~ s/^\s+//;
sleep 5;
my $standby = $node->safe_psql('postgres', "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '$lsn')");
cmp_ok($standby, '<', 400, "WAL of five idle seconds: $standby bytes");

# the idle one goes, the waiting one stays
my $gone = 0;
while (time - $idle_since < 90 && !$gone)
{
	sleep 1;
	$gone = $node->safe_psql('postgres', 'SELECT sealer_pid IS NULL FROM ledger.stat') eq 't';
}
ok($gone, sprintf('the idle sealer has gone after %.0f s', time - $idle_since));
cmp_ok(time - $idle_since, '>', 50, 'not at once');
is($node->safe_psql('waits', 'SELECT sealer_pid IS NOT NULL AND pending = 1 FROM ledger.stat'), 't',
	'the one with a prepared transaction stays');

# it comes back for a write
my $tx = $node->safe_psql('postgres', 'INSERT INTO t VALUES (3) RETURNING ledger_tx');
my $took = seconds_until_sealed('postgres', $tx);
cmp_ok($took, '<', 3, "it comes back for a write: $took s");

# and the prepared one is sealed at once
$tx = $node->safe_psql('waits', q{COMMIT PREPARED 'p'; SELECT ledger_tx FROM t WHERE a = 2});
$took = seconds_until_sealed('waits', $tx);
cmp_ok($took, '<', 1.5, "COMMIT PREPARED is sealed: $took s");
is($node->safe_psql('waits', 'SELECT unsealed, pending FROM ledger.stat'), '0|0', 'nothing is left');

# a prepared transaction that outlives the server: found by the look at start
$node->safe_psql('waits', q{BEGIN; INSERT INTO t VALUES (4); PREPARE TRANSACTION 'q'});
Ledger::crash($node);
$node->start;
ok($node->poll_query_until('waits', 'SELECT sealer_pid IS NOT NULL AND pending = 1 FROM ledger.stat'),
	'the sealer that looked at start stays for it');
$tx = $node->safe_psql('waits', q{COMMIT PREPARED 'q'; SELECT ledger_tx FROM t WHERE a = 4});
$took = seconds_until_sealed('waits', $tx);
cmp_ok($took, '<', 1.5, "sealed after COMMIT PREPARED: $took s");

# VACUUM FULL moves every entry; old and new ones are still told apart
$node->safe_psql('waits', q{BEGIN; INSERT INTO t VALUES (5); ROLLBACK});
$node->safe_psql('waits', q{BEGIN; INSERT INTO t VALUES (6); PREPARE TRANSACTION 'r'});
$node->safe_psql('waits', q{INSERT INTO t SELECT 7 FROM generate_series(1, 3)});
LedgerChain::wait_sealed($node, 'waits');
my $size = $node->safe_psql('waits', 'SELECT sealed_size FROM ledger.stat');
my ($rc, $out, $err) = $node->psql('waits', 'SET lock_timeout = 1000; VACUUM FULL ledger.entry');
isnt($rc, 0, 'not while a prepared transaction holds the table');
$node->safe_psql('waits', q{COMMIT PREPARED 'r'});
LedgerChain::wait_sealed($node, 'waits');
is($node->safe_psql('waits', "SELECT sealed_size - $size FROM ledger.stat"), '1', 'the prepared one is one more');
($rc, $out, $err) = $node->psql('waits', 'VACUUM FULL ledger.entry');
SKIP:
{
	skip "VACUUM FULL is refused: $err", 3 if $rc != 0;
	$node->safe_psql('waits', 'INSERT INTO t VALUES (8)');
	ok(LedgerChain::wait_sealed($node, 'waits'), 'sealed after VACUUM FULL');
	is($node->safe_psql('waits', "SELECT sealed_size - $size FROM ledger.stat"), '2', 'nothing is sealed twice');
	$node->restart;
	$node->safe_psql('waits', 'INSERT INTO t VALUES (9)');
	LedgerChain::wait_sealed($node, 'waits');
	is($node->safe_psql('waits', "SELECT sealed_size - $size FROM ledger.stat"), '4', 'nor after a restart: one more, and INCARNATION');
}
is(LedgerChain::problems($node, 'postgres', 't'), '', 'the log is whole');
$node->stop;
done_testing();
