-- A ledger table with rows is not dropped, by whatever takes it along.
CREATE DATABASE regress_refuse_drop;
\c regress_refuse_drop
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir '/sql/refused.psql'
\i :helper

CREATE SCHEMA d_schema;
CREATE ROLE regress_d_owner;
GRANT ALL ON SCHEMA d_schema TO regress_d_owner;
CREATE TYPE d_schema.d_type AS ENUM ('a');
CREATE TABLE d_schema.d_t (id int PRIMARY KEY, e d_schema.d_type, note text) USING ledger;
ALTER TABLE d_schema.d_t OWNER TO regress_d_owner;
INSERT INTO d_schema.d_t VALUES (1, 'a');
CREATE TABLE d_empty (id int) USING ledger;

SELECT pg_temp.refused('DROP TABLE d_schema.d_t');
SELECT pg_temp.refused('DROP TABLE d_empty, d_schema.d_t CASCADE');
SELECT pg_temp.refused('DROP SCHEMA d_schema CASCADE');
SELECT pg_temp.refused('DROP OWNED BY regress_d_owner CASCADE');
SELECT pg_temp.refused('DROP TYPE d_schema.d_type CASCADE');
SELECT pg_temp.refused('DROP EXTENSION ledger CASCADE');
SELECT pg_temp.refused('DROP SCHEMA ledger CASCADE');
SELECT pg_temp.refused('DROP ACCESS METHOD ledger CASCADE');
SELECT pg_temp.refused('DROP FUNCTION ledger.ledger_handler(internal) CASCADE');
SELECT pg_temp.refused('DO $d$ BEGIN DROP TABLE d_schema.d_t; END $d$');
SET session_replication_role = replica;
SELECT pg_temp.refused('DROP TABLE d_schema.d_t');
RESET session_replication_role;
-- not even once it is no member of the extension
SELECT pg_temp.refused('ALTER EXTENSION ledger DROP ACCESS METHOD ledger');
SELECT pg_temp.refused('ALTER EXTENSION ledger DROP FUNCTION ledger.ledger_handler(internal)');
SELECT pg_temp.refused('ALTER EXTENSION ledger ADD TABLE d_schema.d_t');

-- partitions
CREATE TABLE d_p (k int) PARTITION BY LIST (k);
CREATE TABLE d_p1 PARTITION OF d_p FOR VALUES IN (1) USING ledger;
CREATE TABLE d_p2 PARTITION OF d_p FOR VALUES IN (2) USING ledger;
INSERT INTO d_p (k) VALUES (1);
SELECT pg_temp.refused('DROP TABLE d_p');
SELECT pg_temp.refused('DROP TABLE d_p1');
SELECT pg_temp.refused('DROP TABLE d_p2');

-- rows of the same transaction count too
BEGIN;
CREATE TABLE d_now (a int) USING ledger;
INSERT INTO d_now VALUES (1);
SELECT pg_temp.refused('DROP TABLE d_now');
ROLLBACK;

-- an old version counts as a row
CREATE TABLE d_v (id int) USING ledger_versioned;
INSERT INTO d_v VALUES (1);
DELETE FROM d_v;
SELECT pg_temp.refused('DROP TABLE d_v');
SELECT pg_temp.refused('DROP TABLE d_v_versions');
SELECT pg_temp.refused('DROP VIEW d_v_history');

-- empty tables go, and so do those that have been retired
DROP TABLE d_empty;
SELECT ledger.retire('d_schema.d_t', 'test data');
SELECT pg_temp.refused('SELECT ledger.retire(''d_schema.d_t'')');
SELECT pg_temp.refused('INSERT INTO d_schema.d_t VALUES (2, ''a'')');
SELECT pg_temp.refused('COPY d_schema.d_t (id) FROM PROGRAM ''echo 3''');
SELECT id, e FROM d_schema.d_t;
SET client_min_messages = error;
DROP SCHEMA d_schema CASCADE;
SELECT ledger.retire('d_v');
DROP TABLE d_v;
SELECT table_name, relid, retired_at IS NOT NULL AS retired FROM ledger.ledger_table
	WHERE table_name IN ('d_empty', 'd_t', 'd_v') ORDER BY table_name;

