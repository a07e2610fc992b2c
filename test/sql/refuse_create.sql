-- What a ledger table cannot be, and what becomes an ordinary table instead.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir '/sql/refused.psql'
\i :helper

-- temporary, unlogged, materialized
SELECT pg_temp.refused('CREATE TEMP TABLE c_t (a int) USING ledger');
SELECT pg_temp.refused('CREATE TABLE pg_temp.c_t (a int) USING ledger');
SELECT pg_temp.refused('CREATE UNLOGGED TABLE c_t (a int) USING ledger');
SELECT pg_temp.refused('CREATE MATERIALIZED VIEW c_t USING ledger AS SELECT 1 AS a');
SELECT pg_temp.refused('CREATE TEMP TABLE c_t USING ledger AS SELECT 1 AS a');
SELECT pg_temp.refused('CREATE TEMP TABLE c_t USING ledger ON COMMIT DROP AS SELECT 1 AS a');
SELECT pg_temp.refused('CREATE UNLOGGED TABLE c_t USING ledger AS SELECT 1 AS a');
SELECT pg_temp.refused('CREATE TABLE c_t (a int) USING ledger ON COMMIT DELETE ROWS');

-- inheritance, typed tables
CREATE TABLE c_heap (a int) USING heap;
CREATE TABLE c_ledger (a int) USING ledger;
CREATE TYPE c_type AS (a int);
SELECT pg_temp.refused('CREATE TABLE c_t () INHERITS (c_heap) USING ledger');
SELECT pg_temp.refused('CREATE TABLE c_t () INHERITS (c_ledger) USING heap');
SELECT pg_temp.refused('CREATE TABLE c_t OF c_type USING ledger');
SELECT pg_temp.refused('ALTER TABLE c_heap INHERIT c_ledger');
SELECT pg_temp.refused('ALTER TABLE c_ledger INHERIT c_heap');

-- reserved names
SELECT pg_temp.refused('CREATE TABLE c_t (a int, ledger_tx bigint) USING ledger');
SELECT pg_temp.refused('CREATE TABLE c_t (a int, ledger_seq text) USING ledger');
SELECT pg_temp.refused('CREATE TABLE c_t (ledger_salt bytea) USING ledger');
SELECT pg_temp.refused('CREATE TABLE c_t USING ledger AS SELECT 1 AS ledger_tx');

-- definitions that would read the ledger columns before they are filled
SELECT pg_temp.refused('CREATE TABLE c_t (a int, CHECK (ledger_tx > 0)) USING ledger');
SELECT pg_temp.refused('CREATE TABLE c_t (a int, b bigint GENERATED ALWAYS AS (ledger_tx) STORED) USING ledger');
SELECT pg_temp.refused('CREATE TABLE c_t (a int, PRIMARY KEY (ledger_tx, ledger_seq)) USING ledger');
SELECT pg_temp.refused('CREATE TABLE c_t (a int, CHECK (c_t IS NOT NULL)) USING ledger');
SELECT pg_temp.refused('ALTER TABLE c_ledger ADD CHECK (ledger_seq >= 0)');
SELECT pg_temp.refused('ALTER TABLE c_ledger ALTER ledger_tx SET NOT NULL');
SELECT pg_temp.refused('ALTER TABLE c_ledger ALTER ledger_tx SET DEFAULT 1');
CREATE TABLE c_part (a int, ledger_tx bigint, ledger_seq int) PARTITION BY LIST (ledger_tx);
SELECT pg_temp.refused('CREATE TABLE c_part1 PARTITION OF c_part DEFAULT USING ledger');

-- types whose values have no canonical form
SELECT pg_temp.refused('CREATE TABLE c_t (a oid) USING ledger');
SELECT pg_temp.refused('CREATE TABLE c_t (a regclass) USING ledger');
SELECT pg_temp.refused('CREATE TABLE c_t (a tsvector) USING ledger');
SELECT pg_temp.refused('CREATE TABLE c_t (a point) USING ledger');
SELECT pg_temp.refused('CREATE TABLE c_t (a regtype[]) USING ledger');
SELECT pg_temp.refused('ALTER TABLE c_ledger ADD COLUMN b aclitem');
CREATE TYPE c_bad AS (x int, y xid);
CREATE DOMAIN c_bad_domain AS c_bad;
SELECT pg_temp.refused('CREATE TABLE c_t (a c_bad_domain) USING ledger');

-- options
SELECT pg_temp.refused('CREATE TABLE c_t (a int) USING ledger WITH (ledger.colour = blue)');
SELECT pg_temp.refused('CREATE TABLE c_t (a int) USING ledger WITH (ledger.retention = ''1000 years'')');
SELECT pg_temp.refused('CREATE TABLE c_t (a int) USING ledger WITH (ledger.retention = ''-1 day'')');
SELECT pg_temp.refused('CREATE TABLE c_t (a int) USING ledger WITH (ledger.retention = ''soon'')');
SELECT pg_temp.refused('ALTER TABLE c_ledger SET (ledger.retention = ''1 day'')');

-- a parent with rows does not get ledger columns
CREATE TABLE c_full (a int) PARTITION BY LIST (a);
CREATE TABLE c_full1 PARTITION OF c_full FOR VALUES IN (1) USING heap;
INSERT INTO c_full VALUES (1);
SELECT pg_temp.refused('CREATE TABLE c_full2 PARTITION OF c_full FOR VALUES IN (2) USING ledger');
SELECT pg_temp.refused('CREATE TABLE c_t (a int) PARTITION BY LIST (a) USING ledger');

-- CREATE TABLE AS explained
SELECT pg_temp.refused('EXPLAIN CREATE TABLE c_t USING ledger AS SELECT 1 AS a');
SELECT pg_temp.refused('EXPLAIN ANALYZE CREATE TABLE c_t USING ledger AS SELECT 1 AS a');

-- IF NOT EXISTS over something else
SET client_min_messages = notice;
CREATE TABLE IF NOT EXISTS c_heap (a int) USING ledger;
CREATE TABLE IF NOT EXISTS c_heap USING ledger AS SELECT 1 AS a;
CREATE TABLE IF NOT EXISTS c_ledger (a int) USING ledger;

-- as the default access method it gives way where it is not supported
SET default_table_access_method = ledger;
CREATE TEMP TABLE d_temp (a int);
CREATE TEMP TABLE d_temp_as AS SELECT 1 AS a;
CREATE UNLOGGED TABLE d_unlogged (a int);
CREATE MATERIALIZED VIEW d_matview AS SELECT 1 AS a;
SELECT pg_temp.refused('CREATE TABLE d_child () INHERITS (c_heap)');
CREATE TABLE d_plain (a int);
CREATE TABLE d_parent (a int) PARTITION BY LIST (a);
CREATE TABLE d_leaf PARTITION OF d_parent DEFAULT;
SELECT 1 AS a INTO d_into;
RESET default_table_access_method;
SELECT relname, amname FROM pg_class c JOIN pg_am a ON a.oid = c.relam
	WHERE relname LIKE 'd\_%' AND relkind IN ('r', 'm') ORDER BY relname;
