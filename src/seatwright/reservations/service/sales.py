"""The events being sold, as this process knows them: never older than a second, mostly at hand."""

from typing import NamedTuple

from seatwright.contracts.catalog import Catalog, EventId, EventNotFound
from seatwright.contracts.charts.shelf import ChartShelf
from seatwright.kit import clock, telemetry
from seatwright.kit.errors import Unavailable
from seatwright.reservations.domain.sale import Sale
from seatwright.reservations.service.single_flight import SingleFlight

# A price change or a pause by the organiser must bite within a second (cockpit, `F7`).
SALE_FRESH_S = 1.0
# When the catalogue does not answer, selling goes on with what was known so recently.
SALE_STALE_S_MAX = 60.0
SALES_KEPT_MAX = 2048


class _Kept(NamedTuple):
    sale: Sale
    asked_at: float
    fresh_until: float


class Sales:
    """The sales of this process; one question to the catalogue per event and second."""

    def __init__(self, catalog: Catalog, charts: ChartShelf) -> None:
        self._catalog = catalog
        self._charts = charts
        self._kept: dict[EventId, _Kept] = {}
        self._flight: SingleFlight[EventId, Sale] = SingleFlight()

    async def of(self, event: EventId) -> Sale:
        """The sale of an event; raises `EventNotFound` or `Unavailable`."""
        kept = self._kept.get(event)
        if kept is not None and clock.monotonic() < kept.fresh_until:
            return kept.sale
        return await self.fresh(event)

    async def fresh(self, event: EventId) -> Sale:
        """The same, asking the catalogue in any case."""
        return await self._flight.run(event, lambda: self._ask(event))

    async def _ask(self, event: EventId) -> Sale:
        kept, now = self._kept.get(event), clock.monotonic()
        try:
            document = await self._catalog.event(event=event)
        except EventNotFound:
            self._kept.pop(event, None)
            raise
        except Unavailable:
            if kept is None or now - kept.asked_at > SALE_STALE_S_MAX:
                raise
            telemetry.DEGRADED.labels("catalog").inc()
            self._kept[event] = kept._replace(fresh_until=now + SALE_FRESH_S)
            return kept.sale
        if kept is not None and kept.sale.event.version == document.version:
            sale = kept.sale
        else:
            sale = Sale(document, await self._charts.get(document.chart))
        self._keep(event, _Kept(sale, now, now + SALE_FRESH_S))
        return sale

    def _keep(self, event: EventId, kept: _Kept) -> None:
        self._kept.pop(event, None)
        self._kept[event] = kept
        if len(self._kept) > SALES_KEPT_MAX:
            self._kept.pop(next(iter(self._kept)))
