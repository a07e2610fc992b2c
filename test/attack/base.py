"""The cluster that every batch starts from, and what is known of each database in it."""
import json
import os

from cluster import Cluster, run

HERE = os.path.dirname(os.path.abspath(__file__))

# Everything an attack needs to find its way on disk, asked while the server runs.
INFO = """
SELECT json_build_object(
	'oid', (SELECT oid FROM pg_database WHERE datname = current_database()),
	'checkpoint', ledger.checkpoint(),
	'size', (SELECT max(first_leaf + n) FROM ledger.block),
	'height', (SELECT max(height) FROM ledger.block),
	'xid', (SELECT min(xmin::text::int8) FROM plain),
	'am', (SELECT oid::int8 FROM pg_am WHERE amname = 'ledger'),
	'pg_attribute', pg_relation_filepath('pg_attribute'),
	'transactions', (SELECT json_agg(json_build_array(ledger_tx, type, part) ORDER BY ord) FROM ledger.entry),
	'blocks', (SELECT json_agg(json_build_array(height, first_leaf, n) ORDER BY height) FROM ledger.block),
	'tiles', (SELECT count(*) FROM ledger.tile),
	'schemas', (SELECT json_agg(json_build_array(table_id, schema_version)) FROM ledger.schema_version),
	'relations', (SELECT json_object_agg(name, r) FROM (
		SELECT CASE WHEN n.nspname = 'pg_toast' THEN 'toast.' || (
				SELECT t.relname FROM pg_class t WHERE t.reltoastrelid IN (c.oid, i.indrelid)) ||
				CASE WHEN c.relkind = 'i' THEN '.index' ELSE '' END
			ELSE n.nspname || '.' || c.relname END AS name,
			json_build_object(
				'oid', c.oid::int8, 'path', pg_relation_filepath(c.oid), 'kind', c.relkind,
				'table', (SELECT relname FROM pg_class t WHERE t.oid = i.indrelid),
				'columns', (SELECT json_agg(json_build_array(attname, attlen, attalign) ORDER BY attnum)
					FROM pg_attribute a WHERE a.attrelid = c.oid AND attnum > 0)) AS r
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			LEFT JOIN pg_index i ON i.indexrelid = c.oid
		WHERE c.relkind IN ('r', 't', 'i') AND (n.nspname IN ('public', 'ledger') OR (n.nspname = 'pg_toast'
			AND EXISTS (SELECT FROM pg_class t JOIN pg_namespace tn ON tn.oid = t.relnamespace
				WHERE tn.nspname IN ('public', 'ledger') AND t.relkind = 'r' AND t.reltoastrelid IN (c.oid, i.indrelid))))
		) x),
	'rows', (SELECT json_object_agg(t, rows) FROM (
		SELECT 'plain' AS t, (SELECT json_agg(json_build_array(ctid, ledger_tx, ledger_seq, plain::text)) FROM plain) AS rows
		UNION ALL SELECT 'kinds', (SELECT json_agg(json_build_array(ctid, ledger_tx, ledger_seq, kinds::text)) FROM kinds)
		UNION ALL SELECT 'big', (SELECT json_agg(json_build_array(ctid, ledger_tx, ledger_seq, md5(big::text))) FROM big)
		UNION ALL SELECT 'grown', (SELECT json_agg(json_build_array(ctid, ledger_tx, ledger_seq, grown::text)) FROM grown)
		UNION ALL SELECT 'added', (SELECT json_agg(json_build_array(ctid, ledger_tx, ledger_seq, added::text)) FROM added)
		UNION ALL SELECT 'kept', (SELECT json_agg(json_build_array(ctid, ledger_tx, ledger_seq, kept::text)) FROM kept)
		UNION ALL SELECT 'kept_versions', (SELECT json_agg(json_build_array(ctid, ledger_tx, ledger_seq, v::text)) FROM kept_versions v)
		) y)
);
"""

WAIT = """
DO $$
BEGIN
	FOR attempt IN 1..1200 LOOP
		IF (SELECT unsealed = 0 AND sealed_size = signed_size FROM ledger.stat) THEN
			RETURN;
		END IF;
		PERFORM pg_sleep(0.05);
	END LOOP;
	RAISE 'the workload was not sealed and signed in a minute';
END $$;
"""


class Base:
    """A stopped cluster with databases db0 .. db<n-1>, `old` a copy of it from before part 2."""

    def __init__(self, folder, port, databases):
        self.folder, self.databases = folder, databases
        self.cluster = Cluster(os.path.join(folder, 'base'), port)
        self.old = Cluster(os.path.join(folder, 'old'), port)
        self.info = {}

    def make(self):
        os.makedirs(self.folder, exist_ok=True)
        cluster = self.cluster
        cluster.make()
        cluster.start()
        for k in range(self.databases):
            cluster.psql('postgres', 'CREATE DATABASE db%d' % k)
            self.workload(k, True)
        for k in range(self.databases):
            cluster.psql('db%d' % k, WAIT)
        old_info = {k: cluster.query('db%d' % k, INFO) for k in range(self.databases)}
        cluster.stop()
        self.old.copy_of(cluster)

        cluster.start()
        for k in range(self.databases):
            self.workload(k, False)
        for k in range(self.databases):
            cluster.psql('db%d' % k, WAIT)
            self.info[k] = cluster.query('db%d' % k, INFO)
            self.info[k]['old'] = old_info[k]
        cluster.psql('postgres', 'CHECKPOINT')
        cluster.stop()

    def workload(self, k, first):
        run('psql', '-X', '-q', '-v', 'first=%s' % ('on' if first else 'off'), '-h', self.cluster.folder,
            '-p', str(self.cluster.port), '-U', 'postgres', '-d', 'db%d' % k,
            '-f', os.path.join(HERE, 'workload.sql'))

    def save(self):
        with open(os.path.join(self.folder, 'info.json'), 'w') as f:
            json.dump(self.info, f)
