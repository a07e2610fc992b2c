# format.pl [--check] FILE...
#
# Formats C files as pgindent would: clang-format with .clang-format, and around it what that cannot
# do. Declared names stand 12 columns after the indentation, comments behind code in column 32, and
# ereport(), brace initialisers and macros keep the lines their author gave them.
#
# --check changes nothing, prints the first line that differs of each file and exits 1 if there is one.

use strict;
use warnings;

my $check = @ARGV && $ARGV[0] eq '--check' ? shift : 0;
my $differs = 0;

use constant NAME_COLUMN => 12;
use constant COMMENT_COLUMN => 32;

# Column after $text, which starts in column $column.
sub column_after
{
	my ($text, $column) = @_;

	for my $c (split //, $text)
	{
		$column = $c eq "\t" ? ($column | 3) + 1 : $column + 1;
	}
	return $column;
}

# Tabs and spaces from column $from to column $to, at least one space.
sub padding
{
	my ($from, $to) = @_;
	my $pad = '';

	return ' ' if $to <= $from + 1;
	while (($from | 3) + 1 <= $to)
	{
		$pad .= "\t";
		$from = ($from | 3) + 1;
	}
	return $pad . ' ' x ($to - $from);
}

# Puts clang-format off and on around what keeps its lines.
sub protect
{
	my @out;
	my $until;

	for my $line (@_)
	{
		if (!defined $until)
		{
			$until =
			    $line =~ /^\t*(?:ereport|elog)\(/ ? qr/\);\s*(?:\/\*.*)?$/
			  : $line =~ /^#\s*define\b/ ? qr/[^\\]$/
			  : $line =~ /^[^#].* =(?: *\{)?$/ ? qr/;\s*(?:\/\*.*)?$/
			  : undef;
			push @out, "/* clang-format off */ /* kept */\n" if defined $until;
		}
		push @out, $line;
		if (defined $until && $line =~ $until)
		{
			push @out, "/* clang-format on */ /* kept */\n";
			undef $until;
		}
	}
	return join '', @out;
}

# Moves declared names and trailing comments to their columns.
sub align
{
	my @out;
	my $depth = 0;      # of parentheses
	my $in_comment = 0; # 1: of its own, 2: behind code, its lines follow in $shift
	my $continued = 0;  # inside of a macro

	for my $line (grep { !/\/\* kept \*\/$/ } @_)
	{
		if ($in_comment)
		{
			$line =~ s/^\s*/padding(0, COMMENT_COLUMN) . ' '/e if $in_comment == 2;
			$in_comment = 0 if $line =~ /\*\//;
			push @out, $line;
			next;
		}
		if ($line =~ /^#/ || $continued)
		{
			$line =~ s/^(#(?:endif|else))\s+(\/\*)/$1 . padding(length $1, COMMENT_COLUMN) . $2/e;
			$continued = $line =~ /\\$/;
			push @out, $line;
			next;
		}

		my ($code, $comment) = $line =~ /^(.*?[^\s].*?)\s*(\/\*(?:(?!\*\/).)*(?:\*\/)?)$/;
		if (!defined $code || $line =~ /^\s*\/\*/)
		{
			$in_comment = 1 if $line =~ /\/\*(?:(?!\*\/).)*$/;
			($code, $comment) = ($line, undef);
			chomp $code;
		}
		if ($depth == 0
			&& $code =~ /^(\t*)((?!return\b|goto\b|else\b|case\b|typedef\b)[A-Za-z_]\w*(?: [A-Za-z_]\w*)*)\s+(\**)(\w+)((?:;|,| =|\[| :).*)$/)
		{
			my $base = 4 * length $1;

			$code = $1 . $2
			  . padding($base + length $2, $base + NAME_COLUMN - length $3)
			  . $3 . $4 . $5;
		}
		if (defined $comment)
		{
			my $from = column_after($code, 0);
			my $to = $from < COMMENT_COLUMN ? COMMENT_COLUMN : ($from | 3) + 1;

			$code .= padding($from, $to) . $comment;
			$in_comment = 2 if $comment !~ /\*\/$/;
		}
		push @out, "$code\n";

		(my $bare = $code) =~ s/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\/\*.*//g;
		$depth += ($bare =~ tr/(//) - ($bare =~ tr/)//);
		$depth = 0 if $depth < 0;
	}
	return @out;
}

sub slurp
{
	open my $fh, '<', $_[0] or die "could not open $_[0]: $!\n";
	return <$fh>;
}

for my $file (@ARGV)
{
	my @old = slurp($file);
	my $tmp = "$file.format.c";

	open my $out, '>', $tmp or die "could not write $tmp: $!\n";
	print {$out} protect(@old);
	close $out or die "could not write $tmp: $!\n";
	my @formatted = `clang-format-14 $tmp`;
	unlink $tmp;
	die "clang-format-14 failed on $file\n" if $? != 0;

	my @new = align(@formatted);
	next if join('', @old) eq join('', @new);
	$differs = 1;
	if ($check)
	{
		my $n = 0;

		$n++ while defined $old[$n] && defined $new[$n] && $old[$n] eq $new[$n];
		print "$file:", $n + 1, "\n";
		next;
	}
	open $out, '>', $file or die "could not write $file: $!\n";
	print {$out} @new;
	close $out or die "could not write $file: $!\n";
}
exit($check && $differs);
