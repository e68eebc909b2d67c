"""What a gateway says is believed only when it is signed, recent and understood."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from seatwright.contracts.payments import ForgedWebhook, GatewayName, PaymentReference, Standing
from seatwright.payments import domain
from seatwright.payments.domain import WEBHOOK_AGE_MAX

SECRET = "wh_secret"
NOW = datetime(2026, 11, 23, 20, 15, tzinfo=UTC)
SIMULATED = GatewayName("simulated")
PAYMENT = {
    "id": "pay_1",
    "reference": "ord_o1_a1",
    "status": "authorised",
    "amount": 8250,
    "currency": "EUR",
    "metadata": {"order": "o1", "event": "e1"},
}
NOTICE = {"id": "evt_1", "type": "payment.authorised", "data": PAYMENT, "livemode": False}
BODY = json.dumps(NOTICE).encode()


def signed(body: bytes = BODY, *, secret: str = SECRET, at: datetime = NOW) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    mac = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"seatwright-gateway-signature": f"t={stamp},v1={mac}"}


def read(headers: dict[str, str], body: bytes = BODY):
    return domain.read_webhook(SECRET, headers, body, now=NOW, gateway=SIMULATED)


def refused(headers: dict[str, str], body: bytes = BODY) -> str:
    with pytest.raises(ForgedWebhook) as caught:
        read(headers, body)
    return caught.value.detail


def test_a_signed_webhook_is_a_hint_about_one_payment():
    notice = read(signed())
    assert (notice.gateway, notice.id, notice.kind) == ("simulated", "evt_1", "payment.authorised")
    assert (notice.reference, notice.order, notice.event) == ("ord_o1_a1", "o1", "e1")


def test_every_flipped_bit_of_body_and_signature_is_noticed():
    headers = signed()
    for bit in range(0, len(BODY) * 8, 7):
        flipped = bytearray(BODY)
        flipped[bit // 8] ^= 1 << (bit % 8)
        assert refused(headers, bytes(flipped)) == "The signature does not match."
    (name, value) = next(iter(headers.items()))
    start = value.index("v1=") + 3
    for place in range(start, len(value)):
        other = "0" if value[place] != "0" else "1"
        assert refused({name: value[:place] + other + value[place + 1 :]})


@pytest.mark.parametrize(
    "header",
    ["", "t=1", "v1=" + "0" * 64, "t=,v1=" + "0" * 64, "t=-1,v1=" + "0" * 64, "t=1,v1=" + "0" * 63,
     "t=1,v1=" + "A" * 64, "t=1, v1=" + "0" * 64, "t=1,v1=" + "0" * 64 + "\n",
     "t=" + "1" * 13 + ",v1=" + "0" * 64, "t=1,v0=" + "0" * 64, "t=²,v1=" + "0" * 64],
)  # fmt: skip
def test_what_is_no_signature_is_refused(header):
    assert refused({"seatwright-gateway-signature": header})
    assert refused({}) == "The signature is missing."


def test_another_secret_or_another_instant_signs_nothing():
    assert refused(signed(secret="other")) == "The signature does not match."
    stolen = signed()["seatwright-gateway-signature"].partition(",")[2]
    later = str(int(NOW.timestamp()) + 1)
    assert refused({"seatwright-gateway-signature": f"t={later},{stolen}"})


@pytest.mark.parametrize("sign", [1, -1])
def test_a_webhook_is_believed_for_a_while_only(sign):
    edge = NOW + sign * WEBHOOK_AGE_MAX
    assert read(signed(at=edge)).id == "evt_1"
    beyond = edge + sign * timedelta(seconds=1)
    assert refused(signed(at=beyond)) == "The message is too old."


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"\xff", json.dumps(NOTICE | {"id": ""}).encode(),
     json.dumps(NOTICE | {"id": "x" * 129}).encode(), json.dumps(NOTICE | {"data": None}).encode(),
     json.dumps(NOTICE | {"data": PAYMENT | {"amount": "8250"}}).encode()],
)  # fmt: skip
def test_a_signed_message_that_cannot_be_read_is_refused(body):
    assert refused(signed(body), body) == "The message cannot be read."


def test_a_live_message_at_a_test_address_is_refused():
    body = json.dumps(NOTICE | {"livemode": True}).encode()
    assert refused(signed(body), body) == "A live message at a test address."


def test_fields_we_do_not_know_are_no_fault_of_the_gateway():
    body = json.dumps(NOTICE | {"new": 1, "data": PAYMENT | {"more": {"a": 1}}}).encode()
    assert read(signed(body), body).id == "evt_1"


def test_metadata_may_be_missing():
    body = json.dumps(NOTICE | {"data": {k: v for k, v in PAYMENT.items() if k != "metadata"}})
    notice = read(signed(body.encode()), body.encode())
    assert (notice.order, notice.event) == (None, None)


@given(st.binary(max_size=80))
@settings(deadline=None)
def test_no_signed_bytes_are_more_than_refused(body):
    with pytest.raises(ForgedWebhook):
        read(signed(body), body)


def payment(**changes):
    raw = msgspec.json.encode(PAYMENT | changes)
    return domain.payment(domain.payment_decoder.decode(raw))


@pytest.mark.parametrize(
    "status", ["pending", "challenge", "declined", "authorised", "captured", "voided"]
)
def test_a_status_we_know_keeps_its_name(status):
    assert payment(status=status).standing == status
    assert status in get_args(Standing)


@pytest.mark.parametrize("status", ["", "succeeded", "AUTHORISED", "refunded", "absent", "failed"])
def test_a_status_we_do_not_know_is_in_doubt_and_never_a_guess(status):
    assert payment(status=status).standing == "in_doubt"


def test_a_payment_tells_what_orders_must_compare():
    found = payment(
        status="challenge",
        amount_captured=400,
        amount_refunded=170,
        refunds=[
            {"status": "succeeded", "amount": 20},
            {"status": "pending", "amount": 120},
            {"status": "failed", "amount": 7},
            {"status": "succeeded", "amount": 30},
        ],
        decline_code=None,
        next_action={"type": "redirect", "url": "https://g/3ds"},
        capture_before="2026-11-30T20:15:00Z",
    )
    assert (found.id, found.reference, found.amount, found.currency) == (
        "pay_1", "ord_o1_a1", 8250, "EUR"
    )  # fmt: skip
    assert (found.order, found.captured, found.refunded) == ("o1", 400, 50)
    assert (found.refund_pending, found.refund_failed) == (120, 7)
    assert found.challenge_url == "https://g/3ds"
    assert found.capture_before == datetime(2026, 11, 30, 20, 15, tzinfo=UTC)
    assert payment(status="captured").captured is None, "nobody said how much"
    assert payment(decline_code="stolen_card", status="declined").decline_code == "stolen_card"


def test_a_gateway_that_did_not_say_is_in_doubt_and_carries_no_amount():
    doubt = domain.in_doubt(PaymentReference("ord_o1_a1"))
    assert (doubt.standing, doubt.reference) == ("in_doubt", "ord_o1_a1")
    assert (doubt.id, doubt.amount, doubt.currency) == (None, None, None)
