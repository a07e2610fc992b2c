# pg_dump and pg_restore into a new cluster: every leaf is reproduced, and the chain goes on.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use Life;
use PostgreSQL::Test::Utils;
use Test::More;

my $old = Ledger::node('old', conf => "max_prepared_transactions = 5\n");
my $tmp = $PostgreSQL::Test::Utils::tmp_check;
my ($state, $note, $next, $ret, $out, $err, $receipts);

sub everything
{
	my ($node) = @_;

	return $node->safe_psql('postgres', q{
		SELECT 'payment', * FROM payment ORDER BY id;
		SELECT 'old', * FROM changing_history ORDER BY ledger_tx, ledger_seq;
		SELECT 'part', tableoid::regclass, * FROM parted ORDER BY id;
		SELECT 'types', * FROM every_type ORDER BY id;
		SELECT 'proven', *, ledger.verify_less_equal(financed, invoice, proof, int4send(id)) FROM proven ORDER BY id;
		SELECT table_id, schema_name, table_name, table_no, kind, schema_version, retired_at IS NULL
			FROM ledger.ledger_table ORDER BY table_no;
		SELECT md5(string_agg(body, '' ORDER BY table_id, schema_version)) FROM ledger.schema_version;
		SELECT height, encode(log_root, 'hex'), first_leaf, n FROM ledger.block ORDER BY height;
		SELECT ledger_tx, part, type, role, seed, groups, extra FROM ledger.entry ORDER BY ord, part;
	});
}

# Tables of every kind, a history of their schema, a dropped one, and one whose name is used again.
$old->safe_psql('postgres', q{
	CREATE EXTENSION citext;
	CREATE TYPE state AS ENUM ('pending', 'settled');
	CREATE TABLE account (id int PRIMARY KEY);
	INSERT INTO account SELECT g FROM generate_series(1, 100) g;
	CREATE SCHEMA bank;
	CREATE TABLE payment (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		account int REFERENCES account, amount numeric(12, 2) CHECK (amount > 0),
		double numeric GENERATED ALWAYS AS (amount * 2) STORED, note text) USING ledger;
	INSERT INTO payment (account, amount, note) SELECT g % 100 + 1, g, repeat('note ', g % 1000)
		FROM generate_series(1, 2000) g;
	ALTER TABLE payment ADD COLUMN state state DEFAULT 'pending';
	ALTER TABLE payment RENAME COLUMN note TO remark;
	INSERT INTO payment (account, amount, remark, state) SELECT 1, g, 'later', 'settled'
		FROM generate_series(1, 50) g;
	CREATE INDEX ON payment (account);
	CREATE TABLE changing (id int PRIMARY KEY, note text) USING ledger_versioned;
	INSERT INTO changing SELECT g, 'first' FROM generate_series(1, 20) g;
	UPDATE changing SET note = 'second' WHERE id < 10;
	DELETE FROM changing WHERE id < 5;
	CREATE TABLE parted (id int, at date) PARTITION BY RANGE (at);
	CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2024-01-01') TO ('2024-07-01') USING ledger;
	CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM ('2024-07-01') TO ('2025-01-01') USING ledger;
	INSERT INTO parted SELECT g, date '2024-01-01' + g FROM generate_series(1, 300) g;
	CREATE TABLE bank.empty (a int) USING ledger;
	CREATE TABLE bank.spare (a int) USING ledger;
	ALTER TABLE bank.spare ADD COLUMN b int;
	CREATE TABLE gone (a int) USING ledger;
	DROP TABLE gone;
	CREATE TABLE gone (a text) USING ledger;
	INSERT INTO gone VALUES ('second of its name');
	BEGIN; INSERT INTO gone VALUES ('prepared, not in the dump'); PREPARE TRANSACTION 'p';
	CREATE TABLE every_type (id int, b bool, f float8, t timestamptz, i interval, c citext, j jsonb, x xml,
		a int[], r int4range, m nummultirange, v varbit, n inet, y money, s state[], bin bytea, ch char(5))
		USING ledger;
	INSERT INTO every_type VALUES (1, true, '-0', '2024-02-29 12:00+05', '1 mon 30 days', 'MiXed',
		'{"b": 1.50, "a": null}', '<a>x</a>', '[5:6]={1,NULL}', '[1,5)', '{[1,2),[3,4)}', B'10101',
		'10.1.2.3/8', 12.34, '{settled,pending}', '\x00ff', 'ab'),
		(2, NULL, 'NaN', 'infinity', NULL, NULL, NULL, NULL, '{}', 'empty', '{}', B'', '::1', NULL, NULL, '', '');
	CREATE TABLE proven (id int, invoice ledger.commitment, financed ledger.commitment,
		proof ledger.proof CHECK (ledger.verify_less_equal(financed, invoice, proof, int4send(id))),
		pair ledger.commitment[]) USING ledger;
	CREATE INDEX ON proven (invoice);
	INSERT INTO proven
		SELECT id, i, f, ledger.prove_less_equal(f, i, (id, b)::ledger.opening, (10, b)::ledger.opening, int4send(id)),
			ARRAY[i, NULL, f]
		FROM (SELECT id, b, ledger.commit(10, b, CASE id WHEN 2 THEN 'gm' ELSE 'std' END) AS i,
				ledger.commit(id, b, CASE id WHEN 2 THEN 'gm' ELSE 'std' END) AS f
			FROM (SELECT id, ledger.random_blinding() AS b FROM generate_series(1, 3) id OFFSET 0) x OFFSET 0) y;
});
Life::sealed($old);
my ($tx, $seq) = split /\|/,
  $old->safe_psql('postgres', q{SELECT ledger_tx, ledger_seq FROM payment WHERE id = 1234});
