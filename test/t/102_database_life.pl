# The sealer is in nobody's way: DROP, RENAME, TEMPLATE, SET TABLESPACE, shutdown.
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

my $node = Ledger::node('main', conf => "max_worker_processes = 16\n");
my $err;

sub make
{
	my ($dbname) = @_;

	$node->safe_psql($dbname, 'CREATE EXTENSION ledger');
	$node->safe_psql($dbname, 'CREATE TABLE t (a int) USING ledger');
	$node->safe_psql($dbname, 'INSERT INTO t VALUES (1)');
	LedgerChain::wait_signed($node, $dbname);
	return $node->safe_psql($dbname, 'SELECT chain_id FROM ledger.chain');
}

# drop and make again, with the sealer connected
my %chains;
foreach my $i (1 .. 3)
{
	$node->safe_psql('postgres', 'CREATE DATABASE d');
	$chains{ make('d') } = 1;
	is( $node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE datname = 'd' AND backend_type = 'ledger sealer'}),
		'1', 'its sealer is connected');
	$node->safe_psql('postgres', 'DROP DATABASE d');
}
is(scalar(keys %chains), 3, 'dropped and made again three times, with a new chain each time');

# more databases one after the other than there are slots in shared memory
$node->safe_psql('postgres', 'CREATE DATABASE seed TEMPLATE template0');
$node->safe_psql('seed', 'CREATE EXTENSION ledger');
my $started = time;
foreach my $i (1 .. 70)
{
	$node->safe_psql('postgres', "CREATE DATABASE many TEMPLATE seed");
	$node->safe_psql('many', 'CREATE TABLE t (a int) USING ledger; INSERT INTO t VALUES (1)');
	$node->safe_psql('postgres', 'DROP DATABASE many');
}
pass('70 databases, each dropped after its first write');

# rename, tablespace, template
$node->safe_psql('postgres', 'CREATE DATABASE a');
make('a');
$node->safe_psql('postgres', 'ALTER DATABASE a RENAME TO b');
$node->safe_psql('b', 'INSERT INTO t VALUES (2)');
ok(LedgerChain::wait_signed($node, 'b'), 'sealed again after RENAME');

# somebody who may not drop it does not send the sealer away either
my $sealer = $node->safe_psql('b', 'SELECT sealer_pid FROM ledger.stat');
$node->safe_psql('postgres', 'CREATE ROLE nobody CREATEDB');
foreach my $statement ('DROP DATABASE b', 'ALTER DATABASE b RENAME TO c', 'CREATE DATABASE c TEMPLATE b')
{
	isnt($node->psql('postgres', "SET ROLE nobody;\n$statement", stderr => \$err, on_error_stop => 1), 0, "$statement by anybody");
	like($err, qr/must be owner|permission denied/, 'is refused');
}
is($node->safe_psql('b', 'SELECT sealer_pid FROM ledger.stat'), $sealer, 'and the sealer is still there');
my $dir = $node->basedir . '/space';
mkdir $dir;
$node->safe_psql('postgres', "CREATE TABLESPACE space LOCATION '$dir'");
$node->safe_psql('postgres', 'ALTER DATABASE b SET TABLESPACE space');
$node->safe_psql('b', 'INSERT INTO t VALUES (3)');
ok(LedgerChain::wait_signed($node, 'b'), 'sealed again after SET TABLESPACE');
$node->safe_psql('postgres', 'CREATE DATABASE copy TEMPLATE b');
$node->safe_psql('b', 'INSERT INTO t VALUES (4)');
ok(LedgerChain::wait_signed($node, 'b'), 'the original goes on after CREATE DATABASE ... TEMPLATE');
is(LedgerChain::problems($node, 'b', 't'), '', 'its log is whole');

# the copy is not the chain: nothing is sealed or signed there until somebody says so
my $size = $node->safe_psql('copy', 'SELECT sealed_size FROM ledger.stat');
$node->safe_psql('copy', 'INSERT INTO t VALUES (100)');
ok( $node->poll_query_until('copy', q{SELECT count(*) = 1 FROM ledger.health_check()
	WHERE item = 'identity' AND status = 'error' AND detail ~ 'belongs to the database with OID' AND hint ~ 'new_incarnation'}),
	'health_check says that a copy is a copy');
