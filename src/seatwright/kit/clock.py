"""The only door to time. Domain code is handed `now`; the edge asks here."""

import time
from datetime import UTC, datetime

from seatwright.kit import instants

# Whoever asks for the time mostly writes it down.
rfc3339 = instants.rfc3339


def now() -> datetime:
    """The present instant, aware, in UTC. For display and frozen facts, never for expiry."""
    return datetime.now(UTC)


def unix_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def monotonic() -> float:
    """Seconds on a clock that never jumps; only differences mean anything."""
    return time.monotonic()
