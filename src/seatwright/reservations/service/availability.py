"""What everybody may know of an event's seats: snapshots at most a second old, and changes."""

import base64
import gzip
import struct
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple, TypeVar

import msgspec

from seatwright.contracts.catalog import EventId
from seatwright.contracts.charts import PublishedChart, tally
from seatwright.kit import clock, telemetry
from seatwright.kit.errors import Unavailable
from seatwright.reservations.domain.outcomes import Changes, Snapshot
from seatwright.reservations.ports import HoldStore
from seatwright.reservations.service.rebuilding import Rebuilding
from seatwright.reservations.service.sales import Sales
from seatwright.reservations.service.single_flight import SingleFlight

# A snapshot is made at most so often per event and process, however many ask (`P6`).
SNAPSHOT_FRESH_S = 1.0
# An unchanged one is only made anew for the sake of its `server_time`.
SNAPSHOT_UNCHANGED_S = 5.0
EVENTS_KEPT_MAX = 1024
# One answer of `changes`; who is further behind asks again, or takes a snapshot.
CHANGES_AT_ONCE_MAX = 1000
# 70,000 seats of 2 bits are 17.5 KB; a higher level saves 1 % and takes three times as long.
_GZIP_LEVEL = 6

BINARY_MAGIC = b"SWAV"
BINARY_FORMAT = 1
Kept = TypeVar("Kept")
_HEADER = struct.Struct(">4sB3xQI4x8s")


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Places by state."""

    free: int
    held: int
    sold: int
    blocked: int


class FreeOf(msgspec.Struct, frozen=True, kw_only=True):
    """Free places of a category, section or area."""

    key: str
    free: int


class AvailabilityDocument(msgspec.Struct, frozen=True, kw_only=True):
    """
    All places of an event at one version.

    `seats` is base64 of two bits a place in the chart's order, four a byte, the first in the two
    most significant bits: 0 free, 1 held, 2 sold, 3 not for sale.
    """

    event_id: str
    chart: str
    version: int
    epoch: str
    server_time: str
    counts: Counts
    categories: list[FreeOf]
    sections: list[FreeOf]
    areas: list[FreeOf]
    seats: str


class Prepared:
    """A snapshot in the forms it is asked for, each made once and only when asked for."""

    def __init__(self, event: EventId, chart: PublishedChart, snapshot: Snapshot) -> None:
        assert snapshot.bits is not None
        self.snapshot = snapshot
        self.bits = snapshot.bits
        self.made_at = clock.monotonic()
        self.fresh_until = self.made_at + SNAPSHOT_FRESH_S
        # Weak: an unchanged snapshot may be made anew with another `server_time`, and compressed.
        # One for each form: who has the one would else be told that the other has not changed.
        self.etag = f'W/"{snapshot.epoch}-{snapshot.version}"'
        self.binary_etag = f'W/"{snapshot.epoch}-{snapshot.version}-b"'
        self._event = event
        self._chart = chart

    def same_as(self, snapshot: Snapshot) -> bool:
        """Whether nothing has changed since."""
        mine = self.snapshot
        return (mine.epoch, mine.version) == (snapshot.epoch, snapshot.version)

    @cached_property
    def json(self) -> bytes:
        """The document as JSON."""
        chart, snapshot = self._chart, self.snapshot
        counted = tally(chart, self.bits)
        spans = [
            (span.kind, FreeOf(key=span.key, free=free))
            for span, free in zip(chart.spans, counted.free_by_span, strict=True)
        ]
        return msgspec.json.encode(
            AvailabilityDocument(
                event_id=self._event,
                chart=chart.version,
                version=snapshot.version,
                epoch=snapshot.epoch,
                server_time=clock.rfc3339(datetime.fromtimestamp(snapshot.now_ms / 1000, UTC)),
                counts=Counts(
                    free=counted.free,
                    held=counted.held,
                    sold=counted.sold,
                    blocked=counted.blocked,
                ),
                categories=[
                    FreeOf(key=category.key, free=free)
                    for category, free in zip(
                        chart.categories, counted.free_by_category, strict=True
                    )
                ],
                sections=[free for kind, free in spans if kind != "area"],
                areas=[free for kind, free in spans if kind == "area"],
                seats=base64.b64encode(self.bits).decode(),
            )
        )

    @cached_property
    def json_gzip(self) -> bytes:
        """The same, compressed."""
        return gzip.compress(self.json, _GZIP_LEVEL, mtime=0)

    @cached_property
    def binary(self) -> bytes:
        """Header of 32 bytes, then the bits."""
        snapshot = self.snapshot
        header = _HEADER.pack(
            BINARY_MAGIC,
            BINARY_FORMAT,
            snapshot.version,
            snapshot.seat_count,
            snapshot.epoch.encode(),
        )
        return header + self.bits

    @cached_property
    def binary_gzip(self) -> bytes:
        """The same, compressed."""
        return gzip.compress(self.binary, _GZIP_LEVEL, mtime=0)


class _Read(NamedTuple):
    """A snapshot with its bits, asked for at a monotonic instant."""

    snapshot: Snapshot
    asked_at: float


class Availability:
    """
    The snapshots of this process.

    The bits are read as often as somebody who chooses seats needs them; what the world is shown
    is prepared from them at most once a second.
    """

    def __init__(self, store: HoldStore, sales: Sales, rebuilding: Rebuilding) -> None:
        self._store = store
        self._sales = sales
        self._rebuilding = rebuilding
        self._read: dict[EventId, _Read] = {}
        self._reading: SingleFlight[EventId, _Read] = SingleFlight()
        self._prepared: dict[EventId, Prepared] = {}
        self._preparing: SingleFlight[EventId, Prepared] = SingleFlight()

    async def of(self, event: EventId) -> Prepared:
        """A snapshot at most a second old; raises `EventNotFound` or `Unavailable`."""
        prepared = self._prepared.get(event)
        if prepared is not None and clock.monotonic() < prepared.fresh_until:
            return prepared
        return await self._preparing.run(event, lambda: self._prepare(event))

    async def bits(self, event: EventId, since: float) -> bytes:
        """The two-bit string as read after the monotonic instant `since`; raises as `of`."""
        bits = (await self._newest(event, since)).bits
        assert bits is not None
        return bits

    async def changes(self, event: EventId, since: int) -> Changes:
        """What changed after version `since`, as far as it is remembered."""
        await self._sales.of(event)
        return await self._rebuilding.answered(
            event,
            lambda: self._store.changes(event=event, since=since, entries_max=CHANGES_AT_ONCE_MAX),
        )

    async def _prepare(self, event: EventId) -> Prepared:
        sale = await self._sales.of(event)
        now = clock.monotonic()
        prepared = self._prepared.get(event)
        try:
            snapshot = await self._newest(event, now)
        except Unavailable:
            # An old map means more seats that turn out to be taken, and nothing worse.
            if prepared is None:
                raise
            telemetry.DEGRADED.labels("availability").inc()
            prepared.fresh_until = now + SNAPSHOT_FRESH_S
            return prepared
        if (
            prepared is not None
            and prepared.same_as(snapshot)
            and now < prepared.made_at + SNAPSHOT_UNCHANGED_S
        ):
            prepared.fresh_until = now + SNAPSHOT_FRESH_S
            return prepared
        if snapshot.chart != sale.event.chart:
            sale = await self._sales.fresh(event)
        prepared = Prepared(event, sale.chart, snapshot)
        _keep(self._prepared, event, prepared)
        return prepared

    async def _newest(self, event: EventId, since: float) -> Snapshot:
        read = self._read.get(event)
        while read is None or read.asked_at < since:
            # The run that is under way may have begun before `since`; the next one has not.
            read = await self._reading.run(event, lambda: self._ask(event))
        return read.snapshot

    async def _ask(self, event: EventId) -> _Read:
        sale = await self._sales.of(event)
        last, asked_at = self._read.get(event), clock.monotonic()
        known = last.snapshot.version if last is not None else 0
        found = await self._rebuilding.answered(
            event, lambda: self._store.snapshot(event=event, known=known)
        )
        if found.bits is None and last is not None:
            found = found._replace(bits=last.snapshot.bits)
        if found.chart != sale.event.chart:
            found = await self._renumbered(event)
        read = _Read(found, asked_at)
        _keep(self._read, event, read)
        return read

    async def _renumbered(self, event: EventId) -> Snapshot:
        # Either we have not heard of the newest chart, or Valkey still counts by the one before.
        await self._rebuilding.again(event, force=False)
        sale = await self._sales.of(event)
        found = await self._store.snapshot(event=event, known=0)
        if found.chart != sale.event.chart:
            raise Unavailable("The seats of this event are being renumbered. Try again.")
        return found


def _keep(kept: dict[EventId, Kept], event: EventId, value: Kept) -> None:
    # The newest at the end; what nobody has read for longest goes first.
    kept.pop(event, None)
    kept[event] = value
    if len(kept) > EVENTS_KEPT_MAX:
        kept.pop(next(iter(kept)))
