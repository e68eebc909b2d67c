"""One mailbox, however it is written."""

import pytest

from seatwright.orders.domain.buyers import counted_as, mailbox


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.com", "Ada@Example.COM"),
        ("ada@example.com", "ada+tickets@example.com"),
        ("ada.lovelace@gmail.com", "adalovelace+2@googlemail.com"),
    ],
)
def test_the_same_mailbox(one: str, other: str) -> None:
    assert mailbox(one) == mailbox(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.com", "ada@example.org"),
        ("a.da@example.com", "ada@example.com"),
        ("+a@example.com", "+b@example.com"),
    ],
)
def test_other_mailboxes(one: str, other: str) -> None:
    assert mailbox(one) != mailbox(other)


def test_a_guest_who_types_an_address_is_not_its_account() -> None:
    owner = counted_as(account_email="ada@example.com", email="friend@example.com")
    assert owner == counted_as(account_email="Ada+2@example.com", email="ben@example.com")
    guest = counted_as(account_email=None, email="ada@example.com")
    assert guest == counted_as(account_email=None, email="ada+x@example.com")
    assert guest != owner
