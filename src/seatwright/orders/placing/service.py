"""
From a hold token to an order whose seats are claimed, and paid at once when asked to.

The claim comes before the gateway hears of anything (`correctness.md` §0.2): a hold that was
lost can only lead to a polite refusal here, never to a charge without seats.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from seatwright.contracts.catalog import Catalog, EventForSale, EventId
from seatwright.contracts.charts.shelf import ChartShelf
from seatwright.contracts.orders import OrderCode, OrderId
from seatwright.contracts.reservations import (
    HoldExpired,
    HoldGrant,
    HoldId,
    HoldNotFound,
    Reservations,
    read_hold,
)
from seatwright.kit import clock, crash, ids
from seatwright.kit.errors import Expected
from seatwright.kit.lanes import Lane
from seatwright.kit.log import note
from seatwright.kit.signing import Keyring
from seatwright.orders.domain.buyers import BuyerLimit, counted_as
from seatwright.orders.domain.order import (
    PAYMENT_DURATION,
    Answer,
    Attempt,
    Buyer,
    Order,
    price_is_fair,
    reference,
)
from seatwright.orders.domain.presenting import answer_now, settled
from seatwright.orders.domain.quoting import quote
from seatwright.orders.domain.refusals import InProgress, SaleClosed
from seatwright.orders.placing.store import Placed, Placement, PlacingStore, Repeat

# The order's deadline is judged by PostgreSQL, the hold's by Valkey; this forgives the moment
# between a buyer's tap and our reading it, never more.
_BUYER_PURPOSE = "buyer-of-event/1"
HOLD_GRACE = timedelta(seconds=5)

_claimed = crash.declare("after_claim", "seats are claimed, the gateway has heard nothing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request to place an order, checked in form."""

    principal: str | None
    # Of the person who is logged in, whatever address the tickets go to.
    account_email: str | None
    key: str
    fingerprint: bytes
    hold_token: str
    buyer: Buyer
    gateway: str | None
    token: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The order, and what the first request with its key was or will be answered."""

    order: Order
    answer: Answer
    event: EventForSale | None = None


class Payer(Protocol):
    """Carries a placed order's first attempt to its outcome."""

    async def pay(self, order: Order, *, key: str | None, begun: float | None = None) -> Answer:
        """Authorise and settle; `begun` is a monotonic time before the order was written down."""
        ...


class Finder(Protocol):
    """Finds orders by id."""

    async def order(self, event: EventId, order: OrderId) -> Order | None:
        """The order, or None."""
        ...


