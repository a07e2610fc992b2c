"""Servers that are attacked: made once, copied for each batch, started with and without the library."""
import json
import os
import shutil
import subprocess

SETTINGS = """
port = {port}
unix_socket_directories = '{sockets}'
listen_addresses = ''
autovacuum = off
fsync = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_worker_processes = 40
max_wal_size = 200MB
shared_buffers = 64MB
log_checkpoints = off
"""


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError('%s: %s' % (' '.join(command)[:200], done.stdout[-2000:]))
    return done.stdout


class Cluster:
    def __init__(self, folder, port):
        self.folder, self.port = folder, port
        self.data = os.path.join(folder, 'data')
        self.running = False

    def make(self):
        os.makedirs(self.folder)
        run('initdb', '-D', self.data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--no-sync', '-k')
        self.configure()

    def configure(self):
        destdir = os.environ.get('LEDGER_DESTDIR')
        lines = SETTINGS.format(port=self.port, sockets=self.folder)
        if destdir:
            libdir = run('pg_config', '--pkglibdir').strip()
            lines += "extension_destdir = '%s'\ndynamic_library_path = '%s%s:$libdir'\n" % (
                destdir, destdir, libdir)
        with open(os.path.join(self.data, 'attack.conf'), 'w') as f:
            f.write(lines)
        with open(os.path.join(self.data, 'postgresql.conf'), 'a') as f:
            f.write("include 'attack.conf'\n")

    def copy_of(self, other):
        """Become a copy of a stopped cluster, its development key included."""
        shutil.rmtree(self.folder, ignore_errors=True)
        run('cp', '-a', '--reflink=auto', other.folder, self.folder)
        self.configure()

    def remove(self):
        if self.running:
            self.stop('immediate')
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, preload=True, options=''):
        settings = "-c shared_preload_libraries='%s' %s" % ('ledger' if preload else '', options)
        log = os.path.join(self.folder, 'log')
        try:
            run('pg_ctl', 'start', '-s', '-w', '-t', '120', '-D', self.data, '-l', log, '-o', settings)
        except RuntimeError as error:
            with open(log) as f:
                raise RuntimeError('%s\n%s' % (error, f.read()[-2000:]))
        self.running = True

    def stop(self, mode='fast'):
        run('pg_ctl', 'stop', '-s', '-w', '-t', '120', '-m', mode, '-D', self.data)
        self.running = False

    def recompute_checksums(self):
        """What an attacker does after editing pages."""
        run('pg_checksums', '--disable', '--no-sync', '-D', self.data)
        run('pg_checksums', '--enable', '--no-sync', '-D', self.data)

    def psql(self, database, sql, *arguments):
        return run('psql', '-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1', '-h', self.folder,
                   '-p', str(self.port), '-U', 'postgres', '-d', database, *arguments, '-f', '-', input=sql)

    def query(self, database, sql):
        out = self.psql(database, sql).strip()
        return json.loads(out) if out else None

    def start_psql(self, database, sql):
        """The same, not waited for."""
        process = subprocess.Popen(
            ['psql', '-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1', '-h', self.folder, '-p', str(self.port),
             '-U', 'postgres', '-d', database, '-c', sql],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return process
