-- What an attacked database and its untouched twin hold. Part 1 comes before the old
-- backup, part 2 after it; \if picks.
\set ON_ERROR_STOP on
\set QUIET on
\if :first
CREATE EXTENSION ledger;
CREATE TYPE mood AS ENUM ('settled', 'pending');
CREATE TYPE pair AS (x int, y text);

CREATE TABLE plain (id int PRIMARY KEY, v text, n numeric, b bool, at timestamptz) USING ledger;
CREATE INDEX plain_v ON plain (v);
CREATE TABLE kinds (id int PRIMARY KEY, j jsonb, a int[], r int4range, m int4multirange, e mood,
	p pair, i inet, vb varbit, nm name, by bytea, f float8, u uuid) USING ledger;
CREATE TABLE big (id int PRIMARY KEY, ext text, comp text) USING ledger;
ALTER TABLE big ALTER ext SET STORAGE EXTERNAL;
CREATE TABLE grown (id int PRIMARY KEY, v text) USING ledger;
CREATE TABLE added (id int PRIMARY KEY, v text) USING ledger;
CREATE TABLE kept (id int PRIMARY KEY, v text) USING ledger_versioned;

-- ordinary tables that lend their triggers, rules and policies to an attacker
CREATE TABLE lender (id int, v text);
CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER swallow BEFORE INSERT ON lender FOR EACH ROW EXECUTE FUNCTION quiet();
CREATE RULE gone AS ON INSERT TO lender DO ALSO NOTIFY x;
CREATE POLICY hide ON lender USING (id < 10);

DO $$
BEGIN
	FOR k IN 1..150 LOOP
		INSERT INTO plain VALUES (k, 'single ' || k, k * 1.25, k % 2 = 0, now());
		COMMIT;
		IF k % 8 = 0 THEN		-- a new block now and then
			PERFORM ledger.wait_sealed(max(ledger_tx)) FROM plain;
		END IF;
	END LOOP;
END $$;
INSERT INTO grown SELECT g, 'before ' || g FROM generate_series(1, 60) g;
ALTER TABLE grown ADD COLUMN w text DEFAULT 'as added';
INSERT INTO grown (id, v, w) SELECT g, 'after ' || g, 'own' FROM generate_series(61, 90) g;
INSERT INTO added SELECT g, 'before ' || g FROM generate_series(1, 60) g;
ALTER TABLE added ADD COLUMN w text DEFAULT 'as it was added';
INSERT INTO added (id, v, w) SELECT g, 'after ' || g, 'own' FROM generate_series(61, 90) g;
INSERT INTO kept SELECT g, 'first ' || g FROM generate_series(1, 40) g;
UPDATE kept SET v = 'second ' || id WHERE id <= 20;
DELETE FROM kept WHERE id > 35;
\else
UPDATE kept SET v = 'third ' || id WHERE id BETWEEN 5 AND 10;
DO $$
BEGIN
	FOR k IN 151..320 LOOP
		INSERT INTO plain VALUES (k, 'single ' || k, k * 1.25, k % 2 = 0, now());
		COMMIT;
		IF k % 8 = 0 THEN		-- a new block now and then
			PERFORM ledger.wait_sealed(max(ledger_tx)) FROM plain;
		END IF;
	END LOOP;
	FOR k IN 1..8 LOOP
		INSERT INTO plain SELECT 1000 * k + g, 'many ' || g, g / 7.0, NULL, now()
			FROM generate_series(1, 30) g;
		COMMIT;
	END LOOP;
END $$;
INSERT INTO plain SELECT 100000 + g, repeat('wide ', 20) || g, g, true, now() FROM generate_series(1, 400) g;
DO $$
BEGIN
	FOR k IN 1..40 LOOP
		INSERT INTO kinds VALUES (k,
			jsonb_build_object('k', k, 'list', jsonb_build_array(1, 'two', NULL, k * 1.5), 'o', jsonb_build_object('t', true)),
			ARRAY[k, NULL, k + 1], int4range(k, k + 5), int4multirange(int4range(k, k + 2), int4range(k + 7, NULL)),
			CASE WHEN k % 3 = 0 THEN 'settled' ELSE 'pending' END::mood, ROW(k, 'part ' || k)::pair,
			('10.0.0.' || k)::inet, B'1011001110001111', 'name ' || k, decode(md5(k::text), 'hex'), k / 3.0,
			md5(k::text)::uuid);
		COMMIT;
		INSERT INTO big VALUES (k, (SELECT string_agg(md5(k || '.' || g), '') FROM generate_series(1, 150) g),
			(SELECT string_agg(md5(k || '.' || g) || repeat('x', 40), '') FROM generate_series(1, 120) g));
		COMMIT;
	END LOOP;
END $$;
VACUUM (FULL) grown;
VACUUM (FREEZE) big;
\endif
