-- Neither the catalogue of ledger nor, while ledger tables exist, that of PostgreSQL is written by hand.
CREATE DATABASE regress_refuse_catalogue;
\c regress_refuse_catalogue
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir '/sql/refused.psql'
\i :helper

-- before the first ledger table PostgreSQL's catalogs are nobody's business
SELECT pg_temp.refused('UPDATE pg_class SET relpages = relpages WHERE relname = ''pg_class''');

CREATE TYPE k_mood AS ENUM ('pending', 'settled');
CREATE TABLE k_t (id int PRIMARY KEY, m k_mood, v text DEFAULT 'x') USING ledger;
INSERT INTO k_t VALUES (1, 'pending');

SELECT pg_temp.refused('UPDATE pg_class SET relam = 2 WHERE relname = ''k_t''');
SELECT pg_temp.refused('UPDATE pg_class SET relam = 2 WHERE false');
SELECT pg_temp.refused('UPDATE pg_attribute SET attname = ''w'' WHERE attrelid = ''k_t''::regclass AND attname = ''v''');
SELECT pg_temp.refused('UPDATE pg_attribute SET atthasmissing = false WHERE attrelid = ''k_t''::regclass');
SELECT pg_temp.refused('UPDATE pg_enum SET enumlabel = ''done'' WHERE enumlabel = ''settled''');
SELECT pg_temp.refused('DELETE FROM pg_attrdef');
SELECT pg_temp.refused('UPDATE pg_type SET typname = ''x''');
SELECT pg_temp.refused('UPDATE pg_am SET amhandler = 3 WHERE amname = ''ledger''');
SELECT pg_temp.refused('UPDATE pg_proc SET prosrc = ''heap_tableam_handler'' WHERE proname = ''ledger_handler''');
SELECT pg_temp.refused('DELETE FROM pg_depend');
SELECT pg_temp.refused('UPDATE pg_index SET indisunique = false');
SELECT pg_temp.refused('DELETE FROM pg_constraint');
SELECT pg_temp.refused('INSERT INTO pg_trigger SELECT * FROM pg_trigger');
SELECT pg_temp.refused('DELETE FROM pg_rewrite');
SELECT pg_temp.refused('DELETE FROM pg_policy');
SELECT pg_temp.refused('DELETE FROM pg_inherits');
SELECT pg_temp.refused('DELETE FROM pg_namespace');
SELECT pg_temp.refused('DELETE FROM pg_extension');
SELECT pg_temp.refused('MERGE INTO pg_class USING (VALUES (1)) s(i) ON relname = ''k_t'' WHEN MATCHED THEN UPDATE SET relam = 2');
SELECT pg_temp.refused('WITH x AS (UPDATE pg_class SET relam = 2 WHERE relname = ''k_t'' RETURNING 1) SELECT * FROM x');
SELECT pg_temp.refused('COPY pg_am FROM PROGRAM ''echo''');
SELECT pg_temp.refused('DO $d$ BEGIN UPDATE pg_class SET relam = 2 WHERE relname = ''k_t''; END $d$');
SET allow_system_table_mods = on;
SELECT pg_temp.refused('UPDATE pg_class SET relam = 2 WHERE relname = ''k_t''');
RESET allow_system_table_mods;
-- the TOAST table of a ledger table
SELECT format('pg_toast.%I', relname) AS toast FROM pg_class
	WHERE oid = (SELECT reltoastrelid FROM pg_class WHERE relname = 'k_t') \gset
SELECT regexp_replace(pg_temp.refused(format('DELETE FROM %s', :'toast')), '\d+', 'N', 'g');
SELECT regexp_replace(pg_temp.refused(format('TRUNCATE %s', :'toast')), '\d+', 'N', 'g');

-- what defines no table stays open, views on settings included
SELECT pg_temp.refused('UPDATE pg_description SET description = description');
SELECT pg_temp.refused('UPDATE pg_database SET datconnlimit = datconnlimit');
SELECT pg_temp.refused('UPDATE pg_settings SET setting = setting WHERE name = ''work_mem''');

