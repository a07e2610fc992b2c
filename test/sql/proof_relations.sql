-- every relation and operation: proven where it holds, refused where it does not, at the edges of each
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir '/sql/refused.psql'
\i :helper
SET search_path = public, ledger;

-- a commitment to each value with a blinding of its own
CREATE FUNCTION pg_temp.opening(v numeric, i bigint) RETURNS opening LANGUAGE sql AS $$ SELECT (v, sha256(int8send(i)))::opening $$;
-- 't': proven and verified; 'refused': cannot be proven
CREATE FUNCTION pg_temp.proven(statement text, vals numeric[], suite text DEFAULT 'gm') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	o opening[];
	c commitment[];
BEGIN
	SELECT array_agg(pg_temp.opening(v, i) ORDER BY i), array_agg(commit(v, sha256(int8send(i)), suite) ORDER BY i)
		INTO o, c FROM unnest(vals) WITH ORDINALITY u (v, i);
	BEGIN
		RETURN verify_proof(statement, c, prove(statement, c, o));
	EXCEPTION WHEN invalid_parameter_value THEN
		RETURN 'refused';
	WHEN division_by_zero THEN
		RETURN 'division by zero';
	END;
END $$;

SELECT statement, array_agg(vals::text || ': ' || pg_temp.proven(statement, vals) ORDER BY no)
FROM (VALUES
	(1, 'a < b', ARRAY[1, 2]), (2, 'a < b', ARRAY[2, 2]), (3, 'a < b', ARRAY[-3, -2]), (4, 'a < b', ARRAY[2, -2]),
	(5, 'a < b', ARRAY[-9223372036854775808, 9223372036854775807]), (6, 'a < b', ARRAY[9223372036854775807, 9223372036854775808]),
	(1, 'a <= b', ARRAY[2, 2]), (2, 'a <= b', ARRAY[3, 2]),
	(1, 'a > b', ARRAY[2, 1]), (2, 'a > b', ARRAY[2, 2]),
	(1, 'a >= b', ARRAY[2, 2]), (2, 'a >= b', ARRAY[1, 2]),
	(1, 'a = b', ARRAY[2, 2]), (2, 'a = b', ARRAY[1, 2]), (3, 'a = b', ARRAY[0, 0]),
	(1, 'a <> b', ARRAY[1, 2]), (2, 'a <> b', ARRAY[2, 2]), (3, 'a <> b', ARRAY[0, -1]),
	(1, 'a = 5', ARRAY[5]), (2, 'a = 5', ARRAY[6]),
	(1, 'a <> 0', ARRAY[5]), (2, 'a <> 0', ARRAY[0]),
	(1, 'a in [-5, 10]', ARRAY[-5]), (2, 'a in [-5, 10]', ARRAY[10]), (3, 'a in [-5, 10]', ARRAY[-6]), (4, 'a in [-5, 10]', ARRAY[11]),
	(1, 'a in 8', ARRAY[127]), (2, 'a in 8', ARRAY[-128]), (3, 'a in 8', ARRAY[128]), (4, 'a in 8', ARRAY[-129]),
	(1, 'a in 64', ARRAY[9223372036854775807]), (2, 'a in 64', ARRAY[9223372036854775808]), (3, 'a in 64', ARRAY[-9223372036854775808]), (4, 'a in 64', ARRAY[-9223372036854775809]),
	(1, 'a + b = c', ARRAY[1, 2, 3]), (2, 'a + b = c', ARRAY[1, 2, 4]), (3, 'a + b = c', ARRAY[-1, 1, 0]),
	(1, 'a - b = c', ARRAY[1, 2, -1]), (2, 'a - b = c', ARRAY[1, 2, 1]),
	(1, '-a + 2 * b - 3 = c', ARRAY[1, 5, 6]), (2, '-a + 2 * b - 3 = c', ARRAY[1, 5, 7]),
	(1, 'sum(a..d) = e', ARRAY[1, 2, 3, 4, 10]), (2, 'sum(a..d) = e', ARRAY[1, 2, 3, 4, 11]),
	(1, 'a * b = c', ARRAY[3, -4, -12]), (2, 'a * b = c', ARRAY[3, 4, 13]), (3, 'a * b = c', ARRAY[0, 4, 0]), (4, 'a * a = b', ARRAY[-3, 9]),
	(1, 'a * b + c = d', ARRAY[3, 4, 5, 17]), (2, 'a * b + c = d', ARRAY[3, 4, 5, 18]),
	(1, 'a / b = c rem d', ARRAY[7, 2, 3, 1]), (2, 'a / b = c rem d', ARRAY[-7, 2, -3, -1]), (3, 'a / b = c rem d', ARRAY[7, -2, -3, 1]), (4, 'a / b = c rem d', ARRAY[-7, -2, 3, -1]),
	(5, 'a / b = c rem d', ARRAY[6, 2, 3, 0]), (6, 'a / b = c rem d', ARRAY[7, 2, 4, -1]), (7, 'a / b = c rem d', ARRAY[7, 2, 2, 3]), (8, 'a / b = c rem d', ARRAY[-7, 2, -4, 1]),
	(9, 'a / b = c rem d', ARRAY[7, 0, 0, 7]), (10, 'a / b = c rem d', ARRAY[0, 5, 0, 0]), (11, 'a / b = c rem d', ARRAY[1, 2, 0, 1]),
	(1, 'a >= 0 and a <= b and a + c = d', ARRAY[1, 2, 3, 4]), (2, 'a >= 0 and a <= b and a + c = d', ARRAY[-1, 2, 3, 2]),
	(1, 'a < b given a in 64, b in 64', ARRAY[1, 2]), (2, 'a < b given a in 64, b in 64', ARRAY[2, 1])
) v (no, statement, vals) GROUP BY statement ORDER BY min(no), statement;

