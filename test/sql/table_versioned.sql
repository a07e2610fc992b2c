-- ledger_versioned: UPDATE and DELETE keep the version they end
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ledger;
CREATE TABLE client (id int PRIMARY KEY, name text, rating int) USING ledger_versioned;
\d client
\d client_history

INSERT INTO client VALUES (1, 'ada', 5), (2, 'bob', 3), (3, 'cleo', 4);
UPDATE client SET rating = rating + 1 WHERE id IN (1, 2) RETURNING id, rating, ledger_seq;
UPDATE client SET name = 'robert' WHERE id = 2;
DELETE FROM client WHERE id = 3 RETURNING id, name;
SELECT id, name, rating FROM client ORDER BY id;
SELECT id, name, rating, ended_op, ended_seq IS NOT NULL AS ended FROM client_history ORDER BY id, ledger_tx, ledger_seq;

-- each version names the transaction that ended it
SELECT old.id, old.name, new.name, old.ended_op
FROM client_history old JOIN client_history new ON new.ledger_tx = old.ended_tx AND new.ledger_seq = old.ended_seq
ORDER BY old.id, old.ledger_tx;

-- the ledger columns are not the user's
UPDATE client SET ledger_seq = 9 WHERE id = 1;
INSERT INTO client (id, ledger_tx) VALUES (9, 9);

-- nobody writes versions by hand
INSERT INTO client_versions SELECT * FROM client_versions;
UPDATE client_versions SET name = 'x';
DELETE FROM client_versions;
TRUNCATE client_versions;
TRUNCATE client;
DROP TABLE client_versions;

-- ON CONFLICT DO UPDATE, MERGE, savepoints
INSERT INTO client VALUES (1, 'ada', 0) ON CONFLICT (id) DO UPDATE SET rating = excluded.rating;
MERGE INTO client USING (VALUES (2, 9), (4, 1)) v(id, r) ON client.id = v.id
	WHEN MATCHED THEN UPDATE SET rating = v.r
	WHEN NOT MATCHED THEN INSERT (id, name, rating) VALUES (v.id, 'new', v.r);
BEGIN;
UPDATE client SET rating = 100;
SAVEPOINT s;
UPDATE client SET rating = 200;
DELETE FROM client WHERE id = 4;
ROLLBACK TO s;
UPDATE client SET rating = 300 WHERE id = 4;
COMMIT;
SELECT id, name, rating FROM client ORDER BY id;
SELECT id, count(*) FROM client_history GROUP BY id ORDER BY id;

-- the same row twice in one transaction
BEGIN;
UPDATE client SET rating = 1 WHERE id = 1;
UPDATE client SET rating = 2 WHERE id = 1;
COMMIT;
SELECT rating, ended_op FROM client_history WHERE id = 1 ORDER BY ledger_tx, ledger_seq;

-- columns and names follow
ALTER TABLE client ADD COLUMN city text;
UPDATE client SET city = 'Basel' WHERE id = 1;
ALTER TABLE client RENAME COLUMN name TO full_name;
ALTER TABLE client RENAME TO customer;
SELECT id, full_name, rating, city, ended_op FROM customer_history WHERE id = 1 ORDER BY ledger_tx, ledger_seq;

-- indexes built after updates
CREATE INDEX ON customer (rating);
CREATE INDEX CONCURRENTLY ON customer (full_name);
REINDEX TABLE customer;
VACUUM FULL customer;
SELECT count(*) FROM customer;

-- every version is in the chain, deletions too
SELECT ledger.wait_sealed(max(ledger_tx)) FROM customer;
SELECT severity, relation, problem FROM ledger.verify() WHERE severity <> 'info';
