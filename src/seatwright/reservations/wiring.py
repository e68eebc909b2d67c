"""The reservations service of a process."""

from datetime import timedelta
from typing import Protocol

from seatwright.contracts.catalog import EventId
from seatwright.contracts.charts.shelf import ChartShelf
from seatwright.contracts.directory import Directory
from seatwright.kit import ids, tasks
from seatwright.kit.process import Loop, Part, Tools
from seatwright.reservations.adapters.duties import ValkeyDuties
from seatwright.reservations.adapters.feed import NatsFeed
from seatwright.reservations.adapters.holds import ValkeyHolds
from seatwright.reservations.domain.outcomes import Filled
from seatwright.reservations.domain.terms import Terms
from seatwright.reservations.http import availability as availability_http, holds as holds_http
from seatwright.reservations.http.who import HoldDoorkeeper
from seatwright.reservations.service.availability import Availability
from seatwright.reservations.service.choosing import Choosing
from seatwright.reservations.service.comparing import Comparing
from seatwright.reservations.service.contract import SeatsOfOrders
from seatwright.reservations.service.hold_seats import Holding
from seatwright.reservations.service.publishing import Publishing
from seatwright.reservations.service.rebuilding import Rebuilding
from seatwright.reservations.service.retiring import Retiring
from seatwright.reservations.service.sales import Sales
from seatwright.reservations.service.sweeping import Sweeping


async def wire(tools: Tools, directory: Directory) -> Part:
    """Build the service over this process's engines."""
    process = ids.short_id()
    store = ValkeyHolds(tools.valkey)
    duties = ValkeyDuties(tools.valkey, process=process)
    sales = Sales(directory.catalog, ChartShelf(tools.files))
    publishing = Publishing(store, NatsFeed(tools.broker), process=process)

    comparing = Comparing(store, duties, directory.catalog, directory.orders, publishing.changed)

    def filled(event: EventId, found: Filled) -> None:
        publishing.changed(event, found.version)
        comparing.soon(event)

    rebuilding = Rebuilding(store, duties, directory.orders, sales, filled)
    availability = Availability(store, sales, rebuilding)
    holding = Holding(
        store,
        sales,
        rebuilding,
        Choosing(availability.bits),
        tools.keys,
        publishing.changed,
        Terms(guest_seats_max=tools.settings.held_seats_per_address_max),
    )
    return Part(
        routes=(*holds_http.ROUTES, *availability_http.ROUTES),
        # `Rebuilding` is for the operator's command.
        offers=(
            directory,
            tools.keys,
            holding,
            availability,
            rebuilding,
            HoldDoorkeeper("hold", per_minute=tools.settings.holds_per_minute),
        ),
        contract=SeatsOfOrders(store, rebuilding, directory.orders, publishing.changed),
        background={
            "seat-publisher": _loop("seat-publisher", publishing),
            "hold-sweeper": _loop("hold-sweeper", Sweeping(store, duties, publishing.changed)),
            "seat-comparer": _loop("seat-comparer", comparing),
            "seat-retirer": _loop("seat-retirer", Retiring(store, duties, directory.catalog)),
        },
        # Nothing of Valkey in `ready`: without it holds answer 503, and orders go on.
    )


class _Work(Protocol):
    async def step(self) -> timedelta: ...


def _loop(name: str, work: _Work) -> Loop:
    return lambda: tasks.forever(name, work.step, idle=timedelta(seconds=1))
