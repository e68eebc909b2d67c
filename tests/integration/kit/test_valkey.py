"""Functions are found by what they contain, and come back after a flush."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from glide import RequestError

from seatwright.kit import clock, ids, log, telemetry
from seatwright.kit.errors import Unavailable
from seatwright.kit.valkey import Library, Valkey
from tests.integration.kit.proxy import proxy_apart, proxy_to

LIBRARY = Library("tests.integration.kit", "counting.lua", "counting")


@pytest.fixture
async def valkey(engines) -> AsyncIterator[Valkey]:
    connected = await Valkey.connect(engines.valkey_cache_url, name="kit-tests")
    yield connected
    await connected.close()


@pytest.fixture
def key() -> str:
    return f"kit:{ids.short_id()}"


async def test_a_library_is_loaded_by_the_first_call_that_misses_it(valkey, key):
    await valkey.command("FUNCTION", "FLUSH")
    assert await valkey.call(LIBRARY, "add", [key], ["2"]) == 2
    assert await valkey.call(LIBRARY, "add", [key], [b"3"]) == 5


async def test_a_server_that_does_not_answer_holds_up_nobody_else():
    """Everything else of the process goes on while it is waited for, two seconds."""
    gaps: list[float] = []

    async def meanwhile() -> None:
        last = clock.monotonic()
        while True:
            await asyncio.sleep(0.01)
            gaps.append(clock.monotonic() - last)
            last = clock.monotonic()

    with socket.create_server(("127.0.0.1", 0)) as mute:
        others = asyncio.ensure_future(meanwhile())
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await Valkey.connect(f"redis://127.0.0.1:{mute.getsockname()[1]}", name="kit-tests")
        others.cancel()
    assert max(gaps) < 1
    assert len(gaps) > 10, "there was time to be held up in"


async def test_a_wrong_password_is_told_at_once(engines):
    parts = urlsplit(engines.valkey_cache_url)
    with pytest.raises(Unavailable):
        await Valkey.connect(f"redis://u:wrong@{parts.hostname}:{parts.port}", name="kit-tests")


@pytest.mark.parametrize("flush", [("FUNCTION", "FLUSH"), ("SCRIPT", "FLUSH")])
async def test_a_flush_heals_itself_and_nothing_is_done_twice(valkey, key, flush):
    assert await valkey.call(LIBRARY, "add", [key], ["1"]) == 1
    await valkey.command(*flush)
    assert await valkey.call(LIBRARY, "add", [key], ["1"]) == 2
    await valkey.command(*flush)
    got = await asyncio.gather(*(valkey.call(LIBRARY, "add", [key], ["1"]) for _ in range(50)))
    assert sorted(got) == list(range(3, 53))


async def test_two_releases_run_side_by_side(valkey, key, tmp_path, monkeypatch):
    changed = Library("tests.integration.kit", "counting.lua", "counting")
    code = LIBRARY.code.replace(
        "'INCRBY', keys[1], arguments[1]", "'DECRBY', keys[1], arguments[1]"
    )
    changed.name = "counting_other"
    changed.code = code.replace(LIBRARY.name, changed.name)
    assert await valkey.call(LIBRARY, "add", [key], ["5"]) == 5
    assert await valkey.call(changed, "add", [key], ["1"]) == 4
    assert await valkey.call(LIBRARY, "add", [key], ["1"]) == 5


def test_a_library_is_named_by_its_content():
    assert LIBRARY.name == Library("tests.integration.kit", "counting.lua", "counting").name
    assert LIBRARY.name.startswith("counting_")
    assert LIBRARY.function("add") == f"{LIBRARY.name}_add"
    assert "__library__" not in LIBRARY.code


async def test_an_error_of_a_function_is_its_callers_to_understand(valkey, key):
    with pytest.raises(RequestError, match="SEATWRIGHT"):
        await valkey.call(LIBRARY, "fail", [key], [])
    with pytest.raises(RequestError):
        await valkey.command("GET")


async def test_a_server_that_takes_no_writes_is_unavailable(valkey, key):
    before = telemetry.DEGRADED.labels("valkey")._value.get()
    bound = (await valkey.command("CONFIG", "GET", "maxmemory"))[b"maxmemory"]
    await valkey.command("CONFIG", "SET", "maxmemory", "1")
    policy = (await valkey.command("CONFIG", "GET", "maxmemory-policy"))[b"maxmemory-policy"]
    await valkey.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
    try:
        with pytest.raises(Unavailable):
            await valkey.command("SET", key, "x")
    finally:
        await valkey.command("CONFIG", "SET", "maxmemory", bound)
        await valkey.command("CONFIG", "SET", "maxmemory-policy", policy)
    assert telemetry.DEGRADED.labels("valkey")._value.get() == before + 1
    await valkey.command("SET", key, "x", "PX", "1000")


async def answer_of(valkey: Valkey, key: str) -> object:
    """What the server says as soon as it says anything."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await valkey.command("GET", key)
            except Unavailable:
                await asyncio.sleep(0.01)


async def test_a_server_that_does_not_answer_is_unavailable_in_time(engines, key, monkeypatch):
    monkeypatch.setattr("seatwright.kit.limits.VALKEY_CALL", timedelta(milliseconds=200))
    with proxy_apart(engines.valkey_cache_url) as (proxy, url):
        valkey = await Valkey.connect(url, name="kit-tests")
        assert await valkey.call(LIBRARY, "add", [key], ["1"]) == 1
        proxy.tell(lambda p: p.hold())
        started = clock.monotonic()
        with pytest.raises(Unavailable):
            await valkey.command("GET", key)
        assert clock.monotonic() - started < 2
        proxy.tell(lambda p: p.resume())
        assert await answer_of(valkey, key) == b"1"
        await valkey.close()


async def test_a_connection_that_is_cut_is_unavailable_and_comes_back(engines, key):
    with proxy_apart(engines.valkey_cache_url) as (proxy, url):
        valkey = await Valkey.connect(url, name="kit-tests")
        await valkey.command("SET", key, "x", "PX", "60000")
        proxy.tell(lambda p: setattr(p, "refuse_new", True))
        proxy.tell(lambda p: p.cut())
        with pytest.raises(Unavailable):
            await valkey.command("GET", key)
        proxy.tell(lambda p: setattr(p, "refuse_new", False))
        assert await answer_of(valkey, key) == b"x"
        await valkey.close()


async def test_a_server_that_is_not_there_or_not_ours_is_unavailable(engines):
    async with proxy_to(engines.valkey_cache_url) as (_, url):
        pass
    with pytest.raises(Unavailable):
        await Valkey.connect(url, name="kit-tests")
    wrong = engines.valkey_cache_url.partition("@")
    if wrong[1]:
        with pytest.raises(Unavailable):
            await Valkey.connect(f"redis://default:wrong@{wrong[2]}", name="kit-tests")


async def test_a_closed_connection_is_unavailable(engines):
    valkey = await Valkey.connect(engines.valkey_cache_url, name="kit-tests")
    await valkey.close()
    with pytest.raises(Unavailable):
        await valkey.command("PING")


async def test_time_spent_in_valkey_is_told_to_the_request(valkey):
    line = log.open_canonical()
    await valkey.command("PING")
    assert line["valkey_ms"] >= 0
