# pg_upgrade onto the same major version: files are copied, the system identifier is new.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use Life;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $old = Ledger::node('old', conf => "max_prepared_transactions = 5\n");
my $new = Ledger::node('new', start => 0);
my $bindir = $old->config_data('--bindir');
my ($ret, $out, $err, $note, $state);

$old->safe_psql('postgres', q{
	CREATE DATABASE bank;
	CREATE TABLE payment (id int PRIMARY KEY, note text) USING ledger;
	INSERT INTO payment SELECT g, repeat('x', g) FROM generate_series(1, 3000) g;
	ALTER TABLE payment ADD COLUMN more int DEFAULT 7;
	INSERT INTO payment (id, note, more) VALUES (3001, 'later', 8);
	CREATE TABLE changing (id int PRIMARY KEY, note text) USING ledger_versioned;
	INSERT INTO changing VALUES (1, 'a');
	UPDATE changing SET note = 'b';
});
$old->safe_psql('bank', 'CREATE EXTENSION ledger; SELECT ledger.init(\'gm\'); CREATE TABLE t (a int) USING ledger; INSERT INTO t VALUES (1)');
Life::sealed($old, $_) foreach qw(postgres bank);
$old->poll_query_until('postgres', q{
	SELECT max(size) = (SELECT max(first_leaf + n) FROM ledger.block) FROM ledger.checkpoint});
$note = $old->safe_psql('postgres', 'SELECT note FROM ledger.checkpoint ORDER BY size DESC LIMIT 1');
$state = Life::log_state($old);

# the development key is found by the system identifier, which will be another
my ($key) = glob $old->basedir . '/ledger-*/' . $old->safe_psql('postgres', "SELECT replace(chain_id::text, '-', '') FROM ledger.chain") . '.pem';
$old->safe_psql('postgres', "ALTER DATABASE postgres SET ledger.key_file = '$key'");
$old->stop;

chdir $PostgreSQL::Test::Utils::tmp_check;
command_ok(
	[
		'pg_upgrade', '--no-sync', '-d', $old->data_dir, '-D', $new->data_dir, '-b', $bindir, '-B', $bindir,
		'-s', $new->host, '-p', $old->port, '-P', $new->port
	],
	'pg_upgrade');
$new->start;

is($new->safe_psql('postgres', 'SELECT count(*), max(length(note)) FROM payment'), '3001|3000', 'rows are there');
is(Life::log_state($new), $state, 'the log is the same');
is_deeply([ Ledger::findings($new) ], [], 'everything verifies before anybody takes it over');
$new->safe_psql('postgres', "INSERT INTO payment (id, note, more) VALUES (3002, 'after the upgrade', 9)");
is(Life::log_state($new), $state, 'nothing is sealed: this is a copy until somebody says otherwise');
is( $new->safe_psql('postgres', "SELECT ledger.new_incarnation(\$\$$note\$\$) = origin FROM ledger.chain"),
	't', 'the last checkpoint of the old cluster keeps the origin');
Life::sound($new, 'upgraded');
$new->safe_psql('postgres', q{
	INSERT INTO payment (id, note, more) VALUES (3003, 'and goes on', 9);
	UPDATE changing SET note = 'c';
});
Life::sound($new, 'after new rows');
ok( $new->poll_query_until('postgres', q{
		SELECT max(size) = (SELECT max(first_leaf + n) FROM ledger.block) FROM ledger.checkpoint}),
	'and signed');
is($new->safe_psql('bank', 'SELECT ledger.new_incarnation() ~ \'/inc/\''), 't', 'another database, with a new origin');
Life::sound($new, 'another database', 'bank');
$new->stop;
done_testing();
