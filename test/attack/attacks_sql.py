"""Attacks of a superuser with SQL, on a server that was started without the library."""
from attack import Attack


class Statements(Attack):
    """Statements that run in one session each, as the guard would not let them."""

    def sql(self):
        return self.sessions

    def as_heap(self, table, statements, vacuum=False):
        """Switch the access method, do something, switch back."""
        oid, am = self.relation('public.' + table)['oid'], self.info['am']
        sessions = ['UPDATE pg_class SET relam = 2 WHERE oid = %d' % oid] + statements
        if vacuum:
            sessions.append('VACUUM %s' % table)
        return sessions + ['UPDATE pg_class SET relam = %d WHERE oid = %d' % (am, oid)]


class SwitchedUpdate(Statements):
    kind = 'access method switched, row updated, switched back'

    def choose(self):
        self.pick_row(self.rng.choice(['plain', 'plain', 'grown', 'added']))
        self.only(self.table)
        vacuum = self.rng.random() < 0.5
        self.expect = [{'relation': 'public.' + self.table, 'ledger_tx': self.tx}]
        if not vacuum:
            self.expect.append({'relation': 'public.' + self.table, 'ctid': self.ctid, 'problem': 'hidden'})
        self.sessions = self.as_heap(self.table, [
            "UPDATE %s SET v = v || ' forged' WHERE ctid = '%s'" % (self.table, self.ctid)], vacuum)
        self.text = '%s %s%s' % (self.table, self.ctid, ', vacuumed' if vacuum else '')


class SwitchedDelete(Statements):
    kind = 'access method switched, row deleted, switched back'

    def choose(self):
        self.pick_row(self.rng.choice(['plain', 'plain', 'kinds', 'added']))
        self.only(self.table)
        vacuum = self.rng.random() < 0.5
        want = {'relation': 'public.' + self.table, 'ledger_tx': self.tx}
        if not vacuum:
            want['ctid'] = self.ctid
        self.expect = [want]
        self.sessions = self.as_heap(self.table, ["DELETE FROM %s WHERE ctid = '%s'" % (self.table, self.ctid)],
                                     vacuum)
        self.text = '%s %s%s' % (self.table, self.ctid, ', vacuumed' if vacuum else '')


class SwitchedInsert(Statements):
    kind = 'access method switched, row inserted under an old transaction'

    def choose(self):
        self.pick_row('plain')
        self.only('plain')
        unknown = self.rng.random() < 0.3
        tx = self.tx + (1 << 30 if unknown else 0)
        self.expect = [{'relation': 'public.plain', 'ledger_tx': tx}]
        self.sessions = self.as_heap('plain', [
            "INSERT INTO plain SELECT id + 5000000, v, n, b, at, %d, ledger_seq FROM plain WHERE ctid = '%s'"
            % (tx, self.ctid)])
        self.text = '%s of transaction %d' % (self.ctid, tx)


class SwitchedForGood(Statements):
    kind = 'access method switched'

    def choose(self):
        table = self.rng.choice(['plain', 'kinds', 'big', 'grown'])
        self.only(table)
        self.expect = [{'relation': 'public.' + table, 'problem': 'access method'}]
        self.sessions = self.as_heap(table, [])[:1]
        self.text = table


class SwitchedHistory(Statements):
    kind = 'history of a versioned table changed'

    def choose(self):
        self.pick_row('kept_versions')
        self.only('kept')
        what = self.rng.choice(["UPDATE kept_versions SET v = 'never' WHERE ctid = '%s'",
                                "DELETE FROM kept_versions WHERE ctid = '%s'",
                                "UPDATE kept_versions SET ended_seq = ended_seq + 100 WHERE ctid = '%s'"])
        self.expect = [{'relation': r'public\.kept(_versions)?'}]
        self.sessions = self.as_heap('kept_versions', [what % self.ctid], True)
        self.text = what % self.ctid


class EntryRewritten(Statements):
    kind = 'entry rewritten'

    def choose(self):
        tx = self.rng.choice([t for t, kind, part in self.info['transactions'] if kind == 1])
        what = self.rng.choice([
            "role = role || 'x'", "stamped_at = stamped_at - interval '1 day'",
            "groups = set_byte(groups, length(groups) - 1, get_byte(groups, length(groups) - 1) # 1)",
            "seed = set_byte(seed, 3, get_byte(seed, 3) # 128)", 'type = 9'])
        # without a full tile over it nothing tells which entry of the block it is
        self.expect = [{'problem': r'entry at leaf \d+ is not|log root of block'}]
        self.allowed = r'public\..*|ledger\.(entry|leaf)'
        self.sessions = ['UPDATE ledger.entry SET %s WHERE ledger_tx = %d AND type = 1' % (what, tx)]
        self.text = '%s of %d' % (what, tx)


