"""What an order may become, what it costs and what it shows; without any I/O."""

import itertools
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, strategies as st

from seatwright.contracts.catalog import EventId
from seatwright.contracts.orders import OrderCode, OrderId
from seatwright.contracts.reservations import HeldSeat, HoldGrant, HoldId, Seat
from seatwright.kit import ids
from seatwright.kit.signing import Keyring
from seatwright.orders.domain import codes, order as domain, presenting
from seatwright.orders.domain.order import (
    ATTEMPT_EDGES,
    ORDER_EDGES,
    Attempt,
    AttemptState,
    Buyer,
    Order,
    Quote,
    QuotedSeat,
    State,
    may_become,
)

KEYS = Keyring(b"k" * 32)
NOW = datetime(2026, 11, 23, 20, 15, tzinfo=UTC)
SCHEMA = (Path(__file__).parents[3] / "db" / "schema" / "orders.sql").read_text()


def seat(number: int, price: int = 5000, tax: int = 798) -> QuotedSeat:
    return QuotedSeat(
        Seat(number), f"A:1:{number}", f"Seat {number}", "A", "1", str(number), "c", "C", price, tax
    )


QUOTE = Quote("EUR", (seat(1), seat(2, 3000, 479)), 250, 40)
ATTEMPT = Attempt(
    number=1, reference="ord_o1_a1", gateway="simulated", token="t", amount=8250, currency="EUR"
)
ORDER = Order(
    event=EventId("e1"),
    id=OrderId("o1"),
    code=OrderCode("KX7QM39PA"),
    principal="hold:h1",
    hold="h1",
    state="paying",
    buyer=Buyer(name="Ada", email="a@b.c", language="en"),
    quote=QUOTE,
    document_version=1,
    created_at=NOW,
    expires_at=NOW + timedelta(minutes=15),
    attempt=ATTEMPT,
)


def test_every_state_has_its_edges_and_no_edge_leads_nowhere():
    for edges, states in ((ORDER_EDGES, get_args(State)), (ATTEMPT_EDGES, get_args(AttemptState))):
        assert set(edges) == set(states)
        assert set(itertools.chain.from_iterable(edges.values())) <= set(states)
        assert all(state not in after for state, after in edges.items())


def test_the_schema_knows_the_same_states():
    listed = [
        set(re.findall(r"'(\w+)'", found))
        for found in re.findall(r"state\s+IN \(([^)]*)\)\n", SCHEMA)
    ]
    assert set(get_args(State)) in listed
    assert set(get_args(AttemptState)) in listed


@pytest.mark.parametrize("end", ["expired", "cancelled"])
def test_what_has_ended_stays_ended(end):
    assert not any(may_become(end, after) for after in get_args(State))


def test_an_order_is_only_paid_by_paying():
    assert {before for before in get_args(State) if may_become(before, "paid")} == {
        "paying", "payment_in_doubt"
    }  # fmt: skip
    assert {after for after in get_args(State) if may_become("paid", after)} == {"cancelled"}


def test_money_in_doubt_never_lets_an_order_expire():
    # A deadline may not free seats that a gateway may just have been paid for (I-H2).
    assert not may_become("paying", "expired")
    assert not may_become("payment_in_doubt", "expired")


def test_every_attempt_can_still_be_settled_and_settled_money_stays():
    final = {state for state, after in ATTEMPT_EDGES.items() if not after}
    assert final == {"captured", "declined", "voided", "failed"}
    for start in ATTEMPT_EDGES:
        reached, waiting = set(), [start]
        while waiting:
            state = waiting.pop()
            if state not in reached:
                reached.add(state)
                waiting += ATTEMPT_EDGES[state]
        assert reached & final
        called_off = start in {"voiding", *final} - {"captured"}
        assert ("captured" in reached) == (not called_off)


prices = st.integers(0, 10**6)


