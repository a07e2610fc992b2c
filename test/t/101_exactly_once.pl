# Whatever crashes, and whenever: each committed transaction is sealed exactly once.
#
# Eight writers with savepoints, rollbacks and prepared transactions, while the sealer is ended, killed,
# and the server is stopped as by a power failure. LEDGER_SEED repeats the order of events.
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

my $seed = Ledger::seed();
my $node = Ledger::node('main', conf => <<'EOC');
max_prepared_transactions = 50
restart_after_crash = on
autovacuum_naptime = 1
EOC

$node->safe_psql('postgres', q{
	CREATE TABLE t (who int, what text) USING ledger;
	CREATE TABLE u (who int) USING ledger;
	CREATE TABLE done (who int, tx bigint);
	CREATE TABLE last_seen (tx bigint, after bigint)});
# a writer reads what another committed before it commits itself: the log must keep that order
my $script = $node->basedir . '/writer.sql';
append_to_file($script, <<'EOS');
\set way random(1, 12)
\set id random(1, 1000000000)
BEGIN;
SELECT coalesce(max(tx), 0) AS seen FROM (SELECT tx FROM last_seen ORDER BY ctid DESC LIMIT 1) x \gset
INSERT INTO t VALUES (:client_id, 'a');
SAVEPOINT s;
INSERT INTO t SELECT :client_id, 'b' FROM generate_series(1, :way);
INSERT INTO u VALUES (:client_id);
\if :way <= 3
ROLLBACK TO s;
\endif
INSERT INTO t VALUES (:client_id, 'c') RETURNING ledger_tx AS tx \gset
INSERT INTO last_seen VALUES (:tx, :seen);
\if :way = 4
ROLLBACK;
\elif :way = 5
PREPARE TRANSACTION 'p:id';
COMMIT PREPARED 'p:id';
\elif :way = 6
PREPARE TRANSACTION 'p:id';
ROLLBACK PREPARED 'p:id';
\else
COMMIT;
\endif
EOS

sub writers
{
	my ($seconds) = @_;
	my ($out, $err) = ('', '');

	return IPC::Run::start(
		[ 'pgbench', '-n', '-c', 8, '-j', 2, '-T', $seconds, '-f', $script,
			'--random-seed', $seed, '-h', $node->host, '-p', $node->port, 'postgres' ],
		'<', \undef, '>', \$out, '2>', \$err);
}

sub sealer
{
	$node->poll_query_until('postgres', 'SELECT sealer_pid IS NOT NULL FROM ledger.stat')
	  or die 'no sealer came';
	return $node->safe_psql('postgres', 'SELECT coalesce(sealer_pid, 0) FROM ledger.stat');
}

sub signal_sealer
{
	my ($signal) = @_;
	my $pid = sealer();

	kill $signal, $pid if $pid > 1;
	return;
}

my @events = ('terminate', 'kill', 'immediate', 'immediate', 'terminate', 'fast', 'kill');
foreach my $round (1 .. @events)
{
	my $event = $events[ $round - 1 ];
	my $run = writers(4);
	my $pause = 0.5 + rand 2.0;

	select undef, undef, undef, $pause;
	if ($event eq 'terminate')
	{
		foreach (1 .. 3)
		{
			# another one comes at once
			signal_sealer('TERM');
			select undef, undef, undef, rand 0.5;
		}
	}
	elsif ($event eq 'kill')
	{
		signal_sealer('KILL');
	}
	else
	{
		$node->stop($event);
	}
	# with the server gone the writers end by themselves
	$run->kill_kill if $event eq 'immediate' || $event eq 'fast';
	$run->finish;
	$node->start if $event eq 'immediate' || $event eq 'fast';
	$node->poll_query_until('postgres', 'SELECT true');

	# some of what a crash left prepared is committed, the rest stays for later rounds
	my @left = split /\n/, $node->safe_psql('postgres', 'SELECT gid FROM pg_prepared_xacts ORDER BY gid');
	foreach my $gid (@left)
	{
		my $way = int rand 3;

		$node->safe_psql('postgres', "COMMIT PREPARED '$gid'") if $way == 0;
		$node->safe_psql('postgres', "ROLLBACK PREPARED '$gid'") if $way == 1;
	}
	ok(LedgerChain::wait_sealed($node), "round $round, $event after $pause s: all is sealed");
	is(LedgerChain::problems($node, 'postgres', 't'), '', "round $round: exactly once, and in order");
}
$node->safe_psql('postgres', "COMMIT PREPARED '$_'")
  foreach split /\n/, $node->safe_psql('postgres', 'SELECT gid FROM pg_prepared_xacts');
ok(LedgerChain::wait_signed($node), 'all is sealed and signed');
is(LedgerChain::problems($node, 'postgres', 't'), '', 'exactly once, and in order');

# causality: what a transaction had read stands before it in the log
is($node->safe_psql('postgres', q{
	WITH pos AS (
		SELECT DISTINCT ON (e.ledger_tx) e.ledger_tx, l.height, e.ord FROM ledger.entry e JOIN (
			SELECT height, (bucket << 8) | get_byte(items, i * 11) AS tx
			FROM ledger.leaf, generate_series(0, length(items) / 11 - 1) i) l ON l.tx = e.ledger_tx)
	SELECT count(*) FROM last_seen s JOIN pos a ON a.ledger_tx = s.tx JOIN pos b ON b.ledger_tx = s.after
	WHERE (b.height, b.ord) >= (a.height, a.ord)}),
	'0', 'nothing stands before what it had read');
my $n = $node->safe_psql('postgres', 'SELECT count(*) FROM last_seen WHERE after > 0');
cmp_ok($n, '>', 1000, "of $n transactions");
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM ledger.incarnation'), '>=', 5,
	'each server start that wrote has an incarnation');
is($node->safe_psql('postgres', q{
	SELECT count(*) FROM (
		SELECT incarnation, (SELECT min(e.ord) FROM ledger.entry e WHERE e.type = 9 AND e.ord >> 36 = i.incarnation) AS entered,
			   (SELECT min(e.ord) FROM ledger.entry e WHERE e.ord >> 36 = i.incarnation) AS lowest
		FROM ledger.incarnation i WHERE incarnation > 1) x
	WHERE entered IS DISTINCT FROM lowest}),
	'0', 'and an INCARNATION entry before everything else in it');
is($node->safe_psql('postgres', 'SELECT count(*) - count(DISTINCT (ledger_tx, part)) FROM ledger.entry'), '0',
	'no number was given out twice');
is($node->safe_psql('postgres', 'SELECT count(*) FROM ledger.incident'), '0', 'no incident');
$node->stop;
done_testing();
