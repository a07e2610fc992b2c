# The scrub worker finds damage that nobody asked about, once, and makes way.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use LedgerChain;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = Ledger::node('main');

sub sql { return $node->safe_psql('postgres', $_[0]) }

sql(q{CREATE TABLE t (id int, v text) USING ledger;
	INSERT INTO t SELECT i, 'row ' || i FROM generate_series(1, 500) i});
sql(q{INSERT INTO t VALUES (1001, 'untouched')});
my $tx = sql(q{INSERT INTO t VALUES (1002, 'to be changed') RETURNING ledger_tx});
ok(LedgerChain::wait_signed($node), 'signed');

sql('ALTER DATABASE postgres SET ledger.scrub_rate = 1000');
ok($node->poll_query_until('postgres', 'SELECT scrub_passes > 0 FROM ledger.stat'), 'a pass was made');
is(sql('SELECT oldest_unverified IS NOT NULL FROM ledger.stat'), 't', 'and the view says since when');
is(sql('SELECT count(*) FROM ledger.incident'), '0', 'nothing was found');
is(sql('SELECT pages_per_second, pid IS NOT NULL, age > $$0$$, scrub_passes > 0, incidents FROM ledger.scrub_status'),
	'1000|t|t|t|0', 'ledger.scrub_status tells the age of the oldest row');
ok($node->poll_query_until('postgres',
		q{SELECT bool_and(backend_xmin IS NULL) FROM pg_stat_activity WHERE backend_type = 'ledger scrub'}),
	'it holds up nobody');

my ($block, $line) = sql("SELECT ctid FROM t WHERE id = 1002") =~ /\((\d+),(\d+)\)/;
my $path = $node->data_dir . '/' . sql(q{SELECT pg_relation_filepath('t')});

$node->stop;
open my $file, '+<:raw', $path or die "$path: $!";
read $file, my $content, -s $path;
my $at = index($content, 'to be changed');
ok($at >= 0, 'the row is in the file');
seek $file, $at, 0;
print $file 'was altered!!';
close $file;
$node->start;

is(sql('SELECT v FROM t WHERE id = 1002'), 'was altered!!', 'PostgreSQL does not notice');
ok( $node->poll_query_until('postgres',
		"SELECT count(*) = 1 FROM ledger.incident WHERE relation = 'public.t' AND ledger_tx = $tx AND ledger_seq = 0"),
	'the scrub worker records table, transaction and row');
sql('INSERT INTO t VALUES (1003, $$more$$)');
my $passes = sql('SELECT scrub_passes FROM ledger.stat');
ok($node->poll_query_until('postgres', "SELECT scrub_passes > $passes FROM ledger.stat"), 'it goes on');
is(sql('SELECT count(*) FROM ledger.incident'), '1', 'and records it once');

# it makes way
$node->safe_psql('template1', 'CREATE DATABASE copy TEMPLATE postgres');
sql('ALTER DATABASE postgres SET ledger.scrub_rate = 0');
ok( $node->poll_query_until('postgres',
		q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'ledger scrub' AND datname = 'postgres'}),
	'it ends when it is switched off');

$node->stop;
done_testing();
