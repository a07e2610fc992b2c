# Values and blindings that are passed as parameters are in no log, no statistics and no message.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = Ledger::node('main', preload => 'ledger, pg_stat_statements',
	# the default, which PostgreSQL's test servers change
	conf => "log_statement = none\n");
my $value = '918273645.55';
my $blinding = '\\x' . 'c0ffee11' x 8;
my $script = "$PostgreSQL::Test::Utils::tmp_check/script.sql";
my $everything = '';

# one(SQL): as pgbench sends it, :v and :b being parameters
sub one
{
	my ($sql) = @_;
	my ($out, $err);

	open my $fh, '>', $script or die "$script: $!\n";
	print {$fh} "$sql;\n";
	close $fh;
	IPC::Run::run(
		[ 'pgbench', '-n', '-t', '1', '-M', 'extended', '-D', "v=$value", '-D', "b=$blinding", '-f', $script,
			$node->connstr('postgres') ],
		'>', \$out, '2>', \$err);
	$everything .= $err;
	return $err;
}

$node->safe_psql('postgres', 'CREATE EXTENSION pg_stat_statements');
$node->safe_psql('postgres', q{
	CREATE TABLE given (id int GENERATED ALWAYS AS IDENTITY, c ledger.commitment, p ledger.proof,
		CHECK (ledger.verify_range(c, 0, 1000, p))) USING ledger;
});
my $c = 'ledger.commit(:v::numeric, :b::bytea)';
my $o = '(:v::numeric, :b::bytea)::ledger.opening';

unlike(one("SELECT $c, ledger.verify_opening($c, $o)"), qr/ERROR/, 'committed');
unlike(one("SELECT ledger.prove_range($c, 0, 1000000000, $o)"), qr/ERROR/, 'proven');
unlike(one("SELECT ledger.sum_openings($o) FROM generate_series(1, 3)"), qr/ERROR/, 'summed');
like(one("SELECT ledger.prove_range($c, 0, 1000, $o)"), qr/statement does not hold/, 'not proven');
like(one("SELECT ledger.prove('numeric(18,2): a < b', ARRAY[$c, $c], ARRAY[$o, $o])"),
	qr/statement does not hold/, 'nor compared');
like(one("SELECT ledger.prove_range(ledger.commit(1.00, :b::bytea), 0, 1000, $o)"), qr/opening is not that/,
	'not opened');
like(one('SELECT ledger.commit(:v::numeric * 10 ^ 40::numeric, :b::bytea)'), qr/out of range/, 'too large');
like(one('SELECT ledger.commit(:v::numeric, :b::bytea || :b::bytea)'), qr/not a blinding/, 'no blinding');
like(one("INSERT INTO given (c, p) VALUES ($c, '\\x500101aa')"), qr/violates check constraint/, 'not inserted');

like(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/statement does not hold/, 'errors are logged');
$everything .= PostgreSQL::Test::Utils::slurp_file($node->logfile);
my $statements = $node->safe_psql('postgres', 'SELECT query FROM pg_stat_statements');
like($statements, qr/ledger\.prove_range/, 'statements are counted');
$everything .= $statements;
$everything .= $node->safe_psql('postgres', q{SELECT query FROM pg_stat_activity});
unlike($everything, qr/91827364/, 'the value is in none of them');
unlike($everything, qr/c0ffee11/i, 'nor is the blinding');
$node->stop;
done_testing();
