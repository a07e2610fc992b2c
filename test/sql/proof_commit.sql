-- commitments: the value and its scale, arithmetic, sums, openings
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir '/sql/refused.psql'
\i :helper
SELECT decode(repeat('5a', 32), 'hex') AS r, decode(repeat('3c', 32), 'hex') AS s \gset

-- the scale is the one that the value shows, and part of the commitment
SELECT n, ledger.scale(ledger.commit(n, :'r', 'std')), substr(ledger.commit(n, :'r', 'std')::bytea, 3) = substr(ledger.commit(1250, :'r', 'std')::bytea, 3) AS point_of_1250
FROM unnest(ARRAY[1250, 125.0, 12.50, 12.500, 0.00001250, 1250.00]) n;
-- every digit counts, on both sides of the point, and the sign
SELECT n, m.scale, ledger.commit(n, :'r', 'std')::bytea = overlay(ledger.commit(i, :'r', 'std')::bytea PLACING substr('\x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e'::bytea, m.scale + 1, 1) FROM 2) AS same
FROM (VALUES (0.0, 0), (-0.5, -5), (10000, 10000), (10000.0001, 100000001), (0.0001, 1), (0.00001, 1), (-12345678.90123, -1234567890123), (99999999.9999, 999999999999),
	(100000000000000000000, 100000000000000000000), (0.000000000000000000000000000001, 1)) v (n, i), LATERAL (SELECT scale(n)) m;
-- the largest, and the first that is too large
SELECT ledger.commit(85070591730234615865843651857942052863, :'r', 'std'), ledger.commit(-85070591730234615865843651857942052863, :'r', 'gm');
SELECT pg_temp.refused(format('SELECT ledger.commit(%s, %L)', v, :'r')) FROM unnest(ARRAY['85070591730234615865843651857942052864', '-85070591730234615865843651857942052864',
	'850705917302346158658436518579420528.64', '1e100', '''NaN''', '''Infinity''', '''-Infinity''', '0.0000000000000000000000000000001']) v;
SELECT ledger.commit(NULL, :'r') IS NULL, ledger.commit(1, NULL) IS NULL;

