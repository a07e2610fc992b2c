
=head1 NAME

Ledger - servers with the extension loaded, and the hands of an attacker

=head1 SYNOPSIS

  use FindBin;
  use lib "$FindBin::RealBin/../perl";
  use Ledger;
  use Test::More;

  my $node = Ledger::node('main');           # initialised, preloaded, started, extension created
  $node->safe_psql('postgres', 'CREATE TABLE t (a int) USING ledger; INSERT INTO t VALUES (1)');
  Ledger::wait_sealed($node);
  is_deeply([Ledger::findings($node)], [], 'nothing to find');

  $node->stop;
  Ledger::flip_byte($node, Ledger::relation_file($node, 't'), 8150);   # path asked before the stop

=head1 DESCRIPTION

Runs on top of PostgreSQL::Test::Cluster. C<LEDGER_DESTDIR> names the folder of C<make install
DESTDIR=...>; without it the extension must be installed in the server itself. The development key of
a node lies beside its data directory, in the node's base directory, so a backup does not copy it.

=cut

package Ledger;

use strict;
use warnings;

use Carp;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

use constant BLCKSZ => 8192;

=pod

=over

=item Ledger::node($name, %opts)

Makes a node. Options: C<conf> (lines for postgresql.conf), C<init> (arrayref for
PostgreSQL::Test::Cluster->init), C<preload> (string of shared_preload_libraries, default 'ledger'),
C<start> (default 1), C<extension> (create it in database postgres, default 1 if started).

=cut

sub node
{
	my ($name, %opts) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(@{ $opts{init} // [] });
	configure($node, %opts);
	if ($opts{start} // 1)
	{
		$node->start;
		$node->safe_psql('postgres', 'CREATE EXTENSION ledger')
		  if $opts{extension} // 1;
	}
	return $node;
}

=pod

=item Ledger::configure($node, %opts)

Writes the settings of C<node> into an initialised node.

=cut

sub configure
{
	my ($node, %opts) = @_;
	my $preload = $opts{preload} // 'ledger';

	$node->append_conf('postgresql.conf', destdir_conf());
	$node->append_conf('postgresql.conf',
		"shared_preload_libraries = '$preload'\n");
	$node->append_conf('postgresql.conf', $opts{conf}) if defined $opts{conf};
	return;
}

=pod

=item Ledger::destdir_conf()

The lines of postgresql.conf that let Debian's server find an extension below LEDGER_DESTDIR.

=cut

sub destdir_conf
{
	my $destdir = $ENV{LEDGER_DESTDIR} or return "\n";
	my $libdir = `pg_config --pkglibdir`;

	chomp $libdir;
	return "extension_destdir = '$destdir'\n"
	  . "dynamic_library_path = '$destdir$libdir:\$libdir'\n";
}

=pod

=item Ledger::verifier()

Path of the offline verifier.

=cut

sub verifier
{
	my $bindir = `pg_config --bindir`;

	chomp $bindir;
	return ($ENV{LEDGER_DESTDIR} // '') . "$bindir/ledger_verify";
}

=pod

=item Ledger::wait_sealed($node, $dbname)

Returns once every transaction committed so far stands in a block and a signed checkpoint covers it.

=cut

sub wait_sealed
{
	my ($node, $dbname) = @_;

	$node->poll_query_until($dbname // 'postgres',
		'SELECT coalesce((SELECT unsealed = 0 AND signed_size = sealed_size FROM ledger.stat), true)'
	) or croak 'transactions were not sealed';
	return;
}

=pod

=item Ledger::findings($node, $dbname, $arguments)

What ledger.verify($arguments) reports as error or warning, each as a hash with the keys severity,
relation, ledger_tx, ledger_seq, ctid, problem (undef for NULL).

=cut

sub findings
{
	my ($node, $dbname, $arguments) = @_;

	return grep { $_->{severity} ne 'info' } verify($node, $dbname, $arguments);
}

=pod

=item Ledger::verify($node, $dbname, $arguments)

Every row of ledger.verify($arguments), the summary too, in order.

=cut

sub verify
{
	my ($node, $dbname, $arguments) = @_;
	my $json = $node->safe_psql($dbname // 'postgres',
		"SELECT json_agg(v) FROM ledger.verify(" . ($arguments // '') . ") v");

	return @{ decode_json($json) };
}

=pod

=item Ledger::relation_file($node, $relation, $dbname)

Absolute path of the first segment of a relation's file. The server must run.

=cut

sub relation_file
{
	my ($node, $relation, $dbname) = @_;
	my $path = $node->safe_psql($dbname // 'postgres',
		"SELECT pg_relation_filepath('$relation')");

	return $node->data_dir . "/$path";
}

=pod

=item Ledger::read_bytes($file, $offset, $length)

=item Ledger::write_bytes($node, $file, $offset, $bytes)

=item Ledger::flip_byte($node, $file, $offset, $mask)

Reads, overwrites, or XORs (with $mask, default 1) bytes of a file. Writing refuses while the node
runs, because the server would not notice, or would undo it.

=cut

sub read_bytes
{
	my ($file, $offset, $length) = @_;
	my $bytes;

	open my $fh, '<:raw', $file or croak "could not open $file: $!";
	seek $fh, $offset, 0;
	my $n = read $fh, $bytes, $length;
	croak "$file ends before byte " . ($offset + $length)
	  if !defined $n || $n != $length;
	close $fh;
	return $bytes;
}

sub write_bytes
{
	my ($node, $file, $offset, $bytes) = @_;

	croak 'stop the server first' if -e $node->data_dir . '/postmaster.pid';
	read_bytes($file, $offset, length $bytes);    # must lie inside
	open my $fh, '+<:raw', $file or croak "could not open $file: $!";
	seek $fh, $offset, 0;
	print {$fh} $bytes;
	close $fh or croak "could not write $file: $!";
	return;
}

sub flip_byte
{
	my ($node, $file, $offset, $mask) = @_;
	my $old = ord read_bytes($file, $offset, 1);

	write_bytes($node, $file, $offset, chr($old ^ ($mask // 1)));
	return;
}

=pod

=item Ledger::tuple_position($file, $block, $line)

Where a tuple stands in the first segment of a heap file, read from the page itself: offset in the
file of the tuple, its length, offset in the file of its line pointer, and of its first data byte
(t_hoff). Checkpoint or stop the server before.

=cut

sub tuple_position
{
	my ($file, $block, $line) = @_;
	my $page = read_bytes($file, $block * BLCKSZ, BLCKSZ);
	my $pointer = 24 + 4 * ($line - 1);
	my $item = unpack 'V', substr($page, $pointer, 4);
	my ($offset, $length) = ($item & 0x7fff, $item >> 17);

	croak "line pointer ($block,$line) is not in use" if $length == 0;
	return (
		$block * BLCKSZ + $offset,
		$length,
		$block * BLCKSZ + $pointer,
		$block * BLCKSZ + $offset + ord substr($page, $offset + 22, 1));
}

=pod

=item Ledger::crash($node)

Stops the node as a power failure would.

=cut

sub crash
{
	my ($node) = @_;

	$node->stop('immediate');
	return;
}

=pod

=item Ledger::seed()

A random seed, or LEDGER_SEED; printed so that a failure can be repeated.

=back

=cut

sub seed
{
	my $seed = $ENV{LEDGER_SEED} // int(rand(2**31));

	Test::More::diag("LEDGER_SEED=$seed");
	srand $seed;
	return $seed;
}

1;
