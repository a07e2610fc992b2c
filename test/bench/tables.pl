# The figures of ledger tables on a chain of one: against heap tables with the same columns, in the
# same server, in alternating runs.

use strict;
use warnings;
use Bench;

my $rows = $ENV{BENCH_ROWS} // 1_000_000;
my @suites = qw(std gm);

# Targets that differ between the suites.
my %target = (
	std => { copy => '<=1.20', verify_single => '>=0.5', verify_bulk => '>=0.9' },
	gm => { copy => '<=1.35', verify_single => '>=0.35', verify_bulk => '>=0.55' });

sub ratio
{
	my ($name, $target, $key, $what, @pairs) = @_;
	my @ratios = map { $_->[1]{$key} / $_->[0]{$key} } @pairs;
	my $base = median(map { $_->[0]{$key} } @pairs);

	note "$name $what: heap "
	  . join(' ', map { sprintf '%.6g', $_->[0]{$key} } @pairs)
	  . ' ledger '
	  . join(' ', map { sprintf '%.6g', $_->[1]{$key} } @pairs);
	note sprintf '%s ratio: median %.3f, from %.3f to %.3f', $name, median(@ratios), quantile(0, @ratios),
	  quantile(1, @ratios);
	figure $name, sprintf('%.3f', median(@ratios)), 'x', sprintf('%.5g %s', $base, $what), $target;
	return;
}

sub extra_cpu
{
	my ($name, @pairs) = @_;
	my @extra = map { $_->[1]{cpu} - $_->[0]{cpu} } @pairs;

	note sprintf '%s: from %.1f to %.1f', $name, quantile(0, @extra), quantile(1, @extra);
	figure $name, sprintf('%.1f', median(@extra)), 'us',
	  sprintf('%.1f us', median(map { $_->[0]{cpu} } @pairs)), '<=5';
	return;
}

sub new_database
{
	my ($db, $suite) = @_;

	psql 'postgres', "CREATE DATABASE $db";
	psql $db, "CREATE EXTENSION ledger; CREATE EXTENSION tsm_system_rows; SELECT ledger.init('$suite')";
	return;
}

sub seal_everything
{
	my ($db) = @_;

	select undef, undef, undef, 0.1
	  until psql($db, 'SELECT unsealed = 0 AND signed_size = sealed_size FROM ledger.stat') eq 't';
	return;
}

# ---- single rows ----------------------------------------------------------

my $columns = 'id int NOT NULL, amount numeric NOT NULL, note text NOT NULL, at timestamptz NOT NULL';
my $values = "(:client_id, 12.50, 'a note of thirty or so letters', now())";

sub single_rows
{
	psql 'std', "CREATE TABLE single_heap ($columns)";
	psql 'std', "CREATE TABLE single_ledger ($columns) USING ledger";
	for my $sync ([ 'on', 'sync', '>=0.97' ], [ 'off', 'async', '>=0.88' ])
	{
		my ($setting, $label, $target) = @{$sync};

		for my $clients (8, 16)
		{
			my $run = sub {
				pgbench 'std', $clients, "INSERT INTO $_[0] VALUES $values;\n",
				  settings => "-c synchronous_commit=$setting";
			};

			section "single-row INSERT, $clients clients, synchronous_commit $setting";
			my @pairs = pairs sub { $run->('single_heap') }, sub { $run->('single_ledger') };
			ratio "insert_${clients}c_$label", $target, 'tps', 'tps', @pairs;
			extra_cpu "insert_${clients}c_${label}_cpu", @pairs;
		}
	}
	return;
}

