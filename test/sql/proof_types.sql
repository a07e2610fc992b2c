-- types ledger.commitment and ledger.proof: in, out, casts, order, storage
\getenv srcdir PG_ABS_SRCDIR
\getenv builddir PG_ABS_BUILDDIR
\set helper :srcdir '/sql/refused.psql'
\i :helper
SELECT typname, typlen, typalign, typstorage FROM pg_type WHERE typnamespace = 'ledger'::regnamespace AND typname IN ('commitment', 'proof') ORDER BY 1;

-- the operators are in schema ledger; ORDER BY, DISTINCT and indexes find them without it
SET search_path = public, ledger;
CREATE TABLE proof_value AS
	SELECT i, ledger.commit(i, sha256(int4send(i)), 'std') AS c FROM generate_series(1, 200) i;
SELECT ledger.commit(1.00, sha256('x'), 'std') AS c, ledger.commit(1.00, sha256('x'), 'gm') AS g \gset

-- commitments: text and binary in both directions
SELECT :'c'::ledger.commitment::text = :'c', upper(:'c')::text <> :'c', ('\x' || upper(substr(:'c', 3)))::ledger.commitment = :'c';
SELECT ledger.suite(:'c'), ledger.scale(:'c'), ledger.suite(:'g'), length(:'g'::ledger.commitment::bytea);
SELECT :'c'::bytea::ledger.commitment = :'c', ledger.commitment_send(:'c') = :'c'::bytea;
SELECT pg_temp.refused('SELECT ''''::ledger.commitment');
SELECT pg_temp.refused('SELECT ''0102''::ledger.commitment');
SELECT pg_temp.refused('SELECT ''\x010''::ledger.commitment');
SELECT pg_temp.refused('SELECT ''\x01zz''::ledger.commitment');
SELECT pg_temp.refused('SELECT ''\x0102''::ledger.commitment');
SELECT pg_temp.refused(format('SELECT %L::ledger.commitment', :'c' || '00'));
SELECT pg_temp.refused(format('SELECT %L::ledger.commitment', overlay(:'c' PLACING '03' FROM 3)));
SELECT pg_temp.refused(format('SELECT %L::ledger.commitment', overlay(:'c' PLACING '1f' FROM 5)));
SELECT pg_temp.refused(format('SELECT %L::ledger.commitment', overlay(:'c' PLACING '04' FROM 7)));
SELECT pg_temp.refused(format('SELECT %L::ledger.commitment', overlay(:'c' PLACING repeat('f', 64) FROM 9)));
-- half of the points of one curve are none of the other
SELECT pg_temp.refused(format('SELECT %L::ledger.commitment', overlay(c::text PLACING '02' FROM 3))) FROM proof_value WHERE i IN (3, 4);
SELECT pg_temp.refused('SELECT ''\x0102''::bytea::ledger.commitment');
SELECT pg_temp.refused('SELECT repeat(''a'', 35)::bytea::ledger.commitment');
-- nothing becomes a commitment by itself, a commitment becomes bytes where it is stored as such
SELECT pg_temp.refused('INSERT INTO proof_value VALUES (0, ''\x0102''::bytea)');
CREATE TABLE proof_bytes (b bytea);
INSERT INTO proof_bytes SELECT c FROM proof_value;
SELECT count(*) FROM proof_bytes JOIN proof_value ON b::ledger.commitment = c;

-- order, hash
SELECT count(*) FILTER (WHERE (a.c < b.c) <> (a.c::bytea < b.c::bytea)) AS lt,
	count(*) FILTER (WHERE (a.c <= b.c) <> (a.c::bytea <= b.c::bytea)) AS le,
	count(*) FILTER (WHERE (a.c = b.c) <> (a.i = b.i)) AS eq,
	count(*) FILTER (WHERE (a.c <> b.c) <> (a.i <> b.i)) AS ne,
	count(*) FILTER (WHERE (a.c >= b.c) <> (a.c::bytea >= b.c::bytea)) AS ge,
	count(*) FILTER (WHERE (a.c > b.c) <> (a.c::bytea > b.c::bytea)) AS gt
FROM proof_value a, proof_value b;
SELECT array_agg(i ORDER BY c) = array_agg(i ORDER BY c::bytea) AS sorted, count(DISTINCT c), count(DISTINCT c::bytea) FROM proof_value;
CREATE UNIQUE INDEX proof_value_btree ON proof_value (c);
CREATE INDEX proof_value_hash ON proof_value USING hash (c);
ANALYZE proof_value;
SET enable_seqscan = off;
SELECT count(*) FROM proof_value a WHERE c = (SELECT c FROM proof_value WHERE i = 7);
SELECT count(*) FROM proof_value a WHERE c < (SELECT c FROM proof_value WHERE i = 7) OR c >= (SELECT c FROM proof_value WHERE i = 7);
RESET enable_seqscan;
SELECT pg_temp.refused('INSERT INTO proof_value SELECT 1000, c FROM proof_value WHERE i = 5');
CREATE TABLE proof_hashed (c ledger.commitment) PARTITION BY HASH (c);
CREATE TABLE proof_hashed_0 PARTITION OF proof_hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE proof_hashed_1 PARTITION OF proof_hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO proof_hashed SELECT c FROM proof_value;
SELECT count(*), count(DISTINCT tableoid) FROM proof_hashed;

-- proofs: any bytes with the head of one and a length that some proof can have
SELECT '\x500101aa'::ledger.proof, '\x500101aa'::ledger.proof::bytea, '\x500102aa'::bytea::ledger.proof;
-- two proofs are equal when their bytes are, which is what comparing rows needs
SELECT '\x500101aa'::proof = '\x500101aa'::proof, '\x500101aa'::proof <> '\x500101ab'::proof, count(*) FROM (SELECT DISTINCT p FROM unnest(ARRAY['\x500101aa', '\x500101aa', '\x500101ab']::proof[]) p) x;
SELECT i, '\x500101aa'::proof FROM generate_series(1, 3) i EXCEPT SELECT i, '\x500101aa'::proof FROM generate_series(1, 2) i;
SELECT pg_temp.refused('SELECT ''\x''::ledger.proof');
SELECT pg_temp.refused('SELECT ''\x500101''::ledger.proof');
SELECT pg_temp.refused('SELECT ''\x510101aa''::ledger.proof');
SELECT pg_temp.refused('SELECT ''\x500201aa''::ledger.proof');
SELECT pg_temp.refused('SELECT ''\x500103aa''::ledger.proof');
SELECT pg_temp.refused('SELECT ''5001''::ledger.proof');
SELECT pg_temp.refused('SELECT (''\x500101''::bytea || decode(repeat(''00'', 30000), ''hex''))::ledger.proof');

-- both as binary: COPY and back
CREATE TABLE proof_copy (i int, c ledger.commitment, p ledger.proof, cs ledger.commitment[]);
INSERT INTO proof_copy SELECT i, c, ('\x500101'::bytea || sha256(int4send(i)))::ledger.proof, ARRAY[c, NULL] FROM proof_value;
CREATE TABLE proof_copied (LIKE proof_copy);
\set file :builddir '/results/proof_copy.bin'
COPY proof_copy TO :'file' (FORMAT binary);
COPY proof_copied FROM :'file' (FORMAT binary);
SELECT count(*) FROM proof_copy a JOIN proof_copied b ON a.i = b.i AND a.c = b.c AND a.p::bytea = b.p::bytea AND a.cs = b.cs;
TRUNCATE proof_copied;
\set file :builddir '/results/proof_copy.txt'
COPY proof_copy TO :'file';
COPY proof_copied FROM :'file';
SELECT count(*) FROM proof_copy a JOIN proof_copied b ON a.i = b.i AND a.c = b.c AND a.p::bytea = b.p::bytea AND a.cs = b.cs;
-- binary input is checked too
CREATE TABLE proof_raw (i int, c bytea, p bytea, cs ledger.commitment[]);
INSERT INTO proof_raw VALUES (1, decode(repeat('01', 35), 'hex'), '\x500101aa', NULL);
\set file :builddir '/results/proof_raw.bin'
COPY proof_raw TO :'file' (FORMAT binary);
SELECT pg_temp.refused(format('COPY proof_copied FROM %L (FORMAT binary)', :'file'));
UPDATE proof_raw SET c = :'c'::bytea, p = '\x00';
COPY proof_raw TO :'file' (FORMAT binary);
SELECT pg_temp.refused(format('COPY proof_copied FROM %L (FORMAT binary)', :'file'));

-- the leaf of a row holds their bytes: tags 27 and 28 of docs/format.md
CREATE TABLE proof_leaf (c ledger.commitment, p ledger.proof, cs ledger.commitment[]) USING ledger;
INSERT INTO proof_leaf VALUES (:'c', '\x500101aabb', ARRAY[:'g', NULL]::ledger.commitment[]);
SELECT sha256('\x00'::bytea || 'R' || '\x01' || uuid_send(t.table_id) || int4send(t.schema_version) || int8send(r.ledger_tx) || int4send(0)
	|| '\x00' || int8send(0) || int4send(0) || '\x0003'
	|| '\x0001' || '\x27' || int4send(35) || :'c'::bytea
	|| '\x0002' || '\x28' || int4send(5) || '\x500101aabb'
	|| '\x0003' || '\x22' || int4send(9 + 40 + 1) || '\x01' || int4send(2) || int4send(1) || '\x27' || int4send(35) || :'g'::bytea || '\x00')
	= substr(e.groups, length(e.groups) - 31) AS leaf_as_described
FROM proof_leaf r JOIN ledger.ledger_table t ON t.relid = 'proof_leaf'::regclass JOIN ledger.entry e ON e.ledger_tx = r.ledger_tx AND e.type = 1;
-- another type of these names has no canonical encoding
CREATE SCHEMA proof_other;
CREATE TYPE proof_other.proof;
CREATE FUNCTION proof_other.proof_in(cstring) RETURNS proof_other.proof LANGUAGE internal IMMUTABLE STRICT AS 'byteain';
CREATE FUNCTION proof_other.proof_out(proof_other.proof) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'byteaout';
CREATE TYPE proof_other.proof (INPUT = proof_other.proof_in, OUTPUT = proof_other.proof_out);
SELECT pg_temp.refused('CREATE TABLE proof_refused (p proof_other.proof) USING ledger');
