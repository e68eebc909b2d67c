"""An event as a calendar file (RFC 5545)."""

from datetime import UTC

from icalendar import Calendar, Event, vGeo, vText

from seatwright.catalog.domain.documents import EventDocument


def calendar(document: EventDocument, url: str) -> bytes:
    """
    One event, the same bytes for the same version; `url` is its page.

    Times are UTC, which every calendar shows in its owner's zone; the sequence number is the
    document's version, so that a file downloaded again moves the entry.
    """
    venue = document.venue
    entry = Event()
    entry.add("uid", f"{document.id}@seatwright")
    entry.add("dtstamp", document.changed_at.astimezone(UTC))
    entry.add("sequence", document.version)
    entry.add("summary", document.title)
    entry.add("dtstart", document.starts_at.astimezone(UTC))
    entry.add("dtend", document.ends_at.astimezone(UTC))
    place = (venue.name, venue.address or venue.city, venue.country)
    entry.add("location", vText(", ".join(part for part in place if part)))
    if document.summary:
        entry.add("description", document.summary)
    if venue.lat is not None and venue.lon is not None:
        entry.add("geo", vGeo((venue.lat, venue.lon)))
    entry.add("url", url)
    entry.add("status", "CANCELLED" if document.state == "cancelled" else "CONFIRMED")
    found = Calendar()
    found.add("prodid", "-//Seatwright//Events//EN")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add_component(entry)
    return bytes(found.to_ical())
