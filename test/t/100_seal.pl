# A committed transaction stands in a durable, signed block a moment later.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use LedgerChain;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = Ledger::node('main', conf => "max_prepared_transactions = 10\nlog_min_messages = log\n");
my ($out, $err);

is($node->safe_psql('postgres', 'SELECT count(*) FROM ledger.stat'), '0', 'no chain before the first table');
$node->safe_psql('postgres', 'CREATE TABLE t (a int) USING ledger');
$node->safe_psql('postgres', 'INSERT INTO t VALUES (1)');
ok(LedgerChain::wait_signed($node), 'sealed and signed');
is(LedgerChain::problems($node, 'postgres', 't'), '', 'the log is whole');

# the genesis entry is leaf 0, with the chain's id as docs/format.md derives it
is( $node->safe_psql('postgres', 'SELECT type, part, ledger_tx & (1::bigint << 36) - 1 FROM ledger.entry ORDER BY ord LIMIT 1'),
	'3|0|1', 'the chain begins with a MEMBER entry');
is( $node->safe_psql('postgres', q{SELECT origin = 'ledger/' || replace(chain_id::text, '-', '') FROM ledger.chain}),
	't', 'the origin is made from the chain id');

# wait_sealed
is( $node->safe_psql('postgres', q{
	INSERT INTO t VALUES (2);
	SELECT ledger.wait_sealed((SELECT max(ledger_tx) FROM t))}),
	't', 'wait_sealed returns when the transaction is in a block');
is($node->safe_psql('postgres', q{SELECT ledger.wait_sealed(1, '100 ms')}),
	'f', 'and false for one that does not exist');

# the checkpoint says what the newest block says
LedgerChain::wait_signed($node);
my ($size, $root, $height, $origin) = split /\|/, $node->safe_psql('postgres', q{
	SELECT b.first_leaf + b.n, encode(b.log_root, 'base64'), b.height, c.origin
	FROM ledger.block b JOIN ledger.chain c USING (chain_id) ORDER BY height DESC LIMIT 1});
my @note = split /\n/, $node->safe_psql('postgres', 'SELECT ledger.checkpoint()');
is_deeply([ @note[ 0 .. 3 ] ], [ $origin, $size, $root, "height $height" ], 'text of the checkpoint');
like($note[8], qr/^\x{e2}\x{80}\x{94} postgres \S+$/, 'with one signature by the database\'s name');
is($node->safe_psql('postgres', "SELECT ledger.checkpoint($size) = ledger.checkpoint()"), 't', 'also by size');
like($node->safe_psql('postgres', 'SELECT ledger.verifier_key()'), qr/^postgres\+[0-9a-f]{8}\+A\S+$/, 'a verifier key');

# processes tell what they are
is( $node->safe_psql('postgres', q{SELECT string_agg(backend_type, ',' ORDER BY backend_type)
	FROM pg_stat_activity WHERE backend_type LIKE 'ledger%'}),
	'ledger launcher,ledger sealer', 'processes in pg_stat_activity');
is( $node->safe_psql('postgres', q{SELECT sealer_pid = (SELECT pid FROM pg_stat_activity WHERE backend_type = 'ledger sealer'),
	unsealed, pending, seal_errors, sealed_size = entries_sealed FROM ledger.stat}),
	't|0|0|0|t', 'ledger.stat');

# a block for one lone transaction: small, and written at once
my $before = $node->safe_psql('postgres', 'SELECT max(height) FROM ledger.block');
my $start = $node->safe_psql('postgres', 'CHECKPOINT; INSERT INTO t VALUES (0); SELECT pg_sleep(0.3); SELECT pg_current_wal_insert_lsn()');
$start =~ s/^\s+//;
$node->safe_psql('postgres', 'INSERT INTO t VALUES (3)');
LedgerChain::wait_signed($node);
is($node->safe_psql('postgres', 'SELECT max(height) FROM ledger.block') - $before, 2, 'one block each');
my $wal = $node->safe_psql('postgres', "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '$start')");
cmp_ok($wal, '<', 2048 + 600, "WAL of a lone transaction, its block and its checkpoint: $wal bytes");

# savepoints, rollback, prepared transactions
$node->safe_psql('postgres', q{
	BEGIN; INSERT INTO t VALUES (10); SAVEPOINT s; INSERT INTO t VALUES (11); ROLLBACK TO s; INSERT INTO t VALUES (12); COMMIT;
	BEGIN; INSERT INTO t VALUES (20); ROLLBACK;
	BEGIN; INSERT INTO t VALUES (30); PREPARE TRANSACTION 'one';
	BEGIN; INSERT INTO t VALUES (31); PREPARE TRANSACTION 'two';
	INSERT INTO t VALUES (32)});
ok($node->poll_query_until('postgres', 'SELECT unsealed = 0 AND pending = 2 FROM ledger.stat'),
	'entries of prepared transactions wait');
$node->safe_psql('postgres', q{ROLLBACK PREPARED 'two'});
$node->safe_psql('postgres', q{COMMIT PREPARED 'one'});
ok($node->poll_query_until('postgres', 'SELECT unsealed = 0 AND pending = 0 FROM ledger.stat'),
	'COMMIT PREPARED as the last statement is sealed');