# What people do today, so that the ratio above can be compared with something.
sub today
{
	psql 'std', <<"END";
CREATE EXTENSION pgcrypto;

CREATE TABLE chain_trigger ($columns, hash_no bigserial, hash bytea);
CREATE INDEX ON chain_trigger (hash_no);
CREATE FUNCTION chain_row() RETURNS trigger LANGUAGE plpgsql AS \$\$
DECLARE
	prev bytea;
BEGIN
	PERFORM pg_advisory_xact_lock(1);
	SELECT hash INTO prev FROM chain_trigger ORDER BY hash_no DESC LIMIT 1;
	NEW.hash_no := nextval('chain_trigger_hash_no_seq');
	NEW.hash := digest(coalesce(prev, '') || convert_to(NEW::text, 'UTF8'), 'sha256');
	RETURN NEW;
END \$\$;
CREATE TRIGGER chain BEFORE INSERT ON chain_trigger FOR EACH ROW EXECUTE FUNCTION chain_row();

CREATE TABLE chain_head (hash bytea);
INSERT INTO chain_head VALUES ('');
CREATE TABLE chain_by_head ($columns, hash bytea);
CREATE FUNCTION chain_head() RETURNS trigger LANGUAGE plpgsql AS \$\$
BEGIN
	UPDATE chain_head SET hash = digest(hash || convert_to(NEW::text, 'UTF8'), 'sha256')
		RETURNING hash INTO NEW.hash;
	RETURN NEW;
END \$\$;
CREATE TRIGGER chain BEFORE INSERT ON chain_by_head FOR EACH ROW EXECUTE FUNCTION chain_head();
END
	for my $way ([ 'chain_trigger', 'today_trigger_chain' ], [ 'chain_by_head', 'today_chain_head_row' ])
	{
		my ($table, $name) = @{$way};

		for my $sync ([ 'on', 'sync' ], [ 'off', 'async' ])
		{
			my ($setting, $label) = @{$sync};
			my $run = sub {
				pgbench 'std', 8, "INSERT INTO $_[0] (id, amount, note, at) VALUES $values;\n",
				  settings => "-c synchronous_commit=$setting";
			};

			section "$name, 8 clients, synchronous_commit $setting";
			ratio "${name}_8c_$label", '-', 'tps', 'tps',
			  pairs sub { $run->('single_heap') }, sub { $run->($table) };
		}
	}
	return;
}

sub tpcb
{
	section 'pgbench TPC-B, 8 clients';
	for my $db ('tpcb_heap', 'tpcb_ledger')
	{
		psql 'postgres', "CREATE DATABASE $db";
		system("pgbench -i -s 10 -q $db >/dev/null 2>&1") == 0 or die "pgbench -i failed\n";
	}
	psql 'tpcb_ledger', <<'END';
CREATE EXTENSION ledger;
DROP TABLE pgbench_history;
CREATE TABLE pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22)) USING ledger;
END
	ratio 'tpcb_8c', '>=0.97', 'tps', 'tps',
	  pairs sub { pgbench 'tpcb_heap', 8 }, sub { pgbench 'tpcb_ledger', 8 };
	return;
}

# ---- bulk -----------------------------------------------------------------

sub copy
{
	my ($suite) = @_;
	my $file = "$ENV{BENCH_DIR}/copy.txt";

	section "COPY of $rows rows, $suite";
	psql $suite, <<"END";
COPY (SELECT i, (i::bigint * 7919 % 1000003) / 100.0, 'a note of thirty or so letters ' || i,
	timestamptz '2026-01-01 00:00:00+00' + i * interval '1 second'
	FROM generate_series(1, $rows) i) TO '$file';
END
	my $n = 0;
	my $run = sub {
		my ($am) = @_;

		$n++;
		psql $suite, "CREATE TABLE copy_$n ($columns) USING $am; CHECKPOINT";
		my $ms = psql $suite, <<"END";
SELECT extract(epoch FROM clock_timestamp()) AS t0 \\gset
COPY copy_$n FROM '$file';
SELECT 1000 * (extract(epoch FROM clock_timestamp()) - :t0);
END
		seal_everything($suite) if $am eq 'ledger';
		return { ms => $ms };
	};

	ratio "copy_$suite", $target{$suite}{copy}, 'ms', 'ms', pairs sub { $run->('heap') }, sub { $run->('ledger') };
	return;
}

# ---- WAL ------------------------------------------------------------------

