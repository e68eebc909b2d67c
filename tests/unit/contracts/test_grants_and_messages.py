"""Hold tokens, links and messages say what was put into them, to nobody but their reader."""

from datetime import UTC, datetime

import msgspec
import pytest

from seatwright.contracts import delivery, messages, reservations
from seatwright.contracts.accounts import PersonId, Principal, identify
from seatwright.contracts.catalog import EventId, OrganisationId
from seatwright.contracts.delivery import GRANT_LIFETIME, Grant
from seatwright.contracts.messages import (
    OrderCancelled,
    OrderCaptured,
    OrdersPaid,
    PaidOrder,
)
from seatwright.contracts.orders import OrderCode, OrderId, TicketId
from seatwright.contracts.reservations import HeldSeat, HoldGrant, HoldId, Seat
from seatwright.kit.errors import Unauthenticated
from seatwright.kit.signing import BadToken, Keyring

KEYS = Keyring(b"k" * 32)
EVENT, ORDER = EventId("e1"), OrderId("o1")
NOW = datetime(2026, 11, 23, 20, 15, tzinfo=UTC)
HOLD = HoldGrant(
    event=EVENT,
    hold=HoldId("h1"),
    holder="person:p1",
    seats=(HeldSeat(Seat(7), 0, 5000, 798), HeldSeat(Seat(8), 1, 3000, 479)),
    currency="EUR",
    order_fee=250,
    order_fee_tax=40,
    document_version=3,
    expires_at_ms=1,
)


def test_a_hold_token_carries_seats_and_prices():
    token = reservations.sign_hold(KEYS, HOLD)
    assert reservations.read_hold(KEYS, token) == HOLD
    assert (HOLD.total(), HOLD.tax()) == (8250, 1317)


def test_tokens_of_one_kind_are_not_tokens_of_another():
    hold = reservations.sign_hold(KEYS, HOLD)
    grant = delivery.sign_grant(KEYS, delivery.grant_for(event=EVENT, order=ORDER, now=NOW))
    for read, text in (
        (reservations.read_hold, grant),
        (delivery.read_grant, hold),
        (reservations.read_hold, hold[:-2]),
        (reservations.read_hold, ""),
    ):
        with pytest.raises(BadToken):
            read(KEYS, text)
    with pytest.raises(BadToken):
        reservations.read_hold(Keyring(b"o" * 32), hold)


def test_a_link_is_good_for_its_time_its_order_and_its_ticket():
    grant = delivery.grant_for(event=EVENT, order=ORDER, now=NOW, ticket=TicketId("t1"), seq=2)
    assert delivery.read_grant(KEYS, delivery.sign_grant(KEYS, grant)) == grant
    until = int((NOW + GRANT_LIFETIME).timestamp() * 1000)
    assert grant == Grant(EVENT, ORDER, TicketId("t1"), 2, until)
    whole = delivery.grant_for(event=EVENT, order=ORDER, now=NOW)
    assert (whole.ticket, whole.seq) == (None, 0)


def test_papers_are_found_at_full_addresses():
    grant = delivery.sign_grant(KEYS, delivery.grant_for(event=EVENT, order=ORDER, now=NOW))
    paths = delivery.ticket_paths("https://t.example", TicketId("t1"), grant)
    assert paths.pdf_url == f"https://t.example/v1/tickets/t1.pdf?grant={grant}"
    assert paths.png_url.startswith("https://t.example/v1/tickets/t1.png?")
    assert paths.ics_url.startswith("https://t.example/v1/tickets/t1.ics?")
    url = delivery.order_pdf_url("https://t.example", OrderCode("KX7QM39PA"), grant)
    assert url == f"https://t.example/v1/orders/KX7QM39PA/tickets.pdf?grant={grant}"


@pytest.mark.parametrize(
    "message",
    [
        OrdersPaid(orders=[PaidOrder(EVENT, ORDER, [Seat(1)])]),
        OrderCaptured(event=EVENT, order=ORDER),
        OrderCancelled(event=EVENT, order=ORDER, seats=[], reason="capture failed"),
    ],
)
def test_a_message_is_read_as_what_it_was(message):
    raw = messages.encode(message)
    assert messages.decode(raw) == message
    assert b'"type":"order' in raw, "an operator can read it"


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[]", b'{"type":"order-lost"}', b'{"type":"order-captured","event":"e1"}']
)
def test_what_is_no_message_is_refused(raw):
    with pytest.raises(msgspec.DecodeError):
        messages.decode(raw)


def test_a_letter_travels_as_json():
    letter = delivery.Letter(template="verify", to="a@b.c", language="en", values={"link": "x"})
    raw = msgspec.json.encode(letter)
    assert msgspec.json.decode(raw, type=delivery.Letter) == letter
    assert b'"kind":"mail"' in raw


ADA = Principal(
    id="person:p1",
    person=PersonId("p1"),
    name="Ada",
    email="ada@example.com",
    organisations={OrganisationId("org1"): frozenset({"events:write"})},
)


class House:
    """Knows one session and one token, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def by_session(self, *, session: str) -> Principal | None:
        self.asked.append(f"session {session}")
        return ADA if session == "s1" else None

    async def by_token(self, *, token: str) -> Principal | None:
        self.asked.append(f"token {token}")
        return ADA if token == "sw_1" else None


async def test_a_token_wins_over_a_cookie_and_a_bad_one_is_no_guest():
    house = House()
    assert await identify(house, session="s1", bearer=None) is ADA
    assert await identify(house, session=None, bearer="sw_1") is ADA
    assert await identify(house, session="old", bearer=None) is None
    with pytest.raises(Unauthenticated):
        await identify(house, session="s1", bearer="sw_2")
    house.asked.clear()
    assert await identify(house, session=None, bearer=None) is None
    assert house.asked == [], "a guest costs no question"


def test_a_scope_is_held_in_one_organisation_only():
    assert ADA.may("events:write", OrganisationId("org1"))
    assert not ADA.may("orders:read", OrganisationId("org1"))
    assert not ADA.may("events:write", OrganisationId("org2"))
