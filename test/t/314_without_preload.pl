# A server started without the library: rows can be read, vacuumed and frozen, writing says what is missing.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use Life;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = Ledger::node('main');
my ($ret, $out, $err, $age);

$node->safe_psql('postgres', q{
	CREATE TABLE payment (id int PRIMARY KEY, note text) USING ledger;
	INSERT INTO payment SELECT g, repeat('x', g) FROM generate_series(1, 3000) g;
	CREATE TABLE changing (id int PRIMARY KEY, note text) USING ledger_versioned;
	INSERT INTO changing VALUES (1, 'a');
	UPDATE changing SET note = 'b';
});
Life::sealed($node);
$node->stop;
$node->adjust_conf('postgresql.conf', 'shared_preload_libraries', "''");
$node->append_conf('postgresql.conf', "autovacuum_freeze_max_age = 100000\nautovacuum_naptime = 1\n"
	. "vacuum_freeze_min_age = 0\n");
$node->start;

is( $node->safe_psql('postgres', 'SELECT count(*), max(length(note)) FROM payment'),
	'3000|3000', 'rows can be read');
is( $node->safe_psql('postgres', q{SET enable_seqscan = off; SELECT length(note) FROM payment WHERE id = 77}),
	'77', 'through an index too');
is($node->safe_psql('postgres', 'SELECT note FROM changing_history ORDER BY ended_tx'),
	"a\nb", 'and the history of a versioned table');
is_deeply(
	[ map { "$_->{severity}: $_->{problem}" } Ledger::findings($node) ],
	['warning: this server runs without ledger in shared_preload_libraries: nothing is guarded and nothing is sealed'],
	'the chain can be verified, and that says so too');
$node->safe_psql('postgres', $_)
  foreach ('VACUUM payment', 'VACUUM FREEZE payment', 'ANALYZE payment', 'REINDEX TABLE payment');
pass('VACUUM, FREEZE, ANALYZE and REINDEX work');

is( $node->safe_psql('postgres', q{
		SELECT ledger.verify_less(a, b, ledger.prove_less(a, b, (1, r)::ledger.opening, (2, r)::ledger.opening))
		FROM (SELECT r, ledger.commit(1, r) AS a, ledger.commit(2, r) AS b
			FROM (SELECT ledger.random_blinding() AS r OFFSET 0) x OFFSET 0) y}),
	't', 'and proofs, which need no chain, are made and verified');

foreach my $sql (
	"INSERT INTO payment VALUES (4000, 'x')",
	"COPY payment (id) FROM PROGRAM 'echo 4001'",
	"UPDATE changing SET note = 'c'",
	'DELETE FROM changing')
{
	($ret, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n$sql");
	like($err, qr/ERROR:  55000: cannot write to ledger table/, "refused: $sql");
	like($err, qr/HINT:  .*shared_preload_libraries/, 'with a hint that names the setting');
}

# enough transactions that autovacuum must freeze, at the lowest setting that the server accepts
$node->safe_psql('postgres', q{
	CREATE PROCEDURE burn(n int) LANGUAGE plpgsql AS
	$$ BEGIN FOR i IN 1 .. n LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$;
});
$node->safe_psql('postgres', 'CALL burn(110000)');
$node->poll_query_until('postgres', q{
	SELECT bool_and(age(relfrozenxid) < 100000) FROM pg_class
	WHERE relname IN ('payment', 'changing', 'changing_versions', 'entry', 'leaf', 'block') AND relkind = 'r'})
  or die 'not frozen';
pass('autovacuum freezes against wraparound');

$node->stop;
$node->adjust_conf('postgresql.conf', 'shared_preload_libraries', "'ledger'");
$node->start;
$node->safe_psql('postgres', "INSERT INTO payment VALUES (5000, 'with the library again')");
Life::sound($node, 'with the library again');
$node->stop;
done_testing();
