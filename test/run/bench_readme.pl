# bench_readme.pl README FILE.tsv...: writes the kept figures between the marks of README.

use strict;
use warnings;

my ($readme, @files) = @ARGV;
my @rows = ('| figure | value | baseline | to reach | |', '|---|---|---|---|---|');

for my $file (@files)
{
	open my $fh, '<', $file or die "could not open $file: $!\n";
	while (my $line = <$fh>)
	{
		chomp $line;
		my ($name, $value, $unit, $baseline, $target) = split /\t/, $line;
		my ($op, $limit) = $target =~ /^([<>]=)([\d.]+)$/;
		my $met = !defined $op ? '' : ($op eq '>=' ? $value >= $limit : $value <= $limit) ? 'yes' : '**no**';

		$target = $target =~ s/^>=/≥ /r =~ s/^<=/≤ /r =~ s/^-$//r;
		push @rows, "| `$name` | $value $unit | " . ($baseline eq '-' ? '' : $baseline) . " | $target | $met |";
	}
	close $fh;
}

open my $fh, '<', $readme or die "could not open $readme: $!\n";
my $text = do { local $/; <$fh> };
close $fh;
$text =~ s/(<!-- figures -->\n).*?(<!-- end of figures -->)/$1\n@{[ join "\n", @rows ]}\n\n$2/s
  or die "$readme has no marks for the figures\n";
open $fh, '>', $readme or die "could not write $readme: $!\n";
print {$fh} $text;
close $fh or die "could not write $readme: $!\n";
