"""What may be tried how often, by address and by account; and how much memory it may take."""

import asyncio
import contextlib
import resource

import pytest

from seatwright.accounts.adapters import hashing
from seatwright.accounts.adapters.hashing import Hasher
from seatwright.accounts.service import limits
from seatwright.kit import ids, telemetry
from seatwright.kit.errors import Unavailable
from seatwright.kit.valkey import Valkey
from seatwright.run.engines import Addresses
from tests.integration.accounts.house import PASSWORD, House

WRONG = "not the right password"


async def test_one_account_from_many_addresses_is_limited(house: House) -> None:
    email = await house.person()
    answers = [
        await house.browser().log_in(email, WRONG)
        for _ in range(limits.LOG_IN_BY_ACCOUNT.burst + 1)
    ]
    assert [a.status_code for a in answers] == [401] * limits.LOG_IN_BY_ACCOUNT.burst + [429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    # An address that nobody has is limited in the same words: no oracle.
    unknown = f"{ids.short_id()}@example.com"
    for _ in range(limits.LOG_IN_BY_ACCOUNT.burst):
        await house.browser().log_in(unknown, WRONG)
    other = await house.browser().log_in(unknown, WRONG)
    comparable = [{**a.json(), "retry_after_s": 0} for a in (answers[-1], other)]
    assert comparable[0] == comparable[1]
    # The log-ins of somebody else at the same place are not touched.
    assert (await house.logged_in()) is not None


async def test_many_accounts_from_one_address_are_limited(house: House) -> None:
    ip = "198.51.100.7"
    codes = []
    for _ in range(limits.LOG_IN_BY_IP.burst + 8):
        browser = house.browser(ip=ip)
        # Only the last hop is our proxy's word; what stands before it was sent by the client.
        forged = f"{ids.chance(255)}.1.2.3, {ip}"
        answer = await browser.call(
            "POST",
            "/v1/sessions",
            {"email": f"{ids.short_id()}@example.com", "password": WRONG},
            **{"x-forwarded-for": forged},
        )
        codes.append(answer.status_code)
        if answer.status_code == 429:
            break
    assert codes[-1] == 429
    assert len(codes) > limits.LOG_IN_BY_IP.burst // 2
    assert (await house.logged_in()) is not None


async def test_mails_to_one_address_are_limited(house: House) -> None:
    email = await house.person()
    codes = [
        (await house.browser().post("/v1/password-resets", {"email": email})).status_code
        for _ in range(limits.LETTER_BY_ADDRESS.burst)
    ]
    # Registering has taken one of the permits.
    assert codes == [202] * (limits.LETTER_BY_ADDRESS.burst - 1) + [429]


async def test_without_the_cache_everybody_gets_in_and_it_is_counted(
    house: House, engines: Addresses
) -> None:
    email, browser = await house.person(), house.browser()
    away = await Valkey.connect(engines.valkey_cache_url, name="away")
    await away.close()
    counted = telemetry.DEGRADED.labels("rates")._value.get()
    desk = house.desk
    cache = desk.cache
    object.__setattr__(desk, "cache", away)
    try:
        for _ in range(limits.LOG_IN_BY_ACCOUNT.burst + 1):
            answer = await browser.log_in(email, WRONG)
            assert answer.status_code == 401
    finally:
        object.__setattr__(desk, "cache", cache)
    assert telemetry.DEGRADED.labels("rates")._value.get() > counted


async def test_three_hundred_log_ins_at_once_take_the_memory_of_two(house: House) -> None:
    emails = [await house.person() for _ in range(3)]
    await house.desk.cache.command("FLUSHALL")
    watched = asyncio.Event()
    most = 0

    async def watch() -> None:
        nonlocal most
        while not watched.is_set():
            threads = house.desk.hasher._threads._threads
            most = max(most, len(threads))
            await asyncio.sleep(0.002)

    async def one(email: str) -> int:
        return (await house.browser().log_in(email, PASSWORD)).status_code

    # Three real ones among addresses that nobody has.
    crowd = [*emails, *(f"{ids.short_id()}@example.com" for _ in range(297))]
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    watcher = asyncio.ensure_future(watch())
    codes = await asyncio.gather(*map(one, crowd))
    watched.set()
    await watcher
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak_kib
    assert most <= hashing.AT_ONCE
    assert grown_kib < 150 * 1024, "three hundred hashes would be 5.7 GB"
    assert set(codes[3:]) == {401, 503}, "the queue is bounded"
    # Whoever was told to come back gets in when the crowd has gone.
    again = [
        code if code != 503 else await one(email)
        for code, email in zip(codes, emails, strict=False)
    ]
    assert again == [201, 201, 201]


async def test_a_caller_that_leaves_frees_no_place_before_the_thread_is_done() -> None:
    hasher = Hasher(at_once=1, waiting_max=1)
    try:
        tasks = [asyncio.ensure_future(hasher.hash(PASSWORD)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable) as refused:
            await hasher.hash(PASSWORD)
        assert refused.value.code == "busy"
        for task in tasks:
            task.cancel()
        with pytest.raises(Unavailable):
            await hasher.hash(PASSWORD)
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        while hasher._under_way:
            await asyncio.sleep(0.01)
        assert (await hasher.hash(PASSWORD)).startswith("$argon2id$")
    finally:
        hasher.close()
