# One row, one hash: the encoding of a row does not depend on client_encoding, DateStyle, IntervalStyle,
# TimeZone, the locale categories, float and bytea output, or the encoding and locale of the database.
#
# Every pair of values of any two settings occurs in some combination.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use Life;
use MIME::Base64;
use PostgreSQL::Test::Utils;
use Test::More;

my $locales = "$PostgreSQL::Test::Utils::tmp_check/locales";
my @made;

# Locales that the machine may not have; a server finds them through LOCPATH.
mkdir $locales;
foreach my $locale ([ 'de_DE', 'UTF-8' ], [ 'ja_JP', 'UTF-8' ], [ 'tr_TR', 'ISO-8859-9' ], [ 'fr_FR', 'ISO-8859-1' ],
	[ 'ja_JP', 'EUC-JP' ])
{
	my ($name, $charset) = @$locale;

	system("localedef -i $name -f $charset $locales/$name.$charset >/dev/null 2>&1");
	push @made, "$name.$charset" if -d "$locales/$name.$charset";
}
$ENV{LOCPATH} = $locales;

my %settings = (
	database => [ 'utf8_c', 'utf8_icu', 'latin1', grep { -d "$locales/$_" } 'de_DE.UTF-8', 'fr_FR.ISO-8859-1' ],
	client_encoding => [ 'UTF8', 'LATIN1', 'SQL_ASCII', 'another' ],
	DateStyle => [ 'ISO, MDY', 'ISO, DMY', 'SQL, DMY', 'Postgres, MDY', 'German, YMD' ],
	IntervalStyle => [ 'postgres', 'postgres_verbose', 'sql_standard', 'iso_8601' ],
	TimeZone => [ 'UTC', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia', '<XX>-13:17' ],
	lc_monetary => [ 'C', grep { /UTF-8/ } @made ],
	lc_numeric => [ 'C', grep { /de_DE/ } @made ],
	lc_time => [ 'C', grep { /UTF-8/ } @made ],
	extra_float_digits => [ '-15', '0', '3' ],
	bytea_output => [ 'hex', 'escape' ],
	xmlbinary => [ 'base64', 'hex' ],
);

# Combinations that cover each pair of values, chosen greedily.
sub pairwise
{
	my (%values) = @_;
	my @names = sort keys %values;
	my (%missing, @rows);

	foreach my $i (0 .. $#names)
	{
		foreach my $j ($i + 1 .. $#names)
		{
			foreach my $a (@{ $values{ $names[$i] } })
			{
				$missing{"$i=$a;$j=$_"} = 1 foreach @{ $values{ $names[$j] } };
			}
		}
	}
	while (%missing)
	{
		my ($first) = sort keys %missing;
		my %row = $first =~ /^(\d+)=(.*);(\d+)=(.*)$/ ? ($1 => $2, $3 => $4) : die $first;

		foreach my $i (grep { !exists $row{$_} } 0 .. $#names)
		{
			my ($best, $most) = (undef, -1);

			foreach my $value (@{ $values{ $names[$i] } })
			{
				my $covers = grep {
					$missing{ $_ < $i ? "$_=$row{$_};$i=$value" : "$i=$value;$_=$row{$_}" }
				} keys %row;

				($best, $most) = ($value, $covers) if $covers > $most;
			}
			$row{$i} = $best;
		}
		foreach my $i (keys %row)
		{
			delete $missing{"$i=$row{$i};$_=$row{$_}"} foreach grep { $_ > $i } keys %row;
		}
		push @rows, { map { $names[$_] => $row{$_} } keys %row };
	}
	return @rows;
}

my $node = Ledger::node('main', conf => "log_statement = none\n");

# The row is made once in each database, under default settings, and copied from a heap table under each
# combination: what differs is only the session that hashes. Every character is in Latin-1.
foreach my $database (@{ $settings{database} })
{
	my %how = (
		utf8_c => "ENCODING 'UTF8' LOCALE 'C'",
		utf8_icu => "ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR'",
		latin1 => "ENCODING 'LATIN1' LOCALE 'C'",
		'fr_FR.ISO-8859-1' => "ENCODING 'LATIN1' LOCALE 'fr_FR.ISO-8859-1'",
		'de_DE.UTF-8' => "ENCODING 'UTF8' LOCALE 'de_DE.UTF-8'");

	$node->safe_psql('postgres', "CREATE DATABASE \"$database\" TEMPLATE template0 $how{$database}");
	$node->safe_psql($database, q{
		SET client_encoding = 'UTF8';
		CREATE EXTENSION ledger;
		CREATE EXTENSION citext;
		CREATE TYPE mood AS ENUM ('très bien', 'så');
		CREATE TYPE pair AS (a timestamptz, b text);
		CREATE TABLE source (id int, b bool, i2 int2, i8 int8, f4 float4, f8 float8, n numeric, t text,
			v varchar(20), c char(6), ci citext, bin bytea, bits varbit, u uuid, m money, d date, ti time,
			tz timetz, ts timestamp, tstz timestamptz, inf timestamptz, iv interval, ip inet, j json, jb jsonb,
			x xml, e mood, a text[], ta timestamptz[], r tstzrange, mr nummultirange, p pair);
		INSERT INTO source VALUES (1, true, -2, 9007199254740993, 1.1, 0.1, 12345.6700, 'Ångström ÀÉÎ iI',
			'naïve', 'ß', 'MiXéd', '\x00ff5c27', B'10110', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', 1234.56,
			'2024-03-10', '02:30:00.000001', '02:30-05', '2024-03-10 02:30', '2024-03-10 07:30+00', 'infinity',
			'1 year -3 days 04:05:06.7', '10.1.2.3/8', '{"é": 1.50}', '{"é": 1.50, "a": null}',
			'<n>é</n>', 'så', '{a,NULL,"é"}', '{"2024-11-03 05:30+00","-infinity"}',
			'[2024-03-10 06:00+00,)', '{[1.5,2]}', ROW('2024-03-10 07:30+00', 'é'));
		CREATE TABLE target (LIKE source) USING ledger;
	});
}

# The bytes of a row as a receipt shows them, without what differs by design: table, schema version,
# transaction, number.
sub cells
{
	my ($database, $sets, $key) = @_;
	my $row = $node->safe_psql($database,
		"$sets\nSELECT substring(ledger.receipt('target', $key) FROM '\\nrow ([^\\n]*)\\n');");

	return encode_base64(substr(decode_base64($row), 2 + 16 + 4 + 8 + 4), '');
}

my @combinations = pairwise(%settings);
my (%seen, %last);

cmp_ok(scalar @combinations, '<=', 200, scalar(@combinations) . ' combinations');
foreach my $c (@combinations)
{
	my $database = $c->{database};

	# PostgreSQL does not convert from everything to everything
	$c->{client_encoding} = $database =~ /utf8|UTF-8/ ? 'WIN1252' : 'MULE_INTERNAL'
	  if $c->{client_encoding} eq 'another';
	my $sets = join "\n", map { "SET $_ = '$c->{$_}';" } grep { $_ ne 'database' } sort keys %$c;
	my ($key, $cells);

	$node->safe_psql($database, "$sets\nINSERT INTO target SELECT * FROM source;");
	Life::sealed($node, $database);

	# written under these settings, and read under them; the row before is read under them too
	$key = $node->safe_psql($database,
		q{SELECT ledger_tx || ',' || ledger_seq FROM target ORDER BY ledger_tx DESC LIMIT 1});
	push @{ $seen{ cells($database, $sets, $key) } }, "$sets\nwritten in $database";
	push @{ $seen{ cells($database, $sets, $last{$database}) } }, "$sets\nread in $database"
	  if $last{$database};
	$last{$database} = $key;
}
is(scalar keys %seen, 1, 'one row, one hash')
  or diag(join "\n---\n", map { $seen{$_}[0] } keys %seen);

foreach my $database (@{ $settings{database} })
{
	Life::sound($node, $database, $database);
}
$node->stop;
done_testing();
