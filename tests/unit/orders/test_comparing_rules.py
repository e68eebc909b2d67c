"""What a payment at the gateway means, beside what we made of it."""

from dataclasses import replace
from typing import Any

import pytest

from seatwright.contracts.catalog import EventId
from seatwright.contracts.orders import OrderId
from seatwright.contracts.payments import GatewayPayment, GatewayPaymentId, PaymentReference
from seatwright.orders.domain.comparing import Ours, judge, left_at_gateway

SHOP = "https://shop.example"
OURS = Ours(event=EventId("e"), order=OrderId("o"), state="failed", amount=500, currency="EUR")


def ours(state: Any) -> Ours:
    return replace(OURS, state=state)


def theirs(standing, **facts):
    known: Any = {"amount": 500, "currency": "EUR", "shop": SHOP} | facts
    return GatewayPayment(
        reference=PaymentReference("ord_o_a1"), standing=standing, id=GatewayPaymentId("p"), **known
    )


@pytest.mark.parametrize("standing", ["absent", "declined", "voided", "failed"])
def test_nothing_there_is_nothing_to_give_back(standing):
    assert not left_at_gateway(theirs(standing))
    for state in ("failed", "declined", "voided"):
        assert judge(theirs(standing), ours(state), shop=SHOP) == "agrees"
    assert judge(theirs(standing), None, shop=SHOP) == "agrees"


@pytest.mark.parametrize("standing", ["pending", "challenge", "authorised", "captured", "in_doubt"])
def test_money_there_or_to_come_is_a_stray_when_it_is_over_here(standing):
    for state in ("failed", "declined", "voided"):
        assert judge(theirs(standing), ours(state), shop=SHOP) == "stray"
    for state in ("created", "challenge", "in_doubt"):
        assert judge(theirs(standing), ours(state), shop=SHOP) == "open"


def test_a_refund_counts_when_it_has_arrived():
    assert left_at_gateway(theirs("captured", refund_pending=500))
    assert left_at_gateway(theirs("captured", refunded=499))
    assert not left_at_gateway(theirs("captured", refunded=500))
    assert left_at_gateway(theirs("captured", captured=300, refunded=299))
    assert not left_at_gateway(theirs("captured", captured=300, refunded=300))


def test_a_sale_needs_its_money():
    paid, taken = replace(OURS, state="authorised"), replace(OURS, state="captured")
    assert judge(theirs("authorised"), paid, shop=SHOP) == "agrees"
    assert judge(theirs("captured"), paid, shop=SHOP) == "agrees"
    assert judge(theirs("captured"), taken, shop=SHOP) == "agrees"
    assert judge(theirs("captured", captured=500), taken, shop=SHOP) == "agrees"
    assert judge(theirs("authorised", captured=0), paid, shop=SHOP) == "agrees"
    assert judge(theirs("in_doubt", amount=None), taken, shop=SHOP) == "agrees"
    for payment in (
        theirs("authorised"),
        theirs("voided"),
        theirs("absent", amount=None),
        theirs("captured", amount=499),
        theirs("captured", captured=499),
        theirs("captured", currency="USD"),
        theirs("captured", refunded=1),
    ):
        assert judge(payment, taken, shop=SHOP) == "differs"


def test_what_was_made_elsewhere_is_not_ours_to_move():
    assert judge(theirs("captured"), None, shop=SHOP) == "unknown"
    assert judge(theirs("captured", shop="https://other.example"), None, shop=SHOP) == "agrees"
    assert judge(theirs("captured", shop=None), None, shop=SHOP) == "agrees"
