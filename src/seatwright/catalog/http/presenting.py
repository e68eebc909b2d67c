"""
Events as bytes, made once a version.

Everything but the status and the time of the answer is the same for every visitor, so the JSON
of an event is kept up to its closing brace, and those two are put behind it.
"""

from datetime import datetime

import msgspec

from seatwright.catalog.domain import documents, states
from seatwright.catalog.http.shapes import item_facts, page_facts
from seatwright.catalog.service.programme import Programme, Recent
from seatwright.contracts.catalog import EventId
from seatwright.kit import clock

# A page of a list has up to 100 items and there are a handful of popular lists.
ITEMS_KEPT_MAX = 4096
_ENCODER = msgspec.json.Encoder()


class Presenter:
    """The JSON of events in this process's memory."""

    def __init__(self, programme: Programme, public_url: str) -> None:
        self._programme = programme
        self._public_url = public_url
        self._items = Recent(
            lambda raw: _open_json(item_facts(documents.decode(raw))), ITEMS_KEPT_MAX
        )
        self._pages = Recent(lambda raw: _open_json(page_facts(documents.decode(raw))))

    def status(self, event: EventId, now: datetime) -> str:
        """What a buyer is told about the sale; the event must be known."""
        line = self._programme.headline(event)
        assert line is not None, "only known events are presented"
        return states.status(
            state=line.state,
            on_sale_at=line.on_sale_at,
            off_sale_at=line.off_sale_at,
            ends_at=line.ends_at,
            now=now,
        )

    def address(self, slug: str) -> str:
        """Where the event's page is."""
        return f"{self._public_url}/events/{slug}"

    def tag(self, event: EventId, now: datetime) -> str:
        """What changes whenever the answer does, its time aside."""
        return f"{self._programme.version(event)}-{self.status(event, now)}"

    def item(self, event: EventId, now: datetime) -> bytes | None:
        """An event in a list; None when it is not known."""
        return self._present(self._items, event, now)

    def page(self, event: EventId, now: datetime) -> bytes | None:
        """All of an event; None when it is not known."""
        return self._present(self._pages, event, now)

    def _present(self, kept: Recent[bytes], event: EventId, now: datetime) -> bytes | None:
        raw = self._programme.raw(event)
        if raw is None:
            return None
        status, told = self.status(event, now), clock.rfc3339(now)
        end = f',"status":"{status}","server_time":"{told}"}}'
        return kept.of(event, raw) + end.encode()


def _open_json(facts: msgspec.Struct) -> bytes:
    return _ENCODER.encode(facts)[:-1]
