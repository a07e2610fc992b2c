-- The leaf of a row, rebuilt in SQL from docs/format.md by other means than the extension's.
-- A transaction with one row has that row's leaf as its root, the last 32 bytes of its packed group.
\getenv srcdir PG_ABS_SRCDIR
\set helper :srcdir '/sql/refused.psql'
\i :helper
CREATE EXTENSION IF NOT EXISTS citext;

CREATE FUNCTION pg_temp.hexbytes(b bytea) RETURNS text LANGUAGE sql AS $$ SELECT encode(b, 'hex') $$;
CREATE FUNCTION pg_temp.cell(tag text, content bytea) RETURNS bytea LANGUAGE sql AS $$
	SELECT CASE WHEN content IS NULL THEN '\x00' ELSE decode(tag, 'hex') || int4send(length(content)) || content END
$$;
CREATE FUNCTION pg_temp.text_cell(tag text, content text) RETURNS bytea LANGUAGE sql AS $$
	SELECT pg_temp.cell(tag, convert_to(content, 'UTF8'))
$$;
-- numeric_send: ndigits, weight, sign, dscale, digits; ours: sign, weight, dscale, ndigits, digits
CREATE FUNCTION pg_temp.numeric_cell(n numeric) RETURNS bytea LANGUAGE sql AS $$
	SELECT pg_temp.cell('08', CASE get_byte(s, 4) * 256 + get_byte(s, 5)
		WHEN 0 THEN '\x00'::bytea || substr(s, 3, 2) || substr(s, 7, 2) || substr(s, 1, 2) || substr(s, 9)
		WHEN 16384 THEN '\x01'::bytea || substr(s, 3, 2) || substr(s, 7, 2) || substr(s, 1, 2) || substr(s, 9)
		WHEN 49152 THEN '\x02000000000000'::bytea
		WHEN 53248 THEN '\x03000000000000'::bytea
		WHEN 61440 THEN '\x04000000000000'::bytea END)
	FROM numeric_send(n) s
$$;

