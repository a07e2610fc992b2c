-- owners of different values prove a statement together; here one session plays all of them
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir '/sql/refused.psql'
\i :helper

-- Each row is a party, and so many openings as the statement has commitments; NULL is what it does not know.
CREATE FUNCTION pg_temp.together(statement text, commitments ledger.commitment[], known ledger.opening[][],
								 context bytea DEFAULT '') RETURNS ledger.proof LANGUAGE plpgsql AS $$
DECLARE
	parties int := array_length(known, 1);
	messages bytea[] := '{}';
	answers bytea[];
	mine ledger.opening[];
BEGIN
	FOR p IN 1 .. parties LOOP
		mine := ARRAY(SELECT known[p][i] FROM generate_subscripts(known, 2) i ORDER BY i);
		messages := messages || ledger.joint_prove('party ' || p, statement, commitments, mine, p, parties, context);
	END LOOP;
	LOOP
		answers := '{}';
		FOR p IN 1 .. parties LOOP
			answers := answers || ARRAY[ledger.joint_next('party ' || p, messages)];
		END LOOP;
		EXIT WHEN answers[1] IS NULL;
		messages := answers;
	END LOOP;
	FOR p IN 2 .. parties LOOP
		PERFORM ledger.joint_result('party ' || p);
	END LOOP;
	RETURN ledger.joint_result('party 1');
END $$;

CREATE TABLE joint_value AS
	SELECT suite, name, value, ledger.random_blinding() AS blinding
	FROM unnest(ARRAY['std', 'gm']) suite,
		 (VALUES ('ordered', 100), ('delivered', 97), ('received', 97), ('invoiced', 97)) v (name, value);
ALTER TABLE joint_value ADD c ledger.commitment;
ALTER TABLE joint_value ADD o ledger.opening;
UPDATE joint_value SET c = ledger.commit(value, blinding, suite), o = (value, blinding);

-- an equality between two owners: a party each
SELECT suite, ledger.verify_proof('a = b', ARRAY[d.c, r.c],
		pg_temp.together('a = b', ARRAY[d.c, r.c], ARRAY[[d.o, NULL], [NULL, r.o]]))
FROM joint_value d JOIN joint_value r USING (suite) WHERE d.name = 'delivered' AND r.name = 'received' ORDER BY suite;

-- three equal quantities of three owners, and a fourth who knows two of them and compares
SELECT suite, ledger.verify_proof('a = b and b = c and c <= d given c in 32, d in 32', ARRAY[d.c, r.c, i.c, o.c],
		pg_temp.together('a = b and b = c and c <= d given c in 32, d in 32', ARRAY[d.c, r.c, i.c, o.c],
			ARRAY[[d.o, NULL, NULL, NULL], [NULL, r.o, NULL, NULL], [NULL, NULL, i.o, o.o]], '\x07'), '\x07') AS holds
FROM joint_value d JOIN joint_value r USING (suite) JOIN joint_value i USING (suite) JOIN joint_value o USING (suite)
WHERE d.name = 'delivered' AND r.name = 'received' AND i.name = 'invoiced' AND o.name = 'ordered' ORDER BY suite;

-- a mismatch comes to nothing, and says no more than that
SELECT pg_temp.refused($$
	SELECT pg_temp.together('a = b', ARRAY[d.c, r.c], ARRAY[[d.o, NULL], [NULL, r.o]])
	FROM joint_value d, joint_value r WHERE d.suite = 'gm' AND r.suite = 'gm' AND d.name = 'ordered' AND r.name = 'received'$$);
-- nobody knows both sides of a comparison
SELECT pg_temp.refused($$
	SELECT pg_temp.together('a <= b', ARRAY[d.c, r.c], ARRAY[[d.o, NULL], [NULL, r.o]])
	FROM joint_value d, joint_value r WHERE d.suite = 'gm' AND r.suite = 'gm' AND d.name = 'received' AND r.name = 'ordered'$$);
-- a wrong opening, another context, a message too few, one that is none, and a round heard twice
SELECT pg_temp.refused($$
	SELECT ledger.joint_prove('x', 'a = b', ARRAY[d.c, r.c], ARRAY[r.o, NULL], 1, 2)
	FROM joint_value d, joint_value r WHERE d.suite = 'gm' AND r.suite = 'gm' AND d.name = 'ordered' AND r.name = 'received'$$);
SELECT ledger.joint_prove('one', 'a = b', ARRAY[d.c, r.c], ARRAY[d.o, NULL], 1, 2) AS m1,
	ledger.joint_prove('two', 'a = b', ARRAY[d.c, r.c], ARRAY[NULL, r.o], 2, 2, '\x02') AS m2
FROM joint_value d, joint_value r WHERE d.suite = 'gm' AND r.suite = 'gm' AND d.name = 'delivered' AND r.name = 'received' \gset
SELECT pg_temp.refused(format('SELECT ledger.joint_next(%L, ARRAY[%L]::bytea[])', 'one', :'m1'));
SELECT pg_temp.refused(format('SELECT ledger.joint_next(%L, ARRAY[%L, %L]::bytea[])', 'one', :'m1', :'m2'));
SELECT pg_temp.refused(format('SELECT ledger.joint_next(%L, ARRAY[%L, %L]::bytea[])', 'one', :'m1', :'m2'));
SELECT pg_temp.refused(format('SELECT ledger.joint_next(%L, ARRAY[%L, %L]::bytea[])', 'two', '\x00', :'m2'));
SELECT pg_temp.refused('SELECT ledger.joint_result(''nobody'')');
SELECT ledger.joint_prove('one', 'a = b', ARRAY[c, c], ARRAY[o, NULL], 1, 2) IS NOT NULL
FROM joint_value WHERE suite = 'std' AND name = 'ordered';
SELECT pg_temp.refused('SELECT ledger.joint_result(''one'')');
SELECT pg_temp.refused(format('SELECT ledger.joint_prove(%L, %L, ARRAY[%L]::ledger.commitment[], ARRAY[NULL]::ledger.opening[], 3, 2)',
	'x', 'a in 8', (SELECT c FROM joint_value LIMIT 1)));

DROP TABLE joint_value;
