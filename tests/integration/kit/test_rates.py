"""Permits come back one by one, are counted once, and nobody waits longer than stated."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from seatwright.kit import clock, ids, telemetry
from seatwright.kit.errors import TooMany
from seatwright.kit.rates import Rate, take
from seatwright.kit.valkey import Valkey
from seatwright.run.engines import Addresses

SLOW = Rate(burst=5, each=timedelta(seconds=60))


@pytest.fixture
async def cache(engines: Addresses) -> AsyncIterator[Valkey]:
    connected = await Valkey.connect(engines.valkey_cache_url, name="rates-tests")
    yield connected
    await connected.close()


async def granted(cache: Valkey, key: str, rate: Rate, attempts: int, bucket: str = "test") -> int:
    async def one() -> bool:
        try:
            await take(cache, bucket, key, rate)
        except TooMany:
            return False
        return True

    return sum(await asyncio.gather(*(one() for _ in range(attempts))))


async def test_a_burst_is_granted_exactly_also_to_many_at_once(cache: Valkey) -> None:
    assert await granted(cache, ids.secret(), SLOW, 50) == SLOW.burst


async def test_keys_and_buckets_do_not_touch_each_other(cache: Valkey) -> None:
    key, other = ids.secret(), ids.secret()
    assert await granted(cache, key, SLOW, 10) == SLOW.burst
    assert await granted(cache, other, SLOW, 10) == SLOW.burst
    assert await granted(cache, key, SLOW, 10, bucket="another") == SLOW.burst


async def test_a_permit_is_back_after_the_stated_wait_and_not_before(cache: Valkey) -> None:
    key, rate = ids.secret(), Rate(burst=2, each=timedelta(milliseconds=1500))
    begun = clock.monotonic()
    assert await granted(cache, key, rate, 2) == 2
    with pytest.raises(TooMany) as refused:
        await take(cache, "test", key, rate)
    stated = refused.value.facts["retry_after_s"]
    assert stated == 2
    started = clock.monotonic()
    while await granted(cache, key, rate, 1) == 0:
        assert clock.monotonic() - started < stated
        await asyncio.sleep(0.05)
    assert clock.monotonic() - begun > 1.4
    assert await granted(cache, key, rate, 1) == 0, "one came back, not all"


async def test_hammering_does_not_lengthen_the_wait(cache: Valkey) -> None:
    key = ids.secret()
    await granted(cache, key, SLOW, SLOW.burst)
    await granted(cache, key, SLOW, 100)
    with pytest.raises(TooMany) as refused:
        await take(cache, "test", key, SLOW)
    assert refused.value.facts["retry_after_s"] <= 60


async def test_a_bucket_is_forgotten_when_it_is_full_again(cache: Valkey) -> None:
    key, rate = ids.secret(), Rate(burst=1, each=timedelta(milliseconds=200))
    await cache.command("FLUSHALL")
    await take(cache, "test", key, rate)
    assert await cache.command("DBSIZE") == 1
    started = clock.monotonic()
    while await cache.command("DBSIZE"):
        assert clock.monotonic() - started < 2
        await asyncio.sleep(0.05)


async def test_a_clock_set_back_closes_no_bucket_for_good(cache: Valkey) -> None:
    key = ids.secret()
    await take(cache, "test", key, SLOW)
    (name,) = await cache.command("KEYS", "rate:test:*")
    in_a_year = (clock.unix_ms() + 365 * 86_400_000) * 1000
    await cache.command("SET", name, str(in_a_year))
    with pytest.raises(TooMany) as refused:
        await take(cache, "test", key, SLOW)
    assert refused.value.facts["retry_after_s"] <= 60


async def test_any_text_is_a_key_and_none_is_kept(cache: Valkey) -> None:
    await cache.command("FLUSHALL")
    for key in ("", "{x}", "a b\r\nFLUSHALL", "\ud800", "x" * 100_000, "ada@example.com"):
        await take(cache, "test", key, SLOW)
    names = await cache.command("KEYS", "*")
    assert len(names) == 6
    assert all(len(name) < 64 and b"ada" not in name for name in names)


async def test_without_the_cache_the_answer_is_yes_and_counted(cache: Valkey) -> None:
    away = cache
    await away.close()
    before = telemetry.DEGRADED.labels("rates")._value.get()
    for _ in range(20):
        await take(away, "test", "anybody", SLOW)
    assert telemetry.DEGRADED.labels("rates")._value.get() == before + 20


def test_a_rate_without_permits_is_a_mistake() -> None:
    with pytest.raises(AssertionError):
        Rate(burst=0, each=timedelta(seconds=1))
    with pytest.raises(AssertionError):
        Rate(burst=1, each=timedelta(0))
