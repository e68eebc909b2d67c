"""Catalogue, orders and accounts as delivery and gates see them: one sold event, in memory."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

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
from seatwright.contracts.orders import (
    IssuedTicket,
    OrderCode,
    OrderId,
    OrderNotFound,
    OrderPapers,
    TicketId,
    TicketNotFound,
)
from seatwright.contracts.reservations import Seat
from seatwright.kit import ids
from seatwright.kit.errors import Unavailable

STARTS = datetime(2031, 8, 14, 18, 0, tzinfo=UTC)


def an_event(**changes: Any) -> EventForSale:
    """A concert in Berlin at 20:00 local time, summer time."""
    event = EventForSale(
        id=EventId(ids.short_id()),
        version=3,
        slug="midnight",
        organisation=OrganisationId("org1"),
        organisation_name="Nordlicht Konzerte",
        title="The Midnight Orchestra",
        state="published",
        venue_name="Stadion am Fluss",
        venue_city="Berlin",
        venue_address="Uferstraße 12, 10999",
        country="DE",
        timezone="Europe/Berlin",
        starts_at=STARTS,
        doors_at=STARTS - timedelta(minutes=90),
        ends_at=STARTS + timedelta(hours=3),
        on_sale_at=datetime(2026, 1, 1, tzinfo=UTC),
        off_sale_at=STARTS,
        currency="EUR",
        categories=(
            CategoryPrice(
                key="cat1",
                name="Category 1",
                color="#4477AA",
                face=8000,
                fee=900,
                tax=1421,
                price=8900,
            ),
        ),
        order_fee=OrderFee(name="Order", tax=40, price=250),
        tax=Tax(name="VAT", rate_bp=1900, inclusive=True),
        seats_per_order_max=8,
        chart=ChartHash("c" * 16),
        seat_count=1800,
    )
    return msgspec.structs.replace(event, **changes)


def a_ticket(event: EventForSale, number: int = 1, **changes: Any) -> IssuedTicket:
    """Block L12, row 14, that seat; paid, valid, its first code."""
    ticket = IssuedTicket(
        id=TicketId(ids.sortable_id()),
        event=event.id,
        order=OrderId("order-1"),
        seat=Seat(number),
        seq=0,
        status="valid",
        label=f"Block L12 · Row 14 · Seat {number}",
        section="Block L12",
        row="14",
        seat_label=str(number),
        category="cat1",
        price=8900,
        attendee="Ada Lovelace",
        released=True,
    )
    return msgspec.structs.replace(ticket, **changes)


def some_papers(event: EventForSale, *tickets: IssuedTicket, **changes: Any) -> OrderPapers:
    """The papers of an order with these tickets, or one."""
    order = OrderId(ids.short_id())
    held = list(tickets) or [a_ticket(event)]
    papers = OrderPapers(
        order=order,
        code=OrderCode(ids.order_code()),
        event=event.id,
        secret="hush-secret",
        buyer_name="Ada Lovelace",
        buyer_email=f"{order}@example.com",
        language="en",
        currency="EUR",
        total=8900 * len(held) + 250,
        tax=1421 * len(held) + 40,
        paid_at=datetime(2026, 2, 1, tzinfo=UTC),
        tickets=[msgspec.structs.replace(ticket, order=order) for ticket in held],
    )
    return msgspec.structs.replace(papers, **changes)


@dataclass
class SoldCatalog:
    """The catalogue, by a table of events; `away` makes it unreachable."""

    known: dict[EventId, EventForSale] = field(default_factory=dict)
    away: bool = False

    def add(self, event: EventForSale) -> EventForSale:
        self.known[event.id] = event
        return event

    async def event(self, *, event: EventId) -> EventForSale:
        if self.away:
            raise Unavailable("away")
        if event not in self.known:
            raise EventNotFound("no such event")
        return self.known[event]

    async def events_on_sale(self) -> list[EventId]:
        return list(self.known)


@dataclass
class SoldOrders:
    """Orders with their tickets; `away` makes them unreachable, `waits` slow."""

    kept: dict[OrderId, OrderPapers] = field(default_factory=dict)
    admissions: dict[TicketId, datetime] = field(default_factory=dict)
    away: bool = False
    refused: int = 0
    waits: Any = None

    def add(self, papers: OrderPapers) -> OrderPapers:
        self.kept[papers.order] = papers
        return papers

    def change(self, ticket: TicketId, **changes: Any) -> None:
        """Alter one ticket wherever it is."""
        for papers in list(self.kept.values()):
            changed = [
                msgspec.structs.replace(one, **changes) if one.id == ticket else one
                for one in papers.tickets
            ]
            self.kept[papers.order] = msgspec.structs.replace(papers, tickets=changed)

    async def papers(self, *, event: EventId, order: OrderId) -> OrderPapers:
        self._answering()
        found = self.kept.get(order)
        if found is None or found.event != event:
            raise OrderNotFound("no such order")
        return found

    async def live_orders(self, *, event: EventId, after: str, at_most: int) -> list[OrderId]:
        self._answering()
        found = sorted(o for o, papers in self.kept.items() if papers.event == event and o > after)
        return found[:at_most]

    async def ticket(self, *, event: EventId, ticket: TicketId) -> IssuedTicket:
        self._answering()
        if self.waits is not None:
            await self.waits.wait()
        for papers in self.kept.values():
            for one in papers.tickets:
                if one.id == ticket and one.event == event:
                    return one
        raise TicketNotFound("no such ticket")

    async def admitted(self, *, event: EventId, ticket: TicketId, at: datetime) -> None:
        await self.ticket(event=event, ticket=ticket)
        self.admissions.setdefault(ticket, at)

    def _answering(self) -> None:
        if self.away:
            self.refused += 1
            raise Unavailable("away")


@dataclass
class TokenAccounts:
    """Accounts that know tokens only."""

    tokens: dict[str, Principal] = field(default_factory=dict)

    def add(self, organisation: str, *scopes: str) -> str:
        token = f"sw_{ids.short_id()}"
        self.tokens[token] = Principal(
            id=f"token:{ids.short_id()}",
            person=None,
            name="Gate",
            email=None,
            organisations={OrganisationId(organisation): frozenset(scopes)},
        )
        return token

    async def by_session(self, *, session: str) -> Principal | None:
        assert session
        return None

    async def by_token(self, *, token: str) -> Principal | None:
        return self.tokens.get(token)
