-- Definitions of ledger tables that do not change, and those that may.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir '/sql/refused.psql'
\i :helper

CREATE TYPE a_mood AS ENUM ('pending', 'settled');
CREATE TYPE a_pair AS (x int, y a_mood);
CREATE DOMAIN a_amount AS numeric CHECK (VALUE >= 0);
CREATE TABLE a_t (id int PRIMARY KEY, v varchar(10), m a_mood, p a_pair, ms a_mood[], n a_amount) USING ledger;
CREATE TABLE a_heap (id int) USING heap;
INSERT INTO a_t VALUES (1, 'one', 'pending', (1, 'settled'), '{pending}', 1);

-- columns
SELECT pg_temp.refused('ALTER TABLE a_t DROP COLUMN v');
SELECT pg_temp.refused('ALTER TABLE a_t DROP COLUMN ledger_tx');
SELECT pg_temp.refused('ALTER TABLE a_t ALTER v TYPE text');
SELECT pg_temp.refused('ALTER TABLE a_t ALTER v TYPE varchar(20)');
SELECT pg_temp.refused('ALTER TABLE a_t ALTER id TYPE bigint USING id + 1');
SELECT pg_temp.refused('ALTER TABLE a_t ALTER ledger_tx TYPE numeric');
SELECT pg_temp.refused('ALTER TABLE a_t RENAME ledger_tx TO tx');
SELECT pg_temp.refused('ALTER TABLE a_t RENAME v TO ledger_seq');
SELECT pg_temp.refused('ALTER TABLE a_t ADD COLUMN ledger_salt bytea');
-- new columns that would rewrite the rows
SELECT pg_temp.refused('ALTER TABLE a_t ADD COLUMN at timestamptz DEFAULT clock_timestamp()');
SELECT pg_temp.refused('ALTER TABLE a_t ADD COLUMN at timestamptz NOT NULL DEFAULT now()');
SELECT pg_temp.refused('ALTER TABLE a_t ADD COLUMN at a_mood DEFAULT ''nonsense''');
SELECT pg_temp.refused('ALTER TABLE a_t ADD COLUMN at timestamptz DEFAULT ''2020-01-01'', ALTER at SET DEFAULT now()');
SELECT pg_temp.refused('ALTER TABLE a_t ADD COLUMN s bigserial');
SELECT pg_temp.refused('ALTER TABLE a_t ADD COLUMN s int GENERATED ALWAYS AS IDENTITY');
SELECT pg_temp.refused('ALTER TABLE a_t ADD COLUMN s int GENERATED ALWAYS AS (id * 2) STORED');
SELECT pg_temp.refused('ALTER TABLE a_t ADD COLUMN s a_amount DEFAULT 1');

-- the table as a whole
SELECT pg_temp.refused('ALTER TABLE a_t SET ACCESS METHOD heap');
SELECT pg_temp.refused('ALTER TABLE a_heap SET ACCESS METHOD ledger');
SELECT pg_temp.refused('ALTER TABLE a_t SET ACCESS METHOD ledger_versioned');
SELECT pg_temp.refused('ALTER TABLE a_t SET UNLOGGED');
SELECT pg_temp.refused('ALTER TABLE a_t NO INHERIT a_heap');
SELECT pg_temp.refused('ALTER TABLE a_t OF a_pair');
SELECT pg_temp.refused('DO $d$ BEGIN EXECUTE ''ALTER TABLE a_t DROP COLUMN v''; END $d$');

-- types that its rows hold
SELECT pg_temp.refused('ALTER TYPE a_mood RENAME VALUE ''pending'' TO ''done''');
SELECT pg_temp.refused('ALTER TYPE a_pair ADD ATTRIBUTE z int');
SELECT pg_temp.refused('ALTER TYPE a_pair DROP ATTRIBUTE x');
SELECT pg_temp.refused('ALTER TYPE a_pair RENAME ATTRIBUTE x TO z');
SELECT pg_temp.refused('ALTER TYPE a_pair ALTER ATTRIBUTE x TYPE bigint');
SELECT pg_temp.refused('DROP TYPE a_mood CASCADE');
SELECT pg_temp.refused('DROP DOMAIN a_amount CASCADE');
CREATE TABLE a_row (x int) USING heap;
CREATE TABLE a_rows (r a_row) USING ledger;
INSERT INTO a_rows VALUES (ROW(1));
SELECT pg_temp.refused('ALTER TABLE a_row ADD COLUMN y int');
SELECT pg_temp.refused('ALTER TABLE a_row DROP COLUMN x');
SELECT pg_temp.refused('DROP TABLE a_row CASCADE');
-- the same where no ledger table is concerned
CREATE TYPE a_free AS ENUM ('a');
ALTER TYPE a_free RENAME VALUE 'a' TO 'b';

-- rules
SELECT pg_temp.refused('CREATE RULE r AS ON INSERT TO a_t DO INSTEAD NOTHING');
SELECT pg_temp.refused('CREATE RULE r AS ON UPDATE TO a_t DO INSTEAD NOTHING');
SELECT pg_temp.refused('CREATE RULE r AS ON DELETE TO a_t DO INSTEAD SELECT 1');
CREATE TABLE a_empty (a int) USING ledger;
SELECT pg_temp.refused('CREATE RULE "_RETURN" AS ON SELECT TO a_empty DO INSTEAD SELECT 1 AS a, 1::bigint AS ledger_tx, 1 AS ledger_seq');

