"""Cursors come back unchanged or not at all."""

from dataclasses import dataclass

import pytest

from seatwright.kit import limits
from seatwright.kit.errors import Invalid
from seatwright.kit.signing import Keyring
from seatwright.kit.web import pages

KEYS = Keyring(b"k" * 32)
AFTER = ("2026-11-23T20:15:00.123Z", "01abc", 7, None)


def test_a_cursor_says_where_to_go_on():
    text = pages.cursor(KEYS, "events?q=a", AFTER)
    assert pages.after(KEYS, "events?q=a", text) == AFTER
    assert pages.after(KEYS, "events", None) is None


@pytest.mark.parametrize("listing", ["events", "events?q=b", "orders", ""])
def test_a_cursor_of_another_listing_is_refused(listing):
    with pytest.raises(Invalid) as refused:
        pages.after(KEYS, listing, pages.cursor(KEYS, "events?q=a", AFTER))
    assert refused.value.problems[0].pointer == "?cursor"


def test_an_altered_or_foreign_cursor_is_refused():
    text = pages.cursor(KEYS, "events", AFTER)
    other = pages.cursor(Keyring(b"o" * 32), "events", AFTER)
    last = "A" if text[-1] != "A" else "B"
    for bad in ("", "x", text[:-1], text + "A", text[:-1] + last, other, "ä", text.upper()):
        with pytest.raises(Invalid):
            pages.after(KEYS, "events", bad)


def test_the_size_of_a_page_has_bounds():
    assert pages.limit(limits.PAGE_ITEMS_DEFAULT) == limits.PAGE_ITEMS_DEFAULT
    assert pages.limit(1) == 1
    assert pages.limit(limits.PAGE_ITEMS_MAX) == limits.PAGE_ITEMS_MAX
    for bad in (0, -1, limits.PAGE_ITEMS_MAX + 1, 2**63):
        with pytest.raises(Invalid):
            pages.limit(bad)


@dataclass(frozen=True)
class Thing:
    id: str


async def test_pages_follow_each_other_to_the_end_and_name_each_thing_once():
    things = [Thing(f"{number:02}") for number in range(7)]

    async def read(after: str | None, most: int) -> list[Thing]:
        return [one for one in things if after is None or one.id > after][:most]

    for size in (1, 3, 6, 7, 8):
        seen: list[Thing] = []
        cursor = None
        while True:
            found, cursor = await pages.page_by_id(KEYS, "things", (size, cursor), read)
            assert 0 < len(found) <= size
            seen += found
            if cursor is None:
                break
        assert seen == things
