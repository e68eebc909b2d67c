"""How long an answer takes tells nobody whether an address has an account."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from seatwright.accounts.adapters.hashing import Hasher
from seatwright.kit import clock, ids
from tests.integration.accounts.house import PASSWORD, House

DIFFERENCE_S_MAX = 0.02
SAMPLES_MIN = 4
SAMPLES_MAX = 25

Ask = Callable[[House, str], Awaitable[object]]


async def register(house: House, email: str) -> None:
    body = {"email": email, "password": PASSWORD, "name": "Ada"}
    assert (await house.browser().post("/v1/accounts", body)).status_code == 202


async def log_in(house: House, email: str) -> None:
    assert (await house.browser().log_in(email, "not the right password")).status_code == 401


async def reset(house: House, email: str) -> None:
    answer = await house.browser().post("/v1/password-resets", {"email": email})
    assert answer.status_code == 202


@pytest.fixture
async def slow_hashes(house: House) -> AsyncIterator[None]:
    """So slow that one hash more or less cannot hide behind anything."""
    usual, slow = house.desk.hasher, Hasher(passes=12)
    object.__setattr__(house.desk, "hasher", slow)
    yield
    object.__setattr__(house.desk, "hasher", usual)
    slow.close()


@pytest.mark.usefixtures("slow_hashes")
@pytest.mark.parametrize("ask", [register, log_in, reset])
async def test_known_and_unknown_addresses_take_as_long(house: House, ask: Ask) -> None:
    known = await house.person()

    async def seconds(email: str) -> float:
        await house.desk.cache.command("FLUSHALL")
        started = clock.monotonic()
        await ask(house, email)
        return clock.monotonic() - started

    # The least of several: a busy machine only ever adds to what the work takes, so more
    # samples take noise away, and never a difference that is real.
    known_s: list[float] = []
    unknown_s: list[float] = []
    while len(known_s) < SAMPLES_MAX:
        unknown_s.append(await seconds(f"{ids.short_id()}@example.com"))
        known_s.append(await seconds(known))
        apart = abs(min(known_s) - min(unknown_s))
        # A hash more or less is the whole of the smaller, so half of it is noise.
        noise = max(DIFFERENCE_S_MAX, min(*known_s, *unknown_s) / 2)
        if len(known_s) >= SAMPLES_MIN and apart < noise:
            return
    pytest.fail(f"{min(known_s):.3f} s for known, {min(unknown_s):.3f} s for unknown addresses")
