"""Credentials are taken as they come, and never from a page of somebody else's."""

import pytest

from tests.unit.kit.asgi import ask
from tests.unit.kit.shop import open_shop

COOKIE = ("cookie", "__Host-session=s1")


async def test_each_credential_is_found_where_it_travels():
    shop, _ = open_shop()
    headers = [
        ("cookie", "a=b; __Host-session=s1; session=plain"),
        ("authorization", "Bearer  sw_abc "),
        ("x-order-secret", "o1"),
        ("x-ticket-secret", "t1"),
    ]
    answer = await ask(shop, "GET", "/v1/who", headers=headers)
    assert answer.json() == {
        "session": "s1", "bearer": "sw_abc", "order_secret": "o1", "ticket_secret": "t1"
    }  # fmt: skip


async def test_what_is_empty_or_of_another_scheme_is_no_credential():
    shop, _ = open_shop()
    for value in ("", "Bearer ", "bearer", "Basic YTpi", "Token x"):
        headers = [("authorization", value), ("x-order-secret", ""), ("cookie", "session=")]
        answer = await ask(shop, "GET", "/v1/who", headers=headers)
        assert set(answer.json().values()) == {None}


async def test_a_developers_plain_cookie_counts_and_the_bound_one_wins():
    shop, _ = open_shop()
    answer = await ask(shop, "GET", "/v1/who", headers=[("cookie", "session=plain")])
    assert answer.json()["session"] == "plain"


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ([], True),
        ([("sec-fetch-site", "same-origin")], True),
        ([("sec-fetch-site", "none")], True),
        ([("sec-fetch-site", "same-site")], False),
        ([("sec-fetch-site", "cross-site")], False),
        ([("sec-fetch-site", "cross-site"), ("origin", "http://tickets.example")], False),
        ([("sec-fetch-site", "nonsense")], False),
        ([("origin", "http://tickets.example")], True),
        ([("origin", "https://tickets.example")], True),
        ([("origin", "https://tickets.example.evil.example")], False),
        ([("origin", "https://tickets.example:8443")], False),
        ([("origin", "https://evil.example")], False),
        ([("origin", "null")], False),
        ([("origin", "")], False),
        ([("origin", "http://[::1")], False),
    ],
)
async def test_another_site_may_not_act_with_a_session(headers, allowed):
    shop, _ = open_shop()
    answer = await ask(shop, "POST", "/v1/who", headers=[COOKIE, *headers])
    assert answer.status == (201 if allowed else 403)
    if not allowed:
        assert answer.code == "cross_site"


async def test_another_site_may_act_without_a_session_and_may_look_with_one():
    shop, _ = open_shop()
    foreign = ("sec-fetch-site", "cross-site")
    bearer = ("authorization", "Bearer x")
    assert (await ask(shop, "POST", "/v1/who", headers=[foreign, bearer])).status == 201
    assert (await ask(shop, "GET", "/v1/who", headers=[foreign, COOKIE])).status == 200


@pytest.mark.parametrize("key", ["a", "x" * 255, "order 7", "~!@#$%^&*()", "550e8400-e29b-41d4"])
async def test_a_visible_idempotency_key_is_taken_as_it_is(key):
    shop, _ = open_shop()
    answer = await ask(shop, "POST", "/v1/once", headers=[("idempotency-key", key)])
    assert answer.json() == {"key": key}


@pytest.mark.parametrize("key", ["", " a", "a ", "x" * 256, "a\tb", "a\x00b", "schlüssel", "a\x7f"])
async def test_any_other_idempotency_key_is_refused(key):
    shop, _ = open_shop()
    answer = await ask(shop, "POST", "/v1/once", headers=[("idempotency-key", key)])
    assert answer.status == 422
    assert answer.pointers == [("Idempotency-Key", "invalid")]


async def test_a_key_is_given_once_and_where_it_must_be():
    shop, _ = open_shop()
    twice = [("idempotency-key", "a"), ("idempotency-key", "a")]
    assert (await ask(shop, "POST", "/v1/once", headers=twice)).status == 422
    missing = await ask(shop, "POST", "/v1/once")
    assert missing.pointers == [("Idempotency-Key", "required")]
    assert (await ask(shop, "POST", "/v1/who")).json()["key"] is None
