"""Outgoing webhooks: what is signed, when it is tried again, and where nothing ever goes."""

import base64
import hmac
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, strategies as st

from seatwright.delivery.domain import webhooks
from seatwright.kit.signing import Keyring

KEYS = Keyring(b"k" * 32)
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As the libraries of the standard do it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    return f"v1,{mac}" in headers["webhook-signature"].split()


def test_a_receiver_verifies_by_the_secret_it_was_given_also_while_it_changes() -> None:
    body = webhooks.body("order.paid", NOW, {"order": "KX7-QM3-9PA"})
    both = webhooks.generations(2, NOW - timedelta(hours=23), NOW)
    headers = webhooks.headers(
        KEYS, endpoint="we_1", generations=both, message="msg_1", at=NOW, content=body
    )
    old, new = (webhooks.secret(KEYS, "we_1", generation) for generation in (1, 2))
    assert verified(old, headers, body)
    assert verified(new, headers, body)
    assert not verified(webhooks.secret(KEYS, "we_2", 2), headers, body)
    assert not verified(new, headers, body + b" ")
    assert len(base64.b64decode(new.removeprefix("whsec_"))) >= 24
    assert webhooks.generations(2, NOW - timedelta(days=1), NOW) == (2,)
    assert webhooks.generations(1, None, NOW) == (1,)


def test_the_body_has_the_standards_shape() -> None:
    said = msgspec.json.decode(webhooks.body("order.paid", NOW, {"a": 1}))
    assert said == {"type": "order.paid", "timestamp": "2026-12-01T12:00:00.000Z", "data": {"a": 1}}


def test_it_is_tried_for_three_days_at_growing_distances() -> None:
    assert sum(webhooks.BACK_OFF, timedelta(0)) >= webhooks.FAILING_MAX
    assert list(webhooks.BACK_OFF) == sorted(webhooks.BACK_OFF)
    assert webhooks.again_in(1) == timedelta(seconds=5)
    assert webhooks.again_in(len(webhooks.BACK_OFF)) is not None
    assert webhooks.again_in(len(webhooks.BACK_OFF) + 1) is None


INSIDE = [
    "127.0.0.1", "127.9.9.9", "10.0.0.5", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",
    "100.64.0.1", "192.0.2.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1",
    "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
    "2002:7f00:1::", "2001:db8::1", "localhost", "",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_nothing_goes_to_an_address_of_this_network(address: str) -> None:
    assert not webhooks.permitted(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700::1111"])
def test_everybodys_addresses_may_be_tried(address: str) -> None:
    assert webhooks.permitted(address)


@given(st.ip_addresses())
def test_what_may_be_tried_is_global(address) -> None:  # type: ignore[no-untyped-def]
    if webhooks.permitted(str(address)):
        assert address.is_global


BAD = [
    "", "example.org", "ftp://example.org/", "http://example.org/", "https://", "https:///x",
    "https://user:pass@example.org/", "https://example.org/#x", "https://example.org:99999/",
    "https://example.org:0/", "https://127.0.0.1/", "https://[::1]/", "https://10.1.2.3:8080/x",
    "https://169.254.169.254/latest/meta-data", "https://exa mple.org/", "https://exämple.org/",
    "https://example.org/\r\nx: y", "javascript:alert(1)", "https://example.org/" + "x" * 2000,
    "https://[::ffff:7f00:1]/", "file:///etc/passwd", "https://[::1", "https://example.org:22/",
    "https://example.org:25/", "https://168.63.129.16/", "https://[fec0::1]/",
]  # fmt: skip


@pytest.mark.parametrize("url", BAD)
def test_an_address_that_cannot_be_a_receivers_is_refused(url: str) -> None:
    assert webhooks.url_problem(url, private=False)


def test_a_receivers_address_is_taken_and_development_may_more() -> None:
    assert webhooks.url_problem("https://example.org:8443/hooks?a=b", private=False) is None
    assert webhooks.url_problem("http://127.0.0.1:9000/hooks", private=True) is None
    assert webhooks.url_problem("ftp://127.0.0.1/", private=True)


@given(st.text(max_size=60))
def test_any_text_is_judged(url: str) -> None:
    for text in (url, f"https://{url}", f"https://{url}/"):
        webhooks.url_problem(text, private=False)


def test_what_happened_is_one_message_for_each_organisation() -> None:
    same = webhooks.message_id("o1", "order.paid", "x")
    assert same == webhooks.message_id("o1", "order.paid", "x")
    others = {
        webhooks.message_id("o2", "order.paid", "x"),
        webhooks.message_id("o1", "order.cancelled", "x"),
        webhooks.message_id("o1", "order.paid", "y"),
    }
    assert len(others | {same}) == 4