class PlaceOrder:
    """The use case."""

    def __init__(
        self,
        *,
        keys: Keyring,
        store: PlacingStore,
        finder: Finder,
        payer: Payer,
        catalog: Catalog,
        reservations: Reservations,
        charts: ChartShelf,
    ) -> None:
        self._keys = keys
        self._store = store
        self._finder = finder
        self._payer = payer
        self._catalog = catalog
        self._reservations = reservations
        self._charts = charts
        self._inventories: set[EventId] = set()
        # One batch at a time: two would be half as large each, and a batch costs the same whether
        # it carries five orders or fifty.
        self._lane: Lane[Placement, Placed | Repeat] = Lane(
            "place", store.place, keys=_keys_of, batches_at_once=1
        )

    async def place(self, request: Request, *, now: datetime) -> Outcome:
        """
        Place the order, and pay it when the request names a way to.

        Raises `BadToken`, `HoldExpired`, `HoldNotFound`, `SaleClosed`, `SeatsTaken`,
        `BuyerLimitReached`, `IdempotencyMismatch`, `InProgress`, `EventNotFound`.
        """
        grant = read_hold(self._keys, request.hold_token)
        principal = _principal(request, grant)
        if now.timestamp() * 1000 > grant.expires_at_ms + HOLD_GRACE.total_seconds() * 1000:
            return await self._after_expiry(principal, request)
        event = await self._catalog.event(event=grant.event)
        if (closed := _closed(event, now)) is not None:
            return await self._closed(principal, request, closed)
        await self._open_inventory(event)
        order = await self._draft(grant, event, principal, request, now)
        answer = answer_now(order) if order.attempt is None else None
        placement = Placement(
            key=request.key,
            fingerprint=request.fingerprint,
            order=order,
            answer=answer,
            limit=self._limit(event, request),
        )
        begun = clock.monotonic()
        found = await self._lane.submit(placement)
        if isinstance(found, Repeat):
            return await self._repeat(found, principal, request.key)
        return await self._carry_on(order, found, request.key, event, begun)

    def _limit(self, event: EventForSale, request: Request) -> BuyerLimit | None:
        if event.seats_per_buyer_max is None:
            return None
        who = counted_as(account_email=request.account_email, email=request.buyer.email)
        # Kept beside the seats for as long as they are sold: no address, and useless elsewhere.
        return BuyerLimit(
            self._keys.mac(_BUYER_PURPOSE, f"{event.id}\n{who}"), event.seats_per_buyer_max
        )

    async def _carry_on(
        self, order: Order, placed: Placed, key: str, event: EventForSale, begun: float
    ) -> Outcome:
        _claimed()
        order = replace(order, created_at=placed.created_at, expires_at=placed.expires_at)
        note(order_id=order.id, event_id=order.event)
        if order.attempt is None:
            await self._keep(order)
            return Outcome(order, answer_now(order), event)
        answer = await self._payer.pay(order, key=key, begun=begun)
        if answer.status != "paid":
            await self._keep(order)
        return Outcome(order, answer, event)

    async def _keep(self, order: Order) -> None:
        # Degraded answer: none needed. The claim stands whether or not Valkey shows it; at
        # worst another buyer is refused politely at the claim. The comparer repairs the map.
        until_ms = int(order.expires_at.timestamp() * 1000)
        try:
            await self._reservations.keep(
                event=order.event, hold=HoldId(order.hold), until_ms=until_ms
            )
        except Expected as refusal:
            note(hold_kept=refusal.code)

    async def _draft(
        self,
        grant: HoldGrant,
        event: EventForSale,
        principal: str,
        request: Request,
        now: datetime,
    ) -> Order:
        chart = await self._charts.get(event.chart)
        frozen = quote(grant, event, chart)
        assert price_is_fair(grant, frozen), "the quote is the hold's"
        order_id = OrderId(ids.sortable_id(10))
        attempt = None
        if request.gateway is not None:
            attempt = Attempt(
                number=1,
                reference=reference(order_id, 1),
                gateway=request.gateway,
                token=request.token,
                amount=frozen.total(),
                currency=frozen.currency,
            )
        return Order(
            event=grant.event,
            id=order_id,
            code=OrderCode(ids.order_code()),
            principal=principal,
            hold=grant.hold,
            state="awaiting_payment" if attempt is None else "paying",
            buyer=request.buyer,
            quote=frozen,
            document_version=grant.document_version,
            created_at=now,
            expires_at=now + PAYMENT_DURATION,
            attempt=attempt,
        )

    async def _open_inventory(self, event: EventForSale) -> None:
        if event.id not in self._inventories:
            await self._store.open_inventory(event.id, event.chart, event.seat_count)
            self._inventories.add(event.id)

    async def _after_expiry(self, principal: str, request: Request) -> Outcome:
        repeat = await self._store.known(principal, request.key, request.fingerprint)
        if repeat is None:
            raise HoldExpired("The time to buy these seats has run out. Please choose again.")
        return await self._repeat(repeat, principal, request.key)

    async def _closed(self, principal: str, request: Request, closed: Expected) -> Outcome:
        repeat = await self._store.known(principal, request.key, request.fingerprint)
        if repeat is None:
            raise closed
        return await self._repeat(repeat, principal, request.key)

    async def _repeat(self, repeat: Repeat, principal: str, key: str) -> Outcome:
        if repeat.answer is None and not repeat.abandoned:
            raise InProgress("The first request is still being worked on.", retry_after_s=1)
        order = await self._finder.order(repeat.event, repeat.order)
        assert order is not None, "a key names an order that exists"
        note(order_id=order.id, event_id=order.event, repeated=True)
        answer = repeat.answer or answer_now(order)
        if repeat.answer is None and settled(order):
            # Nobody was answered, and nobody will be: from now on the definite answer is the first.
            answer = await self._store.remember(principal, key, answer)
        return Outcome(order, answer)


def _keys_of(placement: Placement) -> Iterable[Hashable]:
    order = placement.order
    yield (order.principal, placement.key)
    if placement.limit is not None:
        yield (order.event, placement.limit.buyer)
    for seat in order.seats:
        yield (order.event, seat)


def _principal(request: Request, grant: HoldGrant) -> str:
    guest = grant.holder.startswith("hold:")
    if request.principal is None:
        if not guest:
            raise HoldNotFound("This hold belongs to somebody who is logged in.")
        return grant.holder
    if not guest and grant.holder != request.principal:
        raise HoldNotFound("This hold belongs to somebody else.")
    return request.principal


def _closed(event: EventForSale, now: datetime) -> Expected | None:
    if event.state != "published":
        return SaleClosed("This event is not being sold now.", code=f"sale_{event.state}")
    if now >= event.off_sale_at:
        return SaleClosed("The sale has ended.", code="sale_ended")
    return None