-- through a partitioned parent
CREATE TABLE a_p (k int, v text) PARTITION BY LIST (k);
CREATE TABLE a_p1 PARTITION OF a_p FOR VALUES IN (1) USING ledger;
INSERT INTO a_p (k, v) VALUES (1, 'x');
SELECT pg_temp.refused('ALTER TABLE a_p DROP COLUMN v');
SELECT pg_temp.refused('ALTER TABLE a_p ALTER v TYPE varchar(3)');
SELECT pg_temp.refused('ALTER TABLE a_p RENAME ledger_tx TO tx');
SELECT pg_temp.refused('CREATE RULE r AS ON INSERT TO a_p DO INSTEAD NOTHING');
SELECT pg_temp.refused('ALTER TABLE a_p ADD CHECK (ledger_tx > 0)');
SELECT pg_temp.refused('ALTER TABLE a_p ADD COLUMN at timestamptz DEFAULT clock_timestamp()');

-- the history of a versioned table follows its table only
CREATE TABLE a_v (id int, v text) USING ledger_versioned;
SELECT pg_temp.refused('ALTER TABLE a_v_versions ADD COLUMN x int');
SELECT pg_temp.refused('ALTER TABLE a_v_versions RENAME TO x');
SELECT pg_temp.refused('ALTER TABLE a_v_versions RENAME v TO x');
SELECT pg_temp.refused('ALTER TABLE a_v_versions SET SCHEMA pg_catalog');
SELECT pg_temp.refused('ALTER TABLE a_v DROP COLUMN v');
SELECT pg_temp.refused('ALTER TABLE a_v SET ACCESS METHOD heap');
SELECT pg_temp.refused('TRUNCATE a_v');
SELECT pg_temp.refused('TRUNCATE a_v_versions');
SELECT pg_temp.refused('DELETE FROM a_v_versions');
SELECT pg_temp.refused('UPDATE a_v_versions SET v = ''x''');

-- allowed, in each case
SELECT pg_temp.refused(s) FROM unnest(ARRAY[
	'ALTER TABLE a_t ADD COLUMN c int',
	'ALTER TABLE a_t ADD COLUMN c int NOT NULL DEFAULT 7',
	'ALTER TABLE a_t ADD COLUMN c timestamptz DEFAULT ''2020-01-01''',
	'ALTER TABLE a_empty ADD COLUMN c timestamptz DEFAULT clock_timestamp(), ADD COLUMN d serial',
	'ALTER TABLE a_t RENAME v TO w',
	'ALTER TABLE a_t RENAME TO a_renamed',
	'ALTER TABLE a_t RENAME CONSTRAINT a_t_pkey TO k',
	'ALTER TABLE a_t SET SCHEMA pg_catalog',
	'ALTER TABLE a_t OWNER TO pg_database_owner',
	'ALTER TABLE a_t ADD CHECK (id > 0)',
	'ALTER TABLE a_t ADD CHECK (id > 0) NOT VALID',
	'ALTER TABLE a_t ADD UNIQUE (v)',
	'ALTER TABLE a_t ADD UNIQUE (ledger_tx, ledger_seq)',
	'ALTER TABLE a_t DROP CONSTRAINT a_t_pkey',
	'ALTER TABLE a_t ALTER v SET DEFAULT ''x''',
	'ALTER TABLE a_t ALTER v DROP DEFAULT',
	'ALTER TABLE a_t ALTER v SET NOT NULL',
	'ALTER TABLE a_t ALTER v DROP NOT NULL',
	'ALTER TABLE a_t ALTER id ADD GENERATED ALWAYS AS IDENTITY',
	'ALTER TABLE a_t ALTER v SET STATISTICS 10',
	'ALTER TABLE a_t ALTER v SET STORAGE external',
	'ALTER TABLE a_t ALTER v SET COMPRESSION pglz',
	'ALTER TABLE a_t ALTER v SET (n_distinct = 5)',
	'ALTER TABLE a_t SET (fillfactor = 100, autovacuum_enabled = off)',
	'ALTER TABLE a_t RESET (fillfactor)',
	'ALTER TABLE a_t SET TABLESPACE pg_default',
	'ALTER TABLE a_t CLUSTER ON a_t_pkey',
	'ALTER TABLE a_t SET WITHOUT CLUSTER',
	'ALTER TABLE a_t ENABLE ROW LEVEL SECURITY',
	'ALTER TABLE a_t FORCE ROW LEVEL SECURITY',
	'ALTER TABLE a_t REPLICA IDENTITY FULL',
	'ALTER TABLE a_t DISABLE TRIGGER ALL',
	'ALTER TABLE a_p DETACH PARTITION a_p1',
	'ALTER TYPE a_mood ADD VALUE ''failed''',
	'ALTER TYPE a_mood RENAME TO a_state',
	'CREATE RULE r AS ON INSERT TO a_t DO ALSO NOTHING',
	'CREATE INDEX ON a_t (v)',
	'CREATE STATISTICS a_stat ON id, v FROM a_t',
	'COMMENT ON TABLE a_t IS ''text''',
	'GRANT ALL ON a_t TO PUBLIC',
	'LOCK TABLE a_t',
	'ANALYZE a_t',
	'REINDEX TABLE a_t',
	'CLUSTER a_t USING a_t_pkey']) AS s;
