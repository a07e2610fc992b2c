# COPY of a million rows: the backend keeps no more than 2 MB beyond what heap needs, while all rows wait
# for their commit.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use Life;
use PostgreSQL::Test::Utils;
use Test::More;

my $rows = $ENV{LEDGER_COPY_ROWS} // 1_000_000;
my $node = Ledger::node('main', conf => "shared_buffers = 32MB\nmax_wal_size = 2GB\n");
my %kept;

foreach my $am ('heap', 'ledger')
{
	my $fifo = "${PostgreSQL::Test::Utils::tmp_check}/go_$am";
	my ($session, $pid);

	system('mkfifo', $fifo) == 0 or die "mkfifo: $?";
	$node->safe_psql('postgres',
		"CREATE TABLE t_$am (id int, amount numeric, note text, at timestamptz) USING $am");
	$session = $node->background_psql('postgres');
	$pid = $session->query_safe('SELECT pg_backend_pid()');

	# The program ends, and with it COPY, when somebody writes to the pipe. A last line fills psql's buffer.
	$session->query_until(qr/copying/, "\\echo copying\n\\copy t_$am from program "
		. "'seq 1 $rows | awk ''{ print \$1 \"\\t\" \$1 \".25\\tpayment number \" \$1 \"\\t2024-02-29 12:00:00+00\" }''; cat $fifo'\n");
	$node->poll_query_until('postgres',
		"SELECT tuples_processed >= $rows - 1000 FROM pg_stat_progress_copy WHERE pid = $pid")
	  or die 'rows do not arrive';
	my ($rss) = slurp_file("/proc/$pid/status") =~ /^RssAnon:\s+(\d+) kB/m;
	$kept{$am} = $rss;
	open my $go, '>', $fifo or die $!;
	close $go;
	is($session->query_safe("SELECT count(*) FROM t_$am"), $rows, "$am: all rows arrived");
	$session->quit;
}
cmp_ok($kept{ledger} - $kept{heap}, '<=', 2048,
	"ledger keeps $kept{ledger} kB, heap $kept{heap} kB");
Life::sound($node, 'after the COPY');
$node->stop;
done_testing();
