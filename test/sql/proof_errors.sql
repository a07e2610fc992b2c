-- every error of the functions about proofs; no secret value is in any
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir '/sql/refused.psql'
\i :helper
SET search_path = public, ledger;

-- statements: SQLSTATE, place and reason
SELECT s || E'\n' || pg_temp.refused(format('SELECT describe_statement(%L)', s)) FROM unnest(ARRAY[
	'', 'a', 'a <', 'a < b c', 'a < b or b < a', 'a == b', 'a < b and', 'a ! b', 'abc < b', '5a < b', 'a < 1 = 2', '(a < b)', '(a + b < c', 'a in', 'a in [1 2]', 'a in [1, 2', 'a in 7', 'a in 65', 'a in 8.5',
	'sum(a) = b', 'sum(c..a) = b', 'sum(a..) = b', 'a / b = c', 'a + b / c = d rem e', 'a / b < c rem d', 'a < b given a', 'a < b given 5 in 8', 'a < b given a < b', '1 < 2', '1 = 1', 'a < b;', 'a < b -- c', 'a < ''b''', 'größer < a', 'a < größer',
	'numeric(18,2) a < b', 'numeric(38,2): a < b', 'numeric(18,31): a < b', 'numeric(2,3): a < b', 'numeric(18): a < b',
	'a < 1.5', 'a * b = c', 'numeric(18,2): a * b = c', 'numeric(18,2): a + b * c = d', 'numeric(18,2): a < 1.005', 'numeric(18,2): a in [0.001, 5]', 'numeric(18,2): a / b = c rem d',
	'a < 100000000000000000000000000000000000000', 'a in [5, 1]', 'a < 5 and a > 7', 'a / 0 = b rem c', 'a in [0, 18446744073709551616]',
	'dy = a', 'a in 64 and b in 64 and c in 64 and d in 64 and e in 64 and f in 64 and g in 64 and h in 64 and i in 64']) s;
SELECT pg_temp.refused(format('SELECT describe_statement(%L)', s)) FROM unnest(ARRAY[repeat('(', 40) || 'a' || repeat(')', 40) || ' = b', repeat(' ', 4000) || 'a = b']) s;
-- the caret counts characters
\set VERBOSITY default
SELECT describe_statement('a < größer');
SELECT describe_statement('a < b und größer');

-- commitments and openings
SELECT decode(repeat('5a', 32), 'hex') AS r, decode(repeat('3c', 32), 'hex') AS s \gset
CREATE TABLE proof_error AS SELECT commit(7777777.25, :'r', 'std') AS a, commit(8888888.25, :'s', 'std') AS b, commit(7777777, :'r', 'std') AS unscaled, commit(8888888.25, :'s', 'gm') AS gm,
	(7777777.25, :'r')::opening AS oa, (8888888.25, :'s')::opening AS ob;
