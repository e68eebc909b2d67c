"""One event while it is on sale: whether it may be sold now, which seats, at what price."""

from collections.abc import Sequence
from datetime import datetime

from seatwright.contracts.catalog import EventForSale
from seatwright.contracts.charts import PublishedChart
from seatwright.contracts.reservations import HeldSeat, HoldGrant, HoldId, Seat
from seatwright.kit.errors import Invalid, Problem, invalid
from seatwright.kit.instants import rfc3339
from seatwright.reservations.domain.refusals import (
    EventCancelled,
    NotOnSale,
    SaleEnded,
    SalePaused,
)

_PROBLEMS_MAX = 20


class Sale:
    """
    The catalogue's document and the chart it names, made ready for many holds.

    Prices are found by the index of a seat's category in the chart.
    """

    __slots__ = ("_off_sale_ms", "_on_sale_ms", "_whole_tables", "chart", "event")

    def __init__(self, event: EventForSale, chart: PublishedChart) -> None:
        assert len(event.categories) == len(chart.categories), "every category has a price"
        self.event = event
        self.chart = chart
        self._on_sale_ms = _ms(event.on_sale_at)
        self._off_sale_ms = _ms(event.off_sale_at)
        self._whole_tables = any(table.whole for table in chart.tables)

    def require_open(self, now_ms: int) -> None:
        """Raise why the event is not sold at this moment, if it is not."""
        if self.event.state == "published" and self._on_sale_ms <= now_ms < self._off_sale_ms:
            return
        if self.event.state == "cancelled":
            raise EventCancelled("This event will not take place.")
        if now_ms >= self._off_sale_ms:
            raise SaleEnded("This event is not sold any more.")
        if self.event.state != "published":
            raise SalePaused("The organiser has paused the sale. Try again in a while.")
        opens = rfc3339(self.event.on_sale_at)
        raise NotOnSale(f"The sale begins at {opens}.", on_sale_at=opens)

    def seats(self, ids: Sequence[str]) -> tuple[int, ...]:
        """The seats with these API ids, sorted; raises `Invalid` naming each that is wrong."""
        self.require_quantity(len(ids), "/seats")
        find = self.chart.find
        found = [find(seat_id) for seat_id in ids]
        seats = sorted(seat for seat in found if seat is not None)
        if len(seats) < len(ids):
            raise _unknown(ids, found)
        if len(set(seats)) < len(seats):
            raise invalid("/seats", "duplicate_seat", "Name each seat once.")
        if self._whole_tables:
            self._require_whole_tables(seats)
        return tuple(seats)

    def require_quantity(self, quantity: int, pointer: str) -> None:
        """Raise `Invalid` for no seats, or more than one order may have."""
        if quantity < 1:
            raise invalid(pointer, "required", "Choose at least one seat.")
        most = self.event.seats_at_once_max()
        if quantity > most:
            detail = f"At most {most} seats at once for this event."
            raise invalid(pointer, "too_many_seats", detail)

    def category(self, key: str, pointer: str) -> int:
        """The index of a category; raises `Invalid`."""
        index = self.chart.category_index.get(key)
        if index is None:
            raise invalid(pointer, "unknown_category", "The event has no such category.")
        return index

    def categories_up_to(self, price: int) -> frozenset[int]:
        """The categories whose all-in price is at most this, in minor units."""
        prices = enumerate(self.event.categories)
        return frozenset(index for index, category in prices if category.price <= price)

    def grant(self, hold: HoldId, holder: str, seats: Sequence[int], expires_ms: int) -> HoldGrant:
        """What a hold of these seats promises at this moment's prices."""
        event, categories, of = self.event, self.event.categories, self.chart.category
        return HoldGrant(
            event.id,
            hold,
            holder,
            tuple(
                HeldSeat(Seat(seat), index, categories[index].price, categories[index].tax)
                for seat in seats
                for index in (of[seat],)
            ),
            event.currency,
            event.order_fee.price,
            event.order_fee.tax,
            event.version,
            expires_ms,
        )

    def _require_whole_tables(self, seats: Sequence[int]) -> None:
        chosen = set(seats)
        for seat in seats:
            table = self.chart.whole_table(seat)
            if table is not None and not chosen.issuperset(range(table.first, table.end)):
                detail = f"The table {table.key} is sold as a whole: {table.end - table.first}."
                raise invalid("/seats", "whole_table", detail)


def _unknown(ids: Sequence[str], found: Sequence[int | None]) -> Invalid:
    wrong = [index for index, seat in enumerate(found) if seat is None][:_PROBLEMS_MAX]
    return Invalid(
        tuple(
            Problem(f"/seats/{index}", "unknown_seat", f"There is no seat {ids[index][:80]!r}.")
            for index in wrong
        )
    )


def _ms(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)
