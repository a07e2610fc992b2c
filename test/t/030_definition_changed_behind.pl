# A definition that was changed while the guard was away is not carried into the schema history by the
# next innocent statement: it becomes a version of its own, an incident and a warning. A table whose
# access method was switched is guarded all the same.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = Ledger::node('main');

sub preload
{
	$node->adjust_conf('postgresql.conf', 'shared_preload_libraries', "'$_[0]'");
	$node->restart;
}

sub version
{
	return $node->safe_psql('postgres', 'SELECT schema_version FROM ledger.ledger_table WHERE relid <> 0');
}

$node->safe_psql('postgres', q{
	CREATE TYPE mood AS ENUM ('pending', 'settled');
	CREATE TABLE t (id int PRIMARY KEY, v text, m mood) USING ledger;
	INSERT INTO t VALUES (1, 'one', 'pending')});
is(version(), 1, 'one version');

# without the library a superuser's changes of the catalogs pass
preload('');
$node->safe_psql('postgres', q{
	UPDATE pg_enum SET enumlabel = 'done' WHERE enumlabel = 'pending';
	UPDATE pg_attribute SET attname = 'w' WHERE attrelid = 't'::regclass AND attname = 'v'});
preload('ledger');

my ($out, $err);
$node->psql('postgres', 'ALTER TABLE t ADD CHECK (id > 0)', stdout => \$out, stderr => \$err);
like($err, qr/WARNING:  definition of ledger table "t" was changed outside of the schema history/, 'warned');
like($err, qr/column 2 is "w", the schema history says "v"/, 'the column is named');
like($err, qr/"done\nsettled", the schema history says "pending\nsettled"/, 'the label is named');
is(version(), 3, 'a version for the foreign change, another for the constraint');
is($node->safe_psql('postgres', 'SELECT severity, relation FROM ledger.incident'), 'error|public.t', 'one incident');
$node->psql('postgres', 'ALTER TABLE t ADD CHECK (id > 1) NOT VALID', stderr => \$err);
is($err, '', 'no second warning');

# the access method switched to heap
preload('');
$node->safe_psql('postgres', q{UPDATE pg_class SET relam = 2 WHERE relname = 't'});
preload('ledger');
for (
	[ 'UPDATE t SET id = 2', qr/ERROR:  cannot update ledger table "t"/ ],
	[ 'DELETE FROM t WHERE false', qr/ERROR:  cannot delete from ledger table "t"/ ],
	[ 'TRUNCATE t', qr/ERROR:  cannot truncate ledger table "t"/ ],
	[ 'DROP TABLE t', qr/ERROR:  cannot drop ledger table "t"/ ],
	[ 'ALTER TABLE t DROP COLUMN m', qr/ERROR:  cannot drop column "m" of ledger table "t"/ ],
	[ 'ALTER TABLE t SET ACCESS METHOD ledger', qr/ERROR:  cannot change the access method of ledger table "t"/ ])
{
	my ($statement, $answer) = @$_;
	$node->psql('postgres', $statement, stderr => \$err);
	like($err, $answer, $statement);
}
$node->psql('postgres', 'ALTER TABLE t ALTER w SET DEFAULT 1', stderr => \$err);
like($err, qr/access method is not that of the schema history/, 'the switch is named');

# a history whose table is not found is read by the types that it has itself
$node->safe_psql('postgres', q{
	CREATE TABLE kept (id int PRIMARY KEY, v text) USING ledger_versioned;
	INSERT INTO kept SELECT i, 'old ' || i FROM generate_series(1, 10) i;
	UPDATE kept SET v = 'new' WHERE id <= 4});
Ledger::wait_sealed($node);
preload('');
$node->safe_psql('postgres', q{UPDATE ledger.ledger_table SET relid = 3000000000 WHERE relid = 'kept'::regclass});
preload('ledger');
like($node->safe_psql('postgres', 'SELECT problem FROM ledger.verify(workers => 0)'),
	qr/^table [-0-9a-f]+ does not exist any more, its rows are in the chain$/m, 'the table is missed');
unlike($node->safe_psql('postgres', q{SELECT problem FROM ledger.verify(workers => 0) WHERE relation LIKE '%kept_versions'}),
	qr/./, 'its history is read and in order');

done_testing();
