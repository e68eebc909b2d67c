"""What the catalogue tells other services, from memory alone."""

from seatwright.catalog.adapters.documents import Feed
from seatwright.catalog.domain import documents
from seatwright.catalog.service.programme import Programme, Recent, sellable
from seatwright.contracts.catalog import EventForSale, EventId, EventNotFound
from seatwright.kit import clock
from seatwright.kit.errors import Unavailable


class Answers:
    """The contract `Catalog`. No database and no network: purchases wait for it."""

    def __init__(self, programme: Programme, feed: Feed) -> None:
        self._programme = programme
        self._feed = feed
        self._for_sale = Recent(lambda raw: documents.for_sale(documents.decode(raw)))

    async def event(self, *, event: EventId) -> EventForSale:
        """The newest document; raises `EventNotFound`, or `Unavailable` while starting."""
        raw = self._programme.raw(event)
        if raw is None:
            self.refuse_while_starting()
            raise EventNotFound("There is no such event.")
        return self._for_sale.of(event, raw)

    async def events_on_sale(self) -> list[EventId]:
        """Published and not over; raises `Unavailable` while starting."""
        self.refuse_while_starting()
        now = clock.now()
        return [line.id for line in self._programme.headlines() if sellable(line, now)]

    def refuse_while_starting(self) -> None:
        """Raise `Unavailable` until every document has been read once."""
        # Absent from a list that is still being read means nothing.
        if not self._feed.caught_up:
            raise Unavailable("The catalogue is still reading its documents.", retry_after_s=1)