is_deeply([ Ledger::findings($old) ], [], 'the original verifies');

# the development key of the original, which lies beside its data directory
my ($key) = glob $old->basedir . '/ledger-*/*.pem';

foreach my $jobs (1, 3)
{
	my $new = Ledger::node("new$jobs", extension => 0);
	my $incarnation = $old->safe_psql('postgres', 'SELECT max(ledger_tx >> 36) FROM payment');
	my $origin = $old->safe_psql('postgres', 'SELECT origin FROM ledger.chain');
	my $rows = $old->safe_psql('postgres', 'SELECT count(*) FROM payment');

	Life::sealed($old);
	$old->poll_query_until('postgres', q{
		SELECT max(size) = (SELECT max(first_leaf + n) FROM ledger.block) FROM ledger.checkpoint});
	$note = $old->safe_psql('postgres', 'SELECT ledger.checkpoint()');
	$state = everything($old);
	command_ok([ 'pg_dump', '-Fc', '-f', "$tmp/dump$jobs", $old->connstr('postgres') ], 'pg_dump');
	{
		local $ENV{PGOPTIONS} = '-c ledger.restore=on';
		command_ok([ 'pg_restore', '-e', "-j$jobs", '-d', $new->connstr('postgres'), "$tmp/dump$jobs" ],
			"pg_restore with $jobs jobs");
	}
	is($new->safe_psql('postgres', 'SELECT count(*) FROM payment'), $rows, 'rows are there');
	($ret, $out, $err) = $new->psql('postgres',
		"\\set VERBOSITY verbose\nINSERT INTO payment (account, amount) VALUES (1, 1)");
	like($err, qr/55000.*restore_finish/s, 'writing waits for restore_finish()');

	is(everything($new), $state, 'the same rows, schema versions, entries and blocks');
	$out = $new->safe_psql('postgres', "SELECT ledger.restore_finish(\$\$$note\$\$)");
	Life::sound($new, "restored with $jobs jobs");
	is($new->safe_psql('postgres', 'SELECT origin FROM ledger.chain'), $origin,
		'the origin is kept, because the last checkpoint is part of the log');

	# the next inserts go on
	$new->safe_psql('postgres', qq{CREATE TABLE fresh_$jobs (a int) USING ledger; INSERT INTO fresh_$jobs VALUES (1)});
	$new->safe_psql('postgres', q{
		INSERT INTO payment (account, amount, state) VALUES (2, 2, 'settled');
		UPDATE changing SET note = note || '!' WHERE id = 12;
		INSERT INTO proven SELECT id, invoice, financed, proof FROM proven WHERE id = 2 LIMIT 1;
		INSERT INTO parted VALUES (1000, '2024-03-01');
		INSERT INTO bank.empty VALUES (1);
		ALTER TABLE payment ADD COLUMN IF NOT EXISTS more int;
		INSERT INTO payment (account, amount, more) VALUES (2, 2, 7);
	});
	Life::sound($new, 'after the next inserts');
	cmp_ok($new->safe_psql('postgres', 'SELECT max(ledger_tx >> 36) FROM payment'), '>',
		$incarnation, 'they have a new incarnation');
	is( $new->safe_psql('postgres', "SELECT count(*) FROM ledger.incarnation WHERE reason = 'restore'"),
		$jobs == 1 ? 1 : 2, 'the restore is on record');

	($ret, $out, $err) = $new->psql('postgres',
		'INSERT INTO proven SELECT 4, invoice, financed, proof FROM proven WHERE id = 2 LIMIT 1');
	like($err, qr/violates check constraint "proven_/, 'a proof of another row is refused as before');
	($ret, $out, $err) = $new->psql('postgres', 'DROP TABLE changing_versions CASCADE');
	like($err, qr/cannot drop/, 'the history belongs to its table again');
	($ret, $out, $err) = $new->psql('postgres', 'DROP INDEX changing_ledger_idx');
	like($err, qr/cannot drop/, 'and its index');
	if ($jobs == 3)
	{
		$new->safe_psql('postgres', 'ALTER TABLE bank.spare RENAME TO spared; INSERT INTO bank.spared_data VALUES (1, 2)');
		is( $new->safe_psql('postgres', q{
				SELECT ledger.retire('bank.spared') > 0;
				DROP TABLE bank.spared;
				SELECT to_regclass('bank.spared_data') IS NULL}),
			"t\nt", 'and the view of its data');
	}

	# the key does not travel in a dump
	ok($new->poll_query_until('postgres',
			"SELECT detail ~ 'not signed' FROM ledger.health_check() WHERE item = 'signing'"),
		'nothing is signed without the key');
	$new->safe_psql('postgres', "ALTER DATABASE postgres SET ledger.key_file = '$key'");
	ok($new->poll_query_until('postgres', q{
			SELECT max(size) = (SELECT max(first_leaf + n) FROM ledger.block) FROM ledger.checkpoint}),
		'with it the chain is signed again');

	# rows written before the dump can still be proved
	my $receipt = $new->safe_psql('postgres', "SELECT ledger.receipt('payment', $tx, $seq)");
	like($receipt, qr/^ledger-receipt\/1/, 'a receipt of a restored row');
	is($new->safe_psql('postgres', "SELECT valid FROM ledger.verify_receipt(\$r\$$receipt\$r\$)"), 't', 'it is valid');

	Ledger::crash($new);
	$new->start;
	Life::sound($new, 'after a crash');

	# what was restored is dumped and restored again
	$old->safe_psql('postgres', "COMMIT PREPARED 'p'") if $jobs == 1;
	Life::sound($old, 'the original goes on') if $jobs == 1;
	$old->stop;
	$old = $new;
}
$old->stop;
done_testing();
