"""Checking: the invariants of `correctness.md` (a) as questions to the database."""
