# Transaction ids two billion further on, and across the change of epoch: sealing, verifying and
# freezing go on, and a prepared transaction of the old epoch is still sealed once.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use Life;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = Ledger::node('main', conf => "max_prepared_transactions = 5\n");
my $next = 0;

# Moves the next transaction id, as years of other people's transactions would. pg_xact needs the page.
sub jump
{
	my ($xid) = @_;
	my $segment = sprintf '%04X', int($xid / (32 * 32768));
	my $oldest = $node->safe_psql('postgres', 'SELECT min(datfrozenxid::text::bigint) FROM pg_database');

	$node->stop;
	open my $fh, '>:raw', $node->data_dir . "/pg_xact/$segment" or die $!;
	print {$fh} "\0" x (32 * 8192);
	close $fh;
	command_ok([ 'pg_resetwal', '-x', $xid, '-u', $oldest, $node->data_dir ],
		"next transaction id is $xid, oldest $oldest");
	$node->start;
	return;
}

sub write_some
{
	my ($n) = @_;

	$node->safe_psql('postgres',
		join ';', map { 'INSERT INTO payment VALUES (' . ++$next . ", 'x')" } 1 .. $n);
	return;
}

sub freeze_all
{
	$node->safe_psql($_, 'VACUUM FREEZE') foreach qw(template0 template1 postgres);
	return;
}

$node->safe_psql('postgres', q{
	ALTER DATABASE template0 ALLOW_CONNECTIONS true;
	CREATE TABLE payment (id int, note text) USING ledger;
});
write_some(20);
Life::sound($node, 'at first');
freeze_all();

jump(2**31 - 60_000_000);
write_some(20);
Life::sound($node, 'two billion transactions later');
freeze_all();
is( $node->safe_psql('postgres', q{
		SELECT count(*) FROM pg_class WHERE relkind IN ('r', 't') AND age(relfrozenxid) > 1000}),
	'0', 'everything can be frozen');
Life::sound($node, 'after freezing');

jump(4_000_000_000);
write_some(20);
freeze_all();
$node->safe_psql('postgres', q{
	BEGIN; INSERT INTO payment VALUES (-1, 'old epoch'); PREPARE TRANSACTION 'old epoch'});
jump(2**32 - 15);
write_some(40);
is( $node->safe_psql('postgres', 'SELECT pg_current_xact_id()::text::numeric > 4294967296'),
	't', 'the epoch has changed');
Life::sound($node, 'across the change of epoch');
$node->safe_psql('postgres', "COMMIT PREPARED 'old epoch'");
Life::sound($node, 'a prepared transaction of the old epoch');
freeze_all();
$node->restart;
write_some(5);
Life::sound($node, 'after freezing and a restart');
is($node->safe_psql('postgres', 'SELECT count(*) FROM payment'), $next + 1, 'all rows are visible');

$node->stop;
done_testing();
