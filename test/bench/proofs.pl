# The figures of commitments and proofs as SQL sees them, on one core: what a session waits for.

use strict;
use warnings;
use Bench;

my $db = 'postgres';
my @suites = qw(gm std);
my $n = $ENV{BENCH_CALLS} // 200;

# name of the figure, statement, values, target in ms and, where there is one, in bytes
my @statements = (
	[ 'range', 'a in 64', [7], '<=0.95', '-' ],
	[ 'comparison_given', 'a <= b given a in 64, b in 64', [ 7, 9 ], '<=0.95', '<=700' ],
	[ 'comparison', 'a <= b', [ 7, 9 ], '<=2.9', '<=900' ],
	[ 'equal', 'a = b', [ 7, 7 ], '<=0.1', '-' ],
	[ 'not_equal', 'a <> b', [ 7, 9 ], '<=0.1', '-' ],
	[ 'sum', 'a + b = c', [ 7, 9, 16 ], '<=0.1', '-' ],
	[ 'sum_of_100', 'sum(a..cv) = cw', [ (5) x 100, 500 ], '-', '-' ],
	[ 'product', 'a * b = c', [ 7, 9, 63 ], '<=0.2', '-' ],
	[ 'quotient', 'a / b = c rem d', [ 65, 7, 9, 2 ], '<=2.9', '-' ],
	[ 'within_invoice', 'numeric(18,2): a >= 0 and a <= b', [ '12.50', '100.00' ], '-', '-' ]);

sub latency
{
	my ($what, $suite, $name, $target, @ms) = @_;

	note sprintf '%s: median %.3f ms, p95 %.3f, fastest %.3f of %d', $what, median(@ms), quantile(0.95, @ms),
	  quantile(0, @ms), scalar @ms;
	figure "${name}_$suite", sprintf('%.3f', median(@ms)), 'ms', sprintf('%.3f ms fastest', quantile(0, @ms)),
	  $target;
	return;
}

sub make_functions
{
	psql $db, <<'END';
CREATE EXTENSION ledger;
CREATE TABLE made (name text, suite text, s text, c ledger.commitment[], o ledger.opening[], p ledger.proof, bytes int,
	PRIMARY KEY (name, suite));
CREATE FUNCTION make(name text, suite text, statement text, vals numeric[]) RETURNS void LANGUAGE sql AS $$
	INSERT INTO made SELECT name, suite, statement, c, o, p, length(p::bytea)
	FROM (SELECT c, o, ledger.prove(statement, c, o) AS p
		  FROM (SELECT array_agg(ledger.commit(v, b, suite) ORDER BY i) AS c, array_agg((v, b)::ledger.opening ORDER BY i) AS o
				FROM (SELECT v, i, ledger.random_blinding() AS b FROM unnest(vals) WITH ORDINALITY u (v, i) OFFSET 0) x) y OFFSET 0) z
$$;
CREATE FUNCTION verify_ms(m made, n int) RETURNS SETOF float8 LANGUAGE plpgsql AS $$
DECLARE
	t0 timestamptz;
	holds bool;
BEGIN
	FOR i IN 1 .. n LOOP
		t0 := clock_timestamp();
		holds := ledger.verify_proof(m.s, m.c, m.p);
		RETURN NEXT 1000 * extract(epoch FROM clock_timestamp() - t0);
		ASSERT holds;
	END LOOP;
END $$;
CREATE FUNCTION prove_ms(m made, n int) RETURNS SETOF float8 LANGUAGE plpgsql AS $$
DECLARE
	t0 timestamptz;
	p ledger.proof;
BEGIN
	FOR i IN 1 .. n LOOP
		t0 := clock_timestamp();
		p := ledger.prove(m.s, m.c, m.o);
		RETURN NEXT 1000 * extract(epoch FROM clock_timestamp() - t0);
	END LOOP;
END $$;
END
	return;
}

# What the function says of one proof, the first calls of the session left out.
sub calls
{
	my ($function, $suite, $name, $count) = @_;

	return split /\n/, psql $db, <<"END";
SELECT ms FROM (SELECT $function(m, $count + 5) AS ms, generate_series(1, $count + 5) AS i FROM made m
	WHERE name = '$name' AND suite = '$suite') x WHERE i > 5
END
}

sub statements
{
	my ($suite) = @_;

	section "one proof at a time, $suite";
	for my $statement (@statements)
	{
		my ($name, $text, $values, $target, $size) = @{$statement};
		my $vals = join ',', @{$values};

		psql $db, "SELECT make('$name', '$suite', '$text', ARRAY[$vals]::numeric[])";
		my @verify = calls('verify_ms', $suite, $name, $n);
		my @prove = calls('prove_ms', $suite, $name, int($n / 5) + 1);

		latency("verify $text", $suite, "verify_$name", $target, @verify);
		figure "verify_${name}_p95_$suite", sprintf('%.3f', quantile(0.95, @verify)), 'ms',
		  sprintf('%.3f ms median', median(@verify)), '<=0.6'
		  if $name eq 'comparison_given';
		latency("prove $text", $suite, "prove_$name", $name eq 'comparison_given' ? '<=7' : '-', @prove);
		figure "size_$name", psql($db, "SELECT bytes FROM made WHERE name = '$name' AND suite = '$suite'"), 'bytes',
		  '-', $size
		  if $suite eq 'gm';
	}
	return;
}

