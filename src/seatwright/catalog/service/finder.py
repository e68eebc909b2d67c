"""Finding events: the search index, kept up with the programme."""

import asyncio
from datetime import datetime, timedelta

from seatwright.catalog.adapters.search_index import Facet, Found, SearchIndex
from seatwright.catalog.domain import documents
from seatwright.catalog.domain.searching import Asked, Search
from seatwright.catalog.service.programme import Programme
from seatwright.contracts.catalog import EventId
from seatwright.kit import signing
from seatwright.kit.web import pages

# Changes of an on-sale come in bursts; one commit of the index serves all of them.
GATHERING = timedelta(milliseconds=100)
DOCUMENTS_AT_ONCE = 2000


class Finder:
    """Answers questions from the index; `step` keeps the index up with the programme."""

    def __init__(self, programme: Programme, keys: signing.Keyring) -> None:
        self._programme = programme
        self._keys = keys
        self._index = SearchIndex()
        self._busy = False
        self._caught_up = False

    def caught_up(self) -> bool:
        """Whether everything known at some moment could be found; once true, always true."""
        self._caught_up = self._caught_up or (self._programme.all_taken and not self._busy)
        return self._caught_up

    async def step(self) -> timedelta:
        """Wait for changes, gather them a little, and bring them into the index."""
        await self._programme.arrival()
        await asyncio.sleep(GATHERING.total_seconds())
        while changes := self._programme.take_changes(DOCUMENTS_AT_ONCE):
            self._busy = True
            try:
                await asyncio.to_thread(self._replace, changes)
            except BaseException:
                self._programme.give_back([event for event, _ in changes])
                raise
            finally:
                self._busy = False
        return timedelta(0)

    def _replace(self, changes: list[tuple[EventId, bytes]]) -> None:
        self._index.replace(documents.decode(raw) for _, raw in changes)

    def page(self, asked: Asked, now: datetime) -> tuple[Found, str | None]:
        """A page and the cursor of the next one; raises `Invalid` for another list's cursor."""
        listing = f"events/{signing.digest_hex(asked.search)[:16]}"
        behind = pages.after(self._keys, listing, asked.cursor)
        after = None if behind is None else (float(behind[0]), int(behind[1]), str(behind[2]))
        found = self._index.find(asked.search, now=now, limit=asked.limit, after=after)
        following = None if found.after is None else pages.cursor(self._keys, listing, found.after)
        return found, following

    def facets(self, search: Search, now: datetime) -> dict[str, list[Facet]]:
        """Counted values to filter by."""
        return self._index.facets(search, now=now)
