# Logical replication out of a ledger table, and into one.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use Life;
use PostgreSQL::Test::Utils;
use Test::More;

my $from = Ledger::node('from', init => [ allows_streaming => 'logical' ]);
my $to = Ledger::node('to', init => [ allows_streaming => 'logical' ]);
my ($ret, $out, $err);

# rows that were there before are copied, later ones are streamed
$from->safe_psql('postgres', q{
	CREATE TABLE payment (id int PRIMARY KEY, amount numeric, note text) USING ledger;
	INSERT INTO payment SELECT g, g * 1.10, 'before' FROM generate_series(1, 100) g;
	CREATE TABLE account (id int PRIMARY KEY, owner text);
	INSERT INTO account VALUES (1, 'before');
	CREATE TABLE changing (id int PRIMARY KEY, note text) USING ledger_versioned;
	INSERT INTO changing VALUES (1, 'a'), (2, 'a');
	CREATE PUBLICATION whole FOR TABLE payment, changing;
	CREATE PUBLICATION plain FOR TABLE payment (id, amount, note), account;
});

# A heap copy has the ledger columns of the origin, a ledger copy numbers of its own.
$to->safe_psql('postgres', q{
	CREATE DATABASE heap;
	CREATE TABLE payment (id int PRIMARY KEY, amount numeric, note text) USING ledger;
	CREATE TABLE account (id int PRIMARY KEY, owner text) USING ledger_versioned;
});
$to->safe_psql('heap', q{
	CREATE TABLE payment (id int PRIMARY KEY, amount numeric, note text, ledger_tx bigint, ledger_seq int);
	CREATE TABLE changing (id int PRIMARY KEY, note text, ledger_tx bigint, ledger_seq int);
});
my $source = $from->connstr . ' dbname=postgres';
$to->safe_psql('heap', "CREATE SUBSCRIPTION to_heap CONNECTION '$source' PUBLICATION whole");
$to->safe_psql('postgres', "CREATE SUBSCRIPTION to_ledger CONNECTION '$source' PUBLICATION plain");
$to->wait_for_subscription_sync($from, 'to_heap', 'heap');
$to->wait_for_subscription_sync($from, 'to_ledger', 'postgres');

$from->safe_psql('postgres', q{
	INSERT INTO payment SELECT g, g * 1.10, 'after' FROM generate_series(101, 150) g;
	BEGIN; INSERT INTO payment VALUES (1000, 1, 'rolled back'); ROLLBACK;
	UPDATE account SET owner = 'after';
	INSERT INTO account VALUES (2, 'after');
	DELETE FROM account WHERE id = 2;
	UPDATE changing SET note = 'b' WHERE id = 1;
	DELETE FROM changing WHERE id = 2;
});
$from->wait_for_catchup('to_heap');
$from->wait_for_catchup('to_ledger');

my $rows = 'SELECT id, amount, note, ledger_tx, ledger_seq FROM payment ORDER BY id';
is($to->safe_psql('heap', $rows), $from->safe_psql('postgres', $rows), 'a heap table follows a ledger table');
$rows = 'SELECT id, note, ledger_tx, ledger_seq FROM changing ORDER BY id';
is($to->safe_psql('heap', $rows), $from->safe_psql('postgres', $rows), 'and a versioned one, with its updates and deletes');
$rows = 'SELECT id, amount, note FROM payment ORDER BY id';
is($to->safe_psql('postgres', $rows), $from->safe_psql('postgres', $rows), 'a ledger table follows a list of columns');
is($to->safe_psql('postgres', 'SELECT count(DISTINCT ledger_tx), min(ledger_tx) > 0 FROM payment'), '2|t',
	'its rows have numbers of its own chain');
is($to->safe_psql('postgres', 'SELECT id, owner FROM account_history ORDER BY ledger_tx, ledger_seq'),
	"1|before\n1|after\n2|after", 'a versioned table keeps what the publisher overwrote');
Life::sound($from, 'publisher');
Life::sound($to, 'subscriber');

# What an append-only table refuses, it refuses here too; the row is there again when somebody helped.
$from->safe_psql('postgres', q{
	CREATE TABLE entry (id int PRIMARY KEY, note text);
	INSERT INTO entry VALUES (1, 'a');
	ALTER PUBLICATION plain ADD TABLE entry;
});
$to->safe_psql('postgres', q{
	CREATE TABLE entry (id int PRIMARY KEY, note text) USING ledger;
	ALTER SUBSCRIPTION to_ledger REFRESH PUBLICATION;
});
$to->wait_for_subscription_sync($from, 'to_ledger', 'postgres');
my $log = -s $to->logfile;
$from->safe_psql('postgres', q{UPDATE entry SET note = 'b'});
ok($to->wait_for_log(qr/ERROR:.*ledger table "entry"/, $log), 'an UPDATE that arrives is refused');
is($to->safe_psql('postgres', 'SELECT id, note FROM entry'), '1|a', 'and changes nothing');
$to->safe_psql('postgres', 'ALTER SUBSCRIPTION to_ledger DISABLE');
Life::sound($to, 'after the refusal');
done_testing();
