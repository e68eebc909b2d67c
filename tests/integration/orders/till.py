"""Paying for real: a gateway in its own process, the stores, and everything that pays."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg

from seatwright.contracts.catalog import EventId
from seatwright.contracts.payments import GatewayPayment, PaymentReference, Payments
from seatwright.kit.postgres import Database
from seatwright.orders.capturing.store import CapturingStore
from seatwright.orders.comparing.store import ComparingStore
from seatwright.orders.comparing.tasks import Comparer, Strays
from seatwright.orders.domain.order import Order
from seatwright.orders.paying.service import PayOrder
from seatwright.orders.paying.store import PayingStore
from seatwright.orders.paying.tasks import Resolver
from seatwright.orders.placing.store import PlacingStore
from seatwright.orders.reading.store import ReadingStore
from seatwright.payments.adapters.free import FreeOfCharge
from seatwright.payments.adapters.simulated import NAME, SimulatedGateway
from seatwright.payments.service import PaymentService
from tests.integration.orders.conftest import a_placement, an_order
from tests.integration.simulators import merchant
from tests.integration.simulators.conftest import gateway_process

SHOP = "https://shop.example"


@dataclass
class Seats:
    """Reservations that only remember what they were told."""

    told: list[tuple[str, str, tuple[int, ...]]] = field(default_factory=list)

    async def sold(self, *, event: EventId, seats: Sequence[int]) -> None:
        self.told.append(("sold", event, tuple(seats)))

    async def freed(self, *, event: EventId, seats: Sequence[int], hold: str | None) -> None:
        self.told.append((f"freed {hold}", event, tuple(seats)))


@dataclass
class Calendar:
    """A catalogue that knows of every event whether it takes place."""

    state: str = "published"

    async def event(self, *, event: EventId) -> Any:
        return SimpleNamespace(id=event, state=self.state)


@dataclass
class Till:
    """What pays, over one database and one gateway."""

    database: Database
    truth: asyncpg.Pool
    client: merchant.Client
    payments: Payments
    seats: Any = field(default_factory=Seats)
    calendar: Any = field(default_factory=Calendar)

    def __post_init__(self) -> None:
        self.placing = PlacingStore(self.database)
        self.paying = PayingStore(self.database)
        self.capturing = CapturingStore(self.database)
        self.reading = ReadingStore(self.database)
        self.comparing = ComparingStore(self.database)

    def over(self, payments: Any) -> "Till":
        """The same till, its gateway seen through something."""
        return replace(self, payments=payments)

    @property
    def pay(self) -> PayOrder:
        return PayOrder(
            store=self.paying, payments=self.payments, reservations=self.seats,
            public_url=SHOP,
        )  # fmt: skip

    @property
    def resolver(self) -> Resolver:
        return Resolver(
            store=self.paying, reader=self.reading, pay=self.pay, payments=self.payments,
            catalog=self.calendar,
        )  # fmt: skip

    @property
    def comparer(self) -> Comparer:
        return Comparer(store=self.comparing, payments=self.payments, shop=SHOP)

    @property
    def strays(self) -> Strays:
        return Strays(store=self.comparing, payments=self.payments, shop=SHOP)

    async def placed(self, event: EventId, seats: list[int], token: str = "tok_ok") -> Order:
        """An order in payment, of which no gateway has heard."""
        order = an_order(event, seats)
        assert order.attempt is not None
        order = replace(order, attempt=replace(order.attempt, token=token))
        await self.placing.open_inventory(event, "c" * 32, 200)
        await self.placing.place([a_placement(order)])
        return order

    async def due(self, order: Order) -> None:
        """Its attempts' next look is now."""
        await self.truth.execute(
            "UPDATE orders.attempts SET due_at = clock_timestamp(), leased_until = NULL"
            " WHERE order_id = $1 AND due_at IS NOT NULL", order.id,
        )  # fmt: skip

    async def older(self, order: Order, column: str, seconds: float) -> None:
        """Let so much time have passed since `column` of its attempts."""
        await self.truth.execute(
            f"UPDATE orders.attempts SET {column} = {column} - make_interval(secs => $2)"
            " WHERE order_id = $1", order.id, seconds,
        )  # fmt: skip

    async def attempt(self, order: Order, number: int = 1) -> dict[str, Any]:
        """The row of an attempt."""
        row = await self.truth.fetchrow(
            "SELECT *, extract(epoch FROM due_at - clock_timestamp())::float8 AS due_in_s"
            " FROM orders.attempts WHERE order_id = $1 AND attempt = $2", order.id, number,
        )  # fmt: skip
        assert row is not None
        return dict(row)

    async def give_up(self, order: Order) -> None:
        """For us the attempt is over, as if the gateway had never heard of it."""
        assert order.attempt is not None
        gone = GatewayPayment(
            reference=PaymentReference(order.attempt.reference), standing="absent"
        )
        await self.paying.settle_without_sale(
            order, 1, attempt="failed", state="awaiting_payment", payment=gone,
            look_again_in=None, remember=None,
        )  # fmt: skip

    async def state(self, order: Order) -> str:
        return str(
            await self.truth.fetchval("SELECT state FROM orders.orders WHERE id=$1", order.id)
        )

    async def breaks(self, order: Order) -> list[dict[str, Any]]:
        """What was written down about an order, oldest first."""
        rows = await self.truth.fetch(
            "SELECT * FROM orders.breaks WHERE order_id = $1 ORDER BY id", order.id
        )
        return [dict(row) for row in rows]

    async def at_gateway(self, order: Order) -> dict[str, Any]:
        """The gateway's own sums and payments of an order."""
        return (await self.client.call("GET", f"/ledger?order={order.id}")).json


@asynccontextmanager
async def open_till(folder: Path, database: Database, truth: asyncpg.Pool) -> AsyncIterator[Till]:
    """A till with a gateway of its own."""
    # What other tests have left open comes due with time, and a look takes only so many.
    await truth.execute("UPDATE orders.attempts SET due_at = NULL WHERE due_at IS NOT NULL")
    async with gateway_process(folder / "ledger.jsonl", "--late-s", 0.3) as (_, client):
        gateway = SimulatedGateway.open(
            url=client.base, key=merchant.API_KEY, secret=merchant.SECRET
        )
        service = PaymentService({NAME: gateway, "free": FreeOfCharge()})
        try:
            yield Till(database, truth, client, service)
        finally:
            await gateway.close()
