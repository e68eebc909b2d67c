"""Ids in the API and who is counted together."""

import pytest
from hypothesis import given, strategies as st

from seatwright.contracts.catalog import EventId
from seatwright.contracts.reservations import HoldId
from seatwright.kit.signing import Keyring
from seatwright.reservations.adapters import stored
from seatwright.reservations.domain.holders import (
    address_group,
    buyer_group,
    guest,
    public_id,
    read_public_id,
)
from seatwright.reservations.domain.wishes import (
    BestAvailable,
    ChosenSeats,
    StandingPlaces,
    in_words,
)


@given(hold=st.from_regex(r"\A[A-Za-z0-9_-]{20,64}\Z"))
def test_an_id_is_read_as_it_was_written(hold: str) -> None:
    event = EventId("01k853ucp4pjj55g")
    assert read_public_id(public_id(event, HoldId(hold))) == (event, hold)


@pytest.mark.parametrize("text", ["", ".", "event.", ".hold", "event.short", "e v." + "a" * 20])
def test_anything_else_is_no_id(text: str) -> None:
    assert read_public_id(text) is None
    assert read_public_id("event." + "a" * 65) is None
    assert read_public_id("event." + "a" * 20 + "\n") is None


def test_guests_are_not_counted_together_and_people_are() -> None:
    assert buyer_group(guest(HoldId("a" * 20))) == ""
    assert buyer_group("person-1") == "person-1"


def test_guests_of_an_address_are_counted_for_each_event_and_the_address_is_nowhere() -> None:
    keys, event = Keyring(b"k" * 32), EventId("01k853ucp4pjj55g")
    here = address_group(keys, event, "198.51.100.7")
    assert here == address_group(keys, event, "198.51.100.7")
    others = {
        address_group(keys, event, "198.51.100.8"),
        address_group(keys, EventId("01k853ucp4pjj55h"), "198.51.100.7"),
        address_group(Keyring(b"l" * 32), event, "198.51.100.7"),
        "person-1",
    }
    assert len({here, *others}) == 5
    assert "198.51" not in here


@given(
    seats=st.lists(st.integers(0, 100_000), min_size=1, unique=True),
    note=st.binary(max_size=200),
    extended=st.booleans(),
)
def test_a_hold_is_read_as_it_was_written(seats: list[int], note: bytes, extended: bool) -> None:
    raw = f"1764012345678 {extended:d} ".encode()
    raw += stored.record("person 1", "group", seats, note)
    known = stored.known(1, 2, raw)
    assert known == (
        1, 2, 1764012345678, extended, "person 1", "group", tuple(seats), note
    )  # fmt: skip


@pytest.mark.parametrize("name", ["a\tb", "a\nb", "\x00"])
def test_a_name_that_would_be_another_record_is_never_written(name: str) -> None:
    for holder, group in ((name, ""), ("holder", name)):
        with pytest.raises(AssertionError):
            stored.record(holder, group, [1], b"")


def test_the_same_wish_has_the_same_words() -> None:
    assert in_words(ChosenSeats(("A:1:1",))) == ""
    one = StandingPlaces((("a", 1), ("b", 2)))
    assert in_words(one) == in_words(StandingPlaces((("b", 2), ("a", 1))))
    wishes = [
        BestAvailable(n, category, price, accessible=accessible)
        for n in (1, 2)
        for category in (None, "c")
        for price in (None, (1, "EUR"))
        for accessible in (True, False)
    ]
    assert len({in_words(wish) for wish in wishes}) == len(wishes)