@given(st.lists(st.tuples(prices, prices), min_size=1, max_size=20), prices, prices)
def test_a_quote_is_the_sum_of_its_lines_and_fair_only_as_promised(lines, fee, fee_tax):
    lines = [(price, min(price, tax)) for price, tax in lines]
    fee_tax = min(fee, fee_tax)
    quote = Quote("EUR", tuple(seat(n, *line) for n, line in enumerate(lines)), fee, fee_tax)
    assert quote.total() == sum(price for price, _ in lines) + fee
    assert quote.tax() == sum(tax for _, tax in lines) + fee_tax
    assert quote.tax() <= quote.total()
    held = tuple(HeldSeat(Seat(n), 0, *line) for n, line in enumerate(lines))
    grant = HoldGrant(EventId("e"), HoldId("h"), "x", held, "EUR", fee, fee_tax, 1, 1)
    assert domain.price_is_fair(grant, quote)
    dearer = HoldGrant(EventId("e"), HoldId("h"), "x", held, "EUR", fee + 1, fee_tax, 1, 1)
    assert not domain.price_is_fair(dearer, quote)
    taxed = HoldGrant(EventId("e"), HoldId("h"), "x", held, "EUR", fee, fee_tax + 1, 1, 1)
    assert not domain.price_is_fair(taxed, quote)


def test_an_attempts_reference_is_derived_and_never_shared():
    made = {domain.reference(OrderId(o), n) for o in ("o1", "o2", "o1_a1") for n in range(1, 12)}
    assert len(made) == 33
    assert domain.reference(OrderId("o1"), 1) == "ord_o1_a1"


def test_an_orders_seats_are_those_of_its_quote():
    assert ORDER.seats == [1, 2]


@pytest.mark.parametrize("state", get_args(State))
def test_every_state_has_a_public_name_and_paying_is_still_waiting(state):
    expected = "awaiting_payment" if state == "paying" else state
    assert presenting.public_state(state) == expected


def test_an_answer_tells_the_newest_attempt():
    answer = presenting.answer_now(ORDER)
    assert (answer.status, answer.payment_status, answer.method) == (
        "paying",
        "created",
        "simulated",
    )
    assert (answer.challenge_url, answer.decline_code) == (None, None)
    challenged = replace(ATTEMPT, state="challenge", challenge_url="https://g/3ds")
    assert (
        presenting.answer_now(replace(ORDER, attempt=challenged)).challenge_url == "https://g/3ds"
    )
    done = replace(challenged, state="authorised")
    assert presenting.answer_now(replace(ORDER, attempt=done)).challenge_url is None
    declined = replace(ATTEMPT, state="declined", decline_code="insufficient_funds")
    answer = presenting.answer_now(replace(ORDER, attempt=declined))
    assert (answer.payment_status, answer.decline_code) == ("declined", "insufficient_funds")
    bare = presenting.answer_now(replace(ORDER, attempt=None, state="awaiting_payment"))
    assert (bare.status, bare.payment_status, bare.method) == ("awaiting_payment", None, None)


def test_a_code_is_read_as_people_type_it():
    code = OrderCode("KX7QM39PA")
    assert codes.shown(code) == "KX7-QM3-9PA"
    for text in ("KX7QM39PA", "kx7-qm3-9pa", " KX7 QM3 9PA ", "k-x-7-q-m-3-9-p-a"):
        assert codes.typed(text) == code


@pytest.mark.parametrize(
    "text",
    ["", "KX7QM39P", "KX7QM39PAA", "KX7QM39P0", "KX7QM39PI", "KX7.QM3.9PA", "KX7QM39PÄ", "-" * 33,
     "KX7QM39PA" + " " * 30, "\uff2bX7QM39PA", "KX7QM39P\u0130"],
)  # fmt: skip
def test_what_is_no_code_is_none(text):
    assert codes.typed(text) is None


def test_every_code_we_make_is_read_back():
    for _ in range(500):
        code = OrderCode(ids.order_code())
        assert codes.typed(codes.shown(code).lower()) == code


def test_an_orders_secret_opens_that_order_only():
    secret = codes.secret(KEYS, OrderId("o1"))
    assert secret == codes.secret(KEYS, OrderId("o1"))
    assert codes.opens(KEYS, OrderId("o1"), secret)
    for order, given_secret in (("o2", secret), ("o1", None), ("o1", ""), ("o1", secret[:-1])):
        assert not codes.opens(KEYS, OrderId(order), given_secret)
    assert not codes.opens(Keyring(b"o" * 32), OrderId("o1"), secret)
