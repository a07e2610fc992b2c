-- commit, prove, verify: what holds is proven, what does not is refused
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir '/sql/refused.psql'
\i :helper

SELECT length(ledger.random_blinding()), ledger.random_blinding() <> ledger.random_blinding();
-- the same value and blinding give the same commitment, another blinding another one
SELECT decode(repeat('5a', 32), 'hex') AS ra, decode(repeat('3c', 32), 'hex') AS rb \gset
SELECT ledger.commit(12.50, :'ra', 'std'), ledger.commit(12.50, :'rb', 'std'), ledger.commit(12.50, :'ra', 'gm');

CREATE TABLE proof_pair AS
	SELECT suite, ledger.commit(12.50, :'ra', suite) AS a, ledger.commit(100.00, :'rb', suite) AS b
	FROM unnest(ARRAY['std', 'gm']) suite;
CREATE TABLE proof_made AS
	SELECT suite, a, b, ledger.prove('numeric(18,2): a >= 0 and a <= b', ARRAY[a, b],
		ARRAY[(12.50, :'ra'), (100, :'rb')]::ledger.opening[], '\x01') AS proof
	FROM proof_pair;
SELECT suite, length(ledger.proof_send(proof)) AS bytes,
	ledger.verify_proof('numeric(18,2): a >= 0 and a <= b', ARRAY[a, b], proof, '\x01') AS holds,
	ledger.verify_proof('numeric(18, 2) :  a>=0 AND A<=B', ARRAY[a, b], proof, '\x01') AS spelled_otherwise,
	ledger.verify_proof('numeric(18,2): a >= 0 and a <= b', ARRAY[a, b], proof, '\x02') AS other_context,
	ledger.verify_proof('numeric(18,2): a >= 0 and a <= b', ARRAY[b, a], proof, '\x01') AS other_order,
	ledger.verify_proof('numeric(18,2): a >= 1 and a <= b', ARRAY[a, b], proof, '\x01') AS other_statement
FROM proof_made;
SELECT pg_temp.refused(format('SELECT ledger.prove(%L, ARRAY[%L, %L]::ledger.commitment[], ARRAY[(12.50, %L), (100, %L)]::ledger.opening[])',
	'numeric(18,2): a > b', a, b, :'ra', :'rb')) FROM proof_pair WHERE suite = 'std';
