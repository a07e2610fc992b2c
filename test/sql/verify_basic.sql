-- ledger.verify(): what it takes, who may call it, what it says when nothing is wrong
\set VERBOSITY default
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ledger;

-- Each row of a verification; of the summary only what does not change from run to run.
CREATE FUNCTION verified(target regclass DEFAULT NULL, from_tx bigint DEFAULT NULL, to_tx bigint DEFAULT NULL,
						 since text DEFAULT NULL, workers int DEFAULT 0)
	RETURNS TABLE (severity text, relation text, problem text) LANGUAGE sql AS $$
	SELECT v.severity, v.relation,
		   regexp_replace(v.problem, 'transactions \d+, size \d+, root \S{44}, seconds \d+\.\d{3}$', '...')
	FROM ledger.verify($1, $2, $3, $4, $5) v $$;

CREATE TABLE verify_a (id int PRIMARY KEY, v text) USING ledger;
CREATE TABLE verify_b (id int PRIMARY KEY, v text) USING ledger_versioned;
CREATE TABLE verify_c (id int);
INSERT INTO verify_a SELECT g, 'row ' || g FROM generate_series(1, 1000) g;
INSERT INTO verify_a VALUES (2001, 'a'), (2002, NULL);
INSERT INTO verify_a VALUES (2003, 'b') RETURNING ledger_tx AS single \gset
BEGIN;
INSERT INTO verify_a VALUES (3001, 'kept');
SAVEPOINT s;
INSERT INTO verify_a VALUES (3002, 'rolled back');
ROLLBACK TO s;
INSERT INTO verify_a VALUES (3003, 'kept');
COMMIT;
ALTER TABLE verify_a ADD COLUMN w int DEFAULT 7;
INSERT INTO verify_a (id, v, w) VALUES (4001, 'with', 8);
INSERT INTO verify_b SELECT g, 'row ' || g FROM generate_series(1, 100) g;
UPDATE verify_b SET v = 'changed' WHERE id <= 10;
DELETE FROM verify_b WHERE id > 90;
SELECT ledger.wait_sealed(max(ledger_tx)) FROM ledger.entry;

-- one table, with and without workers
SELECT * FROM verified('verify_a');
SELECT * FROM verified('verify_a', workers => 2);
SELECT * FROM verified('verify_b');
SELECT * FROM verified('verify_b', workers => 2);

-- a range of transactions
SELECT * FROM verified('verify_a', :single, :single);
SELECT * FROM verified('verify_a', from_tx => :single + 1);
SELECT * FROM verified('verify_a', 1, 2);

-- since a checkpoint: nothing is newer, then one row is
DO $$
BEGIN
	FOR i IN 1..600 LOOP
		EXIT WHEN (SELECT signed_size = sealed_size AND unsealed = 0 FROM ledger.stat);
		PERFORM pg_sleep(0.05);
	END LOOP;
END $$;
SELECT ledger.checkpoint() AS checkpoint \gset
SELECT * FROM verified('verify_a', since => :'checkpoint');
INSERT INTO verify_a (id) VALUES (5001) RETURNING ledger_tx AS newest \gset
SELECT ledger.wait_sealed(:newest);
SELECT * FROM verified('verify_a', since => :'checkpoint');
SELECT severity, regexp_replace(problem, '\d+', 'N') AS problem FROM ledger.verify('verify_a',
	since => replace(:'checkpoint', E'\nepoch 0', E'\nepoch 1'), workers => 0) WHERE severity <> 'info';

-- the rewriting that PostgreSQL itself does changes nothing
VACUUM FULL verify_a;
CLUSTER verify_a USING verify_a_pkey;
VACUUM FREEZE verify_b;
SELECT * FROM verified('verify_a');
SELECT * FROM verified('verify_b');

-- inside other queries and transactions
SELECT count(*) FROM ledger.verify('verify_a') v, verify_c WHERE v.severity <> 'info';
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT * FROM verified('verify_a');
COMMIT;
DO $$ BEGIN PERFORM * FROM ledger.verify('verify_a', workers => 0); END $$;
BEGIN;
LOCK TABLE verify_a IN ACCESS EXCLUSIVE MODE;
SELECT * FROM verified('verify_a', workers => 1);
COMMIT;

-- refused
SELECT * FROM ledger.verify('verify_c');
SELECT * FROM ledger.verify('pg_class');
SELECT * FROM ledger.verify(since => 'nothing');
SELECT * FROM ledger.verify(workers => -1);
SELECT * FROM ledger.verify(workers => 1000);
BEGIN;
INSERT INTO verify_a (id) VALUES (6001);
SELECT * FROM ledger.verify();
ROLLBACK;

-- who may
CREATE ROLE regress_verify_nobody;
CREATE ROLE regress_verify_auditor IN ROLE ledger_auditor;
SET ROLE regress_verify_nobody;
SELECT * FROM ledger.verify();
SELECT count(*) FROM ledger.stat_progress_verify;
RESET ROLE;
SET ROLE regress_verify_auditor;
SELECT count(*) FROM ledger.verify('verify_a') WHERE severity <> 'info';
RESET ROLE;
DROP ROLE regress_verify_nobody, regress_verify_auditor;

-- everything in this database
SELECT severity, relation, problem FROM ledger.verify() WHERE severity <> 'info';
DROP FUNCTION verified;