-- the other suite, and decimals: a product has twice as many
SELECT statement, vals, pg_temp.proven(statement, vals, suite), suite
FROM (VALUES
	('numeric(18,2): a < b', ARRAY[1.00, 1.01]), ('numeric(18,2): a < b', ARRAY[1.01, 1.01]),
	('numeric(18,2): a in [0, 99.99]', ARRAY[99.99]), ('numeric(18,2): a in [0, 99.99]', ARRAY[100.00]),
	('numeric(18,2): a + 0.5 = b', ARRAY[1.00, 1.50]),
	('numeric(18,2): a * b = c * 1.00', ARRAY[1.50, 2.00, 3.00]), ('numeric(18,2): a * b = c * 1.00', ARRAY[1.50, 2.01, 3.01]),
	('numeric(18,2): a * 1.00 / b = c rem d * 1.00', ARRAY[10.00, 3.00, 3.33, 0.01]),
	('numeric(18,2): a * 0.19 = b * 1.00', ARRAY[100.00, 19.00])
) v (statement, vals), unnest(ARRAY['std', 'gm']) suite ORDER BY statement, vals, suite;

-- the same by name; no proof of one relation shows another
CREATE TABLE proof_named AS
	SELECT i, commit(v, sha256(int8send(i)), 'gm') AS c, pg_temp.opening(v, i) AS o FROM unnest(ARRAY[3, 5, 8, 15, 2, 0, 17]) WITH ORDINALITY x (v, i);
CREATE FUNCTION pg_temp.c(int) RETURNS commitment LANGUAGE sql AS $$ SELECT c FROM proof_named WHERE i = $1 $$;
CREATE FUNCTION pg_temp.o(int) RETURNS opening LANGUAGE sql AS $$ SELECT o FROM proof_named WHERE i = $1 $$;
\set a 'pg_temp.c(1)'
\set b 'pg_temp.c(2)'
\set c 'pg_temp.c(3)'
\set d 'pg_temp.c(4)'
\set two 'pg_temp.c(5)'
\set q 'pg_temp.c(7)'
\set oa 'pg_temp.o(1)'
\set ob 'pg_temp.o(2)'
\set oc 'pg_temp.o(3)'
\set od 'pg_temp.o(4)'
\set otwo 'pg_temp.o(5)'
\set oq 'pg_temp.o(7)'
CREATE TABLE proof_relation AS SELECT * FROM (VALUES
	('less', prove_less(:a, :b, :oa, :ob)), ('less_equal', prove_less_equal(:a, :b, :oa, :ob)),
	('not_equal', prove_not_equal(:a, :b, :oa, :ob)),
	('greater', prove_greater(:b, :a, :ob, :oa)), ('greater_equal', prove_greater_equal(:b, :a, :ob, :oa)),
	('equal', prove_equal(:a, :a, :oa, :oa)),
	('sum', prove_sum(:a, :b, :c, :oa, :ob, :oc)), ('difference', prove_difference(:c, :b, :a, :oc, :ob, :oa)),
	('product', prove_product(:a, :b, :d, :oa, :ob, :od)), ('quotient', prove_quotient(:q, :a, :b, :two, :oq, :oa, :ob, :otwo)),
	('range', prove_range(:a, 3, 4.00, :oa))) x (name, proof);
SELECT name, length(proof::bytea) AS bytes,
	concat_ws(' ', CASE WHEN verify_less(:a, :b, proof) THEN 'less' END, CASE WHEN verify_less_equal(:a, :b, proof) THEN 'less_equal' END,
	CASE WHEN verify_not_equal(:a, :b, proof) THEN 'not_equal' END, CASE WHEN verify_greater(:b, :a, proof) THEN 'greater' END,
	CASE WHEN verify_greater_equal(:b, :a, proof) THEN 'greater_equal' END, CASE WHEN verify_equal(:a, :a, proof) THEN 'equal' END,
	CASE WHEN verify_sum(:a, :b, :c, proof) THEN 'sum' END, CASE WHEN verify_difference(:c, :b, :a, proof) THEN 'difference' END,
	CASE WHEN verify_product(:a, :b, :d, proof) THEN 'product' END, CASE WHEN verify_quotient(:q, :a, :b, :two, proof) THEN 'quotient' END,
	CASE WHEN verify_range(:a, 3, 4, proof) THEN 'range' END) AS shows
