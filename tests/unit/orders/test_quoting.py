"""A quote freezes what was promised, with labels as the chart has them."""

from datetime import UTC, datetime

from seatwright.catalog.domain.charts import publish
from seatwright.contracts.catalog import (
    CategoryPrice,
    ChartHash,
    EventForSale,
    EventId,
    OrderFee,
    OrganisationId,
    Tax,
)
from seatwright.contracts.reservations import HeldSeat, HoldGrant, HoldId, Seat
from seatwright.orders.domain.order import price_is_fair
from seatwright.orders.domain.quoting import quote
from tests.unit.catalog.charts.chart_samples import one_of_each

NOW = datetime(2026, 11, 23, 20, 15, tzinfo=UTC)
CHART = publish(one_of_each())
GOLD, SILVER = (
    CategoryPrice(key=key, name=key.title(), color="#fff", face=1, fee=1, tax=1, price=9_999)
    for key in ("gold", "silver")
)
EVENT = EventForSale(
    id=EventId("e1"), version=4, slug="e", organisation=OrganisationId("o"), organisation_name="O",
    title="E", state="published", venue_name="V", venue_city="C", venue_address="A", country="DE",
    timezone="Europe/Berlin", starts_at=NOW, doors_at=None, ends_at=NOW, on_sale_at=NOW,
    off_sale_at=NOW, currency="EUR", categories=(GOLD, SILVER),
    order_fee=OrderFee(name="F", tax=1, price=1), tax=Tax(name="VAT", rate_bp=1900, inclusive=True),
    seats_per_order_max=8, chart=ChartHash("c"), seat_count=CHART.seat_count,
)  # fmt: skip


def grant(*seats: HeldSeat) -> HoldGrant:
    return HoldGrant(EventId("e1"), HoldId("h1"), "x", seats, "EUR", 250, 40, 3, 1)


def test_lines_stand_in_the_order_of_seats_with_prices_as_held():
    held = grant(
        HeldSeat(Seat(5), 1, 3000, 479), HeldSeat(Seat(0), 0, 5000, 798), HeldSeat(Seat(3), 0, 1, 0)
    )
    made = quote(held, EVENT, CHART)
    assert [line.seat for line in made.seats] == [0, 3, 5]
    assert [(line.price, line.tax) for line in made.seats] == [(5000, 798), (1, 0), (3000, 479)]
    assert (made.currency, made.order_fee, made.order_fee_tax) == ("EUR", 250, 40)
    assert [line.category for line in made.seats] == ["gold", "gold", "silver"]
    assert [line.category_name for line in made.seats] == ["Gold", "Gold", "Silver"]
    assert price_is_fair(held, made), "whatever the event's document says by now"


def test_a_line_is_named_as_the_chart_names_the_place():
    every = [HeldSeat(Seat(n), 0, 1, 0) for n in range(CHART.seat_count)]
    made = quote(grant(*every), EVENT, CHART)
    assert len({line.id for line in made.seats}) == CHART.seat_count
    for line in made.seats:
        assert CHART.find(line.id) == line.seat
        assert line.label == CHART.label(line.seat)
        place = CHART.place(line.seat)
        assert (line.section, line.row, line.seat_label) == (place.section, place.row, place.seat)
