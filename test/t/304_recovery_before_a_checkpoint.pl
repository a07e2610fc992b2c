# Base backup and recovery to a point before a published checkpoint: nothing is signed that contradicts it,
# and whoever holds it sees the difference.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use Life;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $published = "$PostgreSQL::Test::Utils::tmp_check/published";
my $node = Ledger::node('main', init => [ has_archiving => 1, allows_streaming => 1 ]);
my $key = "$PostgreSQL::Test::Utils::tmp_check/shared.pem";
my ($ret, $out, $err, $old_note, $note, $target, $restored, $signed);

sub newest_note
{
	return $_[0]->safe_psql('postgres', 'SELECT note FROM ledger.checkpoint ORDER BY size DESC LIMIT 1');
}

sub signed_up
{
	return $_[0]->poll_query_until('postgres', q{
		SELECT max(size) = (SELECT max(first_leaf + n) FROM ledger.block) FROM ledger.checkpoint});
}

command_ok([ 'openssl', 'genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', $key ],
	'a key');
chmod 0600, $key;
mkdir $published;
$node->safe_psql('postgres', "ALTER DATABASE postgres SET ledger.key_file = '$key'");
$node->safe_psql('postgres', "ALTER DATABASE postgres SET ledger.anchor_command = 'cp %p $published/%s'");
$node->safe_psql('postgres', q{
	CREATE TABLE payment (id int, note text) USING ledger;
	INSERT INTO payment VALUES (1, 'before the backup');
});
signed_up($node);
$node->backup('base');
$node->safe_psql('postgres', "INSERT INTO payment VALUES (2, 'before the target')");
Life::sealed($node);
signed_up($node);
$old_note = newest_note($node);
$target = $node->safe_psql('postgres', 'SELECT pg_current_wal_flush_lsn()');
$node->safe_psql('postgres', "INSERT INTO payment VALUES (3, 'after the target')");
Life::sealed($node);
signed_up($node);
$note = newest_note($node);
my ($size) = $note =~ /\n(\d+)\n/;
$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM ledger.checkpoint WHERE size = $size AND published_at IS NOT NULL");
is(slurp_file("$published/$size"), $note, 'the checkpoint is published');
$node->safe_psql('postgres', 'SELECT pg_switch_wal()');
$node->stop;

$restored = PostgreSQL::Test::Cluster->new('restored');
$restored->init_from_backup($node, 'base', has_restoring => 1, standby => 0);
$restored->append_conf('postgresql.conf',
	"recovery_target_lsn = '$target'\nrecovery_target_action = promote\narchive_mode = off\n");
$restored->start;
$restored->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()');
is($restored->safe_psql('postgres', 'SELECT string_agg(id::text, \' \' ORDER BY id) FROM payment'), '1 2',
	'recovered to before the last checkpoint');
$signed = $restored->safe_psql('postgres', 'SELECT max(size) FROM ledger.checkpoint');
cmp_ok($signed, '<', $size, 'which this log does not have');

# another history under the same origin: sealed, never signed
$restored->safe_psql('postgres', "INSERT INTO payment VALUES (4, 'another history')");
$restored->safe_psql('postgres', "INSERT INTO payment VALUES (5, 'of the same length')");
Life::sound($restored, 'after the recovery');
is($restored->safe_psql('postgres', 'SELECT max(size) FROM ledger.checkpoint'), $signed,
	'nothing is signed after the recovery');
is($restored->safe_psql('postgres', "SELECT status FROM ledger.health_check() WHERE item = 'identity'"), 'error',
	'and health_check() says so');

# the published checkpoint exposes the fork
($ret, $out, $err) = $restored->psql('postgres', "SELECT ledger.new_incarnation(\$\$$note\$\$)");
like($err, qr/does not continue this checkpoint/, 'the published checkpoint is not part of this log');
my @findings = Ledger::findings($restored, 'postgres', "since => \$\$$note\$\$");
ok(scalar(grep { $_->{severity} eq 'error' } @findings), 'ledger.verify() since that checkpoint reports an error');

# the operator confirms: a new origin
like($restored->safe_psql('postgres', 'SELECT ledger.new_incarnation()'),
	qr{^ledger/[0-9a-f]{32}/inc/\d+$}, 'a new origin after the operator has confirmed');
Life::sound($restored, 'with a new origin');
ok(signed_up($restored), 'and signed again');
like(newest_note($restored), qr{^ledger/[0-9a-f]{32}/inc/\d+\n}, 'under the new origin');
is($restored->safe_psql('postgres', "SELECT count(*) FROM ledger.checkpoint WHERE size > $signed AND note !~ '/inc/'"), '0',
	'and never under the old one');
is( $restored->safe_psql('postgres', "SELECT count(*) FROM ledger.incarnation WHERE reason = 'fork'"), '1',
	'the fork is on record');

$restored->stop;
done_testing();
