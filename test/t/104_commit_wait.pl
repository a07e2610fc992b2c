# ledger.commit_wait = sealed: COMMIT returns when the transaction is in a durable block, or with a warning.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../perl";
use IPC::Run;
use Ledger;
use LedgerChain;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $node = Ledger::node('main', conf => "max_prepared_transactions = 5\n");
my ($rc, $out, $err);

$node->safe_psql('postgres', 'CREATE TABLE t (a int) USING ledger');

# what the next statement of the session sees is sealed, every time
my $script = $node->basedir . '/wait.sql';
append_to_file($script, <<'EOS');
INSERT INTO t VALUES (:client_id) RETURNING ledger_tx AS tx \gset
SELECT 1 / count(*) FROM ledger.block b, ledger.entry e
WHERE e.ledger_tx = :tx AND b.height = (SELECT max(height) FROM ledger.block) AND pg_visible_in_snapshot(e.xid, b.snapshot);
EOS
$node->command_ok([ 'env', 'PGOPTIONS=-c ledger.commit_wait=sealed', 'pgbench', '-n', '-c', 4, '-T', 4, '-f', $script,
		'-h', $node->host, '-p', $node->port, 'postgres' ],
	'each commit returned after its block');
is($node->safe_psql('postgres', 'SELECT count(*) > 20 FROM t'), 't', 'several of them');

# a transaction that does not write to a ledger table, or is rolled back, does not wait
my $t0 = time;
$node->safe_psql('postgres', q{SET ledger.commit_wait = sealed; CREATE TABLE plain (a int); INSERT INTO plain VALUES (1);
	BEGIN; INSERT INTO t VALUES (1); ROLLBACK});
cmp_ok(time - $t0, '<', 5, 'others do not wait');

# stop the sealer where it stands: time-out, cancel, terminate
my $pid = $node->safe_psql('postgres', 'SELECT sealer_pid FROM ledger.stat');
LedgerChain::wait_signed($node);
kill 'STOP', $pid;
($rc, $out, $err) = $node->psql('postgres', q{SET ledger.commit_wait = sealed; SET ledger.commit_timeout = '300ms'; INSERT INTO t VALUES (100)});
is($rc, 0, 'COMMIT succeeds when the time has passed');
like($err, qr/WARNING:.*did not wait.*commit_timeout/s, 'with a warning');
is($node->safe_psql('postgres', 'SELECT count(*) FROM t WHERE a = 100'), '1', 'and the row is there');

$ENV{PGOPTIONS} = '-c ledger.commit_wait=sealed -c ledger.commit_timeout=0';
my %h;
foreach my $how ('cancel', 'terminate')
{
	my ($o, $e) = ('', '');
	my $run = IPC::Run::start([ 'psql', '-XAtq', '-h', $node->host, '-p', $node->port, '-d', 'postgres',
			'-c', "SET application_name = '$how'", '-c', "INSERT INTO t VALUES (101)", '-c', "SELECT 'after'" ],
		'<', \undef, '>', \$o, '2>', \$e);
	$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = '$how' AND wait_event = 'Extension'")
	  or die 'nobody waits';
	$node->safe_psql('postgres', "SELECT pg_${how}_backend(pid) FROM pg_stat_activity WHERE application_name = '$how'");
	$run->finish;
	like($e, qr/WARNING:.*did not wait.*(cancelled|terminated)/s, "$how ends the wait with a warning");
	is($o, $how eq 'cancel' ? "after\n" : '', $how eq 'cancel' ? 'the session goes on' : 'the session ends');
}
delete $ENV{PGOPTIONS};
is($node->safe_psql('postgres', 'SELECT count(*) FROM t WHERE a = 101'), '2', 'both rows are committed');
kill 'CONT', $pid;
ok(LedgerChain::wait_sealed($node), 'sealed later');

# no wait for oneself: a transaction that locks what the sealer needs
$t0 = time;
($rc, $out, $err) = $node->psql('postgres', q{SET ledger.commit_wait = sealed; BEGIN; LOCK TABLE ledger.block IN SHARE MODE;
	INSERT INTO t VALUES (102); COMMIT});
is($rc, 0, 'a lock that the sealer needs');
cmp_ok(time - $t0, '<', 5, 'keeps COMMIT from waiting');
# the first of all, in the transaction that makes everything
$node->safe_psql('postgres', 'CREATE DATABASE fresh');
$t0 = time;
$node->safe_psql('fresh', q{SET ledger.commit_wait = sealed; BEGIN; CREATE EXTENSION ledger; CREATE TABLE f (a int) USING ledger;
	INSERT INTO f VALUES (1); COMMIT});
cmp_ok(time - $t0, '<', 5, 'nor when the extension itself is new');
ok(LedgerChain::wait_signed($node, 'fresh'), 'sealed');
# the sealer comes for a waiter, too
$node->restart;
($rc, $out, $err) = $node->psql('fresh', q{SET ledger.commit_wait = sealed; INSERT INTO f VALUES (2)});
is("$rc|$err", '0|', 'the first COMMIT after a start waits for the sealer to come');
is(LedgerChain::problems($node, 'postgres', 't'), '', 'the log is whole');
is(LedgerChain::problems($node, 'fresh', 'f'), '', 'the log is whole');
$node->stop;
done_testing();
