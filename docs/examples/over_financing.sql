-- One invoice, several banks. Each bank lends on a part of the invoice and tells no other bank how much.
-- The borrower proves to all of them that the parts together are within the invoice: financing the same
-- invoice twice does not add up, and there is no proof of it.
--
--     psql -f docs/examples/over_financing.sql
--
-- Amounts and blindings stand here in the open, because this is an example of one session. In earnest each
-- of them is known to the borrower and to one bank, and is passed to the functions as a parameter.

-- What everybody sees: the invoice, and what is financed on it. A row of invoice_share is refused unless it
-- proves that its amount lies between 0 and the amount of the invoice, which is the invoice's own commitment.
CREATE TABLE invoice (
	chain_id uuid NOT NULL,
	table_id uuid NOT NULL,
	invoice_no text PRIMARY KEY,
	amount ledger.commitment NOT NULL,
	in_range ledger.proof NOT NULL,
	UNIQUE (invoice_no, amount),
	CHECK (ledger.verify_range(amount, 0, 1000000000, in_range, ledger.proof_context(chain_id, table_id, invoice_no)))
) USING ledger;

CREATE TABLE invoice_share (
	chain_id uuid NOT NULL,
	table_id uuid NOT NULL,
	invoice_no text,
	bank text,
	invoice_amount ledger.commitment NOT NULL,
	amount ledger.commitment NOT NULL,
	within_invoice ledger.proof NOT NULL,
	PRIMARY KEY (invoice_no, bank),
	FOREIGN KEY (invoice_no, invoice_amount) REFERENCES invoice (invoice_no, amount),
	CHECK (ledger.verify_proof('numeric(18,2): a >= 0 and a <= b', ARRAY[amount, invoice_amount], within_invoice,
							   ledger.proof_context(chain_id, table_id, invoice_no || '/' || bank)))
) USING ledger;

-- The borrower's own books, which no other party has.
CREATE TEMP TABLE secret (what text PRIMARY KEY, value numeric(18,2), blinding bytea DEFAULT ledger.random_blinding());
INSERT INTO secret (what, value) VALUES ('invoice', 100000.00), ('north bank', 60000.00), ('south bank', 30000.00), ('west bank', 10000.00);
CREATE TEMP VIEW opened AS
	SELECT what, (value, blinding)::ledger.opening AS opening, ledger.commit(value, blinding, 'std') AS commitment FROM secret;

-- The chain and the table that proofs are tied to: any two uuids that all parties agree on.
\set chain '''0f8fad5b-d9cb-469f-a165-70867728950e'''
\set table '''7c9e6679-7425-40de-944b-e07fc1f90ae7'''

INSERT INTO invoice
	SELECT :chain, :table, 'INV-1', commitment,
		   ledger.prove_range(commitment, 0, 1000000000, opening, ledger.proof_context(:chain, :table, 'INV-1'))
	FROM opened WHERE what = 'invoice';

INSERT INTO invoice_share
	SELECT :chain, :table, 'INV-1', s.what, i.commitment, s.commitment,
		   ledger.prove('numeric(18,2): a >= 0 and a <= b', ARRAY[s.commitment, i.commitment], ARRAY[s.opening, i.opening],
						ledger.proof_context(:chain, :table, 'INV-1/' || s.what))
	FROM opened s, opened i WHERE i.what = 'invoice' AND s.what <> 'invoice';

-- What a bank sees of the others: no amount.
SELECT invoice_no, bank, ledger.scale(amount) AS decimals, length(amount::bytea) AS bytes, length(within_invoice::bytea) AS proof
FROM invoice_share ORDER BY bank;

-- The borrower proves that the three shares together are within the invoice. Shares are known to be positive
-- and below it from the table's CHECK, so nothing can wrap around: that is what "given" says.
\set within '''numeric(18,2): a + b + c <= d given a in [0, 1000000000], b in [0, 1000000000], c in [0, 1000000000], d in [0, 1000000000]'''
SELECT ledger.prove(:within, array_agg(commitment ORDER BY what = 'invoice', what), array_agg(opening ORDER BY what = 'invoice', what),
					ledger.proof_context(:chain, :table, 'INV-1')) AS proof
FROM opened \gset

-- Every bank checks it on its own, from what all of them have.
SELECT ledger.verify_proof(:within, array_agg(s.amount ORDER BY s.bank) || i.amount, :'proof', ledger.proof_context(:chain, :table, 'INV-1')) AS within_invoice
FROM invoice i JOIN invoice_share s USING (invoice_no) WHERE i.invoice_no = 'INV-1' GROUP BY i.amount;

-- A fourth bank is offered a share of an invoice that is financed to the last cent. The row alone is fine...
INSERT INTO secret (what, value) VALUES ('zenith bank', 5000.00);
INSERT INTO invoice_share
	SELECT :chain, :table, 'INV-1', s.what, i.commitment, s.commitment,
		   ledger.prove('numeric(18,2): a >= 0 and a <= b', ARRAY[s.commitment, i.commitment], ARRAY[s.opening, i.opening],
						ledger.proof_context(:chain, :table, 'INV-1/' || s.what))
	FROM opened s, opened i WHERE i.what = 'invoice' AND s.what = 'zenith bank';

-- ... but the four together are more than the invoice, and no proof says otherwise.
\set within_four '''numeric(18,2): sum(a..d) <= e given a in [0, 1000000000], b in [0, 1000000000], c in [0, 1000000000], d in [0, 1000000000], e in [0, 1000000000]'''
SELECT ledger.prove(:within_four, array_agg(commitment ORDER BY what = 'invoice', what), array_agg(opening ORDER BY what = 'invoice', what),
					ledger.proof_context(:chain, :table, 'INV-1')) AS proof
FROM opened;

-- The old proof does not speak of the fourth share, and cannot be made to.
SELECT ledger.verify_proof(:within_four, array_agg(s.amount ORDER BY s.bank) || i.amount, :'proof', ledger.proof_context(:chain, :table, 'INV-1')) AS within_invoice
FROM invoice i JOIN invoice_share s USING (invoice_no) WHERE i.invoice_no = 'INV-1' GROUP BY i.amount;

-- A share of less than nothing would make room for more. It has no proof, and with a proof of something else
-- the row is refused.
INSERT INTO secret (what, value) VALUES ('empty bank', -5000.00);
SELECT ledger.prove('numeric(18,2): a >= 0 and a <= b', ARRAY[s.commitment, i.commitment], ARRAY[s.opening, i.opening],
					ledger.proof_context(:chain, :table, 'INV-1/' || s.what)) AS proof
FROM opened s, opened i WHERE i.what = 'invoice' AND s.what = 'empty bank';
\set VERBOSITY terse
INSERT INTO invoice_share
	SELECT :chain, :table, 'INV-1', 'empty bank', o.invoice_amount, e.commitment, o.within_invoice
	FROM invoice_share o, opened e WHERE o.bank = 'west bank' AND e.what = 'empty bank';
