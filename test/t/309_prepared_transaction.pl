# A forgotten prepared transaction holds nobody up, and is sealed within a second of COMMIT PREPARED.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use Life;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = Ledger::node('main', conf => "max_prepared_transactions = 10\ntrack_commit_timestamp = on\n");
my $leaves;

sub leaves
{
	return $node->safe_psql('postgres', 'SELECT max(first_leaf + n) FROM ledger.block');
}

$node->safe_psql('postgres', q{
	CREATE TABLE payment (id int PRIMARY KEY, note text) USING ledger;
	BEGIN; INSERT INTO payment VALUES (1, 'forgotten'); PREPARE TRANSACTION 'forgotten';
	BEGIN; INSERT INTO payment VALUES (2, 'given up'); PREPARE TRANSACTION 'given up';
});
$node->safe_psql('postgres', "INSERT INTO payment SELECT g, 'other' FROM generate_series(3, 50) g");
Life::sound($node, 'others are sealed while it is forgotten');

# entries of many pages come between, so that it does not stand in the newest page of ledger.entry
$node->safe_psql('postgres', join ';', map { "INSERT INTO payment VALUES ($_, 'later')" } 100 .. 499);
$node->safe_psql('postgres', 'VACUUM ledger.entry; VACUUM payment');
Life::sealed($node);
$node->restart;
$node->safe_psql('postgres', "INSERT INTO payment VALUES (1000, 'after a restart')");
Life::sound($node, 'others are sealed after a restart');

# the last commit before an idle hour
$leaves = leaves();
$node->safe_psql('postgres', "COMMIT PREPARED 'forgotten'");
$node->poll_query_until('postgres', "SELECT max(first_leaf + n) = $leaves + 1 FROM ledger.block");
is( $node->safe_psql('postgres', q{
		SELECT max(sealed_at) - pg_xact_commit_timestamp((SELECT xmin FROM payment WHERE id = 1)) < '1 s'
		FROM ledger.block}),
	't', 'it is sealed within a second after COMMIT PREPARED');
Life::sound($node, 'after COMMIT PREPARED');

$node->safe_psql('postgres', "ROLLBACK PREPARED 'given up'");
$node->safe_psql('postgres', "INSERT INTO payment VALUES (2, 'the number is free again')");
Life::sound($node, 'after ROLLBACK PREPARED');
is(leaves(), $leaves + 2, 'a rolled back one leaves nothing in the log');

# its session's table cannot go away under it
$node->safe_psql('postgres', q{
	CREATE TABLE empty (a int) USING ledger;
	BEGIN; INSERT INTO empty VALUES (1); PREPARE TRANSACTION 'in the way';
});
my ($ret, $out, $err) = $node->psql('postgres', q{SET lock_timeout = '200ms'; DROP TABLE empty});
like($err, qr/lock timeout/, 'DROP TABLE waits for a prepared transaction');
$node->safe_psql('postgres', "COMMIT PREPARED 'in the way'");
($ret, $out, $err) = $node->psql('postgres', 'DROP TABLE empty');
isnt($ret, 0, 'and is refused once that has committed rows');
Life::sound($node, 'at the end');

$node->stop;
done_testing();
