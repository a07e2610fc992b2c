
=head1 NAME

Life - what the tests of a database's life share: exactly-once sealing, held sealers, killed processes

=cut

package Life;

use strict;
use warnings;

use Carp;
use Ledger;
use PostgreSQL::Test::Utils;
use Test::More;

=pod

=over

=item Life::sealed($node, $dbname)

Returns once every visible entry stands in a block. Not the newest transaction number, but the number
of leaves decides: prepared and long transactions are sealed out of order.

=cut

sub sealed
{
	my ($node, $dbname) = @_;

	$node->poll_query_until(
		$dbname // 'postgres', q{
		SELECT (SELECT count(*) FROM ledger.entry) =
			   coalesce((SELECT max(first_leaf + n) FROM ledger.block), 0)}
	) or croak 'transactions were not sealed';
	return;
}

=pod

=item Life::sound($node, $what, $dbname)

Tests that the chain is whole: every entry is exactly one leaf, blocks follow one another without a
gap, no transaction number was given out twice, and ledger.verify() finds nothing.

=cut

sub sound
{
	my ($node, $what, $dbname) = @_;
	my @findings;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	Life::sealed($node, $dbname);
	is( $node->safe_psql(
			$dbname // 'postgres', q{
		WITH item AS (
			SELECT (l.bucket << 8) + get_byte(l.items, 11 * i) AS ledger_tx
			FROM ledger.leaf l, generate_series(0, length(l.items) / 11 - 1) i),
		leaf AS (SELECT ledger_tx, count(*) AS n FROM item GROUP BY 1),
		entry AS (SELECT ledger_tx, count(*) AS n, count(DISTINCT part) AS parts FROM ledger.entry GROUP BY 1),
		block AS (SELECT height, first_leaf, n, lag(height, 1, -1::bigint) OVER w AS h,
				lag(first_leaf + n, 1, 0::bigint) OVER w AS f
			FROM ledger.block WINDOW w AS (ORDER BY height))
		SELECT (SELECT count(*) FROM entry FULL JOIN leaf USING (ledger_tx)
				WHERE entry.n IS DISTINCT FROM leaf.n OR entry.n <> entry.parts)
			|| ' ' || (SELECT count(*) FROM block WHERE height <> h + 1 OR first_leaf <> f)}),
		'0 0',
		"$what: every entry is one leaf, no block is missing");
	@findings = Ledger::findings($node, $dbname);
	is_deeply([ map { $_->{problem} } @findings ],
		[], "$what: verify finds nothing");
	return;
}

=pod

=item Life::start($node)

Starts a node whose postmaster was killed, or ends after a crash. No new one starts while the old
process or one of its backends lives, and they take a moment to go.

=cut

sub start
{
	my ($node) = @_;
	my $pidfile = $node->data_dir . '/postmaster.pid';

	foreach my $attempt (1 .. 1800)
	{
		my ($pid) = -e $pidfile ? slurp_file($pidfile) =~ /^(\d+)/ : ();

		$node->{_pid} = undef;
		return
		  if !(defined $pid && kill(0, $pid)) && $node->start(fail_ok => 1);
		select undef, undef, undef, 0.1;
	}
	croak 'the server does not start';
}

=pod

=item Life::log_state($node, $dbname)

The log as text: size and root of the newest block.

=cut

sub log_state
{
	my ($node, $dbname) = @_;

	return $node->safe_psql($dbname // 'postgres',
		q{SELECT first_leaf + n, encode(log_root, 'hex') FROM ledger.block ORDER BY height DESC LIMIT 1}
	);
}

=pod

=item Life::sealer($node, $dbname)

The process id of the sealer, started by a write if there is none.

=cut

sub sealer
{
	my ($node, $dbname) = @_;
	my $pid;

	$dbname //= 'postgres';
	$node->poll_query_until($dbname,
		"SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'ledger sealer' AND datname = '$dbname'"
	) or croak 'no sealer';
	$pid = $node->safe_psql($dbname,
		"SELECT pid FROM pg_stat_activity WHERE backend_type = 'ledger sealer' AND datname = '$dbname'"
	);
	return $pid;
}

=pod

=item Life::hold($node, $table)

Opens a session that holds a lock which keeps anybody from writing to ledger.$table. Returns the
session; C<Life::waiting> tells when a process waits for it, C<Life::release> ends it.

=item Life::waiting($node, $table)

Waits until a process is blocked on ledger.$table and returns its id.

=back

=cut

sub hold
{
	my ($node, $table) = @_;
	my $session = $node->background_psql('postgres');

	$session->query_safe("BEGIN; LOCK TABLE ledger.$table IN EXCLUSIVE MODE");
	return $session;
}

sub waiting
{
	my ($node, $table) = @_;
	my $query =
	  "FROM pg_locks WHERE NOT granted AND relation = 'ledger.$table'::regclass";

	$node->poll_query_until('postgres', "SELECT count(*) > 0 $query")
	  or croak "nobody waits for ledger.$table";
	return $node->safe_psql('postgres', "SELECT pid $query LIMIT 1");
}

1;
