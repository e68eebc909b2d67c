"""
Telling watchers what changed: one publisher per event, elected by a lease in Valkey.

Whoever changed seats remembers the event until the change is published, by itself or by the
process that has the lease; so the work of a publisher that died is taken over. A message may
come twice, never out of order; a gap is seen by its numbers, and the browser asks for it.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

import msgspec

from seatwright.contracts.catalog import EventId
from seatwright.kit import clock, telemetry
from seatwright.reservations.domain.outcomes import Change, Draining, RebuildNeeded, Waiting
from seatwright.reservations.ports import Feed, HoldStore

# N2: seen in under a second, aim 250 ms. Half of this is waited on average.
INTERVAL_S_MIN = 0.05
INTERVAL_S_MAX = 1.0
# Rest so many times as long as a round took: with many events or a busy process the interval
# grows, and publishing never takes more than a tenth of it.
_REST_FOR_WORK = 10
LEASE_MS = 2000
# The lease is kept so long after the last change, so that others' changes are not delayed.
_LINGER_S = 2.0
# Who does not have the lease looks so often whether the other one has published.
_LOOK_AGAIN_S = 0.25
_EVENTS_AT_ONCE = 64
ENTRIES_MAX = 500

PUBLISHED = telemetry.counter("seat_changes_published_total", "Changes sent to watchers")


class ChangeMessage(msgspec.Struct, frozen=True):
    """Epoch, the version before, the version after, and [state, seats] in order."""

    e: str
    f: int
    v: int
    c: list[tuple[int, list[int]]]


@dataclass(slots=True)
class _Marked:
    wanted: int
    due: float
    sent: int = 0
    quiet_since: float | None = None


class Publishing:
    """The publisher of this process; `process` names it in the leases."""

    def __init__(self, store: HoldStore, feed: Feed, *, process: str) -> None:
        self._store = store
        self._feed = feed
        self._process = process
        self._marked: dict[EventId, _Marked] = {}
        self._something = asyncio.Event()

    def changed(self, event: EventId, version: int) -> None:
        """Remember that the event's version was raised to `version` here."""
        marked = self._marked.get(event)
        if marked is None:
            self._marked[event] = _Marked(version, clock.monotonic() + INTERVAL_S_MIN)
            self._something.set()
        elif version > marked.wanted:
            marked.wanted = version

    async def step(self) -> timedelta:
        """One round over the events that are due; answers how long to rest."""
        if not self._marked:
            self._something.clear()
            await self._something.wait()
        started = clock.monotonic()
        due = [event for event, marked in self._marked.items() if marked.due <= started]
        messages: list[tuple[EventId, bytes]] = []
        sent: dict[EventId, int] = {}
        for portion in _portions(due):
            drained = await asyncio.gather(*(self._drain(event) for event in portion))
            for event, found in zip(portion, drained, strict=True):
                if found is not None and found.changes:
                    messages.append((event, encode(found)))
                    sent[event] = found.changes[-1].version
        if messages and await self._feed.publish(messages=messages):
            PUBLISHED.inc(len(messages))
            for event, version in sent.items():
                if event in self._marked:
                    self._marked[event].sent = version
        took = clock.monotonic() - started
        return timedelta(seconds=min(INTERVAL_S_MAX, max(INTERVAL_S_MIN, took * _REST_FOR_WORK)))

    async def _drain(self, event: EventId) -> Draining | None:
        marked = self._marked[event]
        now = clock.monotonic()
        marked.due = now
        try:
            found = await self._call(event, marked.sent, LEASE_MS)
        except RebuildNeeded:
            # The epoch is gone; whoever fills the next one marks the event again.
            self._marked.pop(event, None)
            return None
        done = found.published >= marked.wanted
        if isinstance(found, Waiting):
            if done:
                self._marked.pop(event, None)
            marked.due = now + _LOOK_AGAIN_S
            return None
        if found.changes or not done:
            marked.quiet_since = None
            return found
        if marked.quiet_since is None:
            marked.quiet_since = now
        elif now - marked.quiet_since > _LINGER_S:
            self._marked.pop(event, None)
            await self._call(event, marked.sent, 0)
        return None

    def _call(self, event: EventId, sent: int, lease_ms: int) -> Awaitable[Draining | Waiting]:
        return self._store.drain(
            event=event,
            publisher=self._process,
            lease_ms=lease_ms,
            published=sent,
            entries_max=ENTRIES_MAX,
        )


def encode(found: Draining) -> bytes:
    """The message that tells these changes."""
    first, last = found.changes[0], found.changes[-1]
    return msgspec.json.encode(
        ChangeMessage(found.epoch, first.version - 1, last.version, coalesced(found.changes))
    )


def coalesced(changes: Iterable[Change]) -> list[tuple[int, list[int]]]:
    """The last state of each seat that changed, by state."""
    latest: dict[int, int] = {}
    for change in changes:
        for state, seats in change.parts:
            latest.update(dict.fromkeys(seats, state))
    by_state: dict[int, list[int]] = {}
    for seat, state in latest.items():
        by_state.setdefault(state, []).append(seat)
    return list(by_state.items())


def _portions(events: list[EventId]) -> Iterator[list[EventId]]:
    waiting = iter(events)
    while portion := list(islice(waiting, _EVENTS_AT_ONCE)):
        yield portion
