"""Attacks with an editor on the files of a stopped server."""
import os
import shutil
import struct

import pages
from attack import Attack
from pages import BLCKSZ, LP_DEAD, LP_UNUSED, Page

TABLES = ['plain', 'plain', 'plain', 'kinds', 'kinds', 'big', 'grown', 'added', 'kept', 'kept_versions']


def flip(page, rng, offset, length, bits=0xff):
    at = offset + rng.randrange(length)
    mask = 0
    while mask == 0:
        mask = rng.randrange(256) & bits
    page.data[at] ^= mask
    return at - offset, mask


class HeapByte(Attack):
    kind = 'byte flipped in a heap file'

    def choose(self):
        self.pick_row(self.rng.choice(TABLES))
        self.only(self.table.replace('_versions', ''))
        self.expect = [{'relation': r'public\.kept(_versions)?' if self.table.startswith('kept') else
                        'public.' + self.table, 'ledger_tx': self.tx}]
        if self.siblings == 1:
            self.expect.append({'relation': 'public.' + self.table, 'ctid': self.ctid})
        column = 'md5(t::text)' if self.table == 'big' else 't::text'
        self.unchanged = ("SELECT %s FROM %s t WHERE ctid = '%s'" % (column, self.table, self.ctid), self.was)

    def tamper(self, data):
        page = Page(self.path(data, 'public.' + self.table), self.block)
        values = pages.heap_values(page, self.line, self.columns('public.' + self.table))
        if self.table == 'kept_versions':
            # what ended the version is no column of the row that was ended
            values = {c: v for c, v in values.items() if not c.startswith('ended_')}
        column = self.rng.choice(sorted(values))
        offset, length, _ = values[column]
        if column == 'p':           # the header of a composite holds more than its value
            offset, length = offset + 20, length - 20
        if column == 'nm':
            length = page.data.index(0, offset) - offset
        if length == 0:
            offset, length = offset - 1, 1      # of an empty value its length
        where, mask = flip(page, self.rng, offset, length, 0x1f if column in 'rm' else 0xff)
        page.save()
        self.text = 'byte %d of column %s of %s %s ^ %02x' % (where, column, self.table, self.ctid, mask)
        if self.table == 'kept_versions' and column in ('ledger_tx', 'ledger_seq'):
            self.expect = [{'relation': r'public\.kept(_versions)?'}]


class ToastByte(Attack):
    kind = 'byte flipped in a TOAST file'

    def choose(self):
        self.only('big')
        self.expect = [{'relation': r'public\.big|pg_toast\..*_index'}]
        # which row a chunk belongs to is not told by the chunk: if nothing is found, no row may differ
        self.unchanged = ("SELECT count(*) FROM big t JOIN (VALUES %s) w (ctid, was) ON t.ctid = w.ctid::tid "
                          "WHERE md5(t::text) = was" % ','.join(
                              "('%s','%s')" % (r[0], r[3]) for r in self.info['rows']['big']),
                          str(len(self.info['rows']['big'])))

    def tamper(self, data):
        path = self.path(data, 'toast.big')
        page = Page(path, self.rng.randrange(pages.pages(path)))
        line = self.rng.choice(page.normal_lines())
        values = pages.heap_values(page, line, self.columns('toast.big'))
        column = self.rng.choice(['chunk_data'] * 8 + ['chunk_id', 'chunk_seq'])
        where, mask = flip(page, self.rng, *values[column][:2])
        page.save()
        self.text = 'byte %d of %s of TOAST (%d,%d) ^ %02x' % (where, column, page.block, line, mask)


class IndexByte(Attack):
    kind = 'byte flipped in an index file'
    INDEXES = ['public.plain_pkey', 'public.plain_v', 'public.kinds_pkey', 'public.kept_pkey',
               'toast.big.index', 'ledger.leaf_pkey', 'ledger.leaf_bucket', 'ledger.block_pkey',
               'ledger.tile_pkey', 'ledger.schema_version_pkey']

    def choose(self):
        self.name = self.rng.choice(self.INDEXES)
        if self.name == 'toast.big.index':
            self.expect = [{'relation': r'pg_toast\..*_index|public\.big'}]
        elif self.name.startswith('public'):
            self.expect = [{'relation': self.name.replace('.', r'\.')}]
            self.only(self.relation(self.name)['table'])
        else:
            self.expect = [{}]      # the chain itself may be out of reach
        if self.name == 'public.kept_pkey':
            # an item may be left over from a row that was replaced: if nothing is found, all rows must be
            rows = self.info['rows']['kept']
            self.unchanged = ("SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; "
                              "SELECT count(*), count(*) FILTER (WHERE t::text = was) FROM (VALUES %s) w (was) "
                              "JOIN kept t ON t.id = split_part(ltrim(was, '('), ',', 1)::int" % ','.join(
                                  "('%s')" % r[3].replace("'", "''") for r in rows),
                              '%d|%d' % (len(rows), len(rows)))

    def tamper(self, data):
        items = list(pages.index_leaf_items(self.path(data, self.name)))
        page, line = self.rng.choice(items)
        offset = page.line(line)[0]
        values = pages.index_values(page, line, self.columns(self.name))
        part = self.rng.choice(['row address'] + sorted(values))
        if part == 'row address':
            where, mask = flip(page, self.rng, offset, 6)
        else:
            where, mask = flip(page, self.rng, *values[part][:2])
        page.save()
        self.text = 'byte %d of %s of item (%d,%d) of %s ^ %02x' % (
            where, part, page.block, line, self.name, mask)


