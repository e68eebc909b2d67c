"""Paying: attempts at a gateway, and what their outcome makes of the order."""
