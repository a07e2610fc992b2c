# What restore_finish() refuses, with the reason: dumps that lack a part, or hold a changed one.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use Life;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = Ledger::node('main');
my $tmp = $PostgreSQL::Test::Utils::tmp_check;
my $count = 0;
my ($ret, $out, $err);

$node->safe_psql('postgres', q{
	SELECT ledger.init('gm');
	CREATE TABLE payment (id int PRIMARY KEY, note text) USING ledger;
	INSERT INTO payment SELECT g, 'note ' || g FROM generate_series(1, 10) g;
	CREATE TABLE refund (id int) USING ledger;
	INSERT INTO refund VALUES (1);
	INSERT INTO refund VALUES (2);
});
Life::sealed($node);
my $note = $node->safe_psql('postgres', 'SELECT note FROM ledger.checkpoint ORDER BY size DESC LIMIT 1');

# Loads a dump made with these options, after the filter has seen its lines; returns the database.
sub restored
{
	my ($options, $filter, $restore) = @_;
	my $db = 'db' . ++$count;
	my $dump = "$tmp/$db.sql";

	command_ok([ 'pg_dump', @$options, '-f', $dump, $node->connstr('postgres') ],
		'pg_dump ' . join(' ', @$options));
	if ($filter)
	{
		my $text = slurp_file($dump);

		$filter->() for $text;
		open my $fh, '>', $dump or die $!;
		print {$fh} $text;
		close $fh;
	}
	$node->safe_psql('postgres', "CREATE DATABASE $db");
	local $ENV{PGOPTIONS} = '-c ledger.restore=' . ($restore // 'on');
	($ret, $out, $err) = $node->psql($db, '', extra_params => [ '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=verbose', '-f', $dump ]);
	return $db;
}

sub finish
{
	my ($db) = @_;

	($ret, $out, $err) = $node->psql($db,
		"\\set VERBOSITY verbose\nSELECT ledger.restore_finish(\$\$$note\$\$)");
	return $err;
}

# the loading itself
restored([], undef, 'off');
like($err, qr/HINT:.*ledger\.restore/s, 'without ledger.restore: the error names the setting');

# parts that are missing
like(finish(restored([ '--no-table-access-method' ])), qr/55000.*access method.*--no-table-access-method/s,
	'--no-table-access-method');
like(finish(restored([ '--exclude-table=refund' ])), qr/55000.*public\.refund/s, 'a table is missing');
like(finish(restored([ '--exclude-table-data=refund' ])), qr/refund/s, 'the rows of a table are missing');
like(finish(restored([ '--exclude-table-data=ledger.entry' ])), qr/entr/s, 'the entries are missing');
like(finish(restored([ '--exclude-table-data=ledger.block' ])), qr/block/s, 'the blocks are missing');
like(finish(restored([ '--exclude-table-data=ledger.chain' ])), qr/55000.*no chain/s, 'the chain is missing');
like(finish(restored([ '--schema-only' ])), qr/55000.*no chain/s, 'only the schema');

# parts that were changed
like(finish(restored([], sub { s/note 7/note 8/ })), qr/payment/, 'a changed row');
like(finish(restored([], sub { s/^7\tnote 7\t.*\n//m })), qr/payment/, 'a row left out');
like(finish(restored([], sub { s/^COPY ledger.schema_version .*?^\\\.$//ms })), qr/schema version/, 'schema versions left out');
like(finish(restored([], sub { s/(id integer NOT NULL,\s+note) text/$1 character varying/ })), qr/payment/,
	'a column of another type');

# other ways to dump, and rows that no block holds yet
is(finish(restored([ '--inserts', '--rows-per-insert=7' ])), '', 'INSERTs instead of COPY');
my $hold = Life::hold($node, 'block');
$node->safe_psql('postgres', 'INSERT INTO refund VALUES (100)');
Life::waiting($node, 'block');
my $unsealed = restored([]);
$hold->query_safe('COMMIT');
$hold->quit;
is($node->safe_psql($unsealed, 'SELECT max(first_leaf + n) < (SELECT count(*) FROM ledger.entry) FROM ledger.block'),
	't', 'a dump with a row that is not sealed');
is(finish($unsealed), '', 'it is accepted');
is($node->safe_psql($unsealed, 'SELECT count(*) FROM refund WHERE id = 100'), '1', 'with that row');
Life::sound($node, 'with a row that was not sealed when it was dumped', $unsealed);

# a database in which there is nothing to do
is(finish(restored([])), '', 'a whole dump is accepted');
like(finish("db$count"), qr/55000.*nothing to finish/s, 'once');
like(finish('postgres'), qr/55000.*nothing to finish/s, 'the original has nothing to finish');

# the copy and the original do not sign under one name by mistake
my $copy = restored([]);
like($node->safe_psql($copy, 'SELECT ledger.restore_finish()'), qr{^ledger/[0-9a-f]{32}/inc/\d+$}, 'a new origin');
$node->safe_psql($copy, 'INSERT INTO refund VALUES (3)');
Life::sound($node, 'a copy with a new origin', $copy);
$node->poll_query_until($copy, "SELECT ledger.checkpoint() ~ '^ledger/[0-9a-f]{32}/inc/[0-9]+\n'")
  or die 'not signed';
pass('its checkpoints carry it');

# a checkpoint that the dump does not contain: somebody signed more than was restored
my $db = restored([]);
$node->safe_psql('postgres', 'INSERT INTO refund VALUES (4)');
Life::sealed($node);
$note = $node->safe_psql('postgres', 'SELECT note FROM ledger.checkpoint ORDER BY size DESC LIMIT 1');
like(finish($db), qr/22023.*does not continue this checkpoint/s, 'a checkpoint beyond the restored log does not keep the origin');
$node->stop;
done_testing();
