-- docs/examples/customs.sql does what it says; the folder is that of make installcheck
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS ledger;
\pset footer off
\i docs/examples/customs.sql
