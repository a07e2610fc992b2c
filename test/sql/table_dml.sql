-- What ordinary programs do to a ledger table.
-- Transaction numbers differ from run to run: show whether rows share one.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ledger;

CREATE TABLE account (id int PRIMARY KEY, owner text NOT NULL, balance numeric(12,2) DEFAULT 0) USING ledger;
\d account

-- INSERT, several rows, RETURNING of the ledger columns
INSERT INTO account VALUES (1, 'ada', 10.50), (2, 'bob', 0);
INSERT INTO account (id, owner) VALUES (3, 'cleo') RETURNING id, owner, balance, ledger_tx IS NOT NULL AS has_tx, ledger_seq;
BEGIN;
INSERT INTO account SELECT i, 'n' || i, i FROM generate_series(10, 12) i RETURNING id, ledger_seq;
INSERT INTO account VALUES (13, 'x') RETURNING ledger_seq;
COMMIT;
SELECT count(DISTINCT ledger_tx) AS transactions, count(*) AS rows FROM account;

-- supplied values are refused, and nothing is lost
INSERT INTO account (id, owner, ledger_tx) VALUES (20, 'eve', 7);
INSERT INTO account VALUES (20, 'eve', 0, 7, 0);
INSERT INTO account (id, owner, ledger_seq) SELECT 20, 'eve', 0;

-- COPY in its formats
COPY account FROM stdin;
30	copy	1.00
31	copy	\N
\.
COPY account (id, owner) FROM stdin WITH (FORMAT csv);
32,"copy, csv"
33,copy
\.
SELECT id, owner, balance, ledger_seq FROM account WHERE id BETWEEN 30 AND 39 ORDER BY id;
COPY (SELECT id, owner, balance FROM account WHERE id = 1) TO STDOUT;
BEGIN;
CREATE TABLE frozen (a int) USING ledger;
COPY frozen FROM PROGRAM 'echo 1' WITH (FREEZE);
ROLLBACK;

-- ON CONFLICT DO NOTHING keeps the numbering without gaps
BEGIN;
INSERT INTO account VALUES (1, 'dup'), (40, 'new') ON CONFLICT DO NOTHING RETURNING id, ledger_seq;
INSERT INTO account VALUES (41, 'new'), (2, 'dup') ON CONFLICT (id) DO NOTHING RETURNING id, ledger_seq;
COMMIT;

-- a failed statement leaves nothing behind
BEGIN;
INSERT INTO account VALUES (50, 'kept');
SAVEPOINT s;
INSERT INTO account VALUES (51, 'lost'), (52, 'lost');
ROLLBACK TO s;
INSERT INTO account VALUES (53, 'kept') RETURNING ledger_seq;
COMMIT;
SELECT id, ledger_seq FROM account WHERE id BETWEEN 50 AND 59 ORDER BY id;

-- PL/pgSQL, exception blocks, procedures that commit
DO $$
BEGIN
	FOR i IN 60 .. 64 LOOP
		BEGIN
			INSERT INTO account VALUES (i, 'plpgsql');
			IF i % 2 = 0 THEN
				RAISE EXCEPTION 'undo';
			END IF;
		EXCEPTION WHEN OTHERS THEN
			NULL;
		END;
	END LOOP;
END
$$;
SELECT id, ledger_seq FROM account WHERE id BETWEEN 60 AND 69 ORDER BY id;
CREATE PROCEDURE pay() LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 70 .. 72 LOOP
		INSERT INTO account VALUES (i, 'proc');
		COMMIT;
	END LOOP;
END
$$;
CALL pay();
SELECT count(*) AS rows, count(DISTINCT ledger_tx) AS transactions FROM account WHERE owner = 'proc';

-- prepared statements
PREPARE ins(int, text) AS INSERT INTO account VALUES ($1, $2) RETURNING ledger_seq;
EXECUTE ins(80, 'prep');
EXECUTE ins(81, 'prep');
DEALLOCATE ins;

-- two tables in one transaction are numbered apart
CREATE TABLE note (id bigint GENERATED ALWAYS AS IDENTITY, body text, len int GENERATED ALWAYS AS (length(body)) STORED) USING ledger;
BEGIN;
INSERT INTO account VALUES (90, 'both');
INSERT INTO note (body) VALUES ('one'), ('three') RETURNING id, len, ledger_seq;
INSERT INTO account VALUES (91, 'both') RETURNING ledger_seq;
COMMIT;
SELECT count(DISTINCT t) FROM (SELECT ledger_tx AS t FROM account WHERE id IN (90, 91) UNION ALL SELECT ledger_tx FROM note) x;

-- foreign keys in both directions
CREATE TABLE currency (code char(3) PRIMARY KEY);
INSERT INTO currency VALUES ('EUR'), ('CNY');
CREATE TABLE payment (id int PRIMARY KEY, account int REFERENCES account, currency char(3) REFERENCES currency) USING ledger;
INSERT INTO payment VALUES (1, 1, 'EUR');
INSERT INTO payment VALUES (2, 999, 'EUR');
INSERT INTO payment VALUES (2, 1, 'XXX');
CREATE TABLE audit (payment int REFERENCES payment);
INSERT INTO audit VALUES (1);
DELETE FROM currency WHERE code = 'CNY';
DELETE FROM currency WHERE code = 'EUR';

