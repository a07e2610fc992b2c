# What ledger.export() writes is taken by both verifiers, and a change to any of
# its files is found by both.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use LedgerChain;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = Ledger::node('main');
my $python = "$FindBin::RealBin/../pyverify/ledger_pyverify.py";
my $seed = Ledger::seed();
srand($seed);

sub sql { return $node->safe_psql($_[0], $_[1]) }

# verdict(command...): the exit status of a verifier and what it printed
sub verdict
{
	my ($out, $err);
	IPC::Run::run([@_], '>', \$out, '2>', \$err);
	return ($? >> 8, $out . $err);
}

foreach my $suite ('std', 'gm')
{
	my $dir = $node->basedir . "/export_$suite";

	$node->safe_psql('postgres', "CREATE DATABASE $suite");
	sql($suite, "CREATE EXTENSION ledger; SELECT ledger.init('$suite')");
	sql($suite, q{
		CREATE TABLE t (id int PRIMARY KEY, v text) USING ledger;
		CREATE TABLE c (id int PRIMARY KEY, v text) USING ledger_versioned;
		INSERT INTO t SELECT i, repeat('long ', i) FROM generate_series(1, 600) i;
		INSERT INTO c VALUES (1, 'a'), (2, 'b');
		UPDATE c SET v = 'c';
		DELETE FROM c WHERE id = 1;
		ALTER TABLE t ADD COLUMN w int});
	sql($suite, "INSERT INTO t (id, w) VALUES ($_, 1)") foreach (1001 .. 1040);
	ok(LedgerChain::wait_signed($node, $suite), "$suite: signed");
	is(sql($suite, "SELECT ledger.export('$dir')"), '645', "$suite: every row, version and deletion is written");

	my @both = ([Ledger::verifier(), 'export'], ['python3', $python, 'export']);
	foreach my $tool (@both)
	{
		my ($status, $text) = verdict(@$tool, $dir, '--key', "$dir/keys");
		is($status, 0, "$suite: valid for $tool->[0]") or diag($text);
	}

	# a later checkpoint does not fit an older export; an older one fits a newer
	my $old = "$dir.note";
	append_to_file($old, PostgreSQL::Test::Utils::slurp_file("$dir/checkpoint"));
	sql($suite, q{INSERT INTO t (id) VALUES (2000)});
	ok(LedgerChain::wait_signed($node, $suite), "$suite: signed again");
	sql($suite, "SELECT ledger.export('${dir}_2')");
	my ($status, $text) = verdict(Ledger::verifier(), 'export', "${dir}_2", '--key', "$dir/keys", '--checkpoint', $old);
	is($status, 0, "$suite: the log contains its older checkpoint") or diag($text);

	my ($rc, $out, $err) = $node->psql($suite, "SELECT ledger.export('$dir')");
	like($err, qr/exists/, "$suite: an existing directory is left alone");

	# one flipped bit in each file
	foreach my $file (glob("$dir/*.bin $dir/rows/*.bin $dir/checkpoint $dir/tile/0/*"))
	{
		next if -d $file || -s $file == 0;
		my $content = PostgreSQL::Test::Utils::slurp_file($file);
		my $at = int(rand(length $content));
		my $bad = $content;

		substr($bad, $at, 1) = chr(ord(substr($bad, $at, 1)) ^ 1 << int(rand(8)));
		overwrite($file, $bad);
		foreach my $tool (@both)
		{
			my ($code, $said) = verdict(@$tool, $dir, '--key', "$dir/keys");
			isnt($code, 0, "$suite: a bit of " . substr($file, length($dir) + 1) . " at $at is missed by nobody")
			  or diag($said);
		}
		overwrite($file, $content);
	}
}

sub overwrite
{
	my ($file, $content) = @_;

	open my $handle, '>:raw', $file or die "$file: $!";
	print $handle $content;
	close $handle;
}

$node->stop;
done_testing();
