"""Catalogue and orders as reservations sees them, in memory, with one small event."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from seatwright.contracts.accounts import Principal
from seatwright.contracts.catalog import (
    CategoryPrice,
    ChartHash,
    EventForSale,
    EventId,
    EventNotFound,
    OrderFee,
    OrganisationId,
    Tax,
)
from seatwright.contracts.charts import (
    Area,
    Bounds,
    Category,
    ChartParts,
    PublishedChart,
    Row,
    Section,
    Table,
    encode_chart,
    seal,
)
from seatwright.contracts.orders import LiveClaim, SeatMap
from seatwright.contracts.reservations import Seat
from seatwright.kit.errors import Unavailable

OPENED = datetime(2020, 1, 1, tzinfo=UTC)
CLOSES = datetime(2099, 1, 1, tzinfo=UTC)


def small_chart(rows: int = 4, seats: int = 10, standing: int = 40) -> PublishedChart:
    """Two blocks of `rows` x `seats`, a table of four sold as a whole, a standing area."""
    blocks = tuple(
        Section(
            key=key,
            name=f"Block {key}",
            level="",
            entrance="Gate A",
            outline=(),
            rows=tuple(Row(name=str(row + 1), count=seats, from_=1, step=1) for row in range(rows)),
        )
        for key in ("A", "B")
    )
    x, y = [], []
    for block in range(2):
        for row in range(rows):
            x += [block * 100_00 + 50 * seat for seat in range(seats)]
            y += [90 * row] * seats
    x += [0, 50, 0, 50]
    y += [5000, 5000, 5050, 5050]
    return seal(
        ChartParts(
            name="Hall",
            bounds=Bounds(0, 0, 20_000, 6_000),
            focus=(250, 0),
            categories=(
                Category("one", "Category 1", "#4477AA"),
                Category("two", "Category 2", "#AA4477"),
            ),
            sections=blocks,
            tables=(Table("T1", "Table 1", 25, 5025, 60, True, 4, 1, 1),),
            areas=(Area("pitch", "Pitch", (), standing, 1, "Gate B"),),
            objects=(),
            x=x,
            y=y,
            category=bytes([0] * rows * seats + [1] * rows * seats + [0] * 4),
            flags=bytes(2 * rows * seats + 4),
        )
    )


def event_for_sale(event: str, chart: PublishedChart, **changes: object) -> EventForSale:
    """An event on sale now; category one costs 45.00, two 30.00, the order 2.00."""
    prices = tuple(
        CategoryPrice(
            key=category.key,
            name=category.name,
            color=category.color,
            face=price - 300,
            fee=300,
            tax=price * 19 // 119,
            price=price,
        )
        for category, price in zip(chart.categories, (4500, 3000), strict=True)
    )
    document = EventForSale(
        id=EventId(event),
        version=1,
        slug=event,
        organisation=OrganisationId("org1"),
        organisation_name="Promoter",
        title="Concert",
        state="published",
        venue_name="Hall",
        venue_city="Berlin",
        venue_address="Street 1",
        country="DE",
        timezone="Europe/Berlin",
        starts_at=CLOSES,
        doors_at=None,
        ends_at=CLOSES + timedelta(hours=3),
        on_sale_at=OPENED,
        off_sale_at=CLOSES,
        currency="EUR",
        categories=prices,
        order_fee=OrderFee(name="Order", tax=32, price=200),
        tax=Tax(name="VAT", rate_bp=1900, inclusive=True),
        seats_per_order_max=8,
        chart=ChartHash(chart.version),
        seat_count=chart.seat_count,
    )
    return msgspec.structs.replace(document, **changes)


class FakeFiles:
    """Files in memory."""

    def __init__(self, *charts: PublishedChart) -> None:
        self.kept: dict[tuple[str, str], bytes] = {}
        for chart in charts:
            self.add(chart)

    def add(self, chart: PublishedChart) -> None:
        self.kept["charts", f"{chart.version}.json"] = encode_chart(chart)

    async def read(self, *, folder: str, name: str) -> bytes | None:
        return self.kept.get((folder, name))

    async def write(self, *, folder: str, name: str, content: bytes) -> None:
        self.kept[folder, name] = content


class FakeCatalog:
    """Whatever events are put in."""

    def __init__(self, *documents: EventForSale) -> None:
        self.documents = {document.id: document for document in documents}
        self.closed: set[EventId] = set()
        self.asked = 0
        self.away = False

    def change(self, event: EventId, **changes: object) -> None:
        old = self.documents[event]
        self.documents[event] = msgspec.structs.replace(old, version=old.version + 1, **changes)

    async def event(self, *, event: EventId) -> EventForSale:
        self.asked += 1
        await asyncio.sleep(0)
        if self.away:
            raise Unavailable("away")
        if event not in self.documents:
            raise EventNotFound("There is no such event.")
        return self.documents[event]

    async def events_on_sale(self) -> list[EventId]:
        return [event for event in self.documents if event not in self.closed]


class FakeOrders:
    """The truth about seats, set by the test."""

    def __init__(self, seat_count: int) -> None:
        self.seat_count = seat_count
        self.sold: set[int] = set()
        self.blocked: set[int] = set()
        self.claimed: list[LiveClaim] = []
        self.asked: list[EventId] = []
        self.away = False
        self.seats_a_page = 1_000_000

    async def seat_map(self, *, event: EventId, start: Seat | None = None) -> SeatMap:
        self.asked.append(event)
        await asyncio.sleep(0)
        if self.away:
            raise Unavailable("away")
        first = start or 0
        end = first + self.seats_a_page
        page = range(first, end)
        parts = [msgspec.structs.replace(c, seats=_seats(c.seats, page)) for c in self.claimed]
        return SeatMap(
            seat_count=self.seat_count,
            sold=_seats(self.sold, page),
            blocked=_seats(self.blocked, page),
            claimed=[part for part in parts if part.seats],
            next=Seat(end) if end < self.seat_count else None,
        )


class FakeAccounts:
    """Sessions and tokens that are good, by their secrets."""

    def __init__(self, **principals: Principal) -> None:
        self.principals = principals
        self.asked = 0

    async def by_session(self, *, session: str) -> Principal | None:
        self.asked += 1
        return self.principals.get(session)

    async def by_token(self, *, token: str) -> Principal | None:
        self.asked += 1
        return self.principals.get(token)


def _seats(numbers: Iterable[int], page: range) -> list[Seat]:
    return [Seat(number) for number in sorted(numbers) if number in page]
