# A transaction that stays open for long, with or without ledger rows: sealing goes on, and nothing piles up.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use Life;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = Ledger::node('main');
my ($writer, $reader, $before, $after);

sub sizes
{
	return $node->safe_psql('postgres', q{
		SELECT pg_relation_size('ledger.entry'), pg_relation_size('ledger.leaf'),
			(SELECT count(*) FROM ledger.block), max(length(snapshot::text)) FROM ledger.block});
}

$node->safe_psql('postgres', 'CREATE TABLE payment (id int, note text) USING ledger');
$writer = $node->background_psql('postgres');
$writer->query_safe("BEGIN; INSERT INTO payment VALUES (0, 'open')");
$reader = $node->background_psql('postgres');
$reader->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM payment');

for my $round (1 .. 3)
{
	$node->safe_psql('postgres', join ';', map { "INSERT INTO payment VALUES ($_, 'x')" } 1 .. 200);
	Life::sealed($node);
}
Life::sound($node, 'with two idle transactions');

# A sealer that wrote its state by updating a row would leave one dead version for each block now. (Only
# checkpoints that nobody published are replaced.)
$node->safe_psql('postgres', 'VACUUM');
is( $node->safe_psql('postgres', q{
		SELECT coalesce(sum(n_dead_tup), 0) FROM pg_stat_all_tables
		WHERE schemaname = 'ledger' AND relname <> 'checkpoint'}),
	'0', 'sealing leaves no dead rows');

# Idle sealing writes nothing: no blocks without leaves.
$before = sizes();
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity
	WHERE backend_type = 'ledger sealer' AND wait_event IS NOT NULL});
is(sizes(), $before, 'an open transaction makes no empty blocks');

$writer->query_safe('COMMIT');
Life::sound($node, 'after the long transaction has committed');
is( $reader->query_safe('SELECT count(*) FROM payment'), '0', 'the reader still sees its snapshot');
$reader->query_safe('COMMIT');
$writer->quit;
$reader->quit;
$node->stop;
done_testing();
