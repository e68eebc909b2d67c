"""
All published events in this process's memory: bytes, decoded when asked for.

Written only by the feed (a `Listener`), on the event loop; read by everything that buyers wait
for. An event that was known once stays known when the bucket is lost: the table brings it back.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import msgspec

from seatwright.catalog.domain import documents
from seatwright.catalog.domain.documents import EventDocument, Headline
from seatwright.contracts.catalog import EventId
from seatwright.kit import telemetry
from seatwright.kit.log import log

DECODED_MAX = 1024
DOCUMENTS = telemetry.gauge("catalog_documents", "Published events in this process's memory")

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """What was made of the documents asked for lately, one for each event's newest version."""

    def __init__(self, make: Callable[[bytes], Value], items_max: int = DECODED_MAX) -> None:
        self._make = make
        self._items_max = items_max
        self._kept: OrderedDict[EventId, tuple[bytes, Value]] = OrderedDict()

    def of(self, event: EventId, raw: bytes) -> Value:
        """What `make` made of these very bytes, now or before."""
        kept = self._kept.get(event)
        if kept is not None and kept[0] is raw:
            self._kept.move_to_end(event)
            return kept[1]
        value = self._make(raw)
        self._kept[event] = (raw, value)
        if len(self._kept) > self._items_max:
            self._kept.popitem(last=False)
        return value


class Programme:
    """Every published event; `in_bucket` says which versions the present bucket holds."""

    def __init__(self) -> None:
        self._raw: dict[EventId, bytes] = {}
        self._headlines: dict[EventId, Headline] = {}
        self._slugs: dict[str, EventId] = {}
        self._decoded = Recent(documents.decode)
        self._dirty: set[EventId] = set()
        self._changed = asyncio.Event()
        self._awaited: dict[EventId, list[tuple[int, asyncio.Future[None]]]] = {}
        self.in_bucket: dict[EventId, int] = {}
        self.reconcile_soon = asyncio.Event()
        self.live = False

    def restarted(self) -> None:
        """The bucket is another one; what it holds is learned anew."""
        self.live = True
        if self.in_bucket:
            self.reconcile_soon.set()
        self.in_bucket.clear()

    def changed(self, key: str, raw: bytes) -> None:
        """Take a document, unless a newer one is here."""
        try:
            headline = documents.headline(raw)
        except msgspec.DecodeError as fault:
            # A newer release may write what this one cannot read; what is here stays.
            log.warning("document_not_read", key=key, fault=repr(fault))
            telemetry.DEGRADED.labels("document").inc()
            return
        event = headline.id
        self.in_bucket[event] = headline.version
        before = self._headlines.get(event)
        if before is not None and before.version >= headline.version:
            return
        if before is not None and before.slug != headline.slug:
            self._slugs.pop(before.slug, None)
        self._raw[event] = raw
        self._headlines[event] = headline
        self._slugs[headline.slug] = event
        DOCUMENTS.set(len(self._raw))
        self._dirty.add(event)
        self._changed.set()
        for version, waiting in self._awaited.get(event, ()):
            if version <= headline.version and not waiting.done():
                waiting.set_result(None)

    def removed(self, key: str) -> None:
        """Somebody removed a key by hand: it is missing, and will be put back."""
        self.in_bucket.pop(EventId(key), None)
        self.reconcile_soon.set()

    def find(self, reference: str) -> EventId | None:
        """The event of this id or slug; an id wins."""
        event = EventId(reference)
        return event if event in self._raw else self._slugs.get(reference)

    def raw(self, event: EventId) -> bytes | None:
        """The newest document's bytes."""
        return self._raw.get(event)

    def document(self, event: EventId) -> EventDocument | None:
        """The newest document."""
        raw = self._raw.get(event)
        return None if raw is None else self._decoded.of(event, raw)

    def headline(self, event: EventId) -> Headline | None:
        """What is known of an event without decoding it."""
        return self._headlines.get(event)

    def headlines(self) -> Iterator[Headline]:
        """The same of every event."""
        yield from self._headlines.values()

    def version(self, event: EventId) -> int:
        """The newest version known here, 0 for none."""
        headline = self._headlines.get(event)
        return 0 if headline is None else headline.version

    async def reached(self, event: EventId, version: int, *, patience: timedelta) -> bool:
        """
        Whether this version has arrived here, waiting for it a little.

        For who has just published: their next look finds it. Nothing depends on the answer.
        """
        if self.version(event) >= version:
            return True
        if not self.live:
            return False
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (version, waiting)
        self._awaited.setdefault(event, []).append(entry)
        try:
            await asyncio.wait([waiting], timeout=patience.total_seconds())
        finally:
            self._awaited[event].remove(entry)
            if not self._awaited[event]:
                del self._awaited[event]
        return waiting.done()

    async def arrival(self) -> None:
        """Return once something has changed that `take_changes` has not handed out."""
        await self._changed.wait()

    def take_changes(self, items_max: int) -> list[tuple[EventId, bytes]]:
        """Some of the changed events, for the index; each is handed out once a change."""
        taken = [self._dirty.pop() for _ in range(min(items_max, len(self._dirty)))]
        if not self._dirty:
            self._changed.clear()
        return [(event, self._raw[event]) for event in taken]

    def give_back(self, events: list[EventId]) -> None:
        """These could not be used: hand them out again."""
        self._dirty.update(events)
        self._changed.set()

    @property
    def all_taken(self) -> bool:
        """Whether every change has been handed out."""
        return not self._dirty


def sellable(headline: Headline, now: datetime) -> bool:
    """Whether seats of the event may be held now or later."""
    return headline.state == "published" and now < min(headline.off_sale_at, headline.ends_at)
