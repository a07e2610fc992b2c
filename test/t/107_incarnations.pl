# Restarts, promotion, a restore to an earlier point in time: what was signed is never contradicted under the same origin.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use LedgerChain;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = Ledger::node('primary', init => [ allows_streaming => 1, has_archiving => 1 ],
	conf => "autovacuum = off\nwal_keep_size = 64\n");
my $err;

sub entries
{
	my ($n, $value) = @_;

	$n->safe_psql('postgres', "INSERT INTO t VALUES ($value)") foreach 1 .. 3;
	return;
}

sub incarnations
{
	my ($n) = @_;

	return $n->safe_psql('postgres', q{SELECT string_agg(incarnation || ' ' || reason, ', ' ORDER BY incarnation) FROM ledger.incarnation});
}

$node->safe_psql('postgres', 'CREATE TABLE t (a int) USING ledger');
entries($node, 1);
LedgerChain::wait_signed($node);
is(incarnations($node), '1 start', 'the founding incarnation');

# a restart without a write takes none
$node->restart;
is(incarnations($node), '1 start', 'a restart takes none');
entries($node, 2);
LedgerChain::wait_signed($node);
Ledger::crash($node);
$node->start;
entries($node, 3);
LedgerChain::wait_signed($node);
is(incarnations($node), '1 start, 2 start, 3 start', 'one for each start that writes');
is(LedgerChain::problems($node, 'postgres', 't'), '', 'the log is whole');
# the bytes of the INCARNATION entry: number, reason, origin, size and root of a block
is($node->safe_psql('postgres', q{
	SELECT count(*) FROM ledger.entry e JOIN ledger.chain c ON true JOIN ledger.block b ON true
	WHERE e.type = 9 AND e.extra = '\x01'::bytea || substr(int4send((e.ord >> 36)::int), 3) || '\x01'
		|| int4send(length(c.origin)) || convert_to(c.origin, 'UTF8') || int8send(b.first_leaf + b.n) || b.log_root}),
	'2', 'INCARNATION entries name the log that they continue');

# a number sequence that is set back would give numbers twice; it is not, by ROLLBACK
$node->restart;
$node->safe_psql('postgres', 'BEGIN; INSERT INTO t VALUES (0); ROLLBACK');
$node->restart;
entries($node, 4);
LedgerChain::wait_signed($node);
is(incarnations($node), '1 start, 2 start, 3 start, 5 start', 'one that was only used by a transaction that was rolled back is not used again');

# promotion
$node->backup('b');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'b', has_streaming => 1);
$standby->start;
entries($node, 5);
LedgerChain::wait_signed($node);
my $published = $node->safe_psql('postgres', 'SELECT ledger.checkpoint()');
$node->wait_for_catchup($standby);
is($standby->safe_psql('postgres', 'SELECT ledger.checkpoint()'), $published, 'the standby has the checkpoint');
is($standby->safe_psql('postgres', q{SELECT ledger.wait_sealed((SELECT max(ledger_tx) FROM t))}), 't', 'wait_sealed on a standby');
is($standby->safe_psql('postgres', q{SELECT detail FROM ledger.health_check() WHERE item = 'sealer'}),
	'this is a standby: blocks come from the primary', 'health_check on a standby');
isnt($standby->psql('postgres', 'INSERT INTO t VALUES (0)', stderr => \$err), 0, 'no writes there');
$node->stop;
$standby->promote;
my $signed = $standby->safe_psql('postgres', 'SELECT signed_size FROM ledger.stat');
entries($standby, 6);
ok(LedgerChain::wait_sealed($standby), 'sealed after promotion');
ok($standby->poll_query_until('postgres', q{SELECT count(*) = 2 FROM ledger.health_check()
	WHERE status = 'error' AND concat(detail, hint) ~ 'on timeline 2.*new_incarnation' AND item IN ('identity', 'signing')}),
	'but nobody knows here what was signed before');
is($standby->safe_psql('postgres', 'SELECT signed_size FROM ledger.stat'), $signed, 'so nothing is signed');
is($standby->safe_psql('postgres', "SELECT ledger.new_incarnation('$published')"), $standby->safe_psql('postgres', 'SELECT origin FROM ledger.chain'),
	'with the newest checkpoint the origin stays');
SKIP:
{
	# the development key lies beside the data directory of the primary
	my ($from) = glob $node->basedir . '/ledger-*';
	ok($from, 'the key is where it was');
	system('cp', '-a', $from, $standby->basedir) == 0 or die 'cp failed';
}
ok(LedgerChain::wait_signed($standby), 'signed');
like(incarnations($standby), qr/, 6 start, 7 promotion$/, 'incarnation');
is(LedgerChain::problems($standby, 'postgres', 't'), '', 'the log is whole');
$standby->restart;
entries($standby, 7);
ok(LedgerChain::wait_signed($standby), 'a restart changes nothing about that');
like($standby->safe_psql('postgres', 'SELECT ledger.checkpoint()'), qr{^ledger/[0-9a-f]{32}\n}, 'the same origin');
$standby->stop;

# restore to before a published checkpoint
my $restored = PostgreSQL::Test::Cluster->new('restored');
$restored->init_from_backup($node, 'b', has_restoring => 1);
$restored->append_conf('postgresql.conf', "recovery_target = 'immediate'\nrecovery_target_action = 'promote'\n");
system('cp', '-a', glob($node->basedir . '/ledger-*'), $restored->basedir) == 0 or die 'cp failed';
$restored->start;
$restored->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()');
entries($restored, 8);
ok(LedgerChain::wait_sealed($restored), 'sealed after a restore');
ok($restored->poll_query_until('postgres', q{SELECT count(*) = 1 FROM ledger.health_check() WHERE item = 'signing' AND status = 'error'}),
	'not signed');
isnt($restored->psql('postgres', "SELECT ledger.new_incarnation('$published')", stderr => \$err), 0,
	'a checkpoint that lies beyond the restore is not continued');
like($err, qr/does not continue this checkpoint\nDETAIL:  (it is of size \d+ and the log here has \d+ entries|the log here had another root at size \d+)/,
	'and this is why');
(my $forged = $published) =~ s/\nheight \d+\n/\nheight 1\n/;
isnt($restored->psql('postgres', "SELECT ledger.new_incarnation('$forged')", stderr => \$err), 0, 'nor one that was changed');
like($err, qr/its signature is not one of this chain/, 'and this is why');
my $origin = $restored->safe_psql('postgres', 'SELECT ledger.new_incarnation()');
like($origin, qr{/inc/\d+$}, 'so it goes on under a new origin');
ok(LedgerChain::wait_signed($restored), 'and is signed');
like($restored->safe_psql('postgres', 'SELECT ledger.checkpoint()'), qr{^\Q$origin\E\n}, 'by that name');
like(incarnations($restored), qr/ fork$/, 'incarnation');
is($restored->safe_psql('postgres', q{SELECT convert_from(substr(extra, 9, 39), 'UTF8') FROM ledger.entry WHERE type = 9 ORDER BY ord DESC LIMIT 1}),
	(split m{/inc}, $origin)[0], 'the INCARNATION entry names the old origin');
is(LedgerChain::problems($restored, 'postgres', 't'), '', 'the log is whole');
$restored->stop;
done_testing();
