"""Bringing the bucket of documents back to what the table says."""

import asyncio
from datetime import timedelta

from seatwright.catalog import store
from seatwright.catalog.adapters.documents import Feed
from seatwright.catalog.service.catalogue import Catalogue
from seatwright.contracts.catalog import EventId
from seatwright.kit import clock, ids, telemetry
from seatwright.kit.log import log

EVERY = timedelta(minutes=1)
SPREAD_MS = 5_000  # so that many processes do not all look in the same second
NOT_YET = timedelta(milliseconds=200)
DOCUMENTS_AT_ONCE = 100
REPUBLISHED = telemetry.counter(
    "catalog_documents_republished_total", "Documents the bucket lacked and was given again"
)


class Reconciler:
    """Compares table and bucket at start, every minute, and whenever something looks lost."""

    def __init__(self, catalogue: Catalogue, feed: Feed) -> None:
        self._catalogue = catalogue
        self._feed = feed

    async def step(self) -> timedelta:
        """One comparison, then the wait for the next."""
        if not self._feed.abreast:
            return NOT_YET
        soon = self._catalogue.programme.reconcile_soon
        soon.clear()
        if await self._emptied():
            self._feed.restart()
            return NOT_YET
        await self.reconcile()
        try:
            async with asyncio.timeout(EVERY.total_seconds() + ids.chance(SPREAD_MS) / 1000):
                await soon.wait()
        except TimeoutError:
            pass
        return timedelta(0)

    async def _emptied(self) -> bool:
        # Purging a stream tells its consumers nothing; only its count does.
        extent = await self._catalogue.bucket.extent()
        return extent.keys < len(self._catalogue.programme.in_bucket)

    async def reconcile(self) -> int:
        """Give the bucket what it lacks; answers how many documents that were."""
        catalogue = self._catalogue
        started = clock.monotonic()
        async with catalogue.database.reading() as reader:
            versions = await store.document_versions(reader)
        held = catalogue.programme.in_bucket
        missing = [event for event, version in versions.items() if held.get(event, 0) < version]
        for first in range(0, len(missing), DOCUMENTS_AT_ONCE):
            await self._republish(missing[first : first + DOCUMENTS_AT_ONCE])
        if missing:
            seconds = round(clock.monotonic() - started, 3)
            log.info("documents_republished", documents=len(missing), seconds=seconds)
        return len(missing)

    async def _republish(self, events: list[EventId]) -> None:
        async with self._catalogue.database.reading() as reader:
            rows = await store.documents(reader, events)
        for event, version, body in rows:
            await self._catalogue.bucket.put(event, version, body)
            REPUBLISHED.inc()


async def forget_keys(catalogue: Catalogue) -> timedelta:
    """Drop idempotency keys that are past their time; answers when to do it again."""
    async with catalogue.database.transaction() as writer:
        await store.forget_keys(writer)
    return timedelta(hours=1)
