# every function, view, type and access method of the install scripts has a COMMENT
perl -0777 -ne '
	s/^\s*--.*$//mg;
	my %comment;
	$comment{lc "$1 $2"} = 1
	  while /COMMENT\s+ON\s+(FUNCTION|PROCEDURE|VIEW|TYPE|ACCESS METHOD)\s+"?([\w.]+)/gi;
	while (/CREATE\s+(?:OR\s+REPLACE\s+)?(FUNCTION|PROCEDURE|VIEW|TYPE|ACCESS METHOD)\s+(?:IF\s+NOT\s+EXISTS\s+)?"?([\w.]+)/gi)
	{
		print "$ARGV: $1 $2 has no COMMENT\n" unless $comment{lc "$1 $2"};
	}' sql/ledger--*.sql | sort -u
