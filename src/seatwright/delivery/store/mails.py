"""The rows of deliveries and their attempts."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from seatwright.kit.postgres import Database, queries

_SQL = queries("seatwright.delivery")

Outcome = Literal["sent", "failed", "doubt"]
State = Literal["sending", "sent", "failed", "in_doubt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """
    One mail to one recipient, known by an id made from what it is about.

    `event` and `order` are None for letters that are not about an order; `seq` counts the times
    an organiser asked for it to be sent again.
    """

    id: str
    kind: str
    event: str | None
    order: str | None
    seq: int
    recipient: str
    message_id: str


async def standing(database: Database, delivery: str) -> State | None:
    """The state of a delivery; None when it was never begun."""
    async with database.reading() as reader:
        state: State | None = await reader.value(_SQL["standing"], delivery)
        return state


async def begin(database: Database, delivery: Delivery, *, lease: timedelta) -> int | None:
    """Take the delivery for `lease`; the attempt's number, or None when it is not ours to send."""
    rows = await database.atomically(
        _SQL["begin"],
        delivery.id,
        delivery.kind,
        delivery.event,
        delivery.order,
        delivery.seq,
        delivery.recipient,
        delivery.message_id,
        lease,
    )
    return int(rows[0]["number"]) if rows else None


async def settle(
    database: Database, delivery: str, number: int, outcome: Outcome, reason: str | None
) -> None:
    """Write down how an attempt ended; `reason` says why it failed, for operators."""
    await database.atomically(_SQL["settle"], delivery, number, outcome, reason)
