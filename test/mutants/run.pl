# test/mutants/run.pl: does a test notice when the proofs lose an input or a term?
#
#   perl test/mutants/run.pl [-check] [TITLE...]
#
# Each mutant of test/mutants/list is the tree with one edit. The test programs of the proofs are built
# with it, without sanitizers, and one of them has to fail. -check takes only those marked for make
# check, TITLE only those whose title contains it. Prints a line for each and exits 1 when one survives.
use strict;
use warnings;
use File::Temp qw(tempdir);

my $quick = @ARGV && $ARGV[0] eq '-check' ? shift : undef;
my @wanted = @ARGV;
$ENV{LEDGER_FAIL_FAST} = 1;
my $cc = $ENV{UNIT_GCC} // 'gcc';
my @flags = qw(-std=c11 -D_POSIX_C_SOURCE=200809L -O1 -w -Isrc -Itest/unit);

# Who has to notice: the forgers and the users of the public functions; for what is only redundant,
# the bytes of proofs that are fixed.
my @programs = qw(test_zkp_forge test_zkp_proof test_zkp_statement test_zkp_mutation);
my @pins = qw(test_zkp_pins);

my $list = slurp('test/mutants/list');
my $dir = tempdir('mutants-XXXXXX', DIR => $ENV{TMPDIR} // '/var/tmp', CLEANUP => 1);
system("tar -cf - src/core src/crypto src/zkp test/unit | tar -xf - -C $dir") == 0 or die "no copy\n";
chdir $dir or die $!;
my @sources = glob 'src/core/*.c src/crypto/*.c src/zkp/*.c';

sub slurp { my ($f) = @_; open my $h, '<', $f or die "$f: $!"; local $/; return scalar <$h> }
sub spit { my ($f, $s) = @_; open my $h, '>', $f or die "$f: $!"; print $h $s; close $h }

sub compile
{
	my (@files) = @_;
	for my $c (@files)
	{
		(my $o = $c) =~ s/\.c$/.o/;
		system($cc, @flags, '-c', '-o', $o, $c) == 0 or die "$c does not compile\n";
	}
}

sub link_program
{
	my ($name) = @_;
	my @objects = map { s/\.c$/.o/r } @sources;
	system($cc, '-o', $name, "test/unit/$name.o", @objects, '-lcrypto') == 0 or die "$name does not link\n";
}

# The first thing that fails, or undef.
sub failure
{
	for my $name (@_)
	{
		link_program($name);
		my $out = `timeout 600 ./$name 2>&1`;
		next if $? == 0;
		return "$name: $1" if $out =~ /^not ok \d+ - (.*)/m;
		return "$name ends with " . ($? & 127 ? 'signal ' . ($? & 127) : 'status ' . ($? >> 8));
	}
	return undef;
}

# ---- the list, whose head says what its lines are -----------------------------------------------------

my (@mutants, $m);
for (split /\n/, $list)
{
	if (/^= (\*?)\s*(.*)/) { push @mutants, $m = { title => $2, check => $1 ne '', edits => [], why => '' } }
	elsif (/^> (\S+)/) { $m->{first} = $1 }
	elsif (/^! (.*)/) { $m->{why} .= "$1 " }
	elsif (/^\@ (.*)/) { push @{ $m->{edits} }, { file => $1, old => '', new => '' } }
	elsif (/^- (.*)/) { $m->{edits}[-1]{old} = $1 }
	elsif (/^\+ ?(.*)/) { $m->{edits}[-1]{new} = $1 }
	elsif (/\S/ && !/^#/) { die "list: $_\n" }
}

# Each edit has one place.
for my $mutant (@mutants)
{
	for my $e (@{ $mutant->{edits} })
	{
		my $found = () = slurp($e->{file}) =~ /\Q$e->{old}\E/g;
		die "$mutant->{title}: $e->{file} has $found times: $e->{old}\n" if $found != 1;
	}
}

compile(@sources, map { "test/unit/$_.c" } @programs, @pins);
my $broken = failure(@programs, @pins);
die "without any mutant $broken\n" if defined $broken;

my ($killed, $survived) = (0, 0);
for my $mutant (@mutants)
{
	next if $quick && !$mutant->{check};
	next if @wanted && !grep { index($mutant->{title}, $_) >= 0 } @wanted;
	my %original;
	for my $e (@{ $mutant->{edits} })
	{
		my $text = slurp($e->{file});
		$original{ $e->{file} } //= $text;
		$text =~ s/\Q$e->{old}\E/$e->{new}/;
		spit($e->{file}, $text);
	}
	compile(keys %original);
	my $first = $mutant->{first} // $programs[0];
	my $by = failure($mutant->{why} ? @pins : ($first, grep { $_ ne $first } @programs));
	if (defined $by) { $killed++; print "ok      $mutant->{title}: $by\n" }
	else { $survived++; print "FAILED  $mutant->{title}: nothing notices\n" }
	spit($_, $original{$_}) for keys %original;
	compile(keys %original);
}
print "$killed passed, $survived failed\n";
exit($survived > 0 || $killed == 0);