-- triggers see the ledger columns afterwards
CREATE TABLE seen (id int, has_tx bool, seq int);
CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO seen VALUES (NEW.id, NEW.ledger_tx IS NOT NULL, NEW.ledger_seq);
	RETURN NULL;
END
$$;
CREATE TRIGGER see AFTER INSERT ON payment FOR EACH ROW EXECUTE FUNCTION see();
INSERT INTO payment VALUES (3, 1, 'EUR'), (4, 2, 'EUR');
SELECT * FROM seen ORDER BY id;

-- constraints
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TABLE booking (room int, during int4range, CHECK (room > 0), EXCLUDE USING gist (room WITH =, during WITH &&)) USING ledger;
INSERT INTO booking VALUES (1, '[1,5)'), (1, '[5,9)');
INSERT INTO booking VALUES (1, '[4,6)');
INSERT INTO booking VALUES (0, '[4,6)');

-- indexes of all kinds
CREATE INDEX ON account (owner);
CREATE INDEX ON account (lower(owner)) WHERE balance IS NOT NULL;
CREATE INDEX ON account USING brin (id);
CREATE INDEX ON account USING hash (owner);
CREATE INDEX ON account USING gin (to_tsvector('simple', owner));
CREATE UNIQUE INDEX CONCURRENTLY account_ledger ON account (ledger_tx, ledger_seq);
-- its definition is stored out of line, after transactions of its own
DO $$ BEGIN EXECUTE 'CREATE TABLE wide (' || (SELECT string_agg(format('column_%s text DEFAULT %L', i, md5(i::text)), ', ')
	FROM generate_series(1, 100) i) || ') USING ledger'; END $$;
CREATE UNIQUE INDEX CONCURRENTLY ON wide (column_1);
SELECT v.schema_version, pg_column_size(body) > 2000 AS long FROM ledger.schema_version v JOIN ledger.ledger_table t USING (table_id)
	WHERE t.relid = 'wide'::regclass ORDER BY 1;
REINDEX TABLE account;
REINDEX INDEX CONCURRENTLY account_ledger;
SET enable_seqscan = off;
SELECT count(*) FROM account WHERE owner = 'plpgsql';
SELECT count(*) FROM account WHERE id BETWEEN 1 AND 3;
RESET enable_seqscan;

-- parallel scans, index builds and queries
CREATE TABLE many (id int, amount numeric) USING ledger;
INSERT INTO many SELECT i, i FROM generate_series(1, 20000) i;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
EXPLAIN (COSTS OFF) SELECT count(*), sum(amount) FROM many;
SELECT count(*), sum(amount) FROM many;
CREATE EXTENSION IF NOT EXISTS amcheck;
SET log_temp_files = -1;
SET client_min_messages = debug1;
CREATE INDEX many_id ON many (id);
SET client_min_messages = warning;
SELECT bt_index_check('many_id', true);
INSERT INTO many SELECT id + 20000, amount FROM many;
SELECT count(*), max(ledger_seq) FROM many;
RESET min_parallel_table_scan_size;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;

-- large, compressed and out of line values
CREATE TABLE doc (id int, body text, raw bytea) USING ledger;
INSERT INTO doc SELECT i, repeat('ledger ', 2000), (SELECT string_agg(sha256(i::text::bytea || k::text::bytea), ''::bytea) FROM generate_series(1, 200) k) FROM generate_series(1, 5) i;
INSERT INTO doc SELECT id + 5, body, raw FROM doc;
SELECT count(*), min(length(body)), min(length(raw)), count(DISTINCT raw) FROM doc;

-- maintenance
ANALYZE account;
VACUUM account;
VACUUM FREEZE account;
VACUUM FULL account;
CLUSTER account USING account_pkey;
SELECT count(*) FROM account;
SELECT count(*) > 0 FROM account TABLESAMPLE system (100);
SELECT count(*) FROM doc WHERE ctid < '(100,1)';

-- partitions
CREATE TABLE journal (day date NOT NULL, amount int) PARTITION BY RANGE (day);
CREATE TABLE journal_2024 PARTITION OF journal FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') USING ledger;
CREATE TABLE journal_2025 PARTITION OF journal FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') USING ledger;
INSERT INTO journal (day, amount) VALUES ('2024-02-01', 1), ('2025-02-01', 2), ('2025-03-01', 3);
SELECT tableoid::regclass, amount, ledger_seq FROM journal ORDER BY amount;

-- views, row security
CREATE VIEW rich AS SELECT id, owner FROM account WHERE balance > 5;
SELECT * FROM rich WHERE id < 5 ORDER BY id;
INSERT INTO rich VALUES (95, 'through a view');

-- prepared transactions
BEGIN;
INSERT INTO account VALUES (100, '2pc');
PREPARE TRANSACTION 'ledger_dml';
COMMIT PREPARED 'ledger_dml';
BEGIN;
INSERT INTO account VALUES (101, '2pc');
PREPARE TRANSACTION 'ledger_dml';
ROLLBACK PREPARED 'ledger_dml';
SELECT id FROM account WHERE owner = '2pc';

-- serializable
BEGIN ISOLATION LEVEL SERIALIZABLE;
INSERT INTO account SELECT max(id) + 1, 'serializable' FROM account;
COMMIT;

DROP VIEW rich;

-- nothing of this disturbed the chain
SELECT ledger.wait_sealed(max(ledger_tx)) FROM account;
SELECT severity, relation, problem FROM ledger.verify() WHERE severity <> 'info';