ok($node->poll_query_until('copy', 'SELECT sealer_pid IS NOT NULL AND unsealed = 1 FROM ledger.stat'), 'its sealer waits');
is($node->safe_psql('copy', "SELECT sealed_size = $size AND signed_size <= sealed_size FROM ledger.stat"), 't', 'and seals nothing');
my ($rc, $out) = $node->psql('copy', q{SET ledger.commit_wait = sealed; INSERT INTO t VALUES (101)}, stderr => \$err);
like($err, qr/WARNING:.*did not wait.*not being sealed/, 'COMMIT does not wait there');
my $note = $node->safe_psql('b', 'SELECT ledger.checkpoint()');
isnt($node->psql('copy', "SELECT ledger.new_incarnation('$note')", stderr => \$err), 0, 'the origin cannot be kept');
like($err, qr/does not continue this checkpoint|cannot keep the origin/, 'because the original has it');
like($node->safe_psql('copy', 'SELECT ledger.new_incarnation()'), qr{^ledger/[0-9a-f]{32}/inc/\d+$}, 'a new origin');
ok(LedgerChain::wait_signed($node, 'copy'), 'sealed and signed');
is(LedgerChain::problems($node, 'copy', 't'), '', 'the log of the copy is whole');
like($node->safe_psql('copy', 'SELECT ledger.checkpoint()'), qr{^ledger/[0-9a-f]{32}/inc/\d+\n}, 'checkpoints name it');
isnt($node->psql('copy', 'SELECT ledger.new_incarnation()', stderr => \$err), 0, 'once is enough');
like($err, qr/needs no new incarnation/, 'and said so');
like($node->safe_psql('b', 'SELECT ledger.checkpoint()'), qr{^ledger/[0-9a-f]{32}\n}, 'the original keeps its own');

# DROP EXTENSION and CREATE EXTENSION: another chain, and no number twice
$node->safe_psql('postgres', 'CREATE DATABASE e');
my $first = make('e');
$node->safe_psql('e', q{SELECT ledger.retire('t')});
$node->safe_psql('e', 'DROP TABLE t');
($rc, $out) = $node->psql('e', 'DROP EXTENSION ledger CASCADE', stderr => \$err);
SKIP:
{
	skip 'the extension cannot be dropped: ' . $err, 2 if $rc != 0;
	isnt(make('e'), $first, 'another chain');
	is(LedgerChain::problems($node, 'e', 't'), '', 'its log is whole');
}

# ledger.databases leaves others alone
$node->safe_psql('postgres', q{ALTER SYSTEM SET ledger.databases = 'b, copy'});
$node->reload;
ok($node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity
	WHERE backend_type = 'ledger sealer' AND datname NOT IN ('b', 'copy')}), 'the sealers of others leave');
$node->safe_psql('postgres', 'CREATE TABLE p (a int) USING ledger; INSERT INTO p VALUES (1)');
is($node->safe_psql('postgres', 'SELECT unsealed > 0 AND sealer_pid IS NULL FROM ledger.stat'), 't', 'nothing is sealed there');
$node->safe_psql('postgres', q{ALTER SYSTEM RESET ledger.databases});
$node->reload;
ok(LedgerChain::wait_signed($node, 'postgres'), 'sealed when it is back in the list');

# fast shutdown while everybody is busy; what was committed is found unsealed at the next start
my $script = $node->basedir . '/insert.sql';
append_to_file($script, "INSERT INTO t VALUES (:client_id);\n");
my $run = IPC::Run::start([ 'pgbench', '-n', '-c', 8, '-T', 20, '-f', $script, '-h', $node->host, '-p', $node->port, 'b' ],
	'<', \undef, '>', \$out, '2>', \$err);
select undef, undef, undef, 1.5;
my $t0 = time;
$node->stop('fast');
cmp_ok(time - $t0, '<', 10, 'fast shutdown under load');
$run->finish;
$node->start;
ok(LedgerChain::wait_signed($node, 'b'), 'the launcher looked into the database at start');
is(LedgerChain::problems($node, 'b', 't'), '', 'the log is whole');
$node->stop('smart');
pass('smart shutdown is not held up either');
done_testing();
