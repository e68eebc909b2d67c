"""The calendar entry says the venue's time and keeps secrets to itself."""

from datetime import UTC, datetime

import pytest
from icalendar import Calendar

from seatwright.delivery.adapters.calendars import calendar
from seatwright.delivery.domain.words import in_language
from tests.fakes.sold import STARTS, an_event

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def entry(event, *lines: str):  # type: ignore[no-untyped-def]
    raw = calendar(event, lines=lines, public="https://t.example", words=in_language("en"), now=NOW)
    found = Calendar.from_ical(raw)
    assert len(found.walk("VEVENT")) == 1
    return raw, found


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"])
def test_the_time_is_the_venues_and_the_zone_comes_along(zone: str) -> None:
    event = an_event(timezone=zone)
    _, found = entry(event, "Block L12 · Row 14 · Seat 7")
    (it,) = found.walk("VEVENT")
    assert it.decoded("dtstart") == STARTS
    # UTC is written with a Z instead of a name.
    assert it["dtstart"].params.get("TZID", "UTC") == zone
    assert [str(z["tzid"]) for z in found.walk("VTIMEZONE")] == [zone]
    assert "Seat 7" in it["description"]
    assert "Stadion am Fluss" in it["location"]
    assert str(it["uid"]) == f"{event.id}@seatwright"


def test_no_title_can_add_a_line() -> None:
    title = "Show\r\nATTENDEE:mailto:x@y.z\nEND:VEVENT"
    raw, found = entry(an_event(title=title, venue_name=title), title)
    (it,) = found.walk("VEVENT")
    assert "attendee" not in it
    assert b"\nATTENDEE" not in raw
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