ALTER TABLE proof_error ADD none commitment, ADD p proof;
UPDATE proof_error SET none = a - a, p = prove('numeric(18,2): a < b', ARRAY[a, b], ARRAY[oa, ob]);
SELECT what || E'\n' || pg_temp.refused('SELECT ' || what || ' FROM proof_error') FROM unnest(ARRAY[
	'prove(''numeric(18,2): a < b'', ARRAY[a], ARRAY[oa])',
	'prove(''numeric(18,2): a < b'', ARRAY[a, b, b], ARRAY[oa, ob, ob])',
	'prove(''numeric(18,2): a < b'', ''{}'', ''{}'')',
	'prove(''numeric(18,2): a < b'', ARRAY[a, b], ARRAY[oa])',
	'prove(''numeric(18,2): a < b'', ARRAY[a, NULL], ARRAY[oa, ob])',
	'prove(''numeric(18,2): a < b'', ARRAY[a, b], ARRAY[oa, NULL])',
	'prove(''numeric(18,2): a < b'', ARRAY[a, b], ARRAY[oa, (NULL, (ob).blinding)::opening])',
	'prove(''a < b'', ARRAY[a, b], ARRAY[oa, ob])',
	'prove(''numeric(18,2): a < b'', ARRAY[a, unscaled], ARRAY[oa, oa])',
	'prove(''numeric(18,2): a < b'', ARRAY[a, gm], ARRAY[oa, ob])',
	'prove(''numeric(18,2): a < b'', ARRAY[none, b], ARRAY[oa, ob])',
	'prove(''numeric(18,2): a < b'', ARRAY[a, b], ARRAY[oa, oa])',
	'prove(''numeric(18,2): a < b'', ARRAY[a, b], ARRAY[oa, ((ob).value + 0.001, (ob).blinding)::opening])',
	'prove(''numeric(18,2): a < b'', ARRAY[a, b], ARRAY[oa, (''NaN'', (ob).blinding)::opening])',
	'prove(''numeric(18,2): a < b'', ARRAY[a, b], ARRAY[oa, (1e60, (ob).blinding)::opening])',
	'prove(''numeric(18,2): a < b'', ARRAY[a, b], ARRAY[oa, ((ob).value, ''\x5a'')::opening])',
	'prove(''numeric(18,2): a > b'', ARRAY[a, b], ARRAY[oa, ob])',
	'prove(''numeric(18,2): a = b'', ARRAY[a, b], ARRAY[oa, ob])',
	'prove(''numeric(18,2): a <> b'', ARRAY[a, a], ARRAY[oa, oa])',
	'prove(''numeric(18,2): a * b = 1.0000'', ARRAY[a, b], ARRAY[oa, ob])',
	'prove(''numeric(18,2): a in [0, 1]'', ARRAY[a], ARRAY[oa])',
	'prove_less(a, unscaled, oa, oa)',
	'prove_less(a, gm, oa, ob)',
	'prove_less(b, a, ob, oa)',
	'prove_range(a, 0, 1.005, oa)',
	'prove_range(a, 2, 1, oa)',
	'prove_range(a, 0, ''Infinity'', oa)',
	'prove_quotient(a, commit(0.00, ''\x5a'' || substr((oa).blinding, 2), ''std''), a, a, oa, (0, ''\x5a'' || substr((oa).blinding, 2)), oa, oa)',
	'verify_proof(''numeric(18,2): a < b'', ARRAY[a], p)',
	'verify_proof(''a < b'', ARRAY[a, b], p)',
	'verify_proof(''numeric(18,2): a < b'', ARRAY[a, unscaled], p)',
	'verify_proof(''numeric(18,2): a < b'', ARRAY[a, gm], p)',
	'verify_proof(''numeric(18,2) a < b'', ARRAY[a, b], p)',
	'verify_less(a, unscaled, p)',
	'verify_batch(''numeric(18,2): a < b'', ARRAY[a, b, b], ARRAY[p])',
	'verify_batch(''numeric(18,2): a < b'', ARRAY[a, b], ARRAY[p, p])',
	'verify_batch(''numeric(18,2): a < b'', ARRAY[a, b], ARRAY[p], ARRAY[''\x01'', ''\x02'']::bytea[])',
	'verify_batch(''numeric(18,2) a < b'', ARRAY[a, b], ARRAY[p])',
	'verify_batch(NULL, ARRAY[a, b], ARRAY[p])',
	'unproven(1, ''numeric(18,2) a < b'', ARRAY[a, b], p, '''')',
	'unproven(1, NULL, ARRAY[a, b], p, '''')']) what;
-- no error names a value or a blinding
DO $$
DECLARE
	said text := '';
	s text;
	d text;
	h text;
	c text;
	expression text;
BEGIN
	FOREACH expression IN ARRAY ARRAY['prove($x$numeric(18,2): a > b$x$, ARRAY[a, b], ARRAY[oa, ob])', 'prove($x$numeric(18,2): a < b$x$, ARRAY[a, b], ARRAY[oa, oa])',
		'commit((oa).value * 1e40, (oa).blinding)', 'commit((oa).value, (oa).blinding || (oa).blinding)', 'prove_range(a, 0, 1, oa)', 'sum_openings(((oa).value * 1e40, (oa).blinding)::opening)'] LOOP
		BEGIN
			EXECUTE 'SELECT ' || expression || ' FROM proof_error';
			RAISE EXCEPTION 'not refused: %', expression;
		EXCEPTION WHEN invalid_parameter_value OR numeric_value_out_of_range THEN
			GET STACKED DIAGNOSTICS s = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL, h = PG_EXCEPTION_HINT, c = PG_EXCEPTION_CONTEXT;
			said := concat_ws(E'\n', said, s, d, h, c);
		END;
	END LOOP;
	ASSERT said !~ '7777777|8888888|5a5a5a|3c3c3c', said;
END $$;

-- what is false, not an error
SELECT verify_proof('numeric(18,2): a < b', ARRAY[a, b], p) AS holds,
	verify_proof('numeric(18,2): a < b', ARRAY[none, b], p) AS identity,
	verify_proof('numeric(18,2): a < b', ARRAY[a, b], '\x500101aa') AS short,
	verify_proof('numeric(18,2): a < b', ARRAY[a, b], (p::bytea || '\x00')::proof) AS long,
	verify_proof('numeric(18,2): a < b', ARRAY[a, b], set_byte(p::bytea, 2, 2)::proof) AS other_suite,
	verify_proof('numeric(18,2): a < b', ARRAY[a, b], set_byte(p::bytea, 100, get_byte(p::bytea, 100) # 1)::proof) AS changed,
	verify_proof('numeric(18,2): a <= b', ARRAY[a, b], p) AS other_statement
FROM proof_error;
