-- ADD COLUMN, the view in the user's order, hidden columns.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir '/sql/refused.psql'
\i :helper

CREATE ROLE regress_columns_owner;
CREATE ROLE regress_columns_user;
CREATE TABLE col_t (id int PRIMARY KEY, v text DEFAULT 'none') USING ledger;
ALTER TABLE col_t OWNER TO regress_columns_owner;
INSERT INTO col_t VALUES (1, 'one');

-- the owner needs no right to create in the schema
SET ROLE regress_columns_owner;
ALTER TABLE col_t ADD COLUMN n int DEFAULT 7, ADD COLUMN IF NOT EXISTS "Quoted one" date;
RESET ROLE;
SELECT id, v, n, "Quoted one" FROM col_t;
SELECT pg_get_userbyid(relowner), reloptions FROM pg_class WHERE relname = 'col_t_data';

-- positions have moved: statements without a column list are told which one to give
SELECT pg_temp.refused('INSERT INTO col_t VALUES (2, ''two'', 3)');
SELECT pg_temp.refused('INSERT INTO col_t SELECT 2, ''two'', 3, 4, 5, NULL');
SELECT pg_temp.refused('COPY col_t FROM PROGRAM ''echo''');
COPY col_t TO stdout;
INSERT INTO col_t (id, v, n, "Quoted one") VALUES (2, 'two', 3, '2020-01-01');
COPY col_t (id, v, n, "Quoted one") FROM stdin;
3	three	4	2020-02-02
\.

-- the view has the user's order, and takes rows
INSERT INTO col_t_data VALUES (4, 'four', 5, '2020-03-03');
INSERT INTO col_t_data (id) VALUES (5) RETURNING *;
SELECT * FROM col_t_data ORDER BY id;
SELECT pg_temp.refused('UPDATE col_t_data SET v = ''x''');
SELECT pg_temp.refused('DELETE FROM col_t_data');
SELECT id, ledger_tx > 0 AS in_chain FROM col_t ORDER BY id;
-- with the rights on the table
SET ROLE regress_columns_user;
SELECT pg_temp.refused('SELECT * FROM col_t_data');
SELECT pg_temp.refused('INSERT INTO col_t_data VALUES (6)');
RESET ROLE;
GRANT INSERT ON col_t TO regress_columns_user;
SET ROLE regress_columns_user;
INSERT INTO col_t_data (id) VALUES (6);
RESET ROLE;
-- it follows its table
ALTER TABLE col_t ADD COLUMN later bool;
ALTER TABLE col_t RENAME v TO w;
SELECT * FROM col_t_data WHERE id = 1;
SELECT column_name FROM information_schema.columns WHERE table_name = 'col_t_data' ORDER BY ordinal_position;

-- a hidden column keeps its values and its place in the leaves
SELECT pg_temp.refused('SELECT ledger.hide_column(''col_t'', ''nothing'')');
SELECT pg_temp.refused('SELECT ledger.hide_column(''col_t'', ''ledger_tx'')');
SELECT pg_temp.refused('SELECT ledger.hide_column(''col_t'', ''id'')');
ALTER TABLE col_t ALTER n SET NOT NULL;
SELECT ledger.hide_column('col_t', 'n');
SELECT attname, attnotnull FROM pg_attribute WHERE attrelid = 'col_t'::regclass AND attnum > 0 ORDER BY attnum;
INSERT INTO col_t (id, w) VALUES (7, 'seven');
SELECT pg_temp.refused('INSERT INTO col_t VALUES (8, ''x'', 1)');
COPY col_t TO stdout;
SELECT id, ledger_hidden_5_n FROM col_t WHERE id IN (1, 2, 7) ORDER BY id;
-- a long name is cut, not lost
CREATE TABLE col_long (id int, abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc int) USING ledger;
SELECT ledger.hide_column('col_long', 'abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc');
SELECT attname, length(attname::text) FROM pg_attribute WHERE attrelid = 'col_long'::regclass AND attnum = 2;

-- a name that is taken
CREATE TABLE col_taken_data (x int);
CREATE TABLE col_taken (a int) USING ledger;
SET client_min_messages = notice;
ALTER TABLE col_taken ADD COLUMN b int;
RESET client_min_messages;
-- a partitioned table, a versioned one
CREATE TABLE col_p (k int) PARTITION BY LIST (k);
CREATE TABLE col_p1 PARTITION OF col_p FOR VALUES IN (1) USING ledger;
ALTER TABLE col_p ADD COLUMN v text;
INSERT INTO col_p_data VALUES (1, 'through the view');
SELECT tableoid::regclass, k, v FROM col_p;
CREATE TABLE col_v (id int PRIMARY KEY) USING ledger_versioned;
ALTER TABLE col_v ADD COLUMN v text;
INSERT INTO col_v_data VALUES (1, 'old');
UPDATE col_v SET v = 'new';
SELECT id, v, ended_op FROM col_v_history ORDER BY ended_op NULLS FIRST;

-- the view goes with the table
SELECT ledger.retire('col_t');
DROP TABLE col_t;
SELECT count(*) FROM pg_class WHERE relname = 'col_t_data';
-- dropped by hand it comes back with the next column
CREATE TABLE col_again (a int) USING ledger;
ALTER TABLE col_again ADD COLUMN b int;
DROP VIEW col_again_data;
ALTER TABLE col_again ADD COLUMN c int;
SELECT column_name FROM information_schema.columns WHERE table_name = 'col_again_data' ORDER BY ordinal_position;
DROP TABLE col_again;
DROP OWNED BY regress_columns_owner, regress_columns_user;
DROP ROLE regress_columns_owner, regress_columns_user;

-- a view that a dump brought along is taken as the table's own
CREATE TABLE col_dumped (a int) USING ledger;
ALTER TABLE col_dumped ADD COLUMN IF NOT EXISTS a int;
SELECT count(*) FROM pg_class WHERE relname = 'col_dumped_data';
CREATE VIEW col_dumped_data AS SELECT a FROM col_dumped;
ALTER TABLE col_dumped ADD COLUMN b int;
SELECT column_name FROM information_schema.columns WHERE table_name = 'col_dumped_data' ORDER BY ordinal_position;
ALTER VIEW col_dumped_data RENAME a TO other;
ALTER TABLE col_dumped ADD COLUMN c int;
SELECT column_name FROM information_schema.columns WHERE table_name = 'col_dumped_data' ORDER BY ordinal_position;
DROP TABLE col_dumped;
-- no columns at all
CREATE TABLE col_none () USING ledger;
INSERT INTO col_none DEFAULT VALUES;
SELECT ledger_tx > 0 AS in_chain FROM col_none;

-- verification agrees with all of it
SELECT severity, relation, problem FROM ledger.verify() WHERE severity <> 'info';
