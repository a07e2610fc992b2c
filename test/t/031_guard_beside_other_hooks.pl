# The guard works beside pg_stat_statements and pgaudit, loaded before it and after it, and they go on
# seeing what happens.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = Ledger::node('main');
my ($out, $err);

for my $order ('ledger,pgaudit,pg_stat_statements', 'pg_stat_statements,pgaudit,ledger')
{
	$node->adjust_conf('postgresql.conf', 'shared_preload_libraries', "'$order'");
	$node->restart;
	$node->safe_psql('postgres', q{
		CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
		SELECT pg_stat_statements_reset();
		CREATE TABLE t (id int PRIMARY KEY) USING ledger;
		INSERT INTO t VALUES (1);
		ALTER TABLE t ADD COLUMN v text;
		CREATE TABLE copied USING ledger AS SELECT id FROM t});
	is($node->safe_psql('postgres', q{SELECT string_agg(table_name || ' ' || schema_version, ', ' ORDER BY table_name)
			FROM ledger.ledger_table WHERE relid <> 0}), 'copied 1, t 2', "$order: tables are registered");
	is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_statements
			WHERE query LIKE 'INSERT INTO t%' OR query LIKE 'ALTER TABLE t%'}), 2, "$order: statements are counted");

	for ([ 'DELETE FROM t', 'cannot delete from' ], [ 'TRUNCATE t', 'cannot truncate' ],
		[ 'DROP TABLE t', 'cannot drop' ], [ 'ALTER TABLE t DROP COLUMN v', 'cannot drop column' ])
	{
		my ($statement, $answer) = @$_;
		$node->psql('postgres', $statement, stderr => \$err);
		like($err, qr/ERROR:  $answer/, "$order: $statement");
	}
	$node->psql('postgres', q{SET pgaudit.log = 'ddl'; SET pgaudit.log_client = on; SET pgaudit.log_level = notice;
		CREATE TABLE audited (id int) USING ledger}, stderr => \$err);
	like($err, qr/AUDIT: .*CREATE TABLE audited/, "$order: pgaudit sees CREATE TABLE");

	$node->safe_psql('postgres', q{
		DROP TABLE audited;
		SELECT ledger.retire('t'), ledger.retire('copied');
		DROP TABLE t, copied});
}

done_testing();
