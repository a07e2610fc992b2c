-- proofs in tables: CHECK constraints, ledger tables, indexes, parallel queries, batches
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir '/sql/refused.psql'
\i :helper
SET search_path = public, ledger;
CREATE FUNCTION pg_temp.opening(v numeric) RETURNS opening LANGUAGE sql AS $$ SELECT (v, sha256(numeric_send(v)))::opening $$;
CREATE FUNCTION pg_temp.committed(v numeric) RETURNS commitment LANGUAGE sql AS $$ SELECT commit(v, sha256(numeric_send(v)), 'std') $$;

-- a row is refused unless its financed amount is proven to lie within the invoice
CREATE TABLE financing (
	chain_id uuid, table_id uuid, id bigint PRIMARY KEY, invoice ledger.commitment, financed ledger.commitment, proof ledger.proof,
	CONSTRAINT within_invoice CHECK (ledger.verify_proof('numeric(18,2): financed <= invoice', ARRAY[financed, invoice], proof))
) USING ledger;
-- a statement that is none is found with the first row: PostgreSQL does not evaluate a constraint when it is made
SELECT pg_temp.refused($$INSERT INTO financing VALUES ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002', 1, pg_temp.committed(1.00), pg_temp.committed(1.00), '\x500101aa')$$);
DROP TABLE financing;
CREATE TABLE financing (
	chain_id uuid NOT NULL, table_id uuid NOT NULL, id bigint PRIMARY KEY,
	invoice ledger.commitment NOT NULL, financed ledger.commitment NOT NULL, proof ledger.proof,
	CONSTRAINT within_invoice CHECK (ledger.verify_proof('numeric(18,2): a >= 0 and a <= b', ARRAY[financed, invoice], proof,
		ledger.proof_context(chain_id, table_id, id)))
) USING ledger;
\set chain '00000000-0000-0000-0000-000000000001'
\set table '00000000-0000-0000-0000-000000000002'
CREATE FUNCTION pg_temp.proof(financed numeric, invoice numeric, id bigint) RETURNS proof LANGUAGE sql AS $$
	SELECT prove('numeric(18,2): a >= 0 and a <= b', ARRAY[pg_temp.committed(financed), pg_temp.committed(invoice)], ARRAY[pg_temp.opening(financed), pg_temp.opening(invoice)],
		proof_context('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002', id)) $$;
INSERT INTO financing SELECT :'chain', :'table', i, pg_temp.committed(100.00), pg_temp.committed(i * 10.00), pg_temp.proof(i * 10.00, 100.00, i) FROM generate_series(1, 10) i;
SELECT count(*) FROM financing;
-- more than the invoice, or less than nothing: there is no proof of it
SELECT pg_temp.refused('SELECT pg_temp.proof(100.01, 100.00, 11)');
SELECT pg_temp.refused('SELECT pg_temp.proof(-0.01, 100.00, 11)');
SELECT pg_temp.refused('SELECT pg_temp.proof(-100000000000000000000.00, 100.00, 11)');
-- and none that was made for something else is taken
CREATE FUNCTION pg_temp.try(financed text, invoice text, proof text, id int DEFAULT 11) RETURNS text LANGUAGE sql AS $$
	SELECT split_part(pg_temp.refused(format('INSERT INTO financing VALUES (%L, %L, %s, pg_temp.committed(%s), pg_temp.committed(%s), %s)',
		'00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002', id, invoice, financed, proof)), E'\n', 1) $$;
SELECT pg_temp.try('-50.00', '100.00', 'pg_temp.proof(50.00, 100.00, 11)') AS negative,
	pg_temp.try('150.00', '100.00', 'pg_temp.proof(50.00, 100.00, 11)') AS too_much,
	pg_temp.try('50.00', '100.00', 'pg_temp.proof(50.00, 100.00, 10)') AS of_another_row,
	pg_temp.try('50.00', '100.00', 'NULL') AS no_proof,
	pg_temp.try('50.00', '100.00', '''\x500101aa''') AS some_bytes,
	pg_temp.try('50.00', '100.00', 'prove(''numeric(18,2): a <= b'', ARRAY[pg_temp.committed(50.00), pg_temp.committed(100.00)], ARRAY[pg_temp.opening(50.00), pg_temp.opening(100.00)], proof_context(''00000000-0000-0000-0000-000000000001'', ''00000000-0000-0000-0000-000000000002'', 11))') AS of_another_statement,
	pg_temp.try('50', '100', 'pg_temp.proof(50.00, 100.00, 11)') AS of_another_scale,
	pg_temp.try('50.00', '100.00', 'pg_temp.proof(50.00, 100.00, 11)') AS taken;
-- nothing in the message but what stands in the row: commitments and proof
SELECT pg_temp.refused($$INSERT INTO financing VALUES ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002', 12, pg_temp.committed(1.00), pg_temp.committed(1.00), '\x500101aa')$$);
SELECT severity, relation, problem FROM ledger.verify('financing') WHERE severity <> 'info';

-- a constraint added later reads every row; another statement about the same rows finds none that holds
SELECT pg_temp.refused($$ALTER TABLE financing ADD CHECK (ledger.verify_proof('numeric(18,2): a > 0 and a <= b', ARRAY[financed, invoice], proof, ledger.proof_context(chain_id, table_id, id)))$$);
ALTER TABLE financing ADD CONSTRAINT again CHECK (ledger.verify_proof('numeric(18,2): a >= 0 and a <= b', ARRAY[financed, invoice], proof, ledger.proof_context(chain_id, table_id, id)));
-- a partial index of what is proven, and of what is not
CREATE TABLE proof_claim (id int, c ledger.commitment, p ledger.proof);
INSERT INTO proof_claim SELECT i, pg_temp.committed(i), prove_range(pg_temp.committed(least(i, 10)), 1, 10, pg_temp.opening(least(i, 10))) FROM generate_series(1, 20) i;
CREATE INDEX proof_claim_unproven ON proof_claim (id) WHERE NOT ledger.verify_range(c, 1, 10, p);
SET enable_seqscan = off;
EXPLAIN (COSTS off) SELECT id FROM proof_claim WHERE NOT ledger.verify_range(c, 1, 10, p);
SELECT array_agg(id ORDER BY id) FROM proof_claim WHERE NOT ledger.verify_range(c, 1, 10, p);
RESET enable_seqscan;
SELECT array_agg(id ORDER BY id) FROM proof_claim WHERE ledger.verify_range(c, 1, 10, p);

-- versioned tables and generated columns
CREATE TABLE proof_versioned (id int PRIMARY KEY, c ledger.commitment, p ledger.proof CHECK (ledger.verify_range(c, 1, 10, p)), proven bool GENERATED ALWAYS AS (ledger.verify_range(c, 1, 10, p)) STORED) USING ledger_versioned;
INSERT INTO proof_versioned SELECT i, pg_temp.committed(i), prove_range(pg_temp.committed(i), 1, 10, pg_temp.opening(i)) FROM generate_series(1, 3) i;
UPDATE proof_versioned SET c = pg_temp.committed(7), p = prove_range(pg_temp.committed(7), 1, 10, pg_temp.opening(7)) WHERE id = 3;
SELECT pg_temp.refused('UPDATE proof_versioned SET c = pg_temp.committed(8) WHERE id = 3') ~ '^23514';
SELECT id, proven, verify_opening(c, pg_temp.opening(id)) AS first_value FROM proof_versioned_history ORDER BY ledger_tx, ledger_seq;
SELECT severity, relation, problem FROM ledger.verify('proof_versioned') WHERE severity <> 'info';

-- parallel: verification and sums run in workers
CREATE TABLE proof_many AS SELECT id, c, p FROM proof_claim, generate_series(1, 5);
ANALYZE proof_many;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS off) SELECT count(*) FROM proof_many WHERE ledger.verify_range(c, 1, 10, p);
EXPLAIN (COSTS off) SELECT ledger.sum(c) FROM proof_many;
SELECT count(*) FROM proof_many WHERE ledger.verify_range(c, 1, 10, p);
SELECT verify_opening(sum(m.c), sum_openings(pg_temp.opening(id), 'std')) FROM proof_many m;
SELECT sum(c) = (SELECT sum(c) FROM (SELECT c FROM proof_many OFFSET 0) x) FROM proof_many;
SET force_parallel_mode = on;
SELECT suite(commit(1, sha256('x'))) = (SELECT suite FROM ledger.chain WHERE active) AS suite_of_the_chain;
RESET force_parallel_mode;
RESET max_parallel_workers_per_gather;

-- batches: what fails is named, by position or by id
CREATE TABLE proof_batch AS SELECT i AS id, ARRAY[pg_temp.committed(i), pg_temp.committed(1000)] AS cs, int4send(i) AS context,
	prove('a <= b given a in 64, b in 64', ARRAY[pg_temp.committed(i), pg_temp.committed(1000)], ARRAY[pg_temp.opening(i), pg_temp.opening(1000)], int4send(i)) AS p
FROM generate_series(1, 130) i;
\set s 'a <= b given a in 64, b in 64'
SELECT unproven(id, :'s', cs, p, context) FROM proof_batch;
SELECT unproven(id, :'s', cs, p, CASE WHEN id IN (1, 64, 128, 129, 130) THEN '\x' ELSE context END ORDER BY id) FROM proof_batch;
SELECT unproven(id::text, :'s', CASE WHEN id = 7 THEN cs[1:1] WHEN id = 8 THEN ARRAY[NULL, cs[2]] WHEN id = 9 THEN ARRAY[cs[1], pg_temp.committed(1000.0)] WHEN id = 10 THEN ARRAY[cs[1], cs[1] - cs[1]] WHEN id = 11 THEN NULL ELSE cs END,
	CASE WHEN id = 12 THEN NULL WHEN id = 13 THEN set_byte(p::bytea, 200, get_byte(p::bytea, 200) # 128)::proof ELSE p END, CASE WHEN id = 14 THEN NULL ELSE context END ORDER BY id) FROM proof_batch;
SELECT unproven(NULL::int, :'s', cs, p, '\x') FROM proof_batch WHERE id <= 2;
SELECT unproven(id, :'s', cs, p, context) FROM proof_batch WHERE false;
-- more than one statement
SELECT unproven(id, CASE WHEN id = 5 THEN 'a < b given a in 64, b in 64' ELSE :'s' END, cs, p, context ORDER BY id) FROM proof_batch;
SELECT id % 3 AS third, unproven(id, :'s', cs, p, CASE WHEN id > 125 THEN '\x' ELSE context END ORDER BY id) FROM proof_batch GROUP BY 1 ORDER BY 1;
SELECT verify_batch(:'s', array_agg(cs ORDER BY id), array_agg(p ORDER BY id), array_agg(context ORDER BY id)) FROM proof_batch;
SELECT verify_batch(:'s', array_agg(cs ORDER BY id), array_agg(p ORDER BY id), array_agg(CASE WHEN id IN (1, 64, 128, 129, 130) THEN '\x' ELSE context END ORDER BY id)) FROM proof_batch;
SELECT verify_batch(:'s', array_agg(cs ORDER BY id), array_agg(NULLIF(p::bytea, CASE id WHEN 2 THEN p::bytea END)::proof ORDER BY id), array_agg(NULLIF(context, '\x00000003') ORDER BY id)) FROM proof_batch WHERE id < 5;
SELECT count(*) FROM (SELECT verify_batch(:'s', array_agg(cs ORDER BY id), array_agg(p ORDER BY id)) FROM proof_batch) x;
SELECT array_agg(n) FROM proof_batch b, verify_batch(:'s', cs, ARRAY[p], ARRAY[context]) n WHERE id < 4;
SELECT verify_batch('a in [1, 10]', array_agg(c), array_agg(p)) FROM proof_claim WHERE id < 12;
SELECT verify_batch(:'s', '{}', '{}');

-- what ties a proof to its row
SELECT proof_context(:'chain', :'table', '\x01ff'::bytea), proof_context(:'chain', :'table', 'key ü'), proof_context(:'chain', :'table', :'chain'::uuid), proof_context(:'chain', :'table', -2);
SELECT count(DISTINCT proof_context(:'chain', :'table', k)) FROM unnest(ARRAY['', 'a', 'b', 'ab']) k;
SELECT proof_context(:'chain', :'table', NULL::text) IS NULL, proof_context(NULL, :'table', 'a') IS NULL;