# wal_of(SUB): {bytes of records} by xid that were written while SUB ran, without full pages.
sub wal_of
{
	my ($sub) = @_;
	my %bytes;
	my $from = psql 'std', 'SELECT pg_current_wal_insert_lsn()';

	$sub->();
	# a commit that waits flushes everything before it
	psql 'std', 'CREATE TEMP TABLE flushed (a int)';
	my $to = psql 'std', 'SELECT pg_current_wal_flush_lsn()';
	open my $fh, '-|', "pg_waldump -p $ENV{BENCH_DIR}/data/pg_wal -s $from -e $to" or die "pg_waldump: $!\n";
	while (my $line = <$fh>)
	{
		my ($total, $xid) = $line =~ m{len \(rec/tot\):\s*\d+/\s*(\d+), tx:\s*(\d+)} or next;
		$bytes{$xid} += $total;
	}
	close $fh or die "pg_waldump failed\n";
	return \%bytes;
}

sub sum_of
{
	my ($bytes, @xids) = @_;
	my $sum = 0;

	$sum += $bytes->{$_} // 0 for @xids;
	return $sum;
}

sub wal
{
	my %per_commit;
	my $n = 2000;
	my $insert = sub {
		pgbench 'std', 1, "INSERT INTO $_[0] VALUES $values;\n", transactions => $n;
	};

	section 'WAL';
	psql 'std', 'ALTER SYSTEM SET full_page_writes = off';
	psql 'std', 'SELECT pg_reload_conf()';
	for my $am ('heap', 'ledger')
	{
		psql 'std', "CREATE TABLE wal_$am ($columns) USING $am";
		my $bytes = wal_of sub { $insert->("wal_$am") };
		my @xids = split /\n/, psql('std', "SELECT DISTINCT xmin FROM wal_$am");

		$per_commit{$am} = sum_of($bytes, @xids) / $n;
		die "found no WAL of $am\n" if $per_commit{$am} == 0;
	}
	note sprintf 'bytes of WAL for each transaction: heap %.1f, ledger %.1f', @per_commit{qw(heap ledger)};
	figure 'wal_commit_extra', sprintf('%.0f', $per_commit{ledger} - $per_commit{heap}), 'bytes',
	  sprintf('%.0f bytes', $per_commit{heap}), '<=200';

	seal_everything('std');
	psql 'std', "CREATE TABLE wal_idle ($columns) USING ledger";
	seal_everything('std');
	my $idle = wal_of sub {
		psql 'std', <<'END';
CREATE PROCEDURE one_by_one(n int) LANGUAGE plpgsql AS $$
DECLARE
	tx bigint;
BEGIN
	FOR i IN 1 .. n LOOP
		INSERT INTO wal_idle VALUES (i, 12.50, 'a note of thirty or so letters', now()) RETURNING ledger_tx INTO tx;
		COMMIT;
		PERFORM ledger.wait_sealed(tx);
	END LOOP;
END $$;
CALL one_by_one(200);
END
	};
	sealer_wal('wal_sealer_idle', 'bytes/block', '<=2048', $idle, 'wal_idle', 200);

	psql 'std', "CREATE TABLE wal_load ($columns) USING ledger";
	seal_everything('std');
	my $transactions = 0;
	my $load = wal_of sub {
		$transactions = pgbench('std', 8, "INSERT INTO wal_load VALUES $values;\n")->{n};
		seal_everything('std');
	};
	sealer_wal('wal_sealer_load', 'bytes/tx', '<=60', $load, 'wal_load', $transactions);
	psql 'std', 'ALTER SYSTEM RESET full_page_writes';
	psql 'std', 'SELECT pg_reload_conf()';
	return;
}

# What transactions other than those of TABLE wrote: the sealer is alone beside them.
sub sealer_wal
{
	my ($name, $unit, $target, $bytes, $table, $n) = @_;
	my %own = map { $_ => 1 } split /\n/, psql('std', "SELECT DISTINCT xmin FROM $table");
	my $sum = sum_of($bytes, grep { $_ != 0 && !$own{$_} } keys %{$bytes});

	die "found no WAL of the sealer\n" if $sum == 0;
	note "$name: $sum bytes for $n";
	figure $name, sprintf('%.0f', $sum / $n), $unit, '-', $target;
	return;
}

# ---- time from commit to seal ------------------------------------------------

