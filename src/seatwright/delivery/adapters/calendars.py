"""An event as an iCalendar file (RFC 5545), in its own time zone."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone

from seatwright.contracts.catalog import EventForSale
from seatwright.delivery.domain import wording
from seatwright.delivery.domain.text import one_line
from seatwright.delivery.domain.words import Words

_PRODUCT = "-//Seatwright//Tickets//EN"
_LINE_CHARS_MAX = 200


def calendar(
    event: EventForSale, *, lines: tuple[str, ...], public: str, words: Words, now: datetime
) -> bytes:
    """
    One entry from the start to the end of the event; `lines` are its description.

    No secret goes in: calendars are shared and synchronised with strangers' machines.
    """
    zone = ZoneInfo(event.timezone)
    starts, ends = event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)
    entry = Event()
    # The same entry for every ticket and every download: importing twice changes nothing.
    entry.add("uid", f"{event.id}@seatwright")
    entry.add("sequence", event.version)
    entry.add("dtstamp", now)
    entry.add("dtstart", starts)
    entry.add("dtend", ends)
    entry.add("summary", one_line(event.title, wording.TITLE_CHARS_MAX))
    street, city = wording.address(event, words)
    where = (one_line(event.venue_name, wording.VENUE_CHARS_MAX), street, city)
    entry.add("location", ", ".join(part for part in where if part))
    doors = wording.when(event, words).doors
    said = (doors, *(one_line(line, _LINE_CHARS_MAX) for line in lines))
    entry.add("description", "\n".join(line for line in said if line))
    entry.add("url", f"{public}/events/{event.slug}")
    found = Calendar()
    found.add("prodid", _PRODUCT)
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add_component(_timezone(event.timezone, starts.date(), ends.date()))
    found.add_component(entry)
    return bytes(found.to_ical())


@lru_cache(maxsize=256)
def _timezone(name: str, first: date, last: date) -> Timezone:
    # The rules of two years around suffice, and keep the file small.
    year = timedelta(days=366)
    return Timezone.from_tzinfo(
        ZoneInfo(name), tzid=name, first_date=first - year, last_date=last + year
    )
