"""
How events stand in lists: one number for each order, and for each event a number of its own.

A list is read page by page while events come and go. Its order therefore must not depend on
anything but the event itself: the sort value comes first, a fingerprint of the id decides ties.
"""

import hashlib
from datetime import UTC, datetime

from seatwright.contracts.catalog import EventId

_RANK_BITS = 62  # what every engine keeps exactly in a signed 64-bit integer
_MINUTE_BITS = 27  # minutes since 1970 until the year 2225
_PRICE_BITS = 32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def fingerprint(event: EventId) -> int:
    """62 bits that belong to this event alone, however unlucky."""
    digest = hashlib.blake2b(event.encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 2


def rank_by_start(event: EventId, starts_at: datetime) -> int:
    """Grows with the start (to the minute), then by the event's fingerprint."""
    minutes = int((starts_at - _EPOCH).total_seconds() // 60)
    assert 0 <= minutes < 1 << _MINUTE_BITS, "dates are bounded where they are written"
    room = _RANK_BITS - _MINUTE_BITS
    return minutes << room | fingerprint(event) & ((1 << room) - 1)


def rank_by_price(event: EventId, price_from: int) -> int:
    """Grows with the cheapest ticket's price (minor units), then by the event's fingerprint."""
    room = _RANK_BITS - _PRICE_BITS
    price = min(price_from, (1 << _PRICE_BITS) - 1)
    return price << room | fingerprint(event) & ((1 << room) - 1)