sub seal_times
{
	my ($n, $pause) = @_;

	return split /\n/, psql 'std', <<"END";
CALL seal_times($n, $pause);
SELECT ms FROM seal_time;
TRUNCATE seal_time;
END
}

sub sealing
{
	psql 'std', <<"END";
CREATE TABLE lone ($columns) USING ledger;
CREATE UNLOGGED TABLE seal_time (ms float8);
CREATE PROCEDURE seal_times(n int, pause float8) LANGUAGE plpgsql AS \$\$
DECLARE
	tx bigint;
	t0 timestamptz;
	times float8[];
BEGIN
	FOR i IN 1 .. n LOOP
		INSERT INTO lone VALUES (i, 12.50, 'a note of thirty or so letters', now()) RETURNING ledger_tx INTO tx;
		COMMIT;
		t0 := clock_timestamp();
		PERFORM ledger.wait_sealed(tx);
		times := times || 1000 * extract(epoch FROM clock_timestamp() - t0)::float8;
		PERFORM pg_sleep(pause);
	END LOOP;
	INSERT INTO seal_time SELECT unnest(times);
END \$\$;
END

	section 'from commit to seal, idle';
	my @idle = seal_times(500, 0.01);
	note sprintf 'median %.2f ms, p90 %.2f, p99 %.2f, longest %.2f of %d', median(@idle), quantile(0.9, @idle),
	  quantile(0.99, @idle), quantile(1, @idle), scalar @idle;
	figure 'seal_idle_p50', sprintf('%.2f', median(@idle)), 'ms', '-', '<=2';
	figure 'seal_idle_p99', sprintf('%.2f', quantile(0.99, @idle)), 'ms', '-', '<=10';

	section 'from commit to seal, 8 clients at full speed';
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0)
	{
		my $run = pgbench 'std', 8, "INSERT INTO single_ledger VALUES $values;\n", seconds => 3 * $seconds;

		note sprintf 'load: %.0f tps', $run->{tps};
		require POSIX;
		POSIX::_exit(0);
	}
	select undef, undef, undef, 1;
	my (@load, $backlog);
	my $until = time + 3 * $seconds - 3;
	while (time < $until)
	{
		push @load, seal_times(50, 0.01);
		my $now = psql 'std', 'SELECT unsealed FROM ledger.stat';
		$backlog = $now if !defined $backlog || $now > $backlog;
	}
	waitpid $pid, 0;
	note sprintf 'median %.2f ms, p90 %.2f, p99 %.2f, longest %.2f of %d', median(@load), quantile(0.9, @load),
	  quantile(0.99, @load), quantile(1, @load), scalar @load;
	figure 'seal_load_p99', sprintf('%.2f', quantile(0.99, @load)), 'ms', '-', '<=50';
	figure 'seal_load_backlog', $backlog, 'entries', '-', '-';
	return;
}

# ---- verification -----------------------------------------------------------

# Million rows a second of ledger.verify(table) with this many workers; 0: the session itself.
sub verify_rate
{
	my ($suite, $table, $n, $workers) = @_;
	my @rates;

	for (1 .. 3)
	{
		my $answer = psql $suite, <<"END";
SELECT extract(epoch FROM clock_timestamp()) AS t0 \\gset
SELECT count(*) FILTER (WHERE severity <> 'info') FROM ledger.verify('$table', workers => $workers);
SELECT extract(epoch FROM clock_timestamp()) - :t0;
END
		my ($findings, $s) = split /\n/, $answer;
		die "verify reports $findings findings on $table\n" if $findings != 0;
		push @rates, $n / $s / 1e6;
	}
	note "verify $suite $table, $workers workers: " . join(' ', map { sprintf '%.3f', $_ } @rates) . ' M rows/s';
	return median(@rates);
}

