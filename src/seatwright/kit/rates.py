"""
Rate limits: a bucket of permits that come back one by one (GCRA).

In the cache instance, for all processes together (`take`); or in each process for itself
(`OwnBuckets`), where a round trip would cost more than a limit that is some times as wide.

No fixed windows, so no double burst at their edges. Limits of one request are independent
buckets, one by address and one by account, never one bucket of the pair.
"""

import hashlib
import math
from dataclasses import dataclass
from datetime import timedelta

from seatwright.kit import clock, telemetry
from seatwright.kit.errors import TooMany, Unavailable
from seatwright.kit.valkey import Library, Valkey

_LIBRARY = Library("seatwright.kit", "rates.lua", "rates")
_KEY_CHARS = 32
_OWN_KEYS_MAX = 100_000
REFUSED = telemetry.counter("rate_limited_total", "Requests refused by a rate limit", "bucket")


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` permits (at least one) when idle; one comes back every `each`."""

    burst: int
    each: timedelta

    def __post_init__(self) -> None:
        assert self.burst >= 1
        assert self.each > timedelta(0)


class RateLimited(TooMany):
    """More was asked for than one address or account may; `retry_after_s` says when to return."""

    code = "rate_limited"
    title = "Too many at once"


class OwnBuckets:
    """Buckets of one rate in this process's memory, at most `keys_max` of them."""

    def __init__(self, bucket: str, rate: Rate, *, keys_max: int = _OWN_KEYS_MAX) -> None:
        self._interval_s = rate.each.total_seconds()
        self._tolerance_s = self._interval_s * (rate.burst - 1)
        self._keys_max = keys_max
        # key → when its bucket is full again, on the monotonic clock; least lately used first.
        self._full_at: dict[str, float] = {}
        self._refused = REFUSED.labels(bucket)

    def take(self, key: str) -> None:
        """Take one permit from the bucket of `key`, in a microsecond; raises `RateLimited`."""
        now = clock.monotonic()
        full_at = max(self._full_at.get(key, now), now)
        wait_s = full_at - now - self._tolerance_s
        if wait_s > 0:
            self._refused.inc()
            detail = "Too many requests from here. Try again a little later."
            raise RateLimited(detail, retry_after_s=math.ceil(wait_s))
        self._full_at.pop(key, None)
        self._full_at[key] = full_at + self._interval_s
        self._forget(now)

    def _forget(self, now: float) -> None:
        # Two go for one that comes, if theirs are full: nobody waits while a crowd is forgotten.
        for _ in range(2):
            oldest = next(iter(self._full_at))
            if self._full_at[oldest] > now and len(self._full_at) <= self._keys_max:
                return
            del self._full_at[oldest]


async def take(cache: Valkey, bucket: str, key: str, rate: Rate) -> None:
    """
    Take one permit from the bucket of `key` (any text; only its hash is kept).

    Raises `TooMany` with `retry_after_s`, the same words for every bucket.
    Degraded answer without the cache: granted, and counted. Limits protect; they must not be
    what keeps everybody out.
    """
    hashed = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:_KEY_CHARS]
    interval_us = max(1, rate.each // timedelta(microseconds=1))
    tolerance_us = interval_us * (rate.burst - 1)
    try:
        wait_ms = await cache.call(
            _LIBRARY,
            "take",
            [f"rate:{bucket}:{hashed}"],
            [str(interval_us), str(tolerance_us)],
        )
    except Unavailable:
        telemetry.DEGRADED.labels("rates").inc()
        return
    if wait_ms:
        REFUSED.labels(bucket).inc()
        seconds = math.ceil(int(wait_ms) / 1000)
        raise TooMany("Too many attempts. Try again a little later.", retry_after_s=seconds)
