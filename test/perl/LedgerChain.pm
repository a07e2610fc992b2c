
=head1 NAME

LedgerChain - is the log of a database whole, told from its tables alone

=head1 SYNOPSIS

  use LedgerChain;
  is(LedgerChain::problems($node), '', 'every committed transaction is sealed once');

=head1 DESCRIPTION

C<problems> returns one line for each kind of damage: an entry without a leaf or with two, leaf
numbers with gaps, blocks that do not follow each other, order numbers that fall within a block, a part
away from its transaction, rows of a table whose transaction has no entry. It reads the tables as
docs/format.md describes them and uses none of the extension's functions.

=cut

package LedgerChain;

use strict;
use warnings;

my $items = q{
	items AS (
		SELECT b.height, b.first_leaf, b.n,
			   (l.bucket << 8) | get_byte(l.items, i * 11) AS tx,
			   b.first_leaf + (get_byte(l.items, i * 11 + 1)::bigint << 24)
				 + (get_byte(l.items, i * 11 + 2) << 16) + (get_byte(l.items, i * 11 + 3) << 8)
				 + get_byte(l.items, i * 11 + 4) AS leaf,
			   format('(%s,%s)', (get_byte(l.items, i * 11 + 5)::bigint << 24)
				 + (get_byte(l.items, i * 11 + 6) << 16) + (get_byte(l.items, i * 11 + 7) << 8)
				 + get_byte(l.items, i * 11 + 8),
				 (get_byte(l.items, i * 11 + 9) << 8) + get_byte(l.items, i * 11 + 10))::tid AS tid
		FROM ledger.leaf l JOIN ledger.block b USING (chain_id, height),
			 generate_series(0, length(l.items) / 11 - 1) i)
};

my %checks = (
	'entries without exactly one leaf' => q{
		SELECT count(*) FROM ledger.entry e
		FULL JOIN (SELECT tid, count(*) AS n FROM items GROUP BY tid) x ON e.ctid = x.tid
		WHERE x.n IS DISTINCT FROM 1 OR e.ledger_tx IS NULL},
	'leaves of another transaction than their entry' => q{
		SELECT count(*) FROM items i JOIN ledger.entry e ON e.ctid = i.tid WHERE e.ledger_tx <> i.tx},
	'leaf numbers with gaps or twice' => q{
		SELECT count(*) FROM (SELECT leaf, row_number() OVER (ORDER BY leaf) - 1 AS should FROM items) x
		WHERE leaf <> should},
	'leaves outside of their block' => q{
		SELECT count(*) FROM items WHERE leaf < first_leaf OR leaf >= first_leaf + n},
	'blocks that do not follow' => q{
		SELECT count(*) FROM (
			SELECT height, first_leaf, n, members_hash,
				   lag(height, 1, -1::bigint) OVER w AS h, lag(first_leaf + n, 1, 0::bigint) OVER w AS f,
				   lag(next_members_hash) OVER w AS m
			FROM ledger.block WINDOW w AS (ORDER BY height)) x
		WHERE height <> h + 1 OR first_leaf <> f OR (m IS NOT NULL AND m <> members_hash)},
	'entries out of order inside a block' => q{
		SELECT count(*) FROM (
			SELECT e.ord, e.part, i.height, lag(e.ord) OVER w AS o, lag(e.part) OVER w AS p
			FROM items i JOIN ledger.entry e ON e.ctid = i.tid
			WINDOW w AS (PARTITION BY i.height ORDER BY i.leaf)) x
		WHERE (ord, part) <= (o, p)},
	'parts away from their transaction' => q{
		SELECT count(*) FROM (
			SELECT tx, max(leaf) - min(leaf) + 1 AS width, count(*) AS n, count(DISTINCT height) AS blocks
			FROM items GROUP BY tx) x
		WHERE width <> n OR blocks <> 1},
);

sub problems
{
	my ($node, $dbname, @tables) = @_;
	my @found;

	foreach my $what (sort keys %checks)
	{
		my $n = $node->safe_psql($dbname // 'postgres', "WITH $items $checks{$what}");

		push @found, "$what: $n" if $n ne '0';
	}
	foreach my $table (@tables)
	{
		my $n = $node->safe_psql($dbname // 'postgres',
			"SELECT count(*) FROM $table t WHERE NOT EXISTS"
			  . " (SELECT FROM ledger.entry e WHERE e.ledger_tx = t.ledger_tx AND e.type = 1)");

		push @found, "rows of $table without an entry: $n" if $n ne '0';
		$n = $node->safe_psql($dbname // 'postgres',
			"SELECT count(*) FROM ledger.entry e WHERE e.type = 1 AND NOT EXISTS"
			  . " (SELECT FROM $table t WHERE e.ledger_tx = t.ledger_tx)");
		push @found, "entries without rows of $table: $n" if $n ne '0' && @tables == 1;
	}
	return join("\n", @found);
}

=pod

=over

=item LedgerChain::wait_sealed($node, $dbname)

Waits until nothing that is committed is left unsealed, by ledger.stat.

=item LedgerChain::wait_signed($node, $dbname)

And until that is signed.

=back

=cut

sub wait_sealed
{
	my ($node, $dbname) = @_;

	return $node->poll_query_until($dbname // 'postgres',
		'SELECT unsealed = 0 AND sealed_size > 0 FROM ledger.stat');
}

sub wait_signed
{
	my ($node, $dbname) = @_;

	return $node->poll_query_until($dbname // 'postgres',
		'SELECT unsealed = 0 AND sealed_size > 0 AND signed_size = sealed_size FROM ledger.stat');
}

1;