sub verification
{
	my ($suite) = @_;
	my $clients = 8;
	my $each = int($rows / $clients);

	# databases of their own, because a table is verified with the whole log
	section "verification of $rows one-row transactions, $suite";
	my $single = "single_$suite";
	new_database($single, $suite);
	psql $single, "CREATE TABLE verify_single ($columns) USING ledger";
	pgbench $single, $clients, "INSERT INTO verify_single VALUES $values;\n", transactions => $each,
	  settings => '-c synchronous_commit=off';
	seal_everything($single);
	my $rate = verify_rate($single, 'verify_single', $each * $clients, 0);
	figure "verify_single_$suite", sprintf('%.3f', $rate), 'M rows/s per core', '-', $target{$suite}{verify_single};

	section "verification of $rows rows of 100 bytes in large transactions, $suite";
	my $bulk = "bulk_$suite";
	new_database($bulk, $suite);
	psql $bulk, <<"END";
CREATE TABLE verify_bulk (id int NOT NULL, filler text NOT NULL) USING ledger;
INSERT INTO verify_bulk SELECT i, repeat('x', 66 + i % 3) FROM generate_series(1, $rows) i;
END
	seal_everything($bulk);
	my $alone = verify_rate($bulk, 'verify_bulk', $rows, 0);
	my $one = verify_rate($bulk, 'verify_bulk', $rows, 1);
	my $two = verify_rate($bulk, 'verify_bulk', $rows, 2);
	figure "verify_bulk_$suite", sprintf('%.3f', $alone), 'M rows/s per core', '-', $target{$suite}{verify_bulk};
	figure "verify_bulk_${suite}_two", sprintf('%.2f', $two / $one), 'x', sprintf('%.3f M rows/s', $one), '>=1.6';
	return;
}

# ---- receipts ---------------------------------------------------------------

sub receipts
{
	my $db = 'single_std';
	my $n = $rows;

	if ($large)
	{
		$n = 10_000_000;
		section "writing $n transactions";
		$db = 'large';
		new_database($db, 'std');
		psql $db, "CREATE TABLE verify_single ($columns) USING ledger";
		pgbench $db, 8, "INSERT INTO verify_single VALUES $values;\n", transactions => $n / 8,
		  settings => '-c synchronous_commit=off';
		seal_everything($db);
	}
	section "receipts at $n transactions";
	my @lines = split /\n/, psql $db, <<'END';
CREATE TABLE made (receipt text, row_bytes int, make_ms float8, check_ms float8);
DO $$
DECLARE
	t timestamptz[];
	r record;
	receipt text;
	key text := ledger.verifier_key();
BEGIN
	FOR r IN SELECT ledger_tx, ledger_seq FROM verify_single TABLESAMPLE system_rows(300) LOOP
		t[1] := clock_timestamp();
		receipt := ledger.receipt('verify_single', r.ledger_tx, r.ledger_seq);
		t[2] := clock_timestamp();
		ASSERT (ledger.verify_receipt(receipt, key)).valid;
		t[3] := clock_timestamp();
		INSERT INTO made VALUES (receipt, length(substring(receipt FROM 'row (\S*)')),
			1000 * extract(epoch FROM t[2] - t[1]), 1000 * extract(epoch FROM t[3] - t[2]));
	END LOOP;
END $$;
SELECT make_ms, check_ms, length(receipt) - row_bytes FROM made;
DROP TABLE made;
END
	my @made = map { [ split /\|/ ] } @lines;
	my @figures = (
		[ 'receipt_make', 'ms', '<=5', map { $_->[0] } @made ],
		[ 'receipt_check', 'ms', '<=1', map { $_->[1] } @made ],
		[ 'receipt_size', 'bytes', '<=2048', map { $_->[2] } @made ]);
	for my $figure (@figures)
	{
		my ($name, $unit, $target, @values) = @{$figure};

		note sprintf '%s: median %.3f, p99 %.3f, largest %.3f of %d', $name, median(@values),
		  quantile(0.99, @values), quantile(1, @values), scalar @values;
		figure $name . ($large ? '_10m' : ''), sprintf('%.3f', median(@values)), $unit, '-', $target;
	}
	return;
}

say_machine;
start_server 'shared_buffers = 4GB', 'max_wal_size = 16GB', 'checkpoint_timeout = 30min', 'autovacuum = off',
  'max_connections = 60';
new_database($_, $_) for @suites;
single_rows;
today;
tpcb;
copy $_ for @suites;
wal;
sealing;
verification $_ for @suites;
receipts;
finish;
