"""
What an event's buyers must hear of: that it comes, moves, changes or does not take place.

Found by comparing the newest document with what was last told, so it does not matter how many
documents lay between, nor whether anybody was looking when they came.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from seatwright.contracts.catalog import EventForSale, EventId
from seatwright.contracts.orders import OrderId

Kind = Literal["reminder", "moved", "changed", "cancelled"]
SUBJECT_NOTICE = "work.notice"
REMINDED_BEFORE = timedelta(days=1)
_HOUR_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What buyers know of an event."""

    document_version: int
    state: str
    starts_at: datetime
    ends_at: datetime
    doors_at: datetime | None
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A mail that every order of the event is to have; `number` tells rounds of a kind apart."""

    kind: Kind
    number: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A round under way; orders up to the id `told_to` have their message."""

    event: EventId
    kind: Kind
    number: int
    values: Mapping[str, str]
    told_to: str


class Notice(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind_of", tag="notice"):
    """One order's share of a round, on the queue."""

    event: EventId
    order: OrderId
    kind: Kind
    number: int
    values: dict[str, str]


def known_now(event: EventForSale) -> Told:
    """What there is to know of an event."""
    return Told(
        document_version=event.version,
        state=event.state,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        doors_at=event.doors_at,
        place=f"{event.venue_name}\n{event.venue_address}\n{event.venue_city}",
    )


def due(before: Told | None, now: Told, at: datetime) -> list[Due]:
    """The rounds to begin at an instant; a round that was begun before may be among them."""
    found = [] if before is None else _changes(before, now)
    begun = now.starts_at - REMINDED_BEFORE <= at < now.starts_at
    if begun and now.state != "cancelled":
        # An event that is moved is worth another reminder.
        number = int(now.starts_at.timestamp()) // _HOUR_S
        found.append(Due(kind="reminder", number=number, values={}))
    return found


def still_due(notice: Notice, now: Told, at: datetime) -> bool:
    """Whether what the notice says is still so when its mail is about to be written."""
    if notice.kind == "cancelled":
        return now.state == "cancelled"
    if now.state == "cancelled":
        return False
    if notice.kind == "reminder":
        return at < now.starts_at and notice.number == int(now.starts_at.timestamp()) // _HOUR_S
    return at < now.ends_at


def _changes(before: Told, now: Told) -> list[Due]:
    if now.document_version <= before.document_version or before.state == "cancelled":
        return []
    number = now.document_version
    if now.state == "cancelled":
        return [Due(kind="cancelled", number=number, values={})]
    if now.starts_at != before.starts_at:
        values = {"before": before.starts_at.isoformat()}
        return [Due(kind="moved", number=number, values=values)]
    if (now.doors_at, now.place) != (before.doors_at, before.place):
        return [Due(kind="changed", number=number, values={})]
    return []
