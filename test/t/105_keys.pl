# The signing key: a development key by default, a file of one's own, and never another one silently.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../perl";
use File::Path qw(make_path);
use Ledger;
use LedgerChain;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = Ledger::node('main');
my $keys = $node->basedir . '/keys';
my ($err, $n);

mkdir $keys, 0700;

sub database
{
	my ($dbname) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $dbname");
	$node->safe_psql($dbname, 'CREATE EXTENSION ledger');
	return;
}

sub problem
{
	my ($dbname, $pattern, $name) = @_;

	ok($node->poll_query_until($dbname, "SELECT count(*) = 1 FROM ledger.health_check() WHERE item = 'signing' AND status = 'error' AND concat(detail, ' ', hint) ~ '$pattern'"),
		$name)
	  or diag($node->safe_psql($dbname, q{SELECT * FROM ledger.health_check() WHERE item = 'signing'}));
	return;
}

# development key
my $sysid = $node->safe_psql('postgres', 'SELECT system_identifier FROM pg_control_system()');
$node->safe_psql('postgres', 'CREATE TABLE t (a int) USING ledger');
ok(LedgerChain::wait_signed($node), 'signed without any setting');
my $hex = $node->safe_psql('postgres', q{SELECT replace(chain_id::text, '-', '') FROM ledger.chain});
my $dev = $node->basedir . "/ledger-$sysid/$hex.pem";
ok(-f $dev, 'with a development key beside the data directory');
is(sprintf('%o %o', (stat $dev)[2] & 07777, (stat $node->basedir . "/ledger-$sysid")[2] & 07777), '600 700', 'that nobody else can read');
is($node->safe_psql('postgres', q{SELECT status || ' ' || (detail ~ 'development key') FROM ledger.health_check() WHERE item = 'key'}),
	'warning true', 'health_check says so');
# openssl knows the key, and the chain has the same
my ($out) = run_command([ 'openssl', 'pkey', '-in', $dev, '-pubout', '-outform', 'DER' ]);
is( $node->safe_psql('postgres', q{SELECT encode(sign_key, 'hex') FROM ledger.member ORDER BY from_height DESC LIMIT 1}),
	unpack('H*', `openssl pkey -in '$dev' -pubout -outform DER`), 'it is the key of the KEY entry');

# it is gone: no other is made
rename $dev, "$dev.away";
$node->restart;
$node->safe_psql('postgres', 'INSERT INTO t VALUES (1)');
ok(LedgerChain::wait_sealed($node), 'sealing goes on without a key');
problem('postgres', 'development key .* is gone.*Put that file back', 'but nothing is signed, and health_check says what to do');
ok(!-e $dev, 'no other key was made');
rename "$dev.away", $dev;
ok(LedgerChain::wait_signed($node), 'signed when the file is back');

# readable by others
chmod 0640, $dev;
$node->restart;
$node->safe_psql('postgres', 'INSERT INTO t VALUES (2)');
problem('postgres', 'can be accessed by its group.*chmod 0600', 'a key file that others can read is refused');
chmod 0600, $dev;
ok(LedgerChain::wait_signed($node), 'signed when it is private again');

# the same with nobody writing after the start: what was left unsigned is not forgotten
chmod 0640, $dev;
$node->restart;
$node->safe_psql('postgres', 'INSERT INTO t VALUES (3)');
LedgerChain::wait_sealed($node);
$node->restart;
problem('postgres', 'can be accessed by its group', 'refused after a start without a write');
chmod 0600, $dev;
ok(LedgerChain::wait_signed($node), 'signed when it is private again, without a write');

# a key of one's own, made by the extension, set for one database
database('own');
isnt($node->psql('own', qq{SELECT ledger.init_key('relative.pem')}, stderr => \$err), 0, 'a relative path is refused');
like($err, qr/not absolute/, 'by name');
isnt($node->psql('own', sprintf(q{SELECT ledger.init_key('%s/k.pem')}, $node->data_dir), stderr => \$err), 0, 'the data directory is refused');
like($err, qr/is in the data directory/, 'by name');
my $vkey = $node->safe_psql('own', "SELECT ledger.init_key('$keys/own.pem')");
isnt($node->psql('own', "SELECT ledger.init_key('$keys/own.pem')", stderr => \$err), 0, 'a file is not overwritten');
like($err, qr/could not be made: File exists/, 'by name');
$node->safe_psql('own', "ALTER DATABASE own SET ledger.key_file = '$keys/own.pem'");
$node->safe_psql('own', 'CREATE TABLE t (a int) USING ledger');
ok(LedgerChain::wait_signed($node, 'own'), 'signed');
is($node->safe_psql('own', 'SELECT ledger.verifier_key()'), $vkey, 'with the key that init_key made');
is($node->safe_psql('own', q{SELECT status FROM ledger.health_check() WHERE item = 'key'}), 'ok', 'health_check is content');
$node->safe_psql('own', 'CREATE ROLE someone LOGIN; GRANT ledger_admin TO someone');
isnt($node->psql('own', "SET ROLE someone; SELECT ledger.init_key('$keys/x.pem')", stderr => \$err), 0, 'not by anybody');
like($err, qr/permission denied/, 'by name');

