"""Links to papers: signed, and with the suffix where people expect it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from seatwright.contracts import delivery
from seatwright.contracts.catalog import EventId
from seatwright.contracts.orders import OrderCode, OrderId, TicketId
from seatwright.kit.signing import BadToken, Keyring
from seatwright.kit.web import suffixes

KEYS = Keyring(b"k" * 32)
NOW = datetime(2026, 5, 1, tzinfo=UTC)
GRANT = delivery.grant_for(
    event=EventId("e"), order=OrderId("o"), ticket=TicketId("t"), seq=2, now=NOW
)


def test_a_grant_comes_back_as_it_was() -> None:
    assert delivery.read_grant(KEYS, delivery.sign_grant(KEYS, GRANT)) == GRANT
    assert GRANT.expires_at_ms == (NOW + delivery.GRANT_LIFETIME).timestamp() * 1000


def test_a_grant_altered_anywhere_is_none_of_ours() -> None:
    signed = delivery.sign_grant(KEYS, GRANT)
    for position, sign in enumerate(signed):
        other = "A" if sign != "A" else "B"
        with pytest.raises(BadToken):
            delivery.read_grant(KEYS, signed[:position] + other + signed[position + 1 :])
    with pytest.raises(BadToken):
        delivery.read_grant(Keyring(b"x" * 32), signed)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(BadToken):
        delivery.read_grant(KEYS, text)


def test_papers_are_where_the_api_says() -> None:
    grant = delivery.sign_grant(KEYS, GRANT)
    paths = delivery.ticket_paths("https://t.example", TicketId("abc"), grant)
    assert paths.pdf_url == f"https://t.example/v1/tickets/abc.pdf?grant={grant}"
    order = delivery.order_pdf_url("https://t.example", OrderCode("KX7QM39PA"), grant)
    assert order == f"https://t.example/v1/orders/KX7QM39PA/tickets.pdf?grant={grant}"


@pytest.mark.parametrize(
    ("outside", "inside"),
    [
        ("/v1/tickets/abc.pdf", "/v1/tickets/abc/pdf"),
        ("/v1/orders/K/tickets.pdf", "/v1/orders/K/tickets/pdf"),
        ("/v1/events/a.b.ics", "/v1/events/a.b/ics"),
    ],
)
def test_a_suffix_turns_into_a_component_and_back(outside: str, inside: str) -> None:
    scope = {"type": "http", "path": outside, "raw_path": outside.encode()}
    suffixes.turn_inward(scope)  # type: ignore[arg-type]  # only the path matters
    assert scope["path"] == inside
    assert suffixes.outward(inside) == outside


@pytest.mark.parametrize("path", ["/v1/tickets/abc", "/v1/tickets/.pdf", "/x.pdf", "/v1/a.PDF"])
def test_other_addresses_stay(path: str) -> None:
    scope = {"type": "http", "path": path, "raw_path": path.encode()}
    suffixes.turn_inward(scope)  # type: ignore[arg-type]  # only the path matters
    assert scope["path"] == path
