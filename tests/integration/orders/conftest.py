"""A database with the whole schema, and orders to place in it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import pytest

from seatwright.contracts.catalog import EventId
from seatwright.contracts.orders import OrderCode, OrderId
from seatwright.contracts.reservations import Seat
from seatwright.kit import ids
from seatwright.kit.postgres import Database
from seatwright.orders.domain.order import (
    PAYMENT_DURATION,
    Answer,
    Attempt,
    Buyer,
    Order,
    Quote,
    QuotedSeat,
    reference,
)
from seatwright.orders.placing.store import Placement
from seatwright.run import migrations
from seatwright.run.engines import Addresses
from tests.databases import empty_database


@pytest.fixture(scope="session")
async def database_url(engines: Addresses) -> str:
    url = await empty_database(engines.database_url, "test")
    await migrations.install(url)
    return url


@pytest.fixture(scope="session")
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = await Database.connect(database_url, service="orders")
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
async def truth(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """The database as its owner sees it, for counting what really is there."""
    pool = await asyncpg.create_pool(database_url, min_size=1, max_size=2)
    yield pool
    await pool.close()


@pytest.fixture
def event() -> EventId:
    return EventId(ids.short_id())


def an_order(event: EventId, seats: list[int], *, pay: bool = True, buyer: str = "Ada") -> Order:
    order = OrderId(ids.short_id())
    quote = Quote(
        "EUR",
        tuple(
            QuotedSeat(Seat(s), f"A:1:{s}", f"Seat {s}", "A", "1", str(s), "c1", "Cat", 5000, 798)
            for s in sorted(seats)
        ),
        250,
        40,
    )
    now = datetime.now(UTC)
    attempt = Attempt(
        number=1,
        reference=reference(order, 1),
        gateway="simulated",
        token="tok_ok",
        amount=quote.total(),
        currency="EUR",
    )
    return Order(
        event=event,
        id=order,
        code=OrderCode(ids.order_code()),
        principal=f"hold:{order}",
        hold=f"h{order}",
        state="paying" if pay else "awaiting_payment",
        buyer=Buyer(name=buyer, email="ada@example.com", language="en"),
        quote=quote,
        document_version=1,
        created_at=now,
        expires_at=now + PAYMENT_DURATION,
        attempt=attempt if pay else None,
    )


def a_placement(order: Order, *, key: str | None = None, fingerprint: bytes = b"f") -> Placement:
    answer = None if order.attempt else Answer(status="awaiting_payment")
    return Placement(key=key or ids.secret(8), fingerprint=fingerprint, order=order, answer=answer)