# another file, set while the sealer runs: refused, and the right one accepted again
$node->safe_psql('own', "SELECT ledger.init_key('$keys/other.pem')");
$node->safe_psql('own', "ALTER DATABASE own SET ledger.key_file = '$keys/other.pem'");
$node->safe_psql('own', 'INSERT INTO t VALUES (1)');
$n = $node->safe_psql('own', 'SELECT count(*) FROM ledger.entry WHERE type = 4');
$node->poll_query_until('own', 'SELECT unsealed = 0 FROM ledger.stat');
my $i = 0;
until ($node->safe_psql('own', q{SELECT sign_problem ~ 'is not the signing key of this chain' FROM ledger.stat}) eq 't' || $i++ > 50)
{
	$node->safe_psql('own', 'INSERT INTO t VALUES (2)');
	select undef, undef, undef, 0.2;
}
problem('own', 'other.pem.*is not the signing key of this chain.*rotate_key', 'another key is not taken');
is($node->safe_psql('own', 'SELECT count(*) FROM ledger.entry WHERE type = 4'), $n, 'nor entered');
my $signed = $node->safe_psql('own', 'SELECT signed_size FROM ledger.stat');

# rotation: the present key approves the next one
isnt($node->psql('own', "SELECT ledger.rotate_key('$keys/own.pem')", stderr => \$err), 0, 'a key cannot approve itself in');
like($err, qr/other.pem" is not the signing key/, 'the present key is needed');
$node->safe_psql('own', "ALTER DATABASE own SET ledger.key_file = '$keys/own.pem'");
$node->safe_psql('own', "SELECT ledger.rotate_key('$keys/other.pem')");
$node->safe_psql('own', "ALTER DATABASE own SET ledger.key_file = '$keys/other.pem'");
$node->safe_psql('own', 'INSERT INTO t VALUES (3)');
ok(LedgerChain::wait_signed($node, 'own'), 'signed after rotation');
isnt($node->safe_psql('own', 'SELECT ledger.verifier_key()'), $vkey, 'by another key');
cmp_ok($node->safe_psql('own', 'SELECT signed_size FROM ledger.stat'), '>', $signed, 'and further');
# a KEY entry that was not approved changes nothing
is($node->safe_psql('own', q{SELECT count(*) FROM ledger.member WHERE octet_length(sign_key) > 0}), '2', 'two keys in ledger.member');

# encrypted, made by openssl, both suites
foreach my $suite ('std', 'gm')
{
	my $curve = $suite eq 'std' ? 'P-256' : 'SM2';
	my $file = "$keys/$suite-enc.pem";

	system("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:$curve -pkeyopt ec_param_enc:named_curve"
		  . " -aes-256-cbc -pass pass:secret$suite -out '$file' 2>/dev/null") == 0
	  or die "openssl made no $curve key";
	chmod 0600, $file;
	database("enc$suite");
	$node->safe_psql("enc$suite", qq{
		ALTER DATABASE enc$suite SET ledger.suite = '$suite';
		ALTER DATABASE enc$suite SET ledger.key_file = '$file'});
	$node->safe_psql("enc$suite", 'CREATE TABLE t (a int) USING ledger');
	problem("enc$suite", 'passphrase', "$suite: an encrypted key without a command");
	$node->safe_psql("enc$suite", qq{ALTER DATABASE enc$suite SET ledger.key_passphrase_command = 'echo wrong'});
	$node->safe_psql("enc$suite", 'INSERT INTO t VALUES (1)');
	select undef, undef, undef, 2.0;
	problem("enc$suite", 'passphrase', "$suite: with a wrong one");
	$node->safe_psql("enc$suite", qq{ALTER DATABASE enc$suite SET ledger.key_passphrase_command = 'echo secret$suite'});
	$node->safe_psql("enc$suite", 'INSERT INTO t VALUES (2)');
	ok(LedgerChain::wait_signed($node, "enc$suite"), "$suite: signed with the right one");
}
unlike(slurp_file($node->logfile), qr/secret(std|gm)(?!')/, 'no passphrase in the log but in the statements that set it');

# a key of the other suite, and no key at all
database('wrong');
$node->safe_psql('wrong', qq{ALTER DATABASE wrong SET ledger.key_file = '$keys/gm-enc.pem';
	ALTER DATABASE wrong SET ledger.key_passphrase_command = 'echo secretgm'});
$node->safe_psql('wrong', 'CREATE TABLE t (a int) USING ledger');
problem('wrong', 'cannot be used: .*suite std', 'a key of the other suite');
$node->safe_psql('wrong', "ALTER DATABASE wrong SET ledger.key_file = '$keys/none.pem'");
$node->safe_psql('wrong', 'INSERT INTO t VALUES (1)');
select undef, undef, undef, 2.0;
problem('wrong', 'none.pem.*could not be opened', 'a file that does not exist is not made');
ok(!-e "$keys/none.pem", 'really');
is(LedgerChain::problems($node, 'wrong', 't'), '', 'the log is whole without a signature');
$node->stop;
done_testing();
