-- verify.sql: what the programs of this folder wrote verifies; one "ok" or "not ok" line.
SELECT ledger.wait_sealed(max(ledger_tx)) FROM ledger.entry \gset wait_
SELECT CASE WHEN count(*) FILTER (WHERE severity <> 'info') = 0 THEN 'ok - ' ELSE 'not ok - ' END
	|| 'everything that the programs wrote verifies'
	|| coalesce(E'\n#   ' || string_agg(problem, E'\n#   ') FILTER (WHERE severity <> 'info'), '')
FROM ledger.verify();