is(LedgerChain::problems($node, 'postgres', 't'), '', 'the log is whole');

# more entries in one look than there is room for copies of
my $holder = $node->background_psql('postgres');
$holder->query_safe('BEGIN');
$holder->query_safe('LOCK TABLE ledger.block IN SHARE MODE');
$node->safe_psql('postgres', q{
	DO $$ BEGIN FOR i IN 1..3000 LOOP INSERT INTO t VALUES (i); COMMIT; END LOOP; END $$});
$holder->query_safe('COMMIT');
$holder->quit;
ok(LedgerChain::wait_signed($node), 'a backlog is sealed');
is(LedgerChain::problems($node, 'postgres', 't'), '', 'the log is whole');
cmp_ok($node->safe_psql('postgres', 'SELECT max(n) FROM ledger.block'), '>', 2500, 'in a block of thousands');
is($node->safe_psql('postgres', q{SELECT count(*) FROM ledger.verify() WHERE severity <> 'info'}), '0',
	'whose leaves are those of its entries');

# founding
($out, $err) = ('', '');
isnt($node->psql('postgres', 'SELECT ledger.init()', stderr => \$err), 0, 'a second chain is refused');
like($err, qr/has a chain already/, 'by name');
$node->safe_psql('postgres', 'CREATE DATABASE gm');
$node->safe_psql('gm', 'CREATE EXTENSION ledger');
isnt($node->psql('gm', q{SELECT ledger.init('md5')}, stderr => \$err), 0, 'unknown suite');
like($err, qr/suite "md5" does not exist/, 'is named');
like($node->safe_psql('gm', q{SELECT ledger.init('gm')}), qr/^[0-9a-f-]{36}$/, 'a chain of suite gm');
$node->safe_psql('gm', 'CREATE TABLE g (a text) USING ledger');
$node->safe_psql('gm', q{INSERT INTO g SELECT 'x' || i FROM generate_series(1, 1000) i});
ok(LedgerChain::wait_signed($node, 'gm'), 'sealed and signed');
is(LedgerChain::problems($node, 'gm', 'g'), '', 'the log is whole');
like($node->safe_psql('gm', 'SELECT ledger.verifier_key()'), qr/^gm\+[0-9a-f]{8}\+\/\S+$/, 'its verifier key is of another type');

$node->safe_psql('postgres', q{CREATE DATABASE bare TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'});
$node->safe_psql('bare', 'CREATE EXTENSION ledger');
isnt($node->psql('bare', 'CREATE TABLE b (a int) USING ledger', stderr => \$err), 0, 'SQL_ASCII is refused');
like($err, qr/SQL_ASCII/, 'by name');

# two founders at once: the second waits, and uses the first one's chain
$node->safe_psql('postgres', 'CREATE DATABASE race');
$node->safe_psql('race', 'CREATE EXTENSION ledger');
my $first = $node->background_psql('race');
$first->query_safe('BEGIN');
$first->query_safe('CREATE TABLE r1 (a int) USING ledger');
my $second = $node->background_psql('race');
$second->query_until(qr/started/, "\\echo started\nCREATE TABLE r2 (a int) USING ledger;\n");
ok($node->poll_query_until('race', q{SELECT count(*) = 1 FROM pg_locks WHERE NOT granted AND relation = 'ledger.chain'::regclass}),
	'the second founder waits');
$first->query_safe('COMMIT');
$second->query_safe('SELECT 1');
is($node->safe_psql('race', 'SELECT count(*), count(*) FILTER (WHERE active) FROM ledger.chain'), '1|1', 'one chain');
is($node->safe_psql('race', 'SELECT count(*) FROM ledger.ledger_table'), '2', 'two tables on it');
$first->quit;
$second->quit;
ok(LedgerChain::wait_signed($node, 'race'), 'sealed');
is(LedgerChain::problems($node, 'race'), '', 'the log is whole');

# a founding that is rolled back leaves nothing; also from within a subtransaction
$node->safe_psql('postgres', 'CREATE DATABASE nest');
$node->safe_psql('nest', 'CREATE EXTENSION ledger');
$node->safe_psql('nest', 'BEGIN; CREATE TABLE n (a int) USING ledger; INSERT INTO n VALUES (1); ROLLBACK');
is($node->safe_psql('nest', 'SELECT count(*) FROM ledger.chain'), '0', 'no chain after ROLLBACK');
$node->safe_psql('nest', q{BEGIN; SAVEPOINT s; CREATE TABLE n (a int) USING ledger; ROLLBACK TO s; SAVEPOINT s2;
	CREATE TABLE n (a int) USING ledger; RELEASE s2; INSERT INTO n VALUES (1); COMMIT});
ok(LedgerChain::wait_signed($node, 'nest'), 'sealed');
is(LedgerChain::problems($node, 'nest', 'n'), '', 'the log is whole');
$node->safe_psql('nest', 'INSERT INTO n VALUES (2)');
ok(LedgerChain::wait_signed($node, 'nest'), 'goes on');
is(LedgerChain::problems($node, 'nest', 'n'), '', 'the genesis entry from a subtransaction is sealed once');

$node->stop;
done_testing();
