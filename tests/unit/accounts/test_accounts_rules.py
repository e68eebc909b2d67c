"""Addresses, tokens' texts, roles: the small rules."""

from typing import get_args

import pytest
from hypothesis import given, strategies as st

from seatwright.accounts.domain import bearer, emails
from seatwright.accounts.domain.bearer import TokenId
from seatwright.accounts.domain.roles import (
    SCOPES,
    SCOPES_OF,
    SCOPES_OF_TOKENS_MAX,
    Role,
    for_tokens,
    role_of,
    within,
)
from seatwright.accounts.http.tokens import Scope
from seatwright.kit import ids
from seatwright.kit.errors import Invalid


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        ("ADA.LOVELACE+tag@example.com", "ada.lovelace+tag@example.com"),
        ("ada@bücher.example.org", "ada@xn--bcher-kva.example.org"),
        ("ada@xn--bcher-kva.example.org", "ada@xn--bcher-kva.example.org"),
        ("buyer@shop.test", "buyer@shop.test"),
    ],
)
def test_addresses_are_compared_by_key(text: str, key: str) -> None:
    assert emails.read(text).key == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "a@b",
        "ada@localhost",
        "ada@127.0.0.1",
        "ada@[127.0.0.1]",
        "Ada <ada@example.com>",
        '"ada"@example.com',
        "ada@example.com,eve@example.com",
        "ada@example.com\n",
        "ada @example.com",
        "ada@exa\x00mple.com",
        "x" * 65 + "@example.com",
        "ada@" + "x" * 250 + ".com",
        "\ud800@example.com",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        emails.read(text, pointer="/here")
    assert refused.value.problems[0].pointer == "/here"


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = emails.read(text)
    except Invalid:
        return
    assert emails.read(found.text).key == found.key


def test_a_tokens_text_reads_back() -> None:
    token, secret = TokenId(ids.sortable_id()), ids.secret()
    assert bearer.read_token(bearer.token_text(token, secret)) == (token, secret)


@given(st.text(max_size=80))
def test_any_text_is_a_token_or_nothing(text: str) -> None:
    found = bearer.read_token(text)
    assert found is None or bearer.token_text(*found) == text
    assert len(bearer.digest(text)) == 32


@pytest.mark.parametrize("text", ["", "%00", "a\x00b", "../..", "É" * 16, "x" * 20, "a" * 65])
def test_what_cannot_be_an_id_reaches_no_query(text: str) -> None:
    assert not bearer.is_id(text)
    assert bearer.is_id(ids.sortable_id())
    assert bearer.is_id(ids.short_id())


def test_roles_hold_known_scopes_and_grow_upwards() -> None:
    assert set(SCOPES_OF) == set(Role)
    assert all(held <= set(SCOPES) for held in SCOPES_OF.values())
    assert SCOPES_OF[Role.OWNER] == set(SCOPES)
    for role in (Role.BOX_OFFICE, Role.GATE):
        assert SCOPES_OF[role] < SCOPES_OF[Role.MANAGER] < SCOPES_OF[Role.OWNER]
        assert not SCOPES_OF[role] & {"refunds:write", "tokens:write", "catalog:write"}
    assert all(role_of(SCOPES_OF[role]) is role for role in Role)
    assert role_of(frozenset({"orders:read"})) is None


def test_the_api_describes_the_scopes_that_tokens_may_have() -> None:
    assert set(get_args(Scope)) == SCOPES_OF_TOKENS_MAX


@given(st.frozensets(st.sampled_from(SCOPES)), st.frozensets(st.sampled_from(SCOPES)))
def test_nobody_hands_on_what_they_lack(wanted: frozenset[str], held: frozenset[str]) -> None:
    assert within(wanted, held) == (not wanted - held)
    for by_token in (False, True):
        assert for_tokens(held, by_token=by_token) <= held - {"members:write"}
    assert "tokens:write" not in for_tokens(held, by_token=True)