-- one table for each case: its only row, and the cell that the page says it has
CREATE TABLE types_case (no int PRIMARY KEY, typ text, value text, cell bytea);
INSERT INTO types_case VALUES
	(1, 'bool', 'true', pg_temp.cell('02', '\x01')),
	(2, 'bool', 'false', pg_temp.cell('02', '\x00')),
	(3, 'int2', '-2', pg_temp.cell('03', int2send('-2'::int2))),
	(4, 'int4', '-2147483648', pg_temp.cell('04', int4send('-2147483648'::int4))),
	(5, 'int8', '9223372036854775807', pg_temp.cell('05', int8send(9223372036854775807))),
	(6, 'float4', '-0', pg_temp.cell('06', '\x80000000')),
	(7, 'float4', 'NaN', pg_temp.cell('06', '\x7fc00000')),
	(8, 'float8', '0.1', pg_temp.cell('07', float8send(0.1))),
	(9, 'float8', 'NaN', pg_temp.cell('07', '\x7ff8000000000000')),
	(10, 'float8', '-Infinity', pg_temp.cell('07', float8send('-Infinity'))),
	(11, 'text', 'grüße 漢字', pg_temp.text_cell('09', 'grüße 漢字')),
	(12, 'text', '', pg_temp.text_cell('09', '')),
	(13, 'varchar(5)', 'abc', pg_temp.text_cell('0a', 'abc')),
	(14, 'char(5)', 'abc', pg_temp.text_cell('0b', 'abc  ')),
	(15, 'name', 'a_name', pg_temp.text_cell('0c', 'a_name')),
	(16, 'citext', 'MiXed', pg_temp.text_cell('0d', 'MiXed')),
	(17, 'bytea', '\x00ff10', pg_temp.cell('0e', '\x00ff10')),
	(18, 'bit(11)', '10110011101', pg_temp.cell('0f', bit_send(B'10110011101'))),
	(19, 'varbit', '101', pg_temp.cell('10', varbit_send(B'101'))),
	(20, 'varbit', '', pg_temp.cell('10', '\x00000000')),
	(21, 'uuid', '00112233-4455-6677-8899-aabbccddeeff', pg_temp.cell('11', '\x00112233445566778899aabbccddeeff')),
	(22, 'money', '-12.34', pg_temp.cell('12', cash_send('-12.34'::money))),
	(23, 'macaddr', '08:00:2b:01:02:03', pg_temp.cell('13', '\x08002b010203')),
	(24, 'macaddr8', '08:00:2b:01:02:03:04:05', pg_temp.cell('14', '\x08002b0102030405')),
	(25, 'pg_lsn', '1/A', pg_temp.cell('15', pg_lsn_send('1/A'))),
	(26, 'date', '1999-12-31', pg_temp.cell('16', '\xffffffff')),
	(27, 'date', 'infinity', pg_temp.cell('16', '\x7fffffff')),
	(28, 'date', '-infinity', pg_temp.cell('16', '\x80000000')),
	(29, 'time', '24:00', pg_temp.cell('17', int8send(86400000000))),
	(30, 'timetz', '12:00+05:30', pg_temp.cell('18', int8send(43200000000) || int4send(-19800))),
	(31, 'timestamp', '2000-01-01 00:00:01', pg_temp.cell('19', int8send(1000000))),
	(32, 'timestamp', 'infinity', pg_temp.cell('19', '\x7fffffffffffffff')),
	(33, 'timestamptz', '1999-12-31 23:59:59+00', pg_temp.cell('1a', int8send(-1000000))),
	(34, 'timestamptz', '-infinity', pg_temp.cell('1a', '\x8000000000000000')),
	(35, 'interval', '1 mon -2 days 3 s', pg_temp.cell('1b', int8send(3000000) || int4send(-2) || int4send(1))),
	(36, 'inet', '192.168.1.5/24', pg_temp.cell('1c', '\x0418c0a80105')),
	(37, 'inet', '2001:db8::1', pg_temp.cell('1c', '\x0680'::bytea || '\x20010db8000000000000000000000001')),
	(38, 'cidr', '10.0.0.0/8', pg_temp.cell('1d', '\x04080a000000')),
	(39, 'json', '{ "b":1,  "a" : [1] }', pg_temp.text_cell('1e', '{ "b":1,  "a" : [1] }')),
	(40, 'jsonb', '{"bb":1.50,"a":["ü",null,true,{"x":""}],"a":2}', pg_temp.text_cell('1f', '{"a": 2, "bb": 1.50}')),
	(41, 'jsonb', '[1,"zwei",{"k":{"deep":[[]]}}]', pg_temp.text_cell('1f', '[1, "zwei", {"k": {"deep": [[]]}}]')),
	(42, 'xml', '<a b="c">ö</a>', pg_temp.text_cell('20', '<a b="c">ö</a>')),
	(43, 'int4', NULL, '\x00');
-- numbers of every stored form
INSERT INTO types_case SELECT 100 + row_number() OVER (), 'numeric', n, pg_temp.numeric_cell(n::numeric)
	FROM unnest(ARRAY['0', '0.00', '-0', '1', '-1', '10000', '1.50', '-0.0001', '123456789.123456789', '1e-20', '1e200', '-1e-200',
		repeat('9', 400), '0.' || repeat('0', 700) || '1', 'NaN', 'Infinity', '-Infinity']) n;