class IndexItemOut(IndexByte):
    kind = 'index item led out of its table'

    def tamper(self, data):
        self.unchanged = None
        page, line = self.rng.choice(list(pages.index_leaf_items(self.path(data, self.name))))
        offset = page.line(line)[0]
        part = self.rng.choice(['block', 'line pointer'])
        if part == 'block':
            page.data[offset + 1] = 1 + self.rng.randrange(255)     # block 16777216 at least
        else:
            page.data[offset + 5] = 2 + self.rng.randrange(253)     # line pointer 512 at least
        page.save()
        self.text = '%s of item (%d,%d) of %s' % (part, page.block, line, self.name)
        if self.name.startswith('public'):
            self.expect[0]['problem'] = 'can have no row|out of order|does not find'


class IndexItemDead(Attack):
    kind = 'index item marked dead'

    def choose(self):
        self.name = self.rng.choice(['public.plain_pkey', 'public.plain_v', 'public.kinds_pkey'])
        self.only(self.relation(self.name)['table'])
        self.expect = [{'relation': self.name.replace('.', r'\.'), 'problem': 'not in the index'}]

    def tamper(self, data):
        page, line = self.rng.choice(list(pages.index_leaf_items(self.path(data, self.name))))
        offset, _, length = page.line(line)
        page.set_line(line, offset, LP_DEAD, length)
        page.save()
        self.text = 'item (%d,%d) of %s' % (page.block, line, self.name)


class HiddenByXmax(Attack):
    kind = 'row deleted by xmax'

    def choose(self):
        self.pick_row(self.rng.choice(['plain', 'plain', 'kinds', 'big', 'grown', 'added', 'kept_versions']))
        self.only(self.table.replace('_versions', ''))
        self.expect = [{'relation': 'public.' + self.table, 'ledger_tx': self.tx, 'ledger_seq': self.seq,
                        'ctid': self.ctid, 'problem': 'hidden'}]
        self.text = '%s %s' % (self.table, self.ctid)

    def tamper(self, data):
        page = Page(self.path(data, 'public.' + self.table), self.block)
        pages.set_xmax(page, self.line, self.info['xid'])
        page.save()


class HiddenByXmin(Attack):
    kind = 'row made to look rolled back'

    def choose(self):
        self.pick_row(self.rng.choice(['plain', 'plain', 'kinds', 'big', 'added']))
        self.only(self.table)
        self.expect = [{'relation': 'public.' + self.table, 'ledger_tx': self.tx,
                        'ctid': self.ctid, 'problem': 'missing.*remains'}]
        self.text = '%s %s' % (self.table, self.ctid)

    def tamper(self, data):
        page = Page(self.path(data, 'public.' + self.table), self.block)
        pages.set_xmin(page, self.line, self.info['xid'], 0x0200)
        page.save()


class LinePointer(Attack):
    kind = 'row deleted by its line pointer'

    def choose(self):
        self.pick_row(self.rng.choice(['plain', 'plain', 'kinds', 'big', 'grown', 'added']))
        self.only(self.table)
        self.flags = self.rng.choice([LP_UNUSED, LP_DEAD])
        self.expect = [{'relation': 'public.' + self.table, 'ledger_tx': self.tx, 'ctid': self.ctid,
                        'problem': 'missing.*remains'}]
        self.text = '%s %s' % (self.table, self.ctid)

    def tamper(self, data):
        page = Page(self.path(data, 'public.' + self.table), self.block)
        page.set_line(self.line, 0, self.flags, 0)
        page.save()


