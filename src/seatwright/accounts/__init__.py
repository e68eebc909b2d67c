"""Accounts: who is this, and what may they do."""