-- nested types
CREATE TYPE types_mood AS ENUM ('so so', 'glad');
CREATE DOMAIN types_positive AS int4 CHECK (VALUE > 0);
CREATE TYPE types_pair AS (x types_mood, gone int, y int4[]);
ALTER TYPE types_pair DROP ATTRIBUTE gone;
CREATE TYPE types_range AS RANGE (subtype = text);
INSERT INTO types_case VALUES
	(200, 'types_mood', 'so so', pg_temp.text_cell('21', 'so so')),
	(201, 'types_positive', '5', pg_temp.cell('04', int4send(5))),
	(202, 'int4[]', '{}', pg_temp.cell('22', '\x00')),
	(203, 'int4[]', '{1,NULL}', pg_temp.cell('22', '\x01' || int4send(2) || int4send(1) || pg_temp.cell('04', int4send(1)) || '\x00')),
	(204, 'text[]', '[5:6][0:0]={{a},{b}}', pg_temp.cell('22', '\x02' || int4send(2) || int4send(5) || int4send(1) || int4send(0)
		|| pg_temp.text_cell('09', 'a') || pg_temp.text_cell('09', 'b'))),
	(205, 'types_mood[]', '{glad}', pg_temp.cell('22', '\x01' || int4send(1) || int4send(1) || pg_temp.text_cell('21', 'glad'))),
	(206, 'types_positive[]', '{7}', pg_temp.cell('22', '\x01' || int4send(1) || int4send(1) || pg_temp.cell('04', int4send(7)))),
	(207, 'int4range', 'empty', pg_temp.cell('23', '\x01')),
	(208, 'int4range', '[1,3]', pg_temp.cell('23', '\x02' || pg_temp.cell('04', int4send(1)) || pg_temp.cell('04', int4send(4)))),
	(209, 'numrange', '(,2.5]', pg_temp.cell('23', '\x0c' || pg_temp.numeric_cell(2.5))),
	(210, 'types_range', '(a,)', pg_temp.cell('23', '\x10' || pg_temp.text_cell('09', 'a'))),
	(211, 'tstzrange', '(,)', pg_temp.cell('23', '\x18')),
	(212, 'int4multirange', '{}', pg_temp.cell('24', int4send(0))),
	(213, 'int4multirange', '{[1,2),[5,)}', pg_temp.cell('24', int4send(2)
		|| int4send(19) || '\x02' || pg_temp.cell('04', int4send(1)) || pg_temp.cell('04', int4send(2))
		|| int4send(10) || '\x12' || pg_temp.cell('04', int4send(5)))),
	(214, 'types_pair', '(glad,{9})', pg_temp.cell('25', '\x0002' || pg_temp.text_cell('21', 'glad')
		|| pg_temp.cell('22', '\x01' || int4send(1) || int4send(1) || pg_temp.cell('04', int4send(9))))),
	(215, 'types_pair', '(,)', pg_temp.cell('25', '\x00020000')),
	(216, 'types_pair[]', '{"(glad,)"}', pg_temp.cell('22', '\x01' || int4send(1) || int4send(1)
		|| pg_temp.cell('25', '\x0002' || pg_temp.text_cell('21', 'glad') || '\x00')));

-- write each, in a transaction of its own
\set ECHO none
SELECT format('CREATE TABLE types_%s (v %s) USING ledger', no, typ) FROM types_case ORDER BY no \gexec
SELECT format('INSERT INTO types_%s VALUES (%L)', no, value) FROM types_case ORDER BY no \gexec
\set ECHO all

-- the leaf of a one-column row of schema version 1
CREATE FUNCTION pg_temp.leaf(tab name, tx bigint, cells bytea) RETURNS bytea LANGUAGE sql AS $$
	SELECT sha256('\x00'::bytea || 'R' || '\x01' || uuid_send(table_id) || int4send(schema_version) || int8send(tx) || int4send(0)
		|| '\x00' || int8send(0) || int4send(0) || cells)
	FROM ledger.ledger_table WHERE table_name = tab AND relid <> 0
$$;
CREATE FUNCTION pg_temp.root(tx bigint) RETURNS bytea LANGUAGE sql AS $$
	SELECT substr(groups, length(groups) - 31) FROM ledger.entry WHERE ledger_tx = tx AND type = 1
