-- Every change of a definition is a schema version and an entry of the chain.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir '/sql/refused.psql'
\i :helper

-- runs a statement and tells which tables got a new schema version
CREATE FUNCTION pg_temp.recorded(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	CREATE TEMP TABLE before ON COMMIT DROP AS
		SELECT table_id, schema_version FROM ledger.ledger_table;
	EXECUTE statement;
	SELECT string_agg(format('%s.%s version %s', t.schema_name, t.table_name, t.schema_version), ', ' ORDER BY t.table_name)
		INTO result FROM ledger.ledger_table t LEFT JOIN before b USING (table_id)
		WHERE t.schema_version IS DISTINCT FROM b.schema_version;
	DROP TABLE before;
	RETURN coalesce(result, 'nothing');
END
$$;
-- whether the newest body of a table holds a text
CREATE FUNCTION pg_temp.body_has(tab name, what text) RETURNS bool LANGUAGE sql AS $$
	SELECT position(convert_to(what, 'UTF8') IN s.body) > 0
	FROM ledger.ledger_table t JOIN ledger.schema_version s USING (chain_id, table_id, schema_version)
	WHERE t.table_name = tab AND t.relid <> 0
$$;

SELECT pg_temp.recorded('CREATE TABLE h_t (id int PRIMARY KEY, v text) USING ledger');
INSERT INTO h_t VALUES (1, 'one');

-- columns
SELECT pg_temp.recorded('ALTER TABLE h_t ADD COLUMN c int DEFAULT 7');
SELECT pg_temp.recorded('ALTER TABLE h_t RENAME c TO d');
SELECT pg_temp.recorded('ALTER TABLE h_t ALTER d SET NOT NULL');
SELECT pg_temp.recorded('ALTER TABLE h_t ALTER d SET DEFAULT 8');
SELECT pg_temp.recorded('ALTER TABLE h_t ALTER d DROP DEFAULT');
SELECT pg_temp.recorded('ALTER TABLE h_t ALTER d ADD GENERATED ALWAYS AS IDENTITY');
SELECT pg_temp.recorded('SELECT ledger.hide_column(''h_t'', ''v'')');
-- constraints
SELECT pg_temp.recorded('ALTER TABLE h_t ADD CONSTRAINT positive CHECK (id > 0) NOT VALID');
SELECT pg_temp.recorded('ALTER TABLE h_t VALIDATE CONSTRAINT positive');
SELECT pg_temp.recorded('ALTER TABLE h_t RENAME CONSTRAINT positive TO above_zero');
SELECT pg_temp.recorded('ALTER TABLE h_t DROP CONSTRAINT above_zero');
CREATE TABLE h_parent (id int PRIMARY KEY);
INSERT INTO h_parent VALUES (1);
SELECT pg_temp.recorded('ALTER TABLE h_t ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES h_parent');
SELECT pg_temp.recorded('ALTER TABLE h_parent RENAME TO h_parents');
SELECT pg_temp.recorded('ALTER TABLE h_parents RENAME id TO key');
SELECT pg_temp.recorded('DROP TABLE h_parents CASCADE');
-- indexes: unique ones count
SELECT pg_temp.recorded('CREATE INDEX h_plain ON h_t (d)');
SELECT pg_temp.recorded('CREATE UNIQUE INDEX h_unique ON h_t (d) WHERE d > 0');
SELECT pg_temp.recorded('ALTER INDEX h_unique RENAME TO h_unique2');
SELECT pg_temp.recorded('DROP INDEX h_unique2');
CREATE UNIQUE INDEX CONCURRENTLY h_concurrently ON h_t (d);
SELECT pg_temp.body_has('h_t', 'h_concurrently');
DROP INDEX CONCURRENTLY h_concurrently;
SELECT pg_temp.body_has('h_t', 'h_concurrently');
-- triggers, rules, policies
CREATE FUNCTION h_trigger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
SELECT pg_temp.recorded('CREATE TRIGGER tr BEFORE INSERT ON h_t FOR EACH ROW EXECUTE FUNCTION h_trigger()');
SELECT pg_temp.recorded('ALTER TRIGGER tr ON h_t RENAME TO tr2');
SELECT pg_temp.recorded('ALTER FUNCTION h_trigger() RENAME TO h_trigger2');
SELECT pg_temp.recorded('ALTER TABLE h_t DISABLE TRIGGER tr2');
SELECT pg_temp.recorded('ALTER TABLE h_t ENABLE ALWAYS TRIGGER tr2');
SELECT pg_temp.recorded('DROP TRIGGER tr2 ON h_t');
SELECT pg_temp.recorded('CREATE RULE also AS ON INSERT TO h_t DO ALSO NOTIFY h_t');
SELECT pg_temp.recorded('ALTER TABLE h_t DISABLE RULE also');
SELECT pg_temp.recorded('DROP RULE also ON h_t');
CREATE ROLE regress_history;
SELECT pg_temp.recorded('ALTER TABLE h_t ENABLE ROW LEVEL SECURITY');
SELECT pg_temp.recorded('CREATE POLICY p ON h_t FOR SELECT TO regress_history USING (id > 0)');
SELECT pg_temp.recorded('ALTER POLICY p ON h_t USING (id > 1)');
SELECT pg_temp.recorded('ALTER ROLE regress_history RENAME TO regress_history2');
SELECT pg_temp.body_has('h_t', 'TO regress_history2 USING ((id > 1))');
SELECT pg_temp.recorded('DROP POLICY p ON h_t');
SELECT pg_temp.recorded('ALTER TABLE h_t FORCE ROW LEVEL SECURITY');
SELECT pg_temp.recorded('ALTER TABLE h_t DISABLE ROW LEVEL SECURITY');
DROP ROLE regress_history2;
-- names
CREATE SCHEMA h_schema;
SELECT pg_temp.recorded('ALTER TABLE h_t SET SCHEMA h_schema');
SELECT pg_temp.recorded('ALTER SCHEMA h_schema RENAME TO h_schema2');
SELECT pg_temp.recorded('ALTER TABLE h_schema2.h_t RENAME TO h_renamed');
-- types of columns, nested too
CREATE TYPE h_mood AS ENUM ('low', 'high');
CREATE DOMAIN h_domain AS h_mood;
CREATE TYPE h_pair AS (mood h_mood, n int);
SELECT pg_temp.recorded('CREATE TABLE h_types (m h_mood, ms h_mood[], d h_domain, p h_pair) USING ledger');
SELECT pg_temp.body_has('h_types', E'low\nhigh'), pg_temp.body_has('h_types', E'mood public.h_mood\nn integer');
SELECT pg_temp.recorded('ALTER TYPE h_mood ADD VALUE ''middle'' BEFORE ''high''');
SELECT pg_temp.body_has('h_types', E'low\nmiddle\nhigh');
SELECT pg_temp.recorded('ALTER TYPE h_mood RENAME TO h_temper');
SELECT pg_temp.recorded('ALTER TYPE h_temper SET SCHEMA h_schema2');
SELECT pg_temp.recorded('ALTER DOMAIN h_domain RENAME TO h_domain2');
-- a versioned table
SELECT pg_temp.recorded('CREATE TABLE h_v (id int PRIMARY KEY, v text) USING ledger_versioned');
SELECT pg_temp.recorded('ALTER TABLE h_v ADD COLUMN w int');
SELECT pg_temp.recorded('ALTER TABLE h_v RENAME TO h_v2');
SELECT pg_temp.recorded('ALTER TABLE h_v2 SET SCHEMA h_schema2');
SELECT relname, relnamespace::regnamespace FROM pg_class WHERE relname LIKE 'h\_v%' AND relkind IN ('r', 'v') ORDER BY relname;
-- partitions, through the parent
CREATE TABLE h_p (k int, v text) PARTITION BY LIST (k);
CREATE TABLE h_p1 PARTITION OF h_p FOR VALUES IN (1) USING ledger;
CREATE TABLE h_p2 PARTITION OF h_p FOR VALUES IN (2) USING ledger;
SELECT pg_temp.recorded('ALTER TABLE h_p ADD COLUMN w int, ADD CHECK (w > 0)');
SELECT pg_temp.recorded('CREATE UNIQUE INDEX ON h_p (k, v)');
SELECT pg_temp.recorded('CREATE TRIGGER tr AFTER INSERT ON h_p FOR EACH ROW EXECUTE FUNCTION h_trigger2()');

-- what defines nothing is not recorded
SELECT pg_temp.recorded('COMMENT ON TABLE h_types IS ''x''');
SELECT pg_temp.recorded('GRANT SELECT ON h_types TO PUBLIC');
SELECT pg_temp.recorded('ALTER TABLE h_types SET (fillfactor = 50)');
SELECT pg_temp.recorded('ALTER TABLE h_types ALTER m SET STATISTICS 5');
SELECT pg_temp.recorded('CREATE TABLE h_other (a int, b h_pair); ALTER TABLE h_other ADD COLUMN c int; DROP TABLE h_other');
SELECT pg_temp.recorded('ALTER TABLE h_types REPLICA IDENTITY FULL');

-- several changes in one statement or one block, with a part that is rolled back
SELECT pg_temp.recorded('ALTER TABLE h_types ADD COLUMN x int, ADD COLUMN y int, ADD CHECK (x > y)');
SELECT pg_temp.recorded($o$DO $d$ BEGIN
	ALTER TABLE h_types ADD COLUMN z int;
	BEGIN
		ALTER TABLE h_types RENAME z TO zz;
		RAISE EXCEPTION 'back';
	EXCEPTION WHEN raise_exception THEN
		NULL;
	END;
	INSERT INTO h_types (z) VALUES (1);
END $d$ $o$);
BEGIN;
SAVEPOINT a;
ALTER TABLE h_types ADD COLUMN gone int;
ROLLBACK TO a;
ALTER TABLE h_types ADD COLUMN stays int;
COMMIT;
BEGIN;
ALTER TABLE h_types ADD COLUMN gone int;
ROLLBACK;
SELECT schema_version, pg_temp.body_has('h_types', 'stays'), pg_temp.body_has('h_types', 'gone')
	FROM ledger.ledger_table WHERE table_name = 'h_types';
-- an event trigger that fails inside does not hide the change around it
CREATE FUNCTION h_event() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
	BEGIN
		PERFORM 1 / 0;
	EXCEPTION WHEN division_by_zero THEN
		NULL;
	END;
END $$;
CREATE EVENT TRIGGER h_event ON ddl_command_end EXECUTE FUNCTION h_event();
SELECT pg_temp.recorded('ALTER TABLE h_types RENAME stays TO stayed');
DROP EVENT TRIGGER h_event;

-- versions are numbered without gaps, and there is one SCHEMA entry for each
SELECT t.table_name, t.schema_version, count(*) = t.schema_version AS complete, bool_and(get_byte(s.body, 0) = ascii('S')) AS bodies
	FROM ledger.ledger_table t JOIN ledger.schema_version s USING (chain_id, table_id)
	WHERE t.table_name LIKE 'h\_%' GROUP BY 1, 2 ORDER BY 1;
SELECT (SELECT count(*) FROM ledger.schema_version) = (SELECT count(*) FROM ledger.entry WHERE type = 2) AS one_entry_each;
-- an entry names the version and the hash of its body; private tables' entries are closed
SELECT bool_and(substr(e.extra, 18, 4) = int4send(s.schema_version)
		AND substr(e.extra, 22) = sha256('\x06'::bytea || s.body)) AS hashes, bool_and(get_byte(e.extra, 0) = 2) AS closed
	FROM ledger.schema_version s JOIN ledger.entry e
	ON e.type = 2 AND substr(e.extra, 2, 16) = uuid_send(s.table_id) AND substr(e.extra, 18, 4) = int4send(s.schema_version);

-- the body does not depend on the session
SELECT s.body AS body FROM ledger.ledger_table t JOIN ledger.schema_version s USING (chain_id, table_id, schema_version)
	WHERE t.table_name = 'h_renamed' \gset
SET search_path = h_schema2, public;
SET quote_all_identifiers = on;
SET DateStyle = 'German';
SET IntervalStyle = 'iso_8601';
SET TimeZone = 'Asia/Kolkata';
SET bytea_output = 'escape';
SET extra_float_digits = 0;
CREATE TABLE h_settings (a timestamptz DEFAULT '2020-01-01 12:00+00', b interval DEFAULT '1 day 2 hours', c bytea DEFAULT '\x00ff',
	d float8 DEFAULT 0.1, e date CHECK (e > '2020-02-03')) USING ledger;
RESET ALL;
SET client_min_messages = warning;
SELECT pg_temp.recorded('ALTER TABLE h_schema2.h_settings ALTER a SET STATISTICS 1');
SELECT pg_temp.body_has('h_settings', '2020-01-01 12:00:00+00'), pg_temp.body_has('h_settings', '1 day 02:00:00'),
	pg_temp.body_has('h_settings', '\x00ff'), pg_temp.body_has('h_settings', '0.1'), pg_temp.body_has('h_settings', '2020-02-03');

-- verification agrees with all of it
SELECT severity, relation, problem FROM ledger.verify() WHERE severity <> 'info';
