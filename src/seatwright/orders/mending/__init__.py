"""Mending: what reconciliation found to differ, and a person's word that ends it."""
