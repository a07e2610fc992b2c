# Power failures while clients write: each transaction is there as a whole or not at all, is sealed once,
# and no number returns.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use Life;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = Ledger::node('main', conf => "max_prepared_transactions = 10\n");
my $script = $PostgreSQL::Test::Utils::tmp_check . '/write.sql';
my %issued;

$node->safe_psql('postgres', q{
	CREATE TABLE payment (client int, i int, note text) USING ledger;
	CREATE TABLE mirror (client int, i int, ledger_tx bigint);
});

# A third of the transactions roll back a savepoint, a few abort.
append_to_file($script, q{
\set kind random(1, 10)
\set rows random(1, 4)
BEGIN;
INSERT INTO payment SELECT :client_id, g, 'row ' || g FROM generate_series(1, :rows) g;
\if :kind < 4
SAVEPOINT s;
INSERT INTO payment SELECT :client_id, -g, 'undone' FROM generate_series(1, :rows) g;
ROLLBACK TO s;
\endif
\if :kind = 10
ROLLBACK;
\else
INSERT INTO mirror SELECT :client_id, :rows, max(ledger_tx) FROM payment
	WHERE xmin = pg_current_xact_id()::xid;
COMMIT;
\endif
});

# The last round commits without waiting for the disk: transactions that clients saw committed are lost
# then, but none that is in a block.
for my $round (1 .. 4)
{
	local $ENV{PGOPTIONS} = $round == 4 ? '-c synchronous_commit=off' : '';
	my $before = $node->safe_psql('postgres', 'SELECT count(*) FROM payment');
	my $bench = IPC::Run::start(
		[
			'pgbench', '-n', '-f', $script, '-c', 4, '-j', 2, '-T', 60,
			$node->connstr('postgres')
		],
		'>', \my $out, '2>', \my $err);

	# crash in the middle of the writing, at a point that differs with each round
	$node->poll_query_until('postgres',
		"SELECT count(*) > $before + " . 150 * $round . ' FROM payment');
	$round == 2 ? $node->kill9 : Ledger::crash($node);
	$bench->finish;
	like($err, qr/connection|terminat/, "round $round: clients saw the crash");
	Life::start($node);

	is( $node->safe_psql('postgres', q{
			SELECT count(*) FROM mirror a LEFT JOIN
				(SELECT ledger_tx, count(*) AS n FROM payment GROUP BY 1) p USING (ledger_tx)
			WHERE p.n IS DISTINCT FROM a.i}),
		'0', "round $round: what one transaction wrote to two tables is there or not");
	Life::sound($node, "round $round");

	$node->safe_psql('postgres', "INSERT INTO payment VALUES (99, $round, 'after')");
	my $tx = $node->safe_psql('postgres',
		"SELECT ledger_tx, ledger_tx >> 36 FROM payment WHERE client = 99 AND i = $round");
	my ($number, $incarnation) = split /\|/, $tx;
	ok(!$issued{$incarnation}++, "round $round: a new incarnation after the crash");
	is( $node->safe_psql('postgres', "SELECT max(ledger_tx) FROM payment"),
		$number, "round $round: its number is the highest");
}
Life::sound($node, 'at the end');
$node->stop;
done_testing();
