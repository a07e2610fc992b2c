-- A shipment, four parties, four quantities: the buyer ordered, the seller delivered, the warehouse received,
-- the seller's bank was invoiced. Customs must know that they agree, and no party wants to show its figure
-- to the others. Each commits to its own figure; the forwarder, who was told all four, proves the relations
-- between them.
--
--     psql -f docs/examples/customs.sql
--
-- Quantities and blindings stand here in the open, because this is an example of one session.

CREATE TABLE declaration (
	shipment text,
	party text CHECK (party IN ('ordered', 'delivered', 'received', 'invoiced')),
	quantity ledger.commitment NOT NULL,
	in_range ledger.proof NOT NULL,
	PRIMARY KEY (shipment, party),
	CHECK (ledger.verify_range(quantity, 0, 1000000, in_range, convert_to(shipment || '/' || party, 'UTF8')))
) USING ledger;

-- Each party enters its own row. The proof says that the quantity is one: not negative, not absurd.
CREATE TEMP TABLE secret (shipment text, party text, quantity numeric(12,0), blinding bytea DEFAULT ledger.random_blinding());
INSERT INTO secret (shipment, party, quantity) VALUES
	('S-1', 'ordered', 1200), ('S-1', 'delivered', 1200), ('S-1', 'received', 1197), ('S-1', 'invoiced', 1197),
	('S-2', 'ordered', 500), ('S-2', 'delivered', 480), ('S-2', 'received', 480), ('S-2', 'invoiced', 500);
CREATE TEMP VIEW opened AS
	SELECT shipment, party, (quantity, blinding)::ledger.opening AS opening, ledger.commit(quantity, blinding, 'std') AS commitment FROM secret;
INSERT INTO declaration
	SELECT shipment, party, commitment, ledger.prove_range(commitment, 0, 1000000, opening, convert_to(shipment || '/' || party, 'UTF8'))
	FROM opened;

-- What customs asks for, a the quantity ordered, b delivered, c received, d invoiced: nothing is delivered that
-- was not ordered, at most 5 in 1,000 are lost on the way, and what is invoiced is what was received. The
-- CHECK of the table has proven the range of each.
\set rule '''b <= a and c <= b and 1000 * c >= 995 * b and d = c given a in [0, 1000000], b in [0, 1000000], c in [0, 1000000], d in [0, 1000000]'''
SELECT * FROM ledger.describe_statement(:rule);

CREATE TABLE clearance (
	shipment text PRIMARY KEY,
	ordered ledger.commitment, delivered ledger.commitment, received ledger.commitment, invoiced ledger.commitment,
	proof ledger.proof,
	CHECK (ledger.verify_proof('b <= a and c <= b and 1000 * c >= 995 * b and d = c given a in [0, 1000000], b in [0, 1000000], c in [0, 1000000], d in [0, 1000000]',
							   ARRAY[ordered, delivered, received, invoiced], proof, convert_to(shipment, 'UTF8')))
) USING ledger;

-- The forwarder clears the first shipment.
CREATE TEMP VIEW asked AS
	SELECT shipment, c[1] AS ordered, c[2] AS delivered, c[3] AS received, c[4] AS invoiced, c, o
	FROM (SELECT shipment, array_agg(commitment ORDER BY no) AS c, array_agg(opening ORDER BY no) AS o
		  FROM opened JOIN unnest(ARRAY['ordered', 'delivered', 'received', 'invoiced']) WITH ORDINALITY p (party, no) USING (party)
		  GROUP BY shipment) x;
INSERT INTO clearance
	SELECT shipment, ordered, delivered, received, invoiced, ledger.prove(:rule, c, o, convert_to(shipment, 'UTF8'))
	FROM asked WHERE shipment = 'S-1';

-- Customs checks that the clearance speaks of the declared quantities. No quantity was shown.
SELECT c.shipment, bool_and(d.quantity OPERATOR(ledger.=) CASE d.party WHEN 'ordered' THEN c.ordered WHEN 'delivered' THEN c.delivered
	WHEN 'received' THEN c.received ELSE c.invoiced END) AS as_declared
FROM clearance c JOIN declaration d USING (shipment) GROUP BY c.shipment;

-- The second shipment was invoiced as ordered, though less was delivered. There is no proof that it agrees...
INSERT INTO clearance
	SELECT shipment, ordered, delivered, received, invoiced, ledger.prove(:rule, c, o, convert_to(shipment, 'UTF8'))
	FROM asked WHERE shipment = 'S-2';

-- ... and the proof of the first shipment does not clear the second.
\set VERBOSITY terse
INSERT INTO clearance
	SELECT a.shipment, a.ordered, a.delivered, a.received, a.invoiced, c.proof
	FROM asked a, clearance c WHERE a.shipment = 'S-2';

-- Which relation fails can be shown without a figure: that two quantities differ has a proof too.
SELECT ledger.verify_proof('b <= a', c[1:2], ledger.prove('b <= a', c[1:2], o[1:2])) AS delivered_at_most_ordered,
	ledger.verify_proof('a >= b', c[2:3], ledger.prove('a >= b', c[2:3], o[2:3])) AS received_at_most_delivered,
	ledger.verify_not_equal(received, invoiced, ledger.prove_not_equal(received, invoiced, o[3], o[4])) AS invoiced_something_else
FROM asked WHERE shipment = 'S-2';
