"""Orders as their owners, papers and gates may see them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from seatwright.contracts.accounts import Principal
from seatwright.contracts.catalog import Catalog, EventForSale, EventId
from seatwright.contracts.orders import (
    IssuedTicket,
    OrderCode,
    OrderId,
    OrderNotFound,
    OrderPapers,
    SeatMap,
    TicketId,
    TicketNotFound,
)
from seatwright.contracts.reservations import Seat, read_hold
from seatwright.kit.errors import Expected
from seatwright.kit.log import note
from seatwright.kit.signing import Keyring
from seatwright.orders.domain import codes
from seatwright.orders.domain.order import Order, QuotedSeat
from seatwright.orders.domain.presenting import answer_now, settled
from seatwright.orders.reading.store import ReadingStore, TicketRow
from seatwright.orders.reading.views import OrderView, Wallets, order_view

Right = Literal["buyer", "organiser"]
_ORDERS_A_PAGE_MAX = 1000
_NOT_YOURS = "There is no such order, or it is not yours."


class ReadOrders:
    """The contract `Orders`, and the owners' reading."""

    def __init__(
        self,
        *,
        keys: Keyring,
        store: ReadingStore,
        catalog: Catalog,
        wallets: Wallets | None = None,
    ) -> None:
        self._wallets = wallets
        self._keys = keys
        self._store = store
        self._catalog = catalog

    async def owned(self, typed: str, *, secret: str | None, principal: Principal | None) -> Order:
        """
        The order, for its buyer: whoever has its secret, or has ordered it.

        Raises `OrderNotFound` in every other case, with the same words: what is not yours
        does not exist.
        """
        order, right = await self._seen(typed, secret, principal)
        if right != "buyer":
            raise OrderNotFound(_NOT_YOURS)
        return order

    async def shown(
        self, typed: str, *, secret: str | None, principal: Principal | None
    ) -> OrderView:
        """
        The order as it stands now, for its buyer or its event's organiser.

        What opens a gate is its buyer's alone: an organiser sees neither codes nor papers.
        Raises `OrderNotFound` for everybody else.
        """
        order, right = await self._seen(typed, secret, principal)
        if right == "buyer":
            await self._hasten(order)
        return await self.view(order, gate_codes=right == "buyer")

    async def _seen(
        self, typed: str, secret: str | None, principal: Principal | None
    ) -> tuple[Order, Right]:
        code = codes.typed(typed)
        place = None if code is None else await self._store.whereabouts(OrderCode(code))
        order = None if place is None else await self._store.order(*place)
        right = None if order is None else await self._right(order, secret, principal)
        if order is None or right is None:
            raise OrderNotFound(_NOT_YOURS)
        return order, right

    async def _right(
        self, order: Order, secret: str | None, principal: Principal | None
    ) -> Right | None:
        if codes.opens(self._keys, order.id, secret):
            return "buyer"
        if principal is None:
            return None
        if principal.id == order.principal:
            return "buyer"
        if not principal.organisations:
            return None
        event = await self._event(order.event)
        may = event is not None and principal.may("orders:read", event.organisation)
        return "organiser" if may else None

    async def _hasten(self, order: Order) -> None:
        """Let the payment of an order that its buyer looks at be settled soon."""
        attempt = order.attempt
        if attempt is None or attempt.state not in {"challenge", "in_doubt"}:
            return
        # Degraded answer: the order as it stands. The resolver comes by itself, only later.
        try:
            await self._store.hasten(order.event, order.id, attempt.number)
        except Expected as refusal:
            note(not_hastened=refusal.code)

    async def view(self, order: Order, *, gate_codes: bool = True) -> OrderView:
        """The order as it stands now; what opens a gate only with `gate_codes`."""
        tickets = await self._store.tickets(order.event, order.id)
        event = await self._event(order.event)
        return order_view(
            order,
            answer_now(order),
            event,
            tickets,
            self._keys,
            gate_codes=gate_codes,
            wallets=self._wallets,
        )

    async def tickets(self, order: Order) -> list[TicketRow]:
        """The tickets of an order."""
        return await self._store.tickets(order.event, order.id)

    async def of_person(
        self, principal: Principal, before: tuple[datetime, str] | None, most: int
    ) -> list[Order]:
        """A person's orders, newest first."""
        start = before or (datetime.max.replace(tzinfo=UTC), "")
        found = await self._store.of_person(principal.id, start, most)
        orders = [await self._store.order(*place) for place in found]
        return [order for order in orders if order is not None]

    def askers(self, principal: Principal | None, hold_token: str | None) -> list[str]:
        """
        Whose order keys these credentials may ask about; raises `BadToken`.

        A hold's token speaks for the guest who holds, never for somebody who is logged in.
        """
        found = [] if principal is None else [principal.id]
        if hold_token is not None:
            holder = read_hold(self._keys, hold_token).holder
            if holder.startswith("hold:"):
                found.append(holder)
        return found

    async def request(self, askers: Sequence[str], key: str) -> tuple[bool, Order] | None:
        """Whether the request that one of them made with this key is settled, and its order."""
        rows = [await self._store.request_by_key(asker, key) for asker in askers]
        row = next((row for row in rows if row is not None), None)
        if row is None:
            return None
        order = await self._store.order(EventId(row["event_id"]), OrderId(row["order_id"]))
        assert order is not None, "a key names an order that exists"
        # Given up, it is done when the gateway has said what became of it.
        return bool(row["settled"] or (row["abandoned"] and settled(order))), order

    async def seat_map(self, *, event: EventId, start: Seat | None = None) -> SeatMap:
        """The truth about an event's seats, or a page of it; raises `EventNotFound`."""
        document = await self._catalog.event(event=event)
        return await self._store.seat_map(event, document.seat_count, start)

    async def papers(self, *, event: EventId, order: OrderId) -> OrderPapers:
        """Everything papers are made of; raises `OrderNotFound`."""
        found = await self._store.order(event, order)
        if found is None:
            raise OrderNotFound("There is no such order.")
        tickets = await self._store.tickets(event, order)
        by_seat = {seat.seat: seat for seat in found.quote.seats}
        return OrderPapers(
            order=found.id,
            code=found.code,
            event=event,
            secret=codes.secret(self._keys, found.id),
            buyer_name=found.buyer.name,
            buyer_email=found.buyer.email,
            language=found.buyer.language,
            currency=found.quote.currency,
            total=found.quote.total(),
            tax=found.quote.tax(),
            paid_at=found.paid_at,
            tickets=[_issued(found, ticket, by_seat[ticket.seat]) for ticket in tickets],
        )

    async def live_orders(self, *, event: EventId, after: str, at_most: int) -> list[OrderId]:
        """A page of an event's paid orders, by id."""
        return await self._store.live_orders(event, after, min(at_most, _ORDERS_A_PAGE_MAX))

    async def ticket(self, *, event: EventId, ticket: TicketId) -> IssuedTicket:
        """One ticket; raises `TicketNotFound`."""
        row = await self._store.ticket(event, ticket)
        order = None if row is None else await self._store.order(event, row.order)
        if row is None or order is None:
            raise TicketNotFound("There is no such ticket.")
        seat = next(seat for seat in order.quote.seats if seat.seat == row.seat)
        return _issued(order, row, seat)

    async def admitted(self, *, event: EventId, ticket: TicketId, at: datetime) -> None:
        """Record an admission."""
        await self._store.mark_used(event, ticket, at)

    async def _event(self, event: EventId) -> EventForSale | None:
        # Degraded answer: the order without its event's description, and without codes.
        try:
            return await self._catalog.event(event=event)
        except Expected as refusal:
            note(event_missing=refusal.code)
            return None


def _issued(order: Order, ticket: TicketRow, seat: QuotedSeat) -> IssuedTicket:
    return IssuedTicket(
        id=ticket.id,
        event=order.event,
        order=order.id,
        seat=ticket.seat,
        seq=ticket.seq,
        status=ticket.status,  # type: ignore[arg-type]
        label=seat.label,
        section=seat.section,
        row=seat.row,
        seat_label=seat.seat_label,
        category=seat.category_name,
        price=seat.price,
        attendee=ticket.attendee,
        released=order.captured_at is not None and order.state == "paid",
    )
