"""The use cases: deliver an order, send a letter, fetch a paper."""
