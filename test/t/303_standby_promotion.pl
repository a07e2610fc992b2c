# A streaming standby reads and verifies; promoted, it goes on writing under a new incarnation, and signs
# only after somebody has said what was published.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use Life;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = Ledger::node('primary', init => [ allows_streaming => 1 ], conf => "max_prepared_transactions = 5\n");
my $standby = PostgreSQL::Test::Cluster->new('standby');
my $key = "$PostgreSQL::Test::Utils::tmp_check/shared.pem";
my ($ret, $out, $err, $note, $state, $signed);

# one key for both servers, as an operator would copy it
command_ok([ 'openssl', 'genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', $key ],
	'a key');
chmod 0600, $key;
$primary->safe_psql('postgres', "ALTER DATABASE postgres SET ledger.key_file = '$key'");
$primary->safe_psql('postgres', q{
	CREATE TABLE payment (id int PRIMARY KEY, note text) USING ledger;
	INSERT INTO payment SELECT g, 'before' FROM generate_series(1, 500) g;
	CREATE TABLE changing (id int PRIMARY KEY, note text) USING ledger_versioned;
	INSERT INTO changing VALUES (1, 'a');
	UPDATE changing SET note = 'b';
});
$primary->backup('base');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;
$primary->safe_psql('postgres', q{
	BEGIN; INSERT INTO payment VALUES (600, 'prepared'); PREPARE TRANSACTION 'p';
	INSERT INTO payment VALUES (501, 'streamed');
});
Life::sealed($primary);
$primary->wait_for_catchup($standby);

# reading
is($standby->safe_psql('postgres', 'SELECT count(*) FROM payment'), 501, 'the standby reads');
Life::sealed($standby);
is_deeply([ Ledger::findings($standby) ], [], 'ledger.verify() runs there');
is(Life::log_state($standby), Life::log_state($primary), 'it has the same log');
($ret, $out, $err) = $standby->psql('postgres', "\\set VERBOSITY sqlstate\nINSERT INTO payment VALUES (0, 'x')");
like($err, qr/25006/, 'it refuses to write as every standby does');
($ret, $out, $err) = $standby->psql('postgres', 'SELECT ledger.new_incarnation()');
like($err, qr/read-only|recovery/, 'and to take the chain over');
like($standby->safe_psql('postgres', "SELECT ledger.receipt('payment', ledger_tx, ledger_seq) FROM payment WHERE id = 501"),
	qr/^ledger-receipt/, 'it gives receipts');

# promotion of a standby that has everything
$primary->poll_query_until('postgres', q{
	SELECT max(size) = (SELECT max(first_leaf + n) FROM ledger.block) FROM ledger.checkpoint});
$note = $primary->safe_psql('postgres', 'SELECT note FROM ledger.checkpoint ORDER BY size DESC LIMIT 1');
$primary->wait_for_catchup($standby);
$primary->stop;
$standby->promote;
$standby->safe_psql('postgres', "INSERT INTO payment VALUES (502, 'after the promotion')");
Life::sound($standby, 'after the promotion');
$standby->safe_psql('postgres', "COMMIT PREPARED 'p'");
Life::sound($standby, 'after the commit of a transaction that was prepared on the primary');
is( $standby->safe_psql('postgres', q{
		SELECT (SELECT ledger_tx >> 36 FROM payment WHERE id = 502) > (SELECT ledger_tx >> 36 FROM payment WHERE id = 501)}),
	't', 'writes have a new incarnation');
$signed = $standby->safe_psql('postgres', 'SELECT max(size) FROM ledger.checkpoint');
is( $standby->safe_psql('postgres', "SELECT max(first_leaf + n) > $signed FROM ledger.block"),
	't', 'what is new is sealed');
like($standby->safe_psql('postgres', "SELECT detail, hint FROM ledger.health_check() WHERE item = 'identity'"),
	qr/timeline 2.*new_incarnation/, 'health_check() says why it is not signed');

is( $standby->safe_psql('postgres', "SELECT ledger.new_incarnation(\$\$$note\$\$)"),
	$standby->safe_psql('postgres', 'SELECT origin FROM ledger.chain'), 'the origin is kept');
unlike($standby->safe_psql('postgres', 'SELECT origin FROM ledger.chain'), qr{/inc/}, 'it has no fork in its name');
$standby->safe_psql('postgres', "INSERT INTO payment VALUES (503, 'cleared')");
Life::sound($standby, 'after new_incarnation()');
ok($standby->poll_query_until('postgres', q{
		SELECT max(size) = (SELECT max(first_leaf + n) FROM ledger.block) FROM ledger.checkpoint}),
	'now it is signed');
is( $standby->safe_psql('postgres', "SELECT count(*) FROM ledger.incarnation WHERE reason = 'promotion'"),
	'1', 'the promotion is on record');
my $size = ($note =~ /\n(\d+)\n/)[0];
like($standby->safe_psql('postgres', "SELECT ledger.consistency_proof($size, (SELECT max(size) FROM ledger.checkpoint))"),
	qr/^ledger-consistency/, 'the new checkpoint continues the old one');

$standby->stop;
done_testing();
