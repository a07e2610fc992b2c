/* sql/ledger--0.1.0.sql: the system catalogue and the functions of ledger */

\echo Use "CREATE EXTENSION ledger" to load this file. \quit

/*
 * Roles are cluster-wide: another database of this cluster may have made them
 * already, and DROP EXTENSION leaves them.
 */
DO $$
DECLARE
	r text;
BEGIN
	FOREACH r IN ARRAY ARRAY['ledger_admin', 'ledger_writer', 'ledger_reader',
							 'ledger_auditor', 'ledger_member']
	LOOP
		IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = r) THEN
			EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', r);
		END IF;
	END LOOP;
END
$$;

GRANT USAGE ON SCHEMA ledger TO PUBLIC;

/* ---- access methods ------------------------------------------------------ */

CREATE FUNCTION ledger.ledger_handler(internal) RETURNS table_am_handler
	AS 'MODULE_PATHNAME', 'ledger_handler' LANGUAGE C STRICT;
COMMENT ON FUNCTION ledger.ledger_handler(internal) IS 'table access method handler of append-only ledger tables';

CREATE FUNCTION ledger.ledger_versioned_handler(internal) RETURNS table_am_handler
	AS 'MODULE_PATHNAME', 'ledger_versioned_handler' LANGUAGE C STRICT;
COMMENT ON FUNCTION ledger.ledger_versioned_handler(internal) IS 'table access method handler of ledger tables that keep every version';

CREATE ACCESS METHOD ledger TYPE TABLE HANDLER ledger.ledger_handler;
COMMENT ON ACCESS METHOD ledger IS 'append-only table whose rows are hashed into the chain of this database';

CREATE ACCESS METHOD ledger_versioned TYPE TABLE HANDLER ledger.ledger_versioned_handler;
COMMENT ON ACCESS METHOD ledger_versioned IS 'ledger table in which UPDATE and DELETE keep and chain the old version';

/* ---- catalogue; the bytes are described in docs/format.md ----------------- */

/* The incarnation, advanced outside of transactions and flushed; see chain/shmem.c. */
CREATE SEQUENCE ledger.incarnation_no AS int MINVALUE 0 START 0 MAXVALUE 32767;

