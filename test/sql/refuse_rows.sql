-- Rows of a ledger table are not changed or removed, whichever way is tried.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir '/sql/refused.psql'
\i :helper

CREATE TABLE rows_t (id int PRIMARY KEY, v text) USING ledger;
INSERT INTO rows_t VALUES (1, 'one'), (2, 'two');

-- with rows that match
SELECT pg_temp.refused('UPDATE rows_t SET v = ''x'' WHERE id = 1');
SELECT pg_temp.refused('DELETE FROM rows_t WHERE id = 1');
-- without: said all the same
SELECT pg_temp.refused('UPDATE rows_t SET v = ''x'' WHERE id = 99');
SELECT pg_temp.refused('DELETE FROM rows_t WHERE false');
-- only planned
SELECT pg_temp.refused('EXPLAIN DELETE FROM rows_t');

-- ON CONFLICT
SELECT pg_temp.refused('INSERT INTO rows_t VALUES (1, ''x'') ON CONFLICT (id) DO UPDATE SET v = excluded.v');
SELECT pg_temp.refused('INSERT INTO rows_t VALUES (9, ''x'') ON CONFLICT (id) DO UPDATE SET v = excluded.v');
INSERT INTO rows_t VALUES (1, 'x'), (3, 'three') ON CONFLICT DO NOTHING;

-- MERGE
SELECT pg_temp.refused('MERGE INTO rows_t t USING (VALUES (1)) s(id) ON t.id = s.id WHEN MATCHED THEN UPDATE SET v = ''x''');
SELECT pg_temp.refused('MERGE INTO rows_t t USING (VALUES (1)) s(id) ON t.id = s.id WHEN MATCHED THEN DELETE');
SELECT pg_temp.refused('MERGE INTO rows_t t USING (VALUES (99)) s(id) ON t.id = s.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.id, ''m'')');
MERGE INTO rows_t t USING (VALUES (1), (4)) s(id) ON t.id = s.id
	WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, 'merged');

-- in WITH, through a view, in a function, prepared
SELECT pg_temp.refused('WITH d AS (DELETE FROM rows_t RETURNING id) SELECT * FROM d');
CREATE VIEW rows_v AS SELECT id, v FROM rows_t;
SELECT pg_temp.refused('UPDATE rows_v SET v = ''x''');
SELECT pg_temp.refused('DELETE FROM rows_v');
INSERT INTO rows_v VALUES (5, 'through the view');
SELECT pg_temp.refused('DO $d$ BEGIN UPDATE rows_t SET v = ''x''; END $d$');
PREPARE change AS UPDATE rows_t SET v = 'x' WHERE id = $1;
SELECT pg_temp.refused('EXECUTE change(1)');
DEALLOCATE change;

-- a cursor
SELECT pg_temp.refused('DO $d$ DECLARE c CURSOR FOR SELECT * FROM rows_t FOR UPDATE; r record; BEGIN OPEN c; FETCH c INTO r; DELETE FROM rows_t WHERE CURRENT OF c; END $d$');

-- triggers switched off
SET session_replication_role = replica;
SELECT pg_temp.refused('UPDATE rows_t SET v = ''x''');
SELECT pg_temp.refused('DELETE FROM rows_t');
SELECT pg_temp.refused('TRUNCATE rows_t');
RESET session_replication_role;

-- foreign keys that would cascade into it
CREATE TABLE rows_parent (id int PRIMARY KEY);
INSERT INTO rows_parent VALUES (1);
CREATE TABLE rows_cascade (parent int REFERENCES rows_parent ON UPDATE CASCADE ON DELETE CASCADE) USING ledger;
CREATE TABLE rows_null (parent int REFERENCES rows_parent ON DELETE SET NULL) USING ledger;
INSERT INTO rows_cascade VALUES (1);
SELECT pg_temp.refused('DELETE FROM rows_parent');
SELECT pg_temp.refused('UPDATE rows_parent SET id = 2');
SELECT pg_temp.refused('TRUNCATE rows_parent CASCADE');

-- TRUNCATE in every form
CREATE TABLE rows_heap (id int) USING heap;
SELECT pg_temp.refused('TRUNCATE rows_t');
SELECT pg_temp.refused('TRUNCATE rows_heap, rows_t');
SELECT pg_temp.refused('TRUNCATE ONLY rows_t RESTART IDENTITY CASCADE');
BEGIN;
CREATE TABLE rows_new (id int) USING ledger;
SELECT pg_temp.refused('TRUNCATE rows_new');
ROLLBACK;

-- partitions: a change of the parent, one that no partition could match, a move between partitions
CREATE TABLE rows_p (k int, v text) PARTITION BY LIST (k);
CREATE TABLE rows_p1 PARTITION OF rows_p FOR VALUES IN (1) USING ledger;
CREATE TABLE rows_p2 PARTITION OF rows_p FOR VALUES IN (2) USING heap;
INSERT INTO rows_p (k, v) VALUES (1, 'ledger'), (2, 'heap');
SELECT pg_temp.refused('UPDATE rows_p SET v = ''x'' WHERE k = 1');
SELECT pg_temp.refused('DELETE FROM rows_p');
SELECT pg_temp.refused('DELETE FROM rows_p WHERE k = 77');
SELECT pg_temp.refused('UPDATE rows_p SET k = 2 WHERE k = 1');
SELECT pg_temp.refused('TRUNCATE rows_p');
SELECT pg_temp.refused('TRUNCATE rows_p2');
UPDATE rows_p SET v = 'changed' WHERE k = 2;

-- values for the ledger columns
SELECT pg_temp.refused('INSERT INTO rows_t (id, ledger_tx) VALUES (50, 1)');
SELECT pg_temp.refused('INSERT INTO rows_t VALUES (50, ''x'', 1, 1)');
SELECT pg_temp.refused('INSERT INTO rows_t SELECT 50, ''x'', ledger_tx, ledger_seq FROM rows_t');
SELECT pg_temp.refused('INSERT INTO rows_p VALUES (1, ''x'', 1, 1)');
INSERT INTO rows_t VALUES (50, 'defaults', DEFAULT, DEFAULT), (51, 'defaults', DEFAULT, DEFAULT);

-- an ordinary user is told the same
CREATE ROLE regress_rows_user;
GRANT ALL ON rows_t TO regress_rows_user;
SET ROLE regress_rows_user;
SELECT pg_temp.refused('UPDATE rows_t SET v = ''x''');
RESET ROLE;

-- locking rows is no change
SELECT id FROM rows_t WHERE id = 1 FOR UPDATE;
SELECT id FROM rows_t WHERE id = 1 FOR KEY SHARE;

SELECT id, v FROM rows_t ORDER BY id;
DROP OWNED BY regress_rows_user;
DROP ROLE regress_rows_user;