-- the catalogue of ledger: rows
SELECT pg_temp.refused('INSERT INTO ledger.entry SELECT * FROM ledger.entry');
SELECT pg_temp.refused('UPDATE ledger.ledger_table SET relid = 0');
SELECT pg_temp.refused('DELETE FROM ledger.schema_version');
SELECT pg_temp.refused('DELETE FROM ledger.block WHERE false');
SELECT pg_temp.refused('TRUNCATE ledger.entry');
SELECT pg_temp.refused('COPY ledger.tile FROM PROGRAM ''echo''');
-- and definitions
SELECT pg_temp.refused('ALTER TABLE ledger.entry ADD COLUMN x int');
SELECT pg_temp.refused('ALTER TABLE ledger.entry RENAME TO x');
SELECT pg_temp.refused('ALTER TABLE ledger.entry RENAME xid TO x');
SELECT pg_temp.refused('ALTER TABLE ledger.entry SET SCHEMA public');
SELECT pg_temp.refused('ALTER TABLE ledger.entry ENABLE ROW LEVEL SECURITY');
SELECT pg_temp.refused('ALTER TABLE ledger.entry OWNER TO pg_database_owner');
SELECT pg_temp.refused('DROP TABLE ledger.entry CASCADE');
SELECT pg_temp.refused('CREATE INDEX ON ledger.entry (xid)');
SELECT pg_temp.refused('DROP INDEX ledger.block_first_leaf');
SELECT pg_temp.refused('CREATE RULE r AS ON INSERT TO ledger.entry DO INSTEAD NOTHING');
SELECT pg_temp.refused('CREATE POLICY p ON ledger.entry');
CREATE FUNCTION k_trigger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
SELECT pg_temp.refused('CREATE TRIGGER k BEFORE INSERT ON ledger.block FOR EACH ROW EXECUTE FUNCTION k_trigger()');
SELECT pg_temp.refused('ALTER SCHEMA ledger RENAME TO x');
SELECT pg_temp.refused('ALTER SEQUENCE ledger.table_no RESTART 1');
SELECT pg_temp.refused('CREATE OR REPLACE FUNCTION ledger.retire(relation regclass, reason text DEFAULT '''') RETURNS bigint LANGUAGE sql AS ''SELECT 1::bigint''');
SELECT pg_temp.refused('ALTER FUNCTION ledger.retire(regclass, text) RENAME TO x');
SELECT pg_temp.refused('CREATE OR REPLACE FUNCTION ledger.ledger_handler(internal) RETURNS table_am_handler AS ''heap_tableam_handler'' LANGUAGE internal');
SELECT pg_temp.refused('CREATE TABLE ledger.mine (a int)');
SELECT pg_temp.refused('CREATE TABLE ledger.mine AS SELECT 1');
SELECT pg_temp.refused('ALTER TABLE k_t SET SCHEMA ledger');
SELECT pg_temp.refused('CLUSTER ledger.block USING block_pkey');
VACUUM FULL ledger.entry;
VACUUM (FULL, ANALYZE) ledger.entry, k_t;
VACUUM ledger.entry;
ANALYZE ledger.entry;
-- VACUUM FULL of everything leaves it where it is
SELECT pg_relation_filenode('ledger.entry') AS entry, pg_relation_filenode('k_t') AS k_t \gset
VACUUM FULL;
SELECT pg_relation_filenode('ledger.entry') = :entry AS entry_stays, pg_relation_filenode('k_t') <> :k_t AS table_moves;
SELECT id, m, v FROM k_t;
-- read and granted as any table
SELECT count(*) > 0 FROM ledger.entry;
SELECT pg_temp.refused('GRANT SELECT ON ledger.entry TO PUBLIC');
SELECT pg_temp.refused('REINDEX TABLE ledger.block');

\c regress_ledger
DROP DATABASE regress_refuse_catalogue;
