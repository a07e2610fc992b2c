# A full disk: the transaction that finds it full fails, nothing else is lost, and the sealer goes on when
# there is room again.
#
# The server's processes get a soft limit of the size of a file. Extending a relation then fails as it does
# on a full disk; WAL segments of 1 MB stay below the limit, so that WAL itself does not.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use Life;
use PostgreSQL::Test::Utils;
use Test::More;

use constant LIMIT => 1_200_000;

my $node = Ledger::node('main', init => [ extra => ['--wal-segsize=1'] ],
	conf => "autovacuum = off\nmax_wal_size = 20MB\n");
my ($ret, $out, $err);

sub limit
{
	my ($bytes) = @_;
	my ($postmaster) = slurp_file($node->data_dir . '/postmaster.pid') =~ /^(\d+)/;

	foreach my $pid ($postmaster, split ' ', `pgrep -P $postmaster`)
	{
		system("prlimit --pid $pid --fsize=$bytes: 2>/dev/null");
	}
	return;
}

$node->safe_psql('postgres', q{
	CREATE TABLE payment (id int, note text) USING ledger;
	CREATE TABLE wide (id int, note text) USING ledger;
	INSERT INTO payment VALUES (0, 'first');
	CREATE PROCEDURE pay(n int) LANGUAGE plpgsql AS
	$$ BEGIN FOR i IN 1 .. n LOOP INSERT INTO payment VALUES (i, 'x'); COMMIT; END LOOP; END $$;
	CREATE PROCEDURE pay_one_by_one() LANGUAGE plpgsql AS $$
	DECLARE
		tx bigint;
	BEGIN
		LOOP
			INSERT INTO payment VALUES (-9, 'x') RETURNING ledger_tx INTO tx;
			COMMIT;
			EXIT WHEN NOT ledger.wait_sealed(tx, '3 s');
		END LOOP;
	END $$;
});
Life::sealed($node);

# 1. what the sealer writes: one block for each transaction, until ledger.block cannot grow
limit(LIMIT);
$node->safe_psql('postgres', 'CALL pay_one_by_one()');
ok($node->log_contains('could not extend file "base/\d+/\d+"'), 'the sealer has met the full disk');
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM ledger.entry'),
	'>', $node->safe_psql('postgres', 'SELECT max(first_leaf + n) FROM ledger.block'), 'transactions wait to be sealed');
$node->safe_psql('postgres', "INSERT INTO payment VALUES (-3, 'writers are not held up')");
limit('unlimited');
Life::sound($node, 'sealer had no room');

# 2. the table itself
limit(LIMIT);
$node->safe_psql('postgres', "INSERT INTO wide SELECT g, repeat('x', 1000) FROM generate_series(1, 500) g");
($ret, $out, $err) = $node->psql('postgres',
	"INSERT INTO wide SELECT g, repeat('x', 1000) FROM generate_series(1, 2000) g");
like($err, qr/could not extend file/, 'an INSERT that does not fit fails');
is($node->safe_psql('postgres', 'SELECT count(*) FROM wide'), 500, 'rows before it are there');

# 3. the table of entries: COMMIT fails, and with it the transaction
($ret, $out, $err) = $node->psql('postgres', 'CALL pay(20000)');
like($err, qr/could not extend file/, 'a COMMIT whose entry does not fit fails');
my $rows = $node->safe_psql('postgres', 'SELECT count(*) FROM payment');
($ret, $out, $err) = $node->psql('postgres', "INSERT INTO payment VALUES (-1, 'refused')");
like($err, qr/could not extend file/, 'and so do those after it');
is($node->safe_psql('postgres', 'SELECT count(*) FROM payment'), $rows, 'without leaving a row');
limit('unlimited');
$node->safe_psql('postgres', "INSERT INTO payment VALUES (-2, 'room again')");
Life::sound($node, 'room again');

$node->stop;
done_testing();
