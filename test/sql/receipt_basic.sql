-- receipts, consistency proofs and tiles: made, checked, refused
\set VERBOSITY default
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ledger;

CREATE PROCEDURE receipt_wait() LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1..600 LOOP
		EXIT WHEN (SELECT signed_size = sealed_size AND unsealed = 0 FROM ledger.stat);
		PERFORM pg_sleep(0.05);
	END LOOP;
END $$;
CREATE TABLE receipt_a (id int PRIMARY KEY, v text) USING ledger;
CREATE TABLE receipt_b (id int PRIMARY KEY, v text) USING ledger_versioned;
INSERT INTO receipt_a SELECT g, 'row ' || g FROM generate_series(1, 1000) g;
INSERT INTO receipt_a VALUES (2001, 'alone') RETURNING ledger_tx AS tx \gset
ALTER TABLE receipt_a ADD COLUMN w int;
INSERT INTO receipt_b SELECT g, 'row ' || g FROM generate_series(1, 10) g;
UPDATE receipt_b SET v = 'changed' WHERE id < 4;
DELETE FROM receipt_b WHERE id > 8;
CALL receipt_wait();

-- made and checked
SELECT ledger.receipt('receipt_a', :tx, 0) AS receipt \gset
SELECT valid, problem, chain_id = (SELECT chain_id FROM ledger.chain WHERE active) AS chain,
	   table_id = (SELECT table_id FROM ledger.ledger_table WHERE relid = 'receipt_a'::regclass) AS "table",
	   ledger_tx = :tx AS tx, ledger_seq, stamped_at <= now() AS stamped, leaf < size AS within
FROM ledger.verify_receipt(:'receipt');
SELECT valid FROM ledger.verify_receipt(:'receipt', ledger.verifier_key());
SELECT octet_length(:'receipt') < 2500 AS small, split_part(:'receipt', E'\n', 1), split_part(:'receipt', E'\n', 4);

-- every row of a large transaction, and every version
SELECT count(*), count(*) FILTER (WHERE (ledger.verify_receipt(ledger.receipt('receipt_a', ledger_tx, ledger_seq))).valid)
FROM (SELECT * FROM receipt_a WHERE id % 100 = 0 OR id IN (1, 2, 999)) r;
SELECT count(*), count(*) FILTER (WHERE (ledger.verify_receipt(ledger.receipt('receipt_b', ledger_tx, ledger_seq))).valid)
FROM receipt_b_history;
SELECT count(*), count(*) FILTER (WHERE (ledger.verify_receipt(ledger.receipt('receipt_b', ended_tx, ended_seq))).valid)
FROM receipt_b_versions WHERE ended_op = 2;

-- whatever is changed in it, it does not hold
SELECT valid, problem FROM ledger.verify_receipt(replace(:'receipt', 'row-index 0 1', 'row-index 0 2'));
SELECT valid, problem FROM ledger.verify_receipt(replace(:'receipt', 'group 0 private', 'group 1 private'));
SELECT valid, problem FROM ledger.verify_receipt(regexp_replace(:'receipt', '(log-index) (\d+)', '\1 1'));
SELECT valid, problem FROM ledger.verify_receipt(replace(:'receipt', E'\nepoch 0', E'\nepoch 1'));
SELECT valid, problem FROM ledger.verify_receipt(replace(:'receipt', 'suite std', 'suite gm'));
SELECT valid, problem FROM ledger.verify_receipt('');
SELECT valid, problem FROM ledger.verify_receipt('ledger-receipt/1');
SELECT ledger.verify_receipt(NULL) IS NULL;
SELECT valid, problem FROM ledger.verify_receipt(:'receipt', '');
SELECT ledger.verify_receipt(:'receipt', 'not a key');

-- refused
\set VERBOSITY sqlstate
SELECT ledger.receipt('receipt_a', :tx, 1);
\set VERBOSITY default
SELECT ledger.receipt('receipt_a', 12345, 0);
SELECT ledger.receipt('receipt_a', -1, 0);
SELECT ledger.receipt('receipt_a', :tx, -1);
SELECT ledger.receipt('pg_class', :tx, 0);
BEGIN;
INSERT INTO receipt_a (id) VALUES (3001) RETURNING ledger_tx AS own \gset
\set VERBOSITY sqlstate
SELECT ledger.receipt('receipt_a', :own, 0);
\set VERBOSITY default
ROLLBACK;

-- who may
CREATE ROLE regress_receipt;
SET ROLE regress_receipt;
SELECT ledger.receipt('receipt_a', :tx, 0);
RESET ROLE;
GRANT SELECT ON receipt_a TO regress_receipt;
SET ROLE regress_receipt;
SELECT ledger.receipt('receipt_a', :tx, 0) = :'receipt' AS same;
RESET ROLE;
ALTER TABLE receipt_a ENABLE ROW LEVEL SECURITY;
SELECT substr(ledger.receipt('receipt_a', :tx, 0), 1, 16);
SET ROLE regress_receipt;
SELECT ledger.receipt('receipt_a', :tx, 0);
RESET ROLE;
ALTER TABLE receipt_a DISABLE ROW LEVEL SECURITY;
REVOKE ALL ON receipt_a FROM regress_receipt;
DROP ROLE regress_receipt;

-- consistency
CALL receipt_wait();
SELECT max(first_leaf + n) AS size FROM ledger.block \gset
SELECT bool_and(ledger.verify_consistency(ledger.consistency_proof(a, b)))
FROM (VALUES (0, 0), (0, :size), (1, :size), (2, 3), (:size - 1, :size), (:size, :size)) x (a, b);
SELECT split_part(ledger.consistency_proof(3, :size), E'\n', 1) AS format,
	   split_part(split_part(ledger.consistency_proof(3, :size), E'\n', 4), ' ', 3) =
	   split_part(ledger.checkpoint(:size), E'\n', 3) AS "root of the checkpoint";
SELECT ledger.verify_consistency(regexp_replace(ledger.consistency_proof(3, :size), 'from 3', 'from 2'));
SELECT ledger.verify_consistency('something else');
\set VERBOSITY terse
SELECT ledger.consistency_proof(3, 2);
SELECT ledger.consistency_proof(0, 1000000000);
SELECT ledger.consistency_proof(-1, 1);
\set VERBOSITY default

-- tiles: the leaf of a receipt stands in them
SELECT octet_length(ledger.tile_data(0, 0, 4)) AS four,
	   substr(ledger.tile_data(0, 0, 4), 1, 64) = ledger.tile_data(0, 0, 2) AS prefix;
\set VERBOSITY terse
SELECT ledger.tile_data(8, 0, 1);
SELECT ledger.tile_data(0, 0, 0);
SELECT ledger.tile_data(0, 0, 257);
SELECT ledger.tile_data(0, 100000, 1);
SELECT ledger.tile_data(7, 0, 1);
DROP PROCEDURE receipt_wait;