# The rows of a table: one after the other, and together.
sub batches
{
	my ($suite) = @_;

	section "1,000 rows, $suite";
	for my $name (qw(comparison_given comparison))
	{
		my ($one, $batch);

		psql $db, <<"END";
DROP TABLE IF EXISTS many;
CREATE TABLE many AS SELECT i AS id, s, c, p FROM made, generate_series(1, 1000) i WHERE name = '$name' AND suite = '$suite';
END
		for (1 .. 3)
		{
			my ($t0, $t1, $t2) = split /\n/, psql $db, <<'END';
SET max_parallel_workers_per_gather = 0;
SELECT count(*) AS warm FROM many WHERE id <= 10 AND NOT ledger.verify_proof(s, c, p) \gset
SELECT extract(epoch FROM clock_timestamp());
SELECT count(*) AS none FROM many WHERE NOT ledger.verify_proof(s, c, p) \gset
SELECT extract(epoch FROM clock_timestamp());
SELECT ledger.unproven(id, s, c, p, '') AS none FROM many \gset
SELECT extract(epoch FROM clock_timestamp());
END
			$one = $t1 - $t0 if !defined $one || $t1 - $t0 < $one;
			$batch = $t2 - $t1 if !defined $batch || $t2 - $t1 < $batch;
		}
		figure "batch_${name}_$suite", sprintf('%.3f', $batch), 'ms each', sprintf('%.3f ms one by one', $one),
		  $name eq 'comparison_given' ? '<=0.25' : '-';
	}
	return;
}

sub commitments
{
	my ($suite) = @_;
	my ($commit, $sum, $add);

	section "commitments, $suite";
	psql $db, <<"END";
DROP TABLE IF EXISTS value, committed;
CREATE TABLE value AS SELECT i, (i * 1.25)::numeric(12, 2) AS v, ledger.random_blinding() AS b FROM generate_series(1, 2000) i;
CREATE TABLE committed AS SELECT ledger.commit(v, b, '$suite') AS c FROM value;
VACUUM ANALYZE committed;
END
	for (1 .. 3)
	{
		my ($t0, $t1, $t2, $t3) = split /\n/, psql $db, <<"END";
SET max_parallel_workers_per_gather = 0;
SELECT count(ledger.commit(v, b, '$suite')) AS warm FROM value WHERE i <= 10 \\gset
SELECT extract(epoch FROM clock_timestamp());
SELECT count(ledger.commit(v, b, '$suite')) AS n FROM value \\gset
SELECT extract(epoch FROM clock_timestamp());
SELECT ledger.sum(c) FROM committed, generate_series(1, 50) \\gset
SELECT extract(epoch FROM clock_timestamp());
SELECT count(c OPERATOR(ledger.+) c) AS n FROM committed \\gset
SELECT extract(epoch FROM clock_timestamp());
END
		$commit = $t1 - $t0 if !defined $commit || $t1 - $t0 < $commit;
		$sum = $t2 - $t1 if !defined $sum || $t2 - $t1 < $sum;
		$add = $t3 - $t2 if !defined $add || $t3 - $t2 < $add;
	}
	figure "commit_$suite", sprintf('%.1f', $commit / 2000 * 1e6), 'us', '-', '<=40';
	figure "sum_$suite", sprintf('%.3f', 0.1 / $sum), 'M/s', sprintf('%.4f M/s with +', 0.002 / $add), '>=1';
	return;
}

# What the first call of a session costs more: the tables of the curve.
sub first_call
{
	my ($suite) = @_;

	section "first call of a session, $suite";
	for my $name (qw(comparison_given comparison))
	{
		my (@first, @second);

		for (1 .. 10)
		{
			my ($a, $b) =
			  split /\n/, psql($db, "SELECT verify_ms(m, 2) FROM made m WHERE name = '$name' AND suite = '$suite'");

			push @first, $a;
			push @second, $b;
		}
		figure "first_${name}_$suite", sprintf('%.1f', median(@first)), 'ms',
		  sprintf('%.3f ms second', median(@second)), '-';
	}
	return;
}

say_machine;
start_server 'shared_buffers = 256MB', 'autovacuum = off';
make_functions;
for my $suite (@suites)
{
	statements $suite;
	batches $suite;
	commitments $suite;
	first_call $suite;
}
finish;