-- blindings
SELECT pg_temp.refused(format('SELECT ledger.commit(1, %L, %L)', b, suite)) FROM (VALUES ('\x', 'std'), ('\x5a', 'std'), ('\x' || repeat('00', 32), 'gm'), ('\x' || repeat('ff', 32), 'std'),
	('\xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'std'), ('\xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123', 'gm'), ('\x' || repeat('5a', 33), 'std')) v (b, suite);
SELECT ledger.commit(1, '\xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550', 'std') IS NOT NULL AS below_the_order;
SELECT count(DISTINCT b), bool_and(length(b) = 32) FROM (SELECT ledger.random_blinding() b FROM generate_series(1, 1000)) x;
SELECT pg_temp.refused(format('SELECT ledger.commit(1, %L, ''rsa'')', :'r'));

-- without a suite: that of the chain
CREATE TABLE proof_chain (a int) USING ledger;
SELECT ledger.suite(ledger.commit(1, :'r')) = (SELECT suite FROM ledger.chain WHERE active) AS of_the_chain;

-- arithmetic of commitments is arithmetic of values and blindings
CREATE TABLE proof_sum AS SELECT suite, i, (i * 1.25)::numeric(12, 2) AS v, sha256(int4send(i)) AS b, ledger.commit((i * 1.25)::numeric(12, 2), sha256(int4send(i)), suite) AS c
	FROM generate_series(1, 300) i, unnest(ARRAY['std', 'gm']) suite;
SET search_path = public, ledger;
SELECT a.suite, verify_opening(a.c + b.c, (a.v + b.v, (sum_openings).blinding)::opening) AS added, a.c + b.c = b.c + a.c AS either_way, a.c + b.c - b.c = a.c AS back,
	- (a.c - b.c) = b.c - a.c AS opposite, a.c * 3 = a.c + a.c + a.c AS three, a.c * -1 = -a.c AS minus_one, a.c * 0 = a.c - a.c AS nothing, a.c + (b.c - b.c) = a.c AS plus_nothing,
	(a.c - a.c) * 7 = a.c - a.c AS nothing_times, -(a.c - a.c) = a.c - a.c AS minus_nothing
FROM proof_sum a JOIN proof_sum b ON a.suite = b.suite AND a.i = 1 AND b.i = 2,
	LATERAL (SELECT sum_openings((x.v, x.b)::opening, x.suite) FROM proof_sum x WHERE x.suite = a.suite AND x.i IN (1, 2)) o;
SELECT c - c FROM proof_sum WHERE i = 1 ORDER BY suite DESC;
-- aggregates, over every number of rows around a batch
SELECT suite, n, verify_opening(sum(c), sum_openings((v, b)::opening, suite)), scale(sum(c)), (sum_openings((v, b)::opening, suite)).value = sum(v) AS value
FROM proof_sum, unnest(ARRAY[1, 2, 63, 64, 65, 128, 129, 300]) n WHERE i <= n GROUP BY suite, n ORDER BY suite DESC, n;
SELECT sum(c), sum_openings((v, b)::opening, 'std') FROM proof_sum WHERE false;
SELECT sum(c) = (SELECT c FROM proof_sum WHERE suite = 'std' AND i = 9) AS nulls_are_left_out FROM (SELECT c FROM proof_sum WHERE suite = 'std' AND i = 9 UNION ALL SELECT NULL) x;
SELECT sum(c) = c1 - c1 AS cancel FROM (SELECT c AS c1, unnest(ARRAY[c, -c]) AS c FROM proof_sum WHERE suite = 'gm' AND i = 3) x GROUP BY c1;
SELECT sum(c) OVER (ORDER BY i) = c * 1 AS first FROM proof_sum WHERE suite = 'gm' ORDER BY i LIMIT 1;
-- openings of several scales: the value is exact
SELECT (sum_openings((v, :'r')::opening, 'gm')).value FROM unnest(ARRAY[1, 0.5, -0.125, 2.00]) v;
SELECT (sum_openings(ROW(v, :'r')::opening, 'std')).blinding, (sum_openings(ROW(v, :'r')::opening, 'gm')).blinding FROM unnest(ARRAY[1, 2, 3]) v;
SELECT pg_temp.refused('SELECT a.c + b.c FROM proof_sum a, proof_sum b WHERE a.suite <> b.suite AND a.i = 1 AND b.i = 1');
SELECT pg_temp.refused(format('SELECT ledger.commit(1, %L) - ledger.commit(1.00, %L)', :'r', :'r'));
SELECT pg_temp.refused('SELECT sum(c) FROM proof_sum');
SELECT pg_temp.refused(format('SELECT sum(ledger.commit(v, %L)) FROM unnest(ARRAY[1, 1.0]) v', :'r'));
SELECT pg_temp.refused('SELECT sum_openings((1, NULL)::opening)');
SELECT pg_temp.refused('SELECT sum_openings((NULL, ''\x00'')::opening)');
SELECT pg_temp.refused('SELECT sum_openings((1, ''\x00'')::opening)');
SELECT pg_temp.refused(format('SELECT sum_openings((85070591730234615865843651857942052863, %L)::opening, ''std'') FROM generate_series(1, 2)', :'r'));
SELECT pg_temp.refused(format('SELECT sum_openings((v, %L)::opening, ''std'') FROM unnest(ARRAY[85070591730234615865843651857942052863, 0.1]) v', :'r'));
SELECT pg_temp.refused(format('SELECT sum_openings((1, %L)::opening, ''rsa'')', :'r'));

-- openings
SELECT v, verify_opening(commit(1.50, :'r'), (v, :'r')::opening) FROM unnest(ARRAY[1.50, 1.5, 1.500, 1.51, -1.50, 1.501, 'NaN', 1e50]) v;
SELECT verify_opening(commit(1.50, :'r'), (1.50, b)::opening) FROM unnest(ARRAY[:'r'::bytea, :'s', '\x00', decode(repeat('ff', 32), 'hex'), NULL]) b;
SELECT verify_opening(NULL, (1.50, :'r')::opening), verify_opening(commit(1.50, :'r'), NULL), verify_opening(commit(1.50, :'r'), (NULL, :'r')::opening);
