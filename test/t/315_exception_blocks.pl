# 100,000 exception blocks in one transaction: correct, and no memory is kept for those that have ended.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../perl";
use Ledger;
use Life;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = Ledger::node('main');

# Every third block fails after its row. What the transaction keeps is asked before its end.
$node->safe_psql('postgres', q{
	CREATE TABLE payment (id int, note text) USING ledger;
	CREATE FUNCTION pay(n int) RETURNS bigint LANGUAGE plpgsql AS $$
	DECLARE
		before bigint;
	BEGIN
		FOR i IN 1 .. n LOOP
			BEGIN
				INSERT INTO payment VALUES (i, 'block ' || i);
				IF i % 3 = 0 THEN
					RAISE EXCEPTION 'undo';
				END IF;
			EXCEPTION WHEN raise_exception THEN
				NULL;
			END;
			IF i = 1000 THEN
				SELECT sum(used_bytes) INTO before FROM pg_backend_memory_contexts WHERE name ILIKE '%ledger%'
					OR name = 'TopTransactionContext';
			END IF;
		END LOOP;
		RETURN (SELECT sum(used_bytes) - before FROM pg_backend_memory_contexts WHERE name ILIKE '%ledger%'
			OR name = 'TopTransactionContext');
	END
	$$;
});
my $grew = $node->safe_psql('postgres', 'SELECT pay(100000)', timeout => 180);

# 66,667 subtransactions stay committed: PostgreSQL itself keeps their ids
cmp_ok($grew, '<', 2 * 1024 * 1024, "memory does not grow with the number of blocks ($grew bytes)");
is( $node->safe_psql('postgres',
		'SELECT count(*), min(ledger_seq), max(ledger_seq), count(DISTINCT ledger_seq) FROM payment'),
	'66667|0|66666|66667', 'rows that remain are numbered without a gap');
Life::sound($node, 'after 100,000 exception blocks');
$node->stop;
done_testing();
