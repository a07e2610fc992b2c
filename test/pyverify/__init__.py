"""A second verifier of ledger files, written from docs/format.md alone."""
