"""
Lists of events as bytes, the same for everybody who asks within a second.

A list costs one to five milliseconds of search and counting. At ten o'clock everybody asks for
the same few, so an answer is kept for the second for which caches may keep it anyway.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from seatwright.catalog.domain.searching import Asked
from seatwright.catalog.http.presenting import Presenter
from seatwright.catalog.http.shapes import FacetShape, FacetsShape
from seatwright.catalog.service.finder import Finder
from seatwright.kit import signing

KEPT = timedelta(seconds=1)
KEPT_MAX = 256
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Listing:
    """A list's JSON, its ETag, and when it was made."""

    body: bytes
    etag: str
    at: datetime


class Listings:
    """Answers questions with bytes."""

    def __init__(self, finder: Finder, presenter: Presenter) -> None:
        self._finder = finder
        self._presenter = presenter
        self._kept: OrderedDict[Asked, Listing] = OrderedDict()

    def answer(self, asked: Asked, now: datetime) -> Listing:
        """The list at `now`, at most a second old; raises `Invalid` for another list's cursor."""
        kept = self._kept.get(asked)
        if kept is not None and now - kept.at < KEPT:
            return kept
        made = self._make(asked, now)
        self._kept[asked] = made
        self._kept.move_to_end(asked)
        if len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        return made

    def _make(self, asked: Asked, now: datetime) -> Listing:
        found, following = self._finder.page(asked, now)
        counted = self._finder.facets(asked.search, now)
        presented = (self._presenter.item(event, now) for event in found.events)
        items = [item for item in presented if item is not None]
        facets = FacetsShape(
            city=[FacetShape(value=f.value, count=f.count) for f in counted["city"]],
            category=[FacetShape(value=f.value, count=f.count) for f in counted["category"]],
        )
        end = b"],%b" % _ENCODER.encode({"next": following, "facets": facets})[1:]
        # Everything that is told but the time it was told at.
        told = [f"{event}.{self._presenter.tag(event, now)}" for event in found.events]
        return Listing(
            body=b'{"items":[' + b",".join(items) + end,
            etag=f'W/"{signing.digest_hex(told, end)[:24]}"',
            at=now,
        )
