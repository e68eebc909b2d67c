"""Statements are found by the names they have in their file."""

import pytest

from seatwright.kit import postgres
from seatwright.kit.postgres import Queries

TEXT = """
-- Words at the top belong to no query.

-- name: seats
-- All of them.
SELECT seat FROM seats;

-- name: free_seat
DELETE FROM seats WHERE seat = $1
"""


def test_a_statement_is_found_with_its_comment():
    queries = Queries(TEXT)
    assert queries.names() == {"seats", "free_seat"}
    assert queries["seats"] == "-- All of them.\nSELECT seat FROM seats;"
    assert queries["free_seat"] == "DELETE FROM seats WHERE seat = $1"


def test_a_name_that_is_not_there_is_an_error_at_once():
    with pytest.raises(KeyError):
        Queries(TEXT)["sold_seats"]


def test_a_services_queries_are_read_once():
    assert postgres.queries("seatwright.entry") is postgres.queries("seatwright.entry")
    assert postgres.queries("seatwright.entry").names()
