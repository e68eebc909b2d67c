"""
What services tell each other through the queue: past facts, small, with the ids to ask for more.

A message is delivered at least once and in any order; its consumer must do its work once.
"""

import msgspec

from seatwright.contracts.catalog import EventId
from seatwright.contracts.orders import OrderId
from seatwright.contracts.reservations import HoldId, Seat


class PaidOrder(msgspec.Struct, frozen=True, array_like=True):
    """An order whose seats are sold and whose authorised money waits to be captured."""

    event: EventId
    order: OrderId
    seats: list[Seat]


class OrdersPaid(msgspec.Struct, frozen=True, kw_only=True, tag="orders-paid"):
    """
    Orders that one commit turned into sales.

    One message for a commit, because each durable message costs a flush of the broker's disk.
    An order among them may have been left alone by the commit: its row says what it is.
    """

    orders: list[PaidOrder]


class OrderCaptured(msgspec.Struct, frozen=True, kw_only=True, tag="order-captured"):
    """The money is taken; codes, papers and mails may go out."""

    event: EventId
    order: OrderId


class OrderCancelled(msgspec.Struct, frozen=True, kw_only=True, tag="order-cancelled"):
    """The order has ended without tickets; its seats are free again, and its hold has ended."""

    event: EventId
    order: OrderId
    seats: list[Seat]
    reason: str
    hold: HoldId | None = None


Message = OrdersPaid | OrderCaptured | OrderCancelled

SUBJECT_CAPTURE = "work.capture"
SUBJECT_DELIVER = "work.deliver"
SUBJECT_RELEASE = "work.release"


def encode(message: Message) -> bytes:
    """The bytes of a message on the queue (JSON, so that operators can read dead letters)."""
    return msgspec.json.encode(message)


def decode(raw: bytes) -> Message:
    """The message in these bytes; raises `msgspec.DecodeError` for anything else."""
    message: Message = msgspec.json.decode(raw, type=Message)
    return message
