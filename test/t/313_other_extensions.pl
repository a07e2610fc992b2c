# pg_stat_statements and pgaudit loaded before and after ledger: all three do their work.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use Life;
use PostgreSQL::Test::Utils;
use Test::More;

foreach my $order ('pg_stat_statements, pgaudit, ledger', 'ledger, pgaudit, pg_stat_statements')
{
	my $node = Ledger::node(
		'n' . length($order) . substr($order, 0, 1),
		preload => $order,
		conf => "pgaudit.log = 'write, ddl'\npg_stat_statements.track_utility = on\n");
	my ($ret, $out, $err);

	$node->safe_psql('postgres', q{
		CREATE EXTENSION pg_stat_statements;
		CREATE EXTENSION pgaudit;
		CREATE TABLE payment (id int PRIMARY KEY, note text) USING ledger;
		INSERT INTO payment VALUES (1, 'one');
		COPY payment FROM PROGRAM 'printf "2\ttwo\n3\tthree\n"';
		ALTER TABLE payment ADD COLUMN more text;
		CREATE TABLE changing (id int PRIMARY KEY, note text) USING ledger_versioned;
		INSERT INTO changing VALUES (1, 'a');
		UPDATE changing SET note = 'b';
	});
	($ret, $out, $err) = $node->psql('postgres', "\\set VERBOSITY sqlstate\nUPDATE payment SET note = 'x'");
	like($err, qr/0A000/, "$order: UPDATE is refused");
	($ret, $out, $err) = $node->psql('postgres', "\\set VERBOSITY sqlstate\nDROP TABLE payment");
	isnt($ret, 0, "$order: DROP of a table with rows is refused");
	is( $node->safe_psql('postgres', q{
			SELECT count(*) FROM pg_stat_statements
			WHERE query LIKE 'INSERT INTO payment%' AND calls = 1 AND rows = 1}),
		'1', "$order: pg_stat_statements counts the INSERT");
	is( $node->safe_psql('postgres', q{
			SELECT rows FROM pg_stat_statements WHERE query LIKE 'COPY payment%'}),
		'2', "$order: and the rows of COPY");
	ok($node->log_contains('AUDIT: SESSION,\d+,\d+,WRITE,INSERT,,,.?INSERT INTO payment'),
		"$order: pgaudit logs the INSERT");
	ok($node->log_contains('AUDIT: SESSION,\d+,\d+,DDL,CREATE TABLE.*CREATE TABLE payment'),
		"$order: pgaudit logs the DDL as it was written");
	Life::sound($node, $order);
	$node->stop;
}
done_testing();
