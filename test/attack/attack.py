"""What an attack is: chosen from a seed, done to one database, and expected to be found."""
import re


class Attack:
    """One change to one database.

    tamper() edits files of the stopped server, after which page checksums are made right; damage()
    edits them without that; sql() gives statements for a server without the library. expect is a
    list of conditions, each of which one finding must meet; allowed says which relations a finding
    may name at all, so that nothing is invented. since: verify() alone sees nothing, an earlier
    checkpoint held outside does.
    """

    kind = None
    since = False
    without_preload = False     # verify runs in the server without the library
    reseal = False              # the sealer must have done its work before

    def __init__(self, rng, info):
        self.rng, self.info = rng, info
        self.text = ''
        self.expect = []
        self.allowed = '.*'
        self.unchanged = None   # (SQL, result): if it still holds, nothing was changed that a reader sees
        self.choose()

    def choose(self):
        raise NotImplementedError

    def tamper(self, data):
        pass

    def damage(self, data):
        pass

    def sql(self):
        return None

    # ---- what attacks choose from ----

    def relation(self, name):
        return self.info['relations'][name]

    def path(self, data, name):
        return '%s/%s' % (data, self.relation(name)['path'])

    def columns(self, name):
        return self.relation(name)['columns']

    def pick_row(self, table):
        """A row: sets ctid, ledger_tx, ledger_seq, text and how many rows its transaction wrote there."""
        rows = self.info['rows'][table]
        self.table = table
        self.ctid, self.tx, self.seq, self.was = self.rng.choice(rows)
        family = ['kept', 'kept_versions'] if table.startswith('kept') else [table]
        self.siblings = sum(1 for t in family for r in self.info['rows'][t] if r[1] == self.tx)
        block, line = self.ctid.strip('()').split(',')
        self.block, self.line = int(block), int(line)
        return self.ctid

    def expect_row(self, problem=None, ctid=True):
        """The usual demand: the table and transaction, and the row where it is the only one."""
        want = {'relation': 'public.' + self.table, 'ledger_tx': self.tx}
        if problem:
            want['problem'] = problem
        if self.siblings == 1 and ctid:
            want['ctid'] = self.ctid
        return want

    def only(self, table):
        """Nothing but this table and what belongs to it may be named."""
        self.allowed = r'public\.%s(_\w+)?$|pg_toast\..*' % table


def is_met(want, findings):
    for finding in findings:
        if finding['severity'] not in want.get('severity', ('error',)):
            continue
        if all(finding[key] == want[key] for key in ('ledger_tx', 'ledger_seq', 'ctid') if key in want) and \
                ('relation' not in want or re.fullmatch(want['relation'], finding['relation'] or '')) and \
                ('problem' not in want or re.search(want['problem'], finding['problem'])):
            return True
    return False


def judge(attack, findings):
    """Complaints about what verify() said; none when it was right."""
    complaints = []
    findings = [f for f in findings if f['severity'] != 'info']
    if not findings:
        return ['nothing was found']
    for want in attack.expect:
        if not is_met(want, findings):
            complaints.append('not found: %s' % want)
    for finding in findings:
        if finding['relation'] and not re.match(attack.allowed, finding['relation']):
            complaints.append('invented: %s' % finding)
    return complaints