-- retention
CREATE TABLE d_keep (id int) USING ledger WITH (ledger.retention = '2 days', fillfactor = 90);
SELECT reloptions FROM pg_class WHERE relname = 'd_keep';
SELECT retention FROM ledger.ledger_table WHERE table_name = 'd_keep';
SELECT pg_temp.refused('SELECT ledger.set_retention(''d_keep'', ''1 day'')');
SELECT pg_temp.refused('SELECT ledger.set_retention(''d_keep'', ''0'')');
SELECT pg_temp.refused('SELECT ledger.set_retention(''d_keep'', ''17 days'')');
SELECT ledger.set_retention('d_keep', '3 days');
BEGIN;
INSERT INTO d_keep VALUES (1);
SELECT regexp_replace(pg_temp.refused('SELECT ledger.retire(''d_keep'')'), '\d{4}-\d\d-\d\d [0-9:.+]+', '<time>', 'g');
SELECT pg_temp.refused('DROP TABLE d_keep');
SELECT pg_temp.refused('DROP EXTENSION ledger CASCADE');
ROLLBACK;
-- the whole database, from outside
SELECT pg_temp.refused('SECURITY LABEL FOR ledger ON DATABASE regress_refuse_drop IS NULL');
SELECT pg_temp.refused('DELETE FROM pg_shseclabel');
\c regress_ledger
DROP DATABASE regress_refuse_drop;
ALTER DATABASE regress_refuse_drop RENAME TO regress_refuse_drop2;
\c regress_refuse_drop2
\i :helper
DROP TABLE d_keep;
CREATE TABLE d_short (id int) USING ledger WITH (ledger.retention = '1 microsecond');
INSERT INTO d_short VALUES (1);
SELECT ledger.retire('d_short');
DROP TABLE d_short;
-- an empty table needs no retention
CREATE TABLE d_never (id int) USING ledger WITH (ledger.retention = '1 day');
DROP TABLE d_never;

-- not where nothing may be written
BEGIN READ ONLY;
SELECT pg_temp.refused('SELECT ledger.retire(''d_p1'')');
SELECT pg_temp.refused('SELECT ledger.set_retention(''d_p1'', ''1 day'')');
SELECT pg_temp.refused('SELECT ledger.hide_column(''d_p1'', ''k'')');
ROLLBACK;
-- by its owner only, and only for ledger tables
CREATE TABLE d_other (a int) USING ledger;
CREATE TABLE d_heap (a int) USING heap;
GRANT USAGE ON SCHEMA ledger TO regress_d_owner;
SET ROLE regress_d_owner;
SELECT pg_temp.refused('SELECT ledger.retire(''d_other'')');
SELECT pg_temp.refused('SELECT ledger.set_retention(''d_other'', ''1 day'')');
SELECT pg_temp.refused('SELECT ledger.hide_column(''d_other'', ''a'')');
RESET ROLE;
SELECT pg_temp.refused('SELECT ledger.retire(''d_heap'')');
SELECT pg_temp.refused('SELECT ledger.hide_column(''d_heap'', ''a'')');
DROP TABLE d_other;

-- without rows anywhere the extension itself goes
SELECT ledger.retire('d_p1');
DROP TABLE d_p;
SELECT pg_temp.refused('DROP EXTENSION ledger');
SELECT table_name FROM ledger.ledger_table WHERE relid <> 0;
CREATE TABLE d_last (a int) USING ledger;
CREATE TABLE d_last_v (a int) USING ledger_versioned;
DROP EXTENSION ledger CASCADE;
SELECT count(*) FROM pg_class WHERE relname LIKE 'd\_last%';
CREATE EXTENSION ledger;
CREATE TABLE d_last (a int) USING ledger;
INSERT INTO d_last VALUES (1);
SELECT count(*) FROM ledger.ledger_table;
DROP OWNED BY regress_d_owner;
DROP ROLE regress_d_owner;

\c regress_ledger
DROP DATABASE regress_refuse_drop2;