class EntryRemoved(Statements):
    kind = 'sealed entry removed'

    def choose(self):
        tx = self.rng.choice([t for t, kind, part in self.info['transactions'] if kind == 1])
        self.expect = [{'ledger_tx': tx, 'problem': 'entry at leaf .* is missing'}]
        self.allowed = r'public\..*|ledger\.(entry|leaf)'
        self.sessions = ['DELETE FROM ledger.entry WHERE ledger_tx = %d AND type = 1' % tx]
        if self.rng.random() < 0.5:
            self.sessions.append('VACUUM ledger.entry')
        self.text = str(tx)


class EntryDoubled(Statements):
    kind = 'sealed entry put in a second time'

    def choose(self):
        tx = self.rng.choice([t for t, kind, part in self.info['transactions'] if kind == 1])
        self.expect = [{'relation': r'ledger\.entry', 'ledger_tx': tx, 'problem': 'stands twice'}]
        self.allowed = r'ledger\.entry'
        self.sessions = ['INSERT INTO ledger.entry SELECT * FROM ledger.entry WHERE ledger_tx = %d AND type = 1' % tx]
        self.text = str(tx)


class LeafRewritten(Statements):
    kind = 'index of the log rewritten'

    def choose(self):
        height, first, n = self.rng.choice(self.info['blocks'])
        what = self.rng.choice([
            'DELETE FROM ledger.leaf WHERE height = %d',
            'UPDATE ledger.leaf SET items = set_byte(items, 0, get_byte(items, 0) # 5) WHERE height = %d',
            'UPDATE ledger.leaf SET items = substr(items, 12) WHERE height = %d',
            'UPDATE ledger.leaf SET items = items || items WHERE height = %d'])
        self.expect = [{'problem': r'block %d\b|leaf (%s)\b' % (height, '|'.join(
            str(k) for k in range(first, first + n)))}]
        self.sessions = [what % height]
        self.text = what % height


class BlockRewritten(Statements):
    kind = 'block rewritten'

    def choose(self):
        height, first, n = self.rng.choice(self.info['blocks'])
        what = self.rng.choice([
            "sealed_at = sealed_at - interval '1 hour'", "sealed_at = sealed_at + interval '1 millisecond'",
            'log_root = set_byte(log_root, 7, get_byte(log_root, 7) # 1)',
            'results_root = set_byte(results_root, 7, get_byte(results_root, 7) # 1)',
            'prev_hash = set_byte(prev_hash, 7, get_byte(prev_hash, 7) # 1)',
            'next_members_hash = set_byte(next_members_hash, 7, get_byte(next_members_hash, 7) # 1)',
            'frontier = set_byte(frontier, 7, get_byte(frontier, 7) # 1)',
            'proposer = 1', 'n = n + 1', 'epoch = 3'])
        self.expect = [{'problem': r'block %d\b|block %d\b|checkpoint|the newest \d+ blocks' % (height, height + 1),
                        'severity': ('error', 'warning')}]
        self.sessions = ['UPDATE ledger.block SET %s WHERE height = %d' % (what, height)]
        self.text = '%s of block %d' % (what, height)


class BlockRemoved(Statements):
    kind = 'block removed'

    def choose(self):
        height, first, n = self.rng.choice(self.info['blocks'][:-1])
        self.expect = [{'problem': 'block %d is missing' % height}]
        self.sessions = ['DELETE FROM ledger.block WHERE height = %d' % height]
        self.text = str(height)