FROM proof_relation ORDER BY 1;
SELECT verify_less(:a, :b, proof, ''), verify_less(:a, :b, proof, '\x01'), verify_less(:b, :a, proof), verify_proof('a < b', ARRAY[:a, :b], proof) FROM proof_relation WHERE name = 'less';
SELECT verify_range(:a, 3, 4.00, proof), verify_range(:a, 3, 5, proof), verify_proof('a in [3, 4]', ARRAY[:a], proof) FROM proof_relation WHERE name = 'range';
-- the scale comes from the first commitment
SELECT decode(repeat('5a', 32), 'hex') AS r \gset
SELECT verify_product(x, y, z, prove_product(x, y, z, (1.50, :'r'), (2.50, :'r'), (3.75, :'r'))) AS product,
	verify_quotient(x, y, z, y, prove_quotient(x, y, commit(0.60, :'r', 'std'), commit(0.00, :'r', 'std'), (1.50, :'r'), (2.50, :'r'), (0.60, :'r'), (0.00, :'r'))) AS of_other_commitments,
	verify_range(x, 0, 1.5, prove_range(x, 0, 1.5, (1.5, :'r'))) AS range, verify_range(x, -1, 1.50, prove_range(x, -1.0, 1.50, (1.5, :'r'))) AS other_spelling
FROM (SELECT commit(1.50, :'r', 'std') x, commit(2.50, :'r', 'std') y, commit(3.75, :'r', 'std') z) v;
SELECT canonical FROM describe_statement('numeric(37,2): a*1.00/b=c rem d*1.00');
-- NULL is never proven
SELECT verify_less(:a, :b, NULL), verify_less(NULL, :b, proof), verify_less(:a, :b, proof, NULL), verify_range(:a, NULL, 4, proof), verify_proof(NULL, ARRAY[:a, :b], proof),
	verify_proof('a < b', NULL, proof), verify_proof('a < b', ARRAY[:a, NULL], proof), verify_proof('a < b', ARRAY[:a, :b], NULL), verify_proof('a < b', ARRAY[:a, :b], proof, NULL)
FROM proof_relation WHERE name = 'less';

-- proofs of one statement differ, and are as long as the statement says
SELECT count(DISTINCT p::bytea), min(length(p::bytea)) = max(length(p::bytea)), min(length(p::bytea)) = (SELECT proof_size FROM describe_statement('a <> b')) FROM (SELECT prove('a <> b', ARRAY[:a, :b], ARRAY[:oa, :ob]) AS p FROM generate_series(1, 5)) x;
SELECT s, d.* FROM unnest(ARRAY['a<b', 'A in 8', 'numeric ( 18 , 2 ) : a >= 0.5', 'sum(a..c)=d', 'a < b given a in 64, b in 64', 'a / b = c rem d', 'z = a']) s, describe_statement(s) d;

-- more statements than are kept parsed, each of them again
SELECT count(*), count(*) FILTER (WHERE canonical = s) FROM (SELECT 'a < ' || i % 100 AS s, (describe_statement('a < ' || i % 100)).canonical FROM generate_series(1, 300) i) x;
-- openings that are stored, toasted ones too
CREATE TABLE proof_opening (a commitment, b commitment, oa opening, os opening[], padding text);
INSERT INTO proof_opening SELECT :a, :b, :oa, ARRAY[:oa, :ob] || array_fill(:oa, ARRAY[n]), repeat('x', 1000) FROM unnest(ARRAY[0, 300]) n;
ALTER TABLE proof_opening ALTER os SET STORAGE external;
SELECT array_length(os, 1), verify_less(a, b, prove_less(a, b, oa, os[2])), verify_proof('a < b', ARRAY[a, b], prove('a < b', ARRAY[a, b], os[1:2])), verify_opening(a, oa), verify_opening(b, os[2]) FROM proof_opening ORDER BY 1;
SELECT verify_proof('sum(a..cv) <> cw', array_fill(a, ARRAY[100]) || b, prove('sum(a..cv) <> cw', array_fill(a, ARRAY[100]) || b, os[3:102] || os[2])) FROM proof_opening WHERE array_length(os, 1) > 100;
SELECT pg_temp.refused('SELECT prove(''a < b'', ARRAY[a, b], os) FROM proof_opening WHERE array_length(os, 1) > 100');