$$;
CREATE TABLE types_result (no int, matches bool);
\set ECHO none
SELECT format('INSERT INTO types_result SELECT %1$s, pg_temp.leaf(''types_%1$s'', ledger_tx, ''\x00010001''::bytea || cell) = pg_temp.root(ledger_tx)
	FROM types_%1$s, types_case c WHERE c.no = %1$s', no) FROM types_case ORDER BY no \gexec
\set ECHO all
SELECT count(*) AS cases, count(*) FILTER (WHERE matches) AS matching FROM types_result;
SELECT c.no, c.typ, c.value FROM types_case c LEFT JOIN types_result r USING (no) WHERE matches IS NOT TRUE ORDER BY 1;

-- toasted, compressed and short values hash as their content
CREATE TABLE types_long (v text) USING ledger;
ALTER TABLE types_long ALTER v SET STORAGE external;
INSERT INTO types_long SELECT string_agg(md5(i::text), '') FROM generate_series(1, 1000) i;
SELECT pg_column_size(v) > 30000 AS stored_outside, pg_temp.leaf('types_long', ledger_tx, '\x00010001'::bytea || pg_temp.text_cell('09', v)) = pg_temp.root(ledger_tx) AS matches FROM types_long;
CREATE TABLE types_copied (v text) USING ledger;
INSERT INTO types_copied SELECT v FROM types_long;
CREATE TABLE types_compressed (v text COMPRESSION pglz) USING ledger;
INSERT INTO types_compressed VALUES (repeat('abc', 10000));
SELECT pg_column_size(v) < 30000 AS compressed, pg_temp.leaf('types_compressed', ledger_tx, '\x00010001'::bytea || pg_temp.text_cell('09', v)) = pg_temp.root(ledger_tx) AS matches FROM types_compressed;
SELECT pg_temp.leaf('types_copied', ledger_tx, '\x00010001'::bytea || pg_temp.text_cell('09', v)) = pg_temp.root(ledger_tx) AS matches FROM types_copied;

-- a hidden, a dropped and a generated column; columns stand in the order of their numbers
CREATE TABLE types_columns (a int, b int GENERATED ALWAYS AS (a * 2) STORED, c text) USING ledger;
ALTER TABLE types_columns ADD COLUMN d bool;
SELECT ledger.hide_column('types_columns', 'c');
INSERT INTO types_columns (a, d) VALUES (21, true);
SELECT pg_temp.leaf('types_columns', ledger_tx, '\x0004'::bytea
	|| '\x0001' || pg_temp.cell('04', int4send(21)) || '\x0002' || pg_temp.cell('04', int4send(42))
	|| '\x0003' || '\x00' || '\x0006' || pg_temp.cell('02', '\x01')) = pg_temp.root(ledger_tx) AS matches FROM types_columns;

-- one row, one hash, whatever the session says
SET client_encoding = 'LATIN1';
SET DateStyle = 'SQL, DMY';
SET IntervalStyle = 'sql_standard';
SET TimeZone = 'America/St_Johns';
SET bytea_output = 'escape';
SET extra_float_digits = -5;
SET xmlbinary = 'hex';
CREATE TABLE types_session (a text, b date, c interval, d timestamptz, e bytea, f float8) USING ledger;
INSERT INTO types_session VALUES (U&'gr\00fc\00dfe', '2020-02-01', '1 day 02:03:04', '2020-02-01 12:00+00', '\x00ff', 0.1);
SELECT pg_temp.leaf('types_session', ledger_tx, '\x0006'::bytea
	|| '\x0001' || pg_temp.cell('09', '\x6772c3bcc39f65') || '\x0002' || pg_temp.cell('16', int4send(7336))
	|| '\x0003' || pg_temp.cell('1b', int8send(7384000000) || int4send(1) || int4send(0))
	|| '\x0004' || pg_temp.cell('1a', int8send(633873600000000)) || '\x0005' || pg_temp.cell('0e', '\x00ff')
	|| '\x0006' || pg_temp.cell('07', '\x3fb999999999999a')) = pg_temp.root(ledger_tx) AS matches FROM types_session;

-- verification agrees with all of it
SELECT severity, relation, problem FROM ledger.verify() WHERE severity <> 'info';