class TileRewritten(Statements):
    kind = 'tile rewritten'

    def choose(self):
        tile = self.rng.randrange(self.info['tiles'])
        byte = self.rng.randrange(8192)
        self.allowed = r'ledger\.tile'
        if self.rng.random() < 0.3:
            self.expect = [{'problem': 'tile 0/%d is missing' % tile}]
            self.sessions = ['DELETE FROM ledger.tile WHERE level = 0 AND tile_no = %d' % tile]
        else:
            self.expect = [{'problem': 'hash at leaf %d in tile 0/%d' % (tile * 256 + byte // 32, tile)}]
            self.sessions = ['UPDATE ledger.tile SET hashes = set_byte(hashes, %d, get_byte(hashes, %d) # 64) '
                             'WHERE level = 0 AND tile_no = %d' % (byte, byte, tile)]
        self.text = self.sessions[0]


class HistoryRewritten(Statements):
    kind = 'schema history rewritten'

    def choose(self):
        table, version = self.rng.choice(self.info['schemas'])
        where = "WHERE table_id = '%s' AND schema_version = %d" % (table, version)
        self.expect = [{'problem': 'schema version %d of table %s' % (version, table)}]
        self.sessions = [self.rng.choice([
            'UPDATE ledger.schema_version SET body = set_byte(body, length(body) - 1, get_byte(body, length(body) - 1) # 1) ' + where,
            "UPDATE ledger.schema_version SET body = replace(replace(body::text, '\\x', ''), '76', '77')::bytea " + where
            if False else 'UPDATE ledger.schema_version SET body = set_byte(body, 30, get_byte(body, 30) # 1) ' + where,
            'DELETE FROM ledger.schema_version ' + where])]
        if self.rng.random() < 0.2:
            self.sessions = ['INSERT INTO ledger.schema_version SELECT chain_id, table_id, schema_version + 7, body '
                             'FROM ledger.schema_version ' + where]
            self.expect = [{'problem': 'schema version %d of table %s has no entry' % (version + 7, table)}]
        self.text = self.sessions[0]


class CheckpointForged(Statements):
    kind = 'checkpoint forged'

    def choose(self):
        self.expect = [{'relation': r'ledger\.checkpoint', 'problem': 'does not hold'}]
        self.allowed = r'ledger\.checkpoint'
        size = self.info['size']
        self.sessions = [self.rng.choice([
            "UPDATE ledger.checkpoint SET note = replace(note, E'\\nepoch 0', E'\\nepoch 1') WHERE size = %d" % size,
            "UPDATE ledger.checkpoint SET size = size + 1 WHERE size = %d" % size,
            "INSERT INTO ledger.checkpoint SELECT chain_id, size + 9, replace(note, E'\\n' || size || E'\\n', E'\\n' || size + 9 || E'\\n') "
            "FROM ledger.checkpoint WHERE size = %d" % size])]
        self.text = self.sessions[0]


class MemberForged(Statements):
    kind = 'member or key replaced'

    def choose(self):
        self.expect = [{'relation': r'ledger\.(member|checkpoint)'}]
        self.allowed = r'ledger\.(member|checkpoint)'
        self.sessions = ['UPDATE ledger.member SET ' + self.rng.choice([
            'sign_key = set_byte(sign_key, 60, get_byte(sign_key, 60) # 1) WHERE length(sign_key) > 60',
            "name = 'mallory'", 'weight = 2',
            # of the newest key alone: keys may be one height apart, and the height is in the primary key
            'from_height = from_height + 1 WHERE from_height = (SELECT max(from_height) FROM ledger.member)'])]
        self.text = self.sessions[0]


class TableListForged(Statements):
    kind = 'list of tables changed'

    def choose(self):
        table = self.rng.choice(['plain', 'kinds', 'big', 'grown', 'added', 'kept'])
        oid = self.relation('public.' + table)['oid']
        what = self.rng.choice([
            'UPDATE ledger.ledger_table SET retired_at = now() WHERE relid = %d',
            'UPDATE ledger.ledger_table SET schema_version = schema_version + 1 WHERE relid = %d',
            'UPDATE ledger.ledger_table SET shared = true WHERE relid = %d',
            'UPDATE ledger.ledger_table SET relid = 0 WHERE relid = %d',
            'UPDATE ledger.ledger_table SET table_id = gen_random_uuid() WHERE relid = %d',
            'DELETE FROM ledger.ledger_table WHERE relid = %d'])
        self.expect = [{}]
        self.sessions = [what % oid]
        self.text = '%s (%s)' % (what % oid, table)


class SlippedIn(Statements):
    kind = 'trigger, rule, policy or view slipped in'

    def choose(self):
        table = self.rng.choice(['plain', 'kinds', 'added'])
        oid = self.relation('public.' + table)['oid']
        self.only(table)
        what = self.rng.choice(['trigger', 'rule', 'policy', 'security', 'view'])
        expect = {'relation': 'public.' + table}
        if what == 'trigger':
            self.sessions = ["UPDATE pg_trigger SET tgrelid = %d WHERE tgname = 'swallow'" % oid,
                             'UPDATE pg_class SET relhastriggers = true WHERE oid = %d' % oid]
            expect['problem'] = 'trigger "swallow" is not in the schema history'
        elif what == 'rule':
            self.sessions = ["UPDATE pg_rewrite SET ev_class = %d WHERE rulename = 'gone'" % oid,
                             'UPDATE pg_class SET relhasrules = true WHERE oid = %d' % oid]
            expect['problem'] = 'rule "gone" is not in the schema history'
        elif what == 'policy':
            self.sessions = ["UPDATE pg_policy SET polrelid = %d WHERE polname = 'hide'" % oid,
                             'UPDATE pg_class SET relrowsecurity = true WHERE oid = %d' % oid]
            expect['problem'] = 'policy "hide" is not in the schema history'
        elif what == 'security':
            self.sessions = ['UPDATE pg_class SET relrowsecurity = true, relforcerowsecurity = true WHERE oid = %d' % oid]
            expect['problem'] = 'row security'
        else:
            self.sessions = ['CREATE SCHEMA front; CREATE VIEW front.%s AS SELECT * FROM lender; '
                             'DO $$ BEGIN EXECUTE format(\'ALTER DATABASE %%I SET search_path = front, public\', '
                             'current_database()); END $$' % table]
            expect.update(problem='view "front.%s" has the same name' % table, severity=('warning',))
        self.expect = [expect]
        self.text = '%s on %s' % (what, table)


class Renamed(Statements):
    kind = 'enum label or column renamed'

    def choose(self):
        if self.rng.random() < 0.5:
            self.only('kinds')
            self.expect = [{'relation': 'public.kinds', 'problem': 'type of column "e"'}]
            self.sessions = ["UPDATE pg_enum SET enumlabel = 'old' WHERE enumlabel = 'settled'",
                             "UPDATE pg_enum SET enumlabel = 'settled' WHERE enumlabel = 'pending'"]
        else:
            table, column = self.rng.choice([('plain', 'n'), ('plain', 'v'), ('kinds', 'i'), ('added', 'w')])
            oid = self.relation('public.' + table)['oid']
            self.only(table)
            self.expect = [{'relation': 'public.' + table, 'problem': 'column \\d+ is "other"'}]
            self.sessions = ["UPDATE pg_attribute SET attname = 'other' WHERE attrelid = %d AND attname = '%s'"
                             % (oid, column)]
        self.text = self.sessions[0]


class MissingValueOff(Statements):
    kind = 'atthasmissing switched off'

    def choose(self):
        self.only('added')
        oid = self.relation('public.added')['oid']
        self.expect = [{'relation': 'public.added', 'problem': 'another value in column "w"'}]
        self.sessions = ["UPDATE pg_attribute SET atthasmissing = false WHERE attrelid = %d AND attname = 'w'" % oid]
        self.text = 'column w of added'


class TableGone(Statements):
    kind = 'table removed from the catalogue'

    def choose(self):
        oid = self.relation('public.big')['oid']
        self.expect = [{'problem': 'does not exist any more, its rows are in the chain'}]
        self.sessions = ['DELETE FROM pg_class WHERE oid = %d' % oid]
        self.text = 'big'


class TailCut(Statements):
    """Blocks, entries and rows after a height are gone, as if they had never been."""
    kind = 'end of the log cut off'
    since = True

    def choose(self):
        blocks = self.info['blocks']
        # not so far back that it concerns the versioned table
        height, first, n = self.rng.choice([b for b in blocks if b[1] > self.info['old']['size'] + 20])
        self.expect = [{'problem': 'does not hold: the log ends at size %d' % first}]
        self.allowed = '$'
        # the rows of the transactions that are cut off, in each table
        doomed = ('SELECT l.bucket << 8 | get_byte(l.items, k * 11) FROM ledger.leaf l, '
                  'generate_series(0, length(l.items) / 11 - 1) k WHERE l.height >= %d' % height)
        self.sessions = ['CREATE TABLE doomed (tx) AS ' + doomed]
        for table in ('plain', 'kinds', 'big', 'grown', 'added'):
            self.sessions += self.as_heap(table, ['DELETE FROM %s WHERE ledger_tx IN (SELECT tx FROM doomed)' % table],
                                          True)
        self.sessions += [
            'DELETE FROM ledger.entry WHERE ledger_tx IN (SELECT tx FROM doomed); '
            'DELETE FROM ledger.leaf WHERE height >= %d; '
            'DELETE FROM ledger.block WHERE height >= %d; '
            'DELETE FROM ledger.tile WHERE level = 0 AND (tile_no + 1) * 256 > %d; '
            'DELETE FROM ledger.checkpoint WHERE size > %d; DROP TABLE doomed' % (height, height, first, first),
            'VACUUM ledger.entry']
        self.text = 'from block %d, leaf %d' % (height, first)


class TailCutBadly(Statements):
    kind = 'end of the log cut off, rows left'

    def choose(self):
        blocks = self.info['blocks']
        height, first, n = self.rng.choice(blocks[-len(blocks) // 4:])
        # entries that are deleted but not vacuumed away are sealed again, and then missed
        self.expect = [{'relation': r'public\..*', 'problem': 'not in the chain|it is missing'}]
        self.sessions = [
            'DELETE FROM ledger.entry WHERE ledger_tx IN (SELECT l.bucket << 8 | get_byte(l.items, k * 11) '
            'FROM ledger.leaf l, generate_series(0, length(l.items) / 11 - 1) k WHERE l.height >= %d); '
            'DELETE FROM ledger.leaf WHERE height >= %d; '
            'DELETE FROM ledger.block WHERE height >= %d; '
            'DELETE FROM ledger.tile WHERE level = 0 AND (tile_no + 1) * 256 > %d; '
            'DELETE FROM ledger.checkpoint WHERE size > %d' % (height, height, height, first, first)]
        if self.rng.random() < 0.5:
            self.sessions.append('VACUUM ledger.entry')
        self.text = 'from block %d, leaf %d' % (height, first)


class Rebuilt(Statements):
    """The superuser has the signing key: one transaction is taken out and the sealer signs the rest anew."""
    kind = 'history rebuilt and signed with the key'
    since = True
    reseal = True

    def choose(self):
        rows = self.info['rows']['plain']
        self.ctid, self.tx, self.seq, self.was = self.rng.choice(rows[150:320])
        self.expect = [{'problem': 'does not hold: (the log is not the one that was signed|the log ends at size|'
                                   'no block of the log ends|the log has another block)'}]
        self.allowed = '$'
        first = '(SELECT min(first_leaf) FROM ledger.block WHERE height >= (SELECT h FROM cut))'
        self.sessions = self.as_heap('plain', ["DELETE FROM plain WHERE ledger_tx = %d" % self.tx], True) + [
            'CREATE TABLE cut (h) AS SELECT height FROM ledger.leaf l, generate_series(0, length(l.items) / 11 - 1) k '
            'WHERE l.bucket << 8 | get_byte(l.items, k * 11) = %d; '
            'DELETE FROM ledger.entry WHERE ledger_tx = %d; '
            'DELETE FROM ledger.tile WHERE level = 0 AND (tile_no + 1) * 256 > %s; '
            'DELETE FROM ledger.checkpoint WHERE size > %s; '
            'DELETE FROM ledger.leaf WHERE height >= (SELECT h FROM cut); '
            'DELETE FROM ledger.block WHERE height >= (SELECT h FROM cut); DROP TABLE cut'
            % (self.tx, self.tx, first, first), 'VACUUM ledger.entry']
        self.text = 'without transaction %d' % self.tx


class WithoutPreload(Statements):
    kind = 'library not preloaded'
    without_preload = True

    def choose(self):
        self.expect = [{'problem': 'without ledger in shared_preload_libraries', 'severity': ('warning',)}]
        self.allowed = '$'
        self.sessions = []
        self.text = 'verified as it stands'


SQL_ATTACKS = [
    (SwitchedUpdate, 8), (SwitchedDelete, 6), (SwitchedInsert, 4), (SwitchedForGood, 2), (SwitchedHistory, 5),
    (EntryRewritten, 6), (EntryRemoved, 6), (EntryDoubled, 2), (LeafRewritten, 4), (BlockRewritten, 8),
    (BlockRemoved, 3), (TileRewritten, 4), (HistoryRewritten, 5), (CheckpointForged, 3), (MemberForged, 3),
    (TableListForged, 5), (SlippedIn, 8), (Renamed, 5), (MissingValueOff, 2), (TableGone, 2), (TailCut, 4),
    (TailCutBadly, 3), (Rebuilt, 5), (WithoutPreload, 2),
]
