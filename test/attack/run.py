#!/usr/bin/env python3
"""Attack databases in ways chosen by seeds, and see that ledger.verify() says what was done.

	run.py [--seeds N] [--first SEED] [--only NAME] [--databases K] [--port P] [--keep] FOLDER

Seeds run in batches: the prepared cluster is copied, K - 1 of its databases are attacked, each from a
seed of its own, and the last is the untouched twin in which nothing may be found. The first seed is
printed; `--first SEED --seeds 1` repeats one.
"""
import argparse
import collections
import json
import os
import random
import sys
import time

from attack import judge
from attacks_file import FILE_ATTACKS
from attacks_sql import SQL_ATTACKS
from base import WAIT, Base
from cluster import Cluster

VERIFY = "SELECT coalesce(json_agg(v), '[]') FROM ledger.verify(workers => %d, since => %s) v"


def choose_attack(seed, info, only):
    rng = random.Random(seed)
    kinds = [k for k in FILE_ATTACKS + SQL_ATTACKS if only is None or k[0].__name__ == only]
    cls = rng.choices([k[0] for k in kinds], [k[1] for k in kinds])[0]
    attack = cls(rng, info)
    attack.seed = seed
    attack.workers = rng.choice([0, 0, 0, 1, 2])
    return attack


class Batch:
    def __init__(self, base, folder, port):
        self.base = base
        self.cluster = Cluster(os.path.join(folder, 'run'), port)
        self.last_log = ''

    def literal(self, text):
        return "'" + text.replace("'", "''") + "'"

    def start_verify(self, k, attack):
        since = 'NULL'
        if attack is not None and attack.since:
            since = self.literal(self.base.info[k]['checkpoint'])
        workers = 0 if attack is None else attack.workers
        return self.cluster.start_psql('db%d' % k, VERIFY % (workers, since))

    def finish(self, process):
        out, errors = process.communicate(timeout=300)
        if process.returncode != 0:
            raise RuntimeError('verify() failed: %s' % errors)
        return json.loads(out)

    def run(self, attacks):
        """attacks: {number of the database: Attack}. Gives {number: findings}, -1 is the twin."""
        cluster, results = self.cluster, {}
        twin = self.base.databases - 1
        cluster.copy_of(self.base.cluster)
        for attack in attacks.values():
            attack.old_data = self.base.old.data
            attack.tamper(cluster.data)
        cluster.recompute_checksums()
        for attack in attacks.values():
            attack.damage(cluster.data)

        sessions = {k: a for k, a in attacks.items() if a.sql() is not None}
        if sessions:
            cluster.start(preload=False)
            for k, attack in sessions.items():
                for sql in attack.sql():
                    cluster.psql('db%d' % k, sql)
            for k, attack in sessions.items():
                if attack.without_preload:
                    results[k] = self.finish(self.start_verify(k, attack))
            cluster.stop()

        cluster.start()
        for k, attack in attacks.items():
            if attack.reseal:
                cluster.psql('db%d' % k, WAIT)
        waiting = [(k, attacks.get(k)) for k in list(attacks) + [twin] if k not in results]
        while waiting:
            two, waiting = waiting[:2], waiting[2:]
            started = [(k, self.start_verify(k, attack)) for k, attack in two]
            for k, process in started:
                results[k] = self.finish(process)
        for k, attack in attacks.items():
            results[k] = (results[k], self.is_unchanged(k, attack, results[k]))
        results[-1] = results.pop(twin)
        cluster.stop('immediate')
        return results

    def is_unchanged(self, k, attack, findings):
        """Nothing was found: does a reader see what was there before?"""
        if attack.unchanged is None or any(f['severity'] != 'info' for f in findings):
            return False
        sql, was = attack.unchanged
        try:
            return self.cluster.psql('db%d' % k, sql).rstrip('\n') == was
        except RuntimeError:
            return False


def describe(findings):
    return '\n'.join('        %(severity)s %(relation)s %(ledger_tx)s %(ledger_seq)s %(ctid)s %(problem)s' % f
                     for f in findings[:12])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('folder')
    parser.add_argument('--seeds', type=int, default=200)
    parser.add_argument('--first', type=int)
    parser.add_argument('--only')
    parser.add_argument('--databases', type=int, default=11)
    parser.add_argument('--port', type=int, default=6310)
    parser.add_argument('--keep', action='store_true')
    parser.add_argument('--verbose', action='store_true')
    options = parser.parse_args()

    first = options.first if options.first is not None else random.SystemRandom().randrange(1 << 30)
    print('seeds %d to %d' % (first, first + options.seeds - 1), flush=True)
    started = time.time()
    base = Base(options.folder, options.port, options.databases)
    base.make()
    base.save()
    print('prepared %d databases in %.1f s' % (options.databases, time.time() - started), flush=True)

    failed, harmless, counts = 0, 0, collections.Counter()
    seed, end = first, first + options.seeds
    while seed < end:
        attacks = {}
        for k in range(options.databases - 1):
            if seed < end:
                attacks[k] = choose_attack(seed, base.info[k], options.only)
                seed += 1
        batch = Batch(base, options.folder, options.port)
        try:
            results = batch.run(attacks)
        except Exception as error:
            failed += 1
            print('FAILED  seeds %d to %d: %s' % (seed - len(attacks), seed - 1, error))
            for attack in attacks.values():
                print('        seed %d: %s: %s' % (attack.seed, attack.kind, attack.text))
            log = os.path.join(batch.cluster.folder, 'log')
            if os.path.exists(log):
                with open(log) as f:
                    print(f.read()[-1500:])
            if options.keep:
                return 1
            batch.cluster.remove()
            continue
        twin = [f for f in results.pop(-1) if f['severity'] != 'info']
        if twin:
            failed += 1
            print('FAILED  untouched twin of seeds %d to %d:\n%s' % (seed - len(attacks), seed - 1, describe(twin)))
        for k, attack in attacks.items():
            findings, unchanged = results[k]
            counts[attack.kind] += 1
            complaints = judge(attack, findings)
            if unchanged:
                harmless += 1
            elif complaints:
                failed += 1
                print('FAILED  seed %d: %s: %s\n        %s\n%s' % (
                    attack.seed, attack.kind, attack.text, '\n        '.join(complaints), describe(findings)), flush=True)
            if options.verbose and not (complaints and not unchanged):
                print('ok      seed %d: %s: %s%s\n%s' % (
                    attack.seed, attack.kind, attack.text, ' (changes no value)' if unchanged else '', describe(findings)))
        if not options.keep:
            batch.cluster.remove()
    for kind in sorted(counts):
        print('%6d  %s' % (counts[kind], kind))
    print('%d changed no value; %.1f s' % (harmless, time.time() - started))
    print('%d passed, %d failed' % (options.seeds - failed, failed))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
