"""What had been sold before the demonstration began."""

from collections.abc import Sequence

from seatwright.catalog.service.answers import Answers
from seatwright.catalog.service.demo import DemoEvent
from seatwright.contracts.catalog import EventId
from seatwright.contracts.reservations import Seat, SeatsTaken
from seatwright.orders.domain.order import Buyer
from seatwright.orders.importing.service import ImportSale
from seatwright.run.assembly import Assembly

_BUYER = Buyer(name="Earlier sales", email="earlier-sales@example.com", language="en")


async def import_earlier_sales(built: Assembly, events: Sequence[DemoEvent]) -> list[EventId]:
    """
    Sell what each event says was sold; answers the events where that was done now.

    A second start finds it done and changes nothing.
    """
    done = []
    service = built.offer(ImportSale)
    catalog = built.offer(Answers)
    for event in events:
        if event.sold_seats:
            document = await catalog.event(event=event.id)
            await service.open_inventory(document)
            try:
                await service.record(document, [Seat(seat) for seat in event.sold_seats], _BUYER)
            except SeatsTaken:
                continue
            done.append(event.id)
    return done
