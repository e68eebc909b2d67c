"""The service's rows: one function for each named query."""

from seatwright.kit.postgres import queries

QUERIES = queries("seatwright.accounts")
