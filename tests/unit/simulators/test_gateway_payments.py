"""The gateway's rules about money hold for every sequence of operations."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, strategies as st

from seatwright.kit import errors
from seatwright.simulators.gateway import payments
from seatwright.simulators.gateway.payments import OperationRequest, Payment, PaymentRequest
from seatwright.simulators.gateway.tokens import BEHAVIOURS, behaviour

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
AMOUNT = 100


def opened(token: str, capture: str = "manual") -> Payment:
    request = msgspec.convert(
        {"reference": "r", "amount": AMOUNT, "currency": "EUR", "token": token, "capture": capture},
        PaymentRequest,
    )
    return payments.opened(
        request, behaviour(token), payment_id="pay_1", page_url="http://g/challenge/1", now=NOW
    )


def changed(  # noqa: PLR0911  # one line an operation
    payment: Payment, operation: str, amount: int
) -> Payment:
    does = behaviour(payment.token)
    match operation:
        case "capture":
            return payments.captured(payment, does, amount=amount, now=NOW)
        case "void":
            return payments.voided(payment)
        case "approve" | "decline":
            yes = operation == "approve"
            return payments.answered(payment, approved=yes, code="challenge_failed", now=NOW)
        case "settle" if payment.status == "pending":
            return payments.settled_late(payment)
        case "return":
            return payments.refunds_failed(payment)
        case "refund":
            request = OperationRequest(amount=amount)
            return payments.refunded(payment, does, refund_id="x", request=request, now=NOW)[0]
        case _:
            return payment


OPERATIONS = st.tuples(
    st.sampled_from(["capture", "void", "approve", "decline", "settle", "return", "refund"]),
    st.integers(1, AMOUNT + 20),
)


@given(
    st.sampled_from(sorted(BEHAVIOURS)),
    st.sampled_from(["manual", "automatic"]),
    st.lists(OPERATIONS, max_size=12),
)
def test_money_is_never_made(token: str, capture: str, operations: list[tuple[str, int]]) -> None:
    payment = opened(token, capture)
    captured_before = payment.amount_captured
    for operation, amount in operations:
        rank = payment.rank
        with suppress(errors.Expected):
            payment = changed(payment, operation, amount)
        assert payment.rank >= rank
        assert 0 <= payment.amount_refunded <= payment.amount_captured <= payment.amount
        assert (payment.amount_captured > 0) == (payment.status == "captured")
        if captured_before:
            assert payment.amount_captured == captured_before, "captured twice"
        captured_before = payment.amount_captured
        kept = sum(r.amount for r in payment.refunds if r.status != "failed")
        assert kept == payment.amount_refunded
        assert (payment.next_action is not None) == (payment.status == "challenge")


def test_an_authorisation_lapses_after_a_week() -> None:
    payment = opened("tok_ok")
    assert payment.capture_before == NOW + timedelta(days=7)
    with pytest.raises(errors.Conflict) as refused:
        payments.captured(
            payment, behaviour("tok_ok"), amount=None, now=NOW + timedelta(days=7, seconds=1)
        )
    assert refused.value.code == "authorisation_expired"