CREATE TABLE ledger.chain (
	chain_id uuid PRIMARY KEY,
	chain_no int2 NOT NULL UNIQUE,			/* local number, what ledger.entry carries */
	suite text NOT NULL CHECK (suite IN ('std', 'gm')),
	origin text NOT NULL,
	active bool NOT NULL,
	system_identifier int8 NOT NULL,		/* where this chain may be signed */
	database_oid oid NOT NULL,
	created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX chain_active ON ledger.chain (active) WHERE active;

CREATE TABLE ledger.ledger_table (
	chain_id uuid NOT NULL,
	table_id uuid NOT NULL,
	table_no int4 NOT NULL,					/* local number, what ledger.entry carries */
	relid oid NOT NULL,						/* 0 once dropped, and until restore_finish() has mapped the name */
	schema_name name NOT NULL,
	table_name name NOT NULL,
	kind int2 NOT NULL,						/* 0 ledger, 1 versioned */
	shared bool NOT NULL,
	tx_attnum int2 NOT NULL,				/* attribute numbers of ledger_tx and ledger_seq */
	seq_attnum int2 NOT NULL,
	history_relid oid NOT NULL,				/* old versions of a versioned table, else 0 */
	schema_version int4 NOT NULL,			/* the newest */
	retention interval,
	retired_at timestamptz,
	PRIMARY KEY (chain_id, table_id)
);
CREATE SEQUENCE ledger.table_no AS int;
CREATE INDEX ledger_table_relid ON ledger.ledger_table (relid);
CREATE UNIQUE INDEX ledger_table_no ON ledger.ledger_table (table_no);

CREATE TABLE ledger.schema_version (
	chain_id uuid NOT NULL,
	table_id uuid NOT NULL,
	schema_version int4 NOT NULL,
	body bytea NOT NULL,
	PRIMARY KEY (chain_id, table_id, schema_version)
);

/* One row per entry, written at PRE_COMMIT; never indexed, never updated. */
CREATE TABLE ledger.entry (
	xid xid8 NOT NULL,						/* local, never hashed */
	ord int8 NOT NULL,						/* incarnation << 36 | counter: order inside a block */
	ledger_tx int8 NOT NULL,
	stamped_at timestamptz NOT NULL,
	chain_no int2 NOT NULL,
	type int2 NOT NULL,
	part int2 NOT NULL,
	role text NOT NULL,
	seed bytea NOT NULL,					/* 16 random bytes, the source of the entry's salts */
	groups bytea NOT NULL,					/* packed groups, format.md section 9 */
	extra bytea NOT NULL					/* the extra as hashed, or 02 | body where it is closed */
) WITH (vacuum_truncate = false);			/* the sealer's place in the table must not move */

/* Long bodies, by hash. */
CREATE TABLE ledger.body (
	chain_id uuid NOT NULL,
	hash bytea NOT NULL,
	body bytea NOT NULL,
	PRIMARY KEY (chain_id, hash)
);

CREATE TABLE ledger.leaf (
	chain_id uuid NOT NULL,
	height int8 NOT NULL,
	bucket int8 NOT NULL,					/* ledger_tx >> 8 */
	items bytea NOT NULL,
	PRIMARY KEY (chain_id, height, bucket)
) WITH (toast_tuple_target = 8160);			/* 256 items fit in a row; compressing them gains nothing */
CREATE INDEX leaf_bucket ON ledger.leaf (chain_id, bucket);

CREATE TABLE ledger.block (
	chain_id uuid NOT NULL,
	height int8 NOT NULL,
	epoch int8 NOT NULL,
	prev_hash bytea NOT NULL,
	first_leaf int8 NOT NULL,
	n int4 NOT NULL,
	log_root bytea NOT NULL,
	results_root bytea NOT NULL,
	body_hash bytea NOT NULL,
	members_hash bytea NOT NULL,
	next_members_hash bytea NOT NULL,
	sealed_at timestamptz NOT NULL,
	proposer int2 NOT NULL,
	/* local: where the sealer goes on */
	frontier bytea NOT NULL,
	snapshot pg_snapshot NOT NULL,
	system_identifier int8 NOT NULL,
	timeline int4 NOT NULL,
	scan_from int8 NOT NULL,				/* first heap block of ledger.entry that may hold unsealed entries */
	entry_file oid NOT NULL,				/* in this file of it: VACUUM FULL makes another */
	PRIMARY KEY (chain_id, height)
) WITH (toast_tuple_target = 8160);
CREATE UNIQUE INDEX block_first_leaf ON ledger.block (chain_id, first_leaf);

CREATE TABLE ledger.tile (
	chain_id uuid NOT NULL,
	level int2 NOT NULL,
	tile_no int8 NOT NULL,
	hashes bytea NOT NULL,					/* 256 hashes; only full tiles are stored */
	PRIMARY KEY (chain_id, level, tile_no)
);
ALTER TABLE ledger.tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE ledger.checkpoint (
	chain_id uuid NOT NULL,
	size int8 NOT NULL,
	note text NOT NULL,
	published_at timestamptz,				/* when ledger.anchor_command succeeded */
	PRIMARY KEY (chain_id, size)
);

CREATE TABLE ledger.incarnation (
	chain_id uuid NOT NULL,
	incarnation int4 NOT NULL,
	reason text NOT NULL,
	started_at timestamptz NOT NULL,
	system_identifier int8 NOT NULL,
	timeline int4 NOT NULL,
	PRIMARY KEY (chain_id, incarnation)
);

CREATE TABLE ledger.member (
	chain_id uuid NOT NULL,
	member int2 NOT NULL,
	name text NOT NULL,
	weight int8 NOT NULL,
	sign_key bytea NOT NULL,
	encrypt_key bytea NOT NULL,
	tls_key bytea NOT NULL,
	from_height int8 NOT NULL,
	PRIMARY KEY (chain_id, member, from_height)
);

/* What something noticed and a person should see. */
CREATE TABLE ledger.incident (
	chain_id uuid NOT NULL,
	incident_no int8 GENERATED ALWAYS AS IDENTITY,
	noticed_at timestamptz NOT NULL DEFAULT now(),
	severity text NOT NULL,
	relation text,
	ledger_tx int8,
	ledger_seq int4,
	problem text NOT NULL,
	PRIMARY KEY (chain_id, incident_no)
);

DO $$
DECLARE
	t text;
BEGIN
	FOREACH t IN ARRAY ARRAY['chain', 'ledger_table', 'schema_version', 'entry', 'body', 'leaf',
							 'block', 'tile', 'checkpoint', 'incarnation', 'member', 'incident']
	LOOP
		EXECUTE pg_catalog.format('GRANT SELECT ON ledger.%I TO ledger_reader, ledger_auditor, ledger_admin', t);
		PERFORM pg_catalog.pg_extension_config_dump(pg_catalog.format('ledger.%I', t)::regclass, '');
	END LOOP;
	PERFORM pg_catalog.pg_extension_config_dump('ledger.incarnation_no'::regclass, '');
	PERFORM pg_catalog.pg_extension_config_dump('ledger.table_no'::regclass, '');
END
$$;

/* ---- tables: what a DBA does with them ------------------------------------ */

CREATE FUNCTION ledger.hide_column(relation regclass, "column" name) RETURNS void
	AS 'MODULE_PATHNAME', 'ledger_sql_hide_column' LANGUAGE C STRICT;
COMMENT ON FUNCTION ledger.hide_column(regclass, name) IS
	'renames a column of a ledger table out of the way, in place of DROP COLUMN';

CREATE FUNCTION ledger.retire(relation regclass, reason text DEFAULT '') RETURNS bigint
	AS 'MODULE_PATHNAME', 'ledger_sql_retire' LANGUAGE C STRICT;
COMMENT ON FUNCTION ledger.retire(regclass, text) IS
	'ends a ledger table, so that it may be dropped; the number of rows that it has';

CREATE FUNCTION ledger.set_retention(relation regclass, retention interval) RETURNS void
	AS 'MODULE_PATHNAME', 'ledger_sql_set_retention' LANGUAGE C STRICT;
COMMENT ON FUNCTION ledger.set_retention(regclass, interval) IS
	'how long the newest row of a ledger table must stay; can only grow';

/* (end of section tables) */

/* ---- chain: founding, keys, sealing, checkpoints -------------------------- */

CREATE FUNCTION ledger.init(suite text DEFAULT NULL) RETURNS uuid
	AS 'MODULE_PATHNAME', 'ledger_sql_init' LANGUAGE C;
COMMENT ON FUNCTION ledger.init(text) IS
	'founds the chain of this database with a suite, std or gm; without it the first ledger table does, with ledger.suite';

CREATE FUNCTION ledger.init_key(path text, passphrase_command text DEFAULT NULL) RETURNS text
	AS 'MODULE_PATHNAME', 'ledger_sql_init_key' LANGUAGE C;
COMMENT ON FUNCTION ledger.init_key(text, text) IS
	'makes a private key for ledger.key_file on the server, encrypted with what the command prints; its verifier key';

CREATE FUNCTION ledger.rotate_key(path text, passphrase_command text DEFAULT NULL) RETURNS void
	AS 'MODULE_PATHNAME', 'ledger_sql_rotate_key' LANGUAGE C;
COMMENT ON FUNCTION ledger.rotate_key(text, text) IS
	'enters the key of another file as the signing key of the chain, approved by the present one';

CREATE FUNCTION ledger.verifier_key() RETURNS text
	AS 'MODULE_PATHNAME', 'ledger_sql_verifier_key' LANGUAGE C STABLE;
COMMENT ON FUNCTION ledger.verifier_key() IS 'the public key that checkpoints of this chain are checked with';

CREATE FUNCTION ledger.wait_sealed(ledger_tx bigint, timeout interval DEFAULT '10 s') RETURNS bool
	AS 'MODULE_PATHNAME', 'ledger_sql_wait_sealed' LANGUAGE C STRICT;
COMMENT ON FUNCTION ledger.wait_sealed(bigint, interval) IS
	'waits until a committed transaction stands in a durable block; false when the time has passed';

CREATE FUNCTION ledger.new_incarnation(checkpoint text DEFAULT NULL) RETURNS text
	AS 'MODULE_PATHNAME', 'ledger_sql_new_incarnation' LANGUAGE C;
COMMENT ON FUNCTION ledger.new_incarnation(text) IS
	'lets a copied, restored or promoted chain go on: under its origin when it continues the checkpoint given, else under a new one';

CREATE FUNCTION ledger.checkpoint() RETURNS text
	LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS $$
		SELECT p.note FROM ledger.checkpoint p JOIN ledger.chain c USING (chain_id)
		WHERE c.active ORDER BY p.size DESC LIMIT 1
	$$;
COMMENT ON FUNCTION ledger.checkpoint() IS 'the newest signed checkpoint';

CREATE FUNCTION ledger.checkpoint(size bigint) RETURNS text
	LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	AS $$
		SELECT p.note FROM ledger.checkpoint p JOIN ledger.chain c USING (chain_id)
		WHERE c.active AND p.size = $1
	$$;
COMMENT ON FUNCTION ledger.checkpoint(bigint) IS 'the signed checkpoint of that size, where it is kept';

CREATE FUNCTION ledger.stat_process(OUT sealer_pid int, OUT incarnation int,
									OUT entries_sealed bigint, OUT blocks_sealed bigint, OUT pending int,
									OUT seal_errors bigint, OUT last_error text, OUT last_error_at timestamptz,
									OUT sign_problem text,
									OUT anchor_failures bigint, OUT last_anchor_failure text,
									OUT last_anchor_failure_at timestamptz,
									OUT oldest_unverified timestamptz, OUT scrub_passes bigint)
	AS 'MODULE_PATHNAME', 'ledger_sql_stat_process' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION ledger.stat_process() IS 'what shared memory knows about this database; see ledger.stat';

/*
 * unsealed looks at the end of ledger.entry only, from where the sealer would go
 * on, so it is cheap at any size.
 */
CREATE VIEW ledger.stat AS
	SELECT c.chain_id, c.suite, c.origin,
		   coalesce(b.first_leaf + b.n, 0) AS sealed_size,
		   b.height AS sealed_height,
		   b.sealed_at AS last_sealed_at,
		   coalesce(s.size, 0) AS signed_size,
		   coalesce(a.size, 0) AS anchored_size,
		   a.published_at AS last_anchored_at,
		   (SELECT count(*) FROM ledger.entry e
			WHERE e.ctid >= CAST('(' || coalesce(b.scan_from, 0) || ',0)' AS tid)
			  AND NOT coalesce(pg_catalog.pg_visible_in_snapshot(e.xid, b.snapshot), false)) AS unsealed,
		   p.*
	FROM ledger.chain c
		 LEFT JOIN LATERAL (SELECT * FROM ledger.block WHERE chain_id = c.chain_id
							ORDER BY height DESC LIMIT 1) b ON true
		 LEFT JOIN LATERAL (SELECT size FROM ledger.checkpoint WHERE chain_id = c.chain_id
							ORDER BY size DESC LIMIT 1) s ON true
		 LEFT JOIN LATERAL (SELECT size, published_at FROM ledger.checkpoint
							WHERE chain_id = c.chain_id AND published_at IS NOT NULL
							ORDER BY size DESC LIMIT 1) a ON true
		 CROSS JOIN ledger.stat_process() p
	WHERE c.active;
COMMENT ON VIEW ledger.stat IS 'progress and health of sealing, signing, anchoring and scrubbing';

CREATE FUNCTION ledger.health_check(OUT item text, OUT status text, OUT detail text, OUT hint text)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'ledger_sql_health_check' LANGUAGE C VOLATILE;
COMMENT ON FUNCTION ledger.health_check() IS 'what is wrong, and what production should change';

REVOKE EXECUTE ON FUNCTION ledger.init(text), ledger.init_key(text, text), ledger.rotate_key(text, text),
	ledger.new_incarnation(text), ledger.stat_process(), ledger.health_check() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.init(text), ledger.new_incarnation(text) TO ledger_admin;
GRANT EXECUTE ON FUNCTION ledger.stat_process(), ledger.health_check()
	TO ledger_reader, ledger_auditor, ledger_admin;
GRANT SELECT ON ledger.stat TO ledger_reader, ledger_auditor, ledger_admin;

/* (end of section chain) */

/* ---- verification, receipts, export --------------------------------------- */

CREATE FUNCTION ledger.verify(target regclass DEFAULT NULL, from_tx bigint DEFAULT NULL,
							  to_tx bigint DEFAULT NULL, since text DEFAULT NULL,
							  workers int DEFAULT NULL,
							  OUT severity text, OUT relation text, OUT ledger_tx bigint,
							  OUT ledger_seq int, OUT ctid tid, OUT problem text)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'ledger_verify_sql' LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION ledger.verify(regclass, bigint, bigint, text, int) IS
	'hash everything again from storage and say what does not fit; the last row is a summary';
REVOKE EXECUTE ON FUNCTION ledger.verify(regclass, bigint, bigint, text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.verify(regclass, bigint, bigint, text, int) TO ledger_auditor, ledger_admin;

CREATE FUNCTION ledger.verify_progress(OUT pid int, OUT datid oid, OUT phase text,
									   OUT chunks_total bigint, OUT chunks_done bigint,
									   OUT rows_done bigint, OUT entries_done bigint,
									   OUT findings bigint, OUT workers int)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'ledger_verify_progress_sql' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION ledger.verify_progress() IS 'what running verifications have done so far';

CREATE VIEW ledger.stat_progress_verify AS
	SELECT p.pid, p.datid, d.datname, p.phase, p.chunks_total, p.chunks_done,
		   p.rows_done, p.entries_done, p.findings, p.workers
	FROM ledger.verify_progress() p
	LEFT JOIN pg_catalog.pg_database d ON d.oid OPERATOR(pg_catalog.=) p.datid;
COMMENT ON VIEW ledger.stat_progress_verify IS 'one row for each running ledger.verify()';
GRANT SELECT ON ledger.stat_progress_verify TO PUBLIC;

CREATE VIEW ledger.scrub_status AS
	SELECT CAST(pg_catalog.current_setting('ledger.scrub_rate') AS int) AS pages_per_second,
		   (SELECT a.pid FROM pg_catalog.pg_stat_activity a
			WHERE a.backend_type OPERATOR(pg_catalog.=) 'ledger scrub'
			  AND a.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()) AS pid,
		   s.oldest_unverified,
		   pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) s.oldest_unverified AS age,
		   s.scrub_passes,
		   (SELECT pg_catalog.count(*) FROM ledger.incident) AS incidents
	FROM ledger.stat s;
COMMENT ON VIEW ledger.scrub_status IS
	'how far the scrub worker is: every row older than oldest_unverified has been verified since then';
GRANT SELECT ON ledger.scrub_status TO ledger_reader, ledger_auditor, ledger_admin;

CREATE FUNCTION ledger.receipt(relation regclass, ledger_tx bigint, ledger_seq int) RETURNS text
	AS 'MODULE_PATHNAME', 'ledger_receipt_sql' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION ledger.receipt(regclass, bigint, int) IS
	'a receipt for one row, which anybody can check without this server';

CREATE FUNCTION ledger.verify_receipt(receipt text, keys text DEFAULT NULL,
									  OUT valid boolean, OUT problem text, OUT chain_id uuid,
									  OUT table_id uuid, OUT ledger_tx bigint, OUT ledger_seq int,
									  OUT stamped_at timestamptz, OUT leaf bigint, OUT size bigint)
	AS 'MODULE_PATHNAME', 'ledger_verify_receipt_sql' LANGUAGE C STABLE PARALLEL UNSAFE;
COMMENT ON FUNCTION ledger.verify_receipt(text, text) IS
	'check a receipt against verifier keys, by default those of this chain';

CREATE FUNCTION ledger.consistency_proof(old_size bigint, new_size bigint) RETURNS text
	AS 'MODULE_PATHNAME', 'ledger_consistency_proof_sql' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION ledger.consistency_proof(bigint, bigint) IS
	'shows that the log of the new size begins with the log of the old one';
REVOKE EXECUTE ON FUNCTION ledger.consistency_proof(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.consistency_proof(bigint, bigint)
	TO ledger_reader, ledger_auditor, ledger_admin;

CREATE FUNCTION ledger.verify_consistency(proof text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'ledger_verify_consistency_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION ledger.verify_consistency(text) IS
	'check a consistency proof; compare its roots with those of two checkpoints';

CREATE FUNCTION ledger.tile_data(level int, index bigint, width int DEFAULT 256) RETURNS bytea
	AS 'MODULE_PATHNAME', 'ledger_tile_data_sql' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION ledger.tile_data(int, bigint, int) IS
	'the first hashes of a tile of the log, as C2SP tlog-tiles lays them out';
REVOKE EXECUTE ON FUNCTION ledger.tile_data(int, bigint, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.tile_data(int, bigint, int)
	TO ledger_reader, ledger_auditor, ledger_admin;

CREATE FUNCTION ledger.export(directory text) RETURNS bigint
	AS 'MODULE_PATHNAME', 'ledger_export_sql' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION ledger.export(text) IS
	'writes the log up to the newest checkpoint and its rows into a new directory of the server, for ledger_verify; the number of rows';
REVOKE EXECUTE ON FUNCTION ledger.export(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.export(text) TO ledger_auditor, ledger_admin;

/* (end of section verification) */

/* ---- proofs about committed values ---------------------------------------- */

CREATE TYPE ledger.commitment;
CREATE FUNCTION ledger.commitment_in(cstring) RETURNS ledger.commitment
	AS 'MODULE_PATHNAME', 'ledger_commitment_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.commitment_in(cstring) IS 'I/O';
CREATE FUNCTION ledger.commitment_out(ledger.commitment) RETURNS cstring
	AS 'MODULE_PATHNAME', 'ledger_commitment_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.commitment_out(ledger.commitment) IS 'I/O';
CREATE FUNCTION ledger.commitment_recv(internal) RETURNS ledger.commitment
	AS 'MODULE_PATHNAME', 'ledger_commitment_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.commitment_recv(internal) IS 'I/O';
CREATE FUNCTION ledger.commitment_send(ledger.commitment) RETURNS bytea
	AS 'MODULE_PATHNAME', 'ledger_commitment_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.commitment_send(ledger.commitment) IS 'I/O';
CREATE TYPE ledger.commitment (
	INPUT = ledger.commitment_in, OUTPUT = ledger.commitment_out,
	RECEIVE = ledger.commitment_recv, SEND = ledger.commitment_send,
	INTERNALLENGTH = 35, ALIGNMENT = char, STORAGE = plain
);
COMMENT ON TYPE ledger.commitment IS 'Pedersen commitment to a number, with its suite and scale';

/* Order and hash are those of the bytes. */
CREATE FUNCTION ledger.commitment_lt(ledger.commitment, ledger.commitment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'ledger_commitment_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.commitment_lt(ledger.commitment, ledger.commitment) IS 'bytes are less than';
CREATE FUNCTION ledger.commitment_le(ledger.commitment, ledger.commitment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'ledger_commitment_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.commitment_le(ledger.commitment, ledger.commitment) IS 'bytes are less than or equal';
CREATE FUNCTION ledger.commitment_eq(ledger.commitment, ledger.commitment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'ledger_commitment_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.commitment_eq(ledger.commitment, ledger.commitment) IS 'same bytes';
CREATE FUNCTION ledger.commitment_ne(ledger.commitment, ledger.commitment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'ledger_commitment_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.commitment_ne(ledger.commitment, ledger.commitment) IS 'other bytes';
CREATE FUNCTION ledger.commitment_ge(ledger.commitment, ledger.commitment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'ledger_commitment_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.commitment_ge(ledger.commitment, ledger.commitment) IS 'bytes are greater than or equal';
CREATE FUNCTION ledger.commitment_gt(ledger.commitment, ledger.commitment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'ledger_commitment_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.commitment_gt(ledger.commitment, ledger.commitment) IS 'bytes are greater than';
CREATE FUNCTION ledger.commitment_cmp(ledger.commitment, ledger.commitment) RETURNS int
	AS 'MODULE_PATHNAME', 'ledger_commitment_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.commitment_cmp(ledger.commitment, ledger.commitment) IS '-1, 0 or 1 by the order of the bytes';
CREATE FUNCTION ledger.commitment_hash(ledger.commitment) RETURNS int
	AS 'MODULE_PATHNAME', 'ledger_commitment_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.commitment_hash(ledger.commitment) IS 'hash';
CREATE FUNCTION ledger.commitment_hash_extended(ledger.commitment, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'ledger_commitment_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.commitment_hash_extended(ledger.commitment, bigint) IS 'hash';

CREATE OPERATOR ledger.< (
	LEFTARG = ledger.commitment, RIGHTARG = ledger.commitment, FUNCTION = ledger.commitment_lt,
	COMMUTATOR = OPERATOR(ledger.>), NEGATOR = OPERATOR(ledger.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR ledger.< (ledger.commitment, ledger.commitment) IS 'compares the bytes, not the values';
CREATE OPERATOR ledger.<= (
	LEFTARG = ledger.commitment, RIGHTARG = ledger.commitment, FUNCTION = ledger.commitment_le,
	COMMUTATOR = OPERATOR(ledger.>=), NEGATOR = OPERATOR(ledger.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR ledger.<= (ledger.commitment, ledger.commitment) IS 'compares the bytes, not the values';
CREATE OPERATOR ledger.= (
	LEFTARG = ledger.commitment, RIGHTARG = ledger.commitment, FUNCTION = ledger.commitment_eq,
	COMMUTATOR = OPERATOR(ledger.=), NEGATOR = OPERATOR(ledger.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR ledger.= (ledger.commitment, ledger.commitment) IS 'compares the bytes, not the values';
CREATE OPERATOR ledger.<> (
	LEFTARG = ledger.commitment, RIGHTARG = ledger.commitment, FUNCTION = ledger.commitment_ne,
	COMMUTATOR = OPERATOR(ledger.<>), NEGATOR = OPERATOR(ledger.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR ledger.<> (ledger.commitment, ledger.commitment) IS 'compares the bytes, not the values';
CREATE OPERATOR ledger.>= (
	LEFTARG = ledger.commitment, RIGHTARG = ledger.commitment, FUNCTION = ledger.commitment_ge,
	COMMUTATOR = OPERATOR(ledger.<=), NEGATOR = OPERATOR(ledger.<), RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR ledger.>= (ledger.commitment, ledger.commitment) IS 'compares the bytes, not the values';
CREATE OPERATOR ledger.> (
	LEFTARG = ledger.commitment, RIGHTARG = ledger.commitment, FUNCTION = ledger.commitment_gt,
	COMMUTATOR = OPERATOR(ledger.<), NEGATOR = OPERATOR(ledger.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR ledger.> (ledger.commitment, ledger.commitment) IS 'compares the bytes, not the values';
CREATE OPERATOR CLASS ledger.commitment_ops DEFAULT FOR TYPE ledger.commitment USING btree AS
	OPERATOR 1 ledger.<, OPERATOR 2 ledger.<=, OPERATOR 3 ledger.=, OPERATOR 4 ledger.>=, OPERATOR 5 ledger.>,
	FUNCTION 1 ledger.commitment_cmp(ledger.commitment, ledger.commitment);
CREATE OPERATOR CLASS ledger.commitment_hash_ops DEFAULT FOR TYPE ledger.commitment USING hash AS
	OPERATOR 1 ledger.=,
	FUNCTION 1 ledger.commitment_hash(ledger.commitment), FUNCTION 2 ledger.commitment_hash_extended(ledger.commitment, bigint);

CREATE FUNCTION ledger.commitment(bytea) RETURNS ledger.commitment
	AS 'MODULE_PATHNAME', 'ledger_commitment_from_bytea' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.commitment(bytea) IS 'the commitment that 35 bytes are';
CREATE FUNCTION ledger.bytea(ledger.commitment) RETURNS bytea
	AS 'MODULE_PATHNAME', 'ledger_commitment_to_bytea' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.bytea(ledger.commitment) IS 'the 35 bytes of a commitment';
CREATE CAST (bytea AS ledger.commitment) WITH FUNCTION ledger.commitment(bytea);
CREATE CAST (ledger.commitment AS bytea) WITH FUNCTION ledger.bytea(ledger.commitment) AS ASSIGNMENT;

CREATE FUNCTION ledger.suite(commitment ledger.commitment) RETURNS text
	AS 'MODULE_PATHNAME', 'ledger_commitment_suite' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.suite(ledger.commitment) IS 'std or gm';
CREATE FUNCTION ledger.scale(commitment ledger.commitment) RETURNS int
	AS 'MODULE_PATHNAME', 'ledger_commitment_scale' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.scale(ledger.commitment) IS 'decimals of the value that was committed to';

CREATE TYPE ledger.proof;
CREATE FUNCTION ledger.proof_in(cstring) RETURNS ledger.proof
	AS 'MODULE_PATHNAME', 'ledger_proof_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.proof_in(cstring) IS 'I/O';
CREATE FUNCTION ledger.proof_out(ledger.proof) RETURNS cstring
	AS 'MODULE_PATHNAME', 'ledger_proof_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.proof_out(ledger.proof) IS 'I/O';
CREATE FUNCTION ledger.proof_recv(internal) RETURNS ledger.proof
	AS 'MODULE_PATHNAME', 'ledger_proof_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.proof_recv(internal) IS 'I/O';
CREATE FUNCTION ledger.proof_send(ledger.proof) RETURNS bytea
	AS 'MODULE_PATHNAME', 'ledger_proof_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.proof_send(ledger.proof) IS 'I/O';
CREATE TYPE ledger.proof (
	INPUT = ledger.proof_in, OUTPUT = ledger.proof_out,
	RECEIVE = ledger.proof_recv, SEND = ledger.proof_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, STORAGE = external
);
COMMENT ON TYPE ledger.proof IS 'proof of a statement about committed values';

CREATE FUNCTION ledger.proof(bytea) RETURNS ledger.proof
	AS 'MODULE_PATHNAME', 'ledger_proof_from_bytea' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.proof(bytea) IS 'the proof that bytes may be; verify_proof() says whether they are one';
CREATE CAST (bytea AS ledger.proof) WITH FUNCTION ledger.proof(bytea);
CREATE CAST (ledger.proof AS bytea) WITHOUT FUNCTION AS ASSIGNMENT;

/* Equality by bytes, for EXCEPT, DISTINCT and replication, which compare whole rows. */
CREATE FUNCTION ledger.proof_eq(ledger.proof, ledger.proof) RETURNS boolean
	AS 'byteaeq' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.proof_eq(ledger.proof, ledger.proof) IS 'same bytes';
CREATE FUNCTION ledger.proof_ne(ledger.proof, ledger.proof) RETURNS boolean
	AS 'byteane' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.proof_ne(ledger.proof, ledger.proof) IS 'other bytes';
CREATE FUNCTION ledger.proof_hash(ledger.proof) RETURNS int
	AS 'hashvarlena' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.proof_hash(ledger.proof) IS 'hash';
CREATE OPERATOR ledger.= (
	LEFTARG = ledger.proof, RIGHTARG = ledger.proof, FUNCTION = ledger.proof_eq,
	COMMUTATOR = OPERATOR(ledger.=), NEGATOR = OPERATOR(ledger.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR ledger.= (ledger.proof, ledger.proof) IS 'compares the bytes';
CREATE OPERATOR ledger.<> (
	LEFTARG = ledger.proof, RIGHTARG = ledger.proof, FUNCTION = ledger.proof_ne,
	COMMUTATOR = OPERATOR(ledger.<>), NEGATOR = OPERATOR(ledger.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR ledger.<> (ledger.proof, ledger.proof) IS 'compares the bytes';
CREATE OPERATOR CLASS ledger.proof_hash_ops DEFAULT FOR TYPE ledger.proof USING hash AS
	OPERATOR 1 ledger.=, FUNCTION 1 ledger.proof_hash(ledger.proof);

CREATE TYPE ledger.opening AS (value numeric, blinding bytea);
COMMENT ON TYPE ledger.opening IS 'what opens a commitment; a secret';

CREATE FUNCTION ledger.random_blinding() RETURNS bytea
	AS 'MODULE_PATHNAME', 'ledger_random_blinding' LANGUAGE C VOLATILE PARALLEL SAFE;
COMMENT ON FUNCTION ledger.random_blinding() IS 'a random blinding, for a commitment of either suite';

CREATE FUNCTION ledger.commit(value numeric, blinding bytea, suite text DEFAULT NULL) RETURNS ledger.commitment
	AS 'MODULE_PATHNAME', 'ledger_commit' LANGUAGE C STABLE PARALLEL SAFE COST 400;
COMMENT ON FUNCTION ledger.commit(numeric, bytea, text) IS
	'commitment to a value, in the scale that it shows; of the suite given, else of that of the chain';

CREATE FUNCTION ledger.verify_opening(commitment ledger.commitment, opening ledger.opening) RETURNS boolean
	AS 'MODULE_PATHNAME', 'ledger_verify_opening' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 400;
COMMENT ON FUNCTION ledger.verify_opening(ledger.commitment, ledger.opening) IS
	'true where the commitment was made of this value and blinding; false where anything is NULL';

/* Arithmetic: of the values, and of the blindings modulo the order of the curve. */
CREATE FUNCTION ledger.commitment_add(ledger.commitment, ledger.commitment) RETURNS ledger.commitment
	AS 'MODULE_PATHNAME', 'ledger_commitment_add' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 300;
COMMENT ON FUNCTION ledger.commitment_add(ledger.commitment, ledger.commitment) IS 'commitment to the sum';
CREATE FUNCTION ledger.commitment_sub(ledger.commitment, ledger.commitment) RETURNS ledger.commitment
	AS 'MODULE_PATHNAME', 'ledger_commitment_sub' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 300;
COMMENT ON FUNCTION ledger.commitment_sub(ledger.commitment, ledger.commitment) IS 'commitment to the difference';
CREATE FUNCTION ledger.commitment_neg(ledger.commitment) RETURNS ledger.commitment
	AS 'MODULE_PATHNAME', 'ledger_commitment_neg' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION ledger.commitment_neg(ledger.commitment) IS 'commitment to the opposite';
CREATE FUNCTION ledger.commitment_mul(ledger.commitment, bigint) RETURNS ledger.commitment
	AS 'MODULE_PATHNAME', 'ledger_commitment_mul' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION ledger.commitment_mul(ledger.commitment, bigint) IS 'commitment to a multiple';
CREATE OPERATOR ledger.+ (LEFTARG = ledger.commitment, RIGHTARG = ledger.commitment, FUNCTION = ledger.commitment_add,
	COMMUTATOR = OPERATOR(ledger.+));
COMMENT ON OPERATOR ledger.+ (ledger.commitment, ledger.commitment) IS 'commitment to the sum';
CREATE OPERATOR ledger.- (LEFTARG = ledger.commitment, RIGHTARG = ledger.commitment, FUNCTION = ledger.commitment_sub);
COMMENT ON OPERATOR ledger.- (ledger.commitment, ledger.commitment) IS 'commitment to the difference';
CREATE OPERATOR ledger.- (RIGHTARG = ledger.commitment, FUNCTION = ledger.commitment_neg);
COMMENT ON OPERATOR ledger.- (NONE, ledger.commitment) IS 'commitment to the opposite';
CREATE OPERATOR ledger.* (LEFTARG = ledger.commitment, RIGHTARG = bigint, FUNCTION = ledger.commitment_mul);
COMMENT ON OPERATOR ledger.* (ledger.commitment, bigint) IS 'commitment to a multiple';

CREATE FUNCTION ledger.sum_add(internal, ledger.commitment) RETURNS internal
	AS 'MODULE_PATHNAME', 'ledger_sum_add' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION ledger.sum_add(internal, ledger.commitment) IS 'part of ledger.sum()';
CREATE FUNCTION ledger.sum_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'ledger_sum_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION ledger.sum_combine(internal, internal) IS 'part of ledger.sum()';
CREATE FUNCTION ledger.sum_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'ledger_sum_serialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.sum_serialize(internal) IS 'part of ledger.sum()';
CREATE FUNCTION ledger.sum_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'ledger_sum_deserialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.sum_deserialize(bytea, internal) IS 'part of ledger.sum()';
CREATE FUNCTION ledger.sum_result(internal) RETURNS ledger.commitment
	AS 'MODULE_PATHNAME', 'ledger_sum_result' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION ledger.sum_result(internal) IS 'part of ledger.sum()';
CREATE AGGREGATE ledger.sum(ledger.commitment) (
	SFUNC = ledger.sum_add, STYPE = internal, SSPACE = 4096, FINALFUNC = ledger.sum_result,
	COMBINEFUNC = ledger.sum_combine, SERIALFUNC = ledger.sum_serialize, DESERIALFUNC = ledger.sum_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE ledger.sum(ledger.commitment) IS 'commitment to the sum of the values';

CREATE FUNCTION ledger.sum_openings_add(internal, ledger.opening) RETURNS internal
	AS 'MODULE_PATHNAME', 'ledger_sum_openings_add' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION ledger.sum_openings_add(internal, ledger.opening) IS 'part of ledger.sum_openings()';
CREATE FUNCTION ledger.sum_openings_add(internal, ledger.opening, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'ledger_sum_openings_add' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION ledger.sum_openings_add(internal, ledger.opening, text) IS 'part of ledger.sum_openings()';
CREATE FUNCTION ledger.sum_openings_result(internal) RETURNS ledger.opening
	AS 'MODULE_PATHNAME', 'ledger_sum_openings_result' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION ledger.sum_openings_result(internal) IS 'part of ledger.sum_openings()';
CREATE AGGREGATE ledger.sum_openings(ledger.opening) (
	SFUNC = ledger.sum_openings_add, STYPE = internal, FINALFUNC = ledger.sum_openings_result, PARALLEL = SAFE
);
COMMENT ON AGGREGATE ledger.sum_openings(ledger.opening) IS
	'what opens the sum of commitments, of the suite of the chain';
CREATE AGGREGATE ledger.sum_openings(opening ledger.opening, suite text) (
	SFUNC = ledger.sum_openings_add, STYPE = internal, FINALFUNC = ledger.sum_openings_result, PARALLEL = SAFE
);
COMMENT ON AGGREGATE ledger.sum_openings(ledger.opening, text) IS 'what opens the sum of commitments of a suite';

CREATE FUNCTION ledger.prove(statement text, commitments ledger.commitment[], openings ledger.opening[],
							 context bytea DEFAULT '') RETURNS ledger.proof
	AS 'MODULE_PATHNAME', 'ledger_sql_prove' LANGUAGE C VOLATILE STRICT PARALLEL SAFE COST 50000;
COMMENT ON FUNCTION ledger.prove(text, ledger.commitment[], ledger.opening[], bytea) IS
	'proof that a statement holds for the values of commitments, which it does not tell';

CREATE FUNCTION ledger.verify_proof(statement text, commitments ledger.commitment[], proof ledger.proof,
									context bytea DEFAULT '') RETURNS boolean
	AS 'MODULE_PATHNAME', 'ledger_sql_verify_proof' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION ledger.verify_proof(text, ledger.commitment[], ledger.proof, bytea) IS
	'true where the proof shows the statement for these commitments in this context; false where anything is NULL';

/* A position or id that fails; those that hold are not named. */
CREATE FUNCTION ledger.verify_batch(statement text, commitments ledger.commitment[], proofs ledger.proof[],
									contexts bytea[] DEFAULT NULL) RETURNS SETOF int
	AS 'MODULE_PATHNAME', 'ledger_verify_batch' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000000 ROWS 1;
COMMENT ON FUNCTION ledger.verify_batch(text, ledger.commitment[], ledger.proof[], bytea[]) IS
	'positions, from 1, of the proofs that do not show the statement, all checked together';

CREATE FUNCTION ledger.unproven_add(internal, anyelement, text, ledger.commitment[], ledger.proof, bytea) RETURNS internal
	AS 'MODULE_PATHNAME', 'ledger_unproven_add' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2500;
COMMENT ON FUNCTION ledger.unproven_add(internal, anyelement, text, ledger.commitment[], ledger.proof, bytea) IS 'part of ledger.unproven()';
CREATE FUNCTION ledger.unproven_result(internal, anyelement, text, ledger.commitment[], ledger.proof, bytea) RETURNS anyarray
	AS 'MODULE_PATHNAME', 'ledger_unproven_result' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION ledger.unproven_result(internal, anyelement, text, ledger.commitment[], ledger.proof, bytea) IS 'part of ledger.unproven()';
CREATE AGGREGATE ledger.unproven(id anyelement, statement text, commitments ledger.commitment[], proof ledger.proof, context bytea) (
	SFUNC = ledger.unproven_add, STYPE = internal, SSPACE = 262144,
	FINALFUNC = ledger.unproven_result, FINALFUNC_EXTRA, PARALLEL = SAFE
);
COMMENT ON AGGREGATE ledger.unproven(anyelement, text, ledger.commitment[], ledger.proof, bytea) IS
	'ids of the rows whose proof does not show the statement, checked many at a time; an empty array where all do';

/* The statements that are asked for most. The scale is that of the first commitment. */
CREATE FUNCTION ledger.prove_less(a ledger.commitment, b ledger.commitment,
	opening_a ledger.opening, opening_b ledger.opening, context bytea DEFAULT '') RETURNS ledger.proof
	AS 'MODULE_PATHNAME', 'ledger_prove_less' LANGUAGE C VOLATILE STRICT PARALLEL SAFE COST 50000;
COMMENT ON FUNCTION ledger.prove_less(ledger.commitment, ledger.commitment, ledger.opening, ledger.opening, bytea) IS 'proof that a < b';
CREATE FUNCTION ledger.verify_less(a ledger.commitment, b ledger.commitment, proof ledger.proof,
	context bytea DEFAULT '') RETURNS boolean
	AS 'MODULE_PATHNAME', 'ledger_verify_less' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION ledger.verify_less(ledger.commitment, ledger.commitment, ledger.proof, bytea) IS 'true where the proof shows that a < b';
CREATE FUNCTION ledger.prove_less_equal(a ledger.commitment, b ledger.commitment,
	opening_a ledger.opening, opening_b ledger.opening, context bytea DEFAULT '') RETURNS ledger.proof
	AS 'MODULE_PATHNAME', 'ledger_prove_less_equal' LANGUAGE C VOLATILE STRICT PARALLEL SAFE COST 50000;
COMMENT ON FUNCTION ledger.prove_less_equal(ledger.commitment, ledger.commitment, ledger.opening, ledger.opening, bytea) IS 'proof that a <= b';
CREATE FUNCTION ledger.verify_less_equal(a ledger.commitment, b ledger.commitment, proof ledger.proof,
	context bytea DEFAULT '') RETURNS boolean
	AS 'MODULE_PATHNAME', 'ledger_verify_less_equal' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION ledger.verify_less_equal(ledger.commitment, ledger.commitment, ledger.proof, bytea) IS 'true where the proof shows that a <= b';
CREATE FUNCTION ledger.prove_equal(a ledger.commitment, b ledger.commitment,
	opening_a ledger.opening, opening_b ledger.opening, context bytea DEFAULT '') RETURNS ledger.proof
	AS 'MODULE_PATHNAME', 'ledger_prove_equal' LANGUAGE C VOLATILE STRICT PARALLEL SAFE COST 50000;
COMMENT ON FUNCTION ledger.prove_equal(ledger.commitment, ledger.commitment, ledger.opening, ledger.opening, bytea) IS 'proof that a = b';
CREATE FUNCTION ledger.verify_equal(a ledger.commitment, b ledger.commitment, proof ledger.proof,
	context bytea DEFAULT '') RETURNS boolean
	AS 'MODULE_PATHNAME', 'ledger_verify_equal' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION ledger.verify_equal(ledger.commitment, ledger.commitment, ledger.proof, bytea) IS 'true where the proof shows that a = b';
CREATE FUNCTION ledger.prove_not_equal(a ledger.commitment, b ledger.commitment,
	opening_a ledger.opening, opening_b ledger.opening, context bytea DEFAULT '') RETURNS ledger.proof
	AS 'MODULE_PATHNAME', 'ledger_prove_not_equal' LANGUAGE C VOLATILE STRICT PARALLEL SAFE COST 50000;
COMMENT ON FUNCTION ledger.prove_not_equal(ledger.commitment, ledger.commitment, ledger.opening, ledger.opening, bytea) IS 'proof that a <> b';
CREATE FUNCTION ledger.verify_not_equal(a ledger.commitment, b ledger.commitment, proof ledger.proof,
	context bytea DEFAULT '') RETURNS boolean
	AS 'MODULE_PATHNAME', 'ledger_verify_not_equal' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION ledger.verify_not_equal(ledger.commitment, ledger.commitment, ledger.proof, bytea) IS 'true where the proof shows that a <> b';
CREATE FUNCTION ledger.prove_greater_equal(a ledger.commitment, b ledger.commitment,
	opening_a ledger.opening, opening_b ledger.opening, context bytea DEFAULT '') RETURNS ledger.proof
	AS 'MODULE_PATHNAME', 'ledger_prove_greater_equal' LANGUAGE C VOLATILE STRICT PARALLEL SAFE COST 50000;
COMMENT ON FUNCTION ledger.prove_greater_equal(ledger.commitment, ledger.commitment, ledger.opening, ledger.opening, bytea) IS 'proof that a >= b';
CREATE FUNCTION ledger.verify_greater_equal(a ledger.commitment, b ledger.commitment, proof ledger.proof,
	context bytea DEFAULT '') RETURNS boolean
	AS 'MODULE_PATHNAME', 'ledger_verify_greater_equal' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION ledger.verify_greater_equal(ledger.commitment, ledger.commitment, ledger.proof, bytea) IS 'true where the proof shows that a >= b';
CREATE FUNCTION ledger.prove_greater(a ledger.commitment, b ledger.commitment,
	opening_a ledger.opening, opening_b ledger.opening, context bytea DEFAULT '') RETURNS ledger.proof
	AS 'MODULE_PATHNAME', 'ledger_prove_greater' LANGUAGE C VOLATILE STRICT PARALLEL SAFE COST 50000;
COMMENT ON FUNCTION ledger.prove_greater(ledger.commitment, ledger.commitment, ledger.opening, ledger.opening, bytea) IS 'proof that a > b';
CREATE FUNCTION ledger.verify_greater(a ledger.commitment, b ledger.commitment, proof ledger.proof,
	context bytea DEFAULT '') RETURNS boolean
	AS 'MODULE_PATHNAME', 'ledger_verify_greater' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION ledger.verify_greater(ledger.commitment, ledger.commitment, ledger.proof, bytea) IS 'true where the proof shows that a > b';
CREATE FUNCTION ledger.prove_sum(a ledger.commitment, b ledger.commitment, c ledger.commitment,
	opening_a ledger.opening, opening_b ledger.opening, opening_c ledger.opening, context bytea DEFAULT '') RETURNS ledger.proof
	AS 'MODULE_PATHNAME', 'ledger_prove_sum' LANGUAGE C VOLATILE STRICT PARALLEL SAFE COST 50000;
COMMENT ON FUNCTION ledger.prove_sum(ledger.commitment, ledger.commitment, ledger.commitment, ledger.opening, ledger.opening, ledger.opening, bytea) IS 'proof that a + b = c';
CREATE FUNCTION ledger.verify_sum(a ledger.commitment, b ledger.commitment, c ledger.commitment, proof ledger.proof,
	context bytea DEFAULT '') RETURNS boolean
	AS 'MODULE_PATHNAME', 'ledger_verify_sum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION ledger.verify_sum(ledger.commitment, ledger.commitment, ledger.commitment, ledger.proof, bytea) IS 'true where the proof shows that a + b = c';
CREATE FUNCTION ledger.prove_difference(a ledger.commitment, b ledger.commitment, c ledger.commitment,
	opening_a ledger.opening, opening_b ledger.opening, opening_c ledger.opening, context bytea DEFAULT '') RETURNS ledger.proof
	AS 'MODULE_PATHNAME', 'ledger_prove_difference' LANGUAGE C VOLATILE STRICT PARALLEL SAFE COST 50000;
COMMENT ON FUNCTION ledger.prove_difference(ledger.commitment, ledger.commitment, ledger.commitment, ledger.opening, ledger.opening, ledger.opening, bytea) IS 'proof that a - b = c';
CREATE FUNCTION ledger.verify_difference(a ledger.commitment, b ledger.commitment, c ledger.commitment, proof ledger.proof,
	context bytea DEFAULT '') RETURNS boolean
	AS 'MODULE_PATHNAME', 'ledger_verify_difference' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION ledger.verify_difference(ledger.commitment, ledger.commitment, ledger.commitment, ledger.proof, bytea) IS 'true where the proof shows that a - b = c';
CREATE FUNCTION ledger.prove_product(a ledger.commitment, b ledger.commitment, c ledger.commitment,
	opening_a ledger.opening, opening_b ledger.opening, opening_c ledger.opening, context bytea DEFAULT '') RETURNS ledger.proof
	AS 'MODULE_PATHNAME', 'ledger_prove_product' LANGUAGE C VOLATILE STRICT PARALLEL SAFE COST 50000;
COMMENT ON FUNCTION ledger.prove_product(ledger.commitment, ledger.commitment, ledger.commitment, ledger.opening, ledger.opening, ledger.opening, bytea) IS 'proof that a * b = c';
CREATE FUNCTION ledger.verify_product(a ledger.commitment, b ledger.commitment, c ledger.commitment, proof ledger.proof,
	context bytea DEFAULT '') RETURNS boolean
	AS 'MODULE_PATHNAME', 'ledger_verify_product' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION ledger.verify_product(ledger.commitment, ledger.commitment, ledger.commitment, ledger.proof, bytea) IS 'true where the proof shows that a * b = c';
CREATE FUNCTION ledger.prove_quotient(a ledger.commitment, b ledger.commitment, c ledger.commitment, d ledger.commitment,
	opening_a ledger.opening, opening_b ledger.opening, opening_c ledger.opening, opening_d ledger.opening, context bytea DEFAULT '') RETURNS ledger.proof
	AS 'MODULE_PATHNAME', 'ledger_prove_quotient' LANGUAGE C VOLATILE STRICT PARALLEL SAFE COST 50000;
COMMENT ON FUNCTION ledger.prove_quotient(ledger.commitment, ledger.commitment, ledger.commitment, ledger.commitment, ledger.opening, ledger.opening, ledger.opening, ledger.opening, bytea) IS 'proof that a / b = c with remainder d';
CREATE FUNCTION ledger.verify_quotient(a ledger.commitment, b ledger.commitment, c ledger.commitment, d ledger.commitment, proof ledger.proof,
	context bytea DEFAULT '') RETURNS boolean
	AS 'MODULE_PATHNAME', 'ledger_verify_quotient' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION ledger.verify_quotient(ledger.commitment, ledger.commitment, ledger.commitment, ledger.commitment, ledger.proof, bytea) IS 'true where the proof shows that a / b = c with remainder d';
CREATE FUNCTION ledger.prove_range(a ledger.commitment, lo numeric, hi numeric, opening_a ledger.opening,
	context bytea DEFAULT '') RETURNS ledger.proof
	AS 'MODULE_PATHNAME', 'ledger_prove_range' LANGUAGE C VOLATILE STRICT PARALLEL SAFE COST 50000;
COMMENT ON FUNCTION ledger.prove_range(ledger.commitment, numeric, numeric, ledger.opening, bytea) IS 'proof that a lies between lo and hi, both included';
CREATE FUNCTION ledger.verify_range(a ledger.commitment, lo numeric, hi numeric, proof ledger.proof,
	context bytea DEFAULT '') RETURNS boolean
	AS 'MODULE_PATHNAME', 'ledger_verify_range' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10000;
COMMENT ON FUNCTION ledger.verify_range(ledger.commitment, numeric, numeric, ledger.proof, bytea) IS
	'true where the proof shows that a lies between lo and hi, both included';

/* Contexts: format.md section 10. */
CREATE FUNCTION ledger.proof_context(chain_id uuid, table_id uuid, row_key bytea) RETURNS bytea
	AS 'MODULE_PATHNAME', 'ledger_proof_context_bytea' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.proof_context(uuid, uuid, bytea) IS 'context that ties a proof to one row of one table of one ledger';
CREATE FUNCTION ledger.proof_context(chain_id uuid, table_id uuid, row_key text) RETURNS bytea
	AS 'MODULE_PATHNAME', 'ledger_proof_context_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.proof_context(uuid, uuid, text) IS 'context that ties a proof to one row of one table of one ledger';
CREATE FUNCTION ledger.proof_context(chain_id uuid, table_id uuid, row_key uuid) RETURNS bytea
	AS 'MODULE_PATHNAME', 'ledger_proof_context_uuid' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.proof_context(uuid, uuid, uuid) IS 'context that ties a proof to one row of one table of one ledger';
CREATE FUNCTION ledger.proof_context(chain_id uuid, table_id uuid, row_key bigint) RETURNS bytea
	AS 'MODULE_PATHNAME', 'ledger_proof_context_bigint' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ledger.proof_context(uuid, uuid, bigint) IS 'context that ties a proof to one row of one table of one ledger';

CREATE FUNCTION ledger.describe_statement(statement text, OUT canonical text, OUT scale int, OUT commitments int,
										  OUT range_bits int, OUT proof_size int)
	AS 'MODULE_PATHNAME', 'ledger_describe_statement' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION ledger.describe_statement(text) IS
	'what a statement comes to: its one spelling, scale, commitments, width of its ranges, bytes of its proof';

CREATE FUNCTION ledger.joint_prove(session text, statement text, commitments ledger.commitment[],
								   openings ledger.opening[], party int, parties int, context bytea DEFAULT '')
	RETURNS bytea
	AS 'MODULE_PATHNAME', 'ledger_joint_prove' LANGUAGE C VOLATILE STRICT COST 50000;
COMMENT ON FUNCTION ledger.joint_prove(text, text, ledger.commitment[], ledger.opening[], int, int, bytea) IS
	'begins a proof that several owners make together, openings of others being NULL; returns the first message to them';

CREATE FUNCTION ledger.joint_next(session text, messages bytea[]) RETURNS bytea
	AS 'MODULE_PATHNAME', 'ledger_joint_next' LANGUAGE C VOLATILE STRICT COST 50000;
COMMENT ON FUNCTION ledger.joint_next(text, bytea[]) IS
	'takes the messages of all parties of one round, returns that of the next one, or NULL when the proof is finished';

CREATE FUNCTION ledger.joint_result(session text) RETURNS ledger.proof
	AS 'MODULE_PATHNAME', 'ledger_joint_result' LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION ledger.joint_result(text) IS 'the finished proof, which every party has; ends the joint proof';

/* (end of section proofs) */

/* ---- restore -------------------------------------------------------------- */

CREATE FUNCTION ledger.restore_finish(checkpoint text DEFAULT NULL) RETURNS text
	AS 'MODULE_PATHNAME', 'ledger_sql_restore_finish' LANGUAGE C
	SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION ledger.restore_finish(text) IS
	'checks a chain that was loaded from a dump and lets it go on: under its origin when it continues the checkpoint given, else under a new one';
REVOKE EXECUTE ON FUNCTION ledger.restore_finish(text) FROM PUBLIC;

CREATE FUNCTION ledger.chain_loaded() RETURNS trigger
	AS 'MODULE_PATHNAME', 'ledger_sql_chain_loaded' LANGUAGE C;
COMMENT ON FUNCTION ledger.chain_loaded() IS 'marks a chain that a dump loads as signed nowhere';
CREATE TRIGGER chain_loaded BEFORE INSERT ON ledger.chain
	FOR EACH ROW EXECUTE FUNCTION ledger.chain_loaded();
ALTER TABLE ledger.chain ENABLE ALWAYS TRIGGER chain_loaded;

/* (end of section restore) */