class ForgedRow(Attack):
    kind = 'row forged into an old transaction'

    def choose(self):
        self.pick_row('plain')
        self.only('plain')
        self.as_new = self.rng.random() < 0.5
        self.expect = [{'relation': 'public.plain', 'ledger_tx': self.tx}]

    def tamper(self, data):
        path = self.path(data, 'public.plain')
        source = Page(path, self.block)
        offset, _, length = source.line(self.line)
        row = bytearray(source.data[offset:offset + length])
        values = pages.heap_values(source, self.line, self.columns('public.plain'))
        struct.pack_into('<i', row, values['id'][0] - offset, 777777)
        if self.as_new:             # under a number that the transaction did not use
            struct.pack_into('<i', row, values['ledger_seq'][0] - offset, 5000)
            self.expect[0]['problem'] = 'not one of those'
        for block in reversed(range(pages.pages(path))):
            page = Page(path, block)
            number = page.add(row)
            if number is not None:
                struct.pack_into('<IH', page.data, page.line(number)[0] + 12, 0, 0)
                page.save()
                self.text = 'copy of plain %s at (%d,%d)%s' % (
                    self.ctid, block, number, ' with a new number' if self.as_new else '')
                if self.as_new:
                    self.expect[0]['ctid'] = '(%d,%d)' % (block, number)
                return
        raise RuntimeError('no page of plain has room for a row')


