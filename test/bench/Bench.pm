# Bench.pm: a server to measure, runs of pgbench, and figures.

package Bench;

use strict;
use warnings;
use Exporter 'import';
use POSIX ();
use Time::HiRes 'time';

our @EXPORT = qw(say_machine start_server stop_server psql psql_script pgbench pairs median quantile
  figure section note finish $seconds $npairs $large);

our $seconds = $ENV{BENCH_SECONDS} // 6;
our $npairs = $ENV{BENCH_PAIRS} // 9;
our $large = ($ENV{BENCH_SCALE} // '') eq 'large';

my $dir = $ENV{BENCH_DIR} or die "BENCH_DIR is not set\n";
my ($group) = $0 =~ /(\w+)\.pl$/;
my @figures;

$| = 1;

sub note
{
	print "# $_\n" for split /\n/, join '', @_;
	return;
}

sub section
{
	print "\n== $_[0]\n";
	return;
}

sub first_line
{
	my ($file, $pattern) = @_;

	open my $fh, '<', $file or return '?';
	while (my $line = <$fh>)
	{
		return $1 if $line =~ $pattern;
	}
	return '?';
}

sub say_machine
{
	my ($cpus) = `nproc` =~ /(\d+)/;
	my ($commit) = `git -C "\${LEDGER_TREE:-.}" rev-parse --short HEAD 2>/dev/null` =~ /(\w+)/;

	note 'date      ' . POSIX::strftime('%Y-%m-%d %H:%M UTC', gmtime);
	note "cpu       $cpus x " . first_line('/proc/cpuinfo', qr/^model name\s*: (.*)/);
	note 'memory    ' . int(first_line('/proc/meminfo', qr/^MemTotal:\s*(\d+)/) / 1048576 + 0.5) . ' GiB';
	note 'kernel    ' . (POSIX::uname())[2];
	note 'debian    ' . first_line('/etc/debian_version', qr/(.*)/);
	note 'server    ' . `postgres --version`;
	note 'openssl   ' . (`dpkg-query -W -f '\${Version}' libssl3 2>/dev/null` || '?');
	note 'commit    ' . ($commit // 'not in git');
	note "runs      $seconds s each, $npairs alternating pairs";
	return;
}

sub start_server
{
	my @conf = @_;
	my $libdir = `pg_config --pkglibdir`;

	chomp $libdir;
	system('rm', '-rf', $dir) == 0 && system('mkdir', '-p', $dir) == 0 or die "could not make $dir\n";
	system("initdb -D $dir/data -A trust -U postgres -E UTF8 --no-sync >/dev/null") == 0 or die "initdb failed\n";
	open my $fh, '>>', "$dir/data/postgresql.conf" or die "$dir/data/postgresql.conf: $!\n";
	print {$fh} map { "$_\n" } "extension_destdir = '$ENV{LEDGER_DESTDIR}'",
	  "dynamic_library_path = '$ENV{LEDGER_DESTDIR}$libdir:\$libdir'",
	  "shared_preload_libraries = 'ledger'", "unix_socket_directories = '$dir'",
	  "listen_addresses = ''", @conf;
	close $fh;
	@ENV{qw(PGHOST PGUSER PGDATABASE)} = ($dir, 'postgres', 'postgres');
	system("pg_ctl start -s -w -D $dir/data -l $dir/server.log") == 0 or die `cat $dir/server.log`;
	note 'settings  ' . join ', ', @conf;
	return;
}

sub stop_server
{
	system("pg_ctl stop -s -w -m fast -D $dir/data") if -e "$dir/data/postmaster.pid";
	return;
}

END
{
	my $status = $?;
	stop_server();
	$? = $status;
}

# psql(DATABASE, SQL): the answer, columns separated by |.
sub psql
{
	my ($db, $sql) = @_;

	open my $fh, '>', "$dir/statement.sql" or die "$dir/statement.sql: $!\n";
	print {$fh} $sql;
	close $fh;
	my $out = `psql -X -A -t -q -v ON_ERROR_STOP=1 -d $db -f $dir/statement.sql 2>$dir/psql.err`;
	if ($? != 0)
	{
		my $err = `cat $dir/psql.err`;
		die "$sql\n$err\n";
	}
	chomp $out;
	return $out;
}

# CPU seconds of the children that the postmaster has already waited for.
sub waited_cpu
{
	open my $fh, '<', "$dir/data/postmaster.pid" or die "no server\n";
	my $pid = int <$fh>;

	open $fh, '<', "/proc/$pid/stat" or die "no server\n";
	my @field = split ' ', (<$fh> =~ s/^.*\) //r);
	return ($field[13] + $field[14]) / POSIX::sysconf(&POSIX::_SC_CLK_TCK);
}

# pgbench(DATABASE, CLIENTS, SCRIPT, %opts): {tps, cpu, n}: cpu is that of the clients' backends, in
# microseconds for each transaction. SCRIPT undef is TPC-B. opts: seconds or transactions for each
# client; settings of the sessions.
sub pgbench
{
	my ($db, $clients, $script, %opts) = @_;
	my $how = $opts{transactions} ? "-t $opts{transactions}" : '-T ' . ($opts{seconds} // $seconds);
	my $which = '-b tpcb-like';

	if (defined $script)
	{
		open my $fh, '>', "$dir/script.sql" or die "$dir/script.sql: $!\n";
		print {$fh} $script;
		close $fh;
		$which = "-f $dir/script.sql";
	}
	local $ENV{PGOPTIONS} = $opts{settings} // '';
	my $cpu = waited_cpu();
	my $out = `pgbench -n -M prepared -c $clients -j 2 $how $which $db 2>&1`;
	my ($tps) = $out =~ /^tps = ([\d.]+)/m;
	my ($n) = $out =~ /transactions actually processed: (\d+)/;

	die "pgbench: $out\n" if $? != 0 || !$n;
	# a backend may be waited for a moment after its client has left
	select undef, undef, undef, 0.2;
	$cpu = (waited_cpu() - $cpu) / $n * 1e6;
	return { tps => $tps, cpu => $cpu, n => $n };
}

# pairs(SUB, SUB): [a, b] of $npairs pairs, the order changing from pair to pair.
sub pairs
{
	my ($first, $second) = @_;
	my @pairs;

	for my $i (1 .. $npairs)
	{
		if ($i % 2)
		{
			my $a = $first->();
			push @pairs, [ $a, $second->() ];
		}
		else
		{
			my $b = $second->();
			push @pairs, [ $first->(), $b ];
		}
	}
	return @pairs;
}

sub quantile
{
	my ($q, @values) = @_;

	@values = sort { $a <=> $b } @values;
	return $values[ POSIX::ceil($q * @values) - 1 < 0 ? 0 : POSIX::ceil($q * @values) - 1 ];
}

sub median
{
	my @values = sort { $a <=> $b } @_;
	my $n = @values;

	return $n % 2 ? $values[ $n / 2 ] : ($values[ $n / 2 - 1 ] + $values[ $n / 2 ]) / 2;
}

# figure(NAME, VALUE, UNIT, BASELINE, TARGET): target '>=x', '<=x' or '-'.
sub figure
{
	my ($name, $value, $unit, $baseline, $target) = @_;
	my $line = join "\t", "$group.$name", $value, $unit, $baseline, $target;
	my ($op, $limit) = $target =~ /^([<>]=)([\d.]+)$/;
	my $met = !defined $op ? '' : ($op eq '>=' ? $value >= $limit : $value <= $limit) ? 'met' : 'MISSED';

	push @figures, $line;
	print "$line\t$met\n";
	return;
}

# Writes the figures to the file that is the program's argument.
sub finish
{
	my $file = $ARGV[0] or return;

	open my $fh, '>', $file or die "could not write $file: $!\n";
	print {$fh} "$_\n" for @figures;
	close $fh or die "could not write $file: $!\n";
	return;
}

1;
