-- psql.sql: psql's own ways to look at a ledger table and to load it; the first program to write.
\set VERBOSITY sqlstate
\pset format unaligned
\set HIDE_TABLEAM off

\dt payment
\d payment
\d+ payment

\set who 41
INSERT INTO payment (account, amount, note) VALUES (:who, 1.00, :'who') RETURNING id, ledger_seq \gset
\echo key :id, number :ledger_seq
\copy payment (account, amount, note) FROM PROGRAM 'seq 1 50 | sed "s/.*/42,&.00,copied &/"' (FORMAT csv)
\copy (SELECT account, amount, note FROM payment WHERE account = 42 AND id < 5 ORDER BY id) TO STDOUT (FORMAT csv, HEADER)
COPY payment (account, amount, note) FROM STDIN (FORMAT csv, HEADER);
account,amount,note
43,1.5,"a, quoted"
43,2.5,
\.
SELECT account, count(*), count(note), max(ledger_seq) FROM payment GROUP BY 1 ORDER BY 1;

UPDATE payment SET amount = 1;
\echo :SQLSTATE :LAST_ERROR_SQLSTATE
DELETE FROM payment;
TRUNCATE payment;
DROP TABLE payment;
INSERT INTO payment (account, amount, ledger_tx) VALUES (1, 1, 1);
INSERT INTO payment (account, amount) VALUES (1, 0);
\set VERBOSITY default
UPDATE payment SET amount = 1;