class CutTable(Attack):
    kind = 'end of a table cut off'

    def choose(self):
        self.only('plain')
        rows = self.info['rows']['plain']
        last = max(int(r[0].strip('()').split(',')[0]) for r in rows)
        self.first = self.rng.randrange(last // 2, last + 1)
        lost = [r for r in rows if int(r[0].strip('()').split(',')[0]) >= self.first]
        self.expect = [{'relation': 'public.plain', 'ledger_tx': r[1]} for r in self.rng.sample(lost, 1)]
        self.text = 'plain from page %d' % self.first

    def tamper(self, data):
        os.truncate(self.path(data, 'public.plain'), self.first * BLCKSZ)


class ZeroedPage(Attack):
    kind = 'page zeroed'

    def choose(self):
        self.pick_row(self.rng.choice(['plain', 'kinds', 'big', 'added']))
        self.only(self.table)
        self.expect = [{'relation': 'public.' + self.table, 'ledger_tx': self.tx}]
        self.text = 'page %d of %s' % (self.block, self.table)

    def tamper(self, data):
        page = Page(self.path(data, 'public.' + self.table), self.block)
        page.data[:] = bytes(BLCKSZ)
        page.save()


class BrokenPage(Attack):
    kind = 'page damaged, checksum not made right'

    def choose(self):
        self.pick_row(self.rng.choice(['plain', 'kinds', 'big', 'grown', 'added']))
        self.only(self.table)
        self.expect = [{'relation': 'public.' + self.table, 'problem': r'page %d cannot be read' % self.block},
                       {'relation': 'public.' + self.table, 'ledger_tx': self.tx}]
        self.text = 'page %d of %s' % (self.block, self.table)

    def damage(self, data):
        page = Page(self.path(data, 'public.' + self.table), self.block)
        for _ in range(self.rng.randrange(1, 40)):
            page.data[self.rng.randrange(24, BLCKSZ)] ^= self.rng.randrange(1, 256)
        page.save()


class Garbage(Attack):
    kind = 'bytes strewn over a page, checksum made right'

    def choose(self):
        self.pick_row(self.rng.choice(['plain', 'kinds', 'kinds', 'big', 'grown', 'added', 'kept']))
        self.only(self.table)
        self.expect = [{'relation': r'public\.%s(_\w+)?|pg_toast\..*' % self.table}]

    def tamper(self, data):
        """Many bytes, line pointers and tuple headers included: verify must survive, and say something."""
        page = Page(self.path(data, 'public.' + self.table), self.block)
        n = self.rng.randrange(20, 400)
        for _ in range(n):
            start = 24 if self.rng.random() < 0.3 else page.upper
            page.data[self.rng.randrange(start, BLCKSZ)] = self.rng.randrange(256)
        page.save()
        self.text = '%d bytes of page %d of %s' % (n, self.block, self.table)


class IndexGarbage(Attack):
    kind = 'bytes strewn over an index page, checksum made right'

    def choose(self):
        self.name = self.rng.choice(['public.plain_pkey', 'public.plain_v', 'public.kinds_pkey'])
        self.only(self.relation(self.name)['table'])
        self.expect = [{'relation': self.name.replace('.', r'\.')}]

    def tamper(self, data):
        path = self.path(data, self.name)
        page = Page(path, self.rng.randrange(1, pages.pages(path)))
        n = self.rng.randrange(20, 200)
        for _ in range(n):
            start = 24 if self.rng.random() < 0.3 else page.upper
            page.data[self.rng.randrange(start, BLCKSZ)] = self.rng.randrange(256)
        page.save()
        self.text = '%d bytes of page %d of %s' % (n, page.block, self.name)


class OldTableFile(Attack):
    kind = 'old file of a table restored'

    def choose(self):
        self.only('plain')
        old = {(r[1], r[2]) for r in self.info['old']['rows']['plain']}
        lost = [r for r in self.info['rows']['plain'] if (r[1], r[2]) not in old]
        self.expect = [{'relation': 'public.plain', 'ledger_tx': self.rng.choice(lost)[1]}]
        self.text = 'plain'

    def tamper(self, data):
        shutil.copyfile('%s/%s' % (self.old_data, self.info['old']['relations']['public.plain']['path']),
                        self.path(data, 'public.plain'))


class OldBackup(Attack):
    kind = 'old backup of the database restored'
    since = True

    def choose(self):
        self.expect = [{'problem': 'does not hold: the log ends at size %d' % self.info['old']['size']}]
        self.allowed = '$'
        self.text = 'size %d instead of %d' % (self.info['old']['size'], self.info['size'])

    def tamper(self, data):
        folder = 'base/%s' % self.info['oid']
        shutil.rmtree('%s/%s' % (data, folder))
        shutil.copytree('%s/%s' % (self.old_data, folder), '%s/%s' % (data, folder))


class ChainByte(Attack):
    kind = 'byte flipped in a table of the chain'
    # Columns that are hashed, signed or compared; the others are local and say nothing about the chain.
    COLUMNS = {
        'entry': ['ledger_tx', 'stamped_at', 'type', 'part', 'role', 'seed', 'extra', 'root'],
        'leaf': ['height', 'bucket', 'items'],
        'block': ['height', 'epoch', 'prev_hash', 'first_leaf', 'n', 'log_root', 'results_root', 'body_hash',
                  'members_hash', 'next_members_hash', 'sealed_at', 'proposer', 'frontier'],
        'schema_version': ['table_id', 'schema_version', 'body'],
        'checkpoint': ['size', 'note'],
        'member': ['member', 'name', 'weight', 'sign_key'],
        'ledger_table': ['table_id', 'table_no', 'relid', 'kind', 'shared', 'tx_attnum', 'seq_attnum',
                         'schema_version'],
        'toast.tile': ['chunk_data'],
    }

    def choose(self):
        self.name = self.rng.choice(sorted(self.COLUMNS))
        self.column = self.rng.choice(self.COLUMNS[self.name])
        self.expect = [{}]

    def tamper(self, data):
        name = self.name if self.name.startswith('toast.') else 'ledger.' + self.name
        path, columns = self.path(data, name), self.columns(name)
        choices = []
        for block in range(pages.pages(path)):
            page = Page(path, block)
            for line in page.normal_lines():
                # rows that an update or delete has ended are nobody's concern
                infomask = struct.unpack_from('<H', page.data, page.line(line)[0] + 20)[0]
                if not infomask & pages.HEAP_XMAX_INVALID:
                    continue
                values = pages.heap_values(page, line, columns)
                where = values.get('groups' if self.column == 'root' else self.column)
                if where is None or where[1] == 0 or (self.column == 'root' and where[1] < 34):
                    continue
                choices.append((page, line, where))
        page, line, (offset, length, _) = self.rng.choice(choices)
        if self.column == 'root':       # before it stand hints that are allowed to be wrong
            offset, length = offset + length - 32, 32
        if self.column == 'items':
            offset, length = offset + self.rng.randrange(length // 11) * 11, 5
        where, mask = flip(page, self.rng, offset, length, 0x03 if self.column == 'shared' else 0xff)
        if self.column == 'shared':
            page.data[offset] = 1       # the other boolean
        page.save()
        self.text = 'byte %d of %s of %s (%d,%d) ^ %02x' % (where, self.column, name, page.block, line, mask)


class MissingValue(Attack):
    kind = 'attmissingval edited'

    def choose(self):
        self.only('added')
        self.expect = [{'relation': 'public.added', 'problem': 'attmissingval of column "w"'}]
        self.text = 'column w of added'

    def tamper(self, data):
        path = '%s/%s' % (data, self.info['pg_attribute'])
        done = 0
        for block in range(pages.pages(path)):
            page = Page(path, block)
            at = page.data.find(b'as it was added')
            while at >= 0:
                page.data[at + self.rng.randrange(15)] ^= 1
                page.save()
                done += 1
                at = page.data.find(b'as it was added')
        if done == 0:
            raise RuntimeError('pg_attribute does not hold the value')


FILE_ATTACKS = [
    (HeapByte, 30), (ToastByte, 8), (IndexByte, 14), (IndexItemOut, 3), (IndexItemDead, 3), (HiddenByXmax, 8), (HiddenByXmin, 4),
    (LinePointer, 8), (ForgedRow, 6), (CutTable, 3), (ZeroedPage, 3), (BrokenPage, 3), (Garbage, 8),
    (IndexGarbage, 6), (OldTableFile, 3), (OldBackup, 4), (ChainByte, 24), (MissingValue, 3),
]
