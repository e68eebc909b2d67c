"""Sales made elsewhere: recorded whole, and never over what somebody has."""

import pytest

from seatwright.contracts.charts.shelf import ChartShelf
from seatwright.contracts.reservations import Seat, SeatsTaken
from seatwright.orders.domain.order import Buyer
from seatwright.orders.importing.service import ImportSale
from seatwright.orders.placing.store import PlacingStore
from tests.fakes.selling import FakeFiles, event_for_sale, small_chart
from tests.integration.orders.conftest import a_placement, an_order

CHART = small_chart()
ADA = Buyer(name="Ada", email="ada@example.com", language="en")


async def test_an_import_takes_what_is_free_and_what_has_run_out(database, truth, event):
    sale = event_for_sale(event, CHART)
    importing = ImportSale(database=database, charts=ChartShelf(FakeFiles(CHART)))
    await importing.open_inventory(sale)
    store = PlacingStore(database)
    unpaid, paying = an_order(event, [1], pay=False), an_order(event, [2])
    await store.place([a_placement(unpaid), a_placement(paying)])
    with pytest.raises(SeatsTaken):
        await importing.record(sale, [Seat(1), Seat(3)], ADA)
    await truth.execute(
        "UPDATE orders.claims SET claimed_until = now() - interval '1 second' "
        "WHERE event_id=$1 AND isfinite(claimed_until)", event
    )  # fmt: skip
    with pytest.raises(SeatsTaken):
        await importing.record(sale, [Seat(1), Seat(2)], ADA)
    code = await importing.record(sale, [Seat(3), Seat(1)], ADA)
    rows = await truth.fetch(
        "SELECT c.seat, c.state, c.claimed_until, o.code FROM orders.claims AS c"
        " JOIN orders.orders AS o ON o.event_id = c.event_id AND o.id = c.order_id"
        " WHERE c.event_id=$1 AND c.seat <> 2 ORDER BY c.seat",
        event,
    )
    assert [tuple(row) for row in rows] == [(1, "sold", None, code), (3, "sold", None, code)]
    tickets = "SELECT count(*) FROM orders.tickets WHERE event_id=$1 AND status='valid'"
    assert await truth.fetchval(tickets, event) == 2
