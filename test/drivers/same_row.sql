-- same_row.sql: the columns in which the newest row of every_type differs from the first one, which
-- psql wrote; one line, empty if there are none. Whole values are compared, by their binary form.
SELECT coalesce(string_agg(a.attname, ' ' ORDER BY a.attnum), '')
FROM pg_attribute a,
	(SELECT to_jsonb(t) AS row, t AS whole FROM every_type t ORDER BY id LIMIT 1) AS first,
	(SELECT to_jsonb(t) AS row, t AS whole FROM every_type t ORDER BY id DESC LIMIT 1) AS newest
WHERE a.attrelid = 'every_type'::regclass AND a.attnum > 1 AND a.attname NOT LIKE 'ledger\_%'
	AND first.row -> a.attname IS DISTINCT FROM newest.row -> a.attname;
