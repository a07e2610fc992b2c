# In a server that was started without the library ledger tables are read and vacuumed; whatever would
# write to them, or to the chain, says what is missing.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = Ledger::node('main');

$node->safe_psql('postgres', q{
	CREATE TABLE t (id int PRIMARY KEY, v text) USING ledger;
	INSERT INTO t SELECT i, repeat('x', i) FROM generate_series(1, 100) i;
	CREATE TABLE empty (id int) USING ledger});
$node->adjust_conf('postgresql.conf', 'shared_preload_libraries', "''");
$node->restart;

is($node->safe_psql('postgres', 'SELECT count(*), sum(length(v)) FROM t'), '100|5050', 'read');
for my $statement ('VACUUM (FREEZE) t', 'VACUUM FULL t', 'CLUSTER t USING t_pkey', 'ANALYZE t', 'REINDEX TABLE t',
	'CREATE INDEX ON t (v)')
{
	is($node->psql('postgres', $statement), 0, $statement);
}
is($node->safe_psql('postgres', 'SELECT count(*), sum(length(v)) FROM t'), '100|5050', 'still all there');

# each in a session of its own, which has not loaded the library yet
for ('INSERT INTO t VALUES (101)', "COPY t (id) FROM PROGRAM 'echo 101'", 'CREATE TABLE u (id int) USING ledger',
	'CREATE TABLE u USING ledger AS SELECT 1 AS id', 'UPDATE t SET id = 2', 'DELETE FROM t', 'TRUNCATE t', 'DROP TABLE t',
	'ALTER TABLE t ADD COLUMN w int')
{
	my $err;
	isnt($node->psql('postgres', $_, stderr => \$err), 0, "$_ is refused");
	like($err, qr/without the ledger library|was not loaded at server start|ledger table "t"/, "$_ says why");
}

# nothing of it was lost on the way
$node->adjust_conf('postgresql.conf', 'shared_preload_libraries', "'ledger'");
$node->restart;
$node->safe_psql('postgres', 'INSERT INTO t VALUES (101); ALTER TABLE t ADD COLUMN w int; DROP TABLE empty');
is($node->safe_psql('postgres', 'SELECT count(*) FROM t'), 101, 'written again');

done_testing();
